//! Registers of a class of 36 through HTTP, each a session's first, each durable when it is answered.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::thread;

use vokasi_core::access::{Actor, Origin};
use vokasi_core::attendance::{self, NewMark};
use vokasi_core::db::Db;
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Mark, Value};

use crate::http::Client;
use crate::limits::{Marks, Raw};
use crate::pace::{Outcome, Pair, median, share, timed};
use crate::place::{Backend, Place, Workshop};
use crate::stage::{self, CLASS, Taught};
use crate::table::{Table, duration, times};
use crate::{name_of, server};

/// The library without its server: who acts is known already.
struct Library {
    db: Db,
    actor: Actor,
    now: Instant,
}

impl Library {
    fn open(place: &Place<'_>, now: Instant) -> Outcome<Self> {
        let db = stage::open(place, 8)?;
        let account = db.write(now, server::office)?;
        let actor = Actor::of(&account.holder(), None, Origin::default());
        Ok(Self { db: db.for_caller(actor.reach()), actor, now })
    }

    fn save(&self, register: &Register) -> Outcome {
        let session = Id::from_i64(register.session).ok_or("no session")?;
        let (actor, marks) = (self.actor.clone(), register.new.clone());
        self.db.write(self.now, move |tx| attendance::save(tx, &actor, session, &marks))?;
        Ok(())
    }
}

/// As many as there are clients at most.
const CLASSES: usize = 64;
/// Connections of a limit: more would only wait for one another.
const RAW: usize = 8;
/// Clients, turns, and the registers of each client in one turn. Many short turns: a disk that stands still for half a
/// second spoils the turn it falls in and not the median.
const SHAPES: [(usize, usize, usize); 3] = [(1, 56, 10), (8, 40, 6), (CLASSES, 16, 3)];

/// A register to save: its session, and the marks by enrollment.
pub(crate) struct Register {
    session: i64,
    pub(crate) path: String,
    pub(crate) body: String,
    marks: Marks,
    new: Vec<NewMark>,
}

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let place = workshop.empty(backend)?;
    let db = stage::open(&place, 8)?;
    let classes = stage::taught(&db, CLASSES)?;
    let mut queues: Vec<_> = classes.iter().map(|class| registers(class).into_iter()).collect();
    drop(db);
    place.settle()?;
    let (twin, other, third) = (place.copy()?, place.copy()?, place.copy()?);
    let db = stage::open(&place, 8)?;
    let now = stage::afterwards();
    let vokasi = server::vokasi(&db, now)?;
    let token = server::sign_in(&db, &vokasi, now)?;
    let empty = server::empty()?;
    let library = Library::open(&third, now)?;
    let (raw, whole) = (Raw::connect(&twin, RAW)?, Raw::connect(&other, RAW)?);
    let name = name_of(backend);
    let mut sent = 0;
    for (clients, turns, each) in SHAPES {
        let (mut pair, mut all, mut http) = (Pair::default(), Pair::default(), Pair::default());
        let mut inside = Pair::default();
        let mut waits = Vec::new();
        // Open before anything is timed, as the connections of the limit are, and no earlier: a server lets go of those
        // who say nothing.
        let idle = phones(empty.address, &token, clients)?;
        let phones = phones(vokasi.address, &token, clients)?;
        for turn in 0..=turns {
            let work: Vec<Vec<Register>> = (0..clients)
                .map(|client| {
                    let queue = if clients == 1 { turn % CLASSES } else { client };
                    queues[queue].by_ref().take(each).collect()
                })
                .collect();
            if work.iter().any(|registers| registers.len() < each) {
                return Err("too few sessions".into());
            }
            sent += clients * each;
            let (ours, seen) = timed(|| save(&phones, &work))?;
            let (limit, ()) = timed(|| save_raw(&work, |client, one| raw.mark(client, one.session, &one.marks)))?;
            let (every, ()) = timed(|| save_raw(&work, |client, one| whole.register(client, one.session, &one.marks)))?;
            let (nothing, _) = timed(|| save(&idle, &work))?;
            let (called, ()) = timed(|| save_raw(&work, |_, one| library.save(one)))?;
            if turn > 0 {
                pair.add(ours, limit);
                all.add(ours, every);
                http.add(nothing, limit);
                inside.add(called, every);
                waits.extend(seen);
            }
        }
        let people = if clients == 1 { "1 client".to_owned() } else { format!("{clients} clients") };
        let per = f64::from(u32::try_from(clients * each)?);
        table.pair(&format!("register of 36 saved by the library, {people}"), name, per, &inside, Some(times(1.5)));
        table.pair(&format!("the same over HTTP, {people}"), name, per, &all, Some(times(1.5)));
        table.pair(&format!("the same over HTTP beside its marks alone, {people}"), name, per, &pair, Some(times(1.5)));
        table.pair(&format!("the same by an empty handler, {people}"), name, per, &http, None);
        let (middle, late) = (duration(median(&waits)), duration(share(&waits, 99)));
        let second = per / median(&pair.ours);
        table.fact(
            &format!("registers a second, {people}; answered after (median, p99)"),
            name,
            format!("{second:.0}; {middle}, {late}"),
        );
    }
    let lost = lost(&db, &classes, sent)?;
    table.figure("registers refused or lost, of all that were sent", name, lost, "of them", 0.0);
    Ok(())
}

