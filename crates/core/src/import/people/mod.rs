//! The people of a file against the register: what each row would do, and doing it.

mod effects;
mod rules;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::plan::{Answers, Chosen, Finding, PlannedRow};
use super::progress::{Progress, Stage, Watch, tell};
use super::severity::Settings;
use super::source::{Field, Table};
use super::{Action, Applied, Import, Severity};
use crate::access::Actor;
use crate::audit;
use crate::class::Class;
use crate::cohort::Cohort;
use crate::consent;
use crate::db::Tx;
use crate::enrollment::{self, Enrollment};
use crate::error::{Fact, Result, codes};
use crate::hold;
use crate::id::Id;
use crate::participant::{self, Known, Participant, Person};
use crate::partner::Partner;
use crate::time::is_minor_on;
use crate::values::{Nik, Nisn, Segment};
pub(in crate::import) use effects::Effects;
use effects::{Changed, Enrolled, Made};
use rules::ReadRow;
pub(super) use rules::is_of;

/// What people are checked with beside their rows.
#[derive(Clone, Copy)]
pub(super) struct Against<'a> {
    pub(super) school: &'a Partner,
    pub(super) cohort: Option<&'a Cohort>,
    /// The class of the cohort in which they are seated.
    pub(super) class: Option<&'a Class>,
    pub(super) settings: &'a Settings,
    pub(super) answers: &'a Answers,
}

/// Whom the rows mean.
pub(super) struct Meant<'a> {
    against: Against<'a>,
    rows: Vec<Whom>,
}

/// Whom a row means: as they would be, and as they are.
#[derive(Default)]
struct Whom {
    person: Option<Person>,
    existing: Option<Box<Participant>>,
}

/// What the register says about the people of a file.
struct Register {
    known: Known,
    namesakes: HashMap<(String, NaiveDate), Vec<Id>>,
    /// Those whom somebody has said to be the people of a row.
    answered: HashMap<Id, Participant>,
    on_hold: HashSet<Id>,
}

/// Checks every row, against itself, against the file and against the register, in a handful of queries.
pub(super) fn check<'a>(
    tx: &mut Tx<'_>,
    against: Against<'a>,
    table: &Table,
    watch: &mut Watch<'_>,
) -> Result<(Vec<PlannedRow>, Meant<'a>)> {
    let today = tx.today(&against.school.province_code);
    let grade_xii_only = against.cohort.is_none_or(|cohort| cohort.segment == Segment::GradeXii);
    let read = |row| rules::read_row(row, today, grade_xii_only, against.settings);
    let mut read: Vec<ReadRow<'_>> = table.rows.iter().map(read).collect();
    rules::mark_duplicates(&mut read);
    let register = tx.beyond(|tx| ask(tx, &read, against.answers, today))?;
    let (mut rows, mut meant) = (Vec::with_capacity(read.len()), Vec::with_capacity(read.len()));
    let mut first_of: HashMap<Id, u32> = HashMap::new();
    let total = read.len();
    for (behind, row) in read.into_iter().enumerate() {
        tell(watch, Stage::Checking, behind, total)?;
        let (mut planned, mut whose) = settle(tx, &against, row, &register)?;
        // Two rows may be one person of the register, one by the NIK and the other by the NISN.
        if let Some(existing) = &whose.existing {
            let earlier = *first_of.entry(existing.id).or_insert(planned.number);
            if let Some(source) = table.rows.get(behind).filter(|_| earlier != planned.number) {
                let finding = Finding::at(source, Field::Nik, &codes::ROW_DUPLICATE, Severity::Error);
                planned.findings = vec![Finding { facts: vec![Fact::new("row", earlier)], ..finding }];
                planned.changes.clear();
                (planned.action, whose) = (Action::Problem, Whom::default());
            }
        }
        rows.push(planned);
        meant.push(whose);
    }
    if let Some(class) = against.class {
        say_who_waits(tx, class, table, today, &mut rows, &meant)?;
    }
    Ok((rows, Meant { against, rows: meant }))
}

