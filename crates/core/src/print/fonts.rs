//! The letters: two embedded families and whatever the caller adds.

use std::fmt;

use krilla::text::Font;
use ttf_parser::{Face, Permissions};

use super::PrintError;
use crate::keys::sha256_hex;

/// The fonts documents are set in, parsed once and shared by all threads.
///
/// EB Garamond and Alegreya Sans are part of the program and cover Latin with the diacritics of Indonesia's
/// neighbours (Vietnamese, and all of Latin Extended).
/// Other scripts need a font from the caller.
#[derive(Clone)]
pub struct Fonts {
    pub(crate) loaded: Vec<Loaded>,
    /// SHA-256 of the caller's font, if there is one: it is the last that is loaded.
    fallback: Option<String>,
}

/// Which of the embedded fonts a text asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Letter {
    Serif,
    Italic,
    Sans,
    Bold,
}

/// One font: its bytes for measuring, and the engine's view of them for embedding.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) data: krilla::Data,
    pub(crate) font: Font,
}

/// How many fonts are embedded; the caller's come after them.
pub(crate) const EMBEDDED: usize = 4;

static SERIF: &[u8] = include_bytes!("../../assets/fonts/EBGaramond-Regular.ttf");
static ITALIC: &[u8] = include_bytes!("../../assets/fonts/EBGaramond-Italic.ttf");
static SANS: &[u8] = include_bytes!("../../assets/fonts/AlegreyaSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../assets/fonts/AlegreyaSans-Bold.ttf");

impl Fonts {
    /// The fonts that are part of the program: Latin only.
    ///
    /// # Errors
    /// [`PrintError::UnusableFont`] if the program was built with broken font files.
    pub fn embedded() -> Result<Self, PrintError> {
        let files: [&'static [u8]; EMBEDDED] = [SERIF, ITALIC, SANS, BOLD];
        let loaded = files.into_iter().map(|bytes| load(bytes.into()));
        Ok(Self { loaded: loaded.collect::<Result<_, _>>()?, fallback: None })
    }

    /// Adds a font for the characters that the embedded ones lack, such as a Japanese one, in the place of any other.
    ///
    /// Takes an OpenType or TrueType file; of a collection, the first font is used.
    ///
    /// # Errors
    /// [`PrintError::UnusableFont`] for a file that cannot be read, has no outlines, or forbids embedding.
    pub fn with_fallback(mut self, bytes: Vec<u8>) -> Result<Self, PrintError> {
        let sha256 = sha256_hex(&bytes);
        let font = load(bytes.into())?;
        self.loaded.truncate(EMBEDDED);
        self.loaded.push(font);
        self.fallback = Some(sha256);
        Ok(self)
    }

    /// The embedded fonts alone.
    #[must_use]
    pub fn without_fallback(&self) -> Self {
        let loaded = self.loaded.iter().take(EMBEDDED).cloned().collect();
        Self { loaded, fallback: None }
    }

    /// The font that was added: SHA-256 of its file, and the file.
    pub(crate) fn fallback(&self) -> Option<(&str, &[u8])> {
        Some((self.fallback.as_deref()?, self.loaded.last()?.data.as_ref()))
    }
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fonts").field("loaded", &self.loaded.len()).field("fallback", &self.fallback).finish()
    }
}

impl Letter {
    /// Position of the font in [`Fonts::loaded`].
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Serif => 0,
            Self::Italic => 1,
            Self::Sans => 2,
            Self::Bold => 3,
        }
    }
}

fn load(data: krilla::Data) -> Result<Loaded, PrintError> {
    let face = Face::parse(data.as_ref(), 0).map_err(|_| PrintError::UnusableFont)?;
    let tables = face.tables();
    let outlined = tables.glyf.is_some() || tables.cff.is_some();
    let forbidden = face.permissions() == Some(Permissions::Restricted);
    if !outlined || forbidden {
        return Err(PrintError::UnusableFont);
    }
    let font = Font::new(data.clone(), 0).ok_or(PrintError::UnusableFont)?;
    Ok(Loaded { data, font })
}
