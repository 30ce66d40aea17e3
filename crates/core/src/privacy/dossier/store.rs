use chrono::NaiveDate;
use diesel::prelude::*;

use super::TRAIL;
use crate::attendance::{Remark, open_note};
use crate::audit::Event;
use crate::certificate::Certificate;
use crate::db::Tx;
use crate::db::schema::{
    attendance, attendance_corrections, attendance_entries, attendance_notes, attendance_tallies, audit_events,
    certificates, classes, cohorts, credentials, enrollment_transitions, enrollments, imports, participants, partners,
    programs, seat_offers, sessions,
};
use crate::enrollment::offer::SeatOffer;
use crate::enrollment::{Enrollment, Transition};
use crate::error::Result;
use crate::id::Id;
use crate::time::Instant;
use crate::values::{Label, Mark};

/// An enrollment and what it was for.
#[derive(Debug, Clone, Queryable)]
pub struct Learned {
    /// The enrollment.
    pub enrollment: Enrollment,
    /// The program's Indonesian name.
    pub program_id: String,
    /// Its English name.
    pub program_en: String,
    /// The cohort.
    pub cohort: Label,
    /// The class, once there was a seat.
    pub class: Option<Label>,
    /// The partner that teaches it.
    pub partner: Option<String>,
}

/// A seat that was offered.
#[derive(Debug, Clone, Queryable)]
pub struct Offered {
    /// The offer.
    pub offer: SeatOffer,
    /// The class.
    pub class: Label,
    /// The partner that teaches it.
    pub partner: String,
}

/// One mark and its session.
#[derive(Debug, Clone)]
pub struct Attended {
    /// Of which enrollment.
    pub enrollment_id: Id,
    /// On which day.
    pub held_on: NaiveDate,
    /// Lesson hours of the session.
    pub lesson_hours: i32,
    /// The mark.
    pub mark: Mark,
    /// What is said beside it.
    pub remark: Remark,
}

/// A value that was said of a person's attendance, whether it holds or not.
#[derive(Debug, Clone)]
pub struct Said {
    /// Of which enrollment.
    pub enrollment_id: Id,
    /// The day of the session.
    pub held_on: NaiveDate,
    /// The mark.
    pub mark: Mark,
    /// What was said beside it.
    pub remark: Remark,
}

/// A value that a correction replaced.
#[derive(Debug, Clone)]
pub struct Replaced {
    /// Which.
    pub said: Said,
    /// When it was set.
    pub marked_at: Option<Instant>,
    /// When it was replaced.
    pub replaced_at: Instant,
}

/// A value as a device sent it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Which.
    pub said: Said,
    /// When it was made, by the device's own clock.
    pub made_at: Instant,
    /// When it arrived.
    pub received_at: Instant,
}

/// A file that brought the person.
#[derive(Debug, Clone, Queryable)]
pub struct Origin {
    /// The import.
    pub id: Id,
    /// The file's name.
    pub file_name: String,
    /// When it was brought.
    pub created_at: Instant,
}

pub(super) fn school(tx: &mut Tx<'_>, school: Option<Id>) -> Result<Option<String>> {
    let Some(id) = school else { return Ok(None) };
    Ok(Some(partners::table.find(id).select(partners::name).get_result(tx.connection)?))
}

