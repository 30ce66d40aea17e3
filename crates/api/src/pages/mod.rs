//! The few pages that are served today: choosing a password, checking a certificate.

pub(crate) mod errors;
pub(crate) mod html;
pub(crate) mod password;
pub(crate) mod verify;
