//! Cohorts: the intakes.

use actix_web::{HttpResponse, Responder, get, patch, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::Actor;
use vokasi_core::cohort::{self, Cohort, CohortChange, CohortFilter, CohortState, NewCohort};
use vokasi_core::db::Tx;
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::program;
use vokasi_core::time::Instant;
use vokasi_core::values::{Bilingual, Label, LessonHours, ProvinceCode, Segment};

use super::eligibility::{EligibilityBody, EligibilityView};
use super::page_of;
use super::programs::BilingualBody;
use crate::body::{Body, Query, is_id, names_no_number, one_of, read, read_id, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged};

/// A cohort to plan.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "program": "0CZ5V9K3M7Q2B", "segment": "grade_xii", "name": "2025/2026", "starts_on": "2025-07-21",
    "ends_on": "2026-07-20", "registration_opens_on": "2025-06-01", "registration_closes_on": "2025-07-31",
    "seats_wanted": 1080, "class_size": 30
}))]
pub(crate) struct CohortBody {
    /// The province that plans it; the caller's own when nothing is said.
    #[validate(custom(function = "reads::<ProvinceCode>"))]
    province: Option<String>,
    /// Of which program; the newest version on the first day is pinned.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    program: String,
    /// `alumni`, `grade_xii` or `public`.
    #[validate(custom(function = "one_of::<Segment>"))]
    #[schema(required = true)]
    segment: String,
    /// Its name.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    name: String,
    /// The first day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    starts_on: String,
    /// The last day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    ends_on: String,
    /// The first day of registration.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    registration_opens_on: String,
    /// The last day of registration.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    registration_closes_on: String,
    /// Seats the province wants.
    #[validate(range(min = 1, max = 1_000_000))]
    #[schema(required = true)]
    seats_wanted: i32,
    /// People in one class, for saying how many classes are needed.
    #[validate(range(min = 1, max = 500))]
    #[schema(required = true)]
    class_size: i32,
    /// Days in which an offer of a seat is answered; 3 when nothing is said.
    #[validate(range(min = 1, max = 60))]
    offer_days: Option<i32>,
    /// Why the length differs from the program's usual one; with `cohort.length_unusual` in `confirm`.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    length_reason: Option<String>,
    /// What it asks of people; nothing beside its segment and the program's prerequisites when nothing is said.
    #[validate(nested)]
    eligibility: Option<EligibilityBody>,
    /// Warning codes that a person has looked at and confirmed.
    confirm: Vec<String>,
}

impl CohortBody {
    fn command(self, actor: &Actor) -> Result<NewCohort> {
        let own = actor.scope().province().cloned();
        let province = read_some(self.province.as_ref())?.or(own);
        Ok(NewCohort {
            // Whoever works for no province plans nothing in one.
            province: province.ok_or_else(|| Error::new(&codes::ACCESS_DENIED))?,
            program: read_id(&self.program)?,
            segment: read(&self.segment)?,
            name: read(&self.name)?,
            starts_on: read(&self.starts_on)?,
            ends_on: read(&self.ends_on)?,
            registration_opens_on: read(&self.registration_opens_on)?,
            registration_closes_on: read(&self.registration_closes_on)?,
            seats_wanted: self.seats_wanted,
            class_size: self.class_size,
            offer_days: self.offer_days.unwrap_or(cohort::OFFER_DAYS),
            length_reason: read_some(self.length_reason.as_ref())?,
            eligibility: self.eligibility.as_ref().map(EligibilityBody::rules).transpose()?.unwrap_or_default(),
            confirm: self.confirm,
        })
    }
}

