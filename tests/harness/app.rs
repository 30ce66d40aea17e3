//! The real server over one test's database, with a clock that stands still and repeatable ids.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use vokasi_api::door::Door;
use vokasi_api::mail::{self, Mailer};
use vokasi_api::server::{self, Sizes};
use vokasi_api::state::{Clock, State};
use vokasi_api::work::{self, Onlooker};
use vokasi_core::access::{Actor, SecondFactorPolicy};
use vokasi_core::db::{AnyConnection, Db, Tx, World};
use vokasi_core::entropy::Entropy;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::import::Progress;
use vokasi_core::keys::{KeySource, Ring, SETTLING};
use vokasi_core::time::Instant;

use super::{Backend, Call, TestDatabase};

/// The instant every story begins at: a Monday morning, eight o'clock in Lampung.
pub const START: &str = "2025-07-21T01:00:00Z";

/// A running server of one test.
pub struct App {
    /// What people type to reach it.
    pub url: String,
    pub backend: Backend,
    db: Db,
    agent: ureq::Agent,
    state: web::Data<State>,
    ring: Arc<Mutex<Ring>>,
    server: Option<(ServerHandle, JoinHandle<()>)>,
    next: Arc<AtomicU64>,
    broken: AtomicBool,
    // Last: the database goes when everything that uses it is gone.
    database: Arc<TestDatabase>,
}

impl App {
    /// Starts a server on a fresh database.
    pub fn start(backend: Backend) -> Self {
        Self::over(backend, TestDatabase::migrated(backend))
    }

    /// Starts a server on this database.
    pub fn over(backend: Backend, database: TestDatabase) -> Self {
        Self::with(backend, database, SecondFactorPolicy::Offered, Door::unlimited(Vec::new()))
    }

    /// Starts a server as `vokasi serve` does: whoever decides must have a second factor.
    pub fn strict(backend: Backend) -> Self {
        let door = Door::unlimited(Vec::new());
        Self::with(backend, TestDatabase::migrated(backend), SecondFactorPolicy::Required, door)
    }

    /// Starts a server that takes only so much from each, behind a reverse proxy of the same machine: where a request
    /// comes from is what its `X-Forwarded-For` says.
    pub fn guarded(backend: Backend) -> Self {
        let door = Door::guarded(vec!["127.0.0.0/8".parse().expect("a network")]);
        Self::with(backend, TestDatabase::migrated(backend), SecondFactorPolicy::Offered, door)
    }

    fn with(backend: Backend, database: TestDatabase, policy: SecondFactorPolicy, door: Door) -> Self {
        super::log::listen();
        let ring = Ring::parse(&[7; 32]).expect("32 bytes are enough");
        let keys = ring.keys(instant(START)).expect("they are derived");
        let ring = Arc::new(Mutex::new(ring));
        let db = Db::open(&database.url, 8, World::new(keys, Entropy::seeded(42))).expect("the database opens");
        let dress = |state: State| state.behind(door).with_second_factor(policy);
        Self::serving(backend, Arc::new(database), db, ring, instant(START), None, dress)
    }

    /// The same register served with other settings, as after a restart.
    pub fn restarted(&self, public_url: Option<&str>, dress: impl FnOnce(State) -> State) -> Self {
        let (database, ring) = (Arc::clone(&self.database), Arc::clone(&self.ring));
        let mut app = Self::serving(self.backend, database, self.db.clone(), ring, self.now(), public_url, dress);
        app.next = Arc::clone(&self.next);
        app
    }

