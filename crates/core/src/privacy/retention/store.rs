use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::RetentionKind;
use crate::class::ClassState;
use crate::db::Tx;
use crate::db::dialect::{self, insert_many};
use crate::db::schema::{
    accounts, attendance, attendance_clashes, attendance_corrections, attendance_entries, attendance_notes,
    attendance_tallies, classes, cohorts, enrollments, idempotency_keys, import_contents, import_effects, imports,
    jobs, outbox, participants, person_requests, sessions,
};
use crate::enrollment::EnrollmentState;
use crate::error::Result;
use crate::id::Id;
use crate::notify::MessageState;
use crate::participant::ERASED;
use crate::privacy::RequestState;
use crate::time::Instant;
use crate::values::{Mark, ProvinceCode};

/// Rows of a batch, so that nobody waits for it.
const BATCH: i64 = 200;
/// People of a batch: each is looked for in files and answers.
const PEOPLE: i64 = 10;
/// Sessions of a batch: each has the marks of a class.
const SESSIONS: i64 = 20;

pub(super) fn alone(tx: &mut Tx<'_>) -> Result<()> {
    Ok(dialect::alone(tx.connection, "retention")?)
}

/// People whose every cohort ended before then, or who registered before then and were in none; not those who were
/// erased already, nor those who still have a seat or an open request.
macro_rules! forgotten {
    ($before:expr) => {{
        let day: NaiveDate = $before.utc().date_naive();
        let since = enrollments::table
            .inner_join(cohorts::table)
            .filter(enrollments::participant_id.eq(participants::id))
            .filter(
                cohorts::ends_on
                    .ge(day)
                    .or(enrollments::state.eq_any([EnrollmentState::Active, EnrollmentState::OnLeave])),
            );
        let asked = person_requests::table
            .filter(person_requests::participant_id.eq(participants::id))
            .filter(person_requests::state.eq(RequestState::Open));
        participants::table
            .filter(participants::search_name.ne(ERASED))
            .filter(participants::created_at.lt($before))
            .filter(not(exists(since)))
            .filter(not(exists(asked)))
    }};
}

/// Sessions with marks of classes that ended before then.
macro_rules! marked {
    ($before:expr) => {{
        let day: NaiveDate = $before.utc().date_naive();
        sessions::table
            .inner_join(classes::table)
            .filter(classes::ends_on.lt(day))
            .filter(classes::state.eq_any([ClassState::Completed, ClassState::Cancelled]))
            // A mark that was taken back has left what was said before, here and on phones.
            .filter(
                exists(attendance::table.filter(attendance::session_id.eq(sessions::id)))
                    .or(exists(
                        attendance_corrections::table.filter(attendance_corrections::session_id.eq(sessions::id)),
                    ))
                    .or(exists(attendance_entries::table.filter(attendance_entries::session_id.eq(sessions::id)))),
            )
    }};
}

/// Kept files that were applied, or brought and never applied, before then.
macro_rules! stale_imports {
    ($before:expr) => {
        imports::table.inner_join(import_contents::table).filter(
            imports::applied_at.lt($before).or(imports::applied_at.is_null().and(imports::created_at.lt($before))),
        )
    };
}

/// Messages made before then that nobody tries to send any more.
macro_rules! settled {
    ($before:expr) => {
        // The first spares the index everything younger; the second has the last word.
        outbox::id
            .lt(Id::lowest_at($before))
            .and(outbox::created_at.lt($before))
            .and(outbox::state.ne(MessageState::Waiting))
    };
}

macro_rules! decided {
    ($kind:expr, $before:expr) => {{
        let state = if $kind == RetentionKind::RefusedRequests { RequestState::Refused } else { RequestState::Done };
        person_requests::table.filter(person_requests::state.eq(state)).filter(person_requests::decided_at.lt($before))
    }};
}

/// How many of a kind would go; of one province, or of all.
pub(super) fn count(
    tx: &mut Tx<'_>,
    kind: RetentionKind,
    before: Instant,
    province: Option<&ProvinceCode>,
) -> Result<i64> {
    macro_rules! counted {
        ($query:expr, $province:expr) => {{
            let mut query = $query.count().into_boxed();
            if let Some(province) = province {
                query = query.filter($province.eq(province));
            }
            query.get_result(tx.connection)?
        }};
    }
    Ok(match kind {
        RetentionKind::PersonalFiles => counted!(forgotten!(before), participants::province_code),
        RetentionKind::Attendance => counted!(marked!(before), classes::province_code),
        RetentionKind::ImportFiles => counted!(stale_imports!(before), imports::province_code),
        RetentionKind::KeptAnswers => counted!(
            idempotency_keys::table.inner_join(accounts::table).filter(idempotency_keys::created_at.lt(before)),
            accounts::province_code
        ),
        RetentionKind::Messages => {
            counted!(outbox::table.inner_join(accounts::table).filter(settled!(before)), accounts::province_code)
        }
        RetentionKind::Jobs => counted!(jobs::table.filter(jobs::ended_at.lt(before)), jobs::province_code),
        RetentionKind::RefusedRequests | RetentionKind::DoneRequests => {
            counted!(decided!(kind, before), person_requests::province_code)
        }
        RetentionKind::Certificates | RetentionKind::Audit => 0,
    })
}

