//! Agreements: what allows a partner to run programs.

use actix_web::http::header;
use actix_web::{HttpResponse, Responder, get, post, put, web};
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::Actor;
use vokasi_core::agreement::{
    self, Agreement, AgreementDetail, AgreementFilter, AgreementKind, Coverage, FileFacts, Party, Standing, Terms, Year,
};
use vokasi_core::db::Tx;
use vokasi_core::error::{Code, Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, PersonName, RegencyCode};

use super::{page_of, today};
use crate::body::{
    Body, Query, each_id, each_reads, is_id, names_no_number, one_of, read, read_id, read_some, read_some_id, reads,
};
use crate::call::Call;
use crate::openapi::FileBytes;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged};

/// Bytes of a paper; a little more than is kept, so that the refusal can say so.
const RECEIVED: usize = agreement::FILE_BYTES + 1;

/// Whoever signs an agreement.
#[derive(Debug, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PartyBody {
    /// The institution.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true, example = "Dinas Pendidikan dan Kebudayaan Provinsi Lampung")]
    name: String,
    /// The number the agreement has there.
    #[validate(custom(function = "reads::<Label>"))]
    number: Option<String>,
    /// Who signs for it.
    #[validate(custom(function = "reads::<PersonName>"))]
    #[schema(required = true)]
    signatory: String,
    /// The signatory's title.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true, example = "Kepala Dinas")]
    title: String,
    /// The letter that authorises the signatory (surat kuasa), if one does.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    authority: Option<String>,
}

impl PartyBody {
    fn read(&self) -> Result<Party> {
        Ok(Party {
            name: read(&self.name)?,
            number: read_some(self.number.as_ref())?,
            signatory: read(&self.signatory)?,
            title: read(&self.title)?,
            authority: read_some(self.authority.as_ref())?,
        })
    }
}

/// What is agreed.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "partner": "0CZ5V9K3M7Q2A", "kind": "pks", "number": "420/118/V.01/DP.2/2025",
    "title": "Pelatihan Perhotelan bagi Siswa Kelas XII", "signed_on": "2025-06-16", "starts_on": "2025-07-01",
    "ends_on": "2027-06-30", "seats": 144, "seats_per_year": 72, "programs": ["0CZ5V9K3M7Q2B"], "regencies": ["18.07"],
    "parties": [{
        "name": "Dinas Pendidikan dan Kebudayaan Provinsi Lampung", "number": "420/118/V.01/DP.2/2025",
        "signatory": "Endah Purnamasari", "title": "Kepala Dinas", "authority": "Surat Kuasa Gubernur 100/7/2025"
    }]
}))]
pub(crate) struct AgreementBody {
    /// With whom.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    partner: String,
    /// `mou`, `pks`, `nota_kesepakatan`, `kesepakatan_bersama`, or `assignment` for a state school or office.
    #[validate(custom(function = "one_of::<AgreementKind>"))]
    #[schema(required = true)]
    kind: String,
    /// Its number, unique at the partner.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    number: String,
    /// Its title.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    title: String,
    /// When it was signed; of a draft, when it is to be.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    signed_on: String,
    /// The first day it holds.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    starts_on: String,
    /// The last day it holds.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    ends_on: String,
    /// Seats it allows in all its classes; any number when nothing is said.
    #[validate(range(min = 1, max = 1_000_000))]
    seats: Option<i32>,
    /// Seats it allows in classes that begin in one calendar year; any number when nothing is said.
    #[validate(range(min = 1, max = 1_000_000))]
    seats_per_year: Option<i32>,
    /// The signed agreement under which it is made.
    #[validate(custom(function = "is_id"))]
    parent: Option<String>,
    /// The programs it covers.
    #[validate(length(min = 1, max = 200, code = "field.required"), custom(function = "each_id"))]
    #[schema(required = true)]
    programs: Vec<String>,
    /// The regencies it covers, by their Kemendagri codes; all of the province when nothing is said.
    #[validate(length(max = 200), custom(function = "each_reads::<RegencyCode>"))]
    regencies: Vec<String>,
    /// Who signs it, in the order of the paper.
    #[validate(length(max = 20), nested)]
    parties: Vec<PartyBody>,
    /// Whether it is not signed yet. A draft allows nothing and can be changed. Only for a new agreement.
    draft: bool,
}

