//! Reads the cells of a workbook through calamine, streaming.

use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use chrono::{Days, NaiveDate};

use super::sheet::{Flow, Sheet, first_known};
use super::{Cell, Limits, Table, Unreadable, package};

/// Reads the first visible sheet with a known header.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Table, Unreadable> {
    let safe = package::repack(bytes, limits)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(safe)).map_err(|error| refused(&error))?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        // Nobody means the rows of a sheet that they cannot see.
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    first_known(names.iter().map(|name| sheet(&mut workbook, name, limits)))
}

/// Why an OLE compound file is not read: a password, or an age.
///
/// A workbook with a password is such a file as well, with a stream named `EncryptedPackage`.
/// Directory entries are 128 bytes long, aligned, and begin with their name in UTF-16.
pub(super) fn compound(bytes: &[u8]) -> Unreadable {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.chunks(128).any(|entry| entry.starts_with(&name)) { Unreadable::Encrypted } else { Unreadable::OldFormat }
}

fn sheet(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str, limits: &Limits) -> Result<Table, Unreadable> {
    let is_1904 = workbook.has_1904_epoch();
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| refused(&error))?;
    let mut sheet = Sheet::new(limits);
    loop {
        match cells.next_cell() {
            Ok(Some(cell)) => {
                let (row, column) = cell.get_position();
                if sheet.put(row, column, value(cell.get_value(), is_1904))? == Flow::Stop {
                    break;
                }
            }
            Ok(None) => break,
            // A fault that calamine has no name for (`#GETTING_DATA`); the cell is left empty.
            Err(XlsxError::CellError(_)) => {}
            Err(error) => return Err(refused(&error)),
        }
    }
    sheet.finish()
}

fn refused(error: &XlsxError) -> Unreadable {
    match error {
        XlsxError::Password => Unreadable::Encrypted,
        _ => Unreadable::Damaged,
    }
}

fn value(data: &DataRef<'_>, is_1904: bool) -> Cell {
    match data {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) | DataRef::DurationIso(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a spreadsheet has no whole numbers beyond 2^53; XLSX has no such cells at all"
        )]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => finite(*number),
        DataRef::Bool(flag) => Cell::Flag(*flag),
        DataRef::DateTime(stamp) => day(stamp, is_1904).map_or_else(|| finite(stamp.as_f64()), Cell::Date),
        DataRef::DateTimeIso(text) => {
            text.get(..10).and_then(|day| day.parse().ok()).map_or_else(|| Cell::text(text), Cell::Date)
        }
        DataRef::Error(fault) => Cell::Fault(fault.to_string()),
    }
}

fn finite(number: f64) -> Cell {
    if number.is_finite() { Cell::Number(number) } else { Cell::Fault("#NUM!".to_owned()) }
}

/// The day of a date cell; `None` for a duration, a bare time and a day that no calendar has.
///
/// Days are counted here and not by calamine, whose conversion panics on a serial number beyond
/// the range of its durations.
fn day(stamp: &ExcelDateTime, is_1904: bool) -> Option<NaiveDate> {
    let serial = stamp.as_f64();
    if stamp.is_duration() || !(0.0..3_000_000.0).contains(&serial) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 3,000,000")]
    let serial = serial as u64;
    let (epoch, days) = if is_1904 {
        (NaiveDate::from_ymd_opt(1904, 1, 1)?, serial)
    } else {
        match serial {
            // Day 0 is no day, and day 60 is 29 February 1900, which never was.
            0 | 60 => return None,
            1..60 => (NaiveDate::from_ymd_opt(1899, 12, 31)?, serial),
            _ => (NaiveDate::from_ymd_opt(1899, 12, 30)?, serial),
        }
    };
    epoch.checked_add_days(Days::new(days))
}
