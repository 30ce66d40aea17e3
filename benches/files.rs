//! 500,000 students in 1,000 files, brought to a register that holds a million people already.

use chrono::Duration;
use vokasi_core::access::Actor;
use vokasi_core::db::Db;
use vokasi_core::error::Error;
use vokasi_core::id::Id;
use vokasi_core::import::{self, Limits, NewImport};
use vokasi_core::participant;
use vokasi_core::time::Instant;
use vokasi_core::values::{RegencyCode, Segment};
use vokasi_fixtures::workbook::{Row, dapodik};
use vokasi_fixtures::{LAMPUNG, People, School, schools};

use crate::import::{apply, check, keep};
use crate::pace::{Outcome, Pair, median, timed};
use crate::place::{Backend, Workshop};
use crate::table::{Table, duration, times};
use crate::{name_of, stage};

const THERE: usize = 1_000_000;
const FILES: usize = 1_000;
const ROWS: usize = 500;
const SCHOOLS: usize = FILES;
/// People of one transaction while the register is filled.
const CHUNK: usize = 10_000;
/// Files at the beginning and at the end that are compared.
const ENDS: usize = 100;

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let place = workshop.empty(backend)?;
    let db = stage::open(&place, 4)?;
    let schools = schools(3, &LAMPUNG, SCHOOLS);
    let (ids, cohort) = prepare(&db, &schools)?;
    let mut people = People::new(1_500_000);
    fill(&db, &mut people)?;
    let mut seconds = Vec::with_capacity(FILES);
    for (number, (school, id)) in schools.iter().zip(&ids).cycle().take(FILES).enumerate() {
        let rows: Vec<Row> = (0..ROWS).map(|_| Row::clean(people.grade_xii(&school.regency_code, 2025))).collect();
        let file = dapodik(school, "Lampung", &rows)?;
        seconds.push(timed(|| bring(&db, &file, *id, cohort, later(THERE + number)))?.0);
    }
    let mut ends = Pair::default();
    for (first, last) in seconds.iter().take(ENDS).zip(seconds.iter().skip(FILES - ENDS)) {
        ends.add(*last, *first);
    }
    let name = name_of(backend);
    let what = "a file of 500 people, the last 100 of 1,000; limit: the first 100";
    table.pair(what, name, 1.0, &ends, Some(times(1.25)));
    let slowest = seconds.iter().copied().fold(0.0, f64::max);
    table.fact("the same: median and slowest of all 1,000 files", name, {
        format!("{}, {}", duration(median(&seconds)), duration(slowest))
    });
    Ok(())
}

fn later(seconds: usize) -> Instant {
    stage::registering().plus(Duration::seconds(i64::try_from(seconds).unwrap_or_default()))
}

fn prepare(db: &Db, schools: &[School]) -> Outcome<(Vec<Id>, Id)> {
    let schools = schools.to_vec();
    Ok(db.write(stage::registering(), move |tx| {
        let actor = Actor::operator();
        let ground = stage::ground(tx, &actor)?;
        let cohort = stage::cohort(tx, &actor, &ground, Segment::GradeXii, "2025/2026")?;
        let mut ids = Vec::with_capacity(schools.len());
        for school in &schools {
            ids.push(stage::school(tx, &actor, school)?);
        }
        Ok((ids, cohort.id))
    })?)
}

/// Registers the million, in chunks of one regency each.
fn fill(db: &Db, people: &mut People) -> Outcome {
    for chunk in 0..THERE / CHUNK {
        let (code, ..) = LAMPUNG[chunk % LAMPUNG.len()];
        let mut entries = Vec::with_capacity(CHUNK);
        for _ in 0..CHUNK {
            entries.push(stage::entry(&people.alumni(code, 2020))?);
        }
        db.write(later(chunk * CHUNK), move |tx| {
            let regency = RegencyCode::parse(code).map_err(Error::new)?;
            participant::create_many(tx, &Actor::operator(), None, Some(&regency), &entries).map(drop)
        })?;
    }
    Ok(())
}

/// What a coordinator does with a file: it is read, planned, looked at and written.
fn bring(db: &Db, file: &[u8], school: Id, cohort: Id, now: Instant) -> Outcome {
    let (table, file_sha256) = import::read(file, &Limits::default())?;
    let (place, file_name) = (import::Place::of_people(Some(school), Some(cohort)), "siswa.xlsx".to_owned());
    let new = NewImport { place, file_name, file_sha256, table };
    let (new, plan) = check(db, new, now)?;
    let (import, plan) = keep(db, new, plan, now)?;
    let confirm = plan.summary.warnings.into_keys().collect();
    let done = apply(db, &import, confirm, now)?;
    if (done.registered, done.enrolled) == (ROWS, ROWS) { Ok(()) } else { Err(format!("{done:?}").into()) }
}
