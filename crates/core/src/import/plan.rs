//! What a file would do, row by row, as it is kept, looked at, and compared when it is applied.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Summary;
use super::packed::Packed;
use super::source::{Field, SourceRow};
use crate::error::{Code, Error, Fact, Result, codes};
use crate::id::Id;
use crate::values::words;

words! {
    /// What would happen to a row.
    pub enum Action {
        /// A person not in the register yet.
        New = "new",
        /// A person whose data differs.
        Changed = "changed",
        /// A person who is there just so.
        Same = "same",
        /// Something must be corrected first.
        Problem = "problem",
        /// Not meant for this register, such as another grade.
        Skipped = "skipped",
    }
}

impl Action {
    /// Whether applying writes such a row.
    pub fn writes(self) -> bool {
        matches!(self, Self::New | Self::Changed)
    }
}

words! {
    /// How grave a finding is.
    pub enum Severity {
        /// The row is not written.
        Error = "error",
        /// The row is written once a person has confirmed the code.
        Warning = "warning",
        /// Only said.
        Note = "note",
    }
}

/// What was found at one cell. It never holds the cell's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The row as a spreadsheet shows it.
    pub row: u32,
    /// The cell, such as `H7`, where the file has such a column.
    pub cell: Option<String>,
    /// The header of the column.
    pub field: Cow<'static, str>,
    /// What is wrong.
    #[serde(serialize_with = "by_name", deserialize_with = "of_name")]
    pub code: &'static Code,
    /// How grave it is.
    pub severity: Severity,
    /// Facts for the sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

impl Finding {
    /// A finding at the cell of that field.
    pub(super) fn at(row: &SourceRow, field: Field, code: &'static Code, severity: Severity) -> Self {
        let (cell, field) = (row.address(field), field.called());
        Self { row: row.number, cell, field, code, severity, facts: Vec::new() }
    }
}

fn by_name<S: Serializer>(code: &'static Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.name)
}

fn of_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Code, D::Error> {
    let name = Cow::<'de, str>::deserialize(deserializer)?;
    codes::named(&name).ok_or_else(|| serde::de::Error::custom("a code that is no longer known"))
}

/// One field that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which.
    pub field: String,
    /// What it is; identity numbers and contacts only say that they change.
    pub before: Option<String>,
    /// What it would be.
    pub after: Option<String>,
}

/// What would happen to one row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlannedRow {
    /// The row as a spreadsheet shows it.
    pub number: u32,
    /// The name in the file, for a person to find the row by.
    pub name: Option<String>,
    /// What would happen.
    pub action: Action,
    /// What would change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// People of the same name and birth date: is the row one of them?
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namesakes: Vec<Id>,
    /// The person it is about and the version of theirs that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<(Id, i32)>,
    /// What was planned before the register moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Looked>>,
}

/// What a person who looked at the plan saw of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// What would have happened.
    pub action: Action,
    /// What would have changed.
    pub changes: Vec<FieldChange>,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl PlannedRow {
    /// A row of which nothing is known yet.
    pub(super) fn blank(number: u32, name: Option<String>, action: Action) -> Self {
        let (changes, findings, namesakes) = (Vec::new(), Vec::new(), Vec::new());
        Self { number, name, action, changes, findings, namesakes, against: None, before: None }
    }

    /// Whether something must be corrected before the row can be written.
    pub(super) fn is_refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether this can be the answer to the row's question.
    pub(super) fn takes(&self, answer: Option<Id>) -> bool {
        match answer {
            Some(id) => self.namesakes.contains(&id),
            None => !self.namesakes.is_empty(),
        }
    }

    /// Whether what was agreed to is no longer what would happen. A row that meanwhile is as the file has it, or that
    /// nobody was going to write, needs no second look.
    fn moved_since(&self, seen: &Self) -> bool {
        if self.action == Action::Same || !(self.action.writes() || seen.action.writes()) {
            return false;
        }
        let told = (self.action, &self.changes, &self.findings) != (seen.action, &seen.changes, &seen.findings);
        told || self.action == Action::Changed && self.against != seen.against
    }
}

