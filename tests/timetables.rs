//! Timetables: made around calendars, made again when the pattern changes, moved, cancelled and replaced; and nobody and
//! nothing in two places at once, whoever asks at the same time.

use diesel::connection::SimpleConnection;
use vokasi_core::error::Error;

use crate::harness::path::{save, text};
use crate::harness::{Answer, App, Backend, Stage, Value, at_once, given, json};

/// Makes the timetable of a class.
#[track_caller]
fn made(stage: &Stage<'_>, class: &str) -> Value {
    stage.office_now().call("POST", &format!("/classes/{class}/timetable")).send().ok().json()
}

/// How the hours of a class stand: of the program, held, planned, uncovered.
#[track_caller]
fn hours(stage: &Stage<'_>, class: &str) -> [i64; 4] {
    let standing = stage.office_now().get(&format!("/classes/{class}/timetable")).ok().json();
    ["lesson_hours", "held", "planned", "uncovered"].map(|name| standing[name].as_i64().expect("a number"))
}

/// The days and times of sessions.
fn places(sessions: &Value) -> Vec<String> {
    let place =
        |one: &Value| format!("{} {}-{}", text(&one["held_on"]), text(&one["starts_at"]), text(&one["ends_at"]));
    sessions.as_array().expect("a list").iter().map(place).collect()
}

/// Acts on a session as it stands at this moment.
#[track_caller]
fn act(stage: &Stage<'_>, session: &Value, what: &str, body: Value) -> Answer {
    let office = stage.office_now();
    let path = format!("/sessions/{}", text(&session["id"]));
    let etag = office.get(&path).ok().etag();
    office.post_change(&format!("{path}/{what}"), &etag, body)
}

#[track_caller]
fn cancel(stage: &Stage<'_>, session: &Value) -> Answer {
    act(stage, session, "cancellation", json!({ "reason": "Banjir di jalan" }))
}

#[track_caller]
fn restore(stage: &Stage<'_>, session: &Value) -> Answer {
    let office = stage.office_now();
    let path = format!("/sessions/{}", text(&session["id"]));
    let etag = office.get(&path).ok().etag();
    office.call("DELETE", &format!("{path}/cancellation")).if_match(&etag).send()
}

/// Another weekly pattern.
#[track_caller]
fn meets(stage: &Stage<'_>, class: &str, change: Value) {
    let office = stage.office_now();
    let path = format!("/classes/{class}");
    let etag = office.get(&path).ok().etag();
    office.patch(&path, &etag, change).ok();
}

/// A further class of the cohort at the host that meets like the first.
fn another(stage: &Stage<'_>, change: impl FnOnce(given::Body) -> given::Body) -> String {
    let body = given::class(&stage.cohort, &stage.host, &stage.agreement)
        .with("name", format!("Kelas {}", stage.app.number()));
    stage.office.post("/classes", change(body)).created().id()
}

