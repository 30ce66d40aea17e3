//! Vokasi beside its limits: what the program does, and the least that the same machine could do it with, in turns.
//!
//! A single figure says little on a machine that others use too, so every figure stands beside a limit measured in the
//! same run, A B A B …, and the median of the ratios is what counts.
//!
//! `scripts/benchmark` runs everything on both databases and writes `docs/benchmarks.md`;
//! `cargo run --release -p benchmarks` runs SQLite alone and writes nothing.

mod attendance;
mod audit;
mod certificate;
mod completion;
mod crowd;
mod enrolling;
mod files;
mod http;
mod import;
mod intake;
mod limits;
mod login;
mod machine;
mod pace;
mod place;
mod process;
mod roster;
mod saturday;
mod scope;
mod seating;
mod server;
mod stage;
mod table;
mod timetable;
mod waiting;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use pace::Outcome;
use place::{Backend, Workshop};
use table::Table;

/// What is measured: everything, or the parts that are named.
const PARTS: [&str; 16] = [
    "import",
    "attendance",
    "saturday",
    "audit",
    "roster",
    "completion",
    "waiting",
    "scope",
    "login",
    "certificate",
    "intake",
    "enrolling",
    "seating",
    "timetable",
    "process",
    "files",
];

const USAGE: &str = "benchmarks [--postgres URL] [--write FILE] [PART …]
  --postgres URL  a server whose user may create databases; without it only SQLite is measured
  --write FILE    put the table between the markers of this file
  PART            import, attendance, saturday, audit, roster, completion, waiting, scope, login, certificate, intake, enrolling,
                  seating, timetable, process, files; all when none is named";

struct Wish {
    postgres: Option<String>,
    write: Option<PathBuf>,
    parts: Vec<String>,
}

fn main() -> ExitCode {
    let Some(wish) = wish() else {
        say(USAGE);
        return ExitCode::FAILURE;
    };
    match run(&wish) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(" ({cause})")).unwrap_or_default();
            say(&format!("benchmarks: {error}{cause}"));
            ExitCode::FAILURE
        }
    }
}

fn wish() -> Option<Wish> {
    let mut wish = Wish { postgres: None, write: None, parts: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--postgres" => wish.postgres = Some(words.next()?),
            "--write" => wish.write = Some(PathBuf::from(words.next()?)),
            part if PARTS.contains(&part) => wish.parts.push(word),
            _ => return None,
        }
    }
    if wish.parts.is_empty() {
        wish.parts = PARTS.map(str::to_owned).to_vec();
    }
    Some(wish)
}

fn run(wish: &Wish) -> Outcome {
    let workshop = Workshop::open(wish.postgres.clone())?;
    let facts = machine::facts(workshop.folder())?;
    say(&facts);
    let mut table = Table::default();
    let wanted = |part: &str| wish.parts.iter().any(|wanted| wanted == part);
    for backend in workshop.backends() {
        if wanted("import") {
            import::measure(&workshop, backend, &mut table)?;
        }
        if wanted("attendance") {
            attendance::measure(&workshop, backend, &mut table)?;
        }
        if wanted("saturday") {
            saturday::measure(&workshop, backend, &mut table)?;
        }
        if wanted("audit") {
            audit::measure(&workshop, backend, &mut table)?;
        }
        if wanted("roster") {
            roster::measure(&workshop, backend, &mut table)?;
        }
        if wanted("completion") {
            completion::measure(&workshop, backend, &mut table)?;
        }
        if wanted("waiting") {
            waiting::measure(&workshop, backend, &mut table)?;
        }
        if wanted("scope") {
            scope::measure(&workshop, backend, &mut table)?;
        }
        if wanted("login") {
            login::measure(&workshop, backend, &mut table)?;
        }
        if wanted("intake") {
            intake::measure(&workshop, backend, &mut table)?;
        }
        if wanted("enrolling") {
            enrolling::measure(&workshop, backend, &mut table)?;
        }
        if wanted("seating") {
            seating::measure(&workshop, backend, &mut table)?;
        }
        if wanted("timetable") {
            timetable::measure(&workshop, backend, &mut table)?;
        }
        if wanted("process") {
            process::measure(&workshop, backend, &mut table)?;
        }
        if wanted("files") {
            files::measure(&workshop, backend, &mut table)?;
        }
    }
    if wanted("certificate") {
        certificate::measure(&workshop, &mut table)?;
    }
    if let Some(file) = &wish.write {
        table.write(file, &facts)?;
    }
    Ok(())
}

/// A line on standard output; a closed pipe is the reader's choice and no failure.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The name of a database as people write it.
fn name_of(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "SQLite",
        Backend::Postgres => "PostgreSQL",
    }
}
