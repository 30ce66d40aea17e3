//! Seating plans: a province's, applied beside the raw writes of the same rows, and a nation's.

use std::fs;

use chrono::Duration;
use vokasi_core::access::Actor;
use vokasi_core::cohort::{self, Cohort};
use vokasi_core::consent::{self, ConsentMethod, Giver, NewConsent, Purpose};
use vokasi_core::db::{Db, Tx};
use vokasi_core::enrollment::{self, seating};
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::participant::{self, Participant, Person};
use vokasi_core::time::{Instant, is_minor_on};
use vokasi_core::values::{Label, Segment};
use vokasi_fixtures::{LAMPUNG, People, intake, schools};

use crate::crowd::Crowd;
use crate::limits::{Raw, Written};
use crate::pace::{Outcome, Pair, median, timed};
use crate::place::{Backend, Place, Workshop};
use crate::stage::{self, Ground};
use crate::table::{Table, duration, times};
use crate::{machine, name_of};

/// Schools of the province, of which some host a class.
const SCHOOLS: usize = 350;
const TURNS: usize = 7;

const NATION: usize = 500_000;
const NATION_CLASSES: usize = 22_500;
const NATION_SEATS: usize = 20;
/// Schools of the nation, two of three of which host classes.
const NATION_SCHOOLS: usize = 1_500;
const NATION_HOSTS: usize = 1_000;

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    province(workshop, backend, table)?;
    nation(workshop, backend, table)
}

fn province(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let template = workshop.empty(backend)?;
    let cohort = registered(&template)?;
    template.settle()?;
    let mut written = None;
    let (mut planning, mut applying) = (Vec::new(), Pair::default());
    for turn in 0..=TURNS {
        let place = template.copy()?;
        let db = stage::open(&place, 4)?;
        let (planned, plan) =
            timed(|| Ok(db.write(later(1), move |tx| seating::make(tx, &Actor::operator(), cohort))?))?;
        if (plan.summary.waiting, plan.summary.seats) != (intake::REGISTERED, intake::SEATS) {
            return Err(format!("{:?}", plan.summary).into());
        }
        let (id, version) = (plan.id, plan.version);
        let (applied, _) =
            timed(
                || Ok(db.write(later(2), move |tx| seating::apply(tx, &Actor::operator(), id, version)?.applied())?),
            )?;
        drop(db);
        let rows = match &mut written {
            Some(rows) => rows,
            None => written.insert(seated(&place)?),
        };
        drop(place);
        let twin = template.copy()?;
        let connected = Raw::connect(&twin, 1)?;
        let (raw, ()) = timed(|| connected.write(0, rows))?;
        // The first turn warms everything up.
        if turn > 0 {
            planning.push(planned * 1e3);
            applying.add(applied, raw);
        }
    }
    let name = name_of(backend);
    table.figure("the province's seating plan: 8,445 people, 101 classes", name, median(&planning), "ms", 1_000.0);
    table.pair("the same applied; limit: the raw writes of its rows", name, 1.0, &applying, Some(times(2.0)));
    Ok(())
}

/// What applying a plan leaves: everyone's seat with its step and its event.
fn seated(place: &Place<'_>) -> Outcome<Written> {
    let mut written = Written::of(
        place,
        &[
            ("enrollment_transitions", "to_state = 'active'"),
            ("enrollment_counts", "state = 'active'"),
            ("audit_events", "action = 'enrollment.moved'"),
        ],
    )?;
    let columns = ["class_id", "state", "seated_on", "version", "updated_at"];
    written.and_changed(place, "enrollments", &columns, "state = 'active'")?;
    written.and_changed(place, "classes", &["seated"], "seated > 0")?;
    Ok(written)
}

/// The first intake of the province, with the consent of every guardian.
fn registered(place: &Place<'_>) -> Outcome<Id> {
    let db = stage::open(place, 2)?;
    let mut people = People::new(8_445);
    let (waiting, hosting) = (intake::waiting(), intake::shared(intake::CLASSES));
    let (cohort, homes) = db.write(stage::registering(), move |tx| {
        let actor = Actor::operator();
        let program = stage::program(tx, &actor, "JPN-N5", 320)?;
        let mut homes: Vec<Vec<Id>> = vec![Vec::new(); LAMPUNG.len()];
        let mut cohort: Option<Cohort> = None;
        let mut made = 0;
        for school in schools(18, &LAMPUNG, SCHOOLS) {
            let regency = LAMPUNG.iter().position(|(code, ..)| *code == school.regency_code).unwrap_or_default();
            let id = stage::school(tx, &actor, &school)?;
            homes[regency].push(id);
            if homes[regency].len() <= hosting[regency] {
                let ground = stage::host(tx, &actor, id, program)?;
                let cohort = match &cohort {
                    Some(cohort) => cohort,
                    None => cohort.insert(stage::cohort(tx, &actor, &ground, Segment::GradeXii, "2025/2026")?),
                };
                stage::class(tx, &actor, &ground, cohort, made + 1, intake::seats(made))?;
                made += 1;
            }
        }
        let cohort = cohort.ok_or_else(|| Error::storage("no cohort"))?;
        Ok((cohort.id, homes))
    })?;
    for (regency, homes) in homes.into_iter().enumerate() {
        let seats =
            (0..intake::CLASSES).map(intake::seats).skip(hosting[..regency].iter().sum()).take(hosting[regency]);
        let number = waiting[regency] + seats.sum::<usize>();
        let mut by_school: Vec<(Id, Vec<Person>)> = homes.iter().map(|home| (*home, Vec::new())).collect();
        for one in 0..number {
            let person = people.grade_xii(LAMPUNG[regency].0, 2025);
            let homeroom = Some(person.homeroom.clone());
            let entry = Person { homeroom, graduation_year: None, ..stage::entry(&person)? };
            by_school[one % homes.len()].1.push(entry);
        }
        db.write(minutes(regency), move |tx| register(tx, cohort, &by_school))?;
    }
    Ok(cohort)
}

