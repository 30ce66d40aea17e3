//! The printed certificate: a frozen snapshot in, a PDF out.
//!
//! [`Snapshot`] holds every word that is printed, [`Fonts`] the letters to print it with, and [`render`] is a pure
//! function of the two (and of the credential, which is frozen too): no clock, no randomness, no storage.
//! The same snapshot and the same fonts give the same bytes, today and in ten years, which is why the hash of the
//! document can be kept beside the hash of the snapshot.
//!
//! With a credential the document is PDF/A-3a; a certificate from before there were credentials stays PDF/A-2a.
//! The first page is the certificate, the second and following pages list modules and scores.
//! Indonesian stands first, English below it in smaller type.

mod back;
mod front;
mod ornament;
pub(super) mod specimen;

#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::print::canvas::{self, Attachment, Facts, Orientation, Sheet};
use crate::print::shape::Typesetter;
use crate::print::{Fonts, Picture, PrintError};
use crate::values::{Bilingual, words};

const LANDSCAPE: Orientation = Orientation::Landscape;
const WIDTH: f32 = LANDSCAPE.width();
const HEIGHT: f32 = LANDSCAPE.height();

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
    /// What the issuer's template added; nothing where there was none, and nothing of it in what is hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// SHA-256 of the file of the font beside the embedded ones, if a letter is printed in it. Without one it is printed
    /// in the fonts of today, as certificates from before are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub font_sha256: Option<String>,
}

words! {
    /// What stands on the back of a certificate.
    pub enum BackPage {
        /// The modules with their lesson hours, and the scores.
        ModulesAndScores = "modules_and_scores",
        /// The modules alone.
        Modules = "modules",
        /// There is no back page.
        Nothing = "none",
    }
}

/// What the issuer's template said on the day of issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Above the issuer's name.
    pub heading: Option<String>,
    /// Where the issuer stands.
    pub address: Option<String>,
    /// How it is reached.
    pub contact: Option<String>,
    /// By whom it is licensed or accredited; the English may be empty.
    pub accreditation: Option<Bilingual>,
    /// The name of the logo: SHA-256 of its size and pixels.
    pub logo_sha256: Option<String>,
    /// Who signs beside the head of the institution.
    pub second_signatory: Option<Signatory>,
    /// Whether the names of both are of one size and stay above their lines. Those of certificates from before need not.
    #[serde(default, skip_serializing_if = "is_not")]
    pub names_alike: bool,
    /// What stands on the back.
    pub back_page: BackPage,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
fn is_not(value: &bool) -> bool {
    !value
}

/// What a document holds that its snapshot only names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The credential, if there is one: it becomes an attachment.
    pub credential: Option<&'a str>,
    /// The logo that the snapshot names.
    pub logo: Option<&'a Picture>,
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
    /// What kind of paper that is. Certificates from before say nothing of it, and call each the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement_kind: Option<Bilingual>,
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

impl Snapshot {
    /// The name of the logo that is printed.
    pub(super) fn logo_sha256(&self) -> Option<&str> {
        self.layout.as_ref()?.logo_sha256.as_deref()
    }

    fn back_page(&self) -> BackPage {
        self.layout.as_ref().map_or(BackPage::ModulesAndScores, |layout| layout.back_page)
    }
}

/// Prints the certificate, with its credential as an attachment if it has one, and returns the bytes of the PDF.
///
/// # Errors
/// [`PrintError::MissingGlyph`] and [`PrintError::TooLong`] as [`printable`] gives them, and
/// [`PrintError::Engine`] if the engine's validator refuses the result or the logo is not the one that is named.
pub fn render(snapshot: &Snapshot, beside: Beside<'_>, fonts: &Fonts) -> Result<Vec<u8>, PrintError> {
    let sheets = lay_out(snapshot, beside.logo, fonts)?;
    canvas::paint(&sheets, &facts(snapshot, beside.credential), fonts)
}

fn facts<'a>(snapshot: &Snapshot, credential: Option<&'a str>) -> Facts<'a> {
    Facts {
        title: format!("Sertifikat Pelatihan {} – {}", snapshot.number, snapshot.holder_name),
        description: format!("{} / {}", snapshot.program_name.id, snapshot.program_name.en),
        author: snapshot.issuer.name.clone(),
        identity: format!("{} {}", snapshot.number, snapshot.verification_code),
        day: snapshot.issued_on,
        attachment: credential.map(|text| Attachment {
            name: "credential.jwt",
            media_type: "application/vc+jwt",
            description: "Kredensial digital / Digital credential (Open Badges 3.0)",
            text,
        }),
    }
}

/// Tells whether the certificate can be printed, without printing it.
///
/// Asked before a number is taken from the sequence: a name that cannot be printed must not cost one.
///
/// # Errors
/// [`PrintError::MissingGlyph`] for a character that no font can print, [`PrintError::TooLong`] for a text or a
/// list that does not fit.
pub fn printable(snapshot: &Snapshot, logo: Option<&Picture>, fonts: &Fonts) -> Result<(), PrintError> {
    lay_out(snapshot, logo, fonts).map(|_| ())
}

/// The same, with the embedded fonts first: says whether a letter needs the other one.
///
/// # Errors
/// As [`printable`].
pub(super) fn needs_fallback(snapshot: &Snapshot, logo: Option<&Picture>, fonts: &Fonts) -> Result<bool, PrintError> {
    match printable(snapshot, logo, &fonts.without_fallback()) {
        Err(PrintError::MissingGlyph { .. }) if fonts.fallback().is_some() => {
            printable(snapshot, logo, fonts).map(|()| true)
        }
        result => result.map(|()| false),
    }
}

fn lay_out(snapshot: &Snapshot, logo: Option<&Picture>, fonts: &Fonts) -> Result<Vec<Sheet>, PrintError> {
    if logo.map(Picture::sha256) != snapshot.logo_sha256() {
        return Err(PrintError::Engine("another logo".to_owned()));
    }
    let typesetter = Typesetter::new(fonts)?;
    let mut sheets = vec![front::lay_out(snapshot, logo, &typesetter)?];
    if snapshot.back_page() != BackPage::Nothing {
        sheets.extend(back::lay_out(snapshot, &typesetter)?);
    }
    Ok(sheets)
}
