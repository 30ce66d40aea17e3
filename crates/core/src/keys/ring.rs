//! The ring: every master secret that may still be needed, as a file or an environment variable holds it.
//!
//! ```text
//! # vokasi keys: id, in force from, secret
//! k1 2026-07-21T01:00:00Z dGhlIGZpcnN0IHNlY3JldCBvZiB0aGlzIHNjaG9vbA
//! k2 2026-11-21T01:01:00Z dGhlIHNlY29uZCBzZWNyZXQgb2YgdGhlIHNjaG9vbA
//! ```
//!
//! A secret is known before it is in force, so that every process can open what the first of them seals with it.
//! What does not begin with that first line is one single secret, as it stands there.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};

use super::{Key, Keys};
use crate::entropy::Entropy;
use crate::error::{Error, Result, codes};
use crate::time::Instant;

/// The id of an installation's first secret.
pub const FIRST: &str = "k1";

/// How long it takes at most until every process knows a new secret, and again until each of them uses it.
pub const SETTLING: Duration = Duration::seconds(60);

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

/// Master secrets, oldest first; there is always one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring(Vec<MasterSecret>);

impl Ring {
    /// A ring of one new secret that is in force from now on.
    pub fn new(now: Instant, entropy: &Entropy) -> Self {
        Self(vec![MasterSecret { id: FIRST.to_owned(), from: now, secret: entropy.bytes::<32>().to_vec() }])
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
                Self(vec![MasterSecret { id: FIRST.to_owned(), from, secret: text.trim_ascii_end().to_vec() }])
            }
        };
        if ring.0.iter().any(|one| one.secret.len() < 32) {
            return Err(Error::new(&codes::KEYS_TOO_SHORT));
        }
        Ok(ring)
    }

    fn parse_lines(text: &str) -> Result<Self> {
        let mut ring: Vec<MasterSecret> = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let one = parse_line(line).filter(|one| {
                ring.last().is_none_or(|before| before.from <= one.from && number_of(&before.id) < number_of(&one.id))
            });
            ring.push(one.ok_or_else(|| unreadable(number + 1))?);
        }
        if ring.is_empty() { Err(unreadable(1)) } else { Ok(Self(ring)) }
    }

    /// The ring as [`Ring::parse`] reads it.
    pub fn text(&self) -> String {
        let mut text = format!("{TITLE}\n");
        for one in &self.0 {
            let _ = writeln!(text, "{} {} {}", one.id, one.from, URL_SAFE_NO_PAD.encode(&one.secret));
        }
        text
    }

    /// Its secrets, oldest first.
    pub fn secrets(&self) -> &[MasterSecret] {
        &self.0
    }

    /// Adds a new secret that is in force from an instant on, and gives its id.
    pub fn add(&mut self, from: Instant, entropy: &Entropy) -> String {
        let from = self.0.iter().map(|one| one.from).fold(from, Instant::max);
        let highest = self.0.iter().filter_map(|one| number_of(&one.id)).max().unwrap_or_default();
        let id = format!("k{}", highest + 1);
        self.0.push(MasterSecret { id: id.clone(), from, secret: entropy.bytes::<32>().to_vec() });
        id
    }

    /// Takes a secret away; what is sealed with it is lost.
    ///
    /// # Errors
    /// `keys.unknown`; `keys.newest` for the last one, which is the one in use or about to be.
    pub fn retire(&mut self, id: &str) -> Result<()> {
        let at = self.0.iter().position(|one| one.id == id);
        let at = at.ok_or_else(|| Error::new(&codes::KEYS_UNKNOWN).fact("key", id))?;
        if at + 1 == self.0.len() {
            return Err(Error::new(&codes::KEYS_NEWEST).fact("key", id));
        }
        self.0.remove(at);
        Ok(())
    }

    /// From when on every process has been using the newest secret for everything new.
    pub fn settled_at(&self) -> Instant {
        self.0.iter().map(|one| one.from.plus(SETTLING)).fold(Instant::new(DateTime::<Utc>::default()), Instant::max)
    }

    /// The keys derived from it, as they are used at this moment.
    pub fn keys(&self, now: Instant) -> Result<Keys> {
        let newest = self.0.iter().rposition(|one| one.from <= now).unwrap_or_default();
        let derive = |one: &MasterSecret| Key::derive(&one.id, &one.secret);
        let others = self.0.iter().enumerate().filter(|(at, _)| *at != newest);
        Ok(Keys {
            newest: self.0.get(newest).ok_or_else(|| unreadable(1)).and_then(derive)?,
            others: others.rev().map(|(_, one)| derive(one)).collect::<Result<_>>()?,
        })
    }
}

fn parse_line(line: &str) -> Option<MasterSecret> {
    let mut parts = line.split_ascii_whitespace();
    let (id, from, secret) = (parts.next()?, parts.next()?, parts.next()?);
    number_of(id)?;
    Some(MasterSecret {
        id: id.to_owned(),
        from: Instant::new(from.parse::<DateTime<Utc>>().ok()?),
        secret: URL_SAFE_NO_PAD.decode(secret).ok()?,
    })
    .filter(|_| parts.next().is_none())
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
        ] {
            let error = Ring::parse(format!("{good}\n# a word\n{wrong}\n").as_bytes()).unwrap_err();
            assert!(error.is(&codes::KEYS_RING_UNREADABLE), "{wrong}");
            assert_eq!(error.facts[0].value, "5", "{wrong}");
        }
        assert!(Ring::parse(TITLE.as_bytes()).unwrap_err().is(&codes::KEYS_RING_UNREADABLE));
    }
}
