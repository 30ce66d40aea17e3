use std::borrow::Cow;
use std::collections::HashMap;

use super::super::plan::{FieldChange, Finding, Severity};
use super::super::severity::Settings;
use super::super::source::{Cell, Digits, Field, SourceRow, digits};
use crate::error::{Code, Fact, codes};
use crate::partner::{Head, Partner, PartnerKind};
use crate::values::{Label, Npsn, PersonName, ProvinceCode, RegencyCode, holds_identity_number, search_name};

/// Characters of a civil servant's number at most, as everywhere.
const NIP: usize = 30;

/// Forms of education that stand in the ministry's list and send nobody abroad.
const OTHER_FORMS: [&str; 19] = [
    "tk", "kb", "tpa", "sps", "ra", "paud", "sd", "mi", "sdlb", "smp", "mts", "smplb", "slb", "smalb", "pkbm", "skb",
    "spk", "sdtk", "smptk",
];

/// An institution as a row has it.
#[derive(Debug, Clone)]
pub(super) struct Institution {
    pub(super) kind: PartnerKind,
    pub(super) name: Label,
    pub(super) regency: RegencyCode,
    pub(super) npsn: Option<Npsn>,
    pub(super) vin: Option<Label>,
    /// Whether the state owns it, if the row says so.
    pub(super) state_owned: Option<bool>,
    pub(super) head: Option<NamedHead>,
}

/// Who heads it, as far as the row says.
#[derive(Debug, Clone)]
pub(super) struct NamedHead {
    name: PersonName,
    title: Option<Label>,
    nip: Option<String>,
}

impl Institution {
    /// What it is the same by where there is no NPSN.
    pub(super) fn key(&self) -> (String, RegencyCode) {
        (search_name(self.name.as_str()), self.regency.clone())
    }

    /// Whether the state owns a new one: as the row says, else as the name does. A state school is an SMKN or a MAN.
    pub(super) fn is_state_owned(&self) -> bool {
        let says = |name: &str| {
            name.split(' ').any(|word| matches!(word, "negeri" | "sman" | "smkn" | "man" | "uptd" | "upt" | "dinas"))
        };
        self.state_owned.unwrap_or_else(|| says(&search_name(self.name.as_str())))
    }

    /// Who signs for it: what the row leaves out stays as it is, and a new head takes over the title and not the number.
    pub(super) fn head(&self, before: Option<&Partner>) -> Option<Head> {
        let known = before.and_then(head_of);
        let Some(NamedHead { name, title, nip }) = self.head.clone() else { return known };
        let same = known.as_ref().is_some_and(|known| known.name == name);
        let (known_title, known_nip) = known.map_or((None, None), |known| (Some(known.title), known.nip));
        let title = title.or(known_title).or_else(|| usual_title(self.kind))?;
        Some(Head { name, title, nip: nip.or(known_nip.filter(|_| same)) })
    }
}

/// Who signs today.
fn head_of(partner: &Partner) -> Option<Head> {
    let (name, title) = partner.head_name.clone().zip(partner.head_title.clone())?;
    Some(Head { name, title, nip: partner.head_nip.clone() })
}

fn usual_title(kind: PartnerKind) -> Option<Label> {
    Label::parse(if kind.is_school() { "Kepala Sekolah" } else { "Kepala" }).ok()
}

/// A row that has been read by itself.
#[derive(Debug)]
pub(super) struct ReadRow<'a> {
    pub(super) row: &'a SourceRow,
    pub(super) name: Option<String>,
    pub(super) institution: Option<Institution>,
    pub(super) findings: Vec<Finding>,
    pub(super) skipped: bool,
}

/// Reads one row: every field is looked at, so that a person hears of everything at once.
pub(super) fn read_row<'r>(row: &'r SourceRow, province: &ProvinceCode, settings: &Settings) -> ReadRow<'r> {
    let mut findings = Vec::new();
    let shown_name = text(row, Field::Institution).map(Cow::into_owned);
    let form = normalised(&text(row, Field::InstitutionKind).unwrap_or_default());
    if OTHER_FORMS.contains(&form.as_str()) {
        findings.push(Finding::at(row, Field::InstitutionKind, &codes::ROW_OTHER_FORM, Severity::Note));
        return ReadRow { row, name: shown_name, institution: None, findings, skipped: true };
    }
    let mut reader = Reader { row, findings: &mut findings };
    let name = reader.needed(Field::Institution, Label::parse);
    let kind = reader.needed(Field::InstitutionKind, |_| kind_of(&form).ok_or(&codes::PARTNER_KIND_UNKNOWN));
    let regency = reader
        .needed(Field::Regency, |text| RegencyCode::named(text, province).map_err(|_| &codes::ROW_REGENCY_UNKNOWN));
    let npsn = reader.npsn(kind);
    let vin = reader.text(Field::Vin).and_then(|vin| Label::parse(&vin).ok());
    let state_owned = reader.state_owned();
    let head = reader.head();
    settings.weigh(&mut findings);
    let institution = match (kind, name, regency) {
        (Some(kind), Some(name), Some(regency)) => {
            Some(Institution { kind, name, regency, npsn, vin, state_owned, head })
        }
        _ => None,
    };
    ReadRow { row, name: shown_name, institution, findings, skipped: false }
}

