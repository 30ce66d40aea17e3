use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::entropy::Entropy;
use crate::error::{Error, Result};
use crate::time::Instant;

/// Places in a list: the least that the standard allows, so that nobody is found in a small crowd.
const PLACES: usize = 131_072;

/// A list takes no more once half of its places are taken.
pub(super) const FULL: i32 = 65_536;

/// A random place: 17 bits.
pub(super) fn index(entropy: &Entropy) -> i32 {
    i32::try_from(entropy.number() % 131_072).unwrap_or_default()
}

/// The bits, the first one leftmost, compressed (GZIP) and in multibase (base64url without padding).
pub(super) fn bitstring(revoked: &[i32]) -> Result<String> {
    let mut bits = vec![0_u8; PLACES / 8];
    for place in revoked.iter().filter_map(|place| usize::try_from(*place).ok()) {
        if let Some(byte) = bits.get_mut(place / 8) {
            *byte |= 0x80 >> (place % 8);
        }
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bits).map_err(Error::storage)?;
    Ok(format!("u{}", URL_SAFE_NO_PAD.encode(encoder.finish().map_err(Error::storage)?)))
}

fn address(issuer: &str, number: i32) -> String {
    format!("{issuer}/status-lists/{number}")
}

/// Where the server was, as a token says that it signed: its issuer's address without what names the issuer.
pub(super) fn home(token: &str, issuer: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims["iss"].as_str()?.strip_suffix(&format!("/issuers/{issuer}")).map(str::to_owned)
}

/// What a credential says of where its status stands.
pub(in crate::certificate) fn entry(issuer: &str, number: i32, index: i32) -> Value {
    let list = address(issuer, number);
    json!({
        "id": format!("{list}#{index}"),
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": index.to_string(),
        "statusListCredential": list,
    })
}

/// A list as the claims of a token.
pub(super) fn list(issuer: &str, number: i32, now: Instant, bitstring: &str) -> Value {
    let address = address(issuer, number);
    let (seconds, moment) = (now.utc().timestamp(), now.to_the_second());
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": moment,
        "credentialSubject": {
            "id": format!("{address}#list"),
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": bitstring,
        },
        "iss": issuer,
        "jti": address,
        "sub": format!("{address}#list"),
        "nbf": seconds,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn bits(text: &str) -> Vec<u8> {
        let packed = URL_SAFE_NO_PAD.decode(text.strip_prefix('u').unwrap()).unwrap();
        let mut bits = Vec::new();
        GzDecoder::new(packed.as_slice()).read_to_end(&mut bits).unwrap();
        bits
    }

    #[test]
    fn the_first_place_is_the_leftmost_bit() {
        let all = bits(&bitstring(&[0, 9, 131_071]).unwrap());
        assert_eq!((all.len(), all[0], all[1], all[16_383]), (16_384, 0x80, 0x40, 0x01));
        assert_eq!(all.iter().map(|byte| byte.count_ones()).sum::<u32>(), 3);
        assert!(bits(&bitstring(&[]).unwrap()).iter().all(|byte| *byte == 0));
        // What lies outside is nobody's.
        assert_eq!(bits(&bitstring(&[-1, 131_072]).unwrap()), bits(&bitstring(&[]).unwrap()));
    }

    #[test]
    fn a_token_says_where_it_was_signed() {
        let token = |iss: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(json!({ "iss": iss }).to_string()));
        let home = |iss| home(&token(iss), "0CZ5V9K3M7Q2N");
        assert_eq!(home("https://a.example/issuers/0CZ5V9K3M7Q2N").as_deref(), Some("https://a.example"));
        assert_eq!(home("https://a.example/issuers/another"), None);
        assert_eq!(super::home("nothing", "0CZ5V9K3M7Q2N"), None);
    }

    #[test]
    fn the_same_bits_are_the_same_text() {
        assert_eq!(bitstring(&[5, 70_000]).unwrap(), bitstring(&[70_000, 5]).unwrap());
    }

    #[test]
    fn places_are_spread_over_the_whole_list() {
        let entropy = Entropy::seeded(1);
        let drawn: Vec<i32> = (0..1_000).map(|_| index(&entropy)).collect();
        assert!(drawn.iter().all(|index| (0..131_072).contains(index)));
        let upper = drawn.iter().filter(|index| **index >= FULL).count();
        assert!((400..600).contains(&upper), "{upper}");
    }
}
