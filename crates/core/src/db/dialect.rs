//! The only file that tells the databases apart: statements the shared connection cannot compile,
//! row locks, and what a constraint's name means.

use std::cell::OnceCell;

use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::{ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError, QueryResult};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, SqlType, Text};
use diesel::sqlite::Sqlite;
use diesel::{AppearsOnTable, Connection, Expression, RunQueryDsl, SelectableExpression};
use serde::{Serialize, Serializer};

use super::Reach;
use super::any::{AnyConnection, MultiBackend};
use super::columns::day;
use crate::error::{Code, Error, codes};
use crate::id::Id;

/// One expression, compiled for each concrete connection: batch inserts, `ON CONFLICT`, and the statements that stand
/// before every request. Over the shared connection Diesel writes out a statement's text each time it is run; over a
/// concrete one it knows the statement by its type.
macro_rules! native {
    ($connection:expr, $c:ident => $body:expr) => {
        match $connection {
            $crate::db::AnyConnection::Sqlite($c) => $body,
            $crate::db::AnyConnection::Postgres($c) => $body,
        }
    };
}
pub(crate) use native;

/// Rows of one batch insert. Five times as many in a statement were no faster, and each kept statement has its price.
pub(crate) const CHUNK: usize = 100;

/// Inserts many rows in chunks, in one statement each. Whole chunks share a statement that a connection keeps prepared;
/// the rest is written out anew.
macro_rules! insert_many {
    ($connection:expr, $table:expr, $rows:expr) => {{
        let (chunks, rest) = $rows.as_chunks::<{ $crate::db::dialect::CHUNK }>();
        for chunk in chunks {
            $crate::db::dialect::native!($connection, c => {
                diesel::RunQueryDsl::execute(diesel::insert_into($table).values(chunk), c).map(|_| ())
            })?;
        }
        if !rest.is_empty() {
            $crate::db::dialect::native!($connection, c => {
                diesel::RunQueryDsl::execute(diesel::insert_into($table).values(rest), c).map(|_| ())
            })?;
        }
    }};
}
pub(crate) use insert_many;

/// Changes that do not look at one another, of which PostgreSQL is told in one statement: each is a way there and back.
#[derive(Debug, Clone, QueryId)]
pub(crate) struct Together<A, B, C>(pub(crate) A, pub(crate) B, pub(crate) C);

impl<A, B, C> RunQueryDsl<diesel::PgConnection> for Together<A, B, C> {}

impl<A: QueryFragment<Pg>, B: QueryFragment<Pg>, C: QueryFragment<Pg>> QueryFragment<Pg> for Together<A, B, C> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql("WITH first AS (");
        self.0.walk_ast(pass.reborrow())?;
        pass.push_sql("), second AS (");
        self.1.walk_ast(pass.reborrow())?;
        pass.push_sql(") ");
        self.2.walk_ast(pass.reborrow())
    }
}

/// Runs three changes, together where that is less.
macro_rules! together {
    ($connection:expr, $first:expr, $second:expr, $third:expr) => {
        match $connection {
            $crate::db::AnyConnection::Sqlite(c) => {
                diesel::RunQueryDsl::execute($first, c)?;
                diesel::RunQueryDsl::execute($second, c)?;
                diesel::RunQueryDsl::execute($third, c)?;
            }
            $crate::db::AnyConnection::Postgres(c) => {
                diesel::RunQueryDsl::execute($crate::db::dialect::Together($first, $second, $third), c)?;
            }
        }
    };
}
pub(crate) use together;

