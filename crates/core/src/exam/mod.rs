//! Exams outside the programs: JLPT, JFT-Basic, HSK, TOCFL, English on the CEFR scale, BNSP competency tests.
//!
//! What a paper says is held against the scheme of its test day. A correction is a result of its own that replaces the
//! earlier one; nothing that was recorded is lost.

mod rules;
mod scheme;
mod store;

use std::collections::HashMap;

use chrono::{Days, NaiveDate};

pub use rules::{ExamOutcome, Paper, SectionScore};
pub use scheme::{Band, Cefr, EXAM_SCHEMES, Level, Scale, Scheme, Section, schemes};
pub use store::ExamResult;
pub(crate) use store::Pass;

use crate::access::{Actor, Operation};
use crate::audit::{Changes, Note, Subject};
use crate::db::Tx;
use crate::error::{Error, Result, codes, confirmed};
use crate::hold;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant::{self, Participant};
use crate::values::{Label, PersonName};

/// Days ahead in which a result that ends is listed, when nothing is said.
const AHEAD: Days = Days::new(90);

/// A result to record.
#[derive(Debug, Clone)]
pub struct NewResult {
    /// What the paper says.
    pub paper: Paper,
    /// Why the paper says another thing than its scores, or why an earlier result is corrected.
    pub reason: Option<Label>,
    /// Warning codes that a person has looked at and confirmed.
    pub confirm: Vec<String>,
}

/// A pass that ends soon, and whose it is.
#[derive(Debug, Clone)]
pub struct Expiring {
    /// The result.
    pub result: ExamResult,
    /// The person's name.
    pub name: PersonName,
}

impl ExamResult {
    /// What a pass stands for on the scale of the CEFR, if anything.
    pub fn cefr(&self) -> Option<Cefr> {
        let scheme = scheme::on(&self.scheme, self.taken_on).filter(|_| self.outcome == ExamOutcome::Passed)?;
        scheme.levels.get(scheme.place(self.level.as_deref()?)?)?.cefr_of(self.total)
    }
}

/// Records the result of a person in the actor's scope.
///
/// # Errors
/// `hold.in_force`, `exam.already_recorded`, everything that is wrong with the paper at its field, and
/// `input.confirmation_required` while the paper says another thing than its scores and nobody has confirmed it.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, participant: Id, new: NewResult) -> Result<ExamResult> {
    actor.may(Operation::ExamWrite)?;
    participant::get(tx, actor, participant)?;
    let whose = participant::locked(tx, participant)?;
    let result = judged(tx, actor, &whose, new, None)?;
    store::insert(tx, &result)?;
    note("exam.recorded", &result, &whose).record(tx, actor)?;
    Ok(result)
}

/// Puts a corrected result in the place of the one that is in force; the earlier one stays.
///
/// # Errors
/// As for [`record`], and `exam.already_corrected`; a correction says why.
pub fn correct(tx: &mut Tx<'_>, actor: &Actor, id: Id, new: NewResult) -> Result<ExamResult> {
    actor.may(Operation::ExamWrite)?;
    let seen = store::one(tx, id)?;
    participant::get(tx, actor, seen.participant_id)?;
    let whose = participant::locked(tx, seen.participant_id)?;
    if new.reason.is_none() {
        return Err(Error::field("/reason", &codes::FIELD_REQUIRED));
    }
    let before = store::one(tx, id)?;
    if !before.in_force {
        return Err(Error::new(&codes::EXAM_ALREADY_CORRECTED));
    }
    let after = judged(tx, actor, &whose, new, Some(id))?;
    store::supersede(tx, id)?;
    store::insert(tx, &after)?;
    let changes = Changes::default()
        .shown("level", &before.level, &after.level)
        .shown("taken_on", &before.taken_on, &after.taken_on)
        .shown("outcome", &before.outcome, &after.outcome)
        .shown("valid_until", &before.valid_until, &after.valid_until)
        .masked("scores", &(&before.sections, before.total), &(&after.sections, after.total))
        .masked("certificate_number", &before.certificate_number, &after.certificate_number);
    note("exam.corrected", &after, &whose).changing(changes).record(tx, actor)?;
    Ok(after)
}

