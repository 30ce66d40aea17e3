use std::collections::HashMap;
use std::fmt::Display;

use chrono::NaiveDate;

use crate::cohort::{CheckName, Cohort, CohortState};
use crate::error::{Code, Fact, codes};
use crate::id::Id;
use crate::participant::Participant;
use crate::time::{age_on, is_minor_on};
use crate::values::{RegencyCode, Segment, Setting, words};

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
    /// A guardian's consent for training is on record.
    pub(crate) consent: bool,
    /// Why nothing new may be done with the person's data, if so.
    pub(crate) stopped: Option<WhyNot>,
    /// A way to meet each prerequisite is on record (or there is none to meet).
    pub(crate) prerequisites: bool,
    /// The person sits in a class of the cohort's period.
    pub(crate) busy: bool,
}

/// Every check that the cohort does not leave out, in a fixed order, so that a person hears everything at once.
pub(crate) fn eligibility(cohort: &Cohort, person: &Participant, known: Known, today: NaiveDate) -> Vec<Check> {
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

fn window(cohort: &Cohort, today: NaiveDate) -> Check {
    let open = matches!(cohort.state, CohortState::Open | CohortState::Running)
        && (cohort.registration_opens_on..=cohort.registration_closes_on).contains(&today);
    Check::of(CheckName::Window, open, &codes::COHORT_NOT_OPEN)
        .fact("opens_on", cohort.registration_opens_on)
        .fact("closes_on", cohort.registration_closes_on)
}

fn graduation(cohort: &Cohort, person: &Participant) -> Check {
    let name = CheckName::Graduation;
    let Some(years) = &cohort.eligibility.graduated else { return Check::passed(name) };
    let holds = person.graduation_year.is_some_and(|year| lies_within(year, years.from, years.to));
    Check::of(name, holds, &codes::ENROLLMENT_GRADUATION)
        .fact("from", shown(years.from))
        .fact("to", shown(years.to))
        .fact("year", shown(person.graduation_year))
}

fn age(cohort: &Cohort, person: &Participant) -> Check {
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

fn region(cohort: &Cohort, person: &Participant) -> Check {
    let regencies = &cohort.eligibility.regencies;
    let holds = regencies.is_empty() || regencies.contains(&person.regency_code);
    Check::of(CheckName::Region, holds, &codes::ENROLLMENT_REGION)
}

fn lies_within(value: i32, from: Option<i32>, to: Option<i32>) -> bool {
    from.is_none_or(|from| from <= value) && to.is_none_or(|to| value <= to)
}

/// A limit that is not set, or a year that is not known, is a dash in a sentence.
fn shown(value: Option<i32>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
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

/// A person on the waiting list, in its order.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) enrollment: Id,
    pub(crate) school: Option<Id>,
    pub(crate) regency: RegencyCode,
    /// Why this person cannot be seated now, if so.
    pub(crate) hindered: Option<WhyNot>,
}

/// Free seats of a class.
#[derive(Debug, Clone)]
pub(crate) struct FreeSeats {
    pub(crate) class: Id,
    pub(crate) host: Id,
    pub(crate) regency: RegencyCode,
    pub(crate) free: i32,
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
    }
}

impl WhyNot {
    /// The code of its sentence.
    pub(crate) fn code(self) -> &'static Code {
        match self {
            Self::NoSeat => &codes::CLASS_FULL,
            Self::ConsentMissing => &codes::CONSENT_MISSING,
            Self::Overlap => &codes::ENROLLMENT_OVERLAP,
            Self::OnHold => &codes::HOLD_IN_FORCE,
            Self::OwnConsentDue => &codes::CONSENT_OWN_DUE,
        }
    }
}

/// Who gets which seat, and who does not, each with the reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeatingPlan {
    /// Enrollment, class, reason; in the order of the waiting list inside each reason.
    pub seats: Vec<(Id, Id, Why)>,
    /// Enrollment and reason.
    pub left: Vec<(Id, WhyNot)>,
}

