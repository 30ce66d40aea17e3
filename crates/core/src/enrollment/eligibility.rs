//! Eligibility: the named checks of a cohort, the same on the way in, before a seat, in a plan, and for a whole school.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::rules::{self, Check, CheckResult, Known, WhyNot};
use super::store::{self, Enrollment, Traits};
use super::{EnrollmentState, there_already};
use crate::access::{Actor, Operation};
use crate::cohort::{self, CheckName, Cohort};
use crate::consent;
use crate::db::Tx;
use crate::error::{Code, Error, Result, codes};
use crate::exam;
use crate::hold;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant::{self, Participant, ParticipantFilter};
use crate::program::{Curriculum, Need};
use crate::time::is_minor_on;

/// The checks a registration would go through, without registering.
pub fn eligibility(tx: &mut Tx<'_>, actor: &Actor, cohort: Id, participant: Id) -> Result<Vec<Check>> {
    actor.may(Operation::EnrollmentWrite)?;
    let cohort = cohort::get(tx, actor, cohort)?;
    let person = participant::get(tx, actor, participant).map_err(|error| error.at("/participant"))?;
    checks(tx, &cohort, &person)
}

/// Somebody who may register for a cohort, and what stands in the way.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Who.
    pub participant: Participant,
    /// Whether the person has a place in the cohort already.
    pub is_enrolled: bool,
    /// Every check, as a registration would go through them.
    pub checks: Vec<Check>,
}

/// The checks that each person in the actor's scope would go through, of one school or of all.
pub fn candidates(
    tx: &mut Tx<'_>,
    actor: &Actor,
    cohort: Id,
    school: Option<Id>,
    page: PageRequest,
) -> Result<Page<Candidate>> {
    actor.may(Operation::EnrollmentWrite)?;
    let cohort = cohort::get(tx, actor, cohort)?;
    let filter = ParticipantFilter { school, ..ParticipantFilter::default() };
    let people = participant::list(tx, actor, &filter, page)?;
    let ids: Vec<Id> = people.rows.iter().map(|person| person.id).collect();
    let there = there_already(tx, cohort.id, &ids)?;
    let today = tx.today(&cohort.province_code);
    let looked = Looked::at(tx, &cohort, people.rows.iter().map(born), today)?;
    Ok(people.map(|participant| Candidate {
        is_enrolled: there.contains(&participant.id),
        checks: rules::eligibility(&cohort, &Traits::of(&participant), looked.known(participant.id), today),
        participant,
    }))
}

pub(super) fn failed(checks: &[Check]) -> Option<(&'static Code, &Check)> {
    checks.iter().filter(|check| check.result == CheckResult::Failed).find_map(|check| Some((check.code?, check)))
}

/// # Errors
/// The code of the first check that failed.
pub(super) fn refuse(checks: &[Check]) -> Result<()> {
    match failed(checks) {
        Some((code, check)) => Err(Error { facts: check.facts.clone(), ..Error::new(code) }),
        None => Ok(()),
    }
}

pub(super) fn checks(tx: &mut Tx<'_>, cohort: &Cohort, person: &Participant) -> Result<Vec<Check>> {
    let today = tx.today(&cohort.province_code);
    let looked = Looked::at(tx, cohort, [born(person)], today)?;
    Ok(rules::eligibility(cohort, &Traits::of(person), looked.known(person.id), today))
}

pub(super) fn born(person: &Participant) -> (Id, NaiveDate) {
    (person.id, person.birth_date)
}

/// What is on record about people that the checks ask for, whatever the scope.
pub(super) struct Looked {
    consented: HashSet<Id>,
    stopped: HashMap<Id, WhyNot>,
    prepared: HashSet<Id>,
    busy: HashSet<Id>,
}

impl Looked {
    /// At people and when each of them was born.
    pub(super) fn at(
        tx: &mut Tx<'_>,
        cohort: &Cohort,
        born: impl IntoIterator<Item = (Id, NaiveDate)>,
        today: NaiveDate,
    ) -> Result<Self> {
        let born: Vec<(Id, NaiveDate)> = born.into_iter().collect();
        let people: Vec<Id> = born.iter().map(|(person, _)| *person).collect();
        // Nobody else's is asked for.
        let minors: Vec<Id> =
            born.iter().filter(|(_, born_on)| is_minor_on(*born_on, today)).map(|(person, _)| *person).collect();
        let (_, curriculum) = cohort::curriculum(tx, cohort)?;
        Ok(Self {
            consented: consent::given_for_training(tx, &minors)?,
            stopped: stopped(tx, &born, &people, today)?,
            prepared: prepared(tx, &curriculum, &people, today)?,
            busy: tx.beyond(|tx| store::seated_between(tx, &people, cohort.starts_on, cohort.ends_on))?,
        })
    }

