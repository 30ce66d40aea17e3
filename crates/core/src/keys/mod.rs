//! The keys of an installation: master secrets outside the database, one derived key of each per use.
//!
//! The newest secret seals, hashes and signs; older ones still open and verify. A sealed value names the secret it was
//! sealed with: `1.k2.…`, where 1 is the form of the rest. Values from before that carry no name belong to [`FIRST`].

mod ring;
mod signing;

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use ring::{FIRST, KeySource, MasterSecret, RetiredSecret, Ring, SETTLING};
pub use signing::{PublicKey, SigningKey};

use crate::entropy::Entropy;
use crate::error::{Error, Result, codes};
use crate::time::Instant;

/// The form of a sealed value.
const FORM: &str = "1";

/// Keys for sealing, for searching by keyed hash, for signing tokens, and for attesting the audit.
pub struct Keys {
    newest: Key,
    /// Those that are no longer, or not yet, used for anything new.
    others: Vec<Key>,
    /// What is left of those that were taken away.
    past: Vec<PastAudit>,
}

/// The key of the audit of a secret that was taken away, and until when it made codes.
struct PastAudit {
    key: hmac::Key,
    until: Instant,
}

impl PastAudit {
    fn new(key: &[u8; 32], until: Instant) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), until }
    }
}

/// What is derived from one master secret.
struct Key {
    id: String,
    seal: LessSafeKey,
    search: hmac::Key,
    tokens: [u8; 32],
    audit: hmac::Key,
}

impl Key {
    /// Derives every key from the master secret of at least 32 bytes (HKDF-SHA256).
    fn derive(id: &str, secret: &[u8]) -> Result<Self> {
        if secret.len() < 32 {
            return Err(Error::new(&codes::KEYS_TOO_SHORT));
        }
        let root = root(secret);
        let seal = UnboundKey::new(&AES_256_GCM, &expand(&root, b"seal")?).map_err(|_| failed("seal key"))?;
        Ok(Self {
            id: id.to_owned(),
            seal: LessSafeKey::new(seal),
            search: hmac::Key::new(hmac::HMAC_SHA256, &expand(&root, b"search")?),
            tokens: expand(&root, b"tokens")?,
            audit: hmac::Key::new(hmac::HMAC_SHA256, &expand(&root, b"audit")?),
        })
    }

    /// The key of the audit that is derived from a master secret.
    fn audit_of(secret: &[u8]) -> Result<[u8; 32]> {
        expand(&root(secret), b"audit")
    }

    fn search_hash(&self, what: &str, plain: &str) -> String {
        let mut context = hmac::Context::with_key(&self.search);
        context.update(what.as_bytes());
        context.update(&[0]);
        context.update(plain.as_bytes());
        URL_SAFE_NO_PAD.encode(context.sign())
    }
}

impl Keys {
    /// The keys of a single master secret of at least 32 bytes.
    ///
    /// # Errors
    /// `keys.too_short`.
    pub fn derive(secret: &[u8]) -> Result<Self> {
        Ok(Self { newest: Key::derive(FIRST, secret)?, others: Vec::new(), past: Vec::new() })
    }

    /// Encrypts a value for a column (AES-256-GCM, random nonce), bound to what it is, e.g. `nik`.
    pub fn seal(&self, what: &str, plain: &[u8], entropy: &Entropy) -> Result<String> {
        let nonce: [u8; NONCE_LEN] = entropy.bytes();
        let key = &self.newest;
        // What an import keeps is megabytes: one copy of it is sealed, and one is the text.
        let mut whole = Vec::with_capacity(NONCE_LEN + plain.len() + key.seal.algorithm().tag_len());
        whole.extend_from_slice(&nonce);
        whole.extend_from_slice(plain);
        let (_, body) = whole.split_at_mut(NONCE_LEN);
        let tag = key
            .seal
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(what), body)
            .map_err(|_| failed("seal"))?;
        whole.extend_from_slice(tag.as_ref());
        let mut text = prefix(&key.id);
        URL_SAFE_NO_PAD.encode_string(whole, &mut text);
        Ok(text)
    }

    /// Opens what [`Keys::seal`] made for the same purpose with any of the secrets.
    ///
    /// # Errors
    /// `keys.wrong` when the text was sealed with a secret that is not here, or for another purpose.
    pub fn open(&self, what: &str, sealed: &str) -> Result<Vec<u8>> {
        let wrong = || Error::new(&codes::KEYS_WRONG);
        let (id, text) = match sealed.split_once('.') {
            None => (FIRST, sealed),
            Some((FORM, rest)) => rest.split_once('.').ok_or_else(wrong)?,
            Some(_) => return Err(wrong()),
        };
        let key = self.all().find(|key| key.id == id).ok_or_else(wrong)?;
        let mut whole = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let (nonce, body) = whole.split_at_mut_checked(NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let length = key.seal.open_in_place(nonce, Aad::from(what), body).map_err(|_| wrong())?.len();
        whole.drain(..NONCE_LEN);
        whole.truncate(length);
        Ok(whole)
    }

    /// A keyed hash for finding a sealed value again (HMAC-SHA256).
    pub fn search_hash(&self, what: &str, plain: &str) -> String {
        self.newest.search_hash(what, plain)
    }

    /// The same under every secret, the newest first: what was hashed before a rotation is found too.
    pub fn search_hashes(&self, what: &str, plain: &str) -> Vec<String> {
        self.all().map(|key| key.search_hash(what, plain)).collect()
    }

    /// The id of the secret that seals, hashes and signs.
    pub fn newest(&self) -> &str {
        &self.newest.id
    }

    /// Whether values of another secret may still be about.
    pub fn are_several(&self) -> bool {
        !self.others.is_empty()
    }

    /// A code that shows later that these bytes were written by us (HMAC-SHA256), bound to what they are, e.g. `event`.
    pub fn attest(&self, what: &str, bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.newest.audit, &named(what, bytes)))
    }

    /// Whether the code is what [`Keys::attest`] made of the same bytes under any of the secrets. Those that were taken
    /// away count for what happened in their time.
    pub fn attested(&self, what: &str, bytes: &[u8], code: &str, happened: Instant) -> bool {
        let bytes = named(what, bytes);
        let past = self.past.iter().filter(|past| happened <= past.until).map(|past| &past.key);
        let keys = || self.all().map(|key| &key.audit).chain(past.clone());
        let ours = |code: &[u8]| keys().any(|key| hmac::verify(key, &bytes, code).is_ok());
        URL_SAFE_NO_PAD.decode(code).is_ok_and(|code| ours(&code))
    }

    /// The key that signs access tokens.
    pub fn token_key(&self) -> &[u8; 32] {
        &self.newest.tokens
    }

    /// The key that signed access tokens with this id, if it is one of ours.
    pub fn token_key_of(&self, id: &str) -> Option<&[u8; 32]> {
        self.all().find(|key| key.id == id).map(|key| &key.tokens)
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.newest).chain(&self.others)
    }
}

