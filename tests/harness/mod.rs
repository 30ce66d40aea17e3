//! What the stories stand on: two databases, the real server, people who sign in and ask.

mod actors;
mod answer;
mod app;
pub mod browser;
mod databases;
pub mod given;
pub mod log;
pub mod mail_server;
pub mod path;
mod phone;
pub mod proxy;
mod stage;
pub mod stored;

pub use actors::{Call, Staff};
pub use answer::Answer;
pub use app::{App, instant};
pub use databases::{Backend, TestDatabase};
pub use phone::Phone;
pub use serde_json::{Value, json};
pub use stage::{Stage, id, open};

/// Figures that the register keeps and that differ from its rows; there are none.
#[track_caller]
pub fn figures_add_up(app: &App) {
    let differences = app.operator(vokasi_core::report::recount);
    assert!(differences.is_empty(), "{differences:#?}");
}

/// The answers to requests that set out together.
pub fn at_once(count: usize, ask: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let gate = std::sync::Barrier::new(count);
    std::thread::scope(|scope| {
        let (gate, ask) = (&gate, &ask);
        let start = |turn| {
            scope.spawn(move || {
                gate.wait();
                ask(turn)
            })
        };
        let threads: Vec<_> = (0..count).map(start).collect();
        threads.into_iter().map(|thread| thread.join().expect("it answers")).collect()
    })
}

/// Waits for what the program does after its answer.
#[track_caller]
pub fn soon(happened: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if happened() {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
    panic!("it has not happened");
}

/// Tells each story twice: `name::sqlite` and `name::postgres`.
macro_rules! both {
    ($($(#[$attribute:meta])* fn $name:ident($app:ident: &App) $story:block)*) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            fn story($app: &App) $story

            #[test]
            fn sqlite() {
                story(&App::start($crate::harness::Backend::Sqlite));
            }

            #[test]
            fn postgres() {
                story(&App::start($crate::harness::Backend::Postgres));
            }
        }
    )*};
}
