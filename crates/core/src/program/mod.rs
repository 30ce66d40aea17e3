//! Programs: curricula that end in one certificate. A version is frozen when it is published; a cohort pins one.

mod curriculum;
mod exams;
mod store;

use std::collections::HashMap;

use chrono::NaiveDate;

pub use curriculum::{
    CompletionPolicy, Component, Curriculum, ExternalExam, Module, ModuleKind, Need, Predicate, Prerequisite,
    SegmentLength,
};
pub use store::{Program, ProgramVersion};

use crate::access::{Actor, Operation};
use crate::audit::{self, Subject};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::values::{Bilingual, Label, LessonHours};

/// A program with its first version.
#[derive(Debug, Clone)]
pub struct NewProgram {
    /// A short code, e.g. `JPN-N5`; part of certificate numbers.
    pub code: Label,
    /// Its name in both languages.
    pub name: Bilingual,
    /// The first day its first version may be used.
    pub valid_from: NaiveDate,
    /// What is taught and what completes it.
    pub curriculum: Curriculum,
}

/// Publishes a program with its first version.
///
/// # Errors
/// `access.denied`, `program.code_taken`, and what [`Curriculum::check`] finds.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewProgram) -> Result<(Program, ProgramVersion)> {
    actor.may(Operation::ProgramWrite)?;
    new.curriculum.check()?;
    let program = Program {
        id: tx.new_id(),
        code: new.code,
        name_id: new.name.id,
        name_en: new.name.en,
        latest: 1,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::insert(tx, &program)?;
    let version = publish(tx, actor, &program, new.valid_from, new.curriculum)?;
    Ok((program, version))
}

/// Publishes a further version; cohorts keep the one they started under.
///
/// # Errors
/// `resource.stale`, and what [`Curriculum::check`] finds.
pub fn add_version(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    valid_from: NaiveDate,
    curriculum: Curriculum,
) -> Result<(Program, ProgramVersion)> {
    actor.may(Operation::ProgramWrite)?;
    curriculum.check()?;
    let mut program = store::locked(tx, id)?;
    if program.version != version {
        return Err(Error::new(&codes::STALE));
    }
    program.latest += 1;
    program.version += 1;
    program.updated_at = tx.now();
    store::update(tx, &program)?;
    let published = publish(tx, actor, &program, valid_from, curriculum)?;
    Ok((program, published))
}

fn publish(
    tx: &mut Tx<'_>,
    actor: &Actor,
    program: &Program,
    valid_from: NaiveDate,
    curriculum: Curriculum,
) -> Result<ProgramVersion> {
    let version = ProgramVersion {
        id: tx.new_id(),
        program_id: program.id,
        number: program.latest,
        valid_from,
        lesson_hours: curriculum.lesson_hours(),
        curriculum,
        created_at: tx.now(),
    };
    store::insert_version(tx, &version)?;
    audit::record(
        tx,
        actor,
        "program.published",
        Subject::program(program.id),
        None,
        &serde_json::json!({ "code": program.code, "number": version.number }),
    )?;
    Ok(version)
}

/// One program.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Program> {
    actor.may(Operation::ProgramRead)?;
    store::one(tx, id)
}

/// The catalogue.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<Program>> {
    actor.may(Operation::ProgramRead)?;
    store::list(tx, page)
}

/// One version of a program by its number.
pub fn version(tx: &mut Tx<'_>, actor: &Actor, id: Id, number: i32) -> Result<ProgramVersion> {
    actor.may(Operation::ProgramRead)?;
    store::version(tx, id, number)
}

/// The program and the version of it that something pins.
pub fn of_version(tx: &mut Tx<'_>, actor: &Actor, version: Id) -> Result<(Program, ProgramVersion)> {
    actor.may(Operation::ProgramRead)?;
    store::pinned(tx, version)
}

/// The version a cohort pins, for the features behind this one.
pub(crate) fn pinned(tx: &mut Tx<'_>, version: Id) -> Result<(Program, ProgramVersion)> {
    store::pinned(tx, version)
}

/// The lesson hours of a version: how many, and how long each is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lessons {
    pub(crate) hours: LessonHours,
    pub(crate) minutes: i32,
}

/// The lesson hours of each of these versions.
pub(crate) fn lessons(tx: &mut Tx<'_>, versions: &[Id]) -> Result<HashMap<Id, Lessons>> {
    let lessons = |version: ProgramVersion| {
        let minutes = i32::try_from(version.curriculum.minutes_per_lesson_hour).map_err(Error::storage)?;
        Ok((version.id, Lessons { hours: version.curriculum.lesson_hours(), minutes }))
    };
    store::versions(tx, versions)?.into_iter().map(lessons).collect()
}

/// The newest version that may be used on a day.
///
/// # Errors
/// `program.not_valid_yet`.
pub(crate) fn latest_on(tx: &mut Tx<'_>, program: Id, day: NaiveDate) -> Result<ProgramVersion> {
    store::latest_on(tx, program, day)?.ok_or_else(|| Error::new(&codes::PROGRAM_NOT_YET).fact("day", day))
}
