//! Completions: the decision on an enrollment, as a list of requirements met and unmet.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::Actor;
use vokasi_core::completion::{
    self, Completion, Evidence, Missing, Outcome, Prospect, ProspectFilter, Reopened, Requirement, RequirementKind,
};
use vokasi_core::db::Tx;
use vokasi_core::enrollment::EnrollmentState;
use vokasi_core::error::{Language, Result};
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Bilingual, Label, LessonHours, PersonName, Score};

use super::attendance::RateView;
use super::page_of;
use super::programs::BilingualBody;
use super::timetables::WarningView;
use crate::body::{Body, Query, each_id, is_id, names_no_number, read, read_id, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged, private};

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
    /// Doubts that a person has looked at and confirmed, by their codes.
    confirm: Vec<String>,
}

impl DecisionBody {
    fn named(&self) -> Result<Option<Vec<Id>>> {
        self.enrollments.as_ref().map(|ids| ids.iter().map(|id| read_id(id)).collect()).transpose()
    }
}

/// One requirement.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "kind": "component", "subject": "knowledge", "required": "60", "actual": "72.5", "met": true,
    "rows": ["0CZ5V9K3M7Q2K"]
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
    /// The scores or the exam result that were counted; of attendance every mark of the enrollment is.
    #[schema(value_type = Vec<String>)]
    rows: Vec<Id>,
}

impl From<Requirement> for RequirementView {
    fn from(requirement: Requirement) -> Self {
        Self {
            kind: requirement.kind,
            subject: requirement.subject,
            required: requirement.required,
            actual: requirement.actual,
            met: requirement.met,
            rows: requirement.rows,
        }
    }
}

/// What a requirement that is not met is missing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"kind": "attendance", "subject": null, "enough": "12", "retest_to": null, "coming": 40}))]
pub(crate) struct MissingView {
    /// `attendance`, `component`, `final_score` or `external_exam`.
    #[schema(value_type = String)]
    kind: RequirementKind,
    /// The component or exam, where there are several.
    subject: Option<String>,
    /// What would be enough: lesson hours still to attend, points in the component, for `final_score` points in each
    /// component that has no score yet, the level of the exam. Absent when neither the sessions that are to come nor the
    /// components that have no score can bring it.
    enough: Option<String>,
    /// For `final_score` when only a component that is taken once more can bring it: the final score that is wanted.
    retest_to: Option<String>,
    /// Lesson hours of the sessions that are still to come, for `attendance`.
    coming: Option<LessonHours>,
}

impl From<Missing> for MissingView {
    fn from(missing: Missing) -> Self {
        let Missing { kind, subject, enough, retest_to, coming } = missing;
        Self { kind, subject, enough, retest_to, coming }
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
    /// Doubts that whoever decided has confirmed, by their codes.
    #[schema(example = json!(["completion.hours_to_come"]))]
    confirmed: Vec<String>,
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
            confirmed: completion.evidence.confirmed.clone(),
            evidence: completion.evidence.into(),
        }
    }
}

/// How one person stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProspectView {
    #[schema(value_type = String)]
    enrollment: Id,
    /// The class where the person is.
    #[schema(value_type = Option<String>)]
    class: Option<Id>,
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    #[schema(value_type = String, example = "active")]
    state: EnrollmentState,
    /// How it looks at this moment; absent once it is decided.
    evidence: Option<EvidenceView>,
    /// What is missing for each requirement that is not met; absent once it is decided.
    missing: Option<Vec<MissingView>>,
    /// What has to be confirmed before a decision; absent once it is decided.
    doubts: Option<Vec<WarningView>>,
    /// The decision, once there is one.
    decision: Option<CompletionView>,
    /// Whether marks, scores or results have changed since the decision, so that it would rest on something else now.
    differs: bool,
}

impl ProspectView {
    fn of(prospect: Prospect, language: Language) -> Self {
        let open = prospect.decided.is_none();
        let doubts = || prospect.doubts.iter().map(|doubt| WarningView::of(doubt, language)).collect();
        Self {
            differs: prospect.differs(),
            doubts: open.then(doubts),
            enrollment: prospect.enrolled.enrollment.id,
            class: prospect.enrolled.enrollment.class_id,
            name: prospect.enrolled.name,
            state: prospect.enrolled.enrollment.state,
            evidence: open.then(|| prospect.evidence.into()),
            missing: open.then(|| prospect.missing.into_iter().map(MissingView::from).collect()),
            decision: prospect.decided.map(CompletionView::from),
        }
    }
}

