//! `vokasi import`: a file from the terminal, looked at or written.

use std::fs;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use vokasi_core::access::Actor;
use vokasi_core::db::Db;
use vokasi_core::error::{Error, Language, codes};
use vokasi_core::id::Id;
use vokasi_core::import::{
    self, Action, Application, Applied, ImportKind, Limits, NewImport, Place, Plan, PlannedRow, Progress, Severity,
    Stage, Summary, Table, Unpacked, layout,
};
use vokasi_core::partner;
use vokasi_core::values::{Npsn, ProvinceCode};

use super::{open, say};
use crate::config::{Settings, SetupError};
use crate::state::Clock;

/// Nothing is written, because there are warnings that nobody has confirmed.
const WARNINGS: u8 = 3;
/// Rows are left out, because they have problems.
const PROBLEMS: u8 = 4;
/// Rows of the table; all of them are in the JSON.
const SHOWN: usize = 40;

/// Exit code 0: every row is good. 3: there are warnings to confirm, and nothing is written. 4: there are rows with
/// problems, and the others are written. 1: the file or the command is wrong.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file: XLSX, XLS, ODS or CSV.
    file: PathBuf,
    /// What the file brings.
    #[arg(long, value_enum, default_value_t = Brings::People)]
    kind: Brings,
    /// The school, by its NPSN or its id; of students.
    #[arg(long, required_if_eq("kind", "people"))]
    school: Option<String>,
    /// The cohort to register the students for, by its id.
    #[arg(long)]
    cohort: Option<String>,
    /// The province, by its code; of institutions and of results of exams.
    #[arg(long, required_if_eq_any([("kind", "partners"), ("kind", "exam-results")]))]
    province: Option<String>,
    /// The class, by its id; of marks on paper lists.
    #[arg(long, required_if_eq("kind", "attendance"))]
    class: Option<String>,
    /// Only look; nothing is written and nothing is kept.
    #[arg(long)]
    dry_run: bool,
    /// A warning code that has been looked at; may be given several times.
    #[arg(long, value_name = "CODE")]
    confirm: Vec<String>,
    /// The whole plan as JSON on standard output.
    #[arg(long)]
    json: bool,
    /// The language of the table.
    #[arg(long, value_enum, default_value_t = Tongue::Id)]
    language: Tongue,
}

/// The words of [`ImportKind`].
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Brings {
    /// Students of a school.
    People,
    /// Institutions of a province.
    Partners,
    /// Marks on the paper lists of a class.
    Attendance,
    /// Results of exams outside the programs.
    ExamResults,
}

impl Brings {
    fn kind(self) -> ImportKind {
        match self {
            Self::People => ImportKind::People,
            Self::Partners => ImportKind::Partners,
            Self::Attendance => ImportKind::Attendance,
            Self::ExamResults => ImportKind::ExamResults,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Tongue {
    Id,
    En,
}

impl Tongue {
    fn language(self) -> Language {
        match self {
            Self::Id => Language::Indonesian,
            Self::En => Language::English,
        }
    }

    fn stage(self, stage: Stage) -> &'static str {
        match stage {
            Stage::Reading => self.of("membaca berkas", "reading the file"),
            Stage::Checking => self.of("memeriksa setiap baris", "checking every row"),
            Stage::Writing => self.of("menulis", "writing"),
        }
    }

    fn of<'t>(self, id: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Id => id,
            Self::En => en,
        }
    }
}

pub(super) fn run(settings: &Settings, args: &Args) -> Result<ExitCode, SetupError> {
    let told = |error: &Error| SetupError(error.code.sentence(args.language.language(), &error.facts));
    let bar = bar(args.json);
    bar.set_message(args.language.stage(Stage::Reading));
    let bytes = fs::read(&args.file).map_err(|error| SetupError(format!("{}: {error}", args.file.display())))?;
    let db = open(settings)?;
    let place = place(&db, args)?;
    let (table, file_sha256) = read(&db, &bytes, &place).map_err(|error| told(&error))?;
    drop(bytes);
    let file_name = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let new = NewImport { place, file_name, file_sha256, table };
    let (plan, written) = act(&db, args, new, &bar).map_err(|error| told(&error))?;
    bar.finish_and_clear();
    if args.json {
        let whole = Whole { summary: &plan.summary, rows: plan.rows.unpacked(), written: written.as_ref() };
        let mut out = BufWriter::new(std::io::stdout().lock());
        serde_json::to_writer_pretty(&mut out, &whole).map_err(|error| SetupError(error.to_string()))?;
        writeln!(out).and_then(|()| out.flush()).map_err(|error| SetupError(error.to_string()))?;
    } else {
        show(&args.file, &plan, written.as_ref(), args).map_err(|error| told(&error))?;
    }
    Ok(code(&plan.summary, &args.confirm))
}

