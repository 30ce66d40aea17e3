//! `vokasi import`: what a person sees in the terminal, what a program reads, and how it ends.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use vokasi_core::db::DatabaseUrl;

use crate::harness::{App, Value, given};
use crate::kills::LINE;

/// Every warning of the mixed workbook.
const WARNINGS: [&str; 3] = ["nik.birth_date_differs", "nisn.padded", "phone.padded"];

/// What the program said on standard output, and its exit code.
fn import(app: &App, file: &str, more: &[&str]) -> (String, String) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/workbooks").join(file);
    run(app, &file, &[&["--school", "10809001"], more].concat())
}

fn run(app: &App, file: &Path, more: &[&str]) -> (String, String) {
    let url = match &app.database().url {
        DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let file = file.display().to_string();
    let mut line = vec!["vokasi", "import", &file, "--database-url", &url, "--log", "error"];
    line.extend(more);
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::the_program_in_a_process_of_its_own", "--nocapture"])
        .current_dir(std::env::temp_dir())
        .env(LINE, line.join("\n"))
        // The secret of every story.
        .env("VOKASI_SECRET", "\u{7}".repeat(32))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (_, end) = said.rsplit_once("it ended with ").unwrap();
    let code = end.chars().find(char::is_ascii_digit).unwrap().to_string();
    (said, code)
}

fn confirmed() -> Vec<&'static str> {
    WARNINGS.iter().flat_map(|code| ["--confirm", code]).collect()
}

both! {
    fn a_file_is_looked_at_from_the_terminal(app: &App) {
        app.partner(given::school(1).with("npsn", "10809001"));
        let (said, code) = import(app, "dapodik-mixed.xlsx", &["--dry-run"]);
        assert_eq!(code, "3", "{said}");
        assert!(said.contains("40 baris: 27 baru, 0 berubah, 0 sama, 11 bermasalah, 2 dilewati"), "{said}");
        assert!(said.contains("✗ H10 nik.number_cell — NIK tersimpan sebagai angka"), "{said}");
        assert!(said.contains("--confirm nik.birth_date_differs --confirm nisn.padded --confirm phone.padded"), "{said}");
        let more = [&["--dry-run", "--language", "en"][..], &confirmed()].concat();
        let (said, code) = import(app, "dapodik-mixed.xlsx", &more);
        assert!(code == "4" && said.contains("Only looked at; nothing is written."), "{said}");
        // For programs: the whole plan and nothing else.
        let (said, code) = import(app, "dapodik-mixed.xlsx", &["--dry-run", "--json"]);
        let json = &said[said.find("\n{\n").unwrap()..=said.rfind("\n}\n").unwrap() + 1];
        let plan: Value = serde_json::from_str(json).unwrap();
        assert_eq!((code.as_str(), plan["rows"].as_array().unwrap().len(), &plan["written"]), ("3", 40, &Value::Null));
        assert_eq!(plan["rows"][3]["findings"][0]["code"], "nik.number_cell");
        let (said, code) = import(app, "dapodik-good.xlsx", &["--dry-run"]);
        assert_eq!(code, "0", "{said}");
        assert_eq!((app.count("imports"), app.count("participants")), (0, 0), "only looked at");
    }

    fn a_file_is_written_from_the_terminal(app: &App) {
        app.partner(given::school(1).with("npsn", "10809001"));
        let (said, code) = import(app, "dapodik-mixed.xlsx", &[]);
        assert!(code == "3" && said.contains("Belum ada yang ditulis."), "{said}");
        assert_eq!(app.count("participants"), 0);
        let (said, code) = import(app, "dapodik-mixed.xlsx", &confirmed());
        assert!(code == "4" && said.contains("27 didaftarkan, 0 dibetulkan"), "{said}");
        let (said, code) = import(app, "dapodik-good.xlsx", &[]);
        assert!(code == "0" && said.contains("48 didaftarkan, 0 dibetulkan"), "{said}");
        let (said, code) = import(app, "dapodik-good.xlsx", &[]);
        assert!(code == "0" && said.contains("0 didaftarkan, 0 dibetulkan"), "{said}");
        assert_eq!(app.count("participants"), 75);
        for (file, more) in [("no-known-header.xlsx", &[][..]), ("no-such-file.xlsx", &[]), ("dapodik-good.xlsx", &["--cohort", "x"])] {
            let (said, code) = import(app, file, more);
            assert_eq!(code, "1", "{said}");
        }
        assert_eq!(app.count("participants"), 75);
    }

    fn files_of_other_kinds_are_written_from_the_terminal(app: &App) {
        let own = format!("sekolah-{}-{:?}.csv", std::process::id(), std::thread::current().id());
        let list = std::env::temp_dir().join(own);
        let rows = "10810001,SMKN 1 Contoh,SMK,Kota Metro\n10810002,Bengkel,Bengkel,Kota Metro\n";
        std::fs::write(&list, format!("NPSN,Nama Sekolah,Bentuk Pendidikan,Kabupaten/Kota\n{rows}")).unwrap();
        let (said, code) = run(app, &list, &["--kind", "partners", "--province", "18"]);
        assert!(code == "4" && said.contains("1 didaftarkan, 0 dibetulkan"), "{said}");
        assert!(said.contains("✗ C3 partner.kind_unknown"), "{said}");
        let (said, code) = run(app, &list, &["--kind", "partners", "--province", "18"]);
        assert!(code == "4" && said.contains("0 didaftarkan, 0 dibetulkan"), "{said}");
        assert_eq!(app.count("partners"), 1);
        let (said, code) = run(app, &list, &["--kind", "attendance", "--class", "0CZ5V9K3M7Q2D"]);
        assert!(code == "1" && app.count("imports") == 2, "{said}");
        std::fs::remove_file(list).unwrap();
    }
}
