//! Classes: the groups that are taught together.

use actix_web::{HttpResponse, Responder, get, patch, post, web};
use chrono::{NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::class::{self, Class, ClassChange, ClassFilter, ClassHours, ClassState, NewClass, Slot};
use vokasi_core::db::Tx;
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::page::Page;
use vokasi_core::session;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, LessonHours, RegencyCode};

use super::page_of;
use crate::body::{Body, Query, is_id, names_no_number, one_of, read, read_id, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged};

/// One weekly meeting.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"weekday": 6, "starts_at": "07:30", "lesson_hours": 4}))]
pub(crate) struct SlotBody {
    /// 1 Monday to 7 Sunday.
    #[validate(range(min = 1, max = 7))]
    #[schema(required = true)]
    weekday: i32,
    /// Local time.
    #[validate(custom(function = "reads::<NaiveTime>"))]
    #[schema(required = true)]
    starts_at: String,
    /// Lesson hours (JP).
    #[validate(range(min = 1, max = 16))]
    #[schema(required = true)]
    lesson_hours: LessonHours,
}

impl SlotBody {
    fn slot(&self) -> Result<Slot> {
        Ok(Slot { weekday: self.weekday, starts_at: minutes(&self.starts_at)?, lesson_hours: self.lesson_hours })
    }
}

/// A time of day in minutes after midnight.
pub(super) fn minutes(time: &str) -> Result<i32> {
    let time: NaiveTime = read(time)?;
    i32::try_from(time.hour() * 60 + time.minute()).map_err(Error::storage)
}

/// The same as it is written; the end of the day is `24:00`.
pub(super) fn clock(minutes: i32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

impl From<Slot> for SlotBody {
    fn from(slot: Slot) -> Self {
        Self { weekday: slot.weekday, starts_at: clock(slot.starts_at), lesson_hours: slot.lesson_hours }
    }
}

pub(super) fn slots(bodies: &[SlotBody]) -> Result<Vec<Slot>> {
    bodies.iter().map(SlotBody::slot).collect()
}

/// A class to plan.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "cohort": "0CZ5V9K3M7Q2F", "partner": "0CZ5V9K3M7Q2A", "agreement": "0CZ5V9K3M7Q2C", "name": "Perhotelan A",
    "room": "Lab Tata Graha", "seats": 36, "minimum": 16, "reserves": 4,
    "slots": [
        {"weekday": 6, "starts_at": "07:30", "lesson_hours": 4}, {"weekday": 7, "starts_at": "07:30", "lesson_hours": 4}
    ]
}))]
pub(crate) struct ClassBody {
    /// In which cohort.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    cohort: String,
    /// At which partner.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    partner: String,
    /// Under which agreement.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    agreement: String,
    /// Why the province overrides the agreement's limits, if it does.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    agreement_override: Option<String>,
    /// The instructor's account, once there is one.
    #[validate(custom(function = "is_id"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    instructor: Option<String>,
    /// Its name at the partner.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    name: String,
    /// The room.
    #[validate(custom(function = "reads::<Label>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<String>,
    /// Seats.
    #[validate(range(min = 1, max = 500))]
    #[schema(required = true)]
    seats: i32,
    /// People it needs to start.
    #[validate(range(min = 1, max = 500))]
    #[schema(required = true)]
    minimum: i32,
    /// People kept in reserve.
    #[validate(range(min = 0, max = 500))]
    reserves: i32,
    /// The first day; the cohort's when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    starts_on: Option<String>,
    /// The last day; the cohort's when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    ends_on: Option<String>,
    /// The weekly pattern.
    #[validate(nested)]
    slots: Vec<SlotBody>,
}

impl ClassBody {
    fn command(&self) -> Result<NewClass> {
        Ok(NewClass {
            cohort: read_id(&self.cohort)?,
            partner: read_id(&self.partner)?,
            agreement: read_id(&self.agreement)?,
            agreement_override: read_some(self.agreement_override.as_ref())?,
            instructor: read_some_id(self.instructor.as_ref())?,
            name: read(&self.name)?,
            room: read_some(self.room.as_ref())?,
            seats: self.seats,
            minimum: self.minimum,
            reserves: self.reserves,
            starts_on: read_some(self.starts_on.as_ref())?,
            ends_on: read_some(self.ends_on.as_ref())?,
            slots: slots(&self.slots)?,
        })
    }
}

