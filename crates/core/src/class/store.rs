use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::{ClassFilter, ClassState, Slot};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::{ForUpdate, hold, insert_many, native, one_of_ids};
use crate::db::schema::{class_counts, class_feeds, class_slots, classes, enrollments, sessions};
use crate::error::{Error, Result};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, LessonHours, ProvinceCode, RegencyCode};

/// A group that is taught together.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = classes, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Class {
    /// Key.
    pub id: Id,
    /// In which cohort.
    pub cohort_id: Id,
    /// The host's province.
    pub province_code: ProvinceCode,
    /// The host's regency.
    pub regency_code: RegencyCode,
    /// The host.
    pub partner_id: Id,
    /// Under which agreement.
    pub agreement_id: Id,
    /// Why the province overrode the agreement's limits.
    pub agreement_override: Option<Label>,
    /// The instructor's account.
    pub instructor_id: Option<Id>,
    /// Its name at the host.
    pub name: Label,
    /// The room.
    pub room: Option<Label>,
    /// Seats.
    pub seats: i32,
    /// People in them.
    pub seated: i32,
    /// People it needs to start.
    pub minimum: i32,
    /// People kept in reserve.
    pub reserves: i32,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: NaiveDate,
    /// Where it stands.
    pub state: ClassState,
    /// Why it was cancelled.
    pub cancel_reason: Option<Label>,
    /// Grows with every change of its plan; taking a seat does not move it.
    pub version: i32,
    /// When it was planned.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// Seats that are held for somebody until an offer is answered.
    pub held: i32,
}

