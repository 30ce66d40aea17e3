//! How much an instructor teaches, week by week.

use actix_web::{Responder, get, web};
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::session::{self, Week};
use vokasi_core::values::LessonHours;

use super::today;
use crate::body::{Query, read_some, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::private;

/// Which weeks.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LoadQuery {
    /// The first day; today when nothing is said. Its whole week counts.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    from: Option<String>,
    /// The last day, at most a year later; 12 weeks after the first when nothing is said. Its whole week counts.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    to: Option<String>,
}

impl LoadQuery {
    fn days(&self, today: NaiveDate) -> Result<(NaiveDate, NaiveDate)> {
        let from = read_some(self.from.as_ref())?.unwrap_or(today);
        Ok((from, read_some(self.to.as_ref())?.unwrap_or(from + Duration::weeks(12))))
    }
}

/// One week (ISO 8601) of an instructor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WeekView {
    #[schema(example = 2025)]
    year: i32,
    #[schema(example = 30)]
    week: u32,
    /// Its Monday.
    starts_on: NaiveDate,
    /// Sessions that were held or are planned.
    #[schema(example = 4)]
    sessions: usize,
    /// Lesson hours (JP) of sessions that were held.
    held: LessonHours,
    /// Lesson hours (JP) of sessions that are planned.
    #[schema(example = 16)]
    planned: LessonHours,
}

impl From<Week> for WeekView {
    fn from(week: Week) -> Self {
        Self {
            year: week.year,
            week: week.number,
            starts_on: week.starts_on,
            sessions: week.sessions,
            held: week.held,
            planned: week.planned,
        }
    }
}

/// How much an instructor teaches in each week, at whatever partner; weeks without a session are in it.
#[utoipa::path(tag = "staff", params(("id" = String, Path), LoadQuery), responses((status = 200, body = Vec<WeekView>)))]
#[get("/staff/{id}/teaching-load")]
pub(crate) async fn get(call: Call, id: web::Path<Id>, query: Query<LoadQuery>) -> Result<impl Responder, Problem> {
    let weeks = call.read(move |tx, actor| session::load(tx, actor, *id, query.days(today(tx, actor))?)).await?;
    Ok(private(&weeks.into_iter().map(WeekView::from).collect::<Vec<_>>()))
}
