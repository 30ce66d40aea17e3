use chrono::NaiveDate;
use diesel::prelude::*;

use super::Curriculum;
use crate::db::Tx;
use crate::db::dialect::{ForUpdate, one_of_ids};
use crate::db::schema::{program_versions, programs};
use crate::error::{Error, Result};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, LessonHours};

/// A program.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = programs, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Program {
    /// Key.
    pub id: Id,
    /// Its short code.
    pub code: Label,
    /// Its Indonesian name.
    pub name_id: String,
    /// Its English name.
    pub name_en: String,
    /// The number of its newest version.
    pub latest: i32,
    /// Grows with every change.
    pub version: i32,
    /// When it was published.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A frozen version of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramVersion {
    /// Key.
    pub id: Id,
    /// The program.
    pub program_id: Id,
    /// 1, 2, …
    pub number: i32,
    /// The first day it may be used.
    pub valid_from: NaiveDate,
    /// Lesson hours of all its modules.
    pub lesson_hours: LessonHours,
    /// What is taught and what completes it.
    pub curriculum: Curriculum,
    /// When it was published.
    pub created_at: Instant,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = program_versions)]
struct StoredVersion {
    id: Id,
    program_id: Id,
    number: i32,
    valid_from: NaiveDate,
    lesson_hours: i32,
    curriculum: String,
    created_at: Instant,
}

impl StoredVersion {
    fn open(self) -> Result<ProgramVersion> {
        Ok(ProgramVersion {
            curriculum: serde_json::from_str(&self.curriculum).map_err(Error::storage)?,
            id: self.id,
            program_id: self.program_id,
            number: self.number,
            valid_from: self.valid_from,
            lesson_hours: self.lesson_hours,
            created_at: self.created_at,
        })
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, program: &Program) -> Result<()> {
    diesel::insert_into(programs::table).values(program).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, program: &Program) -> Result<()> {
    diesel::update(programs::table.find(program.id)).set(program).execute(tx.connection)?;
    Ok(())
}

pub(super) fn insert_version(tx: &mut Tx<'_>, version: &ProgramVersion) -> Result<()> {
    let row = StoredVersion {
        id: version.id,
        program_id: version.program_id,
        number: version.number,
        valid_from: version.valid_from,
        lesson_hours: version.lesson_hours,
        curriculum: serde_json::to_string(&version.curriculum).map_err(Error::storage)?,
        created_at: version.created_at,
    };
    diesel::insert_into(program_versions::table).values(row).execute(tx.connection)?;
    Ok(())
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Program> {
    Ok(programs::table.find(id).get_result(tx.connection)?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Program> {
    Ok(ForUpdate(programs::table.find(id)).get_result(tx.connection)?)
}

pub(super) fn list(tx: &mut Tx<'_>, page: PageRequest) -> Result<Page<Program>> {
    let rows = programs::table
        .filter(programs::id.gt(page.after()))
        .order(programs::id)
        .limit(page.fetch())
        .load(tx.connection)?;
    Ok(page.page(rows, |program: &Program| program.id))
}

pub(super) fn version(tx: &mut Tx<'_>, id: Id, number: i32) -> Result<ProgramVersion> {
    program_versions::table
        .filter(program_versions::program_id.eq(id))
        .filter(program_versions::number.eq(number))
        .get_result::<StoredVersion>(tx.connection)?
        .open()
}

pub(super) fn latest_on(tx: &mut Tx<'_>, id: Id, day: NaiveDate) -> Result<Option<ProgramVersion>> {
    program_versions::table
        .filter(program_versions::program_id.eq(id))
        .filter(program_versions::valid_from.le(day))
        .order(program_versions::number.desc())
        .first::<StoredVersion>(tx.connection)
        .optional()?
        .map(StoredVersion::open)
        .transpose()
}

pub(super) fn versions(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<ProgramVersion>> {
    let stored: Vec<StoredVersion> =
        program_versions::table.filter(one_of_ids(program_versions::id, ids)?).load(tx.connection)?;
    stored.into_iter().map(StoredVersion::open).collect()
}

pub(super) fn pinned(tx: &mut Tx<'_>, version: Id) -> Result<(Program, ProgramVersion)> {
    let (program, stored): (Program, StoredVersion) = programs::table
        .inner_join(program_versions::table)
        .filter(program_versions::id.eq(version))
        .get_result(tx.connection)?;
    Ok((program, stored.open()?))
}
