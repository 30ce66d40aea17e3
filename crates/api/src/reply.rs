//! What goes back: JSON with an entity tag, a page with its Link header, a thing that was made.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder, web};
use serde::Serialize;
use tokio::sync::mpsc;
use vokasi_core::access::KeptAnswer;
use vokasi_core::error::{Error, Language, Result};
use vokasi_core::keys::sha256_hex;
use vokasi_core::page::Page;

/// The media type of a workbook.
pub(crate) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The media type of a credential as a signed token.
pub(crate) const CREDENTIAL: &str = "application/vc+jwt";

/// Something that was made, its address and its version.
pub(crate) struct Made<V> {
    status: StatusCode,
    location: Option<String>,
    version: Option<i32>,
    view: V,
}

impl<V: Serialize> Made<V> {
    /// A new thing at its address, with the version it has.
    pub(crate) fn at(location: String, version: i32, view: V) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), version: Some(version), view }
    }

    /// Something that is only asked for: it is followed at its address.
    pub(crate) fn asked(location: String, view: V) -> Self {
        Self { status: StatusCode::ACCEPTED, location: Some(location), version: None, view }
    }

    /// What an act did, where no single new thing has an address.
    pub(crate) fn done(view: V) -> Self {
        Self { status: StatusCode::OK, location: None, version: None, view }
    }

    pub(crate) fn answer(self, request_hash: String) -> Result<KeptAnswer> {
        Ok(KeptAnswer {
            request_hash,
            status: i32::from(self.status.as_u16()),
            location: self.location,
            etag: self.version.map(tag),
            body: serde_json::to_string(&self.view).map_err(Error::storage)?,
        })
    }
}

/// The answer as it was given the first time.
pub(crate) fn replay(kept: KeptAnswer) -> HttpResponse {
    let status =
        u16::try_from(kept.status).ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(location) = kept.location {
        response.insert_header((header::LOCATION, location));
    }
    if let Some(etag) = kept.etag {
        response.insert_header((header::ETAG, etag));
    }
    response.body(kept.body)
}

/// Bytes of an answer that most are shorter than: a text that grows while it is written costs as much again.
const MOST: usize = 4096;

fn json(mut response: HttpResponseBuilder, view: &impl Serialize) -> HttpResponse {
    let mut text = Vec::with_capacity(MOST);
    match serde_json::to_writer(&mut text, view) {
        Ok(()) => response.content_type(ContentType::json()).body(text),
        Err(error) => HttpResponse::from_error(ErrorInternalServerError(error)),
    }
}

/// What no cache may keep and nobody changes by a version.
pub(crate) fn private(view: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    json(response, view)
}

/// What anyone may keep for so many seconds, tagged by its bytes; of what the caller has already nothing is sent again.
pub(crate) fn published(request: &HttpRequest, seconds: u32, mut response: HttpResponse) -> HttpResponse {
    let age = HeaderValue::from_str(&format!("public, max-age={seconds}"));
    response.headers_mut().insert(header::CACHE_CONTROL, age.unwrap_or(HeaderValue::from_static("no-store")));
    let (mut response, body) = response.into_parts();
    let Ok(bytes) = body.try_into_bytes() else { return response.set_body(BoxBody::new(())) };
    let tag = format!("\"{}\"", sha256_hex(&bytes));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    let asked = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if asked.split(',').any(|one| one.trim().trim_start_matches("W/") == tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response.set_body(BoxBody::new(()));
    }
    response.set_body(BoxBody::new(bytes))
}

/// A workbook to take away, under a name that tells nothing of anybody.
pub(crate) fn workbook(name: &str, bytes: Vec<u8>, language: Language) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, WORKBOOK))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.xlsx\"")))
        .insert_header((header::CONTENT_LANGUAGE, crate::problem::tag(language)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(bytes)
}

/// A paper about people, under a name that tells nothing of anybody; it is in both languages.
pub(crate) fn paper(name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/pdf"))
        .insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(bytes)
}

/// One thing with its entity tag.
pub(crate) struct Tagged<V> {
    version: i32,
    view: V,
}

impl<V> Tagged<V> {
    pub(crate) fn new(version: i32, view: V) -> Self {
        Self { version, view }
    }
}

impl<V: Serialize> Responder for Tagged<V> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.insert_header((header::ETAG, tag(self.version))).insert_header((header::CACHE_CONTROL, "no-store"));
        json(response, &self.view)
    }
}

/// A page of things, with the address of the next one in its Link header.
pub(crate) struct Listed<V> {
    page: Page<V>,
}

impl<V> From<Page<V>> for Listed<V> {
    fn from(page: Page<V>) -> Self {
        Self { page }
    }
}

#[derive(Serialize)]
struct ListBody<'a, V> {
    items: &'a [V],
    next: Option<&'a str>,
}

impl<V: Serialize> Responder for Listed<V> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(next) = &self.page.next {
            response.insert_header((header::LINK, format!("<{}>; rel=\"next\"", next_address(request, next))));
        }
        json(response, &ListBody { items: &self.page.rows, next: self.page.next.as_deref() })
    }
}

/// A body that is made while it is sent: the next piece is made once the last one is on its way.
pub(crate) struct Pieces(mpsc::Receiver<Result<web::Bytes>>);

impl Pieces {
    /// The end that is written to, and the body. A piece that failed ends the connection, so that nobody takes the
    /// part for the whole.
    pub(crate) fn new() -> (mpsc::Sender<Result<web::Bytes>>, Self) {
        let (sender, receiver) = mpsc::channel(1);
        (sender, Self(receiver))
    }
}

impl MessageBody for Pieces {
    type Error = Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<web::Bytes>>> {
        self.0.poll_recv(context)
    }
}

fn next_address(request: &HttpRequest, cursor: &str) -> String {
    let kept: Vec<&str> =
        request.query_string().split('&').filter(|part| !part.is_empty() && !part.starts_with("after=")).collect();
    let mut query = kept.join("&");
    if !query.is_empty() {
        query.push('&');
    }
    format!("{}?{query}after={cursor}", request.path())
}

fn tag(version: i32) -> String {
    format!("\"{version}\"")
}
