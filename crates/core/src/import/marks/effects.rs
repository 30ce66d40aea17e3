//! What the paper lists of a class wrote, and what became of it since.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::undo::{Obstacle, Undone};
use crate::access::Actor;
use crate::attendance::{self, Former};
use crate::db::Tx;
use crate::error::{Result, codes};
use crate::id::Id;
use crate::values::Mark;

/// What applying wrote, mark by mark.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::import) struct Effects {
    /// When the marks were set, in microseconds since 1970 in UTC: one that was set at another time is another mark.
    pub(super) marked_at: i64,
    pub(super) written: Vec<Written>,
    /// Sessions that were held by this for all that was known.
    pub(super) reported: Vec<Id>,
}

/// A mark that was set.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) row: u32,
    pub(super) session: Id,
    pub(super) enrollment: Id,
    pub(super) participant: Id,
    pub(super) before: Option<Mark>,
    /// When it was set, where that was not when all were.
    #[serde(default)]
    pub(super) marked_at: Option<i64>,
}

impl Effects {
    /// Forgets what was known of a person; whether anything was.
    pub(in crate::import) fn forget(&mut self, person: Id) -> bool {
        let before = self.written.len();
        self.written.retain(|one| one.participant != person);
        self.written.len() < before
    }

    /// Row by row, which marks are no longer what was written.
    pub(in crate::import) fn obstacles(&self, tx: &mut Tx<'_>, class: Option<Id>) -> Result<Vec<Obstacle>> {
        let class = class.unwrap_or_default();
        let marks = attendance::of_class(tx, class)?;
        let said = tx.beyond(|tx| attendance::said_offline(tx, class))?;
        let is_left = |one: &&Written| {
            let (cell, written_at) = ((one.session, one.enrollment), one.marked_at.unwrap_or(self.marked_at));
            // A device that said the same, or something else, has been told so and does not say it again.
            let said_since = said.get(&cell).is_some_and(|moment| *moment > written_at);
            said_since || marks.get(&cell).is_none_or(|mark| mark.marked_at != written_at)
        };
        let mut rows: Vec<u32> = self.written.iter().filter(is_left).map(|one| one.row).collect();
        rows.dedup();
        Ok(rows.into_iter().map(|row| Obstacle { row, what: &codes::UNDO_MARK_CHANGED }).collect())
    }

    /// The registers go back as further corrections; their rules decide, as of any correction.
    pub(in crate::import) fn take_back(&self, tx: &mut Tx<'_>, actor: &Actor) -> Result<Undone> {
        let mut by_session: BTreeMap<Id, Vec<Former>> = BTreeMap::new();
        for one in &self.written {
            let former = Former { enrollment: one.enrollment, mark: one.before };
            by_session.entry(one.session).or_default().push(former);
        }
        for (session, former) in by_session {
            attendance::take_back(tx, actor, session, &former, self.reported.contains(&session))?;
        }
        let removed = self.written.iter().filter(|one| one.before.is_none()).count();
        Ok(Undone { removed, restored: self.written.len() - removed, withdrawn: 0 })
    }
}
