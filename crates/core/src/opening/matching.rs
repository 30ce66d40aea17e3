//! Which teacher teaches in which room at which time, so that a host holds as many classes at once as it can.

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, microlp, variable};

use crate::error::{Error, Result};

/// A stretch of the week: the weekday, and minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meeting {
    pub(super) weekday: i32,
    pub(super) starts_at: i32,
    pub(super) ends_at: i32,
}

/// Whether two weeks have a moment in common.
pub(super) fn meet_at_once(one: &[Meeting], other: &[Meeting]) -> bool {
    let overlaps = |one: &Meeting, other: &Meeting| {
        one.weekday == other.weekday && one.starts_at < other.ends_at && other.starts_at < one.ends_at
    };
    one.iter().any(|one| other.iter().any(|other| overlaps(one, other)))
}

/// Weekly patterns in groups of which nobody can keep two; every two that clash are together in one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clashes(Vec<Vec<usize>>);

impl Clashes {
    pub(super) fn between(patterns: &[Vec<Meeting>]) -> Self {
        let clash = |one: usize, other: usize| one == other || meet_at_once(&patterns[one], &patterns[other]);
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for one in 0..patterns.len() {
            for other in (one..patterns.len()).filter(|other| clash(one, *other)) {
                // As many as clash with all the others: the solver is faster the more a group holds.
                let mut group = vec![one, other];
                group.dedup();
                for third in 0..patterns.len() {
                    if !group.contains(&third) && group.iter().all(|member| clash(*member, third)) {
                        group.push(third);
                    }
                }
                group.sort_unstable();
                if !groups.contains(&group) {
                    groups.push(group);
                }
            }
        }
        Self(groups)
    }
}

/// One class at a host: its weekly pattern, and the teacher and the room that are free then, by their places in the
/// lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) pattern: usize,
    pub(super) teacher: usize,
    pub(super) room: usize,
}

