//! What every request shares.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::Utc;
use vokasi_core::access::SecondFactorPolicy;
use vokasi_core::certificate::Printing;
use vokasi_core::db::Db;
use vokasi_core::error::Result;
use vokasi_core::keys::KeySource;
use vokasi_core::print::{Fonts, PrintError};
use vokasi_core::time::Instant;

use crate::door::Door;
use crate::mail::Mailer;
use crate::reaches::Reaches;
use crate::token::Tokens;
use crate::work::Work;

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
    pub(crate) door: Door,
    pub(crate) mailer: Option<Mailer>,
    key_source: Option<Box<dyn KeySource>>,
    /// Held by whoever has the whole audit checked: one at a time.
    pub(crate) checking: Mutex<()>,
    pub(crate) work: Work,
    pub(crate) reaches: Arc<Reaches>,
}

impl State {
    /// Over a register.
    ///
    /// # Errors
    /// The fonts of this build cannot be read.
    pub fn new(db: Db, clock: Clock, public_url: String) -> Result<Self, PrintError> {
        let printing = Printing { fonts: Fonts::embedded()?, public_url: public_url.clone() };
        Ok(Self {
            db,
            clock,
            public_url,
            second_factor: SecondFactorPolicy::default(),
            tokens: Tokens::new(),
            printing,
            door: Door::unlimited(Vec::new()),
            mailer: None,
            key_source: None,
            checking: Mutex::new(()),
            work: Work::new(),
            reaches: Arc::default(),
        })
    }

    /// With limits for whoever asks too often.
    #[must_use]
    pub fn behind(self, door: Door) -> Self {
        Self { door, ..self }
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
    pub fn with_certificate_font(mut self, font: Vec<u8>) -> Result<Self, PrintError> {
        self.printing.fonts = self.printing.fonts.with_fallback(font)?;
        Ok(self)
    }

    /// With a way out for messages; without one they wait in the outbox.
    #[must_use]
    pub fn with_mailer(mut self, mailer: Mailer) -> Self {
        self.mailer = Some(mailer);
        self
    }

    /// With a place where the keys are looked for again while it serves.
    #[must_use]
    pub fn with_key_source(mut self, source: Box<dyn KeySource>) -> Self {
        self.key_source = Some(source);
        self
    }

    /// Lets go of jobs and of those who follow them, before the program ends: jobs go back to their queue.
    pub fn let_go(&self) {
        self.work.close();
    }

    /// Takes the keys as they are where they come from, and as they are in force at this moment.
    ///
    /// # Errors
    /// What is there cannot be read; the keys stay as they were.
    pub fn look_for_keys(&self) -> Result<()> {
        let Some(source) = &self.key_source else { return Ok(()) };
        let keys = source.ring()?.keys(self.clock.now())?;
        let world = self.db.world();
        if keys.newest() != world.keys().newest() {
            tracing::info!(key = keys.newest(), "another key seals and signs from now on");
        }
        world.use_keys(keys);
        Ok(())
    }
}
