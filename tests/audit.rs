//! The audit: what is recorded, who may see it, and that nobody edits it unseen.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use vokasi_core::access::Actor;
use vokasi_core::audit::{self, Head, Note, Subject, Verification};
use vokasi_core::db::{Db, Tx, World};
use vokasi_core::entropy::Entropy;
use vokasi_core::error::Result;
use vokasi_core::keys::Keys;

use crate::harness::path::text;
use crate::harness::{Answer, App, Backend, Staff, Value, at_once, given, id, json};

const REASON: &str = "Mencocokkan dengan kartu keluarga";

fn verify(app: &App, expected: Option<&Head>) -> Verification {
    audit::verify(app.db(), app.now(), &Actor::operator(), expected, &mut |_, _| {}).expect("it can be read")
}

/// What the check finds: the code and the entry of the chain.
fn found(app: &App, expected: Option<&Head>) -> Option<(&'static str, Option<i64>)> {
    verify(app, expected).broken.map(|broken| (broken.breach.code().name, broken.sequence))
}

/// Does what somebody can do who owns the database but not the keys.
fn intrude(app: &App, sql: &str) {
    let walls = match app.backend {
        Backend::Sqlite => ["events", "chain"]
            .map(|table| format!("DROP TRIGGER audit_{table}_no_update; DROP TRIGGER audit_{table}_no_delete;"))
            .concat(),
        Backend::Postgres => {
            ["events", "chain"].map(|table| format!("ALTER TABLE audit_{table} DISABLE TRIGGER ALL;")).concat()
        }
    };
    app.connect().batch_execute(&format!("{walls}{sql}")).expect("nothing holds an owner back");
}

/// Seven events in the chain, so far without a fault.
fn seven(app: &App) -> Head {
    app.operator(|tx, operator| {
        for number in 0..7 {
            let subject = Subject::class(tx.new_id());
            audit::record(tx, operator, "class.created", subject, None, &json!({ "seats": number }))?;
        }
        Ok(())
    });
    let whole = verify(app, None);
    assert_eq!((whole.sealed, whole.waiting, whole.broken), (7, 0, None));
    whole.head
}

/// The event at a place of the chain, in SQL.
fn at(sequence: i64) -> String {
    format!("(SELECT event_id FROM audit_chain WHERE sequence = {sequence})")
}

/// A row in the words of an intruder: a copy of another with another id.
fn copy(mac: &str) -> String {
    let columns = "at, province_code, account_id, role, action, subject_kind, subject_id, request_id, address, detail, \
                   scope, device, person_id, reason, changes";
    format!(
        "INSERT INTO audit_events (id, {columns}, mac) \
         SELECT id + 1000, {columns}, {mac} FROM audit_events WHERE id = {}",
        at(5)
    )
}

/// Every row of the audit as one text each.
fn rows(app: &App) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let query = "SELECT action || ' ' || request_id || ' ' || address || ' ' || detail || ' ' || scope || ' ' || device \
                 || ' ' || coalesce(reason, '') || ' ' || changes AS line FROM audit_events ORDER BY id";
    let rows: Vec<Row> = diesel::sql_query(query).load(&mut app.connect()).expect("the audit can be read");
    rows.into_iter().map(|row| row.line).collect()
}

/// A register whose clock shows another time, over the same database.
fn elsewhere(app: &App) -> Db {
    let keys = Keys::derive(&[7; 32]).expect("32 bytes are enough");
    Db::open(&app.database().url, 2, World::new(keys, Entropy::seeded(9))).expect("the database opens")
}

fn note(tx: &mut Tx<'_>) -> Result<()> {
    let subject = Subject::class(tx.new_id());
    Note::of("class.created", subject).record(tx, &Actor::operator())
}

fn student(office: &Staff<'_>, school: &str, number: u32) -> Answer {
    office.post("/participants", given::student(number).with("school", school)).created()
}

