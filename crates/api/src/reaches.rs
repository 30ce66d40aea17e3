//! How far callers reached the last time they asked.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use vokasi_core::access::{Actor, Credential};
use vokasi_core::db::Reach;
use vokasi_core::id::Id;

/// More accounts than ask within a day; forgetting them costs each a statement once.
const MOST: usize = 10_000;

/// A guess for the next request, which is put right by what the database says of the account.
#[derive(Default)]
pub(crate) struct Reaches(Mutex<HashMap<Id, Reach>>);

impl Reaches {
    pub(crate) fn last(&self, credential: &Credential) -> Reach {
        let Credential::Login(claims) = credential else { return Reach::NOTHING };
        let reaches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reaches.get(&claims.account).cloned().unwrap_or(Reach::NOTHING)
    }

    pub(crate) fn note(&self, credential: &Credential, actor: &Actor) {
        let Credential::Login(claims) = credential else { return };
        let (account, reach) = (claims.account, actor.reach());
        let mut reaches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reaches.get(&account) == Some(&reach) {
            return;
        }
        if reaches.len() >= MOST {
            reaches.clear();
        }
        reaches.insert(account, reach);
    }
}
