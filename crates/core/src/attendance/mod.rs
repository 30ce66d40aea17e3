//! Attendance: one mark per enrollment and session, with every earlier value kept.
//!
//! A register is saved whole or not at all. Whoever is not in it stays unmarked, never absent.

mod account;
pub mod bundle;
mod members;
pub mod offline;
mod record;
mod remark;
mod rules;
mod several;
mod sheet;
mod store;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub(crate) use account::{Account, accounts, earlier_days, members_on};
pub(crate) use members::{Member, everyone};
pub use record::{Record, record};
pub use remark::Remark;
pub(crate) use remark::open as open_note;
pub use rules::Tally;
pub use several::{Progress, Standing, Unreported};
pub(crate) use several::{progress_of, standings_of};
pub use sheet::{Recent, Sheet, SheetLine, sheet};
pub use store::{Correction, Marked, RecordLine};

use crate::access::{self, Actor, Operation, Role};
use crate::audit::{self, Note, Subject};
use crate::class::{self, Class, ClassState};
use crate::cohort;
use crate::db::Tx;
use crate::enrollment::{self, Enrolled, Enrollment};
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::session::{self, Members, Session, SessionState};
use crate::time::Instant;
use crate::values::{LessonHours, Mark, PersonName, Rate};
use rules::Stay;
use store::Kept;

/// One mark to set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMark {
    /// Whose.
    pub enrollment: Id,
    /// Which.
    pub mark: Mark,
    /// What is said beside it. Where nothing is, what was said stays as long as the mark does.
    pub remark: Option<Remark>,
}

impl NewMark {
    /// A mark with nothing said beside it.
    pub fn plain(enrollment: Id, mark: Mark) -> Self {
        Self { enrollment, mark, remark: None }
    }
}

/// What became of one mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is the first for this person and session.
    New,
    /// It replaced another value, which is kept.
    Corrected,
    /// It was there already.
    Same,
}

/// What became of a register.
#[derive(Debug, Clone)]
pub struct SavedRegister {
    /// The session, now held.
    pub session: Session,
    /// One result per mark, in the order they came.
    pub results: Vec<(NewMark, Stored)>,
}

/// Saves a register: all of it or nothing of it. Saving it again changes nothing.
///
/// # Errors
/// `attendance.not_a_member`, `field.duplicate`, `attendance.not_late`, `field.range`, `session.cancelled`,
/// `session.future`, `class.state`, and for anyone but the province `attendance.decided` at whoever's completion is decided
/// and `attendance.class_completed` once the class is over.
pub fn save(tx: &mut Tx<'_>, actor: &Actor, session: Id, marks: &[NewMark]) -> Result<SavedRegister> {
    actor.may(Operation::AttendanceWrite)?;
    // Two registers of one session stand in line, so that the second one sees what it corrects.
    let (session, class, members) = session::to_mark(tx, actor, session)?;
    may_mark(tx, actor, &session, &class)?;
    if marks.iter().all(|mark| members.contains(mark.enrollment)) {
        return save_in(tx, actor, session, &class, &members, marks);
    }
    // Whoever has gone to where the actor does not see was one of the class that day all the same.
    let members = session::members(tx, session.id)?;
    tx.beyond(|tx| save_in(tx, actor, session, &class, &members, marks))
}

