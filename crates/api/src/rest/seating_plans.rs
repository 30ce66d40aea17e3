//! Seating plans: who is to sit where, looked at and adjusted before it is done.

use actix_web::{HttpResponse, Responder, delete, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::enrollment::seating::{self, Need, Outcome, PlanState, Planned, RowFilter, SeatingClass, SeatingPlan};
use vokasi_core::enrollment::{Why, WhyNot};
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::keys::sha256_hex;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, PersonName, RegencyCode};

use super::page_of;
use crate::body::{Body, Query, is_id, names_no_number, one_of, read, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged};

/// People without a seat for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeftView {
    /// `no_seat`, `consent_missing`, `overlap`, `on_hold`, `own_consent_due` or `by_hand`.
    #[schema(value_type = String, example = "no_seat")]
    why_not: WhyNot,
    #[schema(example = 5461)]
    people: usize,
}

/// What a regency would need for those who are left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NeedView {
    /// Its Kemendagri code.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    /// Its people without a seat, whatever the reason.
    waiting: i64,
    /// Seats left in its classes.
    free: i64,
    /// As many more classes as would seat them.
    classes: i64,
}

impl From<Need> for NeedView {
    fn from(need: Need) -> Self {
        Self { regency: need.regency, waiting: need.waiting, free: need.free, classes: need.classes }
    }
}

/// A plan and what it comes to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeatingPlanView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2P")]
    id: Id,
    #[schema(value_type = String)]
    cohort: Id,
    /// `open`, `applied`, or `replaced` by one that was made later.
    #[schema(value_type = String, example = "open")]
    state: PlanState,
    /// People on the waiting list.
    #[schema(example = 8445)]
    waiting: usize,
    /// Those who get a seat.
    #[schema(example = 2984)]
    seats: usize,
    /// Those who go on waiting as reserves of a class that is full.
    reserves: usize,
    /// Those who get no seat, by the reason; reserves are among them.
    left: Vec<LeftView>,
    /// Those of whom somebody decided by hand.
    chosen: usize,
    /// Those whose seat is another one than before the plan was worked out anew.
    moved: usize,
    /// Classes with fewer people than they need to start.
    below_minimum: usize,
    /// As many more classes as would seat everyone who is left, each in their own regency.
    #[schema(example = 190)]
    classes_needed: i64,
    /// Teachers for those and for the classes that have none yet, where each teaches one class.
    teachers_needed: i64,
    /// The same by regency.
    needed: Vec<NeedView>,
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    applied_at: Option<Instant>,
}

impl From<SeatingPlan> for SeatingPlanView {
    fn from(plan: SeatingPlan) -> Self {
        let summary = plan.summary;
        Self {
            id: plan.id,
            cohort: plan.cohort_id,
            state: plan.state,
            waiting: summary.waiting,
            seats: summary.seats,
            reserves: summary.reserves,
            chosen: summary.chosen,
            moved: summary.moved,
            below_minimum: summary.below_minimum,
            classes_needed: summary.classes_needed(),
            teachers_needed: summary.teachers_needed(),
            left: summary.left.into_iter().map(|(why_not, people)| LeftView { why_not, people }).collect(),
            needed: summary.needed.into_iter().map(NeedView::from).collect(),
            made_at: plan.made_at,
            applied_at: plan.applied_at,
        }
    }
}

/// A page of plans.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatingPlanPage {
    items: Vec<SeatingPlanView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// One waiting person in a plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeatingRowView {
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String)]
    participant: Id,
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    /// The school they registered through.
    #[schema(value_type = Option<String>)]
    school: Option<Id>,
    /// Kemendagri code of the regency the figures count them in.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    /// The place on the waiting list, 1 for the first.
    #[schema(example = 12)]
    place: i32,
    /// `seat`, `reserve` or `left`.
    #[schema(value_type = String, example = "seat")]
    outcome: Outcome,
    /// The class of the seat, or the class to be kept in reserve for.
    #[schema(value_type = Option<String>)]
    class: Option<Id>,
    /// Why this class: `own_school`, `same_regency`, `same_province`, `fills_class` or `by_hand`.
    #[schema(value_type = Option<String>, example = "own_school")]
    why: Option<Why>,
    /// Why no seat.
    #[schema(value_type = Option<String>)]
    why_not: Option<WhyNot>,
    /// Whether somebody chose so by hand.
    chosen: bool,
    /// Why, then.
    #[schema(value_type = Option<String>)]
    reason: Option<Label>,
    /// Whether somebody who had to come first is left.
    out_of_order: bool,
    /// Whether the seat is another one than before the plan was worked out anew.
    moved: bool,
    /// The class of the seat before, then.
    #[schema(value_type = Option<String>)]
    class_before: Option<Id>,
}