both! {
    fn an_untouched_audit_is_whole(app: &App) {
        let empty = verify(app, None);
        assert_eq!((empty.head, empty.sealed, empty.waiting, empty.broken), (Head::default(), 0, 0, None));
        let head = seven(app);
        assert_eq!(head.sequence, 7);
        // Checking changes nothing, and the chain goes on from where it was.
        assert_eq!(verify(app, Some(&head)).head, head);
        app.operator(|tx, _| note(tx));
        let longer = verify(app, Some(&head));
        assert_eq!((longer.head.sequence, longer.broken), (8, None));
    }

    fn the_database_itself_refuses_a_change(app: &App) {
        seven(app);
        let mut statements = vec!["UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events"];
        statements.extend(["UPDATE audit_chain SET hash = ''", "DELETE FROM audit_chain"]);
        if app.backend == Backend::Postgres {
            statements.extend(["TRUNCATE audit_events", "TRUNCATE audit_chain"]);
        }
        for statement in statements {
            let refused = app.connect().batch_execute(statement).unwrap_err().to_string();
            assert!(refused.contains("only added to"), "{statement}: {refused}");
        }
        assert_eq!(found(app, None), None);
    }

    fn an_edit_is_named(app: &App) {
        for (edit, sequence) in [
            ("detail = '{\"seats\": 30}'", 3),
            ("at = '2025-07-21 02:00:00'", 1),
            ("account_id = 77", 7),
            ("person_id = 77", 2),
            ("reason = 'x'", 2),
            ("subject_id = subject_id + 1", 4),
            // Some edits leave what cannot even be read.
            ("role = 'boss'", 5),
            ("province_code = 'x'", 6),
            // Without its code an event is not taken for one from before the chain.
            ("mac = ''", 4),
            ("mac = '', detail = '{}'", 4),
        ] {
            let app = &App::start(app.backend);
            seven(app);
            intrude(app, &format!("UPDATE audit_events SET {edit} WHERE id = {}", at(sequence)));
            assert_eq!(found(app, None), Some(("audit.edited", Some(sequence))), "{edit}");
        }
    }

    fn a_deletion_is_named(app: &App) {
        seven(app);
        intrude(app, &format!("DELETE FROM audit_events WHERE id = {}", at(3)));
        let broken = verify(app, None).broken.unwrap();
        assert_eq!((broken.breach.code().name, broken.sequence), ("audit.deleted", Some(3)));
        assert!(broken.event.is_some());
    }

    fn a_deletion_with_its_entry_is_named(app: &App) {
        seven(app);
        intrude(app, &format!(
            "DELETE FROM audit_events WHERE id = {}; DELETE FROM audit_chain WHERE sequence = 3;", at(3)
        ));
        assert_eq!(found(app, None), Some(("audit.cut", Some(3))));
    }

    fn a_chain_that_closes_ranks_is_named(app: &App) {
        seven(app);
        let gone = format!("DELETE FROM audit_events WHERE id = {}; DELETE FROM audit_chain WHERE sequence = 3;", at(3));
        let move_up = |to: i64| format!("UPDATE audit_chain SET sequence = {to} WHERE sequence = {};", to + 1);
        intrude(app, &[gone, move_up(3), move_up(4), move_up(5), move_up(6)].concat());
        assert_eq!(found(app, None), Some(("audit.relinked", Some(3))));
    }

    fn a_tail_that_was_cut_off_is_named_to_whoever_knows_the_head(app: &App) {
        let head = seven(app);
        intrude(app, &format!(
            "DELETE FROM audit_events WHERE id IN ({}, {}); DELETE FROM audit_chain WHERE sequence > 5;", at(6), at(7)
        ));
        // What is left is in itself as it was written: only the head that was told shows it.
        let left = verify(app, None);
        assert_eq!((left.head.sequence, left.broken), (5, None));
        assert_eq!(found(app, Some(&head)), Some(("audit.cut", Some(6))));
        // Once others have taken their places, the chain does not pass through it either.
        for _ in 0..3 {
            app.operator(|tx, _| note(tx));
        }
        assert_eq!(verify(app, None).head.sequence, 8);
        assert_eq!(found(app, Some(&head)), Some(("audit.cut", Some(7))));
    }

    fn the_events_of_the_tail_alone_are_missed(app: &App) {
        seven(app);
        intrude(app, &format!("DELETE FROM audit_events WHERE id = {}", at(7)));
        assert_eq!(found(app, None), Some(("audit.deleted", Some(7))));
    }

    fn a_chain_that_was_thrown_away_grows_again_as_it_was(app: &App) {
        let head = seven(app);
        intrude(app, "DELETE FROM audit_chain");
        assert_eq!(verify(app, Some(&head)).head, head);
    }

    fn a_row_put_in_by_hand_is_named(app: &App) {
        for mac in ["''", "mac", "'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'"] {
            let app = &App::start(app.backend);
            seven(app);
            app.connect().batch_execute(&copy(mac)).unwrap();
            assert_eq!(found(app, None), Some(("audit.inserted", None)), "{mac}");
            // The sealing passes it by, and goes on with what is ours.
            app.operator(|tx, _| note(tx));
            assert_eq!(audit::seal(app.db(), app.now()).unwrap(), 1);
            assert_eq!(verify(app, None).sealed, 8);
        }
    }

    fn two_rows_that_changed_places_are_named(app: &App) {
        let swap = |table: &str, key: &str, one: &str, other: &str, column: &str| {
            format!(
                "UPDATE {table} SET {column} = CASE WHEN {key} = {one} \
                 THEN (SELECT {column} FROM {table} WHERE {key} = {other}) \
                 ELSE (SELECT {column} FROM {table} WHERE {key} = {one}) END WHERE {key} IN ({one}, {other});"
            )
        };
        {
            let app = &App::start(app.backend);
            seven(app);
            let columns = ["detail", "subject_id", "mac"];
            let sql: String = columns.map(|column| swap("audit_events", "id", &at(2), &at(5), column)).concat();
            intrude(app, &sql);
            assert_eq!(found(app, None), Some(("audit.edited", Some(2))));
        }
        {
            let app = &App::start(app.backend);
            seven(app);
            let hashes = ["hash", "mac"].map(|column| swap("audit_chain", "sequence", "2", "5", column)).concat();
            intrude(app, &hashes);
            assert_eq!(found(app, None), Some(("audit.relinked", Some(2))));
        }
        seven(app);
        // Two entries that point at each other's events.
        let (two, five) = (at(2), at(5));
        intrude(app, &format!(
            "CREATE TABLE kept AS SELECT {two} AS two, {five} AS five; \
             UPDATE audit_chain SET event_id = -1 WHERE sequence = 2; \
             UPDATE audit_chain SET event_id = (SELECT two FROM kept) WHERE sequence = 5; \
             UPDATE audit_chain SET event_id = (SELECT five FROM kept) WHERE sequence = 2; DROP TABLE kept;"
        ));
        assert_eq!(found(app, None), Some(("audit.relinked", Some(2))));
    }

    fn what_commits_late_is_sealed_later(app: &App) {
        let head = seven(app);
        let late = elsewhere(app);
        let earlier = |minutes: i64| app.now().plus(chrono::Duration::minutes(-minutes));
        late.write(earlier(5), note).unwrap();
        assert_eq!(audit::seal(app.db(), app.now()).unwrap(), 1);
        assert_eq!(audit::seal(app.db(), app.now()).unwrap(), 0);
        // What comes later still waits for the run that looks at everything.
        let later = elsewhere(app);
        later.write(earlier(500), note).unwrap();
        assert_eq!(audit::seal(app.db(), app.now()).unwrap(), 0);
        assert_eq!(audit::seal_all(app.db(), app.now()).unwrap(), 1);
        let whole = verify(app, Some(&head));
        assert_eq!((whole.head.sequence, whole.broken), (9, None));
    }

    fn of_several_that_seal_at_once_one_does(app: &App) {
        app.operator(|tx, _| (0..1_200).try_for_each(|_| note(tx)));
        let sealed: u64 = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| audit::seal(app.db(), app.now()).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!((sealed, app.count("audit_chain")), (1_200, 1_200));
        assert_eq!(found(app, None), None);
    }

    fn what_was_recorded_before_the_chain_is_taken_in_once(app: &App) {
        let old = |id: i64| format!(
            "INSERT INTO audit_events (id, at, action, subject_kind, subject_id, request_id, address, detail) \
             VALUES ({id}, '2025-01-01 00:00:00', 'class.created', 'class', 5, '', 'local', '{{}}');"
        );
        app.connect().batch_execute(&[old(1), old(2), old(3)].concat()).unwrap();
        assert_eq!(found(app, None), Some(("audit.inserted", None)));
        assert_eq!(audit::adopt(app.db(), app.now()).unwrap(), 3);
        app.operator(|tx, _| note(tx));
        let whole = verify(app, None);
        assert_eq!((whole.sealed, whole.broken), (4, None));
        intrude(app, "UPDATE audit_events SET action = 'x' WHERE id = 2");
        assert_eq!(found(app, None), Some(("audit.edited", Some(2))));
        app.connect().batch_execute("UPDATE audit_events SET action = 'class.created' WHERE id = 2").unwrap();
        app.connect().batch_execute(&old(4)).unwrap();
        assert_eq!(found(app, None), Some(("audit.inserted", None)));
    }

    fn whatever_is_done_the_audit_stays_whole(app: &App) {
        let office = app.office("18");
        let school = app.school("18.07");
        let mut people: Vec<Answer> = Vec::new();
        let mut heads: Vec<Head> = Vec::new();
        let mut story = |acts: Vec<u8>| {
            for act in acts {
                let number = u32::try_from(app.number()).unwrap();
                match (act, people.last_mut()) {
                    (0, _) | (_, None) => people.push(student(&office, &school, number)),
                    (1, Some(person)) => {
                        let path = person.location();
                        let homeroom = format!("XII TKJ {number}");
                        let body = given::student(number).with("homeroom", homeroom);
                        let etag = office.get(&path).ok().etag();
                        office.put(&path, &etag, body).ok();
                    }
                    (2, Some(person)) => {
                        let path = format!("{}/disclosures", person.location());
                        office.post(&path, json!({ "reason": REASON })).ok();
                    }
                    (3, Some(_)) => {
                        office.post("/partners", given::lpk(number)).created();
                    }
                    (4, Some(_)) => {
                        audit::seal(app.db(), app.now()).unwrap();
                    }
                    (5, Some(_)) => app.wait(chrono::Duration::seconds(40)),
                    (_, Some(_)) => heads.push(verify(app, None).head),
                }
            }
            for head in heads.iter().filter(|head| head.sequence > 0) {
                prop_assert_eq!(found(app, Some(head)), None);
            }
            prop_assert_eq!(u64::try_from(app.count("audit_events")).unwrap(), verify(app, None).sealed);
            Ok(())
        };
        let mut runner = TestRunner::new(Config { cases: 5, failure_persistence: None, max_shrink_iters: 0, ..Config::default() });
        let story = std::cell::RefCell::new(&mut story);
        runner.run(&prop::collection::vec(0_u8..7, 1..10), |acts| (story.borrow_mut())(acts)).unwrap();
    }

    fn an_act_is_recorded_with_all_that_is_known(app: &App) {
        let stage = app.stage();
        let person = student(&stage.office, &stage.school, 7);
        let coordinator = app.coordinator(&stage.school);
        let path = person.location();
        let body = given::student(7)
            .with("name", "Siti Nuraini")
            .with("homeroom", "XII TKJ 2")
            .with("phone", "081234567892")
            .with("nik", "1807055708070099");
        let call = coordinator.call("PUT", &path).if_match(&person.etag()).header("user-agent", "Telepon Guru");
        let changed = call.json(&body.into()).send().ok();
        let events = stage.office.all(&format!("/audit-events?subject={}", person.id()));
        let corrected = &events[1];
        assert_eq!(
            corrected,
            &json!({
                "id": corrected["id"],
                "at": "2025-07-21T01:00:00Z",
                "account": coordinator.id,
                "role": "school_coordinator",
                "action": "participant.corrected",
                "subject_kind": "participant",
                "subject": person.id(),
                "person": person.id(),
                "reason": null,
                "scope": format!("school {}", stage.school),
                "request": changed.header("x-request-id"),
                "address": "127.0.0.1",
                "device": "Telepon Guru",
                "detail": { "confirmed": [] },
                "changes": {
                    "homeroom": { "before": "XII TKJ 1", "after": "XII TKJ 2" },
                    "name": "changed",
                    "nik": "changed",
                    "phone": "changed",
                },
            })
        );
    }

    fn a_person_learns_who_has_seen_their_data(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let person = student(office, &stage.school, 7);
        student(office, &stage.school, 8);
        let coordinator = app.coordinator(&stage.school);
        let path = person.location();
        coordinator.post(&format!("{path}/disclosures"), json!({})).invalid(&[("/reason", "field.required")]);
        coordinator.post(&format!("{path}/disclosures"), json!({ "reason": REASON })).ok();
        office.post(&format!("{path}/consents"), given::consent()).created();
        // A consent names who gave it: looking at it is a reading in clear.
        coordinator.get(&format!("{path}/consents")).ok();
        let history = coordinator.all(&format!("{path}/audit-events"));
        let event = |row: &Value, by: &Staff<'_>, role: &str, action: &str, reason: Option<&str>, kind: &str| {
            json!({
                "id": row["id"],
                "at": "2025-07-21T01:00:00Z",
                "action": action,
                "reason": reason,
                "account": by.id,
                "name": "Wulan Sari",
                "role": role,
                "subject_kind": kind,
                "subject": row["subject"],
                "changes": {},
            })
        };
        let (e, s) = ("education_office", "school_coordinator");
        assert_eq!(
            history,
            [
                event(&history[0], office, e, "participant.registered", None, "participant"),
                event(&history[1], &coordinator, s, "participant.disclosed", Some(REASON), "participant"),
                event(&history[2], office, e, "consent.given", None, "consent"),
                event(&history[3], &coordinator, s, "consent.read", None, "participant"),
            ]
        );
        assert_eq!(office.all(&format!("{path}/audit-events?limit=1")), history);
        app.coordinator(&app.school("18.07")).get(&format!("{path}/audit-events")).not_there();
        app.office("53").get(&format!("{path}/audit-events")).not_there();
        app.manager(&stage.host).get(&format!("{path}/audit-events")).denied();
    }

    fn the_way_to_a_certificate_is_in_the_persons_history(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let member = stage.seated(&person);
        stage.graduate(std::slice::from_ref(&member));
        let certificate = text(&stage.issue(&stage.class).ok().json()[0]["certificate"]["id"]).to_owned();
        let office = stage.office_now();
        office.get(&format!("/certificates/{certificate}/pdf")).ok();
        let path = format!("/certificates/{certificate}");
        office.post_change(&format!("{path}/revocation"), "\"1\"", json!({ "reason": "Nama keliru" })).ok();
        let history = office.all(&format!("/participants/{person}/audit-events"));
        let told: Vec<(&str, &str, &str)> = history
            .iter()
            .map(|row| (text(&row["action"]), text(&row["subject_kind"]), row["reason"].as_str().unwrap_or_default()))
            .collect();
        assert_eq!(
            told,
            [
                ("participant.registered", "participant", ""),
                ("consent.given", "consent", ""),
                ("enrollment.applied", "enrollment", ""),
                ("enrollment.moved", "enrollment", "Keputusan dinas"),
                ("completion.recorded", "completion", ""),
                ("certificate.issued", "certificate", ""),
                ("certificate.printed", "certificate", ""),
                ("certificate.revoked", "certificate", "Nama keliru"),
            ]
        );
        let moved = json!({ "state": { "before": "waitlisted", "after": "active" } });
        assert_eq!(history[3]["changes"], moved);
    }

    fn no_row_holds_what_it_protects(app: &App) {
        let office = app.office("18");
        let school = app.partner(given::school(1).with("npsn", "10809001"));
        let coordinator = app.coordinator(&school);
        let planned = coordinator.upload("/imports", "text/csv", given::dapodik().as_bytes()).created();
        let apply = format!("{}/application", planned.location());
        coordinator.post_change(&apply, &planned.etag(), json!({ "confirm": [] })).ok();
        // The same school's file a week later: everybody moved to another homeroom.
        let moved = given::dapodik().replace("XII TBSM 1", "XII TBSM 9");
        let planned = coordinator.upload("/imports", "text/csv", moved.as_bytes()).created();
        let apply = format!("{}/application", planned.location());
        let applied = coordinator.post_change(&apply, &planned.etag(), json!({ "confirm": [] })).ok().json();
        let corrected = applied["corrected"].as_i64().unwrap();
        assert!(corrected > 0, "{applied}");
        assert_eq!(app.count_where("audit_events", "action = 'participant.corrected' AND changes LIKE '%XII TBSM 9%'"), corrected);
        let person = student(&office, &school, 7);
        let path = person.location();
        let other = given::student(7).with("name", "Ratna Dewi").with("birth_place", "Metro").with("phone", "081298765432");
        office.put(&path, &person.etag(), other).ok();
        office.post(&format!("{path}/disclosures"), json!({ "reason": REASON })).ok();
        office.post(&format!("{path}/consents"), given::consent()).created();
        office.get(&format!("{path}/consents")).ok();
        let taken = student(&office, &school, 8);
        let twice = given::student(7).with("school", school.clone());
        office.post("/participants", twice).refused("participant.nik_taken");
        office.put(&taken.location(), &taken.etag(), given::student(7).with("nisn", "0079000008")).refused("participant.nik_taken");
        office.get("/audit-events.csv").ok();

        let mut secrets: BTreeSet<String> = ["Siti Nur'aini", "Ratna Dewi", "Sri Wahyuni", "Sukadana", "81234567891"]
            .into_iter()
            .chain(["81298765432", "81234567890", "1807055708070007", "1807055708070008", "0079000007", "2007-08-17"])
            .map(str::to_owned)
            .collect();
        for line in given::dapodik().lines().skip(2) {
            let cells: Vec<&str> = line.split(',').collect();
            // Name, NISN, NIK and mobile number of the layout; a line within a cell has fewer.
            secrets.extend([1, 4, 7, 19].iter().filter_map(|at| cells.get(*at)).map(|cell| (*cell).to_owned()));
        }
        secrets.retain(|secret| secret.len() > 5);
        assert!(secrets.len() > 100, "{secrets:?}");
        let rows = rows(app);
        assert!(rows.len() > 15, "{rows:#?}");
        for row in rows {
            let lower = row.to_lowercase();
            let shown = secrets.iter().find(|secret| lower.contains(&secret.to_lowercase()));
            assert_eq!(shown, None, "{row}");
        }
    }

    fn an_inspector_gets_a_file(app: &App) {
        let stage = app.stage();
        let person = student(&stage.office, &stage.school, 7);
        app.set_clock("2025-07-21T17:30:00Z");
        // Half past midnight of the 22nd in Lampung.
        let office = stage.office_now();
        let call = office.call("POST", &format!("{}/disclosures", person.location()));
        call.header("user-agent", "=HYPERLINK(1)").json(&json!({ "reason": "@Periksa \"KK\", lalu NIK" })).send().ok();
        let file = office.get("/audit-events.csv?from=2025-07-22&to=2025-07-22").ok();
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"audit.csv\""));
        let events = office.all(&format!("/audit-events?subject={}", person.id()));
        let event = |name: &str| text(&events[1][name]).to_owned();
        assert_eq!(
            file.text(),
            format!(
                "id,at,action,subject_kind,subject,person,account,name,role,scope,province,reason,request,address,device,\
                 detail,changes\r\n\
                 {},2025-07-21T17:30:00Z,participant.disclosed,participant,{},{},{},Wulan Sari,education_office,\
                 province 18,18,\"'@Periksa \"\"KK\"\", lalu NIK\",{},127.0.0.1,'=HYPERLINK(1),{{}},{{}}\r\n",
                event("id"), person.id(), person.id(), office.id, event("request")
            )
        );
        let lines = |path: &str| office.get(path).ok().text().lines().count() - 1;
        assert_eq!(lines("/audit-events.csv?from=2025-07-23"), 0);
        assert_eq!(lines("/audit-events.csv?to=2025-07-21") + 1, lines("/audit-events.csv"));
