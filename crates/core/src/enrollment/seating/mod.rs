//! The seating plan of a cohort: worked out from its waiting list, looked at and adjusted by a person, applied in one
//! step, and only as it was looked at.

mod rules;
mod store;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

pub use rules::{Need, Outcome, PlanState};
pub use store::{Planned, SeatingClass, SeatingRow};

use super::rules::Reach;
use super::store::InLine;
use super::{Given, WhyNot, offer, reservation};
use crate::access::{Actor, Operation};
use crate::audit::{Note, Subject};
use crate::class::{self, Class, ClassState};
use crate::cohort::{self, Cohort, CohortState};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, ProvinceCode, RegencyCode};
use rules::{Chosen, Decision, OpenClass, Waiting};

/// Who is to sit where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatingPlan {
    /// Key.
    pub id: Id,
    /// Of which cohort.
    pub cohort_id: Id,
    /// Of which province.
    pub province_code: ProvinceCode,
    /// Where it stands.
    pub state: PlanState,
    /// What it comes to.
    pub summary: Summary,
    /// When it was asked for.
    pub made_at: Instant,
    /// By whose account.
    pub made_by: Id,
    /// When its seats were given.
    pub applied_at: Option<Instant>,
    /// By whose account.
    pub applied_by: Option<Id>,
    /// Grows with every change.
    pub version: i32,
}

/// What a plan comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// People on the waiting list.
    pub waiting: usize,
    /// Those who get a seat.
    pub seats: usize,
    /// Those who are kept in reserve.
    pub reserves: usize,
    /// Those who get no seat, by the reason; who is kept in reserve is one of them.
    pub left: BTreeMap<WhyNot, usize>,
    /// Those of whom somebody decided by hand.
    pub chosen: usize,
    /// Those whose seat is another one than before the plan was worked out anew.
    pub moved: usize,
    /// Classes with fewer people than they need to start.
    pub below_minimum: usize,
    /// Classes that have no instructor yet.
    pub without_instructor: usize,
    /// What each regency would need for those who are left.
    pub needed: Vec<Need>,
}

impl Summary {
    /// As many more classes as would seat everyone who is left.
    pub fn classes_needed(&self) -> i64 {
        self.needed.iter().map(|need| need.classes).sum()
    }

    /// Teachers for those classes and for the ones that have none yet, where each teaches one class.
    pub fn teachers_needed(&self) -> i64 {
        self.classes_needed() + i64::try_from(self.without_instructor).unwrap_or(i64::MAX)
    }
}

/// Which rows of a plan are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowFilter {
    /// Only those with this outcome.
    pub outcome: Option<Outcome>,
    /// Only those of this class.
    pub class: Option<Id>,
    /// Only those of whom the plan said something else before.
    pub moved: bool,
}

/// What came of applying a plan.
#[derive(Debug)]
pub enum Application {
    /// The seats were given.
    Applied(SeatingPlan),
    /// Nothing was done: the plan is no longer what was looked at. It was made again, and shows what is different.
    Moved(SeatingPlan),
}

impl Application {
    /// The plan that was applied.
    ///
    /// # Errors
    /// `seating_plan.moved`.
    pub fn applied(self) -> Result<SeatingPlan> {
        match self {
            Self::Applied(plan) => Ok(plan),
            Self::Moved(plan) => Err(Error::new(&codes::SEATING_PLAN_MOVED).fact("people", plan.summary.moved)),
        }
    }
}

/// What somebody chose by hand: a class or none, and why.
struct Choice {
    class: Option<Id>,
    reason: Option<Label>,
}

/// Works out who would get which seat, and keeps it to be looked at; an earlier plan that is still open ends.
///
/// # Errors
/// `cohort.state` unless the cohort is open or running.
pub fn make(tx: &mut Tx<'_>, actor: &Actor, cohort: Id) -> Result<SeatingPlan> {
    actor.may(Operation::Seating)?;
    cohort::get(tx, actor, cohort)?;
    let cohort = taking_people(tx, cohort)?;
    store::replace_open(tx, cohort.id)?;
    let mut plan = SeatingPlan {
        id: tx.new_id(),
        cohort_id: cohort.id,
        province_code: cohort.province_code.clone(),
        state: PlanState::Open,
        summary: Summary::default(),
        made_at: tx.now(),
        made_by: actor.account_or_operator(),
        applied_at: None,
        applied_by: None,
        version: 0,
    };
    store::insert(tx, &plan)?;
    let waiting = super::store::waiting(tx, cohort.id)?;
    let classes = class::open_in(tx, cohort.id)?;
    let work = Work::out(tx, &cohort, waiting, classes, HashMap::new())?;
    work.keep(tx, &mut plan, None)?;
    note(tx, actor, &plan, "seating_plan.made")?;
    Ok(plan)
}

