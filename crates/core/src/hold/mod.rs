//! Holds: while one is in force, nothing new is done with a person's data.
//!
//! Source: UU 27/2022 art. 40 and 41. What runs already goes on listing the person, so that a class can be taught.

mod store;

use std::collections::HashSet;

use chrono::NaiveDate;

pub use store::Hold;

use crate::access::Actor;
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::values::words;

words! {
    /// Why a person's data are on hold.
    pub enum WhyHeld {
        /// The person asked for it.
        Suspension = "suspension",
        /// The consent for training was withdrawn.
        Withdrawal = "withdrawal",
        /// The person was erased.
        Erasure = "erasure",
    }
}

/// Passes unless the person's data are on hold that day.
///
/// # Errors
/// `hold.in_force`.
pub(crate) fn refuse(tx: &mut Tx<'_>, participant: Id, today: NaiveDate) -> Result<()> {
    if store::in_force(tx, &[participant], today)?.is_empty() { Ok(()) } else { Err(Error::new(&codes::HOLD_IN_FORCE)) }
}

/// Those of these people whose data are on hold that day.
pub(crate) fn in_force(tx: &mut Tx<'_>, participants: &[Id], today: NaiveDate) -> Result<HashSet<Id>> {
    store::in_force(tx, participants, today)
}

/// Every hold of a person who has been checked already, oldest first.
pub(crate) fn of(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<Hold>> {
    store::of(tx, participant)
}

/// Puts a person's data on hold, until a day if there is one.
///
/// # Errors
/// `hold.already_placed` when one of that kind without an end is in force.
pub(crate) fn place(
    tx: &mut Tx<'_>,
    actor: &Actor,
    participant: Id,
    why: WhyHeld,
    since: NaiveDate,
    until: Option<NaiveDate>,
) -> Result<()> {
    let placed_by = actor.account_or_operator();
    let hold = Hold { id: tx.new_id(), participant_id: participant, why, since, until, placed_by };
    store::insert(tx, &hold)
}

/// Ends the holds of these kinds today; how many there were.
pub(crate) fn lift(tx: &mut Tx<'_>, participant: Id, kinds: &[WhyHeld], today: NaiveDate) -> Result<usize> {
    store::lift(tx, participant, kinds, today)
}
