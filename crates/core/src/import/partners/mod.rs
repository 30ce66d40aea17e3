//! The institutions of a file against the register: what each row would do, and doing it.
//!
//! A school is the same by its NPSN, and what has none by its name and regency.

mod effects;
mod rules;

use std::collections::HashMap;

use super::packed::Packed;
use super::plan::{Chosen, Finding, Plan, PlannedRow};
use super::progress::{Progress, Stage, Watch, tell};
use super::severity::Settings;
use super::source::{Field, Table};
use super::{Action, Applied, Severity};
use crate::access::Actor;
use crate::db::Tx;
use crate::error::{Fact, Result, codes};
use crate::partner::{self, NewPartner, Partner, Renaming};
use crate::values::{Npsn, ProvinceCode, RegencyCode};
pub(in crate::import) use effects::Effects;
use effects::Written;
use rules::{Institution, ReadRow};

/// What the rows mean.
pub(super) struct Meant {
    rows: Vec<Which>,
    province: ProvinceCode,
}

/// What a row means: an institution as it would be, and as it is.
#[derive(Default)]
struct Which {
    institution: Option<Institution>,
    existing: Option<Box<Partner>>,
}

/// What the register says about the institutions of a file.
struct Register {
    by_npsn: HashMap<Npsn, Partner>,
    by_name: HashMap<(String, RegencyCode), Vec<Partner>>,
}

/// Checks every row, against itself, against the file and against the register, in a handful of queries.
pub(super) fn check(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    settings: &Settings,
    table: &Table,
    watch: &mut Watch<'_>,
) -> Result<(Plan, Meant)> {
    let source = table.rows.all()?;
    let mut read: Vec<ReadRow<'_>> = source.iter().map(|row| rules::read_row(row, province, settings)).collect();
    rules::mark_duplicates(&mut read, settings);
    let register = ask(tx, &read, province)?;
    let (mut plan, mut meant) = (Plan::default(), Vec::with_capacity(read.len()));
    let total = read.len();
    for (behind, row) in read.into_iter().enumerate() {
        tell(watch, Stage::Checking, behind, total)?;
        let (planned, which) = settle(tx, province, settings, row, &register);
        plan.push(planned)?;
        meant.push(which);
    }
    Ok((plan, Meant { rows: meant, province: province.clone() }))
}

fn ask(tx: &mut Tx<'_>, read: &[ReadRow<'_>], province: &ProvinceCode) -> Result<Register> {
    let institutions = || read.iter().filter_map(|row| row.institution.as_ref());
    let npsns: Vec<Npsn> = institutions().filter_map(|one| one.npsn.clone()).collect();
    let names: Vec<String> = institutions().map(|one| one.key().0).collect();
    // A number belongs to one institution of the country.
    let by_npsn = partner::with_npsns(tx, &npsns)?;
    let by_npsn = by_npsn.into_iter().filter_map(|one| Some((one.npsn.clone()?, one))).collect();
    let mut by_name: HashMap<_, Vec<Partner>> = HashMap::new();
    for one in partner::called(tx, province, &names)? {
        by_name.entry((one.search_name.clone(), one.regency_code.clone())).or_default().push(one);
    }
    Ok(Register { by_npsn, by_name })
}