/// Writes and reads an instant, in UTC. Diesel's own way on SQLite reads its patterns anew for each value, which is a
/// tenth of the time of writing many rows; this is the same text.
macro_rules! timestamps {
    ($value:ty) => {
        impl diesel::serialize::ToSql<diesel::sql_types::Timestamp, diesel::sqlite::Sqlite> for $value {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
            ) -> diesel::serialize::Result {
                out.set_value(self.0.to_string());
                Ok(diesel::serialize::IsNull::No)
            }
        }
        impl diesel::deserialize::FromSql<diesel::sql_types::Timestamp, diesel::sqlite::Sqlite> for $value {
            fn from_sql(
                raw: <diesel::sqlite::Sqlite as diesel::backend::Backend>::RawValue<'_>,
            ) -> diesel::deserialize::Result<Self> {
                $crate::db::dialect::read_text(raw, $crate::db::columns::moment).map(Self)
            }
        }
        impl diesel::deserialize::FromSql<diesel::sql_types::Timestamp, diesel::pg::Pg> for $value {
            fn from_sql(
                raw: <diesel::pg::Pg as diesel::backend::Backend>::RawValue<'_>,
            ) -> diesel::deserialize::Result<Self> {
                let read = <chrono::NaiveDateTime as diesel::deserialize::FromSql<
                    diesel::sql_types::Timestamp,
                    diesel::pg::Pg,
                >>::from_sql(raw);
                read.map(Self)
            }
        }
        $crate::db::dialect::read_by_either!($value, diesel::sql_types::Timestamp);
        $crate::db::dialect::timestamps!($value, diesel::pg::Pg);
        $crate::db::dialect::timestamps!($value, $crate::db::any::MultiBackend);
    };
    ($value:ty, $backend:ty) => {
        impl diesel::serialize::ToSql<diesel::sql_types::Timestamp, $backend> for $value {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, $backend>,
            ) -> diesel::serialize::Result {
                <chrono::NaiveDateTime as diesel::serialize::ToSql<diesel::sql_types::Timestamp, $backend>>::to_sql(
                    &self.0, out,
                )
            }
        }
    };
}
pub(crate) use timestamps;

/// Reads a value over the shared connection as the database it stands in has it.
macro_rules! read_by_either {
    ($value:ty, $sql:ty) => {
        impl diesel::deserialize::FromSql<$sql, $crate::db::any::MultiBackend> for $value {
            fn from_sql(
                raw: <$crate::db::any::MultiBackend as diesel::backend::Backend>::RawValue<'_>,
            ) -> diesel::deserialize::Result<Self> {
                raw.from_sql::<Self, $sql>()
            }
        }
    };
}
pub(crate) use read_by_either;

/// What SQLite keeps as a text, read by one of our own readers.
pub(crate) fn read_text<T>(
    mut raw: <Sqlite as Backend>::RawValue<'_>,
    read: impl FnOnce(&str) -> Option<T>,
) -> deserialize::Result<T> {
    read(raw.read_text()).ok_or_else(|| "a stored day or moment cannot be read".into())
}

/// A stored day, for columns of which many are read at once.
#[derive(Debug, Clone, Copy, FromSqlRow)]
pub struct StoredDay(NaiveDate);

impl FromSql<Date, Sqlite> for StoredDay {
    fn from_sql(raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        read_text(raw, day).map(Self)
    }
}

impl FromSql<Date, Pg> for StoredDay {
    fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <NaiveDate as FromSql<Date, Pg>>::from_sql(raw).map(Self)
    }
}

read_by_either!(StoredDay, Date);

impl From<StoredDay> for NaiveDate {
    fn from(stored: StoredDay) -> Self {
        stored.0
    }
}

/// A row lock where there is one; on SQLite the write transaction is already alone.
///
/// It is `FOR NO KEY UPDATE`, because keys never change: whoever only refers to the row, such as a new row of a kept
/// figure, does not wait for it, and so two transactions do not wait for each other crosswise.
#[derive(Debug, Clone, QueryId)]
pub(crate) struct ForUpdate<T>(pub(crate) T);

impl<T: Query> Query for ForUpdate<T> {
    type SqlType = T::SqlType;
}

impl<T, C> RunQueryDsl<C> for ForUpdate<T> {}

impl<T: QueryFragment<DB>, DB: Dialect> QueryFragment<DB> for ForUpdate<T> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass.reborrow())?;
        if pass.backend().is_postgres() {
            pass.push_sql(" FOR NO KEY UPDATE");
        }
        Ok(())
    }
}

