//! How long whoever guesses has to wait, and what counts as one place.

use std::net::IpAddr;

use chrono::Duration;

/// How failures of one kind are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    /// Failures in a row that cost nothing.
    pub(super) free: i32,
    /// After so many quiet hours they are forgotten.
    pub(super) forgotten_after_hours: i64,
}

/// Failures at one account, or of one login.
pub(super) const ACCOUNT: Limit = Limit { free: 5, forgotten_after_hours: 24 };
/// Failures from one network at accounts that never signed in from there: a school shares one, so it gets more.
pub(super) const NETWORK: Limit = Limit { free: 50, forgotten_after_hours: 1 };

/// The first pause, in seconds; each further failure doubles it.
const FIRST: i64 = 15;
/// The longest pause, in seconds.
const LONGEST: i64 = 15 * 60;

impl Limit {
    /// The pause after so many failures in a row.
    pub(super) fn pause(self, failures: i32) -> Duration {
        let beyond = failures - self.free;
        if beyond < 0 {
            return Duration::zero();
        }
        let seconds = FIRST.checked_shl(u32::try_from(beyond.min(16)).unwrap_or(0)).unwrap_or(LONGEST);
        Duration::seconds(seconds.min(LONGEST))
    }

    /// How long failures are remembered.
    pub(super) fn memory(self) -> Duration {
        Duration::hours(self.forgotten_after_hours)
    }
}

/// The network of an address: a house or an office keeps it while its last part changes.
pub(super) fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}::/56", d & 0xff00)
        }
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_grows_to_a_quarter_of_an_hour() {
        let pauses: Vec<i64> = (0..14).map(|failures| ACCOUNT.pause(failures).num_seconds()).collect();
        assert_eq!(pauses, [0, 0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(ACCOUNT.pause(i32::MAX).num_seconds(), 900);
        assert_eq!(NETWORK.pause(49).num_seconds(), 0);
        assert_eq!(NETWORK.pause(50).num_seconds(), 15);
    }

    #[test]
    fn neighbours_are_one_network() {
        for (address, expected) in [
            ("203.0.113.7", "203.0.113.0/24"),
            ("203.0.113.250", "203.0.113.0/24"),
            ("203.0.114.7", "203.0.114.0/24"),
            ("::ffff:203.0.113.7", "203.0.113.0/24"),
            ("2001:db8:1:2ff:3:4:5:6", "2001:db8:1:200::/56"),
            ("2001:db8:1:2aa::1", "2001:db8:1:200::/56"),
            ("2001:db8:1:3aa::1", "2001:db8:1:300::/56"),
            ("", ""),
        ] {
            assert_eq!(network(address), expected);
        }
    }
}
