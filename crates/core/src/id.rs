//! Identifiers: one 64-bit, time-ordered number for every row, shown outside as 13 characters.
//!
//! An id is no secret. Public codes (verification, one-time links) are separate random values.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::time::Instant;

/// Crockford's alphabet: no I, L, O or U, so that a spoken or handwritten id survives.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 2020-01-01T00:00:00Z in milliseconds; 41 bits from here reach the year 2089.
const EPOCH_MS: i64 = 1_577_836_800_000;
const RANDOM_BITS: u32 = 22;

/// The key of a row: 41 bits of milliseconds since 2020 and 22 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Id(i64);

crate::db::columns::integer_column!(Id);

impl Id {
    /// The number as stored.
    pub fn as_i64(self) -> i64 {
        self.0
    }

    /// From the stored number.
    pub fn from_i64(number: i64) -> Option<Self> {
        (number >= 0).then_some(Self(number))
    }

    /// No id made at this instant or later is lower than this one.
    pub fn lowest_at(instant: Instant) -> Self {
        Self((instant.utc().timestamp_millis() - EPOCH_MS).max(0) << RANDOM_BITS)
    }

    /// As if made this much earlier.
    #[must_use]
    pub fn earlier_by(self, time: Duration) -> Self {
        Self((self.0 - (time.num_milliseconds() << RANDOM_BITS)).max(0))
    }

    fn letters(self) -> [u8; 13] {
        let mut letters = [0_u8; 13];
        let mut rest = self.0.cast_unsigned();
        for slot in letters.iter_mut().rev() {
            *slot = ALPHABET[usize::try_from(rest & 31).unwrap_or(0)];
            rest >>= 5;
        }
        letters
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.letters()).map_err(|_| fmt::Error)?)
    }
}

/// The text is not an id of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id is 13 characters of Crockford base32")
    }
}

impl std::error::Error for NotAnId {}

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text.len() != 13 {
            return Err(NotAnId);
        }
        let mut number: u64 = 0;
        for byte in text.bytes() {
            let upper = byte.to_ascii_uppercase();
            let digit = ALPHABET.iter().position(|a| *a == upper).ok_or(NotAnId)? as u64;
            // 13 characters hold 65 bits; what does not fit in 63 is not one of ours.
            if number >> 58 != 0 {
                return Err(NotAnId);
            }
            number = number << 5 | digit;
        }
        i64::try_from(number).map(Self).map_err(|_| NotAnId)
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let letters = self.letters();
        serializer.serialize_str(std::str::from_utf8(&letters).map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Makes ids that only grow inside one process, whatever the clock does.
#[derive(Debug, Default)]
pub struct IdSource {
    last: Mutex<i64>,
}

impl IdSource {
    /// The next id at this instant.
    pub fn next(&self, now: DateTime<Utc>, entropy: &Entropy) -> Id {
        let milliseconds = (now.timestamp_millis() - EPOCH_MS).max(0);
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Random bits are drawn once a millisecond. Drawn for every id, the highest would win each time, and two
        // processes that each write thousands of rows in one moment would soon meet at the end of its range.
        *last = if milliseconds > *last >> RANDOM_BITS {
            milliseconds << RANDOM_BITS | i64::from(entropy.number() >> (32 - RANDOM_BITS))
        } else {
            *last + 1
        };
        Id(*last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form() {
        for number in [0, 1, 31, 32, 1 << 40, i64::MAX] {
            let id = Id(number);
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(id.to_string().to_lowercase().parse(), Ok(id));
        }
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in ["", "0", "0000000000000000", "ILOU000000000", "ZZZZZZZZZZZZZ", "8000000000000"] {
            assert_eq!(text.parse::<Id>(), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn an_id_is_never_lower_than_its_moment() {
        let entropy = Entropy::seeded(1);
        let source = IdSource::default();
        let now = DateTime::from_timestamp_millis(1_760_000_000_000).unwrap_or_default();
        let id = source.next(now, &entropy);
        assert!(id >= Id::lowest_at(Instant::new(now)));
        assert!(id < Id::lowest_at(Instant::new(now + Duration::milliseconds(1))));
        assert!(id.earlier_by(Duration::hours(1)) >= Id::lowest_at(Instant::new(now - Duration::hours(1))));
        assert_eq!(Id(5).earlier_by(Duration::hours(1)), Id(0));
    }

    #[test]
    fn ids_only_grow() {
        let entropy = Entropy::seeded(1);
        let source = IdSource::default();
        let now = DateTime::from_timestamp_millis(1_760_000_000_000).unwrap_or_default();
        let mut previous = Id(0);
        for step in 0..10_000 {
            let earlier = now - chrono::Duration::milliseconds(step % 7);
            let id = source.next(earlier, &entropy);
            assert!(id > previous);
            previous = id;
        }
    }
}
