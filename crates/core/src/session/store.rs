use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::expression::{ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamp};

use super::rules::Busy;
use super::{Place, SessionState};
use crate::access::{Actor, Scope};
use crate::class::Class;
use crate::db::Tx;
use crate::db::dialect::{ForUpdate, ForUpdateOf, alone, insert_many, native, one_of_ids};
use crate::db::schema::{classes, enrollments, rooms, session_moves, sessions};
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, LessonHours};

/// One meeting of a class.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = sessions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Session {
    /// Key.
    pub id: Id,
    /// Of which class.
    pub class_id: Id,
    /// Who teaches.
    pub instructor_id: Option<Id>,
    /// The day, in the province.
    pub held_on: NaiveDate,
    /// Minutes after midnight, local time.
    pub starts_at: i32,
    /// Lesson hours (JP).
    pub lesson_hours: LessonHours,
    /// The module that is taught.
    pub module_code: String,
    /// Where it stands.
    pub state: SessionState,
    /// Why it was called off.
    pub cancel_reason: Option<Label>,
    /// When its register first came in.
    pub reported_at: Option<Instant>,
    /// Grows with every change of the plan.
    pub version: i32,
    /// Minutes after midnight, local time.
    pub ends_at: i32,
    /// The room, as it was written.
    pub room: Option<Label>,
    /// Which room of the partner that is.
    pub room_id: Option<Id>,
    /// Whether a person has put it where it is; making the timetable again leaves it there.
    pub by_hand: bool,
    /// The cancelled session in whose place it is.
    pub replaces: Option<Id>,
    /// When its plan last changed.
    pub changed_at: Instant,
    /// The clock of its register: when that last changed, in microseconds since 1970 in UTC, and later each time.
    pub register_at: Option<i64>,
}

impl Session {
    /// The moment that a change of the register has, in microseconds: now, and in any case later than the last one.
    pub(crate) fn next_moment(&self, now: Instant) -> i64 {
        self.register_at.map_or_else(|| now.micros(), |last| now.micros().max(last + 1))
    }
}

/// Where a session was before it was moved.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = session_moves, treat_none_as_default_value = false)]
pub struct Moved {
    /// Key.
    pub id: Id,
    /// Which session.
    pub session_id: Id,
    /// On which day it was.
    pub held_on: NaiveDate,
    /// From when, in minutes after midnight.
    pub starts_at: i32,
    /// Until when.
    pub ends_at: i32,
    /// Who was to teach.
    pub instructor_id: Option<Id>,
    /// In which room.
    pub room: Option<Label>,
    /// Why it was moved.
    pub reason: Label,
    /// When it was moved.
    pub moved_at: Instant,
    /// By which account; 0 stands for the operator.
    pub moved_by: Id,
}

pub(super) fn insert_many(tx: &mut Tx<'_>, rows: &[Session]) -> Result<()> {
    insert_many!(tx.connection, sessions::table, rows);
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    diesel::update(sessions::table.find(session.id)).set(session).execute(tx.connection)?;
    Ok(())
}

/// Gives sessions the instructor and the room of their class.
pub(super) fn hand_over(tx: &mut Tx<'_>, ids: &[Id], class: &Class, room_id: Option<Id>) -> Result<()> {
    let to = (
        sessions::instructor_id.eq(class.instructor_id),
        sessions::room.eq(class.room.as_ref()),
        sessions::room_id.eq(room_id),
        sessions::version.eq(sessions::version + 1),
        sessions::changed_at.eq(tx.now()),
    );
    diesel::update(sessions::table.filter(one_of_ids(sessions::id, ids)?)).set(to).execute(tx.connection)?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    diesel::delete(sessions::table.filter(one_of_ids(sessions::id, ids)?)).execute(tx.connection)?;
    Ok(())
}

/// The room of a partner by this name, which is there from now on.
pub(super) fn room(tx: &mut Tx<'_>, partner: Id, name: &Label) -> Result<Id> {
    let folded = name.as_str().to_lowercase();
    let row = (rooms::id.eq(tx.new_id()), rooms::partner_id.eq(partner), rooms::folded_name.eq(&folded));
    native!(tx.connection, c => diesel::insert_into(rooms::table).values(row).on_conflict_do_nothing().execute(c))?;
    let named = rooms::table.filter(rooms::partner_id.eq(partner)).filter(rooms::folded_name.eq(&folded));
    Ok(named.select(rooms::id).get_result(tx.connection)?)
}