fn save_in(
    tx: &mut Tx<'_>,
    actor: &Actor,
    session: Session,
    class: &Class,
    members: &Members,
    marks: &[NewMark],
) -> Result<SavedRegister> {
    rules::check_marks(marks, members, &session)?;
    let first = session.state == SessionState::Planned && !marks.is_empty();
    // A session without a register has no marks.
    let there = if first { HashMap::new() } else { store::marks_of(tx, session.id)? };
    let mut draft = Draft::default();
    let mut results = Vec::with_capacity(marks.len());
    for mark in marks {
        let stored = draft.add(tx, actor, mark, there.get(&mark.enrollment))?;
        results.push((mark.clone(), stored));
    }
    if draft.marks.is_empty() {
        return Ok(SavedRegister { session, results });
    }
    rules::check_decided(actor, marks, &draft.marks, members)?;
    if !draft.corrections.is_empty() {
        may_correct(tx, actor, &session, class)?;
    }
    let told = serde_json::json!({ "marks": draft.marks.len(), "corrected": draft.corrections.len() });
    let note = Note::of("attendance.saved", Subject::session(session.id)).within(&class.province_code).with(told);
    if first {
        let session = draft.write_first(tx, actor, session, note)?;
        return Ok(SavedRegister { session, results });
    }
    let (corrections, now) = (draft.corrections.clone(), draft.marks.clone());
    let session = draft.write(tx, actor, session)?;
    if !corrections.is_empty() {
        offline::corrected(tx, actor, &session, &corrections, &now)?;
    }
    note.record(tx, actor)?;
    Ok(SavedRegister { session, results })
}

/// What is to be written into one register, and what it replaces.
#[derive(Default)]
struct Draft {
    marks: Vec<NewMark>,
    corrections: Vec<Correction>,
    /// Beside whose mark something stands that was said of the former one.
    outdated: Vec<Id>,
}

impl Draft {
    /// Adds a mark unless it says what is there already.
    fn add(&mut self, tx: &Tx<'_>, actor: &Actor, mark: &NewMark, there: Option<&(Marked, Kept)>) -> Result<Stored> {
        let Some((before, kept)) = there else {
            self.marks.push(mark.clone());
            return Ok(Stored::New);
        };
        let said = Remark::opened(tx, kept.minutes_late, kept.note_sealed.as_deref())?;
        if rules::agrees(mark, before.mark, &said) {
            return Ok(Stored::Same);
        }
        self.replace(tx, actor, mark, there);
        Ok(Stored::Corrected)
    }

    /// Adds a mark whatever is there.
    fn replace(&mut self, tx: &Tx<'_>, actor: &Actor, mark: &NewMark, there: Option<&(Marked, Kept)>) {
        if let Some((before, kept)) = there {
            if kept.minutes_late.is_some() || kept.note_sealed.is_some() {
                self.outdated.push(mark.enrollment);
            }
            self.corrections.push(replaced(tx, actor, before, kept));
        }
        self.marks.push(mark.clone());
    }

    /// Writes the register at its next moment; the session as it is then.
    fn write(self, tx: &mut Tx<'_>, actor: &Actor, session: Session) -> Result<Session> {
        let moment = session.next_moment(tx.now());
        store::save(tx, session.id, &self.marks, moment, actor.account_or_operator())?;
        if !self.outdated.is_empty() {
            store::remove_notes(tx, session.id, &self.outdated)?;
        }
        self.write_notes(tx, session.id)?;
        store::insert_corrections(tx, &self.corrections)?;
        session::report(tx, session, moment)
    }

    /// Writes the first register of a planned session, which replaces nothing, with what the audit says of it.
    fn write_first(self, tx: &mut Tx<'_>, actor: &Actor, session: Session, note: Note) -> Result<Session> {
        let moment = session.next_moment(tx.now());
        let (report, session) = session::reported(tx, session, moment);
        let event = note.addition(tx, actor);
        store::save_first(tx, &self.marks, actor.account_or_operator(), report, event)?;
        self.write_notes(tx, session.id)?;
        Ok(session)
    }

    fn write_notes(&self, tx: &mut Tx<'_>, session: Id) -> Result<()> {
        let mut notes = Vec::new();
        for mark in &self.marks {
            if let Some(remark) = mark.remark.as_ref().filter(|remark| !remark.is_empty()) {
                notes.push(remark.sealed(tx)?.of(session, mark.enrollment));
            }
        }
        store::insert_notes(tx, &notes)
    }
}

