//! A certificate of nobody, to look at before anything is issued: invented words, and a mark that it is a sample.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Beside, Issuer, LANDSCAPE, Layout, PrintedModule, PrintedScore, Signatory, Snapshot, WIDTH};
use crate::print::canvas::{self, Color, Role, Sheet};
use crate::print::fonts::Letter;
use crate::print::paragraph::{Align, Paragraph, Room, Style};
use crate::print::shape::Typesetter;
use crate::print::{Fonts, PrintError};
use crate::values::Bilingual;

/// What stands where a code would stand. No code has a hyphen or so few letters.
const CODE: &str = "CONTOH-SAMPLE";
/// The mark, behind the text of each page.
const MARK: &str = "CONTOH / SAMPLE";
const PALE_RED: Color = Color(0xF6, 0xC9, 0xC3);

/// What of a specimen is true.
pub(in crate::certificate) struct Given<'a> {
    pub(in crate::certificate) number: String,
    pub(in crate::certificate) issuer: Issuer,
    pub(in crate::certificate) place: String,
    pub(in crate::certificate) signatory: Option<Signatory>,
    pub(in crate::certificate) layout: Layout,
    pub(in crate::certificate) day: NaiveDate,
    pub(in crate::certificate) public_url: &'a str,
}

/// The certificate of an invented person.
pub(in crate::certificate) fn snapshot(given: Given<'_>) -> Snapshot {
    let module = |code: &str, id: &str, en: &str, lesson_hours| PrintedModule {
        code: code.to_owned(),
        title: Bilingual::new(id, en),
        lesson_hours,
    };
    let score =
        |id: &str, en: &str, points| PrintedScore { name: Bilingual::new(id, en), score: Decimal::new(points, 1) };
    let unknown = || Signatory { name: "Nama Pimpinan".to_owned(), title: "Jabatan".to_owned(), nip: None };
    Snapshot {
        number: given.number,
        holder_name: "Siti Contoh Aminah".to_owned(),
        birth_place: "Kota Contoh".to_owned(),
        birth_date: NaiveDate::from_ymd_opt(2007, 8, 17).unwrap_or_default(),
        program_code: "CONTOH".to_owned(),
        program_name: Bilingual::new("Bahasa Jepang Level N5 (contoh)", "Japanese, Level N5 (sample)"),
        cohort_name: "Angkatan I".to_owned(),
        class_name: "Kelas Contoh".to_owned(),
        starts_on: given.day,
        ends_on: given.day,
        lesson_hours: 200,
        minutes_per_lesson_hour: 45,
        modules: vec![
            module("CONTOH.01", "Aksara Hiragana dan Katakana", "Hiragana and Katakana scripts", 60),
            module("CONTOH.02", "Tata bahasa dasar", "Basic grammar", 100),
            module("CONTOH.03", "Percakapan di tempat kerja", "Conversation at work", 40),
        ],
        scores: vec![score("Menyimak", "Listening", 865), score("Percakapan", "Conversation", 900)],
        final_score: Some(Decimal::new(8825, 2)),
        predicate: Some(Bilingual::new("Sangat Memuaskan", "Excellent")),
        attendance_percent: Decimal::new(965, 1),
        issuer: given.issuer,
        issued_on: given.day,
        issued_at_place: given.place,
        signatory: given.signatory.unwrap_or_else(unknown),
        verification_url: format!("{}/verify/{CODE}", given.public_url),
        verification_code: CODE.to_owned(),
        layout: Some(given.layout),
        font_sha256: None,
    }
}

/// Prints a specimen, each page with the mark.
///
/// # Errors
/// As [`super::render`].
pub(in crate::certificate) fn render(
    snapshot: &Snapshot,
    beside: Beside<'_>,
    fonts: &Fonts,
) -> Result<Vec<u8>, PrintError> {
    let mut sheets = super::lay_out(snapshot, beside.logo, fonts)?;
    let typesetter = Typesetter::new(fonts)?;
    for sheet in &mut sheets {
        mark(sheet, &typesetter)?;
    }
    canvas::paint(&sheets, &super::facts(snapshot, None), fonts)
}

/// Read first and drawn first, so that the text stands on it.
fn mark(sheet: &mut Sheet, typesetter: &Typesetter) -> Result<(), PrintError> {
    let style = Style::indonesian(Letter::Bold, 84.0, PALE_RED);
    let room = Room { width: WIDTH - 120.0, lines: 1, smallest: 40.0 };
    let text = Paragraph::fit(typesetter, "", MARK, style, room)?;
    let top = (LANDSCAPE.height() - text.height()) / 2.0;
    let mark = text.element(Role::Paragraph, Align::Center, 60.0, room.width, top);
    sheet.elements.splice(0..0, mark);
    Ok(())
}
