use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::{Account, Actor};
use crate::db::Tx;
use crate::db::dialect::native;
use crate::db::schema::{accounts, service_tokens};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::Label;

/// A machine's way in, in the name of whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = service_tokens, treat_none_as_default_value = false)]
pub struct ServiceToken {
    /// Key.
    pub id: Id,
    /// Who made it; it reaches as far as this account and ends with it.
    pub account_id: Id,
    /// What it is for, as the audit tells it.
    pub name: Label,
    pub(super) token_hash: String,
    /// Names of the operations it may do, with a blank between them.
    pub(super) operations: String,
    /// The last day it works.
    pub expires_on: NaiveDate,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last used, to the minute.
    pub used_at: Option<Instant>,
    /// When it was ended.
    pub ended_at: Option<Instant>,
}

pub(super) fn insert(tx: &mut Tx<'_>, token: &ServiceToken) -> Result<()> {
    diesel::insert_into(service_tokens::table).values(token).execute(tx.connection)?;
    Ok(())
}

/// A province sees those of its own people, the platform all.
pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<ServiceToken>> {
    let mut query = service_tokens::table
        .inner_join(accounts::table)
        .filter(service_tokens::id.gt(page.after()))
        .select(service_tokens::all_columns)
        .into_boxed();
    if let Some(province) = actor.scope().province() {
        query = query.filter(accounts::province_code.eq(province));
    }
    let rows = query.order(service_tokens::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |token: &ServiceToken| token.id))
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<ServiceToken> {
    let mut query = service_tokens::table
        .inner_join(accounts::table)
        .filter(service_tokens::id.eq(id))
        .select(service_tokens::all_columns)
        .into_boxed();
    if let Some(province) = actor.scope().province() {
        query = query.filter(accounts::province_code.eq(province));
    }
    Ok(query.get_result(tx.connection)?)
}

pub(super) fn end(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(service_tokens::table.find(id))
        .set(service_tokens::ended_at.eq(Some(now)))
        .execute(tx.connection)?;
    Ok(())
}

/// Stands before every request of a machine.
pub(super) fn holder(tx: &mut Tx<'_>, token_hash: &str) -> Result<Option<(ServiceToken, Account)>> {
    let query = service_tokens::table
        .inner_join(accounts::table)
        .filter(service_tokens::token_hash.eq(token_hash))
        .filter(service_tokens::ended_at.is_null())
        .filter(accounts::disabled.eq(false))
        .select((service_tokens::all_columns, accounts::all_columns));
    Ok(native!(tx.connection, c => query.get_result(c)).optional()?)
}

/// The token and its maker, if it goes on.
pub(super) fn lasting(tx: &mut Tx<'_>, id: Id) -> Result<Option<(ServiceToken, Account)>> {
    Ok(service_tokens::table
        .inner_join(accounts::table)
        .filter(service_tokens::id.eq(id))
        .filter(service_tokens::ended_at.is_null())
        .filter(accounts::disabled.eq(false))
        .select((service_tokens::all_columns, accounts::all_columns))
        .get_result(tx.connection)
        .optional()?)
}

pub(super) fn note_use(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(service_tokens::table.find(id)).set(service_tokens::used_at.eq(Some(now))).execute(tx.connection)?;
    Ok(())
}
