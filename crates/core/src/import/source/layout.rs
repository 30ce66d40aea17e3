//! Finds the header of a sheet and says which column holds which field.

use serde::{Deserialize, Serialize};

use super::field::{Relative, normalised};
use super::{Cell, Day, Field, ImportKind, Reading};

/// How many rows from the top may be the upper row of a header.
pub(super) const SEARCHED: usize = 15;

/// The rows that must be known before [`Layout::find`] is asked: the searched ones and one below.
pub(super) const HEAD_ROWS: usize = SEARCHED + 1;

/// Words in an upper header that say its columns are about somebody or something else.
pub(super) const OTHERS: [&str; 13] = [
    "ayah", "bapak", "ibu", "wali", "orang", "orangtua", "ortu", "darurat", "sekolah", "guru", "suami", "istri",
    "saudara",
];

/// Which family of layouts a file belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayoutKind {
    /// The workbook "Daftar Peserta Didik" of the ministry's Dapodik, or a re-export of it.
    Dapodik,
    /// Any other list with one header row.
    Plain,
    /// A list of which a person has said which column is which.
    Explained,
}

/// A recognised header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) kind: LayoutKind,
    pub(super) school_name: Option<String>,
    /// The columns to take, from left to right; indexes begin at 0.
    pub(super) columns: Vec<(Field, u16)>,
    /// What a header of a single row calls them.
    pub(super) headers: Vec<String>,
    /// The first row under the header; the index begins at 0.
    pub(super) first_row: u32,
}

impl Layout {
    /// Finds the header in the first rows of a sheet: by its own words, else by what people have said of such a list.
    ///
    /// # Errors
    ///
    /// What the most promising row lacks, if no row has all that is required.
    pub(super) fn find(head: &[Vec<Cell>], reading: Reading<'_>) -> Result<Self, Vec<Field>> {
        let Reading { kind, known, .. } = reading;
        let labels: Vec<Vec<String>> = head.iter().map(|row| labels(row)).collect();
        let mut missing = kind.missing(|_| false);
        for at in 0..labels.len().min(SEARCHED) {
            let headers = match kind {
                ImportKind::People => [Header::double(&labels, at), Header::single(kind, head, &labels, at)],
                _ => [Header::single(kind, head, &labels, at), Header::over_days(kind, head, &labels, at)],
            };
            for header in headers.into_iter().flatten() {
                let lacks = header.lacks();
                if lacks.is_empty() {
                    return Ok(header.layout(head, &labels, at));
                }
                if lacks.len() < missing.len() {
                    missing = lacks;
                }
            }
        }
        let rows = || labels.iter().take(SEARCHED).enumerate();
        let explained = known.iter().find_map(|known| rows().find_map(|(at, row)| Some((at, known.columns_in(row)?))));
        explained.map(|(at, columns)| Self::explained(head, at, columns)).ok_or(missing)
    }

    fn explained(head: &[Vec<Cell>], at: usize, columns: Vec<(Field, u16)>) -> Self {
        let row = head.get(at).map(Vec::as_slice).unwrap_or_default();
        Self {
            kind: LayoutKind::Explained,
            school_name: school_name(head.get(..at).unwrap_or_default()),
            headers: columns.iter().map(|&(_, column)| shown(row, column)).collect(),
            columns,
            // The header stands within the searched rows.
            first_row: u32::try_from(at).unwrap_or_default() + 1,
        }
    }
}

/// A header of which a person has said which column is which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLayout {
    columns: Vec<(String, Field)>,
}

impl KnownLayout {
    /// Of header texts, each with its field.
    pub fn new<'t>(columns: impl IntoIterator<Item = (&'t str, Field)>) -> Self {
        Self { columns: columns.into_iter().map(|(header, field)| (normalised(header), field)).collect() }
    }

    /// Where each field stands in a row that has all of these headers, from left to right. Whatever else the row has is
    /// left where it is.
    fn columns_in(&self, row: &[String]) -> Option<Vec<(Field, u16)>> {
        let place = |(header, field): &(String, Field)| {
            let column = row.iter().position(|label| label == header)?;
            Some((*field, u16::try_from(column).ok()?))
        };
        let mut columns = self.columns.iter().map(place).collect::<Option<Vec<_>>>()?;
        columns.sort_by_key(|&(_, column)| column);
        (!columns.is_empty()).then_some(columns)
    }
}

