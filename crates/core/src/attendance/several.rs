//! Rates of people of several classes at once, in a fixed number of statements however many they are.

use std::collections::HashMap;

use super::{rules, store};
use crate::db::Tx;
use crate::error::Result;
use crate::id::Id;
use crate::values::{LessonHours, Mark, Rate};

/// The rate of each of these enrollments, as a roster of their class gives it; they have been checked already.
pub(crate) fn rates_of(tx: &mut Tx<'_>, enrollments: &[Id], credited: &[Mark]) -> Result<HashMap<Id, Rate>> {
    let mut held: HashMap<Id, i64> = store::held_of(tx, enrollments)?.into_iter().collect();
    let mut marks = store::tallies_of(tx, enrollments)?;
    // What was attended in another class before a transfer counts on.
    for (session, class) in store::earlier_of(tx, enrollments)? {
        *held.entry(session.enrollment).or_default() += i64::from(session.lesson_hours);
        if let Some(mark) = session.mark.filter(|_| Some(session.class) != class) {
            marks.entry(session.enrollment).or_default().push((mark, 1, i64::from(session.lesson_hours)));
        }
    }
    let rate = |id: &Id| {
        let tally = marks.get(id).map(|groups| rules::tally(groups)).unwrap_or_default();
        Rate::of_lesson_hours(tally.credited(credited), held.get(id).copied().unwrap_or_default())
    };
    Ok(enrollments.iter().map(|id| (*id, rate(id))).collect())
}

/// Lesson hours of the sessions that are still to come, for each of these classes that has any.
pub(crate) fn coming_of(tx: &mut Tx<'_>, classes: &[Id]) -> Result<HashMap<Id, LessonHours>> {
    let hours = |(class, hours): (Id, i64)| (class, LessonHours::try_from(hours).unwrap_or(LessonHours::MAX));
    Ok(store::coming_of(tx, classes)?.into_iter().map(hours).collect())
}
