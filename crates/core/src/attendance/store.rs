use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::dsl::{count_star, sum};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::BigInt;

use super::NewMark;
use super::rules::{self, Stay};
use crate::audit::Addition;
use crate::db::Tx;
use crate::db::dialect::{Dialect, Pairs, insert_many, native, one_of_ids, together};
use crate::db::schema::{
    attendance, attendance_corrections, attendance_notes, attendance_tallies, class_stays, classes, enrollments,
    sessions,
};
use crate::error::Result;
use crate::id::Id;
use crate::session::{Report, SessionState};
use crate::time::Instant;
use crate::values::{LessonHours, Mark};

/// One mark.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = attendance, treat_none_as_default_value = false)]
pub struct Marked {
    /// In which session.
    pub session_id: Id,
    /// Whose.
    pub enrollment_id: Id,
    /// Which.
    pub mark: Mark,
    /// When it was set, in microseconds since 1970 in UTC.
    pub marked_at: i64,
    /// By whose account; 0 for the operator at the machine.
    pub marked_by: Id,
}

/// A value that a correction replaced.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = attendance_corrections, treat_none_as_default_value = false)]
pub struct Correction {
    /// Key; in order of time.
    pub id: Id,
    /// In which session.
    pub session_id: Id,
    /// Whose.
    pub enrollment_id: Id,
    /// The value that was replaced.
    pub mark: Mark,
    /// When that value was set, in microseconds since 1970 in UTC.
    pub marked_at: i64,
    /// By whose account.
    pub marked_by: Id,
    /// When it was replaced.
    pub replaced_at: Instant,
    /// By whose account.
    pub replaced_by: Id,
    /// From which device.
    pub device: String,
    /// Minutes that the person came late, as far as they were known.
    pub minutes_late: Option<i32>,
    /// What was said beside it, sealed.
    pub(super) note_sealed: Option<String>,
}

/// A session that was held while the person was a member.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct RecordLine {
    /// Which.
    pub session: Id,
    /// Of which class: whoever was transferred has lines of several.
    pub class: Id,
    /// On which day.
    pub held_on: NaiveDate,
    /// When it began, in minutes after midnight.
    pub starts_at: i32,
    /// What was taught.
    pub module_code: String,
    /// How long it was.
    pub lesson_hours: LessonHours,
    /// The mark; none while the person is unmarked, or once marks of that time are no longer kept.
    pub mark: Option<Mark>,
}

/// What stands beside a mark, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Queryable)]
pub(super) struct Kept {
    pub(super) minutes_late: Option<i32>,
    pub(super) note_sealed: Option<String>,
}

impl Kept {
    pub(super) fn of(self, session_id: Id, enrollment_id: Id) -> KeptOf {
        KeptOf { session_id, enrollment_id, minutes_late: self.minutes_late, note_sealed: self.note_sealed }
    }
}

/// The same with whose mark it is.
#[derive(Debug, Insertable)]
#[diesel(table_name = attendance_notes, treat_none_as_default_value = false)]
pub(super) struct KeptOf {
    pub(super) session_id: Id,
    pub(super) enrollment_id: Id,
    pub(super) minutes_late: Option<i32>,
    pub(super) note_sealed: Option<String>,
}

/// From when until when those who came to another class belonged to this one.
pub(super) fn stays_before(tx: &mut Tx<'_>, class: Id) -> Result<Vec<(Id, Stay)>> {
    let columns = (class_stays::enrollment_id, (class_stays::seated_on.nullable(), class_stays::left_on.nullable()));
    Ok(class_stays::table
        .filter(class_stays::class_id.eq(class))
        .order(class_stays::id)
        .select(columns)
        .load(tx.connection)?)
}

/// Whether a session counts for a stay: where there is a mark, or where the person was a member for all of its day, as
/// [`super::rules::was_member_all_day`] says.
macro_rules! counts {
    () => {
        sessions::held_on.ge(class_stays::seated_on).and(sessions::held_on.le(class_stays::left_on)).and(
            (attendance::mark.is_not_null().and(class_stays::seated_on.lt(class_stays::left_on))).or(sessions::held_on
                .lt(class_stays::left_on)
                .and(sessions::held_on.gt(class_stays::seated_on).or(sessions::held_on.eq(classes::starts_on)))),
        )
    };
}

