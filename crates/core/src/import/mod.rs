//! Imports: the door most people come in by.
//!
//! Every row is checked before anything is written. A plan is kept and looked at; applying it makes the same plan again
//! against the register of that moment, in one transaction, and writes only what was looked at. A person missing from a
//! file is never touched.

mod exams;
pub mod layout;
mod marks;
mod packed;
mod partners;
mod people;
mod plan;
mod progress;
mod severity;
pub mod source;
mod store;
mod undo;
mod wanted;
mod workbook;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use packed::{Packed, Unpacked};
pub use plan::{Action, Chosen, FieldChange, Finding, Looked, Plan, PlannedRow, Severity};
pub use progress::{Progress, Stage, Watch};
pub use severity::{RULES, Rule, Setting, Settings, set, settings};
pub use source::{Field, GuessedColumn, ImportKind, KnownLayout, Limits, SourceRow, Sureness, Table, Unreadable};
pub use store::{Import, ImportState, Summary};
pub use undo::{Obstacle, Undone, obstacles, undo, undo_watched};
pub use workbook::{Problems, problems, template};

use crate::access::{Actor, Operation, Scope};
use crate::attendance;
use crate::audit::{self, Subject};
use crate::class::{self, Class};
use crate::cohort::{self, Cohort};
use crate::db::Tx;
use crate::enrollment;
use crate::error::{Error, FieldProblem, Result, codes};
use crate::id::Id;
use crate::keys::sha256_hex;
use crate::page::{MAX_SIZE, Page, PageRequest};
use crate::participant::{self, Participant, ParticipantFilter, Person};
use crate::partner::{self, Partner};
use crate::session;
use crate::values::{ProvinceCode, Words, search_name};
use plan::{Answers, Kept};
use store::Part;
use undo::Effects;

/// What a file brings, and where that belongs. What is said of a place that its kind has no use for says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// What the file brings.
    pub kind: ImportKind,
    /// Whose students; a coordinator's own school when nothing is said.
    pub school: Option<Id>,
    /// The cohort to register them for, if any.
    pub cohort: Option<Id>,
    /// Whose institutions, or whose people's results; the actor's own province when nothing is said.
    pub province: Option<ProvinceCode>,
    /// The class whose registers are marked, or in which students are seated; of results, where somebody works for a
    /// partner.
    pub class: Option<Id>,
}

impl Place {
    /// Of students.
    pub fn of_people(school: Option<Id>, cohort: Option<Id>) -> Self {
        Self { kind: ImportKind::People, school, cohort, ..Self::default() }
    }
}

/// A file to plan.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewImport {
    /// What it brings, and where that belongs.
    #[serde(flatten)]
    pub place: Place,
    /// The file's name, for people.
    pub file_name: String,
    /// SHA-256 of its bytes.
    pub file_sha256: String,
    /// What was read from it.
    pub table: Table,
}

impl NewImport {
    /// As it waits for its turn.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>> {
        packed::bytes_of(self)
    }

    pub(crate) fn of_bytes(bytes: &[u8]) -> Result<Self> {
        packed::value_of(bytes)
    }
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

/// Reads a file of any kind, by what its header says itself.
pub fn read_as(kind: ImportKind, bytes: &[u8], limits: &Limits) -> Result<(Table, String)> {
    let table = source::read_as(kind, bytes, limits).map_err(|unreadable| refusal_of(kind, &unreadable))?;
    Ok((table, sha256_hex(bytes)))
}

/// Layouts are explained of lists of people alone: any other list must be known by itself.
fn refusal_of(kind: ImportKind, unreadable: &Unreadable) -> Error {
    let refusal = refusal(unreadable);
    if kind != ImportKind::People && refusal.is(&codes::IMPORT_UNKNOWN_HEADER) {
        return Error { facts: refusal.facts, ..Error::new(&codes::IMPORT_HEADER_MISSING) };
    }
    refusal
}