/// Decides what a row is, now that the register has been asked.
fn settle(
    tx: &Tx<'_>,
    province: &ProvinceCode,
    settings: &Settings,
    row: ReadRow<'_>,
    register: &Register,
) -> (PlannedRow, Which) {
    let ReadRow { row: source, name, institution, findings, skipped } = row;
    let action = if skipped { Action::Skipped } else { Action::Problem };
    let mut planned = PlannedRow { findings, ..PlannedRow::blank(source.number, name, action) };
    let Some(institution) = institution.filter(|_| !planned.is_refused()) else {
        return (planned, Which::default());
    };
    let found = |field, code, severity| Finding::at(source, field, code, severity);
    let by_npsn = institution.npsn.as_ref().and_then(|npsn| register.by_npsn.get(npsn));
    let namesakes = register.by_name.get(&institution.key()).map(Vec::as_slice).unwrap_or_default();
    let existing = match (&institution.npsn, namesakes) {
        (None, [one]) => Some(one),
        (None, [_, _, ..]) => {
            planned.findings.push(found(Field::Npsn, &codes::PARTNER_UNCLEAR, Severity::Error));
            None
        }
        _ => by_npsn,
    };
    match existing {
        Some(existing) if existing.province_code != *province => {
            planned.findings.push(found(Field::Npsn, &codes::PARTNER_NPSN_TAKEN, Severity::Error));
        }
        Some(existing) => {
            planned.changes = rules::changes(existing, &institution);
            planned.action = if planned.changes.is_empty() { Action::Same } else { Action::Changed };
            planned.against = Some((existing.id, existing.version));
            if planned.action == Action::Same {
                // What was confirmed once is not asked again.
                planned.findings.clear();
            } else if existing.named_from >= tx.today(province) {
                let mut finding = found(Field::Institution, &codes::PARTNER_NAME_OLDER, Severity::Error);
                finding.facts = vec![Fact::new("valid_from", existing.named_from)];
                planned.findings.push(finding);
            }
            if existing.regency_code != institution.regency {
                planned.findings.push(found(Field::Regency, &codes::ROW_REGENCY_DIFFERS, Severity::Note));
            }
        }
        None => {
            if !namesakes.is_empty() && !planned.is_refused() {
                planned.findings.push(found(Field::Institution, &codes::PARTNER_SAME_NAME, Severity::Warning));
            }
            planned.action = Action::New;
        }
    }
    settings.weigh(&mut planned.findings);
    if planned.is_refused() {
        planned.action = Action::Problem;
        return (planned, Which::default());
    }
    let existing = existing.cloned().map(Box::new);
    (planned, Which { institution: Some(institution), existing })
}

/// Writes the chosen rows that have no problem: new institutions, and new names and heads from today.
pub(super) fn write(
    tx: &mut Tx<'_>,
    actor: &Actor,
    rows: &Packed<PlannedRow>,
    meant: Meant,
    chosen: &Chosen,
    watch: &mut Watch<'_>,
) -> Result<(Applied, Effects)> {
    let valid_from = tx.today(&meant.province);
    let (mut numbers, mut new) = (Vec::new(), Vec::new());
    let mut effects = Effects::default();
    let total = rows.len();
    for (behind, (planned, which)) in rows.values().zip(meant.rows).enumerate() {
        tell(watch, Stage::Writing, behind, total)?;
        let planned = planned?;
        if !chosen.has(planned.number) {
            continue;
        }
        let row = planned.number;
        match (planned.action, which) {
            (Action::New, Which { institution: Some(institution), .. }) => {
                let (state_owned, head) = (institution.is_state_owned(), institution.head(None));
                let Institution { kind, name, regency, npsn, vin, .. } = institution;
                new.push(NewPartner { kind, name, regency, npsn, vin, state_owned, head, valid_from });
                numbers.push(row);
            }
            (Action::Changed, Which { institution: Some(institution), existing: Some(existing) }) => {
                let head = institution.head(Some(&existing));
                let Institution { kind, name, .. } = institution;
                let renaming = Renaming { kind, name, head, valid_from };
                let renamed = partner::rename(tx, actor, existing.id, existing.version, renaming)?;
                effects.renamed.push(Written { row, partner: renamed.id, version: renamed.version });
            }
            _ => {}
        }
    }
    watch(Progress { stage: Stage::Writing, done: total, total })?;
    let entered = partner::create_many(tx, actor, new)?;
    let written = |(row, partner): (u32, &Partner)| Written { row, partner: partner.id, version: partner.version };
    effects.entered = numbers.into_iter().zip(&entered).map(written).collect();
    let (registered, corrected) = (effects.entered.len(), effects.renamed.len());
    let applied = Applied { registered, corrected, enrolled: 0, seated: 0 };
    Ok((applied, effects))
}
