//! Imports of institutions: the ministry's list of schools as it is, and whoever else teaches.

use crate::harness::path::{tally, text};
use crate::harness::{Answer, App, Staff, Value, at_once, given, json};
use crate::imports::{apply, done, rows};
use crate::plans::{codes, row};
use crate::workbooks::{grid, written};

const HEADER: &str = "No,NPSN,Nama Satuan Pendidikan,Bentuk Pendidikan,Status,Kabupaten/Kota,Alamat,Nama Kepala,\
    Jabatan Kepala,NIP Kepala";

/// A list of the ministry with a title above it.
fn list(rows: &[&str]) -> String {
    let rows: Vec<String> = (1..).zip(rows).map(|(number, row)| format!("{number},{row}")).collect();
    format!("Daftar Satuan Pendidikan,,,,,,,,,\n{HEADER}\n{}\n", rows.join("\n"))
}

fn bring(staff: &Staff<'_>, rows: &[&str]) -> Answer {
    staff.upload("/imports?kind=partners", "text/csv", list(rows).as_bytes())
}

const SMK: &str =
    "10810001,SMKN 1 Contoh,SMK,Negeri,Kab. Lampung Timur,Jl. Merdeka 1,Rohmat Contoh,,197805172005011003";
const MA: &str = "10810002,MAS Contoh,MA,Swasta,Kota Metro,Jl. Kenanga,,,";
const SMP: &str = "10810003,SMPN 1 Contoh,SMP,Negeri,Kota Metro,Jl. Melati,,,";
const LPK: &str = ",LPK Contoh,LPK,Swasta,18.71,,Sari Contoh,Direktur,";

fn undo(staff: &Staff<'_>, import: &str) -> Answer {
    let etag = staff.get(import).ok().etag();
    staff.post_change(&format!("{import}/undo"), &etag, json!({}))
}

/// What the register says of institutions, but for keys and times.
fn register(office: &Staff<'_>) -> Vec<Value> {
    let mut partners = office.all("/partners?limit=200");
    for partner in &mut partners {
        let id = text(&partner["id"]).to_owned();
        partner["names"] = office.get(&format!("/partners/{id}/names")).ok().json();
        partner["updated_at"] = Value::Null;
    }
    partners
}

