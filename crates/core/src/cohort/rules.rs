use chrono::{Days, NaiveDate};

use super::{Cohort, CohortChange, Eligibility, NewCohort};
use crate::error::{Error, FieldProblem, Result, codes, confirmed};
use crate::values::words;

words! {
    /// Where a cohort stands.
    pub enum CohortState {
        /// Being planned.
        Draft = "draft",
        /// Taking registrations.
        Open = "open",
        /// Its classes run.
        Running = "running",
        /// Over.
        Closed = "closed",
        /// Never held, with a reason.
        Cancelled = "cancelled",
    }
}

impl CohortState {
    /// The states it can move to.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Open, Self::Cancelled],
            Self::Open => &[Self::Running, Self::Cancelled],
            Self::Running => &[Self::Closed, Self::Cancelled],
            Self::Closed | Self::Cancelled => &[],
        }
    }

    /// Whether it can move there.
    pub fn can_become(self, to: Self) -> bool {
        self.next().contains(&to)
    }
}

/// Whole months a period lasts, to the nearest: 21 July to 20 July of the next year is 12.
pub fn months_between(starts_on: NaiveDate, ends_on: NaiveDate) -> u32 {
    // The day after the last one; half a month rounds up, so that a week more or less is the same length.
    let end = ends_on.checked_add_days(Days::new(1)).unwrap_or(ends_on);
    let days = (end - starts_on).num_days().max(0);
    u32::try_from((days * 12 + 182) / 365).unwrap_or(u32::MAX)
}

pub(super) fn check_dates(new: &NewCohort) -> Result<()> {
    let mut wrong = Vec::new();
    let mut note = |pointer: &str, code| {
        wrong.push(FieldProblem { pointer: pointer.to_owned(), code, facts: Vec::new() });
    };
    if new.ends_on < new.starts_on {
        note("/ends_on", &codes::FIELD_DATE_ORDER);
    }
    if new.registration_closes_on < new.registration_opens_on {
        note("/registration_closes_on", &codes::FIELD_DATE_ORDER);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}

pub(super) fn check_length(new: &NewCohort, usual: u32) -> Result<()> {
    let months = months_between(new.starts_on, new.ends_on);
    if months == usual {
        return Ok(());
    }
    let unusual =
        FieldProblem::new("/ends_on", &codes::COHORT_LENGTH_UNUSUAL).fact("months", months).fact("usual", usual);
    confirmed(vec![unusual], &new.confirm)?;
    if new.length_reason.is_none() {
        return Err(Error::field("/length_reason", &codes::FIELD_REQUIRED));
    }
    Ok(())
}

pub(super) fn apply(cohort: &mut Cohort, change: &CohortChange) -> Result<()> {
    if let Some(day) = change.registration_closes_on {
        if day < cohort.registration_opens_on {
            return Err(Error::field("/registration_closes_on", &codes::FIELD_DATE_ORDER));
        }
        cohort.registration_closes_on = day;
    }
    if let Some(rules) = &change.eligibility {
        cohort.eligibility = Eligibility::new(rules.clone(), &cohort.province_code)?;
    }
    cohort.seats_wanted = change.seats_wanted.unwrap_or(cohort.seats_wanted);
    cohort.class_size = change.class_size.unwrap_or(cohort.class_size);
    cohort.offer_days = change.offer_days.unwrap_or(cohort.offer_days);
    cohort.seating_delegated = change.seating_delegated.unwrap_or(cohort.seating_delegated);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_length_is_counted_in_whole_months() {
        assert_eq!(months_between(day(2025, 7, 21), day(2026, 7, 20)), 12);
        assert_eq!(months_between(day(2025, 7, 14), day(2026, 6, 27)), 11);
        assert_eq!(months_between(day(2025, 8, 1), day(2025, 10, 31)), 3);
        assert_eq!(months_between(day(2025, 8, 1), day(2025, 8, 1)), 0);
    }

    #[test]
    fn a_cohort_only_moves_on() {
        use CohortState::{Cancelled, Closed, Draft, Open, Running};
        for (from, to, can) in [
            (Draft, Open, true),
            (Draft, Running, false),
            (Open, Running, true),
            (Open, Draft, false),
            (Running, Closed, true),
            (Running, Cancelled, true),
            (Closed, Cancelled, false),
            (Cancelled, Open, false),
        ] {
            assert_eq!(from.can_become(to), can, "{from} {to}");
        }
    }
}