pub(super) fn forgotten(tx: &mut Tx<'_>, before: Instant) -> Result<Vec<Id>> {
    Ok(forgotten!(before).select(participants::id).order(participants::id).limit(PEOPLE).load(tx.connection)?)
}

/// Puts the marks of a few sessions into the tallies of the people and deletes them.
pub(super) fn tally_marks(tx: &mut Tx<'_>, before: Instant) -> Result<usize> {
    let batch: Vec<Id> =
        marked!(before).select(sessions::id).order(sessions::id).limit(SESSIONS).load(tx.connection)?;
    let marks: Vec<(Id, Mark, i32)> = attendance::table
        .inner_join(sessions::table)
        .inner_join(enrollments::table)
        .filter(attendance::session_id.eq_any(&batch))
        .filter(enrollments::left_on.is_null().or(enrollments::left_on.ge(sessions::held_on.nullable())))
        .select((attendance::enrollment_id, attendance::mark, sessions::lesson_hours))
        .load(tx.connection)?;
    let people: Vec<Id> = marks.iter().map(|(enrollment, ..)| *enrollment).collect();
    let there = || attendance_tallies::table.filter(attendance_tallies::enrollment_id.eq_any(&people));
    let before: Vec<(Id, Mark, i32, i32)> = there().load(tx.connection)?;
    let mut tallies: BTreeMap<(Id, Mark), (i32, i32)> =
        before.into_iter().map(|(enrollment, mark, count, hours)| ((enrollment, mark), (count, hours))).collect();
    for (enrollment, mark, hours) in marks {
        let sum = tallies.entry((enrollment, mark)).or_default();
        *sum = (sum.0 + 1, sum.1 + hours);
    }
    let rows: Vec<_> = tallies
        .into_iter()
        .map(|((enrollment, mark), (count, hours))| {
            (
                attendance_tallies::enrollment_id.eq(enrollment),
                attendance_tallies::mark.eq(mark),
                attendance_tallies::sessions.eq(count),
                attendance_tallies::lesson_hours.eq(hours),
            )
        })
        .collect();
    diesel::delete(there()).execute(tx.connection)?;
    insert_many!(tx.connection, attendance_tallies::table, rows);
    diesel::delete(attendance_corrections::table.filter(attendance_corrections::session_id.eq_any(&batch)))
        .execute(tx.connection)?;
    diesel::delete(attendance_clashes::table.filter(attendance_clashes::session_id.eq_any(&batch)))
        .execute(tx.connection)?;
    diesel::delete(attendance_entries::table.filter(attendance_entries::session_id.eq_any(&batch)))
        .execute(tx.connection)?;
    diesel::delete(attendance_notes::table.filter(attendance_notes::session_id.eq_any(&batch)))
        .execute(tx.connection)?;
    diesel::delete(attendance::table.filter(attendance::session_id.eq_any(&batch))).execute(tx.connection)?;
    Ok(batch.len())
}

pub(super) fn empty_imports(tx: &mut Tx<'_>, before: Instant) -> Result<usize> {
    let batch: Vec<Id> =
        stale_imports!(before).select(imports::id).order(imports::id).limit(BATCH).load(tx.connection)?;
    diesel::delete(import_contents::table.filter(import_contents::import_id.eq_any(&batch))).execute(tx.connection)?;
    diesel::delete(import_effects::table.filter(import_effects::import_id.eq_any(&batch))).execute(tx.connection)?;
    diesel::update(imports::table.filter(imports::id.eq_any(&batch)))
        .set(imports::version.eq(imports::version + 1))
        .execute(tx.connection)?;
    Ok(batch.len())
}

pub(super) fn delete_answers(tx: &mut Tx<'_>, before: Instant) -> Result<usize> {
    // By the moment, which has an index: all answers of the oldest moments.
    let batch: Vec<Instant> = idempotency_keys::table
        .filter(idempotency_keys::created_at.lt(before))
        .select(idempotency_keys::created_at)
        .order(idempotency_keys::created_at)
        .limit(BATCH)
        .load(tx.connection)?;
    let Some(last) = batch.last() else { return Ok(0) };
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.le(last))).execute(tx.connection)?)
}

pub(super) fn delete_messages(tx: &mut Tx<'_>, before: Instant) -> Result<usize> {
    let batch: Vec<Id> =
        outbox::table.filter(settled!(before)).select(outbox::id).order(outbox::id).limit(BATCH).load(tx.connection)?;
    Ok(diesel::delete(outbox::table.filter(outbox::id.eq_any(&batch))).execute(tx.connection)?)
}

pub(super) fn delete_jobs(tx: &mut Tx<'_>, before: Instant) -> Result<usize> {
    let batch: Vec<Id> = jobs::table
        .filter(jobs::ended_at.lt(before))
        .order((jobs::ended_at, jobs::id))
        .limit(BATCH)
        .select(jobs::id)
        .load(tx.connection)?;
    Ok(diesel::delete(jobs::table.filter(jobs::id.eq_any(&batch))).execute(tx.connection)?)
}

pub(super) fn delete_requests(tx: &mut Tx<'_>, kind: RetentionKind, before: Instant) -> Result<usize> {
    let batch: Vec<Id> = decided!(kind, before)
        .select(person_requests::id)
        .order(person_requests::id)
        .limit(BATCH)
        .load(tx.connection)?;
    Ok(diesel::delete(person_requests::table.filter(person_requests::id.eq_any(&batch))).execute(tx.connection)?)
}
