//! Time-based one-time codes (RFC 6238 over RFC 4226): SHA-1, 6 digits, 30 seconds, one step of skew either way.

use aws_lc_rs::hmac;

/// Seconds of a step.
const STEP: i64 = 30;
/// Steps a telephone's clock may be off.
const SKEW: i64 = 1;

/// Bytes of a secret: as long as SHA-1's output (RFC 4226 section 4).
pub(super) const SECRET_BYTES: usize = 20;
/// Digits and letters that are not taken for each other (Crockford's base 32).
const READABLE: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The step that holds a second since 1970.
pub(super) fn step_at(seconds: i64) -> i64 {
    seconds.div_euclid(STEP)
}

/// The code of a step.
fn code(secret: &[u8], step: i64, digits: u32) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let at = usize::from(bytes.last().copied().unwrap_or_default() & 0xf);
    let word = bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes);
    (word & 0x7fff_ffff) % 10_u32.pow(digits)
}

/// The step whose code this is, around the present one and after the last that was used.
pub(super) fn step_of(secret: &[u8], typed: &str, present: i64, last_used: i64) -> Option<i64> {
    let typed: u32 = typed.parse().ok()?;
    (present - SKEW..=present + SKEW).filter(|step| *step > last_used).find(|step| code(secret, *step, 6) == typed)
}

/// Whether it is written like a code of the telephone, and not like a recovery code.
pub(super) fn is_six_digits(typed: &str) -> bool {
    typed.len() == 6 && typed.bytes().all(|byte| byte.is_ascii_digit())
}

/// What is typed, without blanks and hyphens, and with the digits that some letters were meant for.
pub(super) fn plain(typed: &str) -> String {
    let meant = |letter| match letter {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    };
    typed.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).map(meant).collect()
}

/// The secret as telephones take it by hand (RFC 4648 base 32, without padding).
pub(super) fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    (0..bytes.len() * 8)
        .step_by(5)
        .map(|start| char::from(ALPHABET[usize::from((start..start + 5).fold(0, |value, at| value << 1 | bit(at)))]))
        .collect()
}

/// What a telephone's authenticator scans (Key Uri Format).
pub(super) fn uri(email: &str, secret: &[u8]) -> String {
    use std::fmt::Write;
    let label = email.bytes().fold(String::new(), |mut label, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            label.push(char::from(byte));
        } else {
            let _ = write!(label, "%{byte:02X}");
        }
        label
    });
    format!("otpauth://totp/Vokasi:{label}?secret={}&issuer=Vokasi&algorithm=SHA1&digits=6&period=30", base32(secret))
}

/// A recovery code of 140 bits as it is shown: `7k2m-9xqe-0d4h-tz5w-b81c-vn6y-3rgj`.
pub(super) fn recovery_code(bits: [u8; 28]) -> String {
    let letters: Vec<char> = bits.iter().map(|byte| char::from(READABLE[usize::from(byte & 31)])).collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, SHA-1: the secret is these twenty digits, and codes have eight.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        for (seconds, expected) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            assert_eq!(code(SECRET, step_at(seconds), 8), expected, "{seconds}");
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226_hold() {
        let codes: Vec<u32> = (0..10).map(|step| code(SECRET, step, 6)).collect();
        let expected = [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        assert_eq!(codes, expected);
    }

    #[test]
    fn a_clock_may_be_off_by_one_step_and_a_code_works_once() {
        let six = |step| format!("{:06}", code(SECRET, step, 6));
        for (step, found) in [(98, None), (99, Some(99)), (100, Some(100)), (101, Some(101)), (102, None)] {
            assert_eq!(step_of(SECRET, &six(step), 100, 0), found, "{step}");
        }
        assert_eq!(step_of(SECRET, &six(100), 100, 100), None);
        assert_eq!(step_of(SECRET, &six(101), 100, 100), Some(101));
        assert_eq!(step_of(SECRET, &six(99), 100, 100), None, "nor one before it");
        assert_eq!(step_of(SECRET, "abcdef", 100, 0), None);
    }

    #[test]
    fn secrets_are_written_as_telephones_read_them() {
        // RFC 4648 section 10.
        let pairs =
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB")];
        for (plain, expected) in pairs {
            assert_eq!(base32(plain.as_bytes()), expected);
        }
        assert_eq!(
            uri("dinas+1@contoh.example", b"fooba"),
            "otpauth://totp/Vokasi:dinas%2B1@contoh.example?secret=MZXW6YTB&issuer=Vokasi&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn a_recovery_code_is_read_as_it_is_typed() {
        let shown = recovery_code(std::array::from_fn(|at| u8::try_from(at).unwrap()));
        assert_eq!(shown, "0123-4567-89ab-cdef-ghjk-mnpq-rstv");
        assert_eq!(plain(" O123 4567-89AB cdef ghjk-mnpq rsTV "), plain(&shown));
        assert!(READABLE.len() == 32 && plain(&shown).len() * 5 >= 128, "five bits a letter");
        assert!(
            is_six_digits("012345") && !is_six_digits("12345") && !is_six_digits("1234567") && !is_six_digits("12345a")
        );
    }
}
