//! Cohorts and classes: 8,445 grade-XII students for 101 classes with 2,984 seats, as in the first year.
//!
//! The figures are those of [`vokasi_fixtures::intake`].

use std::collections::BTreeMap;

use chrono::NaiveDate;
use vokasi_core::access::Actor;
use vokasi_core::class::{self, NewClass, Slot};
use vokasi_core::cohort::{self, Cohort, CohortState, EligibilityRules, NewCohort};
use vokasi_core::db::{Db, Tx};
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::partner::PartnerKind;
use vokasi_core::values::Segment;
use vokasi_fixtures::{LAMPUNG, intake};

use super::places::{Place, Places, TEACHERS, hire, label};
use super::{day, instant};

/// People made in all: grade XII, alumni and the public.
pub(super) const PEOPLE: u64 = intake::REGISTERED as u64 + 2_000 + 73;
/// Classes of grade XII by program: Japanese N5, hospitality, plantation.
const GRADE_XII: [(&str, usize); 3] = [("JPN-N5", 81), ("HOSP", 12), ("PLANT", 8)];

/// Teachers of grade XII who are there: of 88 that were wanted, 37 were hired.
const HIRED: usize = 37;
/// From here on the teachers of schools are numbered.
const SCHOOL_TEACHERS: usize = 101;
/// When classes begin, in minutes after midnight.
const MORNING: i32 = 8 * 60;
const AFTERNOON: i32 = 13 * 60;
/// Where grade XII learns.
const ROOMS: [&str; 4] = ["Lab Bahasa", "Ruang Kelas XII-3", "Lab Komputer", "Ruang Serbaguna"];

/// How many register for a cohort in a regency.
#[derive(Debug, Clone)]
pub(super) struct Wave {
    pub(super) cohort: Id,
    /// Index into [`LAMPUNG`].
    pub(super) regency: usize,
    pub(super) people: usize,
}

#[derive(Debug, Clone)]
pub(super) struct IntakePlan {
    pub(super) cohorts: Vec<Cohort>,
    pub(super) waves: Vec<Wave>,
    /// The cohort and class of the main job.
    pub(super) demo_cohort: Cohort,
    pub(super) demo_class: Id,
}

pub(super) fn make(db: &Db, actor: &Actor, places: &Places) -> Result<IntakePlan> {
    let (actor, places) = (actor.clone(), places.clone());
    db.write(instant(2025, 7, 14), move |tx| {
        let mut plan = Planner {
            tx,
            actor: &actor,
            places: &places,
            cohorts: Vec::new(),
            waves: Vec::new(),
            next_school: [0; 15],
            turns: Turns::default(),
        };
        let (demo_cohort, demo_class) = plan.grade_xii()?;
        plan.alumni()?;
        plan.public()?;
        Ok(IntakePlan { cohorts: plan.cohorts, waves: plan.waves, demo_cohort, demo_class })
    })
}

struct Planner<'p, 't> {
    tx: &'p mut Tx<'t>,
    actor: &'p Actor,
    places: &'p Places,
    cohorts: Vec<Cohort>,
    waves: Vec<Wave>,
    next_school: [usize; 15],
    turns: Turns,
}

/// A cohort to make.
pub(super) struct Intake<'a> {
    pub(super) program: &'a str,
    pub(super) segment: Segment,
    pub(super) name: &'a str,
    pub(super) period: (NaiveDate, NaiveDate),
    pub(super) registration: (NaiveDate, NaiveDate),
    pub(super) seats_wanted: i32,
}

/// A class to make, with what it takes.
pub(super) struct Arranged {
    pub(super) number: usize,
    pub(super) seats: i32,
    pub(super) instructor: Option<Id>,
    pub(super) room: Option<String>,
    pub(super) slots: Vec<Slot>,
}

/// How many classes a training partner has been given: each teacher has a room, and a class in the morning before one
/// in the afternoon.
#[derive(Default)]
pub(super) struct Turns(BTreeMap<Id, usize>);

