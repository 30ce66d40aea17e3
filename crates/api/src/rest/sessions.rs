//! Sessions: the planned and held meetings of a class.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::keys::sha256_hex;
use vokasi_core::session::{self, Session, SessionState, Timetable};
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, LessonHours};

use super::page_of;
use crate::body::{Body, Query, names_no_number, read, read_some, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged};

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
    held_on: NaiveDate,
    /// Local time.
    #[schema(example = "07:30")]
    starts_at: String,
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
            held_on: session.held_on,
            starts_at: format!("{:02}:{:02}", session.starts_at / 60, session.starts_at % 60),
            lesson_hours: session.lesson_hours,
            module: session.module_code,
            state: session.state,
            cancel_reason: session.cancel_reason,
            reported_at: session.reported_at,
        }
    }
}

/// What a timetable came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimetableView {
    /// Lesson hours (JP) of the program.
    #[schema(example = 320)]
    lesson_hours: LessonHours,
    /// Lesson hours that did not fit into the class period.
    #[schema(example = 0)]
    uncovered: LessonHours,
    /// The sessions made, in order of time.
    sessions: Vec<SessionView>,
}

impl From<Timetable> for TimetableView {
    fn from(timetable: Timetable) -> Self {
        Self {
            lesson_hours: timetable.lesson_hours,
            uncovered: timetable.uncovered,
            sessions: timetable.sessions.into_iter().map(SessionView::from).collect(),
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

/// Makes the timetable of a class from its weekly pattern until the program's lesson hours are covered, skipping
/// holidays. Planned sessions are replaced; held and cancelled ones stay.
#[utoipa::path(tag = "sessions",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    responses((status = 200, body = TimetableView)))]
#[post("/classes/{id}/sessions")]
pub(crate) async fn generate(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    call.create(&sha256_hex(b""), move |tx, actor| {
        Ok(Made::done(TimetableView::from(session::generate(tx, actor, *id)?)))
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
