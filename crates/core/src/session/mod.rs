//! Sessions: the planned and held meetings of a class.
//!
//! A class, an instructor and a room are in one place at a time, which the database itself holds.

mod rules;
mod store;
mod waiting;

use chrono::{Duration, NaiveDate};

pub use rules::{Hours, SessionState, Week};
pub(crate) use store::{Members, Report};
pub use store::{Moved, Session};
pub use waiting::{Unreported, UnreportedFilter, Waiting, WaitingAt, unreported, waiting_totals};

use crate::access::{self, Actor, Operation};
use crate::audit::{Changes, Note, Subject};
use crate::calendar::{self, DayOff};
use crate::class::{self, Class, ClassChange, Slot};
use crate::cohort;
use crate::db::Tx;
use crate::enrollment::offer;
use crate::error::{Error, FieldProblem, Result, codes, confirmed};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::program::Curriculum;
use crate::time::Instant;
use crate::values::{Label, LessonHours, ProvinceCode};

/// A stretch of a day, in minutes after midnight, local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The day, in the province.
    pub held_on: NaiveDate,
    /// The first minute.
    pub starts_at: i32,
    /// The minute after the last.
    pub ends_at: i32,
}

impl Place {
    fn start(self) -> (NaiveDate, i32) {
        (self.held_on, self.starts_at)
    }

    fn overlaps(self, other: Self) -> bool {
        self.held_on == other.held_on && self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

impl From<(NaiveDate, i32, i32)> for Place {
    fn from((held_on, starts_at, ends_at): (NaiveDate, i32, i32)) -> Self {
        Self { held_on, starts_at, ends_at }
    }
}

impl Session {
    /// When it is.
    pub fn place(&self) -> Place {
        Place { held_on: self.held_on, starts_at: self.starts_at, ends_at: self.ends_at }
    }

    /// Whether it takes place or did.
    pub fn is_live(&self) -> bool {
        self.state != SessionState::Cancelled
    }
}

/// A meeting of the pattern that is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The day.
    pub held_on: NaiveDate,
    /// When it would have begun, in minutes after midnight.
    pub starts_at: i32,
    /// What it fell on.
    pub off: DayOff,
}

/// What making a timetable came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    /// Every session that is planned now, in order of time.
    pub sessions: Vec<Session>,
    /// How many of them are new.
    pub made: usize,
    /// How many were planned before and are no longer.
    pub removed: usize,
    /// How many were planned before and still are.
    pub kept: usize,
    /// What of the pattern fell on a day off, before the hours were covered.
    pub skipped: Vec<Skipped>,
    /// Lesson hours of the class.
    pub hours: Hours,
}

/// How a class stands against its program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Lesson hours of the class.
    pub hours: Hours,
    /// Planned sessions on days that have become days off since.
    pub on_days_off: Vec<(Session, DayOff)>,
}

/// Another place for a session; what is `None` stays.
#[derive(Debug, Clone)]
pub struct Move {
    /// Another day.
    pub held_on: Option<NaiveDate>,
    /// Another time, in minutes after midnight.
    pub starts_at: Option<i32>,
    /// Somebody else's account.
    pub instructor: Option<Id>,
    /// Another room.
    pub room: Option<Label>,
    /// Why.
    pub reason: Label,
    /// Warnings that a person has confirmed.
    pub confirm: Vec<String>,
}

/// A session that is made by hand.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The day.
    pub held_on: NaiveDate,
    /// Minutes after midnight.
    pub starts_at: i32,
    /// Lesson hours (JP).
    pub lesson_hours: LessonHours,
    /// The module; what follows on the sessions before it when nothing is said.
    pub module: Option<String>,
    /// Who teaches; the instructor of the class when nothing is said.
    pub instructor: Option<Id>,
    /// Where; the room of the class when nothing is said.
    pub room: Option<Label>,
    /// The cancelled session in whose place it is, if there is one.
    pub replaces: Option<Id>,
    /// Warnings that a person has confirmed.
    pub confirm: Vec<String>,
}

