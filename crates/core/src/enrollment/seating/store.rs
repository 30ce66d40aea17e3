use diesel::prelude::*;

use super::{Outcome, PlanState, RowFilter, SeatingPlan};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::dialect::{ForUpdate, insert_many, native, one_of_ids};
use crate::db::schema::{
    classes, cohorts, enrollments, participants, seating_plan_classes, seating_plan_rows, seating_plans,
};
use crate::enrollment::{Why, WhyNot};
use crate::error::{Error, Result};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, PersonName, ProvinceCode, RegencyCode};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = seating_plans, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: Id,
    cohort_id: Id,
    province_code: ProvinceCode,
    state: PlanState,
    summary: String,
    made_at: Instant,
    made_by: Id,
    applied_at: Option<Instant>,
    applied_by: Option<Id>,
    version: i32,
}

impl Row {
    fn of(plan: &SeatingPlan) -> Result<Self> {
        Ok(Self {
            id: plan.id,
            cohort_id: plan.cohort_id,
            province_code: plan.province_code.clone(),
            state: plan.state,
            summary: serde_json::to_string(&plan.summary).map_err(Error::storage)?,
            made_at: plan.made_at,
            made_by: plan.made_by,
            applied_at: plan.applied_at,
            applied_by: plan.applied_by,
            version: plan.version,
        })
    }

    fn plan(self) -> Result<SeatingPlan> {
        Ok(SeatingPlan {
            id: self.id,
            cohort_id: self.cohort_id,
            province_code: self.province_code,
            state: self.state,
            summary: serde_json::from_str(&self.summary).map_err(Error::storage)?,
            made_at: self.made_at,
            made_by: self.made_by,
            applied_at: self.applied_at,
            applied_by: self.applied_by,
            version: self.version,
        })
    }
}

/// One waiting person in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = seating_plan_rows, treat_none_as_default_value = false)]
pub struct SeatingRow {
    /// In which plan.
    pub plan_id: Id,
    /// Who.
    pub enrollment_id: Id,
    /// The place on the waiting list, 1 for the first.
    pub place: i32,
    /// What the plan says.
    pub outcome: Outcome,
    /// The class of the seat, or the class to be kept in reserve for.
    pub class_id: Option<Id>,
    /// Why this class.
    pub why: Option<Why>,
    /// Why no seat.
    pub why_not: Option<WhyNot>,
    /// Whether a person chose so by hand.
    pub chosen: bool,
    /// Why, then.
    pub reason: Option<Label>,
    /// Whether somebody who had to come first is left.
    pub out_of_order: bool,
    /// Whether the plan said something else before it was worked out anew.
    pub moved: bool,
    /// The class of the seat it gave then.
    pub class_before: Option<Id>,
}

/// One waiting person in a plan, and who it is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Planned {
    /// What the plan says.
    pub row: SeatingRow,
    /// Who.
    pub participant_id: Id,
    /// The school they registered through.
    pub school_id: Option<Id>,
    /// The regency the figures count them in.
    pub regency_code: RegencyCode,
    /// The name.
    pub name: PersonName,
}

/// One class as the plan leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = seating_plan_classes)]
pub struct SeatingClass {
    /// In which plan.
    pub plan_id: Id,
    /// Which class.
    pub class_id: Id,
    /// Its seats.
    pub seats: i32,
    /// Those that are taken or held already.
    pub taken: i32,
    /// People the plan seats.
    pub planned: i32,
    /// People it needs to start.
    pub minimum: i32,
    /// People it keeps in reserve at most.
    pub reserves: i32,
    /// People the plan keeps in reserve for it.
    pub reserved: i32,
}

/// Ends the open plan of a cohort, if there is one: its rows are no longer needed.
pub(super) fn replace_open(tx: &mut Tx<'_>, cohort: Id) -> Result<()> {
    let open = seating_plans::table
        .filter(seating_plans::cohort_id.eq(cohort))
        .filter(seating_plans::state.eq(PlanState::Open))
        .select(seating_plans::id);
    let ids: Vec<Id> = ForUpdate(open).get_results(tx.connection)?;
    for id in ids {
        diesel::delete(seating_plan_rows::table.filter(seating_plan_rows::plan_id.eq(id))).execute(tx.connection)?;
        diesel::delete(seating_plan_classes::table.filter(seating_plan_classes::plan_id.eq(id)))
            .execute(tx.connection)?;
        diesel::update(seating_plans::table.find(id))
            .set((seating_plans::state.eq(PlanState::Replaced), seating_plans::version.eq(seating_plans::version + 1)))
            .execute(tx.connection)?;
    }
    Ok(())
}