/// One plan.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<SeatingPlan> {
    actor.may(Operation::SeatingRead)?;
    store::visible_one(tx, actor, id)
}

/// Plans of a cohort, oldest first.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, cohort: Id, page: PageRequest) -> Result<Page<SeatingPlan>> {
    actor.may(Operation::SeatingRead)?;
    cohort::get(tx, actor, cohort)?;
    store::visible(tx, actor, cohort, page)
}

/// Everyone of a plan whom the actor sees, in the order of registration.
pub fn rows(tx: &mut Tx<'_>, actor: &Actor, id: Id, filter: &RowFilter, page: PageRequest) -> Result<Page<Planned>> {
    get(tx, actor, id)?;
    store::rows(tx, actor, id, filter, page)
}

/// The classes of a plan; a regency's own.
pub fn classes(tx: &mut Tx<'_>, actor: &Actor, id: Id, page: PageRequest) -> Result<Page<SeatingClass>> {
    get(tx, actor, id)?;
    store::classes(tx, actor, id, page)
}

/// Chooses by hand: this person into that class, or into none. The plan is worked out anew around everything that was
/// chosen so far; of others' seats the last in the order go.
///
/// # Errors
/// `resource.stale`, `seating_plan.state`, `class.other_cohort`, `class.state`, `cohort.state`, and why the person cannot
/// have that seat, such as `class.full` or `consent.missing`.
pub fn choose(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    enrollment: Id,
    class: Option<Id>,
    reason: Label,
) -> Result<SeatingPlan> {
    let (cohort, mut plan) = open(tx, actor, id, version)?;
    if let Some(class) = class {
        let class = class::visible(tx, actor, class).map_err(|error| error.at("/class"))?;
        if class.cohort_id != cohort.id {
            return Err(Error::new(&codes::CLASS_OTHER_COHORT));
        }
        super::takes_people(&cohort, &class)?;
    }
    let before = store::all_rows(tx, id)?;
    if !before.iter().any(|row| row.enrollment_id == enrollment) {
        return Err(Error::new(&codes::NOT_FOUND));
    }
    let mut choices = choices(&before);
    choices.insert(enrollment, Choice { class, reason: Some(reason.clone()) });
    let waiting = super::store::waiting(tx, cohort.id)?;
    let classes = class::open_in(tx, cohort.id)?;
    let work = Work::out(tx, &cohort, waiting, classes, choices)?;
    let (row, decision) = work.of(enrollment).ok_or_else(|| Error::new(&codes::STALE))?;
    if decision.seat_in() != class {
        return Err(Error::new(decision.why_not.unwrap_or(WhyNot::NoSeat).code()));
    }
    // Nobody who was chosen before loses the seat to this one.
    if work.people().any(|(row, decision)| {
        let same_class =
            work.choices.get(&row.id).is_some_and(|choice| choice.class.is_some() && choice.class == class);
        same_class && decision.why_not == Some(WhyNot::NoSeat)
    }) {
        return Err(Error::new(&codes::CLASS_FULL));
    }
    let note = Note::of("seating_plan.chosen", Subject::seating_plan(id))
        .within(&plan.province_code)
        .about(row.participant_id)
        .because(&reason)
        .with(serde_json::json!({ "enrollment": enrollment, "class": class }));
    work.keep(tx, &mut plan, Some(before))?;
    note.record(tx, actor)?;
    Ok(plan)
}

