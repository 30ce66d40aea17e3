//! For any two accounts and any thing: what each of them sees of it, alone, in lists and in exports, and may do to it
//! is what the descriptions of the roles say.
//!
//! `sees` and `may` are that description once more, written from what people are and not from the program. The world
//! they are asked about has two provinces of two regencies, two schools in each, and classes in which students of
//! several schools and regencies sit together.

use std::collections::BTreeSet;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::harness::path::text;
use crate::harness::{Answer, App, Staff, Stage, Value, given, json};

/// How many pairs of accounts are drawn, each with a thing.
const DRAWN: u32 = 250;

/// Somebody who signed in. The role is the letter that `tests/permissions.rs` has for it.
struct Person<'a> {
    role: char,
    province: &'static str,
    regency: &'static str,
    partner: String,
    staff: Staff<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Account,
    Partner,
    Agreement,
    Cohort,
    Class,
    Session,
    Participant,
    Consent,
    ExamResult,
    PersonRequest,
    Import,
    Enrollment,
    Certificate,
    Incident,
}

/// Something that can be seen, and whom it concerns.
#[derive(Debug, Clone)]
struct Thing {
    kind: Kind,
    id: String,
    province: &'static str,
    /// Of the school for what is a student's, of the host for what is a class's.
    regency: &'static str,
    /// The schools whose students it concerns.
    schools: Vec<String>,
    /// The partner that teaches.
    host: String,
    /// The account that is assigned to the class.
    instructor: String,
    /// The role, of an account.
    role: char,
    /// Lists that it stands in, besides that of its kind.
    lists: Vec<String>,
}

/// Whether an account sees a thing.
fn sees(person: &Person<'_>, thing: &Thing) -> bool {
    let readers = match thing.kind {
        Kind::Partner => "AERSPIO",
        Kind::Account => "AEP",
        Kind::Agreement => "ERSPO",
        Kind::Cohort | Kind::Class | Kind::Session | Kind::Participant | Kind::Enrollment | Kind::Certificate => {
            "ERSPIO"
        }
        Kind::Consent | Kind::PersonRequest | Kind::Import => "ES",
        Kind::ExamResult => "ESPI",
        Kind::Incident => "E",
    };
    let here = person.province == thing.province;
    readers.contains(person.role)
        && match (person.role, thing.kind) {
            // The platform keeps itself and the offices, and knows every partner.
            ('A', Kind::Account) => matches!(thing.role, 'A' | 'E'),
            ('A', _) => true,
            ('E' | 'O', _) | (_, Kind::Partner | Kind::Cohort) => here,
            ('R', _) => person.regency == thing.regency,
            ('S', Kind::Agreement) | ('P', _) => person.partner == thing.host,
            ('S', _) => thing.schools.contains(&person.partner),
            (_, _) => person.staff.id == thing.instructor,
        }
}

/// Something that can be done to a thing: the roles that may, and a request that comes too late or says too little to
/// change anything.
struct Act {
    roles: &'static str,
    method: &'static str,
    path: String,
    body: Value,
}