fn refusal(unreadable: &Unreadable) -> Error {
    let code = codes::named(unreadable.code()).unwrap_or(&codes::IMPORT_DAMAGED);
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
    let plan = check(tx, actor, &new, &mut |_| Ok(()))?;
    keep(tx, actor, new, plan)
}

/// Checks every row of a file. Nothing is written, so it may be done beside the changes of others.
pub fn check(tx: &mut Tx<'_>, actor: &Actor, new: &NewImport, watch: &mut Watch<'_>) -> Result<Plan> {
    let target = target(tx, actor, &new.place)?;
    Ok(target.check(tx, actor, &new.table, &Answers::new(), watch)?.plan)
}

/// Keeps a file with the plan that was made of it.
pub fn keep(tx: &mut Tx<'_>, actor: &Actor, new: NewImport, plan: Plan) -> Result<(Import, Plan)> {
    let target = target(tx, actor, &new.place)?;
    let kept = Kept { rows: plan.rows, answers: Answers::new() };
    let import = Import {
        id: tx.new_id(),
        kind: target.place.kind,
        province_code: target.province,
        school_id: target.place.school,
        cohort_id: target.place.cohort,
        class_id: target.place.class,
        file_name: new.file_name.chars().filter(|c| !c.is_control()).take(200).collect(),
        file_sha256: new.file_sha256,
        state: ImportState::Planned,
        summary: plan.summary.clone(),
        created_at: tx.now(),
        created_by: actor.account_or_operator(),
        applied_at: None,
        applied_by: None,
        version: 1,
        undone_at: None,
        undone_by: None,
    };
    store::insert(tx, &import, &new.table, &kept)?;
    let Import { kind, school_id: school, class_id: class, summary, .. } = &import;
    let detail = json!({ "kind": kind, "school": school, "class": class, "summary": summary });
    note(tx, actor, &import, "import.planned", &detail)?;
    Ok((import, Plan { rows: kept.rows, ..plan }))
}

fn note(tx: &mut Tx<'_>, actor: &Actor, import: &Import, action: &'static str, detail: &Value) -> Result<()> {
    audit::record(tx, actor, action, Subject::import(import.id), Some(&import.province_code), detail)
}

/// Where what a file brings belongs, and how grave its province takes its rules.
pub(crate) struct Target {
    /// The place as it is, where the actor has not said all of it.
    pub(crate) place: Place,
    pub(crate) province: ProvinceCode,
    of: Of,
    settings: Settings,
}

/// The school whose students a file brings, the cohort they are registered for, and the class they are seated in.
struct Destination {
    school: Partner,
    cohort: Option<Cohort>,
    class: Option<Class>,
}

/// What the rows are held against, by kind.
enum Of {
    People(Box<Destination>),
    Partners,
    Attendance { class: Box<Class> },
    ExamResults { class: Option<Id> },
}

/// Every row as it is shown, and what it means.
struct Checked<'a> {
    plan: Plan,
    meant: Meant<'a>,
}

/// What rows mean, by kind.
enum Meant<'a> {
    People(people::Meant<'a>),
    Partners(partners::Meant),
    Attendance(marks::Meant),
    ExamResults(exams::Meant),
}

impl Target {
    fn check<'a>(
        &'a self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        table: &Table,
        answers: &'a Answers,
        watch: &mut Watch<'_>,
    ) -> Result<Checked<'a>> {
        let settings = &self.settings;
        Ok(match &self.of {
            Of::People(to) => {
                let (cohort, class) = (to.cohort.as_ref(), to.class.as_ref());
                let against = people::Against { school: &to.school, cohort, class, settings, answers };
                let (plan, meant) = people::check(tx, against, table, watch)?;
                Checked { plan, meant: Meant::People(meant) }
            }
            Of::Partners => {
                let (plan, meant) = partners::check(tx, &self.province, settings, table, watch)?;
                Checked { plan, meant: Meant::Partners(meant) }
            }
            Of::Attendance { class } => {
                let (plan, meant) = marks::check(tx, actor, class, settings, table, watch)?;
                Checked { plan, meant: Meant::Attendance(meant) }
            }
            Of::ExamResults { .. } => {
                let against = exams::Against { province: &self.province, settings, answers };
                let (plan, meant) = exams::check(tx, actor, against, table, watch)?;
                Checked { plan, meant: Meant::ExamResults(meant) }
            }
        })
    }

    /// Holds what others may change by hand between the last look and the writing.
    fn hold(&self, tx: &mut Tx<'_>) -> Result<()> {
        match &self.of {
            Of::People { .. } => participant::wait_for_niks(tx),
            // Each is renamed by the version that was looked at, and the tables refuse a result that was recorded or
            // corrected in between.
            Of::Partners | Of::ExamResults { .. } => Ok(()),
            Of::Attendance { class } => session::lock_of_class(tx, class.id),
        }
    }
}

