//! Offers: a seat that frees up, held for the next in order until it is answered.

use actix_web::{Responder, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::enrollment::offer::{self, OfferFilter, OfferState, SeatOffer};
use vokasi_core::error::{Code, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, Value, Words};

use super::page_of;
use crate::body::{Body, Query, is_id, names_no_number, one_of, read, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Tagged};

/// What a person says to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Accepted,
    Refused,
}

impl Value for Reply {
    fn read(text: &str) -> Result<Self, &'static Code> {
        Self::ALL.iter().copied().find(|reply| reply.word() == text).ok_or(&codes::FIELD_UNKNOWN_VALUE)
    }
}

impl Words for Reply {
    const ALL: &'static [Self] = &[Self::Accepted, Self::Refused];

    fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// An answer to an offer.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"answer": "accepted"}))]
pub(crate) struct SeatOfferAnswerBody {
    /// `accepted` takes the seat, `refused` lets it go to the next.
    #[validate(custom(function = "one_of::<Reply>"))]
    #[schema(required = true)]
    answer: String,
    /// Why it is refused, if the person says so.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    reason: Option<String>,
}

/// A seat that is held for somebody until it is answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeatOfferView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2R")]
    id: Id,
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String)]
    class: Id,
    /// `open`, `accepted`, `refused`, `lapsed`, or `withdrawn` when the person left or was seated elsewhere.
    #[schema(value_type = String, example = "open")]
    state: OfferState,
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// From when on it no longer holds: the end of the last day.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Instant>,
}

impl SeatOfferView {
    pub(super) fn of(offer: SeatOffer, now: Instant) -> Self {
        Self {
            id: offer.id,
            enrollment: offer.enrollment_id,
            class: offer.class_id,
            state: offer.state(now),
            made_at: offer.made_at,
            expires_at: offer.expires_at,
            answered_at: offer.answered_at,
        }
    }
}

/// A page of offers.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatOfferPage {
    items: Vec<SeatOfferView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which offers.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeatOfferQuery {
    /// Only of this cohort.
    #[validate(custom(function = "is_id"))]
    cohort: Option<String>,
    /// Only of this class.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Only those that can be answered.
    open: bool,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Offers to people in the caller's scope, oldest first.
#[utoipa::path(tag = "seat-offers", params(SeatOfferQuery), responses((status = 200, body = SeatOfferPage)))]
#[get("/seat-offers")]
pub(crate) async fn list(call: Call, query: Query<SeatOfferQuery>) -> Result<impl Responder, Problem> {
    let now = call.now;
    let page = call
        .read(move |tx, actor| {
            let (cohort, class) = (read_some_id(query.cohort.as_ref())?, read_some_id(query.class.as_ref())?);
            offer::list(tx, actor, &OfferFilter { cohort, class, open: query.open }, page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(|offer| SeatOfferView::of(offer, now))))
}

/// One offer.
#[utoipa::path(tag = "seat-offers", params(("id" = String, Path)), responses((status = 200, body = SeatOfferView)))]
#[get("/seat-offers/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let now = call.now;
    let found = call.read(move |tx, actor| offer::get(tx, actor, *id)).await?;
    Ok(Tagged::new(found.version, SeatOfferView::of(found, now)))
}

/// Takes the seat that is offered, or lets it go to the next in order.
#[utoipa::path(tag = "seat-offers",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = SeatOfferAnswerBody, responses((status = 200, body = SeatOfferView)))]
#[post("/seat-offers/{id}/answer")]
pub(crate) async fn answer(
    call: Call,
    id: web::Path<Id>,
    body: Body<SeatOfferAnswerBody>,
) -> Result<impl Responder, Problem> {
    let now = call.now;
    let answered = call
        .change(move |tx, actor, version| {
            let reason = read_some(body.value.reason.as_ref())?;
            match read(&body.value.answer)? {
                Reply::Accepted => offer::accept(tx, actor, *id, version),
                Reply::Refused => offer::refuse(tx, actor, *id, version, reason.as_ref()),
            }
        })
        .await?;
    Ok(Tagged::new(answered.version, SeatOfferView::of(answered, now)))
}
