//! Issuers: partners that sign what they issue with a key of their own, so that others can check it without asking.
//!
//! A key is made when it is first needed. When another takes its place its private part goes; its public part stays
//! published for as long as something that it signed may be shown.

mod store;

use serde::Serialize;

pub use store::IssuerKey;

use crate::access::{Actor, Operation, Scope};
use crate::audit::{Note, Subject};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::keys::SigningKey;
use crate::partner::{self, Partner};
use crate::values::Label;

/// What the private part of a key is sealed for.
const SEAL: &str = "issuer_key";

/// A partner that issues, as anyone may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name today.
    pub name: Label,
    /// Every key it has ever had, oldest first.
    pub keys: Vec<IssuerKey>,
}

/// Where an issuer is found by whoever checks what it signed. `public_url` is the server's, without a slash at the end.
pub fn address(public_url: &str, issuer: Id) -> String {
    format!("{public_url}/issuers/{issuer}")
}

impl IssuerKey {
    /// Where the server was when it was made; `today` for a key that does not say.
    pub fn home<'a>(&'a self, today: &'a str) -> &'a str {
        self.public_url.as_deref().unwrap_or(today)
    }

    /// The address under which it is published, which is named by what it signed.
    pub fn url(&self, today: &str) -> String {
        format!("{}/keys/{}", address(self.home(today), self.issuer_id), self.kid)
    }
}

/// Whoever signs for an issuer.
pub(crate) struct Signer {
    /// The issuer's address.
    pub(crate) address: String,
    kid: String,
    key: SigningKey,
}

impl Signer {
    /// Signs these claims; the header names the address under which the key is published.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String> {
        self.key.jwt(&format!("{}/keys/{}", self.address, self.kid), claims)
    }
}

/// The issuer's signer at this address of the server; its first key there is made here. What was signed at another address
/// stays with the key of that one, so that it can be checked by whoever comes from there.
pub(crate) fn signer(tx: &mut Tx<'_>, actor: &Actor, issuer: Id, public_url: &str) -> Result<Signer> {
    let current = match store::current(tx, issuer, public_url)? {
        Some(key) => key,
        None => first(tx, actor, issuer, public_url)?,
    };
    let sealed = current.private_sealed.ok_or_else(|| Error::storage("a key in force without its private part"))?;
    let key = SigningKey::open(&tx.keys().open(SEAL, &sealed)?)?;
    Ok(Signer { address: address(public_url, issuer), kid: current.kid, key })
}

/// The first key of an issuer, or that of somebody who was faster.
fn first(tx: &mut Tx<'_>, actor: &Actor, issuer: Id, public_url: &str) -> Result<IssuerKey> {
    let key = made(tx, actor, issuer, public_url)?;
    if store::insert_first(tx, &key)? {
        note(tx, "signing_key.made", &key)?.record(tx, actor)?;
        return Ok(key);
    }
    store::current(tx, issuer, public_url)?.ok_or_else(|| Error::new(&codes::STALE))
}

fn made(tx: &Tx<'_>, actor: &Actor, issuer: Id, public_url: &str) -> Result<IssuerKey> {
    let (key, secret) = SigningKey::generate(tx.entropy())?;
    Ok(IssuerKey {
        id: tx.new_id(),
        issuer_id: issuer,
        kid: key.public().thumbprint(),
        public_jwk: key.public().jwk().to_owned(),
        private_sealed: Some(tx.keys().seal(SEAL, &secret, tx.entropy())?),
        made_at: tx.now(),
        made_by: actor.account_or_operator(),
        retired_at: None,
        public_url: Some(public_url.to_owned()),
    })
}

fn note(tx: &mut Tx<'_>, action: &'static str, key: &IssuerKey) -> Result<Note> {
    let province = store::province(tx, key.issuer_id)?;
    let detail = serde_json::json!({ "kid": key.kid });
    Ok(Note::of(action, Subject::partner(key.issuer_id)).within(&province).with(detail))
}

/// Gives a partner a new key. What those before it signed goes on being checked by their public parts; their private parts
/// are gone, those for earlier addresses of the server too.
///
/// # Errors
/// `resource.stale` for a key that somebody else replaced at the same moment.
pub fn renew(tx: &mut Tx<'_>, actor: &Actor, partner: Id, public_url: &str) -> Result<IssuerKey> {
    owned(tx, actor, partner)?;
    for current in store::current_locked(tx, partner)? {
        store::retire(tx, current.id)?;
    }
    let key = made(tx, actor, partner, public_url)?;
    store::insert(tx, &key)?;
    note(tx, "signing_key.renewed", &key)?.record(tx, actor)?;
    Ok(key)
}

/// Every key of a partner in the actor's scope, oldest first.
pub fn keys(tx: &mut Tx<'_>, actor: &Actor, partner: Id) -> Result<Vec<IssuerKey>> {
    owned(tx, actor, partner)?;
    store::of(tx, partner)
}

/// A partner whose keys are the actor's business: for its manager, the own one.
fn owned(tx: &mut Tx<'_>, actor: &Actor, partner: Id) -> Result<Partner> {
    actor.may(Operation::SigningKey)?;
    match actor.scope() {
        Scope::Partner(_, own) if *own != partner => Err(Error::new(&codes::NOT_FOUND)),
        _ => partner::get(tx, actor, partner),
    }
}

/// An issuer, for anyone.
///
/// # Errors
/// `resource.not_found` for a partner that has never signed anything.
pub fn profile(tx: &mut Tx<'_>, issuer: Id) -> Result<Profile> {
    let keys = store::of(tx, issuer)?;
    if keys.is_empty() {
        return Err(Error::new(&codes::NOT_FOUND));
    }
    Ok(Profile { name: store::name(tx, issuer)?, keys })
}

/// One key of an issuer by its thumbprint, for anyone.
///
/// # Errors
/// `resource.not_found`.
pub fn key(tx: &mut Tx<'_>, issuer: Id, kid: &str) -> Result<IssuerKey> {
    store::by_kid(tx, issuer, kid)
}

/// Says of keys from before where the server was when they were made, as far as somebody knows.
pub(crate) fn settle(tx: &mut Tx<'_>, mut home: impl FnMut(&mut Tx<'_>, Id) -> Result<String>) -> Result<()> {
    for key in store::homeless(tx)? {
        let public_url = home(tx, key.issuer_id)?;
        if key.retired_at.is_none() && store::current(tx, key.issuer_id, &public_url)?.is_some() {
            store::retire(tx, key.id)?;
        }
        store::set_public_url(tx, key.id, &public_url)?;
    }
    Ok(())
}

/// Every key of every issuer, for anyone.
pub fn all_keys(tx: &mut Tx<'_>) -> Result<Vec<IssuerKey>> {
    store::all(tx)
}
