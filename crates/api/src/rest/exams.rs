//! Results of exams outside the programs; `GET /exam-schemes` says what each exam asks.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};
use vokasi_core::error::{Error, FieldProblem, Result, codes};
use vokasi_core::exam::{
    self, Cefr, ExamOutcome, ExamResult, Expiring, ExpiryFilter, NewResult, Paper, SectionScore, Withdrawal,
};
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, PersonName, Points};

use super::page_of;
use crate::body::{Body, Query, names_no_number, one_of, read, read_some, reads, short};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged, private};

/// The score of one section.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"code": "listening", "score": "32"}))]
pub(crate) struct SectionScoreBody {
    /// Its code inside the level.
    #[validate(custom(function = "short::<Label, 50>"))]
    #[schema(required = true)]
    code: String,
    /// Points with two decimals at most.
    #[validate(custom(function = "reads::<Points>"))]
    #[schema(required = true)]
    score: String,
}

/// A result as its paper says it.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "scheme": "JLPT", "level": "N5", "taken_on": "2025-07-06",
    "sections": [{"code": "knowledge_reading", "score": "71"}, {"code": "listening", "score": "32"}],
    "total": "103", "result": "passed", "certificate_number": "N5A123456J"
}))]
pub(crate) struct ExamResultBody {
    /// Which exam, e.g. `JLPT`.
    #[validate(custom(function = "short::<Label, 50>"))]
    #[schema(required = true)]
    scheme: String,
    /// The level sat for; where one sitting gives whatever level is reached it may be left out, and `*` says that none
    /// was. Where an exam has no levels (BNSP): what was tested.
    #[validate(custom(function = "short::<Label, 200>"), custom(function = "names_no_number"))]
    level: Option<String>,
    /// The test day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    taken_on: String,
    /// The score of each section that the paper has.
    #[validate(length(max = 20), nested)]
    sections: Vec<SectionScoreBody>,
    /// The score in total; worked out where it is the sum of the sections.
    #[validate(custom(function = "reads::<Points>"))]
    total: Option<String>,
    /// `passed` or `failed` as the paper says it (BNSP: K is `passed`, BK is `failed`); needed where the scores do not
    /// tell. `*` on the paper of an exam that gives whatever level is reached says that none was.
    #[validate(custom(function = "one_of_or_star"))]
    result: Option<String>,
    /// The number on the paper.
    #[validate(custom(function = "short::<Label, 100>"), custom(function = "names_no_number"))]
    certificate_number: Option<String>,
    /// The last day on which it counts; as the scheme says when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    valid_until: Option<String>,
    /// Why the paper says another thing than its scores; of a correction, why it is made.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    reason: Option<String>,
    /// Codes of warnings that a person has looked at.
    #[validate(length(max = 20))]
    confirm: Vec<String>,
}

fn one_of_or_star(text: &str) -> Result<(), ValidationError> {
    if text == "*" { Ok(()) } else { one_of::<ExamOutcome>(text) }
}

impl ExamResultBody {
    fn command(mut self) -> Result<NewResult> {
        if self.result.as_deref() == Some("*") {
            let star = self.result.take();
            if self.level.as_ref().is_some_and(|level| level != "*") {
                let words = FieldProblem::new("/result", &codes::FIELD_UNKNOWN_VALUE);
                return Err(Error::fields(vec![words.fact("allowed", "passed, failed")]));
            }
            self.level = star;
        }
        let section = |one: SectionScoreBody| Ok(SectionScore { score: read(&one.score)?, code: one.code });
        Ok(NewResult {
            paper: Paper {
                level: read_some(self.level.as_ref())?,
                taken_on: read(&self.taken_on)?,
                sections: self.sections.into_iter().map(section).collect::<Result<_>>()?,
                total: read_some(self.total.as_ref())?,
                outcome: read_some(self.result.as_ref())?,
                certificate_number: read_some(self.certificate_number.as_ref())?,
                valid_until: read_some(self.valid_until.as_ref())?,
                scheme: self.scheme,
            },
            reason: read_some(self.reason.as_ref())?,
            confirm: self.confirm,
        })
    }
}

/// A result.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExamResultView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2N")]
    id: Id,
    #[schema(value_type = String)]
    participant: Id,
    #[schema(example = "JLPT")]
    scheme: String,
    /// The level sat for or reached; none where none was reached.
    #[schema(example = "N5")]
    level: Option<String>,
    taken_on: NaiveDate,
    sections: Vec<SectionScoreView>,
    #[schema(value_type = Option<String>, example = "103")]
    total: Option<Points>,
    /// `passed` or `failed`: what holds.
    #[schema(value_type = String, example = "passed")]
    result: ExamOutcome,
    /// What the scheme of the test day makes of the scores; none where they do not tell.
    #[schema(value_type = Option<String>, example = "passed")]
    computed: Option<ExamOutcome>,
    /// What a pass stands for on the scale of the CEFR.
    #[schema(value_type = Option<String>, example = "A1")]
    cefr: Option<Cefr>,
    #[schema(value_type = Option<String>, example = "N5A123456J")]
    certificate_number: Option<Label>,
    /// The last day on which a pass counts; none while it has no end.
    valid_until: Option<NaiveDate>,
    /// Why the paper says another thing than its scores, or why an earlier result was corrected.
    #[schema(value_type = Option<String>)]
    reason: Option<Label>,
    /// The earlier result that this one corrects.
    #[schema(value_type = Option<String>)]
    replaces: Option<Id>,
    /// Whether no correction has taken its place and it was not withdrawn.
    in_force: bool,
    /// Who took it back and why, if anybody did.
    withdrawn: Option<ExamWithdrawnView>,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// The account that recorded it.
    #[schema(value_type = String)]
    recorded_by: Id,
}

