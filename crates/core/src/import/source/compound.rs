//! Takes the workbook out of an OLE compound file, the container of Excel 5 to 2003 (MS-CFB).
//!
//! Such a file is a small file system: sectors, a table that chains them, a directory that names streams.
//! Nothing it declares is believed: a stream is never longer than the file, a chain never has more links than there
//! are sectors, and a sector outside of the file ends the reading.
//! So what is taken out is at most as large as what came in.

use super::Unreadable;

/// The first bytes of every compound file.
pub(super) const MAGIC: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Ids from here on mark the end of a chain, a free sector or a sector of tables.
const RESERVED: u32 = 0xFFFF_FFFA;

/// The streams that hold a workbook: of Excel 97 to 2003, and of Excel 5 and 95.
const WORKBOOKS: [&str; 2] = ["workbook", "book"];

/// The bytes of the workbook.
///
/// # Errors
///
/// `import.encrypted` for a workbook with a password, `import.not_a_workbook` for a document of another program, and
/// `import.damaged`.
pub(super) fn workbook(bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let file = Compound::open(bytes).ok_or(Unreadable::Damaged)?;
    let directory = file.chain(file.directory, usize::MAX).ok_or(Unreadable::Damaged)?;
    let entries: Vec<Entry> = directory.chunks_exact(128).filter_map(Entry::read).collect();
    // A newer workbook with a password is packed into a compound file as a whole.
    if entries.iter().any(|entry| entry.name == "encryptedpackage") {
        return Err(Unreadable::Encrypted);
    }
    let entry = WORKBOOKS
        .iter()
        .find_map(|name| entries.iter().find(|entry| entry.name == *name))
        .ok_or(Unreadable::NotAWorkbook)?;
    if entry.size > bytes.len() {
        return Err(Unreadable::Damaged);
    }
    let stream = match entries.first() {
        Some(root) if entry.size < file.shortest => file.short_chain(root, entry),
        _ => file.chain(entry.start, entry.size),
    };
    stream.ok_or(Unreadable::Damaged)
}

/// A number of two bytes at a place, where there is one.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

/// A number of four bytes at a place, where there is one.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// A name of the directory.
struct Entry {
    /// In lower case, since names differ by more than that.
    name: String,
    start: u32,
    size: usize,
}

impl Entry {
    fn read(entry: &[u8]) -> Option<Self> {
        // With the zero that ends it.
        let length = usize::from(u16_at(entry, 64)?).min(64).checked_sub(2)?;
        let units = entry.get(..length)?.chunks_exact(2).filter_map(|unit| u16_at(unit, 0));
        Some(Self {
            name: char::decode_utf16(units).map(|c| c.unwrap_or_default().to_ascii_lowercase()).collect(),
            start: u32_at(entry, 116)?,
            size: u32_at(entry, 120)?.try_into().ok()?,
        })
    }
}

/// The container: where its tables and its directory begin.
struct Compound<'f> {
    bytes: &'f [u8],
    /// Bytes of a sector: 512 or 4,096.
    sector: usize,
    /// The sectors that hold the table of chains, in order.
    tables: Vec<u32>,
    directory: u32,
    /// Streams below this size lie in short sectors inside the stream of the root.
    shortest: usize,
    short_table: u32,
}

/// Bytes of a short sector.
const SHORT: usize = 64;

impl<'f> Compound<'f> {
    fn open(bytes: &'f [u8]) -> Option<Self> {
        let sector = match (u16_at(bytes, 30)?, u16_at(bytes, 32)?) {
            (9, 6) => 512,
            (12, 6) => 4_096,
            _ => return None,
        };
        let mut file = Self {
            bytes,
            sector,
            tables: Vec::new(),
            directory: u32_at(bytes, 48)?,
            shortest: u32_at(bytes, 56)?.try_into().ok()?,
            short_table: u32_at(bytes, 60)?,
        };
        file.tables = file.listed_tables()?;
        Some(file)
    }

    /// The first 109 tables are named in the header, the others in a chain of sectors, each of which ends in the next.
    fn listed_tables(&self) -> Option<Vec<u32>> {
        let is_used = |id: &u32| *id < RESERVED;
        let mut tables: Vec<u32> = (0..109).filter_map(|at| u32_at(self.bytes, 76 + 4 * at)).filter(is_used).collect();
        let mut next = u32_at(self.bytes, 68)?;
        for _ in 0..=self.sectors() {
            if !is_used(&next) {
                return Some(tables);
            }
            let more = self.sector(next)?;
            let last = self.sector / 4 - 1;
            tables.extend((0..last).filter_map(|at| u32_at(more, 4 * at)).filter(is_used));
            next = u32_at(more, 4 * last)?;
        }
        None
    }

    fn sectors(&self) -> usize {
        self.bytes.len() / self.sector
    }

    /// A sector by its id. The last one of a file may be cut short.
    fn sector(&self, id: u32) -> Option<&'f [u8]> {
        let start = usize::try_from(id).ok()?.checked_add(1)?.checked_mul(self.sector)?;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        rest.get(..self.sector).or(Some(rest))
    }

    /// The id of the sector after this one.
    fn next(&self, id: u32) -> Option<u32> {
        let in_table = self.sector / 4;
        let id = usize::try_from(id).ok()?;
        let table = self.sector(*self.tables.get(id / in_table)?)?;
        u32_at(table, 4 * (id % in_table))
    }

    /// The content of a chain, at most so many bytes; `None` for one that leaves the file or runs in a circle.
    fn chain(&self, start: u32, most: usize) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        let mut at = start;
        for _ in 0..=self.sectors() {
            if at >= RESERVED || content.len() >= most {
                content.truncate(most);
                return Some(content);
            }
            content.extend_from_slice(self.sector(at)?);
            at = self.next(at)?;
        }
        None
    }

    /// The content of a small stream, whose sectors lie inside the stream of the root.
    fn short_chain(&self, root: &Entry, entry: &Entry) -> Option<Vec<u8>> {
        let within = self.chain(root.start, root.size)?;
        let table = self.chain(self.short_table, usize::MAX)?;
        let mut content = Vec::new();
        let mut at = entry.start;
        for _ in 0..=within.len() / SHORT {
            if at >= RESERVED || content.len() >= entry.size {
                content.truncate(entry.size);
                return Some(content);
            }
            let place = usize::try_from(at).ok()?;
            let rest = within.get(place.checked_mul(SHORT)?..).filter(|rest| !rest.is_empty())?;
            content.extend_from_slice(rest.get(..SHORT).unwrap_or(rest));
            at = u32_at(&table, place.checked_mul(4)?)?;
        }
        None
    }
}
