//! Passwords: Argon2id at the cost that OWASP's Password Storage Cheat Sheet names first (19 MiB, 2 passes, 1 lane).

mod rules;

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::entropy::Entropy;
use crate::error::{Error, Result};

/// KiB of memory.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What the password of somebody who has none is compared with, so that it takes as long.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash_at_any_length("nobody has this one", &Entropy::seeded(0)).unwrap_or_default());

/// Hashes a new password of 12 to 128 characters that is not easily guessed; `own` are texts about its owner.
///
/// # Errors
/// `password.short`, `password.long`, `password.guessable`.
pub(super) fn hash(password: &str, own: &[&str], entropy: &Entropy) -> Result<String> {
    let password = rules::accepted(password, own).map_err(|code| Error::field("/password", code))?;
    hash_at_any_length(&password, entropy)
}

/// The hash of a password that matched, when the stored one was made at a lower cost than today's.
pub(super) fn rehashed(password: &str, stored: &str, entropy: &Entropy) -> Result<Option<String>> {
    let parameters = PasswordHash::new(stored).ok().and_then(|hash| Params::try_from(&hash).ok());
    let enough = |stored: &Params| {
        stored.m_cost() >= MEMORY && stored.t_cost() >= PASSES && stored.p_cost() >= LANES && stored.keyid().is_empty()
    };
    if parameters.as_ref().is_some_and(enough) {
        return Ok(None);
    }
    hash_at_any_length(&rules::normal(password), entropy).map(Some)
}

/// Whether a password matches; with no stored hash it takes the same time and says no.
pub(super) fn matches(password: &str, stored: Option<&str>) -> bool {
    let password = rules::normal(password);
    let parsed = PasswordHash::new(stored.unwrap_or(&NOBODY));
    let verified = parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    verified && stored.is_some()
}

fn hash_at_any_length(password: &str, entropy: &Entropy) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| Error::storage(error.to_string());
    let parameters = Params::new(MEMORY, PASSES, LANES, None).map_err(|error| failed(&error))?;
    let hash: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_with_salt(password.as_bytes(), &entropy.bytes::<16>())
        .map_err(|error| failed(&error))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::codes;

    fn hashed(password: &str) -> String {
        hash(password, &[], &Entropy::seeded(1)).unwrap()
    }

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let stored = hashed("jahe kapur 2025");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches("jahe kapur 2025", Some(&stored)));
        assert!(!matches("jahe kapur 2026", Some(&stored)));
    }

    #[test]
    fn nobodys_password_takes_as_long_as_somebodys() {
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(&NOBODY), cost(&hashed("jahe kapur 2025")));
        assert!(!matches("nobody has this one", None));
    }

    #[test]
    fn letters_are_compared_as_they_look() {
        // One keyboard composes é, another sends e and an accent; ﬁ and ② are forms of fi and 2.
        let stored = hashed("café melati sore ②ﬁ");
        assert!(matches("cafe\u{301} melati sore 2fi", Some(&stored)));
        assert!(!matches("cafe melati sore 2fi", Some(&stored)));
    }

    #[test]
    fn a_cheaper_hash_is_made_anew() {
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let old: PasswordHash = cheap.hash_password_with_salt(b"jahe kapur 2025", &[1; 16]).unwrap();
        let entropy = Entropy::seeded(1);
        let new = rehashed("jahe kapur 2025", &old.to_string(), &entropy).unwrap().unwrap();
        assert!(matches("jahe kapur 2025", Some(&new)));
        assert_eq!(rehashed("jahe kapur 2025", &new, &entropy).unwrap(), None);
    }

    #[test]
    fn a_bad_password_is_refused_at_its_field() {
        let refused = |password: &str| hash(password, &[], &Entropy::seeded(1)).unwrap_err().fields[0].code;
        assert_eq!(refused("11 huruf sj"), &codes::PASSWORD_SHORT);
        assert_eq!(refused(&"bunga melati ".repeat(10)), &codes::PASSWORD_LONG);
        assert_eq!(refused("passwordpassword"), &codes::PASSWORD_GUESSABLE);
    }
}