fn labels(row: &[Cell]) -> Vec<String> {
    row.iter()
        .map(|cell| match cell {
            Cell::Text(text) => normalised(text),
            _ => String::new(),
        })
        .collect()
}

/// A header row, or two, as fields.
struct Header {
    kind: ImportKind,
    /// For each field found: its column and how exact the header names it (0 is exact).
    found: Vec<(Field, usize, usize)>,
    rows: u32,
    has_relatives: bool,
}

impl Header {
    fn single(kind: ImportKind, head: &[Vec<Cell>], labels: &[Vec<String>], at: usize) -> Option<Self> {
        let mut header = Self { kind, found: Vec::new(), rows: 1, has_relatives: false };
        for (column, label) in labels.get(at)?.iter().enumerate() {
            header.take(column, label);
        }
        header.take_days(head.get(at)?);
        Some(header)
    }

    /// The rows `at` and `at + 1`, where the days stand in a row of their own under a common title.
    fn over_days(kind: ImportKind, head: &[Vec<Cell>], labels: &[Vec<String>], at: usize) -> Option<Self> {
        let mut header = Self { rows: 2, ..Self::single(kind, head, labels, at)? };
        header.take_days(head.get(at + 1).filter(|_| kind.has_days())?);
        Some(header)
    }

    /// Takes each column whose header is a day. Of two columns of one day the second is its second meeting.
    fn take_days(&mut self, cells: &[Cell]) {
        if !self.kind.has_days() {
            return;
        }
        for (column, cell) in cells.iter().enumerate() {
            let Some(day) = Day::of(cell) else { continue };
            let same = |(field, ..): &&(Field, usize, usize)| field.day().is_some_and(|one| one.is_same_meeting(day));
            let earlier = u32::try_from(self.found.iter().filter(same).count()).unwrap_or_default();
            let turn = day.turn.or((earlier > 0).then_some(earlier + 1));
            self.insert(Field::Day(Day { turn, ..day }), column, 0);
        }
    }

    /// The rows `at` and `at + 1` read as one header of a list of people, where they look like one.
    fn double(labels: &[Vec<String>], at: usize) -> Option<Self> {
        let (upper, lower) = (labels.get(at)?, labels.get(at + 1)?);
        if !is_double(upper, lower) {
            return None;
        }
        let kind = ImportKind::People;
        let mut header = Self { kind, found: Vec::new(), rows: 2, has_relatives: false };
        // A merged cell holds its text in the leftmost column, so a group reaches to the right
        // over empty cells of the upper row.
        let mut group = "";
        let mut relative: Option<Relative> = None;
        let mut seen: Vec<&str> = Vec::new();
        for column in 0..upper.len().max(lower.len()) {
            let top = upper.get(column).map_or("", String::as_str);
            let bottom = lower.get(column).map_or("", String::as_str);
            if !top.is_empty() {
                let named = Relative::named(top);
                if named.is_none() || named != relative {
                    seen.clear();
                }
                relative = named;
                group = top;
            }
            if let Some(person) = relative
                && !bottom.is_empty()
            {
                if Relative::owns(bottom) && !seen.contains(&bottom) {
                    seen.push(bottom);
                    header.has_relatives = true;
                    if let Some(field) = person.field(bottom) {
                        header.insert(field, column, 0);
                    }
                    continue;
                }
                if !top.is_empty() {
                    continue;
                }
                // Under an empty upper cell, a header that is no part of the group ends it.
                relative = None;
                group = "";
            }
            if bottom.is_empty() || kind.named(bottom).is_none() || is_about_others(group) {
                header.take(column, top);
            } else {
                header.take(column, bottom);
            }
        }
        Some(header)
    }

    fn take(&mut self, column: usize, label: &str) {
        if let Some((field, exactness)) = self.kind.named(label) {
            self.insert(field, column, exactness);
        }
    }

    fn insert(&mut self, field: Field, column: usize, exactness: usize) {
        match self.found.iter_mut().find(|(known, ..)| *known == field) {
            Some(known) if exactness < known.2 => *known = (field, column, exactness),
            Some(_) => {}
            None => self.found.push((field, column, exactness)),
        }
    }

    fn has(&self, field: Field) -> bool {
        // Any day will do where one is asked for.
        let is_it = |known: Field| known == field || known.day().is_some() && field.day().is_some();
        self.found.iter().any(|(known, ..)| is_it(*known))
    }

