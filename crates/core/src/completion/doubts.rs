//! What a person confirms before a decision is made on it: what is still to come, still open or not recorded.

use super::{Evidence, Requirement, RequirementKind};
use crate::attendance::Progress;
use crate::error::{Code, FieldProblem, codes};
use crate::values::LessonHours;

/// Of the class, whoever is decided on.
pub(super) fn of_class(planned: LessonHours, progress: Progress) -> Vec<FieldProblem> {
    let Progress { delivered, coming, unreported } = progress;
    let to_come = coming - unreported.lesson_hours;
    let uncovered = planned - delivered - coming;
    let mut doubts = Vec::new();
    if unreported.sessions > 0 {
        doubts.push(FieldProblem::new("", &codes::COMPLETION_UNREPORTED).fact("sessions", unreported.sessions));
    }
    if to_come > 0 {
        doubts.push(FieldProblem::new("", &codes::COMPLETION_HOURS_TO_COME).fact("lesson_hours", to_come));
    }
    if uncovered > 0 {
        doubts.push(FieldProblem::new("", &codes::SESSION_UNCOVERED).fact("lesson_hours", uncovered));
    }
    doubts
}

/// Of one person.
pub(super) fn of_person(unmarked: i64, is_disputed: bool, evidence: &Evidence) -> Vec<FieldProblem> {
    let is_open = |one: &Requirement| one.actual.is_none() && one.kind != RequirementKind::FinalScore;
    [
        (unmarked > 0, &codes::COMPLETION_UNMARKED),
        (is_disputed, &codes::COMPLETION_DISPUTED),
        (evidence.requirements.iter().any(is_open), &codes::COMPLETION_NO_RESULT),
    ]
    .into_iter()
    .filter(|(is_so, _)| *is_so)
    .map(|(_, code)| FieldProblem::new("", code).fact("people", 1))
    .collect()
}

/// Of several people: each doubt once, with how many it is about.
pub(super) fn of_all<'p>(of_each: impl Iterator<Item = &'p [FieldProblem]>) -> Vec<FieldProblem> {
    let mut counted: Vec<(FieldProblem, usize)> = Vec::new();
    for doubt in of_each.flatten() {
        match counted.iter_mut().find(|(other, _)| std::ptr::eq::<Code>(other.code, doubt.code)) {
            Some((_, count)) => *count += 1,
            None => counted.push((doubt.clone(), 1)),
        }
    }
    let said = |(doubt, people): (FieldProblem, usize)| {
        if doubt.facts.iter().any(|fact| fact.name == "people") {
            FieldProblem::new(doubt.pointer, doubt.code).fact("people", people)
        } else {
            doubt
        }
    };
    counted.into_iter().map(said).collect()
}
