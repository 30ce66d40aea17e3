use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Action, PlannedRow, Severity};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::{CHUNK, ForUpdate, alone};
use crate::db::schema::{consents, enrollments, holds, imports, incident_people, participants, person_requests};
use crate::error::{Error, Result};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant::Participant;
use crate::time::Instant;
use crate::values::{ProvinceCode, words};

words! {
    /// Where an import stands.
    pub enum ImportState {
        /// Checked and kept; nothing is written yet.
        Planned = "planned",
        /// Written.
        Applied = "applied",
    }
}

/// How many rows of each kind, and how often each code was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows of the file.
    pub rows: usize,
    /// Rows of each action.
    pub actions: BTreeMap<String, usize>,
    /// Errors by code.
    pub errors: BTreeMap<String, usize>,
    /// Warnings by code, each to be confirmed before applying.
    pub warnings: BTreeMap<String, usize>,
}

impl Summary {
    pub(super) fn of(rows: &[PlannedRow]) -> Self {
        let mut summary = Self { rows: rows.len(), ..Self::default() };
        for row in rows {
            *summary.actions.entry(row.action.as_str().to_owned()).or_default() += 1;
            for finding in &row.findings {
                let name = finding.code.name.to_owned();
                match finding.severity {
                    Severity::Error => *summary.errors.entry(name).or_default() += 1,
                    // A warning on a row that is not written needs no confirmation.
                    Severity::Warning if row.action != Action::Problem => {
                        *summary.warnings.entry(name).or_default() += 1;
                    }
                    Severity::Warning | Severity::Note => {}
                }
            }
        }
        summary
    }

    /// Rows of an action.
    pub fn count(&self, action: Action) -> usize {
        self.actions.get(action.as_str()).copied().unwrap_or_default()
    }
}

/// A file that was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Key.
    pub id: Id,
    /// Of which province.
    pub province_code: ProvinceCode,
    /// Whose students.
    pub school_id: Id,
    /// The cohort they are registered for, if any.
    pub cohort_id: Option<Id>,
    /// The file's name.
    pub file_name: String,
    /// SHA-256 of its bytes.
    pub file_sha256: String,
    /// Where it stands.
    pub state: ImportState,
    /// The columns that are needed, sealed.
    pub(super) rows_sealed: String,
    /// How many rows of each kind.
    pub summary: Summary,
    /// When it was brought.
    pub created_at: Instant,
    /// By whose account.
    pub created_by: Id,
    /// When it was applied.
    pub applied_at: Option<Instant>,
    /// By whose account.
    pub applied_by: Option<Id>,
    /// Grows with every change.
    pub version: i32,
    /// What was written, sealed, as long as it can be taken back.
    pub(super) effects_sealed: Option<String>,
    /// When it was taken back.
    pub undone_at: Option<Instant>,
    /// By whose account.
    pub undone_by: Option<Id>,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = imports, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: Id,
    province_code: ProvinceCode,
    school_id: Id,
    cohort_id: Option<Id>,
    file_name: String,
    file_sha256: String,
    state: ImportState,
    rows_sealed: String,
    summary: String,
    created_at: Instant,
    created_by: Id,
    applied_at: Option<Instant>,
    applied_by: Option<Id>,
    version: i32,
    effects_sealed: Option<String>,
    undone_at: Option<Instant>,
    undone_by: Option<Id>,
}

impl Row {
    fn of(import: &Import) -> Result<Self> {
        Ok(Self {
            summary: serde_json::to_string(&import.summary).map_err(Error::storage)?,
            id: import.id,
            province_code: import.province_code.clone(),
            school_id: import.school_id,
            cohort_id: import.cohort_id,
            file_name: import.file_name.clone(),
            file_sha256: import.file_sha256.clone(),
            state: import.state,
            rows_sealed: import.rows_sealed.clone(),
            created_at: import.created_at,
            created_by: import.created_by,
            applied_at: import.applied_at,
            applied_by: import.applied_by,
            version: import.version,
            effects_sealed: import.effects_sealed.clone(),
            undone_at: import.undone_at,
            undone_by: import.undone_by,
        })
    }

