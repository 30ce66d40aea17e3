//! Enrollments: one participant in one cohort, with every step kept.
//!
//! Whoever counts people stands in line: the participant's row first, then the enrollment's, then the class's.

mod eligibility;
pub mod offer;
pub mod reservation;
mod rules;
pub mod seating;
mod store;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

pub use crate::cohort::CheckName;
pub use eligibility::{Candidate, candidates, eligibility};
pub use rules::{Check, CheckResult, EnrollmentState, Why, WhyNot, is_grade_xii};
pub(crate) use rules::{Reach, nearness};
pub use store::{ClassStay, Enrolled, Enrollment, Transition};

use crate::access::{Actor, Operation, Scope};
use crate::audit::{self, Changes, Note, Subject};
use crate::class::{self, Class};
use crate::cohort::{self, Cohort, CohortState};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant::{self, Participant};
use crate::values::{Label, RegencyCode, Setting};
use eligibility::{Looked, born, checks, failed, hindrances, may_go_on, refuse};
use offer::SeatOffer;
use store::{InLine, Traits};

/// Which enrollments are asked for.
#[derive(Debug, Clone, Default)]
pub struct EnrollmentFilter {
    /// Only of this cohort.
    pub cohort: Option<Id>,
    /// Only of this class.
    pub class: Option<Id>,
    /// Only of this school.
    pub school: Option<Id>,
    /// Only of this participant.
    pub participant: Option<Id>,
    /// Only in this state.
    pub state: Option<EnrollmentState>,
}

/// A step to take.
#[derive(Debug, Clone)]
pub struct Step {
    /// To which state.
    pub to: EnrollmentState,
    /// Into which class, for a seat.
    pub class: Option<Id>,
    /// Why.
    pub reason: Option<Label>,
    /// The last day of a leave, as far as it is known.
    pub until: Option<NaiveDate>,
    /// Warning codes that a person has looked at and confirmed.
    pub confirm: Vec<String>,
}

/// Another class for somebody who has a seat.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Which class.
    pub class: Id,
    /// Why.
    pub reason: Label,
    /// Warning codes that a person has looked at and confirmed.
    pub confirm: Vec<String>,
}

/// One enrollment with its history.
#[derive(Debug, Clone)]
pub struct EnrollmentDetail {
    /// The enrollment and the person's name.
    pub enrolled: Enrolled,
    /// Every step, oldest first.
    pub transitions: Vec<Transition>,
    /// The place in the queue, 1 for the next, while waiting.
    pub position: Option<i64>,
    /// Seats that others were given before, out of order, while waiting.
    pub passed_over: Vec<PassedOver>,
    /// Every seat that was offered, oldest first.
    pub offers: Vec<SeatOffer>,
}

/// A seat that somebody behind was given. It names nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// The day.
    pub on: NaiveDate,
    /// Why; nothing once it was forgotten with the person it was said of.
    pub reason: Option<Label>,
}

/// Registers a participant for a cohort. Who is eligible goes straight to the waiting list; a doubt is first looked at by
/// the office.
///
/// # Errors
/// `enrollment.exists`, `hold.in_force`, `consent.own_due`, and the code of every check that the cohort takes as an error:
/// `cohort.not_open`, `enrollment.segment`, `participant.school_required`, `enrollment.graduation`, `enrollment.age`,
/// `enrollment.region`, `enrollment.prerequisite`, `consent.missing`, `enrollment.overlap`.
pub fn apply(tx: &mut Tx<'_>, actor: &Actor, cohort: Id, participant: Id) -> Result<Enrollment> {
    actor.may(Operation::EnrollmentWrite)?;
    let cohort = cohort::get(tx, actor, cohort)?;
    participant::get(tx, actor, participant).map_err(|error| error.at("/participant"))?;
    // Whoever is erasing the person is done by now, or will see the registration.
    let person = participant::locked(tx, participant)?;
    if person.province_code != cohort.province_code {
        return Err(Error::new(&codes::COHORT_OTHER_PROVINCE));
    }
    let checks = checks(tx, &cohort, &person)?;
    refuse(&checks)?;
    let waits = checks.iter().all(Check::lets_wait);
    let mut registration = Registration::of(actor, &cohort)?;
    let made = registration.register(tx, actor, &[(&person, waits)], None)?;
    registration.end(tx)?;
    let enrollment = made.into_iter().next().ok_or_else(|| Error::new(&codes::STORAGE_FAILED))?;
    Note::of("enrollment.applied", Subject::enrollment(enrollment.id))
        .within(&enrollment.province_code)
        .about(enrollment.participant_id)
        .with(serde_json::json!({ "cohort": cohort.id, "state": enrollment.state }))
        .record(tx, actor)?;
    Ok(enrollment)
}