/// Holds rows by their ids until the transaction ends. On SQLite nobody else writes meanwhile, and so they are not even
/// read.
macro_rules! hold {
    ($connection:expr, $ids:expr) => {
        if let $crate::db::AnyConnection::Postgres(c) = $connection {
            let _: Vec<$crate::id::Id> = diesel::RunQueryDsl::get_results($crate::db::dialect::ForUpdate($ids), c)?;
        }
    };
}
pub(crate) use hold;

/// Which of the two databases a statement is written for. PostgreSQL has row locks; SQLite needs none.
pub(crate) trait Dialect: Backend {
    fn is_postgres(&self) -> bool;
}

impl Dialect for Sqlite {
    fn is_postgres(&self) -> bool {
        false
    }
}

impl Dialect for Pg {
    fn is_postgres(&self) -> bool {
        true
    }
}

impl Dialect for MultiBackend {
    fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// The same for one table of a join: only its rows are locked. What waits has read what was before: without waiting it
/// reads nothing where somebody else holds a row.
#[derive(Debug, Clone, QueryId)]
pub(crate) struct ForUpdateOf<T, Table, const WAITS: bool>(pub(crate) T, pub(crate) Table);

impl<T: Query, Table, const WAITS: bool> Query for ForUpdateOf<T, Table, WAITS> {
    type SqlType = T::SqlType;
}

impl<T, Table, const WAITS: bool, C> RunQueryDsl<C> for ForUpdateOf<T, Table, WAITS> {}

impl<T: QueryFragment<DB>, Table: QueryFragment<DB>, const WAITS: bool, DB: Dialect> QueryFragment<DB>
    for ForUpdateOf<T, Table, WAITS>
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass.reborrow())?;
        if pass.backend().is_postgres() {
            pass.push_sql(" FOR UPDATE OF ");
            self.1.walk_ast(pass.reborrow())?;
            if !WAITS {
                pass.push_sql(" SKIP LOCKED");
            }
        }
        Ok(())
    }
}

/// Pairs in one or two bound values, so that a statement stays prepared however many there are. To the statement they
/// are a table of two columns, `key` and `value`, both text, that has yet to be named.
#[derive(Debug, Clone, QueryId)]
pub(crate) struct Pairs {
    keys: Vec<String>,
    values: Vec<String>,
    /// Both as one JSON object, once SQLite asks for it.
    text: OnceCell<String>,
}

impl Pairs {
    /// Of keys and values; a key may come more than once.
    pub(crate) fn of<K: ToString, V: ToString>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let (keys, values) = pairs.into_iter().map(|(key, value)| (key.to_string(), value.to_string())).unzip();
        Self { keys, values, text: OnceCell::new() }
    }

    fn text(&self) -> QueryResult<&String> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let mut text = Vec::new();
        let written = serde_json::Serializer::new(&mut text).collect_map(self.keys.iter().zip(&self.values));
        written.map_err(|error| DieselError::SerializationError(error.into()))?;
        let text = String::from_utf8(text).map_err(|error| DieselError::SerializationError(error.into()))?;
        Ok(self.text.get_or_init(|| text))
    }
}

impl QueryFragment<Sqlite> for Pairs {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql("json_each(");
        pass.push_bind_param::<Text, _>(self.text()?)?;
        pass.push_sql(")");
        Ok(())
    }
}

impl QueryFragment<Pg> for Pairs {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql("(SELECT * FROM UNNEST(");
        pass.push_bind_param::<Array<Text>, _>(&self.keys)?;
        pass.push_sql(", ");
        pass.push_bind_param::<Array<Text>, _>(&self.values)?;
        pass.push_sql(") AS pair (key, value))");
        Ok(())
    }
}

/// Whether a column has one of many values, which are bound as one text: a statement stays prepared however many there
/// are, and no list is too long for it.
#[derive(Debug, Clone, QueryId)]
pub(crate) struct OneOf<Column> {
    column: Column,
    values: String,
}

