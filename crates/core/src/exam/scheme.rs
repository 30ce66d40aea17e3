//! Schemes of exams as dated data: the same exam may have several that follow each other, and that of the test day counts.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Weekday};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::values::{Bilingual, Points, words};

words! {
    /// A level of the Common European Framework of Reference for Languages.
    pub enum Cefr {
        /// Breakthrough.
        A1 = "A1",
        /// Waystage.
        A2 = "A2",
        /// Threshold.
        B1 = "B1",
        /// Vantage.
        B2 = "B2",
        /// Advanced.
        C1 = "C1",
        /// Mastery.
        C2 = "C2",
    }
}

/// An exam as it was held from one day to another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// What it is called for short, e.g. `JLPT`; the same in all its periods.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
    /// The first test day.
    pub valid_from: NaiveDate,
    /// The last one; none while it still holds.
    pub valid_to: Option<NaiveDate>,
    /// Full years on the test day.
    pub minimum_age: Option<i32>,
    /// Whether one sitting gives the highest level whose minimum is met, whatever was wished for.
    #[serde(default)]
    pub one_sitting: bool,
    /// From the lowest to the highest; none where only passing or not is told, of something that the paper names.
    pub levels: Vec<Level>,
    /// The words for passed and for not passed, where there are no levels.
    #[serde(default)]
    pub results: Vec<String>,
    /// Whether there are no fractions of points.
    #[serde(default)]
    pub whole_points: bool,
    /// The months in which the test day is the first Sunday; any day where there are none.
    #[serde(default)]
    pub first_sundays_of: Vec<u32>,
    /// Months for which a pass counts, where a paper does not say.
    #[serde(default)]
    pub valid_months: Option<u32>,
    /// Where this comes from.
    pub sources: Vec<String>,
}

/// One level.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Its name.
    pub level: String,
    /// What a bare pass stands for.
    pub cefr: Option<Cefr>,
    /// What more points stand for, from the lowest to the highest.
    #[serde(default)]
    pub bands: Vec<Band>,
    /// All sections together.
    pub total: Scale,
    /// The parts that are scored apart.
    pub sections: Vec<Section>,
}

/// From how many points on a pass stands for more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Points in total.
    pub minimum: Points,
    /// What they stand for.
    pub cefr: Cefr,
}

/// The pass mark and the highest score; none where no source was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The pass mark.
    pub minimum: Option<Points>,
    /// The highest score.
    pub maximum: Option<Points>,
    /// The lowest score; 0 where nothing is said.
    #[serde(default)]
    pub lowest: Option<Points>,
}

/// A part that is scored apart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its code inside the level.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
    /// The pass mark.
    pub minimum: Option<Points>,
    /// The highest score.
    pub maximum: Option<Points>,
}

/// The schemes as they are published.
pub const EXAM_SCHEMES: &str = include_str!("../../../../fixtures/reference/exam_schemes.json");

static SCHEMES: LazyLock<Vec<Scheme>> = LazyLock::new(|| serde_json::from_str(EXAM_SCHEMES).unwrap_or_default());

/// Every scheme in each of its periods.
pub fn schemes() -> &'static [Scheme] {
    &SCHEMES
}

/// Every period of one exam, in order of time.
pub(super) fn periods(code: &str) -> impl Iterator<Item = &'static Scheme> {
    SCHEMES.iter().filter(move |scheme| scheme.code == code)
}

/// The scheme of a test day.
pub(super) fn on(code: &str, day: NaiveDate) -> Option<&'static Scheme> {
    periods(code).find(|scheme| scheme.valid_from <= day && scheme.valid_to.is_none_or(|last| day <= last))
}

/// The letters and digits of a name, by which people's ways of writing it are the same.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The exam that is called so, also by the beginning of its name (`JFT`) or with a level behind it (`JLPT N5`).
pub(crate) fn called(text: &str) -> Option<&'static str> {
    let called = plain(text);
    let fits = |scheme: &&Scheme| {
        let (code, names) = (plain(&scheme.code), [plain(&scheme.name.id), plain(&scheme.name.en)]);
        let level = |level: &Level| called == format!("{code}{}", plain(&level.level));
        called.len() > 2 && code.starts_with(&called) || names.contains(&called) || scheme.levels.iter().any(level)
    };
    SCHEMES.iter().find(fits).map(|scheme| scheme.code.as_str())
}

/// The exams that had a level of this name on a day: of a list of scores the level often stands alone.
pub(crate) fn with_level(text: &str, day: NaiveDate) -> impl Iterator<Item = &'static str> {
    let called = plain(text);
    let held = SCHEMES.iter().filter(move |scheme| on(&scheme.code, day).is_some_and(|of_day| of_day == *scheme));
    held.filter(move |scheme| scheme.levels.iter().any(|level| plain(&level.level) == called))
        .map(|scheme| scheme.code.as_str())
}

/// A level as the scheme of the day writes it, where it is one: `n 5` and `JLPT N5` are `N5`.
pub(crate) fn level_of(code: &str, day: NaiveDate, text: &str) -> Option<&'static str> {
    let called = plain(text);
    let levels = on(code, day).map(|scheme| scheme.levels.as_slice()).unwrap_or_default();
    let fits = |level: &&Level| {
        let own = plain(&level.level);
        called == own || called == format!("{}{own}", plain(code))
    };
    levels.iter().find(fits).map(|level| level.level.as_str())
}

