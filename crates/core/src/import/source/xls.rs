//! Reads the cells of a workbook of Excel 5 to 2003 (MS-XLS), record by record.
//!
//! A workbook is a row of records: a kind, a length, a body. The first run of them holds what all sheets share, then
//! each sheet has its own. Few kinds say anything about a cell; all others are passed over by their length.

use std::collections::BTreeSet;

use encoding_rs::WINDOWS_1252;

use super::compound::{self, u16_at, u32_at};
use super::sheet::{Flow, Sheet, first_known};
use super::{Cell, Reading, Table, Unreadable};

/// Kinds of records, as the format names them.
mod kind {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const DATE_MODE: u16 = 0x0022;
    pub(super) const FILE_PASS: u16 = 0x002F;
    pub(super) const CONTINUE: u16 = 0x003C;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const MUL_RK: u16 = 0x00BD;
    pub(super) const RICH_STRING: u16 = 0x00D6;
    pub(super) const XF: u16 = 0x00E0;
    pub(super) const SST: u16 = 0x00FC;
    pub(super) const LABEL_SST: u16 = 0x00FD;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOL_ERR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const RK: u16 = 0x027E;
    pub(super) const FORMAT: u16 = 0x041E;
    pub(super) const BOF: u16 = 0x0809;
}

/// Reads the first visible sheet with a known header.
pub(super) fn read(bytes: &[u8], reading: Reading<'_>) -> Result<Table, Unreadable> {
    let stream = compound::workbook(bytes)?;
    let book = Book::read(&stream)?;
    first_known(book.sheets.iter().map(|records| sheet(records, &book, reading)))
}

/// What all sheets share.
struct Book<'s> {
    /// Whether texts say how wide their letters are, as from Excel 97 on; before, they are Windows-1252.
    is_unicode: bool,
    is_1904: bool,
    /// For each cell style, the id of its number format.
    styles: Vec<u16>,
    /// The ids of formats that show a day.
    day_formats: BTreeSet<u16>,
    strings: Strings,
    /// The records of each visible sheet, up to the next one.
    sheets: Vec<&'s [u8]>,
}

impl<'s> Book<'s> {
    fn read(stream: &'s [u8]) -> Result<Self, Unreadable> {
        let mut records = Records { rest: stream };
        let first = records.read()?;
        let is_unicode = match (first.kind, u16_at(first.body, 0)) {
            (kind::BOF, Some(0x0600)) => true,
            (kind::BOF, Some(0x0500)) => false,
            _ => return Err(Unreadable::OldFormat),
        };
        let mut book = Self {
            is_unicode,
            is_1904: false,
            styles: Vec::new(),
            // Those that every Excel knows without being told.
            day_formats: (14..=22).chain(27..=36).chain(50..=58).collect(),
            strings: Strings::default(),
            sheets: Vec::new(),
        };
        let mut starts = BTreeSet::new();
        let mut visible = Vec::new();
        loop {
            let Record { kind, body } = records.read()?;
            match kind {
                kind::EOF => break,
                kind::FILE_PASS => return Err(Unreadable::Encrypted),
                kind::DATE_MODE => book.is_1904 = u16_at(body, 0) == Some(1),
                kind::XF => book.styles.push(u16_at(body, 2).unwrap_or_default()),
                kind::FORMAT => book.learn_format(body),
                kind::SST => book.strings = Strings::read(records.continued(body))?,
                kind::BOUND_SHEET => {
                    let start = u32_at(body, 0).and_then(|start| usize::try_from(start).ok());
                    let start = start.filter(|start| *start < stream.len()).ok_or(Unreadable::Damaged)?;
                    let is_new = starts.insert(start);
                    // Nobody means the rows of a sheet that they cannot see, and a chart has none. Two bits say so.
                    if is_new && body.get(4).is_some_and(|state| state % 4 == 0) && body.get(5) == Some(&0) {
                        visible.push(start);
                    }
                }
                _ => {}
            }
        }
        // However many sheets are declared, every byte belongs to one of them.
        for start in visible {
            let end = starts.range(start + 1..).next().copied().unwrap_or(stream.len());
            book.sheets.extend(stream.get(start..end));
        }
        Ok(book)
    }

