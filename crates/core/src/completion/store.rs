use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Evidence;
use crate::db::Tx;
use crate::db::dialect::{insert_many, one_of_ids};
use crate::db::schema::{certificates, completions, enrollments, reopened_completions};
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

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = completions, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: Id,
    enrollment_id: Id,
    outcome: Outcome,
    decided_on: NaiveDate,
    decided_at: Instant,
    decided_by: Id,
    override_reason: Option<Label>,
    evidence: String,
    is_open: bool,
}

impl Row {
    fn of(one: &Completion) -> Result<Self> {
        Ok(Self {
            id: one.id,
            enrollment_id: one.enrollment_id,
            outcome: one.outcome,
            decided_on: one.decided_on,
            decided_at: one.decided_at,
            decided_by: one.decided_by,
            override_reason: one.override_reason.clone(),
            evidence: serde_json::to_string(&one.evidence).map_err(Error::storage)?,
            is_open: false,
        })
    }

    fn read(self) -> Result<Completion> {
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

/// A decision that was opened again, as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    /// What was decided.
    pub decision: Completion,
    /// When it was opened again.
    pub reopened_at: Instant,
    /// By whose account.
    pub reopened_by: Id,
    /// Why.
    pub reason: Label,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = reopened_completions, treat_none_as_default_value = false)]
struct ReopenedRow {
    id: Id,
    completion_id: Id,
    enrollment_id: Id,
    outcome: Outcome,
    decided_on: NaiveDate,
    decided_at: Instant,
    decided_by: Id,
    override_reason: Option<Label>,
    evidence: String,
    reopened_at: Instant,
    reopened_by: Id,
    reason: Label,
}

impl ReopenedRow {
    fn read(self) -> Result<Reopened> {
        let decision = Completion {
            id: self.completion_id,
            enrollment_id: self.enrollment_id,
            outcome: self.outcome,
            decided_on: self.decided_on,
            decided_at: self.decided_at,
            decided_by: self.decided_by,
            override_reason: self.override_reason,
            evidence: serde_json::from_str(&self.evidence).map_err(Error::storage)?,
        };
        Ok(Reopened { decision, reopened_at: self.reopened_at, reopened_by: self.reopened_by, reason: self.reason })
    }
}

/// Keeps decisions: the first on an enrollment, and those that follow on one that was opened again.
pub(super) fn keep(tx: &mut Tx<'_>, first: &[Completion], again: &[Completion]) -> Result<()> {
    let rows = first.iter().map(Row::of).collect::<Result<Vec<_>>>()?;
    insert_many!(tx.connection, completions::table, rows);
    for one in again {
        diesel::update(completions::table.find(one.id)).set(Row::of(one)?).execute(tx.connection)?;
    }
    Ok(())
}

/// Opens a decision again; what it was stays.
pub(super) fn reopen(tx: &mut Tx<'_>, one: &Reopened) -> Result<()> {
    let Row { id, enrollment_id, outcome, decided_on, decided_at, decided_by, override_reason, evidence, .. } =
        Row::of(&one.decision)?;
    let row = ReopenedRow {
        id: tx.new_id(),
        completion_id: id,
        enrollment_id,
        outcome,
        decided_on,
        decided_at,
        decided_by,
        override_reason,
        evidence,
        reopened_at: one.reopened_at,
        reopened_by: one.reopened_by,
        reason: one.reason.clone(),
    };
    diesel::insert_into(reopened_completions::table).values(row).execute(tx.connection)?;
    diesel::update(completions::table.find(id)).set(completions::is_open.eq(true)).execute(tx.connection)?;
    Ok(())
}

/// Decisions of a class that were opened again and wait for the next: their ids by enrollment.
pub(super) fn open_of_class(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<Id, Id>> {
    let open: Vec<(Id, Id)> = completions::table
        .inner_join(enrollments::table)
        .filter(enrollments::class_id.eq(class))
        .filter(completions::is_open.eq(true))
        .select((completions::enrollment_id, completions::id))
        .load(tx.connection)?;
    Ok(open.into_iter().collect())
}

/// On which day each of these enrollments was decided on last, also where the decision was opened again.
pub(super) fn days(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<HashMap<Id, NaiveDate>> {
    let days: Vec<(Id, NaiveDate)> = completions::table
        .filter(one_of_ids(completions::enrollment_id, enrollments)?)
        .select((completions::enrollment_id, completions::decided_on))
        .load(tx.connection)?;
    Ok(days.into_iter().collect())
}

/// What was decided on these enrollments before it was opened again, oldest first.
pub(super) fn reopened(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Reopened>> {
    let rows: Vec<ReopenedRow> = reopened_completions::table
        .filter(one_of_ids(reopened_completions::enrollment_id, enrollments)?)
        .order(reopened_completions::id)
        .load(tx.connection)?;
    rows.into_iter().map(ReopenedRow::read).collect()
}

/// Whether a certificate that holds stands on the decision.
pub(super) fn is_certified(tx: &mut Tx<'_>, completion: Id) -> Result<bool> {
    let standing = certificates::table
        .filter(certificates::completion_id.eq(completion))
        .filter(certificates::revoked_on.is_null());
    let found: Option<Id> = standing.select(certificates::id).first(tx.connection).optional()?;
    Ok(found.is_some())
}

pub(super) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Completion>> {
    let rows: Vec<Row> = completions::table
        .inner_join(enrollments::table)
        .filter(enrollments::class_id.eq(class))
        .filter(completions::is_open.eq(false))
        .order(completions::id)
        .select(completions::all_columns)
        .load(tx.connection)?;
    rows.into_iter().map(Row::read).collect()
}

pub(super) fn of(tx: &mut Tx<'_>, enrollment: Id) -> Result<Option<Completion>> {
    let decided =
        completions::table.filter(completions::enrollment_id.eq(enrollment)).filter(completions::is_open.eq(false));
    let row: Option<Row> = decided.get_result(tx.connection).optional()?;
    row.map(Row::read).transpose()
}

pub(super) fn of_people(tx: &mut Tx<'_>, people: &[Id]) -> Result<Vec<Completion>> {
    let rows: Vec<Row> = completions::table
        .inner_join(enrollments::table)
        .filter(one_of_ids(enrollments::participant_id, people)?)
        .filter(completions::is_open.eq(false))
        .select(completions::all_columns)
        .load(tx.connection)?;
    rows.into_iter().map(Row::read).collect()
}

pub(super) fn of_enrollments(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Completion>> {
    let rows: Vec<Row> = completions::table
        .filter(completions::enrollment_id.eq_any(enrollments))
        .filter(completions::is_open.eq(false))
        .order(completions::id)
        .load(tx.connection)?;
    rows.into_iter().map(Row::read).collect()
}
