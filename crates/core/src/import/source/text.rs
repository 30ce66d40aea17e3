//! Reads a text table: any usual encoding, any usual separator.

use std::borrow::Cow;

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::layout::HEAD_ROWS;
use super::sheet::{Flow, Sheet, first_known};
use super::{Cell, Reading, Table, Unreadable};

/// The separators that are tried. The one under which a header is recognised is right.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Reads a text table. Every cell of it is text, or a fault in words.
pub(super) fn read(bytes: &[u8], reading: Reading<'_>) -> Result<Table, Unreadable> {
    let text = decoded(bytes)?;
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    if let Some(refusal) = disguised(&text) {
        return Err(refusal);
    }
    let (separators, text) = match declared_separator(&text) {
        Some((separator, rest)) => (vec![separator], rest),
        None => (SEPARATORS.to_vec(), text.as_ref()),
    };
    let read = first_known(separators.iter().map(|separator| table(text, *separator, reading)));
    match read {
        // A letter has no header either, but that is not what is wrong with it.
        Err(Unreadable::UnknownHeader { .. }) if !separators.iter().any(|separator| is_tabular(text, *separator)) => {
            Err(Unreadable::NotAWorkbook)
        }
        read => read,
    }
}

/// Whether the first lines fall into columns: one of them into three, or two into two.
fn is_tabular(text: &str, separator: u8) -> bool {
    let filled: Vec<usize> = reader(text, separator)
        .into_records()
        .map_while(Result::ok)
        .take(HEAD_ROWS)
        .map(|record| record.iter().filter(|cell| !cell.trim().is_empty()).count())
        .collect();
    filled.iter().any(|cells| *cells >= 3) || filled.iter().filter(|cells| **cells >= 2).count() >= 2
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes())
}

/// The text of the file: what its byte order mark says, else UTF-16 that shows itself, else UTF-8, else Windows-1252.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = if bytes.starts_with(&[0xFF, 0xFE]) || is_utf16(bytes, 1) {
        without_faults(UTF_16LE.decode_with_bom_removal(bytes))?
    } else if bytes.starts_with(&[0xFE, 0xFF]) || is_utf16(bytes, 0) {
        without_faults(UTF_16BE.decode_with_bom_removal(bytes))?
    } else if let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        text
    } else {
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
        // Five bytes have no character there; text does not use them, other content does.
        if text.chars().any(|c| matches!(c, '\u{80}'..='\u{9F}')) {
            return Err(Unreadable::NotAWorkbook);
        }
        text
    };
    if is_text(&text) { Ok(text) } else { Err(Unreadable::NotAWorkbook) }
}

/// Whether the first letters are ASCII in UTF-16, whose zero bytes stand at odd or at even places.
fn is_utf16(bytes: &[u8], zeros: usize) -> bool {
    let mut pairs = bytes.chunks_exact(2).take(8).peekable();
    pairs.peek().is_some()
        && pairs.all(|pair| pair.get(zeros) == Some(&0) && pair.get(1 - zeros).is_some_and(|byte| *byte != 0))
}

fn without_faults((text, has_faults): (Cow<'_, str>, bool)) -> Result<Cow<'_, str>, Unreadable> {
    if has_faults { Err(Unreadable::NotAWorkbook) } else { Ok(text) }
}

/// Whether this is text at all: no zero bytes, and hardly another control character.
///
/// A stray one inside a name is no reason to refuse a whole school.
fn is_text(text: &str) -> bool {
    let strange = text.chars().filter(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')).count();
    !text.contains('\0') && strange * 200 <= text.len()
}

/// What is text and still no text table. Many programs save a web page under the name `.xls`.
fn disguised(text: &str) -> Option<Unreadable> {
    let start: String = text.trim_start().chars().take(15).flat_map(char::to_lowercase).collect();
    if ["<html", "<!doctype html", "<table", "<head", "<style", "<meta"].iter().any(|tag| start.starts_with(tag)) {
        Some(Unreadable::UnsupportedFormat { found: "html" })
    } else if start.starts_with("<?xml") {
        Some(Unreadable::UnsupportedFormat { found: "xml" })
    } else if start.starts_with("%pdf-") || start.starts_with("{\\rtf") {
        Some(Unreadable::NotAWorkbook)
    } else {
        None
    }
}

/// The line `sep=;` by which Excel is told the separator. Excel does not show it as a row.
fn declared_separator(text: &str) -> Option<(u8, &str)> {
    let rest = text.strip_prefix("sep=")?;
    let separator = *rest.as_bytes().first().filter(|byte| byte.is_ascii())?;
    let rest = rest.get(1..)?;
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r']))?;
    (separator != b'"').then_some((separator, rest))
}

fn table(text: &str, separator: u8, reading: Reading<'_>) -> Result<Table, Unreadable> {
    let mut reader = reader(text, separator);
    let mut sheet = Sheet::new(reading);
    let mut record = csv::StringRecord::new();
    let mut row = 0_u32;
    let mut ends_inside_quotes = false;
    while reader.read_record(&mut record).map_err(|_| Unreadable::Damaged)? {
        row = row.saturating_add(blank_lines(text, &record));
        for (column, cell) in (0_u32..).zip(&record) {
            if sheet.put(row, column, Cell::written(cell))? == Flow::Stop {
                return sheet.finish();
            }
        }
        row = row.saturating_add(1);
        ends_inside_quotes = record.iter().next_back().is_some_and(|cell| cell.contains(['\n', '\r']))
            && !text.trim_end().ends_with('"');
    }
    let table = sheet.finish()?;
    // A quotation mark that is never closed swallows every row after it.
    if ends_inside_quotes {
        return Err(Unreadable::Damaged);
    }
    Ok(table)
}

/// The blank lines before a record, which its reader passes over and a spreadsheet shows as rows.
fn blank_lines(text: &str, record: &csv::StringRecord) -> u32 {
    let start = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
    let bytes = text.as_bytes();
    let mut at = start;
    let mut lines = 0;
    while let Some(byte) = bytes.get(at) {
        let ends_line = at > 0 && bytes.get(at - 1) == Some(&b'\r');
        match byte {
            // The second half of a line end is no line of its own.
            b'\n' if ends_line => {}
            b'\n' | b'\r' => lines += 1,
            _ => break,
        }
        at += 1;
    }
    lines
}