    fn open(self) -> Result<Import> {
        Ok(Import {
            summary: serde_json::from_str(&self.summary).map_err(Error::storage)?,
            id: self.id,
            province_code: self.province_code,
            school_id: self.school_id,
            cohort_id: self.cohort_id,
            file_name: self.file_name,
            file_sha256: self.file_sha256,
            state: self.state,
            rows_sealed: self.rows_sealed,
            created_at: self.created_at,
            created_by: self.created_by,
            applied_at: self.applied_at,
            applied_by: self.applied_by,
            version: self.version,
            effects_sealed: self.effects_sealed,
            undone_at: self.undone_at,
            undone_by: self.undone_by,
        })
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, import: &Import) -> Result<()> {
    diesel::insert_into(imports::table).values(Row::of(import)?).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, import: &Import) -> Result<()> {
    diesel::update(imports::table.find(import.id)).set(Row::of(import)?).execute(tx.connection)?;
    Ok(())
}

/// What there is now of people and enrollments that an import wrote.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How often each person's row has changed.
    pub(super) versions: HashMap<Id, i32>,
    /// Every enrollment of each person.
    pub(super) enrollments: HashMap<Id, Vec<Id>>,
    /// People with a consent, a hold, a request or an incident.
    pub(super) used: HashSet<Id>,
    /// Of the enrollments asked for, those that have moved on.
    pub(super) moved: HashSet<Id>,
}

/// Looks for whatever was built on these people and enrollments.
pub(super) fn built_on(tx: &mut Tx<'_>, people: &[Id], enrolled: &[Id]) -> Result<Seen> {
    let mut seen = Seen::default();
    for chunk in people.chunks(CHUNK) {
        let versions: Vec<(Id, i32)> = participants::table
            .filter(participants::id.eq_any(chunk))
            .select((participants::id, participants::version))
            .load(tx.connection)?;
        seen.versions.extend(versions);
        let theirs: Vec<(Id, Id)> = enrollments::table
            .filter(enrollments::participant_id.eq_any(chunk))
            .select((enrollments::participant_id, enrollments::id))
            .load(tx.connection)?;
        for (person, enrollment) in theirs {
            seen.enrollments.entry(person).or_default().push(enrollment);
        }
        macro_rules! used {
            ($table:ident) => {
                let used: Vec<Id> = $table::table
                    .filter($table::participant_id.eq_any(chunk))
                    .select($table::participant_id)
                    .load(tx.connection)?;
                seen.used.extend(used);
            };
        }
        used!(consents);
        used!(holds);
        used!(person_requests);
        used!(incident_people);
    }
    for chunk in enrolled.chunks(CHUNK) {
        let moved: Vec<Id> = enrollments::table
            .filter(enrollments::id.eq_any(chunk))
            .filter(enrollments::version.ne(1))
            .select(enrollments::id)
            .load(tx.connection)?;
        seen.moved.extend(moved);
    }
    Ok(seen)
}

/// Waits until no other import of the school is being written.
pub(super) fn wait_for_school(tx: &mut Tx<'_>, school: Id) -> Result<()> {
    Ok(alone(tx.connection, &format!("import {school}"))?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Import> {
    let row: Row = ForUpdate(imports::table.find(id)).get_result(tx.connection)?;
    row.open()
}

fn seen_by(actor: &Actor) -> imports::BoxedQuery<'_, MultiBackend> {
    let query = imports::table.into_boxed();
    match actor.scope() {
        Scope::Everything => query,
        Scope::School(_, school) => query.filter(imports::school_id.eq(school)),
        Scope::Province(province)
        | Scope::Regency(province, _)
        | Scope::Partner(province, _)
        | Scope::Instructor(province, _) => query.filter(imports::province_code.eq(province)),
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Import> {
    let row: Row = seen_by(actor).filter(imports::id.eq(id)).get_result(tx.connection)?;
    row.open()
}

pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<Import>> {
    let rows: Vec<Row> = seen_by(actor)
        .filter(imports::id.gt(page.after()))
        .order(imports::id)
        .limit(page.fetch())
        .load(tx.connection)?;
    let mut opened = Vec::with_capacity(rows.len());
    for row in rows {
        opened.push(row.open()?);
    }
    Ok(page.page(opened, |import| import.id))
}

/// Kept files of the person's school, and those that brought the person, held until the transaction ends.
pub(super) fn that_may_hold(tx: &mut Tx<'_>, whose: &Participant) -> Result<Vec<Import>> {
    let brought = enrollments::table
        .filter(enrollments::participant_id.eq(whose.id))
        .filter(enrollments::import_id.is_not_null())
        .select(enrollments::import_id.assume_not_null());
    let kept = imports::table
        .filter(imports::rows_sealed.ne(""))
        .filter(imports::school_id.nullable().eq(whose.school_id).or(imports::id.eq_any(brought)))
        .order(imports::id);
    let rows: Vec<Row> = ForUpdate(kept).get_results(tx.connection)?;
    rows.into_iter().map(Row::open).collect()
}