/// A mark on its way out, as it is kept.
fn replaced(tx: &Tx<'_>, actor: &Actor, before: &Marked, kept: &Kept) -> Correction {
    Correction {
        id: tx.new_id(),
        session_id: before.session_id,
        enrollment_id: before.enrollment_id,
        mark: before.mark,
        marked_at: before.marked_at,
        marked_by: before.marked_by,
        replaced_at: tx.now(),
        replaced_by: actor.account_or_operator(),
        device: actor.origin().device.chars().take(200).collect(),
        minutes_late: kept.minutes_late,
        note_sealed: kept.note_sealed.clone(),
    }
}

/// What a mark was before it was set; none for somebody who was unmarked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Former {
    pub(crate) enrollment: Id,
    pub(crate) mark: Option<Mark>,
}

/// Takes marks back that came from a list: a former mark comes back as a further correction, with what was said beside it,
/// and whoever was unmarked is so again. A session that was held for nothing else is planned again.
pub(crate) fn take_back(
    tx: &mut Tx<'_>,
    actor: &Actor,
    session: Id,
    former: &[Former],
    only_register: bool,
) -> Result<()> {
    actor.may(Operation::AttendanceWrite)?;
    let (session, class, members) = session::to_mark(tx, actor, session)?;
    may_mark(tx, actor, &session, &class)?;
    if !former.is_empty() {
        may_correct(tx, actor, &session, &class)?;
    }
    if former.iter().all(|one| members.contains(one.enrollment)) {
        return take_back_in(tx, actor, session, &class, &members, (former, only_register));
    }
    // As of whoever has gone where the actor does not see.
    let members = session::members(tx, session.id)?;
    tx.beyond(|tx| take_back_in(tx, actor, session, &class, &members, (former, only_register)))
}

fn take_back_in(
    tx: &mut Tx<'_>,
    actor: &Actor,
    session: Session,
    class: &Class,
    members: &Members,
    (former, only_register): (&[Former], bool),
) -> Result<()> {
    if former.iter().any(|one| members.is_decided(one.enrollment)) && !actor.is_province() {
        return Err(Error::new(&codes::ATTENDANCE_DECIDED));
    }
    let there = store::marks_of(tx, session.id)?;
    let earlier = store::last_corrections(tx, session.id)?;
    let mut draft = Draft::default();
    for one in former {
        let Some(mark) = one.mark else { continue };
        let before = earlier.get(&one.enrollment).filter(|before| before.mark == mark);
        let remark = before.map(|one| Remark::opened(tx, one.minutes_late, one.note_sealed.as_deref())).transpose()?;
        let again = NewMark { enrollment: one.enrollment, mark, remark };
        draft.add(tx, actor, &again, there.get(&one.enrollment))?;
    }
    let (corrections, now) = (draft.corrections.clone(), draft.marks.clone());
    let unmarked: Vec<Id> = former.iter().filter(|one| one.mark.is_none()).map(|one| one.enrollment).collect();
    let subject = Subject::session(session.id);
    let session = draft.write(tx, actor, session)?;
    if !corrections.is_empty() {
        offline::corrected(tx, actor, &session, &corrections, &now)?;
    }
    if !unmarked.is_empty() {
        offline::taken_away(tx, actor, &session, &unmarked)?;
        store::remove(tx, session.id, &unmarked)?;
    }
    // What came from a device belongs to a session that was held.
    if only_register && there.len() == unmarked.len() && !offline::any(tx, session.id)? {
        session::unreport(tx, &session)?;
    }
    audit::record(
        tx,
        actor,
        "attendance.taken_back",
        subject,
        Some(&class.province_code),
        &serde_json::json!({ "marks": now.len(), "unmarked": unmarked.len() }),
    )
}

/// Every mark of a class, by session and enrollment; the class has been checked already.
pub(crate) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<(Id, Id), Marked>> {
    store::of_class(tx, class)
}