/// A change of the plan; what is absent stays.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"registration_closes_on": "2025-08-15", "seats_wanted": 1200}))]
pub(crate) struct CohortChangeBody {
    /// A new last day of registration.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    registration_closes_on: Option<String>,
    /// Other seats wanted.
    #[validate(range(min = 1, max = 1_000_000))]
    seats_wanted: Option<i32>,
    /// Another class size.
    #[validate(range(min = 1, max = 500))]
    class_size: Option<i32>,
    /// Other days in which an offer of a seat is answered; offers that were made keep theirs.
    #[validate(range(min = 1, max = 60))]
    offer_days: Option<i32>,
    /// Whether regency officers may answer offers of its seats and look at its seating plans.
    seating_delegated: Option<bool>,
    /// What it asks of people from now on, in the place of what it asked.
    #[validate(nested)]
    eligibility: Option<EligibilityBody>,
}

impl CohortChangeBody {
    fn command(&self) -> Result<CohortChange> {
        Ok(CohortChange {
            registration_closes_on: read_some(self.registration_closes_on.as_ref())?,
            seats_wanted: self.seats_wanted,
            class_size: self.class_size,
            offer_days: self.offer_days,
            seating_delegated: self.seating_delegated,
            eligibility: self.eligibility.as_ref().map(EligibilityBody::rules).transpose()?,
        })
    }
}

/// Where a cohort goes next.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"to": "open"}))]
pub(crate) struct CohortStateBody {
    /// `open` after `draft`, `running` after `open`, `closed` after `running`, or `cancelled`.
    #[validate(custom(function = "one_of::<CohortState>"))]
    #[schema(required = true)]
    to: String,
    /// Why it is cancelled.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    reason: Option<String>,
}

/// A cohort.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CohortView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2F")]
    id: Id,
    #[schema(value_type = String, example = "18")]
    province: ProvinceCode,
    #[schema(value_type = String)]
    program: Id,
    #[schema(value_type = String, example = "grade_xii")]
    segment: Segment,
    #[schema(value_type = String, example = "2025/2026")]
    name: Label,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    registration_opens_on: NaiveDate,
    registration_closes_on: NaiveDate,
    #[schema(example = 1080)]
    seats_wanted: i32,
    #[schema(example = 30)]
    class_size: i32,
    /// Days in which an offer of a seat is answered.
    #[schema(example = 3)]
    offer_days: i32,
    /// Whether regency officers may answer offers of its seats and look at its seating plans.
    seating_delegated: bool,
    /// Why its length is not the usual one.
    #[schema(value_type = Option<String>)]
    length_reason: Option<Label>,
    #[schema(value_type = String, example = "open")]
    state: CohortState,
    #[schema(value_type = Option<String>)]
    cancel_reason: Option<Label>,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
}

impl From<Cohort> for CohortView {
    fn from(cohort: Cohort) -> Self {
        Self {
            id: cohort.id,
            province: cohort.province_code,
            program: cohort.program_id,
            segment: cohort.segment,
            name: cohort.name,
            starts_on: cohort.starts_on,
            ends_on: cohort.ends_on,
            registration_opens_on: cohort.registration_opens_on,
            registration_closes_on: cohort.registration_closes_on,
            seats_wanted: cohort.seats_wanted,
            class_size: cohort.class_size,
            offer_days: cohort.offer_days,
            seating_delegated: cohort.seating_delegated,
            length_reason: cohort.length_reason,
            state: cohort.state,
            cancel_reason: cohort.cancel_reason,
            updated_at: cohort.updated_at,
        }
    }
}

/// The version of the program a cohort started under.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PinnedView {
    #[schema(value_type = String, example = "HOSP")]
    code: Label,
    #[schema(value_type = BilingualBody)]
    name: Bilingual,
    /// Its number: the curriculum stands at `/programs/{id}/versions/{number}`.
    #[schema(example = 1)]
    number: i32,
    /// Lesson hours (JP) of all its modules.
    #[schema(example = 320)]
    lesson_hours: LessonHours,
}

/// A cohort with what it pins.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CohortDetailView {
    #[serde(flatten)]
    cohort: CohortView,
    pinned: PinnedView,
    eligibility: EligibilityView,
}

