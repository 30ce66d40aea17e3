//! Invented students and alumni, registered school by school with their guardians' consent.

use std::collections::{BTreeMap, HashSet};

use chrono::{Days, NaiveDate};
use vokasi_core::access::Actor;
use vokasi_core::cohort::Cohort;
use vokasi_core::consent::{self, ConsentMethod, Giver, NewConsent, Purpose};
use vokasi_core::db::Db;
use vokasi_core::enrollment;
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::participant::{self, Address, Contact, Guardian, Participant, Relation};
use vokasi_core::time::is_minor_on;
use vokasi_core::values::{Email, FamilyCard, Nik, Nisn, PersonName, Phone, RegencyCode, Segment, Sex};
use vokasi_fixtures::workbook::{demo_people, demo_school};
use vokasi_fixtures::{LAMPUNG, People, Person};

use super::places::{Places, label};
use super::plan::IntakePlan;
use super::{Progress, day, morning};

/// Registers the first year, and goes on inventing people who are nobody of it.
pub(super) fn make(
    db: &Db,
    actor: &Actor,
    places: &Places,
    plan: &IntakePlan,
    progress: &dyn Progress,
) -> Result<Invented> {
    let workbook = demo_people();
    let mut invented = Invented {
        people: People::new(8_445),
        taken: workbook.iter().flat_map(|one| [one.nisn.clone(), one.nik.clone()]).collect(),
    };
    for wave in &plan.waves {
        let cohort = plan.cohorts.iter().find(|cohort| cohort.id == wave.cohort).cloned();
        let cohort = cohort.ok_or_else(|| Error::storage("no such cohort"))?;
        // The students of the school that brings its workbook come by that door.
        let by_workbook = cohort.id == plan.demo_cohort.id && LAMPUNG[wave.regency].0 == demo_school().regency_code;
        let people = wave.people - if by_workbook { workbook.len() } else { 0 };
        let made = invented.register(db, actor, places, &cohort, (wave.regency, people), day(2025, 7, 18))?;
        progress.advance(u64::try_from(made).unwrap_or_default());
    }
    Ok(invented)
}

/// People who are nobody else: not even one of the school that brings its workbook.
pub(super) struct Invented {
    people: People,
    taken: HashSet<String>,
}

impl Invented {
    /// So many people of a regency onto a cohort's waiting list, shared out over its schools; the public comes without a
    /// school. Says how many.
    pub(super) fn register(
        &mut self,
        db: &Db,
        actor: &Actor,
        places: &Places,
        cohort: &Cohort,
        (regency, people): (usize, usize),
        on: NaiveDate,
    ) -> Result<usize> {
        let (code, segment) = (LAMPUNG[regency].0, cohort.segment);
        let of_regency: Vec<Id> =
            places.schools.iter().filter(|place| place.regency.as_str() == code).map(|place| place.id).collect();
        let mut by_school: BTreeMap<Option<Id>, Vec<participant::Person>> = BTreeMap::new();
        for index in 0..people {
            let person = self.next(segment, code);
            let school = (segment != Segment::Public).then(|| of_regency[index % of_regency.len()]);
            by_school.entry(school).or_default().push(register_entry(&person, segment)?);
        }
        let regency = RegencyCode::parse(code).map_err(Error::new)?;
        let (actor, cohort) = (actor.clone(), cohort.clone());
        db.write(morning(on), move |tx| {
            let mut everyone: Vec<Participant> = Vec::new();
            for (school, people) in &by_school {
                everyone.extend(participant::create_many(tx, &actor, *school, Some(&regency), people)?);
            }
            consent::give_many(tx, &actor, &consents(&everyone, on)?)?;
            let references: Vec<&Participant> = everyone.iter().collect();
            Ok(enrollment::apply_many(tx, &actor, &cohort, &references, None)?.len())
        })
    }

    fn next(&mut self, segment: Segment, regency: &str) -> Person {
        loop {
            let person = match segment {
                Segment::GradeXii => self.people.grade_xii(regency, 2025),
                Segment::Alumni | Segment::Public => self.people.alumni(regency, 2025),
            };
            if !self.taken.contains(&person.nisn) && !self.taken.contains(&person.nik) {
                return person;
            }
        }
    }
}

/// A person of the generator as the register takes one.
fn register_entry(person: &Person, segment: Segment) -> Result<participant::Person> {
    let alumni = segment != Segment::GradeXii;
    let guardian = &person.guardian;
    Ok(participant::Person {
        name: PersonName::parse(&person.name).map_err(Error::new)?,
        sex: match person.sex {
            vokasi_fixtures::people::Sex::Female => Sex::Female,
            vokasi_fixtures::people::Sex::Male => Sex::Male,
        },
        birth_place: person.birth_place.clone(),
        birth_date: person.birth_date,
        nik: Some(Nik::parse(&person.nik).map_err(Error::new)?),
        nisn: Some(Nisn::parse(&person.nisn).map_err(Error::new)?),
        student_number: Some(person.nipd.clone()),
        homeroom: Some(person.homeroom.clone()).filter(|_| !alumni),
        graduation_year: alumni.then_some(2024),
        contact: Contact {
            family_card: FamilyCard::parse(&person.family_card).ok(),
            phone: Phone::parse(&person.phone).ok(),
            email: person.email.as_ref().and_then(|email| Email::parse(email).ok()),
            address: Address {
                street: Some(person.address.street.clone()),
                rt: Some(person.address.rt.clone()),
                rw: Some(person.address.rw.clone()),
                hamlet: Some(person.address.hamlet.clone()),
                village: Some(person.address.village.clone()),
                district: Some(person.address.district.clone()),
                postal_code: Some(person.address.postal_code.clone()),
            },
            guardian: Some(Guardian {
                name: PersonName::parse(&guardian.name).map_err(Error::new)?,
                relation: Relation::parse(guardian.relation.as_str()).map_err(Error::new)?,
                phone: Phone::parse(&guardian.phone).ok(),
            }),
        },
    })
}

/// The signed sheets of a whole wave, of two days before: a guardian's for a minor, one's own from 18 on.
pub(super) fn consents(people: &[Participant], on: NaiveDate) -> Result<Vec<NewConsent>> {
    let given_on = on - Days::new(2);
    people
        .iter()
        .map(|person| {
            let given_by = if is_minor_on(person.birth_date, given_on) { Giver::Guardian } else { Giver::Participant };
            Ok(NewConsent {
                participant: person.id,
                purpose: Purpose::Training,
                text_version: label("2025-07")?,
                given_by,
                giver_name: person.name.clone(),
                method: ConsentMethod::Paper,
                given_on,
            })
        })
        .collect()
}
