//! Registers as those who mark them know them: what is said beside a mark, the sheet of a session, how late a
//! correction may come, and which sessions wait for their register.

use crate::harness::path::{save, text};
use crate::harness::{Answer, App, Staff, Stage, Value, given, json};

/// A stage whose class runs, with these members and its four sessions.
fn running(app: &App, members: usize) -> (Stage<'_>, Vec<String>, Vec<Value>) {
    let stage = app.stage();
    let members: Vec<String> = (0..members).map(|_| stage.seated(&stage.student())).collect();
    stage.move_class(&stage.class, "running").ok();
    let sessions = stage.timetable(&stage.class);
    (stage, members, sessions)
}

fn path(session: &Value) -> String {
    format!("/sessions/{}/attendance", text(&session["id"]))
}

/// Saves marks with what is said beside them.
fn say(staff: &Staff<'_>, session: &Value, marks: Value) -> Answer {
    let mut body = json!({});
    body["marks"] = marks;
    staff.call("PUT", &path(session)).json(&body).send()
}

/// One person's line of a register.
fn line(staff: &Staff<'_>, session: &Value, enrollment: &str) -> Value {
    let register = staff.get(&path(session)).ok().json();
    let lines = register["lines"].as_array().unwrap();
    lines.iter().find(|line| line["enrollment"] == enrollment).unwrap_or_else(|| panic!("{register}")).clone()
}

/// What is said beside a mark.
fn beside(line: &Value) -> (Value, Value, Value) {
    (line["mark"].clone(), line["minutes_late"].clone(), line["note"].clone())
}

fn result(answer: &Answer) -> String {
    text(&answer.json()["results"][0]["result"]).to_owned()
}

