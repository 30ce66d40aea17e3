//! Completion: the decision on an enrollment, as a list of requirements met and unmet.
//!
//! It is computed from the curriculum the cohort pins. Recording it freezes the evidence.

mod doubts;
mod rules;
mod store;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

pub use rules::{Evidence, Missing, Requirement, RequirementKind};
pub use store::{Completion, Outcome, Reopened};

use crate::access::{Actor, Operation};
use crate::assessment;
use crate::attendance::{self, Roster};
use crate::audit::{self, Note, Subject};
use crate::class::{self, Class, ClassState};
use crate::cohort;
use crate::db::Tx;
use crate::enrollment::{self, Enrolled, EnrollmentState};
use crate::error::{Error, FieldProblem, Result, codes, confirmed};
use crate::exam::{self, Pass};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::program::Curriculum;
use crate::session;
use crate::values::Label;

/// How one person stands.
#[derive(Debug, Clone)]
pub struct Prospect {
    /// Who.
    pub enrolled: Enrolled,
    /// What is required, what is there, and whether that is enough.
    pub evidence: Evidence,
    /// What each unmet requirement is missing, and what would be enough.
    pub missing: Vec<Missing>,
    /// What has to be confirmed before a decision.
    pub doubts: Vec<FieldProblem>,
    /// The decision, once there is one.
    pub decided: Option<Completion>,
}

impl Prospect {
    /// Whether what is recorded now says something else than what was decided on.
    pub fn differs(&self) -> bool {
        let Some(decided) = &self.decided else { return false };
        let (then, now) = (&decided.evidence, &self.evidence);
        let said = |one: &Requirement| (one.kind, one.subject.clone(), one.met, one.rows.clone());
        then.attendance != now.attendance || !then.requirements.iter().map(said).eq(now.requirements.iter().map(said))
    }
}

/// How everyone of a class stands, by name.
pub fn preview(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Vec<Prospect>> {
    actor.may(Operation::CompletionRead)?;
    let class = class::visible(tx, actor, class)?;
    let host = class.partner_id;
    let mut prospects = prospects(tx, class)?;
    prospects.retain(|one| enrollment::follows(actor, &one.enrolled.enrollment, host));
    Ok(prospects)
}

/// Whom of a cohort to look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProspectFilter {
    /// Only people of this class.
    pub class: Option<Id>,
    /// Only people who are not decided on, and who meet every requirement or do not. It thins out each page.
    pub ready: Option<bool>,
}

/// How the people of a cohort stand who have a seat or were decided on, as far as the actor sees them, in order of
/// registration; a page in a fixed number of statements.
pub fn preview_cohort(
    tx: &mut Tx<'_>,
    actor: &Actor,
    cohort: Id,
    filter: ProspectFilter,
    page: PageRequest,
) -> Result<Page<Prospect>> {
    actor.may(Operation::CompletionRead)?;
    let cohort = cohort::get(tx, actor, cohort)?;
    let (_, curriculum) = cohort::curriculum(tx, &cohort)?;
    let Page { rows, next } = enrollment::seated(tx, actor, cohort.id, filter.class, page)?;
    let enrollments: Vec<Id> = rows.iter().map(|one| one.enrollment.id).collect();
    let people: Vec<(Id, Id)> = rows.iter().map(|one| (one.enrollment.id, one.enrollment.participant_id)).collect();
    let mut classes: Vec<Id> = rows.iter().filter_map(|one| one.enrollment.class_id).collect();
    classes.sort_unstable();
    classes.dedup();
    let mut scores = assessment::best_of_enrollments(tx, &enrollments)?;
    let mut decided = by_enrollment(store::of_enrollments(tx, &enrollments)?);
    let standings = attendance::standings_of(tx, &enrollments, &curriculum.completion.credited_marks)?;
    let progress = attendance::progress_of(tx, &cohort.province_code, &classes)?;
    let disputed = attendance::disputed(tx, &enrollments)?;
    let mut passes = passes(tx, &curriculum, &people, tx.today(&cohort.province_code))?;
    let prospects = rows.into_iter().map(|enrolled| {
        let row = &enrolled.enrollment;
        let (scores, decided) = (scores.remove(&row.id).unwrap_or_default(), decided.remove(&row.id));
        let passes = passes.remove(&row.id).unwrap_or_default();
        let standing = standings.get(&row.id).copied().unwrap_or_default();
        let progress = row.class_id.and_then(|class| progress.get(&class)).copied().unwrap_or_default();
        let evidence = rules::evidence(&curriculum, standing.rate, &scores, &passes);
        let missing = rules::missing(&curriculum, &evidence, progress.coming);
        let mut doubts = doubts::of_class(curriculum.lesson_hours(), progress);
        doubts.extend(doubts::of_person(standing.unmarked, disputed.contains(&row.id), &evidence));
        Prospect { enrolled, evidence, missing, doubts, decided }
    });
    let wanted = |one: &Prospect| filter.ready.is_none_or(|ready| one.decided.is_none() && one.evidence.met() == ready);
    Ok(Page { rows: prospects.filter(wanted).collect(), next })
}

