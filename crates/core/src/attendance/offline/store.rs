use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::clash::{ClashFilter, ClashOutcome};
use super::entry_id::EntryId;
use super::rules::{EntryState, Received};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::dialect::{insert_many, one_of, one_of_ids};
use crate::db::schema::{attendance_clashes, attendance_entries, classes, enrollments, participants, sessions};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Mark, PersonName};

/// A mark that came from a device, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = attendance_entries, treat_none_as_default_value = false)]
pub(super) struct EntryRow {
    pub(super) id: EntryId,
    pub(super) session_id: Id,
    pub(super) enrollment_id: Id,
    pub(super) mark: Mark,
    pub(super) minutes_late: Option<i32>,
    pub(super) note_sealed: Option<String>,
    pub(super) device: String,
    pub(super) place: i64,
    pub(super) seen: Option<i64>,
    pub(super) made_at: Instant,
    pub(super) received_at: Instant,
    pub(super) received_by: Id,
    pub(super) moment: i64,
    pub(super) state: EntryState,
    pub(super) result: Received,
    pub(super) clash_id: Option<Id>,
}

/// A clash as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = attendance_clashes, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ClashRow {
    /// Key.
    pub id: Id,
    /// In which class.
    pub class_id: Id,
    /// In which session.
    pub session_id: Id,
    /// Whose mark.
    pub enrollment_id: Id,
    /// When it was found.
    pub opened_at: Instant,
    /// How it ended; none while it is open.
    pub outcome: Option<ClashOutcome>,
    /// When it ended.
    pub closed_at: Option<Instant>,
    /// By whose account.
    pub closed_by: Option<Id>,
    /// The mark that holds since.
    pub mark: Option<Mark>,
    /// Grows with every change.
    pub version: i32,
}

/// A clash with what a person needs to know it by.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Found {
    pub(super) row: ClashRow,
    pub(super) name: PersonName,
    pub(super) held_on: NaiveDate,
    pub(super) starts_at: i32,
}

/// Entries of these identities.
pub(super) fn known(tx: &mut Tx<'_>, ids: &[&EntryId]) -> Result<HashMap<EntryId, EntryRow>> {
    let rows: Vec<EntryRow> =
        attendance_entries::table.filter(one_of(attendance_entries::id, ids)?).load(tx.connection)?;
    Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
}

/// Entries of a session about these people, in the order in which they came.
pub(super) fn of_session(tx: &mut Tx<'_>, session: Id, enrollments: &[Id]) -> Result<Vec<EntryRow>> {
    of_sessions(tx, &[session], enrollments)
}

/// The same of several sessions.
pub(super) fn of_sessions(tx: &mut Tx<'_>, sessions: &[Id], enrollments: &[Id]) -> Result<Vec<EntryRow>> {
    Ok(attendance_entries::table
        .filter(one_of_ids(attendance_entries::session_id, sessions)?)
        .filter(one_of_ids(attendance_entries::enrollment_id, enrollments)?)
        .order((attendance_entries::moment, attendance_entries::place, attendance_entries::id))
        .load(tx.connection)?)
}

/// Those of them that count by themselves.
pub(super) fn apart(tx: &mut Tx<'_>, session: Id, enrollments: &[Id]) -> Result<Vec<EntryRow>> {
    Ok(attendance_entries::table
        .filter(attendance_entries::session_id.eq(session))
        .filter(one_of_ids(attendance_entries::enrollment_id, enrollments)?)
        .filter(attendance_entries::state.eq(EntryState::Apart))
        .order((attendance_entries::moment, attendance_entries::place, attendance_entries::id))
        .load(tx.connection)?)
}

pub(super) fn insert(tx: &mut Tx<'_>, rows: &[EntryRow]) -> Result<()> {
    insert_many!(tx.connection, attendance_entries::table, rows);
    Ok(())
}

pub(super) fn set_state(tx: &mut Tx<'_>, ids: &[&EntryId], state: EntryState) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    diesel::update(attendance_entries::table.filter(one_of(attendance_entries::id, ids)?))
        .set(attendance_entries::state.eq(state))
        .execute(tx.connection)?;
    Ok(())
}

