use std::collections::HashMap;

use chrono::NaiveDate;

use super::super::plan::{FieldChange, Finding, Severity};
use super::super::severity::Settings;
use super::super::source::{Cell, Digits, Field, SourceRow, date, digits};
use crate::enrollment::is_grade_xii;
use crate::error::{Code, Fact, codes};
use crate::participant::{self, Address, Contact, Guardian, Person, Relation};
use crate::time::long_date;
use crate::values::{Email, FamilyCard, Nik, Nisn, PersonName, Phone, Sex, search_name};

/// Whether a row is of this person: the same NIK or NISN, or the same name and birth date.
pub(crate) fn is_of(row: &SourceRow, person: &Person) -> bool {
    let number = |field| match digits(row.cell(field)) {
        Digits::Text(number) | Digits::NumberCell { shown: number } => Some(number),
        Digits::Missing => None,
    };
    let same_nik = person.nik.as_ref().is_some_and(|nik| number(Field::Nik).as_deref() == Some(nik.as_str()));
    let same_nisn = person
        .nisn
        .as_ref()
        .is_some_and(|nisn| number(Field::Nisn).is_some_and(|number| format!("{number:0>10}") == nisn.as_str()));
    let same_name =
        || text(row, Field::Name).is_some_and(|name| search_name(&name) == search_name(person.name.as_str()));
    same_nik || same_nisn || same_name() && date(row.cell(Field::BirthDate)) == Some(person.birth_date)
}

/// A row that has been read by itself.
#[derive(Debug)]
pub(super) struct ReadRow<'a> {
    /// The row itself, for findings that come later.
    pub(super) row: &'a SourceRow,
    pub(super) name: Option<String>,
    pub(super) person: Option<Person>,
    /// The name as it is searched by and the birth date, by which namesakes are known.
    pub(super) called: Option<(String, NaiveDate)>,
    pub(super) findings: Vec<Finding>,
    pub(super) skipped: bool,
}

fn finding(row: &SourceRow, field: Field, code: &'static Code, severity: Severity) -> Finding {
    Finding::at(row, field, code, severity)
}

/// Reads one row: every field is looked at, so that a person hears of everything at once.
pub(super) fn read_row<'r>(
    row: &'r SourceRow,
    today: NaiveDate,
    grade_xii_only: bool,
    settings: &Settings,
) -> ReadRow<'r> {
    let mut findings = Vec::new();
    let shown_name = text(row, Field::Name);
    let homeroom = Reader { row, findings: &mut findings }.text(Field::Homeroom);
    if grade_xii_only && homeroom.as_deref().is_some_and(|homeroom| !is_grade_xii(homeroom)) {
        findings.push(finding(row, Field::Homeroom, &codes::ROW_NOT_GRADE_XII, Severity::Note));
        return ReadRow { row, name: shown_name, person: None, called: None, findings, skipped: true };
    }
    let mut reader = Reader { row, findings: &mut findings };
    let name = reader.name();
    let sex = reader.sex();
    let birth_date = reader.birth_date(today);
    let nik = reader.nik();
    let nisn = reader.nisn();
    let contact = reader.contact();
    let (birth_place, student_number) = (reader.text(Field::BirthPlace), reader.text(Field::StudentNumber));
    let person = match (name, sex, birth_date) {
        (Some(name), Some(sex), Some(birth_date)) => Some(Person {
            name,
            sex,
            birth_place: birth_place.unwrap_or_default(),
            birth_date,
            nik,
            nisn,
            student_number,
            homeroom,
            graduation_year: None,
            contact,
        }),
        _ => None,
    };
    if let Some(person) = &person {
        if let Err(error) = participant::check(person, today) {
            let placed = |pointer: &str| if pointer == "/birth_date" { Field::BirthDate } else { Field::Nik };
            for problem in error.fields {
                let finding = finding(row, placed(&problem.pointer), problem.code, Severity::Error);
                // A missing NIK has been named already, more precisely.
                if problem.code != &codes::IDENTITY_MISSING {
                    findings.push(finding);
                }
            }
        }
        for doubt in participant::doubts(person) {
            findings.push(finding(row, Field::Nik, doubt.code(), Severity::Warning));
        }
    }
    settings.weigh(&mut findings);
    let is_refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    if !is_refused && person.as_ref().is_some_and(|person| person.nik.is_none() && person.nisn.is_none()) {
        findings.push(finding(row, Field::Nik, &codes::IDENTITY_MISSING, Severity::Error));
    }
    let called = person.as_ref().map(|person| (search_name(person.name.as_str()), person.birth_date));
    ReadRow { row, name: shown_name, person, called, findings, skipped: false }
}

