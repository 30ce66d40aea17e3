//! Unnamed seats: a school has so many seats of a class until a day and names people for them; what is not named by then
//! goes back.

mod store;

use std::collections::HashMap;

use chrono::NaiveDate;

pub use store::SeatReservation;

use super::{Enrollment, EnrollmentState, Move, Why};
use crate::access::{Actor, Operation};
use crate::audit::{self, Note, Subject};
use crate::class;
use crate::cohort;
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant;
use crate::partner;
use crate::values::Label;

/// Seats to keep for a school.
#[derive(Debug, Clone, Copy)]
pub struct NewReservation {
    /// Of which class.
    pub class: Id,
    /// For which school.
    pub school: Id,
    /// How many.
    pub seats: i32,
    /// The last day for naming somebody.
    pub until: NaiveDate,
}

/// Which reservations are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReservationFilter {
    /// Only of this class.
    pub class: Option<Id>,
    /// Only of this school.
    pub school: Option<Id>,
}

/// Keeps seats of a class for a school.
///
/// # Errors
/// `class.full`, `class.state`, `cohort.state`, `partner.not_a_school`, `field.date_order`.
pub fn reserve(tx: &mut Tx<'_>, actor: &Actor, new: NewReservation) -> Result<SeatReservation> {
    actor.may(Operation::Seating)?;
    let class = class::writable(tx, actor, new.class)?;
    let school = partner::get(tx, actor, new.school).map_err(|error| error.at("/school"))?;
    if !school.kind.is_school() {
        return Err(Error::new(&codes::PARTNER_NOT_A_SCHOOL));
    }
    super::takes_people(&cohort::one(tx, class.cohort_id)?, &class)?;
    if new.until < tx.today(&class.province_code) {
        return Err(Error::field("/until", &codes::FIELD_DATE_ORDER));
    }
    class::hold(tx, class.id, new.seats)?;
    let reservation = SeatReservation {
        id: tx.new_id(),
        class_id: class.id,
        province_code: class.province_code,
        school_id: school.id,
        seats: new.seats,
        named: 0,
        until: new.until,
        returned_at: None,
        made_at: tx.now(),
        made_by: actor.account_or_operator(),
        version: 1,
    };
    store::insert(tx, &reservation)?;
    note(tx, actor, &reservation, "seats.reserved")?;
    Ok(reservation)
}

/// One reservation.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<SeatReservation> {
    actor.may(Operation::SeatReservationRead)?;
    store::visible_one(tx, actor, id)
}

/// Reservations in the actor's scope, oldest first.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &ReservationFilter,
    page: PageRequest,
) -> Result<Page<SeatReservation>> {
    actor.may(Operation::SeatReservationRead)?;
    store::visible(tx, actor, filter, page)
}

/// Names one of the school's waiting people for a seat, through the same checks as any seat.
///
/// # Errors
/// `resource.stale`, `seat_reservation.over`, `enrollment.other_school`, `seat_offer.open`, and what refuses a seat.
pub fn name(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, enrollment: Id) -> Result<SeatReservation> {
    actor.may(Operation::SeatReservationName)?;
    let seen = store::visible_one(tx, actor, id)?;
    let row = super::store::visible_one(tx, actor, enrollment).map_err(|error| error.at("/enrollment"))?.enrollment;
    // In the order everyone locks: people, enrollments, classes.
    let person = participant::locked(tx, row.participant_id)?;
    let mut row: Enrollment = super::store::locked(tx, enrollment)?;
    let class = class::locked(tx, seen.class_id)?;
    let mut reservation = current(tx, id, version)?;
    if reservation.unnamed() == 0 || reservation.until < tx.today(&reservation.province_code) {
        return Err(Error::new(&codes::SEAT_RESERVATION_OVER));
    }
    if row.school_id != Some(reservation.school_id) {
        return Err(Error::new(&codes::ENROLLMENT_OTHER_SCHOOL));
    }
    if row.state != EnrollmentState::Waitlisted {
        let to = EnrollmentState::Active;
        return Err(Error::new(&codes::ENROLLMENT_TRANSITION).fact("from", row.state).fact("to", to));
    }
    if super::offer::unanswered(tx, row.id)?.is_some() {
        return Err(Error::new(&codes::SEAT_OFFER_OPEN));
    }
    super::may_go_on(tx, &person, &row, EnrollmentState::Active)?;
    super::may_sit(tx, actor, &row, &class, &[])?;
    class::hold(tx, class.id, -1)?;
    class::seat(tx, class.id, 1)?;
    super::sit_down(tx, &mut row, &class);
    let reason = Label::parse(Why::Reserved.as_str()).ok();
    super::move_row(tx, actor, &mut row, EnrollmentState::Active, Move::because(reason))?;
    reservation.named += 1;
    reservation.version += 1;
    store::update(tx, &reservation)?;
    Note::of("enrollment.named", Subject::enrollment(row.id))
        .within(&row.province_code)
        .about(row.participant_id)
        .with(serde_json::json!({ "reservation": id, "class": class.id }))
        .record(tx, actor)?;
    Ok(reservation)
}

