//! Layouts that people have explained: which column of a list is which.

use actix_web::{HttpRequest, HttpResponse, Responder, delete, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::error::{Language, Result};
use vokasi_core::id::Id;
use vokasi_core::import::layout::{self, Column, Explained, Unknown};
use vokasi_core::import::{Field, GuessedColumn, Limits, Sureness};
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, Words};

use super::PageQuery;
use super::imports::receive;
use crate::body::{Body, Query, names_no_number, one_of, read_some, reads};
use crate::call::{Call, block};
use crate::openapi::FileBytes;
use crate::problem::Problem;
use crate::reply::{Listed, private};

/// A column that can be named.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldView {
    #[schema(example = "birth_date")]
    field: &'static str,
    /// What it is called in our own template.
    #[schema(example = "Tanggal Lahir")]
    title: &'static str,
    /// What is wanted in it, in the language asked for.
    #[schema(example = "Tanggal, bulan, lalu tahun: 17/11/2007 atau 17 November 2007.")]
    hint: &'static str,
    /// Whether it must be named; of `nik` and `nisn` one is enough.
    required: bool,
}

impl FieldView {
    fn of(field: Field, language: Language) -> Self {
        Self {
            field: field.word(),
            title: field.title(language),
            hint: field.hint(language),
            required: layout::is_required(field),
        }
    }
}

/// A column of a header that is not known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuessedColumnView {
    /// Its letters in the spreadsheet.
    #[schema(example = "C")]
    column: String,
    #[schema(example = "No. KTP Siswa")]
    header: String,
    /// What it may be.
    #[schema(example = "nik")]
    field: Option<&'static str>,
    /// How sure that is: `exact`, `similar` or `none`.
    #[schema(value_type = String, example = "similar")]
    sure: Sureness,
}

impl From<GuessedColumn> for GuessedColumnView {
    fn from(column: GuessedColumn) -> Self {
        Self {
            column: column.letters,
            header: column.header,
            field: column.field.map(Words::word),
            sure: column.sureness,
        }
    }
}

/// What the columns of a file may be. Nothing of the rows under its header stands here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuessView {
    /// What the layout is remembered under.
    fingerprint: String,
    /// The row of the header, as a spreadsheet shows it.
    #[schema(example = 1)]
    row: u32,
    columns: Vec<GuessedColumnView>,
    /// What a column can be.
    fields: Vec<FieldView>,
}

impl GuessView {
    fn of(unknown: Unknown, language: Language) -> Self {
        Self {
            fingerprint: unknown.fingerprint,
            row: unknown.guess.row,
            columns: unknown.guess.columns.into_iter().map(GuessedColumnView::from).collect(),
            fields: layout::FIELDS.into_iter().map(|field| FieldView::of(field, language)).collect(),
        }
    }
}

/// A column, and what it is.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ColumnBody {
    /// The text of its header, as the guess names it.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true, example = "No. KTP Siswa")]
    header: String,
    /// What it is; nothing for a column that is left where it is.
    #[validate(custom(function = "one_of::<Field>"))]
    #[schema(example = "nik")]
    field: Option<String>,
}

/// Every column of a header.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LayoutBody {
    /// 1 to 256 columns.
    #[validate(length(min = 1, max = 256), nested)]
    #[schema(required = true)]
    columns: Vec<ColumnBody>,
}

impl LayoutBody {
    fn columns(self) -> Result<Vec<Column>> {
        let read = |column: ColumnBody| Ok(Column { field: read_some(column.field.as_ref())?, header: column.header });
        self.columns.into_iter().map(read).collect()
    }
}

/// A column of a layout that was explained.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnView {
    header: String,
    #[schema(example = "nik")]
    field: Option<&'static str>,
}

/// A layout that was explained.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LayoutView {
    #[schema(value_type = String)]
    id: Id,
    fingerprint: String,
    /// The school that explained it; absent when it was the province.
    #[schema(value_type = Option<String>)]
    school: Option<Id>,
    columns: Vec<ColumnView>,
    #[schema(value_type = String, format = DateTime)]
    saved_at: Instant,
    /// The account that explained it last.
    #[schema(value_type = String)]
    saved_by: Id,
}

impl From<Explained> for LayoutView {
    fn from(layout: Explained) -> Self {
        let column = |column: Column| ColumnView { header: column.header, field: column.field.map(Words::word) };
        Self {
            id: layout.id,
            fingerprint: layout.fingerprint,
            school: layout.school_id,
            columns: layout.columns.into_iter().map(column).collect(),
            saved_at: layout.saved_at,
            saved_by: layout.saved_by,
        }
    }
}

/// A page of layouts.
#[derive(Serialize, ToSchema)]
pub(crate) struct LayoutPage {
    items: Vec<LayoutView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Layouts that files in the caller's scope are read by.
#[utoipa::path(tag = "imports", params(PageQuery), responses((status = 200, body = LayoutPage)))]
#[get("/layouts")]
pub(crate) async fn list(call: Call, query: Query<PageQuery>) -> Result<impl Responder, Problem> {
    let page = call.read(move |tx, actor| layout::list(tx, actor, query.request()?)).await?;
    Ok(Listed::from(page.map(LayoutView::from)))
}

/// What the columns of a file may be whose header is not known, from the texts of its header alone. Nothing is kept.
#[utoipa::path(tag = "imports",
    request_body(content(
        (FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (FileBytes = "application/vnd.ms-excel"), (FileBytes = "application/vnd.oasis.opendocument.spreadsheet"),
        (FileBytes = "text/csv"), (FileBytes = "text/tab-separated-values"),
        (FileBytes = "application/octet-stream")), description = "The file's bytes, 20 MB at most."),
    responses((status = 200, body = GuessView)))]
#[post("/layouts/guesses")]
pub(crate) async fn guess(call: Call, request: HttpRequest, payload: web::Payload) -> Result<impl Responder, Problem> {
    let actor = call.look(|_, actor| Ok(actor.clone())).await?;
    let bytes = receive(&call, &request, payload).await?;
    let unknown = block(move || layout::guess(&actor, &bytes, &Limits::default())).await;
    let unknown = unknown.map_err(|error| call.problem(error))?;
    Ok(private(&GuessView::of(unknown, call.language)))
}

/// Remembers which column is which, for the coordinator's own school or the office's province. The next file with
/// these headers is read so.
#[utoipa::path(tag = "imports", params(("fingerprint" = String, Path)), request_body = LayoutBody,
    responses((status = 200, body = LayoutView)))]
#[put("/layouts/{fingerprint}")]
pub(crate) async fn save(
    call: Call,
    fingerprint: web::Path<String>,
    body: Body<LayoutBody>,
) -> Result<impl Responder, Problem> {
    let saved = call.write(move |tx, actor| layout::save(tx, actor, &fingerprint, body.value.columns()?)).await?;
    Ok(private(&LayoutView::from(saved)))
}

/// Forgets what the school, or the province, has said of a header. Imports that were made stay as they are.
#[utoipa::path(tag = "imports", params(("fingerprint" = String, Path)), responses((status = 204)))]
#[delete("/layouts/{fingerprint}")]
pub(crate) async fn forget(call: Call, fingerprint: web::Path<String>) -> Result<impl Responder, Problem> {
    call.write(move |tx, actor| layout::forget(tx, actor, &fingerprint)).await?;
    Ok(HttpResponse::NoContent().finish())
}