    fn serving(
        backend: Backend,
        database: Arc<TestDatabase>,
        db: Db,
        ring: Arc<Mutex<Ring>>,
        now: Instant,
        public_url: Option<&str>,
        dress: impl FnOnce(State) -> State,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let state = State::new(db.clone(), Clock::fixed(now), public_url.unwrap_or(&url).to_owned())
            .expect("the fonts are whole");
        let state = state.with_second_factor(SecondFactorPolicy::Offered);
        let state = web::Data::new(dress(state).with_key_source(Box::new(Shared(Arc::clone(&ring)))));
        let server = serve(state.clone(), listener);
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_mins(1)))
            .build();
        Self {
            url,
            backend,
            db,
            agent: config.into(),
            state,
            ring,
            server: Some(server),
            next: Arc::new(AtomicU64::new(1)),
            broken: AtomicBool::new(false),
            database,
        }
    }

    /// A request by nobody in particular.
    pub fn call<'a>(&'a self, method: &'a str, path: &str) -> Call<'a> {
        Call::new(self, method, path)
    }

    /// Turns the clock.
    pub fn set_clock(&self, to: &str) {
        self.state.clock.set(instant(to));
    }

    /// Turns the clock on by this much.
    pub fn wait(&self, time: chrono::Duration) {
        self.state.clock.set(self.now().plus(time));
    }

    /// The register itself, beside HTTP.
    pub fn db(&self) -> &Db {
        &self.db
    }

    pub fn now(&self) -> Instant {
        self.state.clock.now()
    }

    /// Changes the master secrets where the server finds them when it looks again.
    pub fn change_ring<T>(&self, change: impl FnOnce(&mut Ring) -> T) -> T {
        change(&mut self.ring.lock().expect("no story broke off in a change"))
    }

    /// The server looks for its keys, as a job of it does all the time.
    pub fn look_for_keys(&self) {
        self.state.look_for_keys().expect("the ring is whole");
    }

    /// Adds a master secret and lets time pass until everyone uses it.
    pub fn add_key(&self) -> String {
        let now = self.now();
        let key = self.change_ring(|ring| ring.add(now.plus(SETTLING), &self.db.world().entropy));
        self.look_for_keys();
        self.wait(SETTLING);
        self.look_for_keys();
        key
    }

    /// Does something in core as the operator at the machine, to set a story's stage.
    pub fn operator<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    ) -> T {
        self.db.write(self.now(), |tx| act(tx, &Actor::operator())).expect("the operator may")
    }

    /// The same, where it may be refused.
    pub fn operator_tries<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.db.write(self.now(), |tx| act(tx, &Actor::operator()))
    }

    /// One run of the job that sends what is due.
    pub fn send_mail(&self, mailer: &Mailer) {
        mail::send_due(&self.state, mailer).expect("the outbox can be read");
    }

    /// Does every job that waits, as helpers of a serving program do.
    pub fn work(&self) {
        self.work_before(|_, _| ());
    }

    /// The same before somebody who is told how far each job is, and whom each waits for.
    pub fn work_before(&self, onlooker: impl Fn(Id, Progress) + Send + Sync + 'static) {
        let onlooker: Onlooker = Arc::new(onlooker);
        work::run_waiting(&self.state, &onlooker).expect("the table of jobs can be read");
    }

    /// The program is told to stop.
    pub fn let_go(&self) {
        self.state.let_go();
    }

    /// Changes rows behind the program's back.
    pub fn run(&self, statement: &str) {
        self.connect().batch_execute(statement).expect("the statement holds");
    }

    /// Rows of a table.
    pub fn count(&self, table: &str) -> i64 {
        self.count_where(table, "1 = 1")
    }

    /// Rows of a table that hold to a condition.
    pub fn count_where(&self, table: &str, condition: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            rows: i64,
        }
        let query = format!("SELECT count(*) AS rows FROM {table} WHERE {condition}");
        let count: Count = diesel::sql_query(query).get_result(&mut self.connect()).expect("the table is there");
        count.rows
    }

    /// Takes away what every request reads first; from now on an answer may be a 500.
    pub fn break_storage(&self) {
        self.connect().batch_execute("ALTER TABLE accounts RENAME TO lost").expect("nobody holds the table");
        self.broken.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// A connection beside the server's.
    pub fn connect(&self) -> AnyConnection {
        self.database.connect()
    }

    /// A number that no one else in this story gets.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn agent(&self) -> &ureq::Agent {
        &self.agent
    }
}

/// A ring that the story and the server both hold.
struct Shared(Arc<Mutex<Ring>>);

impl KeySource for Shared {
    fn ring(&self) -> Result<Ring> {
        Ok(self.0.lock().expect("no story broke off in a change").clone())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some((handle, thread)) = self.server.take() {
            // At once: nothing is under way, and an idle connection would hold a graceful stop up.
            drop(handle.stop(false));
            let _ = thread.join();
        }
    }
}

/// Reads an instant as people write it.
pub fn instant(text: &str) -> Instant {
    Instant::new(text.parse::<DateTime<Utc>>().expect("an instant like 2025-07-21T01:00:00Z"))
}

fn serve(state: web::Data<State>, listener: TcpListener) -> (ServerHandle, JoinHandle<()>) {
    let (send, receive) = mpsc::channel();
    let thread = thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = server::start(state, listener, Sizes { workers: 1, connections: 8 }).expect("it starts");
            send.send(server.handle()).expect("the story waits");
            server.await.expect("it ends well");
        });
    });
    (receive.recv().expect("the server starts"), thread)
}
