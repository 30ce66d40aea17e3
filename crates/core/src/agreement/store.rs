use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{Datelike, Duration, NaiveDate};
use diesel::prelude::*;

use super::{AgreementFilter, AgreementKind, Coverage, Terms, WARNINGS};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::{ForUpdate, alone, insert_many, native, one_of_ids};
use crate::db::schema::{
    agreement_files, agreement_parents, agreement_parties, agreement_programs, agreement_regencies, agreement_warnings,
    agreement_years, agreements, partners,
};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::partner::Partner;
use crate::time::Instant;
use crate::values::{Label, PersonName, ProvinceCode, RegencyCode};

/// What allows a partner to run programs.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = agreements, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Agreement {
    /// Key.
    pub id: Id,
    /// With whom.
    pub partner_id: Id,
    /// What kind of paper.
    pub kind: AgreementKind,
    /// Its number.
    pub number: Label,
    /// Its title.
    pub title: Label,
    /// When it was signed.
    pub signed_on: NaiveDate,
    /// The first day it holds.
    pub starts_on: NaiveDate,
    /// The last day it holds.
    pub ends_on: NaiveDate,
    /// Seats it allows; any number when there is none.
    pub seats: Option<i32>,
    /// Seats its classes have taken.
    pub seats_planned: i32,
    /// When it was ended before its time.
    pub terminated_on: Option<NaiveDate>,
    /// Why.
    pub termination_reason: Option<Label>,
    /// Grows with every change.
    pub version: i32,
    /// When it was entered.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// Not signed yet; it allows nothing.
    pub is_draft: bool,
    /// Seats it allows in classes that begin in one calendar year; any number when there is none.
    pub seats_per_year: Option<i32>,
}

/// Whoever signs an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Party {
    /// The institution.
    pub name: Label,
    /// The number that the agreement has there.
    pub number: Option<Label>,
    /// Who signs for it.
    pub signatory: PersonName,
    /// The signatory's title.
    pub title: Label,
    /// The letter that authorises the signatory (surat kuasa), if one does.
    pub authority: Option<Label>,
}

/// Seats of classes that begin in a calendar year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Year {
    /// Which year.
    pub year: i32,
    /// Seats that are allowed.
    pub seats: i32,
    /// Seats that classes have taken.
    pub seats_planned: i32,
}

/// What is said of a paper that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct FileFacts {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its bytes.
    pub size: i32,
    /// When it was kept.
    pub kept_at: Instant,
    /// By whose account.
    pub kept_by: Id,
}

pub(super) fn insert(tx: &mut Tx<'_>, agreement: &Agreement) -> Result<()> {
    diesel::insert_into(agreements::table).values(agreement).execute(tx.connection)?;
    Ok(())
}

