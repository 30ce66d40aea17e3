//! Vokasi's register: the rules, operations and storage of vocational training classes.
pub mod access;
pub mod audit;
pub mod db;
pub mod entropy;
pub mod error;
pub mod id;
pub mod keys;
pub mod page;
pub mod partner;
pub mod time;
pub mod values;
pub mod program;
pub mod participant;
pub mod consent;
pub mod agreement;
pub mod cohort;
pub mod class;
