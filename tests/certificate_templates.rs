//! Templates: an issuer numbers its certificates as it likes, puts its letterhead on them, and looks before it prints.
//! What is printed is asked of programs that are not ours: qpdf, pdftotext, pdfimages.

use std::io::{Cursor, Read};

use vokasi_api::state::State;
use vokasi_core::keys::sha256_hex;
use zip::ZipArchive;

use crate::credentials::{Folder, public};
use crate::harness::path::text;
use crate::harness::{Answer, App, Staff, Stage, Value, at_once, given, json};

/// The certificate of somebody of a further class.
fn certificate(stage: &Stage<'_>) -> Value {
    stage.issue(&stage.completed_class(1)).ok().json()[0]["certificate"].clone()
}

fn pdf(stage: &Stage<'_>, certificate: &Value) -> Vec<u8> {
    stage.office_now().get(&format!("/certificates/{}/pdf", text(&certificate["id"]))).ok().bytes
}

fn address(stage: &Stage<'_>) -> String {
    format!("/partners/{}/certificate-template", stage.host)
}

/// Changes the template as it stands at this moment.
fn put(staff: &Staff<'_>, at: &str, body: Value) -> Answer {
    let etag = staff.get(at).ok().etag();
    staff.put(at, &etag, body)
}

fn put_logo(staff: &Staff<'_>, at: &str, bytes: Vec<u8>) -> Answer {
    let etag = staff.get(at).ok().etag();
    let call = staff.call("PUT", &format!("{at}/logo")).if_match(&etag).header("content-type", "image/png");
    call.bytes(bytes).send()
}

/// The words of a document, page after page.
fn words(folder: &Folder, pdf: &[u8]) -> Vec<String> {
    folder.put("document.pdf", pdf);
    let (checked, code) = folder.run("qpdf", &["--check", "document.pdf"]);
    assert_eq!(code, 0, "{checked}");
    let (words, _) = folder.run("pdftotext", &["-layout", "document.pdf", "-"]);
    words.split('\u{c}').map(str::to_owned).filter(|page| !page.trim().is_empty()).collect()
}

/// How many pictures a document shows.
fn pictures(folder: &Folder, pdf: &[u8]) -> usize {
    folder.put("document.pdf", pdf);
    let (listed, _) = folder.run("pdfimages", &["-list", "document.pdf"]);
    listed.lines().count() - 2
}

