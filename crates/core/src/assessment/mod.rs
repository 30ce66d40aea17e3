//! Assessment: scored components of a program, with every attempt kept.

mod store;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

pub use store::{Correction, ScoreRow};

use crate::access::{Actor, Operation};
use crate::audit::{self, Changes, Note, Subject};
use crate::class::{self, Class, ClassState};
use crate::cohort;
use crate::db::Tx;
use crate::enrollment::{self, EnrollmentState};
use crate::error::{Code, Error, FieldProblem, Result, codes};
use crate::id::Id;
use crate::values::{Label, Score};
use store::Replaced;

/// A score to record.
#[derive(Debug, Clone)]
pub struct NewScore {
    /// Whose.
    pub enrollment: Id,
    /// Of which component of the program.
    pub component: String,
    /// 0 to 100.
    pub score: Score,
    /// When it was assessed; today when nothing is said.
    pub assessed_on: Option<NaiveDate>,
}

/// An attempt, and why it no longer counts if it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The score.
    pub score: ScoreRow,
    /// The earlier score that it corrects.
    pub replaces: Option<Id>,
    /// What took it out; none while it counts.
    pub correction: Option<Correction>,
}

/// What a correction says of a score.
#[derive(Debug, Clone)]
pub struct NewCorrection {
    /// The right one; none where there never was one.
    pub score: Option<Score>,
    /// When it was assessed; as before when nothing is said.
    pub assessed_on: Option<NaiveDate>,
    /// Why.
    pub reason: Label,
}

/// Records scores of a class: all of them or none. A further score of the same component is the next attempt.
///
/// # Errors
/// `assessment.component_unknown`, `assessment.not_a_member`, `assessment.decided`, `assessment.future`,
/// `assessment.before_class`, `field.duplicate`, `class.state` unless the class runs. Once it is over the province may
/// still score whoever's decision it opened again.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, class: Id, scores: &[NewScore]) -> Result<Vec<Attempt>> {
    actor.may(Operation::AssessmentWrite)?;
    let class = class::writable(tx, actor, class)?;
    takes_scores(actor, &class)?;
    let cohort = cohort::one(tx, class.cohort_id)?;
    let (_, curriculum) = cohort::curriculum(tx, &cohort)?;
    let components: Vec<&str> =
        curriculum.completion.components.iter().map(|component| component.code.as_str()).collect();
    let members: HashMap<Id, EnrollmentState> =
        enrollment::member_rows(tx, class.id)?.into_iter().map(|row| (row.id, row.state)).collect();
    let today = tx.today(&class.province_code);
    check(scores, &components, &members, &class, today)?;
    let mut attempts = store::attempts(tx, class.id)?;
    let rows: Vec<ScoreRow> = scores
        .iter()
        .map(|new| {
            let attempt = attempts.entry((new.enrollment, new.component.clone())).or_default();
            *attempt += 1;
            ScoreRow {
                id: tx.new_id(),
                enrollment_id: new.enrollment,
                component: new.component.clone(),
                attempt: *attempt,
                score: new.score,
                assessed_on: new.assessed_on.unwrap_or(today),
                recorded_at: tx.now(),
                recorded_by: actor.account_or_operator(),
            }
        })
        .collect();
    store::insert_many(tx, &rows)?;
    audit::record(
        tx,
        actor,
        "assessment.recorded",
        Subject::class(class.id),
        Some(&class.province_code),
        &serde_json::json!({ "scores": rows.len() }),
    )?;
    Ok(in_order(rows, Vec::new()))
}

/// A running class; for the province also one that is over.
fn takes_scores(actor: &Actor, class: &Class) -> Result<()> {
    match class.state {
        ClassState::Running => Ok(()),
        ClassState::Completed if actor.is_province() => Ok(()),
        state => Err(Error::new(&codes::CLASS_STATE).fact("state", state)),
    }
}

