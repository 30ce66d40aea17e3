//! The people of a file against the register: what each row would do, and doing it.

mod effects;
mod rules;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::packed::Packed;
use super::plan::{Answers, Chosen, Finding, Plan, PlannedRow};
use super::progress::{Progress, Stage, Watch};
use super::severity::Settings;
use super::source::{Field, SourceRow, Table};
use super::{Action, Applied, Import, Severity};
use crate::access::Actor;
use crate::audit;
use crate::class::Class;
use crate::cohort::Cohort;
use crate::consent;
use crate::db::Tx;
use crate::enrollment::{self, Enrollment};
use crate::error::{Error, Fact, Result, codes};
use crate::hold;
use crate::id::Id;
use crate::participant::{self, Known, Participant, Person};
use crate::partner::Partner;
use crate::time::is_minor_on;
use crate::values::{Nik, Nisn, Segment};
pub(in crate::import) use effects::Effects;
use effects::{Changed, Enrolled, Made};
pub(super) use rules::is_of;
use rules::{Earlier, ReadRow};

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
    rows: Packed<Whom>,
    /// Those that are there already and would change, or come into a cohort.
    held: Vec<Id>,
}

/// Whom a row means: as they would be, and who they are.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Whom {
    person: Option<Person>,
    existing: Option<Id>,
}

/// What the register says about some of the people of a file.
struct Register {
    known: Known,
    namesakes: HashMap<(String, NaiveDate), Vec<Id>>,
    /// Those whom somebody has said to be the people of a row.
    answered: HashMap<Id, Participant>,
    on_hold: HashSet<Id>,
}

/// Checks every row, against itself, against the file and against the register, a block of them in a handful of queries.
pub(super) fn check<'a>(
    tx: &mut Tx<'_>,
    against: Against<'a>,
    table: &Table,
    watch: &mut Watch<'_>,
) -> Result<(Plan, Meant<'a>)> {
    let today = tx.today(&against.school.province_code);
    let grade_xii_only = against.cohort.is_none_or(|cohort| cohort.segment == Segment::GradeXii);
    let mut plan = Plan::default();
    let mut meant = Meant { against, rows: Packed::at_hand(), held: Vec::new() };
    let mut earlier = Earlier::default();
    let mut first_of: HashMap<Id, u32> = HashMap::new();
    let mut free = against.class.map(Class::free).unwrap_or_default();
    let total = table.rows.len();
    for block in table.rows.blocks() {
        let block = block?;
        watch(Progress { stage: Stage::Checking, done: plan.rows.len(), total })?;
        let read = |row| rules::read_row(row, today, grade_xii_only, against.settings);
        let mut read: Vec<ReadRow<'_>> = block.iter().map(read).collect();
        earlier.mark_duplicates(&mut read);
        let register = tx.beyond(|tx| ask(tx, &read, against.answers, today))?;
        let mut settled = Vec::with_capacity(read.len());
        for (source, row) in block.iter().zip(read) {
            let (mut planned, mut whose) = settle(tx, &against, row, &register)?;
            // Two rows may be one person of the register, one by the NIK and the other by the NISN.
            if let Some(existing) = whose.existing {
                let earlier = *first_of.entry(existing).or_insert(planned.number);
                if earlier != planned.number {
                    let finding = Finding::at(source, Field::Nik, &codes::ROW_DUPLICATE, Severity::Error);
                    planned.findings = vec![Finding { facts: vec![Fact::new("row", earlier)], ..finding }];
                    planned.changes.clear();
                    (planned.action, whose) = (Action::Problem, Whom::default());
                }
            }
            settled.push((planned, whose));
        }
        if let Some(class) = against.class {
            say_who_waits(tx, class, &block, today, &mut settled, &mut free)?;
        }
        for (planned, whose) in settled {
            if planned.action == Action::Changed || meant.against.cohort.is_some() {
                meant.held.extend(whose.existing);
            }
            plan.push(planned)?;
            meant.rows.push(whose)?;
        }
    }
    Ok((plan, meant))
}

