//! Guesses which row of a list of people is its header, and what its columns are, from the texts of the headers alone.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::field::normalised;
use super::layout::{OTHERS, SEARCHED};
use super::sheet::letters;
use super::{Cell, Field, ImportKind, date};
use crate::values::words;

words! {
    /// How sure a guess is.
    pub enum Sureness {
        /// The header is a name of the field.
        Exact = "exact",
        /// It resembles one.
        Similar = "similar",
        /// Nothing is guessed.
        None = "none",
    }
}

/// A row that may be the header of a list, and what its columns may be. It holds texts of headers and nothing of the
/// rows under them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The row as a spreadsheet shows it.
    pub row: u32,
    /// Its columns, from left to right.
    pub columns: Vec<GuessedColumn>,
}

/// A column of such a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuessedColumn {
    /// Its letters, such as `B`.
    pub letters: String,
    /// The text of its header.
    pub header: String,
    /// What it may be.
    pub field: Option<Field>,
    /// How sure that is.
    pub sureness: Sureness,
}

/// Filled cells of a header at least.
const FILLED: usize = 3;
/// Fields that a header has to remind of, so that a row of people is not taken for one.
const REMINDS_OF: usize = 2;
/// Characters of a header's text.
const HEADER: usize = 80;
/// Digits in a row, such as a year's, and in all of a header's text, such as a school year's. A row with more is one of
/// people.
const YEAR: usize = 4;
const SCHOOL_YEAR: usize = 8;
/// How much of two names must be the same words, in thousandths.
const SIMILAR: usize = 600;
/// How much of two words must be the same letters.
const SAME_WORD: f64 = 0.8;
/// Letters of a word that says anything by itself, and longer ones that do not.
const TELLING: usize = 3;
const SILENT: [&str; 5] = ["nomor", "number", "siswa", "peserta", "didik"];

impl Guess {
    /// The most promising of the first rows of a sheet, if one looks like a header.
    pub(super) fn of(head: &[Vec<Cell>]) -> Option<Self> {
        let guesses = (1..).zip(head.iter().take(SEARCHED)).filter_map(|(row, cells)| Self::of_row(row, cells));
        guesses.filter(|guess| guess.fields() >= REMINDS_OF).min_by_key(|guess| Reverse(guess.fields()))
    }

    /// How many fields it reminds of.
    pub(super) fn fields(&self) -> usize {
        self.columns.iter().filter(|column| column.field.is_some()).count()
    }

    fn of_row(row: u32, cells: &[Cell]) -> Option<Self> {
        let mut columns = Vec::new();
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            columns.push((column, header(cell)?));
        }
        if columns.len() < FILLED {
            return None;
        }
        let found = assigned(&columns.iter().map(|(_, header)| normalised(header)).collect::<Vec<_>>());
        let columns = columns.into_iter().zip(found).map(|((column, header), found)| GuessedColumn {
            letters: letters(column),
            header,
            field: found.map(|(field, _)| field),
            sureness: found.map_or(Sureness::None, |(_, sureness)| sureness),
        });
        Some(Self { row, columns: columns.collect() })
    }
}

