//! The pages after the first: modules with their lesson hours, scores, attendance.

use std::ops::Range;

use rust_decimal::Decimal;

use super::{BackPage, HEIGHT, LANDSCAPE, Snapshot, WIDTH, ornament};
use crate::print::PrintError;
use crate::print::canvas::{Child, Element, Role, Shape, Sheet};
use crate::print::figure::{self, BRONZE, GREY, INK, LINE, NAVY, TINT};
use crate::print::fonts::Letter;
use crate::print::paragraph::{Align, Paragraph, Room, Style};
use crate::print::shape::Typesetter;
use crate::print::words::{self, Language};
use crate::values::Bilingual;

/// Edges of what is printed, in points.
const LEFT: f32 = 54.0;
const RIGHT: f32 = WIDTH - LEFT;
/// Where the tables begin and must end, in points from the top.
const TOP: f32 = 116.0;
const BOTTOM: f32 = HEIGHT - 58.0;
/// Width of the two columns of the page, modules and scores, in points.
const MODULES: f32 = 468.0;
const SCORES: f32 = RIGHT - LEFT - MODULES - 28.0;
/// Widths of the table's columns that do not take what is left, in points.
const NUMBER: f32 = 28.0;
const CODE: f32 = 92.0;
const HOURS: f32 = 62.0;
const SCORE: f32 = 84.0;
/// Space inside a cell, at its sides and above and below its text, in points.
const PAD: f32 = 6.0;
const ROW_PAD: f32 = 3.2;
/// Sizes of type tried to bring everything on one page; the first of them that does is used.
const SCALES: [f32; 4] = [1.0, 0.92, 0.84, 0.76];
/// The size used when it takes more than one page anyhow.
const PAGED: f32 = 0.84;
/// Rows that no size of type brings on one page.
const CROWD: usize = 24;
/// Pages after the first. A list longer than that is a mistake.
const MOST: usize = 6;

const INDONESIAN: Language = Language::Indonesian;

/// A table in one column of the page, cut into pages by the height of its rows.
struct Table {
    summary: &'static str,
    /// Left edge in points.
    left: f32,
    /// Width in points and alignment of each column.
    columns: Vec<(f32, Align)>,
    head: Row,
    rows: Vec<Row>,
    foot: Vec<Row>,
}

/// A row's cells, each a stack of paragraphs; the first takes the columns that a short row leaves over.
struct Row {
    cells: Vec<Vec<Paragraph>>,
    /// In points.
    height: f32,
    /// Space above and below the text in points.
    pad: f32,
}

/// Sets type at one of the sizes.
struct Press<'t, 'f> {
    typesetter: &'t Typesetter<'f>,
    scale: f32,
}

/// Lays the pages out, in the largest type that brings them on one.
pub(super) fn lay_out(snapshot: &Snapshot, typesetter: &Typesetter) -> Result<Vec<Sheet>, PrintError> {
    let crowded = snapshot.modules.len().max(snapshot.scores.len()) > CROWD;
    for scale in SCALES.into_iter().filter(|_| !crowded) {
        let press = Press { typesetter, scale };
        let tables = tables(snapshot, &press)?;
        if tables.iter().all(|(_, table)| table.fits()) {
            return sheets(snapshot, typesetter, &tables);
        }
    }
    for (field, count) in [("modules", snapshot.modules.len()), ("scores", snapshot.scores.len())] {
        if count > MOST * CROWD {
            return Err(PrintError::TooLong { field });
        }
    }
    let press = Press { typesetter, scale: PAGED };
    sheets(snapshot, typesetter, &tables(snapshot, &press)?)
}

/// The tables that the issuer has on its back page, each with its field.
fn tables(snapshot: &Snapshot, press: &Press) -> Result<Vec<(&'static str, Table)>, PrintError> {
    let modules = ("modules", modules(snapshot, press)?);
    match snapshot.back_page() {
        BackPage::ModulesAndScores => Ok(vec![modules, ("scores", scores(snapshot, press)?)]),
        BackPage::Modules => Ok(vec![modules]),
        BackPage::Nothing => Ok(Vec::new()),
    }
}

