//! Values with a rule: `parse` is the only door, so a value in hand is a value that holds.
//!
//! Sources of the rules: Kemendagri region codes (Kepmendagri 300.2.2-2138/2025), PP 37/2007 and PP 40/2019 on the
//! NIK, Dapodik's own field help on NISN and NPSN.

mod calendar;
mod contact;
mod identity;
mod numbers;
mod region;
mod text;

pub use contact::{Email, Phone};
pub use identity::{FamilyCard, Nik, NikDoubt, Nisn, Npsn, holds_identity_number};
pub use numbers::{LessonHours, Percent, Points, Rate, RateBasis, Score};
pub use region::{ProvinceCode, REGIONS, RegencyCode, Region, RegionKind, region, regions};
pub(crate) use text::is_invisible;
pub use text::{Bilingual, Label, PersonName, search_name};

use crate::error::Code;

/// A value that is read from text.
pub trait Value: Sized {
    /// Reads it, or says which rule it breaks.
    fn read(text: &str) -> Result<Self, &'static Code>;
}

/// A closed list of words, stored and sent as text.
pub trait Words: Value + Copy + 'static {
    /// Every word of the list.
    const ALL: &'static [Self];
    /// The word.
    fn word(self) -> &'static str;
}

/// Declares an enum whose variants are words in tables, JSON and URLs.
macro_rules! words {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word.
            pub fn parse(text: &str) -> Result<Self, &'static $crate::error::Code> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(&$crate::error::codes::FIELD_UNKNOWN_VALUE),
                }
            }
        }

        impl $crate::values::Value for $name {
            fn read(text: &str) -> Result<Self, &'static $crate::error::Code> { Self::parse(text) }
        }

        impl $crate::values::Words for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn word(self) -> &'static str { self.as_str() }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(|_| serde::de::Error::unknown_variant(&text, &[$($word),+]))
            }
        }

        $crate::db::columns::text_column!($name);
    };
}
pub(crate) use words;

/// Serde and `Value` for a text newtype.
macro_rules! text_value {
    ($name:ty) => {
        $crate::values::text_value!($name, parse);
    };
    // What was stored is read by a function of its own.
    ($name:ty, $stored:ident) => {
        impl $crate::values::Value for $name {
            fn read(text: &str) -> Result<Self, &'static $crate::error::Code> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::$stored(&text).map_err(|code| serde::de::Error::custom(code.name))
            }
        }
    };
}
pub(crate) use text_value;

words! {
    /// Sex as civil registration records it.
    pub enum Sex {
        /// Perempuan (P).
        Female = "female",
        /// Laki-laki (L).
        Male = "male",
    }
}

words! {
    /// Who a cohort is for.
    pub enum Segment {
        /// Graduates; usually 3 months.
        Alumni = "alumni",
        /// Students of grade XII; usually 12 months.
        GradeXii = "grade_xii",
        /// Prospective migrant workers in classes of BP3MI and its partners.
        Public = "public",
    }
}

words! {
    /// How grave a province takes a rule.
    pub enum Setting {
        /// Nothing is done while it does not hold.
        Error = "error",
        /// It is done once a person has looked at it and confirmed.
        Warning = "warning",
        /// Nothing is said.
        Off = "off",
    }
}

words! {
    /// One mark of attendance. A participant without a mark is unmarked, never absent.
    pub enum Mark {
        /// Hadir.
        Present = "H",
        /// Terlambat.
        Late = "T",
        /// Sakit.
        Sick = "S",
        /// Izin.
        Excused = "I",
        /// Alpa.
        Absent = "A",
    }
}