/// Values of a column as they stand in the text: ids as their numbers.
pub(crate) fn one_of<Column>(
    column: Column,
    values: impl IntoIterator<Item = impl Serialize>,
) -> Result<OneOf<Column>, Error> {
    let mut text = Vec::new();
    serde_json::Serializer::new(&mut text).collect_seq(values).map_err(Error::storage)?;
    Ok(OneOf { column, values: String::from_utf8(text).map_err(Error::storage)? })
}

/// The same of ids.
pub(crate) fn one_of_ids<Column>(column: Column, ids: &[Id]) -> Result<OneOf<Column>, Error> {
    one_of(column, ids.iter().map(|id| id.as_i64()))
}

/// What PostgreSQL calls a column's type.
pub(crate) trait Called {
    const NAME: &'static str;
}

impl Called for Text {
    const NAME: &'static str = "text";
}

impl Called for BigInt {
    const NAME: &'static str = "bigint";
}

impl Called for Integer {
    const NAME: &'static str = "integer";
}

impl<T: Called + SqlType> Called for Nullable<T> {
    const NAME: &'static str = T::NAME;
}

impl<Column: Expression> Expression for OneOf<Column> {
    type SqlType = Bool;
}

impl<Column: AppearsOnTable<Source>, Source> AppearsOnTable<Source> for OneOf<Column> where Self: Expression {}

impl<Column: SelectableExpression<Source>, Source> SelectableExpression<Source> for OneOf<Column> where
    Self: AppearsOnTable<Source>
{
}

impl<Column> ValidGrouping<()> for OneOf<Column> {
    type IsAggregate = is_aggregate::No;
}

impl<DB, Column> QueryFragment<DB> for OneOf<Column>
where
    DB: Dialect,
    Column: QueryFragment<DB> + Expression,
    Column::SqlType: Called,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.column.walk_ast(pass.reborrow())?;
        if pass.backend().is_postgres() {
            pass.push_sql(" = ANY(ARRAY(SELECT CAST(value AS ");
            pass.push_sql(Column::SqlType::NAME);
            pass.push_sql(") FROM json_array_elements_text(CAST(");
            pass.push_bind_param::<Text, _>(&self.values)?;
            pass.push_sql(" AS json))))");
        } else {
            pass.push_sql(" IN (SELECT value FROM json_each(");
            pass.push_bind_param::<Text, _>(&self.values)?;
            pass.push_sql("))");
        }
        Ok(())
    }
}

/// Begins a transaction that will write: IMMEDIATE on SQLite, since a read that turns into a write fails at once
/// whatever the time-out.
pub(super) fn begin_write(connection: &mut AnyConnection, reach: &Reach) -> QueryResult<()> {
    use diesel::connection::AnsiTransactionManager;
    match connection {
        AnyConnection::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        AnyConnection::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(c, &within("BEGIN", reach)),
    }
}

/// Begins reading. SQLite needs nothing for a single read; on PostgreSQL a reach lasts as long as a transaction.
pub(super) fn begin_read(connection: &mut AnyConnection, reach: &Reach) -> QueryResult<()> {
    use diesel::connection::AnsiTransactionManager;
    match connection {
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, &within("BEGIN READ ONLY", reach))
        }
    }
}

/// Ends reading.
pub(super) fn end_read(connection: &mut AnyConnection) {
    if matches!(connection, AnyConnection::Postgres(_)) {
        rollback(connection);
    }
}

/// A statement that begins a transaction with this reach, in one message to the server.
fn within(begin: &str, reach: &Reach) -> String {
    format!("{begin}; {}", reaching(reach))
}

fn reaching(Reach { kind, of }: &Reach) -> String {
    format!("SET LOCAL vokasi.reach = '{kind}'; SET LOCAL vokasi.reach_of = '{of}'")
}

