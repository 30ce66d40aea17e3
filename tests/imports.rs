//! Imports: every row of a school's file is judged before anything is written.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use diesel::RunQueryDsl;
use vokasi_fixtures::workbook::{Row, dapodik, demo_people, demo_school};

use crate::harness::path::{tally, text};
use crate::harness::{Answer, App, Staff, Value, at_once, figures_add_up, given, json, stored};

const GOOD: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-good.xlsx");
const GOOD_CSV: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-good.csv");
const MIXED: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-mixed.xlsx");
const EXPECTED: &str = include_str!("../fixtures/workbooks/dapodik-mixed.expected.csv");
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Every warning of the mixed workbook.
const WARNINGS: [&str; 3] = ["nik.birth_date_differs", "nisn.padded", "phone.padded"];

/// The school of the workbooks.
pub fn school(app: &App) -> String {
    app.partner(given::school(1).with("npsn", "10809001"))
}

pub fn bring(staff: &Staff<'_>, bytes: &[u8]) -> Answer {
    staff.upload("/imports", XLSX, bytes)
}

/// Has a plan written as it was read when it was made.
pub fn apply(staff: &Staff<'_>, planned: &Answer, confirm: &[&str]) -> Answer {
    staff.post_change(&format!("{}/application", planned.location()), &planned.etag(), json!({ "confirm": confirm }))
}

/// What applying did: registered, corrected, enrolled.
pub fn done(answer: &Answer) -> [i64; 3] {
    let body = answer.json();
    ["registered", "corrected", "enrolled"].map(|name| body[name].as_i64().unwrap())
}

pub fn rows(staff: &Staff<'_>, planned: &Answer) -> Vec<Value> {
    staff.all(&format!("{}/rows?limit=200", planned.location()))
}

/// The good workbook with other people in it.
pub fn workbook(people: impl IntoIterator<Item = vokasi_fixtures::Person>) -> Vec<u8> {
    let rows: Vec<Row> = people.into_iter().map(Row::clean).collect();
    dapodik(&demo_school(), "Lampung Timur", &rows).unwrap()
}

/// What the register says of people and their enrollments, but for how often and when rows were written.
pub fn register(app: &App) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let queries = [
        "SELECT name || search_name || sex || birth_place || CAST(birth_date AS TEXT) || coalesce(nik_hash, '') || \
         coalesce(nisn, '') || coalesce(homeroom, '') || coalesce(CAST(import_id AS TEXT), '') AS line FROM participants",
        "SELECT CAST(participant_id AS TEXT) || state || CAST(version AS TEXT) AS line FROM enrollments",
        "SELECT CAST(enrollment_id AS TEXT) || to_state AS line FROM enrollment_transitions",
        "SELECT CAST(cohort_id AS TEXT) || regency_code || state || CAST(people AS TEXT) AS line FROM enrollment_counts \
         WHERE people > 0",
    ];
    let mut lines: Vec<String> = queries
        .into_iter()
        .flat_map(|query| {
            let rows: Vec<Line> = diesel::sql_query(query).load(&mut app.connect()).unwrap();
            rows.into_iter().map(|row| row.line)
        })
        .collect();
    lines.sort_unstable();
    lines
}

/// The cells of one line of a CSV file, of which none holds a quotation mark inside.
pub fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

