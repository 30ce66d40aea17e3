//! Reads the cells of an open document (ODS), as the free office programs and Google write it, streaming.
//!
//! A cell, and a whole row, may say that it stands there a million times. Such a run is unrolled only where its cells
//! are kept, and there the bounds of the sheet count it.

use std::collections::HashSet;
use std::io::BufRead;
use std::iter;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::package::refused;
use super::sheet::{Flow, Sheet, first_known};
use super::{Cell, Limits, Reading, Table, Unreadable};

/// Reads the first visible sheet with a known header.
pub(super) fn read(content: impl BufRead, reading: Reading<'_>) -> Result<Table, Unreadable> {
    let mut xml = Reader::from_reader(content);
    xml.config_mut().expand_empty_elements = true;
    let mut document = Document { xml, event: Vec::new(), reading, style: String::new(), hidden: HashSet::new() };
    first_known(iter::from_fn(|| document.next_sheet().transpose()))
}

/// A document that is being read from its top.
struct Document<'r, R> {
    xml: Reader<R>,
    /// The bytes of the event that is being read.
    event: Vec<u8>,
    reading: Reading<'r>,
    /// The style that is being described.
    style: String,
    /// Styles whose sheets are not shown.
    hidden: HashSet<String>,
}

/// Equal cells beside each other.
struct Run {
    column: u32,
    repeats: u32,
    cell: Cell,
}