impl AgreementBody {
    fn terms(&self) -> Result<Terms> {
        Ok(Terms {
            partner: read_id(&self.partner)?,
            kind: read(&self.kind)?,
            number: read(&self.number)?,
            title: read(&self.title)?,
            signed_on: read(&self.signed_on)?,
            starts_on: read(&self.starts_on)?,
            ends_on: read(&self.ends_on)?,
            seats: self.seats,
            seats_per_year: self.seats_per_year,
            parent: read_some_id(self.parent.as_ref())?,
            coverage: Coverage {
                programs: self.programs.iter().map(|id| read_id(id)).collect::<Result<_>>()?,
                regencies: self.regencies.iter().map(|code| read(code)).collect::<Result<_>>()?,
            },
            parties: self.parties.iter().map(PartyBody::read).collect::<Result<_>>()?,
        })
    }
}

/// The signing of a draft.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"on": "2025-06-16", "number": "420/118/V.01/DP.2/2025"}))]
pub(crate) struct SigningBody {
    /// When it was signed.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    on: String,
    /// The number it was given.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    number: String,
}

/// An end before its time.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"on": "2026-01-31", "reason": "Izin operasional lembaga berakhir"}))]
pub(crate) struct TerminationBody {
    /// The first day it no longer holds.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    on: String,
    /// Why.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
}

/// An agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgreementView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2C")]
    id: Id,
    #[schema(value_type = String)]
    partner: Id,
    #[schema(value_type = String, example = "pks")]
    kind: AgreementKind,
    #[schema(value_type = String, example = "420/118/V.01/DP.2/2025")]
    number: Label,
    #[schema(value_type = String)]
    title: Label,
    signed_on: NaiveDate,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    /// Where it stands today: `draft`, `upcoming`, `active`, `expiring` (90 days or fewer are left), `expired`, `terminated`.
    #[schema(value_type = String, example = "active")]
    standing: Standing,
    /// Days until it ends, today not counted; negative once it is over.
    #[schema(example = 412)]
    days_left: i64,
    /// Seats it allows; absent when any number is allowed.
    seats: Option<i32>,
    /// Seats it allows in classes that begin in one calendar year; absent when any number is allowed.
    seats_per_year: Option<i32>,
    /// Seats its classes have taken.
    seats_planned: i32,
    terminated_on: Option<NaiveDate>,
    #[schema(value_type = Option<String>)]
    termination_reason: Option<Label>,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
}

impl AgreementView {
    fn on(day: NaiveDate, agreement: Agreement) -> Self {
        Self {
            standing: agreement::standing(&agreement, day),
            days_left: agreement::days_left(&agreement, day),
            id: agreement.id,
            partner: agreement.partner_id,
            kind: agreement.kind,
            number: agreement.number,
            title: agreement.title,
            signed_on: agreement.signed_on,
            starts_on: agreement.starts_on,
            ends_on: agreement.ends_on,
            seats: agreement.seats,
            seats_per_year: agreement.seats_per_year,
            seats_planned: agreement.seats_planned,
            terminated_on: agreement.terminated_on,
            termination_reason: agreement.termination_reason,
            updated_at: agreement.updated_at,
        }
    }
}

/// Whoever signed an agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartyView {
    #[schema(value_type = String)]
    name: Label,
    /// The number the agreement has there.
    #[schema(value_type = Option<String>)]
    number: Option<Label>,
    #[schema(value_type = String)]
    signatory: PersonName,
    #[schema(value_type = String)]
    title: Label,
    /// The letter that authorises the signatory.
    #[schema(value_type = Option<String>)]
    authority: Option<Label>,
}

