//! Verifications: what a code on a paper says, for anyone.

use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::call::Guest;
use crate::problem::Problem;
use crate::verification::{VerificationView, find};

/// The certificate behind a code, without signing in. It never shows a NIK or a birth date.
#[utoipa::path(tag = "verifications", params(("code" = String, Path)),
    responses((status = 200, body = VerificationView)), security(()))]
#[get("/verifications/{code}")]
pub(crate) async fn get(
    Guest(call): Guest,
    request: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(find(call, code.into_inner()).await?.json(&request))
}
