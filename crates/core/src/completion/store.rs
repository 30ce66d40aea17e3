use chrono::NaiveDate;
use diesel::prelude::*;

use super::Evidence;
use crate::db::Tx;
use crate::db::dialect::insert_many;
use crate::db::schema::{completions, enrollments};
use crate::error::{Error, Result};
use crate::id::Id;
use crate::time::Instant;
use crate::values::{Label, words};

words! {
    /// What was decided.
    pub enum Outcome {
        /// Every requirement is met, or the province let it pass with a reason.
        Completed = "completed",
        /// Something is not met.
        NotCompleted = "not_completed",
    }
}

/// A decision, with everything it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Key.
    pub id: Id,
    /// On which enrollment.
    pub enrollment_id: Id,
    /// What was decided.
    pub outcome: Outcome,
    /// On which day in the province.
    pub decided_on: NaiveDate,
    /// At which moment.
    pub decided_at: Instant,
    /// By whose account.
    pub decided_by: Id,
    /// Why the province let it pass.
    pub override_reason: Option<Label>,
    /// What it rests on.
    pub evidence: Evidence,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = completions, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    enrollment_id: Id,
    outcome: Outcome,
    decided_on: NaiveDate,
    decided_at: Instant,
    decided_by: Id,
    override_reason: Option<Label>,
    evidence: String,
}

impl Row {
    fn open(self) -> Result<Completion> {
        Ok(Completion {
            evidence: serde_json::from_str(&self.evidence).map_err(Error::storage)?,
            id: self.id,
            enrollment_id: self.enrollment_id,
            outcome: self.outcome,
            decided_on: self.decided_on,
            decided_at: self.decided_at,
            decided_by: self.decided_by,
            override_reason: self.override_reason,
        })
    }
}

pub(super) fn insert_many(tx: &mut Tx<'_>, all: &[Completion]) -> Result<()> {
    let mut rows = Vec::with_capacity(all.len());
    for one in all {
        rows.push(Row {
            id: one.id,
            enrollment_id: one.enrollment_id,
            outcome: one.outcome,
            decided_on: one.decided_on,
            decided_at: one.decided_at,
            decided_by: one.decided_by,
            override_reason: one.override_reason.clone(),
            evidence: serde_json::to_string(&one.evidence).map_err(Error::storage)?,
        });
    }
    insert_many!(tx.connection, completions::table, rows);
    Ok(())
}

pub(super) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Completion>> {
    let rows: Vec<Row> = completions::table
        .inner_join(enrollments::table)
        .filter(enrollments::class_id.eq(class))
        .order(completions::id)
        .select(completions::all_columns)
        .load(tx.connection)?;
    rows.into_iter().map(Row::open).collect()
}

pub(super) fn of(tx: &mut Tx<'_>, enrollment: Id) -> Result<Option<Completion>> {
    let row: Option<Row> =
        completions::table.filter(completions::enrollment_id.eq(enrollment)).get_result(tx.connection).optional()?;
    row.map(Row::open).transpose()
}

pub(super) fn of_enrollments(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Completion>> {
    let rows: Vec<Row> = completions::table
        .filter(completions::enrollment_id.eq_any(enrollments))
        .order(completions::id)
        .load(tx.connection)?;
    rows.into_iter().map(Row::open).collect()
}
