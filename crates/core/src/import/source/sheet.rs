//! Gathers the cells of one sheet into rows, keeping only the columns that are known.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::packed::Packed;
use super::layout::{HEAD_ROWS, Layout};
use super::{Cell, Field, Guess, ImportKind, LayoutKind, Reading, Unreadable};

/// What was read from a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    /// The family of layouts the header belongs to.
    pub layout: LayoutKind,
    /// The school named above the header, as it is written there.
    pub school_name: Option<String>,
    /// What a header of a single row calls the columns that are taken, from left to right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// The rows under the header that hold anything, in the order of the file; at least one.
    pub rows: Packed<SourceRow>,
}

/// One row of the file, with the cells of the known columns.
///
/// Stored as `{"n": 7, "c": [["nama", 1, "Siti"], ["nik", 7, null]]}`: it carries its columns, so
/// that a single row read back can still say where each of its cells stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceRow {
    /// The number of the row as a spreadsheet shows it, from 1.
    #[serde(rename = "n")]
    pub number: u32,
    #[serde(rename = "c")]
    cells: Vec<(Field, u16, Cell)>,
}

impl SourceRow {
    /// The cell of a field; empty as well where the file has no such column.
    pub fn cell(&self, field: Field) -> &Cell {
        const EMPTY: &Cell = &Cell::Empty;
        self.cells.iter().find(|(known, ..)| *known == field).map_or(EMPTY, |(_, _, cell)| cell)
    }

    /// Where the cell of a field stands, such as `H7`; `None` where the file has no such column.
    pub fn address(&self, field: Field) -> Option<String> {
        let (_, column, _) = self.cells.iter().find(|(known, ..)| *known == field)?;
        Some(format!("{}{}", letters(*column), self.number))
    }

    /// The fields for which the file has a column, from left to right.
    pub fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        self.cells.iter().map(|(field, ..)| *field)
    }
}

/// The letters of a column: 0 is `A`, 26 is `AA`.
pub(super) fn letters(column: u16) -> String {
    let mut letters = Vec::new();
    let mut rest = u32::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or_default()));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// Whether a sheet has anything more to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Go on.
    More,
    /// No header was found where one must stand; the rest need not be read.
    Stop,
}

/// A sheet that is being read, cell by cell from the top.
///
/// Cells may come in any order inside a row. The first rows are kept until the header is found in
/// them; after that a cell of an unknown column is dropped as it comes.
pub(super) struct Sheet<'l> {
    reading: Reading<'l>,
    head: Vec<Vec<Cell>>,
    body: Option<Body>,
    outside: bool,
    held: u64,
}

/// The part of a sheet under its header.
struct Body {
    layout: Layout,
    /// For each column of the sheet, the place of its cell in a row.
    slots: Vec<Option<usize>>,
    rows: Packed<SourceRow>,
    /// The row whose cells are coming.
    newest: Option<SourceRow>,
}

impl Body {
    /// Puts the row away whose cells have all come.
    fn end_row(&mut self) -> Result<(), Unreadable> {
        match self.newest.take() {
            Some(row) => self.rows.push(row).map_err(|_| Unreadable::Damaged),
            None => Ok(()),
        }
    }
}

impl<'l> Sheet<'l> {
    pub(super) fn new(reading: Reading<'l>) -> Self {
        Self { reading, head: Vec::new(), body: None, outside: false, held: 0 }
    }

    /// Whether a cell of this column says anything, so that no other needs to be made.
    pub(super) fn wants(&self, column: u32) -> bool {
        let column = column as usize;
        match &self.body {
            Some(body) if column < self.reading.limits.columns => body.slots.get(column).copied().flatten().is_some(),
            // Everything may be a header yet, and nothing may stand so far to the right.
            _ => true,
        }
    }

    /// Takes the next cell; `row` and `column` begin at 0.
    pub(super) fn put(&mut self, row: u32, column: u32, cell: Cell) -> Result<Flow, Unreadable> {
        if cell.is_empty() {
            return Ok(Flow::More);
        }
        let (at, column) = (row as usize, column as usize);
        if self.body.is_none() && at >= HEAD_ROWS {
            match Layout::find(&self.head, self.reading) {
                Ok(layout) => self.open(layout)?,
                Err(_) => return Ok(Flow::Stop),
            }
        }
        if column >= self.reading.limits.columns {
            // Only an error on the sheet that is used, which is known when its header is.
            self.outside = true;
            return match self.body {
                Some(_) => Err(self.too_many_columns()),
                None => Ok(Flow::More),
            };
        }
        if self.body.is_none() {
            self.hold(&cell)?;
            place(&mut self.head, at, column, cell);
            return Ok(Flow::More);
        }
        self.keep(row, column, cell)?;
        Ok(Flow::More)
    }

    /// Ends the sheet. Under a known header there may be no row at all.
    pub(super) fn finish(mut self) -> Result<Table, Unreadable> {
        if self.body.is_none() {
            if self.head.is_empty() && !self.outside {
                return Err(Unreadable::Empty);
            }
            let layout = Layout::find(&self.head, self.reading)
                .map_err(|missing| Unreadable::UnknownHeader { missing, guess: self.guess() })?;
            self.open(layout)?;
        }
        let mut body = self.body.ok_or(Unreadable::Empty)?;
        body.end_row()?;
        let Layout { kind, school_name, headers, .. } = body.layout;
        Ok(Table { layout: kind, school_name, headers, rows: body.rows })
    }

