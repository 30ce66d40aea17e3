//! Structured logs: the route's pattern and never the address, which may carry an id or a one-time code.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use tracing_subscriber::EnvFilter;

use crate::state::State;

/// The id of a request, in the answer, the log and the audit.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

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
    tracing::debug!(
        request = id,
        method = %response.request().method(),
        route = response.request().match_pattern().as_deref().unwrap_or("-"),
        status = response.status().as_u16(),
    );
    Ok(response)
}
