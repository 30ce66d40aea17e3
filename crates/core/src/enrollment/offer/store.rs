use std::collections::HashSet;

use diesel::prelude::*;

use super::{Answer, OfferFilter};
use crate::access::{Actor, Scope};
use crate::class::Class;
use crate::cohort::Cohort;
use crate::db::Tx;
use crate::db::dialect::{ForUpdate, alone, insert_many, one_of_ids};
use crate::db::schema::{enrollments, seat_offers};
use crate::enrollment::{Enrollment, EnrollmentState, Why};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;

/// A seat that is held for somebody until it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = seat_offers, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SeatOffer {
    /// Key.
    pub id: Id,
    /// To whom.
    pub enrollment_id: Id,
    /// Of which class.
    pub class_id: Id,
    /// When it was made.
    pub made_at: Instant,
    /// From when on it no longer holds.
    pub expires_at: Instant,
    /// When it was answered.
    pub answered_at: Option<Instant>,
    /// By whose account; nobody's when it ended by itself.
    pub answered_by: Option<Id>,
    /// What came of it.
    pub answer: Option<Answer>,
    /// Grows with every change.
    pub version: i32,
}

/// Whoever makes offers in a cohort is alone in it: of two seats that are free at the same moment each goes to another.
pub(super) fn wait_for_others(tx: &mut Tx<'_>, cohort: Id) -> Result<()> {
    Ok(alone(tx.connection, &format!("offers {cohort}"))?)
}

