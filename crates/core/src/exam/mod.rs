//! Exams outside the programs: JLPT, JFT-Basic, HSK, TOCFL, English on the CEFR scale, BNSP competency tests.
//!
//! What a paper says is held against the scheme of its test day. A correction is a result of its own that replaces the
//! earlier one; nothing that was recorded is lost.

mod rules;
mod scheme;
mod store;

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};

pub(crate) use rules::NO_LEVEL;
pub use rules::{ExamOutcome, Paper, SectionScore};
pub use scheme::{Band, Cefr, EXAM_SCHEMES, Level, Scale, Scheme, Section, schemes};
pub(crate) use scheme::{called, level_of, with_level};
pub(crate) use store::Pass;
pub use store::{ExamResult, Withdrawal};

use crate::access::{Actor, Operation};
use crate::audit::{self, Changes, Note, Subject};
use crate::db::Tx;
use crate::error::{Error, FieldProblem, Result, codes, confirmed};
use crate::hold;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant::{self, Participant};
use crate::values::{Label, PersonName, Points};
use rules::Judged;

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

/// Takes back a result that was entered for the wrong person or the wrong exam: it stays, and is in force no more.
///
/// # Errors
/// `resource.stale`, `exam.already_corrected`, `exam.withdrawn`.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, reason: Label) -> Result<ExamResult> {
    actor.may(Operation::ExamWrite)?;
    let seen = store::one(tx, id)?;
    participant::get(tx, actor, seen.participant_id)?;
    let whose = participant::locked(tx, seen.participant_id)?;
    let mut result = store::one(tx, id)?;
    if result.version != version {
        return Err(Error::new(&codes::STALE));
    }
    result.must_be_in_force()?;
    let note = Note::of("exam.withdrawn", Subject::exam_result(id))
        .within(&whose.province_code)
        .about(whose.id)
        .because(&reason)
        .with(serde_json::json!({ "scheme": result.scheme, "outcome": result.outcome }));
    let withdrawal = Withdrawal { at: tx.now(), by: actor.account_or_operator(), reason: Some(reason) };
    store::withdraw(tx, id, &withdrawal)?;
    (result.in_force, result.version, result.withdrawal) = (false, version + 1, Some(withdrawal));
    note.record(tx, actor)?;
    Ok(result)
}

/// Puts a corrected result in the place of the one that is in force; the earlier one stays.
///
/// # Errors
/// As for [`record`], `exam.already_corrected`, `exam.withdrawn`, and `exam.other_exam`; a correction says why.
pub fn correct(tx: &mut Tx<'_>, actor: &Actor, id: Id, new: NewResult) -> Result<ExamResult> {
    actor.may(Operation::ExamWrite)?;
    let seen = store::one(tx, id)?;
    participant::get(tx, actor, seen.participant_id)?;
    let whose = participant::locked(tx, seen.participant_id)?;
    if new.reason.is_none() {
        return Err(Error::field("/reason", &codes::FIELD_REQUIRED));
    }
    let before = store::one(tx, id)?;
    before.must_be_in_force()?;
    if new.paper.scheme != before.scheme {
        let other = FieldProblem::new("/scheme", &codes::EXAM_OTHER_EXAM).fact("scheme", &before.scheme);
        return Err(Error::fields(vec![other]));
    }
    let after = judged(tx, actor, &whose, new, Some(id))?;
    store::supersede(tx, &[id])?;
    store::insert(tx, &after)?;
    note("exam.corrected", &after, &whose).changing(changed(&before, &after)).record(tx, actor)?;
    Ok(after)
}

