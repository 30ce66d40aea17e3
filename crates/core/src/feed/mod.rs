//! Feeds: a timetable as iCalendar (RFC 5545) behind a link that nobody guesses, for the calendar of a phone.
//!
//! Whoever holds the link reads it without signing in, so nothing of participants stands in it.

mod rules;
mod store;

use chrono::Duration;

use crate::access::{self, Actor, Operation, Role};
use crate::audit::{Note, Subject};
use crate::class;
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::keys::{one_time_secret, sha256_hex};
use crate::values::ProvinceCode;

/// Whose timetable it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// That of a class.
    Class(Id),
    /// All that an instructor teaches.
    Instructor(Id),
}

/// How long an instructor's past sessions stay in the feed.
const PAST: Duration = Duration::days(90);

/// Makes the link of a timetable and gives its secret, which is shown once. A link that was there works no longer.
///
/// # Errors
/// `class.instructor` for an account that teaches nothing.
pub fn link(tx: &mut Tx<'_>, actor: &Actor, of: Of) -> Result<String> {
    let (subject, province) = owned(tx, actor, of)?;
    let (secret, hash) = one_time_secret(tx.entropy());
    store::delete(tx, of)?;
    store::insert(tx, of, hash, actor.account_or_operator())?;
    Note::of("calendar_link.made", subject).within(province.as_ref()).record(tx, actor)?;
    Ok(secret)
}

/// Withdraws the link of a timetable.
///
/// # Errors
/// `resource.not_found` when there is none.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, of: Of) -> Result<()> {
    let (subject, province) = owned(tx, actor, of)?;
    if store::delete(tx, of)? == 0 {
        return Err(Error::new(&codes::NOT_FOUND));
    }
    Note::of("calendar_link.withdrawn", subject).within(province.as_ref()).record(tx, actor)
}

/// What the actor may link: a class in scope; an instructor in scope, which for an instructor is nobody else.
fn owned(tx: &mut Tx<'_>, actor: &Actor, of: Of) -> Result<(Subject, Option<ProvinceCode>)> {
    actor.may(Operation::CalendarLink)?;
    match of {
        Of::Class(id) => {
            let class = class::writable(tx, actor, id)?;
            Ok((Subject::class(id), Some(class.province_code)))
        }
        Of::Instructor(id) => {
            let account = match actor.role() {
                Some(Role::Instructor) if actor.account() == Some(id) => access::one(tx, id)?,
                Some(Role::Instructor) => return Err(Error::new(&codes::NOT_FOUND)),
                _ => access::get(tx, actor, id)?,
            };
            if account.role != Role::Instructor {
                return Err(Error::new(&codes::CLASS_INSTRUCTOR));
            }
            Ok((Subject::staff(id), account.province_code))
        }
    }
}

/// The timetable behind a link, as iCalendar.
///
/// # Errors
/// `resource.not_found` for a link that was renewed, withdrawn, or never made.
pub fn calendar(tx: &mut Tx<'_>, secret: &str) -> Result<String> {
    let of = store::behind(tx, &sha256_hex(secret.as_bytes()))?;
    let since = (tx.now().utc() - PAST).date_naive();
    let meetings = store::meetings(tx, of, since)?;
    Ok(rules::calendar(&meetings))
}
