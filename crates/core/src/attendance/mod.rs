//! Attendance: one mark per enrollment and session, with every earlier value kept.
//!
//! A register is saved whole or not at all. Whoever is not in it stays unmarked, never absent.

mod rules;
mod store;

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub use rules::Tally;
pub use store::{Correction, Marked};

use crate::access::{Actor, Operation};
use crate::audit::{self, Subject};
use crate::class::{self, Class, ClassState};
use crate::cohort;
use crate::db::Tx;
use crate::enrollment::{self, Enrolled, Enrollment};
use crate::error::{Error, FieldProblem, Result, codes};
use crate::id::Id;
use crate::session::{self, Session, SessionState};
use crate::values::{LessonHours, Mark, Rate};
use rules::Stay;

/// One mark to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewMark {
    /// Whose.
    pub enrollment: Id,
    /// Which.
    pub mark: Mark,
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
/// `attendance.not_a_member`, `field.duplicate`, `session.cancelled`, `session.future`, `class.state`, and
/// `attendance.class_completed` for anyone but the province once the class is over.
pub fn save(tx: &mut Tx<'_>, actor: &Actor, session: Id, marks: &[NewMark]) -> Result<SavedRegister> {
    actor.may(Operation::AttendanceWrite)?;
    // Two registers of one session stand in line, so that the second one sees what it corrects.
    let (session, class) = session::to_mark(tx, actor, session)?;
    may_mark(tx, actor, &session, &class)?;
    check_members(marks, &store::stays(tx, class.id)?, &session)?;
    let first = session.state == SessionState::Planned && !marks.is_empty();
    // A session without a register has no marks.
    let there = if first { HashMap::new() } else { store::marks_of(tx, session.id)? };
    let by = actor.account_or_operator();
    let mut rows = Vec::with_capacity(marks.len());
    let mut corrections = Vec::new();
    let mut results = Vec::with_capacity(marks.len());
    for mark in marks {
        let stored = match there.get(&mark.enrollment) {
            None => Stored::New,
            Some(before) if before.mark == mark.mark => Stored::Same,
            Some(before) => {
                corrections.push(replaced(tx, actor, before));
                Stored::Corrected
            }
        };
        if stored != Stored::Same {
            rows.push(*mark);
        }
        results.push((*mark, stored));
    }
    if !rows.is_empty() {
        store::save(tx, session.id, &rows, by)?;
        store::insert_corrections(tx, &corrections)?;
        audit::record(
            tx,
            actor,
            "attendance.saved",
            Subject::session(session.id),
            Some(&class.province_code),
            &serde_json::json!({ "marks": rows.len(), "corrected": corrections.len() }),
        )?;
    }
    if first {
        session::report(tx, &session)?;
    }
    let session = if first {
        Session { state: SessionState::Held, reported_at: Some(tx.now()), version: session.version + 1, ..session }
    } else {
        session
    };
    Ok(SavedRegister { session, results })
}

/// A mark on its way out, as it is kept.
fn replaced(tx: &Tx<'_>, actor: &Actor, before: &Marked) -> Correction {
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
    }
}

/// What a mark was before it was set; none for somebody who was unmarked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Former {
    pub(crate) enrollment: Id,
    pub(crate) mark: Option<Mark>,
}

/// Takes marks back that came from a list: a former mark comes back as a further correction, and whoever was unmarked is
/// so again. A session that was held for nothing else is planned again.
pub(crate) fn take_back(
    tx: &mut Tx<'_>,
    actor: &Actor,
    session: Id,
    former: &[Former],
    only_register: bool,
) -> Result<()> {
    actor.may(Operation::AttendanceWrite)?;
    let (session, class) = session::to_mark(tx, actor, session)?;
    may_mark(tx, actor, &session, &class)?;
    let there = store::marks_of(tx, session.id)?;
    let kept = former.iter().filter(|one| one.mark.is_some()).filter_map(|one| there.get(&one.enrollment));
    let replaced: Vec<Correction> = kept.map(|before| replaced(tx, actor, before)).collect();
    store::insert_corrections(tx, &replaced)?;
    let mark = |one: &Former| Some(NewMark { enrollment: one.enrollment, mark: one.mark? });
    let marks: Vec<NewMark> = former.iter().filter_map(mark).collect();
    if !marks.is_empty() {
        store::save(tx, session.id, &marks, actor.account_or_operator())?;
    }
    let unmarked: Vec<Id> = former.iter().filter(|one| one.mark.is_none()).map(|one| one.enrollment).collect();
    store::remove(tx, session.id, &unmarked)?;
    if only_register && there.len() == unmarked.len() {
        session::unreport(tx, &session)?;
    }
    audit::record(
        tx,
        actor,
        "attendance.taken_back",
        Subject::session(session.id),
        Some(&class.province_code),
        &serde_json::json!({ "marks": marks.len(), "unmarked": unmarked.len() }),
    )
}

