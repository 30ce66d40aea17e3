use chrono::NaiveDate;

use super::super::plan::{FieldChange, Finding, Severity};
use super::super::source::{Cell, Digits, Field, SourceRow, date, digits};
use crate::error::{Code, Fact, FieldProblem, codes};
use crate::exam::{self, ExamOutcome, ExamResult, Paper, Said, SectionScore};
use crate::values::{Label, Nik, Nisn, Points, Value, holds_identity_number, search_name};

/// A row that has been read by itself.
#[derive(Debug)]
pub(super) struct ReadRow<'a> {
    pub(super) row: &'a SourceRow,
    pub(super) name: Option<String>,
    pub(super) nik: Option<Nik>,
    pub(super) nisn: Option<Nisn>,
    /// The name as it is searched, with the birth date.
    pub(super) born: Option<(String, NaiveDate)>,
    pub(super) paper: Option<Paper>,
    pub(super) findings: Vec<Finding>,
}

/// Reads one row: every cell is looked at, so that a person hears of everything at once.
pub(super) fn read_row(row: &SourceRow) -> ReadRow<'_> {
    let mut reader = Reader { row, findings: Vec::new() };
    let name = reader.text(Field::Name);
    let (nik, nisn) = (reader.nik(), reader.nisn());
    let birth_date = reader.day(Field::BirthDate, &codes::BIRTH_DATE_INVALID);
    let paper = reader.paper();
    let born = name.as_deref().map(search_name).zip(birth_date);
    if nik.is_none() && nisn.is_none() && born.is_none() && reader.findings.is_empty() {
        reader.error(Field::Nik, &codes::IDENTITY_MISSING);
    }
    let Reader { findings, .. } = reader;
    ReadRow { row, name, nik, nisn, born, paper, findings }
}

struct Reader<'a> {
    row: &'a SourceRow,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn error(&mut self, field: Field, code: &'static Code) {
        self.findings.push(Finding::at(self.row, field, code, Severity::Error));
    }

    /// The text of a cell without needless blanks; a dash says nothing, and a formula error is said.
    fn text(&mut self, field: Field) -> Option<String> {
        let cell = self.row.cell(field);
        if matches!(cell, Cell::Fault(_)) {
            self.error(field, &codes::CELL_FAULT);
            return None;
        }
        let text = cell.shown().split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty() && text != "-").then_some(text)
    }

    /// The same as a value of a type.
    fn value<T: Value>(&mut self, field: Field) -> Option<T> {
        let text = self.text(field)?;
        T::read(&text).map_err(|code| self.error(field, code)).ok()
    }

    fn day(&mut self, field: Field, unreadable: &'static Code) -> Option<NaiveDate> {
        self.text(field)?;
        let day = date(self.row.cell(field));
        if day.is_none() {
            self.error(field, unreadable);
        }
        day
    }

    fn nik(&mut self) -> Option<Nik> {
        let read = match digits(self.row.cell(Field::Nik)) {
            Digits::Missing => return None,
            Digits::NumberCell { .. } => Err(&codes::NIK_NUMBER_CELL),
            Digits::Text(text) => Nik::parse(&text),
        };
        read.map_err(|code| self.error(Field::Nik, code)).ok()
    }

    fn nisn(&mut self) -> Option<Nisn> {
        let shown = match digits(self.row.cell(Field::Nisn)) {
            Digits::Missing => return None,
            Digits::Text(shown) | Digits::NumberCell { shown } => shown,
        };
        // Who is found by it is in the register with all of its digits.
        Nisn::parse_padding(&shown).map(|(nisn, _)| nisn).map_err(|code| self.error(Field::Nisn, code)).ok()
    }

    fn paper(&mut self) -> Option<Paper> {
        let (exam, level) = (self.text(Field::Exam), self.text(Field::ExamLevel));
        let taken_on = self.day(Field::TestDate, &codes::CELL_DATE);
        let sections = self.sections();
        let total = self.points(Field::ExamTotal);
        let starred = self.text(Field::ExamResult).is_some_and(|text| text == exam::NO_LEVEL);
        let outcome = if starred { None } else { self.outcome() };
        let number: Option<Label> = self.value(Field::CertificateNumber);
        if number.as_ref().is_some_and(|number| holds_identity_number(number.as_str())) {
            self.error(Field::CertificateNumber, &codes::FIELD_IDENTITY_NUMBER);
        }
        let valid_until = self.day(Field::ValidUntil, &codes::CELL_DATE);
        let Some(taken_on) = taken_on else {
            if self.row.cell(Field::TestDate).is_empty() {
                self.error(Field::TestDate, &codes::FIELD_REQUIRED);
            }
            return None;
        };
        let scheme = self.scheme(exam.as_deref(), level.as_deref(), taken_on)?;
        // `JLPT N5` in one cell names both.
        let level = level.or_else(|| exam.filter(|exam| exam::level_of(scheme, taken_on, exam).is_some()));
        let level = level.map(|level| exam::level_of(scheme, taken_on, &level).map_or(level, str::to_owned));
        // A `*` in place of a result is one in place of a level: none was reached.
        let level = if starred { level.or_else(|| Some(exam::NO_LEVEL.to_owned())) } else { level };
        if starred && level.as_deref() != Some(exam::NO_LEVEL) {
            self.unknown_outcome();
        }
        let level = match level.as_deref().map(Label::parse).transpose() {
            Ok(level) => level,
            Err(code) => {
                self.error(Field::ExamLevel, code);
                return None;
            }
        };
        Some(Paper {
            scheme: scheme.to_owned(),
            level,
            taken_on,
            sections,
            total,
            outcome,
            certificate_number: number,
            valid_until,
        })
    }

    /// The exam that is named, or the only one that had such a level on that day.
    fn scheme(&mut self, exam: Option<&str>, level: Option<&str>, taken_on: NaiveDate) -> Option<&'static str> {
        let found = match (exam, level) {
            (Some(exam), _) => exam::called(exam),
            (None, Some(level)) => {
                let mut alone = exam::with_level(level, taken_on);
                alone.next().filter(|_| alone.next().is_none())
            }
            (None, None) => None,
        };
        if found.is_none() {
            let mut known: Vec<&str> = exam::schemes().iter().map(|scheme| scheme.code.as_str()).collect();
            known.dedup();
            let finding = Finding::at(self.row, Field::Exam, &codes::FIELD_UNKNOWN_VALUE, Severity::Error);
            self.findings.push(Finding { facts: vec![Fact::new("allowed", known.join(", "))], ..finding });
        }
        found
    }

    fn sections(&mut self) -> Vec<SectionScore> {
        let fields = Field::OF_EXAMS.into_iter().filter_map(|field| Some((field, field.section()?)));
        let scored = fields.filter_map(|(field, code)| {
            let score = self.points(field)?;
            Some(SectionScore { code: code.to_owned(), score })
        });
        scored.collect()
    }

    /// Points as people write them: `71`, `71,5`, or `71/120` of a scale.
    fn points(&mut self, field: Field) -> Option<Points> {
        let text = self.text(field)?;
        let scored = text.split('/').next().unwrap_or_default().trim().replace(',', ".");
        Points::read(&scored).map_err(|code| self.error(field, code)).ok()
    }

    fn outcome(&mut self) -> Option<ExamOutcome> {
        let text = self.text(Field::ExamResult)?.to_lowercase();
        let outcome = match text.as_str() {
            "lulus" | "l" | "k" | "kompeten" | "pass" | "passed" | "p" | "competent" | "合格" => ExamOutcome::Passed,
            "tidak lulus" | "tl" | "gagal" | "bk" | "belum kompeten" | "fail" | "failed" | "f" | "not passed"
            | "not yet competent" | "不合格" => ExamOutcome::Failed,
            _ => {
                self.unknown_outcome();
                return None;
            }
        };
        Some(outcome)
    }

    fn unknown_outcome(&mut self) {
        let finding = Finding::at(self.row, Field::ExamResult, &codes::FIELD_UNKNOWN_VALUE, Severity::Error);
        let facts = vec![Fact::new("allowed", "lulus, tidak lulus, K, BK")];
        self.findings.push(Finding { facts, ..finding });
    }
}