fn acts(thing: &Thing) -> Vec<Act> {
    let id = &thing.id;
    let act = |roles, method, path: String, body| Act { roles, method, path, body };
    match thing.kind {
        Kind::Account => vec![act("AEP", "PATCH", format!("/staff/{id}"), json!({ "name": "Wulan Dewi" }))],
        Kind::Partner => {
            let name = json!({ "kind": "school_smk", "name": "SMKN Baru", "valid_from": "2025-07-01" });
            vec![act("E", "POST", format!("/partners/{id}/names"), name)]
        }
        Kind::Agreement => {
            let end = json!({ "on": "2026-01-31", "reason": "Izin operasional berakhir" });
            vec![act("E", "POST", format!("/agreements/{id}/termination"), end)]
        }
        Kind::Cohort => vec![
            act("E", "PATCH", format!("/cohorts/{id}"), json!({ "seats_wanted": 90 })),
            act("E", "POST", format!("/cohorts/{id}/state"), json!({ "to": "cancelled", "reason": "Dana dialihkan" })),
        ],
        Kind::Class => {
            let score = json!({ "enrollment": id, "component": "theory", "score": "81.5" });
            vec![
                act("EP", "PATCH", format!("/classes/{id}"), json!({ "room": "Aula" })),
                act("EPI", "POST", format!("/classes/{id}/scores"), json!({ "scores": [score] })),
                act(
                    "EP",
                    "POST",
                    format!("/classes/{id}/completions"),
                    json!({ "enrollments": [id], "confirm": given::doubts() }),
                ),
            ]
        }
        Kind::Session => vec![
            act("EP", "POST", format!("/sessions/{id}/cancellation"), json!({ "reason": "Banjir di jalan" })),
            act("EP", "POST", format!("/sessions/{id}/moves"), json!({ "reason": "Banjir di jalan" })),
            act(
                "EPI",
                "PUT",
                format!("/sessions/{id}/attendance"),
                json!({ "marks": [{ "enrollment": id, "mark": "H" }] }),
            ),
        ],
        Kind::Participant => vec![
            act("ES", "PUT", format!("/participants/{id}"), given::student(9001).into()),
            act("ES", "POST", format!("/participants/{id}/disclosures"), json!({ "reason": "Mencocokkan berkas" })),
        ],
        Kind::Consent => vec![act("ES", "POST", format!("/consents/{id}/withdrawal"), json!({}))],
        Kind::ExamResult => {
            vec![act("EP", "POST", format!("/exam-results/{id}/corrections"), given::competency("Barista").into())]
        }
        Kind::PersonRequest => {
            let done = json!({ "verdict": "done", "answer": "Salinan sudah diserahkan." });
            vec![act("E", "POST", format!("/person-requests/{id}/decision"), done)]
        }
        Kind::Import => vec![act("ES", "POST", format!("/imports/{id}/application"), json!({}))],
        Kind::Enrollment => {
            let step = json!({ "to": "withdrawn", "reason": "Pindah sekolah" });
            vec![act("ESP", "POST", format!("/enrollments/{id}/transitions"), step)]
        }
        Kind::Certificate => {
            let revoke = json!({ "reason": "Nama pemegang keliru" });
            vec![act("EP", "POST", format!("/certificates/{id}/revocation"), revoke)]
        }
        Kind::Incident => vec![act("E", "PATCH", format!("/incidents/{id}"), json!({ "remedy": "Sandi diganti" }))],
    }
}

/// Whether an account may do it.
fn may(person: &Person<'_>, thing: &Thing, act: &Act) -> bool {
    let appoints = match (thing.kind, person.role) {
        (Kind::Account, 'E') => thing.role != 'A',
        (Kind::Account, 'P') => thing.role == 'I',
        _ => true,
    };
    act.roles.contains(person.role) && sees(person, thing) && appoints
}

/// The list that everything of a kind stands in, if there is one.
const fn list(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Account => Some("/staff"),
        Kind::Partner => Some("/partners"),
        Kind::Agreement => Some("/agreements"),
        Kind::Cohort => Some("/cohorts"),
        Kind::Class => Some("/classes"),
        Kind::Participant => Some("/participants"),
        Kind::PersonRequest => Some("/person-requests"),
        Kind::Import => Some("/imports"),
        Kind::Enrollment => Some("/enrollments"),
        Kind::Certificate => Some("/certificates"),
        Kind::Incident => Some("/incidents"),
        Kind::Session | Kind::Consent | Kind::ExamResult => None,
    }
}

/// The address of one thing.
fn address(thing: &Thing) -> String {
    let noun = match thing.kind {
        Kind::Session => "/sessions",
        Kind::Consent => "/consents",
        Kind::ExamResult => "/exam-results",
        kind => list(kind).expect("it has a list"),
    };
    format!("{noun}/{}", thing.id)
}

struct World<'a> {
    app: &'a App,
    people: Vec<Person<'a>>,
    things: Vec<Thing>,
}

