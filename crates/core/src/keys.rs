//! The keys of an installation: one master secret outside the database, one derived key per use.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::entropy::Entropy;
use crate::error::{Error, Result, codes};

/// Keys for sealing, for searching by keyed hash, for signing tokens, and for attesting the audit.
pub struct Keys {
    seal: LessSafeKey,
    search: hmac::Key,
    tokens: [u8; 32],
    audit: hmac::Key,
}

impl Keys {
    /// Derives every key from the master secret of at least 32 bytes (HKDF-SHA256).
    ///
    /// # Errors
    /// `keys.too_short`.
    pub fn derive(secret: &[u8]) -> Result<Self> {
        if secret.len() < 32 {
            return Err(Error::new(&codes::KEYS_TOO_SHORT));
        }
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"vokasi").extract(secret);
        let seal = UnboundKey::new(&AES_256_GCM, &expand(&root, b"seal")?).map_err(|_| failed("seal key"))?;
        Ok(Self {
            seal: LessSafeKey::new(seal),
            search: hmac::Key::new(hmac::HMAC_SHA256, &expand(&root, b"search")?),
            tokens: expand(&root, b"tokens")?,
            audit: hmac::Key::new(hmac::HMAC_SHA256, &expand(&root, b"audit")?),
        })
    }

    /// Encrypts a value for a column (AES-256-GCM, random nonce), bound to what it is, e.g. `nik`.
    pub fn seal(&self, what: &str, plain: &[u8], entropy: &Entropy) -> Result<String> {
        let nonce: [u8; NONCE_LEN] = entropy.bytes();
        let mut sealed = plain.to_vec();
        self.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(what), &mut sealed)
            .map_err(|_| failed("seal"))?;
        let mut whole = nonce.to_vec();
        whole.append(&mut sealed);
        Ok(URL_SAFE_NO_PAD.encode(whole))
    }

    /// Opens what [`Keys::seal`] made for the same purpose.
    ///
    /// # Errors
    /// `keys.wrong` when the text was sealed with another key or for another purpose.
    pub fn open(&self, what: &str, sealed: &str) -> Result<Vec<u8>> {
        let wrong = || Error::new(&codes::KEYS_WRONG);
        let mut whole = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| wrong())?;
        if whole.len() < NONCE_LEN {
            return Err(wrong());
        }
        let mut body = whole.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&whole).map_err(|_| wrong())?;
        let plain = self.seal.open_in_place(nonce, Aad::from(what), &mut body).map_err(|_| wrong())?;
        Ok(plain.to_vec())
    }

    /// A keyed hash for finding a sealed value again (HMAC-SHA256).
    pub fn search_hash(&self, what: &str, plain: &str) -> String {
        let mut context = hmac::Context::with_key(&self.search);
        context.update(what.as_bytes());
        context.update(&[0]);
        context.update(plain.as_bytes());
        URL_SAFE_NO_PAD.encode(context.sign())
    }

    /// A code that shows later that these bytes were written by us (HMAC-SHA256), bound to what they are, e.g. `event`.
    pub fn attest(&self, what: &str, bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.audit, &named(what, bytes)))
    }

    /// Whether the code is what [`Keys::attest`] made of the same bytes.
    pub fn attested(&self, what: &str, bytes: &[u8], code: &str) -> bool {
        URL_SAFE_NO_PAD.decode(code).is_ok_and(|code| hmac::verify(&self.audit, &named(what, bytes), &code).is_ok())
    }

    /// The key that signs access tokens.
    pub fn token_key(&self) -> &[u8; 32] {
        &self.tokens
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// SHA-256 in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    digest::digest(&digest::SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
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
        let code = keys.attest("event", b"seated");
        assert!(keys.attested("event", b"seated", &code));
        assert!(!keys.attested("event", b"seatec", &code));
        assert!(!keys.attested("chain", b"seated", &code));
        assert!(!other.attested("event", b"seated", &code));
        for wrong in ["", "!", &code[1..]] {
            assert!(!keys.attested("event", b"seated", wrong), "{wrong}");
        }
    }

    #[test]
    fn a_master_secret_is_long() {
        assert!(Keys::derive(&[7; 31]).unwrap_err().is(&codes::KEYS_TOO_SHORT));
        assert!(Keys::derive(&[7; 32]).is_ok());
    }
}