pub(super) fn learned(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<Learned>> {
    Ok(enrollments::table
        .inner_join(cohorts::table.inner_join(programs::table))
        .left_join(classes::table.inner_join(partners::table))
        .filter(enrollments::participant_id.eq(participant))
        .order(enrollments::id)
        .select((
            enrollments::all_columns,
            programs::name_id,
            programs::name_en,
            cohorts::name,
            classes::name.nullable(),
            partners::name.nullable(),
        ))
        .load(tx.connection)?)
}

pub(super) fn steps(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Transition>> {
    Ok(enrollment_transitions::table
        .filter(enrollment_transitions::enrollment_id.eq_any(enrollments))
        .order(enrollment_transitions::id)
        .load(tx.connection)?)
}

/// Seats that were offered, each with the class and who teaches it.
pub(super) fn offers(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Offered>> {
    Ok(seat_offers::table
        .inner_join(classes::table.inner_join(partners::table))
        .filter(seat_offers::enrollment_id.eq_any(enrollments))
        .order(seat_offers::id)
        .select((seat_offers::all_columns, classes::name, partners::name))
        .load(tx.connection)?)
}

/// By the sessions of the classes, so that the marks are found by their key.
pub(super) fn marks(tx: &mut Tx<'_>, enrollments: &[Id], classes: &[Id]) -> Result<Vec<Attended>> {
    type Row = (Id, NaiveDate, i32, Mark, Option<i32>, Option<String>);
    let beside = attendance_notes::session_id
        .eq(attendance::session_id)
        .and(attendance_notes::enrollment_id.eq(attendance::enrollment_id));
    let rows: Vec<Row> = sessions::table
        .inner_join(attendance::table)
        .left_join(attendance_notes::table.on(beside))
        .filter(sessions::class_id.eq_any(classes))
        .filter(attendance::enrollment_id.eq_any(enrollments))
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .select((
            attendance::enrollment_id,
            sessions::held_on,
            sessions::lesson_hours,
            attendance::mark,
            attendance_notes::minutes_late.nullable(),
            attendance_notes::note_sealed.nullable(),
        ))
        .load(tx.connection)?;
    let attended = |(enrollment_id, held_on, lesson_hours, mark, minutes_late, note): Row| {
        let note = note.map(|sealed| open_note(tx, &sealed)).transpose()?;
        Ok(Attended { enrollment_id, held_on, lesson_hours, mark, remark: Remark { minutes_late, note } })
    };
    rows.into_iter().map(attended).collect()
}

type SaidRow = (Id, NaiveDate, Mark, Option<i32>, Option<String>);

fn said(tx: &Tx<'_>, (enrollment_id, held_on, mark, minutes_late, note): SaidRow) -> Result<Said> {
    let note = note.map(|sealed| open_note(tx, &sealed)).transpose()?;
    Ok(Said { enrollment_id, held_on, mark, remark: Remark { minutes_late, note } })
}

/// Values that corrections replaced, in the order in which they were.
pub(super) fn replaced(tx: &mut Tx<'_>, enrollments: &[Id], classes: &[Id]) -> Result<Vec<Replaced>> {
    let rows: Vec<(SaidRow, i64, Instant)> = sessions::table
        .inner_join(attendance_corrections::table.on(attendance_corrections::session_id.eq(sessions::id)))
        .filter(sessions::class_id.eq_any(classes))
        .filter(attendance_corrections::enrollment_id.eq_any(enrollments))
        .order(attendance_corrections::id)
        .select((
            (
                attendance_corrections::enrollment_id,
                sessions::held_on,
                attendance_corrections::mark,
                attendance_corrections::minutes_late,
                attendance_corrections::note_sealed,
            ),
            attendance_corrections::marked_at,
            attendance_corrections::replaced_at,
        ))
        .load(tx.connection)?;
    let replaced = |(row, marked_at, replaced_at): (SaidRow, i64, Instant)| {
        Ok(Replaced { said: said(tx, row)?, marked_at: Instant::from_micros(marked_at), replaced_at })
    };
    rows.into_iter().map(replaced).collect()
}

/// Values that came from devices, in the order in which they came.
pub(super) fn sent(tx: &mut Tx<'_>, enrollments: &[Id], classes: &[Id]) -> Result<Vec<Sent>> {
    let rows: Vec<(SaidRow, Instant, Instant)> = sessions::table
        .inner_join(attendance_entries::table.on(attendance_entries::session_id.eq(sessions::id)))
        .filter(sessions::class_id.eq_any(classes))
        .filter(attendance_entries::enrollment_id.eq_any(enrollments))
        .order((attendance_entries::moment, attendance_entries::place, attendance_entries::id))
        .select((
            (
                attendance_entries::enrollment_id,
                sessions::held_on,
                attendance_entries::mark,
                attendance_entries::minutes_late,
                attendance_entries::note_sealed,
            ),
            attendance_entries::made_at,
            attendance_entries::received_at,
        ))
        .load(tx.connection)?;
    let sent = |(row, made_at, received_at): (SaidRow, Instant, Instant)| {
        Ok(Sent { said: said(tx, row)?, made_at, received_at })
    };
    rows.into_iter().map(sent).collect()
}

pub(super) fn tallies(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<(Id, Mark, i32, i32)>> {
    Ok(attendance_tallies::table
        .filter(attendance_tallies::enrollment_id.eq_any(enrollments))
        .order((attendance_tallies::enrollment_id, attendance_tallies::mark))
        .load(tx.connection)?)
}

pub(super) fn certificates(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<(Certificate, Option<String>)>> {
    Ok(certificates::table
        .left_join(credentials::table)
        .filter(certificates::enrollment_id.eq_any(enrollments))
        .order(certificates::id)
        .select((certificates::all_columns, credentials::jwt.nullable()))
        .load(tx.connection)?)
}

pub(super) fn origins(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<Origin>> {
    let registered = participants::table.find(participant).select(participants::import_id);
    let enrolled =
        enrollments::table.filter(enrollments::participant_id.eq(participant)).select(enrollments::import_id);
    Ok(imports::table
        .filter(imports::id.nullable().eq_any(registered).or(imports::id.nullable().eq_any(enrolled)))
        .order(imports::id)
        .select((imports::id, imports::file_name, imports::created_at))
        .distinct()
        .load(tx.connection)?)
}

/// The audit of everything of one person, newest first.
pub(super) fn trail(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<Event>> {
    Ok(audit_events::table
        .filter(audit_events::person_id.eq(participant))
        .order(audit_events::id.desc())
        .limit(i64::try_from(TRAIL).unwrap_or(i64::MAX))
        .load(tx.connection)?)
}
