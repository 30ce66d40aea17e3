//! `vokasi audit`: whether the audit is as it was written.

use std::io::IsTerminal;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vokasi_core::access::Actor;
use vokasi_core::audit::{self, Head, Verification};
use vokasi_core::error::Language;

use super::{open, say};
use crate::config::{Settings, SetupError};
use crate::rest::audit::AuditVerificationView;
use crate::state::Clock;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check every event and the chain over them; exit code 1 and the first broken place when something was touched.
    Verify {
        /// The head an earlier check printed; the chain must still pass through it.
        #[arg(long, value_name = "SEQUENCE:HASH")]
        expect: Option<String>,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(settings: &Settings, command: &Command) -> Result<ExitCode, SetupError> {
    let Command::Verify { expect, json } = command;
    let wrong = |code: &'static vokasi_core::error::Code| SetupError(code.sentence(Language::English, &[]));
    let expected = expect.as_deref().map(Head::parse).transpose().map_err(wrong)?;
    let db = open(settings)?;
    let bar = bar();
    let found =
        audit::verify(&db, Clock::System.now(), &Actor::operator(), expected.as_ref(), &mut |done, entries| {
            bar.set_length(entries);
            bar.set_position(done);
        })?;
    bar.finish_and_clear();
    if *json {
        let view = AuditVerificationView::of(&found, Language::English);
        say(&serde_json::to_string(&view).map_err(|error| SetupError(error.to_string()))?);
    } else {
        show(&found);
    }
    Ok(if found.broken.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn bar() -> ProgressBar {
    let target =
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    let style = ProgressStyle::with_template("{bar:40.cyan} {percent:>3} %  {elapsed}  {pos}/{len}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn show(found: &Verification) {
    if let Some(broken) = &found.broken {
        say(broken.breach.code().name);
        say(&broken.sentence(Language::Indonesian));
        say(&broken.sentence(Language::English));
        return;
    }
    let events = found.sealed + found.waiting;
    say(&format!("Jejak audit utuh: {events} kejadian. / The audit is whole: {events} events."));
    if found.head.sequence > 0 {
        say(&format!("Ujung rantai, untuk --expect / Head of the chain, for --expect: {}", found.head));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::Flags;

    #[test]
    fn the_exit_code_says_whether_the_audit_is_whole() {
        let folder = std::env::temp_dir().join(format!("vokasi-audit-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let database = format!("sqlite://{}", folder.join("vokasi.db").display());
        let settings = Settings::read(&Flags::default(), &database).unwrap();
        let verify =
            |expect: Option<&str>, json| run(&settings, &Command::Verify { expect: expect.map(str::to_owned), json });
        let code = |code: ExitCode| format!("{code:?}");
        assert_eq!(code(verify(None, false).unwrap()), code(ExitCode::SUCCESS));
        let beyond = format!("9999:{}", "0".repeat(64));
        for json in [false, true] {
            assert_eq!(code(verify(Some(&beyond), json).unwrap()), code(ExitCode::FAILURE));
        }
        assert!(verify(Some("9999"), false).is_err());
        // The writer's thread may still be closing its file, and what is left lies among what is temporary.
        let _ = fs::remove_dir_all(&folder);
    }
}