/// What a correction changed.
fn changed(before: &ExamResult, after: &ExamResult) -> Changes {
    Changes::default()
        .shown("level", &before.level, &after.level)
        .shown("taken_on", &before.taken_on, &after.taken_on)
        .shown("outcome", &before.outcome, &after.outcome)
        .shown("valid_until", &before.valid_until, &after.valid_until)
        .masked("scores", &(&before.sections, before.total), &(&after.sections, after.total))
        .masked("certificate_number", &before.certificate_number, &after.certificate_number)
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
    let mut weighed = Weighed::of(paper, whose.birth_date, today).map_err(Error::fields)?;
    let numbers: Vec<Label> = weighed.paper.certificate_number.iter().cloned().collect();
    let numbers = numbered(tx, &numbers)?;
    weighed.hold_against(&numbers, whose.id);
    confirmed(weighed.judged.doubts.clone(), &confirm)?;
    let differs = weighed.judged.doubts.iter().any(|doubt| doubt.code == &codes::EXAM_RESULT_DIFFERS);
    if differs && reason.is_none() {
        return Err(Error::field("/reason", &codes::FIELD_REQUIRED));
    }
    let of_sitting = store::in_force_of(tx, &[whose.id])?.into_iter().find(|result| weighed.is_of(result));
    if of_sitting.is_some_and(|result| Some(result.id) != replaces) {
        return Err(Error::new(&codes::EXAM_ALREADY_RECORDED));
    }
    Ok(weighed.row(tx, actor, whose.id, reason, replaces))
}

/// Whose papers have these numbers, wherever they are registered.
pub(crate) struct Numbers(Vec<(String, Label, Id)>);

impl Numbers {
    /// Whether somebody else has a paper of that exam with that number.
    pub(crate) fn taken(&self, scheme: &str, number: &Label, by_another_than: Id) -> bool {
        let same =
            |(exam, of, whose): &(String, Label, Id)| exam == scheme && of == number && *whose != by_another_than;
        self.0.iter().any(same)
    }
}

/// Papers in force with these numbers.
pub(crate) fn numbered(tx: &mut Tx<'_>, numbers: &[Label]) -> Result<Numbers> {
    if numbers.is_empty() {
        return Ok(Numbers(Vec::new()));
    }
    Ok(Numbers(tx.beyond(|tx| store::numbered(tx, numbers))?))
}

/// A paper that was held against the scheme of its day.
#[derive(Debug, Clone)]
pub(crate) struct Weighed {
    paper: Paper,
    judged: Judged,
}

impl Weighed {
    /// Of a person born that day.
    ///
    /// # Errors
    /// Everything that is wrong with the paper, each at its field.
    pub(crate) fn of(paper: Paper, born_on: NaiveDate, today: NaiveDate) -> Result<Self, Vec<FieldProblem>> {
        let judged = rules::judge(&paper, born_on, today)?;
        Ok(Self { paper, judged })
    }

    /// The exam, and the number on the paper.
    pub(crate) fn number(&self) -> Option<(&str, &Label)> {
        Some((&self.paper.scheme, self.paper.certificate_number.as_ref()?))
    }

    /// Asks about a number that the paper of somebody else has too.
    pub(crate) fn hold_against(&mut self, numbers: &Numbers, whose: Id) {
        let number = self.paper.certificate_number.as_ref();
        if number.is_some_and(|number| numbers.taken(&self.paper.scheme, number, whose)) {
            self.judged.doubts.push(FieldProblem::new("/certificate_number", &codes::EXAM_NUMBER_TAKEN));
        }
    }

    /// Where the paper says another thing than its scores, or something that is unusual.
    pub(crate) fn doubts(&self) -> &[FieldProblem] {
        &self.judged.doubts
    }

    /// The exam, what was sat for, and the day: of one person there is one result of it in force.
    pub(crate) fn sitting(&self) -> (&str, &str, NaiveDate) {
        (&self.paper.scheme, &self.judged.sitting, self.paper.taken_on)
    }

    /// Whether a result is of this sitting.
    pub(crate) fn is_of(&self, result: &ExamResult) -> bool {
        let (scheme, sitting, day) = self.sitting();
        scheme == result.scheme && day == result.taken_on && sitting.eq_ignore_ascii_case(&result.sitting)
    }

    /// What it says, field by field, for comparing with what is on record.
    pub(crate) fn says(&self) -> Said {
        let paper = &self.paper;
        said(self.judged.level.as_ref(), self.judged.outcome, &paper.sections, self.judged.total)
            .with(paper.certificate_number.as_ref(), self.judged.valid_until)
    }

