use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{CohortFilter, CohortState, Eligibility};
use crate::access::Actor;
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::{ForUpdate, one_of_ids};
use crate::db::schema::cohorts;
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, ProvinceCode, Segment};

/// One intake.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = cohorts, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Cohort {
    /// Key.
    pub id: Id,
    /// Whose.
    pub province_code: ProvinceCode,
    /// Of which program.
    pub program_id: Id,
    /// The version it pins.
    pub program_version_id: Id,
    /// For whom.
    pub segment: Segment,
    /// Its name.
    pub name: Label,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: NaiveDate,
    /// The first day of registration.
    pub registration_opens_on: NaiveDate,
    /// The last day of registration.
    pub registration_closes_on: NaiveDate,
    /// Seats the province wants.
    pub seats_wanted: i32,
    /// People in one class.
    pub class_size: i32,
    /// Why its length is not the usual one.
    pub length_reason: Option<Label>,
    /// Where it stands.
    pub state: CohortState,
    /// Why it was cancelled.
    pub cancel_reason: Option<Label>,
    /// Grows with every change.
    pub version: i32,
    /// When it was planned.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// Days in which an offer of a seat is answered.
    pub offer_days: i32,
    /// What it asks of people.
    pub eligibility: Eligibility,
    /// Whether regency officers may answer offers of its seats and look at its seating plans.
    pub seating_delegated: bool,
}

pub(super) fn insert(tx: &mut Tx<'_>, cohort: &Cohort) -> Result<()> {
    diesel::insert_into(cohorts::table).values(cohort).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, cohort: &Cohort) -> Result<()> {
    diesel::update(cohorts::table.find(cohort.id)).set(cohort).execute(tx.connection)?;
    Ok(())
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Cohort> {
    Ok(cohorts::table.find(id).get_result(tx.connection)?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Cohort> {
    Ok(ForUpdate(cohorts::table.find(id)).get_result(tx.connection)?)
}

/// The program versions that these cohorts pin.
pub(super) fn pinned(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashMap<Id, Id>> {
    let pinned: Vec<(Id, Id)> = cohorts::table
        .filter(one_of_ids(cohorts::id, ids)?)
        .select((cohorts::id, cohorts::program_version_id))
        .load(tx.connection)?;
    Ok(pinned.into_iter().collect())
}

/// Everyone in a province sees its cohorts: people must know what they can register for.
fn seen_by(actor: &Actor) -> cohorts::BoxedQuery<'_, MultiBackend> {
    let query = cohorts::table.into_boxed();
    match actor.scope().province() {
        Some(province) => query.filter(cohorts::province_code.eq(province)),
        None => query,
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Cohort> {
    Ok(seen_by(actor).filter(cohorts::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &CohortFilter,
    page: PageRequest,
) -> Result<Page<Cohort>> {
    let mut query = seen_by(actor).filter(cohorts::id.gt(page.after()));
    if let Some(segment) = filter.segment {
        query = query.filter(cohorts::segment.eq(segment));
    }
    if let Some(state) = filter.state {
        query = query.filter(cohorts::state.eq(state));
    }
    if let Some(program) = filter.program {
        query = query.filter(cohorts::program_id.eq(program));
    }
    let rows = query.order(cohorts::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |cohort: &Cohort| cohort.id))
}
