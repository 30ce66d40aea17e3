//! The audit, read only: as a list, about one person, as a file, and whether it is whole.

use std::sync::{Arc, TryLockError};

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, Responder, get, rt, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::Sender;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::{self, Actor, Role};
use vokasi_core::audit::{self, Broken, Days, Event, EventFilter, Head, Told, Verification};
use vokasi_core::error::{Error, Language, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::page::{Page, PageRequest};
use vokasi_core::participant;
use vokasi_core::time::Instant;
use vokasi_core::values::Label;

use super::{PageQuery, page_of};
use crate::body::{Query, is_id, read_some, read_some_id, reads};
use crate::call::{Call, block};
use crate::problem::Problem;
use crate::reply::{Listed, Pieces, private};
use crate::sheet;
use crate::state::State;

/// One act.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// Who; absent when it was the operator at the machine.
    #[schema(value_type = Option<String>)]
    account: Option<Id>,
    #[schema(value_type = Option<String>, example = "education_office")]
    role: Option<Role>,
    /// What was done.
    #[schema(example = "enrollment.seated")]
    action: String,
    /// To what kind of thing.
    #[schema(example = "enrollment")]
    subject_kind: String,
    /// To which one.
    #[schema(value_type = String)]
    subject: Id,
    /// The participant it is about, if it is about one.
    #[schema(value_type = Option<String>)]
    person: Option<Id>,
    /// The reason that was given.
    reason: Option<String>,
    /// How far the actor reached.
    #[schema(example = "province 18")]
    scope: String,
    request: String,
    address: String,
    /// What the client called itself.
    device: String,
    /// Facts of the act, without personal data.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// What it changed, field by field: `before` and `after`, or that it `changed` where the values are somebody's own.
    #[schema(value_type = Object, example = json!({"homeroom": {"before": "XII TKJ 1", "after": "XII TKJ 2"}, "nik": "changed"}))]
    changes: serde_json::Value,
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            at: event.at,
            account: event.account_id,
            role: event.role,
            action: event.action,
            subject_kind: event.subject_kind,
            subject: event.subject_id,
            person: event.person_id,
            reason: event.reason,
            scope: event.scope,
            request: event.request_id,
            address: event.address,
            device: event.device,
            detail: json_of(&event.detail),
            changes: json_of(&event.changes),
        }
    }
}

fn json_of(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// A page of the audit.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventPage {
    items: Vec<EventView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which events.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// Only those about this kind of thing.
    #[validate(custom(function = "reads::<Label>"))]
    subject_kind: Option<String>,
    /// Only those about this thing.
    #[validate(custom(function = "is_id"))]
    subject: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Acts in the caller's province, oldest first.
#[utoipa::path(tag = "audit-events", params(EventQuery), responses((status = 200, body = EventPage)))]
#[get("/audit-events")]
pub(crate) async fn list(call: Call, query: Query<EventQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let filter = EventFilter {
                subject_kind: query.subject_kind.clone(),
                subject_id: read_some_id(query.subject.as_ref())?,
            };
            audit::list(tx, actor, &filter, page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(EventView::from)))
}

/// Who has seen or changed a person's data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonEventView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// What was done.
    #[schema(example = "participant.disclosed")]
    action: String,
    /// The reason that was given.
    #[schema(example = "Mencocokkan NIK dengan kartu keluarga yang dibawa orang tua")]
    reason: Option<String>,
    /// Who; absent when it was the operator at the machine.
    #[schema(value_type = Option<String>)]
    account: Option<Id>,
    /// The name of who it was.
    #[schema(example = "Wulan Sari")]
    name: Option<String>,
    #[schema(value_type = Option<String>, example = "school_coordinator")]
    role: Option<Role>,
    /// To what kind of thing.
    #[schema(example = "participant")]
    subject_kind: String,
    /// To which one.
    #[schema(value_type = String)]
    subject: Id,
    /// What it changed, field by field.
    #[schema(value_type = Object)]
    changes: serde_json::Value,
}

impl From<Told> for PersonEventView {
    fn from(told: Told) -> Self {
        let Told { event, name } = told;
        Self {
            id: event.id,
            at: event.at,
            action: event.action,
            reason: event.reason,
            account: event.account_id,
            name: name.map(|name| name.as_str().to_owned()),
            role: event.role,
            subject_kind: event.subject_kind,
            subject: event.subject_id,
            changes: json_of(&event.changes),
        }
    }
}

/// A page of what was done with a person's data.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonEventPage {
    items: Vec<PersonEventView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Who has seen a person's identity numbers and contacts in clear, and who has changed their data; oldest first.
#[utoipa::path(tag = "audit-events", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = PersonEventPage)))]
#[get("/participants/{id}/audit-events")]
pub(crate) async fn of_person(
    call: Call,
    id: web::Path<Id>,
    query: Query<PageQuery>,
) -> Result<impl Responder, Problem> {
    let page = call.read(move |tx, actor| participant::history(tx, actor, *id, query.request()?)).await?;
    Ok(Listed::from(page.map(PersonEventView::from)))
}

/// Which days, in the caller's province.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysQuery {
    /// The first; the beginning when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    from: Option<String>,
    /// The last; today when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[param(format = Date)]
    to: Option<String>,
}

/// Rows that are read and sent at a time.
const PIECE: i64 = 500;

const COLUMNS: [&str; 17] = [
    "id",
    "at",
    "action",
    "subject_kind",
    "subject",
    "person",
    "account",
    "name",
    "role",
    "scope",
    "province",
    "reason",
    "request",
    "address",
    "device",
    "detail",
    "changes",
];

