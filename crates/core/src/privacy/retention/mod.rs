//! How long each kind of data is kept, and taking away what is past its time, a small batch at a time.

mod rules;
mod store;

pub use rules::{Keep, RetentionKind, RetentionRule, rules};

use super::erasure;
use crate::access::{Actor, Operation};
use crate::audit::{self, Subject};
use crate::db::Tx;
use crate::error::Result;
use crate::id::Id;
use crate::participant;
use crate::time::Instant;

/// A rule and how much is past its time at this moment.
#[derive(Debug, Clone)]
pub struct Due {
    /// The rule.
    pub rule: &'static RetentionRule,
    /// What is older than this goes; none where everything is kept.
    pub before: Option<Instant>,
    /// How many would go now.
    pub count: i64,
}

/// What would go now in the actor's scope, kind by kind. Nothing is changed.
pub fn preview(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Due>> {
    actor.may(Operation::RetentionRead)?;
    let mut all = Vec::new();
    for rule in rules() {
        let before = rule.before(tx.now());
        let count = match before {
            Some(before) => store::count(tx, rule.kind, before, actor.scope().province())?,
            None => 0,
        };
        all.push(Due { rule, before, count });
    }
    Ok(all)
}

/// Takes away one batch of what is past its time, in this transaction, and says how many there were. Whoever wants all
/// of it gone calls again until there are none; stopping in between leaves nothing half done.
pub fn sweep(tx: &mut Tx<'_>, actor: &Actor, rule: &RetentionRule) -> Result<usize> {
    let Some(before) = rule.before(tx.now()) else { return Ok(0) };
    // Several copies of the program may sweep; one at a time does.
    store::alone(tx)?;
    let gone = match rule.kind {
        RetentionKind::PersonalFiles => erase_forgotten(tx, actor, before)?,
        RetentionKind::Attendance => store::tally_marks(tx, before)?,
        RetentionKind::ImportFiles => store::empty_imports(tx, before)?,
        RetentionKind::KeptAnswers => store::delete_answers(tx, before)?,
        RetentionKind::Messages => store::delete_messages(tx, before)?,
        RetentionKind::Jobs => store::delete_jobs(tx, before)?,
        RetentionKind::RefusedRequests | RetentionKind::DoneRequests => store::delete_requests(tx, rule.kind, before)?,
        RetentionKind::Certificates | RetentionKind::Audit => 0,
    };
    if gone > 0 {
        audit::record(
            tx,
            actor,
            "retention.swept",
            Subject::retention(Id::default()),
            None,
            &serde_json::json!({ "kind": rule.kind, "gone": gone, "before": before }),
        )?;
    }
    Ok(gone)
}

fn erase_forgotten(tx: &mut Tx<'_>, actor: &Actor, before: Instant) -> Result<usize> {
    let people = store::forgotten(tx, before)?;
    for id in &people {
        let whose = participant::locked(tx, *id)?;
        erasure::erase(tx, actor, &whose)?;
    }
    Ok(people.len())
}
