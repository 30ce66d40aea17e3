//! The README's story is run word for word.

use std::fs;
use std::process::Command;

use vokasi_core::access::{self, NewAccount, Role};
use vokasi_core::error::Error;
use vokasi_core::values::{Email, PersonName, ProvinceCode};

use crate::harness::App;

const README: &str = include_str!("../README.md");

both! {
    fn the_readmes_story_works_as_it_stands_there(app: &App) {
        let story = README.split("```bash\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        assert!(story.starts_with("# story"));
        let link = app.operator(|tx, operator| {
            let office = NewAccount {
                email: Email::parse("dinas@contoh.example").map_err(Error::new)?,
                name: PersonName::parse("Petugas Dinas").map_err(Error::new)?,
                role: Role::EducationOffice,
                province: Some(ProvinceCode::parse("18").map_err(Error::new)?),
                regency: None,
                partner: None,
            };
            let account = access::create(tx, operator, office)?;
            access::password_link(tx, operator, account.id)
        });
        let folder = std::env::temp_dir().join(format!("vokasi-story-{}-{:?}", std::process::id(), app.backend));
        fs::create_dir_all(&folder).unwrap();
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        std::os::unix::fs::symlink(format!("{root}/fixtures"), folder.join("fixtures")).unwrap();
        let output = Command::new("bash")
            .arg("-c")
            .arg(story)
            .current_dir(&folder)
            .env("base", &app.url)
            .env("link", format!("{}/password/{}", app.url, link.token))
            .env("today", "2025-07-21")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
        for part in [
            r#""registered":48,"corrected":0,"enrolled":48"#,
            r#""seated":30,"waiting":18"#,
            r#""lacks":["teacher","room"]"#,
            r#""outcome":"completed""#,
            r#""state":"valid""#,
            r#""total":{"registered":48,"seated":30,"waiting":18"#,
        ] {
            assert!(told.contains(part), "{part} is missing in\n{told}");
        }
        let certificate = fs::read(folder.join("certificate.pdf")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(certificate.starts_with(b"%PDF"));
    }
}
