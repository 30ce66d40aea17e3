//! The roster of a class of 36 after 80 sessions, with everyone's rate; beside the bare aggregate.

use vokasi_core::access::Actor;
use vokasi_core::attendance;
use vokasi_core::db::DatabaseUrl;

use crate::http::Client;
use crate::pace::{Outcome, in_turns};
use crate::place::{Backend, Workshop};
use crate::stage::{self, CLASS};
use crate::table::Table;
use crate::{limits, name_of, server};

const SESSIONS: usize = 80;
const TURNS: usize = 60;

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let place = workshop.empty(backend)?;
    let db = stage::open(&place, 8)?;
    let now = stage::afterwards();
    let taught = stage::taught(&db, 1)?.into_iter().next().ok_or("no class")?;
    stage::mark(&db, now, &taught, SESSIONS, 0)?;
    place.settle()?;
    let vokasi = server::vokasi(&db, now)?;
    let mut client = Client::connect(vokasi.address, &server::sign_in(&db, &vokasi, now)?)?;
    let path = format!("/api/v1/classes/{}/roster", taught.class);
    let query = format!(
        "SELECT p.name || e.id || a.mark || count(*) || sum(s.lesson_hours) AS line FROM sessions s \
         JOIN attendance a ON a.session_id = s.id JOIN enrollments e ON e.id = a.enrollment_id \
         JOIN participants p ON p.id = e.participant_id WHERE s.class_id = {} AND s.state = 'held' \
         GROUP BY p.search_name, p.name, e.id, a.mark ORDER BY p.search_name, e.id, a.mark",
        taught.class.as_i64()
    );
    let mut bare: Box<dyn FnMut() -> Outcome> = match &place.url {
        DatabaseUrl::Sqlite(file) => {
            let connection = limits::sqlite::connect(file)?;
            Box::new(move || enough(limits::sqlite::ask(&connection, &query)?))
        }
        DatabaseUrl::Postgres(url) => {
            let mut connection = limits::postgres::connect(url)?;
            Box::new(move || enough(limits::postgres::ask(&mut connection, &query)?))
        }
    };
    let core = in_turns(
        TURNS,
        || {
            let roster = db.read(now, |tx| attendance::roster(tx, &Actor::operator(), taught.class))?;
            enough(roster.lines.len())
        },
        &mut bare,
    )?;
    let over = in_turns(
        TURNS,
        || match client.send("GET", &path, "")?.status {
            200 => Ok(()),
            status => Err(format!("the roster answered with {status}").into()),
        },
        &mut bare,
    )?;
    let name = name_of(backend);
    table.pair("roster of 36 with rates over 80 sessions, in core", name, 1.0, &core, None);
    table.pair("the same over HTTP", name, 1.0, &over, None);
    Ok(())
}

fn enough(lines: usize) -> Outcome {
    if lines < CLASS { Err(format!("only {lines} lines").into()) } else { Ok(()) }
}
