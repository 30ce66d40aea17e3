//! Scores: a mistyped one is corrected and stays on record, a retest is another attempt, and days are days of the class.

use crate::harness::path::{score, text};
use crate::harness::{Answer, App, Staff, Stage, Value, given, json};

/// A stage whose class runs, with somebody who was there in every session and has 95 points in each component; the id
/// of the first score.
fn scored(app: &App) -> (Stage<'_>, String, String) {
    let stage = app.stage();
    let member = stage.seated(&stage.student());
    stage.teach(std::slice::from_ref(&member));
    let made = stage.score(&stage.class, std::slice::from_ref(&member), "95").ok().json();
    (stage, member, text(&made[0]["id"]).to_owned())
}

#[track_caller]
fn correct(staff: &Staff<'_>, id: &str, body: Value) -> Answer {
    staff.post(&format!("/scores/{id}/corrections"), body)
}

/// What stands behind a component now.
fn requirement(stage: &Stage<'_>, component: &str) -> Value {
    let people = stage.office_now().get(&format!("/classes/{}/completions", stage.class)).ok().json();
    let all = people[0]["evidence"]["requirements"].as_array().unwrap();
    all.iter().find(|one| one["subject"] == component).unwrap().clone()
}

both! {
    fn a_mistyped_score_is_corrected_and_stays_on_record(app: &App) {
        let (stage, member, first) = scored(app);
        assert_eq!(requirement(&stage, "theory")["actual"], "95");
        let (manager, reason) = (app.manager(&stage.host), "Salah ketik: 95 seharusnya 59");
        let body = json!({ "score": "59", "reason": reason });
        let made = correct(&manager, &first, body.clone()).ok().json();
        let expected = json!({
            "id": made["id"], "enrollment": member, "component": "theory", "attempt": 1, "score": "59",
            "assessed_on": "2025-08-11", "recorded_at": "2025-08-11T03:00:00Z", "recorded_by": manager.id,
            "replaces": first, "corrected": null,
        });
        assert_eq!(made, expected);
        // The lower one counts, though the earlier is shown beside it for ever.
        let theory = requirement(&stage, "theory");
        assert_eq!((&theory["actual"], &theory["rows"]), (&json!("59"), &json!([made["id"]])));
        let office = stage.office_now();
        for list in [format!("/enrollments/{member}/scores"), format!("/classes/{}/scores", stage.class)] {
            let all = office.get(&list).ok().json();
            assert_eq!(all.as_array().unwrap().len(), 3);
            let corrected = json!({
                "replaced_by": made["id"], "at": "2025-08-11T03:00:00Z", "by": manager.id, "reason": reason,
            });
            assert_eq!((&all[0]["id"], &all[0]["score"], &all[0]["corrected"]), (&json!(first), &json!("95"), &corrected));
            assert_eq!(all[2], expected);
        }
        let event = office.all(&format!("/audit-events?subject={first}")).remove(0);
        assert_eq!((&event["action"], &event["reason"]), (&json!("assessment.corrected"), &json!(reason)));
        assert_eq!(event["detail"]["by"], made["id"]);
        correct(&manager, &first, body).status(409).refused("assessment.already_corrected");
        // A retest is the next attempt, and of those that count the best does.
        let retest = json!({ "scores": [score(&member, "theory", "58")] });
        let retest = office.post(&format!("/classes/{}/scores", stage.class), retest).ok().json();
        assert_eq!((&retest[0]["attempt"], &requirement(&stage, "theory")["actual"]), (&json!(2), &json!("59")));
        // One that never was is taken back, and nothing stands in its place.
        let all = office.get(&format!("/enrollments/{member}/scores")).ok().json();
        let practice = text(&all.as_array().unwrap().iter().find(|one| one["component"] == "practice").unwrap()["id"]);
        let back = correct(&manager, practice, json!({ "withdrawn": true, "reason": "Nilai orang lain" })).ok().json();
        assert_eq!((&back["id"], &back["corrected"]["replaced_by"]), (&json!(practice), &Value::Null));
        assert_eq!(requirement(&stage, "practice")["actual"], Value::Null);
        let anew = json!({ "scores": [score(&member, "practice", "77")] });
        let anew = office.post(&format!("/classes/{}/scores", stage.class), anew).ok().json();
        assert_eq!(anew[0]["attempt"], 1);
    }

    fn a_correction_says_what_and_why_and_is_for_whoever_scores(app: &App) {
        let (stage, member, first) = scored(app);
        let office = stage.office_now();
        let refused = |body: Value, fields: &[(&str, &str)]| correct(&office, &first, body).invalid(fields);
        refused(json!({ "score": "59" }), &[("/reason", "field.required")]);
        refused(json!({ "score": "101", "reason": "x" }), &[("/score", "score.range")]);
        refused(json!({ "reason": "x" }), &[("/score", "assessment.score_or_withdrawn")]);
        refused(
            json!({ "score": "5", "withdrawn": true, "reason": "x" }),
            &[("/score", "assessment.score_or_withdrawn")],
        );
        let on = |day: &str| json!({ "score": "59", "assessed_on": day, "reason": "x" });
        refused(on("2025-08-12"), &[("/assessed_on", "assessment.future")]);
        refused(on("2025-07-20"), &[("/assessed_on", "assessment.before_class")]);
        let right = json!({ "score": "59", "reason": "Salah ketik" });
        app.coordinator(&stage.school).post(&format!("/scores/{first}/corrections"), right.clone()).denied();
        correct(&app.manager(&app.lpk("18.07")), &first, right.clone()).not_there();
        correct(&office, "0CZ5V9K3M7Q2H", right.clone()).not_there();
        // What was decided rests on its scores until the province opens it again.
        let completions = format!("/classes/{}/completions", stage.class);
        office.post(&completions, json!({})).ok();
        correct(&office, &first, right.clone()).status(409).refused("assessment.decided");
        stage.move_class(&stage.class, "completed").ok();
        correct(&office, &first, right.clone()).status(409).refused("assessment.decided");
        correct(&app.manager(&stage.host), &first, right.clone()).status(409).refused("class.state");
        let again = json!({ "reason": "Nilai keliru dicatat" });
        office.acts(&format!("/enrollments/{member}"), "completion/reopening", again);
        correct(&app.manager(&stage.host), &first, right.clone()).status(409).refused("class.state");
        correct(&office, &first, right).ok();
        office.post(&completions, json!({})).ok();
        let decided = office.get(&format!("/enrollments/{member}/completion")).ok().json();
        assert_eq!(decided["evidence"]["requirements"][1]["actual"], "59");
    }

    fn a_score_has_a_day_of_the_class_and_stands_once_in_a_request(app: &App) {
        let (stage, member, _) = scored(app);
        let (office, path) = (stage.office_now(), format!("/classes/{}/scores", stage.class));
        let on = |component: &str, day: &str| {
            given::body(score(&member, component, "70")).with("assessed_on", day).into()
        };
        let scores = |all: Vec<Value>| json!({ "scores": all });
        let [late, early]: [Value; 2] = [on("theory", "2027-01-02"), on("practice", "1990-01-01")];
        let refused = office.post(&path, scores(vec![late, early]));
        let refused = refused.invalid(&[
            ("/scores/0/assessed_on", "assessment.future"),
            ("/scores/1/assessed_on", "assessment.before_class"),
        ]);
        assert_eq!(refused.json()["errors"][1]["facts"], json!({ "starts_on": "2025-07-21" }));
        let twice: Vec<Value> = ["2025-08-04", "2025-08-11"].map(|day| on("theory", day)).into();
        office.post(&path, scores(twice.clone())).invalid(&[("/scores/1/component", "field.duplicate")]);
        assert_eq!(app.count("scores"), 2);
        for one in twice {
            office.post(&path, scores(vec![one])).ok();
        }
        assert_eq!(app.count("scores"), 4);
    }

    fn why_a_score_was_corrected_is_the_persons_to_know_and_to_have_forgotten(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let member = stage.seated(&person);
        stage.teach(std::slice::from_ref(&member));
        let made = stage.score(&stage.class, std::slice::from_ref(&member), "95").ok().json();
        let office = stage.office_now();
        correct(&office, text(&made[0]["id"]), json!({ "score": "59", "reason": "Salah ketik" })).ok();
        office.post(&format!("/classes/{}/completions", stage.class), json!({})).ok();
        let requests = format!("/participants/{person}/person-requests");
        let access = office.post(&requests, given::person_request("access")).created().id();
        let dossier = office.post(&format!("/person-requests/{access}/dossier"), json!({})).ok().json();
        let listed = office.get(&format!("/enrollments/{member}/scores")).ok().json();
        assert_eq!(dossier["enrollments"][0]["scores"], listed);
        let page = office.get(&format!("/dossiers/{access}")).ok().text();
        assert!(page.contains("Salah ketik"), "{page}");
        let erasure = office.post(&requests, given::person_request("erasure")).created().id();
        let done = json!({ "verdict": "done", "answer": "Sudah dilaksanakan." });
        office.acts(&format!("/person-requests/{erasure}"), "decision", done);
        let left = office.get(&format!("/enrollments/{member}/scores")).ok().json();
        assert_eq!((&left[0]["score"], &left[0]["corrected"]["reason"]), (&json!("95"), &Value::Null));
    }
}
