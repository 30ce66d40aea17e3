//! Workbooks of Excel 5 to 2003: the container and the records inside.
#![no_main]

mod common;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| common::try_reading(bytes));
