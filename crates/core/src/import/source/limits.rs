//! How much of a file is read, and every way in which a file is refused.

use std::fmt;

use super::{Field, Guess};

/// The formats that [`read`](super::read) understands, as their usual file name endings.
pub const FORMATS: [&str; 6] = ["xlsx", "xlsm", "xls", "ods", "csv", "tsv"];

/// The bounds of one file.
///
/// They are checked on what the file declares and again on what really comes out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file itself.
    pub bytes: usize,
    /// Rows with data under the header.
    pub rows: usize,
    /// Columns, counted from A to the last one with a value.
    pub columns: usize,
    /// Bytes of an unpacked workbook, and of the text of all cells that are kept.
    pub expanded_bytes: u64,
    /// How many times larger than the file its unpacked content may be.
    ///
    /// Not applied to content of less than a megabyte, where it says nothing.
    pub ratio: u64,
}

impl Default for Limits {
    /// 20 MB, 50,000 rows, 256 columns, 200 MB unpacked and at most 200 times the file.
    ///
    /// 50,000 rows of the full Dapodik layout unpack to some 190 MB, and real workbooks to 8 to 30
    /// times their size.
    fn default() -> Self {
        Self { bytes: 20_000_000, rows: 50_000, columns: 256, expanded_bytes: 200_000_000, ratio: 200 }
    }
}

/// Why a file cannot be read at all.
///
/// What is wrong in a single row is no reason: that is found when the rows are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// There are no bytes, only blank ones, or a header without one row of data under it.
    Empty,
    /// The file is larger than the limit; both in bytes.
    TooLarge {
        /// The most that is read.
        limit: usize,
        /// What the file has.
        size: usize,
    },
    /// More rows with data than the limit.
    TooManyRows {
        /// The most that is read.
        limit: usize,
    },
    /// A value stands to the right of the last column that is read.
    TooManyColumns {
        /// The most that is read.
        limit: usize,
    },
    /// The content is far larger than the file, as in an archive made to exhaust the reader.
    ExpandsTooFar {
        /// The most that this file may unpack to, in bytes.
        limit: u64,
    },
    /// The workbook is protected with a password for opening.
    Encrypted,
    /// A workbook of Excel 4 or older; [`FORMATS`] are read, of which `xls` begins with Excel 5.
    OldFormat,
    /// A table in a format that is not read; [`FORMATS`] are.
    UnsupportedFormat {
        /// The usual file name ending of the format found, such as `xlsb`.
        found: &'static str,
    },
    /// Neither a workbook nor a text table: a picture, a document, another archive.
    NotAWorkbook,
    /// A workbook or text table that breaks off or contradicts itself.
    Damaged,
    /// No sheet has a header row with the fields that a register needs.
    UnknownHeader {
        /// What the best header found lacks. Where NIK and NISN are both named, one is enough.
        missing: Vec<Field>,
        /// The row that may be the header all the same, if one looks like it.
        guess: Option<Guess>,
    },
}

impl Unreadable {
    /// The stable dotted code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "import.empty",
            Self::TooLarge { .. } => "import.too_large",
            Self::TooManyRows { .. } => "import.too_many_rows",
            Self::TooManyColumns { .. } => "import.too_many_columns",
            Self::ExpandsTooFar { .. } => "import.zip_bomb",
            Self::Encrypted => "import.encrypted",
            Self::OldFormat => "import.old_format",
            Self::UnsupportedFormat { .. } => "import.unsupported_format",
            Self::NotAWorkbook => "import.not_a_workbook",
            Self::Damaged => "import.damaged",
            Self::UnknownHeader { .. } => "import.unknown_header",
        }
    }
}

impl fmt::Display for Unreadable {
    /// The code; the sentences stand in the language tables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Unreadable {}
