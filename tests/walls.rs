//! The second wall, which PostgreSQL itself keeps: crossed with the program's own role, as whoever has found a way to send
//! it a statement would.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use vokasi_core::access::Actor;
use vokasi_core::db::AnyConnection;
use vokasi_core::page::PageRequest;
use vokasi_core::participant::{self, ParticipantFilter};

use crate::harness::path::text;
use crate::harness::{App, Backend, Stage, given, id, json};

/// Tables whose rows go with an enrollment.
const OF_ENROLLMENTS: [&str; 6] = [
    "enrollment_transitions",
    "attendance_corrections",
    "scores",
    "corrected_scores",
    "completions",
    "reopened_completions",
];
/// Tables whose rows go with a person.
const OF_PEOPLE: [&str; 3] = ["consents", "holds", "exam_results"];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

fn ids(connection: &mut AnyConnection, query: &str) -> Vec<i64> {
    let rows: Vec<Row> = diesel::sql_query(query).load(connection).expect("the statement holds");
    let mut ids: Vec<i64> = rows.into_iter().map(|row| row.id).collect();
    ids.sort_unstable();
    ids
}

fn number(text: &str) -> i64 {
    id(text).as_i64()
}

/// The program's own role with this reach.
fn reaching(app: &App, kind: &str, of: &str) -> AnyConnection {
    let mut connection = app.connect();
    let set = format!("SET vokasi.reach = '{kind}'; SET vokasi.reach_of = '{of}'");
    connection.batch_execute(&set).expect("the settings are taken");
    connection
}

/// A person on the whole way from a consent to a certificate, on hold afterwards; and one of the same school who waits.
struct Way<'a> {
    stage: Stage<'a>,
    person: String,
    enrollment: String,
    waiting: String,
}

fn way<'a>(app: &'a App, regency: &'static str) -> Way<'a> {
    let stage = app.stage_in(regency);
    let person = stage.student();
    let enrollment = stage.seated(&person);
    stage.office.post(&format!("/participants/{person}/exam-results"), given::competency("Pramusaji")).created();
    let waiting = stage.waiting(&stage.student());
    stage.start();
    let sessions = stage.sessions();
    stage.mark(&sessions[0], &enrollment, "A");
    stage.mark(&sessions[0], &enrollment, "H");
    stage.score_one(&enrollment, "90");
    let scores = stage.office.get(&format!("/enrollments/{enrollment}/scores")).ok().json();
    let corrections = format!("/scores/{}/corrections", text(&scores[0]["id"]));
    stage.office.post(&corrections, json!({ "score": "91", "reason": "Salah ketik" })).ok();
    stage
        .office
        .post(
            &format!("/classes/{}/completions", stage.class),
            json!({ "enrollments": [enrollment], "confirm": given::doubts() }),
        )
        .ok();
    let again = json!({ "reason": "Nilai keliru dicatat" });
    stage.office.acts(&format!("/enrollments/{enrollment}"), "completion/reopening", again);
    let asked = given::person_request("suspension");
    let request = stage.office.post(&format!("/participants/{person}/person-requests"), asked).created();
    let done = json!({ "verdict": "done", "answer": "Pemrosesan dihentikan sementara." });
    stage.office.post_change(&format!("{}/decision", request.location()), &request.etag(), done).ok();
    Way { stage, person, enrollment, waiting }
}

#[test]
fn each_reach_shows_its_own_and_nothing_else() {
    let app = App::start(Backend::Postgres);
    let (here, there) = (way(&app, "18.07"), way(&app, "31.71"));
    let neighbour = way(&app, "18.02");
    let instructor = |way: &Way<'_>| number(&way.stage.instructor.id).to_string();
    let (school, host) = (number(&here.stage.school).to_string(), number(&here.stage.host).to_string());
    let province = [&here, &neighbour].map(|way| [number(&way.enrollment), number(&way.waiting)]).concat();
    let both = vec![number(&here.enrollment), number(&here.waiting)];
    let seated = vec![number(&here.enrollment)];
    let cases = [
        ("province", "18".to_owned(), province),
        ("regency", "18.07".to_owned(), both.clone()),
        ("school", school, both),
        ("partner", host, seated.clone()),
        ("instructor", instructor(&here), seated),
        ("platform", String::new(), vec![]),
        ("nothing", String::new(), vec![]),
        ("province", String::new(), vec![]),
        ("anything", "18".to_owned(), vec![]),
    ];
    for (kind, of, mut enrollments) in cases {
        enrollments.sort_unstable();
        let (mut inside, mut outside) = (reaching(&app, kind, &of), app.connect());
        assert_eq!(ids(&mut inside, "SELECT id FROM enrollments"), enrollments, "{kind}");
        let listed =
            |ids: &[i64]| ids.iter().map(i64::to_string).chain(["0".to_owned()]).collect::<Vec<_>>().join(", ");
        let of_these =
            |column: &str| format!("SELECT {column} AS id FROM enrollments WHERE id IN ({})", listed(&enrollments));
        let people = ids(&mut outside, &of_these("participant_id"));
        assert_eq!(ids(&mut inside, "SELECT id FROM participants"), people, "{kind}");
        for (tables, column, seen) in
            [(&OF_ENROLLMENTS[..], "enrollment_id", &enrollments), (&OF_PEOPLE[..], "participant_id", &people)]
        {
            for table in tables {
                let expected = format!("SELECT {column} AS id FROM {table} WHERE {column} IN ({})", listed(seen));
                let expected = ids(&mut outside, &expected);
                assert_eq!(
                    ids(&mut inside, &format!("SELECT {column} AS id FROM {table}")),
                    expected,
                    "{kind} {table}"
                );
            }
        }
        let requests = if matches!(kind, "partner" | "instructor" | "regency") { 0 } else { people.len() / 2 };
        assert_eq!(ids(&mut inside, "SELECT id FROM person_requests").len(), requests, "{kind}");
    }
    assert!(app.count("holds") == 3 && app.count("attendance_corrections") == 3, "the ways were walked");
    drop(there);
}

