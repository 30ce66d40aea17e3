//! Imports of paper lists: the marks of past sessions, written as if by hand.

use crate::harness::path::{save, tally, text};
use crate::harness::{Answer, App, Staff, Stage, Value, at_once, given, json};
use crate::imports::{apply, done, rows};
use crate::plans::row;
use crate::workbooks::{grid, written};

/// A class that runs, with four Mondays from 21 July on and places for these people; their enrollments.
fn running<'a>(app: &'a App, names: &[&str]) -> (Stage<'a>, Vec<String>, Vec<Value>) {
    let stage = app.stage();
    let class = stage.office.get(&format!("/classes/{}", stage.class)).ok();
    stage.office.patch(&class.address(), &class.etag(), json!({ "seats": 20 })).ok();
    let members = (1..).zip(names).map(|(number, name)| member(&stage, number, name)).collect();
    stage.move_class(&stage.class, "running").ok();
    let sessions = stage.timetable(&stage.class);
    (stage, members, sessions)
}

/// Somebody with a seat, whose NISN ends in that number.
fn member(stage: &Stage<'_>, number: u32, name: &str) -> String {
    let body = given::student(number).with("name", name).with("nisn", format!("00790001{number:02}"));
    let body = body.with("student_number", format!("N-{number}")).with("school", stage.school.clone());
    let made = stage.office.post("/participants", body).created();
    stage.office.post(&format!("{}/consents", made.location()), given::consent()).created();
    stage.seated(&made.id())
}

fn bring(stage: &Stage<'_>, staff: &Staff<'_>, list: &str) -> Answer {
    staff.upload(&format!("/imports?kind=attendance&class={}", stage.class), "text/csv", list.as_bytes())
}

fn undo(staff: &Staff<'_>, import: &str) -> Answer {
    let etag = staff.get(import).ok().etag();
    staff.post_change(&format!("{import}/undo"), &etag, json!({}))
}

/// A list that the office brings and has written.
fn office_now_brings(stage: &Stage<'_>, list: &str) -> Answer {
    let office = stage.office_now();
    let planned = bring(stage, &office, list).created();
    apply(&office, &planned, &[]).ok();
    planned
}

/// Every mark of the class, by session and name.
fn registers(stage: &Stage<'_>, sessions: &[Value]) -> Vec<String> {
    let office = stage.office_now();
    let mut all = Vec::new();
    for session in sessions {
        let answer = office.get(&format!("/sessions/{}/attendance", text(&session["id"]))).ok().json();
        let held = text(&answer["session"]["state"]);
        let mut lines: Vec<String> = answer["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| format!("{}={}", text(&line["name"]), line["mark"].as_str().unwrap_or("-")))
            .collect();
        lines.sort();
        all.push(format!("{held}: {}", lines.join(" ")));
    }
    all
}

/// What was found: cell and code.
fn found(planned: &Answer) -> Vec<(String, String)> {
    let view = planned.json();
    let findings = view["findings"].as_array().unwrap().iter();
    findings.map(|one| (text(&one["cell"]).to_owned(), text(&one["code"]).to_owned())).collect()
}

fn said(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(cell, code)| ((*cell).to_owned(), (*code).to_owned())).collect()
}

const LIST: &str = "\
Daftar Hadir Perhotelan A,,,,,,,
No,Nama,NISN,Tanggal,,,,Ket
,,,21/07/2025,Senin 28 Juli 2025,4/8,2025-08-11,
1,Ratna Melati,0079000101,H,v,-,,pindahan
2,Bagus Pratama,,hadir,SAKIT,T,,
3,,0079000103,I,alpa,✓,,
,Jumlah,,3,3,2,,
,Instruktur,,,,,,
";

