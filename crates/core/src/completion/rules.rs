use std::collections::HashMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::assessment::Best;
use crate::exam::{self, Pass};
use crate::id::Id;
use crate::program::Curriculum;
use crate::values::{Bilingual, LessonHours, Rate, Score, words};

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
    /// The attempts or the exam result that stand behind it; behind attendance stands every mark of the enrollment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Id>,
}

/// What is missing for a requirement, and what would be enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Of which requirement.
    pub kind: RequirementKind,
    /// The component or exam, where there are several.
    pub subject: Option<String>,
    /// How much would be enough: lesson hours still to attend, points in the component, points in each component that has
    /// no score yet, or the level of the exam. Nothing where neither sessions that are planned nor components that have no
    /// score could bring it.
    pub enough: Option<String>,
    /// Where only a component that is taken once more can bring the final score: the final score that is wanted.
    pub retest_to: Option<String>,
    /// Lesson hours of the sessions that are still to come, for attendance.
    pub coming: Option<LessonHours>,
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
    /// Doubts that whoever decided has confirmed, by their codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed: Vec<String>,
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
    best: &HashMap<String, Best>,
    passes: &[Pass],
) -> Evidence {
    let policy = &curriculum.completion;
    let mut requirements = vec![Requirement {
        kind: RequirementKind::Attendance,
        subject: None,
        required: policy.minimum_attendance.to_string(),
        actual: attendance.percent_beside(policy.minimum_attendance).map(|percent| percent.to_string()),
        met: attendance.reaches(policy.minimum_attendance),
        rows: Vec::new(),
    }];
    let mut scores = Vec::new();
    for component in &policy.components {
        let attempt = best.get(&component.code).copied();
        let score = attempt.map(|attempt| attempt.score);
        requirements.push(Requirement {
            kind: RequirementKind::Component,
            subject: Some(component.code.clone()),
            required: component.minimum.to_string(),
            actual: score.map(|score| score.to_string()),
            met: score.is_some_and(|score| score >= component.minimum),
            rows: attempt.map(|attempt| attempt.attempt).into_iter().collect(),
        });
        if let Some(score) = score {
            scores.push(ComponentScore { code: component.code.clone(), name: component.name.clone(), score });
        }
    }
    let exact = weighted(curriculum, best);
    let final_score = exact.and_then(|exact| shown(curriculum, exact));
    if let Some(lowest) = policy.predicates.last() {
        let met = exact.is_some_and(|exact| exact >= lowest.minimum.points());
        let rounded = final_score.map(|score| score.to_string());
        requirements.push(Requirement {
            kind: RequirementKind::FinalScore,
            subject: None,
            required: lowest.minimum.to_string(),
            // What rounding would lift over the mark is told with every digit.
            actual: if met { rounded } else { exact.map(|exact| exact.normalize().to_string()) },
            met,
            rows: counted(curriculum, best).map(|attempt| attempt.attempt).collect(),
        });
    }
    if let Some(needed) = &policy.external_exam {
        let best = exam::best(passes, &needed.exam, &needed.level);
        requirements.push(Requirement {
            kind: RequirementKind::ExternalExam,
            subject: Some(needed.exam.clone()),
            required: needed.level.clone(),
            actual: best.map(|pass| pass.level.clone()),
            met: best.is_some_and(|pass| pass.reaches(&needed.exam, &needed.level)),
            rows: best.map(|pass| pass.id).into_iter().collect(),
        });
    }
    let predicate = exact.and_then(|exact| {
        let reached = policy.predicates.iter().find(|predicate| exact >= predicate.minimum.points());
        reached.map(|predicate| predicate.name.clone())
    });
    Evidence { requirements, attendance, scores, final_score, predicate, confirmed: Vec::new() }
}

/// The attempts that the final score counts, in the order of the components.
fn counted<'a>(curriculum: &'a Curriculum, best: &'a HashMap<String, Best>) -> impl Iterator<Item = &'a Best> {
    curriculum.completion.components.iter().filter_map(|component| best.get(&component.code))
}

/// What each requirement that is not met is missing, while lesson hours are still to come.
pub(super) fn missing(curriculum: &Curriculum, evidence: &Evidence, coming: LessonHours) -> Vec<Missing> {
    let policy = &curriculum.completion;
    let unmet = evidence.requirements.iter().filter(|requirement| !requirement.met);
    let missing = |requirement: &Requirement| {
        let one = Missing {
            kind: requirement.kind,
            subject: requirement.subject.clone(),
            enough: None,
            retest_to: None,
            coming: None,
        };
        let required = || Some(requirement.required.clone());
        match requirement.kind {
            RequirementKind::Attendance => {
                let hours = evidence.attendance.hours_to_reach(policy.minimum_attendance, coming.into());
                Missing { enough: hours.map(|hours| hours.to_string()), coming: Some(coming), ..one }
            }
            RequirementKind::Component | RequirementKind::ExternalExam => Missing { enough: required(), ..one },
            RequirementKind::FinalScore => match points_in_each(curriculum, evidence, requirement) {
                Some(points) => Missing { enough: Some(points.to_string()), ..one },
                None => Missing { retest_to: required(), ..one },
            },
        }
    };
    unmet.map(missing).collect()
}

/// The points that bring the final score, were they reached in each component that has none yet; nothing where all of them
/// would not be enough, or none is open.
fn points_in_each(curriculum: &Curriculum, evidence: &Evidence, requirement: &Requirement) -> Option<Decimal> {
    let required: Decimal = requirement.required.parse().ok()?;
    let (mut reached, mut open) = (Decimal::ZERO, Decimal::ZERO);
    for component in &curriculum.completion.components {
        match evidence.scores.iter().find(|one| one.code == component.code) {
            Some(one) => reached += one.score.points() * component.weight.value(),
            None => open += component.weight.value(),
        }
    }
    let each = (required * Decimal::ONE_HUNDRED - reached).checked_div(open)?.max(Decimal::ZERO);
    (each <= Decimal::ONE_HUNDRED).then(|| each.round_dp_with_strategy(2, RoundingStrategy::AwayFromZero).normalize())
}

