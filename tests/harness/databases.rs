//! A fresh, migrated database for every test: a SQLite file, or a database of one throwaway PostgreSQL cluster.
//!
//! The cluster listens on a socket in its own folder and on nothing else, so no port can clash.
//! A watchdog holds the other end of a pipe to this process: when the process ends, however it ends, the pipe closes,
//! and the watchdog stops the cluster and removes the folder.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use vokasi_core::db::{self, AnyConnection, DatabaseUrl};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A database of one test; it is gone when this is dropped.
pub struct TestDatabase {
    pub url: DatabaseUrl,
    place: Place,
}

enum Place {
    Folder(PathBuf),
    Server { name: String },
}

impl TestDatabase {
    /// As the migrations leave it.
    pub fn migrated(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let database = Self::empty(backend);
                fs::copy(sqlite_template(), database.file()).expect("the template is copied");
                database
            }
            Backend::Postgres => match server() {
                Server::Own(cluster) => {
                    let name = unique("test");
                    cluster.run(&format!("CREATE DATABASE {name} TEMPLATE {} OWNER vokasi", Cluster::template()));
                    Self { url: DatabaseUrl::Postgres(cluster.url(&name)), place: Place::Server { name } }
                }
                Server::Given(_) => {
                    let database = Self::empty(backend);
                    db::up(&database.url).expect("the migrations run");
                    database
                }
            },
        }
    }

    /// With nothing in it.
    pub fn empty(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = new_folder("sqlite");
                Self { url: DatabaseUrl::Sqlite(folder.join("vokasi.db")), place: Place::Folder(folder) }
            }
            Backend::Postgres => {
                let name = unique("test");
                server().run(&format!("CREATE DATABASE {name}{}", server().owner()));
                Self { url: DatabaseUrl::Postgres(server().url(&name)), place: Place::Server { name } }
            }
        }
    }

    /// A connection beside the program's, for looking at rows.
    pub fn connect(&self) -> AnyConnection {
        match &self.url {
            DatabaseUrl::Sqlite(file) => {
                let mut connection =
                    SqliteConnection::establish(&file.to_string_lossy()).expect("the SQLite file opens");
                connection
                    .batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON;")
                    .expect("the pragmas hold");
                AnyConnection::Sqlite(connection)
            }
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url).expect("PostgreSQL answers");
                connection.batch_execute("SET vokasi.reach = 'everything'").expect("the setting is taken");
                AnyConnection::Postgres(connection)
            }
        }
    }

    /// The SQLite file.
    pub fn file(&self) -> &Path {
        self.url.file().expect("this database is a file")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.place {
            Place::Folder(folder) => drop(fs::remove_dir_all(folder)),
            Place::Server { name } => server().run(&format!("DROP DATABASE {name} WITH (FORCE)")),
        }
    }
}

fn unique(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("vokasi_{what}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn new_folder(what: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(unique(what));
    fs::DirBuilder::new().mode(0o700).create(&folder).expect("the temporary folder can be written");
    folder
}

/// Migrated once, copied for every test.
fn sqlite_template() -> &'static Path {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = new_folder("template");
        goes_with_the_tests(&folder);
        let file = folder.join("template.db");
        db::up(&DatabaseUrl::Sqlite(file.clone())).expect("the migrations run");
        file
    })
}

/// Where the tests' PostgreSQL databases are made.
enum Server {
    /// The cluster of this run.
    Own(Cluster),
    /// The server that `VOKASI_TEST_POSTGRES` names.
    Given(String),
}

impl Server {
    fn url(&self, database: &str) -> String {
        match self {
            Self::Own(cluster) => cluster.url(database),
            Self::Given(url) => with_database(url, database),
        }
    }

    fn owner(&self) -> &'static str {
        match self {
            Self::Own(_) => " OWNER vokasi",
            Self::Given(_) => "",
        }
    }

    fn run(&self, statement: &str) {
        match self {
            Self::Own(cluster) => cluster.run(statement),
            Self::Given(url) => execute(url, statement),
        }
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| match std::env::var_os("VOKASI_TEST_POSTGRES") {
        Some(url) => Server::Given(url.into_string().expect("VOKASI_TEST_POSTGRES is a URL")),
        None => Server::Own(Cluster::start()),
    })
}

fn execute(url: &str, statement: &str) {
    PgConnection::establish(url).expect("PostgreSQL answers").batch_execute(statement).expect("PostgreSQL does it");
}

/// The same server, another database.
fn with_database(url: &str, database: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, String::new()), |(a, q)| (a, format!("?{q}")));
    let (scheme, rest) = address.split_once("://").expect("VOKASI_TEST_POSTGRES looks like postgres://…");
    let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
    format!("{scheme}://{authority}/{database}{query}")
}

/// A PostgreSQL cluster of this process alone. It is never dropped: the watchdog ends it with the process.
struct Cluster {
    folder: PathBuf,
}

