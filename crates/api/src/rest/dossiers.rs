//! Everything that is held about a person, for a request for access.

use actix_web::{Responder, post, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use vokasi_core::access::Role;
use vokasi_core::attendance::Remark;
use vokasi_core::audit::Event;
use vokasi_core::certificate::{Certificate, CertificateState};
use vokasi_core::completion::{Completion, Outcome};
use vokasi_core::db::Tx;
use vokasi_core::enrollment::offer::OfferState;
use vokasi_core::enrollment::{EnrollmentState, Transition};
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::participant::Participant;
use vokasi_core::privacy::dossier::{self, Attended, Chapter, Dossier, Offered, Origin, Replaced, Sent};
use vokasi_core::time::Instant;
use vokasi_core::values::{Bilingual, Label, Mark, Nisn, PersonName, RegencyCode, Sex};

use super::assessments::ScoreView;
use super::completions::EvidenceView;
use super::consents::ConsentView;
use super::exams::ExamResultView;
use super::participants::DisclosureView;
use super::person_requests::{HoldView, PersonRequestView};
use super::programs::BilingualBody;
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::private;

/// Everything that is held about a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierView {
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// The request it answers.
    request: PersonRequestView,
    person: DossierPerson,
    /// Identity numbers, contacts, address and guardian.
    in_clear: DisclosureView,
    consents: Vec<ConsentView>,
    holds: Vec<HoldView>,
    requests: Vec<PersonRequestView>,
    /// Results of exams outside the programs, those that were replaced included.
    exams: Vec<ExamResultView>,
    enrollments: Vec<DossierEnrollment>,
    /// The files that brought the person.
    imports: Vec<DossierImport>,
    /// Who did and saw what, newest first.
    trail: Vec<DossierEvent>,
}

/// Who.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierPerson {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String)]
    name: PersonName,
    #[schema(value_type = String)]
    sex: Sex,
    birth_place: String,
    birth_date: NaiveDate,
    #[schema(value_type = Option<String>)]
    nisn: Option<Nisn>,
    school: Option<String>,
    #[schema(value_type = String)]
    regency: RegencyCode,
    regency_name: String,
    student_number: Option<String>,
    homeroom: Option<String>,
    graduation_year: Option<i32>,
    #[schema(value_type = String, format = DateTime)]
    registered_at: Instant,
}

impl DossierPerson {
    fn of(participant: Participant, school: Option<String>) -> Self {
        Self {
            id: participant.id,
            name: participant.name,
            sex: participant.sex,
            birth_place: participant.birth_place,
            birth_date: participant.birth_date,
            nisn: participant.nisn,
            school,
            regency_name: participant.regency_code.full_name(),
            regency: participant.regency_code,
            student_number: participant.student_number,
            homeroom: participant.homeroom,
            graduation_year: participant.graduation_year,
            registered_at: participant.created_at,
        }
    }
}

/// One enrollment with all that came of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierEnrollment {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = BilingualBody)]
    program: Bilingual,
    #[schema(value_type = String)]
    cohort: Label,
    #[schema(value_type = Option<String>)]
    class: Option<Label>,
    partner: Option<String>,
    #[schema(value_type = String)]
    state: EnrollmentState,
    steps: Vec<DossierStep>,
    /// Seats that were offered, oldest first.
    offers: Vec<DossierOffer>,
    marks: Vec<DossierMark>,
    /// Values of marks that corrections replaced, oldest first.
    replaced_marks: Vec<DossierReplaced>,
    /// Values of marks as devices sent them, in the order in which they came.
    device_marks: Vec<DossierSent>,
    /// Sessions and lesson hours by mark, also of marks that are no longer kept one by one.
    tally: Vec<DossierTally>,
    scores: Vec<ScoreView>,
    /// `completed` or `not_completed`, once it was decided.
    #[schema(value_type = Option<String>)]
    outcome: Option<Outcome>,
    decided_on: Option<NaiveDate>,
    /// What was decided on completion, oldest first, with all it rests on.
    decisions: Vec<DossierDecision>,
    certificates: Vec<DossierCertificate>,
}

