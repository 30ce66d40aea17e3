//! What people ask about their own data: a work list with a clock of 72 hours.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::consent::{Giver, Purpose};
use vokasi_core::db::Tx;
use vokasi_core::error::Result;
use vokasi_core::hold::{Hold, WhyHeld};
use vokasi_core::id::Id;
use vokasi_core::privacy::{
    self, Decision, Ground, NewRequest, PersonRequest, RequestFilter, RequestKind, RequestState, Verdict,
};
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, PersonName};

use super::page_of;
use crate::body::{Body, Query, is_id, one_of, read, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged, private};

/// A request to enter.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "kind": "correction", "asked_by": "mother", "asker_name": "Sri Wahyuni",
    "wish": "Tanggal lahir seharusnya 17 Agustus 2007", "received_at": "2025-07-21T01:00:00Z"
}))]
pub(crate) struct PersonRequestBody {
    /// `access`, `correction`, `erasure`, `suspension`, `resumption` or `withdrawal`.
    #[validate(custom(function = "one_of::<RequestKind>"))]
    #[schema(required = true)]
    kind: String,
    /// For a withdrawal: `training`, `placement` or `publication`.
    #[validate(custom(function = "one_of::<Purpose>"))]
    purpose: Option<String>,
    /// For a suspension: the day on which it ends, if one was named.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    until: Option<String>,
    /// `participant`, or `father`, `mother` or `guardian` of a minor.
    #[validate(custom(function = "one_of::<Giver>"))]
    #[schema(required = true)]
    asked_by: String,
    /// The asker's name.
    #[validate(custom(function = "reads::<PersonName>"))]
    #[schema(required = true)]
    asker_name: String,
    /// What was said, such as what is to be corrected.
    #[validate(custom(function = "reads::<Label>"))]
    wish: Option<String>,
    /// When it was received: the clock runs from here; now when nothing is said.
    #[validate(custom(function = "reads::<Instant>"))]
    #[schema(format = DateTime)]
    received_at: Option<String>,
}

impl PersonRequestBody {
    fn command(&self, participant: Id) -> Result<NewRequest> {
        Ok(NewRequest {
            participant,
            kind: read(&self.kind)?,
            purpose: read_some(self.purpose.as_ref())?,
            until: read_some(self.until.as_ref())?,
            asked_by: read(&self.asked_by)?,
            asker_name: read(&self.asker_name)?,
            wish: read_some(self.wish.as_ref())?,
            received_at: read_some(self.received_at.as_ref())?,
        })
    }
}

/// What the office decides.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"verdict": "done", "answer": "Tanggal lahir sudah diperbaiki."}))]
pub(crate) struct RequestDecisionBody {
    /// `done` or `refused`.
    #[validate(custom(function = "one_of::<Verdict>"))]
    #[schema(required = true)]
    verdict: String,
    /// Of a refusal, and needed there: `identity_unproven`, `endangers_someone`, `shows_others`, `state_security`,
    /// `law_enforcement`, `public_duty` or `research`, as the kind of request allows.
    #[validate(custom(function = "one_of::<Ground>"))]
    ground: Option<String>,
    /// What the person is told.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    answer: String,
}

impl RequestDecisionBody {
    fn decision(&self) -> Result<Decision> {
        Ok(Decision {
            verdict: read(&self.verdict)?,
            ground: read_some(self.ground.as_ref())?,
            answer: read(&self.answer)?,
        })
    }
}

/// A request about a person's own data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonRequestView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String)]
    participant: Id,
    #[schema(value_type = String, example = "correction")]
    kind: RequestKind,
    /// For a withdrawal: of which consent.
    #[schema(value_type = Option<String>)]
    purpose: Option<Purpose>,
    /// For a suspension: the day on which it ends.
    until: Option<NaiveDate>,
    #[schema(value_type = String, example = "mother")]
    asked_by: Giver,
    #[schema(value_type = String, example = "Sri Wahyuni")]
    asker_name: PersonName,
    #[schema(value_type = Option<String>)]
    wish: Option<Label>,
    #[schema(value_type = String, format = DateTime)]
    received_at: Instant,
    /// When it must be answered: 72 hours after it was received.
    #[schema(value_type = String, format = DateTime)]
    due_at: Instant,
    /// Whether that time is over and it is still open.
    overdue: bool,
    /// `open`, `done` or `refused`.
    #[schema(value_type = String, example = "open")]
    state: RequestState,
    /// The legal ground of a refusal.
    #[schema(value_type = Option<String>)]
    ground: Option<Ground>,
    /// What the person was told.
    answer: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Instant>,
    /// The account that decided.
    #[schema(value_type = Option<String>)]
    decided_by: Option<Id>,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// The account that entered it.
    #[schema(value_type = String)]
    recorded_by: Id,
}

