//! The chain over the audit: sealing what is new, and checking all of it.
//!
//! An event carries a code of its own from the moment it is written, so nobody without the keys can edit it or make
//! one up. The chain adds what a single code cannot show: that none is gone. It is made beside the transactions and
//! not inside them, where every change of the register would wait for the one last entry.

use std::collections::HashMap;

use chrono::Duration;

use super::rules::{Breach, ENTRY, EVENT, Head, canonical, entry};
use super::store::{self, Event, Link};
use crate::access::{Actor, Operation};
use crate::db::{Db, Tx};
use crate::error::{Fact, Language, Result};
use crate::id::Id;
use crate::time::Instant;

/// The version of the schema that brought the chain.
pub const CHAINED: &str = "20261121001200";

/// How much earlier than the last sealed one an event may have begun and still be found at the next run. What is later
/// still is found by [`seal_all`].
const LATE: Duration = Duration::minutes(10);

/// Which events are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    /// Those whose own code holds.
    Attested,
    /// Those as well that have none.
    Everything,
}

/// Appends to the chain what was written since the last time, in order of id, and says how many that were.
/// An event that is committed late is appended by a later run: the order of the chain is the order of sealing.
pub fn seal(db: &Db, now: Instant) -> Result<u64> {
    let from = db.read(now, |tx| {
        Ok(store::last(tx)?.and_then(|link| Id::from_i64(link.event_id)).unwrap_or_default().earlier_by(LATE))
    })?;
    seal_from(db, now, from.as_i64(), Take::Attested)
}

/// The same for events of any age: at the start of the program, and before everything is checked.
pub fn seal_all(db: &Db, now: Instant) -> Result<u64> {
    seal_from(db, now, i64::MIN, Take::Attested)
}

/// Takes in what was recorded before there was a chain: from now on an edit of it shows as well.
/// This is done once, right after the migration to [`CHAINED`]; at any other time an event without a code is a forgery.
pub fn adopt(db: &Db, now: Instant) -> Result<u64> {
    seal_from(db, now, i64::MIN, Take::Everything)
}

fn seal_from(db: &Db, now: Instant, mut from: i64, take: Take) -> Result<u64> {
    let mut sealed = 0;
    loop {
        let waiting = db.read(now, |tx| store::unsealed(tx, from))?;
        let Some(last) = waiting.last().copied() else { return Ok(sealed) };
        sealed += db.write(now, move |tx| append(tx, &waiting, take))?;
        from = last;
    }
}

/// Appends those of the events that are not in the chain yet. Only one appends at a time.
fn append(tx: &mut Tx<'_>, events: &[i64], take: Take) -> Result<u64> {
    store::wait_for_chain(tx)?;
    let there = store::sealed(tx, events)?;
    let waiting: Vec<i64> = events.iter().copied().filter(|id| !there.contains(id)).collect();
    let mut head = store::last(tx)?.map_or_else(Head::default, |link| link.head());
    let mut links = Vec::with_capacity(waiting.len());
    for event in readable(tx, &waiting)? {
        let old = take == Take::Everything && event.mac.is_empty();
        if !old && !attested(tx, &event) {
            // The check names it.
            continue;
        }
        head = head.then(&event);
        let event_id = event.id.as_i64();
        let mac = tx.keys().attest(ENTRY, &entry(event_id, &head));
        links.push(Link { sequence: head.sequence, event_id, hash: head.hash.clone(), mac });
    }
    store::insert_links(tx, &links)?;
    Ok(links.len() as u64)
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How far the chain reaches. An inspector keeps it: the next check tells whether the chain still passes through it.
    pub head: Head,
    /// Events in the chain.
    pub sealed: u64,
    /// Events that hold and are not in the chain yet.
    pub waiting: u64,
    /// The first broken place; the check ends there.
    pub broken: Option<Broken>,
}

/// A place where the audit is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong.
    pub breach: Breach,
    /// Which entry of the chain, if it is about one.
    pub sequence: Option<i64>,
    /// Which event, if it is about one.
    pub event: Option<Id>,
}

impl Broken {
    /// What is wrong and what to do.
    pub fn sentence(&self, language: Language) -> String {
        let fact = |name, value: Option<String>| Fact::new(name, value.as_deref().unwrap_or("?"));
        let sequence = fact("sequence", self.sequence.map(|sequence| sequence.to_string()));
        let event = fact("event", self.event.map(|event| event.to_string()));
        self.breach.code().sentence(language, &[sequence, event])
    }
}

