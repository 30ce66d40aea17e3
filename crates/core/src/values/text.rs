//! Names and labels.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::text_value;
use crate::error::{Code, codes};

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Indonesian.
    pub id: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// The same in either language.
    pub fn new(id: impl Into<String>, en: impl Into<String>) -> Self {
        Self { id: id.into(), en: en.into() }
    }
}

/// A person's name as civil registration writes it: 1 to 200 characters, no digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

text_value!(PersonName, stored);
crate::db::columns::text_column!(PersonName, stored);

/// Code points that show nothing, or nothing that every reader knows: controls, soft hyphen, joiners and direction marks,
/// variation selectors, specials, tags, private use.
const INVISIBLE: [RangeInclusive<u32>; 13] = [
    0x00..=0x1F,
    0x7F..=0x9F,
    0xAD..=0xAD,
    0x200B..=0x200F,
    0x2028..=0x202E,
    0x2060..=0x206F,
    0xFE00..=0xFE0F,
    0xFEFF..=0xFEFF,
    0xFFF0..=0xFFFF,
    0xE_0000..=0xE_0FFF,
    0xE000..=0xF8FF,
    0xF_0000..=0xF_FFFF,
    0x10_0000..=0x10_FFFF,
];

/// Whether nobody sees a character: it comes into a text by copying, and makes two texts differ that look alike.
pub(crate) fn is_invisible(character: char) -> bool {
    !matches!(character, ' '..='~') && INVISIBLE.iter().any(|range| range.contains(&u32::from(character)))
}

impl PersonName {
    /// Reads a name that somebody enters; runs of spaces become one.
    ///
    /// # Errors
    /// `name.missing`, `name.format`, `name.invisible`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let name = Self::stored(text)?;
        if name.0.chars().any(is_invisible) { Err(&codes::NAME_INVISIBLE) } else { Ok(name) }
    }

    /// Reads a name that was entered before; one of earlier days may have characters that nobody sees.
    ///
    /// # Errors
    /// `name.missing`, `name.format`.
    pub fn stored(text: &str) -> Result<Self, &'static Code> {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(&codes::NAME_MISSING);
        }
        if name.chars().count() > 200
            || name.chars().any(|c| c.is_control() || c.is_ascii_digit() || "<>{}|".contains(c))
        {
            return Err(&codes::NAME_FORMAT);
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

/// A short text a person reads: a title, a name of a thing, a reason. 1 to 500 characters on one line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label(String);

text_value!(Label);
crate::db::columns::text_column!(Label);

impl Label {
    /// Reads it; runs of spaces become one.
    ///
    /// # Errors
    /// `field.text`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let label = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if label.is_empty() || label.chars().count() > 500 || label.chars().any(char::is_control) {
            return Err(&codes::FIELD_TEXT);
        }
        Ok(Self(label))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The form names are searched by: lower case, without apostrophes, dots and doubled spaces.
/// Both databases compare it byte by byte, so a search gives the same rows on both.
pub fn search_name(name: &str) -> String {
    let plain: String = name
        .to_lowercase()
        .chars()
        .filter(|c| !matches!(c, '\'' | '’' | '`' | '.' | ','))
        .map(|c| if c == '-' { ' ' } else { c })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_letters_and_loses_its_doubled_spaces() {
        assert_eq!(PersonName::parse("  Siti   Nur'aini ").unwrap().as_str(), "Siti Nur'aini");
        assert_eq!(PersonName::parse("Ma'ruf").unwrap().as_str(), "Ma'ruf");
        assert_eq!(PersonName::parse(" \u{a0} "), Err(&codes::NAME_MISSING));
        assert_eq!(PersonName::parse("Siti 2"), Err(&codes::NAME_FORMAT));
        assert_eq!(PersonName::parse(&"a".repeat(201)), Err(&codes::NAME_FORMAT));
        for hidden in ["Siti\u{200B}", "Si\u{202E}ti", "Siti\u{AD}Aminah", "\u{FEFF}Siti"] {
            assert_eq!(PersonName::parse(hidden), Err(&codes::NAME_INVISIBLE), "{hidden:?}");
            assert_eq!(PersonName::stored(hidden).unwrap().as_str(), hidden);
        }
    }

    #[test]
    fn names_are_searched_without_their_ornaments() {
        assert_eq!(search_name("Siti NUR'AINI, S.Pd."), "siti nuraini spd");
        assert_eq!(search_name("Nur-Aini"), "nur aini");
    }
}