/// Sessions that counted for those who sit in a class now before they did, in any class, with the mark.
pub(super) fn earlier(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Earlier>> {
    let mark = attendance::session_id.eq(sessions::id).and(attendance::enrollment_id.eq(class_stays::enrollment_id));
    let now = sessions::class_id
        .nullable()
        .eq(enrollments::class_id)
        .and(sessions::held_on.nullable().ge(enrollments::seated_on));
    let rows: Vec<Earlier> = class_stays::table
        .inner_join(enrollments::table)
        .inner_join(classes::table)
        .inner_join(sessions::table.on(sessions::class_id.eq(class_stays::class_id)))
        .left_join(attendance::table.on(mark))
        .filter(enrollments::class_id.eq(class))
        .filter(sessions::state.eq(SessionState::Held))
        .filter(counts!())
        // What belongs to where the person is now is counted there.
        .filter(diesel::dsl::not(now))
        .select((
            class_stays::enrollment_id,
            sessions::id,
            class_stays::class_id,
            sessions::held_on,
            sessions::lesson_hours,
            attendance::mark.nullable(),
        ))
        .load(tx.connection)?;
    // Whoever went and came back on one day has that day in two stays.
    let mut seen = HashSet::new();
    Ok(rows.into_iter().filter(|one| seen.insert((one.enrollment, one.session))).collect())
}

/// One session before a transfer.
#[derive(Debug, Queryable)]
pub(super) struct Earlier {
    pub(super) enrollment: Id,
    session: Id,
    /// Of which class: it may be an earlier stay in the same one.
    pub(super) class: Id,
    pub(super) held_on: NaiveDate,
    pub(super) lesson_hours: LessonHours,
    pub(super) mark: Option<Mark>,
}

/// Marks of a session in one statement that stays prepared however many there are. A first register replaces nothing.
#[derive(QueryId)]
struct Save<const FIRST: bool> {
    session: Id,
    marks: Pairs,
    marked_at: i64,
    marked_by: Id,
}

impl<const FIRST: bool> Save<FIRST> {
    fn of(session: Id, marks: &[NewMark], marked_at: i64, marked_by: Id) -> Self {
        let marks = Pairs::of(marks.iter().map(|one| (one.enrollment.as_i64(), one.mark)));
        Self { session, marks, marked_at, marked_by }
    }
}

impl<const FIRST: bool, C> RunQueryDsl<C> for Save<FIRST> {}

impl<const FIRST: bool, DB: Dialect> QueryFragment<DB> for Save<FIRST>
where
    Id: ToSql<BigInt, DB>,
    i64: ToSql<BigInt, DB>,
    Pairs: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("INSERT INTO attendance (session_id, enrollment_id, mark, marked_at, marked_by) SELECT ");
        pass.push_bind_param::<BigInt, _>(&self.session)?;
        pass.push_sql(", CAST(key AS BIGINT), value, ");
        pass.push_bind_param::<BigInt, _>(&self.marked_at)?;
        pass.push_sql(", ");
        pass.push_bind_param::<BigInt, _>(&self.marked_by)?;
        pass.push_sql(" FROM ");
        self.marks.walk_ast(pass.reborrow())?;
        pass.push_sql(" AS marked");
        if !FIRST {
            pass.push_sql(
                " WHERE true ON CONFLICT (session_id, enrollment_id) DO UPDATE \
                 SET mark = excluded.mark, marked_at = excluded.marked_at, marked_by = excluded.marked_by",
            );
        }
        Ok(())
    }
}

/// Sets these marks of different people, whatever was there before.
pub(super) fn save(tx: &mut Tx<'_>, session: Id, marks: &[NewMark], marked_at: i64, marked_by: Id) -> Result<()> {
    if marks.is_empty() {
        return Ok(());
    }
    let save = Save::<false>::of(session, marks, marked_at, marked_by);
    native!(tx.connection, c => save.execute(c))?;
    Ok(())
}

