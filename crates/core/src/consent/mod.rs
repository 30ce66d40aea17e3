//! Consent: provable permission to process personal data; by a parent or guardian for a minor.
//!
//! Source: UU 27/2022 art. 22 to 25. Withdrawing ends a consent; nothing of it is deleted.

mod store;

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use store::Consent;

use crate::access::{Actor, Operation};
use crate::audit::{self, Note, Subject};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::participant;
use crate::time::is_minor_on;
use crate::values::{Label, PersonName, words};

words! {
    /// What the data may be used for; each is asked for by itself.
    pub enum Purpose {
        /// Taking part in classes.
        Training = "training",
        /// Passing data on for a placement abroad.
        Placement = "placement",
        /// Showing name or picture in public.
        Publication = "publication",
    }
}

words! {
    /// Who gave it.
    pub enum Giver {
        /// The participant, of age.
        Participant = "participant",
        /// The father of a minor.
        Father = "father",
        /// The mother of a minor.
        Mother = "mother",
        /// The guardian of a minor.
        Guardian = "guardian",
    }
}

words! {
    /// How it was given: in writing or recorded (art. 22).
    pub enum ConsentMethod {
        /// A signed sheet, kept at the school.
        Paper = "paper",
        /// An electronic signature or a form.
        Electronic = "electronic",
        /// Spoken and recorded.
        Recorded = "recorded",
    }
}

/// A consent to record.
#[derive(Debug, Clone)]
pub struct NewConsent {
    /// Whose data.
    pub participant: Id,
    /// For what.
    pub purpose: Purpose,
    /// Which text was agreed to.
    pub text_version: Label,
    /// Who gave it.
    pub given_by: Giver,
    /// The giver's name.
    pub giver_name: PersonName,
    /// How.
    pub method: ConsentMethod,
    /// When.
    pub given_on: NaiveDate,
}

/// The sealed part.
#[derive(Debug, Serialize, Deserialize)]
struct SealedGiver {
    name: PersonName,
}

/// Records a consent.
///
/// # Errors
/// `consent.by_guardian`, `consent.by_self`, `consent.future`, `consent.already_given`.
pub fn give(tx: &mut Tx<'_>, actor: &Actor, new: NewConsent) -> Result<Consent> {
    actor.may(Operation::ConsentWrite)?;
    let whose = participant::get(tx, actor, new.participant)?;
    let today = tx.today(&whose.province_code);
    if new.given_on > today {
        return Err(Error::field("/given_on", &codes::CONSENT_FUTURE));
    }
    match (is_minor_on(whose.birth_date, new.given_on), new.given_by) {
        (true, Giver::Participant) => return Err(Error::new(&codes::CONSENT_BY_GUARDIAN)),
        (false, Giver::Father | Giver::Mother | Giver::Guardian) => return Err(Error::new(&codes::CONSENT_BY_SELF)),
        _ => {}
    }
    let consent = consent_of(tx, actor, &new)?;
    store::insert_many(tx, std::slice::from_ref(&consent))?;
    Note::of("consent.given", Subject::consent(consent.id))
        .within(&whose.province_code)
        .about(whose.id)
        .with(serde_json::json!({ "purpose": consent.purpose, "by": consent.given_by }))
        .record(tx, actor)?;
    Ok(consent)
}

/// Withdraws a consent.
///
/// # Errors
/// `resource.stale`, `consent.withdrawn`.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<Consent> {
    actor.may(Operation::ConsentWrite)?;
    let mut consent = store::locked(tx, id)?;
    let whose = participant::get(tx, actor, consent.participant_id)?;
    if consent.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if consent.withdrawn_on.is_some() {
        return Err(Error::new(&codes::CONSENT_WITHDRAWN));
    }
    consent.withdrawn_on = Some(tx.today(&whose.province_code));
    consent.version += 1;
    store::withdraw(tx, &consent)?;
    Note::of("consent.withdrawn", Subject::consent(id))
        .within(&whose.province_code)
        .about(whose.id)
        .with(serde_json::json!({ "purpose": consent.purpose }))
        .record(tx, actor)?;
    Ok(consent)
}

/// One consent of a person in the actor's scope. It names who gave it, so the reading is recorded.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Consent> {
    actor.may(Operation::ConsentRead)?;
    let consent = store::one(tx, id)?;
    let whose = participant::get(tx, actor, consent.participant_id)?;
    Note::of("consent.read", Subject::consent(id)).within(&whose.province_code).about(whose.id).record(tx, actor)?;
    Ok(consent)
}

/// Every consent of a person, oldest first. They name who gave them, so the reading is recorded.
pub fn of(tx: &mut Tx<'_>, actor: &Actor, participant: Id) -> Result<Vec<Consent>> {
    actor.may(Operation::ConsentRead)?;
    let whose = participant::get(tx, actor, participant)?;
    let all = store::of(tx, participant)?;
    if !all.is_empty() {
        Note::of("consent.read", Subject::participant(participant))
            .within(&whose.province_code)
            .about(participant)
            .record(tx, actor)?;
    }
    Ok(all)
}

/// The row of a consent, sealed.
fn consent_of(tx: &mut Tx<'_>, actor: &Actor, new: &NewConsent) -> Result<Consent> {
    let giver = serde_json::to_vec(&SealedGiver { name: new.giver_name.clone() }).map_err(Error::storage)?;
    Ok(Consent {
        id: tx.new_id(),
        participant_id: new.participant,
        purpose: new.purpose,
        text_version: new.text_version.clone(),
        given_by: new.given_by,
        giver_sealed: tx.keys().seal("giver", &giver, tx.entropy())?,
        method: new.method,
        given_on: new.given_on,
        recorded_at: tx.now(),
        recorded_by: actor.account_or_operator(),
        withdrawn_on: None,
        version: 1,
    })
}

/// Records many consents at once, where a school hands in the signed sheets of a whole class.
/// The caller has checked who they are for.
pub fn give_many(tx: &mut Tx<'_>, actor: &Actor, all: &[NewConsent]) -> Result<usize> {
    actor.may(Operation::ConsentWrite)?;
    let mut rows = Vec::with_capacity(all.len());
    for new in all {
        rows.push(consent_of(tx, actor, new)?);
    }
    store::insert_many(tx, &rows)?;
    let note = |row: &Consent| {
        Note::of("consent.given", Subject::consent(row.id))
            .within(actor.scope().province())
            .about(row.participant_id)
            .with(serde_json::json!({ "purpose": row.purpose, "by": row.given_by }))
    };
    audit::record_all(tx, actor, rows.iter().map(note).collect())?;
    Ok(rows.len())
}

/// Those of these people who gave a consent for training that still holds.
pub(crate) fn given_for_training(tx: &mut Tx<'_>, participants: &[Id]) -> Result<HashSet<Id>> {
    store::given(tx, participants, Purpose::Training)
}
