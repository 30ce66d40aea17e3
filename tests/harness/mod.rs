//! What the stories stand on: two databases, the real server, people who sign in and ask.

mod actors;
mod answer;
mod app;
mod databases;
pub mod given;

pub use actors::{Call, Staff};
pub use answer::Answer;
pub use app::App;
pub use databases::{Backend, TestDatabase};
pub use serde_json::{Value, json};

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
