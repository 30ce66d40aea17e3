//! Assessment: scored components of a program, with every attempt kept.

mod store;

use std::collections::HashMap;

use chrono::NaiveDate;

pub use store::ScoreRow;

use crate::access::{Actor, Operation};
use crate::audit::{self, Subject};
use crate::class::{self, ClassState};
use crate::cohort;
use crate::db::Tx;
use crate::enrollment::{self, EnrollmentState};
use crate::error::{Error, Fact, FieldProblem, Result, codes};
use crate::id::Id;
use crate::values::Score;

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

/// Records scores of a class: all of them or none. A further score of the same component is the next attempt.
///
/// # Errors
/// `assessment.component_unknown`, `assessment.not_a_member`, `class.state` unless the class runs.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, class: Id, scores: &[NewScore]) -> Result<Vec<ScoreRow>> {
    actor.may(Operation::AssessmentWrite)?;
    let class = class::writable(tx, actor, class)?;
    if class.state != ClassState::Running {
        return Err(Error::new(&codes::CLASS_STATE).fact("state", class.state));
    }
    let cohort = cohort::one(tx, class.cohort_id)?;
    let (_, curriculum) = cohort::curriculum(tx, &cohort)?;
    let components: Vec<&str> =
        curriculum.completion.components.iter().map(|component| component.code.as_str()).collect();
    let members: Vec<Id> = enrollment::member_rows(tx, class.id)?
        .into_iter()
        .filter(|row| matches!(row.state, EnrollmentState::Active | EnrollmentState::OnLeave))
        .map(|row| row.id)
        .collect();
    check(scores, &components, &members)?;
    let today = tx.today(&class.province_code);
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
    Ok(rows)
}

fn check(scores: &[NewScore], components: &[&str], members: &[Id]) -> Result<()> {
    let mut wrong = Vec::new();
    for (index, new) in scores.iter().enumerate() {
        if !components.contains(&new.component.as_str()) {
            wrong.push(FieldProblem {
                pointer: format!("/scores/{index}/component"),
                code: &codes::ASSESSMENT_COMPONENT,
                facts: vec![Fact::new("allowed", components.join(", "))],
            });
        }
        if !members.contains(&new.enrollment) {
            wrong.push(FieldProblem {
                pointer: format!("/scores/{index}/enrollment"),
                code: &codes::ASSESSMENT_NOT_A_MEMBER,
                facts: Vec::new(),
            });
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}

/// Every attempt of one person, in the order they were recorded.
pub fn of(tx: &mut Tx<'_>, actor: &Actor, enrollment: Id) -> Result<Vec<ScoreRow>> {
    actor.may(Operation::AssessmentRead)?;
    enrollment::visible_row(tx, actor, enrollment)?;
    store::of(tx, enrollment)
}

/// The best score of each component, for everyone of a class.
pub(crate) fn best_of_class(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<Id, HashMap<String, Score>>> {
    let mut best: HashMap<Id, HashMap<String, Score>> = HashMap::new();
    for (enrollment, component, score) in store::scores_of_class(tx, class)? {
        let of_person = best.entry(enrollment).or_default();
        let kept = of_person.entry(component).or_insert(score);
        *kept = (*kept).max(score);
    }
    Ok(best)
}
