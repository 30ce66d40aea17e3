//! Imports: a school's workbook, checked row by row before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{Either, HttpRequest, HttpResponse, Responder, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::Actor;
use vokasi_core::db::Tx;
use vokasi_core::error::{Error, Language, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::import::{
    self, Action, Application, Applied, Chosen, Import, ImportKind, ImportState, Limits, NewImport, Obstacle, Place,
    Summary, Table, Undone, layout,
};
use vokasi_core::job;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, ProvinceCode};

use super::import_plans::FindingView;
use super::jobs::{self, JobView};
use super::page_of;
use crate::body::{Body, Query, is_id, one_of, read_some, read_some_id, reads};
use crate::call::{Call, block};
use crate::openapi::FileBytes;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged, WORKBOOK, private};

/// What a file may call itself. Its bytes tell what it is.
const MEDIA_TYPES: [&str; 6] = [
    WORKBOOK,
    // Browsers call a CSV so as well, where Excel is what opens it.
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "text/csv",
    "text/tab-separated-values",
    "application/octet-stream",
];

/// What a file brings, and where that belongs.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// `people`, `partners`, `attendance` or `exam_results`; students when nothing is said.
    #[validate(custom(function = "one_of::<ImportKind>"))]
    kind: Option<String>,
    /// Whose students; a coordinator's own school when nothing is said.
    #[validate(custom(function = "is_id"))]
    school: Option<String>,
    /// The cohort to register them for, if any.
    #[validate(custom(function = "is_id"))]
    cohort: Option<String>,
    /// Whose institutions, or whose people's results; the caller's own province when nothing is said.
    #[validate(custom(function = "reads::<ProvinceCode>"))]
    province: Option<String>,
    /// The class whose sessions are marked on a paper list; of results, where somebody works for a partner; of students, by
    /// the office, the class in which they are seated as long as it has seats. Whoever cannot be seated yet waits on the
    /// cohort's list.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// The file's name, for people.
    #[validate(custom(function = "reads::<Label>"))]
    file_name: Option<String>,
}

impl FileQuery {
    fn place(&self) -> Result<Place> {
        Ok(Place {
            kind: read_some(self.kind.as_ref())?.unwrap_or_default(),
            school: read_some_id(self.school.as_ref())?,
            cohort: read_some_id(self.cohort.as_ref())?,
            province: read_some(self.province.as_ref())?,
            class: read_some_id(self.class.as_ref())?,
        })
    }
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// Cursor of the page, as the previous page gave it.
    pub(super) after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    pub(super) limit: Option<i64>,
}

/// Writes a plan.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"confirm": ["nisn.padded", "nik.birth_date_differs"]}))]
pub(crate) struct ApplicationBody {
    /// Every warning code of the rows that are written, once a person has looked at it.
    confirm: Vec<String>,
    /// The rows to write, by their numbers; every row that has no problem when nothing is said.
    #[validate(length(min = 1, max = 50_000))]
    rows: Option<BTreeSet<u32>>,
}

/// How many rows of each kind, and how often each code was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryView {
    /// Rows of the file.
    #[schema(example = 40)]
    rows: usize,
    new: usize,
    changed: usize,
    same: usize,
    /// Rows that are not written until they are corrected.
    problem: usize,
    /// Rows that are not meant for this register, such as another grade.
    skipped: usize,
    /// Errors by code.
    errors: BTreeMap<String, usize>,
    /// Warnings by code, each to be confirmed before the plan is written.
    warnings: BTreeMap<String, usize>,
    /// The codes that were confirmed when it was written.
    confirmed: Vec<String>,
}

impl From<Summary> for SummaryView {
    fn from(summary: Summary) -> Self {
        Self {
            rows: summary.rows,
            new: summary.count(Action::New),
            changed: summary.count(Action::Changed),
            same: summary.count(Action::Same),
            problem: summary.count(Action::Problem),
            skipped: summary.count(Action::Skipped),
            errors: summary.errors,
            warnings: summary.warnings,
            confirmed: summary.confirmed,
        }
    }
}

/// A file that was brought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2P")]
    id: Id,
    /// What it brings: `people`, `partners`, `attendance` or `exam_results`.
    #[schema(value_type = String, example = "people")]
    kind: ImportKind,
    /// Whose students.
    #[schema(value_type = Option<String>)]
    school: Option<Id>,
    #[schema(value_type = Option<String>)]
    cohort: Option<Id>,
    /// Of which class, where that is the file's place.
    #[schema(value_type = Option<String>)]
    class: Option<Id>,
    file_name: String,
    file_sha256: String,
    /// `planned`, or `applied` once it is written.
    #[schema(value_type = String, example = "planned")]
    state: ImportState,
    summary: SummaryView,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// The account that brought it.
    #[schema(value_type = String)]
    created_by: Id,
    #[schema(value_type = Option<String>, format = DateTime)]
    applied_at: Option<Instant>,
    /// The account that had it written.
    #[schema(value_type = Option<String>)]
    applied_by: Option<Id>,
    /// When what it wrote was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    undone_at: Option<Instant>,
    /// The account that had it taken back.
    #[schema(value_type = Option<String>)]
    undone_by: Option<Id>,
}