impl Turns {
    pub(super) fn next(&mut self, host: &Place, number: usize, seats: i32) -> Arranged {
        let turn = self.0.entry(host.id).or_default();
        let (teacher, shift) = (*turn % TEACHERS, *turn / TEACHERS % 2);
        *turn += 1;
        let starts_at = if shift == 0 { MORNING } else { AFTERNOON };
        Arranged {
            number,
            seats,
            instructor: host.teachers.get(teacher).copied(),
            room: Some(format!("Ruang {}", teacher + 1)),
            slots: (1..=5).map(|weekday| Slot { weekday, starts_at, lesson_hours: 6 }).collect(),
        }
    }
}

impl Planner<'_, '_> {
    fn grade_xii(&mut self) -> Result<(Cohort, Id)> {
        let waiting = intake::waiting();
        let mut index = 0;
        let mut demo = None;
        for (code, number) in GRADE_XII {
            let period = (day(2025, 7, 21), day(2026, 7, 20));
            let cohort = self.cohort(code, Segment::GradeXii, "2025/2026", period, 3_000)?;
            let hosted = intake::shared(number);
            for (regency, classes) in hosted.iter().enumerate() {
                let mut seats = 0;
                for _ in 0..*classes {
                    let size = intake::seats(index);
                    let is_demo = demo.is_none() && LAMPUNG[regency].0 == self.places.demo_school.regency.as_str();
                    let host = if is_demo { self.places.demo_school.clone() } else { self.school(regency) };
                    let arranged = self.at_school(&host, index, is_demo)?;
                    let made = self.class(&cohort, &host, arranged)?;
                    if is_demo {
                        demo = Some((cohort.clone(), made));
                    }
                    seats += size;
                    index += 1;
                }
                // Everyone waits for Japanese; the other two have exactly as many people as seats.
                let people = seats + if code == "JPN-N5" { waiting[regency] } else { 0 };
                self.waves.push(Wave { cohort: cohort.id, regency, people });
            }
            self.cohorts.push(cohort);
        }
        demo.ok_or_else(|| Error::storage("no class for the demo school"))
    }

    fn alumni(&mut self) -> Result<()> {
        for (code, people, classes, kind) in [
            ("JPN-N5", 900, 12, PartnerKind::Lpk),
            ("MAND", 320, 8, PartnerKind::UniversityUnit),
            ("CANT", 280, 6, PartnerKind::Blk),
            ("ENGL", 300, 8, PartnerKind::Lkp),
            ("JPN-N4", 200, 4, PartnerKind::Lpk),
        ] {
            let period = (day(2025, 8, 1), day(2025, 10, 31));
            let cohort = self.cohort(code, Segment::Alumni, "Gelombang 1 2025", period, people)?;
            let hosts = self.places.of_kind(kind);
            for number in 0..classes {
                let host = &hosts[number % hosts.len()];
                let arranged = self.turns.next(host, number + 1, 25);
                self.class(&cohort, host, arranged)?;
            }
            for (regency, share) in intake::shared(usize::try_from(people).unwrap_or_default()).iter().enumerate() {
                self.waves.push(Wave { cohort: cohort.id, regency, people: *share });
            }
            self.cohorts.push(cohort);
        }
        Ok(())
    }

    fn public(&mut self) -> Result<()> {
        let period = (day(2025, 10, 1), day(2025, 11, 30));
        let cohort = self.cohort("HOSP", Segment::Public, "BP3MI 2025", period, 60)?;
        let plantation = self.cohort("PLANT", Segment::Public, "BP3MI 2025", period, 100)?;
        for (cohort, kind, number, seats) in [
            (&cohort, PartnerKind::Polytechnic, 1, 20),
            (&cohort, PartnerKind::Blk, 2, 20),
            (&plantation, PartnerKind::AgriculturalCenter, 1, 36),
        ] {
            if let Some(host) = self.places.of_kind(kind).first() {
                let arranged = self.turns.next(host, number, seats);
                self.class(cohort, host, arranged)?;
            }
        }
        for (cohort, people) in [(&cohort, 45), (&plantation, 28)] {
            for (regency, share) in intake::shared(people).iter().enumerate() {
                self.waves.push(Wave { cohort: cohort.id, regency, people: *share });
            }
        }
        self.cohorts.extend([cohort, plantation]);
        Ok(())
    }

