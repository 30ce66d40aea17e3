use diesel::prelude::*;

use super::EventFilter;
use crate::access::{Actor, Role};
use crate::db::Tx;
use crate::db::dialect::native;
use crate::db::schema::audit_events;
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::ProvinceCode;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub struct Event {
    /// Key; in order of time.
    pub id: Id,
    /// When.
    pub at: Instant,
    /// Whose register it concerns.
    pub province_code: Option<ProvinceCode>,
    /// Who; nobody's account when it was the operator at the machine.
    pub account_id: Option<Id>,
    /// In which role.
    pub role: Option<Role>,
    /// What was done, e.g. `enrollment.seated`.
    pub action: String,
    /// To what kind of thing.
    pub subject_kind: String,
    /// To which one.
    pub subject_id: Id,
    /// In which request.
    pub request_id: String,
    /// From which network address.
    pub address: String,
    /// Facts of the change as JSON, without personal data.
    pub detail: String,
}

pub(super) fn insert(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    let insert = diesel::insert_into(audit_events::table).values(event);
    native!(tx.connection, c => insert.execute(c))?;
    Ok(())
}

pub(super) fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &EventFilter, page: PageRequest) -> Result<Page<Event>> {
    let mut query = audit_events::table.filter(audit_events::id.gt(page.after())).into_boxed();
    if let Some(province) = actor.scope().province() {
        query = query.filter(audit_events::province_code.eq(province));
    }
    if let Some(kind) = &filter.subject_kind {
        query = query.filter(audit_events::subject_kind.eq(kind));
    }
    if let Some(id) = filter.subject_id {
        query = query.filter(audit_events::subject_id.eq(id));
    }
    let rows = query.order(audit_events::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |event: &Event| event.id))
}
