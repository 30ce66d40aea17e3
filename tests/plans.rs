//! Plans: what was looked at is what is written, questions are answered by a person, and a province sets its rules.

use crate::harness::path::{tally, text};
use crate::harness::{App, Staff, Value, json};
use crate::imports::{XLSX, apply, bring, done, register, rows, school, workbook};
use vokasi_fixtures::Person;
use vokasi_fixtures::workbook::{Fault, Row, dapodik, demo_people, demo_school};

/// A row by its number.
pub fn row(rows: &[Value], number: u64) -> &Value {
    rows.iter().find(|row| row["number"] == number).unwrap()
}

pub fn codes(row: &Value) -> Vec<&str> {
    row["findings"].as_array().unwrap().iter().map(|finding| text(&finding["code"])).collect()
}

/// Somebody called and born as the first student is, with other numbers.
fn twin() -> Person {
    let mut twin = demo_people().remove(0);
    twin.nik.replace_range(12.., "9876");
    "0099887766".clone_into(&mut twin.nisn);
    twin
}

both! {
    fn a_plan_is_looked_at_later_as_it_was_made(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let planned = bring(&coordinator, &workbook(demo_people())).created();
        let before = rows(&coordinator, &planned);
        assert_eq!(tally(&before, "action"), [("new".to_owned(), 48)].into());
        apply(&coordinator, &planned, &[]).ok();
        assert_eq!(rows(&coordinator, &planned), before, "also when it is written, and the register says the same");
        let first = coordinator.get(&format!("{}/rows?limit=2", planned.location())).ok();
        assert_eq!(first.items(), before[..2]);
        let second = coordinator.get(&first.next_page().unwrap()).ok();
        assert_eq!(second.items(), before[2..4]);
        coordinator.get(&format!("{}/rows?limit=0", planned.location())).invalid(&[("/limit", "field.range")]);
    }

    fn what_has_moved_is_shown_before_it_is_written(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let first = bring(&coordinator, &workbook(demo_people())).created();
        apply(&coordinator, &first, &[]).ok();
        let mut people = demo_people();
        "XII TKJ 9".clone_into(&mut people[3].homeroom);
        "XII TKJ 8".clone_into(&mut people[4].homeroom);
        let planned = bring(&coordinator, &workbook(people.clone())).created();
        // Meanwhile somebody brings one correction as the file has it, and another one in another way.
        let mut other = people[3..5].to_vec();
        "XII TKJ 7".clone_into(&mut other[1].homeroom);
        let meanwhile = bring(&coordinator, &workbook(other)).created();
        assert_eq!(done(&apply(&coordinator, &meanwhile, &[]).ok()), [0, 2, 0]);
        let start = register(app);
        let refused = apply(&coordinator, &planned, &[]).status(409).refused("import.moved");
        assert_eq!(refused.json()["facts"], json!({ "rows": "11" }));
        assert_eq!(register(app), start, "nothing is written");
        let moved = coordinator.all(&format!("{}/rows?moved=true", planned.location()));
        assert_eq!(moved.len(), 1);
        let change = |before: &str| json!([{ "field": "homeroom", "before": before, "after": "XII TKJ 8" }]);
        assert_eq!((&moved[0]["number"], &moved[0]["changes"]), (&json!(11), &change("XII TKJ 7")));
        let seen = json!({ "action": "changed", "changes": change(&demo_people()[4].homeroom), "findings": [] });
        assert_eq!(moved[0]["before"], seen);
        // It is a plan of its own: whoever has not seen it cannot have it written.
        apply(&coordinator, &planned, &[]).status(412).refused("resource.stale");
        let now = coordinator.get(&planned.location()).ok();
        assert_eq!(now.json()["state"], "planned");
        let again = coordinator.post_change(&format!("{}/application", planned.location()), &now.etag(), json!({}));
        assert_eq!(done(&again.ok()), [0, 1, 0]);
        let found = coordinator.get(&format!("/participants?nisn={}", people[4].nisn)).ok().items();
        assert_eq!(found[0]["homeroom"], "XII TKJ 8");
        assert_eq!(app.count_where("audit_events", "action = 'import.moved'"), 1);
    }

    fn only_the_chosen_rows_are_written(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let mut people = demo_people();
        people.truncate(4);
        // A doubt about a row that is not chosen needs no answer.
        people[3].nisn.remove(0);
        let planned = bring(&coordinator, &workbook(people.clone())).created();
        assert_eq!(planned.json()["summary"]["warnings"], json!({ "nisn.padded": 1 }));
        let path = format!("{}/application", planned.location());
        let choose = |numbers: Value| coordinator.post_change(&path, &planned.etag(), json!({ "rows": numbers }));
        choose(json!([7, 99])).refused("import.row_not_writable");
        choose(json!([])).invalid(&[("/rows", "field.length")]);
        choose(json!([7, 10])).status(409).refused("import.warnings");
        assert_eq!(app.count("participants"), 0);
        assert_eq!(done(&choose(json!([7, 9])).ok()), [2, 0, 0]);
        let names: Vec<Value> = coordinator.all("/participants").iter().map(|one| one["nisn"].clone()).collect();
        assert_eq!(names, [json!(people[0].nisn), json!(people[2].nisn)]);
        // The rest comes with the file again.
        let rest = bring(&coordinator, &workbook(people)).created();
        let counts = ["new", "same"].map(|name| rest.json()["summary"][name].clone());
        assert_eq!(counts, [2, 2].map(Value::from));
    }

    fn whoever_is_not_in_the_file_is_listed_and_stays(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let first = bring(&coordinator, &workbook(demo_people())).created();
        apply(&coordinator, &first, &[]).ok();
        let mut people = demo_people();
        let gone = [people.remove(40), people.remove(2)];
        // A row that cannot be read is a person who is there.
        people[0].nik.truncate(9);
        let planned = bring(&coordinator, &workbook(people)).created();
        let missing = coordinator.all(&format!("{}/missing?limit=1", planned.location()));
        let nisns: Vec<Value> = missing.iter().map(|one| one["nisn"].clone()).collect();
        assert_eq!(nisns, [json!(gone[1].nisn), json!(gone[0].nisn)]);
        assert_eq!(app.count("participants"), 48);
    }

    fn a_namesake_is_a_question_that_a_person_answers(app: &App) {
        let school = school(app);
        let coordinator = app.coordinator(&school);
        let first = bring(&coordinator, &workbook(demo_people())).created();
        apply(&coordinator, &first, &[]).ok();
        let known = coordinator.get(&format!("/participants?nisn={}", demo_people()[0].nisn)).ok().items().remove(0);
        let planned = bring(&coordinator, &workbook([twin()])).created();
        let asked = rows(&coordinator, &planned);
        assert_eq!(codes(row(&asked, 7)), ["participant.namesake"]);
        // Side by side: the file's row and who is in the register.
        let shown: Vec<&Value> = row(&asked, 7)["namesakes"].as_array().unwrap().iter().collect();
        assert_eq!(shown, [&known]);
        let answers = format!("{}/answers", planned.location());
        let say = |etag: &str, row: u32, person: Value| {
            coordinator.put(&answers, etag, json!({ "answers": [{ "row": row, "participant": person }] }))
        };
        let stranger = coordinator.get(&format!("/participants?nisn={}", demo_people()[1].nisn)).ok().items().remove(0);
        let wrong = [("/answers/0", "import.not_a_namesake")];
        say(&planned.etag(), 7, stranger["id"].clone()).invalid(&wrong);
        say(&planned.etag(), 8, known["id"].clone()).invalid(&wrong);
        // It is the same person, whose numbers the register had wrong.
        let said = say(&planned.etag(), 7, known["id"].clone()).ok();
        assert_eq!(said.json()["summary"]["warnings"], json!({}));
        let told = rows(&coordinator, &planned);
        let fields: Vec<&str> =
            row(&told, 7)["changes"].as_array().unwrap().iter().map(|change| text(&change["field"])).collect();
        assert_eq!((text(&row(&told, 7)["action"]), fields), ("changed", vec!["nik", "nisn"]));
        // No, it is somebody else.
        let said = say(&said.etag(), 7, Value::Null).ok();
        assert_eq!(said.json()["summary"]["new"], 1);
        let again = say(&said.etag(), 7, known["id"].clone()).ok();
        let path = format!("{}/application", planned.location());
        assert_eq!(done(&coordinator.post_change(&path, &again.etag(), json!({})).ok()), [0, 1, 0]);
        let after = coordinator.get(&format!("/participants/{}", text(&known["id"]))).ok().json();
        assert_eq!((&after["nisn"], app.count("participants")), (&json!("0099887766"), 48));
        say(&again.etag(), 7, Value::Null).status(412).refused("resource.stale");
        // Who is at another school is not shown, and cannot be the answer.
        let neighbour = app.coordinator(&app.school("18.07"));
        let mut other = demo_people().remove(5);
        other.nik.replace_range(12.., "9875");
        "0099887755".clone_into(&mut other.nisn);
        let asked = bring(&neighbour, &workbook([other])).created();
        let shown = rows(&neighbour, &asked);
        assert_eq!((&shown[0]["namesakes"], &shown[0]["namesakes_elsewhere"]), (&json!([]), &json!(1)));
    }

    fn two_rows_of_one_name_and_birth_date_are_asked_about(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let planned = bring(&coordinator, &workbook([demo_people().remove(0), twin()])).created();
        let plan = rows(&coordinator, &planned);
        assert_eq!((codes(row(&plan, 7)), codes(row(&plan, 8))), (vec![], vec!["row.namesake"]));
        assert!(text(&row(&plan, 8)["findings"][0]["sentence"]).starts_with("Baris 7 "), "{plan:?}");
        apply(&coordinator, &planned, &[]).refused("import.warnings");
        assert_eq!(done(&apply(&coordinator, &planned, &["row.namesake"]).ok()), [2, 0, 0]);
    }

    fn a_province_sets_how_grave_a_rule_is(app: &App) {
        let school = school(app);
        let (office, coordinator) = (app.office("18"), app.coordinator(&school));
        let mut people = demo_people();
        people.truncate(3);
        people[1].nisn.remove(0);
        let mut given: Vec<Row> = people.into_iter().map(Row::clean).collect();
        given[0].faults.push(Fault::NikMissing);
        let file = dapodik(&demo_school(), "Lampung Timur", &given).unwrap();
        let summary = |staff: &Staff<'_>| {
            let path = format!("/imports?school={school}");
            let summary = staff.upload(&path, XLSX, &file).created().json()["summary"].clone();
            json!([summary["errors"], summary["warnings"]])
        };
        assert_eq!(summary(&coordinator), json!([{ "nik.missing": 1 }, { "nisn.padded": 1 }]));
        let set = |code: &str, severity: &str| {
            office.call("PUT", &format!("/import-rules/{code}/severity")).json(&json!({ "severity": severity })).send()
        };
        let rule = |rules: &Value, code: &str| {
            rules.as_array().unwrap().iter().find(|rule| rule["code"] == code).unwrap().clone()
        };
        let usual = coordinator.get("/import-rules").ok().json();
        let padded = rule(&usual, "nisn.padded");
        assert_eq!(
            padded,
            json!({
                "code": "nisn.padded", "severity": "warning", "usual": "warning", "may_be_off": true,
                "sentence": "NISN kehilangan nol di depan dan dilengkapi menjadi 10 angka. Periksa sekali lagi.",
            })
        );
        let rules = set("nisn.padded", "off").ok().json();
        assert_eq!(rule(&rules, "nisn.padded")["severity"], "off");
        assert_eq!(coordinator.get("/import-rules").ok().json(), rules);
        // As a warning, the row goes on without its NIK, since the NISN tells who it is.
        set("nik.missing", "warning").ok();
        assert_eq!(summary(&coordinator), json!([{}, { "nik.missing": 1 }]));
        set("nisn.padded", "error").ok();
        assert_eq!(summary(&coordinator), json!([{ "nisn.padded": 1 }, { "nik.missing": 1 }]));
        // Nobody can have what cannot be stored let in, or a number left out in silence.
        set("birth_date.invalid", "off").not_there();
        set("nik.missing", "off").invalid(&[("/severity", "field.unknown_value")]);
        set("nik.missing", "grave").invalid(&[("/severity", "field.unknown_value")]);
        coordinator
            .call("PUT", "/import-rules/nisn.padded/severity")
            .json(&json!({ "severity": "off" }))
            .send()
            .denied();
        // Another province's rules are its own.
        let elsewhere = app.office("35").get("/import-rules").ok().json();
        assert_eq!(elsewhere, usual);
        app.office("35").get("/import-rules?province=18").not_there();
        // The same person without a number at all cannot be told apart, whatever the rules say.
        let mut nobody = demo_people().remove(7);
        nobody.nisn.clear();
        let nobody = Row { person: nobody, faults: vec![Fault::NikMissing] };
        let file = dapodik(&demo_school(), "Lampung Timur", &[nobody]).unwrap();
        let planned = coordinator.upload(&format!("/imports?school={school}"), XLSX, &file).created();
        assert_eq!(planned.json()["summary"]["errors"], json!({ "identity.missing": 1 }));
        assert_eq!(planned.json()["summary"]["warnings"], json!({}), "a row that is not written needs no confirmation");
        assert_eq!(app.count_where("audit_events", "action = 'import_rule.set'"), 3);
    }
}