/// All that there is to know of a plan, for machines.
#[derive(Serialize)]
struct Whole<'p> {
    summary: &'p Summary,
    rows: Unpacked<'p, PlannedRow>,
    written: Option<&'p Applied>,
}

fn bar(hidden: bool) -> ProgressBar {
    let seen = !hidden && std::io::stderr().is_terminal();
    let target = if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template("{bar:40.cyan} {percent:>3} %  {elapsed}  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// What the file brings, and where that belongs.
fn place(db: &Db, args: &Args) -> Result<Place, SetupError> {
    let told = |option: &str, text: &str, error: &Error| {
        let sentence = error.code.sentence(args.language.language(), &error.facts);
        SetupError(format!("--{option} {text}: {sentence}"))
    };
    let named = |text: &String| school(db, text).map_err(|error| told("school", text, &error));
    let code = |text: &String| ProvinceCode::parse(text).map_err(|code| told("province", text, &Error::new(code)));
    let id = |option, text: &String| -> Result<Id, SetupError> {
        text.parse().map_err(|_| told(option, text, &Error::new(&codes::REFERENCE_UNKNOWN)))
    };
    Ok(Place {
        kind: args.kind.kind(),
        school: args.school.as_ref().map(named).transpose()?,
        cohort: args.cohort.as_ref().map(|text| id("cohort", text)).transpose()?,
        province: args.province.as_ref().map(code).transpose()?,
        class: args.class.as_ref().map(|text| id("class", text)).transpose()?,
    })
}

/// The school with this NPSN or this id.
fn school(db: &Db, named: &str) -> vokasi_core::error::Result<Id> {
    if let Ok(id) = named.parse() {
        return Ok(id);
    }
    let npsn = Npsn::parse(named).map_err(Error::new)?;
    db.read(Clock::System.now(), |tx| partner::by_npsn(tx, &Actor::operator(), &npsn)).map(|partner| partner.id)
}

/// Reads a file: by what its header says itself, else by what the school or its province has said of such a header.
fn read(db: &Db, bytes: &[u8], place: &Place) -> vokasi_core::error::Result<(Table, String)> {
    let limits = Limits::default();
    let read = import::read_as(place.kind, bytes, &limits);
    if !read.as_ref().is_err_and(|error| error.is(&codes::IMPORT_UNKNOWN_HEADER)) {
        return read;
    }
    let known = db.read(Clock::System.now(), |tx| layout::of_file(tx, &Actor::operator(), place.school))?;
    import::read_with(bytes, &limits, &known)
}

/// Looks, or writes all that can be written unless a warning is open.
fn act(db: &Db, args: &Args, new: NewImport, bar: &ProgressBar) -> vokasi_core::error::Result<(Plan, Option<Applied>)> {
    let (now, actor, tongue) = (Clock::System.now(), Actor::operator(), args.language);
    let shown = bar.clone();
    let mut watch = move |progress: Progress| {
        shown.set_length(u64::try_from(progress.total).unwrap_or_default());
        shown.set_position(u64::try_from(progress.done).unwrap_or_default());
        shown.set_message(tongue.stage(progress.stage));
        Ok(())
    };
    if args.dry_run {
        return Ok((db.snapshot(now, |tx| import::check(tx, &actor, &new, &mut watch))?, None));
    }
    let confirm = args.confirm.clone();
    db.write(now, move |tx| {
        let plan = import::check(tx, &actor, &new, &mut watch)?;
        let (made, plan) = import::keep(tx, &actor, new, plan)?;
        if !open_warnings(&plan.summary, &confirm).is_empty() {
            return Ok((plan, None));
        }
        let asked = Application { version: made.version, confirm, ..Application::default() };
        let (_, applied) = import::apply_watched(tx, &actor, made.id, &asked, &mut watch)?.applied()?;
        Ok((plan, Some(applied)))
    })
}

fn open_warnings<'s>(summary: &'s Summary, confirm: &[String]) -> Vec<&'s str> {
    summary.warnings.keys().filter(|code| !confirm.contains(code)).map(String::as_str).collect()
}

