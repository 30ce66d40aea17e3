//! What people ask about their own data, how long data are kept, and what is done when they got into wrong hands.
//!
//! Source: UU 27/2022 art. 5 to 13 (rights), 30 to 33 and 40 to 45 (duties and their 72 hours), 46 (failure).

pub mod dossier;
mod erasure;
pub mod incident;
pub mod retention;
mod rules;
mod store;

use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};

pub use rules::{Ground, RequestKind, RequestState, Verdict};
pub use store::PersonRequest;

use crate::access::{Actor, Operation};
use crate::audit::{Note, Subject};
use crate::consent::{self, Consent, Giver, Purpose};
use crate::db::Tx;
use crate::error::{Error, FieldProblem, Result, codes};
use crate::hold::{self, Hold, WhyHeld};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant::{self, Participant};
use crate::time::{Instant, is_minor_on};
use crate::values::{Label, PersonName};

/// How long an answer may take: three times twenty-four hours.
const CLOCK: Duration = Duration::hours(72);

/// A request to enter.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Whose data.
    pub participant: Id,
    /// What is asked for.
    pub kind: RequestKind,
    /// For a withdrawal: of which consent.
    pub purpose: Option<Purpose>,
    /// For a suspension: the day on which it ends, if one was named.
    pub until: Option<NaiveDate>,
    /// Who asks.
    pub asked_by: Giver,
    /// The asker's name.
    pub asker_name: PersonName,
    /// What was said, such as what is to be corrected.
    pub wish: Option<Label>,
    /// When it was received; now when nothing is said.
    pub received_at: Option<Instant>,
}

/// What the office decided.
#[derive(Debug, Clone)]
pub struct Decision {
    /// How it ends.
    pub verdict: Verdict,
    /// Why the law does not let it be done; of a refusal alone.
    pub ground: Option<Ground>,
    /// What the person is told.
    pub answer: Label,
}

/// Which requests are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestFilter {
    /// Only in this state.
    pub state: Option<RequestState>,
    /// Only of this person.
    pub participant: Option<Id>,
    /// Only open ones whose time is over.
    pub overdue: bool,
}

/// The sealed part: who asks and what was said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asker {
    /// The name.
    pub name: PersonName,
    /// What was said.
    pub wish: Option<Label>,
}

impl PersonRequest {
    /// When it must be answered.
    pub fn due_at(&self) -> Instant {
        self.received_at.plus(CLOCK)
    }

    /// Whether its time is over and it is still open.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.state == RequestState::Open && self.due_at() < now
    }

    /// Who asks and what was said.
    pub fn asker(&self, tx: &Tx<'_>) -> Result<Asker> {
        serde_json::from_slice(&tx.keys().open("asker", &self.asker_sealed)?).map_err(Error::storage)
    }

    /// What the person was told.
    pub fn answer(&self, tx: &Tx<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.answer_sealed else { return Ok(None) };
        String::from_utf8(tx.keys().open("answer_to_person", sealed)?).map(Some).map_err(Error::storage)
    }
}