/// When a device last said something that still counts of whom in which session of a class, in microseconds since 1970 in
/// UTC; the class has been checked already.
pub(crate) fn said_offline(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<(Id, Id), i64>> {
    offline::said(tx, class)
}

/// Whether an enrollment was one of the class on that day.
pub(crate) fn was_member(row: &Enrollment, day: NaiveDate) -> bool {
    rules::was_member(rules::stay(row), day)
}

/// Whether the actor may mark the session at this moment.
pub(crate) fn may_mark(tx: &Tx<'_>, actor: &Actor, session: &Session, class: &Class) -> Result<()> {
    if session.state == SessionState::Cancelled {
        return Err(Error::new(&codes::SESSION_CANCELLED));
    }
    if session.held_on > tx.today(&class.province_code) {
        return Err(Error::new(&codes::SESSION_FUTURE).fact("held_on", session.held_on));
    }
    may_mark_class(actor, class)
}

/// Whether the actor may mark the class at all, as it stands.
pub(crate) fn may_mark_class(actor: &Actor, class: &Class) -> Result<()> {
    match class.state {
        ClassState::Running => Ok(()),
        ClassState::Completed if actor.is_province() => Ok(()),
        ClassState::Completed => Err(Error::new(&codes::ATTENDANCE_CLASS_COMPLETED)),
        ClassState::Planned | ClassState::Cancelled => Err(Error::new(&codes::CLASS_STATE).fact("state", class.state)),
    }
}

/// Whether the actor may still change what the register of a session says. For how long its instructor may is the
/// program's to say; after that it is for whoever runs the class, or the province.
///
/// # Errors
/// `attendance.correction_late`.
fn may_correct(tx: &mut Tx<'_>, actor: &Actor, session: &Session, class: &Class) -> Result<()> {
    if actor.role() != Some(Role::Instructor) {
        return Ok(());
    }
    let cohort = cohort::one(tx, class.cohort_id)?;
    let (_, curriculum) = cohort::curriculum(tx, &cohort)?;
    rules::check_correction(session.held_on, tx.today(&class.province_code), curriculum.correction_days)
}

/// A person on a register and the mark, if there is one.
#[derive(Debug, Clone)]
pub struct RegisterLine {
    /// Who.
    pub enrolled: Enrolled,
    /// The mark; none while the person is unmarked.
    pub mark: Option<Marked>,
    /// What is said beside it, as far as the actor may read it.
    pub remark: Remark,
}

/// The register of a session: everyone who was a member that day, by name, and how many of them the actor does not see.
pub fn register(tx: &mut Tx<'_>, actor: &Actor, session: Id) -> Result<(Session, Vec<RegisterLine>, usize)> {
    actor.may(Operation::AttendanceRead)?;
    let (session, class) = session::with_class(tx, actor, session)?;
    let mut marks = store::marks_of(tx, session.id)?;
    let lines = everyone(tx, actor, &class)?
        .into_iter()
        .filter(|member| member.was_there(session.held_on))
        .map(|member| register_line(tx, actor, marks.remove(&member.enrolled.enrollment.id), member.enrolled))
        .collect::<Result<Vec<_>>>()?;
    let whole = members_on(tx, class.id, &[session.held_on], false)?;
    let unseen = whole.saturating_sub(lines.len());
    Ok((session, lines, unseen))
}

fn register_line(
    tx: &Tx<'_>,
    actor: &Actor,
    marked: Option<(Marked, Kept)>,
    enrolled: Enrolled,
) -> Result<RegisterLine> {
    let Some((mark, kept)) = marked else {
        return Ok(RegisterLine { enrolled, mark: None, remark: Remark::default() });
    };
    let remark = Remark::shown(tx, actor, kept.minutes_late, kept.note_sealed.as_deref())?;
    Ok(RegisterLine { enrolled, mark: Some(mark), remark })
}

/// A value that was replaced, with what was said beside it and who had to do with it.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The value.
    pub correction: Correction,
    /// What was said beside it, as far as the actor may read it.
    pub remark: Remark,
    /// What the holder of the account is called that set it; none for the operator at the machine.
    pub marked_by_name: Option<PersonName>,
    /// The same of the one that replaced it.
    pub replaced_by_name: Option<PersonName>,
    /// On which device it was made, where that was done without a network.
    pub made_on: Option<String>,
    /// What that device's clock said.
    pub made_at: Option<Instant>,
}

