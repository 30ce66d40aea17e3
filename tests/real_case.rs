//! The real case: 8,445 students register in fifteen regencies for 101 classes with 2,984 seats. What the province
//! published comes out of the register, and every figure of it out of the rows.

use std::collections::{BTreeMap, HashMap};

use chrono::Duration;
use vokasi_core::consent::{self, ConsentMethod, Giver, NewConsent, Purpose};
use vokasi_core::enrollment;
use vokasi_core::id::Id;
use vokasi_core::participant::{self, Contact, Participant};
use vokasi_core::time::is_minor_on;
use vokasi_core::values::{Label, Nik, Nisn, PersonName, Sex};
use vokasi_fixtures::{LAMPUNG, People, Person, intake};

use crate::harness::path::{apply_plan, seating_plan, tally, text};
use crate::harness::{App, Staff, Value, figures_add_up, given, id, json, open};

/// Schools of the province; most of them host no class.
const SCHOOLS: usize = 350;
/// Waves in which every regency's students register, each school some.
const WAVES: usize = 6;
const BEFORE: &str = "2025-07-01T01:00:00Z";

/// The province before anybody is seated.
struct Intake<'a> {
    app: &'a App,
    cohort: String,
}

impl<'a> Intake<'a> {
    fn registered(app: &'a App) -> Self {
        app.set_clock(BEFORE);
        let office = app.office("18");
        let program = office.post("/programs", given::program("JPN-N5")).created().id();
        let cohort = open(&office, &program);
        let hosts = intake::shared(intake::CLASSES);
        let mut made = 0;
        let mut schools: Vec<Vec<String>> = Vec::new();
        for (regency, number) in intake::shared(SCHOOLS).into_iter().enumerate() {
            let school = |_| {
                let number = u32::try_from(app.number()).unwrap();
                let school = given::school(number).with("regency", LAMPUNG[regency].0);
                office.post("/partners", school).created().id()
            };
            let own: Vec<String> = (0..number).map(school).collect();
            for host in own.iter().take(hosts[regency]) {
                let agreement = given::agreement(host, &program).with("number", format!("420/{made}/2025"));
                let agreement = office.post("/agreements", agreement).created().id();
                let class = given::class(&cohort, host, &agreement).with("name", format!("Kelas {made}"));
                let class = class.with("seats", intake::seats(made)).with("minimum", 16).with("reserves", 0);
                office.post("/classes", class).created();
                made += 1;
            }
            schools.push(own);
        }
        let intake = Self { app, cohort };
        intake.register(&schools);
        intake
    }

    /// In waves, now from the first regency on and now from the last; everyone who comes at once has the same moment.
    fn register(&self, schools: &[Vec<String>]) {
        let (waiting, hosts) = (intake::waiting(), intake::shared(intake::CLASSES));
        let mut people = People::new(8_445);
        let mut first = 0;
        let mut left: Vec<usize> = Vec::new();
        for (regency, classes) in hosts.into_iter().enumerate() {
            left.push(waiting[regency] + (first..first + classes).map(intake::seats).sum::<usize>());
            first += classes;
        }
        for wave in 0..WAVES {
            let mut order: Vec<usize> = (0..LAMPUNG.len()).collect();
            if wave % 2 == 1 {
                order.reverse();
            }
            for regency in order {
                let now = left[regency] / (WAVES - wave);
                left[regency] -= now;
                let code = LAMPUNG[regency].0;
                let mut by_school: BTreeMap<usize, Vec<participant::Person>> = BTreeMap::new();
                for number in 0..now {
                    let school = (wave + number) % schools[regency].len();
                    by_school.entry(school).or_default().push(entry(&people.grade_xii(code, 2025)));
                }
                let by_school: Vec<(Id, Vec<participant::Person>)> =
                    by_school.into_iter().map(|(school, people)| (id(&schools[regency][school]), people)).collect();
                self.app.wait(Duration::hours(1));
                self.come(by_school);
            }
        }
    }

    /// Registers students for the cohort, each with a consent on paper.
    fn come(&self, by_school: Vec<(Id, Vec<participant::Person>)>) {
        let cohort: Id = id(&self.cohort);
        self.app.operator(move |tx, operator| {
            let cohort = vokasi_core::cohort::get(tx, operator, cohort)?;
            let mut everyone: Vec<Participant> = Vec::new();
            for (school, people) in &by_school {
                everyone.extend(participant::create_many(tx, operator, Some(*school), None, people)?);
            }
            let consents: Vec<NewConsent> = everyone.iter().map(consent).collect();
            consent::give_many(tx, operator, &consents)?;
            let everyone: Vec<&Participant> = everyone.iter().collect();
            enrollment::apply_many(tx, operator, &cohort, &everyone, None)
        });
    }

