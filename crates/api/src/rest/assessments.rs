//! Assessments: the scored components of a program, with every attempt kept.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::assessment::{self, NewScore, ScoreRow};
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, Score};

use crate::body::{Body, is_id, read, read_id, read_some, reads, short};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Made, private};

/// A score to record.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "enrollment": "0CZ5V9K3M7Q2H", "component": "knowledge", "score": "72.5", "assessed_on": "2026-06-20"
}))]
pub(crate) struct ScoreBody {
    /// Whose.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    enrollment: String,
    /// Code of a component of the program.
    #[validate(custom(function = "short::<Label, 50>"))]
    #[schema(required = true)]
    component: String,
    /// 0 to 100 with two decimals at most.
    #[validate(custom(function = "reads::<Score>"))]
    #[schema(required = true)]
    score: String,
    /// When it was assessed; today when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    assessed_on: Option<String>,
}

impl ScoreBody {
    fn score(self) -> Result<NewScore> {
        Ok(NewScore {
            enrollment: read_id(&self.enrollment)?,
            score: read(&self.score)?,
            assessed_on: read_some(self.assessed_on.as_ref())?,
            component: self.component,
        })
    }
}

/// Scores of a class; a further score of the same person and component is the next attempt.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"scores": [
    {"enrollment": "0CZ5V9K3M7Q2H", "component": "knowledge", "score": "72.5", "assessed_on": "2026-06-20"}
]}))]
pub(crate) struct ScoresBody {
    /// 1 to 1,000 scores; all of them are recorded or none.
    #[validate(length(min = 1, max = 1000), nested)]
    #[schema(required = true)]
    scores: Vec<ScoreBody>,
}

/// One attempt at one component.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScoreView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2K")]
    id: Id,
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(example = "knowledge")]
    component: String,
    /// 1, 2, …; the best one counts.
    #[schema(example = 1)]
    attempt: i32,
    #[schema(value_type = String, example = "72.5")]
    score: Score,
    assessed_on: NaiveDate,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// The account that recorded it.
    #[schema(value_type = String)]
    recorded_by: Id,
}

impl From<ScoreRow> for ScoreView {
    fn from(row: ScoreRow) -> Self {
        Self {
            id: row.id,
            enrollment: row.enrollment_id,
            component: row.component,
            attempt: row.attempt,
            score: row.score,
            assessed_on: row.assessed_on,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
        }
    }
}

fn views(rows: Vec<ScoreRow>) -> Vec<ScoreView> {
    rows.into_iter().map(ScoreView::from).collect()
}

/// Records scores of a running class.
#[utoipa::path(tag = "assessments",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    request_body = ScoresBody, responses((status = 200, body = Vec<ScoreView>)))]
#[post("/classes/{id}/scores")]
pub(crate) async fn record(call: Call, id: web::Path<Id>, body: Body<ScoresBody>) -> Result<HttpResponse, Problem> {
    let Body { value, sha256 } = body;
    call.create(&sha256, move |tx, actor| {
        let scores = value.scores.into_iter().map(ScoreBody::score).collect::<Result<Vec<_>>>()?;
        Ok(Made::done(views(assessment::record(tx, actor, *id, &scores)?)))
    })
    .await
}

/// Every attempt of one person, in the order they were recorded.
#[utoipa::path(tag = "assessments", params(("id" = String, Path)), responses((status = 200, body = Vec<ScoreView>)))]
#[get("/enrollments/{id}/scores")]
pub(crate) async fn list(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let rows = call.snapshot(move |tx, actor| assessment::of(tx, actor, *id)).await?;
    Ok(private(&views(rows)))
}

/// Every attempt of everyone of a class, in the order they were recorded. A school that does not host it sees its own
/// students.
#[utoipa::path(tag = "assessments", params(("id" = String, Path)), responses((status = 200, body = Vec<ScoreView>)))]
#[get("/classes/{id}/scores")]
pub(crate) async fn of_class(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let rows = call.snapshot(move |tx, actor| assessment::of_class(tx, actor, *id)).await?;
    Ok(private(&views(rows)))
}
