//! Paper that a class takes to the office.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::path::text;
use crate::harness::{App, Stage, Value, given, json};
use crate::workbooks::grid;

/// The cells of the rows of people, as text; a number without its fraction.
fn lines(bytes: &[u8]) -> Vec<Vec<String>> {
    let sheet = grid(bytes);
    let people = sheet.iter().skip(12).take_while(|row| row[0].to_string().parse::<u32>().is_ok());
    people.map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

/// A file of a story's own, gone with it.
struct Pdf(PathBuf);

impl Pdf {
    /// As it came; qpdf finds nothing wrong with it.
    #[track_caller]
    fn of(app: &App, bytes: &[u8]) -> Self {
        let folder =
            format!("vokasi-papers-{}-{}-{}", std::process::id(), app.url.rsplit(':').next().unwrap(), app.number());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("paper.pdf"), bytes).unwrap();
        let paper = Self(folder);
        let (told, code) = paper.run("qpdf", &["--check", "paper.pdf"]);
        assert_eq!(code, 0, "{told}");
        for mark in ["pdfaid:part", "pdfuaid:part", "/MarkInfo"] {
            assert!(String::from_utf8_lossy(bytes).contains(mark), "{mark} is missing");
        }
        paper
    }

    /// The text of each sheet, as it stands on it.
    fn sheets(&self) -> Vec<String> {
        let (text, code) = self.run("pdftotext", &["-layout", "paper.pdf", "-"]);
        assert_eq!(code, 0, "{text}");
        text.trim_end_matches('\u{c}').split('\u{c}').map(str::to_owned).collect()
    }

    /// What a camera reads from all sheets.
    fn codes(&self) -> Vec<String> {
        let (told, code) = self.run("pdftoppm", &["-r", "150", "-png", "paper.pdf", "sheet"]);
        assert_eq!(code, 0, "{told}");
        let mut images: Vec<String> = fs::read_dir(&self.0).unwrap().map(|file| name(&file.unwrap().path())).collect();
        images.retain(|name| name.starts_with("sheet"));
        images.sort();
        let mut found = Vec::new();
        for image in images {
            let (told, _) = self.run("zbarimg", &["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", &image]);
            found.extend(told.lines().filter(|line| line.starts_with("http")).map(str::to_owned));
        }
        found
    }

    fn run(&self, program: &str, arguments: &[&str]) -> (String, i32) {
        let output = Command::new(program).args(arguments).current_dir(&self.0).output();
        let output = output.unwrap_or_else(|error| panic!("{program} is missing ({error}); scripts/test brings it"));
        let told = if output.stdout.is_empty() { output.stderr } else { output.stdout };
        (String::from_utf8_lossy(&told).into_owned(), output.status.code().unwrap_or(-1))
    }
}

