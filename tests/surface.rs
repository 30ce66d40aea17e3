//! What holds for every address: problem documents, languages, headers, probes.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::harness::{Answer, App, Staff, Value, given, json};

both! {
    fn what_is_not_there_is_a_problem_document(app: &App) {
        let problem = app.call("GET", "/nothing").send().not_there();
        assert_eq!(
            problem.json(),
            json!({
                "type": "/docs/errors#resource.not_found",
                "title": "Tidak ditemukan. Periksa alamat atau id-nya.",
                "status": 404,
                "code": "resource.not_found",
            })
        );
        assert_eq!(problem.header("content-type"), Some("application/problem+json"));
        assert_eq!(problem.header("content-language"), Some("id"));
        assert_eq!(problem.header("cache-control"), Some("no-store"));
        for path in ["/api/v1/", "/api/v1", "/api/v1/partners/", "/api/v1//partners", "/api/v1/%FF", "/docs/nothing"] {
            app.call("GET", path).send().not_there();
        }
        for path in ["/api/v2/partners", "/healthz/", "/index.php"] {
            app.call("GET", &format!("/api/../{path}")).send().status(404);
        }
    }

    fn another_method_is_told_which_ones_apply(app: &App) {
        let office = app.office("18");
        for (method, path, allowed) in [
            ("DELETE", "/partners", "GET, POST"),
            ("PUT", "/partners", "GET, POST"),
            ("PATCH", "/partners/0000000000000", "GET"),
            ("DELETE", "/partners/0000000000000/names", "GET, POST"),
            ("PUT", "/logins", "GET, POST"),
            ("GET", "/logins/others", "DELETE"),
            ("POST", "/logins/current", "GET, DELETE"),
            ("POST", "/healthz", "GET"),
            ("DELETE", "/password/x", "GET, POST"),
        ] {
            let answer = office.call(method, path).send().status(405).refused("request.method");
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
            assert_eq!(answer.json()["facts"], json!({ "allowed": allowed }));
        }
    }

    fn who_is_not_signed_in_hears_of_that_before_anything_is_read(app: &App) {
        for call in [
            app.call("POST", "/partners").json(&json!([])),
            app.call("POST", "/partners").header("content-type", "application/pdf").bytes(Vec::new()).without_key(),
            app.call("GET", "/partners?limit=many"),
            app.call("POST", "/imports").header("content-type", "text/plain").bytes(b"?".to_vec()),
        ] {
            call.send().status(401).refused("access.token_missing");
        }
        app.call("GET", "/partners?limit=many").token("x.y.z").send().status(401).refused("access.token_invalid");
    }

    fn every_answer_is_protected(app: &App) {
        let policy = |answer: &Answer| answer.header("content-security-policy").unwrap().to_owned();
        let json = app.call("GET", "/regions").send();
        assert!(policy(&json).starts_with("default-src 'none'"), "{json}");
        let page = app.call("GET", "/verify/8BMEVHB82Y99TAWFA57PKGAKGH").header("accept", "text/html").send();
        assert!(policy(&page).contains("style-src 'sha256-") && !policy(&page).contains("unsafe"), "{page}");
        let docs = app.call("GET", "/docs/").send().ok();
        assert!(policy(&docs).contains("script-src 'self';"), "{docs}");
        for (name, value) in [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(json.header(name), Some(value));
        }
    }

    fn a_body_that_cannot_be_read_is_told_where(app: &App) {
        let office = app.office("18");
        let send = |bytes: &[u8]| -> Answer {
            office.call("POST", "/partners").header("content-type", "application/json").bytes(bytes.to_vec()).send()
        };
        let reason = |answer: Answer| answer.status(400).refused("input.malformed").json()["facts"]["reason"].clone();
        assert_eq!(reason(send(b" ")), "empty, an empty object is the least");
        assert_eq!(reason(send(b"{")), "syntax, line 1, column 1");
        assert_eq!(reason(send(b"{\n  \"kind\": lpk}")), "syntax, line 2, column 11");
        assert_eq!(reason(send(b"\"text\"")), "not an object");
        assert_eq!(reason(send(b"[\"lpk\", \"LPK Cahaya\"]")), "not an object");
        assert_eq!(reason(send(b"{\"kind\": \"lpk\"} {}")), "syntax, line 1, column 17");
        assert_eq!(reason(send(b"{\"surname\": \"Sari\"}")), "unknown field surname");
        assert_eq!(reason(send(b"{\"name\": \"\xff\xfe\"}")), "syntax, line 1, column 11");
        assert_eq!(reason(send(&vec![b'['; 100_000])), "not an object");
        send(b"{\"kind\": 7}").invalid(&[("/kind", "field.type")]);
        send(b"{\"kind\": \"lpk\", \"head\": {\"nip\": [1]}}").invalid(&[("/head/nip", "field.type")]);
        // What was sent may be personal and does not come back.
        let echo = send(b"{\"kind\": \"lpk\", \"state_owned\": \"Siti Aminah\"}").status(422).text();
        assert!(!echo.contains("Siti"), "{echo}");
    }

    fn a_body_of_another_kind_is_refused(app: &App) {
        let office = app.office("18");
        let body = Value::from(given::school(1)).to_string().into_bytes();
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
            let call = office.call("POST", "/partners").header("content-type", kind).bytes(body.clone());
            let answer = call.send().status(415).refused("input.media_type");
            assert_eq!(answer.json()["facts"], json!({ "expected": "application/json" }));
        }
        office.call("POST", "/partners").send().status(415).refused("input.media_type");
        let charset = office.call("POST", "/partners").header("content-type", "Application/JSON; charset=utf-8");
        charset.bytes(body).send().created();
    }

    fn a_body_that_is_too_large_is_not_read(app: &App) {
        let office = app.office("18");
        let request = format!(
            "POST /api/v1/partners HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nIdempotency-Key: k\r\n\
             Content-Type: application/json\r\nContent-Length: 1048577\r\nConnection: close\r\n\r\n",
            office.access_token
        );
        let answer = raw(app, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("content-type: application/problem+json"), "{answer}");
        let problem: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!(problem["code"], "input.too_large");
        assert_eq!(problem["facts"], json!({ "limit": "1048576" }));
        let name = "x".repeat(1_040_000);
        office.post("/partners", given::school(1).with("name", name)).invalid(&[("/name", "field.text")]);
    }

    fn an_id_that_is_none_is_not_there(app: &App) {
        let office = app.office("18");
        for id in ["1", "zzzzzzzzzzzzz", "00000000000000", "0000000000000", "%00", "%FF%FE", "a%2Fb", "'%20OR%201=1"] {
            office.get(&format!("/partners/{id}")).not_there();
            office.get(&format!("/staff/{id}")).not_there();
        }
    }

    fn an_unknown_parameter_is_refused(app: &App) {
        let office = app.office("18");
        let problem = office.get("/partners?kinds=lpk").status(400).refused("query.invalid");
        assert_eq!(problem.json()["facts"], json!({ "reason": "unknown parameter kinds" }));
        office.get("/staff?limit=").status(400).refused("query.invalid");
        office.get("/audit-events?after=1&after=2").status(400).refused("query.invalid");
    }

    fn a_null_character_is_refused_everywhere(app: &App) {
        // PostgreSQL keeps no such text and SQLite cuts it short.
        let office = app.office("18");
        for path in ["/partners?name=%00", "/partners?name=a%00b", "/audit-events?subject_kind=%00", "/regions?province=%00"] {
            office.get(path).status(400).refused("query.invalid");
        }
        let head = json!({ "name": "Rohmat", "title": "Kepala", "nip": "1\u{0}2" });
        office.post("/partners", given::school(1).with("head", head)).status(400).refused("input.malformed");
        app.call("GET", "/password/%00").send().not_there();
        // A backslash before the u is text like any other.
        office.post("/partners", given::school(1).with("name", "SMKN \\u0000")).created();
    }

    fn a_day_is_of_our_time(app: &App) {
        let office = app.office("18");
        for day in ["+12345-01-01", "-0001-01-01", "9999-12-31", "2200-01-01", "1899-12-31", "2025-02-30", "21/07/2025"] {
            let body = given::lpk(1).with("valid_from", day);
            office.post("/partners", body).invalid(&[("/valid_from", "field.date")]);
        }
        let made = office.post("/partners", given::lpk(1).with("valid_from", "1900-01-01")).created();
        assert_eq!(office.get(&made.location()).ok().json()["valid_from"], "1900-01-01");
        let last = given::lpk(2).with("valid_from", "2199-12-31");
        office.post("/partners", last).invalid(&[("/valid_from", "partner.name_future")]);
    }

    fn a_sentence_is_told_in_the_language_asked_for(app: &App) {
        let id = "Tidak ditemukan. Periksa alamat atau id-nya.";
        let en = "Not found. Check the address or the id.";
        for (wanted, language, sentence) in [
            ("", "id", id),
            ("en", "en", en),
            ("en-GB,en;q=0.9,id;q=0.8", "en", en),
            ("id-ID,id;q=0.9,en;q=0.8", "id", id),
            ("in", "id", id),
            ("de, fr;q=0.5", "id", id),
            ("de,en;q=0.5", "en", en),
            ("EN", "en", en),
            ("en;q=0.1, id;q=0.9", "id", id),
            ("en;q=0, id", "id", id),
            ("x", "id", id),
        ] {
            let answer = app.call("GET", "/nothing").language(wanted).send().not_there();
            assert_eq!(answer.json()["title"], sentence, "{wanted}");
            assert_eq!(answer.header("content-language"), Some(language), "{wanted}");
        }
        let office = app.office("18");
        let fields = office.call("POST", "/partners").language("en").json(&json!({ "kind": "lpk", "name": "LPK" }));
        let problem = fields.send().invalid(&[("/regency", "field.required")]).json();
        assert_eq!(problem["title"], "Some fields need correcting; see the list of fields.");
        assert_eq!(problem["errors"][0]["detail"], "This is required.");
    }

    fn headers_protect_whoever_looks(app: &App) {
        let office = app.office("18");
        for answer in [
            office.get("/partners").ok(),
            app.call("GET", "/healthz").send().ok(),
            app.call("GET", "/nothing").send().not_there(),
            app.call("GET", "/password/x").send().status(409),
        ] {
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(answer.header("x-frame-options"), Some("DENY"));
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
            let policy = answer.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"), "{policy}");
            assert_eq!(answer.header("x-request-id").unwrap().len(), 16);
        }
        assert_eq!(office.get("/partners").header("cache-control"), Some("no-store"));
        assert_eq!(office.get("/logins/current").header("cache-control"), Some("no-store"));
    }

    fn probes_say_alive_and_ready(app: &App) {
        assert_eq!(app.call("GET", "/healthz").send().ok().text(), "ok\n");
        assert_eq!(app.call("GET", "/readyz").send().ok().text(), "ready\n");
    }

    fn a_server_whose_storage_broke_is_alive_and_not_ready(app: &App) {
        let office = app.office("18");
        app.break_storage();
        app.call("GET", "/healthz").send().ok();
        let not_ready = app.call("GET", "/readyz").send().status(503).refused("storage.busy");
        assert_eq!(not_ready.header("retry-after"), Some("1"));
        for answer in [office.get("/partners"), office.post("/partners", given::school(1))] {
            let problem = answer.status(500).refused("storage.failed");
            // The cause is for the log.
            assert!(!problem.text().contains("accounts"), "{problem}");
        }
    }

    fn a_request_whose_end_is_in_doubt_is_refused(app: &App) {
        let host = app.url.trim_start_matches("http://");
        let hidden = format!("GET /regions HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        for framing in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Content-Length: 5\r\nContent-Length: 6",
            "Content-Length: 5, 6",
            "Content-Length: +5",
            "Content-Length: 5 5",
            "Content-Length: -1",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding : chunked",
        ] {
            let head = format!("POST /api/v1/logins HTTP/1.1\r\nHost: {host}\r\n{framing}\r\n\r\n");
            let answer = raw(app, format!("{head}0\r\n\r\n{hidden}").as_bytes());
            // One answer, and none to what hides in the body.
            assert!(answer.starts_with("HTTP/1.1 400 "), "{framing}: {answer}");
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{framing}: {answer}");
        }
    }

    fn regions_are_open_to_everyone(app: &App) {
        let provinces = app.call("GET", "/regions").send().ok();
        assert_eq!(provinces.json().as_array().unwrap().len(), 38);
        assert_eq!(provinces.header("cache-control"), Some("public, max-age=86400"));
        let lampung = app.call("GET", "/regions?province=18").send().ok().json();
        assert_eq!(lampung.as_array().unwrap().len(), 15);
        assert_eq!(lampung[0], json!({ "code": "18.01", "kind": "regency", "name": "Lampung Selatan" }));
        app.call("GET", "/regions?province=99").send().invalid(&[("/province", "region.unknown")]);
    }

    fn the_first_page_needs_a_sign_in(app: &App) {
        for path in ["/partners", "/staff", "/audit-events", "/logins/current"] {
            let answer = app.call("GET", path).send().status(401).refused("access.token_missing");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }

    fn the_same_story_has_the_same_ids(app: &App) {
        let ids = |app: &App| -> Vec<String> {
            let office: Staff<'_> = app.office("18");
            vec![office.id.clone(), office.post("/partners", given::school(1)).created().id()]
        };
        assert_eq!(ids(app), ids(&App::start(app.backend)));
    }
}

/// What the server says to these very bytes.
fn raw(app: &App, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).expect("the server listens");
    stream.write_all(request).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}
