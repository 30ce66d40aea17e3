//! Identity numbers. Their `Debug` is masked: a log line never holds one.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use super::{Sex, region, text_value};
use crate::error::{Code, codes};

/// NIK, the national identity number: `PPKKCC DDMMYY SSSS`, women's day plus 40, serial from 0001.
///
/// Source: PP 37/2007 art. 37; permanent for life by PP 40/2019 art. 30, so its date and place may differ from today's.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Nik(String);

text_value!(Nik);

/// What is odd about a NIK without being wrong; a person confirms it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NikDoubt {
    /// The first two digits are no province.
    ProvinceUnknown,
    /// The encoded birth date is not the entered one.
    BirthDateDiffers,
    /// The encoded sex is not the entered one.
    SexDiffers,
}

impl NikDoubt {
    /// Its warning code.
    pub fn code(self) -> &'static Code {
        match self {
            Self::ProvinceUnknown => &codes::NIK_PROVINCE_UNKNOWN,
            Self::BirthDateDiffers => &codes::NIK_BIRTH_DATE_DIFFERS,
            Self::SexDiffers => &codes::NIK_SEX_DIFFERS,
        }
    }
}

impl Nik {
    /// Reads 16 digits; spaces, dots and hyphens between them are forgiven.
    ///
    /// # Errors
    /// `nik.length`, `nik.date`, `nik.serial`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let digits = compact(text);
        if !is_digits(&digits, 16) || digits.starts_with('0') {
            return Err(&codes::NIK_LENGTH);
        }
        if &digits[12..] == "0000" {
            return Err(&codes::NIK_SERIAL);
        }
        let nik = Self(digits);
        if nik.calendar_day().is_none() {
            return Err(&codes::NIK_DATE);
        }
        Ok(nik)
    }

    /// The 16 digits, in clear.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Shown to those who need to tell two people apart and no more: `************0001`.
    pub fn masked(&self) -> String {
        format!("************{}", &self.0[12..])
    }

    /// The encoded sex.
    pub fn sex(&self) -> Sex {
        if self.pair(6) > 40 { Sex::Female } else { Sex::Male }
    }

    /// Whether the encoded birth date is this day (the century is not encoded).
    pub fn agrees_with(&self, birth: NaiveDate) -> bool {
        self.calendar_day() == Some((birth.day(), birth.month()))
            && birth.year().rem_euclid(100).cast_unsigned() == self.pair(10)
    }

    /// What a person should look at before this NIK is accepted.
    pub fn doubts(&self, birth: NaiveDate, sex: Sex) -> Vec<NikDoubt> {
        let mut doubts = Vec::new();
        if region(&self.0[..2]).is_none() {
            doubts.push(NikDoubt::ProvinceUnknown);
        }
        if !self.agrees_with(birth) {
            doubts.push(NikDoubt::BirthDateDiffers);
        }
        if self.sex() != sex {
            doubts.push(NikDoubt::SexDiffers);
        }
        doubts
    }

    /// Day and month, if some century has them.
    fn calendar_day(&self) -> Option<(u32, u32)> {
        let day = match self.pair(6) {
            day @ 1..=31 => day,
            day @ 41..=71 => day - 40,
            _ => return None,
        };
        let (month, year) = (self.pair(8), i32::try_from(self.pair(10)).ok()?);
        [1900, 2000]
            .iter()
            .any(|century| NaiveDate::from_ymd_opt(century + year, month, day).is_some())
            .then_some((day, month))
    }

    fn pair(&self, at: usize) -> u32 {
        self.0.get(at..at + 2).and_then(|pair| pair.parse().ok()).unwrap_or(0)
    }
}

impl fmt::Debug for Nik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nik(…)")
    }
}

/// Nomor Kartu Keluarga, the family card's number: 16 digits, the middle six the day it was recorded.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FamilyCard(String);

text_value!(FamilyCard);

impl FamilyCard {
    /// Reads 16 digits.
    ///
    /// # Errors
    /// `family_card.length`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let digits = compact(text);
        if !is_digits(&digits, 16) || digits.starts_with('0') {
            return Err(&codes::FAMILY_CARD_LENGTH);
        }
        Ok(Self(digits))
    }

    /// The 16 digits, in clear.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FamilyCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FamilyCard(…)")
    }
}

/// NISN, the national student number: 10 digits whose leading zeros are real. Opaque otherwise.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Nisn(String);

text_value!(Nisn);
crate::db::columns::text_column!(Nisn);

impl Nisn {
    /// Reads exactly 10 digits.
    ///
    /// # Errors
    /// `nisn.format`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let digits = compact(text);
        if is_digits(&digits, 10) { Ok(Self(digits)) } else { Err(&codes::NISN_FORMAT) }
    }

    /// Reads a number that may have lost its leading zeros; says whether it had.
    ///
    /// # Errors
    /// `nisn.format` when fewer than 7 digits are left: nobody's NISN begins with four zeros.
    pub fn parse_padding(text: &str) -> Result<(Self, bool), &'static Code> {
        let digits = compact(text);
        if (7..10).contains(&digits.len()) && is_digits(&digits, digits.len()) {
            return Ok((Self(format!("{digits:0>10}")), true));
        }
        Self::parse(&digits).map(|nisn| (nisn, false))
    }

    /// The 10 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Nisn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nisn(…)")
    }
}

