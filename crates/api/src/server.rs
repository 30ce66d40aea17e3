//! The HTTP server: routes, headers, limits.

use std::future::poll_fn;
use std::net::TcpListener;
use std::task::Poll;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::{Compress, ErrorHandlers, from_fn};
use actix_web::{App, HttpResponse, HttpServer, Responder, get, web};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};
use vokasi_core::error::{Error, codes};

use crate::problem::{self, told};
use crate::state::State;
use crate::{body, door, openapi, pages, routes, telemetry};

/// How the server uses the machine.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Threads that serve.
    pub workers: usize,
    /// Threads that wait for the database, over all workers; the size of the connection pool.
    pub connections: usize,
}

/// Everything the server answers.
macro_rules! app {
    ($state:expr) => {
        App::new()
            .app_data($state)
            .app_data(web::PayloadConfig::new(body::LIMIT))
            .app_data(
                web::FormConfig::default().limit(4096).error_handler(|_, request| {
                    told(request, Error::new(&codes::INPUT_MALFORMED).fact("reason", "form"))
                }),
            )
            .app_data(
                web::PathConfig::default().error_handler(|_, request| told(request, Error::new(&codes::NOT_FOUND))),
            )
            .app_data(web::QueryConfig::default().error_handler(|error, request| {
                told(request, Error::new(&codes::QUERY_INVALID).fact("reason", query_reason(&error.to_string())))
            }))
            .service(web::scope("/api/v1").configure(routes::rest))
            .service(healthz)
            .service(readyz)
            .service(document_json)
            .service(pages::errors::show)
            .service(pages::dossier::show)
            .service(pages::calendar::show)
            .service(pages::register::show_worker)
            .service(pages::register::show)
            .service(pages::register::show_style)
            .service(pages::register::show_program)
            .service(pages::password::show_form)
            .service(pages::password::set_password)
            .service(pages::verify::ask)
            .service(pages::verify::show)
            .service(pages::verify::show_credential)
            .service(pages::verify::show_hash)
            .service(pages::issuers::show_profile)
            .service(pages::issuers::show_keys)
            .service(pages::issuers::show_key)
            .service(pages::issuers::show_status_list)
            .service(pages::issuers::show_did)
            .service(
                SwaggerUi::new("/docs/{_:.*}")
                    .url("/openapi.json", OpenApi::default())
                    .config(Config::from("/openapi.json").validator_url("none")),
            )
            .service(web::redirect("/docs", "/docs/"))
            .default_service(web::to(problem::not_found))
            .wrap(from_fn(problem::refuse_null))
            .wrap(ErrorHandlers::new().default_handler(problem::of_framework))
            .wrap(from_fn(door::keep))
            .wrap(Compress::default())
            .wrap(from_fn(telemetry::trace))
    };
}

/// The OpenAPI document, collected from the handlers.
pub fn document() -> OpenApi {
    let (_, document) = App::new()
        .into_utoipa_app()
        .openapi(openapi::base())
        .service(utoipa_actix_web::scope("/api/v1").configure(routes::described))
        .split_for_parts();
    openapi::complete(document)
}

/// Starts serving on a listener.
pub fn start(state: web::Data<State>, listener: TcpListener, sizes: Sizes) -> std::io::Result<Server> {
    let shared = state.clone();
    let server = HttpServer::new(move || app!(shared.clone()))
        .workers(sizes.workers)
        .worker_max_blocking_threads((sizes.connections / sizes.workers).max(1))
        .client_request_timeout(Duration::from_secs(30))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(30)
        .listen(listener)?
        .run();
    actix_web::rt::spawn(close_when_told(state));
    Ok(server)
}

/// Whoever follows a job would hold a graceful stop up, so they are let go when the program is told to stop.
async fn close_when_told(state: web::Data<State>) {
    told_to_stop().await;
    state.let_go();
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::quit()];
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    poll_fn(|context| {
        let told = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if told { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}

/// The document as it is published. It is made beforehand: what puts it together weighs megabytes, in the program
/// and in memory. A test compares it with [`document`].
pub(crate) const DOCUMENT: &str = include_str!("../../../docs/openapi.json");

/// The OpenAPI 3.1 document.
#[get("/openapi.json")]
async fn document_json() -> impl Responder {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(DOCUMENT)
}

/// Alive: the process answers.
#[get("/healthz")]
async fn healthz() -> impl Responder {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).body("ok\n")
}

/// Ready: the database answers too.
#[get("/readyz")]
async fn readyz(state: web::Data<State>) -> impl Responder {
    let answer = web::block(move || state.db.read(state.clock.now(), vokasi_core::access::any_account)).await;
    match answer {
        Ok(Ok(_)) => HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).body("ready\n"),
        _ => HttpResponse::ServiceUnavailable().body("not ready\n"),
    }
}

/// What serde says of a query, without the values it quotes.
fn query_reason(text: &str) -> String {
    text.split_once("unknown field `")
        .and_then(|(_, rest)| rest.split_once('`'))
        .map_or_else(|| "type".to_owned(), |(name, _)| format!("unknown parameter {name}"))
}
