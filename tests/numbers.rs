//! Numbers of certificates: without a gap and without a double, whoever issues at the same moment and whenever the
//! program is killed.
//!
//! A class is issued in one transaction, so a kill leaves all of its certificates or none; issuing again does the rest.
//! `VOKASI_TEST_ISSUE_KILLS=1000 cargo test -p acceptance numbers` kills it more often.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use vokasi_core::access::Actor;
use vokasi_core::certificate::{self, Printing};
use vokasi_core::db::{DatabaseUrl, Db, World};
use vokasi_core::entropy::Entropy;
use vokasi_core::id::Id;
use vokasi_core::keys::Ring;
use vokasi_core::print::Fonts;

use crate::harness::path::{tally, text};
use crate::harness::{App, Backend, Value, at_once, id};

/// People of a class that is issued under the knife.
const MEMBERS: usize = 6;
/// Which class the program in a process of its own is to issue: the database, the moment, and the class, a line each.
const ISSUE: &str = "VOKASI_TEST_ISSUE";
/// What it says when it begins to.
const BEGUN: &str = "it has begun";

/// No story: issues a class, for the story that kills it meanwhile.
#[test]
fn a_class_is_issued_in_a_process_of_its_own() {
    let Some(order) = std::env::var_os(ISSUE) else { return };
    let order = order.into_string().unwrap();
    let [url, moment, class] = order.lines().collect::<Vec<_>>()[..] else { panic!("{order}") };
    let now = crate::harness::instant(moment);
    let keys = Ring::parse(&[7; 32]).unwrap().keys(now).unwrap();
    let db = Db::open(&DatabaseUrl::parse(url).unwrap(), 1, World::new(keys, Entropy::system().unwrap())).unwrap();
    let class: Id = id(class);
    let printing = Printing { fonts: Fonts::embedded().unwrap(), public_url: "http://127.0.0.1".to_owned() };
    println!("\n{BEGUN}");
    let issued = db.write(now, move |tx| certificate::issue(tx, &Actor::operator(), class, &printing));
    println!("{} results", issued.unwrap().len());
}

/// A process that issues a class, and ends with a kill.
struct Issuing {
    process: Child,
    says: BufReader<ChildStdout>,
}

impl Issuing {
    /// It has begun when this returns.
    fn begin(app: &App, class: &str) -> Self {
        let url = match &app.database().url {
            DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "numbers::a_class_is_issued_in_a_process_of_its_own", "--nocapture"])
            .env(ISSUE, format!("{url}\n{}\n{class}", app.now()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let says = BufReader::new(process.stdout.take().unwrap());
        let mut issuing = Self { process, says };
        issuing.until(BEGUN);
        issuing
    }

    fn until(&mut self, ending: &str) -> String {
        let mut line = String::new();
        while !line.trim_end().ends_with(ending) {
            line.clear();
            assert!(self.says.read_line(&mut line).unwrap() > 0, "it ended without saying {ending:?}");
        }
        line
    }
}

impl Drop for Issuing {
    /// SIGKILL: nothing of it runs any more.
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Every certificate has a number of its own, from one on without a gap, and the counter knows the last.
#[track_caller]
fn numbers_are_whole(app: &App, certificates: i64) {
    assert_eq!(app.count("certificates"), certificates);
    assert_eq!(
        app.count_where("(SELECT DISTINCT issuer_id, number FROM certificates) AS numbers", "1 = 1"),
        certificates
    );
    assert_eq!(app.count_where("(SELECT DISTINCT sequence FROM certificates) AS numbers", "1 = 1"), certificates);
    let first_to_last = format!("sequence BETWEEN 1 AND {certificates}");
    assert_eq!(app.count_where("certificates", &first_to_last), certificates);
    assert_eq!(app.count("credentials"), certificates);
    assert_eq!(app.count_where("audit_events", "action = 'certificate.issued'"), certificates);
    let counted = format!("last_number = {certificates}");
    assert_eq!(app.count_where("certificate_counters", &counted), i64::from(certificates > 0));
}

both! {
    fn sixty_four_who_issue_at_once_leave_no_gap_and_no_double(app: &App) {
        let stage = app.stage();
        let classes: Vec<String> = (0..16).map(|_| stage.completed_class(2)).collect();
        let office = stage.office_now();
        let answers = at_once(64, |turn| {
            office.call("POST", &format!("/classes/{}/certificates", classes[turn % classes.len()])).send()
        });
        let mut rows: Vec<Value> = Vec::new();
        for answer in answers {
            let results = answer.ok().json().as_array().unwrap().clone();
            assert_eq!(results.len(), 2, "one result per person");
            rows.extend(results);
        }
        assert_eq!(tally(&rows, "result"), [("issued".to_owned(), 32), ("issued_before".to_owned(), 96)].into());
        let numbers: BTreeSet<&str> = rows.iter().map(|row| text(&row["certificate"]["number"])).collect();
        let first_to_last: Vec<String> = (1..=32).map(|number| format!("{number:04}")).collect();
        assert_eq!(numbers.iter().map(|number| &number[..4]).collect::<Vec<_>>(), first_to_last);
        numbers_are_whole(app, 32);
    }
}

#[test]
fn killed_while_a_class_is_issued_sqlite() {
    killed_while_a_class_is_issued(&App::start(Backend::Sqlite));
}

#[test]
fn killed_while_a_class_is_issued_postgres() {
    killed_while_a_class_is_issued(&App::start(Backend::Postgres));
}

fn killed_while_a_class_is_issued(app: &App) {
    let kills = std::env::var_os("VOKASI_TEST_ISSUE_KILLS").and_then(|text| text.to_str()?.parse().ok()).unwrap_or(100);
    let stage = app.stage();
    // How long it takes when nobody disturbs it.
    let mut issuing = Issuing::begin(app, &stage.completed_class(MEMBERS));
    let begun = Instant::now();
    assert_eq!(issuing.until("results").trim(), format!("{MEMBERS} results"));
    let undisturbed = begun.elapsed();
    drop(issuing);

    let (mut classes, mut broken_off) = (1, 0);
    let all = |classes: usize| i64::try_from(classes * MEMBERS).unwrap();
    let mut class = stage.completed_class(MEMBERS);
    for _ in 0..kills {
        let issuing = Issuing::begin(app, &class);
        let moment = u64::from_be_bytes(app.db().world().entropy.bytes()) % 1_000;
        let part = f64::from(u32::try_from(moment).unwrap()) / 1_000.0;
        thread::park_timeout(undisturbed.mul_f64(part).max(Duration::from_micros(100)));
        drop(issuing);
        if app.backend == Backend::Postgres {
            // A commit that was on its way may still arrive: whoever holds the counter is waited for.
            app.run("SELECT last_number FROM certificate_counters FOR UPDATE");
        }
        if app.count("certificates") == all(classes) {
            broken_off += 1;
        } else {
            classes += 1;
            class = stage.completed_class(MEMBERS);
        }
        numbers_are_whole(app, all(classes));
    }
    // Whatever was broken off is done by asking again, and once more changes nothing.
    for result in ["issued", "issued_before"] {
        let rows = stage.issue(&class).ok().json().as_array().unwrap().clone();
        assert_eq!(tally(&rows, "result"), [(result.to_owned(), MEMBERS)].into());
        numbers_are_whole(app, all(classes + 1));
    }
    eprintln!("{:?}: {kills} kills, {broken_off} in the middle, undisturbed {undisturbed:?}", app.backend);
    assert!(broken_off > kills / 4, "{broken_off} of the kills came in time");
}