/// Makes the timetable of a class from its weekly pattern until the program's lesson hours are covered, around national
/// holidays, joint leave and the calendars of the partner and the province. What was held, cancelled, moved, made by hand
/// or has been stays; of what is planned, a session at the same time stays the same one.
///
/// # Errors
/// `session.no_slots`, `class.state`, `session.past_midnight`, `session.class_busy`, `session.instructor_busy`,
/// `session.room_busy`.
pub fn generate(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Timetable> {
    actor.may(Operation::ClassWrite)?;
    let class = live_class(tx, actor, class)?;
    let slots = class::slots(tx, class.id)?;
    if slots.is_empty() {
        return Err(Error::new(&codes::SESSION_NO_SLOTS));
    }
    let curriculum = curriculum(tx, &class)?;
    let moment = time_in(tx, &class.province_code);
    // A register that comes in at this moment makes its session a held one first.
    store::lock_of_class(tx, class.id)?;
    let (mut sessions, open): (Vec<Session>, Vec<Session>) =
        store::of_class(tx, class.id)?.into_iter().partition(|session| rules::stays(session, moment));
    let around = rules::Around {
        staying: &sessions,
        left: &store::left(tx, class.id)?,
        calendar: &calendar::of_partner(tx, &class.province_code, class.partner_id, class.starts_on, class.ends_on)?,
        moment,
    };
    let plan = rules::timetable(&class, &slots, &curriculum, &around)?;
    let room_id = room_of(tx, &class, class.room.as_ref())?;
    let (mut same, mut written) = (Vec::new(), Vec::new());
    for meeting in plan.meetings {
        let there = open.iter().find(|one| (one.held_on, one.starts_at) == meeting.place.start());
        let planned = planned(tx, &class, meeting, room_id, there);
        if there == Some(&planned) { same.push(planned) } else { written.push(planned) }
    }
    let is_same = |one: &&Session| same.iter().any(|other| other.id == one.id);
    let gone: Vec<Id> = open.iter().filter(|one| !is_same(one)).map(|one| one.id).collect();
    let kept = open.iter().filter(|one| is_same(one) || written.iter().any(|other| other.id == one.id)).count();
    store::delete(tx, &gone)?;
    write(tx, &class, &written)?;
    let (made, removed) = (same.len() + written.len() - kept, open.len() - kept);
    sessions.extend(same);
    sessions.extend(written);
    sessions.sort_by_key(|session| (session.place(), session.id));
    let hours = Hours::of(&curriculum, &sessions);
    Note::of("class.timetable_made", Subject::class(class.id))
        .within(&class.province_code)
        .with(serde_json::json!({
            "sessions": made + kept, "made": made, "removed": removed, "kept": kept, "uncovered": hours.uncovered(),
        }))
        .record(tx, actor)?;
    sessions.retain(|session| session.state == SessionState::Planned);
    Ok(Timetable { sessions, made, removed, kept, skipped: plan.skipped, hours })
}

/// Changes a class, and what is planned of it goes to its new instructor and room. With another weekly pattern the
/// timetable is made again, which is asked for by itself.
///
/// # Errors
/// What [`offer::change_class`] refuses, and `session.instructor_busy` or `session.room_busy`.
pub fn change_class(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    change: ClassChange,
) -> Result<(Class, Vec<Slot>)> {
    let before = class::get(tx, actor, id)?.0;
    let same_times = change.slots.is_none();
    let (after, slots) = offer::change_class(tx, actor, id, version, change)?;
    if same_times && (before.instructor_id, &before.room) != (after.instructor_id, &after.room) {
        follow(tx, &after)?;
    }
    Ok((after, slots))
}

/// Hands what is planned of a class to the instructor and the room that it has now; what a person has put where it is stays.
fn follow(tx: &mut Tx<'_>, class: &Class) -> Result<()> {
    let moment = time_in(tx, &class.province_code);
    // A register that comes in at this moment makes its session a held one first.
    store::lock_of_class(tx, class.id)?;
    let room_id = room_of(tx, class, class.room.as_ref())?;
    let mut sessions = store::of_class(tx, class.id)?;
    sessions.retain(|session| !rules::stays(session, moment));
    for session in &mut sessions {
        (session.instructor_id, session.room_id) = (class.instructor_id, room_id);
    }
    check_free(tx, class, &sessions)?;
    let ids: Vec<Id> = sessions.iter().map(|session| session.id).collect();
    store::hand_over(tx, &ids, class, room_id)
}

/// A meeting of the plan as a session: the one that is there at that time, or a new one.
fn planned(
    tx: &Tx<'_>,
    class: &Class,
    meeting: rules::Meeting,
    room_id: Option<Id>,
    there: Option<&Session>,
) -> Session {
    let Place { held_on, starts_at, ends_at } = meeting.place;
    let fresh = Session {
        id: there.map_or_else(|| tx.new_id(), |session| session.id),
        class_id: class.id,
        instructor_id: class.instructor_id,
        held_on,
        starts_at,
        lesson_hours: meeting.lesson_hours,
        module_code: meeting.module_code,
        state: SessionState::Planned,
        cancel_reason: None,
        reported_at: None,
        version: there.map_or(1, |session| session.version),
        ends_at,
        room: class.room.clone(),
        room_id,
        by_hand: false,
        replaces: None,
        changed_at: there.map_or_else(|| tx.now(), |session| session.changed_at),
        register_at: there.and_then(|session| session.register_at),
    };
    match there {
        Some(there) if *there != fresh => Session { version: there.version + 1, changed_at: tx.now(), ..fresh },
        _ => fresh,
    }
}

/// Writes new sessions of a class, all with one instructor and one room, unless something is in their way.
fn write(tx: &mut Tx<'_>, class: &Class, sessions: &[Session]) -> Result<()> {
    check_free(tx, class, sessions)?;
    store::insert_many(tx, sessions)
}

fn check_free(tx: &mut Tx<'_>, class: &Class, sessions: &[Session]) -> Result<()> {
    let days = sessions.iter().map(|session| session.held_on);
    let (Some(first), Some(from), Some(to)) = (sessions.first(), days.clone().min(), days.max()) else { return Ok(()) };
    store::stand_in_line(tx, first.instructor_id, first.room_id)?;
    let there = store::busy(tx, class.id, first.instructor_id, first.room_id, (from, to))?;
    rules::check_free(class, sessions, &there)
}

/// A class whose plan can change, held until the transaction ends.
fn live_class(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Class> {
    let class = class::writable(tx, actor, class)?;
    if class.state.is_live() { Ok(class) } else { Err(Error::new(&codes::CLASS_STATE).fact("state", class.state)) }
}

fn curriculum(tx: &mut Tx<'_>, class: &Class) -> Result<Curriculum> {
    let cohort = cohort::one(tx, class.cohort_id)?;
    Ok(cohort::curriculum(tx, &cohort)?.1)
}

fn room_of(tx: &mut Tx<'_>, class: &Class, room: Option<&Label>) -> Result<Option<Id>> {
    room.map(|room| store::room(tx, class.partner_id, room)).transpose()
}

/// How a class stands against the hours of its program at this moment.
pub fn standing(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Standing> {
    actor.may(Operation::ClassRead)?;
    let class = class::visible(tx, actor, class)?;
    let sessions = store::of_class(tx, class.id)?;
    let hours = Hours::of(&curriculum(tx, &class)?, &sessions);
    let calendar = calendar::of_partner(tx, &class.province_code, class.partner_id, class.starts_on, class.ends_on)?;
    let today = tx.today(&class.province_code);
    let coming = sessions.into_iter().filter(|one| one.state == SessionState::Planned && one.held_on >= today);
    let on_days_off = coming.filter_map(|one| calendar.off(one.held_on).map(|off| (one, off))).collect();
    Ok(Standing { hours, on_days_off })
}

/// Sessions of a class, in order of time.
///
/// # Errors
/// `query.cursor` where the session that a page ended with is no longer there.
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

/// One session of a class in the actor's scope, or that the actor teaches in place of the class's instructor.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Session, Class)> {
    actor.may(Operation::ClassRead)?;
    store::with_class(tx, actor, id)
}

/// Days in a year of weeks.
const YEAR: Duration = Duration::days(371);

/// How much an instructor teaches in each week between two days, at whatever partner. The weeks of both days are whole.
///
/// # Errors
/// `field.date_order`, `field.range` for more than a year.
pub fn load(tx: &mut Tx<'_>, actor: &Actor, instructor: Id, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<Week>> {
    actor.may(Operation::TeachingLoad)?;
    access::get(tx, actor, instructor)?;
    if to < from {
        return Err(Error::field("/to", &codes::FIELD_DATE_ORDER));
    }
    if to - from > YEAR {
        let long = FieldProblem::new("/to", &codes::FIELD_RANGE).fact("min", from).fact("max", from + YEAR);
        return Err(Error::fields(vec![long]));
    }
    let mut weeks = rules::weeks(from, to);
    if let (Some(first), Some(last)) = (weeks.first(), weeks.last()) {
        let taught = store::taught(tx, instructor, first.starts_on, last.starts_on + Duration::days(6))?;
        rules::fill(&mut weeks, &taught);
    }
    Ok(weeks)
}

/// A planned session of a class that goes on, as it was read at `version`; both are held until the transaction ends.
fn current(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<(Session, Class)> {
    actor.may(Operation::ClassWrite)?;
    let (_, class) = get(tx, actor, id)?;
    let class = live_class(tx, actor, class.id)?;
    let session = store::locked(tx, id)?;
    if session.version == version { Ok((session, class)) } else { Err(Error::new(&codes::STALE)) }
}

fn check_planned(session: &Session) -> Result<()> {
    match session.state {
        SessionState::Planned => Ok(()),
        SessionState::Held => Err(Error::new(&codes::SESSION_HELD)),
        SessionState::Cancelled => Err(Error::new(&codes::SESSION_CANCELLED)),
    }
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
    check_planned(&session)?;
    session.state = SessionState::Cancelled;
    session.cancel_reason = Some(reason);
    let session = save(tx, session)?;
    Note::of("session.cancelled", Subject::session(id))
        .within(&class.province_code)
        .because(session.cancel_reason.as_ref())
        .with(serde_json::json!({ "held_on": session.held_on }))
        .record(tx, actor)?;
    Ok(session)
}

/// Takes back that a session was cancelled: it is planned again where it was.
///
/// # Errors
/// `resource.stale`, `class.state`, `session.not_cancelled`, `session.replaced`, `session.not_replaceable` for a
/// replacement of what takes place itself, `session.class_busy`, `session.instructor_busy`, `session.room_busy`.
pub fn restore(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<Session> {
    let (session, class) = current(tx, actor, id, version)?;
    if session.state != SessionState::Cancelled {
        return Err(Error::new(&codes::SESSION_NOT_CANCELLED));
    }
    if store::is_replaced(tx, id)? {
        return Err(Error::new(&codes::SESSION_REPLACED));
    }
    if let Some(replaced) = session.replaces
        && store::one(tx, replaced)?.is_live()
    {
        return Err(Error::new(&codes::SESSION_NOT_REPLACEABLE));
    }
    let session = Session { state: SessionState::Planned, cancel_reason: None, ..session };
    check_free(tx, &class, std::slice::from_ref(&session))?;
    let session = save(tx, session)?;
    Note::of("session.restored", Subject::session(id))
        .within(&class.province_code)
        .with(serde_json::json!({ "held_on": session.held_on }))
        .record(tx, actor)?;
    Ok(session)
}

/// Moves a planned session to another day, time, instructor or room. Where it was is kept.
///
/// # Errors
/// `resource.stale`, `class.state`, `class.instructor`, `session.held`, `session.cancelled`, `session.not_moved`,
/// `session.outside_class`, `session.past_midnight`, `session.class_busy`, `session.instructor_busy`,
/// `session.room_busy`, and `input.confirmation_required` with `session.day_off`.
pub fn relocate(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, to: Move) -> Result<Session> {
    let (before, class) = current(tx, actor, id, version)?;
    check_planned(&before)?;
    let starts_at = to.starts_at.unwrap_or(before.starts_at);
    let room = to.room.or_else(|| before.room.clone());
    let session = Session {
        held_on: to.held_on.unwrap_or(before.held_on),
        starts_at,
        ends_at: rules::end(starts_at, before.lesson_hours, &curriculum(tx, &class)?)?,
        instructor_id: to.instructor.or(before.instructor_id),
        room_id: room_of(tx, &class, room.as_ref())?,
        room,
        ..before.clone()
    };
    if session == before {
        return Err(Error::new(&codes::SESSION_NOT_MOVED));
    }
    check_place(tx, &class, &session, before.place(), &to.confirm)?;
    check_instructor(tx, &class, to.instructor)?;
    check_free(tx, &class, std::slice::from_ref(&session))?;
    let session = save(tx, Session { by_hand: true, ..session })?;
    let moved = Moved {
        id: tx.new_id(),
        session_id: id,
        held_on: before.held_on,
        starts_at: before.starts_at,
        ends_at: before.ends_at,
        instructor_id: before.instructor_id,
        room: before.room.clone(),
        reason: to.reason,
        moved_at: tx.now(),
        moved_by: actor.account_or_operator(),
    };
    store::insert_move(tx, &moved)?;
    let changes = Changes::default()
        .shown("held_on", &before.held_on, &session.held_on)
        .shown("starts_at", &rules::clock(before.starts_at), &rules::clock(session.starts_at))
        .shown("instructor", &before.instructor_id, &session.instructor_id)
        .shown("room", &before.room, &session.room);
    Note::of("session.moved", Subject::session(id))
        .within(&class.province_code)
        .because(&moved.reason)
        .changing(changes)
        .record(tx, actor)?;
    Ok(session)
}

/// Where a session was before it was moved, oldest first.
pub fn moves(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Vec<Moved>> {
    get(tx, actor, id)?;
    store::moves(tx, id)
}

/// Makes one session of a class by hand, in the place of a cancelled one or beside the pattern.
///
/// # Errors
/// `class.state`, `class.instructor`, `session.outside_class`, `session.past_midnight`, `session.not_replaceable`,
/// `session.replaced`, `session.class_busy`, `session.instructor_busy`, `session.room_busy`, `reference.unknown` at the
/// module or the session it replaces, and `input.confirmation_required` with `session.day_off`.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, class: Id, new: NewSession) -> Result<Session> {
    actor.may(Operation::ClassWrite)?;
    let class = live_class(tx, actor, class)?;
    let curriculum = curriculum(tx, &class)?;
    let there = store::of_class(tx, class.id)?;
    let ends_at = rules::end(new.starts_at, new.lesson_hours, &curriculum)?;
    let place = Place { held_on: new.held_on, starts_at: new.starts_at, ends_at };
    let replaced = match new.replaces {
        Some(id) => Some(replaceable(&there, id)?),
        None => None,
    };
    let before: LessonHours =
        there.iter().filter(|one| one.is_live() && one.place() < place).map(|one| one.lesson_hours).sum();
    let module_code = match (new.module, replaced) {
        (Some(module), _) => module,
        (None, Some(replaced)) => replaced.module_code.clone(),
        (None, None) => rules::module_at(&curriculum, before),
    };
    if !curriculum.modules.iter().any(|module| module.code == module_code) {
        return Err(Error::field("/module", &codes::REFERENCE_UNKNOWN));
    }
    let room = new.room.or_else(|| class.room.clone());
    let session = Session {
        id: tx.new_id(),
        class_id: class.id,
        instructor_id: new.instructor.or(class.instructor_id),
        held_on: new.held_on,
        starts_at: new.starts_at,
        lesson_hours: new.lesson_hours,
        module_code,
        state: SessionState::Planned,
        cancel_reason: None,
        reported_at: None,
        version: 1,
        ends_at,
        room_id: room_of(tx, &class, room.as_ref())?,
        room,
        by_hand: true,
        replaces: new.replaces,
        changed_at: tx.now(),
        register_at: None,
    };
    check_place(tx, &class, &session, None, &new.confirm)?;
    check_instructor(tx, &class, new.instructor)?;
    write(tx, &class, std::slice::from_ref(&session))?;
    Note::of("session.created", Subject::session(session.id))
        .within(&class.province_code)
        .with(serde_json::json!({
            "class": class.id, "held_on": session.held_on, "starts_at": rules::clock(session.starts_at),
            "lesson_hours": session.lesson_hours, "replaces": session.replaces,
        }))
        .record(tx, actor)?;
    Ok(session)
}

fn replaceable(there: &[Session], id: Id) -> Result<&Session> {
    let session = there
        .iter()
        .find(|session| session.id == id)
        .ok_or_else(|| Error::field("/replaces", &codes::REFERENCE_UNKNOWN))?;
    if session.is_live() {
        return Err(Error::new(&codes::SESSION_NOT_REPLACEABLE));
    }
    Ok(session)
}

/// A session lies in the period of its class; on a day off only if a person confirms it.
fn check_place(
    tx: &mut Tx<'_>,
    class: &Class,
    session: &Session,
    before: impl Into<Option<Place>>,
    confirm: &[String],
) -> Result<()> {
    let day = session.held_on;
    if before.into().is_some_and(|before| before.held_on == day) {
        return Ok(());
    }
    rules::check_period(class, day)?;
    let off = calendar::of_partner(tx, &class.province_code, class.partner_id, day, day)?.off(day);
    let doubt = off.map(|off| FieldProblem::new("/held_on", &codes::SESSION_DAY_OFF).fact("name", off.name_id()));
    confirmed(doubt.into_iter().collect(), confirm)
}

fn check_instructor(tx: &mut Tx<'_>, class: &Class, instructor: Option<Id>) -> Result<()> {
    instructor.map_or(Ok(()), |instructor| class::check_instructor(tx, instructor, &class.province_code))
}

fn save(tx: &mut Tx<'_>, session: Session) -> Result<Session> {
    let session = Session { version: session.version + 1, changed_at: tx.now(), ..session };
    store::update(tx, &session)?;
    Ok(session)
}

/// A session and its class as the actor sees them, in one query.
pub(crate) fn with_class(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Session, Class)> {
    store::with_class(tx, actor, id)
}

/// The same for marking, with whose marks it takes: the session is locked until the transaction ends.
pub(crate) fn to_mark(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Session, Class, Members)> {
    store::locked_with_class(tx, actor, id)
}

/// Whose marks the register of a session takes, wherever they are now.
pub(crate) fn members(tx: &mut Tx<'_>, id: Id) -> Result<Members> {
    tx.beyond(|tx| store::members_of(tx, id))
}

/// The day and the minute it is in a province.
fn time_in(tx: &Tx<'_>, province: &ProvinceCode) -> (NaiveDate, i32) {
    let today = tx.today(province);
    let since = tx.now().micros() - Instant::start_of(today, province).micros();
    (today, i32::try_from(since / 60_000_000).unwrap_or_default())
}

/// The sessions of classes that have been checked already.
pub(crate) fn of_classes(tx: &mut Tx<'_>, classes: &[Id]) -> Result<Vec<Session>> {
    store::of_classes(tx, classes)
}

/// Whether a session has ended at this moment.
pub(crate) fn is_over(tx: &Tx<'_>, province: &ProvinceCode, session: &Session) -> bool {
    let (today, minute) = time_in(tx, province);
    session.held_on < today || (session.held_on == today && session.ends_at <= minute)
}

/// Holds every session of a class until the transaction ends, so that nobody else marks one meanwhile.
pub(crate) fn lock_of_class(tx: &mut Tx<'_>, class: Id) -> Result<()> {
    store::lock_of_class(tx, class)
}

/// The session once its register has changed at that moment: held from the first register on.
pub(crate) fn report(tx: &mut Tx<'_>, session: Session, moment: i64) -> Result<Session> {
    if session.state == SessionState::Planned {
        let (report, held) = reported(tx, session, moment);
        store::report(tx, report)?;
        return Ok(held);
    }
    let session = Session { register_at: Some(moment), version: session.version + 1, ..session };
    store::touch(tx, &session)?;
    Ok(session)
}

/// What the first register at that moment does to a planned session that is locked, and the session as it is then.
pub(crate) fn reported(tx: &Tx<'_>, session: Session, moment: i64) -> (Report, Session) {
    let report = Report::of(&session, tx.now(), moment);
    let (state, reported_at) = (SessionState::Held, Some(tx.now()));
    let version = session.version + 1;
    (report, Session { state, reported_at, register_at: Some(moment), version, ..session })
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
