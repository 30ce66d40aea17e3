//! One cell, and how its kinds are understood as dates and as identifiers.

use std::borrow::Cow;
use std::fmt;

use chrono::{Days, NaiveDate};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What stands in one cell, with its kind kept.
///
/// Stored as the nearest JSON value: nothing as `null`, text as a string, a number and a flag as
/// themselves, a date as `{"d": "2007-11-17"}`, a fault as `{"e": "#REF!"}`.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Cell {
    /// Nothing, or only blanks.
    #[default]
    Empty,
    /// Text without the blanks around it. In a text file every cell is text.
    Text(String),
    /// A number cell, always finite. [`Cell::shown`] gives whole numbers with all their digits.
    Number(f64),
    /// A number cell with a date format, without its time of day.
    Date(NaiveDate),
    /// TRUE or FALSE.
    Flag(bool),
    /// A formula that failed, such as `#REF!`.
    Fault(String),
}

impl Cell {
    /// Text as a cell: trimmed, and empty where nothing is left.
    pub fn text(text: &str) -> Self {
        let text = trimmed(text);
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    /// Text of a file that has no other kind of cell: what is written as a fault was one.
    pub(super) fn written(text: &str) -> Self {
        let text = trimmed(text);
        if is_fault(text) { Self::Fault(text.to_owned()) } else { Self::text(text) }
    }

    /// A number; what is none becomes the fault that a spreadsheet would show.
    pub(super) fn number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Fault("#NUM!".to_owned()) }
    }

    /// The day that a date cell counts; still a number where it is a bare time or a day that no calendar has.
    pub(super) fn day(serial: f64, is_1904: bool) -> Self {
        day(serial, is_1904).map_or_else(|| Self::number(serial), Self::Date)
    }

    /// The day of an ISO date with or without a time behind it; otherwise the text itself.
    pub(super) fn iso_day(text: &str) -> Self {
        text.get(..10).and_then(|day| day.parse().ok()).map_or_else(|| Self::text(text), Self::Date)
    }

    /// Whether nothing stands in the cell.
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// The value as a person would quote it; a date in ISO form.
    ///
    /// A whole number below 10²¹ is written with all its digits, never with an exponent.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Fault(text) => Cow::Borrowed(text),
            Self::Number(number) if number.abs() < 1e21 => Cow::Owned(format!("{number}")),
            Self::Number(number) => Cow::Owned(format!("{number:e}")),
            Self::Date(date) => Cow::Owned(date.to_string()),
            Self::Flag(true) => Cow::Borrowed("TRUE"),
            Self::Flag(false) => Cow::Borrowed("FALSE"),
        }
    }
}

/// The day of a serial number in one of the two date systems.
fn day(serial: f64, is_1904: bool) -> Option<NaiveDate> {
    if !(0.0..3_000_000.0).contains(&serial) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 3,000,000")]
    let serial = serial as u64;
    let (epoch, days) = if is_1904 {
        (NaiveDate::from_ymd_opt(1904, 1, 1)?, serial)
    } else {
        match serial {
            // Day 0 is no day, and day 60 is 29 February 1900, which never was.
            0 | 60 => return None,
            1..60 => (NaiveDate::from_ymd_opt(1899, 12, 31)?, serial),
            _ => (NaiveDate::from_ymd_opt(1899, 12, 30)?, serial),
        }
    };
    epoch.checked_add_days(Days::new(days))
}

/// The faults of formulas, as spreadsheets write them.
fn is_fault(text: &str) -> bool {
    matches!(text, "#N/A" | "#REF!" | "#VALUE!" | "#NAME?" | "#DIV/0!" | "#NUM!" | "#NULL!")
        || text.strip_prefix("Err:").is_some_and(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()))
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty => to.serialize_unit(),
            Self::Flag(flag) => to.serialize_bool(*flag),
            Self::Number(number) => to.serialize_f64(*number),
            Self::Text(text) => to.serialize_str(text),
            Self::Date(date) => one_entry(to, "d", date),
            Self::Fault(fault) => one_entry(to, "e", fault),
        }
    }
}

fn one_entry<S: Serializer, V: Serialize>(to: S, key: &str, value: &V) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Kinds)
    }
}

/// Tells the kinds apart by what stands there: an untagged enum would try one after the other, and a file has some
/// hundred thousand cells.
struct Kinds;

