use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::super::rules::{Reach, Why, WhyNot, nearness};
use crate::id::Id;
use crate::values::{RegencyCode, words};

words! {
    /// What a plan says of a person.
    pub enum Outcome {
        /// Gets a seat.
        Seat = "seat",
        /// Goes on waiting, kept in reserve for a class that is full.
        Reserve = "reserve",
        /// Goes on waiting.
        Left = "left",
    }
}

words! {
    /// Where a plan stands.
    pub enum PlanState {
        /// To be looked at, adjusted and applied.
        Open = "open",
        /// Its seats were given.
        Applied = "applied",
        /// Another plan of the cohort was made after it.
        Replaced = "replaced",
    }
}

/// A person on the waiting list, in its order. Regencies are numbered, so that a nation's list is a list of numbers.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) school: Option<Id>,
    pub(super) regency: usize,
    /// Why this person cannot be seated now, if so.
    pub(super) hindered: Option<WhyNot>,
    /// What somebody chose by hand, if so.
    pub(super) chosen: Option<Chosen>,
}

/// What somebody chose for a person by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    Class(Id),
    NoClass,
}

/// A class that takes people.
#[derive(Debug, Clone)]
pub(super) struct OpenClass {
    pub(super) class: Id,
    pub(super) host: Id,
    pub(super) regency: usize,
    pub(super) seats: i32,
    /// Seats that are taken or held for somebody.
    pub(super) taken: i32,
    pub(super) minimum: i32,
    pub(super) reserves: i32,
    /// Whether those who are planned for it may still be sent elsewhere: nobody has begun in it.
    pub(super) may_stay_empty: bool,
}

/// What is decided of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) outcome: Outcome,
    pub(super) class: Option<Id>,
    pub(super) why: Option<Why>,
    pub(super) why_not: Option<WhyNot>,
    /// Whether somebody who had to come first is left.
    pub(super) out_of_order: bool,
}

impl Decision {
    fn left(why_not: WhyNot) -> Self {
        Self { outcome: Outcome::Left, class: None, why: None, why_not: Some(why_not), out_of_order: false }
    }

    fn seat(class: Id, why: Why) -> Self {
        Self { outcome: Outcome::Seat, class: Some(class), why: Some(why), why_not: None, out_of_order: false }
    }

    /// The class of which this is a seat.
    pub(super) fn seat_in(&self) -> Option<Id> {
        self.class.filter(|_| self.outcome == Outcome::Seat)
    }
}

/// Classes in the order in which they are filled. Whatever is full stays full, so it is passed once and never again.
#[derive(Debug, Default)]
struct Pool {
    classes: Vec<usize>,
    next: usize,
}

impl Pool {
    fn take(&mut self, room: &mut [i32]) -> Option<usize> {
        while let Some(index) = self.classes.get(self.next).copied() {
            if room[index] > 0 {
                room[index] -= 1;
                return Some(index);
            }
            self.next += 1;
        }
        None
    }
}

/// The classes within reach, the nearest first: at the own school, in the regency, anywhere.
#[derive(Debug)]
struct Pools {
    by_host: HashMap<Id, Pool>,
    by_regency: HashMap<usize, Pool>,
    everywhere: Pool,
}

impl Pools {
    fn of(classes: &[OpenClass], reach: Reach) -> Self {
        let mut pools = Self { by_host: HashMap::new(), by_regency: HashMap::new(), everywhere: Pool::default() };
        for (index, class) in classes.iter().enumerate() {
            pools.by_host.entry(class.host).or_default().classes.push(index);
            pools.by_regency.entry(class.regency).or_default().classes.push(index);
            if reach == Reach::Province {
                pools.everywhere.classes.push(index);
            }
        }
        pools
    }

    fn take(&mut self, person: &Waiting, how: Why, room: &mut [i32]) -> Option<usize> {
        match how {
            Why::OwnSchool => person.school.and_then(|school| self.by_host.get_mut(&school))?.take(room),
            Why::SameRegency => self.by_regency.get_mut(&person.regency)?.take(room),
            _ => self.everywhere.take(room),
        }
    }
}

/// The order in which seats are given: everyone near a class comes before anyone further away.
const NEAREST_FIRST: [Why; 3] = [Why::OwnSchool, Why::SameRegency, Why::SameProvince];

