//! Unpacks a workbook under bounds and makes its parts safe to parse.
//!
//! Of an open document (ODS) one part is taken out. The many of an Excel workbook go on to calamine, and the
//! archive is never given to it as it came. The parts that are needed are inflated here
//! through a bounded reader, looked through, and put into a fresh archive without compression: what
//! calamine opens holds exactly the bytes that were checked, whatever the first archive declared.
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

use std::io::{Cursor, Read, Write};

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
pub(super) enum Contents {
    /// A workbook of Excel 2007 and later, in an archive that is safe to open.
    Workbook(Vec<u8>),
    /// The sheets of an open document (ODS), as XML.
    Spreadsheet(Vec<u8>),
}

/// Unpacks what the readers need.
///
/// # Errors
///
/// `import.zip_bomb`, `import.encrypted`, `import.unsupported_format`, `import.not_a_workbook` and
/// `import.damaged`.
pub(super) fn unpack(bytes: &[u8], limits: &Limits) -> Result<Contents, Unreadable> {
    let limit = bound(bytes, limits);
    if listed_parts(bytes) > PARTS {
        return Err(Unreadable::ExpandsTooFar { limit });
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable::Damaged)?;
    match needed_parts(&mut archive, limit)? {
        (Format::Workbook, parts) => repack(&mut archive, parts, limits, limit).map(Contents::Workbook),
        (Format::Spreadsheet, parts) => content(&mut archive, &parts, limits, limit).map(Contents::Spreadsheet),
    }
}

/// Puts the parts of a workbook, once they are checked, into a fresh archive.
fn repack(
    archive: &mut Archive<'_>,
    parts: Vec<(usize, String)>,
    limits: &Limits,
    limit: u64,
) -> Result<Vec<u8>, Unreadable> {
    let mut safe = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut left = limit;
    for (index, name) in parts {
        let mut part =
            inflate(archive, index, left).map_err(|refusal| refusal.unwrap_or(Unreadable::ExpandsTooFar { limit }))?;
        left -= part.len() as u64;
        calm(&name, &mut part, limits)?;
        safe.start_file(name, options).map_err(|_| Unreadable::Damaged)?;
        safe.write_all(&part).map_err(|_| Unreadable::Damaged)?;
    }
    let safe = safe.finish().map_err(|_| Unreadable::Damaged)?;
    Ok(safe.into_inner())
}

/// The part of a spreadsheet that holds its sheets.
fn content(
    archive: &mut Archive<'_>,
    parts: &[(usize, String)],
    limits: &Limits,
    limit: u64,
) -> Result<Vec<u8>, Unreadable> {
    let mut part = |wanted: &str, left: u64| {
        let (index, _) = parts.iter().find(|(_, name)| name == wanted)?;
        let part = inflate(archive, *index, left);
        Some(part.map_err(|refusal| refusal.unwrap_or(Unreadable::ExpandsTooFar { limit })))
    };
    let manifest = part("META-INF/manifest.xml", limit).transpose()?.unwrap_or_default();
    if manifest.windows(ENCRYPTION.len()).any(|bytes| bytes == ENCRYPTION) {
        return Err(Unreadable::Encrypted);
    }
    let mut content = part("content.xml", limit - manifest.len() as u64).ok_or(Unreadable::Damaged)??;
    calm("content.xml", &mut content, limits)?;
    Ok(content)
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

/// The parts to unpack, once the whole archive has been judged by what it declares.
fn needed_parts(archive: &mut Archive<'_>, limit: u64) -> Result<(Format, Vec<(usize, String)>), Unreadable> {
    let mut declared = 0_u64;
    let mut needed = Vec::new();
    let mut has_workbook = false;
    let mut other = None;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_| Unreadable::Damaged)?;
        if part.encrypted() {
            return Err(Unreadable::Encrypted);
        }
        declared = declared.saturating_add(part.size());
        if declared > limit {
            return Err(Unreadable::ExpandsTooFar { limit });
        }
        let name = part.name().to_owned();
        drop(part);
        let path = name.replace('\\', "/").to_ascii_lowercase();
        has_workbook |= path.ends_with("workbook.xml");
        other = other.or_else(|| other_format(archive, index, &path));
        if is_needed(&path) {
            needed.push((index, name));
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

/// Unpacks one part, reading at most one byte more than is left.
///
/// `Err(None)` says that the part has more than that.
fn inflate(archive: &mut Archive<'_>, index: usize, left: u64) -> Result<Vec<u8>, Option<Unreadable>> {
    let part = archive.by_index(index).map_err(|error| match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Some(Unreadable::Encrypted),
        _ => Some(Unreadable::Damaged),
    })?;
    // The declared size is only a hint for the first allocation, and within bounds by now.
    let mut content = Vec::with_capacity(usize::try_from(part.size().min(left)).unwrap_or_default());
    part.take(left.saturating_add(1)).read_to_end(&mut content).map_err(|_| Some(Unreadable::Damaged))?;
    if content.len() as u64 > left {
        return Err(None);
    }
    Ok(content)
}

/// Refuses or disarms what the parser would take on trust; see the top of this file.
///
/// Every `<` is taken for the beginning of a tag, also inside comments and character data. That
/// may look at more than the parser will, never at less.
fn calm(name: &str, part: &mut [u8], limits: &Limits) -> Result<(), Unreadable> {
    // All marks below are ASCII. They stand as themselves in the one encoding that spreadsheets
    // write; UTF-16 would need zero bytes, and a stateful encoding the escape character.
    let is_plain = std::str::from_utf8(part).is_ok() && !part.iter().any(|b| matches!(b, 0 | 0x1B));
    if !is_plain {
        return Err(Unreadable::Damaged);
    }
    let is_styles = name.to_ascii_lowercase().ends_with("styles.xml");
    let too_far = Unreadable::ExpandsTooFar { limit: limits.expanded_bytes };
    let (mut records, mut strings, mut formats, mut longest) = (0, 0, 0_u64, 0_u64);
    let mut at = 0;
    while let Some(found) = part.get(at..).and_then(|rest| position(rest, b'<')) {
        let start = at + found + 1;
        let rest = part.get_mut(start..).unwrap_or_default();
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
        if is_styles {
            longest = longest.max(tag.len() as u64);
        }
        match local_name(tag) {
            // Only cells and rows carry references that are read; most tags of a sheet are these.
            b"c" | b"row" if has_reference_out_of_range(tag) => return Err(Unreadable::Damaged),
            b"si" => strings += 1,
            b"xf" => {
                records += 1;
                formats += 1;
            }
            b"font" | b"fill" | b"border" | b"numFmt" | b"sheet" | b"Relationship" | b"definedName" => records += 1,
            // What a sheet declares of its own size is not needed, and is often wrong.
            b"dimension" => rename(tag, b"dimension"),
            b"sst" => rename(tag, b"uniqueCount"),
            _ => {}
        }
        if records > RECORDS || strings > STRINGS {
            return Err(too_far);
        }
    }
    // A cell style holds a copy of its font name and number format, each no longer than a tag.
    if formats.saturating_mul(longest) > limits.expanded_bytes {
        return Err(too_far);
    }
    Ok(())
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
