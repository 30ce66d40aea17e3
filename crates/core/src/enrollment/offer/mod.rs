//! Offers: a seat that frees up is held for the next in order who may have it, for some days. Refused or left
//! unanswered, it passes on to the one after.

mod rules;
mod store;

use std::collections::{BTreeMap, HashSet};

use chrono::Days;

pub use rules::{Answer, OfferState};
pub use store::SeatOffer;

use super::rules::{Reach, nearness};
use super::{Enrollment, EnrollmentState, Why};
use crate::access::{self, Actor, Operation, Scope};
use crate::audit::{self, Note, Subject};
use crate::class::{self, Class, ClassChange, Slot};
use crate::cohort::{self, Cohort};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::notify::{self, Notice};
use crate::page::{Page, PageRequest};
use crate::participant::{self, Participant};
use crate::partner;
use crate::time::Instant;
use crate::values::Label;

/// People of a list that are looked at together.
const BATCH: i64 = 100;

/// Which offers are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct OfferFilter {
    /// Only of this cohort.
    pub cohort: Option<Id>,
    /// Only of this class.
    pub class: Option<Id>,
    /// Only those that can be answered.
    pub open: bool,
}

impl SeatOffer {
    /// Where it stands at a moment.
    pub fn state(&self, now: Instant) -> OfferState {
        OfferState::of(self.answer, self.expires_at <= now)
    }
}

/// Offers to those in the actor's scope, oldest first.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &OfferFilter, page: PageRequest) -> Result<Page<SeatOffer>> {
    actor.may(Operation::EnrollmentRead)?;
    store::visible(tx, actor, filter, page)
}

/// One offer.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<SeatOffer> {
    actor.may(Operation::EnrollmentRead)?;
    store::visible_one(tx, actor, id)
}

