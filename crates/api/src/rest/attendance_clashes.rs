//! Clashes: two values for one mark whose writers had not seen one another, until a person decides.

use actix_web::{Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};
use vokasi_core::attendance::offline::EntryId;
use vokasi_core::attendance::offline::clash::{self, Clash, ClashFilter, ClashOutcome, Side};
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, Mark, PersonName};

use super::classes::clock;
use super::page_of;
use crate::body::{Body, Query, is_id, read, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Tagged};

/// What stands for the value of the register.
const REGISTER: &str = "register";

/// One of the values of a clash.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClashSideView {
    /// What to choose it by: `register` for what the register says, or the mark's own identity.
    #[schema(example = "register")]
    choose: String,
    #[schema(value_type = String, example = "H")]
    mark: Mark,
    minutes_late: Option<i32>,
    #[schema(value_type = Option<String>)]
    note: Option<Label>,
    /// By whose account.
    #[schema(value_type = String)]
    marked_by: Id,
    /// What its holder is called; absent for the operator at the machine.
    #[schema(value_type = Option<String>)]
    marked_by_name: Option<PersonName>,
    /// On which device, where it was made offline.
    device: Option<String>,
    /// What the device's clock said.
    #[schema(value_type = Option<String>, format = DateTime)]
    made_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Instant>,
}

impl From<Side> for ClashSideView {
    fn from(side: Side) -> Self {
        Self {
            choose: side.entry.map_or_else(|| REGISTER.to_owned(), |entry| entry.as_str().to_owned()),
            mark: side.mark,
            minutes_late: side.remark.minutes_late,
            note: side.remark.note,
            marked_by: side.by,
            marked_by_name: side.by_name,
            device: side.device,
            made_at: side.made_at,
            received_at: side.received_at,
        }
    }
}

/// Two values for one mark whose writers had not seen one another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClashView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2R")]
    id: Id,
    #[schema(value_type = String)]
    class: Id,
    #[schema(value_type = String)]
    session: Id,
    held_on: NaiveDate,
    /// Local time.
    #[schema(example = "07:30")]
    starts_at: String,
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    /// `open`, `resolved` by a person, or `agreed` when its writers came to say the same.
    #[schema(example = "open")]
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Instant>,
    /// By whose account.
    #[schema(value_type = Option<String>)]
    closed_by: Option<Id>,
    /// What its holder is called.
    #[schema(value_type = Option<String>)]
    closed_by_name: Option<PersonName>,
    /// The mark that holds since it is closed.
    #[schema(value_type = Option<String>)]
    holds: Option<Mark>,
    /// What the register says, or said until the clash was over, and what others said without having seen it.
    values: Vec<ClashSideView>,
}

impl From<Clash> for ClashView {
    fn from(clash: Clash) -> Self {
        let Clash { row, name, held_on, starts_at, closed_by_name, sides } = clash;
        Self {
            id: row.id,
            class: row.class_id,
            session: row.session_id,
            held_on,
            starts_at: clock(starts_at),
            enrollment: row.enrollment_id,
            name,
            state: row.outcome.map_or("open", ClashOutcome::as_str),
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            closed_by: row.closed_by,
            closed_by_name,
            holds: row.mark,
            values: sides.into_iter().map(ClashSideView::from).collect(),
        }
    }
}

/// A page of clashes.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClashPage {
    items: Vec<ClashView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which clashes.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ClashQuery {
    /// Only of this class.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Only those that wait for somebody.
    open: bool,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Which value holds.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"choose": "register"}))]
pub(crate) struct ClashResolutionBody {
    /// `register` for what the register says, or the identity of one of the other values.
    #[validate(custom(function = "is_choice"))]
    #[schema(required = true)]
    choose: String,
}

fn is_choice(text: &str) -> std::result::Result<(), ValidationError> {
    if text == REGISTER { Ok(()) } else { reads::<EntryId>(text) }
}

/// Clashes of the classes that the caller marks, oldest first.
#[utoipa::path(tag = "attendance", params(ClashQuery), responses((status = 200, body = ClashPage)))]
#[get("/attendance-clashes")]
pub(crate) async fn list(call: Call, query: Query<ClashQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .snapshot(move |tx, actor| {
            let filter = ClashFilter { class: read_some_id(query.class.as_ref())?, open: query.open, id: None };
            clash::list(tx, actor, filter, page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(ClashView::from)))
}

/// One clash with its values.
#[utoipa::path(tag = "attendance", params(("id" = String, Path)), responses((status = 200, body = ClashView)))]
#[get("/attendance-clashes/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let found = call.snapshot(move |tx, actor| clash::get(tx, actor, *id)).await?;
    Ok(Tagged::new(found.row.version, ClashView::from(found)))
}

/// Decides which value holds. All of them are kept, with who decided and when.
#[utoipa::path(tag = "attendance",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = ClashResolutionBody, responses((status = 200, body = ClashView)))]
#[post("/attendance-clashes/{id}/resolution")]
pub(crate) async fn resolve(
    call: Call,
    id: web::Path<Id>,
    body: Body<ClashResolutionBody>,
) -> Result<impl Responder, Problem> {
    let resolved = call
        .change(move |tx, actor, version| {
            let choice = Some(&body.value.choose).filter(|choice| *choice != REGISTER);
            let choice = choice.map(|text| read::<EntryId>(text)).transpose()?;
            clash::resolve(tx, actor, *id, version, choice.as_ref())
        })
        .await?;
    Ok(Tagged::new(resolved.row.version, ClashView::from(resolved)))
}
