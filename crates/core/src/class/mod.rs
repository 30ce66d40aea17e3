//! Classes: a group inside a cohort that is taught together.
//!
//! Seats are held by the database: `seated` never exceeds `seats`, whatever runs at the same time.

mod rules;
mod store;

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;

pub use rules::{ClassState, Slot};
pub(crate) use rules::{MIDNIGHT, check_minimum, check_period, check_slots};
pub use store::Class;

use crate::access::{self, Actor, Operation, Role, Scope};
use crate::agreement::{self, Wanted};
use crate::audit::{Changes, Note, Subject};
use crate::cohort::{self, CohortState};
use crate::db::Tx;
use crate::error::{Error, FieldProblem, Result, codes, confirmed};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::partner;
use crate::values::{Label, LessonHours, ProvinceCode};

/// A class to plan.
#[derive(Debug, Clone)]
pub struct NewClass {
    /// In which cohort.
    pub cohort: Id,
    /// At which partner.
    pub partner: Id,
    /// Under which agreement.
    pub agreement: Id,
    /// Why the province overrides the agreement's limits, if it does.
    pub agreement_override: Option<Label>,
    /// The instructor's account, once there is one.
    pub instructor: Option<Id>,
    /// Its name at the partner.
    pub name: Label,
    /// The room.
    pub room: Option<Label>,
    /// Seats.
    pub seats: i32,
    /// People it needs to start.
    pub minimum: i32,
    /// People kept in reserve.
    pub reserves: i32,
    /// The first day; the cohort's when nothing is said.
    pub starts_on: Option<NaiveDate>,
    /// The last day; the cohort's when nothing is said.
    pub ends_on: Option<NaiveDate>,
    /// The weekly pattern.
    pub slots: Vec<Slot>,
}

/// A change of a class; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ClassChange {
    /// Another name at the partner.
    pub name: Option<Label>,
    /// Another instructor.
    pub instructor: Option<Id>,
    /// Another room.
    pub room: Option<Label>,
    /// More or fewer seats.
    pub seats: Option<i32>,
    /// Another weekly pattern.
    pub slots: Option<Vec<Slot>>,
}

/// Which classes are asked for.
#[derive(Debug, Clone, Default)]
pub struct ClassFilter {
    /// Only of this cohort.
    pub cohort: Option<Id>,
    /// Only at this partner.
    pub partner: Option<Id>,
    /// Only in this state.
    pub state: Option<ClassState>,
}

