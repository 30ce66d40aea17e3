//! Workbooks that people take away: the rows they have to correct, and our own template.

mod problems;
mod template;

use rust_xlsxwriter::{Color, Format, FormatAlign, Worksheet, XlsxError};

pub use problems::{Problems, problems};
pub use template::template;

use super::source::{Cell, Field};
use crate::spreadsheet::{DATE, TEXT, day, write};

const REQUIRED_FILL: Color = Color::RGB(0x00FF_E699);
const WRONG_FILL: Color = Color::RGB(0x00FF_C7CE);

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