both! {
    fn the_ministrys_list_is_taken_as_it_is(app: &App) {
        let office = app.office("18");
        let planned = bring(&office, &[SMK, MA, SMP, LPK]).created();
        let view = planned.json();
        let place = ["kind", "school", "cohort", "class"].map(|name| view[name].clone());
        assert_eq!(place, [json!("partners"), Value::Null, Value::Null, Value::Null]);
        let plan = rows(&office, &planned);
        assert_eq!(tally(&plan, "action"), [("new".to_owned(), 3), ("skipped".to_owned(), 1)].into(), "{plan:?}");
        assert_eq!((codes(row(&plan, 5)), text(&row(&plan, 5)["name"])), (vec!["row.other_form"], "SMPN 1 Contoh"));
        assert_eq!(app.count("partners"), 0, "a plan writes nothing");
        assert_eq!(done(&apply(&office, &planned, &[]).ok()), [3, 0, 0]);
        let made = office.get("/partners?npsn=10810001").ok().items().remove(0);
        assert_eq!(
            made,
            json!({
                "id": made["id"], "kind": "school_smk", "name": "SMKN 1 Contoh", "regency": "18.07",
                "regency_name": "Kabupaten Lampung Timur", "npsn": "10810001", "vin": null, "state_owned": true,
                "head": { "name": "Rohmat Contoh", "title": "Kepala Sekolah", "nip": "197805172005011003" },
                "valid_from": "2025-07-21", "updated_at": "2025-07-21T01:00:00Z",
            })
        );
        assert_eq!(app.count_where("audit_events", "action = 'partner.created'"), 3);
        assert_eq!(app.count("partner_names"), 3);
        // The same file again changes nothing, in whichever order.
        let again = bring(&office, &[LPK, SMP, MA, SMK]).created();
        assert_eq!(tally(&rows(&office, &again), "action"), [("same".to_owned(), 3), ("skipped".to_owned(), 1)].into());
        assert_eq!(done(&apply(&office, &again, &[]).ok()), [0, 0, 0]);
        assert_eq!(app.count("partner_names"), 3);
        // Nobody of a list of institutions is missing.
        assert_eq!(office.all(&format!("{}/missing", again.location())), Vec::<Value>::new());
    }

    fn what_is_wrong_with_a_row_is_said_at_its_cell(app: &App) {
        let office = app.office("18");
        office.post("/partners", given::lpk(1).with("name", "LPK Ganda")).created();
        let twin = given::lpk(2).with("name", "LPK Ganda").with("npsn", "K1234567");
        office.post("/partners", twin).created();
        app.office("53").post("/partners", given::school(9).with("npsn", "10819999").with("regency", "53.71")).created();
        let planned = bring(&office, &[
            ",SMK Tanpa Nomor,SMK,Swasta,Kota Metro,,,,",
            "123,SMK Nomor Pendek,SMK,Swasta,Kota Metro,,,,",
            "10810011,SMK Di Luar,SMK,Swasta,Kota Kupang,,,,",
            "10810012,Bengkel Contoh,Bengkel,Swasta,Kota Metro,,,,",
            "10810013,,SMK,Swasta,Kota Metro,,,,",
            "10810014,#REF!,SMK,Swasta,Kota Metro,,,,",
            "10810015,SMK Kepala Keliru,SMK,Swasta,Kota Metro,,R0hmat,,",
            "10810016,SMK NIP Angka,SMK,Swasta,Kota Metro,,Rohmat,,\"1,97805E+17\"",
            "10810017,SMK Kembar,SMK,Swasta,Kota Metro,,,,",
            "10810017,SMK Kembar Dua,SMK,Swasta,Kota Metro,,,,",
            ",LPK Ganda,LPK,Swasta,Kota Bandar Lampung,,,,",
            "10819999,SMK Provinsi Lain,SMK,Swasta,Kota Metro,,,,",
        ])
        .created();
        let found: Vec<(String, String)> = planned.json()["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| (text(&finding["cell"]).to_owned(), text(&finding["code"]).to_owned()))
            .collect();
        let expected = [
            ("B3", "npsn.missing"),
            ("B4", "npsn.format"),
            ("F5", "row.regency_unknown"),
            ("D6", "partner.kind_unknown"),
            ("C7", "field.required"),
            ("C8", "cell.fault"),
            ("H9", "name.format"),
            ("J10", "nip.number_cell"),
            ("B12", "row.partner_twice"),
            ("B13", "partner.unclear"),
            ("B14", "partner.npsn_taken"),
        ];
        assert_eq!(found, expected.map(|(cell, code)| (cell.to_owned(), code.to_owned())));
        assert_eq!(planned.json()["summary"]["new"], 1);
        // They come back in the layout they came in, and once corrected they go in.
        let handed = office.get(&format!("{}/problems", planned.location())).ok();
        let mut back = grid(&handed.bytes);
        let header: Vec<String> = back[0].iter().map(ToString::to_string).collect();
        assert_eq!(header.first().map(String::as_str), Some("NPSN"));
        assert!(header.contains(&"Kabupaten/Kota".to_owned()) && !header.contains(&"Alamat".to_owned()), "{header:?}");
        assert_eq!(back.len(), 12);
        back.truncate(2);
        back[1][0] = calamine::Data::String("10810010".to_owned());
        let corrected = office.upload("/imports?kind=partners", crate::imports::XLSX, &written(&back)).created();
        assert_eq!(done(&apply(&office, &corrected, &[]).ok()), [1, 0, 0]);
    }

    fn a_nik_in_the_column_of_the_nip_is_said_at_its_cell(app: &App) {
        let office = app.office("18");
        let nik = "10810016,SMK NIK Kepala,SMK,Swasta,Kota Metro,,Rohmat Contoh,,1807055708070001";
        let planned = bring(&office, &[SMK, nik]).created();
        let view = planned.json();
        let findings = view["findings"].as_array().unwrap();
        let found: Vec<_> = findings.iter().map(|one| (text(&one["cell"]), text(&one["code"]))).collect();
        assert_eq!(found, [("J4", "field.identity_number")], "the 18 digits above it are a number of a civil servant");
        let summary = ["new", "errors"].map(|name| view["summary"][name].clone());
        assert_eq!(summary, [json!(1), json!({ "field.identity_number": 1 })]);
    }

    fn a_list_without_what_is_needed_is_refused(app: &App) {
        let office = app.office("18");
        let send = |file: &str| office.upload("/imports?kind=partners", "text/csv", file.as_bytes());
        let refused = send("NPSN,Nama Sekolah\n10810001,SMKN 1 Contoh\n").status(422).refused("import.header_missing");
        assert_eq!(refused.json()["facts"]["missing"], "Bentuk Pendidikan, Kabupaten/Kota");
        send("").refused("import.empty");
        office.upload("/imports?kind=animals", "text/csv", b"?").invalid(&[("/kind", "field.unknown_value")]);
    }

    fn a_new_head_is_dated_from_today_and_goes_back(app: &App) {
        let office = app.office("18");
        let planned = bring(&office, &[SMK, MA]).created();
        apply(&office, &planned, &[]).ok();
        // What is valid from today cannot be replaced today.
        let early = bring(&office, &["10810001,SMKN 1 Contoh Baru,SMK,,Kab. Lampung Timur,,,,", MA]).created();
        assert_eq!(early.json()["summary"]["errors"], json!({ "partner.name_older": 1 }));
        app.wait(chrono::Duration::days(1));
        let office = app.signed_in_again(&office);
        let before = register(&office);
        let planned = bring(&office, &["10810001,SMKN 1 Contoh,SMK,,Kota Metro,,Wulan Contoh,,", MA]).created();
        let plan = rows(&office, &planned);
        let changed = row(&plan, 3);
        assert_eq!(
            (text(&changed["action"]), &changed["changes"], codes(changed)),
            (
                "changed",
                // The title stays with the office, the number goes with the person.
                &json!([
                    { "field": "head_name", "before": "Rohmat Contoh", "after": "Wulan Contoh" },
                    { "field": "head_nip", "before": null, "after": null },
                ]),
                vec!["row.regency_differs"],
            )
        );
        assert_eq!(done(&apply(&office, &planned, &[]).ok()), [0, 1, 0]);
        let now = office.get("/partners?npsn=10810001").ok().items().remove(0);
        let (head, since) = (&now["head"], &now["valid_from"]);
        assert_eq!(head, &json!({ "name": "Wulan Contoh", "title": "Kepala Sekolah", "nip": null }));
        assert_eq!((since, &now["regency"]), (&json!("2025-07-22"), &json!("18.07")));
        let names = office.get(&format!("/partners/{}/names", text(&now["id"]))).ok().json();
        assert_eq!(names.as_array().unwrap().len(), 2);
        let undone = undo(&office, &planned.location()).ok().json();
        let counts = ["removed", "restored", "withdrawn"].map(|name| undone[name].clone());
        assert_eq!(counts, [0, 1, 0].map(Value::from));
        assert_eq!(register(&office), before);
        undo(&office, &planned.location()).refused("import.undone");
    }

    fn what_was_built_on_stays(app: &App) {
        let office = app.office("18");
        let planned = bring(&office, &[SMK, MA, LPK]).created();
        apply(&office, &planned, &[]).ok();
        let named = |npsn: &str| office.get(&format!("/partners?npsn={npsn}")).ok().items().remove(0);
        let school = text(&named("10810001")["id"]).to_owned();
        let student = given::student(1).with("school", school.clone());
        let student = office.post("/participants", student).created();
        let path = format!("/partners/{}", text(&named("10810002")["id"]));
        // A new name follows the one that is valid from today, and is entered on its day.
        app.wait(chrono::Duration::days(1));
        let office = app.signed_in_again(&office);
        let etag = office.get(&path).ok().etag();
        let name = json!({ "kind": "school_ma", "name": "MA Baru", "valid_from": "2025-07-22" });
        office.post_change(&format!("{path}/names"), &etag, name).ok();
        let undo_path = format!("{}/undo", planned.location());
        let in_the_way = office.call("GET", &undo_path).language("en").send().ok().json();
        assert_eq!(
            in_the_way,
            json!([
                {
                    "row": 3, "code": "undo.partner_used",
                    "sentence": "This partner is in use by now: it has an account, participants, an agreement, a class, \
                        a file or a certificate.",
                },
                { "row": 4, "code": "undo.partner_changed", "sentence": "This partner was changed after the import." },
            ])
        );
        let blocked = undo(&office, &planned.location()).status(409).refused("import.undo_blocked");
        assert_eq!(blocked.json()["facts"]["rows"], "3-4");
        assert_eq!((app.count("partners"), student.status), (3, 201));
        // Nothing refers to what another file has brought.
        let other = bring(&office, &["10810020,SMA Contoh Lain,SMA,Swasta,Kota Metro,,,,"]).created();
        apply(&office, &other, &[]).ok();
        assert_eq!(undo(&office, &other.location()).ok().json()["removed"], 1);
        assert_eq!((app.count("partners"), app.count("partner_names")), (3, 4));
    }

    fn days_without_teaching_are_built_on_a_partner_too(app: &App) {
        let office = app.office("18");
        let planned = bring(&office, &[LPK]).created();
        apply(&office, &planned, &[]).ok();
        let partner = text(&office.all("/partners")[0]["id"]).to_owned();
        let entry = office.post("/calendar-entries", given::days_off(&partner)).created();
        let in_the_way = office.get(&format!("{}/undo", planned.location())).ok().json();
        let rows: Vec<_> = in_the_way.as_array().unwrap().iter().map(|one| (&one["row"], text(&one["code"]))).collect();
        assert_eq!(rows, [(&json!(3), "undo.partner_used")]);
        let blocked = undo(&office, &planned.location()).status(409).refused("import.undo_blocked");
        assert_eq!(blocked.json()["facts"]["rows"], "3");
        assert_eq!((app.count("partners"), app.count("calendar_entries")), (1, 1));
        // Without them it goes back.
        office.delete(&entry.location()).no_content();
        assert_eq!(undo(&office, &planned.location()).ok().json()["removed"], 1);
        assert_eq!(app.count("partners"), 0);
    }

    fn a_name_that_is_there_already_is_asked_about(app: &App) {
        let office = app.office("18");
        let planned = bring(&office, &[
            SMK,
            "10810030,SMKN 1 Contoh,SMK,Negeri,Kab. Lampung Timur,,,,",
            "10810031,SMKN 1 Contoh,SMK,Negeri,Kota Metro,,,,",
        ])
        .created();
        let plan = rows(&office, &planned);
        assert_eq!([3, 4, 5].map(|number| codes(row(&plan, number))), [vec![], vec!["partner.same_name"], vec![]]);
        apply(&office, &planned, &[]).refused("import.warnings");
        assert_eq!(done(&apply(&office, &planned, &["partner.same_name"]).ok()), [3, 0, 0]);
        // Against the register the same; what was confirmed once is not asked again.
        let more = bring(&office, &[SMK, "10810032,SMKN 1 Contoh,SMK,Negeri,Kota Metro,,,,"]).created();
        assert_eq!(more.json()["summary"]["warnings"], json!({ "partner.same_name": 1 }));
        // A province may let schools in whose number is not known yet.
        let path = "/import-rules/npsn.missing/severity";
        office.call("PUT", path).json(&json!({ "severity": "warning" })).send().ok();
        let unnumbered = bring(&office, &[",SMK Baru Berdiri,SMK,Swasta,Kota Metro,,,,"]).created();
        assert_eq!(unnumbered.json()["summary"]["warnings"], json!({ "npsn.missing": 1 }));
        office.call("PUT", path).json(&json!({ "severity": "off" })).send().invalid(&[(
            "/severity",
            "field.unknown_value",
        )]);
    }

    fn a_register_that_moved_is_looked_at_again(app: &App) {
        let office = app.office("18");
        let planned = bring(&office, &[SMK]).created();
        office.post("/partners", given::school(1).with("npsn", "10810001")).created();
        apply(&office, &planned, &[]).status(409).refused("import.moved");
        let moved = office.all(&format!("{}/rows?moved=true", planned.location()));
        assert_eq!((text(&moved[0]["before"]["action"]), text(&moved[0]["action"])), ("new", "changed"));
        assert_eq!(app.count("partners"), 1);
    }

    fn of_two_who_bring_the_same_list_at_once_one_writes(app: &App) {
        let staff = [app.office("18"), app.office("18")];
        let planned = staff.each_ref().map(|staff| bring(staff, &[SMK, MA, LPK]).created());
        let answers = at_once(2, |turn| apply(&staff[turn], &planned[turn], &[]));
        let written: i64 = answers.into_iter().map(|answer| done(&answer.ok())[0]).sum();
        assert_eq!((written, app.count("partners")), (3, 3));
    }

    fn the_office_alone_brings_institutions(app: &App) {
        let office = app.office("18");
        let school = app.school("18.07");
        let coordinator = app.coordinator(&school);
        bring(&coordinator, &[SMK]).denied();
        app.manager(&app.lpk("18.07")).upload("/imports?kind=partners", "text/csv", list(&[SMK]).as_bytes()).denied();
        let planned = bring(&office, &[SMK]).created();
        coordinator.get(&planned.location()).not_there();
        coordinator.get("/imports/template?kind=partners").denied();
        assert_eq!(coordinator.all("/imports"), Vec::<Value>::new());
        assert_eq!(office.all("/imports").len(), 1);
        app.office("53").get(&planned.location()).not_there();
        let elsewhere = office.upload("/imports?kind=partners&province=53", "text/csv", list(&[SMK]).as_bytes());
        elsewhere.not_there();
        // A long list is a job as any other.
        let call = office.call("POST", "/imports?kind=partners").header("prefer", "respond-async");
        let job = call.header("content-type", "text/csv").bytes(list(&[SMK, MA]).into()).send().status(202);
        app.work();
        let done = office.get(&job.location()).ok().json();
        assert_eq!((text(&done["state"]), &done["school"]), ("done", &Value::Null));
        assert_eq!(done["result"]["actions"], json!({ "new": 2 }));
    }

    fn the_template_is_read_again(app: &App) {
        let office = app.office("18");
        for (language, name) in [("id", "templat-lembaga.xlsx"), ("en", "partners-template.xlsx")] {
            let path = "/imports/template?kind=partners";
            let answer = office.call("GET", path).language(language).send().ok();
            assert!(answer.header("content-disposition").unwrap().contains(name));
            let mut filled = grid(&answer.bytes);
            let cells = ["SMAN 7 Contoh", "SMA", "Kota Metro", "10810070"].map(|text| calamine::Data::String(text.into()));
            filled.push(cells.to_vec());
            let planned = office.upload("/imports?kind=partners", crate::imports::XLSX, &written(&filled)).created();
            assert_eq!(planned.json()["summary"]["new"], 1, "{language}");
        }
    }
}
