//! Keys that turn while people work, a search by NIK, and a stolen register that gives nothing away.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use diesel::connection::SimpleConnection;
use vokasi_core::access::Actor;
use vokasi_core::audit::{self, Verification};
use vokasi_core::db::{self, Db, World};
use vokasi_core::entropy::Entropy;
use vokasi_core::error::{Error, codes};
use vokasi_core::keys::{Ring, SETTLING, sha256_hex};
use vokasi_core::participant::{self, Contact, NewParticipant, Person};
use vokasi_core::rotation::{self, Rotated};
use vokasi_core::values::{Nik, PersonName, RegencyCode, Sex};

use crate::harness::path::text;
use crate::harness::{Answer, App, Backend, Staff, Value, given, json, log, stored};
use crate::tidy::root;

const GOOD: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-good.xlsx");

fn nik(number: u32) -> String {
    format!("180705570807{number:04}")
}

fn search(staff: &Staff<'_>, nik: &str) -> Value {
    staff.post("/participants/searches", json!({ "nik": nik })).ok().json()["participant"].clone()
}

/// A person without a school, so that a story can have many of them quickly.
fn person(number: u32) -> Person {
    Person {
        name: PersonName::parse("Siti Nur'aini").expect("a name"),
        sex: Sex::Female,
        birth_place: "Sukadana".to_owned(),
        birth_date: "2007-08-17".parse().expect("a day"),
        nik: Some(Nik::parse(&nik(number)).expect("a NIK")),
        nisn: None,
        student_number: None,
        homeroom: None,
        graduation_year: None,
        contact: Contact::default(),
    }
}

/// So many people, from number one on.
fn register(app: &App, people: u32) {
    app.operator(move |tx, operator| {
        let people: Vec<Person> = (1..=people).map(person).collect();
        let regency = RegencyCode::parse("18.07").map_err(Error::new)?;
        participant::create_many(tx, operator, None, Some(&regency), &people)
    });
}

/// A student of a school nobody else of the story is at.
fn student(number: u32, school: &str) -> given::Body {
    given::student(number).with("school", school).without("nisn")
}

fn rotate(app: &App) -> Rotated {
    rotation::rotate(app.db(), app.now(), &Actor::operator(), |_| ()).expect("the operator may")
}

