//! What a list of exam results wrote, and what was built on it since.

use serde::{Deserialize, Serialize};

use super::super::undo::{Obstacle, Undone};
use crate::access::Actor;
use crate::completion;
use crate::db::Tx;
use crate::enrollment;
use crate::error::{Result, codes};
use crate::exam;
use crate::id::Id;
use crate::participant;

/// What applying wrote, row by row.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::import) struct Effects {
    pub(super) recorded: Vec<Recorded>,
}

/// A result that was recorded.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Recorded {
    pub(super) row: u32,
    pub(super) participant: Id,
    pub(super) result: Id,
}

impl Effects {
    /// Forgets what was known of a person; whether anything was.
    pub(in crate::import) fn forget(&mut self, person: Id) -> bool {
        let before = self.recorded.len();
        self.recorded.retain(|one| one.participant != person);
        self.recorded.len() < before
    }

    /// Holds whom it is of until the transaction ends, and their enrollments: nobody decides on them meanwhile.
    pub(in crate::import) fn hold(&self, tx: &mut Tx<'_>) -> Result<()> {
        let people = self.people();
        participant::lock_many(tx, &people)?;
        tx.beyond(|tx| enrollment::lock_of_people(tx, &people))
    }

    /// Row by row, which results were corrected since, and which a decision in force rests on.
    pub(in crate::import) fn obstacles(&self, tx: &mut Tx<'_>) -> Result<Vec<Obstacle>> {
        let results: Vec<Id> = self.recorded.iter().map(|one| one.result).collect();
        let in_force = tx.beyond(|tx| exam::still_in_force(tx, &results))?;
        let decided = tx.beyond(|tx| completion::exams_behind(tx, &self.people()))?;
        let what = |one: &Recorded| match one.result {
            result if !in_force.contains(&result) => Some(&codes::UNDO_RESULT_CORRECTED),
            result if decided.contains(&result) => Some(&codes::UNDO_RESULT_DECIDED),
            _ => None,
        };
        Ok(self.recorded.iter().filter_map(|one| Some(Obstacle { row: one.row, what: what(one)? })).collect())
    }

    fn people(&self) -> Vec<Id> {
        self.recorded.iter().map(|one| one.participant).collect()
    }

    pub(in crate::import) fn take_back(&self, tx: &mut Tx<'_>, actor: &Actor, import: Id) -> Result<Undone> {
        let results: Vec<Id> = self.recorded.iter().map(|one| one.result).collect();
        let restored = exam::take_back(tx, actor, &results, import)?;
        Ok(Undone { removed: results.len() - restored, restored, withdrawn: 0 })
    }
}