    fn enrollments(&self, office: &Staff<'_>) -> Vec<Value> {
        office.all(&format!("/enrollments?cohort={}&limit=200", self.cohort))
    }

    fn classes(&self, office: &Staff<'_>) -> Vec<Value> {
        office.all(&format!("/classes?cohort={}&limit=200", self.cohort))
    }
}

fn entry(person: &Person) -> participant::Person {
    participant::Person {
        name: PersonName::parse(&person.name).unwrap(),
        sex: if person.sex == vokasi_fixtures::people::Sex::Female { Sex::Female } else { Sex::Male },
        birth_place: person.birth_place.clone(),
        birth_date: person.birth_date,
        nik: Some(Nik::parse(&person.nik).unwrap()),
        nisn: Some(Nisn::parse(&person.nisn).unwrap()),
        student_number: Some(person.nipd.clone()),
        homeroom: Some(person.homeroom.clone()),
        graduation_year: None,
        contact: Contact::default(),
    }
}

fn consent(person: &Participant) -> NewConsent {
    let given_on = "2025-06-30".parse().unwrap();
    let given_by = if is_minor_on(person.birth_date, given_on) { Giver::Guardian } else { Giver::Participant };
    NewConsent {
        participant: person.id,
        purpose: Purpose::Training,
        text_version: Label::parse("2025-07").unwrap(),
        given_by,
        giver_name: person.name.clone(),
        method: ConsentMethod::Paper,
        given_on,
    }
}

/// The waiting list as anybody can work it out: who registered first comes first.
fn line(enrollments: &[Value]) -> Vec<&Value> {
    let mut line: Vec<&Value> = enrollments.iter().filter(|row| row["state"] == "waitlisted").collect();
    line.sort_by_key(|row| (text(&row["applied_at"]), text(&row["id"])));
    line
}

/// Who gets which seat, as the rule is told: in the order of the list, first everyone whose own school hosts a class,
/// then everyone of its regency. The class, and why, by enrollment.
fn seats_of<'a>(line: &[&'a Value], classes: &'a [Value]) -> HashMap<&'a str, (&'a str, &'static str)> {
    let mut free: Vec<i64> = classes.iter().map(|class| class["seats"].as_i64().unwrap()).collect();
    let mut given = HashMap::new();
    for (why, of_person, of_class) in [("own_school", "school", "partner"), ("same_regency", "regency", "regency")] {
        for person in line {
            let near = |index: &usize| free[*index] > 0 && classes[*index][of_class] == person[of_person];
            if !given.contains_key(text(&person["id"]))
                && let Some(class) = (0..classes.len()).find(near)
            {
                free[class] -= 1;
                given.insert(text(&person["id"]), (text(&classes[class]["id"]), why));
            }
        }
    }
    given
}

/// What the rows of one regency come to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Figures {
    registered: i64,
    classes: i64,
    seats: i64,
    seated: i64,
    waiting: i64,
    classes_needed: i64,
}

/// Every regency's figures, counted from the rows, and all of them together.
fn counted(enrollments: &[Value], classes: &[Value]) -> (BTreeMap<String, Figures>, Figures) {
    let mut table: BTreeMap<String, Figures> = BTreeMap::new();
    for row in enrollments {
        let figures = table.entry(text(&row["regency"]).to_owned()).or_default();
        figures.registered += 1;
        figures.seated += i64::from(row["state"] == "active");
        figures.waiting += i64::from(row["state"] == "waitlisted");
    }
    for class in classes {
        let figures = table.entry(text(&class["regency"]).to_owned()).or_default();
        figures.classes += 1;
        figures.seats += class["seats"].as_i64().unwrap();
    }
    let mut total = Figures::default();
    for figures in table.values_mut() {
        let without = figures.waiting - (figures.seats - figures.seated);
        let size = i64::try_from(intake::CLASS_SIZE).unwrap();
        figures.classes_needed = figures.classes + (without + size - 1) / size;
        total.registered += figures.registered;
        total.classes += figures.classes;
        total.seats += figures.seats;
        total.seated += figures.seated;
        total.waiting += figures.waiting;
        total.classes_needed += figures.classes_needed;
    }
    (table, total)
}

impl Figures {
    /// The same as a report says them.
    fn told(report: &Value) -> Self {
        let number = |name: &str| report[name].as_i64().unwrap();
        Self {
            registered: number("registered"),
            classes: number("classes"),
            seats: number("seats"),
            seated: number("seated"),
            waiting: number("waiting"),
            classes_needed: number("classes_needed"),
        }
    }

    fn print(&self, name: &str) {
        let Self { registered, classes, seats, seated, waiting, classes_needed } = self;
        println!("{name:<22} {registered:>10} {classes:>8} {seats:>7} {seated:>7} {waiting:>8} {classes_needed:>8}");
    }
}