both! {
    fn a_mark_says_how_late_and_why(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        stage.morning_of(&sessions[0]);
        let instructor = stage.instructor_now();
        let (late, sick) = (&members[0], &members[1]);
        say(&instructor, &sessions[0], json!([
            { "enrollment": late, "mark": "T", "minutes_late": 15, "note": "Hujan lebat" },
            { "enrollment": sick, "mark": "S", "note": "Demam" },
        ]))
        .ok();
        let seen = |who: &str| beside(&line(&stage.instructor_now(), &sessions[0], who));
        assert_eq!(seen(late), (json!("T"), json!(15), json!("Hujan lebat")));
        assert_eq!(seen(sick), (json!("S"), Value::Null, json!("Demam")));
        // What is not said stays as long as the mark does.
        assert_eq!(result(&say(&instructor, &sessions[0], json!([{ "enrollment": late, "mark": "T" }])).ok()), "same");
        assert_eq!(seen(late), (json!("T"), json!(15), json!("Hujan lebat")));
        let more = json!([{ "enrollment": late, "mark": "T", "minutes_late": 20, "note": "Hujan lebat" }]);
        assert_eq!(result(&say(&instructor, &sessions[0], more).ok()), "corrected");
        let empty = json!([{ "enrollment": sick, "mark": "S", "note": "" }]);
        assert_eq!(result(&say(&instructor, &sessions[0], empty).ok()), "corrected");
        assert_eq!(seen(sick), (json!("S"), Value::Null, Value::Null));
        // Another mark has nothing beside it unless something is said.
        say(&instructor, &sessions[0], json!([{ "enrollment": late, "mark": "H" }])).ok();
        assert_eq!(seen(late), (json!("H"), Value::Null, Value::Null));
        let earlier = instructor.get(&format!("{}/{late}/corrections", path(&sessions[0]))).ok().json();
        let earlier: Vec<_> = earlier.as_array().unwrap().iter().map(beside).collect();
        let hard_rain = json!("Hujan lebat");
        assert_eq!(
            earlier,
            [(json!("T"), json!(15), hard_rain.clone()), (json!("T"), json!(20), hard_rain)]
        );
        assert_eq!(app.count("attendance_notes"), 0);
    }

    fn what_is_said_beside_a_mark_has_its_limits(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        stage.morning_of(&sessions[0]);
        let office = stage.office_now();
        let who = &members[0];
        let one = |mark: &str, minutes: i64| json!([{ "enrollment": who, "mark": mark, "minutes_late": minutes }]);
        let field = |code| [("/marks/0/minutes_late", code)];
        say(&office, &sessions[0], one("H", 5)).invalid(&field("attendance.not_late"));
        for minutes in [0, -1, 181] {
            say(&office, &sessions[0], one("T", minutes)).invalid(&field("field.range"));
        }
        let note = |note: &str| json!([{ "enrollment": who, "mark": "H", "note": note }]);
        say(&office, &sessions[0], note("NIK 1807055708070001")).invalid(&[("/marks/0/note", "field.identity_number")]);
        say(&office, &sessions[0], note(&"a".repeat(201))).invalid(&[("/marks/0/note", "field.length")]);
        assert_eq!(app.count("attendance"), 0);
        say(&office, &sessions[0], one("T", 180)).ok();
    }

    fn notes_are_for_those_who_mark(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        stage.morning_of(&sessions[0]);
        let note = json!([{ "enrollment": members[0], "mark": "T", "minutes_late": 9, "note": "Kontrol asma" }]);
        say(&stage.instructor_now(), &sessions[0], note).ok();
        let marking = [stage.office_now(), app.manager(&stage.host), stage.instructor_now()];
        for staff in &marking {
            assert_eq!(line(staff, &sessions[0], &members[0])["note"], "Kontrol asma");
        }
        for staff in [app.coordinator(&stage.school), app.regency_officer("18.07")] {
            assert_eq!(beside(&line(&staff, &sessions[0], &members[0])), (json!("T"), json!(9), Value::Null));
        }
        app.observer("18").get(&path(&sessions[0])).denied();
        // It lies there sealed.
        assert_eq!(app.count_where("attendance_notes", "note_sealed LIKE '%asma%'"), 0);
        assert_eq!(app.count_where("attendance_notes", "note_sealed IS NOT NULL"), 1);
        assert_eq!(app.count_where("audit_events", "detail LIKE '%asma%'"), 0);
    }

    fn a_sheet_has_all_that_marking_needs(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        let (first, second) = (members[0].as_str(), members[1].as_str());
        stage.hold(&sessions[0], &[(first, "H"), (second, "A")]).ok();
        stage.hold(&sessions[1], &[(first, "T")]).ok();
        stage.morning_of(&sessions[2]);
        let instructor = stage.instructor_now();
        let address = format!("/sessions/{}/sheet", text(&sessions[2]["id"]));
        let sheet = instructor.get(&address).ok();
        let body = sheet.json();
        assert_eq!(sheet.etag(), "\"1\"");
        assert_eq!((&body["session"]["state"], &body["register_at"]), (&json!("planned"), &Value::Null));
        assert_eq!((&body["minimum_attendance"], &body["credited_marks"]), (&json!("80"), &json!(["H", "T"])));
        assert_eq!((&body["lesson_hours_planned"], &body["lesson_hours_delivered"]), (&json!(16), &json!(8)));
        let recent = |at: usize| json!({ "session": sessions[at]["id"], "held_on": sessions[at]["held_on"] });
        assert_eq!(body["recent"], json!([recent(0), recent(1)]));
        let line = |who: &str| {
            let lines = body["lines"].as_array().unwrap();
            lines.iter().find(|line| line["enrollment"] == who).unwrap().clone()
        };
        let rate = |credited: i64, percent: &str| {
            json!({ "basis": "lesson_hours_held", "credited": credited, "held": 8, "percent": percent })
        };
        let name = line(first)["name"].clone();
        assert_eq!(
            line(first),
            json!({
                "enrollment": first, "name": name, "mark": null, "marked_at": null, "marked_by": null,
                "minutes_late": null, "note": null, "recent": ["H", "T"], "rate": rate(8, "100"),
                "reachable": true, "lesson_hours_to_spare": 3, "clash": null,
            })
        );
        let out_of_reach = line(second);
        assert_eq!(out_of_reach["recent"], json!(["A", null]));
        assert_eq!((&out_of_reach["rate"], &out_of_reach["reachable"]), (&rate(0, "0"), &json!(false)));
        assert_eq!(out_of_reach["lesson_hours_to_spare"], -5);
        // The same sheet once it is marked.
        let saved = save(&instructor, &sessions[2], &[(first, "H")]).ok();
        let after = instructor.get(&address).ok();
        assert_eq!((after.etag(), &after.json()["register_at"]), (saved.etag(), &saved.json()["register_at"]));
        for staff in [app.coordinator(&stage.school), app.observer("18")] {
            staff.get(&address).denied();
        }
    }

    fn an_instructor_corrects_in_time(app: &App) {
        let stage = app.stage();
        let curriculum = { let mut one = given::curriculum(); one["correction_days"] = json!(3); one };
        let body = given::program("LIMIT").with("curriculum", curriculum);
        let program = stage.office.post("/programs", body).created().id();
        let agreement = given::agreement(&stage.host, &program).with("number", "PKS/LIMIT");
        let agreement = stage.office.post("/agreements", agreement).created().id();
        let cohort = crate::harness::open(&stage.office, &program);
        let class = given::class(&cohort, &stage.host, &agreement).with("instructor", stage.instructor.id.clone());
        let class = stage.office.post("/classes", class).created().id();
        let stage = Stage { program, agreement, cohort, class, ..stage };
        let members = [stage.seated(&stage.student()), stage.seated(&stage.student())];
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        stage.hold(&sessions[0], &[(&members[0], "A")]).ok();
        // The third day after the 21st is the last.
        app.set_clock("2025-07-24T16:59:59Z");
        save(&stage.instructor_now(), &sessions[0], &[(&members[0], "S")]).ok();
        app.set_clock("2025-07-24T17:00:00Z");
        let late = save(&stage.instructor_now(), &sessions[0], &[(&members[0], "H")]);
        let late = late.status(409).refused("attendance.correction_late");
        assert_eq!(late.json()["facts"], json!({ "until": "2025-07-24" }));
        // Who was never marked is, and what is there already is no correction.
        save(&stage.instructor_now(), &sessions[0], &[(&members[0], "S"), (&members[1], "H")]).ok();
        save(&app.manager(&stage.host), &sessions[0], &[(&members[0], "I")]).ok();
        save(&stage.office_now(), &sessions[0], &[(&members[0], "H")]).ok();
        let wrong = { let mut one = given::curriculum(); one["correction_days"] = json!(400); one };
        let wrong = stage.office_now().post("/programs", given::program("WRONG").with("curriculum", wrong));
        wrong.invalid(&[("/curriculum/correction_days", "field.range")]);
    }

    fn who_has_not_reported_is_known_at_once(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        let waiting = |staff: &Staff<'_>, query: &str| -> Vec<String> {
            let rows = staff.all(&format!("/reports/unreported-sessions{query}"));
            rows.iter().map(|row| text(&row["session"]["id"]).to_owned()).collect()
        };
        let id = |at: usize| text(&sessions[at]["id"]).to_owned();
        assert_eq!(sessions[0]["ends_at"], "10:30");
        app.set_clock("2025-07-21T03:29:59Z");
        assert_eq!(waiting(&stage.office_now(), ""), Vec::<String>::new());
        app.set_clock("2025-07-21T03:30:00Z");
        assert_eq!(waiting(&stage.office_now(), ""), [id(0)]);
        app.set_clock("2025-07-29T03:00:00Z");
        let office = stage.office_now();
        let rows = office.get("/reports/unreported-sessions?limit=1").ok();
        assert_eq!(rows.items().len(), 1);
        let row = rows.items().remove(0);
        let partner = office.get(&format!("/partners/{}", stage.host)).ok().json();
        assert_eq!(
            row,
            json!({
                "session": office.get(&format!("/sessions/{}", id(0))).ok().json(), "class_name": "Perhotelan A",
                "partner": stage.host, "partner_name": partner["name"], "regency": "18.07",
                "state": "unreported", "instructor": stage.instructor.id, "instructor_name": "Wulan Sari",
                "marked": null, "members": null,
            })
        );
        assert_eq!(waiting(&office, ""), [id(0), id(1)]);
        assert_eq!(waiting(&office, &format!("?partner={}&class={}", stage.host, stage.class)).len(), 2);
        assert_eq!(waiting(&office, "?regency=18.07").len(), 2);
        assert_eq!(waiting(&office, &format!("?partner={}", stage.school)), Vec::<String>::new());
        assert_eq!(waiting(&office, "?regency=18.71"), Vec::<String>::new());
        // A register takes it off the list, and so does calling it off.
        let hours = || office.get(&format!("/classes/{}", stage.class)).ok().json()["hours"].clone();
        assert_eq!(hours(), json!({ "planned": 16, "held": 0, "coming": 16 }));
        save(&office, &sessions[0], &[(&members[0], "H")]).ok();
        save(&office, &sessions[0], &[(&members[0], "T")]).ok();
        assert_eq!(hours(), json!({ "planned": 16, "held": 4, "coming": 12 }));
        assert_eq!(waiting(&office, ""), [id(1)]);
        let officer = app.regency_officer("18.07");
        let seeing = [stage.instructor_now(), app.manager(&stage.host), officer, app.observer("18")];
        for staff in seeing {
            assert_eq!(waiting(&staff, ""), [id(1)], "{}", staff.email);
        }
        let elsewhere = app.lpk("18.07");
        let officer = app.regency_officer("18.71");
        let others = [app.manager(&elsewhere), app.instructor(&elsewhere), officer, app.office("53")];
        for staff in others {
            assert_eq!(waiting(&staff, ""), Vec::<String>::new(), "{}", staff.email);
        }
        office.acts(&format!("/sessions/{}", id(1)), "cancellation", json!({ "reason": "Banjir" }));
        assert_eq!(waiting(&office, ""), Vec::<String>::new());
        assert_eq!(hours(), json!({ "planned": 16, "held": 4, "coming": 8 }));
        assert_eq!(office.get("/classes").ok().items()[0]["hours"], hours());
    }

    fn a_register_that_leaves_members_out_waits_for_them(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        stage.office.patch(&format!("/classes/{}", stage.class), "\"2\"", json!({ "seats": 3 })).ok();
        let late = stage.waiting(&stage.student());
        let other = app.stage_in("18.71");
        let there = other.seated(&other.student());
        other.move_class(&other.class, "running").ok();
        let elsewhere = other.timetable(&other.class);
        app.set_clock("2025-07-29T03:00:00Z");
        let waiting = |staff: &Staff<'_>| -> Vec<(Value, Value, Value)> {
            let rows = staff.all("/reports/unreported-sessions?state=incomplete");
            let told = |row: &Value| (row["session"]["id"].clone(), row["marked"].clone(), row["members"].clone());
            rows.iter().map(told).collect()
        };
        let totals = |staff: &Staff<'_>| staff.get("/reports/unreported-sessions/totals").ok().json();
        let office = stage.office_now();
        assert_eq!(waiting(&office), []);
        let before = totals(&office);
        assert_eq!((&before["unreported"], &before["incomplete"]), (&json!(4), &json!(0)));
        save(&office, &sessions[0], &[(&members[0], "H")]).ok();
        save(&office, &elsewhere[0], &[(&there, "H")]).ok();
        let half = (sessions[0]["id"].clone(), json!(1), json!(2));
        let seeing = [stage.instructor_now(), app.manager(&stage.host), app.regency_officer("18.07"), app.observer("18")];
        for staff in seeing.iter().chain([&office]) {
            assert_eq!(waiting(staff), std::slice::from_ref(&half), "{}", staff.email);
        }
        let row = app.observer("18").all("/reports/unreported-sessions?state=incomplete").remove(0);
        assert_eq!((&row["state"], &row["instructor_name"]), (&json!("incomplete"), &Value::Null));
        let told = totals(&office);
        let name = |host: &str| office.get(&format!("/partners/{host}")).ok().json()["name"].clone();
        assert_eq!(
            told,
            json!({
                "unreported": 2, "incomplete": 1,
                "regencies": [
                    { "regency": "18.07", "unreported": 1, "incomplete": 1 },
                    { "regency": "18.71", "unreported": 1, "incomplete": 0 },
                ],
                "partners": [
                    { "partner": stage.host, "partner_name": name(&stage.host), "regency": "18.07", "unreported": 1,
                        "incomplete": 1 },
                    { "partner": other.host, "partner_name": name(&other.host), "regency": "18.71", "unreported": 1,
                        "incomplete": 0 },
                ],
            })
        );
        assert_eq!(totals(&app.manager(&other.host))["partners"].as_array().unwrap().len(), 1);
        office.get("/reports/unreported-sessions?state=held").invalid(&[("/state", "field.unknown_value")]);
        // Who came since was no member of that day.
        save(&office, &sessions[0], &[(&members[1], "S")]).ok();
        assert_eq!((waiting(&office), totals(&office)["incomplete"].clone()), (vec![], json!(0)));
        stage.seat(&late, &stage.class).ok();
        assert_eq!(waiting(&office), []);
    }

    fn what_was_said_of_a_person_goes_with_them(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        stage.morning_of(&sessions[0]);
        let instructor = stage.instructor_now();
        let who = &members[0];
        for (minutes, note) in [(5, "Satu"), (7, "Dua")] {
            let mark = json!([{ "enrollment": who, "mark": "T", "minutes_late": minutes, "note": note }]);
            say(&instructor, &sessions[0], mark).ok();
        }
        let tables = ["attendance_notes", "attendance_corrections"];
        let noted = || tables.map(|table| app.count_where(table, "note_sealed IS NOT NULL"));
        assert_eq!(noted(), [1, 1]);
        stage.step(who, json!({ "to": "withdrawn", "reason": "Bekerja" })).ok();
        let person = stage.office_now().get(&format!("/enrollments/{who}")).ok().json()["participant"].clone();
        let requests = format!("/participants/{}/person-requests", text(&person));
        let request = stage.office_now().post(&requests, given::person_request("erasure")).created().id();
        let done = json!({ "verdict": "done", "answer": "Sudah dilaksanakan." });
        stage.office_now().acts(&format!("/person-requests/{request}"), "decision", done);
        assert_eq!(noted(), [0, 0]);
        assert_eq!(app.count_where("attendance_notes", "minutes_late = 7"), 1);
    }
}