/// Σ weight × score / 100, exactly; nothing while a component has no score.
fn weighted(curriculum: &Curriculum, best: &HashMap<String, Best>) -> Option<Decimal> {
    let components = &curriculum.completion.components;
    if components.is_empty() {
        return None;
    }
    let mut sum = Decimal::ZERO;
    for component in components {
        sum += best.get(&component.code)?.score.points() * component.weight.value();
    }
    Some(sum / Decimal::ONE_HUNDRED)
}

/// Rounded half up to two decimals; down where it would look like a predicate that was not reached.
fn shown(curriculum: &Curriculum, exact: Decimal) -> Option<Score> {
    let rounded = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let marks = curriculum.completion.predicates.iter().map(|predicate| predicate.minimum.points());
    let lifted = marks.into_iter().any(|mark| exact < mark && mark <= rounded);
    Score::new(if lifted { exact.trunc_with_scale(2) } else { rounded }).ok()
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

    fn best(code: &str, points: &str) -> (String, Best) {
        let attempt = Id::from_i64(i64::try_from(code.len()).unwrap()).unwrap();
        (code.to_owned(), Best { score: Score::new(points.parse().unwrap()).unwrap(), attempt })
    }

    fn scores(written: &str, oral: &str) -> HashMap<String, Best> {
        HashMap::from([best("written", written), best("oral", oral)])
    }

    /// What is missing, as `kind enough`.
    fn lacks(credited: i64, held: i64, scores: &HashMap<String, Best>, coming: LessonHours) -> Vec<String> {
        let evidence = evidence(&curriculum(), Rate::of_lesson_hours(credited, held), scores, &[]);
        let missing = missing(&curriculum(), &evidence, coming);
        let say = |one: &Missing| {
            let subject = one.subject.as_deref().unwrap_or(one.kind.as_str());
            let retest = one.retest_to.as_ref().map(|wanted| format!("{subject} again to {wanted}"));
            retest.unwrap_or_else(|| format!("{subject} {}", one.enough.as_deref().unwrap_or("never")))
        };
        missing.iter().map(say).collect()
    }

    #[test]
    fn what_is_missing_says_what_would_be_enough() {
        // 80 % of 20 lesson hours are 16: with 7 credited, 9 of the 10 that are to come.
        assert_eq!(lacks(7, 10, &scores("60", "60"), 10), ["attendance 9"]);
        assert_eq!(lacks(7, 10, &scores("60", "60"), 0), ["attendance never"]);
        assert_eq!(lacks(5, 10, &scores("60", "60"), 14), ["attendance never"]);
        assert_eq!(lacks(0, 0, &scores("60", "60"), 10), ["attendance 8"]);
        assert_eq!(lacks(0, 0, &scores("60", "60"), 0), ["attendance never"]);
        // 0.6 × 80 = 48, and 12 points are 30 of the other component.
        let half = HashMap::from([best("written", "80")]);
        assert_eq!(lacks(10, 10, &half, 0), ["oral 50", "final_score 30"]);
        // 0.6 × 61 = 36.6; 23.4 points are 58.5 of the other.
        let half = HashMap::from([best("written", "61")]);
        assert_eq!(lacks(10, 10, &half, 0), ["oral 50", "final_score 58.5"]);
        assert_eq!(lacks(10, 10, &HashMap::new(), 0), ["written 60", "oral 50", "final_score 60"]);
        // Both have a score, and the sum is too low: one has to be taken once more.
        assert_eq!(lacks(10, 10, &scores("60", "55"), 0), ["final_score again to 60"]);
        // 0.6 × 10 = 6, and with all points of the other it would be 46.
        let low = HashMap::from([best("written", "10")]);
        assert_eq!(lacks(10, 10, &low, 0), ["written 60", "oral 50", "final_score again to 60"]);
    }

    #[test]
    fn a_requirement_names_the_rows_behind_it() {
        let evidence = evidence(&curriculum(), Rate::of_lesson_hours(8, 10), &scores("60", "60"), &[]);
        let rows: Vec<usize> = evidence.requirements.iter().map(|one| one.rows.len()).collect();
        assert_eq!(rows, [0, 1, 1, 2]);
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

    #[test]
    fn what_is_just_below_a_mark_is_not_rounded_up_to_it() {
        let mut thirds = curriculum();
        let template = thirds.completion.components[0].clone();
        thirds.completion.components = ["33.33", "33.33", "33.34"]
            .into_iter()
            .zip(["a", "b", "c"])
            .map(|(weight, code)| crate::program::Component {
                code: code.to_owned(),
                weight: crate::values::Percent::new(weight.parse().unwrap()).unwrap(),
                ..template.clone()
            })
            .collect();
        thirds.completion.components[2].minimum = Score::new(50.into()).unwrap();
        let of = |last: &str| {
            let scores = HashMap::from([best("a", "60"), best("b", "60"), best("c", last)]);
            evidence(&thirds, Rate::of_lesson_hours(1, 1), &scores, &[])
        };
        let (below, there) = (of("59.99"), of("60"));
        let last = |evidence: &Evidence| evidence.requirements.last().unwrap().clone();
        assert_eq!((last(&below).actual.as_deref(), last(&below).met), (Some("59.996666"), false));
        assert_eq!((below.final_score.unwrap().to_string(), below.predicate), ("59.99".to_owned(), None));
        assert_eq!((last(&there).actual.as_deref(), last(&there).met), (Some("60"), true));
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