/// Decides of everyone on the list, in its order: what was chosen by hand first, then everyone whose own school hosts a
/// class, then the rest by regency, then, where people can travel, anywhere in the province. A class that stays under
/// its minimum gives its people to others of its regency where that fills those; who is left is kept in reserve as far as
/// a full class keeps reserves.
pub(super) fn plan(waiting: &[Waiting], classes: &[OpenClass], reach: Reach) -> Vec<Decision> {
    let mut free: Vec<i32> = classes.iter().map(|class| class.seats - class.taken).collect();
    let mut decided: Vec<Option<Decision>> = by_hand(waiting, classes, &mut free);
    let mut given: Vec<Vec<usize>> = vec![Vec::new(); classes.len()];
    let mut pools = Pools::of(classes, reach);
    for how in NEAREST_FIRST {
        for (index, person) in waiting.iter().enumerate().filter(|(_, person)| person.hindered.is_none()) {
            if decided[index].is_none()
                && let Some(class) = pools.take(person, how, &mut free)
            {
                decided[index] = Some(Decision::seat(classes[class].class, how));
                given[class].push(index);
            }
        }
    }
    for (index, class) in fill_up(classes, &mut free, given) {
        decided[index] = Some(Decision::seat(classes[class].class, Why::FillsClass));
    }
    let mut room: Vec<i32> =
        classes.iter().zip(&free).map(|(class, free)| if *free == 0 { class.reserves } else { 0 }).collect();
    let mut pools = Pools::of(classes, reach);
    for how in NEAREST_FIRST {
        for (index, person) in waiting.iter().enumerate().filter(|(_, person)| person.hindered.is_none()) {
            if decided[index].is_none()
                && let Some(class) = pools.take(person, how, &mut room)
            {
                let why_not = Some(WhyNot::NoSeat);
                let kept = Decision { outcome: Outcome::Reserve, why_not, ..Decision::seat(classes[class].class, how) };
                decided[index] = Some(kept);
            }
        }
    }
    let left = |(person, decision): (&Waiting, Option<Decision>)| {
        decision.unwrap_or_else(|| Decision::left(person.hindered.unwrap_or(WhyNot::NoSeat)))
    };
    let mut decisions: Vec<Decision> = waiting.iter().zip(decided).map(left).collect();
    mark_out_of_order(waiting, classes, reach, &mut decisions);
    decisions
}

fn by_hand(waiting: &[Waiting], classes: &[OpenClass], free: &mut [i32]) -> Vec<Option<Decision>> {
    let index_of: HashMap<Id, usize> = classes.iter().enumerate().map(|(index, class)| (class.class, index)).collect();
    let mut choose = |person: &Waiting| -> Option<Decision> {
        let class = match person.chosen? {
            Chosen::Class(class) => class,
            Chosen::NoClass => return Some(Decision::left(WhyNot::ByHand)),
        };
        if let Some(why_not) = person.hindered {
            return Some(Decision::left(why_not));
        }
        match index_of.get(&class) {
            Some(index) if free[*index] > 0 => {
                free[*index] -= 1;
                Some(Decision::seat(class, Why::ByHand))
            }
            _ => Some(Decision::left(WhyNot::NoSeat)),
        }
    };
    waiting.iter().map(&mut choose).collect()
}

/// Sends the people of classes that stay under their minimum to others of the regency that have enough people, or have
/// enough once they come; the smallest class first, and only all of its people. Gives the people and their new classes.
fn fill_up(classes: &[OpenClass], free: &mut [i32], given: Vec<Vec<usize>>) -> Vec<(usize, usize)> {
    let mut moves = Vec::new();
    let mut by_regency: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, class) in classes.iter().enumerate().filter(|(index, _)| free[*index] > 0) {
        by_regency.entry(class.regency).or_default().push(index);
    }
    let people = |free: &[i32], index: usize| classes[index].seats - free[index];
    let short = |free: &[i32], index: usize| {
        let people = people(free, index);
        (people > 0 && people < classes[index].minimum).then_some(people)
    };
    for near in by_regency.values() {
        let mut small: Vec<usize> = near
            .iter()
            .copied()
            .filter(|index| classes[*index].may_stay_empty && short(free, *index).is_some())
            // Who was put there by hand stays there.
            .filter(|index| usize::try_from(people(free, *index)) == Ok(given[*index].len()))
            .collect();
        small.sort_by_key(|index| (people(free, *index), *index));
        for from in small {
            // Others may have come since.
            let Some(number) = short(free, from) else { continue };
            let mut targets: Vec<usize> =
                near.iter().copied().filter(|to| *to != from && free[*to] > 0 && people(free, *to) > 0).collect();
            targets.sort_by_key(|to| (short(free, *to).is_none(), Reverse(people(free, *to)), *to));
            let mut rest = number;
            let mut sent = Vec::new();
            for to in targets {
                let some = rest.min(free[to]);
                if some > 0 && people(free, to) + some >= classes[to].minimum {
                    sent.push((to, some));
                    rest -= some;
                }
            }
            if rest > 0 {
                continue;
            }
            let mut people = given[from].iter();
            for (to, some) in sent {
                free[to] -= some;
                moves.extend(
                    people.by_ref().take(usize::try_from(some).unwrap_or_default()).map(|person| (*person, to)),
                );
            }
            free[from] += number;
        }
    }
    moves
}