impl<'de> Visitor<'de> for Kinds {
    type Value = Cell;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a stored cell")
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Empty)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Cell, E> {
        Ok(Cell::Flag(flag))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Cell, E> {
        Ok(Cell::Number(number))
    }

    #[expect(clippy::cast_precision_loss, reason = "a number cell is a float in every spreadsheet")]
    fn visit_i64<E>(self, number: i64) -> Result<Cell, E> {
        Ok(Cell::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "a number cell is a float in every spreadsheet")]
    fn visit_u64<E>(self, number: u64) -> Result<Cell, E> {
        Ok(Cell::Number(number as f64))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
        Ok(Cell::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        match map.next_key::<String>()?.as_deref() {
            Some("d") => map.next_value().map(Cell::Date),
            Some("e") => map.next_value().map(Cell::Fault),
            _ => Err(serde::de::Error::custom("neither a date nor a fault")),
        }
    }
}

/// An identifier cell: a NIK, a NISN, a family card, a phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Digits {
    /// Nothing stands in the cell.
    Missing,
    /// What was typed, trimmed. The signs that keep Excel from making a number of it
    /// (`'0012345678`, `="0012345678"`) are taken off.
    Text(String),
    /// The identifier went through a number: leading zeros are gone, and from the 16th digit on the
    /// digits are made up, since Excel keeps fifteen.
    ///
    /// Text of the form `1,80123E+15` counts too: a number cell that was saved as CSV.
    NumberCell {
        /// The number as it stands there now.
        shown: String,
    },
}

/// Understands a cell as an identifier, telling typed digits from a number.
pub fn digits(cell: &Cell) -> Digits {
    match cell {
        Cell::Empty => Digits::Missing,
        Cell::Number(_) => Digits::NumberCell { shown: cell.shown().into_owned() },
        Cell::Text(text) => {
            let bare = text
                .strip_prefix("=\"")
                .and_then(|rest| rest.strip_suffix('"'))
                .or_else(|| text.strip_prefix('\''))
                .unwrap_or(text);
            let bare = trimmed(bare);
            if bare.is_empty() {
                Digits::Missing
            } else if is_scientific(bare) {
                Digits::NumberCell { shown: bare.to_owned() }
            } else {
                Digits::Text(bare.to_owned())
            }
        }
        Cell::Date(_) | Cell::Flag(_) | Cell::Fault(_) => Digits::Text(cell.shown().into_owned()),
    }
}

/// `1.80123E+15` or `1,80123E+15`: how a spreadsheet writes a long number into a text file.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa_is_number = match mantissa.split_once(['.', ',']) {
        Some((whole, part)) => number(whole) && number(part),
        None => number(mantissa),
    };
    mantissa_is_number && number(exponent.strip_prefix('+').unwrap_or(exponent))
}

/// Understands a cell as a day: a date cell, or text in one of the usual forms.
///
/// Read are `2007-11-17` (also with a time behind it), `17/11/2007`, `17-11-2007`, `17.11.2007`,
/// `17 November 2007` and `17-Nov-2007`, with Indonesian and English month names and their
/// abbreviations.
/// The day comes before the month, as everywhere in Indonesia.
/// A year of two digits, a day that does not exist and a bare number give `None`.
pub fn date(cell: &Cell) -> Option<NaiveDate> {
    match cell {
        Cell::Date(date) => Some(*date),
        Cell::Text(text) => date_in_text(text),
        Cell::Empty | Cell::Number(_) | Cell::Flag(_) | Cell::Fault(_) => None,
    }
}

fn date_in_text(text: &str) -> Option<NaiveDate> {
    let text = text.strip_prefix('\'').unwrap_or(text);
    // The time of day of an ISO instant, which some exports add to every date, says nothing here.
    let text = match text.get(..10).zip(text.get(10..)) {
        Some((day, time)) if time.starts_with(['T', ' ']) && day.as_bytes().get(4) == Some(&b'-') => day,
        _ => text,
    };
    let mut parts =
        text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | '.' | ',')).filter(|part| !part.is_empty());
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (day, month, year) = if first.len() == 4 { (third, second, first) } else { (first, second, third) };
    if year.len() != 4 || day.len() > 2 {
        return None;
    }
    NaiveDate::from_ymd_opt(number(year)?.try_into().ok()?, month_of(month)?, number(day)?)
}

pub(super) fn month_of(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return if text.len() <= 2 { number(text) } else { None };
    }
    let month = match text.to_lowercase().as_str() {
        "januari" | "january" | "jan" => 1,
        "februari" | "pebruari" | "february" | "feb" | "peb" => 2,
        "maret" | "march" | "mar" | "mrt" => 3,
        "april" | "apr" => 4,
        "mei" | "may" => 5,
        "juni" | "june" | "jun" => 6,
        "juli" | "july" | "jul" => 7,
        "agustus" | "august" | "agu" | "agt" | "ags" | "agust" | "aug" => 8,
        "september" | "sept" | "sep" => 9,
        "oktober" | "october" | "okt" | "oct" => 10,
        "november" | "nopember" | "nov" | "nop" => 11,
        "desember" | "december" | "des" | "dec" => 12,
        _ => return None,
    };
    Some(month)
}

/// Digits only, so that a sign is not taken for a number.
pub(super) fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Without blanks at both ends, the invisible ones that come with copied text included.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
    })
}