    fn learn_format(&mut self, body: &[u8]) {
        let Some(id) = u16_at(body, 0) else { return };
        let letters = body.get(if self.is_unicode { 5 } else { 3 }..).unwrap_or_default();
        let is_wide = self.is_unicode && body.get(4).copied().is_some_and(is_wide);
        // What tells a format is ASCII, so the lower byte of a wide letter is enough.
        let code: String = letters.iter().step_by(if is_wide { 2 } else { 1 }).copied().map(char::from).collect();
        if shows_a_day(&code) {
            self.day_formats.insert(id);
        } else {
            self.day_formats.remove(&id);
        }
    }

    fn number(&self, style: u16, number: f64) -> Cell {
        let format = self.styles.get(usize::from(style));
        if format.is_some_and(|format| self.day_formats.contains(format)) {
            Cell::day(number, self.is_1904)
        } else {
            Cell::number(number)
        }
    }
}

/// Whether a number format shows the day of a date: not a duration, not a bare time, not a number.
///
/// Colours and conditions stand in brackets, fixed words between quotation marks or behind a backslash.
pub(super) fn shows_a_day(format: &str) -> bool {
    let mut letters = format.chars();
    let (mut is_quoted, mut is_bracketed, mut shows_day) = (false, false, false);
    while let Some(letter) = letters.next() {
        match letter {
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '\\' | '_' | '*' => {
                letters.next();
            }
            '[' => is_bracketed = true,
            ']' => is_bracketed = false,
            _ if is_bracketed => {}
            'd' | 'D' | 'y' | 'Y' => shows_day = true,
            _ => {}
        }
    }
    shows_day
}

/// One record.
struct Record<'s> {
    kind: u16,
    body: &'s [u8],
}

/// The records of a workbook or of a sheet, one after the other.
struct Records<'s> {
    rest: &'s [u8],
}

impl<'s> Records<'s> {
    /// The next record. There is always one: the last one says that it is.
    fn read(&mut self) -> Result<Record<'s>, Unreadable> {
        let record = self.peek().ok_or(Unreadable::Damaged)?;
        self.rest = self.rest.get(4 + record.body.len()..).unwrap_or_default();
        Ok(record)
    }

    fn peek(&self) -> Option<Record<'s>> {
        let length = usize::from(u16_at(self.rest, 2)?);
        Some(Record { kind: u16_at(self.rest, 0)?, body: self.rest.get(4..4 + length)? })
    }

    /// A body with those of the records that continue it.
    fn continued(&mut self, body: &'s [u8]) -> Pieces<'s> {
        let mut pieces = vec![body];
        while let Some(record) = self.peek().filter(|record| record.kind == kind::CONTINUE) {
            pieces.push(record.body);
            self.rest = self.rest.get(4 + record.body.len()..).unwrap_or_default();
        }
        pieces.reverse();
        Pieces { current: &[], later: pieces }
    }
}

/// Bytes that run on from one record into the next.
struct Pieces<'s> {
    current: &'s [u8],
    /// The last one first.
    later: Vec<&'s [u8]>,
}