/// Marks the seats chosen by hand that somebody who is left should have had before.
fn mark_out_of_order(waiting: &[Waiting], classes: &[OpenClass], reach: Reach, decisions: &mut [Decision]) {
    // The first of those who are left: of a school, of a regency, of all.
    let mut of_school: HashMap<Id, usize> = HashMap::new();
    let mut of_regency: HashMap<usize, usize> = HashMap::new();
    let mut of_all = None;
    for (place, (person, decision)) in waiting.iter().zip(decisions.iter()).enumerate() {
        if decision.outcome != Outcome::Seat && decision.why_not == Some(WhyNot::NoSeat) {
            if let Some(school) = person.school {
                of_school.entry(school).or_insert(place);
            }
            of_regency.entry(person.regency).or_insert(place);
            of_all.get_or_insert(place);
        }
    }
    let index_of: HashMap<Id, &OpenClass> = classes.iter().map(|class| (class.class, class)).collect();
    for (place, (person, decision)) in waiting.iter().zip(decisions.iter_mut()).enumerate() {
        let by_hand = decision.why == Some(Why::ByHand);
        let Some(class) = decision.class.filter(|_| by_hand).and_then(|class| index_of.get(&class)) else { continue };
        let own = nearness(reach, person.school == Some(class.host), person.regency == class.regency);
        let own = (own.unwrap_or(Why::SameProvince), place);
        let near = of_school.get(&class.host).map(|place| (Why::OwnSchool, *place));
        let in_regency = of_regency.get(&class.regency).map(|place| (Why::SameRegency, *place));
        let anywhere = of_all.filter(|_| reach == Reach::Province).map(|place| (Why::SameProvince, place));
        decision.out_of_order = [near, in_regency, anywhere].into_iter().flatten().any(|first| first < own);
    }
}

/// What a regency would need for those who are left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// The regency.
    pub regency: RegencyCode,
    /// Its people without a seat, whatever the reason.
    pub waiting: i64,
    /// Seats left in its classes.
    pub free: i64,
    /// As many more classes as would seat them.
    pub classes: i64,
}

