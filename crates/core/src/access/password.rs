//! Passwords: Argon2id with the parameters of RFC 9106's second choice scaled to a small server (19 MiB, 2 passes).

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};

use crate::entropy::Entropy;
use crate::error::{Error, Result, codes};

/// Hashes a password of 12 to 256 characters.
///
/// # Errors
/// `password.short`, `password.long`.
pub(super) fn hash(password: &str, entropy: &Entropy) -> Result<String> {
    match password.chars().count() {
        0..12 => return Err(Error::field("/password", &codes::PASSWORD_SHORT)),
        257.. => return Err(Error::field("/password", &codes::PASSWORD_LONG)),
        _ => {}
    }
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &entropy.bytes::<16>())
        .map_err(|error| Error::storage(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether a password matches; with no stored hash it takes the same time and says no.
pub(super) fn matches(password: &str, stored: Option<&str>) -> bool {
    static NOBODY: LazyLock<String> =
        LazyLock::new(|| hash("nobody has this one", &Entropy::seeded(0)).unwrap_or_default());
    let parsed = PasswordHash::new(stored.unwrap_or(&NOBODY));
    let verified = parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    verified && stored.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let stored = hash("bunga melati 2025", &Entropy::seeded(1)).unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(matches("bunga melati 2025", Some(&stored)));
        assert!(!matches("bunga melati 2026", Some(&stored)));
        assert!(!matches("nobody has this one", None));
    }

    #[test]
    fn a_short_password_is_refused() {
        assert!(hash("11 huruf sj", &Entropy::seeded(1)).is_err());
        assert!(hash(&"x".repeat(257), &Entropy::seeded(1)).is_err());
    }
}