/// Plans a class.
///
/// # Errors
/// `class.period`, `class.slots_overlap`, `session.past_midnight`, `class.name_taken`, `class.instructor`, `cohort.state`,
/// `cohort.other_province`, and what the agreement refuses.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewClass) -> Result<(Class, Vec<Slot>)> {
    actor.may(Operation::ClassWrite)?;
    if new.agreement_override.is_some() {
        actor.may(Operation::AgreementOverride)?;
    }
    own_partner(actor, new.partner).map_err(|error| error.at("/partner"))?;
    let host = partner::get(tx, actor, new.partner).map_err(|error| error.at("/partner"))?;
    let cohort = cohort::get(tx, actor, new.cohort).map_err(|error| error.at("/cohort"))?;
    if cohort.province_code != host.province_code {
        return Err(Error::new(&codes::COHORT_OTHER_PROVINCE));
    }
    if matches!(cohort.state, CohortState::Closed | CohortState::Cancelled) {
        return Err(Error::new(&codes::COHORT_STATE).fact("state", cohort.state));
    }
    let starts_on = new.starts_on.unwrap_or(cohort.starts_on);
    let ends_on = new.ends_on.unwrap_or(cohort.ends_on);
    rules::check_period(&cohort, starts_on, ends_on)?;
    rules::check_slots(&new.slots, cohort::minutes(tx, &cohort)?)?;
    rules::check_minimum(new.minimum, new.seats)?;
    if let Some(instructor) = new.instructor {
        check_instructor(tx, instructor, &cohort.province_code)?;
    }
    agreement::get(tx, actor, new.agreement).map_err(|error| error.at("/agreement"))?;
    let (partner, program, regency) = (host.id, cohort.program_id, &host.regency_code);
    let wanted = Wanted { partner, program, regency, starts_on, ends_on };
    agreement::take_seats(tx, new.agreement, &wanted, new.seats, new.agreement_override.is_some())?;
    let class = Class {
        id: tx.new_id(),
        cohort_id: cohort.id,
        province_code: host.province_code,
        regency_code: host.regency_code,
        partner_id: host.id,
        agreement_id: new.agreement,
        agreement_override: new.agreement_override,
        instructor_id: new.instructor,
        name: new.name,
        room: new.room,
        seats: new.seats,
        seated: 0,
        minimum: new.minimum,
        reserves: new.reserves,
        starts_on,
        ends_on,
        state: ClassState::Planned,
        cancel_reason: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        held: 0,
    };
    store::insert(tx, &class)?;
    store::replace_slots(tx, class.id, &new.slots)?;
    store::count(tx, &class, 1, class.seats)?;
    Note::of("class.created", Subject::class(class.id))
        .within(&class.province_code)
        .because(class.agreement_override.as_ref())
        .with(serde_json::json!({ "cohort": class.cohort_id, "seats": class.seats }))
        .record(tx, actor)?;
    Ok((class, new.slots))
}

/// One class in the actor's scope, with its weekly pattern.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Class, Vec<Slot>)> {
    actor.may(Operation::ClassRead)?;
    let class = store::visible_one(tx, actor, id)?;
    let slots = store::slots(tx, id)?;
    Ok((class, slots))
}

/// Classes in the actor's scope.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &ClassFilter, page: PageRequest) -> Result<Page<Class>> {
    actor.may(Operation::ClassRead)?;
    store::visible(tx, actor, filter, page)
}

/// Lesson hours of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassHours {
    /// Of the version of the program that its cohort pins.
    pub planned: LessonHours,
    /// Of sessions with a register.
    pub held: LessonHours,
    /// Of sessions of its timetable that are still without one.
    pub coming: LessonHours,
}

/// Classes with their lesson hours; the actor has been shown them already.
pub fn with_hours(tx: &mut Tx<'_>, classes: Vec<Class>) -> Result<Vec<(Class, ClassHours)>> {
    let kept = store::hours(tx, &classes.iter().map(|class| class.id).collect::<Vec<_>>())?;
    let cohorts: BTreeSet<Id> = classes.iter().map(|class| class.cohort_id).collect();
    let lessons = cohort::lessons(tx, &cohorts.into_iter().collect::<Vec<_>>())?;
    let of = |class: Class| {
        let (held, coming) = kept.get(&class.id).copied().unwrap_or_default();
        let planned = lessons.get(&class.cohort_id).map_or(0, |lessons| lessons.hours);
        (class, ClassHours { planned, held, coming })
    };
    Ok(classes.into_iter().map(of).collect())
}