impl<'a> World<'a> {
    fn new(app: &'a App) -> Self {
        let mut world = Self { app, people: Vec::new(), things: Vec::new() };
        let admin = app.admin();
        world.person('A', "", "", "", admin);
        for (province, regencies) in [("18", ["18.07", "18.71"]), ("53", ["53.01", "53.71"])] {
            let [one, other] = regencies.map(|regency| app.stage_in(regency));
            let schools =
                [[one.school.clone(), app.school(regencies[0])], [other.school.clone(), app.school(regencies[1])]];
            world.person('E', province, "", "", app.office(province));
            world.person('O', province, "", "", app.observer(province));
            world.province(province, &one, &schools[0], &schools[1][0], regencies[1]);
            world.province(province, &other, &schools[1], &schools[0][0], regencies[0]);
            let incident = one.office.post("/incidents", given::incident(json!({ "class": one.class }))).created().id();
            world.thing(Kind::Incident, &incident, province, "");
        }
        world
    }

    /// One regency of a province, with a guest from a school of the other one.
    fn province(
        &mut self,
        province: &'static str,
        stage: &Stage<'a>,
        schools: &[String; 2],
        guests: &str,
        guests_regency: &'static str,
    ) {
        let app = self.app;
        let (regency, office, host) = (stage.regency, &stage.office, stage.host.as_str());
        self.person('R', province, regency, "", app.regency_officer(regency));
        self.person('P', province, regency, host, app.manager(host));
        self.person('I', province, regency, host, app.signed_in_again(&stage.instructor));
        // Of the same partner, without a class.
        self.person('I', province, regency, host, app.instructor(host));
        self.thing(Kind::Partner, host, province, regency);
        for school in schools {
            self.person('S', province, regency, school, app.coordinator(school));
            self.thing(Kind::Partner, school, province, regency).lists.push(format!("/partners?regency={regency}"));
            let path = format!("/imports?school={school}");
            let import = office.upload(&path, "text/csv", given::dapodik().as_bytes()).created().id();
            self.thing(Kind::Import, &import, province, regency).schools.push(school.clone());
        }
        let agreement = self.thing(Kind::Agreement, &stage.agreement, province, regency);
        host.clone_into(&mut agreement.host);
        agreement.lists.push(format!("/agreements?partner={host}"));
        let cohort = self.thing(Kind::Cohort, &stage.cohort, province, regency);
        cohort.lists.push(format!("/cohorts?program={}", stage.program));

        let class = office.get(&format!("/classes/{}", stage.class)).ok();
        office.patch(&class.address(), &class.etag(), json!({ "seats": 10 })).ok();
        let first = self.student(stage, province, &schools[0], regency, Some(stage));
        self.student(stage, province, &schools[1], regency, Some(stage));
        let guest = self.student(stage, province, guests, guests_regency, Some(stage));
        self.student(stage, province, &schools[0], regency, None);
        let of_class = [schools[0].clone(), schools[1].clone(), guests.to_owned()];
        let class = self.thing(Kind::Class, &stage.class, province, regency);
        class.lists.extend([format!("/classes?partner={host}"), format!("/classes?cohort={}", stage.cohort)]);
        class.taught(stage, &of_class);
        stage.start();
        let sessions = stage.sessions();
        let held = self.thing(Kind::Session, &sessions[0], province, regency);
        held.lists.push(format!("/classes/{}/sessions", stage.class));
        held.taught(stage, &of_class);
        for enrollment in [&first, &guest] {
            stage.mark(&sessions[0], enrollment, "H");
            stage.score_one(enrollment, "80");
        }
        stage.decide();
        stage.issue_first();
        for issued in office.all(&format!("/certificates?class={}", stage.class)) {
            let enrollment = text(&issued["enrollment"]).to_owned();
            let school = if enrollment == guest { guests } else { &schools[0] };
            let certificate = self.thing(Kind::Certificate, text(&issued["id"]), province, regency);
            certificate.lists.push(format!("/certificates?enrollment={enrollment}"));
            certificate.lists.push(format!("/certificates?class={}", stage.class));
            certificate.taught(stage, &[school.to_owned()]);
        }
    }

