//! Repeats: what is sent twice happens once, and nothing is changed that has changed since it was read.

use std::collections::BTreeSet;

use crate::documents::operations;
use crate::harness::path::{score, seating_plan, text};
use crate::harness::{Answer, App, Staff, Stage, Value, given, json};

const WORKBOOK: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-good.xlsx");

/// Something that is made once however often it is asked for.
struct Creation {
    route: &'static str,
    path: String,
    body: Option<Value>,
    /// Where the rows are, and how many one request makes.
    table: &'static str,
    rows: i64,
}

/// A change of a thing as it was read.
struct Change {
    method: &'static str,
    route: &'static str,
    path: String,
    read_at: String,
    body: Value,
}

/// A stage whose class runs: somebody sits in it, somebody waits, somebody has not registered.
struct World<'a> {
    stage: Stage<'a>,
    member: String,
    newcomer: String,
    /// A score of the member.
    score: String,
    /// A result of the newcomer.
    result: String,
    /// A certificate from another class.
    certificate: String,
}

impl<'a> World<'a> {
    fn new(app: &'a App) -> Self {
        let stage = app.stage();
        let member = stage.seated(&stage.student());
        stage.queue(1);
        let newcomer = stage.student();
        stage.move_class(&stage.class, "running").ok();
        let body = json!({ "scores": [score(&member, "practice", "95")] });
        let recorded = stage.office_now().post(&format!("/classes/{}/scores", stage.class), body).ok().json();
        let first_score = text(&recorded[0]["id"]).to_owned();
        let results = format!("/participants/{newcomer}/exam-results");
        let result = stage.office_now().post(&results, given::competency("Tata Graha")).created().id();
        let earlier = stage.class_of(2);
        let graduate = stage.waiting(&stage.student());
        stage.seat(&graduate, &earlier).ok();
        stage.move_class(&earlier, "running").ok();
        let body = json!({ "enrollments": [graduate], "override_reason": "Uji ulang di lapangan", "confirm": given::doubts() });
        stage.office_now().post(&format!("/classes/{earlier}/completions"), body).ok();
        let certificate = text(&stage.issue(&earlier).ok().json()[0]["certificate"]["id"]).to_owned();
        Self { stage, member, newcomer, score: first_score, result, certificate }
    }

    /// Two phones that had not seen one another mark the member of the class.
    fn clash(&self) -> String {
        let session = self.stage.timetable(&self.stage.class)[0]["id"].clone();
        let office = &self.stage.office;
        for (number, mark) in [(1, "H"), (2, "A")] {
            let entry = json!({
                "id": format!("0198f2a4-7c1e-7000-8000-{number:012}"), "session": session, "enrollment": self.member,
                "mark": mark, "place": 1, "made_at": "2025-07-21T01:00:00Z",
            });
            let batch = json!({ "device": format!("ponsel-{number:04}"), "marks": [entry] });
            office.call("POST", "/attendance-batches").json(&batch).send().ok();
        }
        text(&office.all("/attendance-clashes")[0]["id"]).to_owned()
    }

