//! What a list of people wrote, and what was built on it since.

use serde::{Deserialize, Serialize};

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
    pub(super) made: Vec<Made>,
    pub(super) changed: Vec<Changed>,
    pub(super) enrolled: Vec<Enrolled>,
}

/// A person who was registered.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) row: u32,
    pub(super) participant: Id,
}

/// A person who was corrected.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Changed {
    pub(super) row: u32,
    pub(super) participant: Id,
    /// As the correction left it.
    pub(super) version: i32,
    pub(super) before: Person,
}

/// An enrollment that was made.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Enrolled {
    pub(super) row: u32,
    pub(super) enrollment: Id,
}

impl Effects {
    /// Forgets what was known of a person; whether anything was.
    pub(in crate::import) fn forget(&mut self, person: Id) -> bool {
        let before = self.changed.len();
        self.changed.retain(|one| one.participant != person);
        self.changed.len() < before
    }

    fn people(&self) -> Vec<Id> {
        let made = self.made.iter().map(|one| one.participant);
        made.chain(self.changed.iter().map(|one| one.participant)).collect()
    }

    /// Holds what would be taken back until the transaction ends.
    pub(in crate::import) fn hold(&self, tx: &mut Tx<'_>) -> Result<()> {
        participant::wait_for_niks(tx)?;
        participant::lock_many(tx, &self.people())
    }

    /// Row by row, what was built on it.
    pub(in crate::import) fn obstacles(&self, tx: &mut Tx<'_>) -> Result<Vec<Obstacle>> {
        let (people, enrolled) = (self.people(), self.enrolled.iter().map(|one| one.enrollment).collect::<Vec<_>>());
        let seen = tx.beyond(|tx| store::built_on(tx, &people, &enrolled))?;
        Ok(self.in_the_way(&seen))
    }

    fn in_the_way(&self, seen: &Seen) -> Vec<Obstacle> {
        let own = |enrollment: &Id| self.enrolled.iter().any(|one| one.enrollment == *enrollment);
        let made = self.made.iter().filter_map(|one| {
            let version = *seen.versions.get(&one.participant)?;
            let mut enrolled = seen.enrollments.get(&one.participant).into_iter().flatten();
            let what = if version != 1 {
                &codes::UNDO_CHANGED
            } else if seen.used.contains(&one.participant) {
                &codes::UNDO_USED
            } else if enrolled.any(|id| !own(id)) {
                &codes::UNDO_ENROLLED
            } else {
                return None;
            };
            Some(Obstacle { row: one.row, what })
        });
        let changed = self
            .changed
            .iter()
            .filter(|one| seen.versions.get(&one.participant).is_some_and(|version| *version != one.version));
        let changed = changed.map(|one| Obstacle { row: one.row, what: &codes::UNDO_CHANGED });
        let moved = self.enrolled.iter().filter(|one| seen.moved.contains(&one.enrollment));
        let moved = moved.map(|one| Obstacle { row: one.row, what: &codes::UNDO_MOVED });
        made.chain(changed).chain(moved).collect()
    }

    pub(in crate::import) fn take_back(&self, tx: &mut Tx<'_>, actor: &Actor, import: Id) -> Result<Undone> {
        let enrollments: Vec<Id> = self.enrolled.iter().map(|one| one.enrollment).collect();
        let withdrawn = enrollment::take_back(tx, &enrollments)?;
        let made: Vec<Id> = self.made.iter().map(|one| one.participant).collect();
        let removed = participant::remove_many(tx, &made)?;
        let mut notes = Vec::new();
        for one in &self.changed {
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
