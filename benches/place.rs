//! Throwaway databases: SQLite files in a folder of this run, and databases of the PostgreSQL server that was named.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use vokasi_core::db::DatabaseUrl;

use crate::pace::Outcome;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// Where databases are made; everything in it is gone when it is dropped.
pub(crate) struct Workshop {
    folder: PathBuf,
    postgres: Option<String>,
    next: Cell<u32>,
}

/// One database; gone when it is dropped.
pub(crate) struct Place<'w> {
    pub(crate) url: DatabaseUrl,
    workshop: &'w Workshop,
    name: String,
}

impl Workshop {
    pub(crate) fn open(postgres: Option<String>) -> Outcome<Self> {
        let folder = std::env::temp_dir().join(format!("vokasi-benchmark-{}", std::process::id()));
        fs::create_dir(&folder)?;
        Ok(Self { folder, postgres, next: Cell::new(0) })
    }

    /// What can be measured here.
    pub(crate) fn backends(&self) -> Vec<Backend> {
        let mut backends = vec![Backend::Sqlite];
        backends.extend(self.postgres.as_ref().map(|_| Backend::Postgres));
        backends
    }

    /// A folder for files that are thrown away.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A database with nothing in it.
    pub(crate) fn empty(&self, backend: Backend) -> Outcome<Place<'_>> {
        let place = self.named(backend)?;
        if let DatabaseUrl::Postgres(_) = place.url {
            self.run(&format!("CREATE DATABASE {}", place.name))?;
        }
        Ok(place)
    }

    fn named(&self, backend: Backend) -> Outcome<Place<'_>> {
        let number = self.next.replace(self.next.get() + 1);
        let name = format!("vokasi_benchmark_{}_{number}", std::process::id());
        let url = match backend {
            Backend::Sqlite => DatabaseUrl::Sqlite(self.folder.join(format!("{name}.db"))),
            Backend::Postgres => DatabaseUrl::Postgres(self.database(&name)?),
        };
        Ok(Place { url, workshop: self, name })
    }

    /// The same server, another database.
    fn database(&self, name: &str) -> Outcome<String> {
        let url = self.postgres.as_deref().ok_or("no PostgreSQL server was named")?;
        let (address, query) = url.split_once('?').map_or((url, String::new()), |(a, q)| (a, format!("?{q}")));
        let (scheme, rest) = address.split_once("://").ok_or("a server is named like postgres://…")?;
        let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
        Ok(format!("{scheme}://{authority}/{name}{query}"))
    }

    fn run(&self, statement: &str) -> Outcome {
        PgConnection::establish(&self.database("postgres")?)?.batch_execute(statement)?;
        Ok(())
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl<'w> Place<'w> {
    /// Another database with the same rows; nobody may be using this one.
    pub(crate) fn copy(&self) -> Outcome<Place<'w>> {
        match &self.url {
            DatabaseUrl::Sqlite(file) => {
                let copy = self.workshop.named(Backend::Sqlite)?;
                self.settle()?;
                fs::copy(file, copy.file()?)?;
                Ok(copy)
            }
            DatabaseUrl::Postgres(_) => {
                let copy = self.workshop.named(Backend::Postgres)?;
                self.workshop.run(&format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = '{}' AND usename = current_user",
                    self.name
                ))?;
                self.workshop.run(&format!("CREATE DATABASE {} TEMPLATE {}", copy.name, self.name))?;
                Ok(copy)
            }
        }
    }

    /// Does what a database does by itself soon after it was filled, so that nothing of the filling is measured: SQLite
    /// puts its log away, and PostgreSQL looks at what its tables hold, as its autovacuum does each minute.
    pub(crate) fn settle(&self) -> Outcome {
        match &self.url {
            DatabaseUrl::Sqlite(file) => {
                rusqlite::Connection::open(file)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            }
            DatabaseUrl::Postgres(url) => PgConnection::establish(url)?.batch_execute("VACUUM ANALYZE")?,
        }
        Ok(())
    }

    /// The SQLite file.
    pub(crate) fn file(&self) -> Outcome<&Path> {
        Ok(self.url.file().ok_or("this database is no file")?)
    }

    /// Its address as the program takes it.
    pub(crate) fn address(&self) -> String {
        match &self.url {
            DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        match &self.url {
            DatabaseUrl::Sqlite(file) => {
                for suffix in ["", "-wal", "-shm"] {
                    let mut name = file.as_os_str().to_owned();
                    name.push(suffix);
                    let _ = fs::remove_file(PathBuf::from(name));
                }
            }
            DatabaseUrl::Postgres(_) => {
                let _ = self.workshop.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
            }
        }
    }
}
