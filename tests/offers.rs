//! Offers: a seat that frees up is held for the next in order, for some days; and what those behind are told when
//! somebody is seated out of order.

use vokasi_core::enrollment::offer;

use crate::harness::path::{left, text};
use crate::harness::{Answer, App, Staff, Stage, Value, at_once, figures_add_up, given, json};

/// A stage whose only class is full, and those who wait.
fn full(app: &App, waiting: usize) -> (Stage<'_>, Vec<String>, Vec<String>) {
    let stage = app.stage();
    let seated = stage.queue(2);
    for enrollment in &seated {
        stage.seat(enrollment, &stage.class).ok();
    }
    let waiting = stage.queue(waiting);
    (stage, seated, waiting)
}

fn leave(stage: &Stage<'_>, enrollment: &str) {
    stage.step(enrollment, json!({ "to": "dropped_out", "reason": "Bekerja" })).ok();
}

fn open_offers(stage: &Stage<'_>) -> Vec<Value> {
    stage.office_now().all(&format!("/seat-offers?open=true&cohort={}", stage.cohort))
}

#[track_caller]
fn answer(staff: &Staff<'_>, offer: &Value, answer: &str) -> Answer {
    let path = format!("/seat-offers/{}", text(&offer["id"]));
    let etag = staff.get(&path).ok().etag();
    staff.post_change(&format!("{path}/answer"), &etag, json!({ "answer": answer }))
}

fn lapse(app: &App) -> usize {
    let mut ended = 0;
    while app.operator(|tx, _| offer::lapse(tx)) {
        ended += 1;
    }
    ended
}

#[track_caller]
fn counts(stage: &Stage<'_>, seated: i32, held: i32) {
    let class = stage.office_now().get(&format!("/classes/{}", stage.class)).ok().json();
    assert_eq!((&class["seated"], &class["held"]), (&json!(seated), &json!(held)));
    figures_add_up(stage.app);
}