/// Whether row-level security holds this role.
pub(super) fn is_walled(connection: &mut AnyConnection) -> QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Held {
        #[diesel(sql_type = Bool)]
        held: bool,
    }
    let AnyConnection::Postgres(c) = connection else { return Ok(true) };
    let held: Held =
        diesel::sql_query("SELECT NOT (rolsuper OR rolbypassrls) AS held FROM pg_roles WHERE rolname = current_user")
            .get_result(c)?;
    Ok(held.held)
}

/// Gives the transaction another reach, in one message: a statement with values would be two.
pub(super) fn limit(connection: &mut AnyConnection, reach: &Reach) -> QueryResult<()> {
    if let AnyConnection::Postgres(c) = connection {
        c.batch_execute(&reaching(reach))?;
    }
    Ok(())
}

/// Begins a transaction whose reads all see one moment.
pub(super) fn begin_snapshot(connection: &mut AnyConnection, reach: &Reach) -> QueryResult<()> {
    use diesel::connection::AnsiTransactionManager;
    match connection {
        AnyConnection::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN DEFERRED"),
        AnyConnection::Postgres(c) => {
            let begin = within("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", reach);
            AnsiTransactionManager::begin_transaction_sql(c, &begin)
        }
    }
}

/// Waits until no other transaction is alone under this name, and is until it ends. On SQLite a write transaction is
/// alone already.
pub(crate) fn alone(connection: &mut AnyConnection, name: &str) -> QueryResult<()> {
    if let AnyConnection::Postgres(c) = connection {
        diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind::<Text, _>(name).execute(c)?;
    }
    Ok(())
}

/// The same without waiting: says whether this transaction is the one that is alone now. On SQLite it always is.
pub(crate) fn alone_at_once(connection: &mut AnyConnection, name: &str) -> QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Tried {
        #[diesel(sql_type = Bool)]
        alone: bool,
    }
    let AnyConnection::Postgres(c) = connection else { return Ok(true) };
    let tried: Tried = diesel::sql_query("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS alone")
        .bind::<Text, _>(name)
        .get_result(c)?;
    Ok(tried.alone)
}

pub(super) fn commit(connection: &mut AnyConnection) -> QueryResult<()> {
    <AnyConnection as Connection>::TransactionManager::commit_transaction(connection)
}

/// Whether a transaction has begun and not ended.
pub(super) fn is_in_transaction(connection: &mut AnyConnection) -> bool {
    let status = <AnyConnection as Connection>::TransactionManager::transaction_manager_status_mut(connection);
    status.transaction_depth().is_ok_and(|depth| depth.is_some())
}

pub(super) fn rollback(connection: &mut AnyConnection) {
    // The connection is broken if this fails; the pool drops it then.
    let _ = <AnyConnection as Connection>::TransactionManager::rollback_transaction(connection);
}

