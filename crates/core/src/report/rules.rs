use std::collections::BTreeMap;

use crate::enrollment::EnrollmentState;
use crate::id::Id;
use crate::values::{RegencyCode, Segment};

/// One set of figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Everyone who registered and did not leave: waiting and seated.
    pub registered: i64,
    /// Those with a seat: active, on leave, and those who came to the end.
    pub seated: i64,
    /// Those without a seat: applied and waitlisted.
    pub waiting: i64,
    /// Those who took the registration back or dropped out; not in `registered`.
    pub left: i64,
    /// Those who completed; part of `seated`.
    pub completed: i64,
    /// Seats of classes that are not cancelled.
    pub seats: i64,
    /// Classes that are not cancelled.
    pub classes: i64,
    /// Classes there are, and as many more as would seat everyone waiting in their own regency and cohort.
    pub classes_needed: i64,
}

impl Figures {
    /// Adds another set to this one.
    pub fn add(&mut self, other: &Self) {
        self.registered += other.registered;
        self.seated += other.seated;
        self.waiting += other.waiting;
        self.left += other.left;
        self.completed += other.completed;
        self.seats += other.seats;
        self.classes += other.classes;
        self.classes_needed += other.classes_needed;
    }
}

/// The figures of one regency and segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeRow {
    /// The regency.
    pub regency: RegencyCode,
    /// The segment.
    pub segment: Segment,
    /// Its figures.
    pub figures: Figures,
}

/// People of one cohort and regency in one state.
#[derive(Debug, Clone)]
pub(super) struct People {
    pub(super) cohort: Id,
    pub(super) segment: Segment,
    pub(super) class_size: i32,
    pub(super) regency: RegencyCode,
    pub(super) state: EnrollmentState,
    pub(super) number: i32,
}

/// Classes and seats of one cohort and regency.
#[derive(Debug, Clone)]
pub(super) struct Seats {
    pub(super) cohort: Id,
    pub(super) segment: Segment,
    pub(super) class_size: i32,
    pub(super) regency: RegencyCode,
    pub(super) classes: i32,
    pub(super) number: i32,
}

/// Adds the kept counts up. Classes needed are worked out for each cohort and regency by itself, because nobody can be
/// asked to learn another program or in another regency.
pub(super) fn table(people: &[People], seats: &[Seats]) -> (Vec<IntakeRow>, Figures) {
    let mut cells: BTreeMap<(RegencyCode, Segment, Id), (Figures, i64)> = BTreeMap::new();
    for row in people {
        let (cell, size) = cells.entry((row.regency.clone(), row.segment, row.cohort)).or_default();
        *size = i64::from(row.class_size);
        let number = i64::from(row.number);
        match row.state {
            EnrollmentState::Applied | EnrollmentState::Waitlisted => cell.waiting += number,
            EnrollmentState::Withdrawn | EnrollmentState::DroppedOut => cell.left += number,
            EnrollmentState::Active | EnrollmentState::OnLeave | EnrollmentState::NotCompleted => cell.seated += number,
            EnrollmentState::Completed => {
                cell.seated += number;
                cell.completed += number;
            }
        }
    }
    for row in seats {
        let (cell, size) = cells.entry((row.regency.clone(), row.segment, row.cohort)).or_default();
        *size = i64::from(row.class_size);
        cell.seats += i64::from(row.number);
        cell.classes += i64::from(row.classes);
    }
    let mut rows: BTreeMap<(RegencyCode, Segment), Figures> = BTreeMap::new();
    let mut total = Figures::default();
    for ((regency, segment, _), (mut cell, size)) in cells {
        cell.registered = cell.waiting + cell.seated;
        let free = (cell.seats - cell.seated).max(0);
        let without = (cell.waiting - free).max(0);
        cell.classes_needed = cell.classes + (without + size - 1) / size.max(1);
        rows.entry((regency, segment)).or_default().add(&cell);
        total.add(&cell);
    }
    let rows = rows.into_iter().map(|((regency, segment), figures)| IntakeRow { regency, segment, figures }).collect();
    (rows, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(regency: &str, state: EnrollmentState, number: i32) -> People {
        People {
            cohort: Id::default(),
            segment: Segment::GradeXii,
            class_size: 30,
            regency: RegencyCode::parse(regency).unwrap(),
            state,
            number,
        }
    }

    #[test]
    fn classes_are_needed_regency_by_regency() {
        let counted = [
            people("18.01", EnrollmentState::Active, 30),
            people("18.01", EnrollmentState::Waitlisted, 31),
            people("18.02", EnrollmentState::Waitlisted, 1),
            people("18.02", EnrollmentState::Withdrawn, 4),
        ];
        let seats = [Seats {
            cohort: Id::default(),
            segment: Segment::GradeXii,
            class_size: 30,
            regency: RegencyCode::parse("18.01").unwrap(),
            classes: 1,
            number: 30,
        }];
        let (rows, total) = table(&counted, &seats);
        assert_eq!(rows.len(), 2);
        assert_eq!((total.registered, total.seated, total.waiting, total.left), (62, 30, 32, 4));
        assert_eq!((total.classes, total.seats, total.classes_needed), (1, 30, 4));
    }

    #[test]
    fn free_seats_are_used_before_a_class_is_needed() {
        let (_, total) = table(
            &[people("18.01", EnrollmentState::Waitlisted, 10)],
            &[Seats {
                cohort: Id::default(),
                segment: Segment::GradeXii,
                class_size: 30,
                regency: RegencyCode::parse("18.01").unwrap(),
                classes: 1,
                number: 30,
            }],
        );
        assert_eq!(total.classes_needed, 1);
    }
}