/// Registers many people for a cohort at once; who is there already or not eligible is left out.
pub fn apply_many(
    tx: &mut Tx<'_>,
    actor: &Actor,
    cohort: &Cohort,
    people: &[&Participant],
    import: Option<Id>,
) -> Result<Vec<Enrollment>> {
    let mut registration = Registration::of(actor, cohort)?;
    let made = registration.add(tx, actor, people, import)?;
    registration.end(tx)?;
    Ok(made)
}

/// The registration of many people for a cohort, some at a time; the cohort's figures are brought up to date at its end.
pub(crate) struct Registration<'c> {
    cohort: &'c Cohort,
    counts: Counts,
}

impl<'c> Registration<'c> {
    pub(crate) fn of(actor: &Actor, cohort: &'c Cohort) -> Result<Self> {
        actor.may(Operation::EnrollmentWrite)?;
        Ok(Self { cohort, counts: Counts::default() })
    }

    /// Registers these people; who is there already or not eligible is left out.
    pub(crate) fn add(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        people: &[&Participant],
        import: Option<Id>,
    ) -> Result<Vec<Enrollment>> {
        let cohort = self.cohort;
        let ids: Vec<Id> = people.iter().map(|person| person.id).collect();
        // A person may have been in another school before.
        let there = there_already(tx, cohort.id, &ids)?;
        let today = tx.today(&cohort.province_code);
        let looked = Looked::at(tx, cohort, people.iter().map(|person| born(person)), today)?;
        let new: Vec<(&Participant, bool)> = people
            .iter()
            .filter(|person| !there.contains(&person.id) && person.province_code == cohort.province_code)
            .filter_map(|person| {
                let checks = rules::eligibility(cohort, &Traits::of(person), looked.known(person.id), today);
                failed(&checks).is_none().then(|| (*person, checks.iter().all(Check::lets_wait)))
            })
            .collect();
        self.register(tx, actor, &new, import)
    }

    fn register(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        people: &[(&Participant, bool)],
        import: Option<Id>,
    ) -> Result<Vec<Enrollment>> {
        let mut rows = Vec::with_capacity(people.len());
        let mut steps = Vec::with_capacity(people.len() * 2);
        for (person, waits) in people {
            let state = if *waits { EnrollmentState::Waitlisted } else { EnrollmentState::Applied };
            let row = Enrollment {
                id: tx.new_id(),
                cohort_id: self.cohort.id,
                participant_id: person.id,
                province_code: person.province_code.clone(),
                regency_code: person.regency_code.clone(),
                school_id: person.school_id,
                class_id: None,
                state,
                live: true,
                applied_at: tx.now(),
                seated_on: None,
                left_on: None,
                import_id: import,
                version: 1,
                updated_at: tx.now(),
            };
            steps.push(step_row(tx, actor, &row, None, EnrollmentState::Applied, None));
            if *waits {
                steps.push(step_row(tx, actor, &row, Some(EnrollmentState::Applied), state, None));
            }
            self.counts.add(self.cohort.id, &row.regency_code, state, 1);
            rows.push(row);
        }
        store::insert_many(tx, &rows)?;
        store::insert_steps(tx, &steps)?;
        Ok(rows)
    }

    pub(crate) fn end(self, tx: &mut Tx<'_>) -> Result<()> {
        self.counts.flush(tx)
    }
}

fn step_row(
    tx: &Tx<'_>,
    actor: &Actor,
    row: &Enrollment,
    from: Option<EnrollmentState>,
    to: EnrollmentState,
    reason: Option<Label>,
) -> Transition {
    Transition {
        id: tx.new_id(),
        enrollment_id: row.id,
        from_state: from,
        to_state: to,
        class_id: row.class_id,
        reason,
        at: tx.now(),
        account_id: actor.account(),
        out_of_order: false,
        until: None,
    }
}

