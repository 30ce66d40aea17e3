//! Our own template: a sheet to fill in, a filled example, and what is wanted in each column.

use chrono::NaiveDate;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::super::Place;
use super::super::marks::{self, Begun};
use super::super::source::{Cell, Day, Field, ImportKind};
use super::{REQUIRED_FILL, format, put, width};
use crate::access::Actor;
use crate::class;
use crate::db::Tx;
use crate::error::{Language, Result};
use crate::spreadsheet::{HEADER_FILL, book, header, unwritable, write};
use crate::time::Instant;

/// The columns of people to fill in, those that no row can do without first.
const OF_PEOPLE: [Field; 21] = [
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

/// The same of institutions.
const OF_PARTNERS: [Field; 9] = [
    Field::Institution,
    Field::InstitutionKind,
    Field::Regency,
    Field::Npsn,
    Field::Ownership,
    Field::Vin,
    Field::HeadName,
    Field::HeadTitle,
    Field::HeadNip,
];

/// The same of a paper list. Its days are those of the class.
const OF_MEMBERS: [Field; 3] = [Field::Name, Field::Nisn, Field::StudentNumber];

/// Rows that are prepared for typing; a file may have more.
const PREPARED: u32 = 2_000;

/// Invented people, in the order of the columns; their telephones are nobody's.
const PEOPLE: [[&str; 21]; 3] = [
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

/// Invented institutions, in the order of the columns.
const PARTNERS: [[&str; 9]; 2] = [
    [
        "SMKN 9 Contoh Sukadana",
        "SMK",
        "Kab. Lampung Timur",
        "10899901",
        "Negeri",
        "",
        "Rohmat Contoh",
        "Kepala Sekolah",
        "197805172005011003",
    ],
    ["LPK Contoh Nusantara", "LPK", "Kota Metro", "", "Swasta", "VIN-0001", "Sari Contoh", "Direktur", ""],
];

/// Invented members of a class, and their marks on two days.
const MEMBERS: [[&str; 5]; 2] = [
    ["Ratna Melati Contoh", "0071234567", "2324.10.001", "H", "S"],
    ["Bagus Pratama Contoh", "", "2324.10.002", "T", ""],
];
const DAYS: [&str; 2] = ["12/01/2027", "19 Januari 2027"];

/// Invented results of exams, in the order of the columns.
const RESULTS: [[&str; 18]; 2] = [
    [
        "Ratna Melati Contoh",
        "0071234567",
        "",
        "",
        "JLPT",
        "N5",
        "2026-07-05",
        "",
        "71",
        "",
        "32",
        "",
        "",
        "",
        "103",
        "Lulus",
        "26A1234567",
        "",
    ],
    [
        "Bagus Pratama Contoh",
        "",
        "1807050302080002",
        "",
        "BNSP",
        "Pramusaji",
        "2026-06-02",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "K",
        "",
        "2029-06-02",
    ],
];

/// What the sheets are called and say, of each kind of file and for all.
struct Words {
    fill: &'static str,
    rules: &'static [&'static str],
    common: Common,
}

struct Common {
    example: &'static str,
    guide: &'static str,
    /// Stands before each header of the example, so that it is never taken for a list of people.
    example_of: &'static str,
    columns: [&'static str; 3],
    required: [&'static str; 2],
    sixteen: &'static str,
    ten: &'static str,
    sex: &'static str,
}

const INDONESIAN: Common = Common {
    example: "Contoh",
    guide: "Petunjuk",
    example_of: "Contoh",
    columns: ["Kolom", "Wajib", "Cara mengisi"],
    required: ["ya", "tidak"],
    sixteen: "Nomor ini terdiri dari 16 angka. Periksa dengan kartu keluarga.",
    ten: "NISN terdiri dari 10 angka, termasuk nol di depan.",
    sex: "Pilih L atau P.",
};

const ENGLISH: Common = Common {
    example: "Example",
    guide: "Guide",
    example_of: "Example",
    columns: ["Column", "Required", "How to fill it in"],
    required: ["yes", "no"],
    sixteen: "This number has 16 digits. Compare it with the family card.",
    ten: "An NISN has 10 digits, the zeros in front included.",
    sex: "Choose L or P.",
};

impl Words {
    fn of(kind: ImportKind, language: Language) -> Self {
        let (fill, rules): (_, &[&str]) = match (kind, language) {
            (ImportKind::People, Language::Indonesian) => (
                "Peserta",
                &[
                    "Isi lembar Peserta, satu orang satu baris, mulai dari baris 2.",
                    "Kolom kuning bertanda * wajib diisi. Kolom lain boleh kosong atau dihapus; urutannya bebas.",
                    "Jangan mengubah teks judul kolom: dari situlah kolom dikenali.",
                    "Kolom nomor (NIK, NISN, HP, No KK) berformat teks agar nol di depan dan angka terakhir tidak hilang.",
                    "Lembar Contoh dan Petunjuk tidak pernah dibaca sebagai data. Orang di lembar Contoh rekaan.",
                    "Unggah berkas ini sebagai .xlsx. Setiap baris diperiksa dahulu; tidak ada yang tersimpan sebelum Anda menerapkannya.",
                ],
            ),
            (ImportKind::People, Language::English) => (
                "Participants",
                &[
                    "Fill in the sheet Participants, one person a row, from row 2 on.",
                    "Yellow columns with * are required. The others may stay empty or be deleted, and stand in any order.",
                    "Do not change the text of a header: a column is known by it.",
                    "Columns of numbers (NIK, NISN, mobile, family card) are text, so that no leading zero and no last digit is lost.",
                    "The sheets Example and Guide are never read as data. The people in the example are invented.",
                    "Upload this file as .xlsx. Every row is checked first; nothing is saved before you apply it.",
                ],
            ),
            (ImportKind::Partners, Language::Indonesian) => (
                "Lembaga",
                &[
                    "Isi lembar Lembaga, satu lembaga satu baris, mulai dari baris 2. Daftar satuan pendidikan dari kementerian boleh diunggah apa adanya.",
                    "Kolom kuning bertanda * wajib diisi. Sekolah dikenali dari NPSN; lembaga tanpa NPSN dari nama dan kabupaten/kotanya.",
                    "Nama atau kepala yang berbeda dari register berlaku mulai hari berkas ini diterapkan; yang lama tetap tercatat.",
                    "Lembar Contoh dan Petunjuk tidak pernah dibaca sebagai data. Lembaga di lembar Contoh rekaan.",
                    "Setiap baris diperiksa dahulu; tidak ada yang tersimpan sebelum Anda menerapkannya.",
                ],
            ),
            (ImportKind::Partners, Language::English) => (
                "Partners",
                &[
                    "Fill in the sheet Partners, one institution a row, from row 2 on. The ministry's list of schools may be uploaded as it is.",
                    "Yellow columns with * are required. A school is known by its NPSN; what has none by its name and regency.",
                    "A name or head that differs from the register is valid from the day this file is applied; the old one stays on record.",
                    "The sheets Example and Guide are never read as data. The institutions in the example are invented.",
                    "Every row is checked first; nothing is saved before you apply it.",
                ],
            ),
            (ImportKind::Attendance, Language::Indonesian) => (
                "Presensi",
                &[
                    "Isi lembar Presensi, satu peserta kelas satu baris, mulai dari baris 2. Cukup salah satu dari nama, NISN, dan NIPD.",
                    "Di kanan kolom itu, satu kolom satu pertemuan: judulnya harinya, seperti 12/01/2027 atau 12 Januari 2027. Tambahkan jam mulai atau ke-2 bila kelas bertemu dua kali sehari.",
                    "Tanda: H hadir, T terlambat, S sakit, I izin, A alpa. Sel kosong tidak mengubah apa pun dan tidak pernah berarti alpa.",
                    "Lembar Contoh dan Petunjuk tidak pernah dibaca sebagai data. Orang di lembar Contoh rekaan.",
                    "Setiap baris diperiksa dahulu; tidak ada yang tersimpan sebelum Anda menerapkannya.",
                ],
            ),
            (ImportKind::Attendance, Language::English) => (
                "Attendance",
                &[
                    "Fill in the sheet Attendance, one member of the class a row, from row 2 on. One of name, NISN and student number is enough.",
                    "To the right of them, one column a session: its header is the day, like 12/01/2027 or 12 January 2027. Add the time of day or ke-2 where the class meets twice that day.",
                    "Marks: H present, T late, S sick, I excused, A absent. An empty cell changes nothing and never means absent.",
                    "The sheets Example and Guide are never read as data. The people in the example are invented.",
                    "Every row is checked first; nothing is saved before you apply it.",
                ],
            ),
            (ImportKind::ExamResults, Language::Indonesian) => (
                "Hasil Ujian",
                &[
                    "Isi lembar Hasil Ujian, satu hasil satu baris, mulai dari baris 2. Orangnya dikenali dari NISN atau NIK; nama dan tanggal lahir saja akan ditanyakan.",
                    "Isi nilai bagian yang ada di kertas, dan hasil seperti tertulis. Sel kosong tidak menghapus apa yang sudah tercatat.",
                    "Hasil yang berbeda dari register dicatat sebagai koreksi; yang lama tetap tercatat.",
                    "Lembar Contoh dan Petunjuk tidak pernah dibaca sebagai data. Orang di lembar Contoh rekaan.",
                    "Setiap baris diperiksa dahulu; tidak ada yang tersimpan sebelum Anda menerapkannya.",
                ],
            ),
            (ImportKind::ExamResults, Language::English) => (
                "Exam results",
                &[
                    "Fill in the sheet Exam results, one result a row, from row 2 on. A person is known by the NISN or the NIK; of a name and a birth date alone you are asked.",
                    "Fill in the scores of the sections on the paper, and the result as it is written. An empty cell takes nothing away that is on record.",
                    "A result that differs from the register is recorded as a correction; the old one stays on record.",
                    "The sheets Example and Guide are never read as data. The people in the example are invented.",
                    "Every row is checked first; nothing is saved before you apply it.",
                ],
            ),
        };
        let common = match language {
            Language::Indonesian => INDONESIAN,
            Language::English => ENGLISH,
        };
        Self { fill, rules, common }
    }
}

impl ImportKind {
    /// The columns to fill in.
    fn to_fill(self) -> &'static [Field] {
        match self {
            Self::People => &OF_PEOPLE,
            Self::Partners => &OF_PARTNERS,
            Self::Attendance => &OF_MEMBERS,
            Self::ExamResults => &Field::OF_EXAMS,
        }
    }

    /// The rows of the filled example; of a paper list they go on with marks.
    fn example(self) -> Vec<&'static [&'static str]> {
        match self {
            Self::People => PEOPLE.iter().map(<[_; 21]>::as_slice).collect(),
            Self::Partners => PARTNERS.iter().map(<[_; 9]>::as_slice).collect(),
            Self::Attendance => MEMBERS.iter().map(<[_; 5]>::as_slice).collect(),
            Self::ExamResults => RESULTS.iter().map(<[_; 18]>::as_slice).collect(),
        }
    }
}

/// A list to fill in, as a workbook; the paper list of a class begins with its members and the days on which it has met.
pub fn template(tx: &mut Tx<'_>, actor: &Actor, place: &Place, language: Language) -> Result<Vec<u8>> {
    actor.may(place.kind.operation())?;
    let class = place.class.filter(|_| place.kind == ImportKind::Attendance);
    let class = class.map(|class| class::visible(tx, actor, class)).transpose().map_err(|error| error.at("/class"))?;
    let begun = class.map(|class| marks::begun(tx, &class)).transpose()?.unwrap_or_default();
    written(place.kind, &begun, language, tx.now()).map_err(unwritable)
}

fn written(kind: ImportKind, begun: &Begun, language: Language, made_at: Instant) -> Result<Vec<u8>, XlsxError> {
    let words = Words::of(kind, language);
    let mut book = book(made_at)?;
    add_list(&mut book, kind, begun, &words, language)?;
    add_example(&mut book, kind, &words, language)?;
    add_guide(&mut book, kind, &words, language)?;
    book.save_to_buffer()
}

/// The header of a column; a star says that it is required.
fn title(kind: ImportKind, field: Field, language: Language) -> String {
    let title = field.title(language);
    if is_required(kind, field) { format!("{title} *") } else { title.to_owned() }
}

/// Whether no row can do without it. Of what knows a member of a class one is enough.
fn is_required(kind: ImportKind, field: Field) -> bool {
    match kind {
        ImportKind::Attendance => false,
        ImportKind::ExamResults => field == Field::TestDate,
        ImportKind::People | ImportKind::Partners => field.is_required(),
    }
}

fn fill(kind: ImportKind, field: Field) -> Format {
    header(if is_required(kind, field) { REQUIRED_FILL } else { HEADER_FILL })
}

fn add_list(
    book: &mut Workbook,
    kind: ImportKind,
    begun: &Begun,
    words: &Words,
    language: Language,
) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(words.fill)?.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_freeze_panes(1, 1)?.set_row_height(0, 30)?.set_selection(1, 0, 1, 0)?;
    for (at, &field) in (0..).zip(kind.to_fill()) {
        sheet.set_column_width(at, width(field))?;
        // A format of the column as a whole makes no cell: an untouched sheet stays empty.
        sheet.set_column_format(at, &format(field))?;
        write(sheet, 0, at, &title(kind, field, language), &fill(kind, field))?;
        sheet.add_data_validation(1, at, PREPARED, at, &validation(field, &words.common, language)?)?;
    }
    for (at, day) in (0..).zip(&begun.days).map(|(at, day)| (at + 3, day)) {
        sheet.set_column_width(at, 11)?;
        write(sheet, 0, at, day, &header(HEADER_FILL))?;
    }
    for (row, (name, nisn)) in (1..).zip(&begun.members) {
        write(sheet, row, 0, name, &format(Field::Name))?;
        if let Some(nisn) = nisn {
            write(sheet, row, 1, nisn, &format(Field::Nisn))?;
        }
    }
    Ok(())
}

