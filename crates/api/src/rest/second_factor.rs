//! The caller's own second factor. A login that lacks a required one can do this and nothing else.

use actix_web::{HttpResponse, Responder, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::access::second_factor::{self, Standing};
use vokasi_core::error::Result;

use crate::body::Body;
use crate::call::Call;
use crate::problem::Problem;
use crate::qr;
use crate::reply::private;

/// A code of the authenticator.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CodeBody {
    /// Six digits.
    #[validate(length(min = 1, max = 40))]
    #[schema(required = true, example = "492039")]
    code: String,
}

/// How the account stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct StandingView {
    /// Whether signing in asks for a code.
    active: bool,
    /// Whether the role must have a second factor.
    required: bool,
    /// Recovery codes that were not used yet.
    #[schema(example = 10)]
    recovery_codes_left: i64,
}

impl From<Standing> for StandingView {
    fn from(standing: Standing) -> Self {
        let Standing { active, required, recovery_codes_left } = standing;
        Self { active, required, recovery_codes_left }
    }
}

/// A secret for an authenticator, shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfferView {
    /// What an authenticator scans.
    uri: String,
    /// The secret for typing by hand.
    secret: String,
    /// The same as a QR code, an SVG image.
    qr_svg: String,
}

/// Recovery codes, shown once; each works once in place of a code.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodesView {
    #[schema(example = json!(["7k2m-9xqe-0d4h-tz5w-b81c-vn6y-3rgj"]))]
    recovery_codes: Vec<String>,
}

/// How the caller's second factor stands.
#[utoipa::path(tag = "second factor", responses((status = 200, body = StandingView)))]
#[get("/second-factor")]
pub(crate) async fn get(call: Call) -> Result<impl Responder, Problem> {
    let policy = call.state.second_factor;
    let standing =
        call.admit_without_second_factor().read(move |tx, actor| second_factor::standing(tx, actor, policy)).await?;
    Ok(web::Json(StandingView::from(standing)))
}

/// Makes a secret for an authenticator; it counts once a code of it was sent to `/second-factor/activation`.
#[utoipa::path(tag = "second factor", responses((status = 200, body = OfferView)))]
#[post("/second-factor/secret")]
pub(crate) async fn offer(call: Call) -> Result<impl Responder, Problem> {
    let offer = call
        .admit_without_second_factor()
        .write(|tx, actor| {
            let offer = second_factor::offer(tx, actor)?;
            Ok(OfferView { qr_svg: qr::svg(&offer.uri)?, uri: offer.uri, secret: offer.secret })
        })
        .await?;
    Ok(private(&offer))
}

/// Makes the offered secret the account's own; every other login of the account ends.
#[utoipa::path(tag = "second factor", request_body = CodeBody, responses((status = 200, body = RecoveryCodesView)))]
#[post("/second-factor/activation")]
pub(crate) async fn activate(call: Call, body: Body<CodeBody>) -> Result<impl Responder, Problem> {
    let recovery_codes = call
        .admit_without_second_factor()
        .write(move |tx, actor| second_factor::activate(tx, actor, &body.value.code))
        .await?;
    Ok(private(&RecoveryCodesView { recovery_codes }))
}

/// Makes ten new recovery codes; the earlier ones end.
#[utoipa::path(tag = "second factor", responses((status = 200, body = RecoveryCodesView)))]
#[post("/second-factor/recovery-codes")]
pub(crate) async fn renew_recovery_codes(call: Call) -> Result<impl Responder, Problem> {
    let recovery_codes = call.write(second_factor::renew_recovery_codes).await?;
    Ok(private(&RecoveryCodesView { recovery_codes }))
}

/// Goes without a second factor, where the role may; every other login of the account ends.
#[utoipa::path(tag = "second factor", responses((status = 204)))]
#[delete("/second-factor")]
pub(crate) async fn remove(call: Call) -> Result<impl Responder, Problem> {
    let policy = call.state.second_factor;
    call.write(move |tx, actor| second_factor::remove(tx, actor, policy)).await?;
    Ok(HttpResponse::NoContent().finish())
}
