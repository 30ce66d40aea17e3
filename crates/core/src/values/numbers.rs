//! Numbers with a unit: lesson hours, scores, percentages and rates. Never floating point.

use std::fmt;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::error::{Code, codes};
use crate::values::words;

/// Lesson hours (JP). Their length in minutes belongs to the program.
pub type LessonHours = i32;

/// A score of 0 to 100 with two decimals, stored in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(i64);

crate::db::columns::integer_column!(Score);

impl Score {
    /// From points.
    ///
    /// # Errors
    /// `score.range`.
    pub fn new(points: Decimal) -> Result<Self, &'static Code> {
        hundredths(points).map(Self).ok_or(&codes::SCORE_RANGE)
    }

    /// From stored hundredths.
    pub fn from_i64(hundredths: i64) -> Option<Self> {
        (0..=10_000).contains(&hundredths).then_some(Self(hundredths))
    }

    /// In points.
    pub fn points(self) -> Decimal {
        Decimal::new(self.0, 2).normalize()
    }
}

impl super::Value for Score {
    fn read(text: &str) -> Result<Self, &'static Code> {
        decimal(text).ok_or(&codes::SCORE_RANGE).and_then(Self::new)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.points(), f)
    }
}

impl Serialize for Score {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.points())
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let points = <Decimal as Deserialize>::deserialize(deserializer)?;
        Self::new(points).map_err(|code| serde::de::Error::custom(code.name))
    }
}

/// Points of an exam outside the programs, on a scale of its own: 0 to 9,999 with two decimals, stored in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(i64);

crate::db::columns::integer_column!(Points);

impl Points {
    /// From points.
    ///
    /// # Errors
    /// `points.range`.
    pub fn new(points: Decimal) -> Result<Self, &'static Code> {
        scaled(points, 999_900).map(Self).ok_or(&codes::POINTS_RANGE)
    }

    /// From stored hundredths.
    pub fn from_i64(hundredths: i64) -> Option<Self> {
        (0..=999_900).contains(&hundredths).then_some(Self(hundredths))
    }

    /// In points.
    pub fn value(self) -> Decimal {
        Decimal::new(self.0, 2).normalize()
    }
}

impl super::Value for Points {
    fn read(text: &str) -> Result<Self, &'static Code> {
        decimal(text).ok_or(&codes::POINTS_RANGE).and_then(Self::new)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value(), f)
    }
}

impl Serialize for Points {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.value())
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let points = <Decimal as Deserialize>::deserialize(deserializer)?;
        Self::new(points).map_err(|code| serde::de::Error::custom(code.name))
    }
}

/// A percentage of 0 to 100 with two decimals, as a policy states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(i64);

impl Percent {
    /// From per cent.
    ///
    /// # Errors
    /// `percent.range`.
    pub fn new(percent: Decimal) -> Result<Self, &'static Code> {
        hundredths(percent).map(Self).ok_or(&codes::PERCENT_RANGE)
    }

    /// In per cent.
    pub fn value(self) -> Decimal {
        Decimal::new(self.0, 2).normalize()
    }
}

impl super::Value for Percent {
    fn read(text: &str) -> Result<Self, &'static Code> {
        decimal(text).ok_or(&codes::PERCENT_RANGE).and_then(Self::new)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value(), f)
    }
}

impl Serialize for Percent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.value())
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let percent = <Decimal as Deserialize>::deserialize(deserializer)?;
        Self::new(percent).map_err(|code| serde::de::Error::custom(code.name))
    }
}

/// Reads digits with a point between them at most and two behind it: `1e2` and `1_0` are no way to write a number of
/// points, and `1.180` is a thousand to some.
fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let plain = text.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.');
    let ends = [text.bytes().next(), text.bytes().last()];
    let whole = ends.iter().all(|end| end.is_some_and(|letter| letter.is_ascii_digit()));
    let short = text.split_once('.').is_none_or(|(_, behind)| behind.len() <= 2);
    text.parse().ok().filter(|_| plain && whole && short)
}

fn hundredths(value: Decimal) -> Option<i64> {
    scaled(value, 10_000)
}

/// In whole hundredths, from 0 to a highest number of them.
fn scaled(value: Decimal, highest: i64) -> Option<i64> {
    let scaled = value.checked_mul(Decimal::ONE_HUNDRED)?;
    let whole = i64::try_from(scaled).ok()?;
    (scaled.fract().is_zero() && (0..=highest).contains(&whole)).then_some(whole)
}

words! {
    /// What a rate is a share of. A percentage without a basis does not exist here.
    pub enum RateBasis {
        /// Lesson hours credited of lesson hours held while the person was a member of the class.
        LessonHoursHeld = "lesson_hours_held",
    }
}

/// A share with its two numbers, so that anyone can recompute it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// What it is a share of.
    pub basis: RateBasis,
    /// The numerator.
    pub credited: i64,
    /// The denominator.
    pub held: i64,
}

impl Rate {
    /// Lesson hours credited of lesson hours held. More credited than held cannot happen and is cut to all.
    pub fn of_lesson_hours(credited: i64, held: i64) -> Self {
        let held = held.max(0);
        Self { basis: RateBasis::LessonHoursHeld, credited: credited.clamp(0, held), held }
    }