impl Class {
    /// Seats that nobody has and that are held for nobody.
    pub fn free(&self) -> i32 {
        self.seats - self.seated - self.held
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, class: &Class) -> Result<()> {
    diesel::insert_into(classes::table).values(class).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, class: &Class) -> Result<()> {
    diesel::update(classes::table.find(class.id)).set(class).execute(tx.connection)?;
    Ok(())
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Class> {
    Ok(ForUpdate(classes::table.find(id)).get_result(tx.connection)?)
}

/// A school sees the classes it hosts and those its own students sit in.
fn seen_by(actor: &Actor) -> classes::BoxedQuery<'_, MultiBackend> {
    let query = classes::table.into_boxed();
    match actor.scope() {
        Scope::Everything => query,
        Scope::Province(province) => query.filter(classes::province_code.eq(province)),
        Scope::Regency(_, regency) => query.filter(classes::regency_code.eq(regency)),
        Scope::School(_, school) => query.filter(
            classes::partner_id.eq(school).or(classes::id
                .nullable()
                .eq_any(enrollments::table.filter(enrollments::school_id.eq(school)).select(enrollments::class_id))),
        ),
        Scope::Partner(_, partner) => query.filter(classes::partner_id.eq(partner)),
        Scope::Instructor(_, account) => query.filter(classes::instructor_id.eq(account)),
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Class> {
    Ok(seen_by(actor).filter(classes::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, filter: &ClassFilter, page: PageRequest) -> Result<Page<Class>> {
    let mut query = seen_by(actor).filter(classes::id.gt(page.after()));
    if let Some(cohort) = filter.cohort {
        query = query.filter(classes::cohort_id.eq(cohort));
    }
    if let Some(partner) = filter.partner {
        query = query.filter(classes::partner_id.eq(partner));
    }
    if let Some(state) = filter.state {
        query = query.filter(classes::state.eq(state));
    }
    let rows = query.order(classes::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |class: &Class| class.id))
}

pub(super) fn replace_slots(tx: &mut Tx<'_>, class: Id, slots: &[Slot]) -> Result<()> {
    diesel::delete(class_slots::table.filter(class_slots::class_id.eq(class))).execute(tx.connection)?;
    let rows: Vec<_> = slots
        .iter()
        .map(|slot| {
            (
                class_slots::class_id.eq(class),
                class_slots::weekday.eq(slot.weekday),
                class_slots::starts_at.eq(slot.starts_at),
                class_slots::lesson_hours.eq(slot.lesson_hours),
            )
        })
        .collect();
    insert_many!(tx.connection, class_slots::table, rows);
    Ok(())
}

pub(super) fn slots(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Slot>> {
    let rows: Vec<(i32, i32, i32)> = class_slots::table
        .filter(class_slots::class_id.eq(class))
        .order((class_slots::weekday, class_slots::starts_at))
        .select((class_slots::weekday, class_slots::starts_at, class_slots::lesson_hours))
        .load(tx.connection)?;
    Ok(rows.into_iter().map(|(weekday, starts_at, lesson_hours)| Slot { weekday, starts_at, lesson_hours }).collect())
}

/// The weekly patterns of several classes.
pub(super) fn slots_of(tx: &mut Tx<'_>, classes: &[Id]) -> Result<HashMap<Id, Vec<Slot>>> {
    let rows: Vec<(Id, i32, i32, i32)> = class_slots::table
        .filter(one_of_ids(class_slots::class_id, classes)?)
        .order((class_slots::class_id, class_slots::weekday, class_slots::starts_at))
        .load(tx.connection)?;
    let mut slots: HashMap<Id, Vec<Slot>> = HashMap::new();
    for (class, weekday, starts_at, lesson_hours) in rows {
        slots.entry(class).or_default().push(Slot { weekday, starts_at, lesson_hours });
    }
    Ok(slots)
}

pub(super) fn taught_between(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Class>> {
    Ok(classes::table
        .filter(classes::province_code.eq(province))
        .filter(classes::state.eq_any([ClassState::Planned, ClassState::Running]))
        .filter(classes::starts_on.le(to))
        .filter(classes::ends_on.ge(from))
        .order(classes::id)
        .load(tx.connection)?)
}

pub(super) fn rooms(tx: &mut Tx<'_>, province: &ProvinceCode) -> Result<Vec<(Id, Label)>> {
    let named: Vec<(Id, Option<Label>)> = classes::table
        .filter(classes::province_code.eq(province))
        .filter(classes::room.is_not_null())
        .order(classes::id)
        .select((classes::partner_id, classes::room))
        .load(tx.connection)?;
    Ok(named.into_iter().filter_map(|(partner, room)| Some((partner, room?))).collect())
}

pub(super) fn names(tx: &mut Tx<'_>, cohort: Id) -> Result<HashSet<(Id, Label)>> {
    let named = classes::table.filter(classes::cohort_id.eq(cohort)).select((classes::partner_id, classes::name));
    Ok(named.load(tx.connection)?.into_iter().collect())
}

/// Classes of a cohort that can still take people.
macro_rules! open_classes {
    ($cohort:expr) => {
        classes::table
            .filter(classes::cohort_id.eq($cohort))
            .filter(classes::state.eq_any([ClassState::Planned, ClassState::Running]))
            .order(classes::id)
    };
}

pub(super) fn open_in(tx: &mut Tx<'_>, cohort: Id) -> Result<Vec<Class>> {
    Ok(open_classes!(cohort).load(tx.connection)?)
}

pub(super) fn open_in_locked(tx: &mut Tx<'_>, cohort: Id) -> Result<Vec<Class>> {
    Ok(ForUpdate(open_classes!(cohort)).get_results(tx.connection)?)
}

pub(super) fn seat(tx: &mut Tx<'_>, id: Id, people: i32) -> Result<()> {
    let seated = diesel::update(classes::table.find(id)).set(classes::seated.eq(classes::seated + people));
    native!(tx.connection, c => seated.execute(c))?;
    Ok(())
}

pub(super) fn hold(tx: &mut Tx<'_>, id: Id, seats: i32) -> Result<()> {
    diesel::update(classes::table.find(id)).set(classes::held.eq(classes::held + seats)).execute(tx.connection)?;
    Ok(())
}

/// Holds several classes until the transaction ends.
pub(super) fn lock_many(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    let held = classes::table.filter(one_of_ids(classes::id, ids)?).order(classes::id).select(classes::id);
    hold!(tx.connection, held);
    Ok(())
}

/// People of a class whose completion is still open; those on leave are, too.
pub(super) fn undecided(tx: &mut Tx<'_>, class: Id) -> Result<i64> {
    Ok(enrollments::table
        .filter(enrollments::class_id.eq(class))
        .filter(enrollments::state.eq_any(["active", "on_leave"]))
        .count()
        .get_result(tx.connection)?)
}

/// Calls off what is planned of a class that is not held.
/// Holds the sessions of a class, in the order in which every register takes them, so that none waits for the other
/// crosswise.
pub(super) fn lock_sessions(tx: &mut Tx<'_>, class: Id) -> Result<()> {
    hold!(tx.connection, sessions::table.filter(sessions::class_id.eq(class)).order(sessions::id).select(sessions::id));
    Ok(())
}

pub(super) fn cancel_sessions(tx: &mut Tx<'_>, class: Id, reason: Option<&Label>) -> Result<()> {
    lock_sessions(tx, class)?;
    diesel::update(sessions::table.filter(sessions::class_id.eq(class)).filter(sessions::state.eq("planned")))
        .set((
            sessions::state.eq("cancelled"),
            sessions::cancel_reason.eq(reason),
            sessions::version.eq(sessions::version + 1),
            sessions::changed_at.eq(tx.now()),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Keeps the figures of classes and seats current with every change.
pub(super) fn count(tx: &mut Tx<'_>, class: &Class, number: i32, seats: i32) -> Result<()> {
    if number > 0 {
        let row = (
            class_counts::cohort_id.eq(class.cohort_id),
            class_counts::regency_code.eq(&class.regency_code),
            class_counts::classes.eq(number),
            class_counts::seats.eq(seats),
        );
        native!(tx.connection, c => diesel::insert_into(class_counts::table)
            .values(row)
            .on_conflict((class_counts::cohort_id, class_counts::regency_code))
            .do_update()
            .set((
                class_counts::classes.eq(class_counts::classes + excluded(class_counts::classes)),
                class_counts::seats.eq(class_counts::seats + excluded(class_counts::seats)),
            ))
            .execute(c))?;
        return Ok(());
    }
    diesel::update(class_counts::table.find((class.cohort_id, &class.regency_code)))
        .set((
            class_counts::classes.eq(class_counts::classes + number),
            class_counts::seats.eq(class_counts::seats + seats),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Lesson hours held and still to come of those of these classes that ever had a session.
pub(super) fn hours(tx: &mut Tx<'_>, classes: &[Id]) -> Result<HashMap<Id, (LessonHours, LessonHours)>> {
    let rows: Vec<(Id, i64, i64)> = class_feeds::table
        .filter(one_of_ids(class_feeds::class_id, classes)?)
        .select((class_feeds::class_id, class_feeds::held_hours, class_feeds::coming_hours))
        .load(tx.connection)?;
    let small = |hours: i64| LessonHours::try_from(hours).map_err(Error::storage);
    rows.into_iter().map(|(class, held, coming)| Ok((class, (small(held)?, small(coming)?)))).collect()
}
