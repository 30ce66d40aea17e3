//! Attendance: a register is saved whole or not at all, and nobody is absent who was not marked.

use crate::harness::path::{save, text};
use crate::harness::{Answer, App, Stage, Value, at_once, given, json};

/// A stage whose class runs, with these members and its four sessions.
fn running(app: &App, members: usize) -> (Stage<'_>, Vec<String>, Vec<Value>) {
    let stage = app.stage();
    let members: Vec<String> = (0..members).map(|_| stage.seated(&stage.student())).collect();
    stage.move_class(&stage.class, "running").ok();
    let sessions = stage.timetable(&stage.class);
    assert_eq!(sessions.len(), 4);
    (stage, members, sessions)
}

/// The register of a session: enrollment and mark, by name.
fn register(stage: &Stage<'_>, session: &Value) -> Vec<(String, Value)> {
    let path = format!("/sessions/{}/attendance", text(&session["id"]));
    let lines = stage.instructor_now().get(&path).ok().json()["lines"].as_array().unwrap().clone();
    lines.into_iter().map(|line| (text(&line["enrollment"]).to_owned(), line["mark"].clone())).collect()
}

/// One person's line of the roster.
fn line(stage: &Stage<'_>, enrollment: &str) -> Value {
    let roster = stage.office_now().get(&format!("/classes/{}/roster", stage.class)).ok().json();
    let lines = roster["lines"].as_array().unwrap();
    lines.iter().find(|line| line["enrollment"] == enrollment).unwrap_or_else(|| panic!("{roster}")).clone()
}

fn rate(credited: i64, held: i64, percent: &str) -> Value {
    json!({ "basis": "lesson_hours_held", "credited": credited, "held": held, "percent": percent })
}

/// What became of each mark.
fn results(answer: &Answer) -> Vec<String> {
    answer.json()["results"].as_array().unwrap().iter().map(|one| text(&one["result"]).to_owned()).collect()
}

fn cancel(stage: &Stage<'_>, session: &Value) -> Answer {
    let path = format!("/sessions/{}", text(&session["id"]));
    let office = stage.office_now();
    let etag = office.get(&path).ok().etag();
    office.post_change(&format!("{path}/cancellation"), &etag, json!({ "reason": "Banjir di jalan" }))
}

