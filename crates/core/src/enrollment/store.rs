use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::{EnrollmentFilter, EnrollmentState};
use crate::access::{Actor, Scope};
use crate::class::Class;
use crate::db::Tx;
use crate::db::dialect::{ForUpdate, StoredDay, hold, insert_many, native, one_of_ids};
use crate::db::schema::{
    class_stays, classes, cohorts, enrollment_counts, enrollment_transitions, enrollments, participants, programs,
};
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant::Participant;
use crate::time::Instant;
use crate::values::{Label, Nisn, PersonName, ProvinceCode, RegencyCode, Sex, Words};

/// One participant in one cohort.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = enrollments, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Enrollment {
    /// Key.
    pub id: Id,
    /// In which cohort.
    pub cohort_id: Id,
    /// Who.
    pub participant_id: Id,
    /// The participant's province.
    pub province_code: ProvinceCode,
    /// The regency the figures count the person in.
    pub regency_code: RegencyCode,
    /// The school the person registered through.
    pub school_id: Option<Id>,
    /// The class, once there is a seat.
    pub class_id: Option<Id>,
    /// Where the person stands.
    pub state: EnrollmentState,
    /// Whether it keeps the person's one place in the cohort.
    pub live: bool,
    /// When the person registered: the order of the queue.
    pub applied_at: Instant,
    /// The first day as a member of the class.
    pub seated_on: Option<NaiveDate>,
    /// The last day.
    pub left_on: Option<NaiveDate>,
    /// The import that brought it.
    pub import_id: Option<Id>,
    /// Grows with every step.
    pub version: i32,
    /// When it last changed.
    pub updated_at: Instant,
}

/// Somebody who waits, as giving seats looks at them. A nation's list has half a million of these.
#[derive(Debug, Clone, Queryable)]
pub(super) struct InLine {
    /// The enrollment.
    pub(super) id: Id,
    pub(super) participant_id: Id,
    pub(super) province_code: ProvinceCode,
    pub(super) regency_code: RegencyCode,
    pub(super) school_id: Option<Id>,
}

impl InLine {
    pub(super) fn of(row: &Enrollment) -> Self {
        Self {
            id: row.id,
            participant_id: row.participant_id,
            province_code: row.province_code.clone(),
            regency_code: row.regency_code.clone(),
            school_id: row.school_id,
        }
    }
}

/// An enrollment and who it is of.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Enrolled {
    /// The enrollment.
    pub enrollment: Enrollment,
    /// The name.
    pub name: PersonName,
    /// The sex.
    pub sex: Sex,
    /// The national student number.
    pub nisn: Option<Nisn>,
    /// When the person was born.
    pub birth_date: NaiveDate,
    /// Where.
    pub birth_place: String,
}

/// One step of an enrollment.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = enrollment_transitions, treat_none_as_default_value = false)]
pub struct Transition {
    /// Key; in order of time.
    pub id: Id,
    /// Of which enrollment.
    pub enrollment_id: Id,
    /// From which state; none at registration.
    pub from_state: Option<EnrollmentState>,
    /// To which state.
    pub to_state: EnrollmentState,
    /// The class at that moment.
    pub class_id: Option<Id>,
    /// Why.
    pub reason: Option<Label>,
    /// When.
    pub at: Instant,
    /// By whom; nobody's account when it was the operator at the machine.
    pub account_id: Option<Id>,
    /// Whether it gave a seat before others who had to come first.
    pub out_of_order: bool,
    /// The last day of a leave, as far as it is known.
    pub until: Option<NaiveDate>,
}

/// A time in a class before a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = class_stays)]
pub struct ClassStay {
    /// Key; in order of time.
    pub id: Id,
    /// Whose.
    pub enrollment_id: Id,
    /// In which class.
    pub class_id: Id,
    /// The first day as a member of it.
    pub seated_on: NaiveDate,
    /// The day on which it was left.
    pub left_on: NaiveDate,
}

pub(super) fn insert_stay(tx: &mut Tx<'_>, stay: &ClassStay) -> Result<()> {
    diesel::insert_into(class_stays::table).values(stay).execute(tx.connection)?;
    Ok(())
}

