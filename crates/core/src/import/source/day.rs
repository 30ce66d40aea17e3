//! A header that is a day: a column of a paper list on which a class was marked.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Cell;
use super::cell::{month_of, number};

/// A day in a header, with as much as is written there. The stored names are short, since each row repeats them; they
/// are never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Day {
    /// The day of the month.
    #[serde(rename = "d")]
    pub day: u32,
    /// The month.
    #[serde(rename = "m")]
    pub month: u32,
    /// The year; a list of one class may do without.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Minutes after midnight, where a class meets twice on a day.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<i32>,
    /// Or which meeting of the day it is, from 1.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<u32>,
}

/// Words that stand beside a day and say nothing that it does not say itself.
const BESIDE: [&str; 24] = [
    "senin",
    "selasa",
    "rabu",
    "kamis",
    "jumat",
    "jum",
    "sabtu",
    "minggu",
    "ahad",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "pukul",
    "jam",
    "wib",
    "wita",
    "wit",
    "tanggal",
    "tgl",
    "hari",
];

impl Day {
    /// Stands for any day, where one is missing.
    pub(in crate::import) const ANY: Self = Self { day: 1, month: 1, year: None, starts_at: None, turn: None };

    /// The day that a header is: `12/01/2027`, `Sabtu, 12 Januari 2027`, `12/1`, also with `13.30` or `ke-2` behind it.
    pub(super) fn of(header: &Cell) -> Option<Self> {
        match header {
            Cell::Date(date) => Some(Self::of_date(*date)),
            Cell::Text(text) => Self::of_text(text),
            Cell::Empty | Cell::Number(_) | Cell::Flag(_) | Cell::Fault(_) => None,
        }
    }

    fn of_date(date: NaiveDate) -> Self {
        Self { day: date.day(), month: date.month(), year: Some(date.year()), ..Self::ANY }
    }

    fn of_text(text: &str) -> Option<Self> {
        let text = text.to_lowercase().replace("ke-", "ke ").replace('\'', " ");
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '*'));
        let mut words = words.filter(|word| !word.is_empty() && !BESIDE.contains(word)).peekable();
        let mut day = None;
        let (mut starts_at, mut turn) = (None, None);
        while let Some(word) = words.next() {
            if word == "ke" && turn.is_none() {
                turn = Some(words.next().and_then(number).filter(|turn| *turn > 0)?);
            } else if day.is_none() {
                day = Some(if word.contains(['/', '-', '.']) {
                    date(word.split(['/', '-', '.']))?
                } else {
                    let month = words.next()?;
                    let year = words.next_if(|word| word.len() == 4 && number(word).is_some());
                    date([word, month].into_iter().chain(year))?
                });
            } else if starts_at.is_none() {
                starts_at = Some(minutes(word)?);
            } else {
                return None;
            }
        }
        let (day, month, year) = day?;
        Some(Self { day, month, year, starts_at, turn })
    }

    /// The same day as another, whichever meeting of it.
    pub(super) fn is_same_meeting(self, other: Self) -> bool {
        Self { turn: None, ..self } == Self { turn: None, ..other }
    }
}

/// Day before month before year, or the other way round; the year may be missing or have two digits.
fn date<'t>(parts: impl Iterator<Item = &'t str>) -> Option<(u32, u32, Option<i32>)> {
    let parts: Vec<&str> = parts.collect();
    let (day, month, year) = match parts.as_slice() {
        [day, month] => (*day, *month, None),
        [year, month, day] if year.len() == 4 => (*day, *month, Some(*year)),
        [day, month, year] => (*day, *month, Some(*year)),
        _ => return None,
    };
    let year = match year.map(|year| (year.len(), number(year))) {
        None => None,
        Some((4, Some(year))) => Some(i32::try_from(year).ok()?),
        Some((2, Some(year))) => Some(2000 + i32::try_from(year).ok()?),
        Some(_) => return None,
    };
    let (day, month) = (number(day)?, month_of(month)?);
    // Without a year, one that has a 29 February.
    NaiveDate::from_ymd_opt(year.unwrap_or(2028), month, day)?;
    Some((day, month, year))
}

/// `13:30` or `13.30` as minutes after midnight.
fn minutes(text: &str) -> Option<i32> {
    let (hours, minutes) = text.split_once([':', '.'])?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours < 24 && minutes < 60 { i32::try_from(hours * 60 + minutes).ok() } else { None }
}

impl fmt::Display for Day {
    /// As a header that is known again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{:02}", self.day, self.month)?;
        if let Some(year) = self.year {
            write!(f, "/{year:04}")?;
        }
        if let Some(starts_at) = self.starts_at {
            write!(f, " {:02}:{:02}", starts_at / 60, starts_at % 60)?;
        }
        if let Some(turn) = self.turn {
            write!(f, " ke-{turn}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_day_however_it_is_written() {
        for (header, expected) in [
            ("12/01/2027", Some("12/01/2027")),
            ("12-1-27", Some("12/01/2027")),
            ("2027-01-12", Some("12/01/2027")),
            ("12 Januari 2027", Some("12/01/2027")),
            ("Selasa,\n12 Jan 2027", Some("12/01/2027")),
            ("12/1", Some("12/01")),
            ("29 Feb", Some("29/02")),
            ("12/01/2027 13.30", Some("12/01/2027 13:30")),
            ("12/01/2027 pukul 08:00 WIB", Some("12/01/2027 08:00")),
            ("12/01/2027 (ke-2)", Some("12/01/2027 ke-2")),
            ("12 Januari ke 2", Some("12/01 ke-2")),
            ("30/02/2027", None),
            ("12", None),
            ("12 baris", None),
            ("Nama", None),
            ("Pertemuan 1", None),
            ("12/01/2027 ke-0", None),
            ("12/01/2027 25:00", None),
            ("12/01/2027 sampai selesai", None),
        ] {
            let day = Day::of(&Cell::text(header));
            assert_eq!(day.map(|day| day.to_string()).as_deref(), expected, "{header}");
            // What is given back is known again.
            assert_eq!(day.and_then(|day| Day::of(&Cell::text(&day.to_string()))), day, "{header}");
        }
        let date = NaiveDate::from_ymd_opt(2027, 1, 12).unwrap();
        assert_eq!(Day::of(&Cell::Date(date)).map(|day| day.to_string()).as_deref(), Some("12/01/2027"));
        assert_eq!(Day::of(&Cell::Number(12.1)), None);
    }
}
