//! Text tables: any encoding, any separator.
#![no_main]

mod common;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| common::try_reading(bytes));
