//! The exam results of a file against the register: what each row would do, and doing it.
//!
//! A row is the paper of somebody whom the actor sees: known by NIK or NISN, or asked about where only a name and a birth
//! date are told.

mod effects;
mod rules;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::packed::Packed;
use super::plan::{Answers, Chosen, Finding, Plan, PlannedRow};
use super::progress::{Progress, Stage, Watch, tell};
use super::severity::Settings;
use super::source::{Field, Table};
use super::{Action, Applied, Import, Severity};
use crate::access::Actor;
use crate::db::Tx;
use crate::error::{Code, Fact, Result, codes};
use crate::exam::{self, Brought, ExamResult, Numbers, Weighed};
use crate::hold;
use crate::id::Id;
use crate::participant::{self, Known, Participant};
use crate::values::{Label, Nik, Nisn, ProvinceCode};
pub(in crate::import) use effects::Effects;
use effects::Recorded;
use rules::ReadRow;

/// Why a paper that differs from its scores is taken as it is, and why a result is corrected.
const BY_THE_PAPER: &str = "Sesuai kertas dalam berkas impor";
const BY_THE_FILE: &str = "Dikoreksi oleh berkas impor";

/// What results are checked with beside their rows.
#[derive(Clone, Copy)]
pub(super) struct Against<'a> {
    pub(super) province: &'a ProvinceCode,
    pub(super) settings: &'a Settings,
    pub(super) answers: &'a Answers,
}

/// What each row would record, if anything.
pub(super) struct Meant(Vec<Option<Meaning>>);

/// A result, whose it is, and the one it would correct.
struct Meaning {
    weighed: Weighed,
    whose: Participant,
    before: Option<ExamResult>,
}

/// What the register says about the people of a file.
struct Register {
    known: Known,
    namesakes: HashMap<(String, NaiveDate), Vec<Id>>,
    /// Those of them whom the actor sees.
    seen: HashMap<Id, Participant>,
    on_hold: HashSet<Id>,
    results: HashMap<Id, Vec<ExamResult>>,
    /// Who has papers with the numbers of the file.
    numbers: Numbers,
}

/// Checks every row, against itself, against the file and against the register, in a handful of queries.
pub(super) fn check(
    tx: &mut Tx<'_>,
    actor: &Actor,
    against: Against<'_>,
    table: &Table,
    watch: &mut Watch<'_>,
) -> Result<(Plan, Meant)> {
    let today = tx.today(against.province);
    let source = table.rows.all()?;
    let read: Vec<ReadRow<'_>> = source.iter().map(rules::read_row).collect();
    let register = ask(tx, actor, &read, today)?;
    let (mut sittings, mut numbers) = (HashMap::new(), HashMap::new());
    let (mut plan, mut meant) = (Plan::default(), Vec::with_capacity(read.len()));
    let total = read.len();
    for (behind, row) in read.into_iter().enumerate() {
        tell(watch, Stage::Checking, behind, total)?;
        let (mut planned, mut meaning) = settle(against.answers, row, &register, today);
        if let Some(meaning) = &meaning {
            let (exam, sitting, day) = meaning.weighed.sitting();
            let key = (meaning.whose.id, exam.to_owned(), sitting.to_owned(), day);
            let earlier = *sittings.entry(key).or_insert(planned.number);
            if let Some(row) = source.get(behind).filter(|_| earlier != planned.number) {
                let finding = Finding::at(row, Field::Name, &codes::ROW_DUPLICATE, Severity::Error);
                planned.findings.push(Finding { facts: vec![Fact::new("row", earlier)], ..finding });
            }
        }
        if let Some((meaning, (exam, number))) = meaning.as_ref().and_then(|one| Some((one, one.weighed.number()?))) {
            let whose = *numbers.entry((exam.to_owned(), number.clone())).or_insert(meaning.whose.id);
            let asked = planned.findings.iter().any(|finding| finding.code == &codes::EXAM_NUMBER_TAKEN);
            if let Some(row) = source.get(behind).filter(|_| whose != meaning.whose.id && !asked) {
                let (field, code) = (Field::CertificateNumber, &codes::EXAM_NUMBER_TAKEN);
                planned.findings.push(Finding::at(row, field, code, Severity::Warning));
            }
        }
        against.settings.weigh(&mut planned.findings);
        if planned.is_refused() {
            (planned.action, meaning) = (Action::Problem, None);
            planned.changes.clear();
        }
        plan.push(planned)?;
        meant.push(meaning);
    }
    Ok((plan, Meant(meant)))
}

