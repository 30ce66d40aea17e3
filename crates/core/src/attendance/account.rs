//! What everyone comes to in a class, wherever they are now: the sessions of their own days there, and what they brought
//! along from an earlier class.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::members::{Member, everyone};
use super::rules::{self, Stay};
use super::{Tally, store};
use crate::access::Actor;
use crate::class::Class;
use crate::db::Tx;
use crate::enrollment;
use crate::error::Result;
use crate::id::Id;
use crate::session::Session;
use crate::values::{Mark, Rate};

/// What somebody comes to in a class.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) member: Member,
    /// Marks in the sessions of this class.
    pub(crate) tally: Tally,
    /// Sessions of this class without a mark.
    pub(crate) unmarked: i64,
    /// Lesson hours of this class.
    pub(crate) here: Rate,
    /// Lesson hours of the classes before, of whoever is in this one now.
    pub(crate) before: Rate,
}

impl Account {
    /// The rate that completion looks at; of whoever is elsewhere now, what they came to in this class.
    pub(crate) fn rate(&self) -> Rate {
        Rate::of_lesson_hours(self.here.credited + self.before.credited, self.here.held + self.before.held)
    }
}

/// Everyone who is in a class or was there while a session was held, by name, as far as the actor sees them; with how
/// many the actor does not see.
pub(crate) fn accounts(
    tx: &mut Tx<'_>,
    actor: &Actor,
    class: &Class,
    held: &[Session],
    marks: &HashMap<(Id, Id), Mark>,
    credited: &[Mark],
) -> Result<(Vec<Account>, usize)> {
    let mut before: HashMap<Id, Vec<(Option<Mark>, i64)>> = HashMap::new();
    for session in store::earlier(tx, class.id)?.into_iter().filter(|session| session.class != class.id) {
        before.entry(session.enrollment).or_default().push((session.mark, i64::from(session.lesson_hours)));
    }
    let mut kept: HashMap<Id, Vec<store::Group>> = HashMap::new();
    for (enrollment, mark, count, hours) in store::kept_tallies(tx, class.id)? {
        kept.entry(enrollment).or_default().push((mark, i64::from(count), i64::from(hours)));
    }
    let mut accounts = Vec::new();
    for member in everyone(tx, actor, class)? {
        let id = member.enrolled.enrollment.id;
        let is_marked = |session: &Session| marks.contains_key(&(session.id, id));
        let there = held.iter().filter(|one| member.counts(one, is_marked(one), class));
        let there: Vec<&Session> = there.collect();
        if !member.is_here && !held.iter().any(|session| member.was_there(session.held_on)) {
            continue;
        }
        let before = before.remove(&id).unwrap_or_default();
        accounts.push(account(member, &there, marks, (&before, &kept.remove(&id).unwrap_or_default()), credited));
    }
    let days: Vec<NaiveDate> = held.iter().map(|session| session.held_on).collect();
    let unseen = members_on(tx, class.id, &days, true)?.saturating_sub(accounts.len());
    Ok((accounts, unseen))
}

/// The days of the sessions that counted for those who sit in a class now before they did, in any class.
pub(crate) fn earlier_days(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<Id, Vec<NaiveDate>>> {
    let mut days: HashMap<Id, Vec<NaiveDate>> = HashMap::new();
    for session in store::earlier(tx, class)? {
        days.entry(session.enrollment).or_default().push(session.held_on);
    }
    Ok(days)
}

/// What one person comes to. Of marks that are no longer kept only their sums are left, of whatever class they were.
fn account(
    member: Member,
    there: &[&Session],
    marks: &HashMap<(Id, Id), Mark>,
    (before, kept): (&[(Option<Mark>, i64)], &[store::Group]),
    credited: &[Mark],
) -> Account {
    let id = member.enrolled.enrollment.id;
    let own = there
        .iter()
        .filter_map(|session| marks.get(&(session.id, id)).map(|mark| (*mark, 1, i64::from(session.lesson_hours))));
    let tally = rules::tally(&own.chain(kept.iter().copied()).collect::<Vec<_>>());
    let earlier = before.iter().filter_map(|(mark, hours)| mark.map(|mark| (mark, 1, *hours)));
    let earlier = rules::tally(&earlier.collect::<Vec<_>>());
    let held: i64 = there.iter().map(|session| i64::from(session.lesson_hours)).sum();
    let here = tally.credited(credited);
    Account {
        unmarked: (i64::try_from(there.len()).unwrap_or(i64::MAX) - tally.marked()).max(0),
        tally,
        here: Rate::of_lesson_hours(here, held),
        before: Rate::of_lesson_hours(
            earlier.credited(credited) + (here - held).max(0),
            before.iter().map(|(_, hours)| hours).sum(),
        ),
        member,
    }
}

/// Whoever is in a class or was, without their names: whether they are there now, and when they were.
fn everybody(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<Id, (bool, Vec<Stay>)>> {
    let mut all: HashMap<Id, (bool, Vec<Stay>)> = HashMap::new();
    for (enrollment, stay) in store::stays_before(tx, class)? {
        all.entry(enrollment).or_default().1.push(stay);
    }
    for row in enrollment::member_rows(tx, class)? {
        let one = all.entry(row.id).or_default();
        one.0 = true;
        one.1.push(rules::stay(&row));
    }
    Ok(all)
}

/// How many were one of the class on any of these days, whoever sees them; or are in it now, where those count as well.
pub(crate) fn members_on(tx: &mut Tx<'_>, class: Id, days: &[NaiveDate], also_now: bool) -> Result<usize> {
    let was_there = |stays: &[Stay]| days.iter().any(|day| stays.iter().any(|stay| rules::was_member(*stay, *day)));
    let all = tx.beyond(|tx| everybody(tx, class))?;
    Ok(all.values().filter(|(is_here, stays)| also_now && *is_here || was_there(stays)).count())
}
