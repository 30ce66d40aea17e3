//! What holds of seats whatever people do, in whatever order: a simple model in memory says after every act who sits
//! where, what is held for whom, and what is refused; the register says the same.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vokasi_core::class::{self, ClassChange};
use vokasi_core::enrollment::offer::{self, OfferFilter};
use vokasi_core::enrollment::{self, EnrollmentFilter, EnrollmentState, Step, Transfer, seating};
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::page::PageRequest;
use vokasi_core::values::Label;

use crate::harness::{App, Stage, figures_add_up, given, id};

/// How many sequences are drawn for each database, and how long each is.
const DRAWN: u32 = 6;
const LENGTH: usize = 60;
/// People and classes of a sequence.
const PEOPLE: usize = 9;
const CLASSES: usize = 2;

/// Something that somebody does. A person is meant by the last enrollment.
#[derive(Debug, Clone, Copy)]
enum Act {
    Register(usize),
    Seat(usize, usize),
    Transfer(usize, usize),
    Leave(usize),
    OnLeave(usize),
    Return(usize),
    Accept(usize),
    Refuse(usize),
    Seats(usize, i32),
    Fill,
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let (who, class) = (0..PEOPLE, 0..CLASSES);
    prop_oneof![
        6 => who.clone().prop_map(Act::Register),
        4 => (who.clone(), class.clone()).prop_map(|(who, class)| Act::Seat(who, class)),
        2 => (who.clone(), class.clone()).prop_map(|(who, class)| Act::Transfer(who, class)),
        4 => who.clone().prop_map(Act::Leave),
        1 => who.clone().prop_map(Act::OnLeave),
        1 => who.clone().prop_map(Act::Return),
        3 => who.clone().prop_map(Act::Accept),
        2 => who.prop_map(Act::Refuse),
        2 => (class, 1..5).prop_map(|(class, seats)| Act::Seats(class, seats)),
        1 => Just(Act::Fill),
        1 => (1_i64..3).prop_map(Act::Wait),
    ]
}

/// Sequences that failed once, shrunk; they are tried before any other.
const KEPT: &[&[Act]] = &[
    // The seat of whoever leaves is held for the first of the list, and is that person's when the office seats them.
    &[
        Act::Register(0),
        Act::Register(1),
        Act::Seats(0, 1),
        Act::Seat(0, 0),
        Act::Leave(0),
        Act::Seat(1, 0),
        Act::Seats(0, 1),
    ],
];

/// What the model knows of an enrollment, in the order of registration.
#[derive(Debug, Clone)]
struct Person {
    who: usize,
    state: EnrollmentState,
    class: Option<usize>,
    /// What is offered.
    offer: Option<Offer>,
    /// Classes that were offered before.
    let_go: BTreeSet<usize>,
    jumped: bool,
}

#[derive(Debug, Clone, Copy)]
struct Offer {
    class: usize,
    /// The day after the last on which it can be answered.
    until: i64,
    /// Its place among all offers.
    number: usize,
}

/// The model: everything that matters, and nothing else.
#[derive(Debug, Default)]
struct Model {
    line: Vec<Person>,
    seats: Vec<i32>,
    day: i64,
    offers: usize,
}

type Outcome = Result<(), &'static str>;

impl Model {
    fn of(&self, who: usize) -> Option<usize> {
        self.line.iter().rposition(|person| person.who == who)
    }

    fn seated(&self, class: usize) -> i32 {
        let sits = |person: &&Person| person.class == Some(class) && person.state.takes_seat();
        i32::try_from(self.line.iter().filter(sits).count()).unwrap()
    }

    fn held(&self, class: usize) -> i32 {
        let offered = |person: &&Person| person.offer.is_some_and(|offer| offer.class == class);
        i32::try_from(self.line.iter().filter(offered).count()).unwrap()
    }

    fn free(&self, class: usize) -> i32 {
        self.seats[class] - self.seated(class) - self.held(class)
    }

    /// Those who may be asked for a class, the first of them first.
    fn next(&self, class: usize) -> Vec<usize> {
        let may = |person: &Person| {
            person.state == EnrollmentState::Waitlisted && person.offer.is_none() && !person.let_go.contains(&class)
        };
        (0..self.line.len()).filter(|place| may(&self.line[*place])).collect()
    }

    fn pass_on(&mut self, class: usize, seats: i32) {
        let seats = usize::try_from(seats.min(self.free(class))).unwrap_or_default();
        for place in self.next(class).into_iter().take(seats) {
            self.offers += 1;
            self.line[place].offer = Some(Offer { class, until: self.day + 4, number: self.offers });
        }
    }

