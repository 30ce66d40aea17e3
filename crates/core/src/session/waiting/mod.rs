//! Sessions that are over and wait: for their register, or for the rest of it.

mod store;

use std::collections::HashMap;

use super::Session;
use crate::access::{self, Actor, Operation};
use crate::db::Tx;
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant;
use crate::values::{Label, PersonName, RegencyCode, words};

/// Days for which a register that is not finished is asked for.
const UNFINISHED: i64 = 60;

words! {
    /// What a session waits for.
    pub enum Waiting {
        /// Its register.
        Unreported = "unreported",
        /// The marks of members whom its register leaves out.
        Incomplete = "incomplete",
    }
}

/// Which sessions that wait.
#[derive(Debug, Clone)]
pub struct UnreportedFilter {
    /// For what.
    pub state: Waiting,
    /// Only of classes at this partner.
    pub partner: Option<Id>,
    /// Only of classes in this regency.
    pub regency: Option<RegencyCode>,
    /// Only of this class.
    pub class: Option<Id>,
}

/// A session that is over and waits.
#[derive(Debug, Clone)]
pub struct Unreported {
    /// The session.
    pub session: Session,
    /// The name of its class.
    pub class: Label,
    /// The host.
    pub partner: Id,
    /// The host's name.
    pub partner_name: String,
    /// The host's regency.
    pub regency: RegencyCode,
    /// Whoever teaches it.
    pub instructor: Option<Id>,
    /// The name, for those who work with people.
    pub instructor_name: Option<PersonName>,
    /// How many are marked of how many members, where there is a register.
    pub marked: Option<(i64, i64)>,
}

/// Sessions of running classes that are over and wait, the oldest first: for a register however old they are, for the rest
/// of it for 60 days.
///
/// # Errors
/// `query.cursor` where the session that a page ended with is no longer there.
pub fn unreported(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &UnreportedFilter,
    page: PageRequest,
) -> Result<Page<Unreported>> {
    actor.may(Operation::UnreportedRead)?;
    // Whether somebody is unmarked is the class's to say, whoever sees them.
    let page = tx.beyond(|tx| store::page(tx, actor, filter, page))?;
    let ids: Vec<Id> = page.rows.iter().map(|row| row.session.id).collect();
    let mut counts = match filter.state {
        Waiting::Unreported => HashMap::new(),
        Waiting::Incomplete => tx.beyond(|tx| store::counts(tx, &ids))?,
    };
    let instructors: Vec<Id> = page.rows.iter().filter_map(store::Row::instructor).collect();
    let names = if participant::knows_people(actor) { access::names(tx, &instructors)? } else { HashMap::new() };
    Ok(page.map(|row| Unreported {
        instructor: row.instructor(),
        instructor_name: row.instructor().and_then(|id| names.get(&id).cloned()),
        marked: counts.remove(&row.session.id),
        session: row.session,
        class: row.class,
        partner: row.partner,
        partner_name: row.partner_name,
        regency: row.regency,
    }))
}

/// How many sessions of a partner in a regency wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingAt {
    /// The regency of the classes.
    pub regency: RegencyCode,
    /// The host.
    pub partner: Id,
    /// The host's name.
    pub partner_name: String,
    /// Sessions without a register.
    pub unreported: i64,
    /// Sessions whose register leaves members out.
    pub incomplete: i64,
}

/// How many sessions wait at each partner, by regency and name; of those alone that wait, so that it is current at once.
pub fn waiting_totals(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<WaitingAt>> {
    actor.may(Operation::UnreportedRead)?;
    let mut totals: Vec<WaitingAt> = Vec::new();
    let mut places: HashMap<(RegencyCode, Id), usize> = HashMap::new();
    for state in [Waiting::Unreported, Waiting::Incomplete] {
        let filter = UnreportedFilter { state, partner: None, regency: None, class: None };
        for (regency, partner, partner_name) in tx.beyond(|tx| store::places(tx, actor, &filter))? {
            let at = *places.entry((regency.clone(), partner)).or_insert_with(|| {
                totals.push(WaitingAt { regency, partner, partner_name, unreported: 0, incomplete: 0 });
                totals.len() - 1
            });
            let Some(one) = totals.get_mut(at) else { continue };
            match state {
                Waiting::Unreported => one.unreported += 1,
                Waiting::Incomplete => one.incomplete += 1,
            }
        }
    }
    totals.sort_by(|a, b| (&a.regency, &a.partner_name, a.partner).cmp(&(&b.regency, &b.partner_name, b.partner)));
    Ok(totals)
}