/// What a spreadsheet says when a cell is chosen, and doubts when it is filled in.
fn validation(field: Field, words: &Common, language: Language) -> Result<DataValidation, XlsxError> {
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

fn add_example(book: &mut Workbook, kind: ImportKind, words: &Words, language: Language) -> Result<(), XlsxError> {
    let words = &words.common;
    let sheet = book.add_worksheet();
    sheet.set_name(words.example)?.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_freeze_panes(1, 1)?.set_row_height(0, 45)?;
    let columns = kind.to_fill();
    for (at, &field) in (0..).zip(columns) {
        sheet.set_column_width(at, width(field))?;
        let title = format!("{}: {}", words.example_of, title(kind, field, language));
        write(sheet, 0, at, &title, &fill(kind, field))?;
    }
    if kind == ImportKind::Attendance {
        for (at, day) in (0..).zip(DAYS).map(|(at, day)| (at + 3, day)) {
            write(sheet, 0, at, &format!("{}: {day}", words.example_of), &header(HEADER_FILL))?;
        }
    }
    for (row, texts) in (1..).zip(kind.example()) {
        for (at, text) in texts.iter().enumerate() {
            let column = u16::try_from(at).unwrap_or_default();
            match columns.get(at) {
                Some(&field) => put(sheet, row, column, &example(field, text), &format(field))?,
                None => put(sheet, row, column, &Cell::text(text), &Format::new().set_align(FormatAlign::Center))?,
            }
        }
    }
    Ok(())
}

fn example(field: Field, text: &str) -> Cell {
    let is_day = |field: &Field| matches!(field, Field::BirthDate | Field::TestDate | Field::ValidUntil);
    let day = Some(field).filter(is_day).and_then(|_| text.parse::<NaiveDate>().ok());
    day.map_or_else(|| Cell::text(text), Cell::Date)
}

fn add_guide(book: &mut Workbook, kind: ImportKind, words: &Words, language: Language) -> Result<(), XlsxError> {
    let sheet: &mut Worksheet = book.add_worksheet();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_name(words.common.guide)?.set_print_fit_to_pages(1, 0);
    for (at, wide) in (0..).zip([24, 10, 80]) {
        sheet.set_column_width(at, wide)?;
    }
    let mut row = 0;
    for rule in words.rules {
        sheet.merge_range(row, 0, row, 2, rule, &wrapped)?.set_row_height(row, 30)?;
        row += 1;
    }
    row += 1;
    for (at, title) in (0..).zip(words.common.columns) {
        write(sheet, row, at, title, &header(HEADER_FILL))?;
    }
    let days = (kind == ImportKind::Attendance).then_some(Field::Day(Day::ANY));
    for field in kind.to_fill().iter().copied().chain(days) {
        row += 1;
        let [yes, no] = words.common.required;
        let required = if is_required(kind, field) { yes } else { no };
        for (at, text) in (0..).zip([field.title(language), required, field.hint(language)]) {
            write(sheet, row, at, text, &wrapped)?;
        }
    }
    Ok(())
}