/// One enrollment in the actor's scope, with its history and place in the queue.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<EnrollmentDetail> {
    actor.may(Operation::EnrollmentRead)?;
    let enrolled = store::visible_one(tx, actor, id)?;
    let transitions = store::steps(tx, id)?;
    let (position, passed_over) = match enrolled.enrollment.state {
        EnrollmentState::Waitlisted => {
            let place = |tx: &mut Tx<'_>| {
                Ok((Some(store::ahead(tx, &enrolled.enrollment)? + 1), passed_over(tx, &enrolled.enrollment)?))
            };
            tx.beyond(place)?
        }
        _ => (None, Vec::new()),
    };
    let offers = offer::of(tx, id)?;
    Ok(EnrollmentDetail { enrolled, transitions, position, passed_over, offers })
}

/// Seats of classes within reach that were given to others before it was their turn.
fn passed_over(tx: &mut Tx<'_>, row: &Enrollment) -> Result<Vec<PassedOver>> {
    let given = store::out_of_order(tx, row)?;
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let cohort = cohort::one(tx, row.cohort_id)?;
    let had_to_come_first = |(_, other, class): &(Transition, Enrollment, Class)| {
        let own_school = row.school_id == Some(class.partner_id);
        let near = nearness(Reach::of(cohort.segment), own_school, row.regency_code == class.regency_code);
        near.is_some() && offer::turn(row, &cohort, class) < offer::turn(other, &cohort, class)
    };
    let seen = |(step, ..): (Transition, Enrollment, Class)| PassedOver {
        on: step.at.day_in(&row.province_code),
        reason: step.reason,
    };
    Ok(given.into_iter().filter(had_to_come_first).map(seen).collect())
}

/// Enrollments in the actor's scope, in order of registration.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &EnrollmentFilter, page: PageRequest) -> Result<Page<Enrolled>> {
    actor.may(Operation::EnrollmentRead)?;
    store::visible(tx, actor, filter, page)
}

/// Takes one step: to the waiting list, into a seat, on leave and back, out.
///
/// Completion is decided by its own feature and not here.
///
/// # Errors
/// `resource.stale`, `enrollment.transition`, `enrollment.reason_required`, `enrollment.class_required`,
/// `class.full`, `class.state`, `cohort.state`, `consent.missing`, `consent.own_due`, `hold.in_force`,
/// `enrollment.overlap`, `enrollment.jump_reason` where others have to come first.
pub fn step(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, step: Step) -> Result<Enrollment> {
    let leaves = matches!(step.to, EnrollmentState::Withdrawn | EnrollmentState::DroppedOut);
    match actor.may(Operation::EnrollmentMove) {
        Ok(()) => {}
        // A school may take its own students' registrations back, and nothing more.
        Err(_) if leaves => actor.may(Operation::EnrollmentWrite)?,
        Err(error) => return Err(error),
    }
    let seen = store::visible_one(tx, actor, id)?.enrollment;
    let person = participant::locked(tx, seen.participant_id)?;
    let mut row = store::locked(tx, id)?;
    let mut out_of_order = false;
    if row.version != version {
        return Err(Error::new(&codes::STALE));
    }
    let is_decision = |state| matches!(state, EnrollmentState::Completed | EnrollmentState::NotCompleted);
    if is_decision(step.to) || is_decision(row.state) || !row.state.can_become(step.to) {
        return Err(Error::new(&codes::ENROLLMENT_TRANSITION).fact("from", row.state).fact("to", step.to));
    }
    if step.to.needs_reason() && step.reason.is_none() {
        return Err(Error::field("/reason", &codes::ENROLLMENT_REASON));
    }
    let today = tx.today(&row.province_code);
    if step.until.is_some_and(|until| until < today || step.to != EnrollmentState::OnLeave) {
        return Err(Error::field("/until", &codes::FIELD_DATE_ORDER));
    }
    let doubts = match step.to {
        EnrollmentState::Waitlisted | EnrollmentState::Active => may_go_on(tx, &person, &row, step.to)?,
        _ => Vec::new(),
    };
    if row.state == EnrollmentState::Waitlisted && step.to == EnrollmentState::Active {
        let wanted = step.class.ok_or_else(|| Error::field("/class", &codes::ENROLLMENT_CLASS_REQUIRED))?;
        let class = class::visible(tx, actor, wanted).map_err(|error| error.at("/class"))?;
        let offered = offer::unanswered(tx, id)?;
        class::lock_many(tx, &offered.iter().map(|offer| offer.class_id).chain([class.id]).collect::<Vec<_>>())?;
        let class = class::locked(tx, class.id)?;
        may_sit(tx, actor, &row, &class, &step.confirm)?;
        let is_held = offered.as_ref().is_some_and(|offer| offer.class_id == class.id);
        out_of_order = !is_held && is_out_of_order(tx, &row, &class)?;
        if out_of_order && step.reason.is_none() {
            return Err(Error::field("/reason", &codes::ENROLLMENT_JUMP_REASON));
        }
        if let Some(offer) = offered {
            offer::withdraw(tx, actor, offer, Some(class.id))?;
        }
        class::seat(tx, class.id, 1)?;
        sit_down(tx, &mut row, &class);
    } else if leaves {
        give_back(tx, actor, &row)?;
        row.left_on = Some(today);
    }
    let from = row.state;
    let note = Note::of("enrollment.moved", Subject::enrollment(id)).because(step.reason.as_ref());
    let how = Move { reason: step.reason, out_of_order, until: step.until };
    move_row(tx, actor, &mut row, step.to, how)?;
    note.within(&row.province_code)
        .about(row.participant_id)
        .with(serde_json::json!({ "class": row.class_id, "out_of_order": out_of_order, "doubts": doubts }))
        .changing(Changes::default().shown("state", &from, &row.state))
        .record(tx, actor)?;
    Ok(row)
}

