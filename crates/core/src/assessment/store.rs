use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::max;
use diesel::prelude::*;

use crate::db::Tx;
use crate::db::dialect::insert_many;
use crate::db::schema::{enrollments, scores};
use crate::error::Result;
use crate::id::Id;
use crate::time::Instant;
use crate::values::Score;

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

pub(super) fn insert_many(tx: &mut Tx<'_>, rows: &[ScoreRow]) -> Result<()> {
    insert_many!(tx.connection, scores::table, rows);
    Ok(())
}

pub(super) fn of(tx: &mut Tx<'_>, enrollment: Id) -> Result<Vec<ScoreRow>> {
    Ok(scores::table.filter(scores::enrollment_id.eq(enrollment)).order(scores::id).load(tx.connection)?)
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