impl<'s> Pieces<'s> {
    /// What is left of the piece at hand, or the next one.
    fn at_hand(&mut self) -> Option<&'s [u8]> {
        while self.current.is_empty() {
            self.current = self.later.pop()?;
        }
        Some(self.current)
    }

    fn take(&mut self, most: usize) -> Option<&'s [u8]> {
        let (taken, rest) = self.at_hand()?.split_at_checked(most).unwrap_or((self.current, &[]));
        self.current = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, mut bytes: usize) -> Option<()> {
        while bytes > 0 {
            bytes -= self.take(bytes)?.len();
        }
        Some(())
    }

    /// So many letters, of one byte or of two. Each further piece says anew how wide its letters are.
    fn letters(&mut self, mut count: usize, mut wide: bool) -> Option<Vec<u16>> {
        let mut letters = Vec::new();
        while count > 0 {
            if self.current.is_empty() {
                self.at_hand()?;
                wide = is_wide(self.byte()?);
            }
            let width = if wide { 2 } else { 1 };
            let taken = self.take(count * width)?;
            if taken.len() < width {
                return None;
            }
            letters.extend(taken.chunks_exact(width).map(|letter| u16_at(letter, 0).unwrap_or_else(|| narrow(letter))));
            count -= taken.len() / width;
        }
        Some(letters)
    }

    /// A text with its length in front, and with what else may stand around it: runs of fonts, phonetic hints.
    fn string(&mut self) -> Option<String> {
        let count = usize::from(self.number()?);
        let flags = self.byte()?;
        let runs = if flags & 8 == 0 { 0 } else { 4 * usize::from(self.number()?) };
        let hints = if flags & 4 == 0 {
            0
        } else {
            let low = self.number()?;
            usize::try_from(u32::from(low) | u32::from(self.number()?) << 16).ok()?
        };
        let letters = self.letters(count, is_wide(flags))?;
        self.skip(runs)?;
        self.skip(hints)?;
        Some(char::decode_utf16(letters).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    }

    fn is_done(&mut self) -> bool {
        self.at_hand().is_none()
    }
}

/// Whether the letters behind these flags have two bytes each.
fn is_wide(flags: u8) -> bool {
    flags & 1 == 1
}

fn narrow(letter: &[u8]) -> u16 {
    letter.first().copied().map(u16::from).unwrap_or_default()
}

/// The texts that cells name by their number, in one piece of memory.
#[derive(Default)]
struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    fn read(mut pieces: Pieces<'_>) -> Result<Self, Unreadable> {
        // Their number is declared twice and told by where they end.
        pieces.skip(8).ok_or(Unreadable::Damaged)?;
        let mut strings = Self::default();
        while !pieces.is_done() {
            strings.text.push_str(&pieces.string().ok_or(Unreadable::Damaged)?);
            strings.ends.push(strings.text.len());
        }
        Ok(strings)
    }

    fn get(&self, number: u32) -> Option<&str> {
        let number = usize::try_from(number).ok()?;
        let start = if number == 0 { 0 } else { *self.ends.get(number - 1)? };
        self.text.get(start..*self.ends.get(number)?)
    }
}

/// Where a cell stands and how it is shown.
#[derive(Clone, Copy)]
struct Place {
    row: u32,
    column: u32,
    style: u16,
}

impl Place {
    fn of(body: &[u8]) -> Option<Self> {
        Some(Self { row: u16_at(body, 0)?.into(), column: u16_at(body, 2)?.into(), style: u16_at(body, 4)? })
    }
}

