//! Everything that is held about one person, for that person to read (UU 27/2022 art. 7 and 32).

mod store;

pub use store::{Attended, Learned, Offered, Origin, Replaced, Said, Sent};

use super::{PersonRequest, RequestKind, RequestState};
use crate::access::{Actor, Operation};
use crate::assessment::{self, Attempt};
use crate::audit::{Event, Note, Subject};
use crate::certificate::Certificate;
use crate::completion::{self, Completion, Reopened};
use crate::consent::{self, Consent};
use crate::db::Tx;
use crate::enrollment::Transition;
use crate::error::{Error, Result, codes};
use crate::exam::{self, ExamResult};
use crate::hold::{self, Hold};
use crate::id::Id;
use crate::participant::{self, Disclosure, Participant};
use crate::time::Instant;
use crate::values::Mark;

/// Everything about a person.
#[derive(Debug)]
pub struct Dossier {
    /// The request it answers.
    pub request: PersonRequest,
    /// When it was made.
    pub made_at: Instant,
    /// Who.
    pub participant: Participant,
    /// The name of the school the person registered through.
    pub school: Option<String>,
    /// Identity numbers, contacts, address and guardian in clear.
    pub in_clear: Disclosure,
    /// Every consent, oldest first.
    pub consents: Vec<Consent>,
    /// Every hold, oldest first.
    pub holds: Vec<Hold>,
    /// Every request, oldest first.
    pub requests: Vec<PersonRequest>,
    /// Every result of exams outside the programs, in order of the test days; those that were replaced included.
    pub exams: Vec<ExamResult>,
    /// Every enrollment, oldest first.
    pub enrollments: Vec<Chapter>,
    /// The files that brought the person.
    pub imports: Vec<Origin>,
    /// Who did and saw what, newest first; at most [`TRAIL`] events.
    pub trail: Vec<Event>,
}

/// Events of the audit in one dossier at most.
pub const TRAIL: usize = 1_000;

/// One enrollment with all that came of it.
#[derive(Debug)]
pub struct Chapter {
    /// Where and what the person learned.
    pub learned: Learned,
    /// Every step, oldest first.
    pub steps: Vec<Transition>,
    /// Every seat that was offered, oldest first.
    pub offers: Vec<Offered>,
    /// Every mark, in order of the sessions.
    pub marks: Vec<Attended>,
    /// Every value of a mark that a correction replaced, in the order in which they were.
    pub replaced: Vec<Replaced>,
    /// Every value that came from a device, in the order in which they came.
    pub sent: Vec<Sent>,
    /// Sessions and lesson hours by mark, also of marks that are no longer kept one by one.
    pub tally: Vec<(Mark, i64, i64)>,
    /// Every score, also those that a correction took out.
    pub scores: Vec<Attempt>,
    /// The decision on completion.
    pub completion: Option<Completion>,
    /// What was decided before it was opened again, oldest first.
    pub reopened: Vec<Reopened>,
    /// The certificates, each with its credential.
    pub certificates: Vec<(Certificate, Option<String>)>,
}

/// Puts together everything about the person who asked for it, in a fixed number of queries. That it was handed out is
/// recorded with the request as the reason.
///
/// # Errors
/// `access.confirmation_needed`, `person_request.not_access`.
pub fn open(tx: &mut Tx<'_>, actor: &Actor, request: Id) -> Result<Dossier> {
    actor.may(Operation::PersonRequestDecide)?;
    // Everything stands in it in clear, so it is for a person who has just shown to be that person, as a disclosure is.
    actor.confirmed(tx.now())?;
    let request = super::get(tx, actor, request)?;
    if request.kind != RequestKind::Access || request.state == RequestState::Refused {
        return Err(Error::new(&codes::REQUEST_NOT_ACCESS));
    }
    let participant = participant::get(tx, actor, request.participant_id)?;
    Note::of("participant.disclosed", Subject::participant(participant.id))
        .within(&participant.province_code)
        .about(participant.id)
        .with(serde_json::json!({ "request": request.id }))
        .record(tx, actor)?;
    let id = participant.id;
    Ok(Dossier {
        made_at: tx.now(),
        school: store::school(tx, participant.school_id)?,
        in_clear: participant::in_clear(tx, &participant)?,
        holds: hold::of(tx, id)?,
        imports: store::origins(tx, id)?,
        trail: store::trail(tx, id)?,
        consents: consent::all_of(tx, id)?,
        exams: exam::all_of(tx, id)?,
        requests: super::store::of(tx, id)?,
        enrollments: chapters(tx, id)?,
        request,
        participant,
    })
}

fn chapters(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<Chapter>> {
    let learned = store::learned(tx, participant)?;
    let ids: Vec<Id> = learned.iter().map(|one| one.enrollment.id).collect();
    let steps = store::steps(tx, &ids)?;
    let offers = store::offers(tx, &ids)?;
    // Every class the person ever sat in.
    let classes: Vec<Id> = steps
        .iter()
        .map(|step| step.class_id)
        .chain(learned.iter().map(|one| one.enrollment.class_id))
        .flatten()
        .collect();
    let marks = store::marks(tx, &ids, &classes)?;
    let (replaced, sent) = (store::replaced(tx, &ids, &classes)?, store::sent(tx, &ids, &classes)?);
    let kept = store::tallies(tx, &ids)?;
    let scores = assessment::all_of(tx, &ids)?;
    let certificates = store::certificates(tx, &ids)?;
    let completions = completion::of_enrollments(tx, &ids)?;
    let reopened = completion::reopened_of(tx, &ids)?;
    let chapters = learned.into_iter().map(|learned| {
        let id = learned.enrollment.id;
        let marks: Vec<Attended> = marks.iter().filter(|mark| mark.enrollment_id == id).cloned().collect();
        let kept = kept
            .iter()
            .filter(|(enrollment, ..)| *enrollment == id)
            .map(|(_, mark, sessions, hours)| (*mark, i64::from(*sessions), i64::from(*hours)));
        Chapter {
            steps: steps.iter().filter(|step| step.enrollment_id == id).cloned().collect(),
            offers: offers.iter().filter(|offered| offered.offer.enrollment_id == id).cloned().collect(),
            replaced: replaced.iter().filter(|one| one.said.enrollment_id == id).cloned().collect(),
            sent: sent.iter().filter(|one| one.said.enrollment_id == id).cloned().collect(),
            tally: tally(&marks, kept),
            marks,
            scores: scores.iter().filter(|one| one.score.enrollment_id == id).cloned().collect(),
            completion: completions.iter().find(|one| one.enrollment_id == id).cloned(),
            reopened: reopened.iter().filter(|one| one.decision.enrollment_id == id).cloned().collect(),
            certificates: certificates
                .iter()
                .filter(|(certificate, _)| certificate.enrollment_id == id)
                .cloned()
                .collect(),
            learned,
        }
    });
    Ok(chapters.collect())
}

/// Sessions and lesson hours by mark, in the order of the marks.
fn tally(marks: &[Attended], kept: impl Iterator<Item = (Mark, i64, i64)>) -> Vec<(Mark, i64, i64)> {
    let mut by_mark = std::collections::BTreeMap::<Mark, (i64, i64)>::new();
    let single = marks.iter().map(|one| (one.mark, 1, i64::from(one.lesson_hours)));
    for (mark, sessions, hours) in single.chain(kept) {
        let sum = by_mark.entry(mark).or_default();
        *sum = (sum.0 + sessions, sum.1 + hours);
    }
    by_mark.into_iter().map(|(mark, (sessions, hours))| (mark, sessions, hours)).collect()
}