/// Whether somebody else has to come first when a seat of this class is given.
fn is_out_of_order(tx: &mut Tx<'_>, row: &Enrollment, class: &Class) -> Result<bool> {
    let cohort = cohort::one(tx, row.cohort_id)?;
    let first = tx.beyond(|tx| offer::next_for(tx, &cohort, class, 1, &HashSet::new()))?;
    let turn = offer::turn(row, &cohort, class);
    Ok(first.first().is_some_and(|first| offer::turn(first, &cohort, class) < turn))
}

/// Takes the place in a class, from today on or from its first day.
fn sit_down(tx: &Tx<'_>, row: &mut Enrollment, class: &Class) {
    row.class_id = Some(class.id);
    row.seated_on = Some(tx.today(&row.province_code).max(class.starts_on));
}

/// Gives back what somebody who leaves has: a seat, or the offer of one. It passes on to the next.
fn give_back(tx: &mut Tx<'_>, actor: &Actor, row: &Enrollment) -> Result<()> {
    if let Some(class) = row.class_id.filter(|_| row.state.takes_seat()) {
        class::locked(tx, class)?;
        class::seat(tx, class, -1)?;
        offer::pass_on(tx, actor, class, 1)?;
    }
    if let Some(offer) = offer::unanswered(tx, row.id)? {
        class::locked(tx, offer.class_id)?;
        offer::withdraw(tx, actor, offer, None)?;
    }
    Ok(())
}

fn may_sit(tx: &mut Tx<'_>, actor: &Actor, row: &Enrollment, class: &Class, confirm: &[String]) -> Result<()> {
    if class.cohort_id != row.cohort_id {
        return Err(Error::new(&codes::CLASS_OTHER_COHORT));
    }
    let cohort = cohort::one(tx, row.cohort_id)?;
    takes_people(&cohort, class)?;
    let allowed = match cohort.eligibility.severity(CheckName::Overlap) {
        Setting::Error => false,
        Setting::Warning => actor.is_province() && confirm.iter().any(|code| code == codes::ENROLLMENT_OVERLAP.name),
        Setting::Off => true,
    };
    let busy = |tx: &mut Tx<'_>| store::seated_elsewhere(tx, row, class.starts_on, class.ends_on);
    if !allowed && tx.beyond(busy)? {
        return Err(Error::new(&codes::ENROLLMENT_OVERLAP));
    }
    Ok(())
}