/// Says who of those that are brought to a class would wait: minors without consent, and whoever comes after its seats.
fn say_who_waits(
    tx: &mut Tx<'_>,
    class: &Class,
    table: &Table,
    today: NaiveDate,
    rows: &mut [PlannedRow],
    meant: &[Whom],
) -> Result<()> {
    let known: Vec<Id> = meant.iter().filter_map(|whom| whom.existing.as_ref().map(|one| one.id)).collect();
    let (consented, there) =
        (consent::given_for_training(tx, &known)?, enrollment::there_already(tx, class.cohort_id, &known)?);
    let mut free = class.free();
    for ((row, whom), source) in rows.iter_mut().zip(meant).zip(&table.rows) {
        let existing = whom.existing.as_ref();
        let born = whom.person.as_ref().map(|person| person.birth_date).or(existing.map(|one| one.birth_date));
        let (Some(born), false) = (born, existing.is_some_and(|one| there.contains(&one.id))) else { continue };
        if is_minor_on(born, today) && !existing.is_some_and(|one| consented.contains(&one.id)) {
            row.findings.push(Finding::at(source, Field::BirthDate, &codes::ROW_WAITS_CONSENT, Severity::Note));
        } else if free > 0 {
            free -= 1;
        } else {
            row.findings.push(Finding::at(source, Field::Name, &codes::ROW_WAITS_SEAT, Severity::Note));
        }
    }
    Ok(())
}

fn ask(tx: &mut Tx<'_>, read: &[ReadRow<'_>], answers: &Answers, today: NaiveDate) -> Result<Register> {
    let people = || read.iter().filter_map(|row| row.person.as_ref());
    let niks: Vec<Nik> = people().filter_map(|person| person.nik.clone()).collect();
    let nisns: Vec<Nisn> = people().filter_map(|person| person.nisn.clone()).collect();
    let known = participant::known_by_identity(tx, &niks, &nisns)?;
    let mut namesakes: HashMap<(String, NaiveDate), Vec<Id>> = HashMap::new();
    let called: HashSet<&(String, NaiveDate)> = read.iter().filter_map(|row| row.called.as_ref()).collect();
    let called = called.into_iter().map(|(name, birth)| (name.as_str(), *birth));
    for (name, birth, id) in participant::namesakes_of(tx, called)? {
        namesakes.entry((name, birth)).or_default().push(id);
    }
    let answered: Vec<Id> = answers.values().flatten().copied().collect();
    let answered: HashMap<Id, Participant> =
        participant::all_of(tx, &answered)?.into_iter().map(|one| (one.id, one)).collect();
    let known_ids = known.by_nik.values().chain(known.by_nisn.values()).map(|person| person.id);
    let found: Vec<Id> = known_ids.chain(answered.keys().copied()).collect();
    Ok(Register { on_hold: hold::in_force(tx, &found, today)?, known, namesakes, answered })
}

