//! What a file brings, and the columns by which it is known.

use super::{Day, Field};
use crate::values::words;

words! {
    /// What a file brings. Each kind has columns, checks and a way back of its own; all else is the same for each.
    pub enum ImportKind {
        /// Students of a school.
        People = "people",
        /// Institutions of a province.
        Partners = "partners",
        /// Marks on the paper lists of a class.
        Attendance = "attendance",
        /// Results of exams outside the programs.
        ExamResults = "exam_results",
    }
}

impl Default for ImportKind {
    /// What every file brought before there were others.
    fn default() -> Self {
        Self::People
    }
}

impl ImportKind {
    /// The columns that are taken, in the order in which people know them. Every other one is left where it is.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::People => &Field::OF_PEOPLE,
            Self::Partners => &Field::OF_PARTNERS,
            Self::Attendance => &Field::OF_MEMBERS,
            Self::ExamResults => &Field::OF_EXAMS,
        }
    }

    /// Whether a header that is a day is a column of its own.
    pub(super) fn has_days(self) -> bool {
        self == Self::Attendance
    }

    /// What a header must have, or one of it where columns stand together.
    fn required(self) -> &'static [&'static [Field]] {
        match self {
            Self::People => &[&[Field::Name], &[Field::Sex], &[Field::BirthDate], &[Field::Nik, Field::Nisn]],
            Self::Partners => &[&[Field::Institution], &[Field::InstitutionKind], &[Field::Regency]],
            Self::Attendance => &[&[Field::Name, Field::Nisn, Field::StudentNumber], &[Field::Day(Day::ANY)]],
            Self::ExamResults => {
                &[&[Field::Name, Field::Nik, Field::Nisn], &[Field::Exam, Field::ExamLevel], &[Field::TestDate]]
            }
        }
    }

    /// What a list lacks that has these fields.
    pub(in crate::import) fn missing(self, has: impl Fn(Field) -> bool) -> Vec<Field> {
        let lacks = |group: &&&[Field]| !group.iter().any(|field| has(*field));
        self.required().iter().filter(lacks).flat_map(|group| group.iter().copied()).collect()
    }

    /// The field a normalised header names, and how exact the name is (0 is exact).
    pub(super) fn named(self, label: &str) -> Option<(Field, usize)> {
        self.fields().iter().find_map(|field| {
            let exactness = field.names().iter().position(|name| *name == label)?;
            Some((*field, exactness))
        })
    }
}