    /// Every creation, in an order in which each can happen.
    fn creations(&self) -> Vec<Creation> {
        let Stage { school, host, program, agreement, cohort, class, .. } = &self.stage;
        let of_class = |what: &str| format!("/classes/{class}/{what}");
        let row = |route, path: String, body: Value, table, rows| Creation {
            route,
            path,
            body: (!body.is_null()).then_some(body),
            table,
            rows,
        };
        let staff = json!({
            "email": "baru@example.org", "name": "Wulan Sari", "role": "instructor", "province": "18", "partner": host,
        });
        let override_reason = "Uji ulang di lapangan";
        vec![
            row("/staff", "/staff".into(), staff, "accounts", 1),
            row("/partners", "/partners".into(), given::school(9001).into(), "partners", 1),
            row("/programs", "/programs".into(), given::program("NEW").into(), "programs", 1),
            row(
                "/agreements",
                "/agreements".into(),
                given::agreement(host, program).with("number", "PKS/2").into(),
                "agreements",
                1,
            ),
            row("/cohorts", "/cohorts".into(), given::cohort(program).with("name", "Kedua").into(), "cohorts", 1),
            row(
                "/classes",
                "/classes".into(),
                given::class(cohort, host, agreement).with("name", "Kedua").into(),
                "classes",
                1,
            ),
            row(
                "/participants",
                "/participants".into(),
                given::student(9001).with("school", school.clone()).into(),
                "participants",
                1,
            ),
            row(
                "/participants/{id}/consents",
                format!("/participants/{}/consents", self.newcomer),
                given::consent().with("purpose", "publication").into(),
                "consents",
                1,
            ),
            row(
                "/participants/{id}/exam-results",
                format!("/participants/{}/exam-results", self.newcomer),
                given::competency("Pramusaji").into(),
                "exam_results",
                1,
            ),
            row(
                "/exam-results/{id}/corrections",
                format!("/exam-results/{}/corrections", self.result),
                given::competency("Barista").with("reason", "Salah baca").into(),
                "exam_results",
                1,
            ),
            row(
                "/cohorts/{id}/enrollments",
                format!("/cohorts/{cohort}/enrollments"),
                json!({ "participant": self.newcomer }),
                "enrollments",
                1,
            ),
            row(
                "/cohorts/{id}/seating-plans",
                format!("/cohorts/{cohort}/seating-plans"),
                Value::Null,
                "seating_plans",
                1,
            ),
            row(
                "/classes/{id}/seat-reservations",
                format!("/classes/{}/seat-reservations", self.stage.class_of(2)),
                json!({ "school": school, "seats": 2, "until": "2025-08-01" }),
                "seat_reservations",
                1,
            ),
            row("/classes/{id}/timetable", of_class("timetable"), Value::Null, "sessions", 4),
            row("/classes/{id}/sessions", of_class("sessions"), given::session("2025-07-22").into(), "sessions", 1),
            row("/calendar-entries", "/calendar-entries".into(), given::days_off(host).into(), "calendar_entries", 1),
            row(
                "/classes/{id}/scores",
                of_class("scores"),
                json!({ "scores": [score(&self.member, "theory", "70")] }),
                "scores",
                1,
            ),
            row(
                "/scores/{id}/corrections",
                format!("/scores/{}/corrections", self.score),
                json!({ "score": "59", "reason": "Salah ketik" }),
                "corrected_scores",
                1,
            ),
            row(
                "/classes/{id}/completions",
                of_class("completions"),
                json!({ "enrollments": [self.member], "override_reason": override_reason, "confirm": given::doubts() }),
                "completions",
                1,
            ),
            row("/classes/{id}/certificates", of_class("certificates"), Value::Null, "certificates", 1),
            row(
                "/certificates/{id}/replacement",
                format!("/certificates/{}/replacement", self.certificate),
                json!({ "reason": "Nama keliru" }),
                "certificates",
                1,
            ),
            row("/partners/{id}/signing-keys", format!("/partners/{host}/signing-keys"), Value::Null, "issuer_keys", 1),
            row("/imports", format!("/imports?school={school}"), Value::Null, "imports", 1),
            row(
                "/participants/{id}/person-requests",
                format!("/participants/{}/person-requests", self.newcomer),
                given::person_request("correction").into(),
                "person_requests",
                1,
            ),
            row("/incidents", "/incidents".into(), given::incident(json!({ "class": class })).into(), "incidents", 1),
        ]
    }