    /// In per cent, rounded half up to two decimals; nothing when nothing was held yet.
    pub fn percent(self) -> Option<Decimal> {
        if self.held == 0 {
            return None;
        }
        let exact = Decimal::from(self.credited) * Decimal::ONE_HUNDRED / Decimal::from(self.held);
        Some(exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize())
    }

    /// The same, beside a minimum: what does not reach it is not rounded up to it, but cut after two decimals,
    /// which is below it because a minimum has no more.
    pub fn percent_beside(self, minimum: Percent) -> Option<Decimal> {
        let rounded = self.percent()?;
        if self.reaches(minimum) || rounded < minimum.value() {
            return Some(rounded);
        }
        let exact = Decimal::from(self.credited) * Decimal::ONE_HUNDRED / Decimal::from(self.held);
        Some(exact.trunc_with_scale(2).normalize())
    }

    /// Whether it reaches a minimum, compared exactly and not after rounding.
    pub fn reaches(self, minimum: Percent) -> bool {
        self.held > 0
            && Decimal::from(self.credited) * Decimal::ONE_HUNDRED >= minimum.value() * Decimal::from(self.held)
    }

    /// Lesson hours to be credited of those still to come, so that the rate reaches a minimum once all are held; nothing
    /// where all of them are too few.
    pub fn hours_to_reach(self, minimum: Percent, coming: i64) -> Option<i64> {
        let held = self.held + coming;
        let needed = (minimum.value() * Decimal::from(held) / Decimal::ONE_HUNDRED).ceil();
        let more = (needed.to_i64()? - self.credited).max(0);
        (held > 0 && more <= coming).then_some(more)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::values::Value;

    #[test]
    fn a_score_is_exact() {
        assert_eq!(Score::new("72.50".parse().unwrap()).unwrap().to_string(), "72.5");
        for text in ["100.01", "-0.01", "72.505"] {
            assert_eq!(Score::new(text.parse().unwrap()), Err(&codes::SCORE_RANGE), "{text}");
        }
    }

    #[test]
    fn a_score_is_written_in_one_way() {
        assert_eq!(Score::read(" 70.5 ").unwrap().to_string(), "70.5");
        for text in ["", "1e2", "1_0", ".5", "5.", "-0", "+5", "5,5", "0x5", "٥"] {
            assert_eq!(Score::read(text), Err(&codes::SCORE_RANGE), "{text}");
        }
    }

    #[test]
    fn points_are_on_a_scale_of_their_own() {
        assert_eq!(Points::read("180").unwrap().to_string(), "180");
        assert_eq!(Points::read("9999").unwrap().value(), Decimal::from(9999));
        for text in ["9999.01", "-1", "60.555", "1e2", "1.180", ""] {
            assert_eq!(Points::read(text), Err(&codes::POINTS_RANGE), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_hours_that_are_enough_are_just_enough(
            (held, credited) in (0_i64..200).prop_flat_map(|held| (Just(held), 0..=held)),
            coming in 0_i64..200,
            minimum in 0_i64..=10_000,
        ) {
            let minimum = Percent::new(Decimal::new(minimum, 2)).unwrap();
            let after = |more| Rate::of_lesson_hours(credited + more, held + coming);
            match Rate::of_lesson_hours(credited, held).hours_to_reach(minimum, coming) {
                Some(more) => {
                    prop_assert!(more <= coming && after(more).reaches(minimum));
                    prop_assert!(more == 0 || !after(more - 1).reaches(minimum));
                }
                None => prop_assert!(!after(coming).reaches(minimum)),
            }
        }
    }

    #[test]
    fn a_rate_below_its_minimum_is_not_rounded_up_to_it() {
        let minimum = Percent::new(80.into()).unwrap();
        assert!(Rate::of_lesson_hours(80, 100).reaches(minimum));
        assert!(!Rate::of_lesson_hours(79_999, 100_000).reaches(minimum));
        assert_eq!(Rate::of_lesson_hours(79_999, 100_000).percent(), Some(80.into()));
        assert_eq!(Rate::of_lesson_hours(79_999, 100_000).percent_beside(minimum), Some("79.99".parse().unwrap()));
        let two_thirds = Percent::new("66.67".parse().unwrap()).unwrap();
        assert_eq!(Rate::of_lesson_hours(16, 24).percent_beside(two_thirds), Some("66.66".parse().unwrap()));
        assert_eq!(Rate::of_lesson_hours(16, 24).percent_beside(minimum), Some("66.67".parse().unwrap()));
        assert!(!Rate::of_lesson_hours(0, 0).reaches(minimum));
        assert_eq!(Rate::of_lesson_hours(0, 0).percent(), None);
    }

    proptest! {
        #[test]
        fn a_rate_is_never_outside_zero_and_a_hundred(credited in -5_i64..1000, held in -5_i64..1000) {
            let percent = Rate::of_lesson_hours(credited, held).percent();
            prop_assert!(percent.is_none_or(|percent| percent >= Decimal::ZERO && percent <= Decimal::ONE_HUNDRED));
        }
    }
}