/// Takes the seat that is offered, through the same checks as any seat.
///
/// # Errors
/// `resource.stale`, `seat_offer.answered`, `seat_offer.expired`, `seating.not_delegated`, and what refuses a seat.
pub fn accept(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<SeatOffer> {
    let Open { mut offer, person, mut row, class } = open(tx, actor, id, version)?;
    if row.state != EnrollmentState::Waitlisted {
        return Err(Error::new(&codes::ENROLLMENT_TRANSITION)
            .fact("from", row.state)
            .fact("to", EnrollmentState::Active));
    }
    super::may_go_on(tx, &person, &row, EnrollmentState::Active)?;
    super::may_sit(tx, actor, &row, &class, &[])?;
    end(tx, actor, &mut offer, Answer::Accepted)?;
    class::seat(tx, class.id, 1)?;
    super::sit_down(tx, &mut row, &class);
    let reason = Label::parse(Why::Offered.as_str()).ok();
    super::move_row(tx, actor, &mut row, EnrollmentState::Active, super::Move::because(reason))?;
    note(tx, actor, &offer, &row, None)?;
    Ok(offer)
}

/// Lets the seat that is offered go to the next. The person goes on waiting for other classes.
///
/// # Errors
/// `resource.stale`, `seat_offer.answered`, `seat_offer.expired`, `seating.not_delegated`.
pub fn refuse(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, reason: Option<&Label>) -> Result<SeatOffer> {
    let Open { mut offer, row, class, .. } = open(tx, actor, id, version)?;
    end(tx, actor, &mut offer, Answer::Refused)?;
    note(tx, actor, &offer, &row, reason)?;
    pass_on(tx, actor, class.id, 1)?;
    Ok(offer)
}

/// An offer that is being answered; its person and its class are held.
struct Open {
    offer: SeatOffer,
    person: Participant,
    row: Enrollment,
    class: Class,
}

fn open(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<Open> {
    actor.may(Operation::SeatOfferAnswer)?;
    let seen = store::visible_one(tx, actor, id)?;
    // In the order everyone locks: people, enrollments, classes.
    let person = super::store::participant_of(tx, seen.enrollment_id)?;
    let person = participant::locked(tx, person)?;
    let row = super::store::locked(tx, seen.enrollment_id)?;
    let class = class::locked(tx, seen.class_id)?;
    if matches!(actor.scope(), Scope::Regency(..)) && !cohort::one(tx, class.cohort_id)?.seating_delegated {
        return Err(Error::new(&codes::SEATING_NOT_DELEGATED));
    }
    let offer = store::locked(tx, id)?;
    if offer.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if offer.answer.is_some() {
        return Err(Error::new(&codes::SEAT_OFFER_ANSWERED));
    }
    if offer.expires_at <= tx.now() {
        return Err(Error::new(&codes::SEAT_OFFER_EXPIRED));
    }
    Ok(Open { offer, person, row, class })
}

/// Ends an offer: its seat is no longer held.
fn end(tx: &mut Tx<'_>, actor: &Actor, offer: &mut SeatOffer, answer: Answer) -> Result<()> {
    offer.answer = Some(answer);
    offer.answered_at = Some(tx.now());
    offer.answered_by = actor.account();
    offer.version += 1;
    store::update(tx, offer)?;
    class::hold(tx, offer.class_id, -1)
}

fn note(tx: &mut Tx<'_>, actor: &Actor, offer: &SeatOffer, row: &Enrollment, reason: Option<&Label>) -> Result<()> {
    Note::of("seat_offer.answered", Subject::enrollment(row.id))
        .within(&row.province_code)
        .about(row.participant_id)
        .because(reason)
        .with(serde_json::json!({ "offer": offer.id, "class": offer.class_id, "answer": offer.answer }))
        .record(tx, actor)
}

/// Ends one offer that nobody answered in time, tells whoever was told of it, and passes its seat on; says whether there
/// was one.
pub fn lapse(tx: &mut Tx<'_>) -> Result<bool> {
    let Some(seen) = store::over(tx)? else { return Ok(false) };
    let class = class::locked(tx, seen.class_id)?;
    let mut offer = store::locked(tx, seen.id)?;
    if offer.answer.is_some() {
        return Ok(true);
    }
    let actor = Actor::operator();
    let row = super::store::one(tx, offer.enrollment_id)?;
    let waits = row.state == EnrollmentState::Waitlisted;
    end(tx, &actor, &mut offer, if waits { Answer::Lapsed } else { Answer::Withdrawn })?;
    note(tx, &actor, &offer, &row, None)?;
    if waits {
        tell_of_lapse(tx, &class, &offer, &row)?;
    }
    pass_on(tx, &actor, offer.class_id, 1)?;
    Ok(true)
}

fn tell_of_lapse(tx: &mut Tx<'_>, class: &Class, offer: &SeatOffer, row: &Enrollment) -> Result<()> {
    let cohort = cohort::one(tx, class.cohort_id)?;
    let last_day = offer.expires_at.day_in(&cohort.province_code) - Days::new(1);
    let notice = Notice::SeatLapsed {
        enrollment: row.id,
        program: cohort::curriculum(tx, &cohort)?.0.name_id,
        host: partner::name_on(tx, class.partner_id, tx.today(&cohort.province_code))?.name,
        class: class.name.clone(),
        last_day,
    };
    whom_to_tell(tx, row)?.into_iter().try_for_each(|account| notify::queue(tx, account, &notice))
}

/// Changes a class; seats that are added to a full one are offered to the next in order.
pub fn change_class(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    change: ClassChange,
) -> Result<(Class, Vec<Slot>)> {
    actor.may(Operation::ClassWrite)?;
    // Held from here on, so that nobody takes the last free seat between what is seen and what is changed.
    let before = class::writable(tx, actor, id)?;
    let (after, _) = class::change(tx, actor, id, version, change)?;
    if before.free() == 0 {
        pass_on(tx, actor, id, after.seats - before.seats)?;
    }
    class::get(tx, actor, id)
}

/// Ends what is offered to somebody who leaves the list, or gets a seat otherwise. A seat of another class passes on; the
/// classes are held already.
pub(super) fn withdraw(tx: &mut Tx<'_>, actor: &Actor, mut offer: SeatOffer, seat_in: Option<Id>) -> Result<()> {
    let taken = seat_in == Some(offer.class_id);
    end(tx, actor, &mut offer, if taken { Answer::Accepted } else { Answer::Withdrawn })?;
    if taken { Ok(()) } else { pass_on(tx, actor, offer.class_id, 1) }
}

/// What is offered to somebody at this moment, whether its time is over or not.
pub(super) fn unanswered(tx: &mut Tx<'_>, enrollment: Id) -> Result<Option<SeatOffer>> {
    store::unanswered(tx, enrollment)
}

/// Everything that was ever offered to somebody.
pub(super) fn of(tx: &mut Tx<'_>, enrollment: Id) -> Result<Vec<SeatOffer>> {
    store::of(tx, enrollment)
}

/// The same of several.
pub(super) fn of_many(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<SeatOffer>> {
    store::of_many(tx, enrollments)
}

/// People of a cohort to whom a seat is offered.
pub(super) fn offered(tx: &mut Tx<'_>, cohort: Id) -> Result<HashSet<Id>> {
    store::offered(tx, cohort)
}

/// How many seats of each class are offered to these people at this moment.
pub(super) fn seats_offered_to(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<BTreeMap<Id, i32>> {
    let mut seats = BTreeMap::new();
    for offer in store::unanswered_of(tx, enrollments)? {
        *seats.entry(offer.class_id).or_default() += 1;
    }
    Ok(seats)
}

/// Forgets offers to people who are taken out of the register as if they had never been in it; their seats are let go.
pub(super) fn forget(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<()> {
    store::remove_of(tx, enrollments)
}

/// Offers so many seats of a class, as far as they are free, to the next in order; the class is held already.
pub(super) fn pass_on(tx: &mut Tx<'_>, actor: &Actor, class: Id, seats: i32) -> Result<()> {
    // Those who wait are others' people, and whoever lets a seat go does not see them.
    tx.beyond(|tx| offer(tx, actor, class, seats))
}

fn offer(tx: &mut Tx<'_>, actor: &Actor, class: Id, seats: i32) -> Result<()> {
    let class = class::locked(tx, class)?;
    let cohort = cohort::one(tx, class.cohort_id)?;
    let seats = usize::try_from(seats.min(class.free())).unwrap_or_default();
    if seats == 0 || super::takes_people(&cohort, &class).is_err() {
        return Ok(());
    }
    store::wait_for_others(tx, cohort.id)?;
    let next = next_for(tx, &cohort, &class, seats, &HashSet::new())?;
    if next.is_empty() {
        return Ok(());
    }
    let last_day = tx.today(&cohort.province_code) + Days::new(u64::try_from(cohort.offer_days).unwrap_or_default());
    let expires_at = Instant::start_of(last_day + Days::new(1), &cohort.province_code);
    let make = |row: &Enrollment| SeatOffer {
        id: tx.new_id(),
        enrollment_id: row.id,
        class_id: class.id,
        made_at: tx.now(),
        expires_at,
        answered_at: None,
        answered_by: None,
        answer: None,
        version: 1,
    };
    let offers: Vec<SeatOffer> = next.iter().map(make).collect();
    store::insert_many(tx, &offers)?;
    class::hold(tx, class.id, i32::try_from(offers.len()).unwrap_or(i32::MAX))?;
    let (program, _) = cohort::curriculum(tx, &cohort)?;
    let host = partner::name_on(tx, class.partner_id, tx.today(&cohort.province_code))?.name;
    let mut notes = Vec::with_capacity(offers.len());
    for (offer, row) in offers.iter().zip(&next) {
        let notice = Notice::SeatOffered {
            enrollment: row.id,
            program: program.name_id.clone(),
            class: class.name.clone(),
            host: host.clone(),
            last_day,
        };
        for account in whom_to_tell(tx, row)? {
            notify::queue(tx, account, &notice)?;
        }
        notes.push(
            Note::of("seat_offer.made", Subject::enrollment(row.id))
                .within(&row.province_code)
                .about(row.participant_id)
                .with(serde_json::json!({ "offer": offer.id, "class": class.id })),
        );
    }
    audit::record_all(tx, actor, notes)
}

/// The coordinators of the school; where there is none, whoever registered the person.
fn whom_to_tell(tx: &mut Tx<'_>, row: &Enrollment) -> Result<Vec<Id>> {
    let coordinators = match row.school_id {
        Some(school) => access::coordinators(tx, school)?,
        None => Vec::new(),
    };
    if !coordinators.is_empty() {
        return Ok(coordinators);
    }
    let registrar = super::store::steps(tx, row.id)?.into_iter().find_map(|step| step.account_id);
    Ok(registrar.into_iter().collect())
}

/// The first of the waiting list who may have a seat of a class, the nearest before those who wait longer; not these.
pub(super) fn next_for(
    tx: &mut Tx<'_>,
    cohort: &Cohort,
    class: &Class,
    number: usize,
    except: &HashSet<Id>,
) -> Result<Vec<Enrollment>> {
    let mut next = Vec::new();
    for how in [Why::OwnSchool, Why::SameRegency, Why::SameProvince] {
        if how == Why::SameProvince && Reach::of(cohort.segment) == Reach::Regency {
            break;
        }
        let mut last = None;
        loop {
            let rows = store::waiting_near(tx, cohort, class, how, last.as_ref(), BATCH)?;
            let Some(end) = rows.last().cloned() else { break };
            let people: Vec<Id> = rows.iter().map(|row| row.participant_id).collect();
            let hindered = super::hindrances(tx, cohort, &people)?;
            let may = |row: &Enrollment| !hindered.contains_key(&row.participant_id) && !except.contains(&row.id);
            next.extend(rows.into_iter().filter(may).take(number - next.len()));
            if next.len() == number {
                return Ok(next);
            }
            last = Some(end);
        }
    }
    Ok(next)
}

/// Where somebody stands in line for a class: the nearest first, and among them who waits longer.
pub(super) fn turn(row: &Enrollment, cohort: &Cohort, class: &Class) -> (Why, Instant, Id) {
    let own_school = row.school_id == Some(class.partner_id);
    let near = nearness(Reach::of(cohort.segment), own_school, row.regency_code == class.regency_code);
    (near.unwrap_or(Why::SameProvince), row.applied_at, row.id)
}
