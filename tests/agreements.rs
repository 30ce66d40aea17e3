//! Agreements that count: drafts and their signing, parties, scope by regency and year, the paper, warnings of the end.

use vokasi_core::agreement;

use crate::harness::path::text;
use crate::harness::{Answer, App, Stage, Value, at_once, given, json};

const PDF: &[u8] = b"%PDF-1.7\nSiti menandatangani\n%%EOF\n";

/// Terms with a number of their own, not signed yet.
fn draft(stage: &Stage<'_>, number: &str) -> Value {
    given::agreement(&stage.host, &stage.program).with("number", number).with("draft", true).into()
}

fn parties() -> Value {
    json!([
        {
            "name": "Dinas Pendidikan dan Kebudayaan Provinsi Lampung", "number": "420/118/V.01/DP.2/2025",
            "signatory": "Endah Purnamasari", "title": "Kepala Dinas", "authority": "Surat Kuasa Gubernur 100/7/2025",
        },
        { "name": "UPTD BLK Way Harapan", "number": null, "signatory": "Rohmat Wirya", "title": "Kepala", "authority": null },
    ])
}

fn class(stage: &Stage<'_>, agreement: &str, name: &str) -> Answer {
    stage.office.post("/classes", given::class(&stage.cohort, &stage.host, agreement).with("name", name))
}

fn file(stage: &Stage<'_>, id: &str, bytes: &[u8]) -> Answer {
    let etag = stage.office.get(&format!("/agreements/{id}")).ok().etag();
    let call = stage.office.call("PUT", &format!("/agreements/{id}/file"));
    call.if_match(&etag).header("Content-Type", "application/pdf").bytes(bytes.to_vec()).send()
}

