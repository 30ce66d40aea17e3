//! Reads the cells of a workbook through calamine, streaming.

use std::io::Cursor;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::sheet::{Flow, Sheet, first_known};
use super::{Cell, Reading, Table, Unreadable};

/// Sheets that are looked at. Each may name the same part of the archive, which is then read again.
const SHEETS: usize = 64;

/// Reads the first visible sheet with a known header of a workbook that was packed anew.
pub(super) fn read(safe: Vec<u8>, reading: Reading<'_>) -> Result<Table, Unreadable> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(safe)).map_err(|error| refused(&error))?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        // Nobody means the rows of a sheet that they cannot see.
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .take(SHEETS)
        .collect();
    first_known(names.iter().map(|name| sheet(&mut workbook, name, reading)))
}

fn sheet(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str, reading: Reading<'_>) -> Result<Table, Unreadable> {
    let is_1904 = workbook.has_1904_epoch();
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| refused(&error))?;
    let mut sheet = Sheet::new(reading);
    loop {
        match cells.next_cell() {
            Ok(Some(cell)) => {
                let (row, column) = cell.get_position();
                if sheet.wants(column) && sheet.put(row, column, value(cell.get_value(), is_1904))? == Flow::Stop {
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
        DataRef::Float(number) => Cell::number(*number),
        DataRef::Bool(flag) => Cell::Flag(*flag),
        // Days are counted by the cell and not by calamine, whose conversion panics on a serial number beyond the
        // range of its durations.
        DataRef::DateTime(stamp) if stamp.is_duration() => Cell::number(stamp.as_f64()),
        DataRef::DateTime(stamp) => Cell::day(stamp.as_f64(), is_1904),
        DataRef::DateTimeIso(text) => Cell::iso_day(text),
        DataRef::Error(fault) => Cell::Fault(fault.to_string()),
    }
}
