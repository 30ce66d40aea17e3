//! What stands before the first seat: programs, agreements, cohorts, classes, people and their consents.

use crate::harness::path::text;
use crate::harness::{Answer, App, Staff, Stage, Value, at_once, given, json};

fn change(stage: &Stage<'_>, thing: &str, path: &str, body: Value) -> Answer {
    let office = stage.office_now();
    let etag = office.get(thing).ok().etag();
    office.post_change(&format!("{thing}/{path}"), &etag, body)
}

both! {
    fn a_curriculum_must_be_one_that_can_be_taught_and_completed(app: &App) {
        let office = app.office("18");
        let mut curriculum = given::curriculum();
        curriculum["completion"]["components"][0]["weight"] = json!("39.5");
        curriculum["completion"]["predicates"][0]["minimum"] = json!("50");
        let twice = curriculum["modules"][0]["code"].clone();
        curriculum["modules"][1]["code"] = twice;
        let refused = office.post("/programs", given::program("HOSP").with("curriculum", curriculum)).status(422);
        let codes: Vec<String> = refused.json()["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["code"].as_str().unwrap().to_owned())
            .collect();
        for code in ["program.weights", "program.predicates", "field.duplicate"] {
            assert!(codes.iter().any(|found| found == code), "{code} is missing: {refused}");
        }
        let mut empty = given::curriculum();
        empty["modules"] = json!([]);
        let refused = office.post("/programs", given::program("HOSP").with("curriculum", empty)).status(422);
        assert_eq!(refused.json()["errors"][0]["code"], "program.modules");
        assert_eq!(app.count("programs"), 0);
    }

    fn a_cohort_keeps_the_version_it_started_under(app: &App) {
        let stage = app.stage();
        stage.office.post("/programs", given::program("HOSP-2")).created();
        stage.office.post("/programs", given::program("HOSP-2")).refused("program.code_taken");
        let mut shorter = given::curriculum();
        shorter["modules"][1]["lesson_hours"] = json!(4);
        let program = format!("/programs/{}", stage.program);
        change(&stage, &program, "versions", json!({ "valid_from": "2025-07-01", "curriculum": shorter })).status(200);
        assert_eq!(stage.office.get(&format!("{program}/versions/2")).ok().json()["lesson_hours"], 8);
        // The class of the cohort that began before still covers the 16 lesson hours of version 1.
        assert_eq!(stage.timetable(&stage.class).len(), 4);
    }

    fn an_agreement_is_refused_with_its_reason(app: &App) {
        let stage = app.stage();
        let (office, host, program) = (&stage.office, &stage.host, &stage.program);
        office.post("/agreements", given::agreement(host, program)).refused("agreement.number_taken");
        let backwards = given::agreement(host, program).with("number", "2").with("ends_on", "2025-06-30");
        office.post("/agreements", backwards).invalid(&[("/ends_on", "field.date_order")]);
        let path = format!("/agreements/{}", stage.agreement);
        let end = json!({ "on": "2025-12-31", "reason": "Lembaga pindah" });
        change(&stage, &path, "termination", end.clone()).ok();
        change(&stage, &path, "termination", end).refused("agreement.terminated");
        // A class that would outlive it is refused from now on.
        let body = given::class(&stage.cohort, host, &stage.agreement).with("name", "Perhotelan B");
        office.post("/classes", body).refused("agreement.not_in_force");
    }

    fn a_class_needs_an_agreement_that_covers_it(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let class = |agreement: &str| given::class(&stage.cohort, &stage.host, agreement).with("name", "Perhotelan B");
        let other = office.post("/programs", given::program("PLANT")).created().id();
        let covers_other = given::agreement(&stage.host, &other).with("number", "2");
        let covers_other = office.post("/agreements", covers_other).created().id();
        office.post("/classes", class(&covers_other)).refused("agreement.program_not_covered");
        let short = given::agreement(&stage.host, &stage.program).with("number", "3").with("ends_on", "2026-01-31");
        let short = office.post("/agreements", short).created().id();
        office.post("/classes", class(&short)).refused("agreement.not_in_force");
        let elsewhere = app.lpk("18.07");
        let elsewhere = office.post("/agreements", given::agreement(&elsewhere, &stage.program)).created().id();
        office.post("/classes", class(&elsewhere)).refused("agreement.other_partner");
        let few = given::agreement(&stage.host, &stage.program).with("number", "4").with("seats", 3);
        let few = office.post("/agreements", few).created().id();
        office.post("/classes", class(&few)).created();
        office.post("/classes", class(&few).with("name", "Perhotelan C")).refused("agreement.seats_used");
        // The province may override the agreement's period, with a reason that stays on the class.
        let overridden = class(&short).with("name", "Perhotelan D").with("agreement_override", "Perpanjangan diproses");
        let made = office.post("/classes", overridden).created();
        assert_eq!(made.json()["agreement_override"], "Perpanjangan diproses");
        let manager = app.manager(&stage.host);
        // So are further seats of it; fewer are not.
        let seats = |staff: &Staff<'_>, seats: i32| {
            let path = format!("/classes/{}", made.id());
            let etag = staff.get(&path).ok().etag();
            staff.patch(&path, &etag, json!({ "seats": seats }))
        };
        seats(&manager, 500).denied();
        seats(&manager, 1).ok();
        seats(office, 3).ok();
        let body = class(&short).with("name", "Perhotelan E").with("agreement_override", "Perpanjangan diproses");
        manager.post("/classes", body).denied();
    }

    fn classes_planned_at_once_never_take_more_seats_than_the_agreement_has(app: &App) {
        let stage = app.stage();
        let ten = given::agreement(&stage.host, &stage.program).with("number", "10").with("seats", 10);
        let ten = stage.office.post("/agreements", ten).created().id();
        let answers = at_once(8, |turn| {
            let body = given::class(&stage.cohort, &stage.host, &ten).with("name", format!("Kelas {turn}"));
            stage.office.post("/classes", body)
        });
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 5);
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.refused("agreement.seats_used");
        }
        assert_eq!(app.count_where("agreements", "seats_planned > seats"), 0);
    }

    fn a_cohort_is_planned_with_care(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let cohort = || given::cohort(&stage.program).with("name", "Gelombang 2");
        office.post("/cohorts", given::cohort(&stage.program)).refused("cohort.name_taken");
        let backwards = cohort().with("ends_on", "2025-07-01").with("registration_closes_on", "2025-05-01");
        office.post("/cohorts", backwards).invalid(&[
            ("/ends_on", "field.date_order"),
            ("/registration_closes_on", "field.date_order"),
        ]);
        // A length that is not the usual one is confirmed and explained.
        let short = || cohort().with("ends_on", "2026-01-20");
        let asked = office.post("/cohorts", short()).refused("input.confirmation_required");
        assert!(asked.text().contains("cohort.length_unusual"), "{asked}");
        let confirmed = || short().with("confirm", json!(["cohort.length_unusual"]));
        office.post("/cohorts", confirmed()).invalid(&[("/length_reason", "field.required")]);
        office.post("/cohorts", confirmed().with("length_reason", "Program percepatan")).created();
        let mut one_segment = given::curriculum();
        one_segment["segments"] = json!([{ "segment": "alumni", "usual_months": 3 }]);
        let alumni = office.post("/programs", given::program("ALUMNI").with("curriculum", one_segment)).created().id();
        office.post("/cohorts", given::cohort(&alumni)).refused("program.segment_not_served");
        let path = format!("/cohorts/{}", stage.cohort);
        change(&stage, &path, "state", json!({ "to": "closed" })).refused("cohort.state");
        change(&stage, &path, "state", json!({ "to": "cancelled" })).invalid(&[("/reason", "enrollment.reason_required")]);
        change(&stage, &path, "state", json!({ "to": "cancelled", "reason": "Tidak ada pengajar" })).ok();
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Perhotelan B");
        office.post("/classes", body).refused("cohort.state");
    }

    fn a_class_is_planned_with_care(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let class = || given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Perhotelan B");
        office.post("/classes", given::class(&stage.cohort, &stage.host, &stage.agreement)).refused("class.name_taken");
        office.post("/classes", class().with("starts_on", "2025-07-01")).refused("class.period");
        let overlapping = json!([
            { "weekday": 6, "starts_at": "07:30", "lesson_hours": 4 },
            { "weekday": 6, "starts_at": "09:00", "lesson_hours": 4 },
        ]);
        office.post("/classes", class().with("slots", overlapping)).invalid(&[("/slots", "class.slots_overlap")]);
        let night = json!([{ "weekday": 6, "starts_at": "21:01", "lesson_hours": 4 }]);
        office.post("/classes", class().with("slots", night.clone())).invalid(&[("/slots", "session.past_midnight")]);
        office.post("/classes", class().with("instructor", app.manager(&stage.host).id)).refused("class.instructor");
        let abroad = app.office("53");
        let other_province = abroad.post("/cohorts", given::cohort(&stage.program)).created().id();
        let operator = given::class(&other_province, &stage.host, &stage.agreement);
        office.post("/classes", operator).invalid(&[("/cohort", "reference.unknown")]);
        let path = format!("/classes/{}", stage.class);
        change(&stage, &path, "state", json!({ "to": "completed" })).refused("class.state");
        let asked = change(&stage, &path, "state", json!({ "to": "running" })).refused("input.confirmation_required");
        assert!(asked.text().contains("class.below_minimum"), "{asked}");
        stage.seated(&stage.student());
        let etag = office.get(&path).ok().etag();
        office.patch(&path, &etag, json!({ "seats": 0 })).status(422);
        office.patch(&path, &etag, json!({ "slots": night })).invalid(&[("/slots", "session.past_midnight")]);
        stage.seated(&stage.student());
        let etag = office.get(&path).ok().etag();
        office.patch(&path, &etag, json!({ "seats": 1 })).refused("class.seats_below_seated");
        office.patch(&path, &etag, json!({ "seats": 3 })).ok();
        // Nobody is left in a class that is over before it is decided who completed.
        change(&stage, &path, "state", json!({ "to": "running" })).ok();
        let refused = change(&stage, &path, "state", json!({ "to": "completed" })).refused("class.undecided");
        assert_eq!(refused.json()["facts"]["people"], "2");
    }

    fn a_class_gets_another_name(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let other = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Perhotelan B");
        office.post("/classes", other).created();
        let path = format!("/classes/{}", stage.class);
        let before = office.get(&path).ok();
        office.patch(&path, &before.etag(), json!({ "name": "Perhotelan B" })).refused("class.name_taken");
        office.patch(&path, &before.etag(), json!({ "name": "" })).invalid(&[("/name", "field.required")]);
        let changed = office.patch(&path, &before.etag(), json!({ "name": "Perhotelan Pagi" })).ok().json();
        let mut expected = before.json();
        for name in ["name", "updated_at"] {
            expected[name] = changed[name].clone();
        }
        assert_eq!((text(&changed["name"]), &changed), ("Perhotelan Pagi", &expected));
        office.patch(&path, &before.etag(), json!({ "name": "Perhotelan Sore" })).status(412).refused("resource.stale");
        let told = office.all(&format!("/audit-events?subject={}", stage.class));
        let renamed = told.iter().find(|one| one["action"] == "class.changed").expect("the change is told");
        let name = &renamed["changes"]["name"];
        assert_eq!((&name["before"], &name["after"]), (&before.json()["name"], &json!("Perhotelan Pagi")));
    }

    fn a_person_is_registered_once_and_with_care(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let student = |number| given::student(number).with("school", stage.school.clone());
        let first = office.post("/participants", student(900)).created();
        assert_eq!(first.json()["nik"], "************0900");
        assert!(!first.text().contains("180705570807"), "{first}");
        office.post("/participants", student(900).with("nisn", "0079000999")).refused("participant.nik_taken");
        office
            .post("/participants", student(900).with("nik", "1807055708070999"))
            .refused("participant.nisn_taken");
        let asked = office.post("/participants", student(901).without("confirm")).refused("input.confirmation_required");
        assert!(asked.text().contains("participant.namesake"), "{asked}");
        let odd = student(902).with("birth_date", "2007-08-18").with("sex", "male").with("nik", "2007055708070902");
        let asked = office.post("/participants", odd).refused("input.confirmation_required").text();
        for code in ["nik.birth_date_differs", "nik.sex_differs", "nik.province_unknown"] {
            assert!(asked.contains(code), "{code} is missing: {asked}");
        }
        office.post("/participants", student(903).without("nik").without("nisn")).invalid(&[("/nik", "identity.missing")]);
        let future = student(904).with("birth_date", "2031-08-17");
        office.post("/participants", future).invalid(&[("/birth_date", "birth_date.range")]);
        let wrong = student(905).with("nik", "1807053202070001").with("phone", "0721-775577").with("name", "Siti 2");
        office.post("/participants", wrong).invalid(&[
            ("/name", "name.format"),
            ("/nik", "nik.date"),
            ("/phone", "phone.format"),
        ]);
        office
            .post("/participants", student(906).with("nik", "1807055708070000").with("nisn", "79000906"))
            .invalid(&[("/nik", "nik.serial"), ("/nisn", "nisn.format")]);
        let swapped = student(907).with("family_card", "1807055708070907");
        office.post("/participants", swapped).invalid(&[("/nik", "nik.equals_family_card")]);
        let short = student(908).with("family_card", "1807");
        office.post("/participants", short).invalid(&[("/family_card", "family_card.length")]);
        let not_a_school = given::student(909).with("school", stage.host.clone());
        office.post("/participants", not_a_school).refused("partner.not_a_school");
        assert_eq!(app.count("participants"), 1);
    }

    fn the_same_person_registered_at_once_is_there_once(app: &App) {
        let stage = app.stage();
        let answers = at_once(8, |_| {
            stage.office.post("/participants", given::student(1).with("school", stage.school.clone()))
        });
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.status(409);
        }
        assert_eq!(app.count("participants"), 1);
    }

    fn a_minors_consent_is_a_guardians_and_can_be_withdrawn(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let minor = given::student(1).with("school", stage.school.clone());
        let minor = office.post("/participants", minor).created().location();
        let consents = format!("{minor}/consents");
        office.post(&consents, given::consent().with("given_by", "participant")).refused("consent.by_guardian");
        let future = given::consent().with("given_on", "2025-07-22");
        office.post(&consents, future).invalid(&[("/given_on", "consent.future")]);
        let given_one = office.post(&consents, given::consent()).created();
        office.post(&consents, given::consent()).refused("consent.already_given");
        let withdrawal = format!("/consents/{}/withdrawal", given_one.id());
        let withdrawn = office.post_change(&withdrawal, &given_one.etag(), json!({})).ok();
        office.post_change(&withdrawal, &withdrawn.etag(), json!({})).refused("consent.withdrawn");
        let grown = given::student(2)
            .with("school", stage.school.clone())
            .with("birth_date", "2007-01-17")
            .with("nik", "1807055701070002");
        let grown = office.post("/participants", grown).created().location();
        office.post(&format!("{grown}/consents"), given::consent()).refused("consent.by_self");
    }

    fn reading_a_person_in_clear_is_recorded(app: &App) {
        let stage = app.stage();
        let student = given::student(7).with("school", stage.school.clone());
        let person = stage.office.post("/participants", student).created();
        let coordinator = app.coordinator(&stage.school);
        let reason = json!({ "reason": "Mencocokkan dengan kartu keluarga" });
        let clear = coordinator.post(&format!("{}/disclosures", person.location()), reason).ok();
        assert_eq!(clear.json()["nik"], "1807055708070007");
        let events = stage.office.all(&format!("/audit-events?subject={}", person.id()));
        let read = events.iter().find(|event| event["action"] == "participant.disclosed").unwrap();
        assert_eq!(read["role"], "school_coordinator");
        assert!(!events.iter().any(|event| event.to_string().contains("1807055708070007")));
    }

    fn a_registration_must_be_open_and_of_the_segment(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let alumna = given::student(3).with("school", stage.school.clone()).with("graduation_year", 2024);
        let alumna = office.post("/participants", alumna).created().id();
        let enrollments = format!("/cohorts/{}/enrollments", stage.cohort);
        office.post(&enrollments, given::body(json!({ "participant": alumna }))).refused("enrollment.segment");
        let nowhere = given::student(4).with("regency", "18.07");
        let nowhere = office.post("/participants", nowhere).created().id();
        office
            .post(&enrollments, given::body(json!({ "participant": nowhere })))
            .refused("participant.school_required");
        let student = stage.student();
        app.set_clock("2025-08-01T03:00:00Z");
        let late = stage.office_now().post(&enrollments, given::body(json!({ "participant": student })));
        assert_eq!(late.refused("cohort.not_open").json()["facts"]["closes_on"], "2025-07-31");
    }

    fn an_unproven_prerequisite_waits_for_the_office(app: &App) {
        let stage = app.stage();
        let mut second = given::curriculum();
        second["prerequisites"] = json!([{ "any_of": [{ "exam": "JLPT", "level": "N5" }] }]);
        let program = given::program("JPN-N4").with("curriculum", second);
        let program = stage.office.post("/programs", program).created().id();
        let cohort = crate::harness::open(&stage.office, &program);
        let student = stage.student();
        let checks = stage.office.get(&format!("/cohorts/{cohort}/eligibility?participant={student}")).ok();
        assert!(checks.text().contains("enrollment.prerequisite"), "{checks}");
        let enrollments = format!("/cohorts/{cohort}/enrollments");
        let made = stage.office.post(&enrollments, given::body(json!({ "participant": student }))).created();
        assert_eq!(made.json()["state"], "applied");
        assert_eq!(stage.step(&made.id(), json!({ "to": "waitlisted" })).ok().json()["state"], "waitlisted");
    }
}