pub(super) fn insert_many(tx: &mut Tx<'_>, offers: &[SeatOffer]) -> Result<()> {
    insert_many!(tx.connection, seat_offers::table, offers);
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, offer: &SeatOffer) -> Result<()> {
    diesel::update(seat_offers::table.find(offer.id)).set(offer).execute(tx.connection)?;
    Ok(())
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<SeatOffer> {
    Ok(ForUpdate(seat_offers::table.find(id)).get_result(tx.connection)?)
}

/// The offers of an enrollment that nobody has answered: one at most.
pub(super) fn unanswered(tx: &mut Tx<'_>, enrollment: Id) -> Result<Option<SeatOffer>> {
    Ok(seat_offers::table
        .filter(seat_offers::enrollment_id.eq(enrollment))
        .filter(seat_offers::answer.is_null())
        .get_result(tx.connection)
        .optional()?)
}

/// Those of these people to whom a seat is offered.
pub(super) fn offered(tx: &mut Tx<'_>, cohort: Id) -> Result<HashSet<Id>> {
    let ids: Vec<Id> = seat_offers::table
        .inner_join(enrollments::table)
        .filter(enrollments::cohort_id.eq(cohort))
        .filter(seat_offers::answer.is_null())
        .select(seat_offers::enrollment_id)
        .load(tx.connection)?;
    Ok(ids.into_iter().collect())
}

/// One offer whose time is over, or whose person no longer waits.
pub(super) fn over(tx: &mut Tx<'_>) -> Result<Option<SeatOffer>> {
    // Each by its own index: together they would read every offer that was ever answered.
    let open = seat_offers::table.filter(seat_offers::answer.is_null());
    let due = open.filter(seat_offers::expires_at.le(tx.now())).order((seat_offers::expires_at, seat_offers::id));
    if let Some(offer) = due.first(tx.connection).optional()? {
        return Ok(Some(offer));
    }
    Ok(open
        .inner_join(enrollments::table)
        .filter(enrollments::state.ne(EnrollmentState::Waitlisted))
        .order((seat_offers::expires_at, seat_offers::id))
        .select(seat_offers::all_columns)
        .first(tx.connection)
        .optional()?)
}

/// Offers of a person, oldest first.
pub(super) fn of(tx: &mut Tx<'_>, enrollment: Id) -> Result<Vec<SeatOffer>> {
    Ok(seat_offers::table
        .filter(seat_offers::enrollment_id.eq(enrollment))
        .order(seat_offers::id)
        .load(tx.connection)?)
}

/// Offers of several people, oldest first.
pub(super) fn of_many(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<SeatOffer>> {
    Ok(seat_offers::table
        .filter(one_of_ids(seat_offers::enrollment_id, enrollments)?)
        .order(seat_offers::id)
        .load(tx.connection)?)
}

/// Unanswered offers of many people, held.
pub(super) fn unanswered_of(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<SeatOffer>> {
    let open = seat_offers::table
        .filter(one_of_ids(seat_offers::enrollment_id, enrollments)?)
        .filter(seat_offers::answer.is_null())
        .order(seat_offers::id);
    Ok(ForUpdate(open).get_results(tx.connection)?)
}

pub(super) fn remove_of(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<()> {
    diesel::delete(seat_offers::table.filter(one_of_ids(seat_offers::enrollment_id, enrollments)?))
        .execute(tx.connection)?;
    Ok(())
}

/// Offers to those whom the actor sees.
macro_rules! seen_by {
    ($actor:expr) => {{
        let query = seat_offers::table.inner_join(enrollments::table).select(seat_offers::all_columns).into_boxed();
        match $actor.scope() {
            Scope::Everything => query,
            Scope::Province(province) => query.filter(enrollments::province_code.eq(province)),
            Scope::Regency(_, regency) => query.filter(enrollments::regency_code.eq(regency)),
            Scope::School(_, school) => query.filter(enrollments::school_id.eq(school)),
            // Who waits is not theirs yet.
            Scope::Partner(..) | Scope::Instructor(..) => query.filter(enrollments::id.is_null()),
        }
    }};
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<SeatOffer> {
    Ok(seen_by!(actor).filter(seat_offers::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &OfferFilter,
    page: PageRequest,
) -> Result<Page<SeatOffer>> {
    let now = tx.now();
    let mut query = seen_by!(actor).filter(seat_offers::id.gt(page.after()));
    if let Some(cohort) = filter.cohort {
        query = query.filter(enrollments::cohort_id.eq(cohort));
    }
    if let Some(class) = filter.class {
        query = query.filter(seat_offers::class_id.eq(class));
    }
    if filter.open {
        query = query.filter(seat_offers::answer.is_null()).filter(seat_offers::expires_at.gt(now));
    }
    let rows = query.order(seat_offers::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |offer: &SeatOffer| offer.id))
}

/// People of the waiting list so near to a class, in its order, from behind the last one that was looked at. Nobody to
/// whom a seat is offered, and nobody who has let a seat of this class go.
pub(super) fn waiting_near(
    tx: &mut Tx<'_>,
    cohort: &Cohort,
    class: &Class,
    how: Why,
    after: Option<&Enrollment>,
    number: i64,
) -> Result<Vec<Enrollment>> {
    let asked = seat_offers::table
        .filter(seat_offers::class_id.eq(class.id).or(seat_offers::answer.is_null()))
        .select(seat_offers::enrollment_id);
    let mut query = enrollments::table
        .filter(enrollments::cohort_id.eq(cohort.id))
        .filter(enrollments::state.eq(EnrollmentState::Waitlisted))
        .filter(diesel::dsl::not(enrollments::id.eq_any(asked)))
        .into_boxed();
    let elsewhere = enrollments::school_id.is_null().or(enrollments::school_id.ne(class.partner_id).assume_not_null());
    query = match how {
        Why::OwnSchool => query.filter(enrollments::school_id.eq(class.partner_id)),
        Why::SameRegency => query.filter(enrollments::regency_code.eq(&class.regency_code)).filter(elsewhere),
        _ => query.filter(enrollments::regency_code.ne(&class.regency_code)).filter(elsewhere),
    };
    if let Some(last) = after {
        let later = enrollments::applied_at.gt(last.applied_at);
        query = query.filter(later.or(enrollments::applied_at.eq(last.applied_at).and(enrollments::id.gt(last.id))));
    }
    Ok(query.order((enrollments::applied_at, enrollments::id)).limit(number).load(tx.connection)?)
}
