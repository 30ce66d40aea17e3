//! What holds of a register whatever two phones and the office do, however late, often and out of order it arrives: the
//! same things said end in the same register, and every disagreement is there to be seen.
//!
//! Two phones and the office's laptop mark offline. Each knows what it has seen of the others: between two rounds some
//! fetch the register, and somebody in the office may correct it online. What each said is drawn once; then it is
//! delivered in many orders, some of it twice, and some of the first round only after the second.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vokasi_core::attendance::offline::{self, EntryId, NewEntry, Received};
use vokasi_core::attendance::{self, NewMark, RegisterLine, Remark};
use vokasi_core::id::Id;
use vokasi_core::page::PageRequest;
use vokasi_core::values::Mark;

use crate::harness::path::text;
use crate::harness::{App, Stage, id};

/// How many histories are drawn for each database, and in how many orders each is delivered.
const DRAWN: u32 = 12;
const ORDERS: usize = 4;
const DEVICES: [&str; 3] = ["ponsel-rina", "ponsel-budi", "laptop-dinas"];
const MARKS: [Mark; 3] = [Mark::Present, Mark::Absent, Mark::Sick];

/// Something said: by which device, and which mark.
type Said = (usize, usize);

/// Two rounds: in the first nobody has seen anything; then whoever asks fetches the register, and goes on.
#[derive(Debug, Clone)]
struct History {
    first: Vec<Said>,
    /// Which of the first round is lost on its way and sent again in the end.
    lost: [bool; 4],
    /// What the office corrects the register to, online, between the rounds.
    online: Option<usize>,
    fetches: [bool; 3],
    second: Vec<Said>,
    /// Draws the orders of delivery.
    seed: u64,
}

/// What a register said of a person before it was corrected; nothing where the person was unmarked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Before(Option<Mark>);

/// Beside the devices: whoever sat in the office, online.
const ONLINE: usize = DEVICES.len();

fn history() -> impl Strategy<Value = History> {
    let said = || prop::collection::vec((0..DEVICES.len(), 0..MARKS.len()), 1..5);
    let online = prop::option::of(0..MARKS.len());
    let drawn = (said(), any::<[bool; 4]>(), online, any::<[bool; 3]>(), said(), any::<u64>());
    drawn.prop_map(|(first, lost, online, fetches, second, seed)| History {
        first,
        lost,
        online,
        fetches,
        second,
        seed,
    })
}

/// A drawn order, with some of it twice: a small generator of its own, so that a seed is an order.
fn shuffled<T: Clone>(things: &[T], seed: u64) -> Vec<T> {
    let mut state = seed | 1;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut all: Vec<T> = things.to_vec();
    for _ in 0..=next(3) {
        let again = all[next(all.len())].clone();
        all.push(again);
    }
    for at in (1..all.len()).rev() {
        all.swap(at, next(at + 1));
    }
    all
}

/// What the model says counts in the end: of each device the last thing it said. What came in the first round counts no
/// more once one that had fetched the register said something; nobody has seen what was lost. `corrected` is what the
/// register said when the office corrected it: that counts no more, whoever said it.
fn counting(history: &History, corrected: Option<Before>) -> BTreeSet<Mark> {
    let first = || history.first.iter().zip(history.lost);
    let mut last: BTreeMap<usize, usize> = first().filter(|(_, lost)| !lost).map(|(said, _)| *said).collect();
    if let (Some(Before(before)), Some(after)) = (corrected, history.online) {
        last.retain(|_, mark| Some(MARKS[*mark]) != before);
        last.insert(ONLINE, after);
    }
    let second: BTreeMap<usize, usize> = history.second.iter().copied().collect();
    if second.keys().any(|device| history.fetches[*device]) {
        last.clear();
    }
    last.extend(&second);
    for device in (0..DEVICES.len()).filter(|device| !second.contains_key(device)) {
        // Of what a device said, the last thing counts, not what came last.
        if let Some(((_, mark), true)) = first().rfind(|((who, _), _)| *who == device) {
            last.insert(device, *mark);
        }
    }
    last.values().map(|mark| MARKS[*mark]).collect()
}

/// A register of its own, and what was said of its one person.
struct Delivery<'a> {
    app: &'a App,
    session: Id,
    person: Id,
    number: u32,
}