    /// Ends an offer; its class.
    fn end(&mut self, place: usize) -> Option<usize> {
        let Offer { class, .. } = self.line[place].offer.take()?;
        self.line[place].let_go.insert(class);
        Some(class)
    }

    fn act(&mut self, act: Act) -> Outcome {
        let place_of = |model: &Self, who| model.of(who).ok_or("nobody");
        match act {
            Act::Register(who) => {
                if self.of(who).is_some_and(|place| self.line[place].state.keeps_place()) {
                    return Err("enrollment.exists");
                }
                let (state, let_go) = (EnrollmentState::Waitlisted, BTreeSet::new());
                self.line.push(Person { who, state, class: None, offer: None, let_go, jumped: false });
            }
            Act::Seat(who, class) => {
                let place = place_of(self, who)?;
                match self.line[place].state {
                    EnrollmentState::Waitlisted => {}
                    // Whoever comes back has a class already.
                    EnrollmentState::OnLeave => return self.act(Act::Return(who)),
                    _ => return Err("enrollment.transition"),
                }
                let offered = self.line[place].offer.map(|offer| offer.class);
                if offered != Some(class) && self.free(class) <= 0 {
                    return Err("class.full");
                }
                self.line[place].jumped =
                    offered != Some(class) && self.next(class).into_iter().any(|first| first < place);
                if let Some(other) = self.end(place)
                    && other != class
                {
                    self.pass_on(other, 1);
                }
                self.line[place].state = EnrollmentState::Active;
                self.line[place].class = Some(class);
            }
            Act::Transfer(who, class) => {
                let place = place_of(self, who)?;
                let Some(from) = self.line[place].class.filter(|_| self.line[place].state == EnrollmentState::Active)
                else {
                    return Err("enrollment.transition");
                };
                if from == class {
                    return Err("input.invalid");
                }
                if self.free(class) <= 0 {
                    return Err("class.full");
                }
                self.line[place].class = Some(class);
                self.pass_on(from, 1);
            }
            Act::Leave(who) => {
                let place = place_of(self, who)?;
                let (state, class) = (self.line[place].state, self.line[place].class);
                if !state.can_become(EnrollmentState::Withdrawn) {
                    return Err("enrollment.transition");
                }
                self.line[place].state = EnrollmentState::Withdrawn;
                if let Some(class) = class.filter(|_| state.takes_seat()) {
                    self.pass_on(class, 1);
                }
                if let Some(class) = self.end(place) {
                    self.pass_on(class, 1);
                }
            }
            Act::OnLeave(who) | Act::Return(who) => {
                let place = place_of(self, who)?;
                let to =
                    if matches!(act, Act::OnLeave(_)) { EnrollmentState::OnLeave } else { EnrollmentState::Active };
                // Whoever waits needs a class to become active.
                let waits = self.line[place].state == EnrollmentState::Waitlisted;
                if waits && to == EnrollmentState::Active {
                    return Err("input.invalid");
                }
                if !self.line[place].state.can_become(to) {
                    return Err("enrollment.transition");
                }
                self.line[place].state = to;
            }
            Act::Accept(who) | Act::Refuse(who) => {
                let place = place_of(self, who)?;
                let Some(Offer { class, until, .. }) = self.line[place].offer else { return Err("nobody") };
                if until <= self.day {
                    return Err("seat_offer.expired");
                }
                self.end(place);
                if matches!(act, Act::Accept(_)) {
                    self.line[place].state = EnrollmentState::Active;
                    self.line[place].class = Some(class);
                } else {
                    self.pass_on(class, 1);
                }
            }
            Act::Seats(class, seats) => {
                let (before, free) = (self.seats[class], self.free(class));
                if seats < before - free {
                    return Err("class.seats_below_seated");
                }
                self.seats[class] = seats;
                if free == 0 {
                    self.pass_on(class, seats - before);
                }
            }
            Act::Fill => {
                let waiting: Vec<usize> = (0..self.line.len())
                    .filter(|place| self.line[*place].state == EnrollmentState::Waitlisted)
                    .filter(|place| self.line[*place].offer.is_none())
                    .collect();
                for place in waiting {
                    let Some(class) = (0..CLASSES).find(|class| self.free(*class) > 0) else { break };
                    self.line[place].state = EnrollmentState::Active;
                    self.line[place].class = Some(class);
                }
            }
            Act::Wait(days) => {
                self.day += days;
                // What is over ends in the order in which it was offered, and each seat passes on at once.
                while let Some(place) = self.over() {
                    let class = self.end(place).unwrap();
                    self.pass_on(class, 1);
                }
            }
        }
        Ok(())
    }

