//! Agreements: what allows a partner to run programs. A class needs one that covers it.

mod rules;
mod store;

use chrono::NaiveDate;

pub use rules::{Standing, WARNINGS, days_left, standing};
pub use store::{Agreement, FileFacts, Party, Year};

use crate::access::{self, Actor, Operation};
use crate::audit::{self, Note, Subject};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::keys::sha256_hex;
use crate::notify::{self, Notice};
use crate::page::{Page, PageRequest};
use crate::partner::{self, Partner};
use crate::values::{Label, ProvinceCode, RegencyCode, words};

words! {
    /// What kind of paper it is (Permendagri 22/2020 names the last three; an assignment stands in for state schools).
    pub enum AgreementKind {
        /// Memorandum of understanding.
        Mou = "mou",
        /// Perjanjian Kerja Sama.
        Pks = "pks",
        /// Nota Kesepakatan.
        NotaKesepakatan = "nota_kesepakatan",
        /// Kesepakatan Bersama.
        KesepakatanBersama = "kesepakatan_bersama",
        /// A standing assignment of a government office or a state school.
        Assignment = "assignment",
    }
}

/// What is agreed: of a new agreement, or of a draft that changes.
#[derive(Debug, Clone)]
pub struct Terms {
    /// With whom.
    pub partner: Id,
    /// What kind of paper.
    pub kind: AgreementKind,
    /// The number it has here.
    pub number: Label,
    /// Its title.
    pub title: Label,
    /// When it was signed; of a draft, when it is to be.
    pub signed_on: NaiveDate,
    /// The first day it holds.
    pub starts_on: NaiveDate,
    /// The last day it holds.
    pub ends_on: NaiveDate,
    /// Seats it allows in all its classes; any number when nothing is said.
    pub seats: Option<i32>,
    /// Seats it allows in classes that begin in one calendar year; any number when nothing is said.
    pub seats_per_year: Option<i32>,
    /// The agreement under which it is made.
    pub parent: Option<Id>,
    /// What it covers.
    pub coverage: Coverage,
    /// Who signs it.
    pub parties: Vec<Party>,
}

/// What an agreement covers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The programs.
    pub programs: Vec<Id>,
    /// The regencies; none stands for every one of its province.
    pub regencies: Vec<RegencyCode>,
}

/// An agreement with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct AgreementDetail {
    /// The agreement.
    pub agreement: Agreement,
    /// The agreement under which it was made.
    pub parent: Option<Id>,
    /// What it covers.
    pub coverage: Coverage,
    /// Who signed it, in the order of the paper.
    pub parties: Vec<Party>,
    /// Seats by year, where they are limited so and classes have taken some.
    pub years: Vec<Year>,
    /// The paper, if it is kept.
    pub file: Option<FileFacts>,
}

/// Which agreements are asked for.
#[derive(Debug, Clone, Default)]
pub struct AgreementFilter {
    /// Only with this partner.
    pub partner: Option<Id>,
    /// Only those that end on or before this day.
    pub ends_by: Option<NaiveDate>,
    /// Only those that are signed and not over on this day.
    pub not_over_on: Option<NaiveDate>,
}

/// Enters an agreement, signed or as a draft.
///
/// # Errors
/// `agreement.number_taken`, `agreement.parent`, `field.date_order`, `field.required`, `reference.unknown`,
/// `region.unknown`.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, terms: Terms, is_draft: bool) -> Result<AgreementDetail> {
    actor.may(Operation::AgreementWrite)?;
    let with = check(tx, actor, &terms, None)?;
    let agreement = Agreement {
        id: tx.new_id(),
        partner_id: with.id,
        kind: terms.kind,
        number: terms.number.clone(),
        title: terms.title.clone(),
        signed_on: terms.signed_on,
        starts_on: terms.starts_on,
        ends_on: terms.ends_on,
        seats: terms.seats,
        seats_planned: 0,
        terminated_on: None,
        termination_reason: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        is_draft,
        seats_per_year: terms.seats_per_year,
    };
    store::insert(tx, &agreement)?;
    store::replace_terms(tx, agreement.id, &terms)?;
    audit::record(
        tx,
        actor,
        "agreement.created",
        Subject::agreement(agreement.id),
        Some(&with.province_code),
        &serde_json::json!({
            "kind": agreement.kind, "number": agreement.number, "ends_on": agreement.ends_on, "draft": is_draft,
        }),
    )?;
    detail(tx, agreement)
}

