//! Sessions of a province that wait: for a register, or for the rest of it.

use crate::http::Client;
use crate::pace::{Outcome, in_turns};
use crate::place::{Backend, Workshop};
use crate::stage;
use crate::table::Table;
use crate::{name_of, server};

/// Classes of 36 that hold the 8,445 students of the first intake.
const CLASSES: usize = 235;
/// Registers of each class, of the last weeks.
const SESSIONS: usize = 20;
/// Of so many classes one has a register that leaves a person out.
const HALF: usize = 20;
const TURNS: usize = 20;

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let place = workshop.empty(backend)?;
    let db = stage::open(&place, 8)?;
    let classes = stage::taught(&db, CLASSES)?;
    // Four sessions of each class have no register by then.
    let now = stage::morning(stage::day(2025, 7, 13));
    for (number, class) in classes.iter().enumerate() {
        stage::mark(&db, now, class, SESSIONS, usize::from(number % HALF == 0))?;
    }
    place.settle()?;
    let vokasi = server::vokasi(&db, now)?;
    let token = server::sign_in(&db, &vokasi, now)?;
    let ask = |path: &str| -> Outcome<Box<dyn FnMut() -> Outcome>> {
        let mut client = Client::connect(vokasi.address, &token)?;
        let path = format!("/api/v1/reports/unreported-sessions{path}");
        Ok(Box::new(move || match client.send("GET", &path, "")?.status {
            200 => Ok(()),
            status => Err(format!("{path} answered with {status}").into()),
        }))
    };
    let half = in_turns(TURNS, ask("?state=incomplete")?, ask("")?)?;
    let totals = in_turns(TURNS, ask("/totals")?, ask("")?)?;
    let name = name_of(backend);
    let registers = CLASSES * SESSIONS;
    let what = format!("half registers among {registers} of two months, a page; limit: of sessions without one");
    table.pair(&what, name, 1.0, &half, None);
    table.pair("what waits at each partner; limit: the same page", name, 1.0, &totals, None);
    Ok(())
}