fn code(summary: &Summary, confirm: &[String]) -> ExitCode {
    if !open_warnings(summary, confirm).is_empty() {
        ExitCode::from(WARNINGS)
    } else if summary.count(Action::Problem) > 0 {
        ExitCode::from(PROBLEMS)
    } else {
        ExitCode::SUCCESS
    }
}

fn show(file: &Path, plan: &Plan, written: Option<&Applied>, args: &Args) -> vokasi_core::error::Result<()> {
    let tongue = args.language;
    let mut told = 0;
    for row in plan.rows.values() {
        let row = row?;
        if row.findings.is_empty() {
            continue;
        }
        told += 1;
        if told > SHOWN {
            continue;
        }
        if told == 1 {
            let (row, name, found) =
                (tongue.of("Baris", "Row"), tongue.of("Nama", "Name"), tongue.of("Temuan", "Found"));
            say(&format!("{row:>6}  {name:<28}  {found}"));
        }
        for (number, finding) in row.findings.iter().enumerate() {
            let (row_number, name) = if number == 0 {
                (row.number.to_string(), row.name.clone().unwrap_or_default())
            } else {
                (String::new(), String::new())
            };
            let mark = match finding.severity {
                Severity::Error => "✗",
                Severity::Warning => "!",
                Severity::Note => "·",
            };
            let cell = finding.cell.clone().unwrap_or_default();
            let sentence = finding.code.sentence(tongue.language(), &finding.facts);
            say(&format!("{row_number:>6}  {:<28}  {mark} {cell} {} — {sentence}", cut(&name), finding.code.name));
        }
    }
    if told > SHOWN {
        let rest = told - SHOWN;
        say(&format!(
            "… {rest} {}",
            tongue.of("baris lagi; semuanya ada di --json", "more rows; all of them are in --json")
        ));
    }
    let count = |action| plan.summary.count(action);
    say(&format!(
        "{}: {} {}: {} {}, {} {}, {} {}, {} {}, {} {}",
        file.display(),
        plan.summary.rows,
        tongue.of("baris", "rows"),
        count(Action::New),
        tongue.of("baru", "new"),
        count(Action::Changed),
        tongue.of("berubah", "changed"),
        count(Action::Same),
        tongue.of("sama", "same"),
        count(Action::Problem),
        tongue.of("bermasalah", "with a problem"),
        count(Action::Skipped),
        tongue.of("dilewati", "skipped"),
    ));
    say(&closing(plan, written, args));
    Ok(())
}

/// What was done, or what to do next.
fn closing(plan: &Plan, written: Option<&Applied>, args: &Args) -> String {
    let tongue = args.language;
    let open = open_warnings(&plan.summary, &args.confirm);
    if let Some(Applied { registered, corrected, enrolled, seated }) = written {
        return format!(
            "{registered} {}, {corrected} {}, {enrolled} {}, {seated} {}.",
            tongue.of("didaftarkan", "registered"),
            tongue.of("dibetulkan", "corrected"),
            tongue.of("masuk daftar angkatan", "on the cohort's list"),
            tongue.of("mendapat kursi", "with a seat"),
        );
    }
    if !open.is_empty() {
        let flags = open.iter().map(|code| format!("--confirm {code}")).collect::<Vec<_>>().join(" ");
        return format!(
            "{} {flags}",
            tongue.of(
                "Belum ada yang ditulis. Bila peringatannya sudah diperiksa, ulangi dengan:",
                "Nothing is written. Once the warnings are looked at, repeat with:",
            )
        );
    }
    tongue.of("Hanya dilihat; tidak ada yang ditulis.", "Only looked at; nothing is written.").to_owned()
}

fn cut(name: &str) -> String {
    name.chars().take(28).collect()
}