/// Whether somebody sits in another class of that period.
pub(super) fn seated_elsewhere(tx: &mut Tx<'_>, row: &Enrollment, from: NaiveDate, to: NaiveDate) -> Result<bool> {
    let others = enrollments::table
        .inner_join(classes::table)
        .filter(enrollments::participant_id.eq(row.participant_id))
        .filter(enrollments::id.ne(row.id))
        .filter(enrollments::state.eq_any([EnrollmentState::Active, EnrollmentState::OnLeave]))
        .filter(classes::starts_on.le(to))
        .filter(classes::ends_on.ge(from));
    Ok(others.count().get_result::<i64>(tx.connection)? > 0)
}

/// What the checks look at of a person.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct Traits {
    pub(crate) school: Option<Id>,
    pub(crate) regency: RegencyCode,
    #[diesel(deserialize_as = StoredDay)]
    pub(crate) birth_date: NaiveDate,
    pub(crate) homeroom: Option<String>,
    pub(crate) graduation_year: Option<i32>,
}

impl Traits {
    pub(crate) fn of(person: &Participant) -> Self {
        Self {
            school: person.school_id,
            regency: person.regency_code.clone(),
            birth_date: person.birth_date,
            homeroom: person.homeroom.clone(),
            graduation_year: person.graduation_year,
        }
    }
}

pub(super) fn insert_many(tx: &mut Tx<'_>, rows: &[Enrollment]) -> Result<()> {
    insert_many!(tx.connection, enrollments::table, rows);
    Ok(())
}

pub(super) fn insert_steps(tx: &mut Tx<'_>, rows: &[Transition]) -> Result<()> {
    insert_many!(tx.connection, enrollment_transitions::table, rows);
    Ok(())
}