    /// A student of a school with everything that is theirs; gives the enrollment.
    fn student(
        &mut self,
        stage: &Stage<'a>,
        province: &'static str,
        school: &str,
        regency: &'static str,
        seat: Option<&Stage<'a>>,
    ) -> String {
        let number = u32::try_from(self.app.number()).expect("a small number");
        let person = stage.office.post("/participants", given::student(number).with("school", school)).created().id();
        let path = format!("/participants/{person}");
        let consent = stage.office.post(&format!("{path}/consents"), given::consent()).created().id();
        let exam = stage.office.post(&format!("{path}/exam-results"), given::competency("Pramusaji")).created().id();
        let asked = given::person_request("access");
        let request = stage.office.post(&format!("{path}/person-requests"), asked).created().id();
        let enrollment = if seat.is_some() { stage.seated(&person) } else { stage.waiting(&person) };
        for (kind, id, lists) in [
            (Kind::Participant, &person, vec![format!("/participants?school={school}")]),
            (Kind::Consent, &consent, vec![format!("{path}/consents")]),
            (Kind::ExamResult, &exam, vec![format!("{path}/exam-results")]),
            (Kind::PersonRequest, &request, vec![format!("/person-requests?participant={person}")]),
            (
                Kind::Enrollment,
                &enrollment,
                vec![
                    format!("/enrollments?participant={person}"),
                    format!("/enrollments?school={school}"),
                    format!("/enrollments?cohort={}", stage.cohort),
                ],
            ),
        ] {
            let thing = self.thing(kind, id, province, regency);
            thing.schools.push(school.to_owned());
            thing.lists = lists;
            if let Some(stage) = seat {
                thing.taught(stage, &[]);
            }
        }
        enrollment
    }

    fn person(&mut self, role: char, province: &'static str, regency: &'static str, partner: &str, staff: Staff<'a>) {
        let account = self.thing(Kind::Account, &staff.id, province, regency);
        account.role = role;
        partner.clone_into(&mut account.host);
        self.people.push(Person { role, province, regency, partner: partner.to_owned(), staff });
    }

    fn thing(&mut self, kind: Kind, id: &str, province: &'static str, regency: &'static str) -> &mut Thing {
        self.things.push(Thing {
            kind,
            id: id.to_owned(),
            province,
            regency,
            schools: Vec::new(),
            host: String::new(),
            instructor: String::new(),
            role: ' ',
            lists: Vec::new(),
        });
        self.things.last_mut().expect("it was just put there")
    }

    /// The members of a class and their schools.
    fn members(&self, class: &Thing) -> impl Iterator<Item = &Thing> {
        self.things.iter().filter(|thing| thing.kind == Kind::Enrollment && thing.host == class.host)
    }
}

impl Thing {
    fn taught(&mut self, stage: &Stage<'_>, schools: &[String]) {
        self.host.clone_from(&stage.host);
        self.instructor.clone_from(&stage.instructor.id);
        self.schools.extend_from_slice(schools);
    }
}

/// The ids on a list, page by page; nothing for those who see no such list.
fn listed(person: &Person<'_>, path: &str, id: &str) -> BTreeSet<String> {
    let answer = person.staff.get(path);
    if matches!(answer.status, 403 | 404) {
        return BTreeSet::new();
    }
    let ids = |rows: Vec<Value>| rows.iter().map(|row| text(&row[id]).to_owned()).collect();
    match answer.ok().json() {
        Value::Array(rows) => ids(rows),
        _ => ids(person.staff.all(path)),
    }
}

/// What a person is told of one thing, by every way there is to ask for it.
fn check(person: &Person<'_>, thing: &Thing) {
    let who = format!("{} {} {} {}", person.role, person.province, person.regency, person.staff.email);
    let visible = sees(person, thing);
    let answer = person.staff.get(&address(thing));
    assert_eq!(answer.status == 200, visible, "{who} of {thing:?}: {answer}");
    assert!(visible || matches!(answer.status, 403 | 404), "{who} of {thing:?}: {answer}");
    for path in &thing.lists {
        assert_eq!(listed(person, path, "id").contains(&thing.id), visible, "{who} in {path} of {thing:?}");
    }
    for act in acts(thing) {
        let call = person.staff.call(act.method, &act.path).if_match("\"999\"").json(&act.body);
        let answer = call.send();
        let kept_out = matches!(answer.status, 401 | 403 | 404);
        assert_eq!(!kept_out, may(person, thing, &act), "{who} of {thing:?}: {answer}");
    }
    if thing.kind == Kind::Participant && visible {
        shows_little(person, &answer);
    }
}

