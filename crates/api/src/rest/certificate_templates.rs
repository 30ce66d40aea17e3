//! Templates: what the certificates of a partner look like and how they are numbered.

use actix_web::{HttpResponse, Responder, delete, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::certificate::{self, BackPage, Draft, NumberPattern, Template, template};
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::print::PICTURE_BYTES;
use vokasi_core::time::Instant;
use vokasi_core::values::Label;

use super::partners::HeadBody;
use super::programs::BilingualBody;
use crate::body::{Body, names_no_number, one_of, read, read_some, reads, short};
use crate::call::{Call, block};
use crate::openapi::FileBytes;
use crate::problem::Problem;
use crate::reply::{self, Tagged};

/// Bytes of a logo that are taken; a little more than may be read, so that the refusal can say so.
const RECEIVED: usize = PICTURE_BYTES + 1;

/// What the certificates of a partner look like. The name, kind and head of the partner are printed in any case.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "number_pattern": "[number:4]/LPK-SM/[month]/[year]",
    "heading": "Yayasan Sakura Mandiri Lampung",
    "address": "Jl. Melati No. 7, Sukadana, Lampung Timur",
    "contact": "(0725) 555-0142 · lpk@example.org",
    "accreditation": {"id": "Terakreditasi B", "en": "Accredited B"},
    "second_signatory": {"name": "Wulan Sari", "title": "Kepala Pelatihan"},
    "back_page": "modules_and_scores"
}))]
pub(crate) struct TemplateBody {
    /// How certificates are numbered: text with the places `[number]` (or `[number:4]`, filled with zeros), `[program]`,
    /// `[issuer]` (its NPSN or VIN), `[month]` (as a Roman numeral, or `[month:2]` in digits) and `[year]`. The number
    /// and the year are in it once each; the count begins anew each year.
    #[validate(custom(function = "reads::<NumberPattern>"))]
    #[schema(required = true)]
    number_pattern: String,
    /// A line above the partner's name, such as the foundation or the government it belongs to.
    #[validate(custom(function = "short::<Label, 120>"), custom(function = "names_no_number"))]
    heading: Option<String>,
    /// Where it stands.
    #[validate(custom(function = "short::<Label, 200>"), custom(function = "names_no_number"))]
    address: Option<String>,
    /// How it is reached.
    #[validate(custom(function = "short::<Label, 120>"), custom(function = "names_no_number"))]
    contact: Option<String>,
    /// By whom it is licensed or accredited.
    #[validate(nested)]
    accreditation: Option<BilingualBody>,
    /// Who signs beside the head of the partner.
    #[validate(nested)]
    second_signatory: Option<HeadBody>,
    /// `modules_and_scores`, `modules` or `none`.
    #[validate(custom(function = "one_of::<BackPage>"))]
    #[schema(required = true)]
    back_page: String,
}

impl TemplateBody {
    fn draft(self) -> Result<Draft> {
        Ok(Draft {
            number_pattern: read(&self.number_pattern)?,
            heading: read_some(self.heading.as_ref())?,
            address: read_some(self.address.as_ref())?,
            contact: read_some(self.contact.as_ref())?,
            accreditation: self.accreditation.map(|text| text.text()).transpose()?,
            second_signatory: self.second_signatory.map(HeadBody::head).transpose()?,
            back_page: read(&self.back_page)?,
        })
    }
}

/// What the certificates of a partner look like from now on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateView {
    /// The partner.
    #[schema(value_type = String)]
    partner: Id,
    #[schema(example = "[number:4]/[program]/[issuer]/[month]/[year]")]
    number_pattern: String,
    /// A line above the partner's name.
    #[schema(value_type = Option<String>)]
    heading: Option<Label>,
    #[schema(value_type = Option<String>)]
    address: Option<Label>,
    #[schema(value_type = Option<String>)]
    contact: Option<Label>,
    /// By whom it is licensed or accredited.
    #[schema(value_type = Option<BilingualBody>)]
    accreditation: Option<vokasi_core::values::Bilingual>,
    second_signatory: Option<HeadBody>,
    /// `modules_and_scores`, `modules` or `none`.
    #[schema(value_type = String, example = "modules_and_scores")]
    back_page: BackPage,
    /// SHA-256 of the logo's size and pixels, if there is one.
    logo_sha256: Option<String>,
    /// When it was last changed; nothing for the usual template, which nobody wrote.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Instant>,
}

