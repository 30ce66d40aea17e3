//! Seats and the steps of an enrollment: never more people than seats, whatever happens at the same time.

use std::collections::BTreeMap;

use crate::harness::path::{apply_plan, fill, left, seating_plan, step, text};
use crate::harness::{Answer, App, Stage, Value, at_once, figures_add_up, given, json};

/// Tries to seat each of these people, all at the same moment.
fn seat_at_once(stage: &Stage<'_>, waiting: &[String], class: &str) -> Vec<Answer> {
    at_once(waiting.len(), |turn| {
        let path = format!("/enrollments/{}/transitions", waiting[turn]);
        stage.office.post_change(&path, "\"1\"", json!({ "to": "active", "class": class, "reason": "Keputusan dinas" }))
    })
}

/// So many sit, and everyone else was told that the class is full.
#[track_caller]
fn took_turns(stage: &Stage<'_>, answers: Vec<Answer>, class: &str, seats: usize) {
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), seats, "{answers:?}");
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        answer.status(409).refused("class.full");
    }
    seated(stage, class, seats);
}

/// The class, its members and the figures agree on how many sit in it.
#[track_caller]
fn seated(stage: &Stage<'_>, class: &str, people: usize) {
    let members = stage.office.all(&format!("/enrollments?class={class}&state=active"));
    assert_eq!(members.len(), people);
    assert_eq!(stage.office.get(&format!("/classes/{class}")).ok().json()["seated"], people);
    figures_add_up(stage.app);
}

/// A second cohort of the same program and period with a class of its own, and the class's agreement.
fn elsewhere(stage: &Stage<'_>) -> (String, String) {
    let cohort = stage.office.post("/cohorts", given::cohort(&stage.program).with("name", "Gelombang 2")).created();
    stage.office.post_change(&format!("{}/state", cohort.location()), &cohort.etag(), json!({ "to": "open" })).ok();
    let class = given::class(&cohort.id(), &stage.host, &stage.agreement).with("name", "Kelas lain");
    (cohort.id(), stage.office.post("/classes", class).created().id())
}

/// Registers a person for a cohort.
fn apply(stage: &Stage<'_>, cohort: &str, participant: &str) -> Answer {
    stage.office.post(&format!("/cohorts/{cohort}/enrollments"), json!({ "participant": participant }))
}

