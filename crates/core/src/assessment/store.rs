use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::max;
use diesel::prelude::*;

use crate::db::Tx;
use crate::db::dialect::{insert_many, one_of_ids};
use crate::db::schema::{corrected_scores, enrollments, scores};
use crate::error::Result;
use crate::id::Id;
use crate::time::Instant;
use crate::values::{Label, Score};

/// One attempt at one component.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = scores, treat_none_as_default_value = false)]
pub struct ScoreRow {
    /// Key.
    pub id: Id,
    /// Whose.
    pub enrollment_id: Id,
    /// Of which component.
    pub component: String,
    /// 1, 2, …
    pub attempt: i32,
    /// 0 to 100.
    pub score: Score,
    /// When it was assessed.
    pub assessed_on: NaiveDate,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// By whose account.
    pub recorded_by: Id,
}

/// A score that no longer counts, with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// As it was.
    pub(crate) score: ScoreRow,
    pub(crate) correction: Correction,
}

/// Why a score no longer counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The score in its place; none where there never was one.
    pub replaced_by: Option<Id>,
    /// When it was corrected.
    pub at: Instant,
    /// By whose account.
    pub by: Id,
    /// Why; forgotten with the person.
    pub reason: Option<Label>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = corrected_scores, treat_none_as_default_value = false)]
struct ReplacedRow {
    id: Id,
    enrollment_id: Id,
    component: String,
    attempt: i32,
    score: Score,
    assessed_on: NaiveDate,
    recorded_at: Instant,
    recorded_by: Id,
    replaced_by: Option<Id>,
    corrected_at: Instant,
    corrected_by: Id,
    reason: Option<Label>,
}

impl ReplacedRow {
    fn of(one: Replaced) -> Self {
        let Replaced { score, correction } = one;
        let ScoreRow { id, enrollment_id, component, attempt, score, assessed_on, recorded_at, recorded_by } = score;
        let Correction { replaced_by, at: corrected_at, by: corrected_by, reason } = correction;
        Self {
            id,
            enrollment_id,
            component,
            attempt,
            score,
            assessed_on,
            recorded_at,
            recorded_by,
            replaced_by,
            corrected_at,
            corrected_by,
            reason,
        }
    }

    fn read(self) -> Replaced {
        let Self { id, enrollment_id, component, attempt, score, assessed_on, recorded_at, recorded_by, .. } = self;
        let score = ScoreRow { id, enrollment_id, component, attempt, score, assessed_on, recorded_at, recorded_by };
        let Self { replaced_by, corrected_at: at, corrected_by: by, reason, .. } = self;
        Replaced { score, correction: Correction { replaced_by, at, by, reason } }
    }
}

/// Takes a score out of those that count, and puts another in its place if there is one.
pub(super) fn replace(tx: &mut Tx<'_>, one: Replaced, by: Option<&ScoreRow>) -> Result<()> {
    diesel::delete(scores::table.find(one.score.id)).execute(tx.connection)?;
    diesel::insert_into(corrected_scores::table).values(ReplacedRow::of(one)).execute(tx.connection)?;
    if let Some(by) = by {
        diesel::insert_into(scores::table).values(by.clone()).execute(tx.connection)?;
    }
    Ok(())
}

/// A score that counts.
pub(super) fn counting(tx: &mut Tx<'_>, id: Id) -> Result<Option<ScoreRow>> {
    Ok(scores::table.find(id).get_result(tx.connection).optional()?)
}

/// Whose score it is, whether it still counts or not.
pub(super) fn whose(tx: &mut Tx<'_>, id: Id) -> Result<Id> {
    if let Some(score) = counting(tx, id)? {
        return Ok(score.enrollment_id);
    }
    Ok(corrected_scores::table.find(id).select(corrected_scores::enrollment_id).get_result(tx.connection)?)
}

/// Scores of these enrollments that no longer count.
pub(super) fn replaced(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Replaced>> {
    let rows: Vec<ReplacedRow> = corrected_scores::table
        .filter(one_of_ids(corrected_scores::enrollment_id, enrollments)?)
        .order(corrected_scores::id)
        .load(tx.connection)?;
    Ok(rows.into_iter().map(ReplacedRow::read).collect())
}

/// Scores of everyone of a class that no longer count.
pub(super) fn replaced_of_class(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Replaced>> {
    let rows: Vec<ReplacedRow> = corrected_scores::table
        .inner_join(enrollments::table)
        .filter(enrollments::class_id.eq(class))
        .order(corrected_scores::id)
        .select(corrected_scores::all_columns)
        .load(tx.connection)?;
    Ok(rows.into_iter().map(ReplacedRow::read).collect())
}

/// Forgets why scores of a person were corrected.
pub(super) fn forget_reasons(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    let theirs = enrollments::table.filter(enrollments::participant_id.eq(participant)).select(enrollments::id);
    diesel::update(corrected_scores::table.filter(corrected_scores::enrollment_id.eq_any(theirs)))
        .set(corrected_scores::reason.eq(None::<Label>))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn insert_many(tx: &mut Tx<'_>, rows: &[ScoreRow]) -> Result<()> {
    insert_many!(tx.connection, scores::table, rows);
    Ok(())
}

/// Scores of these enrollments that count, in the order they were recorded.
pub(super) fn of(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<ScoreRow>> {
    let theirs = scores::table.filter(one_of_ids(scores::enrollment_id, enrollments)?);
    Ok(theirs.order(scores::id).load(tx.connection)?)
}

/// The last attempt of each component, for everyone of a class.
pub(super) fn attempts(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<(Id, String), i32>> {
    let rows: Vec<(Id, String, Option<i32>)> = scores::table
        .inner_join(enrollments::table)
        .filter(enrollments::class_id.eq(class))
        .group_by((scores::enrollment_id, scores::component))
        .select((scores::enrollment_id, scores::component, max(scores::attempt)))
        .load(tx.connection)?;
    Ok(rows.into_iter().map(|(who, component, last)| ((who, component), last.unwrap_or(0))).collect())
}

pub(super) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<Vec<ScoreRow>> {
    Ok(scores::table
        .inner_join(enrollments::table)
        .filter(enrollments::class_id.eq(class))
        .order(scores::id)
        .select(scores::all_columns)
        .load(tx.connection)?)
}
