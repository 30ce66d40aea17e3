//! What holds of any import, whatever is in the files: a plan writes nothing, twice is once, the order of rows says
//! nothing, and what is taken back has never been.

use std::cell::{Cell, RefCell};

use diesel::RunQueryDsl;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vokasi_core::id::Id;
use vokasi_core::import::{self, Application, Applied, Import, ImportKind, Limits, NewImport, Place, Plan};
use vokasi_core::values::ProvinceCode;
use vokasi_fixtures::workbook::{Fault, Row, dapodik_csv};
use vokasi_fixtures::{People, Person};

use crate::harness::{App, given, id, json};

/// How many pairs of files are drawn for each database.
const DRAWN: u32 = 12;

/// What a file says of one student.
#[derive(Debug, Clone, Copy)]
enum Says {
    Nothing,
    TheSame,
    AnotherHomeroom,
    AnotherPhone,
    Twice,
    Wrong(Fault),
}

impl Says {
    fn rows(self, person: &Person) -> Vec<Row> {
        let mut person = person.clone();
        match self {
            Self::Nothing => return Vec::new(),
            Self::TheSame => {}
            Self::AnotherHomeroom => "XII TKJ 9".clone_into(&mut person.homeroom),
            Self::AnotherPhone => "+6286111222333".clone_into(&mut person.phone),
            Self::Twice => return vec![Row::clean(person.clone()), Row::clean(person)],
            Self::Wrong(fault) => return vec![Row { person, faults: vec![fault] }],
        }
        vec![Row::clean(person)]
    }
}

fn says() -> impl Strategy<Value = Says> {
    let faults = [
        Fault::NikAsNumber,
        Fault::NisnLostZeros,
        Fault::NikMissing,
        Fault::NikTooShort,
        Fault::BirthDateImpossible,
        Fault::BirthDateAsIndonesianText,
        Fault::SexUnknown,
        Fault::NameMissing,
        Fault::NikDateDiffers,
        Fault::PhoneLostZero,
        Fault::GradeEleven,
        Fault::NikEqualsFamilyCard,
    ];
    prop_oneof![
        2 => Just(Says::Nothing),
        4 => Just(Says::TheSame),
        2 => Just(Says::AnotherHomeroom),
        1 => Just(Says::AnotherPhone),
        1 => Just(Says::Twice),
        3 => prop::sample::select(faults.to_vec()).prop_map(Says::Wrong),
    ]
}

/// What two files say of each student, and in which order the second one says it the second time.
type Drawn = (bool, Vec<(Says, Says, u32)>);

fn drawn() -> impl Strategy<Value = Drawn> {
    (any::<bool>(), prop::collection::vec((says(), says(), any::<u32>()), 1..10))
}

/// One place and what is brought to it.
struct Brought<'a> {
    app: &'a App,
    place: Place,
    /// What the register says of it, but for keys and times.
    queries: Vec<String>,
}

/// What two files say, and the second one in another order; nothing where a file has no row.
struct Files {
    first: Option<String>,
    second: Option<String>,
    shuffled: Option<String>,
}

impl Files {
    /// Of rows and what is written of them; the numbers say in which order they come the second time.
    fn of<R: Clone>(first: &[R], second: Vec<(u32, R)>, written: impl Fn(&[R]) -> String) -> Self {
        let file = |rows: Vec<R>| (!rows.is_empty()).then(|| written(&rows));
        let mut order = second.clone();
        order.sort_by_key(|(key, _)| *key);
        let rows = |rows: Vec<(u32, R)>| rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>();
        Self { first: file(first.to_vec()), second: file(rows(second)), shuffled: file(rows(order)) }
    }
}