both! {
    fn the_last_seat_is_taken_once(app: &App) {
        let stage = app.stage();
        let class = stage.class_of(1);
        let waiting = stage.queue(16);
        let answers = seat_at_once(&stage, &waiting, &class);
        took_turns(&stage, answers, &class, 1);
    }

    fn sixty_four_people_share_twenty_seats(app: &App) {
        let stage = app.stage();
        let class = stage.class_of(20);
        let waiting = stage.queue(64);
        let answers = seat_at_once(&stage, &waiting, &class);
        took_turns(&stage, answers, &class, 20);
        assert_eq!(app.count_where("enrollment_transitions", "to_state = 'active'"), 20);
    }

    fn filling_classes_and_seating_one_by_one_at_once_never_exceeds(app: &App) {
        let stage = app.stage();
        stage.move_class(&stage.class, "cancelled").ok();
        let class = stage.class_of(10);
        let waiting = stage.queue(24);
        let answers = at_once(28, |turn| {
            if turn % 7 == 3 {
                let plan = stage.office.call("POST", &format!("/cohorts/{}/seating-plans", stage.cohort)).send();
                return if plan.status == 201 { apply_plan(&stage.office, &plan.id(), &plan.etag()) } else { plan };
            }
            let path = format!("/enrollments/{}/transitions", waiting[turn - (turn + 3) / 7]);
            let body = json!({ "to": "active", "class": class, "reason": "Keputusan dinas" });
            stage.office.post_change(&path, "\"1\"", body)
        });
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            // Who was seated with all the others has changed since, and so has a plan that was not applied at once.
            let told = answer.json()["code"].clone();
            let told = ["resource.stale", "class.full", "seating_plan.moved"].map(Value::from).contains(&told);
            assert!(told, "{answer}");
        }
        seated(&stage, &class, 10);
        assert_eq!(app.count_where("enrollment_transitions", "to_state = 'active'"), 10);
    }

    fn a_person_has_one_place_in_a_cohort(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let answers = at_once(8, |_| apply(&stage, &stage.cohort, &person));
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.status(409).refused("enrollment.exists");
        }
        assert_eq!(app.count("enrollments"), 1);
        // Who left may come back.
        let rows = stage.office.all("/enrollments");
        stage.step(text(&rows[0]["id"]), json!({ "to": "withdrawn", "reason": "Pindah" })).ok();
        apply(&stage, &stage.cohort, &person).created();
        apply(&stage, &stage.cohort, &person).refused("enrollment.exists");
        figures_add_up(app);
    }

    fn a_person_sits_in_one_class_of_a_period(app: &App) {
        let stage = app.stage();
        let (cohort, other) = elsewhere(&stage);
        let people = [stage.student(), stage.student()];
        let first = stage.waiting(&people[0]);
        stage.seat(&first, &stage.class).ok();
        let second = apply(&stage, &cohort, &people[0]).created().id();
        let to_other = json!({ "to": "active", "class": other });
        stage.step(&second, to_other).status(409).refused("enrollment.overlap");
        // Filling the classes leaves the person out and says why.
        let plan = fill(&stage.office, &cohort);
        assert_eq!(left(&stage.office, &plan), [(second.clone(), "overlap".to_owned())]);
        let confirmed = json!({ "to": "active", "class": other, "confirm": ["enrollment.overlap"] });
        stage.step(&second, confirmed).ok();
        // Of two seats in two classes at once one is given.
        let here = stage.waiting(&people[1]);
        let there = apply(&stage, &cohort, &people[1]).created().id();
        let wanted = [(&here, &stage.class), (&there, &other)];
        let answers = at_once(2, |turn| {
            let (enrollment, class) = wanted[turn];
            let path = format!("/enrollments/{enrollment}/transitions");
            let body = json!({ "to": "active", "class": class, "reason": "Keputusan dinas" });
            stage.office.post_change(&path, "\"1\"", body)
        });
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        answers.into_iter().find(|answer| answer.status != 200).unwrap().refused("enrollment.overlap");
        figures_add_up(app);
    }

    fn a_seat_that_is_given_back_goes_to_the_next(app: &App) {
        let stage = app.stage();
        let class = stage.class_of(1);
        let waiting = stage.queue(3);
        let position = |enrollment: &str| {
            stage.office.get(&format!("/enrollments/{enrollment}")).ok().json()["position"].clone()
        };
        assert_eq!([position(&waiting[0]), position(&waiting[1]), position(&waiting[2])], [1, 2, 3].map(Value::from));
        stage.seat(&waiting[0], &class).ok();
        assert_eq!([position(&waiting[0]), position(&waiting[1])], [Value::Null, Value::from(1)]);
        stage.seat(&waiting[1], &class).status(409).refused("class.full");
        assert_eq!(position(&waiting[1]), 1, "who found the class full keeps the place");
        let left = json!({ "to": "dropped_out", "reason": "Bekerja" });
        let detail = stage.step(&waiting[0], left).ok().json();
        assert_eq!((&detail["state"], &detail["left_on"]), (&json!("dropped_out"), &json!("2025-07-21")));
        seated(&stage, &class, 0);
        stage.seat(&waiting[1], &class).ok();
        assert_eq!(position(&waiting[2]), 1);
        seated(&stage, &class, 1);
    }

    fn every_step_that_is_not_drawn_is_refused(app: &App) {
        let stage = app.stage();
        let roomy = stage.class_of(60);
        let states = [
            ("applied", &["waitlisted", "withdrawn", "dropped_out"][..]),
            ("waitlisted", &["active", "withdrawn", "dropped_out"]),
            ("active", &["on_leave", "withdrawn", "dropped_out"]),
            ("on_leave", &["active", "withdrawn", "dropped_out"]),
            ("completed", &[]),
            ("not_completed", &[]),
            ("withdrawn", &[]),
            ("dropped_out", &[]),
        ];
        let mut advanced = given::program("JPN4");
        advanced = advanced.with("curriculum", {
            let mut curriculum = given::curriculum();
            curriculum["prerequisites"] = json!([{ "any_of": [{ "program": "JPN5" }] }]);
            curriculum
        });
        let advanced = stage.office.post("/programs", advanced).created().id();
        let advanced = crate::harness::open(&stage.office, &advanced);
        let enter = |state: &str| -> String {
            if state == "applied" {
                return apply(&stage, &advanced, &stage.student()).created().id();
            }
            let enrollment = stage.waiting(&stage.student());
            let leave = |to: &str| drop(stage.step(&enrollment, json!({ "to": to, "reason": "Sakit lama" })).ok());
            if !matches!(state, "waitlisted" | "withdrawn" | "dropped_out") {
                stage.seat(&enrollment, &roomy).ok();
            }
            match state {
                "on_leave" | "withdrawn" | "dropped_out" => leave(state),
                "completed" | "not_completed" => {
                    let reason = (state == "completed").then_some("Uji ulang di lapangan");
                    let body = json!({ "enrollments": [enrollment], "override_reason": reason, "confirm": given::doubts() });
                    stage.office.post(&format!("/classes/{roomy}/completions"), body).ok();
                }
                _ => {}
            }
            enrollment
        };
        stage.move_class(&roomy, "running").ok();
        for (from, allowed) in states {
            let kept = enter(from);
            for (to, _) in states {
                let body = json!({ "to": to, "class": roomy, "reason": "Atas permintaan sendiri" });
                if !allowed.contains(&to) {
                    let refused = stage.step(&kept, body).status(409).refused("enrollment.transition");
                    assert_eq!(refused.json()["facts"], json!({ "from": from, "to": to }));
                    continue;
                }
                let moved = stage.step(&enter(from), body).ok().json();
                assert_eq!(moved["state"], to);
                let last = moved["history"].as_array().unwrap().last().unwrap();
                assert_eq!((&last["from"], &last["to"]), (&json!(from), &json!(to)));
                assert_eq!(last["account"], stage.office.id);
            }
        }
        figures_add_up(app);
    }

    fn a_step_says_what_it_needs(app: &App) {
        let stage = app.stage();
        let waiting = stage.queue(2);
        stage.step(&waiting[0], json!({})).invalid(&[("/to", "field.required")]);
        stage.step(&waiting[0], json!({ "to": "seated" })).invalid(&[("/to", "field.unknown_value")]);
        stage.step(&waiting[0], json!({ "to": "active" })).invalid(&[("/class", "enrollment.class_required")]);
        let nowhere = json!({ "to": "active", "class": waiting[1] });
        stage.step(&waiting[0], nowhere).invalid(&[("/class", "reference.unknown")]);
        for to in ["withdrawn", "dropped_out"] {
            stage.step(&waiting[0], json!({ "to": to })).invalid(&[("/reason", "enrollment.reason_required")]);
        }
        stage.seat(&waiting[0], &stage.class).ok();
        stage.step(&waiting[0], json!({ "to": "on_leave" })).invalid(&[("/reason", "enrollment.reason_required")]);
        let (_, other) = elsewhere(&stage);
        stage.seat(&waiting[1], &other).status(409).refused("class.other_cohort");
        let gone = stage.class_of(5);
        stage.move_class(&gone, "cancelled").ok();
        stage.seat(&waiting[1], &gone).status(409).refused("class.state");
        assert_eq!(app.count_where("enrollments", "state = 'active'"), 1);
    }

    fn a_minor_sits_with_a_guardians_consent(app: &App) {
        let stage = app.stage();
        let student = |birth_date: &str| {
            let body = given::student(u32::try_from(app.number()).unwrap()).with("school", stage.school.clone());
            stage.office.post("/participants", body.without("nik").with("birth_date", birth_date)).created().id()
        };
        // Seventeen on the day before the birthday, eighteen on it.
        let minor = student("2007-07-22");
        let of_age = stage.waiting(&student("2007-07-21"));
        stage.seat(&of_age, &stage.class).ok();
        let enrollment = stage.waiting(&minor);
        stage.seat(&enrollment, &stage.class).status(409).refused("consent.missing");
        let consents = format!("/participants/{minor}/consents");
        // Another purpose is another consent.
        stage.office.post(&consents, given::consent().with("purpose", "publication")).created();
        stage.seat(&enrollment, &stage.class).refused("consent.missing");
        let given_one = stage.office.post(&consents, given::consent()).created();
        let withdrawal = format!("{}/withdrawal", given_one.location());
        stage.office.call("POST", &withdrawal).if_match(&given_one.etag()).send().ok();
        stage.seat(&enrollment, &stage.class).refused("consent.missing");
        let plan = stage.fill();
        assert_eq!(left(&stage.office, &plan), [(enrollment.clone(), "consent_missing".to_owned())]);
        stage.office.post(&consents, given::consent().with("given_on", "2025-07-21")).created();
        stage.seat(&enrollment, &stage.class).ok();
        seated(&stage, &stage.class, 2);
    }

    fn a_school_takes_registrations_back_and_no_more(app: &App) {
        let stage = app.stage();
        let coordinator = app.coordinator(&stage.school);
        let enrollment = stage.waiting(&stage.student());
        let act = |to: &str| {
            step(&coordinator, &enrollment, json!({ "to": to, "class": stage.class, "reason": "Pindah sekolah" }))
        };
        act("active").denied();
        act("waitlisted").denied();
        stage.seat(&enrollment, &stage.class).ok();
        act("on_leave").denied();
        coordinator.call("POST", &format!("/cohorts/{}/seating-plans", stage.cohort)).send().denied();
        assert_eq!(act("withdrawn").ok().json()["state"], "withdrawn");
        seated(&stage, &stage.class, 0);
    }

    fn an_agreements_seats_are_planned_once(app: &App) {
        let stage = app.stage();
        let body = given::agreement(&stage.host, &stage.program).with("number", "PKS/50").with("seats", 50);
        let agreement = stage.office.post("/agreements", body).created();
        let class = |turn: usize| {
            given::class(&stage.cohort, &stage.host, &agreement.id())
                .with("name", format!("Kelas {turn}"))
                .with("seats", 10)
        };
        let answers = at_once(12, |turn| stage.office.post("/classes", class(turn)));
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 5, "{answers:?}");
        let made: Vec<String> =
            answers.iter().filter(|answer| answer.status == 201).map(Answer::location).collect();
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.status(409).refused("agreement.seats_used");
        }
        let planned = || stage.office.get(&agreement.location()).ok().json()["seats_planned"].clone();
        assert_eq!(planned(), 50);
        stage.office.patch(&made[0], "\"1\"", json!({ "seats": 11 })).refused("agreement.seats_used");
        // Seats that one class gives up are there for another, once.
        stage.office.patch(&made[0], "\"1\"", json!({ "seats": 4 })).ok();
        let answers = at_once(4, |turn| stage.office.patch(&made[turn + 1], "\"1\"", json!({ "seats": 16 })));
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        assert_eq!(planned(), 50);
        figures_add_up(app);
    }

    fn seats_are_never_fewer_than_people(app: &App) {
        let stage = app.stage();
        let class = stage.class_of(3);
        for enrollment in stage.queue(2) {
            stage.seat(&enrollment, &class).ok();
        }
        let path = format!("/classes/{class}");
        let refused = stage.office.patch(&path, "\"1\"", json!({ "seats": 1 })).status(409);
        assert_eq!(refused.refused("class.seats_below_seated").json()["facts"], json!({ "seated": "2" }));
        stage.move_class(&class, "cancelled").status(409).refused("class.seats_below_seated");
        stage.office.patch(&path, "\"1\"", json!({ "seats": 2 })).ok();
        seated(&stage, &class, 2);
    }

    fn what_is_over_or_too_small_is_said(app: &App) {
        let stage = app.stage();
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Besar").with("minimum", 2);
        let class = stage.office.post("/classes", body).created();
        let address = format!("{}/state", class.location());
        let move_on = |body: Value| stage.office.post_change(&address, &class.etag(), body);
        let asked = move_on(json!({ "to": "running" })).status(409).refused("input.confirmation_required");
        assert_eq!(asked.json()["warnings"][0]["code"], "class.below_minimum");
        assert_eq!(asked.json()["warnings"][0]["facts"], json!({ "seated": "0", "minimum": "2" }));
        move_on(json!({ "to": "completed" })).status(409).refused("class.state");
        move_on(json!({ "to": "cancelled" })).invalid(&[("/reason", "enrollment.reason_required")]);
        move_on(json!({ "to": "running", "confirm": ["class.below_minimum"] })).ok();
        let waiting = stage.queue(1);
        let path = format!("/cohorts/{}", stage.cohort);
        let etag = stage.office.get(&path).ok().etag();
        let ending = json!({ "to": "cancelled", "reason": "Peminat kurang" });
        stage.office.post_change(&format!("{path}/state"), &etag, ending).ok();
        stage.seat(&waiting[0], &class.id()).status(409).refused("cohort.state");
        stage.office.call("POST", &format!("{path}/seating-plans")).send().status(409).refused("cohort.state");
        let class = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Terlambat");
        stage.office.post("/classes", class).status(409).refused("cohort.state");
        apply(&stage, &stage.cohort, &stage.student()).status(409).refused("cohort.not_open");
        // Nobody of a cohort that is not held is in the figures.
        let total = stage.office.get("/reports/intake").ok().json()["total"].clone();
        assert_eq!((&total["registered"], &total["classes"]), (&json!(0), &json!(0)));
    }

    fn people_sit_near_and_in_the_order_they_came(app: &App) {
        let stage = app.stage();
        stage.move_class(&stage.class, "cancelled").ok();
        let class = stage.class_of(2);
        let far = app.school("18.01");
        let body = given::student(9001).with("school", far);
        let stranger = stage.office.post("/participants", body).created();
        stage.office.post(&format!("{}/consents", stranger.location()), given::consent()).created();
        let elsewhere = stage.waiting(&stranger.id());
        let waiting = stage.queue(3);
        let made = seating_plan(&stage.office, &stage.cohort);
        let plan = format!("/seating-plans/{}", made.id());
        let said = stage.office.get(&plan).ok().json();
        assert_eq!(
            said,
            json!({
                "id": made.id(), "cohort": stage.cohort, "state": "open", "waiting": 4, "seats": 2, "reserves": 0,
                "left": [{ "why_not": "no_seat", "people": 2 }], "chosen": 0, "moved": 0, "below_minimum": 0,
                "classes_needed": 2, "teachers_needed": 3,
                "needed": [
                    { "regency": "18.01", "waiting": 1, "free": 0, "classes": 1 },
                    { "regency": "18.07", "waiting": 1, "free": 0, "classes": 1 },
                ],
                "made_at": "2025-07-21T01:00:00Z", "applied_at": null,
            })
        );
        let classes = stage.office.get(&format!("{plan}/classes")).ok().items();
        assert_eq!(
            json!(classes),
            json!([{
                "class": class, "seats": 2, "taken": 0, "planned": 2, "minimum": 1, "below_minimum": false, "reserves": 0,
                "reserved": 0,
            }])
        );
        let rows = stage.office.all(&format!("{plan}/rows?limit=1"));
        let of: Vec<_> = rows.iter().map(|row| [&row["enrollment"], &row["why"], &row["why_not"]]).collect();
        assert_eq!(
            of,
            [
                [&json!(elsewhere), &Value::Null, &json!("no_seat")],
                [&json!(waiting[0]), &json!("same_regency"), &Value::Null],
                [&json!(waiting[1]), &json!("same_regency"), &Value::Null],
                [&json!(waiting[2]), &Value::Null, &json!("no_seat")],
            ]
        );
        assert_eq!(stage.office.all(&format!("{plan}/rows?outcome=seat&class={class}")).len(), 2);
        apply_plan(&stage.office, &made.id(), &made.etag()).ok();
        let states: BTreeMap<String, String> = stage
            .office
            .all("/enrollments")
            .iter()
            .map(|row| (text(&row["id"]).to_owned(), text(&row["state"]).to_owned()))
            .collect();
        let of = |enrollment: &String| states[enrollment].as_str();
        assert_eq!([of(&waiting[0]), of(&waiting[1]), of(&waiting[2]), of(&elsewhere)],
            ["active", "active", "waitlisted", "waitlisted"]);
        figures_add_up(app);
    }

    fn registration_is_checked_by_name(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let path = format!("/cohorts/{}/eligibility?participant={person}", stage.cohort);
        let passed = |name: &str| json!({ "name": name, "result": "passed", "code": null, "sentence": null });
        let all = ["window", "segment", "graduation", "age", "region", "prerequisite", "consent", "overlap"].map(passed);
        assert_eq!(stage.office.get(&path).ok().json(), json!(all));
        let eleventh = given::student(9002).with("school", stage.school.clone()).with("homeroom", "XI TKJ 1");
        let eleventh = stage.office.post("/participants", eleventh).created().id();
        apply(&stage, &stage.cohort, &eleventh).status(409).refused("enrollment.segment");
        let unschooled = given::student(9003).with("regency", "18.07");
        let unschooled = stage.office.post("/participants", unschooled).created().id();
        apply(&stage, &stage.cohort, &unschooled).status(409).refused("participant.school_required");
        let checks = stage
            .office
            .call("GET", &format!("/cohorts/{}/eligibility?participant={eleventh}", stage.cohort))
            .language("en")
            .send()
            .ok()
            .json();
        assert_eq!(
            checks.as_array().unwrap().iter().map(|check| text(&check["result"])).collect::<Vec<_>>(),
            ["passed", "failed", "passed", "passed", "passed", "passed", "to_confirm", "passed"]
        );
        assert_eq!(checks[6]["code"], "consent.missing");
        assert!(text(&checks[6]["sentence"]).starts_with("There is no consent"));
        app.set_clock("2025-08-01T01:00:00Z");
        let office = stage.office_now();
        let late = office.post(&format!("/cohorts/{}/enrollments", stage.cohort), json!({ "participant": person }));
        let facts = json!({ "opens_on": "2025-06-01", "closes_on": "2025-07-31" });
        assert_eq!(late.status(409).refused("cohort.not_open").json()["facts"], facts);
        assert_eq!(app.count("enrollments"), 0);
    }
}