/// A page of how people of a cohort stand.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProspectPage {
    items: Vec<ProspectView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Whom of a cohort to look at.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProspectQuery {
    /// Only people of this class.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Only people who are not decided on, and who meet every requirement (`true`) or do not (`false`). It thins out a
    /// page, which may be empty and still have a next one.
    ready: Option<bool>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// People on the page before they are thinned out, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// A decision that was opened again, as it was.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReopenedView {
    decision: CompletionView,
    #[schema(value_type = String, format = DateTime)]
    reopened_at: Instant,
    /// The account that opened it again.
    #[schema(value_type = String)]
    reopened_by: Id,
    #[schema(value_type = String, example = "Nilai praktik keliru dicatat")]
    reason: Label,
}

impl From<Reopened> for ReopenedView {
    fn from(reopened: Reopened) -> Self {
        let Reopened { decision, reopened_at, reopened_by, reason } = reopened;
        Self { decision: decision.into(), reopened_at, reopened_by, reason }
    }
}

/// Everything that was decided on an enrollment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChainView {
    /// The decision in force; absent before the first one and while one is open again.
    decision: Option<CompletionView>,
    /// What was decided before and opened again, oldest first.
    reopened: Vec<ReopenedView>,
}

impl ChainView {
    fn of(tx: &mut Tx<'_>, actor: &Actor, enrollment: Id) -> Result<Self> {
        let (reopened, decision) = completion::chain(tx, actor, enrollment)?;
        let reopened = reopened.into_iter().map(ReopenedView::from).collect();
        Ok(Self { decision: decision.map(CompletionView::from), reopened })
    }
}

/// Why a decision is opened again.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"reason": "Nilai praktik keliru dicatat"}))]
pub(crate) struct ReopeningBody {
    /// Why, at most 500 characters.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
}

fn views(prospects: Vec<Prospect>, language: Language) -> Vec<ProspectView> {
    prospects.into_iter().map(|prospect| ProspectView::of(prospect, language)).collect()
}

/// How everyone of a class stands, by name: requirements met and unmet, and the decision once there is one.
#[utoipa::path(tag = "completions", params(("id" = String, Path)),
    responses((status = 200, body = Vec<ProspectView>)))]
#[get("/classes/{id}/completions")]
pub(crate) async fn list(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let language = call.language;
    let prospects = call.snapshot(move |tx, actor| completion::preview(tx, actor, *id)).await?;
    Ok(private(&views(prospects, language)))
}

/// How the people of a cohort stand who have a seat or were decided on, in order of registration.
#[utoipa::path(tag = "completions", params(("id" = String, Path), ProspectQuery),
    responses((status = 200, body = ProspectPage)))]
#[get("/cohorts/{id}/completions")]
pub(crate) async fn of_cohort(
    call: Call,
    id: web::Path<Id>,
    query: Query<ProspectQuery>,
) -> Result<impl Responder, Problem> {
    let language = call.language;
    let page = call
        .snapshot(move |tx, actor| {
            let filter = ProspectFilter { class: read_some_id(query.class.as_ref())?, ready: query.ready };
            completion::preview_cohort(tx, actor, *id, filter, page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(|prospect| ProspectView::of(prospect, language))))
}

/// Decides on everyone of a class who is active, or on those named, and freezes what it rests on. What is still to come,
/// not reported, not marked, disputed or not recorded has to be confirmed by its code.
#[utoipa::path(tag = "completions",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    request_body = DecisionBody, responses((status = 200, body = Vec<ProspectView>)))]
#[post("/classes/{id}/completions")]
pub(crate) async fn decide(call: Call, id: web::Path<Id>, body: Body<DecisionBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    let language = call.language;
    call.create(&sha256, move |tx, actor| {
        let (named, reason) = (value.named()?, read_some(value.override_reason.as_ref())?);
        let decided = completion::decide(tx, actor, *id, named.as_deref(), reason, &value.confirm)?;
        Ok(Made::done(views(decided, language)))
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

/// Everything that was decided on an enrollment: what is in force, and what was opened again before.
#[utoipa::path(tag = "completions", params(("id" = String, Path)), responses((status = 200, body = ChainView)))]
#[get("/enrollments/{id}/completions")]
pub(crate) async fn chain(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    Ok(private(&call.snapshot(move |tx, actor| ChainView::of(tx, actor, *id)).await?))
}

/// Opens a decision again: the person is active once more, and what was decided stays on record. The version is that of
/// the enrollment.
#[utoipa::path(tag = "completions",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of the enrollment.")),
    request_body = ReopeningBody, responses((status = 200, body = ChainView)))]
#[post("/enrollments/{id}/completion/reopening")]
pub(crate) async fn reopen(
    call: Call,
    id: web::Path<Id>,
    body: Body<ReopeningBody>,
) -> Result<impl Responder, Problem> {
    let (version, view) = call
        .change(move |tx, actor, version| {
            completion::reopen(tx, actor, *id, version, read(&body.value.reason)?)?;
            Ok((version + 1, ChainView::of(tx, actor, *id)?))
        })
        .await?;
    Ok(Tagged::new(version, view))
}
