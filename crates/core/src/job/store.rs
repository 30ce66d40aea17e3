use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::rules::Waiting;
use super::{Claimed, JobKind, JobState};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::{self, ForUpdate};
use crate::db::schema::{class_stays, classes, enrollments, jobs};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant::Participant;
use crate::time::Instant;
use crate::values::ProvinceCode;

/// Open jobs that one claim looks at.
const LOOK: i64 = 2_000;

/// Long work on a file.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Job {
    /// Key.
    pub id: Id,
    /// What it does.
    pub kind: JobKind,
    /// Where it stands.
    pub state: JobState,
    /// Of which province.
    pub province_code: ProvinceCode,
    /// Whose students, of a file of people.
    pub school_id: Option<Id>,
    /// The import it works on; of a plan, the one it made.
    pub import_id: Option<Id>,
    /// Rows of the file.
    pub file_rows: i32,
    /// What was asked, as JSON.
    pub(super) asked: String,
    /// A file to plan, sealed, until the job ends.
    pub(super) file_sealed: Option<String>,
    /// How often it was begun.
    pub attempts: i32,
    /// What came of it, as JSON.
    pub(super) outcome: Option<String>,
    /// Whose account asked.
    pub asked_by: Id,
    /// The service token by which it asked, if it was a program.
    pub(super) service_token_id: Option<Id>,
    /// Where the request came from, for the audit of what the job does.
    pub(super) request_id: String,
    pub(super) address: String,
    pub(super) device: String,
    /// When it was asked for.
    pub created_at: Instant,
    /// When it was begun last.
    pub started_at: Option<Instant>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Whose account ended it.
    pub cancelled_by: Option<Id>,
    /// Grows with every change.
    pub version: i32,
    /// Of which class, where that is the file's place.
    pub class_id: Option<Id>,
}

pub(super) fn insert(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    diesel::insert_into(jobs::table).values(job).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    diesel::update(jobs::table.find(job.id)).set(job).execute(tx.connection)?;
    Ok(())
}

/// Waits until nobody else asks for a job of the import.
pub(super) fn wait_for_import(tx: &mut Tx<'_>, import: Id) -> Result<()> {
    Ok(dialect::alone(tx.connection, &format!("jobs of import {import}"))?)
}