impl Drop for Pdf {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Somebody by this name who has a seat.
fn member(stage: &Stage<'_>, name: &str) -> String {
    let number = u32::try_from(stage.app.number()).unwrap();
    let body = given::student(number).with("name", name).with("school", stage.school.clone());
    let made = stage.office.post("/participants", body).created();
    stage.office.post(&format!("{}/consents", made.location()), given::consent()).created();
    stage.seated(&made.id())
}

fn room_for(stage: &Stage<'_>, seats: i32) {
    stage.office.patch(&format!("/classes/{}", stage.class), "\"1\"", json!({ "seats": seats, "room": "Lab 2" })).ok();
}

/// A session made by hand.
fn meet(stage: &Stage<'_>, day: &str) -> Value {
    let body = given::session(day).with("confirm", json!(["session.day_off"]));
    stage.office_now().post(&format!("/classes/{}/sessions", stage.class), body).created().json()
}

/// The register's page of a session.
fn page(app: &App, session: &Value) -> String {
    format!("{}/mark/{}", app.url, text(&session["id"]))
}

both! {
    fn a_recap_adds_up_to_the_marks(app: &App) {
        let stage = app.stage();
        stage.office.patch(&format!("/classes/{}", stage.class), "\"1\"", json!({ "seats": 10 })).ok();
        let members: Vec<String> = (0..2).map(|_| stage.seated(&stage.student())).collect();
        let late = stage.waiting(&stage.student());
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        stage.hold(&sessions[0], &[(&members[0], "H"), (&members[1], "S")]).ok();
        stage.hold(&sessions[1], &[(&members[0], "T"), (&members[1], "H")]).ok();
        // Somebody who came late, nobody knows at which hour of that day, is not marked yet.
        stage.step(&late, json!({ "to": "active", "class": stage.class, "reason": "Keputusan dinas" })).ok();
        stage.hold(&sessions[2], &[(&members[0], "A"), (&members[1], "H")]).ok();
        let path = format!("/classes/{}/attendance-recap/xlsx", stage.class);
        let office = stage.office_now();
        let answer = office.get(&path).ok();
        assert_eq!(answer.header("content-language"), Some("id"));
        let file = format!("attachment; filename=\"rekap-kehadiran-{}.xlsx\"", stage.class);
        assert_eq!(answer.header("content-disposition"), Some(file.as_str()));
        let sheet = grid(&answer.bytes);
        let facts: Vec<String> = sheet[1..9].iter().map(|row| row[2].to_string()).collect();
        assert_eq!(facts[5], "12 / 16", "{facts:?}");
        assert_eq!(facts[6], "80");
        // By the clock of the province, as on paper: ten in the morning of the third session.
        assert_eq!(facts[7], "04/08/2025 10.00 WIB");
        let roster = office.get(&format!("/classes/{}/roster", stage.class)).ok().json();
        let people = roster["lines"].as_array().unwrap();
        let lines = lines(&answer.bytes);
        assert_eq!(lines.len(), people.len());
        for (line, person) in lines.iter().zip(people) {
            let marks: &[&str] = match text(&person["enrollment"]) {
                one if one == members[0] => &["H", "T", "A", "1", "1", "0", "0", "1", "0", "8", "12", "", "", "66.67", ""],
                one if one == members[1] => &["S", "H", "H", "2", "0", "1", "0", "0", "0", "8", "12", "", "", "66.67", ""],
                one => {
                    assert_eq!(one, late);
                    &["–", "–", "", "0", "0", "0", "0", "0", "1", "0", "4", "", "", "0", ""]
                }
            };
            assert_eq!(line[1], text(&person["name"]));
            assert_eq!(line[3..], *marks, "{line:?}");
            assert_eq!(line[line.len() - 2], text(&person["rate"]["percent"]));
        }
        let english = office.call("GET", &path).language("en").send().ok();
        assert_eq!(grid(&english.bytes)[0][0].to_string(), "RECAP OF PARTICIPANTS' ATTENDANCE");
        // It was taken away twice, and once more by the school, which has its own students alone.
        let school = app.coordinator(&stage.school);
        assert_eq!(self::lines(&school.get(&path).ok().bytes).len(), 3);
        app.observer("18").get(&path).denied();
        assert_eq!(app.count_where("audit_events", "action = 'attendance.recap_taken'"), 3);
    }

    fn a_recap_of_a_class_that_has_not_begun_is_a_list_of_names(app: &App) {
        let stage = app.stage();
        stage.seated(&stage.student());
        let recap = stage.office.get(&format!("/classes/{}/attendance-recap/xlsx", stage.class)).ok();
        let lines = lines(&recap.bytes);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0][3..], ["0", "0", "0", "0", "0", "0", "0", "0", "", "", "", ""]);
    }

    fn a_recap_on_paper_says_what_the_workbook_says(app: &App) {
        let stage = app.stage();
        room_for(&stage, 10);
        let members = [member(&stage, "Wayan Ayu Lestari"), member(&stage, "Budi Santoso")];
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        stage.hold(&sessions[0], &[(&members[0], "H"), (&members[1], "S")]).ok();
        stage.hold(&sessions[1], &[(&members[0], "T")]).ok();
        stage.hold(&sessions[2], &[(&members[0], "A"), (&members[1], "H")]).ok();
        let path = format!("/classes/{}/attendance-recap/pdf", stage.class);
        let answer = stage.office_now().get(&path).ok();
        assert_eq!(answer.header("content-type"), Some("application/pdf"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let file = format!("inline; filename=\"rekap-kehadiran-{}.pdf\"", stage.class);
        assert_eq!(answer.header("content-disposition"), Some(file.as_str()));
        let sheets = Pdf::of(app, &answer.bytes).sheets();
        // What everyone comes to, and the two months in which there were sessions.
        assert_eq!(sheets.len(), 3, "{sheets:#?}");
        let line = |sheet: &str, name: &str| -> Vec<String> {
            let line = sheet.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("no {name}: {sheet}"));
            line.split_once(name).unwrap().1.split_whitespace().map(str::to_owned).collect()
        };
        let sums = line(&sheets[0], "Wayan Ayu Lestari");
        assert_eq!(sums[1..], ["1", "1", "0", "0", "1", "0", "8", "12", "66,67", "%", "belum"]);
        let sums = line(&sheets[0], "Budi Santoso");
        assert_eq!(sums[1..], ["1", "0", "1", "0", "0", "1", "4", "12", "33,33", "%", "belum"]);
        for said in ["12 dari 16 JP", "420/118/V.01/DP.2/2025", "Rohmat Wirya", "NIP 197805172005011003", "Wulan Sari",
            "Batas untuk lulus: 80 %", "Halaman 1 dari 3 · Page 1 of 3", "Perhotelan / Hospitality"]
        {
            assert!(sheets[0].contains(said), "{said}: {}", sheets[0]);
        }
        assert_eq!(line(&sheets[1], "Wayan Ayu Lestari"), ["H", "T", "1", "1", "0", "0", "0"]);
        assert_eq!(line(&sheets[2], "Budi Santoso"), ["H", "1", "0", "0", "0", "0"]);
        assert!(sheets[1].contains("Daftar Hadir Juli 2025") && sheets[2].contains("Halaman 3 dari 3"), "{sheets:#?}");
        assert_eq!(app.count_where("audit_events", "action = 'attendance.recap_taken'"), 1);
    }

    fn a_year_of_a_full_class_goes_on_numbered_sheets(app: &App) {
        let stage = app.stage();
        room_for(&stage, 36);
        let odd = ["Raden Ajeng Siti Nurhaliza Kusumawardhani Sastrowidjojo binti Haji Muhammad Sulaiman Al-Banjari \
                    dan seterusnya", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
                   "Sato 花子", "Q\u{32e}omar"];
        let names = (odd.len()..36).map(|number| format!("Peserta {}", letters(number)));
        let names: Vec<String> = odd.into_iter().map(str::to_owned).chain(names).collect();
        let members: Vec<String> = names.iter().map(|name| member(&stage, name)).collect();
        stage.move_class(&stage.class, "running").ok();
        let marks: Vec<(&str, &str)> = members.iter().map(|member| (member.as_str(), "H")).collect();
        for month in 8..20 {
            let (year, month) = if month > 12 { (2026, month - 12) } else { (2025, month) };
            let session = meet(&stage, &format!("{year}-{month:02}-12"));
            stage.morning_of(&session);
            app.wait(chrono::Duration::hours(6));
            crate::harness::path::save(&stage.office_now(), &session, &marks).ok();
        }
        let recap = stage.office_now().get(&format!("/classes/{}/attendance-recap/pdf", stage.class)).ok();
        let sheets = Pdf::of(app, &recap.bytes).sheets();
        let count = sheets.len();
        assert!((14..=28).contains(&count), "{count}");
        for (at, sheet) in sheets.iter().enumerate() {
            assert!(sheet.contains(&format!("Halaman {} dari {count}", at + 1)), "{sheet}");
            assert!(sheet.contains("Nama peserta"), "no head: {sheet}");
        }
        let all = sheets.concat();
        for name in &names[4..] {
            assert!(all.matches(name.as_str()).count() >= 13, "{name}");
        }
        // Nobody is left out because of a name, and who it is can still be told.
        for (name, member) in [("Sato ??", &members[2]), ("Q?omar", &members[3])] {
            assert!(all.contains(name) && all.contains(&format!("* {member}")), "{name}");
        }
        assert!(all.contains("Ada huruf dalam nama ini"), "{all}");
        assert!(sheets.iter().filter(|sheet| sheet.contains("Mengetahui")).count() == 1);
    }

    fn a_register_on_paper_opens_its_session(app: &App) {
        let stage = app.stage();
        room_for(&stage, 36);
        let members: Vec<String> =
            (0..30).map(|number| member(&stage, &format!("Peserta {}", letters(number)))).collect();
        stage.move_class(&stage.class, "running").ok();
        let session = stage.timetable(&stage.class).remove(0);
        let path = format!("/sessions/{}/register/pdf", text(&session["id"]));
        stage.morning_of(&session);
        let body = json!({ "marks": [
            { "enrollment": members[0], "mark": "H" },
            { "enrollment": members[1], "mark": "T", "minutes_late": 25, "note": "Ban bocor" },
        ] });
        let office = stage.office_now();
        office.call("PUT", &format!("/sessions/{}/attendance", text(&session["id"]))).json(&body).send().ok();
        let answer = office.get(&path).ok();
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let paper = Pdf::of(app, &answer.bytes);
        let sheets = paper.sheets();
        let all = sheets.concat();
        for said in ["Daftar Hadir Pertemuan", "Senin, 21 Juli 2025", "07.30–10.30 · 4 JP", "HOSP-01 Pengantar", "Lab 2",
            "Wulan Sari", "Tanda tangan", "25", "Mengetahui"]
        {
            assert!(all.contains(said), "{said}: {all}");
        }
        // A note is for those who mark, not for the paper; nor is what nobody needs to take attendance.
        for kept in ["Ban bocor", "007900", "Agustus 2007", "180705"] {
            assert!(!all.contains(kept), "{kept}: {all}");
        }
        assert_eq!(sheets.len(), 2);
        // Each sheet has the code, so that either may be lost.
        assert_eq!(paper.codes(), vec![page(app, &session); 2]);
        assert_eq!(app.count_where("audit_events", "action = 'attendance.register_taken'"), 1);
        let other = app.stage_in("53.01");
        other.office.get(&path).not_there();
        app.manager(&other.host).get(&path).not_there();
        app.observer("18").get(&path).denied();
    }

    fn a_month_of_registers_has_a_code_for_each_session(app: &App) {
        let stage = app.stage();
        let members = [stage.seated(&stage.student()), stage.seated(&stage.student())];
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        let mut july: Vec<Value> = sessions.iter().filter(|one| text(&one["held_on"]).starts_with("2025-07")).cloned().collect();
        for day in ["2025-07-23", "2025-07-24", "2025-07-25", "2025-07-26", "2025-07-29", "2025-07-30", "2025-07-31"] {
            july.push(meet(&stage, day));
        }
        let called_off = meet(&stage, "2025-07-27");
        let office = stage.office_now();
        office.post_change(&format!("/sessions/{}/cancellation", text(&called_off["id"])), "\"1\"",
            json!({ "reason": "Banjir" })).ok();
        stage.hold(&sessions[0], &[(&members[0], "I")]).ok();
        let path = format!("/classes/{}/registers/pdf", stage.class);
        let answer = stage.office_now().get(&format!("{path}?month=2025-07")).ok();
        let paper = Pdf::of(app, &answer.bytes);
        let mut codes = paper.codes();
        let mut expected: Vec<String> = july.iter().map(|session| page(app, session)).collect();
        codes.sort();
        expected.sort();
        assert_eq!(codes, expected);
        let all = paper.sheets().concat();
        for said in ["Daftar Hadir Juli 2025", "Paraf pengajar", "Kode Pengisian Juli 2025", "Kamis, 24 Juli 2025", "21"] {
            assert!(all.contains(said), "{said}: {all}");
        }
        assert!(!all.contains("27 Juli") && !all.contains("007900"), "{all}");
        // The present month when nothing is said; one without sessions is a list of names.
        let named = |answer: &[u8]| Pdf::of(app, answer).sheets().concat();
        assert!(named(&stage.office_now().get(&path).ok().bytes).contains("Juli 2025"));
        let empty = named(&stage.office_now().get(&format!("{path}?month=2026-02")).ok().bytes);
        assert!(empty.contains("Tidak ada pertemuan pada bulan ini") && empty.contains("Siti Nur"), "{empty}");
        for month in ["2025", "2025-13", "Juli", "2025-07-01", ""] {
            stage.office_now().get(&format!("{path}?month={month}")).invalid(&[("/month", "field.month")]);
        }
        app.stage_in("53.01").office.get(&path).not_there();
        app.observer("18").get(&path).denied();
    }

    fn whoever_went_to_another_class_stays_on_the_registers_of_then(app: &App) {
        let stage = app.stage();
        let members = [stage.seated(&stage.student()), stage.seated(&stage.student())];
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Sore");
        let slots = json!([{ "weekday": 2, "starts_at": "13:30", "lesson_hours": 4 }]);
        let other = stage.office.post("/classes", body.with("slots", slots)).created().id();
        stage.move_class(&stage.class, "running").ok();
        stage.timetable(&stage.class);
        app.set_clock("2025-07-29T01:00:00Z");
        let at = format!("/enrollments/{}", members[0]);
        let moving = json!({ "class": other, "reason": "Keluarga pindah rumah" });
        stage.office_now().acts(&at, "transfers", moving);
        let people = |class: &str, month: &str| {
            let path = format!("/classes/{class}/registers/pdf?month={month}");
            Pdf::of(app, &stage.office_now().get(&path).ok().bytes).sheets().concat().matches("Siti Nur").count()
        };
        assert_eq!(["2025-07", "2025-08", "2026-02"].map(|month| people(&stage.class, month)), [2, 1, 1]);
        assert_eq!(["2025-07", "2026-02"].map(|month| people(&other, month)), [1, 1]);
    }

    fn a_recap_has_everyone_who_was_there_with_the_hours_of_this_class(app: &App) {
        let stage = app.stage();
        room_for(&stage, 3);
        let [gone, back, stays] =
            ["Agus Gunawan", "Budi Santoso", "Citra Dewi"].map(|name| member(&stage, name));
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Sore");
        let slots = json!([{ "weekday": 2, "starts_at": "13:30", "lesson_hours": 4 }]);
        let other = stage.office.post("/classes", body.with("slots", slots)).created().id();
        stage.move_class(&stage.class, "running").ok();
        let here = stage.timetable(&stage.class);
        stage.hold(&here[0], &[(&gone, "H"), (&stays, "H")]).ok();
        let move_to = |day: &str, who: &str, class: &str| {
            app.set_clock(&format!("{day}T12:00:00Z"));
            let moving = json!({ "class": class, "reason": "Keluarga pindah rumah" });
            stage.office_now().acts(&format!("/enrollments/{who}"), "transfers", moving);
        };
        move_to("2025-07-25", &gone, &other);
        move_to("2025-07-25", &back, &other);
        stage.move_class(&other, "running").ok();
        let there = stage.timetable(&other);
        let evening = there.iter().find(|one| one["held_on"] == "2025-07-29").expect("a Tuesday");
        stage.hold(&here[1], &[(&stays, "A")]).ok();
        stage.hold(evening, &[(&gone, "A"), (&back, "H")]).ok();
        move_to("2025-07-30", &back, &stage.class);
        stage.hold(&here[2], &[(&back, "H"), (&stays, "H")]).ok();
        let recap = |class: &str| {
            let path = format!("/classes/{class}/attendance-recap");
            let answer = stage.office_now().get(&format!("{path}/xlsx")).ok();
            let paper = stage.office_now().get(&format!("{path}/pdf")).ok();
            (lines(&answer.bytes), Pdf::of(app, &paper.bytes).sheets())
        };
        let (people, sheets) = recap(&stage.class);
        let expected: [&[&str]; 3] = [
            &["H", "–", "–", "1", "0", "0", "0", "0", "0", "4", "4", "", "", "100", "dari 21/07/2025 sampai 24/07/2025"],
            &["", "–", "H", "1", "0", "0", "0", "0", "1", "4", "8", "4", "4", "66.67",
                "dari 21/07/2025 sampai 24/07/2025, sejak 30/07/2025"],
            &["H", "A", "H", "2", "0", "0", "0", "1", "0", "8", "12", "", "", "66.67", ""],
        ];
        assert_eq!(people.len(), 3, "{people:?}");
        for (line, expected) in people.iter().zip(expected) {
            let from = expected[14].replace("21/07/2025", "DAY");
            let said = line[17].clone();
            assert_eq!(line[3..17], expected[..14], "{line:?}");
            assert_eq!(said.split_once(" sampai").map(|(_, rest)| rest), from.split_once(" sampai").map(|(_, rest)| rest));
        }
        assert!(sheets[0].contains("Agus Gunawan") && sheets[0].contains("sampai 24/07/2025"), "{}", sheets[0]);
        assert!(sheets[0].contains("4/4") && sheets[1].contains("Agus Gunawan"), "{sheets:#?}");
        assert!(sheets[0].contains("Mengetahui") && !sheets[0].contains(" dari 3."), "{}", sheets[0]);
        // The other class has one who is still there, whose first hours were elsewhere, and one who is not.
        let (people, _) = recap(&other);
        let sums: Vec<&[String]> = people.iter().map(|line| &line[line.len() - 12..line.len() - 1]).collect();
        assert_eq!(sums[0], ["0", "0", "0", "0", "1", "0", "0", "4", "4", "4", "50"]);
        assert_eq!(sums[1], ["1", "0", "0", "0", "0", "0", "4", "4", "", "", "100"]);
    }

    fn a_rate_just_below_the_minimum_does_not_look_reached(app: &App) {
        let stage = app.stage();
        let mut curriculum = given::curriculum();
        curriculum["completion"]["minimum_attendance"] = json!("66.67");
        let program = given::program("DEKAT").with("curriculum", curriculum);
        let program = stage.office_now().post("/programs", program).created().id();
        let agreement = given::agreement(&stage.host, &program).with("number", "PKS/DEKAT");
        let agreement = stage.office_now().post("/agreements", agreement).created().id();
        let cohort = crate::harness::open(&stage.office_now(), &program);
        let class = given::class(&cohort, &stage.host, &agreement).with("name", "Dekat");
        let class = stage.office_now().post("/classes", class).created().id();
        let near = crate::harness::Stage { program, agreement, cohort, class, ..stage };
        let who = near.seated(&near.student());
        near.move_class(&near.class, "running").ok();
        for (session, mark) in near.timetable(&near.class).iter().zip(["H", "A", "H"]) {
            near.hold(session, &[(&who, mark)]).ok();
        }
        let path = format!("/classes/{}/attendance-recap", near.class);
        let workbook = near.office_now().get(&format!("{path}/xlsx")).ok();
        assert_eq!(lines(&workbook.bytes)[0][16], "66.66");
        let paper = near.office_now().get(&format!("{path}/pdf")).ok();
        let sheet = Pdf::of(app, &paper.bytes).sheets().remove(0);
        let line = sheet.lines().find(|line| line.contains("66,66 %")).expect("the rate, cut");
        assert!(line.contains("belum") && !sheet.contains("tercapai"), "{sheet}");
    }

    fn a_part_of_a_class_says_that_it_is_one(app: &App) {
        let stage = app.stage();
        room_for(&stage, 3);
        let elsewhere = app.partner(given::school(7).with("npsn", "10809077").with("regency", "18.71"));
        let number = u32::try_from(app.number()).unwrap();
        let body = given::student(number).with("name", "Joko Prasetyo").with("school", elsewhere.clone());
        let made = stage.office.post("/participants", body).created();
        stage.office.post(&format!("{}/consents", made.location()), given::consent()).created();
        let others = [member(&stage, "Agus Gunawan"), member(&stage, "Budi Santoso")];
        let visitor = stage.seated(&made.id());
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        stage.hold(&sessions[0], &[(&visitor, "H"), (&others[0], "H")]).ok();
        let school = app.coordinator(&elsewhere);
        let officer = app.regency_officer("18.07");
        let (class, session) = (format!("/classes/{}", stage.class), format!("/sessions/{}", text(&sessions[0]["id"])));
        for (staff, from, shown) in [(&school, "SMK", 1), (&officer, "Kabupaten Lampung Timur", 2)] {
            for path in [
                format!("{class}/attendance-recap/pdf"),
                format!("{class}/registers/pdf?month=2025-07"),
                format!("{session}/register/pdf"),
            ] {
                let sheet = Pdf::of(app, &staff.get(&path).ok().bytes).sheets().remove(0);
                assert!(sheet.contains(&format!("Hanya peserta dari {from}")), "{path}: {sheet}");
                let part = [format!(": {shown} dari 3."), format!(": {shown} of 3.")];
                assert!(part.iter().all(|part| sheet.contains(part)), "{sheet}");
                assert!(!sheet.contains("Mengetahui"), "{sheet}");
                assert_eq!(["Agus", "Joko"].map(|name| sheet.contains(name)), [shown == 2, shown == 1], "{sheet}");
                // Whoever sees everyone signs it.
                let whole = Pdf::of(app, &stage.office_now().get(&path).ok().bytes).sheets().remove(0);
                assert!(whole.contains("Mengetahui") && !whole.contains("Hanya peserta"), "{whole}");
            }
            let workbook = staff.get(&format!("{class}/attendance-recap/xlsx")).ok();
            assert!(grid(&workbook.bytes)[0][3].to_string().contains(&format!(": {shown} dari 3.")));
            assert_eq!(staff.get(&format!("{session}/attendance")).ok().json()["not_shown"], 3 - shown);
        }
        assert_eq!(stage.office_now().get(&format!("{session}/attendance")).ok().json()["not_shown"], 0);
        assert_eq!(stage.office_now().get(&format!("{session}/sheet")).ok().json()["not_shown"], 0);
    }

    fn spare_lines_take_no_sheet_of_their_own(app: &App) {
        let stage = app.stage();
        room_for(&stage, 18);
        for number in 0..18 {
            member(&stage, &format!("Peserta {}", letters(number)));
        }
        let session = stage.sessions().remove(0);
        let paper = stage.office.get(&format!("/sessions/{session}/register/pdf")).ok();
        let sheets = Pdf::of(app, &paper.bytes).sheets();
        assert!(sheets.len() == 1 && sheets[0].contains("Mengetahui"), "{sheets:#?}");
    }

    fn a_session_that_is_called_off_has_no_register(app: &App) {
        let stage = app.stage();
        let session = stage.sessions().remove(0);
        let path = format!("/sessions/{session}");
        let paper = stage.office.get(&format!("{path}/register/pdf")).ok();
        let sheets = Pdf::of(app, &paper.bytes).sheets();
        assert_eq!(sheets.len(), 1, "nobody yet, and lines for those who come");
        stage.office.acts(&path, "cancellation", json!({ "reason": "Banjir" }));
        stage.office.get(&format!("{path}/register/pdf")).refused("session.cancelled");
    }
}

/// A number in letters: a name has no digits.
fn letters(number: usize) -> String {
    let letter = |digit: usize| char::from(b'a' + u8::try_from(digit % 26).unwrap());
    format!("{}{}", letter(number / 26).to_ascii_uppercase(), letter(number))
}