fn check(
    scores: &[NewScore],
    components: &[&str],
    members: &HashMap<Id, EnrollmentState>,
    class: &Class,
    today: NaiveDate,
) -> Result<()> {
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    for (index, new) in scores.iter().enumerate() {
        let at = |field: &str| format!("/scores/{index}/{field}");
        if !components.contains(&new.component.as_str()) {
            let allowed = components.join(", ");
            wrong.push(FieldProblem::new(at("component"), &codes::ASSESSMENT_COMPONENT).fact("allowed", allowed));
        } else if !seen.insert((new.enrollment, &new.component)) {
            // Two attempts come in two requests; in one it is a line that was typed twice.
            wrong.push(FieldProblem::new(at("component"), &codes::FIELD_DUPLICATE));
        }
        let state = members.get(&new.enrollment).copied();
        wrong.extend(whether_open(state).err().map(|code| FieldProblem::new(at("enrollment"), code)));
        wrong.extend(new.assessed_on.and_then(|day| wrong_day(day, class, today, at("assessed_on"))));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}

/// Whether a member of a class may still be scored.
fn whether_open(state: Option<EnrollmentState>) -> Result<(), &'static Code> {
    match state {
        Some(EnrollmentState::Active | EnrollmentState::OnLeave) => Ok(()),
        Some(EnrollmentState::Completed | EnrollmentState::NotCompleted) => Err(&codes::ASSESSMENT_DECIDED),
        _ => Err(&codes::ASSESSMENT_NOT_A_MEMBER),
    }
}

fn wrong_day(day: NaiveDate, class: &Class, today: NaiveDate, pointer: String) -> Option<FieldProblem> {
    if day > today {
        return Some(FieldProblem::new(pointer, &codes::ASSESSMENT_FUTURE));
    }
    let early = FieldProblem::new(pointer, &codes::ASSESSMENT_BEFORE_CLASS).fact("starts_on", class.starts_on);
    (day < class.starts_on).then_some(early)
}

/// Corrects a score: another one takes its place under the same attempt, or none does. The earlier one stays on record
/// and counts no more.
///
/// # Errors
/// `assessment.already_corrected`, `assessment.decided`, `assessment.not_a_member`, `assessment.future`,
/// `assessment.before_class`, and `class.state` as for [`record`].
pub fn correct(tx: &mut Tx<'_>, actor: &Actor, id: Id, new: NewCorrection) -> Result<Attempt> {
    actor.may(Operation::AssessmentWrite)?;
    let whose = store::whose(tx, id)?;
    let class = enrollment::visible_row(tx, actor, whose)?.enrollment.class_id;
    let class = class::writable(tx, actor, class.ok_or_else(|| Error::new(&codes::NOT_FOUND))?)?;
    takes_scores(actor, &class)?;
    // Read anew: whoever decides on the person or corrects the score stands in line at the class.
    let member = enrollment::visible_row(tx, actor, whose)?.enrollment;
    whether_open(Some(member.state)).map_err(Error::new)?;
    let before = store::counting(tx, id)?.ok_or_else(|| Error::new(&codes::ASSESSMENT_ALREADY_CORRECTED))?;
    let today = tx.today(&class.province_code);
    let wrong = new.assessed_on.and_then(|day| wrong_day(day, &class, today, "/assessed_on".to_owned()));
    if let Some(wrong) = wrong {
        return Err(Error::fields(vec![wrong]));
    }
    let after = new.score.map(|score| ScoreRow {
        id: tx.new_id(),
        score,
        assessed_on: new.assessed_on.unwrap_or(before.assessed_on),
        recorded_at: tx.now(),
        recorded_by: actor.account_or_operator(),
        ..before.clone()
    });
    let replaced_by = after.as_ref().map(|after| after.id);
    let note = Note::of("assessment.corrected", Subject::assessment(id))
        .within(&class.province_code)
        .about(member.participant_id)
        .because(&new.reason)
        .with(serde_json::json!({ "component": before.component, "attempt": before.attempt, "by": replaced_by }))
        .changing(Changes::default().masked("score", &Some(before.score), &new.score));
    let (at, by) = (tx.now(), actor.account_or_operator());
    let correction = Correction { replaced_by, at, by, reason: Some(new.reason) };
    store::replace(tx, Replaced { score: before.clone(), correction: correction.clone() }, after.as_ref())?;
    note.record(tx, actor)?;
    Ok(match after {
        Some(score) => Attempt { score, replaces: Some(id), correction: None },
        None => Attempt { score: before, replaces: None, correction: Some(correction) },
    })
}

