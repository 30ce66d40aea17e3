//! The printed certificate: a frozen snapshot in, a PDF out.
//!
//! [`Snapshot`] holds every word that is printed, [`Fonts`] the letters to print it with, and [`render`] is a pure
//! function of the two (and of the credential, which is frozen too): no clock, no randomness, no storage.
//! The same snapshot and the same fonts give the same bytes, today and in ten years, which is why the hash of the
//! document can be kept beside the hash of the snapshot.
//!
//! The document conforms to PDF/A-3a (ISO 19005-3, archiving, with a full tag tree) and PDF/UA-1 (ISO 14289-1,
//! accessibility) as far as the engine's validator can tell; it refuses to write a file that does not.
//! A certificate from before there were credentials has no attachment and stays what it was: PDF/A-2a.
//! The first page is the certificate, the second and following pages list modules and scores.
//! Indonesian stands first, English below it in smaller type.
//!
//! Text is set one code point after the other with ligatures, kerning and marks from the font.
//! Scripts that need more than that (Arabic, Devanagari, Thai and others) are refused like a missing glyph, since they
//! would be printed wrongly.

mod back;
mod canvas;
mod compose;
mod fonts;
mod front;
mod ornament;
mod paragraph;
mod shape;
mod words;

#[cfg(test)]
mod tests;

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use fonts::Fonts;

use crate::program::Bilingual;

/// Everything printed on a certificate, frozen at issue.
///
/// Serialised once, hashed, never recomputed.
/// It carries no NIK: a certificate is shown to strangers (UU 27/2022).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The certificate's number, as the issuer's pattern gives it.
    pub number: String,
    /// The holder's name, as in the holder's identity document.
    pub holder_name: String,
    /// The place the holder was born, as in the identity document.
    pub birth_place: String,
    /// The day the holder was born.
    pub birth_date: NaiveDate,
    /// The program's code in the catalogue.
    pub program_code: String,
    /// The program's name.
    pub program_name: Bilingual,
    /// The cohort (*angkatan*) the holder learned with.
    pub cohort_name: String,
    /// The class the holder sat in.
    pub class_name: String,
    /// First day of the training.
    pub starts_on: NaiveDate,
    /// Last day of the training.
    pub ends_on: NaiveDate,
    /// Length of the training in lesson hours (*jam pelajaran*, JP).
    pub lesson_hours: u32,
    /// Length of one lesson hour in minutes.
    pub minutes_per_lesson_hour: u32,
    /// The modules taught, in the order of the curriculum.
    pub modules: Vec<PrintedModule>,
    /// The scores of the single assessments, in the order they are printed.
    pub scores: Vec<PrintedScore>,
    /// The final score, if the program gives one.
    pub final_score: Option<Decimal>,
    /// The predicate that the final score earned, such as *Sangat Memuaskan*.
    pub predicate: Option<Bilingual>,
    /// Attendance in percent of lesson hours, 0 to 100.
    pub attendance_percent: Decimal,
    /// The institution that issues the certificate.
    pub issuer: Issuer,
    /// The day of issue, in the province's zone.
    pub issued_on: NaiveDate,
    /// The place of issue, printed before the date.
    pub issued_at_place: String,
    /// The official who signs.
    pub signatory: Signatory,
    /// Address of the page that tells whether the certificate is valid; the QR code holds it.
    pub verification_url: String,
    /// The public code to type on that page, printed in groups of four.
    pub verification_code: String,
}

/// One module of the curriculum, as printed on the back page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintedModule {
    /// The module's or competency unit's code.
    pub code: String,
    /// The module's title.
    pub title: Bilingual,
    /// Length in lesson hours (JP).
    pub lesson_hours: u32,
}

/// One score, as printed on the back page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintedScore {
    /// What was assessed.
    pub name: Bilingual,
    /// The score in points of the assessment's own scale; printed with two decimals.
    pub score: Decimal,
}

/// The institution that issues the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// The institution's full name.
    pub name: String,
    /// What it is, such as *Lembaga Pelatihan Kerja*.
    pub kind: Bilingual,
    /// The regency or city it stands in.
    pub regency: String,
    /// The number of the cooperation agreement it teaches under; empty when there is none.
    pub agreement_number: String,
}

/// The official who signs the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatory {
    /// Name with degrees.
    pub name: String,
    /// Office held on the day of issue.
    pub title: String,
    /// The civil servant's number (NIP), for those who have one.
    pub nip: Option<String>,
}

/// Why a certificate cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentError {
    /// A character that none of the fonts has, or that cannot be set correctly.
    MissingGlyph {
        /// The character.
        character: char,
        /// The field of the snapshot it stands in, such as `holder_name` or `modules.title`.
        field: &'static str,
    },
    /// A text, or a list, that does not fit its place even in the smallest type.
    TooLong {
        /// The field of the snapshot.
        field: &'static str,
    },
    /// A fallback font that cannot be read, has no outlines, or may not be embedded.
    UnusableFont,
    /// The engine refused the document; the text is for the log.
    Engine(String),
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingGlyph { character, field } => {
                write!(f, "no font can print U+{:04X} in {field}", u32::from(*character))
            }
            Self::TooLong { field } => write!(f, "{field} is too long to print"),
            Self::UnusableFont => f.write_str("the font cannot be read, has no outlines, or may not be embedded"),
            Self::Engine(message) => write!(f, "the document could not be written: {message}"),
        }
    }
}

impl std::error::Error for DocumentError {}

/// Prints the certificate, with its credential as an attachment if it has one, and returns the bytes of the PDF.
///
/// # Errors
/// [`DocumentError::MissingGlyph`] and [`DocumentError::TooLong`] as [`printable`] gives them, and
/// [`DocumentError::Engine`] if the engine's validator refuses the result.
pub fn render(snapshot: &Snapshot, credential: Option<&str>, fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
    let sheets = lay_out(snapshot, fonts)?;
    canvas::paint(&sheets, snapshot, credential, fonts)
}

/// Tells whether the certificate can be printed, without printing it.
///
/// Asked before a number is taken from the sequence: a name that cannot be printed must not cost one.
///
/// # Errors
/// [`DocumentError::MissingGlyph`] for a character that no font can print, [`DocumentError::TooLong`] for a text or a
/// list that does not fit.
pub fn printable(snapshot: &Snapshot, fonts: &Fonts) -> Result<(), DocumentError> {
    lay_out(snapshot, fonts).map(|_| ())
}

fn lay_out(snapshot: &Snapshot, fonts: &Fonts) -> Result<Vec<canvas::Sheet>, DocumentError> {
    let typesetter = shape::Typesetter::new(fonts)?;
    let mut sheets = vec![front::lay_out(snapshot, &typesetter)?];
    sheets.extend(back::lay_out(snapshot, &typesetter)?);
    Ok(sheets)
}
