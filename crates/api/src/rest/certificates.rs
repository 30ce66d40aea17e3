//! Certificates: frozen, numbered documents.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpResponse, Responder, get, post, rt, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::Sender;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::Actor;
use vokasi_core::certificate::archive::{self, Archive};
use vokasi_core::certificate::{self, Certificate, CertificateFilter, CertificateState, Issued};
use vokasi_core::enrollment::Enrolled;
use vokasi_core::error::{Error, Language, Result};
use vokasi_core::id::Id;
use vokasi_core::keys::sha256_hex;
use vokasi_core::participant;
use vokasi_core::time::Instant;
use vokasi_core::values::{Bilingual, Label, PersonName};

use super::page_of;
use super::programs::BilingualBody;
use crate::body::{Body, Query, is_id, names_no_number, read, read_some_id, reads};
use crate::call::{Call, block};
use crate::openapi::FileBytes;
use crate::problem::Problem;
use crate::reply::{CREDENTIAL, Listed, Made, Pieces, Tagged};

/// Why a certificate is taken back or replaced.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"reason": "Nama pemegang keliru"}))]
pub(crate) struct RevocationBody {
    /// The reason; the public page shows it.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
}

/// A certificate. For an observer the name is initials, and the address that would show it is absent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2N")]
    id: Id,
    #[schema(example = "0001/HOSP/10809001/VII/2026")]
    number: String,
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String)]
    class: Id,
    /// The partner that issued it.
    #[schema(value_type = String)]
    issuer: Id,
    /// As printed.
    #[schema(example = "Siti Nur'aini")]
    name: String,
    /// Code of the program.
    #[schema(example = "HOSP")]
    program: String,
    #[schema(value_type = BilingualBody)]
    program_name: Bilingual,
    /// Lesson hours (JP).
    #[schema(example = 320)]
    lesson_hours: u32,
    issued_on: NaiveDate,
    #[schema(value_type = String, format = DateTime)]
    issued_at: Instant,
    /// `valid`, `revoked` or `replaced`.
    #[schema(value_type = String, example = "valid")]
    state: CertificateState,
    /// The day on which it was revoked or replaced.
    revoked_on: Option<NaiveDate>,
    /// Why it was revoked or replaced.
    #[schema(value_type = Option<String>)]
    revocation_reason: Option<Label>,
    /// The certificate that stands in its place.
    #[schema(value_type = Option<String>)]
    replaced_by: Option<Id>,
    /// The public page that the QR code leads to.
    #[schema(example = "http://127.0.0.1:8080/verify/7QK2M4ZC9XW1B8T5RNJ3VHDF60")]
    verification_url: Option<String>,
    /// SHA-256 of everything printed.
    snapshot_sha256: String,
}

impl CertificateView {
    fn of(actor: &Actor, certificate: Certificate) -> Result<Self> {
        let printed = certificate.snapshot()?;
        let name = PersonName::stored(&printed.holder_name).map_err(Error::new)?;
        Ok(Self {
            state: certificate.state(),
            id: certificate.id,
            number: certificate.number,
            enrollment: certificate.enrollment_id,
            class: certificate.class_id,
            issuer: certificate.issuer_id,
            name: participant::shown_name(actor, &name),
            program: printed.program_code,
            program_name: printed.program_name,
            lesson_hours: printed.lesson_hours,
            issued_on: certificate.issued_on,
            issued_at: certificate.issued_at,
            revoked_on: certificate.revoked_on,
            revocation_reason: certificate.revocation_reason,
            replaced_by: certificate.replaced_by,
            verification_url: participant::knows_people(actor).then_some(printed.verification_url),
            snapshot_sha256: certificate.snapshot_sha256,
        })
    }
}