/// Moves somebody who has a seat to another class of the cohort. What was attended so far counts on; the seat that is left
/// passes on to the next.
///
/// # Errors
/// `resource.stale`, `enrollment.transition` unless active, `enrollment.same_class`, `class.full`, `class.state`,
/// `class.other_cohort`, `cohort.state`, `hold.in_force`, `consent.own_due`, `consent.missing`, `enrollment.overlap`.
pub fn transfer(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, transfer: Transfer) -> Result<Enrollment> {
    actor.may(Operation::EnrollmentMove)?;
    let seen = store::visible_one(tx, actor, id)?.enrollment;
    let person = participant::locked(tx, seen.participant_id)?;
    let mut row = store::locked(tx, id)?;
    if row.version != version {
        return Err(Error::new(&codes::STALE));
    }
    let (state, active) = (row.state, EnrollmentState::Active);
    let (Some(from), Some(seated_on), true) = (row.class_id, row.seated_on, state == active) else {
        return Err(Error::new(&codes::ENROLLMENT_TRANSITION).fact("from", state).fact("to", active));
    };
    let class = class::visible(tx, actor, transfer.class).map_err(|error| error.at("/class"))?;
    if class.id == from {
        return Err(Error::field("/class", &codes::ENROLLMENT_SAME_CLASS));
    }
    class::lock_many(tx, &[from, class.id])?;
    let class = class::locked(tx, class.id)?;
    may_go_on(tx, &person, &row, active)?;
    may_sit(tx, actor, &row, &class, &transfer.confirm)?;
    class::seat(tx, class.id, 1)?;
    class::seat(tx, from, -1)?;
    let left_on = tx.today(&row.province_code).max(seated_on);
    let stay = ClassStay { id: tx.new_id(), enrollment_id: id, class_id: from, seated_on, left_on };
    store::insert_stay(tx, &stay)?;
    sit_down(tx, &mut row, &class);
    let note = Note::of("enrollment.transferred", Subject::enrollment(id))
        .within(&row.province_code)
        .about(row.participant_id)
        .because(&transfer.reason)
        .changing(Changes::default().shown("class", &Some(from), &row.class_id));
    move_row(tx, actor, &mut row, active, Move::because(Some(transfer.reason)))?;
    note.record(tx, actor)?;
    offer::pass_on(tx, actor, from, 1)?;
    Ok(row)
}

/// What is said of a step beside where it leads.
#[derive(Default)]
struct Move {
    reason: Option<Label>,
    out_of_order: bool,
    until: Option<NaiveDate>,
}

impl Move {
    fn because(reason: Option<Label>) -> Self {
        Self { reason, ..Self::default() }
    }
}

fn move_row(tx: &mut Tx<'_>, actor: &Actor, row: &mut Enrollment, to: EnrollmentState, how: Move) -> Result<()> {
    let from = row.state;
    row.state = to;
    row.live = to.keeps_place();
    row.version += 1;
    row.updated_at = tx.now();
    store::update(tx, row)?;
    let Move { reason, out_of_order, until } = how;
    let step = Transition { out_of_order, until, ..step_row(tx, actor, row, Some(from), to, reason) };
    store::insert_steps(tx, &[step])?;
    let mut counts = Counts::default();
    counts.add(row.cohort_id, &row.regency_code, from, -1);
    counts.add(row.cohort_id, &row.regency_code, to, 1);
    counts.flush(tx)
}

/// A seat to give.
struct Given {
    enrollment: Id,
    class: Id,
    why: Why,
    /// Why, where a person chose.
    reason: Option<Label>,
    out_of_order: bool,
}

