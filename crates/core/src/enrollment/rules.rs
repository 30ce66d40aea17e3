use chrono::NaiveDate;

use crate::cohort::{Cohort, CohortState};
use crate::error::{Code, Fact, codes};
use crate::participant::Participant;
use crate::time::is_minor_on;
use crate::values::{Segment, words};

words! {
    /// Where a person stands in a cohort.
    pub enum EnrollmentState {
        /// Registered; something about eligibility is still open.
        Applied = "applied",
        /// Eligible and waiting for a seat.
        Waitlisted = "waitlisted",
        /// Has a seat in a class.
        Active = "active",
        /// Away for a while; the seat is kept.
        OnLeave = "on_leave",
        /// Met every requirement.
        Completed = "completed",
        /// Came to the end without meeting them.
        NotCompleted = "not_completed",
        /// Took the registration back.
        Withdrawn = "withdrawn",
        /// Left without finishing.
        DroppedOut = "dropped_out",
    }
}

impl EnrollmentState {
    /// The states it can move to.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Applied => &[Self::Waitlisted, Self::Withdrawn, Self::DroppedOut],
            Self::Active => &[Self::OnLeave, Self::Completed, Self::NotCompleted, Self::Withdrawn, Self::DroppedOut],
            Self::Waitlisted | Self::OnLeave => &[Self::Active, Self::Withdrawn, Self::DroppedOut],
            Self::Completed | Self::NotCompleted | Self::Withdrawn | Self::DroppedOut => &[],
        }
    }

    /// Whether it can move there.
    pub fn can_become(self, to: Self) -> bool {
        self.next().contains(&to)
    }

    /// Whether it still keeps the person's one place in the cohort; who left may register again.
    pub fn keeps_place(self) -> bool {
        !matches!(self, Self::Withdrawn | Self::DroppedOut)
    }

    /// Whether it takes a seat of its class.
    pub fn takes_seat(self) -> bool {
        matches!(self, Self::Active | Self::OnLeave | Self::Completed | Self::NotCompleted)
    }

    /// Whether the change needs a reason.
    pub fn needs_reason(self) -> bool {
        matches!(self, Self::OnLeave | Self::Withdrawn | Self::DroppedOut)
    }
}

words! {
    /// What is looked at before a person may register.
    pub enum CheckName {
        /// Registration is open today.
        Window = "window",
        /// The person belongs to the cohort's segment.
        Segment = "segment",
        /// A minor's guardian has consented, which is needed for a seat and not for waiting; and nothing stops the
        /// processing of the data.
        Consent = "consent",
        /// What the program asks for before.
        Prerequisite = "prerequisite",
    }
}

words! {
    /// What came of a check.
    pub enum CheckResult {
        /// It holds.
        Passed = "passed",
        /// It does not hold.
        Failed = "failed",
        /// A person must look at it.
        ToConfirm = "to_confirm",
    }
}

/// One named check with its result and the code of its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: CheckName,
    /// What came of it.
    pub result: CheckResult,
    /// Why, unless it passed.
    pub code: Option<&'static Code>,
    /// Facts for the sentence.
    pub facts: Vec<Fact>,
}

impl Check {
    fn passed(name: CheckName) -> Self {
        Self { name, result: CheckResult::Passed, code: None, facts: Vec::new() }
    }

    fn failed(name: CheckName, code: &'static Code) -> Self {
        Self { name, result: CheckResult::Failed, code: Some(code), facts: Vec::new() }
    }

    fn to_confirm(name: CheckName, code: &'static Code) -> Self {
        Self { name, result: CheckResult::ToConfirm, code: Some(code), facts: Vec::new() }
    }
}

/// What the checks look at beside the person and the cohort.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// A guardian's consent for training is on record.
    pub(crate) consent: bool,
    /// Why nothing new may be done with the person's data, if so.
    pub(crate) stopped: Option<WhyNot>,
    /// A way to meet each prerequisite is on record (or there is none to meet).
    pub(crate) prerequisites: bool,
}

/// Every check, in a fixed order; all of them, so that a person hears everything at once.
pub(crate) fn eligibility(cohort: &Cohort, person: &Participant, known: Known, today: NaiveDate) -> Vec<Check> {
    let open = matches!(cohort.state, CohortState::Open | CohortState::Running)
        && (cohort.registration_opens_on..=cohort.registration_closes_on).contains(&today);
    let window = if open {
        Check::passed(CheckName::Window)
    } else {
        let facts = vec![
            Fact::new("opens_on", cohort.registration_opens_on),
            Fact::new("closes_on", cohort.registration_closes_on),
        ];
        Check { facts, ..Check::failed(CheckName::Window, &codes::COHORT_NOT_OPEN) }
    };
    let consent = if let Some(why) = known.stopped {
        Check::failed(CheckName::Consent, why.code())
    } else if known.consent || !is_minor_on(person.birth_date, today) {
        Check::passed(CheckName::Consent)
    } else {
        Check::to_confirm(CheckName::Consent, &codes::CONSENT_MISSING)
    };
    let prerequisite = if known.prerequisites {
        Check::passed(CheckName::Prerequisite)
    } else {
        Check::to_confirm(CheckName::Prerequisite, &codes::ENROLLMENT_PREREQUISITE)
    };
    vec![window, segment(cohort.segment, person), consent, prerequisite]
}

