//! What a class takes to the office, and what it is marked on.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::{Validate, ValidationError};
use vokasi_core::error::{Language, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::paper;
use vokasi_core::values::Value;

use crate::body::{Query, wrong};
use crate::call::{Call, block};
use crate::openapi::FileBytes;
use crate::problem::Problem;
use crate::reply;
use crate::state::State;

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

/// The same as paper to sign, Indonesian first: what everyone comes to, and a sheet for each month.
#[utoipa::path(tag = "papers", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/pdf", body = FileBytes)))]
#[get("/classes/{id}/attendance-recap/pdf")]
pub(crate) async fn recap_paper(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let (state, language, name) = (Arc::clone(&call.state), call.language, format!("rekap-kehadiran-{id}"));
    let recap = call.write(move |tx, actor| paper::recap(tx, actor, *id)).await?;
    printed(state, language, &name, move |state| recap.pdf(&state.printing)).await
}

/// The register of a session to tick and sign, with what is marked already and the QR code of its page. That it was
/// taken stands in the audit.
#[utoipa::path(tag = "papers", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/pdf", body = FileBytes)))]
#[get("/sessions/{id}/register/pdf")]
pub(crate) async fn session_register(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let (state, language, name) = (Arc::clone(&call.state), call.language, format!("daftar-hadir-{id}"));
    let register = call.write(move |tx, actor| paper::of_session(tx, actor, *id)).await?;
    printed(state, language, &name, move |state| register.pdf(&state.printing)).await
}

/// Of which month.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MonthQuery {
    /// Year and month; the present one when nothing is said.
    #[validate(custom(function = "is_month"))]
    #[param(example = "2026-11")]
    month: Option<String>,
}

impl MonthQuery {
    fn first(&self) -> Option<NaiveDate> {
        self.month.as_deref().and_then(first_of)
    }
}

fn first_of(month: &str) -> Option<NaiveDate> {
    NaiveDate::read(&format!("{month}-01")).ok()
}

fn is_month(month: &str) -> std::result::Result<(), ValidationError> {
    if first_of(month).is_some() { Ok(()) } else { Err(wrong(&codes::FIELD_MONTH)) }
}

/// The registers of a class in a month: a column for each session, and their QR codes on sheets of their own. That they
/// were taken stands in the audit.
#[utoipa::path(tag = "papers", params(("id" = String, Path), MonthQuery),
    responses((status = 200, content_type = "application/pdf", body = FileBytes)))]
#[get("/classes/{id}/registers/pdf")]
pub(crate) async fn month_register(
    call: Call,
    id: web::Path<Id>,
    query: Query<MonthQuery>,
) -> Result<HttpResponse, Problem> {
    let (state, language, name) = (Arc::clone(&call.state), call.language, format!("daftar-hadir-{id}"));
    let day = query.first();
    let registers = call.write(move |tx, actor| paper::of_month(tx, actor, *id, day)).await?;
    printed(state, language, &name, move |state| registers.pdf(&state.printing)).await
}

/// Prints away from the threads that serve.
async fn printed(
    state: Arc<State>,
    language: Language,
    name: &str,
    print: impl FnOnce(&State) -> Result<Vec<u8>> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let bytes = block(move || print(&state)).await.map_err(|error| Problem::new(error, language))?;
    Ok(reply::paper(name, bytes))
}
