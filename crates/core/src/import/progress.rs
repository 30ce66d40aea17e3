use crate::error::Result;
use crate::values::words;

words! {
    /// What is being done to a file.
    pub enum Stage {
        /// What was kept of it is opened.
        Reading = "reading",
        /// Its rows are held against the rules and the register.
        Checking = "checking",
        /// The register is changed.
        Writing = "writing",
    }
}

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Rows that are behind it.
    pub done: usize,
    /// Rows in all.
    pub total: usize,
}

/// Whoever watches long work is told of it every few hundred rows, and ends it by an error: nothing is written then.
pub type Watch<'a> = dyn FnMut(Progress) -> Result<()> + 'a;

/// Rows between two times that the watcher is told.
const EVERY: usize = 256;

/// Before the row of this number, from 0.
pub(super) fn tell(watch: &mut Watch<'_>, stage: Stage, done: usize, total: usize) -> Result<()> {
    if done.is_multiple_of(EVERY) { watch(Progress { stage, done, total }) } else { Ok(()) }
}
