//! SQLite by rusqlite, as durable as the program: WAL, `synchronous=FULL`, foreign keys checked.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, TransactionBehavior, params};

use super::Marks;
use crate::pace::Outcome;

pub(crate) fn connect(file: &Path) -> Outcome<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// A statement, and the values of each time it is run.
pub(crate) struct Rows {
    statement: String,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    /// A statement without values.
    pub(crate) fn once(statement: &str) -> Self {
        Self { statement: statement.to_owned(), rows: vec![Vec::new()] }
    }
}

/// Rows of a table as they are stored, to be inserted again.
pub(crate) fn rows(connection: &Connection, table: &str, condition: &str) -> Outcome<Rows> {
    let rows = values(connection, &format!("SELECT * FROM {table} WHERE {condition} ORDER BY rowid"))?;
    let columns = rows.first().map_or(0, Vec::len);
    Ok(Rows { statement: format!("INSERT INTO {table} VALUES ({})", vec!["?"; columns].join(", ")), rows })
}

/// Columns of rows as they are stored, to be set again.
pub(crate) fn changes(connection: &Connection, table: &str, columns: &[&str], condition: &str) -> Outcome<Rows> {
    let (all, set) = (columns.join(", "), columns.join(" = ?, "));
    let rows = values(connection, &format!("SELECT {all}, id FROM {table} WHERE {condition} ORDER BY id"))?;
    Ok(Rows { statement: format!("UPDATE {table} SET {set} = ? WHERE id = ?"), rows })
}

fn values(connection: &Connection, query: &str) -> Outcome<Vec<Vec<Value>>> {
    let mut statement = connection.prepare(query)?;
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Writes all rows, each by a prepared statement, in one transaction.
pub(crate) fn write(connection: &mut Connection, tables: &[Rows]) -> Outcome {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for table in tables {
        if table.rows.is_empty() {
            continue;
        }
        let mut statement = transaction.prepare_cached(&table.statement)?;
        for row in &table.rows {
            statement.execute(rusqlite::params_from_iter(row))?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Writes a register in one durable transaction.
pub(crate) fn mark(connection: &mut Connection, session: i64, marks: &Marks) -> Outcome {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    upsert(&transaction, session, marks)?;
    transaction.commit()?;
    Ok(())
}

/// Writes a register with everything that goes with it in one durable transaction.
pub(crate) fn register(connection: &mut Connection, session: i64, marks: &Marks) -> Outcome {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    upsert(&transaction, session, marks)?;
    transaction.prepare_cached(&format!("{}?", super::HELD))?.execute([session])?;
    transaction.prepare_cached(&format!("INSERT INTO audit_events VALUES (?, {}", super::EVENT))?.execute([session])?;
    transaction.commit()?;
    Ok(())
}

fn upsert(connection: &Connection, session: i64, marks: &Marks) -> Outcome {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO attendance (session_id, enrollment_id, mark, marked_at, marked_by) VALUES (?, ?, ?, ?, ?) \
         ON CONFLICT (session_id, enrollment_id) DO UPDATE \
         SET mark = excluded.mark, marked_at = excluded.marked_at, marked_by = excluded.marked_by",
    )?;
    for (enrollment, mark) in marks {
        upsert.execute(params![session, enrollment, mark, 1_768_186_800_000_000_i64, 0])?;
    }
    Ok(())
}

/// Asks for everything of a query and counts the rows.
pub(crate) fn ask(connection: &Connection, query: &str) -> Outcome<usize> {
    let mut statement = connection.prepare_cached(query)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut number = 0;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            std::hint::black_box(row.get_ref(column)?);
        }
        number += 1;
    }
    Ok(number)
}
