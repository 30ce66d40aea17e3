//! The connection over both databases, how each is opened, and the pool.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, Pool, R2D2Connection};
use diesel::{Connection, ConnectionError, PgConnection, SqliteConnection};

use crate::error::{Error, Result, codes};

/// A connection to either database; queries are written once over it.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// An embedded file of data.
    Sqlite(SqliteConnection),
    /// A PostgreSQL server.
    Postgres(PgConnection),
}

/// Where the data is: the URL's scheme chooses the database, and an unknown scheme is refused.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// Path of the SQLite file.
    Sqlite(PathBuf),
    /// A `postgres://` URL.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `sqlite://path`, a bare path without a scheme, `postgres://…` or `postgresql://…`.
    ///
    /// # Errors
    /// `storage.unknown_scheme`.
    pub fn parse(text: &str) -> Result<Self> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(PathBuf::from(path))),
            None if !text.is_empty() => Ok(Self::Sqlite(PathBuf::from(text))),
            _ => Err(Error::new(&codes::STORAGE_UNKNOWN_SCHEME)),
        }
    }

    /// The SQLite file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    /// Never shows a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                let place =
                    url.rsplit_once('@').map_or(url.split_once("://").map_or("", |(_, rest)| rest), |(_, place)| place);
                write!(f, "postgres://{place}")
            }
        }
    }
}

/// What a connection is for; on SQLite only one connection writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Reads only (enforced on SQLite).
    Read,
    /// Reads and writes.
    Write,
}

/// Opens one connection with everything it needs set.
pub fn open(url: &DatabaseUrl, usage: Use) -> Result<AnyConnection, ConnectionError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
            connection
                .batch_execute(
                    // FULL: an answered write survives a power cut. Group commit pays for it (see `writer`).
                    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; \
                     PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;",
                )
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            if usage == Use::Read {
                connection
                    .batch_execute("PRAGMA query_only = ON;")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
            }
            Ok(AnyConnection::Sqlite(connection))
        }
        DatabaseUrl::Postgres(url) => {
            let mut connection = PgConnection::establish(url)?;
            connection
                .batch_execute("SET TIME ZONE 'UTC'; SET lock_timeout = '10s'; SET client_min_messages = 'warning';")
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(AnyConnection::Postgres(connection))
        }
    }
}

/// Opens pooled connections by scheme. Diesel's own manager would take a mistyped URL for a file name.
#[derive(Debug, Clone)]
pub struct Manager {
    url: DatabaseUrl,
    usage: Use,
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        open(&self.url, self.usage).map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), Self::Error> {
        connection.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}

/// A pool of `size` connections, opened when first needed.
pub fn pool(url: &DatabaseUrl, usage: Use, size: u32) -> Pool<Manager> {
    let manager = Manager { url: url.clone(), usage };
    Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .test_on_check_out(false)
        .connection_timeout(Duration::from_secs(10))
        .build_unchecked(manager)
}
