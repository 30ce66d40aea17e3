//! Consent: provable permission to process personal data; by a parent or guardian for a minor.
//!
//! Source: UU 27/2022 art. 22 to 25. Withdrawing ends a consent; nothing of it is deleted.
//! From the 18th birthday on a guardian's consent waits for the person's own to take its place.

mod rules;
mod store;

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use rules::{CONSENT_TEXTS, ConsentText};
pub use store::Consent;

use crate::access::{Actor, Operation};
use crate::audit::{self, Note, Subject};
use crate::db::Tx;
use crate::error::{Error, FieldProblem, Result, codes};
use crate::hold::{self, WhyHeld};
use crate::id::Id;
use crate::page::{Page, PageRequest};
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

/// A person who came of age while a guardian's consent holds.
#[derive(Debug, Clone)]
pub struct DueConsent {
    /// The guardian's consent.
    pub consent: Consent,
    /// The person's name.
    pub name: PersonName,
    /// The 18th birthday.
    pub of_age_on: NaiveDate,
    /// The last day on which the guardian's consent stands.
    pub due_on: NaiveDate,
    /// Whether that day is over: no new step is taken for the person.
    pub overdue: bool,
}

/// Records a consent. A person's own takes the place of a guardian's, and a consent for training ends the hold that its
/// withdrawal had placed.
///
/// # Errors
/// `consent.by_guardian`, `consent.by_self`, `consent.future`, `consent.before_withdrawal`, `consent.text_unknown`,
/// `consent.already_given`, and `hold.in_force` of whoever was erased.
pub fn give(tx: &mut Tx<'_>, actor: &Actor, new: NewConsent) -> Result<Consent> {
    actor.may(Operation::ConsentWrite)?;
    participant::get(tx, actor, new.participant)?;
    // Whoever is erasing the person, or withdrawing a consent, is done by now.
    let whose = participant::locked(tx, new.participant)?;
    if participant::is_erased(&whose) {
        return Err(Error::new(&codes::HOLD_IN_FORCE));
    }
    let today = tx.today(&whose.province_code);
    if new.given_on > today {
        return Err(Error::field("/given_on", &codes::CONSENT_FUTURE));
    }
    if let Some(withdrawn_on) = store::last_withdrawal(tx, whose.id, new.purpose)?.filter(|day| new.given_on < *day) {
        let early = FieldProblem::new("/given_on", &codes::CONSENT_BEFORE_WITHDRAWAL);
        return Err(Error::fields(vec![early.fact("withdrawn_on", withdrawn_on)]));
    }
    if !rules::is_known(new.purpose, new.text_version.as_str(), new.given_on) {
        return Err(Error::field("/text_version", &codes::CONSENT_TEXT_UNKNOWN));
    }
    match (is_minor_on(whose.birth_date, new.given_on), new.given_by) {
        (true, Giver::Participant) => return Err(Error::new(&codes::CONSENT_BY_GUARDIAN)),
        (false, Giver::Father | Giver::Mother | Giver::Guardian) => return Err(Error::new(&codes::CONSENT_BY_SELF)),
        _ => {}
    }
    let consent = consent_of(tx, actor, &new)?;
    if consent.given_by == Giver::Participant {
        store::replace_guardians(tx, &consent)?;
    }
    store::insert_many(tx, std::slice::from_ref(&consent))?;
    if consent.purpose == Purpose::Training {
        hold::lift(tx, whose.id, &[WhyHeld::Withdrawal], today)?;
    }
    Note::of("consent.given", Subject::consent(consent.id))
        .within(&whose.province_code)
        .about(whose.id)
        .with(serde_json::json!({ "purpose": consent.purpose, "by": consent.given_by }))
        .record(tx, actor)?;
    Ok(consent)
}

/// Withdraws a consent. Without one for training the person's data are on hold.
///
/// # Errors
/// `resource.stale`, `consent.withdrawn`.
pub(crate) fn withdraw(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<Consent> {
    actor.may(Operation::ConsentWrite)?;
    let seen = store::one(tx, id)?;
    let whose = participant::get(tx, actor, seen.participant_id)?;
    // Whoever is about to seat the person is done by now, or will see the hold.
    participant::locked(tx, whose.id)?;
    let mut consent = store::locked(tx, id)?;
    if consent.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if consent.withdrawn_on.is_some() {
        return Err(Error::new(&codes::CONSENT_WITHDRAWN));
    }
    let today = tx.today(&whose.province_code);
    consent.withdrawn_on = Some(today);
    consent.version += 1;
    store::withdraw(tx, &consent)?;
    if consent.purpose == Purpose::Training {
        hold::lift(tx, whose.id, &[WhyHeld::Withdrawal], today)?;
        hold::place(tx, actor, whose.id, WhyHeld::Withdrawal, today, None)?;
    }
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

/// People of the actor's scope who came of age while a guardian's consent holds, in the order the consents were
/// recorded.
pub fn due(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<DueConsent>> {
    actor.may(Operation::ConsentRead)?;
    let today = actor.scope().province().map_or_else(|| tx.now().utc().date_naive(), |province| tx.today(province));
    let found = store::given_by_guardians(tx, actor, rules::of_age_when_born_by(today), page)?;
    Ok(found.map(|(consent, name, birth_date)| {
        let due_on = rules::own_needed_by(birth_date);
        DueConsent { consent, name, of_age_on: rules::comes_of_age(birth_date), due_on, overdue: due_on < today }
    }))
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
        replaced_by: None,
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

/// Those of these people who are of age, whose time to give a consent of their own is over, and whose guardian's is
/// still the one for training.
pub(crate) fn own_overdue(tx: &mut Tx<'_>, born: &[(Id, NaiveDate)], today: NaiveDate) -> Result<HashSet<Id>> {
    let born_by = rules::overdue_when_born_by(today);
    let asked: Vec<Id> = born.iter().filter(|(_, born_on)| *born_on <= born_by).map(|(person, _)| *person).collect();
    if asked.is_empty() {
        return Ok(HashSet::new());
    }
    store::given_by_guardian(tx, &asked, Purpose::Training)
}

/// Every consent of a person who has been checked already, oldest first.
pub(crate) fn all_of(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<Consent>> {
    store::of(tx, participant)
}

/// The consent of a person for a purpose that holds, if there is one; the person has been checked already.
pub(crate) fn live(tx: &mut Tx<'_>, participant: Id, purpose: Purpose) -> Result<Option<Consent>> {
    store::live(tx, participant, purpose)
}

/// Forgets who gave the consents of a person; that they were given stays.
pub(crate) fn forget_givers(tx: &mut Tx<'_>, participant: Id, name: &PersonName) -> Result<()> {
    let giver = serde_json::to_vec(&SealedGiver { name: name.clone() }).map_err(Error::storage)?;
    let sealed = tx.keys().seal("giver", &giver, tx.entropy())?;
    store::set_givers(tx, participant, &sealed)
}
