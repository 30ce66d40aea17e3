//! Agreements: what allows a partner to run programs. A class needs one that covers it.

mod rules;
mod store;

use chrono::NaiveDate;

pub use rules::{Standing, standing};
pub use store::Agreement;

use crate::access::{Actor, Operation};
use crate::audit::{self, Note, Subject};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::partner;
use crate::values::{Label, words};

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

/// An agreement to enter.
#[derive(Debug, Clone)]
pub struct NewAgreement {
    /// With whom.
    pub partner: Id,
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
    /// Seats it allows in all its classes; any number when nothing is said.
    pub seats: Option<i32>,
    /// The programs it covers.
    pub programs: Vec<Id>,
}

/// Which agreements are asked for.
#[derive(Debug, Clone, Default)]
pub struct AgreementFilter {
    /// Only with this partner.
    pub partner: Option<Id>,
    /// Only those that end on or before this day.
    pub ends_by: Option<NaiveDate>,
}

/// Enters an agreement.
///
/// # Errors
/// `agreement.number_taken`, `field.date_order`, `reference.unknown`.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewAgreement) -> Result<Agreement> {
    actor.may(Operation::AgreementWrite)?;
    let with = partner::get(tx, actor, new.partner).map_err(|error| error.at("/partner"))?;
    if new.ends_on < new.starts_on {
        return Err(Error::field("/ends_on", &codes::FIELD_DATE_ORDER));
    }
    if new.programs.is_empty() {
        return Err(Error::field("/programs", &codes::FIELD_REQUIRED));
    }
    let agreement = Agreement {
        id: tx.new_id(),
        partner_id: with.id,
        kind: new.kind,
        number: new.number,
        title: new.title,
        signed_on: new.signed_on,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        seats: new.seats,
        seats_planned: 0,
        terminated_on: None,
        termination_reason: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    // The partner is checked above, so what the tables do not find is a program.
    store::insert(tx, &agreement, &new.programs).map_err(|error| error.at("/programs"))?;
    audit::record(
        tx,
        actor,
        "agreement.created",
        Subject::agreement(agreement.id),
        Some(&with.province_code),
        &serde_json::json!({ "kind": agreement.kind, "number": agreement.number, "ends_on": agreement.ends_on }),
    )?;
    Ok(agreement)
}

/// One agreement with the programs it covers.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Agreement, Vec<Id>)> {
    actor.may(Operation::AgreementRead)?;
    let agreement = store::visible_one(tx, actor, id)?;
    let programs = store::programs(tx, id)?;
    Ok((agreement, programs))
}

/// Agreements in the actor's scope.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &AgreementFilter, page: PageRequest) -> Result<Page<Agreement>> {
    actor.may(Operation::AgreementRead)?;
    store::visible(tx, actor, filter, page)
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
) -> Result<(Agreement, Vec<Id>)> {
    actor.may(Operation::AgreementWrite)?;
    store::visible_one(tx, actor, id)?;
    let mut agreement = store::locked(tx, id)?;
    if agreement.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if agreement.terminated_on.is_some() {
        return Err(Error::new(&codes::AGREEMENT_TERMINATED));
    }
    agreement.terminated_on = Some(on);
    agreement.termination_reason = Some(reason);
    agreement.version += 1;
    agreement.updated_at = tx.now();
    store::update(tx, &agreement)?;
    let with = partner::get(tx, actor, agreement.partner_id)?;
    Note::of("agreement.terminated", Subject::agreement(id))
        .within(&with.province_code)
        .because(agreement.termination_reason.as_ref())
        .with(serde_json::json!({ "on": on }))
        .record(tx, actor)?;
    let programs = store::programs(tx, id)?;
    Ok((agreement, programs))
}

/// What a class asks of its agreement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) partner: Id,
    pub(crate) program: Id,
    pub(crate) starts_on: NaiveDate,
    pub(crate) ends_on: NaiveDate,
}

/// Takes seats of an agreement for a class, or says why it does not cover the class.
/// With an override only the seats' own check is left.
///
/// # Errors
/// `agreement.other_partner`, `agreement.not_in_force`, `agreement.program_not_covered`, `agreement.seats_used`.
pub(crate) fn take_seats(tx: &mut Tx<'_>, id: Id, wanted: Wanted, seats: i32, overridden: bool) -> Result<()> {
    let agreement = store::locked(tx, id)?;
    if agreement.partner_id != wanted.partner {
        return Err(Error::new(&codes::AGREEMENT_OTHER_PARTNER));
    }
    if !overridden {
        let programs = store::programs(tx, id)?;
        rules::covers(&agreement, &programs, wanted)?;
    }
    store::add_seats(tx, id, if overridden { 0 } else { seats })
}

/// Gives seats back, or takes further ones.
pub(crate) fn change_seats(tx: &mut Tx<'_>, id: Id, difference: i32) -> Result<()> {
    store::add_seats(tx, id, difference)
}

/// The number printed on a certificate.
pub(crate) fn number(tx: &mut Tx<'_>, id: Id) -> Result<Label> {
    Ok(store::one(tx, id)?.number)
}