impl CohortDetailView {
    fn of(tx: &mut Tx<'_>, actor: &Actor, cohort: Cohort) -> Result<Self> {
        let (program, version) = program::of_version(tx, actor, cohort.program_version_id)?;
        let pinned = PinnedView {
            code: program.code,
            name: Bilingual::new(program.name_id, program.name_en),
            number: version.number,
            lesson_hours: version.lesson_hours,
        };
        let eligibility = EligibilityView::from(&cohort.eligibility);
        Ok(Self { cohort: cohort.into(), pinned, eligibility })
    }
}

/// A page of cohorts.
#[derive(Serialize, ToSchema)]
pub(crate) struct CohortPage {
    items: Vec<CohortView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which cohorts.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CohortQuery {
    /// Only of this segment.
    #[validate(custom(function = "one_of::<Segment>"))]
    segment: Option<String>,
    /// Only in this state.
    #[validate(custom(function = "one_of::<CohortState>"))]
    state: Option<String>,
    /// Only of this program.
    #[validate(custom(function = "is_id"))]
    program: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl CohortQuery {
    fn filter(&self) -> Result<CohortFilter> {
        Ok(CohortFilter {
            segment: read_some(self.segment.as_ref())?,
            state: read_some(self.state.as_ref())?,
            program: read_some_id(self.program.as_ref())?,
        })
    }
}

/// Cohorts of the caller's province.
#[utoipa::path(tag = "cohorts", params(CohortQuery), responses((status = 200, body = CohortPage)))]
#[get("/cohorts")]
pub(crate) async fn list(call: Call, query: Query<CohortQuery>) -> Result<impl Responder, Problem> {
    let page = call.read(move |tx, actor| cohort::list(tx, actor, &query.filter()?, page_of!(query)?)).await?;
    Ok(Listed::from(page.map(CohortView::from)))
}

/// Plans a cohort in state `draft`.
#[utoipa::path(tag = "cohorts", request_body = CohortBody, responses((status = 201, body = CohortDetailView)))]
#[post("/cohorts")]
pub(crate) async fn create(call: Call, body: Body<CohortBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = cohort::create(tx, actor, value.command(actor)?)?;
        let (address, version) = (format!("/api/v1/cohorts/{}", made.id), made.version);
        Ok(Made::at(address, version, CohortDetailView::of(tx, actor, made)?))
    })
    .await
}

/// One cohort with the version of the program it pins.
#[utoipa::path(tag = "cohorts", params(("id" = String, Path)), responses((status = 200, body = CohortDetailView)))]
#[get("/cohorts/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.snapshot(move |tx, actor| {
        let found = cohort::get(tx, actor, *id)?;
        Ok(Tagged::new(found.version, CohortDetailView::of(tx, actor, found)?))
    })
    .await
}

/// Changes a cohort's plan.
#[utoipa::path(tag = "cohorts", params(("id" = String, Path)), request_body = CohortChangeBody,
    responses((status = 200, body = CohortDetailView)))]
#[patch("/cohorts/{id}")]
pub(crate) async fn change(
    call: Call,
    id: web::Path<Id>,
    body: Body<CohortChangeBody>,
) -> Result<impl Responder, Problem> {
    call.change(move |tx, actor, version| {
        let changed = cohort::change(tx, actor, *id, version, &body.value.command()?)?;
        Ok(Tagged::new(changed.version, CohortDetailView::of(tx, actor, changed)?))
    })
    .await
}

/// Moves a cohort to its next state.
#[utoipa::path(tag = "cohorts",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = CohortStateBody, responses((status = 200, body = CohortDetailView)))]
#[post("/cohorts/{id}/state")]
pub(crate) async fn move_to(
    call: Call,
    id: web::Path<Id>,
    body: Body<CohortStateBody>,
) -> Result<impl Responder, Problem> {
    call.change(move |tx, actor, version| {
        let (to, reason) = (read(&body.value.to)?, read_some(body.value.reason.as_ref())?);
        let moved = cohort::move_to(tx, actor, *id, version, to, reason)?;
        Ok(Tagged::new(moved.version, CohortDetailView::of(tx, actor, moved)?))
    })
    .await
}
