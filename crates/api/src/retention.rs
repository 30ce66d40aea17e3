//! Taking away what is past its time, one small batch after the other.

use vokasi_core::access::Actor;
use vokasi_core::db::Db;
use vokasi_core::error::Result;
use vokasi_core::privacy::retention::{self, RetentionKind};

use crate::state::Clock;

/// Takes away all of it; `gone` hears of each batch. Each is a change of its own, so that nobody waits for long and
/// stopping in between loses nothing.
///
/// # Errors
/// What the storage refuses; what was taken away before stays away.
pub fn run(db: &Db, clock: &Clock, gone: &mut dyn FnMut(RetentionKind, usize)) -> Result<()> {
    for rule in retention::rules() {
        loop {
            let swept = db.write(clock.now(), move |tx| retention::sweep(tx, &Actor::operator(), rule))?;
            if swept == 0 {
                break;
            }
            gone(rule.kind, swept);
        }
    }
    Ok(())
}
