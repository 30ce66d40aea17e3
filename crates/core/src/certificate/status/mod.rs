//! Status lists: which credentials of an issuer no longer hold, as one bit each at a random place
//! (W3C Bitstring Status List v1.0).
//!
//! A list is signed when it is begun and when something in it is revoked, and kept; whoever reads it costs one look-up.

mod rules;
mod store;

use std::collections::BTreeSet;

pub(super) use rules::entry;

use crate::db::Tx;
use crate::error::Result;
use crate::id::Id;
use crate::issuer::Signer;
use store::StatusList;

/// Where the status of a credential stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) list: Id,
    /// The list's number among those of its issuer.
    pub(super) number: i32,
    pub(super) index: i32,
}

/// Takes places for new credentials, in the issuer's newest list or, when that is full, in another one.
pub(super) fn take(tx: &mut Tx<'_>, signer: &Signer, issuer: Id, count: usize) -> Result<Vec<Place>> {
    let wanted = i32::try_from(count).unwrap_or(i32::MAX);
    let mut list = match store::newest_locked(tx, issuer)? {
        Some(list) if list.taken.saturating_add(wanted) <= rules::FULL => list,
        Some(full) => begin(tx, signer, issuer, full.number + 1)?,
        None => begin(tx, signer, issuer, 1)?,
    };
    let indexes = draw(tx, list.id, count)?;
    list.taken = list.taken.saturating_add(wanted);
    store::set_taken(tx, &list)?;
    Ok(indexes.into_iter().map(|index| Place { list: list.id, number: list.number, index }).collect())
}

fn begin(tx: &mut Tx<'_>, signer: &Signer, issuer: Id, number: i32) -> Result<StatusList> {
    let claims = rules::list(&signer.address, number, tx.now(), &rules::bitstring(&[])?);
    let list = StatusList { id: tx.new_id(), issuer_id: issuer, number, taken: 0, jwt: signer.sign(&claims)? };
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

/// Says in the list what it is told of the place, and signs the list anew. Who comes here at the same moment waits, and
/// then sees it.
pub(super) fn revoke(tx: &mut Tx<'_>, signer: &Signer, list: Id, certificate: Id) -> Result<()> {
    let mut list = store::locked(tx, list)?;
    store::mark_revoked(tx, certificate)?;
    // A list is of a whole issuer, of whom the actor may see a part.
    let revoked = tx.beyond(|tx| store::revoked(tx, list.id))?;
    let claims = rules::list(&signer.address, list.number, tx.now(), &rules::bitstring(&revoked)?);
    list.jwt = signer.sign(&claims)?;
    store::set_jwt(tx, &list)
}

/// A list as it was signed, for anyone.
///
/// # Errors
/// `resource.not_found`.
pub(super) fn list(tx: &mut Tx<'_>, issuer: Id, number: i32) -> Result<String> {
    store::jwt(tx, issuer, number)
}
