//! Unpacks a workbook under bounds and makes its parts safe to parse.
//!
//! Of an open document (ODS) one part is taken out. The many of an Excel workbook go on to calamine, and the
//! archive is never given to it as it came. The parts that are needed are inflated here
//! through a bounded reader, looked through as they come, and put into a fresh archive: what
//! calamine opens holds exactly the bytes that were checked, whatever the first archive declared.
//! No part is held whole, so that a large workbook takes about the room of its own file.
//!
//! Looked for is what calamine 0.38 takes on trust:
//!
//! - `uniqueCount` of the shared strings is reserved as it stands, and a false one aborts the
//!   process;
//! - the formats of `styles.xml` are copied into every cell style, so that a long one and many
//!   styles multiply;
//! - a tag of five bytes becomes a record of some hundred;
//! - the letters and digits of a cell reference, and the corners of the declared dimension, go
//!   through arithmetic that overflows;
//! - a document type declaration has no place in a workbook at all.

use std::io::{self, BufReader, Cursor, Read};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Limits, Unreadable};

/// More parts than any real workbook has; each costs memory before anything is unpacked.
const PARTS: usize = 4_096;

/// More shared strings than 50,000 rows of 66 different values.
const STRINGS: usize = 4_000_000;

/// More styles, sheets or relationships than a spreadsheet program writes; Excel stops at 65,490.
const RECORDS: usize = 200_000;

/// Content below this size is not measured against [`Limits::ratio`]. A byte count.
const RATIO_FLOOR: u64 = 1_000_000;

/// A workbook that unpacks to less is not packed again, which takes a quarter of the time of reading it. A byte count.
const SMALL: u64 = 16_000_000;

/// Bytes that are unpacked at a time.
const CHUNK: usize = 64 * 1024;

/// Folders whose parts say nothing about the cells of a sheet.
const IGNORED: [&str; 14] = [
    "docprops",
    "theme",
    "media",
    "drawings",
    "charts",
    "externallinks",
    "pivotcache",
    "pivottables",
    "tables",
    "querytables",
    "customxml",
    "printersettings",
    "threadedcomments",
    "richdata",
];

type Archive<'f> = ZipArchive<Cursor<&'f [u8]>>;

/// Which of the formats that are read.
enum Format {
    Workbook,
    Spreadsheet,
}

/// What an archive was found to hold.
pub(super) enum Contents<'f> {
    /// A workbook of Excel 2007 and later, in an archive that is safe to open.
    Workbook(Vec<u8>),
    /// An open document (ODS).
    Spreadsheet(Spreadsheet<'f>),
}

/// An open document whose sheets are unpacked as they are read.
pub(super) struct Spreadsheet<'f> {
    archive: Archive<'f>,
    content: usize,
    left: u64,
    limits: &'f Limits,
    limit: u64,
}

impl Spreadsheet<'_> {
    /// The sheets, as XML that is safe to parse. A refusal in the middle is in the error of reading; see [`refused`].
    ///
    /// # Errors
    ///
    /// `import.encrypted` and `import.damaged`.
    pub(super) fn content(&mut self) -> Result<impl io::BufRead, Unreadable> {
        let part = open(&mut self.archive, self.content)?;
        let calm = Calm::new("content.xml", part, &mut self.left, self.limits, self.limit);
        Ok(BufReader::with_capacity(CHUNK, calm))
    }
}

/// Unpacks what the readers need.
///
/// # Errors
///
/// `import.zip_bomb`, `import.encrypted`, `import.unsupported_format`, `import.not_a_workbook` and
/// `import.damaged`.
pub(super) fn unpack<'f>(bytes: &'f [u8], limits: &'f Limits) -> Result<Contents<'f>, Unreadable> {
    let limit = bound(bytes, limits);
    if listed_parts(bytes) > PARTS {
        return Err(Unreadable::ExpandsTooFar { limit });
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable::Damaged)?;
    match needed_parts(&mut archive, limit)? {
        (Format::Workbook, parts) => repack(&mut archive, parts, limits, limit).map(Contents::Workbook),
        (Format::Spreadsheet, parts) => spreadsheet(archive, &parts, limits, limit).map(Contents::Spreadsheet),
    }
}