/// Changes a class as it was read at `version`.
///
/// # Errors
/// `resource.stale`, `class.state` once it is over, `class.seats_below_seated`, `agreement.seats_used`,
/// `class.slots_overlap`, `session.past_midnight`, `class.name_taken`, `class.instructor`.
pub fn change(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, change: ClassChange) -> Result<(Class, Vec<Slot>)> {
    actor.may(Operation::ClassWrite)?;
    let mut class = current(tx, actor, id, version)?;
    if !class.state.is_live() {
        return Err(Error::new(&codes::CLASS_STATE).fact("state", class.state));
    }
    let before = class.clone();
    if let Some(seats) = change.seats {
        if seats < class.seats - class.free() {
            return Err(Error::new(&codes::CLASS_SEATS_BELOW_SEATED).fact("seated", class.seats - class.free()));
        }
        let difference = seats - class.seats;
        if class.agreement_override.is_none() {
            agreement::change_seats(tx, class.agreement_id, class.starts_on, difference)?;
        } else if difference > 0 {
            // What no agreement covers is the province's word, as it was for the first seats.
            actor.may(Operation::AgreementOverride)?;
        }
        store::count(tx, &class, 0, difference)?;
        class.seats = seats;
    }
    if let Some(name) = change.name {
        class.name = name;
    }
    if let Some(instructor) = change.instructor {
        check_instructor(tx, instructor, &class.province_code)?;
        class.instructor_id = Some(instructor);
    }
    if change.room.is_some() {
        class.room = change.room;
    }
    if let Some(slots) = &change.slots {
        let cohort = cohort::one(tx, class.cohort_id)?;
        rules::check_slots(slots, cohort::minutes(tx, &cohort)?)?;
        store::replace_slots(tx, id, slots)?;
    }
    let changes = Changes::default()
        .shown("name", &before.name, &class.name)
        .shown("seats", &before.seats, &class.seats)
        .shown("instructor", &before.instructor_id, &class.instructor_id)
        .shown("room", &before.room, &class.room);
    let note = Note::of("class.changed", Subject::class(id)).changing(changes);
    let class = save(tx, actor, class, note)?;
    let slots = store::slots(tx, id)?;
    Ok((class, slots))
}

/// Moves a class to its next state: `planned → running → completed`, or `cancelled` with a reason.
///
/// # Errors
/// `resource.stale`, `class.state`, `class.undecided`, and `input.confirmation_required` with `class.below_minimum` when it starts with
/// too few people.
pub fn move_to(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    to: ClassState,
    reason: Option<Label>,
    confirm: &[String],
) -> Result<Class> {
    actor.may(Operation::ClassWrite)?;
    let mut class = current(tx, actor, id, version)?;
    if !class.state.can_become(to) {
        return Err(Error::new(&codes::CLASS_STATE).fact("state", class.state));
    }
    if to == ClassState::Running && class.seated < class.minimum {
        let small = FieldProblem::new("/to", &codes::CLASS_BELOW_MINIMUM)
            .fact("seated", class.seated)
            .fact("minimum", class.minimum);
        confirmed(vec![small], confirm)?;
    }
    if to == ClassState::Completed {
        // A register that is being saved comes before.
        store::lock_sessions(tx, id)?;
        let undecided = store::undecided(tx, id)?;
        if undecided > 0 {
            return Err(Error::new(&codes::CLASS_UNDECIDED).fact("people", undecided));
        }
    }
    if to == ClassState::Cancelled {
        if reason.is_none() {
            return Err(Error::field("/reason", &codes::ENROLLMENT_REASON));
        }
        // People first: nobody is left in a class that is not held.
        if class.free() < class.seats {
            return Err(Error::new(&codes::CLASS_SEATS_BELOW_SEATED).fact("seated", class.seats - class.free()));
        }
        if class.agreement_override.is_none() {
            agreement::change_seats(tx, class.agreement_id, class.starts_on, -class.seats)?;
        }
        store::count(tx, &class, -1, -class.seats)?;
        // Nothing of it is in anybody's way any more.
        store::cancel_sessions(tx, id, reason.as_ref())?;
    }
    let note = Note::of("class.moved", Subject::class(id)).because(reason.as_ref()).changing(Changes::default().shown(
        "state",
        &class.state,
        &to,
    ));
    class.state = to;
    class.cancel_reason = reason.filter(|_| to == ClassState::Cancelled);
    save(tx, actor, class, note)
}

fn current(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32) -> Result<Class> {
    let class = writable(tx, actor, id)?;
    if class.version == version { Ok(class) } else { Err(Error::new(&codes::STALE)) }
}

