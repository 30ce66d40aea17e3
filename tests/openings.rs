//! Where to open classes next: who waits where, what is free for them, and the classes that can be opened at once.

use crate::harness::path::text;
use crate::harness::{App, Staff, Stage, Value, figures_add_up, given, json};

/// A stage without a class: everyone who waits is without a seat, and the instructor is free.
fn bare(app: &App) -> Stage<'_> {
    let stage = app.stage();
    stage.move_class(&stage.class, "cancelled").ok();
    stage
}

/// So many people of a school on the waiting list; no guardian has consented yet.
fn waiting(stage: &Stage<'_>, school: &str, people: u32) {
    for _ in 0..people {
        let number = u32::try_from(stage.app.number()).expect("a small number");
        let made = stage.office.post("/participants", given::student(number).with("school", school)).created();
        stage.waiting(&made.id());
    }
}

/// A room that is known from a class that was planned in it, and free since that was cancelled.
fn room(stage: &Stage<'_>, host: &str, agreement: &str, name: &str) {
    let body = given::class(&stage.cohort, host, agreement).with("room", name);
    let class = stage.office.post("/classes", body.with("name", format!("Kelas di {name}"))).created().id();
    stage.move_class(&class, "cancelled").ok();
}

/// One pattern of one meeting of four lesson hours.
fn on(weekday: i32, starts_at: &str) -> Value {
    json!({ "slots": [{ "weekday": weekday, "starts_at": starts_at, "lesson_hours": 4 }] })
}

/// Classes of two people, each of which needs both, on Saturday morning.
fn pairs() -> given::Body {
    given::body(json!({ "patterns": [on(6, "07:30")], "seats": 2, "minimum": 2 }))
}

fn propose(stage: &Stage<'_>, body: impl Into<Value>) -> Value {
    stage.office.post(&format!("/cohorts/{}/class-proposals", stage.cohort), body).ok().json()
}

fn named(stage: &Stage<'_>, partner: &str) -> Value {
    json!({ "id": partner, "name": stage.office.get(&format!("/partners/{partner}")).ok().json()["name"] })
}

/// What is missing in Lampung Timur: where, what, for how many classes and people.
fn shortage(host: &Value, lacks: &[&str], classes: i32, people: i32) -> Value {
    json!({
        "regency": "18.07", "regency_name": "Kabupaten Lampung Timur", "host": host, "lacks": lacks,
        "classes": classes, "people": people,
    })
}

fn len(list: &Value) -> usize {
    list.as_array().expect("a list").len()
}