struct Reader<'a> {
    row: &'a SourceRow,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    fn error(&mut self, field: Field, code: &'static Code) {
        self.findings.push(finding(self.row, field, code, Severity::Error));
    }

    fn warning(&mut self, field: Field, code: &'static Code) {
        self.findings.push(finding(self.row, field, code, Severity::Warning));
    }

    /// The text of a cell that a row can do without: a formula error is said and left out.
    fn text(&mut self, field: Field) -> Option<String> {
        self.doubt_fault(field);
        text(self.row, field)
    }

    /// The same for digits.
    fn digits(&mut self, field: Field) -> Digits {
        if self.doubt_fault(field) { Digits::Missing } else { digits(self.row.cell(field)) }
    }

    fn doubt_fault(&mut self, field: Field) -> bool {
        let faulty = matches!(self.row.cell(field), Cell::Fault(_));
        if faulty {
            self.warning(field, &codes::CELL_FAULT);
        }
        faulty
    }

    /// Says so when a cell holds a formula error.
    fn faulty(&mut self, field: Field) -> bool {
        let faulty = matches!(self.row.cell(field), Cell::Fault(_));
        if faulty {
            self.error(field, &codes::CELL_FAULT);
        }
        faulty
    }

    fn name(&mut self) -> Option<PersonName> {
        if self.faulty(Field::Name) {
            return None;
        }
        PersonName::parse(&text(self.row, Field::Name).unwrap_or_default())
            .map_err(|code| self.error(Field::Name, code))
            .ok()
    }

    fn sex(&mut self) -> Option<Sex> {
        if self.faulty(Field::Sex) {
            return None;
        }
        let word = text(self.row, Field::Sex).unwrap_or_default().to_lowercase();
        match word.as_str() {
            "p" | "perempuan" | "wanita" | "f" | "female" => Some(Sex::Female),
            "l" | "laki-laki" | "laki laki" | "pria" | "m" | "male" => Some(Sex::Male),
            _ => {
                self.error(Field::Sex, &codes::SEX_UNKNOWN);
                None
            }
        }
    }

    fn birth_date(&mut self, today: NaiveDate) -> Option<NaiveDate> {
        if self.faulty(Field::BirthDate) {
            return None;
        }
        let read = date(self.row.cell(Field::BirthDate)).filter(|day| *day <= today);
        if read.is_none() {
            self.error(Field::BirthDate, &codes::BIRTH_DATE_INVALID);
        }
        read
    }

    fn nik(&mut self) -> Option<Nik> {
        if self.faulty(Field::Nik) {
            return None;
        }
        let read = match digits(self.row.cell(Field::Nik)) {
            Digits::Missing => Err(&codes::NIK_MISSING),
            // Excel keeps 15 digits of a number: the sixteenth of a NIK is gone.
            Digits::NumberCell { .. } => Err(&codes::NIK_NUMBER_CELL),
            Digits::Text(text) => Nik::parse(&text),
        };
        read.map_err(|code| self.error(Field::Nik, code)).ok()
    }

    fn nisn(&mut self) -> Option<Nisn> {
        if self.faulty(Field::Nisn) {
            return None;
        }
        let shown = match digits(self.row.cell(Field::Nisn)) {
            Digits::Missing => return None,
            Digits::Text(text) => text,
            Digits::NumberCell { shown } => shown,
        };
        match Nisn::parse_padding(&shown) {
            Ok((nisn, padded)) => {
                if padded {
                    self.warning(Field::Nisn, &codes::NISN_PADDED);
                }
                Some(nisn)
            }
            Err(code) => {
                self.error(Field::Nisn, code);
                None
            }
        }
    }

    fn contact(&mut self) -> Contact {
        let family_card = match self.digits(Field::FamilyCard) {
            Digits::Text(text) => FamilyCard::parse(&text).ok(),
            // Needed for nothing but telling it from the NIK; a spoilt one is left out.
            Digits::Missing | Digits::NumberCell { .. } => None,
        };
        Contact {
            family_card,
            phone: self.phone(),
            email: self.text(Field::Email).and_then(|email| Email::parse(&email).ok()),
            address: Address {
                street: self.text(Field::Street),
                rt: self.text(Field::NeighbourhoodRt),
                rw: self.text(Field::Rw),
                hamlet: self.text(Field::Hamlet),
                village: self.text(Field::Village),
                district: self.text(Field::District),
                postal_code: self.text(Field::PostalCode),
            },
            guardian: self.guardian(),
        }
    }

    /// The mobile number, or the telephone column where it holds a mobile one. A landline is no way to send a message.
    fn phone(&mut self) -> Option<Phone> {
        for field in [Field::Mobile, Field::Phone] {
            let shown = match self.digits(field) {
                Digits::Missing => continue,
                Digits::Text(text) => text,
                Digits::NumberCell { shown } => shown,
            };
            match Phone::parse_padding(&shown) {
                Ok((phone, padded)) => {
                    if padded {
                        self.warning(field, &codes::PHONE_PADDED);
                    }
                    return Some(phone);
                }
                Err(code) if field == Field::Mobile => self.warning(field, code),
                Err(_) => {}
            }
        }
        None
    }

    /// The first of guardian, father and mother that is filled in, as Dapodik means it.
    fn guardian(&mut self) -> Option<Guardian> {
        let named = [
            (Field::GuardianName, Relation::Guardian),
            (Field::FatherName, Relation::Father),
            (Field::MotherName, Relation::Mother),
        ];
        for (field, relation) in named {
            let Some(text) = self.text(field) else { continue };
            match PersonName::parse(&text) {
                Ok(name) => return Some(Guardian { name, relation, phone: None }),
                // A name all the same, unlike a hyphen for nobody.
                Err(code) if code == &codes::NAME_INVISIBLE => self.error(field, code),
                Err(_) => {}
            }
        }
        None
    }
}