/// Fills classes from the waiting list: first everyone whose own school hosts a class, then the rest by regency, then,
/// where people can travel, anywhere in the province; each time in the order of the list.
pub(crate) fn plan(waiting: &[Waiting], classes: &[FreeSeats], reach: Reach) -> SeatingPlan {
    let mut free: Vec<i32> = classes.iter().map(|class| class.free).collect();
    let mut by_host: HashMap<Id, Vec<usize>> = HashMap::new();
    let mut by_regency: HashMap<&RegencyCode, Vec<usize>> = HashMap::new();
    for (index, class) in classes.iter().enumerate() {
        by_host.entry(class.host).or_default().push(index);
        by_regency.entry(&class.regency).or_default().push(index);
    }
    let everywhere: Vec<usize> = match reach {
        Reach::Regency => Vec::new(),
        Reach::Province => (0..classes.len()).collect(),
    };
    let mut take = |candidates: Option<&Vec<usize>>| -> Option<Id> {
        let index = *candidates?.iter().find(|index| free[**index] > 0)?;
        free[index] -= 1;
        Some(classes[index].class)
    };
    let mut plan = SeatingPlan::default();
    let mut rest = Vec::new();
    for person in waiting {
        if let Some(why_not) = person.hindered {
            plan.left.push((person.enrollment, why_not));
            continue;
        }
        match take(person.school.as_ref().and_then(|school| by_host.get(school))) {
            Some(class) => plan.seats.push((person.enrollment, class, Why::OwnSchool)),
            None => rest.push(person),
        }
    }
    let mut far = Vec::new();
    for person in rest {
        match take(by_regency.get(&person.regency)) {
            Some(class) => plan.seats.push((person.enrollment, class, Why::SameRegency)),
            None => far.push(person),
        }
    }
    for person in far {
        match take(Some(&everywhere)) {
            Some(class) => plan.seats.push((person.enrollment, class, Why::SameProvince)),
            None => plan.left.push((person.enrollment, WhyNot::NoSeat)),
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    fn id(number: i64) -> Id {
        Id::from_i64(number).unwrap()
    }

    fn regency(index: usize) -> RegencyCode {
        RegencyCode::parse(["18.01", "18.02", "18.03"][index % 3]).unwrap()
    }

    proptest! {
        #[test]
        fn a_plan_never_exceeds_seats_and_never_loses_anyone(
            people in proptest::collection::vec((0_i64..6, 0_usize..3, proptest::bool::weighted(0.1)), 0..200),
            classes in proptest::collection::vec((0_i64..6, 0_usize..3, 0_i32..20), 0..12),
            travels in proptest::bool::ANY,
        ) {
            let reach = if travels { Reach::Province } else { Reach::Regency };
            let waiting: Vec<Waiting> = people.iter().enumerate().map(|(index, (school, place, hindered))| Waiting {
                enrollment: id(1000 + i64::try_from(index).unwrap()),
                school: Some(id(*school + 1)),
                regency: regency(*place),
                hindered: hindered.then_some(WhyNot::ConsentMissing),
            }).collect();
            let seats: Vec<FreeSeats> = classes.iter().enumerate().map(|(index, (host, place, free))| FreeSeats {
                class: id(5000 + i64::try_from(index).unwrap()), host: id(*host + 1), regency: regency(*place), free: *free,
            }).collect();
            let plan = plan(&waiting, &seats, reach);
            prop_assert_eq!(plan.seats.len() + plan.left.len(), waiting.len());
            for class in &seats {
                let taken = plan.seats.iter().filter(|(_, in_class, _)| *in_class == class.class).count();
                prop_assert!(taken <= usize::try_from(class.free).unwrap());
            }
            // Nobody is left for want of a seat while there is one within reach.
            for (enrollment, why) in &plan.left {
                if *why == WhyNot::NoSeat {
                    let person = waiting.iter().find(|one| one.enrollment == *enrollment).unwrap();
                    for class in seats.iter().filter(|class| travels || class.regency == person.regency) {
                        let taken = plan.seats.iter().filter(|(_, in_class, _)| *in_class == class.class).count();
                        prop_assert_eq!(taken, usize::try_from(class.free).unwrap());
                    }
                }
            }
        }
    }
}
