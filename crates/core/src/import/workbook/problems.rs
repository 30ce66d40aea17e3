//! The rows of a file that must be corrected, in the layout they came in, ready to be sent again.

use std::collections::HashMap;

use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

use super::super::plan::{Action, Finding, Plan, Severity};
use super::super::source::{Cell, Field, ImportKind, LayoutKind, Relative, SourceRow, Table};
use super::super::{plan, table};
use super::{WRONG_FILL, format, put, width};
use crate::access::{self, Actor};
use crate::audit::{Note, Subject};
use crate::db::{Db, Tx};
use crate::error::{Error, Language, Result, codes};
use crate::id::Id;
use crate::partner;
use crate::spreadsheet::{HEADER_FILL, book, header, unwritable, write};
use crate::time::Instant;
use crate::values::Label;

/// The row of the Dapodik layout on which its double header begins, counted from 0.
const DAPODIK_HEADER: u32 = 4;

/// The rows that must be corrected.
#[derive(Debug)]
pub struct Problems {
    layout: LayoutKind,
    /// Whose students, of a list of people.
    school: Option<Label>,
    made_at: Instant,
    columns: Vec<Column>,
    rows: Vec<(SourceRow, Vec<Finding>)>,
}

/// A column that is given back, under the name it came with.
#[derive(Debug)]
struct Column {
    field: Field,
    header: String,
}

/// The rows of a kept import that must be corrected, as the register stands at this moment, in transactions of its own.
/// They hold NIKs in clear, so a person asks for them, and it is recorded before anybody gets them.
///
/// # Errors
/// `import.no_problems` when there is nothing to correct, `import.rows_gone` once the rows are no longer kept.
pub fn problems(db: &Db, now: Instant, actor: &Actor, id: Id) -> Result<Problems> {
    actor.person()?;
    let db = db.for_callers();
    let (problems, note) = db.snapshot(now, |tx| {
        access::limit(tx, actor)?;
        Problems::read(tx, actor, id)
    })?;
    let actor = actor.clone();
    db.write(now, move |tx| {
        access::limit(tx, &actor)?;
        note.record(tx, &actor)
    })?;
    Ok(problems)
}

impl Problems {
    fn read(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Self, Note)> {
        let (import, plan) = plan(tx, actor, id)?;
        let table = table(tx, &import)?;
        let school = import.school_id.map(|school| partner::get(tx, actor, school)).transpose()?;
        let school = school.map(|school| school.name);
        let problems = Self::of(import.kind, &table, &plan, school, tx.now())?;
        if problems.rows.is_empty() {
            return Err(Error::new(&codes::IMPORT_NO_PROBLEMS));
        }
        let note = Note::of("import.handed_back", Subject::import(id))
            .within(&import.province_code)
            .with(serde_json::json!({ "rows": problems.rows.len() }));
        Ok((problems, note))
    }

    fn of(kind: ImportKind, table: &Table, plan: &Plan, school: Option<Label>, made_at: Instant) -> Result<Self> {
        let layout = table.layout;
        let mut findings: HashMap<u32, Vec<Finding>> = HashMap::new();
        for planned in plan.rows.values() {
            let planned = planned?;
            if planned.action == Action::Problem {
                findings.insert(planned.number, planned.findings);
            }
        }
        let (mut columns, mut rows) = (Vec::new(), Vec::new());
        for (at, row) in table.rows.values().enumerate() {
            let row = row?;
            if at == 0 {
                columns = self::columns(table, &row);
            }
            rows.extend(findings.remove(&row.number).map(|found| (row, found)));
        }
        // What the file has no column for gets one, so that it can be filled in; not where only what a person has said
        // is a column.
        let wrong = rows.iter().flat_map(|(_, findings)| findings).filter(|finding| finding.cell.is_none());
        let wrong = wrong.filter(|finding| finding.severity == Severity::Error);
        for finding in wrong.filter(|_| layout != LayoutKind::Explained) {
            let known = columns.iter().any(|column| column.field.called() == finding.field);
            let missing = kind.fields().iter().find(|field| field.called() == finding.field);
            columns
                .extend(missing.filter(|_| !known).map(|&field| Column { field, header: field.header().to_owned() }));
        }
        Ok(Self { layout, school, made_at, columns, rows })
    }

    /// The workbook, with a last column that says what to do.
    pub fn workbook(&self, language: Language) -> Result<Vec<u8>> {
        self.written(language).map_err(unwritable)
    }

