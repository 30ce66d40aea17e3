//! How an issuer writes its numbers.

use chrono::{Datelike, NaiveDate};

use crate::error::{Code, codes};
use crate::values::{Value, holds_identity_number};

/// The pattern of an issuer that has not chosen one: the order in which Indonesian offices number their papers.
const USUAL: &str = "[number:4]/[program]/[issuer]/[month]/[year]";
/// Characters of a pattern at most.
const LONGEST: usize = 80;
/// Digits of a running number at most.
const WIDEST: usize = 8;
const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

/// A pattern such as `[number:4]/[program]/[issuer]/[month]/[year]`: text with places for what differs.
///
/// It holds the running number and the year once each, because the count begins anew each year; places do not touch one
/// another, and no digit touches the running number, so that what is written can only be read in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPattern(String);

crate::db::columns::text_column!(NumberPattern);

/// What one number is made of.
#[derive(Debug, Clone, Copy)]
pub(in crate::certificate) struct Numbered<'a> {
    pub(in crate::certificate) sequence: i32,
    pub(in crate::certificate) program: &'a str,
    pub(in crate::certificate) issuer: &'a str,
    pub(in crate::certificate) day: NaiveDate,
}

/// A stretch of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    /// The running number, filled with zeros to this many digits.
    Number(usize),
    Program,
    Issuer,
    /// As a Roman numeral.
    Month,
    /// In two digits.
    MonthInDigits,
    Year,
}

impl NumberPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `certificate.pattern_text`, `certificate.pattern_place`, `certificate.pattern_number`, `certificate.pattern_year`,
    /// `certificate.pattern_touching`, `field.identity_number`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_plain = |c: char| c.is_ascii_alphanumeric() || " ./-_:,&()[]".contains(c);
        if text.is_empty() || text.len() > LONGEST || !text.chars().all(is_plain) {
            return Err(&codes::CERTIFICATE_PATTERN_TEXT);
        }
        if holds_identity_number(&text) {
            return Err(&codes::FIELD_IDENTITY_NUMBER);
        }
        let parts = parts(&text).ok_or(&codes::CERTIFICATE_PATTERN_PLACE)?;
        let count = |wanted: fn(&Part<'_>) -> bool| parts.iter().filter(|part| wanted(part)).count();
        if count(|part| matches!(part, Part::Number(_))) != 1 {
            return Err(&codes::CERTIFICATE_PATTERN_NUMBER);
        }
        if count(|part| *part == Part::Year) != 1 {
            return Err(&codes::CERTIFICATE_PATTERN_YEAR);
        }
        if parts.iter().zip(parts.iter().skip(1)).any(|(left, right)| touching(*left, *right)) {
            return Err(&codes::CERTIFICATE_PATTERN_TOUCHING);
        }
        Ok(Self(text))
    }

    /// The pattern of an issuer that has not chosen one.
    pub fn usual() -> Self {
        Self(USUAL.to_owned())
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A number by this pattern.
    pub(in crate::certificate) fn number(&self, of: Numbered<'_>) -> String {
        let Numbered { sequence, program, issuer, day } = of;
        let roman = ROMAN.get(day.month0() as usize).copied().unwrap_or_default();
        let written = parts(&self.0).unwrap_or_default().into_iter().map(|part| match part {
            Part::Text(text) => text.to_owned(),
            Part::Number(width) => format!("{sequence:0width$}"),
            Part::Program => program.to_owned(),
            Part::Issuer => issuer.to_owned(),
            Part::Month => roman.to_owned(),
            Part::MonthInDigits => format!("{:02}", day.month()),
            Part::Year => day.year().to_string(),
        });
        written.collect()
    }
}

/// As somebody writes one: the word Nomor is printed before it already.
impl Value for NumberPattern {
    fn read(text: &str) -> Result<Self, &'static Code> {
        let pattern = Self::parse(text)?;
        let word = pattern.0.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        match word.to_ascii_lowercase().as_str() {
            "no" | "nomor" => Err(&codes::CERTIFICATE_PATTERN_WORD),
            _ => Ok(pattern),
        }
    }
}

/// The pattern cut into its parts; nothing for a place that is not known or not closed.
fn parts(pattern: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('[') {
        let (place, behind) = after.split_once(']')?;
        parts.push(text(before)?);
        parts.push(match place {
            "number" => Part::Number(1),
            "program" => Part::Program,
            "issuer" => Part::Issuer,
            "month" => Part::Month,
            "month:2" => Part::MonthInDigits,
            "year" => Part::Year,
            _ => {
                Part::Number(place.strip_prefix("number:")?.parse().ok().filter(|width| (1..=WIDEST).contains(width))?)
            }
        });
        rest = behind;
    }
    parts.push(text(rest)?);
    parts.retain(|part| *part != Part::Text(""));
    Some(parts)
}

