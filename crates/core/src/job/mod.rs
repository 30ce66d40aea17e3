//! Jobs: long work on a file that outlives the request that asked for it.
//!
//! Whoever works takes a job by [`claim`] and does it by [`run`]. The transaction that writes is the one that marks the
//! job done: both are there or neither. A job whose program was killed is found open again and gets another turn; a
//! slow worker that was taken for dead finds another attempt in the row and writes nothing.

mod rules;
mod store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use rules::{JobKind, JobState};
pub use store::Job;

use crate::access::{self, Actor, Origin};
use crate::audit::{self, Subject};
use crate::db::{Db, Tx};
use crate::error::{Code, Error, Fact, Result, codes};
use crate::id::Id;
use crate::import::{self, Application, Import, ImportKind, ImportState, NewImport, Outcome, Progress, Stage};
use crate::page::{Page, PageRequest};
use crate::participant::Participant;
use crate::time::Instant;
use crate::values::ProvinceCode;
use rules::{Next, Waiting};

/// What a waiting file is sealed for.
const FILE: &str = "job_file";

/// Why a job was not done.
#[derive(Debug, Serialize, Deserialize)]
struct Refusal {
    code: String,
    facts: BTreeMap<String, String>,
}

impl Refusal {
    fn of(code: &Code, facts: &[Fact]) -> Self {
        let facts = facts.iter().map(|fact| (fact.name.to_string(), fact.value.clone())).collect();
        Self { code: code.name.to_owned(), facts }
    }

    /// As the request would have been told, had it waited.
    fn error(mut self) -> Error {
        let code = codes::named(&self.code).unwrap_or(&codes::STORAGE_FAILED);
        let facts = rules::holes(code).filter_map(|name| {
            let value = self.facts.remove(name)?;
            Some(Fact::new(name, value))
        });
        Error { facts: facts.collect(), ..Error::new(code) }
    }
}

impl Job {
    /// What it did, once it is done: the counts that the act itself answers with.
    pub fn result(&self) -> Result<Option<serde_json::Value>> {
        let done = self.outcome.as_ref().filter(|_| self.state == JobState::Done);
        done.map(|outcome| serde_json::from_str(outcome).map_err(Error::storage)).transpose()
    }

    /// Why it failed, if it did.
    pub fn failure(&self) -> Result<Option<Error>> {
        let failed = self.outcome.as_ref().filter(|_| self.state == JobState::Failed);
        let refusal: Option<Refusal> =
            failed.map(|outcome| serde_json::from_str(outcome).map_err(Error::storage)).transpose()?;
        Ok(refusal.map(Refusal::error))
    }

    /// What applying has to know; undoing only needs the version.
    fn asked(&self) -> Result<Application> {
        serde_json::from_str(&self.asked).map_err(Error::storage)
    }

    /// The file that waits to be planned.
    fn file(&self, tx: &Tx<'_>) -> Result<NewImport> {
        NewImport::of_bytes(&tx.keys().open(FILE, self.file_sealed.as_deref().unwrap_or_default())?)
    }

    fn end(&mut self, now: Instant, state: JobState) {
        self.state = state;
        self.file_sealed = None;
        self.ended_at = Some(now);
        self.version += 1;
    }

    fn give_up(&mut self, now: Instant, code: &Code, facts: &[Fact]) -> Result<()> {
        self.end(now, JobState::Failed);
        self.outcome = Some(serde_json::to_string(&Refusal::of(code, facts)).map_err(Error::storage)?);
        Ok(())
    }
}

/// Asks for a file to be planned.
///
/// # Errors
/// What planning itself refuses of the place.
pub fn ask_plan(tx: &mut Tx<'_>, actor: &Actor, new: NewImport) -> Result<Job> {
    let target = import::target(tx, actor, &new.place)?;
    let new = NewImport { place: target.place, ..new };
    let sealed = tx.keys().seal(FILE, &new.bytes()?, tx.entropy())?;
    let import::Place { school, class, .. } = new.place;
    let place = Place { province: target.province, school, class, import: None, rows: new.table.rows.len() };
    let job = queued(tx, actor, JobKind::Plan, place, &Application::default())?;
    let job = Job { file_sealed: Some(sealed), ..job };
    store::insert(tx, &job)?;
    Ok(job)
}