impl Scheme {
    /// Whether it is held on such a day.
    pub(super) fn is_held_on(&self, day: NaiveDate) -> bool {
        let first_sunday = day.weekday() == Weekday::Sun && day.day() <= 7;
        self.first_sundays_of.is_empty() || first_sunday && self.first_sundays_of.contains(&day.month())
    }

    /// The place of a level, counted from the lowest.
    pub(super) fn place(&self, level: &str) -> Option<usize> {
        self.levels.iter().position(|one| one.level == level)
    }
}

impl Level {
    /// Whether points alone tell if it was passed.
    pub(super) fn has_marks(&self) -> bool {
        self.total.minimum.is_some() || self.sections.iter().any(|section| section.minimum.is_some())
    }

    /// Whether the total is the sum of the sections.
    pub(super) fn adds_up(&self) -> bool {
        let sum: Option<Decimal> = self.sections.iter().map(|section| section.maximum.map(Points::value)).sum();
        !self.sections.is_empty() && sum.is_some() && sum == self.total.maximum.map(Points::value)
    }

    /// What a pass with so many points stands for.
    pub(super) fn cefr_of(&self, total: Option<Points>) -> Option<Cefr> {
        let band = self.bands.iter().rev().find(|band| total.is_some_and(|total| total >= band.minimum));
        band.map(|band| band.cefr).or(self.cefr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schemes_can_be_read() {
        let codes: Vec<&str> = schemes().iter().map(|scheme| scheme.code.as_str()).collect();
        assert_eq!(codes, ["JLPT", "JFT-Basic", "JFT-Basic", "HSK", "HSK", "TOCFL", "CEFR-EN", "BNSP"]);
        for scheme in schemes() {
            assert!(!scheme.sources.is_empty() && !scheme.name.id.is_empty() && !scheme.name.en.is_empty());
            let ranks: Vec<Cefr> = scheme.levels.iter().filter_map(|level| level.cefr).collect();
            assert!(ranks.is_sorted(), "{}: levels stand from the lowest to the highest", scheme.code);
            assert_eq!(scheme.levels.is_empty(), scheme.results.len() == 2, "{}", scheme.code);
            for level in &scheme.levels {
                assert!(level.total.minimum <= level.total.maximum || level.total.maximum.is_none(), "{}", level.level);
                assert!(level.bands.is_sorted_by(|a, b| a.minimum < b.minimum && a.cefr < b.cefr));
            }
        }
    }

    #[test]
    fn periods_follow_each_other_without_a_gap() {
        for scheme in schemes() {
            let Some(last) = scheme.valid_to else { continue };
            let next = periods(&scheme.code).find(|other| Some(other.valid_from) == last.succ_opt());
            assert!(next.is_some(), "{} ends on {last} and nothing follows", scheme.code);
        }
    }

    #[test]
    fn the_scheme_of_the_day_counts() {
        for (code, day, levels) in [
            ("JFT-Basic", "2019-03-31", None),
            ("JFT-Basic", "2019-04-01", Some(1)),
            ("JFT-Basic", "2026-07-31", Some(1)),
            ("JFT-Basic", "2026-08-01", Some(3)),
            ("HSK", "2026-06-30", Some(6)),
            ("HSK", "2026-07-01", Some(9)),
            ("JLPT", "2010-06-30", None),
            ("TOEFL", "2025-01-01", None),
        ] {
            let found = on(code, day.parse().unwrap()).map(|scheme| scheme.levels.len());
            assert_eq!(found, levels, "{code} on {day}");
        }
    }

    #[test]
    fn an_exam_is_known_by_what_people_call_it() {
        let day = "2025-07-06".parse().unwrap();
        for (text, code) in [
            ("JLPT", Some("JLPT")),
            ("jlpt n5", Some("JLPT")),
            ("JFT", Some("JFT-Basic")),
            ("JFT Basic", Some("JFT-Basic")),
            ("Uji Kompetensi BNSP", Some("BNSP")),
            ("English on the CEFR scale", Some("CEFR-EN")),
            ("HSK 3", Some("HSK")),
            ("TOEFL", None),
            ("J", None),
            ("", None),
        ] {
            assert_eq!(called(text), code, "{text}");
        }
        assert_eq!(with_level("n5", day).collect::<Vec<_>>(), ["JLPT"]);
        assert_eq!(with_level("A2", day).collect::<Vec<_>>(), ["JFT-Basic", "CEFR-EN"]);
        assert_eq!(level_of("JLPT", day, "JLPT n5"), Some("N5"));
        assert_eq!(level_of("TOCFL", day, "band a - level 1"), Some("Band A Level 1"));
        assert_eq!(level_of("JFT-Basic", day, "A1"), None);
    }

    #[test]
    fn more_points_stand_for_more() {
        let jlpt = on("JLPT", "2025-12-07".parse().unwrap()).unwrap();
        let stands_for = |level: &str, total: i64| {
            jlpt.levels[jlpt.place(level).unwrap()].cefr_of(Some(Points::new(total.into()).unwrap())).unwrap()
        };
        for (level, total, cefr) in [
            ("N5", 180, Cefr::A1),
            ("N3", 103, Cefr::A2),
            ("N3", 104, Cefr::B1),
            ("N2", 111, Cefr::B1),
            ("N2", 112, Cefr::B2),
            ("N1", 141, Cefr::B2),
            ("N1", 142, Cefr::C1),
        ] {
            assert_eq!(stands_for(level, total), cefr, "{level} {total}");
        }
        assert_eq!(jlpt.levels[2].cefr_of(None), Some(Cefr::A2));
    }
}
