use diesel::prelude::*;

use crate::db::Tx;
use crate::db::dialect::{insert_many, one_of_ids};
use crate::db::schema::credentials;
use crate::error::Result;
use crate::id::Id;

/// The signed half of a certificate.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = credentials, treat_none_as_default_value = false)]
pub(super) struct Credential {
    pub(super) certificate_id: Id,
    /// As it was signed.
    pub(super) jwt: String,
    /// Where its status stands.
    pub(super) status_list_id: Id,
    pub(super) status_index: i32,
    /// Whether the list says that it no longer holds.
    pub(super) revoked: bool,
}

pub(super) fn insert_many(tx: &mut Tx<'_>, rows: &[Credential]) -> Result<()> {
    insert_many!(tx.connection, credentials::table, rows);
    Ok(())
}

pub(super) fn of(tx: &mut Tx<'_>, certificate: Id) -> Result<Option<Credential>> {
    Ok(credentials::table.find(certificate).get_result(tx.connection).optional()?)
}

pub(super) fn of_many(tx: &mut Tx<'_>, certificates: &[Id]) -> Result<Vec<(Id, String)>> {
    Ok(credentials::table
        .filter(one_of_ids(credentials::certificate_id, certificates)?)
        .select((credentials::certificate_id, credentials::jwt))
        .load(tx.connection)?)
}