fn tagged(kept: Template) -> Tagged<TemplateView> {
    let view = TemplateView {
        partner: kept.partner_id,
        number_pattern: kept.number_pattern.as_str().to_owned(),
        accreditation: kept.accreditation(),
        heading: kept.heading,
        address: kept.address,
        contact: kept.contact,
        second_signatory: HeadBody::of(kept.second_name, kept.second_title, kept.second_nip),
        back_page: kept.back_page,
        logo_sha256: kept.logo_sha256,
        updated_at: (kept.version > 0).then_some(kept.updated_at),
    };
    Tagged::new(kept.version, view)
}

/// What the certificates of a partner look like. One that has not chosen anything has the usual template.
#[utoipa::path(tag = "certificates", params(("id" = String, Path)), responses((status = 200, body = TemplateView)))]
#[get("/partners/{id}/certificate-template")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.read(move |tx, actor| template::get(tx, actor, *id).map(tagged)).await
}

/// Puts a template in the place of the one that was read. Certificates that were issued before stay as they are. What
/// could not be printed is refused.
#[utoipa::path(tag = "certificates",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = TemplateBody, responses((status = 200, body = TemplateView)))]
#[put("/partners/{id}/certificate-template")]
pub(crate) async fn put(call: Call, id: web::Path<Id>, body: Body<TemplateBody>) -> Result<impl Responder, Problem> {
    let state = std::sync::Arc::clone(&call.state);
    call.change(move |tx, actor, version| {
        template::put(tx, actor, *id, version, body.value.draft()?, &state.printing).map(tagged)
    })
    .await
}

/// Keeps a logo, a PNG of 1 MB and 2,000 pixels on each side at most. Its pixels are kept on white and at the size of
/// print, and nothing else of the file.
#[utoipa::path(tag = "certificates",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body(content((FileBytes = "image/png"), (FileBytes = "application/octet-stream")),
        description = "The file's bytes."),
    responses((status = 200, body = TemplateView)))]
#[put("/partners/{id}/certificate-template/logo")]
pub(crate) async fn put_logo(call: Call, id: web::Path<Id>, payload: web::Payload) -> Result<impl Responder, Problem> {
    // What is longer than may be read is no logo, whatever it is.
    let bytes = payload.to_bytes_limited(RECEIVED).await.unwrap_or_else(|_| Ok(web::Bytes::new()));
    let bytes = bytes.map_err(|_| call.problem(Error::new(&codes::INPUT_MALFORMED).fact("reason", "incomplete")))?;
    let (language, partner) = (call.language, *id);
    // Only for those who may keep it: reading a picture is work.
    call.look(move |tx, actor| template::get(tx, actor, partner).map(drop)).await?;
    let read = block(move || template::read_logo(&bytes)).await;
    let logo = read.map_err(|error| Problem::new(error, language))?;
    call.change(move |tx, actor, version| template::put_logo(tx, actor, *id, version, &logo).map(tagged)).await
}

/// Prints no logo from now on.
#[utoipa::path(tag = "certificates",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    responses((status = 200, body = TemplateView)))]
#[delete("/partners/{id}/certificate-template/logo")]
pub(crate) async fn remove_logo(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.change(move |tx, actor, version| template::remove_logo(tx, actor, *id, version).map(tagged)).await
}

/// What certificates would look like with this template and the logo that is kept: a PDF about nobody, with a mark that
/// says so on each page. Nothing is kept of it.
#[utoipa::path(tag = "certificates", params(("id" = String, Path)), request_body = TemplateBody,
    responses((status = 200, content_type = "application/pdf", body = FileBytes)))]
#[post("/partners/{id}/certificate-template/preview")]
pub(crate) async fn preview(call: Call, id: web::Path<Id>, body: Body<TemplateBody>) -> Result<HttpResponse, Problem> {
    let (state, language) = (std::sync::Arc::clone(&call.state), call.language);
    let public_url = state.public_url.clone();
    let specimen =
        call.read(move |tx, actor| certificate::preview(tx, actor, *id, body.value.draft()?, &public_url)).await?;
    let pdf = block(move || specimen.pdf(&state.printing.fonts)).await;
    let bytes = pdf.map_err(|error| Problem::new(error, language))?;
    Ok(reply::paper("contoh-sertifikat", bytes))
}
