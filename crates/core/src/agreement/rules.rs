use std::collections::HashSet;

use chrono::NaiveDate;

use super::{Agreement, Coverage, Wanted};
use crate::error::{Error, Result, codes};
use crate::values::words;

words! {
    /// Where an agreement stands on a day.
    pub enum Standing {
        /// Not signed yet.
        Draft = "draft",
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

/// Days before its end at which those who follow an agreement are told of it.
pub const WARNINGS: [i64; 3] = [90, 30, 7];

/// Where an agreement stands on a day.
pub fn standing(agreement: &Agreement, day: NaiveDate) -> Standing {
    if agreement.terminated_on.is_some_and(|on| on <= day) {
        return Standing::Terminated;
    }
    if agreement.is_draft {
        return Standing::Draft;
    }
    match days_left(agreement, day) {
        ..0 => Standing::Expired,
        _ if day < agreement.starts_on => Standing::Upcoming,
        0..=90 => Standing::Expiring,
        _ => Standing::Active,
    }
}

/// Days until an agreement ends, that day not counted; negative once it is over.
pub fn days_left(agreement: &Agreement, day: NaiveDate) -> i64 {
    let cut = agreement.terminated_on.and_then(|on| on.pred_opt());
    (cut.map_or(agreement.ends_on, |last| last.min(agreement.ends_on)) - day).num_days()
}

/// Whether it covers a class for its whole period, in its regency.
pub(super) fn covers(agreement: &Agreement, coverage: &Coverage, wanted: &Wanted<'_>) -> Result<()> {
    if agreement.is_draft {
        return Err(Error::new(&codes::AGREEMENT_DRAFT));
    }
    let in_force = agreement.starts_on <= wanted.starts_on
        && wanted.ends_on <= agreement.ends_on
        && agreement.terminated_on.is_none_or(|on| wanted.ends_on < on);
    if !in_force {
        return Err(Error::new(&codes::AGREEMENT_NOT_IN_FORCE)
            .fact("starts_on", wanted.starts_on)
            .fact("ends_on", wanted.ends_on));
    }
    if !coverage.programs.contains(&wanted.program) {
        return Err(Error::new(&codes::AGREEMENT_PROGRAM));
    }
    if !coverage.regencies.is_empty() && !coverage.regencies.contains(wanted.regency) {
        return Err(Error::new(&codes::AGREEMENT_REGENCY));
    }
    Ok(())
}

/// Seats it still allows, in all and in a year in which so many are taken; any number when it sets no limit.
pub(super) fn seats_left(agreement: &Agreement, taken_in_year: i32) -> Option<i32> {
    let in_all = agreement.seats.map(|seats| seats - agreement.seats_planned);
    let in_year = agreement.seats_per_year.map(|seats| seats - taken_in_year);
    [in_all, in_year].into_iter().flatten().min()
}

/// The warnings that are due with so many days left, the nearest last; those that were sent are not due again, and of
/// several at once only the nearest is told.
pub(super) fn due(days_left: i64, sent: &HashSet<i64>) -> Vec<i64> {
    WARNINGS.into_iter().filter(|days| (0..=*days).contains(&days_left) && !sent.contains(days)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_due_from_its_day_on_and_once() {
        let sent = |days: &[i64]| days.iter().copied().collect::<HashSet<i64>>();
        assert_eq!(due(91, &sent(&[])), Vec::<i64>::new());
        assert_eq!(due(90, &sent(&[])), [90]);
        assert_eq!(due(31, &sent(&[90])), Vec::<i64>::new());
        assert_eq!(due(30, &sent(&[90])), [30]);
        assert_eq!(due(5, &sent(&[])), [90, 30, 7]);
        assert_eq!(due(0, &sent(&[90, 30])), [7]);
        assert_eq!(due(-1, &sent(&[])), Vec::<i64>::new());
    }
}
