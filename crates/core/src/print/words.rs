//! Numbers and days in words, as Indonesian and English print them.

use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};

/// The language of a printed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Indonesian,
    English,
}

#[rustfmt::skip]
const BULAN: [&str; 12] = [
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
];

#[rustfmt::skip]
const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
];

/// A day in long form: `17 Agustus 2025`, `17 August 2025`.
pub(crate) fn day(date: NaiveDate, language: Language) -> String {
    format!("{} {} {}", date.day(), month(date, language), date.year())
}

/// A stretch of days that names what the ends share only once: `1 Agustus – 17 November 2025`.
pub(crate) fn period(from: NaiveDate, to: NaiveDate, language: Language) -> String {
    let end = day(to, language);
    if from == to {
        end
    } else if from.year() != to.year() {
        format!("{} – {end}", day(from, language))
    } else if from.month() != to.month() {
        format!("{} {} – {end}", from.day(), month(from, language))
    } else {
        format!("{} – {end}", from.day())
    }
}

/// A score with two decimals: `86,50`, `86.50`.
pub(crate) fn score(value: Decimal, language: Language) -> String {
    let rounded = value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    separate(&format!("{rounded:.2}"), language)
}

/// A quantity with at most two decimals and none that are zero: `92,5`, `1.200`.
pub(crate) fn quantity(value: Decimal, language: Language) -> String {
    let rounded = value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    separate(&rounded.normalize().to_string(), language)
}

/// A code in groups of four, to be read aloud and typed: `7K4Q M2PX 9D`.
pub(crate) fn groups(code: &str) -> String {
    let letters: Vec<char> = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

fn month(date: NaiveDate, language: Language) -> &'static str {
    let names = match language {
        Language::Indonesian => &BULAN,
        Language::English => &MONTHS,
    };
    names.get(date.month0() as usize).copied().unwrap_or_default()
}

/// Puts the language's separators into a plain decimal number.
fn separate(number: &str, language: Language) -> String {
    let (thousands, comma) = match language {
        Language::Indonesian => ('.', ','),
        Language::English => (',', '.'),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("−", digits));
    let mut text = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(thousands);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(comma);
        text.push_str(fraction);
    }
    text
}
