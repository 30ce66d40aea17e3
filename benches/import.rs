//! A workbook of 10,000 students: read, planned, applied, and once more; beside the very rows that came of it.

use chrono::Duration;
use vokasi_core::access::Actor;
use vokasi_core::db::Db;
use vokasi_core::id::Id;
use vokasi_core::import::{self, Application, Applied, Import, Limits, NewImport, Plan};
use vokasi_core::time::Instant;
use vokasi_core::values::Segment;
use vokasi_fixtures::People;
use vokasi_fixtures::workbook::{Row, dapodik, demo_school};

use crate::limits::{IMPORTED, Raw, Written};
use crate::pace::{Outcome, Pair, timed};
use crate::place::{Backend, Place, Workshop};
use crate::table::{Table, times};
use crate::{name_of, stage};

const ROWS: usize = 10_000;
const TURNS: usize = 5;

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let file = file()?;
    let template = workshop.empty(backend)?;
    let (school, cohort) = prepare(&template)?;
    let mut written = None;
    let (mut reading, mut planning) = (Pair::default(), Pair::default());
    let (mut keeping, mut applying, mut again) = (Pair::default(), Pair::default(), Pair::default());
    for turn in 0..=TURNS {
        let place = template.copy()?;
        let db = stage::open(&place, 4)?;
        let (read, table) = timed(|| Ok(import::read(&file, &Limits::default())?))?;
        let new = NewImport {
            place: import::Place::of_people(Some(school), Some(cohort)),
            file_name: "siswa.xlsx".to_owned(),
            file_sha256: table.1,
            table: table.0,
        };
        let (checked, (new, checked_plan)) = timed(|| check(&db, new, later(1)))?;
        let (kept, (import, plan)) = timed(|| keep(&db, new, checked_plan, later(1)))?;
        let confirm: Vec<String> = plan.summary.warnings.keys().cloned().collect();
        let (applied, done) = timed(|| apply(&db, &import, confirm, later(2)))?;
        if (done.registered, done.enrolled) != (ROWS, ROWS) {
            return Err(format!("{done:?} of {ROWS} rows").into());
        }
        let (repeated, done) = timed(|| repeat(&db, &file, school, cohort))?;
        if (done.registered, done.corrected, done.enrolled) != (0, 0, 0) {
            return Err(format!("{done:?} of a file that was there").into());
        }
        drop(db);
        let rows = match &mut written {
            Some(rows) => rows,
            None => written.insert(Written::of(&place, &IMPORTED)?),
        };
        drop(place);
        let place = template.copy()?;
        let connected = Raw::connect(&place, 1)?;
        let (raw, ()) = timed(|| connected.write(0, rows))?;
        // The first turn warms everything up.
        if turn > 0 {
            reading.add(read, raw);
            planning.add(read + checked, read);
            keeping.add(kept, raw);
            applying.add(applied, raw);
            again.add(repeated, raw);
        }
    }
    let name = name_of(backend);
    table.pair("import of 10,000 rows: read the workbook (XLSX)", name, 1.0, &reading, None);
    table.pair("the same: read it and plan; limit: reading alone", name, 1.0, &planning, Some(times(2.0)));
    table.pair("the same: keep the plan", name, 1.0, &keeping, None);
    table.pair("the same: check again and apply", name, 1.0, &applying, Some(times(2.0)));
    table.pair("the same file again: read, plan, keep, apply nothing", name, 1.0, &again, None);
    Ok(())
}

fn file() -> Outcome<Vec<u8>> {
    let mut people = People::new(10_000);
    let rows: Vec<Row> = (0..ROWS).map(|_| Row::clean(people.grade_xii("18.07", 2025))).collect();
    Ok(dapodik(&demo_school(), "Lampung Timur", &rows)?)
}

fn prepare(place: &Place<'_>) -> Outcome<(Id, Id)> {
    let db = stage::open(place, 2)?;
    let actor = Actor::operator();
    Ok(db.write(stage::registering(), move |tx| {
        let ground = stage::ground(tx, &actor)?;
        let cohort = stage::cohort(tx, &actor, &ground, Segment::GradeXii, "2025/2026")?;
        Ok((ground.school, cohort.id))
    })?)
}

pub(crate) fn check(db: &Db, new: NewImport, now: Instant) -> Outcome<(NewImport, Plan)> {
    let plan = db.snapshot(now, |tx| import::check(tx, &Actor::operator(), &new, &mut |_| Ok(())))?;
    Ok((new, plan))
}

pub(crate) fn keep(db: &Db, new: NewImport, plan: Plan, now: Instant) -> Outcome<(Import, Plan)> {
    Ok(db.write(now, move |tx| import::keep(tx, &Actor::operator(), new, plan))?)
}

fn later(hours: i64) -> Instant {
    stage::registering().plus(Duration::hours(hours))
}

/// The same file once more, as a coordinator brings it.
fn repeat(db: &Db, file: &[u8], school: Id, cohort: Id) -> Outcome<Applied> {
    let (table, file_sha256) = import::read(file, &Limits::default())?;
    let (place, file_name) = (import::Place::of_people(Some(school), Some(cohort)), "siswa.xlsx".to_owned());
    let (new, plan) = check(db, NewImport { place, file_name, file_sha256, table }, later(3))?;
    let (import, _) = keep(db, new, plan, later(3))?;
    apply(db, &import, Vec::new(), later(4))
}

pub(crate) fn apply(db: &Db, import: &Import, confirm: Vec<String>, now: Instant) -> Outcome<Applied> {
    let (id, asked) = (import.id, Application { version: import.version, confirm, ..Application::default() });
    let (_, applied) = db.write(now, move |tx| import::apply(tx, &Actor::operator(), id, &asked))?.applied()?;
    Ok(applied)
}