    fn written(&self, language: Language) -> Result<Vec<u8>, XlsxError> {
        let (name, note) = match language {
            Language::Indonesian => ("Perlu diperbaiki", "Catatan"),
            Language::English => ("To be corrected", "Note"),
        };
        let mut book = book(self.made_at)?;
        let sheet = book.add_worksheet();
        sheet.set_name(name)?.set_landscape().set_print_fit_to_pages(1, 0);
        let first = self.write_header(sheet, note)?;
        sheet.set_freeze_panes(first, 1)?;
        let mut selected = None;
        for (row, (source, findings)) in (first..).zip(&self.rows) {
            let wrong = self.write_row(sheet, row, source, findings, language)?;
            selected = selected.or(wrong.map(|column| (row, column)));
        }
        if let Some((row, column)) = selected {
            sheet.set_selection(row, column, row, column)?;
        }
        book.save_to_buffer()
    }

    fn note_column(&self) -> u16 {
        // A file has far fewer columns.
        u16::try_from(self.columns.len()).unwrap_or_default()
    }

    /// The rows above the data; gives the first row under them.
    fn write_header(&self, sheet: &mut Worksheet, note: &str) -> Result<u32, XlsxError> {
        let style = header(HEADER_FILL);
        sheet.set_column_width(self.note_column(), 70)?;
        for (at, column) in (0..).zip(&self.columns) {
            // What is typed into an empty cell is kept as it is, too.
            sheet.set_column_width(at, width(column.field))?.set_column_format(at, &format(column.field))?;
        }
        let mut top = 0;
        if self.layout == LayoutKind::Dapodik {
            let title = Format::new().set_bold().set_font_size(14);
            sheet.write_string_with_format(0, 0, "Daftar Peserta Didik", &title)?;
            let school = self.school.as_ref().map_or("", Label::as_str);
            write(sheet, 1, 0, school, &Format::new().set_bold())?;
            top = DAPODIK_HEADER;
        }
        // A header of two rows is known by the columns of the parents.
        let relatives = self.columns.iter().filter(|column| Relative::of(column.field).is_some()).count();
        if self.layout == LayoutKind::Dapodik && relatives >= 2 {
            self.write_double_header(sheet, top, note, &style)?;
            return Ok(top + 2);
        }
        for (at, column) in (0..).zip(&self.columns) {
            write(sheet, top, at, &column.header, &style)?;
        }
        write(sheet, top, self.note_column(), note, &style)?;
        Ok(top + 1)
    }

    fn write_double_header(
        &self,
        sheet: &mut Worksheet,
        top: u32,
        note: &str,
        style: &Format,
    ) -> Result<(), XlsxError> {
        let whose = |column: &Column| Relative::of(column.field).map(|(relative, _)| relative);
        let same_person = |one: &Column, other: &Column| whose(one).is_some() && whose(one) == whose(other);
        let mut first = 0;
        for group in self.columns.chunk_by(same_person) {
            let last = first + u16::try_from(group.len()).unwrap_or_default() - 1;
            match group.first().and_then(whose) {
                Some(relative) => {
                    if last > first {
                        sheet.merge_range(top, first, top, last, relative.header(), style)?;
                    } else {
                        write(sheet, top, first, relative.header(), style)?;
                    }
                    for (at, (_, label)) in (first..).zip(group.iter().filter_map(|one| Relative::of(one.field))) {
                        write(sheet, top + 1, at, label, style)?;
                    }
                }
                None => {
                    for (at, column) in (first..).zip(group) {
                        sheet.merge_range(top, at, top + 1, at, &column.header, style)?;
                    }
                }
            }
            first = last + 1;
        }
        sheet.merge_range(top, first, top + 1, first, note, style)?;
        Ok(())
    }

    /// Writes a row; gives the first column in which something is wrong.
    fn write_row(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        source: &SourceRow,
        findings: &[Finding],
        language: Language,
    ) -> Result<Option<u16>, XlsxError> {
        let mut first = None;
        let mut said = Vec::new();
        for (at, column) in (0..).zip(&self.columns) {
            let here = || findings.iter().filter(|finding| finding.field == column.field.called());
            let wrong = here().any(|finding| finding.severity == Severity::Error);
            let style = format(column.field);
            let style = if wrong { style.set_background_color(WRONG_FILL) } else { style };
            let cell = source.cell(column.field);
            if wrong || *cell != Cell::Empty {
                put(sheet, row, at, cell, &style)?;
            }
            if wrong && first.is_none() {
                first = Some(at);
            }
            said.extend(here().filter(|finding| finding.severity != Severity::Note).map(|finding| {
                let sentence = finding.code.sentence(language, &finding.facts);
                format!("{}: {sentence} ({})", column.header, finding.code.name)
            }));
        }
        let style = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        write(sheet, row, self.note_column(), &said.join("\n"), &style)?;
        Ok(first)
    }
}

/// The columns of the file that were kept, from left to right.
fn columns(table: &Table, first: &SourceRow) -> Vec<Column> {
    let mut headers = table.headers.iter();
    first
        .fields()
        .map(|field| {
            let header = headers.next().cloned().unwrap_or_else(|| field.called().into_owned());
            Column { field, header }
        })
        .collect()
}