pub(crate) fn registers(class: &Taught) -> Vec<Register> {
    class
        .sessions
        .iter()
        .map(|session| {
            let letters = ["H", "H", "H", "H", "T", "H", "H", "S", "H", "A"];
            let marks = class.members.iter().zip(letters.iter().cycle());
            let body: Vec<_> = marks
                .clone()
                .map(|(enrollment, mark)| serde_json::json!({ "enrollment": enrollment, "mark": mark }))
                .collect();
            let new =
                |(enrollment, mark): (&Id, &&str)| Mark::read(mark).ok().map(|mark| NewMark::plain(*enrollment, mark));
            Register {
                new: marks.clone().filter_map(new).collect(),
                session: session.as_i64(),
                path: format!("/api/v1/sessions/{session}/attendance"),
                body: serde_json::json!({ "marks": body }).to_string(),
                marks: marks.map(|(enrollment, mark)| (enrollment.as_i64(), *mark)).collect(),
            }
        })
        .collect()
}

/// One open connection for each client.
pub(crate) fn phones(address: SocketAddr, token: &str, clients: usize) -> Outcome<Vec<Mutex<Client>>> {
    (0..clients).map(|_| Client::connect(address, token).map(Mutex::new)).collect()
}

/// Sends every client's registers over its own connection; how long each waited. Anything but 200 ends the run.
fn save(phones: &[Mutex<Client>], work: &[Vec<Register>]) -> Outcome<Vec<f64>> {
    let all = Mutex::new(Vec::new());
    let pairs: Vec<_> = phones.iter().zip(work).collect();
    at_once(&pairs, |(phone, registers)| {
        let mut client = phone.lock().unwrap_or_else(PoisonError::into_inner);
        for register in *registers {
            let (wait, answer) = timed(|| client.send("PUT", &register.path, &register.body))?;
            if answer.status != 200 {
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                return Err(format!("answered with {}: {text}", answer.status).into());
            }
            all.lock().unwrap_or_else(PoisonError::into_inner).push(wait);
        }
        Ok(())
    })?;
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}

pub(crate) fn at_once<T: Sync>(work: &[T], each: impl Fn(&T) -> Outcome + Sync) -> Outcome {
    thread::scope(|scope| {
        let running: Vec<_> = work.iter().map(|one| scope.spawn(|| each(one))).collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a client panicked")?)
    })
}

/// Registers that are not in the database as they were sent.
pub(crate) fn lost(db: &Db, classes: &[Taught], sent: usize) -> Outcome<f64> {
    let mut whole = 0;
    for class in classes {
        let id = class.class;
        let roster = db.read(stage::afterwards(), move |tx| attendance::roster(tx, &Actor::operator(), id))?;
        let marks: i64 = roster
            .lines
            .iter()
            .flat_map(|line| {
                [Mark::Present, Mark::Late, Mark::Sick, Mark::Excused, Mark::Absent].map(|one| line.tally.sessions(one))
            })
            .sum();
        whole += usize::try_from(marks)? / CLASS;
    }
    Ok(f64::from(i32::try_from(sent)? - i32::try_from(whole)?))
}

/// The same rows without the program.
fn save_raw(work: &[Vec<Register>], write: impl Fn(usize, &Register) -> Outcome + Sync) -> Outcome {
    let numbered: Vec<(usize, &Vec<Register>)> = work.iter().enumerate().collect();
    at_once(&numbered, |(client, registers)| registers.iter().try_for_each(|register| write(*client, register)))
}
