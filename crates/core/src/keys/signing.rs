//! Key pairs for what others check without us: ECDSA over P-256 with SHA-256, which JOSE calls ES256 (RFC 7518).

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::{digest, failed};
use crate::entropy::Entropy;
use crate::error::{Error, Result};

/// Bytes of a private key, and of each coordinate of a public one.
const SIZE: usize = 32;

/// A private key that signs.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    public: PublicKey,
}

/// The public half, as a JSON Web Key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    jwk: String,
}

impl SigningKey {
    /// A new one, and its private part for sealing.
    pub fn generate(entropy: &Entropy) -> Result<(Self, [u8; SIZE])> {
        // One number in four thousand million is none of the curve's.
        let mut drawn = std::iter::repeat_with(|| entropy.bytes::<SIZE>()).take(4);
        drawn.find_map(|secret| Some((Self::open(&secret).ok()?, secret))).ok_or_else(|| failed("signing key"))
    }

    /// The key of a private part.
    pub fn open(secret: &[u8]) -> Result<Self> {
        let wrong = |_| failed("signing key");
        let point = PrivateKey::from_private_key(&ECDH_P256, secret).map_err(wrong)?;
        let point = point.compute_public_key().map_err(|_| failed("signing key"))?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, secret, point.as_ref()).map_err(wrong)?;
        Ok(Self { pair, public: PublicKey::of_point(point.as_ref())? })
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A signed JSON Web Token (RFC 7519) whose header says the algorithm, the key and the type, and nothing else.
    ///
    /// Each signature holds a random number of the library's own, so two of the same content differ: what must stay as
    /// it is gets signed once and kept.
    pub fn jwt(&self, kid: &str, content: &impl Serialize) -> Result<String> {
        #[derive(Serialize)]
        struct Header<'a> {
            alg: &'a str,
            kid: &'a str,
            typ: &'a str,
        }
        let part = |json: Result<Vec<u8>, serde_json::Error>| json.map_err(Error::storage).map(encoded);
        let header = part(serde_json::to_vec(&Header { alg: "ES256", kid, typ: "JWT" }))?;
        let signed = format!("{header}.{}", part(serde_json::to_vec(content))?);
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| failed("sign"))?;
        Ok(format!("{signed}.{}", encoded(signature)))
    }
}

impl PublicKey {
    /// Of an uncompressed point: 4, x, y.
    fn of_point(point: &[u8]) -> Result<Self> {
        let [4, coordinates @ ..] = point else { return Err(failed("public key")) };
        let (x, y) = coordinates.split_at_checked(SIZE).ok_or_else(|| failed("public key"))?;
        Ok(Self { jwk: format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, encoded(x), encoded(y)) })
    }

    /// The members that make it, in the order in which RFC 7638 hashes them.
    pub fn jwk(&self) -> &str {
        &self.jwk
    }

    /// What it is called: the thumbprint of RFC 7638.
    pub fn thumbprint(&self) -> String {
        encoded(digest::digest(&digest::SHA256, self.jwk.as_bytes()))
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::{Value, json};

    use super::*;

    /// RFC 7515, appendix A.3: a key of ES256.
    const PRIVATE: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn decoded(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    #[test]
    fn the_published_key_has_its_public_half() {
        let key = SigningKey::open(&decoded(PRIVATE)).unwrap();
        let jwk: Value = serde_json::from_str(key.public().jwk()).unwrap();
        assert_eq!(jwk, json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y }));
        assert_eq!(key.public().thumbprint().len(), 43);
    }

    #[test]
    fn a_token_names_its_key_and_nothing_more() {
        let (key, secret) = SigningKey::generate(&Entropy::seeded(1)).unwrap();
        let token = key.jwt("https://example.org/keys/1", &json!({ "sub": "x" })).unwrap();
        let [header, content, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(decoded(header), br#"{"alg":"ES256","kid":"https://example.org/keys/1","typ":"JWT"}"#);
        assert_eq!(decoded(content), br#"{"sub":"x"}"#);
        let jwk: Value = serde_json::from_str(key.public().jwk()).unwrap();
        let point = [vec![4], decoded(jwk["x"].as_str().unwrap()), decoded(jwk["y"].as_str().unwrap())].concat();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        let signed = format!("{header}.{content}");
        public.verify(signed.as_bytes(), &decoded(signature)).unwrap();
        assert!(public.verify(b"another", &decoded(signature)).is_err());
        assert_eq!(SigningKey::open(&secret).unwrap().public(), key.public());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for wrong in [&[0; 32][..], &[255; 32], &[1; 31], &[]] {
            assert!(SigningKey::open(wrong).is_err(), "{wrong:?}");
        }
    }
}
