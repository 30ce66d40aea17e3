//! Access tokens: short-lived JWTs with one algorithm, one issuer, one audience and one type.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use vokasi_core::access::Claims;
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::keys::Keys;
use vokasi_core::time::Instant;

/// How long an access token works, in seconds.
pub(crate) const LIFE_SECONDS: i64 = 15 * 60;
const ISSUER: &str = "vokasi";
const AUDIENCE: &str = "vokasi-api";
const TYPE: &str = "at+jwt";

/// Signs and checks access tokens.
pub(crate) struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
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
}

impl Tokens {
    pub(crate) fn new(keys: &Keys) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The clock is a parameter, so expiry is compared below.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(keys.token_key()),
            decoding: DecodingKey::from_secret(keys.token_key()),
            validation,
        }
    }

    pub(crate) fn sign(&self, claims: Claims, now: Instant) -> Result<String> {
        let issued = now.utc().timestamp();
        let content = Content {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.account,
            sid: claims.login,
            epo: claims.epoch,
            iat: issued,
            exp: issued + LIFE_SECONDS,
        };
        let header = Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
        encode(&header, &content, &self.encoding).map_err(Error::storage)
    }

    /// The claims of a token whose signature, type, issuer, audience and time hold.
    ///
    /// # Errors
    /// `access.token_invalid`.
    pub(crate) fn check(&self, token: &str, now: Instant) -> Result<Claims> {
        let invalid = || Error::new(&codes::ACCESS_TOKEN_INVALID);
        let decoded = decode::<Content>(token, &self.decoding, &self.validation).map_err(|_| invalid())?;
        let content = decoded.claims;
        let seconds = now.utc().timestamp();
        if decoded.header.typ.as_deref() != Some(TYPE) || content.exp <= seconds || content.iat > seconds + 60 {
            return Err(invalid());
        }
        Ok(Claims { account: content.sub, login: content.sid, epoch: content.epo })
    }
}
