use chrono::NaiveDate;
use diesel::prelude::*;

use super::{AgreementFilter, AgreementKind};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::{ForUpdate, insert_many};
use crate::db::schema::{agreement_programs, agreements, partners};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::Label;

/// What allows a partner to run programs.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = agreements, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Agreement {
    /// Key.
    pub id: Id,
    /// With whom.
    pub partner_id: Id,
    /// What kind of paper.
    pub kind: AgreementKind,
    /// Its number.
    pub number: Label,
    /// Its title.
    pub title: Label,
    /// When it was signed.
    pub signed_on: NaiveDate,
    /// The first day it holds.
    pub starts_on: NaiveDate,
    /// The last day it holds.
    pub ends_on: NaiveDate,
    /// Seats it allows; any number when there is none.
    pub seats: Option<i32>,
    /// Seats its classes have taken.
    pub seats_planned: i32,
    /// When it was ended before its time.
    pub terminated_on: Option<NaiveDate>,
    /// Why.
    pub termination_reason: Option<Label>,
    /// Grows with every change.
    pub version: i32,
    /// When it was entered.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

pub(super) fn insert(tx: &mut Tx<'_>, agreement: &Agreement, programs: &[Id]) -> Result<()> {
    diesel::insert_into(agreements::table).values(agreement).execute(tx.connection)?;
    let mut distinct = programs.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let rows: Vec<_> = distinct
        .into_iter()
        .map(|program| (agreement_programs::agreement_id.eq(agreement.id), agreement_programs::program_id.eq(program)))
        .collect();
    insert_many!(tx.connection, agreement_programs::table, rows);
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, agreement: &Agreement) -> Result<()> {
    diesel::update(agreements::table.find(agreement.id)).set(agreement).execute(tx.connection)?;
    Ok(())
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Agreement> {
    Ok(agreements::table.find(id).get_result(tx.connection)?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Agreement> {
    Ok(ForUpdate(agreements::table.find(id)).get_result(tx.connection)?)
}

pub(super) fn programs(tx: &mut Tx<'_>, id: Id) -> Result<Vec<Id>> {
    Ok(agreement_programs::table
        .filter(agreement_programs::agreement_id.eq(id))
        .order(agreement_programs::program_id)
        .select(agreement_programs::program_id)
        .load(tx.connection)?)
}

/// The table's check refuses more seats than the agreement allows.
pub(super) fn add_seats(tx: &mut Tx<'_>, id: Id, seats: i32) -> Result<()> {
    if seats != 0 {
        diesel::update(agreements::table.find(id))
            .set(agreements::seats_planned.eq(agreements::seats_planned + seats))
            .execute(tx.connection)?;
    }
    Ok(())
}

/// A partner's people see its own agreements; offices see those of their province or regency.
fn seen_by(actor: &Actor) -> agreements::BoxedQuery<'_, MultiBackend> {
    let query = agreements::table.into_boxed();
    match actor.scope() {
        Scope::Everything => query,
        Scope::Province(province) => query.filter(
            agreements::partner_id
                .eq_any(partners::table.filter(partners::province_code.eq(province)).select(partners::id)),
        ),
        Scope::Regency(_, regency) => query.filter(
            agreements::partner_id
                .eq_any(partners::table.filter(partners::regency_code.eq(regency)).select(partners::id)),
        ),
        Scope::School(_, partner) | Scope::Partner(_, partner) => query.filter(agreements::partner_id.eq(partner)),
        Scope::Instructor(..) => query.filter(agreements::partner_id.eq(actor.partner().unwrap_or_default())),
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Agreement> {
    Ok(seen_by(actor).filter(agreements::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &AgreementFilter,
    page: PageRequest,
) -> Result<Page<Agreement>> {
    let mut query = seen_by(actor).filter(agreements::id.gt(page.after()));
    if let Some(partner) = filter.partner {
        query = query.filter(agreements::partner_id.eq(partner));
    }
    if let Some(day) = filter.ends_by {
        query = query.filter(agreements::ends_on.le(day));
    }
    let rows = query.order(agreements::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |agreement: &Agreement| agreement.id))
}