fn register(tx: &mut Tx<'_>, cohort: Id, by_school: &[(Id, Vec<Person>)]) -> Result<()> {
    let actor = Actor::operator();
    let cohort = cohort::get(tx, &actor, cohort)?;
    for (school, people) in by_school {
        let made = participant::create_many(tx, &actor, Some(*school), None, people)?;
        if cohort.segment == Segment::GradeXii {
            consent::give_many(tx, &actor, &made.iter().map(consent).collect::<Result<Vec<_>>>()?)?;
        }
        let everyone: Vec<&Participant> = made.iter().collect();
        enrollment::apply_many(tx, &actor, &cohort, &everyone, None)?;
    }
    Ok(())
}

/// A guardian's for a minor, one's own from 18 on.
fn consent(person: &Participant) -> Result<NewConsent> {
    let given_on = stage::day(2025, 6, 16);
    let given_by = if is_minor_on(person.birth_date, given_on) { Giver::Guardian } else { Giver::Participant };
    Ok(NewConsent {
        participant: person.id,
        purpose: Purpose::Training,
        text_version: Label::parse("2025-07").map_err(Error::new)?,
        given_by,
        giver_name: person.name.clone(),
        method: ConsentMethod::Paper,
        given_on,
    })
}

fn nation(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let place = workshop.empty(backend)?;
    let db = stage::open(&place, 2)?;
    let cohort = a_nation_waits(&db)?;
    // From here on the kernel counts the most memory anew.
    fs::write("/proc/self/clear_refs", "5")?;
    let (seconds, plan) = timed(|| Ok(db.write(later(1), move |tx| seating::make(tx, &Actor::operator(), cohort))?))?;
    let most = machine::memory_of("/proc/self/status", "VmHWM:").unwrap_or_default();
    if plan.summary.seats != NATION_CLASSES * NATION_SEATS {
        return Err(format!("{:?}", plan.summary).into());
    }
    let name = name_of(backend);
    table.figure("a nation's seating plan: 500,000 people, 22,500 classes", name, seconds, "s", 60.0);
    let most = f64::from(u32::try_from(most)?) / 1024.0;
    table.figure("most memory of the process meanwhile", name, most, "MiB", 1_024.0);
    let (id, version) = (plan.id, plan.version);
    let (seconds, _) =
        timed(|| Ok(db.write(later(2), move |tx| seating::apply(tx, &Actor::operator(), id, version)?.applied())?))?;
    table.fact("the same applied", name, duration(seconds));
    Ok(())
}

fn a_nation_waits(db: &Db) -> Outcome<Id> {
    let (cohort, schools) = db.write(stage::registering(), |tx| {
        let actor = Actor::operator();
        let program = stage::program(tx, &actor, "HOSP", 320)?;
        let mut ids = Vec::with_capacity(NATION_SCHOOLS);
        for school in schools(18, &LAMPUNG, NATION_SCHOOLS) {
            ids.push(stage::school(tx, &actor, &school)?);
        }
        let mut hosts: Vec<Ground> = Vec::with_capacity(NATION_HOSTS);
        // The schools come regency by regency: every third one hosts nothing.
        for (_, school) in ids.iter().enumerate().filter(|(number, _)| number % 3 != 2) {
            hosts.push(stage::host(tx, &actor, *school, program)?);
        }
        let first = hosts.first().ok_or_else(|| Error::storage("no school"))?;
        let cohort = stage::cohort(tx, &actor, first, Segment::Public, "Angkatan 1")?;
        for number in 0..NATION_CLASSES {
            stage::class(tx, &actor, &hosts[number % hosts.len()], &cohort, number + 1, NATION_SEATS)?;
        }
        Ok((cohort.id, ids))
    })?;
    let mut crowd = Crowd::new()?;
    for chunk in schools.chunks(15) {
        let mut by_school = Vec::with_capacity(chunk.len());
        for school in chunk {
            let number = (NATION - crowd.made()).min(NATION.div_ceil(NATION_SCHOOLS));
            by_school.push((*school, crowd.people(number)?));
        }
        db.write(minutes(crowd.made() / 5_000), move |tx| register(tx, cohort, &by_school))?;
    }
    Ok(cohort)
}

fn minutes(number: usize) -> Instant {
    stage::registering().plus(Duration::minutes(i64::try_from(number).unwrap_or_default()))
}

fn later(hours: i64) -> Instant {
    stage::registering().plus(Duration::days(1) + Duration::hours(hours))
}