/// Gives back what is not named, before its day; it is offered to the next in order.
///
/// # Errors
/// `resource.stale`, `seat_reservation.over`.
pub fn give_back(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<SeatReservation> {
    actor.may(Operation::SeatReservationName)?;
    let seen = store::visible_one(tx, actor, id)?;
    class::locked(tx, seen.class_id)?;
    let reservation = current(tx, id, version)?;
    if reservation.returned_at.is_some() {
        return Err(Error::new(&codes::SEAT_RESERVATION_OVER));
    }
    returned(tx, actor, reservation)
}

/// Gives back what was not named by the last day, of one reservation; says whether there was one.
pub fn give_back_due(tx: &mut Tx<'_>) -> Result<bool> {
    let due = store::due(tx)?.into_iter().find(|one| one.until < tx.today(&one.province_code));
    let Some(seen) = due else { return Ok(false) };
    class::locked(tx, seen.class_id)?;
    let reservation = store::locked(tx, seen.id)?;
    if reservation.returned_at.is_none() {
        returned(tx, &Actor::operator(), reservation)?;
    }
    Ok(true)
}

fn current(tx: &mut Tx<'_>, id: Id, version: i32) -> Result<SeatReservation> {
    let reservation = store::locked(tx, id)?;
    if reservation.version == version { Ok(reservation) } else { Err(Error::new(&codes::STALE)) }
}

fn returned(tx: &mut Tx<'_>, actor: &Actor, mut reservation: SeatReservation) -> Result<SeatReservation> {
    let rest = reservation.unnamed();
    class::hold(tx, reservation.class_id, -rest)?;
    reservation.returned_at = Some(tx.now());
    reservation.version += 1;
    store::update(tx, &reservation)?;
    note(tx, actor, &reservation, "seats.returned")?;
    super::offer::pass_on(tx, actor, reservation.class_id, rest)?;
    Ok(reservation)
}

fn note(tx: &mut Tx<'_>, actor: &Actor, reservation: &SeatReservation, action: &'static str) -> Result<()> {
    let SeatReservation { school_id, seats, named, until, .. } = reservation;
    let detail = serde_json::json!({
        "reservation": reservation.id, "school": school_id, "seats": seats, "named": named, "until": until,
    });
    let subject = Subject::class(reservation.class_id);
    audit::record(tx, actor, action, subject, Some(&reservation.province_code), &detail)
}

/// Seats of a cohort that are kept for each school and for which it has named nobody yet.
pub(super) fn unnamed(tx: &mut Tx<'_>, cohort: Id) -> Result<HashMap<Id, i64>> {
    let mut unnamed: HashMap<Id, i64> = HashMap::new();
    for reservation in store::open_in(tx, cohort)? {
        *unnamed.entry(reservation.school_id).or_default() += i64::from(reservation.unnamed());
    }
    Ok(unnamed)
}