fn by_enrollment(decided: Vec<Completion>) -> HashMap<Id, Completion> {
    decided.into_iter().map(|one| (one.enrollment_id, one)).collect()
}

/// What people have passed that counts, by enrollment, where the program needs an exam: today, and for whoever was decided
/// on, on the day of that decision, also when it is opened again. A pass that ends later takes nothing away.
fn passes(
    tx: &mut Tx<'_>,
    curriculum: &Curriculum,
    people: &[(Id, Id)],
    today: NaiveDate,
) -> Result<HashMap<Id, Vec<Pass>>> {
    if curriculum.completion.external_exam.is_none() {
        return Ok(HashMap::new());
    }
    let (enrollments, persons): (Vec<Id>, Vec<Id>) = people.iter().copied().unzip();
    let days = store::days(tx, &enrollments)?;
    let first = days.values().copied().fold(today, NaiveDate::min);
    let found = exam::passes(tx, &persons, first)?;
    let of = |enrollment: &Id, person: &Id| -> Vec<Pass> {
        let day = days.get(enrollment).copied().unwrap_or(today);
        found.get(person).into_iter().flatten().filter(|pass| pass.counts_on(day)).cloned().collect()
    };
    Ok(people.iter().map(|(enrollment, person)| (*enrollment, of(enrollment, person))).collect())
}

fn prospects(tx: &mut Tx<'_>, class: Class) -> Result<Vec<Prospect>> {
    let cohort = cohort::one(tx, class.cohort_id)?;
    let (_, curriculum) = cohort::curriculum(tx, &cohort)?;
    let mut scores = assessment::best_of_class(tx, class.id)?;
    let mut decided = by_enrollment(store::of_class(tx, class.id)?);
    let today = tx.today(&class.province_code);
    let Roster { mut lines, planned, progress, .. } = attendance::roster_of(tx, class)?;
    let of_class = doubts::of_class(planned, progress);
    lines.retain(|line| line.enrolled.enrollment.state.takes_seat());
    let people: Vec<(Id, Id)> =
        lines.iter().map(|line| (line.enrolled.enrollment.id, line.enrolled.enrollment.participant_id)).collect();
    let enrollments: Vec<Id> = people.iter().map(|(enrollment, _)| *enrollment).collect();
    let disputed: HashSet<Id> = attendance::disputed(tx, &enrollments)?;
    let mut passes = passes(tx, &curriculum, &people, today)?;
    Ok(lines
        .into_iter()
        .map(|line| {
            let id = line.enrolled.enrollment.id;
            let scores = scores.remove(&id).unwrap_or_default();
            let passes = passes.remove(&id).unwrap_or_default();
            let evidence = rules::evidence(&curriculum, line.rate, &scores, &passes);
            let missing = rules::missing(&curriculum, &evidence, progress.coming);
            let own = doubts::of_person(line.unmarked, disputed.contains(&id), &evidence);
            let doubts = of_class.iter().cloned().chain(own).collect();
            Prospect { enrolled: line.enrolled, evidence, missing, doubts, decided: decided.remove(&id) }
        })
        .collect())
}

