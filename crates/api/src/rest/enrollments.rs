//! Enrollments: one participant in one cohort, from registration to the end.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::Actor;
use vokasi_core::db::Tx;
use vokasi_core::enrollment::{
    self, Check, CheckName, CheckResult, Enrolled, EnrollmentDetail, EnrollmentFilter, EnrollmentState, PassedOver,
    Step, Transfer, Transition,
};
use vokasi_core::error::{Language, Result};
use vokasi_core::id::Id;
use vokasi_core::participant;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, RegencyCode, Sex};

use super::page_of;
use super::seat_offers::SeatOfferView;
use crate::body::{Body, Query, is_id, names_no_number, one_of, read, read_id, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged, private};

/// Who registers.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"participant": "0CZ5V9K3M7Q2D"}))]
pub(crate) struct EnrollmentBody {
    /// The participant.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    participant: String,
}

/// A step to take.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"to": "active", "class": "0CZ5V9K3M7Q2G"}))]
pub(crate) struct TransitionBody {
    /// `waitlisted`, `active`, `on_leave`, `withdrawn` or `dropped_out`; completion is decided for a class.
    #[validate(custom(function = "one_of::<EnrollmentState>"))]
    #[schema(required = true)]
    to: String,
    /// The class, for a seat from the waiting list.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Why; required for a leave, for leaving, and for a seat before others who come first: they read it.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    reason: Option<String>,
    /// The last day of a leave, as far as it is known.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    until: Option<String>,
    /// Warning codes that a person has looked at and confirmed.
    confirm: Vec<String>,
}

/// Another class for somebody who has a seat.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"class": "0CZ5V9K3M7Q2G", "reason": "Keluarga pindah rumah"}))]
pub(crate) struct TransferBody {
    /// The class.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    class: String,
    /// Why.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
    /// Warning codes that a person has looked at and confirmed.
    confirm: Vec<String>,
}

impl TransferBody {
    fn transfer(self) -> Result<Transfer> {
        Ok(Transfer { class: read_id(&self.class)?, reason: read(&self.reason)?, confirm: self.confirm })
    }
}

impl TransitionBody {
    fn step(self) -> Result<Step> {
        Ok(Step {
            to: read(&self.to)?,
            class: read_some_id(self.class.as_ref())?,
            reason: read_some(self.reason.as_ref())?,
            until: read_some(self.until.as_ref())?,
            confirm: self.confirm,
        })
    }
}

/// An enrollment. For an observer the name is initials.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnrollmentView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2H")]
    id: Id,
    #[schema(value_type = String)]
    cohort: Id,
    #[schema(value_type = String)]
    participant: Id,
    #[schema(example = "Siti Nur'aini")]
    name: String,
    #[schema(value_type = String, example = "female")]
    sex: Sex,
    /// The school they registered through.
    #[schema(value_type = Option<String>)]
    school: Option<Id>,
    /// Kemendagri code of the regency the figures count them in.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    /// The class, once there is a seat.
    #[schema(value_type = Option<String>)]
    class: Option<Id>,
    #[schema(value_type = String, example = "waitlisted")]
    state: EnrollmentState,
    /// The order of the waiting list.
    #[schema(value_type = String, format = DateTime)]
    applied_at: Instant,
    /// The first day as a member of the class.
    seated_on: Option<NaiveDate>,
    /// The day it was left.
    left_on: Option<NaiveDate>,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
}

impl EnrollmentView {
    fn of(actor: &Actor, enrolled: Enrolled) -> Self {
        let row = enrolled.enrollment;
        Self {
            id: row.id,
            cohort: row.cohort_id,
            participant: row.participant_id,
            name: participant::shown_name(actor, &enrolled.name),
            sex: enrolled.sex,
            school: row.school_id,
            regency: row.regency_code,
            class: row.class_id,
            state: row.state,
            applied_at: row.applied_at,
            seated_on: row.seated_on,
            left_on: row.left_on,
            updated_at: row.updated_at,
        }
    }
}

