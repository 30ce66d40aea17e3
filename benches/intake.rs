//! The province's table with 10,900 and with 500,000 participants, the figures kept by the program itself.

use std::hint::black_box;

use chrono::Duration;
use vokasi_core::access::Actor;
use vokasi_core::cohort::Cohort;
use vokasi_core::db::{DatabaseUrl, Db};
use vokasi_core::enrollment;
use vokasi_core::error::Error;
use vokasi_core::id::Id;
use vokasi_core::participant::{self, Participant};
use vokasi_core::report;
use vokasi_core::values::{RegencyCode, Segment};
use vokasi_fixtures::LAMPUNG;

use crate::crowd::Crowd;
use crate::pace::{Outcome, in_turns, timed};
use crate::place::{Backend, Place, Workshop};
use crate::table::{Table, duration, times};
use crate::{limits, name_of, stage};

const SMALL: usize = 10_900;
const LARGE: usize = 500_000;
const COHORTS: usize = 12;
const CHUNK: usize = 4_000;
const TURNS: usize = 200;

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let small = workshop.empty(backend)?;
    let db = stage::open(&small, 2)?;
    let cohorts = cohorts(&db)?;
    let mut crowd = Crowd::new()?;
    register(&db, &mut crowd, &cohorts, SMALL)?;
    drop(db);
    let large = small.copy()?;
    let db = stage::open(&large, 2)?;
    let (seconds, ()) = timed(|| register(&db, &mut crowd, &cohorts, LARGE - SMALL))?;
    let name = name_of(backend);
    table.fact("registering one of 489,100 further people, with the figures", name, {
        duration(seconds / f64::from(u32::try_from(LARGE - SMALL)?))
    });
    let few = stage::open(&small, 2)?;
    let pair = in_turns(TURNS, || ask(&db, LARGE), || ask(&few, SMALL))?;
    table.pair("the province's table, 500,000 people; limit: 10,900", name, 1.0, &pair, Some(times(1.5)));
    let counted = in_turns(5, || ask(&db, LARGE), || count(&large))?;
    table.pair("the same; limit: counting the 500,000 rows each time", name, 1.0, &counted, None);
    Ok(())
}

fn cohorts(db: &Db) -> Outcome<Vec<Cohort>> {
    Ok(db.write(stage::registering(), |tx| {
        let actor = Actor::operator();
        let ground = stage::ground(tx, &actor)?;
        let mut made = Vec::new();
        for number in 0..COHORTS {
            let segment = if number % 2 == 0 { Segment::Public } else { Segment::GradeXii };
            let cohort = stage::cohort(tx, &actor, &ground, segment, &format!("Angkatan {number}"))?;
            for class in 0..10 {
                stage::class(tx, &actor, &ground, &cohort, class, stage::CLASS)?;
            }
            made.push(cohort);
        }
        Ok(made.into_iter().filter(|cohort| cohort.segment == Segment::Public).collect())
    })?)
}

/// Registers so many people, regency by regency and cohort by cohort.
fn register(db: &Db, crowd: &mut Crowd, cohorts: &[Cohort], number: usize) -> Outcome {
    let mut left = number;
    let share = CHUNK.min(number / (LAMPUNG.len() * cohorts.len()) + 1);
    let mut turn = 0;
    while left > 0 {
        let people = crowd.people(share.min(left))?;
        left -= people.len();
        let (code, ..) = LAMPUNG[turn % LAMPUNG.len()];
        let cohort = cohorts[turn / LAMPUNG.len() % cohorts.len()].clone();
        turn += 1;
        // Later than everybody before: an id begins with its moment.
        let now = stage::registering().plus(Duration::seconds(i64::try_from(crowd.made())?));
        db.write(now, move |tx| {
            let actor = Actor::operator();
            let regency = RegencyCode::parse(code).map_err(Error::new)?;
            let made = participant::create_many(tx, &actor, None, Some(&regency), &people)?;
            let everyone: Vec<&Participant> = made.iter().collect();
            enrollment::apply_many(tx, &actor, &cohort, &everyone, None::<Id>).map(drop)
        })?;
    }
    Ok(())
}

fn ask(db: &Db, people: usize) -> Outcome {
    let province = stage::province()?;
    let table = db.snapshot(stage::afterwards(), |tx| report::intake(tx, &Actor::operator(), &province))?;
    if usize::try_from(table.total.registered)? == people {
        Ok(())
    } else {
        Err(format!("{} people instead of {people}", table.total.registered).into())
    }
}

fn count(place: &Place<'_>) -> Outcome {
    let query = "SELECT c.segment || e.regency_code || e.state || count(*) AS line FROM enrollments e \
                 JOIN cohorts c ON c.id = e.cohort_id WHERE c.province_code = '18' \
                 GROUP BY c.segment, e.regency_code, e.state";
    let groups = match &place.url {
        DatabaseUrl::Sqlite(file) => limits::sqlite::ask(&limits::sqlite::connect(file)?, query)?,
        DatabaseUrl::Postgres(url) => limits::postgres::ask(&mut limits::postgres::connect(url)?, query)?,
    };
    black_box(groups);
    Ok(())
}
