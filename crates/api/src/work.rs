//! Long work: who does it, how far it is, and who is told.
//!
//! One thread looks for jobs and has others help it while there are any, so that a program without jobs has no threads
//! and no connections for them. How far a job is stands in memory alone; what became of it stands in the table.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::web;
use tokio::sync::watch;
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::import::Progress;
use vokasi_core::job::{self, Claimed, Here};

use crate::state::State;

/// Jobs at a time. A large file takes at most all places but one: a small one never waits for it.
const PLACES: usize = 2;
/// The pause between two looks for jobs that another copy of the program was asked for, or has left.
const PAUSE: Duration = Duration::from_secs(2);

/// Is told how far each job has come, in the middle of its transaction.
pub type Onlooker = Arc<dyn Fn(Id, Progress) + Send + Sync>;

/// What this program has in hand.
pub(crate) struct Work {
    desk: Mutex<Desk>,
    /// Rings when there may be something to do, and at the end.
    bell: Condvar,
    /// Counts changes, for those who follow a job.
    changes: watch::Sender<u64>,
    /// Held by whoever takes a job: between taking it and having it on the desk nobody else looks.
    taking: Mutex<()>,
}

#[derive(Default)]
struct Desk {
    running: HashMap<Id, Running>,
    rung: bool,
    closed: bool,
}

/// A job that is being done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Running {
    claimed: Claimed,
    /// How far it is, once it has said so.
    pub(crate) progress: Option<Progress>,
    /// Whether it ends at the next row it looks up from.
    pub(crate) cancelled: bool,
}

impl Work {
    pub(crate) fn new() -> Self {
        let (desk, bell, taking) = (Mutex::default(), Condvar::new(), Mutex::default());
        Self { desk, bell, changes: watch::Sender::new(0), taking }
    }

    /// Says that a job was asked for.
    pub(crate) fn ring(&self) {
        self.desk().rung = true;
        self.bell.notify_all();
    }

    /// How a job of this program is getting on, if it runs one of that id.
    pub(crate) fn running(&self, id: Id) -> Option<Running> {
        self.desk().running.get(&id).copied()
    }

    /// Has a job look up and end, if it runs here.
    pub(crate) fn cancel(&self, id: Id) {
        if let Some(running) = self.desk().running.get_mut(&id) {
            running.cancelled = true;
        }
    }

    /// Tells of every change from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Whether the program is about to end.
    pub(crate) fn is_closed(&self) -> bool {
        self.desk().closed
    }

    /// Ends everything that would hold the program up: jobs go back to their queue, and nobody is told anything more.
    pub(crate) fn close(&self) {
        self.desk().closed = true;
        self.bell.notify_all();
        self.changed();
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn here(&self) -> Here {
        let desk = self.desk();
        let large = desk.running.values().filter(|running| running.claimed.is_large).count();
        Here { running: desk.running.keys().copied().collect(), may_be_large: large + 1 < PLACES }
    }

    /// Notes how far a job is.
    ///
    /// # Errors
    /// `job.cancelled` when somebody wants it ended, `storage.busy` when the program is about to end.
    fn note(&self, id: Id, progress: Progress) -> Result<()> {
        let mut desk = self.desk();
        if desk.closed {
            return Err(Error::new(&codes::STORAGE_BUSY));
        }
        if let Some(running) = desk.running.get_mut(&id) {
            if running.cancelled {
                return Err(Error::new(&codes::JOB_CANCELLED));
            }
            running.progress = Some(progress);
        }
        drop(desk);
        self.changed();
        Ok(())
    }

    /// Waits until there may be something to do. Says no at the end.
    fn wait(&self) -> bool {
        let quiet = |desk: &mut Desk| !desk.rung && !desk.closed;
        let waited = self.bell.wait_timeout_while(self.desk(), PAUSE, quiet);
        let (mut desk, _) = waited.unwrap_or_else(PoisonError::into_inner);
        desk.rung = false;
        !desk.closed
    }
}

/// A job on the desk; it is off it when this is dropped, however its work ended.
struct OnDesk<'a> {
    work: &'a Work,
    claimed: Claimed,
}

