//! Completions: a decision says what was required, what was there, and rests on it for ever.

use crate::harness::path::{save, score, text};
use crate::harness::{Answer, App, Stage, Value, at_once, figures_add_up, given, json};

/// A stage whose class runs, with these members; every session was held and everyone was there.
fn taught(app: &App, members: usize) -> (Stage<'_>, Vec<String>) {
    let stage = app.stage();
    stage.office.patch(&format!("/classes/{}", stage.class), "\"1\"", json!({ "seats": 10 })).ok();
    let members: Vec<String> = (0..members).map(|_| stage.seated(&stage.student())).collect();
    stage.teach(&members);
    (stage, members)
}

/// A decision, with everything confirmed that could be.
fn decide(stage: &Stage<'_>, mut body: Value) -> Answer {
    body["confirm"] = given::doubts();
    stage.office_now().post(&format!("/classes/{}/completions", stage.class), body)
}

/// Names of the requirements of a person that are not met.
fn unmet(stage: &Stage<'_>, enrollment: &str) -> Vec<String> {
    let people = stage.office_now().get(&format!("/classes/{}/completions", stage.class)).ok().json();
    let person = people.as_array().unwrap().iter().find(|one| one["enrollment"] == enrollment).unwrap();
    let requirements = person["evidence"]["requirements"].as_array().unwrap();
    requirements
        .iter()
        .filter(|one| one["met"] == false)
        .map(|one| one["subject"].as_str().unwrap_or_else(|| text(&one["kind"])).to_owned())
        .collect()
}

