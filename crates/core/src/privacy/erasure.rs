//! Erasing a person: everything that says who they are goes, what the register counts and certified stays.

use super::{Asker, sealed_asker, store};
use crate::access::{self, Actor};
use crate::assessment;
use crate::attendance;
use crate::audit::{Note, Subject};
use crate::consent;
use crate::db::Tx;
use crate::enrollment;
use crate::error::{Error, Result, codes};
use crate::exam;
use crate::hold::{self, WhyHeld};
use crate::import;
use crate::job;
use crate::participant::{self, Participant};

/// Erases a person whose row is held.
///
/// # Errors
/// `erasure.enrolled`, `erasure.done`.
pub(super) fn erase(tx: &mut Tx<'_>, actor: &Actor, whose: &Participant) -> Result<()> {
    if participant::is_erased(whose) {
        return Err(Error::new(&codes::ERASURE_DONE));
    }
    enrollment::let_go(tx, actor, whose.id)?;
    // What is known of the person now is what is looked for elsewhere.
    import::forget(tx, whose)?;
    job::forget(tx, whose)?;
    access::forget_answers(tx, &whose.province_code, &whose.id.to_string(), whose.name.as_str())?;
    let nobody = participant::erase(tx, whose)?;
    consent::forget_givers(tx, whose.id, &nobody.name)?;
    exam::forget_papers(tx, whose.id)?;
    assessment::forget_reasons(tx, whose.id)?;
    attendance::forget_notes(tx, whose.id)?;
    let sealed = sealed_asker(tx, &Asker { name: nobody.name, wish: None })?;
    store::forget_askers(tx, whose.id, &sealed)?;
    let today = tx.today(&whose.province_code);
    hold::lift(tx, whose.id, &[WhyHeld::Suspension, WhyHeld::Withdrawal], today)?;
    hold::place(tx, actor, whose.id, WhyHeld::Erasure, today, None)?;
    Note::of("participant.erased", Subject::participant(whose.id))
        .within(&whose.province_code)
        .about(whose.id)
        .record(tx, actor)
}