impl Checked<'_> {
    /// Writes the chosen rows that have no problem.
    fn write(
        self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        import: &Import,
        chosen: &Chosen,
        watch: &mut Watch<'_>,
    ) -> Result<(Applied, Effects)> {
        let Self { plan, meant } = self;
        let rows = &plan.rows;
        Ok(match meant {
            Meant::People(meant) => {
                let (applied, effects) = people::write(tx, actor, import, rows, meant, chosen, watch)?;
                (applied, Effects::People(effects))
            }
            Meant::Partners(meant) => {
                let (applied, effects) = partners::write(tx, actor, rows, meant, chosen, watch)?;
                (applied, Effects::Partners(effects))
            }
            Meant::Attendance(meant) => {
                let (applied, effects) = marks::write(tx, actor, rows, meant, chosen, watch)?;
                (applied, Effects::Attendance(effects))
            }
            Meant::ExamResults(meant) => {
                let (applied, effects) = exams::write(tx, actor, import, rows, meant, chosen, watch)?;
                (applied, Effects::ExamResults(effects))
            }
        })
    }
}

/// The place that is said, as the actor reaches it.
pub(crate) fn target(tx: &mut Tx<'_>, actor: &Actor, place: &Place) -> Result<Target> {
    actor.may(place.kind.operation())?;
    let (province, of) = match place.kind {
        ImportKind::People => {
            let destination = destination(tx, actor, place)?;
            (destination.school.province_code.clone(), Of::People(Box::new(destination)))
        }
        ImportKind::Partners => (severity::province_of(actor, place.province.clone())?, Of::Partners),
        ImportKind::Attendance => {
            let class = place.class.ok_or_else(|| Error::field("/class", &codes::FIELD_REQUIRED))?;
            let class = class::visible(tx, actor, class).map_err(|error| error.at("/class"))?;
            attendance::may_mark_class(actor, &class)?;
            (class.province_code.clone(), Of::Attendance { class: Box::new(class) })
        }
        ImportKind::ExamResults => match place.class {
            Some(class) => {
                let class = class::visible(tx, actor, class).map_err(|error| error.at("/class"))?;
                (class.province_code, Of::ExamResults { class: Some(class.id) })
            }
            // Nobody else would see the import of somebody who works for a partner.
            None if matches!(actor.scope(), Scope::Partner(..)) => {
                return Err(Error::field("/class", &codes::FIELD_REQUIRED));
            }
            None => (severity::province_of(actor, place.province.clone())?, Of::ExamResults { class: None }),
        },
    };
    let place = match &of {
        Of::People(to) => Place {
            class: to.class.as_ref().map(|class| class.id),
            ..Place::of_people(Some(to.school.id), to.cohort.as_ref().map(|cohort| cohort.id))
        },
        Of::Partners => Place { kind: ImportKind::Partners, province: Some(province.clone()), ..Place::default() },
        Of::Attendance { class } => Place { kind: ImportKind::Attendance, class: Some(class.id), ..Place::default() },
        Of::ExamResults { class } => {
            let province = Some(province.clone());
            Place { kind: ImportKind::ExamResults, province, class: *class, ..Place::default() }
        }
    };
    let settings = store::settings(tx, &province)?;
    Ok(Target { place, province, of, settings })
}