/// Takes back what was chosen of somebody by hand. The plan is worked out anew without it.
///
/// # Errors
/// `resource.stale`, `seating_plan.state`, `cohort.state`; `resource.not_found` where nothing was chosen.
pub fn unchoose(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, enrollment: Id) -> Result<SeatingPlan> {
    let (cohort, mut plan) = open(tx, actor, id, version)?;
    let before = store::all_rows(tx, id)?;
    let mut choices = choices(&before);
    let Choice { class, .. } = choices.remove(&enrollment).ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    let waiting = super::store::waiting(tx, cohort.id)?;
    let classes = class::open_in(tx, cohort.id)?;
    let work = Work::out(tx, &cohort, waiting, classes, choices)?;
    work.keep(tx, &mut plan, Some(before))?;
    Note::of("seating_plan.unchosen", Subject::seating_plan(id))
        .within(&plan.province_code)
        .about(super::store::participant_of(tx, enrollment)?)
        .with(serde_json::json!({ "enrollment": enrollment, "class": class }))
        .record(tx, actor)?;
    Ok(plan)
}

/// Gives every seat of a plan in one step, if the plan still is what comes out; otherwise it is made again and nothing
/// else is done.
///
/// # Errors
/// `resource.stale`, `seating_plan.state`, `cohort.state`.
pub fn apply(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<Application> {
    let (cohort, mut plan) = open(tx, actor, id, version)?;
    // In the order everyone locks: people, enrollments, classes.
    super::store::lock_waiting_people(tx, cohort.id)?;
    let waiting = super::store::waiting_locked(tx, cohort.id)?;
    let classes = class::open_in_locked(tx, cohort.id)?;
    let before = store::all_rows(tx, id)?;
    let work = Work::out(tx, &cohort, waiting, classes, choices(&before))?;
    work.keep(tx, &mut plan, Some(before))?;
    if plan.summary.moved > 0 {
        note(tx, actor, &plan, "seating_plan.moved")?;
        return Ok(Application::Moved(plan));
    }
    super::seat(tx, actor, &cohort, &work.waiting, &work.given(), &work.classes)?;
    plan.state = PlanState::Applied;
    plan.applied_at = Some(tx.now());
    plan.applied_by = Some(actor.account_or_operator());
    store::update(tx, &plan)?;
    note(tx, actor, &plan, "seating_plan.applied")?;
    Ok(Application::Applied(plan))
}

/// The plan as it was read, to be changed, and its cohort; both are held until the transaction ends.
fn open(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<(Cohort, SeatingPlan)> {
    actor.may(Operation::Seating)?;
    let seen = store::visible_one(tx, actor, id)?;
    let cohort = taking_people(tx, seen.cohort_id)?;
    let plan = store::locked(tx, id)?;
    if plan.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if plan.state != PlanState::Open {
        return Err(Error::new(&codes::SEATING_PLAN_STATE).fact("state", plan.state));
    }
    Ok((cohort, plan))
}

fn taking_people(tx: &mut Tx<'_>, cohort: Id) -> Result<Cohort> {
    let cohort = cohort::locked(tx, cohort)?;
    if matches!(cohort.state, CohortState::Open | CohortState::Running) {
        return Ok(cohort);
    }
    Err(Error::new(&codes::COHORT_STATE).fact("state", cohort.state))
}

fn note(tx: &mut Tx<'_>, actor: &Actor, plan: &SeatingPlan, action: &'static str) -> Result<()> {
    let Summary { waiting, seats, reserves, chosen, moved, .. } = plan.summary;
    Note::of(action, Subject::seating_plan(plan.id))
        .within(&plan.province_code)
        .with(serde_json::json!({
            "cohort": plan.cohort_id, "waiting": waiting, "seats": seats, "reserves": reserves, "chosen": chosen,
            "moved": moved,
        }))
        .record(tx, actor)
}

/// Everything that was chosen in a plan so far.
fn choices(rows: &[SeatingRow]) -> HashMap<Id, Choice> {
    let chosen = rows.iter().filter(|row| row.chosen);
    chosen.map(|row| (row.enrollment_id, Choice { class: row.class_id, reason: row.reason.clone() })).collect()
}

/// A plan as it comes out at this moment: a decision of everyone who waits, in their order.
struct Work {
    waiting: Vec<InLine>,
    classes: Vec<Class>,
    choices: HashMap<Id, Choice>,
    decisions: Vec<Decision>,
    class_size: i32,
}

impl Work {
    fn out(
        tx: &mut Tx<'_>,
        cohort: &Cohort,
        waiting: Vec<InLine>,
        classes: Vec<Class>,
        choices: HashMap<Id, Choice>,
    ) -> Result<Self> {
        let people: Vec<Id> = waiting.iter().map(|row| row.participant_id).collect();
        let hindered = super::hindrances(tx, cohort, &people)?;
        let offered = offer::offered(tx, cohort.id)?;
        Ok(Self::around(cohort, waiting, classes, choices, &hindered, &offered))
    }

    fn around(
        cohort: &Cohort,
        waiting: Vec<InLine>,
        classes: Vec<Class>,
        choices: HashMap<Id, Choice>,
        hindered: &HashMap<Id, WhyNot>,
        offered: &HashSet<Id>,
    ) -> Self {
        let mut numbers: HashMap<&RegencyCode, usize> = HashMap::new();
        let mut number = |regency| {
            let next = numbers.len();
            *numbers.entry(regency).or_insert(next)
        };
        let list: Vec<Waiting> = waiting
            .iter()
            .map(|row| Waiting {
                school: row.school_id,
                regency: number(&row.regency_code),
                hindered: if offered.contains(&row.id) {
                    Some(WhyNot::Offered)
                } else {
                    hindered.get(&row.participant_id).copied()
                },
                chosen: choices.get(&row.id).map(|choice| choice.class.map_or(Chosen::NoClass, Chosen::Class)),
            })
            .collect();
        let open: Vec<OpenClass> = classes
            .iter()
            .map(|class| OpenClass {
                class: class.id,
                host: class.partner_id,
                regency: number(&class.regency_code),
                seats: class.seats,
                taken: class.seats - class.free(),
                minimum: class.minimum,
                reserves: class.reserves,
                may_stay_empty: class.state == ClassState::Planned && class.free() == class.seats,
            })
            .collect();
        let decisions = rules::plan(&list, &open, Reach::of(cohort.segment));
        Self { waiting, classes, choices, decisions, class_size: cohort.class_size }
    }

    fn people(&self) -> impl Iterator<Item = (&InLine, &Decision)> {
        self.waiting.iter().zip(&self.decisions)
    }

    fn of(&self, enrollment: Id) -> Option<(&InLine, &Decision)> {
        self.people().find(|(row, _)| row.id == enrollment)
    }

    /// The seats to give.
    fn given(&self) -> Vec<Given> {
        let seat = |(row, decision): (&InLine, &Decision)| {
            let (class, why) = decision.seat_in().zip(decision.why)?;
            let reason = self.choices.get(&row.id).and_then(|choice| choice.reason.clone());
            Some(Given { enrollment: row.id, class, why, reason, out_of_order: decision.out_of_order })
        };
        self.people().filter_map(seat).collect()
    }

    /// Writes the plan over what it was before; of a new plan nothing has moved.
    fn keep(&self, tx: &mut Tx<'_>, plan: &mut SeatingPlan, before: Option<Vec<SeatingRow>>) -> Result<()> {
        let is_new = before.is_none();
        let mut before: HashMap<Id, SeatingRow> =
            before.unwrap_or_default().into_iter().map(|row| (row.enrollment_id, row)).collect();
        let (mut gone, mut changed, mut moved) = (Vec::new(), Vec::new(), 0);
        for (place, (row, decision)) in (1..).zip(self.people()) {
            let old = before.remove(&row.id);
            let class_before = old.as_ref().filter(|old| old.outcome == Outcome::Seat).and_then(|old| old.class_id);
            let choice = self.choices.get(&row.id);
            let has_moved = !is_new && class_before != decision.seat_in();
            let now = SeatingRow {
                plan_id: plan.id,
                enrollment_id: row.id,
                place,
                outcome: decision.outcome,
                class_id: decision.class,
                why: decision.why,
                why_not: decision.why_not,
                chosen: choice.is_some(),
                reason: choice.and_then(|choice| choice.reason.clone()),
                out_of_order: decision.out_of_order,
                moved: has_moved,
                class_before: class_before.filter(|_| has_moved),
            };
            moved += usize::from(has_moved);
            if old.as_ref() != Some(&now) {
                gone.extend(old.map(|old| old.enrollment_id));
                changed.push(now);
            }
        }
        // Whoever no longer waits has no row; a seat that was theirs has moved.
        moved += before.values().filter(|old| old.outcome == Outcome::Seat).count();
        gone.extend(before.into_keys());
        let classes = self.classes(plan.id);
        plan.summary = self.summary(&classes, moved);
        plan.version += 1;
        store::replace_rows(tx, plan.id, &gone, &changed)?;
        store::replace_classes(tx, plan.id, &classes)?;
        store::update(tx, plan)
    }

    fn classes(&self, plan: Id) -> Vec<SeatingClass> {
        let mut counts: HashMap<Id, (i32, i32)> = HashMap::new();
        for decision in &self.decisions {
            let Some(class) = decision.class else { continue };
            let (planned, reserved) = counts.entry(class).or_default();
            match decision.outcome {
                Outcome::Seat => *planned += 1,
                Outcome::Reserve => *reserved += 1,
                Outcome::Left => {}
            }
        }
        let row = |class: &Class| {
            let (planned, reserved) = counts.get(&class.id).copied().unwrap_or_default();
            SeatingClass {
                plan_id: plan,
                class_id: class.id,
                seats: class.seats,
                taken: class.seats - class.free(),
                planned,
                minimum: class.minimum,
                reserves: class.reserves,
                reserved,
            }
        };
        self.classes.iter().map(row).collect()
    }

    fn summary(&self, classes: &[SeatingClass], moved: usize) -> Summary {
        let mut summary = Summary { waiting: self.waiting.len(), moved, ..Summary::default() };
        let mut needed: BTreeMap<&RegencyCode, (i64, i64)> = BTreeMap::new();
        for (row, decision) in self.people() {
            match decision.outcome {
                Outcome::Seat => summary.seats += 1,
                Outcome::Reserve => summary.reserves += 1,
                Outcome::Left => {}
            }
            if let Some(why_not) = decision.why_not {
                *summary.left.entry(why_not).or_default() += 1;
                needed.entry(&row.regency_code).or_default().0 += 1;
            }
            summary.chosen += usize::from(self.choices.contains_key(&row.id));
        }
        for (class, row) in self.classes.iter().zip(classes) {
            let people = row.taken + row.planned;
            summary.below_minimum += usize::from(people < class.minimum);
            summary.without_instructor += usize::from(class.instructor_id.is_none());
            if let Some((_, free)) = needed.get_mut(&class.regency_code) {
                *free += i64::from(class.seats - people);
            }
        }
        let need = |(regency, (waiting, free)): (&RegencyCode, (i64, i64))| Need {
            regency: regency.clone(),
            waiting,
            free,
            classes: rules::classes_for(waiting, free, self.class_size),
        };
        summary.needed = needed.into_iter().map(need).collect();
        summary
    }
}

/// People of the waiting list for whom there is no seat, by regency and school: those whom a plan would leave, were
/// nothing else in anybody's way. Whoever has been offered a seat has one, and so have as many people of a school as it has
/// yet to name for seats that are kept for it.
pub(crate) fn without_seat(tx: &mut Tx<'_>, cohort: &Cohort) -> Result<BTreeMap<(RegencyCode, Option<Id>), i64>> {
    let waiting = super::store::waiting(tx, cohort.id)?;
    let classes = class::open_in(tx, cohort.id)?;
    let offered = offer::offered(tx, cohort.id)?;
    let work = Work::around(cohort, waiting, classes, HashMap::new(), &HashMap::new(), &offered);
    let mut left: BTreeMap<(RegencyCode, Option<Id>), i64> = BTreeMap::new();
    let mut kept = reservation::unnamed(tx, cohort.id)?;
    for (row, _) in work.people().filter(|(_, decision)| decision.why_not == Some(WhyNot::NoSeat)) {
        match row.school_id.and_then(|school| kept.get_mut(&school)).filter(|seats| **seats > 0) {
            Some(seats) => *seats -= 1,
            None => *left.entry((row.regency_code.clone(), row.school_id)).or_default() += 1,
        }
    }
    Ok(left)
}

/// Takes people out of every plan, as if they had never been on the list.
pub(super) fn forget(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<()> {
    store::forget(tx, enrollments)
}

/// Forgets why somebody chose of a person by hand.
pub(super) fn forget_reasons(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    store::forget_reasons(tx, participant)
}