/// Asks for a plan to be written. A repeat while the job is open is told of that job.
///
/// # Errors
/// `job.open` when another kind of job is open; `resource.stale`, `import.applied`.
pub fn ask_application(tx: &mut Tx<'_>, actor: &Actor, id: Id, asked: Application) -> Result<Job> {
    ask(tx, actor, JobKind::Application, id, asked, |import| match import.state {
        ImportState::Planned => Ok(()),
        ImportState::Applied => Err(Error::new(&codes::IMPORT_APPLIED)),
    })
}

/// Asks for an import to be taken back. A repeat while the job is open is told of that job.
///
/// # Errors
/// `job.open` when another kind of job is open; `resource.stale`, `import.not_applied`, `import.undone`.
pub fn ask_undo(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<Job> {
    let asked = Application { version, ..Application::default() };
    ask(tx, actor, JobKind::Undo, id, asked, |import| match (import.state, import.undone_at) {
        (ImportState::Applied, None) => Ok(()),
        (ImportState::Applied, Some(_)) => Err(Error::new(&codes::IMPORT_UNDONE)),
        (ImportState::Planned, _) => Err(Error::new(&codes::IMPORT_NOT_APPLIED)),
    })
}

fn ask(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kind: JobKind,
    id: Id,
    asked: Application,
    check: impl FnOnce(&Import) -> Result<()>,
) -> Result<Job> {
    let import = import::get(tx, actor, id)?;
    store::wait_for_import(tx, id)?;
    if let Some(open) = store::of_import(tx, id)? {
        return if open.kind == kind { Ok(open) } else { Err(Error::new(&codes::JOB_OPEN)) };
    }
    if import.version != asked.version {
        return Err(Error::new(&codes::STALE));
    }
    check(&import)?;
    let Import { province_code: province, school_id: school, class_id: class, summary, .. } = import;
    let place = Place { province, school, class, import: Some(id), rows: summary.rows };
    let job = queued(tx, actor, kind, place, &asked)?;
    store::insert(tx, &job)?;
    Ok(job)
}

/// Where a job belongs.
struct Place {
    province: ProvinceCode,
    school: Option<Id>,
    class: Option<Id>,
    import: Option<Id>,
    rows: usize,
}

fn queued(tx: &Tx<'_>, actor: &Actor, kind: JobKind, place: Place, asked: &Application) -> Result<Job> {
    let Origin { request_id, address, device } = actor.origin().clone();
    Ok(Job {
        id: tx.new_id(),
        kind,
        state: JobState::Queued,
        province_code: place.province,
        school_id: place.school,
        import_id: place.import,
        file_rows: i32::try_from(place.rows).unwrap_or(i32::MAX),
        asked: serde_json::to_string(asked).map_err(Error::storage)?,
        file_sealed: None,
        attempts: 0,
        outcome: None,
        asked_by: actor.account_or_operator(),
        service_token_id: actor.service_token().map(|machine| machine.token),
        request_id,
        address,
        device,
        created_at: tx.now(),
        started_at: None,
        ended_at: None,
        cancelled_by: None,
        version: 1,
        class_id: place.class,
    })
}

/// Keeps the files that wait to be planned without this person's rows. One that is being planned is begun anew.
pub(crate) fn forget(tx: &mut Tx<'_>, whose: &Participant) -> Result<()> {
    let person = whose.person(tx)?;
    for mut job in store::that_may_hold(tx, whose)? {
        let mut new = job.file(tx)?;
        if new.table.rows.retain(|row| !import::is_of(new.place.kind, row, &person))? > 0 {
            job.file_sealed = Some(tx.keys().seal(FILE, &new.bytes()?, tx.entropy())?);
            job.state = JobState::Queued;
            job.version += 1;
            store::update(tx, &job)?;
        }
    }
    Ok(())
}

/// One job in the actor's scope.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Job> {
    ImportKind::of(actor)?;
    store::visible_one(tx, actor, id)
}

/// Jobs in the actor's scope, oldest first.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, state: Option<JobState>, page: PageRequest) -> Result<Page<Job>> {
    ImportKind::of(actor)?;
    store::visible(tx, actor, state, page)
}

