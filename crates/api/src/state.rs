//! What every request shares.

use std::sync::{Mutex, PoisonError};

use chrono::Utc;
use vokasi_core::access::SecondFactorPolicy;
use vokasi_core::certificate::{DocumentError, Fonts, Printing};
use vokasi_core::db::Db;
use vokasi_core::time::Instant;

use crate::token::Tokens;

/// The clock of a server: the machine's, or one that a test turns by hand.
#[derive(Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// Stands still until it is set.
    Fixed(Mutex<Instant>),
}

impl Clock {
    /// A clock that stands still.
    pub fn fixed(at: Instant) -> Self {
        Self::Fixed(Mutex::new(at))
    }

    /// The instant it is.
    pub fn now(&self) -> Instant {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
            Self::System => Instant::new(Utc::now()),
            Self::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Turns a fixed clock; the machine's stays as it is.
    pub fn set(&self, to: Instant) {
        if let Self::Fixed(at) = self {
            *at.lock().unwrap_or_else(PoisonError::into_inner) = to;
        }
    }
}

/// Shared by all workers.
pub struct State {
    /// The register.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// What people type to reach this server, without a slash at the end, e.g. `http://127.0.0.1:8080`.
    pub public_url: String,
    pub(crate) second_factor: SecondFactorPolicy,
    pub(crate) tokens: Tokens,
    pub(crate) printing: Printing,
}

impl State {
    /// Over a register.
    ///
    /// # Errors
    /// The fonts of this build cannot be read.
    pub fn new(db: Db, clock: Clock, public_url: String) -> Result<Self, DocumentError> {
        let tokens = Tokens::new(&db.world().keys);
        let printing = Printing { fonts: Fonts::embedded()?, public_url: public_url.clone() };
        Ok(Self { db, clock, public_url, second_factor: SecondFactorPolicy::default(), tokens, printing })
    }

    /// With this policy in place of the strict one.
    #[must_use]
    pub fn with_second_factor(self, second_factor: SecondFactorPolicy) -> Self {
        Self { second_factor, ..self }
    }

    /// With one more font for certificates, for letters that those before it lack.
    ///
    /// # Errors
    /// A font that cannot be read or may not be embedded.
    pub fn with_certificate_font(mut self, font: Vec<u8>) -> Result<Self, DocumentError> {
        self.printing.fonts = self.printing.fonts.with_fallback(font)?;
        Ok(self)
    }
}
