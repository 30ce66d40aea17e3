//! The turning of the keys: whatever is sealed is sealed anew with the newest secret while the program serves.
//!
//! It goes by small batches and keeps no list of what is done, because every sealed value names its secret: a rotation
//! that was interrupted is simply begun again.

mod store;

use serde::Serialize;
use serde_json::{Value, json};

use crate::access::{Actor, Operation};
use crate::audit::{self, Subject};
use crate::db::{Db, Tx};
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::time::Instant;

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotated {
    /// The secret that everything is sealed with now.
    pub key: String,
    /// Values that were sealed anew.
    pub values: u64,
    /// Values that are not: those that others wrote with an older secret in the meantime.
    pub left: u64,
}

/// How many values are sealed with this secret.
pub fn sealed_with(tx: &mut Tx<'_>, actor: &Actor, key: &str) -> Result<u64> {
    actor.may(Operation::Keys)?;
    store::sealed_with(tx, key)
}

/// How many values are not sealed with the newest secret.
pub fn left(tx: &mut Tx<'_>, actor: &Actor) -> Result<u64> {
    actor.may(Operation::Keys)?;
    store::left(tx)
}

/// Passes when the secrets of this process are those the register was written with.
///
/// # Errors
/// `keys.wrong`.
pub fn fits(tx: &mut Tx<'_>) -> Result<()> {
    store::open_the_last(tx)
}

/// Records that there is a new secret.
pub fn added(tx: &mut Tx<'_>, actor: &Actor, key: &str) -> Result<()> {
    actor.may(Operation::Keys)?;
    record(tx, actor, "key.added", &json!({ "key": key }))
}

/// Records that a secret is taken away, which passes only when it can be done without.
///
/// # Errors
/// `keys.in_use` while anything is sealed with it.
pub fn retire(tx: &mut Tx<'_>, actor: &Actor, key: &str) -> Result<()> {
    match sealed_with(tx, actor, key)? {
        0 => record(tx, actor, "key.retired", &json!({ "key": key })),
        values => Err(Error::new(&codes::KEYS_IN_USE).fact("values", values).fact("key", key)),
    }
}

/// The keys are the installation's, not a thing of the register's.
fn record(tx: &mut Tx<'_>, actor: &Actor, action: &'static str, detail: &Value) -> Result<()> {
    audit::record(tx, actor, action, Subject::key(Id::default()), None, detail)
}

/// Seals everything anew with the newest secret, and hashes identity numbers anew with it, one batch a transaction.
/// `done` hears of every batch how many values it was, and may pause there.
pub fn rotate(db: &Db, now: Instant, actor: &Actor, mut done: impl FnMut(u64)) -> Result<Rotated> {
    actor.may(Operation::Keys)?;
    let mut values = 0;
    for place in store::PLACES {
        let mut after = store::START;
        while let Some(batch) = db.write(now, move |tx| store::reseal(tx, place, &after))? {
            values += batch.values;
            after = batch.last;
            done(batch.values);
        }
    }
    let actor = actor.clone();
    db.write(now, move |tx| {
        let rotated = Rotated { key: tx.keys().newest().to_owned(), values, left: store::left(tx)? };
        record(tx, &actor, "key.rotated", &json!(rotated))?;
        Ok(rotated)
    })
}
