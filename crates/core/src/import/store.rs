use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::dsl::exists;
use diesel::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::packed::{bytes_of, value_of};
use super::plan::{Kept, PlannedRow};
use super::severity::{Setting, Settings};
use super::{Action, ImportKind, Place, Severity, Table};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::{ForUpdate, alone, native, one_of_ids};
use crate::db::schema::{
    accounts, agreements, attendance, attendance_entries, calendar_entries, certificate_counters,
    certificate_templates, certificates, class_stays, classes, consents, corrected_scores, enrollments, exam_results,
    holds, import_contents, import_effects, imports, incident_people, issuer_keys, jobs, layouts, participants,
    person_requests, rooms, rule_severities, scores, seat_reservations, sessions, status_lists,
};
use crate::error::{Error, Result, codes};
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
    /// The codes that were confirmed when it was applied.
    #[serde(default)]
    pub confirmed: Vec<String>,
}

impl Summary {
    /// Counts a row more.
    pub(super) fn add(&mut self, row: &PlannedRow) {
        self.rows += 1;
        *self.actions.entry(row.action.as_str().to_owned()).or_default() += 1;
        for finding in &row.findings {
            let name = finding.code.name.to_owned();
            match finding.severity {
                Severity::Error => *self.errors.entry(name).or_default() += 1,
                // A warning on a row that is not written needs no confirmation.
                Severity::Warning if row.action != Action::Problem => *self.warnings.entry(name).or_default() += 1,
                Severity::Warning | Severity::Note => {}
            }
        }
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
    /// Whose students, of a file of people.
    pub school_id: Option<Id>,
    /// The cohort they are registered for, if any.
    pub cohort_id: Option<Id>,
    /// The file's name.
    pub file_name: String,
    /// SHA-256 of its bytes.
    pub file_sha256: String,
    /// Where it stands.
    pub state: ImportState,
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
    /// When it was taken back.
    pub undone_at: Option<Instant>,
    /// By whose account.
    pub undone_by: Option<Id>,
    /// What the file brings.
    pub kind: ImportKind,
    /// Of which class, where that is its place.
    pub class_id: Option<Id>,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = imports, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: Id,
    province_code: ProvinceCode,
    school_id: Option<Id>,
    cohort_id: Option<Id>,
    file_name: String,
    file_sha256: String,
    state: ImportState,
    summary: String,
    created_at: Instant,
    created_by: Id,
    applied_at: Option<Instant>,
    applied_by: Option<Id>,
    version: i32,
    undone_at: Option<Instant>,
    undone_by: Option<Id>,
    kind: ImportKind,
    class_id: Option<Id>,
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
            created_at: import.created_at,
            created_by: import.created_by,
            applied_at: import.applied_at,
            applied_by: import.applied_by,
            version: import.version,
            undone_at: import.undone_at,
            undone_by: import.undone_by,
            kind: import.kind,
            class_id: import.class_id,
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
            created_at: self.created_at,
            created_by: self.created_by,
            applied_at: self.applied_at,
            applied_by: self.applied_by,
            version: self.version,
            undone_at: self.undone_at,
            undone_by: self.undone_by,
            kind: self.kind,
            class_id: self.class_id,
        })
    }
}

/// What an import holds of its file, sealed.
#[derive(Insertable)]
#[diesel(table_name = import_contents)]
struct Contents {
    import_id: Id,
    rows_sealed: String,
    plan_sealed: Option<String>,
}

/// A part of what an import holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The columns that are needed.
    Rows,
    /// The plan as it was made last.
    Plan,
    /// What was written, as long as it can be taken back.
    Effects,
}

impl Part {
    /// What the part is sealed for.
    fn what(self) -> &'static str {
        match self {
            Self::Rows => "import",
            Self::Plan => "import_plan",
            Self::Effects => "import_effects",
        }
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, import: &Import, table: &Table, plan: &Kept) -> Result<()> {
    let contents = Contents {
        import_id: import.id,
        rows_sealed: seal(tx, Part::Rows, table)?,
        plan_sealed: Some(seal(tx, Part::Plan, plan)?),
    };
    diesel::insert_into(imports::table).values(Row::of(import)?).execute(tx.connection)?;
    diesel::insert_into(import_contents::table).values(contents).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, import: &Import) -> Result<()> {
    diesel::update(imports::table.find(import.id)).set(Row::of(import)?).execute(tx.connection)?;
    Ok(())
}

/// A part of what an import holds, if it holds it.
///
/// # Errors
/// `import.rows_gone` once nothing is kept of its file any more.
pub(super) fn opened<T: DeserializeOwned>(tx: &mut Tx<'_>, import: Id, part: Part) -> Result<Option<T>> {
    let (kept, effects) = (import_contents::table.find(import), import_effects::table.find(import));
    let gone = || Error::new(&codes::IMPORT_ROWS_GONE);
    let sealed: Option<String> = match part {
        Part::Rows => {
            Some(kept.select(import_contents::rows_sealed).get_result(tx.connection).optional()?.ok_or_else(gone)?)
        }
        Part::Plan => {
            kept.select(import_contents::plan_sealed).get_result(tx.connection).optional()?.ok_or_else(gone)?
        }
        Part::Effects => effects.select(import_effects::effects_sealed).get_result(tx.connection).optional()?,
    };
    let Some(sealed) = sealed else { return Ok(None) };
    value_of(&tx.keys().open(part.what(), &sealed)?).map(Some)
}

