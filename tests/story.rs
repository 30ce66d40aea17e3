//! The main job, from end to end: a school's workbook goes in, certificates that anyone can check come out.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::harness::path::{apply_plan, save, score, seating_plan, tally, text};
use crate::harness::{App, Staff, Value, figures_add_up, given, json};

const WORKBOOK: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-good.xlsx");
const PROGRAMS: &str = include_str!("../fixtures/reference/programs.json");
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What the office has planned.
struct Plan<'a> {
    app: &'a App,
    office: Staff<'a>,
    manager: Staff<'a>,
    instructor: Staff<'a>,
    school: String,
    cohort: String,
    class: String,
}

both! {
    fn a_workbook_goes_in_and_certificates_come_out(app: &App) {
        let plan = plan(app);
        let waiting = plan.bring_the_workbook();
        let unsigned = plan.record_consents(&waiting);
        let members = plan.seat(&unsigned);
        plan.teach(&members);
        let completed = plan.decide(&members);
        plan.certify(&completed);
        plan.figures();
    }
}

/// The office plans: a program from the catalogue, a school, its assignment, a cohort, a class with 30 seats.
fn plan(app: &App) -> Plan<'_> {
    let office = app.office("18");
    let catalogue: Vec<Value> = serde_json::from_str(PROGRAMS).unwrap();
    let mut program = catalogue.into_iter().find(|program| program["code"] == "HOSP").unwrap();
    program["valid_from"] = json!("2025-01-01");
    let program = office.post("/programs", program).created().id();
    let school = given::school(1).with("npsn", "10809001");
    let school = office.post("/partners", school).created().id();
    let agreement = given::agreement(&school, &program).with("kind", "assignment").with("seats", 30);
    let agreement = office.post("/agreements", agreement).created().id();
    let cohort = office.post("/cohorts", given::cohort(&program)).created();
    assert_eq!(cohort.json()["pinned"]["lesson_hours"], 320);
    assert_eq!(cohort.json()["state"], "draft");
    let opened = office.post_change(&format!("{}/state", cohort.location()), &cohort.etag(), json!({ "to": "open" }));
    assert_eq!(opened.ok().json()["state"], "open");
    let instructor = app.instructor(&school);
    let class = given::class(&cohort.id(), &school, &agreement)
        .with("seats", 30)
        .with("minimum", 16)
        .with("instructor", instructor.id.clone())
        .with(
            "slots",
            json!([
                { "weekday": 6, "starts_at": "08:00", "lesson_hours": 4 },
                { "weekday": 7, "starts_at": "08:00", "lesson_hours": 4 },
            ]),
        );
    let class = office.post("/classes", class).created().id();
    let manager = app.manager(&school);
    Plan { app, office, manager, instructor, school, cohort: cohort.id(), class }
}