/// What a value begins with that was sealed with this secret.
pub(crate) fn prefix(id: &str) -> String {
    format!("{FORM}.{id}.")
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// SHA-256 in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    sha256(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// SHA-256 in Base64, as a content policy names a style it allows.
pub fn sha256_base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(digest::digest(&digest::SHA256, bytes))
}

/// A fresh secret of 256 random bits for a link or a token, as it is sent, and the hash that is stored.
pub fn one_time_secret(entropy: &Entropy) -> (String, String) {
    let secret = URL_SAFE_NO_PAD.encode(entropy.bytes::<32>());
    let hash = sha256_hex(secret.as_bytes());
    (secret, hash)
}

/// What something is and its bytes, so that a code for one thing is none for another.
fn named(what: &str, bytes: &[u8]) -> Vec<u8> {
    [what.as_bytes(), &[0], bytes].concat()
}

fn root(secret: &[u8]) -> hkdf::Prk {
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"vokasi").extract(secret)
}

fn expand(root: &hkdf::Prk, use_for: &[u8]) -> Result<[u8; 32]> {
    let info = [use_for];
    let mut key = [0; 32];
    root.expand(&info, hkdf::HKDF_SHA256).and_then(|material| material.fill(&mut key)).map_err(|_| failed("derive"))?;
    Ok(key)
}

fn failed(step: &str) -> Error {
    Error::storage(format!("cryptography: {step}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_opens_only_with_its_key_and_purpose() {
        let entropy = Entropy::seeded(1);
        let keys = Keys::derive(&[7; 32]).unwrap();
        let other = Keys::derive(&[8; 32]).unwrap();
        let sealed = keys.seal("nik", b"1807", &entropy).unwrap();
        assert_eq!(keys.open("nik", &sealed).unwrap(), b"1807");
        for refused in
            [keys.open("phone", &sealed), other.open("nik", &sealed), keys.open("nik", "AAAA"), keys.open("nik", "!")]
        {
            assert!(refused.unwrap_err().is(&codes::KEYS_WRONG));
        }
        assert_ne!(sealed, keys.seal("nik", b"1807", &entropy).unwrap());
    }

    #[test]
    fn a_code_holds_only_for_its_bytes_key_and_purpose() {
        let keys = Keys::derive(&[7; 32]).unwrap();
        let other = Keys::derive(&[8; 32]).unwrap();
        let now = Instant::from_micros(1).unwrap();
        let code = keys.attest("event", b"seated");
        assert!(keys.attested("event", b"seated", &code, now));
        assert!(!keys.attested("event", b"seatec", &code, now));
        assert!(!keys.attested("chain", b"seated", &code, now));
        assert!(!other.attested("event", b"seated", &code, now));
        for wrong in ["", "!", &code[1..]] {
            assert!(!keys.attested("event", b"seated", wrong, now), "{wrong}");
        }
    }

    #[test]
    fn a_master_secret_is_long() {
        assert!(Keys::derive(&[7; 31]).unwrap_err().is(&codes::KEYS_TOO_SHORT));
        assert!(Keys::derive(&[7; 32]).is_ok());
    }

    #[test]
    fn a_sealed_value_names_its_secret() {
        let entropy = Entropy::seeded(1);
        let keys = Keys::derive(&[7; 32]).unwrap();
        let sealed = keys.seal("nik", b"1807", &entropy).unwrap();
        let bare = sealed.strip_prefix("1.k1.").expect("the form and the secret");
        assert_eq!(keys.open("nik", bare).unwrap(), b"1807", "values from before the ring carry no name");
        for wrong in [format!("2.k1.{bare}"), format!("1.k2.{bare}"), format!("1.{bare}"), format!("1.k1.{bare}A")] {
            assert!(keys.open("nik", &wrong).unwrap_err().is(&codes::KEYS_WRONG), "{wrong}");
        }
    }
}
