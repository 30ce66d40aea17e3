use std::fmt::Display;

use chrono::NaiveDate;

use super::Traits;
use crate::cohort::{CheckName, Cohort, CohortState};
use crate::error::{Code, Fact, codes};

use crate::time::{age_on, is_minor_on};
use crate::values::{Segment, Setting, words};

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
            // When the province opens the decision again.
            Self::Completed | Self::NotCompleted => &[Self::Active],
            Self::Withdrawn | Self::DroppedOut => &[],
        }
    }

    /// Whether it can move there.
    pub fn can_become(self, to: Self) -> bool {
        self.next().contains(&to)
    }

    /// Whether completion is decided.
    pub fn is_decided(self) -> bool {
        matches!(self, Self::Completed | Self::NotCompleted)
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

    fn of(name: CheckName, holds: bool, code: &'static Code) -> Self {
        if holds { Self::passed(name) } else { Self::failed(name, code) }
    }

    fn fact(mut self, name: &'static str, value: impl Display) -> Self {
        if self.code.is_some() {
            self.facts.push(Fact::new(name, value));
        }
        self
    }

    /// The check as gravely as the cohort takes it; nothing when it leaves it out.
    fn weighed(self, cohort: &Cohort) -> Option<Self> {
        match (self.result, cohort.eligibility.severity(self.name)) {
            (_, Setting::Off) => None,
            (CheckResult::Failed, Setting::Warning) => Some(Self { result: CheckResult::ToConfirm, ..self }),
            _ => Some(self),
        }
    }

    /// Whether a person may wait for a seat as it is.
    pub(crate) fn lets_wait(&self) -> bool {
        self.result == CheckResult::Passed || self.result == CheckResult::ToConfirm && self.name.is_for_the_seat()
    }
}

/// What the checks look at beside the person and the cohort.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// A guardian's consent for training is on record; of a minor.
    pub(crate) consent: bool,
    /// Why nothing new may be done with the person's data, if so.
    pub(crate) stopped: Option<WhyNot>,
    /// A way to meet each prerequisite is on record (or there is none to meet).
    pub(crate) prerequisites: bool,
    /// The person sits in a class of the cohort's period.
    pub(crate) busy: bool,
}

/// Every check that the cohort does not leave out, in a fixed order, so that a person hears everything at once.
pub(crate) fn eligibility(cohort: &Cohort, person: &Traits, known: Known, today: NaiveDate) -> Vec<Check> {
    let may_take_part = known.consent || !is_minor_on(person.birth_date, today);
    let mut checks: Vec<Check> = [
        window(cohort, today),
        segment(cohort.segment, person),
        graduation(cohort, person),
        age(cohort, person),
        region(cohort, person),
        Check::of(CheckName::Prerequisite, known.prerequisites, &codes::ENROLLMENT_PREREQUISITE),
        Check::of(CheckName::Consent, may_take_part, &codes::CONSENT_MISSING),
        Check::of(CheckName::Overlap, !known.busy, &codes::ENROLLMENT_OVERLAP),
    ]
    .into_iter()
    .filter_map(|check| check.weighed(cohort))
    .collect();
    // What stops every use of a person's data is no rule of the province's.
    if let Some(why) = known.stopped
        && let Some(consent) = checks.iter_mut().find(|check| check.name == CheckName::Consent)
    {
        *consent = Check::failed(CheckName::Consent, why.code());
    }
    checks
}

/// Why somebody who waits cannot be given a seat, as the checks came out: what is asked for with the seat has to hold,
/// and of the rest what the cohort takes as an error.
pub(crate) fn hindrance(checks: &[Check]) -> Option<WhyNot> {
    let open = |check: &&Check| {
        check.result == CheckResult::Failed || check.result == CheckResult::ToConfirm && check.name.is_for_the_seat()
    };
    checks.iter().filter(open).find_map(|check| match check.name {
        CheckName::Window => None,
        CheckName::Segment => Some(WhyNot::Segment),
        CheckName::Graduation => Some(WhyNot::Graduation),
        CheckName::Age => Some(WhyNot::Age),
        CheckName::Region => Some(WhyNot::Region),
        CheckName::Prerequisite => Some(WhyNot::Prerequisite),
        CheckName::Consent => Some(WhyNot::ConsentMissing),
        CheckName::Overlap => Some(WhyNot::Overlap),
    })
}