struct Reader<'a> {
    row: &'a SourceRow,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    fn say(&mut self, field: Field, code: &'static Code, severity: Severity) {
        self.findings.push(Finding::at(self.row, field, code, severity));
    }

    /// A cell that a row cannot do without.
    fn needed<T>(&mut self, field: Field, parse: impl Fn(&str) -> Result<T, &'static Code>) -> Option<T> {
        let read = match (self.row.cell(field), text(self.row, field)) {
            (Cell::Fault(_), _) => Err(&codes::CELL_FAULT),
            (_, None) => Err(&codes::FIELD_REQUIRED),
            (_, Some(text)) => parse(&text),
        };
        read.map_err(|code| self.say(field, code, Severity::Error)).ok()
    }

    /// A cell that it can do without: a formula error is said and left out.
    fn text(&mut self, field: Field) -> Option<String> {
        if matches!(self.row.cell(field), Cell::Fault(_)) {
            self.say(field, &codes::CELL_FAULT, Severity::Warning);
        }
        text(self.row, field).map(Cow::into_owned)
    }

    /// A school is known by its NPSN. Excel makes a number of it without harm: it has no zero in front.
    fn npsn(&mut self, kind: Option<PartnerKind>) -> Option<Npsn> {
        let shown = match digits(self.row.cell(Field::Npsn)) {
            Digits::Text(text) if text != "-" => Some(text),
            Digits::NumberCell { shown } => Some(shown),
            Digits::Text(_) | Digits::Missing => None,
        };
        let Some(shown) = shown else {
            if kind.is_some_and(PartnerKind::is_school) {
                self.say(Field::Npsn, &codes::NPSN_MISSING, Severity::Error);
            }
            return None;
        };
        Npsn::parse(&shown).map_err(|code| self.say(Field::Npsn, code, Severity::Error)).ok()
    }

    fn state_owned(&mut self) -> Option<bool> {
        match normalised(&self.text(Field::Ownership)?).as_str() {
            "negeri" | "n" | "pemerintah" | "state" | "public" => Some(true),
            "swasta" | "s" | "private" => Some(false),
            _ => None,
        }
    }

    fn head(&mut self) -> Option<NamedHead> {
        let name = self.text(Field::HeadName)?;
        let name = PersonName::parse(&name).map_err(|code| self.say(Field::HeadName, code, Severity::Error)).ok()?;
        let title = self.text(Field::HeadTitle).and_then(|title| Label::parse(&title).ok());
        let nip = match digits(self.row.cell(Field::HeadNip)) {
            // Excel keeps 15 digits of a number, and an NIP has 18.
            Digits::NumberCell { .. } => {
                self.say(Field::HeadNip, &codes::NIP_NUMBER_CELL, Severity::Error);
                None
            }
            Digits::Text(text) if holds_identity_number(&text) => {
                self.say(Field::HeadNip, &codes::FIELD_IDENTITY_NUMBER, Severity::Error);
                None
            }
            Digits::Text(text) if text != "-" => Some(text.chars().filter(|c| !c.is_whitespace()).take(NIP).collect()),
            Digits::Text(_) | Digits::Missing => None,
        };
        Some(NamedHead { name, title, nip })
    }
}

fn text(row: &SourceRow, field: Field) -> Option<Cow<'_, str>> {
    match row.cell(field) {
        Cell::Empty | Cell::Fault(_) => None,
        cell => Some(cell.shown()).filter(|text| text != "-"),
    }
}

