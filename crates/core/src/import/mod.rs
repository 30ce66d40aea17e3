//! Imports: the door most people come in by.
//!
//! Every row is checked before anything is written. A plan is kept and looked at; applying it makes the same plan again
//! against the register of that moment, in one transaction. A person missing from a file is never touched.

pub mod layout;
mod rules;
pub mod source;
mod store;
mod undo;
mod wanted;
mod workbook;

use std::collections::{HashMap, HashSet};

use serde::Serialize;

pub use rules::{Action, FieldChange, Finding, PlannedRow, Severity};
pub use source::{Field, GuessedColumn, KnownLayout, Limits, Sureness, Table, Unreadable};
pub use store::{Import, ImportState, Summary};
pub use undo::{Obstacle, Undone, obstacles, undo};
pub use workbook::{Problems, problems, template};

use crate::access::{Actor, Operation, Scope};
use crate::audit::{self, Subject};
use crate::cohort::{self, Cohort};
use crate::db::Tx;
use crate::enrollment;
use crate::error::{Error, Result, codes};
use crate::hold;
use crate::id::Id;
use crate::keys::sha256_hex;
use crate::page::{Page, PageRequest};
use crate::participant::{self, Known, Participant};
use crate::partner::{self, Partner};
use crate::values::{Nik, Nisn, Segment, search_name};
use rules::ReadRow;
use undo::{Changed, Effects, Enrolled, Made};

/// A file to plan.
#[derive(Debug)]
pub struct NewImport {
    /// Whose students; a coordinator's own school when nothing is said.
    pub school: Option<Id>,
    /// The cohort to register them for, if any.
    pub cohort: Option<Id>,
    /// The file's name, for people.
    pub file_name: String,
    /// SHA-256 of its bytes.
    pub file_sha256: String,
    /// What was read from it.
    pub table: Table,
}

/// A plan as it stands at this moment.
#[derive(Debug)]
pub struct Plan {
    /// Every row of the file.
    pub rows: Vec<PlannedRow>,
    /// How many of each.
    pub summary: Summary,
}

/// Reads a file's bytes, before any transaction.
///
/// # Errors
/// `import.*`: why the file cannot be read at all.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<(Table, String)> {
    read_with(bytes, limits, &[])
}

/// The same where people have said of some layouts which column is which (see [`layout::of_file`]).
pub fn read_with(bytes: &[u8], limits: &Limits, known: &[KnownLayout]) -> Result<(Table, String)> {
    let table = source::read_with(bytes, limits, known).map_err(|unreadable| refusal(&unreadable))?;
    Ok((table, sha256_hex(bytes)))
}

fn refusal(unreadable: &Unreadable) -> Error {
    let code = codes::ALL.iter().copied().find(|code| code.name == unreadable.code()).unwrap_or(&codes::IMPORT_DAMAGED);
    let error = Error::new(code);
    match unreadable {
        Unreadable::TooLarge { limit, .. }
        | Unreadable::TooManyRows { limit }
        | Unreadable::TooManyColumns { limit } => error.fact("limit", limit),
        Unreadable::ExpandsTooFar { limit } => error.fact("limit", limit),
        Unreadable::UnsupportedFormat { found } => error.fact("found", found),
        Unreadable::UnknownHeader { missing, .. } => {
            error.fact("missing", missing.iter().map(|field| field.header()).collect::<Vec<_>>().join(", "))
        }
        _ => error,
    }
}

/// Plans an import and keeps it; nothing of the file is in the register yet.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewImport) -> Result<(Import, Plan)> {
    actor.may(Operation::Import)?;
    let (school, cohort) = target(tx, actor, new.school, new.cohort)?;
    let plan = plan(tx, &school, cohort.as_ref(), &new.table)?;
    let rows = serde_json::to_vec(&new.table).map_err(Error::storage)?;
    let import = Import {
        id: tx.new_id(),
        province_code: school.province_code.clone(),
        school_id: school.id,
        cohort_id: cohort.map(|cohort| cohort.id),
        file_name: new.file_name.chars().filter(|c| !c.is_control()).take(200).collect(),
        file_sha256: new.file_sha256,
        state: ImportState::Planned,
        rows_sealed: tx.keys().seal("import", &rows, tx.entropy())?,
        summary: plan.summary.clone(),
        created_at: tx.now(),
        created_by: actor.account_or_operator(),
        applied_at: None,
        applied_by: None,
        version: 1,
        effects_sealed: None,
        undone_at: None,
        undone_by: None,
    };
    store::insert(tx, &import)?;
    audit::record(
        tx,
        actor,
        "import.planned",
        Subject::import(import.id),
        Some(&import.province_code),
        &serde_json::json!({ "school": school.id, "summary": import.summary }),
    )?;
    Ok((import, plan))
}

