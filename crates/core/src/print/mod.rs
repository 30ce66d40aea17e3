//! How paper is made: text set in embedded fonts, sheets with a tag tree, and the PDF.
//!
//! A document conforms to PDF/A-2a (ISO 19005-2, archiving; PDF/A-3a when it carries a file) and to PDF/UA-1
//! (ISO 14289-1, accessibility) as far as the engine's validator can tell; it is refused otherwise.
//! The same words and the same fonts give the same bytes: nothing here asks a clock.
//!
//! Text is set one code point after the other with ligatures, kerning and marks from the font.
//! Scripts that need more than that (Arabic, Devanagari, Thai and others) are refused whatever the fonts have, since they
//! would be printed wrongly.

pub(crate) mod canvas;
pub(crate) mod compose;
pub(crate) mod figure;
pub(crate) mod fonts;
pub(crate) mod grid;
pub(crate) mod paragraph;
pub(crate) mod picture;
pub(crate) mod shape;
pub(crate) mod words;

use std::fmt;

pub use fonts::Fonts;
pub use picture::{FILE_BYTES as PICTURE_BYTES, FILE_EDGE as PICTURE_EDGE, Picture, Unreadable};
pub(crate) use shape::Lack;

/// Why a document cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrintError {
    /// A character that none of the fonts has, or that cannot be set correctly.
    MissingGlyph {
        /// The character.
        character: char,
        /// The field it stands in, such as `holder_name` or `modules.title`.
        field: &'static str,
    },
    /// A text, or a list, that does not fit its place even in the smallest type.
    TooLong {
        /// The field.
        field: &'static str,
    },
    /// A fallback font that cannot be read, has no outlines, or may not be embedded.
    UnusableFont,
    /// The engine refused the document; the text is for the log.
    Engine(String),
}

impl fmt::Display for PrintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingGlyph { character, field } => {
                write!(f, "no font can print U+{:04X} in {field}", u32::from(*character))
            }
            Self::TooLong { field } => write!(f, "{field} is too long to print"),
            Self::UnusableFont => f.write_str("the font cannot be read, has no outlines, or may not be embedded"),
            Self::Engine(message) => write!(f, "the document could not be written: {message}"),
        }
    }
}

impl std::error::Error for PrintError {}