impl Plan<'_> {
    /// The coordinator brings the school's workbook, looks at what it would do, and has it done.
    fn bring_the_workbook(&self) -> Vec<Value> {
        let coordinator = self.app.coordinator(&self.school);
        let path = format!("/imports?cohort={}&file_name=dapodik-good.xlsx", self.cohort);
        let planned = coordinator.upload(&path, XLSX, WORKBOOK).created();
        let summary = json!({
            "rows": 48, "new": 48, "changed": 0, "same": 0, "problem": 0, "skipped": 0, "errors": {}, "warnings": {},
            "confirmed": [],
        });
        let plan = planned.json();
        assert_eq!(
            plan,
            json!({
                "id": planned.id(),
                "kind": "people",
                "school": self.school,
                "cohort": self.cohort,
                "class": null,
                "file_name": "dapodik-good.xlsx",
                "file_sha256": plan["file_sha256"],
                "state": "planned",
                "summary": summary,
                "created_at": "2025-07-21T01:00:00Z",
                "created_by": coordinator.id,
                "applied_at": null,
                "applied_by": null,
                "undone_at": null,
                "undone_by": null,
                "findings": [],
            })
        );
        assert_eq!(self.app.count("participants"), 0, "nothing of a plan is in the register");
        let rows = coordinator.all(&format!("{}/rows?limit=20", planned.location()));
        let first = json!({
            "number": 7, "name": "Aji Gustiawan", "action": "new", "changes": [], "findings": [],
            "namesakes": [], "namesakes_elsewhere": 0, "before": null,
        });
        assert_eq!(rows[0], first);
        assert_eq!(tally(&rows, "action"), [("new".to_owned(), 48)].into());
        let application = format!("{}/application", planned.location());
        let applied = coordinator.post_change(&application, &planned.etag(), json!({ "confirm": [] })).ok().json();
        let done = ["registered", "corrected", "enrolled", "state", "applied_by"].map(|name| applied[name].clone());
        assert_eq!(done, [json!(48), json!(0), json!(48), json!("applied"), json!(coordinator.id)]);
        let waiting = coordinator.all(&format!("/enrollments?cohort={}&limit=20", self.cohort));
        assert_eq!(tally(&waiting, "state"), [("waitlisted".to_owned(), 48)].into());
        waiting
    }

    /// Guardians sign, all but two. Gives the enrollments of the two.
    fn record_consents(&self, waiting: &[Value]) -> BTreeSet<String> {
        let coordinator = self.app.coordinator(&self.school);
        let people = coordinator.all("/participants?limit=200");
        let minors: Vec<&Value> = people.iter().filter(|person| person["minor"] == true).collect();
        assert_eq!((people.len(), minors.len()), (48, 44));
        for minor in &minors[2..] {
            let path = format!("/participants/{}/consents", text(&minor["id"]));
            coordinator.post(&path, given::consent()).created();
        }
        let unsigned: Vec<&str> = minors[..2].iter().map(|minor| text(&minor["id"])).collect();
        waiting
            .iter()
            .filter(|row| unsigned.contains(&text(&row["participant"])))
            .map(|row| text(&row["id"]).to_owned())
            .collect()
    }

    /// The office looks at who would sit where, and gives the seats. Gives the members by name.
    fn seat(&self, unsigned: &BTreeSet<String>) -> Vec<Value> {
        let look = seating_plan(&self.office, &self.cohort);
        assert_eq!(self.app.count_where("enrollments", "state = 'active'"), 0);
        let rows = self.office.all(&format!("{}/rows", look.location()));
        assert_eq!(tally(&rows, "outcome"), [("left".to_owned(), 18), ("seat".to_owned(), 30)].into());
        let without: BTreeSet<String> = rows
            .iter()
            .filter(|row| row["why_not"] == "consent_missing")
            .map(|row| text(&row["enrollment"]).to_owned())
            .collect();
        assert_eq!(&without, unsigned);
        let done = apply_plan(&self.office, &look.id(), &look.etag()).ok().json();
        assert_eq!((&look.json()["state"], &done["state"]), (&json!("open"), &json!("applied")));
        assert_eq!(look.json()["left"], done["left"]);
        assert_eq!((&done["seats"], &done["waiting"]), (&json!(30), &json!(48)));
        let left = json!([{ "why_not": "no_seat", "people": 16 }, { "why_not": "consent_missing", "people": 2 }]);
        assert_eq!(done["left"], left);
        let members = self.office.all(&format!("/enrollments?class={}", self.class));
        assert_eq!(tally(&members, "state"), [("active".to_owned(), 30)].into());
        let member = self.office.get(&format!("/enrollments/{}", text(&members[0]["id"]))).ok().json();
        let history: Vec<_> =
            member["history"].as_array().unwrap().iter().map(|step| [&step["to"], &step["reason"]]).collect();
        let expected = [["applied", ""], ["waitlisted", ""], ["active", "own_school"]]
            .map(|[to, why]| [json!(to), if why.is_empty() { Value::Null } else { json!(why) }]);
        assert_eq!(history, expected.each_ref().map(|[to, why]| [to, why]));
        assert_eq!(self.office.get(&format!("/classes/{}", self.class)).ok().json()["seated"], 30);
        figures_add_up(self.app);
        members
    }

    /// The class runs: its timetable leaves holidays out and covers the hours; every register comes in on its day.
    fn teach(&self, members: &[Value]) {
        let path = format!("/classes/{}", self.class);
        let etag = self.office.get(&path).ok().etag();
        self.office.post_change(&format!("{path}/state"), &etag, json!({ "to": "running" })).ok();
        let made = self.office.call("POST", &format!("{path}/timetable")).send().ok().json();
        let sessions = made["sessions"].as_array().unwrap();
        let hours: i64 = sessions.iter().map(|session| session["lesson_hours"].as_i64().unwrap()).sum();
        assert_eq!((hours, &made["lesson_hours"], &made["uncovered"]), (320, &json!(320), &json!(0)));
        let holidays = self.app.call("GET", "/holidays").send().ok().json();
        let off: BTreeSet<&str> = holidays.as_array().unwrap().iter().map(|day| text(&day["date"])).collect();
        let days: Vec<&str> = sessions.iter().map(|session| text(&session["held_on"])).collect();
        assert_eq!(days[..2], ["2025-07-26", "2025-07-27"]);
        assert!(days.contains(&"2025-08-16") && !days.contains(&"2025-08-17"), "Independence Day is a Sunday");
        assert!(days.iter().all(|day| !off.contains(day)));
        assert_eq!(text(&sessions[0]["module"]), "HOSP-01");
        for (turn, session) in sessions.iter().enumerate() {
            self.app.set_clock(&format!("{}T03:00:00Z", text(&session["held_on"])));
            let instructor = self.app.signed_in_again(&self.instructor);
            let marks: Vec<(&str, &str)> =
                members.iter().enumerate().map(|(person, member)| (text(&member["id"]), mark(person, turn))).collect();
            let saved = save(&instructor, session, &marks).ok().json();
            assert_eq!(saved["session"]["state"], "held");
            assert_eq!(tally(saved["results"].as_array().unwrap(), "result"), [("new".to_owned(), 30)].into());
        }
        let roster = self.app.signed_in_again(&self.instructor).get(&format!("{path}/roster")).ok().json();
        assert_eq!(roster["lesson_hours_delivered"], 320);
        let line = |person: usize| {
            let lines = roster["lines"].as_array().unwrap();
            lines.iter().find(|line| line["enrollment"] == members[person]["id"]).unwrap().clone()
        };
        assert_eq!(
            line(2)["rate"],
            json!({ "basis": "lesson_hours_held", "credited": 192, "held": 320, "percent": "60" })
        );
        assert_eq!(line(2)["tally"], json!({ "present": 48, "late": 0, "sick": 0, "excused": 0, "absent": 32 }));
        assert_eq!(line(1)["tally"], json!({ "present": 72, "late": 8, "sick": 0, "excused": 0, "absent": 0 }));
        assert_eq!(line(1)["rate"]["percent"], "100");
    }

    /// Scores come in and the host decides: one was away too often, one failed the practical test.
    fn decide(&self, members: &[Value]) -> Vec<Value> {
        self.app.set_clock("2026-07-18T03:00:00Z");
        let scores: Vec<Value> = members
            .iter()
            .enumerate()
            .flat_map(|(person, member)| {
                ["knowledge", "practice", "attitude"].map(|component| {
                    let points = if (person, component) == (5, "practice") { "59.99" } else { "78.25" };
                    score(text(&member["id"]), component, points)
                })
            })
            .collect();
        let instructor = self.app.signed_in_again(&self.instructor);
        instructor.post(&format!("/classes/{}/scores", self.class), json!({ "scores": scores })).ok();
        let manager = self.app.signed_in_again(&self.manager);
        let path = format!("/classes/{}/completions", self.class);
        let decided = manager.post(&path, json!({})).ok().json();
        let decided = decided.as_array().unwrap();
        assert_eq!(tally(decided, "state"), [("completed".to_owned(), 28), ("not_completed".to_owned(), 2)].into());
        let unmet = |person: usize| -> Value {
            let one = decided.iter().find(|one| one["enrollment"] == members[person]["id"]).unwrap();
            assert_eq!(one["decision"]["outcome"], "not_completed");
            let requirements = one["decision"]["evidence"]["requirements"].as_array().unwrap();
            let mut unmet: Vec<Value> = requirements.iter().filter(|one| one["met"] == false).cloned().collect();
            for one in &mut unmet {
                one.as_object_mut().unwrap().remove("rows");
            }
            Value::Array(unmet)
        };
        assert_eq!(
            unmet(2),
            json!([{ "kind": "attendance", "subject": null, "required": "80", "actual": "60", "met": false }])
        );
        assert_eq!(
            unmet(5),
            json!([
                { "kind": "component", "subject": "practice", "required": "60", "actual": "59.99", "met": false }
            ])
        );
        let etag = manager.get(&format!("/classes/{}", self.class)).ok().etag();
        manager.post_change(&format!("/classes/{}/state", self.class), &etag, json!({ "to": "completed" })).ok();
        figures_add_up(self.app);
        decided.iter().filter(|one| one["state"] == "completed").cloned().collect()
    }

    /// Certificates are issued, printed, checked and, one of them, taken back.
    fn certify(&self, completed: &[Value]) {
        let manager = self.app.signed_in_again(&self.manager);
        let issued = manager.call("POST", &format!("/classes/{}/certificates", self.class)).send().ok().json();
        let issued = issued.as_array().unwrap();
        assert_eq!(tally(issued, "result"), [("issued".to_owned(), 28)].into());
        let ids =
            |rows: &[Value]| -> Vec<String> { rows.iter().map(|row| text(&row["enrollment"]).to_owned()).collect() };
        assert_eq!(ids(issued), ids(completed));
        for (index, one) in issued.iter().enumerate() {
            let number = format!("{:04}/HOSP/10809001/VII/2026", index + 1);
            assert_eq!(one["certificate"]["number"], number);
        }
        let certificate = &issued[0]["certificate"];
        let id = text(&certificate["id"]);
        let name = text(&certificate["name"]);
        assert_eq!(certificate["name"], issued[0]["name"]);
        let pdf = manager.get(&format!("/certificates/{id}/pdf")).ok();
        assert_eq!(pdf.header("content-type"), Some("application/pdf"));
        assert!(pdf.bytes.starts_with(b"%PDF"));
        if let Some(words) = words_of(&pdf.bytes) {
            for printed in [name, "0001/HOSP/10809001/VII/2026", "SMKN 1 Way Harapan", "Rohmat Wirya", "320"] {
                assert!(words.contains(printed), "{printed} is not printed:\n{words}");
            }
        }
        let again = manager.get(&format!("/certificates/{id}/pdf")).ok();
        assert!(pdf.bytes == again.bytes, "the same certificate is printed in two ways");
        assert_eq!(pdf.etag(), format!("\"{}\"", text(&certificate["snapshot_sha256"])));
        self.check(certificate);
    }

    /// Anyone checks the certificate by the address that its QR code holds.
    fn check(&self, certificate: &Value) {
        let url = text(&certificate["verification_url"]);
        let path = url.strip_prefix(&self.app.url).unwrap();
        let code = path.strip_prefix("/verify/").unwrap();
        let page = self.app.call("GET", path).send().ok();
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        for shown in ["Perhotelan", "0001/HOSP/10809001/VII/2026", "SMKN 1 Way Harapan", "class=\"verdict good\""] {
            assert!(page.text().contains(shown), "{shown}: {page}");
        }
        let expected = json!({
            "state": "valid",
            "number": "0001/HOSP/10809001/VII/2026",
            "name": certificate["name"],
            "program": "HOSP",
            "program_name": { "id": "Perhotelan", "en": "Hospitality" },
            "lesson_hours": 320,
            "minutes_per_lesson_hour": 45,
            "starts_on": "2025-07-26",
            "ends_on": "2026-05-10",
            "final_score": "78.25",
            "predicate": { "id": "Baik", "en": "Good" },
            "issuer": {
                "name": "SMKN 1 Way Harapan",
                "kind": { "id": "Sekolah Menengah Kejuruan", "en": "Vocational High School" },
                "regency": "Kabupaten Lampung Timur",
            },
            "issued_on": "2026-07-18",
            "revoked_on": null,
            "revocation_reason": null,
            "replaced_by": null,
            "code": code,
            "url": certificate["verification_url"],
            "credential_url": format!("{}/credential.jwt", text(&certificate["verification_url"])),
            "pdf_sha256_url": format!("{}/certificate.pdf.sha256", text(&certificate["verification_url"])),
            "checked_at": "2026-07-18T03:00:00Z",
        });
        assert_eq!(self.app.call("GET", path).header("accept", "application/json").send().ok().json(), expected);
        assert_eq!(self.app.call("GET", &format!("/verifications/{code}")).send().ok().json(), expected);
        let manager = self.app.signed_in_again(&self.manager);
        let at = format!("/certificates/{}", text(&certificate["id"]));
        let etag = manager.get(&at).ok().etag();
        let reason = json!({ "reason": "Nama pemegang keliru" });
        let revoked = manager.post_change(&format!("{at}/revocation"), &etag, reason).ok().json();
        assert_eq!((&revoked["state"], &revoked["revoked_on"]), (&json!("revoked"), &json!("2026-07-18")));
        let page = self.app.call("GET", path).send().ok().text();
        assert!(page.contains("class=\"verdict bad\"") && page.contains("Nama pemegang keliru"), "{page}");
        let told = self.app.call("GET", &format!("/verifications/{code}")).send().ok().json();
        assert_eq!((&told["state"], &told["revocation_reason"]), (&json!("revoked"), &json!("Nama pemegang keliru")));
    }

    /// The province's figures are those of the story, and every row adds up to them.
    fn figures(&self) {
        let table = self.app.signed_in_again(&self.office).get("/reports/intake").ok().json();
        let figures = json!({
            "registered": 48, "seated": 30, "waiting": 18, "left": 0, "completed": 28, "seats": 30, "classes": 1,
            "classes_needed": 2,
        });
        assert_eq!(table["total"], figures);
        assert_eq!(table["as_of"], "2026-07-18T03:00:00Z");
        let rows = table["rows"].as_array().unwrap();
        for (name, total) in figures.as_object().unwrap() {
            let sum: i64 = rows.iter().map(|row| row[name].as_i64().unwrap()).sum();
            assert_eq!(Some(sum), total.as_i64(), "{name}");
        }
        let place = |row: &Value| [&row["regency"], &row["segment"]].map(|one| text(one).to_owned());
        assert_eq!(rows.iter().map(place).collect::<Vec<_>>(), [["18.07", "grade_xii"]]);
        figures_add_up(self.app);
    }
}

/// Who is how often where: the third one is away for two fifths, the second one late now and then.
fn mark(person: usize, turn: usize) -> &'static str {
    match (person, turn % 10) {
        (2, 0..=3) => "A",
        (1, 4) => "T",
        _ => "H",
    }
}

/// The words of a document, where there is a program that reads them.
fn words_of(pdf: &[u8]) -> Option<String> {
    let mut reader = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    reader.stdin.take()?.write_all(pdf).ok()?;
    let said = reader.wait_with_output().ok()?;
    assert!(said.status.success(), "the document cannot be read");
    Some(String::from_utf8_lossy(&said.stdout).into_owned())
}