/// What each named constraint means to a person.
/// SQLite names columns where PostgreSQL names the constraint, so both stand here.
const CONSTRAINTS: &[(&str, &str, &Code)] = &[
    ("accounts_email_key", "accounts.email", &codes::STAFF_EMAIL_TAKEN),
    ("partners_npsn_key", "partners.npsn", &codes::PARTNER_NPSN_TAKEN),
    ("partners_vin_key", "partners.vin", &codes::PARTNER_VIN_TAKEN),
    ("agreements_number_key", "agreements.partner_id, agreements.number", &codes::AGREEMENT_NUMBER_TAKEN),
    ("agreements_seats_check", "agreements_seats_check", &codes::AGREEMENT_SEATS_USED),
    ("agreement_years_seats_check", "agreement_years_seats_check", &codes::AGREEMENT_YEAR_SEATS_USED),
    ("programs_code_key", "programs.code", &codes::PROGRAM_CODE_TAKEN),
    ("program_versions_number_key", "program_versions.program_id, program_versions.number", &codes::STALE),
    ("participants_nik_key", "participants.nik_hash", &codes::PARTICIPANT_NIK_TAKEN),
    ("participants_nisn_key", "participants.nisn", &codes::PARTICIPANT_NISN_TAKEN),
    ("holds_live_key", "holds.participant_id, holds.why", &codes::HOLD_ALREADY_PLACED),
    ("consents_live_key", "consents.participant_id, consents.purpose", &codes::CONSENT_ALREADY_GIVEN),
    (
        "exam_results_in_force_key",
        "exam_results.participant_id, exam_results.scheme, exam_results.sitting, exam_results.taken_on",
        &codes::EXAM_ALREADY_RECORDED,
    ),
    ("exam_results_replaces_key", "exam_results.replaces", &codes::EXAM_ALREADY_CORRECTED),
    ("layouts_school_key", "layouts.school_id, layouts.fingerprint", &codes::STALE),
    ("layouts_province_key", "layouts.province_code, layouts.fingerprint", &codes::STALE),
    (
        "cohorts_name_key",
        "cohorts.province_code, cohorts.program_id, cohorts.segment, cohorts.name",
        &codes::COHORT_NAME_TAKEN,
    ),
    ("classes_name_key", "classes.cohort_id, classes.partner_id, classes.name", &codes::CLASS_NAME_TAKEN),
    ("classes_seats_check", "classes_seats_check", &codes::CLASS_FULL),
    ("classes_held_check", "classes_held_check", &codes::CLASS_FULL),
    ("enrollments_live_key", "enrollments.participant_id, enrollments.cohort_id", &codes::ENROLLMENT_EXISTS),
    ("sessions_class_excl", "sessions_class_excl", &codes::SESSION_TAKEN),
    ("sessions_instructor_excl", "sessions_instructor_excl", &codes::SESSION_TAKEN),
    ("sessions_room_excl", "sessions_room_excl", &codes::SESSION_TAKEN),
    ("sessions_replaces_key", "sessions.replaces", &codes::SESSION_REPLACED),
    ("calendar_links_token_key", "calendar_links.token_hash", &codes::STALE),
    ("calendar_links_class_key", "calendar_links.class_id", &codes::STALE),
    ("calendar_links_account_key", "calendar_links.account_id", &codes::STALE),
    ("rooms_name_key", "rooms.partner_id, rooms.folded_name", &codes::STALE),
    ("seating_plans_open_key", "seating_plans.cohort_id", &codes::STALE),
    ("seat_offers_open_key", "seat_offers.enrollment_id", &codes::SEAT_OFFER_OPEN),
    ("jobs_open_key", "jobs.import_id", &codes::JOB_OPEN),
    ("attendance_entries_pkey", "attendance_entries.id", &codes::ATTENDANCE_ENTRY_REUSED),
    ("attendance_clashes_open_key", "attendance_clashes.session_id, attendance_clashes.enrollment_id", &codes::STALE),
    ("scores_attempt_key", "scores.enrollment_id, scores.component, scores.attempt", &codes::ASSESSMENT_ATTEMPT_TAKEN),
    ("corrected_scores_pkey", "corrected_scores.id", &codes::ASSESSMENT_ALREADY_CORRECTED),
    ("completions_enrollment_key", "completions.enrollment_id", &codes::COMPLETION_ALREADY_RECORDED),
    ("certificates_valid_key", "certificates.completion_id", &codes::CERTIFICATE_ALREADY_ISSUED),
    ("certificates_number_key", "certificates.issuer_id, certificates.number", &codes::CERTIFICATE_NUMBER_TAKEN),
    ("certificates_replaced_by_key", "certificates.replaced_by", &codes::CERTIFICATE_REPLACED),
    ("certificate_templates_pkey", "certificate_templates.partner_id", &codes::STALE),
    ("credentials_status_key", "credentials.status_list_id, credentials.status_index", &codes::STALE),
    ("status_lists_number_key", "status_lists.issuer_id, status_lists.number", &codes::STALE),
    ("issuer_keys_kid_key", "issuer_keys.kid", &codes::STALE),
    ("issuer_keys_current_key", "issuer_keys.issuer_id, issuer_keys.public_url", &codes::STALE),
];

