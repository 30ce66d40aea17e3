//! Who of a class may pass, looked at before it is decided: one class, and every class of a province one after another;
//! beside the bare aggregate of the same marks.

use vokasi_core::db::DatabaseUrl;

use crate::http::Client;
use crate::pace::{Outcome, in_turns};
use crate::place::{Backend, Workshop};
use crate::stage::{self, CLASS, Taught};
use crate::table::Table;
use crate::{limits, name_of, server};

/// Classes of 36 that hold the 8,445 students of the first intake.
const CLASSES: usize = 235;
const SESSIONS: usize = 20;

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let place = workshop.empty(backend)?;
    let db = stage::open(&place, 8)?;
    let now = stage::afterwards();
    let classes = stage::taught(&db, CLASSES)?;
    for class in &classes {
        stage::mark(&db, now, class, SESSIONS, 0)?;
    }
    place.settle()?;
    let vokasi = server::vokasi(&db, now)?;
    let mut client = Client::connect(vokasi.address, &server::sign_in(&db, &vokasi, now)?)?;
    let mut preview = |class: &Taught| -> Outcome {
        let answer = client.send("GET", &format!("/api/v1/classes/{}/completions", class.class), "")?;
        if answer.status == 200 { Ok(()) } else { Err(format!("the preview answered with {}", answer.status).into()) }
    };
    let query = |class: &Taught| {
        format!(
            "SELECT p.name || e.id || a.mark || count(*) || sum(s.lesson_hours) AS line FROM sessions s \
             JOIN attendance a ON a.session_id = s.id JOIN enrollments e ON e.id = a.enrollment_id \
             JOIN participants p ON p.id = e.participant_id WHERE s.class_id = {} AND s.state = 'held' \
             GROUP BY p.search_name, p.name, e.id, a.mark ORDER BY p.search_name, e.id, a.mark",
            class.class.as_i64()
        )
    };
    let mut bare: Box<dyn FnMut(&Taught) -> Outcome> = match &place.url {
        DatabaseUrl::Sqlite(file) => {
            let connection = limits::sqlite::connect(file)?;
            Box::new(move |class| enough(limits::sqlite::ask(&connection, &query(class))?))
        }
        DatabaseUrl::Postgres(url) => {
            let mut connection = limits::postgres::connect(url)?;
            Box::new(move |class| enough(limits::postgres::ask(&mut connection, &query(class))?))
        }
    };
    let first = classes.first().ok_or("no class")?;
    let one = in_turns(60, || preview(first), || bare(first))?;
    let all = in_turns(3, || classes.iter().try_for_each(&mut preview), || classes.iter().try_for_each(&mut bare))?;
    let name = name_of(backend);
    table.pair("completion of a class of 36 looked at over HTTP; limit: its bare sums", name, 1.0, &one, None);
    table.pair(&format!("the same of {} people, class by class", CLASSES * CLASS), name, 1.0, &all, None);
    Ok(())
}

fn enough(lines: usize) -> Outcome {
    if lines < CLASS { Err(format!("only {lines} lines").into()) } else { Ok(()) }
}
