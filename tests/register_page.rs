//! The page behind a register's QR code. It is public and holds nothing of anybody; what it asks is told in `offline`.

use std::fs;

use vokasi_core::keys::sha256_base64;

use crate::harness::path::text;
use crate::harness::{Answer, App};
use crate::tidy::root;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn page(app: &App, session: &str) -> Answer {
    app.call("GET", &format!("/mark/{session}")).send()
}

/// The addresses the page loads from.
fn loaded(page: &str) -> Vec<String> {
    let after = |mark: &'static str| page.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    after("src=\"").chain(after("href=\"")).collect()
}

both! {
    fn the_page_is_the_same_for_every_session_and_everyone(app: &App) {
        let stage = app.stage();
        let student = stage.student();
        stage.seated(&student);
        let sessions = stage.sessions();
        let shown = page(app, &sessions[0]).ok();
        assert_eq!(shown.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(shown.header("content-security-policy"), Some(POLICY));
        assert_eq!(shown.header("cache-control"), Some("public, max-age=3600"));
        assert_eq!(shown.header("content-language"), Some("id"));
        assert_eq!(shown.text(), page(app, &sessions[1]).ok().text());
        // Nor does it tell whether there is such a session.
        assert_eq!(shown.text(), page(app, &student).ok().text());
        assert_eq!(shown.text(), stage.office.get(&format!("/mark/{}", sessions[0])).ok().text());
        let again = app.call("GET", &format!("/mark/{}", sessions[0])).header("if-none-match", &shown.etag()).send();
        assert_eq!((again.status, again.bytes.len()), (304, 0));
        let english = app.call("GET", &format!("/mark/{}", sessions[0])).language("en").send().ok();
        assert!(english.text().starts_with("<!doctype html>\n<html lang=\"en\">"), "{english}");
        assert_eq!(english.header("vary").map(|vary| vary.contains("Accept-Language")), Some(true));
        for other in ["x", "bundle"] {
            page(app, other).not_there();
        }
    }

    fn what_the_page_loads_is_its_own(app: &App) {
        let shown = page(app, &app.stage().sessions()[0]).ok().text();
        // Nothing stands in the page itself that would have to be let through.
        assert!(!shown.contains("<style") && !shown.contains("<script>") && !shown.contains(" style="), "{shown}");
        let addresses = loaded(&shown);
        assert_eq!(addresses.len(), 2, "{addresses:?}");
        for (address, kind) in addresses.iter().zip(["text/javascript; charset=utf-8", "text/css; charset=utf-8"]) {
            let content = app.call("GET", address).send().ok();
            assert_eq!(content.header("content-type"), Some(kind), "{address}");
            assert_eq!(content.header("cache-control"), Some("public, max-age=604800"));
            let tag = content.etag();
            assert!(tag.trim_matches('"').starts_with(address.split('?').nth(1).unwrap()), "{address} is not {tag}");
            assert_eq!(app.call("GET", address).header("if-none-match", &tag).send().status, 304);
        }
    }

    fn what_another_build_names_is_not_kept(app: &App) {
        let shown = page(app, "0000000000000").ok().text();
        let addresses = loaded(&shown);
        assert_eq!(addresses.len(), 2, "{addresses:?}");
        for address in addresses {
            let named = app.call("GET", &address).send().ok();
            assert_eq!(named.header("cache-control"), Some("public, max-age=604800"), "{address}");
            let bare = address.split('?').next().unwrap();
            // As a page of the build before or after asks a server that is not updated with it.
            for other in [format!("{bare}?0123456789abcdef"), bare.to_owned()] {
                let answer = app.call("GET", &other).send().ok();
                assert_eq!(answer.header("cache-control"), Some("public, max-age=0"), "{other}");
                assert_eq!(answer.text(), named.text(), "{other}");
            }
        }
    }

    fn the_pieces_of_a_build_name_one_another(app: &App) {
        let path = format!("/mark/{}", app.stage().sessions()[0]);
        let worker = app.call("GET", "/mark/worker.js").send().ok();
        assert_eq!(worker.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(worker.header("content-security-policy"), Some(POLICY));
        assert_eq!(worker.header("cache-control"), Some("public, max-age=0"));
        let again = app.call("GET", "/mark/worker.js").header("if-none-match", &worker.etag()).send();
        assert_eq!(again.status, 304);
        let worker = worker.text();
        let digest = |text: &str| format!("sha256-{}", sha256_base64(text.as_bytes()));
        for language in ["id", "en"] {
            let shown = app.call("GET", &path).language(language).send().ok().text();
            assert!(worker.contains(&digest(&shown)), "{language}");
            for address in loaded(&shown) {
                let content = digest(&app.call("GET", &address).send().ok().text());
                let held = format!("{address}\" integrity=\"{content}\"");
                assert!(shown.contains(&held) && worker.contains(&format!("['{address}', '{content}']")), "{address}");
            }
        }
        // It fetches the page of no session, which is the page of each.
        assert!(worker.contains("['/mark/0000000000000', "), "{worker}");
        assert!(["{style", "{program", "{frame", "{build"].iter().all(|gap| !worker.contains(gap)), "{worker}");
        app.call("POST", "/mark/worker.js").without_key().send().status(405);
    }

    fn a_code_leads_to_a_page_that_works_there(app: &App) {
        let stage = app.stage();
        let member = stage.seated(&stage.student());
        stage.start();
        let session = stage.sessions().remove(0);
        // As the page's program asks: the sheet, then the marks with what it had seen.
        let sheet = stage.instructor.get(&format!("/sessions/{session}/sheet")).ok().json();
        let body = crate::harness::json!({ "device": "web-6f0f7c2a-0f4e-4a54-9a0c-3a1b2c3d4e5f", "marks": [{
            "id": "6f0f7c2a-0f4e-4a54-9a0c-3a1b2c3d4e5f", "session": session, "enrollment": member, "mark": "T",
            "minutes_late": 15, "place": 1, "seen": sheet["register_at"], "made_at": "2025-07-21T01:00:00Z",
        }] });
        let answer = stage.instructor.post("/attendance-batches", body).ok().json();
        assert_eq!(text(&answer["results"][0]["result"]), "stored");
    }
}

#[test]
fn the_program_of_the_page_writes_text_only() {
    let read = |name: &str| fs::read_to_string(root().join("crates/api/src/pages/assets").join(name)).unwrap();
    let (program, worker) = (read("register.js"), read("worker.js"));
    for way in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "http://", "https://"]
    {
        assert!(!program.contains(way) && !worker.contains(way), "{way}");
    }
    // Both languages say everything.
    let words = |language: &str| -> Vec<String> {
        let part = program.split_once(&format!("\n  {language}: {{")).unwrap().1.split_once("\n  },").unwrap().0;
        let names = part.split(": '").filter_map(|before| before.rsplit([' ', '\n', ',', '{']).next());
        let mut names: Vec<String> =
            names.map(str::to_owned).filter(|name| !name.is_empty() && !name.contains('\'')).collect();
        names.sort();
        names
    };
    assert_eq!(words("id").len(), words("en").len());
    assert!(words("id").len() > 30);
}
