//! `vokasi retention`: what is past its time, and taking it away.

use std::collections::BTreeMap;

use vokasi_core::access::Actor;
use vokasi_core::privacy::retention;

use super::{open, say};
use crate::config::{Settings, SetupError};
use crate::state::Clock;

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Args {
    /// Say what would go, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Take it away, as the daily job of a serving program does.
    #[arg(long)]
    run: bool,
}

pub(super) fn run(settings: &Settings, args: &Args) -> Result<(), SetupError> {
    let db = open(settings)?;
    if args.run {
        let mut gone = BTreeMap::new();
        crate::retention::run(&db, &Clock::System, &mut |kind, count| {
            *gone.entry(kind.as_str()).or_insert(0) += count;
        })?;
        for (kind, count) in &gone {
            say(&format!("{kind}: {count}"));
        }
        if gone.is_empty() {
            say("nothing to do");
        }
        return Ok(());
    }
    for due in db.snapshot(Clock::System.now(), |tx| retention::preview(tx, &Actor::operator()))? {
        let before = due.before.map_or_else(|| "kept for good".to_owned(), |before| format!("before {before}"));
        say(&format!("{}: {} ({before}; {})", due.rule.kind, due.count, due.rule.then_en));
    }
    Ok(())
}
