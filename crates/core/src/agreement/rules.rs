use chrono::NaiveDate;

use super::{Agreement, Wanted};
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::values::words;

words! {
    /// Where an agreement stands on a day.
    pub enum Standing {
        /// Signed, not yet in force.
        Upcoming = "upcoming",
        /// In force.
        Active = "active",
        /// In force for 90 days at most.
        Expiring = "expiring",
        /// Over.
        Expired = "expired",
        /// Ended before its time.
        Terminated = "terminated",
    }
}

/// Where an agreement stands on a day.
pub fn standing(agreement: &Agreement, day: NaiveDate) -> Standing {
    if agreement.terminated_on.is_some_and(|on| on <= day) {
        return Standing::Terminated;
    }
    match (agreement.ends_on - day).num_days() {
        ..0 => Standing::Expired,
        _ if day < agreement.starts_on => Standing::Upcoming,
        0..=90 => Standing::Expiring,
        _ => Standing::Active,
    }
}

/// Whether it covers a class for its whole period.
pub(super) fn covers(agreement: &Agreement, programs: &[Id], wanted: Wanted) -> Result<()> {
    let in_force = agreement.starts_on <= wanted.starts_on
        && wanted.ends_on <= agreement.ends_on
        && agreement.terminated_on.is_none_or(|on| wanted.ends_on < on);
    if !in_force {
        return Err(Error::new(&codes::AGREEMENT_NOT_IN_FORCE)
            .fact("starts_on", wanted.starts_on)
            .fact("ends_on", wanted.ends_on));
    }
    if !programs.contains(&wanted.program) {
        return Err(Error::new(&codes::AGREEMENT_PROGRAM));
    }
    Ok(())
}