/// The first register of a session: its marks, the session that is held from now on, and what the audit says of it.
pub(super) fn save_first(
    tx: &mut Tx<'_>,
    marks: &[NewMark],
    marked_by: Id,
    report: Report,
    event: Addition,
) -> Result<()> {
    let save = Save::<true>::of(report.session, marks, report.register_at, marked_by);
    together!(tx.connection, save, report, event);
    Ok(())
}

pub(super) fn insert_corrections(tx: &mut Tx<'_>, rows: &[Correction]) -> Result<()> {
    insert_many!(tx.connection, attendance_corrections::table, rows);
    Ok(())
}

/// The marks of several sessions, each with what stands beside it.
pub(super) fn marks_of_many(tx: &mut Tx<'_>, sessions: &[Id]) -> Result<Vec<(Marked, Kept)>> {
    let beside = attendance_notes::session_id
        .eq(attendance::session_id)
        .and(attendance_notes::enrollment_id.eq(attendance::enrollment_id));
    Ok(attendance::table
        .left_join(attendance_notes::table.on(beside))
        .filter(one_of_ids(attendance::session_id, sessions)?)
        .select((
            attendance::all_columns,
            (attendance_notes::minutes_late.nullable(), attendance_notes::note_sealed.nullable()),
        ))
        .load(tx.connection)?)
}

/// The marks of a session by person, each with what stands beside it.
pub(super) fn marks_of(tx: &mut Tx<'_>, session: Id) -> Result<HashMap<Id, (Marked, Kept)>> {
    Ok(marks_of_many(tx, &[session])?.into_iter().map(|row| (row.0.enrollment_id, row)).collect())
}

pub(super) fn insert_notes(tx: &mut Tx<'_>, rows: &[KeptOf]) -> Result<()> {
    insert_many!(tx.connection, attendance_notes::table, rows);
    Ok(())
}

pub(super) fn remove_notes(tx: &mut Tx<'_>, session: Id, enrollments: &[Id]) -> Result<()> {
    let notes = attendance_notes::table.filter(attendance_notes::session_id.eq(session));
    diesel::delete(notes.filter(one_of_ids(attendance_notes::enrollment_id, enrollments)?)).execute(tx.connection)?;
    Ok(())
}

