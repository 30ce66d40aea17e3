//! Assessment: scored components of a program, with every attempt kept.

mod store;

use std::collections::{HashMap, HashSet};

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
/// `assessment.component_unknown`, `assessment.not_a_member`, `class.state` unless the class runs. Once it is over the
/// province may still score whoever's decision it opened again.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, class: Id, scores: &[NewScore]) -> Result<Vec<ScoreRow>> {
    actor.may(Operation::AssessmentWrite)?;
    let class = class::writable(tx, actor, class)?;
    if class.state != ClassState::Running && !(class.state == ClassState::Completed && actor.is_province()) {
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

/// The best attempt at a component, the first of equal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Best {
    pub(crate) score: Score,
    /// Which attempt that was.
    pub(crate) attempt: Id,
}

/// The best attempt at each component, for everyone of a class.
pub(crate) fn best_of_class(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<Id, HashMap<String, Best>>> {
    let mut best: HashMap<Id, HashMap<String, Best>> = HashMap::new();
    for row in store::of_class(tx, class)? {
        let this = Best { score: row.score, attempt: row.id };
        let kept = best.entry(row.enrollment_id).or_default().entry(row.component).or_insert(this);
        if this.score > kept.score {
            *kept = this;
        }
    }
    Ok(best)
}

/// Every attempt of everyone of a class whom the actor follows, in the order they were recorded.
pub fn of_class(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Vec<ScoreRow>> {
    actor.may(Operation::AssessmentRead)?;
    let class = class::visible(tx, actor, class)?;
    let mut rows = store::of_class(tx, class.id)?;
    let members = enrollment::member_rows(tx, class.id)?;
    let followed: HashSet<Id> = members
        .iter()
        .filter(|member| enrollment::follows(actor, member, class.partner_id))
        .map(|member| member.id)
        .collect();
    rows.retain(|row| followed.contains(&row.enrollment_id));
    Ok(rows)
}
