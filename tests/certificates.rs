//! Certificates: numbered without a gap, frozen, checked by anyone, never showing an identity number.

use std::collections::BTreeSet;

use crate::harness::path::{tally, text};
use crate::harness::{Answer, App, Stage, Value, at_once, given, json};

/// A stage whose class has come to its end with these members, all of whom completed.
fn graduated(app: &App, members: usize) -> (Stage<'_>, Vec<String>) {
    let stage = app.stage();
    stage.office.patch(&format!("/classes/{}", stage.class), "\"1\"", json!({ "seats": 40 })).ok();
    let members: Vec<String> = (0..members).map(|_| stage.seated(&stage.student())).collect();
    stage.graduate(&members);
    (stage, members)
}

/// The rows of an issue.
fn issued(answer: Answer) -> Vec<Value> {
    answer.ok().json().as_array().unwrap().clone()
}

/// The first certificate of an issue.
fn first(answer: Answer) -> Value {
    issued(answer)[0]["certificate"].clone()
}

/// The secret half of a certificate's address.
fn code_of(certificate: &Value) -> String {
    text(&certificate["verification_url"]).rsplit('/').next().unwrap().to_owned()
}

fn revoke(stage: &Stage<'_>, certificate: &Value) -> Answer {
    let office = stage.office_now();
    let path = format!("/certificates/{}", text(&certificate["id"]));
    let etag = office.get(&path).ok().etag();
    office.post_change(&format!("{path}/revocation"), &etag, json!({ "reason": "Nama <b>keliru</b>" }))
}

fn rename(stage: &Stage<'_>, body: Value) {
    let office = stage.office_now();
    let path = format!("/partners/{}", stage.host);
    let etag = office.get(&path).ok().etag();
    office.post_change(&format!("{path}/names"), &etag, body).ok();
}

/// A student of the stage's school who completed at a partner of another regency, and the certificate of it.
fn issued_in(stage: &Stage<'_>, regency: &str) -> (String, Value) {
    let class = stage.class_at(&stage.app.lpk(regency));
    let person = stage.student();
    let member = stage.waiting(&person);
    stage.seat(&member, &class).ok();
    stage.move_class(&class, "running").ok();
    let decision =
        json!({ "enrollments": [member], "override_reason": "Uji ulang di lapangan", "confirm": given::doubts() });
    stage.office.post(&format!("/classes/{class}/completions"), decision).ok();
    (person, first(stage.issue(&class)))
}