/// The open job of an import.
pub(super) fn of_import(tx: &mut Tx<'_>, import: Id) -> Result<Option<Job>> {
    Ok(jobs::table
        .filter(jobs::import_id.eq(import))
        .filter(jobs::ended_at.is_null())
        .get_result(tx.connection)
        .optional()?)
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Job> {
    Ok(jobs::table.find(id).get_result(tx.connection)?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Job> {
    Ok(ForUpdate(jobs::table.find(id)).get_result(tx.connection)?)
}

/// Jobs with a file of the person's school or classes, or of their province as a whole, that is not planned yet; held
/// until the transaction ends.
pub(super) fn that_may_hold(tx: &mut Tx<'_>, whose: &Participant) -> Result<Vec<Job>> {
    let taught = enrollments::table.filter(enrollments::participant_id.eq(whose.id)).select(enrollments::class_id);
    // Before a transfer, too.
    let taught_before = class_stays::table
        .inner_join(enrollments::table)
        .filter(enrollments::participant_id.eq(whose.id))
        .select(class_stays::class_id.nullable());
    let of_all = jobs::school_id.is_null().and(jobs::class_id.is_null());
    let waiting = jobs::table.filter(jobs::file_sealed.is_not_null()).filter(
        jobs::school_id
            .eq(whose.school_id)
            .or(jobs::class_id.eq_any(taught))
            .or(jobs::class_id.eq_any(taught_before))
            .or(of_all.and(jobs::province_code.eq(&whose.province_code))),
    );
    Ok(ForUpdate(waiting.order(jobs::id)).get_results(tx.connection)?)
}

/// Is alone with the job until the transaction ends: as long as it is, the job is in good hands.
pub(super) fn hold(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    Ok(dialect::alone(tx.connection, &format!("job {id}"))?)
}

/// Whether nobody holds the job any more.
pub(super) fn is_left(tx: &mut Tx<'_>, id: Id) -> Result<bool> {
    Ok(dialect::alone_at_once(tx.connection, &format!("job {id}"))?)
}

pub(super) fn open(tx: &mut Tx<'_>) -> Result<Vec<Waiting>> {
    let rows: Vec<(Id, JobState, ProvinceCode, i32, i32)> = jobs::table
        .filter(jobs::ended_at.is_null())
        .order(jobs::id)
        .limit(LOOK)
        .select((jobs::id, jobs::state, jobs::province_code, jobs::file_rows, jobs::attempts))
        .load(tx.connection)?;
    let waiting =
        |(id, state, province_code, file_rows, attempts)| Waiting { id, state, province_code, file_rows, attempts };
    Ok(rows.into_iter().map(waiting).collect())
}

/// Says whether this call was the one that took it. Two at once meet at the row: the second finds another attempt.
pub(super) fn take(tx: &mut Tx<'_>, waiting: &Waiting) -> Result<bool> {
    let now = tx.now();
    let found = jobs::table
        .find(waiting.id)
        .filter(jobs::ended_at.is_null())
        .filter(jobs::cancelled_by.is_null())
        .filter(jobs::attempts.eq(waiting.attempts));
    let taken = diesel::update(found)
        .set((
            jobs::state.eq(JobState::Running),
            jobs::attempts.eq(jobs::attempts + 1),
            jobs::started_at.eq(Some(now)),
            jobs::version.eq(jobs::version + 1),
        ))
        .execute(tx.connection)?;
    Ok(taken == 1)
}

/// Says whether the job was still this attempt's and nobody had ended it.
pub(super) fn finish(tx: &mut Tx<'_>, claimed: Claimed, import: Id, outcome: &str) -> Result<bool> {
    let now = tx.now();
    let own = jobs::table
        .find(claimed.id)
        .filter(jobs::state.eq(JobState::Running))
        .filter(jobs::attempts.eq(claimed.attempt))
        .filter(jobs::cancelled_by.is_null());
    let finished = diesel::update(own)
        .set((
            jobs::state.eq(JobState::Done),
            jobs::import_id.eq(Some(import)),
            jobs::outcome.eq(Some(outcome)),
            jobs::file_sealed.eq(None::<String>),
            jobs::ended_at.eq(Some(now)),
            jobs::version.eq(jobs::version + 1),
        ))
        .execute(tx.connection)?;
    Ok(finished == 1)
}

/// Of these, the jobs that somebody wants ended.
pub(super) fn cancelled(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<Id>> {
    Ok(jobs::table
        .filter(jobs::id.eq_any(ids))
        .filter(jobs::cancelled_by.is_not_null())
        .select(jobs::id)
        .load(tx.connection)?)
}

fn seen_by(actor: &Actor) -> jobs::BoxedQuery<'_, MultiBackend> {
    let query = jobs::table.into_boxed();
    let classes = classes::table.select(classes::id.nullable());
    match actor.scope() {
        Scope::Everything => query,
        Scope::School(_, school) => query.filter(jobs::school_id.eq(school)),
        Scope::Province(province) | Scope::Regency(province, _) => query.filter(jobs::province_code.eq(province)),
        Scope::Partner(_, partner) => {
            query.filter(jobs::class_id.eq_any(classes.filter(classes::partner_id.eq(partner))))
        }
        Scope::Instructor(_, account) => {
            query.filter(jobs::class_id.eq_any(classes.filter(classes::instructor_id.eq(account))))
        }
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Job> {
    Ok(seen_by(actor).filter(jobs::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, state: Option<JobState>, page: PageRequest) -> Result<Page<Job>> {
    let mut query = seen_by(actor).filter(jobs::id.gt(page.after()));
    if let Some(state) = state {
        query = query.filter(jobs::state.eq(state));
    }
    // A list does not open files, each of which may be as large as an upload.
    let no_file = None::<String>.into_sql::<Nullable<Text>>();
    let shown = (
        jobs::id,
        jobs::kind,
        jobs::state,
        jobs::province_code,
        jobs::school_id,
        jobs::import_id,
        jobs::file_rows,
        jobs::asked,
        no_file,
        jobs::attempts,
        jobs::outcome,
        jobs::asked_by,
        jobs::service_token_id,
        jobs::request_id,
        jobs::address,
        jobs::device,
        jobs::created_at,
        jobs::started_at,
        jobs::ended_at,
        jobs::cancelled_by,
        jobs::version,
        jobs::class_id,
    );
    let rows = query.order(jobs::id).limit(page.fetch()).select(shown).load(tx.connection)?;
    Ok(page.page(rows, |job: &Job| job.id))
}
