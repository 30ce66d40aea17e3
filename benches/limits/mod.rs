//! The least that the same rows could cost: plain statements, prepared once, straight into the same tables.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::sync::{Mutex, MutexGuard, PoisonError};

use diesel::PgConnection;
use vokasi_core::db::DatabaseUrl;

use crate::pace::Outcome;
use crate::place::Place;

/// Tables an import writes, and which of their rows are its own.
pub(crate) const IMPORTED: [(&str, &str); 6] = [
    ("imports", "true"),
    ("participants", "true"),
    ("enrollments", "true"),
    ("enrollment_transitions", "true"),
    ("enrollment_counts", "true"),
    ("audit_events", "action LIKE 'import.%'"),
];

/// The first register of a session, beside its marks.
const HELD: &str = "UPDATE sessions SET state = 'held', reported_at = '2026-01-12 03:00:00', \
    register_at = 1768186800000000, version = version + 1 WHERE id = ";
/// Its event but for the id, in the order of the columns.
const EVENT: &str = "'2026-01-12 03:00:00', '18', 1, 'education_office', 'attendance.saved', 'session', 1, \
    'a1b2c3d4e5f60718', '127.0.0.1', '{\"corrected\":0,\"marks\":36}', 'province', '', NULL, NULL, '{}', \
    '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0')";

/// One mark: enrollment and letter.
pub(crate) type Marks = Vec<(i64, &'static str)>;

/// Rows that the program has left, ready to be written again into a copy of where it began.
pub(crate) enum Written {
    Sqlite(Vec<sqlite::Rows>),
    Postgres(Vec<String>),
}

impl Written {
    /// New rows: of which tables, and which of their rows.
    pub(crate) fn of(place: &Place<'_>, tables: &[(&str, &str)]) -> Outcome<Self> {
        match &place.url {
            DatabaseUrl::Sqlite(file) => {
                let connection = sqlite::connect(file)?;
                let tables = tables.iter().map(|(table, own)| sqlite::rows(&connection, table, own));
                Ok(Self::Sqlite(tables.collect::<Outcome<_>>()?))
            }
            DatabaseUrl::Postgres(url) => {
                let mut connection = postgres::connect(url)?;
                let mut inserts = Vec::new();
                for (table, own) in tables {
                    inserts.extend(postgres::inserts(&mut connection, table, own)?);
                }
                Ok(Self::Postgres(inserts))
            }
        }
    }

    /// And these columns of rows that were there before, by their id.
    pub(crate) fn and_changed(&mut self, place: &Place<'_>, table: &str, columns: &[&str], own: &str) -> Outcome {
        match (self, &place.url) {
            (Self::Sqlite(tables), DatabaseUrl::Sqlite(file)) => {
                tables.push(sqlite::changes(&sqlite::connect(file)?, table, columns, own)?);
            }
            (Self::Postgres(statements), DatabaseUrl::Postgres(url)) => {
                statements.extend(postgres::changes(&mut postgres::connect(url)?, table, columns, own)?);
            }
            _ => return Err("these rows are of the other database".into()),
        }
        Ok(())
    }

    /// And a statement that is run as it is.
    pub(crate) fn and_run(&mut self, statement: &str) {
        match self {
            Self::Sqlite(tables) => tables.push(sqlite::Rows::once(statement)),
            Self::Postgres(statements) => statements.push(statement.to_owned()),
        }
    }
}

/// Connections of a limit, so many as write at once.
pub(crate) enum Raw {
    /// One connection that takes turns, as SQLite has one writer.
    Sqlite(Box<Mutex<rusqlite::Connection>>),
    /// One connection for each client.
    Postgres(Vec<Mutex<PgConnection>>),
}

impl Raw {
    pub(crate) fn connect(place: &Place<'_>, clients: usize) -> Outcome<Self> {
        match &place.url {
            DatabaseUrl::Sqlite(file) => Ok(Self::Sqlite(Box::new(Mutex::new(sqlite::connect(file)?)))),
            DatabaseUrl::Postgres(url) => {
                postgres::unwall(url)?;
                let connections = (0..clients).map(|_| Ok(Mutex::new(postgres::connect(url)?)));
                Ok(Self::Postgres(connections.collect::<Outcome<_>>()?))
            }
        }
    }

    /// Writes these rows in one durable transaction.
    pub(crate) fn write(&self, client: usize, rows: &Written) -> Outcome {
        match (self, rows) {
            (Self::Sqlite(connection), Written::Sqlite(tables)) => sqlite::write(&mut held(connection), tables),
            (Self::Postgres(connections), Written::Postgres(statements)) => {
                postgres::write(&mut held(&connections[client % connections.len()]), statements)
            }
            _ => Err("these rows are of the other database".into()),
        }
    }

    /// Writes a register in one durable transaction.
    pub(crate) fn mark(&self, client: usize, session: i64, marks: &Marks) -> Outcome {
        match self {
            Self::Sqlite(connection) => sqlite::mark(&mut held(connection), session, marks),
            Self::Postgres(connections) => {
                postgres::mark(&mut held(&connections[client % connections.len()]), session, marks)
            }
        }
    }

    /// Writes a register with everything that goes with it: the session, the change that phones are told of, the event.
    pub(crate) fn register(&self, client: usize, session: i64, marks: &Marks) -> Outcome {
        match self {
            Self::Sqlite(connection) => sqlite::register(&mut held(connection), session, marks),
            Self::Postgres(connections) => {
                postgres::register(&mut held(&connections[client % connections.len()]), session, marks)
            }
        }
    }
}

fn held<T>(connection: &Mutex<T>) -> MutexGuard<'_, T> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}