fn target(tx: &mut Tx<'_>, actor: &Actor, school: Option<Id>, cohort: Option<Id>) -> Result<(Partner, Option<Cohort>)> {
    let id = match actor.scope() {
        Scope::School(_, own) if school.is_none_or(|school| school == *own) => *own,
        Scope::School(..) => return Err(Error::field("/school", &codes::REFERENCE_UNKNOWN)),
        _ => school.ok_or_else(|| Error::field("/school", &codes::FIELD_REQUIRED))?,
    };
    let school = partner::get(tx, actor, id).map_err(|error| error.at("/school"))?;
    if !school.kind.is_school() {
        return Err(Error::new(&codes::PARTNER_NOT_A_SCHOOL));
    }
    let cohort =
        cohort.map(|cohort| cohort::get(tx, actor, cohort)).transpose().map_err(|error| error.at("/cohort"))?;
    if cohort.as_ref().is_some_and(|cohort| cohort.province_code != school.province_code) {
        return Err(Error::new(&codes::COHORT_OTHER_PROVINCE));
    }
    Ok((school, cohort))
}

/// One import in the actor's scope.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Import> {
    actor.may(Operation::Import)?;
    store::visible_one(tx, actor, id)
}

/// Imports in the actor's scope.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<Import>> {
    actor.may(Operation::Import)?;
    store::visible(tx, actor, page)
}

/// The plan of a kept import against the register of this moment.
///
/// # Errors
/// `import.rows_gone` once the rows are no longer kept.
pub fn plan_again(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Import, Plan)> {
    let import = get(tx, actor, id)?;
    let (school, cohort) = target(tx, actor, Some(import.school_id), import.cohort_id)?;
    let table = opened(tx, &import)?;
    let plan = plan(tx, &school, cohort.as_ref(), &table)?;
    Ok((import, plan))
}

fn opened(tx: &Tx<'_>, import: &Import) -> Result<Table> {
    if import.rows_sealed.is_empty() {
        return Err(Error::new(&codes::IMPORT_ROWS_GONE));
    }
    let rows = tx.keys().open("import", &import.rows_sealed)?;
    serde_json::from_slice(&rows).map_err(Error::storage)
}

/// What applying did.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Applied {
    /// People registered.
    pub registered: usize,
    /// People corrected.
    pub corrected: usize,
    /// People put on the cohort's list.
    pub enrolled: usize,
}

/// Writes every row that has no problem, in this one transaction. The same file again changes nothing.
///
/// # Errors
/// `resource.stale`, `import.applied`, `import.warnings` until every warning code is confirmed.
pub fn apply(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, confirm: &[String]) -> Result<(Import, Applied)> {
    actor.may(Operation::Import)?;
    store::visible_one(tx, actor, id)?;
    let mut import = store::locked(tx, id)?;
    if import.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if import.state == ImportState::Applied {
        return Err(Error::new(&codes::IMPORT_APPLIED));
    }
    let (school, cohort) = target(tx, actor, Some(import.school_id), import.cohort_id)?;
    // Imports of a school stand in line, so that the second one of two sees whom the first one registered.
    store::wait_for_school(tx, school.id)?;
    participant::wait_for_niks(tx)?;
    let table = opened(tx, &import)?;
    let plan = plan(tx, &school, cohort.as_ref(), &table)?;
    let open: Vec<&str> = plan
        .summary
        .warnings
        .keys()
        .map(String::as_str)
        .filter(|code| !confirm.iter().any(|confirmed| confirmed == code))
        .collect();
    if !open.is_empty() {
        return Err(Error::new(&codes::IMPORT_WARNINGS).fact("warnings", open.join(", ")));
    }
    let (applied, effects) = write(tx, actor, &import, &school, cohort.as_ref(), plan.rows)?;
    import.effects_sealed = Some(effects.sealed(tx)?);
    import.state = ImportState::Applied;
    import.applied_at = Some(tx.now());
    import.applied_by = Some(actor.account_or_operator());
    import.version += 1;
    import.summary = plan.summary;
    store::update(tx, &import)?;
    audit::record(
        tx,
        actor,
        "import.applied",
        Subject::import(id),
        Some(&import.province_code),
        &serde_json::json!({ "applied": applied, "confirmed": confirm }),
    )?;
    Ok((import, applied))
}

