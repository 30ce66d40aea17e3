//! Rights of the person, retention, incidents (UU 27/2022).

use std::collections::BTreeSet;

use vokasi_core::access::Actor;
use vokasi_core::privacy::retention;

use crate::documents::operations;
use crate::harness::path::{left, step, text};
use crate::harness::{Answer, App, Staff, Stage, Value, figures_add_up, given, json};
use crate::tidy::root;

impl Stage<'_> {
    /// What a student's mother asks.
    pub(crate) fn asked(&self, person: &str, kind: &str) -> String {
        let path = format!("/participants/{person}/person-requests");
        self.office_now().post(&path, given::person_request(kind)).created().id()
    }

    /// The office does what is asked.
    #[track_caller]
    pub(crate) fn granted(&self, request: &str) -> Answer {
        decided(&self.office_now(), request, json!({ "verdict": "done", "answer": "Sudah dilaksanakan." }))
    }

    /// Data of a student are put on hold.
    #[track_caller]
    fn suspended(&self, person: &str) {
        self.granted(&self.asked(person, "suspension")).ok();
    }
}

#[track_caller]
fn decided(office: &Staff<'_>, request: &str, decision: Value) -> Answer {
    let path = format!("/person-requests/{request}");
    let etag = office.get(&path).ok().etag();
    office.post_change(&format!("{path}/decision"), &etag, decision)
}

/// One of a school's students, born on that day.
fn student_born(stage: &Stage<'_>, birth_date: &str) -> String {
    let body = given::student(u32::try_from(stage.app.number()).unwrap()).with("school", stage.school.clone());
    let body = body.without("nik").with("birth_date", birth_date);
    stage.office.post("/participants", body).created().id()
}

/// Values of a member of every row.
fn all_of(rows: &[Value], member: &str) -> Vec<String> {
    rows.iter().map(|row| text(&row[member]).to_owned()).collect()
}

