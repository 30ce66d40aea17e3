//! PostgreSQL by Diesel's own connection, statements written by hand, every transaction durable.

use diesel::connection::SimpleConnection;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Text};
use diesel::{Connection, PgConnection, QueryResult, QueryableByName, RunQueryDsl};

use super::Marks;
use crate::pace::Outcome;

/// A connection that sees everybody.
pub(crate) fn connect(url: &str) -> Outcome<PgConnection> {
    let mut connection = PgConnection::establish(url)?;
    connection.batch_execute("SET vokasi.reach = 'everything'")?;
    Ok(connection)
}

/// Takes the database's own wall down: a limit has none.
pub(crate) fn unwall(url: &str) -> Outcome {
    connect(url)?.batch_execute(
        "DO $$ DECLARE walled regclass; BEGIN \
         FOR walled IN SELECT oid FROM pg_class WHERE relrowsecurity LOOP \
         EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', walled); END LOOP; END $$",
    )?;
    Ok(())
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Rows of a table as multi-row inserts of 500 rows, the literals written out beforehand.
pub(crate) fn inserts(connection: &mut PgConnection, table: &str, condition: &str) -> Outcome<Vec<String>> {
    let columns: Vec<Line> = diesel::sql_query(format!(
        "SELECT column_name::text AS line FROM information_schema.columns \
         WHERE table_name = '{table}' ORDER BY ordinal_position"
    ))
    .load(connection)?;
    let values: Vec<String> = columns.iter().map(|column| format!("quote_nullable({})", column.line)).collect();
    let rows: Vec<Line> = diesel::sql_query(format!(
        "SELECT '(' || concat_ws(',', {}) || ')' AS line FROM {table} WHERE {condition} ORDER BY 1",
        values.join(", ")
    ))
    .load(connection)?;
    Ok(rows
        .chunks(500)
        .map(|chunk| {
            let rows: Vec<&str> = chunk.iter().map(|row| row.line.as_str()).collect();
            format!("INSERT INTO {table} VALUES {}", rows.join(","))
        })
        .collect())
}

/// Columns of rows, to be set again by updates of 500 rows, the literals written out beforehand.
pub(crate) fn changes(
    connection: &mut PgConnection,
    table: &str,
    columns: &[&str],
    condition: &str,
) -> Outcome<Vec<String>> {
    let all: Vec<&str> = columns.iter().copied().chain(["id"]).collect();
    let values: Vec<String> =
        all.iter().map(|column| format!("quote_nullable({column}) || '::' || pg_typeof({column})")).collect();
    let rows: Vec<Line> = diesel::sql_query(format!(
        "SELECT '(' || concat_ws(',', {}) || ')' AS line FROM {table} WHERE {condition} ORDER BY id",
        values.join(", ")
    ))
    .load(connection)?;
    let set: Vec<String> = columns.iter().map(|column| format!("{column} = one.{column}")).collect();
    Ok(rows
        .chunks(500)
        .map(|chunk| {
            let rows: Vec<&str> = chunk.iter().map(|row| row.line.as_str()).collect();
            format!(
                "UPDATE {table} SET {} FROM (VALUES {}) AS one ({}) WHERE {table}.id = one.id",
                set.join(", "),
                rows.join(","),
                all.join(", ")
            )
        })
        .collect())
}

/// Runs the statements in one transaction.
pub(crate) fn write(connection: &mut PgConnection, statements: &[String]) -> Outcome {
    connection.transaction(|connection| statements.iter().try_for_each(|one| connection.batch_execute(one)))?;
    Ok(())
}

/// A register as one prepared statement over arrays.
#[derive(QueryId)]
struct Register {
    session: i64,
    enrollments: Vec<i64>,
    marks: Vec<&'static str>,
}

impl Register {
    fn of(session: i64, marks: &Marks) -> Self {
        let enrollments = marks.iter().map(|(enrollment, _)| *enrollment).collect();
        Self { session, enrollments, marks: marks.iter().map(|(_, mark)| *mark).collect() }
    }
}

impl RunQueryDsl<PgConnection> for Register {}

impl QueryFragment<Pg> for Register {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql("INSERT INTO attendance (session_id, enrollment_id, mark, marked_at, marked_by) SELECT ");
        pass.push_bind_param::<BigInt, _>(&self.session)?;
        pass.push_sql(", enrollment_id, mark, 1768186800000000, 0 FROM UNNEST(");
        pass.push_bind_param::<Array<BigInt>, _>(&self.enrollments)?;
        pass.push_sql(", ");
        pass.push_bind_param::<Array<Text>, _>(&self.marks)?;
        pass.push_sql(
            ") AS one (enrollment_id, mark) ON CONFLICT (session_id, enrollment_id) DO UPDATE \
             SET mark = excluded.mark, marked_at = excluded.marked_at, marked_by = excluded.marked_by",
        );
        Ok(())
    }
}

/// Writes a register in one durable transaction.
pub(crate) fn mark(connection: &mut PgConnection, session: i64, marks: &Marks) -> Outcome {
    let register = Register::of(session, marks);
    connection.transaction(|connection| register.execute(connection))?;
    Ok(())
}

/// A prepared statement around the number of a session.
#[derive(QueryId)]
struct Beside<const EVENT: bool>(i64);

impl<const EVENT: bool> RunQueryDsl<PgConnection> for Beside<EVENT> {}

impl<const EVENT: bool> QueryFragment<Pg> for Beside<EVENT> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql(if EVENT { "INSERT INTO audit_events VALUES (" } else { super::HELD });
        pass.push_bind_param::<BigInt, _>(&self.0)?;
        if EVENT {
            pass.push_sql(", ");
            pass.push_sql(super::EVENT);
        }
        Ok(())
    }
}

/// Writes a register with everything that goes with it in one durable transaction.
pub(crate) fn register(connection: &mut PgConnection, session: i64, marks: &Marks) -> Outcome {
    let register = Register::of(session, marks);
    connection.transaction(|connection| {
        register.execute(connection)?;
        Beside::<false>(session).execute(connection)?;
        Beside::<true>(session).execute(connection)
    })?;
    Ok(())
}

/// Asks a query for its rows as text and counts them.
pub(crate) fn ask(connection: &mut PgConnection, query: &str) -> Outcome<usize> {
    let rows: Vec<Line> = diesel::sql_query(query).load(connection)?;
    Ok(rows.len())
}
