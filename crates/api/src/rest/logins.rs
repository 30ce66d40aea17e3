//! Signing in, going on, signing out, choosing a password.

use actix_web::{HttpResponse, Responder, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};
use vokasi_core::access::{self, Claims, Login, OpenLogin, Proof, Refreshed, SignIn};
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::page::Page;
use vokasi_core::time::Instant;

use super::PageQuery;
use super::staff::StaffView;
use crate::body::{Body, Query, wrong};
use crate::call::{Call, Guest};
use crate::problem::Problem;
use crate::reply::{Listed, private};
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
    /// The code of the authenticator or a recovery code, when the answer without one was `access.second_factor_needed`.
    #[validate(length(min = 1, max = 40))]
    code: Option<String>,
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
    /// 12 to 128 characters of any kind.
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

/// The password or a code: one of the two.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[validate(schema(function = "one_proof"))]
pub(crate) struct ConfirmationBody {
    /// The account's password.
    #[validate(length(min = 1, max = 1024))]
    password: Option<String>,
    /// The code of the authenticator, or a recovery code.
    #[validate(length(min = 1, max = 40))]
    code: Option<String>,
}

fn one_proof(body: &ConfirmationBody) -> Result<(), ValidationError> {
    if body.password.is_some() == body.code.is_some() { Err(wrong(&codes::ACCESS_PROOF)) } else { Ok(()) }
}

impl ConfirmationBody {
    fn proof(self) -> Proof {
        match (self.code, self.password) {
            (Some(code), _) => Proof::Code(code),
            (None, password) => Proof::Password(password.unwrap_or_default()),
        }
    }
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
    /// Whether it can do nothing yet but set up the second factor that the role must have.
    second_factor_missing: bool,
    account: StaffView,
}

/// One of the caller's own logins.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnLoginView {
    #[schema(value_type = String)]
    id: Id,
    /// What the client called itself.
    #[schema(example = "Mozilla/5.0 (Android 16; Mobile)")]
    device: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// When it was last continued.
    #[schema(value_type = String, format = DateTime)]
    refreshed_at: Instant,
    /// Whether it is the one that asks.
    current: bool,
}

impl OwnLoginView {
    fn of(login: Login, current: Option<Id>) -> Self {
        Self {
            current: current == Some(login.id),
            id: login.id,
            device: login.device,
            created_at: login.created_at,
            refreshed_at: login.refreshed_at,
        }
    }
}

/// A page of the caller's own logins.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnLoginPage {
    items: Vec<OwnLoginView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// What a confirmation gives.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConfirmationView {
    /// Until when the login may do sensitive acts.
    #[schema(value_type = String, format = DateTime)]
    confirmed_until: Instant,
}

fn view(state: &State, open: OpenLogin) -> Result<LoginView> {
    let claims = Claims { account: open.account.id, login: open.login.id, epoch: open.account.epoch };
    Ok(LoginView {
        login: open.login.id,
        access_token: Tokens::sign(&state.db.world().keys(), claims, state.clock.now())?,
        token_type: "Bearer",
        expires_in: LIFE_SECONDS,
        refresh_token: open.refresh_token,
        second_factor_missing: open.login.factor_missing,
        account: open.account.into(),
    })
}

/// Signs in, with a code where the account has a second factor.
#[utoipa::path(tag = "logins", request_body = LoginBody, responses((status = 200, body = LoginView)), security(()))]
#[post("/logins")]
pub(crate) async fn sign_in(Guest(call): Guest, body: Body<LoginBody>) -> Result<impl Responder, Problem> {
    let login = call
        .open(move |state, now, origin| {
            let LoginBody { email, password, code } = body.value;
            let with = SignIn { email, password, code };
            view(state, access::sign_in(&state.db, now, origin, with, state.second_factor)?)
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
            let (token, policy) = (body.value.refresh_token, state.second_factor);
            match state.db.write(now, move |tx| access::refresh(tx, origin, &token, policy))? {
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
    call.admit_without_second_factor().write(access::sign_out).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The caller's own logins that may still go on.
#[utoipa::path(tag = "logins", params(PageQuery), responses((status = 200, body = OwnLoginPage)))]
#[get("/logins")]
pub(crate) async fn list(call: Call, query: Query<PageQuery>) -> Result<impl Responder, Problem> {
    let (current, page): (Option<Id>, Page<Login>) =
        call.read(move |tx, actor| Ok((actor.login(), access::logins(tx, actor, query.request()?)?))).await?;
    Ok(Listed::from(page.map(|login| OwnLoginView::of(login, current))))
}

/// Ends every other login of the caller's account, once the caller has been confirmed within ten minutes.
#[utoipa::path(tag = "logins", responses((status = 204)))]
#[delete("/logins/others")]
pub(crate) async fn end_others(call: Call) -> Result<impl Responder, Problem> {
    call.write(access::end_other_logins).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends one of the caller's own logins; another one than this once the caller has been confirmed within ten minutes.
#[utoipa::path(tag = "logins", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/logins/{id}")]
pub(crate) async fn end(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.write(move |tx, actor| access::end_login(tx, actor, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Shows that it is still the same person; for ten minutes the login may do sensitive acts.
#[utoipa::path(tag = "logins", request_body = ConfirmationBody, responses((status = 200, body = ConfirmationView)))]
#[post("/logins/current/confirmation")]
pub(crate) async fn confirm(call: Call, body: Body<ConfirmationBody>) -> Result<impl Responder, Problem> {
    let confirmed_until = call
        .admit_without_second_factor()
        .work(move |state, now, actor| access::confirm(&state.db, now, actor, body.value.proof()))
        .await?;
    Ok(private(&ConfirmationView { confirmed_until }))
}

/// The caller's own account.
#[utoipa::path(tag = "logins", responses((status = 200, body = StaffView)))]
#[get("/logins/current")]
pub(crate) async fn who(call: Call) -> Result<impl Responder, Problem> {
    let account = call.admit_without_second_factor().read(access::own_account).await?;
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