fn window(cohort: &Cohort, today: NaiveDate) -> Check {
    let open = matches!(cohort.state, CohortState::Open | CohortState::Running)
        && (cohort.registration_opens_on..=cohort.registration_closes_on).contains(&today);
    Check::of(CheckName::Window, open, &codes::COHORT_NOT_OPEN)
        .fact("opens_on", cohort.registration_opens_on)
        .fact("closes_on", cohort.registration_closes_on)
}

fn graduation(cohort: &Cohort, person: &Traits) -> Check {
    let name = CheckName::Graduation;
    let Some(years) = &cohort.eligibility.graduated else { return Check::passed(name) };
    let holds = person.graduation_year.is_some_and(|year| lies_within(year, years.from, years.to));
    Check::of(name, holds, &codes::ENROLLMENT_GRADUATION)
        .fact("from", shown(years.from))
        .fact("to", shown(years.to))
        .fact("year", shown(person.graduation_year))
}

fn age(cohort: &Cohort, person: &Traits) -> Check {
    let name = CheckName::Age;
    let Some(ages) = &cohort.eligibility.age else { return Check::passed(name) };
    let on = ages.on.unwrap_or(cohort.starts_on);
    let age = age_on(person.birth_date, on);
    Check::of(name, lies_within(age, ages.from, ages.to), &codes::ENROLLMENT_AGE)
        .fact("from", shown(ages.from))
        .fact("to", shown(ages.to))
        .fact("on", on)
        .fact("age", age)
}

fn region(cohort: &Cohort, person: &Traits) -> Check {
    let regencies = &cohort.eligibility.regencies;
    let holds = regencies.is_empty() || regencies.contains(&person.regency);
    Check::of(CheckName::Region, holds, &codes::ENROLLMENT_REGION)
}

fn lies_within(value: i32, from: Option<i32>, to: Option<i32>) -> bool {
    from.is_none_or(|from| from <= value) && to.is_none_or(|to| value <= to)
}

/// A limit that is not set, or a year that is not known, is a dash in a sentence.
fn shown(value: Option<i32>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

fn segment(wanted: Segment, person: &Traits) -> Check {
    let name = CheckName::Segment;
    let in_grade_xii = person.homeroom.as_deref().is_some_and(is_grade_xii) && person.graduation_year.is_none();
    match wanted {
        Segment::Public => Check::passed(name),
        _ if person.school.is_none() => Check::failed(name, &codes::PARTICIPANT_SCHOOL_REQUIRED),
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
        /// The person is not of the cohort's segment any more.
        Segment = "segment",
        /// The year of graduation is not one the cohort is for.
        Graduation = "graduation",
        /// The age is not one the cohort is for.
        Age = "age",
        /// The regency is not one the cohort is for.
        Region = "region",
        /// What the program asks for before is not on record.
        Prerequisite = "prerequisite",
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
            Self::Segment => &codes::ENROLLMENT_SEGMENT,
            Self::Graduation => &codes::ENROLLMENT_GRADUATION,
            Self::Age => &codes::ENROLLMENT_AGE,
            Self::Region => &codes::ENROLLMENT_REGION,
            Self::Prerequisite => &codes::ENROLLMENT_PREREQUISITE,
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
        for state in [EnrollmentState::Withdrawn, EnrollmentState::DroppedOut] {
            assert_eq!(state.next(), []);
        }
        assert!(!EnrollmentState::Applied.can_become(EnrollmentState::Active));
        assert!(EnrollmentState::OnLeave.can_become(EnrollmentState::Active));
    }
}
