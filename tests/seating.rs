//! The seating plan: looked at, adjusted by hand, and applied only as it was looked at.

use crate::harness::path::{apply_plan, seating_plan, text};
use crate::harness::{Answer, App, Staff, Stage, Value, at_once, figures_add_up, given, json};

/// A stage whose only class has so many seats.
fn roomy(app: &App, seats: i32) -> (Stage<'_>, String) {
    let stage = app.stage();
    stage.move_class(&stage.class, "cancelled").ok();
    let class = stage.class_of(seats);
    (stage, class)
}

fn choose(stage: &Stage<'_>, plan: &str, enrollment: &str, class: Option<&str>) -> Answer {
    let etag = stage.office.get(&format!("/seating-plans/{plan}")).ok().etag();
    let body = json!({ "class": class, "reason": "Tinggal di dekat kelas" });
    stage.office.put(&format!("/seating-plans/{plan}/rows/{enrollment}"), &etag, body)
}

/// Outcomes of a plan in the order of the list.
fn outcomes(stage: &Stage<'_>, plan: &str) -> Vec<String> {
    let rows = stage.office.all(&format!("/seating-plans/{plan}/rows"));
    rows.iter().map(|row| text(&row["outcome"]).to_owned()).collect()
}

fn state(stage: &Stage<'_>, enrollment: &str) -> Value {
    stage.office.get(&format!("/enrollments/{enrollment}")).ok().json()["state"].clone()
}

