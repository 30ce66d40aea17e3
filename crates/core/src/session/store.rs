use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Integer, Text, Timestamp};

use super::SessionState;
use crate::access::{Actor, Scope};
use crate::class::Class;
use crate::db::Tx;
use crate::db::dialect::{ForUpdate, ForUpdateOf, insert_many, native};
use crate::db::schema::{classes, enrollments, sessions};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, LessonHours};

/// One meeting of a class.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = sessions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Session {
    /// Key.
    pub id: Id,
    /// Of which class.
    pub class_id: Id,
    /// Who teaches.
    pub instructor_id: Option<Id>,
    /// The day, in the province.
    pub held_on: NaiveDate,
    /// Minutes after midnight, local time.
    pub starts_at: i32,
    /// Lesson hours (JP).
    pub lesson_hours: LessonHours,
    /// The module that is taught.
    pub module_code: String,
    /// Where it stands.
    pub state: SessionState,
    /// Why it was called off.
    pub cancel_reason: Option<Label>,
    /// When its register first came in.
    pub reported_at: Option<Instant>,
    /// Grows with every change of the plan.
    pub version: i32,
}

pub(super) fn insert_many(tx: &mut Tx<'_>, rows: &[Session]) -> Result<()> {
    insert_many!(tx.connection, sessions::table, rows);
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    diesel::update(sessions::table.find(session.id)).set(session).execute(tx.connection)?;
    Ok(())
}

pub(super) fn delete_planned(tx: &mut Tx<'_>, class: Id) -> Result<()> {
    diesel::delete(
        sessions::table.filter(sessions::class_id.eq(class)).filter(sessions::state.eq(SessionState::Planned)),
    )
    .execute(tx.connection)?;
    Ok(())
}

pub(super) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<Vec<Session>> {
    Ok(sessions::table
        .filter(sessions::class_id.eq(class))
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .load(tx.connection)?)
}

pub(super) fn lock_of_class(tx: &mut Tx<'_>, class: Id) -> Result<()> {
    let all = sessions::table.filter(sessions::class_id.eq(class)).order(sessions::id).select(sessions::id);
    let _held: Vec<Id> = ForUpdate(all).get_results(tx.connection)?;
    Ok(())
}

/// Sessions are made in order of time, so the order of ids is the order of time but for replacements.
pub(super) fn page(tx: &mut Tx<'_>, class: Id, on: Option<NaiveDate>, page: PageRequest) -> Result<Page<Session>> {
    let mut query =
        sessions::table.filter(sessions::class_id.eq(class)).filter(sessions::id.gt(page.after())).into_boxed();
    if let Some(on) = on {
        query = query.filter(sessions::held_on.eq(on));
    }
    let rows = query.order(sessions::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |session: &Session| session.id))
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Session> {
    Ok(sessions::table.find(id).get_result(tx.connection)?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Session> {
    Ok(ForUpdate(sessions::table.find(id)).get_result(tx.connection)?)
}

/// A session with its class as the actor sees them, by the statement that is given. Each scope has a query of its own
/// type, so that a connection keeps it prepared: this one stands before every register.
macro_rules! seen_with_class {
    ($actor:expr, $id:expr, $query:ident => $run:expr) => {{
        let base = sessions::table.inner_join(classes::table).filter(sessions::id.eq($id));
        match $actor.scope() {
            Scope::Everything => {
                let $query = base;
                $run
            }
            Scope::Province(province) => {
                let $query = base.filter(classes::province_code.eq(province));
                $run
            }
            Scope::Regency(_, regency) => {
                let $query = base.filter(classes::regency_code.eq(regency));
                $run
            }
            Scope::School(_, school) => {
                let own = enrollments::table.filter(enrollments::school_id.eq(school)).select(enrollments::class_id);
                let $query = base.filter(classes::partner_id.eq(school).or(classes::id.nullable().eq_any(own)));
                $run
            }
            Scope::Partner(_, partner) => {
                let $query = base.filter(classes::partner_id.eq(partner));
                $run
            }
            Scope::Instructor(_, account) => {
                let $query = base.filter(classes::instructor_id.eq(account));
                $run
            }
        }
    }};
}

pub(super) fn with_class(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Session, Class)> {
    Ok(seen_with_class!(actor, id, query => native!(tx.connection, c => query.get_result(c)))?)
}

/// The same with the session locked.
pub(super) fn locked_with_class(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<(Session, Class)> {
    Ok(seen_with_class!(actor, id, query => {
        let locked = ForUpdateOf(query, sessions::table);
        native!(tx.connection, c => locked.get_result(c))
    })?)
}

/// The change of a session's first register. Diesel prepares an update anew each time it is run; this one stands in
/// every register's way.
#[derive(QueryId)]
struct Report {
    session: Id,
    reported_at: Instant,
    version: i32,
}

impl<C> RunQueryDsl<C> for Report {}

impl<DB> QueryFragment<DB> for Report
where
    DB: Backend,
    SessionState: ToSql<Text, DB>,
    Instant: ToSql<Timestamp, DB>,
    i32: ToSql<Integer, DB>,
    Id: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("UPDATE sessions SET state = ");
        pass.push_bind_param::<Text, _>(&SessionState::Held)?;
        pass.push_sql(", reported_at = ");
        pass.push_bind_param::<Timestamp, _>(&self.reported_at)?;
        pass.push_sql(", version = ");
        pass.push_bind_param::<Integer, _>(&self.version)?;
        pass.push_sql(" WHERE id = ");
        pass.push_bind_param::<BigInt, _>(&self.session)
    }
}

/// Makes a planned session that is locked a held one.
pub(super) fn report(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let report = Report { session: session.id, reported_at: tx.now(), version: session.version + 1 };
    native!(tx.connection, c => report.execute(c))?;
    Ok(())
}
