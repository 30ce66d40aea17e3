//! The page behind the QR code of a register: a session is marked on it, with a network or without. The page itself
//! holds nothing of anybody; its program asks the REST layer as whoever signs in, by the protocol of `docs/offline.md`.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use vokasi_core::error::Language::{English, Indonesian};
use vokasi_core::id::Id;
use vokasi_core::keys::sha256_hex;

use crate::call::Guest;
use crate::problem::tag;
use crate::reply::published;

const FRAME: &str = include_str!("assets/register.html");
const STYLE: &str = include_str!("assets/register.css");
const PROGRAM: &str = include_str!("assets/register.js");

/// It runs its own program and asks its own server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// How long a browser may keep the page, in seconds: it opens where there is no network for a moment.
const PAGE: u32 = 3_600;
/// How long it may keep what stands under the address of its content.
const CONTENT: u32 = 604_800;

/// What the addresses of style and program end in, so that a page never runs with those of another build.
static CONTENTS: LazyLock<[String; 2]> =
    LazyLock::new(|| [STYLE, PROGRAM].map(|text| sha256_hex(text.as_bytes()).chars().take(16).collect()));

/// The page: the same for every session, whoever asks.
#[get("/mark/{session}")]
pub(crate) async fn show(Guest(call): Guest, request: HttpRequest, _session: web::Path<Id>) -> HttpResponse {
    let (title, script) = match call.language {
        Indonesian => ("Daftar hadir", "Halaman ini memerlukan JavaScript."),
        English => ("Register", "This page needs JavaScript."),
    };
    let [style, program] = &*CONTENTS;
    let html = FRAME
        .replace("{language}", tag(call.language))
        .replace("{title}", title)
        .replace("{script}", script)
        .replace("{style}", style)
        .replace("{program}", program);
    let response = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, tag(call.language)))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::VARY, "Accept-Language"))
        .body(html);
    published(&request, PAGE, response)
}

/// How it looks.
#[get("/assets/register.css")]
pub(crate) async fn show_style(request: HttpRequest) -> HttpResponse {
    asset(&request, "text/css; charset=utf-8", STYLE)
}

/// What it does.
#[get("/assets/register.js")]
pub(crate) async fn show_program(request: HttpRequest) -> HttpResponse {
    asset(&request, "text/javascript; charset=utf-8", PROGRAM)
}

fn asset(request: &HttpRequest, kind: &'static str, text: &'static str) -> HttpResponse {
    published(request, CONTENT, HttpResponse::Ok().insert_header((header::CONTENT_TYPE, kind)).body(text))
}