/// Those of these enrollments, held until the transaction ends.
pub(super) fn many_locked(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<Enrollment>> {
    let held = enrollments::table.filter(one_of_ids(enrollments::id, ids)?).order(enrollments::id);
    Ok(ForUpdate(held).get_results(tx.connection)?)
}

/// Removes enrollments with their steps.
pub(super) fn remove_many(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    let steps = enrollment_transitions::table.filter(one_of_ids(enrollment_transitions::enrollment_id, ids)?);
    diesel::delete(steps).execute(tx.connection)?;
    diesel::delete(class_stays::table.filter(one_of_ids(class_stays::enrollment_id, ids)?)).execute(tx.connection)?;
    diesel::delete(enrollments::table.filter(one_of_ids(enrollments::id, ids)?)).execute(tx.connection)?;
    Ok(())
}

/// Writes a row over the version it was made from.
///
/// # Errors
/// `resource.stale`.
pub(super) fn update(tx: &mut Tx<'_>, row: &Enrollment) -> Result<()> {
    let written = diesel::update(enrollments::table.find(row.id).filter(enrollments::version.eq(row.version - 1)))
        .set(row)
        .execute(tx.connection)?;
    if written == 1 { Ok(()) } else { Err(Error::new(&codes::STALE)) }
}

/// Holds everyone of a class until the transaction ends.
pub(super) fn lock_members(tx: &mut Tx<'_>, class: Id) -> Result<()> {
    let members = enrollments::table.filter(enrollments::class_id.eq(class)).order(enrollments::id);
    hold!(tx.connection, members.select(enrollments::id));
    Ok(())
}

/// Holds every enrollment of these people until the transaction ends.
pub(super) fn lock_of_people(tx: &mut Tx<'_>, people: &[Id]) -> Result<()> {
    let theirs = enrollments::table.filter(one_of_ids(enrollments::participant_id, people)?).order(enrollments::id);
    hold!(tx.connection, theirs.select(enrollments::id));
    Ok(())
}

pub(super) fn participant_of(tx: &mut Tx<'_>, id: Id) -> Result<Id> {
    Ok(enrollments::table.find(id).select(enrollments::participant_id).get_result(tx.connection)?)
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Enrollment> {
    Ok(enrollments::table.find(id).get_result(tx.connection)?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Enrollment> {
    Ok(ForUpdate(enrollments::table.find(id)).get_result(tx.connection)?)
}

/// The one place that says which enrollments an actor sees.
macro_rules! seen_by {
    ($actor:expr) => {{
        let query = enrollments::table
            .inner_join(participants::table)
            .left_join(classes::table)
            .select((
                enrollments::all_columns,
                participants::name,
                participants::sex,
                participants::nisn,
                participants::birth_date,
                participants::birth_place,
            ))
            .into_boxed();
        match $actor.scope() {
            Scope::Everything => query,
            Scope::Province(province) => query.filter(enrollments::province_code.eq(province)),
            Scope::Regency(province, regency) => {
                query.filter(enrollments::province_code.eq(province)).filter(enrollments::regency_code.eq(regency))
            }
            Scope::School(_, school) => query.filter(enrollments::school_id.eq(school)),
            Scope::Partner(_, partner) => query.filter(classes::partner_id.eq(partner)),
            Scope::Instructor(_, account) => query.filter(classes::instructor_id.eq(account)),
        }
    }};
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Enrolled> {
    Ok(seen_by!(actor).filter(enrollments::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn seen(tx: &mut Tx<'_>, actor: &Actor, ids: &[Id]) -> Result<Vec<Enrolled>> {
    Ok(seen_by!(actor).filter(one_of_ids(enrollments::id, ids)?).load(tx.connection)?)
}

pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &EnrollmentFilter,
    page: PageRequest,
) -> Result<Page<Enrolled>> {
    let mut query = seen_by!(actor).filter(enrollments::id.gt(page.after()));
    if let Some(cohort) = filter.cohort {
        query = query.filter(enrollments::cohort_id.eq(cohort));
    }
    if let Some(class) = filter.class {
        query = query.filter(enrollments::class_id.eq(class));
    }
    if let Some(school) = filter.school {
        query = query.filter(enrollments::school_id.eq(school));
    }
    if let Some(participant) = filter.participant {
        query = query.filter(enrollments::participant_id.eq(participant));
    }
    if let Some(state) = filter.state {
        query = query.filter(enrollments::state.eq(state));
    }
    let rows = query.order(enrollments::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |row: &Enrolled| row.enrollment.id))
}

/// Those of a cohort who sit in a class or were decided on in it.
pub(super) fn seated(
    tx: &mut Tx<'_>,
    actor: &Actor,
    cohort: Id,
    class: Option<Id>,
    page: PageRequest,
) -> Result<Page<Enrolled>> {
    let states: Vec<EnrollmentState> = EnrollmentState::ALL.iter().copied().filter(|one| one.takes_seat()).collect();
    let mut query = seen_by!(actor)
        .filter(enrollments::id.gt(page.after()))
        .filter(enrollments::cohort_id.eq(cohort))
        .filter(enrollments::class_id.is_not_null())
        .filter(enrollments::state.eq_any(states));
    if let Some(class) = class {
        query = query.filter(enrollments::class_id.eq(class));
    }
    let rows = query.order(enrollments::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |row: &Enrolled| row.enrollment.id))
}

pub(super) fn members(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Enrolled>> {
    Ok(enrollments::table
        .inner_join(participants::table)
        .filter(enrollments::class_id.eq(class))
        .order((participants::search_name, enrollments::id))
        .select((
            enrollments::all_columns,
            participants::name,
            participants::sex,
            participants::nisn,
            participants::birth_date,
            participants::birth_place,
        ))
        .load(tx.connection)?)
}

pub(super) fn member_rows(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Enrollment>> {
    Ok(enrollments::table.filter(enrollments::class_id.eq(class)).order(enrollments::id).load(tx.connection)?)
}

pub(super) fn steps(tx: &mut Tx<'_>, enrollment: Id) -> Result<Vec<Transition>> {
    Ok(enrollment_transitions::table
        .filter(enrollment_transitions::enrollment_id.eq(enrollment))
        .order(enrollment_transitions::id)
        .load(tx.connection)?)
}

pub(super) fn steps_of(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Transition>> {
    Ok(enrollment_transitions::table
        .filter(one_of_ids(enrollment_transitions::enrollment_id, enrollments)?)
        .order(enrollment_transitions::id)
        .load(tx.connection)?)
}

/// People before this one in the queue.
pub(super) fn ahead(tx: &mut Tx<'_>, row: &Enrollment) -> Result<i64> {
    Ok(enrollments::table
        .filter(enrollments::cohort_id.eq(row.cohort_id))
        .filter(enrollments::state.eq(EnrollmentState::Waitlisted))
        .filter(
            enrollments::applied_at
                .lt(row.applied_at)
                .or(enrollments::applied_at.eq(row.applied_at).and(enrollments::id.lt(row.id))),
        )
        .count()
        .get_result(tx.connection)?)
}

/// Seats of a cohort that were given out of order since somebody registered, with who got them and where.
pub(super) fn out_of_order(tx: &mut Tx<'_>, row: &Enrollment) -> Result<Vec<(Transition, Enrollment, Class)>> {
    Ok(enrollment_transitions::table
        .inner_join(enrollments::table)
        .inner_join(classes::table.on(enrollment_transitions::class_id.eq(classes::id.nullable())))
        .filter(enrollments::cohort_id.eq(row.cohort_id))
        .filter(enrollment_transitions::out_of_order.eq(true))
        .filter(enrollment_transitions::at.ge(row.applied_at))
        .order(enrollment_transitions::id)
        .load(tx.connection)?)
}

/// Those of these people who have their place in the cohort already.
pub(super) fn live_in(tx: &mut Tx<'_>, cohort: Id, people: &[Id]) -> Result<HashSet<Id>> {
    // Asked for by person alone: with the cohort beside it SQLite would look through everyone of the cohort.
    let query = enrollments::table
        .filter(one_of_ids(enrollments::participant_id, people)?)
        .filter(enrollments::live.eq(true))
        .select((enrollments::participant_id, enrollments::cohort_id));
    let there: Vec<(Id, Id)> = native!(tx.connection, c => query.load(c))?;
    Ok(there.into_iter().filter(|(_, of)| *of == cohort).map(|(person, _)| person).collect())
}

/// A cohort's waiting list in its order.
macro_rules! waiting_in {
    ($cohort:expr) => {
        enrollments::table
            .filter(enrollments::cohort_id.eq($cohort))
            .filter(enrollments::state.eq(EnrollmentState::Waitlisted))
            .order((enrollments::applied_at, enrollments::id))
            .select((
                enrollments::id,
                enrollments::participant_id,
                enrollments::province_code,
                enrollments::regency_code,
                enrollments::school_id,
            ))
    };
}

/// The waiting list in its order.
pub(super) fn waiting(tx: &mut Tx<'_>, cohort: Id) -> Result<Vec<InLine>> {
    Ok(native!(tx.connection, c => waiting_in!(cohort).load(c))?)
}

/// How many there are of each regency and school.
pub(super) fn waiting_by_school(
    tx: &mut Tx<'_>,
    cohort: Id,
    only: Option<&RegencyCode>,
) -> Result<Vec<(RegencyCode, Option<Id>, i64)>> {
    let mut query = enrollments::table
        .filter(enrollments::cohort_id.eq(cohort))
        .filter(enrollments::state.eq(EnrollmentState::Waitlisted))
        .group_by((enrollments::regency_code, enrollments::school_id))
        .select((enrollments::regency_code, enrollments::school_id, count_star()))
        .into_boxed();
    if let Some(regency) = only {
        query = query.filter(enrollments::regency_code.eq(regency));
    }
    Ok(query.load(tx.connection)?)
}

/// The same, held until the transaction ends.
pub(super) fn waiting_locked(tx: &mut Tx<'_>, cohort: Id) -> Result<Vec<InLine>> {
    Ok(native!(tx.connection, c => ForUpdate(waiting_in!(cohort)).get_results(c))?)
}

/// Holds the people of the waiting list, so that nobody is seated elsewhere at this moment.
pub(super) fn lock_waiting_people(tx: &mut Tx<'_>, cohort: Id) -> Result<()> {
    let waiting = enrollments::table
        .filter(enrollments::cohort_id.eq(cohort))
        .filter(enrollments::state.eq(EnrollmentState::Waitlisted))
        .select(enrollments::participant_id);
    let people = participants::table.filter(participants::id.eq_any(waiting));
    hold!(tx.connection, people.order(participants::id).select(participants::id));
    Ok(())
}

/// What the checks look at of these people, in the order of their ids.
pub(super) fn traits(tx: &mut Tx<'_>, people: &[Id]) -> Result<Vec<(Id, Traits)>> {
    let traits = (
        participants::school_id,
        participants::regency_code,
        participants::birth_date,
        participants::homeroom,
        participants::graduation_year,
    );
    let query = participants::table
        .filter(one_of_ids(participants::id, people)?)
        .order(participants::id)
        .select((participants::id, traits));
    Ok(native!(tx.connection, c => query.load(c))?)
}

/// Those of these people who sit in a class of that period.
pub(super) fn seated_between(tx: &mut Tx<'_>, people: &[Id], from: NaiveDate, to: NaiveDate) -> Result<HashSet<Id>> {
    let here = enrollments::state.eq(EnrollmentState::Active).or(enrollments::state.eq(EnrollmentState::OnLeave));
    let query = enrollments::table
        .inner_join(classes::table)
        .filter(one_of_ids(enrollments::participant_id, people)?)
        .filter(here)
        .filter(classes::starts_on.le(to))
        .filter(classes::ends_on.ge(from))
        .select(enrollments::participant_id);
    let busy: Vec<Id> = native!(tx.connection, c => query.load(c))?;
    Ok(busy.into_iter().collect())
}

/// Codes of the programs that each of these people has completed.
pub(super) fn completed_programs(tx: &mut Tx<'_>, people: &[Id]) -> Result<HashMap<Id, HashSet<String>>> {
    let rows: Vec<(Id, String)> = enrollments::table
        .inner_join(cohorts::table.inner_join(programs::table))
        .filter(one_of_ids(enrollments::participant_id, people)?)
        .filter(enrollments::state.eq(EnrollmentState::Completed))
        .select((enrollments::participant_id, programs::code))
        .load(tx.connection)?;
    let mut completed: HashMap<Id, HashSet<String>> = HashMap::new();
    for (person, code) in rows {
        completed.entry(person).or_default().insert(code);
    }
    Ok(completed)
}

/// Seats many people of a class in one statement.
pub(super) fn seat_people(tx: &mut Tx<'_>, class: Id, on: NaiveDate, people: &[Id]) -> Result<()> {
    let now = tx.now();
    let seated = diesel::update(enrollments::table.filter(one_of_ids(enrollments::id, people)?)).set((
        enrollments::class_id.eq(Some(class)),
        enrollments::state.eq(EnrollmentState::Active),
        enrollments::seated_on.eq(Some(on)),
        enrollments::version.eq(enrollments::version + 1),
        enrollments::updated_at.eq(now),
    ));
    native!(tx.connection, c => seated.execute(c))?;
    Ok(())
}

/// Keeps the figures current. A row is made by the first person counted in it.
pub(super) fn count(
    tx: &mut Tx<'_>,
    cohort: Id,
    regency: &RegencyCode,
    state: EnrollmentState,
    people: i32,
) -> Result<()> {
    if people > 0 {
        let row = (
            enrollment_counts::cohort_id.eq(cohort),
            enrollment_counts::regency_code.eq(regency),
            enrollment_counts::state.eq(state),
            enrollment_counts::people.eq(people),
        );
        native!(tx.connection, c => diesel::insert_into(enrollment_counts::table)
            .values(row)
            .on_conflict((enrollment_counts::cohort_id, enrollment_counts::regency_code, enrollment_counts::state))
            .do_update()
            .set(enrollment_counts::people.eq(enrollment_counts::people + excluded(enrollment_counts::people)))
            .execute(c))?;
    } else if people < 0 {
        diesel::update(enrollment_counts::table.find((cohort, regency, state)))
            .set(enrollment_counts::people.eq(enrollment_counts::people + people))
            .execute(tx.connection)?;
    }
    Ok(())
}

/// Enrollments that keep a person's place in a cohort, held until the transaction ends.
pub(super) fn live_locked(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<Enrollment>> {
    let live = enrollments::table
        .filter(enrollments::participant_id.eq(participant))
        .filter(enrollments::live.eq(true))
        .order(enrollments::id);
    Ok(ForUpdate(live).get_results(tx.connection)?)
}

/// Empties the reasons of every step of a person: they are words about the person.
pub(super) fn forget_reasons(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    let own = enrollments::table.filter(enrollments::participant_id.eq(participant)).select(enrollments::id);
    diesel::update(enrollment_transitions::table.filter(enrollment_transitions::enrollment_id.eq_any(own)))
        .set(enrollment_transitions::reason.eq(None::<Label>))
        .execute(tx.connection)?;
    Ok(())
}
