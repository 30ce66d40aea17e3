//! Bringing a database to the shape this program knows.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::any::{self, AnyConnection, DatabaseUrl, Use};
use crate::error::{Error, Result, codes};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

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
        AnyConnection::Sqlite(c) => c.revert_all_migrations(MIGRATIONS).map(drop),
        AnyConnection::Postgres(c) => c.revert_all_migrations(MIGRATIONS).map(drop),
    }
    .map_err(|error| Error::storage(error.to_string()))
}

fn apply(connection: &mut AnyConnection, url: &DatabaseUrl) -> Result<Migrated> {
    let applied = versions(connection)?;
    let known = known()?;
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
        AnyConnection::Sqlite(c) => c.run_pending_migrations(MIGRATIONS).map(drop),
        AnyConnection::Postgres(c) => c.run_pending_migrations(MIGRATIONS).map(drop),
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

fn known() -> Result<Vec<String>> {
    let migrations: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> =
        MIGRATIONS.migrations().map_err(|error| Error::storage(error.to_string()))?;
    let mut names: Vec<String> = migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    names.sort();
    Ok(names)
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