both! {
    fn a_draft_is_agreed_on_signed_and_then_stays_as_it_is(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let body = given::body(draft(&stage, "RANCANGAN 1")).with("seats", 144).with("seats_per_year", 72)
            .with("parent", stage.agreement.clone()).with("regencies", json!([stage.regency])).with("parties", parties());
        let made = office.post("/agreements", body.clone()).created();
        let expected = json!({
            "id": made.id(), "partner": stage.host, "kind": "pks", "number": "RANCANGAN 1",
            "title": "Pelatihan Perhotelan bagi Siswa Kelas XII", "signed_on": "2025-06-16", "starts_on": "2025-07-01",
            "ends_on": "2027-06-30", "standing": "draft", "days_left": 709, "seats": 144, "seats_per_year": 72,
            "seats_planned": 0, "terminated_on": null, "termination_reason": null, "updated_at": "2025-07-21T01:00:00Z",
            "parent": stage.agreement, "programs": [stage.program], "regencies": [stage.regency], "parties": parties(),
            "years": [], "file": null,
        });
        assert_eq!(made.json(), expected);
        assert_eq!(office.get(&made.location()).ok().json(), expected);
        // It allows nothing yet.
        class(&stage, &made.id(), "Perhotelan B").status(409).refused("agreement.draft");
        let path = format!("/agreements/{}", made.id());
        let changed = body.with("title", "Pelatihan Perhotelan").with("parties", json!([])).with("seats", Value::Null);
        let changed: Value = changed.into();
        let changed = office.put(&path, &made.etag(), changed).ok();
        let seen = changed.json();
        assert_eq!((&seen["title"], &seen["parties"], &seen["seats"]), (&json!("Pelatihan Perhotelan"), &json!([]), &Value::Null));
        let signing = json!({ "on": "2025-07-18", "number": "420/200/V.01/DP.2/2025" });
        let signed = office.post_change(&format!("{path}/signing"), &changed.etag(), signing.clone()).ok();
        let seen = signed.json();
        let facts = [&seen["standing"], &seen["number"], &seen["signed_on"]];
        assert_eq!(facts, [&json!("active"), &signing["number"], &json!("2025-07-18")]);
        class(&stage, &made.id(), "Perhotelan B").created();
        // What is signed is not changed any more, nor signed again.
        let now = office.get(&path).ok();
        office.put(&path, &now.etag(), draft(&stage, "RANCANGAN 1")).status(409).refused("agreement.signed");
        office.post_change(&format!("{path}/signing"), &now.etag(), signing).status(409).refused("agreement.signed");
        office.put(&path, &made.etag(), draft(&stage, "RANCANGAN 1")).status(412).refused("resource.stale");
    }

    fn a_draft_that_was_given_up_is_not_signed(app: &App) {
        let stage = app.stage();
        let made = stage.office.post("/agreements", draft(&stage, "RANCANGAN 1")).created();
        let path = format!("/agreements/{}", made.id());
        let end = json!({ "on": "2025-07-21", "reason": "Batal" });
        let ended = stage.office.post_change(&format!("{path}/termination"), &made.etag(), end).ok();
        assert_eq!(ended.json()["standing"], "terminated");
        let signing = json!({ "on": "2025-07-18", "number": "1" });
        let again = stage.office.post_change(&format!("{path}/signing"), &ended.etag(), signing);
        again.status(409).refused("agreement.terminated");
    }

    fn a_parent_is_signed_and_of_the_same_province(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let under = |parent: &str| given::body(draft(&stage, "ANAK")).with("parent", parent.to_owned());
        let unsigned = office.post("/agreements", draft(&stage, "INDUK")).created().id();
        office.post("/agreements", under(&unsigned)).invalid(&[("/parent", "agreement.parent")]);
        office.post("/agreements", under("0CZ5V9K3M7Q2A")).invalid(&[("/parent", "agreement.parent")]);
        let elsewhere = given::body(draft(&stage, "ANAK")).with("regencies", json!(["51.02"]));
        office.post("/agreements", elsewhere).invalid(&[("/regencies/0", "region.unknown")]);
        let wrong = given::body(draft(&stage, "ANAK")).with("parties", json!([{ "name": "", "signatory": "R0hmat", "title": "" }]));
        office.post("/agreements", wrong).invalid(&[
            ("/parties/0/name", "field.required"),
            ("/parties/0/signatory", "name.format"),
            ("/parties/0/title", "field.required"),
        ]);
    }

    fn an_agreement_covers_its_regencies(app: &App) {
        let stage = app.stage();
        let other = given::agreement(&stage.host, &stage.program).with("number", "2").with("regencies", json!(["18.71"]));
        let other = stage.office.post("/agreements", other).created().id();
        class(&stage, &other, "Perhotelan B").status(409).refused("agreement.regency_not_covered");
        let own = json!([stage.regency, "18.71"]);
        let own = given::agreement(&stage.host, &stage.program).with("number", "3").with("regencies", own);
        let own = stage.office.post("/agreements", own).created().id();
        class(&stage, &own, "Perhotelan B").created();
    }

    fn seats_of_a_year_are_never_exceeded(app: &App) {
        let stage = app.stage();
        let ten = given::agreement(&stage.host, &stage.program).with("number", "10").with("seats_per_year", 10);
        let ten = stage.office.post("/agreements", ten).created().id();
        let answers = at_once(8, |turn| class(&stage, &ten, &format!("Perhotelan {turn} B")));
        let (made, refused): (Vec<Answer>, Vec<Answer>) = answers.into_iter().partition(|answer| answer.status == 201);
        assert_eq!(made.len(), 5, "five classes of two seats");
        for answer in refused {
            answer.status(409).refused("agreement.year_seats_used");
        }
        let path = format!("/agreements/{ten}");
        let years = || stage.office.get(&path).ok().json()["years"].clone();
        assert_eq!(years(), json!([{ "year": 2025, "seats": 10, "seats_planned": 10 }]));
        // A class that begins in another year has that year's seats.
        let later = given::class(&stage.cohort, &stage.host, &ten).with("name", "Perhotelan L").with("starts_on", "2026-01-05");
        stage.office.post("/classes", later).created();
        // A class that is not held gives its seats back.
        let ending = json!({ "to": "cancelled", "reason": "Peminat kurang" });
        let class = made[0].id();
        let etag = stage.office.get(&format!("/classes/{class}")).ok().etag();
        stage.office.post_change(&format!("/classes/{class}/state"), &etag, ending).ok();
        assert_eq!(years(), json!([
            { "year": 2025, "seats": 10, "seats_planned": 8 },
            { "year": 2026, "seats": 10, "seats_planned": 2 },
        ]));
    }

    fn the_paper_is_kept_sealed_and_given_back_as_it_was(app: &App) {
        let stage = app.stage();
        let id = &stage.agreement;
        stage.office.get(&format!("/agreements/{id}/file")).not_there();
        let kept = file(&stage, id, PDF).ok().json();
        let account = &stage.office.id;
        let expected = json!({
            "sha256": kept["file"]["sha256"], "size": PDF.len(), "kept_at": "2025-07-21T01:00:00Z", "kept_by": account,
        });
        assert_eq!(kept["file"], expected);
        assert_eq!(text(&kept["file"]["sha256"]).len(), 64);
        let taken = stage.office.get(&format!("/agreements/{id}/file")).ok();
        assert_eq!((taken.text().as_bytes(), taken.header("content-type")), (PDF, Some("application/pdf")));
        assert_eq!(app.count_where("agreement_files", "file_sealed LIKE '%Siti%'"), 0);
        // The partner's own people see it, others do not.
        app.manager(&stage.host).get(&format!("/agreements/{id}/file")).ok();
        app.manager(&app.lpk("18.71")).get(&format!("/agreements/{id}/file")).not_there();
        app.office("51").get(&format!("/agreements/{id}/file")).not_there();
        app.observer("18").get(&format!("/agreements/{id}/file")).denied();
        app.regency_officer(stage.regency).get(&format!("/agreements/{id}/file")).denied();
        // Another paper takes its place.
        let other = file(&stage, id, b"%PDF-1.4\n").ok().json();
        assert_ne!(other["file"]["sha256"], kept["file"]["sha256"]);
        file(&stage, id, b"PK\x03\x04").status(422).refused("agreement.file_format");
        let large = [b"%PDF-1.7\n".to_vec(), vec![b' '; 10_000_000]].concat();
        file(&stage, id, &large).status(422).refused("agreement.file_format");
    }

    fn what_ends_soon_is_listed(app: &App) {
        let stage = app.stage();
        let ending = |number: &str, on: &str| {
            let body = given::agreement(&stage.host, &stage.program).with("number", number).with("ends_on", on);
            stage.office.post("/agreements", body).created().id()
        };
        let (week, month, season) = (ending("7", "2025-07-28"), ending("30", "2025-08-20"), ending("90", "2025-10-19"));
        ending("91", "2025-10-20");
        ending("0", "2025-07-20");
        let within = |days: i32| -> Vec<String> {
            let items = stage.office.all(&format!("/agreements?ends_within={days}"));
            items.iter().map(|one| text(&one["id"]).to_owned()).collect()
        };
        assert_eq!(within(7), [week.as_str()]);
        assert_eq!(within(30), [week.clone(), month.clone()]);
        assert_eq!(within(90), [week, month, season]);
        stage.office.get("/agreements?ends_within=-1").invalid(&[("/ends_within", "field.range")]);
    }

    fn what_was_terminated_to_a_day_ends_on_that_day(app: &App) {
        let stage = app.stage();
        let ending = |number: &str, on: &str| {
            let body = given::agreement(&stage.host, &stage.program).with("number", number);
            let made = stage.office.post("/agreements", body).created();
            stage.office.acts(&made.location(), "termination", json!({ "on": on, "reason": "Izin berakhir" }));
            made.id()
        };
        let (week, month) = (ending("7", "2025-07-28"), ending("30", "2025-08-20"));
        ending("31", "2025-08-21");
        ending("0", "2025-07-21");
        let within = |days: i32| stage.office.all(&format!("/agreements?ends_within={days}"));
        let ids = |items: &[Value]| items.iter().map(|one| text(&one["id"]).to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(&within(30)), [week.clone(), month]);
        let first = within(7);
        assert_eq!(ids(&first), [week]);
        // Long before the end that was agreed on; the day of the termination is the first it no longer holds.
        let facts = ["ends_on", "terminated_on", "standing", "days_left"].map(|name| first[0][name].clone());
        assert_eq!(facts, [json!("2027-06-30"), json!("2025-07-28"), json!("expiring"), json!(6)]);
    }

    fn those_who_follow_an_agreement_are_told_of_its_end_once(app: &App) {
        let stage = app.stage();
        let manager = app.manager(&stage.host);
        let body = given::agreement(&stage.host, &stage.program).with("number", "7").with("ends_on", "2025-10-19");
        let id = stage.office.post("/agreements", body).created().id();
        let warn = || app.operator(|tx, _| agreement::warn(tx));
        let told = || {
            let messages = stage.office_now().all("/messages?kind=agreement_ends");
            messages.iter().map(|one| text(&one["account"]).to_owned()).collect::<Vec<_>>()
        };
        let strangers = [app.manager(&app.lpk("18.71")), app.office("51"), app.instructor(&stage.host)];
        assert_eq!(warn(), 1);
        let first = told();
        assert!(first.contains(&stage.office.id) && first.contains(&manager.id), "{first:?}");
        assert!(strangers.iter().all(|stranger| !first.contains(&stranger.id)), "{first:?}");
        // The same day again, and every day until the next warning, says nothing.
        assert_eq!(warn(), 0);
        app.set_clock("2025-09-18T01:00:00Z");
        assert_eq!(warn(), 0);
        // A program that was off for weeks tells the nearest warning alone.
        app.set_clock("2025-10-15T01:00:00Z");
        assert_eq!((warn(), warn()), (1, 0));
        assert_eq!(told().len(), 2 * first.len());
        assert_eq!(app.count_where("agreement_warnings", "days IN (30, 7)"), 2);
        // Nobody is told of an agreement that ended before.
        let path = format!("/agreements/{id}");
        let etag = app.office("18").get(&path).ok().etag();
        let end = json!({ "on": "2025-10-10", "reason": "Izin berakhir" });
        app.office("18").post_change(&format!("{path}/termination"), &etag, end).ok();
        app.run("DELETE FROM agreement_warnings");
        assert_eq!(warn(), 0);
    }
}
