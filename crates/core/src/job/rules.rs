use crate::error::{Code, Error, codes};
use crate::id::Id;
use crate::values::{ProvinceCode, words};

words! {
    /// What a job does.
    pub enum JobKind {
        /// Checks a file and keeps the plan.
        Plan = "plan",
        /// Writes a plan.
        Application = "application",
        /// Takes back what an import wrote.
        Undo = "undo",
    }
}

words! {
    /// Where a job stands.
    pub enum JobState {
        /// It waits for its turn.
        Queued = "queued",
        /// It is being done.
        Running = "running",
        /// It is done, and so is what it was asked for.
        Done = "done",
        /// It could not be done; nothing was written.
        Failed = "failed",
        /// Somebody ended it; nothing was written.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// The states it can move to. A job that broke off waits for another turn.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Queued => &[Self::Running, Self::Cancelled],
            Self::Running => &[Self::Queued, Self::Done, Self::Failed, Self::Cancelled],
            Self::Done | Self::Failed | Self::Cancelled => &[],
        }
    }

    /// Whether it still has something before it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// A job is begun this often at most: one that breaks the program each time does not do so for ever.
pub(super) const ATTEMPTS: i32 = 10;

/// Rows from which a file is a large one.
const LARGE: i32 = 2_000;

/// What the order of jobs depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) id: Id,
    pub(super) state: JobState,
    pub(super) province_code: ProvinceCode,
    pub(super) file_rows: i32,
    pub(super) attempts: i32,
}

/// Whether the file is a large one.
pub(super) fn is_large(file_rows: i32) -> bool {
    file_rows >= LARGE
}

/// Whose turn it is: the province with the fewest running jobs, there the smallest file, then the oldest job. One that
/// runs elsewhere stands among them, since whoever ran it may be gone.
pub(super) fn turns<'a>(open: &'a [Waiting], here: &[Id], may_be_large: bool) -> Vec<&'a Waiting> {
    let running = |job: &Waiting| {
        let beside = |other: &&Waiting| other.state == JobState::Running && other.id != job.id;
        open.iter().filter(beside).filter(|other| other.province_code == job.province_code).count()
    };
    let free = |job: &&Waiting| !here.contains(&job.id) && (may_be_large || !is_large(job.file_rows));
    let mut turns: Vec<&Waiting> = open.iter().filter(free).collect();
    turns.sort_by_cached_key(|job| (running(job), job.file_rows, job.id));
    turns
}

/// What becomes of a job that was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It gets another turn.
    Again,
    /// It is given up, for this reason.
    Failed(&'static Code),
    /// Somebody ended it.
    Cancelled,
}

/// A busy database passes; what a rule says does not.
pub(super) fn next(error: &Error, attempts: i32, cancelled: bool) -> Next {
    if cancelled || error.is(&codes::JOB_CANCELLED) {
        Next::Cancelled
    } else if !error.is(&codes::STORAGE_BUSY) {
        // A field of the file's request names what is wrong; there is no body to point into any more.
        Next::Failed(error.fields.first().map_or(error.code, |field| field.code))
    } else if attempts < ATTEMPTS {
        Next::Again
    } else {
        Next::Failed(&codes::JOB_GAVE_UP)
    }
}

/// The names between braces in a sentence: the facts that it tells.
pub(super) fn holes(code: &'static Code) -> impl Iterator<Item = &'static str> {
    code.en.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(id: i64, province: &str, file_rows: i32, state: JobState) -> Waiting {
        let province_code = ProvinceCode::parse(province).unwrap();
        Waiting { id: Id::from_i64(id).unwrap(), state, province_code, file_rows, attempts: 0 }
    }

    fn order(open: &[Waiting], here: &[i64], may_be_large: bool) -> Vec<i64> {
        let here: Vec<Id> = here.iter().map(|id| Id::from_i64(*id).unwrap()).collect();
        turns(open, &here, may_be_large).iter().map(|job| job.id.as_i64()).collect()
    }

    #[test]
    fn small_files_come_before_large_ones_and_old_jobs_before_new_ones() {
        use JobState::Queued;
        let open = [waiting(1, "18", 5_000, Queued), waiting(2, "18", 40, Queued), waiting(3, "18", 40, Queued)];
        assert_eq!(order(&open, &[], true), [2, 3, 1]);
        assert_eq!(order(&open, &[], false), [2, 3]);
    }

    #[test]
    fn a_province_with_much_to_do_does_not_hold_up_another() {
        use JobState::{Queued, Running};
        let open = [
            waiting(1, "18", 10, Running),
            waiting(2, "18", 10, Queued),
            waiting(3, "31", 1_999, Queued),
            waiting(4, "18", 2_000, Queued),
        ];
        assert_eq!(order(&open, &[1], true), [3, 2, 4]);
        assert_eq!(order(&open, &[1], false), [3, 2]);
    }

    #[test]
    fn a_job_that_runs_elsewhere_may_have_been_left() {
        use JobState::{Queued, Running};
        let open = [waiting(1, "18", 10, Running), waiting(2, "31", 10, Queued)];
        assert_eq!(order(&open, &[], true), [1, 2]);
        assert_eq!(order(&open, &[1], true), [2]);
    }

    #[test]
    fn what_passes_is_tried_again_and_the_rest_is_not() {
        let busy = Error::new(&codes::STORAGE_BUSY);
        assert_eq!(next(&busy, 1, false), Next::Again);
        assert_eq!(next(&busy, ATTEMPTS, false), Next::Failed(&codes::JOB_GAVE_UP));
        assert_eq!(next(&busy, 1, true), Next::Cancelled);
        assert_eq!(next(&Error::new(&codes::JOB_CANCELLED), 1, false), Next::Cancelled);
        assert_eq!(next(&Error::new(&codes::IMPORT_WARNINGS), 1, false), Next::Failed(&codes::IMPORT_WARNINGS));
    }

    #[test]
    fn a_sentence_names_its_facts() {
        assert_eq!(holes(&codes::JOB_GAVE_UP).collect::<Vec<_>>(), ["attempts"]);
        assert_eq!(holes(&codes::JOB_OPEN).count(), 0);
    }
}
