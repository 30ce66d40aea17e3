use chrono::NaiveDate;
use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use super::rules::Reads;
use super::{Concerned, DataKind, IncidentState};
use crate::access::Actor;
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::{ForUpdate, insert_many, one_of_ids};
use crate::db::schema::{audit_events, class_stays, enrollments, incident_people, incidents, participants};
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, ProvinceCode};

/// Personal data that got lost or into wrong hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Key.
    pub id: Id,
    /// Whose register.
    pub province_code: ProvinceCode,
    /// When it happened, if that is known.
    pub happened_at: Option<Instant>,
    /// When it was found.
    pub found_at: Instant,
    /// What happened and how.
    pub what: Label,
    /// Which kinds of data.
    pub kinds: Vec<DataKind>,
    /// What is done about it.
    pub remedy: Option<Label>,
    /// How many people are concerned.
    pub people: i32,
    /// Where it stands.
    pub state: IncidentState,
    /// The day on which the agency was told.
    pub agency_notified_on: Option<NaiveDate>,
    /// The day on which the people were told.
    pub people_notified_on: Option<NaiveDate>,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// By whose account.
    pub recorded_by: Id,
    /// Grows with every change.
    pub version: i32,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = incidents, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: Id,
    province_code: ProvinceCode,
    happened_at: Option<Instant>,
    found_at: Instant,
    what: Label,
    kinds: String,
    remedy: Option<Label>,
    people: i32,
    state: IncidentState,
    agency_notified_on: Option<NaiveDate>,
    people_notified_on: Option<NaiveDate>,
    recorded_at: Instant,
    recorded_by: Id,
    version: i32,
}

impl Row {
    fn of(incident: &Incident) -> Result<Self> {
        Ok(Self {
            kinds: serde_json::to_string(&incident.kinds).map_err(Error::storage)?,
            id: incident.id,
            province_code: incident.province_code.clone(),
            happened_at: incident.happened_at,
            found_at: incident.found_at,
            what: incident.what.clone(),
            remedy: incident.remedy.clone(),
            people: incident.people,
            state: incident.state,
            agency_notified_on: incident.agency_notified_on,
            people_notified_on: incident.people_notified_on,
            recorded_at: incident.recorded_at,
            recorded_by: incident.recorded_by,
            version: incident.version,
        })
    }

    fn open(self) -> Result<Incident> {
        Ok(Incident {
            kinds: serde_json::from_str(&self.kinds).map_err(Error::storage)?,
            id: self.id,
            province_code: self.province_code,
            happened_at: self.happened_at,
            found_at: self.found_at,
            what: self.what,
            remedy: self.remedy,
            people: self.people,
            state: self.state,
            agency_notified_on: self.agency_notified_on,
            people_notified_on: self.people_notified_on,
            recorded_at: self.recorded_at,
            recorded_by: self.recorded_by,
            version: self.version,
        })
    }
}

/// The participants of the province who are meant.
///
/// # Errors
/// `reference.unknown` when one of a list is not there, or when nobody is meant.
pub(super) fn concerned(tx: &mut Tx<'_>, province: &ProvinceCode, concerned: &Concerned) -> Result<Vec<Id>> {
    let own = participants::table.filter(participants::province_code.eq(province)).select(participants::id);
    let mut people: Vec<Id> = match concerned {
        Concerned::People(list) => {
            let found: Vec<Id> = own.filter(one_of_ids(participants::id, list)?).load(tx.connection)?;
            let named: std::collections::HashSet<&Id> = list.iter().collect();
            if found.len() < named.len() { Vec::new() } else { found }
        }
        Concerned::School(school) => own.filter(participants::school_id.eq(school)).load(tx.connection)?,
        Concerned::Class(class) => {
            let stayed = class_stays::table.filter(class_stays::class_id.eq(class));
            let were_there = enrollments::id.eq_any(stayed.select(class_stays::enrollment_id));
            own.filter(
                participants::id.eq_any(
                    enrollments::table
                        .filter(enrollments::class_id.eq(class).assume_not_null().or(were_there))
                        .select(enrollments::participant_id),
                ),
            )
            .load(tx.connection)?
        }
        Concerned::Cohort(cohort) => own
            .filter(participants::id.eq_any(
                enrollments::table.filter(enrollments::cohort_id.eq(cohort)).select(enrollments::participant_id),
            ))
            .load(tx.connection)?,
    };
    if people.is_empty() {
        return Err(Error::field("/concerned", &codes::REFERENCE_UNKNOWN));
    }
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

pub(super) fn insert(tx: &mut Tx<'_>, incident: &Incident, people: &[Id]) -> Result<()> {
    diesel::insert_into(incidents::table).values(Row::of(incident)?).execute(tx.connection)?;
    let rows: Vec<_> = people
        .iter()
        .map(|person| (incident_people::incident_id.eq(incident.id), incident_people::participant_id.eq(*person)))
        .collect();
    insert_many!(tx.connection, incident_people::table, rows);
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, incident: &Incident) -> Result<()> {
    diesel::update(incidents::table.find(incident.id)).set(Row::of(incident)?).execute(tx.connection)?;
    Ok(())
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Incident> {
    let row: Row = ForUpdate(incidents::table.find(id)).get_result(tx.connection)?;
    row.open()
}

fn seen_by(actor: &Actor) -> incidents::BoxedQuery<'_, MultiBackend> {
    let query = incidents::table.into_boxed();
    match actor.scope().province() {
        Some(province) => query.filter(incidents::province_code.eq(province)),
        None => query,
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Incident> {
    let row: Row = seen_by(actor).filter(incidents::id.eq(id)).get_result(tx.connection)?;
    row.open()
}

pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<Incident>> {
    let rows: Vec<Row> = seen_by(actor)
        .filter(incidents::id.gt(page.after()))
        .order(incidents::id)
        .limit(page.fetch())
        .load(tx.connection)?;
    page.page(rows, |row| row.id).try_map(Row::open)
}

/// How often, and by how many accounts, the people concerned were opened in clear between two moments.
pub(super) fn reads(tx: &mut Tx<'_>, incident: Id, from: Instant, to: Instant) -> Result<Reads> {
    let people = incident_people::table
        .filter(incident_people::incident_id.eq(incident))
        .select(incident_people::participant_id.nullable());
    let (events, accounts) = audit_events::table
        .filter(audit_events::person_id.eq_any(people))
        .filter(audit_events::action.eq("participant.disclosed"))
        .filter(audit_events::at.between(from, to))
        .select((count_star(), count(audit_events::account_id).aggregate_distinct()))
        .get_result(tx.connection)?;
    Ok(Reads { events, accounts })
}