both! {
    fn a_person_is_found_by_their_nik(app: &App) {
        let school = app.school("18.07");
        let coordinator = app.coordinator(&school);
        let made = coordinator.post("/participants", given::student(1)).created();
        let found = search(&coordinator, &nik(1));
        assert_eq!(found, coordinator.get(&made.location()).ok().json());
        assert_eq!(found["nik"], "************0001");
        assert_eq!(search(&app.office("18"), "1807 0557 0807 0001"), found, "typed in groups");
        // Who is not there, and whom the caller may not see, is nobody.
        for staff in [&coordinator, &app.coordinator(&app.school("18.01")), &app.office("53")] {
            assert_eq!(search(staff, &nik(2)), Value::Null);
        }
        assert_eq!(search(&app.coordinator(&app.school("18.07")), &nik(1)), Value::Null);
        assert_eq!(search(&app.office("53"), &nik(1)), Value::Null);
        let answer = coordinator.post("/participants/searches", json!({ "nik": nik(1) })).ok();
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        coordinator.post("/participants/searches", json!({ "nik": "180705" })).invalid(&[("/nik", "nik.length")]);
        coordinator.post("/participants/searches", json!({})).invalid(&[("/nik", "field.required")]);
        for staff in [app.admin(), app.observer("18"), app.regency_officer("18.07"), app.manager(&school)] {
            staff.post("/participants/searches", json!({ "nik": nik(1) })).denied();
        }
    }

    fn who_searched_stands_in_the_audit_and_for_what_number_does_not(app: &App) {
        let school = app.school("18.07");
        let coordinator = app.coordinator(&school);
        let id = coordinator.post("/participants", given::student(1)).created().id();
        search(&coordinator, &nik(1));
        search(&coordinator, &nik(2));
        let events = app.office("18").all("/audit-events");
        let searches: Vec<&Value> = events.iter().filter(|event| event["action"] == "participant.searched").collect();
        assert_eq!(searches.len(), 2, "{events:#?}");
        for (event, found) in searches.iter().zip([true, false]) {
            assert_eq!(event["detail"], json!({ "found": found }));
            assert_eq!(event["account"], json!(coordinator.id));
        }
        assert_eq!(searches[0]["subject"], json!(id));
        assert!(!stored::rows(app).contains(&nik(2)));
    }

    fn keys_turn_and_nobody_notices(app: &App) {
        let school = app.school("18.07");
        let before = app.coordinator(&school);
        let made = before.post("/participants", given::student(1)).created();
        let reason = json!({ "reason": "Mencocokkan dengan kartu keluarga" });
        let disclosed = before.post(&format!("{}/disclosures", made.location()), reason.clone()).ok().json();
        let first = before.call("POST", "/participants").key("once").json(&given::student(2).into()).send().created();

        assert_eq!(app.add_key(), "k2");
        // The old token holds, and so does a new one; each names its key.
        let after = app.signed_in_again(&before);
        for (staff, key) in [(&before, "k1"), (&after, "k2")] {
            let header = jsonwebtoken::decode_header(&staff.access_token).unwrap();
            assert_eq!((header.kid.as_deref(), header.alg), (Some(key), jsonwebtoken::Algorithm::HS256));
            staff.get(&made.location()).ok();
        }
        // What was sealed before is read, found, and repeated; and is the same person still.
        let again = after.post(&format!("{}/disclosures", made.location()), reason.clone()).ok().json();
        assert_eq!(again, disclosed);
        assert_eq!(search(&after, &nik(1))["id"], json!(made.id()));
        let repeat = after.call("POST", "/participants").key("once").json(&given::student(2).into()).send().created();
        assert_eq!(repeat.json(), first.json());
        after.post("/participants", given::student(1).with("nisn", "0079999999")).status(409).refused("participant.nik_taken");
        // And the other way round, once everything is sealed anew.
        after.post("/participants", given::student(3)).created();
        let rotated = rotate(app);
        assert_eq!((rotated.key.as_str(), rotated.left), ("k2", 0));
        assert!(rotated.values >= 6, "{rotated:?}");
        assert_eq!(rotate(app).values, 0);
        assert!(!stored::rows(app).contains("1.k1."), "something is still sealed with the first key");
        for number in 1..=3 {
            assert!(search(&before, &nik(number)).is_object(), "{number}");
            let twice = given::student(number).with("nisn", "0079999999");
            after.post("/participants", twice).status(409).refused("participant.nik_taken");
        }
        let again = after.post(&format!("{}/disclosures", made.location()), reason).ok().json();
        assert_eq!(again, disclosed);
        let repeat = after.call("POST", "/participants").key("once").json(&given::student(2).into()).send().created();
        assert_eq!(repeat.json(), first.json());
    }

    fn a_new_key_is_known_before_it_is_used(app: &App) {
        let school = app.school("18.07");
        let coordinator = app.coordinator(&school);
        let soon = app.now().plus(SETTLING);
        app.change_ring(|ring| ring.add(soon, &Entropy::seeded(9)));
        let newest = || app.db().world().keys().newest().to_owned();
        assert_eq!((newest(), app.db().world().keys().are_several()), ("k1".to_owned(), false));
        app.look_for_keys();
        assert_eq!((newest(), app.db().world().keys().are_several()), ("k1".to_owned(), true));
        coordinator.post("/participants", given::student(1)).created();
        assert_eq!(app.count_where("participants", "nik_sealed LIKE '1.k1.%'"), 1);
        app.wait(SETTLING);
        app.look_for_keys();
        assert_eq!(newest(), "k2");
        coordinator.post("/participants", given::student(2)).created();
        assert_eq!(app.count_where("participants", "nik_sealed LIKE '1.k2.%' AND contact_sealed LIKE '1.k2.%'"), 1);
    }

    fn a_key_is_retired_when_nothing_needs_it(app: &App) {
        let office = app.office("18");
        register(app, 3);
        let retire = |key: &'static str| app.db().write(app.now(), move |tx| rotation::retire(tx, &Actor::operator(), key));
        let refused = retire("k1").unwrap_err();
        assert!(refused.is(&codes::KEYS_IN_USE), "{refused}");
        assert_eq!(refused.facts.iter().map(|fact| fact.value.as_str()).collect::<Vec<_>>()[1], "k1");
        app.add_key();
        assert!(retire("k1").unwrap_err().is(&codes::KEYS_IN_USE));
        rotate(app);
        // One value from before values had names is enough.
        let sealed = "UPDATE participants SET contact_sealed = substr(contact_sealed, 6) WHERE nik_sealed IN \
            (SELECT max(nik_sealed) FROM participants)";
        app.connect().batch_execute(sealed).unwrap();
        assert_eq!(app.db().read(app.now(), |tx| rotation::sealed_with(tx, &Actor::operator(), "k1")).unwrap(), 1);
        assert!(retire("k1").unwrap_err().is(&codes::KEYS_IN_USE));
        app.connect().batch_execute("UPDATE participants SET contact_sealed = '1.k2.' || contact_sealed WHERE contact_sealed NOT LIKE '1.%'").unwrap();
        retire("k1").unwrap();
        let before = verify(app);
        app.change_ring(|ring| ring.retire("k1")).unwrap();
        app.look_for_keys();
        // What was recorded under it can still be checked, through the file as well.
        let text = app.change_ring(|ring| ring.text());
        app.change_ring(|ring| *ring = Ring::parse(text.as_bytes()).unwrap());
        app.look_for_keys();
        let after = verify(app);
        assert_eq!((after.broken, before.broken), (None, None));
        assert!(after.sealed >= before.sealed && before.sealed > 3);
        for number in 1..=3 {
            assert!(search(&app.signed_in_again(&office), &nik(number)).is_object());
        }
        // A token of the retired key has ended; the login goes on.
        office.get("/partners").status(401).refused("access.token_invalid");
        app.continued(&office.refresh_token).get("/partners").ok();
        let events = app.count_where("audit_events", "action IN ('key.rotated', 'key.retired') AND subject_kind = 'key'");
        assert_eq!(events, 2);
        // Without that line of the file nobody could tell the events of its time from made-up ones.
        app.change_ring(|ring| {
            let without = ring.text().lines().filter(|line| !line.contains(" retired ")).collect::<Vec<_>>().join("\n");
            *ring = Ring::parse(without.as_bytes()).unwrap();
        });
        app.look_for_keys();
        assert_eq!(verify(app).broken.map(|broken| broken.breach.code().name), Some("audit.edited"));
    }

    fn a_rotation_that_broke_off_is_begun_again(app: &App) {
        let office = app.office("18");
        register(app, 250);
        app.add_key();
        let cut = catch_unwind(AssertUnwindSafe(|| {
            rotation::rotate(app.db(), app.now(), &Actor::operator(), |_| panic!("the power is cut"))
        }));
        assert!(cut.is_err());
        // The first batch is done: 200 people are hashed with the new key, 50 with the old one.
        assert_eq!(app.count_where("participants", "nik_sealed LIKE '1.k2.%'"), 200);
        let school = app.school("18.07");
        for number in [1, 200, 201, 250] {
            assert!(search(&office, &nik(number)).is_object(), "{number}");
            office.post("/participants", student(number, &school).with("nisn", format!("00{number:08}"))).status(409)
                .refused("participant.nik_taken");
        }
        // Also when a person's number is corrected to somebody else's, whichever key that one is hashed with.
        let mine = office.post("/participants", student(300, &school)).created();
        for number in [1, 250] {
            let taken = student(number, &school).without("school");
            office.put(&mine.location(), &mine.etag(), taken).status(409).refused("participant.nik_taken");
        }
        office.put(&mine.location(), &mine.etag(), student(300, &school).without("school").with("homeroom", "XII TKJ 2")).ok();
        let twice = app.db().write(app.now(), |tx| {
            let regency = RegencyCode::parse("18.07").map_err(Error::new)?;
            participant::create_many(tx, &Actor::operator(), None, Some(&regency), &[person(301), person(250)])
        });
        assert!(twice.unwrap_err().is(&codes::PARTICIPANT_NIK_TAKEN));
        let left = app.db().read(app.now(), |tx| rotation::left(tx, &Actor::operator())).unwrap();
        let rotated = rotate(app);
        assert_eq!((rotated.values, rotated.left), (left, 0));
        assert_eq!(app.count("participants"), 251);
        for number in [1, 200, 201, 250, 300] {
            assert!(search(&office, &nik(number)).is_object(), "{number}");
        }
    }

    fn a_file_brought_again_in_the_middle_of_a_rotation_changes_nothing(app: &App) {
        let coordinator = app.coordinator(&app.partner(given::school(1).with("npsn", "10809001")));
        bring(&coordinator);
        app.add_key();
        let again = coordinator.upload("/imports", "application/octet-stream", GOOD).created().json();
        assert_eq!((again["summary"]["same"].clone(), again["summary"]["new"].clone()), (json!(48), json!(0)));
        rotate(app);
        let again = coordinator.upload("/imports", "application/octet-stream", GOOD).created().json();
        assert_eq!((again["summary"]["same"].clone(), again["summary"]["new"].clone()), (json!(48), json!(0)));
        assert_eq!(app.count("participants"), 48);
    }

    fn two_processes_with_different_newest_keys_register_a_person_once(app: &App) {
        let entropy = Entropy::system().unwrap();
        let soon = app.now().plus(SETTLING);
        let ring = app.change_ring(|ring| { ring.add(soon, &entropy); ring.clone() });
        let process = |at| {
            let world = World::new(ring.keys(at).unwrap(), Entropy::system().unwrap());
            Db::open(&app.database().url, 4, world).unwrap()
        };
        let processes = [process(app.now()), process(soon)];
        let register = |db: &Db, number| {
            let regency = RegencyCode::parse("18.07").ok();
            let confirm = vec!["participant.namesake".to_owned()];
            let new = NewParticipant { school: None, regency, person: person(number), confirm };
            db.write(soon, |tx| participant::create(tx, &Actor::operator(), new))
        };
        for number in 1..=10 {
            let gate = std::sync::Barrier::new(4);
            let made: usize = std::thread::scope(|scope| {
                let start = |turn: usize| {
                    let (db, gate, register) = (&processes[turn % 2], &gate, &register);
                    scope.spawn(move || { gate.wait(); register(db, number) })
                };
                let threads: Vec<_> = (0..4).map(start).collect();
                let answers = threads.into_iter().map(|thread| thread.join().unwrap());
                answers.filter(|answer| answer.as_ref().map_err(|error| assert!(error.is(&codes::PARTICIPANT_NIK_TAKEN), "{error}")).is_ok()).count()
            });
            assert_eq!(made, 1, "number {number}");
        }
        assert_eq!(app.count("participants"), 10);
    }

    fn a_correction_during_a_rotation_is_not_lost(app: &App) {
        let office = app.office("18");
        let school = app.school("18.07");
        let people: Vec<Answer> = (1..=12).map(|number| office.post("/participants", student(number, &school)).created()).collect();
        register_from(app, 1_000, 400);
        app.add_key();
        let phone = |number: usize, turn: usize| format!("0812345{number:02}{turn:03}");
        std::thread::scope(|scope| {
            let turning = scope.spawn(|| rotate(app));
            for turn in 0..5 {
                for (number, made) in people.iter().enumerate() {
                    let etag = office.get(&made.location()).ok().etag();
                    let body = student(u32::try_from(number + 1).unwrap(), &school).without("school");
                    office.put(&made.location(), &etag, body.with("phone", phone(number, turn))).ok();
                }
            }
            turning.join().unwrap();
        });
        assert_eq!(rotate(app).left, 0);
        for (number, made) in people.iter().enumerate() {
            let reason = json!({ "reason": "Menelepon" });
            let shown = office.post(&format!("{}/disclosures", made.location()), reason).ok().json();
            assert_eq!(shown["phone"], json!(format!("+62{}", &phone(number, 4)[1..])));
            assert_eq!(shown["nik"], json!(nik(u32::try_from(number + 1).unwrap())));
        }
    }

    fn other_secrets_than_the_registers_are_noticed_at_the_start(app: &App) {
        register(app, 1);
        let fits = |byte: u8| {
            let keys = vokasi_core::keys::Keys::derive(&[byte; 32]).unwrap();
            let db = Db::open(&app.database().url, 1, World::new(keys, Entropy::system().unwrap())).unwrap();
            db.read(app.now(), rotation::fits)
        };
        fits(7).unwrap();
        assert!(fits(8).unwrap_err().is(&codes::KEYS_WRONG));
    }

    fn a_stolen_register_gives_no_number_away(app: &App) {
        let coordinator = app.coordinator(&app.partner(given::school(1).with("npsn", "10809001")));
        bring(&coordinator);
        let secrets = Secrets::of_the_workbook();
        let people = coordinator.all("/participants");
        assert_eq!(people.len(), 48);
        let path = |at: usize| format!("/participants/{}", text(&people[at]["id"]));
        // A disclosure, and a correction with what it showed.
        let reason = json!({ "reason": "Mencocokkan dengan kartu keluarga" });
        let shown = coordinator.post(&format!("{}/disclosures", path(0)), reason).ok().json();
        let mut body = shown.clone();
        for name in ["name", "sex", "birth_place", "birth_date", "nisn", "homeroom"] {
            body[name] = people[0][name].clone();
        }
        body["phone"] = json!("081299887766");
        let etag = coordinator.get(&path(0)).ok().etag();
        coordinator.put(&path(0), &etag, body.clone()).ok();
        let number = text(&shown["nik"]).to_owned();
        assert!(secrets.numbers.contains(&number));
        // A search, a number somebody has, one that is none, one in a body that is none, one in an address.
        search(&coordinator, &number);
        body["nisn"] = json!("0079999999");
        coordinator.post("/participants", body.clone()).status(409);
        coordinator.post("/participants", given::student(1).with("nik", number[..15].to_owned())).status(422);
        let broken = format!("{{\"nik\": {number}");
        let call = coordinator.call("POST", "/participants").header("content-type", "application/json");
        call.bytes(broken.into_bytes()).send().status(422);
        coordinator.get(&format!("/participants?nik={number}")).status(400);
        coordinator.get(&format!("/participants/{number}")).not_there();
        let wrong = json!({ "email": format!("{number}@example.org"), "password": number });
        app.call("POST", "/logins").json(&wrong).send().status(401);
        // A person with everything, whose answer is kept; and the keys turn.
        let kept: Value = given::student(77).with("nik", "1807055708079977").with("family_card", "1807050101079977").into();
        coordinator.call("POST", "/participants").key("kept").json(&kept).send().created();
        coordinator.call("POST", "/participants").key("kept").json(&kept).send().created();
        app.add_key();
        rotate(app);
        if app.backend == Backend::Sqlite {
            copy_before_a_migration(app);
        }

        let stolen = searchable(&stored::bytes(app));
        assert!(stolen.contains("Aji Gustiawan"), "names lie there in clear, so it is the right place to look");
        assert!(app.backend == Backend::Postgres || stolen.matches("SQLite format 3").count() >= 2, "a copy is there");
        secrets.are_not_in(&stolen);
        let own = ["1807055708079977", "1807050101079977", "81234567891", "81234567890", "81299887766", "Sri Wahyuni"];
        for secret in own {
            assert!(!stolen.contains(secret), "{secret}");
        }
        // A hash without a key is as good as the number to whoever can try them all.
        for secret in secrets.numbers.iter().map(String::as_str).chain(own) {
            assert!(!stolen.contains(&sha256_hex(secret.as_bytes())));
        }
        let request = format!("POST /api/v1/participants\n{}", sha256_hex(kept.to_string().as_bytes()));
        assert!(!stolen.contains(&sha256_hex(request.as_bytes())));
        let log = searchable(&log::lines());
        assert!(log.contains("/participants/{id}/disclosures"), "requests are logged");
        secrets.are_not_in(&log);
    }
}