fn line(told: Told) -> [String; 17] {
    let Told { event, name } = told;
    let id = |id: Option<Id>| id.map(|id| id.to_string()).unwrap_or_default();
    [
        event.id.to_string(),
        event.at.to_string(),
        event.action,
        event.subject_kind,
        event.subject_id.to_string(),
        id(event.person_id),
        id(event.account_id),
        name.map(|name| name.as_str().to_owned()).unwrap_or_default(),
        event.role.map(|role| role.to_string()).unwrap_or_default(),
        event.scope,
        event.province_code.map(|province| province.as_str().to_owned()).unwrap_or_default(),
        event.reason.unwrap_or_default(),
        event.request_id,
        event.address,
        event.device,
        event.detail,
        event.changes,
    ]
}

/// The audit of the caller's province as CSV for an inspector, oldest first.
#[utoipa::path(tag = "audit-events", params(DaysQuery),
    responses((status = 200, content_type = "text/csv", body = String)))]
#[get("/audit-events.csv")]
pub(crate) async fn export(call: Call, query: Query<DaysQuery>) -> Result<HttpResponse, Problem> {
    let (state, now) = (Arc::clone(&call.state), call.now);
    let (actor, days, first) = call
        .read(move |tx, actor| {
            let days = Days { from: read_some(query.from.as_ref())?, to: read_some(query.to.as_ref())? };
            Ok((actor.clone(), days, audit::export(tx, actor, days, PageRequest { after: None, size: PIECE })?))
        })
        .await?;
    let (pieces, body) = Pieces::new();
    rt::spawn(send(state, now, actor, days, first, pieces));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}

/// Sends page after page; no thread waits while the client reads.
async fn send(
    state: Arc<State>,
    now: Instant,
    actor: Actor,
    days: Days,
    mut page: Page<Told>,
    pieces: Sender<Result<Bytes>>,
) {
    let mut rows = sheet::lines([COLUMNS.map(str::to_owned)]);
    // It ends as well when nobody takes the pieces any more.
    while pieces.send(rows.map(Bytes::from)).await.is_ok() {
        let Some(last) = page.rows.last().map(|told| told.event.id) else { return };
        rows = sheet::lines(std::mem::take(&mut page.rows).into_iter().map(line));
        if page.next.is_some() && rows.is_ok() {
            let (state, actor) = (Arc::clone(&state), actor.clone());
            let behind = PageRequest { after: Some(last), size: PIECE };
            let read = block(move || {
                state.db.for_callers().read(now, |tx| {
                    access::limit(tx, &actor)?;
                    audit::export(tx, &actor, days, behind)
                })
            })
            .await;
            match read {
                Ok(next) => page = next,
                Err(error) => rows = Err(error),
            }
        }
    }
}

/// What an earlier check told.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HeadQuery {
    /// The `head` of an earlier check: the chain must still pass through it.
    #[validate(custom(function = "reads::<Head>"))]
    expect: Option<String>,
}

/// A place where the audit is not as it was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BrokenView {
    /// `audit.edited`, `audit.deleted`, `audit.inserted`, `audit.relinked` or `audit.cut`.
    #[schema(example = "audit.deleted")]
    pub(crate) code: &'static str,
    /// What is wrong and what to do, in the language asked for.
    pub(crate) sentence: String,
    /// Which entry of the chain, if it is about one.
    sequence: Option<i64>,
    /// Which event, if it is about one.
    #[schema(value_type = Option<String>)]
    event: Option<Id>,
}

impl BrokenView {
    fn of(broken: &Broken, language: Language) -> Self {
        Self {
            code: broken.breach.code().name,
            sentence: broken.sentence(language),
            sequence: broken.sequence,
            event: broken.event,
        }
    }
}

/// Whether the audit is as it was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditVerificationView {
    /// Whether nothing was edited, removed or made up.
    pub(crate) intact: bool,
    /// How far the chain reaches; keep it outside, and the next check finds a tail that was cut off.
    #[schema(example = "1204:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub(crate) head: Option<String>,
    /// Events in the chain.
    pub(crate) sealed: u64,
    /// Events that hold and are not in the chain yet.
    pub(crate) waiting: u64,
    /// The first broken place; the check ends there.
    pub(crate) broken: Option<BrokenView>,
}

impl AuditVerificationView {
    pub(crate) fn of(found: &Verification, language: Language) -> Self {
        Self {
            intact: found.broken.is_none(),
            head: (found.head.sequence > 0).then(|| found.head.to_string()),
            sealed: found.sealed,
            waiting: found.waiting,
            broken: found.broken.as_ref().map(|broken| BrokenView::of(broken, language)),
        }
    }
}

/// Checks every event and the chain over them; one check at a time.
#[utoipa::path(tag = "audit-events", params(HeadQuery), responses((status = 200, body = AuditVerificationView)))]
#[get("/audit/verification")]
pub(crate) async fn verify(call: Call, query: Query<HeadQuery>) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let found = call
        .work(move |state, now, actor| {
            let expected: Option<Head> = read_some(query.expect.as_ref())?;
            let alone = state.checking.try_lock();
            if matches!(alone, Err(TryLockError::WouldBlock)) {
                return Err(Error::new(&codes::STORAGE_BUSY));
            }
            audit::verify(&state.db, now, actor, expected.as_ref(), &mut |_, _| {})
        })
        .await?;
    Ok(private(&AuditVerificationView::of(&found, language)))
}