/// The body that plans this class.
impl From<NewClass> for ClassBody {
    fn from(class: NewClass) -> Self {
        Self {
            cohort: class.cohort.to_string(),
            partner: class.partner.to_string(),
            agreement: class.agreement.to_string(),
            agreement_override: class.agreement_override.map(|reason| reason.to_string()),
            instructor: class.instructor.map(|instructor| instructor.to_string()),
            name: class.name.to_string(),
            room: class.room.map(|room| room.to_string()),
            seats: class.seats,
            minimum: class.minimum,
            reserves: class.reserves,
            starts_on: class.starts_on.map(|day| day.to_string()),
            ends_on: class.ends_on.map(|day| day.to_string()),
            slots: class.slots.into_iter().map(SlotBody::from).collect(),
        }
    }
}

/// A change of a class; what is absent stays.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"room": "Aula", "seats": 32}))]
pub(crate) struct ClassChangeBody {
    /// Another name at the partner.
    #[validate(custom(function = "reads::<Label>"))]
    name: Option<String>,
    /// Another instructor's account.
    #[validate(custom(function = "is_id"))]
    instructor: Option<String>,
    /// Another room.
    #[validate(custom(function = "reads::<Label>"))]
    room: Option<String>,
    /// More or fewer seats, never fewer than those already seated.
    #[validate(range(min = 1, max = 500))]
    seats: Option<i32>,
    /// Another weekly pattern, as a whole.
    #[validate(nested)]
    slots: Option<Vec<SlotBody>>,
}

impl ClassChangeBody {
    fn command(&self) -> Result<ClassChange> {
        Ok(ClassChange {
            name: read_some(self.name.as_ref())?,
            instructor: read_some_id(self.instructor.as_ref())?,
            room: read_some(self.room.as_ref())?,
            seats: self.seats,
            slots: self.slots.as_deref().map(slots).transpose()?,
        })
    }
}

/// Where a class goes next.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"to": "running", "confirm": ["class.below_minimum"]}))]
pub(crate) struct ClassStateBody {
    /// `running` after `planned`, `completed` after `running`, or `cancelled`.
    #[validate(custom(function = "one_of::<ClassState>"))]
    #[schema(required = true)]
    to: String,
    /// Why it is cancelled.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    reason: Option<String>,
    /// Warning codes that a person has looked at and confirmed.
    confirm: Vec<String>,
}

/// Lesson hours (JP) of a class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClassHoursView {
    /// Of its program.
    #[schema(example = 220)]
    planned: LessonHours,
    /// Of sessions with a register.
    #[schema(example = 72)]
    held: LessonHours,
    /// Of sessions of its timetable that are still without one.
    #[schema(example = 148)]
    coming: LessonHours,
}

/// A class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClassView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2G")]
    id: Id,
    #[schema(value_type = String)]
    cohort: Id,
    /// The host.
    #[schema(value_type = String)]
    partner: Id,
    /// Kemendagri code of the host's regency.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    regency_name: String,
    #[schema(value_type = String)]
    agreement: Id,
    /// Why the province overrode the agreement's limits.
    #[schema(value_type = Option<String>)]
    agreement_override: Option<Label>,
    /// The instructor's account.
    #[schema(value_type = Option<String>)]
    instructor: Option<Id>,
    #[schema(value_type = String, example = "Perhotelan A")]
    name: Label,
    #[schema(value_type = Option<String>)]
    room: Option<Label>,
    #[schema(example = 36)]
    seats: i32,
    /// People in them.
    #[schema(example = 31)]
    seated: i32,
    /// Seats that are held for somebody until an offer is answered.
    held: i32,
    /// People it needs to start.
    #[schema(example = 16)]
    minimum: i32,
    /// People kept in reserve.
    reserves: i32,
    hours: ClassHoursView,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    #[schema(value_type = String, example = "planned")]
    state: ClassState,
    #[schema(value_type = Option<String>)]
    cancel_reason: Option<Label>,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
}

impl From<(Class, ClassHours)> for ClassView {
    fn from((class, hours): (Class, ClassHours)) -> Self {
        let ClassHours { planned, held, coming } = hours;
        Self {
            id: class.id,
            cohort: class.cohort_id,
            partner: class.partner_id,
            regency_name: class.regency_code.full_name(),
            regency: class.regency_code,
            agreement: class.agreement_id,
            agreement_override: class.agreement_override,
            instructor: class.instructor_id,
            name: class.name,
            room: class.room,
            seats: class.seats,
            seated: class.seated,
            held: class.held,
            minimum: class.minimum,
            reserves: class.reserves,
            hours: ClassHoursView { planned, held, coming },
            starts_on: class.starts_on,
            ends_on: class.ends_on,
            state: class.state,
            cancel_reason: class.cancel_reason,
            updated_at: class.updated_at,
        }
    }
}