impl<R: BufRead> Document<'_, R> {
    fn next_sheet(&mut self) -> Result<Option<Table>, Unreadable> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(None),
                Event::Start(tag) => match tag.name().as_ref() {
                    "style:style" => self.style = attribute(&tag, "style:name")?.unwrap_or_default(),
                    "style:table-properties" if attribute(&tag, "table:display")?.as_deref() == Some("false") => {
                        self.hidden.insert(std::mem::take(&mut self.style));
                    }
                    // What was deleted is kept there, for whoever wants it back.
                    "table:tracked-changes" => self.skip()?,
                    "table:table" => {
                        let style = attribute(&tag, "table:style-name")?;
                        // Nobody means the rows of a sheet that they cannot see.
                        if style.is_some_and(|style| self.hidden.contains(&style)) {
                            self.skip()?;
                        } else {
                            return self.sheet().map(Some);
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn sheet(&mut self) -> Result<Table, Unreadable> {
        let mut sheet = Sheet::new(self.reading);
        let mut row = 0_u32;
        let mut flow = Flow::More;
        loop {
            match self.event()? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "table:table-row" if flow == Flow::More => {
                        let repeats = repeats(&tag, "table:number-rows-repeated")?;
                        let runs = self.row()?;
                        flow = put(&mut sheet, row, repeats, &runs, self.reading.limits)?;
                        row = row.saturating_add(repeats);
                    }
                    "table:table-row-group" | "table:table-rows" | "table:table-header-rows" => {}
                    _ => self.skip()?,
                },
                Event::End(tag) if tag.name().as_ref() == "table:table" => return sheet.finish(),
                Event::Eof => return Err(Unreadable::Damaged),
                _ => {}
            }
        }
    }

    fn row(&mut self) -> Result<Vec<Run>, Unreadable> {
        let mut runs = Vec::new();
        let mut column = 0_u32;
        loop {
            match self.event()? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "table:table-cell" | "table:covered-table-cell" => {
                        let repeats = repeats(&tag, "table:number-columns-repeated")?;
                        let cell = self.cell(&tag)?;
                        // One cell too far to the right is enough to know of.
                        if !cell.is_empty() && column as usize <= self.reading.limits.columns {
                            runs.push(Run { column, repeats, cell });
                        }
                        column = column.saturating_add(repeats);
                    }
                    _ => self.skip()?,
                },
                Event::End(_) => return Ok(runs),
                Event::Eof => return Err(Unreadable::Damaged),
                _ => {}
            }
        }
    }

    fn cell(&mut self, tag: &BytesStart<'_>) -> Result<Cell, Unreadable> {
        let kind = attribute(tag, "office:value-type")?.unwrap_or_default();
        let is_formula = attribute(tag, "table:formula")?.is_some();
        let is_fault = attribute(tag, "calcext:value-type")?.as_deref() == Some("error");
        let shown = self.shown()?;
        if is_fault {
            return Ok(Cell::Fault(shown.trim().to_owned()));
        }
        // Before there was a word for it, a fault was a formula that shows one.
        if is_formula && let fault @ Cell::Fault(_) = Cell::written(&shown) {
            return Ok(fault);
        }
        let value = |name| attribute(tag, name);
        Ok(match kind.as_str() {
            "float" | "percentage" | "currency" => {
                let number = value("office:value")?.and_then(|number| number.parse().ok());
                Cell::number(number.ok_or(Unreadable::Damaged)?)
            }
            "date" => Cell::iso_day(&value("office:date-value")?.unwrap_or(shown)),
            "boolean" => Cell::Flag(value("office:boolean-value")?.as_deref() == Some("true")),
            "string" => Cell::text(&value("office:string-value")?.filter(|text| !text.is_empty()).unwrap_or(shown)),
            _ => Cell::text(&shown),
        })
    }

    /// The paragraphs of a cell, to its end, as a person sees them.
    fn shown(&mut self) -> Result<String, Unreadable> {
        let mut shown = String::new();
        let mut depth = 0_usize;
        loop {
            match self.event()? {
                Event::Start(tag) => {
                    match tag.name().as_ref() {
                        "text:p" if !shown.is_empty() => shown.push('\n'),
                        "text:s" | "text:tab" => shown.push(' '),
                        "text:line-break" => shown.push('\n'),
                        "text:p" | "text:span" | "text:a" => {}
                        // A remark, a picture, a table inside.
                        _ => {
                            self.skip()?;
                            continue;
                        }
                    }
                    depth += 1;
                }
                Event::End(_) if depth == 0 => return Ok(shown),
                Event::End(_) => depth -= 1,
                Event::Text(text) if depth > 0 => shown.push_str(&text.xml10_content()),
                Event::CData(text) if depth > 0 => shown.push_str(&text.xml10_content()),
                Event::GeneralRef(name) if depth > 0 => {
                    let letter = match name.resolve_char_ref().map_err(|_| Unreadable::Damaged)? {
                        Some(letter) => letter,
                        None => named(&name.xml10_content()).ok_or(Unreadable::Damaged)?,
                    };
                    shown.push(letter);
                }
                Event::Eof => return Err(Unreadable::Damaged),
                _ => {}
            }
        }
    }

    /// Passes over everything inside the tag that was just begun.
    fn skip(&mut self) -> Result<(), Unreadable> {
        let mut depth = 0_usize;
        loop {
            match self.event()? {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => return Ok(()),
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(Unreadable::Damaged),
                _ => {}
            }
        }
    }

    fn event(&mut self) -> Result<Event<'static>, Unreadable> {
        self.event.clear();
        match self.xml.read_event_into(&mut self.event) {
            Ok(event) => Ok(event.into_owned()),
            Err(quick_xml::Error::Io(error)) => Err(refused(&error)),
            Err(_) => Err(Unreadable::Damaged),
        }
    }
}

/// Puts equal rows under each other.
fn put(sheet: &mut Sheet<'_>, first: u32, repeats: u32, runs: &[Run], limits: &Limits) -> Result<Flow, Unreadable> {
    for row in first..first.saturating_add(repeats) {
        let mut says_something = false;
        for run in runs {
            for column in run.column..run.column.saturating_add(run.repeats) {
                if sheet.wants(column) {
                    says_something = true;
                    if sheet.put(row, column, run.cell.clone())? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                }
                if column as usize >= limits.columns {
                    break;
                }
            }
        }
        if !says_something {
            break;
        }
    }
    Ok(Flow::More)
}

fn repeats(tag: &BytesStart<'_>, name: &str) -> Result<u32, Unreadable> {
    match attribute(tag, name)? {
        Some(number) => number.parse().map_err(|_| Unreadable::Damaged),
        None => Ok(1),
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Unreadable> {
    let found = tag.try_get_attribute(name).map_err(|_| Unreadable::Damaged)?;
    // A reference to anything but the five signs of XML itself is a fault, so nothing is ever expanded.
    let value = found.map(|found| found.normalized_value(XmlVersion::Implicit1_0)).transpose();
    Ok(value.map_err(|_| Unreadable::Damaged)?.map(Into::into))
}

/// The five signs that XML itself names.
fn named(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}
