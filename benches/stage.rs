//! What stands before anything is measured: a program, a school with its agreement, cohorts, classes, people.

use chrono::NaiveDate;
use vokasi_core::access::Actor;
use vokasi_core::agreement::{self, AgreementKind, Coverage, Terms};
use vokasi_core::attendance::{self, NewMark};
use vokasi_core::class::{self, ClassState, NewClass, Slot};
use vokasi_core::cohort::{self, Cohort, CohortState, EligibilityRules, NewCohort};
use vokasi_core::db::{self, Db, Tx, World};
use vokasi_core::enrollment::{self, seating};
use vokasi_core::entropy::Entropy;
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::keys::Keys;
use vokasi_core::participant::{self, Address, Contact, Guardian, Participant, Person, Relation};
use vokasi_core::partner::{self, Head, NewPartner, PartnerKind};
use vokasi_core::program::{self, NewProgram};
use vokasi_core::session;
use vokasi_core::time::Instant;
use vokasi_core::values::{
    Email, FamilyCard, Label, Mark, Nik, Nisn, Npsn, PersonName, Phone, ProvinceCode, RegencyCode, Segment, Sex,
};
use vokasi_fixtures::workbook::demo_school;
use vokasi_fixtures::{People, School};

use crate::pace::Outcome;
use crate::place::Place;

/// People in a class.
pub(crate) const CLASS: usize = 36;

/// The school everything happens at, and what it teaches.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) school: Id,
    agreement: Id,
    pub(crate) program: Id,
}

/// A running class with its members and sessions.
#[derive(Debug, Clone)]
pub(crate) struct Taught {
    pub(crate) class: Id,
    pub(crate) members: Vec<Id>,
    pub(crate) sessions: Vec<Id>,
}

/// Migrates a database and opens it as the program does.
pub(crate) fn open(place: &Place<'_>, connections: u32) -> Outcome<Db> {
    db::up(&place.url)?;
    Ok(Db::open(&place.url, connections, World::new(Keys::derive(&[7; 32])?, Entropy::system()?))?)
}

pub(crate) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// Ten in the morning in Lampung.
pub(crate) fn morning(day: NaiveDate) -> Instant {
    Instant::new(day.and_hms_opt(3, 0, 0).unwrap_or_default().and_utc())
}

/// While everybody registers.
pub(crate) fn registering() -> Instant {
    morning(day(2025, 6, 16))
}

/// When every session has passed.
pub(crate) fn afterwards() -> Instant {
    morning(day(2026, 1, 12))
}

pub(crate) fn province() -> Result<ProvinceCode> {
    ProvinceCode::parse("18").map_err(Error::new)
}

fn label(text: &str) -> Result<Label> {
    Label::parse(text).map_err(Error::new)
}

/// Makes the school, its agreement and a program of 1,400 lesson hours.
pub(crate) fn ground(tx: &mut Tx<'_>, actor: &Actor) -> Result<Ground> {
    let program = program(tx, actor, "UKUR", 1_400)?;
    let school = school(tx, actor, &demo_school())?;
    host(tx, actor, school, program)
}

/// Makes a program of so many lesson hours.
pub(crate) fn program(tx: &mut Tx<'_>, actor: &Actor, code: &str, lesson_hours: u32) -> Result<Id> {
    let both = |text: &str| serde_json::json!({ "id": text, "en": text });
    let curriculum = serde_json::json!({
        "minutes_per_lesson_hour": 45,
        "segments": [{ "segment": "public", "usual_months": 6 }, { "segment": "grade_xii", "usual_months": 12 }],
        "modules": [
            { "code": "UKUR-01", "title": both("Praktik"), "kind": "practice", "lesson_hours": lesson_hours },
        ],
        "completion": { "minimum_attendance": "80", "components": [], "predicates": [] },
    });
    let new = NewProgram {
        code: label(code)?,
        name: serde_json::from_value(both("Perhotelan")).map_err(Error::storage)?,
        valid_from: day(2025, 1, 1),
        curriculum: serde_json::from_value(curriculum).map_err(Error::storage)?,
    };
    Ok(program::create(tx, actor, new)?.0.id)
}