fn ask(tx: &mut Tx<'_>, actor: &Actor, read: &[ReadRow<'_>], today: NaiveDate) -> Result<Register> {
    let niks: Vec<Nik> = read.iter().filter_map(|row| row.nik.clone()).collect();
    let nisns: Vec<Nisn> = read.iter().filter_map(|row| row.nisn.clone()).collect();
    // A number decides by itself; only where there is none does anybody have to be asked for by name.
    let unnumbered = read.iter().filter(|row| row.nik.is_none() && row.nisn.is_none());
    let named: HashSet<&(String, NaiveDate)> = unnumbered.filter_map(|row| row.born.as_ref()).collect();
    let named = named.into_iter().map(|(name, born)| (name.as_str(), *born));
    let known = tx.beyond(|tx| participant::known_by_identity(tx, &niks, &nisns))?;
    let mut namesakes: HashMap<(String, NaiveDate), Vec<Id>> = HashMap::new();
    for (name, birth, id) in tx.beyond(|tx| participant::namesakes_of(tx, named))? {
        namesakes.entry((name, birth)).or_default().push(id);
    }
    let numbered = known.by_nik.values().chain(known.by_nisn.values()).map(|person| person.id);
    let mut people: Vec<Id> = numbered.chain(namesakes.values().flatten().copied()).collect();
    people.sort_unstable();
    people.dedup();
    let seen = participant::visible_of(tx, actor, &people)?;
    for ids in namesakes.values_mut() {
        ids.retain(|id| seen.contains_key(id));
    }
    let people: Vec<Id> = seen.keys().copied().collect();
    let on_hold = hold::in_force(tx, &people, today)?;
    let numbers: Vec<Label> = read.iter().filter_map(|row| row.paper.as_ref()?.certificate_number.clone()).collect();
    let numbers = exam::numbered(tx, &numbers)?;
    Ok(Register { on_hold, results: exam::in_force_of(tx, &people)?, known, namesakes, seen, numbers })
}

/// Whose the row is, or what to say of it.
fn who<'r>(
    answers: &Answers,
    row: &ReadRow<'_>,
    planned: &mut PlannedRow,
    register: &'r Register,
) -> Result<&'r Participant, (Field, &'static Code)> {
    let by_nik = row.nik.as_ref().and_then(|nik| register.known.by_nik.get(nik));
    let by_nisn = row.nisn.as_ref().and_then(|nisn| register.known.by_nisn.get(nisn.as_str()));
    if by_nik.zip(by_nisn).is_some_and(|(one, other)| one.id != other.id) {
        return Err((Field::Nik, &codes::ROW_IDENTITY_CONFLICT));
    }
    if row.nik.is_some() || row.nisn.is_some() {
        let field = if row.nik.is_some() { Field::Nik } else { Field::Nisn };
        let person = by_nik.or(by_nisn).and_then(|person| register.seen.get(&person.id));
        return person.ok_or((field, &codes::ROW_PERSON_UNKNOWN));
    }
    let unknown = (Field::Name, &codes::ROW_PERSON_UNKNOWN);
    let namesakes = row.born.as_ref().and_then(|born| register.namesakes.get(born));
    let namesakes = namesakes.filter(|namesakes| !namesakes.is_empty()).ok_or(unknown)?;
    planned.namesakes.clone_from(namesakes);
    match answers.get(&planned.number) {
        None => Err((Field::Name, &codes::ROW_WHO)),
        Some(answer) => {
            let told = answer.filter(|id| namesakes.contains(id)).and_then(|id| register.seen.get(&id));
            told.ok_or(unknown)
        }
    }
}

