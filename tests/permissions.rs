//! Who may ask what: every route of the OpenAPI document has a row here, written by hand from the roles' descriptions.
//!
//! A row's letters are the roles that may: Admin of the platform, Education office, Regency officer, School
//! coordinator, Partner manager, Instructor, Observer. What a role may not see does not exist for it.

use std::collections::BTreeSet;

use crate::documents::operations;
use crate::harness::path::{score, text};
use crate::harness::{Answer, App, Phone, Staff, Stage, Value, given, json};

const EVERYONE: &str = "AERSPIO";

/// A list whose header is not known by itself.
const UNKNOWN_LIST: &str = "Nama Anak,Gender,Kelahiran,No. KTP Siswa\nRatna Melati,P,2007-11-17,1807055711070001\n";

/// How far around a thing it is seen by those who may see such things at all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// By whoever it concerns: its school, its host, its regency, its province.
    Own,
    /// By everyone of its province.
    Province,
    /// By everyone.
    World,
}

/// One route. `at` gives the ids in its path, `body` what is sent; both may make something fresh for the call.
#[derive(Clone, Copy)]
struct Row {
    method: &'static str,
    path: &'static str,
    roles: &'static str,
    open: bool,
    reach: Reach,
    at: fn(&World<'_>, char) -> Vec<String>,
    body: fn(&World<'_>, char) -> Option<Value>,
    media_type: &'static str,
    query: fn(&World<'_>) -> String,
    read_at: Option<&'static str>,
    names_others: bool,
}

const fn row(method: &'static str, path: &'static str, roles: &'static str) -> Row {
    Row {
        method,
        path,
        roles,
        open: false,
        reach: Reach::Own,
        at: |_, _| Vec::new(),
        body: |_, _| None,
        media_type: "application/json",
        query: |_| String::new(),
        read_at: None,
        names_others: false,
    }
}

const fn get(path: &'static str, roles: &'static str) -> Row {
    row("GET", path, roles)
}

const fn post(path: &'static str, roles: &'static str) -> Row {
    row("POST", path, roles)
}

impl Row {
    /// The ids in the path, by the letter of who asks.
    const fn at(self, at: fn(&World<'_>, char) -> Vec<String>) -> Self {
        Self { at, ..self }
    }

    const fn body(self, body: fn(&World<'_>, char) -> Option<Value>) -> Self {
        Self { body, ..self }
    }

    const fn query(self, query: fn(&World<'_>) -> String) -> Self {
        Self { query, ..self }
    }

    /// Sends a file in place of JSON.
    const fn file(self, media_type: &'static str) -> Self {
        Self { media_type, ..self }
    }

    /// What is sent names things of the stage, so that a stranger's request cannot succeed.
    const fn names_others(self) -> Self {
        Self { names_others: true, ..self }
    }

    /// Changes the thing as it is read at this address, which has the path's ids in it.
    const fn changes(self, read_at: &'static str) -> Self {
        Self { read_at: Some(read_at), ..self }
    }

    const fn reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// Nobody has to sign in.
    const fn open(self) -> Self {
        Self { open: true, ..self }
    }
}

use Reach::{Province, World as All};

const ROWS: &[Row] = &[
    // Logins and accounts.
    post("/logins", EVERYONE)
        .open()
        .body(|_, _| Some(json!({ "email": "x@example.org", "password": "bukan kata sandi" }))),
    post("/logins/refresh", EVERYONE).open().body(|_, _| Some(json!({ "refresh_token": "never-was" }))),
    get("/logins/current", EVERYONE),
    row("DELETE", "/logins/current", EVERYONE),
    post("/logins/current/confirmation", EVERYONE)
        .body(|world, who| Some(json!({ "code": world.person(who).phone().code(world.app) }))),
    get("/logins", EVERYONE),
    row("DELETE", "/logins/{id}", EVERYONE).at(|world, who| vec![world.login_of(who)]),
    get("/second-factor", EVERYONE),
    post("/second-factor/secret", EVERYONE),
    post("/second-factor/activation", EVERYONE).body(|world, who| Some(json!({ "code": world.offered_code(who) }))),
    post("/second-factor/recovery-codes", EVERYONE).body(|world, who| {
        world.person(who).phone();
        None
    }),
    get("/service-tokens", "AE"),
    post("/service-tokens", "AE").body(|_, _| Some(given::service_token(&["program.read"]).into())),
    row("DELETE", "/service-tokens/{id}", "AE").at(|world, _| vec![world.service_token()]),
    post("/passwords", EVERYONE)
        .open()
        .body(|_, _| Some(json!({ "token": "never-was", "password": "sebuah kata sandi" }))),
    post("/password-resets", EVERYONE).open().body(|_, _| Some(json!({ "email": "x@example.org" }))),
    get("/staff", "AEP"),
    post("/staff", "AEP").body(|world, who| Some(world.account_for(who))).names_others(),
    get("/staff/{id}", "AEP").at(|world, who| vec![world.account_of(who)]),
    row("PATCH", "/staff/{id}", "AEP")
        .at(|world, who| vec![world.account_of(who)])
        .body(|_, _| Some(json!({ "name": "Wulan Dewi" })))
        .changes("/staff/{id}"),
    post("/staff/{id}/password-link", "AEP").at(|world, who| vec![world.account_of(who)]),
    get("/staff/{id}/teaching-load", "EP").at(|world, _| vec![world.stage.instructor.id.clone()]),
    post("/staff/{id}/calendar-link", "EPI").at(|world, _| vec![world.stage.instructor.id.clone()]),
    row("DELETE", "/staff/{id}/calendar-link", "EPI").at(|world, _| vec![world.linked_instructor()]),
    get("/messages", "AE"),
    post("/messages/{id}/retry", "AE").at(|world, who| vec![world.failed_message(who)]),
    row("DELETE", "/staff/{id}/second-factor", "AEP").at(|world, who| vec![world.new_account_of(who)]),
    get("/audit-events", "AE"),
    get("/audit-events.csv", "E"),
    get("/audit/verification", "AE"),
    // Reference data.
    get("/regions", EVERYONE).open(),
    get("/holidays", EVERYONE).open(),
    get("/exam-schemes", EVERYONE).open(),
    get("/document-checklist", EVERYONE).open(),
    get("/consent-texts", EVERYONE).open(),
    // Partners and their agreements.
    get("/partners", EVERYONE),
    post("/partners", "E")
        .body(|world, _| Some(given::school(world.number()).with("regency", world.stage.regency).into())),
    get("/partners/{id}", EVERYONE).at(|world, _| vec![world.stage.school.clone()]).reach(Province),
    get("/partners/{id}/names", EVERYONE).at(|world, _| vec![world.stage.school.clone()]).reach(Province),
    post("/partners/{id}/names", "E")
        .at(|world, _| vec![world.stage.school.clone()])
        .body(|_, _| Some(json!({ "kind": "school_smk", "name": "SMKN Baru", "valid_from": "2025-07-01" })))
        .changes("/partners/{id}"),
    get("/partners/{id}/signing-keys", "AEP").at(|world, _| vec![world.stage.host.clone()]),
    post("/partners/{id}/signing-keys", "AEP").at(|world, _| vec![world.stage.host.clone()]),
    get("/partners/{id}/certificate-template", "EP").at(|world, _| vec![world.stage.host.clone()]),
    row("PUT", "/partners/{id}/certificate-template", "EP")
        .at(|world, _| vec![world.stage.host.clone()])
        .body(|_, _| Some(given::template()))
        .changes("/partners/{id}/certificate-template"),
    row("PUT", "/partners/{id}/certificate-template/logo", "EP")
        .at(|world, _| vec![world.stage.host.clone()])
        .body(|_, _| Some(given::logo()))
        .file("image/png")
        .changes("/partners/{id}/certificate-template"),
    row("DELETE", "/partners/{id}/certificate-template/logo", "EP")
        .at(|world, _| vec![world.with_a_logo()])
        .changes("/partners/{id}/certificate-template"),
    post("/partners/{id}/certificate-template/preview", "EP")
        .at(|world, _| vec![world.stage.host.clone()])
        .body(|_, _| Some(given::template())),
    get("/agreements", "ERSPO"),
    post("/agreements", "E").body(|world, _| Some(world.agreement())).names_others(),
    get("/agreements/{id}", "ERSPO").at(|world, who| vec![world.agreement_of(who)]),
    row("PUT", "/agreements/{id}", "E")
        .at(|world, _| vec![world.draft()])
        .body(|world, _| Some(world.agreement()))
        .changes("/agreements/{id}"),
    post("/agreements/{id}/signing", "E")
        .at(|world, _| vec![world.draft()])
        .body(|world, _| Some(json!({ "on": "2025-07-18", "number": format!("PKS/{}", world.number()) })))
        .changes("/agreements/{id}"),
    row("PUT", "/agreements/{id}/file", "E")
        .at(|world, _| vec![world.stage.agreement.clone()])
        .body(|_, _| Some(Value::String("%PDF-1.7".to_owned())))
        .file("application/pdf")
        .changes("/agreements/{id}"),
    get("/agreements/{id}/file", "ESP").at(|world, who| vec![world.with_paper(who)]),
    post("/agreements/{id}/termination", "E")
        .at(|world, _| vec![world.stage.office.post("/agreements", world.agreement()).created().id()])
        .body(|_, _| Some(json!({ "on": "2026-01-31", "reason": "Izin operasional berakhir" })))
        .changes("/agreements/{id}"),
    get("/calendar-entries", "ERSPIO"),
    post("/calendar-entries", "ESP").body(|world, who| Some(world.days_off(who))).names_others(),
    get("/calendar-entries/{id}", "ERSPIO").at(|world, who| vec![world.calendar_entry(who)]).reach(Province),
    row("PUT", "/calendar-entries/{id}", "ESP")
        .at(|world, who| vec![world.calendar_entry(who)])
        .body(|world, who| Some(world.days_off(who)))
        .changes("/calendar-entries/{id}")
        .reach(Province),
    row("DELETE", "/calendar-entries/{id}", "ESP").at(|world, who| vec![world.calendar_entry(who)]).reach(Province),
    // Programs, cohorts, classes.
    get("/programs", EVERYONE),
    post("/programs", "AE").body(|world, _| Some(given::program(&format!("P{}", world.number())).into())),
    get("/programs/{id}", EVERYONE).at(|world, _| vec![world.stage.program.clone()]).reach(All),
    post("/programs/{id}/versions", "AE")
        .at(|world, _| vec![world.program()])
        .body(|_, _| Some(json!({ "valid_from": "2026-01-01", "curriculum": given::curriculum() })))
        .changes("/programs/{id}")
        .reach(All),
    get("/programs/{id}/versions/{number}", EVERYONE)
        .at(|world, _| vec![world.stage.program.clone(), "1".to_owned()])
        .reach(All),
    get("/cohorts", "ERSPIO"),
    post("/cohorts", "E").body(|world, _| Some(world.cohort())),
    get("/cohorts/{id}", "ERSPIO").at(|world, _| vec![world.stage.cohort.clone()]).reach(Province),
    row("PATCH", "/cohorts/{id}", "E")
        .at(|world, _| vec![world.stage.cohort.clone()])
        .body(|_, _| Some(json!({ "seats_wanted": 90 })))
        .changes("/cohorts/{id}"),
    post("/cohorts/{id}/state", "E")
        .at(|world, _| vec![world.stage.office.post("/cohorts", given::body(world.cohort())).created().id()])
        .body(|_, _| Some(json!({ "to": "open" })))
        .changes("/cohorts/{id}"),
    get("/classes", "ERSPIO"),
    post("/classes", "EP").body(|world, _| Some(world.class())).names_others(),
    get("/classes/{id}", "ERSPIO").at(|world, _| vec![world.stage.class.clone()]),
    row("PATCH", "/classes/{id}", "EP")
        .at(|world, _| vec![world.stage.class.clone()])
        .body(|_, _| Some(json!({ "room": "Aula" })))
        .changes("/classes/{id}"),
    post("/classes/{id}/state", "EP")
        .at(|world, _| vec![world.stage.office.post("/classes", given::body(world.class())).created().id()])
        .body(|_, _| Some(json!({ "to": "cancelled", "reason": "Ruang kebanjiran" })))
        .changes("/classes/{id}"),
    // Participants and their consents.
    get("/participants", "ERSPIO"),
    post("/participants", "ES").body(|world, _| Some(world.student())).names_others(),
    post("/participants/searches", "ES").body(|_, _| Some(json!({ "nik": "1807055708070001" }))),
    get("/participants/{id}", "ERSPIO").at(|world, _| vec![world.participant.clone()]),
    row("PUT", "/participants/{id}", "ES")
        .at(|world, _| vec![world.participant.clone()])
        .body(|_, _| Some(given::student(9001).into()))
        .changes("/participants/{id}"),
    post("/participants/{id}/disclosures", "ES")
        .at(|world, _| vec![world.participant.clone()])
        .body(|_, _| Some(json!({ "reason": "Mencocokkan dengan kartu keluarga" }))),
    get("/participants/{id}/audit-events", "ES").at(|world, _| vec![world.participant.clone()]),
    get("/participants/{id}/consents", "ES").at(|world, _| vec![world.participant.clone()]),
    post("/participants/{id}/consents", "ES")
        .at(|world, _| vec![world.participant.clone()])
        .body(|_, _| Some(given::consent().with("purpose", "placement").into())),
    get("/consents/due", "ES"),
    get("/consents/{id}", "ES").at(|world, _| vec![world.consent()]),
    post("/consents/{id}/withdrawal", "ES").at(|world, _| vec![world.consent()]).changes("/consents/{id}"),
    // Exams outside the programs.
    get("/participants/{id}/exam-results", "ESPI").at(|world, _| vec![world.participant.clone()]),
    post("/participants/{id}/exam-results", "EP")
        .at(|world, _| vec![world.participant.clone()])
        .body(|world, _| Some(given::competency(&format!("Pramusaji {}", world.number())).into())),
    get("/exam-results", "ESPI"),
    get("/exam-results/{id}", "ESPI").at(|world, _| vec![world.exam_result()]),
    post("/exam-results/{id}/corrections", "EP").at(|world, _| vec![world.exam_result()]).body(|world, _| {
        let corrected = given::competency(&format!("Barista {}", world.number()));
        Some(corrected.with("reason", "Salah baca").into())
    }),
    post("/exam-results/{id}/withdrawal", "EP")
        .at(|world, _| vec![world.exam_result()])
        .body(|_, _| Some(json!({ "reason": "Hasil orang lain" })))
        .changes("/exam-results/{id}"),
    // Rights of the person, retention, incidents.
    get("/person-requests", "ES"),
    post("/participants/{id}/person-requests", "ES")
        .at(|world, _| vec![world.participant.clone()])
        .body(|_, _| Some(given::person_request("access").into())),
    get("/person-requests/{id}", "ES").at(|world, _| vec![world.person_request()]),
    post("/person-requests/{id}/decision", "E")
        .at(|world, _| vec![world.person_request()])
        .body(|_, _| Some(json!({ "verdict": "done", "answer": "Salinan sudah diserahkan." })))
        .changes("/person-requests/{id}"),
    post("/person-requests/{id}/dossier", "E").at(|world, _| vec![world.person_request()]),
    get("/participants/{id}/holds", "ES").at(|world, _| vec![world.participant.clone()]),
    get("/retention", "AE"),
    get("/incidents", "E"),
    post("/incidents", "E")
        .body(|world, _| Some(given::incident(json!({ "class": world.stage.class })).into()))
        .names_others(),
    get("/incidents/{id}", "E").at(|world, _| vec![world.incident()]),
    row("PATCH", "/incidents/{id}", "E")
        .at(|world, _| vec![world.incident()])
        .body(|_, _| Some(json!({ "remedy": "Kata sandi diganti" })))
        .changes("/incidents/{id}"),
    get("/incidents/{id}/notice", "E").at(|world, _| vec![world.incident()]),
    // Imports.
    // Whoever marks a class brings its paper lists, and whoever records results brings lists of them.
    get("/imports", "ESPI"),
    post("/imports", "ES")
        .query(|world| format!("?school={}", world.stage.school))
        .body(|_, _| Some(Value::String(given::dapodik())))
        .file("text/csv")
        .names_others(),
    get("/imports/template", "ES"),
    get("/imports/{id}", "ES").at(|world, _| vec![world.import()]),
    get("/imports/{id}/rows", "ES").at(|world, _| vec![world.import()]),
    post("/imports/{id}/application", "ES")
        .at(|world, _| vec![world.import()])
        .body(|_, _| Some(json!({})))
        .changes("/imports/{id}"),
    get("/imports/{id}/missing", "ES").at(|world, _| vec![world.import()]),
    row("PUT", "/imports/{id}/answers", "ES")
        .at(|world, _| vec![world.import()])
        .body(|_, _| Some(json!({ "answers": [] })))
        .changes("/imports/{id}"),
    get("/import-rules", "ES").query(|_| "?province=18".to_owned()),
    row("PUT", "/import-rules/{code}/severity", "E")
        .at(|_, _| vec!["nisn.padded".to_owned()])
        .body(|_, _| Some(json!({ "severity": "off" })))
        // A rule is nobody's; what is set is the caller's own province.
        .reach(All),
    get("/imports/{id}/undo", "ES").at(|world, _| vec![world.applied_import()]),
    post("/imports/{id}/undo", "ES").at(|world, _| vec![world.applied_import()]).changes("/imports/{id}"),
    get("/jobs", "ESPI"),
    get("/jobs/{id}", "ES").at(|world, _| vec![world.job()]),
    get("/jobs/{id}/events", "ES").at(|world, _| vec![world.ended_job()]),
    post("/jobs/{id}/cancellation", "ES").at(|world, _| vec![world.job()]),
    get("/imports/{id}/problems", "ES").at(|world, _| vec![world.import_with_a_problem()]),
    get("/layouts", "ES"),
    post("/layouts/guesses", "ES").body(|_, _| Some(Value::String(UNKNOWN_LIST.to_owned()))).file("text/csv"),
    row("PUT", "/layouts/{fingerprint}", "ES")
        .at(|world, _| vec![world.unknown_list().0])
        .body(|world, _| Some(world.unknown_list().1))
        .reach(All),
    row("DELETE", "/layouts/{fingerprint}", "ES").at(|world, who| vec![world.explained_list(who)]),
    // Enrollments.
    get("/enrollments", "ERSPIO"),
    post("/cohorts/{id}/enrollments", "ES")
        .at(|world, _| vec![world.stage.cohort.clone()])
        .body(|world, _| Some(json!({ "participant": world.stage.student() })))
        .reach(Province)
        .names_others(),
    get("/cohorts/{id}/eligibility", "ES")
        .at(|world, _| vec![world.stage.cohort.clone()])
        .query(|world| format!("?participant={}", world.participant))
        .reach(Province)
        .names_others(),
    get("/cohorts/{id}/candidates", "ES")
        .at(|world, _| vec![world.stage.cohort.clone()])
        .query(|world| format!("?school={}", world.stage.school))
        .reach(Province),
    // Whoever sees a cohort sees what their own regency wants of it.
    get("/cohorts/{id}/demand", "ERO").at(|world, _| vec![world.stage.cohort.clone()]).reach(Province),
    get("/cohorts/{id}/demand/partners", "ERO").at(|world, _| vec![world.stage.cohort.clone()]).reach(Province),
    post("/cohorts/{id}/class-proposals", "ER")
        .at(|world, _| vec![world.stage.cohort.clone()])
        .body(|_, _| Some(json!({})))
        .reach(Province),
    get("/cohorts/{id}/seating-plans", "ER").at(|world, _| vec![world.stage.cohort.clone()]).reach(Province),
    post("/cohorts/{id}/seating-plans", "E").at(|world, _| vec![world.stage.cohort.clone()]),
    get("/seating-plans/{id}", "ER").at(|world, _| vec![world.seating_plan().0]).reach(Province),
    get("/seating-plans/{id}/rows", "ER").at(|world, _| vec![world.seating_plan().0]).reach(Province),
    get("/seating-plans/{id}/classes", "ER").at(|world, _| vec![world.seating_plan().0]).reach(Province),
    row("PUT", "/seating-plans/{id}/rows/{enrollment}", "E")
        .at(|world, _| {
            let (plan, enrollment) = world.seating_plan();
            vec![plan, enrollment]
        })
        .body(|_, _| Some(json!({ "class": null, "reason": "Menunggu kelas akhir pekan" })))
        .changes("/seating-plans/{id}"),
    row("DELETE", "/seating-plans/{id}/rows/{enrollment}", "E")
        .at(|world, _| world.chosen())
        .changes("/seating-plans/{id}"),
    post("/seating-plans/{id}/application", "E")
        .at(|world, _| vec![world.seating_plan().0])
        .changes("/seating-plans/{id}"),
    post("/classes/{id}/seat-reservations", "E")
        .at(|world, _| vec![world.planned_class()])
        .body(|world, _| Some(json!({ "school": world.stage.school, "seats": 1, "until": "2025-08-01" }))),
    get("/participants/{id}/timeline", "ERSPIO").at(|world, _| vec![world.participant.clone()]),
    get("/seat-reservations", "ERSO"),
    get("/seat-reservations/{id}", "ERSO").at(|world, _| vec![world.reservation()]).reach(Province),
    post("/seat-reservations/{id}/namings", "ES")
        .at(|world, _| vec![world.reservation()])
        .body(|world, _| Some(json!({ "enrollment": world.stage.waiting(&world.stage.student()) })))
        .changes("/seat-reservations/{id}"),
    post("/seat-reservations/{id}/return", "ES")
        .at(|world, _| vec![world.reservation()])
        .changes("/seat-reservations/{id}"),
    get("/seat-offers", "ERSPIO"),
    get("/seat-offers/{id}", "ERSO").at(|world, _| vec![world.offer()]),
    post("/seat-offers/{id}/answer", "ERS")
        .at(|world, _| vec![world.offer()])
        .body(|_, _| Some(json!({ "answer": "refused" })))
        .changes("/seat-offers/{id}"),
    get("/enrollments/{id}", "ERSPIO").at(|world, _| vec![world.enrollment.clone()]),
    post("/enrollments/{id}/transitions", "ESP")
        .at(|world, _| vec![world.stage.seated(&world.stage.student())])
        .body(|_, _| Some(json!({ "to": "withdrawn", "reason": "Pindah sekolah" })))
        .changes("/enrollments/{id}"),
    post("/enrollments/{id}/transfers", "EP")
        .at(|world, _| vec![world.stage.seated(&world.stage.student())])
        .body(|world, _| Some(json!({ "class": world.planned_class(), "reason": "Keluarga pindah rumah" })))
        .changes("/enrollments/{id}"),
    // Sessions and attendance.
    post("/classes/{id}/timetable", "EP").at(|world, _| vec![world.planned_class()]),
    get("/classes/{id}/timetable", "ERSPIO").at(|world, _| vec![world.stage.class.clone()]),
    post("/classes/{id}/calendar-link", "EPI").at(|world, _| vec![world.stage.class.clone()]),
    row("DELETE", "/classes/{id}/calendar-link", "EPI").at(|world, _| vec![world.linked_class()]),
    post("/classes/{id}/sessions", "EP")
        .at(|world, _| vec![world.planned_class()])
        .body(|_, _| Some(given::session("2025-07-22").into())),
    get("/classes/{id}/sessions", "ERSPIO").at(|world, _| vec![world.stage.class.clone()]),
    get("/sessions/{id}", "ERSPIO").at(|world, _| vec![world.sessions[0].clone()]),
    post("/sessions/{id}/cancellation", "EP")
        .at(|world, _| vec![world.planned_session()])
        .body(|_, _| Some(json!({ "reason": "Banjir di jalan" })))
        .changes("/sessions/{id}"),
    row("DELETE", "/sessions/{id}/cancellation", "EP")
        .at(|world, _| vec![world.cancelled_session()])
        .changes("/sessions/{id}"),
    post("/sessions/{id}/moves", "EP")
        .at(|world, _| vec![world.planned_session()])
        .body(|_, _| Some(json!({ "starts_at": "13:00", "reason": "Aula dipakai wisuda" })))
        .changes("/sessions/{id}"),
    get("/sessions/{id}/moves", "ERSPIO").at(|world, _| vec![world.sessions[0].clone()]),
    get("/sessions/{id}/attendance", "ERSPI").at(|world, _| vec![world.sessions[0].clone()]),
    row("PUT", "/sessions/{id}/attendance", "EPI")
        .at(|world, _| vec![world.sessions[0].clone()])
        .body(|world, _| Some(json!({ "marks": [{ "enrollment": world.enrollment, "mark": "H" }] }))),
    get("/sessions/{id}/sheet", "EPI").at(|world, _| vec![world.sessions[0].clone()]),
    get("/registers/bundle", "PI"),
    post("/attendance-batches", "EPI").body(|world, _| Some(world.batch())),
    get("/attendance-clashes", "EPI"),
    get("/attendance-clashes/{id}", "EPI").at(|world, _| vec![world.clash()]),
    post("/attendance-clashes/{id}/resolution", "EPI")
        .at(|world, _| vec![world.clash()])
        .body(|_, _| Some(json!({ "choose": "register" })))
        .changes("/attendance-clashes/{id}"),
    get("/reports/unreported-sessions", "ERPIO"),
    get("/reports/unreported-sessions/totals", "ERPIO"),
    get("/sessions/{id}/attendance/{enrollment}/corrections", "ERSPI")
        .at(|world, _| vec![world.sessions[0].clone(), world.enrollment.clone()]),
    get("/enrollments/{id}/attendance", "ERSPI").at(|world, _| vec![world.enrollment.clone()]),
    get("/classes/{id}/attendance-recap/xlsx", "ERSPI").at(|world, _| vec![world.stage.class.clone()]),
    get("/classes/{id}/attendance-recap/pdf", "ERSPI").at(|world, _| vec![world.stage.class.clone()]),
    get("/classes/{id}/registers/pdf", "ERSPI").at(|world, _| vec![world.stage.class.clone()]),
    get("/sessions/{id}/register/pdf", "ERSPI").at(|world, _| vec![world.sessions[0].clone()]),
    get("/classes/{id}/roster", "ERSPI").at(|world, _| vec![world.stage.class.clone()]),
    // Scores, completion, certificates.
    post("/classes/{id}/scores", "EPI").at(|world, _| vec![world.stage.class.clone()]).body(|world, _| {
        let score =
            json!({ "enrollment": world.stage.seated(&world.stage.student()), "component": "theory", "score": "81.5" });
        Some(json!({ "scores": [score] }))
    }),
    post("/scores/{id}/corrections", "EPI")
        .at(|world, _| vec![world.score()])
        .body(|_, _| Some(json!({ "score": "59", "reason": "Salah ketik" }))),
    get("/classes/{id}/scores", "ESPI").at(|world, _| vec![world.stage.class.clone()]),
    get("/enrollments/{id}/scores", "ESPI").at(|world, _| vec![world.enrollment.clone()]),
    get("/classes/{id}/completions", "ERSPI").at(|world, _| vec![world.stage.class.clone()]),
    get("/cohorts/{id}/completions", "ERSPI").reach(Province).at(|world, _| vec![world.stage.cohort.clone()]),
    post("/classes/{id}/completions", "EP").at(|world, _| vec![world.stage.class.clone()]).body(|world, _| {
        Some(json!({ "enrollments": [world.stage.seated(&world.stage.student())], "confirm": given::doubts() }))
    }),
    get("/enrollments/{id}/completions", "ERSPI").at(|world, _| vec![world.enrollment.clone()]),
    post("/enrollments/{id}/completion/reopening", "E")
        .at(|world, _| vec![world.decided()])
        .body(|_, _| Some(json!({ "reason": "Nilai praktik keliru dicatat" })))
        .changes("/enrollments/{id}"),
    get("/enrollments/{id}/completion", "ERSPI").at(|world, _| vec![world.enrollment.clone()]),
    post("/classes/{id}/certificates", "EP").at(|world, _| vec![world.stage.class.clone()]),
    get("/classes/{id}/certificates/zip", "ERSPI").at(|world, _| vec![world.stage.class.clone()]),
    get("/certificates", "ERSPIO"),
    get("/certificates/{id}", "ERSPIO").at(|world, _| vec![world.certificate.clone()]),
    get("/certificates/{id}/pdf", "ERSPI").at(|world, _| vec![world.certificate.clone()]),
    get("/certificates/{id}/credential", "ERSPI").at(|world, _| vec![world.certificate.clone()]),
    post("/certificates/{id}/revocation", "EP")
        .at(|world, _| vec![world.certificate.clone()])
        .body(|_, _| Some(json!({ "reason": "Nama pemegang keliru" })))
        .changes("/certificates/{id}"),
    post("/certificates/{id}/replacement", "EP")
        .at(|world, _| vec![world.new_certificate()])
        .body(|_, _| Some(json!({ "reason": "Nama pemegang keliru" }))),
    get("/verifications/{code}", EVERYONE).open().at(|world, _| vec![world.code.clone()]).reach(All),
    // Figures.
    get("/reports/intake", "ERO").query(|_| "?province=18".to_owned()),
    // Last: they end the logins that the other rows need.
    row("DELETE", "/second-factor", EVERYONE),
    row("DELETE", "/logins/others", EVERYONE),
];

/// A stage with one person of each role who belongs to it, and strangers who belong elsewhere.
struct World<'a> {
    app: &'a App,
    stage: Stage<'a>,
    people: Vec<(char, Staff<'a>)>,
    /// Of another province.
    far: Vec<(char, Staff<'a>)>,
    /// Of the same province, but of another regency, school or host.
    near: Vec<(char, Staff<'a>)>,
    /// A student of the school who completed the class and holds a certificate.
    participant: String,
    enrollment: String,
    certificate: String,
    code: String,
    /// Of the class, which runs; the first was held.
    sessions: Vec<String>,
}

impl<'a> World<'a> {
    fn new(app: &'a App) -> Self {
        let stage = app.stage();
        let class = stage.office.get(&format!("/classes/{}", stage.class)).ok();
        stage.office.patch(&class.address(), &class.etag(), json!({ "seats": 100 })).ok();
        let cohort = stage.office.get(&format!("/cohorts/{}", stage.cohort)).ok();
        stage.office.patch(&cohort.address(), &cohort.etag(), json!({ "seating_delegated": true })).ok();
        let enrollment = stage.seated(&stage.student());
        let participant = stage.office.get(&format!("/enrollments/{enrollment}")).ok().field("participant");
        stage.start();
        let sessions = stage.sessions();
        stage.mark(&sessions[0], &enrollment, "H");
        stage.score_one(&enrollment, "80");
        stage.decide();
        let issued = stage.issue_first();
        let certificate = issued["id"].as_str().expect("it was issued").to_owned();
        let code =
            issued["verification_url"].as_str().and_then(|url| url.rsplit_once('/')).expect("a code").1.to_owned();
        let people = vec![
            ('A', app.admin()),
            ('E', app.office("18")),
            ('R', app.regency_officer(stage.regency)),
            ('S', app.coordinator(&stage.school)),
            ('P', app.manager(&stage.host)),
            ('I', app.signed_in_again(&stage.instructor)),
            ('O', app.observer("18")),
        ];
        let (school, host) = (app.school("53.71"), app.lpk("53.71"));
        let far = vec![
            ('E', app.office("53")),
            ('R', app.regency_officer("53.71")),
            ('S', app.coordinator(&school)),
            ('P', app.manager(&host)),
            ('I', app.instructor(&host)),
            ('O', app.observer("53")),
        ];
        let (school, host) = (app.school("18.01"), app.lpk("18.01"));
        let near = vec![
            ('R', app.regency_officer("18.01")),
            ('S', app.coordinator(&school)),
            ('P', app.manager(&host)),
            ('I', app.instructor(&host)),
        ];
        Self { app, stage, people, far, near, participant, enrollment, certificate, code, sessions }
    }

    fn number(&self) -> u32 {
        u32::try_from(self.app.number()).expect("a small number")
    }

    /// An account that this role may make: the platform makes offices, the others instructors.
    fn account_for(&self, who: char) -> Value {
        let (role, partner) =
            if who == 'A' { ("education_office", None) } else { ("instructor", Some(&self.stage.host)) };
        let email = format!("baru{}@example.org", self.number());
        json!({ "email": email, "name": "Wulan Sari", "role": role, "province": "18", "partner": partner })
    }

    /// A message that could not be delivered, to an account that this role may see.
    fn failed_message(&self, who: char) -> String {
        let maker = if who == 'A' { &self.people[0].1 } else { &self.stage.office };
        let account = maker.post("/staff", self.account_for(who)).created().id();
        self.app.run("UPDATE outbox SET state = 'failed', error = 'mail.rejected'");
        let messages = maker.all("/messages?state=failed");
        let message = messages.iter().find(|message| message["account"] == account.as_str());
        message.expect("the account was invited")["id"].as_str().expect("an id").to_owned()
    }

    /// An account that this role may see: the platform keeps offices, the others everyone of their own.
    fn account_of(&self, who: char) -> String {
        if who == 'A' { self.stage.office.id.clone() } else { self.stage.instructor.id.clone() }
    }

    /// The same, made for the call.
    fn new_account_of(&self, who: char) -> String {
        let maker = if who == 'A' { &self.people[0].1 } else { &self.stage.office };
        maker.post("/staff", self.account_for(who)).created().id()
    }

    fn person(&self, who: char) -> &Staff<'a> {
        &self.people.iter().find(|(letter, _)| *letter == who).expect("one of each role").1
    }

    /// A login of that person beside the one they use.
    fn login_of(&self, who: char) -> String {
        let again = self.app.signed_in_again(self.person(who));
        let logins = again.all("/logins");
        text(&logins.iter().find(|login| login["current"] == true).expect("its own")["id"]).to_owned()
    }

    /// A code of a second factor that was offered for the call.
    fn offered_code(&self, who: char) -> String {
        let offer = self.person(who).post("/second-factor/secret", json!({})).ok();
        Phone::with(&offer.field("secret")).code(self.app)
    }

    fn service_token(&self) -> String {
        let body = given::service_token(&["program.read"]);
        text(&self.stage.office.post("/service-tokens", body).ok().json()["service_token"]["id"]).to_owned()
    }

    fn agreement(&self) -> Value {
        given::agreement(&self.stage.host, &self.stage.program).with("number", format!("PKS/{}", self.number())).into()
    }

    /// A mark of a device that had seen nothing.
    fn batch(&self) -> Value {
        self.batch_of("H")
    }

    fn batch_of(&self, mark: &str) -> Value {
        let number = self.number();
        let entry = json!({
            "id": format!("0198f2a4-7c1e-7000-8000-{number:012}"), "session": self.sessions[0],
            "enrollment": self.enrollment, "mark": mark, "place": 1, "made_at": "2025-07-21T01:00:00Z",
        });
        json!({ "device": format!("ponsel-{number:04}"), "marks": [entry] })
    }

    /// A clash about the mark of whoever completed the class, which waits for somebody.
    fn clash(&self) -> String {
        let office = &self.stage.office;
        for mark in ["H", "A"] {
            office.call("POST", "/attendance-batches").json(&self.batch_of(mark)).send().ok();
        }
        text(&office.all("/attendance-clashes?open=true")[0]["id"]).to_owned()
    }

    fn draft(&self) -> String {
        let draft = given::body(self.agreement()).with("draft", true);
        self.stage.office.post("/agreements", draft).created().id()
    }

    /// An agreement whose paper is kept.
    fn with_paper(&self, who: char) -> String {
        let id = self.agreement_of(who);
        let etag = self.stage.office.get(&format!("/agreements/{id}")).ok().etag();
        let keeping = self.stage.office.call("PUT", &format!("/agreements/{id}/file")).if_match(&etag);
        keeping.header("Content-Type", "application/pdf").bytes(b"%PDF-1.7".to_vec()).send().ok();
        id
    }

    /// A coordinator sees the agreements of the school, the others those of the host.
    fn agreement_of(&self, who: char) -> String {
        if who != 'S' {
            return self.stage.agreement.clone();
        }
        let body = given::agreement(&self.stage.school, &self.stage.program);
        self.stage.office.post("/agreements", body.with("number", format!("PKS/{}", self.number()))).created().id()
    }

    fn program(&self) -> String {
        let code = format!("P{}", self.number());
        self.stage.office.post("/programs", given::program(&code)).created().id()
    }

    fn cohort(&self) -> Value {
        given::cohort(&self.stage.program).with("name", format!("Angkatan {}", self.number())).into()
    }

    fn class(&self) -> Value {
        let Stage { cohort, host, agreement, .. } = &self.stage;
        given::class(cohort, host, agreement).with("name", format!("Kelas {}", self.number())).into()
    }

    fn student(&self) -> Value {
        given::student(self.number()).with("school", self.stage.school.clone()).into()
    }

    /// A consent of a new student.
    fn consent(&self) -> String {
        let student = self.stage.student();
        let given = given::consent().with("purpose", "publication");
        self.stage.office.post(&format!("/participants/{student}/consents"), given).created().id()
    }

    /// A score of somebody who sits in the class.
    fn score(&self) -> String {
        let member = self.stage.seated(&self.stage.student());
        let scores = json!({ "scores": [score(&member, "theory", "95")] });
        let recorded =
            self.stage.office_now().post(&format!("/classes/{}/scores", self.stage.class), scores).ok().json();
        text(&recorded[0]["id"]).to_owned()
    }

    /// A result of the student who completed the class.
    fn exam_result(&self) -> String {
        let path = format!("/participants/{}/exam-results", self.participant);
        self.stage.office.post(&path, given::competency(&format!("Tata Graha {}", self.number()))).created().id()
    }

    /// A student's request for access.
    fn person_request(&self) -> String {
        let path = format!("/participants/{}/person-requests", self.participant);
        self.stage.office.post(&path, given::person_request("access")).created().id()
    }

    fn incident(&self) -> String {
        let body = given::incident(json!({ "class": self.stage.class }));
        self.stage.office.post("/incidents", body).created().id()
    }

    /// The plan of a school's file.
    fn import(&self) -> String {
        let path = format!("/imports?school={}", self.stage.school);
        self.stage.office.upload(&path, "text/csv", given::dapodik().as_bytes()).created().id()
    }

    /// A file of the school that waits to be planned.
    fn job(&self) -> String {
        let path = format!("/imports?school={}", self.stage.school);
        let call = self.stage.office.call("POST", &path).header("prefer", "respond-async");
        let call = call.header("content-type", "text/csv").bytes(given::dapodik().into());
        call.send().status(202).id()
    }

    fn ended_job(&self) -> String {
        let job = self.job();
        self.stage.office.call("POST", &format!("/jobs/{job}/cancellation")).send().ok();
        job
    }

    /// The same with somebody whose sex is not to be read.
    fn import_with_a_problem(&self) -> String {
        let path = format!("/imports?school={}", self.stage.school);
        let file = "Nama,JK,Tanggal Lahir,NIK\nRatna Melati,X,2007-11-17,1807055711070001\n";
        self.stage.office.upload(&path, "text/csv", file.as_bytes()).created().id()
    }

    /// What a list is remembered under whose header is not known, and what its columns are.
    fn unknown_list(&self) -> (String, Value) {
        let office = &self.stage.office;
        let guess = office.upload("/layouts/guesses", "text/csv", UNKNOWN_LIST.as_bytes()).ok().json();
        let column = |one: &Value| json!({ "header": one["header"], "field": one["field"] });
        let columns: Vec<Value> = guess["columns"].as_array().expect("columns").iter().map(column).collect();
        (text(&guess["fingerprint"]).to_owned(), json!({ "columns": columns }))
    }

    /// The same once this role's school or province has explained it.
    fn explained_list(&self, who: char) -> String {
        let (fingerprint, body) = self.unknown_list();
        let staff = if who == 'S' { self.person('S') } else { &self.stage.office };
        staff.call("PUT", &format!("/layouts/{fingerprint}")).json(&body).send().ok();
        fingerprint
    }

    fn applied_import(&self) -> String {
        let import = self.import();
        let body = json!({ "confirm": [] });
        self.stage.office.acts(&format!("/imports/{import}"), "application", body);
        import
    }

    /// A seat that is kept for the stage's school.
    fn reservation(&self) -> String {
        let path = format!("/classes/{}/seat-reservations", self.planned_class());
        let body = json!({ "school": self.stage.school, "seats": 1, "until": "2025-08-01" });
        self.stage.office.post(&path, body).created().id()
    }

    fn offer(&self) -> String {
        text(&self.stage.offer()["id"]).to_owned()
    }

    /// A plan of the cohort, and somebody in it.
    fn seating_plan(&self) -> (String, String) {
        let enrollment = self.stage.waiting(&self.stage.student());
        (self.stage.seating_plan().id(), enrollment)
    }

    /// A plan, and somebody of whom was chosen by hand in it.
    fn chosen(&self) -> Vec<String> {
        let (plan, enrollment) = self.seating_plan();
        let etag = self.stage.office.get(&format!("/seating-plans/{plan}")).ok().etag();
        let body = json!({ "class": null, "reason": "Menunggu kelas akhir pekan" });
        self.stage.office.put(&format!("/seating-plans/{plan}/rows/{enrollment}"), &etag, body).ok();
        vec![plan, enrollment]
    }

    /// A class without an instructor, so that its sessions are in nobody's way.
    fn planned_class(&self) -> String {
        self.stage.office.post("/classes", given::body(self.class())).created().id()
    }

    /// A certificate of somebody who completed the class by the province's word.
    fn new_certificate(&self) -> String {
        let Stage { office, class, .. } = &self.stage;
        let enrollment = self.stage.seated(&self.stage.student());
        let body = json!({ "enrollments": [enrollment], "override_reason": "Uji ulang di lapangan", "confirm": given::doubts() });
        office.post(&format!("/classes/{class}/completions"), body).ok();
        let issued = office.post(&format!("/classes/{class}/certificates"), json!({})).ok().json();
        let rows = issued.as_array().expect("a list");
        let new = rows.iter().find(|row| row["enrollment"] == enrollment).expect("it was issued");
        text(&new["certificate"]["id"]).to_owned()
    }

    /// The host, whose certificates have a logo.
    fn with_a_logo(&self) -> String {
        self.stage.put_logo();
        self.stage.host.clone()
    }

    fn planned_session(&self) -> String {
        let path = format!("/classes/{}/timetable", self.planned_class());
        let made = self.stage.office.post(&path, json!({})).ok().json();
        made["sessions"][0]["id"].as_str().expect("a session").to_owned()
    }

    fn linked_class(&self) -> String {
        self.stage.office.post(&format!("/classes/{}/calendar-link", self.stage.class), json!({})).ok();
        self.stage.class.clone()
    }

    fn linked_instructor(&self) -> String {
        let id = &self.stage.instructor.id;
        self.stage.office.post(&format!("/staff/{id}/calendar-link"), json!({})).ok();
        id.clone()
    }

    fn cancelled_session(&self) -> String {
        let session = self.planned_session();
        self.stage.office.acts(&format!("/sessions/{session}"), "cancellation", json!({ "reason": "Banjir di jalan" }));
        session
    }

    /// Somebody of the class on whom was decided.
    fn decided(&self) -> String {
        let member = self.stage.seated(&self.stage.student());
        let path = format!("/classes/{}/completions", self.stage.class);
        self.stage.office.post(&path, json!({ "enrollments": [member], "confirm": given::doubts() })).ok();
        member
    }

    /// Days off of the partner whose calendar this role keeps.
    fn days_off(&self, who: char) -> Value {
        let partner = if who == 'S' { &self.stage.school } else { &self.stage.host };
        given::days_off(partner).into()
    }

    fn calendar_entry(&self, who: char) -> String {
        self.stage.office.post("/calendar-entries", self.days_off(who)).created().id()
    }

    /// Sends the row's request as somebody, or as nobody.
    fn ask(&self, row: &Row, who: char, staff: Option<&Staff<'_>>) -> Answer {
        let ids = (row.at)(self, who);
        let path = fill(row.path, &ids) + &(row.query)(self);
        let mut call = match staff {
            Some(staff) => staff.call(row.method, &path),
            None => self.app.call(row.method, &path),
        };
        if let Some(read_at) = row.read_at {
            let reader =
                if who == 'A' && row.path.starts_with("/staff") { &self.people[0].1 } else { &self.stage.office };
            call = call.if_match(&reader.get(&fill(read_at, &ids)).ok().etag());
        }
        if let Some(body) = (row.body)(self, who) {
            call = call.header("content-type", row.media_type).bytes(match body {
                Value::String(_) => given::bytes(&body),
                body => body.to_string().into_bytes(),
            });
        }
        call.send()
    }
}

/// The path with its ids in place.
fn fill(path: &str, ids: &[String]) -> String {
    let mut ids = ids.iter();
    path.split('/')
        .map(|part| if part.starts_with('{') { ids.next().expect("an id for every place").as_str() } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[test]
fn every_route_has_a_row() {
    let document = serde_json::to_value(vokasi_api::server::document()).unwrap();
    let routes: BTreeSet<(String, String)> =
        operations(&document).into_iter().map(|(path, method, _)| (path, method)).collect();
    let rows: BTreeSet<(String, String)> =
        ROWS.iter().map(|row| (format!("/api/v1{}", row.path), row.method.to_owned())).collect();
    assert_eq!(rows.len(), ROWS.len(), "a route has two rows");
    let missing: Vec<_> = routes.difference(&rows).collect();
    assert!(missing.is_empty(), "these routes have no row in tests/permissions.rs: {missing:#?}");
    let gone: Vec<_> = rows.difference(&routes).collect();
    assert!(gone.is_empty(), "these rows have no route: {gone:#?}");
    for (path, method, operation) in operations(&document) {
        let row = ROWS.iter().find(|row| format!("/api/v1{}", row.path) == path && row.method == method).unwrap();
        let anonymous = operation["security"] == json!([{}]);
        assert_eq!(anonymous, row.open, "{method} {path}: open in one and not in the other");
        let versioned = operation["parameters"].to_string().contains("If-Match");
        assert_eq!(versioned, row.read_at.is_some(), "{method} {path}: the document and the row differ on If-Match");
    }
}

both! {
    fn every_role_may_do_what_its_row_says(app: &App) {
        let world = World::new(app);
        for row in ROWS {
            let mut answers = Vec::new();
            for (letter, staff) in &world.people {
                // A login that ends is not the one the other rows need.
                let again = (row.method == "DELETE").then(|| app.signed_in_again(staff));
                let answer = world.ask(row, *letter, Some(again.as_ref().unwrap_or(staff)));
                let may = row.roles.contains(*letter);
                let kept_out = matches!(answer.status, 401 | 403 | 404);
                assert!(row.open || may != kept_out, "{letter} may{}: {answer}", if may { "" } else { " not" });
                answers.push(answer);
            }
            let done = row.open || answers.iter().any(|answer| answer.status < 300);
            assert!(done, "nobody succeeds at {} {}: {answers:#?}", row.method, row.path);
        }
    }

    fn nobody_in_particular_gets_in(app: &App) {
        let world = World::new(app);
        for row in ROWS.iter().filter(|row| !row.open) {
            world.ask(row, 'E', None).status(401).refused("access.token_missing");
        }
    }

    fn what_belongs_to_others_is_not_there(app: &App) {
        let world = World::new(app);
        for row in ROWS.iter().filter(|row| row.path.contains('{') && row.reach != All) {
            let near = if row.reach == Province { &[][..] } else { &world.near[..] };
            for (letter, stranger) in world.far.iter().chain(near) {
                let answer = world.ask(row, *letter, Some(stranger));
                assert!(matches!(answer.status, 403 | 404), "{letter} {}: {answer}", stranger.email);
                if row.roles.contains(*letter) {
                    answer.not_there();
                }
            }
        }
    }

    fn the_figures_of_another_province_are_not_there(app: &App) {
        for stranger in [app.office("53"), app.regency_officer("53.71"), app.observer("53")] {
            stranger.get("/reports/intake?province=18").not_there();
            stranger.get("/reports/intake").ok();
        }
    }

    fn what_belongs_to_others_cannot_be_named(app: &App) {
        let world = World::new(app);
        for row in ROWS.iter().filter(|row| row.names_others) {
            for (letter, stranger) in world.far.iter().chain(&world.near) {
                let answer = world.ask(row, *letter, Some(stranger));
                assert!((400..500).contains(&answer.status), "{letter} {}: {answer}", stranger.email);
            }
        }
    }
}
