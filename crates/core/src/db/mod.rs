//! The database: reads from a pool, writes in one transaction that commits when the closure returns `Ok`.
//!
//! Every operation of a feature takes a [`Tx`]: the connection, the instant it happens at, and what may make ids,
//! seals and random codes. There is no other way to the clock, to randomness or to the tables.

pub(crate) mod any;
pub(crate) mod columns;
pub(crate) mod dialect;
mod migrate;
#[expect(missing_docs, reason = "generated; the migrations say what each column is")]
pub mod schema;
mod writer;

use std::sync::{Arc, PoisonError, RwLock};

use chrono::NaiveDate;
use diesel::r2d2::Pool;

pub use any::{AnyConnection, DatabaseUrl};
pub use migrate::{Migrated, down, up};

use crate::entropy::Entropy;
use crate::error::{Error, Result, codes};
use crate::id::{Id, IdSource};
use crate::keys::Keys;
use crate::time::Instant;
use crate::values::ProvinceCode;

/// What operations need beside the tables; the same for every transaction of a process.
#[derive(Debug)]
pub struct World {
    keys: RwLock<Arc<Keys>>,
    /// Random bits.
    pub entropy: Entropy,
    ids: IdSource,
}

impl World {
    /// With these keys and this randomness.
    pub fn new(keys: Keys, entropy: Entropy) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), entropy, ids: IdSource::default() }
    }

    /// Seals, keyed hashes and token signatures, as they are at this moment.
    pub fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Uses other keys from now on; what is under way ends with those it began with.
    pub fn use_keys(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }
}

/// How far a transaction sees people, for the wall that PostgreSQL itself keeps: row-level security. On SQLite there is
/// no such wall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    kind: &'static str,
    of: String,
}

impl Reach {
    /// Nobody: what a transaction sees until it is known whom it is for.
    pub const NOTHING: Self = Self { kind: "nothing", of: String::new() };
    /// Everybody: the program's own work, whoever caused it.
    pub const EVERYTHING: Self = Self { kind: "everything", of: String::new() };

    /// Of a kind that the policies know, such as `province`, and of which one: letters and digits. Anything else would
    /// reach into the statement that says it, and reaches nobody.
    pub(crate) fn new(kind: &'static str, of: String) -> Self {
        let is_plain = of.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '.');
        if is_plain { Self { kind, of } } else { Self::NOTHING }
    }
}

/// One database, shared by all threads.
#[derive(Clone)]
pub struct Db {
    readers: Pool<any::Manager>,
    writer: Option<writer::Writer>,
    world: Arc<World>,
    reach: Reach,
}

impl Db {
    /// Opens a migrated database with `connections` for reading (on PostgreSQL: for everything).
    pub fn open(url: &DatabaseUrl, connections: u32, world: World) -> Result<Self> {
        let (usage, writer) = match url {
            DatabaseUrl::Sqlite(_) => (any::Use::Read, Some(writer::Writer::start(url)?)),
            DatabaseUrl::Postgres(_) => (any::Use::Write, None),
        };
        let readers = any::pool(url, usage, connections);
        Ok(Self { readers, writer, world: Arc::new(world), reach: Reach::EVERYTHING })
    }

    /// The same for requests from outside: a transaction sees nobody until it knows its actor.
    #[must_use]
    pub fn for_callers(&self) -> Self {
        Self { reach: Reach::NOTHING, ..self.clone() }
    }

    /// The same for somebody who reached this far the last time: finding out who acts puts it right, and one that is
    /// right already costs no statement.
    #[must_use]
    pub fn for_caller(&self, last: Reach) -> Self {
        Self { reach: last, ..self.clone() }
    }

    /// The keys and randomness of this process.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Runs reads that need not agree with each other to the moment, such as one row or one page.
    pub fn read<T>(&self, now: Instant, read: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.readers.get().map_err(busy)?;
        dialect::begin_read(&mut connection, &self.reach)?;
        let result = read(&mut Tx::new(&mut connection, now, &self.world, &self.reach));
        dialect::end_read(&mut connection);
        result
    }

