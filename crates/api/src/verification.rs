//! What a certificate's code tells anyone who holds the paper; the page and the REST layer both show it.

use actix_web::HttpResponse;
use actix_web::http::header;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use vokasi_core::certificate::{self, Certificate, CertificateState};
use vokasi_core::error::Result;
use vokasi_core::program::Bilingual;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, ProvinceCode};

use crate::call::Call;
use crate::problem::Problem;
use crate::rest::programs::BilingualBody;

/// How long an answer may be kept: a revocation is seen within a minute.
pub(crate) const CACHE: &str = "public, max-age=60";

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
    /// `valid` or `revoked`.
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
    pub(crate) issuer: IssuerView,
    pub(crate) issued_on: NaiveDate,
    pub(crate) revoked_on: Option<NaiveDate>,
    #[schema(value_type = Option<String>)]
    pub(crate) revocation_reason: Option<Label>,
    /// The code as the paper prints it.
    #[schema(example = "7QK2M4ZC9XW1B8T5RNJ3VHDF60")]
    pub(crate) code: String,
    /// When the register was asked.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) checked_at: Instant,
    #[serde(skip)]
    pub(crate) province: ProvinceCode,
}

impl VerificationView {
    fn of(certificate: Certificate, now: Instant) -> Result<Self> {
        let printed = certificate.snapshot()?;
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
            issuer: IssuerView {
                name: printed.issuer.name,
                kind: printed.issuer.kind,
                regency: printed.issuer.regency,
            },
            issued_on: certificate.issued_on,
            revoked_on: certificate.revoked_on,
            revocation_reason: certificate.revocation_reason,
            code: certificate.code,
            checked_at: now,
            province: certificate.province_code,
        })
    }

    /// As JSON.
    pub(crate) fn json(&self) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, CACHE))
            .insert_header((header::VARY, "Accept, Accept-Language"))
            .json(self)
    }
}

/// Asks the register for a code.
///
/// # Errors
/// `resource.not_found`.
pub(crate) async fn find(call: Call, code: String) -> Result<VerificationView, Problem> {
    call.open(move |state, now, _| {
        let found = state.db.read(now, |tx| certificate::verify(tx, &code))?;
        VerificationView::of(found, now)
    })
    .await
}