/// A page of certificates.
#[derive(Serialize, ToSchema)]
pub(crate) struct CertificatePage {
    items: Vec<CertificateView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// What became of one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssueView {
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    /// `issued` now, `issued_before`, or `refused`.
    #[schema(example = "issued")]
    result: &'static str,
    certificate: Option<CertificateView>,
    /// Why it was refused.
    code: Option<&'static str>,
    /// The same in the language asked for.
    sentence: Option<String>,
}

impl IssueView {
    fn of(actor: &Actor, (enrolled, issued): (Enrolled, Issued), language: Language) -> Result<Self> {
        let mut view = Self {
            enrollment: enrolled.enrollment.id,
            name: enrolled.name,
            result: "refused",
            certificate: None,
            code: None,
            sentence: None,
        };
        match issued {
            Issued::New(certificate) => {
                view.result = "issued";
                view.certificate = Some(CertificateView::of(actor, *certificate)?);
            }
            Issued::Before(certificate) => {
                view.result = "issued_before";
                view.certificate = Some(CertificateView::of(actor, *certificate)?);
            }
            Issued::Refused(code, facts) => {
                view.code = Some(code.name);
                view.sentence = Some(code.sentence(language, &facts));
            }
        }
        Ok(view)
    }
}

/// Which certificates.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CertificateQuery {
    /// Only of this class.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Only of this enrollment.
    #[validate(custom(function = "is_id"))]
    enrollment: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl CertificateQuery {
    fn filter(&self) -> Result<CertificateFilter> {
        Ok(CertificateFilter {
            class: read_some_id(self.class.as_ref())?,
            enrollment: read_some_id(self.enrollment.as_ref())?,
        })
    }
}

/// Issues certificates for everyone of a class who completed, one result per person. Doing it again issues only what is
/// missing.
#[utoipa::path(tag = "certificates",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    responses((status = 200, body = Vec<IssueView>)))]
#[post("/classes/{id}/certificates")]
pub(crate) async fn issue(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let (state, language) = (Arc::clone(&call.state), call.language);
    call.create(&sha256_hex(b""), move |tx, actor| {
        let results = certificate::issue(tx, actor, *id, &state.printing)?;
        let views = results.into_iter().map(|one| IssueView::of(actor, one, language)).collect::<Result<Vec<_>>>()?;
        Ok(Made::done(views))
    })
    .await
}

/// Certificates in the caller's scope.
#[utoipa::path(tag = "certificates", params(CertificateQuery), responses((status = 200, body = CertificatePage)))]
#[get("/certificates")]
pub(crate) async fn list(call: Call, query: Query<CertificateQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let page = certificate::list(tx, actor, &query.filter()?, page_of!(query)?)?;
            page.try_map(|one| CertificateView::of(actor, one))
        })
        .await?;
    Ok(Listed::from(page))
}

/// One certificate.
#[utoipa::path(tag = "certificates", params(("id" = String, Path)),
    responses((status = 200, body = CertificateView)))]
#[get("/certificates/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.read(move |tx, actor| {
        let found = certificate::get(tx, actor, *id)?;
        Ok(Tagged::new(found.version, CertificateView::of(actor, found)?))
    })
    .await
}

/// The printed document, PDF/A with its QR code and the credential as an attachment: the same bytes for ever.
#[utoipa::path(tag = "certificates", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/pdf", body = FileBytes)))]
#[get("/certificates/{id}/pdf")]
pub(crate) async fn pdf(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let (state, language) = (Arc::clone(&call.state), call.language);
    let found = call.write(move |tx, actor| certificate::to_print(tx, actor, *id, &state.printing.fonts)).await?;
    let disposition = format!("inline; filename=\"{}\"", file_name(&found.certificate.number, "pdf"));
    let tag = format!("\"{}\"", found.certificate.snapshot_sha256);
    let bytes = block(move || found.pdf()).await.map_err(|error| Problem::new(error, language))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/pdf"))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(bytes))
}

