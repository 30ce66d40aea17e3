//! Vokasi's REST layer, pages and command line: parse, call, present.
//!
//! Every rule is in `vokasi-core`. A handler reads its input, calls one operation and shows what came back.

mod body;
mod call;
mod catalogue;
pub mod cli;
pub mod config;
pub mod demo;
pub mod door;
mod jobs;
pub mod mail;
pub mod openapi;
mod pages;
mod problem;
mod qr;
mod reaches;
mod reply;
mod rest;
pub mod retention;
mod routes;
pub mod secrets;
pub mod server;
mod sheet;
pub mod state;
pub mod telemetry;
mod token;
mod verification;
pub mod work;

pub use pages::errors::error_list;