/// Puts the parts of a workbook, as they are checked, into a fresh archive.
fn repack(archive: &mut Archive<'_>, parts: Vec<Part>, limits: &Limits, limit: u64) -> Result<Vec<u8>, Unreadable> {
    let is_small = parts.iter().map(|part| part.size).sum::<u64>() < SMALL;
    let options = if is_small {
        SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
    } else {
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(1))
    };
    let mut safe = ZipWriter::new(Cursor::new(Vec::new()));
    let mut left = limit;
    for Part { index, name, .. } in parts {
        let mut part = Calm::new(&name, open(archive, index)?, &mut left, limits, limit);
        safe.start_file(name.as_str(), options).map_err(|_| Unreadable::Damaged)?;
        io::copy(&mut part, &mut safe).map_err(|error| refused(&error))?;
    }
    let safe = safe.finish().map_err(|_| Unreadable::Damaged)?;
    Ok(safe.into_inner())
}

/// The part of a spreadsheet that holds its sheets, once its manifest says that it can be read.
fn spreadsheet<'f>(
    mut archive: Archive<'f>,
    parts: &[Part],
    limits: &'f Limits,
    limit: u64,
) -> Result<Spreadsheet<'f>, Unreadable> {
    let index = |wanted: &str| parts.iter().find(|part| part.name == wanted).map(|part| part.index);
    let content = index("content.xml").ok_or(Unreadable::Damaged)?;
    let mut manifest = Vec::new();
    if let Some(index) = index("META-INF/manifest.xml") {
        let part = open(&mut archive, index)?;
        part.take(limit.saturating_add(1)).read_to_end(&mut manifest).map_err(|_| Unreadable::Damaged)?;
    }
    let left = limit.checked_sub(manifest.len() as u64).ok_or(Unreadable::ExpandsTooFar { limit })?;
    if manifest.windows(ENCRYPTION.len()).any(|bytes| bytes == ENCRYPTION) {
        return Err(Unreadable::Encrypted);
    }
    Ok(Spreadsheet { archive, content, left, limits, limit })
}

/// What the manifest of a spreadsheet with a password says of its parts.
const ENCRYPTION: &[u8] = b"encryption-data";

/// The most that this file may unpack to.
fn bound(bytes: &[u8], limits: &Limits) -> u64 {
    (bytes.len() as u64).saturating_mul(limits.ratio).max(RATIO_FLOOR).min(limits.expanded_bytes)
}

/// How many entries the directory seems to have, before it is read into memory.
fn listed_parts(bytes: &[u8]) -> usize {
    bytes.windows(4).filter(|four| four == b"PK\x01\x02").count()
}

/// A part of an archive that is needed.
struct Part {
    index: usize,
    name: String,
    /// Its size as the archive declares it.
    size: u64,
}

/// The parts to unpack, once the whole archive has been judged by what it declares.
fn needed_parts(archive: &mut Archive<'_>, limit: u64) -> Result<(Format, Vec<Part>), Unreadable> {
    let mut declared = 0_u64;
    let mut needed = Vec::new();
    let mut has_workbook = false;
    let mut other = None;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_| Unreadable::Damaged)?;
        if part.encrypted() {
            return Err(Unreadable::Encrypted);
        }
        let size = part.size();
        declared = declared.saturating_add(size);
        if declared > limit {
            return Err(Unreadable::ExpandsTooFar { limit });
        }
        let name = part.name().to_owned();
        drop(part);
        let path = name.replace('\\', "/").to_ascii_lowercase();
        has_workbook |= path.ends_with("workbook.xml");
        other = other.or_else(|| other_format(archive, index, &path));
        if is_needed(&path) {
            needed.push(Part { index, name, size });
        }
    }
    match other {
        _ if has_workbook => Ok((Format::Workbook, needed)),
        Some("ods") => Ok((Format::Spreadsheet, needed)),
        Some(found) => Err(Unreadable::UnsupportedFormat { found }),
        None => Err(Unreadable::NotAWorkbook),
    }
}

/// Another spreadsheet format that is also a zip archive, told by a part of its own.
fn other_format(archive: &mut Archive<'_>, index: usize, path: &str) -> Option<&'static str> {
    match path {
        "xl/workbook.bin" => Some("xlsb"),
        "index/calculationengine.iwa" => Some("numbers"),
        "mimetype" => {
            let mut kind = String::new();
            let part = archive.by_index(index).ok()?;
            part.take(100).read_to_string(&mut kind).ok()?;
            kind.contains("opendocument.spreadsheet").then_some("ods")
        }
        _ => None,
    }
}

fn is_needed(path: &str) -> bool {
    let is_xml = [".xml", ".rels"].iter().any(|end| path.ends_with(end));
    is_xml && !path.split('/').any(|folder| IGNORED.contains(&folder))
}

fn open(archive: &mut Archive<'_>, index: usize) -> Result<impl Read, Unreadable> {
    archive.by_index(index).map_err(|error| match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Unreadable::Encrypted,
        _ => Unreadable::Damaged,
    })
}

