//! Incidents: personal data that got lost or into wrong hands, and the notice of it.

use actix_web::{HttpResponse, Responder, get, patch, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::privacy::incident::{
    self, Concerned, DataKind, Incident, IncidentChange, IncidentState, NewIncident, Notice,
};
use vokasi_core::time::Instant;
use vokasi_core::values::Label;

use super::PageQuery;
use crate::body::{
    Body, Query, each_id, each_of, is_id, names_no_number, one_of, read, read_all, read_id, read_some, reads,
};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged, private};

/// Who is concerned, named in one of four ways.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"class": "0CZ5V9K3M7Q2C"}))]
pub(crate) struct ConcernedBody {
    /// These participants.
    #[validate(length(min = 1, max = 1000), custom(function = "each_id"))]
    participants: Option<Vec<String>>,
    /// Everyone of this school.
    #[validate(custom(function = "is_id"))]
    school: Option<String>,
    /// Everyone who is or was in this class.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Everyone of this cohort.
    #[validate(custom(function = "is_id"))]
    cohort: Option<String>,
}

impl ConcernedBody {
    fn concerned(&self) -> Result<Concerned> {
        match (&self.participants, &self.school, &self.class, &self.cohort) {
            (Some(people), None, None, None) => {
                Ok(Concerned::People(people.iter().map(|id| read_id(id)).collect::<Result<_>>()?))
            }
            (None, Some(school), None, None) => Ok(Concerned::School(read_id(school)?)),
            (None, None, Some(class), None) => Ok(Concerned::Class(read_id(class)?)),
            (None, None, None, Some(cohort)) => Ok(Concerned::Cohort(read_id(cohort)?)),
            _ => Err(Error::field("/concerned", &codes::INCIDENT_PEOPLE)),
        }
    }
}

/// An incident to record.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "found_at": "2025-07-21T01:00:00Z", "what": "Ponsel pengajar hilang dalam keadaan masuk ke Vokasi",
    "kinds": ["name", "schooling"], "concerned": {"class": "0CZ5V9K3M7Q2C"}
}))]
pub(crate) struct IncidentBody {
    /// When it happened, if that is known.
    #[validate(custom(function = "reads::<Instant>"))]
    #[schema(format = DateTime)]
    happened_at: Option<String>,
    /// When it was found: the clock of 72 hours runs from here.
    #[validate(custom(function = "reads::<Instant>"))]
    #[schema(required = true, format = DateTime)]
    found_at: String,
    /// What happened and how, without anybody's name.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    what: String,
    /// `name`, `identity_number`, `birth`, `contact`, `guardian`, `schooling`, `certificate`.
    #[validate(length(min = 1, max = 7), custom(function = "each_of::<DataKind>"))]
    #[schema(required = true)]
    kinds: Vec<String>,
    /// Who is concerned.
    #[validate(nested)]
    #[schema(required = true)]
    concerned: ConcernedBody,
    /// What is done about it.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    remedy: Option<String>,
}

impl IncidentBody {
    fn command(&self) -> Result<NewIncident> {
        Ok(NewIncident {
            happened_at: read_some(self.happened_at.as_ref())?,
            found_at: read(&self.found_at)?,
            what: read(&self.what)?,
            kinds: read_all(&self.kinds)?,
            concerned: self.concerned.concerned()?,
            remedy: read_some(self.remedy.as_ref())?,
        })
    }
}

/// A change of an incident; what is absent stays.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"remedy": "Semua masuk diakhiri dan kata sandi diganti", "agency_notified_on": "2025-07-22"}))]
pub(crate) struct IncidentChangeBody {
    /// When it happened, once that is known.
    #[validate(custom(function = "reads::<Instant>"))]
    #[schema(format = DateTime)]
    happened_at: Option<String>,
    /// What is done about it.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    remedy: Option<String>,
    /// The day on which the agency was told.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    agency_notified_on: Option<String>,
    /// The day on which the people were told.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    people_notified_on: Option<String>,
    /// `open` or `closed`.
    #[validate(custom(function = "one_of::<IncidentState>"))]
    state: Option<String>,
}