/// As many classes as can be held at once by these teachers in these rooms, each of which says at which patterns it is
/// free; of as many, those at the earlier patterns.
pub(super) fn places(clashes: &Clashes, teachers: &[Vec<bool>], rooms: &[Vec<bool>]) -> Result<Vec<Place>> {
    if teachers.is_empty() || rooms.is_empty() {
        return Ok(Vec::new());
    }
    let patterns = teachers.iter().chain(rooms).map(Vec::len).max().unwrap_or_default();
    let mut problem = ProblemVariables::new();
    let mut decide = |free: &Vec<bool>| -> Vec<Option<Variable>> {
        free.iter().map(|free| free.then(|| problem.add(variable().binary()))).collect()
    };
    let teaching: Vec<_> = teachers.iter().map(&mut decide).collect();
    let used: Vec<_> = rooms.iter().map(&mut decide).collect();
    // One class more outweighs however many later patterns.
    let more = f64::from(u32::try_from(teachers.len() * patterns * patterns + 1).map_err(Error::storage)?);
    let worth = |pattern: usize| u32::try_from(patterns - pattern).map_or(more, |early| more + f64::from(early));
    let at = |lists: &[Vec<Option<Variable>>], pattern: usize| -> Vec<Variable> {
        lists.iter().filter_map(|list| list.get(pattern).copied().flatten()).collect()
    };
    let held: Expression =
        (0..patterns).flat_map(|pattern| at(&teaching, pattern).into_iter().map(move |one| worth(pattern) * one)).sum();
    let mut model = problem.maximise(held).using(microlp);
    for pattern in 0..patterns {
        let sum = |lists: &[Vec<Option<Variable>>]| at(lists, pattern).into_iter().sum::<Expression>();
        model.add_constraint(constraint!(sum(&teaching) == sum(&used)));
    }
    for list in teaching.iter().chain(&used) {
        for group in &clashes.0 {
            let together = group.iter().filter_map(|pattern| list.get(*pattern).copied().flatten());
            model.add_constraint(constraint!(together.sum::<Expression>() <= 1));
        }
    }
    let solution = model.solve().map_err(|error| Error::storage(error.to_string()))?;
    let chosen = |lists: &[Vec<Option<Variable>>], pattern: usize| -> Vec<usize> {
        let is_in = |list: &Vec<Option<Variable>>| {
            list.get(pattern).copied().flatten().is_some_and(|variable| solution.value(variable) > 0.5)
        };
        (0..lists.len()).filter(|index| is_in(&lists[*index])).collect()
    };
    let at_pattern = |pattern: usize| {
        let pairs = chosen(&teaching, pattern).into_iter().zip(chosen(&used, pattern));
        pairs.map(move |(teacher, room)| Place { pattern, teacher, room })
    };
    Ok((0..patterns).flat_map(at_pattern).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn meeting(weekday: i32, starts_at: i32, ends_at: i32) -> Meeting {
        Meeting { weekday, starts_at, ends_at }
    }

    /// Saturday morning, Saturday and Sunday morning, Saturday afternoon.
    fn weekend() -> [Vec<Meeting>; 3] {
        let (morning, afternoon) = (meeting(6, 450, 630), meeting(6, 780, 960));
        [vec![morning], vec![morning, meeting(7, 450, 630)], vec![afternoon]]
    }

    #[test]
    fn meetings_that_touch_do_not_clash() {
        assert!(meet_at_once(&[meeting(6, 450, 630)], &[meeting(7, 450, 630), meeting(6, 629, 700)]));
        assert!(!meet_at_once(&[meeting(6, 450, 630)], &[meeting(6, 630, 700), meeting(7, 450, 630)]));
        assert_eq!(Clashes::between(&weekend()), Clashes(vec![vec![0, 1], vec![2]]));
    }

    #[test]
    fn a_teacher_and_a_room_meet_at_a_time_at_which_both_are_free() {
        let clashes = Clashes::between(&weekend());
        // One teacher for morning and afternoon, one for the morning; a room for each half of the day.
        let teachers = [vec![true, true, true], vec![true, false, false]];
        let rooms = [vec![true, true, false], vec![false, false, true]];
        let place = |pattern, teacher, room| Place { pattern, teacher, room };
        let found = places(&clashes, &teachers, &rooms).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], place(2, 0, 1));
        assert!(found[0].pattern == 0 && found[0].room == 0, "of the mornings the earlier pattern: {found:?}");
        // Free at different times is free for nothing.
        assert_eq!(places(&clashes, &[vec![true, false, false]], &[vec![false, false, true]]).unwrap(), []);
        assert_eq!(places(&clashes, &[], &rooms).unwrap(), []);
        assert_eq!(places(&Clashes::between(&[]), &[vec![]], &[vec![]]).unwrap(), []);
    }

    /// As many as there are, found by trying everything.
    fn most(clashes: &Clashes, teachers: &[Vec<bool>], rooms: &[Vec<bool>], held: &mut Vec<Place>) -> usize {
        let clash =
            |one: usize, other: usize| clashes.0.iter().any(|group| group.contains(&one) && group.contains(&other));
        let mut best = held.len();
        for pattern in 0..3 {
            for teacher in (0..teachers.len()).filter(|teacher| teachers[*teacher][pattern]) {
                for room in (0..rooms.len()).filter(|room| rooms[*room][pattern]) {
                    let place = Place { pattern, teacher, room };
                    let taken = held
                        .iter()
                        .any(|other| clash(other.pattern, pattern) && (other.teacher == teacher || other.room == room));
                    if !taken && held.last().is_none_or(|last| *last < place) {
                        held.push(place);
                        best = best.max(most(clashes, teachers, rooms, held));
                        held.pop();
                    }
                }
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_other_way_holds_more_classes(
            teachers in proptest::collection::vec(proptest::collection::vec(proptest::bool::ANY, 3), 0..4),
            rooms in proptest::collection::vec(proptest::collection::vec(proptest::bool::ANY, 3), 0..4),
        ) {
            let clashes = Clashes::between(&weekend());
            let found = places(&clashes, &teachers, &rooms).unwrap();
            prop_assert_eq!(found.len(), most(&clashes, &teachers, &rooms, &mut Vec::new()));
            for (index, one) in found.iter().enumerate() {
                prop_assert!(teachers[one.teacher][one.pattern] && rooms[one.room][one.pattern]);
                for other in &found[index + 1..] {
                    if one.teacher == other.teacher || one.room == other.room {
                        prop_assert!(!meet_at_once(&weekend()[one.pattern], &weekend()[other.pattern]));
                    }
                }
            }
        }
    }
}
