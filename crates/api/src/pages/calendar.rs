//! A timetable for the calendar of a phone, behind its link.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use vokasi_core::feed;
use vokasi_core::keys::sha256_hex;

use crate::call::Guest;
use crate::problem::Problem;

/// A timetable as iCalendar; unchanged since a tag, nothing of it is sent again.
#[get("/calendars/{token}.ics")]
pub(crate) async fn show(
    Guest(call): Guest,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let text = call.open(move |state, now, _| state.db.read(now, |tx| feed::calendar(tx, &token))).await?;
    let tag = format!("\"{}\"", sha256_hex(text.as_bytes()));
    let asked = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = asked.split(',').any(|one| one.trim().trim_start_matches("W/") == tag);
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, "private, max-age=300"));
    if known {
        return Ok(answer.finish());
    }
    Ok(answer.insert_header((header::CONTENT_TYPE, "text/calendar; charset=utf-8")).body(text))
}