fn verify(app: &App) -> Verification {
    audit::verify(app.db(), app.now(), &Actor::operator(), None, &mut |_, _| {}).unwrap()
}

/// The good workbook, brought and applied.
fn bring(coordinator: &Staff<'_>) {
    let planned = coordinator.upload("/imports", "application/octet-stream", GOOD).created();
    coordinator.post_change(&format!("{}/application", planned.location()), &planned.etag(), json!({})).ok();
}

fn register_from(app: &App, first: u32, people: u32) {
    app.operator(move |tx, operator| {
        let people: Vec<Person> = (first..first + people).map(person).collect();
        let regency = RegencyCode::parse("18.07").map_err(Error::new)?;
        participant::create_many(tx, operator, None, Some(&regency), &people)
    });
}

/// Takes the newest migration back and applies it again, as a new version of the program would.
fn copy_before_a_migration(app: &App) {
    let mut migrations: Vec<_> = std::fs::read_dir(root().join("migrations")).unwrap().flatten().collect();
    migrations.sort_by_key(std::fs::DirEntry::file_name);
    let newest = migrations.last().unwrap();
    let version = newest.file_name().to_string_lossy().split('_').next().unwrap().replace('-', "");
    let own = match app.backend {
        Backend::Sqlite => "down.sqlite.sql",
        Backend::Postgres => "down.postgres.sql",
    };
    // What a database says in its own words comes first, where it says anything.
    let own = std::fs::read_to_string(newest.path().join(own)).unwrap_or_default();
    let down = own + &std::fs::read_to_string(newest.path().join("down.sql")).unwrap();
    let forget = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'");
    app.connect().batch_execute(&format!("BEGIN; {down} {forget}; COMMIT;")).unwrap();
    assert!(db::up(&app.database().url).unwrap().copy.is_some());
}

