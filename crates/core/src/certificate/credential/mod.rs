//! Credentials: a certificate as a file that a program can check without asking us, an Open Badges 3.0 achievement
//! credential as a signed token (VC-JWT).
//!
//! It says what is printed and is signed once, when the certificate is issued: the paper, the page behind its code and
//! the credential can only agree.

mod rules;
mod store;

use std::collections::HashMap;

use super::status::{self, Place};
use super::{Certificate, Snapshot};
use crate::access::Actor;
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::issuer;
use crate::participant;

/// Signs what was issued just now, each at a place of its own in the issuer's status list.
pub(super) fn sign(
    tx: &mut Tx<'_>,
    actor: &Actor,
    issuer: Id,
    public_url: &str,
    new: &[(Certificate, Snapshot)],
) -> Result<()> {
    let signer = issuer::signer(tx, actor, issuer, public_url)?;
    let places = status::take(tx, &signer, issuer, public_url, new.len())?;
    let mut rows = Vec::with_capacity(new.len());
    for ((certificate, snapshot), Place { list, number, index }) in new.iter().zip(places) {
        let facts = rules::Facts {
            snapshot,
            issued_at: certificate.issued_at,
            issuer: &signer.address,
            subject: rules::random_uuid(tx.entropy()),
            status: status::entry(&signer.address, number, index),
        };
        rows.push(store::Credential {
            certificate_id: certificate.id,
            jwt: signer.sign(&rules::claims(&facts))?,
            status_list_id: list,
            status_index: index,
            revoked: false,
        });
    }
    store::insert_many(tx, &rows)
}

/// Says in the issuer's status list that the credential no longer holds. A certificate from before has none.
pub(super) fn revoke(tx: &mut Tx<'_>, actor: &Actor, certificate: &Certificate, public_url: &str) -> Result<()> {
    let Some(credential) = store::of(tx, certificate.id)? else { return Ok(()) };
    status::revoke(tx, actor, credential.status_list_id, certificate.id, public_url)
}

/// Says of keys and lists from before where the server was when they were made, so that they stay there when it moves. Done
/// at each start; there is nothing to do but after an upgrade.
pub fn settle(tx: &mut Tx<'_>, public_url: &str) -> Result<()> {
    status::settle(tx)?;
    issuer::settle(tx, |tx, issuer| Ok(status::first_home(tx, issuer)?.unwrap_or_else(|| public_url.to_owned())))
}

/// The credential of a certificate in the actor's scope. It says whose it is, so who took it is recorded.
///
/// # Errors
/// `access.denied` for an observer, `resource.not_found` for a certificate from before there were credentials.
pub fn of(tx: &mut Tx<'_>, actor: &Actor, certificate: Id) -> Result<String> {
    let found = super::get(tx, actor, certificate)?;
    if !participant::knows_people(actor) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    let jwt = kept(tx, found.id)?.ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    super::note(tx, "certificate.credential_taken", &found)?.record(tx, actor)?;
    Ok(jwt)
}

/// The credential behind a code, for anyone who holds the paper.
///
/// # Errors
/// `resource.not_found`.
pub fn behind(tx: &mut Tx<'_>, code: &str) -> Result<String> {
    let found = super::by_code(tx, code)?;
    kept(tx, found.id)?.ok_or_else(|| Error::new(&codes::NOT_FOUND))
}

/// A status list of an issuer as it was signed, for anyone.
///
/// # Errors
/// `resource.not_found`.
pub fn status_list(tx: &mut Tx<'_>, issuer: Id, number: i32) -> Result<String> {
    status::list(tx, issuer, number)
}

/// The credentials of these certificates, as far as there are any.
pub(super) fn kept_many(tx: &mut Tx<'_>, certificates: &[Id]) -> Result<HashMap<Id, String>> {
    Ok(store::of_many(tx, certificates)?.into_iter().collect())
}

/// The credential as it was signed, if there is one.
pub(super) fn kept(tx: &mut Tx<'_>, certificate: Id) -> Result<Option<String>> {
    Ok(store::of(tx, certificate)?.map(|credential| credential.jwt))
}
