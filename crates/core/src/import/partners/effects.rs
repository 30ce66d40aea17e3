//! What a list of institutions wrote, and what was built on it since.

use serde::{Deserialize, Serialize};

use super::super::store;
use super::super::undo::{Obstacle, Undone};
use crate::access::Actor;
use crate::db::Tx;
use crate::error::{Result, codes};
use crate::id::Id;
use crate::partner;

/// What applying wrote, row by row.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::import) struct Effects {
    pub(super) entered: Vec<Written>,
    pub(super) renamed: Vec<Written>,
}

/// An institution, as the row left it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) row: u32,
    pub(super) partner: Id,
    pub(super) version: i32,
}

impl Effects {
    fn all(&self) -> impl Iterator<Item = &Written> {
        self.entered.iter().chain(&self.renamed)
    }

    /// Holds what would be taken back until the transaction ends.
    pub(in crate::import) fn hold(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut partners: Vec<Id> = self.all().map(|one| one.partner).collect();
        partners.sort_unstable();
        partner::lock_many(tx, &partners)
    }

    /// Row by row, what was built on it.
    pub(in crate::import) fn obstacles(&self, tx: &mut Tx<'_>) -> Result<Vec<Obstacle>> {
        let partners: Vec<Id> = self.all().map(|one| one.partner).collect();
        let versions = partner::versions(tx, &partners)?;
        let entered: Vec<Id> = self.entered.iter().map(|one| one.partner).collect();
        let used = tx.beyond(|tx| store::partners_in_use(tx, &entered))?;
        let in_the_way = self.all().filter_map(|one| {
            let what = if versions.get(&one.partner) != Some(&one.version) {
                &codes::UNDO_PARTNER_CHANGED
            } else if used.contains(&one.partner) {
                &codes::UNDO_PARTNER_USED
            } else {
                return None;
            };
            Some(Obstacle { row: one.row, what })
        });
        Ok(in_the_way.collect())
    }

    pub(in crate::import) fn take_back(&self, tx: &mut Tx<'_>, actor: &Actor, import: Id) -> Result<Undone> {
        for one in &self.renamed {
            partner::take_back_name(tx, actor, one.partner, &serde_json::json!({ "import_undone": import }))?;
        }
        let entered: Vec<Id> = self.entered.iter().map(|one| one.partner).collect();
        let removed = partner::remove_many(tx, &entered)?;
        Ok(Undone { removed, restored: self.renamed.len(), withdrawn: 0 })
    }
}