/// Text between places; no pattern at all if it closes what was never opened.
fn text(text: &str) -> Option<Part<'_>> {
    (!text.contains(']')).then_some(Part::Text(text))
}

/// Whether it could be read in another way where these two meet.
fn touching(left: Part<'_>, right: Part<'_>) -> bool {
    match (left, right) {
        (Part::Text(text), Part::Number(_)) => text.ends_with(|c: char| c.is_ascii_digit()),
        (Part::Number(_), Part::Text(text)) => text.starts_with(|c: char| c.is_ascii_digit()),
        (Part::Text(_), _) | (_, Part::Text(_)) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbered(sequence: i32) -> Numbered<'static> {
        let day = NaiveDate::from_ymd_opt(2026, 7, 4).unwrap();
        Numbered { sequence, program: "JPN-N5", issuer: "10809001", day }
    }

    #[test]
    fn a_number_reads_as_offices_write_it() {
        for (pattern, number) in [
            (USUAL, "0007/JPN-N5/10809001/VII/2026"),
            ("[number]/[year]", "7/2026"),
            ("No. [number:3]/LPK-SM/[month:2]/[year]", "No. 007/LPK-SM/07/2026"),
            ("421.5/[number:5]/[program]-[year] (SERTIFIKAT)", "421.5/00007/JPN-N5-2026 (SERTIFIKAT)"),
            ("  A   [number:1] B [year]  ", "A 7 B 2026"),
        ] {
            assert_eq!(NumberPattern::parse(pattern).unwrap().number(numbered(7)), number, "{pattern}");
        }
        assert_eq!(NumberPattern::parse(USUAL), Ok(NumberPattern::usual()));
        assert!(NumberPattern::usual().number(numbered(123_456)).starts_with("123456/"));
    }

    #[test]
    fn a_pattern_that_does_not_hold_says_why() {
        for (pattern, code) in [
            ("", "certificate.pattern_text"),
            ("[number]/[year]/é", "certificate.pattern_text"),
            ("[number]/[year]\n{x}", "certificate.pattern_text"),
            (&format!("[number]/[year]/{}", "X".repeat(70)), "certificate.pattern_text"),
            ("[number]/[year]/[name]", "certificate.pattern_place"),
            ("[number]/[year", "certificate.pattern_place"),
            ("[number]/year]", "certificate.pattern_place"),
            ("[[number]/[year]", "certificate.pattern_place"),
            ("[number:0]/[year]", "certificate.pattern_place"),
            ("[number:9]/[year]", "certificate.pattern_place"),
            ("[number:-1]/[year]", "certificate.pattern_place"),
            ("SERTIFIKAT/[year]", "certificate.pattern_number"),
            ("[number]/[number:4]/[year]", "certificate.pattern_number"),
            ("[number:4]/[month]", "certificate.pattern_year"),
            ("[number]/[year]/[year]", "certificate.pattern_year"),
            ("[number][year]", "certificate.pattern_touching"),
            ("[number]/[month][year]", "certificate.pattern_touching"),
            ("7[number]/[year]", "certificate.pattern_touching"),
            ("[number]0/[year]", "certificate.pattern_touching"),
            ("[number]/1807051708070001/[year]", "field.identity_number"),
        ] {
            assert_eq!(NumberPattern::parse(pattern).map_err(|code| code.name), Err(code), "{pattern}");
        }
    }

    #[test]
    fn the_word_before_a_number_is_not_written_twice() {
        for pattern in ["No. [number:3]/[year]", "NO [number]/[year]", "nomor:[number]/[year]"] {
            let refused = NumberPattern::read(pattern).map_err(|code| code.name);
            assert_eq!(refused, Err("certificate.pattern_word"), "{pattern}");
            assert!(NumberPattern::parse(pattern).is_ok(), "one that was kept before is read all the same: {pattern}");
        }
        for pattern in [USUAL, "NOVA/[number]/[year]", "[number]/No/[year]"] {
            assert!(NumberPattern::read(pattern).is_ok(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_gives_two_in_one_year_the_same_number(
            places in proptest::sample::subsequence(vec!["[number:2]", "[year]", "[program]", "[month]", "[issuer]"], 2..=5),
            between in "[A-Z/ .-]{1,3}",
            one in 1..100_000_i32,
            other in 1..100_000_i32,
        ) {
            let Ok(pattern) = NumberPattern::parse(&places.join(&between)) else { return Ok(()) };
            let (left, right) = (pattern.number(numbered(one)), pattern.number(numbered(other)));
            prop_assert_eq!(one == other, left == right);
        }

        #[test]
        fn any_text_is_a_pattern_or_is_refused(text in "\\PC{0,90}") {
            if let Ok(pattern) = NumberPattern::parse(&text) {
                prop_assert!(pattern.number(numbered(1)).len() < 200);
                prop_assert_eq!(NumberPattern::parse(pattern.as_str()), Ok(pattern));
            }
        }
    }
}
