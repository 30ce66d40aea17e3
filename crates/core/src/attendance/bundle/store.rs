use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Known, Window};
use crate::access::{Actor, Scope};
use crate::class::{Class, ClassState};
use crate::db::Tx;
use crate::db::dialect::one_of_ids;
use crate::db::schema::{
    attendance, class_changes, class_feeds, class_stays, classes, enrollments, participants, sessions,
};
use crate::enrollment::Enrollment;
use crate::error::Result;
use crate::id::Id;
use crate::session::{Session, SessionState};
use crate::values::{PersonName, words};

words! {
    /// What of a class has changed.
    pub enum Changed {
        /// The class itself.
        Class = "class",
        /// One of its sessions.
        Session = "session",
        /// One of its people.
        Person = "person",
    }
}

/// Classes that the actor marks and that are not over, in order of their ids; with those of which the actor marks single
/// sessions in somebody's place.
pub(super) fn classes_of(tx: &mut Tx<'_>, actor: &Actor, window: Window, limit: i64) -> Result<Vec<Class>> {
    let mut query =
        classes::table.filter(classes::state.eq_any([ClassState::Planned, ClassState::Running])).into_boxed();
    query = match actor.scope() {
        Scope::Everything => query,
        Scope::Province(province) => query.filter(classes::province_code.eq(province)),
        Scope::Regency(_, regency) => query.filter(classes::regency_code.eq(regency)),
        Scope::School(_, partner) | Scope::Partner(_, partner) => query.filter(classes::partner_id.eq(partner)),
        Scope::Instructor(_, account) => {
            let stands_in = sessions::table
                .filter(sessions::instructor_id.eq(account))
                .filter(sessions::cancel_reason.is_null())
                .filter(sessions::held_on.le(window.until))
                .filter(sessions::held_on.ge(window.from).or(sessions::state.eq(SessionState::Planned)))
                .select(sessions::class_id);
            query.filter(classes::instructor_id.eq(account).or(classes::id.eq_any(stands_in)))
        }
    };
    Ok(query.order(classes::id).limit(limit).load(tx.connection)?)
}

/// How far each class has counted its changes.
pub(super) fn numbers(tx: &mut Tx<'_>, classes: &[Id]) -> Result<HashMap<Id, i64>> {
    let rows: Vec<(Id, i64)> = class_feeds::table
        .filter(one_of_ids(class_feeds::class_id, classes)?)
        .select((class_feeds::class_id, class_feeds::number))
        .load(tx.connection)?;
    Ok(rows.into_iter().collect())
}

/// What has changed in these classes since what is known of each.
pub(super) fn changes(tx: &mut Tx<'_>, known: &Known) -> Result<Vec<(Id, Changed, Id)>> {
    let classes: Vec<Id> = known.keys().copied().collect();
    let Some(least) = known.values().min() else { return Ok(Vec::new()) };
    let rows: Vec<(Id, Changed, Id, i64)> = class_changes::table
        .filter(one_of_ids(class_changes::class_id, &classes)?)
        .filter(class_changes::number.gt(least))
        .order((class_changes::class_id, class_changes::number))
        .load(tx.connection)?;
    let newer = |(class, _, _, number): &(Id, Changed, Id, i64)| known.get(class).is_some_and(|last| number > last);
    Ok(rows.into_iter().filter(newer).map(|(class, what, subject, _)| (class, what, subject)).collect())
}

/// Sessions of these classes in the window, any that wait for their register from before, and those with one of which it
/// is yet to be seen whether they are finished.
pub(super) fn sessions_in(tx: &mut Tx<'_>, classes: &[Id], window: Window) -> Result<Vec<Session>> {
    let waits = sessions::state.eq(SessionState::Planned);
    Ok(sessions::table
        .filter(one_of_ids(sessions::class_id, classes)?)
        .filter(sessions::cancel_reason.is_null())
        .filter(sessions::held_on.le(window.until))
        .filter(sessions::held_on.ge(window.oldest).or(waits))
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .load(tx.connection)?)
}

/// Sessions that the window has reached since it ended earlier.
pub(super) fn sessions_after(
    tx: &mut Tx<'_>,
    classes: &[Id],
    after: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Session>> {
    Ok(sessions::table
        .filter(one_of_ids(sessions::class_id, classes)?)
        .filter(sessions::cancel_reason.is_null())
        .filter(sessions::held_on.gt(after))
        .filter(sessions::held_on.le(until))
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .load(tx.connection)?)
}

pub(super) fn sessions_of(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<Session>> {
    Ok(sessions::table
        .filter(one_of_ids(sessions::id, ids)?)
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .load(tx.connection)?)
}

/// Everyone of these classes, and these people wherever they are, by name.
pub(super) fn people(tx: &mut Tx<'_>, classes: &[Id], people: &[Id]) -> Result<Vec<(Enrollment, PersonName)>> {
    let in_classes = one_of_ids(enrollments::class_id, classes)?;
    Ok(enrollments::table
        .inner_join(participants::table)
        .filter(in_classes.or(one_of_ids(enrollments::id, people)?))
        .order((participants::search_name, enrollments::id))
        .select((enrollments::all_columns, participants::name))
        .load(tx.connection)?)
}

/// Until when who was in which of these classes before a transfer, as far as that was after a day.
pub(super) fn stays(tx: &mut Tx<'_>, classes: &[Id], after: NaiveDate) -> Result<Vec<Stay>> {
    Ok(class_stays::table
        .filter(one_of_ids(class_stays::class_id, classes)?)
        .filter(class_stays::left_on.gt(after))
        .order((class_stays::class_id, class_stays::id))
        .select((class_stays::class_id, class_stays::enrollment_id, class_stays::seated_on, class_stays::left_on))
        .load(tx.connection)?)
}

/// Somebody's days in a class that they left for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub(super) struct Stay {
    pub(super) class: Id,
    pub(super) enrollment: Id,
    pub(super) seated_on: NaiveDate,
    pub(super) left_on: NaiveDate,
}

/// Who is in these classes, and since and until when.
pub(super) fn seats(tx: &mut Tx<'_>, classes: &[Id]) -> Result<Vec<(Id, Seat)>> {
    let rows: Vec<(Option<Id>, Seat)> = enrollments::table
        .filter(one_of_ids(enrollments::class_id, classes)?)
        .select((enrollments::class_id, (enrollments::id, enrollments::seated_on, enrollments::left_on)))
        .load(tx.connection)?;
    Ok(rows.into_iter().filter_map(|(class, seat)| class.map(|class| (class, seat))).collect())
}

/// The enrollment, the first day, the day of leaving.
pub(super) type Seat = (Id, Option<NaiveDate>, Option<NaiveDate>);

/// Who is marked in these sessions: session, enrollment.
pub(super) fn marked(tx: &mut Tx<'_>, sessions: &[Id]) -> Result<HashSet<(Id, Id)>> {
    let rows: Vec<(Id, Id)> = attendance::table
        .filter(one_of_ids(attendance::session_id, sessions)?)
        .select((attendance::session_id, attendance::enrollment_id))
        .load(tx.connection)?;
    Ok(rows.into_iter().collect())
}
