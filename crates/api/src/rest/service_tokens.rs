//! Service tokens: a machine's way in.

use actix_web::{HttpResponse, Responder, delete, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::access::Operation;
use vokasi_core::access::service_token::{self, NewServiceToken, ServiceToken};
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::Label;

use super::PageQuery;
use crate::body::{Body, Query, each_of, names_no_number, read, read_all, reads, short};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, private};

/// A service token to make.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "name": "Papan angka dinas", "operations": ["report.read", "class.read"], "expires_on": "2026-06-30"
}))]
pub(crate) struct ServiceTokenBody {
    /// What it is for, as the audit tells it.
    #[validate(custom(function = "short::<Label, 100>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    name: String,
    /// Names of the operations it may do, out of those that the caller may.
    #[validate(length(min = 1, max = 100), custom(function = "each_of::<Operation>"))]
    #[schema(required = true)]
    operations: Vec<String>,
    /// The last day it works, at most a year from now.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    expires_on: String,
}

/// A service token, without its text.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceTokenView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String, example = "Papan angka dinas")]
    name: Label,
    /// Who made it.
    #[schema(value_type = String)]
    account: Id,
    #[schema(example = json!(["report.read", "class.read"]))]
    operations: Vec<&'static str>,
    expires_on: NaiveDate,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Instant>,
}

impl From<ServiceToken> for ServiceTokenView {
    fn from(token: ServiceToken) -> Self {
        Self {
            operations: token.operations().into_iter().map(Operation::name).collect(),
            id: token.id,
            name: token.name,
            account: token.account_id,
            expires_on: token.expires_on,
            created_at: token.created_at,
            used_at: token.used_at,
            ended_at: token.ended_at,
        }
    }
}

/// A new service token with its text, shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewServiceTokenView {
    /// Sent as `Authorization: Bearer …`.
    #[schema(example = "vokasi_…")]
    token: String,
    service_token: ServiceTokenView,
}

/// A page of service tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceTokenPage {
    items: Vec<ServiceTokenView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Service tokens of the caller's province; of all for the platform.
#[utoipa::path(tag = "service tokens", params(PageQuery), responses((status = 200, body = ServiceTokenPage)))]
#[get("/service-tokens")]
pub(crate) async fn list(call: Call, query: Query<PageQuery>) -> Result<impl Responder, Problem> {
    let page = call.read(move |tx, actor| service_token::list(tx, actor, query.request()?)).await?;
    Ok(Listed::from(page.map(ServiceTokenView::from)))
}

/// Makes a service token. The answer is not kept, so a repeat makes another one.
#[utoipa::path(tag = "service tokens", request_body = ServiceTokenBody,
    responses((status = 200, body = NewServiceTokenView)))]
#[post("/service-tokens")]
pub(crate) async fn create(call: Call, body: Body<ServiceTokenBody>) -> Result<impl Responder, Problem> {
    let body = body.value;
    let (made, token) = call
        .write(move |tx, actor| {
            let (name, operations) = (read(&body.name)?, read_all(&body.operations)?);
            let expires_on = read(&body.expires_on)?;
            service_token::create(tx, actor, NewServiceToken { name, operations, expires_on })
        })
        .await?;
    Ok(private(&NewServiceTokenView { token, service_token: made.into() }))
}

/// Ends a service token.
#[utoipa::path(tag = "service tokens", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/service-tokens/{id}")]
pub(crate) async fn end(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.write(move |tx, actor| service_token::end(tx, actor, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
