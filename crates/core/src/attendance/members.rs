//! Who was in a class on which days, wherever they are now.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::rules::{self, Stay};
use super::store;
use crate::access::Actor;
use crate::class::Class;
use crate::db::Tx;
use crate::enrollment::{self, Enrolled};
use crate::error::Result;
use crate::id::Id;
use crate::session::Session;
use crate::values::search_name;

/// Somebody who is in a class or was in it before a transfer, and when.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) enrolled: Enrolled,
    pub(super) stays: Vec<Stay>,
    /// Whether the class is the one where the person is now.
    pub(crate) is_here: bool,
}

impl Member {
    /// From when until when the person was one of the class, the earliest days first; nobody's days end before they begin.
    pub(crate) fn days(&self) -> Vec<(NaiveDate, Option<NaiveDate>)> {
        let mut days: Vec<_> = self.stays.iter().filter_map(|(from, left)| from.map(|from| (from, *left))).collect();
        days.sort_unstable();
        days
    }

    /// Whether a session of the class counts for the person.
    pub(crate) fn counts(&self, session: &Session, is_marked: bool, class: &Class) -> bool {
        rules::counts(&self.stays, session.held_on, is_marked, class.starts_on)
    }

    /// Whether the person was a member of the class on a day.
    pub(crate) fn was_there(&self, day: NaiveDate) -> bool {
        self.stays.iter().any(|stay| rules::was_member(*stay, day))
    }
}

/// Everyone who is in a class or was in it, by name, as far as the actor sees them. Whoever went to where the actor does
/// not reach went out of sight.
pub(crate) fn everyone(tx: &mut Tx<'_>, actor: &Actor, class: &Class) -> Result<Vec<Member>> {
    let mut before: HashMap<Id, Vec<Stay>> = HashMap::new();
    for (enrollment, stay) in store::stays_before(tx, class.id)? {
        before.entry(enrollment).or_default().push(stay);
    }
    let mut everyone = Vec::new();
    for enrolled in enrollment::members(tx, class.id)? {
        let row = &enrolled.enrollment;
        let mut stays = before.remove(&row.id).unwrap_or_default();
        stays.push(rules::stay(row));
        if enrollment::follows(actor, row, class.partner_id) {
            everyone.push(Member { enrolled, stays, is_here: true });
        }
    }
    if before.is_empty() {
        return Ok(everyone);
    }
    let gone: Vec<Id> = before.keys().copied().collect();
    for enrolled in enrollment::seen(tx, actor, &gone)? {
        let stays = before.remove(&enrolled.enrollment.id).unwrap_or_default();
        everyone.push(Member { enrolled, stays, is_here: false });
    }
    everyone.sort_by_cached_key(|one| (search_name(one.enrolled.name.as_str()), one.enrolled.enrollment.id));
    Ok(everyone)
}