/// One step of an enrollment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TransitionView {
    /// Absent at registration.
    #[schema(value_type = Option<String>, example = "applied")]
    from: Option<EnrollmentState>,
    #[schema(value_type = String, example = "waitlisted")]
    to: EnrollmentState,
    /// The class at that moment.
    #[schema(value_type = Option<String>)]
    class: Option<Id>,
    #[schema(value_type = Option<String>)]
    reason: Option<Label>,
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// The account that took the step; absent for the operator at the machine.
    #[schema(value_type = Option<String>)]
    account: Option<Id>,
    /// Whether it gave a seat before others who had to come first.
    out_of_order: bool,
    /// The last day of a leave, as far as it is known.
    until: Option<NaiveDate>,
}

impl From<Transition> for TransitionView {
    fn from(step: Transition) -> Self {
        Self {
            from: step.from_state,
            to: step.to_state,
            class: step.class_id,
            reason: step.reason,
            at: step.at,
            account: step.account_id,
            out_of_order: step.out_of_order,
            until: step.until,
        }
    }
}

/// An enrollment with its history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnrollmentDetailView {
    #[serde(flatten)]
    enrollment: EnrollmentView,
    /// The place on the waiting list, 1 for the next, while waiting.
    #[schema(example = 12)]
    position: Option<i64>,
    /// Seats that others were given before, out of order, while waiting: on which day, and why.
    passed_over: Vec<PassedOverView>,
    /// Every seat that was offered, oldest first.
    offers: Vec<SeatOfferView>,
    /// Every step, oldest first.
    history: Vec<TransitionView>,
}

/// A seat that somebody behind was given.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PassedOverView {
    on: NaiveDate,
    /// Absent once it was forgotten with the person it was said of.
    #[schema(value_type = Option<String>)]
    reason: Option<Label>,
}

impl From<PassedOver> for PassedOverView {
    fn from(seat: PassedOver) -> Self {
        Self { on: seat.on, reason: seat.reason }
    }
}

impl EnrollmentDetailView {
    fn of(actor: &Actor, detail: EnrollmentDetail, now: Instant) -> Self {
        Self {
            enrollment: EnrollmentView::of(actor, detail.enrolled),
            position: detail.position,
            passed_over: detail.passed_over.into_iter().map(PassedOverView::from).collect(),
            offers: detail.offers.into_iter().map(|offer| SeatOfferView::of(offer, now)).collect(),
            history: detail.transitions.into_iter().map(TransitionView::from).collect(),
        }
    }
}

fn detail(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(i32, EnrollmentDetailView)> {
    let found = enrollment::get(tx, actor, id)?;
    Ok((found.enrolled.enrollment.version, EnrollmentDetailView::of(actor, found, tx.now())))
}

/// A page of enrollments.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnrollmentPage {
    items: Vec<EnrollmentView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// One named check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "name": "consent", "result": "to_confirm", "code": "consent.missing",
    "sentence": "There is no consent of a parent or guardian for this participant under 18. Record it first."
}))]
pub(crate) struct CheckView {
    /// `window`, `segment`, `graduation`, `age`, `region`, `prerequisite`, `consent` or `overlap`.
    #[schema(value_type = String)]
    name: CheckName,
    /// `passed`, `failed` or `to_confirm`.
    #[schema(value_type = String)]
    result: CheckResult,
    /// Why, unless it passed.
    code: Option<&'static str>,
    /// The same in the language asked for.
    sentence: Option<String>,
}

impl CheckView {
    pub(super) fn of(check: &Check, language: Language) -> Self {
        Self {
            name: check.name,
            result: check.result,
            code: check.code.map(|code| code.name),
            sentence: check.code.map(|code| code.sentence(language, &check.facts)),
        }
    }
}

/// Whom to check.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EligibilityQuery {
    /// The participant.
    #[validate(custom(function = "is_id"))]
    #[param(required = true)]
    participant: String,
}