/// Classes that would seat people who wait where there are so many free seats: see the decision on classes needed.
pub(super) fn classes_for(waiting: i64, free: i64, class_size: i32) -> i64 {
    let size = i64::from(class_size.max(1));
    ((waiting - free).max(0) + size - 1) / size
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: usize) -> Id {
        Id::from_i64(i64::try_from(number).unwrap()).unwrap()
    }

    fn person(school: usize, regency: usize) -> Waiting {
        Waiting { school: Some(id(school)), regency, hindered: None, chosen: None }
    }

    fn class(number: usize, host: usize, regency: usize, seats: i32) -> OpenClass {
        OpenClass {
            class: id(5_000 + number),
            host: id(host),
            regency,
            seats,
            taken: 0,
            minimum: 1,
            reserves: 0,
            may_stay_empty: true,
        }
    }

    fn seats(decisions: &[Decision]) -> Vec<Option<Id>> {
        decisions.iter().map(Decision::seat_in).collect()
    }

    #[test]
    fn a_class_under_its_minimum_gives_its_people_where_that_fills_another() {
        let mut classes = [class(0, 1, 0, 30), class(1, 2, 0, 30)];
        for class in &mut classes {
            class.minimum = 5;
        }
        let people: Vec<Waiting> = (0..7).map(|number| person(1 + number % 2, 0)).collect();
        let decided = plan(&people, &classes, Reach::Regency);
        // Three of the second school go to the four of the first.
        assert_eq!(seats(&decided), vec![Some(id(5_000)); 7]);
        assert_eq!(decided.iter().filter(|one| one.why == Some(Why::FillsClass)).count(), 3);
        // Where it fills nothing, everyone stays at the own school.
        let decided = plan(&people[..4], &classes, Reach::Regency);
        assert_eq!(seats(&decided), [0, 1, 0, 1].map(|at| Some(id(5_000 + at))));
        // Nor does anyone leave a class that others have begun in, or that a person chose by hand.
        classes[1].may_stay_empty = false;
        assert_eq!(seats(&plan(&people, &classes, Reach::Regency)), vec![Some(id(5_001)); 7], "the other class moves");
        let mut chosen = people.clone();
        chosen[0].chosen = Some(Chosen::Class(id(5_000)));
        assert_eq!(seats(&plan(&chosen, &classes, Reach::Regency))[0], Some(id(5_000)));
    }

    #[test]
    fn who_is_left_is_kept_in_reserve_of_a_full_class() {
        let mut classes = [class(0, 1, 0, 1), class(1, 9, 1, 5)];
        classes[0].reserves = 1;
        let people: Vec<Waiting> = (0..3).map(|_| person(1, 0)).collect();
        let decided = plan(&people, &classes, Reach::Regency);
        assert_eq!(decided[0], Decision::seat(id(5_000), Why::OwnSchool));
        assert_eq!((decided[1].outcome, decided[1].class), (Outcome::Reserve, Some(id(5_000))));
        assert_eq!(decided[2], Decision::left(WhyNot::NoSeat));
    }

    #[test]
    fn a_seat_by_hand_is_out_of_order_when_somebody_nearer_or_earlier_is_left() {
        let classes = [class(0, 1, 0, 1)];
        let mut people = vec![person(1, 0), person(2, 0), person(1, 0)];
        people[1].chosen = Some(Chosen::Class(id(5_000)));
        assert!(plan(&people, &classes, Reach::Regency)[1].out_of_order, "the first waits longer");
        // Whoever is told to wait by hand, or cannot be seated, is not passed over.
        people[0].chosen = Some(Chosen::NoClass);
        people[2].hindered = Some(WhyNot::ConsentMissing);
        assert!(!plan(&people, &classes, Reach::Regency)[1].out_of_order);
        people[2].hindered = None;
        assert!(plan(&people, &classes, Reach::Regency)[1].out_of_order, "the third is at the host's school");
    }

    #[test]
    fn classes_are_counted_up() {
        for (waiting, free, classes) in [(0, 0, 0), (1, 0, 1), (30, 0, 1), (31, 0, 2), (31, 1, 1), (5, 9, 0)] {
            assert_eq!(classes_for(waiting, free, 30), classes, "{waiting} {free}");
        }
    }

    #[test]
    fn a_nation_is_planned_in_moments() {
        // 500,000 people of 15,000 schools in 514 regencies, 22,500 classes; a list that is passed again for everyone
        // would take minutes.
        let people: Vec<Waiting> =
            (0..500_000).map(|number| person(number * 7 % 15_000, number * 7 % 15_000 % 514)).collect();
        let classes: Vec<OpenClass> =
            (0..22_500).map(|number| class(number, number % 15_000, number % 15_000 % 514, 20)).collect();
        let decided = plan(&people, &classes, Reach::Province);
        assert_eq!(seats(&decided).into_iter().flatten().count(), 450_000);
    }

    proptest! {
        #[test]
        fn a_plan_never_exceeds_seats_and_never_loses_anyone(
            people in proptest::collection::vec((0_usize..6, 0_usize..3, 0_usize..20), 0..200),
            classes in proptest::collection::vec((0_usize..6, 0_usize..3, 0_i32..20, 0_i32..8, 0_i32..4), 0..12),
            travels in proptest::bool::ANY,
        ) {
            let reach = if travels { Reach::Province } else { Reach::Regency };
            let seats: Vec<OpenClass> = classes.iter().enumerate().map(|(index, (host, place, seats, minimum, reserves))| {
                OpenClass { minimum: *minimum, reserves: *reserves, ..class(index, host + 1, *place, *seats) }
            }).collect();
            let waiting: Vec<Waiting> = people.iter().enumerate().map(|(index, (school, place, lot))| Waiting {
                hindered: (*lot == 0).then_some(WhyNot::ConsentMissing),
                chosen: match lot {
                    1 => Some(Chosen::NoClass),
                    2 => seats.get(index % 12).map(|class| Chosen::Class(class.class)),
                    _ => None,
                },
                ..person(school + 1, *place)
            }).collect();
            let decided = plan(&waiting, &seats, reach);
            prop_assert_eq!(decided.len(), waiting.len());
            let room = |class: &OpenClass| {
                class.seats - i32::try_from(decided.iter().filter(|one| one.seat_in() == Some(class.class)).count()).unwrap()
            };
            for class in &seats {
                prop_assert!(room(class) >= 0);
                let kept = decided.iter().filter(|one| one.outcome == Outcome::Reserve && one.class == Some(class.class));
                let kept = i32::try_from(kept.count()).unwrap();
                prop_assert!(kept <= class.reserves && (kept == 0 || room(class) == 0));
            }
            for (person, decision) in waiting.iter().zip(&decided) {
                prop_assert!(person.hindered.is_none() || decision.outcome == Outcome::Left);
                // Nobody is left for want of a seat while there is one within reach.
                if decision.why_not == Some(WhyNot::NoSeat) && person.chosen.is_none() {
                    for class in seats.iter().filter(|class| travels || class.regency == person.regency) {
                        prop_assert_eq!(room(class), 0);
                    }
                }
                if decision.outcome == Outcome::Seat && !travels {
                    let class = seats.iter().find(|class| Some(class.class) == decision.class).unwrap();
                    let near = class.regency == person.regency || Some(class.host) == person.school;
                    // A class that gives its people away gives them to its regency.
                    prop_assert!(near || person.chosen.is_some() || decision.why == Some(Why::FillsClass));
                }
            }
        }
    }
}
