//! What a cohort asks of people: named checks, as grave as the province takes them, the same on the way in and at the seat.

use crate::harness::path::text;
use crate::harness::{Answer, App, Staff, Stage, Value, given, json};

fn apply(stage: &Stage<'_>, participant: &str) -> Answer {
    stage.office.post(&format!("/cohorts/{}/enrollments", stage.cohort), json!({ "participant": participant }))
}

/// Sets what the stage's cohort asks.
#[track_caller]
fn ask(stage: &Stage<'_>, eligibility: Value) -> Answer {
    let path = format!("/cohorts/{}", stage.cohort);
    let etag = stage.office.get(&path).ok().etag();
    stage.office.patch(&path, &etag, json!({ "eligibility": eligibility }))
}

/// The result of one check of the stage's cohort, with its sentence in English.
#[track_caller]
fn check(stage: &Stage<'_>, participant: &str, name: &str) -> (String, Value) {
    let path = format!("/cohorts/{}/eligibility?participant={participant}", stage.cohort);
    let checks = stage.office.call("GET", &path).language("en").send().ok().json();
    let found = checks.as_array().unwrap().iter().find(|check| check["name"] == name).cloned();
    found.map_or_else(
        || ("left out".to_owned(), Value::Null),
        |check| (text(&check["result"]).to_owned(), check["sentence"].clone()),
    )
}