fn destination(tx: &mut Tx<'_>, actor: &Actor, place: &Place) -> Result<Destination> {
    let id = match actor.scope() {
        Scope::School(_, own) if place.school.is_none_or(|school| school == *own) => *own,
        Scope::School(..) => return Err(Error::field("/school", &codes::REFERENCE_UNKNOWN)),
        _ => place.school.ok_or_else(|| Error::field("/school", &codes::FIELD_REQUIRED))?,
    };
    let school = partner::get(tx, actor, id).map_err(|error| error.at("/school"))?;
    if !school.kind.is_school() {
        return Err(Error::new(&codes::PARTNER_NOT_A_SCHOOL));
    }
    if place.class.is_some() {
        actor.may(Operation::Seating)?;
    }
    let class = place.class.map(|class| class::visible(tx, actor, class)).transpose();
    let class = class.map_err(|error| error.at("/class"))?;
    let cohort = place.cohort.or(class.as_ref().map(|class| class.cohort_id));
    let cohort = cohort.map(|cohort| cohort::get(tx, actor, cohort)).transpose();
    let cohort = cohort.map_err(|error| error.at("/cohort"))?;
    if let Some((class, cohort)) = class.as_ref().zip(cohort.as_ref()) {
        if class.cohort_id != cohort.id {
            return Err(Error::new(&codes::CLASS_OTHER_COHORT));
        }
        enrollment::takes_people(cohort, class)?;
    }
    if cohort.as_ref().is_some_and(|cohort| cohort.province_code != school.province_code) {
        return Err(Error::new(&codes::COHORT_OTHER_PROVINCE));
    }
    Ok(Destination { school, cohort, class })
}

impl ImportKind {
    /// What whoever brings such a file must be allowed to do.
    pub fn operation(self) -> Operation {
        match self {
            Self::People => Operation::Import,
            Self::Partners => Operation::PartnerWrite,
            Self::Attendance => Operation::AttendanceWrite,
            Self::ExamResults => Operation::ExamWrite,
        }
    }

    /// The kinds of file that the actor may bring, and so see.
    ///
    /// # Errors
    /// `access.denied` when there is none.
    pub fn of(actor: &Actor) -> Result<Vec<Self>> {
        let kinds: Vec<Self> = Self::ALL.iter().copied().filter(|kind| actor.may(kind.operation()).is_ok()).collect();
        if kinds.is_empty() { Err(Error::new(&codes::ACCESS_DENIED)) } else { Ok(kinds) }
    }
}

impl Import {
    /// What it brings, and where that belongs.
    pub fn place(&self) -> Place {
        let province = Some(self.province_code.clone());
        Place { kind: self.kind, school: self.school_id, cohort: self.cohort_id, province, class: self.class_id }
    }
}

/// One import in the actor's scope.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Import> {
    let kinds = ImportKind::of(actor)?;
    store::visible_one(tx, actor, &kinds, id)
}

/// Imports in the actor's scope.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<Import>> {
    let kinds = ImportKind::of(actor)?;
    store::visible(tx, actor, &kinds, page)
}

/// The plan of an import as it was made last: what a person looks at, before it is applied and after.
///
/// # Errors
/// `import.rows_gone` once it is no longer kept.
pub fn plan(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Import, Plan)> {
    let import = get(tx, actor, id)?;
    let kept = kept_plan(tx, actor, &import)?;
    let summary = import.summary.clone();
    Ok((import, Plan { rows: kept.rows, summary }))
}

/// Which rows of a plan are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowFilter {
    /// Only these.
    pub action: Option<Action>,
    /// Only rows that are no longer what the plan before said of them.
    pub moved: bool,
}

