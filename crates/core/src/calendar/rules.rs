use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};

use super::Entry;
use crate::values::words;

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

/// Why nobody of a class meets on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayOff {
    /// A national holiday or joint leave.
    Holiday(&'static Holiday),
    /// A line of the partner's or the province's calendar.
    Entry(Entry),
}

impl DayOff {
    /// What kind of day it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Holiday(holiday) => holiday.kind.as_str(),
            Self::Entry(entry) => entry.kind.as_str(),
        }
    }

    /// What it is called, in Indonesian.
    pub fn name_id(&self) -> &str {
        match self {
            Self::Holiday(holiday) => holiday.name_id,
            Self::Entry(entry) => entry.title.as_str(),
        }
    }

    /// What it is called in English, where somebody has said so.
    pub fn name_en(&self) -> &str {
        match self {
            Self::Holiday(holiday) => holiday.name_en,
            Self::Entry(entry) => entry.title.as_str(),
        }
    }
}

/// The days off of one partner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Calendar(pub(super) Vec<Entry>);

impl Calendar {
    /// Why nobody meets on this day, if so. A holiday of the nation goes before what stands in a calendar.
    pub(crate) fn off(&self, day: NaiveDate) -> Option<DayOff> {
        if let Some(holiday) = holidays().iter().find(|holiday| holiday.date == day) {
            return Some(DayOff::Holiday(holiday));
        }
        self.0.iter().find(|entry| holds_on(entry, day)).cloned().map(DayOff::Entry)
    }
}

fn holds_on(entry: &Entry, day: NaiveDate) -> bool {
    (entry.starts_on..=entry.ends_on).contains(&day) && entry.weekdays.holds(weekday(day))
}

/// 1 Monday to 7 Sunday.
pub(crate) fn weekday(day: NaiveDate) -> i32 {
    i32::try_from(day.weekday().number_from_monday()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{EntryKind, Weekdays};
    use super::*;
    use crate::id::Id;
    use crate::time::Instant;
    use crate::values::{Label, ProvinceCode};

    #[test]
    fn the_list_of_holidays_is_whole() {
        let lines = include_str!("../../../../fixtures/reference/holidays.csv").lines().count();
        assert_eq!(holidays().len(), lines - 1);
        for (year, month, day) in [(2025, 8, 17), (2026, 1, 1), (2026, 3, 19), (2027, 5, 1)] {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            assert!(holidays().iter().any(|holiday| holiday.date == date), "{date}");
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_internship_holds_on_its_weekdays_alone() {
        let internship = Entry {
            id: Id::default(),
            province_code: ProvinceCode::parse("18").unwrap(),
            partner_id: None,
            kind: EntryKind::Internship,
            title: Label::parse("PKL").unwrap(),
            starts_on: day("2025-09-01"),
            ends_on: day("2025-11-28"),
            weekdays: Weekdays::parse("1234").unwrap(),
            version: 1,
            created_at: Instant::from_micros(0).unwrap(),
            updated_at: Instant::from_micros(0).unwrap(),
        };
        let calendar = Calendar(vec![internship]);
        for (date, is_off) in [
            ("2025-08-28", false),
            ("2025-09-01", true),
            ("2025-09-04", true),
            ("2025-09-06", false),
            ("2025-12-01", false),
        ] {
            assert_eq!(calendar.off(day(date)).is_some(), is_off, "{date}");
        }
        // The nation's holiday is named first.
        assert_eq!(calendar.off(day("2025-08-17")).unwrap().kind(), "national");
        assert_eq!(calendar.off(day("2025-09-04")).unwrap().kind(), "internship");
    }
}
