use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Ground, RequestFilter, RequestKind, RequestState};
use crate::access::{Actor, Scope};
use crate::consent::{Giver, Purpose};
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::ForUpdate;
use crate::db::schema::person_requests;
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::ProvinceCode;

/// What a person asked about their own data.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = person_requests, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PersonRequest {
    /// Key.
    pub id: Id,
    /// Whose data.
    pub participant_id: Id,
    /// The person's province.
    pub province_code: ProvinceCode,
    /// The school the person registered through.
    pub school_id: Option<Id>,
    /// What is asked for.
    pub kind: RequestKind,
    /// For a withdrawal: of which consent.
    pub purpose: Option<Purpose>,
    /// For a suspension: the day on which it ends.
    pub until: Option<NaiveDate>,
    /// Who asks.
    pub asked_by: Giver,
    /// The asker's name and words, sealed.
    pub(super) asker_sealed: String,
    /// When it was received: the clock runs from here.
    pub received_at: Instant,
    /// When it was entered.
    pub recorded_at: Instant,
    /// By whose account.
    pub recorded_by: Id,
    /// Where it stands.
    pub state: RequestState,
    /// Why it was refused.
    pub ground: Option<Ground>,
    /// What the person was told, sealed.
    pub(super) answer_sealed: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// By whose account.
    pub decided_by: Option<Id>,
    /// Grows with every change.
    pub version: i32,
}

pub(super) fn insert(tx: &mut Tx<'_>, request: &PersonRequest) -> Result<()> {
    diesel::insert_into(person_requests::table).values(request).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, request: &PersonRequest) -> Result<()> {
    diesel::update(person_requests::table.find(request.id)).set(request).execute(tx.connection)?;
    Ok(())
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<PersonRequest> {
    Ok(ForUpdate(person_requests::table.find(id)).get_result(tx.connection)?)
}

/// A school sees what its own students asked.
fn seen_by(actor: &Actor) -> person_requests::BoxedQuery<'_, MultiBackend> {
    let query = person_requests::table.into_boxed();
    match actor.scope() {
        Scope::Everything => query,
        Scope::School(_, school) => query.filter(person_requests::school_id.eq(school)),
        Scope::Province(province)
        | Scope::Regency(province, _)
        | Scope::Partner(province, _)
        | Scope::Instructor(province, _) => query.filter(person_requests::province_code.eq(province)),
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<PersonRequest> {
    Ok(seen_by(actor).filter(person_requests::id.eq(id)).get_result(tx.connection)?)
}

/// In the order in which they were received, which is the order in which they are due.
pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: RequestFilter,
    open_since_before: Option<Instant>,
    page: PageRequest,
) -> Result<Page<PersonRequest>> {
    let mut query = seen_by(actor);
    if let Some(after) = page.after {
        let received_at: Option<Instant> = seen_by(actor)
            .filter(person_requests::id.eq(after))
            .select(person_requests::received_at)
            .get_result(tx.connection)
            .optional()?;
        // A page after a request that is gone is the first one again.
        if let Some(received_at) = received_at {
            query = query.filter(
                person_requests::received_at
                    .gt(received_at)
                    .or(person_requests::received_at.eq(received_at).and(person_requests::id.gt(after))),
            );
        }
    }
    if let Some(state) = filter.state {
        query = query.filter(person_requests::state.eq(state));
    }
    if let Some(participant) = filter.participant {
        query = query.filter(person_requests::participant_id.eq(participant));
    }
    if let Some(before) = open_since_before {
        query =
            query.filter(person_requests::state.eq(RequestState::Open)).filter(person_requests::received_at.lt(before));
    }
    let rows =
        query.order((person_requests::received_at, person_requests::id)).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |request: &PersonRequest| request.id))
}

/// Every request of a person, oldest first.
pub(super) fn of(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<PersonRequest>> {
    Ok(person_requests::table
        .filter(person_requests::participant_id.eq(participant))
        .order(person_requests::id)
        .load(tx.connection)?)
}

/// Replaces what says who asked, and drops what they were told.
pub(super) fn forget_askers(tx: &mut Tx<'_>, participant: Id, sealed: &str) -> Result<()> {
    diesel::update(person_requests::table.filter(person_requests::participant_id.eq(participant)))
        .set((person_requests::asker_sealed.eq(sealed), person_requests::answer_sealed.eq(None::<String>)))
        .execute(tx.connection)?;
    Ok(())
}