/// A class with its weekly pattern.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClassDetailView {
    #[serde(flatten)]
    class: ClassView,
    slots: Vec<SlotBody>,
}

impl ClassDetailView {
    /// A class that has just been read or changed, tagged with its version.
    fn of(tx: &mut Tx<'_>, (class, slots): (Class, Vec<Slot>)) -> Result<(i32, Self)> {
        let version = class.version;
        let mut classes = class::with_hours(tx, vec![class])?;
        let class = classes.pop().ok_or_else(|| Error::new(&codes::NOT_FOUND))?.into();
        Ok((version, Self { class, slots: slots.into_iter().map(SlotBody::from).collect() }))
    }
}

/// A page of classes.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassPage {
    items: Vec<ClassView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which classes.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ClassQuery {
    /// Only of this cohort.
    #[validate(custom(function = "is_id"))]
    cohort: Option<String>,
    /// Only at this partner.
    #[validate(custom(function = "is_id"))]
    partner: Option<String>,
    /// Only in this state.
    #[validate(custom(function = "one_of::<ClassState>"))]
    state: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl ClassQuery {
    fn filter(&self) -> Result<ClassFilter> {
        Ok(ClassFilter {
            cohort: read_some_id(self.cohort.as_ref())?,
            partner: read_some_id(self.partner.as_ref())?,
            state: read_some(self.state.as_ref())?,
        })
    }
}

/// Classes in the caller's scope.
#[utoipa::path(tag = "classes", params(ClassQuery), responses((status = 200, body = ClassPage)))]
#[get("/classes")]
pub(crate) async fn list(call: Call, query: Query<ClassQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let Page { rows, next } = class::list(tx, actor, &query.filter()?, page_of!(query)?)?;
            Ok(Page { rows: class::with_hours(tx, rows)?, next })
        })
        .await?;
    Ok(Listed::from(page.map(ClassView::from)))
}

/// Plans a class under an agreement that is in force, covers its program and has seats left.
#[utoipa::path(tag = "classes", request_body = ClassBody, responses((status = 201, body = ClassDetailView)))]
#[post("/classes")]
pub(crate) async fn create(call: Call, body: Body<ClassBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let id = class::create(tx, actor, value.command()?)?.0.id;
        let made = class::get(tx, actor, id)?;
        let (version, view) = ClassDetailView::of(tx, made)?;
        Ok(Made::at(format!("/api/v1/classes/{id}"), version, view))
    })
    .await
}

/// One class with its weekly pattern.
#[utoipa::path(tag = "classes", params(("id" = String, Path)), responses((status = 200, body = ClassDetailView)))]
#[get("/classes/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let (version, view) = call
        .snapshot(move |tx, actor| {
            let found = class::get(tx, actor, *id)?;
            ClassDetailView::of(tx, found)
        })
        .await?;
    Ok(Tagged::new(version, view))
}

/// Changes a class's name, instructor, room, seats or weekly pattern. Sessions that are planned from today on go with it to
/// another instructor or room, but for those that were moved or made by hand; after another weekly pattern the timetable is
/// made again.
#[utoipa::path(tag = "classes", params(("id" = String, Path)), request_body = ClassChangeBody,
    responses((status = 200, body = ClassDetailView)))]
#[patch("/classes/{id}")]
pub(crate) async fn change(
    call: Call,
    id: web::Path<Id>,
    body: Body<ClassChangeBody>,
) -> Result<impl Responder, Problem> {
    let (version, view) = call
        .change(move |tx, actor, version| {
            let changed = session::change_class(tx, actor, *id, version, body.value.command()?)?;
            ClassDetailView::of(tx, changed)
        })
        .await?;
    Ok(Tagged::new(version, view))
}

/// Moves a class to its next state; starting with too few people is confirmed by its code.
#[utoipa::path(tag = "classes",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = ClassStateBody, responses((status = 200, body = ClassDetailView)))]
#[post("/classes/{id}/state")]
pub(crate) async fn move_to(
    call: Call,
    id: web::Path<Id>,
    body: Body<ClassStateBody>,
) -> Result<impl Responder, Problem> {
    let (version, view) = call
        .change(move |tx, actor, version| {
            let (to, reason) = (read(&body.value.to)?, read_some(body.value.reason.as_ref())?);
            class::move_to(tx, actor, *id, version, to, reason, &body.value.confirm)?;
            let moved = class::get(tx, actor, *id)?;
            ClassDetailView::of(tx, moved)
        })
        .await?;
    Ok(Tagged::new(version, view))
}
