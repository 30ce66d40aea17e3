//! Taking back what an import wrote, as long as nothing was built on it.

use serde::{Deserialize, Serialize};

use super::store::{self, Part, Seen};
use super::{Import, ImportState, Progress, Stage, Watch, plan};
use crate::access::{Actor, Operation};
use crate::audit::{self, Subject};
use crate::db::Tx;
use crate::enrollment;
use crate::error::{Code, Error, Result, codes};
use crate::id::Id;
use crate::participant::{self, Person};

/// What applying an import wrote, row by row.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Effects {
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
    fn of(tx: &mut Tx<'_>, import: &Import) -> Result<Self> {
        if import.state != ImportState::Applied {
            return Err(Error::new(&codes::IMPORT_NOT_APPLIED));
        }
        if import.undone_at.is_some() {
            return Err(Error::new(&codes::IMPORT_UNDONE));
        }
        store::opened(tx, import.id, Part::Effects)?.ok_or_else(|| Error::new(&codes::IMPORT_ROWS_GONE))
    }

    /// Without what was known of a person who is erased, if anything was.
    pub(super) fn without(tx: &mut Tx<'_>, import: &Import, person: Id) -> Result<Option<Self>> {
        let Some(mut effects) = store::opened::<Self>(tx, import.id, Part::Effects)? else { return Ok(None) };
        let before = effects.changed.len();
        effects.changed.retain(|one| one.participant != person);
        Ok((effects.changed.len() < before).then_some(effects))
    }

    fn people(&self) -> Vec<Id> {
        let made = self.made.iter().map(|one| one.participant);
        made.chain(self.changed.iter().map(|one| one.participant)).collect()
    }

    /// Row by row, what was built on it.
    fn obstacles(&self, seen: &Seen) -> Vec<Obstacle> {
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
        let mut all: Vec<Obstacle> = made.chain(changed).chain(moved).collect();
        all.sort_by_key(|obstacle| obstacle.row);
        all
    }
}

/// What stands in the way of taking a row back.
#[derive(Debug, Clone)]
pub struct Obstacle {
    /// The row as a spreadsheet shows it.
    pub row: u32,
    /// What was built on it.
    pub what: &'static Code,
}

/// What undoing did.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Undone {
    /// People who are no longer registered.
    pub removed: usize,
    /// People who are as they were before.
    pub restored: usize,
    /// Enrollments that are gone.
    pub withdrawn: usize,
}

/// What stands in the way of taking an import back, row by row; nothing when it can be undone.
///
/// # Errors
/// `import.not_applied`, `import.undone`, `import.rows_gone`.
pub fn obstacles(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Vec<Obstacle>> {
    actor.may(Operation::Import)?;
    let import = store::visible_one(tx, actor, id)?;
    let effects = Effects::of(tx, &import)?;
    look(tx, &effects)
}

fn look(tx: &mut Tx<'_>, effects: &Effects) -> Result<Vec<Obstacle>> {
    let (people, enrolled) = (effects.people(), effects.enrolled.iter().map(|one| one.enrollment).collect::<Vec<_>>());
    let seen = tx.beyond(|tx| store::built_on(tx, &people, &enrolled))?;
    Ok(effects.obstacles(&seen))
}

/// Takes back everything an import wrote: the people it registered, its corrections, its enrollments. All or nothing.
///
/// # Errors
/// `resource.stale`, `import.undo_blocked` with the rows, and what [`obstacles`] refuses.
pub fn undo(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<(Import, Undone)> {
    undo_watched(tx, actor, id, version, &mut |_| Ok(()))
}

/// The same in front of a watcher.
pub fn undo_watched(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    watch: &mut Watch<'_>,
) -> Result<(Import, Undone)> {
    actor.may(Operation::Import)?;
    store::visible_one(tx, actor, id)?;
    let mut import = store::locked(tx, id)?;
    if import.version != version {
        return Err(Error::new(&codes::STALE));
    }
    let total = import.summary.rows;
    watch(Progress { stage: Stage::Reading, done: 0, total })?;
    let effects = Effects::of(tx, &import)?;
    store::wait_for_school(tx, import.school_id)?;
    participant::wait_for_niks(tx)?;
    participant::lock_many(tx, &effects.people())?;
    watch(Progress { stage: Stage::Checking, done: 0, total })?;
    let blocked: Vec<u32> = look(tx, &effects)?.iter().map(|obstacle| obstacle.row).collect();
    if !blocked.is_empty() {
        return Err(Error::new(&codes::IMPORT_UNDO_BLOCKED).fact("rows", plan::ranges(&blocked)));
    }
    watch(Progress { stage: Stage::Writing, done: 0, total })?;
    let undone = take_back(tx, actor, &import, &effects)?;
    watch(Progress { stage: Stage::Writing, done: total, total })?;
    import.undone_at = Some(tx.now());
    import.undone_by = Some(actor.account_or_operator());
    import.version += 1;
    store::update(tx, &import)?;
    store::drop_effects(tx, id)?;
    audit::record(
        tx,
        actor,
        "import.undone",
        Subject::import(id),
        Some(&import.province_code),
        &serde_json::json!({ "undone": undone }),
    )?;
    Ok((import, undone))
}

fn take_back(tx: &mut Tx<'_>, actor: &Actor, import: &Import, effects: &Effects) -> Result<Undone> {
    let enrollments: Vec<Id> = effects.enrolled.iter().map(|one| one.enrollment).collect();
    let withdrawn = enrollment::take_back(tx, &enrollments)?;
    let made: Vec<Id> = effects.made.iter().map(|one| one.participant).collect();
    let removed = participant::remove_many(tx, &made)?;
    let mut notes = Vec::new();
    for one in &effects.changed {
        let now = participant::locked(tx, one.participant)?;
        let detail = serde_json::json!({ "import_undone": import.id });
        notes.push(participant::corrected(tx, &now, &one.before)?.with(detail));
        let before = participant::changed(tx, &now, &one.before)?;
        participant::update(tx, &before)?;
    }
    audit::record_all(tx, actor, notes)?;
    Ok(Undone { removed, restored: effects.changed.len(), withdrawn })
}
