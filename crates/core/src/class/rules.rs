use chrono::NaiveDate;

use crate::cohort::Cohort;
use crate::error::{Error, FieldProblem, Result, codes};
use crate::values::{LessonHours, words};

words! {
    /// Where a class stands.
    pub enum ClassState {
        /// Being prepared.
        Planned = "planned",
        /// Being taught.
        Running = "running",
        /// Over; its register is closed.
        Completed = "completed",
        /// Never held, with a reason.
        Cancelled = "cancelled",
    }
}

impl ClassState {
    /// The states it can move to.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Planned => &[Self::Running, Self::Cancelled],
            Self::Running => &[Self::Completed, Self::Cancelled],
            Self::Completed | Self::Cancelled => &[],
        }
    }

    /// Whether it can move there.
    pub fn can_become(self, to: Self) -> bool {
        self.next().contains(&to)
    }

    /// Whether people and plans can still change.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Planned | Self::Running)
    }
}

/// One weekly meeting of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// 1 Monday to 7 Sunday.
    pub weekday: i32,
    /// Minutes after midnight, local time.
    pub starts_at: i32,
    /// Lesson hours (JP).
    pub lesson_hours: LessonHours,
}

/// The last minute of a day; no session goes on after it.
pub(crate) const MIDNIGHT: i32 = 24 * 60;

/// Whether slots of lesson hours that are so many minutes long lie in the week, each in its day, and apart from one
/// another.
pub(crate) fn check_slots(slots: &[Slot], minutes: i32) -> Result<()> {
    let ends_at = |slot: &Slot| slot.starts_at + slot.lesson_hours * minutes;
    let sound = |slot: &Slot| {
        (1..=7).contains(&slot.weekday)
            && (0..MIDNIGHT).contains(&slot.starts_at)
            && (1..=16).contains(&slot.lesson_hours)
    };
    if !slots.iter().all(sound) {
        return Err(Error::field("/slots", &codes::FIELD_RANGE));
    }
    if slots.iter().any(|slot| ends_at(slot) > MIDNIGHT) {
        return Err(Error::field("/slots", &codes::SESSION_PAST_MIDNIGHT));
    }
    let mut sorted = slots.to_vec();
    sorted.sort_unstable();
    let overlap = sorted.windows(2).any(|pair| match pair {
        [first, second] => first.weekday == second.weekday && ends_at(first) > second.starts_at,
        _ => false,
    });
    if overlap { Err(Error::field("/slots", &codes::CLASS_SLOTS_OVERLAP)) } else { Ok(()) }
}

pub(crate) fn check_minimum(minimum: i32, seats: i32) -> Result<()> {
    if minimum <= seats {
        return Ok(());
    }
    let wrong = FieldProblem::new("/minimum", &codes::FIELD_RANGE).fact("min", 1).fact("max", seats);
    Err(Error::fields(vec![wrong]))
}

pub(crate) fn check_period(cohort: &Cohort, starts_on: NaiveDate, ends_on: NaiveDate) -> Result<()> {
    if ends_on < starts_on {
        return Err(Error::field("/ends_on", &codes::FIELD_DATE_ORDER));
    }
    if starts_on < cohort.starts_on || ends_on > cohort.ends_on {
        return Err(Error::new(&codes::CLASS_PERIOD)
            .fact("starts_on", cohort.starts_on)
            .fact("ends_on", cohort.ends_on));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(weekday: i32, starts_at: i32, lesson_hours: i32) -> Slot {
        Slot { weekday, starts_at, lesson_hours }
    }

    #[test]
    fn slots_of_a_day_do_not_overlap() {
        assert!(check_slots(&[slot(6, 480, 4), slot(6, 780, 4), slot(7, 480, 4)], 45).is_ok());
        assert!(check_slots(&[slot(6, 660, 4), slot(6, 480, 4)], 45).is_ok());
        assert!(check_slots(&[slot(6, 660, 4), slot(6, 480, 4)], 46).is_err());
        assert!(check_slots(&[slot(6, 480, 4), slot(6, 480, 4)], 45).is_err());
    }

    #[test]
    fn a_slot_ends_in_its_day() {
        assert!(check_slots(&[slot(6, 1260, 4)], 45).is_ok());
        let late = check_slots(&[slot(6, 1261, 4)], 45).unwrap_err();
        assert_eq!((late.fields[0].pointer.as_str(), late.fields[0].code.name), ("/slots", "session.past_midnight"));
    }

    #[test]
    fn a_slot_lies_in_the_week() {
        for wrong in
            [slot(0, 480, 4), slot(8, 480, 4), slot(6, 1440, 4), slot(6, -1, 4), slot(6, 480, 0), slot(6, 480, 17)]
        {
            assert!(check_slots(&[wrong], 45).is_err(), "{wrong:?}");
        }
    }
}
