//! A file of students for a class: registered, put on the cohort's list, and seated as long as there are seats.

use crate::harness::path::text;
use crate::harness::{Answer, App, Stage, Value, figures_add_up, given, json};
use crate::imports::{apply, register, rows, school};

/// 48 students, 44 of them minors without a consent.
const GOOD: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-good.xlsx");

fn bring(stage: &Stage<'_>, school: &str, class: &str) -> Answer {
    let kind = "application/octet-stream";
    stage.office.upload(&format!("/imports?school={school}&class={class}"), kind, GOOD)
}

fn seated(stage: &Stage<'_>, class: &str) -> Value {
    stage.office.get(&format!("/classes/{class}")).ok().json()["seated"].clone()
}

/// How often each note was found.
fn notes(rows: &[Value]) -> [usize; 2] {
    let findings = || rows.iter().flat_map(|row| row["findings"].as_array().unwrap());
    ["row.waits_for_consent", "row.waits_for_seat"]
        .map(|code| findings().filter(|found| found["code"] == code && found["severity"] == "note").count())
}

both! {
    fn students_of_a_file_are_seated_in_its_order_as_long_as_there_are_seats(app: &App) {
        let (stage, school) = (app.stage(), school(app));
        let class = stage.class_of(3);
        let before = register(app);
        let planned = bring(&stage, &school, &class).created();
        let body = planned.json();
        assert_eq!((&body["class"], &body["cohort"]), (&json!(class), &json!(stage.cohort)));
        // The plan says who will wait, and needs no confirmation for it.
        assert_eq!(body["summary"]["warnings"], json!({}));
        let plan = rows(&stage.office, &planned);
        assert_eq!(notes(&plan), [44, 1]);
        assert_eq!(seated(&stage, &class), 0);
        let applied = apply(&stage.office, &planned, &[]).ok();
        let done = ["registered", "corrected", "enrolled", "seated"].map(|name| applied.json()[name].clone());
        assert_eq!(done, [48, 0, 48, 3].map(Value::from));
        assert_eq!(seated(&stage, &class), 3);
        assert_eq!(app.count_where("enrollments", "state = 'active' AND class_id IS NOT NULL"), 3);
        assert_eq!(app.count_where("enrollments", "state = 'waitlisted'"), 45);
        assert_eq!(app.count_where("enrollment_transitions", "to_state = 'active' AND reason = 'named'"), 3);
        figures_add_up(app);
        // Those without a note have the seats.
        let adults: Vec<&Value> = plan.iter().filter(|row| row["findings"] == json!([])).collect();
        let members = stage.office.all(&format!("/enrollments?class={class}"));
        let mut names: Vec<&str> = members.iter().map(|one| text(&one["name"])).collect();
        let mut expected: Vec<&str> = adults.iter().map(|row| text(&row["name"])).collect();
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected);
        // The same file again does nothing.
        let again = bring(&stage, &school, &class).created();
        let done = apply(&stage.office, &again, &[]).ok().json();
        assert_eq!([&done["registered"], &done["enrolled"], &done["seated"]], [0, 0, 0]);
        // Taken back, nothing is left of it.
        let undo = format!("{}/undo", planned.location());
        assert_eq!(stage.office.get(&undo).ok().json(), json!([]));
        stage.office.post_change(&undo, &applied.etag(), json!({})).ok();
        assert_eq!((register(app), seated(&stage, &class)), (before, json!(0)));
        figures_add_up(app);
    }

    fn what_was_marked_is_not_taken_back(app: &App) {
        let (stage, school) = (app.stage(), school(app));
        let class = stage.class_of(3);
        let planned = bring(&stage, &school, &class).created();
        let applied = apply(&stage.office, &planned, &[]).ok();
        stage.move_class(&class, "running").ok();
        let sessions = stage.timetable(&class);
        let members = stage.office.all(&format!("/enrollments?class={class}"));
        let mark = json!({ "marks": [{ "enrollment": members[0]["id"], "mark": "H" }] });
        let office = &stage.office;
        let path = format!("/sessions/{}/attendance", text(&sessions[0]["id"]));
        office.call("PUT", &path).json(&mark).send().ok();
        let undo = format!("{}/undo", planned.location());
        let told = office.get(&undo).ok().json();
        assert_eq!((told.as_array().unwrap().len(), &told[0]["code"]), (1, &json!("undo.moved")), "{told}");
        office.post_change(&undo, &applied.etag(), json!({})).status(409).refused("import.undo_blocked");
        // Nor who has a score and no mark.
        let score = json!({ "enrollment": members[1]["id"], "component": "theory", "score": "80" });
        office.post(&format!("/classes/{class}/scores"), json!({ "scores": [score] })).ok();
        assert_eq!(office.get(&undo).ok().json().as_array().unwrap().len(), 2);
        assert_eq!(seated(&stage, &class), 3);
    }

    fn seats_that_an_import_gives_back_go_to_the_next_in_order(app: &App) {
        let (stage, school) = (app.stage(), school(app));
        let class = stage.class_of(3);
        let planned = bring(&stage, &school, &class).created();
        let applied = apply(&stage.office, &planned, &[]).ok();
        let next = stage.waiting(&stage.student());
        stage.office.post_change(&format!("{}/undo", planned.location()), &applied.etag(), json!({})).ok();
        let offers = stage.office.all("/seat-offers?open=true");
        assert_eq!((offers.len(), &offers[0]["enrollment"], &offers[0]["class"]), (1, &json!(next), &json!(class)));
        assert_eq!(seated(&stage, &class), 0);
        figures_add_up(app);
    }

    fn a_class_is_named_by_the_office_and_takes_people_of_its_cohort(app: &App) {
        let (stage, school) = (app.stage(), school(app));
        let class = stage.class_of(3);
        let kind = "application/octet-stream";
        app.coordinator(&school).upload(&format!("/imports?class={class}"), kind, GOOD).denied();
        let other = given::cohort(&stage.program).with("name", "2026/2027");
        let other = stage.office.post("/cohorts", other).created().id();
        let path = format!("/imports?school={school}&class={class}&cohort={other}");
        stage.office.upload(&path, kind, GOOD).status(409).refused("class.other_cohort");
        stage.office.upload(&format!("/imports?school={school}&class={school}"), kind, GOOD).status(422);
        let ending = json!({ "to": "cancelled", "reason": "Peminat kurang" });
        let etag = stage.office.get(&format!("/classes/{class}")).ok().etag();
        stage.office.post_change(&format!("/classes/{class}/state"), &etag, ending).ok();
        bring(&stage, &school, &class).status(409).refused("class.state");
    }
}