/// The documents of everyone of a class who holds a certificate, as a ZIP archive made while it is sent: each with the very
/// bytes it has alone. A school that does not host the class gets its own students'.
#[utoipa::path(tag = "certificates", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/zip", body = FileBytes)))]
#[get("/classes/{id}/certificates/zip")]
pub(crate) async fn zip(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let (state, language) = (Arc::clone(&call.state), call.language);
    let archive = call.write(move |tx, actor| archive::of_class(tx, actor, *id, &state.printing.fonts)).await?;
    // Whatever cannot be printed is told while an answer can still be a refusal.
    let checked = block(move || archive.check().map(|()| archive)).await;
    let archive = checked.map_err(|error| Problem::new(error, language))?;
    let (pieces, body) = Pieces::new();
    rt::spawn(send(archive, pieces));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/zip"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"sertifikat.zip\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}

/// Sends document after document; no thread waits while the client reads.
async fn send(mut archive: Archive, pieces: Sender<Result<web::Bytes>>) {
    loop {
        let made = block(move || {
            let piece = archive.piece()?;
            Ok((archive, piece))
        });
        let piece = match made.await {
            Ok((rest, Some(piece))) => {
                archive = rest;
                Ok(web::Bytes::from(piece))
            }
            Ok((_, None)) => return,
            Err(error) => {
                drop(pieces.send(Err(error)).await);
                return;
            }
        };
        // It ends as well when nobody takes the pieces any more.
        if pieces.send(piece).await.is_err() {
            return;
        }
    }
}

/// The number as a file's name: letters and digits, with a hyphen for the rest.
fn file_name(number: &str, ending: &str) -> String {
    let plain: String = number.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("sertifikat-{plain}.{ending}")
}

/// The credential: what is printed as a signed token (Open Badges 3.0, VC-JWT) that a program checks by itself. A
/// certificate from before there were credentials has none.
#[utoipa::path(tag = "certificates", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/vc+jwt", body = String)))]
#[get("/certificates/{id}/credential")]
pub(crate) async fn credential(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let jwt = call.write(move |tx, actor| certificate::credential::of(tx, actor, *id)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, CREDENTIAL))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(jwt))
}

/// Puts a corrected certificate in the place of one that holds, from the register as it is today and under a number of
/// its own. The earlier one's code answers for ever, with the reason and the way to the new one.
#[utoipa::path(tag = "certificates",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    request_body = RevocationBody, responses((status = 201, body = CertificateView)))]
#[post("/certificates/{id}/replacement")]
pub(crate) async fn replace(
    call: Call,
    id: web::Path<Id>,
    body: Body<RevocationBody>,
) -> Result<HttpResponse, Problem> {
    let state = Arc::clone(&call.state);
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = certificate::replace(tx, actor, *id, read(&value.reason)?, &state.printing)?;
        Ok(Made::at(format!("/api/v1/certificates/{}", made.id), made.version, CertificateView::of(actor, made)?))
    })
    .await
}

/// Takes a certificate back. Its code answers for ever, with the reason.
#[utoipa::path(tag = "certificates",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = RevocationBody, responses((status = 200, body = CertificateView)))]
#[post("/certificates/{id}/revocation")]
pub(crate) async fn revoke(
    call: Call,
    id: web::Path<Id>,
    body: Body<RevocationBody>,
) -> Result<impl Responder, Problem> {
    let state = Arc::clone(&call.state);
    call.change(move |tx, actor, version| {
        let reason = read(&body.value.reason)?;
        let revoked = certificate::revoke(tx, actor, *id, version, reason, &state.printing)?;
        Ok(Tagged::new(revoked.version, CertificateView::of(actor, revoked)?))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_needs_no_quoting() {
        assert_eq!(file_name("0001/HOSP/10809001/VII/2026", "pdf"), "sertifikat-0001-HOSP-10809001-VII-2026.pdf");
        assert_eq!(file_name("1/\"x\"\r\n../é", "pdf"), "sertifikat-1--x-------.pdf");
    }
}