fn print(table: &BTreeMap<String, Figures>, total: &Figures) {
    println!(
        "{:<22} {:>10} {:>8} {:>7} {:>7} {:>8} {:>8}",
        "regency", "registered", "classes", "seats", "seated", "waiting", "needed"
    );
    for (code, name, _) in LAMPUNG {
        table[code].print(name);
    }
    total.print("Lampung");
}

both! {
    fn the_first_intake_comes_out_as_it_was_published(app: &App) {
        let intake = Intake::registered(app);
        let office = app.office("18");
        let registered = intake.enrollments(&office);
        let classes = intake.classes(&office);
        let before = line(&registered);
        assert_eq!((registered.len(), before.len()), (intake::REGISTERED, intake::REGISTERED));

        // The plan says of everyone what the rule says of them.
        let plan = seating_plan(&office, &intake.cohort);
        let expected = seats_of(&before, &classes);
        let rows = office.all(&format!("{}/rows?limit=200", plan.location()));
        assert_eq!(rows.len(), before.len());
        for (place, (row, person)) in (1..).zip(rows.iter().zip(&before)) {
            assert_eq!((&row["enrollment"], &row["place"]), (&person["id"], &json!(place)));
            let seat = expected.get(text(&person["id"]));
            let (class, why) = seat.map_or((Value::Null, Value::Null), |(class, why)| (json!(class), json!(why)));
            assert_eq!((&row["class"], &row["why"]), (&class, &why), "{row}");
            assert_eq!(row["why_not"], if seat.is_some() { Value::Null } else { json!("no_seat") });
        }
        let nearness = tally(&rows.iter().filter(|row| row["outcome"] == "seat").cloned().collect::<Vec<_>>(), "why");
        assert!(nearness["own_school"] > 1_000 && nearness["same_regency"] > 500, "{nearness:?}");
        assert_eq!(plan.json()["left"], json!([{ "why_not": "no_seat", "people": intake::WAITING }]));
        assert_eq!(plan.json()["below_minimum"], 0);

        apply_plan(&office, &plan.id(), &plan.etag()).ok();
        let seated = intake.enrollments(&office);
        let classes = intake.classes(&office);
        let (table, total) = counted(&seated, &classes);
        print(&table, &total);
        assert_eq!(
            total,
            Figures { registered: 8_445, classes: 101, seats: 2_984, seated: 2_984, waiting: 5_461, classes_needed: 291 }
        );
        assert_eq!(table.len(), LAMPUNG.len());

        // Everyone sits where the plan said, and no class holds more than its seats.
        let mut members: HashMap<&str, i64> = HashMap::new();
        for row in &seated {
            let class = expected.get(text(&row["id"])).map(|(class, _)| *class);
            assert_eq!(row["class"], class.map_or(Value::Null, Value::from), "{row}");
            if let Some(class) = class {
                *members.entry(class).or_default() += 1;
            }
        }
        for class in &classes {
            assert_eq!((&class["seated"], members[text(&class["id"])]), (&class["seats"], class["seats"].as_i64().unwrap()));
        }

        // What the report says of each regency is what its rows come to.
        let report = office.get("/reports/intake").ok().json();
        assert_eq!(Figures::told(&report["total"]), total);
        let told: BTreeMap<String, Figures> = report["rows"].as_array().unwrap().iter()
            .map(|row| (text(&row["regency"]).to_owned(), Figures::told(row))).collect();
        assert_eq!(told, table);

        // Those who wait do so in the order in which they registered, and the next plan needs what the report needs.
        let after = line(&seated);
        let plan = seating_plan(&office, &intake.cohort);
        let places = office.all(&format!("{}/rows?limit=200", plan.location()));
        let in_line = |rows: &[Value]| rows.iter().map(|row| row["enrollment"].clone()).collect::<Vec<_>>();
        assert_eq!(in_line(&places), after.iter().map(|row| row["id"].clone()).collect::<Vec<_>>());
        for (position, row) in (1..).zip(&after).step_by(1_365) {
            let enrollment = office.get(&format!("/enrollments/{}", text(&row["id"]))).ok().json();
            assert_eq!(enrollment["position"], json!(position));
        }
        let summary = plan.json();
        assert_eq!((&summary["seats"], &summary["classes_needed"]), (&json!(0), &json!(190)));
        assert_eq!(summary["teachers_needed"], 291, "no class has one yet");
        for need in summary["needed"].as_array().unwrap() {
            let figures = &table[text(&need["regency"])];
            assert_eq!((&need["waiting"], &need["free"]), (&json!(figures.waiting), &json!(0)));
            assert_eq!(need["classes"], figures.classes_needed - figures.classes);
        }
        figures_add_up(app);
    }
}
