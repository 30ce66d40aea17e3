//! What holds of any import, whatever is in the files: a plan writes nothing, twice is once, the order of rows says
//! nothing, and what is taken back has never been.

use std::cell::{Cell, RefCell};

use diesel::RunQueryDsl;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vokasi_core::id::Id;
use vokasi_core::import::{self, Application, Applied, Import, Limits, NewImport, Place, Plan};
use vokasi_fixtures::workbook::{Fault, Row, dapodik_csv};
use vokasi_fixtures::{People, Person};

use crate::harness::{App, given, id};

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

/// One school and what is brought to it.
struct Brought<'a> {
    app: &'a App,
    school: Id,
    cohort: Option<Id>,
}

impl Brought<'_> {
    /// A plan, unless the file has no row at all.
    fn plan(&self, rows: &[Row]) -> Option<(Import, Plan)> {
        if rows.is_empty() {
            return None;
        }
        let (table, file_sha256) = import::read(dapodik_csv(rows, b',').as_bytes(), &Limits::default()).unwrap();
        let place = Place::of_people(Some(self.school), self.cohort);
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

    /// What the register says of the school's students, but for keys and times.
    fn register(&self) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Line {
            #[diesel(sql_type = diesel::sql_types::Text)]
            line: String,
        }
        let school = self.school.as_i64();
        let queries = [
            format!(
                "SELECT name || search_name || sex || birth_place || CAST(birth_date AS TEXT) || coalesce(nik_hash, '') || \
                 coalesce(nisn, '') || coalesce(student_number, '') || coalesce(homeroom, '') AS line \
                 FROM participants WHERE school_id = {school}"
            ),
            format!(
                "SELECT 'enrolled ' || name || state AS line FROM enrollments \
                 JOIN participants ON participants.id = participant_id WHERE participants.school_id = {school}"
            ),
        ];
        let mut connection = self.app.connect();
        let read = |query| -> Vec<Line> { diesel::sql_query(query).load(&mut connection).unwrap() };
        let mut lines: Vec<String> = queries.into_iter().flat_map(read).map(|row| row.line).collect();
        lines.sort_unstable();
        lines
    }
}

/// Holds the laws against one pair of files.
fn hold(brought: &Brought<'_>, people: &mut People, (_, students): &Drawn) -> Result<(), TestCaseError> {
    let people: Vec<Person> = students.iter().map(|_| people.grade_xii("18.07", 2025)).collect();
    let file = |says: fn(&(Says, Says, u32)) -> Says| -> Vec<Row> {
        students.iter().zip(&people).flat_map(|(student, person)| says(student).rows(person)).collect()
    };
    let (first, second) = (file(|says| says.0), file(|says| says.1));
    let empty = brought.register();
    if let Some(plan) = brought.plan(&first) {
        prop_assert_eq!(brought.register(), empty, "a plan has written something");
        brought.apply(&plan);
    }
    let start = brought.register();
    let Some(plan) = brought.plan(&second) else { return Ok(()) };
    prop_assert_eq!(&brought.register(), &start, "a plan has written something");
    brought.apply(&plan);
    let end = brought.register();
    // Twice is once.
    let again = brought.plan(&second).unwrap();
    prop_assert_eq!(brought.apply(&again), Applied { registered: 0, corrected: 0, enrolled: 0 });
    prop_assert_eq!(&brought.register(), &end, "the same file again has changed something");
    // What is taken back has never been.
    brought.undo(plan.0.id);
    prop_assert_eq!(&brought.register(), &start, "something is left of what was taken back");
    // The order of rows says nothing.
    let mut order: Vec<(u32, Row)> = Vec::new();
    for ((says, person), key) in students.iter().zip(&people).zip(students.iter().map(|student| student.2)) {
        order.extend(says.1.rows(person).into_iter().map(|row| (key, row)));
    }
    order.sort_by_key(|(key, _)| *key);
    let shuffled: Vec<Row> = order.into_iter().map(|(_, row)| row).collect();
    let plan = brought.plan(&shuffled).unwrap();
    brought.apply(&plan);
    prop_assert_eq!(&brought.register(), &end, "the order of the rows has said something");
    Ok(())
}

both! {
    fn the_laws_of_imports_hold_for_any_two_files(app: &App) {
        let stage = app.stage();
        // None of them is like another, in whichever case.
        let (number, people) = (Cell::new(5000), RefCell::new(People::new(22)));
        let config = Config { cases: DRAWN, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[22; 32]));
        let outcome = runner.run(&drawn(), |files| {
            number.set(number.get() + 1);
            let school = id(&app.partner(given::school(number.get())));
            let cohort = files.0.then(|| id(&stage.cohort));
            hold(&Brought { app, school, cohort }, &mut people.borrow_mut(), &files)
        });
        assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
        crate::harness::figures_add_up(app);
    }
}