both! {
    fn an_issuer_begins_with_the_usual_template(app: &App) {
        let stage = app.stage();
        let manager = app.manager(&stage.host);
        let answer = manager.get(&address(&stage)).ok();
        assert_eq!(answer.etag(), "\"0\"");
        assert_eq!(
            answer.json(),
            json!({
                "partner": stage.host,
                "number_pattern": "[number:4]/[program]/[issuer]/[month]/[year]",
                "heading": null,
                "address": null,
                "contact": null,
                "accreditation": null,
                "second_signatory": null,
                "back_page": "modules_and_scores",
                "logo_sha256": null,
                "updated_at": null,
            })
        );
        assert_eq!(app.count("certificate_templates"), 0);
        app.manager(&app.lpk("18.01")).get(&address(&stage)).not_there();
        app.office("32").get(&address(&stage)).not_there();
    }

    fn a_template_is_written_whole_by_who_has_read_it(app: &App) {
        let stage = app.stage();
        let (manager, at) = (app.manager(&stage.host), address(&stage));
        let written = manager.put(&at, "\"0\"", given::template()).ok();
        let mut expected = given::template();
        for (name, value) in [("partner", json!(stage.host)), ("logo_sha256", Value::Null), ("updated_at", json!(app.now()))] {
            expected[name] = value;
        }
        assert_eq!((written.etag(), written.json()), ("\"1\"".to_owned(), expected));
        assert_eq!(stage.office.get(&at).ok().json(), written.json());
        manager.put(&at, "\"0\"", given::template()).status(412).refused("resource.stale");
        // What is not said is no longer printed.
        let plain = json!({ "number_pattern": "[number]/[year]", "back_page": "none" });
        let after = put(&stage.office, &at, plain).ok().json();
        assert_eq!((&after["heading"], &after["second_signatory"]), (&Value::Null, &Value::Null));
        assert_eq!(app.count_where("audit_events", "action = 'certificate_template.changed'"), 2);
    }

    fn of_several_first_templates_one_is_kept(app: &App) {
        let stage = app.stage();
        let (manager, at) = (app.manager(&stage.host), address(&stage));
        let answers = at_once(6, |_| manager.put(&at, "\"0\"", given::template()));
        let kept = answers.iter().filter(|answer| answer.status == 200).count();
        let refused = answers.iter().filter(|answer| answer.status == 412).count();
        assert_eq!((kept, refused), (1, 5), "{answers:?}");
        assert_eq!(app.count("certificate_templates"), 1);
    }

    fn what_cannot_be_printed_is_told_by_field(app: &App) {
        let stage = app.stage();
        let at = address(&stage);
        for (pattern, code) in [
            ("", "field.required"),
            ("[number]/[year]/é", "certificate.pattern_text"),
            ("[number]/[year]/[name]", "certificate.pattern_place"),
            ("[year]/[month]", "certificate.pattern_number"),
            ("[number:4]/[month]", "certificate.pattern_year"),
            ("[number][year]", "certificate.pattern_touching"),
            ("No. [number:3]/[year]", "certificate.pattern_word"),
        ] {
            let mut wrong = given::template();
            wrong["number_pattern"] = json!(pattern);
            stage.office.put(&at, "\"0\"", wrong).invalid(&[("/number_pattern", code)]);
        }
        let mut wrong = given::template();
        wrong["heading"] = json!("NIK 1807051708070001");
        wrong["back_page"] = json!("scores");
        wrong["second_signatory"]["title"] = json!("");
        wrong["accreditation"]["en"] = json!("");
        stage.office.put(&at, "\"0\"", wrong).invalid(&[
            ("/accreditation/en", "field.required"),
            ("/back_page", "field.unknown_value"),
            ("/heading", "field.identity_number"),
            ("/second_signatory/title", "field.required"),
        ]);
        // What could never be printed is refused before anybody waits for a certificate.
        let mut unprintable = given::template();
        unprintable["heading"] = json!("日本語学校");
        let refused = stage.office.put(&at, "\"0\"", unprintable).status(409).refused("certificate.glyph_missing");
        assert_eq!(refused.json()["facts"]["field"], "heading");
        let mut long = given::template();
        long["second_signatory"]["name"] = json!("Wulandari ".repeat(19));
        stage.office.put(&at, "\"0\"", long).status(409).refused("certificate.layout");
        assert_eq!(app.count("certificate_templates"), 0);
    }

    fn the_paper_that_allows_it_is_called_by_its_name(app: &App) {
        let (mut stage, folder) = (app.stage(), Folder::new(app));
        for (kind, called) in [
            ("assignment", "Surat penugasan / Letter of assignment: "),
            ("mou", "Nota kesepahaman / Memorandum of understanding: "),
        ] {
            let agreement = given::agreement(&stage.host, &stage.program).with("kind", kind);
            let agreement = agreement.with("number", format!("800/{kind}/2025"));
            stage.agreement = stage.office_now().post("/agreements", agreement).created().id();
            let pages = words(&folder, &pdf(&stage, &certificate(&stage)));
            assert!(pages[1].contains(&format!("{called}800/{kind}/2025")), "{}", pages[1]);
        }
    }

    fn two_hands_are_printed_alike(app: &App) {
        let (stage, folder) = (app.stage(), Folder::new(app));
        let mut template = given::template();
        template["second_signatory"]["name"] = json!("Prof. Dr. Ir. Raden Ajeng Kusumaningrat Wulandari, S.Pd., M.Pd.");
        let drawn = stage.office.post(&format!("{}/preview", address(&stage)), template).ok().bytes;
        folder.put("two.pdf", &drawn);
        // Each word with its box: both names stand in letters of one height.
        let (boxes, _) = folder.run("pdftotext", &["-bbox", "-l", "1", "two.pdf", "-"]);
        let height = |word: &str| {
            let line = boxes.lines().find(|line| line.contains(&format!(">{word}<"))).expect(word);
            let edge = |name: &str| -> f64 {
                let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap();
                rest.split('"').next().unwrap().parse().unwrap()
            };
            edge("yMax") - edge("yMin")
        };
        let head = stage.office.get(&format!("/partners/{}", stage.host)).ok().json()["head"]["name"].clone();
        let first = text(&head).split(' ').next().unwrap().to_owned();
        assert!((height(&first) - height("Raden")).abs() < 0.1 && height("Raden") > 9.0, "{boxes}");
    }

    fn another_pattern_goes_on_counting(app: &App) {
        let stage = app.stage();
        let (at, office) = (address(&stage), &stage.office);
        let patterns = ["[number:3]/LPK-CS/[month:2]/[year]", "[year]-[number:5]", "[number:3]/LPK-CS/[month:2]/[year]"];
        let first = certificate(&stage);
        let before = pdf(&stage, &first);
        let mut numbers = Vec::new();
        for pattern in patterns {
            put(office, &at, json!({ "number_pattern": pattern, "back_page": "modules_and_scores" })).ok();
            numbers.push(text(&certificate(&stage)["number"]).to_owned());
        }
        assert_eq!(numbers, ["002/LPK-CS/07/2025", "2025-00003", "004/LPK-CS/07/2025"]);
        // The first one has the number and the very bytes that it had.
        assert!(text(&first["number"]).starts_with("0001/"));
        assert!(pdf(&stage, &first) == before, "an old certificate has changed");
        assert_eq!(app.count_where("certificate_counters", "last_number = 4"), 1);
    }

    fn the_letterhead_and_a_second_hand_are_printed_and_frozen(app: &App) {
        let (stage, folder) = (app.stage(), Folder::new(app));
        let at = address(&stage);
        put(&stage.office, &at, given::template()).ok();
        let kept = put_logo(&stage.office, &at, given::png([200, 40, 90])).ok().json();
        let issued = certificate(&stage);
        let before = pdf(&stage, &issued);
        let pages = words(&folder, &before);
        for word in [
            "Yayasan Cahaya Nusantara", "Jl. Melati No. 7", "555-0142", "Terakreditasi B", "Accredited B",
            "Wulan Sari", "Kepala Pelatihan", "NIP 198005172005012004", "001/LPK-CS/07/2025",
        ] {
            assert!(pages[0].contains(word), "{word} is missing in\n{}", pages[0]);
        }
        // The back has the modules and no scores.
        assert!(pages[1].contains("Module") && !pages[1].contains("Results") && !pages[1].contains("Assessment"), "{}", pages[1]);
        assert_eq!((pages.len(), pictures(&folder, &before)), (2, 1));
        folder.run("qpdf", &["--qdf", "--object-streams=disable", "document.pdf", "plain.pdf"]);
        let (described, _) = folder.run("grep", &["-ac", "/S /Figure", "plain.pdf"]);
        assert_eq!(described, "2", "the logo and the QR code");
        assert!(!String::from_utf8_lossy(&before).contains("Siti Aminah"), "what stood beside the pixels");
        let hash = app.call("GET", &format!("/verify/{}/certificate.pdf.sha256", code(&issued))).send().ok().text();
        assert!(hash.contains(&vokasi_core::keys::sha256_hex(&before)), "{hash}");
        // Another look is for those that are issued from then on.
        put(&stage.office, &at, json!({ "number_pattern": "[number]/[year]", "back_page": "none" })).ok();
        let etag = stage.office.get(&at).ok().etag();
        let removed = stage.office.call("DELETE", &format!("{at}/logo")).if_match(&etag).send().ok();
        assert_eq!(removed.json()["logo_sha256"], Value::Null);
        stage.office.call("DELETE", &format!("{at}/logo")).if_match(&removed.etag()).send().not_there();
        assert!(pdf(&stage, &issued) == before, "an old certificate has changed");
        let plain = pdf(&stage, &certificate(&stage));
        assert_eq!((words(&folder, &plain).len(), pictures(&folder, &plain)), (1, 0));
        // The same picture is kept once, however often it is brought.
        assert_eq!(put_logo(&stage.office, &at, given::png([200, 40, 90])).ok().json()["logo_sha256"], kept["logo_sha256"]);
        put_logo(&stage.office, &at, given::png([100, 40, 90])).ok();
        assert_eq!(app.count("certificate_logos"), 2);
    }

    fn a_logo_is_a_picture_of_bounded_size(app: &App) {
        let stage = app.stage();
        let at = address(&stage);
        let whole = given::png([1, 40, 90]);
        for bytes in [b"%PDF-1.7".to_vec(), Vec::new(), whole[..whole.len() / 2].to_vec(), vec![0; 1_000_001], vec![0; 3_000_000]] {
            let refused = put_logo(&stage.office, &at, bytes).status(422).refused("certificate.logo_format");
            assert_eq!(refused.json()["facts"], json!({ "limit": "1000000", "edge": "2000" }));
        }
        stage.office.call("PUT", &format!("{at}/logo")).if_match("\"7\"").bytes(whole).send().status(412);
        // Nothing is read for somebody who may not keep it.
        let send = |staff: &Staff<'_>| staff.call("PUT", &format!("{at}/logo")).if_match("\"0\"").bytes(b"?".to_vec()).send();
        send(&stage.instructor).denied();
        send(&app.manager(&app.lpk("18.07"))).not_there();
        assert_eq!((app.count("certificate_logos"), app.count("certificate_templates")), (0, 0));
    }

    fn a_preview_is_of_nobody_and_leaves_nothing(app: &App) {
        let (stage, folder) = (app.stage(), Folder::new(app));
        let (manager, at) = (app.manager(&stage.host), address(&stage));
        put_logo(&manager, &at, given::png([30, 40, 90])).ok();
        let answer = manager.post(&format!("{at}/preview"), given::template()).ok();
        assert_eq!(answer.header("content-type"), Some("application/pdf"));
        let pages = words(&folder, &answer.bytes);
        assert_eq!((pages.len(), pictures(&folder, &answer.bytes)), (2, 1));
        assert!(pages.iter().all(|page| page.contains("CONTOH / SAMPLE")), "{pages:?}");
        for word in ["LPK Cahaya Selatan", "Yayasan Cahaya Nusantara", "000/LPK-CS/07/2025", "CONT OH-S AMPL E"] {
            assert!(pages[0].contains(word), "{word} is missing in\n{}", pages[0]);
        }
        for path in ["/verify/CONTOH-SAMPLE", "/verifications/CONTOH-SAMPLE"] {
            app.call("GET", path).send().status(404);
        }
        let mut unprintable = given::template();
        unprintable["heading"] = json!("桜");
        manager.post(&format!("{at}/preview"), unprintable).status(409).refused("certificate.glyph_missing");
        manager.post(&format!("{at}/preview"), json!({})).invalid(&[
            ("/back_page", "field.required"),
            ("/number_pattern", "field.required"),
        ]);
        assert_eq!((app.count("certificates"), app.count("certificate_counters"), app.count("credentials")), (0, 0, 0));
        assert_eq!(manager.get(&at).ok().json()["heading"], Value::Null);
    }

    fn copies_are_printed_in_the_font_of_the_day_of_issue(app: &App) {
        let with = |glyph| move |state: State| state.with_certificate_font(cyrillic(glyph)).unwrap();
        let issuing = app.restarted(None, with(36));
        let stage = issuing.stage();
        stage.graduate(&[stage.seated(&stage.student_named("Анна"))]);
        let (plain, other) = (issuing.restarted(None, |state| state), issuing.restarted(None, with(40)));
        // Without the font the name is refused; with it the certificate names it, and it is kept.
        let refused = plain.office("18").post(&format!("/classes/{}/certificates", stage.class), json!({})).ok().json();
        assert_eq!(refused[0]["code"], "certificate.glyph_missing", "{refused}");
        let made = stage.issue(&stage.class).ok().json()[0]["certificate"].clone();
        assert_eq!(app.count("certificate_fonts"), 1);
        let copy = |app: &App| app.office("18").get(&format!("/certificates/{}/pdf", text(&made["id"]))).ok().bytes;
        let hash = |app: &App| public(app, &format!("/verify/{}/certificate.pdf.sha256", code(&made))).ok().text();
        let archive = |app: &App| {
            let zipped = app.office("18").get(&format!("/classes/{}/certificates/zip", stage.class)).ok().bytes;
            let mut document = Vec::new();
            ZipArchive::new(Cursor::new(zipped)).unwrap().by_index(0).unwrap().read_to_end(&mut document).unwrap();
            document
        };
        let first = copy(&issuing);
        for later in [&issuing, &plain, &other] {
            assert!(copy(later) == first && archive(later) == first, "another document");
            assert_eq!(hash(later), format!("{} *certificate.pdf\n", sha256_hex(&first)));
        }

        // One from before does not say what it was printed in: it is printed as it can be, and an archive that cannot
        // be made is refused whole.
        app.run("UPDATE certificates SET snapshot = substr(snapshot, 1, length(snapshot) - 82) || '}'");
        assert!(copy(&issuing) == first);
        let before = plain.office("18").get(&format!("/classes/{}/certificates/zip", stage.class)).status(409).json();
        assert_eq!(
            (&before["code"], &before["facts"]["number"]),
            (&json!("certificate.glyph_missing"), &made["number"]),
            "{before}"
        );
    }

    fn a_class_is_taken_as_one_archive_of_the_very_documents(app: &App) {
        let (stage, folder) = (app.stage(), Folder::new(app));
        let class = stage.completed_class(3);
        let rows = stage.issue(&class).ok().json().as_array().unwrap().clone();
        let certificates: Vec<Value> = rows.into_iter().map(|row| row["certificate"].clone()).collect();
        let path = format!("/classes/{class}/certificates/zip");
        let office = stage.office_now();
        let revoked = format!("/certificates/{}", text(&certificates[1]["id"]));
        office.acts(&revoked, "revocation", json!({ "reason": "Nama keliru" }));
        let answer = office.get(&path).ok();
        assert_eq!(answer.header("content-type"), Some("application/zip"));
        folder.put("class.zip", &answer.bytes);
        let (tested, code) = folder.run("python3", &["-m", "zipfile", "-t", "class.zip"]);
        assert_eq!(code, 0, "{tested}");
        let mut archive = ZipArchive::new(Cursor::new(answer.bytes)).unwrap();
        let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
        assert_eq!(names, ["sertifikat-2025-0001.pdf", "sertifikat-2025-0003.pdf"]);
        for (name, certificate) in names.iter().zip([&certificates[0], &certificates[2]]) {
            let mut document = Vec::new();
            archive.by_name(name).unwrap().read_to_end(&mut document).unwrap();
            assert!(document == pdf(&stage, certificate), "{name} differs");
        }
        assert_eq!(app.count_where("audit_events", "action = 'certificate.printed'"), 4);
        // A school gets its own students, an observer nobody, and of an empty class there is an empty archive.
        let school = app.coordinator(&stage.school).get(&path).ok();
        assert_eq!(ZipArchive::new(Cursor::new(school.bytes)).unwrap().len(), 2);
        app.observer("18").get(&path).denied();
        let empty = office.get(&format!("/classes/{}/certificates/zip", stage.class)).ok();
        assert!(ZipArchive::new(Cursor::new(empty.bytes)).unwrap().is_empty());
    }
}

/// A font that has two glyphs of the Latin one, from this one on, for every Cyrillic letter it has.
fn cyrillic(glyph: u32) -> Vec<u8> {
    let mut font = include_bytes!("../crates/core/assets/fonts/EBGaramond-Italic.ttf").to_vec();
    let number = |at: usize| u32::from_be_bytes(font[at..at + 4].try_into().unwrap()) as usize;
    let record = (12..).step_by(16).find(|at| &font[*at..at + 4] == b"cmap").unwrap();
    let at = number(record + 8);
    // One table of format 12, with the letters one after the other.
    let mut map: Vec<u8> = [0_u16, 1, 3, 10, 0, 12, 12, 0].iter().flat_map(|word| word.to_be_bytes()).collect();
    map.extend([28, 0, 1, 0x410, 0x44F, glyph].iter().flat_map(|word: &u32| word.to_be_bytes()));
    font[at..at + map.len()].copy_from_slice(&map);
    font
}

/// The secret half of a certificate's address.
fn code(certificate: &Value) -> String {
    text(&certificate["verification_url"]).rsplit('/').next().unwrap().to_owned()
}
