//! Jobs: long work on a file, asked for with `Prefer: respond-async`, followed and ended.

use std::time::Duration;

use actix_web::http::header::{self, ContentEncoding, HeaderName, HeaderValue};
use actix_web::rt::{self, time};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::Sender;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::error::{Error, Language, Result};
use vokasi_core::id::Id;
use vokasi_core::import::{Progress, Stage};
use vokasi_core::job::{self, Job, JobKind, JobState};
use vokasi_core::time::Instant;

use super::page_of;
use crate::body::{Query, one_of, read_some};
use crate::call::Call;
use crate::problem::{Problem, ProblemDocument};
use crate::reply::{Listed, Made, Pieces, private};
use crate::state::State;

/// Between two events at least: a person reads no faster, and a file has many rows.
const PACE: Duration = Duration::from_millis(200);
/// Between two looks at a job that this program does not run.
const LOOK: Duration = Duration::from_secs(1);
/// Looks without news until something is said all the same, so that nothing in between takes the line for dead.
const HEARTBEAT: u32 = 15;

/// Long work on a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0CZ5V9K3M7Q2P", "kind": "application", "state": "running", "school": "0CZ5V9K3M7Q2A",
    "class": null, "import": "0CZ5V9K3M7Q2N", "stage": "writing", "done": 512, "total": 1500, "result": null, "problem": null,
    "created_at": "2025-07-21T01:00:00Z", "created_by": "0CZ5V9K3M7Q2B", "started_at": "2025-07-21T01:00:01Z",
    "ended_at": null, "ending": false, "cancelled_by": null
}))]
pub(crate) struct JobView {
    #[schema(value_type = String)]
    id: Id,
    /// `plan`, `application` or `undo`.
    #[schema(value_type = String)]
    kind: JobKind,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    #[schema(value_type = String)]
    state: JobState,
    /// Whose students the file brings.
    #[schema(value_type = Option<String>)]
    school: Option<Id>,
    /// Of which class, where that is the file's place.
    #[schema(value_type = Option<String>)]
    class: Option<Id>,
    /// The import it works on; of a plan, the one it has made.
    #[schema(value_type = Option<String>)]
    import: Option<Id>,
    /// While it runs at the server that answers: `reading`, `checking` or `writing`.
    #[schema(value_type = Option<String>)]
    stage: Option<Stage>,
    /// Rows that are behind this stage.
    done: usize,
    /// Rows of the file.
    total: usize,
    /// Once it is done: the counts that the act itself answers with.
    #[schema(value_type = Option<Object>)]
    result: Option<serde_json::Value>,
    /// If it failed: what the act itself would have answered.
    problem: Option<ProblemDocument>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// The account that asked.
    #[schema(value_type = String)]
    created_by: Id,
    /// When it was begun last.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Instant>,
    /// Whether it runs and somebody wants it ended: it soon will be.
    ending: bool,
    /// The account that ended it.
    #[schema(value_type = Option<String>)]
    cancelled_by: Option<Id>,
    #[serde(skip)]
    version: i32,
}

impl JobView {
    fn of(job: Job, language: Language) -> Result<Self> {
        let total = usize::try_from(job.file_rows).unwrap_or_default();
        Ok(Self {
            result: job.result()?,
            problem: job.failure()?.map(|error| Problem::new(error, language).document()),
            id: job.id,
            kind: job.kind,
            state: job.state,
            school: job.school_id,
            class: job.class_id,
            import: job.import_id,
            stage: None,
            done: if job.state == JobState::Done { total } else { 0 },
            total,
            created_at: job.created_at,
            created_by: job.asked_by,
            started_at: job.started_at,
            ended_at: job.ended_at,
            ending: job.state == JobState::Running && job.cancelled_by.is_some(),
            cancelled_by: job.cancelled_by,
            version: job.version,
        })
    }

    /// The same with how far it is, if this program runs it.
    fn at(mut self, state: &State) -> Self {
        let Some(running) = state.work.running(self.id).filter(|_| self.state == JobState::Running) else {
            return self;
        };
        if let Some(Progress { stage, done, total }) = running.progress {
            (self.stage, self.done, self.total) = (Some(stage), done, total);
        }
        self.ending |= running.cancelled;
        self
    }

    /// Tells one event of the job from every other.
    fn tag(&self) -> String {
        let stage = self.stage.map_or("-", Stage::as_str);
        format!("{}.{stage}.{}.{}", self.version, self.done, u8::from(self.ending))
    }

    fn event(&self) -> Result<Bytes> {
        let name = if self.state.is_open() { "progress" } else { "end" };
        let data = serde_json::to_string(self).map_err(Error::storage)?;
        Ok(Bytes::from(format!("event: {name}\nid: {}\ndata: {data}\n\n", self.tag())))
    }
}