/// The text of a cell that may be a header: short words, and no day, number or address.
fn header(cell: &Cell) -> Option<String> {
    let Cell::Text(text) = cell else { return None };
    let runs = || text.split(|letter: char| !letter.is_ascii_digit()).map(str::len);
    let is_number = runs().any(|digits| digits > YEAR) || runs().sum::<usize>() > SCHOOL_YEAR;
    let is_value = is_number || text.contains('@') || date(cell).is_some() || text.chars().count() > HEADER;
    (!is_value).then(|| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Gives each field to the column that resembles it most.
fn assigned(labels: &[String]) -> Vec<Option<(Field, Sureness)>> {
    let mut candidates = Vec::new();
    for (column, label) in labels.iter().enumerate() {
        if let Some((field, exactness)) = ImportKind::People.named(label) {
            candidates.push((Reverse(usize::MAX - exactness), column, field, Sureness::Exact));
            continue;
        }
        for field in Field::OF_PEOPLE {
            let likeness =
                field.names().iter().filter(|name| is_about_the_same(label, name)).map(|name| likeness(label, name));
            if let Some(likeness) = likeness.max().filter(|likeness| *likeness >= SIMILAR) {
                candidates.push((Reverse(likeness), column, field, Sureness::Similar));
            }
        }
    }
    // Of two that resemble a column alike, the one that a list cannot do without.
    candidates.sort_by_key(|&(likeness, column, field, _)| (likeness, !field.is_required(), column, field));
    let mut found = vec![None; labels.len()];
    let mut taken = HashSet::new();
    for (_, column, field, sureness) in candidates {
        if let Some(place @ None) = found.get_mut(column)
            && taken.insert(field)
        {
            *place = Some((field, sureness));
        }
    }
    found
}

/// Whether both name the same parent or other person, or neither does.
fn is_about_the_same(label: &str, name: &str) -> bool {
    let names = |text: &str, person: &str| text.split(' ').any(|word| word == person);
    OTHERS.iter().all(|person| names(label, person) == names(name, person))
}

/// How many of the words of both are the same, in thousandths.
fn likeness(label: &str, name: &str) -> usize {
    let (label, name): (Vec<&str>, Vec<&str>) = (label.split(' ').collect(), name.split(' ').collect());
    let common: Vec<&&str> = name.iter().filter(|word| label.iter().any(|other| same_word(word, other))).collect();
    // Whose it is does not say what it is.
    if common.iter().all(|word| word.len() < TELLING || SILENT.contains(word) || OTHERS.contains(word)) {
        return 0;
    }
    2 * common.len() * 1000 / (label.len() + name.len())
}

/// The same word, or one that is misspelt.
fn same_word(one: &str, other: &str) -> bool {
    let comparable =
        one.len() > TELLING && one.len().abs_diff(other.len()) <= 2 && one.chars().next() == other.chars().next();
    one == other || comparable && strsim::normalized_damerau_levenshtein(one, other) >= SAME_WORD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_guessed_from_its_words() {
        for (header, expected) in [
            ("Jenis Kelamin (L/P)", Some((Field::Sex, Sureness::Exact))),
            ("Tanggl Lahir", Some((Field::BirthDate, Sureness::Similar))),
            ("Jenis Klamin", Some((Field::Sex, Sureness::Similar))),
            ("Identity number", Some((Field::Nik, Sureness::Similar))),
            ("Nama Anak", Some((Field::Name, Sureness::Similar))),
            ("Kelahiran", Some((Field::BirthDate, Sureness::Similar))),
            ("Nama lengkap ayah", Some((Field::FatherName, Sureness::Similar))),
            // What is about a parent is no column of the student.
            ("Tanggal Lahir Ayah", Some((Field::FatherBirthYear, Sureness::Similar))),
            ("NIK Ibu", None),
            ("Nomor", None),
            ("Hobi", None),
            ("P", None),
        ] {
            assert_eq!(assigned(&[normalised(header)]), [expected], "{header}");
        }
    }

    #[test]
    fn a_field_is_given_to_one_column() {
        let labels = ["nama siswa baru", "nama lengkap", "kelahiran", "tempat kelahiran"].map(str::to_owned);
        let fields: Vec<_> = assigned(&labels).into_iter().map(|found| found.map(|(field, _)| field)).collect();
        assert_eq!(fields, [None, Some(Field::Name), Some(Field::BirthDate), Some(Field::BirthPlace)]);
    }

    #[test]
    fn a_row_of_people_is_no_header() {
        let row = |texts: &[&str]| texts.iter().map(|text| Cell::text(text)).collect::<Vec<_>>();
        let header = row(&["Nama Anak", "Gender", "Kelahiran", "Hobi 2024/2025"]);
        let found = Guess::of(&[row(&["Daftar siswa"]), header.clone()]).unwrap();
        assert_eq!((found.row, found.fields()), (2, 3));
        for person in [
            row(&["Nama Anak", "Gender", "Kelahiran", "0071234567"]),
            row(&["Nama Anak", "Gender", "Kelahiran", "007 123 4567"]),
            row(&["Nama Anak", "Gender", "17 November 2007"]),
            row(&["Nama Anak", "Gender", "ratna@example.org"]),
            row(&["Ratna Melati", "P", "Sukadana", "XII TKJ 1"]),
            row(&["Nama Anak", "Gender"]),
            vec![Cell::text("Nama Anak"), Cell::text("Gender"), Cell::Number(7.0)],
        ] {
            assert_eq!(Guess::of(std::slice::from_ref(&person)), None, "{person:?}");
        }
    }
}
