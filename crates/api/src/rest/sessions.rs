//! Sessions: the planned and held meetings of a class.

use actix_web::{HttpResponse, Responder, delete, get, post, web};
use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::session::{self, Move, Moved, NewSession, Session, SessionState};
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, LessonHours};

use super::classes::{clock, minutes};
use super::page_of;
use crate::body::{Body, Query, is_id, names_no_number, read, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged, private};

/// Why a session is called off.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"reason": "Banjir di jalan menuju balai"}))]
pub(crate) struct CancellationBody {
    /// The reason.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
}

/// Another place for a session; what is absent stays.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"held_on": "2025-08-03", "starts_at": "13:00", "reason": "Aula dipakai wisuda"}))]
pub(crate) struct MoveBody {
    /// Another day of the class period.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    held_on: Option<String>,
    /// Another time, local.
    #[validate(custom(function = "reads::<NaiveTime>"))]
    starts_at: Option<String>,
    /// Another instructor's account.
    #[validate(custom(function = "is_id"))]
    instructor: Option<String>,
    /// Another room.
    #[validate(custom(function = "reads::<Label>"))]
    room: Option<String>,
    /// Why.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
    /// Warning codes that a person has looked at and confirmed.
    confirm: Vec<String>,
}

impl MoveBody {
    fn command(self) -> Result<Move> {
        Ok(Move {
            held_on: read_some(self.held_on.as_ref())?,
            starts_at: self.starts_at.as_deref().map(minutes).transpose()?,
            instructor: read_some_id(self.instructor.as_ref())?,
            room: read_some(self.room.as_ref())?,
            reason: read(&self.reason)?,
            confirm: self.confirm,
        })
    }
}

/// A session that is made by hand.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "held_on": "2025-08-03", "starts_at": "13:00", "lesson_hours": 4, "replaces": "0CZ5V9K3M7Q2J"
}))]
pub(crate) struct SessionBody {
    /// A day of the class period.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    held_on: String,
    /// Local time.
    #[validate(custom(function = "reads::<NaiveTime>"))]
    #[schema(required = true)]
    starts_at: String,
    /// Lesson hours (JP).
    #[validate(range(min = 1, max = 16))]
    #[schema(required = true)]
    lesson_hours: LessonHours,
    /// Code of the module; what follows on the sessions before it when nothing is said.
    #[validate(length(min = 1, max = 100))]
    module: Option<String>,
    /// The account of who teaches; the instructor of the class when nothing is said.
    #[validate(custom(function = "is_id"))]
    instructor: Option<String>,
    /// The room; that of the class when nothing is said.
    #[validate(custom(function = "reads::<Label>"))]
    room: Option<String>,
    /// The cancelled session in whose place it is, if there is one.
    #[validate(custom(function = "is_id"))]
    replaces: Option<String>,
    /// Warning codes that a person has looked at and confirmed.
    confirm: Vec<String>,
}

impl SessionBody {
    fn command(self) -> Result<NewSession> {
        Ok(NewSession {
            held_on: read(&self.held_on)?,
            starts_at: minutes(&self.starts_at)?,
            lesson_hours: self.lesson_hours,
            instructor: read_some_id(self.instructor.as_ref())?,
            room: read_some(self.room.as_ref())?,
            replaces: read_some_id(self.replaces.as_ref())?,
            module: self.module,
            confirm: self.confirm,
        })
    }
}

/// One meeting of a class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2J")]
    id: Id,
    #[schema(value_type = String)]
    class: Id,
    /// The account of who teaches.
    #[schema(value_type = Option<String>)]
    instructor: Option<Id>,
    #[schema(value_type = Option<String>)]
    room: Option<Label>,
    held_on: NaiveDate,
    /// Local time.
    #[schema(example = "07:30")]
    starts_at: String,
    /// Local time.
    #[schema(example = "10:30")]
    ends_at: String,
    /// Lesson hours (JP).
    #[schema(example = 4)]
    lesson_hours: LessonHours,
    /// Code of the module that is taught.
    #[schema(example = "HOSP-01")]
    module: String,
    /// `planned`, `held` once its register is in, or `cancelled`.
    #[schema(value_type = String, example = "planned")]
    state: SessionState,
    #[schema(value_type = Option<String>)]
    cancel_reason: Option<Label>,
    /// Whether a person has put it where it is: it was moved, or made by hand. Making the timetable again leaves it there.
    by_hand: bool,
    /// The cancelled session in whose place it is.
    #[schema(value_type = Option<String>)]
    replaces: Option<Id>,
    /// When its register first came in.
    #[schema(value_type = Option<String>, format = DateTime)]
    reported_at: Option<Instant>,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            class: session.class_id,
            instructor: session.instructor_id,
            room: session.room,
            held_on: session.held_on,
            starts_at: clock(session.starts_at),
            ends_at: clock(session.ends_at),
            lesson_hours: session.lesson_hours,
            module: session.module_code,
            state: session.state,
            cancel_reason: session.cancel_reason,
            by_hand: session.by_hand,
            replaces: session.replaces,
            reported_at: session.reported_at,
        }
    }
}