/// Seals the files of a person's school, and those that brought the person, anew without that person's rows.
pub(crate) fn forget(tx: &mut Tx<'_>, whose: &Participant) -> Result<()> {
    let person = whose.person(tx)?;
    for mut import in store::that_may_hold(tx, whose)? {
        let mut table = opened(tx, &import)?;
        let rows = table.rows.len();
        table.rows.retain(|row| !rules::is_of(row, &person));
        let effects = Effects::without(tx, &import, whose.id)?;
        if table.rows.len() < rows || effects.is_some() {
            import.effects_sealed = effects.or(import.effects_sealed);
            let left = serde_json::to_vec(&table).map_err(Error::storage)?;
            import.rows_sealed = tx.keys().seal("import", &left, tx.entropy())?;
            import.version += 1;
            store::update(tx, &import)?;
        }
    }
    Ok(())
}

fn write(
    tx: &mut Tx<'_>,
    actor: &Actor,
    import: &Import,
    school: &Partner,
    cohort: Option<&Cohort>,
    rows: Vec<PlannedRow>,
) -> Result<(Applied, Effects)> {
    let mut new = Vec::new();
    let mut there = Vec::new();
    let mut changed = Vec::new();
    let mut notes = Vec::new();
    let mut effects = Effects::default();
    let mut row_of = HashMap::new();
    for PlannedRow { number: row, action, person, existing, .. } in rows {
        let whose = match (action, person, existing) {
            (Action::New, Some(person), _) => {
                let (province, regency) = (school.province_code.clone(), school.regency_code.clone());
                let made = participant::participant_of(tx, province, regency, Some(school.id), &person)?;
                let participant = made.id;
                effects.made.push(Made { row, participant });
                new.push(Participant { import_id: Some(import.id), ..made });
                participant
            }
            (Action::Changed, Some(person), Some(existing)) => {
                let detail = serde_json::json!({ "import": import.id });
                notes.push(participant::corrected(tx, &existing, &person)?.with(detail));
                let after = participant::changed(tx, &existing, &person)?;
                let (participant, version, before) = (after.id, after.version, existing.person(tx)?);
                effects.changed.push(Changed { row, participant, version, before });
                changed.push(after);
                participant
            }
            (Action::Same, _, Some(existing)) => {
                let participant = existing.id;
                there.push(*existing);
                participant
            }
            _ => continue,
        };
        row_of.insert(whose, row);
    }
    // In the order in which everyone who needs several people takes hold of them.
    changed.sort_unstable_by_key(|person| person.id);
    for person in &changed {
        participant::update(tx, person)?;
    }
    participant::insert_many(tx, &new)?;
    audit::record_all(tx, actor, notes)?;
    if let Some(cohort) = cohort {
        let everyone: Vec<&Participant> = changed.iter().chain(&there).chain(&new).collect();
        for made in enrollment::apply_many(tx, actor, cohort, &everyone, Some(import.id))? {
            let row = row_of.get(&made.participant_id).copied().unwrap_or_default();
            effects.enrolled.push(Enrolled { row, enrollment: made.id });
        }
    }
    let applied = Applied { registered: new.len(), corrected: changed.len(), enrolled: effects.enrolled.len() };
    Ok((applied, effects))
}