impl Brought<'_> {
    /// A plan, unless the file has no row at all.
    fn plan(&self, file: Option<&String>) -> Option<(Import, Plan)> {
        let place = self.place.clone();
        let (table, file_sha256) = import::read_as(place.kind, file?.as_bytes(), &Limits::default()).unwrap();
        let new = NewImport { place, file_name: String::new(), file_sha256, table };
        Some(self.app.operator(move |tx, operator| import::create(tx, operator, new)))
    }

    fn apply(&self, (import, plan): &(Import, Plan)) -> Applied {
        let confirm = plan.summary.warnings.keys().cloned().collect();
        let (id, asked) = (import.id, Application { version: import.version, confirm, ..Application::default() });
        let (_, applied) = self.app.operator(move |tx, operator| import::apply(tx, operator, id, &asked)?.applied());
        applied
    }

    fn undo(&self, import: Id) {
        self.app.operator(move |tx, operator| {
            let version = import::get(tx, operator, import)?.version;
            import::undo(tx, operator, import, version)
        });
    }

    fn register(&self) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Line {
            #[diesel(sql_type = diesel::sql_types::Text)]
            line: String,
        }
        let mut connection = self.app.connect();
        let read = |query: &String| -> Vec<Line> { diesel::sql_query(query).load(&mut connection).unwrap() };
        let mut lines: Vec<String> = self.queries.iter().flat_map(read).map(|row| row.line).collect();
        lines.sort_unstable();
        lines
    }

    /// Holds the laws against one pair of files; `later` lets time pass between the two.
    fn hold(&self, files: &Files, later: impl Fn()) -> Result<(), TestCaseError> {
        let empty = self.register();
        if let Some(plan) = self.plan(files.first.as_ref()) {
            prop_assert_eq!(self.register(), empty, "a plan has written something");
            self.apply(&plan);
        }
        later();
        let start = self.register();
        let Some(plan) = self.plan(files.second.as_ref()) else { return Ok(()) };
        prop_assert_eq!(&self.register(), &start, "a plan has written something");
        self.apply(&plan);
        let end = self.register();
        // Twice is once.
        let again = self.plan(files.second.as_ref()).unwrap();
        prop_assert_eq!(self.apply(&again), Applied { registered: 0, corrected: 0, enrolled: 0 });
        prop_assert_eq!(&self.register(), &end, "the same file again has changed something");
        // What is taken back has never been.
        self.undo(plan.0.id);
        prop_assert_eq!(&self.register(), &start, "something is left of what was taken back");
        // The order of rows says nothing.
        let plan = self.plan(files.shuffled.as_ref()).unwrap();
        self.apply(&plan);
        prop_assert_eq!(&self.register(), &end, "the order of the rows has said something");
        Ok(())
    }
}

/// What the register says of a school's students.
fn of_school(school: Id) -> Vec<String> {
    let school = school.as_i64();
    vec![
        format!(
            "SELECT name || search_name || sex || birth_place || CAST(birth_date AS TEXT) || coalesce(nik_hash, '') || \
             coalesce(nisn, '') || coalesce(student_number, '') || coalesce(homeroom, '') AS line \
             FROM participants WHERE school_id = {school}"
        ),
        format!(
            "SELECT 'enrolled ' || name || state AS line FROM enrollments \
             JOIN participants ON participants.id = participant_id WHERE participants.school_id = {school}"
        ),
    ]
}

/// The two files on some students.
fn students(people: &mut People, (_, students): &Drawn) -> Files {
    let people: Vec<Person> = students.iter().map(|_| people.grade_xii("18.07", 2025)).collect();
    let each = || students.iter().zip(&people);
    let first: Vec<Row> = each().flat_map(|(student, person)| student.0.rows(person)).collect();
    let second = each().flat_map(|(student, person)| student.1.rows(person).into_iter().map(|row| (student.2, row)));
    Files::of(&first, second.collect(), |rows| dapodik_csv(rows, b','))
}

/// What a list says of one institution.
#[derive(Debug, Clone, Copy)]
enum Lists {
    Nothing,
    TheSame,
    AnotherHead,
    AnotherName,
    Twice,
    Wrong,
}

impl Lists {
    /// Of the institution of that number; every third has no NPSN.
    fn rows(self, number: u32) -> Vec<String> {
        let numbered = !number.is_multiple_of(3);
        let (kind, npsn) = if numbered { ("SMK", format!("209{number:05}")) } else { ("LPK", String::new()) };
        let name = if matches!(self, Self::AnotherName) { "Lembaga Baru" } else { "Lembaga" };
        let head = if matches!(self, Self::AnotherHead) { "Wulan Contoh" } else { "Rohmat Contoh" };
        let regency = if matches!(self, Self::Wrong) { "Kota Kupang" } else { "Kota Metro" };
        let row = format!("{npsn},{name} {number},{kind},{regency},{head},,19780517200501{:04}", number % 10_000);
        match self {
            Self::Nothing => Vec::new(),
            Self::Twice => vec![row.clone(), row],
            _ => vec![row],
        }
    }
}

fn lists() -> impl Strategy<Value = Lists> {
    prop_oneof![
        1 => Just(Lists::Nothing),
        3 => Just(Lists::TheSame),
        2 => Just(Lists::AnotherHead),
        2 => Just(Lists::AnotherName),
        1 => Just(Lists::Twice),
        1 => Just(Lists::Wrong),
    ]
}

/// What two lists say of some institutions.
fn institutions(first_number: u32, drawn: &[(Lists, Lists, u32)]) -> Files {
    let each = || (first_number..).zip(drawn);
    let first: Vec<String> = each().flat_map(|(number, says)| says.0.rows(number)).collect();
    let second = each().flat_map(|(number, says)| says.1.rows(number).into_iter().map(|row| (says.2, row)));
    let header = "NPSN,Nama Sekolah,Bentuk Pendidikan,Kab/Kota,Kepala Sekolah,Jabatan,NIP";
    Files::of(&first, second.collect(), |rows| format!("{header}\n{}\n", rows.join("\n")))
}