/// NPSN, an institution's national number: 8 digits for a school, `K` or `P` and 7 digits for LKP and PKBM,
/// 6 digits for a university.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Npsn(String);

text_value!(Npsn);
crate::db::columns::text_column!(Npsn);

impl Npsn {
    /// Reads it.
    ///
    /// # Errors
    /// `npsn.format`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let code = compact(text).to_ascii_uppercase();
        let rest = code.strip_prefix(['K', 'P']);
        if is_digits(&code, 8) || is_digits(&code, 6) || rest.is_some_and(|rest| is_digits(rest, 7)) {
            Ok(Self(code))
        } else {
            Err(&codes::NPSN_FORMAT)
        }
    }

    /// As printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn compact(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '\'' | '\u{a0}' | '\u{200b}')).collect()
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text has 16 digits in a row, also with a space, a dot or a dash between some of them: a NIK or the number of
/// a family card, which has no place in a text that people read.
pub fn holds_identity_number(text: &str) -> bool {
    let is_mark = |letter: char| letter.is_whitespace() || ".-\u{2010}\u{2011}\u{2013}".contains(letter);
    text.split(|letter: char| !letter.is_ascii_digit() && !is_mark(letter)).any(|run| {
        let mut digits = 0;
        // Two marks together end a run; so does the end.
        run.split(is_mark).chain([""]).any(|group| {
            let whole = if group.is_empty() { std::mem::take(&mut digits) } else { 0 };
            digits += group.len();
            whole == 16 || group.len() == 16
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nik_is_sixteen_digits_with_a_day_in_the_calendar() {
        for (text, expected) in [
            ("1807055708070001", Ok(())),
            ("18.07.05 170807 0001", Ok(())),
            ("180705570807000", Err(&codes::NIK_LENGTH)),
            ("18070557080700011", Err(&codes::NIK_LENGTH)),
            ("0807055708070001", Err(&codes::NIK_LENGTH)),
            ("1807055708070000", Err(&codes::NIK_SERIAL)),
            ("1807053202070001", Err(&codes::NIK_DATE)),
            ("1807057213070001", Err(&codes::NIK_DATE)),
            ("1807053002070001", Err(&codes::NIK_DATE)),
            ("1807052902080001", Ok(())),
            ("1807056902070001", Err(&codes::NIK_DATE)),
            ("18070557080700O1", Err(&codes::NIK_LENGTH)),
        ] {
            assert_eq!(Nik::parse(text).map(drop), expected, "{text}");
        }
    }

    #[test]
    fn doubts_are_named_not_refused() {
        let nik = Nik::parse("1807055708070001").unwrap();
        let birth = NaiveDate::from_ymd_opt(2007, 8, 17).unwrap();
        assert_eq!(nik.sex(), Sex::Female);
        assert_eq!(nik.doubts(birth, Sex::Female), []);
        assert_eq!(
            nik.doubts(birth.pred_opt().unwrap(), Sex::Male),
            [NikDoubt::BirthDateDiffers, NikDoubt::SexDiffers]
        );
        assert_eq!(Nik::parse("2007055708070001").unwrap().doubts(birth, Sex::Female), [NikDoubt::ProvinceUnknown]);
    }

    #[test]
    fn a_nik_never_shows_itself() {
        let nik = Nik::parse("1807055708070001").unwrap();
        assert_eq!(format!("{nik:?}"), "Nik(…)");
        assert_eq!(nik.masked(), "************0001");
    }

    #[test]
    fn an_nisn_keeps_or_regains_its_zeros() {
        assert_eq!(Nisn::parse("0079321234").unwrap().as_str(), "0079321234");
        assert_eq!(Nisn::parse("79321234"), Err(&codes::NISN_FORMAT));
        let (nisn, padded) = Nisn::parse_padding("79321234").unwrap();
        assert_eq!((nisn.as_str(), padded), ("0079321234", true));
        assert_eq!(Nisn::parse_padding("793212"), Err(&codes::NISN_FORMAT));
        assert!(!Nisn::parse_padding("0079321234").unwrap().1);
    }

    #[test]
    fn an_npsn_is_of_one_of_four_forms() {
        for text in ["10809001", "K5660001", "p9908001", "001028"] {
            assert!(Npsn::parse(text).is_ok(), "{text}");
        }
        for text in ["", "1080900", "X5660001", "K566000", "108090011"] {
            assert_eq!(Npsn::parse(text), Err(&codes::NPSN_FORMAT), "{text}");
        }
    }

    #[test]
    fn an_identity_number_is_seen_in_a_text() {
        for text in [
            "1807055708070001",
            "NIK 1807055708070001 salah ketik",
            "KK:1807055708070001.",
            "1807 0557 0807 0001",
            "18.07.05.570807.0001 sudah pindah",
            "1807-0557-0807-0001",
            "180705–570807–0001",
            "kata (1807055708070001)",
            "1807055708070001 2 kali",
            "2 kali - 1807 055708070001",
        ] {
            assert!(holds_identity_number(text), "{text}");
        }
        for text in [
            "",
            "Pindah sekolah",
            "180705570807000",
            "18070557080700012",
            "NIP 197805172005011003",
            "0812-3456-7890",
            "2025-07-21 s.d. 2025-08-01",
            "2025-07-21 - 2025-08-01",
            "Kelas 12, 12345678 dan 12345678",
        ] {
            assert!(!holds_identity_number(text), "{text}");
        }
    }
}