#[test]
fn what_is_out_of_reach_is_not_changed() {
    let app = App::start(Backend::Postgres);
    let (here, there) = (way(&app, "18.07"), way(&app, "18.02"));
    let school = number(&here.stage.school).to_string();
    let mut connection = reaching(&app, "school", &school);
    let mut run =
        |statement: String| diesel::sql_query(statement).execute(&mut connection).map_err(|error| error.to_string());
    let (own, other) = (number(&here.person), number(&there.person));
    assert_eq!(run(format!("UPDATE participants SET homeroom = 'XII' WHERE id = {own}")), Ok(1));
    assert_eq!(run(format!("UPDATE participants SET homeroom = 'XII' WHERE id = {other}")), Ok(0));
    assert_eq!(run("UPDATE enrollments SET version = version".to_owned()), Ok(2));
    assert_eq!(run(format!("DELETE FROM consents WHERE participant_id = {other}")), Ok(0));
    // Nor is a row handed over the wall.
    let refused = |answer: Result<usize, String>| assert!(answer.unwrap_err().contains("row-level security"));
    let theirs = number(&there.stage.school);
    refused(run(format!("UPDATE participants SET school_id = {theirs} WHERE id = {own}")));
    refused(run(format!(
        "INSERT INTO holds (id, participant_id, why, since, placed_by) VALUES (1, {other}, 'withdrawal', '2025-07-21', 0)"
    )));
    refused(run(format!(
        "INSERT INTO enrollment_transitions (id, enrollment_id, to_state, at) \
         VALUES (1, {}, 'active', '2025-07-21 01:00:00')",
        number(&there.enrollment)
    )));
}

#[test]
fn who_says_nothing_reaches_nobody() {
    let app = App::start(Backend::Postgres);
    way(&app, "18.07");
    let mut connection = app.connect();
    connection.batch_execute("RESET vokasi.reach").unwrap();
    for table in ["participants", "enrollments", "certificates", "consents", "audit_events"] {
        assert!(app.count(table) > 0 || table == "certificates");
        assert_eq!(ids(&mut connection, &format!("SELECT count(*) AS id FROM {table}")), [0], "{table}");
    }
    // A request that forgets to ask who asks shows nobody, whatever the rules in core would let pass.
    let people = |tx: &mut vokasi_core::db::Tx<'_>| {
        participant::list(tx, &Actor::operator(), &ParticipantFilter::default(), PageRequest::default())
    };
    assert_eq!(app.db().read(app.now(), people).unwrap().rows.len(), 2);
    assert_eq!(app.db().for_callers().read(app.now(), people).unwrap().rows.len(), 0);
}

/// But for marks, which name nobody.
#[test]
fn no_table_of_people_lies_outside_the_wall() {
    let app = App::start(Backend::Postgres);
    let outside: Vec<Named> = diesel::sql_query(
        "SELECT DISTINCT c.relname::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace \
         AND (a.attname IN ('participant_id', 'enrollment_id', 'person_id', 'birth_date', 'rows_sealed') \
              OR a.attname LIKE 'nik%') \
         AND c.relname <> 'attendance' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)",
    )
    .load(&mut app.connect())
    .unwrap();
    assert_eq!(outside.into_iter().map(|table| table.name).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_role_that_no_wall_holds_is_told_of() {
    let app = App::start(Backend::Postgres);
    assert!(app.db().is_walled(app.now()).unwrap());
    assert!(App::start(Backend::Sqlite).db().is_walled(app.now()).unwrap());
    let mut connection = app.connect();
    let held: Vec<Named> = diesel::sql_query(
        "SELECT rolname::text AS name FROM pg_roles WHERE rolname = current_user AND NOT rolsuper AND NOT rolbypassrls",
    )
    .load(&mut connection)
    .unwrap();
    assert_eq!(held.len(), 1, "the tests run as the program does");
}

both! {
    fn whoever_moves_reaches_elsewhere_at_once(app: &App) {
        let (here, there) = (app.stage_in("18.07"), app.stage_in("18.71"));
        let (one, other) = (here.student(), there.student());
        let coordinator = app.coordinator(&here.school);
        let sees = || coordinator.get("/participants").ok().items().iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
        assert_eq!(sees(), [json!(one)]);
        let (school, account) = (number(&there.school), number(&coordinator.id));
        let moved = format!("UPDATE accounts SET partner_id = {school}, regency_code = '18.71' WHERE id = {account}");
        app.connect().batch_execute(&moved).unwrap();
        assert_eq!(sees(), [json!(other)]);
    }
}
