use chrono::NaiveDate;

use crate::enrollment::Enrollment;
use crate::session::Session;
use crate::values::Mark;

/// The first day as a member of a class, and the day of leaving it.
pub(super) type Stay = (Option<NaiveDate>, Option<NaiveDate>);

/// When a person is a member of the class.
pub(super) fn stay(row: &Enrollment) -> Stay {
    (row.seated_on, row.left_on)
}

/// Whether a person was a member of the class on a day: from the first day seated to the last before leaving.
pub(super) fn was_member((seated_on, left_on): Stay, day: NaiveDate) -> bool {
    seated_on.is_some_and(|seated| seated <= day) && left_on.is_none_or(|left| day < left)
}

/// Lesson hours held while a person was a member.
pub(super) fn held_while_member(held: &[&Session], row: &Enrollment) -> i64 {
    held.iter()
        .filter(|session| was_member(stay(row), session.held_on))
        .map(|session| i64::from(session.lesson_hours))
        .sum()
}

/// A person's marks in held sessions: how many of each kind, and their lesson hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// By the order of [`Mark`]: sessions and lesson hours.
    counts: [(i64, i64); 5],
}

impl Tally {
    /// Sessions with that mark.
    pub fn sessions(&self, mark: Mark) -> i64 {
        self.counts[place(mark)].0
    }

    /// Lesson hours of the sessions whose mark is credited.
    pub(super) fn credited(&self, credited: &[Mark]) -> i64 {
        credited.iter().map(|mark| self.counts[place(*mark)].1).sum()
    }
}

fn place(mark: Mark) -> usize {
    match mark {
        Mark::Present => 0,
        Mark::Late => 1,
        Mark::Sick => 2,
        Mark::Excused => 3,
        Mark::Absent => 4,
    }
}

/// Puts grouped counts in their places; marks that are kept and tallies that are left of others add up.
pub(super) fn tally(groups: &[(Mark, i64, i64)]) -> Tally {
    let mut tally = Tally::default();
    for (mark, sessions, lesson_hours) in groups {
        let sum = &mut tally.counts[place(*mark)];
        *sum = (sum.0 + sessions, sum.1 + lesson_hours);
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_credited_marks_credit_their_hours() {
        let tally = tally(&[(Mark::Present, 3, 12), (Mark::Late, 1, 4), (Mark::Sick, 2, 8), (Mark::Absent, 1, 4)]);
        assert_eq!(tally.credited(&[Mark::Present, Mark::Late]), 16);
        assert_eq!(tally.credited(&[Mark::Present, Mark::Late, Mark::Sick]), 24);
        assert_eq!(tally.sessions(Mark::Absent), 1);
        assert_eq!(tally.sessions(Mark::Excused), 0);
    }
}