/// Every value a person's mark in a session has had before, oldest first.
pub fn corrections(tx: &mut Tx<'_>, actor: &Actor, session: Id, enrollment: Id) -> Result<Vec<Earlier>> {
    actor.may(Operation::AttendanceRead)?;
    session::with_class(tx, actor, session)?;
    enrollment::visible_row(tx, actor, enrollment)?;
    let earlier = store::corrections(tx, session, enrollment)?;
    let accounts: Vec<Id> = earlier.iter().flat_map(|one| [one.marked_by, one.replaced_by]).collect();
    let names = access::names(tx, &accounts)?;
    let values: Vec<(Mark, i64)> = earlier.iter().map(|one| (one.mark, one.marked_at)).collect();
    let origins = offline::origins(tx, session, enrollment, &values)?;
    let shown = |(correction, origin): (Correction, Option<offline::Origin>)| {
        let (made_on, made_at) = origin.map(|origin| (origin.device, origin.made_at)).unzip();
        Ok(Earlier {
            remark: Remark::shown(tx, actor, correction.minutes_late, correction.note_sealed.as_deref())?,
            marked_by_name: names.get(&correction.marked_by).cloned(),
            replaced_by_name: names.get(&correction.replaced_by).cloned(),
            made_on,
            made_at,
            correction,
        })
    };
    earlier.into_iter().zip(origins).map(shown).collect()
}

/// Who of these people has a mark, of whichever class, that is disputed and waits for somebody.
pub(crate) fn disputed(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<HashSet<Id>> {
    offline::disputed(tx, enrollments)
}

/// Forgets what was said beside the marks of a person.
pub(crate) fn forget_notes(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    store::forget_notes(tx, participant)?;
    offline::forget_notes(tx, participant)
}

/// A member of a class with the rate of attendance.
#[derive(Debug, Clone)]
pub struct RosterLine {
    /// Who.
    pub enrolled: Enrolled,
    /// Marks by kind and lesson hours.
    pub tally: Tally,
    /// Lesson hours credited of lesson hours held.
    pub rate: Rate,
    /// Sessions that were held for this person and have no mark.
    pub unmarked: i64,
}

/// A class with its members and what has been delivered.
#[derive(Debug, Clone)]
pub struct Roster {
    /// The class.
    pub class: Class,
    /// Lesson hours of the program.
    pub planned: LessonHours,
    /// How far it has come.
    pub progress: Progress,
    /// Its members by name, past ones included.
    pub lines: Vec<RosterLine>,
}

/// The roster of a class with everyone's rate. A school sees its own students only.
pub fn roster(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Roster> {
    actor.may(Operation::AttendanceRead)?;
    let class = class::visible(tx, actor, class)?;
    let mut roster = roster_of(tx, class)?;
    let host = roster.class.partner_id;
    roster.lines.retain(|line| enrollment::follows(actor, &line.enrolled.enrollment, host));
    Ok(roster)
}

/// The roster of a class that has been checked already.
pub(crate) fn roster_of(tx: &mut Tx<'_>, class: Class) -> Result<Roster> {
    let cohort = cohort::one(tx, class.cohort_id)?;
    let (_, curriculum) = cohort::curriculum(tx, &cohort)?;
    let sessions = session::of_class(tx, class.id)?;
    let held: Vec<&Session> = sessions.iter().filter(|session| session.state == SessionState::Held).collect();
    let members = enrollment::members(tx, class.id)?;
    let stays: Vec<Stay> = members.iter().map(|one| rules::stay(&one.enrollment)).collect();
    let rates = rates(tx, &class, &held, &curriculum.completion.credited_marks, &stays)?;
    let lines = members
        .into_iter()
        .map(|enrolled| {
            let Standing { tally, rate, unmarked } = rates.of(&enrolled.enrollment);
            RosterLine { enrolled, tally, rate, unmarked }
        })
        .collect();
    let progress = Progress::of(tx, &class.province_code, &sessions);
    Ok(Roster { planned: curriculum.lesson_hours(), progress, class, lines })
}

/// What the rates of a class are made of.
struct Rates<'s> {
    class_starts_on: NaiveDate,
    held: &'s [&'s Session],
    credited: &'s [Mark],
    tallies: HashMap<Id, Tally>,
    /// Sessions that counted before a transfer, and their lesson hours.
    before: HashMap<Id, (i64, i64)>,
    /// Who has a mark on the day of coming or going: session and person.
    marked: HashSet<(Id, Id)>,
}