impl From<Party> for PartyView {
    fn from(Party { name, number, signatory, title, authority }: Party) -> Self {
        Self { name, number, signatory, title, authority }
    }
}

/// Seats of classes that begin in a calendar year.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearView {
    #[schema(example = 2025)]
    year: i32,
    /// Seats that are allowed.
    seats: i32,
    /// Seats that classes have taken.
    seats_planned: i32,
}

/// The paper that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgreementFileView {
    sha256: String,
    /// In bytes.
    size: i32,
    #[schema(value_type = String, format = DateTime)]
    kept_at: Instant,
    /// The account that brought it.
    #[schema(value_type = String)]
    kept_by: Id,
}

/// An agreement with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgreementDetailView {
    #[serde(flatten)]
    agreement: AgreementView,
    /// The agreement under which it was made.
    #[schema(value_type = Option<String>)]
    parent: Option<Id>,
    #[schema(value_type = Vec<String>)]
    programs: Vec<Id>,
    /// The regencies it covers; none stands for all of the province.
    #[schema(value_type = Vec<String>)]
    regencies: Vec<RegencyCode>,
    parties: Vec<PartyView>,
    /// Seats by year, where they are limited so and classes have taken some.
    years: Vec<YearView>,
    file: Option<AgreementFileView>,
}

impl AgreementDetailView {
    fn on(day: NaiveDate, detail: AgreementDetail) -> Self {
        let year = |Year { year, seats, seats_planned }| YearView { year, seats, seats_planned };
        let paper = |FileFacts { sha256, size, kept_at, kept_by }| AgreementFileView { sha256, size, kept_at, kept_by };
        Self {
            agreement: AgreementView::on(day, detail.agreement),
            parent: detail.parent,
            programs: detail.coverage.programs,
            regencies: detail.coverage.regencies,
            parties: detail.parties.into_iter().map(PartyView::from).collect(),
            years: detail.years.into_iter().map(year).collect(),
            file: detail.file.map(paper),
        }
    }
}

/// A page of agreements.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgreementPage {
    items: Vec<AgreementView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which agreements.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AgreementQuery {
    /// Only with this partner.
    #[validate(custom(function = "is_id"))]
    partner: Option<String>,
    /// Only those that end on or before this day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    ends_by: Option<String>,
    /// Only those in force that end within so many days from today, such as 90, 30 or 7.
    #[validate(range(min = 0, max = 3_660))]
    ends_within: Option<i64>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl AgreementQuery {
    fn filter(&self, today: NaiveDate) -> Result<AgreementFilter> {
        let named = read_some(self.ends_by.as_ref())?;
        let near = self.ends_within.map(|days| today + Duration::days(days));
        Ok(AgreementFilter {
            partner: read_some_id(self.partner.as_ref())?,
            ends_by: [named, near].into_iter().flatten().min(),
            not_over_on: near.map(|_| today),
        })
    }
}

/// Agreements in the caller's scope.
#[utoipa::path(tag = "agreements", params(AgreementQuery), responses((status = 200, body = AgreementPage)))]
#[get("/agreements")]
pub(crate) async fn list(call: Call, query: Query<AgreementQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let day = today(tx, actor);
            let page = agreement::list(tx, actor, &query.filter(day)?, page_of!(query)?)?;
            Ok(page.map(|one| AgreementView::on(day, one)))
        })
        .await?;
    Ok(Listed::from(page))
}

/// Enters an agreement, signed or as a draft.
#[utoipa::path(tag = "agreements", request_body = AgreementBody,
    responses((status = 201, body = AgreementDetailView)))]
#[post("/agreements")]
pub(crate) async fn create(call: Call, body: Body<AgreementBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = agreement::create(tx, actor, value.terms()?, value.draft)?;
        let address = format!("/api/v1/agreements/{}", made.agreement.id);
        Ok(Made::at(address, made.agreement.version, AgreementDetailView::on(today(tx, actor), made)))
    })
    .await
}

/// One agreement with everything that belongs to it.
#[utoipa::path(tag = "agreements", params(("id" = String, Path)),
    responses((status = 200, body = AgreementDetailView)))]