/// Decides on people of a class who are active: everyone, or those named.
/// Who meets every requirement completes, who does not does not; the evidence is frozen either way.
/// With an override the province lets the people named complete all the same; of whoever meets everything it is an
/// ordinary decision.
/// What is still to come or still open is confirmed by its code, and stands in the evidence then.
///
/// # Errors
/// `input.confirmation_required` with `completion.sessions_unreported`, `completion.hours_to_come`, `session.uncovered`,
/// `completion.unmarked`, `completion.disputed` and `completion.no_result`;
/// `class.state` unless the class runs (once it is over the province still decides anew on whoever's decision it opened
/// again), `completion.already_recorded`, `enrollment.not_active`, `access.denied` for an
/// override by anyone but the province, `completion.override_names` for one of nobody by name.
pub fn decide(
    tx: &mut Tx<'_>,
    actor: &Actor,
    class: Id,
    only: Option<&[Id]>,
    override_reason: Option<Label>,
    confirm: &[String],
) -> Result<Vec<Prospect>> {
    actor.may(Operation::CompletionWrite)?;
    if override_reason.is_some() && !actor.is_province() {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    if override_reason.is_some() && only.is_none() {
        return Err(Error::field("/enrollments", &codes::COMPLETION_OVERRIDE_NAMES));
    }
    class::visible(tx, actor, class)?;
    // A step of one of them and a decision on all of them stand in line, and in the same order.
    enrollment::lock_members(tx, class)?;
    let class = class::writable(tx, actor, class)?;
    may_decide(actor, &class)?;
    // A register that is being saved is seen, and none is saved until the decision stands.
    session::lock_of_class(tx, class.id)?;
    let today = tx.today(&class.province_code);
    let province = class.province_code.clone();
    let class_id = class.id;
    let all = prospects(tx, class)?;
    if let Some(only) = only {
        for (index, id) in only.iter().enumerate() {
            let found = all.iter().find(|one| one.enrolled.enrollment.id == *id);
            let unknown = || Error::field(format!("/enrollments/{index}"), &codes::REFERENCE_UNKNOWN);
            let state = found.ok_or_else(unknown)?.enrolled.enrollment.state;
            if state.is_decided() {
                return Err(Error::new(&codes::COMPLETION_ALREADY_RECORDED));
            }
            if state != EnrollmentState::Active {
                return Err(Error::new(&codes::ENROLLMENT_NOT_ACTIVE).fact("state", state));
            }
        }
    }
    let is_wanted = |one: &Prospect| {
        let row = &one.enrolled.enrollment;
        row.state == EnrollmentState::Active && only.is_none_or(|only| only.contains(&row.id))
    };
    let doubts = doubts::of_all(all.iter().filter(|one| is_wanted(one)).map(|one| one.doubts.as_slice()));
    let names: Vec<String> = doubts.iter().map(|doubt| doubt.code.name.to_owned()).collect();
    confirmed(doubts, confirm)?;
    let open = store::open_of_class(tx, class_id)?;
    let (mut first, mut again) = (Vec::new(), Vec::new());
    let mut ends = Vec::new();
    let mut notes = Vec::new();
    let mut result = Vec::new();
    for mut prospect in all.into_iter().filter(is_wanted) {
        prospect.evidence.confirmed = prospect.doubts.iter().map(|doubt| doubt.code.name.to_owned()).collect();
        let row = &prospect.enrolled.enrollment;
        let passes = prospect.evidence.met() || override_reason.is_some();
        let (outcome, state) = if passes {
            (Outcome::Completed, EnrollmentState::Completed)
        } else {
            (Outcome::NotCompleted, EnrollmentState::NotCompleted)
        };
        let completion = Completion {
            id: open.get(&row.id).copied().unwrap_or_else(|| tx.new_id()),
            enrollment_id: row.id,
            outcome,
            decided_on: today,
            decided_at: tx.now(),
            decided_by: actor.account_or_operator(),
            override_reason: override_reason.clone().filter(|_| !prospect.evidence.met()),
            evidence: prospect.evidence.clone(),
        };
        notes.push(
            Note::of("completion.recorded", Subject::completion(completion.id))
                .within(&province)
                .about(row.participant_id)
                .with(serde_json::json!({ "enrollment": row.id, "outcome": outcome })),
        );
        ends.push((row.clone(), state));
        let rows = if open.contains_key(&row.id) { &mut again } else { &mut first };
        rows.push(completion.clone());
        prospect.enrolled.enrollment.state = state;
        prospect.enrolled.enrollment.version += 1;
        prospect.decided = Some(completion);
        result.push(prospect);
    }
    store::keep(tx, &first, &again)?;
    enrollment::decide(tx, actor, &ends, None)?;
    let completed = first.iter().chain(&again).filter(|row| row.outcome == Outcome::Completed).count();
    let overridden = first.iter().chain(&again).find_map(|row| row.override_reason.as_ref());
    Note::of("completion.decided", Subject::class(class_id))
        .within(&province)
        .because(overridden)
        .with(
            serde_json::json!({ "completed": completed, "not_completed": ends.len() - completed, "confirmed": names }),
        )
        .record(tx, actor)?;
    audit::record_all(tx, actor, notes)?;
    Ok(result)
}

/// A running class; for the province also one that is over.
fn may_decide(actor: &Actor, class: &Class) -> Result<()> {
    match class.state {
        ClassState::Running => Ok(()),
        ClassState::Completed if actor.is_province() => Ok(()),
        state => Err(Error::new(&codes::CLASS_STATE).fact("state", state)),
    }
}

/// Opens a decision again, with a reason: the person is active once more, and what was decided stays on record.
///
/// # Errors
/// `access.denied` for anyone but the province, `resource.stale` by the version of the enrollment,
/// `completion.certified` while a certificate that holds stands on the decision.
pub fn reopen(tx: &mut Tx<'_>, actor: &Actor, enrollment: Id, version: i32, reason: Label) -> Result<()> {
    actor.may(Operation::CompletionWrite)?;
    if !actor.is_province() {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    let class = enrollment::visible_row(tx, actor, enrollment)?.enrollment.class_id;
    let class = class.ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    // In the order in which a class is decided on.
    enrollment::lock_members(tx, class)?;
    let class = class::writable(tx, actor, class)?;
    let row = enrollment::visible_row(tx, actor, enrollment)?.enrollment;
    if row.version != version {
        return Err(Error::new(&codes::STALE));
    }
    let decision = store::of(tx, enrollment)?.ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    may_decide(actor, &class)?;
    if store::is_certified(tx, decision.id)? {
        return Err(Error::new(&codes::COMPLETION_CERTIFIED));
    }
    let note = Note::of("completion.reopened", Subject::completion(decision.id))
        .within(&row.province_code)
        .about(row.participant_id)
        .because(&reason)
        .with(serde_json::json!({ "enrollment": row.id, "outcome": decision.outcome }));
    enrollment::decide(tx, actor, &[(row, EnrollmentState::Active)], Some(&reason))?;
    let (reopened_at, reopened_by) = (tx.now(), actor.account_or_operator());
    store::reopen(tx, &Reopened { decision, reopened_at, reopened_by, reason })?;
    note.record(tx, actor)
}

/// Everything that was decided on an enrollment in the actor's scope: what was opened again, oldest first, and what is in
/// force.
pub fn chain(tx: &mut Tx<'_>, actor: &Actor, enrollment: Id) -> Result<(Vec<Reopened>, Option<Completion>)> {
    actor.may(Operation::CompletionRead)?;
    enrollment::visible_row(tx, actor, enrollment)?;
    Ok((store::reopened(tx, &[enrollment])?, store::of(tx, enrollment)?))
}

/// The decision on one enrollment in the actor's scope.
pub fn of(tx: &mut Tx<'_>, actor: &Actor, enrollment: Id) -> Result<Completion> {
    actor.may(Operation::CompletionRead)?;
    enrollment::visible_row(tx, actor, enrollment)?;
    store::of(tx, enrollment)?.ok_or_else(|| Error::new(&codes::NOT_FOUND))
}

/// The decisions of a class, for issuing certificates.
pub(crate) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Completion>> {
    store::of_class(tx, class)
}

/// Those of these decisions that rest on a pass of an exam which is in force no more.
pub(crate) fn that_lost_an_exam(tx: &mut Tx<'_>, decisions: &[Completion]) -> Result<HashSet<Id>> {
    let passes: Vec<(Id, Id, String, String)> = decisions.iter().flat_map(passes_behind).collect();
    if passes.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<Id> = passes.iter().map(|(_, pass, ..)| *pass).collect();
    let in_force = tx.beyond(|tx| exam::still_in_force(tx, &ids))?;
    let mut lost = HashSet::new();
    for (decision, pass, exam, level) in passes {
        // A correction of the paper's number, say, takes nothing away.
        if !in_force.contains(&pass) && !tx.beyond(|tx| exam::still_passes(tx, pass, &exam, &level))? {
            lost.insert(decision);
        }
    }
    Ok(lost)
}

/// The passes that a decision counted: the decision, the pass, and the exam and level that were needed.
fn passes_behind(decision: &Completion) -> Vec<(Id, Id, String, String)> {
    let exams =
        decision.evidence.requirements.iter().filter(|one| one.kind == RequirementKind::ExternalExam && one.met);
    let pass = |one: &Requirement| Some((*one.rows.first()?, one.subject.clone()?, one.required.clone()));
    exams.filter_map(pass).map(|(pass, exam, level)| (decision.id, pass, exam, level)).collect()
}

/// What was decided on these enrollments before it was opened again, oldest first; they have been checked already.
pub(crate) fn reopened_of(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Reopened>> {
    store::reopened(tx, enrollments)
}

/// The exam results that decisions in force on these people rest on, whoever decided, for imports.
pub(crate) fn exams_behind(tx: &mut Tx<'_>, people: &[Id]) -> Result<HashSet<Id>> {
    let decisions = store::of_people(tx, people)?;
    Ok(decisions.iter().flat_map(passes_behind).map(|(_, pass, ..)| pass).collect())
}

/// Decisions on these enrollments, which have been checked already.
pub(crate) fn of_enrollments(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Completion>> {
    store::of_enrollments(tx, enrollments)
}