/// Attempts that count and those that no longer do, in the order they were recorded.
fn in_order(counting: Vec<ScoreRow>, replaced: Vec<Replaced>) -> Vec<Attempt> {
    let earlier: HashMap<Id, Id> =
        replaced.iter().filter_map(|one| Some((one.correction.replaced_by?, one.score.id))).collect();
    let counting = counting.into_iter().map(|score| (score, None));
    let replaced = replaced.into_iter().map(|one| (one.score, Some(one.correction)));
    let attempt = |(score, correction): (ScoreRow, Option<Correction>)| Attempt {
        replaces: earlier.get(&score.id).copied(),
        score,
        correction,
    };
    let mut all: Vec<Attempt> = counting.chain(replaced).map(attempt).collect();
    all.sort_by_key(|one| one.score.id);
    all
}

/// Every attempt of one person, in the order they were recorded, also those that a correction took out.
pub fn of(tx: &mut Tx<'_>, actor: &Actor, enrollment: Id) -> Result<Vec<Attempt>> {
    actor.may(Operation::AssessmentRead)?;
    enrollment::visible_row(tx, actor, enrollment)?;
    all_of(tx, &[enrollment])
}

/// Every attempt of these enrollments, which have been checked already.
pub(crate) fn all_of(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Attempt>> {
    Ok(in_order(store::of(tx, enrollments)?, store::replaced(tx, enrollments)?))
}

/// Forgets why scores of a person were corrected; the points stay.
pub(crate) fn forget_reasons(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    store::forget_reasons(tx, participant)
}

/// The best attempt at a component, the first of equal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Best {
    pub(crate) score: Score,
    /// Which attempt that was.
    pub(crate) attempt: Id,
}

/// The best attempt at each component, by enrollment.
pub(crate) type BestScores = HashMap<Id, HashMap<String, Best>>;

/// The best attempt at each component, for everyone of a class.
pub(crate) fn best_of_class(tx: &mut Tx<'_>, class: Id) -> Result<BestScores> {
    Ok(best_of(store::of_class(tx, class)?))
}

/// The same for these enrollments, which have been checked already.
pub(crate) fn best_of_enrollments(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<BestScores> {
    Ok(best_of(store::of(tx, enrollments)?))
}

fn best_of(rows: Vec<ScoreRow>) -> BestScores {
    let mut best = BestScores::new();
    for row in rows {
        let this = Best { score: row.score, attempt: row.id };
        let kept = best.entry(row.enrollment_id).or_default().entry(row.component).or_insert(this);
        if this.score > kept.score {
            *kept = this;
        }
    }
    best
}

/// Every attempt of everyone of a class whom the actor follows, in the order they were recorded, also those that a
/// correction took out.
pub fn of_class(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Vec<Attempt>> {
    actor.may(Operation::AssessmentRead)?;
    let class = class::visible(tx, actor, class)?;
    let mut attempts = in_order(store::of_class(tx, class.id)?, store::replaced_of_class(tx, class.id)?);
    let members = enrollment::member_rows(tx, class.id)?;
    let followed: HashSet<Id> = members
        .iter()
        .filter(|member| enrollment::follows(actor, member, class.partner_id))
        .map(|member| member.id)
        .collect();
    attempts.retain(|one| followed.contains(&one.score.enrollment_id));
    Ok(attempts)
}
