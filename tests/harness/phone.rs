//! A telephone that shows a code every thirty seconds, written apart from the program's own.

use aws_lc_rs::hmac;
use diesel::prelude::*;
use vokasi_core::db::schema::accounts;

use super::{App, Staff, id};

/// A telephone with a secret in it.
pub struct Phone(Vec<u8>);

impl Phone {
    /// Into which somebody typed this secret.
    pub fn with(secret: &str) -> Self {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits: Vec<usize> = secret
            .chars()
            .flat_map(|letter| {
                let value = letters.find(letter).expect("a letter of base 32");
                (0..5).rev().map(move |bit| value >> bit & 1)
            })
            .collect();
        let byte = |eight: &[usize]| eight.iter().fold(0_usize, |value, bit| value << 1 | bit);
        Self(bits.chunks_exact(8).map(|eight| u8::try_from(byte(eight)).expect("eight bits")).collect())
    }

    /// What it shows now.
    pub fn code(&self, app: &App) -> String {
        self.code_off_by(app, 0)
    }

    /// What it shows when its clock is off by so many seconds.
    pub fn code_off_by(&self, app: &App, seconds: i64) -> String {
        let step = (app.now().utc().timestamp() + seconds).div_euclid(30);
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let at = usize::from(tag.as_ref()[19] & 15);
        let word: [u8; 4] = tag.as_ref()[at..at + 4].try_into().expect("four bytes");
        format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
    }
}

impl Staff<'_> {
    /// Gives the account a second factor whose code was never used, beside the REST layer.
    pub fn phone(&self) -> Phone {
        let secret = b"12345678901234567890";
        let world = self.app.db().world();
        let sealed = world.keys().seal("second_factor", secret, &world.entropy).expect("it is sealed");
        diesel::update(accounts::table.find(id(&self.id).as_i64()))
            .set((accounts::factor_secret.eq(Some(sealed)), accounts::factor_step.eq(0_i64)))
            .execute(&mut self.app.connect())
            .expect("the account is there");
        Phone(secret.to_vec())
    }
}
