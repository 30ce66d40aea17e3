use crate::values::words;

words! {
    /// What came of an offer.
    pub enum Answer {
        /// The seat was taken.
        Accepted = "accepted",
        /// The seat was not wanted.
        Refused = "refused",
        /// Nobody answered in time.
        Lapsed = "lapsed",
        /// The person left the list, or got a seat elsewhere.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Where an offer stands.
    pub enum OfferState {
        /// It can be answered.
        Open = "open",
        /// The seat was taken.
        Accepted = "accepted",
        /// The seat was not wanted.
        Refused = "refused",
        /// Nobody answered in time.
        Lapsed = "lapsed",
        /// The person left the list, or got a seat elsewhere.
        Withdrawn = "withdrawn",
    }
}

impl OfferState {
    /// An offer is open until it is answered, and never after its time.
    pub(super) fn of(answer: Option<Answer>, is_over: bool) -> Self {
        match answer {
            None if is_over => Self::Lapsed,
            None => Self::Open,
            Some(Answer::Accepted) => Self::Accepted,
            Some(Answer::Refused) => Self::Refused,
            Some(Answer::Lapsed) => Self::Lapsed,
            Some(Answer::Withdrawn) => Self::Withdrawn,
        }
    }
}