/// A page of jobs.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobPage {
    items: Vec<JobView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which jobs.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobQuery {
    /// Only this state: `queued`, `running`, `done`, `failed` or `cancelled`.
    #[validate(custom(function = "one_of::<JobState>"))]
    state: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// A job that was asked for, as an answer that is kept for a repeat.
pub(crate) fn asked(job: Job, language: Language) -> Result<Made<JobView>> {
    Ok(Made::asked(address(job.id), JobView::of(job, language)?))
}

/// The same as an answer of its own.
pub(crate) fn accepted(state: &State, job: Job, language: Language) -> Result<HttpResponse, Problem> {
    let location = address(job.id);
    let view = JobView::of(job, language).map_err(|error| Problem::new(error, language))?;
    let mut answer = HttpResponse::Accepted();
    answer.insert_header((header::LOCATION, location)).insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(applied(state, answer.json(view)))
}

/// Says that the work goes on after this answer, and has it begun.
pub(crate) fn applied(state: &State, mut answer: HttpResponse) -> HttpResponse {
    state.work.ring();
    let headers = answer.headers_mut();
    headers.insert(HeaderName::from_static("preference-applied"), HeaderValue::from_static("respond-async"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}

fn address(id: Id) -> String {
    format!("/api/v1/jobs/{id}")
}

/// Jobs in the caller's scope, oldest first.
#[utoipa::path(tag = "jobs", params(JobQuery), responses((status = 200, body = JobPage)))]
#[get("/jobs")]
pub(crate) async fn list(call: Call, query: Query<JobQuery>) -> Result<impl Responder, Problem> {
    let (language, state) = (call.language, call.state.clone());
    let page = call
        .read(move |tx, actor| {
            let jobs = job::list(tx, actor, read_some(query.state.as_ref())?, page_of!(query)?)?;
            jobs.try_map(|job| JobView::of(job, language))
        })
        .await?;
    Ok(Listed::from(page.map(|view| view.at(&state))))
}

/// One job: where it stands, how far it is, and what came of it.
#[utoipa::path(tag = "jobs", params(("id" = String, Path)), responses((status = 200, body = JobView)))]
#[get("/jobs/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let view = look(&call, *id).await?;
    let mut answer = private(&view);
    if view.state.is_open() {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    Ok(answer)
}

/// Ends a job: at once when it waits, at the next row it looks up from when it runs. Nothing of it is written then.
#[utoipa::path(tag = "jobs", params(("id" = String, Path)), responses((status = 200, body = JobView)))]
#[post("/jobs/{id}/cancellation")]
pub(crate) async fn cancel(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let (language, state, id) = (call.language, call.state.clone(), id.into_inner());
    // Where there is one writer, it is free once the job has looked up: so the job is told before the table is.
    call.again().read(move |tx, actor| job::get(tx, actor, id)).await?;
    state.work.cancel(id);
    let view = call.write(move |tx, actor| JobView::of(job::cancel(tx, actor, id)?, language)).await?;
    state.work.ring();
    Ok(private(&view.at(&state)))
}

/// The job as it goes on, as server-sent events: `progress` at each change, `end` at the end, each with the whole job.
#[utoipa::path(tag = "jobs",
    params(("id" = String, Path),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event you have, when you come again.")),
    responses((status = 200, body = String, content_type = "text/event-stream"),
        (status = 204, description = "You have the last event already.")))]
#[get("/jobs/{id}/events")]
pub(crate) async fn events(call: Call, request: HttpRequest, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let view = look(&call, *id).await?;
    let last = request.headers().get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    if !view.state.is_open() && last.as_ref() == Some(&view.tag()) {
        return Ok(HttpResponse::NoContent().finish());
    }
    let (pieces, body) = Pieces::new();
    rt::spawn(follow(call, view, last, pieces));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Nobody on the way waits until there is more of it.
        .insert_header(ContentEncoding::Identity)
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .body(body))
}

async fn look(call: &Call, id: Id) -> Result<JobView, Problem> {
    let language = call.language;
    let view = call.again().read(move |tx, actor| JobView::of(job::get(tx, actor, id)?, language)).await?;
    Ok(view.at(&call.state))
}

/// Sends event after event; no thread and no connection waits in between.
async fn follow(call: Call, mut view: JobView, mut last: Option<String>, pieces: Sender<Result<Bytes>>) {
    let mut changes = call.state.work.changes();
    let (mut quiet, mut turn) = (0, 0_u32);
    loop {
        let tag = view.tag();
        if last.as_ref() != Some(&tag) {
            if pieces.send(view.event()).await.is_err() {
                return;
            }
            (last, quiet) = (Some(tag), 0);
        } else if quiet >= HEARTBEAT {
            if pieces.send(Ok(Bytes::from_static(b":\n\n"))).await.is_err() {
                return;
            }
            quiet = 0;
        }
        if !view.state.is_open() {
            return;
        }
        if time::timeout(LOOK, changes.changed()).await.is_ok() {
            time::sleep(PACE).await;
        }
        (quiet, turn) = (quiet + 1, turn.wrapping_add(1));
        if call.state.work.is_closed() || pieces.is_closed() {
            return;
        }
        // A job of this program tells of itself; it is read again when it has ended, and now and then to see whether
        // whoever follows it still may.
        let known = view.state == JobState::Running && !turn.is_multiple_of(HEARTBEAT);
        if known && call.state.work.running(view.id).is_some() {
            view = view.at(&call.state);
            continue;
        }
        match look(&call, view.id).await {
            Ok(found) => view = found,
            Err(_) => return,
        }
    }
}