fn normalised(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// What the ministry and people call each kind.
fn kind_of(form: &str) -> Option<PartnerKind> {
    Some(match form {
        "sma" | "sekolah menengah atas" | "school sma" => PartnerKind::SchoolSma,
        "smk" | "sekolah menengah kejuruan" | "school smk" => PartnerKind::SchoolSmk,
        "ma" | "madrasah aliyah" | "school ma" => PartnerKind::SchoolMa,
        "blk" | "balai latihan kerja" | "uptd blk" | "upt blk" => PartnerKind::Blk,
        "lpk" | "lembaga pelatihan kerja" => PartnerKind::Lpk,
        "lkp" | "lembaga kursus" | "lembaga kursus dan pelatihan" => PartnerKind::Lkp,
        "universitas" | "unit universitas" | "perguruan tinggi" | "university" | "university unit" => {
            PartnerKind::UniversityUnit
        }
        "balai pelatihan pertanian" | "pelatihan pertanian" | "bpp" | "agricultural center" => {
            PartnerKind::AgriculturalCenter
        }
        "politeknik" | "polytechnic" => PartnerKind::Polytechnic,
        "instansi pemerintah" | "kantor pemerintah" | "dinas" | "government office" => PartnerKind::GovernmentOffice,
        _ => return None,
    })
}

/// Names rows that repeat an earlier row's institution, and asks about two of one name. The earlier row stands.
pub(super) fn mark_duplicates(rows: &mut [ReadRow<'_>], settings: &Settings) {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut first_of: HashMap<(String, RegencyCode), (u32, bool)> = HashMap::new();
    for row in rows {
        let Some(institution) = &row.institution else { continue };
        let (number, npsn) = (row.row.number, institution.npsn.as_ref().map(|npsn| npsn.as_str().to_owned()));
        let named = first_of.get(&institution.key()).copied();
        let same_number = npsn.as_ref().and_then(|npsn| numbers.get(npsn).copied());
        // Two of one name and regency are one institution unless a number of each tells them apart.
        let same_name = named.filter(|(_, has_number)| npsn.is_none() || !has_number).map(|(earlier, _)| earlier);
        if let Some(earlier) = same_number.or(same_name) {
            let field = if same_number.is_some() { Field::Npsn } else { Field::Institution };
            let mut finding = Finding::at(row.row, field, &codes::ROW_PARTNER_TWICE, Severity::Error);
            finding.facts = vec![Fact::new("row", earlier)];
            // Only the first reason counts for a repeated row.
            row.findings = vec![finding];
            row.institution = None;
            continue;
        }
        if named.is_some() {
            row.findings.push(Finding::at(row.row, Field::Institution, &codes::PARTNER_SAME_NAME, Severity::Warning));
            settings.weigh(&mut row.findings);
        }
        first_of.entry(institution.key()).or_insert((number, npsn.is_some()));
        numbers.extend(npsn.map(|npsn| (npsn, number)));
    }
}

/// Field by field, old and new. A civil servant's number only says that it differs.
pub(super) fn changes(before: &Partner, institution: &Institution) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut compare = |field: &str, old: Option<&str>, new: Option<&str>| {
        if old != new {
            let (before, after) = (old.map(str::to_owned), new.map(str::to_owned));
            changes.push(FieldChange { field: field.to_owned(), before, after });
        }
    };
    let head = institution.head(Some(before));
    compare("kind", Some(before.kind.as_str()), Some(institution.kind.as_str()));
    compare("name", Some(before.name.as_str()), Some(institution.name.as_str()));
    let new = head.as_ref().map(|head| head.name.as_str());
    compare("head_name", before.head_name.as_ref().map(PersonName::as_str), new);
    let new = head.as_ref().map(|head| head.title.as_str());
    compare("head_title", before.head_title.as_ref().map(Label::as_str), new);
    if before.head_nip != head.and_then(|head| head.nip) {
        changes.push(FieldChange { field: "head_nip".to_owned(), before: None, after: None });
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_what_people_call_it() {
        for (text, kind) in [
            ("SMK", Some(PartnerKind::SchoolSmk)),
            ("Madrasah Aliyah", Some(PartnerKind::SchoolMa)),
            ("UPTD. BLK", Some(PartnerKind::Blk)),
            ("school_sma", Some(PartnerKind::SchoolSma)),
            ("Bengkel", None),
        ] {
            assert_eq!(kind_of(&normalised(text)), kind, "{text}");
        }
        for kind in [PartnerKind::Polytechnic, PartnerKind::GovernmentOffice, PartnerKind::UniversityUnit] {
            assert_eq!(kind_of(&normalised(kind.as_str())), Some(kind));
        }
    }
}