    /// Whoever has the first of the offers that are over.
    fn over(&self) -> Option<usize> {
        let over = |place: usize| self.line[place].offer.filter(|offer| offer.until <= self.day);
        let over = (0..self.line.len()).filter_map(|place| over(place).map(|offer| (offer.number, place)));
        over.min().map(|(_, place)| place)
    }
}

/// The register, and how the model's people are called there.
struct Register<'a> {
    app: &'a App,
    cohort: Id,
    people: Vec<Id>,
    classes: Vec<Id>,
    line: Vec<Id>,
    last: BTreeMap<usize, Id>,
}

impl<'a> Register<'a> {
    /// A cohort of its own, with people whom nobody else knows.
    fn new(app: &'a App, stage: &Stage<'_>) -> Self {
        let name = format!("Urutan {}", app.number());
        let cohort = given::cohort(&stage.program).with("name", name).with("registration_closes_on", "2026-06-30");
        let office = stage.office_now();
        let cohort = office.post("/cohorts", cohort).created().id();
        office.acts(&format!("/cohorts/{cohort}"), "state", crate::harness::json!({ "to": "open" }));
        let class = |number: usize| {
            let body = given::class(&cohort, &stage.host, &stage.agreement).with("name", format!("Kelas {number}"));
            id(&office.post("/classes", body).created().id())
        };
        let classes = (0..CLASSES).map(class).collect();
        let adult = |_| {
            let body = given::student(u32::try_from(app.number()).unwrap()).with("school", stage.school.clone());
            let body = body.without("nik").with("birth_date", "2005-08-17");
            id(&office.post("/participants", body).created().id())
        };
        let people = (0..PEOPLE).map(adult).collect();
        Self { app, cohort: id(&cohort), people, classes, line: Vec::new(), last: BTreeMap::new() }
    }

    fn act(&mut self, act: Act) -> Outcome {
        let reason = Label::parse("Keputusan dinas").unwrap();
        let step = |to, class| Step { to, class, reason: Some(reason.clone()), until: None, confirm: Vec::new() };
        match act {
            Act::Register(who) => {
                let (cohort, person) = (self.cohort, self.people[who]);
                let made = self.try_to(move |tx, actor| enrollment::apply(tx, actor, cohort, person))?;
                self.line.push(made.id);
                self.last.insert(who, made.id);
                Ok(())
            }
            Act::Seat(who, class) => self.step(who, step(EnrollmentState::Active, Some(self.classes[class]))),
            Act::Leave(who) => self.step(who, step(EnrollmentState::Withdrawn, None)),
            Act::OnLeave(who) => self.step(who, step(EnrollmentState::OnLeave, None)),
            Act::Return(who) => self.step(who, step(EnrollmentState::Active, None)),
            Act::Transfer(who, class) => {
                let (row, class) = (self.of(who)?, self.classes[class]);
                self.try_to(move |tx, actor| {
                    let version = enrollment::get(tx, actor, row)?.enrolled.enrollment.version;
                    enrollment::transfer(tx, actor, row, version, Transfer { class, reason, confirm: Vec::new() })
                })
                .map(drop)
            }
            Act::Accept(who) | Act::Refuse(who) => {
                let row = self.of(who)?;
                let offers = self.try_to(move |tx, actor| Ok(enrollment::get(tx, actor, row)?.offers))?;
                let Some(open) = offers.into_iter().find(|offer| offer.answer.is_none()) else { return Err("nobody") };
                self.try_to(move |tx, actor| match act {
                    Act::Accept(_) => offer::accept(tx, actor, open.id, open.version),
                    _ => offer::refuse(tx, actor, open.id, open.version, None),
                })
                .map(drop)
            }
            Act::Seats(class, seats) => {
                let class = self.classes[class];
                self.try_to(move |tx, actor| {
                    let version = class::get(tx, actor, class)?.0.version;
                    let change = ClassChange { seats: Some(seats), ..ClassChange::default() };
                    offer::change_class(tx, actor, class, version, change)
                })
                .map(drop)
            }
            Act::Fill => {
                let cohort = self.cohort;
                self.try_to(move |tx, actor| {
                    let plan = seating::make(tx, actor, cohort)?;
                    seating::apply(tx, actor, plan.id, plan.version)?.applied()
                })
                .map(drop)
            }
            Act::Wait(days) => {
                self.app.wait(chrono::Duration::days(days));
                while self.try_to(|tx, _| offer::lapse(tx))? {}
                Ok(())
            }
        }
    }

