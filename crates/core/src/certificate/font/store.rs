use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;

use crate::db::Tx;
use crate::db::dialect::native;
use crate::db::schema::certificate_fonts;
use crate::error::{Error, Result};

pub(super) fn is_kept(tx: &mut Tx<'_>, sha256: &str) -> Result<bool> {
    let found: Option<String> =
        certificate_fonts::table.find(sha256).select(certificate_fonts::sha256).get_result(tx.connection).optional()?;
    Ok(found.is_some())
}

/// Keeps a file once, whoever brings it.
pub(super) fn keep(tx: &mut Tx<'_>, sha256: &str, file: &[u8]) -> Result<()> {
    let row = (certificate_fonts::sha256.eq(sha256), certificate_fonts::file.eq(STANDARD.encode(file)));
    native!(tx.connection, c => diesel::insert_into(certificate_fonts::table)
        .values(row)
        .on_conflict(certificate_fonts::sha256)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

pub(super) fn file(tx: &mut Tx<'_>, sha256: &str) -> Result<Vec<u8>> {
    let file: String =
        certificate_fonts::table.find(sha256).select(certificate_fonts::file).get_result(tx.connection)?;
    STANDARD.decode(file).map_err(Error::storage)
}
