//! What an event looks like to the chain, how one entry holds on to the one before, and what a broken place is called.

use std::fmt;

use super::Event;
use crate::error::{Code, codes};
use crate::id::Id;
use crate::keys::sha256_hex;
use crate::values::Value;

/// What is wrong at a broken place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// The event is not as it was written.
    Edited,
    /// The event is gone; its entry in the chain is still there.
    Deleted,
    /// The event stands outside the chain and is not as this program writes one.
    Inserted,
    /// The entry of the chain is not as it was written, or not at its place.
    Relinked,
    /// Entries of the chain are gone.
    Cut,
}

impl Breach {
    /// Its code, with the sentence that says what to do.
    pub const fn code(self) -> &'static Code {
        match self {
            Self::Edited => &codes::AUDIT_EDITED,
            Self::Deleted => &codes::AUDIT_DELETED,
            Self::Inserted => &codes::AUDIT_INSERTED,
            Self::Relinked => &codes::AUDIT_RELINKED,
            Self::Cut => &codes::AUDIT_CUT,
        }
    }
}

/// What the code of an event is made for.
pub(super) const EVENT: &str = "event";
/// What the code of an entry is made for.
pub(super) const ENTRY: &str = "entry";

/// How far the chain reaches: as long as it passes through this place, nothing before it was changed or removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry; 0 when there is none yet.
    pub sequence: i64,
    /// Its hash.
    pub hash: String,
}

impl Head {
    /// Reads `SEQUENCE:HASH`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let (sequence, hash) = text.trim().split_once(':').ok_or(&codes::AUDIT_HEAD)?;
        let sequence = sequence.parse().ok().filter(|sequence| *sequence > 0).ok_or(&codes::AUDIT_HEAD)?;
        let formed = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if formed { Ok(Self { sequence, hash: hash.to_ascii_lowercase() }) } else { Err(&codes::AUDIT_HEAD) }
    }

    /// The head once an event is behind it.
    pub(super) fn then(&self, event: &Event) -> Self {
        let mut bytes = Vec::with_capacity(1024);
        put(&mut bytes, self.hash.as_bytes());
        put(&mut bytes, &canonical(event));
        put(&mut bytes, event.mac.as_bytes());
        Self { sequence: self.sequence + 1, hash: sha256_hex(&bytes) }
    }
}

impl Value for Head {
    fn read(text: &str) -> Result<Self, &'static Code> {
        Self::parse(text)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.hash)
    }
}

/// Every column of an event but its code, each behind its length, so that no two events look the same.
pub(super) fn canonical(event: &Event) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    put(&mut bytes, &event.id.as_i64().to_be_bytes());
    put(&mut bytes, &event.at.micros().to_be_bytes());
    put_some(&mut bytes, event.province_code.as_ref().map(|province| province.as_str().as_bytes()));
    put_some(&mut bytes, number(event.account_id).as_ref().map(<[u8; 8]>::as_slice));
    put_some(&mut bytes, event.role.map(|role| role.as_str().as_bytes()));
    put(&mut bytes, event.action.as_bytes());
    put(&mut bytes, event.subject_kind.as_bytes());
    put(&mut bytes, &event.subject_id.as_i64().to_be_bytes());
    put(&mut bytes, event.request_id.as_bytes());
    put(&mut bytes, event.address.as_bytes());
    put(&mut bytes, event.detail.as_bytes());
    put(&mut bytes, event.scope.as_bytes());
    put(&mut bytes, event.device.as_bytes());
    put_some(&mut bytes, number(event.person_id).as_ref().map(<[u8; 8]>::as_slice));
    put_some(&mut bytes, event.reason.as_ref().map(String::as_bytes));
    put(&mut bytes, event.changes.as_bytes());
    bytes
}