both! {
    fn what_was_looked_at_is_what_is_done(app: &App) {
        let (stage, class) = roomy(app, 2);
        let waiting = stage.queue(4);
        let plan = stage.seating_plan();
        assert_eq!(outcomes(&stage, &plan.id()), ["seat", "seat", "left", "left"]);
        // Whoever registers later and gets no seat disturbs nobody.
        let late = stage.queue(1);
        // But the first of them takes the registration back: the third one would get a seat that nobody has looked at.
        stage.step(&waiting[0], json!({ "to": "withdrawn", "reason": "Pindah" })).ok();
        let moved = apply_plan(&stage.office, &plan.id(), &plan.etag()).status(409).refused("seating_plan.moved");
        assert_eq!(moved.json()["facts"], json!({ "people": "2" }));
        assert_eq!(app.count_where("enrollments", "state = 'active'"), 0);
        let again = stage.office.get(&plan.location()).ok();
        assert_eq!((&again.json()["state"], &again.json()["moved"]), (&json!("open"), &json!(2)));
        let rows = stage.office.all(&format!("{}/rows?moved=true", plan.location()));
        assert_eq!(rows.len(), 1, "who has left the list has no row");
        assert_eq!((&rows[0]["enrollment"], &rows[0]["class"]), (&json!(waiting[2]), &json!(class)));
        assert_eq!((&rows[0]["class_before"], &rows[0]["place"]), (&Value::Null, &json!(2)));
        // An old look is no look.
        apply_plan(&stage.office, &plan.id(), &plan.etag()).status(412).refused("resource.stale");
        let done = apply_plan(&stage.office, &plan.id(), &again.etag()).ok();
        assert_eq!((&done.json()["state"], &done.json()["applied_at"]), (&json!("applied"), &json!("2025-07-21T01:00:00Z")));
        assert_eq!([&waiting[1], &waiting[2], &waiting[3], &late[0]].map(|one| state(&stage, one)),
            ["active", "active", "waitlisted", "waitlisted"].map(Value::from));
        apply_plan(&stage.office, &plan.id(), &done.etag()).status(409).refused("seating_plan.state");
        figures_add_up(app);
    }

    fn a_seat_that_somebody_took_meanwhile_moves_the_plan(app: &App) {
        let (stage, class) = roomy(app, 2);
        let waiting = stage.queue(3);
        let plan = stage.seating_plan();
        stage.seat(&waiting[0], &class).ok();
        apply_plan(&stage.office, &plan.id(), &plan.etag()).status(409).refused("seating_plan.moved");
        let again = stage.office.get(&plan.location()).ok();
        assert_eq!(outcomes(&stage, &plan.id()), ["seat", "left"]);
        apply_plan(&stage.office, &plan.id(), &again.etag()).ok();
        assert_eq!(state(&stage, &waiting[2]), "waitlisted");
        figures_add_up(app);
    }

    fn a_plan_is_adjusted_by_hand_and_checked_at_once(app: &App) {
        let (stage, class) = roomy(app, 2);
        let waiting = stage.queue(3);
        let plan = stage.seating_plan();
        let id = plan.id();
        // The last in the order makes room.
        let chosen = choose(&stage, &id, &waiting[2], Some(&class)).ok().json();
        assert_eq!((&chosen["chosen"], &chosen["moved"], &chosen["seats"]), (&json!(1), &json!(2), &json!(2)));
        assert_eq!(outcomes(&stage, &id), ["seat", "left", "seat"]);
        let rows = stage.office.all(&format!("/seating-plans/{id}/rows"));
        assert_eq!((&rows[2]["why"], &rows[2]["reason"]), (&json!("by_hand"), &json!("Tinggal di dekat kelas")));
        assert_eq!((&rows[2]["out_of_order"], &rows[1]["out_of_order"]), (&json!(true), &json!(false)));
        assert_eq!((&rows[1]["moved"], &rows[1]["class_before"]), (&json!(true), &json!(class)));
        // Nobody for the first one, and the second is back.
        choose(&stage, &id, &waiting[0], None).ok();
        let rows = stage.office.all(&format!("/seating-plans/{id}/rows"));
        assert_eq!((&rows[0]["why_not"], &rows[1]["outcome"]), (&json!("by_hand"), &json!("seat")));
        assert_eq!(rows[2]["out_of_order"], false, "nobody who wants a seat is left");
        // What cannot be is said at once.
        choose(&stage, &id, &waiting[0], Some(&class)).ok();
        choose(&stage, &id, &waiting[1], Some(&class)).status(409).refused("class.full");
        let cohort = stage.office.post("/cohorts", given::cohort(&stage.program).with("name", "Lain")).created().id();
        let other = given::class(&cohort, &stage.host, &stage.agreement).with("name", "Lain");
        let other = stage.office.post("/classes", other).created().id();
        choose(&stage, &id, &waiting[1], Some(&other)).status(409).refused("class.other_cohort");
        choose(&stage, &id, &waiting[1], Some(&stage.class)).status(409).refused("class.state");
        choose(&stage, &id, &waiting[1], Some(&waiting[0])).invalid(&[("/class", "reference.unknown")]);
        choose(&stage, &id, &class, None).not_there();
        let etag = stage.office.get(&plan.location()).ok().etag();
        let path = format!("/seating-plans/{id}/rows/{}", waiting[1]);
        stage.office.put(&path, &etag, json!({ "class": class })).invalid(&[("/reason", "field.required")]);
        let minor = given::student(9001).with("school", stage.school.clone());
        let minor = stage.waiting(&stage.office.post("/participants", minor).created().id());
        let fresh = stage.seating_plan();
        choose(&stage, &fresh.id(), &minor, Some(&class)).status(409).refused("consent.missing");
        // The earlier plan has ended with the new one.
        apply_plan(&stage.office, &id, &etag).status(412).refused("resource.stale");
        let replaced = stage.office.get(&plan.location()).ok();
        assert_eq!(replaced.json()["state"], "replaced");
        apply_plan(&stage.office, &id, &replaced.etag()).status(409).refused("seating_plan.state");
        assert_eq!(stage.office.all(&format!("/cohorts/{}/seating-plans", stage.cohort)).len(), 2);
        // What was chosen is in the history of the person, with its reason.
        choose(&stage, &fresh.id(), &waiting[2], Some(&class)).ok();
        let etag = stage.office.get(&fresh.location()).ok().etag();
        apply_plan(&stage.office, &fresh.id(), &etag).ok();
        let history = stage.office.get(&format!("/enrollments/{}", waiting[2])).ok().json()["history"].clone();
        assert_eq!((&history[2]["reason"], &history[2]["out_of_order"]), (&json!("Tinggal di dekat kelas"), &json!(true)));
        figures_add_up(app);
    }

    fn a_choice_by_hand_is_taken_back(app: &App) {
        let (stage, class) = roomy(app, 2);
        let waiting = stage.queue(3);
        let id = stage.seating_plan().id();
        let path = |enrollment: &str| format!("/seating-plans/{id}/rows/{enrollment}");
        let take_back = |enrollment: &str, etag: &str| {
            stage.office.call("DELETE", &path(enrollment)).if_match(etag).send()
        };
        choose(&stage, &id, &waiting[2], Some(&class)).ok();
        let chosen = choose(&stage, &id, &waiting[0], None).ok();
        assert_eq!(outcomes(&stage, &id), ["left", "seat", "seat"]);
        take_back(&waiting[2], "\"1\"").status(412).refused("resource.stale");
        take_back(&waiting[1], &chosen.etag()).not_there();
        // Without it the rule says who sits there, around what is still chosen.
        let back = take_back(&waiting[0], &chosen.etag()).ok();
        assert_eq!((&back.json()["chosen"], &back.json()["moved"]), (&json!(1), &json!(2)));
        assert_eq!(outcomes(&stage, &id), ["seat", "left", "seat"]);
        let back = take_back(&waiting[2], &back.etag()).ok();
        assert_eq!(back.json()["chosen"], 0);
        let rows = stage.office.all(&format!("/seating-plans/{id}/rows"));
        assert_eq!((&rows[2]["chosen"], &rows[2]["reason"], &rows[2]["why_not"]), (&json!(false), &Value::Null, &json!("no_seat")));
        assert_eq!((&rows[1]["outcome"], &rows[1]["why"]), (&json!("seat"), &json!("same_regency")));
        take_back(&waiting[2], &back.etag()).not_there();
        assert_eq!(app.count_where("audit_events", "action = 'seating_plan.unchosen' AND person_id IS NOT NULL"), 2);
        let applied = apply_plan(&stage.office, &id, &back.etag()).ok();
        take_back(&waiting[2], &applied.etag()).status(409).refused("seating_plan.state");
        assert_eq!(state(&stage, &waiting[2]), "waitlisted");
    }

    fn a_regency_looks_at_the_seating_that_is_delegated_to_it(app: &App) {
        let (stage, class) = roomy(app, 2);
        let waiting = stage.queue(3);
        let far = given::student(9002).with("school", app.school("18.01"));
        let far = stage.waiting(&stage.office.post("/participants", far).created().id());
        let plan = stage.seating_plan();
        let (own, other) = (app.regency_officer(stage.regency), app.regency_officer("18.01"));
        let list = format!("/cohorts/{}/seating-plans", stage.cohort);
        let parts = |part: &str| format!("{}{part}", plan.location());
        for part in ["", "/rows", "/classes"] {
            own.get(&parts(part)).not_there();
        }
        assert_eq!(own.all(&list), Vec::<Value>::new());
        let cohort = format!("/cohorts/{}", stage.cohort);
        let delegate = |to: bool| {
            let etag = stage.office.get(&cohort).ok().etag();
            stage.office.patch(&cohort, &etag, json!({ "seating_delegated": to })).ok().json()
        };
        assert_eq!(delegate(true)["seating_delegated"], true);
        let told = "action = 'cohort.changed' AND changes LIKE '%seating_delegated%'";
        assert_eq!(app.count_where("audit_events", told), 1);
        assert_eq!(own.get(&plan.location()).ok().json()["waiting"], 4);
        assert_eq!(own.all(&list).len(), 1);
        // Each sees its own people and its own classes of it.
        let people = |staff: &Staff<'_>| -> Vec<Value> {
            staff.all(&parts("/rows")).into_iter().map(|row| row["enrollment"].clone()).collect()
        };
        assert_eq!(people(&own), waiting.iter().map(|one| json!(one)).collect::<Vec<_>>());
        assert_eq!(people(&other), [json!(far)]);
        assert_eq!(own.all(&parts("/classes"))[0]["class"], json!(class));
        assert_eq!(other.all(&parts("/classes")), Vec::<Value>::new());
        // To look is not to decide.
        own.put(&parts(&format!("/rows/{}", waiting[0])), &plan.etag(), json!({ "class": null, "reason": "Nanti" })).denied();
        apply_plan(&own, &plan.id(), &plan.etag()).denied();
        delegate(false);
        own.get(&plan.location()).not_there();
    }

    fn small_classes_and_reserves_are_named(app: &App) {
        let stage = app.stage();
        stage.move_class(&stage.class, "cancelled").ok();
        let class = |name: &str, seats: i32, minimum: i32, reserves: i32| {
            let body = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", name).with("seats", seats);
            let body = body.with("minimum", minimum).with("reserves", reserves);
            stage.office.post("/classes", body).created().id()
        };
        let full = class("Penuh", 2, 1, 1);
        let waiting = stage.queue(4);
        let plan = stage.seating_plan();
        assert_eq!(outcomes(&stage, &plan.id()), ["seat", "seat", "reserve", "left"]);
        assert_eq!((&plan.json()["reserves"], &plan.json()["classes_needed"]), (&json!(1), &json!(1)));
        let reserve = stage.office.all(&format!("{}/rows?outcome=reserve", plan.location()));
        assert_eq!((&reserve[0]["class"], &reserve[0]["why_not"]), (&json!(full), &json!("no_seat")));
        let small = class("Kecil", 8, 3, 0);
        let plan = stage.seating_plan();
        assert_eq!((&plan.json()["below_minimum"], &plan.json()["seats"]), (&json!(1), &json!(4)));
        let classes = stage.office.all(&format!("{}/classes", plan.location()));
        let of_small = classes.iter().find(|row| row["class"] == json!(small)).unwrap();
        assert_eq!((&of_small["planned"], &of_small["below_minimum"]), (&json!(2), &json!(true)));
        apply_plan(&stage.office, &plan.id(), &plan.etag()).ok();
        assert_eq!(state(&stage, &waiting[3]), "active");
        figures_add_up(app);
    }

    fn of_plans_applied_at_once_every_seat_is_given_once(app: &App) {
        let (stage, class) = roomy(app, 5);
        stage.queue(9);
        let plan = stage.seating_plan();
        let answers = at_once(8, |_| apply_plan(&stage.office, &plan.id(), &plan.etag()));
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.status(412).refused("resource.stale");
        }
        assert_eq!(stage.office.get(&format!("/classes/{class}")).ok().json()["seated"], 5);
        assert_eq!(app.count_where("enrollment_transitions", "to_state = 'active'"), 5);
        let plans = at_once(4, |_| stage.office.call("POST", &format!("/cohorts/{}/seating-plans", stage.cohort)).send());
        for answer in plans {
            answer.created();
        }
        assert_eq!(app.count_where("seating_plans", "state = 'open'"), 1);
        figures_add_up(app);
    }

    fn a_plan_is_the_offices(app: &App) {
        let (stage, _) = roomy(app, 2);
        stage.queue(1);
        let plan = seating_plan(&stage.office, &stage.cohort);
        for path in [plan.location(), format!("{}/rows", plan.location()), format!("{}/classes", plan.location())] {
            app.coordinator(&stage.school).get(&path).denied();
            app.office("53").get(&path).not_there();
        }
    }
}