/// Every mark of a class, by session and enrollment; the class has been checked already.
pub(crate) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<(Id, Id), Marked>> {
    store::of_class(tx, class)
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

fn check_members(marks: &[NewMark], stays: &HashMap<Id, Stay>, session: &Session) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    let wrong: Vec<FieldProblem> = marks
        .iter()
        .enumerate()
        .filter_map(|(index, mark)| {
            let member = stays.get(&mark.enrollment).is_some_and(|stay| rules::was_member(*stay, session.held_on));
            let code = if !member {
                &codes::ATTENDANCE_NOT_A_MEMBER
            } else if !seen.insert(mark.enrollment) {
                &codes::FIELD_DUPLICATE
            } else {
                return None;
            };
            Some(FieldProblem { pointer: format!("/marks/{index}/enrollment"), code, facts: Vec::new() })
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}

/// A person on a register and the mark, if there is one.
#[derive(Debug, Clone)]
pub struct RegisterLine {
    /// Who.
    pub enrolled: Enrolled,
    /// The mark; none while the person is unmarked.
    pub mark: Option<Marked>,
}

/// The register of a session: everyone who was a member that day, by name.
pub fn register(tx: &mut Tx<'_>, actor: &Actor, session: Id) -> Result<(Session, Vec<RegisterLine>)> {
    actor.may(Operation::AttendanceRead)?;
    let (session, class) = session::with_class(tx, actor, session)?;
    let mut marks = store::marks_of(tx, session.id)?;
    let lines = enrollment::members(tx, class.id)?
        .into_iter()
        .filter(|member| rules::was_member(rules::stay(&member.enrollment), session.held_on))
        .filter(|member| enrollment::follows(actor, &member.enrollment, class.partner_id))
        .map(|enrolled| RegisterLine { mark: marks.remove(&enrolled.enrollment.id), enrolled })
        .collect();
    Ok((session, lines))
}

/// Every value a person's mark in a session has had before, oldest first.
pub fn corrections(tx: &mut Tx<'_>, actor: &Actor, session: Id, enrollment: Id) -> Result<Vec<Correction>> {
    actor.may(Operation::AttendanceRead)?;
    session::with_class(tx, actor, session)?;
    enrollment::visible_row(tx, actor, enrollment)?;
    store::corrections(tx, session, enrollment)
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
}

/// A class with its members and what has been delivered.
#[derive(Debug, Clone)]
pub struct Roster {
    /// The class.
    pub class: Class,
    /// Lesson hours of the program.
    pub planned: LessonHours,
    /// Lesson hours held so far.
    pub delivered: LessonHours,
    /// Lesson hours of sessions that are still to come.
    pub coming: LessonHours,
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
    let mut marks = store::tallies(tx, class.id)?;
    let held: Vec<&Session> = sessions.iter().filter(|session| session.state == SessionState::Held).collect();
    // What was attended in another class before a transfer counts on.
    let mut before: HashMap<Id, i64> = HashMap::new();
    for session in store::earlier(tx, class.id)? {
        *before.entry(session.enrollment).or_default() += i64::from(session.lesson_hours);
        // Marks in this class are among its own already.
        if let Some(mark) = session.mark.filter(|_| session.class != class.id) {
            marks.entry(session.enrollment).or_default().push((mark, 1, i64::from(session.lesson_hours)));
        }
    }
    let lines = enrollment::members(tx, class.id)?
        .into_iter()
        .map(|enrolled| {
            let tally = rules::tally(&marks.remove(&enrolled.enrollment.id).unwrap_or_default());
            let before = before.get(&enrolled.enrollment.id).copied().unwrap_or_default();
            let held = before + rules::held_while_member(&held, &enrolled.enrollment);
            let rate = Rate::of_lesson_hours(tally.credited(&curriculum.completion.credited_marks), held);
            RosterLine { enrolled, tally, rate }
        })
        .collect();
    Ok(Roster {
        planned: curriculum.lesson_hours(),
        delivered: held.iter().map(|session| session.lesson_hours).sum(),
        coming: sessions
            .iter()
            .filter(|session| session.state == SessionState::Planned)
            .map(|session| session.lesson_hours)
            .sum(),
        class,
        lines,
    })
}

impl RosterLine {
    /// The rate in per cent, if anything was held.
    pub fn percent(&self) -> Option<Decimal> {
        self.rate.percent()
    }
}
