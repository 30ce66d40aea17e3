//! The ring: every master secret that may still be needed, as a file or an environment variable holds it.
//!
//! ```text
//! # vokasi keys: id, in force from, secret
//! k1 retired 2026-07-21T01:02:00Z dGhlIGtleSBvZiB0aGUgYXVkaXQgb2YgdGhvc2UgZGF5cw
//! k2 2026-07-21T01:01:00Z dGhlIHNlY29uZCBzZWNyZXQgb2YgdGhlIHNjaG9vbA
//! k3 2026-11-21T01:01:00Z dGhlIHRoaXJkIHNlY3JldCBvZiB0aGlzIHNjaG9vbC4
//! ```
//!
//! A secret is known before it is in force, so that every process can open what the first of them seals with it.
//! Of a retired one the key of the audit stays, with the moment until which it was used: what was recorded in its time
//! can still be checked. It opens nothing and signs nothing.
//! What does not begin with that first line is one single secret, as it stands there.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};

use super::{Key, Keys, PastAudit};
use crate::entropy::Entropy;
use crate::error::{Error, Result, codes};
use crate::time::Instant;

/// The id of an installation's first secret.
pub const FIRST: &str = "k1";

/// How long it takes at most until every process knows a new secret, and again until each of them uses it.
pub const SETTLING: Duration = Duration::seconds(60);

/// What stands in place of the moment in the line of a retired secret.
const RETIRED: &str = "retired";

const TITLE: &str = "# vokasi keys: id, in force from, secret";

/// Where master secrets come from: a file, the environment, one day a key service.
pub trait KeySource: Send + Sync {
    /// The ring as it is at this moment; it is asked for again and again.
    fn ring(&self) -> Result<Ring>;
}

/// One master secret.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterSecret {
    /// Its short name, e.g. `k2`; never used again for another.
    pub id: String,
    /// When it begins to seal, hash and sign.
    pub from: Instant,
    secret: Vec<u8>,
}

impl fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterSecret({} from {})", self.id, self.from)
    }
}

/// What is kept of a secret that was taken away.
#[derive(Clone, PartialEq, Eq)]
pub struct RetiredSecret {
    /// Its short name.
    pub id: String,
    /// When the last process stopped using it.
    pub until: Instant,
    audit: [u8; 32],
}

impl fmt::Debug for RetiredSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RetiredSecret({} until {})", self.id, self.until)
    }
}

/// Master secrets, oldest first; there is always one. Beside them what is left of those that were taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    secrets: Vec<MasterSecret>,
    retired: Vec<RetiredSecret>,
}

impl Ring {
    /// A ring of one new secret that is in force from now on.
    pub fn new(now: Instant, entropy: &Entropy) -> Self {
        Self::of(MasterSecret { id: FIRST.to_owned(), from: now, secret: entropy.bytes::<32>().to_vec() })
    }

    fn of(first: MasterSecret) -> Self {
        Self { secrets: vec![first], retired: Vec::new() }
    }

