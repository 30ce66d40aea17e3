//! Status lists: which credentials of an issuer no longer hold, as one bit each at a random place
//! (W3C Bitstring Status List v1.0).
//!
//! A list is signed when it is begun and when something in it is revoked, and kept; whoever reads it costs one look-up.

mod rules;
mod store;

use std::collections::BTreeSet;

pub(super) use rules::entry;

use crate::access::Actor;
use crate::db::Tx;
use crate::error::Result;
use crate::id::Id;
use crate::issuer::{self, Signer};
use store::StatusList;

/// Where the status of a credential stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) list: Id,
    /// The list's number among those of its issuer.
    pub(super) number: i32,
    pub(super) index: i32,
}

/// Takes places for new credentials, in the issuer's newest list of this address of the server or, when that is full or
/// there is none, in another one.
pub(super) fn take(tx: &mut Tx<'_>, signer: &Signer, issuer: Id, public_url: &str, count: usize) -> Result<Vec<Place>> {
    let wanted = i32::try_from(count).unwrap_or(i32::MAX);
    let newest = store::newest_locked(tx, issuer, public_url)?;
    let mut list = match newest.filter(|list| list.taken.saturating_add(wanted) <= rules::FULL) {
        Some(list) => list,
        None => begin(tx, signer, issuer, public_url)?,
    };
    let indexes = draw(tx, list.id, count)?;
    list.taken = list.taken.saturating_add(wanted);
    store::set_taken(tx, &list)?;
    Ok(indexes.into_iter().map(|index| Place { list: list.id, number: list.number, index }).collect())
}

fn begin(tx: &mut Tx<'_>, signer: &Signer, issuer: Id, public_url: &str) -> Result<StatusList> {
    let number = store::last_number(tx, issuer)? + 1;
    let claims = rules::list(&signer.address, number, tx.now(), &rules::bitstring(&[])?);
    let (jwt, public_url) = (signer.sign(&claims)?, Some(public_url.to_owned()));
    let list = StatusList { id: tx.new_id(), issuer_id: issuer, number, taken: 0, jwt, public_url };
    store::insert(tx, &list)?;
    Ok(list)
}

/// Random places that nobody has, in the order in which they were drawn. A list is full when half of it is taken, so on
/// average every other draw is one.
fn draw(tx: &mut Tx<'_>, list: Id, count: usize) -> Result<Vec<i32>> {
    let mut drawn = Vec::with_capacity(count);
    while drawn.len() < count {
        let mut fresh: Vec<i32> = Vec::new();
        while drawn.len() + fresh.len() < count {
            let index = rules::index(tx.entropy());
            if !drawn.contains(&index) && !fresh.contains(&index) {
                fresh.push(index);
            }
        }
        let taken: BTreeSet<i32> = store::taken_of(tx, list, &fresh)?.into_iter().collect();
        drawn.extend(fresh.into_iter().filter(|index| !taken.contains(index)));
    }
    Ok(drawn)
}

/// Says in the list what it is told of the place, and signs the list anew as it was begun: at the address that the
/// credentials in it name. Who comes here at the same moment waits, and then sees it.
pub(super) fn revoke(tx: &mut Tx<'_>, actor: &Actor, list: Id, certificate: Id, today: &str) -> Result<()> {
    let mut list = store::locked(tx, list)?;
    let signer = issuer::signer(tx, actor, list.issuer_id, list.public_url.as_deref().unwrap_or(today))?;
    store::mark_revoked(tx, certificate)?;
    // A list is of a whole issuer, of whom the actor may see a part.
    let revoked = tx.beyond(|tx| store::revoked(tx, list.id))?;
    let claims = rules::list(&signer.address, list.number, tx.now(), &rules::bitstring(&revoked)?);
    list.jwt = signer.sign(&claims)?;
    store::set_jwt(tx, &list)
}

/// Says of lists from before where the server was when they were begun: where what stands first in them says it was.
pub(super) fn settle(tx: &mut Tx<'_>) -> Result<()> {
    for list in store::homeless(tx)? {
        let signed = store::first_in(tx, list.id)?.unwrap_or(list.jwt);
        if let Some(public_url) = rules::home(&signed, &list.issuer_id.to_string()) {
            store::set_public_url(tx, list.id, &public_url)?;
        }
    }
    Ok(())
}

/// Where the server was when the issuer first signed a list, if one says so.
pub(super) fn first_home(tx: &mut Tx<'_>, issuer: Id) -> Result<Option<String>> {
    store::first_home(tx, issuer)
}

/// A list as it was signed, for anyone.
///
/// # Errors
/// `resource.not_found`.
pub(super) fn list(tx: &mut Tx<'_>, issuer: Id, number: i32) -> Result<String> {
    store::jwt(tx, issuer, number)
}