/// Why a part could not be read on.
pub(super) fn refused(error: &io::Error) -> Unreadable {
    let refusal = error.get_ref().and_then(|cause| cause.downcast_ref::<Unreadable>());
    refusal.cloned().unwrap_or(Unreadable::Damaged)
}

/// A part as it is unpacked, without what the parser would take on trust; see the top of this file. What cannot be
/// disarmed ends it with an error that [`refused`] understands.
///
/// Every `<` is taken for the beginning of a tag, also inside comments and character data. That
/// may look at more than the parser will, never at less.
struct Calm<'p, R> {
    part: R,
    is_styles: bool,
    /// Bytes that all parts together may still unpack to.
    left: &'p mut u64,
    limits: &'p Limits,
    limit: u64,
    /// What was unpacked: given away up to `given`, and looked through up to `ready`.
    bytes: Vec<u8>,
    given: usize,
    ready: usize,
    is_over: bool,
    tally: Tally,
}

/// What is counted of a part.
#[derive(Default)]
struct Tally {
    records: usize,
    strings: usize,
    formats: u64,
    longest: u64,
}

impl<'p, R: Read> Calm<'p, R> {
    fn new(name: &str, part: R, left: &'p mut u64, limits: &'p Limits, limit: u64) -> Self {
        let is_styles = name.to_ascii_lowercase().ends_with("styles.xml");
        let (bytes, tally) = (Vec::with_capacity(2 * CHUNK), Tally::default());
        Self { part, is_styles, left, limits, limit, bytes, given: 0, ready: 0, is_over: false, tally }
    }

    /// Unpacks until there is something to give, or nothing more.
    fn fill(&mut self) -> Result<(), Unreadable> {
        self.bytes.drain(..self.given);
        self.ready -= self.given;
        self.given = 0;
        while self.ready == 0 && !self.is_over {
            let before = self.bytes.len();
            let chunk = (&mut self.part).take(CHUNK as u64).read_to_end(&mut self.bytes);
            let read = chunk.map_err(|_| Unreadable::Damaged)?;
            self.is_over = read == 0;
            let too_far = Unreadable::ExpandsTooFar { limit: self.limit };
            *self.left = self.left.checked_sub(read as u64).ok_or(too_far)?;
            // Up to the last tag that has begun, which may not be whole yet.
            let end = if self.is_over {
                self.bytes.len()
            } else {
                let fresh = self.bytes.get(before..).unwrap_or_default();
                let last = fresh.iter().rposition(|byte| *byte == b'<').map(|at| before + at);
                last.unwrap_or(0)
            };
            self.look_through(end)?;
        }
        if self.is_over {
            self.look_back()?;
        }
        Ok(())
    }

    /// Looks through whole pieces: of nothing but text, or a tag with the text behind it.
    fn look_through(&mut self, end: usize) -> Result<(), Unreadable> {
        let pieces = self.bytes.get_mut(..end).unwrap_or_default();
        // All marks below are ASCII. They stand as themselves in the one encoding that spreadsheets
        // write; UTF-16 would need zero bytes, and a stateful encoding the escape character.
        let is_plain = std::str::from_utf8(pieces).is_ok() && !pieces.iter().any(|b| matches!(b, 0 | 0x1B));
        if !is_plain {
            return Err(Unreadable::Damaged);
        }
        let too_far = Unreadable::ExpandsTooFar { limit: self.limits.expanded_bytes };
        let tally = &mut self.tally;
        let mut at = 0;
        while let Some(found) = pieces.get(at..).and_then(|rest| position(rest, b'<')) {
            let start = at + found + 1;
            let rest = pieces.get_mut(start..).unwrap_or_default();
            let length = position(rest, b'<').unwrap_or(rest.len());
            at = start + length;
            let piece = rest.get_mut(..length).unwrap_or_default();
            match piece.first() {
                Some(b'!') if piece.starts_with(b"!--") || piece.starts_with(b"![CDATA[") => continue,
                Some(b'!') => return Err(Unreadable::Damaged),
                Some(b'/' | b'?') | None => continue,
                Some(_) => {}
            }
            let tag = inside_tag(piece)?;
            if self.is_styles {
                tally.longest = tally.longest.max(tag.len() as u64);
            }
            match local_name(tag) {
                // Only cells and rows carry references that are read; most tags of a sheet are these.
                b"c" | b"row" if has_reference_out_of_range(tag) => return Err(Unreadable::Damaged),
                b"si" => tally.strings += 1,
                b"xf" => {
                    tally.records += 1;
                    tally.formats += 1;
                }
                b"font" | b"fill" | b"border" | b"numFmt" | b"sheet" | b"Relationship" | b"definedName" => {
                    tally.records += 1;
                }
                // What a sheet declares of its own size is not needed, and is often wrong.
                b"dimension" => rename(tag, b"dimension"),
                b"sst" => rename(tag, b"uniqueCount"),
                _ => {}
            }
            if tally.records > RECORDS || tally.strings > STRINGS {
                return Err(too_far);
            }
        }
        self.ready = end;
        Ok(())
    }

