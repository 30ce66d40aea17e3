//! Workbooks to take away: our own template, and the rows of an import that must be corrected.

use actix_web::{HttpResponse, get, web};
use vokasi_core::error::Language;
use vokasi_core::id::Id;
use vokasi_core::import;

use crate::call::Call;
use crate::problem::Problem;
use crate::reply;

/// Our own template: a sheet to fill in, a filled example and a guide, in the language asked for.
#[utoipa::path(tag = "imports", responses((status = 200,
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
#[get("/imports/template")]
pub(crate) async fn template(call: Call) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let name = match language {
        Language::Indonesian => "templat-peserta",
        Language::English => "participants-template",
    };
    let bytes = call.work(move |_, now, actor| import::template(actor, language, now)).await?;
    Ok(reply::workbook(name, bytes, language))
}

/// The rows that must be corrected, in the layout they came in, with a last column that says what to do; ready to be
/// sent again. They hold identity numbers in clear, so that they were taken stands in the audit.
#[utoipa::path(tag = "imports", params(("id" = String, Path)), responses((status = 200,
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
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
