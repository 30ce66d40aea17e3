//! The morning on which every register of the week is sent: so many within ten minutes, each when its instructor finds
//! the time. Sent faster than that, which is harder.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::attendance::{lost, phones, registers};
use crate::pace::{Outcome, share};
use crate::place::{Backend, Workshop};
use crate::table::{Table, duration};
use crate::{name_of, server, stage};

const CLASSES: usize = 64;
/// Registers within ten minutes, the seconds in which they are sent here, and for how many seconds all but one of a
/// hundred may wait: a province's own morning has a goal, and one of ten thousand classes shows what is left.
const PEAKS: [(usize, u32, Option<f64>); 2] = [(291, 60, Some(0.050)), (10_000, 120, None)];

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let place = workshop.empty(backend)?;
    let db = stage::open(&place, 8)?;
    let classes = stage::taught(&db, CLASSES)?;
    place.settle()?;
    let now = stage::afterwards();
    let vokasi = server::vokasi(&db, now)?;
    let token = server::sign_in(&db, &vokasi, now)?;
    let phones = phones(vokasi.address, &token, CLASSES)?;
    let mut queues: Vec<_> = classes.iter().map(|class| registers(class).into_iter()).collect();
    let name = name_of(backend);
    let mut sent = 0;
    for (number, seconds, most) in PEAKS {
        let each = number.div_ceil(CLASSES);
        let work: Vec<Vec<_>> = queues.iter_mut().map(|queue| queue.by_ref().take(each).collect()).collect();
        if work.iter().any(|registers| registers.len() < each) {
            return Err("too few sessions".into());
        }
        sent += each * CLASSES;
        let pause = Duration::from_secs(u64::from(seconds)) / u32::try_from(each)?;
        let waits = Mutex::new(Vec::new());
        let begin = Instant::now();
        thread::scope(|scope| {
            let running: Vec<_> = phones
                .iter()
                .zip(&work)
                .enumerate()
                .map(|(turn, (phone, registers))| {
                    let waits = &waits;
                    scope.spawn(move || -> Outcome {
                        let mut client = phone.lock().unwrap_or_else(PoisonError::into_inner);
                        // Each class has a beat of its own, so that they come evenly; whoever waits behind an earlier
                        // register of the same phone waits from the moment it was to be sent.
                        let first = pause * u32::try_from(turn)? / u32::try_from(CLASSES)?;
                        for (index, register) in registers.iter().enumerate() {
                            let due = begin + first + pause * u32::try_from(index)?;
                            thread::sleep(due.saturating_duration_since(Instant::now()));
                            let answer = client.send("PUT", &register.path, &register.body)?;
                            if answer.status != 200 {
                                return Err(format!("answered with {}", answer.status).into());
                            }
                            let wait = due.elapsed().as_secs_f64();
                            waits.lock().unwrap_or_else(PoisonError::into_inner).push(wait);
                        }
                        Ok(())
                    })
                })
                .collect();
            running.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a client panicked")?)
        })?;
        let waits = waits.into_inner().unwrap_or_else(PoisonError::into_inner);
        let what = format!("{number} registers of ten minutes within {seconds} s: 99 of 100 answered after");
        let late = share(&waits, 99);
        match most {
            Some(most) => table.figure(&what, name, late * 1_000.0, "ms", most * 1_000.0),
            None => table.fact(&what, name, duration(late)),
        }
    }
    table.figure("registers refused or lost of all these", name, lost(&db, &classes, sent)?, "of them", 0.0);
    Ok(())
}
