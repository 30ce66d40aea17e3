//! Exams outside the programs: a paper is held against the scheme of its day, and nothing that was recorded is lost.

use crate::harness::path::text;
use crate::harness::{Answer, App, Staff, Stage, Value, at_once, given, json, open};

/// A pass of JLPT N5 on the Sunday two weeks before the story.
fn jlpt() -> given::Body {
    given::body(json!({
        "scheme": "JLPT",
        "level": "N5",
        "taken_on": "2025-07-06",
        "sections": [{ "code": "knowledge_reading", "score": "71" }, { "code": "listening", "score": "32" }],
    }))
}

/// A sitting of JFT-Basic with so many points.
fn jft(taken_on: &str, total: &str) -> given::Body {
    given::body(json!({ "scheme": "JFT-Basic", "taken_on": taken_on, "total": total }))
}

fn results(person: &str) -> String {
    format!("/participants/{person}/exam-results")
}

/// A person of the school who came of age long before the story.
fn grown(stage: &Stage<'_>) -> String {
    let number = u32::try_from(stage.app.number()).unwrap();
    let body = given::student(number).with("school", stage.school.clone());
    let body = body.without("nik").with("birth_date", "2005-08-01");
    stage.office.post("/participants", body).created().id()
}

#[track_caller]
fn record(staff: &Staff<'_>, person: &str, body: given::Body) -> Answer {
    staff.post(&results(person), body)
}

/// The level and the result that came of a paper.
fn came_of(answer: Answer) -> (Value, Value) {
    let result = answer.created().json();
    (result["level"].clone(), result["result"].clone())
}

/// A stage whose class needs a competency.
fn of_baristas(app: &App) -> Stage<'_> {
    let stage = app.stage();
    let mut curriculum = given::curriculum();
    curriculum["completion"]["external_exam"] = json!({ "exam": "BNSP", "level": "Barista" });
    let program = given::program("HOSP-2").with("curriculum", curriculum);
    let program = stage.office.post("/programs", program).created().id();
    let agreement = given::agreement(&stage.host, &program).with("number", "PKS/9");
    let agreement = stage.office.post("/agreements", agreement).created().id();
    let cohort = open(&stage.office, &program);
    let class = given::class(&cohort, &stage.host, &agreement).with("name", "Kopi").with("seats", 4);
    let class = stage.office.post("/classes", class).created().id();
    Stage { program, agreement, cohort, class, ..stage }
}