impl<'a> OnDesk<'a> {
    /// Takes the job whose turn it is.
    fn next(state: &'a State) -> Result<Option<Self>> {
        let work = &state.work;
        let _alone = work.taking.lock().unwrap_or_else(PoisonError::into_inner);
        let here = work.here();
        let Some(claimed) = state.db.write(state.clock.now(), move |tx| job::claim(tx, &here))? else {
            return Ok(None);
        };
        work.desk().running.insert(claimed.id, Running { claimed, progress: None, cancelled: false });
        work.changed();
        Ok(Some(Self { work, claimed }))
    }
}

impl Drop for OnDesk<'_> {
    fn drop(&mut self) {
        self.work.desk().running.remove(&self.claimed.id);
        self.work.changed();
    }
}

/// Does every job that waits, one after the other.
///
/// # Errors
/// The table cannot be read or written.
pub fn run_waiting(state: &Arc<State>, onlooker: &Onlooker) -> Result<()> {
    while !state.work.is_closed() {
        let Some(on_desk) = OnDesk::next(state)? else { return Ok(()) };
        let Claimed { id, .. } = on_desk.claimed;
        let (watched, onlooker) = (Arc::clone(state), Arc::clone(onlooker));
        job::run(
            &state.db,
            || state.clock.now(),
            on_desk.claimed,
            move |progress| {
                onlooker(id, progress);
                watched.work.note(id, progress)
            },
        )?;
    }
    Ok(())
}

/// Those who do jobs while the program serves; when this is dropped, each ends at the next row it looks up from.
pub(crate) struct Workers {
    state: web::Data<State>,
    overseer: Option<JoinHandle<()>>,
}

impl Workers {
    pub(crate) fn start(state: &web::Data<State>) -> std::io::Result<Self> {
        let seen = state.clone();
        let overseer = thread::Builder::new().name("vokasi-jobs".to_owned()).spawn(move || oversee(&seen))?;
        Ok(Self { state: state.clone(), overseer: Some(overseer) })
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.state.let_go();
        if let Some(overseer) = self.overseer.take() {
            let _ = overseer.join();
        }
    }
}

fn oversee(state: &Arc<State>) {
    thread::scope(|scope| {
        let mut helpers = Vec::new();
        // What the last run of the program has left is done first.
        let mut goes_on = true;
        while goes_on {
            helpers.retain(|helper: &thread::ScopedJoinHandle<'_, ()>| !helper.is_finished());
            match look(state) {
                Ok(waiting) => {
                    for _ in 0..waiting.min(PLACES - helpers.len()) {
                        let helper = thread::Builder::new().name("vokasi-job".to_owned());
                        helpers.extend(helper.spawn_scoped(scope, || help(state)).ok());
                    }
                }
                // The next look may go better.
                Err(error) => tracing::warn!(code = error.code.name, "jobs"),
            }
            goes_on = state.work.wait();
        }
    });
}

/// How many jobs wait; on the way, those that were cancelled at another copy of the program are told.
fn look(state: &State) -> Result<usize> {
    let here = state.work.here();
    let (cancelled, waiting) = state.db.read(state.clock.now(), |tx| {
        let cancelled = if here.running.is_empty() { Vec::new() } else { job::cancelled(tx, &here.running)? };
        Ok((cancelled, job::waiting(tx, &here)?))
    })?;
    for id in cancelled {
        state.work.cancel(id);
    }
    Ok(waiting)
}

fn help(state: &Arc<State>) {
    let onlooker: Onlooker = Arc::new(|_, _| ());
    if let Err(error) = run_waiting(state, &onlooker) {
        tracing::warn!(code = error.code.name, "job");
    }
}
