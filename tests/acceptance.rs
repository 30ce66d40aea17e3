//! Vokasi as its users meet it: every story runs through HTTP, on SQLite and on PostgreSQL.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a story that cannot go on stops where it broke")]

#[macro_use]
mod harness;

mod access;
mod accounts;
mod agreements;
mod attendance;
mod audit;
mod certificates;
mod class_imports;
mod completions;
mod credentials;
mod demo;
mod documents;
mod eligibility;
mod exams;
mod files;
mod guards;
mod import_attendance;
mod import_laws;
mod import_partners;
mod imports;
mod jobs;
mod keys;
mod kills;
mod layouts;
mod limits;
mod mail;
mod migrations;
mod offers;
mod openings;
mod partners;
mod permissions;
mod places;
mod planning;
mod plans;
mod privacy;
mod readme;
mod real_case;
mod repeats;
mod seat_laws;
mod seating;
mod seats;
mod staff;
mod story;
mod surface;
mod terminal;
mod tidy;
mod timetables;
mod visibility;
mod walls;
mod workbooks;