/// A page of the plan as it was made last, in the order of the file.
///
/// # Errors
/// `import.rows_gone` once it is no longer kept.
pub fn rows(tx: &mut Tx<'_>, actor: &Actor, id: Id, filter: &RowFilter, page: PageRequest) -> Result<Page<PlannedRow>> {
    let (_, plan) = plan(tx, actor, id)?;
    let key = |row: &PlannedRow| Id::from_i64(i64::from(row.number)).unwrap_or_default();
    let wanted = |row: &PlannedRow| {
        key(row) > page.after()
            && filter.action.is_none_or(|action| row.action == action)
            && (!filter.moved || row.before.is_some())
    };
    let size = usize::try_from(page.fetch()).unwrap_or_default();
    let rows = plan.rows.values().filter(|row| row.as_ref().map_or(true, wanted)).take(size);
    Ok(page.page(rows.collect::<Result<_>>()?, key))
}

/// The people of the scope who have the name and birth date of one of these rows.
pub fn namesakes(tx: &mut Tx<'_>, actor: &Actor, rows: &[PlannedRow]) -> Result<HashMap<Id, Participant>> {
    let asked: Vec<Id> = rows.iter().flat_map(|row| row.namesakes.iter().copied()).collect();
    participant::visible_of(tx, actor, &asked)
}

/// People of the school or the class who are in the register and not in the file: listed, and never touched. Of a list
/// of institutions or of exam results there are none.
///
/// # Errors
/// `import.rows_gone` once the plan is no longer kept.
pub fn missing(tx: &mut Tx<'_>, actor: &Actor, id: Id, page: PageRequest) -> Result<Page<Participant>> {
    let (import, plan) = plan(tx, actor, id)?;
    if matches!(import.kind, ImportKind::Partners | ImportKind::ExamResults) {
        return Ok(page.page(Vec::new(), |person: &Participant| person.id));
    }
    let (mut there, mut named) = (HashSet::new(), HashSet::new());
    for row in plan.rows.values() {
        let row = row?;
        there.extend(row.against.map(|(person, _)| person));
        // Of a row that cannot be read nothing but a name is known.
        if matches!(row.action, Action::Problem | Action::Skipped) {
            named.extend(row.name.as_deref().map(search_name));
        }
    }
    let is_missing =
        |person: &Participant| !there.contains(&person.id) && !named.contains(&search_name(person.name.as_str()));
    if let Some(class) = import.class_id {
        let members = enrollment::members(tx, class)?;
        let members: Vec<Id> = members.iter().map(|member| member.enrollment.participant_id).collect();
        let mut people: Vec<Participant> = participant::visible_of(tx, actor, &members)?.into_values().collect();
        people.retain(|person| person.id > page.after() && is_missing(person));
        people.sort_unstable_by_key(|person| person.id);
        people.truncate(usize::try_from(page.fetch()).unwrap_or_default());
        return Ok(page.page(people, |person| person.id));
    }
    let filter = ParticipantFilter { school: import.school_id, ..ParticipantFilter::default() };
    let wanted = page.fetch();
    let (mut found, mut next) = (Vec::new(), PageRequest { size: MAX_SIZE, ..page });
    while i64::try_from(found.len()).unwrap_or(i64::MAX) < wanted {
        let people = participant::list(tx, actor, &filter, next)?;
        let last = people.rows.last().map(|person| person.id);
        found.extend(people.rows.into_iter().filter(&is_missing));
        if people.next.is_none() {
            break;
        }
        next.after = last;
    }
    Ok(page.page(found, |person| person.id))
}

/// The plan that is kept; one of this moment for an import that was brought before plans were kept.
fn kept_plan(tx: &mut Tx<'_>, actor: &Actor, import: &Import) -> Result<Kept> {
    if let Some(kept) = store::opened(tx, import.id, Part::Plan)? {
        return Ok(kept);
    }
    let target = target(tx, actor, &import.place())?;
    let table = table(tx, import)?;
    let answers = Answers::new();
    let rows = target.check(tx, actor, &table, &answers, &mut |_| Ok(()))?.plan.rows;
    Ok(Kept { rows, answers })
}

fn table(tx: &mut Tx<'_>, import: &Import) -> Result<Table> {
    store::opened(tx, import.id, Part::Rows)?.ok_or_else(|| Error::new(&codes::IMPORT_ROWS_GONE))
}

/// Whether a row is the person who has its name and birth date: that person, or nobody who is in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The row, as a spreadsheet shows it.
    pub row: u32,
    /// Who it is.
    pub participant: Option<Id>,
}