impl DossierEnrollment {
    fn of(chapter: Chapter, now: Instant) -> Result<Self> {
        let learned = chapter.learned;
        Ok(Self {
            id: learned.enrollment.id,
            program: Bilingual::new(learned.program_id, learned.program_en),
            cohort: learned.cohort,
            class: learned.class,
            partner: learned.partner,
            state: learned.enrollment.state,
            steps: chapter.steps.into_iter().map(DossierStep::from).collect(),
            offers: chapter.offers.into_iter().map(|offered| DossierOffer::of(offered, now)).collect(),
            marks: chapter.marks.into_iter().map(DossierMark::from).collect(),
            replaced_marks: chapter.replaced.into_iter().map(DossierReplaced::from).collect(),
            device_marks: chapter.sent.into_iter().map(DossierSent::from).collect(),
            tally: chapter
                .tally
                .into_iter()
                .map(|(mark, sessions, lesson_hours)| DossierTally { mark, sessions, lesson_hours })
                .collect(),
            scores: chapter.scores.into_iter().map(ScoreView::from).collect(),
            outcome: chapter.completion.as_ref().map(|one| one.outcome),
            decided_on: chapter.completion.as_ref().map(|one| one.decided_on),
            decisions: chapter
                .reopened
                .into_iter()
                .map(|one| DossierDecision::of(one.decision, Some((one.reopened_at, one.reason))))
                .chain(chapter.completion.map(|one| DossierDecision::of(one, None)))
                .collect(),
            certificates: chapter.certificates.iter().map(DossierCertificate::of).collect::<Result<_>>()?,
        })
    }
}

/// A decision on completion.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierDecision {
    /// `completed` or `not_completed`.
    #[schema(value_type = String, example = "completed")]
    outcome: Outcome,
    decided_on: NaiveDate,
    /// Why the province let it pass.
    #[schema(value_type = Option<String>)]
    override_reason: Option<Label>,
    /// What it rests on.
    evidence: EvidenceView,
    /// When it was opened again, and why.
    #[schema(value_type = Option<String>, format = DateTime)]
    reopened_at: Option<Instant>,
    #[schema(value_type = Option<String>)]
    reason: Option<Label>,
}

impl DossierDecision {
    fn of(decision: Completion, reopened: Option<(Instant, Label)>) -> Self {
        let Completion { outcome, decided_on, override_reason, evidence, .. } = decision;
        let (reopened_at, reason) = reopened.unzip();
        Self { outcome, decided_on, override_reason, evidence: evidence.into(), reopened_at, reason }
    }
}

/// One step of an enrollment.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierStep {
    #[schema(value_type = Option<String>)]
    from: Option<EnrollmentState>,
    #[schema(value_type = String)]
    to: EnrollmentState,
    #[schema(value_type = Option<String>)]
    reason: Option<Label>,
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

impl From<Transition> for DossierStep {
    fn from(step: Transition) -> Self {
        Self { from: step.from_state, to: step.to_state, reason: step.reason, at: step.at }
    }
}

/// A seat that was offered.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierOffer {
    #[schema(value_type = String)]
    class: Label,
    partner: String,
    /// `open`, `accepted`, `refused`, `lapsed` or `withdrawn`.
    #[schema(value_type = String, example = "accepted")]
    state: OfferState,
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Instant>,
}

impl DossierOffer {
    fn of(offered: Offered, now: Instant) -> Self {
        Self {
            class: offered.class,
            partner: offered.partner,
            state: offered.offer.state(now),
            made_at: offered.offer.made_at,
            expires_at: offered.offer.expires_at,
            answered_at: offered.offer.answered_at,
        }
    }
}

/// One mark.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierMark {
    held_on: NaiveDate,
    lesson_hours: i32,
    /// `H`, `T`, `S`, `I` or `A`.
    #[schema(value_type = String, example = "H")]
    mark: Mark,
    /// Minutes after the beginning, if they were noted.
    minutes_late: Option<i32>,
    /// What was noted beside the mark.
    #[schema(value_type = Option<String>)]
    note: Option<Label>,
}

impl From<Attended> for DossierMark {
    fn from(one: Attended) -> Self {
        Self {
            held_on: one.held_on,
            lesson_hours: one.lesson_hours,
            mark: one.mark,
            minutes_late: one.remark.minutes_late,
            note: one.remark.note,
        }
    }
}

/// A value of a mark that a correction replaced.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierReplaced {
    /// The day of the session.
    held_on: NaiveDate,
    /// `H`, `T`, `S`, `I` or `A`.
    #[schema(value_type = String, example = "H")]
    mark: Mark,
    /// Minutes after the beginning, if they were noted.
    minutes_late: Option<i32>,
    /// What was noted beside it.
    #[schema(value_type = Option<String>)]
    note: Option<Label>,
    #[schema(value_type = Option<String>, format = DateTime)]
    marked_at: Option<Instant>,
    #[schema(value_type = String, format = DateTime)]
    replaced_at: Instant,
}

impl From<Replaced> for DossierReplaced {
    fn from(Replaced { said, marked_at, replaced_at }: Replaced) -> Self {
        let Remark { minutes_late, note } = said.remark;
        Self { held_on: said.held_on, mark: said.mark, minutes_late, note, marked_at, replaced_at }
    }
}

