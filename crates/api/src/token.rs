//! Access tokens: short-lived JWTs with one algorithm, one issuer, one audience and one type, each naming its key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation, decode, decode_header, encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vokasi_core::access::Claims;
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::keys::{Keys, sha256};
use vokasi_core::time::Instant;

/// How long an access token works, in seconds.
pub(crate) const LIFE_SECONDS: i64 = 15 * 60;
const ISSUER: &str = "vokasi";
const AUDIENCE: &str = "vokasi-api";
const TYPE: &str = "at+jwt";
/// Checked tokens that are remembered at most.
const REMEMBERED: usize = 4_096;

/// Signs and checks access tokens.
pub(crate) struct Tokens {
    validation: Validation,
    /// What tokens of the newest key say, by the hash of that key and the token: a phone sends the same one for a quarter
    /// of an hour, and reading it is a sixth of what the thread that serves has to do for a request.
    checked: Mutex<HashMap<[u8; 32], Said>>,
}

/// What a token says whose signature, type, issuer and audience hold.
#[derive(Debug, Clone, Copy)]
struct Said {
    claims: Claims,
    issued: i64,
    expires: i64,
    from: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    iss: String,
    aud: String,
    sub: Id,
    sid: Id,
    epo: i32,
    iat: i64,
    exp: i64,
    /// Not among what is signed here, and kept to all the same.
    #[serde(skip_serializing)]
    nbf: Option<i64>,
}

impl Tokens {
    pub(crate) fn new() -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The clock is a parameter, so expiry is compared below.
        validation.validate_exp = false;
        Self { validation, checked: Mutex::default() }
    }

    pub(crate) fn sign(keys: &Keys, claims: Claims, now: Instant) -> Result<String> {
        let issued = now.utc().timestamp();
        let content = Content {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.account,
            sid: claims.login,
            epo: claims.epoch,
            iat: issued,
            exp: issued + LIFE_SECONDS,
            nbf: None,
        };
        let kid = Some(keys.newest().to_owned());
        let header = Header { typ: Some(TYPE.to_owned()), kid, ..Header::new(Algorithm::HS256) };
        encode(&header, &content, &EncodingKey::from_secret(keys.token_key())).map_err(Error::storage)
    }

    /// The claims of a token whose key is one of ours and whose signature, type, issuer, audience and time hold.
    ///
    /// # Errors
    /// `access.token_invalid`.
    pub(crate) fn check(&self, keys: &Keys, token: &str, now: Instant) -> Result<Claims> {
        let said = self.read(keys, token).filter(|said| said.holds_at(now.utc().timestamp()));
        said.map(|said| said.claims).ok_or_else(|| Error::new(&codes::ACCESS_TOKEN_INVALID))
    }

    /// What a token says, of the newest key or else of the one that it names: nearly every one is of the newest.
    fn read(&self, keys: &Keys, token: &str) -> Option<Said> {
        let mark = sha256(&[keys.token_key(), token.as_bytes()].concat());
        let checked = || self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(said) = checked().get(&mark) {
            return Some(*said);
        }
        let kid = decode_header(token).ok()?.kid?;
        let decoded = verified::<Content>(token, keys.token_key_of(&kid)?, &self.validation)?;
        if decoded.header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let Content { sub: account, sid: login, epo: epoch, iat: issued, exp: expires, nbf: from, .. } = decoded.claims;
        let said = Said { claims: Claims { account, login, epoch }, issued, expires, from };
        if kid == keys.newest() {
            let mut checked = checked();
            // Most of that many are over by then.
            if checked.len() >= REMEMBERED {
                checked.clear();
            }
            checked.insert(mark, said);
        }
        Some(said)
    }
}

impl Said {
    fn holds_at(&self, seconds: i64) -> bool {
        self.expires > seconds && self.issued <= seconds + 60 && self.from.is_none_or(|from| from <= seconds)
    }
}