/// Says who of those that are brought to a class would wait: minors without consent, and whoever comes after its free
/// seats.
fn say_who_waits(
    tx: &mut Tx<'_>,
    class: &Class,
    block: &[SourceRow],
    today: NaiveDate,
    settled: &mut [(PlannedRow, Whom)],
    free: &mut i32,
) -> Result<()> {
    let known: Vec<Id> = settled.iter().filter_map(|(_, whom)| whom.existing).collect();
    let born: HashMap<Id, NaiveDate> =
        participant::all_of(tx, &known)?.into_iter().map(|one| (one.id, one.birth_date)).collect();
    let (consented, there) =
        (consent::given_for_training(tx, &known)?, enrollment::there_already(tx, class.cohort_id, &known)?);
    for ((row, whom), source) in settled.iter_mut().zip(block) {
        let born_on = whom.person.as_ref().map(|person| person.birth_date);
        let born_on = born_on.or(whom.existing.and_then(|id| born.get(&id).copied()));
        let (Some(born_on), false) = (born_on, whom.existing.is_some_and(|id| there.contains(&id))) else { continue };
        if is_minor_on(born_on, today) && !whom.existing.is_some_and(|id| consented.contains(&id)) {
            row.findings.push(Finding::at(source, Field::BirthDate, &codes::ROW_WAITS_CONSENT, Severity::Note));
        } else if *free > 0 {
            *free -= 1;
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
    Ok((planned, Whom { person: Some(person), existing: existing.map(|one| one.id) }))
}

/// Writes the chosen rows that have no problem, a block at a time.
pub(super) fn write(
    tx: &mut Tx<'_>,
    actor: &Actor,
    import: &Import,
    rows: &Packed<PlannedRow>,
    meant: Meant<'_>,
    chosen: &Chosen,
    watch: &mut Watch<'_>,
) -> Result<(Applied, Effects)> {
    let Meant { against, rows: meant, held } = meant;
    // In the order in which everyone who needs several people takes hold of them.
    participant::lock_many(tx, &held)?;
    let mut registration = against.cohort.map(|cohort| enrollment::Registration::of(actor, cohort)).transpose()?;
    let (mut applied, mut effects, mut to_seat) = (Applied::default(), Effects::default(), Vec::new());
    let (mut done, total) = (0, rows.len());
    for (planned, meant) in rows.blocks().zip(meant.blocks()) {
        let (planned, meant) = (planned?, meant?);
        watch(Progress { stage: Stage::Writing, done, total })?;
        done += planned.len();
        let pairs = planned.iter().zip(meant.iter()).filter(|(planned, _)| chosen.has(planned.number));
        let written = Written::of(tx, actor, import, &against, pairs, &mut effects)?;
        applied.registered += written.new.len();
        applied.corrected += written.changed.len();
        let Some(registration) = &mut registration else { continue };
        let mut made = registration.add(tx, actor, &written.everyone(), Some(import.id))?;
        let row = |one: &Enrollment| written.row_of.get(&one.participant_id).copied().unwrap_or_default();
        // Seats go in the order of the file.
        made.sort_unstable_by_key(row);
        for one in &made {
            effects.enrolled.push(Enrolled { row: row(one), enrollment: one.id, seated: false })?;
        }
        applied.enrolled += made.len();
        if against.class.is_some() {
            to_seat.extend(made);
        }
    }
    watch(Progress { stage: Stage::Writing, done: total, total })?;
    if let Some(registration) = registration {
        registration.end(tx)?;
    }
    if let Some(class) = against.class {
        let seated = enrollment::seat_in(tx, actor, class.id, &to_seat)?;
        applied.seated = seated.len();
        let enrolled = std::mem::take(&mut effects.enrolled);
        for one in enrolled.values() {
            let one = one?;
            effects.enrolled.push(Enrolled { seated: seated.contains(&one.enrollment), ..one })?;
        }
    }
    Ok((applied, effects))
}

/// The people of a block, as they are once it is written.
struct Written {
    new: Vec<Participant>,
    changed: Vec<Participant>,
    /// Those who are there just so.
    there: Vec<Participant>,
    row_of: HashMap<Id, u32>,
}

impl Written {
    fn of<'r>(
        tx: &mut Tx<'_>,
        actor: &Actor,
        import: &Import,
        against: &Against<'_>,
        pairs: impl Iterator<Item = (&'r PlannedRow, &'r Whom)> + Clone,
        effects: &mut Effects,
    ) -> Result<Self> {
        let school = against.school;
        let asked = pairs.clone().filter(|(planned, _)| match planned.action {
            Action::Changed => true,
            // Who is there just so is only registered for a cohort.
            Action::Same => against.cohort.is_some(),
            _ => false,
        });
        let asked: Vec<Id> = asked.filter_map(|(_, whom)| whom.existing).collect();
        let mut existing: HashMap<Id, Participant> =
            tx.beyond(|tx| participant::all_of(tx, &asked))?.into_iter().map(|one| (one.id, one)).collect();
        let mut written = Self { new: Vec::new(), changed: Vec::new(), there: Vec::new(), row_of: HashMap::new() };
        let mut notes = Vec::new();
        for (planned, whom) in pairs {
            let existing = whom.existing.and_then(|id| existing.remove(&id));
            let row = planned.number;
            let participant = match (planned.action, &whom.person, existing) {
                (Action::New, Some(person), _) => {
                    let (province, regency) = (school.province_code.clone(), school.regency_code.clone());
                    let made = participant::participant_of(tx, province, regency, Some(school.id), person)?;
                    let participant = made.id;
                    effects.made.push(Made { row, participant })?;
                    written.new.push(Participant { import_id: Some(import.id), ..made });
                    participant
                }
                (Action::Changed, Some(person), Some(existing)) => {
                    // Nobody else has corrected the person since the row was checked.
                    if planned.against != Some((existing.id, existing.version)) {
                        return Err(Error::new(&codes::STALE));
                    }
                    let detail = serde_json::json!({ "import": import.id });
                    notes.push(participant::corrected(tx, &existing, person)?.with(detail));
                    let after = participant::changed(tx, &existing, person)?;
                    let (participant, version, before) = (after.id, after.version, existing.person(tx)?);
                    effects.changed.push(Changed { row, participant, version, before })?;
                    written.changed.push(after);
                    participant
                }
                (Action::Same, _, Some(existing)) => {
                    let participant = existing.id;
                    written.there.push(existing);
                    participant
                }
                _ => continue,
            };
            written.row_of.insert(participant, row);
        }
        for person in &written.changed {
            participant::update(tx, person)?;
        }
        participant::insert_many(tx, &written.new)?;
        audit::record_all(tx, actor, notes)?;
        Ok(written)
    }

    fn everyone(&self) -> Vec<&Participant> {
        self.changed.iter().chain(&self.there).chain(&self.new).collect()
    }
}