    /// Every change; each is of a thing that the others leave alone.
    fn changes(&self) -> Vec<Change> {
        let Stage { office, school, host, program, agreement, cohort, .. } = &self.stage;
        let row = |method, route: &'static str, path: String, body: Value| {
            let read_at = match route.rsplit_once('/') {
                Some((_, last)) if last.starts_with('{') => path.clone(),
                _ => path.rsplit_once('/').unwrap().0.to_owned(),
            };
            Change { method, route, path, read_at, body }
        };
        let post = |route: &'static str, id: &str, body: Value| row("POST", route, route.replace("{id}", id), body);
        let made = |path: &str, body: given::Body| office.post(path, body).created().id();
        let fresh_cohort = made("/cohorts", given::cohort(program).with("name", "Ketiga"));
        let classes =
            ["Tiga", "Empat"].map(|name| made("/classes", given::class(cohort, host, agreement).with("name", name)));
        let terms = |number: &str| given::agreement(host, program).with("number", number);
        let drafts = ["Satu", "Dua", "Lagi"].map(|number| made("/agreements", terms(number).with("draft", true)));
        let person = made("/participants", given::student(9003).with("school", school.clone()));
        let consent = made(&format!("/participants/{person}/consents"), given::consent());
        let quiet = made("/partners", given::school(77));
        let path = format!("/imports?school={quiet}");
        let undoable = office.upload(&path, "application/octet-stream", WORKBOOK).created().id();
        office.acts(&format!("/imports/{undoable}"), "application", json!({}));
        let import = office.upload(&format!("/imports?school={school}"), "application/octet-stream", WORKBOOK);
        let path = format!("/imports?school={}", made("/partners", given::school(78)));
        let open = office.upload(&path, "text/csv", given::dapodik().as_bytes()).created().id();
        let planned = self.stage.timetable(&classes[0]);
        let [session, cancelled, moved] = [0, 1, 2].map(|at| text(&planned[at]["id"]).to_owned());
        office.acts(&format!("/sessions/{cancelled}"), "cancellation", json!({ "reason": "Banjir" }));
        let clash = self.clash();
        let days_off = made("/calendar-entries", given::days_off(host));
        let path = format!("/classes/{}/completions", self.stage.class);
        let named = json!({ "enrollments": [self.member], "override_reason": "Uji ulang di lapangan", "confirm": given::doubts() });
        office.post(&path, named).ok();
        let certificate = text(&self.stage.issue(&self.stage.class).ok().json()[0]["certificate"]["id"]).to_owned();
        let request = made(&format!("/participants/{person}/person-requests"), given::person_request("correction"));
        let decision = json!({ "verdict": "done", "answer": "Sudah diperbaiki." });
        let incident = made("/incidents", given::incident(json!({ "school": school })));
        let waiting = office.all("/enrollments?state=waitlisted")[0]["id"].clone();
        let offer = text(&self.stage.offer()["id"]).to_owned();
        let reserved = format!("/classes/{}/seat-reservations", self.stage.class_of(2));
        let body = given::body(json!({ "school": school, "seats": 2, "until": "2025-08-01" }));
        let reserved = made(&reserved, body);
        let named = self.stage.waiting(&self.stage.student());
        let moving = self.stage.waiting(&self.stage.student());
        self.stage.seat(&moving, &self.stage.class).ok();
        // Nobody else's seat is in the way of this plan.
        let quiet_cohort = made("/cohorts", given::cohort(program).with("name", "Keempat"));
        office.acts(&format!("/cohorts/{quiet_cohort}"), "state", json!({ "to": "open" }));
        let body = given::body(json!({ "participant": self.stage.student() }));
        let chosen = made(&format!("/cohorts/{quiet_cohort}/enrollments"), body);
        let seating = seating_plan(office, &quiet_cohort).id();
        let ending = json!({ "to": "cancelled", "reason": "Peminat kurang" });
        let naming = json!({ "kind": "lpk", "name": "LPK Baru", "valid_from": "2025-07-01", "head": given::head() });
        let version = json!({ "valid_from": "2026-01-01", "curriculum": given::curriculum() });
        let leaving = json!({ "to": "withdrawn", "reason": "Bekerja" });
        let corrected = given::student(9003).with("homeroom", "XII TKJ 2");
        self.stage.put_logo();
        let of_template = |method, part: &str, body| {
            let read_at = format!("/partners/{host}/certificate-template");
            let route = if part.is_empty() {
                "/partners/{id}/certificate-template"
            } else {
                "/partners/{id}/certificate-template/logo"
            };
            Change { method, route, path: format!("{read_at}{part}"), read_at, body }
        };
        vec![
            row(
                "PATCH",
                "/staff/{id}",
                format!("/staff/{}", self.stage.instructor.id),
                json!({ "name": "Wulan Dewi" }),
            ),
            post("/partners/{id}/names", host, naming),
            row("PUT", "/agreements/{id}", format!("/agreements/{}", drafts[0]), terms("Tiga").into()),
            row("PUT", "/agreements/{id}/file", format!("/agreements/{}/file", drafts[2]), "%PDF-1.7".into()),
            post("/agreements/{id}/signing", &drafts[1], json!({ "on": "2025-07-18", "number": "PKS/9" })),
            post("/agreements/{id}/termination", agreement, json!({ "on": "2026-01-31", "reason": "Izin berakhir" })),
            post("/programs/{id}/versions", program, version),
            row("PATCH", "/cohorts/{id}", format!("/cohorts/{cohort}"), json!({ "seats_wanted": 90 })),
            post("/cohorts/{id}/state", &fresh_cohort, ending.clone()),
            row("PATCH", "/classes/{id}", format!("/classes/{}", classes[0]), json!({ "room": "Aula" })),
            post("/classes/{id}/state", &classes[1], ending),
            row("PUT", "/imports/{id}/answers", format!("/imports/{open}/answers"), json!({ "answers": [] })),
            row("PUT", "/participants/{id}", format!("/participants/{person}"), corrected.into()),
            post("/consents/{id}/withdrawal", &consent, json!({})),
            post("/imports/{id}/application", &import.created().id(), json!({})),
            post("/imports/{id}/undo", &undoable, json!({})),
            Change {
                method: "PUT",
                route: "/seating-plans/{id}/rows/{enrollment}",
                path: format!("/seating-plans/{seating}/rows/{chosen}"),
                read_at: format!("/seating-plans/{seating}"),
                body: json!({ "class": null, "reason": "Menunggu kelas lain" }),
            },
            Change {
                method: "DELETE",
                route: "/seating-plans/{id}/rows/{enrollment}",
                path: format!("/seating-plans/{seating}/rows/{chosen}"),
                read_at: format!("/seating-plans/{seating}"),
                body: Value::Null,
            },
            post("/seating-plans/{id}/application", &seating, Value::Null),
            post("/seat-offers/{id}/answer", &offer, json!({ "answer": "refused" })),
            post("/seat-reservations/{id}/namings", &reserved, json!({ "enrollment": named })),
            post("/seat-reservations/{id}/return", &reserved, Value::Null),
            post("/enrollments/{id}/transitions", text(&waiting), leaving),
            post("/exam-results/{id}/withdrawal", &self.result, json!({ "reason": "Hasil orang lain" })),
            post("/enrollments/{id}/transfers", &moving, json!({ "class": classes[0], "reason": "Pindah rumah" })),
            post("/sessions/{id}/cancellation", &session, json!({ "reason": "Banjir" })),
            row("DELETE", "/sessions/{id}/cancellation", format!("/sessions/{cancelled}/cancellation"), Value::Null),
            post("/attendance-clashes/{id}/resolution", &clash, json!({ "choose": "register" })),
            post("/sessions/{id}/moves", &moved, json!({ "starts_at": "13:00", "reason": "Aula dipakai" })),
            row(
                "PUT",
                "/calendar-entries/{id}",
                format!("/calendar-entries/{days_off}"),
                given::days_off(host).with("title", "PKL kelas XI").into(),
            ),
            post("/person-requests/{id}/decision", &request, decision),
            row(
                "PATCH",
                "/incidents/{id}",
                format!("/incidents/{incident}"),
                json!({ "remedy": "Kata sandi diganti" }),
            ),
            of_template("PUT", "", given::template()),
            of_template("PUT", "/logo", given::logo()),
            of_template("DELETE", "/logo", Value::Null),
            post("/certificates/{id}/revocation", &certificate, json!({ "reason": "Keliru" })),
            // Now that no certificate stands on it.
            Change {
                method: "POST",
                route: "/enrollments/{id}/completion/reopening",
                path: format!("/enrollments/{}/completion/reopening", self.member),
                read_at: format!("/enrollments/{}", self.member),
                body: json!({ "reason": "Nilai keliru" }),
            },
        ]
    }
}

