//! Assessments: the scored components of a program, with every attempt kept.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::assessment::{self, Attempt, Correction, NewCorrection, NewScore};
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, Score};

use crate::body::{Body, is_id, names_no_number, read, read_id, read_some, reads, short};
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

/// What is right in place of a score.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"score": "59", "reason": "Salah ketik: 95 seharusnya 59"}))]
pub(crate) struct ScoreCorrectionBody {
    /// The right score, 0 to 100 with two decimals at most.
    #[validate(custom(function = "reads::<Score>"))]
    score: Option<String>,
    /// In place of `score`: there never was one, of this person or in this component.
    withdrawn: bool,
    /// When it was assessed; as before when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    assessed_on: Option<String>,
    /// Why, at most 500 characters.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
}

impl ScoreCorrectionBody {
    fn command(&self) -> Result<NewCorrection> {
        if self.score.is_some() == self.withdrawn {
            return Err(Error::field("/score", &codes::ASSESSMENT_SCORE_OR_WITHDRAWN));
        }
        Ok(NewCorrection {
            score: read_some(self.score.as_ref())?,
            assessed_on: read_some(self.assessed_on.as_ref())?,
            reason: read(&self.reason)?,
        })
    }
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
    /// 1, 2, …; of those that count the best does.
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
    /// The earlier score that this one corrects.
    #[schema(value_type = Option<String>)]
    replaces: Option<Id>,
    /// Why it no longer counts; absent while it does.
    corrected: Option<ScoreCorrectedView>,
}

/// Why a score no longer counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScoreCorrectedView {
    /// The score in its place; absent where there never was one.
    #[schema(value_type = Option<String>)]
    replaced_by: Option<Id>,
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// The account that corrected it.
    #[schema(value_type = String)]
    by: Id,
    #[schema(value_type = Option<String>, example = "Salah ketik: 95 seharusnya 59")]
    reason: Option<Label>,
}

impl From<Correction> for ScoreCorrectedView {
    fn from(correction: Correction) -> Self {
        let Correction { replaced_by, at, by, reason } = correction;
        Self { replaced_by, at, by, reason }
    }
}

impl From<Attempt> for ScoreView {
    fn from(attempt: Attempt) -> Self {
        let Attempt { score: row, replaces, correction } = attempt;
        Self {
            id: row.id,
            enrollment: row.enrollment_id,
            component: row.component,
            attempt: row.attempt,
            score: row.score,
            assessed_on: row.assessed_on,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
            replaces,
            corrected: correction.map(ScoreCorrectedView::from),
        }
    }
}

fn views(attempts: Vec<Attempt>) -> Vec<ScoreView> {
    attempts.into_iter().map(ScoreView::from).collect()
}

/// Records scores of a running class.
#[utoipa::path(tag = "assessments",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    request_body = ScoresBody, responses((status = 200, body = Vec<ScoreView>)))]
#[post("/classes/{id}/scores")]
pub(crate) async fn record(call: Call, id: web::Path<Id>, body: Body<ScoresBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let scores = value.scores.into_iter().map(ScoreBody::score).collect::<Result<Vec<_>>>()?;
        Ok(Made::done(views(assessment::record(tx, actor, *id, &scores)?)))
    })
    .await
}

/// Corrects a score that was mistyped, or takes back one that never was; it stays on record and counts no more. The
/// answer is the score in its place, or the one that was taken back.
#[utoipa::path(tag = "assessments",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    request_body = ScoreCorrectionBody, responses((status = 200, body = ScoreView)))]
#[post("/scores/{id}/corrections")]
pub(crate) async fn correct(
    call: Call,
    id: web::Path<Id>,
    body: Body<ScoreCorrectionBody>,
) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        Ok(Made::done(ScoreView::from(assessment::correct(tx, actor, *id, value.command()?)?)))
    })
    .await
}

/// Every attempt of one person, in the order they were recorded, also those that a correction took out.
#[utoipa::path(tag = "assessments", params(("id" = String, Path)), responses((status = 200, body = Vec<ScoreView>)))]
#[get("/enrollments/{id}/scores")]
pub(crate) async fn list(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let rows = call.snapshot(move |tx, actor| assessment::of(tx, actor, *id)).await?;
    Ok(private(&views(rows)))
}

/// Every attempt of everyone of a class, in the order they were recorded, also those that a correction took out. A school that does not host it sees its own
/// students.
#[utoipa::path(tag = "assessments", params(("id" = String, Path)), responses((status = 200, body = Vec<ScoreView>)))]
#[get("/classes/{id}/scores")]
pub(crate) async fn of_class(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let rows = call.snapshot(move |tx, actor| assessment::of_class(tx, actor, *id)).await?;
    Ok(private(&views(rows)))
}
