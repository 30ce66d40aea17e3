//! What a program version holds: one document, frozen as JSON when it is published.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::exams;
use crate::error::{Error, FieldProblem, Result, codes};
use crate::values::{Bilingual, LessonHours, Mark, Percent, Score, Segment, words};

words! {
    /// How a module is taught.
    pub enum ModuleKind {
        /// In the classroom.
        Theory = "theory",
        /// By doing.
        Practice = "practice",
        /// Procedure, documents, culture.
        Orientation = "orientation",
    }
}

/// A part of the curriculum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Its code inside the program.
    pub code: String,
    /// Its title.
    pub title: Bilingual,
    /// How it is taught.
    pub kind: ModuleKind,
    /// Lesson hours (JP).
    pub lesson_hours: LessonHours,
}

/// A segment the program serves and the length that is usual for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentLength {
    /// The segment.
    pub segment: Segment,
    /// Months; another length asks for a reason.
    pub usual_months: u32,
}

/// A scored part of the assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its code inside the program.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
    /// Its share of the final score, per cent; all shares add up to 100.
    pub weight: Percent,
    /// The score it needs at least, 0 to 100.
    pub minimum: Score,
}

/// An exam outside the program that completion needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalExam {
    /// Its scheme, e.g. `JLPT`.
    pub exam: String,
    /// The level needed, e.g. `N5`.
    pub level: String,
}

/// A word for a final score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicate {
    /// The final score from which it holds.
    pub minimum: Score,
    /// The word.
    pub name: Bilingual,
}

/// What completes the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompletionPolicy {
    /// Per cent of lesson hours held that must be credited.
    pub minimum_attendance: Percent,
    /// The marks that credit their lesson hours.
    #[serde(default = "credited")]
    pub credited_marks: Vec<Mark>,
    /// The scored parts.
    pub components: Vec<Component>,
    /// The exam needed, if any.
    #[serde(default)]
    pub external_exam: Option<ExternalExam>,
    /// From the highest minimum to the lowest; a final score below the last does not complete.
    pub predicates: Vec<Predicate>,
}

fn credited() -> Vec<Mark> {
    vec![Mark::Present, Mark::Late]
}

/// One way to meet a prerequisite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Need {
    /// A completed program.
    Program {
        /// Its code.
        program: String,
    },
    /// An exam level, or a higher one.
    Exam {
        /// Its scheme.
        exam: String,
        /// The level.
        level: String,
    },
}

/// Something needed before, in any of several ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prerequisite {
    /// Any one of these is enough.
    pub any_of: Vec<Need>,
}

/// The whole document of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curriculum {
    /// Minutes of one lesson hour: 45 in SMA and SMK, 40 at some centres, 60 elsewhere.
    pub minutes_per_lesson_hour: u32,
    /// Who it serves.
    pub segments: Vec<SegmentLength>,
    /// What is taught, in order.
    pub modules: Vec<Module>,
    /// What completes it.
    pub completion: CompletionPolicy,
    /// What is needed before.
    #[serde(default)]
    pub prerequisites: Vec<Prerequisite>,
    /// Days after a session in which its instructor may correct the register; without a limit when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction_days: Option<u32>,
}

impl Curriculum {
    /// Lesson hours of all modules.
    pub fn lesson_hours(&self) -> LessonHours {
        self.modules.iter().map(|module| module.lesson_hours).sum()
    }

    /// The usual length for a segment, if the program serves it.
    pub fn usual_months(&self, segment: Segment) -> Option<u32> {
        self.segments.iter().find(|length| length.segment == segment).map(|length| length.usual_months)
    }

    /// Whether the document can be taught and completed.
    ///
    /// # Errors
    /// `program.modules`, `program.weights`, `program.predicates`, `program.predicates_alone`, `field.duplicate`,
    /// `field.range`, and `field.unknown_value` for an exam or a level that there is not; all at once.
    pub fn check(&self) -> Result<()> {
        let mut wrong = Vec::new();
        let mut note = |pointer: &str, code| {
            wrong.push(FieldProblem { pointer: pointer.to_owned(), code, facts: Vec::new() });
        };
        if !(30..=60).contains(&self.minutes_per_lesson_hour) {
            note("/curriculum/minutes_per_lesson_hour", &codes::FIELD_RANGE);
        }
        if self.correction_days.is_some_and(|days| days > 366) {
            note("/curriculum/correction_days", &codes::FIELD_RANGE);
        }
        if self.segments.is_empty() || self.segments.iter().any(|length| !(1..=60).contains(&length.usual_months)) {
            note("/curriculum/segments", &codes::FIELD_REQUIRED);
        }
        if repeats(self.segments.iter().map(|length| length.segment.as_str())) {
            note("/curriculum/segments", &codes::FIELD_DUPLICATE);
        }
        if self.modules.is_empty() || self.modules.iter().any(|module| !(1..=2000).contains(&module.lesson_hours)) {
            note("/curriculum/modules", &codes::PROGRAM_MODULES);
        }
        if repeats(self.modules.iter().map(|module| module.code.as_str())) {
            note("/curriculum/modules", &codes::FIELD_DUPLICATE);
        }
        if repeats(self.completion.credited_marks.iter().map(|mark| mark.as_str())) {
            note("/curriculum/completion/credited_marks", &codes::FIELD_DUPLICATE);
        }
        let components = &self.completion.components;
        if repeats(components.iter().map(|component| component.code.as_str())) {
            note("/curriculum/completion/components", &codes::FIELD_DUPLICATE);
        }
        let predicates = &self.completion.predicates;
        if !predicates.is_sorted_by(|a, b| a.minimum > b.minimum) {
            note("/curriculum/completion/predicates", &codes::PROGRAM_PREDICATES);
        }
        if components.is_empty() && !predicates.is_empty() {
            note("/curriculum/completion/predicates", &codes::PROGRAM_PREDICATES_ALONE);
        }
        let sum: Decimal = components.iter().map(|component| component.weight.value()).sum();
        if !components.is_empty() && sum != Decimal::ONE_HUNDRED {
            wrong.push(FieldProblem {
                pointer: "/curriculum/completion/components".to_owned(),
                code: &codes::PROGRAM_WEIGHTS,
                facts: vec![crate::error::Fact::new("sum", sum.normalize())],
            });
        }
        wrong.extend(self.unknown_exams());
        if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
    }

    fn unknown_exams(&self) -> Vec<FieldProblem> {
        let completing =
            self.completion.external_exam.iter().filter_map(|needed| {
                exams::unknown(&needed.exam, &needed.level, "/curriculum/completion/external_exam")
            });
        let ways = self.prerequisites.iter().enumerate().flat_map(|(place, one)| {
            one.any_of
                .iter()
                .enumerate()
                .map(move |(way, need)| (need, format!("/curriculum/prerequisites/{place}/any_of/{way}")))
        });
        let beforehand = ways.filter_map(|(need, pointer)| match need {
            Need::Exam { exam, level } => exams::unknown(exam, level, &pointer),
            Need::Program { .. } => None,
        });
        completing.chain(beforehand).collect()
    }
}

fn repeats<'a>(codes: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = std::collections::HashSet::new();
    codes.into_iter().any(|code| !seen.insert(code))
}
