use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Datelike, Days, NaiveDate};

use super::{Known, MOST};
use crate::error::{Error, Result, codes};
use crate::id::Id;

/// Days ahead that a device keeps.
const AHEAD: u64 = 14;
/// Days behind of which it keeps what was marked.
const BEHIND: u64 = 14;

/// Days behind of which it keeps what is not finished: people without a mark, clashes that wait for somebody.
const UNFINISHED: u64 = 60;

/// The days that a device keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first of those of which it keeps what is not finished.
    pub(super) oldest: NaiveDate,
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub until: NaiveDate,
}

impl Window {
    /// Around a day.
    pub(super) fn around(today: NaiveDate) -> Self {
        let from = today.checked_sub_days(Days::new(BEHIND)).unwrap_or(today);
        let until = today.checked_add_days(Days::new(AHEAD)).unwrap_or(today);
        let oldest = today.checked_sub_days(Days::new(UNFINISHED)).unwrap_or(from);
        Self { oldest, from, until }
    }
}

/// What a device has: until which day, and of each class how many of its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) until: NaiveDate,
    pub(super) known: Known,
}

impl Cursor {
    /// The day, then each class with its number.
    pub(super) fn encode(&self) -> String {
        let mut bytes = self.until.num_days_from_ce().to_be_bytes().to_vec();
        for (class, number) in &self.known {
            bytes.extend(class.as_i64().to_be_bytes());
            bytes.extend(number.to_be_bytes());
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads it.
    ///
    /// # Errors
    /// `query.cursor`.
    pub(super) fn decode(text: &str) -> Result<Self> {
        let wrong = || Error::new(&codes::CURSOR_INVALID);
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let (day, rest) = bytes.split_first_chunk::<4>().ok_or_else(wrong)?;
        let until = NaiveDate::from_num_days_from_ce_opt(i32::from_be_bytes(*day)).ok_or_else(wrong)?;
        let (pairs, left) = rest.as_chunks::<16>();
        if !left.is_empty() || pairs.len() > MOST {
            return Err(wrong());
        }
        let mut known = Known::new();
        for pair in pairs {
            let (class, number) = pair.split_at(8);
            let read = |half: &[u8]| <[u8; 8]>::try_from(half).map(i64::from_be_bytes).map_err(|_| wrong());
            known.insert(Id::from_i64(read(class)?).ok_or_else(wrong)?, read(number)?);
        }
        Ok(Self { until, known })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_form() {
        let day = NaiveDate::from_ymd_opt(2025, 8, 4).unwrap();
        let id = |number| Id::from_i64(number).unwrap();
        for known in [Known::new(), Known::from([(id(7), 0), (id(1 << 40), i64::MAX)])] {
            let cursor = Cursor { until: day, known };
            assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        }
        for text in ["", "AAAA", "?", "AAAAAAAAAA"] {
            assert!(Cursor::decode(text).is_err(), "{text}");
        }
    }
}
