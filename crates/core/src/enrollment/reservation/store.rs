use chrono::{Days, NaiveDate};
use diesel::prelude::*;

use super::ReservationFilter;
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::dialect::ForUpdate;
use crate::db::schema::{classes, seat_reservations};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::ProvinceCode;

/// Seats of a class for which a school names people until a day.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = seat_reservations, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SeatReservation {
    /// Key.
    pub id: Id,
    /// Of which class.
    pub class_id: Id,
    /// Of which province.
    pub province_code: ProvinceCode,
    /// For which school.
    pub school_id: Id,
    /// How many.
    pub seats: i32,
    /// Those for which somebody was named.
    pub named: i32,
    /// The last day for naming somebody.
    pub until: NaiveDate,
    /// When the rest went back.
    pub returned_at: Option<Instant>,
    /// When it was made.
    pub made_at: Instant,
    /// By whose account.
    pub made_by: Id,
    /// Grows with every change.
    pub version: i32,
}

impl SeatReservation {
    /// Seats that nobody was named for and that have not gone back.
    pub fn unnamed(&self) -> i32 {
        if self.returned_at.is_some() { 0 } else { self.seats - self.named }
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, reservation: &SeatReservation) -> Result<()> {
    diesel::insert_into(seat_reservations::table).values(reservation).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, reservation: &SeatReservation) -> Result<()> {
    diesel::update(seat_reservations::table.find(reservation.id)).set(reservation).execute(tx.connection)?;
    Ok(())
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<SeatReservation> {
    Ok(ForUpdate(seat_reservations::table.find(id)).get_result(tx.connection)?)
}

/// Reservations in classes of a cohort that have not gone back.
pub(super) fn open_in(tx: &mut Tx<'_>, cohort: Id) -> Result<Vec<SeatReservation>> {
    Ok(seat_reservations::table
        .inner_join(classes::table)
        .filter(classes::cohort_id.eq(cohort))
        .filter(seat_reservations::returned_at.is_null())
        .select(seat_reservations::all_columns)
        .load(tx.connection)?)
}

/// Reservations that may be over. A day later, since the day begins in each province at its own hour.
pub(super) fn due(tx: &mut Tx<'_>) -> Result<Vec<SeatReservation>> {
    let latest = tx.now().utc().date_naive() + Days::new(1);
    Ok(seat_reservations::table
        .filter(seat_reservations::returned_at.is_null())
        .filter(seat_reservations::until.lt(latest))
        .order(seat_reservations::id)
        .load(tx.connection)?)
}

/// A school's own; for others those of their province.
macro_rules! seen_by {
    ($actor:expr) => {{
        let query = seat_reservations::table.into_boxed();
        match $actor.scope() {
            Scope::School(_, school) => query.filter(seat_reservations::school_id.eq(school)),
            scope => match scope.province() {
                Some(province) => query.filter(seat_reservations::province_code.eq(province)),
                None => query,
            },
        }
    }};
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<SeatReservation> {
    Ok(seen_by!(actor).filter(seat_reservations::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &ReservationFilter,
    page: PageRequest,
) -> Result<Page<SeatReservation>> {
    let mut query = seen_by!(actor).filter(seat_reservations::id.gt(page.after()));
    if let Some(class) = filter.class {
        query = query.filter(seat_reservations::class_id.eq(class));
    }
    if let Some(school) = filter.school {
        query = query.filter(seat_reservations::school_id.eq(school));
    }
    let rows = query.order(seat_reservations::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |row: &SeatReservation| row.id))
}
