//! What a certificate's code tells anyone who holds the paper; the page and the REST layer both show it.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use vokasi_core::certificate::{self, CertificateState, Verified};
use vokasi_core::error::Result;
use vokasi_core::time::Instant;
use vokasi_core::values::{Bilingual, Label, ProvinceCode};

use crate::call::Call;
use crate::problem::Problem;
use crate::reply::published;
use crate::rest::programs::BilingualBody;

/// How long an answer may be kept, in seconds: a revocation is seen within a minute.
pub(crate) const KEPT: u32 = 60;

/// The certificate that stands in the place of another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuccessorView {
    #[schema(example = "0002/HOSP/10809001/VII/2026")]
    pub(crate) number: String,
    /// The code under which it is checked.
    #[schema(example = "2FQ6N0ZK7M3XW9C4T1BHD8R5VJ")]
    pub(crate) code: String,
    /// What that one is worth today: it may have ended too.
    #[schema(value_type = String, example = "valid")]
    pub(crate) state: CertificateState,
}

/// Who issued a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuerView {
    #[schema(example = "UPTD BLK Lampung Timur")]
    pub(crate) name: String,
    #[schema(value_type = BilingualBody)]
    pub(crate) kind: Bilingual,
    #[schema(example = "Kabupaten Lampung Timur")]
    pub(crate) regency: String,
}

/// A certificate as its paper shows it, and whether it holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerificationView {
    /// `valid`, `revoked` or `replaced`.
    #[schema(value_type = String, example = "valid")]
    pub(crate) state: CertificateState,
    #[schema(example = "0001/HOSP/10809001/VII/2026")]
    pub(crate) number: String,
    /// The holder's name as printed.
    #[schema(example = "Siti Nur'aini")]
    pub(crate) name: String,
    /// Code of the program.
    #[schema(example = "HOSP")]
    pub(crate) program: String,
    #[schema(value_type = BilingualBody)]
    pub(crate) program_name: Bilingual,
    /// Lesson hours (JP).
    #[schema(example = 320)]
    pub(crate) lesson_hours: u32,
    /// Minutes of one lesson hour.
    #[schema(example = 45)]
    pub(crate) minutes_per_lesson_hour: u32,
    pub(crate) starts_on: NaiveDate,
    pub(crate) ends_on: NaiveDate,
    /// The final score as printed, if the program gives one.
    #[schema(example = "82.50")]
    pub(crate) final_score: Option<String>,
    /// The predicate as printed.
    #[schema(value_type = Option<BilingualBody>)]
    pub(crate) predicate: Option<Bilingual>,
    pub(crate) issuer: IssuerView,
    pub(crate) issued_on: NaiveDate,
    /// The day on which it was revoked or replaced.
    pub(crate) revoked_on: Option<NaiveDate>,
    /// Why it was revoked or replaced.
    #[schema(value_type = Option<String>)]
    pub(crate) revocation_reason: Option<Label>,
    /// What stands in its place, if it was replaced.
    pub(crate) replaced_by: Option<SuccessorView>,
    /// The code as the paper prints it.
    #[schema(example = "7QK2M4ZC9XW1B8T5RNJ3VHDF60")]
    pub(crate) code: String,
    /// The page behind the code.
    #[schema(example = "https://vokasi.example.go.id/verify/7QK2M4ZC9XW1B8T5RNJ3VHDF60")]
    pub(crate) url: String,
    /// The same as a signed credential; nothing for a certificate from before there were credentials.
    #[schema(example = "https://vokasi.example.go.id/verify/7QK2M4ZC9XW1B8T5RNJ3VHDF60/credential.jwt")]
    pub(crate) credential_url: Option<String>,
    /// SHA-256 of the PDF, to compare a file with.
    #[schema(example = "https://vokasi.example.go.id/verify/7QK2M4ZC9XW1B8T5RNJ3VHDF60/certificate.pdf.sha256")]
    pub(crate) pdf_sha256_url: String,
    /// When the register was asked, to the minute.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) checked_at: Instant,
    #[serde(skip)]
    pub(crate) province: ProvinceCode,
}

impl VerificationView {
    fn of(verified: Verified, public_url: &str, now: Instant) -> Result<Self> {
        let Verified { certificate, has_credential, replaced_by } = verified;
        let printed = certificate.snapshot()?;
        let url = format!("{public_url}/verify/{}", certificate.code);
        Ok(Self {
            state: certificate.state(),
            number: certificate.number,
            name: printed.holder_name,
            program: printed.program_code,
            program_name: printed.program_name,
            lesson_hours: printed.lesson_hours,
            minutes_per_lesson_hour: printed.minutes_per_lesson_hour,
            starts_on: printed.starts_on,
            ends_on: printed.ends_on,
            final_score: printed.final_score.map(|score| format!("{score:.2}")),
            predicate: printed.predicate,
            issuer: IssuerView {
                name: printed.issuer.name,
                kind: printed.issuer.kind,
                regency: printed.issuer.regency,
            },
            issued_on: certificate.issued_on,
            revoked_on: certificate.revoked_on,
            revocation_reason: certificate.revocation_reason,
            replaced_by: replaced_by.map(|next| SuccessorView {
                state: next.state(),
                number: next.number,
                code: next.code,
            }),
            code: certificate.code,
            credential_url: has_credential.then(|| format!("{url}/credential.jwt")),
            pdf_sha256_url: format!("{url}/certificate.pdf.sha256"),
            url,
            checked_at: now.cut_to_minute(),
            province: certificate.province_code,
        })
    }

    /// As JSON.
    pub(crate) fn json(&self, request: &HttpRequest) -> HttpResponse {
        let response = HttpResponse::Ok().insert_header((header::VARY, "Accept, Accept-Language")).json(self);
        published(request, KEPT, response)
    }
}

/// Asks the register for a code.
///
/// # Errors
/// `resource.not_found`.
pub(crate) async fn find(call: Call, code: String) -> Result<VerificationView, Problem> {
    call.open(move |state, now, _| {
        let found = state.db.read(now, |tx| certificate::verify(tx, &code))?;
        VerificationView::of(found, &state.public_url, now)
    })
    .await
}