both! {
    fn a_request_has_seventy_two_hours(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let path = format!("/participants/{person}/person-requests");
        let coordinator = app.coordinator(&stage.school);
        let first = given::person_request("correction")
            .with("wish", "Tempat lahir: Metro")
            .with("received_at", "2025-07-20T08:00:00+07:00");
        let entered = coordinator.post(&path, first).created();
        let expected = json!({
            "id": entered.id(),
            "participant": person,
            "kind": "correction",
            "purpose": null,
            "until": null,
            "asked_by": "mother",
            "asker_name": "Sri Wahyuni",
            "wish": "Tempat lahir: Metro",
            "received_at": "2025-07-20T01:00:00Z",
            "due_at": "2025-07-23T01:00:00Z",
            "overdue": false,
            "state": "open",
            "ground": null,
            "answer": null,
            "decided_at": null,
            "decided_by": null,
            "recorded_at": "2025-07-21T01:00:00Z",
            "recorded_by": coordinator.id,
        });
        assert_eq!(entered.json(), expected);
        assert_eq!(stage.office.get(&entered.location()).ok().json(), expected);
        // What was received first is due first, whenever it was entered.
        let later = stage.asked(&person, "access");
        let earliest = given::person_request("erasure").with("received_at", "2025-07-19T00:00:00Z");
        let earliest = coordinator.post(&path, earliest).created().id();
        let order = [earliest.clone(), entered.id(), later.clone()];
        assert_eq!(all_of(&stage.office.all("/person-requests?limit=1"), "id"), order);
        assert_eq!(all_of(&coordinator.all("/person-requests"), "id"), order);
        app.set_clock("2025-07-22T01:00:00Z");
        let office = stage.office_now();
        assert_eq!(all_of(&office.all("/person-requests?overdue=true"), "id"), std::slice::from_ref(&earliest));
        assert_eq!(office.get(&format!("/person-requests/{earliest}")).ok().json()["overdue"], true);
        // Only the office decides, once, and what is decided is not overdue.
        let done = json!({ "verdict": "done", "answer": "Tempat lahir sudah diperbaiki." });
        let coordinator = app.signed_in_again(&coordinator);
        decided(&coordinator, &entered.id(), done.clone()).denied();
        let answered = decided(&office, &entered.id(), done.clone()).ok().json();
        assert_eq!(answered["state"], "done");
        assert_eq!(answered["answer"], "Tempat lahir sudah diperbaiki.");
        assert_eq!(answered["decided_by"], json!(office.id));
        assert_eq!(answered["decided_at"], "2025-07-22T01:00:00Z");
        decided(&office, &entered.id(), done).status(409).refused("person_request.decided");
        let those = |what: &str| {
            let path = format!("/person-requests?state={what}&participant={person}");
            all_of(&office.all(&path), "id")
        };
        assert_eq!(those("done"), [entered.id()]);
        assert_eq!(those("open"), [earliest, later]);
        // Who asked and what was said are sealed.
        for word in ["Wahyuni", "Metro", "diperbaiki"] {
            for column in ["asker_sealed", "answer_sealed"] {
                assert_eq!(app.count_where("person_requests", &format!("{column} LIKE '%{word}%'")), 0);
            }
        }
    }

    fn a_request_is_refused_on_a_ground_of_the_law(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let (office, request) = (&stage.office, stage.asked(&person, "access"));
        let refused = |ground: Value| json!({ "verdict": "refused", "ground": ground, "answer": "Tidak dapat." });
        decided(office, &request, refused(Value::Null)).invalid(&[("/ground", "field.required")]);
        let wrong = decided(office, &request, refused(json!("public_duty")));
        let problem = wrong.invalid(&[("/ground", "person_request.ground")]).json();
        let allowed = "identity_unproven, endangers_someone, shows_others, state_security";
        assert_eq!(problem["errors"][0]["facts"], json!({ "allowed": allowed }));
        let unwanted = json!({ "verdict": "done", "ground": "shows_others", "answer": "Sudah." });
        decided(office, &request, unwanted).invalid(&[("/ground", "person_request.ground_unwanted")]);
        decided(office, &request, json!({ "verdict": "perhaps", "answer": "x" }))
            .invalid(&[("/verdict", "field.unknown_value")]);
        let answer = decided(office, &request, refused(json!("shows_others"))).ok().json();
        assert_eq!((&answer["state"], &answer["ground"]), (&json!("refused"), &json!("shows_others")));
        // No copy is handed out on it.
        office.post(&format!("/person-requests/{request}/dossier"), json!({})).refused("person_request.not_access");
    }

    fn a_request_fits_who_asks_and_what(app: &App) {
        let stage = app.stage();
        let minor = format!("/participants/{}/person-requests", stage.student());
        let grown = format!("/participants/{}/person-requests", student_born(&stage, "2007-01-17"));
        let ask = |path: &str, body: given::Body| stage.office.post(path, body);
        ask(&grown, given::person_request("access")).invalid(&[("/asked_by", "person_request.asker")]);
        ask(&grown, given::person_request("access").with("asked_by", "participant")).created();
        ask(&minor, given::person_request("access").with("asked_by", "participant")).created();
        ask(&minor, given::person_request("withdrawal")).invalid(&[("/purpose", "person_request.purpose")]);
        let several = given::person_request("access")
            .with("purpose", "training")
            .with("until", "2025-08-01")
            .with("received_at", "2025-07-21T01:00:01Z");
        ask(&minor, several).invalid(&[
            ("/purpose", "person_request.purpose"),
            ("/until", "person_request.until"),
            ("/received_at", "person_request.future"),
        ]);
        let today = given::person_request("suspension").with("until", "2025-07-21");
        ask(&minor, today).invalid(&[("/until", "person_request.until")]);
        ask(&minor, given::person_request("access").with("received_at", "kemarin"))
            .invalid(&[("/received_at", "field.instant")]);
        ask(&minor, given::person_request("deletion")).invalid(&[("/kind", "field.unknown_value")]);
    }

    fn a_dossier_holds_everything_about_a_person(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let enrollment = stage.seated(&person);
        stage.graduate(std::slice::from_ref(&enrollment));
        let certificate = stage.issue(&stage.class).ok().json()[0]["certificate"].clone();
        let office = stage.office_now();
        let reason = json!({ "reason": "Mencocokkan dengan kartu keluarga" });
        office.post(&format!("/participants/{person}/disclosures"), reason).ok();
        let request = stage.asked(&person, "access");
        let events = app.count("audit_events");
        let dossier = office.post(&format!("/person-requests/{request}/dossier"), json!({})).ok();
        assert_eq!(dossier.header("cache-control"), Some("no-store"));
        let dossier = dossier.json();
        assert_eq!(dossier["request"]["id"], json!(request));
        assert_eq!(dossier["person"]["name"], "Siti Nur'aini");
        assert_eq!(dossier["person"]["birth_date"], "2007-08-17");
        assert!(text(&dossier["person"]["school"]).starts_with("SMKN"), "{dossier}");
        assert_eq!(text(&dossier["in_clear"]["nik"]).len(), 16);
        assert_eq!(dossier["in_clear"]["guardian"]["name"], "Sri Wahyuni");
        assert_eq!(dossier["consents"][0]["giver_name"], "Sri Wahyuni");
        let chapter = &dossier["enrollments"][0];
        assert_eq!((&chapter["id"], &chapter["state"]), (&json!(enrollment), &json!("completed")));
        assert_eq!(chapter["program"], json!({ "id": "Perhotelan", "en": "Hospitality" }));
        let steps: Vec<&str> = chapter["steps"].as_array().unwrap().iter().map(|step| text(&step["to"])).collect();
        assert_eq!(steps, ["applied", "waitlisted", "active", "completed"]);
        assert_eq!(chapter["marks"].as_array().unwrap().len(), 4);
        assert_eq!(chapter["tally"], json!([{ "mark": "H", "sessions": 4, "lesson_hours": 16 }]));
        assert_eq!(chapter["scores"].as_array().unwrap().len(), 2);
        assert_eq!(chapter["outcome"], "completed");
        assert_eq!(chapter["certificates"][0]["number"], certificate["number"]);
        assert_eq!(chapter["certificates"][0]["printed"]["holder_name"], "Siti Nur'aini");
        // Who has seen it, and that it was handed out now, with the request as the reason.
        let trail = dossier["trail"].as_array().unwrap();
        assert_eq!(trail[0]["action"], "participant.disclosed");
        assert_eq!(trail[0]["detail"], json!({ "request": request }));
        let seen = |event: &Value| event["reason"] == "Mencocokkan dengan kartu keluarga";
        assert!(trail.iter().any(seen), "{trail:?}");
        assert!(trail.iter().any(|event| event["action"] == "participant.registered"), "{trail:?}");
        assert!(trail.iter().all(|event| event.get("account").is_none()), "{trail:?}");
        assert_eq!(app.count("audit_events"), events + 1);
    }

    fn seats_that_were_offered_are_in_the_dossier(app: &App) {
        let stage = app.stage();
        let offer = stage.offer();
        let enrollment = text(&offer["enrollment"]).to_owned();
        let person = stage.office.get(&format!("/enrollments/{enrollment}")).ok().field("participant");
        let request = stage.asked(&person, "access");
        let offers = || {
            let dossier = stage.office_now().post(&format!("/person-requests/{request}/dossier"), json!({})).ok().json();
            dossier["enrollments"][0]["offers"].clone()
        };
        let class = stage.office.get(&format!("/classes/{}", text(&offer["class"]))).ok().json();
        let host = stage.office.get(&format!("/partners/{}", stage.host)).ok().json();
        let told = |state: &str, answered: Value| {
            json!([{
                "class": class["name"], "partner": host["name"], "state": state, "made_at": "2025-07-21T01:00:00Z",
                "expires_at": "2025-07-24T17:00:00Z", "answered_at": answered,
            }])
        };
        assert_eq!(offers(), told("open", Value::Null));
        let path = format!("/seat-offers/{}", text(&offer["id"]));
        stage.office.acts(&path, "answer", json!({ "answer": "refused" }));
        assert_eq!(offers(), told("refused", json!("2025-07-21T01:00:00Z")));
        let page = stage.office.get(&format!("/dossiers/{request}")).ok().text();
        assert!(page.contains("Tawaran kursi") && page.contains(text(&class["name"])), "{page}");
    }

    fn decisions_that_were_opened_again_are_in_the_dossier(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let members = [stage.seated(&person)];
        stage.teach(&members);
        let path = format!("/enrollments/{}", members[0]);
        let decided = |points: &str| {
            stage.score(&stage.class, &members, points).ok();
            let office = stage.office_now();
            office.post(&format!("/classes/{}/completions", stage.class), given::decision()).ok();
            office.get(&format!("{path}/completion")).ok().json()["evidence"].clone()
        };
        let first = decided("59");
        let reason = "Nilai praktik keliru dicatat";
        stage.office_now().acts(&path, "completion/reopening", json!({ "reason": reason }));
        let second = decided("80");
        assert_eq!((&first["met"], &second["met"]), (&json!(false), &json!(true)));
        let request = stage.asked(&person, "access");
        let office = stage.office_now();
        let dossier = office.post(&format!("/person-requests/{request}/dossier"), json!({})).ok().json();
        assert_eq!(
            dossier["enrollments"][0]["decisions"],
            json!([
                {
                    "outcome": "not_completed", "decided_on": "2025-08-11", "override_reason": null, "evidence": first,
                    "reopened_at": "2025-08-11T03:00:00Z", "reason": reason,
                },
                {
                    "outcome": "completed", "decided_on": "2025-08-11", "override_reason": null, "evidence": second,
                    "reopened_at": null, "reason": null,
                },
            ])
        );
        let page = office.get(&format!("/dossiers/{request}")).ok().text();
        for words in ["dibuka kembali", "practice: 59 dari syarat 60", "practice: 80 dari syarat 60"] {
            assert!(page.contains(words), "{words}: {page}");
        }
    }

    fn the_file_that_brought_a_person_is_in_the_dossier(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        // Nobody of it is enrolled anywhere.
        let path = format!("/imports?school={}&file_name=kelas-xii.csv", stage.school);
        let import = office.upload(&path, "text/csv", given::dapodik().as_bytes()).created();
        office.acts(&import.location(), "application", json!({ "confirm": [] }));
        let people = office.all("/participants");
        let minor = people.iter().find(|one| one["minor"] == true).unwrap();
        let request = stage.asked(text(&minor["id"]), "access");
        let dossier = office.post(&format!("/person-requests/{request}/dossier"), json!({})).ok().json();
        assert_eq!(dossier["enrollments"], json!([]));
        assert_eq!(
            dossier["imports"],
            json!([{ "id": import.id(), "file_name": "kelas-xii.csv", "brought_at": "2025-07-21T01:00:00Z" }])
        );
    }

    fn a_dossier_is_a_page_too(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        stage.seated(&person);
        let request = stage.asked(&person, "access");
        let path = format!("/dossiers/{request}");
        let page = stage.office.get(&path).ok();
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let id = page.text();
        let born = "Sukadana, 17 Agustus 2007";
        for words in ["Data pribadi saya", "Siti Nur&#39;aini", born, "Perhotelan", "Sri Wahyuni"] {
            assert!(id.contains(words), "{words}: {id}");
        }
        assert!(id.contains("width=device-width") && id.contains("@media print"));
        let en = stage.office.call("GET", &path).language("en").send().ok().text();
        for words in ["My personal data", "17 August 2007", "Hospitality", "Who has seen and changed it"] {
            assert!(en.contains(words), "{words}: {en}");
        }
        assert_eq!(app.count_where("audit_events", "action = 'participant.disclosed'"), 2);
        app.call("GET", &path).send().status(401);
        app.coordinator(&stage.school).get(&path).denied();
        app.office("53").get(&path).not_there();
        let other = stage.asked(&person, "correction");
        stage.office.get(&format!("/dossiers/{other}")).refused("person_request.not_access");
    }

    fn a_hold_stops_what_is_new_and_not_the_class(app: &App) {
        let stage = app.stage();
        let people = [stage.student(), stage.student(), stage.student()];
        let seated = stage.seated(&people[0]);
        let waiting = stage.waiting(&people[1]);
        for person in &people {
            stage.suspended(person);
        }
        let holds = format!("/participants/{}/holds", people[0]);
        let hold = stage.office.get(&holds).ok().json();
        assert_eq!((&hold[0]["why"], &hold[0]["until"]), (&json!("suspension"), &Value::Null));
        assert_eq!(hold[0]["since"], "2025-07-21");
        // Nothing new.
        let enrollments = format!("/cohorts/{}/enrollments", stage.cohort);
        stage.office.post(&enrollments, json!({ "participant": people[2] })).status(409).refused("hold.in_force");
        let eligibility = format!("/cohorts/{}/eligibility?participant={}", stage.cohort, people[2]);
        let checks = stage.office.get(&eligibility).ok().json();
        assert_eq!((&checks[6]["result"], &checks[6]["code"]), (&json!("failed"), &json!("hold.in_force")));
        stage.seat(&waiting, &stage.class).status(409).refused("hold.in_force");
        let plan = stage.fill();
        assert_eq!(left(&stage.office, &plan), [(waiting.clone(), "on_hold".to_owned())]);
        let person = format!("/participants/{}", people[0]);
        let corrected = given::student(9001).with("homeroom", "XII TKJ 2");
        let etag = stage.office.get(&person).ok().etag();
        stage.office.put(&person, &etag, corrected.clone()).status(409).refused("hold.in_force");
        decided(&stage.office, &stage.asked(&people[0], "suspension"), json!({ "verdict": "done", "answer": "Ya." }))
            .status(409)
            .refused("hold.already_placed");
        // The class goes on, and its certificate waits.
        stage.graduate(std::slice::from_ref(&seated));
        let issued = stage.issue(&stage.class).ok().json();
        assert_eq!((&issued[0]["result"], &issued[0]["code"]), (&json!("refused"), &json!("hold.in_force")));
        assert_eq!(app.count("certificates"), 0);
        // Until the person wants it to go on.
        let resumption = stage.asked(&people[0], "resumption");
        stage.granted(&resumption).ok();
        let again = stage.asked(&people[0], "resumption");
        stage.granted(&again).status(409).refused("person_request.not_held");
        assert_eq!(stage.issue(&stage.class).ok().json()[0]["result"], "issued");
        let office = stage.office_now();
        assert_ne!(office.get(&holds).ok().json()[0]["until"], Value::Null);
        office.put(&person, &etag, corrected).ok();
    }

    fn a_suspension_can_name_its_end(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let path = format!("/participants/{person}/person-requests");
        let body = given::person_request("suspension").with("until", "2025-07-25");
        let request = stage.office.post(&path, body).created().id();
        stage.granted(&request).ok();
        let apply = || {
            let enrollments = format!("/cohorts/{}/enrollments", stage.cohort);
            stage.office_now().post(&enrollments, json!({ "participant": person }))
        };
        app.set_clock("2025-07-24T01:00:00Z");
        apply().refused("hold.in_force");
        app.set_clock("2025-07-25T01:00:00Z");
        apply().created();
    }

    fn who_withdraws_the_training_consent_is_on_hold(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let seated = stage.seated(&person);
        let consents = stage.office.get(&format!("/participants/{person}/consents")).ok().json();
        let consent = text(&consents[0]["id"]);
        stage.office.acts(&format!("/consents/{consent}"), "withdrawal", json!({}));
        let work = stage.office.all("/person-requests?state=open");
        assert_eq!(work.len(), 1);
        assert_eq!(
            (&work[0]["kind"], &work[0]["purpose"], &work[0]["asked_by"], &work[0]["asker_name"]),
            (&json!("withdrawal"), &json!("training"), &json!("mother"), &json!("Sri Wahyuni"))
        );
        let holds = format!("/participants/{person}/holds");
        assert_eq!(stage.office.get(&holds).ok().json()[0]["why"], "withdrawal");
        // The register still lists the person, and leaving is always possible.
        stage.start();
        let sessions = stage.sessions();
        stage.mark(&sessions[0], &seated, "H");
        stage.granted(text(&work[0]["id"])).ok();
        // Giving the consent again ends the hold.
        let other = stage.student();
        let path = format!("/participants/{other}/person-requests");
        let asked = given::person_request("withdrawal").with("purpose", "training");
        let request = stage.office.post(&path, asked).created().id();
        stage.granted(&request).ok();
        let enrollments = format!("/cohorts/{}/enrollments", stage.cohort);
        stage.office.post(&enrollments, json!({ "participant": other })).refused("hold.in_force");
        // A sheet from before is none.
        let consents = format!("/participants/{other}/consents");
        let old = stage.office.post(&consents, given::consent().with("given_on", "2025-07-20"));
        old.invalid(&[("/given_on", "consent.before_withdrawal")]);
        stage.office.post(&enrollments, json!({ "participant": other })).refused("hold.in_force");
        stage.office.post(&consents, given::consent().with("given_on", "2025-07-21")).created();
        stage.office.post(&enrollments, json!({ "participant": other })).created();
        step(&stage.office, &seated, json!({ "to": "withdrawn", "reason": "Pindah" })).ok();
        figures_add_up(app);
    }

    fn a_consent_given_anew_is_not_what_the_old_request_asks_about(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let consents = format!("/participants/{person}/consents");
        let first = stage.office.get(&consents).ok().json()[0]["id"].clone();
        stage.office.acts(&format!("/consents/{}", text(&first)), "withdrawal", json!({}));
        let request = stage.office.all("/person-requests?state=open").remove(0);
        app.set_clock("2025-07-22T01:00:00Z");
        let office = stage.office_now();
        let second = office.post(&consents, given::consent().with("given_on", "2025-07-22")).created();
        let answered = stage.granted(text(&request["id"])).ok().json();
        assert_eq!((&answered["state"], &answered["decided_at"]), (&json!("done"), &json!("2025-07-22T01:00:00Z")));
        assert_eq!(office.get(&second.location()).ok().json(), second.json());
        assert_eq!(second.json()["withdrawn_on"], Value::Null);
        // The only hold is the one that ended with the new consent.
        let holds = office.get(&format!("/participants/{person}/holds")).ok().json();
        assert_eq!(
            holds,
            json!([{ "id": holds[0]["id"], "why": "withdrawal", "since": "2025-07-21", "until": "2025-07-22" }])
        );
        office.post(&format!("/cohorts/{}/enrollments", stage.cohort), json!({ "participant": person })).created();
    }

    fn who_never_consented_is_on_hold_by_a_withdrawal_too(app: &App) {
        let stage = app.stage();
        let person = student_born(&stage, "2008-01-17");
        let withdraw = || {
            let body = given::person_request("withdrawal").with("purpose", "training");
            let path = format!("/participants/{person}/person-requests");
            stage.granted(&stage.office.post(&path, body).created().id()).ok();
            stage.office.get(&format!("/participants/{person}/holds")).ok().json()
        };
        let holds = withdraw();
        let placed = |until: Value| {
            json!([{ "id": holds[0]["id"], "why": "withdrawal", "since": "2025-07-21", "until": until }])
        };
        assert_eq!(holds, placed(Value::Null));
        assert_eq!(withdraw(), placed(Value::Null), "one is enough");
        let consents = format!("/participants/{person}/consents");
        stage.office.post(&consents, given::consent().with("given_on", "2025-07-21")).created();
        let lifted = stage.office.get(&format!("/participants/{person}/holds")).ok().json();
        assert_eq!(lifted, placed(json!("2025-07-21")));
    }

    fn a_consent_is_to_a_text_that_was_published(app: &App) {
        let stage = app.stage();
        let texts = app.call("GET", "/consent-texts").send().ok().json();
        let texts = texts.as_array().unwrap().clone();
        assert!(texts.iter().any(|text| text["purpose"] == "training" && text["version"] == "2025-07"), "{texts:?}");
        let person = student_born(&stage, "2008-01-17");
        let path = format!("/participants/{person}/consents");
        let unknown = [("/text_version", "consent.text_unknown")];
        stage.office.post(&path, given::consent().with("text_version", "2024-01")).invalid(&unknown);
        stage.office.post(&path, given::consent().with("given_on", "2025-06-30")).invalid(&unknown);
        stage.office.post(&path, given::consent()).created();
    }

    fn consent_is_asked_again_at_eighteen(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let enrollment = stage.waiting(&person);
        let guardians = stage.office.get(&format!("/participants/{person}/consents")).ok().json()[0]["id"].clone();
        assert_eq!(stage.office.all("/consents/due"), Vec::<Value>::new());
        app.set_clock("2025-08-17T01:00:00Z");
        let due = stage.office_now().all("/consents/due");
        assert_eq!(
            due,
            [json!({
                "consent": guardians,
                "purpose": "training",
                "participant": person,
                "name": "Siti Nur'aini",
                "of_age_on": "2025-08-17",
                "due_on": "2025-09-16",
                "overdue": false,
            })]
        );
        assert_eq!(app.coordinator(&stage.school).all("/consents/due").len(), 1);
        let elsewhere = app.school(stage.regency);
        assert_eq!(app.coordinator(&elsewhere).all("/consents/due").len(), 0);
        // Thirty days of grace, then no new step without the person's own.
        app.set_clock("2025-09-17T01:00:00Z");
        let office = stage.office_now();
        assert_eq!(office.all("/consents/due")[0]["overdue"], true);
        stage.seat(&enrollment, &stage.class).status(409).refused("consent.own_due");
        let plan = stage.seating_plan().id();
        assert_eq!(left(&office, &plan), [(enrollment.clone(), "own_consent_due".to_owned())]);
        let consents = format!("/participants/{person}/consents");
        let own = given::consent()
            .with("given_by", "participant")
            .with("giver_name", "Siti Nur'aini")
            .with("given_on", "2025-09-17");
        let own = office.post(&consents, own).created().id();
        let all = office.get(&consents).ok().json();
        assert_eq!((&all[0]["replaced_by"], &all[0]["withdrawn_on"]), (&json!(own), &json!("2025-09-17")));
        assert_eq!(all[1]["withdrawn_on"], Value::Null);
        assert_eq!(office.all("/consents/due"), Vec::<Value>::new());
        stage.seat(&enrollment, &stage.class).ok();
    }

    fn a_person_is_erased_and_what_was_counted_stays(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let enrollment = stage.seated(&person);
        let request = stage.asked(&person, "erasure");
        stage.granted(&request).status(409).refused("erasure.enrolled");
        stage.graduate(std::slice::from_ref(&enrollment));
        let certificate = stage.issue(&stage.class).ok().json()[0]["certificate"].clone();
        let before = app.count("attendance");
        let office = stage.office_now();
        let disclosures = format!("/participants/{person}/disclosures");
        let nik = office.post(&disclosures, json!({ "reason": "Uji" })).ok().field("nik");
        assert!(app.count_where("idempotency_keys", "status = 201") > 0);
        let answer = stage.granted(&request).ok().json();
        assert_eq!((&answer["state"], &answer["asker_name"]), (&json!("done"), &json!("(dihapus)")));
        assert_eq!(answer["answer"], Value::Null);
        // Nothing says who it was.
        let shown = office.get(&format!("/participants/{person}")).ok().json();
        assert_eq!((&shown["name"], &shown["nik"], &shown["nisn"]), (&json!("(dihapus)"), &Value::Null, &Value::Null));
        assert_eq!((&shown["birth_date"], &shown["birth_place"]), (&json!("2007-01-01"), &json!("")));
        assert_eq!((&shown["regency"], &shown["sex"]), (&json!("18.07"), &json!("female")));
        assert!(!office.get("/participants").ok().text().contains(&person));
        let clear = office.post(&disclosures, json!({ "reason": "Uji" })).ok().json();
        assert_eq!((&clear["nik"], &clear["phone"], &clear["guardian"]), (&Value::Null, &Value::Null, &Value::Null));
        let consents = office.get(&format!("/participants/{person}/consents")).ok().json();
        assert_eq!(consents[0]["giver_name"], "(dihapus)");
        let names = ["name LIKE 'Siti%'", "search_name LIKE 'siti%'"];
        for condition in names.into_iter().chain(["nisn IS NOT NULL", "nik_sealed IS NOT NULL"]) {
            assert_eq!(app.count_where("participants", condition), 0, "{condition}");
        }
        // What was counted and certified stays.
        assert_eq!(app.count("attendance"), before);
        figures_add_up(app);
        let code = text(&certificate["verification_url"]).rsplit_once('/').unwrap().1.to_owned();
        let verified = app.call("GET", &format!("/verifications/{code}")).send().ok().text();
        assert!(verified.contains("Siti Nur'aini") && verified.contains("valid"), "{verified}");
        let roster = office.get(&format!("/classes/{}/roster", stage.class)).ok().text();
        assert!(roster.contains("(dihapus)") && !roster.contains("Siti"), "{roster}");
        // Erased is erased, and the NIK is free.
        let enrollments = format!("/cohorts/{}/enrollments", stage.cohort);
        assert!(office.post(&enrollments, json!({ "participant": person })).status >= 400);
        office.post(&format!("/participants/{person}/consents"), given::consent()).status(409).refused("hold.in_force");
        for (kind, code) in [("erasure", "erasure.done"), ("resumption", "person_request.not_held")] {
            let body = given::person_request(kind).with("asked_by", "participant");
            let request = office.post(&format!("/participants/{person}/person-requests"), body).created().id();
            stage.granted(&request).status(409).refused(code);
        }
        let anew = given::student(9005).with("school", stage.school.clone()).with("nik", nik);
        office.post("/participants", anew).created();
    }

    fn a_waiting_person_is_taken_off_the_list_by_erasure(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let enrollment = stage.waiting(&person);
        stage.granted(&stage.asked(&person, "erasure")).ok();
        assert_eq!(stage.office.get(&format!("/enrollments/{enrollment}")).ok().json()["state"], "withdrawn");
        figures_add_up(app);
    }

    fn erasure_reaches_files_and_kept_answers(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let path = format!("/imports?school={}&cohort={}", stage.school, stage.cohort);
        let import = office.upload(&path, "text/csv", given::dapodik().as_bytes()).created();
        let address = import.location();
        office.acts(&address, "application", json!({ "confirm": [] }));
        let people = office.all("/participants");
        assert_eq!(people.len(), 48);
        let (person, name) = (text(&people[0]["id"]).to_owned(), text(&people[0]["name"]).to_owned());
        // A held person's row is a problem when it brings a change, and none when it does not.
        stage.suspended(text(&people[1]["id"]));
        let homeroom = text(&people[1]["homeroom"]);
        let changed: Vec<String> = given::dapodik()
            .lines()
            .map(|line| {
                let theirs = line.contains(text(&people[1]["nisn"]));
                if theirs { line.replace(homeroom, "XII BARU 9") } else { line.to_owned() }
            })
            .collect();
        let second = office.upload(&path, "text/csv", changed.join("\n").as_bytes()).created();
        assert_eq!(second.json()["summary"]["errors"], json!({ "hold.in_force": 1 }), "{second}");
        let rows = |address: &str| office.get(&format!("{address}/rows?limit=200")).ok().text();
        assert!(rows(&address).contains(&name) && rows(&second.location()).contains(&name));
        let key = "made-once";
        let body = given::consent().with("purpose", "publication");
        let consent = office.call("POST", &format!("/participants/{person}/consents")).key(key).json(&body.into());
        consent.send().created();
        assert_eq!(app.count_where("idempotency_keys", &format!("idempotency_key = '{key}'")), 1);
        // A file that waits to be planned holds the person too.
        let call = office.call("POST", &path).header("prefer", "respond-async").header("content-type", "text/csv");
        let waiting = call.bytes(given::dapodik().into()).send().status(202).id();
        stage.granted(&stage.asked(&person, "erasure")).ok();
        app.work();
        let planned = office.get(&format!("/jobs/{waiting}")).ok().json();
        assert_eq!((&planned["state"], &planned["result"]["rows"]), (&json!("done"), &json!(47)), "{planned}");
        let late = rows(&format!("/imports/{}", text(&planned["import"])));
        assert!(!late.contains(&name) && late.contains(text(&people[1]["name"])));
        assert!(!rows(&address).contains(&name) && !rows(&second.location()).contains(&name));
        assert_eq!(app.count_where("idempotency_keys", &format!("idempotency_key = '{key}'")), 0);
        figures_add_up(app);
    }

    fn erasure_reaches_paper_lists(app: &App) {
        let stage = app.stage();
        let people = ["Ratna Melati", "Bagus Pratama"].map(|name| {
            let number = u32::try_from(app.number()).unwrap();
            let body = given::student(number).with("name", name).with("school", stage.school.clone());
            let made = stage.office.post("/participants", body).created();
            stage.office.post(&format!("{}/consents", made.location()), given::consent()).created();
            (made.id(), stage.seated(&made.id()))
        });
        stage.move_class(&stage.class, "running").ok();
        stage.timetable(&stage.class);
        app.set_clock("2025-07-22T01:00:00Z");
        let stage = Stage { office: stage.office_now(), ..stage };
        let path = format!("/imports?kind=attendance&class={}", stage.class);
        let list = "Nama,21/07/2025\nRatna Melati,H\nBagus Pratama,S\n";
        let written = stage.office.upload(&path, "text/csv", list.as_bytes()).created().location();
        stage.office.acts(&written, "application", json!({}));
        let planned = stage.office.upload(&path, "text/csv", list.as_bytes()).created().location();
        let call = stage.office.call("POST", &path).header("prefer", "respond-async").header("content-type", "text/csv");
        let waiting = call.bytes(list.into()).send().status(202).id();
        let (person, enrollment) = &people[0];
        // The list is of the class where they were then.
        let other = stage.class_of(2);
        let transfer = json!({ "class": other, "reason": "Keluarga pindah rumah" });
        stage.office.acts(&format!("/enrollments/{enrollment}"), "transfers", transfer);
        stage.step(enrollment, json!({ "to": "withdrawn", "reason": "Bekerja" })).ok();
        stage.granted(&stage.asked(person, "erasure")).ok();
        app.work();
        let job = stage.office.get(&format!("/jobs/{waiting}")).ok().json();
        assert_eq!((&job["state"], &job["result"]["rows"]), (&json!("done"), &json!(1)), "{job}");
        for address in [&written, &planned] {
            let rows = stage.office.get(&format!("{address}/rows")).ok().text();
            assert!(!rows.contains("Ratna Melati") && rows.contains("Bagus Pratama"), "{rows}");
        }
        // What is left of it is still taken back.
        assert_eq!(stage.office.acts(&written, "undo", json!({})).json()["removed"], 1);
    }

    fn what_is_past_its_time_goes_in_small_steps(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let enrollment = stage.seated(&person);
        stage.graduate(std::slice::from_ref(&enrollment));
        stage.issue(&stage.class).ok();
        stage.move_class(&stage.class, "completed").ok();
        let office = stage.office_now();
        let path = format!("/imports?school={}", stage.school);
        let import = office.upload(&path, "text/csv", given::dapodik().as_bytes()).created();
        let refused = json!({ "verdict": "refused", "ground": "identity_unproven", "answer": "Tunjukkan kartu." });
        decided(&office, &stage.asked(&person, "access"), refused).ok();
        let due = |app: &App| -> Vec<(String, i64)> {
            let all = stage.office_now().get("/retention").ok().json();
            let count = |row: &Value| (text(&row["kind"]).to_owned(), row["count"].as_i64().unwrap());
            assert_eq!(app.admin().get("/retention").ok().json().as_array().unwrap().len(), retention::rules().len());
            all.as_array().unwrap().iter().map(count).filter(|(_, count)| *count > 0).collect()
        };
        assert_eq!(all_of_kinds(&due(app)), ["kept_answers"]);
        swept(app);
        let roster = |app: &App| {
            let office = app.signed_in_again(&stage.office);
            office.get(&format!("/classes/{}/roster", stage.class)).ok().json()["lines"].clone()
        };
        let before = roster(app);
        // A week, three months, a year, and two years after the class.
        app.wait(chrono::Duration::days(8));
        assert_eq!(all_of_kinds(&due(app)), ["kept_answers"]);
        app.set_clock("2026-01-21T01:00:00Z");
        assert_eq!(all_of_kinds(&due(app)), ["import_files", "kept_answers"]);
        app.set_clock("2028-08-01T01:00:00Z");
        let kinds = all_of_kinds(&due(app));
        assert_eq!(kinds, ["attendance", "import_files", "kept_answers", "refused_requests"]);
        let gone = swept(app);
        assert_eq!(gone["attendance"], 4);
        assert_eq!((gone["import_files"], gone["refused_requests"]), (1, 1));
        assert_eq!(due(app), []);
        assert_eq!(swept(app), std::collections::BTreeMap::new(), "a second time there is nothing to do");
        // Marks are tallies now, and the roster says the same as before.
        assert_eq!((app.count("attendance"), app.count("attendance_tallies")), (0, 1));
        assert_eq!(roster(app), before);
        let rows = stage.office_now().get(&format!("{}/rows", import.location()));
        rows.status(409).refused("import.rows_gone");
        assert_eq!(app.count("person_requests"), 0);
        // Five years after the cohort's end the person goes, and the certificate stays.
        app.set_clock("2031-07-22T01:00:00Z");
        assert!(all_of_kinds(&due(app)).contains(&"personal_files".to_owned()));
        swept(app);
        assert_eq!(app.count_where("participants", "name <> '(dihapus)'"), 0);
        assert_eq!(app.count("certificates"), 1);
        figures_add_up(app);
    }

    fn marks_of_a_class_that_was_cancelled_go_as_well(app: &App) {
        let stage = app.stage();
        let enrollment = stage.seated(&stage.student());
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        stage.hold(&sessions[0], &[(&enrollment, "H")]).ok();
        stage.step(&enrollment, json!({ "to": "dropped_out", "reason": "Bekerja" })).ok();
        let cancelled = stage.move_class(&stage.class, "cancelled").ok().json();
        assert_eq!((&cancelled["state"], &cancelled["ends_on"]), (&json!("cancelled"), &json!("2026-07-20")));
        // Two years after its end, counted as those of a class that was taught.
        app.set_clock("2028-07-20T01:00:00Z");
        assert_eq!(swept(app).get("attendance"), None);
        assert_eq!(app.count("attendance"), 1);
        app.set_clock("2028-07-21T01:00:00Z");
        assert_eq!(swept(app).get("attendance"), Some(&1));
        assert_eq!((app.count("attendance"), app.count("attendance_tallies")), (0, 1));
        figures_add_up(app);
    }

    fn messages_to_staff_go_after_half_a_year(app: &App) {
        let office = app.office("18");
        let invite = |number: u32| {
            let email = format!("pengamat{number}@example.org");
            let body = json!({ "email": email, "name": "Wulan Sari", "role": "observer", "province": "18" });
            office.post("/staff", body).created();
        };
        (0..3).for_each(invite);
        let settle = |which: &str, state: &str| {
            let row = format!("(SELECT {which}(id) FROM outbox WHERE state = 'waiting')");
            app.run(&format!("UPDATE outbox SET {state} WHERE id = {row}"));
        };
        settle("min", "state = 'sent', content = NULL, sent_at = created_at");
        settle("min", "state = 'failed', error = 'mail.rejected'");
        app.wait(chrono::Duration::days(180));
        let due = |app: &App, province: &str| {
            let rules = app.office(province).get("/retention").ok().json();
            let of_messages = |rule: &&Value| rule["kind"] == "messages";
            rules.as_array().unwrap().iter().find(of_messages).expect("there is a rule")["count"].clone()
        };
        assert_eq!(due(app, "18"), 0, "on the last day they are there");
        app.wait(chrono::Duration::seconds(1));
        assert_eq!((due(app, "18"), due(app, "53")), (json!(2), json!(0)));
        assert_eq!(swept(app)["messages"], 2);
        // What still waits is not forgotten, however long that takes.
        assert_eq!((app.count("outbox"), app.count_where("outbox", "state = 'waiting'")), (1, 1));
        assert_eq!(due(app, "18"), 0);
    }

    fn no_reason_names_a_number(app: &App) {
        let office = app.office("18");
        let document = app.call("GET", "/openapi.json").send().ok().json();
        let mut asked = Vec::new();
        for (path, method, operation) in operations(&document) {
            let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let Some(schema) = body.as_str().and_then(|name| document.pointer(name.trim_start_matches('#'))) else {
                continue;
            };
            let texts = ["reason", "override", "what", "remedy"];
            let is_text = |name: &&String| texts.iter().any(|end| name.ends_with(end));
            for name in schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys()).filter(is_text) {
                for text in ["NIK 1807055708070001 salah ketik", "1807.0557.0807-0001", "KK 1807 0557 0807 0001"] {
                    let path = path.replace("{id}", &office.id).replace("{enrollment}", &office.id);
                    let refused = office.call(&method, &path).json(&json!({ name: text })).send().status(422);
                    assert!(!refused.text().contains("0807"), "{refused}");
                    let told = json!("field.identity_number");
                    let problem = refused.json();
                    let mut errors = problem["errors"].as_array().expect("wrong fields").iter();
                    let named = errors.any(|error| error["pointer"] == format!("/{name}") && error["code"] == told);
                    assert!(named, "{refused}");
                }
                asked.push(format!("{method} {} {name}", path.trim_start_matches("/api/v1")));
            }
        }
        asked.sort();
        assert_eq!(
            asked,
            [
                "PATCH /incidents/{id} remedy",
                "POST /agreements/{id}/termination reason",
                "POST /certificates/{id}/replacement reason",
                "POST /certificates/{id}/revocation reason",
                "POST /classes agreement_override",
                "POST /classes/{id}/completions override_reason",
                "POST /classes/{id}/state reason",
                "POST /cohorts length_reason",
                "POST /cohorts/{id}/state reason",
                "POST /enrollments/{id}/completion/reopening reason",
                "POST /enrollments/{id}/transfers reason",
                "POST /enrollments/{id}/transitions reason",
                "POST /exam-results/{id}/corrections reason",
                "POST /exam-results/{id}/withdrawal reason",
                "POST /incidents remedy",
                "POST /incidents what",
                "POST /participants/{id}/disclosures reason",
                "POST /participants/{id}/exam-results reason",
                "POST /scores/{id}/corrections reason",
                "POST /seat-offers/{id}/answer reason",
                "POST /sessions/{id}/cancellation reason",
                "POST /sessions/{id}/moves reason",
                "PUT /seating-plans/{id}/rows/{enrollment} reason",
            ]
        );
        let token = given::service_token(&["program.read"]).with("name", "Papan 1807055708070001");
        office.post("/service-tokens", token).invalid(&[("/name", "field.identity_number")]);
        assert_eq!(app.count_where("audit_events", "reason LIKE '%1807%' OR detail LIKE '%1807055%'"), 0);
    }

    fn an_incident_is_told_within_seventy_two_hours(app: &App) {
        let stage = app.stage();
        let office = &stage.office;
        let people = [stage.student(), stage.student()];
        stage.seated(&people[0]);
        let concerned = |who: Value| office.post("/incidents", given::incident(who));
        let made = concerned(json!({ "participants": people })).created();
        assert_eq!(
            made.json(),
            json!({
                "id": made.id(),
                "happened_at": "2025-07-20T09:00:00Z",
                "found_at": "2025-07-21T00:30:00Z",
                "what": "Ponsel pengajar hilang dalam keadaan masuk ke register.",
                "kinds": ["name", "schooling"],
                "remedy": null,
                "people": 2,
                "state": "open",
                "notice_due_at": "2025-07-24T00:30:00Z",
                "overdue": false,
                "agency_notified_on": null,
                "people_notified_on": null,
                "recorded_at": "2025-07-21T01:00:00Z",
                "recorded_by": office.id,
            })
        );
        for (who, count) in [("class", 1), ("cohort", 1), ("school", 2)] {
            let id = match who {
                "class" => &stage.class,
                "cohort" => &stage.cohort,
                _ => &stage.school,
            };
            assert_eq!(concerned(json!({ who: id })).created().json()["people"], count, "{who}");
        }
        // Nobody of elsewhere, and one way of naming.
        let elsewhere = app.stage_in("53.71").student();
        let unknown = [("/concerned", "reference.unknown")];
        concerned(json!({ "participants": [people[0], elsewhere] })).invalid(&unknown);
        concerned(json!({ "class": "0000000000001" })).invalid(&unknown);
        for who in [json!({}), json!({ "class": stage.class, "school": stage.school })] {
            concerned(who).invalid(&[("/concerned", "incident.people")]);
        }
        let body = || given::incident(json!({ "class": stage.class }));
        let time = |pointer| [(pointer, "incident.time")];
        office.post("/incidents", body().with("found_at", "2025-07-21T01:00:01Z")).invalid(&time("/found_at"));
        office.post("/incidents", body().with("happened_at", "2025-07-21T00:31:00Z")).invalid(&time("/happened_at"));
        assert_eq!(office.all("/incidents").len(), 4);
        // It is told, and then it is over.
        let path = made.location();
        let change = |body: Value| {
            let office = app.signed_in_again(office);
            let etag = office.get(&path).ok().etag();
            office.patch(&path, &etag, body)
        };
        change(json!({ "state": "closed" })).status(409).refused("incident.notice_missing");
        change(json!({ "agency_notified_on": "2025-07-22", "people_notified_on": "2025-07-20" }))
            .invalid(&[("/agency_notified_on", "incident.time"), ("/people_notified_on", "incident.time")]);
        app.set_clock("2025-07-24T00:31:00Z");
        assert_eq!(app.signed_in_again(office).get(&path).ok().json()["overdue"], true);
        change(json!({ "remedy": "Semua masuk diakhiri.", "agency_notified_on": "2025-07-23" })).ok();
        let closed = change(json!({ "people_notified_on": "2025-07-24", "state": "closed" })).ok().json();
        assert_eq!((&closed["state"], &closed["overdue"]), (&json!("closed"), &json!(false)));
    }

    fn who_was_in_a_class_before_a_transfer_is_concerned_too(app: &App) {
        let stage = app.stage();
        let [moved, _] = [stage.student(), stage.student()].map(|person| stage.seated(&person));
        let other = stage.class_of(2);
        let transfer = json!({ "class": other, "reason": "Keluarga pindah rumah" });
        stage.office.acts(&format!("/enrollments/{moved}"), "transfers", transfer);
        for (class, count) in [(&stage.class, 2), (&other, 1)] {
            let made = stage.office.post("/incidents", given::incident(json!({ "class": class }))).created();
            assert_eq!(made.json()["people"], count);
        }
        assert_eq!(app.count("incident_people"), 3);
    }

    fn how_often_data_were_opened_is_told_once_the_time_is_known(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        for staff in [&stage.office, &app.coordinator(&stage.school)] {
            staff.post(&format!("/participants/{person}/disclosures"), json!({ "reason": "Uji" })).ok();
        }
        let body = given::incident(json!({ "participants": [person] })).without("happened_at");
        let incident = stage.office.post("/incidents", body.with("found_at", "2025-07-21T01:00:00Z")).created();
        let at = incident.location();
        let notice = || {
            let notice = stage.office.get(&format!("{at}/notice")).ok().json();
            ["id", "en"].map(|language| text(&notice[language]).to_owned())
        };
        let [id, en] = notice();
        for words in ["Waktu kejadian: belum diketahui.", "baru dapat dihitung setelah waktu kejadian diketahui"] {
            assert!(id.contains(words), "{words}: {id}");
        }
        assert!(en.contains("How often their data were opened can be told once it is known when it happened."), "{en}");
        assert!(!id.contains(" kali oleh ") && !en.contains(" times by "), "{id}{en}");
        // It happened before it was found.
        let change = |happened_at: &str| {
            let body = json!({ "happened_at": happened_at });
            stage.office.patch(&at, &incident.etag(), body)
        };
        change("2025-07-21T01:00:01Z").invalid(&[("/happened_at", "incident.time")]);
        let mut known = incident.json();
        assert_eq!(known["happened_at"], Value::Null);
        known["happened_at"] = json!("2025-07-20T09:00:00Z");
        assert_eq!(change("2025-07-20T09:00:00Z").ok().json(), known);
        let [id, en] = notice();
        for words in ["Waktu kejadian: 20 Juli 2025, 16.00 WIB.", "dibuka 2 kali oleh 2 akun"] {
            assert!(id.contains(words), "{words}: {id}");
        }
        assert!(en.contains("opened 2 times by 2 accounts"), "{en}");
    }

    fn the_notice_is_drafted_from_the_register_and_the_audit(app: &App) {
        let stage = app.stage();
        let person = stage.student();
        let reveal = format!("/participants/{person}/disclosures");
        for staff in [&stage.office, &app.coordinator(&stage.school), &stage.office] {
            staff.post(&reveal, json!({ "reason": "Uji" })).ok();
        }
        let body = given::incident(json!({ "participants": [person] })).with("found_at", "2025-07-21T01:00:00Z");
        let incident = stage.office.post("/incidents", body.with("remedy", "Semua masuk diakhiri.")).created();
        let notice = stage.office.get(&format!("{}/notice", incident.location())).ok().json();
        let id = text(&notice["id"]);
        for words in [
            "UU 27/2022 pasal 46; dikirim paling lambat 24 Juli 2025, 08.00 WIB",
            "Dinas Pendidikan Provinsi Lampung",
            "nama; kepesertaan, kehadiran, dan nilai",
            "Waktu kejadian: 20 Juli 2025, 16.00 WIB. Diketahui: 21 Juli 2025, 08.00 WIB.",
            "Ponsel pengajar hilang",
            "Orang yang terdampak: 1.",
            "dibuka 3 kali oleh 2 akun",
            "Semua masuk diakhiri.",
        ] {
            assert!(id.contains(words), "{words}: {id}");
        }
        let en = text(&notice["en"]);
        for words in ["sent by 24 July 2025, 08:00 WIB", "opened 3 times by 2 accounts", "names; enrollment"] {
            assert!(en.contains(words), "{words}: {en}");
        }
        assert!(!id.contains("Siti") && !en.contains("Siti"));
    }
}

