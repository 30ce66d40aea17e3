//! Keyset pages: a list never counts and never skips.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Error, Fact, Result, codes};
use crate::id::Id;

/// Rows on a page when nothing is said.
pub const DEFAULT_SIZE: i64 = 50;
/// Rows on a page at most.
pub const MAX_SIZE: i64 = 200;

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Rows after the one with this id.
    pub after: Option<Id>,
    /// How many rows, 1 to [`MAX_SIZE`].
    pub size: i64,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { after: None, size: DEFAULT_SIZE }
    }
}

impl PageRequest {
    /// Reads a cursor and a size as they come in a query.
    ///
    /// # Errors
    /// `query.cursor`, or `input.invalid` with `/limit`.
    pub fn parse(cursor: Option<&str>, size: Option<i64>) -> Result<Self> {
        let after = cursor.map(decode).transpose()?;
        let size = size.unwrap_or(DEFAULT_SIZE);
        if !(1..=MAX_SIZE).contains(&size) {
            let mut error = Error::field("/limit", &codes::FIELD_RANGE);
            for field in &mut error.fields {
                field.facts = vec![Fact::new("min", 1), Fact::new("max", MAX_SIZE)];
            }
            return Err(error);
        }
        Ok(Self { after, size })
    }

    /// The id the page starts after; ids are positive, so 0 starts at the beginning.
    pub fn after(self) -> Id {
        self.after.unwrap_or_default()
    }

    /// One row more than asked, to know whether there is a next page without counting.
    pub fn fetch(self) -> i64 {
        self.size + 1
    }

    /// Cuts the extra row off and makes the cursor of the next page.
    pub fn page<T>(self, mut rows: Vec<T>, id_of: impl Fn(&T) -> Id) -> Page<T> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let next = rows.last().filter(|_| more).map(|row| encode(id_of(row)));
        Page { rows, next }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in order of id.
    pub rows: Vec<T>,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page of other rows.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(each).collect(), next: self.next }
    }

    /// The same page of other rows, unless one of them cannot be made.
    pub fn try_map<U>(self, each: impl FnMut(T) -> Result<U>) -> Result<Page<U>> {
        Ok(Page { rows: self.rows.into_iter().map(each).collect::<Result<_>>()?, next: self.next })
    }
}

fn encode(id: Id) -> String {
    URL_SAFE_NO_PAD.encode(id.as_i64().to_be_bytes())
}

fn decode(cursor: &str) -> Result<Id> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| <[u8; 8]>::try_from(bytes).ok())
        .and_then(|bytes| Id::from_i64(i64::from_be_bytes(bytes)))
        .ok_or_else(|| Error::new(&codes::CURSOR_INVALID))
}