fn sheet(stream: &[u8], book: &Book<'_>, reading: Reading<'_>) -> Result<Table, Unreadable> {
    let mut records = Records { rest: stream };
    if records.read()?.kind != kind::BOF {
        return Err(Unreadable::Damaged);
    }
    let mut sheet = Sheet::new(reading);
    // A chart inside a sheet has cells of its own.
    let mut depth = 0_usize;
    let mut awaits_text = None;
    loop {
        let Record { kind, body } = records.read()?;
        match kind {
            kind::EOF if depth == 0 => break,
            kind::EOF => depth -= 1,
            kind::BOF => depth += 1,
            _ if depth > 0 => {}
            kind::MUL_RK => {
                let mut place = Place::of(body).ok_or(Unreadable::Damaged)?;
                // Behind row and column: pairs of style and number, and the last column.
                for pair in body.get(4..body.len() - 2).unwrap_or_default().chunks_exact(6) {
                    place.style = u16_at(pair, 0).unwrap_or_default();
                    let number = u32_at(pair, 2).map(packed).unwrap_or_default();
                    if sheet.wants(place.column)
                        && sheet.put(place.row, place.column, book.number(place.style, number))? == Flow::Stop
                    {
                        return sheet.finish();
                    }
                    place.column += 1;
                }
            }
            kind::STRING => {
                let Some(place) = awaits_text.take() else { continue };
                let text = text(records.continued(body), book).ok_or(Unreadable::Damaged)?;
                if put(&mut sheet, place, Cell::text(&text))? == Flow::Stop {
                    return sheet.finish();
                }
            }
            kind::NUMBER
            | kind::RK
            | kind::LABEL
            | kind::RICH_STRING
            | kind::LABEL_SST
            | kind::BOOL_ERR
            | kind::FORMULA => {
                let place = Place::of(body).ok_or(Unreadable::Damaged)?;
                awaits_text = None;
                if !sheet.wants(place.column) {
                    continue;
                }
                let rest = body.get(6..).unwrap_or_default();
                let cell = match kind {
                    kind::NUMBER => float_at(rest).map(|number| book.number(place.style, number)),
                    kind::RK => u32_at(rest, 0).map(|number| book.number(place.style, packed(number))),
                    kind::LABEL | kind::RICH_STRING => {
                        text(records.continued(rest), book).map(|text| Cell::text(&text))
                    }
                    // A number without a text is an empty cell.
                    kind::LABEL_SST => u32_at(rest, 0).map(|at| Cell::text(book.strings.get(at).unwrap_or_default())),
                    kind::BOOL_ERR => rest.first_chunk().map(|&[value, is_error]| flag_or_fault(value, is_error != 0)),
                    _ => match result(rest) {
                        Some(Answer::Number(number)) => Some(book.number(place.style, number)),
                        Some(Answer::Cell(cell)) => Some(cell),
                        Some(Answer::TextFollows) => {
                            awaits_text = Some(place);
                            Some(Cell::Empty)
                        }
                        None => None,
                    },
                };
                if put(&mut sheet, place, cell.ok_or(Unreadable::Damaged)?)? == Flow::Stop {
                    return sheet.finish();
                }
            }
            _ => {}
        }
    }
    sheet.finish()
}

fn put(sheet: &mut Sheet<'_>, place: Place, cell: Cell) -> Result<Flow, Unreadable> {
    sheet.put(place.row, place.column, cell)
}

/// A text with a length of two bytes in front.
fn text(mut pieces: Pieces<'_>, book: &Book<'_>) -> Option<String> {
    if book.is_unicode {
        // An empty one may do without its flags.
        let is_empty = pieces.at_hand()?.starts_with(&[0, 0]);
        return if is_empty { Some(String::new()) } else { pieces.string() };
    }
    let length = usize::from(pieces.number()?);
    let letters = if length == 0 { &[] } else { pieces.take(length)? };
    Some(WINDOWS_1252.decode_without_bom_handling(letters).0.into_owned())
}

/// What a formula came to when it was last computed.
enum Answer {
    Number(f64),
    Cell(Cell),
    /// The text stands in a record of its own, soon after.
    TextFollows,
}

fn result(value: &[u8]) -> Option<Answer> {
    let value: [u8; 8] = *value.first_chunk()?;
    let answer = match value {
        [0, .., 0xFF, 0xFF] => Answer::TextFollows,
        [1, _, flag, .., 0xFF, 0xFF] => Answer::Cell(flag_or_fault(flag, false)),
        [2, _, fault, .., 0xFF, 0xFF] => Answer::Cell(flag_or_fault(fault, true)),
        [.., 0xFF, 0xFF] => Answer::Cell(Cell::Empty),
        _ => Answer::Number(f64::from_le_bytes(value)),
    };
    Some(answer)
}

fn flag_or_fault(value: u8, is_fault: bool) -> Cell {
    if !is_fault {
        return Cell::Flag(value != 0);
    }
    let fault = match value {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    };
    Cell::Fault(fault.to_owned())
}

fn float_at(bytes: &[u8]) -> Option<f64> {
    bytes.first_chunk().copied().map(f64::from_le_bytes)
}

/// A number in four bytes: a whole one, or the upper half of a float, either perhaps in hundredths.
fn packed(bits: u32) -> f64 {
    let number =
        if bits & 2 == 0 { f64::from_bits(u64::from(bits & !3) << 32) } else { f64::from(bits.cast_signed() >> 2) };
    if bits & 1 == 0 { number } else { number / 100.0 }
}
