//! A person's way through every cohort, as one list.

use actix_web::{Responder, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use vokasi_core::id::Id;
use vokasi_core::report::{self, Milestone, TimelineEntry};
use vokasi_core::time::Instant;
use vokasi_core::values::Label;

use crate::call::Call;
use crate::problem::Problem;
use crate::reply::private;

/// One moment of the way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimelineEntryView {
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// `registered`, `waiting`, `offered`, `offer_refused`, `offer_lapsed`, `seated`, `transferred`, `on_leave`,
    /// `returned`, `completed`, `not_completed`, `withdrawn`, `dropped_out`, `certificate_issued` or `exam_taken`.
    #[schema(value_type = String, example = "seated")]
    what: Milestone,
    /// Absent of an exam, which belongs to no cohort.
    #[schema(value_type = Option<String>)]
    enrollment: Option<Id>,
    #[schema(value_type = Option<String>)]
    cohort: Option<Id>,
    #[schema(value_type = Option<String>)]
    class: Option<Id>,
    #[schema(value_type = Option<String>)]
    reason: Option<Label>,
    /// The last day of a leave, as far as it is known.
    until: Option<NaiveDate>,
    /// The number of the certificate, or the exam and its level.
    of: Option<String>,
}

impl From<TimelineEntry> for TimelineEntryView {
    fn from(entry: TimelineEntry) -> Self {
        Self {
            at: entry.at,
            what: entry.what,
            enrollment: entry.enrollment,
            cohort: entry.cohort,
            class: entry.class,
            reason: entry.reason,
            until: entry.until,
            of: entry.of,
        }
    }
}

/// Everything that happened to a person in the cohorts the caller sees, oldest first: registered, waited, offered,
/// seated, transferred, on leave, completed, certificates, exams.
#[utoipa::path(tag = "participants", params(("id" = String, Path)),
    responses((status = 200, body = Vec<TimelineEntryView>)))]
#[get("/participants/{id}/timeline")]
pub(crate) async fn of(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let entries = call.snapshot(move |tx, actor| report::timeline(tx, actor, *id)).await?;
    Ok(private(&entries.into_iter().map(TimelineEntryView::from).collect::<Vec<_>>()))
}