impl Delivery<'_> {
    fn entry(&self, place: usize, device: usize, mark: usize, seen: Option<i64>) -> (usize, NewEntry) {
        let number = self.number * 1000 + u32::try_from(place).unwrap();
        let entry = NewEntry {
            id: EntryId::parse(&format!("0198f2a4-7c1e-7000-8000-{number:012}")).unwrap(),
            session: self.session,
            enrollment: self.person,
            mark: MARKS[mark],
            remark: Remark::default(),
            place: i64::try_from(place).unwrap(),
            seen,
            made_at: self.app.now(),
        };
        (device, entry)
    }

    fn send(&self, (device, entry): (usize, NewEntry)) -> Received {
        let results = self.app.operator(move |tx, actor| offline::receive(tx, actor, DEVICES[device], vec![Ok(entry)]));
        results.into_iter().next().unwrap().unwrap()
    }

    /// Delivers a round in a drawn order; what is sent again says what it said.
    fn deliver(&self, entries: &[(usize, NewEntry)], seed: u64) {
        let mut told: BTreeMap<String, Received> = BTreeMap::new();
        let all = if entries.is_empty() { Vec::new() } else { shuffled(entries, seed) };
        for entry in all {
            let name = entry.1.id.as_str().to_owned();
            let received = self.send(entry);
            assert_eq!(*told.entry(name).or_insert(received), received, "a repeat says the same");
        }
    }

    /// Marks the person online; what the register said before, unless it said so already.
    fn correct(&self, mark: Mark) -> Option<Before> {
        let (session, person) = (self.session, self.person);
        let before = self.line().mark.map(|one| one.mark);
        self.app.operator(move |tx, actor| attendance::save(tx, actor, session, &[NewMark::plain(person, mark)]));
        (before != Some(mark)).then_some(Before(before))
    }

    fn line(&self) -> RegisterLine {
        let (session, person) = (self.session, self.person);
        let (_, lines, _) = self.app.operator(move |tx, actor| attendance::register(tx, actor, session));
        lines.into_iter().find(|line| line.enrolled.enrollment.id == person).unwrap()
    }

    fn clock(&self) -> Option<i64> {
        let session = self.session;
        self.app.operator(move |tx, actor| attendance::register(tx, actor, session)).0.register_at
    }

    /// What the register says, and everything that counts.
    fn outcome(&self) -> (Mark, BTreeSet<Mark>) {
        let (session, person) = (self.session, self.person);
        let stands = self.line().mark.unwrap().mark;
        let filter = offline::clash::ClashFilter { open: true, ..Default::default() };
        let page = PageRequest { after: None, size: 200 };
        let open = self.app.operator(move |tx, actor| offline::clash::list(tx, actor, filter, page));
        let clash =
            open.rows.into_iter().find(|clash| clash.row.session_id == session && clash.row.enrollment_id == person);
        let mut values = BTreeSet::from([stands]);
        let Some(clash) = clash else { return (stands, values) };
        let id = clash.row.id;
        let apart = "state = 'apart'";
        for (mark, letter) in MARKS.into_iter().zip(["H", "A", "S"]) {
            let condition = format!("clash_id = {} AND mark = '{letter}' AND {apart}", id.as_i64());
            if self.app.count_where("attendance_entries", &condition) > 0 {
                values.insert(mark);
            }
        }
        assert!(values.len() > 1, "a clash is of different values");
        (stands, values)
    }
}

fn holds(app: &App, people: &mut Vec<(Id, Id)>, history: &History) {
    let mut outcomes = BTreeSet::new();
    for order in 0..ORDERS {
        let Some((session, person)) = people.pop() else { return };
        let number = u32::try_from(app.number()).unwrap();
        let delivery = Delivery { app, session, person, number };
        let drawn = history.seed.wrapping_add(u64::try_from(order).unwrap());
        let entries = |said: &[Said], seen: &dyn Fn(usize) -> Option<i64>, from: usize| -> Vec<(usize, NewEntry)> {
            let one = |(at, (device, mark)): (usize, &Said)| delivery.entry(from + at, *device, *mark, seen(*device));
            said.iter().enumerate().map(one).collect()
        };
        let first = entries(&history.first, &|_| None, 1);
        let (lost, came): (Vec<_>, Vec<_>) = first.into_iter().zip(history.lost).partition(|(_, lost)| *lost);
        let (lost, came): (Vec<_>, Vec<_>) =
            (lost.into_iter().map(|one| one.0).collect(), came.into_iter().map(|one| one.0).collect());
        delivery.deliver(&came, drawn);
        let corrected = history.online.and_then(|mark| delivery.correct(MARKS[mark]));
        let clock = delivery.clock();
        let seen = |device: usize| clock.filter(|_| history.fetches[device]);
        delivery.deliver(&entries(&history.second, &seen, 100), drawn.wrapping_mul(3));
        delivery.deliver(&lost, drawn.wrapping_mul(5));
        let (stands, values) = delivery.outcome();
        assert_eq!(values, counting(history, corrected), "{history:?}, order {order}");
        assert!(values.contains(&stands));
        outcomes.insert((corrected, values));
    }
    // Whoever corrects a register while it is disputed corrects what stands in it, which is what came first.
    let corrected: BTreeSet<_> = outcomes.iter().map(|(corrected, _)| *corrected).collect();
    assert_eq!(outcomes.len(), corrected.len(), "{history:?}");
}

/// Sessions and members of a class that runs: each pair is the place of one delivery.
fn places(stage: &Stage<'_>) -> Vec<(Id, Id)> {
    let office = &stage.office;
    let class = office.get(&format!("/classes/{}", stage.class)).ok();
    office.patch(&class.address(), &class.etag(), crate::harness::json!({ "seats": 20 })).ok();
    let members: Vec<String> = (0..18).map(|_| stage.seated(&stage.student())).collect();
    stage.move_class(&stage.class, "running").ok();
    let sessions = stage.timetable(&stage.class);
    let session = |one: &crate::harness::Value| id(text(&one["id"]));
    sessions.iter().flat_map(|one| members.iter().map(move |who| (session(one), id(who)))).collect()
}

both! {
    fn whatever_the_order_the_register_is_the_same(app: &App) {
        let stage = app.stage();
        let people = std::cell::RefCell::new(places(&stage));
        app.set_clock("2025-09-01T03:00:00Z");
        let config = Config { cases: DRAWN, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
        let outcome = runner.run(&history(), |history| {
            holds(app, &mut people.borrow_mut(), &history);
            Ok(())
        });
        assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
        assert!(people.borrow().len() <= 72 - usize::try_from(DRAWN).unwrap() * ORDERS, "every history was delivered");
    }
}
