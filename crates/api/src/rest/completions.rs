//! Completions: the decision on an enrollment, as a list of requirements met and unmet.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::completion::{self, Completion, Evidence, Outcome, Prospect, Requirement, RequirementKind};
use vokasi_core::enrollment::EnrollmentState;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::program::Bilingual;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, PersonName, Score};

use super::attendance::RateView;
use super::programs::BilingualBody;
use crate::body::{Body, each_id, names_no_number, read_id, read_some, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Made, private};

/// Whom to decide on.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"enrollments": ["0CZ5V9K3M7Q2H"]}))]
pub(crate) struct DecisionBody {
    /// Only these enrollments; everyone who is active when nothing is said.
    #[validate(length(min = 1, max = 500), custom(function = "each_id"))]
    enrollments: Option<Vec<String>>,
    /// Why the province lets those named complete whatever is unmet.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    override_reason: Option<String>,
}

impl DecisionBody {
    fn named(&self) -> Result<Option<Vec<Id>>> {
        self.enrollments.as_ref().map(|ids| ids.iter().map(|id| read_id(id)).collect()).transpose()
    }
}

/// One requirement.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "kind": "component", "subject": "knowledge", "required": "60", "actual": "72.5", "met": true
}))]
pub(crate) struct RequirementView {
    /// `attendance` (per cent of lesson hours held), `component`, `final_score` or `external_exam`.
    #[schema(value_type = String)]
    kind: RequirementKind,
    /// The component or exam, where there are several.
    subject: Option<String>,
    required: String,
    /// What is there; absent while it is unknown.
    actual: Option<String>,
    met: bool,
}

impl From<Requirement> for RequirementView {
    fn from(requirement: Requirement) -> Self {
        Self {
            kind: requirement.kind,
            subject: requirement.subject,
            required: requirement.required,
            actual: requirement.actual,
            met: requirement.met,
        }
    }
}

/// What a decision rests on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvidenceView {
    /// Whether every requirement is met.
    met: bool,
    requirements: Vec<RequirementView>,
    attendance: RateView,
    /// The weighted final score, once every component has a score.
    #[schema(value_type = Option<String>, example = "78.35")]
    final_score: Option<Score>,
    /// The word for it.
    #[schema(value_type = Option<BilingualBody>)]
    predicate: Option<Bilingual>,
}

impl From<Evidence> for EvidenceView {
    fn from(evidence: Evidence) -> Self {
        Self {
            met: evidence.met(),
            requirements: evidence.requirements.into_iter().map(RequirementView::from).collect(),
            attendance: evidence.attendance.into(),
            final_score: evidence.final_score,
            predicate: evidence.predicate,
        }
    }
}

/// A decision and what it rested on, frozen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompletionView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2M")]
    id: Id,
    #[schema(value_type = String)]
    enrollment: Id,
    /// `completed` or `not_completed`.
    #[schema(value_type = String, example = "completed")]
    outcome: Outcome,
    /// The day in the province.
    decided_on: NaiveDate,
    #[schema(value_type = String, format = DateTime)]
    decided_at: Instant,
    /// The account that decided.
    #[schema(value_type = String)]
    decided_by: Id,
    /// Why the province let it pass.
    #[schema(value_type = Option<String>)]
    override_reason: Option<Label>,
    evidence: EvidenceView,
}

impl From<Completion> for CompletionView {
    fn from(completion: Completion) -> Self {
        Self {
            id: completion.id,
            enrollment: completion.enrollment_id,
            outcome: completion.outcome,
            decided_on: completion.decided_on,
            decided_at: completion.decided_at,
            decided_by: completion.decided_by,
            override_reason: completion.override_reason,
            evidence: completion.evidence.into(),
        }
    }
}

/// How one person stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProspectView {
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    #[schema(value_type = String, example = "active")]
    state: EnrollmentState,
    /// How it looks at this moment; absent once it is decided.
    evidence: Option<EvidenceView>,
    /// The decision, once there is one.
    decision: Option<CompletionView>,
}

impl From<Prospect> for ProspectView {
    fn from(prospect: Prospect) -> Self {
        let open = prospect.decided.is_none();
        Self {
            enrollment: prospect.enrolled.enrollment.id,
            name: prospect.enrolled.name,
            state: prospect.enrolled.enrollment.state,
            evidence: open.then(|| prospect.evidence.into()),
            decision: prospect.decided.map(CompletionView::from),
        }
    }
}

fn views(prospects: Vec<Prospect>) -> Vec<ProspectView> {
    prospects.into_iter().map(ProspectView::from).collect()
}

/// How everyone of a class stands, by name: requirements met and unmet, and the decision once there is one.
#[utoipa::path(tag = "completions", params(("id" = String, Path)),
    responses((status = 200, body = Vec<ProspectView>)))]
#[get("/classes/{id}/completions")]
pub(crate) async fn list(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let prospects = call.snapshot(move |tx, actor| completion::preview(tx, actor, *id)).await?;
    Ok(private(&views(prospects)))
}

/// Decides on everyone of a class who is active, or on those named, and freezes what it rests on.
#[utoipa::path(tag = "completions",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    request_body = DecisionBody, responses((status = 200, body = Vec<ProspectView>)))]
#[post("/classes/{id}/completions")]
pub(crate) async fn decide(call: Call, id: web::Path<Id>, body: Body<DecisionBody>) -> Result<HttpResponse, Problem> {
    let Body { value, sha256 } = body;
    call.create(&sha256, move |tx, actor| {
        let (named, reason) = (value.named()?, read_some(value.override_reason.as_ref())?);
        Ok(Made::done(views(completion::decide(tx, actor, *id, named.as_deref(), reason)?)))
    })
    .await
}

/// The decision on one enrollment.
#[utoipa::path(tag = "completions", params(("id" = String, Path)), responses((status = 200, body = CompletionView)))]
#[get("/enrollments/{id}/completion")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let found = call.snapshot(move |tx, actor| completion::of(tx, actor, *id)).await?;
    Ok(private(&CompletionView::from(found)))
}