/// Answers the questions of a plan, all of them at once, and makes the plan again with the answers.
///
/// # Errors
/// `resource.stale`, `import.applied`, `import.not_a_namesake` at the answer.
pub fn answer(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, answers: &[Answer]) -> Result<Import> {
    let mut import = planned(tx, actor, id, version)?;
    let target = target(tx, actor, &import.place())?;
    let table = table(tx, &import)?;
    let given: Answers = answers.iter().map(|answer| (answer.row, answer.participant)).collect();
    let now = target.check(tx, actor, &table, &given, &mut |_| Ok(()))?.plan;
    let asked = now.rows.values().filter(|row| row.as_ref().map_or(true, |row| given.contains_key(&row.number)));
    let asked: Vec<PlannedRow> = asked.collect::<Result<_>>()?;
    for (number, answer) in answers.iter().enumerate() {
        let row = asked.iter().find(|row| row.number == answer.row);
        if !row.is_some_and(|row| row.takes(answer.participant)) {
            let problem = FieldProblem::new(format!("/answers/{number}"), &codes::IMPORT_NOT_A_NAMESAKE);
            return Err(Error::fields(vec![problem.fact("row", answer.row)]));
        }
    }
    let kept = kept_plan(tx, actor, &import)?;
    let moved = kept.moved(&now.rows, &Chosen::Every)?;
    let plan = Kept { rows: kept.beside(&now.rows, &moved)?, answers: given };
    import.summary = now.summary;
    import.version += 1;
    store::update(tx, &import)?;
    store::keep(tx, id, Part::Plan, &plan)?;
    note(tx, actor, &import, "import.answered", &json!({ "rows": plan.answers.keys().collect::<Vec<_>>() }))?;
    Ok(import)
}

/// An import of the scope that is not applied yet, held until the transaction ends.
fn planned(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<Import> {
    get(tx, actor, id)?;
    let import = store::locked(tx, id)?;
    if import.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if import.state == ImportState::Applied {
        return Err(Error::new(&codes::IMPORT_APPLIED));
    }
    Ok(import)
}

/// What applying did.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct Applied {
    /// People registered, institutions entered, first marks set, or results recorded.
    pub registered: usize,
    /// Those corrected.
    pub corrected: usize,
    /// People put on the cohort's list.
    pub enrolled: usize,
    /// Of these, people who got a seat in the class that was named.
    pub seated: usize,
}

/// What is asked for when a plan is applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// The version of the import that was looked at.
    pub version: i32,
    /// The rows to write.
    pub rows: Chosen,
    /// Every warning code of these rows, once a person has looked at it.
    pub confirm: Vec<String>,
}

/// How an application ended.
#[derive(Debug)]
pub enum Outcome {
    /// The rows are written.
    Applied(Import, Applied),
    /// Nothing is written, because these rows are no longer what was looked at; the new plan is kept.
    Moved(Import, Vec<u32>),
}

/// The refusal that an application ends with when these rows have moved.
pub(crate) fn moved(rows: &[u32]) -> Error {
    Error::new(&codes::IMPORT_MOVED).fact("rows", plan::ranges(rows))
}

impl Outcome {
    /// What was written.
    ///
    /// # Errors
    /// `import.moved` with the rows.
    pub fn applied(self) -> Result<(Import, Applied)> {
        match self {
            Self::Applied(import, applied) => Ok((import, applied)),
            Self::Moved(_, rows) => Err(moved(&rows)),
        }
    }
}

/// Writes the chosen rows, all of them or none, in this one transaction. The same file again changes nothing.
///
/// What was looked at is what is written: if the register has moved since, nothing is, and the plan is made again.
///
/// # Errors
/// `resource.stale`, `import.applied`, `import.row_not_writable`, `import.warnings` until every warning code of the
/// chosen rows is confirmed.
pub fn apply(tx: &mut Tx<'_>, actor: &Actor, id: Id, asked: &Application) -> Result<Outcome> {
    apply_watched(tx, actor, id, asked, &mut |_| Ok(()))
}