/// Lets a school host classes of a program.
pub(crate) fn host(tx: &mut Tx<'_>, actor: &Actor, school: Id, program: Id) -> Result<Ground> {
    let agreement = agreement::create(
        tx,
        actor,
        Terms {
            partner: school,
            kind: AgreementKind::Assignment,
            number: label(&format!("800/{program}/2025"))?,
            title: label("Penyelenggaraan kelas")?,
            signed_on: day(2024, 12, 31),
            starts_on: day(2025, 1, 1),
            ends_on: day(2027, 12, 31),
            seats: None,
            seats_per_year: None,
            parent: None,
            coverage: Coverage { programs: vec![program], regencies: Vec::new() },
            parties: Vec::new(),
        },
        false,
    )?;
    Ok(Ground { school, agreement: agreement.agreement.id, program })
}

/// Registers a school of the generator.
pub(crate) fn school(tx: &mut Tx<'_>, actor: &Actor, school: &School) -> Result<Id> {
    let made = partner::create(
        tx,
        actor,
        NewPartner {
            kind: PartnerKind::parse(school.kind).map_err(Error::new)?,
            name: label(&school.name)?,
            regency: RegencyCode::parse(&school.regency_code).map_err(Error::new)?,
            npsn: Some(Npsn::parse(&school.npsn).map_err(Error::new)?),
            vin: None,
            state_owned: true,
            head: Some(Head {
                name: PersonName::parse(&school.head_name).map_err(Error::new)?,
                title: label("Kepala Sekolah")?,
                nip: Some(school.head_nip.clone()),
            }),
            valid_from: day(2025, 1, 1),
        },
    )?;
    Ok(made.id)
}

/// Opens a cohort that teaches from July to December, or a school year for grade XII.
pub(crate) fn cohort(tx: &mut Tx<'_>, actor: &Actor, ground: &Ground, segment: Segment, name: &str) -> Result<Cohort> {
    let ends_on = if segment == Segment::GradeXii { day(2026, 6, 30) } else { day(2025, 12, 31) };
    let new = NewCohort {
        province: province()?,
        program: ground.program,
        segment,
        name: label(name)?,
        starts_on: day(2025, 7, 1),
        ends_on,
        registration_opens_on: day(2025, 6, 1),
        registration_closes_on: day(2026, 6, 30),
        seats_wanted: 1_000,
        class_size: 36,
        offer_days: cohort::OFFER_DAYS,
        length_reason: None,
        eligibility: EligibilityRules::default(),
        confirm: Vec::new(),
    };
    let made = cohort::create(tx, actor, new)?;
    cohort::move_to(tx, actor, made.id, made.version, CohortState::Open, None)
}

/// A class in a cohort, meeting twice a day.
pub(crate) fn class(
    tx: &mut Tx<'_>,
    actor: &Actor,
    ground: &Ground,
    cohort: &Cohort,
    number: usize,
    seats: usize,
) -> Result<Id> {
    let slot = |weekday, starts_at| Slot { weekday, starts_at, lesson_hours: 4 };
    let new = NewClass {
        cohort: cohort.id,
        partner: ground.school,
        agreement: ground.agreement,
        agreement_override: None,
        instructor: None,
        name: label(&format!("Kelas {number}"))?,
        room: None,
        seats: i32::try_from(seats).unwrap_or_default(),
        minimum: 16,
        reserves: 0,
        starts_on: None,
        ends_on: None,
        slots: (1..=7).flat_map(|weekday| [slot(weekday, 8 * 60), slot(weekday, 13 * 60)]).collect(),
    };
    Ok(class::create(tx, actor, new)?.0.id)
}