/// Gives seats to people of the cohort's waiting list, who are held as the classes are.
fn seat(
    tx: &mut Tx<'_>,
    actor: &Actor,
    cohort: &Cohort,
    waiting: &[InLine],
    seats: &[Given],
    classes: &[Class],
) -> Result<()> {
    let today = tx.today(&cohort.province_code);
    let mut counts = Counts::default();
    let rows: HashMap<Id, &InLine> = waiting.iter().map(|row| (row.id, row)).collect();
    let mut steps = Vec::with_capacity(seats.len());
    let mut notes = Vec::with_capacity(seats.len());
    let mut by_class: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    let (from, to) = (EnrollmentState::Waitlisted, EnrollmentState::Active);
    for Given { enrollment, class, why, reason, out_of_order } in seats {
        let Some(row) = rows.get(enrollment) else { continue };
        counts.add(cohort.id, &row.regency_code, from, -1);
        counts.add(cohort.id, &row.regency_code, to, 1);
        by_class.entry(*class).or_default().push(*enrollment);
        notes.push(
            Note::of("enrollment.moved", Subject::enrollment(*enrollment))
                .within(&row.province_code)
                .about(row.participant_id)
                .because(reason.as_ref())
                .with(serde_json::json!({ "class": class, "why": why.as_str(), "out_of_order": out_of_order }))
                .changing(Changes::default().shown("state", &from, &to)),
        );
        steps.push(Transition {
            id: tx.new_id(),
            enrollment_id: *enrollment,
            from_state: Some(from),
            to_state: to,
            class_id: Some(*class),
            reason: reason.clone().or_else(|| Label::parse(why.as_str()).ok()),
            at: tx.now(),
            account_id: actor.account(),
            out_of_order: *out_of_order,
            until: None,
        });
    }
    let starts_on: HashMap<Id, NaiveDate> = classes.iter().map(|class| (class.id, class.starts_on)).collect();
    for (id, people) in &by_class {
        let starts_on = starts_on.get(id).copied().unwrap_or(today);
        store::seat_people(tx, *id, today.max(starts_on), people)?;
        class::seat(tx, *id, i32::try_from(people.len()).unwrap_or(i32::MAX))?;
    }
    store::insert_steps(tx, &steps)?;
    counts.flush(tx)?;
    audit::record_all(tx, actor, notes)
}

/// Those of these people who have their place in the cohort already, wherever they registered.
pub(crate) fn there_already(tx: &mut Tx<'_>, cohort: Id, people: &[Id]) -> Result<HashSet<Id>> {
    tx.beyond(|tx| store::live_in(tx, cohort, people))
}

/// Seats people who have just been put on the list of the class's cohort, in their order and as long as there are seats;
/// says who got one. Whoever cannot be seated yet stays on the list.
///
/// # Errors
/// `class.state`, `cohort.state`.
pub(crate) fn seat_in(tx: &mut Tx<'_>, actor: &Actor, class: Id, made: &[Enrollment]) -> Result<HashSet<Id>> {
    actor.may(Operation::Seating)?;
    let class = class::locked(tx, class)?;
    let cohort = cohort::one(tx, class.cohort_id)?;
    takes_people(&cohort, &class)?;
    let waiting: Vec<&Enrollment> = made.iter().filter(|row| row.state == EnrollmentState::Waitlisted).collect();
    let people: Vec<Id> = waiting.iter().map(|row| row.participant_id).collect();
    let hindered = hindrances(tx, &cohort, &people)?;
    let free = usize::try_from(class.free()).unwrap_or_default();
    let seated = waiting.iter().filter(|row| !hindered.contains_key(&row.participant_id)).take(free);
    let except: HashSet<Id> = made.iter().map(|row| row.id).collect();
    let first = tx.beyond(|tx| offer::next_for(tx, &cohort, &class, 1, &except))?;
    let first = first.first().map(|first| offer::turn(first, &cohort, &class));
    let give = |row: &Enrollment| Given {
        enrollment: row.id,
        class: class.id,
        why: Why::Named,
        reason: None,
        out_of_order: first.is_some_and(|first| first < offer::turn(row, &cohort, &class)),
    };
    let seats: Vec<Given> = seated.map(|row| give(row)).collect();
    let waiting: Vec<InLine> = waiting.iter().map(|row| InLine::of(row)).collect();
    seat(tx, actor, &cohort, &waiting, &seats, std::slice::from_ref(&class))?;
    Ok(seats.into_iter().map(|given| given.enrollment).collect())
}

/// Whether a class takes people now.
///
/// # Errors
/// `class.state`, `cohort.state`.
pub(crate) fn takes_people(cohort: &Cohort, class: &Class) -> Result<()> {
    if !class.state.is_live() {
        return Err(Error::new(&codes::CLASS_STATE).fact("state", class.state));
    }
    if !matches!(cohort.state, CohortState::Open | CohortState::Running) {
        return Err(Error::new(&codes::COHORT_STATE).fact("state", cohort.state));
    }
    Ok(())
}

