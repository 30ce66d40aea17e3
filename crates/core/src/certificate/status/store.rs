use diesel::prelude::*;

use crate::db::Tx;
use crate::db::dialect::{ForUpdate, one_of};
use crate::db::schema::{credentials, status_lists};
use crate::error::Result;
use crate::id::Id;

/// A status list of an issuer.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = status_lists, treat_none_as_default_value = false)]
pub(super) struct StatusList {
    pub(super) id: Id,
    pub(super) issuer_id: Id,
    /// 1, 2, …
    pub(super) number: i32,
    /// Places that are given away.
    pub(super) taken: i32,
    /// As it was signed.
    pub(super) jwt: String,
    /// Where the server was when it was begun; nothing for one that has not been told yet.
    pub(super) public_url: Option<String>,
}

/// The newest list that was begun while the server was there.
pub(super) fn newest_locked(tx: &mut Tx<'_>, issuer: Id, public_url: &str) -> Result<Option<StatusList>> {
    let newest = status_lists::table
        .filter(status_lists::issuer_id.eq(issuer))
        .filter(status_lists::public_url.eq(public_url))
        .order(status_lists::number.desc())
        .limit(1);
    Ok(ForUpdate(newest).get_result(tx.connection).optional()?)
}

/// The highest number of a list, wherever it was begun; 0 while there is none.
pub(super) fn last_number(tx: &mut Tx<'_>, issuer: Id) -> Result<i32> {
    let numbers = status_lists::table.filter(status_lists::issuer_id.eq(issuer)).select(status_lists::number);
    let last: Option<i32> = numbers.order(status_lists::number.desc()).first(tx.connection).optional()?;
    Ok(last.unwrap_or_default())
}

/// The first list that says where it was begun.
pub(super) fn first_home(tx: &mut Tx<'_>, issuer: Id) -> Result<Option<String>> {
    let first = status_lists::table
        .filter(status_lists::issuer_id.eq(issuer))
        .filter(status_lists::public_url.is_not_null())
        .order(status_lists::number)
        .select(status_lists::public_url);
    Ok(first.first::<Option<String>>(tx.connection).optional()?.flatten())
}

/// Those that do not say yet where the server was.
pub(super) fn homeless(tx: &mut Tx<'_>) -> Result<Vec<StatusList>> {
    let homeless = status_lists::table.filter(status_lists::public_url.is_null()).order(status_lists::id);
    Ok(ForUpdate(homeless).load(tx.connection)?)
}

pub(super) fn set_public_url(tx: &mut Tx<'_>, id: Id, public_url: &str) -> Result<()> {
    diesel::update(status_lists::table.find(id)).set(status_lists::public_url.eq(public_url)).execute(tx.connection)?;
    Ok(())
}

/// What stands first in a list, as it was signed.
pub(super) fn first_in(tx: &mut Tx<'_>, list: Id) -> Result<Option<String>> {
    tx.beyond(|tx| {
        Ok(credentials::table
            .filter(credentials::status_list_id.eq(list))
            .order(credentials::certificate_id)
            .select(credentials::jwt)
            .first(tx.connection)
            .optional()?)
    })
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<StatusList> {
    Ok(ForUpdate(status_lists::table.find(id)).get_result(tx.connection)?)
}

pub(super) fn insert(tx: &mut Tx<'_>, list: &StatusList) -> Result<()> {
    diesel::insert_into(status_lists::table).values(list).execute(tx.connection)?;
    Ok(())
}

pub(super) fn set_taken(tx: &mut Tx<'_>, list: &StatusList) -> Result<()> {
    diesel::update(status_lists::table.find(list.id)).set(status_lists::taken.eq(list.taken)).execute(tx.connection)?;
    Ok(())
}

pub(super) fn set_jwt(tx: &mut Tx<'_>, list: &StatusList) -> Result<()> {
    diesel::update(status_lists::table.find(list.id)).set(status_lists::jwt.eq(&list.jwt)).execute(tx.connection)?;
    Ok(())
}

/// Those of these places that somebody has, whoever sees them.
pub(super) fn taken_of(tx: &mut Tx<'_>, list: Id, places: &[i32]) -> Result<Vec<i32>> {
    tx.beyond(|tx| {
        Ok(credentials::table
            .filter(credentials::status_list_id.eq(list))
            .filter(one_of(credentials::status_index, places)?)
            .select(credentials::status_index)
            .load(tx.connection)?)
    })
}

pub(super) fn mark_revoked(tx: &mut Tx<'_>, certificate: Id) -> Result<()> {
    diesel::update(credentials::table.find(certificate)).set(credentials::revoked.eq(true)).execute(tx.connection)?;
    Ok(())
}

/// The places of a list that no longer hold.
pub(super) fn revoked(tx: &mut Tx<'_>, list: Id) -> Result<Vec<i32>> {
    Ok(credentials::table
        .filter(credentials::status_list_id.eq(list))
        .filter(credentials::revoked)
        .order(credentials::status_index)
        .select(credentials::status_index)
        .load(tx.connection)?)
}

pub(super) fn jwt(tx: &mut Tx<'_>, issuer: Id, number: i32) -> Result<String> {
    Ok(status_lists::table
        .filter(status_lists::issuer_id.eq(issuer))
        .filter(status_lists::number.eq(number))
        .select(status_lists::jwt)
        .get_result(tx.connection)?)
}