/// Full, running classes with their sessions.
pub(crate) fn taught(db: &Db, number: usize) -> Outcome<Vec<Taught>> {
    let actor = Actor::operator();
    let mut people = People::new(7);
    let mut adults = Vec::with_capacity(number * CLASS);
    for _ in 0..number * CLASS {
        adults.push(entry(&people.alumni("18.07", 2024))?);
    }
    Ok(db.write(registering(), move |tx| {
        let ground = ground(tx, &actor)?;
        let cohort = cohort(tx, &actor, &ground, Segment::Public, "Angkatan 1")?;
        let regency = RegencyCode::parse("18.07").map_err(Error::new)?;
        let made = participant::create_many(tx, &actor, None, Some(&regency), &adults)?;
        let everyone: Vec<&Participant> = made.iter().collect();
        enrollment::apply_many(tx, &actor, &cohort, &everyone, None)?;
        let mut classes = Vec::new();
        for index in 0..number {
            classes.push(class(tx, &actor, &ground, &cohort, index + 1, CLASS)?);
        }
        let plan = seating::make(tx, &actor, cohort.id)?;
        seating::apply(tx, &actor, plan.id, plan.version)?.applied()?;
        let (now, version) = (cohort.id, cohort.version);
        cohort::move_to(tx, &actor, now, version, CohortState::Running, None)?;
        let mut taught = Vec::new();
        for class in classes {
            let (seen, _) = class::get(tx, &actor, class)?;
            class::move_to(tx, &actor, class, seen.version, ClassState::Running, None, &[])?;
            let sessions = session::generate(tx, &actor, class)?.sessions;
            let roster = attendance::roster(tx, &actor, class)?;
            taught.push(Taught {
                class,
                members: roster.lines.iter().map(|line| line.enrolled.enrollment.id).collect(),
                sessions: sessions.iter().map(|session| session.id).collect(),
            });
        }
        Ok(taught)
    })?)
}

/// Saves the first registers of a class; the last of them leaves so many people out.
pub(crate) fn mark(db: &Db, now: Instant, class: &Taught, sessions: usize, unmarked: usize) -> Outcome {
    let (kept, members) = (class.sessions[..sessions].to_vec(), class.members.clone());
    db.write(now, move |tx| {
        for (turn, session) in kept.iter().enumerate() {
            let mark = |person: usize| if (turn + person).is_multiple_of(11) { Mark::Sick } else { Mark::Present };
            let people = if turn + 1 == sessions { members.len() - unmarked } else { members.len() };
            let marks =
                members[..people].iter().enumerate().map(|(person, whose)| NewMark::plain(*whose, mark(person)));
            attendance::save(tx, &Actor::operator(), *session, &marks.collect::<Vec<_>>())?;
        }
        Ok(())
    })?;
    Ok(())
}

/// A person of the generator as the register takes one.
pub(crate) fn entry(person: &vokasi_fixtures::Person) -> Result<Person> {
    let guardian = &person.guardian;
    Ok(Person {
        name: PersonName::parse(&person.name).map_err(Error::new)?,
        sex: Sex::parse(match person.sex {
            vokasi_fixtures::people::Sex::Female => "female",
            vokasi_fixtures::people::Sex::Male => "male",
        })
        .map_err(Error::new)?,
        birth_place: person.birth_place.clone(),
        birth_date: person.birth_date,
        nik: Some(Nik::parse(&person.nik).map_err(Error::new)?),
        nisn: Some(Nisn::parse(&person.nisn).map_err(Error::new)?),
        student_number: Some(person.nipd.clone()),
        homeroom: None,
        graduation_year: Some(2024),
        contact: Contact {
            family_card: FamilyCard::parse(&person.family_card).ok(),
            phone: Phone::parse(&person.phone).ok(),
            email: person.email.as_ref().and_then(|email| Email::parse(email).ok()),
            address: Address { street: Some(person.address.street.clone()), ..Address::default() },
            guardian: Some(Guardian {
                name: PersonName::parse(&guardian.name).map_err(Error::new)?,
                relation: Relation::parse(guardian.relation.as_str()).map_err(Error::new)?,
                phone: Phone::parse(&guardian.phone).ok(),
            }),
        },
    })
}
