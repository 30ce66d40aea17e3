//! What a rate of attendance is made of: every session that counts for one person, with its mark.

use super::store::{self, RecordLine};
use super::{Standing, Tally};
use crate::access::{Actor, Operation};
use crate::cohort;
use crate::db::Tx;
use crate::enrollment::{self, Enrolled};
use crate::error::Result;
use crate::id::Id;
use crate::values::{Mark, Rate};

/// The attendance of one enrollment.
#[derive(Debug, Clone)]
pub struct Record {
    /// Whose.
    pub enrolled: Enrolled,
    /// Marks that credit their lesson hours.
    pub credited: Vec<Mark>,
    /// Sessions by mark, those included of which only the sums are kept.
    pub tally: Tally,
    /// Lesson hours credited of lesson hours held.
    pub rate: Rate,
    /// Sessions that count and have no mark.
    pub unmarked: i64,
    /// Every session that counts, in order of time.
    pub lines: Vec<RecordLine>,
}

/// What an enrollment's rate of attendance is made of.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, enrollment: Id) -> Result<Record> {
    actor.may(Operation::AttendanceRead)?;
    let enrolled = enrollment::visible_row(tx, actor, enrollment)?;
    let row = &enrolled.enrollment;
    let cohort = cohort::one(tx, row.cohort_id)?;
    let (_, curriculum) = cohort::curriculum(tx, &cohort)?;
    let credited = curriculum.completion.credited_marks;
    let mut lines = store::counted(tx, &[row.id])?.remove(&row.id).unwrap_or_default();
    lines.sort_by_key(|line| (line.held_on, line.starts_at, line.session));
    let kept = store::kept_of(tx, &[row.id])?.remove(&row.id).unwrap_or_default();
    let Standing { tally, rate, unmarked } = Standing::of(&lines, &kept, &credited);
    Ok(Record { enrolled, credited, tally, rate, unmarked, lines })
}
