use std::collections::HashMap;

use chrono::Duration;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::{UNFINISHED, UnreportedFilter, Waiting};
use crate::access::{Actor, Scope};
use crate::class::ClassState;
use crate::db::Tx;
use crate::db::dialect::one_of_ids;
use crate::db::schema::{classes, partners, sessions};
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::session::store::{behind, start};
use crate::session::{Session, time_in};
use crate::values::{Label, RegencyCode};

/// A session that waits, with where it is.
#[derive(Debug, Queryable)]
pub(super) struct Row {
    pub(super) session: Session,
    pub(super) class: Label,
    class_instructor: Option<Id>,
    pub(super) partner: Id,
    pub(super) partner_name: String,
    pub(super) regency: RegencyCode,
}

impl Row {
    pub(super) fn instructor(&self) -> Option<Id> {
        self.session.instructor_id.or(self.class_instructor)
    }
}

/// Members of the session's class for all of its day, who have to be marked: in the class now, and before they went to
/// another one.
const MEMBERS: [&str; 2] = [
    "FROM enrollments member WHERE member.class_id = sessions.class_id AND member.seated_on <= sessions.held_on \
     AND (member.seated_on < sessions.held_on OR sessions.held_on = classes.starts_on) \
     AND (member.left_on IS NULL OR member.left_on > sessions.held_on)",
    "FROM class_stays member WHERE member.class_id = sessions.class_id AND member.seated_on <= sessions.held_on \
     AND (member.seated_on < sessions.held_on OR sessions.held_on = classes.starts_on) \
     AND member.left_on > sessions.held_on",
];

/// Those of them who are not marked.
fn unmarked() -> [String; 2] {
    let [now, before] = MEMBERS;
    let not = |person: &str| {
        format!(
            "AND NOT EXISTS (SELECT 1 FROM attendance WHERE attendance.session_id = sessions.id \
             AND attendance.enrollment_id = member.{person})"
        )
    };
    [format!("{now} {}", not("id")), format!("{before} {}", not("enrollment_id"))]
}

/// Sessions that are over, of running classes in the actor's scope, and wait.
macro_rules! waiting {
    ($tx:expr, $actor:expr, $filter:expr) => {{
        let mut query = sessions::table
            .inner_join(classes::table.inner_join(partners::table))
            .filter(classes::state.eq(ClassState::Running))
            .into_boxed();
        // States are said in the words of the indexes.
        query = match $filter.state {
            Waiting::Unreported => query.filter(sessions::state.eq(sql::<Text>("'planned'"))),
            Waiting::Incomplete => {
                let since = $tx.now().utc().date_naive() - Duration::days(UNFINISHED);
                let [now, before] = unmarked();
                let anybody = format!("(EXISTS (SELECT 1 {now}) OR EXISTS (SELECT 1 {before}))");
                query
                    .filter(sessions::state.eq(sql::<Text>("'held'")))
                    .filter(sessions::held_on.ge(since))
                    .filter(sql::<Bool>(&anybody))
            }
        };
        query = match $actor.scope() {
            Scope::Everything => query,
            Scope::Province(province) => query.filter(classes::province_code.eq(province)),
            Scope::Regency(_, regency) => query.filter(classes::regency_code.eq(regency)),
            Scope::School(_, partner) | Scope::Partner(_, partner) => query.filter(classes::partner_id.eq(partner)),
            Scope::Instructor(_, account) => {
                query.filter(classes::instructor_id.eq(account).or(sessions::instructor_id.eq(account)))
            }
        };
        if let Some(province) = $actor.scope().province() {
            let (today, minute) = time_in($tx, province);
            let over = sessions::held_on.lt(today).or(sessions::ends_at.le(minute));
            query = query.filter(sessions::held_on.le(today)).filter(over);
        } else {
            // Whoever sees every province sees what is over wherever it is.
            query = query.filter(sessions::held_on.lt($tx.now().utc().date_naive()));
        }
        if let Some(partner) = $filter.partner {
            query = query.filter(classes::partner_id.eq(partner));
        }
        if let Some(regency) = &$filter.regency {
            query = query.filter(classes::regency_code.eq(regency));
        }
        if let Some(class) = $filter.class {
            query = query.filter(sessions::class_id.eq(class));
        }
        query
    }};
}

/// A page of them, in order of time.
pub(super) fn page(tx: &mut Tx<'_>, actor: &Actor, filter: &UnreportedFilter, page: PageRequest) -> Result<Page<Row>> {
    let mut query = waiting!(tx, actor, filter);
    if let Some(last) = page.after {
        query = behind!(query, last, start(tx, last, None)?);
    }
    let rows = query
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .limit(page.fetch())
        .select((
            sessions::all_columns,
            classes::name,
            classes::instructor_id,
            classes::partner_id,
            partners::name,
            classes::regency_code,
        ))
        .load(tx.connection)?;
    Ok(page.page(rows, |one: &Row| one.session.id))
}

/// Where each of them is.
pub(super) fn places(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &UnreportedFilter,
) -> Result<Vec<(RegencyCode, Id, String)>> {
    let query = waiting!(tx, actor, filter);
    Ok(query.select((classes::regency_code, classes::partner_id, partners::name)).load(tx.connection)?)
}

/// Of each of these sessions how many are marked of how many members.
pub(super) fn counts(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashMap<Id, (i64, i64)>> {
    let count = |[now, before]: [&str; 2]| format!("((SELECT count(*) {now}) + (SELECT count(*) {before}))");
    let unmarked = unmarked();
    let rows: Vec<(Id, i64, i64)> = sessions::table
        .inner_join(classes::table)
        .filter(one_of_ids(sessions::id, ids)?)
        .select((sessions::id, sql::<BigInt>(&count(MEMBERS)), sql::<BigInt>(&count([&unmarked[0], &unmarked[1]]))))
        .load(tx.connection)?;
    Ok(rows.into_iter().map(|(id, members, unmarked)| (id, (members - unmarked, members))).collect())
}
