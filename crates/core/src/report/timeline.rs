//! A person's way through every cohort, as one list.

use chrono::NaiveDate;

use super::store;
use crate::access::{Actor, Operation};
use crate::db::Tx;
use crate::enrollment::offer::Answer;
use crate::enrollment::{self, EnrollmentState, Transition};
use crate::error::Result;
use crate::exam;
use crate::id::Id;
use crate::participant;
use crate::time::Instant;
use crate::values::{Label, words};

words! {
    /// Something that happened to a person.
    pub enum Milestone {
        /// Registered for a cohort.
        Registered = "registered",
        /// Was put on the waiting list.
        Waiting = "waiting",
        /// Was offered a seat.
        Offered = "offered",
        /// Refused it.
        OfferRefused = "offer_refused",
        /// Let it lapse.
        OfferLapsed = "offer_lapsed",
        /// Got a seat.
        Seated = "seated",
        /// Moved to another class.
        Transferred = "transferred",
        /// Went on leave.
        OnLeave = "on_leave",
        /// Came back.
        Returned = "returned",
        /// Completed.
        Completed = "completed",
        /// Came to the end without completing.
        NotCompleted = "not_completed",
        /// Took the registration back.
        Withdrawn = "withdrawn",
        /// Left without finishing.
        DroppedOut = "dropped_out",
        /// Got a certificate.
        CertificateIssued = "certificate_issued",
        /// Sat an exam outside the programs.
        ExamTaken = "exam_taken",
    }
}

/// One moment of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When.
    pub at: Instant,
    /// What.
    pub what: Milestone,
    /// In which enrollment; none of an exam.
    pub enrollment: Option<Id>,
    /// In which cohort.
    pub cohort: Option<Id>,
    /// In which class.
    pub class: Option<Id>,
    /// Why.
    pub reason: Option<Label>,
    /// The last day of a leave.
    pub until: Option<NaiveDate>,
    /// The exam and its level, or the number of the certificate.
    pub of: Option<String>,
}

fn milestone(step: &Transition) -> Milestone {
    match (step.from_state, step.to_state) {
        (_, EnrollmentState::Applied) => Milestone::Registered,
        (_, EnrollmentState::Waitlisted) => Milestone::Waiting,
        (Some(EnrollmentState::Active), EnrollmentState::Active) => Milestone::Transferred,
        (Some(EnrollmentState::OnLeave), EnrollmentState::Active) => Milestone::Returned,
        (_, EnrollmentState::Active) => Milestone::Seated,
        (_, EnrollmentState::OnLeave) => Milestone::OnLeave,
        (_, EnrollmentState::Completed) => Milestone::Completed,
        (_, EnrollmentState::NotCompleted) => Milestone::NotCompleted,
        (_, EnrollmentState::Withdrawn) => Milestone::Withdrawn,
        (_, EnrollmentState::DroppedOut) => Milestone::DroppedOut,
    }
}

/// Everything that happened to a person in the enrollments the actor sees, and the exams of whoever may see those, oldest
/// first.
pub fn timeline(tx: &mut Tx<'_>, actor: &Actor, participant: Id) -> Result<Vec<TimelineEntry>> {
    actor.may(Operation::EnrollmentRead)?;
    let person = participant::get(tx, actor, participant)?;
    let mut entries = Vec::new();
    let histories = enrollment::histories(tx, actor, participant)?;
    let ids: Vec<Id> = histories.iter().map(|one| one.enrollment.id).collect();
    for history in histories {
        let (enrollment, cohort) = (Some(history.enrollment.id), Some(history.enrollment.cohort_id));
        let entry =
            |at, what| TimelineEntry { at, what, enrollment, cohort, class: None, reason: None, until: None, of: None };
        for step in history.steps {
            let what = milestone(&step);
            let (class, reason, until) = (step.class_id, step.reason, step.until);
            entries.push(TimelineEntry { class, reason, until, ..entry(step.at, what) });
        }
        for offer in history.offers {
            let class = Some(offer.class_id);
            entries.push(TimelineEntry { class, ..entry(offer.made_at, Milestone::Offered) });
            let ended = match offer.answer {
                Some(Answer::Refused) => Some(Milestone::OfferRefused),
                Some(Answer::Lapsed) => Some(Milestone::OfferLapsed),
                // Its seat says so.
                Some(Answer::Accepted | Answer::Withdrawn) | None => None,
            };
            if let (Some(what), Some(at)) = (ended, offer.answered_at) {
                entries.push(TimelineEntry { class, ..entry(at, what) });
            }
        }
    }
    // Whoever issued them: they belong to the person's way, which the actor sees.
    for issued in tx.beyond(|tx| store::certificates_of(tx, &ids))? {
        entries.push(TimelineEntry {
            at: issued.at,
            what: Milestone::CertificateIssued,
            enrollment: Some(issued.enrollment),
            cohort: Some(issued.cohort),
            class: Some(issued.class),
            reason: None,
            until: None,
            of: Some(issued.number),
        });
    }
    if actor.may(Operation::ExamRead).is_ok() {
        for result in exam::all_of(tx, participant)? {
            let level = result.level.map(|level| format!(" {level}")).unwrap_or_default();
            entries.push(TimelineEntry {
                at: Instant::start_of(result.taken_on, &person.province_code),
                what: Milestone::ExamTaken,
                enrollment: None,
                cohort: None,
                class: None,
                reason: None,
                until: None,
                of: Some(format!("{}{level}", result.scheme)),
            });
        }
    }
    // What happened at one moment stays in the order in which it was written.
    entries.sort_by_key(|entry| entry.at);
    Ok(entries)
}