pub(super) fn insert(tx: &mut Tx<'_>, plan: &SeatingPlan) -> Result<()> {
    diesel::insert_into(seating_plans::table).values(Row::of(plan)?).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, plan: &SeatingPlan) -> Result<()> {
    diesel::update(seating_plans::table.find(plan.id)).set(Row::of(plan)?).execute(tx.connection)?;
    Ok(())
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<SeatingPlan> {
    let row: Row = ForUpdate(seating_plans::table.find(id)).get_result(tx.connection)?;
    row.plan()
}

/// Plans of the actor's province; for a regency those of cohorts whose seating is delegated.
macro_rules! seen_by {
    ($actor:expr) => {{
        let mut query = seating_plans::table.into_boxed();
        if let Some(province) = $actor.scope().province() {
            query = query.filter(seating_plans::province_code.eq(province));
        }
        if let Scope::Regency(..) = $actor.scope() {
            let delegated = cohorts::table.filter(cohorts::seating_delegated.eq(true)).select(cohorts::id);
            query = query.filter(seating_plans::cohort_id.eq_any(delegated));
        }
        query
    }};
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<SeatingPlan> {
    let row: Row = seen_by!(actor).filter(seating_plans::id.eq(id)).get_result(tx.connection)?;
    row.plan()
}

pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, cohort: Id, page: PageRequest) -> Result<Page<SeatingPlan>> {
    let rows: Vec<Row> = seen_by!(actor)
        .filter(seating_plans::cohort_id.eq(cohort))
        .filter(seating_plans::id.gt(page.after()))
        .order(seating_plans::id)
        .limit(page.fetch())
        .load(tx.connection)?;
    page.page(rows, |row| row.id).try_map(Row::plan)
}

/// Everyone of a plan.
pub(super) fn all_rows(tx: &mut Tx<'_>, plan: Id) -> Result<Vec<SeatingRow>> {
    let rows = seating_plan_rows::table.filter(seating_plan_rows::plan_id.eq(plan));
    Ok(native!(tx.connection, c => rows.load(c))?)
}

/// A page of them, in the order of registration.
pub(super) fn rows(
    tx: &mut Tx<'_>,
    actor: &Actor,
    plan: Id,
    filter: &RowFilter,
    page: PageRequest,
) -> Result<Page<Planned>> {
    let mut query = seating_plan_rows::table
        .inner_join(enrollments::table.inner_join(participants::table))
        .filter(seating_plan_rows::plan_id.eq(plan))
        .filter(seating_plan_rows::enrollment_id.gt(page.after()))
        .select((
            seating_plan_rows::all_columns,
            enrollments::participant_id,
            enrollments::school_id,
            enrollments::regency_code,
            participants::name,
        ))
        .into_boxed();
    if let Scope::Regency(_, regency) = actor.scope() {
        query = query.filter(enrollments::regency_code.eq(regency));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(seating_plan_rows::outcome.eq(outcome));
    }
    if let Some(class) = filter.class {
        query = query.filter(seating_plan_rows::class_id.eq(class));
    }
    if filter.moved {
        query = query.filter(seating_plan_rows::moved.eq(true));
    }
    let rows = query.order(seating_plan_rows::enrollment_id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |row: &Planned| row.row.enrollment_id))
}

/// A page of its classes.
pub(super) fn classes(tx: &mut Tx<'_>, actor: &Actor, plan: Id, page: PageRequest) -> Result<Page<SeatingClass>> {
    let mut query = seating_plan_classes::table
        .filter(seating_plan_classes::plan_id.eq(plan))
        .filter(seating_plan_classes::class_id.gt(page.after()))
        .into_boxed();
    if let Scope::Regency(_, regency) = actor.scope() {
        let own = classes::table.filter(classes::regency_code.eq(regency)).select(classes::id);
        query = query.filter(seating_plan_classes::class_id.eq_any(own));
    }
    let rows = query.order(seating_plan_classes::class_id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |row: &SeatingClass| row.class_id))
}

/// Writes rows over those of the same people; people who no longer wait go.
pub(super) fn replace_rows(tx: &mut Tx<'_>, plan: Id, gone: &[Id], rows: &[SeatingRow]) -> Result<()> {
    if !gone.is_empty() {
        let old = seating_plan_rows::table
            .filter(seating_plan_rows::plan_id.eq(plan))
            .filter(one_of_ids(seating_plan_rows::enrollment_id, gone)?);
        native!(tx.connection, c => diesel::delete(old).execute(c))?;
    }
    insert_many!(tx.connection, seating_plan_rows::table, rows);
    Ok(())
}

pub(super) fn replace_classes(tx: &mut Tx<'_>, plan: Id, rows: &[SeatingClass]) -> Result<()> {
    let before = seating_plan_classes::table
        .filter(seating_plan_classes::plan_id.eq(plan))
        .order(seating_plan_classes::class_id);
    let before: Vec<SeatingClass> = native!(tx.connection, c => before.load(c))?;
    let mut now: Vec<&SeatingClass> = rows.iter().collect();
    now.sort_unstable_by_key(|row| row.class_id);
    if before.iter().eq(now) {
        return Ok(());
    }
    diesel::delete(seating_plan_classes::table.filter(seating_plan_classes::plan_id.eq(plan)))
        .execute(tx.connection)?;
    insert_many!(tx.connection, seating_plan_classes::table, rows);
    Ok(())
}

/// Takes people out of every plan.
pub(super) fn forget(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    let rows = seating_plan_rows::table.filter(one_of_ids(seating_plan_rows::enrollment_id, ids)?);
    diesel::delete(rows).execute(tx.connection)?;
    Ok(())
}

/// Empties what was said of a person.
pub(super) fn forget_reasons(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    let own = enrollments::table.filter(enrollments::participant_id.eq(participant)).select(enrollments::id);
    diesel::update(seating_plan_rows::table.filter(seating_plan_rows::enrollment_id.eq_any(own)))
        .set(seating_plan_rows::reason.eq(None::<Label>))
        .execute(tx.connection)?;
    Ok(())
}