both! {
    fn a_certificate_is_issued_once(app: &App) {
        let (stage, members) = graduated(app, 2);
        let rows = issued(stage.issue(&stage.class));
        assert_eq!(tally(&rows, "result"), [("issued".to_owned(), 2)].into());
        let certificate = &rows[0]["certificate"];
        let host = stage.office_now().get(&format!("/partners/{}", stage.host)).ok().json();
        let program = text(&certificate["program"]);
        assert_eq!(
            *certificate,
            json!({
                "id": certificate["id"],
                "number": format!("0001/{program}/{}/VIII/2025", text(&host["vin"])),
                "enrollment": rows[0]["enrollment"],
                "class": stage.class,
                "issuer": stage.host,
                "name": "Siti Nur'aini",
                "program": program,
                "program_name": { "id": "Perhotelan", "en": "Hospitality" },
                "lesson_hours": 16,
                "issued_on": "2025-08-11",
                "issued_at": "2025-08-11T03:00:00Z",
                "state": "valid",
                "revoked_on": null,
                "revocation_reason": null,
                "replaced_by": null,
                "verification_url": certificate["verification_url"],
                "snapshot_sha256": certificate["snapshot_sha256"],
            })
        );
        let again = issued(stage.issue(&stage.class));
        assert_eq!(tally(&again, "result"), [("issued_before".to_owned(), 2)].into());
        assert_eq!(again[0]["certificate"], *certificate);
        assert_eq!((app.count("certificates"), members.len()), (2, 2));
        let listed = stage.office_now().all(&format!("/certificates?enrollment={}", text(&rows[0]["enrollment"])));
        assert_eq!(listed, std::slice::from_ref(certificate));
    }

    fn numbers_have_no_gap_when_many_issue_at_once(app: &App) {
        let stage = app.stage();
        let classes: Vec<String> = (0..4).map(|_| stage.completed_class(3)).collect();
        let office = stage.office_now();
        let answers = at_once(16, |turn| {
            office.call("POST", &format!("/classes/{}/certificates", classes[turn % 4])).send()
        });
        let rows: Vec<Value> = answers.into_iter().flat_map(issued).collect();
        let new: Vec<&Value> = rows.iter().filter(|row| row["result"] == "issued").collect();
        assert_eq!(new.len(), 12);
        let numbers: BTreeSet<&str> = new.iter().map(|row| &text(&row["certificate"]["number"])[..4]).collect();
        let expected: Vec<String> = (1..=12).map(|number| format!("{number:04}")).collect();
        assert_eq!(numbers.into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(app.count("certificates"), 12);
        assert_eq!(app.count_where("certificate_counters", "last_number = 12 AND year = 2025"), 1);
        let codes: BTreeSet<String> = new.iter().map(|row| code_of(&row["certificate"])).collect();
        assert_eq!(codes.len(), 12);
    }

    fn a_new_year_begins_with_one(app: &App) {
        let stage = app.stage();
        let classes = [stage.completed_class(2), stage.completed_class(1)];
        // The last minutes of the year in UTC are the first hours of the next one in Lampung.
        app.set_clock("2025-12-31T16:59:59Z");
        issued(stage.issue(&classes[0]));
        app.set_clock("2025-12-31T17:00:00Z");
        let number = first(stage.issue(&classes[1]))["number"].clone();
        assert!(text(&number).starts_with("0001/") && text(&number).ends_with("/I/2026"), "{number}");
        assert_eq!(app.count("certificate_counters"), 2);
    }

    fn nothing_is_issued_without_somebody_who_signs(app: &App) {
        let (stage, _) = graduated(app, 1);
        rename(&stage, json!({ "kind": "lpk", "name": "LPK Tanpa Kepala", "valid_from": "2025-08-01" }));
        stage.issue(&stage.class).status(409).refused("certificate.signatory_missing");
        assert_eq!((app.count("certificates"), app.count("certificate_counters")), (0, 0));
    }

    fn a_name_that_cannot_be_printed_takes_no_number(app: &App) {
        let stage = app.stage();
        let class = stage.class_of(3);
        let body = given::student(9001).with("school", stage.school.clone()).with("name", "Rin 桜井");
        let person = stage.office.post("/participants", body).created();
        stage.office.post(&format!("{}/consents", person.location()), given::consent()).created();
        let people = [stage.waiting(&person.id()), stage.waiting(&stage.student()), stage.waiting(&stage.student())];
        for enrollment in &people {
            stage.seat(enrollment, &class).ok();
        }
        stage.move_class(&class, "running").ok();
        let body = json!({ "enrollments": people, "override_reason": "Uji ulang di lapangan", "confirm": given::doubts() });
        stage.office_now().post(&format!("/classes/{class}/completions"), body).ok();
        let path = format!("/classes/{class}/certificates");
        let rows = issued(stage.office_now().call("POST", &path).language("en").send());
        let refused = rows.iter().find(|row| row["enrollment"] == people[0]).unwrap();
        assert_eq!(
            *refused,
            json!({
                "enrollment": people[0], "name": "Rin 桜井", "result": "refused", "certificate": null,
                "code": "certificate.glyph_missing", "sentence": refused["sentence"],
            })
        );
        let sentence = text(&refused["sentence"]);
        assert!(sentence.contains("桜 (U+685C) in the holder's name"), "{sentence}");
        let numbers: BTreeSet<&str> = rows
            .iter()
            .filter(|row| row["result"] == "issued")
            .map(|row| &text(&row["certificate"]["number"])[..4])
            .collect();
        assert_eq!(numbers.into_iter().collect::<Vec<_>>(), ["0001", "0002"]);
        assert_eq!(app.count_where("certificate_counters", "last_number = 2"), 1);
    }

    fn a_certificate_keeps_the_names_of_its_day(app: &App) {
        let stage = app.stage();
        let classes = [stage.completed_class(1), stage.completed_class(1)];
        let certificate = first(stage.issue(&classes[0]));
        let path = format!("/certificates/{}/pdf", text(&certificate["id"]));
        let before = stage.office_now().get(&path).ok();
        let told = |app: &App| app.call("GET", &format!("/verifications/{}", code_of(&certificate))).send().ok().json();
        let (name, issuer) = (told(app)["name"].clone(), told(app)["issuer"].clone());
        app.set_clock("2025-07-28T03:00:00Z");
        rename(&stage, json!({
            "kind": "blk", "name": "BLK Nama Baru", "valid_from": "2025-07-25",
            "head": { "name": "Dewi Lestari", "title": "Kepala Balai" },
        }));
        let row = stage.office_now().get(&format!("/enrollments/{}", text(&certificate["enrollment"]))).ok().json();
        let at = format!("/participants/{}", text(&row["participant"]));
        let etag = stage.office_now().get(&at).ok().etag();
        let corrected = given::student(9500).with("name", "Siti Aminah").without("confirm");
        stage.office_now().put(&at, &etag, corrected).ok();
        assert_eq!((&told(app)["name"], &told(app)["issuer"]), (&name, &issuer));
        assert!(text(&issuer["name"]).starts_with("LPK Cahaya Selatan"));
        let after = stage.office_now().get(&path).ok();
        assert!(before.bytes == after.bytes, "an old certificate has changed");
        // The next one has the new names.
        let next = first(stage.issue(&classes[1]));
        let told = app.call("GET", &format!("/verifications/{}", code_of(&next))).send().ok().json();
        assert_eq!((&told["issuer"]["name"], &told["name"]), (&json!("BLK Nama Baru"), &json!("Siti Nur'aini")));
    }

    fn a_code_is_read_as_people_type_it(app: &App) {
        let (stage, _) = graduated(app, 1);
        let code = code_of(&first(stage.issue(&stage.class)));
        assert_eq!(code.len(), 26);
        let grouped = code.as_bytes().chunks(5).map(|part| std::str::from_utf8(part).unwrap()).collect::<Vec<_>>();
        let typed = [
            code.to_lowercase(),
            grouped.join("-"),
            grouped.join("%20").to_lowercase(),
            code.replace('0', "O").replace('1', "l"),
        ];
        for typed in typed {
            let told = app.call("GET", &format!("/verifications/{typed}")).send().ok().json();
            assert_eq!((&told["state"], &told["code"]), (&json!("valid"), &json!(code)), "{typed}");
            app.call("GET", &format!("/verify/{typed}")).send().ok();
        }
        let asked = app.call("GET", &format!("/verify?code={}", grouped.join("-"))).send().status(303);
        assert_eq!(asked.location(), format!("/verify/{code}"));
    }

    fn a_script_that_no_font_helps_says_so(app: &App) {
        let stage = app.stage();
        stage.graduate(&[stage.seated(&stage.student_named("سيتي"))]);
        let row = issued(stage.issue(&stage.class))[0].clone();
        assert_eq!(row["code"], "certificate.script_unprintable");
        let sentence = text(&row["sentence"]);
        assert!(sentence.contains("nama pemegang") && !sentence.contains("certificate_font"), "{sentence}");
        // What nobody sees does not come in any more, and what is there is still read.
        let hidden = |name: &str| given::student(9002).with("school", stage.school.clone()).with("name", name);
        let refused = stage.office_now().post("/participants", hidden("Siti\u{200B}"));
        refused.invalid(&[("/name", "name.invisible")]);
        app.run("UPDATE participants SET name = 'Si\u{202E}ti'");
        let row = issued(stage.issue(&stage.class))[0].clone();
        assert_eq!((&row["code"], &row["name"]), (&json!("certificate.character_invisible"), &json!("Si\u{202E}ti")));
        assert!(text(&row["sentence"]).contains("(U+202E)"), "{row}");
    }

    fn the_period_is_that_of_the_sessions_that_were_held(app: &App) {
        let stage = app.stage();
        let class = stage.completed_class(1);
        stage.graduate(&[stage.seated(&stage.student())]);
        let told = |certificate: &Value| {
            let told = app.call("GET", &format!("/verifications/{}", code_of(certificate))).send().ok().json();
            [told["starts_on"].clone(), told["ends_on"].clone(), told["issued_on"].clone()]
        };
        assert_eq!(told(&first(stage.issue(&stage.class))), ["2025-07-21", "2025-08-11", "2025-08-11"]);
        // Without a session that was held it is what was planned, until the day of issue.
        assert_eq!(told(&first(stage.issue(&class))), ["2025-07-21", "2025-08-11", "2025-08-11"]);
    }

    fn the_period_of_whoever_was_transferred_begins_where_they_began(app: &App) {
        let stage = app.stage();
        let moving = stage.seated(&stage.student());
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Sore");
        let slots = json!([{ "weekday": 2, "starts_at": "13:30", "lesson_hours": 4 }]);
        let other = stage.office.post("/classes", body.with("slots", slots)).created().id();
        stage.move_class(&stage.class, "running").ok();
        stage.move_class(&other, "running").ok();
        let (here, there) = (stage.timetable(&stage.class), stage.timetable(&other));
        stage.hold(&here[0], &[(&moving, "H")]).ok();
        app.set_clock("2025-07-29T01:00:00Z");
        let body = json!({ "class": other, "reason": "Keluarga pindah rumah" });
        stage.office_now().acts(&format!("/enrollments/{moving}"), "transfers", body);
        stage.hold(&there[2], &[(&moving, "H")]).ok();
        let decision =
            json!({ "enrollments": [moving], "override_reason": "Uji ulang di lapangan", "confirm": given::doubts() });
        stage.office_now().post(&format!("/classes/{other}/completions"), decision).ok();
        let certificate = first(stage.issue(&other));
        let told = app.call("GET", &format!("/verifications/{}", code_of(&certificate))).send().ok().json();
        assert_eq!((&told["starts_on"], &told["ends_on"]), (&json!("2025-07-21"), &json!("2025-08-05")));
    }

    fn a_regency_follows_its_students_to_a_certificate_from_elsewhere(app: &App) {
        let stage = app.stage();
        let (person, certificate) = issued_in(&stage, "18.71");
        let number = &certificate["number"];
        let officer = app.regency_officer(stage.regency);
        let way = officer.get(&format!("/participants/{person}/timeline")).ok().text();
        assert!(way.contains("certificate_issued") && way.contains(text(number)), "{way}");
    }

    fn a_regency_takes_what_its_partners_issued_to_a_student_from_elsewhere(app: &App) {
        let stage = app.stage();
        let (person, certificate) = issued_in(&stage, "18.71");
        let officer = app.regency_officer("18.71");
        let at = format!("/certificates/{}", text(&certificate["id"]));
        let paper = officer.get(&format!("{at}/pdf")).ok();
        assert_eq!(paper.header("content-type"), Some("application/pdf"));
        assert!(paper.bytes.starts_with(b"%PDF-"));
        let credential = officer.get(&format!("{at}/credential")).ok().text();
        let public = app.call("GET", &format!("/verify/{}/credential.jwt", code_of(&certificate))).send().ok().text();
        assert_eq!(credential, public);
        let archive = officer.get(&format!("/classes/{}/certificates/zip", text(&certificate["class"]))).ok().bytes;
        assert!(archive.windows(paper.bytes.len()).any(|part| part == paper.bytes), "another document");
        // The officer does not see the person; who took the papers is told to whoever does.
        officer.get(&format!("/participants/{person}")).not_there();
        let history = stage.office.all(&format!("/participants/{person}/audit-events"));
        let taken = history.iter().filter(|row| row["account"] == officer.id);
        let taken: Vec<(&Value, &Value)> = taken.map(|row| (&row["action"], &row["subject"])).collect();
        let (printed, credential) = (json!("certificate.printed"), json!("certificate.credential_taken"));
        let of = &certificate["id"];
        assert_eq!(taken, [(&printed, of), (&credential, of), (&printed, of)]);
    }

    fn servers_whose_clocks_differ_issue_once(app: &App) {
        let (stage, _) = graduated(app, 2);
        // The decision was made by one that is two seconds ahead.
        app.set_clock("2025-08-11T02:59:58Z");
        assert_eq!(tally(&issued(stage.issue(&stage.class)), "result"), [("issued".to_owned(), 2)].into());
        app.set_clock("2025-08-11T04:00:00Z");
        let again = issued(stage.issue(&stage.class));
        assert_eq!(tally(&again, "result"), [("issued_before".to_owned(), 2)].into());
        revoke(&stage, &again[0]["certificate"]).ok();
        assert_eq!(issued(stage.issue(&stage.class))[0]["code"], "certificate.revoked");
    }

    fn what_is_checked_is_what_is_printed(app: &App) {
        let (stage, _) = graduated(app, 1);
        let certificate = first(stage.issue(&stage.class));
        let at = format!("/verify/{}", code_of(&certificate));
        let told = app.call("GET", &at).header("accept", "application/json").send().ok().json();
        assert_eq!(told["final_score"], "82.50");
        assert_eq!(told["predicate"], json!({ "id": "Memuaskan", "en": "Very good" }));
        let url = text(&certificate["verification_url"]);
        assert_eq!(told["url"], url);
        for (member, last) in [("credential_url", "credential.jwt"), ("pdf_sha256_url", "certificate.pdf.sha256")] {
            assert_eq!(told[member], format!("{url}/{last}"));
            app.call("GET", &format!("{at}/{last}")).send().ok();
        }
        let page = app.call("GET", &at).send().ok().text();
        for shown in ["Memuaskan (82,50)", &format!("{at}/credential.jwt"), &format!("{at}/certificate.pdf.sha256"), url] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        let page = app.call("GET", &format!("{at}?lang=en")).send().ok().text();
        assert!(page.contains("Very good (82.50)"), "{page}");
        for path in [at.clone(), "/verify".to_owned(), format!("{at}/credential.jwt"), format!("{at}/certificate.pdf.sha256")] {
            let head = app.call("HEAD", &path).send().ok();
            assert!(head.bytes.is_empty() && head.header("etag").is_some(), "{path}: {head}");
        }
    }

    fn a_reader_abroad_gets_english(app: &App) {
        let (stage, _) = graduated(app, 1);
        let at = format!("/verify/{}", code_of(&first(stage.issue(&stage.class))));
        let read = |path: &str, wanted: &str| {
            let page = app.call("GET", path).language(wanted).send();
            page.header("content-language").unwrap().to_owned()
        };
        for (wanted, given) in [
            ("ja", "en"), ("zh-TW,zh;q=0.9", "en"), ("ko-KR, *;q=0.1", "en"), ("de,en;q=0.7", "en"), ("ja,id;q=0.2", "id"),
            ("ms", "id"), ("id-ID,id;q=0.9,en-US;q=0.8", "id"), ("*", "id"), ("", "id"), ("ja;q=0", "id"),
        ] {
            assert_eq!(read(&at, wanted), given, "{wanted}");
            assert_eq!(read("/verify", wanted), given, "{wanted}");
        }
        assert_eq!([read(&format!("{at}?lang=id"), "ja"), read(&format!("{at}?lang=en"), "id")], ["id", "en"]);
        let page = app.call("GET", &at).language("ja").send().ok();
        assert!(page.text().contains("href=\"?lang=id\"") && page.header("vary").unwrap().contains("Accept-Language"));
        // The choice is kept by the form and on the way from it.
        let form = app.call("GET", "/verify?lang=en").send().ok().text();
        assert!(form.contains("name=\"lang\" value=\"en\""), "{form}");
        assert_eq!(app.call("GET", "/verify?lang=en&code=0123").send().status(303).location(), "/verify/0123?lang=en");
    }

    fn an_unknown_code_is_unknown(app: &App) {
        for code in ["0".repeat(26), "U".repeat(26), "short".to_owned(), "%3Cscript%3E".to_owned()] {
            let page = app.call("GET", &format!("/verify/{code}")).send().status(404);
            assert!(page.header("content-type").unwrap().starts_with("text/html"));
            assert!(page.text().contains("class=\"verdict bad\"") && !page.text().contains("<script>"), "{page}");
            let told = app.call("GET", &format!("/verify/{code}")).header("accept", "application/json").send();
            told.not_there();
            app.call("GET", &format!("/verifications/{code}")).send().not_there();
        }
        app.call("GET", "/verify").send().ok();
    }

    fn what_anyone_sees_tells_no_identity(app: &App) {
        let (stage, _) = graduated(app, 1);
        let certificate = first(stage.issue(&stage.class));
        let row = stage.office_now().get(&format!("/enrollments/{}", text(&certificate["enrollment"]))).ok().json();
        let at = format!("/participants/{}", text(&row["participant"]));
        let reason = json!({ "reason": "Pemeriksaan" });
        let known = stage.office_now().post(&format!("{at}/disclosures"), reason).ok().json();
        let nisn = stage.office_now().get(&at).ok().json()["nisn"].clone();
        let code = code_of(&certificate);
        let seen = [
            app.call("GET", &format!("/verify/{code}")).send().ok(),
            app.call("GET", &format!("/verifications/{code}")).send().ok(),
            stage.office_now().get(&format!("/certificates/{}", text(&certificate["id"]))).ok(),
            stage.office_now().get(&format!("/certificates/{}/pdf", text(&certificate["id"]))).ok(),
        ];
        let nik = text(&known["nik"]);
        for answer in &seen {
            for secret in [nik, &nik[12..], "81234567891", "Sri Wahyuni"] {
                // The last digits may stand in a longer number of the document by chance, the others not.
                assert!(secret.len() < 5 || !answer.text().contains(secret), "{secret}: {}", answer.address());
            }
        }
        for answer in &seen[..2] {
            for secret in [text(&nisn), "2007-08-17", "Sukadana"] {
                assert!(!answer.text().contains(secret), "{secret}: {answer}");
            }
        }
        app.observer("18").get(&format!("/certificates/{}/pdf", text(&certificate["id"]))).denied();
    }

    fn a_certificate_is_taken_back_once(app: &App) {
        let stage = app.stage();
        let classes = [stage.completed_class(1), stage.completed_class(1)];
        let certificate = first(stage.issue(&classes[0]));
        let office = stage.office_now();
        let path = format!("/certificates/{}/revocation", text(&certificate["id"]));
        office.post_change(&path, "\"1\"", json!({})).invalid(&[("/reason", "field.required")]);
        let answers = at_once(4, |_| office.post_change(&path, "\"1\"", json!({ "reason": "Keliru" })));
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        revoke(&stage, &certificate).status(409).refused("certificate.revoked");
        // Nobody gets another one by asking again, and the number is not used again.
        let again = issued(stage.issue(&classes[0]));
        assert_eq!((&again[0]["result"], &again[0]["code"]), (&json!("refused"), &json!("certificate.revoked")));
        let next = first(stage.issue(&classes[1]));
        assert!(text(&next["number"]).starts_with("0002/"));
    }

    fn a_reason_is_shown_as_it_was_written(app: &App) {
        let (stage, _) = graduated(app, 1);
        let certificate = first(stage.issue(&stage.class));
        revoke(&stage, &certificate).ok();
        let page = app.call("GET", &format!("/verify/{}", code_of(&certificate))).send().ok().text();
        assert!(page.contains("Nama &lt;b&gt;keliru&lt;/b&gt;") && !page.contains("<b>keliru"), "{page}");
    }

    fn who_did_not_complete_gets_none(app: &App) {
        let stage = app.stage();
        let member = stage.seated(&stage.student());
        assert_eq!(issued(stage.issue(&stage.class)), Vec::<Value>::new());
        stage.move_class(&stage.class, "running").ok();
        stage.office_now().post(&format!("/classes/{}/completions", stage.class), json!({ "enrollments": [member], "confirm": given::doubts() })).ok();
        assert_eq!(issued(stage.issue(&stage.class)), Vec::<Value>::new());
        assert_eq!(app.count("certificates"), 0);
        assert_eq!(app.count_where("certificate_counters", "last_number > 0"), 0);
    }
}