    pub(super) fn known(&self, person: Id) -> Known {
        Known {
            consent: self.consented.contains(&person),
            stopped: self.stopped.get(&person).copied(),
            prerequisites: self.prepared.contains(&person),
            busy: self.busy.contains(&person),
        }
    }
}

/// Those of these people with whose data nothing new may be done, and why.
fn stopped(tx: &mut Tx<'_>, born: &[(Id, NaiveDate)], people: &[Id], today: NaiveDate) -> Result<HashMap<Id, WhyNot>> {
    let own_due = consent::own_overdue(tx, born, today)?.into_iter().map(|id| (id, WhyNot::OwnConsentDue));
    let held = hold::in_force(tx, people, today)?.into_iter().map(|id| (id, WhyNot::OnHold));
    Ok(own_due.chain(held).collect())
}

/// Those of these people who have met every prerequisite on a day: completed a program, or passed an exam.
fn prepared(tx: &mut Tx<'_>, curriculum: &Curriculum, people: &[Id], today: NaiveDate) -> Result<HashSet<Id>> {
    if curriculum.prerequisites.is_empty() {
        return Ok(people.iter().copied().collect());
    }
    let completed = tx.beyond(|tx| store::completed_programs(tx, people))?;
    let passes = exam::passes(tx, people, today)?;
    let met = |person: &Id, need: &Need| match need {
        Need::Program { program } => completed.get(person).is_some_and(|codes| codes.contains(program)),
        Need::Exam { exam, level } => {
            passes.get(person).is_some_and(|passes| passes.iter().any(|pass| pass.reaches(exam, level)))
        }
    };
    let all_met = |person: &&Id| {
        curriculum.prerequisites.iter().all(|prerequisite| prerequisite.any_of.iter().any(|need| met(person, need)))
    };
    Ok(people.iter().filter(all_met).copied().collect())
}

/// Whether a person may come nearer to a class; leaving it, for a while or for good, is always possible. Says which doubts
/// are open: whoever takes the step has looked at them.
///
/// # Errors
/// `consent.missing`, `hold.in_force`, `consent.own_due`, and the code of every check that the cohort takes as an error.
pub(super) fn may_go_on(
    tx: &mut Tx<'_>,
    person: &Participant,
    row: &Enrollment,
    to: EnrollmentState,
) -> Result<Vec<&'static str>> {
    let cohort = cohort::one(tx, row.cohort_id)?;
    let today = tx.today(&cohort.province_code);
    let looked = Looked::at(tx, &cohort, [born(person)], today)?;
    let known = looked.known(person.id);
    if to == EnrollmentState::Active && !known.consent && is_minor_on(person.birth_date, today) {
        return Err(Error::new(&codes::CONSENT_MISSING));
    }
    if let Some(why) = known.stopped {
        return Err(Error::new(why.code()));
    }
    // Who has a seat was looked at before; whether another class overlaps is asked with the class.
    if !matches!(row.state, EnrollmentState::Applied | EnrollmentState::Waitlisted) {
        return Ok(Vec::new());
    }
    let mut checks = rules::eligibility(&cohort, &Traits::of(person), known, today);
    checks.retain(|check| !matches!(check.name, CheckName::Window | CheckName::Overlap));
    refuse(&checks)?;
    Ok(checks.iter().filter_map(|check| check.code).map(|code| code.name).collect())
}

/// Who of these cannot be seated now, and why; by person.
pub(super) fn hindrances(tx: &mut Tx<'_>, cohort: &Cohort, people: &[Id]) -> Result<HashMap<Id, WhyNot>> {
    let today = tx.today(&cohort.province_code);
    let people = store::traits(tx, people)?;
    let looked = Looked::at(tx, cohort, people.iter().map(|(person, traits)| (*person, traits.birth_date)), today)?;
    let mut hindered = HashMap::new();
    for (person, traits) in people {
        let known = Known { stopped: None, ..looked.known(person) };
        let checks = rules::eligibility(cohort, &traits, known, today);
        if let Some(why) = rules::hindrance(&checks).or(looked.stopped.get(&person).copied()) {
            hindered.insert(person, why);
        }
    }
    Ok(hindered)
}
