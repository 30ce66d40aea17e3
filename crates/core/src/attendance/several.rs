//! How people of several classes stand at once, in a fixed number of statements however many they are.

use std::collections::HashMap;

use super::store::{self, Group, RecordLine};
use super::{Tally, rules};
use crate::db::Tx;
use crate::error::Result;
use crate::id::Id;
use crate::session::{self, Session, SessionState};
use crate::values::{LessonHours, Mark, ProvinceCode, Rate};

/// How a person stands with what was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Marks by kind and lesson hours.
    pub tally: Tally,
    /// Lesson hours credited of lesson hours held.
    pub rate: Rate,
    /// Sessions that count and have no mark.
    pub unmarked: i64,
}

impl Default for Standing {
    fn default() -> Self {
        Self { tally: Tally::default(), rate: Rate::of_lesson_hours(0, 0), unmarked: 0 }
    }
}

impl Standing {
    /// What these sessions come to, with what is left of marks whose time is over.
    pub(super) fn of(lines: &[RecordLine], kept: &[Group], credited: &[Mark]) -> Self {
        let marked = lines.iter().filter_map(|line| line.mark.map(|mark| (mark, 1, i64::from(line.lesson_hours))));
        let tally = rules::tally(&marked.chain(kept.iter().copied()).collect::<Vec<_>>());
        let held = lines.iter().map(|line| i64::from(line.lesson_hours)).sum();
        let unmarked = (i64::try_from(lines.len()).unwrap_or(i64::MAX) - tally.marked()).max(0);
        Self { tally, rate: Rate::of_lesson_hours(tally.credited(credited), held), unmarked }
    }
}

/// How each of these enrollments stands, as a roster of their class says it; they have been checked already.
pub(crate) fn standings_of(tx: &mut Tx<'_>, enrollments: &[Id], credited: &[Mark]) -> Result<HashMap<Id, Standing>> {
    let lines = store::counted(tx, enrollments)?;
    let kept = store::kept_of(tx, enrollments)?;
    let standing = |id: &Id| {
        let lines = lines.get(id).map(Vec::as_slice).unwrap_or_default();
        let kept = kept.get(id).map(Vec::as_slice).unwrap_or_default();
        (*id, Standing::of(lines, kept, credited))
    };
    Ok(enrollments.iter().map(standing).collect())
}

/// How far a class has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lesson hours held so far.
    pub delivered: LessonHours,
    /// Lesson hours of sessions that are still to come or wait for their register.
    pub coming: LessonHours,
    /// Those of them that are over.
    pub unreported: Unreported,
}

/// Sessions that are over and have no register.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unreported {
    /// How many.
    pub sessions: usize,
    /// Their lesson hours.
    pub lesson_hours: LessonHours,
}

impl Progress {
    /// What these sessions of a class in the province come to.
    pub(super) fn of<'s>(
        tx: &Tx<'_>,
        province: &ProvinceCode,
        sessions: impl IntoIterator<Item = &'s Session>,
    ) -> Self {
        let mut progress = Self::default();
        for session in sessions {
            match session.state {
                SessionState::Held => progress.delivered += session.lesson_hours,
                SessionState::Planned => progress.coming += session.lesson_hours,
                SessionState::Cancelled => {}
            }
            if session.state == SessionState::Planned && session::is_over(tx, province, session) {
                progress.unreported.sessions += 1;
                progress.unreported.lesson_hours += session.lesson_hours;
            }
        }
        progress
    }
}

/// How far each of these classes of a province has come.
pub(crate) fn progress_of(tx: &mut Tx<'_>, province: &ProvinceCode, classes: &[Id]) -> Result<HashMap<Id, Progress>> {
    let mut sessions: HashMap<Id, Vec<Session>> = HashMap::new();
    for session in session::of_classes(tx, classes)? {
        sessions.entry(session.class_id).or_default().push(session);
    }
    Ok(sessions.into_iter().map(|(class, sessions)| (class, Progress::of(tx, province, &sessions))).collect())
}
