//! Unnamed seats: kept for a school until a day, named one by one.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::enrollment::reservation::{self, NewReservation, ReservationFilter, SeatReservation};
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::time::Instant;

use super::page_of;
use crate::body::{Body, Query, is_id, read, read_id, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged};

/// Seats to keep for a school.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"school": "0CZ5V9K3M7Q2A", "seats": 6, "until": "2025-08-01"}))]
pub(crate) struct SeatReservationBody {
    /// For which school.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    school: String,
    /// How many.
    #[validate(range(min = 1, max = 500))]
    #[schema(required = true)]
    seats: i32,
    /// The last day for naming somebody; what is not named then goes back.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    until: String,
}

/// Who is named for a seat.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"enrollment": "0CZ5V9K3M7Q2H"}))]
pub(crate) struct NamingBody {
    /// A person of the school who waits.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    enrollment: String,
}

/// Seats of a class for which a school names people until a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeatReservationView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2S")]
    id: Id,
    #[schema(value_type = String)]
    class: Id,
    #[schema(value_type = String)]
    school: Id,
    #[schema(example = 6)]
    seats: i32,
    /// Those for which somebody was named.
    named: i32,
    /// Those that can still be named.
    unnamed: i32,
    /// The last day for naming somebody.
    until: NaiveDate,
    /// When the rest went back.
    #[schema(value_type = Option<String>, format = DateTime)]
    returned_at: Option<Instant>,
}

impl From<SeatReservation> for SeatReservationView {
    fn from(reservation: SeatReservation) -> Self {
        Self {
            id: reservation.id,
            class: reservation.class_id,
            school: reservation.school_id,
            seats: reservation.seats,
            named: reservation.named,
            unnamed: reservation.unnamed(),
            until: reservation.until,
            returned_at: reservation.returned_at,
        }
    }
}

/// A page of reservations.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatReservationPage {
    items: Vec<SeatReservationView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which reservations.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeatReservationQuery {
    /// Only of this class.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Only of this school.
    #[validate(custom(function = "is_id"))]
    school: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Keeps seats of a class for a school, which names people for them later.
#[utoipa::path(tag = "seat-reservations", params(("id" = String, Path)), request_body = SeatReservationBody,
    responses((status = 201, body = SeatReservationView)))]
#[post("/classes/{id}/seat-reservations")]
pub(crate) async fn reserve(
    call: Call,
    id: web::Path<Id>,
    body: Body<SeatReservationBody>,
) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let (school, until) = (read_id(&value.school)?, read(&value.until)?);
        let made = reservation::reserve(tx, actor, NewReservation { class: *id, school, seats: value.seats, until })?;
        let address = format!("/api/v1/seat-reservations/{}", made.id);
        Ok(Made::at(address, made.version, SeatReservationView::from(made)))
    })
    .await
}

/// Seats that are kept for schools, oldest first; a school sees its own.
#[utoipa::path(tag = "seat-reservations", params(SeatReservationQuery),
    responses((status = 200, body = SeatReservationPage)))]
#[get("/seat-reservations")]
pub(crate) async fn list(call: Call, query: Query<SeatReservationQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let (class, school) = (read_some_id(query.class.as_ref())?, read_some_id(query.school.as_ref())?);
            reservation::list(tx, actor, &ReservationFilter { class, school }, page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(SeatReservationView::from)))
}

/// One reservation.
#[utoipa::path(tag = "seat-reservations", params(("id" = String, Path)),
    responses((status = 200, body = SeatReservationView)))]
#[get("/seat-reservations/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let found = call.read(move |tx, actor| reservation::get(tx, actor, *id)).await?;
    Ok(Tagged::new(found.version, SeatReservationView::from(found)))
}

/// Names one of the school's waiting people for a seat, who sits in the class at once.
#[utoipa::path(tag = "seat-reservations",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = NamingBody, responses((status = 200, body = SeatReservationView)))]
#[post("/seat-reservations/{id}/namings")]
pub(crate) async fn name(call: Call, id: web::Path<Id>, body: Body<NamingBody>) -> Result<impl Responder, Problem> {
    let named = call
        .change(move |tx, actor, version| reservation::name(tx, actor, *id, version, read_id(&body.value.enrollment)?))
        .await?;
    Ok(Tagged::new(named.version, SeatReservationView::from(named)))
}

/// Gives back what is not named before its day; it is offered to the next in order.
#[utoipa::path(tag = "seat-reservations",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    responses((status = 200, body = SeatReservationView)))]
#[post("/seat-reservations/{id}/return")]
pub(crate) async fn give_back(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let returned = call.change(move |tx, actor, version| reservation::give_back(tx, actor, *id, version)).await?;
    Ok(Tagged::new(returned.version, SeatReservationView::from(returned)))
}
