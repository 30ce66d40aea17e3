use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::WhyHeld;
use crate::db::Tx;
use crate::db::dialect::{native, one_of_ids};
use crate::db::schema::holds;
use crate::error::Result;
use crate::id::Id;

/// A stop to the processing of one person's data.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = holds, treat_none_as_default_value = false)]
pub struct Hold {
    /// Key.
    pub id: Id,
    /// Whose data.
    pub participant_id: Id,
    /// Why.
    pub why: WhyHeld,
    /// The first day.
    pub since: NaiveDate,
    /// The day on which it holds no more.
    pub until: Option<NaiveDate>,
    /// By whose account.
    pub placed_by: Id,
}

/// Holds that are in force on a day.
macro_rules! on {
    ($day:expr) => {
        holds::table.filter(holds::until.is_null().or(holds::until.gt($day)))
    };
}

pub(super) fn insert(tx: &mut Tx<'_>, hold: &Hold) -> Result<()> {
    diesel::insert_into(holds::table).values(hold).execute(tx.connection)?;
    Ok(())
}

pub(super) fn in_force(tx: &mut Tx<'_>, participants: &[Id], day: NaiveDate) -> Result<HashSet<Id>> {
    let query = on!(day).filter(one_of_ids(holds::participant_id, participants)?).select(holds::participant_id);
    let held: Vec<Id> = native!(tx.connection, c => query.load(c))?;
    Ok(held.into_iter().collect())
}

pub(super) fn of(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<Hold>> {
    Ok(holds::table.filter(holds::participant_id.eq(participant)).order(holds::id).load(tx.connection)?)
}

pub(super) fn lift(tx: &mut Tx<'_>, participant: Id, kinds: &[WhyHeld], day: NaiveDate) -> Result<usize> {
    let held = on!(day).filter(holds::participant_id.eq(participant)).filter(holds::why.eq_any(kinds));
    Ok(diesel::update(held).set(holds::until.eq(Some(day))).execute(tx.connection)?)
}
