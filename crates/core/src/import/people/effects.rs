//! What a list of people wrote, and what was built on it since.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::super::packed::Packed;
use super::super::store::{self, Seen};
use super::super::undo::{Obstacle, Undone};
use crate::access::Actor;
use crate::audit;
use crate::db::Tx;
use crate::enrollment;
use crate::error::{Result, codes};
use crate::id::Id;
use crate::participant::{self, Person};

/// What applying wrote, row by row.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::import) struct Effects {
    pub(super) made: Packed<Made>,
    pub(super) changed: Packed<Changed>,
    pub(super) enrolled: Packed<Enrolled>,
}

/// A person who was registered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) row: u32,
    pub(super) participant: Id,
}

/// A person who was corrected.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Changed {
    pub(super) row: u32,
    pub(super) participant: Id,
    /// As the correction left it.
    pub(super) version: i32,
    pub(super) before: Person,
}

/// An enrollment that was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Enrolled {
    pub(super) row: u32,
    pub(super) enrollment: Id,
    /// Whether it came with a seat.
    #[serde(default)]
    pub(super) seated: bool,
}

impl Enrolled {
    /// How often its row had changed when it was made.
    fn version(&self) -> i32 {
        if self.seated { 2 } else { 1 }
    }
}

impl Effects {
    /// Forgets what was known of a person; whether anything was.
    pub(in crate::import) fn forget(&mut self, person: Id) -> Result<bool> {
        Ok(self.changed.retain(|one| one.participant != person)? > 0)
    }

    fn made(&self) -> Result<Vec<Id>> {
        self.made.values().map(|one| Ok(one?.participant)).collect()
    }

    fn people(&self) -> Result<Vec<Id>> {
        let mut people = self.made()?;
        for one in self.changed.values() {
            people.push(one?.participant);
        }
        Ok(people)
    }

    fn enrollments(&self) -> Result<Vec<Id>> {
        self.enrolled.values().map(|one| Ok(one?.enrollment)).collect()
    }

    /// Holds what would be taken back until the transaction ends.
    pub(in crate::import) fn hold(&self, tx: &mut Tx<'_>) -> Result<()> {
        participant::wait_for_niks(tx)?;
        participant::lock_many(tx, &self.people()?)
    }

    /// Row by row, what was built on it.
    pub(in crate::import) fn obstacles(&self, tx: &mut Tx<'_>) -> Result<Vec<Obstacle>> {
        let (people, enrolled) = (self.people()?, self.enrollments()?);
        let seen = tx.beyond(|tx| store::built_on(tx, &people, &enrolled))?;
        self.in_the_way(&seen, &enrolled.into_iter().collect())
    }

    fn in_the_way(&self, seen: &Seen, own: &HashSet<Id>) -> Result<Vec<Obstacle>> {
        let mut obstacles = Vec::new();
        for one in self.made.values() {
            let Made { row, participant } = one?;
            let Some(version) = seen.versions.get(&participant) else { continue };
            let mut enrolled = seen.enrollments.get(&participant).into_iter().flatten();
            let what = if *version != 1 {
                &codes::UNDO_CHANGED
            } else if seen.used.contains(&participant) {
                &codes::UNDO_USED
            } else if enrolled.any(|id| !own.contains(id)) {
                &codes::UNDO_ENROLLED
            } else {
                continue;
            };
            obstacles.push(Obstacle { row, what });
        }
        for one in self.changed.values() {
            let one = one?;
            if seen.versions.get(&one.participant).is_some_and(|version| *version != one.version) {
                obstacles.push(Obstacle { row: one.row, what: &codes::UNDO_CHANGED });
            }
        }
        for one in self.enrolled.values() {
            let one = one?;
            let version = seen.enrolled.get(&one.enrollment).copied();
            if version != Some(one.version()) || seen.taught.contains(&one.enrollment) {
                obstacles.push(Obstacle { row: one.row, what: &codes::UNDO_MOVED });
            }
        }
        Ok(obstacles)
    }

    pub(in crate::import) fn take_back(&self, tx: &mut Tx<'_>, actor: &Actor, import: Id) -> Result<Undone> {
        let withdrawn = enrollment::take_back(tx, actor, &self.enrollments()?)?;
        let removed = participant::remove_many(tx, &self.made()?)?;
        let mut notes = Vec::new();
        for one in self.changed.values() {
            let one = one?;
            let now = participant::locked(tx, one.participant)?;
            let detail = serde_json::json!({ "import_undone": import });
            notes.push(participant::corrected(tx, &now, &one.before)?.with(detail));
            let before = participant::changed(tx, &now, &one.before)?;
            participant::update(tx, &before)?;
        }
        audit::record_all(tx, actor, notes)?;
        Ok(Undone { removed, restored: self.changed.len(), withdrawn })
    }
}
