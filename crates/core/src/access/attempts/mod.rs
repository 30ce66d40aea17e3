//! Slowing whoever guesses, without locking out whoever knows.
//!
//! An attempt is counted as failed before it is looked at and taken back when it was right, so that a thousand at once
//! are no way around the count. Attempts from a network that signed in to the account before have a count of their own:
//! whoever guesses elsewhere cannot keep the owner out. Counters are kept under a keyed hash, because what is typed as
//! an address may be anything, even a password.

mod rules;
mod store;

use chrono::Duration;

use self::rules::Limit;
use self::store::Failures;
use super::Account;
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;

/// A network where somebody signed in is known for this long.
const KNOWN_FOR: Duration = Duration::days(180);

/// An attempt that counts as failed until it is settled.
#[derive(Debug)]
pub(super) struct Attempt {
    counted: Vec<Counted>,
}

#[derive(Debug)]
struct Counted {
    counter: String,
    limit: Limit,
    before: Option<Failures>,
}

/// Begins an attempt to sign in to an address, whether somebody has it or not.
///
/// # Errors
/// `access.too_many_attempts`.
pub(super) fn sign_in(tx: &mut Tx<'_>, email: &str, account: Option<&Account>, address: &str) -> Result<Attempt> {
    let network = rules::network(address);
    let known = account.map(|account| store::is_known(tx, account.id, &network)).transpose()?.unwrap_or_default();
    if known {
        return begin(tx, &[(format!("known {email} {network}"), rules::ACCOUNT)]);
    }
    begin(tx, &[(format!("email {email}"), rules::ACCOUNT), (format!("network {network}"), rules::NETWORK)])
}

/// Begins an attempt to confirm a login.
///
/// # Errors
/// `access.too_many_attempts`.
pub(super) fn confirmation(tx: &mut Tx<'_>, login: Id) -> Result<Attempt> {
    begin(tx, &[(format!("login {login}"), rules::ACCOUNT)])
}

fn begin(tx: &mut Tx<'_>, counters: &[(String, Limit)]) -> Result<Attempt> {
    let mut begun = Vec::new();
    for (name, limit) in counters {
        let counter = tx.keys().search_hash("attempts", name);
        store::alone(tx, &counter)?;
        let before = store::failures(tx, &counter)?.filter(|before| before.last.plus(limit.memory()) > tx.now());
        if let Some(before) = before {
            let again = before.last.plus(limit.pause(before.count));
            if again > tx.now() {
                let seconds = (again.utc() - tx.now().utc()).num_seconds().max(1);
                return Err(Error::new(&codes::ACCESS_TOO_MANY_ATTEMPTS).fact("seconds", seconds));
            }
        }
        begun.push(Counted { counter, limit: *limit, before });
    }
    for Counted { counter, before, .. } in &begun {
        let failures = Failures { count: before.map_or(0, |before| before.count) + 1, last: tx.now() };
        store::keep(tx, counter, failures)?;
    }
    Ok(Attempt { counted: begun })
}

impl Attempt {
    /// Whether this is the first one after a pause: somebody seems to be guessing.
    pub(super) fn looks_like_guessing(&self) -> bool {
        self.counted.iter().any(|one| one.before.is_some_and(|before| before.count == one.limit.free))
    }

    /// It was right as far as it went, and not more: as if it had never been made.
    pub(super) fn undo(self, tx: &mut Tx<'_>) -> Result<()> {
        self.counted.into_iter().try_for_each(|one| one.undo(tx))
    }

    /// It was right: earlier failures at the account are forgotten; those of the network are other people's too.
    pub(super) fn succeed(self, tx: &mut Tx<'_>) -> Result<()> {
        for one in self.counted {
            if one.limit == rules::NETWORK {
                one.undo(tx)?;
            } else {
                // Held by name before its row, as by whoever begins one: two at once never wait for each other crosswise.
                store::alone(tx, &one.counter)?;
                store::forget(tx, &one.counter)?;
            }
        }
        Ok(())
    }
}

impl Counted {
    /// Takes one failure back; others may have come since.
    fn undo(self, tx: &mut Tx<'_>) -> Result<()> {
        store::alone(tx, &self.counter)?;
        let Some(now) = store::failures(tx, &self.counter)? else { return Ok(()) };
        let alone = now.count == self.before.map_or(0, |before| before.count) + 1;
        match self.before {
            None if alone => store::forget(tx, &self.counter),
            Some(before) if alone => store::keep(tx, &self.counter, before),
            _ => store::keep(tx, &self.counter, Failures { count: now.count - 1, ..now }),
        }
    }
}

/// From now on attempts at the account from there are counted by themselves.
pub(super) fn know(tx: &mut Tx<'_>, account: Id, address: &str) -> Result<()> {
    store::know(tx, account, &rules::network(address))
}

/// Throws away what nothing is decided by any more.
pub(super) fn prune(tx: &mut Tx<'_>) -> Result<()> {
    let longest = rules::ACCOUNT.memory().max(rules::NETWORK.memory());
    store::prune(tx, tx.now().plus(-longest), tx.now().plus(-KNOWN_FOR))
}
