//! The timetables of a province's year, made class by class, beside the raw inserts of the same sessions.

use chrono::Duration;
use vokasi_core::access::Actor;
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::session;
use vokasi_core::values::Segment;
use vokasi_fixtures::workbook::demo_school;

use crate::limits::{Raw, Written};
use crate::pace::{Outcome, Pair, timed};
use crate::place::{Backend, Place, Workshop};
use crate::table::Table;
use crate::{name_of, stage};

/// Classes of a year, their segment, and the sessions of each: grade XII at 80, alumni at 65, the public at 30.
const YEAR: [(&str, Segment, usize, usize); 3] =
    [("JPN-N5", Segment::GradeXii, 291, 80), ("JPN-N4", Segment::Public, 67, 65), ("HOSP", Segment::Public, 23, 30)];
const SESSIONS: usize = 291 * 80 + 67 * 65 + 23 * 30;
const TURNS: usize = 5;

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let template = workshop.empty(backend)?;
    let classes = planned(&template)?;
    let mut written = None;
    let mut pair = Pair::default();
    // Later than what is there was made: another process makes other ids, but not of one and the same millisecond.
    let now = stage::registering().plus(Duration::hours(1));
    for turn in 0..=TURNS {
        let place = template.copy()?;
        let db = stage::open(&place, 2)?;
        let (ours, made) = timed(|| {
            let mut made = 0;
            for class in &classes {
                let class = *class;
                let timetable = db.write(now, move |tx| session::generate(tx, &Actor::operator(), class))?;
                made += timetable.made;
            }
            Ok(made)
        })?;
        if made != SESSIONS {
            return Err(format!("{made} sessions instead of {SESSIONS}").into());
        }
        drop(db);
        let rows = match &mut written {
            Some(rows) => rows,
            None => written.insert(of_each(&place, &classes)?),
        };
        drop(place);
        let place = template.copy()?;
        let connected = Raw::connect(&place, 1)?;
        let (raw, ()) = timed(|| rows.iter().try_for_each(|class| connected.write(0, class)))?;
        // The first turn warms everything up.
        if turn > 0 {
            pair.add(ours, raw);
        }
    }
    let what = "timetables of a year: 381 classes, 28,325 sessions; limit: the raw inserts";
    table.pair(what, name_of(backend), 1.0, &pair, None);
    Ok(())
}

/// Every class by itself, as it is made.
fn of_each(place: &Place<'_>, classes: &[Id]) -> Outcome<Vec<Written>> {
    let rows = |class: &Id| {
        let class = class.as_i64();
        let (sessions, events) = (format!("class_id = {class}"), format!("subject_id = {class}"));
        let made = format!("action = 'class.timetable_made' AND {events}");
        Written::of(place, &[("sessions", &sessions), ("audit_events", &made)])
    };
    classes.iter().map(rows).collect()
}

fn planned(place: &Place<'_>) -> Outcome<Vec<Id>> {
    let db = stage::open(place, 2)?;
    Ok(db.write(stage::registering(), |tx| {
        let actor = Actor::operator();
        let school = stage::school(tx, &actor, &demo_school())?;
        let mut classes = Vec::new();
        for (code, segment, number, sessions) in YEAR {
            let program = stage::program(tx, &actor, code, 4 * u32::try_from(sessions).map_err(Error::storage)?)?;
            let ground = stage::host(tx, &actor, school, program)?;
            let cohort = stage::cohort(tx, &actor, &ground, segment, "2025/2026")?;
            let made = (1..=number).map(|number| stage::class(tx, &actor, &ground, &cohort, number, stage::CLASS));
            classes.extend(made.collect::<Result<Vec<Id>>>()?);
        }
        Ok(classes)
    })?)
}