    fn cohort(
        &mut self,
        program: &str,
        segment: Segment,
        name: &str,
        period: (NaiveDate, NaiveDate),
        seats_wanted: i32,
    ) -> Result<Cohort> {
        let registration = (day(2025, 7, 14), day(2025, 8, 8));
        let intake = Intake { program, segment, name, period, registration, seats_wanted };
        cohort(self.tx, self.actor, self.places, &intake)
    }

    /// Schools of a regency in turn, so that classes are spread.
    fn school(&mut self, regency: usize) -> Place {
        let code = LAMPUNG[regency].0;
        let of_regency: Vec<&Place> =
            self.places.schools.iter().filter(|place| place.regency.as_str() == code).collect();
        let turn = self.next_school[regency];
        self.next_school[regency] += 1;
        of_regency
            .get(turn % of_regency.len().max(1))
            .map_or_else(|| self.places.demo_school.clone(), |place| (*place).clone())
    }

    /// A class of grade XII, at the weekend; not every school has a teacher yet, or a room to name.
    fn at_school(&mut self, host: &Place, index: usize, demo: bool) -> Result<Arranged> {
        let is_hired = (index + 1) * HIRED / intake::CLASSES > index * HIRED / intake::CLASSES;
        let instructor = match (demo, is_hired) {
            (true, _) => Some(self.places.instructor),
            (_, true) => Some(hire(self.tx, self.actor, host, SCHOOL_TEACHERS + index)?),
            _ => None,
        };
        let room = (demo || index % 5 != 4).then(|| ROOMS[index % ROOMS.len()].to_owned());
        let starts_at = if demo || index % 4 != 3 { MORNING } else { AFTERNOON };
        let slots = [6, 7].map(|weekday| Slot { weekday, starts_at, lesson_hours: 4 }).to_vec();
        let seats = i32::try_from(intake::seats(index)).map_err(Error::storage)?;
        Ok(Arranged { number: index + 1, seats, instructor, room, slots })
    }

    fn class(&mut self, cohort: &Cohort, host: &Place, arranged: Arranged) -> Result<Id> {
        class(self.tx, self.actor, cohort, host, arranged)
    }
}

/// Makes a cohort and opens it.
pub(super) fn cohort(tx: &mut Tx<'_>, actor: &Actor, places: &Places, intake: &Intake<'_>) -> Result<Cohort> {
    let made = cohort::create(
        tx,
        actor,
        NewCohort {
            province: super::province()?,
            program: places.programs.get(intake.program).copied().unwrap_or_default(),
            segment: intake.segment,
            name: label(intake.name)?,
            starts_on: intake.period.0,
            ends_on: intake.period.1,
            registration_opens_on: intake.registration.0,
            registration_closes_on: intake.registration.1,
            seats_wanted: intake.seats_wanted,
            class_size: i32::try_from(intake::CLASS_SIZE).unwrap_or_default(),
            offer_days: cohort::OFFER_DAYS,
            length_reason: None,
            eligibility: EligibilityRules::default(),
            confirm: Vec::new(),
        },
    )?;
    cohort::move_to(tx, actor, made.id, made.version, CohortState::Open, None)
}

/// Plans a class at a host.
pub(super) fn class(tx: &mut Tx<'_>, actor: &Actor, cohort: &Cohort, host: &Place, arranged: Arranged) -> Result<Id> {
    let new = NewClass {
        cohort: cohort.id,
        partner: host.id,
        agreement: host.agreement,
        agreement_override: None,
        instructor: arranged.instructor,
        name: label(&format!("Kelas {}", arranged.number))?,
        room: arranged.room.as_deref().map(label).transpose()?,
        seats: arranged.seats,
        minimum: 16,
        reserves: 2,
        starts_on: None,
        ends_on: None,
        slots: arranged.slots,
    };
    Ok(class::create(tx, actor, new)?.0.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_share_all_classes() {
        assert_eq!(GRADE_XII.iter().map(|(_, number)| number).sum::<usize>(), intake::CLASSES);
    }
}