#[get("/agreements/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let found = call.snapshot(move |tx, actor| Ok((today(tx, actor), agreement::get(tx, actor, *id)?))).await?;
    Ok(tagged(found))
}

fn tagged((day, found): (NaiveDate, AgreementDetail)) -> Tagged<AgreementDetailView> {
    Tagged::new(found.agreement.version, AgreementDetailView::on(day, found))
}

/// Changes a draft. What is signed stays as it was signed.
#[utoipa::path(tag = "agreements",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = AgreementBody, responses((status = 200, body = AgreementDetailView)))]
#[put("/agreements/{id}")]
pub(crate) async fn change(
    call: Call,
    id: web::Path<Id>,
    body: Body<AgreementBody>,
) -> Result<impl Responder, Problem> {
    let change = move |tx: &mut Tx<'_>, actor: &Actor, version| {
        Ok((today(tx, actor), agreement::change(tx, actor, *id, version, body.value.terms()?)?))
    };
    call.change(change).await.map(tagged)
}

/// Records that a draft was signed, with the number it was given.
#[utoipa::path(tag = "agreements",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = SigningBody, responses((status = 200, body = AgreementDetailView)))]
#[post("/agreements/{id}/signing")]
pub(crate) async fn sign(call: Call, id: web::Path<Id>, body: Body<SigningBody>) -> Result<impl Responder, Problem> {
    let sign = move |tx: &mut Tx<'_>, actor: &Actor, version| {
        let (on, number) = (read(&body.value.on)?, read(&body.value.number)?);
        Ok((today(tx, actor), agreement::sign(tx, actor, *id, version, on, number)?))
    };
    call.change(sign).await.map(tagged)
}

/// Ends an agreement before its time; classes that run under it go on.
#[utoipa::path(tag = "agreements",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = TerminationBody, responses((status = 200, body = AgreementDetailView)))]
#[post("/agreements/{id}/termination")]
pub(crate) async fn terminate(
    call: Call,
    id: web::Path<Id>,
    body: Body<TerminationBody>,
) -> Result<impl Responder, Problem> {
    let terminate = move |tx: &mut Tx<'_>, actor: &Actor, version| {
        let (on, reason) = (read(&body.value.on)?, read(&body.value.reason)?);
        Ok((today(tx, actor), agreement::terminate(tx, actor, *id, version, on, reason)?))
    };
    call.change(terminate).await.map(tagged)
}

/// Keeps the signed paper, a PDF of 10 MB at most, in the place of what was kept of it.
#[utoipa::path(tag = "agreements",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body(content((FileBytes = "application/pdf"), (FileBytes = "application/octet-stream")),
        description = "The file's bytes."),
    responses((status = 200, body = AgreementDetailView)))]
#[put("/agreements/{id}/file")]
pub(crate) async fn keep_file(call: Call, id: web::Path<Id>, payload: web::Payload) -> Result<impl Responder, Problem> {
    let told = |code: &'static Code| call.problem(Error::new(code).fact("limit", agreement::FILE_BYTES));
    let bytes = payload.to_bytes_limited(RECEIVED).await.map_err(|_| told(&codes::AGREEMENT_FILE_FORMAT))?;
    let bytes = bytes.map_err(|_| call.problem(Error::new(&codes::INPUT_MALFORMED).fact("reason", "incomplete")))?;
    let keep = move |tx: &mut Tx<'_>, actor: &Actor, version| {
        Ok((today(tx, actor), agreement::keep_file(tx, actor, *id, version, &bytes)?))
    };
    call.change(keep).await.map(tagged)
}

/// The paper as it was brought.
#[utoipa::path(tag = "agreements", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/pdf", body = FileBytes)))]
#[get("/agreements/{id}/file")]
pub(crate) async fn file(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let bytes = call.read(move |tx, actor| agreement::file(tx, actor, *id)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/pdf"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"perjanjian.pdf\""))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes))
}
