//! Reference data, the same for everyone.

use actix_web::{HttpResponse, Responder, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vokasi_core::values::{RegionKind, regions as all_regions};

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
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RegionQuery {
    /// Only the regencies and cities of this province; the provinces when nothing is said.
    province: Option<String>,
}

/// Provinces, or the regencies and cities of one.
#[utoipa::path(tag = "reference", params(RegionQuery), responses((status = 200, body = Vec<RegionView>)), security(()))]
#[get("/regions")]
pub(crate) async fn regions(query: web::Query<RegionQuery>) -> impl Responder {
    let wanted = |code: &str| match &query.province {
        Some(province) => code.len() == 5 && code.get(..2) == Some(province.as_str()),
        None => code.len() == 2,
    };
    let views: Vec<RegionView> = all_regions()
        .iter()
        .filter(|region| wanted(region.code))
        .map(|region| RegionView { code: region.code, kind: region.kind, name: region.name })
        .collect();
    HttpResponse::Ok().insert_header(("Cache-Control", "public, max-age=86400")).json(views)
}
