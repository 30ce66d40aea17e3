//! Sessions: the planned and held meetings of a class.

mod rules;
mod store;

use chrono::NaiveDate;

pub use rules::{Holiday, HolidayKind, SessionState, holidays};
pub use store::Session;

use crate::access::{Actor, Operation};
use crate::audit::{self, Note, Subject};
use crate::class::{self, Class};
use crate::cohort;
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::values::{Label, LessonHours};

/// What a timetable came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    /// The sessions made, in order of time.
    pub sessions: Vec<Session>,
    /// Lesson hours of the program.
    pub lesson_hours: LessonHours,
    /// Lesson hours that did not fit into the class period.
    pub uncovered: LessonHours,
}

/// Makes the sessions of a class from its weekly pattern until the program's lesson hours are covered,
/// skipping national holidays and joint leave. Planned sessions are replaced; held and cancelled ones stay.
///
/// # Errors
/// `session.no_slots`, `class.state`, `session.instructor_busy`.
pub fn generate(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Timetable> {
    actor.may(Operation::ClassWrite)?;
    let class = class::writable(tx, actor, class)?;
    if !class.state.is_live() {
        return Err(Error::new(&codes::CLASS_STATE).fact("state", class.state));
    }
    let slots = class::slots(tx, class.id)?;
    if slots.is_empty() {
        return Err(Error::new(&codes::SESSION_NO_SLOTS));
    }
    let cohort = cohort::one(tx, class.cohort_id)?;
    let (_, curriculum) = cohort::curriculum(tx, &cohort)?;
    store::delete_planned(tx, class.id)?;
    let kept = store::of_class(tx, class.id)?;
    let plan = rules::timetable(&class, &slots, &curriculum, &kept);
    let sessions: Vec<Session> = plan
        .meetings
        .into_iter()
        .map(|meeting| Session {
            id: tx.new_id(),
            class_id: class.id,
            instructor_id: class.instructor_id,
            held_on: meeting.held_on,
            starts_at: meeting.starts_at,
            lesson_hours: meeting.lesson_hours,
            module_code: meeting.module_code,
            state: SessionState::Planned,
            cancel_reason: None,
            reported_at: None,
            version: 1,
        })
        .collect();
    store::insert_many(tx, &sessions)?;
    audit::record(
        tx,
        actor,
        "class.timetable_made",
        Subject::class(class.id),
        Some(&class.province_code),
        &serde_json::json!({ "sessions": sessions.len(), "uncovered": plan.uncovered }),
    )?;
    Ok(Timetable { sessions, lesson_hours: curriculum.lesson_hours(), uncovered: plan.uncovered })
}

/// Sessions of a class, in order of time.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    class: Id,
    on: Option<NaiveDate>,
    page: PageRequest,
) -> Result<Page<Session>> {
    actor.may(Operation::ClassRead)?;
    class::visible(tx, actor, class)?;
    store::page(tx, class, on, page)
}

/// One session of a class in the actor's scope.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Session, Class)> {
    actor.may(Operation::ClassRead)?;
    let session = store::one(tx, id)?;
    let class = class::visible(tx, actor, session.class_id)?;
    Ok((session, class))
}

/// Cancels a planned session with a reason.
///
/// # Errors
/// `resource.stale`, `session.held`, `session.cancelled`.
pub fn cancel(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, reason: Label) -> Result<Session> {
    actor.may(Operation::ClassWrite)?;
    let (_, class) = get(tx, actor, id)?;
    let mut session = store::locked(tx, id)?;
    if session.version != version {
        return Err(Error::new(&codes::STALE));
    }
    match session.state {
        SessionState::Planned => {}
        SessionState::Held => return Err(Error::new(&codes::SESSION_HELD)),
        SessionState::Cancelled => return Err(Error::new(&codes::SESSION_CANCELLED)),
    }
    session.state = SessionState::Cancelled;
    session.cancel_reason = Some(reason);
    session.version += 1;
    store::update(tx, &session)?;
    Note::of("session.cancelled", Subject::session(id))
        .within(&class.province_code)
        .because(session.cancel_reason.as_ref())
        .with(serde_json::json!({ "held_on": session.held_on }))
        .record(tx, actor)?;
    Ok(session)
}

/// A session and its class as the actor sees them, in one query.
pub(crate) fn with_class(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Session, Class)> {
    store::with_class(tx, actor, id)
}

/// The same for marking: the session is locked until the transaction ends.
pub(crate) fn to_mark(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Session, Class)> {
    store::locked_with_class(tx, actor, id)
}

/// Holds every session of a class until the transaction ends, so that nobody else marks one meanwhile.
pub(crate) fn lock_of_class(tx: &mut Tx<'_>, class: Id) -> Result<()> {
    store::lock_of_class(tx, class)
}

/// Marks a session as held, at its first register.
pub(crate) fn report(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    store::report(tx, session)
}

/// Marks a session as planned again, when its only register is taken back.
pub(crate) fn unreport(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let version = session.version + 1;
    let session = Session { state: SessionState::Planned, reported_at: None, version, ..session.clone() };
    store::update(tx, &session)
}

/// Every session of a class, in order of time.
pub(crate) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Session>> {
    store::of_class(tx, class)
}
