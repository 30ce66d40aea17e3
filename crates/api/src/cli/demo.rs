//! `vokasi demo`.

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vokasi_core::access::{self, Actor, SecondFactorPolicy};
use vokasi_core::db::Db;
use vokasi_core::error::Error;
use vokasi_core::import::Summary;
use vokasi_core::opening::{Lack, Proposal};
use vokasi_core::print::Fonts;
use vokasi_core::report::{Figures, Intake};
use vokasi_core::time::long_date;
use vokasi_core::values::{Email, Segment};

use super::serve::{mail_folder, public_url, serve, state};
use super::{open, say};
use crate::config::{Settings, SetupError};
use crate::demo::{self, Demo, MainJob, Progress};
use crate::state::{Clock, State};
use crate::telemetry;

/// Where the demo keeps its data when nothing else is named.
pub(super) const DATABASE: &str = "sqlite://vokasi-demo/vokasi.db";
const OFFICE: &str = "dinas@contoh.example";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Make the province and stop; do not serve.
    #[arg(long)]
    make_only: bool,
}

pub(super) fn run(settings: &Settings, args: &Args) -> Result<(), SetupError> {
    telemetry::start(settings.log_json, &settings.log);
    let folder = settings.database.file().and_then(Path::parent).unwrap_or(Path::new("vokasi-demo")).to_path_buf();
    let finished = folder.join("demo-finished");
    if !finished.exists() {
        clear_interrupted(settings, &folder)?;
    }
    let db = open(settings)?;
    let public_url = public_url(settings);
    let holds_something = db.read(Clock::System.now(), access::any_account)?;
    if finished.exists() && holds_something {
        say("Provinsi contoh sudah ada; dilanjutkan. / The demo province is there already; going on.");
        show_figures(&demo::figures(&db, Clock::System.now())?);
    } else {
        if holds_something {
            return Err(SetupError("this database holds other data; the demo needs an empty one".to_owned()));
        }
        // What stands here was said of another database.
        let _ = fs::remove_file(&finished);
        let made = make(&db, &public_url)?;
        show(&made, &folder)?;
        write(&finished, b"")?;
    }
    if args.make_only {
        return Ok(());
    }
    let listener =
        TcpListener::bind(settings.listen).map_err(|error| SetupError(format!("{}: {error}", settings.listen)))?;
    // Nothing is at stake here, and the walk with curl stays short.
    let policy = settings.second_factor.unwrap_or(SecondFactorPolicy::Offered);
    let state = state(db, settings)?.with_second_factor(policy);
    invite(&state)?;
    if policy == SecondFactorPolicy::Offered {
        say("Faktor kedua ditawarkan di sini, tidak diwajibkan. / A second factor is offered here, not required.");
    }
    serve(state, listener, settings)
}

/// A making that was interrupted leaves nothing worth keeping in the demo's own folder.
fn clear_interrupted(settings: &Settings, folder: &Path) -> Result<(), SetupError> {
    let Some(file) = settings.database.file() else { return Ok(()) };
    if !file.exists() || folder.join("demo-started").exists() {
        for suffix in ["", "-wal", "-shm"] {
            let mut name = file.as_os_str().to_owned();
            name.push(suffix);
            let _ = fs::remove_file(PathBuf::from(name));
        }
        fs::create_dir_all(folder).map_err(|error| SetupError(format!("{}: {error}", folder.display())))?;
        write(&folder.join("demo-started"), b"")?;
    }
    Ok(())
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn step(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    fn advance(&self, units: u64) {
        self.0.inc(units);
    }
}

fn make(db: &Db, public_url: &str) -> Result<Demo, SetupError> {
    let target =
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(demo::UNITS), target);
    let style = ProgressStyle::with_template("{bar:40.cyan} {percent:>3} %  {elapsed}  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(100));
    let fonts = Fonts::embedded().map_err(|error| SetupError(error.to_string()))?;
    let today = Clock::System.now().day_in(&demo::province()?);
    let made = demo::make(db, &fonts, public_url, today, &Bar(bar.clone()))?;
    bar.finish_and_clear();
    say(&format!("Provinsi contoh dibuat dalam {:.1} detik.", bar.elapsed().as_secs_f32()));
    Ok(made)
}

fn show(made: &Demo, folder: &Path) -> Result<(), SetupError> {
    let certificates = folder.join("certificates");
    fs::create_dir_all(&certificates).map_err(|error| SetupError(format!("{}: {error}", certificates.display())))?;
    for (name, document, _) in &made.job.certificates {
        write(&certificates.join(name), document)?;
    }
    show_job(&made.job, &certificates);
    show_figures(&made.intake);
    show_openings(made);
    Ok(())
}

/// Where classes could be opened: for those whom the first year left, and for the wave that is to begin.
fn show_openings(made: &Demo) {
    let present = &made.present;
    say("");
    say("Kelas yang dapat dibuka berikutnya");
    say(&format!("  Kelas XII, 21 Juli 2025: {}", openings(&made.job.openings)));
    say(&format!("  Alumni, {}: {}", long_date(present.as_of), openings(&present.openings)));
    say(&format!(
        "  ({} kelas alumni sedang berjalan: {} pertemuan terlaksana, {} masih dijadwalkan)",
        present.classes, present.held, present.coming
    ));
    say(&format!("  tanyakan lagi: POST /api/v1/cohorts/{}/class-proposals", present.openings.cohort));
}

fn openings(proposal: &Proposal) -> String {
    let mut lacking: BTreeMap<String, i64> = BTreeMap::new();
    for shortage in &proposal.shortages {
        let lacks: Vec<&str> = shortage.lacks.iter().map(|lack| lack_in_words(*lack)).collect();
        *lacking.entry(lacks.join(" dan ")).or_default() += shortage.classes;
    }
    let lacking: Vec<String> = lacking.iter().map(|(lacks, classes)| format!("{lacks} {classes} kelas")).collect();
    format!(
        "{} orang belum mendapat kursi; {} kelas dapat dibuka untuk {} orang; kurang: {}",
        thousands(proposal.waiting),
        proposal.openings.len(),
        thousands(proposal.seated),
        if lacking.is_empty() { "tidak ada".to_owned() } else { lacking.join(", ") }
    )
}

fn lack_in_words(lack: Lack) -> &'static str {
    match lack {
        Lack::Agreement => "perjanjian",
        Lack::Teacher => "pengajar",
        Lack::Room => "ruang",
        Lack::People => "peserta",
        Lack::Limit => "batas",
    }
}

