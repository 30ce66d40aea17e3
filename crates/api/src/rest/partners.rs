//! Partners: the institutions.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::partner::{self, DatedName, Head, NewPartner, Partner, PartnerFilter, PartnerKind, Renaming};
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, Npsn, PersonName, RegencyCode};

use super::{page_of, today};
use crate::body::{Body, Query, names_no_number, one_of, read, read_some, reads, short};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged};

/// Who signs for a partner.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"name": "Rohmat Wirya", "title": "Kepala UPTD BLK", "nip": "197805172005011003"}))]
pub(crate) struct HeadBody {
    /// The person's name.
    #[validate(custom(function = "reads::<PersonName>"))]
    name: String,
    /// The title under the signature.
    #[validate(custom(function = "reads::<Label>"))]
    title: String,
    /// A civil servant's number of 18 digits, if there is one.
    #[validate(custom(function = "short::<Label, 30>"), custom(function = "names_no_number"))]
    nip: Option<String>,
}

impl HeadBody {
    pub(super) fn head(self) -> Result<Head> {
        Ok(Head { name: read(&self.name)?, title: read(&self.title)?, nip: self.nip })
    }

    pub(super) fn of(name: Option<PersonName>, title: Option<Label>, nip: Option<String>) -> Option<Self> {
        Some(Self { name: name?.as_str().to_owned(), title: title?.as_str().to_owned(), nip })
    }
}

/// A partner to enter.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "kind": "school_smk", "name": "SMKN 1 Way Harapan", "regency": "18.07", "npsn": "10809001",
    "state_owned": true, "valid_from": "2020-07-01",
    "head": {"name": "Rohmat Wirya", "title": "Kepala Sekolah", "nip": "197805172005011003"}
}))]
pub(crate) struct PartnerBody {
    /// `school_sma`, `school_smk`, `school_ma`, `blk`, `lpk`, `lkp`, `university_unit`, `agricultural_center`,
    /// `polytechnic` or `government_office`.
    #[validate(custom(function = "one_of::<PartnerKind>"))]
    #[schema(required = true)]
    kind: String,
    /// Its name.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    name: String,
    /// Kemendagri code of the regency or city it stands in.
    #[validate(custom(function = "reads::<RegencyCode>"))]
    #[schema(required = true)]
    regency: String,
    /// Its national number.
    #[validate(custom(function = "reads::<Npsn>"))]
    npsn: Option<String>,
    /// Its Vocational Identification Number.
    #[validate(custom(function = "reads::<Label>"))]
    vin: Option<String>,
    /// Whether the state owns it.
    state_owned: bool,
    /// Who signs for it.
    #[validate(nested)]
    head: Option<HeadBody>,
    /// From when the name, kind and head are valid; today when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    valid_from: Option<String>,
}

impl PartnerBody {
    fn command(self, today: NaiveDate) -> Result<NewPartner> {
        Ok(NewPartner {
            kind: read(&self.kind)?,
            name: read(&self.name)?,
            regency: read(&self.regency)?,
            npsn: read_some(self.npsn.as_ref())?,
            vin: read_some(self.vin.as_ref())?,
            state_owned: self.state_owned,
            head: self.head.map(HeadBody::head).transpose()?,
            valid_from: read_some(self.valid_from.as_ref())?.unwrap_or(today),
        })
    }
}

/// A new name, kind or head from a day on.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "kind": "blk", "name": "UPTP BPVP Bandar Lampung", "valid_from": "2026-01-01",
    "head": {"name": "Rohmat Wirya", "title": "Kepala"}
}))]
pub(crate) struct RenamingBody {
    /// The kind from that day on.
    #[validate(custom(function = "one_of::<PartnerKind>"))]
    #[schema(required = true)]
    kind: String,
    /// The name from that day on.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    name: String,
    /// The head from that day on.
    #[validate(nested)]
    head: Option<HeadBody>,
    /// The first day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    valid_from: String,
}

impl RenamingBody {
    fn command(self) -> Result<Renaming> {
        Ok(Renaming {
            kind: read(&self.kind)?,
            name: read(&self.name)?,
            head: self.head.map(HeadBody::head).transpose()?,
            valid_from: read(&self.valid_from)?,
        })
    }
}

/// A partner.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartnerView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2A")]
    id: Id,
    #[schema(value_type = String, example = "school_smk")]
    kind: PartnerKind,
    #[schema(value_type = String, example = "SMKN 1 Way Harapan")]
    name: Label,
    /// Kemendagri code.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    regency_name: String,
    #[schema(value_type = Option<String>, example = "10809001")]
    npsn: Option<Npsn>,
    #[schema(value_type = Option<String>)]
    vin: Option<Label>,
    state_owned: bool,
    head: Option<HeadBody>,
    /// Since when name, kind and head are so.
    valid_from: NaiveDate,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
}

