//! Calendars: days on which a partner does not teach, or nobody of a province.

use actix_web::{HttpResponse, Responder, delete, get, post, put, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};
use vokasi_core::calendar::{self, Entry, EntryFilter, EntryKind, NewEntry, Weekdays};
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::Label;

use super::page_of;
use crate::body::{Body, Query, is_id, one_of, read, read_some, read_some_id, reads, wrong};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged};

/// Days on which nobody meets.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "partner": "0CZ5V9K3M7Q2A", "kind": "internship", "title": "PKL kelas XII", "starts_on": "2025-09-01",
    "ends_on": "2025-11-28", "weekdays": [1, 2, 3, 4]
}))]
pub(crate) struct CalendarEntryBody {
    /// Whose calendar; the whole province's when nothing is said, which only the education office enters.
    #[validate(custom(function = "is_id"))]
    partner: Option<String>,
    /// `school_holiday`, `exams`, `internship` or `other`.
    #[validate(custom(function = "one_of::<EntryKind>"))]
    #[schema(required = true)]
    kind: String,
    /// What it is called.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    title: String,
    /// The first day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    starts_on: String,
    /// The last day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date)]
    ends_on: String,
    /// Only on these days of the week, 1 Monday to 7 Sunday; on all of them when nothing is said.
    #[validate(custom(function = "are_weekdays"))]
    weekdays: Vec<i32>,
}

fn are_weekdays(numbers: &[i32]) -> Result<(), ValidationError> {
    Weekdays::of(numbers).map(drop).map_err(wrong)
}

impl CalendarEntryBody {
    fn command(&self) -> Result<NewEntry> {
        Ok(NewEntry {
            partner: read_some_id(self.partner.as_ref())?,
            kind: read(&self.kind)?,
            title: read(&self.title)?,
            starts_on: read(&self.starts_on)?,
            ends_on: read(&self.ends_on)?,
            weekdays: Weekdays::of(&self.weekdays).map_err(Error::new)?,
        })
    }
}

/// Days on which nobody meets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalendarEntryView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2K")]
    id: Id,
    /// Whose; absent when it is the whole province's.
    #[schema(value_type = Option<String>)]
    partner: Option<Id>,
    #[schema(value_type = String, example = "internship")]
    kind: EntryKind,
    #[schema(value_type = String, example = "PKL kelas XII")]
    title: Label,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    /// 1 Monday to 7 Sunday.
    #[schema(example = json!([1, 2, 3, 4]))]
    weekdays: Vec<i32>,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
}

impl From<Entry> for CalendarEntryView {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            partner: entry.partner_id,
            kind: entry.kind,
            title: entry.title,
            starts_on: entry.starts_on,
            ends_on: entry.ends_on,
            weekdays: entry.weekdays.numbers(),
            updated_at: entry.updated_at,
        }
    }
}

fn tagged(entry: Entry) -> Tagged<CalendarEntryView> {
    Tagged::new(entry.version, entry.into())
}

/// A page of calendar entries.
#[derive(Serialize, ToSchema)]
pub(crate) struct CalendarEntryPage {
    items: Vec<CalendarEntryView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which calendar entries.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CalendarEntryQuery {
    /// Only those that hold for this partner: its own and the province's.
    #[validate(custom(function = "is_id"))]
    partner: Option<String>,
    /// Only those that end on or after this day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    from: Option<String>,
    /// Only those that begin on or before this day.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    to: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl CalendarEntryQuery {
    fn filter(&self) -> Result<EntryFilter> {
        Ok(EntryFilter {
            partner: read_some_id(self.partner.as_ref())?,
            from: read_some(self.from.as_ref())?,
            to: read_some(self.to.as_ref())?,
        })
    }
}

/// Days on which nobody meets, of the caller's province.
#[utoipa::path(tag = "calendar", params(CalendarEntryQuery), responses((status = 200, body = CalendarEntryPage)))]
#[get("/calendar-entries")]
pub(crate) async fn list(call: Call, query: Query<CalendarEntryQuery>) -> Result<impl Responder, Problem> {
    let page = call.read(move |tx, actor| calendar::list(tx, actor, query.filter()?, page_of!(query)?)).await?;
    Ok(Listed::from(page.map(CalendarEntryView::from)))
}

/// Enters days on which a partner does not teach, or nobody of the province.
#[utoipa::path(tag = "calendar", request_body = CalendarEntryBody,
    responses((status = 201, body = CalendarEntryView)))]
#[post("/calendar-entries")]
pub(crate) async fn create(call: Call, body: Body<CalendarEntryBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = calendar::create(tx, actor, value.command()?)?;
        let address = format!("/api/v1/calendar-entries/{}", made.id);
        Ok(Made::at(address, made.version, CalendarEntryView::from(made)))
    })
    .await
}

/// One entry of a calendar.
#[utoipa::path(tag = "calendar", params(("id" = String, Path)), responses((status = 200, body = CalendarEntryView)))]
#[get("/calendar-entries/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.read(move |tx, actor| calendar::get(tx, actor, *id)).await.map(tagged)
}

/// Changes an entry. Timetables that were made stay as they are until they are made again.
#[utoipa::path(tag = "calendar", params(("id" = String, Path)), request_body = CalendarEntryBody, responses((status = 200, body = CalendarEntryView)))]
#[put("/calendar-entries/{id}")]
pub(crate) async fn change(
    call: Call,
    id: web::Path<Id>,
    body: Body<CalendarEntryBody>,
) -> Result<impl Responder, Problem> {
    call.change(move |tx, actor, version| calendar::change(tx, actor, *id, version, body.value.command()?))
        .await
        .map(tagged)
}

/// Takes an entry out of its calendar.
#[utoipa::path(tag = "calendar", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/calendar-entries/{id}")]
pub(crate) async fn remove(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.write(move |tx, actor| calendar::remove(tx, actor, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