/// An empty cell never takes away what is on record; the result stands with the scores that it was told with.
pub(super) fn keep_what_is_missing(paper: &mut Paper, before: &ExamResult) {
    if paper.sections.is_empty() && paper.total.is_none() {
        paper.sections.clone_from(&before.sections);
        paper.total = before.total;
        paper.outcome = paper.outcome.or(Some(before.outcome));
    }
    if paper.certificate_number.is_none() {
        paper.certificate_number.clone_from(&before.certificate_number);
    }
    paper.valid_until = paper.valid_until.or(before.valid_until);
}

/// What a paper would change, field by field. The number on it only says that it changes.
pub(super) fn changes(before: Said, after: Said) -> Vec<FieldChange> {
    let both = before.0.into_iter().zip(after.0).filter(|((_, before), (_, after))| before != after);
    let shown = both.map(|((field, before), (_, after))| {
        let hidden = field == "certificate_number";
        let (before, after) = if hidden { (None, None) } else { (before, after) };
        FieldChange { field: field.to_owned(), before, after }
    });
    shown.collect()
}

/// A problem or a doubt of a paper at the cell that it comes from.
pub(super) fn placed(row: &SourceRow, paper: &Paper, problem: FieldProblem, severity: Severity) -> Finding {
    let section = problem.pointer.strip_prefix("/sections/").and_then(|rest| {
        let index: usize = rest.split('/').next()?.parse().ok()?;
        let code = &paper.sections.get(index)?.code;
        Field::OF_EXAMS.into_iter().find(|field| field.section() == Some(code))
    });
    let field = section.unwrap_or(match problem.pointer.as_str() {
        "/scheme" => Field::Exam,
        "/level" => Field::ExamLevel,
        "/taken_on" => Field::TestDate,
        "/result" => Field::ExamResult,
        "/certificate_number" => Field::CertificateNumber,
        "/valid_until" => Field::ValidUntil,
        _ => Field::ExamTotal,
    });
    Finding { facts: problem.facts, ..Finding::at(row, field, problem.code, severity) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_a_column() {
        for section in exam::schemes().iter().flat_map(|scheme| &scheme.levels).flat_map(|level| &level.sections) {
            let column = Field::OF_EXAMS.into_iter().find(|field| field.section() == Some(&section.code));
            assert!(column.is_some(), "{}", section.code);
        }
    }
}
