//! Staff accounts.

use actix_web::{HttpResponse, Responder, delete, get, patch, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::{self, Account, AccountChange, NewAccount, Role, second_factor};
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Email, PersonName, ProvinceCode, RegencyCode};

use super::page_of;
use crate::body::{Body, Query, is_id, one_of, read, read_id, read_some, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged};

/// An account to make; the scope's parts must fit the role.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "email": "koordinator@example.org", "name": "Wulan Sari", "role": "school_coordinator", "province": "18",
    "partner": "0CZ5V9K3M7Q2A"
}))]
pub(crate) struct StaffBody {
    /// What the person signs in with.
    #[validate(custom(function = "reads::<Email>"))]
    #[schema(required = true)]
    email: String,
    /// The person's name.
    #[validate(custom(function = "reads::<PersonName>"))]
    #[schema(required = true)]
    name: String,
    /// `platform_admin`, `education_office`, `regency_officer`, `school_coordinator`, `partner_manager`, `instructor`
    /// or `observer`.
    #[validate(custom(function = "one_of::<Role>"))]
    #[schema(required = true)]
    role: String,
    /// For every role but the platform's.
    #[validate(custom(function = "reads::<ProvinceCode>"))]
    province: Option<String>,
    /// For a regency officer.
    #[validate(custom(function = "reads::<RegencyCode>"))]
    regency: Option<String>,
    /// For a school coordinator, a partner manager and an instructor.
    #[validate(custom(function = "is_id"))]
    partner: Option<String>,
}

impl StaffBody {
    fn command(self) -> Result<NewAccount> {
        Ok(NewAccount {
            email: read(&self.email)?,
            name: read(&self.name)?,
            role: read(&self.role)?,
            province: read_some(self.province.as_ref())?,
            regency: read_some(self.regency.as_ref())?,
            partner: self.partner.as_deref().map(read_id).transpose()?,
        })
    }
}

/// A change; what is absent stays.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"disabled": true}))]
pub(crate) struct StaffChangeBody {
    /// A new name.
    #[validate(custom(function = "reads::<PersonName>"))]
    name: Option<String>,
    /// Disabling ends every login of the account.
    disabled: Option<bool>,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StaffView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2A")]
    id: Id,
    #[schema(value_type = String, example = "koordinator@example.org")]
    email: Email,
    #[schema(value_type = String, example = "Wulan Sari")]
    name: PersonName,
    #[schema(value_type = String, example = "school_coordinator")]
    role: Role,
    #[schema(value_type = Option<String>, example = "18")]
    province: Option<ProvinceCode>,
    #[schema(value_type = Option<String>)]
    regency: Option<RegencyCode>,
    #[schema(value_type = Option<String>)]
    partner: Option<Id>,
    disabled: bool,
    /// Whether a password was chosen.
    has_password: bool,
    /// Whether signing in asks for a code.
    has_second_factor: bool,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
}

impl From<Account> for StaffView {
    fn from(account: Account) -> Self {
        Self {
            has_password: account.has_password(),
            has_second_factor: account.has_second_factor(),
            id: account.id,
            email: account.email,
            name: account.name,
            role: account.role,
            province: account.province_code,
            regency: account.regency_code,
            partner: account.partner_id,
            disabled: account.disabled,
            updated_at: account.updated_at,
        }
    }
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
pub(crate) struct StaffPage {
    items: Vec<StaffView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// A one-time link, shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasswordLinkView {
    /// Where the person chooses a password.
    url: String,
    /// When the link stops working.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// Which accounts.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StaffQuery {
    /// Only this role.
    #[validate(custom(function = "one_of::<Role>"))]
    role: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Accounts in the caller's scope.
#[utoipa::path(tag = "staff", params(StaffQuery), responses((status = 200, body = StaffPage)))]
#[get("/staff")]
pub(crate) async fn list(call: Call, query: Query<StaffQuery>) -> Result<impl Responder, Problem> {
    let page =
        call.read(move |tx, actor| access::list(tx, actor, read_some(query.role.as_ref())?, page_of!(query)?)).await?;
    Ok(Listed::from(page.map(StaffView::from)))
}

/// Makes an account; a password link opens it.
#[utoipa::path(tag = "staff", request_body = StaffBody, responses((status = 201, body = StaffView)))]
#[post("/staff")]
pub(crate) async fn create(call: Call, body: Body<StaffBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = access::create(tx, actor, value.command()?)?;
        Ok(Made::at(format!("/api/v1/staff/{}", made.id), made.version, StaffView::from(made)))
    })
    .await
}

/// One account.
#[utoipa::path(tag = "staff", params(("id" = String, Path)), responses((status = 200, body = StaffView)))]
#[get("/staff/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let found = call.read(move |tx, actor| access::get(tx, actor, *id)).await?;
    Ok(Tagged::new(found.version, StaffView::from(found)))
}

/// Renames, disables or enables an account.
#[utoipa::path(tag = "staff", params(("id" = String, Path)), request_body = StaffChangeBody,
    responses((status = 200, body = StaffView)))]
#[patch("/staff/{id}")]
pub(crate) async fn change(
    call: Call,
    id: web::Path<Id>,
    body: Body<StaffChangeBody>,
) -> Result<impl Responder, Problem> {
    let changed = call
        .change(move |tx, actor, version| {
            let change = AccountChange { name: read_some(body.value.name.as_ref())?, disabled: body.value.disabled };
            access::change(tx, actor, *id, version, change)
        })
        .await?;
    Ok(Tagged::new(changed.version, StaffView::from(changed)))
}

/// Makes a one-time link for choosing a password; earlier links of the account stop working.
#[utoipa::path(tag = "staff", params(("id" = String, Path)), responses((status = 200, body = PasswordLinkView)))]
#[post("/staff/{id}/password-link")]
pub(crate) async fn password_link(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let public_url = call.state.public_url.clone();
    let link = call.write(move |tx, actor| access::password_link(tx, actor, *id)).await?;
    let url = format!("{public_url}/password/{}", link.token);
    let view = PasswordLinkView { url, expires_at: link.expires_at };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(view))
}

/// Takes away the second factor of somebody who lost it, and ends all their logins.
#[utoipa::path(tag = "staff", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/staff/{id}/second-factor")]
pub(crate) async fn reset_second_factor(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.write(move |tx, actor| second_factor::reset(tx, actor, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