both! {
    fn a_paper_is_held_against_the_scheme_of_its_day(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let made = record(&stage.office, &person, jlpt().with("certificate_number", "N5A123456J")).created();
        let expected = json!({
            "id": made.id(),
            "participant": person,
            "scheme": "JLPT",
            "level": "N5",
            "taken_on": "2025-07-06",
            "sections": [{ "code": "knowledge_reading", "score": "71" }, { "code": "listening", "score": "32" }],
            "total": "103",
            "result": "passed",
            "computed": "passed",
            "cefr": "A1",
            "certificate_number": "N5A123456J",
            "valid_until": null,
            "reason": null,
            "replaces": null,
            "in_force": true,
            "withdrawn": null,
            "recorded_at": "2025-07-21T01:00:00Z",
            "recorded_by": stage.office.id,
        });
        assert_eq!(made.json(), expected);
        assert_eq!(made.location(), format!("/api/v1/exam-results/{}", made.id()));
        assert_eq!(stage.office.get(&made.location()).ok().json(), expected);
        assert_eq!(stage.office.get(&results(&person)).ok().json(), json!([expected]));
        let events = stage.office.all(&format!("/audit-events?subject={}", made.id()));
        assert_eq!(events[0]["action"], "exam.recorded");
        assert_eq!(events[0]["detail"], json!({ "scheme": "JLPT", "outcome": "passed" }));
        // One point less in one section is not enough, whatever the total.
        let listening = |score: &str| json!([
            { "code": "knowledge_reading", "score": "120" }, { "code": "listening", "score": score },
        ]);
        let person = stage.student();
        let failed = record(&stage.office, &person, jlpt().with("sections", listening("18"))).created().json();
        assert_eq!((&failed["result"], &failed["cefr"]), (&json!("failed"), &Value::Null));
        let passed = jlpt().with("sections", listening("19")).with("taken_on", "2024-12-01");
        assert_eq!(came_of(record(&stage.office, &person, passed)), (json!("N5"), json!("passed")));
        // 38 and 41 are enough for each section, and one point short together.
        let short = json!([{ "code": "knowledge_reading", "score": "38" }, { "code": "listening", "score": "41" }]);
        let short = jlpt().with("sections", short).with("taken_on", "2024-07-07");
        assert_eq!(came_of(record(&stage.office, &person, short)), (json!("N5"), json!("failed")));
        let days: Vec<String> = stage.office.get(&results(&person)).ok().json().as_array().unwrap().iter()
            .map(|one| text(&one["taken_on"]).to_owned()).collect();
        assert_eq!(days, ["2024-07-07", "2024-12-01", "2025-07-06"]);
    }

    fn what_is_wrong_with_a_paper_is_told_at_once(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let refused = |body: given::Body, fields: &[(&str, &str)]| record(&stage.office, &person, body).invalid(fields);
        let allowed = "JLPT, JFT-Basic, HSK, TOCFL, CEFR-EN, BNSP";
        let unknown = refused(jlpt().with("scheme", "TOEFL"), &[("/scheme", "field.unknown_value")]).json();
        assert_eq!(unknown["errors"][0]["facts"], json!({ "allowed": allowed }));
        refused(jlpt().with("taken_on", "2010-06-30"), &[("/taken_on", "exam.not_in_force")]);
        refused(jlpt().with("taken_on", "2025-07-22"), &[("/taken_on", "exam.future")]);
        // The exam as it was on the day of the test has no such level.
        let level = refused(jlpt().with("level", "N6"), &[("/level", "exam.level_unknown")]).json();
        assert_eq!(level["errors"][0]["facts"], json!({ "allowed": "N5, N4, N3, N2, N1" }));
        refused(jlpt().without("level"), &[("/level", "field.required")]);
        let sections = json!([
            { "code": "listening", "score": "61" }, { "code": "listening", "score": "20" },
            { "code": "speaking", "score": "20" },
        ]);
        let wrong = jlpt().with("sections", sections).with("total", "181").with("valid_until", "2025-07-05");
        refused(wrong, &[
            ("/sections", "exam.section_missing"),
            ("/sections/0/score", "exam.score_range"),
            ("/sections/1/code", "field.duplicate"),
            ("/sections/2/code", "exam.section_unknown"),
            ("/total", "exam.score_range"),
            ("/valid_until", "field.date_order"),
        ]);
        refused(jlpt().with("sections", json!([])).with("total", "120"), &[("/sections", "exam.section_missing")]);
        let total = refused(jlpt().with("total", "104"), &[("/total", "exam.total_differs")]).json();
        assert_eq!(total["errors"][0]["facts"], json!({ "sum": "103" }));
        refused(jlpt().with("sections", json!([])), &[("/result", "exam.result_required")]);
        let points = json!([{ "code": "listening", "score": "3,5" }, { "code": "", "score": "" }]);
        let malformed = jlpt().with("sections", points).with("total", "9999.01").with("result", "K");
        refused(malformed, &[
            ("/result", "field.unknown_value"),
            ("/sections/0/score", "points.range"),
            ("/sections/1/code", "field.required"),
            ("/sections/1/score", "field.required"),
            ("/total", "points.range"),
        ]);
        let numbers = jlpt().with("certificate_number", "1807055708070001").with("reason", "NIK 1807055708070001");
        refused(numbers, &[
            ("/certificate_number", "field.identity_number"),
            ("/reason", "field.identity_number"),
        ]);
        assert_eq!(app.count("exam_results"), 0);
    }

    fn a_scheme_changes_on_its_day(app: &App) {
        let stage = app.stage();
        let person = grown(&stage);
        app.set_clock("2026-09-01T03:00:00Z");
        let office = stage.office_now();
        let came = |taken_on: &str, total: &str| came_of(record(&office, &person, jft(taken_on, total)));
        // Until July 2026 there was A2 and nothing below.
        assert_eq!(came("2026-07-30", "199"), (Value::Null, json!("failed")));
        assert_eq!(came("2026-07-31", "200"), (json!("A2"), json!("passed")));
        for (day, total, level) in [
            ("2026-08-01", "144", Value::Null),
            ("2026-08-02", "145", json!("A1")),
            ("2026-08-03", "174", json!("A1")),
            ("2026-08-04", "175", json!("A2.1")),
            ("2026-08-05", "199", json!("A2.1")),
            ("2026-08-06", "200", json!("A2.2")),
            ("2026-08-07", "250", json!("A2.2")),
        ] {
            let outcome = if level.is_null() { "failed" } else { "passed" };
            assert_eq!(came(day, total), (level, json!(outcome)), "{total} on {day}");
        }
        let early = jft("2026-07-29", "150").with("level", "A1");
        record(&office, &person, early).invalid(&[("/level", "exam.level_unknown")]);
        record(&office, &person, jft("2026-08-08", "251")).invalid(&[("/total", "exam.score_range")]);
        record(&office, &person, jft("2019-03-31", "200")).invalid(&[("/taken_on", "exam.not_in_force")]);
        let sections = json!([{ "code": "listening", "score": "80" }]);
        let without = jft("2026-08-08", "200").without("total").with("sections", sections);
        record(&office, &person, without).invalid(&[("/total", "field.required")]);
        // One sitting has one result, whatever level it gave.
        record(&office, &person, jft("2026-08-06", "180")).status(409).refused("exam.already_recorded");
        // A new HSK has no marks that are known: the paper has the word.
        let hsk = |day: &str| given::body(json!({ "scheme": "HSK", "level": "2", "taken_on": day, "total": "150" }));
        record(&office, &person, hsk("2026-07-01")).invalid(&[("/result", "exam.result_required")]);
        let said = record(&office, &person, hsk("2026-07-01").with("result", "passed")).created().json();
        assert_eq!((&said["result"], &said["computed"], &said["cefr"]), (&json!("passed"), &Value::Null, &Value::Null));
        let scores = json!([{ "code": "listening", "score": "70" }, { "code": "reading", "score": "50" }]);
        let old = hsk("2026-06-30").with("total", "120").with("sections", scores);
        let old = record(&office, &person, old).created().json();
        assert_eq!((&old["result"], &old["cefr"]), (&json!("passed"), &json!("A2")));
    }

    fn an_exam_has_an_age_on_its_day(app: &App) {
        let stage = app.stage();
        // Eighteen on 17 August 2025.
        let person = stage.student();
        app.set_clock("2025-09-01T03:00:00Z");
        let office = stage.office_now();
        let young = record(&office, &person, jft("2025-08-16", "210")).invalid(&[("/taken_on", "exam.too_young")]);
        assert_eq!(young.json()["errors"][0]["facts"], json!({ "minimum": "18" }));
        record(&office, &person, jft("2025-08-17", "210")).created();
        // JLPT has no age, but nobody sat for it before birth.
        record(&office, &person, jlpt().with("taken_on", "2010-07-04")).created();
        let number = u32::try_from(app.number()).unwrap();
        let late = given::student(number).with("school", stage.school.clone()).without("nik");
        let late = office.post("/participants", late.with("birth_date", "2011-01-01")).created().id();
        record(&office, &late, jlpt().with("taken_on", "2010-07-04")).invalid(&[("/taken_on", "exam.too_young")]);
    }

    fn a_competency_has_a_name_and_three_years(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let bnsp = given::body(json!({
            "scheme": "BNSP", "level": "Pramusaji", "taken_on": "2025-02-28", "result": "passed",
            "certificate_number": "No. 55101 5131 5 0001234 2025",
        }));
        let made = record(&stage.office, &person, bnsp.clone()).created().json();
        assert_eq!((&made["level"], &made["computed"]), (&json!("Pramusaji"), &Value::Null));
        assert_eq!(made["valid_until"], "2028-02-28");
        record(&stage.office, &person, bnsp.clone()).status(409).refused("exam.already_recorded");
        // Another competency on the same day, of which the paper says how long it counts.
        let other = bnsp.clone().with("level", "Barista").with("valid_until", "2027-02-28");
        assert_eq!(record(&stage.office, &person, other).created().json()["valid_until"], "2027-02-28");
        let failed = bnsp.clone().with("level", "Tata Graha").with("result", "failed");
        assert_eq!(record(&stage.office, &person, failed).created().json()["valid_until"], Value::Null);
        record(&stage.office, &person, bnsp.clone().without("level")).invalid(&[("/level", "field.required")]);
        record(&stage.office, &person, bnsp.clone().without("result").with("level", "Tata Boga"))
            .invalid(&[("/result", "exam.result_required")]);
        let scored = bnsp.with("level", "Tata Boga").with("sections", json!([{ "code": "K", "score": "1" }]));
        record(&stage.office, &person, scored).invalid(&[("/sections/0/code", "exam.section_unknown")]);
    }

    fn a_paper_that_differs_from_its_scores_is_confirmed(app: &App) {
        let stage = app.stage();
        let person = grown(&stage);
        let reason = "Pengumuman resmi setelah nilai diperbaiki panitia";
        let sections = json!([{ "code": "knowledge_reading", "score": "60" }, { "code": "listening", "score": "18" }]);
        let body = jlpt().with("sections", sections).with("result", "passed");
        let asked = record(&stage.office, &person, body.clone()).status(409).refused("input.confirmation_required");
        assert_eq!(asked.json()["warnings"][0]["pointer"], "/result");
        assert_eq!(asked.json()["warnings"][0]["facts"], json!({ "computed": "failed" }));
        let confirmed = body.with("confirm", json!(["exam.result_differs"]));
        record(&stage.office, &person, confirmed.clone()).invalid(&[("/reason", "field.required")]);
        let made = record(&stage.office, &person, confirmed.with("reason", reason)).created().json();
        assert_eq!((&made["result"], &made["computed"]), (&json!("passed"), &json!("failed")));
        assert_eq!(made["reason"], reason);
        assert_eq!(app.count_where("audit_events", &format!("reason = '{reason}'")), 1);
        app.set_clock("2026-09-01T03:00:00Z");
        let office = stage.office_now();
        let named = jft("2026-08-10", "180").with("level", "A2.2");
        let asked = record(&office, &person, named.clone()).status(409).refused("input.confirmation_required").json();
        assert_eq!(asked["warnings"][0]["pointer"], "/level");
        assert_eq!(asked["warnings"][0]["facts"], json!({ "computed": "A2.1" }));
        let sure = named.with("confirm", json!(["exam.result_differs"])).with("reason", reason);
        assert_eq!(came_of(record(&office, &person, sure)), (json!("A2.2"), json!("passed")));
        let nothing = jft("2026-08-11", "180").with("result", "failed");
        let asked = record(&office, &person, nothing).status(409).refused("input.confirmation_required").json();
        assert_eq!(asked["warnings"][0]["pointer"], "/result");
        let bare = jft("2026-08-12", "180").without("total").with("result", "passed");
        record(&office, &person, bare.clone()).invalid(&[("/level", "field.required")]);
        assert_eq!(came_of(record(&office, &person, bare.with("level", "A1"))), (json!("A1"), json!("passed")));
    }

    fn a_correction_keeps_what_was_there_before(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let first = record(&stage.office, &person, jlpt()).created();
        app.set_clock("2025-08-20T03:00:00Z");
        let office = stage.office_now();
        let corrections = format!("{}/corrections", first.location());
        let reason = "Nilai dikoreksi penyelenggara";
        let sections = json!([{ "code": "knowledge_reading", "score": "61" }, { "code": "listening", "score": "18" }]);
        let corrected = jlpt().with("sections", sections);
        office.post(&corrections, corrected.clone()).invalid(&[("/reason", "field.required")]);
        office.post(&corrections, jlpt().with("reason", reason).with("level", "N6"))
            .invalid(&[("/level", "exam.level_unknown")]);
        let second = office.post(&corrections, corrected.with("reason", reason)).created();
        let result = second.json();
        assert_eq!((&result["result"], &result["total"]), (&json!("failed"), &json!("79")));
        assert_eq!((&result["replaces"], &result["in_force"]), (&json!(first.id()), &json!(true)));
        let kept = office.get(&first.location()).ok().json();
        let mut before = first.json();
        before["in_force"] = json!(false);
        assert_eq!(kept, before, "the first is never lost");
        let event = office.all(&format!("/audit-events?subject={}", second.id())).remove(0);
        assert_eq!(event["action"], "exam.corrected");
        assert_eq!(event["changes"], json!({
            "outcome": { "before": "passed", "after": "failed" },
            "scores": "changed",
        }));
        // What was replaced is not corrected again; its correction is.
        office.post(&corrections, jlpt().with("reason", reason)).status(409).refused("exam.already_corrected");
        let further = format!("{}/corrections", second.location());
        let answers = at_once(4, |_| office.post(&further, jlpt().with("reason", "Salah ketik")));
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.status(409).refused("exam.already_corrected");
        }
        let all = office.get(&results(&person)).ok().json();
        let chain: Vec<(&Value, &Value)> =
            all.as_array().unwrap().iter().map(|one| (&one["replaces"], &one["in_force"])).collect();
        let (no, yes) = (json!(false), json!(true));
        let (one, two) = (json!(first.id()), json!(second.id()));
        assert_eq!(chain, [(&Value::Null, &no), (&one, &no), (&two, &yes)]);
        // A day that was mistyped is corrected too, unless that day has a result of its own.
        let last = text(&all[2]["id"]);
        record(&office, &person, jlpt().with("taken_on", "2024-12-01")).created();
        let path = format!("/exam-results/{last}/corrections");
        let moved = jlpt().with("reason", "Tanggal keliru");
        office.post(&path, moved.clone().with("taken_on", "2024-12-01")).status(409).refused("exam.already_recorded");
        office.post(&path, moved.with("taken_on", "2024-07-07")).created();
        assert_eq!(app.count_where("exam_results", "in_force"), 2);
    }

    fn eight_at_once_make_one(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let answers = at_once(8, |_| record(&stage.office, &person, jlpt()));
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.status(409).refused("exam.already_recorded");
        }
        assert_eq!(app.count("exam_results"), 1);
        assert_eq!(app.count_where("audit_events", "action = 'exam.recorded'"), 1);
    }

    fn results_are_of_ones_own_people(app: &App) {
        let stage = app.stage();
        let (member, other) = (stage.student(), stage.student());
        stage.seated(&member);
        let manager = app.manager(&stage.host);
        let made = record(&manager, &member, jlpt()).created();
        // Who does not sit in the partner's classes is not there for it.
        record(&manager, &other, jlpt()).not_there();
        let theirs = record(&stage.office, &other, jlpt()).created();
        manager.get(&theirs.location()).not_there();
        manager.get(&results(&other)).not_there();
        let corrected = jlpt().with("reason", "Salah ketik");
        manager.post(&format!("{}/corrections", theirs.location()), corrected.clone()).not_there();
        // A school and an instructor read, and write nothing.
        let coordinator = app.coordinator(&stage.school);
        for reader in [&coordinator, &stage.instructor] {
            assert_eq!(reader.get(&results(&member)).ok().json().as_array().unwrap().len(), 1);
            record(reader, &member, jlpt().with("taken_on", "2024-07-07")).denied();
            reader.post(&format!("{}/corrections", made.location()), corrected.clone()).denied();
        }
        coordinator.get(&theirs.location()).ok();
        stage.instructor.get(&theirs.location()).not_there();
        let elsewhere = app.school(stage.regency);
        app.coordinator(&elsewhere).get(&made.location()).not_there();
        for nobody in [app.observer("18"), app.regency_officer(stage.regency)] {
            nobody.get(&made.location()).denied();
        }
        app.office("31").get(&made.location()).not_there();
    }

    fn what_ends_soon_is_listed(app: &App) {
        let stage = app.stage();
        let bnsp = |taken_on: &str, until: &str| given::body(json!({
            "scheme": "BNSP", "level": format!("Pramusaji {taken_on}"), "taken_on": taken_on, "result": "passed",
            "valid_until": until, "confirm": ["exam.valid_long"],
        }));
        let (first, second) = (stage.student(), stage.student());
        stage.seated(&first);
        // Today is 21 July; ninety days from it is 19 October.
        for (person, taken_on, until) in [
            (&first, "2022-08-01", "2025-10-18"),
            (&second, "2022-08-02", "2025-07-21"),
            (&first, "2022-08-03", "2025-07-20"),
            (&second, "2022-08-04", "2025-10-19"),
            (&first, "2022-08-05", "2025-07-21"),
        ] {
            record(&stage.office, person, bnsp(taken_on, until)).created();
        }
        record(&stage.office, &first, jlpt()).created();
        // What was corrected away and what was failed end no more.
        let wrong = record(&stage.office, &second, bnsp("2022-08-06", "2025-08-01")).created();
        let renewed = bnsp("2022-08-06", "2028-08-01").with("reason", "Salah baca tahun");
        stage.office.post(&format!("{}/corrections", wrong.location()), renewed).created();
        let days = |staff: &Staff<'_>, query: &str| -> Vec<(String, String)> {
            let rows = staff.all(&format!("/exam-results?limit=1{query}"));
            let told = |member: &Value| text(member).to_owned();
            rows.iter().map(|row| (told(&row["result"]["taken_on"]), told(&row["name"]))).collect()
        };
        let row = |day: &str| (day.to_owned(), "Siti Nur'aini".to_owned());
        let all = [row("2022-08-02"), row("2022-08-05"), row("2022-08-01")];
        assert_eq!(days(&stage.office, ""), all);
        assert_eq!(days(&app.coordinator(&stage.school), ""), all);
        let own = [row("2022-08-05"), row("2022-08-01")];
        assert_eq!(days(&app.manager(&stage.host), ""), own);
        assert_eq!(days(&stage.instructor, ""), own);
        assert!(days(&app.office("31"), "").is_empty());
        assert!(days(&app.coordinator(&app.school(stage.regency)), "").is_empty());
        assert_eq!(days(&stage.office, "&expiring_before=2025-07-22"), all[..2]);
        assert_eq!(days(&stage.office, "&expiring_before=2025-10-20").len(), 4);
        stage.office.get("/exam-results?expiring_before=besok").invalid(&[("/expiring_before", "field.date")]);
        app.observer("18").get("/exam-results").denied();
        // What has ended is asked for by the day since when.
        assert_eq!(days(&stage.office, "&ended_since=2025-07-20"), [row("2022-08-03")]);
        assert_eq!(days(&stage.office, "&ended_since=2025-07-21"), []);
        assert_eq!(days(&stage.office, "&ended_since=2025-07-20&expiring_before=2025-07-22").len(), 3);
        // A later pass of the same that holds longer takes an earlier one off the list; one that ends sooner does not.
        // Whoever typed it may have used other capitals.
        let again = |until: &str, taken_on: &str| {
            let renewed = bnsp(taken_on, until).with("level", "PRAMUSAJI 2022-08-05");
            record(&stage.office, &first, renewed).created();
        };
        again("2025-07-20", "2023-01-02");
        assert_eq!(days(&stage.office, "&expiring_before=2025-07-22"), all[..2]);
        again("2028-07-01", "2025-07-01");
        assert_eq!(days(&stage.office, "&expiring_before=2025-07-22"), all[..1]);
        assert_eq!(days(&stage.office, "&ended_since=2025-07-20"), [row("2022-08-03")]);
    }

    fn a_result_of_somebody_else_is_withdrawn_and_stays_on_record(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let made = record(&stage.office, &person, jlpt()).created();
        let (path, body) = (format!("{}/withdrawal", made.location()), json!({ "reason": "Hasil orang lain" }));
        let office = &stage.office;
        office.post_change(&path, &made.etag(), json!({})).invalid(&[("/reason", "field.required")]);
        office.post_change(&path, "\"7\"", body.clone()).status(412);
        app.coordinator(&stage.school).post_change(&path, &made.etag(), body.clone()).denied();
        app.manager(&stage.host).post_change(&path, &made.etag(), body.clone()).not_there();
        let back = office.post_change(&path, &made.etag(), body.clone()).ok();
        let withdrawn = json!({ "at": "2025-07-21T01:00:00Z", "by": office.id, "reason": "Hasil orang lain" });
        assert_eq!((&back.json()["in_force"], &back.json()["withdrawn"]), (&json!(false), &withdrawn));
        assert_eq!(office.get(&results(&person)).ok().json(), json!([back.json()]));
        let event = office.all(&format!("/audit-events?subject={}", made.id())).pop().unwrap();
        assert_eq!((&event["action"], &event["reason"]), (&json!("exam.withdrawn"), &json!("Hasil orang lain")));
        office.post_change(&path, &back.etag(), body.clone()).status(409).refused("exam.withdrawn");
        let corrections = format!("{}/corrections", made.location());
        office.post(&corrections, jlpt().with("reason", "Salah ketik")).status(409).refused("exam.withdrawn");
        // Whose it was gets it, and who sat for it all the same gets another.
        record(office, &stage.student(), jlpt()).created();
        let anew = record(office, &person, jlpt()).created();
        // A correction is of the same exam.
        let corrections = format!("{}/corrections", anew.location());
        let other = given::competency("Barista").with("reason", "Salah ujian");
        office.post(&corrections, other).invalid(&[("/scheme", "exam.other_exam")]);
        office.post(&corrections, jlpt().with("reason", "Nomor").with("certificate_number", "N5A1")).created();
        office.post_change(&format!("{}/withdrawal", anew.location()), "\"2\"", body)
            .status(409).refused("exam.already_corrected");
        let reasons = app.count_where("exam_results", "withdrawal_reason IS NOT NULL");
        assert_eq!(reasons, 1);
    }

    fn the_number_of_a_paper_is_one_persons(app: &App) {
        let stage = app.stage();
        let (one, other) = (stage.student(), stage.student());
        let numbered = jlpt().with("certificate_number", "N5A123456J");
        record(&stage.office, &one, numbered.clone()).created();
        let asked = record(&stage.office, &other, numbered.clone()).status(409).refused("input.confirmation_required");
        assert_eq!(asked.json()["warnings"][0]["pointer"], "/certificate_number");
        assert_eq!(asked.json()["warnings"][0]["code"], "exam.number_taken");
        record(&stage.office, &other, numbered.with("confirm", json!(["exam.number_taken"]))).created();
        // In a list too, against the register and against another row.
        let row = |person: &str, number: &str| {
            format!("Siti,{},JLPT,N5,01/12/2024,71,32,,{number}", nisn(&stage.office, person))
        };
        let rows = [row(&stage.student(), "N5A123456J"), row(&one, "N5B1"), row(&other, "N5B1")];
        let planned = bring(&stage.office, "", HEADER, &rows).created();
        let asked: Vec<usize> = plan(&stage.office, &planned).iter().map(|(_, found)| found.len()).collect();
        assert_eq!(asked, [1, 0, 1]);
        apply(&stage.office, &planned, &[]).status(409).refused("import.warnings");
        apply(&stage.office, &planned, &["exam.number_taken"]).ok();
        // Without a paper that differs from its scores there is nothing to explain.
        assert_eq!(stage.office.get(&results(&one)).ok().json()[0]["reason"], Value::Null);
    }

    fn a_paper_says_what_its_exam_can_say(app: &App) {
        let stage = app.stage();
        let (person, listed) = (grown(&stage), stage.student());
        app.set_clock("2026-09-01T03:00:00Z");
        let office = stage.office_now();
        // Under 145 points the result shows a star in place of a level.
        for (day, body) in [
            ("2026-08-02", json!({ "level": "*" })),
            ("2026-08-03", json!({ "result": "*" })),
            ("2026-08-04", json!({ "level": "*", "result": "*", "total": "140" })),
        ] {
            let mut body = body;
            (body["scheme"], body["taken_on"]) = (json!("JFT-Basic"), json!(day));
            assert_eq!(came_of(record(&office, &person, given::body(body))), (Value::Null, json!("failed")));
        }
        let both = jft("2026-08-05", "180").with("level", "A2.1").with("result", "*");
        record(&office, &person, both).invalid(&[("/result", "field.unknown_value")]);
        record(&office, &person, jlpt().with("level", "*")).invalid(&[("/level", "exam.level_unknown")]);
        let low = record(&office, &person, jft("2026-08-05", "5")).invalid(&[("/total", "exam.score_lowest")]);
        assert_eq!(low.json()["errors"][0]["facts"], json!({ "min": "10" }));
        record(&office, &person, jft("2026-08-05", "10")).created();
        record(&office, &person, jft("2026-08-06", "199.5")).invalid(&[("/total", "exam.score_whole")]);
        let sections = json!([{ "code": "knowledge_reading", "score": "60.25" }, { "code": "listening", "score": "19.5" }]);
        record(&office, &person, jlpt().with("sections", sections))
            .invalid(&[("/sections/0/score", "exam.score_whole"), ("/sections/1/score", "exam.score_whole")]);
        // JLPT is on the first Sunday of July and December; another day is asked about, without a reason.
        let odd = jlpt().with("taken_on", "2025-07-13");
        let asked = record(&office, &person, odd.clone()).status(409).refused("input.confirmation_required");
        assert_eq!(asked.json()["warnings"][0]["code"], "exam.test_day");
        record(&office, &person, odd.with("confirm", json!(["exam.test_day"]))).created();
        let bnsp = given::competency("Barista");
        let long = bnsp.clone().with("valid_until", "2030-01-01");
        let asked = record(&office, &person, long).status(409).refused("input.confirmation_required");
        assert_eq!(asked.json()["warnings"][0]["code"], "exam.valid_long");
        record(&office, &person, bnsp.clone()).created();
        record(&office, &person, bnsp.with("level", "barista")).status(409).refused("exam.already_recorded");
        // The same in a list.
        let person = listed;
        let row = |rest: &str| format!("Siti,{},{rest}", nisn(&office, &person));
        let rows = [
            row("JFT-Basic,*,02/08/2026,,,,"), row("JFT-Basic,,03/08/2026,,,*,"), row("JFT-Basic,A1,04/08/2026,,,*,"),
            row("JLPT,N5,06/07/2025,1.180,32,,"), row("JLPT,N5,13/07/2025,71,32,,"),
        ];
        let planned = bring(&office, "", HEADER, &rows).created();
        let said = |code: &str, cell: &str| vec![(code.to_owned(), json!(cell))];
        assert_eq!(plan(&office, &planned), [
            ("new".to_owned(), Vec::new()),
            ("new".to_owned(), Vec::new()),
            ("problem".to_owned(), said("field.unknown_value", "H4")),
            ("problem".to_owned(), said("points.range", "F5")),
            ("new".to_owned(), said("exam.test_day", "E6")),
        ]);
        apply(&office, &planned, &["exam.test_day"]).ok();
        let told = office.get(&results(&person)).ok().json();
        assert_eq!((&told[1]["level"], &told[1]["result"]), (&Value::Null, &json!("failed")));
    }

    fn a_pass_that_ended_after_the_decision_takes_nothing_away(app: &App) {
        let stage = of_baristas(app);
        let person = stage.student();
        let member = stage.seated(&person);
        record(&stage.office, &person, given::competency("Barista")).created();
        stage.graduate(std::slice::from_ref(&member));
        let completions = format!("/classes/{}/completions", stage.class);
        let differs = || {
            let all = stage.office_now().get(&completions).ok().json();
            (all[0]["decision"]["outcome"].clone(), all[0]["differs"].clone())
        };
        assert_eq!(differs(), (json!("completed"), json!(false)));
        // A competency counts for three years.
        app.set_clock("2029-01-02T03:00:00Z");
        assert_eq!(differs(), (json!("completed"), json!(false)));
        let office = stage.office_now();
        let again = json!({ "reason": "Nama salah cetak" });
        office.acts(&format!("/enrollments/{member}"), "completion/reopening", again);
        office.post(&completions, given::decision()).ok();
        let decided = office.get(&format!("/enrollments/{member}/completion")).ok().json();
        assert_eq!(decided["outcome"], "completed", "{decided}");
    }

    fn what_was_decided_on_an_exam_that_was_lost_is_not_certified(app: &App) {
        let stage = of_baristas(app);
        let people: Vec<String> = (0..3).map(|_| stage.student()).collect();
        let members: Vec<String> = people.iter().map(|person| stage.seated(person)).collect();
        // The competency that was taken first is not the one that is asked for.
        let passes: Vec<Answer> = people.iter().map(|person| {
            record(&stage.office, person, given::competency("Pramusaji")).created();
            record(&stage.office, person, given::competency("Barista").with("taken_on", "2025-06-03")).created()
        }).collect();
        stage.graduate(&members);
        let office = stage.office_now();
        let decided = office.get(&format!("/enrollments/{}/completion", members[0])).ok().json();
        let exam = decided["evidence"]["requirements"].as_array().unwrap().last().unwrap().clone();
        let expected = json!({
            "kind": "external_exam", "subject": "BNSP", "required": "Barista", "actual": "Barista", "met": true,
            "rows": [passes[0].id()],
        });
        assert_eq!(exam, expected);
        // One turns out to be failed, of one only the number was wrong.
        let correct = |pass: &Answer, body: given::Body| {
            let body = body.with("taken_on", "2025-06-03").with("reason", "Salah baca");
            office.post(&format!("{}/corrections", pass.location()), body).created();
        };
        correct(&passes[0], given::competency("Barista").with("result", "failed"));
        correct(&passes[1], given::competency("Barista").with("certificate_number", "No. 55101"));
        let answers = |stage: &Stage<'_>| -> Vec<(Value, Value)> {
            let all = stage.issue(&stage.class).ok().json();
            let of = |member: &String| {
                let one = all.as_array().unwrap().iter().find(|one| one["enrollment"] == **member).unwrap();
                (one["result"].clone(), one["code"].clone())
            };
            members.iter().map(of).collect()
        };
        let issued = (json!("issued"), Value::Null);
        assert_eq!(
            answers(&stage),
            [(json!("refused"), json!("completion.exam_lost")), issued.clone(), issued.clone()]
        );
        // Once the province has opened it again and the pass is there, it is issued.
        let again = json!({ "reason": "Hasil ujian dikoreksi" });
        office.acts(&format!("/enrollments/{}", members[0]), "completion/reopening", again);
        record(&office, &people[0], given::competency("barista").with("taken_on", "2025-07-01")).created();
        office.post(&format!("/classes/{}/completions", stage.class), json!({})).ok();
        assert_eq!(answers(&stage)[0], issued);
        // A certificate is not printed anew either once its exam is lost.
        office.acts(&format!("/exam-results/{}", passes[2].id()), "withdrawal", json!({ "reason": "Orang lain" }));
        let held = office.all(&format!("/certificates?enrollment={}", members[2])).remove(0);
        let replacement = format!("/certificates/{}/replacement", text(&held["id"]));
        let refused = office.post(&replacement, json!({ "reason": "Nama salah cetak" }));
        refused.status(409).refused("completion.exam_lost");
    }

    fn an_exam_opens_the_way_to_the_next_program(app: &App) {
        let stage = app.stage();
        let mut second = given::curriculum();
        second["prerequisites"] =
            json!([{ "any_of": [{ "exam": "JLPT", "level": "N5" }, { "exam": "JFT-Basic", "level": "A2" }] }]);
        let program = given::program("JPN-N4").with("curriculum", second);
        let program = stage.office.post("/programs", program).created().id();
        let cohort = open(&stage.office, &program);
        let enrollments = format!("/cohorts/{cohort}/enrollments");
        let stands = |person: &str| {
            let checks = stage.office.get(&format!("/cohorts/{cohort}/eligibility?participant={person}")).ok().json();
            let check = checks.as_array().unwrap().iter().find(|one| one["name"] == "prerequisite").unwrap().clone();
            let made = stage.office.post(&enrollments, json!({ "participant": person })).created().json();
            (check["result"].clone(), made["state"].clone())
        };
        let ready = (json!("passed"), json!("waitlisted"));
        let not_yet = (json!("to_confirm"), json!("applied"));
        assert_eq!(stands(&stage.student()), not_yet);
        let exact = stage.student();
        record(&stage.office, &exact, jlpt()).created();
        assert_eq!(stands(&exact), ready);
        let higher = stage.student();
        record(&stage.office, &higher, jlpt().with("level", "N4").with("sections", json!([])).with("result", "passed"))
            .created();
        assert_eq!(stands(&higher), ready);
        let failed = stage.student();
        record(&stage.office, &failed, jlpt().with("sections", json!([])).with("result", "failed")).created();
        assert_eq!(stands(&failed), not_yet);
        let corrected = stage.student();
        let made = record(&stage.office, &corrected, jlpt()).created();
        let withdrawn = jlpt().with("sections", json!([])).with("result", "failed").with("reason", "Hasil dibatalkan");
        stage.office.post(&format!("{}/corrections", made.location()), withdrawn).created();
        assert_eq!(stands(&corrected), not_yet);
        let ended = stage.student();
        record(&stage.office, &ended, jlpt().with("valid_until", "2025-07-20")).created();
        assert_eq!(stands(&ended), not_yet);
        let of_another = stage.student();
        let hsk = json!({ "scheme": "HSK", "level": "4", "taken_on": "2025-07-06", "result": "passed" });
        record(&stage.office, &of_another, given::body(hsk)).created();
        assert_eq!(stands(&of_another), not_yet);
    }

    fn completion_asks_for_the_exam_and_finds_it(app: &App) {
        let stage = app.stage();
        let mut curriculum = given::curriculum();
        curriculum["completion"]["external_exam"] = json!({ "exam": "JFT-Basic", "level": "A2" });
        let program = given::program("JPN-A2").with("curriculum", curriculum);
        let program = stage.office.post("/programs", program).created().id();
        let agreement = given::agreement(&stage.host, &program).with("number", "PKS/9");
        let agreement = stage.office.post("/agreements", agreement).created().id();
        let body = given::cohort(&program).with("ends_on", "2026-10-20").with("confirm", json!(["cohort.length_unusual"]));
        let cohort = stage.office.post("/cohorts", body.with("length_reason", "Menunggu ujian")).created();
        stage.office.post_change(&format!("{}/state", cohort.location()), &cohort.etag(), json!({ "to": "open" })).ok();
        let class = given::class(&cohort.id(), &stage.host, &agreement).with("name", "Jepang").with("seats", 4);
        let class = stage.office.post("/classes", class).created().id();
        let stage = Stage { cohort: cohort.id(), class, program, agreement, ..stage };
        let people: Vec<String> = (0..4).map(|_| stage.student()).collect();
        let members: Vec<String> = people.iter().map(|person| stage.seated(person)).collect();
        app.set_clock("2026-08-20T03:00:00Z");
        let office = stage.office_now();
        // The new bands: A2.2 is what A2 was, A2.1 is not; and A2 of the old kind is A2 for good.
        let new = record(&office, &people[0], jft("2026-08-10", "200")).created().id();
        let less = record(&office, &people[1], jft("2026-08-10", "199")).created().id();
        let old = record(&office, &people[2], jft("2026-07-31", "200")).created().id();
        record(&office, &people[2], jft("2026-08-10", "150")).created();
        let found = office.get(&format!("/classes/{}/completions", stage.class)).ok().json();
        let exam = |member: &str| {
            let one = found.as_array().unwrap().iter().find(|one| one["enrollment"] == member).unwrap();
            let all = one["evidence"]["requirements"].as_array().unwrap();
            all.iter().find(|one| one["kind"] == "external_exam").unwrap().clone()
        };
        for (member, actual, met, rows) in [
            (&members[0], json!("A2.2"), true, json!([new])),
            (&members[1], json!("A2.1"), false, json!([less])),
            (&members[2], json!("A2"), true, json!([old])),
            (&members[3], Value::Null, false, json!([])),
        ] {
            let expected = json!({
                "kind": "external_exam", "subject": "JFT-Basic", "required": "A2", "actual": actual, "met": met,
                "rows": rows,
            });
            assert_eq!(exam(member), expected);
        }
    }

    fn a_hold_stops_results_and_erasure_leaves_no_number(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let paper = jlpt().with("certificate_number", "N5A123456J").with("result", "failed")
            .with("confirm", json!(["exam.result_differs"])).with("reason", "Ujian dibatalkan panitia");
        let made = record(&stage.office, &person, paper).created();
        let ask = |kind: &str| {
            let path = format!("/participants/{person}/person-requests");
            stage.office.post(&path, given::person_request(kind)).created().id()
        };
        let decide = |request: &str| {
            let done = json!({ "verdict": "done", "answer": "Sudah dilaksanakan." });
            stage.office.acts(&format!("/person-requests/{request}"), "decision", done)
        };
        let access = ask("access");
        let dossier = stage.office.post(&format!("/person-requests/{access}/dossier"), json!({})).ok().json();
        assert_eq!(dossier["exams"], json!([made.json()]));
        let page = stage.office.get(&format!("/dossiers/{access}")).ok().text();
        assert!(page.contains("N5A123456J"), "{page}");
        decide(&ask("suspension"));
        record(&stage.office, &person, jlpt().with("taken_on", "2024-07-07")).status(409).refused("hold.in_force");
        let corrected = jlpt().with("reason", "Salah ketik");
        let path = format!("{}/corrections", made.location());
        stage.office.post(&path, corrected).status(409).refused("hold.in_force");
        decide(&ask("erasure"));
        let left = stage.office.get(&made.location()).ok().json();
        assert_eq!((&left["certificate_number"], &left["reason"]), (&Value::Null, &Value::Null));
        assert_eq!((&left["level"], &left["result"]), (&json!("N5"), &json!("failed")));
        assert_eq!(stage.office.all("/exam-results"), Vec::<Value>::new());
    }
}