    fn lacks(&self) -> Vec<Field> {
        self.kind.missing(|field| self.has(field))
    }

    fn layout(self, head: &[Vec<Cell>], labels: &[Vec<String>], at: usize) -> Layout {
        let above = head.get(..at).unwrap_or_default();
        let is_titled = labels.iter().take(at).flatten().any(|label| label.starts_with(TITLE));
        let is_dapodik = self.kind == ImportKind::People
            && (is_titled
                || self.has_relatives
                || labels.get(at).is_some_and(|row| row.iter().any(|label| label == "rombel saat ini")));
        let mut columns: Vec<(Field, u16)> =
            self.found.iter().filter_map(|&(field, column, _)| Some((field, u16::try_from(column).ok()?))).collect();
        columns.sort_by_key(|&(_, column)| column);
        let row = head.get(at).filter(|_| self.rows == 1 && !is_dapodik);
        let headers = row.map(|row| columns.iter().map(|&(_, column)| shown(row, column)).collect());
        Layout {
            kind: if is_dapodik { LayoutKind::Dapodik } else { LayoutKind::Plain },
            school_name: school_name(above),
            columns,
            headers: headers.unwrap_or_default(),
            // The header stands within the searched rows.
            first_row: u32::try_from(at).unwrap_or_default() + self.rows,
        }
    }
}

fn shown(row: &[Cell], column: u16) -> String {
    row.get(usize::from(column)).map(|cell| cell.shown().into_owned()).unwrap_or_default()
}

/// Whether the lower row continues the header instead of beginning the data.
fn is_double(upper: &[String], lower: &[String]) -> bool {
    let is_lower_label = |label: &String| ImportKind::People.named(label).is_some() || Relative::owns(label);
    let continued = lower.iter().filter(|label| is_lower_label(label)).count();
    if continued < 2 {
        return false;
    }
    let has_relative = upper.iter().any(|label| Relative::named(label).is_some());
    let name = upper.iter().position(|label| matches!(ImportKind::People.named(label), Some((Field::Name, _))));
    match name {
        // Under the name stands nothing (a merged cell), or the name of the column once more.
        Some(column) => lower.get(column).is_none_or(|label| label.is_empty() || is_lower_label(label)),
        // The upper row may hold nothing but the groups.
        None => has_relative,
    }
}

fn is_about_others(group: &str) -> bool {
    group.split(' ').any(|word| OTHERS.contains(&word))
}

const TITLE: &str = "daftar peserta didik";

/// The school in the rows above the header: what follows the title, or what is named as a school.
fn school_name(above: &[Vec<Cell>]) -> Option<String> {
    let texts: Vec<Vec<&str>> = above
        .iter()
        .map(|row| {
            row.iter()
                .filter_map(|cell| match cell {
                    Cell::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect()
        })
        .collect();
    texts
        .iter()
        .find_map(|row| named_school(row))
        .or_else(|| titled_school(&texts))
        .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// `Nama Sekolah: SMKN 1 Kalianda`, in one cell or in two.
fn named_school(row: &[&str]) -> Option<String> {
    let (first, rest) = row.split_first()?;
    let (label, value) = first.split_once(':').unwrap_or((first, ""));
    if !matches!(
        normalised(label).as_str(),
        "nama sekolah" | "sekolah" | "asal sekolah" | "nama satuan pendidikan" | "satuan pendidikan"
    ) {
        return None;
    }
    [value]
        .into_iter()
        .chain(rest.iter().copied())
        .map(|text| text.trim_start_matches(':').trim())
        .find(|text| !text.is_empty())
        .map(str::to_owned)
}

/// The text under the title "Daftar Peserta Didik", or behind it in the same cell.
fn titled_school(rows: &[Vec<&str>]) -> Option<String> {
    let mut rows = rows.iter().filter_map(|row| row.first().copied());
    let title = rows.find(|text| normalised(text).starts_with(TITLE))?;
    let words: Vec<&str> = title.split_whitespace().skip(3).collect();
    if !words.is_empty() {
        return Some(words.join(" "));
    }
    let next = rows.next()?;
    let label = normalised(next);
    let is_other = ["kecamatan", "kabupaten", "kota ", "provinsi", "tanggal unduh", "tahun"]
        .iter()
        .any(|start| label.starts_with(start));
    (!is_other).then(|| next.to_owned())
}
