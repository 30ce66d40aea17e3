//! The morning on which every register of the week is sent: so many within ten minutes, each when its instructor finds
//! the time. Sent faster than that, which is harder.
//!
//! No register is answered before it is on the disk, and a disk that others use too may stand still for a while. So what
//! plain writes wait for the same disk in the same minutes stands beside.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::attendance::{Register, at_once, lost, phones, registers};
use crate::http::Client;
use crate::pace::{Outcome, share, timed};
use crate::place::{Backend, Workshop};
use crate::table::{Table, duration};
use crate::{name_of, server, stage};

const CLASSES: usize = 64;
/// Mornings one after the other, registers within ten minutes of each, the seconds in which they are sent here, and for
/// how many seconds all but one of a hundred may wait: a province's own morning has a goal, and one of ten thousand
/// classes shows what is left.
const PEAKS: [(usize, usize, u32, Option<f64>); 2] = [(5, 291, 30, Some(0.050)), (1, 10_000, 120, None)];
/// Between two plain writes.
const BEAT: Duration = Duration::from_millis(50);

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
    for (mornings, number, seconds, most) in PEAKS {
        let each = number.div_ceil(CLASSES);
        let pause = Duration::from_secs(u64::from(seconds)) / u32::try_from(each)?;
        let (waits, plain) = beside_plain_writes(workshop.folder(), || {
            let mut waits = Vec::new();
            for _ in 0..mornings {
                let work: Vec<Vec<_>> = queues.iter_mut().map(|queue| queue.by_ref().take(each).collect()).collect();
                if work.iter().any(|registers| registers.len() < each) {
                    return Err("too few sessions".into());
                }
                sent += each * CLASSES;
                waits.extend(morning(&phones, &work, pause)?);
            }
            Ok(waits)
        })?;
        let times = if mornings == 1 { String::new() } else { format!(", {mornings} times") };
        let what = format!("{number} registers of ten minutes within {seconds} s{times}: 99 of 100 answered after");
        let late = share(&waits, 99);
        match most {
            Some(most) => table.figure(&what, name, late * 1_000.0, "ms", most * 1_000.0),
            None => table.fact(&what, name, duration(late)),
        }
        let slowest = duration(share(&plain, 100));
        let told = format!("{}, {slowest}", duration(share(&plain, 99)));
        table.fact("plain synced writes in the same time (p99, slowest)", name, told);
    }
    table.figure("registers refused or lost of all these", name, lost(&db, &classes, sent)?, "of them", 0.0);
    Ok(())
}

/// Sends everybody's registers, each at its moment, so long after one another; how long after its moment each was
/// answered, in seconds.
fn morning(phones: &[Mutex<Client>], work: &[Vec<Register>], pause: Duration) -> Outcome<Vec<f64>> {
    let waits = Mutex::new(Vec::new());
    let begin = Instant::now();
    let turns: Vec<_> = phones.iter().zip(work).enumerate().collect();
    at_once(&turns, |(turn, (phone, registers))| {
        let mut client = phone.lock().unwrap_or_else(PoisonError::into_inner);
        // Each class has a beat of its own, so that they come evenly; whoever waits behind an earlier register of the
        // same phone waits from the moment it was to be sent.
        let first = pause * u32::try_from(*turn)? / u32::try_from(phones.len())?;
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
    })?;
    Ok(waits.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Does something, and how long each plain write of 4 KiB waited for the disk meanwhile, in seconds.
fn beside_plain_writes<T>(folder: &Path, work: impl FnOnce() -> Outcome<T>) -> Outcome<(T, Vec<f64>)> {
    let file = File::create(folder.join("plain"))?;
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut waits = Vec::new();
            while !over.load(Ordering::Relaxed) {
                waits.push(timed(|| write_plainly(&file))?.0);
                thread::sleep(BEAT);
            }
            Ok(waits)
        });
        let done = work();
        over.store(true, Ordering::Relaxed);
        let waits: Outcome<Vec<f64>> = writer.join().map_err(|_| "the plain writer panicked")?;
        Ok((done?, waits?))
    })
}

fn write_plainly(file: &File) -> Outcome {
    file.write_all_at(&[0; 4_096], 0)?;
    Ok(file.sync_data()?)
}
