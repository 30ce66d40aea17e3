//! Work that nobody waits for: each job on a thread of its own, at its own pace, until the program stops.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::web;
use vokasi_core::error::Result;
use vokasi_core::{access, audit};

use crate::mail;
use crate::retention;
use crate::state::State;

/// Something that is done again and again.
#[derive(Clone, Copy)]
pub(crate) struct Job {
    /// As the log names it.
    pub(crate) name: &'static str,
    /// The pause between two runs.
    pub(crate) every: Duration,
    /// One run; it does what is due at this moment and comes back.
    pub(crate) run: fn(&State) -> Result<()>,
}

/// Every job of a serving program.
pub(crate) const ALL: &[Job] = &[
    Job { name: "door", every: Duration::from_mins(1), run: forget_visitors },
    // Well within the time that a new secret is known before it is in force.
    Job { name: "keys", every: Duration::from_secs(15), run: State::look_for_keys },
    Job { name: "mail", every: Duration::from_secs(2), run: send_mail },
    Job { name: "prune", every: Duration::from_hours(1), run: prune },
    Job { name: "retention", every: Duration::from_hours(24), run: retain },
    Job { name: "seal", every: Duration::from_secs(5), run: seal_audit },
    Job { name: "seal-all", every: Duration::from_hours(6), run: seal_whole_audit },
];

/// Those who have not come for a while, so that counting them takes no more memory than those who come.
#[expect(clippy::unnecessary_wraps, reason = "a job like the others")]
fn forget_visitors(state: &State) -> Result<()> {
    state.door.forget();
    Ok(())
}

fn send_mail(state: &State) -> Result<()> {
    state.mailer.as_ref().map_or(Ok(()), |mailer| mail::send_due(state, mailer))
}

/// Throws away what has expired, a batch at a time: other changes come in between.
fn prune(state: &State) -> Result<()> {
    while state.db.write(state.clock.now(), access::prune)? {}
    Ok(())
}

fn seal_audit(state: &State) -> Result<()> {
    audit::seal(&state.db, state.clock.now()).map(drop)
}

fn seal_whole_audit(state: &State) -> Result<()> {
    audit::seal_all(&state.db, state.clock.now()).map(drop)
}

fn retain(state: &State) -> Result<()> {
    retention::run(&state.db, &state.clock, &mut |_, _| ())
}

/// Running jobs; when this is dropped, each ends after the run it is in.
pub(crate) struct Jobs(Vec<(Sender<()>, JoinHandle<()>)>);

impl Jobs {
    pub(crate) fn start(state: &web::Data<State>, jobs: &'static [Job]) -> std::io::Result<Self> {
        let start = |job: &'static Job| {
            let state = state.clone();
            let (stop, stopped) = channel::<()>();
            let thread = thread::Builder::new().name(format!("vokasi-{}", job.name)).spawn(move || {
                loop {
                    if let Err(error) = (job.run)(&state) {
                        // The next run may go better; what a job has not done it does then.
                        tracing::warn!(job = job.name, code = error.code.name, "job");
                    }
                    if stopped.recv_timeout(job.every) != Err(RecvTimeoutError::Timeout) {
                        return;
                    }
                }
            })?;
            Ok((stop, thread))
        };
        jobs.iter().map(start).collect::<std::io::Result<_>>().map(Self)
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        for (stop, thread) in self.0.drain(..) {
            drop(stop);
            let _ = thread.join();
        }
    }
}
