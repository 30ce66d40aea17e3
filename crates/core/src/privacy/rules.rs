use crate::consent::Giver;
use crate::values::words;

words! {
    /// What a person can ask for.
    pub enum RequestKind {
        /// A copy of everything that is held (art. 7).
        Access = "access",
        /// Correcting what is wrong (art. 6).
        Correction = "correction",
        /// Erasing it (art. 8).
        Erasure = "erasure",
        /// Stopping the processing for a while (art. 11).
        Suspension = "suspension",
        /// Going on after a suspension.
        Resumption = "resumption",
        /// Withdrawing a consent (art. 9).
        Withdrawal = "withdrawal",
    }
}

words! {
    /// Where a request stands.
    pub enum RequestState {
        /// It waits for the office.
        Open = "open",
        /// It was done.
        Done = "done",
        /// It was refused on a legal ground.
        Refused = "refused",
    }
}

words! {
    /// How a request can end.
    pub enum Verdict {
        /// What was asked for is done.
        Done = "done",
        /// The law does not let it be done.
        Refused = "refused",
    }
}

words! {
    /// Why the law does not let a request be done.
    pub enum Ground {
        /// It was not the person, or the guardian, who asked.
        IdentityUnproven = "identity_unproven",
        /// It would endanger somebody's safety or health (art. 33 a).
        EndangersSomeone = "endangers_someone",
        /// It would show somebody else's data (art. 33 b).
        ShowsOthers = "shows_others",
        /// Defence and security of the state (art. 33 c, art. 15 a).
        StateSecurity = "state_security",
        /// A criminal procedure needs the data (art. 15 b).
        LawEnforcement = "law_enforcement",
        /// Another law asks the state to keep them (art. 15 c).
        PublicDuty = "public_duty",
        /// Statistics and research (art. 15 e).
        Research = "research",
    }
}

/// The grounds on which a request of this kind may be refused: art. 33 speaks of seeing and correcting, art. 15 of
/// erasing, withdrawing and stopping.
pub(super) fn grounds(kind: RequestKind) -> &'static [Ground] {
    match kind {
        RequestKind::Access | RequestKind::Correction => {
            &[Ground::IdentityUnproven, Ground::EndangersSomeone, Ground::ShowsOthers, Ground::StateSecurity]
        }
        RequestKind::Erasure | RequestKind::Withdrawal | RequestKind::Suspension => &[
            Ground::IdentityUnproven,
            Ground::StateSecurity,
            Ground::LawEnforcement,
            Ground::PublicDuty,
            Ground::Research,
        ],
        RequestKind::Resumption => &[Ground::IdentityUnproven],
    }
}

/// From the 18th birthday on a person asks alone; before it a guardian may too.
pub(super) fn may_ask(asker: Giver, minor: bool) -> bool {
    minor || asker == Giver::Participant
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Words;

    #[test]
    fn every_request_can_be_refused_to_a_stranger() {
        for kind in RequestKind::ALL {
            assert!(grounds(*kind).contains(&Ground::IdentityUnproven), "{kind}");
        }
        assert!(!grounds(RequestKind::Erasure).contains(&Ground::ShowsOthers));
        assert!(!grounds(RequestKind::Access).contains(&Ground::PublicDuty));
    }

    #[test]
    fn who_is_of_age_asks_alone() {
        for (asker, minor, may) in [
            (Giver::Participant, false, true),
            (Giver::Participant, true, true),
            (Giver::Mother, true, true),
            (Giver::Mother, false, false),
        ] {
            assert_eq!(may_ask(asker, minor), may, "{asker} {minor}");
        }
    }
}
