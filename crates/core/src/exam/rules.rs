use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::scheme::{self, Level, Scheme, schemes};
use crate::error::{FieldProblem, codes};
use crate::time::age_on;
use crate::values::{Label, Points, words};

words! {
    /// What came of an exam.
    pub enum ExamOutcome {
        /// Passed; of a BNSP competency test, competent (K).
        Passed = "passed",
        /// Not passed; of a BNSP competency test, not yet competent (BK).
        Failed = "failed",
    }
}

/// What a paper says in place of a level when one sitting gave none.
pub(crate) const NO_LEVEL: &str = "*";

/// Months that may lie between a test and the paper about it, which counts from its own day.
const UNTIL_ISSUED: u32 = 6;

/// The score of one section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionScore {
    /// Its code inside the level.
    pub code: String,
    /// The points.
    pub score: Points,
}

/// What a paper says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Which exam, e.g. `JLPT`.
    pub scheme: String,
    /// The level; what was tested, where an exam has no levels.
    pub level: Option<Label>,
    /// The test day.
    pub taken_on: NaiveDate,
    /// The score of each section, where the paper has them.
    pub sections: Vec<SectionScore>,
    /// The score in total; worked out from the sections where it is their sum.
    pub total: Option<Points>,
    /// Passed or not, as the paper says it.
    pub outcome: Option<ExamOutcome>,
    /// The number on the paper.
    pub certificate_number: Option<Label>,
    /// The last day on which it counts, as the paper says it.
    pub valid_until: Option<NaiveDate>,
}

/// What comes of a paper by the scheme of its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    /// What was sat for: the level, or the scheme itself where one sitting gives whatever level was reached.
    pub(super) sitting: String,
    /// The level sat for or reached; none where none was reached.
    pub(super) level: Option<String>,
    pub(super) total: Option<Points>,
    /// What holds: the paper has the last word.
    pub(super) outcome: ExamOutcome,
    /// What the scores come to; nothing where they do not tell.
    pub(super) computed: Option<ExamOutcome>,
    pub(super) valid_until: Option<NaiveDate>,
    /// Where the paper says another thing than its scores, or something that is unusual.
    pub(super) doubts: Vec<FieldProblem>,
}

/// Holds a paper against the scheme of its day.
///
/// # Errors
/// Everything that is wrong with it at once.
pub(super) fn judge(paper: &Paper, born_on: NaiveDate, today: NaiveDate) -> Result<Judged, Vec<FieldProblem>> {
    if scheme::periods(&paper.scheme).next().is_none() {
        let mut known: Vec<&str> = schemes().iter().map(|scheme| scheme.code.as_str()).collect();
        known.dedup();
        return Err(vec![FieldProblem::new("/scheme", &codes::FIELD_UNKNOWN_VALUE).fact("allowed", known.join(", "))]);
    }
    let Some(scheme) = scheme::on(&paper.scheme, paper.taken_on) else {
        return Err(vec![FieldProblem::new("/taken_on", &codes::EXAM_NOT_IN_FORCE).fact("scheme", &paper.scheme)]);
    };
    let mut wrong = days(paper, scheme, born_on, today);
    let level = match level(paper, scheme) {
        Ok(level) => level,
        Err(problem) => {
            wrong.push(problem);
            return Err(wrong);
        }
    };
    wrong.extend(fractions(paper, scheme));
    let total = match scores(paper, &level) {
        Ok(total) => total,
        Err(problems) => {
            wrong.extend(problems);
            None
        }
    };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let judged = if scheme.one_sitting { reached(paper, scheme, total) } else { sat_for(paper, scheme, &level, total) };
    judged.map(|judged| Judged { doubts: [judged.doubts, unusual(paper, scheme)].concat(), ..judged })
}

/// What a paper hardly says of its days.
fn unusual(paper: &Paper, scheme: &Scheme) -> Vec<FieldProblem> {
    let mut doubts = Vec::new();
    if !scheme.is_held_on(paper.taken_on) {
        let months: Vec<String> = scheme.first_sundays_of.iter().map(u32::to_string).collect();
        doubts.push(FieldProblem::new("/taken_on", &codes::EXAM_TEST_DAY).fact("months", months.join(", ")));
    }
    let usual = scheme
        .valid_months
        .and_then(|months| Some((months, paper.taken_on.checked_add_months(Months::new(months + UNTIL_ISSUED))?)));
    if let Some((months, latest)) = usual
        && paper.valid_until.is_some_and(|last| last > latest)
    {
        doubts.push(FieldProblem::new("/valid_until", &codes::EXAM_VALID_LONG).fact("months", months));
    }
    doubts
}