    fn row(
        self,
        tx: &Tx<'_>,
        actor: &Actor,
        participant: Id,
        reason: Option<Label>,
        replaces: Option<Id>,
    ) -> ExamResult {
        let Self { paper, judged } = self;
        ExamResult {
            id: tx.new_id(),
            participant_id: participant,
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
            withdrawal: None,
        }
    }
}

/// What a result says, field by field.
pub(crate) struct Said(pub(crate) Vec<(&'static str, Option<String>)>);

fn said(level: Option<&String>, outcome: ExamOutcome, sections: &[SectionScore], total: Option<Points>) -> Said {
    let scores: Vec<String> = sections.iter().map(|one| format!("{} {}", one.code, one.score)).collect();
    Said(vec![
        ("level", level.cloned()),
        ("result", Some(outcome.to_string())),
        ("sections", (!scores.is_empty()).then(|| scores.join(", "))),
        ("total", total.map(|total| total.to_string())),
    ])
}

impl Said {
    fn with(mut self, number: Option<&Label>, valid_until: Option<NaiveDate>) -> Self {
        self.0.push(("certificate_number", number.map(|number| number.as_str().to_owned())));
        self.0.push(("valid_until", valid_until.map(|day| day.to_string())));
        self
    }
}

impl ExamResult {
    /// # Errors
    /// `exam.already_corrected`, `exam.withdrawn`.
    fn must_be_in_force(&self) -> Result<()> {
        match (self.in_force, &self.withdrawal) {
            (true, _) => Ok(()),
            (false, None) => Err(Error::new(&codes::EXAM_ALREADY_CORRECTED)),
            (false, Some(_)) => Err(Error::new(&codes::EXAM_WITHDRAWN)),
        }
    }

    /// What it says, field by field.
    pub(crate) fn says(&self) -> Said {
        said(self.level.as_ref(), self.outcome, &self.sections, self.total)
            .with(self.certificate_number.as_ref(), self.valid_until)
    }
}

/// A result of a file, and whose it is.
pub(crate) struct Brought<'a> {
    /// The paper.
    pub(crate) weighed: Weighed,
    /// Whose, held until the transaction ends.
    pub(crate) whose: &'a Participant,
    /// The result on record that it corrects.
    pub(crate) before: Option<ExamResult>,
    /// Why, where one has to be given.
    pub(crate) reason: Option<Label>,
}

/// Records many results at once; the caller has checked whose they are and what they say.
pub(crate) fn record_many(
    tx: &mut Tx<'_>,
    actor: &Actor,
    brought: Vec<Brought<'_>>,
    import: Id,
) -> Result<Vec<ExamResult>> {
    let (mut rows, mut notes, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
    for Brought { weighed, whose, before, reason } in brought {
        let row = weighed.row(tx, actor, whose.id, reason, before.as_ref().map(|before| before.id));
        let note = match &before {
            Some(before) => note("exam.corrected", &row, whose).changing(changed(before, &row)),
            None => note("exam.recorded", &row, whose),
        };
        let detail = serde_json::json!({ "scheme": row.scheme, "outcome": row.outcome, "import": import });
        notes.push(note.with(detail));
        replaced.extend(before.map(|before| before.id));
        rows.push(row);
    }
    store::supersede(tx, &replaced)?;
    store::insert_many(tx, &rows)?;
    audit::record_all(tx, actor, notes)?;
    Ok(rows)
}

/// Results in force of these people.
pub(crate) fn in_force_of(tx: &mut Tx<'_>, people: &[Id]) -> Result<HashMap<Id, Vec<ExamResult>>> {
    let mut by_person: HashMap<Id, Vec<ExamResult>> = HashMap::new();
    for result in store::in_force_of(tx, people)? {
        by_person.entry(result.participant_id).or_default().push(result);
    }
    Ok(by_person)
}

/// Those of these results that are in force.
pub(crate) fn still_in_force(tx: &mut Tx<'_>, results: &[Id]) -> Result<HashSet<Id>> {
    store::still_in_force(tx, results)
}

/// Whether a pass, by whatever corrections of it have followed, still is one that reaches a level.
pub(crate) fn still_passes(tx: &mut Tx<'_>, pass: Id, exam: &str, level: &str) -> Result<bool> {
    let Some(was) = store::many(tx, &[pass])?.pop() else { return Ok(false) };
    let all = store::of(tx, was.participant_id)?;
    let mut last = &was;
    while let Some(next) = all.iter().find(|result| result.replaces == Some(last.id)) {
        last = next;
    }
    let reached = last.level.as_deref().is_some_and(|own| rules::reaches(exam, own, last.taken_on, level));
    Ok(last.in_force && last.outcome == ExamOutcome::Passed && last.scheme == exam && reached)
}

/// Removes results that a file brought by mistake, as if they had never been, and puts those they had replaced in force
/// again.
pub(crate) fn take_back(tx: &mut Tx<'_>, actor: &Actor, results: &[Id], import: Id) -> Result<usize> {
    let rows = store::many(tx, results)?;
    let replaced: Vec<Id> = rows.iter().filter_map(|row| row.replaces).collect();
    store::remove_many(tx, results)?;
    store::reinstate(tx, &replaced)?;
    let note = |row: &ExamResult| {
        Note::of("exam.taken_back", Subject::exam_result(row.id))
            .within(actor.scope().province())
            .about(row.participant_id)
            .with(serde_json::json!({ "scheme": row.scheme, "import": import }))
    };
    audit::record_all(tx, actor, rows.iter().map(note).collect())?;
    Ok(replaced.len())
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

/// Which passes that end are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExpiryFilter {
    /// Only those that end before this day.
    pub before: Option<NaiveDate>,
    /// Those that ended on this day or later, in place of those that still count.
    pub since: Option<NaiveDate>,
}

/// Passes of people in the actor's scope that still count and end before a day (within 90 days when none is named), or
/// that have ended since a day (until yesterday when no other is named); what ends first stands first. What was renewed, by
/// a later pass of the same level that holds longer, is left out.
pub fn expiring(tx: &mut Tx<'_>, actor: &Actor, filter: ExpiryFilter, page: PageRequest) -> Result<Page<Expiring>> {
    actor.may(Operation::ExamRead)?;
    let today = actor.scope().province().map_or_else(|| tx.now().utc().date_naive(), |province| tx.today(province));
    let ahead = || today.checked_add_days(AHEAD).unwrap_or(today);
    let (from, until) = match filter.since {
        Some(since) => (since, today),
        None => (today, ahead()),
    };
    let found = store::ending(tx, actor, from, filter.before.unwrap_or(until), page)?;
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
    /// Whether it counts on a day.
    pub(crate) fn counts_on(&self, day: NaiveDate) -> bool {
        self.valid_until.is_none_or(|last| day <= last)
    }

    /// Whether it is of that exam and of that level or a higher one.
    pub(crate) fn reaches(&self, exam: &str, level: &str) -> bool {
        self.scheme == exam && rules::reaches(exam, &self.level, self.taken_on, level)
    }
}

/// Of these passes the one to show where a level of an exam is needed: one that reaches it before one that does not, then
/// the highest, of equal ones the last.
pub(crate) fn best<'a>(passes: &'a [Pass], exam: &str, level: &str) -> Option<&'a Pass> {
    let of_exam = passes.iter().filter(|pass| pass.scheme == exam);
    of_exam.reduce(|best, pass| match (best.reaches(exam, level), pass.reaches(exam, level)) {
        (true, false) => best,
        (false, true) => pass,
        _ if pass.reaches(exam, &best.level) => pass,
        _ => best,
    })
}

/// Every result of a person who has been checked already.
pub(crate) fn all_of(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<ExamResult>> {
    store::of(tx, participant)
}

/// Forgets the numbers of a person's papers and what was said about them; what was reached stays in the figures.
pub(crate) fn forget_papers(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    store::forget_papers(tx, participant)
}