/// The one look-up from a database error to ours.
impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        let code = match &error {
            DieselError::NotFound => Some(&codes::NOT_FOUND),
            DieselError::DatabaseError(kind, information) => match kind {
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::CheckViolation
                | DatabaseErrorKind::ExclusionViolation => broken(information.as_ref()),
                DatabaseErrorKind::ForeignKeyViolation => Some(&codes::REFERENCE_UNKNOWN),
                DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::ClosedConnection => {
                    Some(&codes::STORAGE_BUSY)
                }
                _ => {
                    let message = information.message();
                    ["database is locked", "lock timeout", "deadlock detected", "canceling statement"]
                        .iter()
                        .any(|busy| message.contains(busy))
                        .then_some(&codes::STORAGE_BUSY)
                        // What a trigger of SQLite refuses has no kind of its own.
                        .or_else(|| broken(information.as_ref()))
                }
            },
            DieselError::BrokenTransactionManager => Some(&codes::STORAGE_BUSY),
            _ => None,
        };
        Self { cause: Some(Box::new(error)), ..Self::new(code.unwrap_or(&codes::STORAGE_FAILED)) }
    }
}

/// What the constraint that was broken means.
fn broken(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<&'static Code> {
    let message = information.message();
    let broken = information
        .constraint_name()
        .or_else(|| message.split_once("constraint failed: ").map(|(_, rest)| rest.trim()))?;
    CONSTRAINTS.iter().find(|(name, columns, _)| *name == broken || *columns == broken).map(|(_, _, code)| *code)
}

/// A `LIKE` pattern for texts that begin with this; `\` is the escape character.
pub(crate) fn starts_with(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: DatabaseErrorKind, message: &str) -> &'static str {
        Error::from(DieselError::DatabaseError(kind, Box::new(message.to_owned()))).code.name
    }

    /// PostgreSQL names the constraint; SQLite names the columns of a unique one and the name of a check.
    struct Named(&'static str);

    impl diesel::result::DatabaseErrorInformation for Named {
        fn message(&self) -> &'static str {
            "duplicate key value violates unique constraint"
        }
        fn details(&self) -> Option<&str> {
            None
        }
        fn hint(&self) -> Option<&str> {
            None
        }
        fn table_name(&self) -> Option<&str> {
            None
        }
        fn column_name(&self) -> Option<&str> {
            None
        }
        fn constraint_name(&self) -> Option<&str> {
            Some(self.0)
        }
        fn statement_position(&self) -> Option<i32> {
            None
        }
    }

    #[test]
    fn a_constraint_means_the_same_on_both_databases() {
        for (name, columns, code) in CONSTRAINTS {
            for kind in [DatabaseErrorKind::UniqueViolation, DatabaseErrorKind::CheckViolation] {
                let sqlite = told(kind, &format!("UNIQUE constraint failed: {columns}"));
                assert_eq!(sqlite, code.name);
            }
            let postgres = DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, Box::new(Named(name)));
            assert_eq!(Error::from(postgres).code, *code);
        }
    }

    #[test]
    fn what_passes_is_busy_and_the_rest_has_failed() {
        for message in ["database is locked", "canceling statement due to lock timeout", "deadlock detected"] {
            assert_eq!(told(DatabaseErrorKind::Unknown, message), codes::STORAGE_BUSY.name, "{message}");
        }
        assert_eq!(told(DatabaseErrorKind::SerializationFailure, ""), codes::STORAGE_BUSY.name);
        assert_eq!(told(DatabaseErrorKind::ForeignKeyViolation, ""), codes::REFERENCE_UNKNOWN.name);
        assert_eq!(told(DatabaseErrorKind::UniqueViolation, "nobody knows it"), codes::STORAGE_FAILED.name);
        assert_eq!(told(DatabaseErrorKind::Unknown, "disk I/O error"), codes::STORAGE_FAILED.name);
        assert_eq!(Error::from(DieselError::NotFound).code.name, codes::NOT_FOUND.name);
    }

    #[test]
    fn a_beginning_is_taken_literally() {
        assert_eq!(starts_with("50%_a\\"), "50\\%\\_a\\\\%");
    }
}
