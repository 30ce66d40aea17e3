//! Randomness as a parameter: the system's for a server, a seed's for a test.

use std::sync::Mutex;

use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng};

use crate::error::{Error, Result};

/// A source of random bits shared by all threads; its generator is fit for cryptography.
#[derive(Debug)]
pub struct Entropy(Mutex<StdRng>);

impl Entropy {
    /// Seeded by the operating system.
    pub fn system() -> Result<Self> {
        let generator = StdRng::try_from_rng(&mut SysRng).map_err(|error| Error::storage(error.to_string()))?;
        Ok(Self(Mutex::new(generator)))
    }

    /// Repeatable: for tests and the demo's invented people only.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// 32 random bits.
    pub fn number(&self) -> u32 {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next_u32()
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }
}