    /// What a person may say of a list of people that nobody knows.
    fn guess(&self) -> Option<Guess> {
        if self.reading.kind == ImportKind::People { Guess::of(&self.head) } else { None }
    }

    /// Begins the rows under a header that was found, with those already held.
    fn open(&mut self, layout: Layout) -> Result<(), Unreadable> {
        if self.outside {
            return Err(self.too_many_columns());
        }
        let width = layout.columns.iter().map(|&(_, column)| column).max();
        let mut slots = vec![None; width.map_or(0, |column| usize::from(column) + 1)];
        for (place, &(_, column)) in layout.columns.iter().enumerate() {
            if let Some(slot) = slots.get_mut(usize::from(column)) {
                *slot = Some(place);
            }
        }
        let first = layout.first_row as usize;
        self.body = Some(Body { layout, slots, rows: Packed::default(), newest: None });
        let head = std::mem::take(&mut self.head);
        self.held = 0;
        for (row, cells) in (0_u32..).zip(head).skip(first) {
            if row as usize == first && numbers_columns(&cells) {
                continue;
            }
            for (column, cell) in cells.into_iter().enumerate() {
                if !cell.is_empty() {
                    self.keep(row, column, cell)?;
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, row: u32, column: usize, cell: Cell) -> Result<(), Unreadable> {
        let number = row + 1;
        let Some(body) = &mut self.body else {
            return Ok(());
        };
        let Some(place) = body.slots.get(column).copied().flatten() else {
            return Ok(());
        };
        let newest = body.newest.as_ref().map(|row| row.number);
        if row < body.layout.first_row || newest.is_some_and(|newest| number < newest) {
            // Rows stand in their order in every file that a spreadsheet has written.
            return Err(Unreadable::Damaged);
        }
        if newest != Some(number) {
            body.end_row()?;
            if body.rows.len() >= self.reading.limits.rows {
                return Err(Unreadable::TooManyRows { limit: self.reading.limits.rows });
            }
            let empty = |&(field, column): &(Field, u16)| (field, column, Cell::Empty);
            body.newest = Some(SourceRow { number, cells: body.layout.columns.iter().map(empty).collect() });
        }
        self.hold(&cell)?;
        if let Some(body) = &mut self.body
            && let Some((_, _, kept)) = body.newest.as_mut().and_then(|row| row.cells.get_mut(place))
        {
            *kept = cell;
        }
        Ok(())
    }

    /// Counts the text that is kept: a small workbook can name one long text in every cell.
    fn hold(&mut self, cell: &Cell) -> Result<(), Unreadable> {
        if let Cell::Text(text) | Cell::Fault(text) = cell {
            self.held += text.len() as u64;
        }
        if self.held > self.reading.limits.expanded_bytes {
            return Err(Unreadable::ExpandsTooFar { limit: self.reading.limits.expanded_bytes });
        }
        Ok(())
    }

    fn too_many_columns(&self) -> Unreadable {
        Unreadable::TooManyColumns { limit: self.reading.limits.columns }
    }
}

fn place(head: &mut Vec<Vec<Cell>>, row: usize, column: usize, cell: Cell) {
    if head.len() <= row {
        head.resize_with(row + 1, Vec::new);
    }
    if let Some(cells) = head.get_mut(row) {
        if cells.len() <= column {
            cells.resize_with(column + 1, Cell::default);
        }
        if let Some(known) = cells.get_mut(column) {
            *known = cell;
        }
    }
}

/// Whether a row only numbers the columns (1, 2, 3 …), as printed forms do under their header.
fn numbers_columns(cells: &[Cell]) -> bool {
    let numbers: Option<Vec<usize>> =
        cells.iter().filter(|cell| !cell.is_empty()).map(|cell| cell.shown().parse().ok()).collect();
    numbers.is_some_and(|numbers| numbers.len() >= 3 && numbers.iter().copied().eq(1..=numbers.len()))
}

/// Reads sheet after sheet until one has a known header.
///
/// Without any, the answer is that of the sheet whose header lacks the least.
pub(super) fn first_known(sheets: impl IntoIterator<Item = Result<Table, Unreadable>>) -> Result<Table, Unreadable> {
    // Keyed by how little a refusal says: the first of the most telling ones is given.
    let mut refusals = BTreeMap::new();
    for sheet in sheets {
        match sheet {
            Err(Unreadable::UnknownHeader { missing, guess }) => {
                let guessed = guess.as_ref().map_or(0, Guess::fields);
                let key = (missing.len(), Reverse(guessed));
                refusals.entry(key).or_insert(Unreadable::UnknownHeader { missing, guess });
            }
            Err(Unreadable::Empty) => {
                refusals.entry((usize::MAX, Reverse(0))).or_insert(Unreadable::Empty);
            }
            other => return other,
        }
    }
    Err(refusals.into_values().next().unwrap_or(Unreadable::Empty))
}
