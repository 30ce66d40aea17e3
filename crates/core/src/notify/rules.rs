//! When a message is tried again, and when it is given up.

use chrono::Duration;

use super::Delivery;
use crate::error::Code;
use crate::time::Instant;

/// How long a sender may take over one message; then another may try it. Longer than a slow mail server needs.
pub(super) const LEASE: Duration = Duration::minutes(10);

/// The pauses after each attempt that may succeed later: a little under two days from the first attempt to the last.
const PAUSES: [Duration; 8] = [
    Duration::minutes(1),
    Duration::minutes(5),
    Duration::minutes(15),
    Duration::hours(1),
    Duration::hours(4),
    Duration::hours(8),
    Duration::hours(12),
    Duration::hours(22),
];

/// What becomes of a message after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It has arrived.
    Sent,
    /// It waits for its next attempt.
    Again { at: Instant, error: &'static Code },
    /// It is given up until somebody asks for another try.
    Failed { error: &'static Code },
}

/// What becomes of a message whose `attempt`, counted from 1, came to this.
pub(super) fn next(delivery: Delivery, attempt: i32, now: Instant) -> Next {
    match delivery {
        Delivery::Done => Next::Sent,
        Delivery::Never(error) => Next::Failed { error },
        Delivery::Later(error) => {
            let pause = usize::try_from(attempt).ok().and_then(|attempt| PAUSES.get(attempt.checked_sub(1)?));
            pause.map_or(Next::Failed { error }, |pause| Next::Again { at: now.plus(*pause), error })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::codes;

    fn now() -> Instant {
        Instant::from_micros(1_753_059_600_000_000).unwrap()
    }

    #[test]
    fn pauses_grow_for_two_days_and_then_it_is_given_up() {
        let mut at = now();
        let mut last = Duration::zero();
        for attempt in 1..=8 {
            let Next::Again { at: next, .. } = next(Delivery::Later(&codes::MAIL_DEFERRED), attempt, at) else {
                panic!("attempt {attempt} is the last")
            };
            let pause = next.utc() - at.utc();
            assert!(pause > last, "attempt {attempt}");
            (at, last) = (next, pause);
        }
        let whole = at.utc() - now().utc();
        assert!(whole > Duration::hours(46) && whole <= Duration::hours(48), "{whole}");
        let error = &codes::MAIL_DEFERRED;
        assert_eq!(next(Delivery::Later(error), 9, at), Next::Failed { error });
        assert_eq!(next(Delivery::Later(error), 0, at), Next::Failed { error });
    }

    #[test]
    fn what_can_never_arrive_is_given_up_at_once() {
        let error = &codes::MAIL_REJECTED;
        assert_eq!(next(Delivery::Never(error), 1, now()), Next::Failed { error });
        assert_eq!(next(Delivery::Done, 1, now()), Next::Sent);
    }
}