/// The rates of these people of a class.
fn rates<'s>(
    tx: &mut Tx<'_>,
    class: &Class,
    held: &'s [&'s Session],
    credited: &'s [Mark],
    stays: &[Stay],
) -> Result<Rates<'s>> {
    let mut marks = store::tallies(tx, class.id)?;
    // What was attended before a transfer counts on.
    let mut before: HashMap<Id, (i64, i64)> = HashMap::new();
    for session in store::earlier(tx, class.id)? {
        let hours = i64::from(session.lesson_hours);
        let sum = before.entry(session.enrollment).or_default();
        *sum = (sum.0 + 1, sum.1 + hours);
        if let Some(mark) = session.mark {
            marks.entry(session.enrollment).or_default().push((mark, 1, hours));
        }
    }
    let in_part = |day| {
        let part =
            |stay: &Stay| rules::was_member(*stay, day) && !rules::was_member_all_day(*stay, day, class.starts_on);
        stays.iter().any(part)
    };
    let in_part: Vec<Id> = held.iter().filter(|one| in_part(one.held_on)).map(|one| one.id).collect();
    let marked = if in_part.is_empty() { HashSet::new() } else { store::marked_in(tx, &in_part)? };
    let tallies = marks.into_iter().map(|(person, groups)| (person, rules::tally(&groups))).collect();
    Ok(Rates { class_starts_on: class.starts_on, held, credited, tallies, before, marked })
}

/// What those of these people attended in a class who are in another now.
fn elsewhere(tx: &mut Tx<'_>, class: &Class, people: &[Member]) -> Result<HashMap<Id, Tally>> {
    if people.iter().all(|member| member.is_here) {
        return Ok(HashMap::new());
    }
    let marks = store::tallies_before(tx, class.id)?;
    Ok(marks.into_iter().map(|(person, groups)| (person, rules::tally(&groups))).collect())
}

impl Rates<'_> {
    fn of(&self, row: &Enrollment) -> Standing {
        let tally = self.tallies.get(&row.id).copied().unwrap_or_default();
        let before = self.before.get(&row.id).copied().unwrap_or_default();
        let here = self.counted(row.id, &[rules::stay(row)]);
        self.standing(tally, (before.0 + here.0, before.1 + here.1))
    }

    /// The same of somebody who may be elsewhere now: then it is what was held and attended in this class.
    fn of_member(&self, member: &Member, elsewhere: &HashMap<Id, Tally>) -> Standing {
        let row = &member.enrolled.enrollment;
        if member.is_here {
            return self.of(row);
        }
        let tally = elsewhere.get(&row.id).copied().unwrap_or_default();
        self.standing(tally, self.counted(row.id, &member.stays))
    }

    fn standing(&self, tally: Tally, (sessions, hours): (i64, i64)) -> Standing {
        let rate = Rate::of_lesson_hours(tally.credited(self.credited), hours);
        Standing { tally, rate, unmarked: (sessions - tally.marked()).max(0) }
    }

    /// Sessions of this class that count for the person, and their lesson hours.
    fn counted(&self, person: Id, stays: &[Stay]) -> (i64, i64) {
        let is_marked = |session: &Session| self.marked.contains(&(session.id, person));
        let counts = |one: &Session| rules::counts(stays, one.held_on, is_marked(one), self.class_starts_on);
        let counted = self.held.iter().filter(|session| counts(session));
        counted.fold((0, 0), |(count, hours), one| (count + 1, hours + i64::from(one.lesson_hours)))
    }
}

impl RosterLine {
    /// The rate in per cent, if anything was held.
    pub fn percent(&self) -> Option<Decimal> {
        self.rate.percent()
    }
}
