use chrono::NaiveDate;
use diesel::prelude::*;

use super::{EntryFilter, EntryKind, Weekdays};
use crate::access::Actor;
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::ForUpdate;
use crate::db::schema::calendar_entries;
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, ProvinceCode};

/// Days on which a partner does not teach, or nobody of a province.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = calendar_entries, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Entry {
    /// Key.
    pub id: Id,
    /// In which province.
    pub province_code: ProvinceCode,
    /// Whose; the whole province's when it is nobody's.
    pub partner_id: Option<Id>,
    /// Why nobody meets.
    pub kind: EntryKind,
    /// What it is called.
    pub title: Label,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: NaiveDate,
    /// On which days of the week.
    pub weekdays: Weekdays,
    /// Grows with every change.
    pub version: i32,
    /// When it was entered.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

pub(super) fn insert(tx: &mut Tx<'_>, entry: &Entry) -> Result<()> {
    diesel::insert_into(calendar_entries::table).values(entry).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, entry: &Entry) -> Result<()> {
    diesel::update(calendar_entries::table.find(entry.id)).set(entry).execute(tx.connection)?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(calendar_entries::table.find(id)).execute(tx.connection)?;
    Ok(())
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Entry> {
    Ok(ForUpdate(calendar_entries::table.find(id)).get_result(tx.connection)?)
}

fn seen_by(actor: &Actor) -> calendar_entries::BoxedQuery<'_, MultiBackend> {
    let query = calendar_entries::table.into_boxed();
    match actor.scope().province() {
        Some(province) => query.filter(calendar_entries::province_code.eq(province)),
        None => query,
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Entry> {
    Ok(seen_by(actor).filter(calendar_entries::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, filter: EntryFilter, page: PageRequest) -> Result<Page<Entry>> {
    let mut query = seen_by(actor).filter(calendar_entries::id.gt(page.after()));
    if let Some(partner) = filter.partner {
        query = query.filter(calendar_entries::partner_id.is_null().or(calendar_entries::partner_id.eq(partner)));
    }
    if let Some(from) = filter.from {
        query = query.filter(calendar_entries::ends_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(calendar_entries::starts_on.le(to));
    }
    let rows = query.order(calendar_entries::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |entry: &Entry| entry.id))
}

/// Days off that hold for every partner of a province.
pub(super) fn of_province(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Entry>> {
    Ok(calendar_entries::table
        .filter(calendar_entries::province_code.eq(province))
        .filter(calendar_entries::partner_id.is_null())
        .filter(calendar_entries::ends_on.ge(from))
        .filter(calendar_entries::starts_on.le(to))
        .order(calendar_entries::id)
        .load(tx.connection)?)
}

pub(super) fn of_partner(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    partner: Id,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Entry>> {
    Ok(calendar_entries::table
        .filter(calendar_entries::province_code.eq(province))
        .filter(calendar_entries::partner_id.is_null().or(calendar_entries::partner_id.eq(partner)))
        .filter(calendar_entries::ends_on.ge(from))
        .filter(calendar_entries::starts_on.le(to))
        .order(calendar_entries::id)
        .load(tx.connection)?)
}