// Another province's file holds its own events: the office's account was made.
        let stranger = app.office("53").get("/audit-events.csv").ok().text();
        assert!(stranger.lines().count() == 2 && stranger.contains(",staff.created,"), "{stranger}");
        office.get("/audit-events.csv?from=2025-07-22&to=2025-07-21").invalid(&[("/to", "field.date_order")]);
        office.get("/audit-events.csv?from=kemarin").invalid(&[("/from", "field.date")]);
        app.admin().get("/audit-events.csv").denied();
    }

    fn a_long_file_comes_in_pieces_and_whole(app: &App) {
        let office = app.office("18");
        let account = id(&office.id);
        app.operator(move |tx, operator| {
            let province = vokasi_core::access::get(tx, operator, account)?.province_code;
            (0..1_700).try_for_each(|_| {
                let subject = Subject::class(tx.new_id());
                Note::of("class.created", subject).within(province.as_ref()).record(tx, operator)
            })
        });
        let ids: Vec<String> = office
            .get("/audit-events.csv")
            .ok()
            .text()
            .lines()
            .skip(1)
            .filter(|line| line.contains(",class.created,"))
            .map(|line| line.split(',').next().unwrap().to_owned())
            .collect();
        assert_eq!(ids.len(), 1_700);
        assert!(ids.is_sorted());
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 1_700);
    }

    fn the_check_can_be_asked_for(app: &App) {
        let office = app.office("18");
        let path = "/audit/verification";
        let whole = office.get(path).ok().json();
        let head = text(&whole["head"]).to_owned();
        let expected = json!({ "intact": true, "head": head, "sealed": 1, "waiting": 0, "broken": null });
        assert_eq!(whole, expected);
        office.get(&format!("{path}?expect=1")).invalid(&[("/expect", "audit.head")]);
        office.post("/partners", given::lpk(1)).created();
        assert_eq!(app.admin().get(&format!("{path}?expect={head}")).ok().json()["intact"], true);
        intrude(app, &format!("DELETE FROM audit_events WHERE id = {}", at(1)));
        let broken = office.call("GET", path).language("en").send().ok().json();
        let event = text(&broken["broken"]["event"]).to_owned();
        let sentence = format!("Event {event} (entry 1) is gone. Compare with a backup and record an incident.");
        assert_eq!(broken["broken"], json!({ "code": "audit.deleted", "sentence": sentence, "sequence": 1, "event": event }));
        assert_eq!(broken["intact"], false);
    }

    fn checks_at_once_wait_their_turn(app: &App) {
        let office = app.office("18");
        app.operator(|tx, _| (0..2_000).try_for_each(|_| note(tx)));
        let answers = at_once(4, |_| office.get("/audit/verification"));
        assert!(answers.iter().any(|answer| answer.status == 200), "{answers:?}");
        for answer in answers {
            if answer.status != 200 {
                answer.status(503).refused("storage.busy");
            }
        }
    }
}
