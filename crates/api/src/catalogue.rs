//! The program catalogue that a new register starts with: the seven programs of the first province.

use serde::Deserialize;
use vokasi_core::access::Actor;
use vokasi_core::db::Tx;
use vokasi_core::error::{Error, Result};
use vokasi_core::page::PageRequest;
use vokasi_core::program::{self, Curriculum, NewProgram};
use vokasi_core::values::{Bilingual, Label};

const CATALOGUE: &str = include_str!("../../../fixtures/reference/programs.json");

#[derive(Deserialize)]
struct Entry {
    code: String,
    name: Bilingual,
    curriculum: Curriculum,
}

/// Publishes the catalogue in a register without programs; says whether it did.
pub(crate) fn publish(tx: &mut Tx<'_>, actor: &Actor) -> Result<bool> {
    let first = PageRequest { after: None, size: 1 };
    if !program::list(tx, actor, first)?.rows.is_empty() {
        return Ok(false);
    }
    let entries: Vec<Entry> = serde_json::from_str(CATALOGUE).map_err(Error::storage)?;
    // The school year before the first registrations.
    let valid_from = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default();
    for entry in entries {
        let code = Label::parse(&entry.code).map_err(Error::new)?;
        program::create(tx, actor, NewProgram { code, name: entry.name, valid_from, curriculum: entry.curriculum })?;
    }
    Ok(true)
}