impl From<Partner> for PartnerView {
    fn from(partner: Partner) -> Self {
        Self {
            id: partner.id,
            kind: partner.kind,
            name: partner.name,
            regency_name: partner.regency_code.full_name(),
            regency: partner.regency_code,
            npsn: partner.npsn,
            vin: partner.vin,
            state_owned: partner.state_owned,
            head: HeadBody::of(partner.head_name, partner.head_title, partner.head_nip),
            valid_from: partner.named_from,
            updated_at: partner.updated_at,
        }
    }
}

/// A page of partners.
#[derive(Serialize, ToSchema)]
pub(crate) struct PartnerPage {
    items: Vec<PartnerView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// What a partner was called from a day on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatedNameView {
    valid_from: NaiveDate,
    #[schema(value_type = String, example = "blk")]
    kind: PartnerKind,
    #[schema(value_type = String)]
    name: Label,
    head: Option<HeadBody>,
}

impl From<DatedName> for DatedNameView {
    fn from(name: DatedName) -> Self {
        Self {
            valid_from: name.valid_from,
            kind: name.kind,
            name: name.name,
            head: HeadBody::of(name.head_name, name.head_title, name.head_nip),
        }
    }
}

/// Which partners.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PartnerQuery {
    /// Only this kind.
    #[validate(custom(function = "one_of::<PartnerKind>"))]
    kind: Option<String>,
    /// Only in this regency.
    #[validate(custom(function = "reads::<RegencyCode>"))]
    regency: Option<String>,
    /// Only names that begin with this.
    #[validate(custom(function = "reads::<Label>"))]
    name: Option<String>,
    /// Only the one with this number.
    #[validate(custom(function = "reads::<Npsn>"))]
    npsn: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl PartnerQuery {
    fn filter(&self) -> Result<PartnerFilter> {
        Ok(PartnerFilter {
            kind: read_some(self.kind.as_ref())?,
            regency: read_some(self.regency.as_ref())?,
            name: self.name.clone(),
            npsn: read_some(self.npsn.as_ref())?,
        })
    }
}

/// Partners of the caller's province.
#[utoipa::path(tag = "partners", params(PartnerQuery), responses((status = 200, body = PartnerPage)))]
#[get("/partners")]
pub(crate) async fn list(call: Call, query: Query<PartnerQuery>) -> Result<impl Responder, Problem> {
    let page = call.read(move |tx, actor| partner::list(tx, actor, &query.filter()?, page_of!(query)?)).await?;
    Ok(Listed::from(page.map(PartnerView::from)))
}

/// Enters a partner.
#[utoipa::path(tag = "partners", request_body = PartnerBody, responses((status = 201, body = PartnerView)))]
#[post("/partners")]
pub(crate) async fn create(call: Call, body: Body<PartnerBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = partner::create(tx, actor, value.command(today(tx, actor))?)?;
        Ok(Made::at(format!("/api/v1/partners/{}", made.id), made.version, PartnerView::from(made)))
    })
    .await
}

/// One partner.
#[utoipa::path(tag = "partners", params(("id" = String, Path)), responses((status = 200, body = PartnerView)))]
#[get("/partners/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let found = call.read(move |tx, actor| partner::get(tx, actor, *id)).await?;
    Ok(Tagged::new(found.version, PartnerView::from(found)))
}

/// Every name the partner has had, oldest first.
#[utoipa::path(tag = "partners", params(("id" = String, Path)), responses((status = 200, body = Vec<DatedNameView>)))]
#[get("/partners/{id}/names")]
pub(crate) async fn names(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let dated = call.snapshot(move |tx, actor| partner::names(tx, actor, *id)).await?;
    Ok(web::Json(dated.into_iter().map(DatedNameView::from).collect::<Vec<_>>()))
}

/// Gives a partner a new name, kind or head from a day on.
#[utoipa::path(tag = "partners",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = RenamingBody, responses((status = 200, body = PartnerView)))]
#[post("/partners/{id}/names")]
pub(crate) async fn rename(call: Call, id: web::Path<Id>, body: Body<RenamingBody>) -> Result<impl Responder, Problem> {
    let renamed =
        call.change(move |tx, actor, version| partner::rename(tx, actor, *id, version, body.value.command()?)).await?;
    Ok(Tagged::new(renamed.version, PartnerView::from(renamed)))
}
