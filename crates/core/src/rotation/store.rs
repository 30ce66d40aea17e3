use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use crate::db::Tx;
use crate::db::dialect::native;
use crate::error::{Error, Result};
use crate::keys::{FIRST, prefix};

/// A column of sealed values. All such columns are alike, so their statements are written once over their names.
pub(super) struct Place {
    table: &'static str,
    /// The key, or the first part of it.
    id: &'static str,
    /// The second part of the key, as SQL; an empty text where there is none.
    part: &'static str,
    column: &'static str,
    /// What its values are sealed for.
    what: &'static str,
    /// The column with the keyed hash of the same value.
    hash: Option<&'static str>,
    /// Values of one batch.
    batch: usize,
}

const fn place(table: &'static str, column: &'static str, what: &'static str) -> Place {
    Place { table, id: "id", part: "CAST('' AS TEXT)", column, what, hash: None, batch: 200 }
}

/// What stands beside a mark, now or before.
const NOTE: &str = "attendance_note";

/// Every column of sealed values. A test looks for others.
pub(super) const PLACES: &[Place] = &[
    Place { hash: Some("nik_hash"), ..place("participants", "nik_sealed", "nik") },
    place("participants", "contact_sealed", "contact"),
    place("consents", "giver_sealed", "giver"),
    place("person_requests", "asker_sealed", "asker"),
    place("person_requests", "answer_sealed", "answer_to_person"),
    Place { id: "session_id", part: "CAST(enrollment_id AS TEXT)", ..place("attendance_notes", "note_sealed", NOTE) },
    place("attendance_corrections", "note_sealed", NOTE),
    Place { id: "session_id", part: "id", ..place("attendance_entries", "note_sealed", NOTE) },
    place("outbox", "content", "message"),
    place("issuer_keys", "private_sealed", "issuer_key"),
    place("accounts", "factor_secret", "second_factor"),
    place("accounts", "factor_offered", "second_factor"),
    // A whole file each.
    Place { id: "agreement_id", batch: 5, ..place("agreement_files", "file_sealed", "agreement_file") },
    Place { id: "import_id", batch: 5, ..place("import_contents", "rows_sealed", "import") },
    Place { id: "import_id", batch: 5, ..place("import_contents", "plan_sealed", "import_plan") },
    Place { id: "import_id", batch: 5, ..place("import_effects", "effects_sealed", "import_effects") },
    Place { batch: 5, ..place("jobs", "file_sealed", "job_file") },
    Place { id: "account_id", part: "idempotency_key", ..place("idempotency_keys", "answer_sealed", "answer") },
];

/// Where a batch ended.
pub(super) type Position = (i64, String);

/// Before everything.
pub(super) const START: Position = (i64::MIN, String::new());

/// What a batch did.
pub(super) struct Batch {
    pub(super) values: u64,
    pub(super) last: Position,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = Text)]
    sealed: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// Seals the next values of a place anew; nothing when there are no more.
///
/// A value is replaced only if it is still the one that was opened: what somebody wrote in between is sealed with the
/// newest secret already, or is found by the next rotation.
pub(super) fn reseal(tx: &mut Tx<'_>, place: &Place, after: &Position) -> Result<Option<Batch>> {
    let rows = next(tx, place, after)?;
    let Some(last) = rows.last().map(|row| (row.id, row.part.clone())) else { return Ok(None) };
    let mut values = 0;
    for row in rows {
        let plain = tx.keys().open(place.what, &row.sealed)?;
        let sealed = tx.keys().seal(place.what, &plain, tx.entropy())?;
        let hash = match place.hash {
            Some(_) => {
                let plain = std::str::from_utf8(&plain).map_err(Error::storage)?;
                Some(tx.keys().search_hash(place.what, plain))
            }
            None => None,
        };
        values += u64::from(replace(tx, place, &row, sealed, hash)?);
    }
    Ok(Some(Batch { values, last }))
}

fn next(tx: &mut Tx<'_>, place: &Place, after: &Position) -> Result<Vec<Row>> {
    let Place { table, id, part, column, batch, .. } = place;
    let text = format!(
        "SELECT {id} AS id, {part} AS part, {column} AS sealed FROM {table} \
         WHERE {id} >= $1 AND ({id} > $1 OR {part} > $2) AND {column} <> '' AND {column} NOT LIKE $3 ORDER BY {id}, {part} LIMIT {batch}"
    );
    let query = sql_query(text)
        .bind::<BigInt, _>(after.0)
        .bind::<Text, _>(&after.1)
        .bind::<Text, _>(pattern(tx.keys().newest()));
    Ok(native!(tx.connection, c => query.load(c))?)
}

/// Says whether the value was still the same.
fn replace(tx: &mut Tx<'_>, place: &Place, row: &Row, sealed: String, hash: Option<String>) -> Result<bool> {
    let Place { table, id, part, column, .. } = place;
    // Values are numbered in the order in which they stand there: SQLite counts them so.
    let (hashed, [id_at, part_at, old_at]) = match place.hash {
        Some(column) => (format!(", {column} = $2"), [3, 4, 5]),
        None => (String::new(), [2, 3, 4]),
    };
    let text = format!(
        "UPDATE {table} SET {column} = $1{hashed} \
         WHERE {id} = ${id_at} AND {part} = ${part_at} AND {column} = ${old_at}"
    );
    let replaced = native!(tx.connection, c => {
        let mut query = sql_query(text).into_boxed().bind::<Text, _>(sealed);
        if let Some(hash) = hash {
            query = query.bind::<Text, _>(hash);
        }
        query.bind::<BigInt, _>(row.id).bind::<Text, _>(&row.part).bind::<Text, _>(&row.sealed).execute(c)
    })?;
    Ok(replaced == 1)
}

/// Opens the last value of every place.
pub(super) fn open_the_last(tx: &mut Tx<'_>) -> Result<()> {
    for Place { table, id, part, column, what, .. } in PLACES {
        let text = format!(
            "SELECT {id} AS id, {part} AS part, {column} AS sealed FROM {table} \
             WHERE {column} <> '' ORDER BY {id} DESC LIMIT 1"
        );
        let last: Option<Row> = native!(tx.connection, c => sql_query(text).get_result(c)).optional()?;
        if let Some(last) = last {
            tx.keys().open(what, &last.sealed)?;
        }
    }
    Ok(())
}

/// Values that are not sealed with the newest secret.
pub(super) fn left(tx: &mut Tx<'_>) -> Result<u64> {
    let pattern = pattern(tx.keys().newest());
    count(tx, |column| format!("{column} <> '' AND {column} NOT LIKE $1"), &pattern)
}

/// Values that are sealed with this secret. Those without a name are of the first one.
pub(super) fn sealed_with(tx: &mut Tx<'_>, key: &str) -> Result<u64> {
    let nameless = |column: &str| {
        if key == FIRST { format!(" OR ({column} <> '' AND {column} NOT LIKE '%.%')") } else { String::new() }
    };
    count(tx, |column| format!("({column} LIKE $1{})", nameless(column)), &pattern(key))
}

fn count(tx: &mut Tx<'_>, condition: impl Fn(&str) -> String, pattern: &str) -> Result<u64> {
    let mut values = 0;
    for Place { table, column, .. } in PLACES {
        let text = format!("SELECT count(*) AS found FROM {table} WHERE {}", condition(column));
        let query = sql_query(text).bind::<Text, _>(pattern);
        let count: Count = native!(tx.connection, c => query.get_result(c))?;
        values += count.found.unsigned_abs();
    }
    Ok(values)
}

/// What values of this secret look like.
fn pattern(key: &str) -> String {
    format!("{}%", prefix(key))
}