/// Scores with a fraction, where the exam gives none.
fn fractions(paper: &Paper, scheme: &Scheme) -> Vec<FieldProblem> {
    let broken = |score: Points| scheme.whole_points && !score.value().fract().is_zero();
    let sections = paper.sections.iter().enumerate().filter(|(_, one)| broken(one.score));
    let pointers = sections.map(|(index, _)| format!("/sections/{index}/score"));
    let total = paper.total.filter(|total| broken(*total)).map(|_| "/total".to_owned());
    pointers.chain(total).map(|pointer| FieldProblem::new(pointer, &codes::EXAM_SCORE_WHOLE)).collect()
}

fn days(paper: &Paper, scheme: &Scheme, born_on: NaiveDate, today: NaiveDate) -> Vec<FieldProblem> {
    let mut wrong = Vec::new();
    let minimum = scheme.minimum_age.unwrap_or_default();
    if paper.taken_on > today {
        wrong.push(FieldProblem::new("/taken_on", &codes::EXAM_FUTURE));
    } else if age_on(born_on, paper.taken_on) < minimum {
        wrong.push(FieldProblem::new("/taken_on", &codes::EXAM_TOO_YOUNG).fact("minimum", minimum));
    }
    if paper.valid_until.is_some_and(|last| last < paper.taken_on) {
        wrong.push(FieldProblem::new("/valid_until", &codes::FIELD_DATE_ORDER));
    }
    wrong
}

/// The level that the scores are of. Levels of one sitting share their sections, and an exam without levels has none.
fn level(paper: &Paper, scheme: &Scheme) -> Result<Level, FieldProblem> {
    let named = paper.level.as_ref().map(Label::as_str);
    let known = |name: &str| scheme.levels.iter().find(|level| level.level == name).cloned();
    match named {
        None | Some(NO_LEVEL) if scheme.one_sitting => Ok(scheme.levels.first().cloned().unwrap_or_default()),
        Some(name) if scheme.levels.is_empty() => Ok(Level { level: name.to_owned(), ..Level::default() }),
        Some(name) => known(name).ok_or_else(|| {
            let allowed: Vec<&str> = scheme.levels.iter().map(|level| level.level.as_str()).collect();
            FieldProblem::new("/level", &codes::EXAM_LEVEL).fact("allowed", allowed.join(", "))
        }),
        None => Err(FieldProblem::new("/level", &codes::FIELD_REQUIRED)),
    }
}