/// Forgets what was said of a person, also in earlier values; the minutes stay with the marks.
pub(super) fn forget_notes(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    let of_person = enrollments::table.filter(enrollments::participant_id.eq(participant)).select(enrollments::id);
    let notes = || attendance_notes::table.filter(attendance_notes::enrollment_id.eq_any(of_person));
    // Phones that keep the register are told that it has changed.
    let sessions_with =
        notes().filter(attendance_notes::note_sealed.is_not_null()).select(attendance_notes::session_id);
    diesel::update(sessions::table.filter(sessions::id.eq_any(sessions_with)))
        .set(sessions::register_at.eq(sessions::register_at))
        .execute(tx.connection)?;
    diesel::delete(notes().filter(attendance_notes::minutes_late.is_null())).execute(tx.connection)?;
    diesel::update(notes()).set(attendance_notes::note_sealed.eq(None::<String>)).execute(tx.connection)?;
    let earlier = attendance_corrections::table.filter(attendance_corrections::enrollment_id.eq_any(of_person));
    diesel::update(earlier.filter(attendance_corrections::note_sealed.is_not_null()))
        .set(attendance_corrections::note_sealed.eq(None::<String>))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn remove(tx: &mut Tx<'_>, session: Id, enrollments: &[Id]) -> Result<()> {
    remove_notes(tx, session, enrollments)?;
    let marks = attendance::table.filter(attendance::session_id.eq(session));
    diesel::delete(marks.filter(one_of_ids(attendance::enrollment_id, enrollments)?)).execute(tx.connection)?;
    Ok(())
}

pub(super) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<(Id, Id), Marked>> {
    let rows: Vec<Marked> = attendance::table
        .inner_join(sessions::table)
        .filter(sessions::class_id.eq(class))
        .filter(sessions::state.eq(SessionState::Held))
        .select(attendance::all_columns)
        .load(tx.connection)?;
    Ok(rows.into_iter().map(|row| ((row.session_id, row.enrollment_id), row)).collect())
}

pub(super) fn corrections(tx: &mut Tx<'_>, session: Id, enrollment: Id) -> Result<Vec<Correction>> {
    Ok(attendance_corrections::table
        .filter(attendance_corrections::session_id.eq(session))
        .filter(attendance_corrections::enrollment_id.eq(enrollment))
        .order(attendance_corrections::id)
        .load(tx.connection)?)
}

/// Values of these people's marks in these sessions that were replaced.
pub(super) fn corrections_of_many(tx: &mut Tx<'_>, sessions: &[Id], enrollments: &[Id]) -> Result<Vec<Correction>> {
    Ok(attendance_corrections::table
        .filter(one_of_ids(attendance_corrections::session_id, sessions)?)
        .filter(one_of_ids(attendance_corrections::enrollment_id, enrollments)?)
        .load(tx.connection)?)
}

/// The value that each person's mark of a session replaced.
pub(super) fn last_corrections(tx: &mut Tx<'_>, session: Id) -> Result<HashMap<Id, Correction>> {
    let all: Vec<Correction> = attendance_corrections::table
        .filter(attendance_corrections::session_id.eq(session))
        .order(attendance_corrections::id)
        .load(tx.connection)?;
    Ok(all.into_iter().map(|one| (one.enrollment_id, one)).collect())
}

/// One kind of mark: sessions and lesson hours.
pub(super) type Group = (Mark, i64, i64);

/// Marks of those who are in a class by person and kind: sessions and lesson hours. Bounded by the class, not by history.
/// What it says of those who are elsewhere now is for nobody: leaving them out makes it slower.
pub(super) fn tallies(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<Id, Vec<Group>>> {
    let day = sessions::held_on.nullable();
    let rows: Vec<Sums> = sessions::table
        .inner_join(attendance::table.inner_join(enrollments::table))
        .filter(sessions::class_id.eq(class))
        // Only these have marks; said for the planner, who would otherwise read the marks of everybody.
        .filter(sessions::state.eq(SessionState::Held))
        .filter(enrollments::seated_on.le(day))
        .filter(enrollments::left_on.is_null().or(enrollments::left_on.ge(day)))
        // Whoever left on the first day was never there.
        .filter(enrollments::left_on.is_null().or(enrollments::seated_on.lt(enrollments::left_on)))
        .group_by((attendance::enrollment_id, attendance::mark))
        .select((attendance::enrollment_id, attendance::mark, count_star(), sum(sessions::lesson_hours)))
        .load(tx.connection)?;
    let mut by_person = by_person(rows);
    for (enrollment, mark, count, hours) in kept_tallies(tx, class)? {
        by_person.entry(enrollment).or_default().push((mark, i64::from(count), i64::from(hours)));
    }
    Ok(by_person)
}

/// The same of those who were in a class and are in another now.
pub(super) fn tallies_before(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<Id, Vec<Group>>> {
    let theirs = class_stays::class_id
        .eq(class)
        .and(class_stays::enrollment_id.eq(attendance::enrollment_id))
        .and(class_stays::seated_on.le(sessions::held_on))
        .and(class_stays::left_on.ge(sessions::held_on))
        .and(class_stays::seated_on.lt(class_stays::left_on));
    let rows: Vec<Sums> = sessions::table
        .inner_join(attendance::table.inner_join(enrollments::table))
        .filter(sessions::class_id.eq(class))
        .filter(sessions::state.eq(SessionState::Held))
        .filter(enrollments::class_id.ne(class))
        .filter(diesel::dsl::exists(class_stays::table.filter(theirs)))
        .group_by((attendance::enrollment_id, attendance::mark))
        .select((attendance::enrollment_id, attendance::mark, count_star(), sum(sessions::lesson_hours)))
        .load(tx.connection)?;
    Ok(by_person(rows))
}

/// A person, a mark, how many sessions, and their lesson hours.
type Sums = (Id, Mark, i64, Option<i64>);

fn by_person(rows: Vec<Sums>) -> HashMap<Id, Vec<Group>> {
    let mut by_person: HashMap<Id, Vec<Group>> = HashMap::new();
    for (enrollment, mark, count, hours) in rows {
        by_person.entry(enrollment).or_default().push((mark, count, hours.unwrap_or(0)));
    }
    by_person
}

/// Who has a mark in these sessions.
pub(super) fn marked_in(tx: &mut Tx<'_>, sessions: &[Id]) -> Result<HashSet<(Id, Id)>> {
    let rows: Vec<(Id, Id)> = attendance::table
        .filter(one_of_ids(attendance::session_id, sessions)?)
        .select((attendance::session_id, attendance::enrollment_id))
        .load(tx.connection)?;
    Ok(rows.into_iter().collect())
}

/// What is left of marks whose time is over.
pub(super) fn kept_tallies(tx: &mut Tx<'_>, class: Id) -> Result<Vec<(Id, Mark, i32, i32)>> {
    Ok(attendance_tallies::table
        .inner_join(enrollments::table)
        .filter(enrollments::class_id.eq(class))
        .select(attendance_tallies::all_columns)
        .load(tx.connection)?)
}

/// The sessions that count for each of these people, wherever they were, with the mark.
pub(super) fn counted(tx: &mut Tx<'_>, people: &[Id]) -> Result<HashMap<Id, Vec<RecordLine>>> {
    let mark = || attendance::session_id.eq(sessions::id);
    let columns = (
        sessions::id,
        sessions::class_id,
        sessions::held_on,
        sessions::starts_at,
        sessions::module_code,
        sessions::lesson_hours,
        attendance::mark.nullable(),
    );
    let before: Vec<(Id, RecordLine)> = class_stays::table
        .inner_join(classes::table)
        .inner_join(sessions::table.on(sessions::class_id.eq(class_stays::class_id)))
        .left_join(attendance::table.on(mark().and(attendance::enrollment_id.eq(class_stays::enrollment_id))))
        .filter(one_of_ids(class_stays::enrollment_id, people)?)
        .filter(sessions::state.eq(SessionState::Held))
        .filter(counts!())
        .select((class_stays::enrollment_id, columns))
        .load(tx.connection)?;
    let now: Vec<(Id, Stay, NaiveDate, RecordLine)> = enrollments::table
        .inner_join(classes::table.on(enrollments::class_id.eq(classes::id.nullable())))
        .inner_join(sessions::table.on(sessions::class_id.eq(classes::id)))
        .left_join(attendance::table.on(mark().and(attendance::enrollment_id.eq(enrollments::id))))
        .filter(one_of_ids(enrollments::id, people)?)
        .filter(sessions::state.eq(SessionState::Held))
        .filter(enrollments::seated_on.le(sessions::held_on.nullable()))
        .filter(enrollments::left_on.is_null().or(enrollments::left_on.ge(sessions::held_on.nullable())))
        .select((enrollments::id, (enrollments::seated_on, enrollments::left_on), classes::starts_on, columns))
        .load(tx.connection)?;
    let now = now
        .into_iter()
        .filter(|(_, stay, starts_on, line)| rules::counts(&[*stay], line.held_on, line.mark.is_some(), *starts_on));
    // Whoever went and came back on one day has that day in two stays.
    let mut seen = HashSet::new();
    let mut lines: HashMap<Id, Vec<RecordLine>> = HashMap::new();
    for (person, line) in before.into_iter().chain(now.map(|(person, .., line)| (person, line))) {
        if seen.insert((person, line.session)) {
            lines.entry(person).or_default().push(line);
        }
    }
    Ok(lines)
}

/// What is left of these people's marks whose time is over.
pub(super) fn kept_of(tx: &mut Tx<'_>, people: &[Id]) -> Result<HashMap<Id, Vec<Group>>> {
    let rows: Vec<(Id, Mark, i32, i32)> =
        attendance_tallies::table.filter(one_of_ids(attendance_tallies::enrollment_id, people)?).load(tx.connection)?;
    let mut kept: HashMap<Id, Vec<Group>> = HashMap::new();
    for (person, mark, count, hours) in rows {
        kept.entry(person).or_default().push((mark, i64::from(count), i64::from(hours)));
    }
    Ok(kept)
}