/// Enters a request. Its clock runs from the moment it was received.
///
/// # Errors
/// `person_request.asker`, `person_request.future`, `person_request.purpose`, `person_request.until`, each at its field.
pub fn enter(tx: &mut Tx<'_>, actor: &Actor, new: NewRequest) -> Result<PersonRequest> {
    actor.may(Operation::PersonRequestWrite)?;
    let whose = participant::get(tx, actor, new.participant)?;
    let today = tx.today(&whose.province_code);
    let received_at = new.received_at.unwrap_or_else(|| tx.now());
    let mut wrong = Vec::new();
    if !rules::may_ask(new.asked_by, is_minor_on(whose.birth_date, today)) {
        wrong.push(FieldProblem::new("/asked_by", &codes::REQUEST_ASKER));
    }
    if received_at > tx.now() {
        wrong.push(FieldProblem::new("/received_at", &codes::REQUEST_FUTURE));
    }
    if new.purpose.is_some() != (new.kind == RequestKind::Withdrawal) {
        wrong.push(FieldProblem::new("/purpose", &codes::REQUEST_PURPOSE));
    }
    if new.until.is_some_and(|until| new.kind != RequestKind::Suspension || until <= today) {
        wrong.push(FieldProblem::new("/until", &codes::REQUEST_UNTIL));
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    record(tx, actor, &whose, new, received_at)
}

fn record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    whose: &Participant,
    new: NewRequest,
    received_at: Instant,
) -> Result<PersonRequest> {
    let request = PersonRequest {
        id: tx.new_id(),
        participant_id: whose.id,
        province_code: whose.province_code.clone(),
        school_id: whose.school_id,
        kind: new.kind,
        purpose: new.purpose,
        until: new.until,
        asked_by: new.asked_by,
        asker_sealed: sealed_asker(tx, &Asker { name: new.asker_name, wish: new.wish })?,
        received_at,
        recorded_at: tx.now(),
        recorded_by: actor.account_or_operator(),
        state: RequestState::Open,
        ground: None,
        answer_sealed: None,
        decided_at: None,
        decided_by: None,
        version: 1,
    };
    store::insert(tx, &request)?;
    Note::of("person_request.entered", Subject::person_request(request.id))
        .within(&request.province_code)
        .about(whose.id)
        .with(serde_json::json!({ "kind": request.kind, "due": request.due_at() }))
        .record(tx, actor)?;
    Ok(request)
}

fn sealed_asker(tx: &Tx<'_>, asker: &Asker) -> Result<String> {
    let plain = serde_json::to_vec(asker).map_err(Error::storage)?;
    tx.keys().seal("asker", &plain, tx.entropy())
}

/// Withdraws a consent. That of a training consent stands on the work list too, for the office to tell the class and
/// to answer the person.
///
/// # Errors
/// `resource.stale`, `consent.withdrawn`.
pub fn withdraw_consent(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<Consent> {
    let withdrawn = consent::withdraw(tx, actor, id, version)?;
    if withdrawn.purpose == Purpose::Training {
        let whose = participant::get(tx, actor, withdrawn.participant_id)?;
        let new = NewRequest {
            participant: whose.id,
            kind: RequestKind::Withdrawal,
            purpose: Some(withdrawn.purpose),
            until: None,
            asked_by: withdrawn.given_by,
            asker_name: withdrawn.giver_name(tx)?,
            wish: None,
            received_at: None,
        };
        let now = tx.now();
        record(tx, actor, &whose, new, now)?;
    }
    Ok(withdrawn)
}

/// One request in the actor's scope.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<PersonRequest> {
    actor.may(Operation::PersonRequestWrite)?;
    store::visible_one(tx, actor, id)
}

/// The work list of the actor's scope: what is due first stands first.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: RequestFilter, page: PageRequest) -> Result<Page<PersonRequest>> {
    actor.may(Operation::PersonRequestWrite)?;
    let overdue_when_received_before = filter.overdue.then(|| tx.now().plus(-CLOCK));
    store::visible(tx, actor, filter, overdue_when_received_before, page)
}

/// Every hold on a person's data, oldest first.
pub fn holds(tx: &mut Tx<'_>, actor: &Actor, participant: Id) -> Result<Vec<Hold>> {
    actor.may(Operation::PersonRequestWrite)?;
    participant::get(tx, actor, participant)?;
    hold::of(tx, participant)
}