impl From<Import> for ImportView {
    fn from(import: Import) -> Self {
        Self {
            id: import.id,
            kind: import.kind,
            school: import.school_id,
            cohort: import.cohort_id,
            class: import.class_id,
            file_name: import.file_name,
            file_sha256: import.file_sha256,
            state: import.state,
            summary: import.summary.into(),
            created_at: import.created_at,
            created_by: import.created_by,
            applied_at: import.applied_at,
            applied_by: import.applied_by,
            undone_at: import.undone_at,
            undone_by: import.undone_by,
        }
    }
}

/// A file that was checked, with everything that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckedView {
    #[serde(flatten)]
    import: ImportView,
    findings: Vec<FindingView>,
}

/// A page of imports.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportPage {
    items: Vec<ImportView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// What writing a plan did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppliedView {
    #[serde(flatten)]
    import: ImportView,
    /// People registered, institutions entered, or first marks set.
    #[schema(example = 31)]
    registered: usize,
    /// Those corrected.
    corrected: usize,
    /// People put on the cohort's list.
    enrolled: usize,
    /// Of these, people who got a seat in the class that was named.
    seated: usize,
}

impl From<(Import, Applied)> for AppliedView {
    fn from((import, applied): (Import, Applied)) -> Self {
        Self {
            import: import.into(),
            registered: applied.registered,
            corrected: applied.corrected,
            enrolled: applied.enrolled,
            seated: applied.seated,
        }
    }
}

/// What stands in the way of taking a row back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObstacleView {
    /// The row as a spreadsheet shows it.
    row: u32,
    /// The stable code.
    #[schema(example = "undo.changed")]
    code: &'static str,
    /// What was built on it, in the language asked for.
    sentence: String,
}

impl ObstacleView {
    fn of(obstacle: &Obstacle, language: Language) -> Self {
        let Obstacle { row, what } = obstacle;
        Self { row: *row, code: what.name, sentence: what.sentence(language, &[]) }
    }
}

/// What taking an import back did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UndoneView {
    #[serde(flatten)]
    import: ImportView,
    /// People who are no longer registered, or whatever else the file had brought.
    removed: usize,
    /// Those that are as they were before.
    restored: usize,
    /// Enrollments that are gone.
    withdrawn: usize,
}

impl From<(Import, Undone)> for UndoneView {
    fn from((import, undone): (Import, Undone)) -> Self {
        let Undone { removed, restored, withdrawn } = undone;
        Self { import: import.into(), removed, restored, withdrawn }
    }
}

/// Takes a file in, no further than the limit.
pub(super) async fn receive(call: &Call, request: &HttpRequest, payload: web::Payload) -> Result<Bytes, Problem> {
    let told = |error| call.problem(error);
    let headers = request.headers();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !MEDIA_TYPES.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
        return Err(told(Error::new(&codes::INPUT_MEDIA_TYPE).fact("expected", MEDIA_TYPES.join(", "))));
    }
    let limits = Limits::default();
    let too_large = || told(Error::new(&codes::IMPORT_TOO_LARGE).fact("limit", limits.bytes));
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > limits.bytes) {
        return Err(too_large());
    }
    let bytes = payload.to_bytes_limited(limits.bytes).await.map_err(|_| too_large())?;
    bytes.map_err(|_| told(Error::new(&codes::INPUT_MALFORMED).fact("reason", "incomplete")))
}

/// Reads a file away from the threads that serve: by what its header says itself, else by what the school or its
/// province has said of such a header.
async fn read_file(call: &Call, bytes: Bytes, place: &Place) -> Result<(Table, String), Problem> {
    let told = |error| call.problem(error);
    let (file, kind, school) = (bytes.clone(), place.kind, place.school);
    let read = block(move || import::read_as(kind, &file, &Limits::default())).await;
    if !read.as_ref().is_err_and(|error| error.is(&codes::IMPORT_UNKNOWN_HEADER)) {
        return read.map_err(told);
    }
    let known = call.look(move |tx, actor| layout::of_file(tx, actor, school)).await?;
    block(move || import::read_with(&bytes, &Limits::default(), &known)).await.map_err(told)
}

/// Checks a workbook (XLSX, XLS, ODS) or CSV file and keeps the plan; nothing of it is in the register yet.
///
/// A file brings students of a school, institutions of a province, the marks on the paper lists of a class, or results
/// of exams of people whom the caller sees.
#[utoipa::path(tag = "imports",
    params(FileQuery,
        ("Prefer" = Option<String>, Header, description = "`respond-async`: the work is a job to be followed.")),
    request_body(content(
        (FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (FileBytes = "application/vnd.ms-excel"), (FileBytes = "application/vnd.oasis.opendocument.spreadsheet"),
        (FileBytes = "text/csv"), (FileBytes = "text/tab-separated-values"),
        (FileBytes = "application/octet-stream")), description = "The file's bytes, 20 MB at most."),
    responses((status = 201, body = CheckedView), (status = 202, body = JobView)))]
