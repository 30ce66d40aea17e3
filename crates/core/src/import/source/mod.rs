//! Reads the file a coordinator brings, and nothing more: bytes in, rows of cells out.
//!
//! The usual file is the Dapodik workbook "Daftar Peserta Didik" as the school downloads it: four
//! rows of metadata, a double header with merged groups for the parents, some 66 columns.
//! The ministry adds and removes columns and other programs export variants, so a column is known
//! by the text of its header and never by its place.
//! A plain list with one header row, as a workbook or as text, is read by the same rules.
//!
//! What this module promises:
//!
//! - **Only what is needed.** A column without a [`Field`] (religion, income, bank account, special
//!   needs …) is never copied out of the file.
//! - **Cells keep their kind.** A number stays a number, so that a NIK that Excel has rounded can be
//!   told from one that was typed as text; see [`digits`] and [`date`].
//! - **No file can do harm.** Sizes are bounded before and while unpacking, no XML entity is ever
//!   expanded, and no bytes make it panic. Every refusal is an [`Unreadable`] with a stable code.
//!
//! It is pure: no storage, no clock, no environment. Whether a value is right is decided elsewhere.

mod cell;
mod compound;
mod day;
mod field;
mod guess;
mod kind;
mod layout;
mod limits;
mod ods;
mod package;
mod sheet;
mod text;
mod xls;
mod xlsx;

#[cfg(test)]
mod tests;

pub use cell::{Cell, Digits, date, digits};
pub use day::Day;
pub use field::Field;
pub(super) use field::{Relative, normalised};
pub use guess::{Guess, GuessedColumn, Sureness};
pub use kind::ImportKind;
pub use layout::{KnownLayout, LayoutKind};
pub use limits::{FORMATS, Limits, Unreadable};
pub use sheet::{SourceRow, Table};

use package::Contents;

/// Reads a workbook (XLSX, XLSM, XLS, ODS) or a text table (CSV, TSV) into the rows under its header.
///
/// The kind of file is told from its bytes; a name or a media type is not asked for.
/// Of a workbook, the first visible sheet with a known header is read and the others are left.
///
/// # Errors
///
/// An [`Unreadable`] whose [`code`](Unreadable::code) begins with `import.`: the file is empty, too
/// large, encrypted, in a format that is not read, damaged, or without a header that is known.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Table, Unreadable> {
    read_with(bytes, limits, &[])
}

/// The same where people have said of some layouts which column is which; the earlier one is tried first.
pub fn read_with(bytes: &[u8], limits: &Limits, known: &[KnownLayout]) -> Result<Table, Unreadable> {
    read_by(bytes, Reading { kind: ImportKind::People, limits, known })
}

/// The same for a file of any kind, by what its header says itself.
pub fn read_as(kind: ImportKind, bytes: &[u8], limits: &Limits) -> Result<Table, Unreadable> {
    read_by(bytes, Reading { kind, limits, known: &[] })
}

fn read_by(bytes: &[u8], reading: Reading<'_>) -> Result<Table, Unreadable> {
    let limits = reading.limits;
    if bytes.is_empty() {
        return Err(Unreadable::Empty);
    }
    if bytes.len() > limits.bytes {
        return Err(Unreadable::TooLarge { limit: limits.bytes, size: bytes.len() });
    }
    let table = match Kind::of(bytes) {
        Kind::Zip => match package::unpack(bytes, limits)? {
            Contents::Workbook(safe) => xlsx::read(safe, reading),
            Contents::Spreadsheet(mut document) => ods::read(document.content()?, reading),
        },
        Kind::Compound => xls::read(bytes, reading),
        Kind::Ancient => Err(Unreadable::OldFormat),
        Kind::Text => text::read(bytes, reading),
    }?;
    if table.rows.is_empty() {
        return Err(Unreadable::Empty);
    }
    Ok(table)
}

/// How a file is read.
#[derive(Clone, Copy)]
struct Reading<'r> {
    kind: ImportKind,
    limits: &'r Limits,
    known: &'r [KnownLayout],
}

/// What the first bytes say the file is.
enum Kind {
    /// A zip archive: XLSX, ODS, and XLSB, which is not read.
    Zip,
    /// An OLE compound file: XLS, or any workbook with a password.
    Compound,
    /// A workbook of Excel 2 to 4, which had no container yet.
    Ancient,
    /// Anything else, taken for text until it shows that it is not.
    Text,
}

impl Kind {
    fn of(bytes: &[u8]) -> Self {
        if [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|magic| bytes.starts_with(*magic)) {
            Self::Zip
        } else if bytes.starts_with(&compound::MAGIC) {
            Self::Compound
        } else if [b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00"]
            .iter()
            .any(|magic| bytes.starts_with(*magic))
        {
            Self::Ancient
        } else {
            Self::Text
        }
    }
}