both! {
    fn every_row_of_a_mixed_file_is_judged_by_itself(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let planned = bring(&coordinator, MIXED).created();
        let mut expected: BTreeMap<u64, (&str, BTreeSet<&str>)> = BTreeMap::new();
        for line in EXPECTED.lines().skip(1) {
            let [row, outcome, code] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
            // A row with doubts is new once they are confirmed.
            let action = if outcome == "warning" { "new" } else { outcome };
            let entry = expected.entry(row.parse().unwrap()).or_insert((action, BTreeSet::new()));
            entry.1.extend((!code.is_empty()).then_some(code));
        }
        let rows = rows(&coordinator, &planned);
        let found: BTreeMap<u64, (&str, BTreeSet<&str>)> = rows
            .iter()
            .map(|row| {
                let codes = row["findings"].as_array().unwrap().iter().map(|finding| text(&finding["code"]));
                (row["number"].as_u64().unwrap(), (text(&row["action"]), codes.collect()))
            })
            .collect();
        assert_eq!(found, expected);
        let summary = &planned.json()["summary"];
        let counts = ["rows", "new", "changed", "same", "problem", "skipped"].map(|name| summary[name].clone());
        assert_eq!(counts, [40, 27, 0, 0, 11, 2].map(Value::from), "{summary}");
        assert_eq!(
            summary["warnings"],
            json!({ "nik.birth_date_differs": 1, "nisn.padded": 3, "phone.padded": 2 })
        );
        let only = coordinator.all(&format!("{}/rows?action=skipped&limit=1", planned.location()));
        assert_eq!(tally(&only, "action"), [("skipped".to_owned(), 2)].into());
        let wrong = coordinator.get(&format!("{}/rows?action=lost", planned.location()));
        wrong.invalid(&[("/action", "field.unknown_value")]);
        assert_eq!(app.count("participants"), 0);
    }

    fn a_finding_says_where_it_is_and_what_to_do(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let send = |language: &str| {
            let call = coordinator.call("POST", "/imports").language(language).header("content-type", XLSX);
            call.bytes(MIXED.to_vec()).send().created().json()
        };
        let of_row_10 = |plan: &Value| {
            plan["findings"].as_array().unwrap().iter().find(|finding| finding["row"] == 10).unwrap().clone()
        };
        assert_eq!(
            of_row_10(&send("en")),
            json!({
                "row": 10, "cell": "H10", "field": "NIK", "code": "nik.number_cell", "severity": "error",
                "sentence": "The NIK is a number in the workbook and has lost its last digit. Make the cell Text and \
                    type the NIK again from the family card.",
            })
        );
        assert!(text(&of_row_10(&send("id"))["sentence"]).starts_with("NIK tersimpan sebagai angka"));
        // Told anew for whoever looks at the plan later.
        let plan = bring(&coordinator, MIXED).created();
        let path = format!("{}/rows?action=problem", plan.location());
        let later = coordinator.call("GET", &path).language("en").send().ok().items();
        assert!(text(&later[0]["findings"][0]["sentence"]).starts_with("The NIK is a number"));
    }

    fn the_text_file_holds_the_same_people_as_the_workbook(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let planned = bring(&coordinator, GOOD).created();
        assert_eq!(done(&apply(&coordinator, &planned, &[]).ok()), [48, 0, 0]);
        let text_file = coordinator.upload("/imports", "text/csv; charset=utf-8", GOOD_CSV).created();
        let rows = rows(&coordinator, &text_file);
        assert_eq!(tally(&rows, "action"), [("same".to_owned(), 48)].into(), "{rows:?}");
        assert_eq!(done(&apply(&coordinator, &text_file, &[]).ok()), [0, 0, 0]);
    }

    fn what_cannot_be_read_is_refused_with_its_reason(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let keys = app.count("idempotency_keys");
        let many_rows = format!("Nama,JK,Tanggal Lahir,NIK\n{}", "Siti,P,2008-01-02,\n".repeat(50_001));
        let many_columns = format!("Nama,JK,Tanggal Lahir,NIK{}\nSiti,P,2008-01-02,", ",Lain".repeat(300));
        let files: &[(&[u8], &str)] = &[
            (include_bytes!("../fixtures/workbooks/not-a-workbook.xlsx"), "import.not_a_workbook"),
            (include_bytes!("../fixtures/workbooks/no-known-header.xlsx"), "import.unknown_header"),
            (include_bytes!("../fixtures/workbooks/encrypted.xlsx"), "import.encrypted"),
            (include_bytes!("../fixtures/workbooks/zip-bomb.xlsx"), "import.zip_bomb"),
            (b"", "import.empty"),
            (b"Nama,JK,Tanggal Lahir,NIK\n,,,\n", "import.empty"),
            (&GOOD[..GOOD.len() / 2], "import.damaged"),
            (b"<html><table><tr><td>Nama</td></tr></table></html>", "import.unsupported_format"),
            (b"\x09\x04\x06\x00\x00\x00\x10\x00", "import.old_format"),
            (many_rows.as_bytes(), "import.too_many_rows"),
            (many_columns.as_bytes(), "import.too_many_columns"),
        ];
        for (bytes, code) in files {
            bring(&coordinator, bytes).status(422).refused(code);
        }
        let missing = bring(&coordinator, files[1].0).json()["facts"]["missing"].clone();
        assert!(text(&missing).contains("Nama") && text(&missing).contains("NIK"), "{missing}");
        coordinator.upload("/imports", "application/pdf", GOOD).status(415).refused("input.media_type");
        let kept = ["imports", "participants", "idempotency_keys"].map(|table| app.count(table));
        assert_eq!(kept, [0, 0, keys]);
        assert_eq!(app.count_where("audit_events", "action LIKE 'import.%'"), 0);
    }

    fn a_file_that_is_too_large_is_not_taken_in(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let address = app.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(
            stream,
            "POST /api/v1/imports HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\nidempotency-key: large\r\n\
             content-type: {XLSX}\r\ncontent-length: 20000001\r\n\r\n",
            coordinator.access_token
        )
        .unwrap();
        let mut said = Vec::new();
        let mut part = [0; 4096];
        while !String::from_utf8_lossy(&said).contains("import.too_large") {
            let length = stream.read(&mut part).unwrap();
            assert!(length > 0, "{}", String::from_utf8_lossy(&said));
            said.extend_from_slice(&part[..length]);
        }
        assert!(said.starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&said));
        assert_eq!(app.count("imports"), 0);
    }

    fn doubts_are_confirmed_before_anything_is_written(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let planned = bring(&coordinator, MIXED).created();
        let refused = apply(&coordinator, &planned, &[]).status(409).refused("import.warnings");
        assert_eq!(refused.json()["facts"], json!({ "warnings": WARNINGS.join(", ") }));
        let refused = apply(&coordinator, &planned, &WARNINGS[..2]).refused("import.warnings");
        assert_eq!(refused.json()["facts"], json!({ "warnings": "phone.padded" }));
        assert_eq!(app.count("participants"), 0);
        assert_eq!(done(&apply(&coordinator, &planned, &WARNINGS).ok()), [27, 0, 0]);
        assert_eq!(app.count("participants"), 27);
        let read = coordinator.get(&planned.location()).ok().json();
        assert_eq!((&read["state"], &read["applied_by"]), (&json!("applied"), &json!(coordinator.id)));
        let confirmed = app.count_where("audit_events", "action = 'import.applied' AND detail LIKE '%nisn.padded%'");
        assert_eq!(confirmed, 1);
        // What was confirmed once is not asked again.
        let again = bring(&coordinator, MIXED).created();
        assert_eq!(again.json()["summary"]["warnings"], json!({}));
        assert_eq!(again.json()["summary"]["same"], 27);
    }

    fn a_file_that_was_written_changes_nothing_again(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let planned = bring(&coordinator, GOOD).created();
        let applied = apply(&coordinator, &planned, &[]).ok();
        apply(&coordinator, &planned, &[]).status(412).refused("resource.stale");
        let path = format!("{}/application", planned.location());
        coordinator.post_change(&path, &applied.etag(), json!({})).status(409).refused("import.applied");
        let before = coordinator.all("/participants?limit=200");
        app.wait(chrono::Duration::minutes(1));
        let again = bring(&coordinator, GOOD).created();
        assert_eq!(again.json()["file_sha256"], planned.json()["file_sha256"]);
        let counts = ["new", "changed", "same"].map(|name| again.json()["summary"][name].clone());
        assert_eq!(counts, [0, 0, 48].map(Value::from));
        assert_eq!(done(&apply(&coordinator, &again, &[]).ok()), [0, 0, 0]);
        assert_eq!(coordinator.all("/participants?limit=200"), before);
        let imports = coordinator.all("/imports?limit=1");
        assert_eq!(tally(&imports, "state"), [("applied".to_owned(), 2)].into());
    }

    fn what_differs_is_shown_old_and_new_and_who_is_missing_stays(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let first = bring(&coordinator, GOOD).created();
        apply(&coordinator, &first, &[]).ok();
        let mut people = demo_people();
        let missing = people.remove(0);
        let person = &mut people[0];
        let before = person.homeroom.clone();
        "XII TKJ 9".clone_into(&mut person.homeroom);
        "+6286111222333".clone_into(&mut person.phone);
        let name = person.name.clone();
        let second = bring(&coordinator, &workbook(people)).created();
        let counts = ["rows", "new", "changed", "same"].map(|name| second.json()["summary"][name].clone());
        assert_eq!(counts, [47, 0, 1, 46].map(Value::from));
        let changed = coordinator.get(&format!("{}/rows?action=changed", second.location())).ok().items();
        assert_eq!(
            changed,
            [json!({
                "number": 7,
                "name": name,
                "action": "changed",
                "changes": [
                    { "field": "homeroom", "before": before, "after": "XII TKJ 9" },
                    { "field": "contact", "before": null, "after": null },
                ],
                "findings": [],
                "namesakes": [],
                "namesakes_elsewhere": 0,
                "before": null,
            })]
        );
        assert_eq!(done(&apply(&coordinator, &second, &[]).ok()), [0, 1, 0]);
        let find = |nisn: &str| coordinator.get(&format!("/participants?nisn={nisn}")).ok().items();
        assert_eq!(find(&missing.nisn)[0]["homeroom"], missing.homeroom);
        assert_eq!(app.count_where("participants", "version = 1"), 47);
        assert_eq!(app.count("participants"), 48);
    }

    fn a_student_of_another_school_stays_there(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let first = bring(&coordinator, GOOD).created();
        apply(&coordinator, &first, &[]).ok();
        let neighbour = app.coordinator(&app.school("18.07"));
        let planned = bring(&neighbour, GOOD).created();
        let summary = planned.json()["summary"].clone();
        assert_eq!((&summary["problem"], &summary["errors"]), (&json!(48), &json!({ "row.other_school": 48 })));
        assert_eq!(done(&apply(&neighbour, &planned, &[]).ok()), [0, 0, 0]);
        assert_eq!(neighbour.all("/participants"), Vec::<Value>::new());
        neighbour.get(&first.location()).not_there();
        neighbour.get(&format!("{}/rows", first.location())).not_there();
        apply(&neighbour, &first, &[]).not_there();
    }

    fn numbers_of_two_people_are_not_mixed_up(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let first = bring(&coordinator, GOOD).created();
        apply(&coordinator, &first, &[]).ok();
        let mut people = demo_people();
        people[0].nisn = people.remove(1).nisn;
        let planned = bring(&coordinator, &workbook(people)).created();
        assert_eq!(planned.json()["summary"]["errors"], json!({ "row.identity_conflict": 1 }));
        // Somebody new who is called like a student and was born on the same day is asked about.
        let mut twin = demo_people().remove(0);
        twin.nik.replace_range(12.., "9876");
        "0099887766".clone_into(&mut twin.nisn);
        let planned = bring(&coordinator, &workbook([twin])).created();
        assert_eq!(planned.json()["summary"]["warnings"], json!({ "participant.namesake": 1 }));
    }

    fn nothing_that_is_not_needed_or_sealed_can_be_read_in_the_database(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let planned = bring(&coordinator, GOOD).created();
        apply(&coordinator, &planned, &[]).ok();
        let mixed = bring(&coordinator, MIXED).created();
        apply(&coordinator, &mixed, &WARNINGS).ok();
        let stored = String::from_utf8_lossy(&stored::bytes(app)).into_owned();
        // It is the right place to look: names and NISN lie there.
        assert!(stored.contains("Aji Gustiawan") && stored.contains("0083895023"));
        let file = String::from_utf8(GOOD_CSV.to_vec()).unwrap();
        let unwanted = [
            "Agama", "Jenis Tinggal", "Alat Transportasi", "SKHUN", "No. KPS", "Pekerjaan", "Penghasilan",
            "Nomor KIP", "Nomor KKS", "No Registrasi Akta Lahir", "Nomor Rekening Bank", "Rekening Atas Nama",
            "Alasan Layak PIP", "Lintang", "Bujur", "No Seri Ijazah",
        ];
        let sealed = ["NIK", "No KK", "HP", "E-Mail", "Alamat", "Telepon"];
        // Both header rows; the last titles hold a line break.
        let (header, people) = file.split_once("(KM)\"\r\n").unwrap();
        let header = cells(&format!("{}(KM)\"", header.replace("\r\n", " ").replace('\n', " ")));
        let (below, people) = people.split_once("\r\n").unwrap();
        let below = cells(below);
        let mut looked = BTreeSet::new();
        for line in people.lines() {
            for (column, value) in cells(line).into_iter().enumerate() {
                let title = [below[column].as_str(), header[column].as_str()].into_iter().find(|one| !one.is_empty());
                let title = title.unwrap();
                if value.len() >= 5 && (unwanted.contains(&title) || sealed.contains(&title)) {
                    looked.insert((title.to_owned(), value));
                }
            }
        }
        assert!(looked.len() > 400 && looked.iter().any(|(_, value)| value == "Islam"), "{}", looked.len());
        for (title, value) in &looked {
            assert!(!stored.contains(value.as_str()), "{title} {value} lies open in the database");
            // Nor as numbers are kept: with the country's code in place of the zero.
            let bare = value.strip_prefix('0').filter(|_| title == "HP");
            assert!(bare.is_none_or(|bare| !stored.contains(bare)), "{title} {value}");
        }
    }

    fn of_two_who_apply_one_import_one_does(app: &App) {
        let school = school(app);
        let stage = [app.coordinator(&school), app.office("18")];
        let planned = bring(&stage[0], GOOD).created();
        let answers = at_once(6, |turn| apply(&stage[turn % 2], &planned, &[]));
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.status(412).refused("resource.stale");
        }
        assert_eq!(app.count("participants"), 48);
    }

    fn two_imports_of_one_file_at_once_register_everyone_once(app: &App) {
        let stage = app.stage();
        let coordinator = app.coordinator(&stage.school);
        let path = format!("/imports?cohort={}", stage.cohort);
        let plans: Vec<Answer> = (0..4).map(|_| coordinator.upload(&path, XLSX, GOOD).created()).collect();
        let answers = at_once(4, |turn| apply(&coordinator, &plans[turn], &[]));
        let mut what: Vec<[i64; 3]> = answers.into_iter().map(|answer| done(&answer.ok())).collect();
        what.sort_unstable();
        assert_eq!(what, [[0, 0, 0], [0, 0, 0], [0, 0, 0], [48, 0, 48]]);
        assert_eq!((app.count("participants"), app.count("enrollments")), (48, 48));
        figures_add_up(app);
    }

    fn an_import_needs_a_school_that_is_one(app: &App) {
        let office = app.office("18");
        bring(&office, GOOD).invalid(&[("/school", "field.required")]);
        let send = |query: &str| office.upload(&format!("/imports?{query}"), XLSX, GOOD);
        send(&format!("school={}", app.lpk("18.07"))).status(409).refused("partner.not_a_school");
        send(&format!("school={}", app.school("53.71"))).invalid(&[("/school", "reference.unknown")]);
        let school = school(app);
        send(&format!("school={school}&cohort={school}")).invalid(&[("/cohort", "reference.unknown")]);
        send("school=x").invalid(&[("/school", "field.id")]);
        send(&format!("school={school}&file_name=a.xlsx")).created();
        let other = app.coordinator(&app.school("18.07"));
        other.upload(&format!("/imports?school={school}"), XLSX, GOOD).invalid(&[("/school", "reference.unknown")]);
        assert_eq!(app.count("imports"), 1);
    }

    fn an_import_is_taken_back_as_if_it_had_never_been(app: &App) {
        let stage = app.stage();
        let coordinator = app.coordinator(&stage.school);
        let mut people = demo_people();
        let late = people.pop().unwrap();
        let first = coordinator.upload("/imports", XLSX, &workbook(people.clone())).created();
        apply(&coordinator, &first, &[]).ok();
        let start = register(app);
        let person = &mut people[3];
        "XII TKJ 9".clone_into(&mut person.homeroom);
        "+6286111222333".clone_into(&mut person.phone);
        people.push(late);
        let file = workbook(people);
        let path = format!("/imports?cohort={}", stage.cohort);
        let planned = coordinator.upload(&path, XLSX, &file).created();
        let undo = |answer: &Answer| coordinator.post_change(&format!("{}/undo", planned.location()), &answer.etag(), json!({}));
        undo(&planned).status(409).refused("import.not_applied");
        let applied = apply(&coordinator, &planned, &[]).ok();
        assert_eq!(done(&applied), [1, 1, 48]);
        assert_eq!(app.count_where("participants", "import_id IS NOT NULL"), 48);
        assert_eq!(coordinator.get(&format!("{}/undo", planned.location())).ok().json(), json!([]));
        let undone = undo(&applied).ok();
        let body = undone.json();
        let counts = ["removed", "restored", "withdrawn"].map(|name| body[name].clone());
        assert_eq!(counts, [1, 1, 48].map(Value::from));
        assert!(body["undone_at"].is_string() && body["undone_by"] == json!(coordinator.id), "{body}");
        assert_eq!(register(app), start);
        figures_add_up(app);
        undo(&undone).status(409).refused("import.undone");
        let late = format!("{}/application", planned.location());
        coordinator.post_change(&late, &undone.etag(), json!({})).status(409).refused("import.applied");
        // The same file again does the same again.
        let again = coordinator.upload(&path, XLSX, &file).created();
        assert_eq!(done(&apply(&coordinator, &again, &[]).ok()), [1, 1, 48]);
        let history = app.count_where("audit_events", "action = 'import.undone'");
        assert_eq!(history, 1);
    }

    fn what_something_was_built_on_is_not_taken_back(app: &App) {
        let stage = app.stage();
        let coordinator = app.coordinator(&stage.school);
        let path = format!("/imports?cohort={}", stage.cohort);
        let planned = coordinator.upload(&path, XLSX, GOOD).created();
        let applied = apply(&coordinator, &planned, &[]).ok();
        let of_row = |row: usize| {
            let nisn = demo_people()[row].nisn.clone();
            coordinator.get(&format!("/participants?nisn={nisn}")).ok().items()[0]["id"].as_str().unwrap().to_owned()
        };
        let at = format!("/participants/{}", of_row(0));
        let mut body = coordinator.get(&at).ok().json();
        let nik = coordinator.post(&format!("{at}/disclosures"), json!({ "reason": "Mencocokkan" })).ok().json();
        let keep = ["name", "sex", "birth_place", "birth_date", "nisn", "student_number", "graduation_year"];
        let mut corrected: serde_json::Map<String, Value> =
            keep.iter().map(|name| ((*name).to_owned(), body[*name].take())).collect();
        corrected.insert("nik".to_owned(), nik["nik"].clone());
        corrected.insert("homeroom".to_owned(), json!("XII TKJ 9"));
        let etag = coordinator.get(&at).ok().etag();
        coordinator.put(&at, &etag, Value::Object(corrected)).ok();
        coordinator.post(&format!("/participants/{}/consents", of_row(1)), given::consent()).created();
        let other = stage.office.post("/cohorts", given::cohort(&stage.program).with("name", "2026/2027")).created().id();
        stage.office.acts(&format!("/cohorts/{other}"), "state", json!({ "to": "open" }));
        app.operator({
            let (cohort, person) = (crate::harness::id(&other), crate::harness::id(&of_row(2)));
            move |tx, operator| vokasi_core::enrollment::apply(tx, operator, cohort, person)
        });
        let mut enrollments = stage.office.all(&format!("/enrollments?cohort={}", stage.cohort)).into_iter();
        let moved = enrollments.find(|one| one["participant"] == json!(of_row(3))).unwrap();
        let leaving = json!({ "to": "withdrawn", "reason": "Pindah sekolah" });
        stage.office.acts(&format!("/enrollments/{}", text(&moved["id"])), "transitions", leaving);
        let before = register(app);
        let obstacles = coordinator.get(&format!("{}/undo", planned.location())).ok().json();
        let told: Vec<(u64, &str)> = obstacles
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["row"].as_u64().unwrap(), one["code"].as_str().unwrap()))
            .collect();
        let expected = [
            (7, "undo.changed"),
            (8, "undo.used"),
            (9, "undo.enrolled"),
            (10, "undo.moved"),
        ];
        assert_eq!(told, expected);
        assert!(text(&obstacles[1]["sentence"]).starts_with("Orang ini sudah punya persetujuan"), "{obstacles}");
        let undo = coordinator.post_change(&format!("{}/undo", planned.location()), &applied.etag(), json!({}));
        undo.status(409).refused("import.undo_blocked");
        assert_eq!(register(app), before);
    }

    fn two_rows_that_are_one_person_of_the_register_are_not_both_written(app: &App) {
        let school = school(app);
        let office = app.office("18");
        let person = given::student(7).with("school", school.clone());
        office.post("/participants", person).created();
        let (nik, nisn) = ("1807055708070007", "0079000007");
        let file = format!(
            "Nama,JK,Tanggal Lahir,NIK,NISN,Rombel Saat Ini\nSiti Nur'aini,P,2007-08-17,{nik},,XII TKJ 2\n\
             Siti Nur'aini,P,2007-08-17,1807055708070008,{nisn},XII TKJ 2\n"
        );
        let planned = office.upload(&format!("/imports?school={school}"), "text/csv", file.as_bytes()).created();
        let found = rows(&office, &planned);
        assert_eq!((&found[0]["action"], &found[1]["action"]), (&json!("changed"), &json!("problem")), "{found:?}");
        let codes: Vec<&Value> = found[1]["findings"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
        assert_eq!(codes, ["row.duplicate"]);
        let warnings: Vec<String> =
            planned.json()["summary"]["warnings"].as_object().unwrap().keys().cloned().collect();
        let confirm: Vec<&str> = warnings.iter().map(String::as_str).collect();
        assert_eq!(done(&apply(&office, &planned, &confirm).ok()), [0, 1, 0]);
    }

    fn a_character_that_nobody_sees_is_said_at_its_cell(app: &App) {
        let school = school(app);
        let file = "Nama,JK,Tanggal Lahir,NIK,NISN,Rombel Saat Ini\n\
                    Siti\u{200B} Nur'aini,P,2007-08-17,1807055708070007,0079000007,XII TKJ 2\n";
        let office = app.office("18");
        let planned = office.upload(&format!("/imports?school={school}"), "text/csv", file.as_bytes()).created();
        let found = rows(&office, &planned)[0].clone();
        let said = &found["findings"][0];
        assert_eq!((&said["code"], &said["cell"]), (&json!("name.invisible"), &json!("A2")), "{found}");
    }

    fn what_is_past_its_time_is_not_taken_back(app: &App) {
        let coordinator = app.coordinator(&school(app));
        let planned = bring(&coordinator, GOOD).created();
        apply(&coordinator, &planned, &[]).ok();
        app.run("DELETE FROM import_effects");
        coordinator.get(&format!("{}/undo", planned.location())).status(409).refused("import.rows_gone");
    }
}
