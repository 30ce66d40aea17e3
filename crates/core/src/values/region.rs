//! Kemendagri region codes: `18` a province, `18.07` a regency or city. BPS and Dapodik number them differently.

use std::fmt;
use std::sync::LazyLock;

use super::{search_name, text_value, words};
use crate::error::{Code, codes};

words! {
    /// What kind of region a code names.
    pub enum RegionKind {
        /// Provinsi.
        Province = "province",
        /// Kabupaten.
        Regency = "regency",
        /// Kota.
        City = "city",
    }
}

/// A region of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its code, as text: a number would lose the zero of `18.10`.
    pub code: &'static str,
    /// What it is.
    pub kind: RegionKind,
    /// Its name without the word for its kind.
    pub name: &'static str,
}

/// The list as it is published with this program.
pub const REGIONS: &str = include_str!("../../../../fixtures/reference/regions.csv");

static PARSED: LazyLock<Vec<Region>> = LazyLock::new(|| {
    let mut regions: Vec<Region> = REGIONS
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut columns = line.splitn(3, ',');
            Some(Region {
                code: columns.next()?,
                kind: RegionKind::parse(columns.next()?).ok()?,
                name: columns.next()?.trim(),
            })
        })
        .collect();
    regions.sort_by_key(|region| region.code);
    regions
});

/// Every known region, by code.
pub fn regions() -> &'static [Region] {
    &PARSED
}

/// The region with this code.
pub fn region(code: &str) -> Option<&'static Region> {
    PARSED.binary_search_by_key(&code, |region| region.code).ok().and_then(|at| PARSED.get(at))
}

/// A province's code: two digits, one of the 38.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProvinceCode(String);

text_value!(ProvinceCode);
crate::db::columns::text_column!(ProvinceCode);

impl ProvinceCode {
    /// Reads it.
    ///
    /// # Errors
    /// `region.format`, `region.unknown`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(&codes::REGION_FORMAT);
        }
        region(text).map(|_| Self(text.to_owned())).ok_or(&codes::REGION_UNKNOWN)
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Hours ahead of UTC: WIB 7, WITA 8, WIT 9 (Keppres 41/1987, provinces since divided).
    pub fn utc_offset_hours(&self) -> i32 {
        match self.0.as_str() {
            "51" | "52" | "53" | "63" | "64" | "65" | "71" | "72" | "73" | "74" | "75" | "76" => 8,
            "81" | "82" | "91" | "92" | "93" | "94" | "95" | "96" => 9,
            _ => 7,
        }
    }
}

impl fmt::Display for ProvinceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A regency's or city's code: `18.07`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegencyCode(String);

text_value!(RegencyCode);
crate::db::columns::text_column!(RegencyCode);

impl RegencyCode {
    /// Reads it.
    ///
    /// # Errors
    /// `region.format`, `region.unknown`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let formed =
            matches!(text.as_bytes(), [a, b, b'.', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()));
        if !formed {
            return Err(&codes::REGION_FORMAT);
        }
        region(text).map(|_| Self(text.to_owned())).ok_or(&codes::REGION_UNKNOWN)
    }

    /// Reads what people write in a list of the province: the code, or the name as in `Kab. Lampung Timur`, with the
    /// word for its kind where a regency and a city share a name.
    ///
    /// # Errors
    /// `region.unknown`.
    pub fn named(text: &str, province: &ProvinceCode) -> Result<Self, &'static Code> {
        let text = search_name(text);
        let (kind, name) = match text.split_once(' ') {
            Some(("kabupaten" | "kab", name)) => (Some(RegionKind::Regency), name),
            Some(("kota", name)) => (Some(RegionKind::City), name),
            _ => (None, text.as_str()),
        };
        // A code has lost its dot among the signs that a name may do without.
        let is_named = |region: &&Region| {
            region.code.replace('.', "") == name
                || search_name(region.name) == name && kind.is_none_or(|kind| kind == region.kind)
        };
        let within = |region: &&Region| region.code.len() == 5 && region.code.starts_with(province.as_str());
        let mut found = regions().iter().filter(within).filter(is_named);
        match (found.next(), found.next()) {
            (Some(region), None) => Ok(Self(region.code.to_owned())),
            _ => Err(&codes::REGION_UNKNOWN),
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The province it lies in.
    pub fn province(&self) -> ProvinceCode {
        ProvinceCode(self.0[..2].to_owned())
    }

    /// Its name with its kind: `Kabupaten Lampung Timur`, `Kota Metro`.
    pub fn full_name(&self) -> String {
        match region(&self.0) {
            Some(region) if region.kind == RegionKind::City => format!("Kota {}", region.name),
            Some(region) => format!("Kabupaten {}", region.name),
            None => self.0.clone(),
        }
    }
}

impl fmt::Display for RegencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole() {
        let provinces = regions().iter().filter(|region| region.kind == RegionKind::Province).count();
        assert_eq!(provinces, 38);
        let of = |province: &str| {
            let prefix = format!("{province}.");
            regions().iter().filter(|region| region.code.starts_with(&prefix)).count()
        };
        assert_eq!((of("18"), of("53")), (15, 22));
        assert_eq!(REGIONS.lines().count() - 1, regions().len());
    }

    #[test]
    fn a_regency_is_known_by_its_name() {
        let lampung = ProvinceCode::parse("18").unwrap();
        for (text, code) in [
            ("Kab. Lampung Timur", Some("18.07")),
            ("KABUPATEN LAMPUNG TIMUR", Some("18.07")),
            ("lampung timur", Some("18.07")),
            ("Kota Metro", Some("18.72")),
            ("18.72", Some("18.72")),
            ("Kota Lampung Timur", None),
            ("Kota Kupang", None),
            ("", None),
        ] {
            let expected = code.map(str::to_owned).ok_or(&codes::REGION_UNKNOWN);
            assert_eq!(RegencyCode::named(text, &lampung).map(|code| code.0), expected, "{text}");
        }
        // Where a regency and a city share a name, the name alone says neither.
        let east_nusa_tenggara = ProvinceCode::parse("53").unwrap();
        assert!(RegencyCode::named("Kupang", &east_nusa_tenggara).is_err());
        assert_eq!(RegencyCode::named("Kota Kupang", &east_nusa_tenggara).unwrap().as_str(), "53.71");
    }

    #[test]
    fn a_code_is_text_and_of_the_list() {
        assert_eq!(RegencyCode::parse("18.10").unwrap().full_name(), "Kabupaten Pringsewu");
        assert_eq!(RegencyCode::parse("18.72").unwrap().full_name(), "Kota Metro");
        assert_eq!(RegencyCode::parse("18.1"), Err(&codes::REGION_FORMAT));
        assert_eq!(RegencyCode::parse("18.99"), Err(&codes::REGION_UNKNOWN));
        assert_eq!(ProvinceCode::parse("20"), Err(&codes::REGION_UNKNOWN));
        assert_eq!(ProvinceCode::parse("53").unwrap().utc_offset_hours(), 8);
    }
}