impl PersonRequestView {
    pub(super) fn of(tx: &Tx<'_>, request: &PersonRequest) -> Result<Self> {
        let asker = request.asker(tx)?;
        Ok(Self {
            id: request.id,
            participant: request.participant_id,
            kind: request.kind,
            purpose: request.purpose,
            until: request.until,
            asked_by: request.asked_by,
            asker_name: asker.name,
            wish: asker.wish,
            received_at: request.received_at,
            due_at: request.due_at(),
            overdue: request.is_overdue(tx.now()),
            state: request.state,
            ground: request.ground,
            answer: request.answer(tx)?,
            decided_at: request.decided_at,
            decided_by: request.decided_by,
            recorded_at: request.recorded_at,
            recorded_by: request.recorded_by,
        })
    }
}

/// A page of the work list.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonRequestPage {
    items: Vec<PersonRequestView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// A stop to the processing of a person's data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldView {
    #[schema(value_type = String)]
    id: Id,
    /// `suspension`, `withdrawal` or `erasure`.
    #[schema(value_type = String, example = "suspension")]
    why: WhyHeld,
    since: NaiveDate,
    /// The day on which it holds no more; absent while no end is known.
    until: Option<NaiveDate>,
}

impl From<Hold> for HoldView {
    fn from(hold: Hold) -> Self {
        Self { id: hold.id, why: hold.why, since: hold.since, until: hold.until }
    }
}

/// Which requests.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PersonRequestQuery {
    /// Only in this state.
    #[validate(custom(function = "one_of::<RequestState>"))]
    state: Option<String>,
    /// Only of this participant.
    #[validate(custom(function = "is_id"))]
    participant: Option<String>,
    /// Only open ones whose time is over.
    overdue: Option<bool>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl PersonRequestQuery {
    fn filter(&self) -> Result<RequestFilter> {
        Ok(RequestFilter {
            state: read_some(self.state.as_ref())?,
            participant: read_some_id(self.participant.as_ref())?,
            overdue: self.overdue.unwrap_or_default(),
        })
    }
}

/// The work list of the caller's scope; what is due first stands first.
#[utoipa::path(tag = "person-requests", params(PersonRequestQuery),
    responses((status = 200, body = PersonRequestPage)))]
#[get("/person-requests")]
pub(crate) async fn list(call: Call, query: Query<PersonRequestQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .snapshot(move |tx, actor| {
            let page = privacy::list(tx, actor, query.filter()?, page_of!(query)?)?;
            page.try_map(|request| PersonRequestView::of(tx, &request))
        })
        .await?;
    Ok(Listed::from(page))
}

/// Enters what a person, or the guardian of a minor, asks.
#[utoipa::path(tag = "person-requests", params(("id" = String, Path)), request_body = PersonRequestBody,
    responses((status = 201, body = PersonRequestView)))]
#[post("/participants/{id}/person-requests")]
pub(crate) async fn enter(
    call: Call,
    id: web::Path<Id>,
    body: Body<PersonRequestBody>,
) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let entered = privacy::enter(tx, actor, value.command(*id)?)?;
        let address = format!("/api/v1/person-requests/{}", entered.id);
        Ok(Made::at(address, entered.version, PersonRequestView::of(tx, &entered)?))
    })
    .await
}

/// One request.
#[utoipa::path(tag = "person-requests", params(("id" = String, Path)),
    responses((status = 200, body = PersonRequestView)))]
#[get("/person-requests/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.read(move |tx, actor| {
        let found = privacy::get(tx, actor, *id)?;
        Ok(Tagged::new(found.version, PersonRequestView::of(tx, &found)?))
    })
    .await
}

/// Decides on a request. A suspension, its end, a withdrawal and an erasure happen with it.
#[utoipa::path(tag = "person-requests",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = RequestDecisionBody, responses((status = 200, body = PersonRequestView)))]
#[post("/person-requests/{id}/decision")]
pub(crate) async fn decide(
    call: Call,
    id: web::Path<Id>,
    body: Body<RequestDecisionBody>,
) -> Result<impl Responder, Problem> {
    call.change(move |tx, actor, version| {
        let decided = privacy::decide(tx, actor, *id, version, &body.value.decision()?)?;
        Ok(Tagged::new(decided.version, PersonRequestView::of(tx, &decided)?))
    })
    .await
}

/// Every hold on a person's data, oldest first.
#[utoipa::path(tag = "person-requests", params(("id" = String, Path)), responses((status = 200, body = Vec<HoldView>)))]
#[get("/participants/{id}/holds")]
pub(crate) async fn holds(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let all = call.snapshot(move |tx, actor| privacy::holds(tx, actor, *id)).await?;
    Ok(private(&all.into_iter().map(HoldView::from).collect::<Vec<_>>()))
}
