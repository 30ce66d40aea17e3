//! The audit, read only.

use actix_web::{Responder, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::Role;
use vokasi_core::audit::{self, Event, EventFilter};
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::Label;

use super::page_of;
use crate::body::{Query, is_id, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::Listed;

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// Who; absent when it was the operator at the machine.
    #[schema(value_type = Option<String>)]
    account: Option<Id>,
    #[schema(value_type = Option<String>, example = "education_office")]
    role: Option<Role>,
    /// What was done.
    #[schema(example = "enrollment.seated")]
    action: String,
    /// To what kind of thing.
    #[schema(example = "enrollment")]
    subject_kind: String,
    /// To which one.
    #[schema(value_type = String)]
    subject: Id,
    request: String,
    address: String,
    /// Facts of the change, without personal data.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            at: event.at,
            account: event.account_id,
            role: event.role,
            action: event.action,
            subject_kind: event.subject_kind,
            subject: event.subject_id,
            request: event.request_id,
            address: event.address,
            detail: serde_json::from_str(&event.detail).unwrap_or_default(),
        }
    }
}

/// A page of the audit.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventPage {
    items: Vec<EventView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which events.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// Only those about this kind of thing.
    #[validate(custom(function = "reads::<Label>"))]
    subject_kind: Option<String>,
    /// Only those about this thing.
    #[validate(custom(function = "is_id"))]
    subject: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Changes in the caller's province, oldest first.
#[utoipa::path(tag = "audit-events", params(EventQuery), responses((status = 200, body = EventPage)))]
#[get("/audit-events")]
pub(crate) async fn list(call: Call, query: Query<EventQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let filter = EventFilter {
                subject_kind: query.subject_kind.clone(),
                subject_id: read_some_id(query.subject.as_ref())?,
            };
            audit::list(tx, actor, &filter, page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(EventView::from)))
}