/// Why a result was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExamWithdrawnView {
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// The account that took it back.
    #[schema(value_type = String)]
    by: Id,
    #[schema(value_type = Option<String>, example = "Hasil orang lain")]
    reason: Option<Label>,
}

impl From<Withdrawal> for ExamWithdrawnView {
    fn from(withdrawal: Withdrawal) -> Self {
        let Withdrawal { at, by, reason } = withdrawal;
        Self { at, by, reason }
    }
}

/// Why a result is taken back.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"reason": "Hasil orang lain"}))]
pub(crate) struct ExamWithdrawalBody {
    /// Why, at most 500 characters.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
}

/// The score of one section.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SectionScoreView {
    #[schema(example = "listening")]
    code: String,
    #[schema(value_type = String, example = "32")]
    score: Points,
}

impl From<SectionScore> for SectionScoreView {
    fn from(one: SectionScore) -> Self {
        Self { code: one.code, score: one.score }
    }
}

impl From<ExamResult> for ExamResultView {
    fn from(result: ExamResult) -> Self {
        Self {
            cefr: result.cefr(),
            id: result.id,
            participant: result.participant_id,
            scheme: result.scheme,
            level: result.level,
            taken_on: result.taken_on,
            sections: result.sections.into_iter().map(SectionScoreView::from).collect(),
            total: result.total,
            result: result.outcome,
            computed: result.computed,
            certificate_number: result.certificate_number,
            valid_until: result.valid_until,
            reason: result.reason,
            replaces: result.replaces,
            in_force: result.in_force,
            withdrawn: result.withdrawal.map(ExamWithdrawnView::from),
            recorded_at: result.recorded_at,
            recorded_by: result.recorded_by,
        }
    }
}

/// A pass that ends soon, and whose it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExpiringView {
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    result: ExamResultView,
}

impl From<Expiring> for ExpiringView {
    fn from(one: Expiring) -> Self {
        Self { name: one.name, result: one.result.into() }
    }
}

/// A page of passes that end soon.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExpiringPage {
    items: Vec<ExpiringView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which passes.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExpiringQuery {
    /// Only those that end before this day; within 90 days when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    expiring_before: Option<String>,
    /// Those that ended on this day or later, in place of those that still count.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    ended_since: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Every result of a participant, those that were replaced by a correction included, in order of the test days.
#[utoipa::path(tag = "exams", params(("id" = String, Path)), responses((status = 200, body = Vec<ExamResultView>)))]
#[get("/participants/{id}/exam-results")]
pub(crate) async fn list(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let all = call.snapshot(move |tx, actor| exam::of(tx, actor, *id)).await?;
    Ok(private(&all.into_iter().map(ExamResultView::from).collect::<Vec<_>>()))
}

/// Records a result, held against the scheme of its test day.
#[utoipa::path(tag = "exams",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    request_body = ExamResultBody, responses((status = 201, body = ExamResultView)))]
#[post("/participants/{id}/exam-results")]
pub(crate) async fn record(call: Call, id: web::Path<Id>, body: Body<ExamResultBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| Ok(made(exam::record(tx, actor, *id, value.command()?)?))).await
}

/// Passes that still count and end soon, or that have ended since a day; what ends first stands first, and what was renewed
/// is left out.
#[utoipa::path(tag = "exams", params(ExpiringQuery), responses((status = 200, body = ExpiringPage)))]
#[get("/exam-results")]
pub(crate) async fn expiring(call: Call, query: Query<ExpiringQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let filter = ExpiryFilter {
                before: read_some(query.expiring_before.as_ref())?,
                since: read_some(query.ended_since.as_ref())?,
            };
            exam::expiring(tx, actor, filter, page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(ExpiringView::from)))
}

/// One result.
#[utoipa::path(tag = "exams", params(("id" = String, Path)), responses((status = 200, body = ExamResultView)))]
#[get("/exam-results/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let found = call.read(move |tx, actor| exam::get(tx, actor, *id)).await?;
    Ok(Tagged::new(found.version, ExamResultView::from(found)))
}

/// Puts a corrected result in the place of the one that is in force; the earlier one stays.
#[utoipa::path(tag = "exams",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    request_body = ExamResultBody, responses((status = 201, body = ExamResultView)))]
#[post("/exam-results/{id}/corrections")]
pub(crate) async fn correct(
    call: Call,
    id: web::Path<Id>,
    body: Body<ExamResultBody>,
) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| Ok(made(exam::correct(tx, actor, *id, value.command()?)?))).await
}

/// Takes back a result that was entered for the wrong person; it stays on record and is in force no more.
#[utoipa::path(tag = "exams",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of the result.")),
    request_body = ExamWithdrawalBody, responses((status = 200, body = ExamResultView)))]
#[post("/exam-results/{id}/withdrawal")]
pub(crate) async fn withdraw(
    call: Call,
    id: web::Path<Id>,
    body: Body<ExamWithdrawalBody>,
) -> Result<impl Responder, Problem> {
    let result = call
        .change(move |tx, actor, version| exam::withdraw(tx, actor, *id, version, read(&body.value.reason)?))
        .await?;
    Ok(Tagged::new(result.version, ExamResultView::from(result)))
}

fn made(result: ExamResult) -> Made<ExamResultView> {
    Made::at(format!("/api/v1/exam-results/{}", result.id), result.version, result.into())
}