fn text(row: &SourceRow, field: Field) -> Option<String> {
    let cell = row.cell(field);
    if matches!(cell, Cell::Fault(_)) {
        return None;
    }
    let shown = cell.shown();
    let mut clean = String::with_capacity(shown.len());
    for word in shown.split_whitespace() {
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.push_str(word);
    }
    if let Some((end, _)) = clean.char_indices().nth(200) {
        clean.truncate(end);
    }
    (!clean.is_empty()).then_some(clean)
}

/// Who stands in the rows of a file so far, and in which row first.
#[derive(Default)]
pub(super) struct Earlier {
    nik: HashMap<u64, u32>,
    nisn: HashMap<u64, u32>,
    called: HashMap<(String, NaiveDate), u32>,
}

impl Earlier {
    /// Names rows that repeat an earlier row's NIK or NISN. The earlier row stands.
    pub(super) fn mark_duplicates(&mut self, rows: &mut [ReadRow<'_>]) {
        for row in rows {
            let (Some(person), Some(namesake)) = (&row.person, &row.called) else { continue };
            // Both are digits, and of one length.
            let nik = person.nik.as_ref().and_then(|nik| nik.as_str().parse().ok());
            let nisn = person.nisn.as_ref().and_then(|nisn| nisn.as_str().parse().ok());
            let by_nik = nik.and_then(|nik| self.nik.get(&nik));
            if let Some(earlier) = by_nik.or(nisn.and_then(|nisn| self.nisn.get(&nisn))) {
                let mut finding = finding(row.row, Field::Nik, &codes::ROW_DUPLICATE, Severity::Error);
                finding.facts = vec![Fact::new("row", earlier)];
                // Only the first reason counts for a repeated row.
                row.findings = vec![finding];
                continue;
            }
            if let Some(earlier) = self.called.get(namesake) {
                let mut finding = finding(row.row, Field::Name, &codes::ROW_NAMESAKE, Severity::Warning);
                finding.facts = vec![Fact::new("row", earlier)];
                row.findings.push(finding);
            }
            let number = row.row.number;
            self.called.entry(namesake.clone()).or_insert(number);
            self.nik.extend(nik.map(|nik| (nik, number)));
            self.nisn.extend(nisn.map(|nisn| (nisn, number)));
        }
    }
}

/// An empty cell never erases what is known.
pub(super) fn keep_what_is_missing(person: &mut Person, before: &Person) {
    fn keep<T: Clone>(new: &mut Option<T>, old: Option<&T>) {
        if new.is_none() {
            *new = old.cloned();
        }
    }
    keep(&mut person.nik, before.nik.as_ref());
    keep(&mut person.nisn, before.nisn.as_ref());
    keep(&mut person.student_number, before.student_number.as_ref());
    keep(&mut person.homeroom, before.homeroom.as_ref());
    keep(&mut person.graduation_year, before.graduation_year.as_ref());
    if person.birth_place.is_empty() {
        person.birth_place.clone_from(&before.birth_place);
    }
    let (new, old) = (&mut person.contact, &before.contact);
    keep(&mut new.family_card, old.family_card.as_ref());
    keep(&mut new.phone, old.phone.as_ref());
    keep(&mut new.email, old.email.as_ref());
    keep(&mut new.address.street, old.address.street.as_ref());
    keep(&mut new.address.rt, old.address.rt.as_ref());
    keep(&mut new.address.rw, old.address.rw.as_ref());
    keep(&mut new.address.hamlet, old.address.hamlet.as_ref());
    keep(&mut new.address.village, old.address.village.as_ref());
    keep(&mut new.address.district, old.address.district.as_ref());
    keep(&mut new.address.postal_code, old.address.postal_code.as_ref());
    match (&mut new.guardian, &old.guardian) {
        (Some(new), Some(old)) => keep(&mut new.phone, old.phone.as_ref()),
        (new @ None, old) => new.clone_from(old),
        (Some(_), None) => {}
    }
}

/// Field by field, old and new. Identity numbers and contacts only say that they differ.
pub(super) fn changes(before: &Person, after: &Person) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut compare = |field: &str, old: Option<String>, new: Option<String>| {
        if old != new {
            changes.push(FieldChange { field: field.to_owned(), before: old, after: new });
        }
    };
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    compare("name", filled(before.name.as_str()), filled(after.name.as_str()));
    compare("sex", filled(before.sex.as_str()), filled(after.sex.as_str()));
    compare("birth_place", filled(&before.birth_place), filled(&after.birth_place));
    compare("birth_date", Some(long_date(before.birth_date)), Some(long_date(after.birth_date)));
    compare("student_number", before.student_number.clone(), after.student_number.clone());
    compare("homeroom", before.homeroom.clone(), after.homeroom.clone());
    let mut hidden = |field: &str, differs: bool| {
        if differs {
            changes.push(FieldChange { field: field.to_owned(), before: None, after: None });
        }
    };
    hidden("nik", before.nik != after.nik);
    hidden("nisn", before.nisn != after.nisn);
    hidden("contact", before.contact != after.contact);
    changes
}