impl Cluster {
    fn start() -> Self {
        let programs = programs();
        let folder = new_folder("postgres");
        let owner = owner_for(&folder);
        if let Some(owner) = &owner {
            chown(&folder, Some(owner.uid), Some(owner.gid)).expect("root gives the folder away");
        }
        let data = folder.join("data");
        watch(&folder, &data, Some(&programs), owner.as_ref());
        let data_text = data.to_string_lossy().into_owned();
        let initdb = ["-D", &data_text, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"];
        run_program(&programs.join("initdb"), &initdb, &folder, owner.as_ref());
        let settings = format!(
            "listen_addresses = ''\nunix_socket_directories = '{}'\nmax_connections = 300\nfsync = off\n\
             full_page_writes = off\nsynchronous_commit = off\nautovacuum = off\nshared_buffers = 64MB\n",
            folder.display()
        );
        let mut file = File::options().append(true).open(data.join("postgresql.conf")).expect("initdb has written it");
        file.write_all(settings.as_bytes()).expect("the settings can be written");
        let log = folder.join("log").to_string_lossy().into_owned();
        run_program(
            &programs.join("pg_ctl"),
            &["start", "-w", "-s", "-D", &data_text, "-l", &log],
            &folder,
            owner.as_ref(),
        );
        let cluster = Self { folder };
        // The program's own role is no superuser, whom no wall holds.
        cluster.run("CREATE ROLE vokasi LOGIN");
        cluster.run(&format!("CREATE DATABASE {} OWNER vokasi", Cluster::template()));
        db::up(&DatabaseUrl::Postgres(cluster.url(Cluster::template()))).expect("the migrations run");
        cluster
    }

    fn template() -> &'static str {
        "vokasi_template"
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://vokasi@/{database}?host={}", self.folder.display())
    }

    fn run(&self, statement: &str) {
        execute(&format!("postgres://postgres@/postgres?host={}", self.folder.display()), statement);
    }
}

/// Where Debian, or the PATH, keeps `initdb` and `pg_ctl`.
fn programs() -> PathBuf {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let mut versions: Vec<PathBuf> = debian.map(|version| version.join("bin")).collect();
    versions.sort_by_key(|path| {
        let version = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        std::cmp::Reverse(version.and_then(|version| version.parse::<u32>().ok()))
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions.extend(std::env::split_paths(&path));
    versions.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file()).expect(
        "no PostgreSQL server programs found: install them (Debian: apt-get install postgresql), \
         or name a server in VOKASI_TEST_POSTGRES=postgres://…",
    )
}

struct Owner {
    uid: u32,
    gid: u32,
}

/// PostgreSQL refuses to run as root, so root lets the user `postgres` (or `nobody`) run it.
fn owner_for(folder: &Path) -> Option<Owner> {
    if fs::metadata(folder).expect("it was just made").uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("the list of users can be read");
    let named = |name: &str| {
        let columns = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
        columns
            .into_iter()
            .find(|columns| columns.first() == Some(&name))
            .and_then(|columns| Some(Owner { uid: columns.get(2)?.parse().ok()?, gid: columns.get(3)?.parse().ok()? }))
    };
    Some(named("postgres").or_else(|| named("nobody")).expect("root needs a user postgres or nobody to run PostgreSQL"))
}

fn command(program: &Path, folder: &Path, owner: Option<&Owner>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_remove("PGDATA");
    if let Some(owner) = owner {
        command.uid(owner.uid).gid(owner.gid);
    }
    command
}

fn run_program(program: &Path, arguments: &[&str], folder: &Path, owner: Option<&Owner>) {
    // To a file and not to a pipe: the server keeps what it inherits open, and a pipe would never end.
    let said = folder.join("said");
    let out = File::create(&said).expect("the folder can be written");
    let status = command(program, folder, owner)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(out.try_clone().expect("a second handle"))
        .stderr(out)
        .status()
        .expect("the program starts");
    let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
    assert!(status.success(), "{}: {status}\n{}{}", program.display(), read(said), read(folder.join("log")));
}

/// Removes the folder when this process ends.
pub(super) fn goes_with_the_tests(folder: &Path) {
    watch(folder, folder, None, None);
}

/// Stops the cluster in `data`, if there is one, and removes `folder` when this process ends.
fn watch(folder: &Path, data: &Path, programs: Option<&Path>, owner: Option<&Owner>) {
    static WATCHDOGS: std::sync::Mutex<Vec<Child>> = std::sync::Mutex::new(Vec::new());
    let stop = programs.map_or(PathBuf::from("true"), |programs| programs.join("pg_ctl"));
    let script = "cat >/dev/null; \"$0\" stop -s -m immediate -D \"$1\"; cd /; rm -rf \"$2\"";
    let watchdog = command(Path::new("/bin/sh"), folder, owner)
        .arg("-c")
        .arg(script)
        .args([stop.as_os_str(), data.as_os_str(), folder.as_os_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A group of its own: Ctrl-C ends the tests, not the one who cleans up after them.
        .process_group(0)
        .spawn()
        .expect("the watchdog starts");
    WATCHDOGS.lock().expect("nobody panics here").push(watchdog);
}
