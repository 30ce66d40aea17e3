use std::collections::HashSet;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{NewMark, Remark};
use crate::access::Actor;
use crate::enrollment::Enrollment;
use crate::error::{Error, FieldProblem, Result, codes};
use crate::session::{Members, Session};
use crate::values::{Mark, Percent, Rate, Words};

/// The first day as a member of a class, and the day of leaving it.
pub(super) type Stay = (Option<NaiveDate>, Option<NaiveDate>);

/// When a person is a member of the class.
pub(super) fn stay(row: &Enrollment) -> Stay {
    (row.seated_on, row.left_on)
}

/// Whether a person was a member of the class on a day: from the first day seated to the day of leaving. Nobody knows at
/// which hour of that day it was, so who teaches there says whether the person still came. Whoever leaves on the first day
/// was never one.
pub(super) fn was_member((seated_on, left_on): Stay, day: NaiveDate) -> bool {
    let stayed = |seated| left_on.is_none_or(|left| day < left || (day == left && seated < left));
    seated_on.is_some_and(|seated| seated <= day && stayed(seated))
}

/// Whether the person was a member for all of that day. On another, the day of coming to a class that had begun or the day
/// of leaving, a session counts where there is a mark and not where there is none.
pub(super) fn was_member_all_day((seated_on, left_on): Stay, day: NaiveDate, class_starts_on: NaiveDate) -> bool {
    let came_before = seated_on.is_some_and(|seated| seated < day || (seated == day && day == class_starts_on));
    came_before && left_on.is_none_or(|left| day < left)
}

/// Whether a session of that day counts for somebody who was in its class on these days, with a mark or without one.
pub(super) fn counts(stays: &[Stay], day: NaiveDate, is_marked: bool, class_starts_on: NaiveDate) -> bool {
    let counts = |stay: &Stay| was_member_all_day(*stay, day, class_starts_on) || (is_marked && was_member(*stay, day));
    stays.iter().any(counts)
}

/// Whether a mark says what is there already.
pub(super) fn agrees(mark: &NewMark, there: Mark, said: &Remark) -> bool {
    mark.mark == there && mark.remark.as_ref().is_none_or(|remark| remark == said)
}

/// What is wrong with what is said beside a mark of this session, at which field.
pub(super) fn check_remark(mark: &NewMark, session: &Session) -> std::result::Result<(), FieldProblem> {
    let Some(minutes) = mark.remark.as_ref().and_then(|remark| remark.minutes_late) else { return Ok(()) };
    let pointer = "/minutes_late";
    if mark.mark != Mark::Late {
        return Err(FieldProblem::new(pointer, &codes::ATTENDANCE_NOT_LATE));
    }
    let longest = session.ends_at - session.starts_at;
    if (1..=longest).contains(&minutes) {
        return Ok(());
    }
    Err(FieldProblem::new(pointer, &codes::FIELD_RANGE).fact("min", 1).fact("max", longest))
}