/// What a token says whose signature is made with this key by the one algorithm.
fn verified<C: DeserializeOwned>(token: &str, key: &[u8], validation: &Validation) -> Option<TokenData<C>> {
    decode(token, &DecodingKey::from_secret(key), validation).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use vokasi_core::keys::Ring;

    use super::*;

    /// RFC 7515, appendix A.1: a JWS with HMAC SHA-256, and its key.
    const VECTOR: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const VECTOR_KEY: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    #[test]
    fn the_published_vector_holds_and_nothing_beside_it() {
        let key = EncodingKey::from_urlsafe_base64_secret(&format!("{VECTOR_KEY}==")).unwrap();
        let key = key.as_bytes();
        let mut any = Validation::new(Algorithm::HS256);
        any.required_spec_claims.clear();
        any.validate_exp = false;
        let content: Value = verified(VECTOR, key, &any).expect("the signature is right").claims;
        assert_eq!(content["iss"], "joe");
        // It is nobody's access token all the same.
        assert!(verified::<Value>(VECTOR, key, &Tokens::new().validation).is_none());
        let (body, signature) = VECTOR.rsplit_once('.').unwrap();
        for at in 0..signature.len() - 1 {
            // The last letter of 43 holds two bits that are nobody's.
            let mut other = signature.to_owned().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert!(verified::<Value>(&format!("{body}.{other}"), key, &any).is_none(), "{at}");
        }
        for cut in 0..signature.len() {
            assert!(verified::<Value>(&format!("{body}.{}", &signature[..cut]), key, &any).is_none(), "{cut}");
        }
        for more in ["A", "AAAA", "=", "."] {
            assert!(verified::<Value>(&format!("{VECTOR}{more}"), key, &any).is_none(), "{more}");
        }
        assert!(verified::<Value>(VECTOR, &key[1..], &any).is_none());
        assert!(verified::<Value>(VECTOR, b"", &any).is_none());
    }

    #[test]
    fn a_token_holds_under_the_key_it_names() {
        let entropy = vokasi_core::entropy::Entropy::seeded(1);
        let at = |seconds: i64| Instant::from_micros(seconds * 1_000_000).unwrap();
        let mut ring = Ring::new(at(0), &entropy);
        ring.add(at(1_000), &entropy);
        let (before, after) = (ring.keys(at(999)).unwrap(), ring.keys(at(1_000)).unwrap());
        let tokens = Tokens::new();
        let claims = Claims { account: Id::default(), login: Id::default(), epoch: 3 };
        let (old, new) =
            (Tokens::sign(&before, claims, at(999)).unwrap(), Tokens::sign(&after, claims, at(1_000)).unwrap());
        for keys in [&before, &after] {
            assert_eq!(tokens.check(keys, &old, at(1_001)).unwrap(), claims);
            assert_eq!(tokens.check(keys, &new, at(1_001)).unwrap(), claims);
        }
        // What was read before is over in its time all the same, and nothing beside it is known.
        assert!(tokens.check(&after, &new, at(1_000 + LIFE_SECONDS - 1)).is_ok());
        assert!(tokens.check(&after, &new, at(1_000 + LIFE_SECONDS)).is_err());
        assert!(tokens.check(&after, &new[..new.len() - 1], at(1_001)).is_err());
        ring.retire("k1").unwrap();
        let rest = ring.keys(at(1_000)).unwrap();
        assert!(tokens.check(&rest, &old, at(1_001)).is_err());
        assert_eq!(tokens.check(&rest, &new, at(1_001)).unwrap(), claims);
        // Under the name of another of our keys a signature is none.
        let header = Header { typ: Some(TYPE.to_owned()), kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) };
        let content: Value = verified(&new, after.token_key(), &tokens.validation).unwrap().claims;
        let misnamed = encode(&header, &content, &EncodingKey::from_secret(after.token_key())).unwrap();
        assert!(tokens.check(&after, &misnamed, at(1_001)).is_err());
    }
}
