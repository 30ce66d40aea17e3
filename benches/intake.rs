//! The province's table with 10,900 and with 500,000 participants, the figures kept by the program itself.

use std::hint::black_box;

use chrono::Duration;
use vokasi_core::access::Actor;
use vokasi_core::db::{DatabaseUrl, Db};
use vokasi_core::enrollment;
use vokasi_core::error::Error;
use vokasi_core::id::Id;
use vokasi_core::participant::{self, Participant, Person};
use vokasi_core::report;
use vokasi_core::values::{Nisn, RegencyCode, Segment};
use vokasi_fixtures::{LAMPUNG, People};

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
    crowd.register(&db, &cohorts, SMALL)?;
    drop(db);
    let large = small.copy()?;
    let db = stage::open(&large, 2)?;
    let (seconds, ()) = timed(|| crowd.register(&db, &cohorts, LARGE - SMALL))?;
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

fn cohorts(db: &Db) -> Outcome<Vec<vokasi_core::cohort::Cohort>> {
    Ok(db.write(stage::registering(), |tx| {
        let actor = Actor::operator();
        let ground = stage::ground(tx, &actor)?;
        let mut made = Vec::new();
        for number in 0..COHORTS {
            let segment = if number % 2 == 0 { Segment::Public } else { Segment::GradeXii };
            let cohort = stage::cohort(tx, &actor, &ground, segment, &format!("Angkatan {number}"))?;
            for class in 0..10 {
                stage::class(tx, &actor, &ground, &cohort, class)?;
            }
            made.push(cohort);
        }
        Ok(made.into_iter().filter(|cohort| cohort.segment == Segment::Public).collect())
    })?)
}

/// People without end: a few hundred lives, each time with another student number.
struct Crowd {
    lives: Vec<Person>,
    made: usize,
}

impl Crowd {
    fn new() -> Outcome<Self> {
        let mut people = People::new(500);
        let mut lives = Vec::new();
        for _ in 0..500 {
            lives.push(Person { nik: None, ..stage::entry(&people.alumni("18.01", 2024))? });
        }
        Ok(Self { lives, made: 0 })
    }

    /// Registers so many people, regency by regency and cohort by cohort.
    fn register(&mut self, db: &Db, cohorts: &[vokasi_core::cohort::Cohort], number: usize) -> Outcome {
        let mut left = number;
        let share = CHUNK.min(number / (LAMPUNG.len() * cohorts.len()) + 1);
        let mut turn = 0;
        while left > 0 {
            let people = self.people(share.min(left))?;
            left -= people.len();
            let (code, ..) = LAMPUNG[turn % LAMPUNG.len()];
            let cohort = cohorts[turn / LAMPUNG.len() % cohorts.len()].clone();
            turn += 1;
            // Later than everybody before: an id begins with its moment.
            let now = stage::registering().plus(Duration::seconds(i64::try_from(self.made)?));
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

    fn people(&mut self, number: usize) -> Outcome<Vec<Person>> {
        let mut people = Vec::with_capacity(number);
        for _ in 0..number {
            let life = &self.lives[self.made % self.lives.len()];
            self.made += 1;
            let nisn = Nisn::parse(&format!("006{:07}", self.made)).map_err(Error::new)?;
            people.push(Person { nisn: Some(nisn), ..life.clone() });
        }
        Ok(people)
    }
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