/// Which enrollments.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EnrollmentQuery {
    /// Only of this cohort.
    #[validate(custom(function = "is_id"))]
    cohort: Option<String>,
    /// Only of this class.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Only of this school.
    #[validate(custom(function = "is_id"))]
    school: Option<String>,
    /// Only of this participant.
    #[validate(custom(function = "is_id"))]
    participant: Option<String>,
    /// Only in this state.
    #[validate(custom(function = "one_of::<EnrollmentState>"))]
    state: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl EnrollmentQuery {
    fn filter(&self) -> Result<EnrollmentFilter> {
        Ok(EnrollmentFilter {
            cohort: read_some_id(self.cohort.as_ref())?,
            class: read_some_id(self.class.as_ref())?,
            school: read_some_id(self.school.as_ref())?,
            participant: read_some_id(self.participant.as_ref())?,
            state: read_some(self.state.as_ref())?,
        })
    }
}

/// Registers a participant for a cohort; who is eligible goes straight to the waiting list.
#[utoipa::path(tag = "enrollments", params(("id" = String, Path)), request_body = EnrollmentBody,
    responses((status = 201, body = EnrollmentDetailView)))]
#[post("/cohorts/{id}/enrollments")]
pub(crate) async fn apply(call: Call, id: web::Path<Id>, body: Body<EnrollmentBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = enrollment::apply(tx, actor, *id, read_id(&value.participant)?)?;
        let (version, view) = detail(tx, actor, made.id)?;
        Ok(Made::at(format!("/api/v1/enrollments/{}", made.id), version, view))
    })
    .await
}

/// The checks a registration would go through, each with its result, without registering.
#[utoipa::path(tag = "enrollments", params(("id" = String, Path), EligibilityQuery),
    responses((status = 200, body = Vec<CheckView>)))]
#[get("/cohorts/{id}/eligibility")]
pub(crate) async fn eligibility(
    call: Call,
    id: web::Path<Id>,
    query: Query<EligibilityQuery>,
) -> Result<impl Responder, Problem> {
    let language = call.language;
    let checks =
        call.snapshot(move |tx, actor| enrollment::eligibility(tx, actor, *id, read_id(&query.participant)?)).await?;
    Ok(private(&checks.iter().map(|check| CheckView::of(check, language)).collect::<Vec<_>>()))
}

/// Enrollments in the caller's scope, in order of registration.
#[utoipa::path(tag = "enrollments", params(EnrollmentQuery), responses((status = 200, body = EnrollmentPage)))]
#[get("/enrollments")]
pub(crate) async fn list(call: Call, query: Query<EnrollmentQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let page = enrollment::list(tx, actor, &query.filter()?, page_of!(query)?)?;
            Ok(page.map(|one| EnrollmentView::of(actor, one)))
        })
        .await?;
    Ok(Listed::from(page))
}

/// One enrollment with its history and its place on the waiting list.
#[utoipa::path(tag = "enrollments", params(("id" = String, Path)),
    responses((status = 200, body = EnrollmentDetailView)))]
#[get("/enrollments/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let (version, view) = call.snapshot(move |tx, actor| detail(tx, actor, *id)).await?;
    Ok(Tagged::new(version, view))
}

/// Takes one step: to the waiting list, into a seat, on leave and back, or out.
#[utoipa::path(tag = "enrollments",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = TransitionBody, responses((status = 200, body = EnrollmentDetailView)))]
#[post("/enrollments/{id}/transitions")]
pub(crate) async fn take_step(
    call: Call,
    id: web::Path<Id>,
    body: Body<TransitionBody>,
) -> Result<impl Responder, Problem> {
    let (version, view) = call
        .change(move |tx, actor, version| {
            enrollment::step(tx, actor, *id, version, body.value.step()?)?;
            detail(tx, actor, *id)
        })
        .await?;
    Ok(Tagged::new(version, view))
}

/// Moves somebody who has a seat to another class of the cohort. What was attended so far counts on.
#[utoipa::path(tag = "enrollments",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = TransferBody, responses((status = 200, body = EnrollmentDetailView)))]
#[post("/enrollments/{id}/transfers")]
pub(crate) async fn transfer(
    call: Call,
    id: web::Path<Id>,
    body: Body<TransferBody>,
) -> Result<impl Responder, Problem> {
    let (version, view) = call
        .change(move |tx, actor, version| {
            enrollment::transfer(tx, actor, *id, version, body.value.transfer()?)?;
            detail(tx, actor, *id)
        })
        .await?;
    Ok(Tagged::new(version, view))
}
