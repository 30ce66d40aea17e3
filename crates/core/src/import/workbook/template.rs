//! Our own template: a sheet to fill in, a filled example, and what is wanted in each column.

use chrono::NaiveDate;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::super::source::{Cell, Field};
use super::{HEADER_FILL, REQUIRED_FILL, book, format, header, put, unwritable, width, write};
use crate::access::{Actor, Operation};
use crate::error::{Language, Result};
use crate::time::Instant;

/// The columns to fill in, those that no row can do without first.
const COLUMNS: [Field; 21] = [
    Field::Name,
    Field::Sex,
    Field::BirthDate,
    Field::Nik,
    Field::Nisn,
    Field::BirthPlace,
    Field::StudentNumber,
    Field::Homeroom,
    Field::Mobile,
    Field::Email,
    Field::Street,
    Field::NeighbourhoodRt,
    Field::Rw,
    Field::Hamlet,
    Field::Village,
    Field::District,
    Field::PostalCode,
    Field::FatherName,
    Field::MotherName,
    Field::GuardianName,
    Field::FamilyCard,
];

/// Rows that are prepared for typing; a file may have more.
const PREPARED: u32 = 2_000;

/// Invented people, in the order of the columns; their telephones are nobody's.
const EXAMPLE: [[&str; 21]; 3] = [
    [
        "Ratna Melati Contoh",
        "P",
        "2007-11-17",
        "1807055711070001",
        "0071234567",
        "Sukadana",
        "2324.10.001",
        "XII TKJ 1",
        "086012345678",
        "ratna@example.org",
        "Jl. Merdeka 12",
        "003",
        "007",
        "Dusun II",
        "Sukadana Ilir",
        "Sukadana",
        "34194",
        "Hadi Contoh",
        "Sri Contoh",
        "",
        "1807051503100002",
    ],
    [
        "Bagus Pratama Contoh",
        "L",
        "2008-02-03",
        "1807050302080002",
        "0082345678",
        "Metro",
        "2324.10.002",
        "XII TKJ 1",
        "086087654321",
        "",
        "Jl. Kenanga 4",
        "001",
        "002",
        "",
        "Pasar Sukadana",
        "Sukadana",
        "34194",
        "",
        "",
        "Wagiman Contoh",
        "1807051503100003",
    ],
    [
        "Laras Ayu Contoh",
        "P",
        "2007-08-25",
        "1807056508070003",
        "",
        "Way Jepara",
        "",
        "XII APHP",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "Tuti Contoh",
        "",
        "",
    ],
];

/// What the sheets are called and say.
struct Words {
    fill: &'static str,
    example: &'static str,
    guide: &'static str,
    /// Stands before each header of the example, so that it is never taken for a list of people.
    example_of: &'static str,
    columns: [&'static str; 3],
    required: [&'static str; 2],
    rules: &'static [&'static str],
    sixteen: &'static str,
    ten: &'static str,
    sex: &'static str,
}

const INDONESIAN: Words = Words {
    fill: "Peserta",
    example: "Contoh",
    guide: "Petunjuk",
    example_of: "Contoh",
    columns: ["Kolom", "Wajib", "Cara mengisi"],
    required: ["ya", "tidak"],
    rules: &[
        "Isi lembar Peserta, satu orang satu baris, mulai dari baris 2.",
        "Kolom kuning bertanda * wajib diisi. Kolom lain boleh kosong atau dihapus; urutannya bebas.",
        "Jangan mengubah teks judul kolom: dari situlah kolom dikenali.",
        "Kolom nomor (NIK, NISN, HP, No KK) berformat teks agar nol di depan dan angka terakhir tidak hilang.",
        "Lembar Contoh dan Petunjuk tidak pernah dibaca sebagai data. Orang di lembar Contoh rekaan.",
        "Unggah berkas ini sebagai .xlsx. Setiap baris diperiksa dahulu; tidak ada yang tersimpan sebelum Anda menerapkannya.",
    ],
    sixteen: "Nomor ini terdiri dari 16 angka. Periksa dengan kartu keluarga.",
    ten: "NISN terdiri dari 10 angka, termasuk nol di depan.",
    sex: "Pilih L atau P.",
};

const ENGLISH: Words = Words {
    fill: "Participants",
    example: "Example",
    guide: "Guide",
    example_of: "Example",
    columns: ["Column", "Required", "How to fill it in"],
    required: ["yes", "no"],
    rules: &[
        "Fill in the sheet Participants, one person a row, from row 2 on.",
        "Yellow columns with * are required. The others may stay empty or be deleted, and stand in any order.",
        "Do not change the text of a header: a column is known by it.",
        "Columns of numbers (NIK, NISN, mobile, family card) are text, so that no leading zero and no last digit is lost.",
        "The sheets Example and Guide are never read as data. The people in the example are invented.",
        "Upload this file as .xlsx. Every row is checked first; nothing is saved before you apply it.",
    ],
    sixteen: "This number has 16 digits. Compare it with the family card.",
    ten: "An NISN has 10 digits, the zeros in front included.",
    sex: "Choose L or P.",
};

/// An empty list of participants to fill in, as a workbook.
pub fn template(actor: &Actor, language: Language, made_at: Instant) -> Result<Vec<u8>> {
    actor.may(Operation::Import)?;
    written(language, made_at).map_err(unwritable)
}

fn written(language: Language, made_at: Instant) -> Result<Vec<u8>, XlsxError> {
    let words = match language {
        Language::Indonesian => INDONESIAN,
        Language::English => ENGLISH,
    };
    let mut book = book(made_at)?;
    add_list(&mut book, &words, language)?;
    add_example(&mut book, &words, language)?;
    add_guide(&mut book, &words, language)?;
    book.save_to_buffer()
}

/// The header of a column; a star says that it is required.
fn title(field: Field, language: Language) -> String {
    let title = field.title(language);
    if field.is_required() { format!("{title} *") } else { title.to_owned() }
}

fn fill(field: Field) -> Format {
    header(if field.is_required() { REQUIRED_FILL } else { HEADER_FILL })
}

fn add_list(book: &mut Workbook, words: &Words, language: Language) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(words.fill)?.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_freeze_panes(1, 1)?.set_row_height(0, 30)?.set_selection(1, 0, 1, 0)?;
    for (at, field) in (0..).zip(COLUMNS) {
        sheet.set_column_width(at, width(field))?;
        // A format of the column as a whole makes no cell: an untouched sheet stays empty.
        sheet.set_column_format(at, &format(field))?;
        write(sheet, 0, at, &title(field, language), &fill(field))?;
        sheet.add_data_validation(1, at, PREPARED, at, &validation(field, words, language)?)?;
    }
    Ok(())
}

