//! Partners: the institutions that send participants, teach them, or look on.
//!
//! Names, kinds and heads are dated. The row of a partner carries today's; the history answers for any other day.

mod store;

use std::collections::HashMap;

use chrono::NaiveDate;

pub use store::{DatedName, Partner};

use crate::access::{Actor, Operation};
use crate::audit::{self, Note, Subject};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::values::{Label, Npsn, PersonName, ProvinceCode, RegencyCode, search_name, words};

words! {
    /// What kind of institution a partner is.
    pub enum PartnerKind {
        /// Sekolah Menengah Atas.
        SchoolSma = "school_sma",
        /// Sekolah Menengah Kejuruan.
        SchoolSmk = "school_smk",
        /// Madrasah Aliyah.
        SchoolMa = "school_ma",
        /// Balai Latihan Kerja.
        Blk = "blk",
        /// Lembaga Pelatihan Kerja.
        Lpk = "lpk",
        /// Lembaga Kursus dan Pelatihan.
        Lkp = "lkp",
        /// A unit of a university, such as its language centre.
        UniversityUnit = "university_unit",
        /// Balai Pelatihan Pertanian.
        AgriculturalCenter = "agricultural_center",
        /// Politeknik.
        Polytechnic = "polytechnic",
        /// A government office, such as BP3MI or Disnaker.
        GovernmentOffice = "government_office",
    }
}

impl PartnerKind {
    /// Whether students register through it.
    pub fn is_school(self) -> bool {
        matches!(self, Self::SchoolSma | Self::SchoolSmk | Self::SchoolMa)
    }
}

/// Who signs for a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The person's name.
    pub name: PersonName,
    /// The title under the signature, such as `Kepala UPTD BLK`.
    pub title: Label,
    /// NIP, a civil servant's number, if there is one.
    pub nip: Option<String>,
}

/// A partner to enter.
#[derive(Debug, Clone)]
pub struct NewPartner {
    /// What it is.
    pub kind: PartnerKind,
    /// Its name.
    pub name: Label,
    /// Where it stands.
    pub regency: RegencyCode,
    /// Its national number, if it has one.
    pub npsn: Option<Npsn>,
    /// Vocational Identification Number of an LPK or BLK, if it has one.
    pub vin: Option<Label>,
    /// Whether the state owns it; a state school may teach on an assignment instead of a memorandum.
    pub state_owned: bool,
    /// Who signs for it.
    pub head: Option<Head>,
    /// From when the name, kind and head are valid.
    pub valid_from: NaiveDate,
}

/// A new name, kind or head from a day on.
#[derive(Debug, Clone)]
pub struct Renaming {
    /// The kind from that day on.
    pub kind: PartnerKind,
    /// The name from that day on.
    pub name: Label,
    /// The head from that day on.
    pub head: Option<Head>,
    /// That day; after the day of the present name.
    pub valid_from: NaiveDate,
}

/// Which partners are asked for.
#[derive(Debug, Clone, Default)]
pub struct PartnerFilter {
    /// Only this kind.
    pub kind: Option<PartnerKind>,
    /// Only in this regency.
    pub regency: Option<RegencyCode>,
    /// Only names that begin with this.
    pub name: Option<String>,
    /// Only the one with this number.
    pub npsn: Option<Npsn>,
}

/// Enters a partner.
///
/// # Errors
/// `access.denied`, `partner.npsn_taken`, `partner.vin_taken`, `partner.name_future`.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewPartner) -> Result<Partner> {
    actor.may(Operation::PartnerWrite)?;
    let partner = partner_of(tx, actor, new)?;
    store::insert(tx, &partner)?;
    store::insert_name(tx, &partner.dated_name())?;
    entered(&partner).record(tx, actor)?;
    Ok(partner)
}

/// Enters many at once, for imports.
pub(crate) fn create_many(tx: &mut Tx<'_>, actor: &Actor, new: Vec<NewPartner>) -> Result<Vec<Partner>> {
    actor.may(Operation::PartnerWrite)?;
    let partners: Vec<Partner> = new.into_iter().map(|new| partner_of(tx, actor, new)).collect::<Result<_>>()?;
    store::insert_many(tx, &partners)?;
    audit::record_all(tx, actor, partners.iter().map(entered).collect())?;
    Ok(partners)
}

fn partner_of(tx: &Tx<'_>, actor: &Actor, new: NewPartner) -> Result<Partner> {
    let province = new.regency.province();
    if !actor.scope().reaches(&province) {
        return Err(Error::field("/regency", &codes::REGION_UNKNOWN));
    }
    check_day(tx, new.valid_from, &province)?;
    let (head_name, head_title, head_nip) = parts(new.head);
    Ok(Partner {
        id: tx.new_id(),
        province_code: province,
        regency_code: new.regency,
        kind: new.kind,
        search_name: search_name(new.name.as_str()),
        name: new.name,
        npsn: new.npsn,
        vin: new.vin,
        state_owned: new.state_owned,
        head_name,
        head_title,
        head_nip,
        named_from: new.valid_from,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    })
}

/// The row of a partner carries what it is called today, so nothing is entered before its day.
fn check_day(tx: &Tx<'_>, valid_from: NaiveDate, province: &ProvinceCode) -> Result<()> {
    let has_come = valid_from <= tx.today(province);
    if has_come { Ok(()) } else { Err(Error::field("/valid_from", &codes::PARTNER_NAME_FUTURE)) }
}

