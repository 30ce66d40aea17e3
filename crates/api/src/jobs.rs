//! Work that nobody waits for: each job on a thread of its own, at its own pace, until the program stops.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::web;
use vokasi_core::error::Result;

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
pub(crate) const ALL: &[Job] = &[Job {
    name: "retention",
    every: Duration::from_hours(24),
    run: |state| crate::retention::run(&state.db, &state.clock, &mut |_, _| ()),
}];

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