/// What a spreadsheet says when a cell is chosen, and doubts when it is filled in.
fn validation(field: Field, words: &Words, language: Language) -> Result<DataValidation, XlsxError> {
    let said = DataValidation::new()
        .set_input_title(field.title(language))?
        .set_input_message(field.hint(language))?
        .set_error_title(field.title(language))?;
    // Only asked about: a number that looks wrong may be what the state itself has written.
    let length = |said: DataValidation, digits, doubt| {
        let said = said.allow_text_length(DataValidationRule::EqualTo(digits));
        said.set_error_style(DataValidationErrorStyle::Warning).set_error_message(doubt)
    };
    match field {
        Field::Sex => said.allow_list_strings(&["L", "P"])?.set_error_message(words.sex),
        Field::Nik | Field::FamilyCard => length(said, 16, words.sixteen),
        Field::Nisn => length(said, 10, words.ten),
        _ => Ok(said.allow_any_value()),
    }
}

fn add_example(book: &mut Workbook, words: &Words, language: Language) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(words.example)?.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_freeze_panes(1, 1)?.set_row_height(0, 45)?;
    for (at, field) in (0..).zip(COLUMNS) {
        sheet.set_column_width(at, width(field))?;
        let title = format!("{}: {}", words.example_of, title(field, language));
        write(sheet, 0, at, &title, &fill(field))?;
    }
    for (row, person) in (1..).zip(EXAMPLE) {
        for (at, (field, text)) in (0..).zip(COLUMNS.into_iter().zip(person)) {
            put(sheet, row, at, &example(field, text), &format(field))?;
        }
    }
    Ok(())
}

fn example(field: Field, text: &str) -> Cell {
    let day = Some(field).filter(|field| *field == Field::BirthDate).and_then(|_| text.parse::<NaiveDate>().ok());
    day.map_or_else(|| Cell::text(text), Cell::Date)
}

fn add_guide(book: &mut Workbook, words: &Words, language: Language) -> Result<(), XlsxError> {
    let sheet: &mut Worksheet = book.add_worksheet();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_name(words.guide)?.set_print_fit_to_pages(1, 0);
    for (at, wide) in (0..).zip([24, 10, 80]) {
        sheet.set_column_width(at, wide)?;
    }
    let mut row = 0;
    for rule in words.rules {
        sheet.merge_range(row, 0, row, 2, rule, &wrapped)?.set_row_height(row, 30)?;
        row += 1;
    }
    row += 1;
    for (at, title) in (0..).zip(words.columns) {
        write(sheet, row, at, title, &header(HEADER_FILL))?;
    }
    for field in COLUMNS {
        row += 1;
        let [yes, no] = words.required;
        let required = if field.is_required() { yes } else { no };
        for (at, text) in (0..).zip([field.title(language), required, field.hint(language)]) {
            write(sheet, row, at, text, &wrapped)?;
        }
    }
    Ok(())
}
