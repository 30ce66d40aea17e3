//! The one writer of a SQLite file: a thread that commits waiting changes together.
//!
//! The first change of a group runs in the transaction itself, which is rolled back if it fails; every further one runs
//! in its own savepoint, so one that fails takes nothing with it. All of a group become durable with one sync of the
//! disk, and an answer is given only after the commit.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use diesel::Connection;

use super::Reach;
use super::any::{self, AnyConnection, DatabaseUrl, Use};
use super::dialect;
use crate::error::{Error, Result, codes};

/// Changes that wait at most; past that a caller is told to come back.
const QUEUE: usize = 4096;
/// Changes in one commit at most.
const GROUP: usize = 64;

type Done = Box<dyn FnOnce(Result<()>) + Send>;
type Job = Box<dyn FnOnce(&mut AnyConnection, Within) -> Ran + Send>;

/// What a change is alone in.
#[derive(Clone, Copy)]
enum Within {
    Transaction,
    Savepoint,
    /// There is no transaction: it is not run.
    Nothing,
}

/// A change that has run.
struct Ran {
    /// Whether it is to be committed.
    stands: bool,
    done: Done,
}

/// Hands changes to the writer thread.
#[derive(Clone)]
pub(super) struct Writer {
    queue: SyncSender<Job>,
}

impl Writer {
    pub(super) fn start(url: &DatabaseUrl) -> Result<Self> {
        let mut connection = any::open(url, Use::Write).map_err(Error::storage)?;
        let (queue, jobs) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("vokasi-writer".to_owned())
            .spawn(move || run(&mut connection, &jobs))
            .map_err(Error::storage)?;
        Ok(Self { queue })
    }

    /// Queues the change; `done` is called on the writer thread once the change is durable or has failed.
    ///
    /// # Errors
    /// `storage.busy` when the queue is full; `done` is not called then.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
        done: impl FnOnce(Result<T>) + Send + 'static,
    ) -> Result<()> {
        let job: Job = Box::new(move |connection, within| {
            let result = match within {
                Within::Transaction => caught(connection, change),
                Within::Savepoint => connection.transaction(|connection| caught(connection, change)),
                Within::Nothing => Err(Error::new(&codes::STORAGE_FAILED)),
            };
            Ran { stands: result.is_ok(), done: Box::new(move |committed| done(committed.and(result))) }
        });
        self.queue.try_send(job).map_err(|_| Error::new(&codes::STORAGE_BUSY))
    }

    /// Runs the change on the writer thread and waits until it is durable.
    pub(super) fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = sync_channel::<Result<T>>(1);
        // Nobody waits any more when the caller is gone; the change stands all the same.
        self.submit(change, move |result| drop(answer.send(result)))?;
        answered.recv().map_err(|_| Error::new(&codes::STORAGE_FAILED))?
    }
}

fn caught<T>(connection: &mut AnyConnection, change: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(|| change(connection))).unwrap_or_else(|panic| Err(describe(panic.as_ref())))
}

fn describe(panic: &(dyn Any + Send)) -> Error {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic".to_owned());
    Error::storage(message)
}

fn run(connection: &mut AnyConnection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        if let Err(error) = dialect::begin_write(connection, &Reach::NOTHING) {
            dialect::rollback(connection);
            (first(connection, Within::Nothing).done)(Err(error.into()));
            continue;
        }
        let first = first(connection, Within::Transaction);
        if !first.stands {
            dialect::rollback(connection);
            (first.done)(Ok(()));
            continue;
        }
        let mut waiting = vec![first.done];
        while waiting.len() < GROUP {
            let Ok(next) = jobs.try_recv() else { break };
            let next = next(connection, Within::Savepoint);
            waiting.push(next.done);
            // A full disk ends the whole transaction and not the savepoint alone. What has run is lost then, as its callers
            // are told below, and nothing more may run outside of one.
            if !next.stands && !dialect::is_in_transaction(connection) {
                break;
            }
        }
        match dialect::commit(connection) {
            Ok(()) => waiting.into_iter().for_each(|done| done(Ok(()))),
            Err(error) => {
                dialect::rollback(connection);
                let message = error.to_string();
                for done in waiting {
                    done(Err(Error::storage(message.clone())));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::channel;

    use diesel::connection::SimpleConnection;
    use diesel::deserialize::QueryableByName;
    use diesel::{RunQueryDsl, sql_query};

    use super::*;

    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }

    type Change = Box<dyn FnOnce(&mut AnyConnection) -> Result<()> + Send>;

    fn run(sql: &'static str) -> impl FnOnce(&mut AnyConnection) -> Result<()> + Send + 'static {
        move |connection| connection.batch_execute(sql).map_err(Error::storage)
    }

    fn kept(connection: &mut AnyConnection) -> Result<Vec<i64>> {
        let rows: Vec<Number> = sql_query("SELECT n FROM kept ORDER BY n").load(connection).map_err(Error::storage)?;
        Ok(rows.into_iter().map(|row| row.n).collect())
    }

    #[test]
    fn a_disk_that_fills_up_leaves_nothing_that_was_told_as_failed() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("vokasi-writer-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(Error::storage)?;
        let writer = Writer::start(&DatabaseUrl::Sqlite(folder.join("full.db")))?;
        writer.write(run("CREATE TABLE kept (n INTEGER, bytes BLOB); PRAGMA max_page_count = 40"))?;
        // The first waits until the others stand in line, so that all of them are one group.
        let (go, wait) = channel::<()>();
        let (told, results) = channel();
        let first: Change = Box::new(move |connection| {
            wait.recv().map_err(Error::storage)?;
            run("INSERT INTO kept VALUES (1, NULL)")(connection)
        });
        let full: Change = Box::new(run("INSERT INTO kept VALUES (2, zeroblob(9000000))"));
        let third: Change = Box::new(run("INSERT INTO kept VALUES (3, NULL)"));
        let fourth: Change = Box::new(run("INSERT INTO kept VALUES (4, NULL)"));
        for (number, change) in (1..).zip([first, full, third, fourth]) {
            let told = told.clone();
            writer.submit(change, move |result| told.send((number, result.is_ok())).unwrap_or_default())?;
        }
        go.send(()).map_err(Error::storage)?;
        drop(told);
        let answered: Vec<(i64, bool)> = results.iter().take(4).collect();
        let stood: Vec<i64> = answered.iter().filter(|(_, stands)| *stands).map(|(number, _)| *number).collect();
        assert_eq!((writer.write(kept)?, answered.len()), (stood.clone(), 4));
        assert!(!stood.contains(&2), "{stood:?}");
        // It goes on as if nothing had been.
        writer.write(run("INSERT INTO kept VALUES (5, NULL)"))?;
        assert_eq!(writer.write(kept)?.last(), Some(&5));
        fs::remove_dir_all(&folder).map_err(Error::storage)
    }
}