/// Ends a job: at once when it waits, as soon as it looks up when it runs. What it has done until then is not written.
///
/// # Errors
/// `job.ended` when it is done or has failed.
pub fn cancel(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Job> {
    ImportKind::of(actor)?;
    store::visible_one(tx, actor, id)?;
    let mut job = store::locked(tx, id)?;
    if job.cancelled_by.is_some() {
        return Ok(job);
    }
    match job.state {
        JobState::Done | JobState::Failed => return Err(Error::new(&codes::JOB_ENDED)),
        JobState::Queued => job.end(tx.now(), JobState::Cancelled),
        // Whoever runs it ends it, and may have done so already.
        JobState::Running | JobState::Cancelled => job.version += 1,
    }
    job.cancelled_by = Some(actor.account_or_operator());
    store::update(tx, &job)?;
    let facts = serde_json::json!({ "kind": job.kind, "import": job.import_id });
    audit::record(tx, actor, "job.cancelled", Subject::job(id), Some(&job.province_code), &facts)?;
    Ok(job)
}

/// What a program that works knows of itself.
#[derive(Debug, Clone, Default)]
pub struct Here {
    /// The jobs that it runs.
    pub running: Vec<Id>,
    /// Whether it may begin with a large file. One that works at several jobs keeps a place free for small ones.
    pub may_be_large: bool,
}

/// A job in the hands of one who works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    /// The job.
    pub id: Id,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// Whether its file is a large one.
    pub is_large: bool,
}

/// How many open jobs there are that this program does not run.
pub fn waiting(tx: &mut Tx<'_>, here: &Here) -> Result<usize> {
    let open = store::open(tx)?;
    Ok(rules::turns(&open, &here.running, here.may_be_large).len())
}

/// Takes the job whose turn it is, if there is one. Of several programs one gets it.
pub fn claim(tx: &mut Tx<'_>, here: &Here) -> Result<Option<Claimed>> {
    let open = store::open(tx)?;
    for waiting in rules::turns(&open, &here.running, here.may_be_large) {
        if waiting.state == JobState::Running && !store::is_left(tx, waiting.id)? {
            continue;
        }
        if waiting.attempts >= rules::ATTEMPTS {
            drop_one(tx, waiting)?;
        } else if store::take(tx, waiting)? {
            let (id, attempt) = (waiting.id, waiting.attempts + 1);
            return Ok(Some(Claimed { id, attempt, is_large: rules::is_large(waiting.file_rows) }));
        } else {
            // Somebody was quicker, or has ended it while nobody ran it.
            end_cancelled(tx, waiting)?;
        }
    }
    Ok(None)
}

fn drop_one(tx: &mut Tx<'_>, waiting: &Waiting) -> Result<()> {
    let mut job = store::locked(tx, waiting.id)?;
    if job.attempts != waiting.attempts || !job.state.is_open() {
        return Ok(());
    }
    let facts = [Fact::new("attempts", job.attempts)];
    job.give_up(tx.now(), &codes::JOB_GAVE_UP, &facts)?;
    store::update(tx, &job)
}

fn end_cancelled(tx: &mut Tx<'_>, waiting: &Waiting) -> Result<()> {
    let mut job = store::locked(tx, waiting.id)?;
    if job.attempts != waiting.attempts || !job.state.is_open() || job.cancelled_by.is_none() {
        return Ok(());
    }
    job.end(tx.now(), JobState::Cancelled);
    store::update(tx, &job)
}

/// Of these running jobs, those that somebody wants ended.
pub fn cancelled(tx: &mut Tx<'_>, running: &[Id]) -> Result<Vec<Id>> {
    store::cancelled(tx, running)
}

/// Does a claimed job with the rights that whoever asked has now, in front of a watcher, and notes why if it cannot be
/// done. The watcher ends it by an error: `job.cancelled` for good, `storage.busy` for another turn.
///
/// # Errors
/// The note could not be written; the job is found open later.
pub fn run(
    db: &Db,
    now: impl Fn() -> Instant,
    claimed: Claimed,
    watch: impl FnMut(Progress) -> Result<()> + Send + 'static,
) -> Result<()> {
    let Err(error) = attempt(db, &now, claimed, watch) else { return Ok(()) };
    db.write(now(), move |tx| settle(tx, claimed, &error))
}