fn check(tx: &mut Tx<'_>, actor: &Actor, terms: &Terms, own: Option<Id>) -> Result<Partner> {
    let with = partner::get(tx, actor, terms.partner).map_err(|error| error.at("/partner"))?;
    if terms.ends_on < terms.starts_on {
        return Err(Error::field("/ends_on", &codes::FIELD_DATE_ORDER));
    }
    if terms.coverage.programs.is_empty() {
        return Err(Error::field("/programs", &codes::FIELD_REQUIRED));
    }
    let foreign = terms.coverage.regencies.iter().position(|regency| regency.province() != with.province_code);
    if let Some(at) = foreign {
        return Err(Error::field(format!("/regencies/{at}"), &codes::REGION_UNKNOWN));
    }
    if let Some(parent) = terms.parent {
        let refused = || Error::field("/parent", &codes::AGREEMENT_PARENT);
        let found = store::visible_one(tx, actor, parent).map_err(|_| refused())?;
        let province = partner::get(tx, actor, found.partner_id)?.province_code;
        if found.is_draft || own == Some(parent) || province != with.province_code {
            return Err(refused());
        }
    }
    Ok(with)
}

fn detail(tx: &mut Tx<'_>, agreement: Agreement) -> Result<AgreementDetail> {
    let id = agreement.id;
    Ok(AgreementDetail {
        agreement,
        parent: store::parent(tx, id)?,
        coverage: store::coverage(tx, id)?,
        parties: store::parties(tx, id)?,
        years: store::years(tx, id)?,
        file: store::file_facts(tx, id)?,
    })
}

/// One agreement with everything that belongs to it.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<AgreementDetail> {
    actor.may(Operation::AgreementRead)?;
    let agreement = store::visible_one(tx, actor, id)?;
    detail(tx, agreement)
}

/// Agreements in the actor's scope.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &AgreementFilter, page: PageRequest) -> Result<Page<Agreement>> {
    actor.may(Operation::AgreementRead)?;
    store::visible(tx, actor, filter, page)
}

