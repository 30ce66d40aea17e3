//! Workbooks that people take away: the rows they have to correct, and our own template.
//!
//! A text is written as text, whatever it begins with: no cell is ever a formula.

mod problems;
mod template;

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

pub use problems::{Problems, problems};
pub use template::template;

use super::source::{Cell, Field};
use crate::error::Error;
use crate::time::Instant;

/// The format by which a spreadsheet keeps what is typed as it is: zeros in front and the sixteenth digit.
const TEXT: &str = "@";
/// Day before month, as everywhere in Indonesia.
const DATE: &str = "dd/mm/yyyy";
/// What the program calls itself to a spreadsheet.
const AUTHOR: &str = "Vokasi";
/// Characters that a cell of a workbook holds.
const CELL: usize = 32_767;

const HEADER_FILL: Color = Color::RGB(0x00DD_E7F0);
const REQUIRED_FILL: Color = Color::RGB(0x00FF_E699);
const WRONG_FILL: Color = Color::RGB(0x00FF_C7CE);

/// An empty workbook of that day: the same content gives the same bytes.
fn book(made_at: Instant) -> Result<Workbook, XlsxError> {
    let made = day(made_at.utc().date_naive())?;
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_author(AUTHOR).set_creation_datetime(&made));
    Ok(book)
}

fn unwritable(error: XlsxError) -> Error {
    Error::storage(error)
}

fn day(day: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    // Every month and day of the calendar fits; a year that does not is refused as one that no workbook counts.
    let year = u16::try_from(day.year()).unwrap_or_default();
    let [month, day] = [day.month(), day.day()].map(|part| u8::try_from(part).unwrap_or_default());
    ExcelDateTime::from_ymd(year, month, day)
}

fn header(fill: Color) -> Format {
    Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin)
        .set_background_color(fill)
}

/// How the cells of a column are kept.
fn format(field: Field) -> Format {
    let format = Format::new().set_align(FormatAlign::Top);
    match field {
        Field::Nik
        | Field::Nisn
        | Field::StudentNumber
        | Field::FamilyCard
        | Field::Phone
        | Field::Mobile
        | Field::NeighbourhoodRt
        | Field::Rw
        | Field::PostalCode
        | Field::Npsn
        | Field::HeadNip
        | Field::CertificateNumber => format.set_num_format(TEXT),
        Field::BirthDate | Field::TestDate | Field::ValidUntil => format.set_num_format(DATE),
        _ => format,
    }
}

/// How wide a column is, in characters.
fn width(field: Field) -> f64 {
    match field {
        Field::Sex | Field::NeighbourhoodRt | Field::Rw => 6.0,
        Field::PostalCode
        | Field::FatherBirthYear
        | Field::MotherBirthYear
        | Field::GuardianBirthYear
        | Field::Npsn
        | Field::Ownership
        | Field::Day(_)
        | Field::ExamTotal
        | Field::ExamResult => 11.0,
        Field::Nisn
        | Field::StudentNumber
        | Field::BirthDate
        | Field::Homeroom
        | Field::Vin
        | Field::Exam
        | Field::ExamLevel
        | Field::TestDate
        | Field::ValidUntil
        | Field::CertificateNumber => 15.0,
        Field::Nik | Field::FamilyCard | Field::Phone | Field::Mobile | Field::HeadNip => 20.0,
        Field::BirthPlace
        | Field::Hamlet
        | Field::Village
        | Field::District
        | Field::InstitutionKind
        | Field::ScoreKnowledge
        | Field::ScoreKnowledgeReading
        | Field::ScoreReading
        | Field::ScoreListening
        | Field::ScoreWriting
        | Field::ScoreScript
        | Field::ScoreConversation => 18.0,
        Field::Regency | Field::HeadTitle => 24.0,
        Field::Name
        | Field::Street
        | Field::Email
        | Field::FatherName
        | Field::MotherName
        | Field::GuardianName
        | Field::Institution
        | Field::HeadName => 28.0,
    }
}

/// Writes a cell as the kind that it is. A number stays one: a NIK that has lost a digit must not pass for a text.
fn put(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, format: &Format) -> Result<(), XlsxError> {
    match cell {
        // A formula that failed has no value to give back.
        Cell::Empty | Cell::Fault(_) => sheet.write_blank(row, column, format)?,
        Cell::Text(text) => write(sheet, row, column, text, format)?,
        Cell::Number(number) => sheet.write_number_with_format(row, column, *number, format)?,
        Cell::Flag(flag) => sheet.write_boolean_with_format(row, column, *flag, format)?,
        Cell::Date(date) => match day(*date) {
            Ok(date) => sheet.write_datetime_with_format(row, column, &date, format)?,
            Err(_) => write(sheet, row, column, &cell.shown(), format)?,
        },
    };
    Ok(())
}

fn write<'s>(
    sheet: &'s mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<&'s mut Worksheet, XlsxError> {
    let text = text.char_indices().nth(CELL).map_or(text, |(end, _)| text.split_at(end).0);
    sheet.write_string_with_format(row, column, text, format)
}