impl Creation {
    fn send(&self, staff: &Staff<'_>, key: Option<&str>, body: Option<&Value>) -> Answer {
        let call = staff.call("POST", &self.path);
        let call = match key {
            Some(key) => call.key(key),
            None => call.without_key(),
        };
        match body {
            Some(body) => call.json(body).send(),
            None if self.table == "imports" => {
                call.header("content-type", "application/octet-stream").bytes(WORKBOOK.to_vec()).send()
            }
            None => call.send(),
        }
    }
}

/// The routes of the document whose operations ask for this header.
fn asking_for(header: &str) -> BTreeSet<(String, String)> {
    let document = serde_json::to_value(vokasi_api::server::document()).unwrap();
    operations(&document)
        .into_iter()
        .filter(|(_, _, operation)| operation["parameters"].to_string().contains(header))
        .map(|(path, method, _)| (method, path.trim_start_matches("/api/v1").to_owned()))
        .collect()
}

both! {
    fn what_is_sent_twice_is_made_once(app: &App) {
        let world = World::new(app);
        let office = &world.stage.office;
        let creations = world.creations();
        let routes: BTreeSet<(String, String)> =
            creations.iter().map(|row| ("POST".to_owned(), row.route.to_owned())).collect();
        assert_eq!(routes, asking_for("Idempotency-Key"), "every creation is repeated here");
        for (turn, row) in creations.iter().enumerate() {
            let key = format!("repeat-{turn}");
            let before = app.count(row.table);
            row.send(office, None, row.body.as_ref()).status(400).refused("idempotency.key_required");
            row.send(office, Some("with space"), row.body.as_ref()).status(400).refused("idempotency.key_required");
            assert_eq!(app.count(row.table), before, "{}", row.route);
            let first = row.send(office, Some(&key), row.body.as_ref());
            assert!(first.status < 300, "{first}");
            let events = app.count("audit_events");
            let again = row.send(office, Some(&key), row.body.as_ref());
            assert_eq!((first.status, first.json()), (again.status, again.json()));
            for header in ["location", "etag"] {
                assert_eq!(first.header(header), again.header(header), "{}", row.route);
            }
            assert_eq!(app.count(row.table), before + row.rows, "{}", row.route);
            assert_eq!(app.count("audit_events"), events, "{}", row.route);
            if let Some(body) = &row.body {
                // A space more is another body, whatever it says.
                let other = format!("{body} ");
                let call = office.call("POST", &row.path).key(&key).header("content-type", "application/json");
                call.bytes(other.into_bytes()).send().status(409).refused("idempotency.key_reused");
            }
            let elsewhere = office.call("POST", "/partners").key(&key).json(&given::lpk(9009).into()).send();
            elsewhere.status(409).refused("idempotency.key_reused");
            assert_eq!(app.count(row.table), before + row.rows, "{}", row.route);
        }
        crate::harness::figures_add_up(app);
    }

    fn nothing_is_changed_that_has_changed_since(app: &App) {
        let world = World::new(app);
        let office = &world.stage.office;
        let changes = world.changes();
        let routes: BTreeSet<(String, String)> =
            changes.iter().map(|row| (row.method.to_owned(), row.route.to_owned())).collect();
        assert_eq!(routes, asking_for("If-Match"), "every change is tried here");
        for row in &changes {
            let send = |etag: Option<&str>| {
                let call = office.call(row.method, &row.path);
                let call = match &row.body {
                    Value::String(_) => {
                        call.header("content-type", "application/octet-stream").bytes(given::bytes(&row.body))
                    }
                    body => call.json(body),
                };
                match etag {
                    Some(etag) => call.if_match(etag).send(),
                    None => call.send(),
                }
            };
            let read = office.get(&row.read_at).ok();
            send(None).status(428).refused("request.if_match_required");
            for stale in ["\"99\"", "\"0\"", "*", "1", "W/\"1\""] {
                send(Some(stale)).status(412).refused("resource.stale");
            }
            assert_eq!(office.get(&row.read_at).ok().json(), read.json(), "{}", row.route);
            let done = send(Some(&read.etag())).ok();
            assert_ne!(done.etag(), read.etag(), "{}", row.route);
            let after = office.get(&row.read_at).ok();
            assert_eq!(after.etag(), done.etag(), "{}", row.route);
            send(Some(&read.etag())).status(412).refused("resource.stale");
            assert_eq!(office.get(&row.read_at).ok().json(), after.json(), "{}", row.route);
        }
        crate::harness::figures_add_up(app);
    }
}