    /// Reads a ring, or one single secret.
    ///
    /// # Errors
    /// `keys.ring_unreadable` with the line; `keys.too_short`.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let ring = match std::str::from_utf8(text) {
            Ok(text) if text.starts_with(TITLE) => Self::parse_lines(text)?,
            _ => {
                let from = Instant::new(DateTime::<Utc>::default());
                Self::of(MasterSecret { id: FIRST.to_owned(), from, secret: text.trim_ascii_end().to_vec() })
            }
        };
        if ring.secrets.iter().any(|one| one.secret.len() < 32) {
            return Err(Error::new(&codes::KEYS_TOO_SHORT));
        }
        Ok(ring)
    }

    fn parse_lines(text: &str) -> Result<Self> {
        let mut ring = Self { secrets: Vec::new(), retired: Vec::new() };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            match parse_line(line) {
                Some(Line::Secret(one)) if ring.may_follow(&one) => ring.secrets.push(one),
                Some(Line::Retired(one)) if !ring.names().any(|id| id == one.id) => ring.retired.push(one),
                _ => return Err(unreadable(number + 1)),
            }
        }
        if ring.secrets.is_empty() { Err(unreadable(1)) } else { Ok(ring) }
    }

    fn may_follow(&self, one: &MasterSecret) -> bool {
        let last = self.secrets.last();
        last.is_none_or(|before| before.from <= one.from && number_of(&before.id) < number_of(&one.id))
            && !self.names().any(|id| id == one.id)
    }

    /// Every name that was given.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|one| one.id.as_str()).chain(self.retired.iter().map(|one| one.id.as_str()))
    }

    /// The ring as [`Ring::parse`] reads it.
    pub fn text(&self) -> String {
        let mut text = format!("{TITLE}\n");
        for one in &self.retired {
            let _ = writeln!(text, "{} {RETIRED} {} {}", one.id, one.until, URL_SAFE_NO_PAD.encode(one.audit));
        }
        for one in &self.secrets {
            let _ = writeln!(text, "{} {} {}", one.id, one.from, URL_SAFE_NO_PAD.encode(&one.secret));
        }
        text
    }

    /// Its secrets, oldest first.
    pub fn secrets(&self) -> &[MasterSecret] {
        &self.secrets
    }

    /// Those that were taken away, in the order in which that was done.
    pub fn retired(&self) -> &[RetiredSecret] {
        &self.retired
    }

    /// Adds a new secret that is in force from an instant on, and gives its id.
    pub fn add(&mut self, from: Instant, entropy: &Entropy) -> String {
        let from = self.secrets.iter().map(|one| one.from).fold(from, Instant::max);
        let highest = self.names().filter_map(number_of).max().unwrap_or_default();
        let id = format!("k{}", highest + 1);
        self.secrets.push(MasterSecret { id: id.clone(), from, secret: entropy.bytes::<32>().to_vec() });
        id
    }

    /// Takes a secret away; what is sealed with it is lost. The key of its audit stays.
    ///
    /// # Errors
    /// `keys.unknown`; `keys.newest` for the last one, which is the one in use or about to be.
    pub fn retire(&mut self, id: &str) -> Result<()> {
        let at = self.secrets.iter().position(|one| one.id == id);
        let at = at.ok_or_else(|| Error::new(&codes::KEYS_UNKNOWN).fact("key", id))?;
        let next = self.secrets.get(at + 1).ok_or_else(|| Error::new(&codes::KEYS_NEWEST).fact("key", id))?;
        let until = next.from.plus(SETTLING);
        let one = &self.secrets[at];
        let audit = Key::audit_of(&one.secret)?;
        self.retired.push(RetiredSecret { id: one.id.clone(), until, audit });
        self.secrets.remove(at);
        Ok(())
    }

    /// From when on every process has been using the newest secret for everything new.
    pub fn settled_at(&self) -> Instant {
        let settled = self.secrets.iter().map(|one| one.from.plus(SETTLING));
        settled.fold(Instant::new(DateTime::<Utc>::default()), Instant::max)
    }

    /// The keys derived from it, as they are used at this moment.
    pub fn keys(&self, now: Instant) -> Result<Keys> {
        let newest = self.secrets.iter().rposition(|one| one.from <= now).unwrap_or_default();
        let derive = |one: &MasterSecret| Key::derive(&one.id, &one.secret);
        let others = self.secrets.iter().enumerate().filter(|(at, _)| *at != newest);
        Ok(Keys {
            newest: self.secrets.get(newest).ok_or_else(|| unreadable(1)).and_then(derive)?,
            others: others.rev().map(|(_, one)| derive(one)).collect::<Result<_>>()?,
            past: self.retired.iter().map(|one| PastAudit::new(&one.audit, one.until)).collect(),
        })
    }
}

/// What a line of the file says.
enum Line {
    Secret(MasterSecret),
    Retired(RetiredSecret),
}

fn parse_line(line: &str) -> Option<Line> {
    let instant = |text: &str| text.parse::<DateTime<Utc>>().ok().map(Instant::new);
    let id = |text: &str| number_of(text).map(|_| text.to_owned());
    match line.split_ascii_whitespace().collect::<Vec<_>>()[..] {
        [name, RETIRED, until, audit] => {
            let audit = URL_SAFE_NO_PAD.decode(audit).ok()?.try_into().ok()?;
            Some(Line::Retired(RetiredSecret { id: id(name)?, until: instant(until)?, audit }))
        }
        [name, from, secret] => {
            let secret = URL_SAFE_NO_PAD.decode(secret).ok()?;
            Some(Line::Secret(MasterSecret { id: id(name)?, from: instant(from)?, secret }))
        }
        _ => None,
    }
}

/// 2 of `k2`.
fn number_of(id: &str) -> Option<u32> {
    let number: u32 = id.strip_prefix('k')?.parse().ok()?;
    (number > 0 && id == format!("k{number}")).then_some(number)
}