/// A value of a mark as a device sent it.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierSent {
    /// The day of the session.
    held_on: NaiveDate,
    /// `H`, `T`, `S`, `I` or `A`.
    #[schema(value_type = String, example = "H")]
    mark: Mark,
    /// Minutes after the beginning, if they were noted.
    minutes_late: Option<i32>,
    /// What was noted beside it.
    #[schema(value_type = Option<String>)]
    note: Option<Label>,
    /// By the device's own clock.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    received_at: Instant,
}

impl From<Sent> for DossierSent {
    fn from(Sent { said, made_at, received_at }: Sent) -> Self {
        let Remark { minutes_late, note } = said.remark;
        Self { held_on: said.held_on, mark: said.mark, minutes_late, note, made_at, received_at }
    }
}

/// How many sessions with a mark, and their lesson hours.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierTally {
    #[schema(value_type = String, example = "H")]
    mark: Mark,
    sessions: i64,
    lesson_hours: i64,
}

/// A certificate with everything that is printed on it.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierCertificate {
    number: String,
    issued_on: NaiveDate,
    /// `valid`, `revoked` or `replaced`.
    #[schema(value_type = String, example = "valid")]
    state: CertificateState,
    #[schema(value_type = Option<String>)]
    revocation_reason: Option<Label>,
    #[schema(value_type = Object)]
    printed: serde_json::Value,
    /// The same as a signed token; none of a certificate from before there were any.
    credential: Option<String>,
}

impl DossierCertificate {
    fn of((certificate, credential): &(Certificate, Option<String>)) -> Result<Self> {
        Ok(Self {
            number: certificate.number.clone(),
            issued_on: certificate.issued_on,
            state: certificate.state(),
            revocation_reason: certificate.revocation_reason.clone(),
            printed: serde_json::to_value(certificate.snapshot()?).unwrap_or_default(),
            credential: credential.clone(),
        })
    }
}

/// A file that brought the person.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierImport {
    #[schema(value_type = String)]
    id: Id,
    file_name: String,
    #[schema(value_type = String, format = DateTime)]
    brought_at: Instant,
}

impl From<Origin> for DossierImport {
    fn from(origin: Origin) -> Self {
        Self { id: origin.id, file_name: origin.file_name, brought_at: origin.created_at }
    }
}

/// Something that was done with the person's data. Who did it is told by the role: accounts are other people's data.
#[derive(Serialize, ToSchema)]
pub(crate) struct DossierEvent {
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// Absent when it was the operator at the machine.
    #[schema(value_type = Option<String>, example = "education_office")]
    role: Option<Role>,
    #[schema(example = "participant.disclosed")]
    action: String,
    #[schema(example = "participant")]
    subject_kind: String,
    /// What who did it gave as the reason.
    reason: Option<String>,
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

impl From<Event> for DossierEvent {
    fn from(event: Event) -> Self {
        Self {
            at: event.at,
            role: event.role,
            action: event.action,
            subject_kind: event.subject_kind,
            reason: event.reason,
            detail: serde_json::from_str(&event.detail).unwrap_or_default(),
        }
    }
}

impl DossierView {
    fn of(tx: &Tx<'_>, dossier: Dossier) -> Result<Self> {
        Ok(Self {
            made_at: dossier.made_at,
            request: PersonRequestView::of(tx, &dossier.request)?,
            person: DossierPerson::of(dossier.participant, dossier.school),
            in_clear: dossier.in_clear.into(),
            consents: dossier.consents.into_iter().map(|one| ConsentView::of(tx, one)).collect::<Result<_>>()?,
            holds: dossier.holds.into_iter().map(HoldView::from).collect(),
            requests: dossier.requests.iter().map(|one| PersonRequestView::of(tx, one)).collect::<Result<_>>()?,
            exams: dossier.exams.into_iter().map(ExamResultView::from).collect(),
            enrollments: dossier
                .enrollments
                .into_iter()
                .map(|chapter| DossierEnrollment::of(chapter, dossier.made_at))
                .collect::<Result<_>>()?,
            imports: dossier.imports.into_iter().map(DossierImport::from).collect(),
            trail: dossier.trail.into_iter().map(DossierEvent::from).collect(),
        })
    }
}

/// Everything that is held about the person who asked for it; that it was handed out stands in the audit.
/// The same as a page to print: `/dossiers/{id}`.
#[utoipa::path(tag = "person-requests", params(("id" = String, Path)), responses((status = 200, body = DossierView)))]
#[post("/person-requests/{id}/dossier")]
pub(crate) async fn open(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let dossier = call
        .write(move |tx, actor| {
            let dossier = dossier::open(tx, actor, *id)?;
            DossierView::of(tx, dossier)
        })
        .await?;
    Ok(private(&dossier))
}