    fn of(&self, who: usize) -> Result<Id, &'static str> {
        self.last.get(&who).copied().ok_or("nobody")
    }

    fn step(&self, who: usize, step: Step) -> Outcome {
        let row = self.of(who)?;
        self.try_to(move |tx, actor| {
            let version = enrollment::get(tx, actor, row)?.enrolled.enrollment.version;
            enrollment::step(tx, actor, row, version, step)
        })
        .map(drop)
    }

    fn try_to<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut vokasi_core::db::Tx<'_>, &vokasi_core::access::Actor) -> Result<T> + Send + 'static,
    ) -> Result<T, &'static str> {
        self.app.operator_tries(act).map_err(|error| error.code.name)
    }

    /// Holds the register against the model.
    fn compare(&self, model: &Model) {
        let (cohort, classes) = (self.cohort, self.classes.clone());
        let (rows, counts, open) = self
            .try_to(move |tx, actor| {
                let page = PageRequest { after: None, size: 200 };
                let filter = EnrollmentFilter { cohort: Some(cohort), ..EnrollmentFilter::default() };
                let rows = enrollment::list(tx, actor, &filter, page)?.rows;
                let mut counts = Vec::new();
                for class in classes {
                    let class = class::get(tx, actor, class)?.0;
                    counts.push((class.seats, class.seated, class.held));
                }
                let filter = OfferFilter { cohort: Some(cohort), ..OfferFilter::default() };
                let mut open: Vec<(Id, Id)> = Vec::new();
                let mut page = PageRequest { after: None, size: 200 };
                loop {
                    let offers = offer::list(tx, actor, &filter, page)?;
                    let unanswered = offers.rows.iter().filter(|offer| offer.answer.is_none());
                    open.extend(unanswered.map(|offer| (offer.enrollment_id, offer.class_id)));
                    let Some(next) = offers.next else { break };
                    page = PageRequest::parse(Some(&next), Some(200))?;
                }
                Ok((rows, counts, open.into_iter().collect::<BTreeSet<_>>()))
            })
            .unwrap();
        let found: BTreeMap<Id, (EnrollmentState, Option<Id>)> =
            rows.iter().map(|row| (row.enrollment.id, (row.enrollment.state, row.enrollment.class_id))).collect();
        let class_of = |class: Option<usize>| class.map(|class| self.classes[class]);
        let wanted: BTreeMap<Id, _> =
            self.line.iter().zip(&model.line).map(|(id, one)| (*id, (one.state, class_of(one.class)))).collect();
        assert_eq!(found, wanted);
        let held = |class| (model.seats[class], model.seated(class), model.held(class));
        assert_eq!(counts, (0..CLASSES).map(held).collect::<Vec<_>>());
        let offered = |(id, person): (&Id, &Person)| Some((*id, self.classes[person.offer?.class]));
        assert_eq!(open, self.line.iter().zip(&model.line).filter_map(offered).collect::<BTreeSet<_>>());
        assert!(counts.iter().all(|(seats, seated, held)| *seated >= 0 && *held >= 0 && seated + held <= *seats));
    }

    /// The places in the queue are the model's, and so is who jumped it.
    fn compare_order(&self, model: &Model) {
        let mut place = 0;
        for (row, person) in self.line.iter().zip(&model.line) {
            let row = *row;
            let detail = self.try_to(move |tx, actor| enrollment::get(tx, actor, row)).unwrap();
            let waits = person.state == EnrollmentState::Waitlisted;
            place += i64::from(waits);
            assert_eq!(detail.position, waits.then_some(place));
            assert_eq!(detail.transitions.iter().any(|step| step.out_of_order), person.jumped, "{person:?}");
        }
    }
}

fn holds(app: &App, stage: &Stage<'_>, acts: &[Act]) {
    let mut register = Register::new(app, stage);
    let mut model = Model { seats: vec![2; CLASSES], ..Model::default() };
    for (at, act) in acts.iter().enumerate() {
        let (wanted, found) = (model.act(*act), register.act(*act));
        assert_eq!(found, wanted, "{act:?}, number {at} of {acts:?}");
        register.compare(&model);
    }
    register.compare_order(&model);
}

both! {
    fn the_register_does_as_the_model_says(app: &App) {
        let stage = app.stage();
        for acts in KEPT {
            holds(app, &stage, acts);
        }
        let config = Config { cases: DRAWN, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]));
        let outcome = runner.run(&prop::collection::vec(act(), LENGTH), |acts| {
            holds(app, &stage, &acts);
            Ok(())
        });
        assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
        figures_add_up(app);
    }
}
