use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};

use super::Session;
use crate::class::{Class, Slot};
use crate::program::Curriculum;
use crate::values::{LessonHours, words};

words! {
    /// Where a session stands.
    pub enum SessionState {
        /// In the timetable.
        Planned = "planned",
        /// Held: its register is in.
        Held = "held",
        /// Called off, with a reason.
        Cancelled = "cancelled",
    }
}

words! {
    /// What kind of day off it is.
    pub enum HolidayKind {
        /// Libur nasional.
        National = "national",
        /// Cuti bersama.
        JointLeave = "joint_leave",
    }
}

/// A day on which no class meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// The day.
    pub date: NaiveDate,
    /// What kind.
    pub kind: HolidayKind,
    /// Its Indonesian name.
    pub name_id: &'static str,
    /// Its English name.
    pub name_en: &'static str,
    /// Which decree says so.
    pub source: &'static str,
}

static HOLIDAYS: LazyLock<Vec<Holiday>> = LazyLock::new(|| {
    include_str!("../../../../fixtures/reference/holidays.csv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let columns = quoted(line);
            let [date, kind, name_id, name_en, source] = columns.as_slice() else { return None };
            Some(Holiday { date: date.parse().ok()?, kind: HolidayKind::parse(kind).ok()?, name_id, name_en, source })
        })
        .collect()
});

/// Cuts a line of the list at its commas; a quoted column may hold some.
fn quoted(line: &'static str) -> Vec<&'static str> {
    let mut columns = Vec::new();
    let mut rest = line;
    loop {
        let (column, tail) = match rest.strip_prefix('"') {
            Some(open) => match open.split_once('"') {
                Some((column, tail)) => (column, tail.strip_prefix(',')),
                None => (open, None),
            },
            None => match rest.split_once(',') {
                Some((column, tail)) => (column, Some(tail)),
                None => (rest, None),
            },
        };
        columns.push(column);
        match tail {
            Some(tail) => rest = tail,
            None => return columns,
        }
    }
}

/// National holidays and joint leave, by the joint decree of three ministers of each year.
pub fn holidays() -> &'static [Holiday] {
    &HOLIDAYS
}

/// A meeting to plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meeting {
    pub(super) held_on: NaiveDate,
    pub(super) starts_at: i32,
    pub(super) lesson_hours: LessonHours,
    pub(super) module_code: String,
}

/// Meetings until the lesson hours are covered, and the hours that were left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) meetings: Vec<Meeting>,
    pub(super) uncovered: LessonHours,
}

/// Walks the class period day by day. Held sessions count; the time of a cancelled one is not used again.
pub(super) fn timetable(class: &Class, slots: &[Slot], curriculum: &Curriculum, kept: &[Session]) -> Plan {
    let off: HashSet<NaiveDate> = holidays().iter().map(|holiday| holiday.date).collect();
    let taken: HashSet<(NaiveDate, i32)> = kept.iter().map(|session| (session.held_on, session.starts_at)).collect();
    let held: LessonHours =
        kept.iter().filter(|session| session.state == SessionState::Held).map(|session| session.lesson_hours).sum();
    let total = curriculum.lesson_hours();
    let mut covered = held;
    let mut meetings = Vec::new();
    let days = class.starts_on.iter_days().take_while(|day| *day <= class.ends_on);
    for day in days.filter(|day| !off.contains(day)) {
        let weekday = i32::try_from(day.weekday().number_from_monday()).unwrap_or_default();
        for slot in slots.iter().filter(|slot| slot.weekday == weekday) {
            if covered >= total {
                return Plan { meetings, uncovered: 0 };
            }
            if taken.contains(&(day, slot.starts_at)) {
                continue;
            }
            let lesson_hours = slot.lesson_hours.min(total - covered);
            meetings.push(Meeting {
                held_on: day,
                starts_at: slot.starts_at,
                lesson_hours,
                module_code: module_at(curriculum, covered),
            });
            covered += lesson_hours;
        }
    }
    Plan { meetings, uncovered: (total - covered).max(0) }
}

/// The module that is taught once so many lesson hours have passed.
fn module_at(curriculum: &Curriculum, hours: LessonHours) -> String {
    let mut end = 0;
    for module in &curriculum.modules {
        end += module.lesson_hours;
        if hours < end {
            return module.code.clone();
        }
    }
    curriculum.modules.last().map(|module| module.code.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_holidays_is_whole() {
        let lines = include_str!("../../../../fixtures/reference/holidays.csv").lines().count();
        assert_eq!(holidays().len(), lines - 1);
        for (year, month, day) in [(2025, 8, 17), (2026, 1, 1), (2026, 3, 19), (2027, 5, 1)] {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            assert!(holidays().iter().any(|holiday| holiday.date == date), "{date}");
        }
    }
}
