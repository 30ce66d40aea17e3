use std::collections::BTreeMap;
use std::ops::Deref;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::db::columns::text_column;
use crate::error::{Code, Error, FieldProblem, Result, codes};
use crate::values::{ProvinceCode, RegencyCode, Setting, words};

words! {
    /// What is looked at before a person may register, and again before a seat.
    pub enum CheckName {
        /// Registration is open today.
        Window = "window",
        /// The person belongs to the cohort's segment: grade XII, or out of school.
        Segment = "segment",
        /// The year of graduation is one the cohort is for.
        Graduation = "graduation",
        /// The age on a day is one the cohort is for.
        Age = "age",
        /// The person belongs to a regency the cohort is for.
        Region = "region",
        /// What the program asks for before.
        Prerequisite = "prerequisite",
        /// A minor's guardian has consented, which is needed for a seat and not for waiting; and nothing stops the
        /// processing of the data.
        Consent = "consent",
        /// The person sits in no other class of the cohort's period, which is needed for a seat and not for waiting.
        Overlap = "overlap",
    }
}

impl CheckName {
    /// How grave it is when the province says nothing.
    pub fn usual(self) -> Setting {
        match self {
            Self::Window | Self::Segment | Self::Graduation | Self::Age | Self::Region => Setting::Error,
            Self::Prerequisite | Self::Consent | Self::Overlap => Setting::Warning,
        }
    }

    /// Whether the province may take it so. Registration has its window; and what the law asks for a minor (UU 27/2022
    /// art. 25) may be asked for sooner, and never be left out.
    pub fn may_be(self, setting: Setting) -> bool {
        match self {
            Self::Window => setting == Setting::Error,
            Self::Consent => setting != Setting::Off,
            _ => true,
        }
    }

    /// Whether it is asked for with the seat, so that a person may wait without it.
    pub fn is_for_the_seat(self) -> bool {
        matches!(self, Self::Consent | Self::Overlap)
    }
}

/// Whole years of age on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeRule {
    /// Not younger than this.
    pub from: Option<i32>,
    /// Not older than this.
    pub to: Option<i32>,
    /// On this day; the cohort's first one when nothing is said.
    pub on: Option<NaiveDate>,
}

/// Years of graduation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraduationRule {
    /// Not before this year.
    pub from: Option<i32>,
    /// Not after this year.
    pub to: Option<i32>,
}

/// What a cohort asks of people beside its segment and the program's prerequisites, and how grave each check is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EligibilityRules {
    /// The age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<AgeRule>,
    /// The year of graduation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graduated: Option<GraduationRule>,
    /// The regencies; none stands for the whole province.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regencies: Vec<RegencyCode>,
    /// How grave each check is; one that is not among them is as usual.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub severities: BTreeMap<CheckName, Setting>,
}

impl EligibilityRules {
    /// How grave a check is.
    pub fn severity(&self, name: CheckName) -> Setting {
        self.severities.get(&name).copied().unwrap_or(name.usual())
    }
}

/// The rules of a cohort, which hold together, and the document they are stored as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eligibility {
    rules: EligibilityRules,
    text: String,
}

impl Eligibility {
    /// The rules of a cohort of this province.
    ///
    /// # Errors
    /// All at once: `field.order`, `region.unknown`, `cohort.check_fixed`.
    pub fn new(rules: EligibilityRules, province: &ProvinceCode) -> Result<Self> {
        let mut wrong = Vec::new();
        let mut note = |pointer: &str, code| wrong.push(FieldProblem::new(format!("/eligibility/{pointer}"), code));
        if rules.age.as_ref().is_some_and(|age| is_upside_down(age.from, age.to)) {
            note("age/to", &codes::FIELD_ORDER);
        }
        if rules.graduated.as_ref().is_some_and(|years| is_upside_down(years.from, years.to)) {
            note("graduated/to", &codes::FIELD_ORDER);
        }
        for (place, regency) in rules.regencies.iter().enumerate() {
            if regency.province() != *province {
                note(&format!("regencies/{place}"), &codes::REGION_UNKNOWN);
            }
        }
        for (name, setting) in &rules.severities {
            if !name.may_be(*setting) {
                note("severities", &codes::COHORT_CHECK_FIXED);
            }
        }
        if !wrong.is_empty() {
            return Err(Error::fields(wrong));
        }
        let text = serde_json::to_string(&rules).map_err(Error::storage)?;
        Ok(Self { rules, text })
    }

    fn as_str(&self) -> &str {
        &self.text
    }

    fn parse(text: &str) -> Result<Self, &'static Code> {
        let rules = serde_json::from_str(text).map_err(|_| &codes::FIELD_UNKNOWN_VALUE)?;
        Ok(Self { rules, text: text.to_owned() })
    }
}

impl Deref for Eligibility {
    type Target = EligibilityRules;

    fn deref(&self) -> &EligibilityRules {
        &self.rules
    }
}

text_column!(Eligibility);

fn is_upside_down(from: Option<i32>, to: Option<i32>) -> bool {
    from.zip(to).is_some_and(|(from, to)| from > to)
}