both! {
    fn who_is_not_marked_stays_unmarked(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        stage.morning_of(&sessions[0]);
        let first = save(&stage.instructor_now(), &sessions[0], &[(&members[0], "H")]).ok();
        let session = first.json()["session"].clone();
        assert_eq!((&session["state"], &session["reported_at"]), (&json!("held"), &json!("2025-07-21T03:00:00Z")));
        let mut marks = register(&stage, &sessions[0]);
        marks.sort_by(|a, b| a.0.cmp(&b.0));
        let mut expected = vec![(members[0].clone(), json!("H")), (members[1].clone(), Value::Null)];
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(marks, expected);
        assert_eq!(app.count("attendance"), 1);
        // Nothing is presumed: the hours were held, and nobody is called absent.
        let unmarked = line(&stage, &members[1]);
        assert_eq!(unmarked["tally"], json!({ "present": 0, "late": 0, "sick": 0, "excused": 0, "absent": 0 }));
        assert_eq!(unmarked["rate"], rate(0, 4, "0"));
        // A register that comes later adds to the first.
        save(&stage.instructor_now(), &sessions[0], &[(&members[1], "S")]).ok();
        assert_eq!(register(&stage, &sessions[0]).iter().filter(|(_, mark)| mark.is_null()).count(), 0);
    }

    fn saving_twice_is_saving_once(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        let marks = [(members[0].as_str(), "H"), (members[1].as_str(), "A")];
        let first = stage.hold(&sessions[0], &marks).ok();
        let events = app.count("audit_events");
        app.wait(chrono::Duration::minutes(1));
        let again = save(&stage.office_now(), &sessions[0], &marks).ok();
        assert_eq!(results(&first), ["new", "new"]);
        assert_eq!(results(&again), ["same", "same"]);
        assert_eq!(first.json()["session"], again.json()["session"]);
        assert_eq!(first.etag(), again.etag());
        assert_eq!((app.count("attendance"), app.count("attendance_corrections")), (2, 0));
        assert_eq!(app.count("audit_events"), events);
    }

    fn a_correction_keeps_what_was_there_before(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        stage.hold(&sessions[0], &[(&members[0], "A")]).ok();
        app.set_clock("2025-07-21T05:00:00Z");
        let instructor = stage.instructor_now();
        let path = format!("/sessions/{}/attendance", text(&sessions[0]["id"]));
        let body = json!({ "marks": [{ "enrollment": members[0], "mark": "T" }] });
        let corrected = instructor.call("PUT", &path).header("user-agent", "Ponsel Bu Rina").json(&body).send().ok();
        assert_eq!(results(&corrected), ["corrected"]);
        app.set_clock("2025-07-21T06:00:00Z");
        let office = stage.office_now();
        let body = json!({ "marks": [{ "enrollment": members[0], "mark": "H" }] });
        office.call("PUT", &path).header("user-agent", "Dinas").json(&body).send().ok();
        let earlier = office.get(&format!("{path}/{}/corrections", members[0])).ok().json();
        assert_eq!(
            earlier,
            json!([
                {
                    "mark": "A", "marked_at": "2025-07-21T03:00:00Z", "marked_by": stage.office.id,
                    "replaced_at": "2025-07-21T05:00:00Z", "replaced_by": stage.instructor.id,
                    "device": "Ponsel Bu Rina", "minutes_late": null, "note": null, "made_on": null, "made_at": null,
                    "marked_by_name": "Wulan Sari", "replaced_by_name": "Wulan Sari",
                },
                {
                    "mark": "T", "marked_at": "2025-07-21T05:00:00Z", "marked_by": stage.instructor.id,
                    "replaced_at": "2025-07-21T06:00:00Z", "replaced_by": stage.office.id, "device": "Dinas",
                    "minutes_late": null, "note": null, "made_on": null, "made_at": null,
                    "marked_by_name": "Wulan Sari", "replaced_by_name": "Wulan Sari",
                },
            ])
        );
        assert_eq!(register(&stage, &sessions[0]), [(members[0].clone(), json!("H"))]);
    }

    fn one_wrong_mark_refuses_the_register(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        let stranger = stage.waiting(&stage.student());
        let marks = [(members[0].as_str(), "H"), (stranger.as_str(), "H"), (members[0].as_str(), "A")];
        stage.hold(&sessions[0], &marks).invalid(&[
            ("/marks/1/enrollment", "attendance.not_a_member"),
            ("/marks/2/enrollment", "field.duplicate"),
        ]);
        let wrong = [(members[0].as_str(), "X"), ("short", "H")];
        save(&stage.office_now(), &sessions[0], &wrong)
            .invalid(&[("/marks/0/mark", "field.unknown_value"), ("/marks/1/enrollment", "field.id")]);
        save(&stage.office_now(), &sessions[0], &[]).invalid(&[("/marks", "field.length")]);
        assert_eq!(app.count("attendance"), 0);
        assert_eq!(app.count_where("sessions", "state = 'planned'"), 4);
    }

    fn a_session_is_marked_once_it_is_its_day(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        let held_on = text(&sessions[1]["held_on"]).to_owned();
        let early = save(&stage.office, &sessions[1], &[(&members[0], "H")]).status(409).refused("session.future");
        assert_eq!(early.json()["facts"], json!({ "held_on": held_on }));
        // Midnight in Lampung is five in the afternoon of the day before in UTC.
        app.set_clock("2025-07-27T16:59:59Z");
        save(&stage.office_now(), &sessions[1], &[(&members[0], "H")]).refused("session.future");
        app.set_clock("2025-07-27T17:00:00Z");
        save(&stage.office_now(), &sessions[1], &[(&members[0], "H")]).ok();
    }

    fn a_session_that_was_called_off_is_not_marked_and_not_counted(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        let called_off = cancel(&stage, &sessions[0]).ok().json();
        assert_eq!(
            (&called_off["state"], &called_off["cancel_reason"]),
            (&json!("cancelled"), &json!("Banjir di jalan"))
        );
        cancel(&stage, &sessions[0]).status(409).refused("session.cancelled");
        stage.hold(&sessions[0], &[(&members[0], "H")]).status(409).refused("session.cancelled");
        stage.hold(&sessions[1], &[(&members[0], "H")]).ok();
        cancel(&stage, &sessions[1]).status(409).refused("session.held");
        assert_eq!(line(&stage, &members[0])["rate"], rate(4, 4, "100"));
        // The hours that fell out come at the end of a new timetable; what was held and called off stays.
        let new = stage.timetable(&stage.class);
        let days: Vec<&str> = new.iter().map(|session| text(&session["held_on"])).collect();
        assert_eq!(days, ["2025-08-04", "2025-08-11", "2025-08-25"], "the 18th is a day off");
        assert_eq!(app.count("sessions"), 5);
    }

    fn a_class_that_is_over_is_the_provinces(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        stage.hold(&sessions[0], &[(&members[0], "A")]).ok();
        let open = stage.move_class(&stage.class, "completed").status(409).refused("class.undecided");
        assert_eq!(open.json()["facts"], json!({ "people": "1" }));
        stage.office_now().post(&format!("/classes/{}/completions", stage.class), given::decision()).ok();
        stage.move_class(&stage.class, "completed").ok();
        let marks = [(members[0].as_str(), "H")];
        for staff in [stage.instructor_now(), app.manager(&stage.host)] {
            save(&staff, &sessions[0], &marks).status(409).refused("attendance.class_completed");
        }
        assert_eq!(results(&save(&stage.office_now(), &sessions[0], &marks).ok()), ["corrected"]);
        // A class that has not begun has no register.
        let stage = Stage { office: stage.office_now(), ..stage };
        let planned = stage.class_of(1);
        let session = stage.timetable(&planned).remove(0);
        save(&stage.office_now(), &session, &marks).status(409).refused("class.state");
    }

    fn whoever_came_back_is_marked_for_both_times_and_not_for_the_time_between(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Sore");
        let slots = json!([{ "weekday": 2, "starts_at": "13:30", "lesson_hours": 4 }]);
        let other = stage.office.post("/classes", body.with("slots", slots)).created().id();
        let at = format!("/enrollments/{}", members[0]);
        for (day, class) in [("2025-07-23", &other), ("2025-08-01", &stage.class)] {
            app.set_clock(&format!("{day}T03:00:00Z"));
            stage.office_now().acts(&at, "transfers", json!({ "class": class, "reason": "Keluarga pindah rumah" }));
        }
        app.set_clock("2025-08-04T10:00:00Z");
        let mark = |session: &Value| save(&stage.office_now(), session, &[(&members[0], "H")]);
        let listed = |session: &Value| {
            let path = format!("/sessions/{}/attendance", text(&session["id"]));
            stage.office_now().get(&path).ok().json()["lines"].as_array().expect("lines").len()
        };
        assert_eq!([0, 1, 2].map(|at: usize| listed(&sessions[at])), [1, 0, 1]);
        assert_eq!(results(&mark(&sessions[0]).ok()), ["new"]);
        mark(&sessions[1]).invalid(&[("/marks/0/enrollment", "attendance.not_a_member")]);
        assert_eq!(results(&mark(&sessions[2]).ok()), ["new"]);
    }

    fn a_rate_counts_the_hours_of_a_membership(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        let early = members[0].as_str();
        stage.office.patch(&format!("/classes/{}", stage.class), "\"2\"", json!({ "seats": 4 })).ok();
        let left = stage.waiting(&stage.student());
        let late = stage.waiting(&stage.student());
        assert_eq!(line(&stage, early)["rate"]["percent"], Value::Null, "nothing was held yet");
        stage.seat(&left, &stage.class).ok();
        stage.hold(&sessions[0], &[(early, "H"), (&left, "A")]).ok();
        stage.hold(&sessions[1], &[(early, "S"), (&left, "H")]).ok();
        // One leaves after the register of the day, one comes two days later.
        stage.step(&left, json!({ "to": "withdrawn", "reason": "Bekerja" })).ok();
        app.set_clock("2025-07-30T03:00:00Z");
        stage.seat(&late, &stage.class).ok();
        save(&stage.office_now(), &sessions[1], &[(&late, "H")])
            .invalid(&[("/marks/0/enrollment", "attendance.not_a_member")]);
        stage.step(early, json!({ "to": "on_leave", "reason": "Sakit" })).ok();
        stage.hold(&sessions[2], &[(early, "I"), (&late, "T")]).ok();
        stage.hold(&sessions[3], &[(&late, "A"), (&left, "H")])
            .invalid(&[("/marks/1/enrollment", "attendance.not_a_member")]);
        save(&stage.office_now(), &sessions[3], &[(&late, "A")]).ok();
        // A leave keeps the seat, and its hours count.
        assert_eq!(line(&stage, early)["rate"], rate(4, 16, "25"));
        assert_eq!(line(&stage, &late)["rate"], rate(4, 8, "50"));
        // What was attended on the day of leaving stays.
        assert_eq!(line(&stage, &left)["rate"], rate(4, 8, "50"));
        let roster = stage.office_now().get(&format!("/classes/{}/roster", stage.class)).ok().json();
        let hours = (&roster["lesson_hours_planned"], &roster["lesson_hours_delivered"]);
        assert_eq!(hours, (&json!(16), &json!(16)));
    }

    fn whoever_leaves_on_the_first_day_was_never_there(app: &App) {
        let (stage, _, sessions) = running(app, 1);
        stage.office.patch(&format!("/classes/{}", stage.class), "\"2\"", json!({ "seats": 4 })).ok();
        let brief = stage.waiting(&stage.student());
        stage.morning_of(&sessions[1]);
        stage.seat(&brief, &stage.class).ok();
        save(&stage.office_now(), &sessions[1], &[(&brief, "H")]).ok();
        stage.step(&brief, json!({ "to": "withdrawn", "reason": "Bekerja" })).ok();
        let nothing = json!({ "basis": "lesson_hours_held", "credited": 0, "held": 0, "percent": null });
        let record = stage.office_now().get(&format!("/enrollments/{brief}/attendance")).ok().json();
        assert_eq!((&record["rate"], &record["sessions"], &record["tally"]["present"]), (&nothing, &json!([]), &json!(0)));
        let line = line(&stage, &brief);
        assert_eq!((&line["rate"], &line["tally"]["present"]), (&nothing, &json!(0)));
    }

    fn on_the_day_of_coming_or_going_what_is_marked_counts(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        stage.office.patch(&format!("/classes/{}", stage.class), "\"2\"", json!({ "seats": 4 })).ok();
        let [late, marked] = [(); 2].map(|()| stage.waiting(&stage.student()));
        stage.hold(&sessions[0], &[(&members[0], "H")]).ok();
        // Both came on the day of the second session, and nobody knows whether before it.
        stage.morning_of(&sessions[1]);
        for person in [&late, &marked] {
            stage.seat(person, &stage.class).ok();
        }
        save(&stage.office_now(), &sessions[1], &[(&marked, "H")]).ok();
        let nothing = json!({ "basis": "lesson_hours_held", "credited": 0, "held": 0, "percent": null });
        let stands = |person: &str| (line(&stage, person)["rate"].clone(), line(&stage, person)["unmarked"].clone());
        assert_eq!(stands(&late), (nothing, json!(0)));
        assert_eq!(line(&stage, &marked)["rate"], rate(4, 4, "100"));
        // On the next day both belong to the class, and an empty place in the register is one.
        stage.hold(&sessions[2], &[(&marked, "A")]).ok();
        assert_eq!(stands(&late), (rate(0, 4, "0"), json!(1)));
        assert_eq!(line(&stage, &marked)["rate"], rate(4, 8, "50"));
        let path = format!("/enrollments/{late}/attendance");
        let record = stage.office_now().get(&path).ok().json();
        assert_eq!((&record["rate"], &record["unmarked"]), (&rate(0, 4, "0"), &json!(1)));
        assert_eq!(record["sessions"].as_array().unwrap().len(), 1);
    }

    fn whoever_is_decided_on_is_marked_by_the_province(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        let (decided, other) = (members[0].as_str(), members[1].as_str());
        let marks = [(decided, "H"), (other, "H")];
        for session in &sessions {
            stage.hold(session, &marks).ok();
        }
        stage.score(&stage.class, &members[..1], "80").ok();
        let path = format!("/classes/{}/completions", stage.class);
        stage.office_now().post(&path, json!({ "enrollments": [decided] })).ok();
        let read = || {
            let all = stage.office_now().get(&path).ok().json();
            all.as_array().unwrap().iter().find(|one| one["enrollment"] == decided).unwrap()["differs"].clone()
        };
        assert_eq!(read(), false);
        let (instructor, manager) = (stage.instructor_now(), app.manager(&stage.host));
        for staff in [&instructor, &manager] {
            // The register as it is says nothing new, and of the others it is still theirs.
            assert_eq!(results(&save(staff, &sessions[3], &marks).ok()), ["same", "same"]);
            save(staff, &sessions[3], &[(other, "S"), (decided, "A")])
                .invalid(&[("/marks/1/enrollment", "attendance.decided")]);
        }
        save(&instructor, &sessions[3], &[(other, "S"), (decided, "H")]).ok();
        assert_eq!((line(&stage, decided)["rate"].clone(), read()), (rate(16, 16, "100"), json!(false)));
        // The province changes it, and the decision no longer says what the register does.
        save(&stage.office_now(), &sessions[3], &[(decided, "A")]).ok();
        assert_eq!((line(&stage, decided)["rate"].clone(), read()), (rate(12, 16, "75"), json!(true)));
    }

    fn registers_of_eight_phones_all_land(app: &App) {
        let (stage, members, _) = running(app, 2);
        let curriculum = {
            let mut curriculum = given::curriculum();
            curriculum["modules"][1]["lesson_hours"] = json!(60);
            curriculum
        };
        let program = given::program("LONG").with("curriculum", curriculum);
        let program = stage.office_now().post("/programs", program).created().id();
        let longer = Stage { program: program.clone(), ..app.stage() };
        let agreement = given::agreement(&longer.host, &program).with("number", "PKS/LONG");
        let agreement = longer.office.post("/agreements", agreement).created().id();
        let cohort = crate::harness::open(&longer.office, &program);
        let class = given::class(&cohort, &longer.host, &agreement).with("instructor", longer.instructor.id.clone());
        let class = longer.office.post("/classes", class).created().id();
        let longer = Stage { agreement, cohort, class, ..longer };
        let people: Vec<String> = (0..2).map(|_| longer.seated(&longer.student())).collect();
        longer.move_class(&longer.class, "running").ok();
        let sessions = longer.timetable(&longer.class);
        assert_eq!(sessions.len(), 16);
        app.set_clock("2026-07-01T03:00:00Z");
        let instructor = longer.instructor_now();
        let marks = [(people[0].as_str(), "H"), (people[1].as_str(), "S")];
        for wave in sessions.chunks(8) {
            for answer in at_once(8, |turn| save(&instructor, &wave[turn], &marks)) {
                assert_eq!(results(&answer.ok()), ["new", "new"]);
            }
        }
        assert_eq!((app.count("attendance"), app.count("attendance_corrections")), (32, 0));
        assert_eq!(line(&longer, &people[0])["rate"], rate(64, 64, "100"));
        // Of eight who mark one session, one is first and the others correct or find it so.
        let answers = at_once(8, |turn| save(&instructor, &sessions[0], &[(&people[0], ["T", "A"][turn % 2])]));
        let changed: Vec<String> = answers.into_iter().flat_map(|answer| results(&answer.ok())).collect();
        let corrected = changed.iter().filter(|result| *result == "corrected").count();
        assert_eq!(i64::try_from(corrected).unwrap(), app.count("attendance_corrections"));
        assert_eq!((app.count("attendance"), members.len()), (32, 2));
    }

    fn whoever_stands_in_for_a_session_marks_that_one(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        let substitute = app.instructor(&stage.host);
        let path = |session: &Value| format!("/sessions/{}", text(&session["id"]));
        substitute.get(&path(&sessions[0])).not_there();
        save(&substitute, &sessions[0], &[(&members[0], "H")]).not_there();
        let moved = json!({ "instructor": substitute.id, "reason": "Pengajar sakit" });
        stage.office.acts(&path(&sessions[0]), "moves", moved);
        assert_eq!(substitute.get(&path(&sessions[0])).ok().json()["instructor"], json!(substitute.id));
        let lines = || {
            let register = substitute.get(&format!("{}/attendance", path(&sessions[0]))).ok().json();
            register["lines"].as_array().unwrap().iter().map(|line| line["mark"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(lines(), [Value::Null, Value::Null]);
        save(&substitute, &sessions[0], &[(&members[0], "H"), (&members[1], "S")]).ok();
        save(&substitute, &sessions[0], &[(&members[1], "H")]).ok();
        assert_eq!(lines().len(), 2);
        assert_eq!(app.count_where("attendance", "mark = 'H'"), 2);
        // The class's own instructor still may; of the other sessions, and of the class, the substitute sees nothing.
        save(&stage.instructor_now(), &sessions[0], &[(&members[0], "T")]).ok();
        stage.morning_of(&sessions[1]);
        let later = app.signed_in_again(&substitute);
        save(&later, &sessions[1], &[(&members[0], "H")]).not_there();
        for hidden in [
            path(&sessions[1]),
            format!("{}/attendance", path(&sessions[1])),
            format!("/classes/{}", stage.class),
            format!("/classes/{}/roster", stage.class),
            format!("/enrollments/{}", members[0]),
        ] {
            later.get(&hidden).not_there();
        }
        assert_eq!(later.all("/enrollments"), Vec::<Value>::new());
        assert_eq!(later.all("/participants"), Vec::<Value>::new());
    }

    fn an_instructor_is_in_one_place_at_a_time(app: &App) {
        let (stage, _, sessions) = running(app, 1);
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement)
            .with("name", "Perhotelan B")
            .with("instructor", stage.instructor.id.clone());
        let other = stage.office.post("/classes", body).created();
        let make = |staff: &crate::harness::Staff<'_>| {
            staff.call("POST", &format!("{}/timetable", other.location())).send()
        };
        make(&stage.office).status(409).refused("session.instructor_busy");
        assert_eq!(app.count("sessions"), 4, "a timetable is made whole or not at all");
        // A session that is called off frees its time.
        for session in &sessions {
            cancel(&stage, session).ok();
        }
        make(&stage.office).ok();
        let empty = given::class(&stage.cohort, &stage.host, &stage.agreement)
            .with("name", "Perhotelan C")
            .with("slots", json!([]));
        let empty = stage.office.post("/classes", empty).created();
        let none = stage.office.call("POST", &format!("{}/timetable", empty.location())).send();
        none.status(409).refused("session.no_slots");
    }

    fn a_timetable_is_made_once_however_often_it_is_asked_for(app: &App) {
        let stage = app.stage();
        let answers = at_once(4, |_| stage.office.call("POST", &format!("/classes/{}/timetable", stage.class)).send());
        for answer in answers {
            assert_eq!(answer.ok().json()["sessions"].as_array().unwrap().len(), 4);
        }
        assert_eq!(app.count("sessions"), 4);
        // Hours that do not fit are said.
        let short = given::class(&stage.cohort, &stage.host, &stage.agreement)
            .with("name", "Pendek")
            .with("ends_on", "2025-08-03");
        let short = stage.office.post("/classes", short).created();
        let made = stage.office.call("POST", &format!("{}/timetable", short.location())).send().ok().json();
        assert_eq!((&made["lesson_hours"], &made["uncovered"]), (&json!(16), &json!(8)));
    }
}