/// Nothing that came from a device about these people counts any more.
pub(super) fn end_all(tx: &mut Tx<'_>, session: Id, enrollments: &[Id]) -> Result<()> {
    let entries = attendance_entries::table.filter(attendance_entries::session_id.eq(session));
    diesel::update(entries.filter(one_of_ids(attendance_entries::enrollment_id, enrollments)?))
        .set(attendance_entries::state.eq(EntryState::Past))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn any(tx: &mut Tx<'_>, session: Id) -> Result<bool> {
    let entries = attendance_entries::table.filter(attendance_entries::session_id.eq(session));
    Ok(diesel::select(diesel::dsl::exists(entries)).get_result(tx.connection)?)
}

/// When what still counts of a class came last, by session and person.
pub(super) fn said(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<(Id, Id), i64>> {
    let rows: Vec<(Id, Id, i64)> = attendance_entries::table
        .inner_join(sessions::table)
        .filter(sessions::class_id.eq(class))
        .filter(attendance_entries::state.ne(EntryState::Past))
        .order(attendance_entries::moment)
        .select((attendance_entries::session_id, attendance_entries::enrollment_id, attendance_entries::moment))
        .load(tx.connection)?;
    Ok(rows.into_iter().map(|(session, person, moment)| ((session, person), moment)).collect())
}

/// Forgets what was said of a person beside these marks.
pub(super) fn forget_notes(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    let of_person = enrollments::table.filter(enrollments::participant_id.eq(participant)).select(enrollments::id);
    let noted = attendance_entries::table.filter(attendance_entries::note_sealed.is_not_null());
    diesel::update(noted.filter(attendance_entries::enrollment_id.eq_any(of_person)))
        .set(attendance_entries::note_sealed.eq(None::<String>))
        .execute(tx.connection)?;
    Ok(())
}

/// Open clashes of a session, by person.
pub(super) fn open(tx: &mut Tx<'_>, session: Id) -> Result<HashMap<Id, ClashRow>> {
    let rows: Vec<ClashRow> = attendance_clashes::table
        .filter(attendance_clashes::session_id.eq(session))
        .filter(attendance_clashes::outcome.is_null())
        .load(tx.connection)?;
    Ok(rows.into_iter().map(|row| (row.enrollment_id, row)).collect())
}

/// Open clashes of several sessions: session, person, clash.
pub(super) fn open_of(tx: &mut Tx<'_>, sessions: &[Id]) -> Result<Vec<(Id, Id, Id)>> {
    Ok(attendance_clashes::table
        .filter(one_of_ids(attendance_clashes::session_id, sessions)?)
        .filter(attendance_clashes::outcome.is_null())
        .select((attendance_clashes::session_id, attendance_clashes::enrollment_id, attendance_clashes::id))
        .load(tx.connection)?)
}

/// Who of these people has an open clash, in whichever class.
pub(super) fn disputed(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<HashSet<Id>> {
    let people: Vec<Id> = attendance_clashes::table
        .filter(one_of_ids(attendance_clashes::enrollment_id, enrollments)?)
        .filter(attendance_clashes::outcome.is_null())
        .select(attendance_clashes::enrollment_id)
        .load(tx.connection)?;
    Ok(people.into_iter().collect())
}

pub(super) fn insert_clashes(tx: &mut Tx<'_>, rows: &[ClashRow]) -> Result<()> {
    insert_many!(tx.connection, attendance_clashes::table, rows);
    Ok(())
}

pub(super) fn update_clash(tx: &mut Tx<'_>, row: &ClashRow) -> Result<()> {
    diesel::update(attendance_clashes::table.find(row.id)).set(row).execute(tx.connection)?;
    Ok(())
}

/// Writes down which clash the values belong to that count by themselves.
pub(super) fn belong_to(tx: &mut Tx<'_>, clash: &ClashRow) -> Result<()> {
    let entries = attendance_entries::table
        .filter(attendance_entries::session_id.eq(clash.session_id))
        .filter(attendance_entries::enrollment_id.eq(clash.enrollment_id))
        .filter(attendance_entries::state.eq(EntryState::Apart));
    diesel::update(entries).set(attendance_entries::clash_id.eq(clash.id)).execute(tx.connection)?;
    Ok(())
}

/// Clashes of the classes that the actor marks, oldest first.
pub(super) fn clashes(tx: &mut Tx<'_>, actor: &Actor, filter: &ClashFilter, page: PageRequest) -> Result<Page<Found>> {
    let mut query = attendance_clashes::table
        .inner_join(classes::table)
        .inner_join(sessions::table)
        .inner_join(enrollments::table.inner_join(participants::table))
        .filter(attendance_clashes::id.gt(page.after()))
        .into_boxed();
    query = match actor.scope() {
        Scope::Everything => query,
        Scope::Province(province) => query.filter(classes::province_code.eq(province)),
        Scope::Regency(_, regency) => query.filter(classes::regency_code.eq(regency)),
        Scope::School(_, partner) | Scope::Partner(_, partner) => query.filter(classes::partner_id.eq(partner)),
        Scope::Instructor(_, account) => {
            query.filter(classes::instructor_id.eq(account).or(sessions::instructor_id.eq(account)))
        }
    };
    if let Some(id) = filter.id {
        query = query.filter(attendance_clashes::id.eq(id));
    }
    if let Some(class) = filter.class {
        query = query.filter(attendance_clashes::class_id.eq(class));
    }
    if filter.open {
        query = query.filter(attendance_clashes::outcome.is_null());
    }
    let rows = query
        .order(attendance_clashes::id)
        .limit(page.fetch())
        .select((attendance_clashes::all_columns, participants::name, sessions::held_on, sessions::starts_at))
        .load(tx.connection)?;
    Ok(page.page(rows, |found: &Found| found.row.id))
}