/// Seals what is new, then reads the whole chain and every event, some hundred at a time, and names the first broken
/// place. `progress` is told how many entries of how many have been read.
///
/// With `expected`, the head an inspector was told before, a tail that was cut off is found as well.
pub fn verify(
    db: &Db,
    now: Instant,
    actor: &Actor,
    expected: Option<&Head>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Verification> {
    actor.may(Operation::AuditVerify)?;
    seal_all(db, now)?;
    let entries = db.read(now, store::last)?.map_or(0, |link| link.sequence);
    let mut head = Head::default();
    let ends = |head: Head, waiting, broken| Verification { sealed: count(head.sequence), head, waiting, broken };
    while head.sequence < entries {
        let after = head.clone();
        match db.read(now, |tx| follow(tx, after, expected))? {
            (reached, None) => head = reached,
            (reached, broken) => return Ok(ends(reached, 0, broken)),
        }
        progress(count(head.sequence), count(entries));
    }
    if expected.is_some_and(|expected| expected.sequence > head.sequence) {
        let broken = Broken { breach: Breach::Cut, sequence: Some(head.sequence + 1), event: None };
        return Ok(ends(head, 0, Some(broken)));
    }
    let (waiting, broken) = db.read(now, outside)?;
    Ok(ends(head, waiting, broken))
}

fn count(sequence: i64) -> u64 {
    u64::try_from(sequence).unwrap_or_default()
}

/// Follows the chain for some entries, and says how far it came and what stopped it.
fn follow(tx: &mut Tx<'_>, mut head: Head, expected: Option<&Head>) -> Result<(Head, Option<Broken>)> {
    let links = store::links(tx, head.sequence)?;
    let cut = |sequence| Some(Broken { breach: Breach::Cut, sequence: Some(sequence), event: None });
    if links.is_empty() {
        let missing = head.sequence + 1;
        return Ok((head, cut(missing)));
    }
    let named: Vec<i64> = links.iter().map(|link| link.event_id).collect();
    let events: HashMap<i64, Event> =
        readable(tx, &named)?.into_iter().map(|event| (event.id.as_i64(), event)).collect();
    for link in links {
        if link.sequence != head.sequence + 1 {
            let missing = head.sequence + 1;
            return Ok((head, cut(missing)));
        }
        let next = match events.get(&link.event_id) {
            Some(event) => judge(tx, &head, &link, event),
            None if store::exists(tx, link.event_id)? => Err(Breach::Edited),
            None => Err(Breach::Deleted),
        };
        match next {
            Ok(next) if expected.is_some_and(|told| told.sequence == next.sequence && *told != next) => {
                return Ok((head, cut(link.sequence)));
            }
            Ok(next) => head = next,
            Err(breach) => {
                let event = Id::from_i64(link.event_id);
                return Ok((head, Some(Broken { breach, sequence: Some(link.sequence), event })));
            }
        }
    }
    Ok((head, None))
}

/// The head behind an entry, if the entry and its event are as they were written.
fn judge(tx: &Tx<'_>, head: &Head, link: &Link, event: &Event) -> Result<Head, Breach> {
    let next = head.then(event);
    // What was taken in from before the chain has no code of its own; the entry's hash covers it.
    let old = event.mac.is_empty();
    if !old && !attested(tx, event) {
        return Err(Breach::Edited);
    }
    if !tx.keys().attested(ENTRY, &entry(link.event_id, &link.head()), &link.mac, event.at) {
        return Err(Breach::Relinked);
    }
    match (next == link.head(), old) {
        (true, _) => Ok(next),
        (false, true) => Err(Breach::Edited),
        (false, false) => Err(Breach::Relinked),
    }
}

/// Events outside the chain: those that hold wait for the next sealing, any other was made up.
fn outside(tx: &mut Tx<'_>) -> Result<(u64, Option<Broken>)> {
    let mut waiting = 0;
    let mut from = i64::MIN;
    loop {
        let ids = store::unsealed(tx, from)?;
        let Some(last) = ids.last().copied() else { return Ok((waiting, None)) };
        let events = readable(tx, &ids)?;
        let holds = |id: &&i64| events.iter().any(|event| event.id.as_i64() == **id && attested(tx, event));
        let holding = ids.iter().filter(holds).count();
        if let Some(stranger) = ids.iter().find(|id| !holds(id)) {
            let event = Id::from_i64(*stranger);
            return Ok((waiting, Some(Broken { breach: Breach::Inserted, sequence: None, event })));
        }
        waiting += holding as u64;
        from = last;
    }
}

fn attested(tx: &Tx<'_>, event: &Event) -> bool {
    tx.keys().attested(EVENT, &canonical(event), &event.mac, event.at)
}

/// The events with these ids, in order of id, without those that an edit made unreadable.
fn readable(tx: &mut Tx<'_>, ids: &[i64]) -> Result<Vec<Event>> {
    if let Some(events) = store::events(tx, ids)? {
        return Ok(events);
    }
    let mut events = Vec::new();
    for id in ids {
        events.extend(store::events(tx, &[*id])?.into_iter().flatten());
    }
    Ok(events)
}
