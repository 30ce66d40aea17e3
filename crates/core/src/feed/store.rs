use chrono::NaiveDate;
use diesel::prelude::*;

use super::Of;
use super::rules::Meeting;
use crate::access::Role;
use crate::db::Tx;
use crate::db::schema::{accounts, calendar_links, classes, cohorts, partners, programs, sessions};
use crate::error::Result;
use crate::id::Id;
use crate::time::Instant;
use crate::values::{Label, LessonHours, ProvinceCode};

pub(super) fn insert(tx: &mut Tx<'_>, of: Of, token_hash: String, by: Id) -> Result<()> {
    let (class, account) = match of {
        Of::Class(id) => (Some(id), None),
        Of::Instructor(id) => (None, Some(id)),
    };
    diesel::insert_into(calendar_links::table)
        .values((
            calendar_links::id.eq(tx.new_id()),
            calendar_links::class_id.eq(class),
            calendar_links::account_id.eq(account),
            calendar_links::token_hash.eq(token_hash),
            calendar_links::made_at.eq(tx.now()),
            calendar_links::made_by.eq(by),
        ))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, of: Of) -> Result<usize> {
    let gone = match of {
        Of::Class(id) => {
            diesel::delete(calendar_links::table.filter(calendar_links::class_id.eq(id))).execute(tx.connection)
        }
        Of::Instructor(id) => {
            diesel::delete(calendar_links::table.filter(calendar_links::account_id.eq(id))).execute(tx.connection)
        }
    };
    Ok(gone?)
}

/// Whose timetable a link shows; that of somebody who no longer teaches is not there.
pub(super) fn behind(tx: &mut Tx<'_>, token_hash: &str) -> Result<Of> {
    let (class, account): (Option<Id>, Option<Id>) = calendar_links::table
        .filter(calendar_links::token_hash.eq(token_hash))
        .select((calendar_links::class_id, calendar_links::account_id))
        .get_result(tx.connection)?;
    if let Some(class) = class {
        return Ok(Of::Class(class));
    }
    let teaches = accounts::table
        .filter(accounts::id.eq(account.unwrap_or_default()))
        .filter(accounts::role.eq(Role::Instructor))
        .filter(accounts::disabled.eq(false));
    Ok(Of::Instructor(teaches.select(accounts::id).get_result(tx.connection)?))
}

/// Sessions in order of time; an instructor's since a day.
pub(super) fn meetings(tx: &mut Tx<'_>, of: Of, since: NaiveDate) -> Result<Vec<Meeting>> {
    type When = (NaiveDate, i32, i32, Option<Label>, Option<Label>, i32, Instant);
    type Row = (Id, Label, Label, ProvinceCode, (String, String), String, LessonHours, When);
    let query = sessions::table
        .inner_join(classes::table.inner_join(partners::table).inner_join(cohorts::table.inner_join(programs::table)))
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .select((
            sessions::id,
            classes::name,
            partners::name,
            classes::province_code,
            (programs::name_id, programs::name_en),
            sessions::module_code,
            sessions::lesson_hours,
            (
                sessions::held_on,
                sessions::starts_at,
                sessions::ends_at,
                sessions::room,
                sessions::cancel_reason,
                sessions::version,
                sessions::changed_at,
            ),
        ));
    let rows: Vec<Row> = match of {
        Of::Class(class) => query.filter(sessions::class_id.eq(class)).load(tx.connection)?,
        Of::Instructor(account) => {
            query.filter(sessions::instructor_id.eq(account)).filter(sessions::held_on.ge(since)).load(tx.connection)?
        }
    };
    let meeting = |(id, class, partner, province, program, module, lesson_hours, when): Row| {
        let (held_on, starts_at, ends_at, room, cancel_reason, version, changed_at) = when;
        Meeting {
            id,
            class,
            partner,
            province,
            program,
            module,
            lesson_hours,
            held_on,
            starts_at,
            ends_at,
            room,
            is_cancelled: cancel_reason.is_some(),
            version,
            changed_at,
        }
    };
    Ok(rows.into_iter().map(meeting).collect())
}