/// The number by which a person's school knows them nationwide.
fn nisn(staff: &Staff<'_>, person: &str) -> String {
    staff.get(&format!("/participants/{person}")).ok().field("nisn")
}

#[track_caller]
fn bring(staff: &Staff<'_>, place: &str, header: &str, rows: &[String]) -> Answer {
    let file = format!("{header}\n{}\n", rows.join("\n"));
    staff.upload(&format!("/imports?kind=exam_results{place}"), "text/csv", file.as_bytes())
}

#[track_caller]
fn apply(staff: &Staff<'_>, planned: &Answer, confirm: &[&str]) -> Answer {
    let etag = staff.get(&planned.location()).ok().etag();
    staff.post_change(&format!("{}/application", planned.location()), &etag, json!({ "confirm": confirm }))
}

/// What is to become of each row, and the codes and cells of what was found in it.
fn plan(staff: &Staff<'_>, planned: &Answer) -> Vec<(String, Vec<(String, Value)>)> {
    let found = |one: &Value| (text(&one["code"]).to_owned(), one["cell"].clone());
    let rows = staff.all(&format!("{}/rows", planned.location()));
    let row = |row: &Value| {
        let findings = row["findings"].as_array().unwrap().iter().map(found).collect();
        (text(&row["action"]).to_owned(), findings)
    };
    rows.iter().map(row).collect()
}

