//! The plan of an import: what would happen to each row, the questions in it, and a person's answers.

use std::collections::HashMap;

use actix_web::{Responder, get, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::Actor;
use vokasi_core::db::Tx;
use vokasi_core::error::{Language, Result};
use vokasi_core::id::Id;
use vokasi_core::import::{self, Action, Answer, FieldChange, Finding, Looked, PlannedRow, RowFilter, Severity};

use super::imports::{ImportQuery, ImportView};
use super::page_of;
use super::participants::{ParticipantPage, ParticipantView};
use crate::body::{Body, Query, is_id, one_of, read_some, read_some_id};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Tagged};

/// Which rows of a plan.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RowQuery {
    /// Only `new`, `changed`, `same`, `problem` or `skipped` rows.
    #[validate(custom(function = "one_of::<Action>"))]
    action: Option<String>,
    /// Only rows that are no longer what the plan before said of them.
    moved: bool,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// A person's answers to the questions of a plan.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"answers": [{"row": 12, "participant": "0CZ5V9K3M7Q2D"}, {"row": 31, "participant": null}]}))]
pub(crate) struct AnswersBody {
    /// Every answer: what is left out is open again.
    #[validate(length(max = 50_000), nested)]
    answers: Vec<AnswerBody>,
}

/// Whether a row is somebody of the same name and birth date.
#[derive(Debug, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AnswerBody {
    /// The row as a spreadsheet shows it.
    row: u32,
    /// That person, or null for somebody who is not in the register.
    #[validate(custom(function = "is_id"))]
    participant: Option<String>,
}

/// What was found at one cell. It never holds the cell's value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "row": 12, "cell": "H12", "field": "NIK", "code": "nik.number_cell", "severity": "error",
    "sentence": "The NIK is a number in the workbook and has lost its last digit. Make the cell Text and type the NIK \
        again from the family card."
}))]
pub(crate) struct FindingView {
    /// The row as a spreadsheet shows it.
    row: u32,
    /// The cell, where the file has such a column.
    cell: Option<String>,
    /// The header of the column.
    field: String,
    /// The stable code.
    code: &'static str,
    /// `error` (the row is not written), `warning` (to be confirmed) or `note`.
    #[schema(value_type = String)]
    severity: Severity,
    /// What is wrong and what to do, in the language asked for.
    sentence: String,
}

impl FindingView {
    pub(super) fn of(finding: Finding, language: Language) -> Self {
        Self {
            sentence: finding.code.sentence(language, &finding.facts),
            row: finding.row,
            cell: finding.cell,
            field: finding.field.into_owned(),
            code: finding.code.name,
            severity: finding.severity,
        }
    }
}

/// One field that would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldChangeView {
    #[schema(example = "homeroom")]
    field: String,
    /// Identity numbers and contacts only say that they change.
    before: Option<String>,
    after: Option<String>,
}

impl From<FieldChange> for FieldChangeView {
    fn from(change: FieldChange) -> Self {
        Self { field: change.field, before: change.before, after: change.after }
    }
}

/// What a plan said of a row before the register moved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookedView {
    #[schema(value_type = String, example = "changed")]
    action: Action,
    changes: Vec<FieldChangeView>,
    findings: Vec<FindingView>,
}

impl LookedView {
    fn of(looked: Looked, language: Language) -> Self {
        Self {
            action: looked.action,
            changes: looked.changes.into_iter().map(FieldChangeView::from).collect(),
            findings: looked.findings.into_iter().map(|finding| FindingView::of(finding, language)).collect(),
        }
    }
}

/// What would happen to one row, or what happened to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowView {
    /// The row as a spreadsheet shows it.
    #[schema(example = 12)]
    number: u32,
    /// The name in the file.
    name: Option<String>,
    /// `new`, `changed`, `same`, `problem` or `skipped`.
    #[schema(value_type = String, example = "new")]
    action: Action,
    changes: Vec<FieldChangeView>,
    findings: Vec<FindingView>,
    /// People of the same name and birth date whom the caller may see: is the row one of them?
    namesakes: Vec<ParticipantView>,
    /// Others of the same name and birth date.
    namesakes_elsewhere: usize,
    /// What the plan said before the register moved, where it is no longer the same.
    before: Option<LookedView>,
}

/// A page of rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct RowPage {
    items: Vec<RowView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

fn row_view(
    tx: &Tx<'_>,
    actor: &Actor,
    row: PlannedRow,
    seen: &HashMap<Id, vokasi_core::participant::Participant>,
    language: Language,
) -> Result<RowView> {
    let asked = row.namesakes.len();
    let namesakes = row.namesakes.iter().filter_map(|id| seen.get(id)).cloned();
    let namesakes: Vec<ParticipantView> =
        namesakes.map(|person| ParticipantView::of(tx, actor, person)).collect::<Result<_>>()?;
    Ok(RowView {
        number: row.number,
        name: row.name,
        action: row.action,
        changes: row.changes.into_iter().map(FieldChangeView::from).collect(),
        findings: row.findings.into_iter().map(|finding| FindingView::of(finding, language)).collect(),
        namesakes_elsewhere: asked - namesakes.len(),
        namesakes,
        before: row.before.map(|looked| LookedView::of(*looked, language)),
    })
}

/// The plan as it was made last: what would happen to each row, everything found in it, and, side by side with a row,
/// the people it may be.
#[utoipa::path(tag = "imports", params(("id" = String, Path), RowQuery), responses((status = 200, body = RowPage)))]
#[get("/imports/{id}/rows")]
pub(crate) async fn rows(call: Call, id: web::Path<Id>, query: Query<RowQuery>) -> Result<impl Responder, Problem> {
    let language = call.language;
    let page = call
        .snapshot(move |tx, actor| {
            let filter = RowFilter { action: read_some(query.action.as_ref())?, moved: query.moved };
            let page = import::rows(tx, actor, *id, &filter, page_of!(query)?)?;
            let seen = import::namesakes(tx, actor, &page.rows)?;
            page.try_map(|row| row_view(tx, actor, row, &seen, language))
        })
        .await?;
    Ok(Listed::from(page))
}

/// People of the school or the class who are in the register and not in the file. They are never touched.
#[utoipa::path(tag = "imports", params(("id" = String, Path), ImportQuery),
    responses((status = 200, body = ParticipantPage)))]
#[get("/imports/{id}/missing")]
pub(crate) async fn missing(
    call: Call,
    id: web::Path<Id>,
    query: Query<ImportQuery>,
) -> Result<impl Responder, Problem> {
    let page = call
        .snapshot(move |tx, actor| {
            let page = import::missing(tx, actor, *id, page_of!(query)?)?;
            page.try_map(|person| ParticipantView::of(tx, actor, person))
        })
        .await?;
    Ok(Listed::from(page))
}

/// Answers the questions of a plan, all of them at once; the plan is made again with the answers.
#[utoipa::path(tag = "imports",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = AnswersBody, responses((status = 200, body = ImportView)))]
#[put("/imports/{id}/answers")]
pub(crate) async fn answer(call: Call, id: web::Path<Id>, body: Body<AnswersBody>) -> Result<impl Responder, Problem> {
    let import = call
        .change(move |tx, actor, version| {
            let read = |answer: &AnswerBody| {
                Ok(Answer { row: answer.row, participant: read_some_id(answer.participant.as_ref())? })
            };
            let answers: Vec<Answer> = body.value.answers.iter().map(read).collect::<Result<_>>()?;
            import::answer(tx, actor, *id, version, &answers)
        })
        .await?;
    Ok(Tagged::new(import.version, ImportView::from(import)))
}
