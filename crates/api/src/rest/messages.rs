//! Messages to staff: what was sent by mail, and what became of it.

use actix_web::{Responder, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::notify::{self, MessageFilter, MessageKind, MessageState, Sending};
use vokasi_core::time::Instant;

use super::page_of;
use crate::body::{Query, one_of, read_some};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::Listed;

/// A message; never what it says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2A")]
    id: Id,
    /// Whose account it goes to.
    #[schema(value_type = String)]
    account: Id,
    /// The address it goes to, masked.
    #[schema(example = "k•••@example.org")]
    to: String,
    #[schema(value_type = String, example = "invitation")]
    kind: MessageKind,
    /// `waiting`, `sent` or `failed`.
    #[schema(value_type = String, example = "failed")]
    state: MessageState,
    /// Attempts that were begun.
    attempts: i32,
    /// The code of the last attempt that did not succeed.
    #[schema(example = "mail.rejected")]
    error: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// While it waits: when it is tried, or tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_attempt_at: Option<Instant>,
    /// When a mail server took it.
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Instant>,
}

impl From<Sending> for MessageView {
    fn from(Sending { message, to }: Sending) -> Self {
        Self {
            id: message.id,
            account: message.account_id,
            to,
            kind: message.kind,
            state: message.state,
            attempts: message.attempts,
            error: message.error,
            created_at: message.created_at,
            next_attempt_at: (message.state == MessageState::Waiting).then_some(message.next_attempt_at),
            sent_at: message.sent_at,
        }
    }
}

/// A page of messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessagePage {
    items: Vec<MessageView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which messages.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessageQuery {
    /// Only this kind: `invitation`, `password_reset`, `new_login`, `password_changed`, `second_factor_set`,
    /// `second_factor_removed`, `recovery_code_used`, `agreement_ends`, `seat_offered` or `seat_lapsed`.
    #[validate(custom(function = "one_of::<MessageKind>"))]
    kind: Option<String>,
    /// Only this state: `waiting`, `sent` or `failed`.
    #[validate(custom(function = "one_of::<MessageState>"))]
    state: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Messages to the accounts in the caller's scope, oldest first.
#[utoipa::path(tag = "messages", params(MessageQuery), responses((status = 200, body = MessagePage)))]
#[get("/messages")]
pub(crate) async fn list(call: Call, query: Query<MessageQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let filter =
                MessageFilter { kind: read_some(query.kind.as_ref())?, state: read_some(query.state.as_ref())? };
            notify::list(tx, actor, filter, page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(MessageView::from)))
}

/// Sends a message again that was given up.
#[utoipa::path(tag = "messages", params(("id" = String, Path)), responses((status = 200, body = MessageView)))]
#[post("/messages/{id}/retry")]
pub(crate) async fn retry(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let sending = call.write(move |tx, actor| notify::retry(tx, actor, *id)).await?;
    Ok(crate::reply::private(&MessageView::from(sending)))
}
