//! Links under which a calendar reads a timetable without signing in.

use actix_web::{HttpResponse, Responder, delete, post, web};
use serde::Serialize;
use utoipa::ToSchema;
use vokasi_core::feed::{self, Of};
use vokasi_core::id::Id;

use crate::call::Call;
use crate::problem::Problem;
use crate::reply::private;

/// A link that is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalendarLinkView {
    /// The address of the timetable as iCalendar (RFC 5545). Whoever has it can read it.
    #[schema(example = "https://vokasi.example.go.id/calendars/uZ3v0sYtq6mCkq0dJ4W5nQnYl8k1mFhJr2mVb7cT9xE.ics")]
    url: String,
}

/// Makes the link of a class's timetable. One that was there works no longer.
#[utoipa::path(tag = "calendar", params(("id" = String, Path)), responses((status = 200, body = CalendarLinkView)))]
#[post("/classes/{id}/calendar-link")]
pub(crate) async fn of_class(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    link(call, Of::Class(*id)).await
}

/// Withdraws the link of a class's timetable.
#[utoipa::path(tag = "calendar", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/classes/{id}/calendar-link")]
pub(crate) async fn withdraw_of_class(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    withdraw(call, Of::Class(*id)).await
}

/// Makes the link of all that an instructor teaches. One that was there works no longer.
#[utoipa::path(tag = "calendar", params(("id" = String, Path)), responses((status = 200, body = CalendarLinkView)))]
#[post("/staff/{id}/calendar-link")]
pub(crate) async fn of_instructor(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    link(call, Of::Instructor(*id)).await
}

/// Withdraws the link of all that an instructor teaches.
#[utoipa::path(tag = "calendar", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/staff/{id}/calendar-link")]
pub(crate) async fn withdraw_of_instructor(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    withdraw(call, Of::Instructor(*id)).await
}

async fn link(call: Call, of: Of) -> Result<HttpResponse, Problem> {
    let public_url = call.state.public_url.clone();
    let secret = call.write(move |tx, actor| feed::link(tx, actor, of)).await?;
    Ok(private(&CalendarLinkView { url: format!("{public_url}/calendars/{secret}.ics") }))
}

async fn withdraw(call: Call, of: Of) -> Result<HttpResponse, Problem> {
    call.write(move |tx, actor| feed::withdraw(tx, actor, of)).await?;
    Ok(HttpResponse::NoContent().finish())
}