/// Where a session was before it was moved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MovedView {
    held_on: NaiveDate,
    #[schema(example = "07:30")]
    starts_at: String,
    #[schema(example = "10:30")]
    ends_at: String,
    #[schema(value_type = Option<String>)]
    instructor: Option<Id>,
    #[schema(value_type = Option<String>)]
    room: Option<Label>,
    /// Why it was moved away from there.
    #[schema(value_type = String)]
    reason: Label,
    #[schema(value_type = String, format = DateTime)]
    moved_at: Instant,
    /// The account that moved it.
    #[schema(value_type = String)]
    moved_by: Id,
}

impl From<Moved> for MovedView {
    fn from(moved: Moved) -> Self {
        Self {
            held_on: moved.held_on,
            starts_at: clock(moved.starts_at),
            ends_at: clock(moved.ends_at),
            instructor: moved.instructor_id,
            room: moved.room,
            reason: moved.reason,
            moved_at: moved.moved_at,
            moved_by: moved.moved_by,
        }
    }
}

/// A page of sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionPage {
    items: Vec<SessionView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which sessions.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionQuery {
    /// Only on this day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    on: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Makes one session by hand, in the place of a cancelled one or beside the weekly pattern.
#[utoipa::path(tag = "sessions", params(("id" = String, Path)), request_body = SessionBody,
    responses((status = 201, body = SessionView)))]
#[post("/classes/{id}/sessions")]
pub(crate) async fn create(call: Call, id: web::Path<Id>, body: Body<SessionBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = session::create(tx, actor, *id, value.command()?)?;
        Ok(Made::at(format!("/api/v1/sessions/{}", made.id), made.version, SessionView::from(made)))
    })
    .await
}

/// Sessions of a class, in order of time.
#[utoipa::path(tag = "sessions", params(("id" = String, Path), SessionQuery),
    responses((status = 200, body = SessionPage)))]
#[get("/classes/{id}/sessions")]
pub(crate) async fn list(call: Call, id: web::Path<Id>, query: Query<SessionQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| session::list(tx, actor, *id, read_some(query.on.as_ref())?, page_of!(query)?))
        .await?;
    Ok(Listed::from(page.map(SessionView::from)))
}

/// One session.
#[utoipa::path(tag = "sessions", params(("id" = String, Path)), responses((status = 200, body = SessionView)))]
#[get("/sessions/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let (found, _) = call.read(move |tx, actor| session::get(tx, actor, *id)).await?;
    Ok(Tagged::new(found.version, SessionView::from(found)))
}

/// Calls off a planned session.
#[utoipa::path(tag = "sessions",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = CancellationBody, responses((status = 200, body = SessionView)))]
#[post("/sessions/{id}/cancellation")]
pub(crate) async fn cancel(
    call: Call,
    id: web::Path<Id>,
    body: Body<CancellationBody>,
) -> Result<impl Responder, Problem> {
    let cancelled = call
        .change(move |tx, actor, version| session::cancel(tx, actor, *id, version, read(&body.value.reason)?))
        .await?;
    Ok(Tagged::new(cancelled.version, SessionView::from(cancelled)))
}

/// Takes back that a session was called off.
#[utoipa::path(tag = "sessions",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    responses((status = 200, body = SessionView)))]
#[delete("/sessions/{id}/cancellation")]
pub(crate) async fn restore(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let restored = call.change(move |tx, actor, version| session::restore(tx, actor, *id, version)).await?;
    Ok(Tagged::new(restored.version, SessionView::from(restored)))
}

/// Moves a planned session to another day, time, instructor or room.
#[utoipa::path(tag = "sessions",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = MoveBody, responses((status = 200, body = SessionView)))]
#[post("/sessions/{id}/moves")]
pub(crate) async fn relocate(call: Call, id: web::Path<Id>, body: Body<MoveBody>) -> Result<impl Responder, Problem> {
    let moved = call
        .change(move |tx, actor, version| session::relocate(tx, actor, *id, version, body.value.command()?))
        .await?;
    Ok(Tagged::new(moved.version, SessionView::from(moved)))
}

/// Where a session was before it was moved, oldest first.
#[utoipa::path(tag = "sessions", params(("id" = String, Path)), responses((status = 200, body = Vec<MovedView>)))]
#[get("/sessions/{id}/moves")]
pub(crate) async fn moves(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let moves = call.read(move |tx, actor| session::moves(tx, actor, *id)).await?;
    Ok(private(&moves.into_iter().map(MovedView::from).collect::<Vec<_>>()))
}