/// Decides what a row is, now that the register has been asked.
fn settle(answers: &Answers, row: ReadRow<'_>, register: &Register, today: NaiveDate) -> (PlannedRow, Option<Meaning>) {
    let mut planned = PlannedRow::blank(row.row.number, row.name.clone(), Action::Problem);
    let whose = match who(answers, &row, &mut planned, register) {
        Ok(whose) => Some(whose),
        Err((field, code)) => {
            // Of a number that cannot be read that has been said already.
            if row.findings.iter().all(|finding| finding.code != &codes::IDENTITY_MISSING) {
                planned.findings.push(Finding::at(row.row, field, code, Severity::Error));
            }
            None
        }
    };
    let source = row.row;
    planned.findings.splice(0..0, row.findings);
    let (Some(whose), Some(mut paper), false) = (whose, row.paper, planned.is_refused()) else {
        return (planned, None);
    };
    planned.against = Some((whose.id, 0));
    let of_person = || register.results.get(&whose.id).into_iter().flatten();
    // What an empty cell leaves as it is must be known before the paper is weighed.
    let same_exam = |result: &&ExamResult| result.scheme == paper.scheme && result.taken_on == paper.taken_on;
    let same_level =
        |result: &&ExamResult| paper.level.as_ref().is_none_or(|level| result.level.as_deref() == Some(level.as_str()));
    if let Some(before) = of_person().filter(same_exam).find(same_level).cloned() {
        rules::keep_what_is_missing(&mut paper, &before);
    }
    let mut weighed = match Weighed::of(paper.clone(), whose.birth_date, today) {
        Ok(weighed) => weighed,
        Err(problems) => {
            let placed = |problem| rules::placed(source, &paper, problem, Severity::Error);
            planned.findings.extend(problems.into_iter().map(placed));
            return (planned, None);
        }
    };
    weighed.hold_against(&register.numbers, whose.id);
    let before = of_person().find(|result| weighed.is_of(result)).cloned();
    planned.changes = before.as_ref().map(|before| rules::changes(before.says(), weighed.says())).unwrap_or_default();
    planned.action = match &before {
        None => Action::New,
        Some(_) if planned.changes.is_empty() => Action::Same,
        Some(_) => Action::Changed,
    };
    // What was confirmed once is not asked again.
    if planned.action != Action::Same {
        if register.on_hold.contains(&whose.id) {
            planned.findings.push(Finding::at(source, Field::Name, &codes::HOLD_IN_FORCE, Severity::Error));
        }
        let doubts = weighed.doubts().iter().cloned();
        planned.findings.extend(doubts.map(|doubt| rules::placed(source, &paper, doubt, Severity::Warning)));
    }
    (planned, Some(Meaning { weighed, whose: whose.clone(), before }))
}

/// Records the results of the chosen rows that have no problem.
pub(super) fn write(
    tx: &mut Tx<'_>,
    actor: &Actor,
    import: &Import,
    rows: &Packed<PlannedRow>,
    meant: Meant,
    chosen: &Chosen,
    watch: &mut Watch<'_>,
) -> Result<(Applied, Effects)> {
    let total = rows.len();
    let Meant(meanings) = meant;
    let mut meant: Vec<(u32, Meaning)> = Vec::with_capacity(total);
    for (planned, meaning) in rows.values().zip(meanings) {
        let planned = planned?;
        let writes = planned.action.writes() && chosen.has(planned.number);
        meant.extend(meaning.filter(|_| writes).map(|meaning| (planned.number, meaning)));
    }
    watch(Progress { stage: Stage::Writing, done: 0, total })?;
    let people: Vec<Id> = meant.iter().map(|(_, meaning)| meaning.whose.id).collect();
    participant::lock_many(tx, &people)?;
    let brought = meant.iter().map(|(_, Meaning { weighed, whose, before })| {
        let differs = weighed.doubts().iter().any(|doubt| doubt.code == &codes::EXAM_RESULT_DIFFERS);
        let reason = match before {
            _ if differs => Label::parse(BY_THE_PAPER).ok(),
            None => None,
            Some(_) => Label::parse(BY_THE_FILE).ok(),
        };
        Brought { weighed: weighed.clone(), whose, before: before.clone(), reason }
    });
    let recorded = exam::record_many(tx, actor, brought.collect(), import.id)?;
    watch(Progress { stage: Stage::Writing, done: total, total })?;
    let corrected = recorded.iter().filter(|result| result.replaces.is_some()).count();
    let effects = meant.iter().zip(&recorded).map(|((row, _), result)| Recorded {
        row: *row,
        participant: result.participant_id,
        result: result.id,
    });
    let effects = Effects { recorded: effects.collect() };
    Ok((Applied { registered: recorded.len() - corrected, corrected, enrolled: 0, seated: 0 }, effects))
}
