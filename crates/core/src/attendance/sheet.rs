//! The sheet of a session: everything that marking it needs, in one request and a fixed number of queries.

use chrono::NaiveDate;

use super::rules::Stay;
use super::{RegisterLine, everyone, offline, register_line, rules, store};
use crate::access::{Actor, Operation};
use crate::class::Class;
use crate::cohort;
use crate::db::Tx;
use crate::error::Result;
use crate::id::Id;
use crate::session::{self, Session, SessionState};
use crate::values::{LessonHours, Mark, Percent, Rate};

/// How many sessions before this one are shown beside each person.
const RECENT: usize = 5;

/// A session before, of which the marks are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// Which.
    pub session: Id,
    /// On which day it was held.
    pub held_on: NaiveDate,
}

/// A person on the sheet.
#[derive(Debug, Clone)]
pub struct SheetLine {
    /// Who, with the mark if there is one.
    pub line: RegisterLine,
    /// The marks in the sessions before, in their order; none where the person was not marked.
    pub recent: Vec<Option<Mark>>,
    /// Lesson hours credited of lesson hours held so far.
    pub rate: Rate,
    /// Lesson hours that can still be missed before the certificate is out of reach; below nothing when it is.
    pub to_spare: i64,
    /// The clash about this mark that waits for somebody.
    pub clash: Option<Id>,
}

/// Everything that marking a session needs.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The session.
    pub session: Session,
    /// Its class.
    pub class: Class,
    /// Per cent of the lesson hours held that the certificate needs.
    pub minimum: Percent,
    /// Marks that credit their lesson hours.
    pub credited: Vec<Mark>,
    /// Lesson hours of the program.
    pub planned: LessonHours,
    /// Lesson hours held so far.
    pub delivered: LessonHours,
    /// Sessions before, the oldest first.
    pub recent: Vec<Recent>,
    /// Everyone who was a member that day, by name.
    pub lines: Vec<SheetLine>,
    /// How many of them the actor does not see.
    pub unseen: usize,
}

/// Everything that marking a session needs.
pub fn sheet(tx: &mut Tx<'_>, actor: &Actor, session: Id) -> Result<Sheet> {
    actor.may(Operation::AttendanceWrite)?;
    let (session, class) = session::with_class(tx, actor, session)?;
    let cohort = cohort::one(tx, class.cohort_id)?;
    let (_, curriculum) = cohort::curriculum(tx, &cohort)?;
    let policy = curriculum.completion.clone();
    let sessions = session::of_class(tx, class.id)?;
    let held: Vec<&Session> = sessions.iter().filter(|one| one.state == SessionState::Held).collect();
    let to_come: Vec<&Session> = sessions.iter().filter(|one| one.state == SessionState::Planned).collect();
    let mut before: Vec<&Session> = held.iter().copied().filter(|one| one.place() < session.place()).collect();
    before = before.split_off(before.len().saturating_sub(RECENT));
    let shown: Vec<Id> = before.iter().map(|one| one.id).chain([session.id]).collect();
    let marks = store::marks_of_many(tx, &shown)?;
    let everyone = everyone(tx, actor, &class)?;
    let stays: Vec<Stay> = everyone.iter().flat_map(|member| member.stays.iter().copied()).collect();
    let rates = super::rates(tx, &class, &held, &policy.credited_marks, &stays)?;
    let elsewhere = super::elsewhere(tx, &class, &everyone)?;
    let clashes = offline::open_clashes(tx, &[session.id])?;
    let mut lines = Vec::new();
    for member in everyone {
        if !member.was_there(session.held_on) {
            continue;
        }
        let row = member.enrolled.enrollment.clone();
        let mark_in = |session: Id| {
            marks.iter().find(|(mark, _)| mark.session_id == session && mark.enrollment_id == row.id).cloned()
        };
        let rate = rates.of_member(&member, &elsewhere).rate;
        let stay = rules::stay(&row);
        let still = to_come.iter().filter(|one| member.is_here && rules::was_member(stay, one.held_on));
        let left = still.map(|one| i64::from(one.lesson_hours)).sum();
        lines.push(SheetLine {
            recent: before.iter().map(|one| mark_in(one.id).map(|(mark, _)| mark.mark)).collect(),
            to_spare: rules::to_spare(rate, left, policy.minimum_attendance),
            rate,
            clash: clashes.iter().find(|(_, person, _)| *person == row.id).map(|(.., clash)| *clash),
            line: register_line(tx, actor, mark_in(session.id), member.enrolled)?,
        });
    }
    let whole = super::members_on(tx, class.id, &[session.held_on], false)?;
    Ok(Sheet {
        unseen: whole.saturating_sub(lines.len()),
        minimum: policy.minimum_attendance,
        credited: policy.credited_marks,
        planned: curriculum.lesson_hours(),
        delivered: held.iter().map(|one| one.lesson_hours).sum(),
        recent: before.iter().map(|one| Recent { session: one.id, held_on: one.held_on }).collect(),
        session,
        class,
        lines,
    })
}