fn segment(wanted: Segment, person: &Participant) -> Check {
    let name = CheckName::Segment;
    let in_grade_xii = person.homeroom.as_deref().is_some_and(is_grade_xii) && person.graduation_year.is_none();
    match wanted {
        Segment::Public => Check::passed(name),
        _ if person.school_id.is_none() => Check::failed(name, &codes::PARTICIPANT_SCHOOL_REQUIRED),
        Segment::GradeXii if in_grade_xii => Check::passed(name),
        Segment::Alumni if !in_grade_xii => Check::passed(name),
        Segment::GradeXii | Segment::Alumni => Check::failed(name, &codes::ENROLLMENT_SEGMENT),
    }
}

/// Whether a homeroom's name is of grade XII: `XII TKJ 1`, `12 IPA 2`, but not `XI …` and not `XIII`.
pub fn is_grade_xii(homeroom: &str) -> bool {
    let text = homeroom.trim().to_ascii_uppercase();
    let rest = text.strip_prefix("KELAS ").unwrap_or(&text);
    ["XII", "12"].iter().any(|grade| {
        rest.strip_prefix(grade).is_some_and(|tail| !tail.starts_with(|c: char| c == 'I' || c.is_ascii_digit()))
    })
}

/// How far people can be asked to travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Students at school: inside their regency.
    Regency,
    /// Alumni and the public: anywhere in the province.
    Province,
}

impl Reach {
    pub(crate) fn of(segment: Segment) -> Self {
        match segment {
            Segment::GradeXii => Self::Regency,
            Segment::Alumni | Segment::Public => Self::Province,
        }
    }
}

words! {
    /// Why a person got the seat they got.
    pub enum Why {
        /// The class is at the own school.
        OwnSchool = "own_school",
        /// The class is in the same regency.
        SameRegency = "same_regency",
        /// The class is elsewhere in the province; never for students who are still at school.
        SameProvince = "same_province",
        /// Whoever brought the person named the class.
        Named = "named",
        /// A class that has too few people otherwise.
        FillsClass = "fills_class",
        /// Somebody chose it by hand, with a reason.
        ByHand = "by_hand",
        /// The seat was free, and it was the person's turn.
        Offered = "offered",
        /// The seat was kept for the person's school.
        Reserved = "reserved",
    }
}

words! {
    /// Why a person got no seat.
    pub enum WhyNot {
        /// Every seat within reach is taken.
        NoSeat = "no_seat",
        /// A minor's guardian has not consented yet.
        ConsentMissing = "consent_missing",
        /// The person sits in another class of the same period.
        Overlap = "overlap",
        /// The person's data are on hold.
        OnHold = "on_hold",
        /// The person came of age and has not consented yet.
        OwnConsentDue = "own_consent_due",
        /// Somebody decided so by hand, with a reason.
        ByHand = "by_hand",
        /// A seat is held for the person until the offer of it is answered.
        Offered = "offered",
    }
}

impl WhyNot {
    /// The code of its sentence.
    pub(crate) fn code(self) -> &'static Code {
        match self {
            Self::NoSeat | Self::ByHand => &codes::CLASS_FULL,
            Self::ConsentMissing => &codes::CONSENT_MISSING,
            Self::Overlap => &codes::ENROLLMENT_OVERLAP,
            Self::OnHold => &codes::HOLD_IN_FORCE,
            Self::OwnConsentDue => &codes::CONSENT_OWN_DUE,
            Self::Offered => &codes::SEAT_OFFER_OPEN,
        }
    }
}

/// How near a person is to a class, if it is within reach: the nearer come first, and among them those who wait longer.
pub(crate) fn nearness(reach: Reach, own_school: bool, same_regency: bool) -> Option<Why> {
    match reach {
        _ if own_school => Some(Why::OwnSchool),
        _ if same_regency => Some(Why::SameRegency),
        Reach::Province => Some(Why::SameProvince),
        Reach::Regency => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grade_xii_is_read_from_the_homeroom() {
        for yes in ["XII TKJ 1", "xii-1", "12 IPA 2", "Kelas XII", "XII.A"] {
            assert!(is_grade_xii(yes), "{yes}");
        }
        for no in ["XI TKJ 1", "XIII", "11 IPA", "120", "X", ""] {
            assert!(!is_grade_xii(no), "{no}");
        }
    }

    #[test]
    fn the_end_is_the_end() {
        for state in [EnrollmentState::Completed, EnrollmentState::Withdrawn, EnrollmentState::DroppedOut] {
            assert_eq!(state.next(), []);
        }
        assert!(!EnrollmentState::Applied.can_become(EnrollmentState::Active));
        assert!(EnrollmentState::OnLeave.can_become(EnrollmentState::Active));
    }
}
