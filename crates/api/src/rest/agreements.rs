//! Agreements: what allows a partner to run programs.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::agreement::{self, Agreement, AgreementFilter, AgreementKind, NewAgreement, Standing};
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::Label;

use super::{page_of, today};
use crate::body::{
    Body, Query, each_id, is_id, names_no_number, one_of, read, read_id, read_some, read_some_id, reads,
};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged};

/// An agreement to enter.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "partner": "0CZ5V9K3M7Q2A", "kind": "pks", "number": "420/118/V.01/DP.2/2025",
    "title": "Pelatihan Perhotelan bagi Siswa Kelas XII", "signed_on": "2025-06-16", "starts_on": "2025-07-01",
    "ends_on": "2027-06-30", "seats": 144, "programs": ["0CZ5V9K3M7Q2B"]
}))]
pub(crate) struct AgreementBody {
    /// With whom.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    partner: String,
    /// `mou`, `pks`, `nota_kesepakatan`, `kesepakatan_bersama`, or `assignment` for a state school or office.
    #[validate(custom(function = "one_of::<AgreementKind>"))]
    #[schema(required = true)]
    kind: String,
    /// Its number, unique at the partner.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    number: String,
    /// Its title.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    title: String,
    /// When it was signed.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    signed_on: String,
    /// The first day it holds.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    starts_on: String,
    /// The last day it holds.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    ends_on: String,
    /// Seats it allows in all its classes; any number when nothing is said.
    #[validate(range(min = 1, max = 1_000_000))]
    seats: Option<i32>,
    /// The programs it covers.
    #[validate(length(min = 1, code = "field.required"), custom(function = "each_id"))]
    #[schema(required = true)]
    programs: Vec<String>,
}

impl AgreementBody {
    fn command(&self) -> Result<NewAgreement> {
        Ok(NewAgreement {
            partner: read_id(&self.partner)?,
            kind: read(&self.kind)?,
            number: read(&self.number)?,
            title: read(&self.title)?,
            signed_on: read(&self.signed_on)?,
            starts_on: read(&self.starts_on)?,
            ends_on: read(&self.ends_on)?,
            seats: self.seats,
            programs: self.programs.iter().map(|id| read_id(id)).collect::<Result<_>>()?,
        })
    }
}

/// An end before its time.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"on": "2026-01-31", "reason": "Izin operasional lembaga berakhir"}))]
pub(crate) struct TerminationBody {
    /// The first day it no longer holds.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    on: String,
    /// Why.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
}

/// An agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgreementView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2C")]
    id: Id,
    #[schema(value_type = String)]
    partner: Id,
    #[schema(value_type = String, example = "pks")]
    kind: AgreementKind,
    #[schema(value_type = String, example = "420/118/V.01/DP.2/2025")]
    number: Label,
    #[schema(value_type = String)]
    title: Label,
    signed_on: NaiveDate,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    /// Where it stands today: `upcoming`, `active`, `expiring` (90 days or fewer are left), `expired`, `terminated`.
    #[schema(value_type = String, example = "active")]
    standing: Standing,
    /// Days until it ends, today not counted; negative once it is over.
    #[schema(example = 412)]
    days_left: i64,
    /// Seats it allows; absent when any number is allowed.
    seats: Option<i32>,
    /// Seats its classes have taken.
    seats_planned: i32,
    terminated_on: Option<NaiveDate>,
    #[schema(value_type = Option<String>)]
    termination_reason: Option<Label>,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
}

impl AgreementView {
    fn on(day: NaiveDate, agreement: Agreement) -> Self {
        let last = agreement.terminated_on.and_then(|on| on.pred_opt()).unwrap_or(agreement.ends_on);
        Self {
            standing: agreement::standing(&agreement, day),
            days_left: (last.min(agreement.ends_on) - day).num_days(),
            id: agreement.id,
            partner: agreement.partner_id,
            kind: agreement.kind,
            number: agreement.number,
            title: agreement.title,
            signed_on: agreement.signed_on,
            starts_on: agreement.starts_on,
            ends_on: agreement.ends_on,
            seats: agreement.seats,
            seats_planned: agreement.seats_planned,
            terminated_on: agreement.terminated_on,
            termination_reason: agreement.termination_reason,
            updated_at: agreement.updated_at,
        }
    }
}

/// An agreement with the programs it covers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgreementDetailView {
    #[serde(flatten)]
    agreement: AgreementView,
    #[schema(value_type = Vec<String>)]
    programs: Vec<Id>,
}

impl AgreementDetailView {
    fn on(day: NaiveDate, (agreement, programs): (Agreement, Vec<Id>)) -> Self {
        Self { agreement: AgreementView::on(day, agreement), programs }
    }
}

/// A page of agreements.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgreementPage {
    items: Vec<AgreementView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which agreements.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AgreementQuery {
    /// Only with this partner.
    #[validate(custom(function = "is_id"))]
    partner: Option<String>,
    /// Only those that end on or before this day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    ends_by: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl AgreementQuery {
    fn filter(&self) -> Result<AgreementFilter> {
        Ok(AgreementFilter {
            partner: read_some_id(self.partner.as_ref())?,
            ends_by: read_some(self.ends_by.as_ref())?,
        })
    }
}

/// Agreements in the caller's scope.
#[utoipa::path(tag = "agreements", params(AgreementQuery), responses((status = 200, body = AgreementPage)))]
#[get("/agreements")]
pub(crate) async fn list(call: Call, query: Query<AgreementQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let day = today(tx, actor);
            let page = agreement::list(tx, actor, &query.filter()?, page_of!(query)?)?;
            Ok(page.map(|one| AgreementView::on(day, one)))
        })
        .await?;
    Ok(Listed::from(page))
}

/// Enters an agreement.
#[utoipa::path(tag = "agreements", request_body = AgreementBody,
    responses((status = 201, body = AgreementDetailView)))]
#[post("/agreements")]
pub(crate) async fn create(call: Call, body: Body<AgreementBody>) -> Result<HttpResponse, Problem> {
    let Body { value, sha256 } = body;
    call.create(&sha256, move |tx, actor| {
        let id = agreement::create(tx, actor, value.command()?)?.id;
        let made = agreement::get(tx, actor, id)?;
        let version = made.0.version;
        Ok(Made::at(format!("/api/v1/agreements/{id}"), version, AgreementDetailView::on(today(tx, actor), made)))
    })
    .await
}

/// One agreement with the programs it covers.
#[utoipa::path(tag = "agreements", params(("id" = String, Path)),
    responses((status = 200, body = AgreementDetailView)))]
#[get("/agreements/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let (day, found) = call.snapshot(move |tx, actor| Ok((today(tx, actor), agreement::get(tx, actor, *id)?))).await?;
    Ok(Tagged::new(found.0.version, AgreementDetailView::on(day, found)))
}

/// Ends an agreement before its time; classes that run under it go on.
#[utoipa::path(tag = "agreements",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = TerminationBody, responses((status = 200, body = AgreementDetailView)))]
#[post("/agreements/{id}/termination")]
pub(crate) async fn terminate(
    call: Call,
    id: web::Path<Id>,
    body: Body<TerminationBody>,
) -> Result<impl Responder, Problem> {
    let (day, ended) = call
        .change(move |tx, actor, version| {
            let (on, reason) = (read(&body.value.on)?, read(&body.value.reason)?);
            Ok((today(tx, actor), agreement::terminate(tx, actor, *id, version, on, reason)?))
        })
        .await?;
    Ok(Tagged::new(ended.0.version, AgreementDetailView::on(day, ended)))
}
