//! What a device calls a mark.

use crate::error::{Code, codes};

/// The identity of a mark as the device gave it: a UUID (RFC 9562), in small letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryId(String);

crate::values::text_value!(EntryId);
crate::db::columns::text_column!(EntryId);

impl EntryId {
    /// Reads it.
    ///
    /// # Errors
    /// `attendance.entry_id`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let is_hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
        let formed = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match byte {
                b'-' => is_hyphen(at),
                _ => !is_hyphen(at) && byte.is_ascii_hexdigit(),
            });
        if formed { Ok(Self(text.to_ascii_lowercase())) } else { Err(&codes::ATTENDANCE_ENTRY_ID) }
    }

    /// The identity.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_a_uuid() {
        assert!(EntryId::parse("0198F2A4-7C1E-7000-8000-0242AC120002").is_ok());
        for text in ["", "0198f2a47c1e700080000242ac120002", "0198f2a4-7c1e-7000-8000-0242ac12000g"] {
            assert_eq!(EntryId::parse(text), Err(&codes::ATTENDANCE_ENTRY_ID), "{text}");
        }
    }
}
