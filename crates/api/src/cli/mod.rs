//! The command line.

mod audit;
mod demo;
mod import;
mod keys;
mod retention;
mod serve;
mod user;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use vokasi_core::access::Actor;
use vokasi_core::db::{self, Db, World};
use vokasi_core::entropy::Entropy;
use vokasi_core::keys::KeySource;
use vokasi_core::rotation;

use crate::catalogue;
use crate::config::{Flags, Settings, SetupError};
use crate::state::Clock;

/// Register of vocational training classes for work abroad.
#[derive(Debug, Parser)]
#[command(name = "vokasi", version, about)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve (the same as no command).
    Serve,
    /// Make a demo province, do the main job on it, and serve it.
    Demo(demo::Args),
    /// Bring the database to the shape this program knows.
    Migrate,
    /// Make an account and print its one-time password link.
    User(user::Args),
    /// See, add, turn and retire the master secrets.
    Keys(keys::Args),
    /// Check a school's file, and register its students.
    Import(import::Args),
    /// Check the audit.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Show what is past its time, or take it away.
    Retention(retention::Args),
    /// Ask a running server whether it is ready.
    Healthcheck,
    /// Print the OpenAPI document.
    Openapi,
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the version.
    Version,
}

/// Runs the command line.
pub fn run() -> ExitCode {
    perform(Cli::parse())
}

/// Runs this line, which begins with the program's name.
pub fn run_line(line: &[&str]) -> ExitCode {
    perform(Cli::parse_from(line))
}

fn perform(cli: Cli) -> ExitCode {
    match act(cli) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "vokasi: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act(cli: Cli) -> Result<ExitCode, SetupError> {
    let settings = |default: &str| Settings::read(&cli.flags, default);
    let default = "sqlite://vokasi.db";
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&settings(default)?)?,
        Command::Demo(args) => demo::run(&settings(demo::DATABASE)?, &args)?,
        Command::Migrate => migrate(&settings(default)?)?,
        Command::User(args) => user::run(&settings(default)?, args)?,
        Command::Keys(args) => keys::run(&settings(default)?, &args)?,
        Command::Import(args) => return import::run(&settings(default)?, &args),
        Command::Audit(command) => return audit::run(&settings(default)?, &command),
        Command::Retention(args) => retention::run(&settings(default)?, &args)?,
        Command::Healthcheck => return Ok(serve::healthcheck(&settings(default)?)),
        Command::Openapi => say(crate::server::DOCUMENT.trim_end()),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "vokasi", &mut std::io::stdout());
        }
        Command::Version => say(concat!("vokasi ", env!("CARGO_PKG_VERSION"))),
    }
    Ok(ExitCode::SUCCESS)
}

/// A line on standard output; a closed pipe is the reader's choice and no failure.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn migrate(settings: &Settings) -> Result<(), SetupError> {
    let done = db::up(&settings.database)?;
    if let Some(copy) = done.copy {
        say(&format!("copy: {}", copy.display()));
    }
    for version in &done.applied {
        say(&format!("applied {version}"));
    }
    if done.applied.is_empty() {
        say("nothing to do");
    }
    Ok(())
}

/// Migrates and opens the register; a new one starts with the program catalogue.
pub(crate) fn open(settings: &Settings) -> Result<Db, SetupError> {
    let done = db::up(&settings.database)?;
    if let Some(copy) = &done.copy {
        tracing::info!(copy = %copy.display(), "copied the database before migrating it");
    }
    let entropy = Entropy::system()?;
    let now = Clock::System.now();
    settings.secret.make(now, &entropy)?;
    let keys = settings.secret.ring()?.keys(now)?;
    let db = Db::open(&settings.database, settings.connections, World::new(keys, entropy))?;
    if !db.is_walled(now)? {
        tracing::warn!("row-level security does not hold the database role: give the program one that is no superuser");
    }
    db.read(now, rotation::fits)?;
    if done.applied.iter().any(|version| version == vokasi_core::audit::CHAINED) {
        vokasi_core::audit::adopt(&db, now)?;
    }
    if db.write(now, |tx| catalogue::publish(tx, &Actor::operator()))? {
        tracing::info!("published the program catalogue");
    }
    Ok(db)
}