/// Checks every row, against itself, against the file and against the register, in a handful of queries.
fn plan(tx: &mut Tx<'_>, school: &Partner, cohort: Option<&Cohort>, table: &Table) -> Result<Plan> {
    let today = tx.today(&school.province_code);
    let grade_xii_only = cohort.is_none_or(|cohort| cohort.segment == Segment::GradeXii);
    let mut read: Vec<ReadRow<'_>> = table.rows.iter().map(|row| rules::read_row(row, today, grade_xii_only)).collect();
    rules::mark_duplicates(&mut read);
    let niks: Vec<Nik> = read.iter().filter_map(|row| row.person.as_ref()?.nik.clone()).collect();
    let nisns: Vec<Nisn> = read.iter().filter_map(|row| row.person.as_ref()?.nisn.clone()).collect();
    let names: Vec<String> =
        read.iter().filter_map(|row| Some(search_name(row.person.as_ref()?.name.as_str()))).collect();
    let register = tx.beyond(|tx| {
        let known = participant::known_by_identity(tx, &niks, &nisns)?;
        let mut namesakes: HashMap<(String, chrono::NaiveDate), Vec<Id>> = HashMap::new();
        for (name, birth, id) in participant::namesakes_of(tx, &names)? {
            namesakes.entry((name, birth)).or_default().push(id);
        }
        let found: Vec<Id> = known.by_nik.values().chain(known.by_nisn.values()).map(|person| person.id).collect();
        Ok(Register { on_hold: hold::in_force(tx, &found, today)?, known, namesakes })
    })?;
    let mut rows = Vec::with_capacity(read.len());
    for row in read {
        rows.push(settle(tx, school, row, &register)?);
    }
    let summary = Summary::of(&rows);
    Ok(Plan { rows, summary })
}

/// What the register says about the people of a file.
struct Register {
    known: Known,
    namesakes: HashMap<(String, chrono::NaiveDate), Vec<Id>>,
    on_hold: HashSet<Id>,
}

/// Decides what a row is, now that the register has been asked.
fn settle(tx: &Tx<'_>, school: &Partner, row: ReadRow<'_>, register: &Register) -> Result<PlannedRow> {
    let Register { known, namesakes, on_hold } = register;
    let ReadRow { row, name, person, mut findings, skipped } = row;
    let mut planned = PlannedRow {
        number: row.number,
        name,
        action: Action::Problem,
        person: None,
        existing: None,
        changes: Vec::new(),
        findings: Vec::new(),
    };
    if skipped {
        planned.action = Action::Skipped;
        planned.findings = findings;
        return Ok(planned);
    }
    let Some(mut person) = person.filter(|_| !findings.iter().any(|finding| finding.severity == Severity::Error))
    else {
        planned.findings = findings;
        return Ok(planned);
    };
    let by_nik = person.nik.as_ref().and_then(|nik| known.by_nik.get(nik));
    let by_nisn = person.nisn.as_ref().and_then(|nisn| known.by_nisn.get(nisn.as_str()));
    if let (Some(one), Some(other)) = (by_nik, by_nisn)
        && one.id != other.id
    {
        findings.push(rules::finding(row, Field::Nik, &codes::ROW_IDENTITY_CONFLICT, Severity::Error));
        planned.findings = findings;
        return Ok(planned);
    }
    match by_nik.or(by_nisn) {
        Some(existing) if existing.school_id != Some(school.id) => {
            findings.push(rules::finding(row, Field::Name, &codes::ROW_OTHER_SCHOOL, Severity::Error));
        }
        Some(existing) => {
            let before = existing.person(tx)?;
            rules::keep_what_is_missing(&mut person, &before);
            planned.changes = rules::changes(&before, &person);
            planned.action = if planned.changes.is_empty() { Action::Same } else { Action::Changed };
            if planned.action == Action::Changed && on_hold.contains(&existing.id) {
                findings.push(rules::finding(row, Field::Name, &codes::HOLD_IN_FORCE, Severity::Error));
                planned.action = Action::Problem;
            }
            planned.existing = Some(Box::new(existing.clone()));
            if planned.action == Action::Same {
                // What was confirmed once is not asked again.
                findings.clear();
            }
            planned.person = Some(person);
        }
        None => {
            let key = (search_name(person.name.as_str()), person.birth_date);
            if namesakes.contains_key(&key) {
                findings.push(rules::finding(row, Field::Name, &codes::PARTICIPANT_NAMESAKE, Severity::Warning));
            }
            planned.action = Action::New;
            planned.person = Some(person);
        }
    }
    planned.findings = findings;
    Ok(planned)
}