/// Keeps a part in the place of what was kept of it.
pub(super) fn keep<T: Serialize>(tx: &mut Tx<'_>, import: Id, part: Part, content: &T) -> Result<()> {
    let sealed = seal(tx, part, content)?;
    let kept = diesel::update(import_contents::table.find(import));
    match part {
        Part::Rows => kept.set(import_contents::rows_sealed.eq(sealed)).execute(tx.connection)?,
        Part::Plan => kept.set(import_contents::plan_sealed.eq(sealed)).execute(tx.connection)?,
        Part::Effects => native!(tx.connection, c => diesel::insert_into(import_effects::table)
            .values((import_effects::import_id.eq(import), import_effects::effects_sealed.eq(&sealed)))
            .on_conflict(import_effects::import_id)
            .do_update()
            .set(import_effects::effects_sealed.eq(&sealed))
            .execute(c))?,
    };
    Ok(())
}

/// What was written can no longer be taken back.
pub(super) fn drop_effects(tx: &mut Tx<'_>, import: Id) -> Result<()> {
    diesel::delete(import_effects::table.find(import)).execute(tx.connection)?;
    Ok(())
}

fn seal<T: Serialize>(tx: &Tx<'_>, part: Part, content: &T) -> Result<String> {
    tx.keys().seal(part.what(), &bytes_of(content)?, tx.entropy())
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
    /// How often each enrollment that was asked for has changed.
    pub(super) enrolled: HashMap<Id, i32>,
    /// Of the enrollments asked for, those that have a mark or a score.
    pub(super) taught: HashSet<Id>,
}

/// Looks for whatever was built on these people and enrollments.
pub(super) fn built_on(tx: &mut Tx<'_>, people: &[Id], enrolled: &[Id]) -> Result<Seen> {
    let versions: Vec<(Id, i32)> = participants::table
        .filter(one_of_ids(participants::id, people)?)
        .select((participants::id, participants::version))
        .load(tx.connection)?;
    let theirs: Vec<(Id, Id)> = enrollments::table
        .filter(one_of_ids(enrollments::participant_id, people)?)
        .select((enrollments::participant_id, enrollments::id))
        .load(tx.connection)?;
    let now: Vec<(Id, i32, Option<Id>)> = enrollments::table
        .filter(one_of_ids(enrollments::id, enrolled)?)
        .select((enrollments::id, enrollments::version, enrollments::class_id))
        .load(tx.connection)?;
    let classes: HashSet<Id> = now.iter().filter_map(|(.., class)| *class).collect();
    let classes: Vec<Id> = classes.into_iter().collect();
    let mut seen = Seen {
        versions: versions.into_iter().collect(),
        enrolled: now.into_iter().map(|(id, version, _)| (id, version)).collect(),
        ..Seen::default()
    };
    macro_rules! taught {
        ($table:ident) => {
            let found =
                $table::table.filter(one_of_ids($table::enrollment_id, enrolled)?).select($table::enrollment_id);
            seen.taught.extend(found.distinct().load::<Id>(tx.connection)?);
        };
        // By the sessions of their classes, which stand first in the key of a mark.
        ($table:ident by sessions) => {
            let found = $table::table
                .inner_join(sessions::table)
                .filter(one_of_ids(sessions::class_id, &classes)?)
                .filter(one_of_ids($table::enrollment_id, enrolled)?)
                .select($table::enrollment_id);
            seen.taught.extend(found.distinct().load::<Id>(tx.connection)?);
        };
    }
    taught!(attendance by sessions);
    // A clash is between these, so whoever has one is among them.
    taught!(attendance_entries by sessions);
    taught!(scores);
    taught!(corrected_scores);
    for (person, enrollment) in theirs {
        seen.enrollments.entry(person).or_default().push(enrollment);
    }
    macro_rules! used {
        ($table:ident) => {
            let used = $table::table.filter(one_of_ids($table::participant_id, people)?).select($table::participant_id);
            seen.used.extend(used.load::<Id>(tx.connection)?);
        };
    }
    used!(consents);
    used!(exam_results);
    used!(holds);
    used!(person_requests);
    used!(incident_people);
    Ok(seen)
}