fn sheets(
    snapshot: &Snapshot,
    typesetter: &Typesetter,
    tables: &[(&'static str, Table)],
) -> Result<Vec<Sheet>, PrintError> {
    let pages: Vec<_> = tables.iter().map(|(field, table)| table.pages(field)).collect::<Result<_, _>>()?;
    let count = pages.iter().map(Vec::len).max().unwrap_or_default();
    let mut sheets = Vec::with_capacity(count);
    for index in 0..count {
        let mut decoration = ornament::plain_frame();
        let mut elements = Vec::new();
        heading(snapshot, typesetter, &mut elements, &mut decoration)?;
        for ((_, table), pages) in tables.iter().zip(&pages) {
            if let Some(rows) = pages.get(index) {
                let foot: &[Row] = if index + 1 == pages.len() { &table.foot } else { &[] };
                elements.push(table.place(rows.clone(), foot, &mut decoration));
            }
        }
        footer(snapshot, typesetter, (index + 2, count + 1), &mut elements, &mut decoration)?;
        let continued = if index == 0 { "" } else { " (lanjutan)" };
        let bookmark = format!("{}{continued}", title(snapshot).0);
        sheets.push(Sheet { orientation: LANDSCAPE, bookmark, decoration, elements });
    }
    Ok(sheets)
}

/// What the page is called.
fn title(snapshot: &Snapshot) -> (&'static str, &'static str) {
    match snapshot.back_page() {
        BackPage::ModulesAndScores => ("Daftar Materi dan Hasil", "Modules and Results"),
        BackPage::Modules | BackPage::Nothing => ("Daftar Materi", "Modules"),
    }
}

fn heading(
    snapshot: &Snapshot,
    typesetter: &Typesetter,
    elements: &mut Vec<Element>,
    shapes: &mut Vec<Shape>,
) -> Result<(), PrintError> {
    let press = Press { typesetter, scale: 1.0 };
    let half = (RIGHT - LEFT) / 2.0 - 10.0;
    let right = RIGHT - half;
    let (title, in_english) = title(snapshot);
    let heading = Role::Heading { level: 2, title: title.to_owned() };
    let big = press.fit("", title, Style::indonesian(Letter::Serif, 23.0, NAVY), half, 1)?;
    elements.extend(big.element(heading, Align::Left, LEFT, half, 50.0));
    let below = press.fit("", in_english, english(12.0), half, 1)?;
    elements.extend(below.element(Role::Paragraph, Align::Left, LEFT, half, 77.0));

    let (name, program) = (&snapshot.holder_name, &snapshot.program_name.id);
    let name = press.fit("holder_name", name, Style::indonesian(Letter::Serif, 14.0, NAVY), half, 2)?;
    let program = press.fit("program_name", program, Style::indonesian(Letter::Sans, 9.5, INK), half, 2)?;
    let top = 94.0 - name.height() - program.height();
    elements.extend(name.element(Role::Paragraph, Align::Right, right, half, top));
    elements.extend(program.element(Role::Paragraph, Align::Right, right, half, top + name.height()));
    shapes.extend(figure::rule(LEFT, RIGHT, 100.0, BRONZE, 0.8));
    Ok(())
}

fn footer(
    snapshot: &Snapshot,
    typesetter: &Typesetter,
    (page, pages): (usize, usize),
    elements: &mut Vec<Element>,
    shapes: &mut Vec<Shape>,
) -> Result<(), PrintError> {
    let press = Press { typesetter, scale: 1.0 };
    let style = Style::indonesian(Letter::Sans, 8.5, GREY);
    let width = (RIGHT - LEFT) * 0.72;
    let rest = RIGHT - LEFT - width;
    let top = HEIGHT - 46.0;
    let mut number = format!("Sertifikat nomor {}", snapshot.number);
    let agreement = snapshot.issuer.agreement_number.trim();
    if !agreement.is_empty() {
        let kind = snapshot.issuer.agreement_kind.as_ref();
        let kind = kind.map_or("Perjanjian kerja sama".to_owned(), |kind| format!("{} / {}", kind.id, kind.en));
        number = format!("{number} · {kind}: {agreement}");
    }
    let number = press.fit("issuer.agreement_number", &number, style, width, 1)?;
    elements.extend(number.element(Role::Paragraph, Align::Left, LEFT, width, top));
    let page = format!("Halaman {page} dari {pages} · Page {page} of {pages}");
    let page = press.fit("", &page, style, rest, 1)?;
    elements.extend(page.element(Role::Paragraph, Align::Right, LEFT + width, rest, top));
    shapes.extend(figure::rule(LEFT, RIGHT, top - 3.0, LINE, 0.5));
    Ok(())
}

fn modules(snapshot: &Snapshot, press: &Press) -> Result<Table, PrintError> {
    let width = if snapshot.back_page() == BackPage::Modules { RIGHT - LEFT } else { MODULES };
    let title = width - NUMBER - CODE - HOURS;
    let head = press.row(vec![
        press.label("NO", "", NUMBER)?,
        press.label("KODE", "Code", CODE)?,
        press.label("MATERI", "Module", title)?,
        press.label("JP", "Hours", HOURS)?,
    ]);
    let text = |color| Style::indonesian(Letter::Sans, 10.5, color);
    let mut rows = Vec::with_capacity(snapshot.modules.len());
    for (index, module) in snapshot.modules.iter().enumerate() {
        let hours = words::quantity(Decimal::from(module.lesson_hours), INDONESIAN);
        rows.push(press.row(vec![
            vec![press.cell("", &(index + 1).to_string(), text(GREY), NUMBER, 1)?],
            vec![press.cell("modules.code", &module.code, text(INK), CODE, 2)?],
            press.bilingual("modules.title", &module.title, text(INK), title)?,
            vec![press.cell("modules.lesson_hours", &hours, text(INK), HOURS, 1)?],
        ]));
    }
    let total: u64 = snapshot.modules.iter().map(|module| u64::from(module.lesson_hours)).sum();
    let total = words::quantity(Decimal::from(total), INDONESIAN);
    let each = snapshot.minutes_per_lesson_hour;
    let label = Bilingual {
        id: format!("Jumlah jam pelajaran (1 JP = {each} menit)"),
        en: format!("Total lesson hours (1 lesson hour = {each} minutes)"),
    };
    let foot = vec![press.row(vec![
        press.bilingual("", &label, strong(), width - HOURS)?,
        vec![press.cell("modules.lesson_hours", &total, strong(), HOURS, 1)?],
    ])];
    let columns = vec![(NUMBER, Align::Left), (CODE, Align::Left), (title, Align::Left), (HOURS, Align::Right)];
    Ok(Table { summary: "Materi pelatihan dengan kode dan jam pelajaran", left: LEFT, columns, head, rows, foot })
}

fn scores(snapshot: &Snapshot, press: &Press) -> Result<Table, PrintError> {
    let name = SCORES - SCORE;
    let head = press.row(vec![press.label("PENILAIAN", "Assessment", name)?, press.label("NILAI", "Score", SCORE)?]);
    let text = Style::indonesian(Letter::Sans, 10.5, INK);
    let mut rows = Vec::with_capacity(snapshot.scores.len());
    for score in &snapshot.scores {
        let points = words::score(score.score, INDONESIAN);
        rows.push(press.row(vec![
            press.bilingual("scores.name", &score.name, text, name)?,
            vec![press.cell("scores.score", &points, text, SCORE, 1)?],
        ]));
    }
    let label = |id: &str, en: &str| {
        let text = Bilingual::new(id, en);
        press.bilingual("", &text, strong(), name)
    };
    let mut foot = Vec::new();
    if let Some(score) = snapshot.final_score {
        let points = press.cell("final_score", &words::score(score, INDONESIAN), strong(), SCORE, 1)?;
        foot.push(press.row(vec![label("Nilai akhir", "Final score")?, vec![points]]));
    }
    if let Some(predicate) = &snapshot.predicate {
        let predicate = press.bilingual("predicate", predicate, strong(), SCORE)?;
        foot.push(press.row(vec![label("Predikat", "Predicate")?, predicate]));
    }
    let percent = format!("{}%", words::quantity(snapshot.attendance_percent, INDONESIAN));
    let percent = press.cell("attendance_percent", &percent, strong(), SCORE, 1)?;
    foot.push(press.row(vec![label("Kehadiran", "Attendance, of lesson hours")?, vec![percent]]));

    let columns = vec![(name, Align::Left), (SCORE, Align::Right)];
    let left = LEFT + MODULES + 28.0;
    Ok(Table { summary: "Nilai, nilai akhir, predikat dan kehadiran", left, columns, head, rows, foot })
}

impl Press<'_, '_> {
    fn fit(
        &self,
        field: &'static str,
        text: &str,
        style: Style,
        width: f32,
        lines: usize,
    ) -> Result<Paragraph, PrintError> {
        let room = Room { width, lines, smallest: 5.5 };
        Paragraph::fit(self.typesetter, field, text, style.scaled(self.scale), room)
    }

    /// A text in a column of this width.
    fn cell(
        &self,
        field: &'static str,
        text: &str,
        style: Style,
        column: f32,
        lines: usize,
    ) -> Result<Paragraph, PrintError> {
        self.fit(field, text, style, column - 2.0 * PAD, lines)
    }

    /// A column's heading.
    fn label(&self, indonesian: &str, in_english: &str, column: f32) -> Result<Vec<Paragraph>, PrintError> {
        Ok(vec![
            self.cell("", indonesian, Style::indonesian(Letter::Bold, 9.0, NAVY), column, 1)?,
            self.cell("", in_english, english(8.5), column, 1)?,
        ])
    }

    fn bilingual(
        &self,
        field: &'static str,
        text: &Bilingual,
        style: Style,
        column: f32,
    ) -> Result<Vec<Paragraph>, PrintError> {
        let below = english(8.8);
        Ok(vec![self.cell(field, &text.id, style, column, 3)?, self.cell(field, &text.en, below, column, 3)?])
    }

    fn row(&self, cells: Vec<Vec<Paragraph>>) -> Row {
        let pad = ROW_PAD * self.scale;
        let heights = cells.iter().map(|cell| cell.iter().map(Paragraph::height).sum());
        Row { height: heights.fold(0.0, f32::max) + 2.0 * pad, pad, cells }
    }
}

impl Table {
    fn fits(&self) -> bool {
        self.head.height + height(&self.rows) + height(&self.foot) <= BOTTOM - TOP
    }

    /// Which rows go on which page; the foot goes below the last.
    fn pages(&self, field: &'static str) -> Result<Vec<Range<usize>>, PrintError> {
        let room = BOTTOM - TOP - self.head.height;
        let mut pages = Vec::new();
        let (mut from, mut used) = (0, 0.0);
        for (index, row) in self.rows.iter().enumerate() {
            let foot = if index + 1 == self.rows.len() { height(&self.foot) } else { 0.0 };
            if used + row.height + foot > room && index > from {
                pages.push(from..index);
                (from, used) = (index, 0.0);
            }
            used += row.height;
        }
        pages.push(from..self.rows.len());
        if pages.len() > MOST { Err(PrintError::TooLong { field }) } else { Ok(pages) }
    }

    /// Puts rows below the head, and the foot below them.
    fn place(&self, rows: Range<usize>, foot: &[Row], shapes: &mut Vec<Shape>) -> Element {
        let width: f32 = self.columns.iter().map(|column| column.0).sum();
        let right = self.left + width;
        let mut top = TOP;
        shapes.extend(figure::block(self.left, top, width, self.head.height, TINT));
        let head = self.place_row(&self.head, top, |_| Role::ColumnHeader);
        top += self.head.height;
        shapes.extend(figure::rule(self.left, right, top, NAVY, 0.8));
        let mut parts = vec![(Role::TableHead, vec![head])];

        let mut body = Vec::with_capacity(rows.len());
        for row in self.rows.get(rows).unwrap_or_default() {
            body.push(self.place_row(row, top, |_| Role::Cell));
            top += row.height;
            shapes.extend(figure::rule(self.left, right, top, LINE, 0.5));
        }
        parts.push((Role::TableBody, body));

        let mut sums = Vec::with_capacity(foot.len());
        for (index, row) in foot.iter().enumerate() {
            if index == 0 {
                shapes.extend(figure::rule(self.left, right, top, NAVY, 0.8));
            }
            let columns = u32::try_from(self.merged(row)).unwrap_or(1);
            let role = |cell| if cell == 0 { Role::RowHeader { columns } } else { Role::Cell };
            sums.push(self.place_row(row, top, role));
            top += row.height;
            shapes.extend(figure::rule(self.left, right, top, LINE, 0.5));
        }
        parts.push((Role::TableFoot, sums));

        let parts = parts.into_iter().filter(|(_, rows)| !rows.is_empty());
        let children = parts.map(|(role, rows)| Child::Element(group(role, rows))).collect();
        Element { role: Role::Table { summary: self.summary.to_owned() }, language: INDONESIAN, children }
    }

    /// Puts the cells beside each other.
    fn place_row(&self, row: &Row, top: f32, role: impl Fn(usize) -> Role) -> Element {
        let mut columns = self.columns.iter();
        let mut left = self.left;
        let mut cells = Vec::with_capacity(row.cells.len());
        for (index, cell) in row.cells.iter().enumerate() {
            let take = if index == 0 { self.merged(row) } else { 1 };
            let mut width = 0.0;
            let mut align = Align::Left;
            for column in columns.by_ref().take(take) {
                width += column.0;
                align = column.1;
            }
            if take > 1 {
                align = Align::Left;
            }
            let mut line = top + row.pad;
            let mut children = Vec::new();
            for paragraph in cell {
                children.extend(paragraph.place(align, left + PAD, width - 2.0 * PAD, line));
                line += paragraph.height();
            }
            cells.push(Element { role: role(index), language: INDONESIAN, children });
            left += width;
        }
        group(Role::Row, cells)
    }

    /// How many columns the first cell of a row takes.
    fn merged(&self, row: &Row) -> usize {
        self.columns.len().saturating_sub(row.cells.len()) + 1
    }
}

fn height(rows: &[Row]) -> f32 {
    rows.iter().map(|row| row.height).sum()
}

fn group(role: Role, elements: Vec<Element>) -> Element {
    Element { role, language: INDONESIAN, children: elements.into_iter().map(Child::Element).collect() }
}

/// Sums and results.
fn strong() -> Style {
    Style::indonesian(Letter::Bold, 10.5, NAVY)
}

fn english(size: f32) -> Style {
    Style::english(Letter::Italic, size, GREY)
}
