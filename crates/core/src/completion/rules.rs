use std::collections::HashMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::exam::{self, Pass};
use crate::program::{Bilingual, Curriculum};
use crate::values::{Rate, Score, words};

words! {
    /// What is required.
    pub enum RequirementKind {
        /// A share of the lesson hours held.
        Attendance = "attendance",
        /// A minimum in one component.
        Component = "component",
        /// A final score that reaches the lowest predicate.
        FinalScore = "final_score",
        /// An exam outside the program.
        ExternalExam = "external_exam",
    }
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// What is required.
    pub kind: RequirementKind,
    /// The component or exam, where there are several.
    pub subject: Option<String>,
    /// How much is required.
    pub required: String,
    /// How much is there; nothing while it is unknown.
    pub actual: Option<String>,
    /// Whether that is enough.
    pub met: bool,
}

/// One component's best score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentScore {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
    /// The best score of all attempts.
    pub score: Score,
}

/// Everything a decision rests on, frozen with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Each requirement.
    pub requirements: Vec<Requirement>,
    /// Lesson hours credited of lesson hours held while a member.
    pub attendance: Rate,
    /// The best score of each component that has one.
    pub scores: Vec<ComponentScore>,
    /// The weighted final score, once every component has a score.
    pub final_score: Option<Score>,
    /// The word for it.
    pub predicate: Option<Bilingual>,
}

impl Evidence {
    /// Whether every requirement is met.
    pub fn met(&self) -> bool {
        self.requirements.iter().all(|requirement| requirement.met)
    }

    /// Requirements that are not met, by name.
    pub fn unmet(&self) -> Vec<&str> {
        self.requirements
            .iter()
            .filter(|requirement| !requirement.met)
            .map(|requirement| requirement.subject.as_deref().unwrap_or(requirement.kind.as_str()))
            .collect()
    }
}

/// Weighs one person against the policy. The passes are of exams outside the program that count today.
pub(super) fn evidence(
    curriculum: &Curriculum,
    attendance: Rate,
    best: &HashMap<String, Score>,
    passes: &[Pass],
) -> Evidence {
    let policy = &curriculum.completion;
    let mut requirements = vec![Requirement {
        kind: RequirementKind::Attendance,
        subject: None,
        required: policy.minimum_attendance.to_string(),
        actual: attendance.percent().map(|percent| percent.to_string()),
        met: attendance.reaches(policy.minimum_attendance),
    }];
    let mut scores = Vec::new();
    for component in &policy.components {
        let score = best.get(&component.code).copied();
        requirements.push(Requirement {
            kind: RequirementKind::Component,
            subject: Some(component.code.clone()),
            required: component.minimum.to_string(),
            actual: score.map(|score| score.to_string()),
            met: score.is_some_and(|score| score >= component.minimum),
        });
        if let Some(score) = score {
            scores.push(ComponentScore { code: component.code.clone(), name: component.name.clone(), score });
        }
    }
    let final_score = final_score(curriculum, best);
    if let Some(lowest) = policy.predicates.last() {
        requirements.push(Requirement {
            kind: RequirementKind::FinalScore,
            subject: None,
            required: lowest.minimum.to_string(),
            actual: final_score.map(|score| score.to_string()),
            met: final_score.is_some_and(|score| score >= lowest.minimum),
        });
    }
    if let Some(needed) = &policy.external_exam {
        requirements.push(Requirement {
            kind: RequirementKind::ExternalExam,
            subject: Some(needed.exam.clone()),
            required: needed.level.clone(),
            actual: exam::best(passes, &needed.exam).map(|pass| pass.level.clone()),
            met: passes.iter().any(|pass| pass.reaches(&needed.exam, &needed.level)),
        });
    }
    let predicate = final_score.and_then(|score| {
        policy.predicates.iter().find(|predicate| score >= predicate.minimum).map(|predicate| predicate.name.clone())
    });
    Evidence { requirements, attendance, scores, final_score, predicate }
}

/// Σ weight × score / 100, rounded half up to two decimals; nothing while a component has no score.
fn final_score(curriculum: &Curriculum, best: &HashMap<String, Score>) -> Option<Score> {
    let components = &curriculum.completion.components;
    if components.is_empty() {
        return None;
    }
    let mut sum = Decimal::ZERO;
    for component in components {
        sum += best.get(&component.code)?.points() * component.weight.value();
    }
    let points = (sum / Decimal::ONE_HUNDRED).round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    Score::new(points).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn curriculum() -> Curriculum {
        serde_json::from_value(serde_json::json!({
            "minutes_per_lesson_hour": 45,
            "segments": [{"segment": "alumni", "usual_months": 3}],
            "modules": [{"code": "M1", "title": {"id": "Satu", "en": "One"}, "kind": "theory", "lesson_hours": 10}],
            "completion": {
                "minimum_attendance": "80",
                "components": [
                    {"code": "written", "name": {"id": "Tulis", "en": "Written"}, "weight": "60", "minimum": "60"},
                    {"code": "oral", "name": {"id": "Lisan", "en": "Oral"}, "weight": "40", "minimum": "50"}
                ],
                "predicates": [
                    {"minimum": "90", "name": {"id": "Sangat Memuaskan", "en": "Excellent"}},
                    {"minimum": "60", "name": {"id": "Cukup", "en": "Sufficient"}}
                ]
            }
        }))
        .unwrap()
    }

    fn scores(written: &str, oral: &str) -> HashMap<String, Score> {
        [("written", written), ("oral", oral)]
            .into_iter()
            .map(|(code, points)| (code.to_owned(), Score::new(points.parse().unwrap()).unwrap()))
            .collect()
    }

    #[test]
    fn every_requirement_counts() {
        let all = evidence(&curriculum(), Rate::of_lesson_hours(8, 10), &scores("60", "60"), &[]);
        assert!(all.met());
        assert_eq!(all.predicate.unwrap().id, "Cukup");
        let absent = evidence(&curriculum(), Rate::of_lesson_hours(7, 10), &scores("95", "95"), &[]);
        assert_eq!(absent.unmet(), ["attendance"]);
        let weak = evidence(&curriculum(), Rate::of_lesson_hours(10, 10), &scores("59.99", "100"), &[]);
        assert_eq!(weak.unmet(), ["written"]);
        let nothing = evidence(&curriculum(), Rate::of_lesson_hours(0, 0), &HashMap::new(), &[]);
        assert_eq!(nothing.unmet(), ["attendance", "written", "oral", "final_score"]);
    }

    #[test]
    fn the_final_score_is_exact() {
        let evidence = evidence(&curriculum(), Rate::of_lesson_hours(10, 10), &scores("72.35", "81.15"), &[]);
        assert_eq!(evidence.final_score.unwrap().to_string(), "75.87");
    }

    proptest! {
        #[test]
        fn the_final_score_lies_between_the_lowest_and_the_highest(written in 0_u32..=10_000, oral in 0_u32..=10_000) {
            let points = |hundredths: u32| Decimal::new(i64::from(hundredths), 2).to_string();
            let evidence = evidence(&curriculum(), Rate::of_lesson_hours(1, 1), &scores(&points(written), &points(oral)), &[]);
            let points = evidence.final_score.unwrap().points();
            prop_assert!(points >= Decimal::new(i64::from(written.min(oral)), 2));
            prop_assert!(points <= Decimal::new(i64::from(written.max(oral)), 2));
        }
    }
}
