//! Structured logs: the route's pattern and never the address, which may carry an id or a one-time code.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use tracing_subscriber::EnvFilter;
use vokasi_core::id::Id;

use crate::state::State;

/// The id of a request, in the answer, the log and the audit.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// The account that a request's token names, once its signature held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claimed(pub(crate) Id);

/// The code by which somebody was turned away: not known, not allowed, or there too often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TurnedAway(pub(crate) &'static str);

/// Below this the framework writes addresses down as they came, with whatever somebody has put into them.
/// What a client sends that is no HTTP is answered with 400 and is no failure of the server's.
const QUIET: [&str; 3] = ["actix_web=info", "actix_http=info", "actix_http::h1::dispatcher=off"];

/// What is logged, of what the settings ask for.
pub fn filter(text: &str) -> EnvFilter {
    let wanted = EnvFilter::try_new(text).unwrap_or_else(|_| EnvFilter::new("info"));
    QUIET.iter().filter_map(|quiet| quiet.parse().ok()).fold(wanted, EnvFilter::add_directive)
}

/// Starts logging to standard error; `json` for machines.
pub fn start(json: bool, text: &str) {
    let builder = tracing_subscriber::fmt().with_env_filter(filter(text)).with_writer(std::io::stderr);
    // A second start, as in tests, keeps the first one's settings.
    let _ = if json { builder.json().try_init() } else { builder.with_target(false).try_init() };
}

/// Gives the request an id and logs how it ended.
pub(crate) async fn trace<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let id = request
        .app_data::<web::Data<State>>()
        .map(|state| format!("{:016x}", u64::from_be_bytes(state.db.world().entropy.bytes())))
        .unwrap_or_default();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.call(request).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    let turned_away = response.response().extensions().get::<TurnedAway>().map(|TurnedAway(code)| *code);
    // Which route it was is looked for once more among all of them.
    if turned_away.is_some() || tracing::enabled!(tracing::Level::DEBUG) {
        tell(&id, &response, turned_away);
    }
    Ok(response)
}

fn tell<B>(id: &str, response: &ServiceResponse<B>, turned_away: Option<&str>) {
    let (request, status) = (response.request(), response.status());
    let (method, pattern) = (request.method(), request.match_pattern());
    let route = pattern.as_deref().unwrap_or("-");
    tracing::debug!(request = id, %method, route, status = status.as_u16());
    let Some(code) = turned_away else { return };
    let account = request.extensions().get::<Claimed>().map(|claimed| claimed.0.to_string());
    if status == StatusCode::TOO_MANY_REQUESTS {
        tracing::warn!(request = id, %method, route, code, account, "turned away");
    } else {
        tracing::info!(request = id, %method, route, code, account, "turned away");
    }
}
