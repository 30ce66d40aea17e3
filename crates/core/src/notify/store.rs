use diesel::dsl::{InnerJoin, IntoBoxed, Select};
use diesel::prelude::*;

use super::rules::Next;
use super::{MessageFilter, MessageKind, MessageState};
use crate::access::{Actor, Role, Scope};
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::ForUpdate;
use crate::db::schema::{accounts, outbox};
use crate::error::{Code, Result};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Email, PersonName, ProvinceCode};

/// A message in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub struct Message {
    /// Key; its Message-ID is made from it.
    pub id: Id,
    /// Whom it goes to.
    pub account_id: Id,
    /// What it is about.
    pub kind: MessageKind,
    /// What became of it.
    pub state: MessageState,
    /// What it tells, sealed; gone once it is sent or its link has expired.
    pub(super) content: Option<String>,
    /// Attempts that were begun.
    pub attempts: i32,
    /// While it waits: when it is due. Whoever takes it moves this behind the lease.
    pub next_attempt_at: Instant,
    /// When its link stops working, if it has one.
    pub expires_at: Option<Instant>,
    /// The code of the last attempt that did not succeed.
    pub error: Option<String>,
    /// When it was caused.
    pub created_at: Instant,
    /// When a mail server took it.
    pub sent_at: Option<Instant>,
}

pub(super) fn insert(tx: &mut Tx<'_>, message: &Message) -> Result<()> {
    diesel::insert_into(outbox::table).values(message).execute(tx.connection)?;
    Ok(())
}

pub(super) fn links_since(tx: &mut Tx<'_>, account: Id, since: Instant) -> Result<i64> {
    Ok(outbox::table
        .filter(outbox::account_id.eq(account))
        .filter(outbox::expires_at.is_not_null())
        .filter(outbox::created_at.gt(since))
        .count()
        .get_result(tx.connection)?)
}

pub(super) fn due(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Id>> {
    let now = tx.now();
    Ok(outbox::table
        .filter(outbox::state.eq(MessageState::Waiting))
        .filter(outbox::next_attempt_at.le(now))
        .order((outbox::next_attempt_at, outbox::id))
        .limit(limit)
        .select(outbox::id)
        .load(tx.connection)?)
}

/// Says whether this call was the one that took it. Two at once meet at the row: the second finds it no longer due.
pub(super) fn claim(tx: &mut Tx<'_>, id: Id, until: Instant) -> Result<bool> {
    let now = tx.now();
    let due =
        outbox::table.find(id).filter(outbox::state.eq(MessageState::Waiting)).filter(outbox::next_attempt_at.le(now));
    let claimed = diesel::update(due)
        .set((outbox::next_attempt_at.eq(until), outbox::attempts.eq(outbox::attempts + 1)))
        .execute(tx.connection)?;
    Ok(claimed == 1)
}

type Addressed = (Message, Email, PersonName, Option<ProvinceCode>);

pub(super) fn with_recipient(tx: &mut Tx<'_>, id: Id) -> Result<Addressed> {
    Ok(outbox::table
        .inner_join(accounts::table)
        .filter(outbox::id.eq(id))
        .select((outbox::all_columns, accounts::email, accounts::name, accounts::province_code))
        .get_result(tx.connection)?)
}

/// Only for the attempt that is the last one begun: an earlier sender was overtaken.
pub(super) fn settle(tx: &mut Tx<'_>, id: Id, attempt: i32, next: Next) -> Result<()> {
    let now = tx.now();
    let own =
        outbox::table.find(id).filter(outbox::state.eq(MessageState::Waiting)).filter(outbox::attempts.eq(attempt));
    let update = diesel::update(own);
    match next {
        Next::Sent => update
            .set((
                outbox::state.eq(MessageState::Sent),
                outbox::content.eq(None::<String>),
                outbox::error.eq(None::<String>),
                outbox::sent_at.eq(Some(now)),
            ))
            .execute(tx.connection)?,
        Next::Again { at, error } => {
            update.set((outbox::next_attempt_at.eq(at), outbox::error.eq(Some(error.name)))).execute(tx.connection)?
        }
        Next::Failed { error } => update
            .set((outbox::state.eq(MessageState::Failed), outbox::error.eq(Some(error.name))))
            .execute(tx.connection)?,
    };
    Ok(())
}

/// Gives a message up for good: what it tells is erased.
pub(super) fn give_up(tx: &mut Tx<'_>, id: Id, error: &Code) -> Result<()> {
    diesel::update(outbox::table.find(id))
        .set((
            outbox::state.eq(MessageState::Failed),
            outbox::content.eq(None::<String>),
            outbox::error.eq(Some(error.name)),
        ))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn wait_again(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(outbox::table.find(id))
        .set((outbox::state.eq(MessageState::Waiting), outbox::attempts.eq(0), outbox::next_attempt_at.eq(now)))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Message> {
    Ok(ForUpdate(outbox::table.find(id)).get_result(tx.connection)?)
}

/// Messages to the accounts that the actor sees, each with its address.
pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: MessageFilter,
    page: PageRequest,
) -> Result<Page<(Message, Email)>> {
    let mut query = seen_by(actor).filter(outbox::id.gt(page.after()));
    if let Some(kind) = filter.kind {
        query = query.filter(outbox::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        query = query.filter(outbox::state.eq(state));
    }
    let rows = query.order(outbox::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |(message, _): &(Message, Email)| message.id))
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Message, Email)> {
    Ok(seen_by(actor).filter(outbox::id.eq(id)).get_result(tx.connection)?)
}

type Row = (<outbox::table as Table>::AllColumns, accounts::email);
type Boxed<'a> = IntoBoxed<'a, Select<InnerJoin<outbox::table, accounts::table>, Row>, MultiBackend>;

/// A message is seen by whoever sees the account it goes to.
fn seen_by(actor: &Actor) -> Boxed<'_> {
    let query = outbox::table.inner_join(accounts::table).select((outbox::all_columns, accounts::email)).into_boxed();
    match actor.scope() {
        Scope::Everything if actor.role().is_some() => {
            query.filter(accounts::role.eq_any([Role::PlatformAdmin, Role::EducationOffice]))
        }
        Scope::Everything => query,
        Scope::Province(province) | Scope::Regency(province, _) => query.filter(accounts::province_code.eq(province)),
        Scope::School(_, partner) | Scope::Partner(_, partner) => query.filter(accounts::partner_id.eq(partner)),
        Scope::Instructor(_, account) => query.filter(accounts::id.eq(account)),
    }
}