/// One enrollment with everything that happened in it.
pub(crate) struct History {
    pub(crate) enrollment: Enrollment,
    pub(crate) steps: Vec<Transition>,
    pub(crate) offers: Vec<SeatOffer>,
}

/// Enrollments of a person that the actor sees, each with everything that happened in it, oldest first.
pub(crate) fn histories(tx: &mut Tx<'_>, actor: &Actor, participant: Id) -> Result<Vec<History>> {
    let filter = EnrollmentFilter { participant: Some(participant), ..EnrollmentFilter::default() };
    // Nobody registers two hundred times.
    let rows = store::visible(tx, actor, &filter, PageRequest { after: None, size: crate::page::MAX_SIZE })?.rows;
    let ids: Vec<Id> = rows.iter().map(|row| row.enrollment.id).collect();
    let mut steps: HashMap<Id, Vec<Transition>> = HashMap::new();
    for step in store::steps_of(tx, &ids)? {
        steps.entry(step.enrollment_id).or_default().push(step);
    }
    let mut offers: HashMap<Id, Vec<SeatOffer>> = HashMap::new();
    for offer in offer::of_many(tx, &ids)? {
        offers.entry(offer.enrollment_id).or_default().push(offer);
    }
    let history = |row: Enrolled| History {
        steps: steps.remove(&row.enrollment.id).unwrap_or_default(),
        offers: offers.remove(&row.enrollment.id).unwrap_or_default(),
        enrollment: row.enrollment,
    };
    Ok(rows.into_iter().map(history).collect())
}

/// People on the waiting list of a cohort, by regency and school; of one regency alone when one is named.
pub(crate) fn waiting_by_school(
    tx: &mut Tx<'_>,
    cohort: Id,
    only: Option<&RegencyCode>,
) -> Result<Vec<(RegencyCode, Option<Id>, i64)>> {
    store::waiting_by_school(tx, cohort, only)
}

