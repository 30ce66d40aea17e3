//! Workbooks to take away: our own template, and the rows of an import that must be corrected.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;
use vokasi_core::error::{Language, Result};
use vokasi_core::id::Id;
use vokasi_core::import::{self, ImportKind, Place};

use crate::body::{Query, is_id, one_of, read_some, read_some_id};
use crate::call::Call;
use crate::openapi::FileBytes;
use crate::problem::Problem;
use crate::reply;

/// Which template.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TemplateQuery {
    /// Of `people`, `partners`, `attendance` or `exam_results`; of people when nothing is said.
    #[validate(custom(function = "one_of::<ImportKind>"))]
    kind: Option<String>,
    /// The class whose members and days stand in the sheet, of `attendance`.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
}

impl TemplateQuery {
    fn place(&self) -> Result<Place> {
        let kind = read_some(self.kind.as_ref())?.unwrap_or_default();
        Ok(Place { kind, class: read_some_id(self.class.as_ref())?, ..Place::default() })
    }
}

/// Our own template: a sheet to fill in, a filled example and a guide, in the language asked for.
#[utoipa::path(tag = "imports", params(TemplateQuery), responses((status = 200,
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = FileBytes)))]
#[get("/imports/template")]
pub(crate) async fn template(call: Call, query: Query<TemplateQuery>) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let place = query.place().map_err(|error| call.problem(error))?;
    let name = match (place.kind, language) {
        (ImportKind::People, Language::Indonesian) => "templat-peserta",
        (ImportKind::People, Language::English) => "participants-template",
        (ImportKind::Partners, Language::Indonesian) => "templat-lembaga",
        (ImportKind::Partners, Language::English) => "partners-template",
        (ImportKind::Attendance, Language::Indonesian) => "templat-presensi",
        (ImportKind::Attendance, Language::English) => "attendance-template",
        (ImportKind::ExamResults, Language::Indonesian) => "templat-hasil-ujian",
        (ImportKind::ExamResults, Language::English) => "exam-results-template",
    };
    let bytes = call.snapshot(move |tx, actor| import::template(tx, actor, &place, language)).await?;
    Ok(reply::workbook(name, bytes, language))
}

/// The rows that must be corrected, in the layout they came in, with a last column that says what to do; ready to be
/// sent again. They hold identity numbers in clear, so that they were taken stands in the audit.
#[utoipa::path(tag = "imports", params(("id" = String, Path)), responses((status = 200,
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = FileBytes)))]
#[get("/imports/{id}/problems")]
pub(crate) async fn problems(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let name = match language {
        Language::Indonesian => format!("perbaikan-{id}"),
        Language::English => format!("corrections-{id}"),
    };
    let bytes =
        call.work(move |state, now, actor| import::problems(&state.db, now, actor, *id)?.workbook(language)).await?;
    Ok(reply::workbook(&name, bytes, language))
}
