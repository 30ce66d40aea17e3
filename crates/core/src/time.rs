//! Instants in UTC, days in a province. The clock itself is the caller's.

use std::fmt;

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, Timelike, Utc};
use serde::{Deserialize, Serialize};

use crate::values::ProvinceCode;

/// A moment in UTC, to the microsecond: what both databases keep.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(NaiveDateTime);

crate::db::columns::timestamp_column!(Instant);

impl Instant {
    /// From a moment, cut to the microsecond.
    pub fn new(moment: DateTime<Utc>) -> Self {
        Self(moment.naive_utc().trunc_subsecs(6))
    }

    /// As a moment of chrono.
    pub fn utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0.and_utc().timestamp_micros()
    }

    /// As text, without what is less than a second.
    pub fn to_the_second(self) -> String {
        self.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// The minute it is in.
    #[must_use]
    pub fn cut_to_minute(self) -> Self {
        Self(self.0.with_second(0).unwrap_or(self.0).trunc_subsecs(0))
    }

    /// From microseconds since 1970.
    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(Self::new)
    }

    /// The day it is at this moment in a province, by its zone (WIB, WITA or WIT).
    pub fn day_in(self, province: &ProvinceCode) -> NaiveDate {
        let zone = FixedOffset::east_opt(province.utc_offset_hours() * 3600);
        zone.map_or(self.0.date(), |zone| self.utc().with_timezone(&zone).date_naive())
    }

    /// The moment a day begins in a province.
    pub fn start_of(day: NaiveDate, province: &ProvinceCode) -> Self {
        let midnight = day.and_time(NaiveTime::MIN);
        let ahead = Duration::hours(i64::from(province.utc_offset_hours()));
        Self(midnight.checked_sub_signed(ahead).unwrap_or(midnight))
    }

    /// Later by a duration.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.checked_add_signed(duration).unwrap_or(self.0))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DateTime::<Utc>::deserialize(deserializer).map(Self::new)
    }
}

const MONTHS_ID: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

/// `17 November 2025`, as Indonesian papers write a day.
pub fn long_date(day: NaiveDate) -> String {
    use chrono::Datelike;
    let month = MONTHS_ID.get(day.month0() as usize).copied().unwrap_or_default();
    format!("{} {month} {}", day.day(), day.year())
}

/// Full years between a birth and a day: the age a law means.
pub fn age_on(birth: NaiveDate, day: NaiveDate) -> i32 {
    day.years_since(birth).map_or(-1, |years| i32::try_from(years).unwrap_or(i32::MAX))
}

/// A person is a minor until the 18th birthday (UU 27/2022 through UU 35/2014 art. 1).
pub fn is_minor_on(birth: NaiveDate, day: NaiveDate) -> bool {
    age_on(birth, day) < 18
}
