//! Whether there is an exam that a program asks of people.

use crate::error::{FieldProblem, codes};
use crate::exam::{Scheme, schemes};

/// What is wrong with an exam and its level, at the fields below a pointer: nobody can pass an exam that there is not.
pub(super) fn unknown(exam: &str, level: &str, pointer: &str) -> Option<FieldProblem> {
    let periods: Vec<&Scheme> = schemes().iter().filter(|scheme| scheme.code == exam).collect();
    if periods.is_empty() {
        let allowed = listed(schemes().iter().map(|scheme| scheme.code.as_str()));
        return Some(
            FieldProblem::new(format!("{pointer}/exam"), &codes::FIELD_UNKNOWN_VALUE).fact("allowed", allowed),
        );
    }
    let at_level = format!("{pointer}/level");
    if level.trim().is_empty() {
        return Some(FieldProblem::new(at_level, &codes::FIELD_REQUIRED));
    }
    let levels: Vec<&str> =
        periods.iter().flat_map(|scheme| &scheme.levels).map(|level| level.level.as_str()).collect();
    // An exam without levels tests whatever its paper names.
    let known = levels.is_empty() || levels.contains(&level);
    (!known)
        .then(|| FieldProblem::new(at_level, &codes::FIELD_UNKNOWN_VALUE).fact("allowed", listed(levels.into_iter())))
}

/// Each once, in the order in which they stand.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once.join(", ")
}
