//! Cohorts: one intake of one program for one segment in one period.

mod eligibility;
mod rules;
mod store;

use std::collections::HashMap;

use chrono::NaiveDate;

pub use eligibility::{AgeRule, CheckName, Eligibility, EligibilityRules, GraduationRule};
pub use rules::{CohortState, months_between};
pub use store::Cohort;

use crate::access::{Actor, Operation};
use crate::audit::{Changes, Note, Subject};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::program::{self, Curriculum};
use crate::values::{Label, ProvinceCode, Segment};

/// Days in which an offer of a seat is answered, when nothing is said.
pub const OFFER_DAYS: i32 = 3;

/// A cohort to plan.
#[derive(Debug, Clone)]
pub struct NewCohort {
    /// Whose.
    pub province: ProvinceCode,
    /// Of which program; the newest version on the first day is pinned.
    pub program: Id,
    /// For whom.
    pub segment: Segment,
    /// Its name, e.g. `2025/2026`.
    pub name: Label,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: NaiveDate,
    /// The first day of registration.
    pub registration_opens_on: NaiveDate,
    /// The last day of registration.
    pub registration_closes_on: NaiveDate,
    /// Seats the province wants.
    pub seats_wanted: i32,
    /// People in one class, for saying how many classes are needed.
    pub class_size: i32,
    /// Days in which an offer of a seat is answered.
    pub offer_days: i32,
    /// Why the length differs from the usual one.
    pub length_reason: Option<Label>,
    /// What it asks of people.
    pub eligibility: EligibilityRules,
    /// Warning codes that a person has looked at and confirmed.
    pub confirm: Vec<String>,
}

/// A change of a cohort's plan; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct CohortChange {
    /// A new last day of registration.
    pub registration_closes_on: Option<NaiveDate>,
    /// Other seats wanted.
    pub seats_wanted: Option<i32>,
    /// Another class size.
    pub class_size: Option<i32>,
    /// Other days in which an offer of a seat is answered; offers that were made keep theirs.
    pub offer_days: Option<i32>,
    /// Something else that it asks of people.
    pub eligibility: Option<EligibilityRules>,
    /// Whether the regencies may answer offers of its seats and look at its seating plans.
    pub seating_delegated: Option<bool>,
}

/// Which cohorts are asked for.
#[derive(Debug, Clone, Default)]
pub struct CohortFilter {
    /// Only of this segment.
    pub segment: Option<Segment>,
    /// Only in this state.
    pub state: Option<CohortState>,
    /// Only of this program.
    pub program: Option<Id>,
}

/// Plans a cohort in state `draft`.
///
/// # Errors
/// `program.segment_not_served`, `program.not_valid_yet`, `cohort.name_taken`, `field.date_order`, what
/// [`Eligibility::new`] finds, and `input.confirmation_required` with `cohort.length_unusual` when its length is not the program's usual one for the segment.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewCohort) -> Result<Cohort> {
    actor.may(Operation::CohortWrite)?;
    if !actor.scope().reaches(&new.province) {
        return Err(Error::field("/province", &codes::REGION_UNKNOWN));
    }
    rules::check_dates(&new)?;
    let eligibility = Eligibility::new(new.eligibility.clone(), &new.province)?;
    let program = program::get(tx, actor, new.program).map_err(|error| error.at("/program"))?;
    let version = program::latest_on(tx, program.id, new.starts_on)?;
    let usual = version.curriculum.usual_months(new.segment).ok_or_else(|| Error::new(&codes::PROGRAM_SEGMENT))?;
    rules::check_length(&new, usual)?;
    let cohort = Cohort {
        id: tx.new_id(),
        province_code: new.province,
        program_id: program.id,
        program_version_id: version.id,
        segment: new.segment,
        name: new.name,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        registration_opens_on: new.registration_opens_on,
        registration_closes_on: new.registration_closes_on,
        seats_wanted: new.seats_wanted,
        class_size: new.class_size,
        length_reason: new.length_reason,
        state: CohortState::Draft,
        cancel_reason: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        offer_days: new.offer_days,
        eligibility,
        seating_delegated: false,
    };
    store::insert(tx, &cohort)?;
    Note::of("cohort.created", Subject::cohort(cohort.id))
        .within(&cohort.province_code)
        .because(cohort.length_reason.as_ref())
        .with(serde_json::json!({ "program": program.code, "segment": cohort.segment, "name": cohort.name }))
        .record(tx, actor)?;
    Ok(cohort)
}

