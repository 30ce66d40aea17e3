//! The result: one line a figure, on the screen and in the document.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::pace::{Outcome, Pair, median};
use crate::say;

const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// The highest value that still reaches a goal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal {
    pub(crate) most: f64,
    pub(crate) unit: &'static str,
}

/// A ratio of at most this.
pub(crate) fn times(most: f64) -> Goal {
    Goal { most, unit: "×" }
}

struct Line {
    what: String,
    database: &'static str,
    ours: String,
    limit: String,
    ratio: Option<f64>,
    goal: String,
    met: Option<bool>,
}

/// Every figure of a run.
#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<Line>,
}

impl Table {
    /// Two things that were done in turns; `per` of them make one turn.
    pub(crate) fn pair(&mut self, what: &str, database: &'static str, per: f64, pair: &Pair, goal: Option<Goal>) {
        let ratio = pair.ratio();
        self.add(Line {
            what: what.to_owned(),
            database,
            ours: duration(median(&pair.ours) / per),
            limit: duration(median(&pair.limit) / per),
            ratio: Some(ratio),
            goal: goal.map(shown).unwrap_or_default(),
            met: goal.map(|goal| ratio <= goal.most),
        });
    }

    /// A figure that stands for itself.
    pub(crate) fn figure(&mut self, what: &str, database: &'static str, value: f64, unit: &'static str, goal: f64) {
        let goal = Goal { most: goal, unit };
        self.add(Line {
            what: what.to_owned(),
            database,
            ours: format!("{value:.1} {unit}"),
            limit: String::new(),
            ratio: None,
            goal: shown(goal),
            met: Some(value <= goal.most),
        });
    }

    /// A fact without a goal.
    pub(crate) fn fact(&mut self, what: &str, database: &'static str, value: String) {
        self.add(Line {
            what: what.to_owned(),
            database,
            ours: value,
            limit: String::new(),
            ratio: None,
            goal: String::new(),
            met: None,
        });
    }

    fn add(&mut self, line: Line) {
        let ratio = line.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        say(&format!(
            "{:<62} {:<10} {:>12} {:>12} {ratio:>7} {:>9} {}",
            line.what,
            line.database,
            line.ours,
            line.limit,
            line.goal,
            verdict(line.met)
        ));
        self.lines.push(line);
    }

    /// Puts the table between the markers of a document.
    pub(crate) fn write(&self, file: &Path, facts: &str) -> Outcome {
        let mut table = format!(
            "{BEGIN}\n\n{facts}\n\n\
             | what | database | Vokasi | limit | ratio | goal | |\n\
             | --- | --- | ---: | ---: | ---: | ---: | --- |\n"
        );
        for line in &self.lines {
            let ratio = line.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
            let Line { what, database, ours, limit, goal, met, .. } = line;
            writeln!(table, "| {what} | {database} | {ours} | {limit} | {ratio} | {goal} | {} |", verdict(*met))?;
        }
        table.push('\n');
        let document = fs::read_to_string(file)?;
        let (before, rest) = document.split_once(BEGIN).ok_or("the document has no place for the table")?;
        let (_, after) = rest.split_once(END).ok_or("the place for the table has no end")?;
        fs::write(file, format!("{before}{table}{END}{after}"))?;
        Ok(())
    }
}

fn verdict(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "reached",
        Some(false) => "**missed**",
        None => "",
    }
}

fn shown(goal: Goal) -> String {
    format!("≤ {} {}", goal.most, goal.unit)
}

/// A time in the unit it is best read in.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 0.001 {
        format!("{:.2} ms", seconds * 1e3)
    } else {
        format!("{:.0} µs", seconds * 1e6)
    }
}