fn entered(partner: &Partner) -> Note {
    Note::of("partner.created", Subject::partner(partner.id))
        .within(&partner.province_code)
        .with(serde_json::json!({ "kind": partner.kind, "name": partner.name }))
}

/// One partner of the actor's province.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Partner> {
    actor.may(Operation::PartnerRead)?;
    store::visible_one(tx, actor, id)
}

/// Partners of the actor's province.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &PartnerFilter, page: PageRequest) -> Result<Page<Partner>> {
    actor.may(Operation::PartnerRead)?;
    store::visible(tx, actor, filter, page)
}

/// Every name the partner has had, oldest first.
pub fn names(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Vec<DatedName>> {
    get(tx, actor, id)?;
    store::names(tx, id)
}

/// The name, kind and head valid on a day, or the oldest known one for a day before all of them.
pub fn name_on(tx: &mut Tx<'_>, id: Id, day: NaiveDate) -> Result<DatedName> {
    store::name_on(tx, id, day)?.ok_or_else(|| Error::new(&codes::NOT_FOUND))
}

/// Gives a partner a new name, kind or head from a day on.
///
/// # Errors
/// `resource.stale`, `partner.name_older`, `partner.name_future`.
pub fn rename(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, renaming: Renaming) -> Result<Partner> {
    actor.may(Operation::PartnerWrite)?;
    let mut partner = store::visible_one_locked(tx, actor, id)?;
    if partner.version != version {
        return Err(Error::new(&codes::STALE));
    }
    check_day(tx, renaming.valid_from, &partner.province_code)?;
    if renaming.valid_from <= partner.named_from {
        return Err(Error::new(&codes::PARTNER_NAME_OLDER).fact("valid_from", partner.named_from));
    }
    let (head_name, head_title, head_nip) = parts(renaming.head);
    partner.kind = renaming.kind;
    partner.search_name = search_name(renaming.name.as_str());
    partner.name = renaming.name;
    partner.head_name = head_name;
    partner.head_title = head_title;
    partner.head_nip = head_nip;
    partner.named_from = renaming.valid_from;
    partner.version += 1;
    partner.updated_at = tx.now();
    store::update(tx, &partner)?;
    store::insert_name(tx, &partner.dated_name())?;
    audit::record(
        tx,
        actor,
        "partner.renamed",
        Subject::partner(id),
        Some(&partner.province_code),
        &serde_json::json!({ "name": partner.name, "valid_from": partner.named_from }),
    )?;
    Ok(partner)
}

/// The partner with this number, for the command line and imports.
pub fn by_npsn(tx: &mut Tx<'_>, actor: &Actor, npsn: &Npsn) -> Result<Partner> {
    let filter = PartnerFilter { npsn: Some(npsn.clone()), ..PartnerFilter::default() };
    let page = list(tx, actor, &filter, PageRequest::default())?;
    page.rows.into_iter().next().ok_or_else(|| Error::new(&codes::NOT_FOUND))
}

/// Those who have one of these numbers, in whichever province, for imports.
pub(crate) fn with_npsns(tx: &mut Tx<'_>, npsns: &[Npsn]) -> Result<Vec<Partner>> {
    store::with_npsns(tx, npsns)
}

/// Those of a province who are called so, by the form that names are searched by, for imports.
pub(crate) fn called(tx: &mut Tx<'_>, province: &ProvinceCode, names: &[String]) -> Result<Vec<Partner>> {
    store::called(tx, province, names)
}

/// Those with these keys, in order, whatever the scope.
pub(crate) fn many(tx: &mut Tx<'_>, partners: &[Id]) -> Result<Vec<Partner>> {
    store::many(tx, partners)
}

/// How often each has changed, for imports.
pub(crate) fn versions(tx: &mut Tx<'_>, partners: &[Id]) -> Result<HashMap<Id, i32>> {
    store::versions(tx, partners)
}

/// Holds them until the transaction ends, in the order of their keys.
pub(crate) fn lock_many(tx: &mut Tx<'_>, partners: &[Id]) -> Result<()> {
    store::lock_many(tx, partners)
}

/// Removes partners to whom nothing refers, with all their names; how many.
pub(crate) fn remove_many(tx: &mut Tx<'_>, partners: &[Id]) -> Result<usize> {
    store::remove_many(tx, partners)
}

/// Takes the newest name, kind and head back, as if they had never been entered, for imports.
pub(crate) fn take_back_name(tx: &mut Tx<'_>, actor: &Actor, id: Id, detail: &serde_json::Value) -> Result<()> {
    actor.may(Operation::PartnerWrite)?;
    let mut partner = store::visible_one_locked(tx, actor, id)?;
    store::remove_name(tx, id, partner.named_from)?;
    let before = name_on(tx, id, partner.named_from)?;
    partner.kind = before.kind;
    partner.search_name = search_name(before.name.as_str());
    partner.name = before.name;
    partner.head_name = before.head_name;
    partner.head_title = before.head_title;
    partner.head_nip = before.head_nip;
    partner.named_from = before.valid_from;
    partner.version += 1;
    partner.updated_at = tx.now();
    store::update(tx, &partner)?;
    let subject = Subject::partner(id);
    audit::record(tx, actor, "partner.name_taken_back", subject, Some(&partner.province_code), detail)
}

fn parts(head: Option<Head>) -> (Option<PersonName>, Option<Label>, Option<String>) {
    head.map_or((None, None, None), |head| (Some(head.name), Some(head.title), head.nip))
}