/// What the workbook holds and nobody may find.
struct Secrets {
    /// NIK and family-card numbers.
    numbers: BTreeSet<String>,
    /// Telephone numbers without their prefixes, and guardians' names.
    texts: BTreeSet<String>,
}

impl Secrets {
    fn of_the_workbook() -> Self {
        let file = given::dapodik();
        let (_, people) = file.split_once("(KM)\"\r\n").unwrap();
        let lines: Vec<Vec<String>> = people.lines().skip(1).map(crate::imports::cells).collect();
        assert_eq!(lines.len(), 48);
        let students: Vec<String> = lines.iter().map(|cells| cells[1].to_lowercase()).collect();
        let (mut numbers, mut texts) = (BTreeSet::new(), BTreeSet::new());
        for cells in &lines {
            // The student's, the father's, the mother's, the guardian's, and the family card's.
            numbers.extend([7, 29, 35, 41, 60].map(|at| cells[at].clone()).into_iter().filter(|one| one.len() == 16));
            texts.extend([18, 19].map(|at| cells[at].trim_start_matches("+62").trim_start_matches('0').to_owned()));
            let names = [24, 30, 36].map(|at| cells[at].clone());
            // Somebody's father may be called like a student.
            texts.extend(
                names.into_iter().filter(|name| !students.iter().any(|one| one.contains(&name.to_lowercase()))),
            );
        }
        texts.retain(|one| one.len() >= 6);
        assert!(numbers.len() > 48 * 3 && texts.len() > 100, "{} {}", numbers.len(), texts.len());
        Self { numbers, texts }
    }

