//! Layouts that people explain: a list whose header nobody knows is understood once, and read from then on.

use crate::harness::path::text;
use crate::harness::{Answer, App, Staff, Value, at_once, given, json};

const LIST: &str = "Daftar siswa kelas XII\n\
    Nama Anak;Gender;Kelahiran;No. KTP Siswa;Hobi\n\
    Ratna Melati;P;17/11/2007;1807055711070001;Voli\n\
    Bagus Pratama;L;3 Februari 2008;1807050302080002;Catur\n";

fn bring(staff: &Staff<'_>, path: &str, file: &str) -> Answer {
    staff.upload(path, "text/csv", file.as_bytes())
}

fn guess(staff: &Staff<'_>, file: &str) -> Answer {
    bring(staff, "/layouts/guesses", file)
}

/// The columns of a guess as a person confirms them.
fn confirmed(guessed: &Value) -> Value {
    let column = |column: &Value| json!({ "header": column["header"], "field": column["field"] });
    json!({ "columns": guessed["columns"].as_array().unwrap().iter().map(column).collect::<Vec<_>>() })
}

fn save(staff: &Staff<'_>, fingerprint: &str, body: &Value) -> Answer {
    staff.call("PUT", &format!("/layouts/{fingerprint}")).json(body).send()
}

/// Guesses and confirms; gives the fingerprint.
fn explain(staff: &Staff<'_>, file: &str) -> String {
    let guessed = guess(staff, file).ok().json();
    let fingerprint = text(&guessed["fingerprint"]).to_owned();
    save(staff, &fingerprint, &confirmed(&guessed)).ok();
    fingerprint
}

fn new_rows(answer: Answer) -> Value {
    answer.created().json()["summary"]["new"].clone()
}

