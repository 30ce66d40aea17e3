//! Workbooks that people take away (XLSX). A text is written as text, whatever it begins with: no cell is ever a formula.

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::error::Error;
use crate::time::Instant;

/// The format by which a spreadsheet keeps what is typed as it is: zeros in front and the sixteenth digit.
pub(crate) const TEXT: &str = "@";
/// Day before month, as everywhere in Indonesia.
pub(crate) const DATE: &str = "dd/mm/yyyy";
/// What the program calls itself to a spreadsheet.
const AUTHOR: &str = "Vokasi";
/// Characters that a cell of a workbook holds.
const CELL: usize = 32_767;

/// Of a table's head.
pub(crate) const HEADER_FILL: Color = Color::RGB(0x00DD_E7F0);

/// An empty workbook of that day: the same content gives the same bytes.
pub(crate) fn book(made_at: Instant) -> Result<Workbook, XlsxError> {
    let made = day(made_at.utc().date_naive())?;
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_author(AUTHOR).set_creation_datetime(&made));
    Ok(book)
}

/// A workbook that could not be written.
pub(crate) fn unwritable(error: XlsxError) -> Error {
    Error::storage(error)
}

/// A day as a spreadsheet counts it.
pub(crate) fn day(day: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    // Every month and day of the calendar fits; a year that does not is refused as one that no workbook counts.
    let year = u16::try_from(day.year()).unwrap_or_default();
    let [month, day] = [day.month(), day.day()].map(|part| u8::try_from(part).unwrap_or_default());
    ExcelDateTime::from_ymd(year, month, day)
}

/// A cell of a table's head.
pub(crate) fn header(fill: Color) -> Format {
    Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin)
        .set_background_color(fill)
}

/// Writes a text, cut to what a cell holds.
pub(crate) fn write<'s>(
    sheet: &'s mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<&'s mut Worksheet, XlsxError> {
    let text = text.char_indices().nth(CELL).map_or(text, |(end, _)| text.split_at(end).0);
    sheet.write_string_with_format(row, column, text, format)
}
