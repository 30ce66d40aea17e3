//! Signing in, going on, signing out, choosing a password.

use actix_web::{HttpResponse, Responder, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::access::{self, Claims, OpenLogin, Refreshed};
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;

use super::staff::StaffView;
use crate::body::Body;
use crate::call::{Call, Guest};
use crate::problem::Problem;
use crate::state::State;
use crate::token::{LIFE_SECONDS, Tokens};

/// An address and a password.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"email": "dinas@example.org", "password": "sebuah kata sandi panjang"}))]
pub(crate) struct LoginBody {
    /// The account's e-mail address.
    #[validate(length(min = 1, max = 254))]
    #[schema(required = true)]
    email: String,
    /// The password.
    #[validate(length(min = 1, max = 1024))]
    #[schema(required = true)]
    password: String,
}

/// A refresh token.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RefreshBody {
    /// The refresh token of the last answer; it works once.
    #[validate(length(min = 1, max = 200))]
    #[schema(required = true)]
    refresh_token: String,
}

/// A one-time token and the password to set.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PasswordBody {
    /// The secret part of the link.
    #[validate(length(min = 1, max = 200))]
    #[schema(required = true)]
    token: String,
    /// At least 12 characters.
    #[schema(required = true)]
    password: String,
}

/// Who has forgotten a password.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"email": "dinas@example.org"}))]
pub(crate) struct PasswordResetBody {
    /// The account's e-mail address.
    #[validate(length(min = 1, max = 254))]
    #[schema(required = true)]
    email: String,
}

/// Tokens of a login.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginView {
    #[schema(value_type = String)]
    login: Id,
    /// Sent as `Authorization: Bearer …`.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    expires_in: i64,
    /// Works once; the answer to it holds the next one.
    refresh_token: String,
    account: StaffView,
}

fn view(state: &State, open: OpenLogin) -> Result<LoginView> {
    let claims = Claims { account: open.account.id, login: open.login.id, epoch: open.account.epoch };
    Ok(LoginView {
        login: open.login.id,
        access_token: Tokens::sign(&state.db.world().keys(), claims, state.clock.now())?,
        token_type: "Bearer",
        expires_in: LIFE_SECONDS,
        refresh_token: open.refresh_token,
        account: open.account.into(),
    })
}

/// Signs in.
#[utoipa::path(tag = "logins", request_body = LoginBody, responses((status = 200, body = LoginView)), security(()))]
#[post("/logins")]
pub(crate) async fn sign_in(Guest(call): Guest, body: Body<LoginBody>) -> Result<impl Responder, Problem> {
    let login = call
        .open(move |state, now, origin| {
            let open = access::sign_in(&state.db, now, origin, &body.value.email, &body.value.password)?;
            view(state, open)
        })
        .await?;
    Ok(private(&login))
}

/// Exchanges a refresh token for new tokens.
#[utoipa::path(tag = "logins", request_body = RefreshBody, responses((status = 200, body = LoginView)), security(()))]
#[post("/logins/refresh")]
pub(crate) async fn refresh(Guest(call): Guest, body: Body<RefreshBody>) -> Result<impl Responder, Problem> {
    let login = call
        .open(move |state, now, origin| {
            let token = body.value.refresh_token;
            match state.db.write(now, move |tx| access::refresh(tx, origin, &token))? {
                Refreshed::Continued(open) => view(state, *open),
                Refreshed::Reused => Err(Error::new(&codes::ACCESS_REFRESH_REUSED)),
            }
        })
        .await?;
    Ok(private(&login))
}

/// Signs out: ends the login of this access token.
#[utoipa::path(tag = "logins", responses((status = 204)))]
#[delete("/logins/current")]
pub(crate) async fn sign_out(call: Call) -> Result<impl Responder, Problem> {
    call.write(access::sign_out).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The caller's own account.
#[utoipa::path(tag = "logins", responses((status = 200, body = StaffView)))]
#[get("/logins/current")]
pub(crate) async fn who(call: Call) -> Result<impl Responder, Problem> {
    let account = call.read(access::own_account).await?;
    Ok(web::Json(StaffView::from(account)))
}

/// Sets the password of the account a one-time link was made for.
#[utoipa::path(tag = "logins", request_body = PasswordBody, responses((status = 204)), security(()))]
#[post("/passwords")]
pub(crate) async fn set_password(Guest(call): Guest, body: Body<PasswordBody>) -> Result<impl Responder, Problem> {
    call.open(move |state, now, origin| {
        access::set_password(&state.db, now, origin, &body.value.token, &body.value.password)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sends a link for choosing another password to this address, if it is an account's; the answer does not tell.
#[utoipa::path(tag = "logins", request_body = PasswordResetBody, responses((status = 202)), security(()))]
#[post("/password-resets")]
pub(crate) async fn ask_for_password(Guest(call): Guest, body: Body<PasswordResetBody>) -> impl Responder {
    call.afterwards(move |tx, origin| access::ask_for_password(tx, origin, &body.value.email));
    HttpResponse::Accepted().finish()
}

fn private(login: &LoginView) -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(login)
}