both! {
    fn what_waits_and_what_is_free_is_shown_and_opened_at_once(app: &App) {
        let stage = app.stage();
        room(&stage, &stage.host, &stage.agreement, "Lab Tata Graha");
        let teacher = app.instructor(&stage.host);
        // Two of them get the seats of the class there is.
        waiting(&stage, &stage.school, 5);
        let (cohort, school, host) = (format!("/cohorts/{}", stage.cohort), named(&stage, &stage.school), named(&stage, &stage.host));
        let slots = json!([{ "weekday": 1, "starts_at": "07:30", "lesson_hours": 4 }]);
        // The instructor of the stage teaches at that time.
        let supply = |teachers: i32, rooms: i32| json!([{ "slots": slots, "teachers": teachers, "rooms": rooms }]);
        let demand = stage.office.get(&format!("{cohort}/demand")).ok();
        assert_eq!(
            demand.json(),
            json!({
                "cohort": stage.cohort,
                "as_of": "2025-07-21T01:00:00Z",
                "total": { "waiting": 5, "classes": 1, "seats": 2, "seated": 0, "held": 0, "free": 2 },
                "regencies": [{
                    "regency": "18.07", "regency_name": "Kabupaten Lampung Timur",
                    "waiting": 5, "classes": 1, "seats": 2, "seated": 0, "held": 0, "free": 2, "supply": supply(1, 1),
                }],
            })
        );
        assert_eq!(
            stage.office.all(&format!("{cohort}/demand/partners?limit=1")),
            [
                json!({
                    "partner": school, "regency": "18.07", "waiting": 5, "classes": 0, "seats": 0, "seated": 0, "held": 0,
                    "free": 0, "supply": supply(0, 0), "agreements": [],
                }),
                json!({
                    "partner": host, "regency": "18.07", "waiting": 0, "classes": 1, "seats": 2, "seated": 0, "held": 0,
                    "free": 2, "supply": supply(1, 1),
                    "agreements": [{ "agreement": stage.agreement, "number": "420/118/V.01/DP.2/2025", "seats": null }],
                }),
            ]
        );
        assert_eq!(stage.office.all(&format!("{cohort}/demand/partners?regency=18.01")), [] as [Value; 0]);
        let proposal = propose(&stage, json!({ "seats": 4, "minimum": 2 }));
        let class = json!({
            "cohort": stage.cohort, "partner": stage.host, "agreement": stage.agreement, "instructor": teacher.id,
            "name": "Kelas 1", "room": "Lab Tata Graha", "seats": 4, "minimum": 2, "reserves": 0,
            "starts_on": "2025-07-21", "ends_on": "2026-07-20", "slots": slots,
        });
        let teacher_name = stage.office.get(&format!("/staff/{}", teacher.id)).ok().json()["name"].clone();
        assert_eq!(
            proposal,
            json!({
                "cohort": stage.cohort,
                "as_of": "2025-07-21T01:00:00Z",
                "patterns": [{ "slots": slots, "lesson_hours": 16, "uncovered": 0 }],
                "seats": 4,
                "minimum": 2,
                "waiting": 3,
                "seated": 3,
                "classes": [{
                    "host": host, "regency": "18.07", "instructor_name": teacher_name,
                    "agreement_number": "420/118/V.01/DP.2/2025", "uncovered": 0, "people": 3,
                    "from": [{ "school": school, "why": "same_regency", "people": 3 }],
                    "next_lacks": ["people"], "class": class,
                }],
                "shortages": [],
            })
        );
        // Two Mondays are not enough for its program of 16 lesson hours.
        let short = propose(&stage, json!({ "seats": 4, "minimum": 2, "ends_on": "2025-07-31" }));
        assert_eq!((&short["patterns"][0]["lesson_hours"], &short["classes"][0]["uncovered"]), (&json!(8), &json!(8)));
        // What it says is opened as it is, and then there is a seat for everyone.
        let opened = stage.office.post("/classes", proposal["classes"][0]["class"].clone()).created().id();
        let after = propose(&stage, json!({}));
        assert_eq!((&after["waiting"], &after["seats"], &after["minimum"]), (&json!(0), &json!(30), &json!(1)));
        assert_eq!((&after["classes"], &after["shortages"]), (&json!([]), &json!([])));
        let total = stage.office.get(&format!("{cohort}/demand")).ok().json()["total"].clone();
        assert_eq!(total, json!({ "waiting": 5, "classes": 2, "seats": 6, "seated": 0, "held": 0, "free": 6 }));
        // The timetable comes to the lesson hours that were foretold.
        let timetable = stage.office.post(&format!("/classes/{opened}/timetable"), json!({})).ok().json();
        assert_eq!((&timetable["planned"], &timetable["uncovered"]), (&json!(16), &json!(0)));
        figures_add_up(app);
    }

    fn teachers_are_the_limit(app: &App) {
        let stage = bare(app);
        for name in ["Lab 1", "Lab 2"] {
            room(&stage, &stage.host, &stage.agreement, name);
        }
        waiting(&stage, &stage.school, 4);
        let found = propose(&stage, pairs());
        assert_eq!((len(&found["classes"]), &found["seated"]), (1, &json!(2)));
        assert_eq!(found["classes"][0]["next_lacks"], json!(["teacher"]));
        assert_eq!(found["shortages"], json!([shortage(&named(&stage, &stage.host), &["teacher"], 1, 2)]));
        // The same teacher has time in the afternoon.
        let found = propose(&stage, pairs().with("patterns", json!([on(6, "07:30"), on(6, "10:30")])));
        let times = [0, 1].map(|index| found["classes"][index]["class"]["slots"][0]["starts_at"].clone());
        assert_eq!((times, &found["shortages"]), (["07:30", "10:30"].map(Value::from), &json!([])));
        // But not while they still teach in the morning, at whatever partner and of whatever cohort.
        let busy = stage.office.post("/cohorts", given::cohort(&stage.program).with("name", "Lain")).created().id();
        let elsewhere = app.lpk("18.71");
        let agreement = stage.office.post("/agreements", given::agreement(&elsewhere, &stage.program)).created().id();
        let class = given::class(&busy, &elsewhere, &agreement).with("instructor", stage.instructor.id.clone());
        stage.office.post("/classes", class.with("slots", on(6, "09:00")["slots"].clone())).created();
        let found = propose(&stage, pairs());
        assert_eq!((len(&found["classes"]), &found["shortages"][0]["lacks"]), (0, &json!(["teacher"])));
        assert_eq!(len(&propose(&stage, pairs().with("patterns", json!([on(6, "12:00")])))["classes"]), 1);
    }

    fn rooms_are_the_limit(app: &App) {
        let stage = bare(app);
        room(&stage, &stage.host, &stage.agreement, "Lab 1");
        app.instructor(&stage.host);
        waiting(&stage, &stage.school, 4);
        let found = propose(&stage, pairs());
        assert_eq!((len(&found["classes"]), &found["classes"][0]["next_lacks"]), (1, &json!(["room"])));
        assert_eq!(found["shortages"], json!([shortage(&named(&stage, &stage.host), &["room"], 1, 2)]));
        // A room is the same however its name is written.
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement).with("room", "LAB 1").with("name", "Sabtu");
        stage.office.post("/classes", body.with("slots", on(6, "07:30")["slots"].clone()).with("seats", 1)).created();
        let found = propose(&stage, pairs());
        assert_eq!((&found["waiting"], &found["classes"]), (&json!(3), &json!([])));
        let alone = shortage(&Value::Null, &["people"], 1, 1);
        assert_eq!(found["shortages"], json!([alone, shortage(&named(&stage, &stage.host), &["room"], 1, 2)]));
    }

    fn the_agreement_is_the_limit(app: &App) {
        let stage = bare(app);
        for name in ["Lab 1", "Lab 2", "Lab 3"] {
            room(&stage, &stage.host, &stage.agreement, name);
        }
        app.instructor(&stage.host);
        app.instructor(&stage.host);
        waiting(&stage, &stage.school, 6);
        let end = json!({ "on": "2025-07-21", "reason": "Diganti" });
        stage.office.acts(&format!("/agreements/{}", stage.agreement), "termination", end);
        let found = propose(&stage, pairs());
        assert_eq!((len(&found["classes"]), &found["shortages"][0]["lacks"]), (0, &json!(["agreement"])));
        // Five seats in all are two classes, three a year are one.
        let next = |number: &str| given::agreement(&stage.host, &stage.program).with("number", number);
        let five = stage.office.post("/agreements", next("PKS/2").with("seats", 5)).created().id();
        let found = propose(&stage, pairs());
        assert_eq!((len(&found["classes"]), &found["classes"][1]["class"]["agreement"]), (2, &json!(five)));
        assert_eq!(found["classes"][1]["next_lacks"], json!(["agreement"]));
        assert_eq!(found["shortages"], json!([shortage(&named(&stage, &stage.host), &["agreement"], 1, 2)]));
        let three = next("PKS/3").with("seats_per_year", 3).with("regencies", json!(["18.07"]));
        let three = stage.office.post("/agreements", three).created().id();
        stage.office.post("/agreements", next("PKS/4").with("regencies", json!(["18.01"]))).created();
        stage.office.post("/agreements", next("PKS/5").with("draft", true)).created();
        let found = propose(&stage, pairs());
        let agreements = [0, 1, 2].map(|index| found["classes"][index]["class"]["agreement"].clone());
        assert_eq!(agreements, [&five, &five, &three].map(|id| json!(id)));
        let numbers = [0, 1, 2].map(|index| found["classes"][index]["agreement_number"].clone());
        assert_eq!(numbers, ["PKS/2", "PKS/2", "PKS/3"].map(Value::from));
        // All of them can be opened one after the other.
        for class in found["classes"].as_array().expect("classes") {
            stage.office.post("/classes", class["class"].clone()).created();
        }
        assert_eq!(propose(&stage, pairs())["waiting"], 0);
    }

    fn schools_share_a_class_and_nobody_is_promised_one_that_is_too_small(app: &App) {
        let stage = bare(app);
        for name in ["Lab 1", "Lab 2"] {
            room(&stage, &stage.host, &stage.agreement, name);
        }
        app.instructor(&stage.host);
        let second = app.school("18.07");
        waiting(&stage, &stage.school, 1);
        waiting(&stage, &second, 2);
        let found = propose(&stage, pairs().with("seats", 3));
        let from = |school: &str, people: i32| {
            json!({ "school": named(&stage, school), "why": "same_regency", "people": people })
        };
        assert_eq!(len(&found["classes"]), 1);
        assert_eq!(found["classes"][0]["from"], json!([from(&stage.school, 1), from(&second, 2)]));
        // With two seats one would sit alone in the second class.
        let found = propose(&stage, pairs());
        assert_eq!((len(&found["classes"]), &found["classes"][0]["next_lacks"]), (1, &json!(["people"])));
        assert_eq!(found["shortages"], json!([shortage(&Value::Null, &["people"], 1, 1)]));
        // And no more than were asked for.
        let found = propose(&stage, pairs().with("minimum", 1).with("classes", 1));
        assert_eq!(found["shortages"], json!([shortage(&named(&stage, &stage.host), &["limit"], 1, 1)]));
    }

    fn students_stay_in_their_regency_and_alumni_travel(app: &App) {
        let stage = bare(app);
        room(&stage, &stage.host, &stage.agreement, "Lab 1");
        let city = app.school("18.71");
        waiting(&stage, &city, 2);
        let found = propose(&stage, pairs());
        assert_eq!((len(&found["classes"]), &found["shortages"][0]["host"]), (0, &Value::Null));
        assert_eq!(found["shortages"][0]["regency"], "18.71");
        assert_eq!(found["shortages"][0]["lacks"], json!(["agreement", "teacher", "room"]));
        let alumni = given::cohort(&stage.program).with("segment", "alumni").with("ends_on", "2025-10-20");
        let alumni = stage.office.post("/cohorts", alumni).created().id();
        stage.office.acts(&format!("/cohorts/{alumni}"), "state", json!({ "to": "open" }));
        let stage = Stage { cohort: alumni, ..stage };
        for number in [9001, 9002] {
            let body = given::student(number).with("school", city.clone()).without("homeroom").with("graduation_year", 2025);
            stage.waiting(&stage.office.post("/participants", body).created().id());
        }
        let found = propose(&stage, pairs());
        assert_eq!((&found["seated"], &found["shortages"]), (&json!(2), &json!([])));
        let from = json!([{ "school": named(&stage, &city), "why": "same_province", "people": 2 }]);
        assert_eq!(found["classes"][0]["from"], from);
    }

    fn the_figures_add_up_to_the_waiting_list(app: &App) {
        let stage = app.stage();
        for (regency, people) in [("18.07", 3), ("18.71", 2), ("18.01", 1)] {
            waiting(&stage, &app.school(regency), people);
        }
        let seated = stage.queue(1);
        stage.seat(&seated[0], &stage.class).ok();
        let reserved = json!({ "school": stage.school, "seats": 1, "until": "2025-08-01" });
        stage.office.post(&format!("/classes/{}/seat-reservations", stage.class), reserved).created();
        let path = format!("/cohorts/{}/demand", stage.cohort);
        let demand = stage.office.get(&path).ok().json();
        let figures = ["waiting", "classes", "seats", "seated", "held", "free"];
        let rows = stage.office.all(&format!("{path}/partners"));
        for figure in figures {
            let sum = |rows: &[Value]| rows.iter().map(|row| row[figure].as_i64().expect("a number")).sum::<i64>();
            assert_eq!(demand["total"][figure], sum(demand["regencies"].as_array().expect("rows")), "{figure}");
            assert_eq!(demand["total"][figure], sum(&rows), "{figure}");
        }
        assert_eq!(demand["total"], json!({ "waiting": 6, "classes": 1, "seats": 2, "seated": 1, "held": 1, "free": 0 }));
        let list = stage.office.all(&format!("/enrollments?cohort={}&state=waitlisted", stage.cohort));
        assert_eq!(demand["total"]["waiting"], list.len());
        // A seat that is kept for a school is a seat for one of its people.
        assert_eq!(propose(&stage, json!({}))["waiting"], 6);
        waiting(&stage, &stage.school, 1);
        assert_eq!(propose(&stage, json!({}))["waiting"], 6);
    }

    fn an_officer_sees_the_own_regency(app: &App) {
        let stage = bare(app);
        room(&stage, &stage.host, &stage.agreement, "Lab 1");
        waiting(&stage, &stage.school, 2);
        waiting(&stage, &app.school("18.71"), 2);
        let cohort = format!("/cohorts/{}", stage.cohort);
        for (regency, people, classes) in [("18.07", 2, 1), ("18.71", 2, 0), ("18.01", 0, 0)] {
            let officer = app.regency_officer(regency);
            let demand = officer.get(&format!("{cohort}/demand")).ok().json();
            assert_eq!(demand["total"]["waiting"], people, "{regency}");
            for row in demand["regencies"].as_array().expect("rows") {
                assert_eq!(row["regency"], regency);
            }
            for row in officer.all(&format!("{cohort}/demand/partners")) {
                assert_eq!(row["regency"], regency);
            }
            let found = officer.post(&format!("{cohort}/class-proposals"), pairs()).ok().json();
            assert_eq!((&found["waiting"], len(&found["classes"])), (&json!(people), classes), "{regency}");
        }
        let office = app.office("53");
        office.get(&format!("{cohort}/demand")).not_there();
        office.get(&format!("{cohort}/demand/partners")).not_there();
        office.post(&format!("{cohort}/class-proposals"), pairs()).not_there();
        app.observer("18").post(&format!("{cohort}/class-proposals"), pairs()).denied();
    }

    fn a_wish_that_cannot_be_is_refused(app: &App) {
        let stage = bare(app);
        let path = format!("/cohorts/{}/class-proposals", stage.cohort);
        let ask = |body: Value| stage.office.post(&path, body);
        // No class of the cohort has a pattern.
        ask(json!({})).invalid(&[("/patterns", "field.required")]);
        ask(json!({ "patterns": [{ "slots": [] }] })).invalid(&[("/patterns/0/slots", "field.required")]);
        let twice = [on(6, "07:30")["slots"][0].clone(), on(6, "08:00")["slots"][0].clone()];
        ask(json!({ "patterns": [on(7, "07:30"), { "slots": twice }] }))
            .invalid(&[("/patterns/1/slots", "class.slots_overlap")]);
        ask(json!({ "patterns": [on(8, "07:30")] })).invalid(&[("/patterns/0/slots/0/weekday", "field.range")]);
        ask(pairs().with("minimum", 3).into()).invalid(&[("/minimum", "field.range")]);
        ask(pairs().with("seats", 0).into()).invalid(&[("/seats", "field.range")]);
        ask(pairs().with("ends_on", "2027-01-01").into()).status(409).refused("class.period");
        ask(pairs().with("starts_on", "2026-07-21").into()).invalid(&[("/ends_on", "field.date_order")]);
        let late = ask(pairs().with("patterns", json!([on(6, "07:30"), on(6, "21:01")])).into());
        late.invalid(&[("/patterns/1/slots", "session.past_midnight")]);
        // Nor is one chosen because a class of the cohort has it: older programs took it.
        let night = given::class(&stage.cohort, &stage.host, &stage.agreement).with("slots", on(6, "21:00")["slots"].clone());
        stage.office.post("/classes", night.with("name", "Malam")).created();
        app.run("UPDATE class_slots SET starts_at = 1261 WHERE starts_at = 1260");
        ask(json!({})).invalid(&[("/patterns", "field.required")]);
        assert_eq!(text(&stage.office.get(&format!("/cohorts/{}/demand", stage.cohort)).ok().json()["cohort"]), stage.cohort);
        let end = json!({ "to": "cancelled", "reason": "Tidak jadi" });
        stage.office.acts(&format!("/cohorts/{}", stage.cohort), "state", end);
        ask(pairs().into()).status(409).refused("cohort.state");
    }

    fn no_class_is_opened_in_a_cohort_that_is_over(app: &App) {
        let stage = bare(app);
        room(&stage, &stage.host, &stage.agreement, "Lab 1");
        waiting(&stage, &stage.school, 2);
        let path = format!("/cohorts/{}", stage.cohort);
        let ask = |office: &Staff<'_>| office.post(&format!("{path}/class-proposals"), pairs());
        // On its last day there is no time left for anything, and it says so.
        app.set_clock("2026-07-20T01:00:00Z");
        assert_eq!(ask(&stage.office_now()).ok().json()["classes"][0]["uncovered"], 16);
        app.set_clock("2026-07-21T01:00:00Z");
        let office = stage.office_now();
        ask(&office).status(409).refused("cohort.over");
        // Who waited for it is still to be seen.
        assert_eq!(office.get(&format!("{path}/demand")).ok().json()["total"]["waiting"], 2);
    }
}