/// Of these institutions, those that anything refers to.
pub(super) fn partners_in_use(tx: &mut Tx<'_>, partners: &[Id]) -> Result<HashSet<Id>> {
    let mut used = HashSet::new();
    macro_rules! used {
        ($table:ident.$column:ident) => {
            let found: Vec<Option<Id>> = $table::table
                .filter(one_of_ids($table::$column.nullable(), partners)?)
                .select($table::$column.nullable())
                .distinct()
                .load(tx.connection)?;
            used.extend(found.into_iter().flatten());
        };
    }
    used!(accounts.partner_id);
    used!(agreements.partner_id);
    used!(calendar_entries.partner_id);
    used!(certificate_counters.issuer_id);
    used!(certificate_templates.partner_id);
    used!(certificates.issuer_id);
    used!(classes.partner_id);
    used!(enrollments.school_id);
    used!(imports.school_id);
    used!(issuer_keys.issuer_id);
    used!(jobs.school_id);
    used!(layouts.school_id);
    used!(participants.school_id);
    used!(person_requests.school_id);
    used!(rooms.partner_id);
    used!(seat_reservations.school_id);
    used!(status_lists.issuer_id);
    Ok(used)
}

/// Waits until no other import to the place is being written.
pub(super) fn wait_for_others(tx: &mut Tx<'_>, place: &Place) -> Result<()> {
    let place = match place.kind {
        ImportKind::People => place.school.unwrap_or_default().to_string(),
        ImportKind::Partners => format!("partners of {}", place.province.as_ref().map_or("", ProvinceCode::as_str)),
        ImportKind::Attendance => format!("class {}", place.class.unwrap_or_default()),
        ImportKind::ExamResults => format!("exams of {}", place.province.as_ref().map_or("", ProvinceCode::as_str)),
    };
    Ok(alone(tx.connection, &format!("import {place}"))?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Import> {
    let row: Row = ForUpdate(imports::table.find(id)).get_result(tx.connection)?;
    row.open()
}

/// What belongs to a class is seen by whoever hosts it and whoever teaches it.
fn seen_by<'a>(actor: &'a Actor, kinds: &'a [ImportKind]) -> imports::BoxedQuery<'a, MultiBackend> {
    let query = imports::table.filter(imports::kind.eq_any(kinds)).into_boxed();
    let classes = classes::table.select(classes::id.nullable());
    match actor.scope() {
        Scope::Everything => query,
        Scope::School(_, school) => query.filter(imports::school_id.eq(school)),
        Scope::Province(province) | Scope::Regency(province, _) => query.filter(imports::province_code.eq(province)),
        Scope::Partner(_, partner) => {
            query.filter(imports::class_id.eq_any(classes.filter(classes::partner_id.eq(partner))))
        }
        Scope::Instructor(_, account) => {
            query.filter(imports::class_id.eq_any(classes.filter(classes::instructor_id.eq(account))))
        }
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, kinds: &[ImportKind], id: Id) -> Result<Import> {
    let row: Row = seen_by(actor, kinds).filter(imports::id.eq(id)).get_result(tx.connection)?;
    row.open()
}

pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, kinds: &[ImportKind], page: PageRequest) -> Result<Page<Import>> {
    let rows: Vec<Row> = seen_by(actor, kinds)
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

/// Kept files of the person's school and classes, those that brought the person, and lists of exam results of the
/// province, held until the transaction ends.
pub(super) fn that_may_hold(tx: &mut Tx<'_>, whose: &Participant) -> Result<Vec<Import>> {
    let brought = enrollments::table
        .filter(enrollments::participant_id.eq(whose.id))
        .filter(enrollments::import_id.is_not_null())
        .select(enrollments::import_id.assume_not_null());
    let taught = enrollments::table.filter(enrollments::participant_id.eq(whose.id)).select(enrollments::class_id);
    // Before a transfer, too.
    let taught_before = class_stays::table
        .inner_join(enrollments::table)
        .filter(enrollments::participant_id.eq(whose.id))
        .select(class_stays::class_id.nullable());
    let of_exams = imports::kind.eq(ImportKind::ExamResults).and(imports::province_code.eq(&whose.province_code));
    let of_classes = imports::class_id.eq_any(taught).or(imports::class_id.eq_any(taught_before));
    let theirs = imports::school_id.eq(whose.school_id).or(imports::id.eq_any(brought)).or(of_classes);
    let kept = imports::table
        .filter(exists(import_contents::table.find(imports::id)))
        .filter(theirs.or(of_exams))
        .order(imports::id);
    let rows: Vec<Row> = ForUpdate(kept).get_results(tx.connection)?;
    rows.into_iter().map(Row::open).collect()
}

/// How grave the province takes the rules it has set.
pub(super) fn settings(tx: &mut Tx<'_>, province: &ProvinceCode) -> Result<Settings> {
    let set: Vec<(String, Setting)> = rule_severities::table
        .filter(rule_severities::province_code.eq(province))
        .select((rule_severities::code, rule_severities::severity))
        .load(tx.connection)?;
    Ok(Settings(set.into_iter().collect()))
}

pub(super) fn set(tx: &mut Tx<'_>, province: &ProvinceCode, code: &str, setting: Setting) -> Result<()> {
    native!(tx.connection, c => diesel::insert_into(rule_severities::table)
        .values((
            rule_severities::province_code.eq(province),
            rule_severities::code.eq(code),
            rule_severities::severity.eq(setting),
        ))
        .on_conflict((rule_severities::province_code, rule_severities::code))
        .do_update()
        .set(rule_severities::severity.eq(setting))
        .execute(c))?;
    Ok(())
}