    /// Runs several reads that all see one moment.
    pub fn snapshot<T>(&self, now: Instant, read: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.readers.get().map_err(busy)?;
        dialect::begin_snapshot(&mut connection, &self.reach)?;
        let result = read(&mut Tx::new(&mut connection, now, &self.world, &self.reach));
        dialect::rollback(&mut connection);
        result
    }

    /// Runs a change as one transaction: all of it when the closure returns `Ok`, nothing of it otherwise.
    pub fn write<T: Send + 'static>(
        &self,
        now: Instant,
        change: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if let Some(writer) = &self.writer {
            let (world, reach) = (Arc::clone(&self.world), self.reach.clone());
            return writer.write(move |connection| change(&mut Tx::new(connection, now, &world, &reach)));
        }
        self.write_here(now, change)
    }

    /// The same without waiting: `done` is called with the answer, on the writer's thread on SQLite and on this one on
    /// PostgreSQL. [`Db::has_writer`] tells which, so that a server never blocks a thread it does not have to.
    pub fn submit<T: Send + 'static>(
        &self,
        now: Instant,
        change: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
        done: impl FnOnce(Result<T>) + Send + 'static,
    ) -> Result<()> {
        if let Some(writer) = &self.writer {
            let (world, reach) = (Arc::clone(&self.world), self.reach.clone());
            return writer.submit(move |connection| change(&mut Tx::new(connection, now, &world, &reach)), done);
        }
        done(self.write_here(now, change));
        Ok(())
    }

    /// Whether the database's own wall holds this program: a superuser of PostgreSQL, or a role that bypasses row-level
    /// security, sees everybody whatever it says.
    pub fn is_walled(&self, now: Instant) -> Result<bool> {
        self.read(now, |tx| Ok(dialect::is_walled(tx.connection)?))
    }

    /// Whether changes go through a writer thread of their own.
    pub fn has_writer(&self) -> bool {
        self.writer.is_some()
    }

    fn write_here<T>(&self, now: Instant, change: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.readers.get().map_err(busy)?;
        dialect::begin_write(&mut connection, &self.reach)?;
        match change(&mut Tx::new(&mut connection, now, &self.world, &self.reach)) {
            Ok(value) => {
                dialect::commit(&mut connection)?;
                Ok(value)
            }
            Err(error) => {
                dialect::rollback(&mut connection);
                Err(error)
            }
        }
    }
}

fn busy(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error { cause: Some(Box::new(cause)), ..Error::new(&codes::STORAGE_BUSY) }
}

/// One transaction, or one read.
pub struct Tx<'a> {
    pub(crate) connection: &'a mut AnyConnection,
    now: Instant,
    keys: Arc<Keys>,
    world: &'a World,
    reach: Reach,
}

impl<'a> Tx<'a> {
    fn new(connection: &'a mut AnyConnection, now: Instant, world: &'a World, reach: &Reach) -> Self {
        Self { connection, now, keys: world.keys(), world, reach: reach.clone() }
    }

    /// From here on the database shows and takes nobody beyond this.
    pub(crate) fn limit(&mut self, reach: Reach) -> Result<()> {
        if self.reach != reach {
            dialect::limit(self.connection, &reach)?;
            self.reach = reach;
        }
        Ok(())
    }

    /// Looks beyond the actor's reach for what a rule has to know of others, such as whose a NIK is already. What it finds
    /// is not shown, unless the query asks for no more than the actor's scope.
    pub(crate) fn beyond<T>(&mut self, look: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = self.reach.clone();
        self.limit(Reach::EVERYTHING)?;
        let found = look(self)?;
        self.limit(before)?;
        Ok(found)
    }

    /// The instant this happens at: one for the whole transaction.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The day it is in that province.
    pub fn today(&self, province: &ProvinceCode) -> NaiveDate {
        self.now.day_in(province)
    }

    /// A new id.
    pub fn new_id(&self) -> Id {
        self.world.ids.next(self.now.utc(), &self.world.entropy)
    }

    /// Seals, keyed hashes and signatures: the same from the beginning to the end.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Random bits.
    pub fn entropy(&self) -> &'a Entropy {
        &self.world.entropy
    }
}