/// A number is masked for everyone, and whoever works with figures alone does not learn the name.
fn shows_little(person: &Person<'_>, answer: &Answer) {
    assert!(!answer.text().contains("180705570807"), "{answer}");
    assert_eq!(answer.text().contains("Siti"), person.role != 'O', "{answer}");
}

both! {
    fn any_two_accounts_see_of_anything_what_is_theirs(app: &App) {
        let world = World::new(app);
        let drawn = (0..world.people.len(), 0..world.people.len(), 0..world.things.len());
        let config = Config { cases: DRAWN, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[18; 32]));
        let changes = || app.count_where("audit_events", "action NOT IN ('participant.disclosed', 'consent.read')");
        let before = changes();
        let outcome = runner.run(&drawn, |(one, other, thing)| {
            let thing = &world.things[thing];
            check(&world.people[one], thing);
            check(&world.people[other], thing);
            Ok(())
        });
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(changes(), before, "what came too late has changed something");
        assert!(app.count("audit_events") > before, "nobody was drawn who may read what is recorded");
    }

    fn a_list_has_what_its_reader_sees_and_no_more(app: &App) {
        let world = World::new(app);
        let kinds: BTreeSet<Kind> = world.things.iter().map(|thing| thing.kind).collect();
        assert_eq!(kinds.len(), 14, "the world lacks a kind of thing");
        for person in &world.people {
            for (kind, path) in kinds.iter().filter_map(|kind| list(*kind).map(|path| (*kind, path))) {
                let of_kind = || world.things.iter().filter(|thing| thing.kind == kind);
                let known: BTreeSet<String> = of_kind().map(|thing| thing.id.clone()).collect();
                let expected: BTreeSet<String> =
                    of_kind().filter(|thing| sees(person, thing)).map(|thing| thing.id.clone()).collect();
                let found: BTreeSet<String> = listed(person, path, "id").intersection(&known).cloned().collect();
                assert_eq!(found, expected, "{path} of {} {}", person.role, person.staff.email);
            }
        }
    }

    fn a_roster_has_the_students_that_its_reader_follows(app: &App) {
        let world = World::new(app);
        for person in &world.people {
            for class in world.things.iter().filter(|thing| thing.kind == Kind::Class) {
                // A class is read with all who sit in it, but by a school and a regency, which follow their own.
                let follows = |member: &&Thing| !"RS".contains(person.role) || sees(person, member);
                let reads = "ERSPI".contains(person.role) && sees(person, class);
                let members = world.members(class).filter(|member| reads && follows(member));
                let expected: BTreeSet<String> = members.map(|member| member.id.clone()).collect();
                let answer = person.staff.get(&format!("/classes/{}/roster", class.id));
                let lines = if answer.status == 200 { answer.json()["lines"].clone() } else { json!([]) };
                let lines = lines.as_array().expect("lines").iter();
                let found: BTreeSet<String> = lines.map(|line| text(&line["enrollment"]).to_owned()).collect();
                assert_eq!(found, expected, "{} {}: {answer}", person.role, person.staff.email);
            }
        }
    }

    fn an_export_has_what_its_reader_sees_and_no_more(app: &App) {
        let world = World::new(app);
        for person in &world.people {
            let export = person.staff.get("/audit-events.csv");
            if person.role != 'E' {
                export.denied();
                continue;
            }
            let export = export.ok().text();
            for thing in world.things.iter().filter(|thing| thing.kind != Kind::Session && thing.role != 'A') {
                let own = thing.province == person.province;
                assert_eq!(export.contains(&thing.id), own, "{} of {thing:?}", person.staff.email);
            }
        }
    }
}