/// Decides what a row is, now that the register has been asked.
fn settle(tx: &Tx<'_>, against: &Against<'_>, row: ReadRow<'_>, register: &Register) -> Result<(PlannedRow, Whom)> {
    let ReadRow { row: source, name, person, called, findings, skipped } = row;
    let action = if skipped { Action::Skipped } else { Action::Problem };
    let number = source.number;
    let mut planned = PlannedRow { findings, ..PlannedRow::blank(number, name, action) };
    let (Some(person), Some(called)) = (person.filter(|_| !skipped && !planned.is_refused()), called) else {
        return Ok((planned, Whom::default()));
    };
    let found = |field, code, severity| Finding::at(source, field, code, severity);
    let known = &register.known;
    let by_nik = person.nik.as_ref().and_then(|nik| known.by_nik.get(nik));
    let by_nisn = person.nisn.as_ref().and_then(|nisn| known.by_nisn.get(nisn.as_str()));
    if by_nik.zip(by_nisn).is_some_and(|(one, other)| one.id != other.id) {
        planned.findings.push(found(Field::Nik, &codes::ROW_IDENTITY_CONFLICT, Severity::Error));
        planned.against = by_nik.map(|one| (one.id, one.version));
        return Ok((planned, Whom::default()));
    }
    let namesakes = register.namesakes.get(&called).map(Vec::as_slice).unwrap_or_default();
    let answer = against.answers.get(&number).filter(|id| id.is_none_or(|id| namesakes.contains(&id)));
    let told = answer.copied().flatten().and_then(|id| register.answered.get(&id));
    let existing = by_nik.or(by_nisn).or(told);
    let mut person = person;
    if by_nik.or(by_nisn).is_none() {
        planned.namesakes = namesakes.to_vec();
    }
    match existing {
        Some(existing) if existing.school_id != Some(against.school.id) => {
            planned.findings.push(found(Field::Name, &codes::ROW_OTHER_SCHOOL, Severity::Error));
        }
        Some(existing) => {
            let before = existing.person(tx)?;
            rules::keep_what_is_missing(&mut person, &before);
            planned.changes = rules::changes(&before, &person);
            planned.action = if planned.changes.is_empty() { Action::Same } else { Action::Changed };
            planned.against = Some((existing.id, existing.version));
            if planned.action == Action::Same {
                // What was confirmed once is not asked again.
                planned.findings.clear();
            } else if register.on_hold.contains(&existing.id) {
                planned.findings.push(found(Field::Name, &codes::HOLD_IN_FORCE, Severity::Error));
            }
        }
        None => {
            if !namesakes.is_empty() && answer.is_none() {
                planned.findings.push(found(Field::Name, &codes::PARTICIPANT_NAMESAKE, Severity::Warning));
            }
            planned.action = Action::New;
        }
    }
    against.settings.weigh(&mut planned.findings);
    if planned.is_refused() {
        planned.action = Action::Problem;
        return Ok((planned, Whom::default()));
    }
    Ok((planned, Whom { person: Some(person), existing: existing.cloned().map(Box::new) }))
}

/// Writes the chosen rows that have no problem.
pub(super) fn write(
    tx: &mut Tx<'_>,
    actor: &Actor,
    import: &Import,
    rows: &[PlannedRow],
    meant: Meant<'_>,
    chosen: &Chosen,
    watch: &mut Watch<'_>,
) -> Result<(Applied, Effects)> {
    let Meant { against, rows: meant } = meant;
    let school = against.school;
    let (mut new, mut there, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    let mut notes = Vec::new();
    let mut effects = Effects::default();
    let mut row_of = HashMap::new();
    let total = rows.len();
    for (behind, (planned, Whom { person, existing })) in rows.iter().zip(meant).enumerate() {
        tell(watch, Stage::Writing, behind, total)?;
        let (row, action) = (planned.number, planned.action);
        if !chosen.has(row) {
            continue;
        }
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
    watch(Progress { stage: Stage::Writing, done: total, total })?;
    // In the order in which everyone who needs several people takes hold of them.
    changed.sort_unstable_by_key(|person| person.id);
    for person in &changed {
        participant::update(tx, person)?;
    }
    participant::insert_many(tx, &new)?;
    audit::record_all(tx, actor, notes)?;
    if let Some(cohort) = against.cohort {
        let everyone: Vec<&Participant> = changed.iter().chain(&there).chain(&new).collect();
        let row = |one: &Enrollment| row_of.get(&one.participant_id).copied().unwrap_or_default();
        let mut made = enrollment::apply_many(tx, actor, cohort, &everyone, Some(import.id))?;
        // Seats go in the order of the file.
        made.sort_unstable_by_key(row);
        let seated = match against.class {
            Some(class) => enrollment::seat_in(tx, actor, class.id, &made)?,
            None => HashSet::new(),
        };
        effects.enrolled.extend(made.iter().map(|one| Enrolled {
            row: row(one),
            enrollment: one.id,
            seated: seated.contains(&one.id),
        }));
    }
    let (registered, corrected, enrolled) = (new.len(), changed.len(), effects.enrolled.len());
    let seated = effects.enrolled.iter().filter(|one| one.seated).count();
    let applied = Applied { registered, corrected, enrolled, seated };
    Ok((applied, effects))
}
