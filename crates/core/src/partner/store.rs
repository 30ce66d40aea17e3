use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{PartnerFilter, PartnerKind};
use crate::access::Actor;
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::{ForUpdate, insert_many, one_of, one_of_ids};
use crate::db::schema::{partner_names, partners};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, Npsn, PersonName, ProvinceCode, RegencyCode, search_name};

/// An institution.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = partners, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Partner {
    /// Key.
    pub id: Id,
    /// Its province.
    pub province_code: ProvinceCode,
    /// Where it stands.
    pub regency_code: RegencyCode,
    /// What it is today.
    pub kind: PartnerKind,
    /// What it is called today.
    pub name: Label,
    /// The form its name is searched by.
    pub search_name: String,
    /// Its national number.
    pub npsn: Option<Npsn>,
    /// Its Vocational Identification Number.
    pub vin: Option<Label>,
    /// Whether the state owns it.
    pub state_owned: bool,
    /// Who signs today.
    pub head_name: Option<PersonName>,
    /// Under which title.
    pub head_title: Option<Label>,
    /// With which civil servant's number.
    pub head_nip: Option<String>,
    /// Since when name, kind and head are so.
    pub named_from: NaiveDate,
    /// Grows with every change.
    pub version: i32,
    /// When it was entered.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Partner {
    pub(super) fn dated_name(&self) -> DatedName {
        DatedName {
            partner_id: self.id,
            valid_from: self.named_from,
            kind: self.kind,
            name: self.name.clone(),
            head_name: self.head_name.clone(),
            head_title: self.head_title.clone(),
            head_nip: self.head_nip.clone(),
        }
    }
}

/// What a partner was called, was, and who signed, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = partner_names, treat_none_as_default_value = false)]
pub struct DatedName {
    /// The partner.
    pub partner_id: Id,
    /// The first day.
    pub valid_from: NaiveDate,
    /// What it was.
    pub kind: PartnerKind,
    /// What it was called.
    pub name: Label,
    /// Who signed.
    pub head_name: Option<PersonName>,
    /// Under which title.
    pub head_title: Option<Label>,
    /// With which civil servant's number.
    pub head_nip: Option<String>,
}

pub(super) fn insert(tx: &mut Tx<'_>, partner: &Partner) -> Result<()> {
    diesel::insert_into(partners::table).values(partner).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, partner: &Partner) -> Result<()> {
    diesel::update(partners::table.find(partner.id)).set(partner).execute(tx.connection)?;
    Ok(())
}

pub(super) fn insert_name(tx: &mut Tx<'_>, name: &DatedName) -> Result<()> {
    diesel::insert_into(partner_names::table).values(name).execute(tx.connection)?;
    Ok(())
}

pub(super) fn insert_many(tx: &mut Tx<'_>, rows: &[Partner]) -> Result<()> {
    insert_many!(tx.connection, partners::table, rows);
    let names: Vec<DatedName> = rows.iter().map(Partner::dated_name).collect();
    insert_many!(tx.connection, partner_names::table, &names);
    Ok(())
}

pub(super) fn remove_name(tx: &mut Tx<'_>, id: Id, valid_from: NaiveDate) -> Result<()> {
    diesel::delete(partner_names::table.find((id, valid_from))).execute(tx.connection)?;
    Ok(())
}

pub(super) fn remove_many(tx: &mut Tx<'_>, ids: &[Id]) -> Result<usize> {
    let names = partner_names::table.filter(one_of_ids(partner_names::partner_id, ids)?);
    diesel::delete(names).execute(tx.connection)?;
    Ok(diesel::delete(partners::table.filter(one_of_ids(partners::id, ids)?)).execute(tx.connection)?)
}

pub(super) fn with_npsns(tx: &mut Tx<'_>, npsns: &[Npsn]) -> Result<Vec<Partner>> {
    let npsns = npsns.iter().map(Npsn::as_str);
    Ok(partners::table.filter(one_of(partners::npsn, npsns)?).load(tx.connection)?)
}

pub(super) fn called(tx: &mut Tx<'_>, province: &ProvinceCode, names: &[String]) -> Result<Vec<Partner>> {
    Ok(partners::table
        .filter(partners::province_code.eq(province))
        .filter(one_of(partners::search_name, names)?)
        .order(partners::id)
        .load(tx.connection)?)
}

pub(super) fn many(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<Partner>> {
    Ok(partners::table.filter(one_of_ids(partners::id, ids)?).order(partners::id).load(tx.connection)?)
}

pub(super) fn versions(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashMap<Id, i32>> {
    let versions: Vec<(Id, i32)> = partners::table
        .filter(one_of_ids(partners::id, ids)?)
        .select((partners::id, partners::version))
        .load(tx.connection)?;
    Ok(versions.into_iter().collect())
}

pub(super) fn lock_many(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    let rows = partners::table.filter(one_of_ids(partners::id, ids)?).order(partners::id).select(partners::id);
    let _held: Vec<Id> = ForUpdate(rows).get_results(tx.connection)?;
    Ok(())
}

/// Institutions are not personal data: everyone in a province sees all of them.
fn seen_by(actor: &Actor) -> partners::BoxedQuery<'_, MultiBackend> {
    let query = partners::table.into_boxed();
    match actor.scope().province() {
        Some(province) => query.filter(partners::province_code.eq(province)),
        None => query,
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Partner> {
    Ok(seen_by(actor).filter(partners::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible_one_locked(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Partner> {
    visible_one(tx, actor, id)?;
    Ok(ForUpdate(partners::table.find(id)).get_result(tx.connection)?)
}

pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &PartnerFilter,
    page: PageRequest,
) -> Result<Page<Partner>> {
    let mut query = seen_by(actor).filter(partners::id.gt(page.after()));
    if let Some(kind) = filter.kind {
        query = query.filter(partners::kind.eq(kind));
    }
    if let Some(regency) = &filter.regency {
        query = query.filter(partners::regency_code.eq(regency));
    }
    if let Some(npsn) = &filter.npsn {
        query = query.filter(partners::npsn.eq(npsn));
    }
    if let Some(name) = &filter.name {
        let pattern = crate::db::dialect::starts_with(&search_name(name));
        query = query.filter(partners::search_name.like(pattern).escape('\\'));
    }
    let rows = query.order(partners::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |partner: &Partner| partner.id))
}

pub(super) fn names(tx: &mut Tx<'_>, id: Id) -> Result<Vec<DatedName>> {
    Ok(partner_names::table
        .filter(partner_names::partner_id.eq(id))
        .order(partner_names::valid_from)
        .load(tx.connection)?)
}

pub(super) fn name_on(tx: &mut Tx<'_>, id: Id, day: NaiveDate) -> Result<Option<DatedName>> {
    let of_partner = partner_names::table.filter(partner_names::partner_id.eq(id));
    let valid = of_partner
        .filter(partner_names::valid_from.le(day))
        .order(partner_names::valid_from.desc())
        .first(tx.connection)
        .optional()?;
    if valid.is_some() {
        return Ok(valid);
    }
    Ok(of_partner.order(partner_names::valid_from).first(tx.connection).optional()?)
}
