//! Ruled tables as offices file them, with their head on every sheet.

use std::ops::Range;

use super::PrintError;
use super::canvas::{Child, Color, Element, Ink, Role, Shape};
use super::figure::{self, INK, LINE, NAVY, TINT};
use super::paragraph::{Align, Paragraph};
use super::words::Language;

/// Space at the sides of a cell, and above and below its text, in points.
pub(crate) const PAD: f32 = 2.5;
const RISE: f32 = 0.7;
/// Side of a box that is ticked, in points.
const BOX: f32 = 11.0;
/// Width of the lines between cells in points.
const THIN: f32 = 0.4;

/// A table; the width in points and the alignment of each column.
pub(crate) struct Grid {
    pub(crate) summary: String,
    pub(crate) columns: Vec<(f32, Align)>,
    /// The column that says what a line is about.
    pub(crate) title: usize,
    pub(crate) head: Line,
    pub(crate) lines: Vec<Line>,
}

/// Cells beside each other.
pub(crate) struct Line {
    cells: Vec<Cell>,
    pub(crate) height: f32,
}

/// What stands in a cell.
pub(crate) enum Cell {
    /// Texts below each other.
    Texts(Vec<Paragraph>),
    /// A box to tick, with what stands in it already.
    Box(Option<Paragraph>),
    /// An address as a QR code of this width in points, with what it opens in words.
    Code { address: String, opens: String, width: f32 },
}

impl Line {
    /// Cells in a line that is at least so many points high.
    pub(crate) fn of(cells: Vec<Cell>, least: f32) -> Self {
        let height = cells.iter().map(|cell| cell.height() + 2.0 * RISE).fold(least, f32::max);
        Self { cells, height }
    }
}

impl Cell {
    /// An empty one, to be written in.
    pub(crate) fn empty() -> Self {
        Self::Texts(Vec::new())
    }

    pub(crate) fn text(text: Paragraph) -> Self {
        Self::Texts(vec![text])
    }

    fn height(&self) -> f32 {
        match self {
            Self::Texts(texts) => texts.iter().map(Paragraph::height).sum(),
            Self::Box(_) => BOX,
            Self::Code { width, .. } => *width,
        }
    }
}

impl Grid {
    pub(crate) fn width(&self) -> f32 {
        self.columns.iter().map(|(width, _)| width).sum()
    }

    /// Leaves out so many of the spare lines, the last ones first, that they need no sheet of their own.
    pub(crate) fn save_sheets(&mut self, spare: &Range<usize>, first: f32, others: f32, below: f32) {
        let dropped: Vec<Line> = self.lines.drain(spare.clone()).collect();
        let least = self.sheets(first, others, below).len();
        for (at, line) in (spare.start..).zip(dropped) {
            self.lines.insert(at, line);
            if self.sheets(first, others, below).len() > least {
                self.lines.remove(at);
                break;
            }
        }
    }

    /// Which lines go on which sheet, when the first has so much room, the others so much, and what stands below the
    /// last line needs so much. There is always a sheet, and the last one holds a line if any does.
    pub(crate) fn sheets(&self, first: f32, others: f32, below: f32) -> Vec<Range<usize>> {
        let mut sheets = Vec::new();
        let (mut from, mut used) = (0, self.head.height);
        for (at, line) in self.lines.iter().enumerate() {
            let room = if sheets.is_empty() { first } else { others };
            let after = if at + 1 == self.lines.len() { below } else { 0.0 };
            if used + line.height + after > room && at > from {
                sheets.push(from..at);
                (from, used) = (at, self.head.height);
            }
            used += line.height;
        }
        sheets.push(from..self.lines.len());
        sheets
    }

    /// Puts lines below the head, and says where they end.
    pub(crate) fn place(
        &self,
        lines: Range<usize>,
        (left, top): (f32, f32),
        shapes: &mut Vec<Shape>,
    ) -> Result<(Element, f32), PrintError> {
        let right = left + self.width();
        shapes.extend(figure::block(left, top, right - left, self.head.height, TINT));
        shapes.extend(figure::rule(left, right, top, NAVY, THIN));
        let head = self.place_line(&self.head, (left, top), shapes, |_| Role::ColumnHeader)?;
        let mut foot = top + self.head.height;
        shapes.extend(figure::rule(left, right, foot, NAVY, THIN));
        let mut body = Vec::with_capacity(lines.len());
        for line in self.lines.get(lines).unwrap_or_default() {
            let role = |column| if column == self.title { Role::RowHeader { columns: 1 } } else { Role::Cell };
            body.push(self.place_line(line, (left, foot), shapes, role)?);
            foot += line.height;
            shapes.extend(figure::rule(left, right, foot, LINE, THIN));
        }
        self.rule_columns((left, top), foot, shapes);
        let parts = [(Role::TableHead, vec![head]), (Role::TableBody, body)];
        let parts = parts.into_iter().filter(|(_, rows)| !rows.is_empty());
        let children = parts.map(|(role, rows)| Child::Element(group(role, rows))).collect();
        Ok((group_of(Role::Table { summary: self.summary.clone() }, children), foot))
    }

