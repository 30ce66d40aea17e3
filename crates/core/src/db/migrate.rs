//! Bringing a database to the shape this program knows.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use diesel::backend::Backend;
use diesel::connection::{BoxableConnection, SimpleConnection};
use diesel::migration::{Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::MigrationHarness;

use super::any::{self, AnyConnection, DatabaseUrl, Use};
use crate::error::{Error, Result, codes};

/// One step of the schema, written once for both databases.
struct Step {
    name: StepName,
    up: &'static str,
    down: &'static str,
    /// What each database says in its own words: after the common way up, and before the common way down.
    own: Own,
}

/// The part of a step that only one database understands, such as a trigger.
struct Own {
    sqlite: Ways,
    postgres: Ways,
}

struct Ways {
    up: &'static str,
    down: &'static str,
}

macro_rules! file {
    ($name:literal, $file:literal) => {
        include_str!(concat!("../../../../migrations/", $name, "/", $file))
    };
}

macro_rules! steps {
    (@own $name:literal) => {
        Own { sqlite: Ways { up: "", down: "" }, postgres: Ways { up: "", down: "" } }
    };
    (@own $name:literal own) => {
        Own {
            sqlite: Ways { up: file!($name, "up.sqlite.sql"), down: file!($name, "down.sqlite.sql") },
            postgres: Ways { up: file!($name, "up.postgres.sql"), down: file!($name, "down.postgres.sql") },
        }
    };
    ($($name:literal $(and $own:ident)?,)*) => {
        [$(Step {
            name: StepName($name),
            up: file!($name, "up.sql"),
            down: file!($name, "down.sql"),
            own: steps!(@own $name $($own)?),
        },)*]
    };
}

/// Every folder of `migrations`, oldest first.
const STEPS: &[Step] = &steps![
    "2026-11-21-000100_create_partners",
    "2026-11-21-000200_create_access",
    "2026-11-21-000300_create_programs_and_agreements",
    "2026-11-21-000400_create_participants",
    "2026-11-21-000500_create_cohorts_and_classes",
    "2026-11-21-000600_create_imports",
    "2026-11-21-000700_create_enrollments",
    "2026-11-21-000800_create_sessions_and_attendance",
    "2026-11-21-000900_create_completions_and_certificates",
    "2026-11-21-001000_cover_the_register",
    "2026-11-21-001100_create_outbox",
    "2026-11-21-001200_chain_the_audit" and own,
    "2026-11-21-001300_hold_accounts",
    "2026-11-21-001400_seal_kept_answers",
    "2026-11-21-001500_create_privacy",
    "2026-11-21-001600_tell_of_second_factors",
    "2026-11-21-001700_wall_people_off" and own,
    "2026-11-21-001800_undo_imports",
    "2026-11-22-001900_remember_layouts",
    "2026-11-22-002000_create_jobs" and own,
    "2026-11-22-002100_keep_plans" and own,
    "2026-11-22-002200_part_effects" and own,
    "2026-11-22-002300_import_other_kinds" and own,
    "2026-11-22-002400_hold_exam_results" and own,
    "2026-11-22-002500_make_agreements_count" and own,
    "2026-11-22-002600_keep_timetables" and own,
    "2026-11-22-002610_link_calendars",
    "2026-11-22-002700_plan_seatings" and own,
    "2026-11-22-002710_offer_seats" and own,
    "2026-11-22-002720_reserve_and_transfer" and own,
    "2026-11-22-002800_ask_of_people",
    "2026-11-22-003000_delegate_seating" and own,
    "2026-11-22-003100_note_marks" and own,
    "2026-11-22-003110_tell_phones" and own,
    "2026-11-22-003120_keep_offline_marks" and own,
    "2026-11-22-003200_sign_certificates" and own,
    "2026-11-22-003300_reopen_completions" and own,
    "2026-11-22-003500_shape_certificates",
    "2026-11-22-003600_count_hours" and own,
    "2026-11-23-003710_correct_scores" and own,
    "2026-11-23-003720_withdraw_exam_results",
    "2026-11-23-003810_keep_fonts",
    "2026-11-23-003820_keep_addresses",
    "2026-11-23-003910_find_certificates",
    "2026-11-23-004010_follow_people" and own,
    "2026-11-23-004020_find_subjects",
];

struct StepName(&'static str);

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl MigrationName for StepName {
    fn version(&self) -> MigrationVersion<'_> {
        // As Diesel's own tools write it: the date and number without what is between the digits.
        let digits: String = self.0.split('_').next().unwrap_or_default().replace('-', "");
        digits.into()
    }
}

/// The steps in the words of one database.
struct Steps;

impl<DB: Backend> MigrationSource<DB> for Steps
where
    Translated: Migration<DB>,
{
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        Ok(STEPS.iter().map(|step| Box::new(Translated(step)) as Box<dyn Migration<DB>>).collect())
    }
}