fn note(action: &'static str, result: &ExamResult, whose: &Participant) -> Note {
    Note::of(action, Subject::exam_result(result.id))
        .within(&whose.province_code)
        .about(whose.id)
        .because(result.reason.as_ref())
        .with(serde_json::json!({ "scheme": result.scheme, "outcome": result.outcome }))
}

/// The row of a paper once it was held against the scheme of its day.
fn judged(
    tx: &mut Tx<'_>,
    actor: &Actor,
    whose: &Participant,
    new: NewResult,
    replaces: Option<Id>,
) -> Result<ExamResult> {
    let today = tx.today(&whose.province_code);
    hold::refuse(tx, whose.id, today)?;
    let NewResult { paper, reason, confirm } = new;
    let judged = rules::judge(&paper, whose.birth_date, today).map_err(Error::fields)?;
    let differs = !judged.doubts.is_empty();
    confirmed(judged.doubts, &confirm)?;
    if differs && reason.is_none() {
        return Err(Error::field("/reason", &codes::FIELD_REQUIRED));
    }
    Ok(ExamResult {
        id: tx.new_id(),
        participant_id: whose.id,
        scheme: paper.scheme,
        sitting: judged.sitting,
        level: judged.level,
        taken_on: paper.taken_on,
        sections: paper.sections,
        total: judged.total,
        outcome: judged.outcome,
        computed: judged.computed,
        certificate_number: paper.certificate_number,
        valid_until: judged.valid_until,
        reason,
        recorded_at: tx.now(),
        recorded_by: actor.account_or_operator(),
        replaces,
        in_force: true,
        version: 1,
    })
}

/// One result of a person in the actor's scope.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<ExamResult> {
    actor.may(Operation::ExamRead)?;
    let result = store::one(tx, id)?;
    participant::get(tx, actor, result.participant_id)?;
    Ok(result)
}

/// Every result of a person in the actor's scope, those that were replaced included, in order of the test days.
pub fn of(tx: &mut Tx<'_>, actor: &Actor, participant: Id) -> Result<Vec<ExamResult>> {
    actor.may(Operation::ExamRead)?;
    participant::get(tx, actor, participant)?;
    store::of(tx, participant)
}

/// Passes of people in the actor's scope that still count and end before a day (within 90 days when none is named);
/// what ends first stands first.
pub fn expiring(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: Option<NaiveDate>,
    page: PageRequest,
) -> Result<Page<Expiring>> {
    actor.may(Operation::ExamRead)?;
    let today = actor.scope().province().map_or_else(|| tx.now().utc().date_naive(), |province| tx.today(province));
    let before = before.or_else(|| today.checked_add_days(AHEAD)).unwrap_or(today);
    let found = store::ending(tx, actor, today, before, page)?;
    Ok(found.map(|(result, name)| Expiring { result, name }))
}

/// Passes of these people that count on a day; the people have been checked already.
pub(crate) fn passes(tx: &mut Tx<'_>, people: &[Id], day: NaiveDate) -> Result<HashMap<Id, Vec<Pass>>> {
    let mut by_person: HashMap<Id, Vec<Pass>> = HashMap::new();
    for pass in store::passes(tx, people, day)? {
        by_person.entry(pass.participant_id).or_default().push(pass);
    }
    Ok(by_person)
}

impl Pass {
    /// Whether it is of that exam and of that level or a higher one.
    pub(crate) fn reaches(&self, exam: &str, level: &str) -> bool {
        self.scheme == exam && rules::reaches(exam, &self.level, self.taken_on, level)
    }
}

/// The highest of these passes that is of that exam; of equal ones the last.
pub(crate) fn best<'a>(passes: &'a [Pass], exam: &str) -> Option<&'a Pass> {
    let of_exam = passes.iter().filter(|pass| pass.scheme == exam);
    of_exam.reduce(|best, pass| if pass.reaches(exam, &best.level) { pass } else { best })
}

/// Every result of a person who has been checked already.
pub(crate) fn all_of(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<ExamResult>> {
    store::of(tx, participant)
}

/// Forgets the numbers of a person's papers and what was said about them; what was reached stays in the figures.
pub(crate) fn forget_papers(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    store::forget_papers(tx, participant)
}