/// The same in front of a watcher.
pub fn apply_watched(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    asked: &Application,
    watch: &mut Watch<'_>,
) -> Result<Outcome> {
    let mut import = planned(tx, actor, id, asked.version)?;
    let target = target(tx, actor, &import.place())?;
    // Imports to one place stand in line, so that the second one of two sees what the first one wrote.
    store::wait_for_others(tx, &target.place)?;
    target.hold(tx)?;
    watch(Progress { stage: Stage::Reading, done: 0, total: import.summary.rows })?;
    let table = table(tx, &import)?;
    let kept = kept_plan(tx, actor, &import)?;
    let checked = target.check(tx, actor, &table, &kept.answers, watch)?;
    drop(table);
    let moved = kept.moved(&checked.plan.rows, &asked.rows)?;
    import.version += 1;
    import.summary = checked.plan.summary.clone();
    if !moved.is_empty() {
        let plan = Kept { rows: kept.beside(&checked.plan.rows, &moved)?, answers: kept.answers };
        store::update(tx, &import)?;
        store::keep(tx, id, Part::Plan, &plan)?;
        note(tx, actor, &import, "import.moved", &json!({ "rows": moved }))?;
        return Ok(Outcome::Moved(import, moved));
    }
    import.summary.confirmed = confirmed(asked.rows.summary(&checked.plan)?, asked)?;
    let (applied, effects) = checked.write(tx, actor, &import, &asked.rows, watch)?;
    import.state = ImportState::Applied;
    import.applied_at = Some(tx.now());
    import.applied_by = Some(actor.account_or_operator());
    store::update(tx, &import)?;
    store::keep(tx, id, Part::Effects, &effects)?;
    let detail = json!({ "applied": applied, "rows": asked.rows, "confirmed": import.summary.confirmed });
    note(tx, actor, &import, "import.applied", &detail)?;
    Ok(Outcome::Applied(import, applied))
}

/// The warnings of the rows that are to be written, every one of which is confirmed.
fn confirmed(chosen: Summary, asked: &Application) -> Result<Vec<String>> {
    let (confirmed, open): (Vec<String>, Vec<String>) =
        chosen.warnings.into_keys().partition(|code| asked.confirm.contains(code));
    if open.is_empty() {
        return Ok(confirmed);
    }
    Err(Error::new(&codes::IMPORT_WARNINGS).fact("warnings", open.join(", ")))
}

/// Whether a row of such a file is of this person.
pub(crate) fn is_of(kind: ImportKind, row: &SourceRow, person: &Person) -> bool {
    match kind {
        ImportKind::People | ImportKind::ExamResults => people::is_of(row, person),
        ImportKind::Partners => false,
        ImportKind::Attendance => marks::is_of(row, person),
    }
}

/// Keeps the files that may hold a person, by their place or because they brought the person, without that person's rows.
pub(crate) fn forget(tx: &mut Tx<'_>, whose: &Participant) -> Result<()> {
    let person = whose.person(tx)?;
    for mut import in store::that_may_hold(tx, whose)? {
        let mut table = table(tx, &import)?;
        let mut theirs = HashSet::new();
        table.rows.retain(|row| {
            let is_theirs = is_of(import.kind, row, &person);
            theirs.extend(is_theirs.then_some(row.number));
            !is_theirs
        })?;
        let effects = Effects::without(tx, &import, whose.id)?;
        if theirs.is_empty() && effects.is_none() {
            continue;
        }
        store::keep(tx, import.id, Part::Rows, &table)?;
        if let Some(mut plan) = store::opened::<Kept>(tx, import.id, Part::Plan)? {
            plan.rows.retain(|row| !theirs.contains(&row.number))?;
            store::keep(tx, import.id, Part::Plan, &plan)?;
        }
        if let Some(effects) = effects {
            store::keep(tx, import.id, Part::Effects, &effects)?;
        }
        import.version += 1;
        store::update(tx, &import)?;
    }
    Ok(())
}
