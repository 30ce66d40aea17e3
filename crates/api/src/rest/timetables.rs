//! Timetables: the sessions of a class made from its weekly pattern, and how its lesson hours stand.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use vokasi_core::calendar::DayOff;
use vokasi_core::error::{FieldProblem, Language};
use vokasi_core::id::Id;
use vokasi_core::keys::sha256_hex;
use vokasi_core::session::{self, Hours, Skipped, Standing, Timetable};
use vokasi_core::values::LessonHours;

use super::classes::clock;
use super::sessions::SessionView;
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Made, private};

/// What a person should know, and what to do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningView {
    /// The stable code.
    #[schema(example = "session.uncovered")]
    code: &'static str,
    /// The sentence in the language asked for.
    sentence: String,
}

impl WarningView {
    pub(super) fn of(warning: &FieldProblem, language: Language) -> Self {
        Self { code: warning.code.name, sentence: warning.code.sentence(language, &warning.facts) }
    }
}

/// Lesson hours (JP) of a class, as they are at this moment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoursView {
    /// Of the program.
    #[schema(example = 320)]
    lesson_hours: LessonHours,
    /// Of sessions that were held.
    #[schema(example = 24)]
    held: LessonHours,
    /// Of sessions that are planned.
    #[schema(example = 288)]
    planned: LessonHours,
    /// Of the program, in no session.
    #[schema(example = 8)]
    uncovered: LessonHours,
    warnings: Vec<WarningView>,
}

impl HoursView {
    fn of(hours: Hours, language: Language) -> Self {
        Self {
            lesson_hours: hours.program,
            held: hours.held,
            planned: hours.planned,
            uncovered: hours.uncovered(),
            warnings: hours.warnings().iter().map(|warning| WarningView::of(warning, language)).collect(),
        }
    }
}

/// A day on which nobody meets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayOffView {
    /// `national`, `joint_leave`, `school_holiday`, `exams`, `internship` or `other`.
    #[schema(example = "internship")]
    kind: &'static str,
    /// In the language asked for, where there is a name in it.
    #[schema(example = "PKL kelas XII")]
    name: String,
    /// The entry of the calendar, unless it is a day of the nation.
    #[schema(value_type = Option<String>)]
    entry: Option<Id>,
}

impl DayOffView {
    fn of(off: &DayOff, language: Language) -> Self {
        let name = match language {
            Language::Indonesian => off.name_id(),
            Language::English => off.name_en(),
        };
        let entry = match off {
            DayOff::Entry(entry) => Some(entry.id),
            DayOff::Holiday(_) => None,
        };
        Self { kind: off.kind(), name: name.to_owned(), entry }
    }
}

/// A meeting of the weekly pattern that is not made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SkippedView {
    held_on: NaiveDate,
    /// Local time.
    #[schema(example = "07:30")]
    starts_at: String,
    /// What it fell on.
    day_off: DayOffView,
}

impl SkippedView {
    fn of(skipped: &Skipped, language: Language) -> Self {
        Self {
            held_on: skipped.held_on,
            starts_at: clock(skipped.starts_at),
            day_off: DayOffView::of(&skipped.off, language),
        }
    }
}

/// What making a timetable came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimetableView {
    #[serde(flatten)]
    hours: HoursView,
    /// How many sessions are new.
    #[schema(example = 80)]
    made: usize,
    /// How many were planned before and are no longer.
    removed: usize,
    /// How many were planned before and still are.
    kept: usize,
    /// What of the pattern fell on a day off.
    skipped: Vec<SkippedView>,
    /// Every session that is planned now, in order of time.
    sessions: Vec<SessionView>,
}

impl TimetableView {
    fn of(timetable: Timetable, language: Language) -> Self {
        Self {
            hours: HoursView::of(timetable.hours, language),
            made: timetable.made,
            removed: timetable.removed,
            kept: timetable.kept,
            skipped: timetable.skipped.iter().map(|skipped| SkippedView::of(skipped, language)).collect(),
            sessions: timetable.sessions.into_iter().map(SessionView::from).collect(),
        }
    }
}

/// A planned session on a day that has become a day off since.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OnDayOffView {
    #[schema(value_type = String)]
    session: Id,
    held_on: NaiveDate,
    day_off: DayOffView,
}

/// How a class stands against the hours of its program.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StandingView {
    #[serde(flatten)]
    hours: HoursView,
    /// Planned sessions on days off, to be moved, cancelled, or made again with the timetable.
    on_days_off: Vec<OnDayOffView>,
}

impl StandingView {
    fn of(standing: &Standing, language: Language) -> Self {
        let on_days_off = standing.on_days_off.iter().map(|(session, off)| OnDayOffView {
            session: session.id,
            held_on: session.held_on,
            day_off: DayOffView::of(off, language),
        });
        Self { hours: HoursView::of(standing.hours, language), on_days_off: on_days_off.collect() }
    }
}

/// Makes the timetable of a class from its weekly pattern until the program's lesson hours are covered, around holidays
/// and calendars. Sessions that were held, cancelled, moved or made by hand stay, and so do those that have been.
#[utoipa::path(tag = "sessions",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    responses((status = 200, body = TimetableView)))]
#[post("/classes/{id}/timetable")]
pub(crate) async fn generate(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let language = call.language;
    call.create(&sha256_hex(b""), move |tx, actor| {
        Ok(Made::done(TimetableView::of(session::generate(tx, actor, *id)?, language)))
    })
    .await
}

/// Lesson hours of a class: of the program, held, planned, and in no session.
#[utoipa::path(tag = "sessions", params(("id" = String, Path)), responses((status = 200, body = StandingView)))]
#[get("/classes/{id}/timetable")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let language = call.language;
    let found = call.snapshot(move |tx, actor| session::standing(tx, actor, *id)).await?;
    Ok(private(&StandingView::of(&found, language)))
}