/// What the code of an entry of the chain is made of.
pub(super) fn entry(event: i64, head: &Head) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(96);
    put(&mut bytes, &head.sequence.to_be_bytes());
    put(&mut bytes, &event.to_be_bytes());
    put(&mut bytes, head.hash.as_bytes());
    bytes
}

fn number(id: Option<Id>) -> Option<[u8; 8]> {
    id.map(|id| id.as_i64().to_be_bytes())
}

fn put(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.push(1);
    bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
    bytes.extend_from_slice(value);
}

fn put_some(bytes: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        Some(value) => put(bytes, value),
        None => bytes.push(0),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::DateTime;

    use super::*;
    use crate::access::Role;
    use crate::time::Instant;
    use crate::values::ProvinceCode;

    fn event() -> Event {
        let id = |number| Id::from_i64(number).unwrap();
        Event {
            id: id(1),
            at: Instant::new(DateTime::from_timestamp_micros(5).unwrap()),
            province_code: ProvinceCode::parse("18").ok(),
            account_id: Some(id(2)),
            role: Some(Role::EducationOffice),
            action: "class.created".to_owned(),
            subject_kind: "class".to_owned(),
            subject_id: id(3),
            request_id: "r".to_owned(),
            address: "a".to_owned(),
            detail: "{}".to_owned(),
            scope: "province 18".to_owned(),
            device: "d".to_owned(),
            person_id: Some(id(4)),
            reason: Some("why".to_owned()),
            changes: "{}".to_owned(),
            mac: "m".to_owned(),
        }
    }

    #[test]
    fn every_column_counts() {
        type Edit = fn(&mut Event);
        let edits: [Edit; 17] = [
            |_| {},
            |event| event.id = Id::from_i64(9).unwrap(),
            |event| event.at = event.at.plus(chrono::Duration::microseconds(1)),
            |event| event.province_code = None,
            |event| event.account_id = None,
            |event| event.role = None,
            |event| event.action.push('x'),
            |event| event.subject_kind.push('x'),
            |event| event.subject_id = Id::from_i64(9).unwrap(),
            |event| event.request_id.push('x'),
            |event| event.address.push('x'),
            |event| event.detail.push('x'),
            |event| event.scope.push('x'),
            |event| event.device.push('x'),
            |event| event.person_id = None,
            |event| event.reason = Some(String::new()),
            |event| event.changes.push('x'),
        ];
        let seen: HashSet<Vec<u8>> = edits
            .iter()
            .map(|edit| {
                let mut event = event();
                edit(&mut event);
                canonical(&event)
            })
            .collect();
        assert_eq!(seen.len(), edits.len());
    }

    #[test]
    fn a_letter_does_not_wander_from_one_column_to_the_next() {
        let (mut one, mut other) = (event(), event());
        (one.action, one.subject_kind) = ("ab".to_owned(), "c".to_owned());
        (other.action, other.subject_kind) = ("a".to_owned(), "bc".to_owned());
        assert_ne!(canonical(&one), canonical(&other));
        (one.reason, other.reason) = (None, Some(String::new()));
        (one.action, one.subject_kind) = (other.action.clone(), other.subject_kind.clone());
        assert_ne!(canonical(&one), canonical(&other));
    }

    #[test]
    fn a_head_depends_on_everything_behind_it() {
        let start = Head::default();
        let one = start.then(&event());
        assert_eq!(one.sequence, 1);
        let other = start.then(&Event { mac: String::new(), ..event() });
        assert_ne!(one.hash, other.hash);
        assert_ne!(one.then(&event()).hash, other.then(&event()).hash);
        assert_eq!(Head::parse(&one.to_string()), Ok(one.clone()));
        let hash = &one.hash;
        for wrong in ["", "1", "1:", "x:y", "0:", &format!("0:{hash}"), &format!("-1:{hash}"), &format!("1:{hash}0")] {
            assert_eq!(Head::parse(wrong), Err(&codes::AUDIT_HEAD), "{wrong}");
        }
    }
}
