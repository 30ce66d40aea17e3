//! What recording costs a change: the same change with the audit's row and without it.

use std::rc::Rc;

use vokasi_core::access::Actor;
use vokasi_core::attendance::{self, NewMark};
use vokasi_core::audit::{Note, Subject};
use vokasi_core::db::{Db, Tx};
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::participant::{self, NewParticipant, Person};
use vokasi_core::values::{Mark, RegencyCode};
use vokasi_fixtures::People;

use crate::pace::{Outcome, Pair, timed};
use crate::place::{Backend, Place, Workshop};
use crate::stage;
use crate::table::{Table, times};
use crate::{limits, name_of};

/// Many short turns: a disk that stands still for half a second spoils the turn it falls in and not the median.
const TURNS: usize = 60;
/// Changes of one turn, each in a transaction of its own.
const EACH: usize = 5;
/// Notes whose making is timed.
const NOTES: usize = 2_000;

/// On SQLite, where a table can be put out of the way so that its rows go nowhere.
pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    if backend == Backend::Postgres {
        return Ok(());
    }
    let place = workshop.empty(backend)?;
    let db = stage::open(&place, 2)?;
    let taught = stage::taught(&db, 1)?.into_iter().next().ok_or("no class")?;
    drop(db);
    let twin = place.copy()?;
    forget(&twin)?;
    let (db, without) = (stage::open(&place, 2)?, stage::open(&twin, 2)?);
    let making = making(&without)?;
    let mut sessions = taught.sessions.iter();
    let register = in_turns(&db, &without, making, || {
        let session = *sessions.next().ok_or("too few sessions")?;
        let members = taught.members.clone();
        Ok(Rc::new(move || {
            let marks: Vec<NewMark> =
                members.iter().map(|enrollment| NewMark::plain(*enrollment, Mark::Present)).collect();
            Box::new(move |tx: &mut Tx<'_>| attendance::save(tx, &Actor::operator(), session, &marks).map(drop))
        }))
    })?;
    let name = name_of(backend);
    let per = f64::from(u32::try_from(EACH)?);
    table.pair("register of 36 with its audit; limit: without", name, per, &register, Some(times(1.15)));
    let mut people = People::new(11);
    let person = in_turns(&db, &without, making, || {
        let person = stage::entry(&people.alumni("18.07", 2024))?;
        Ok(Rc::new(move || {
            let person = person.clone();
            Box::new(move |tx: &mut Tx<'_>| register_person(tx, person))
        }))
    })?;
    table.pair("registering a person with its audit; limit: without", name, per, &person, Some(times(1.15)));
    Ok(())
}

type Act = Box<dyn FnOnce(&mut Tx<'_>) -> Result<()> + Send>;

/// The same changes with and without the audit, in turns; each is made anew for either.
fn in_turns(
    db: &Db,
    without: &Db,
    making: f64,
    mut next: impl FnMut() -> Outcome<Rc<dyn Fn() -> Act>>,
) -> Outcome<Pair> {
    let mut pair = Pair::default();
    for turn in 0..=TURNS {
        let acts: Vec<Rc<dyn Fn() -> Act>> = (0..EACH).map(|_| next()).collect::<Outcome<_>>()?;
        let (ours, ()) = timed(|| each(db, &acts))?;
        let (limit, ()) = timed(|| each(without, &acts))?;
        if turn > 0 {
            // Without the audit, the note would not have been made either.
            pair.add(ours, limit - making * f64::from(u32::try_from(EACH)?));
        }
    }
    Ok(pair)
}

fn each(db: &Db, acts: &[Rc<dyn Fn() -> Act>]) -> Outcome {
    for act in acts {
        db.write(stage::afterwards(), act())?;
    }
    Ok(())
}

/// Puts the audit's table out of the way: what is written to it goes nowhere.
fn forget(place: &Place<'_>) -> Outcome {
    limits::sqlite::connect(place.file()?)?.execute_batch(
        "CREATE TABLE columns AS SELECT * FROM audit_events WHERE false; DROP TABLE audit_events; \
         CREATE VIEW audit_events AS SELECT * FROM columns; \
         CREATE TRIGGER audit_events_forget INSTEAD OF INSERT ON audit_events BEGIN SELECT 1; END;",
    )?;
    Ok(())
}

/// Seconds it takes to make one note and to hand it to a table that forgets it.
fn making(without: &Db) -> Outcome<f64> {
    let (seconds, ()) = timed(|| {
        without.write(stage::afterwards(), |tx| {
            (0..NOTES).try_for_each(|_| {
                let subject = Subject::class(tx.new_id());
                let detail = serde_json::json!({ "marks": 36, "corrected": 0 });
                Note::of("attendance.saved", subject).with(detail).record(tx, &Actor::operator())
            })
        })?;
        Ok(())
    })?;
    Ok(seconds / f64::from(u32::try_from(NOTES)?))
}

fn register_person(tx: &mut Tx<'_>, person: Person) -> Result<()> {
    let confirm = ["participant.namesake", "nik.birth_date_differs", "nik.sex_differs", "nik.province_unknown"];
    let new = NewParticipant {
        school: None::<Id>,
        regency: Some(RegencyCode::parse("18.07").map_err(Error::new)?),
        person,
        confirm: confirm.map(str::to_owned).to_vec(),
    };
    participant::create(tx, &Actor::operator(), new).map(drop)
}