fn show_job(job: &MainJob, certificates: &Path) {
    say("");
    say("Pekerjaan utama di SMKN 1 Way Harapan, Kabupaten Lampung Timur");
    say(&format!("  1. Buku kerja Dapodik  {}", summary(&job.planned)));
    say(&format!("     (berkas bersalah    {}; tidak diterapkan)", summary(&job.with_mistakes)));
    say(&format!("  2. Pendaftaran         {} orang masuk daftar tunggu", job.enrolled));
    say(&format!("  3. Kursi               {} duduk, {} menunggu", job.seated, job.waiting));
    say(&format!("  4. Presensi            {} pertemuan, {} tanda", job.sessions, thousands(job.marks)));
    let unmet: Vec<String> = job.unmet.iter().map(|(name, people)| format!("{name} {people} orang")).collect();
    say(&format!(
        "  5. Kelulusan           {} lulus, {} tidak lulus (belum terpenuhi: {})",
        job.completed,
        job.not_completed,
        unmet.join(", ")
    ));
    say(&format!("  6. Sertifikat          {} PDF di {}", job.certificates.len(), certificates.display()));
    if let Some((name, _, address)) = job.certificates.first() {
        say(&format!("     periksa {name} di {address}"));
    }
}

fn summary(summary: &Summary) -> String {
    let said = |action: &str| match action {
        "new" => "baru",
        "changed" => "berubah",
        "same" => "sama",
        "problem" => "bermasalah",
        _ => "dilewati",
    };
    let actions: Vec<String> =
        summary.actions.iter().map(|(action, rows)| format!("{rows} {}", said(action))).collect();
    format!("{} baris: {}", summary.rows, actions.join(", "))
}

/// The province's table: what is registered, seated, waiting; seats and classes there are and are needed.
pub(super) fn show_figures(intake: &Intake) {
    say("");
    let day = long_date(intake.as_of.day_in(&intake.province));
    say(&format!("Angka Provinsi Lampung per {day} (menurut kabupaten sekolah asal)"));
    say(&format!(
        "  {:<34}{:>10}{:>8}{:>10}{:>8}{:>8}{:>12}",
        "", "terdaftar", "duduk", "menunggu", "kursi", "kelas", "kelas perlu"
    ));
    for segment in [Segment::GradeXii, Segment::Alumni, Segment::Public] {
        let rows = intake.rows.iter().filter(|row| row.segment == segment);
        let mut sum = Figures::default();
        for row in rows {
            sum.add(&row.figures);
            if segment == Segment::GradeXii {
                say(&line(&format!("  {}", row.regency.full_name()), &row.figures));
            }
        }
        let name = match segment {
            Segment::GradeXii => "Kelas XII",
            Segment::Alumni => "Alumni",
            Segment::Public => "Umum",
        };
        say(&line(name, &sum));
    }
    say(&line("Seluruhnya", &intake.total));
}

fn line(name: &str, figures: &Figures) -> String {
    format!(
        "  {name:<34}{:>10}{:>8}{:>10}{:>8}{:>8}{:>12}",
        thousands(figures.registered),
        thousands(figures.seated),
        thousands(figures.waiting),
        thousands(figures.seats),
        figures.classes,
        figures.classes_needed
    )
}

/// `8.445`, as Indonesian papers write it.
fn thousands(number: impl ToString) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A one-time link for the office, as long as nobody has chosen its password.
fn invite(state: &State) -> Result<(), SetupError> {
    let link = state.db.write(state.clock.now(), |tx| {
        let operator = Actor::operator();
        let account = access::by_email(tx, &operator, &Email::parse(OFFICE).map_err(Error::new)?)?;
        if account.has_password() {
            return Ok(None);
        }
        access::password_link(tx, &operator, account.id).map(Some)
    })?;
    say("");
    say(&format!("Vokasi: {}   (dokumentasi REST: {}/docs/)", state.public_url, state.public_url));
    if let Some(folder) = mail_folder(state) {
        say(&format!("Surel ditaruh sebagai berkas .eml di {}", folder.display()));
    }
    if let Some(link) = link {
        say(&format!("Buat kata sandi untuk {OFFICE} (sekali pakai, 72 jam):"));
        say(&format!("  {}/password/{}", state.public_url, link.token));
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), SetupError> {
    fs::write(path, bytes).map_err(|error| SetupError(format!("{}: {error}", path.display())))
}
