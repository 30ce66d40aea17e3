//! Consents: provable permission to process personal data.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::consent::{self, Consent, ConsentMethod, DueConsent, Giver, NewConsent, Purpose};
use vokasi_core::db::Tx;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::privacy;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, PersonName};

use super::PageQuery;
use crate::body::{Body, Query, one_of, read, reads, short};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged, private};

/// A consent to record.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "purpose": "training", "text_version": "2025-07", "given_by": "mother", "giver_name": "Sri Wahyuni",
    "method": "paper", "given_on": "2025-07-18"
}))]
pub(crate) struct ConsentBody {
    /// `training`, `placement` or `publication`; each is asked for by itself.
    #[validate(custom(function = "one_of::<Purpose>"))]
    #[schema(required = true)]
    purpose: String,
    /// Which version of the text for the purpose was agreed to; `GET /consent-texts` lists them.
    #[validate(custom(function = "short::<Label, 50>"))]
    #[schema(required = true)]
    text_version: String,
    /// `participant` from the 18th birthday on, before it `father`, `mother` or `guardian`.
    #[validate(custom(function = "one_of::<Giver>"))]
    #[schema(required = true)]
    given_by: String,
    /// The giver's name.
    #[validate(custom(function = "reads::<PersonName>"))]
    #[schema(required = true)]
    giver_name: String,
    /// `paper`, `electronic` or `recorded`.
    #[validate(custom(function = "one_of::<ConsentMethod>"))]
    #[schema(required = true)]
    method: String,
    /// When it was given.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    given_on: String,
}

impl ConsentBody {
    fn command(&self, participant: Id) -> Result<NewConsent> {
        Ok(NewConsent {
            participant,
            purpose: read(&self.purpose)?,
            text_version: read(&self.text_version)?,
            given_by: read(&self.given_by)?,
            giver_name: read(&self.giver_name)?,
            method: read(&self.method)?,
            given_on: read(&self.given_on)?,
        })
    }
}

/// A consent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2E")]
    id: Id,
    #[schema(value_type = String)]
    participant: Id,
    #[schema(value_type = String, example = "training")]
    purpose: Purpose,
    #[schema(value_type = String, example = "2025-07")]
    text_version: Label,
    #[schema(value_type = String, example = "mother")]
    given_by: Giver,
    #[schema(value_type = String, example = "Sri Wahyuni")]
    giver_name: PersonName,
    #[schema(value_type = String, example = "paper")]
    method: ConsentMethod,
    given_on: NaiveDate,
    /// When it ended; absent while it holds.
    withdrawn_on: Option<NaiveDate>,
    /// The participant's own consent that took its place, where it was not withdrawn.
    #[schema(value_type = Option<String>)]
    replaced_by: Option<Id>,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// The account that recorded it.
    #[schema(value_type = String)]
    recorded_by: Id,
}

impl ConsentView {
    pub(super) fn of(tx: &Tx<'_>, consent: Consent) -> Result<Self> {
        Ok(Self {
            giver_name: consent.giver_name(tx)?,
            id: consent.id,
            participant: consent.participant_id,
            purpose: consent.purpose,
            text_version: consent.text_version,
            given_by: consent.given_by,
            method: consent.method,
            given_on: consent.given_on,
            withdrawn_on: consent.withdrawn_on,
            replaced_by: consent.replaced_by,
            recorded_at: consent.recorded_at,
            recorded_by: consent.recorded_by,
        })
    }
}

/// A person who came of age while a guardian's consent holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DueConsentView {
    /// The guardian's consent.
    #[schema(value_type = String)]
    consent: Id,
    #[schema(value_type = String, example = "training")]
    purpose: Purpose,
    #[schema(value_type = String)]
    participant: Id,
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    /// The 18th birthday.
    of_age_on: NaiveDate,
    /// The last day on which the guardian's consent stands.
    due_on: NaiveDate,
    /// Whether that day is over; no new step is taken for the person then.
    overdue: bool,
}

impl From<DueConsent> for DueConsentView {
    fn from(one: DueConsent) -> Self {
        Self {
            consent: one.consent.id,
            purpose: one.consent.purpose,
            participant: one.consent.participant_id,
            name: one.name,
            of_age_on: one.of_age_on,
            due_on: one.due_on,
            overdue: one.overdue,
        }
    }
}

/// A page of people to ask again.
#[derive(Serialize, ToSchema)]
pub(crate) struct DueConsentPage {
    items: Vec<DueConsentView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// People who came of age and have not given a consent of their own yet.
#[utoipa::path(tag = "consents", params(PageQuery), responses((status = 200, body = DueConsentPage)))]
#[get("/consents/due")]
pub(crate) async fn due(call: Call, query: Query<PageQuery>) -> Result<impl Responder, Problem> {
    let page = call.read(move |tx, actor| consent::due(tx, actor, query.request()?)).await?;
    Ok(Listed::from(page.map(DueConsentView::from)))
}

/// Every consent of a participant, oldest first.
#[utoipa::path(tag = "consents", params(("id" = String, Path)), responses((status = 200, body = Vec<ConsentView>)))]
#[get("/participants/{id}/consents")]
pub(crate) async fn list(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let all = call
        .write(move |tx, actor| {
            let all = consent::of(tx, actor, *id)?;
            all.into_iter().map(|one| ConsentView::of(tx, one)).collect::<Result<Vec<_>>>()
        })
        .await?;
    Ok(private(&all))
}

/// Records a consent; for a minor it is a parent's or guardian's.
#[utoipa::path(tag = "consents", params(("id" = String, Path)), request_body = ConsentBody,
    responses((status = 201, body = ConsentView)))]
#[post("/participants/{id}/consents")]
pub(crate) async fn give(call: Call, id: web::Path<Id>, body: Body<ConsentBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let given = consent::give(tx, actor, value.command(*id)?)?;
        let (address, version) = (format!("/api/v1/consents/{}", given.id), given.version);
        Ok(Made::at(address, version, ConsentView::of(tx, given)?))
    })
    .await
}

/// One consent.
#[utoipa::path(tag = "consents", params(("id" = String, Path)), responses((status = 200, body = ConsentView)))]
#[get("/consents/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.write(move |tx, actor| {
        let found = consent::get(tx, actor, *id)?;
        Ok(Tagged::new(found.version, ConsentView::of(tx, found)?))
    })
    .await
}

/// Withdraws a consent; the record of it stays. Without one for training the person's data are on hold.
#[utoipa::path(tag = "consents",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    responses((status = 200, body = ConsentView)))]
#[post("/consents/{id}/withdrawal")]
pub(crate) async fn withdraw(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.change(move |tx, actor, version| {
        let withdrawn = privacy::withdraw_consent(tx, actor, *id, version)?;
        Ok(Tagged::new(withdrawn.version, ConsentView::of(tx, withdrawn)?))
    })
    .await
}
