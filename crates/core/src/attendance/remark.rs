//! What is said beside a mark: how late somebody came, and a note. A note may speak of somebody's health, so it is sealed
//! and shown only to those who mark.

use std::fmt;

use super::store::Kept;
use crate::access::{Actor, Operation};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::values::{Label, Value};

/// What notes are sealed for.
const NOTE: &str = "attendance_note";

/// What is said beside a mark.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Remark {
    /// Minutes that a person who was late came after the beginning.
    pub minutes_late: Option<i32>,
    /// A short text.
    pub note: Option<Label>,
}

impl fmt::Debug for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remark(…)")
    }
}

impl Remark {
    pub(super) fn is_empty(&self) -> bool {
        self.minutes_late.is_none() && self.note.is_none()
    }

    pub(super) fn sealed(&self, tx: &Tx<'_>) -> Result<Kept> {
        let seal = |note: &Label| tx.keys().seal(NOTE, note.as_str().as_bytes(), tx.entropy());
        Ok(Kept { minutes_late: self.minutes_late, note_sealed: self.note.as_ref().map(seal).transpose()? })
    }

    /// As it was said.
    pub(super) fn opened(tx: &Tx<'_>, minutes_late: Option<i32>, note_sealed: Option<&str>) -> Result<Self> {
        let note = note_sealed.map(|sealed| open(tx, sealed)).transpose()?;
        Ok(Self { minutes_late, note })
    }

    /// As far as the actor reads it: the note is for those who mark.
    pub(super) fn shown(
        tx: &Tx<'_>,
        actor: &Actor,
        minutes_late: Option<i32>,
        note_sealed: Option<&str>,
    ) -> Result<Self> {
        let note_sealed = note_sealed.filter(|_| actor.may(Operation::AttendanceWrite).is_ok());
        Self::opened(tx, minutes_late, note_sealed)
    }
}

/// A note as it was written.
pub(crate) fn open(tx: &Tx<'_>, sealed: &str) -> Result<Label> {
    let plain = String::from_utf8(tx.keys().open(NOTE, sealed)?).map_err(Error::storage)?;
    Label::read(&plain).map_err(Error::new)
}
