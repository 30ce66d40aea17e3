//! Another place for somebody who has one: unnamed seats of a school, transfers that keep what was attended, leaves.

use vokasi_core::enrollment::reservation;

use crate::harness::path::{save, text};
use crate::harness::{App, Stage, Value, figures_add_up, given, json};

#[track_caller]
fn transfer(stage: &Stage<'_>, enrollment: &str, class: &str) -> crate::harness::Answer {
    let office = stage.office_now();
    let path = format!("/enrollments/{enrollment}");
    let etag = office.get(&path).ok().etag();
    office.post_change(
        &format!("{path}/transfers"),
        &etag,
        json!({ "class": class, "reason": "Keluarga pindah rumah" }),
    )
}

#[track_caller]
fn counts(stage: &Stage<'_>, class: &str, seated: i32, held: i32) {
    let class = stage.office_now().get(&format!("/classes/{class}")).ok().json();
    assert_eq!((&class["seated"], &class["held"]), (&json!(seated), &json!(held)));
    figures_add_up(stage.app);
}

both! {
    fn what_was_attended_counts_on_after_a_transfer(app: &App) {
        let stage = app.stage();
        let moving = stage.seated(&stage.student());
        let staying = stage.seated(&stage.student());
        let next = stage.waiting(&stage.student());
        let newcomer = stage.waiting(&stage.student());
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Sore");
        let slots = json!([{ "weekday": 2, "starts_at": "13:30", "lesson_hours": 4 }]);
        let other = stage.office.post("/classes", body.with("slots", slots)).created().id();
        stage.move_class(&stage.class, "running").ok();
        stage.move_class(&other, "running").ok();
        let (here, there) = (stage.timetable(&stage.class), stage.timetable(&other));
        stage.hold(&here[0], &[(&moving, "H"), (&staying, "H")]).ok();
        stage.hold(&here[1], &[(&moving, "A"), (&staying, "H")]).ok();
        // On the day after the second session.
        app.set_clock("2025-07-29T01:00:00Z");
        transfer(&stage, &moving, &stage.class).invalid(&[("/class", "enrollment.same_class")]);
        let moved = transfer(&stage, &moving, &other).ok().json();
        assert_eq!((&moved["class"], &moved["seated_on"]), (&json!(other), &json!("2025-07-29")));
        let last = moved["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!([&last["from"], &last["to"], &last["reason"]], [&json!("active"), &json!("active"), &json!("Keluarga pindah rumah")]);
        // The seat that is left is offered to the next.
        counts(&stage, &stage.class, 1, 1);
        counts(&stage, &other, 1, 0);
        assert_eq!(stage.office_now().all("/seat-offers?open=true")[0]["enrollment"], json!(next));
        stage.hold(&there[1], &[(&moving, "H")]).ok();
        let office = stage.office_now();
        let roster = office.get(&format!("/classes/{other}/roster")).ok().json();
        let line = &roster["lines"][0];
        assert_eq!(line["enrollment"], json!(moving), "{roster}");
        assert_eq!((&line["rate"]["credited"], &line["rate"]["held"]), (&json!(8), &json!(12)), "{roster}");
        // A mark of then can still be corrected where it was made, and counts.
        save(&office, &here[1], &[(&moving, "H")]).ok();
        let roster = office.get(&format!("/classes/{other}/roster")).ok().json();
        assert_eq!(roster["lines"][0]["rate"]["credited"], json!(12), "{roster}");
        // The registers of then name whoever was there then, and those of later do not.
        let named = |session: &Value| {
            let register = office.get(&format!("/sessions/{}/attendance", text(&session["id"]))).ok().json();
            let sheet = office.get(&format!("/sessions/{}/sheet", text(&session["id"]))).ok().json();
            let people = |lines: &Value| -> Vec<(String, Value)> {
                let lines = lines.as_array().unwrap().iter();
                lines.map(|line| (text(&line["enrollment"]).to_owned(), line["mark"].clone())).collect()
            };
            assert_eq!(people(&register["lines"]), people(&sheet["lines"]));
            people(&register["lines"])
        };
        let mut then = named(&here[1]);
        then.sort_by(|one, other| one.0.cmp(&other.0));
        let mut both = vec![(moving.clone(), json!("H")), (staying.clone(), json!("H"))];
        both.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(then, both);
        assert_eq!(named(&here[2]), [(staying.clone(), Value::Null)]);
        // The sheet of then tells what came of it there, and that nothing is to come.
        let sheet = office.get(&format!("/sessions/{}/sheet", text(&here[1]["id"]))).ok().json();
        let gone = sheet["lines"].as_array().unwrap().iter().find(|line| line["enrollment"] == json!(moving)).unwrap();
        assert_eq!((&gone["rate"]["credited"], &gone["rate"]["held"]), (&json!(8), &json!(8)), "{sheet}");
        assert_eq!(named(&there[0]), []);
        // Every session that counts stands behind the rate, of both classes.
        let record = office.get(&format!("/enrollments/{moving}/attendance")).ok().json();
        assert_eq!(record["rate"], roster["lines"][0]["rate"]);
        assert_eq!(record["tally"], roster["lines"][0]["tally"]);
        let line = |session: &Value, class: &str, day: &str, starts_at: &str, mark: Value, credited: i32| {
            json!({
                "session": session["id"], "class": class, "held_on": day, "starts_at": starts_at,
                "module_code": session["module"], "lesson_hours": 4, "mark": mark, "lesson_hours_credited": credited,
            })
        };
        let lines = json!([
            line(&here[0], &stage.class, "2025-07-21", "07:30", json!("H"), 4),
            line(&here[1], &stage.class, "2025-07-28", "07:30", json!("H"), 4),
            line(&there[1], &other, "2025-07-29", "13:30", json!("H"), 4),
        ]);
        assert_eq!(record["sessions"], lines);
        // Nobody who was not there then.
        save(&office, &there[0], &[(&moving, "H")]).status(422);
        // Only somebody who has a seat, and only where there is one.
        transfer(&stage, &next, &other).status(409).refused("enrollment.transition");
        stage.seat(&newcomer, &other).ok();
        transfer(&stage, &staying, &other).status(409).refused("class.full");
    }

    fn a_leave_has_an_end(app: &App) {
        let stage = app.stage();
        let enrollment = stage.seated(&stage.student());
        let leave = |until: &str| {
            stage.step(&enrollment, json!({ "to": "on_leave", "reason": "Magang", "until": until }))
        };
        leave("2025-07-20").invalid(&[("/until", "field.date_order")]);
        leave("21/07/2025").invalid(&[("/until", "field.date")]);
        let away = leave("2025-09-30").ok().json();
        let last = away["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["to"], &last["until"]), (&json!("on_leave"), &json!("2025-09-30")));
        stage.step(&enrollment, json!({ "to": "active", "until": "2025-09-30" })).invalid(&[("/until", "field.date_order")]);
        let back = stage.step(&enrollment, json!({ "to": "active" })).ok().json();
        assert_eq!((&back["state"], &back["class"]), (&json!("active"), &json!(stage.class)));
        figures_add_up(app);
    }

    fn a_school_names_people_for_its_seats(app: &App) {
        let stage = app.stage();
        let coordinator = app.coordinator(&stage.school);
        let elsewhere = app.school("18.07");
        let class = stage.class_of(3);
        let path = format!("/classes/{class}/seat-reservations");
        let body = |school: &str, seats: i32, until: &str| json!({ "school": school, "seats": seats, "until": until });
        stage.office.post(&path, body(&stage.school, 4, "2025-07-25")).status(409).refused("class.full");
        stage.office.post(&path, body(&stage.host, 1, "2025-07-25")).status(409).refused("partner.not_a_school");
        stage.office.post(&path, body(&stage.school, 1, "2025-07-20")).invalid(&[("/until", "field.date_order")]);
        let made = stage.office.post(&path, body(&stage.school, 2, "2025-07-25")).created();
        assert_eq!(
            made.json(),
            json!({
                "id": made.id(), "class": class, "school": stage.school, "seats": 2, "named": 0, "unnamed": 2,
                "until": "2025-07-25", "returned_at": null,
            })
        );
        counts(&stage, &class, 0, 2);
        // The plan leaves them alone.
        stage.move_class(&stage.class, "cancelled").ok();
        let waiting = stage.queue(4);
        assert_eq!(stage.seating_plan().json()["seats"], 1);
        let reservation = made.location();
        let name = |enrollment: &str| {
            let etag = coordinator.get(&reservation).ok().etag();
            coordinator.post_change(&format!("{reservation}/namings"), &etag, json!({ "enrollment": enrollment }))
        };
        app.coordinator(&elsewhere).get(&reservation).not_there();
        let other = given::student(9001).with("school", elsewhere).with("birth_date", "2005-08-17").without("nik");
        let other = stage.waiting(&stage.office.post("/participants", other).created().id());
        name(&other).invalid(&[("/enrollment", "reference.unknown")]);
        let etag = stage.office.get(&reservation).ok().etag();
        let named = json!({ "enrollment": other });
        stage.office.post_change(&format!("{reservation}/namings"), &etag, named).status(409).refused("enrollment.other_school");
        // Whomever the school names, in whichever order.
        assert_eq!(name(&waiting[2]).ok().json()["unnamed"], 1);
        counts(&stage, &class, 1, 1);
        name(&waiting[2]).status(409).refused("enrollment.transition");
        let person = stage.office.get(&format!("/enrollments/{}", waiting[2])).ok().json();
        let last = person["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["reason"], &last["out_of_order"]), (&json!("reserved"), &json!(false)));
        // After the last day the rest goes back, to the next in order.
        let give_back = || {
            let mut number = 0;
            while app.operator(|tx, _| reservation::give_back_due(tx)) {
                number += 1;
            }
            number
        };
        app.set_clock("2025-07-25T16:59:59Z");
        assert_eq!(give_back(), 0);
        app.set_clock("2025-07-25T17:00:00Z");
        let office = stage.office_now();
        let etag = office.get(&reservation).ok().etag();
        let late = json!({ "enrollment": waiting[3] });
        office.post_change(&format!("{reservation}/namings"), &etag, late).status(409).refused("seat_reservation.over");
        assert_eq!((give_back(), give_back()), (1, 0));
        let back = office.get(&reservation).ok();
        assert_eq!((&back.json()["unnamed"], &back.json()["returned_at"]), (&json!(0), &json!("2025-07-25T17:00:00Z")));
        office.post_change(&format!("{reservation}/return"), &back.etag(), Value::Null).refused("seat_reservation.over");
        assert_eq!(office.all("/seat-offers?open=true")[0]["enrollment"], json!(waiting[0]));
        counts(&stage, &class, 1, 1);
        // A school may give back earlier.
        let made = office.post(&path, body(&stage.school, 1, "2025-08-25")).created();
        counts(&stage, &class, 1, 2);
        let rows = office.all(&format!("/seat-reservations?class={class}"));
        assert_eq!(rows.iter().map(|row| text(&row["id"]).to_owned()).collect::<Vec<_>>().len(), 2);
        let back = format!("{}/return", made.location());
        let returned = office.call("POST", &back).if_match(&made.etag()).send().ok();
        assert_eq!(returned.json()["unnamed"], 0);
        counts(&stage, &class, 1, 2);
    }
    fn a_persons_way_is_one_list(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        stage.office.post(&format!("/participants/{person}/exam-results"), given::competency("Pramusaji")).created();
        let first = stage.seated(&stage.student());
        let second = stage.seated(&stage.student());
        let member = stage.waiting(&person);
        stage.step(&first, json!({ "to": "dropped_out", "reason": "Bekerja" })).ok();
        let offer = stage.office.all("/seat-offers?open=true").remove(0);
        let answer = format!("/seat-offers/{}/answer", text(&offer["id"]));
        stage.office.post_change(&answer, "\"1\"", json!({ "answer": "accepted" })).ok();
        stage.step(&member, json!({ "to": "on_leave", "reason": "Magang", "until": "2025-07-21" })).ok();
        stage.step(&member, json!({ "to": "active" })).ok();
        stage.graduate(&[member.clone(), second]);
        stage.issue(&stage.class).ok();
        let path = format!("/participants/{person}/timeline");
        let entries = stage.office_now().get(&path).ok().json();
        let entries = entries.as_array().unwrap().clone();
        let what: Vec<&str> = entries.iter().map(|entry| text(&entry["what"])).collect();
        assert_eq!(
            what,
            [
                "exam_taken", "registered", "waiting", "seated", "on_leave", "returned", "offered", "completed",
                "certificate_issued",
            ]
        );
        assert_eq!((&entries[0]["of"], &entries[0]["enrollment"]), (&json!("BNSP Pramusaji"), &Value::Null));
        assert_eq!((&entries[4]["reason"], &entries[4]["until"]), (&json!("Magang"), &json!("2025-07-21")));
        assert_eq!((&entries[3]["class"], &entries[3]["cohort"]), (&json!(stage.class), &json!(stage.cohort)));
        // Who may see no exams sees the rest; others see nobody.
        let officer = app.regency_officer("18.07").get(&path).ok().json();
        assert_eq!((officer.as_array().unwrap().len(), &officer[0]["what"]), (8, &json!("registered")));
        app.office("53").get(&path).not_there();
    }
}