fn attempt(
    db: &Db,
    now: &impl Fn() -> Instant,
    claimed: Claimed,
    mut watch: impl FnMut(Progress) -> Result<()> + Send + 'static,
) -> Result<()> {
    // As for any request: nobody is seen until it is known for whom.
    let db = db.for_callers();
    let job = db.read(now(), |tx| begin(tx, claimed).map(|(job, _)| job))?;
    if job.kind != JobKind::Plan {
        return db.write(now(), move |tx| {
            let (job, actor) = begin(tx, claimed)?;
            change(tx, &actor, &job, claimed, &mut watch)
        });
    }
    // The rows are checked beside the changes of others; only what came of it is written.
    let (new, plan) = db.snapshot(now(), |tx| {
        let (job, actor) = begin(tx, claimed)?;
        let total = usize::try_from(job.file_rows).unwrap_or_default();
        watch(Progress { stage: Stage::Reading, done: 0, total })?;
        let new = job.file(tx)?;
        let plan = import::check(tx, &actor, &new, &mut watch)?;
        watch(Progress { stage: Stage::Writing, done: 0, total })?;
        Ok((new, plan))
    })?;
    db.write(now(), move |tx| {
        let (_, actor) = begin(tx, claimed)?;
        let (made, plan) = import::keep(tx, &actor, new, plan)?;
        finish(tx, claimed, made.id, &plan.summary)
    })
}

/// The job, held for as long as the transaction lasts, and who acts in it.
fn begin(tx: &mut Tx<'_>, claimed: Claimed) -> Result<(Job, Actor)> {
    store::hold(tx, claimed.id)?;
    let job = tx.beyond(|tx| store::one(tx, claimed.id))?;
    if job.state != JobState::Running || job.attempts != claimed.attempt {
        return Err(Error::new(&codes::STALE));
    }
    if job.cancelled_by.is_some() {
        return Err(Error::new(&codes::JOB_CANCELLED));
    }
    let (request_id, address, device) = (job.request_id.clone(), job.address.clone(), job.device.clone());
    let origin = Origin { request_id, address, device };
    let actor = access::still_actor(tx, job.asked_by, job.service_token_id, origin)?
        .ok_or_else(|| Error::new(&codes::JOB_ASKER_GONE))?;
    access::limit(tx, &actor)?;
    Ok((job, actor))
}

fn change(tx: &mut Tx<'_>, actor: &Actor, job: &Job, claimed: Claimed, watch: &mut import::Watch<'_>) -> Result<()> {
    let asked = job.asked()?;
    let import = job.import_id.ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    match job.kind {
        JobKind::Undo => {
            let (_, undone) = import::undo_watched(tx, actor, import, asked.version, watch)?;
            finish(tx, claimed, import, &undone)
        }
        JobKind::Application | JobKind::Plan => {
            match import::apply_watched(tx, actor, import, &asked, watch)? {
                Outcome::Applied(_, applied) => finish(tx, claimed, import, &applied),
                // The new plan is kept, and the job says that nothing of it is written.
                Outcome::Moved(_, rows) => settle(tx, claimed, &import::moved(&rows)),
            }
        }
    }
}

/// The last step of the transaction that did it: without this one there is none of the others.
fn finish(tx: &mut Tx<'_>, claimed: Claimed, import: Id, outcome: &impl Serialize) -> Result<()> {
    let outcome = serde_json::to_string(outcome).map_err(Error::storage)?;
    if store::finish(tx, claimed, import, &outcome)? { Ok(()) } else { Err(Error::new(&codes::STALE)) }
}

/// Notes what becomes of a job that was not done, unless another attempt has begun since.
fn settle(tx: &mut Tx<'_>, claimed: Claimed, error: &Error) -> Result<()> {
    let mut job = store::locked(tx, claimed.id)?;
    if job.state != JobState::Running || job.attempts != claimed.attempt {
        return Ok(());
    }
    match rules::next(error, job.attempts, job.cancelled_by.is_some()) {
        Next::Again => {
            job.state = JobState::Queued;
            job.version += 1;
        }
        Next::Cancelled => job.end(tx.now(), JobState::Cancelled),
        Next::Failed(code) => {
            let attempts = [Fact::new("attempts", job.attempts)];
            let facts = if code == &codes::JOB_GAVE_UP { &attempts[..] } else { &error.facts };
            job.give_up(tx.now(), code, facts)?;
        }
    }
    store::update(tx, &job)
}
