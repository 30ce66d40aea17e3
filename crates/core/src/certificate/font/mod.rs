//! Fonts beside the embedded ones: each that a certificate was printed in is kept, whatever is set later.

mod store;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::keys::sha256_hex;
use crate::print::Fonts;

/// Keeps the font that is set today, for as long as a certificate may be printed in it.
pub(super) fn keep(tx: &mut Tx<'_>, fonts: &Fonts) -> Result<()> {
    match fonts.fallback() {
        Some((sha256, _)) if store::is_kept(tx, sha256)? => Ok(()),
        Some((sha256, file)) => store::keep(tx, sha256, file),
        None => Ok(()),
    }
}

/// The fonts with the one that a certificate names; those of today for one that names none.
pub(super) fn of(tx: &mut Tx<'_>, sha256: Option<&str>, today: &Fonts) -> Result<Fonts> {
    let Some(sha256) = sha256.filter(|sha256| today.fallback().is_none_or(|(set, _)| set != *sha256)) else {
        return Ok(today.clone());
    };
    let file = store::file(tx, sha256)?;
    if sha256_hex(&file) != sha256 {
        return Err(Error::storage("a font that has changed"));
    }
    today.without_fallback().with_fallback(file).map_err(Error::storage)
}
