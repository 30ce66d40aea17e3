//! The program killed at a random moment: an import is wholly there or wholly not, and its job goes on.
//!
//! `VOKASI_TEST_KILLS=100 cargo test -p acceptance kills` kills it a hundred times on each database.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use vokasi_core::db::{AnyConnection, DatabaseUrl};
use vokasi_core::id::Id;
use vokasi_core::import::{self, Limits, NewImport, Place, Table};
use vokasi_core::job;
use vokasi_fixtures::People;
use vokasi_fixtures::workbook::{Row, dapodik_csv};

use crate::harness::{App, Backend, Staff, figures_add_up, id};

/// Rows of each file.
const PEOPLE: usize = 2_000;
/// What the program in a process of its own is asked to do: a word a line.
pub const LINE: &str = "VOKASI_TEST_LINE";

/// No story: the program itself, for the stories that start and kill it.
#[test]
fn the_program_in_a_process_of_its_own() {
    let Some(line) = std::env::var_os(LINE) else { return };
    let line = line.into_string().unwrap();
    let code = vokasi_api::cli::run_line(&line.lines().collect::<Vec<_>>());
    println!("it ended with {code:?}");
}

#[test]
fn killed_while_it_writes_sqlite() {
    killed_while_it_writes(&App::start(Backend::Sqlite));
}

#[test]
fn killed_while_it_writes_postgres() {
    killed_while_it_writes(&App::start(Backend::Postgres));
}

/// A serving program that ends with a kill.
struct Program {
    process: Child,
    address: String,
}

impl Program {
    fn start(app: &App) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let url = match &app.database().url {
            DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let line = format!("vokasi\nserve\n--listen\n{address}\n--database-url\n{url}\n--log\nerror");
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kills::the_program_in_a_process_of_its_own", "--nocapture"])
            .current_dir(std::env::temp_dir())
            .env(LINE, line)
            // The secret of every story.
            .env("VOKASI_SECRET", "\u{7}".repeat(32))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, address }
    }

    /// Sends a request once the program listens; what it answers is read from there.
    fn ask(&self, staff: &Staff<'_>, line: &str, headers: &str, body: &[u8]) -> BufReader<TcpStream> {
        let mut stream = (0..3_000)
            .find_map(|_| {
                thread::park_timeout(Duration::from_millis(10));
                TcpStream::connect(&self.address).ok()
            })
            .expect("it listens within half a minute");
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let (host, token, length) = (&self.address, &staff.access_token, body.len());
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\
             {headers}Connection: close\r\n\r\n"
        )
        .unwrap();
        stream.write_all(body).unwrap();
        BufReader::new(stream)
    }
}

impl Drop for Program {
    /// SIGKILL: nothing of it runs any more.
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// What both databases say of a job and its import, in one look.
#[derive(Debug, QueryableByName)]
struct Look {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
    #[diesel(sql_type = Text)]
    import: String,
    #[diesel(sql_type = BigInt)]
    undone: i64,
    #[diesel(sql_type = BigInt)]
    people: i64,
    #[diesel(sql_type = BigInt)]
    applied: i64,
}

fn look(connection: &mut AnyConnection, job: Id) -> Look {
    let query = format!(
        "SELECT jobs.kind, jobs.state, CAST(jobs.attempts AS BIGINT) AS attempts, jobs.outcome, imports.state AS import, \
         CAST(CASE WHEN imports.undone_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS undone, \
         (SELECT count(*) FROM participants WHERE participants.import_id = imports.id) AS people, \
         (SELECT count(*) FROM audit_events WHERE action = 'import.applied' AND subject_id = imports.id) AS applied \
         FROM jobs JOIN imports ON imports.id = jobs.import_id WHERE jobs.id = {}",
        job.as_i64()
    );
    diesel::sql_query(query).get_result(connection).unwrap()
}

impl Look {
    fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "queued" | "running")
    }

    /// All of it or nothing of it; and the job says which.
    #[track_caller]
    fn is_whole(&self) {
        let done = self.state == "done";
        let gave_up = self.outcome.as_ref().is_some_and(|outcome| outcome.contains("job.gave_up"));
        assert!(done || self.is_open() || gave_up, "{self:?}");
        let there = (self.kind == "application") == done;
        let people = if there { i64::try_from(PEOPLE).unwrap() } else { 0 };
        assert_eq!(self.people, people, "{self:?}");
        let applied = self.kind == "undo" || done;
        assert_eq!((self.import == "applied", self.applied), (applied, i64::from(applied)), "{self:?}");
        assert_eq!(self.undone == 1, self.kind == "undo" && done, "{self:?}");
    }
}

fn file() -> String {
    let mut people = People::new(7);
    let rows: Vec<Row> = (0..PEOPLE).map(|_| Row::clean(people.grade_xii("18.07", 2025))).collect();
    dapodik_csv(&rows, b',')
}

/// A file of one school, and the import of it that is being written or taken back.
struct Files<'a> {
    app: &'a App,
    school: Id,
    table: Table,
    import: Id,
}

