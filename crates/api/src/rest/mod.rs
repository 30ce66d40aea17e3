//! Wire types and handlers, one file per noun.

pub(crate) mod agreements;
pub(crate) mod assessments;
pub(crate) mod attendance;
pub(crate) mod attendance_batches;
pub(crate) mod attendance_clashes;
pub(crate) mod audit;
pub(crate) mod calendar_entries;
pub(crate) mod calendar_links;
pub(crate) mod certificate_templates;
pub(crate) mod certificates;
pub(crate) mod classes;
pub(crate) mod cohorts;
pub(crate) mod completions;
pub(crate) mod consents;
pub(crate) mod dossiers;
pub(crate) mod eligibility;
pub(crate) mod enrollments;
pub(crate) mod exams;
pub(crate) mod import_plans;
pub(crate) mod import_rules;
pub(crate) mod imports;
pub(crate) mod incidents;
pub(crate) mod jobs;
pub(crate) mod layouts;
pub(crate) mod logins;
pub(crate) mod messages;
pub(crate) mod openings;
pub(crate) mod papers;
pub(crate) mod participants;
pub(crate) mod partners;
pub(crate) mod person_requests;
pub(crate) mod programs;
pub(crate) mod reference;
pub(crate) mod registers;
pub(crate) mod reports;
pub(crate) mod retention;
pub(crate) mod seat_offers;
pub(crate) mod seat_reservations;
pub(crate) mod seating_plans;
pub(crate) mod second_factor;
pub(crate) mod service_tokens;
pub(crate) mod sessions;
pub(crate) mod signing_keys;
pub(crate) mod staff;
pub(crate) mod teaching_load;
pub(crate) mod timelines;
pub(crate) mod timetables;
pub(crate) mod unreported_sessions;
pub(crate) mod verifications;
pub(crate) mod workbooks;

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;
use vokasi_core::access::Actor;
use vokasi_core::db::Tx;
use vokasi_core::error::Result;
use vokasi_core::page::PageRequest;

/// Which page of a list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl PageQuery {
    pub(crate) fn request(&self) -> Result<PageRequest> {
        PageRequest::parse(self.after.as_deref(), self.limit)
    }
}

/// The day it is where the caller works.
pub(crate) fn today(tx: &Tx<'_>, actor: &Actor) -> NaiveDate {
    actor.scope().province().map_or_else(|| tx.now().utc().date_naive(), |province| tx.today(province))
}

/// Reads the page part of a query, and gives the rest to its own reader.
macro_rules! page_of {
    ($query:expr) => {
        vokasi_core::page::PageRequest::parse($query.after.as_deref(), $query.limit)
    };
}
pub(crate) use page_of;
