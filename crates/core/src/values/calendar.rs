//! Days, times of day and moments as they are written on the wire.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};

use super::Value;
use crate::error::{Code, codes};
use crate::time::Instant;

/// Years the register can mean: nobody alive was born before them, and no plan reaches beyond.
const YEARS: std::ops::Range<i32> = 1900..2200;

impl Value for NaiveDate {
    /// Reads `2026-07-20` and nothing looser.
    fn read(text: &str) -> Result<Self, &'static Code> {
        let written = text.len() == 10 && text.starts_with(|first: char| first.is_ascii_digit());
        Self::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|day| written && YEARS.contains(&day.year()))
            .ok_or(&codes::FIELD_DATE)
    }
}

impl Value for NaiveTime {
    /// Reads `07:30`: hours and minutes of local time.
    fn read(text: &str) -> Result<Self, &'static Code> {
        Self::parse_from_str(text, "%H:%M").ok().filter(|_| text.len() == 5).ok_or(&codes::FIELD_TIME)
    }
}

impl Value for Instant {
    /// Reads `2026-07-20T01:00:00Z`, or the same moment with another offset (RFC 3339).
    fn read(text: &str) -> Result<Self, &'static Code> {
        let moment = DateTime::parse_from_rfc3339(text).map_err(|_| &codes::FIELD_INSTANT)?.with_timezone(&Utc);
        if YEARS.contains(&moment.year()) { Ok(Self::new(moment)) } else { Err(&codes::FIELD_INSTANT) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_in_one_way() {
        assert_eq!(NaiveDate::read("2026-07-20"), Ok(NaiveDate::from_ymd_opt(2026, 7, 20).unwrap()));
        for text in ["", "20-07-2026", "2026-7-20", "2026-02-30", "+2026-07-2", "0026-07-20", "2026-07-20T00:00"] {
            assert_eq!(NaiveDate::read(text), Err(&codes::FIELD_DATE), "{text}");
        }
    }

    #[test]
    fn a_moment_names_its_offset() {
        for text in ["2026-07-20T01:00:00Z", "2026-07-20T08:00:00+07:00"] {
            assert_eq!(Instant::read(text).unwrap().to_string(), "2026-07-20T01:00:00Z", "{text}");
        }
        for text in ["", "2026-07-20", "2026-07-20T01:00:00", "1026-07-20T01:00:00Z", "2026-07-20T25:00:00Z"] {
            assert_eq!(Instant::read(text), Err(&codes::FIELD_INSTANT), "{text}");
        }
    }

    #[test]
    fn a_time_is_hours_and_minutes() {
        assert_eq!(NaiveTime::read("07:30"), Ok(NaiveTime::from_hms_opt(7, 30, 0).unwrap()));
        for text in ["", "7:30", "24:00", "07.30", "07:30:00", "07:60"] {
            assert_eq!(NaiveTime::read(text), Err(&codes::FIELD_TIME), "{text}");
        }
    }
}