impl From<Planned> for SeatingRowView {
    fn from(planned: Planned) -> Self {
        let row = planned.row;
        Self {
            enrollment: row.enrollment_id,
            participant: planned.participant_id,
            name: planned.name,
            school: planned.school_id,
            regency: planned.regency_code,
            place: row.place,
            outcome: row.outcome,
            class: row.class_id,
            why: row.why,
            why_not: row.why_not,
            chosen: row.chosen,
            reason: row.reason,
            out_of_order: row.out_of_order,
            moved: row.moved,
            class_before: row.class_before,
        }
    }
}

/// A page of people.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatingRowPage {
    items: Vec<SeatingRowView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// One class as a plan leaves it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeatingClassView {
    #[schema(value_type = String)]
    class: Id,
    #[schema(example = 36)]
    seats: i32,
    /// Seats that are taken or held already.
    taken: i32,
    /// People the plan seats.
    planned: i32,
    /// People it needs to start.
    minimum: i32,
    /// Whether it stays under that.
    below_minimum: bool,
    /// People it keeps in reserve at most.
    reserves: i32,
    /// People the plan keeps in reserve for it.
    reserved: i32,
}

impl From<SeatingClass> for SeatingClassView {
    fn from(row: SeatingClass) -> Self {
        Self {
            class: row.class_id,
            seats: row.seats,
            taken: row.taken,
            planned: row.planned,
            minimum: row.minimum,
            below_minimum: row.taken + row.planned < row.minimum,
            reserves: row.reserves,
            reserved: row.reserved,
        }
    }
}

/// A page of classes.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatingClassPage {
    items: Vec<SeatingClassView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// What somebody chooses for a person.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"class": "0CZ5V9K3M7Q2G", "reason": "Tinggal di dekat kelas ini"}))]
pub(crate) struct SeatingChoiceBody {
    /// The class, or null for no seat.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Why; everyone who is passed over reads it.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
}

/// Which page.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeatingPageQuery {
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Which people of a plan.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeatingRowQuery {
    /// Only `seat`, `reserve` or `left`.
    #[validate(custom(function = "one_of::<Outcome>"))]
    outcome: Option<String>,
    /// Only of this class.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Only those whose seat is another one than before the plan was worked out anew.
    moved: bool,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Plans of a cohort, oldest first.
#[utoipa::path(tag = "seating-plans", params(("id" = String, Path), SeatingPageQuery),
    responses((status = 200, body = SeatingPlanPage)))]
#[get("/cohorts/{id}/seating-plans")]
pub(crate) async fn list(
    call: Call,
    id: web::Path<Id>,
    query: Query<SeatingPageQuery>,
) -> Result<impl Responder, Problem> {
    let page = call.read(move |tx, actor| seating::list(tx, actor, *id, page_of!(query)?)).await?;
    Ok(Listed::from(page.map(SeatingPlanView::from)))
}

/// Works out who would get which seat, in the order of the waiting list, near the school first. A plan of the cohort that
/// is still open is replaced.
#[utoipa::path(tag = "seating-plans", params(("id" = String, Path)),
    responses((status = 201, body = SeatingPlanView)))]
#[post("/cohorts/{id}/seating-plans")]
pub(crate) async fn make(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    call.create(&sha256_hex(b""), move |tx, actor| {
        let made = seating::make(tx, actor, *id)?;
        Ok(Made::at(format!("/api/v1/seating-plans/{}", made.id), made.version, SeatingPlanView::from(made)))
    })
    .await
}

/// One plan and what it comes to.
#[utoipa::path(tag = "seating-plans", params(("id" = String, Path)),
    responses((status = 200, body = SeatingPlanView)))]