both! {
    fn sessions_are_listed_in_the_order_of_their_time(app: &App) {
        let stage = app.stage();
        let path = format!("/classes/{}/sessions", stage.class);
        let mondays = places(&made(&stage, &stage.class)["sessions"]);
        // Made last, and in between: on the same day as the first, and two days after it.
        stage.office.post(&path, given::session("2025-07-23")).created();
        stage.office.post(&path, given::session("2025-07-21")).created();
        let afternoon = |day: &str| format!("{day} 13:00-16:00");
        let order =
            [&mondays[0], &afternoon("2025-07-21"), &afternoon("2025-07-23"), &mondays[1], &mondays[2], &mondays[3]];
        for size in [1, 2, 5, 200] {
            let listed = stage.office.all(&format!("{path}?limit={size}"));
            assert_eq!(places(&json!(listed)), order.map(String::clone), "{size} on a page");
        }
        assert_eq!(stage.office.all(&format!("{path}?on=2025-07-21&limit=1")).len(), 2);
        // A page goes on behind the session it ended with, wherever that is now, and not at all once it is gone.
        let page = stage.office.get(&format!("{path}?limit=4")).ok();
        let last = page.items()[3].clone();
        act(&stage, &last, "moves", json!({ "held_on": "2025-08-05", "reason": "Aula dipakai" })).ok();
        let rest = stage.office.get(&page.next_page().unwrap()).ok().items();
        assert_eq!(places(&json!(rest)), [mondays[3].clone()]);
        let page = stage.office.get(&format!("{path}?limit=5")).ok();
        let next = page.next_page().unwrap();
        stage.office.get(&next).ok();
        let other = another(&stage, |body| body);
        stage.office.get(&next.replace(&stage.class, &other)).refused("query.cursor");
    }

    fn a_calendar_is_kept_by_whom_it_concerns(app: &App) {
        let stage = app.stage();
        let (manager, coordinator) = (app.manager(&stage.host), app.coordinator(&stage.school));
        let entry = manager.post("/calendar-entries", given::days_off(&stage.host)).created();
        let expected = json!({
            "id": entry.id(), "partner": stage.host, "kind": "internship", "title": "PKL kelas XII",
            "starts_on": "2025-09-01", "ends_on": "2025-11-28", "weekdays": [1, 2, 3, 4],
            "updated_at": "2025-07-21T01:00:00Z",
        });
        assert_eq!(entry.json(), expected);
        assert_eq!(coordinator.get(&entry.location()).ok().json(), expected);
        // What holds for the province is the office's, and what is another partner's is theirs.
        let body = || given::body(json!({
            "kind": "school_holiday", "title": "Libur semester", "starts_on": "2025-12-15", "ends_on": "2026-01-03",
        }));
        coordinator.post("/calendar-entries", body()).invalid(&[("/partner", "field.required")]);
        coordinator
            .post("/calendar-entries", body().with("partner", stage.host.clone()))
            .invalid(&[("/partner", "reference.unknown")]);
        let whole = stage.office.post("/calendar-entries", body()).created();
        assert_eq!((&whole.json()["partner"], &whole.json()["weekdays"]), (&Value::Null, &json!([1, 2, 3, 4, 5, 6, 7])));
        for wrong in [json!([0]), json!([8]), json!([1, 1])] {
            stage.office
                .post("/calendar-entries", body().with("weekdays", wrong))
                .invalid(&[("/weekdays", "calendar.weekdays")]);
        }
        stage.office
            .post("/calendar-entries", body().with("ends_on", "2025-12-14"))
            .invalid(&[("/ends_on", "field.date_order")]);
        for other in [&coordinator, &app.manager(&app.lpk("18.71"))] {
            other.put(&entry.location(), &entry.etag(), given::days_off(&stage.host)).denied();
            other.delete(&entry.location()).denied();
            other.delete(&whole.location()).denied();
        }
        app.office("51").get(&entry.location()).not_there();
        // A list of what holds for a partner, in a stretch of days.
        let listed = |query: &str| -> Vec<String> {
            let items = stage.office.all(&format!("/calendar-entries?{query}"));
            items.iter().map(|one| text(&one["id"]).to_owned()).collect()
        };
        assert_eq!(listed(&format!("partner={}", stage.host)), [entry.id(), whole.id()]);
        assert_eq!(listed(&format!("partner={}", stage.school)), [whole.id()]);
        assert_eq!(listed("from=2025-11-29"), [whole.id()]);
        assert_eq!(listed("to=2025-12-14"), [entry.id()]);
        let changed = manager
            .put(&entry.location(), &entry.etag(), given::days_off(&stage.host).with("ends_on", "2025-10-31"))
            .ok();
        assert_eq!(changed.json()["ends_on"], "2025-10-31");
        manager
            .put(&entry.location(), &entry.etag(), given::days_off(&stage.host))
            .status(412)
            .refused("resource.stale");
        manager.delete(&entry.location()).no_content();
        manager.get(&entry.location()).not_there();
        let told = app.count_where("audit_events", "subject_kind = 'calendar_entry'");
        assert_eq!(told, 4, "two were entered, one changed and removed");
    }

    fn a_timetable_goes_round_the_calendars(app: &App) {
        let stage = app.stage();
        let enter = |partner: Option<&str>, title: &str, from: &str, to: &str| {
            let body = json!({ "partner": partner, "kind": "exams", "title": title, "starts_on": from, "ends_on": to });
            stage.office.post("/calendar-entries", body).created().id()
        };
        let own = enter(Some(&stage.host), "Ujian tengah semester", "2025-07-28", "2025-08-01");
        let whole = enter(None, "Hari jadi provinsi", "2025-08-04", "2025-08-04");
        enter(Some(&stage.school), "Ujian di tempat lain", "2025-07-21", "2025-12-31");
        let answer = stage.office.call("POST", &format!("/classes/{}/timetable", stage.class)).language("en").send().ok();
        let timetable = answer.json();
        assert_eq!(
            places(&timetable["sessions"]),
            [
                "2025-07-21 07:30-10:30", "2025-08-11 07:30-10:30", "2025-08-25 07:30-10:30", "2025-09-01 07:30-10:30"
            ]
        );
        let skipped = |day: &str, kind: &str, name: &str, entry: Value| json!({
            "held_on": day, "starts_at": "07:30", "day_off": { "kind": kind, "name": name, "entry": entry },
        });
        assert_eq!(
            timetable["skipped"],
            json!([
                skipped("2025-07-28", "exams", "Ujian tengah semester", json!(own)),
                skipped("2025-08-04", "exams", "Hari jadi provinsi", json!(whole)),
                skipped("2025-08-18", "joint_leave", "Joint leave: Independence Day", Value::Null),
            ])
        );
        let modules: Vec<&Value> = timetable["sessions"].as_array().unwrap().iter().map(|one| &one["module"]).collect();
        assert_eq!(modules, ["HOSP-01", "HOSP-02", "HOSP-02", "HOSP-02"]);
        let counts = ["made", "removed", "kept", "uncovered"].map(|name| timetable[name].as_i64().unwrap());
        assert_eq!((counts, &timetable["warnings"]), ([4, 0, 0, 0], &json!([])));
        // A day off that is entered later does not move what is planned; it is told.
        enter(Some(&stage.host), "Ujian susulan", "2025-08-25", "2025-08-25");
        let standing = stage.office.get(&format!("/classes/{}/timetable", stage.class)).ok().json();
        assert_eq!(standing["on_days_off"][0]["held_on"], "2025-08-25");
        assert_eq!(standing["on_days_off"][0]["day_off"]["name"], "Ujian susulan");
        let again = made(&stage, &stage.class);
        let counts = ["made", "removed", "kept"].map(|name| again[name].as_i64().unwrap());
        assert_eq!(counts, [1, 1, 3]);
        assert_eq!(places(&again["sessions"])[3], "2025-09-08 07:30-10:30");
        assert_eq!(again["sessions"][0]["id"], timetable["sessions"][0]["id"], "what stays is the same one");
    }

    fn hours_that_do_not_fit_are_a_warning(app: &App) {
        let stage = app.stage();
        let short = another(&stage, |body| body.with("ends_on", "2025-08-03"));
        let timetable = made(&stage, &short);
        assert_eq!(timetable["warnings"][0]["code"], "session.uncovered");
        assert!(text(&timetable["warnings"][0]["sentence"]).starts_with("8 jam pelajaran belum terjadwal."));
        assert_eq!(hours(&stage, &short), [16, 0, 8, 8]);
        // Sessions made by hand cover them.
        let add = |day: &str| stage.office.post(&format!("/classes/{short}/sessions"), given::session(day));
        add("2025-07-23").created();
        add("2025-07-24").created();
        assert_eq!(hours(&stage, &short), [16, 0, 16, 0]);
        let standing = stage.office.get(&format!("/classes/{short}/timetable")).ok().json();
        assert_eq!(standing["warnings"], json!([]));
    }

    fn another_pattern_leaves_what_was_and_what_people_have_put(app: &App) {
        let stage = app.stage();
        let member = stage.seated(&stage.student());
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        stage.hold(&sessions[0], &[(&member, "H")]).ok();
        // 28 July passes without a register, 4 August is moved, 11 August called off.
        act(&stage, &sessions[2], "moves", json!({ "held_on": "2025-08-07", "reason": "Aula dipakai wisuda" })).ok();
        cancel(&stage, &sessions[3]).ok();
        app.set_clock("2025-07-30T03:00:00Z");
        meets(&stage, &stage.class, json!({ "slots": [
            { "weekday": 1, "starts_at": "07:30", "lesson_hours": 3 }, { "weekday": 5, "starts_at": "07:30", "lesson_hours": 3 },
        ] }));
        let timetable = made(&stage, &stage.class);
        assert_eq!(
            places(&timetable["sessions"]),
            ["2025-07-28 07:30-10:30", "2025-08-01 07:30-09:45", "2025-08-07 07:30-10:30", "2025-08-08 07:30-08:15"],
            "neither the place that was moved from nor the one that was called off is used again"
        );
        assert_eq!(hours(&stage, &stage.class), [16, 4, 12, 0]);
        assert_eq!(app.count_where("sessions", "state = 'held'"), 1);
        assert_eq!(app.count_where("sessions", "state = 'cancelled'"), 1);
        // Made once more it is the same.
        let again = made(&stage, &stage.class);
        let counts = ["made", "removed", "kept"].map(|name| again[name].as_i64().unwrap());
        assert_eq!((counts, &again["sessions"]), ([0, 0, 2], &timetable["sessions"]));
    }

    fn what_took_place_this_morning_stays_for_its_register(app: &App) {
        let stage = app.stage();
        let member = stage.seated(&stage.student());
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        // Over since half past ten in Lampung, and marked on a phone that has no network.
        app.set_clock("2025-07-21T03:31:00Z");
        let other = app.instructor(&stage.host);
        let slots = json!([{ "weekday": 2, "starts_at": "07:30", "lesson_hours": 4 }]);
        meets(&stage, &stage.class, json!({ "instructor": other.id, "slots": slots }));
        let timetable = made(&stage, &stage.class);
        assert_eq!(timetable["sessions"][0]["id"], sessions[0]["id"]);
        assert_eq!(timetable["sessions"][0]["instructor"], json!(stage.instructor.id));
        save(&stage.instructor_now(), &sessions[0], &[(&member, "H")]).ok();
    }

    fn nothing_is_planned_for_a_morning_that_is_over(app: &App) {
        let stage = app.stage();
        stage.move_class(&stage.class, "running").ok();
        stage.timetable(&stage.class);
        // The Tuesday after the second Monday, two o'clock in Lampung.
        app.set_clock("2025-07-29T07:00:00Z");
        let slot = |starts_at: &str| json!({ "weekday": 2, "starts_at": starts_at, "lesson_hours": 4 });
        meets(&stage, &stage.class, json!({ "slots": [slot("07:30"), slot("15:30")] }));
        let timetable = made(&stage, &stage.class);
        assert_eq!(
            places(&timetable["sessions"]),
            ["2025-07-21 07:30-10:30", "2025-07-28 07:30-10:30", "2025-07-29 15:30-18:30", "2025-08-05 07:30-10:30"]
        );
        let counts = ["made", "removed", "kept"].map(|name| timetable[name].as_i64().unwrap());
        assert_eq!((counts, hours(&stage, &stage.class)), ([2, 2, 0], [16, 0, 16, 0]));
    }

    fn what_is_planned_goes_with_its_class_to_another_instructor_and_room(app: &App) {
        let stage = app.stage();
        let (other, busy) = (app.instructor(&stage.host), app.instructor(&stage.host));
        let elsewhere = another(&stage, |body| body.with("instructor", busy.id.clone()));
        stage.timetable(&elsewhere);
        let sessions = stage.timetable(&stage.class);
        stage.move_class(&stage.class, "running").ok();
        stage.hold(&sessions[0], &[]);
        act(&stage, &sessions[1], "moves", json!({ "starts_at": "13:00", "reason": "Aula dipakai wisuda" })).ok();
        app.set_clock("2025-07-22T01:00:00Z");
        let places = |name: &str| {
            let listed = stage.office_now().all(&format!("/classes/{}/sessions", stage.class));
            listed.iter().map(|one| one[name].clone()).collect::<Vec<_>>()
        };
        let first = json!(stage.instructor.id);
        assert_eq!(places("instructor"), vec![first.clone(); 4]);
        meets(&stage, &stage.class, json!({ "instructor": other.id, "room": "Aula" }));
        let then = json!(other.id);
        assert_eq!(places("instructor"), [first.clone(), first, then.clone(), then]);
        assert_eq!(places("room"), [Value::Null, Value::Null, json!("Aula"), json!("Aula")]);
        // Whoever teaches elsewhere at one of these times is not taken away from there.
        let path = format!("/classes/{}", stage.class);
        let office = stage.office_now();
        let before = office.get(&path).ok();
        let change = json!({ "instructor": busy.id });
        let refused = office.patch(&path, &before.etag(), change).refused("session.instructor_busy").json();
        assert_eq!((text(&refused["facts"]["held_on"]), text(&refused["facts"]["time"])), ("2025-08-04", "07:30-10:30"));
        assert_eq!((office.get(&path).ok().json(), places("instructor")[3].clone()), (before.json(), json!(other.id)));
        // Other weekly times leave the sessions where they are until the timetable is made again.
        let slots = json!([{ "weekday": 2, "starts_at": "07:30", "lesson_hours": 4 }]);
        meets(&stage, &stage.class, json!({ "instructor": busy.id, "slots": slots }));
        assert_eq!(places("instructor")[3], json!(other.id));
        made(&stage, &stage.class);
        // That of today comes before the moved one.
        let (first, last) = (json!(stage.instructor.id), json!(busy.id));
        assert_eq!(places("instructor"), [first.clone(), last.clone(), first, last]);
    }

    fn a_session_is_moved_and_its_way_is_kept(app: &App) {
        let stage = app.stage();
        let sessions = stage.timetable(&stage.class);
        let other = app.instructor(&stage.host);
        let to = |body: Value| act(&stage, &sessions[0], "moves", body);
        let body = json!({
            "held_on": "2025-07-22", "starts_at": "13:00", "instructor": other.id, "room": "Aula", "reason": "Aula dipakai wisuda",
        });
        let moved = to(body).ok().json();
        let expected = json!({
            "id": sessions[0]["id"], "class": stage.class, "instructor": other.id, "room": "Aula", "held_on": "2025-07-22",
            "starts_at": "13:00", "ends_at": "16:00", "lesson_hours": 4, "module": "HOSP-01", "state": "planned",
            "cancel_reason": null, "by_hand": true, "replaces": null, "reported_at": null,
        });
        assert_eq!(moved, expected);
        to(json!({ "starts_at": "14:00", "reason": "Pengajar terlambat" })).ok();
        let path = format!("/sessions/{}/moves", text(&sessions[0]["id"]));
        let was = |day: &str, from: &str, until: &str, instructor: &str, room: Value, reason: &str| json!({
            "held_on": day, "starts_at": from, "ends_at": until, "instructor": instructor, "room": room, "reason": reason,
            "moved_at": "2025-07-21T01:00:00Z", "moved_by": stage.office.id,
        });
        assert_eq!(
            stage.office.get(&path).ok().json(),
            json!([
                was("2025-07-21", "07:30", "10:30", &stage.instructor.id, Value::Null, "Aula dipakai wisuda"),
                was("2025-07-22", "13:00", "16:00", &other.id, json!("Aula"), "Pengajar terlambat"),
            ])
        );
        let told = app.count_where("audit_events", "action = 'session.moved' AND reason = 'Aula dipakai wisuda'");
        assert_eq!(told, 1);
        // What cannot be.
        let reason = "Salah tulis";
        to(json!({ "starts_at": "14:00", "reason": reason })).status(409).refused("session.not_moved");
        to(json!({ "starts_at": "21:01", "reason": reason })).status(409).refused("session.past_midnight");
        let late = to(json!({ "held_on": "2026-07-21", "reason": reason })).status(409).refused("session.outside_class");
        assert_eq!(late.json()["facts"], json!({ "starts_on": "2025-07-21", "ends_on": "2026-07-20" }));
        to(json!({ "held_on": "2025-08-18" })).invalid(&[("/reason", "field.required")]);
        to(json!({ "instructor": stage.office.id, "reason": reason })).status(409).refused("class.instructor");
        let off = to(json!({ "held_on": "2025-08-18", "reason": reason })).status(409).refused("input.confirmation_required");
        assert_eq!(off.json()["warnings"][0]["code"], "session.day_off");
        to(json!({ "held_on": "2025-08-18", "reason": reason, "confirm": ["session.day_off"] })).ok();
        // What was held or called off stays where it is.
        let member = stage.seated(&stage.student());
        stage.move_class(&stage.class, "running").ok();
        cancel(&stage, &sessions[1]).ok();
        act(&stage, &sessions[1], "moves", json!({ "starts_at": "13:00", "reason": reason })).refused("session.cancelled");
        stage.hold(&sessions[2], &[(&member, "H")]).ok();
        act(&stage, &sessions[2], "moves", json!({ "starts_at": "13:00", "reason": reason })).refused("session.held");
        stage.step(&member, json!({ "to": "withdrawn", "reason": "Pindah" })).ok();
        stage.move_class(&stage.class, "completed").ok();
        act(&stage, &sessions[3], "moves", json!({ "starts_at": "13:00", "reason": reason })).refused("class.state");
    }

    fn a_cancelled_session_is_replaced_once_or_taken_back(app: &App) {
        let stage = app.stage();
        let sessions = stage.timetable(&stage.class);
        let path = format!("/classes/{}/sessions", stage.class);
        let instead = || given::session("2025-07-22").with("replaces", sessions[0]["id"].clone());
        stage.office.post(&path, instead()).status(409).refused("session.not_replaceable");
        restore(&stage, &sessions[0]).status(409).refused("session.not_cancelled");
        cancel(&stage, &sessions[0]).ok();
        assert_eq!(hours(&stage, &stage.class), [16, 0, 12, 4]);
        let replacement = stage.office.post(&path, instead()).created();
        let expected = json!({
            "id": replacement.id(), "class": stage.class, "instructor": stage.instructor.id, "room": null,
            "held_on": "2025-07-22", "starts_at": "13:00", "ends_at": "16:00", "lesson_hours": 4, "module": "HOSP-01",
            "state": "planned", "cancel_reason": null, "by_hand": true, "replaces": sessions[0]["id"], "reported_at": null,
        });
        assert_eq!(replacement.json(), expected);
        assert_eq!(hours(&stage, &stage.class), [16, 0, 16, 0]);
        let second = instead().with("held_on", "2025-07-23");
        stage.office.post(&path, second.clone()).status(409).refused("session.replaced");
        restore(&stage, &sessions[0]).status(409).refused("session.replaced");
        // Without the replacement it can be taken back, and is what it was.
        cancel(&stage, &replacement.json()).ok();
        let back = restore(&stage, &sessions[0]).ok().json();
        assert_eq!(back, sessions[0]);
        restore(&stage, &replacement.json()).status(409).refused("session.not_replaceable");
        // The time of a cancelled session is free for another one.
        cancel(&stage, &sessions[1]).ok();
        let there = given::session("2025-07-28").with("starts_at", "07:30");
        stage.office.post(&path, there).created();
        restore(&stage, &sessions[1]).status(409).refused("session.class_busy");
        // What is named must be there.
        for (name, value) in [("replaces", stage.class.as_str()), ("module", "HOSP-99")] {
            let pointer = format!("/{name}");
            let unknown = given::session("2025-07-24").with(name, value);
            stage.office.post(&path, unknown).invalid(&[(pointer.as_str(), "reference.unknown")]);
        }
        let wrong = given::session("kemarin").with("starts_at", "7.30").with("lesson_hours", 17);
        stage.office.post(&path, wrong).invalid(&[
            ("/held_on", "field.date"), ("/starts_at", "field.time"), ("/lesson_hours", "field.range"),
        ]);
        stage.office.post(&path, given::session("2026-07-21")).status(409).refused("session.outside_class");
    }

    fn a_clash_is_named(app: &App) {
        let stage = app.stage();
        meets(&stage, &stage.class, json!({ "room": "Lab Komputer 1" }));
        let sessions = made(&stage, &stage.class)["sessions"].clone();
        let add = |class: &str, body: given::Body| stage.office.post(&format!("/classes/{class}/sessions"), body);
        let facts = |answer: Answer, code: &str| answer.status(409).refused(code).json()["facts"].clone();
        let here = json!({
            "class": "Perhotelan A", "session": sessions[0]["id"], "held_on": "2025-07-21", "time": "07:30-10:30",
        });
        let early = || given::session("2025-07-21").with("starts_at", "10:29");
        assert_eq!(facts(add(&stage.class, early()), "session.class_busy"), here);
        let other = another(&stage, |body| body);
        let taught = early().with("instructor", stage.instructor.id.clone());
        assert_eq!(facts(add(&other, taught), "session.instructor_busy"), here);
        // A room is the same whatever its capitals and spaces, at its own partner.
        let inside = || early().with("room", " lab  KOMPUTER 1");
        assert_eq!(facts(add(&other, inside()), "session.room_busy"), here);
        add(&other, early().with("room", "Lab Komputer 2")).created();
        let elsewhere = app.lpk("18.07");
        let agreement = given::agreement(&elsewhere, &stage.program).with("number", "PKS/2");
        let agreement = stage.office.post("/agreements", agreement).created().id();
        let away = given::class(&stage.cohort, &elsewhere, &agreement);
        let away = stage.office.post("/classes", away).created().id();
        add(&away, inside()).created();
        // Where one ends the other begins.
        add(&other, given::session("2025-07-28").with("starts_at", "10:30").with("room", "Lab Komputer 1")).created();
        // A timetable in somebody's way is not made at all.
        let before = app.count("sessions");
        meets(&stage, &other, json!({ "room": "LAB KOMPUTER 1" }));
        let refused = stage.office.call("POST", &format!("/classes/{other}/timetable")).send();
        assert_eq!(facts(refused, "session.room_busy")["class"], "Perhotelan A");
        assert_eq!(app.count("sessions"), before);
        // A class that is not held is in nobody's way.
        stage.move_class(&stage.class, "cancelled").ok();
        made(&stage, &other);
    }

    fn the_database_itself_keeps_everything_in_one_place(app: &App) {
        let stage = app.stage();
        meets(&stage, &stage.class, json!({ "room": "Aula" }));
        made(&stage, &stage.class);
        let other = another(&stage, |body| body.with("room", "Aula"));
        let id = |text: &str| crate::harness::id(text).as_i64();
        let first = "(SELECT id FROM sessions WHERE held_on = '2025-07-21')";
        let insert = |key: i64, class: &str, instructor: &str, room: &str, from: i32, until: i32| format!(
            "INSERT INTO sessions (id, class_id, instructor_id, held_on, starts_at, ends_at, lesson_hours, module_code, \
             state, version, room, room_id, by_hand, changed_at) VALUES ({key}, {}, {instructor}, '2025-07-21', {from}, \
             {until}, 4, 'HOSP-01', 'planned', 1, {}, {room}, FALSE, '2025-07-21 01:00:00')",
            id(class),
            if room == "NULL" { "NULL" } else { "'Aula'" },
        );
        let (taught, hall) = (id(&stage.instructor.id).to_string(), "(SELECT MAX(id) FROM rooms)");
        let refused = |statement: &str, constraint: &str| {
            let error = app.connect().batch_execute(statement).expect_err("it is refused");
            assert!(error.to_string().contains(constraint), "{error}");
            assert_eq!(Error::from(error).code.name, "session.taken");
        };
        refused(&insert(1, &stage.class, "NULL", "NULL", 629, 700), "sessions_class_excl");
        refused(&insert(1, &other, &taught, "NULL", 400, 451), "sessions_instructor_excl");
        refused(&insert(1, &other, "NULL", hall, 500, 510), "sessions_room_excl");
        for (key, from, until) in [(1, 400, 450), (2, 630, 700)] {
            app.run(&insert(key, &other, &taught, hall, from, until));
        }
        // No change brings it there either.
        refused("UPDATE sessions SET ends_at = 451 WHERE id = 1", "sessions_instructor_excl");
        refused("UPDATE sessions SET instructor_id = NULL, starts_at = 629 WHERE id = 2", "sessions_room_excl");
        refused(
            &format!("UPDATE sessions SET class_id = {}, instructor_id = NULL, room = NULL, room_id = NULL, \
                      starts_at = 629 WHERE id = 2", id(&stage.class)),
            "sessions_class_excl",
        );
        app.run(&format!("UPDATE sessions SET state = 'cancelled', cancel_reason = 'Uji' WHERE id = {first} OR id = 2"
            ).replace(&format!("id = {first}"), "id = (SELECT MIN(id) FROM sessions WHERE held_on = '2025-07-28')"));
        app.run("UPDATE sessions SET held_on = '2025-07-28', starts_at = 450, ends_at = 630 WHERE id = 1");
        refused(
            "UPDATE sessions SET state = 'planned', cancel_reason = NULL WHERE held_on = '2025-07-28' AND id <> 1",
            "sessions_",
        );
        // Of many who write past the program one gets through.
        let rows = |key: i64| insert(key, &other, &taught, "NULL", 1000, 1060);
        let gate = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for key in 11..19 {
                let (gate, rows) = (&gate, &rows);
                scope.spawn(move || {
                    let mut connection = app.connect();
                    gate.wait();
                    let _ = connection.batch_execute(&rows(key));
                });
            }
        });
        assert_eq!(app.count_where("sessions", "starts_at = 1000"), 1);
        // A session ends after it begins, on its day.
        assert!(app.connect().batch_execute("UPDATE sessions SET ends_at = 1441 WHERE id = 1").is_err());
        assert!(app.connect().batch_execute("UPDATE sessions SET ends_at = starts_at WHERE id = 1").is_err());
    }

    fn of_many_who_want_one_instructor_and_one_room_one_gets_them(app: &App) {
        let stage = app.stage();
        let sixteen = || -> Vec<String> { (0..16).map(|_| another(&stage, |body| body)).collect() };
        let classes = sixteen();
        let fight = |body: &(dyn Fn(usize) -> given::Body + Sync), busy: &str| {
            let answers = at_once(16, |turn| {
                let path = format!("/classes/{}/sessions", classes[turn]);
                stage.office.post(&path, body(turn))
            });
            let (made, refused): (Vec<Answer>, Vec<Answer>) = answers.into_iter().partition(|answer| answer.status == 201);
            assert_eq!(made.len(), 1, "{busy}: {}", refused[0]);
            for answer in refused {
                answer.status(409).refused(busy);
            }
        };
        let minute = |turn: usize| format!("13:{:02}", turn * 3);
        let instructor = stage.instructor.id.clone();
        fight(
            &|turn| given::session("2025-07-22").with("starts_at", minute(turn)).with("instructor", instructor.clone()),
            "session.instructor_busy",
        );
        fight(
            &|turn| given::session("2025-07-23").with("starts_at", minute(turn)).with("room", "Aula"),
            "session.room_busy",
        );
        // Of whole timetables one is made, whole: of classes that have no session yet, since whoever got the instructor or
        // the room has hours behind it already and needs fewer.
        let classes = sixteen();
        for class in &classes {
            meets(&stage, class, json!({ "instructor": stage.instructor.id, "room": "Aula" }));
        }
        let before = app.count("sessions");
        let answers = at_once(16, |turn| {
            stage.office.call("POST", &format!("/classes/{}/timetable", classes[turn])).send()
        });
        let made = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(made, 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.status(409).refused("session.instructor_busy");
        }
        assert_eq!(app.count("sessions") - before, 4);
        // And of sixteen sessions of one class at one time, one.
        let sessions = at_once(16, |_| {
            stage.office.post(&format!("/classes/{}/sessions", classes[0]), given::session("2025-07-24"))
        });
        assert_eq!(sessions.iter().filter(|answer| answer.status == 201).count(), 1);
        assert!(sessions.iter().all(|answer| matches!(answer.status, 201 | 409)));
    }

    fn how_much_somebody_teaches_is_told_by_the_week(app: &App) {
        let stage = app.stage();
        let member = stage.seated(&stage.student());
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        stage.hold(&sessions[0], &[(&member, "H")]).ok();
        cancel(&stage, &sessions[1]).ok();
        let add = given::session("2025-07-27");
        stage.office_now().post(&format!("/classes/{}/sessions", stage.class), add).created();
        let path = format!("/staff/{}/teaching-load", stage.instructor.id);
        let week = |number: i64, monday: &str, sessions: i64, held: i64, planned: i64| json!({
            "year": 2025, "week": number, "starts_on": monday, "sessions": sessions, "held": held, "planned": planned,
        });
        let expected = json!([
            week(30, "2025-07-21", 2, 4, 4), week(31, "2025-07-28", 0, 0, 0), week(32, "2025-08-04", 1, 0, 4),
        ]);
        let manager = app.manager(&stage.host);
        assert_eq!(manager.get(&format!("{path}?from=2025-07-23&to=2025-08-04")).ok().json(), expected);
        assert_eq!(stage.office_now().get(&path).ok().json().as_array().unwrap().len(), 13);
        manager.get(&format!("{path}?from=2025-07-23&to=2025-07-22")).invalid(&[("/to", "field.date_order")]);
        manager.get(&format!("{path}?from=2025-01-01&to=2026-01-08")).invalid(&[("/to", "field.range")]);
        app.manager(&app.lpk("18.71")).get(&path).not_there();
    }

    fn a_calendar_reads_a_timetable_behind_its_link(app: &App) {
        let stage = app.stage();
        stage.seated(&stage.student());
        meets(&stage, &stage.class, json!({ "room": "Lab Komputer 1" }));
        let sessions = made(&stage, &stage.class)["sessions"].clone();
        cancel(&stage, &sessions[3]).ok();
        app.wait(chrono::Duration::minutes(1));
        act(&stage, &sessions[0], "moves", json!({ "held_on": "2025-07-22", "reason": "Aula dipakai wisuda" })).ok();
        let link = |of: &str| stage.office_now().post(&format!("{of}/calendar-link"), json!({})).ok().field("url");
        let of_class = format!("/classes/{}", stage.class);
        let address = |url: &str| format!("/calendars/{}", url.rsplit_once("/calendars/").expect("an address").1);
        let first = address(&link(&of_class));
        assert!(first.len() > "/calendars/.ics".len() + 40, "{first}");
        let feed = app.call("GET", &first).send().ok();
        assert_eq!(feed.header("content-type"), Some("text/calendar; charset=utf-8"));
        assert_eq!(feed.header("cache-control"), Some("private, max-age=300"));
        let text = feed.text();
        assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.ends_with("END:VCALENDAR\r\n"));
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
        assert_eq!(text.matches("BEGIN:VEVENT\r\n").count(), 4);
        let event = |session: &Value| -> String {
            let uid = format!("UID:{}@pertemuan.vokasi\r\n", super::text(&session["id"]));
            text.split("BEGIN:VEVENT").find(|event| event.contains(&uid)).expect("the session is in it").replace("\r\n ", "")
        };
        // What was moved is the same event at another time.
        let moved = event(&sessions[0]);
        for line in [
            "SEQUENCE:1", "DTSTAMP:20250721T010100Z", "DTSTART:20250722T003000Z", "DTEND:20250722T033000Z",
            "SUMMARY:Perhotelan\\, Perhotelan A (HOSP-01)", "STATUS:CONFIRMED",
        ] {
            assert!(moved.contains(&format!("\r\n{line}\r\n")), "{line} in {moved}");
        }
        assert!(moved.contains("LOCATION:Lab Komputer 1\\, LPK Cahaya Selatan"), "{moved}");
        let off = event(&sessions[3]);
        assert!(off.contains("STATUS:CANCELLED\r\n") && !off.contains("Banjir"), "{off}");
        for personal in ["Siti", "Wulan", "wisuda"] {
            assert!(!text.contains(personal), "{personal}");
        }
        // Who has it is told so, until it changes.
        let ask = || app.call("GET", &first).header("if-none-match", &feed.etag()).send();
        assert_eq!((ask().status, ask().text()), (304, String::new()));
        cancel(&stage, &sessions[2]).ok();
        ask().ok();
        // The instructor's own has what they teach, wherever.
        let instructor = stage.instructor_now();
        let own = instructor.post(&format!("/staff/{}/calendar-link", instructor.id), json!({})).ok().field("url");
        assert_eq!(app.call("GET", &address(&own)).send().ok().text().matches("BEGIN:VEVENT").count(), 4);
        instructor.post(&format!("/staff/{}/calendar-link", stage.office.id), json!({})).not_there();
        stage.office.post(&format!("/staff/{}/calendar-link", stage.office.id), json!({})).refused("class.instructor");
        // Another link ends the first; withdrawn, there is none.
        let second = address(&link(&of_class));
        app.call("GET", &first).send().not_there();
        app.call("GET", &second).send().ok();
        stage.office.delete(&format!("{of_class}/calendar-link")).no_content();
        app.call("GET", &second).send().not_there();
        stage.office.delete(&format!("{of_class}/calendar-link")).not_there();
        app.call("GET", "/calendars/x.ics").send().not_there();
        let secret = first.trim_start_matches("/calendars/").trim_end_matches(".ics");
        assert_eq!(app.count_where("calendar_links", &format!("token_hash = '{secret}'")), 0);
        // Somebody who no longer teaches has no feed.
        app.run(&format!("UPDATE accounts SET disabled = TRUE WHERE id = {}", crate::harness::id(&stage.instructor.id).as_i64()));
        app.call("GET", &address(&own)).send().not_there();
        assert_eq!(app.count_where("audit_events", "action LIKE 'calendar_link.%'"), 4);
    }

    fn what_an_older_program_planned_keeps_its_marks_and_ends_before_the_next(app: &App) {
        let stage = app.stage();
        let member = stage.seated(&stage.student());
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        stage.hold(&sessions[0], &[(&member, "H")]).ok();
        cancel(&stage, &sessions[3]).ok();
        let own = match app.backend {
            Backend::Sqlite => "sqlite",
            Backend::Postgres => "postgres",
        };
        let step = |name: &str, files: &[String]| -> String {
            let folder = crate::tidy::root().join("migrations").join(name);
            files.iter().map(|file| std::fs::read_to_string(folder.join(file)).expect("the step is there")).collect()
        };
        // What came later of sessions goes first.
        let back = [
            step("2026-11-23-004010_follow_people", &[format!("down.{own}.sql"), "down.sql".to_owned()]),
            step("2026-11-22-003600_count_hours", &[format!("down.{own}.sql"), "down.sql".to_owned()]),
            step("2026-11-22-003120_keep_offline_marks", &[format!("down.{own}.sql"), "down.sql".to_owned()]),
            step("2026-11-22-003110_tell_phones", &[format!("down.{own}.sql"), "down.sql".to_owned()]),
            step("2026-11-22-002610_link_calendars", &["down.sql".to_owned()]),
            step("2026-11-22-002600_keep_timetables", &[format!("down.{own}.sql"), "down.sql".to_owned()]),
        ];
        app.run(&format!(
            "BEGIN; {} DELETE FROM __diesel_schema_migrations \
             WHERE version IN ('20261122002600', '20261122002610', '20261122003110', '20261122003120', \
             '20261122003600', '20261123004010'); COMMIT;",
            back.concat()
        ));
        // It refused only two that began together: here is one in the middle of another.
        app.run(
            "INSERT INTO sessions (id, class_id, instructor_id, held_on, starts_at, lesson_hours, module_code, state, version) \
             SELECT 1, class_id, instructor_id, held_on, 500, 16, module_code, 'planned', 1 FROM sessions \
             WHERE held_on = '2025-07-28'",
        );
        app.run(
            "INSERT INTO sessions (id, class_id, held_on, starts_at, lesson_hours, module_code, state, version) \
             SELECT 2, class_id, held_on, 1380, 4, module_code, 'planned', 1 FROM sessions WHERE held_on = '2025-08-04'",
        );
        vokasi_core::db::up(&app.database().url).expect("it is brought to the shape this program knows");
        for (held_on, starts_at, ends_at) in
            [("2025-07-21", 450, 630), ("2025-07-28", 450, 500), ("2025-07-28", 500, 1220), ("2025-08-04", 1380, 1440)]
        {
            let place = format!("held_on = '{held_on}' AND starts_at = {starts_at} AND ends_at = {ends_at}");
            assert_eq!(app.count_where("sessions", &place), 1, "{place}");
        }
        assert_eq!((app.count("sessions"), app.count("attendance")), (6, 1));
        // A mark still holds its session.
        let first = crate::harness::id(text(&sessions[0]["id"])).as_i64();
        assert!(app.connect().batch_execute(&format!("DELETE FROM sessions WHERE id = {first}")).is_err());
        assert_eq!(stage.office_now().get(&format!("/sessions/{}", text(&sessions[3]["id"]))).ok().json()["state"], "cancelled");
    }
}