/// One cohort of the actor's province.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Cohort> {
    actor.may(Operation::CohortRead)?;
    store::visible_one(tx, actor, id)
}

/// Cohorts of the actor's province.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &CohortFilter, page: PageRequest) -> Result<Page<Cohort>> {
    actor.may(Operation::CohortRead)?;
    store::visible(tx, actor, filter, page)
}

/// Changes a cohort's plan as it was read at `version`.
///
/// # Errors
/// `resource.stale`, `cohort.state` once it is over, `field.date_order`, `field.range`, and what [`Eligibility::new`]
/// finds.
pub fn change(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, change: &CohortChange) -> Result<Cohort> {
    actor.may(Operation::CohortWrite)?;
    let mut cohort = current(tx, actor, id, version)?;
    if matches!(cohort.state, CohortState::Closed | CohortState::Cancelled) {
        return Err(Error::new(&codes::COHORT_STATE).fact("state", cohort.state));
    }
    let (before, delegated) = (cohort.eligibility.clone(), cohort.seating_delegated);
    rules::apply(&mut cohort, change)?;
    let changes = Changes::default().shown("seating_delegated", &delegated, &cohort.seating_delegated);
    let note = Note::of("cohort.changed", Subject::cohort(id)).changing(changes);
    let note = if cohort.eligibility == before {
        note
    } else {
        note.with(serde_json::json!({ "eligibility": *cohort.eligibility, "before": *before }))
    };
    save(tx, actor, cohort, note)
}

/// Moves a cohort to its next state: `draft → open → running → closed`, or `cancelled` with a reason.
///
/// # Errors
/// `resource.stale`, `cohort.state`, `enrollment.reason_required` for a cancellation without a reason.
pub fn move_to(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    to: CohortState,
    reason: Option<Label>,
) -> Result<Cohort> {
    actor.may(Operation::CohortWrite)?;
    let mut cohort = current(tx, actor, id, version)?;
    if !cohort.state.can_become(to) {
        return Err(Error::new(&codes::COHORT_STATE).fact("state", cohort.state));
    }
    if to == CohortState::Cancelled && reason.is_none() {
        return Err(Error::field("/reason", &codes::ENROLLMENT_REASON));
    }
    let note = Note::of("cohort.moved", Subject::cohort(id))
        .because(reason.as_ref())
        .changing(Changes::default().shown("state", &cohort.state, &to));
    cohort.state = to;
    cohort.cancel_reason = reason.filter(|_| to == CohortState::Cancelled);
    save(tx, actor, cohort, note)
}

fn current(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<Cohort> {
    store::visible_one(tx, actor, id)?;
    let cohort = store::locked(tx, id)?;
    if cohort.version == version { Ok(cohort) } else { Err(Error::new(&codes::STALE)) }
}

fn save(tx: &mut Tx<'_>, actor: &Actor, mut cohort: Cohort, note: Note) -> Result<Cohort> {
    cohort.version += 1;
    cohort.updated_at = tx.now();
    store::update(tx, &cohort)?;
    note.within(&cohort.province_code).record(tx, actor)?;
    Ok(cohort)
}

/// A cohort whatever the scope, for features that have checked it already.
pub(crate) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Cohort> {
    store::one(tx, id)
}

/// The same, locked until the transaction ends: whoever counts its people stands in line here.
pub(crate) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Cohort> {
    store::locked(tx, id)
}

/// The lesson hours of each of these cohorts.
pub(crate) fn lessons(tx: &mut Tx<'_>, cohorts: &[Id]) -> Result<HashMap<Id, program::Lessons>> {
    let pinned = store::pinned(tx, cohorts)?;
    let versions: Vec<Id> = pinned.values().copied().collect();
    let lessons = program::lessons(tx, &versions)?;
    let of = |(cohort, version): (Id, Id)| Some((cohort, *lessons.get(&version)?));
    Ok(pinned.into_iter().filter_map(of).collect())
}

/// The program and curriculum a cohort pins.
pub(crate) fn curriculum(tx: &mut Tx<'_>, cohort: &Cohort) -> Result<(program::Program, Curriculum)> {
    let (program, version) = program::pinned(tx, cohort.program_version_id)?;
    Ok((program, version.curriculum))
}

/// Minutes of a lesson hour of its program.
pub(crate) fn minutes(tx: &mut Tx<'_>, cohort: &Cohort) -> Result<i32> {
    i32::try_from(curriculum(tx, cohort)?.1.minutes_per_lesson_hour).map_err(Error::storage)
}
