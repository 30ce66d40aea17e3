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

/// One database, shared by all threads.
#[derive(Clone)]
pub struct Db {
    readers: Pool<any::Manager>,
    writer: Option<writer::Writer>,
    world: Arc<World>,
}

impl Db {
    /// Opens a migrated database with `connections` for reading (on PostgreSQL: for everything).
    pub fn open(url: &DatabaseUrl, connections: u32, world: World) -> Result<Self> {
        let (usage, writer) = match url {
            DatabaseUrl::Sqlite(_) => (any::Use::Read, Some(writer::Writer::start(url)?)),
            DatabaseUrl::Postgres(_) => (any::Use::Write, None),
        };
        Ok(Self { readers: any::pool(url, usage, connections), writer, world: Arc::new(world) })
    }

    /// The keys and randomness of this process.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Runs reads that need not agree with each other to the moment, such as one row or one page.
    pub fn read<T>(&self, now: Instant, read: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.readers.get().map_err(busy)?;
        read(&mut Tx::new(&mut connection, now, &self.world))
    }

    /// Runs several reads that all see one moment.
    pub fn snapshot<T>(&self, now: Instant, read: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.readers.get().map_err(busy)?;
        dialect::begin_snapshot(&mut connection)?;
        let result = read(&mut Tx::new(&mut connection, now, &self.world));
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
            let world = Arc::clone(&self.world);
            return writer.write(move |connection| change(&mut Tx::new(connection, now, &world)));
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
            let world = Arc::clone(&self.world);
            return writer.submit(move |connection| change(&mut Tx::new(connection, now, &world)), done);
        }
        done(self.write_here(now, change));
        Ok(())
    }

    /// Whether changes go through a writer thread of their own.
    pub fn has_writer(&self) -> bool {
        self.writer.is_some()
    }

    fn write_here<T>(&self, now: Instant, change: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.readers.get().map_err(busy)?;
        dialect::begin_write(&mut connection)?;
        match change(&mut Tx::new(&mut connection, now, &self.world)) {
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
}

impl<'a> Tx<'a> {
    fn new(connection: &'a mut AnyConnection, now: Instant, world: &'a World) -> Self {
        Self { connection, now, keys: world.keys(), world }
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