impl<'a> Files<'a> {
    fn new(app: &'a App) -> Self {
        let school = id(&app.school("18.07"));
        let (table, _) = import::read(file().as_bytes(), &Limits::default()).unwrap();
        let mut files = Self { app, school, table, import: Id::default() };
        files.bring();
        files
    }

    /// The same file once more.
    fn bring(&mut self) {
        let new = NewImport {
            place: Place::of_people(Some(self.school), None),
            file_name: String::new(),
            file_sha256: String::new(),
            table: self.table.clone(),
        };
        let (made, plan) = self.app.operator(move |tx, operator| import::create(tx, operator, new));
        let problems: Vec<_> = plan.rows.values().flat_map(|row| row.unwrap().findings).take(3).collect();
        assert_eq!(plan.summary.count(import::Action::New), PEOPLE, "{problems:?}");
        self.import = made.id;
    }

    /// Asks for what comes next: an import that is not written is, one that is written is taken back.
    fn ask(&mut self) -> Id {
        let import = self.import;
        let now = self.app.operator(move |tx, operator| import::get(tx, operator, import));
        if now.undone_at.is_some() {
            self.bring();
            return self.ask();
        }
        let confirm = now.summary.warnings.keys().cloned().collect();
        let asked = import::Application { version: now.version, confirm, ..import::Application::default() };
        self.app.operator(move |tx, operator| match now.applied_at {
            None => job::ask_application(tx, operator, import, asked).map(|job| job.id),
            Some(_) => job::ask_undo(tx, operator, import, now.version).map(|job| job.id),
        })
    }
}

both! {
    fn told_to_stop_it_waits_for_nobody_who_follows_a_job(app: &App) {
        // Tokens of this moment, since the program goes by the machine's clock.
        let now = Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().unwrap();
        app.set_clock(String::from_utf8(now.stdout).unwrap().trim());
        let (office, school) = (app.office("18"), app.school("18.07"));
        let mut program = Program::start(app);
        let headers = "Prefer: respond-async\r\nIdempotency-Key: once\r\nContent-Type: text/csv\r\n";
        let line = format!("POST /api/v1/imports?school={school}");
        let mut answer = String::new();
        program.ask(&office, &line, headers, file().as_bytes()).read_to_string(&mut answer).unwrap();
        let place = answer.lines().find_map(|line| line.strip_prefix("location: ")).expect(&answer).to_owned();
        let mut events = program.ask(&office, &format!("GET {place}/events"), "", b"");
        let mut told = String::new();
        while !told.starts_with("data: ") {
            told.clear();
            assert!(events.read_line(&mut told).unwrap() > 0);
        }
        let process = program.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
        events.read_to_string(&mut told).unwrap();
        // A graceful stop would wait half a minute for whoever is still there.
        let ended = (0..1_500).any(|_| {
            thread::park_timeout(Duration::from_millis(10));
            program.process.try_wait().unwrap().is_some()
        });
        assert!(ended, "it goes on");
        assert_eq!(app.count_where("jobs", "state IN ('queued', 'done')"), 1);
    }
}

#[track_caller]
fn until(connection: &mut AnyConnection, job: Id, happened: impl Fn(&Look) -> bool) -> Look {
    for _ in 0..30_000 {
        let seen = look(connection, job);
        if happened(&seen) {
            return seen;
        }
        thread::park_timeout(Duration::from_millis(2));
    }
    panic!("it has not happened: {:?}", look(connection, job));
}

fn killed_while_it_writes(app: &App) {
    let kills = std::env::var_os("VOKASI_TEST_KILLS").and_then(|text| text.to_str()?.parse().ok()).unwrap_or(6);
    let mut files = Files::new(app);
    let connection = &mut app.connect();
    // How long it takes when nobody disturbs it.
    let undisturbed = [(); 2].map(|()| {
        let job = files.ask();
        let program = Program::start(app);
        until(connection, job, |seen| seen.attempts > 0);
        let begun = Instant::now();
        until(connection, job, |seen| !seen.is_open()).is_whole();
        drop(program);
        begun.elapsed()
    });
    let mut job = files.ask();
    let mut broken_off = 0;
    for _ in 0..kills {
        let before = look(connection, job);
        let before = if before.is_open() {
            before
        } else {
            job = files.ask();
            look(connection, job)
        };
        let program = Program::start(app);
        until(connection, job, |seen| seen.attempts > before.attempts || !seen.is_open());
        let longest = undisturbed[usize::from(before.kind == "undo")].mul_f64(1.2);
        let moment = u64::from_be_bytes(app.db().world().entropy.bytes()) % 1_000;
        thread::park_timeout(longest.mul_f64(f64::from(u32::try_from(moment).unwrap()) / 1_000.0));
        drop(program);
        let seen = look(connection, job);
        seen.is_whole();
        broken_off += usize::from(seen.is_open());
    }
    // Whatever was left is done, once.
    let program = Program::start(app);
    until(connection, job, |seen| !seen.is_open()).is_whole();
    drop(program);
    eprintln!("{:?}: {kills} kills, {broken_off} in the middle, undisturbed {undisturbed:?}", app.backend);
    assert!(broken_off > 0, "none of the kills came in time");
    figures_add_up(app);
}