impl IncidentChangeBody {
    fn change(&self) -> Result<IncidentChange> {
        Ok(IncidentChange {
            happened_at: read_some(self.happened_at.as_ref())?,
            remedy: read_some(self.remedy.as_ref())?,
            agency_notified_on: read_some(self.agency_notified_on.as_ref())?,
            people_notified_on: read_some(self.people_notified_on.as_ref())?,
            state: read_some(self.state.as_ref())?,
        })
    }
}

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = Option<String>, format = DateTime)]
    happened_at: Option<Instant>,
    #[schema(value_type = String, format = DateTime)]
    found_at: Instant,
    #[schema(value_type = String)]
    what: Label,
    #[schema(value_type = Vec<String>)]
    kinds: Vec<DataKind>,
    #[schema(value_type = Option<String>)]
    remedy: Option<Label>,
    /// How many people are concerned.
    people: i32,
    /// `open` or `closed`.
    #[schema(value_type = String, example = "open")]
    state: IncidentState,
    /// When the notice must be out: 72 hours after it was found.
    #[schema(value_type = String, format = DateTime)]
    notice_due_at: Instant,
    /// Whether that time is over and somebody has not been told.
    overdue: bool,
    agency_notified_on: Option<NaiveDate>,
    people_notified_on: Option<NaiveDate>,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// The account that recorded it.
    #[schema(value_type = String)]
    recorded_by: Id,
}

impl IncidentView {
    fn at(now: Instant, incident: Incident) -> Self {
        Self {
            notice_due_at: incident.notice_due_at(),
            overdue: incident.is_overdue(now),
            id: incident.id,
            happened_at: incident.happened_at,
            found_at: incident.found_at,
            what: incident.what,
            kinds: incident.kinds,
            remedy: incident.remedy,
            people: incident.people,
            state: incident.state,
            agency_notified_on: incident.agency_notified_on,
            people_notified_on: incident.people_notified_on,
            recorded_at: incident.recorded_at,
            recorded_by: incident.recorded_by,
        }
    }
}

/// A page of incidents.
#[derive(Serialize, ToSchema)]
pub(crate) struct IncidentPage {
    items: Vec<IncidentView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// The draft of a notice, to be read before it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeView {
    /// In Indonesian, as it is sent.
    id: String,
    /// In English.
    en: String,
}

impl From<Notice> for NoticeView {
    fn from(draft: Notice) -> Self {
        Self { id: draft.id, en: draft.en }
    }
}

/// Incidents of the caller's province.
#[utoipa::path(tag = "incidents", params(PageQuery), responses((status = 200, body = IncidentPage)))]
#[get("/incidents")]
pub(crate) async fn list(call: Call, query: Query<PageQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let now = tx.now();
            Ok(incident::list(tx, actor, query.request()?)?.map(|one| IncidentView::at(now, one)))
        })
        .await?;
    Ok(Listed::from(page))
}

/// Records an incident; its notice is due 72 hours after it was found.
#[utoipa::path(tag = "incidents", request_body = IncidentBody, responses((status = 201, body = IncidentView)))]
#[post("/incidents")]
pub(crate) async fn report(call: Call, body: Body<IncidentBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = incident::report(tx, actor, value.command()?)?;
        let (address, version) = (format!("/api/v1/incidents/{}", made.id), made.version);
        Ok(Made::at(address, version, IncidentView::at(tx.now(), made)))
    })
    .await
}

/// One incident.
#[utoipa::path(tag = "incidents", params(("id" = String, Path)), responses((status = 200, body = IncidentView)))]
#[get("/incidents/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.read(move |tx, actor| {
        let found = incident::get(tx, actor, *id)?;
        Ok(Tagged::new(found.version, IncidentView::at(tx.now(), found)))
    })
    .await
}

/// Changes an incident: what is done about it, who was told when, and whether it is over.
#[utoipa::path(tag = "incidents", params(("id" = String, Path)), request_body = IncidentChangeBody,
    responses((status = 200, body = IncidentView)))]
#[patch("/incidents/{id}")]
pub(crate) async fn change(
    call: Call,
    id: web::Path<Id>,
    body: Body<IncidentChangeBody>,
) -> Result<impl Responder, Problem> {
    call.change(move |tx, actor, version| {
        let changed = incident::change(tx, actor, *id, version, body.value.change()?)?;
        Ok(Tagged::new(changed.version, IncidentView::at(tx.now(), changed)))
    })
    .await
}

/// The draft of the notice to the people and the agency, in both languages.
#[utoipa::path(tag = "incidents", params(("id" = String, Path)), responses((status = 200, body = NoticeView)))]
#[get("/incidents/{id}/notice")]
pub(crate) async fn notice(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let draft = call.snapshot(move |tx, actor| incident::notice(tx, actor, *id)).await?;
    Ok(private(&NoticeView::from(draft)))
}
