//! Taking back what an import wrote, as long as nothing was built on it.

use serde::Serialize;

use super::store::{self, Part};
use super::{Import, ImportKind, ImportState, Progress, Stage, Watch, exams, marks, partners, people, plan};
use crate::access::Actor;
use crate::audit::{self, Subject};
use crate::db::Tx;
use crate::error::{Code, Error, Result, codes};
use crate::id::Id;
use crate::session;

/// What applying an import wrote, row by row. Each kind keeps its own.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Effects {
    People(people::Effects),
    Partners(partners::Effects),
    Attendance(marks::Effects),
    ExamResults(exams::Effects),
}

impl Effects {
    /// What is kept of it, if anything is.
    fn kept(tx: &mut Tx<'_>, import: &Import) -> Result<Option<Self>> {
        Ok(match import.kind {
            ImportKind::People => store::opened(tx, import.id, Part::Effects)?.map(Self::People),
            ImportKind::Partners => store::opened(tx, import.id, Part::Effects)?.map(Self::Partners),
            ImportKind::Attendance => store::opened(tx, import.id, Part::Effects)?.map(Self::Attendance),
            ImportKind::ExamResults => store::opened(tx, import.id, Part::Effects)?.map(Self::ExamResults),
        })
    }

    fn of(tx: &mut Tx<'_>, import: &Import) -> Result<Self> {
        if import.state != ImportState::Applied {
            return Err(Error::new(&codes::IMPORT_NOT_APPLIED));
        }
        if import.undone_at.is_some() {
            return Err(Error::new(&codes::IMPORT_UNDONE));
        }
        Self::kept(tx, import)?.ok_or_else(|| Error::new(&codes::IMPORT_ROWS_GONE))
    }

    /// Without what was known of a person who is erased, if anything was.
    pub(super) fn without(tx: &mut Tx<'_>, import: &Import, person: Id) -> Result<Option<Self>> {
        let Some(mut effects) = Self::kept(tx, import)? else { return Ok(None) };
        let forgotten = match &mut effects {
            Self::People(people) => people.forget(person)?,
            Self::Partners(_) => false,
            Self::Attendance(marks) => marks.forget(person),
            Self::ExamResults(exams) => exams.forget(person),
        };
        Ok(forgotten.then_some(effects))
    }

    /// Holds what would be taken back until the transaction ends.
    fn hold(&self, tx: &mut Tx<'_>, import: &Import) -> Result<()> {
        match self {
            Self::People(people) => people.hold(tx),
            Self::Partners(partners) => partners.hold(tx),
            Self::Attendance(_) => session::lock_of_class(tx, import.class_id.unwrap_or_default()),
            Self::ExamResults(exams) => exams.hold(tx),
        }
    }

    /// Row by row, what was built on it.
    fn obstacles(&self, tx: &mut Tx<'_>, import: &Import) -> Result<Vec<Obstacle>> {
        let mut all = match self {
            Self::People(people) => people.obstacles(tx)?,
            Self::Partners(partners) => partners.obstacles(tx)?,
            Self::Attendance(marks) => marks.obstacles(tx, import.class_id)?,
            Self::ExamResults(exams) => exams.obstacles(tx)?,
        };
        all.sort_by_key(|obstacle| obstacle.row);
        Ok(all)
    }

    fn take_back(&self, tx: &mut Tx<'_>, actor: &Actor, import: Id) -> Result<Undone> {
        match self {
            Self::People(people) => people.take_back(tx, actor, import),
            Self::Partners(partners) => partners.take_back(tx, actor, import),
            Self::Attendance(marks) => marks.take_back(tx, actor),
            Self::ExamResults(exams) => exams.take_back(tx, actor, import),
        }
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
    /// People who are no longer registered, or whatever else the file had brought.
    pub removed: usize,
    /// Those that are as they were before.
    pub restored: usize,
    /// Enrollments that are gone.
    pub withdrawn: usize,
}

/// What stands in the way of taking an import back, row by row; nothing when it can be undone.
///
/// # Errors
/// `import.not_applied`, `import.undone`, `import.rows_gone`.
pub fn obstacles(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Vec<Obstacle>> {
    let import = super::get(tx, actor, id)?;
    Effects::of(tx, &import)?.obstacles(tx, &import)
}

/// Takes back everything an import wrote: what it entered, its corrections, its enrollments. All or nothing.
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
    super::get(tx, actor, id)?;
    let mut import = store::locked(tx, id)?;
    if import.version != version {
        return Err(Error::new(&codes::STALE));
    }
    let total = import.summary.rows;
    watch(Progress { stage: Stage::Reading, done: 0, total })?;
    let effects = Effects::of(tx, &import)?;
    store::wait_for_others(tx, &import.place())?;
    effects.hold(tx, &import)?;
    watch(Progress { stage: Stage::Checking, done: 0, total })?;
    let blocked: Vec<u32> = effects.obstacles(tx, &import)?.iter().map(|obstacle| obstacle.row).collect();
    if !blocked.is_empty() {
        return Err(Error::new(&codes::IMPORT_UNDO_BLOCKED).fact("rows", plan::ranges(&blocked)));
    }
    watch(Progress { stage: Stage::Writing, done: 0, total })?;
    let undone = effects.take_back(tx, actor, id)?;
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