both! {
    fn a_paper_list_is_written_as_if_by_hand(app: &App) {
        let (stage, _, sessions) = running(app, &["Ratna Melati", "Bagus Pratama", "Wulan Sari"]);
        app.set_clock("2025-08-12T03:00:00Z");
        let start = registers(&stage, &sessions);
        let instructor = stage.instructor_now();
        let list = LIST.replace(",Jumlah,,3,3,2,,\n", "");
        let planned = bring(&stage, &instructor, &list).created();
        let view = planned.json();
        let place = ["kind", "school", "class"].map(|name| view[name].clone());
        assert_eq!(place, [json!("attendance"), Value::Null, json!(stage.class)]);
        let plan = rows(&instructor, &planned);
        assert_eq!(tally(&plan, "action"), [("new".to_owned(), 3), ("skipped".to_owned(), 1)].into(), "{plan:?}");
        assert_eq!(
            row(&plan, 4)["changes"],
            json!([
                { "field": "21/07/2025", "before": null, "after": "H" },
                { "field": "28/07/2025", "before": null, "after": "H" },
            ])
        );
        assert_eq!((registers(&stage, &sessions), app.count("attendance")), (start.clone(), 0), "a plan writes nothing");
        assert_eq!(done(&apply(&instructor, &planned, &[]).ok()), [8, 0, 0]);
        let written = [
            "held: Bagus Pratama=H Ratna Melati=H Wulan Sari=I",
            "held: Bagus Pratama=S Ratna Melati=H Wulan Sari=A",
            "held: Bagus Pratama=T Ratna Melati=- Wulan Sari=H",
            // A column without a mark holds no session.
            "planned: Bagus Pratama=- Ratna Melati=- Wulan Sari=-",
        ];
        assert_eq!(registers(&stage, &sessions), written);
        let saved = format!("action = 'attendance.saved' AND account_id = {}", crate::harness::id(&instructor.id).as_i64());
        assert_eq!(app.count_where("audit_events", &saved), 3);
        // The same list again changes nothing.
        let again = bring(&stage, &instructor, &list).created();
        assert_eq!(again.json()["summary"]["same"], 3);
        assert_eq!(done(&apply(&instructor, &again, &[]).ok()), [0, 0, 0]);
        assert_eq!((registers(&stage, &sessions), app.count("attendance_corrections")), (written.map(str::to_owned).to_vec(), 0));
        // What is taken back has never been, and the sessions are planned again.
        let undone = undo(&instructor, &planned.location()).ok().json();
        let counts = ["removed", "restored", "withdrawn"].map(|name| undone[name].clone());
        assert_eq!(counts, [8, 0, 0].map(Value::from));
        assert_eq!((registers(&stage, &sessions), app.count("attendance"), app.count("attendance_corrections")), (start, 0, 0));
        assert_eq!(app.count_where("audit_events", "action = 'attendance.taken_back'"), 3);
    }

    fn a_cell_that_cannot_be_marked_says_why(app: &App) {
        let (stage, members, sessions) =
            running(app, &["Ratna Melati", "Bagus Pratama", "Siti Aminah", "Siti Aminah", "Adi Pergi"]);
        let path = format!("/sessions/{}", text(&sessions[1]["id"]));
        let etag = stage.office.get(&path).ok().etag();
        stage.office.post_change(&format!("{path}/cancellation"), &etag, json!({ "reason": "Banjir di jalan" })).ok();
        app.set_clock("2025-07-22T03:00:00Z");
        stage.step(&members[4], json!({ "to": "withdrawn", "reason": "Bekerja" })).ok();
        app.set_clock("2025-08-05T03:00:00Z");
        let instructor = stage.instructor_now();
        let planned = bring(&stage, &instructor, "\
Nama,NISN,21/07/2025,22/07/2025,28/07/2025,04/08/2025,11/08/2025,21 Juli
Ratna Melati,,x,,,,,
Bagus Pratama,,,H,H,H,H,H
Siti Aminah,,H,,,,,
Siti Aminah,0079000104,H,,,,,
Siti Aminah,0079000199,H,,,,,
Adi Pergi,,H,,,H,,
Entah Siapa,,H,,,,,
Ratna Melati,,H,,,,,
").created();
        assert_eq!(
            found(&planned),
            said(&[
                ("C2", "mark.unknown"),
                ("D3", "mark.no_session"),
                ("E3", "session.cancelled"),
                ("G3", "session.future"),
                ("H3", "mark.session_twice"),
                ("A4", "mark.two_of_a_name"),
                ("A6", "mark.not_in_class"),
                ("F7", "attendance.not_a_member"),
                ("A8", "mark.not_in_class"),
                ("A9", "row.duplicate"),
            ])
        );
        let summary = &planned.json()["summary"];
        assert_eq!((&summary["problem"], &summary["new"]), (&json!(7), &json!(1)));
        let future = planned.json()["findings"][3].clone();
        assert!(text(&future["sentence"]).contains("2025-08-11") && future["field"] == "11/08/2025", "{future}");
        // Whom nobody misses is in the file.
        let missing = instructor.all(&format!("{}/missing", planned.location()));
        assert_eq!(missing.len(), 0, "{missing:?}");
        let short = bring(&stage, &instructor, "Nama,21/07/2025\nRatna Melati,H\n").created();
        assert_eq!(instructor.all(&format!("{}/missing", short.location())).len(), 4);
        // The rows come back under the days they came with, and go in once they are corrected.
        let back = instructor.get(&format!("{}/problems", planned.location())).ok();
        let mut back = grid(&back.bytes);
        let header: Vec<String> = back[0].iter().map(ToString::to_string).collect();
        assert_eq!(header[..4], ["Nama", "NISN", "21/07/2025", "22/07/2025"]);
        back.truncate(2);
        back[1][2] = calamine::Data::String("H".to_owned());
        let path = format!("/imports?kind=attendance&class={}", stage.class);
        let corrected = instructor.upload(&path, crate::imports::XLSX, &written(&back)).created();
        assert_eq!(done(&apply(&instructor, &corrected, &[]).ok()), [1, 0, 0]);
    }

    fn what_differs_is_a_correction_and_goes_back_as_one(app: &App) {
        let (stage, members, sessions) = running(app, &["Ratna Melati", "Bagus Pratama"]);
        stage.hold(&sessions[0], &[(&members[0], "A"), (&members[1], "H")]).ok();
        app.set_clock("2025-07-29T03:00:00Z");
        let start = registers(&stage, &sessions);
        let instructor = stage.instructor_now();
        let list = "NIPD,21/07/2025,28/07/2025\nn-1,S,H\nN-2,H,\n";
        let planned = bring(&stage, &instructor, list).created();
        let plan = rows(&instructor, &planned);
        assert_eq!(
            (text(&row(&plan, 2)["action"]), &row(&plan, 2)["changes"], text(&row(&plan, 3)["action"])),
            (
                "changed",
                &json!([
                    { "field": "21/07/2025", "before": "A", "after": "S" },
                    { "field": "28/07/2025", "before": null, "after": "H" },
                ]),
                "same",
            )
        );
        assert_eq!(done(&apply(&instructor, &planned, &[]).ok()), [1, 1, 0]);
        let path = format!("/sessions/{}/attendance/{}/corrections", text(&sessions[0]["id"]), members[0]);
        let kept = |staff: &Staff<'_>| {
            let kept = staff.get(&path).ok().json();
            kept.as_array().unwrap().iter().map(|one| text(&one["mark"]).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(kept(&instructor), ["A"]);
        app.wait(chrono::Duration::minutes(1));
        assert_eq!(undo(&instructor, &planned.location()).ok().json()["restored"], 1);
        assert_eq!((registers(&stage, &sessions), kept(&instructor)), (start, vec!["A".to_owned(), "S".to_owned()]));
        // What somebody has changed since stays.
        let again = bring(&stage, &instructor, list).created();
        apply(&instructor, &again, &[]).ok();
        app.wait(chrono::Duration::minutes(1));
        save(&instructor, &sessions[0], &[(&members[0], "I")]).ok();
        let in_the_way = instructor.get(&format!("{}/undo", again.location())).ok().json();
        assert_eq!((&in_the_way[0]["row"], text(&in_the_way[0]["code"])), (&json!(2), "undo.mark_changed"));
        undo(&instructor, &again.location()).status(409).refused("import.undo_blocked");
        // A plan that somebody has overtaken is looked at again.
        let late = bring(&stage, &instructor, "NIPD,21/07/2025\nN-1,T\n").created();
        save(&instructor, &sessions[0], &[(&members[0], "H")]).ok();
        apply(&instructor, &late, &[]).status(409).refused("import.moved");
    }

    fn what_a_phone_has_said_since_stands_in_the_way(app: &App) {
        let (stage, members, sessions) = running(app, &["Ratna Melati", "Bagus Pratama", "Dian Kusuma"]);
        app.set_clock("2025-07-29T03:00:00Z");
        let planned = office_now_brings(&stage, "NIPD,21/07/2025\nN-1,H\nN-2,H\nN-3,H\n");
        app.wait(chrono::Duration::minutes(1));
        // One phone says the same, another something else; both are told so and do not say it again.
        let mark = |number: u32, who: &str, mark: &str| {
            json!({
                "id": format!("0198f2a4-7c1e-7000-8000-{number:012}"), "session": sessions[0]["id"], "enrollment": who,
                "mark": mark, "place": number, "made_at": "2025-07-21T01:00:00Z",
            })
        };
        let batch = json!({ "device": "ponsel-rina", "marks": [mark(1, &members[0], "H"), mark(2, &members[1], "A")] });
        let told = stage.instructor_now().call("POST", "/attendance-batches").json(&batch).send().ok().json();
        assert_eq!([&told["results"][0]["result"], &told["results"][1]["result"]], ["same", "clash"]);
        let in_the_way = stage.office_now().get(&format!("{}/undo", planned.location())).ok().json();
        let rows: Vec<_> = in_the_way.as_array().unwrap().iter().map(|one| (&one["row"], text(&one["code"]))).collect();
        assert_eq!(rows, [(&json!(2), "undo.mark_changed"), (&json!(3), "undo.mark_changed")]);
        undo(&stage.office_now(), &planned.location()).status(409).refused("import.undo_blocked");
        assert_eq!(app.count("attendance"), 3);
    }

    fn a_list_of_days_before_a_transfer_is_written_and_goes_back(app: &App) {
        let (stage, members, sessions) = running(app, &["Ratna Melati", "Bagus Pratama"]);
        stage.hold(&sessions[0], &[(&members[0], "A"), (&members[1], "H")]).ok();
        let other = stage.class_at(&app.lpk(stage.regency));
        app.set_clock("2025-07-29T03:00:00Z");
        // By the office, who sees where they go; the instructor, who does not, takes it back.
        let office = stage.office_now();
        let list = "NIPD,21/07/2025,28/07/2025\nN-1,S,H\n";
        let path = format!("/imports?kind=attendance&class={}", stage.class);
        let transfer = json!({ "class": other, "reason": "Keluarga pindah rumah" });
        office.acts(&format!("/enrollments/{}", members[0]), "transfers", transfer);
        let planned = office.upload(&path, "text/csv", list.as_bytes()).created();
        assert_eq!(found(&planned), said(&[]));
        assert_eq!(done(&apply(&office, &planned, &[]).ok()), [1, 1, 0]);
        let register = |session: &Value| registers(&stage, std::slice::from_ref(session)).remove(0);
        assert_eq!(register(&sessions[0]), "held: Bagus Pratama=H Ratna Melati=S");
        app.wait(chrono::Duration::minutes(1));
        assert_eq!(undo(&stage.instructor_now(), &planned.location()).ok().json()["restored"], 1);
        assert_eq!(register(&sessions[0]), "held: Bagus Pratama=H Ratna Melati=A");
        assert_eq!(register(&sessions[1]), "planned: Bagus Pratama=- Ratna Melati=-");
        // What a decision elsewhere rests on is not taken back.
        let again = office_now_brings(&stage, list);
        stage.move_class(&other, "running").ok();
        let decision = json!({
            "enrollments": [members[0]], "override_reason": "Uji ulang di lapangan", "confirm": given::doubts(),
        });
        stage.office_now().post(&format!("/classes/{other}/completions"), decision).ok();
        let refused = undo(&stage.instructor_now(), &again.location());
        refused.status(409).refused("attendance.decided");
        assert_eq!(register(&sessions[0]), "held: Bagus Pratama=H Ratna Melati=S");
    }

    fn an_instructor_takes_a_list_back_as_long_as_registers_are_corrected(app: &App) {
        let stage = app.stage();
        let mut curriculum = given::curriculum();
        curriculum["correction_days"] = json!(3);
        let program = given::program("HOSP-2").with("curriculum", curriculum);
        let program = stage.office.post("/programs", program).created().id();
        let agreement = given::agreement(&stage.host, &program).with("number", "PKS/9");
        let agreement = stage.office.post("/agreements", agreement).created().id();
        let cohort = crate::harness::open(&stage.office, &program);
        let class = given::class(&cohort, &stage.host, &agreement).with("name", "Kopi").with("instructor", stage.instructor.id.clone());
        let class = stage.office.post("/classes", class).created().id();
        let stage = Stage { program, agreement, cohort, class, ..stage };
        let who = member(&stage, 1, "Ratna Melati");
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        stage.hold(&sessions[0], &[(&who, "A")]).ok();
        app.set_clock("2025-07-25T03:00:00Z");
        let planned = office_now_brings(&stage, "NIPD,21/07/2025\nN-1,H\n");
        app.wait(chrono::Duration::minutes(1));
        undo(&stage.instructor_now(), &planned.location()).status(409).refused("attendance.correction_late");
        assert_eq!(undo(&app.manager(&stage.host), &planned.location()).ok().json()["restored"], 1);
    }

    fn what_was_said_beside_a_mark_comes_back_with_it(app: &App) {
        let (stage, members, sessions) = running(app, &["Ratna Melati", "Bagus Pratama"]);
        app.set_clock("2025-07-29T03:00:00Z");
        let instructor = stage.instructor_now();
        let path = format!("/sessions/{}/attendance", text(&sessions[0]["id"]));
        let late = json!({ "enrollment": members[0], "mark": "T", "minutes_late": 15, "note": "ban bocor" });
        let there = json!({ "enrollment": members[1], "mark": "H", "note": "menggantikan ketua kelas" });
        instructor.call("PUT", &path).json(&json!({ "marks": [late, there] })).send().ok();
        let said = |staff: &Staff<'_>| {
            let lines = staff.get(&path).ok().json()["lines"].clone();
            let told = |line: &Value| ["mark", "minutes_late", "note"].map(|name| line[name].clone());
            lines.as_array().unwrap().iter().map(told).collect::<Vec<_>>()
        };
        let before = said(&instructor);
        assert_eq!(before[1], [json!("T"), json!(15), json!("ban bocor")]);
        let list = "NIPD,21/07/2025\nN-1,A\nN-2,S\n";
        let planned = bring(&stage, &instructor, list).created();
        apply(&instructor, &planned, &[]).ok();
        assert_eq!(said(&instructor)[1], [json!("A"), Value::Null, Value::Null]);
        app.wait(chrono::Duration::minutes(1));
        assert_eq!(undo(&instructor, &planned.location()).ok().json()["restored"], 2);
        assert_eq!(said(&instructor), before);
    }

    fn of_two_who_bring_the_same_list_at_once_one_writes(app: &App) {
        let (stage, _, sessions) = running(app, &["Ratna Melati", "Bagus Pratama"]);
        app.set_clock("2025-07-29T03:00:00Z");
        let staff = [stage.office_now(), stage.instructor_now()];
        let list = "Nama,21/07/2025,28/07/2025\nRatna Melati,H,H\nBagus Pratama,S,H\n";
        let planned = staff.each_ref().map(|staff| bring(&stage, staff, list).created());
        let answers = at_once(2, |turn| apply(&staff[turn], &planned[turn], &[]));
        let written: i64 = answers.into_iter().map(|answer| done(&answer.ok())[0]).sum();
        assert_eq!((written, app.count("attendance_corrections")), (4, 0));
        assert_eq!(registers(&stage, &sessions)[0], "held: Bagus Pratama=S Ratna Melati=H");
    }

    fn a_day_with_two_sessions_says_which(app: &App) {
        let stage = app.stage();
        let slots = json!([
            { "weekday": 1, "starts_at": "07:30", "lesson_hours": 4 },
            { "weekday": 1, "starts_at": "13:30", "lesson_hours": 4 },
        ]);
        let class = stage.office.get(&format!("/classes/{}", stage.class)).ok();
        stage.office.patch(&class.address(), &class.etag(), json!({ "slots": slots })).ok();
        let member = member(&stage, 1, "Ratna Melati");
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        app.set_clock("2025-07-29T03:00:00Z");
        let office = stage.office_now();
        let unclear = bring(&stage, &office, "Nama,21/07/2025\nRatna Melati,H\n").created();
        assert_eq!(found(&unclear), said(&[("B2", "mark.which_session")]));
        let list = "Nama,21/07/2025,21/07/2025,28/07/2025 13.30,28/07/2025 ke-1\nRatna Melati,H,S,T,A\n";
        let planned = bring(&stage, &office, list).created();
        let fields: Vec<String> = rows(&office, &planned)[0]["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| format!("{} {}", text(&change["field"]), text(&change["after"])))
            .collect();
        assert_eq!(fields, ["21/07/2025 07:30 H", "21/07/2025 13:30 S", "28/07/2025 13:30 T", "28/07/2025 07:30 A"]);
        assert_eq!(done(&apply(&office, &planned, &[]).ok()), [4, 0, 0]);
        let marks: Vec<String> = registers(&stage, &sessions).iter().map(|line| line[line.len() - 1..].to_owned()).collect();
        assert_eq!((marks.join(""), member.len()), ("HSAT".to_owned(), 13));
    }

    fn the_list_of_a_class_begins_with_its_members_and_days(app: &App) {
        let (stage, _, sessions) = running(app, &["Ratna Melati", "Siti Aminah", "Siti Aminah"]);
        app.set_clock("2025-08-05T03:00:00Z");
        let instructor = stage.instructor_now();
        let path = format!("/imports/template?kind=attendance&class={}", stage.class);
        let answer = instructor.get(&path).ok();
        assert!(answer.header("content-disposition").unwrap().contains("templat-presensi.xlsx"));
        let mut sheet = grid(&answer.bytes);
        let shown: Vec<Vec<String>> =
            sheet.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(
            shown,
            [
                ["Nama", "NISN", "NIPD", "21/07/2025", "28/07/2025", "04/08/2025"],
                ["Ratna Melati", "", "", "", "", ""],
                // The name alone would not tell them apart.
                ["Siti Aminah", "0079000102", "", "", "", ""],
                ["Siti Aminah", "0079000103", "", "", "", ""],
            ]
        );
        for row in &mut sheet[1..] {
            row[3..].fill(calamine::Data::String("H".to_owned()));
        }
        let list = format!("/imports?kind=attendance&class={}", stage.class);
        let planned = instructor.upload(&list, crate::imports::XLSX, &written(&sheet)).created();
        assert_eq!(done(&apply(&instructor, &planned, &[]).ok()), [9, 0, 0]);
        assert_eq!(registers(&stage, &sessions)[3], "planned: Ratna Melati=- Siti Aminah=- Siti Aminah=-");
        app.manager(&app.lpk("18.07")).get(&path).invalid(&[("/class", "reference.unknown")]);
    }

    fn whoever_may_mark_the_class_brings_its_lists(app: &App) {
        let (stage, _, _) = running(app, &["Ratna Melati"]);
        app.set_clock("2025-07-22T03:00:00Z");
        let list = "Nama,21/07/2025\nRatna Melati,H\n";
        let planned = bring(&stage, &stage.instructor_now(), list).created();
        let manager = app.manager(&stage.host);
        for staff in [&manager, &stage.office_now(), &stage.instructor_now()] {
            staff.get(&planned.location()).ok();
            assert_eq!(staff.all("/imports").len(), 1);
            staff.get("/imports/template?kind=attendance").ok();
        }
        let coordinator = app.coordinator(&stage.school);
        bring(&stage, &coordinator, list).denied();
        coordinator.get(&planned.location()).not_there();
        let strangers = [app.manager(&app.lpk("18.07")), app.instructor(&stage.host), app.office("53")];
        for stranger in &strangers {
            bring(&stage, stranger, list).invalid(&[("/class", "reference.unknown")]);
            stranger.get(&planned.location()).not_there();
            assert_eq!(stranger.all("/imports"), Vec::<Value>::new());
        }
        let nowhere = manager.upload("/imports?kind=attendance", "text/csv", list.as_bytes());
        nowhere.invalid(&[("/class", "field.required")]);
        let without_days = bring(&stage, &manager, "Nama,Ket\nRatna Melati,H\n").refused("import.header_missing");
        assert_eq!(without_days.json()["facts"]["missing"], "Tanggal pertemuan");
        // As a job, which whoever teaches the class follows.
        let path = format!("/imports?kind=attendance&class={}", stage.class);
        let call = manager.call("POST", &path).header("prefer", "respond-async").header("content-type", "text/csv");
        let job = call.bytes(list.into()).send().status(202);
        app.work();
        let seen = stage.instructor_now().get(&job.location()).ok().json();
        assert_eq!((text(&seen["state"]), &seen["class"]), ("done", &json!(stage.class)));
        strangers[0].get(&job.location()).not_there();
        // Nobody marks a class that has not begun, and one that is over is the province's.
        let stage = Stage { office: stage.office_now(), ..stage };
        let class = stage.class_of(1);
        let path = format!("/imports?kind=attendance&class={class}");
        manager.upload(&path, "text/csv", list.as_bytes()).status(409).refused("class.state");
        stage.office_now().post(&format!("/classes/{}/completions", stage.class), given::decision()).ok();
        assert_eq!(found(&bring(&stage, &manager, list).created()), said(&[("B2", "attendance.decided")]));
        stage.move_class(&stage.class, "completed").ok();
        bring(&stage, &manager, list).refused("attendance.class_completed");
        let etag = planned.etag();
        let path = format!("{}/application", planned.location());
        manager.post_change(&path, &etag, json!({})).refused("attendance.class_completed");
        assert_eq!(done(&apply(&stage.office_now(), &planned, &[]).ok()), [1, 0, 0]);
    }
}