fn all_of_kinds(due: &[(String, i64)]) -> Vec<String> {
    due.iter().map(|(kind, _)| kind.clone()).collect()
}

/// Sweeps as the daily job does, until nothing is left; how many of each kind went.
pub fn swept(app: &App) -> std::collections::BTreeMap<&'static str, usize> {
    let mut gone = std::collections::BTreeMap::new();
    for rule in retention::rules() {
        loop {
            let count = app.db().write(app.now(), move |tx| retention::sweep(tx, &Actor::operator(), rule)).unwrap();
            if count == 0 {
                break;
            }
            *gone.entry(rule.kind.as_str()).or_default() += count;
        }
    }
    gone
}

#[test]
fn the_data_map_names_every_table() {
    let map = std::fs::read_to_string(root().join("docs/privacy.md")).unwrap();
    let named: BTreeSet<&str> =
        map.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|rest| rest.split('`').next()).collect();
    let schema = std::fs::read_to_string(root().join("crates/core/src/db/schema.rs")).unwrap();
    let tables: BTreeSet<&str> =
        schema.split("diesel::table! {").skip(1).map(|table| table.trim_start().split(' ').next().unwrap()).collect();
    let missing: Vec<_> = tables.difference(&named).collect();
    assert!(missing.is_empty(), "docs/privacy.md has no row for {missing:?}");
    let gone: Vec<_> = named.difference(&tables).collect();
    assert!(gone.is_empty(), "docs/privacy.md has rows for tables that are not there: {gone:?}");
}