/// Checks every score against its scale and gives the total.
fn scores(paper: &Paper, level: &Level) -> Result<Option<Points>, Vec<FieldProblem>> {
    let mut wrong = Vec::new();
    for (index, one) in paper.sections.iter().enumerate() {
        let pointer = |field: &str| format!("/sections/{index}/{field}");
        let Some(section) = level.sections.iter().find(|section| section.code == one.code) else {
            let allowed: Vec<&str> = level.sections.iter().map(|section| section.code.as_str()).collect();
            let allowed = if allowed.is_empty() { "-".to_owned() } else { allowed.join(", ") };
            wrong.push(FieldProblem::new(pointer("code"), &codes::EXAM_SECTION).fact("allowed", allowed));
            continue;
        };
        if paper.sections.iter().take(index).any(|earlier| earlier.code == one.code) {
            wrong.push(FieldProblem::new(pointer("code"), &codes::FIELD_DUPLICATE));
        }
        wrong.extend(above(pointer("score"), one.score, section.maximum));
    }
    let scored = |code: &str| paper.sections.iter().any(|one| one.code == code);
    let any = !paper.sections.is_empty() || paper.total.is_some();
    let missing: Vec<&str> = level
        .sections
        .iter()
        .filter(|section| any && !scored(&section.code) && (section.minimum.is_some() || level.adds_up()))
        .map(|section| section.code.as_str())
        .collect();
    if !missing.is_empty() {
        wrong.push(FieldProblem::new("/sections", &codes::EXAM_SECTION_MISSING).fact("missing", missing.join(", ")));
    }
    if let Some(total) = paper.total {
        wrong.extend(above("/total".to_owned(), total, level.total.maximum));
        let lowest = level.total.lowest.filter(|lowest| total < *lowest);
        wrong.extend(lowest.map(|lowest| FieldProblem::new("/total", &codes::EXAM_SCORE_LOWEST).fact("min", lowest)));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let sum: Decimal = paper.sections.iter().map(|one| one.score.value()).sum();
    match paper.total {
        Some(total) if level.adds_up() && total.value() != sum => {
            Err(vec![FieldProblem::new("/total", &codes::EXAM_TOTAL).fact("sum", sum.normalize())])
        }
        None if any && level.adds_up() => Ok(Points::new(sum).ok()),
        None if any && level.total.minimum.is_some() => Err(vec![FieldProblem::new("/total", &codes::FIELD_REQUIRED)]),
        total => Ok(total),
    }
}

fn above(pointer: String, score: Points, maximum: Option<Points>) -> Option<FieldProblem> {
    let maximum = maximum.filter(|maximum| score > *maximum)?;
    Some(FieldProblem::new(pointer, &codes::EXAM_SCORE_RANGE).fact("max", maximum))
}

/// A sitting for one level: passed with the total and every section.
fn sat_for(paper: &Paper, scheme: &Scheme, level: &Level, total: Option<Points>) -> Result<Judged, Vec<FieldProblem>> {
    let enough = |section: &scheme::Section| {
        let score = paper.sections.iter().find(|one| one.code == section.code).map(|one| one.score);
        section.minimum.is_none() || score >= section.minimum
    };
    let scored = total.is_some() || !paper.sections.is_empty();
    let computed = (scored && level.has_marks()).then(|| {
        let passed = total >= level.total.minimum && level.sections.iter().all(enough);
        if passed { ExamOutcome::Passed } else { ExamOutcome::Failed }
    });
    let outcome = paper.outcome.or(computed).ok_or_else(result_required)?;
    let mut doubts = Vec::new();
    if let Some(computed) = computed.filter(|computed| *computed != outcome) {
        doubts.push(differs("/result", computed.as_str()));
    }
    // What a paper names by itself is the same in capitals.
    let named = if scheme.levels.is_empty() { level.level.to_lowercase() } else { level.level.clone() };
    Ok(Judged {
        sitting: named,
        level: Some(level.level.clone()),
        total,
        outcome,
        computed,
        valid_until: last_day(paper, scheme, outcome),
        doubts,
    })
}

/// A sitting that gives the highest level whose minimum is met.
fn reached(paper: &Paper, scheme: &Scheme, total: Option<Points>) -> Result<Judged, Vec<FieldProblem>> {
    let starred = paper.level.as_ref().is_some_and(|level| level.as_str() == NO_LEVEL);
    let named = paper.level.as_ref().map(Label::as_str).filter(|_| !starred);
    let highest = scheme.levels.iter().rev().find(|level| total.is_some() && total >= level.total.minimum);
    let computed = total.map(|_| if highest.is_some() { ExamOutcome::Passed } else { ExamOutcome::Failed });
    // A paper that names a level says that it was reached, and one with a star that none was.
    let star = starred.then_some(ExamOutcome::Failed);
    let said = paper.outcome.or(star).or(named.map(|_| ExamOutcome::Passed));
    let outcome = said.or(computed).ok_or_else(result_required)?;
    let level = match outcome {
        ExamOutcome::Failed => None,
        ExamOutcome::Passed => Some(
            named
                .or(highest.map(|level| level.level.as_str()))
                .ok_or_else(|| vec![FieldProblem::new("/level", &codes::FIELD_REQUIRED)])?
                .to_owned(),
        ),
    };
    let by_scores = highest.map(|level| level.level.as_str());
    let mut doubts = Vec::new();
    if computed.is_some() && by_scores != level.as_deref() {
        let field = if named.is_some() && outcome == ExamOutcome::Passed { "/level" } else { "/result" };
        doubts.push(differs(field, by_scores.unwrap_or(ExamOutcome::Failed.as_str())));
    }
    let valid_until = last_day(paper, scheme, outcome);
    Ok(Judged { sitting: scheme.code.clone(), level, total, outcome, computed, valid_until, doubts })
}

fn result_required() -> Vec<FieldProblem> {
    vec![FieldProblem::new("/result", &codes::EXAM_RESULT_REQUIRED)]
}

fn differs(field: &str, computed: &str) -> FieldProblem {
    FieldProblem::new(field, &codes::EXAM_RESULT_DIFFERS).fact("computed", computed)
}

/// The last day on which a pass counts; the paper has the last word.
fn last_day(paper: &Paper, scheme: &Scheme, outcome: ExamOutcome) -> Option<NaiveDate> {
    if outcome == ExamOutcome::Failed {
        return None;
    }
    let usual = || paper.taken_on.checked_add_months(Months::new(scheme.valid_months?));
    paper.valid_until.or_else(usual)
}

/// The place of what a pass has reached and of what is needed, among the levels of the pass's own day. A level that the
/// exam did not have on that day stands where its CEFR level does; without levels it is the name that counts.
fn places(exam: &str, held: &str, taken_on: NaiveDate, needed: &str) -> Option<(usize, usize)> {
    let scheme = scheme::on(exam, taken_on)?;
    if scheme.levels.is_empty() {
        return Some((usize::from(held.eq_ignore_ascii_case(needed)), 1));
    }
    let reached = scheme.place(held)?;
    let by_cefr = || {
        let elsewhere = scheme::periods(exam).flat_map(|period| &period.levels).find(|level| level.level == needed)?;
        let cefr = elsewhere.cefr?;
        scheme.levels.iter().position(|level| level.cefr.is_some_and(|own| own >= cefr))
    };
    Some((reached, scheme.place(needed).or_else(by_cefr)?))
}

/// Whether a level that was passed on a day is the one that is needed, or a higher one.
pub(super) fn reaches(exam: &str, held: &str, taken_on: NaiveDate, needed: &str) -> bool {
    places(exam, held, taken_on, needed).is_some_and(|(reached, needed)| reached >= needed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn points(text: &str) -> Points {
        Points::new(text.parse().unwrap()).unwrap()
    }

    fn paper(scheme: &str, level: Option<&str>, taken_on: &str, sections: &[(&str, &str)]) -> Paper {
        Paper {
            scheme: scheme.to_owned(),
            level: level.map(|level| Label::parse(level).unwrap()),
            taken_on: day(taken_on),
            sections: sections
                .iter()
                .map(|(code, score)| SectionScore { code: (*code).to_owned(), score: points(score) })
                .collect(),
            total: None,
            outcome: None,
            certificate_number: None,
            valid_until: None,
        }
    }

    fn judged(paper: &Paper) -> Judged {
        judge(paper, day("2000-01-01"), day("2027-01-01")).unwrap()
    }

    #[test]
    fn the_total_and_every_section_count() {
        use ExamOutcome::{Failed, Passed};
        let knowledge = "knowledge";
        for (level, sections, outcome) in [
            ("N5", &[("knowledge_reading", "38"), ("listening", "42")][..], Passed),
            ("N5", &[("knowledge_reading", "38"), ("listening", "41")], Failed),
            ("N5", &[("knowledge_reading", "37"), ("listening", "60")], Failed),
            ("N5", &[("knowledge_reading", "120"), ("listening", "18")], Failed),
            ("N4", &[("knowledge_reading", "71"), ("listening", "19")], Passed),
            ("N4", &[("knowledge_reading", "70"), ("listening", "19")], Failed),
            ("N3", &[(knowledge, "19"), ("reading", "19"), ("listening", "57")], Passed),
            ("N3", &[(knowledge, "18"), ("reading", "60"), ("listening", "60")], Failed),
            ("N2", &[(knowledge, "30"), ("reading", "30"), ("listening", "30")], Passed),
            ("N1", &[(knowledge, "33"), ("reading", "33"), ("listening", "33")], Failed),
        ] {
            let found = judged(&paper("JLPT", Some(level), "2025-07-06", sections));
            assert_eq!((found.outcome, found.computed), (outcome, Some(outcome)), "{level} {sections:?}");
        }
        let found =
            judged(&paper("TOCFL", Some("Band A Level 1"), "2025-07-06", &[("listening", "39"), ("reading", "44")]));
        assert_eq!((found.outcome, found.total), (Passed, Some(points("83"))));
        let found = judged(&paper(
            "HSK",
            Some("3"),
            "2025-07-06",
            &[("listening", "60"), ("reading", "60"), ("writing", "60")],
        ));
        assert_eq!((found.outcome, found.total), (Passed, Some(points("180"))));
    }

    #[test]
    fn a_level_stands_where_it_stood_on_its_day() {
        let (before, after) = (day("2026-07-31"), day("2026-08-01"));
        for (exam, held, taken_on, needed, enough) in [
            ("JLPT", "N4", before, "N5", true),
            ("JLPT", "N5", before, "N5", true),
            ("JLPT", "N5", before, "N4", false),
            ("JLPT", "N5", before, "N6", false),
            ("JFT-Basic", "A2", before, "A2", true),
            ("JFT-Basic", "A2", before, "A1", true),
            ("JFT-Basic", "A2", before, "A2.2", true),
            ("JFT-Basic", "A1", after, "A2", false),
            ("JFT-Basic", "A2.1", after, "A2", false),
            ("JFT-Basic", "A2.2", after, "A2", true),
            ("JFT-Basic", "A2.1", after, "A1", true),
            ("HSK", "4", after, "3", true),
            ("HSK", "6", before, "7", false),
            ("BNSP", "Pramusaji", before, "pramusaji", true),
            ("BNSP", "Pramusaji", before, "Barista", false),
            ("TOEFL", "B2", before, "B1", false),
        ] {
            assert_eq!(reaches(exam, held, taken_on, needed), enough, "{held} of {exam} for {needed}");
        }
    }

    #[test]
    fn a_pass_ends_on_the_day_of_the_month() {
        let mut one = paper("BNSP", Some("Pramusaji"), "2024-02-29", &[]);
        one.outcome = Some(ExamOutcome::Passed);
        assert_eq!(judged(&one).valid_until, Some(day("2027-02-28")));
        one.valid_until = Some(day("2026-02-28"));
        assert_eq!(judged(&one).valid_until, one.valid_until);
        one.outcome = Some(ExamOutcome::Failed);
        assert_eq!(judged(&one).valid_until, None);
    }

    #[test]
    fn a_star_says_that_no_level_was_reached() {
        let mut one = paper("JFT-Basic", Some("*"), "2026-08-02", &[]);
        let found = judged(&one);
        assert_eq!((found.level, found.outcome, found.doubts), (None, ExamOutcome::Failed, Vec::new()));
        one.total = Some(points("150"));
        assert_eq!(judged(&one).doubts[0].facts[0].value, "A1");
        let elsewhere = judge(&paper("JLPT", Some("*"), "2025-07-06", &[]), day("2000-01-01"), day("2027-01-01"));
        assert_eq!(elsewhere.unwrap_err()[0].code.name, "exam.level_unknown");
    }

    #[test]
    fn what_is_unusual_is_asked() {
        let codes = |paper: &Paper| judged(paper).doubts.iter().map(|doubt| doubt.code.name).collect::<Vec<_>>();
        let mut jlpt = paper("JLPT", Some("N5"), "2025-07-06", &[]);
        jlpt.outcome = Some(ExamOutcome::Passed);
        for (taken_on, usual) in [
            ("2025-07-06", true),
            ("2025-12-07", true),
            ("2025-07-13", false),
            ("2025-07-07", false),
            ("2025-08-03", false),
        ] {
            jlpt.taken_on = day(taken_on);
            assert_eq!(codes(&jlpt).is_empty(), usual, "{taken_on}");
        }
        let mut bnsp = paper("BNSP", Some("Barista"), "2024-02-29", &[]);
        bnsp.outcome = Some(ExamOutcome::Passed);
        bnsp.valid_until = Some(day("2027-08-29"));
        assert_eq!(codes(&bnsp), Vec::<&str>::new());
        bnsp.valid_until = Some(day("2027-08-30"));
        assert_eq!(codes(&bnsp), ["exam.valid_long"]);
    }

    proptest! {
        /// More points never come to less.
        #[test]
        fn more_points_reach_no_less(low in 10_i64..=250, more in 10_i64..=250) {
            let level = |points: i64| {
                let mut one = paper("JFT-Basic", None, "2026-08-01", &[]);
                one.total = Points::new(points.into()).ok();
                judged(&one).level
            };
            let (few, many) = (level(low.min(more)), level(low.max(more)));
            let reached = few.is_none_or(|few| many.is_some_and(|many| reaches("JFT-Basic", &many, day("2026-08-01"), &few)));
            prop_assert!(reached);
        }
    }
}