/// What a paper list says of one member in three sessions.
fn marks() -> impl Strategy<Value = [&'static str; 3]> {
    let cell = || prop::sample::select(vec!["", "", "-", "H", "v", "T", "sakit", "I", "A", "?"]);
    [cell(), cell(), cell()]
}

/// The two lists of a class, of the members with these numbers.
fn papers(nisns: &[String], drawn: &[([&str; 3], [&str; 3], u32)]) -> Files {
    let line = |nisn: &String, cells: &[&str; 3]| format!("{nisn},{}", cells.join(","));
    let each = || nisns.iter().zip(drawn);
    let first: Vec<String> = each().map(|(nisn, says)| line(nisn, &says.0)).collect();
    let second = each().map(|(nisn, says)| (says.2, line(nisn, &says.1)));
    let header = "NISN,21/07/2025,28/07/2025,04/08/2025";
    Files::of(&first, second.collect(), |rows| format!("{header}\n{}\n", rows.join("\n")))
}

/// Draws files until a law is broken, the same ones in every run.
fn for_any<S: Strategy>(drawn: &S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases: DRAWN, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[22; 32]));
    let outcome = runner.run(drawn, holds);
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

both! {
    fn the_laws_of_imports_hold_for_any_two_files(app: &App) {
        let stage = app.stage();
        // None of them is like another, in whichever case.
        let (number, people) = (Cell::new(5000), RefCell::new(People::new(22)));
        for_any(&drawn(), |drawn| {
            number.set(number.get() + 1);
            let school = id(&app.partner(given::school(number.get())));
            let cohort = drawn.0.then(|| id(&stage.cohort));
            let brought = Brought { app, place: Place::of_people(Some(school), cohort), queries: of_school(school) };
            brought.hold(&students(&mut people.borrow_mut(), &drawn), || ())
        });
        crate::harness::figures_add_up(app);
    }

    fn they_hold_for_institutions(app: &App) {
        let province = Some(ProvinceCode::parse("18").unwrap());
        let place = Place { kind: ImportKind::Partners, province, ..Place::default() };
        let names = "name || kind || coalesce(head_name, '') || coalesce(head_title, '') || coalesce(head_nip, '')";
        let queries = vec![
            format!("SELECT {names} || coalesce(npsn, '') || search_name || CAST(named_from AS TEXT) AS line FROM partners"),
            format!("SELECT {names} || CAST(valid_from AS TEXT) AS line FROM partner_names"),
        ];
        let brought = Brought { app, place, queries };
        let number = Cell::new(1000);
        for_any(&prop::collection::vec((lists(), lists(), any::<u32>()), 1..10), |drawn| {
            number.set(number.get() + 100);
            // A name is valid from a day on.
            brought.hold(&institutions(number.get(), &drawn), || app.wait(chrono::Duration::days(1)))
        });
    }

    fn they_hold_for_paper_lists(app: &App) {
        let stage = app.stage();
        let class = stage.office.get(&format!("/classes/{}", stage.class)).ok();
        stage.office.patch(&class.address(), &class.etag(), json!({ "seats": 10 })).ok();
        let people: Vec<String> = (0..5).map(|_| stage.student()).collect();
        let nisn = |person: &String| stage.office.get(&format!("/participants/{person}")).ok().field("nisn");
        let nisns: Vec<String> = people.iter().map(nisn).collect();
        for person in &people {
            stage.seated(person);
        }
        stage.move_class(&stage.class, "running").ok();
        stage.timetable(&stage.class);
        app.set_clock("2025-08-05T03:00:00Z");
        let class = id(&stage.class);
        let place = Place { kind: ImportKind::Attendance, class: Some(class), ..Place::default() };
        let of_class = format!("WHERE class_id = {}", class.as_i64());
        let queries = vec![
            format!(
                "SELECT CAST(enrollment_id AS TEXT) || CAST(held_on AS TEXT) || mark AS line \
                 FROM attendance JOIN sessions ON sessions.id = session_id {of_class}"
            ),
            format!("SELECT CAST(held_on AS TEXT) || state || coalesce(CAST(reported_at AS TEXT), '') AS line FROM sessions {of_class}"),
        ];
        let brought = Brought { app, place, queries };
        let drawn = prop::collection::vec((marks(), marks(), any::<u32>()), 5);
        for_any(&drawn, |drawn| brought.hold(&papers(&nisns, &drawn), || app.wait(chrono::Duration::minutes(1))));
    }
}