/// Decides on a request as it was read at `version`, and does what it asks for: a suspension, its end, a withdrawal or
/// an erasure happens now; a correction or a copy is made by its own operation before.
///
/// # Errors
/// `resource.stale`, `person_request.decided`, `person_request.ground`, `person_request.ground_unwanted`,
/// `person_request.not_held`, `erasure.enrolled`, `erasure.done`, `hold.already_placed`.
pub fn decide(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, decision: &Decision) -> Result<PersonRequest> {
    actor.may(Operation::PersonRequestDecide)?;
    let seen = store::visible_one(tx, actor, id)?;
    let whose = participant::locked(tx, seen.participant_id)?;
    let mut request = store::locked(tx, id)?;
    if request.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if request.state != RequestState::Open {
        return Err(Error::new(&codes::REQUEST_DECIDED));
    }
    check_ground(request.kind, decision)?;
    request.state = match decision.verdict {
        Verdict::Done => RequestState::Done,
        Verdict::Refused => RequestState::Refused,
    };
    request.ground = decision.ground;
    let answer = decision.answer.as_str().as_bytes();
    request.answer_sealed = Some(tx.keys().seal("answer_to_person", answer, tx.entropy())?);
    request.decided_at = Some(tx.now());
    request.decided_by = Some(actor.account_or_operator());
    request.version += 1;
    store::update(tx, &request)?;
    if request.state == RequestState::Done {
        carry_out(tx, actor, &request, &whose)?;
    }
    Note::of("person_request.decided", Subject::person_request(id))
        .within(&request.province_code)
        .about(whose.id)
        .with(serde_json::json!({ "state": request.state, "ground": request.ground }))
        .record(tx, actor)?;
    // An erasure forgets who asked for it.
    store::locked(tx, id)
}

/// A refusal has a ground that the law knows for such a request; what is done needs none.
fn check_ground(kind: RequestKind, decision: &Decision) -> Result<()> {
    let allowed = rules::grounds(kind);
    match (decision.verdict, decision.ground) {
        (Verdict::Done, None) => Ok(()),
        (Verdict::Done, Some(_)) => Err(Error::field("/ground", &codes::REQUEST_GROUND_UNWANTED)),
        (Verdict::Refused, None) => Err(Error::field("/ground", &codes::FIELD_REQUIRED)),
        (Verdict::Refused, Some(ground)) if allowed.contains(&ground) => Ok(()),
        (Verdict::Refused, Some(_)) => {
            let allowed = allowed.iter().map(|ground| ground.as_str()).collect::<Vec<_>>().join(", ");
            Err(Error::fields(vec![FieldProblem::new("/ground", &codes::REQUEST_GROUND).fact("allowed", allowed)]))
        }
    }
}

fn carry_out(tx: &mut Tx<'_>, actor: &Actor, request: &PersonRequest, whose: &Participant) -> Result<()> {
    let today = tx.today(&whose.province_code);
    match (request.kind, request.purpose) {
        (RequestKind::Suspension, _) => {
            hold::place(tx, actor, whose.id, WhyHeld::Suspension, today, request.until)?;
        }
        (RequestKind::Resumption, _) => resume(tx, whose.id, today)?,
        (RequestKind::Withdrawal, Some(purpose)) => withdraw(tx, actor, request, whose, purpose)?,
        (RequestKind::Erasure, _) => erasure::erase(tx, actor, whose)?,
        _ => {}
    }
    Ok(())
}

/// What was consented to before the request was made ends; who has consented again since is not asked about. Without any
/// consent to the training the data are on hold, also where there never was one.
fn withdraw(
    tx: &mut Tx<'_>,
    actor: &Actor,
    request: &PersonRequest,
    whose: &Participant,
    purpose: Purpose,
) -> Result<()> {
    let asked_at = (request.received_at.day_in(&whose.province_code), request.received_at);
    match consent::live(tx, whose.id, purpose)? {
        Some(held) if (held.given_on, held.recorded_at) > asked_at => {}
        Some(held) => drop(consent::withdraw(tx, actor, held.id, held.version)?),
        None if purpose == Purpose::Training => {
            let is_withdrawn = |one: &Hold| one.why == WhyHeld::Withdrawal && one.until.is_none();
            if !hold::of(tx, whose.id)?.iter().any(is_withdrawn) {
                let today = tx.today(&whose.province_code);
                hold::place(tx, actor, whose.id, WhyHeld::Withdrawal, today, None)?;
            }
        }
        None => {}
    }
    Ok(())
}

fn resume(tx: &mut Tx<'_>, participant: Id, today: NaiveDate) -> Result<()> {
    let lifted = hold::lift(tx, participant, &[WhyHeld::Suspension], today)?;
    if lifted == 0 { Err(Error::new(&codes::REQUEST_NOT_HELD)) } else { Ok(()) }
}