/// A person's answers to the question whether a row is somebody of the same name and birth date, by row: that person, or
/// nobody who is in the register.
pub(super) type Answers = BTreeMap<u32, Option<Id>>;

/// A plan as it is kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) rows: Packed<PlannedRow>,
    #[serde(default)]
    pub(super) answers: Answers,
}

impl Kept {
    /// The rows of `now`, which is of the same file, that are no longer what was looked at.
    pub(super) fn moved(&self, now: &Packed<PlannedRow>, chosen: &Chosen) -> Result<Vec<u32>> {
        let mut moved = Vec::new();
        for block in self.rows.differing(now) {
            let (seen, rows) = block?;
            let pairs = seen.iter().zip(rows.iter()).filter(|(_, row)| chosen.has(row.number));
            moved.extend(pairs.filter(|(seen, row)| row.moved_since(seen)).map(|(_, row)| row.number));
        }
        Ok(moved)
    }

    /// The rows of `now`, where those that have moved say what was seen of them.
    pub(super) fn beside(&self, now: &Packed<PlannedRow>, moved: &[u32]) -> Result<Packed<PlannedRow>> {
        let mut rows = Packed::default();
        for (seen, row) in self.rows.values().zip(now.values()) {
            let (PlannedRow { action, changes, findings, .. }, mut row) = (seen?, row?);
            if moved.binary_search(&row.number).is_ok() {
                row.before = Some(Box::new(Looked { action, changes, findings }));
            }
            rows.push(row)?;
        }
        Ok(rows)
    }
}

/// Which rows are to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// Every row that can be.
    #[default]
    Every,
    /// These, by their numbers.
    Rows(BTreeSet<u32>),
}

impl Chosen {
    /// Whether the row is one of them.
    pub fn has(&self, row: u32) -> bool {
        match self {
            Self::Every => true,
            Self::Rows(rows) => rows.contains(&row),
        }
    }

    /// What the chosen rows of a plan come to.
    ///
    /// # Errors
    /// `import.row_not_writable` at the first number that is of no row that can be written.
    pub(super) fn summary(&self, plan: &Plan) -> Result<Summary> {
        let Self::Rows(chosen) = self else { return Ok(plan.summary.clone()) };
        let mut unwritable = chosen.clone();
        let mut summary = Summary::default();
        for row in plan.rows.values() {
            let row = row?;
            if chosen.contains(&row.number) {
                summary.add(&row);
                if matches!(row.action, Action::New | Action::Changed | Action::Same) {
                    unwritable.remove(&row.number);
                }
            }
        }
        match unwritable.first() {
            Some(row) => Err(Error::new(&codes::IMPORT_ROW_NOT_WRITABLE).fact("row", row)),
            None => Ok(summary),
        }
    }
}

/// Row numbers in their order, as people write them: `7-9, 12`.
pub(super) fn ranges(rows: &[u32]) -> String {
    let together = rows.chunk_by(|one, next| next.checked_sub(*one).is_some_and(|step| step <= 1));
    let said = together.filter_map(|run| match (run.first()?, run.last()?) {
        (first, last) if first == last => Some(first.to_string()),
        (first, last) => Some(format!("{first}-{last}")),
    });
    said.collect::<Vec<_>>().join(", ")
}

/// A plan as it stands at this moment.
#[derive(Debug)]
pub struct Plan {
    /// Every row of the file.
    pub rows: Packed<PlannedRow>,
    /// How many of each.
    pub summary: Summary,
}

impl Default for Plan {
    fn default() -> Self {
        Self { rows: Packed::at_hand(), summary: Summary::default() }
    }
}

impl Plan {
    /// Adds the next row of the file.
    pub(super) fn push(&mut self, row: PlannedRow) -> Result<()> {
        self.summary.add(&row);
        self.rows.push(row)
    }
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn rows_are_said_as_people_write_them() {
        assert_eq!(ranges(&[]), "");
        assert_eq!(ranges(&[7]), "7");
        assert_eq!(ranges(&[7, 8, 9, 12, 14, 14, 15]), "7-9, 12, 14-15");
    }
}