both! {
    fn a_list_with_odd_headers_is_explained_once(app: &App) {
        let coordinator = app.coordinator(&app.school("18.07"));
        bring(&coordinator, "/imports", LIST).status(422).refused("import.unknown_header");
        let call = coordinator.call("POST", "/layouts/guesses").language("en").header("content-type", "text/csv");
        let guessed = call.bytes(LIST.as_bytes().to_vec()).send().ok().json();
        assert_eq!(guessed["row"], 2);
        assert_eq!(
            guessed["columns"],
            json!([
                { "column": "A", "header": "Nama Anak", "field": "name", "sure": "similar" },
                { "column": "B", "header": "Gender", "field": "sex", "sure": "exact" },
                { "column": "C", "header": "Kelahiran", "field": "birth_date", "sure": "similar" },
                { "column": "D", "header": "No. KTP Siswa", "field": "nik", "sure": "similar" },
                { "column": "E", "header": "Hobi", "field": null, "sure": "none" },
            ])
        );
        let fields = guessed["fields"].as_array().unwrap();
        assert_eq!(fields.len(), 25);
        assert_eq!(
            fields[0],
            json!({
                "field": "name", "title": "Full name", "hint": "The full name as on the birth certificate.",
                "required": true,
            })
        );
        let fingerprint = text(&guessed["fingerprint"]);
        assert_eq!(fingerprint.len(), 64);
        let body = confirmed(&guessed);
        let saved = save(&coordinator, fingerprint, &body).ok().json();
        assert_eq!((&saved["fingerprint"], &saved["columns"]), (&json!(fingerprint), &body["columns"]));
        assert_eq!(new_rows(bring(&coordinator, "/imports", LIST)), 2);
        assert_eq!(coordinator.all("/layouts"), std::slice::from_ref(&saved));
        // Said again, it is the same.
        assert_eq!(save(&coordinator, fingerprint, &body).ok().json(), saved);
        assert_eq!(app.count_where("audit_events", "action = 'layout.explained'"), 1);
        // A column is known by its text and never by its place; what else stands there is left.
        let moved = "NO KTP SISWA;gender;Agama;Kelahiran;Nama\u{a0}Anak\n1807055711070001;P;-;17/11/2007;Ratna\n";
        assert_eq!(new_rows(bring(&coordinator, "/imports", moved)), 1);
        // Another header is unknown again.
        let changed = LIST.replace("Kelahiran", "Lahir");
        bring(&coordinator, "/imports", &changed).status(422).refused("import.unknown_header");
        coordinator.delete(&format!("/layouts/{fingerprint}")).no_content();
        coordinator.delete(&format!("/layouts/{fingerprint}")).not_there();
        bring(&coordinator, "/imports", LIST).status(422).refused("import.unknown_header");
        assert_eq!(app.count_where("audit_events", "action = 'layout.forgotten'"), 1);
    }

    fn problem_rows_come_back_in_an_explained_layout(app: &App) {
        let coordinator = app.coordinator(&app.school("18.07"));
        explain(&coordinator, LIST);
        let wrong = LIST.replace(";L;", ";X;");
        let planned = bring(&coordinator, "/imports", &wrong).created();
        let bytes = coordinator.get(&format!("{}/problems", planned.location())).ok().bytes;
        let mut grid = crate::workbooks::grid(&bytes);
        let header: Vec<String> = grid[0].iter().map(ToString::to_string).collect();
        assert_eq!(header, ["Nama Anak", "Gender", "Kelahiran", "No. KTP Siswa", "Catatan"]);
        assert_eq!(grid.len(), 2);
        grid[1][1] = calamine::Data::String("L".to_owned());
        let again = coordinator.upload("/imports", "application/octet-stream", &crate::workbooks::written(&grid));
        assert_eq!(new_rows(again), 1);
    }

    fn what_a_school_says_goes_before_what_its_province_says(app: &App) {
        let office = app.office("18");
        let (here, there) = (app.school("18.07"), app.school("18.01"));
        let (one, other) = (app.coordinator(&here), app.coordinator(&there));
        let fingerprint = explain(&office, LIST);
        for staff in [&one, &other] {
            assert_eq!(new_rows(bring(staff, "/imports", LIST)), 2);
        }
        assert_eq!(new_rows(bring(&office, &format!("/imports?school={here}"), LIST)), 2);
        // For one school the number is something else.
        let mut body = confirmed(&guess(&one, LIST).ok().json());
        body["columns"][3]["field"] = json!("nisn");
        let own = save(&one, &fingerprint, &body).ok().json();
        assert_eq!(own["school"], json!(here));
        assert_eq!(bring(&one, "/imports", LIST).created().json()["summary"]["problem"], 2);
        assert_eq!(bring(&office, &format!("/imports?school={here}"), LIST).created().json()["summary"]["problem"], 2);
        assert_eq!(new_rows(bring(&other, "/imports", LIST)), 2);
        assert_eq!(new_rows(bring(&office, &format!("/imports?school={there}"), LIST)), 2);
        // A school sees its own and the province's; forgets its own alone.
        let schools = |staff: &Staff<'_>| -> Vec<Value> { staff.all("/layouts?limit=1").iter().map(|one| one["school"].clone()).collect() };
        assert_eq!(schools(&one), [Value::Null, json!(here)]);
        assert_eq!(schools(&other), [Value::Null]);
        assert_eq!(schools(&office), [Value::Null, json!(here)]);
        other.delete(&format!("/layouts/{fingerprint}")).not_there();
        one.delete(&format!("/layouts/{fingerprint}")).no_content();
        assert_eq!(new_rows(bring(&one, "/imports", LIST)), 2);
    }

    fn two_schools_do_not_see_each_others(app: &App) {
        let (one, other) = (app.coordinator(&app.school("18.07")), app.coordinator(&app.school("18.07")));
        explain(&one, LIST);
        assert_eq!(other.all("/layouts"), Vec::<Value>::new());
        bring(&other, "/imports", LIST).status(422).refused("import.unknown_header");
        let far = app.coordinator(&app.school("53.71"));
        explain(&app.office("18"), LIST);
        assert_eq!(far.all("/layouts"), Vec::<Value>::new());
        bring(&far, "/imports", LIST).status(422).refused("import.unknown_header");
        assert_eq!(new_rows(bring(&other, "/imports", LIST)), 2);
        app.observer("18").get("/layouts").denied();
    }

    fn what_is_said_of_a_header_must_hold(app: &App) {
        let coordinator = app.coordinator(&app.school("18.07"));
        let guessed = guess(&coordinator, LIST).ok().json();
        let fingerprint = text(&guessed["fingerprint"]);
        let with = |change: &dyn Fn(&mut Value)| {
            let mut body = confirmed(&guessed);
            change(&mut body["columns"]);
            save(&coordinator, fingerprint, &body)
        };
        with(&|columns| columns[0]["field"] = json!("shoe_size")).invalid(&[("/columns/0/field", "field.unknown_value")]);
        with(&|columns| columns[4]["field"] = json!("sex")).invalid(&[("/columns/4/field", "field.duplicate")]);
        let missing = with(&|columns| {
            columns[0]["field"] = Value::Null;
            columns[3]["field"] = Value::Null;
        });
        let missing = missing.invalid(&[("/columns", "layout.field_missing")]).json();
        assert_eq!(missing["errors"][0]["facts"], json!({ "missing": "name, nik, nisn" }));
        with(&|columns| columns[3]["field"] = json!("nisn")).ok();
        with(&|columns| columns[4]["header"] = json!("Cita-cita")).invalid(&[("/columns", "layout.other_headers")]);
        with(&|columns| columns[4]["header"] = json!("1807055711070001"))
            .invalid(&[("/columns/4/header", "field.identity_number")]);
        with(&|columns| columns[3]["header"] = json!("***"))
            .invalid(&[("/columns", "layout.other_headers"), ("/columns/3/header", "field.text")]);
        with(&|columns| columns[4]["header"] = json!("")).invalid(&[("/columns/4/header", "field.required")]);
        with(&|columns| *columns = json!([])).invalid(&[("/columns", "field.length")]);
        with(&|columns| {
            let twin = json!({ "header": "nama anak", "field": "email" });
            columns.as_array_mut().unwrap().push(twin);
        })
        .invalid(&[("/columns/5/header", "field.duplicate")]);
        // Of two who say it at once one is told to look again, or both have said it.
        let answers = at_once(4, |_| save(&app.signed_in_again(&coordinator), fingerprint, &confirmed(&guessed)));
        assert!(answers.iter().all(|answer| [200, 412].contains(&answer.status)), "{answers:?}");
        assert_eq!(app.count("layouts"), 1);
    }

    fn a_guess_tells_nothing_of_the_rows(app: &App) {
        let coordinator = app.coordinator(&app.school("18.07"));
        // Without a header nothing is said of the first row.
        for file in [
            "Ratna Melati;P;17/11/2007;1807055711070001\nBagus;L;03/02/2008;1807050302080002\n",
            "Ratna Melati;Sukadana;XII TKJ 1;Voli\nBagus Pratama;Metro;XII TKJ 2;Catur\n",
        ] {
            let refused = guess(&coordinator, file).status(422).refused("layout.no_header");
            assert!(!refused.text().contains("Ratna"), "{refused}");
        }
        let told = guess(&coordinator, LIST).ok().text();
        assert!(!told.contains("Ratna") && !told.contains("1807055711070001"), "{told}");
        guess(&coordinator, &given::dapodik()).status(409).refused("layout.known");
        guess(&coordinator, "").status(422).refused("import.empty");
        coordinator.upload("/layouts/guesses", "application/pdf", b"x").status(415).refused("input.media_type");
        app.observer("18").upload("/layouts/guesses", "text/csv", LIST.as_bytes()).denied();
        assert_eq!(app.count("layouts"), 0);
    }
}