/// Writes what is agreed in the place of what was.
pub(super) fn replace_terms(tx: &mut Tx<'_>, id: Id, terms: &Terms) -> Result<()> {
    use agreement_parties as party;
    macro_rules! clear {
        ($($table:ident),*) => {
            $(diesel::delete($table::table.filter($table::agreement_id.eq(id))).execute(tx.connection)?;)*
        };
    }
    clear!(agreement_programs, agreement_regencies, agreement_parties, agreement_parents);
    let programs: BTreeSet<Id> = terms.coverage.programs.iter().copied().collect();
    let programs: Vec<_> = programs
        .into_iter()
        .map(|program| (agreement_programs::agreement_id.eq(id), agreement_programs::program_id.eq(program)))
        .collect();
    // The partner is checked before, so what the tables do not find is a program.
    let mut insert = || -> Result<()> {
        insert_many!(tx.connection, agreement_programs::table, programs);
        Ok(())
    };
    insert().map_err(|error| error.at("/programs"))?;
    let regencies: BTreeSet<String> = terms.coverage.regencies.iter().map(|code| code.as_str().to_owned()).collect();
    let regencies: Vec<_> = regencies
        .into_iter()
        .map(|code| (agreement_regencies::agreement_id.eq(id), agreement_regencies::regency_code.eq(code)))
        .collect();
    insert_many!(tx.connection, agreement_regencies::table, regencies);
    let parties: Vec<_> = (1_i32..)
        .zip(&terms.parties)
        .map(|(position, one)| {
            (
                party::agreement_id.eq(id),
                party::position.eq(position),
                party::name.eq(one.name.clone()),
                party::number.eq(one.number.clone()),
                party::signatory.eq(one.signatory.clone()),
                party::title.eq(one.title.clone()),
                party::authority.eq(one.authority.clone()),
            )
        })
        .collect();
    insert_many!(tx.connection, agreement_parties::table, parties);
    if let Some(parent) = terms.parent {
        diesel::insert_into(agreement_parents::table)
            .values((agreement_parents::agreement_id.eq(id), agreement_parents::parent_id.eq(parent)))
            .execute(tx.connection)?;
    }
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, agreement: &Agreement) -> Result<()> {
    diesel::update(agreements::table.find(agreement.id)).set(agreement).execute(tx.connection)?;
    Ok(())
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Agreement> {
    Ok(agreements::table.find(id).get_result(tx.connection)?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Agreement> {
    Ok(ForUpdate(agreements::table.find(id)).get_result(tx.connection)?)
}

pub(super) fn coverage(tx: &mut Tx<'_>, id: Id) -> Result<Coverage> {
    let programs = agreement_programs::table
        .filter(agreement_programs::agreement_id.eq(id))
        .order(agreement_programs::program_id)
        .select(agreement_programs::program_id)
        .load(tx.connection)?;
    let regencies = agreement_regencies::table
        .filter(agreement_regencies::agreement_id.eq(id))
        .order(agreement_regencies::regency_code)
        .select(agreement_regencies::regency_code)
        .load(tx.connection)?;
    Ok(Coverage { programs, regencies })
}

/// Signed agreements of a province that name a program, each with its partner's regency.
pub(super) fn of_program(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    program: Id,
) -> Result<Vec<(Agreement, RegencyCode)>> {
    Ok(agreement_programs::table
        .inner_join(agreements::table.inner_join(partners::table))
        .filter(agreement_programs::program_id.eq(program))
        .filter(partners::province_code.eq(province))
        .filter(agreements::is_draft.eq(false))
        .order(agreements::id)
        .select((agreements::all_columns, partners::regency_code))
        .load(tx.connection)?)
}

/// The regencies that each of these agreements names.
pub(super) fn regencies_of(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashMap<Id, Vec<RegencyCode>>> {
    let rows: Vec<(Id, RegencyCode)> =
        agreement_regencies::table.filter(one_of_ids(agreement_regencies::agreement_id, ids)?).load(tx.connection)?;
    let mut regencies: HashMap<Id, Vec<RegencyCode>> = HashMap::new();
    for (agreement, regency) in rows {
        regencies.entry(agreement).or_default().push(regency);
    }
    Ok(regencies)
}

/// Seats that classes of each of these agreements have taken in the year of a day.
pub(super) fn taken_in_year(tx: &mut Tx<'_>, ids: &[Id], day: NaiveDate) -> Result<HashMap<Id, i32>> {
    let taken: Vec<(Id, i32)> = agreement_years::table
        .filter(one_of_ids(agreement_years::agreement_id, ids)?)
        .filter(agreement_years::year.eq(day.year()))
        .select((agreement_years::agreement_id, agreement_years::seats_planned))
        .load(tx.connection)?;
    Ok(taken.into_iter().collect())
}

pub(super) fn parent(tx: &mut Tx<'_>, id: Id) -> Result<Option<Id>> {
    Ok(agreement_parents::table.find(id).select(agreement_parents::parent_id).get_result(tx.connection).optional()?)
}

pub(super) fn parties(tx: &mut Tx<'_>, id: Id) -> Result<Vec<Party>> {
    use agreement_parties as party;
    Ok(party::table
        .filter(party::agreement_id.eq(id))
        .order(party::position)
        .select((party::name, party::number, party::signatory, party::title, party::authority))
        .load(tx.connection)?)
}

pub(super) fn years(tx: &mut Tx<'_>, id: Id) -> Result<Vec<Year>> {
    Ok(agreement_years::table
        .filter(agreement_years::agreement_id.eq(id))
        .order(agreement_years::year)
        .select((agreement_years::year, agreement_years::seats, agreement_years::seats_planned))
        .load(tx.connection)?)
}

pub(super) fn file_facts(tx: &mut Tx<'_>, id: Id) -> Result<Option<FileFacts>> {
    use agreement_files as file;
    Ok(file::table
        .find(id)
        .select((file::sha256, file::size, file::kept_at, file::kept_by))
        .get_result(tx.connection)
        .optional()?)
}

pub(super) fn file(tx: &mut Tx<'_>, id: Id) -> Result<String> {
    Ok(agreement_files::table.find(id).select(agreement_files::file_sealed).get_result(tx.connection)?)
}

pub(super) fn keep_file(tx: &mut Tx<'_>, id: Id, facts: &FileFacts, sealed: &str) -> Result<()> {
    use agreement_files as file;
    diesel::delete(file::table.find(id)).execute(tx.connection)?;
    diesel::insert_into(file::table)
        .values((
            file::agreement_id.eq(id),
            file::sha256.eq(&facts.sha256),
            file::size.eq(facts.size),
            file::file_sealed.eq(sealed),
            file::kept_at.eq(facts.kept_at),
            file::kept_by.eq(facts.kept_by),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// The tables' checks refuse more seats than the agreement allows, in all or in the year in which a class begins.
pub(super) fn add_seats(tx: &mut Tx<'_>, agreement: &Agreement, starts_on: NaiveDate, seats: i32) -> Result<()> {
    if seats == 0 {
        return Ok(());
    }
    diesel::update(agreements::table.find(agreement.id))
        .set(agreements::seats_planned.eq(agreements::seats_planned + seats))
        .execute(tx.connection)?;
    let Some(allowed) = agreement.seats_per_year else { return Ok(()) };
    let year = starts_on.year();
    native!(tx.connection, c => diesel::insert_into(agreement_years::table)
        .values((
            agreement_years::agreement_id.eq(agreement.id),
            agreement_years::year.eq(year),
            agreement_years::seats.eq(allowed),
            agreement_years::seats_planned.eq(0),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    diesel::update(agreement_years::table.find((agreement.id, year)))
        .set(agreement_years::seats_planned.eq(agreement_years::seats_planned + seats))
        .execute(tx.connection)?;
    Ok(())
}

/// Stands in line with everyone who looks for warnings.
pub(super) fn wait_for_warnings(tx: &mut Tx<'_>) -> Result<()> {
    Ok(alone(tx.connection, "warnings of agreements")?)
}

/// Signed agreements that end within the time of the first warning, with their partners. A day more at both ends, since
/// the day begins in each province at its own hour.
pub(super) fn ending(tx: &mut Tx<'_>) -> Result<Vec<(Agreement, Partner)>> {
    let today = tx.now().utc().date_naive();
    let furthest = WARNINGS.into_iter().max().unwrap_or_default();
    let (first, last) = (today - Duration::days(1), today + Duration::days(furthest + 1));
    let ends = agreements::ends_on.le(last).or(agreements::terminated_on.le(last).assume_not_null());
    Ok(agreements::table
        .inner_join(partners::table)
        .filter(agreements::is_draft.eq(false))
        .filter(agreements::ends_on.ge(first))
        .filter(agreements::terminated_on.is_null().or(agreements::terminated_on.ge(first).assume_not_null()))
        .filter(ends)
        .order(agreements::id)
        .load(tx.connection)?)
}

pub(super) fn warned(tx: &mut Tx<'_>, id: Id) -> Result<HashSet<i64>> {
    let sent: Vec<i32> = agreement_warnings::table
        .filter(agreement_warnings::agreement_id.eq(id))
        .select(agreement_warnings::days)
        .load(tx.connection)?;
    Ok(sent.into_iter().map(i64::from).collect())
}

pub(super) fn note_warnings(tx: &mut Tx<'_>, id: Id, days: &[i64]) -> Result<()> {
    let now = tx.now();
    let rows: Vec<_> = days
        .iter()
        .map(|days| {
            (
                agreement_warnings::agreement_id.eq(id),
                agreement_warnings::days.eq(i32::try_from(*days).unwrap_or(i32::MAX)),
                agreement_warnings::sent_at.eq(now),
            )
        })
        .collect();
    insert_many!(tx.connection, agreement_warnings::table, rows);
    Ok(())
}

/// A partner's people see its own agreements; offices see those of their province or regency.
fn seen_by(actor: &Actor) -> agreements::BoxedQuery<'_, MultiBackend> {
    let query = agreements::table.into_boxed();
    match actor.scope() {
        Scope::Everything => query,
        Scope::Province(province) => query.filter(
            agreements::partner_id
                .eq_any(partners::table.filter(partners::province_code.eq(province)).select(partners::id)),
        ),
        Scope::Regency(_, regency) => query.filter(
            agreements::partner_id
                .eq_any(partners::table.filter(partners::regency_code.eq(regency)).select(partners::id)),
        ),
        Scope::School(_, partner) | Scope::Partner(_, partner) => query.filter(agreements::partner_id.eq(partner)),
        Scope::Instructor(..) => query.filter(agreements::partner_id.eq(actor.partner().unwrap_or_default())),
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Agreement> {
    Ok(seen_by(actor).filter(agreements::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &AgreementFilter,
    page: PageRequest,
) -> Result<Page<Agreement>> {
    let mut query = seen_by(actor).filter(agreements::id.gt(page.after()));
    if let Some(partner) = filter.partner {
        query = query.filter(agreements::partner_id.eq(partner));
    }
    if let Some(day) = filter.ends_by {
        let terminated = agreements::terminated_on.le(day).assume_not_null();
        query = query.filter(agreements::ends_on.le(day).or(terminated));
    }
    if let Some(day) = filter.not_over_on {
        let goes_on = agreements::terminated_on.is_null().or(agreements::terminated_on.gt(day).assume_not_null());
        query = query.filter(agreements::is_draft.eq(false)).filter(agreements::ends_on.ge(day)).filter(goes_on);
    }
    let rows = query.order(agreements::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |agreement: &Agreement| agreement.id))
}