fn save(tx: &mut Tx<'_>, actor: &Actor, mut class: Class, note: Note) -> Result<Class> {
    class.version += 1;
    class.updated_at = tx.now();
    store::update(tx, &class)?;
    note.within(&class.province_code).record(tx, actor)?;
    Ok(class)
}

/// A partner's people plan only at their own institution.
fn own_partner(actor: &Actor, partner: Id) -> Result<()> {
    match actor.scope() {
        Scope::Partner(_, own) if *own != partner => Err(Error::new(&codes::NOT_FOUND)),
        _ => Ok(()),
    }
}

/// Whoever teaches is an active instructor of the province.
///
/// # Errors
/// `class.instructor`, `reference.unknown`.
pub(crate) fn check_instructor(tx: &mut Tx<'_>, instructor: Id, province: &ProvinceCode) -> Result<()> {
    let account = access::one(tx, instructor).map_err(|error| error.at("/instructor"))?;
    let fits =
        account.role == Role::Instructor && !account.disabled && account.province_code.as_ref() == Some(province);
    if fits { Ok(()) } else { Err(Error::new(&codes::CLASS_INSTRUCTOR)) }
}

/// A class the actor sees, locked until the transaction ends; whoever changes its people stands in line here.
pub(crate) fn writable(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Class> {
    store::visible_one(tx, actor, id)?;
    store::locked(tx, id)
}

/// A class the actor sees, without its pattern.
pub(crate) fn visible(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Class> {
    store::visible_one(tx, actor, id)
}

/// A class whatever the scope, locked.
pub(crate) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Class> {
    store::locked(tx, id)
}

/// The weekly pattern.
pub(crate) fn slots(tx: &mut Tx<'_>, id: Id) -> Result<Vec<Slot>> {
    store::slots(tx, id)
}

/// The classes of a cohort that can still take people, in order of id.
pub(crate) fn open_in(tx: &mut Tx<'_>, cohort: Id) -> Result<Vec<Class>> {
    store::open_in(tx, cohort)
}

/// The same, locked until the transaction ends.
pub(crate) fn open_in_locked(tx: &mut Tx<'_>, cohort: Id) -> Result<Vec<Class>> {
    store::open_in_locked(tx, cohort)
}

/// Classes of a province that are taught between two days, whatever the scope, each with its weekly pattern.
pub(crate) fn taught_between(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(Class, Vec<Slot>)>> {
    let classes = store::taught_between(tx, province, from, to)?;
    let ids: Vec<Id> = classes.iter().map(|class| class.id).collect();
    let mut slots = store::slots_of(tx, &ids)?;
    let with_slots = |class: Class| {
        let slots = slots.remove(&class.id).unwrap_or_default();
        (class, slots)
    };
    Ok(classes.into_iter().map(with_slots).collect())
}

/// Rooms in which classes of a province were ever planned, with their partners; the newest writing of a name last.
pub(crate) fn rooms(tx: &mut Tx<'_>, province: &ProvinceCode) -> Result<Vec<(Id, Label)>> {
    store::rooms(tx, province)
}

/// Names that classes of a cohort have, with their partners.
pub(crate) fn names(tx: &mut Tx<'_>, cohort: Id) -> Result<HashSet<(Id, Label)>> {
    store::names(tx, cohort)
}

/// Several classes, locked in the order in which everyone locks them.
pub(crate) fn lock_many(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    store::lock_many(tx, ids)
}

/// Holds seats for somebody, or no longer. The table's check refuses more than there are.
///
/// # Errors
/// `class.full`.
pub(crate) fn hold(tx: &mut Tx<'_>, id: Id, seats: i32) -> Result<()> {
    store::hold(tx, id, seats)
}

/// Takes or gives back seats. The table's check refuses more people than seats.
///
/// # Errors
/// `class.full`.
pub(crate) fn seat(tx: &mut Tx<'_>, id: Id, people: i32) -> Result<()> {
    store::seat(tx, id, people)
}