#[get("/seating-plans/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let plan = call.read(move |tx, actor| seating::get(tx, actor, *id)).await?;
    Ok(Tagged::new(plan.version, SeatingPlanView::from(plan)))
}

/// Who would sit where and why, and who would not, in the order of registration.
#[utoipa::path(tag = "seating-plans", params(("id" = String, Path), SeatingRowQuery),
    responses((status = 200, body = SeatingRowPage)))]
#[get("/seating-plans/{id}/rows")]
pub(crate) async fn rows(
    call: Call,
    id: web::Path<Id>,
    query: Query<SeatingRowQuery>,
) -> Result<impl Responder, Problem> {
    let page = call
        .snapshot(move |tx, actor| {
            let outcome = read_some(query.outcome.as_ref())?;
            let class = read_some_id(query.class.as_ref())?;
            let filter = RowFilter { outcome, class, moved: query.moved };
            seating::rows(tx, actor, *id, &filter, page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(SeatingRowView::from)))
}

/// Every class as the plan leaves it: its people, its minimum, its reserves.
#[utoipa::path(tag = "seating-plans", params(("id" = String, Path), SeatingPageQuery),
    responses((status = 200, body = SeatingClassPage)))]
#[get("/seating-plans/{id}/classes")]
pub(crate) async fn classes(
    call: Call,
    id: web::Path<Id>,
    query: Query<SeatingPageQuery>,
) -> Result<impl Responder, Problem> {
    let page = call.snapshot(move |tx, actor| seating::classes(tx, actor, *id, page_of!(query)?)).await?;
    Ok(Listed::from(page.map(SeatingClassView::from)))
}

/// Chooses a class, or none, for one person by hand. The plan is worked out anew around everything chosen so far.
#[utoipa::path(tag = "seating-plans",
    params(("id" = String, Path), ("enrollment" = String, Path),
        ("If-Match" = String, Header, description = "The ETag of your last read of the plan.")),
    request_body = SeatingChoiceBody, responses((status = 200, body = SeatingPlanView)))]
#[put("/seating-plans/{id}/rows/{enrollment}")]
pub(crate) async fn choose(
    call: Call,
    ids: web::Path<(Id, Id)>,
    body: Body<SeatingChoiceBody>,
) -> Result<impl Responder, Problem> {
    let (id, enrollment) = *ids;
    let plan = call
        .change(move |tx, actor, version| {
            let (class, reason) = (read_some_id(body.value.class.as_ref())?, read(&body.value.reason)?);
            seating::choose(tx, actor, id, version, enrollment, class, reason)
        })
        .await?;
    Ok(Tagged::new(plan.version, SeatingPlanView::from(plan)))
}

/// Takes back what was chosen for one person by hand. The plan is worked out anew without it.
#[utoipa::path(tag = "seating-plans",
    params(("id" = String, Path), ("enrollment" = String, Path),
        ("If-Match" = String, Header, description = "The ETag of your last read of the plan.")),
    responses((status = 200, body = SeatingPlanView)))]
#[delete("/seating-plans/{id}/rows/{enrollment}")]
pub(crate) async fn unchoose(call: Call, ids: web::Path<(Id, Id)>) -> Result<impl Responder, Problem> {
    let (id, enrollment) = *ids;
    let plan = call.change(move |tx, actor, version| seating::unchoose(tx, actor, id, version, enrollment)).await?;
    Ok(Tagged::new(plan.version, SeatingPlanView::from(plan)))
}

/// Gives every seat of the plan in one step, if it still is what comes out. Otherwise nobody is seated: the plan is made
/// again, and `rows?moved=true` shows what is different.
#[utoipa::path(tag = "seating-plans",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    responses((status = 200, body = SeatingPlanView)))]
#[post("/seating-plans/{id}/application")]
pub(crate) async fn apply(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let language = call.language;
    let applied = call.change(move |tx, actor, version| seating::apply(tx, actor, *id, version)).await?;
    // A plan that was made again is kept, though nobody is seated.
    let plan = applied.applied().map_err(|error| Problem::new(error, language))?;
    Ok(Tagged::new(plan.version, SeatingPlanView::from(plan)))
}