    /// Judges the part as a whole: a cell style holds a copy of its font name and number format, each no longer than a
    /// tag.
    fn look_back(&self) -> Result<(), Unreadable> {
        if self.tally.formats.saturating_mul(self.tally.longest) > self.limits.expanded_bytes {
            return Err(Unreadable::ExpandsTooFar { limit: self.limits.expanded_bytes });
        }
        Ok(())
    }
}

impl<R: Read> Read for Calm<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready {
            self.fill().map_err(io::Error::other)?;
        }
        let ready = self.bytes.get(self.given..self.ready).unwrap_or_default();
        let length = ready.len().min(into.len());
        if let (Some(into), Some(ready)) = (into.get_mut(..length), ready.get(..length)) {
            into.copy_from_slice(ready);
        }
        self.given += length;
        Ok(length)
    }
}

fn position(bytes: &[u8], wanted: u8) -> Option<usize> {
    bytes.iter().position(|byte| *byte == wanted)
}

/// The inside of a tag, up to the `>` that no quotation marks enclose.
fn inside_tag(piece: &mut [u8]) -> Result<&mut [u8], Unreadable> {
    let mut quote = None;
    let mut end = piece.len();
    for (at, byte) in piece.iter().enumerate() {
        match (*byte, quote) {
            (b'>', None) => {
                end = at;
                break;
            }
            (mark @ (b'"' | b'\''), None) => quote = Some(mark),
            (mark, Some(open)) if mark == open => quote = None,
            _ => {}
        }
    }
    // A `<` between quotation marks is not well-formed, and would hide what follows it.
    if end == piece.len() && quote.is_some() {
        return Err(Unreadable::Damaged);
    }
    piece.get_mut(..end).ok_or(Unreadable::Damaged)
}

/// The name of a tag without its namespace prefix.
fn local_name(tag: &[u8]) -> &[u8] {
    let end = tag.iter().position(|b| b.is_ascii_whitespace() || *b == b'/').unwrap_or(tag.len());
    let name = tag.get(..end).unwrap_or_default();
    let start = name.iter().rposition(|b| *b == b':').map_or(0, |at| at + 1);
    name.get(start..).unwrap_or_default()
}

/// Changes a name in place, so that nothing looks for it any more.
fn rename(tag: &mut [u8], name: &[u8]) {
    for at in 0..tag.len() {
        if tag.get(at..).is_some_and(|rest| rest.starts_with(name))
            && let Some(first) = tag.get_mut(at)
        {
            *first = b'_';
        }
    }
}

/// Whether a cell reference (`r="AB12"`) has more letters or digits than any sheet.
fn has_reference_out_of_range(tag: &[u8]) -> bool {
    tag.split(|b| matches!(b, b'"' | b'\''))
        // Names and values of attributes alternate; only a value can follow `r=`.
        .scan(false, |is_reference, piece| {
            let was = *is_reference;
            *is_reference = names_reference(piece);
            Some((was, piece))
        })
        .any(|(is_reference, value)| {
            is_reference && {
                let letters = value.iter().take_while(|b| b.is_ascii_alphabetic()).count();
                let digits = value.iter().skip(letters).count();
                letters > 3 || digits > 7
            }
        })
}

/// Whether a piece between two values ends in the attribute name `r` and its equals sign.
fn names_reference(piece: &[u8]) -> bool {
    piece
        .trim_ascii_end()
        .strip_suffix(b"=")
        .map(<[u8]>::trim_ascii_end)
        .and_then(|name| name.strip_suffix(b"r"))
        .is_some_and(|before| {
            before.last().is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b':' | b'_' | b'-'))
        })
}
