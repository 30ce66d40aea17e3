//! `vokasi keys`: the master secrets, from the machine itself.

use std::io::IsTerminal;
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use vokasi_core::access::Actor;
use vokasi_core::entropy::Entropy;
use vokasi_core::keys::{KeySource, SETTLING};
use vokasi_core::rotation;

use super::{open, say};
use crate::config::{Settings, SetupError};
use crate::state::Clock;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    act: Act,
    /// Answer in JSON, for machines.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// List the secrets and how much is sealed with each.
    List,
    /// Add a new secret; servers take it up by themselves and nobody is signed out.
    Add {
        /// Minutes until it is in force: enough for every server to see the file; 0 when none is running.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=1440))]
        minutes: u16,
    },
    /// Seal everything anew with the newest secret, while servers serve.
    Rotate,
    /// Take away a secret that nothing is sealed with any more.
    Retire {
        /// Its name, e.g. `k1`.
        key: String,
    },
}

pub(super) fn run(settings: &Settings, args: &Args) -> Result<(), SetupError> {
    let told = match &args.act {
        Act::List => list(settings)?,
        Act::Add { minutes } => add(settings, *minutes)?,
        Act::Rotate => rotate(settings, args.json)?,
        Act::Retire { key } => retire(settings, key)?,
    };
    if args.json {
        say(&told.json.to_string());
    } else {
        told.lines.iter().for_each(|line| say(line));
    }
    Ok(())
}

/// The same for people and for machines.
struct Told {
    lines: Vec<String>,
    json: Value,
}

fn list(settings: &Settings) -> Result<Told, SetupError> {
    let db = open(settings)?;
    let now = Clock::System.now();
    let ring = settings.secret.ring()?;
    let newest = ring.keys(now)?.newest().to_owned();
    let mut rows = Vec::new();
    for one in ring.secrets() {
        let sealed = db.read(now, |tx| rotation::sealed_with(tx, &Actor::operator(), &one.id))?;
        rows.push((one.id.clone(), one.from, sealed, one.id == newest));
    }
    let line = |(id, from, sealed, newest): &(String, vokasi_core::time::Instant, u64, bool)| {
        let mark = if *newest { "  *" } else { "" };
        format!("{id:<6}{from:<28}{sealed:>12}{mark}", from = from.to_string())
    };
    let titles = format!("{:<6}{:<28}{:>12}", "kunci", "berlaku sejak / from", "nilai/values");
    let gone = ring.retired().iter().map(|one| {
        format!(
            "{id:<6}dicabut, untuk audit sampai / retired, for the audit until {until}",
            id = one.id,
            until = one.until
        )
    });
    let json = rows
        .iter()
        .map(|(id, from, sealed, newest)| json!({ "key": id, "from": from, "values": sealed, "in_use": newest }))
        .chain(ring.retired().iter().map(|one| json!({ "key": one.id, "retired": true, "until": one.until })));
    Ok(Told { json: json.collect(), lines: std::iter::once(titles).chain(gone).chain(rows.iter().map(line)).collect() })
}

fn add(settings: &Settings, minutes: u16) -> Result<Told, SetupError> {
    let db = open(settings)?;
    let (now, entropy) = (Clock::System.now(), Entropy::system()?);
    let from = now.plus(if minutes == 0 { -SETTLING } else { chrono::Duration::minutes(i64::from(minutes)) });
    let (key, from) = settings.secret.change(|ring| {
        let key = ring.add(from, &entropy);
        Ok((key, ring.secrets().last().map_or(from, |one| one.from)))
    })?;
    let added = key.clone();
    db.write(now, move |tx| rotation::added(tx, &Actor::operator(), &added))?;
    Ok(Told {
        json: json!({ "key": key, "from": from }),
        lines: vec![
            format!("{key} ditambahkan, berlaku sejak {from}. Lanjutkan dengan: vokasi keys rotate"),
            format!("{key} added, in force from {from}. Go on with: vokasi keys rotate"),
        ],
    })
}

fn rotate(settings: &Settings, json: bool) -> Result<Told, SetupError> {
    let bar = bar(json);
    settle(settings, &bar)?;
    let db = open(settings)?;
    let operator = Actor::operator();
    let now = Clock::System.now();
    bar.set_length(db.read(now, |tx| rotation::left(tx, &operator))?);
    let rotated = rotation::rotate(&db, now, &operator, |values| {
        bar.inc(values);
        // Others want to write too.
        thread::sleep(Duration::from_millis(5));
    })?;
    bar.finish_and_clear();
    Ok(Told {
        lines: vec![
            format!("{} nilai disegel ulang dengan {}, {} tersisa.", rotated.values, rotated.key, rotated.left),
            format!("{} values sealed anew with {}, {} left.", rotated.values, rotated.key, rotated.left),
        ],
        json: serde_json::to_value(rotated).map_err(|error| SetupError(error.to_string()))?,
    })
}

fn retire(settings: &Settings, key: &str) -> Result<Told, SetupError> {
    settle(settings, &bar(true))?;
    let db = open(settings)?;
    let retired = key.to_owned();
    settings.secret.change(|ring| {
        ring.retire(key)?;
        db.write(Clock::System.now(), move |tx| rotation::retire(tx, &Actor::operator(), &retired))
    })?;
    Ok(Told {
        lines: vec![format!("{key} dicabut."), format!("{key} retired.")],
        json: json!({ "key": key, "retired": true }),
    })
}

/// Waits until every server uses the newest secret for everything new.
fn settle(settings: &Settings, bar: &ProgressBar) -> Result<(), SetupError> {
    let settled = settings.secret.ring()?.settled_at();
    bar.set_message(format!("menunggu sampai / waiting until {settled}"));
    while Clock::System.now() < settled {
        thread::sleep(Duration::from_millis(200));
    }
    bar.set_message("");
    Ok(())
}

fn bar(hidden: bool) -> ProgressBar {
    let shown = !hidden && std::io::stderr().is_terminal();
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    let style = ProgressStyle::with_template("{bar:40.cyan} {percent:>3} %  {elapsed}  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
