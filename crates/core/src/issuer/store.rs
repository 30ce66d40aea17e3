use diesel::prelude::*;

use crate::db::Tx;
use crate::db::dialect::{ForUpdate, native};
use crate::db::schema::{issuer_keys, partners};
use crate::error::Result;
use crate::id::Id;
use crate::time::Instant;
use crate::values::{Label, ProvinceCode};

/// A key of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = issuer_keys, treat_none_as_default_value = false)]
pub struct IssuerKey {
    /// Key of the row.
    pub id: Id,
    /// Whose.
    pub issuer_id: Id,
    /// Its thumbprint (RFC 7638).
    pub kid: String,
    /// The public part, as a JSON Web Key.
    pub public_jwk: String,
    /// The private part, sealed; gone when another key took its place.
    pub(super) private_sealed: Option<String>,
    /// When it was made.
    pub made_at: Instant,
    /// By whose account.
    pub made_by: Id,
    /// When another took its place.
    pub retired_at: Option<Instant>,
    /// Where the server was when it was made; nothing for one that has not been told yet.
    pub(super) public_url: Option<String>,
}

pub(super) fn current(tx: &mut Tx<'_>, issuer: Id, public_url: &str) -> Result<Option<IssuerKey>> {
    Ok(issuer_keys::table
        .filter(issuer_keys::issuer_id.eq(issuer))
        .filter(issuer_keys::public_url.eq(public_url))
        .filter(issuer_keys::retired_at.is_null())
        .get_result(tx.connection)
        .optional()?)
}

/// Those in force, one for each address.
pub(super) fn current_locked(tx: &mut Tx<'_>, issuer: Id) -> Result<Vec<IssuerKey>> {
    let current = issuer_keys::table
        .filter(issuer_keys::issuer_id.eq(issuer))
        .filter(issuer_keys::retired_at.is_null())
        .order(issuer_keys::id);
    Ok(ForUpdate(current).load(tx.connection)?)
}

/// Those that do not say yet where the server was.
pub(super) fn homeless(tx: &mut Tx<'_>) -> Result<Vec<IssuerKey>> {
    let homeless = issuer_keys::table.filter(issuer_keys::public_url.is_null()).order(issuer_keys::id);
    Ok(ForUpdate(homeless).load(tx.connection)?)
}

pub(super) fn set_public_url(tx: &mut Tx<'_>, id: Id, public_url: &str) -> Result<()> {
    diesel::update(issuer_keys::table.find(id)).set(issuer_keys::public_url.eq(public_url)).execute(tx.connection)?;
    Ok(())
}

pub(super) fn insert(tx: &mut Tx<'_>, key: &IssuerKey) -> Result<()> {
    diesel::insert_into(issuer_keys::table).values(key).execute(tx.connection)?;
    Ok(())
}

/// Says whether it is the first one indeed.
pub(super) fn insert_first(tx: &mut Tx<'_>, key: &IssuerKey) -> Result<bool> {
    let inserted = native!(tx.connection, c => diesel::insert_into(issuer_keys::table)
        .values(key)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

pub(super) fn retire(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::update(issuer_keys::table.find(id))
        .set((issuer_keys::private_sealed.eq(None::<String>), issuer_keys::retired_at.eq(tx.now())))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn of(tx: &mut Tx<'_>, issuer: Id) -> Result<Vec<IssuerKey>> {
    Ok(issuer_keys::table.filter(issuer_keys::issuer_id.eq(issuer)).order(issuer_keys::id).load(tx.connection)?)
}

pub(super) fn by_kid(tx: &mut Tx<'_>, issuer: Id, kid: &str) -> Result<IssuerKey> {
    Ok(issuer_keys::table
        .filter(issuer_keys::issuer_id.eq(issuer))
        .filter(issuer_keys::kid.eq(kid))
        .get_result(tx.connection)?)
}

pub(super) fn all(tx: &mut Tx<'_>) -> Result<Vec<IssuerKey>> {
    Ok(issuer_keys::table.order((issuer_keys::issuer_id, issuer_keys::id)).load(tx.connection)?)
}

pub(super) fn name(tx: &mut Tx<'_>, issuer: Id) -> Result<Label> {
    Ok(partners::table.find(issuer).select(partners::name).get_result(tx.connection)?)
}

pub(super) fn province(tx: &mut Tx<'_>, issuer: Id) -> Result<ProvinceCode> {
    Ok(partners::table.find(issuer).select(partners::province_code).get_result(tx.connection)?)
}