#[post("/imports")]
pub(crate) async fn create(
    call: Call,
    request: HttpRequest,
    query: Query<FileQuery>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let bytes = receive(&call, &request, payload).await?;
    let place = query.place().map_err(|error| call.problem(error))?;
    let (table, file_sha256) = read_file(&call, bytes, &place).await?;
    let sha256 = file_sha256.clone();
    let file_name = query.file_name.clone().unwrap_or_default();
    let new = NewImport { place, file_name, file_sha256, table };
    if call.prefers_async {
        let state = call.state.clone();
        let ask = move |tx: &mut Tx<'_>, actor: &Actor| jobs::asked(job::ask_plan(tx, actor, new)?, language);
        return call.create(&sha256, ask).await.map(|answer| jobs::applied(&state, answer));
    }
    call.create(&sha256, move |tx, actor| {
        let (made, plan) = import::create(tx, actor, new)?;
        let mut findings = Vec::new();
        for row in plan.rows.values() {
            findings.extend(row?.findings.into_iter().map(|finding| FindingView::of(finding, language)));
        }
        let (address, version) = (format!("/api/v1/imports/{}", made.id), made.version);
        Ok(Made::at(address, version, CheckedView { import: made.into(), findings }))
    })
    .await
}

/// Imports in the caller's scope.
#[utoipa::path(tag = "imports", params(ImportQuery), responses((status = 200, body = ImportPage)))]
#[get("/imports")]
pub(crate) async fn list(call: Call, query: Query<ImportQuery>) -> Result<impl Responder, Problem> {
    let page = call.read(move |tx, actor| import::list(tx, actor, page_of!(query)?)).await?;
    Ok(Listed::from(page.map(ImportView::from)))
}

/// One import with its summary, as it was when the file was brought or written.
#[utoipa::path(tag = "imports", params(("id" = String, Path)), responses((status = 200, body = ImportView)))]
#[get("/imports/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let found = call.read(move |tx, actor| import::get(tx, actor, *id)).await?;
    Ok(Tagged::new(found.version, ImportView::from(found)))
}

/// Writes the chosen rows, or every row that has no problem: all of them or none. The same file again changes nothing.
///
/// What was looked at is what is written. If the register has moved since, the answer is `import.moved`, nothing is
/// written, and the rows of the new plan say what they were before.
#[utoipa::path(tag = "imports",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read."),
        ("Prefer" = Option<String>, Header, description = "`respond-async`: the work is a job to be followed.")),
    request_body = ApplicationBody,
    responses((status = 200, body = AppliedView), (status = 202, body = JobView)))]
#[post("/imports/{id}/application")]
pub(crate) async fn apply(
    call: Call,
    id: web::Path<Id>,
    body: Body<ApplicationBody>,
) -> Result<Either<impl Responder, HttpResponse>, Problem> {
    let (state, language) = (call.state.clone(), call.language);
    let ApplicationBody { confirm, rows } = body.value;
    let rows = rows.map_or(Chosen::Every, Chosen::Rows);
    if call.prefers_async {
        let ask = move |tx: &mut Tx<'_>, actor: &Actor, version| {
            job::ask_application(tx, actor, *id, Application { version, rows, confirm })
        };
        return jobs::accepted(&state, call.change(ask).await?, language).map(Either::Right);
    }
    let apply = move |tx: &mut Tx<'_>, actor: &Actor, version| {
        import::apply(tx, actor, *id, &Application { version, rows, confirm })
    };
    // A plan that was made again is kept, though nothing of it is written.
    let applied = call.change(apply).await?.applied().map_err(|error| Problem::new(error, language))?;
    Ok(Either::Left(Tagged::new(applied.0.version, AppliedView::from(applied))))
}

/// What stands in the way of taking an import back, row by row; an empty list when nothing does.
#[utoipa::path(tag = "imports", params(("id" = String, Path)), responses((status = 200, body = Vec<ObstacleView>)))]
#[get("/imports/{id}/undo")]
pub(crate) async fn obstacles(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let language = call.language;
    let found = call.snapshot(move |tx, actor| import::obstacles(tx, actor, *id)).await?;
    let views: Vec<ObstacleView> = found.iter().map(|obstacle| ObstacleView::of(obstacle, language)).collect();
    Ok(private(&views))
}

/// Takes back everything an import wrote, as long as nothing was built on it: all of it or nothing.
#[utoipa::path(tag = "imports",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read."),
        ("Prefer" = Option<String>, Header, description = "`respond-async`: the work is a job to be followed.")),
    responses((status = 200, body = UndoneView), (status = 202, body = JobView)))]
#[post("/imports/{id}/undo")]
pub(crate) async fn undo(call: Call, id: web::Path<Id>) -> Result<Either<impl Responder, HttpResponse>, Problem> {
    if call.prefers_async {
        let (state, language) = (call.state.clone(), call.language);
        let job = call.change(move |tx, actor, version| job::ask_undo(tx, actor, *id, version)).await?;
        return jobs::accepted(&state, job, language).map(Either::Right);
    }
    let undone = call.change(move |tx, actor, version| import::undo(tx, actor, *id, version)).await?;
    Ok(Either::Left(Tagged::new(undone.0.version, UndoneView::from(undone))))
}