struct Translated(&'static Step);

impl Migration<Pg> for Translated {
    fn run(&self, connection: &mut dyn BoxableConnection<Pg>) -> diesel::migration::Result<()> {
        Ok(connection.batch_execute(&[self.0.up, self.0.own.postgres.up].concat())?)
    }

    fn revert(&self, connection: &mut dyn BoxableConnection<Pg>) -> diesel::migration::Result<()> {
        Ok(connection.batch_execute(&[self.0.own.postgres.down, self.0.down].concat())?)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &InTransaction
    }

    fn name(&self) -> &dyn MigrationName {
        &self.0.name
    }
}

/// SQLite keeps a table by its own row number, and takes a key for it only where the key's type is called INTEGER, which
/// holds 64 bits there. Called BIGINT, every key would be a second tree beside its table.
impl Migration<Sqlite> for Translated {
    fn run(&self, connection: &mut dyn BoxableConnection<Sqlite>) -> diesel::migration::Result<()> {
        let up = self.0.up.replace(" BIGINT", " INTEGER");
        Ok(connection.batch_execute(&[&up, self.0.own.sqlite.up].concat())?)
    }

    fn revert(&self, connection: &mut dyn BoxableConnection<Sqlite>) -> diesel::migration::Result<()> {
        let down = self.0.down.replace(" BIGINT", " INTEGER");
        Ok(connection.batch_execute(&[self.0.own.sqlite.down, &down].concat())?)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &InTransaction
    }

    fn name(&self) -> &dyn MigrationName {
        &self.0.name
    }
}

/// Every step runs in a transaction.
struct InTransaction;

impl MigrationMetadata for InTransaction {
    fn run_in_transaction(&self) -> bool {
        true
    }
}

/// What [`up`] did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// Versions applied now, oldest first.
    pub applied: Vec<String>,
    /// The copy of the SQLite file taken before, when there was something to change in it.
    pub copy: Option<PathBuf>,
}

/// Applies what is pending. Several processes may start at once: one migrates, the others wait.
///
/// # Errors
/// `storage.newer` when the database was migrated by a later program; nothing is changed then.
pub fn up(url: &DatabaseUrl) -> Result<Migrated> {
    let _alone = lock(url)?;
    let mut connection = any::open(url, Use::Write).map_err(Error::storage)?;
    hold(&mut connection)?;
    let result = apply(&mut connection, url);
    release(&mut connection)?;
    result
}

/// Takes back every migration; for tests of the way down.
pub fn down(url: &DatabaseUrl) -> Result<()> {
    let mut connection = any::open(url, Use::Write).map_err(Error::storage)?;
    match &mut connection {
        AnyConnection::Sqlite(c) => c.revert_all_migrations(Steps).map(drop),
        AnyConnection::Postgres(c) => c.revert_all_migrations(Steps).map(drop),
    }
    .map_err(|error| Error::storage(error.to_string()))
}

fn apply(connection: &mut AnyConnection, url: &DatabaseUrl) -> Result<Migrated> {
    let applied = versions(connection)?;
    let known = known();
    if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
        return Err(Error::new(&codes::STORAGE_NEWER).fact("version", newer));
    }
    let pending: Vec<String> = known.into_iter().filter(|version| !applied.contains(version)).collect();
    let mut copy = None;
    if let (Some(first), false, Some(file)) = (pending.first(), applied.is_empty(), url.file()) {
        let target = beside(file, &format!("before-{first}"));
        if !target.exists() {
            connection.batch_execute(&format!("VACUUM INTO '{}'", target.to_string_lossy().replace('\'', "''")))?;
        }
        copy = Some(target);
    }
    match connection {
        AnyConnection::Sqlite(c) => c.run_pending_migrations(Steps).map(drop),
        AnyConnection::Postgres(c) => {
            // A step that moves rows moves all of them: the walls of an earlier step hold the tables' owner too.
            c.batch_execute("SET vokasi.reach = 'everything'")?;
            c.run_pending_migrations(Steps).map(drop)
        }
    }
    .map_err(|error| Error::storage(error.to_string()))?;
    Ok(Migrated { applied: pending, copy })
}

fn versions(connection: &mut AnyConnection) -> Result<Vec<String>> {
    let versions: Vec<MigrationVersion<'static>> = match connection {
        AnyConnection::Sqlite(c) => c.applied_migrations(),
        AnyConnection::Postgres(c) => c.applied_migrations(),
    }
    .map_err(|error| Error::storage(error.to_string()))?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

fn known() -> Vec<String> {
    STEPS.iter().map(|step| step.name.version().to_string()).collect()
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    file.with_file_name(name)
}

/// Keeps a second process on the same file out while this one migrates.
fn lock(url: &DatabaseUrl) -> Result<Option<File>> {
    let Some(file) = url.file() else { return Ok(None) };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(Error::storage)?;
    }
    let lock = File::create(beside(file, "lock")).map_err(Error::storage)?;
    lock.lock().map_err(Error::storage)?;
    Ok(Some(lock))
}

fn hold(connection: &mut AnyConnection) -> Result<()> {
    if let AnyConnection::Postgres(c) = connection {
        c.batch_execute("SET lock_timeout = 0; SELECT pg_advisory_lock(8101945);")?;
    }
    Ok(())
}

fn release(connection: &mut AnyConnection) -> Result<()> {
    if let AnyConnection::Postgres(c) = connection {
        c.batch_execute("SELECT pg_advisory_unlock(8101945);")?;
    }
    Ok(())
}
