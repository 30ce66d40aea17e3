//! What a class takes to the office.

use actix_web::{HttpResponse, get, web};
use vokasi_core::error::Language;
use vokasi_core::id::Id;
use vokasi_core::paper;

use crate::call::{Call, block};
use crate::openapi::FileBytes;
use crate::problem::Problem;
use crate::reply;

/// The attendance of a class as offices file it: everyone's marks, lesson hours and rate, in the language asked for. A
/// school that does not host the class gets its own students. That it was taken stands in the audit.
#[utoipa::path(tag = "papers", params(("id" = String, Path)), responses((status = 200,
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = FileBytes)))]
#[get("/classes/{id}/attendance-recap/xlsx")]
pub(crate) async fn recap_workbook(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let name = match language {
        Language::Indonesian => format!("rekap-kehadiran-{id}"),
        Language::English => format!("attendance-recap-{id}"),
    };
    let recap = call.write(move |tx, actor| paper::recap(tx, actor, *id)).await?;
    let bytes = block(move || recap.workbook(language)).await.map_err(|error| Problem::new(error, language))?;
    Ok(reply::workbook(&name, bytes, language))
}
