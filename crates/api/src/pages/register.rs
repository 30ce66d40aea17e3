//! The page behind the QR code of a register: a session is marked on it, with a network or without. The page itself
//! holds nothing of anybody; its program asks the REST layer as whoever signs in, by the protocol of `docs/offline.md`,
//! and its worker keeps frame, style and program on the phone, so that it opens where there is no network.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use vokasi_core::error::Language;
use vokasi_core::error::Language::{English, Indonesian};
use vokasi_core::id::Id;
use vokasi_core::keys::{sha256_base64, sha256_hex};

use crate::call::Guest;
use crate::problem::tag;
use crate::reply::published;

const FRAME: &str = include_str!("assets/register.html");
const STYLE: &str = include_str!("assets/register.css");
const PROGRAM: &str = include_str!("assets/register.js");
const WORKER: &str = include_str!("assets/worker.js");

/// It runs its own program and its own worker, and asks its own server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How long a browser without the worker may keep the page, in seconds: it opens where there is no network for a moment.
const PAGE: u32 = 3_600;
/// How long it may keep what stands under the address of its content.
const CONTENT: u32 = 604_800;
/// Of which session the worker fetches the page that it shows for all of them: of one that cannot be.
const NO_SESSION: &str = "/mark/0000000000000";

/// The page in both languages and its worker. They name style and program by what their addresses end in and by the
/// digests that the browser holds them to, so that a page never runs with pieces of another build, whoever answers.
struct Build {
    indonesian: String,
    english: String,
    worker: String,
    /// What the addresses of style and program end in.
    style_tag: String,
    program_tag: String,
}

static BUILD: LazyLock<Build> = LazyLock::new(|| {
    let [style, program] =
        [STYLE, PROGRAM].map(|text| [sha256_hex(text.as_bytes()).chars().take(16).collect(), digest(text)]);
    let fill = |text: &str| {
        let text = text.replace("{style}", &style[0]).replace("{style_digest}", &style[1]);
        text.replace("{program}", &program[0]).replace("{program_digest}", &program[1])
    };
    let frame = |language: Language, title: &str, script: &str| {
        let text = FRAME.replace("{language}", tag(language)).replace("{title}", title).replace("{script}", script);
        fill(&text)
    };
    let indonesian = frame(Indonesian, "Daftar hadir", "Halaman ini memerlukan JavaScript.");
    let english = frame(English, "Register", "This page needs JavaScript.");
    let frames = format!("{} {}", digest(&indonesian), digest(&english));
    let worker = fill(WORKER).replace("{frame}", NO_SESSION).replace("{frames}", &frames);
    let build = sha256_hex(worker.as_bytes()).chars().take(16).collect::<String>();
    let worker = worker.replace("{build}", &build);
    let [[style_tag, _], [program_tag, _]] = [style, program];
    Build { indonesian, english, worker, style_tag, program_tag }
});

/// As browsers write it.
fn digest(text: &str) -> String {
    format!("sha256-{}", sha256_base64(text.as_bytes()))
}

/// The page: the same for every session, whoever asks.
#[get("/mark/{session}")]
pub(crate) async fn show(Guest(call): Guest, request: HttpRequest, _session: web::Path<Id>) -> HttpResponse {
    let html = match call.language {
        Indonesian => &BUILD.indonesian,
        English => &BUILD.english,
    };
    let response = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, tag(call.language)))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::VARY, "Accept-Language"))
        .body(html.as_str());
    published(&request, PAGE, response)
}

/// What opens the page where there is no network. A browser asks for it anew each time, and finds the next build by it.
#[get("/mark/worker.js")]
pub(crate) async fn show_worker(request: HttpRequest) -> HttpResponse {
    let response = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(BUILD.worker.as_str());
    published(&request, 0, response)
}

/// How it looks.
#[get("/assets/register.css")]
pub(crate) async fn show_style(request: HttpRequest) -> HttpResponse {
    asset(&request, ("text/css; charset=utf-8", STYLE, &BUILD.style_tag))
}

/// What it does.
#[get("/assets/register.js")]
pub(crate) async fn show_program(request: HttpRequest) -> HttpResponse {
    asset(&request, ("text/javascript; charset=utf-8", PROGRAM, &BUILD.program_tag))
}

/// Whoever asks for another build's, as while servers are updated one after the other, keeps nothing of what it gets.
fn asset(request: &HttpRequest, (kind, text, tag): (&'static str, &'static str, &str)) -> HttpResponse {
    let kept = if request.query_string() == tag { CONTENT } else { 0 };
    published(request, kept, HttpResponse::Ok().insert_header((header::CONTENT_TYPE, kind)).body(text))
}
