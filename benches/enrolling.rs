//! Registering one person for a cohort through HTTP, at one client and at many, beside the raw transaction of its rows.

use std::sync::{Mutex, PoisonError};

use vokasi_core::access::Actor;
use vokasi_core::enrollment;
use vokasi_core::error::Error;
use vokasi_core::id::Id;
use vokasi_core::participant;
use vokasi_core::values::{RegencyCode, Segment};

use crate::attendance::{at_once, phones};
use crate::crowd::Crowd;
use crate::http::Client;
use crate::limits::{Raw, Written};
use crate::pace::{Outcome, Pair, median, share, timed};
use crate::place::{Backend, Place, Workshop};
use crate::table::{Table, duration};
use crate::{name_of, server, stage};

const CLIENTS: usize = 32;
/// Clients, turns, and the people of each client in one turn.
const SHAPES: [(usize, usize, usize); 2] = [(1, 40, 10), (CLIENTS, 20, 4)];

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let place = workshop.empty(backend)?;
    let number = SHAPES.iter().map(|(clients, turns, each)| clients * (turns + 1) * each).sum();
    let (cohort, people) = prepare(&place, number)?;
    let mut people = people.into_iter();
    let now = stage::registering();
    let token = {
        let db = stage::open(&place, 8)?;
        server::sign_in(&db, &server::vokasi(&db, now)?, now)?
    };
    place.settle()?;
    // Whoever signed in is in both.
    let twin = place.copy()?;
    let db = stage::open(&place, 8)?;
    let vokasi = server::vokasi(&db, now)?;
    let phones = phones(vokasi.address, &token, CLIENTS)?;
    let raw = Raw::connect(&twin, CLIENTS)?;
    let path = format!("/api/v1/cohorts/{cohort}/enrollments");
    let name = name_of(backend);
    for (clients, turns, each) in SHAPES {
        let (mut pair, mut waits) = (Pair::default(), Vec::new());
        for turn in 0..=turns {
            let work: Vec<Vec<Id>> = (0..clients).map(|_| people.by_ref().take(each).collect()).collect();
            let (ours, seen) = timed(|| register(&phones, &path, &work))?;
            let rows = |people: &Vec<Id>| people.iter().map(|person| rows_of(&place, *person)).collect();
            let rows: Vec<Vec<Written>> = work.iter().map(rows).collect::<Outcome<_>>()?;
            let (limit, ()) = timed(|| write(&raw, &rows))?;
            // The first turn warms everything up.
            if turn > 0 {
                pair.add(ours, limit);
                waits.extend(seen);
            }
        }
        let who = if clients == 1 { "1 client".to_owned() } else { format!("{clients} clients") };
        let per = f64::from(u32::try_from(clients * each)?);
        table.pair(&format!("registering a person over HTTP, {who}"), name, per, &pair, None);
        let (middle, late) = (duration(median(&waits)), duration(share(&waits, 99)));
        let second = per / median(&pair.ours);
        let what = format!("registrations a second, {who}; answered after (median, p99)");
        table.fact(&what, name, format!("{second:.0}; {middle}, {late}"));
    }
    Ok(())
}

/// A cohort that is open, and people of whom one is registered for it: everyone after is counted in a row that is there.
fn prepare(place: &Place<'_>, number: usize) -> Outcome<(Id, Vec<Id>)> {
    let db = stage::open(place, 2)?;
    let people = Crowd::new()?.people(number + 1)?;
    Ok(db.write(stage::registering(), move |tx| {
        let actor = Actor::operator();
        let ground = stage::ground(tx, &actor)?;
        let cohort = stage::cohort(tx, &actor, &ground, Segment::Public, "Angkatan 1")?.id;
        let regency = RegencyCode::parse("18.07").map_err(Error::new)?;
        let made = participant::create_many(tx, &actor, None, Some(&regency), &people)?;
        let mut people: Vec<Id> = made.into_iter().map(|person| person.id).collect();
        if let Some(first) = people.pop() {
            enrollment::apply(tx, &actor, cohort, first)?;
        }
        Ok((cohort, people))
    })?)
}

/// Registers every client's people over its own connection; how long each waited. Anything but 201 ends the run.
fn register(phones: &[Mutex<Client>], path: &str, work: &[Vec<Id>]) -> Outcome<Vec<f64>> {
    let all = Mutex::new(Vec::new());
    let pairs: Vec<_> = phones.iter().zip(work).collect();
    at_once(&pairs, |(phone, people)| {
        let mut client = phone.lock().unwrap_or_else(PoisonError::into_inner);
        for person in *people {
            let body = format!("{{\"participant\":\"{person}\"}}");
            let (wait, answer) = timed(|| client.post_once(path, &person.to_string(), &body))?;
            if answer.status != 201 {
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                return Err(format!("answered with {}: {text}", answer.status).into());
            }
            all.lock().unwrap_or_else(PoisonError::into_inner).push(wait);
        }
        Ok(())
    })?;
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// What registering one person left: the enrollment and its steps, its count, its event, and the kept answer.
fn rows_of(place: &Place<'_>, person: Id) -> Outcome<Written> {
    let of_person = format!("participant_id = {}", person.as_i64());
    let of_enrollment = format!("enrollment_id IN (SELECT id FROM enrollments WHERE {of_person})");
    let mut rows = Written::of(
        place,
        &[
            ("enrollments", &of_person),
            ("enrollment_transitions", &of_enrollment),
            ("audit_events", &format!("action = 'enrollment.applied' AND person_id = {}", person.as_i64())),
            ("idempotency_keys", &format!("idempotency_key = '{person}'")),
        ],
    )?;
    rows.and_run("UPDATE enrollment_counts SET people = people + 1 WHERE state = 'waitlisted'");
    Ok(rows)
}

fn write(raw: &Raw, work: &[Vec<Written>]) -> Outcome {
    let numbered: Vec<(usize, &Vec<Written>)> = work.iter().enumerate().collect();
    at_once(&numbered, |(client, people)| people.iter().try_for_each(|rows| raw.write(*client, rows)))
}