/// An agreement of the scope as it was read at `version`, held until the transaction ends, and its province.
fn current(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<(Agreement, ProvinceCode)> {
    actor.may(Operation::AgreementWrite)?;
    store::visible_one(tx, actor, id)?;
    let mut agreement = store::locked(tx, id)?;
    if agreement.version != version {
        return Err(Error::new(&codes::STALE));
    }
    agreement.version += 1;
    agreement.updated_at = tx.now();
    let province = partner::get(tx, actor, agreement.partner_id)?.province_code;
    Ok((agreement, province))
}

fn current_draft(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<(Agreement, ProvinceCode)> {
    let (agreement, province) = current(tx, actor, id, version)?;
    if agreement.terminated_on.is_some() {
        return Err(Error::new(&codes::AGREEMENT_TERMINATED));
    }
    if !agreement.is_draft {
        return Err(Error::new(&codes::AGREEMENT_SIGNED));
    }
    Ok((agreement, province))
}

/// Changes a draft. What is signed stays as it was signed.
///
/// # Errors
/// `resource.stale`, `agreement.signed`, `agreement.terminated`, and what [`create`] refuses.
pub fn change(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, terms: Terms) -> Result<AgreementDetail> {
    let (draft, province) = current_draft(tx, actor, id, version)?;
    let with = check(tx, actor, &terms, Some(id))?;
    store::replace_terms(tx, id, &terms)?;
    let Terms { kind, number, title, signed_on, starts_on, ends_on, seats, seats_per_year, .. } = terms;
    let terms = Agreement { kind, number, title, signed_on, starts_on, ends_on, seats, seats_per_year, ..draft };
    let agreement = Agreement { partner_id: with.id, ..terms };
    store::update(tx, &agreement)?;
    Note::of("agreement.changed", Subject::agreement(id))
        .within(&province)
        .with(serde_json::json!({ "number": agreement.number, "ends_on": agreement.ends_on }))
        .record(tx, actor)?;
    detail(tx, agreement)
}

/// Records that a draft was signed, with the number it was given.
///
/// # Errors
/// `resource.stale`, `agreement.signed`, `agreement.terminated`, `agreement.number_taken`.
pub fn sign(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    on: NaiveDate,
    number: Label,
) -> Result<AgreementDetail> {
    let (draft, province) = current_draft(tx, actor, id, version)?;
    let agreement = Agreement { is_draft: false, signed_on: on, number, ..draft };
    store::update(tx, &agreement)?;
    Note::of("agreement.signed", Subject::agreement(id))
        .within(&province)
        .with(serde_json::json!({ "number": agreement.number, "on": on }))
        .record(tx, actor)?;
    detail(tx, agreement)
}

/// Ends an agreement before its time; classes that run under it go on and are shown.
///
/// # Errors
/// `resource.stale`, `agreement.terminated`.
pub fn terminate(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    on: NaiveDate,
    reason: Label,
) -> Result<AgreementDetail> {
    let (mut agreement, province) = current(tx, actor, id, version)?;
    if agreement.terminated_on.is_some() {
        return Err(Error::new(&codes::AGREEMENT_TERMINATED));
    }
    agreement.terminated_on = Some(on);
    agreement.termination_reason = Some(reason);
    store::update(tx, &agreement)?;
    Note::of("agreement.terminated", Subject::agreement(id))
        .within(&province)
        .because(agreement.termination_reason.as_ref())
        .with(serde_json::json!({ "on": on }))
        .record(tx, actor)?;
    detail(tx, agreement)
}

/// Bytes of a paper at most.
pub const FILE_BYTES: usize = 10_000_000;
/// What a paper is sealed for.
const FILE: &str = "agreement_file";

/// Keeps the paper, a PDF, in the place of what was kept of it.
///
/// # Errors
/// `resource.stale`, `agreement.file_format`.
pub fn keep_file(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, bytes: &[u8]) -> Result<AgreementDetail> {
    let (agreement, province) = current(tx, actor, id, version)?;
    if bytes.len() > FILE_BYTES || !bytes.starts_with(b"%PDF-") {
        return Err(Error::new(&codes::AGREEMENT_FILE_FORMAT).fact("limit", FILE_BYTES));
    }
    let sealed = tx.keys().seal(FILE, bytes, tx.entropy())?;
    let facts = FileFacts {
        sha256: sha256_hex(bytes),
        size: i32::try_from(bytes.len()).unwrap_or(i32::MAX),
        kept_at: tx.now(),
        kept_by: actor.account_or_operator(),
    };
    store::keep_file(tx, id, &facts, &sealed)?;
    store::update(tx, &agreement)?;
    Note::of("agreement.file_kept", Subject::agreement(id))
        .within(&province)
        .with(serde_json::json!({ "sha256": facts.sha256, "size": facts.size }))
        .record(tx, actor)?;
    detail(tx, agreement)
}

/// The paper as it was brought.
pub fn file(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Vec<u8>> {
    actor.may(Operation::AgreementPaper)?;
    store::visible_one(tx, actor, id)?;
    let sealed = store::file(tx, id)?;
    tx.keys().open(FILE, &sealed)
}

/// What a class asks of its agreement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) partner: Id,
    pub(crate) program: Id,
    pub(crate) regency: &'a RegencyCode,
    pub(crate) starts_on: NaiveDate,
    pub(crate) ends_on: NaiveDate,
}

/// Takes seats of an agreement for a class, or says why it does not cover the class.
/// With an override only whose agreement it is is left to check.
///
/// # Errors
/// `agreement.other_partner`, `agreement.draft`, `agreement.not_in_force`, `agreement.program_not_covered`,
/// `agreement.regency_not_covered`, `agreement.seats_used`, `agreement.year_seats_used`.
pub(crate) fn take_seats(tx: &mut Tx<'_>, id: Id, wanted: &Wanted<'_>, seats: i32, overridden: bool) -> Result<()> {
    let agreement = store::locked(tx, id)?;
    if agreement.partner_id != wanted.partner {
        return Err(Error::new(&codes::AGREEMENT_OTHER_PARTNER));
    }
    if overridden {
        return Ok(());
    }
    rules::covers(&agreement, &store::coverage(tx, id)?, wanted)?;
    store::add_seats(tx, &agreement, wanted.starts_on, seats)
}

/// An agreement that covers a class, and the seats it has left for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// Which agreement.
    pub agreement: Id,
    /// With whom.
    pub partner: Id,
    /// Its number.
    pub number: Label,
    /// Seats left; any number when there is none.
    pub seats: Option<i32>,
}

/// The agreements of a province that cover classes of a program in a period, each in its partner's own regency.
pub(crate) fn allowances(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    program: Id,
    (starts_on, ends_on): (NaiveDate, NaiveDate),
) -> Result<Vec<Allowance>> {
    let agreements = store::of_program(tx, province, program)?;
    let ids: Vec<Id> = agreements.iter().map(|(agreement, _)| agreement.id).collect();
    let mut regencies = store::regencies_of(tx, &ids)?;
    let taken = store::taken_in_year(tx, &ids, starts_on)?;
    let mut allowances = Vec::new();
    for (agreement, regency) in agreements {
        let regencies = regencies.remove(&agreement.id).unwrap_or_default();
        let coverage = Coverage { programs: vec![program], regencies };
        let wanted = Wanted { partner: agreement.partner_id, program, regency: &regency, starts_on, ends_on };
        if rules::covers(&agreement, &coverage, &wanted).is_ok() {
            let seats = rules::seats_left(&agreement, taken.get(&agreement.id).copied().unwrap_or_default());
            let Agreement { id, partner_id, number, .. } = agreement;
            allowances.push(Allowance { agreement: id, partner: partner_id, number, seats });
        }
    }
    Ok(allowances)
}

/// Gives seats of a class back, or takes further ones.
pub(crate) fn change_seats(tx: &mut Tx<'_>, id: Id, starts_on: NaiveDate, difference: i32) -> Result<()> {
    let agreement = store::locked(tx, id)?;
    store::add_seats(tx, &agreement, starts_on, difference)
}

/// Its number.
pub(crate) fn number(tx: &mut Tx<'_>, id: Id) -> Result<Label> {
    Ok(store::one(tx, id)?.number)
}

/// What of it is printed on a certificate: its number, and what kind of paper it is.
pub(crate) fn printed(tx: &mut Tx<'_>, id: Id) -> Result<(Label, AgreementKind)> {
    let agreement = store::one(tx, id)?;
    Ok((agreement.number, agreement.kind))
}

/// Tells those who follow an agreement that it ends, 90, 30 and 7 days before; each warning once. Says how many
/// agreements there was something to tell of.
pub fn warn(tx: &mut Tx<'_>) -> Result<usize> {
    store::wait_for_warnings(tx)?;
    let mut told = 0;
    for (agreement, with) in store::ending(tx)? {
        let left = days_left(&agreement, tx.today(&with.province_code));
        let due = rules::due(left, &store::warned(tx, agreement.id)?);
        if due.is_empty() {
            continue;
        }
        store::note_warnings(tx, agreement.id, &due)?;
        let notice = Notice::AgreementEnds {
            number: agreement.number.clone(),
            partner: with.name.clone(),
            last_day: tx.today(&with.province_code) + chrono::Duration::days(left),
            days_left: left,
        };
        for account in access::who_follow(tx, &with.province_code, with.id)? {
            notify::queue(tx, account, &notice)?;
        }
        told += 1;
    }
    Ok(told)
}