/// Whether every mark is of a member, no two of the same one, and what is said beside each may be.
pub(super) fn check_marks(marks: &[NewMark], members: &Members, session: &Session) -> Result<()> {
    let mut seen = HashSet::new();
    let mut problem_of = |mark: &NewMark| {
        let at_person = |code| Some(FieldProblem::new("/enrollment", code));
        if !members.contains(mark.enrollment) {
            at_person(&codes::ATTENDANCE_NOT_A_MEMBER)
        } else if seen.insert(mark.enrollment) {
            check_remark(mark, session).err()
        } else {
            at_person(&codes::FIELD_DUPLICATE)
        }
    };
    let wrong: Vec<FieldProblem> = marks
        .iter()
        .map(&mut problem_of)
        .enumerate()
        .filter_map(|(index, problem)| {
            problem.map(|one| FieldProblem { pointer: format!("/marks/{index}{}", one.pointer), ..one })
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}

/// Whether the actor may change these marks: that of somebody whose completion is decided is for the province.
pub(super) fn check_decided(actor: &Actor, marks: &[NewMark], written: &[NewMark], members: &Members) -> Result<()> {
    if actor.is_province() {
        return Ok(());
    }
    let is_changed = |mark: &NewMark| written.iter().any(|one| one.enrollment == mark.enrollment);
    let wrong: Vec<FieldProblem> = marks
        .iter()
        .enumerate()
        .filter(|(_, mark)| members.is_decided(mark.enrollment) && is_changed(mark))
        .map(|(index, _)| FieldProblem::new(format!("/marks/{index}/enrollment"), &codes::ATTENDANCE_DECIDED))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}

/// Whether a register may still be corrected on a day by the instructor, so many days after its session.
pub(super) fn check_correction(held_on: NaiveDate, today: NaiveDate, days: Option<u32>) -> Result<()> {
    let Some(last) = days.and_then(|days| held_on.checked_add_days(Days::new(days.into()))) else { return Ok(()) };
    if today <= last { Ok(()) } else { Err(Error::new(&codes::ATTENDANCE_CORRECTION_LATE).fact("until", last)) }
}

/// Lesson hours that can still be missed so that a rate reaches its minimum in the end, when so many are to come; below
/// nothing when it no longer can.
pub(super) fn to_spare(rate: Rate, to_come: i64, minimum: Percent) -> i64 {
    let in_the_end = Decimal::from(rate.held + to_come);
    let needed = (minimum.value() * in_the_end / Decimal::ONE_HUNDRED).ceil();
    rate.credited + to_come - needed.to_i64().unwrap_or(i64::MAX)
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

    /// Sessions with any mark.
    pub(super) fn marked(&self) -> i64 {
        self.counts.iter().map(|(sessions, _)| sessions).sum()
    }

    /// Lesson hours of the sessions whose mark is credited.
    pub(super) fn credited(&self, credited: &[Mark]) -> i64 {
        Mark::ALL.iter().filter(|mark| credited.contains(mark)).map(|mark| self.counts[place(*mark)].1).sum()
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
    fn what_can_be_missed_is_counted_from_the_end() {
        let minimum = Percent::new(80.into()).unwrap();
        let spare = |credited, held, to_come| to_spare(Rate::of_lesson_hours(credited, held), to_come, minimum);
        assert_eq!(spare(0, 0, 20), 4);
        assert_eq!(spare(4, 8, 12), 0);
        assert_eq!(spare(3, 8, 12), -1);
        assert_eq!(spare(0, 0, 0), 0);
        assert_eq!(spare(2, 2, 1), 0, "of three hours three are needed");
    }

    #[test]
    fn the_days_of_coming_and_going_are_not_whole() {
        let day = |day| NaiveDate::from_ymd_opt(2025, 7, day).unwrap();
        let stands = |stay, on| (was_member(stay, day(on)), was_member_all_day(stay, day(on), day(7)));
        let stay = (Some(day(14)), Some(day(21)));
        assert_eq!(
            [13, 14, 15, 20, 21, 22].map(|on| stands(stay, on)),
            [(false, false), (true, false), (true, true), (true, true), (true, false), (false, false)]
        );
        assert_eq!(stands((Some(day(7)), None), 7), (true, true), "from the first day of the class");
        assert_eq!(stands((Some(day(7)), Some(day(7))), 7), (false, false), "never there");
        assert_eq!(stands((None, None), 7), (false, false));
    }

    #[test]
    fn a_correction_has_its_days() {
        let day = |day| NaiveDate::from_ymd_opt(2025, 7, day).unwrap();
        assert!(check_correction(day(21), day(31), None).is_ok());
        assert!(check_correction(day(21), day(24), Some(3)).is_ok());
        let late = check_correction(day(21), day(25), Some(3)).unwrap_err();
        assert!(late.is(&codes::ATTENDANCE_CORRECTION_LATE));
        assert!(check_correction(day(21), day(22), Some(0)).is_err());
    }

    #[test]
    fn only_credited_marks_credit_their_hours() {
        let tally = tally(&[(Mark::Present, 3, 12), (Mark::Late, 1, 4), (Mark::Sick, 2, 8), (Mark::Absent, 1, 4)]);
        assert_eq!(tally.credited(&[Mark::Present, Mark::Late]), 16);
        assert_eq!(tally.credited(&[Mark::Present, Mark::Late, Mark::Sick]), 24);
        assert_eq!(tally.credited(&[Mark::Present, Mark::Present]), 12, "named twice, credited once");
        assert_eq!(tally.sessions(Mark::Absent), 1);
        assert_eq!(tally.sessions(Mark::Excused), 0);
    }
}