/// Waits until nobody else plans for the instructor or the room, so that what [`busy`] finds is still so when rows are
/// written. The constraints of the table hold whoever does not ask.
pub(super) fn stand_in_line(tx: &mut Tx<'_>, instructor: Option<Id>, room: Option<Id>) -> Result<()> {
    for (what, id) in [("instructor", instructor), ("room", room)] {
        if let Some(id) = id {
            alone(tx.connection, &format!("timetable of {what} {id}"))?;
        }
    }
    Ok(())
}

/// Sessions between two days that the class, the instructor or the room has already.
pub(super) fn busy(
    tx: &mut Tx<'_>,
    class: Id,
    instructor: Option<Id>,
    room: Option<Id>,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<Busy>> {
    type Row = (Id, Id, Label, Option<Id>, Option<Id>, (NaiveDate, i32, i32));
    let rows: Vec<Row> = sessions::table
        .inner_join(classes::table)
        .filter(sessions::cancel_reason.is_null())
        .filter(sessions::held_on.between(from, to))
        .filter(sessions::class_id.eq(class).or(sessions::instructor_id.eq(instructor)).or(sessions::room_id.eq(room)))
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .select((
            sessions::id,
            sessions::class_id,
            classes::name,
            sessions::instructor_id,
            sessions::room_id,
            (sessions::held_on, sessions::starts_at, sessions::ends_at),
        ))
        .load(tx.connection)?;
    let busy = |(session, class, class_name, instructor, room, place): Row| Busy {
        session,
        class,
        class_name,
        instructor,
        room,
        place: Place::from(place),
    };
    Ok(rows.into_iter().map(busy).collect())
}

/// When an instructor teaches or taught, between two days.
pub(super) fn taught(
    tx: &mut Tx<'_>,
    instructor: Id,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(NaiveDate, SessionState, LessonHours)>> {
    Ok(sessions::table
        .filter(sessions::instructor_id.eq(instructor))
        .filter(sessions::held_on.between(from, to))
        .filter(sessions::cancel_reason.is_null())
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .select((sessions::held_on, sessions::state, sessions::lesson_hours))
        .load(tx.connection)?)
}

/// Whether a session that takes place stands for a cancelled one.
pub(super) fn is_replaced(tx: &mut Tx<'_>, id: Id) -> Result<bool> {
    let live = sessions::table.filter(sessions::replaces.eq(id)).filter(sessions::cancel_reason.is_null());
    Ok(diesel::select(diesel::dsl::exists(live)).get_result(tx.connection)?)
}

pub(super) fn insert_move(tx: &mut Tx<'_>, moved: &Moved) -> Result<()> {
    diesel::insert_into(session_moves::table).values(moved).execute(tx.connection)?;
    Ok(())
}

/// Where a session was, oldest first.
pub(super) fn moves(tx: &mut Tx<'_>, session: Id) -> Result<Vec<Moved>> {
    Ok(session_moves::table
        .filter(session_moves::session_id.eq(session))
        .order(session_moves::id)
        .load(tx.connection)?)
}

/// Places that sessions of a class were moved away from.
pub(super) fn left(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Place>> {
    let places: Vec<(NaiveDate, i32, i32)> = session_moves::table
        .inner_join(sessions::table)
        .filter(sessions::class_id.eq(class))
        .select((session_moves::held_on, session_moves::starts_at, session_moves::ends_at))
        .load(tx.connection)?;
    Ok(places.into_iter().map(Place::from).collect())
}

pub(super) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Session>> {
    Ok(sessions::table
        .filter(sessions::class_id.eq(class))
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .load(tx.connection)?)
}

pub(super) fn of_classes(tx: &mut Tx<'_>, classes: &[Id]) -> Result<Vec<Session>> {
    Ok(sessions::table.filter(one_of_ids(sessions::class_id, classes)?).load(tx.connection)?)
}

pub(super) fn lock_of_class(tx: &mut Tx<'_>, class: Id) -> Result<()> {
    let all = sessions::table.filter(sessions::class_id.eq(class)).order(sessions::id).select(sessions::id);
    let _held: Vec<Id> = ForUpdate(all).get_results(tx.connection)?;
    Ok(())
}

/// Of a query for sessions those that come after one that begins then, in order of time.
macro_rules! behind {
    ($query:expr, $last:expr, $start:expr) => {{
        let (day, minute) = $start;
        let same_time = sessions::starts_at.eq(minute).and(sessions::id.gt($last));
        let same_day = sessions::held_on.eq(day).and(sessions::starts_at.gt(minute).or(same_time));
        // Said once more for the index: nothing before that day.
        $query.filter(sessions::held_on.ge(day)).filter(sessions::held_on.gt(day).or(same_day))
    }};
}
pub(super) use behind;

/// When the session begins that a page ended with; of this class, where one is meant.
///
/// # Errors
/// `query.cursor` once it is gone.
pub(super) fn start(tx: &mut Tx<'_>, last: Id, class: Option<Id>) -> Result<(NaiveDate, i32)> {
    let mut query = sessions::table.filter(sessions::id.eq(last)).into_boxed();
    if let Some(class) = class {
        query = query.filter(sessions::class_id.eq(class));
    }
    let start = query.select((sessions::held_on, sessions::starts_at)).get_result(tx.connection).optional()?;
    start.ok_or_else(|| Error::new(&codes::CURSOR_INVALID))
}

/// In order of time. A page begins behind the session that its cursor names, wherever that one is now.
///
/// # Errors
/// `query.cursor` once that session is gone.
pub(super) fn page(tx: &mut Tx<'_>, class: Id, on: Option<NaiveDate>, page: PageRequest) -> Result<Page<Session>> {
    let mut query = sessions::table.filter(sessions::class_id.eq(class)).into_boxed();
    if let Some(on) = on {
        query = query.filter(sessions::held_on.eq(on));
    }
    if let Some(last) = page.after {
        query = behind!(query, last, start(tx, last, Some(class))?);
    }
    let order = (sessions::held_on, sessions::starts_at, sessions::id);
    let rows = query.order(order).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |session: &Session| session.id))
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Session> {
    Ok(sessions::table.find(id).get_result(tx.connection)?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Session> {
    Ok(ForUpdate(sessions::table.find(id)).get_result(tx.connection)?)
}

/// A session with its class as the actor sees them, by the statement that is given. Each scope has a query of its own
/// type, so that a connection keeps it prepared: this one stands before every register.
macro_rules! seen_with_class {
    ($actor:expr, $id:expr, $query:ident => $run:expr) => {{
        let base = sessions::table.inner_join(classes::table).filter(sessions::id.eq($id));
        match $actor.scope() {
            Scope::Everything => {
                let $query = base;
                $run
            }
            Scope::Province(province) => {
                let $query = base.filter(classes::province_code.eq(province));
                $run
            }
            Scope::Regency(_, regency) => {
                let $query = base.filter(classes::regency_code.eq(regency));
                $run
            }
            Scope::School(_, school) => {
                let own = enrollments::table.filter(enrollments::school_id.eq(school)).select(enrollments::class_id);
                let $query = base.filter(classes::partner_id.eq(school).or(classes::id.nullable().eq_any(own)));
                $run
            }
            Scope::Partner(_, partner) => {
                let $query = base.filter(classes::partner_id.eq(partner));
                $run
            }
            Scope::Instructor(_, account) => {
                let stands_in = sessions::instructor_id.eq(account);
                let $query = base.filter(classes::instructor_id.eq(account).or(stands_in));
                $run
            }
        }
    }};
}

pub(super) fn with_class(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Session, Class)> {
    Ok(seen_with_class!(actor, id, query => native!(tx.connection, c => query.get_result(c)))?)
}

/// The enrollments whose marks the register of a session takes: of everyone who was in its class on its day, from the
/// first day seated to the day of leaving.
#[derive(Debug, Default)]
pub(crate) struct Members {
    all: HashSet<Id>,
    decided: HashSet<Id>,
}

impl Members {
    pub(crate) fn contains(&self, enrollment: Id) -> bool {
        self.all.contains(&enrollment)
    }

    /// Whether the completion of somebody is decided.
    pub(crate) fn is_decided(&self, enrollment: Id) -> bool {
        self.decided.contains(&enrollment)
    }
}

/// These as one text of the statement that reads the session: a statement of their own is a way to the database and back,
/// before every register.
#[derive(Debug, Clone, Copy, QueryId)]
struct MembersThatDay;

impl Expression for MembersThatDay {
    type SqlType = Nullable<Text>;
}

impl<Source> AppearsOnTable<Source> for MembersThatDay {}

impl<Source> SelectableExpression<Source> for MembersThatDay {}

impl ValidGrouping<()> for MembersThatDay {
    type IsAggregate = is_aggregate::No;
}

impl<DB: Backend> QueryFragment<DB> for MembersThatDay {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(
            "(SELECT string_agg(CAST(member AS TEXT), ' ') FROM (\
             SELECT CASE WHEN enrollments.state IN ('completed', 'not_completed') THEN -id ELSE id END AS member \
             FROM enrollments WHERE enrollments.class_id = sessions.class_id AND seated_on <= sessions.held_on \
             AND (left_on IS NULL OR left_on > sessions.held_on OR (left_on = sessions.held_on AND seated_on < left_on)) \
             UNION ALL SELECT CASE WHEN enrollments.state IN ('completed', 'not_completed') THEN -enrollment_id \
             ELSE enrollment_id END FROM class_stays JOIN enrollments ON enrollments.id = enrollment_id \
             WHERE class_stays.class_id = sessions.class_id AND class_stays.seated_on <= sessions.held_on \
             AND class_stays.left_on >= sessions.held_on AND class_stays.seated_on < class_stays.left_on) AS members)",
        );
        Ok(())
    }
}

/// Reads that text, in which the number of a decided one is below nothing; a class in which nobody was has none.
fn members(text: Option<&str>) -> Result<Members> {
    let mut members = Members::default();
    for number in text.into_iter().flat_map(|text| text.split(' ')) {
        let (is_decided, digits) = number.strip_prefix('-').map_or((false, number), |digits| (true, digits));
        let id = digits.parse().ok().and_then(Id::from_i64);
        let id = id.ok_or_else(|| Error::storage("a member who cannot be read"))?;
        members.all.insert(id);
        if is_decided {
            members.decided.insert(id);
        }
    }
    Ok(members)
}

/// The same with the session locked, and with whose marks it takes. Where somebody else holds it, it is read once more
/// when they have ended: what they changed beside it, such as who is decided on, is seen.
pub(super) fn locked_with_class(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Session, Class, Members)> {
    let mut found = read_locked::<false>(tx, actor, id)?;
    if found.is_none() && read_locked::<true>(tx, actor, id)?.is_some() {
        found = read_locked::<true>(tx, actor, id)?;
    }
    let (session, class, those) = found.ok_or(diesel::result::Error::NotFound)?;
    Ok((session, class, members(those.as_deref())?))
}

/// Whose marks the register of a session takes.
pub(super) fn members_of(tx: &mut Tx<'_>, id: Id) -> Result<Members> {
    let query = sessions::table.find(id).select(MembersThatDay);
    let text: Option<String> = native!(tx.connection, c => query.get_result(c))?;
    members(text.as_deref())
}

type WithMembers = (Session, Class, Option<String>);

fn read_locked<const WAITS: bool>(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Option<WithMembers>> {
    Ok(seen_with_class!(actor, id, query => {
        let whole = query.select((sessions::all_columns, classes::all_columns, MembersThatDay));
        let locked = ForUpdateOf::<_, _, WAITS>(whole, sessions::table);
        native!(tx.connection, c => locked.get_result(c)).optional()
    })?)
}

/// The change of a session's first register. Diesel prepares an update anew each time it is run; this one stands in
/// every register's way.
#[derive(QueryId)]
pub struct Report {
    pub(crate) session: Id,
    reported_at: Instant,
    pub(crate) register_at: i64,
    version: i32,
}

impl Report {
    pub(super) fn of(session: &Session, reported_at: Instant, register_at: i64) -> Self {
        Self { session: session.id, reported_at, register_at, version: session.version + 1 }
    }
}

impl<C> RunQueryDsl<C> for Report {}

impl<DB> QueryFragment<DB> for Report
where
    DB: Backend,
    SessionState: ToSql<Text, DB>,
    Instant: ToSql<Timestamp, DB>,
    i32: ToSql<Integer, DB>,
    i64: ToSql<BigInt, DB>,
    Id: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("UPDATE sessions SET state = ");
        pass.push_bind_param::<Text, _>(&SessionState::Held)?;
        pass.push_sql(", reported_at = ");
        pass.push_bind_param::<Timestamp, _>(&self.reported_at)?;
        pass.push_sql(", register_at = ");
        pass.push_bind_param::<BigInt, _>(&self.register_at)?;
        pass.push_sql(", version = ");
        pass.push_bind_param::<Integer, _>(&self.version)?;
        pass.push_sql(" WHERE id = ");
        pass.push_bind_param::<BigInt, _>(&self.session)
    }
}

/// Makes a planned session that is locked a held one.
pub(super) fn report(tx: &mut Tx<'_>, report: Report) -> Result<()> {
    native!(tx.connection, c => report.execute(c))?;
    Ok(())
}

/// Moves the clock of a register on.
pub(super) fn touch(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    diesel::update(sessions::table.find(session.id))
        .set((sessions::version.eq(session.version), sessions::register_at.eq(session.register_at)))
        .execute(tx.connection)?;
    Ok(())
}