    fn place_line(
        &self,
        line: &Line,
        (mut left, top): (f32, f32),
        shapes: &mut Vec<Shape>,
        role: impl Fn(usize) -> Role,
    ) -> Result<Element, PrintError> {
        let mut cells = Vec::with_capacity(line.cells.len());
        for (column, (cell, (width, align))) in line.cells.iter().zip(&self.columns).enumerate() {
            let begin = top + (line.height - cell.height()) / 2.0;
            let children = match cell {
                Cell::Texts(texts) => stacked(texts, *align, (left, *width), begin),
                Cell::Box(text) => {
                    let begin_of_box = left + (width - BOX) / 2.0;
                    shapes.extend(tick_box(begin_of_box, begin));
                    let text = text.iter().flat_map(|text| {
                        text.place(Align::Center, begin_of_box, BOX, begin + (BOX - text.height()) / 2.0)
                    });
                    text.collect()
                }
                Cell::Code { address, opens, width: code } => {
                    let begin_of_code = match align {
                        Align::Left => left + PAD,
                        Align::Center => left + (width - code) / 2.0,
                        Align::Right => left + width - PAD - code,
                    };
                    let shape = figure::qr(address, "address", (begin_of_code, begin), *code)?;
                    let figure = group_of(Role::Figure { alternative: opens.clone() }, vec![Child::Shape(shape)]);
                    vec![Child::Element(figure)]
                }
            };
            cells.push(group_of(role(column), children));
            left += width;
        }
        Ok(group(Role::Row, cells))
    }

    fn rule_columns(&self, (left, top): (f32, f32), foot: f32, shapes: &mut Vec<Shape>) {
        let mut at = left;
        shapes.extend(figure::block(at, top, THIN, foot - top, LINE));
        for (width, _) in &self.columns {
            at += width;
            shapes.extend(figure::block(at, top, THIN, foot - top, LINE));
        }
    }
}

fn stacked(texts: &[Paragraph], align: Align, (left, width): (f32, f32), mut top: f32) -> Vec<Child> {
    let mut children = Vec::new();
    for text in texts {
        children.extend(text.place(align, left + PAD, width - 2.0 * PAD, top));
        top += text.height();
    }
    children
}

fn tick_box(left: f32, top: f32) -> Option<Shape> {
    let Shape { path, .. } = figure::block(left, top, BOX, BOX, INK)?;
    Some(Shape { path, ink: Ink::Both(Color(0xFF, 0xFF, 0xFF), INK, 0.6) })
}

fn group(role: Role, elements: Vec<Element>) -> Element {
    group_of(role, elements.into_iter().map(Child::Element).collect())
}

fn group_of(role: Role, children: Vec<Child>) -> Element {
    Element { role, language: Language::Indonesian, children }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(lines: usize) -> Grid {
        let line = || Line::of(vec![Cell::empty()], 10.0);
        Grid {
            summary: String::new(),
            columns: vec![(50.0, Align::Left)],
            title: 0,
            head: line(),
            lines: (0..lines).map(|_| line()).collect(),
        }
    }

    /// At which line each sheet ends, when the first has this much room and the others 60.
    fn ends(lines: usize, first: f32, below: f32) -> Vec<usize> {
        grid(lines).sheets(first, 60.0, below).iter().map(|sheet| sheet.end).collect()
    }

    #[test]
    fn lines_go_on_as_few_sheets_as_hold_them() {
        assert_eq!(ends(0, 40.0, 15.0), [0]);
        assert_eq!(ends(3, 40.0, 0.0), [3]);
        assert_eq!(ends(9, 40.0, 0.0), [3, 8, 9]);
    }

    #[test]
    fn spare_lines_need_no_sheet_of_their_own() {
        let left = |people: usize, spare: usize, first: f32| {
            let mut grid = grid(people + spare + 1);
            grid.save_sheets(&(people..people + spare), first, 60.0, 0.0);
            grid.lines.len()
        };
        assert_eq!(left(2, 4, 100.0), 7);
        assert_eq!(left(2, 4, 60.0), 5);
        assert_eq!(left(2, 4, 40.0), 3);
        assert_eq!(left(3, 4, 40.0), 8, "a sheet that is there is filled");
    }

    #[test]
    fn what_stands_below_takes_the_last_line_along() {
        assert_eq!(ends(3, 40.0, 5.0), [2, 3]);
        assert_eq!(ends(1, 15.0, 5.0), [1], "a line that fits nowhere is still printed");
    }
}
