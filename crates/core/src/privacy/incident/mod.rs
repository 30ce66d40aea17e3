//! Incidents: personal data got lost or into wrong hands. The people and the agency are told within three times
//! twenty-four hours (UU 27/2022 art. 46): what, when and how, and what is done about it.

mod rules;
mod store;

use chrono::{Duration, NaiveDate};

pub use rules::{DataKind, IncidentState, Notice};
pub use store::Incident;

use crate::access::{Actor, Operation};
use crate::audit::{self, Subject};
use crate::db::Tx;
use crate::error::{Error, FieldProblem, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, ProvinceCode};

/// How long the notice may take.
const CLOCK: Duration = Duration::hours(72);

/// Who is concerned.
#[derive(Debug, Clone)]
pub enum Concerned {
    /// These participants.
    People(Vec<Id>),
    /// Everyone of this school.
    School(Id),
    /// Everyone who is or was in this class.
    Class(Id),
    /// Everyone of this cohort.
    Cohort(Id),
}

/// An incident to record.
#[derive(Debug, Clone)]
pub struct NewIncident {
    /// When it happened, if that is known.
    pub happened_at: Option<Instant>,
    /// When it was found: the clock runs from here.
    pub found_at: Instant,
    /// What happened and how, without names.
    pub what: Label,
    /// Which kinds of data.
    pub kinds: Vec<DataKind>,
    /// Who is concerned.
    pub concerned: Concerned,
    /// What is done about it.
    pub remedy: Option<Label>,
}

/// A change of an incident; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct IncidentChange {
    /// When it happened, once that is known.
    pub happened_at: Option<Instant>,
    /// What is done about it.
    pub remedy: Option<Label>,
    /// The day on which the agency was told.
    pub agency_notified_on: Option<NaiveDate>,
    /// The day on which the people were told.
    pub people_notified_on: Option<NaiveDate>,
    /// Where it stands.
    pub state: Option<IncidentState>,
}

impl Incident {
    /// When the notice must be out.
    pub fn notice_due_at(&self) -> Instant {
        self.found_at.plus(CLOCK)
    }

    /// Whether that time is over and somebody has not been told.
    pub fn is_overdue(&self, now: Instant) -> bool {
        let told = self.agency_notified_on.is_some() && self.people_notified_on.is_some();
        !told && self.notice_due_at() < now
    }
}

/// Records an incident and who is concerned.
///
/// # Errors
/// `incident.time`, `reference.unknown` when somebody named is not of the province.
pub fn report(tx: &mut Tx<'_>, actor: &Actor, new: NewIncident) -> Result<Incident> {
    actor.may(Operation::Incident)?;
    let province = own_province(actor)?;
    if new.found_at > tx.now() {
        return Err(Error::field("/found_at", &codes::INCIDENT_TIME));
    }
    if new.happened_at.is_some_and(|happened| happened > new.found_at) {
        return Err(Error::field("/happened_at", &codes::INCIDENT_TIME));
    }
    let people = store::concerned(tx, &province, &new.concerned)?;
    let incident = Incident {
        id: tx.new_id(),
        province_code: province,
        happened_at: new.happened_at,
        found_at: new.found_at,
        what: new.what,
        kinds: new.kinds,
        remedy: new.remedy,
        people: i32::try_from(people.len()).unwrap_or(i32::MAX),
        state: IncidentState::Open,
        agency_notified_on: None,
        people_notified_on: None,
        recorded_at: tx.now(),
        recorded_by: actor.account_or_operator(),
        version: 1,
    };
    store::insert(tx, &incident, &people)?;
    audit::record(
        tx,
        actor,
        "incident.reported",
        Subject::incident(incident.id),
        Some(&incident.province_code),
        &serde_json::json!({ "people": incident.people, "kinds": incident.kinds, "due": incident.notice_due_at() }),
    )?;
    Ok(incident)
}

/// The register belongs to one province's office.
fn own_province(actor: &Actor) -> Result<ProvinceCode> {
    actor.scope().province().cloned().ok_or_else(|| Error::new(&codes::ACCESS_DENIED))
}

/// One incident of the actor's province.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Incident> {
    actor.may(Operation::Incident)?;
    store::visible_one(tx, actor, id)
}

/// Incidents of the actor's province, in the order they were recorded.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<Incident>> {
    actor.may(Operation::Incident)?;
    store::visible(tx, actor, page)
}

/// Changes an incident as it was read at `version`.
///
/// # Errors
/// `resource.stale`, `incident.time`, `incident.notice_missing`.
pub fn change(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, change: IncidentChange) -> Result<Incident> {
    actor.may(Operation::Incident)?;
    store::visible_one(tx, actor, id)?;
    let mut incident = store::locked(tx, id)?;
    if incident.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if change.happened_at.is_some_and(|happened| happened > incident.found_at) {
        return Err(Error::field("/happened_at", &codes::INCIDENT_TIME));
    }
    let (found, today) = (incident.found_at.day_in(&incident.province_code), tx.today(&incident.province_code));
    let days = [("/agency_notified_on", change.agency_notified_on), ("/people_notified_on", change.people_notified_on)];
    let wrong: Vec<FieldProblem> = days
        .into_iter()
        .filter(|(_, day)| day.is_some_and(|day| !(found..=today).contains(&day)))
        .map(|(pointer, _)| FieldProblem::new(pointer, &codes::INCIDENT_TIME))
        .collect();
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    incident.happened_at = change.happened_at.or(incident.happened_at);
    incident.remedy = change.remedy.or(incident.remedy);
    incident.agency_notified_on = change.agency_notified_on.or(incident.agency_notified_on);
    incident.people_notified_on = change.people_notified_on.or(incident.people_notified_on);
    incident.state = change.state.unwrap_or(incident.state);
    let told = incident.agency_notified_on.is_some() && incident.people_notified_on.is_some();
    if incident.state == IncidentState::Closed && !told {
        return Err(Error::new(&codes::INCIDENT_NOTICE_MISSING));
    }
    incident.version += 1;
    store::update(tx, &incident)?;
    audit::record(
        tx,
        actor,
        "incident.changed",
        Subject::incident(id),
        Some(&incident.province_code),
        &serde_json::json!({
            "state": incident.state,
            "agency_notified_on": incident.agency_notified_on,
            "people_notified_on": incident.people_notified_on,
        }),
    )?;
    Ok(incident)
}

/// The draft of the notice, in both languages, filled from the register and from what the audit says was read in clear
/// of these people between the incident and its discovery.
pub fn notice(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Notice> {
    let incident = get(tx, actor, id)?;
    // Since when to ask is not known before it is known when it happened.
    let from = incident.happened_at;
    let reads = from.map(|from| store::reads(tx, incident.id, from, incident.found_at)).transpose()?;
    Ok(rules::notice(&incident, incident.notice_due_at(), reads))
}