fn unreadable(line: usize) -> Error {
    Error::new(&codes::KEYS_RING_UNREADABLE).fact("line", line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds * 1_000_000).unwrap()
    }

    #[test]
    fn one_single_secret_is_a_ring() {
        let secret = b"any bytes at all, \xff too, as long as they are 32\n";
        let ring = Ring::parse(secret).unwrap();
        let entropy = Entropy::seeded(1);
        let sealed = Keys::derive(secret.trim_ascii_end()).unwrap().seal("nik", b"1807", &entropy).unwrap();
        assert_eq!(ring.keys(at(0)).unwrap().open("nik", &sealed).unwrap(), b"1807");
        // Written as a ring it is the same secret still.
        let again = Ring::parse(ring.text().as_bytes()).unwrap();
        assert_eq!(again, ring);
        assert!(Ring::parse(b"short").unwrap_err().is(&codes::KEYS_TOO_SHORT));
        assert!(!format!("{ring:?}").contains("any bytes"));
    }

    #[test]
    fn a_new_secret_is_known_before_it_is_used() {
        let entropy = Entropy::seeded(1);
        let mut ring = Ring::new(at(100), &entropy);
        assert_eq!(ring.add(at(200), &entropy), "k2");
        let (before, after) = (ring.keys(at(199)).unwrap(), ring.keys(at(200)).unwrap());
        assert_eq!((before.newest(), after.newest()), ("k1", "k2"));
        let old = before.seal("nik", b"1807", &entropy).unwrap();
        let new = after.seal("nik", b"1807", &entropy).unwrap();
        assert!(old.starts_with("1.k1.") && new.starts_with("1.k2."));
        assert_eq!(before.open("nik", &new).unwrap(), after.open("nik", &old).unwrap());
        assert_eq!(before.search_hashes("nik", "1807")[0], before.search_hash("nik", "1807"));
        assert_eq!(before.search_hashes("nik", "1807")[1], after.search_hash("nik", "1807"));
        assert_ne!(before.token_key(), after.token_key());
        assert_eq!(before.token_key_of("k2"), Some(after.token_key()));
        assert_eq!(before.token_key_of("k3"), None);
        assert_eq!(ring.settled_at(), at(260));
    }

    #[test]
    fn a_retired_secret_opens_nothing_and_its_name_is_not_used_again() {
        let entropy = Entropy::seeded(1);
        let mut ring = Ring::new(at(100), &entropy);
        let sealed = ring.keys(at(100)).unwrap().seal("nik", b"1807", &entropy).unwrap();
        assert!(ring.retire("k1").unwrap_err().is(&codes::KEYS_NEWEST));
        ring.add(at(200), &entropy);
        assert!(ring.retire("k7").unwrap_err().is(&codes::KEYS_UNKNOWN));
        ring.retire("k1").unwrap();
        let keys = ring.keys(at(300)).unwrap();
        assert!(!keys.are_several());
        for text in [sealed.as_str(), sealed.rsplit_once('.').unwrap().1] {
            assert!(keys.open("nik", text).unwrap_err().is(&codes::KEYS_WRONG));
        }
        assert_eq!(ring.add(at(150), &entropy), "k3");
        // Never in force before the one it follows.
        assert_eq!(ring.secrets()[1].from, at(200));
    }

    #[test]
    fn the_audit_of_a_retired_secret_can_still_be_checked() {
        let entropy = Entropy::seeded(1);
        let mut ring = Ring::new(at(100), &entropy);
        let before = ring.keys(at(100)).unwrap();
        let (code, sealed) = (before.attest("event", b"seated"), before.seal("nik", b"1807", &entropy).unwrap());
        ring.add(at(200), &entropy);
        ring.retire("k1").unwrap();
        let text = ring.text();
        let second = text.lines().nth(1).unwrap();
        assert!(
            second.starts_with("k1 retired 1970-01-01T00:04:20Z "),
            "a minute after the next was in force: {second}"
        );
        let ring = Ring::parse(text.as_bytes()).unwrap();
        assert_eq!((ring.text(), ring.retired()[0].id.as_str(), ring.secrets().len()), (text.clone(), "k1", 1));
        let keys = ring.keys(at(300)).unwrap();
        assert!(keys.attested("event", b"seated", &code, at(150)) && keys.attested("event", b"seated", &code, at(260)));
        // It makes nothing of a later day true, and opens and signs nothing.
        assert!(!keys.attested("event", b"seated", &code, at(261)));
        assert!(!keys.attested("event", b"seatec", &code, at(150)));
        assert_ne!(keys.attest("event", b"seated"), code);
        assert!(keys.open("nik", &sealed).is_err() && keys.token_key_of("k1").is_none() && !keys.are_several());
        assert_eq!(keys.search_hashes("nik", "1807").len(), 1);
        // Nobody tells the secret from what is left of it.
        let secret = URL_SAFE_NO_PAD.encode(&Ring::new(at(100), &Entropy::seeded(1)).secrets()[0].secret);
        assert!(!text.contains(&secret) && !format!("{ring:?}").contains(&text[40..60]));
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let good = Ring::new(at(100), &Entropy::seeded(1)).text();
        let line = good.lines().nth(1).unwrap();
        for wrong in [
            "k2".to_owned(),
            "k2 tomorrow AAAA".to_owned(),
            format!("{line} more"),
            line.replace("k1", "2"),
            line.replace("k1", "k02"),
            line.replace("k1", "k0"),
            line.to_owned(),
            line.replace("k1", "k2").replace("1970", "1969"),
            format!("{}!", line.replace("k1", "k2")),
            "k2 retired 1970-01-01T00:04:20Z".to_owned(),
            "k2 retired 1970-01-01T00:04:20Z AAAA".to_owned(),
            format!("k1 retired 1970-01-01T00:04:20Z {}", "A".repeat(43)),
            format!("k2 gone 1970-01-01T00:04:20Z {}", "A".repeat(43)),
        ] {
            let error = Ring::parse(format!("{good}\n# a word\n{wrong}\n").as_bytes()).unwrap_err();
            assert!(error.is(&codes::KEYS_RING_UNREADABLE), "{wrong}");
            assert_eq!(error.facts[0].value, "5", "{wrong}");
        }
        assert!(Ring::parse(TITLE.as_bytes()).unwrap_err().is(&codes::KEYS_RING_UNREADABLE));
    }
}