both! {
    fn a_seat_that_frees_up_is_offered_to_the_next(app: &App) {
        let (stage, seated, waiting) = full(app, 3);
        let coordinator = app.coordinator(&stage.school);
        leave(&stage, &seated[0]);
        let offers = open_offers(&stage);
        assert_eq!(offers.len(), 1);
        assert_eq!(
            offers[0],
            json!({
                "id": offers[0]["id"], "enrollment": waiting[0], "class": stage.class, "state": "open",
                "made_at": "2025-07-21T01:00:00Z", "expires_at": "2025-07-24T17:00:00Z", "answered_at": null,
            })
        );
        counts(&stage, 1, 1);
        // The seat is held: nobody else gets it, not even with a reason.
        stage.seat(&waiting[1], &stage.class).status(409).refused("class.full");
        let plan = stage.seating_plan().id();
        assert_eq!(left(&stage.office, &plan)[0], (waiting[0].clone(), "offered".to_owned()));
        let etag = stage.office.get(&format!("/seating-plans/{plan}")).ok().etag();
        let chosen = json!({ "class": stage.class, "reason": "Sudah menunggu lama" });
        let path = format!("/seating-plans/{plan}/rows/{}", waiting[0]);
        stage.office.put(&path, &etag, chosen).status(409).refused("seat_offer.open");
        // The school is told by mail, without a name, and sees it at the person.
        let told = stage.office.all("/messages?kind=seat_offered");
        assert_eq!(told.iter().map(|one| &one["account"]).collect::<Vec<_>>(), [&json!(coordinator.id)]);
        let person = coordinator.get(&format!("/enrollments/{}", waiting[0])).ok().json();
        assert_eq!((&person["offers"][0]["state"], &person["state"]), (&json!("open"), &json!("waitlisted")));
        // Others do not see it.
        let elsewhere = app.coordinator(&app.school("18.01"));
        elsewhere.get(&format!("/seat-offers/{}", text(&offers[0]["id"]))).not_there();
        app.manager(&stage.host).post_change(&format!("/seat-offers/{}/answer", text(&offers[0]["id"])), "\"1\"", json!({ "answer": "accepted" })).denied();
        let accepted = answer(&coordinator, &offers[0], "accepted").ok().json();
        assert_eq!((&accepted["state"], &accepted["answered_at"]), (&json!("accepted"), &json!("2025-07-21T01:00:00Z")));
        answer(&coordinator, &offers[0], "refused").status(409).refused("seat_offer.answered");
        counts(&stage, 2, 0);
        let person = stage.office.get(&format!("/enrollments/{}", waiting[0])).ok().json();
        assert_eq!((&person["state"], &person["class"]), (&json!("active"), &json!(stage.class)));
        let last = person["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["reason"], &last["out_of_order"]), (&json!("offered"), &json!(false)));
    }

    fn a_refused_or_forgotten_offer_passes_on(app: &App) {
        let (stage, seated, waiting) = full(app, 3);
        leave(&stage, &seated[0]);
        let first = open_offers(&stage).remove(0);
        let bad = stage.office.post_change(
            &format!("/seat-offers/{}/answer", text(&first["id"])), "\"1\"", json!({ "answer": "perhaps" }));
        bad.invalid(&[("/answer", "field.unknown_value")]);
        assert_eq!(answer(&stage.office, &first, "refused").ok().json()["state"], "refused");
        let second = open_offers(&stage).remove(0);
        assert_eq!(second["enrollment"], json!(waiting[1]));
        // Whoever refused goes on waiting at the same place.
        assert_eq!(stage.office.get(&format!("/enrollments/{}", waiting[0])).ok().json()["position"], 1);
        assert_eq!(lapse(app), 0);
        // The last moment, and the one after it.
        app.set_clock("2025-07-24T16:59:59Z");
        assert_eq!((open_offers(&stage).len(), lapse(app)), (1, 0));
        app.set_clock("2025-07-24T17:00:00Z");
        let office = stage.office_now();
        assert_eq!(open_offers(&stage).len(), 0, "it is not open although nobody has ended it yet");
        assert_eq!(office.get(&format!("/seat-offers/{}", text(&second["id"]))).ok().json()["state"], "lapsed");
        answer(&office, &second, "accepted").status(409).refused("seat_offer.expired");
        counts(&stage, 1, 1);
        assert_eq!((lapse(app), lapse(app)), (1, 0));
        let third = open_offers(&stage).remove(0);
        assert_eq!(third["enrollment"], json!(waiting[2]));
        assert_eq!(third["expires_at"], "2025-07-28T17:00:00Z");
        // Nobody is left to ask: the seat is free.
        answer(&office, &third, "refused").ok();
        assert_eq!(open_offers(&stage).len(), 0);
        counts(&stage, 1, 0);
    }

    fn who_registered_is_told_when_an_offer_lapses(app: &App) {
        let (stage, seated, waiting) = full(app, 3);
        let coordinator = app.coordinator(&stage.school);
        app.coordinator(&app.school("18.01"));
        leave(&stage, &seated[0]);
        answer(&coordinator, &open_offers(&stage)[0], "refused").ok();
        let told = || stage.office_now().all("/messages?kind=seat_lapsed");
        assert_eq!(told(), Vec::<Value>::new(), "who has answered knows");
        app.set_clock("2025-07-24T17:00:00Z");
        assert_eq!(lapse(app), 1);
        let message = told().remove(0);
        assert_eq!((&message["account"], &message["state"]), (&json!(coordinator.id), &json!("waiting")));
        assert_eq!((told().len(), lapse(app)), (1, 0));
        // An offer that ends because the person left needs no word.
        assert_eq!(open_offers(&stage)[0]["enrollment"], json!(waiting[2]));
        stage.step(&waiting[2], json!({ "to": "withdrawn", "reason": "Pindah" })).ok();
        app.set_clock("2025-08-24T17:00:00Z");
        assert_eq!((lapse(app), told().len()), (0, 1));
    }

    fn a_regency_answers_where_seating_is_delegated(app: &App) {
        let (stage, seated, waiting) = full(app, 2);
        let (own, other) = (app.regency_officer(stage.regency), app.regency_officer("18.01"));
        leave(&stage, &seated[0]);
        let offer = open_offers(&stage).remove(0);
        answer(&own, &offer, "accepted").status(403).refused("seating.not_delegated");
        let cohort = format!("/cohorts/{}", stage.cohort);
        let etag = stage.office.get(&cohort).ok().etag();
        stage.office.patch(&cohort, &etag, json!({ "seating_delegated": true })).ok();
        other.get(&format!("/seat-offers/{}", text(&offer["id"]))).not_there();
        assert_eq!(answer(&own, &offer, "refused").ok().json()["state"], "refused");
        let next = open_offers(&stage).remove(0);
        assert_eq!(next["enrollment"], json!(waiting[1]));
        assert_eq!(answer(&own, &next, "accepted").ok().json()["state"], "accepted");
        counts(&stage, 2, 0);
        let by = "action = 'seat_offer.answered' AND role = 'regency_officer'";
        assert_eq!(app.count_where("audit_events", by), 2);
        figures_add_up(app);
    }

    fn seats_that_are_added_to_a_full_class_are_offered(app: &App) {
        let (stage, _, waiting) = full(app, 3);
        let path = format!("/classes/{}", stage.class);
        let cohort = format!("/cohorts/{}", stage.cohort);
        let etag = stage.office.get(&cohort).ok().etag();
        stage.office.patch(&cohort, &etag, json!({ "offer_days": 0 })).invalid(&[("/offer_days", "field.range")]);
        assert_eq!(stage.office.patch(&cohort, &etag, json!({ "offer_days": 7 })).ok().json()["offer_days"], 7);
        let etag = stage.office.get(&path).ok().etag();
        let raised = stage.office.patch(&path, &etag, json!({ "seats": 4 })).ok();
        assert_eq!((&raised.json()["held"], &raised.json()["seats"]), (&json!(2), &json!(4)));
        let offers = open_offers(&stage);
        let of: Vec<&Value> = offers.iter().map(|offer| &offer["enrollment"]).collect();
        assert_eq!(of, [&json!(waiting[0]), &json!(waiting[1])]);
        assert_eq!(offers[0]["expires_at"], "2025-07-28T17:00:00Z");
        // What is held is not taken away.
        let etag = raised.etag();
        let refused = stage.office.patch(&path, &etag, json!({ "seats": 3 })).refused("class.seats_below_seated");
        assert_eq!(refused.json()["facts"], json!({ "seated": "4" }));
        // The office seats one of them: the seat that is held for the person is the one.
        stage.step(&waiting[0], json!({ "to": "active", "class": stage.class })).ok();
        counts(&stage, 3, 1);
        // The other one leaves the list, and the seat passes on.
        stage.step(&waiting[1], json!({ "to": "withdrawn", "reason": "Pindah" })).ok();
        assert_eq!(open_offers(&stage)[0]["enrollment"], json!(waiting[2]));
        counts(&stage, 3, 1);
        // Seated in another class, the person needs it no longer.
        let other = stage.class_of(1);
        stage.step(&waiting[2], json!({ "to": "active", "class": other })).ok();
        assert_eq!(open_offers(&stage).len(), 0);
        counts(&stage, 3, 0);
    }

    fn who_cannot_be_seated_is_not_asked(app: &App) {
        let (stage, seated, _) = full(app, 0);
        let minor = given::student(9001).with("school", stage.school.clone());
        stage.waiting(&stage.office.post("/participants", minor).created().id());
        let far = given::student(9002).with("school", app.school("18.01"));
        let far = stage.office.post("/participants", far).created();
        stage.office.post(&format!("{}/consents", far.location()), given::consent()).created();
        stage.waiting(&far.id());
        leave(&stage, &seated[0]);
        assert_eq!(open_offers(&stage).len(), 0);
        counts(&stage, 1, 0);
        // Consent was withdrawn after the offer was made.
        let person = stage.student();
        let waiting = stage.waiting(&person);
        leave(&stage, &seated[1]);
        let offer = open_offers(&stage).remove(0);
        assert_eq!(offer["enrollment"], json!(waiting));
        let consents = stage.office.get(&format!("/participants/{person}/consents")).ok().json();
        let consent = format!("/consents/{}", text(&consents[0]["id"]));
        stage.office.acts(&consent, "withdrawal", json!({}));
        answer(&stage.office, &offer, "accepted").status(409).refused("consent.missing");
        counts(&stage, 0, 1);
    }

    fn who_is_passed_over_is_told(app: &App) {
        let stage = app.stage();
        let waiting = stage.queue(4);
        let to_class = |reason: Option<&str>| json!({ "to": "active", "class": stage.class, "reason": reason });
        stage.step(&waiting[2], to_class(None)).invalid(&[("/reason", "enrollment.jump_reason")]);
        stage.step(&waiting[2], to_class(Some("Yatim piatu, keputusan dinas"))).ok();
        let person = |enrollment: &str| app.coordinator(&stage.school).get(&format!("/enrollments/{enrollment}")).ok().json();
        let told = json!([{ "on": "2025-07-21", "reason": "Yatim piatu, keputusan dinas" }]);
        assert_eq!([&person(&waiting[0])["passed_over"], &person(&waiting[1])["passed_over"]], [&told, &told]);
        assert_eq!(person(&waiting[3])["passed_over"], json!([]), "who comes after was not passed over");
        assert_eq!(person(&waiting[2])["history"][2]["out_of_order"], true);
        // In turn there is nothing to explain.
        stage.step(&waiting[0], to_class(None)).ok();
        assert_eq!(person(&waiting[1])["passed_over"], told);
        // Somebody of another regency could not have had the seat.
        let far = given::student(9002).with("school", app.school("18.01"));
        let far = stage.waiting(&stage.office.post("/participants", far).created().id());
        assert_eq!(stage.office.get(&format!("/enrollments/{far}")).ok().json()["passed_over"], json!([]));
        assert_eq!(app.count_where("audit_events", "detail LIKE '%\"out_of_order\":true%'"), 1);
    }

    fn sixty_four_answers_and_seatings_at_once_never_exceed(app: &App) {
        let stage = app.stage();
        let class = stage.class_of(8);
        let seated = stage.queue(8);
        for enrollment in &seated {
            stage.seat(enrollment, &class).ok();
        }
        let waiting = stage.queue(40);
        for enrollment in &seated[..4] {
            leave(&stage, enrollment);
        }
        let offers = open_offers(&stage);
        assert_eq!(offers.len(), 4);
        let accept = |offer: &Value| {
            let path = format!("/seat-offers/{}/answer", text(&offer["id"]));
            stage.office.post_change(&path, "\"1\"", json!({ "answer": "accepted" }))
        };
        let step = |enrollment: &str, body: Value| {
            stage.office.post_change(&format!("/enrollments/{enrollment}/transitions"), "\"1\"", body)
        };
        let answers = at_once(64, |turn| match turn % 8 {
            // Each offer is accepted twice, others leave, and everybody else tries to get in.
            0 => accept(&offers[turn / 8 % 4]),
            1 if turn < 32 => step(&waiting[30 + turn / 8], json!({ "to": "withdrawn", "reason": "Pindah" })),
            2 if turn < 32 => {
                let leaving = &seated[4 + turn / 8];
                let path = format!("/enrollments/{leaving}/transitions");
                stage.office.post_change(&path, "\"2\"", json!({ "to": "dropped_out", "reason": "Bekerja" }))
            }
            _ => step(&waiting[4 + turn % 30], json!({ "to": "active", "class": class, "reason": "Keputusan dinas" })),
        });
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            let code = text(&answer.json()["code"]).to_owned();
            let told = ["class.full", "resource.stale", "seat_offer.answered", "enrollment.transition"];
            assert!(told.contains(&code.as_str()), "{answer}");
        }
        lapse(app);
        assert_eq!(app.count_where("classes", "seated < 0 OR held < 0 OR seated + held > seats"), 0);
        let sitting = "state IN ('active', 'on_leave')";
        let class = stage.office.get(&format!("/classes/{class}")).ok().json();
        assert_eq!(json!(app.count_where("enrollments", sitting)), class["seated"]);
        assert_eq!(json!(app.count_where("seat_offers", "answer IS NULL")), class["held"]);
        figures_add_up(app);
    }
}
