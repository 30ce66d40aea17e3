use std::collections::HashSet;

use diesel::prelude::*;
use diesel::query_builder::InsertStatement;
use diesel::result::Error as DieselError;

use super::EventFilter;
use super::rules::Head;
use crate::access::{Actor, Role};
use crate::db::Tx;
use crate::db::dialect::{self, native};
use crate::db::schema::{accounts, audit_chain, audit_events};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{PersonName, ProvinceCode};

/// Events that are read at a time; their ids are bound in one statement.
const AT_ONCE: i64 = 500;

/// One act.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub struct Event {
    /// Key; in order of time.
    pub id: Id,
    /// When.
    pub at: Instant,
    /// Whose register it concerns.
    pub province_code: Option<ProvinceCode>,
    /// Who; nobody's account when it was the operator at the machine.
    pub account_id: Option<Id>,
    /// In which role.
    pub role: Option<Role>,
    /// What was done, e.g. `enrollment.seated`.
    pub action: String,
    /// To what kind of thing.
    pub subject_kind: String,
    /// To which one.
    pub subject_id: Id,
    /// In which request.
    pub request_id: String,
    /// From which network address.
    pub address: String,
    /// Facts of the act as JSON, without personal data.
    pub detail: String,
    /// How far the actor reached.
    pub scope: String,
    /// What the client called itself.
    pub device: String,
    /// Which participant it is about, if it is about one.
    pub person_id: Option<Id>,
    /// The reason that was given.
    pub reason: Option<String>,
    /// What it changed as JSON, field by field; of personal data only that it changed.
    pub changes: String,
    /// The code over all of it.
    pub(super) mac: String,
}

/// An act with the name of who acted.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Told {
    /// The act.
    pub event: Event,
    /// Whose account it was.
    pub name: Option<PersonName>,
}

/// An entry of the chain, read as plain numbers and texts: whatever an edit made of it can be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = audit_chain)]
pub(super) struct Link {
    pub(super) sequence: i64,
    pub(super) event_id: i64,
    pub(super) hash: String,
    pub(super) mac: String,
}

impl Link {
    pub(super) fn head(&self) -> Head {
        Head { sequence: self.sequence, hash: self.hash.clone() }
    }
}

/// An event on its way into the audit, to be run among other statements.
pub(crate) type Addition = InsertStatement<audit_events::table, <Event as Insertable<audit_events::table>>::Values>;

pub(super) fn addition(event: Event) -> Addition {
    diesel::insert_into(audit_events::table).values(event)
}

pub(super) fn insert(tx: &mut Tx<'_>, event: Event) -> Result<()> {
    let insert = addition(event);
    native!(tx.connection, c => insert.execute(c))?;
    Ok(())
}

pub(super) fn insert_many(tx: &mut Tx<'_>, events: &[Event]) -> Result<()> {
    dialect::insert_many!(tx.connection, audit_events::table, events);
    Ok(())
}

pub(super) fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &EventFilter, page: PageRequest) -> Result<Page<Event>> {
    let mut query = audit_events::table.filter(audit_events::id.gt(page.after())).into_boxed();
    if let Some(province) = actor.scope().province() {
        query = query.filter(audit_events::province_code.eq(province));
    }
    if let Some(kind) = &filter.subject_kind {
        query = query.filter(audit_events::subject_kind.eq(kind));
    }
    if let Some(id) = filter.subject_id {
        query = query.filter(audit_events::subject_id.eq(id));
    }
    let rows = query.order(audit_events::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |event: &Event| event.id))
}

pub(super) fn told_about(tx: &mut Tx<'_>, participant: Id, page: PageRequest) -> Result<Page<Told>> {
    let rows = audit_events::table
        .left_join(accounts::table.on(audit_events::account_id.eq(accounts::id.nullable())))
        .filter(audit_events::person_id.eq(participant))
        .filter(audit_events::id.gt(page.after()))
        .order(audit_events::id)
        .limit(page.fetch())
        .select((audit_events::all_columns, accounts::name.nullable()))
        .load(tx.connection)?;
    Ok(page.page(rows, |told: &Told| told.event.id))
}

pub(super) fn told_within(
    tx: &mut Tx<'_>,
    actor: &Actor,
    from: Option<Instant>,
    until: Option<Instant>,
    page: PageRequest,
) -> Result<Page<Told>> {
    let mut query = audit_events::table
        .left_join(accounts::table.on(audit_events::account_id.eq(accounts::id.nullable())))
        .filter(audit_events::id.gt(page.after()))
        .select((audit_events::all_columns, accounts::name.nullable()))
        .into_boxed();
    if let Some(province) = actor.scope().province() {
        query = query.filter(audit_events::province_code.eq(province));
    }
    if let Some(from) = from {
        // The first spares the index everything older; the second has the last word.
        query = query.filter(audit_events::id.ge(Id::lowest_at(from))).filter(audit_events::at.ge(from));
    }
    if let Some(until) = until {
        query = query.filter(audit_events::at.lt(until));
    }
    let rows = query.order(audit_events::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |told: &Told| told.event.id))
}

/// Waits until nobody else appends to the chain, and holds it until the transaction ends.
pub(super) fn wait_for_chain(tx: &mut Tx<'_>) -> Result<()> {
    Ok(dialect::alone(tx.connection, "audit chain")?)
}

pub(super) fn last(tx: &mut Tx<'_>) -> Result<Option<Link>> {
    Ok(audit_chain::table.order(audit_chain::sequence.desc()).first(tx.connection).optional()?)
}

/// The next entries behind this one.
pub(super) fn links(tx: &mut Tx<'_>, after: i64) -> Result<Vec<Link>> {
    let query = audit_chain::table.filter(audit_chain::sequence.gt(after)).order(audit_chain::sequence);
    Ok(query.limit(AT_ONCE).load(tx.connection)?)
}

pub(super) fn insert_links(tx: &mut Tx<'_>, links: &[Link]) -> Result<()> {
    dialect::insert_many!(tx.connection, audit_chain::table, links);
    Ok(())
}

/// Those of these events that are in the chain.
pub(super) fn sealed(tx: &mut Tx<'_>, events: &[i64]) -> Result<HashSet<i64>> {
    let query = audit_chain::table.filter(audit_chain::event_id.eq_any(events)).select(audit_chain::event_id);
    Ok(query.load_iter(tx.connection)?.collect::<QueryResult<_>>()?)
}

/// The next events behind this one that are not in the chain.
pub(super) fn unsealed(tx: &mut Tx<'_>, after: i64) -> Result<Vec<i64>> {
    let entry = audit_chain::table.filter(audit_chain::event_id.eq(audit_events::id));
    Ok(audit_events::table
        .filter(audit_events::id.gt(after))
        .filter(diesel::dsl::not(diesel::dsl::exists(entry)))
        .order(audit_events::id)
        .limit(AT_ONCE)
        .select(audit_events::id)
        .load(tx.connection)?)
}

pub(super) fn exists(tx: &mut Tx<'_>, event: i64) -> Result<bool> {
    let query = audit_events::table.filter(audit_events::id.eq(event)).select(audit_events::id);
    Ok(query.get_result::<i64>(tx.connection).optional()?.is_some())
}

/// The events with these ids in order of id; nothing when an edit made one of them unreadable.
pub(super) fn events(tx: &mut Tx<'_>, ids: &[i64]) -> Result<Option<Vec<Event>>> {
    let query = audit_events::table.filter(audit_events::id.eq_any(ids)).order(audit_events::id);
    match query.load(tx.connection) {
        Ok(events) => Ok(Some(events)),
        Err(DieselError::DeserializationError(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