both! {
    fn a_cohort_says_whom_it_is_for(app: &App) {
        let stage = app.stage();
        let asked = json!({
            "age": { "from": 18, "to": 30, "on": "2026-07-20" },
            "graduated": { "from": 2022, "to": 2026 },
            "regencies": ["18.07"],
            "severities": [{ "check": "region", "severity": "warning" }, { "check": "graduation", "severity": "off" }],
        });
        let told = ask(&stage, asked).ok().json();
        assert_eq!(told["eligibility"], json!({
            "age": { "from": 18, "to": 30, "on": "2026-07-20" },
            "graduated": { "from": 2022, "to": 2026 },
            "regencies": ["18.07"],
            "severities": [
                { "check": "window", "severity": "error", "usual": "error" },
                { "check": "segment", "severity": "error", "usual": "error" },
                { "check": "graduation", "severity": "off", "usual": "error" },
                { "check": "age", "severity": "error", "usual": "error" },
                { "check": "region", "severity": "warning", "usual": "error" },
                { "check": "prerequisite", "severity": "warning", "usual": "warning" },
                { "check": "consent", "severity": "warning", "usual": "warning" },
                { "check": "overlap", "severity": "warning", "usual": "warning" },
            ],
        }));
        let person = stage.student();
        assert_eq!(check(&stage, &person, "age"), ("passed".to_owned(), Value::Null));
        assert_eq!(check(&stage, &person, "graduation").0, "left out");
        // What else is changed leaves it as it is.
        let path = format!("/cohorts/{}", stage.cohort);
        let etag = stage.office.get(&path).ok().etag();
        let kept = stage.office.patch(&path, &etag, json!({ "seats_wanted": 90 })).ok().json();
        assert_eq!(kept["eligibility"], told["eligibility"]);
        let events = stage.office.all(&format!("/audit-events?subject={}", stage.cohort));
        let changed = events.iter().find(|event| event["action"] == "cohort.changed").unwrap();
        assert_eq!(changed["detail"]["eligibility"]["regencies"], json!(["18.07"]));
    }

    fn what_cannot_be_asked_is_told_at_once(app: &App) {
        let stage = app.stage();
        let asked = json!({
            "age": { "from": 30, "to": 18 },
            "graduated": { "from": 2026, "to": 2022 },
            "regencies": ["18.07", "53.01"],
            "severities": [{ "check": "consent", "severity": "off" }],
        });
        ask(&stage, asked).invalid(&[
            ("/eligibility/age/to", "field.order"),
            ("/eligibility/graduated/to", "field.order"),
            ("/eligibility/regencies/1", "region.unknown"),
            ("/eligibility/severities", "cohort.check_fixed"),
        ]);
        ask(&stage, json!({ "severities": [{ "check": "window", "severity": "warning" }] }))
            .invalid(&[("/eligibility/severities", "cohort.check_fixed")]);
        ask(&stage, json!({ "severities": [{ "check": "height", "severity": "error" }] }))
            .invalid(&[("/eligibility/severities/0/check", "field.unknown_value")]);
        ask(&stage, json!({ "age": { "from": 18, "on": "kapan-kapan" } }))
            .invalid(&[("/eligibility/age/on", "field.date")]);
        let new = given::cohort(&stage.program).with("name", "Gelombang 3");
        let new = new.with("eligibility", json!({ "regencies": ["18.99"] }));
        stage.office.post("/cohorts", new).invalid(&[("/eligibility/regencies/0", "region.unknown")]);
    }

    fn an_error_refuses_and_a_warning_waits_for_the_office(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let asked = |severity: &str| json!({
            "age": { "from": 18 }, "severities": [{ "check": "age", "severity": severity }],
        });
        ask(&stage, asked("error")).ok();
        let refused = apply(&stage, &person).status(409).refused("enrollment.age").json();
        assert_eq!(refused["facts"], json!({ "from": "18", "to": "–", "on": "2025-07-21", "age": "17" }));
        ask(&stage, asked("warning")).ok();
        let (result, sentence) = check(&stage, &person, "age");
        assert_eq!(result, "to_confirm");
        assert_eq!(sentence, "This cohort is for ages 18 to – on 2025-07-21; the participant is 17. Check the date of birth.");
        let made = apply(&stage, &person).created();
        assert_eq!(made.json()["state"], "applied");
        // The office looks at it; what it has looked at is kept.
        assert_eq!(stage.step(&made.id(), json!({ "to": "waitlisted" })).ok().json()["state"], "waitlisted");
        let events = stage.office.all(&format!("/audit-events?subject={}", made.id()));
        let moved = events.iter().find(|event| event["action"] == "enrollment.moved").unwrap();
        assert_eq!(moved["detail"]["doubts"], json!(["enrollment.age"]));
        // What became an error meanwhile stops the seat.
        ask(&stage, asked("error")).ok();
        let class = stage.class_of(1);
        stage.step(&made.id(), json!({ "to": "active", "class": class })).status(409).refused("enrollment.age");
        ask(&stage, asked("off")).ok();
        stage.step(&made.id(), json!({ "to": "active", "class": class })).ok();
    }

    fn regions_and_years_are_looked_at(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        ask(&stage, json!({ "regencies": ["18.71"] })).ok();
        apply(&stage, &person).status(409).refused("enrollment.region");
        ask(&stage, json!({ "graduated": { "from": 2022, "to": 2025 } })).ok();
        let refused = apply(&stage, &person).status(409).refused("enrollment.graduation").json();
        assert_eq!(refused["facts"], json!({ "from": "2022", "to": "2025", "year": "–" }));
        ask(&stage, json!({})).ok();
        apply(&stage, &person).created();
    }

    fn consent_and_overlap_can_be_asked_for_sooner(app: &App) {
        let stage = app.stage();
        let minor = given::student(9100).with("school", stage.school.clone());
        let minor = stage.office.post("/participants", minor).created().id();
        ask(&stage, json!({ "severities": [{ "check": "consent", "severity": "error" }] })).ok();
        apply(&stage, &minor).status(409).refused("consent.missing");
        stage.office.post(&format!("/participants/{minor}/consents"), given::consent()).created();
        let first = apply(&stage, &minor).created();
        let class = stage.class_of(1);
        stage.step(&first.id(), json!({ "to": "active", "class": class })).ok();
        // A second cohort of the same period.
        let second = given::cohort(&stage.program).with("name", "Gelombang 2");
        let second = second.with("eligibility", json!({ "severities": [{ "check": "overlap", "severity": "error" }] }));
        let second = stage.office.post("/cohorts", second).created();
        let path = second.location();
        stage.office.post_change(&format!("{path}/state"), &second.etag(), json!({ "to": "open" })).ok();
        let again = |office: &Staff<'_>| {
            office.post(&format!("{path}/enrollments"), json!({ "participant": minor }))
        };
        again(&stage.office).status(409).refused("enrollment.overlap");
        // Taken as a doubt, it stops the seat and not the waiting; left out, it stops nothing.
        let set = |severity: &str| {
            let etag = stage.office.get(&path).ok().etag();
            let asked = json!({ "eligibility": { "severities": [{ "check": "overlap", "severity": severity }] } });
            stage.office.patch(&path, &etag, asked).ok();
        };
        set("warning");
        let made = again(&stage.office).created();
        assert_eq!(made.json()["state"], "waitlisted");
        let class = given::class(&second.id(), &stage.host, &stage.agreement).with("name", "Kelas lain");
        let class = stage.office.post("/classes", class).created().id();
        let take_seat = |confirm: Value| stage.step(&made.id(), json!({ "to": "active", "class": class, "confirm": confirm }));
        take_seat(json!([])).status(409).refused("enrollment.overlap");
        set("error");
        take_seat(json!(["enrollment.overlap"])).status(409).refused("enrollment.overlap");
        set("off");
        take_seat(json!([])).ok();
    }

    fn a_plan_seats_nobody_who_is_not_eligible_any_more(app: &App) {
        let stage = app.stage();
        let waiting = stage.queue(2);
        ask(&stage, json!({ "regencies": ["18.71"] })).ok();
        let whys = |plan: &str| -> Vec<(Value, Value)> {
            let rows = stage.office.all(&format!("/seating-plans/{plan}/rows"));
            rows.iter().map(|row| (row["enrollment"].clone(), row["why_not"].clone())).collect()
        };
        let plan = stage.seating_plan().id();
        assert_eq!(whys(&plan), [(json!(waiting[0]), json!("region")), (json!(waiting[1]), json!("region"))]);
        ask(&stage, json!({ "regencies": ["18.71"], "severities": [{ "check": "region", "severity": "warning" }] })).ok();
        let plan = stage.seating_plan().id();
        assert_eq!(whys(&plan), [(json!(waiting[0]), Value::Null), (json!(waiting[1]), Value::Null)]);
    }

    fn an_offer_and_a_named_seat_ask_again(app: &App) {
        let stage = app.stage();
        let seated = stage.seated(&stage.student());
        let other = stage.class_of(1);
        let reserved = json!({ "school": stage.school, "seats": 1, "until": "2025-07-25" });
        let reserved = stage.office.post(&format!("/classes/{other}/seat-reservations"), reserved).created().location();
        stage.seated(&stage.student());
        let waiting = stage.queue(1).remove(0);
        stage.step(&seated, json!({ "to": "dropped_out", "reason": "Bekerja" })).ok();
        let offer = stage.office.all("/seat-offers?open=true").remove(0);
        assert_eq!(offer["enrollment"], json!(waiting));
        let offer = format!("/seat-offers/{}", text(&offer["id"]));
        let accept = || {
            let etag = stage.office.get(&offer).ok().etag();
            stage.office.post_change(&format!("{offer}/answer"), &etag, json!({ "answer": "accepted" }))
        };
        let name = || {
            let etag = stage.office.get(&reserved).ok().etag();
            stage.office.post_change(&format!("{reserved}/namings"), &etag, json!({ "enrollment": waiting }))
        };
        // The province has narrowed the cohort after the offer was made.
        ask(&stage, json!({ "regencies": ["18.71"] })).ok();
        accept().status(409).refused("enrollment.region");
        assert_eq!(stage.office.get(&offer).ok().json()["state"], "open");
        ask(&stage, json!({})).ok();
        let refusing = stage.office.get(&offer).ok().etag();
        stage.office.post_change(&format!("{offer}/answer"), &refusing, json!({ "answer": "refused" })).ok();
        ask(&stage, json!({ "regencies": ["18.71"] })).ok();
        name().status(409).refused("enrollment.region");
        ask(&stage, json!({ "regencies": ["18.71"], "severities": [{ "check": "region", "severity": "off" }] })).ok();
        name().ok();
    }

    fn a_school_sees_who_may_register_before_it_does(app: &App) {
        let stage = app.stage();
        let grown = given::student(9200).with("school", stage.school.clone()).with("name", "Ayu Lestari");
        let grown = stage.office.post("/participants", grown).created().id();
        let eleventh = given::student(9201).with("school", stage.school.clone()).with("homeroom", "XI TKJ 1");
        let eleventh = stage.office.post("/participants", eleventh).created().id();
        apply(&stage, &grown).created();
        let coordinator = app.coordinator(&stage.school);
        let path = format!("/cohorts/{}/candidates", stage.cohort);
        let people = coordinator.all(&path);
        let seen: Vec<(String, bool, Vec<String>)> = people
            .iter()
            .map(|one| {
                let open = one["checks"].as_array().unwrap().iter().filter(|check| check["result"] != "passed");
                let open = open.map(|check| text(&check["code"]).to_owned()).collect();
                (text(&one["participant"]).to_owned(), one["enrolled"] == true, open)
            })
            .collect();
        let consent = "consent.missing".to_owned();
        assert_eq!(
            seen,
            [
                (grown, true, vec![consent.clone()]),
                (eleventh, false, vec!["enrollment.segment".to_owned(), consent]),
            ]
        );
        assert_eq!(people[0]["name"], "Ayu Lestari");
        assert_eq!(people[0]["homeroom"], "XII TKJ 1");
        let page = coordinator.get(&format!("{path}?limit=1")).ok().json();
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
        // Of another school it sees nobody.
        let other = app.coordinator(&app.school("18.07"));
        assert_eq!(other.all(&path), Vec::<Value>::new());
    }
}
