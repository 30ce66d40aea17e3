//! Cohorts and classes: 8,445 grade-XII students for 101 classes with 2,984 seats, as in the first year.
//!
//! The figures are those of [`vokasi_fixtures::intake`].

use vokasi_core::access::Actor;
use vokasi_core::class::{self, NewClass, Slot};
use vokasi_core::cohort::{self, Cohort, CohortState, EligibilityRules, NewCohort};
use vokasi_core::db::{Db, Tx};
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::partner::PartnerKind;
use vokasi_core::values::Segment;
use vokasi_fixtures::{LAMPUNG, intake};

use super::places::{Place, Places, label};
use super::{day, instant};

/// People made in all: grade XII, alumni and the public.
pub(super) const PEOPLE: u64 = intake::REGISTERED as u64 + 2_000 + 73;
/// Classes of grade XII by program: Japanese N5, hospitality, plantation.
const GRADE_XII: [(&str, usize); 3] = [("JPN-N5", 81), ("HOSP", 12), ("PLANT", 8)];

/// How many register for a cohort in a regency.
#[derive(Debug, Clone)]
pub(super) struct Wave {
    pub(super) cohort: Id,
    pub(super) segment: Segment,
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
}

impl Planner<'_, '_> {
    fn grade_xii(&mut self) -> Result<(Cohort, Id)> {
        let waiting = intake::waiting();
        let mut index = 0;
        let mut demo = None;
        for (code, number) in GRADE_XII {
            let cohort = self.cohort(code, Segment::GradeXii, "2025/2026", (2025, 7, 21), (2026, 7, 20), 3_000)?;
            let hosted = intake::shared(number);
            for (regency, classes) in hosted.iter().enumerate() {
                let mut seats = 0;
                for _ in 0..*classes {
                    let size = intake::seats(index);
                    let is_demo = demo.is_none() && LAMPUNG[regency].0 == self.places.demo_school.regency.as_str();
                    let host = if is_demo { self.places.demo_school.clone() } else { self.school(regency) };
                    let made =
                        self.class(&cohort, &host, index + 1, i32::try_from(size).unwrap_or_default(), is_demo)?;
                    if is_demo {
                        demo = Some((cohort.clone(), made));
                    }
                    seats += size;
                    index += 1;
                }
                // Everyone waits for Japanese; the other two have exactly as many people as seats.
                let people = seats + if code == "JPN-N5" { waiting[regency] } else { 0 };
                self.waves.push(Wave { cohort: cohort.id, segment: Segment::GradeXii, regency, people });
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
            let cohort =
                self.cohort(code, Segment::Alumni, "Gelombang 1 2025", (2025, 8, 1), (2025, 10, 31), people)?;
            let hosts: Vec<Place> =
                self.places.trainers.iter().filter(|(of, _)| *of == kind).map(|(_, place)| place.clone()).collect();
            for number in 0..classes {
                let host = hosts[number % hosts.len()].clone();
                self.class(&cohort, &host, number + 1, 25, false)?;
            }
            for (regency, share) in intake::shared(usize::try_from(people).unwrap_or_default()).iter().enumerate() {
                self.waves.push(Wave { cohort: cohort.id, segment: Segment::Alumni, regency, people: *share });
            }
            self.cohorts.push(cohort);
        }
        Ok(())
    }

    fn public(&mut self) -> Result<()> {
        let cohort = self.cohort("HOSP", Segment::Public, "BP3MI 2025", (2025, 10, 1), (2025, 11, 30), 60)?;
        for (kind, number) in [(PartnerKind::Polytechnic, 1), (PartnerKind::Blk, 2)] {
            let host = self.places.trainers.iter().find(|(of, _)| *of == kind).map(|(_, place)| place.clone());
            if let Some(host) = host {
                self.class(&cohort, &host, number, 20, false)?;
            }
        }
        let agricultural = self.places.trainers.iter().find(|(of, _)| *of == PartnerKind::AgriculturalCenter).cloned();
        let plantation = self.cohort("PLANT", Segment::Public, "BP3MI 2025", (2025, 10, 1), (2025, 11, 30), 100)?;
        if let Some((_, host)) = agricultural {
            self.class(&plantation, &host, 1, 36, false)?;
        }
        for (cohort, people) in [(&cohort, 45), (&plantation, 28)] {
            for (regency, share) in intake::shared(people).iter().enumerate() {
                self.waves.push(Wave { cohort: cohort.id, segment: Segment::Public, regency, people: *share });
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
        from: (i32, u32, u32),
        to: (i32, u32, u32),
        seats_wanted: i32,
    ) -> Result<Cohort> {
        let program = self.places.programs.get(program).copied().unwrap_or_default();
        let starts_on = day(from.0, from.1, from.2);
        let made = cohort::create(
            self.tx,
            self.actor,
            NewCohort {
                province: super::province()?,
                program,
                segment,
                name: label(name)?,
                starts_on,
                ends_on: day(to.0, to.1, to.2),
                registration_opens_on: day(2025, 7, 14),
                registration_closes_on: day(2025, 8, 8),
                seats_wanted,
                class_size: i32::try_from(intake::CLASS_SIZE).unwrap_or_default(),
                offer_days: cohort::OFFER_DAYS,
                length_reason: None,
                eligibility: EligibilityRules::default(),
                confirm: Vec::new(),
            },
        )?;
        cohort::move_to(self.tx, self.actor, made.id, made.version, CohortState::Open, None)
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

    fn class(&mut self, cohort: &Cohort, host: &Place, number: usize, seats: i32, demo: bool) -> Result<Id> {
        // Grade XII learns at the weekend, alumni and the public on workdays.
        let slots = match cohort.segment {
            Segment::GradeXii => vec![slot(6, 4), slot(7, 4)],
            Segment::Alumni | Segment::Public => (1..=5).map(|weekday| slot(weekday, 6)).collect(),
        };
        let (made, _) = class::create(
            self.tx,
            self.actor,
            NewClass {
                cohort: cohort.id,
                partner: host.id,
                agreement: host.agreement,
                agreement_override: None,
                instructor: demo.then_some(self.places.instructor),
                name: label(&format!("Kelas {number}"))?,
                room: None,
                seats,
                minimum: 16,
                reserves: 2,
                starts_on: None,
                ends_on: None,
                slots,
            },
        )?;
        Ok(made.id)
    }
}

fn slot(weekday: i32, lesson_hours: i32) -> Slot {
    Slot { weekday, starts_at: 8 * 60, lesson_hours }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_share_all_classes() {
        assert_eq!(GRADE_XII.iter().map(|(_, number)| number).sum::<usize>(), intake::CLASSES);
    }
}
