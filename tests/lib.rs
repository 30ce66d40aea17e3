//! The acceptance tests of Vokasi live in `acceptance.rs`.