both! {
    fn every_requirement_is_weighed_by_itself(app: &App) {
        let stage = app.stage();
        stage.office.patch(&format!("/classes/{}", stage.class), "\"1\"", json!({ "seats": 10 })).ok();
        let members: Vec<String> = (0..4).map(|_| stage.seated(&stage.student())).collect();
        stage.move_class(&stage.class, "running").ok();
        for (turn, session) in stage.timetable(&stage.class).iter().enumerate() {
            // The second one misses one of four.
            let away = if turn == 0 { "A" } else { "H" };
            let marks = [(&*members[0], "H"), (&*members[1], away), (&*members[2], "T"), (&*members[3], "H")];
            stage.hold(session, &marks).ok();
        }
        assert_eq!(unmet(&stage, &members[0]), ["theory", "practice", "final_score"]);
        let scores = json!({ "scores": [
            score(&members[0], "theory", "55"), score(&members[0], "practice", "64"),
            score(&members[1], "theory", "90"), score(&members[1], "practice", "90"),
            score(&members[2], "theory", "54.99"), score(&members[2], "practice", "100"),
            score(&members[3], "theory", "55"), score(&members[3], "practice", "60"),
        ] });
        let office = stage.office_now();
        office.post(&format!("/classes/{}/scores", stage.class), scores).ok();
        assert_eq!(unmet(&stage, &members[0]), Vec::<String>::new());
        assert_eq!(unmet(&stage, &members[1]), ["attendance"]);
        assert_eq!(unmet(&stage, &members[2]), ["theory"]);
        // Both components are enough, and together they are not: 0.4 × 55 + 0.6 × 60 = 58.
        assert_eq!(unmet(&stage, &members[3]), ["final_score"]);
        let attempts = office.get(&format!("/enrollments/{}/scores", members[0])).ok().json();
        let [theory, practice] = [0, 1].map(|at| attempts[at]["id"].clone());
        let decided = decide(&stage, json!({ "enrollments": [members[0]] })).ok().json();
        let decision = &decided[0]["decision"];
        assert_eq!(
            *decision,
            json!({
                "id": decision["id"],
                "enrollment": members[0],
                "outcome": "completed",
                "decided_on": "2025-08-11",
                "decided_at": "2025-08-11T03:00:00Z",
                "decided_by": stage.office.id,
                "override_reason": null,
                "confirmed": [],
                "evidence": {
                    "met": true,
                    "requirements": [
                        { "kind": "attendance", "subject": null, "required": "80", "actual": "100", "met": true,
                          "rows": [] },
                        { "kind": "component", "subject": "theory", "required": "55", "actual": "55", "met": true,
                          "rows": [theory] },
                        { "kind": "component", "subject": "practice", "required": "60", "actual": "64", "met": true,
                          "rows": [practice] },
                        { "kind": "final_score", "subject": null, "required": "60", "actual": "60.4", "met": true,
                          "rows": [theory, practice] },
                    ],
                    "attendance": { "basis": "lesson_hours_held", "credited": 16, "held": 16, "percent": "100" },
                    "final_score": "60.4",
                    "predicate": { "id": "Cukup", "en": "Sufficient" },
                },
            })
        );
        assert_eq!(office.get(&format!("/enrollments/{}/completion", members[0])).ok().json(), *decision);
        office.get(&format!("/enrollments/{}/completion", members[1])).not_there();
        figures_add_up(app);
    }

    fn what_is_missing_says_what_would_be_enough(app: &App) {
        let stage = app.stage();
        stage.office.patch(&format!("/classes/{}", stage.class), "\"1\"", json!({ "seats": 10 })).ok();
        let members: Vec<String> = (0..2).map(|_| stage.seated(&stage.student())).collect();
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        assert_eq!(sessions.len(), 4, "of four lesson hours each");
        stage.hold(&sessions[0], &[(&members[0], "A"), (&members[1], "H")]).ok();
        let missing = |member: &str| {
            let people = stage.office_now().get(&format!("/classes/{}/completions", stage.class)).ok().json();
            let person = people.as_array().unwrap().iter().find(|one| one["enrollment"] == member).unwrap();
            person["missing"].clone()
        };
        let scores = [
            json!({ "kind": "component", "subject": "theory", "enough": "55", "retest_to": null, "coming": null }),
            json!({ "kind": "component", "subject": "practice", "enough": "60", "retest_to": null, "coming": null }),
            json!({ "kind": "final_score", "subject": null, "enough": "60", "retest_to": null, "coming": null }),
        ];
        // 80 % of 16 are 12.8: of the twelve that are to come all would not be enough.
        let away = json!({ "kind": "attendance", "subject": null, "enough": null, "retest_to": null, "coming": 12 });
        assert_eq!(missing(&members[0]).as_array().unwrap()[..], [&[away][..], &scores].concat());
        assert_eq!(missing(&members[1]).as_array().unwrap()[..], scores);
        // 0.4 × 80 are 32 of 60: the other 28 are 46.67 of the component that has no score yet.
        let theory = json!({ "scores": [score(&members[1], "theory", "80")] });
        stage.office_now().post(&format!("/classes/{}/scores", stage.class), theory).ok();
        assert_eq!(missing(&members[1])[1]["enough"], "46.67");
        // 0.6 × 10 are 6 of 60, and with all points of the other it would be 46: only a retest can bring it.
        let practice = json!({ "scores": [score(&members[0], "practice", "10")] });
        stage.office_now().post(&format!("/classes/{}/scores", stage.class), practice).ok();
        let low = &missing(&members[0])[3];
        assert_eq!((&low["enough"], &low["retest_to"]), (&Value::Null, &json!("60")));
        stage.hold(&sessions[1], &[(&members[0], "H"), (&members[1], "A")]).ok();
        stage.hold(&sessions[2], &[(&members[0], "H"), (&members[1], "H")]).ok();
        assert_eq!(missing(&members[1])[0]["enough"], json!(null), "8 of 12, and 4 more of 16 are 75 %");
    }

    fn what_is_open_is_confirmed_before_a_decision(app: &App) {
        let stage = app.stage();
        stage.office.patch(&format!("/classes/{}", stage.class), "\"1\"", json!({ "seats": 10 })).ok();
        let members: Vec<String> = (0..2).map(|_| stage.seated(&stage.student())).collect();
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        // One of two is marked, the second session has no register, two are to come.
        stage.hold(&sessions[0], &[(&members[0], "H")]).ok();
        app.set_clock("2025-07-29T03:00:00Z");
        stage.score(&stage.class, &members[..1], "80").ok();
        stage.office_now().acts(&format!("/sessions/{}", text(&sessions[3]["id"])), "cancellation", json!({ "reason": "Banjir" }));
        let path = format!("/classes/{}/completions", stage.class);
        let manager = app.manager(&stage.host);
        let of_class = ["completion.sessions_unreported", "completion.hours_to_come", "session.uncovered"];
        let of_person = ["completion.unmarked", "completion.no_result"];
        let seen = manager.get(&path).ok().json();
        let doubts = |person: &str| -> Vec<Value> {
            let one = seen.as_array().unwrap().iter().find(|one| one["enrollment"] == person).unwrap();
            one["doubts"].as_array().unwrap().clone()
        };
        let codes = |doubts: &[Value]| doubts.iter().map(|one| text(&one["code"]).to_owned()).collect::<Vec<_>>();
        assert_eq!(codes(&doubts(&members[0])), of_class);
        assert_eq!(codes(&doubts(&members[1])), [&of_class[..], &of_person].concat());
        assert!(text(&doubts(&members[0])[1]["sentence"]).starts_with("4 jam pelajaran masih akan berlangsung."));
        let refused = manager.post(&path, json!({})).refused("input.confirmation_required").json();
        assert_eq!(refused["facts"]["warnings"], [&of_class[..], &of_person].concat().join(", "));
        assert_eq!(app.count("completions"), 0);
        // One who has no mark missing asks for less; what is confirmed stands beside the decision.
        let one = json!({ "enrollments": [members[0]], "confirm": of_class[..2] });
        let refused = manager.post(&path, one).refused("input.confirmation_required").json();
        assert_eq!(refused["facts"]["warnings"], "session.uncovered");
        let one = json!({ "enrollments": [members[0]], "confirm": of_class });
        let decided = manager.post(&path, one).ok().json();
        assert_eq!((&decided[0]["decision"]["confirmed"], &decided[0]["doubts"]), (&json!(of_class), &Value::Null));
        let told = "action = 'completion.decided' AND detail LIKE '%completion.hours_to_come%'";
        assert_eq!(app.count_where("audit_events", told), 1);
        figures_add_up(app);
    }

    fn a_decision_is_opened_again_by_the_province_and_stays_on_record(app: &App) {
        let (stage, members) = taught(app, 2);
        stage.score(&stage.class, &members[..1], "59").ok();
        stage.score(&stage.class, &members[1..], "80").ok();
        decide(&stage, json!({})).ok();
        stage.move_class(&stage.class, "completed").ok();
        let office = stage.office_now();
        let path = format!("/enrollments/{}", members[0]);
        let chain = format!("{path}/completions");
        let first = office.get(&format!("{path}/completion")).ok().json();
        assert_eq!(first["outcome"], "not_completed");
        assert_eq!(office.get(&chain).ok().json(), json!({ "decision": first, "reopened": [] }));
        let (etag, reason) = (office.get(&path).ok().etag(), "Nilai praktik keliru dicatat");
        let reopening = format!("{path}/completion/reopening");
        app.manager(&stage.host).post_change(&reopening, &etag, json!({ "reason": reason })).denied();
        office.post_change(&reopening, &etag, json!({ "reason": " " })).invalid(&[("/reason", "field.required")]);
        office.post_change(&reopening, "\"1\"", json!({ "reason": reason })).status(412);
        let opened = office.post_change(&reopening, &etag, json!({ "reason": reason })).ok();
        let earlier = json!({
            "decision": first, "reopened_at": "2025-08-11T03:00:00Z", "reopened_by": stage.office.id, "reason": reason,
        });
        assert_eq!(opened.json(), json!({ "decision": null, "reopened": [earlier] }));
        office.get(&format!("{path}/completion")).not_there();
        let read = office.get(&path).ok();
        assert_eq!((read.etag(), read.json()["state"].clone()), (opened.etag(), json!("active")));
        let last = read.json()["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(
            (&last["from"], &last["to"], &last["reason"]),
            (&json!("not_completed"), &json!("active"), &json!(reason))
        );
        // Nothing is open twice, and the class, which is over, belongs to the province.
        office.post_change(&reopening, &opened.etag(), json!({ "reason": reason })).not_there();
        let better = json!({ "scores": [score(&members[0], "practice", "90"), score(&members[0], "theory", "70")] });
        let (scores, completions) =
            (format!("/classes/{}/scores", stage.class), format!("/classes/{}/completions", stage.class));
        app.manager(&stage.host).post(&scores, better.clone()).status(409).refused("class.state");
        office.post(&scores, better).ok();
        app.manager(&stage.host).post(&completions, json!({})).status(409).refused("class.state");
        let decided = decide(&stage, json!({})).ok().json();
        assert_eq!(decided.as_array().unwrap().len(), 1);
        let second = decided[0]["decision"].clone();
        assert_eq!((&second["id"], &second["outcome"]), (&first["id"], &json!("completed")));
        assert_eq!(office.get(&chain).ok().json(), json!({ "decision": second, "reopened": [earlier] }));
        assert_eq!(app.count_where("audit_events", &format!("reason = '{reason}'")), 1);
        figures_add_up(app);
    }

    fn a_decision_with_a_certificate_stays_until_that_is_revoked(app: &App) {
        let (stage, members) = taught(app, 1);
        stage.score(&stage.class, &members, "80").ok();
        decide(&stage, json!({})).ok();
        let issued = stage.issue(&stage.class).ok().json();
        let certificate = format!("/certificates/{}", text(&issued[0]["certificate"]["id"]));
        let office = stage.office_now();
        let path = format!("/enrollments/{}", members[0]);
        let (etag, body) = (office.get(&path).ok().etag(), json!({ "reason": "Nilai keliru" }));
        let reopening = format!("{path}/completion/reopening");
        office.post_change(&reopening, &etag, body.clone()).status(409).refused("completion.certified");
        office.acts(&certificate, "revocation", json!({ "reason": "Nilai keliru" }));
        assert_eq!(stage.issue(&stage.class).ok().json()[0]["code"], "certificate.revoked");
        office.post_change(&reopening, &etag, body).ok();
        // What is decided anew gets a certificate of its own.
        app.wait(chrono::Duration::minutes(5));
        decide(&stage, json!({})).ok();
        let again = stage.issue(&stage.class).ok().json();
        assert_ne!(again[0]["certificate"]["number"], issued[0]["certificate"]["number"]);
        office.get(&certificate).ok();
        assert_eq!(app.count("certificates"), 2);
        figures_add_up(app);
    }

    fn scores_of_a_class_are_read_at_once(app: &App) {
        let (stage, members) = taught(app, 2);
        stage.score(&stage.class, &members, "59").ok();
        stage.score(&stage.class, &members[..1], "75").ok();
        let all = stage.office_now().get(&format!("/classes/{}/scores", stage.class)).ok().json();
        let all = all.as_array().unwrap();
        assert_eq!(all.len(), 6);
        let one = stage.office_now().get(&format!("/enrollments/{}/scores", members[0])).ok().json();
        let theirs: Vec<&Value> = all.iter().filter(|score| score["enrollment"] == *members[0]).collect();
        assert_eq!(theirs, one.as_array().unwrap().iter().collect::<Vec<_>>());
        // Another school sees its own students alone.
        let elsewhere = stage.office_now().post("/partners", given::school(88)).created().id();
        let other = app.coordinator(&elsewhere);
        other.get(&format!("/classes/{}/scores", stage.class)).not_there();
    }

    fn what_a_decision_rests_on_is_frozen(app: &App) {
        let (stage, members) = taught(app, 1);
        stage.score(&stage.class, &members, "59").ok();
        // A further score is the next attempt, and the best one counts.
        stage.score(&stage.class, &members, "75").ok();
        let attempts = stage.office_now().get(&format!("/enrollments/{}/scores", members[0])).ok().json();
        let numbers: Vec<&Value> = attempts.as_array().unwrap().iter().map(|one| &one["attempt"]).collect();
        assert_eq!(numbers, [1, 1, 2, 2]);
        decide(&stage, json!({})).ok();
        let path = format!("/enrollments/{}/completion", members[0]);
        let before = stage.office_now().get(&path).ok().json();
        assert_eq!(before["evidence"]["final_score"], "75");
        let session = stage.office_now().get(&format!("/classes/{}/sessions", stage.class)).ok().items().remove(0);
        stage.hold(&session, &[(&members[0], "A")]).ok();
        app.set_clock("2025-08-12T03:00:00Z");
        assert_eq!(stage.office_now().get(&path).ok().json(), before);
        let score = json!({ "scores": [score(&members[0], "theory", "99")] });
        let late = stage.office_now().post(&format!("/classes/{}/scores", stage.class), score);
        late.invalid(&[("/scores/0/enrollment", "assessment.decided")]);
    }

    fn nothing_is_decided_twice(app: &App) {
        let (stage, members) = taught(app, 3);
        stage.score(&stage.class, &members, "80").ok();
        let body = json!({ "enrollments": [members[0]] });
        let office = stage.office_now();
        let path = format!("/classes/{}/completions", stage.class);
        let answers = at_once(4, |_| office.post(&path, body.clone()));
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.status(409).refused("completion.already_recorded");
        }
        // Everyone is whoever is active: the first is left as decided, one is on leave.
        stage.step(&members[1], json!({ "to": "on_leave", "reason": "Sakit" })).ok();
        decide(&stage, json!({ "enrollments": [members[1]] })).status(409).refused("enrollment.not_active");
        let decided = decide(&stage, json!({})).ok().json();
        assert_eq!(decided.as_array().unwrap().iter().map(|one| &one["enrollment"]).collect::<Vec<_>>(), [&members[2]]);
        assert_eq!(decide(&stage, json!({})).ok().json(), json!([]));
        assert_eq!(app.count("completions"), 2);
        figures_add_up(app);
    }

    fn steps_and_a_decision_at_once_leave_one_truth(app: &App) {
        let (stage, members) = taught(app, 6);
        stage.score(&stage.class, &members, "80").ok();
        let office = stage.office_now();
        let answers = at_once(7, |turn| match members.get(turn) {
            Some(member) => {
                let to = if turn % 2 == 0 { "on_leave" } else { "withdrawn" };
                let path = format!("/enrollments/{member}/transitions");
                office.post_change(&path, "\"2\"", json!({ "to": to, "reason": "Sakit lama" }))
            }
            None => office.post(&format!("/classes/{}/completions", stage.class), json!({})),
        });
        for (turn, answer) in answers.into_iter().enumerate() {
            assert!(matches!(answer.status, 200 | 412) && (turn < 6 || answer.status == 200), "{answer}");
        }
        for member in &members {
            let read = office.get(&format!("/enrollments/{member}")).ok().json();
            let history = read["history"].as_array().unwrap();
            assert_eq!(history.len(), 4, "{read}");
            assert!(history.windows(2).all(|pair| pair[0]["to"] == pair[1]["from"]), "{read}");
            assert_eq!(read["state"], history[3]["to"]);
        }
        figures_add_up(app);
    }

    fn registers_and_a_decision_at_once_agree(app: &App) {
        let (stage, members) = taught(app, 8);
        stage.score(&stage.class, &members, "80").ok();
        let manager = app.manager(&stage.host);
        let sessions = manager.get(&format!("/classes/{}/sessions", stage.class)).ok().items();
        let path = format!("/classes/{}/completions", stage.class);
        let answers = at_once(17, |turn| match turn {
            8 => manager.post(&path, json!({})),
            _ => save(&manager, &sessions[turn % 4], &[(&members[turn % 8], "A")]),
        });
        for (turn, answer) in answers.into_iter().enumerate() {
            assert!(turn != 8 || answer.status == 200, "{answer}");
            if answer.status != 200 {
                answer.invalid(&[("/marks/0/enrollment", "attendance.decided")]);
            }
        }
        let people = manager.get(&path).ok().json();
        for one in people.as_array().unwrap() {
            assert_eq!((one["decision"].is_null(), &one["differs"]), (false, &json!(false)), "{one}");
        }
        figures_add_up(app);
    }

    fn only_the_province_overrides_and_says_why(app: &App) {
        let (stage, members) = taught(app, 2);
        let reason = "Nilai praktik diambil ulang di industri";
        let body = json!({ "enrollments": [members[0]], "override_reason": reason, "confirm": given::doubts() });
        let path = format!("/classes/{}/completions", stage.class);
        app.manager(&stage.host).post(&path, body.clone()).denied();
        // An override is for people who are named, never for a whole class.
        decide(&stage, json!({ "override_reason": reason }))
            .invalid(&[("/enrollments", "completion.override_names")]);
        decide(&stage, json!({ "enrollments": [members[0]], "override_reason": " " }))
            .invalid(&[("/override_reason", "field.required")]);
        let decided = decide(&stage, body).ok().json();
        let decision = &decided[0]["decision"];
        assert_eq!((&decision["outcome"], &decision["override_reason"]), (&json!("completed"), &json!(reason)));
        assert_eq!(decision["evidence"]["met"], false, "the evidence is not made better than it is");
        let manager = app.manager(&stage.host);
        let decided = manager.post(&path, given::decision()).ok().json();
        assert_eq!(decided[0]["decision"]["outcome"], "not_completed");
        assert_eq!(app.count_where("audit_events", &format!("reason = '{reason}'")), 1);
        figures_add_up(app);
    }

    fn an_override_of_somebody_who_meets_everything_is_an_ordinary_decision(app: &App) {
        let (stage, members) = taught(app, 2);
        stage.score(&stage.class, &members[..1], "80").ok();
        let reason = "Nilai praktik diambil ulang di industri";
        let decided = decide(&stage, json!({ "enrollments": members, "override_reason": reason })).ok().json();
        let of = |member: &str| {
            let one = decided.as_array().unwrap().iter().find(|one| one["enrollment"] == member).unwrap();
            (one["decision"]["outcome"].clone(), one["decision"]["override_reason"].clone())
        };
        assert_eq!(of(&members[0]), (json!("completed"), Value::Null));
        assert_eq!(of(&members[1]), (json!("completed"), json!(reason)));
    }

    fn a_cohort_is_looked_at_page_by_page(app: &App) {
        let stage = app.stage();
        stage.office.patch(&format!("/classes/{}", stage.class), "\"1\"", json!({ "seats": 10 })).ok();
        let members: Vec<String> = (0..3).map(|_| stage.seated(&stage.student())).collect();
        let (alone, other) = (stage.waiting(&stage.student()), stage.class_of(5));
        stage.seat(&alone, &other).ok();
        // Who waits for a seat is not looked at yet.
        stage.waiting(&stage.student());
        stage.teach(&members);
        stage.score(&stage.class, &members[..2], "80").ok();
        // One goes to another class and brings along what was attended here.
        let office = stage.office_now();
        let moved = format!("/enrollments/{}", members[2]);
        let body = json!({ "class": other, "reason": "Pindah rumah" });
        office.post_change(&format!("{moved}/transfers"), &office.get(&moved).ok().etag(), body).ok();
        decide(&stage, json!({ "enrollments": [members[0]] })).ok();
        let path = format!("/cohorts/{}/completions", stage.cohort);
        let all = office.all(&format!("{path}?limit=1"));
        let mut by_class: Vec<Value> = [&stage.class, &other].iter().flat_map(|class| {
            office.get(&format!("/classes/{class}/completions")).ok().json().as_array().unwrap().clone()
        }).collect();
        by_class.sort_by_key(|one| crate::harness::id(text(&one["enrollment"])).as_i64());
        assert_eq!(all, by_class, "the same as of their classes");
        assert_eq!(all.len(), 4);
        let names = |query: &str| -> Vec<String> {
            let found = office.all(&format!("{path}?{query}"));
            found.iter().map(|one| text(&one["enrollment"]).to_owned()).collect()
        };
        assert_eq!(names("ready=true"), [members[1].clone()]);
        assert_eq!(names("ready=false&limit=1"), [members[2].clone(), alone.clone()]);
        assert_eq!(names(&format!("class={other}")), [members[2].clone(), alone]);
        office.get(&format!("{path}?class=x")).invalid(&[("/class", "field.id")]);
        let elsewhere = app.coordinator(&app.school(stage.regency));
        assert_eq!(elsewhere.all(&path), Vec::<Value>::new(), "another school sees its own students alone");
        app.office("31").get(&path).not_there();
        app.observer("18").get(&path).denied();
    }

    fn a_decision_is_for_members_of_a_class_that_runs(app: &App) {
        let stage = app.stage();
        let member = stage.seated(&stage.student());
        decide(&stage, json!({})).status(409).refused("class.state");
        stage.move_class(&stage.class, "running").ok();
        let stranger = stage.waiting(&stage.student());
        decide(&stage, json!({ "enrollments": [member, stranger] }))
            .invalid(&[("/enrollments/1", "reference.unknown")]);
        decide(&stage, json!({ "enrollments": ["x"] })).invalid(&[("/enrollments/0", "field.id")]);
        decide(&stage, json!({ "enrollments": [] })).invalid(&[("/enrollments", "field.length")]);
        stage.move_class(&stage.class, "completed").status(409).refused("class.undecided");
        stage.step(&member, json!({ "to": "withdrawn", "reason": "Bekerja" })).ok();
        stage.move_class(&stage.class, "completed").ok();
        let path = format!("/classes/{}/completions", stage.class);
        app.manager(&stage.host).post(&path, json!({})).status(409).refused("class.state");
        assert_eq!(decide(&stage, json!({})).ok().json(), json!([]), "the province finds nobody whom it opened again");
        assert_eq!(app.count("completions"), 0);
    }

    fn scores_are_recorded_all_or_none(app: &App) {
        let stage = app.stage();
        let member = stage.seated(&stage.student());
        let stranger = stage.waiting(&stage.student());
        let path = format!("/classes/{}/scores", stage.class);
        let good = json!({ "scores": [score(&member, "theory", "70")] });
        stage.office.post(&path, good.clone()).status(409).refused("class.state");
        stage.move_class(&stage.class, "running").ok();
        let office = stage.office_now();
        office
            .post(&path, json!({ "scores": [
                score(&member, "theory", "70"), score(&member, "attitude", "70"), score(&stranger, "theory", "70"),
            ] }))
            .invalid(&[
                ("/scores/1/component", "assessment.component_unknown"),
                ("/scores/2/enrollment", "assessment.not_a_member"),
            ]);
        for points in ["100.01", "-1", "70.555", "1e2", "", "tujuh"] {
            let code = if points.is_empty() { "field.required" } else { "score.range" };
            office.post(&path, json!({ "scores": [score(&member, "theory", points)] }))
                .invalid(&[("/scores/0/score", code)]);
        }
        assert_eq!(app.count("scores"), 0);
        // Attempts of many at once are numbered without a clash.
        for answer in at_once(6, |_| office.post(&path, good.clone())) {
            answer.ok();
        }
        assert_eq!(app.count_where("scores", "attempt = 6"), 1);
    }

    fn an_exam_outside_is_a_requirement_of_its_own(app: &App) {
        let stage = app.stage();
        let mut curriculum = given::curriculum();
        curriculum["completion"]["external_exam"] = json!({ "exam": "JLPT", "level": "N5" });
        let path = format!("/programs/{}/versions", stage.program);
        let etag = stage.office.get(&format!("/programs/{}", stage.program)).ok().etag();
        let version = json!({ "valid_from": "2025-06-01", "curriculum": curriculum });
        stage.office.post_change(&path, &etag, version).ok();
        // The cohort keeps the version it began under; a later one takes the new version.
        let member = stage.seated(&stage.student());
        assert_eq!(unmet(&stage, &member), ["attendance", "theory", "practice", "final_score"]);
        let cohort = given::cohort(&stage.program).with("name", "Sesudahnya");
        let cohort = stage.office.post("/cohorts", cohort).created();
        assert_eq!(cohort.json()["pinned"]["number"], 2);
        stage.office.post_change(&format!("{}/state", cohort.location()), &cohort.etag(), json!({ "to": "open" })).ok();
        let class = given::class(&cohort.id(), &stage.host, &stage.agreement).with("name", "Sesudahnya");
        let class = stage.office.post("/classes", class).created().id();
        let later = Stage { cohort: cohort.id(), class, ..stage };
        let member = later.seated(&later.student());
        assert_eq!(unmet(&later, &member), ["attendance", "theory", "practice", "final_score", "JLPT"]);
    }
}
