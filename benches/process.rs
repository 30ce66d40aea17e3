//! The program as a whole: how large, how soon, how hungry.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use vokasi_fixtures::People;
use vokasi_fixtures::workbook::{Row, dapodik, demo_school};

use crate::http::Client;
use crate::pace::{Outcome, median, timed};
use crate::place::{Backend, Place, Workshop};
use crate::table::Table;
use crate::{machine, name_of, say};

const TURNS: usize = 7;
const MIB: f64 = 1024.0 * 1024.0;
/// Rows of the files that are imported.
const IMPORTED: [usize; 3] = [1_000, 10_000, 40_000];

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let program = std::env::current_exe()?.with_file_name("vokasi");
    if !program.exists() {
        say("the program is not built: cargo build --release -p vokasi-api");
        return Ok(());
    }
    let name = name_of(backend);
    if backend == Backend::Sqlite {
        let size = f64::from(u32::try_from(fs::metadata(&program)?.len())?) / MIB;
        table.figure("size of the program", "", size, "MiB", 40.0);
    }
    let place = workshop.empty(backend)?;
    let folder = workshop.folder().join(format!("process-{}", place_name(&place)));
    fs::create_dir(&folder)?;
    let (mut starts, mut memory) = (Vec::new(), Vec::new());
    for turn in 0..=TURNS {
        let running = Running::start(&program, &place, &folder)?;
        let seconds = running.first_answer()?;
        if turn == 0 {
            // The first start of all makes the tables.
            table.figure("first start of all, tables made, to the first answer", name, seconds * 1e3, "ms", 2_000.0);
            continue;
        }
        starts.push(seconds * 1e3);
        memory.push(running.memory()? / 1024.0);
    }
    table.figure("start to the first answer", name, median(&starts), "ms", 250.0);
    table.figure("memory after the first answer", name, median(&memory), "MiB", 40.0);
    let demo = workshop.empty(backend)?;
    let (seconds, ()) = timed(|| make_demo(&program, &demo, &folder))?;
    table.figure("making the demo province", name, seconds, "s", 30.0);
    let running = Running::start(&program, &demo, &folder)?;
    running.first_answer()?;
    table.figure(
        "memory after the first answer, over the demo province",
        name,
        running.memory()? / 1024.0,
        "MiB",
        40.0,
    );
    drop(running);
    for rows in IMPORTED {
        let (file, kib) = import(&program, &demo, &folder, rows)?;
        let what = format!("most memory while {rows} rows ({file:.1} MiB of XLSX) are read, planned and written");
        table.fact(&what, name, format!("{:.0} MiB", kib / 1024.0));
    }
    Ok(())
}

/// The most KiB that the program holds while it imports so many people from the command line, and the MiB of their file.
fn import(program: &Path, place: &Place<'_>, folder: &Path, rows: usize) -> Outcome<(f64, f64)> {
    let mut people = People::new(u64::try_from(rows)?);
    let people: Vec<Row> = (0..rows).map(|_| Row::clean(people.grade_xii("18.07", 2025))).collect();
    let (school, bytes) = (demo_school(), dapodik(&demo_school(), "Lampung Timur", &people)?);
    let file = folder.join(format!("{rows}.xlsx"));
    fs::write(&file, &bytes)?;
    let mut child = command(program, place, folder);
    let confirmed = ["participant.namesake", "row.namesake"].into_iter().flat_map(|code| ["--confirm", code]);
    let mut child = child.arg("import").arg(&file).args(["--school", &school.npsn]).args(confirmed).spawn()?;
    let mut most = 0;
    let status = loop {
        most = most.max(memory(child.id(), "VmHWM:").unwrap_or_default());
        match child.try_wait()? {
            Some(status) => break status,
            None => thread::sleep(Duration::from_millis(1)),
        }
    };
    // A few of so many invented people have the numbers of somebody of the demo: their rows are left out.
    if !matches!(status.code(), Some(0 | 4)) {
        return Err(format!("the import of {rows} rows ended with {status}").into());
    }
    Ok((f64::from(u32::try_from(bytes.len())?) / MIB, f64::from(u32::try_from(most)?)))
}

/// A figure of a running program in KiB.
fn memory(process: u32, name: &str) -> Option<u64> {
    machine::memory_of(&format!("/proc/{process}/status"), name)
}

fn place_name(place: &Place<'_>) -> &'static str {
    if place.url.file().is_some() { "sqlite" } else { "postgres" }
}

fn make_demo(program: &Path, place: &Place<'_>, folder: &Path) -> Outcome {
    let status = command(program, place, folder).args(["demo", "--make-only"]).status()?;
    if status.success() { Ok(()) } else { Err(format!("the demo ended with {status}").into()) }
}

fn command(program: &Path, place: &Place<'_>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("DATABASE_URL", place.address())
        .env("VOKASI_SECRET_FILE", folder.join("secret"))
        .env("VOKASI_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The program, serving; it is ended when this is dropped.
struct Running {
    child: Child,
    address: SocketAddr,
    began: Instant,
}

impl Running {
    fn start(program: &Path, place: &Place<'_>, folder: &Path) -> Outcome<Self> {
        // The port is free again as soon as the listener is gone, and nobody else is told of it.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let began = Instant::now();
        let child = command(program, place, folder).env("VOKASI_LISTEN", address.to_string()).spawn()?;
        Ok(Self { child, address, began })
    }

    /// Seconds from the start until `/readyz`, which asks the database, answers.
    fn first_answer(&self) -> Outcome<f64> {
        loop {
            let answer = Client::connect(self.address, "").and_then(|mut client| client.send("GET", "/readyz", ""));
            match answer {
                Ok(answer) if answer.status == 200 => return Ok(self.began.elapsed().as_secs_f64()),
                _ if self.began.elapsed() > Duration::from_secs(20) => return Err("the program did not start".into()),
                _ => thread::sleep(Duration::from_millis(1)),
            }
        }
    }

    /// Resident memory in KiB.
    fn memory(&self) -> Outcome<f64> {
        let size = memory(self.child.id(), "VmRSS:").ok_or("no figure of memory")?;
        Ok(f64::from(u32::try_from(size)?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
