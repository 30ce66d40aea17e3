//! Reference data, the same for everyone.

use actix_web::{HttpResponse, Responder, get};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::calendar::{HolidayKind, holidays as all_holidays};
use vokasi_core::consent::CONSENT_TEXTS;
use vokasi_core::exam::EXAM_SCHEMES;
use vokasi_core::values::{Bilingual, ProvinceCode, RegionKind, regions as all_regions};

use super::programs::BilingualBody;
use crate::body::{Query, reads};

/// A region by its Kemendagri code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegionView {
    #[schema(example = "18.07")]
    code: &'static str,
    #[schema(value_type = String, example = "regency")]
    kind: RegionKind,
    #[schema(example = "Lampung Timur")]
    name: &'static str,
}

/// Which regions.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RegionQuery {
    /// Only the regencies and cities of this province; the provinces when nothing is said.
    #[validate(custom(function = "reads::<ProvinceCode>"))]
    province: Option<String>,
}

/// A day on which no class meets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HolidayView {
    date: NaiveDate,
    /// `national` or `joint_leave`.
    #[schema(value_type = String, example = "national")]
    kind: HolidayKind,
    #[schema(value_type = BilingualBody)]
    name: Bilingual,
    /// The decree that says so.
    source: &'static str,
}

/// Which holidays.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HolidayQuery {
    /// Only those of this year.
    #[validate(range(min = 1900, max = 2199))]
    #[param(example = 2026)]
    year: Option<i32>,
}

/// Provinces, or the regencies and cities of one.
#[utoipa::path(tag = "reference", params(RegionQuery), responses((status = 200, body = Vec<RegionView>)), security(()))]
#[get("/regions")]
pub(crate) async fn regions(query: Query<RegionQuery>) -> impl Responder {
    let wanted = |code: &str| match &query.province {
        Some(province) => code.len() == 5 && code.get(..2) == Some(province.as_str()),
        None => code.len() == 2,
    };
    let views: Vec<RegionView> = all_regions()
        .iter()
        .filter(|region| wanted(region.code))
        .map(|region| RegionView { code: region.code, kind: region.kind, name: region.name })
        .collect();
    for_a_day(&views)
}

/// National holidays and joint leave, by day.
#[utoipa::path(tag = "reference", params(HolidayQuery), responses((status = 200, body = Vec<HolidayView>)),
    security(()))]
#[get("/holidays")]
pub(crate) async fn holidays(query: Query<HolidayQuery>) -> impl Responder {
    let views: Vec<HolidayView> = all_holidays()
        .iter()
        .filter(|holiday| query.year.is_none_or(|year| holiday.date.year() == year))
        .map(|holiday| HolidayView {
            date: holiday.date,
            kind: holiday.kind,
            name: Bilingual::new(holiday.name_id, holiday.name_en),
            source: holiday.source,
        })
        .collect();
    for_a_day(&views)
}

/// External exams with their sections, minimums and validity.
#[utoipa::path(tag = "reference", responses((status = 200, body = Vec<Object>)), security(()))]
#[get("/exam-schemes")]
pub(crate) async fn exam_schemes() -> impl Responder {
    as_it_is(EXAM_SCHEMES)
}

/// The documents the law asks of a migrant worker, each with its validity and source.
#[utoipa::path(tag = "reference", responses((status = 200, body = Vec<Object>)), security(()))]
#[get("/document-checklist")]
pub(crate) async fn document_checklist() -> impl Responder {
    as_it_is(include_str!("../../../../fixtures/reference/document_checklist.json"))
}

/// The texts people consent to, by purpose and version; the Indonesian one binds.
#[utoipa::path(tag = "reference", responses((status = 200, body = Vec<Object>)), security(()))]
#[get("/consent-texts")]
pub(crate) async fn consent_texts() -> impl Responder {
    as_it_is(CONSENT_TEXTS)
}

fn as_it_is(json: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=86400"))
        .insert_header(("Content-Type", "application/json"))
        .body(json)
}

/// What comes with the program changes with it, not from request to request.
fn for_a_day(view: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "public, max-age=86400")).json(view)
}