const HEADER: &str =
    "Nama,NISN,Ujian,Tingkat,Tanggal Tes,Pengetahuan Bahasa dan Membaca,Menyimak,Hasil,Nomor Sertifikat";

both! {
    fn a_list_of_results_is_planned_written_and_taken_back(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let people: Vec<String> = (0..5).map(|_| stage.student()).collect();
        let number: Vec<String> = people.iter().map(|person| nisn(office, person)).collect();
        let there = record(office, &people[2], jlpt().with("certificate_number", "N5A1")).created();
        record(office, &people[3], jlpt()).created();
        let rows = [
            format!("Siti,{},JLPT,N5,6 Juli 2025,71,32,Lulus,N5A123", number[0]),
            format!("Siti,{},jlpt n5,,06/07/2025,40,19/60,,", number[1]),
            format!("Siti,{},JLPT,N5,2025-07-06,61,18,Tidak lulus,", number[2]),
            format!("Siti,{},JLPT,N5,06/07/2025,71,32,,", number[3]),
            "Siti,0012345678,JLPT,N5,06/07/2025,71,32,,".to_owned(),
            format!("Siti,{},JLPT,N9,31/02/2025,x,61,mungkin,", number[4]),
            format!("Siti,{},JLPT,N5,06/07/2025,121,61,,1807055708070001", number[4]),
            format!("Siti,{},JLPT,N5,06/07/2025,71,32,,", number[0]),
            "Siti,,JLPT,N5,06/07/2025,71,32,,".to_owned(),
        ];
        let planned = bring(office, "", HEADER, &rows).created();
        let said = |code: &str, cell: &str| (code.to_owned(), json!(cell));
        let none = Vec::new;
        assert_eq!(plan(office, &planned), [
            ("new".to_owned(), none()),
            ("new".to_owned(), none()),
            ("changed".to_owned(), none()),
            ("same".to_owned(), none()),
            ("problem".to_owned(), vec![said("row.person_unknown", "B6")]),
            ("problem".to_owned(), vec![
                said("cell.date", "E7"), said("points.range", "F7"), said("field.unknown_value", "H7"),
            ]),
            ("problem".to_owned(), vec![
                said("field.identity_number", "I8"),
            ]),
            ("problem".to_owned(), vec![said("row.duplicate", "A9")]),
            ("problem".to_owned(), vec![("identity.missing".to_owned(), Value::Null)]),
        ]);
        assert_eq!(app.count("exam_results"), 2, "nothing is written yet");
        let changed = office.all(&format!("{}/rows?action=changed", planned.location())).remove(0);
        assert_eq!(changed["changes"], json!([
            { "field": "result", "before": "passed", "after": "failed" },
            { "field": "sections", "before": "knowledge_reading 71, listening 32", "after": "knowledge_reading 61, listening 18" },
            { "field": "total", "before": "103", "after": "79" },
        ]));
        let done = apply(office, &planned, &[]).ok().json();
        assert_eq!((&done["registered"], &done["corrected"]), (&json!(2), &json!(1)));
        let told = office.get(&results(&people[2])).ok().json();
        assert_eq!((&told[1]["replaces"], &told[1]["certificate_number"]), (&json!(there.id()), &json!("N5A1")));
        let told = office.get(&results(&people[1])).ok().json();
        assert_eq!((&told[0]["level"], &told[0]["total"], &told[0]["result"]), (&json!("N5"), &json!("59"), &json!("failed")));
        // The same file again changes nothing.
        let again = bring(office, "", HEADER, &rows[..4]).created();
        assert!(plan(office, &again).iter().all(|(action, _)| action == "same"), "{:?}", plan(office, &again));
        let done = apply(office, &again, &[]).ok().json();
        assert_eq!((&done["registered"], &done["corrected"]), (&json!(0), &json!(0)));
        // Taken back, everything is as it was.
        let undo = || office.acts(&planned.location().replace("/api/v1", ""), "undo", json!({})).json();
        let undone = undo();
        assert_eq!((&undone["removed"], &undone["restored"]), (&json!(2), &json!(1)));
        assert_eq!(app.count("exam_results"), 2);
        let kept = office.get(&results(&people[2])).ok().json();
        assert_eq!(kept, json!([there.json()]));
        assert_eq!(office.get(&results(&people[0])).ok().json(), json!([]));
    }

    fn what_was_built_on_a_list_is_not_taken_back(app: &App) {
        let stage = app.stage();
        let (office, person) = (&stage.office, stage.student());
        let row = format!("Siti,{},JLPT,N5,06/07/2025,71,32,,", nisn(office, &person));
        let planned = bring(office, "", HEADER, &[row]).created();
        apply(office, &planned, &[]).ok();
        let brought = text(&office.get(&results(&person)).ok().json()[0]["id"]).to_owned();
        let corrected = jlpt().with("reason", "Salah ketik").with("certificate_number", "N5A2");
        office.post(&format!("/exam-results/{brought}/corrections"), corrected).created();
        let obstacles = office.get(&format!("{}/undo", planned.location())).ok().json();
        assert_eq!((&obstacles[0]["row"], &obstacles[0]["code"]), (&json!(2), &json!("undo.result_corrected")));
        let etag = office.get(&planned.location()).ok().etag();
        let undo = office.post_change(&format!("{}/undo", planned.location()), &etag, json!({}));
        undo.status(409).refused("import.undo_blocked");
    }

    fn a_list_that_somebody_completed_with_is_taken_back_once_that_is_open_again(app: &App) {
        let stage = of_baristas(app);
        let person = stage.student();
        let member = stage.seated(&person);
        let row = format!("Siti,{},BNSP,Barista,02/06/2025,,,K,", nisn(&stage.office, &person));
        let planned = bring(&stage.office, "", HEADER, &[row]).created();
        apply(&stage.office, &planned, &[]).ok();
        stage.graduate(std::slice::from_ref(&member));
        let office = stage.office_now();
        assert_eq!(office.get(&format!("/enrollments/{member}/completion")).ok().field("outcome"), "completed");
        let path = format!("{}/undo", planned.location());
        let sentence = "Keputusan kelulusan orang ini bertumpu pada hasil ujian ini. Keputusannya harus dibuka kembali \
                        dahulu.";
        assert_eq!(
            office.get(&path).ok().json(),
            json!([{ "row": 2, "code": "undo.result_decided", "sentence": sentence }])
        );
        let undo = || {
            let etag = office.get(&planned.location()).ok().etag();
            office.post_change(&path, &etag, json!({}))
        };
        let refused = undo().status(409).refused("import.undo_blocked");
        assert_eq!(refused.json()["facts"]["rows"], "2");
        assert_eq!(app.count("exam_results"), 1);
        let again = json!({ "reason": "Daftar hasil ujian keliru" });
        office.acts(&format!("/enrollments/{member}"), "completion/reopening", again);
        assert_eq!(office.get(&path).ok().json(), json!([]));
        assert_eq!(undo().ok().json()["removed"], 1);
        assert_eq!(office.get(&results(&person)).ok().json(), json!([]));
    }

    fn a_list_of_scores_without_numbers_asks_who_it_is_of(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let (one, other) = (stage.student(), stage.student());
        // The level stands alone, and the sections are called as their organiser calls them.
        let header = "No.,Registration Number,Name,Date of Birth,Level,Test Date,\
                      Language Knowledge (Vocabulary/Grammar)・Reading,Listening,Total Score,Result";
        let row = |name: &str| format!("1,25A1234567,{name},17 August 2007,N5,2025-07-06,71,32,103,Passed");
        let planned = bring(office, "", header, &[row("Siti Nur'aini"), row("Budi Santoso")]).created();
        let said = |code: &str| vec![(code.to_owned(), json!(if code == "row.who" { "C2" } else { "C3" }))];
        assert_eq!(plan(office, &planned), [
            ("problem".to_owned(), said("row.who")), ("problem".to_owned(), said("row.person_unknown")),
        ]);
        let answers = |person: Value| {
            let etag = office.get(&planned.location()).ok().etag();
            let body = json!({ "answers": [{ "row": 2, "participant": person }] });
            office.put(&format!("{}/answers", planned.location()), &etag, body)
        };
        answers(json!(stage.school)).invalid(&[("/answers/0", "import.not_a_namesake")]);
        answers(Value::Null).ok();
        assert_eq!(plan(office, &planned)[0].1[0].0, "row.person_unknown");
        answers(json!(other)).ok();
        assert_eq!(plan(office, &planned)[0].0, "new");
        apply(office, &planned, &[]).ok();
        assert_eq!(office.get(&results(&one)).ok().json(), json!([]));
        let told = office.get(&results(&other)).ok().json();
        assert_eq!((&told[0]["scheme"], &told[0]["certificate_number"]), (&json!("JLPT"), &json!("25A1234567")));
    }

    fn a_paper_in_a_list_that_differs_is_confirmed(app: &App) {
        let stage = app.stage();
        let (office, person) = (&stage.office, stage.student());
        let row = format!("Siti,{},JLPT,N5,06/07/2025,61,18,Lulus,", nisn(office, &person));
        let planned = bring(office, "", HEADER, std::slice::from_ref(&row)).created();
        assert_eq!(plan(office, &planned), [("new".to_owned(), vec![("exam.result_differs".to_owned(), json!("H2"))])]);
        apply(office, &planned, &[]).status(409).refused("import.warnings");
        apply(office, &planned, &["exam.result_differs"]).ok();
        let told = office.get(&results(&person)).ok().json();
        assert_eq!((&told[0]["result"], &told[0]["computed"]), (&json!("passed"), &json!("failed")));
        assert_eq!(told[0]["reason"], "Sesuai kertas dalam berkas impor");
        // What was confirmed once is not asked again.
        let again = bring(office, "", HEADER, &[row]).created();
        assert_eq!(plan(office, &again), [("same".to_owned(), Vec::new())]);
    }

    fn a_list_is_of_people_whom_its_bringer_sees(app: &App) {
        let stage = app.stage();
        let (member, other) = (stage.student(), stage.student());
        stage.seated(&member);
        let manager = app.manager(&stage.host);
        let row = |person: &str| format!("Siti,{},JLPT,N5,06/07/2025,71,32,,", nisn(&stage.office, person));
        let rows = [row(&member), row(&other)];
        bring(&manager, "", HEADER, &rows).invalid(&[("/class", "field.required")]);
        let place = format!("&class={}", stage.class);
        let planned = bring(&manager, &place, HEADER, &rows).created();
        let codes: Vec<String> = plan(&manager, &planned).into_iter().map(|(action, _)| action).collect();
        assert_eq!(codes, ["new", "problem"]);
        apply(&manager, &planned, &[]).ok();
        assert_eq!(manager.all("/imports").len(), 1);
        stage.office.get(&planned.location()).ok();
        let elsewhere = app.manager(&app.lpk("18.07"));
        elsewhere.get(&planned.location()).not_there();
        bring(&elsewhere, &place, HEADER, &rows).invalid(&[("/class", "reference.unknown")]);
        for nobody in [app.coordinator(&stage.school), app.signed_in_again(&stage.instructor)] {
            bring(&nobody, "", HEADER, &rows).denied();
            nobody.get(&planned.location()).not_there();
        }
        let unknown = bring(&stage.office, "", "Nama,NISN,Ujian", &["Siti,0012345678,JLPT".to_owned()]);
        let problem = unknown.status(422).refused("import.header_missing").json();
        assert_eq!(problem["facts"], json!({ "missing": "Tanggal Tes" }));
    }
}
