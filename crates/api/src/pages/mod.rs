//! The few pages that are served today: choosing a password, checking a certificate, a copy of a person's data, a
//! timetable for a calendar, a register to mark on a phone; and beside them what an issuer publishes for programs.

pub(crate) mod calendar;
pub(crate) mod dossier;
pub(crate) mod errors;
pub(crate) mod html;
pub(crate) mod issuers;
pub(crate) mod password;
pub(crate) mod register;
pub(crate) mod verify;
mod words;