    fn are_not_in(&self, stolen: &str) {
        // Numbers of one regency begin alike, so a few searches find where any of them may stand.
        let mut by_beginning: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for form in self.numbers.iter().flat_map(|number| forms(number)) {
            by_beginning.entry(form.chars().take(4).collect()).or_default().push(form);
        }
        for (beginning, forms) in &by_beginning {
            for (at, _) in stolen.match_indices(beginning.as_str()) {
                let found = forms.iter().find(|form| stolen[at..].starts_with(form.as_str()));
                let before =
                    || stolen[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect::<String>();
                assert!(found.is_none(), "{found:?} stands after {:?}", before());
            }
        }
        for one in &self.texts {
            assert!(!stolen.contains(one.as_str()) && !stolen.contains(&one.to_lowercase()), "{one} is there");
        }
    }
}

/// As it is, in UTF-16 both ways round, and in base64 wherever it begins.
fn forms(number: &str) -> Vec<String> {
    let wide =
        |first: bool| number.chars().flat_map(|digit| if first { ['\0', digit] } else { [digit, '\0'] }).collect();
    let mut forms = vec![number.to_owned(), wide(true), wide(false)];
    for before in 0..3 {
        let text = STANDARD_NO_PAD.encode(format!("{}{number}", &"   "[..before]));
        // The letters at both ends have a share in what stands beside it.
        forms.push(text[before.div_ceil(3) * 2 + before / 2..text.len() - 1].to_owned());
    }
    forms
}

/// Bytes as a text of one letter each, so that they can be searched.
fn searchable(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[test]
fn a_number_is_looked_for_in_every_form() {
    for before in ["", "a", "ab", "abc", "abcd"] {
        let hidden = STANDARD_NO_PAD.encode(format!("{before}1807190107080001 and more"));
        assert!(forms("1807190107080001").iter().any(|form| hidden.contains(form)), "{before}: {hidden}");
    }
    let wide: Vec<u8> = "x1807190107080001".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(forms("1807190107080001").iter().any(|form| searchable(&wide).contains(form)));
}

/// A column that is sealed and that no rotation knows would be lost with the first key that is retired.
#[test]
fn every_sealed_column_is_turned() {
    let schema = std::fs::read_to_string(root().join("crates/core/src/db/schema.rs")).unwrap();
    let places = std::fs::read_to_string(root().join("crates/core/src/rotation/store.rs")).unwrap();
    let mut seen = 0;
    for table in schema.split("diesel::table! {").skip(1) {
        let name = table.split_whitespace().next().unwrap();
        let columns = table.split("\n}").next().unwrap().lines().filter_map(|line| line.trim().split_once(" -> "));
        for (column, _) in columns.filter(|(column, _)| column.ends_with("_sealed")) {
            assert!(places.contains(&format!("place(\"{name}\", \"{column}\"")), "{name}.{column} is not in PLACES");
            seen += 1;
        }
    }
    assert!(seen >= 5);
}