/// The members of a class, past ones included, by name; the class has been checked already.
pub(crate) fn members(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Enrolled>> {
    store::members(tx, class)
}

/// Those of these enrollments that the actor sees.
pub(crate) fn seen(tx: &mut Tx<'_>, actor: &Actor, ids: &[Id]) -> Result<Vec<Enrolled>> {
    store::seen(tx, actor, ids)
}

/// Those of a cohort, or of one of its classes, who have a seat in it or were decided on, as far as the actor sees them.
pub(crate) fn seated(
    tx: &mut Tx<'_>,
    actor: &Actor,
    cohort: Id,
    class: Option<Id>,
    page: PageRequest,
) -> Result<Page<Enrolled>> {
    store::seated(tx, actor, cohort, class, page)
}

/// Members of a class without their names, for marking.
pub(crate) fn member_rows(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Enrollment>> {
    store::member_rows(tx, class)
}

/// Holds everyone of a class until the transaction ends; who holds the class as well takes hold of its people first.
pub(crate) fn lock_members(tx: &mut Tx<'_>, class: Id) -> Result<()> {
    store::lock_members(tx, class)
}

/// Holds every enrollment of these people until the transaction ends.
pub(crate) fn lock_of_people(tx: &mut Tx<'_>, people: &[Id]) -> Result<()> {
    store::lock_of_people(tx, people)
}

/// Enrollments an actor sees, by id, for features that act on several.
pub(crate) fn visible_row(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Enrolled> {
    store::visible_one(tx, actor, id)
}

/// Whose enrollment it is, whatever the scope.
pub(crate) fn participant_of(tx: &mut Tx<'_>, enrollment: Id) -> Result<Id> {
    tx.beyond(|tx| store::participant_of(tx, enrollment))
}

/// Ends enrollments as decided by completion, or goes on with those whose decision was opened again, with the reason.
pub(crate) fn decide(
    tx: &mut Tx<'_>,
    actor: &Actor,
    decided: &[(Enrollment, EnrollmentState)],
    reason: Option<&Label>,
) -> Result<()> {
    let mut counts = Counts::default();
    let mut steps = Vec::with_capacity(decided.len());
    for (before, to) in decided {
        let mut row = before.clone();
        row.state = *to;
        row.version += 1;
        row.updated_at = tx.now();
        store::update(tx, &row)?;
        steps.push(step_row(tx, actor, &row, Some(before.state), *to, reason.cloned()));
        counts.add(row.cohort_id, &row.regency_code, before.state, -1);
        counts.add(row.cohort_id, &row.regency_code, *to, 1);
    }
    store::insert_steps(tx, &steps)?;
    counts.flush(tx)
}

/// Takes a person who is to be forgotten off every list, and forgets why earlier steps were taken.
///
/// # Errors
/// `erasure.enrolled` while the person has a seat that is still needed.
pub(crate) fn let_go(tx: &mut Tx<'_>, actor: &Actor, participant: Id) -> Result<()> {
    for mut row in store::live_locked(tx, participant)? {
        match row.state {
            EnrollmentState::Active | EnrollmentState::OnLeave => return Err(Error::new(&codes::ERASURE_ENROLLED)),
            EnrollmentState::Applied | EnrollmentState::Waitlisted => {
                give_back(tx, actor, &row)?;
                row.left_on = Some(tx.today(&row.province_code));
                move_row(tx, actor, &mut row, EnrollmentState::Withdrawn, Move::default())?;
            }
            _ => {}
        }
    }
    seating::forget_reasons(tx, participant)?;
    store::forget_reasons(tx, participant)
}

/// Whether the actor, who sees the class, sees this member of it: a school that does not host the class sees its own
/// students in it, a regency those who are registered there, and nobody else.
pub(crate) fn follows(actor: &Actor, member: &Enrollment, host: Id) -> bool {
    match actor.scope() {
        Scope::School(_, school) => host == *school || member.school_id == Some(*school),
        Scope::Regency(_, regency) => member.regency_code == *regency,
        Scope::Everything | Scope::Province(_) | Scope::Partner(..) | Scope::Instructor(..) => true,
    }
}

/// Removes enrollments that an import made by mistake, as if they had never been; says how many. The seats that they had or
/// were offered go to the next in order.
pub(crate) fn take_back(tx: &mut Tx<'_>, actor: &Actor, ids: &[Id]) -> Result<usize> {
    let rows = store::many_locked(tx, ids)?;
    let mut counts = Counts::default();
    let mut seats: BTreeMap<Id, i32> = BTreeMap::new();
    for row in &rows {
        counts.add(row.cohort_id, &row.regency_code, row.state, -1);
        if let Some(class) = row.class_id.filter(|_| row.state.takes_seat()) {
            *seats.entry(class).or_default() += 1;
        }
    }
    let offered = offer::seats_offered_to(tx, ids)?;
    let freed: BTreeSet<Id> = seats.keys().chain(offered.keys()).copied().collect();
    class::lock_many(tx, &freed.iter().copied().collect::<Vec<_>>())?;
    for (class, people) in &seats {
        class::seat(tx, *class, -people)?;
    }
    for (class, people) in &offered {
        class::hold(tx, *class, -people)?;
    }
    seating::forget(tx, ids)?;
    offer::forget(tx, ids)?;
    store::remove_many(tx, ids)?;
    counts.flush(tx)?;
    for class in freed {
        let of = |seats: &BTreeMap<Id, i32>| seats.get(&class).copied().unwrap_or_default();
        offer::pass_on(tx, actor, class, of(&seats) + of(&offered))?;
    }
    Ok(rows.len())
}

/// Changes of the kept figures, written in one order so that two transactions never wait for each other crosswise.
#[derive(Default)]
struct Counts(BTreeMap<(Id, RegencyCode, EnrollmentState), i32>);

impl Counts {
    fn add(&mut self, cohort: Id, regency: &RegencyCode, state: EnrollmentState, people: i32) {
        *self.0.entry((cohort, regency.clone(), state)).or_default() += people;
    }

    fn flush(self, tx: &mut Tx<'_>) -> Result<()> {
        for ((cohort, regency, state), people) in self.0 {
            store::count(tx, cohort, &regency, state, people)?;
        }
        Ok(())
    }
}
