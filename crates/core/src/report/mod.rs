//! Figures of a province, each with its basis and its moment.
//!
//! They are kept current in the transaction of every change and only added up here, over a few hundred rows.

mod rules;
mod store;
mod timeline;

pub use rules::{Figures, IntakeRow};
pub use timeline::{Milestone, TimelineEntry, timeline};

use crate::access::{Actor, Operation, Scope};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::time::Instant;
use crate::values::{ProvinceCode, RegencyCode};

/// The province's table.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Whose.
    pub province: ProvinceCode,
    /// The moment it is of.
    pub as_of: Instant,
    /// One row per regency and segment that has any figure, in order.
    pub rows: Vec<IntakeRow>,
    /// The same added up.
    pub total: Figures,
}

/// The province's table: registered, seated, waiting, seats, classes, classes needed; by regency and segment.
///
/// People are counted in the regency of the school they registered through (or live in, without a school), seats in
/// the regency of the host.
///
/// # Errors
/// `access.denied`; `resource.not_found` for a province out of scope.
pub fn intake(tx: &mut Tx<'_>, actor: &Actor, province: &ProvinceCode) -> Result<Intake> {
    actor.may(Operation::ReportRead)?;
    if !actor.scope().reaches(province) {
        return Err(Error::new(&codes::NOT_FOUND));
    }
    let only: Option<&RegencyCode> = match actor.scope() {
        Scope::Regency(_, regency) => Some(regency),
        _ => None,
    };
    let people = store::people(tx, province, only)?;
    let seats = store::seats(tx, province, only)?;
    let (rows, total) = rules::table(&people, &seats);
    Ok(Intake { province: province.clone(), as_of: tx.now(), rows, total })
}

/// Counts that differ from the rows they stand for, as `what: kept, counted`; empty when all is well.
pub fn recount(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<String>> {
    actor.may(Operation::ReportRead)?;
    store::differences(tx)
}
