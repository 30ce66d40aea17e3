//! Work that nobody waits for, each at its own pace, until the program stops. Jobs that may take long are in no line with
//! those that must not wait, and no job has a thread of its own: threads and their connections cost memory.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::web;
use vokasi_core::enrollment::{offer, reservation};
use vokasi_core::error::Result;
use vokasi_core::{access, agreement, audit};

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

/// Jobs that one thread does, one after the other.
pub(crate) struct Line {
    name: &'static str,
    /// The pause before the first round.
    after: Duration,
    jobs: &'static [Job],
}

/// Every job of a serving program.
pub(crate) const ALL: &[Line] = &[
    Line {
        name: "vokasi-soon",
        after: Duration::ZERO,
        jobs: &[
            Job { name: "door", every: Duration::from_mins(1), run: forget_visitors },
            // Well within the time that a new secret is known before it is in force.
            Job { name: "keys", every: Duration::from_secs(15), run: State::look_for_keys },
            // Whoever is next waits for it.
            Job { name: "offers", every: Duration::from_mins(1), run: lapse_offers },
            Job { name: "seal", every: Duration::from_secs(5), run: seal_audit },
        ],
    },
    // A mail server may take its time.
    Line {
        name: "vokasi-mail",
        after: Duration::ZERO,
        jobs: &[Job { name: "mail", every: Duration::from_secs(2), run: send_mail }],
    },
    // Whoever starts the program waits for people and not for this.
    Line {
        name: "vokasi-later",
        after: Duration::from_mins(1),
        jobs: &[
            Job { name: "prune", every: Duration::from_hours(1), run: prune },
            Job { name: "agreements", every: Duration::from_hours(6), run: warn_of_agreements },
            Job { name: "reservations", every: Duration::from_hours(1), run: return_seats },
            Job { name: "retention", every: Duration::from_hours(24), run: retain },
            Job { name: "seal-all", every: Duration::from_hours(6), run: seal_whole_audit },
        ],
    },
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

/// Each offer by itself: other changes come in between.
fn lapse_offers(state: &State) -> Result<()> {
    while state.db.write(state.clock.now(), offer::lapse)? {}
    Ok(())
}

fn seal_audit(state: &State) -> Result<()> {
    audit::seal(&state.db, state.clock.now()).map(drop)
}

fn seal_whole_audit(state: &State) -> Result<()> {
    audit::seal_all(&state.db, state.clock.now()).map(drop)
}

fn warn_of_agreements(state: &State) -> Result<()> {
    state.db.write(state.clock.now(), agreement::warn).map(drop)
}

fn return_seats(state: &State) -> Result<()> {
    while state.db.write(state.clock.now(), reservation::give_back_due)? {}
    Ok(())
}

fn retain(state: &State) -> Result<()> {
    retention::run(&state.db, &state.clock, &mut |_, _| ())
}

/// Running jobs; when this is dropped, each ends after the run it is in.
pub(crate) struct Jobs(Vec<(Sender<()>, JoinHandle<()>)>);

impl Jobs {
    pub(crate) fn start(state: &web::Data<State>, lines: &'static [Line]) -> std::io::Result<Self> {
        let start = |line: &'static Line| {
            let state = state.clone();
            let (stop, stopped) = channel::<()>();
            let thread =
                thread::Builder::new().name(line.name.to_owned()).spawn(move || line.work(&state, &stopped))?;
            Ok((stop, thread))
        };
        lines.iter().map(start).collect::<std::io::Result<_>>().map(Self)
    }
}

impl Line {
    /// Always the job that is due next. The time that a job takes is added to the pauses of the others.
    fn work(&self, state: &State, stopped: &Receiver<()>) {
        let mut turns: Vec<(Duration, &Job)> = self.jobs.iter().map(|job| (self.after, job)).collect();
        while let Some(pause) = turns.iter().map(|(pause, _)| *pause).min() {
            if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            for (left, job) in &mut turns {
                *left = left.saturating_sub(pause);
                if left.is_zero() {
                    if let Err(error) = (job.run)(state) {
                        // The next run may go better; what a job has not done it does then.
                        tracing::warn!(job = job.name, code = error.code.name, "job");
                    }
                    *left = job.every;
                }
            }
        }
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
