//! Batches: marks that were made without a network, from one or many sessions. The protocol stands in `docs/offline.md`.

use actix_web::{Responder, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use vokasi_core::attendance::offline::{self, EntryId, NewEntry, Received};
use vokasi_core::error::{Error, Language, Result, codes};
use vokasi_core::time::Instant;
use vokasi_core::values::Mark;

use super::attendance::{is_note, remark};
use crate::body::{Body, one_of, read, read_id, refusal};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::private;

/// A mark that a device has made.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EntryBody {
    /// A UUID that the device gave the mark.
    #[schema(required = true, example = "0198f2a4-7c1e-7000-8000-0242ac120002")]
    id: String,
    #[schema(required = true)]
    session: String,
    #[schema(required = true)]
    enrollment: String,
    /// `H` present, `T` late, `S` sick, `I` excused or `A` absent.
    #[schema(required = true, example = "H")]
    mark: String,
    /// With `T`: minutes after the beginning.
    #[schema(value_type = Option<i32>)]
    minutes_late: Option<serde_json::Value>,
    /// A short text for those who mark the class.
    note: Option<String>,
    /// A number that grows with every mark the device makes.
    #[schema(required = true)]
    place: i64,
    /// `register_at` of the session as the device knew it; absent when there was no register yet.
    seen: Option<i64>,
    /// What the device's clock said. It is kept, and decides nothing.
    #[schema(required = true, format = DateTime, example = "2025-07-21T03:00:00Z")]
    made_at: String,
}

impl EntryBody {
    /// What is wrong with one mark is that mark's own result.
    fn entry(&self) -> Result<NewEntry> {
        one_of::<Mark>(&self.mark).map_err(|error| refusal(&error))?;
        if let Some(note) = &self.note {
            is_note(note).map_err(|error| refusal(&error))?;
        }
        let minutes_late = self.minutes_late.as_ref().map(minutes).transpose()?;
        let remark = remark(minutes_late, self.note.as_ref())?.unwrap_or_default();
        if self.place < 0 {
            return Err(Error::new(&codes::FIELD_RANGE).fact("min", 0).fact("max", i64::MAX));
        }
        Ok(NewEntry {
            id: read::<EntryId>(&self.id)?,
            session: read_id(&self.session)?,
            enrollment: read_id(&self.enrollment)?,
            mark: read::<Mark>(&self.mark)?,
            remark,
            place: self.place,
            seen: self.seen,
            made_at: read::<Instant>(&self.made_at)?,
        })
    }
}

/// Minutes of any size. Too many are for the session to refuse, so that they never keep other marks from being read.
fn minutes(sent: &serde_json::Value) -> Result<i32> {
    let number = sent.as_i64().or_else(|| sent.as_u64().map(|_| i64::MAX));
    let number = number.ok_or_else(|| Error::new(&codes::FIELD_TYPE))?;
    Ok(i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX }))
}

/// What a device has made since its last batch was answered.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"device": "ponsel-rina-7f3a", "marks": [{
    "id": "0198f2a4-7c1e-7000-8000-0242ac120002", "session": "0CZ5V9K3M7Q2J", "enrollment": "0CZ5V9K3M7Q2H",
    "mark": "T", "minutes_late": 15, "place": 41, "seen": null, "made_at": "2025-07-21T03:00:00Z"
}]}))]
pub(crate) struct BatchBody {
    /// The name that the device has given itself once and for all: 8 to 64 letters, digits, hyphens.
    #[validate(custom(function = "is_device"))]
    #[schema(required = true)]
    device: String,
    /// 1 to 500 marks.
    #[validate(length(min = 1, max = 500))]
    #[schema(required = true)]
    marks: Vec<EntryBody>,
}

fn is_device(text: &str) -> std::result::Result<(), validator::ValidationError> {
    let formed =
        (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if formed { Ok(()) } else { Err(crate::body::wrong(&codes::FIELD_TEXT)) }
}

/// What became of one mark.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryResultView {
    /// As it was sent.
    id: String,
    /// `stored`, `same`, `clash`, `superseded` or `refused`.
    #[schema(example = "stored")]
    result: &'static str,
    /// Why it was refused.
    #[schema(value_type = Option<String>)]
    code: Option<&'static str>,
    /// The same as a sentence.
    detail: Option<String>,
}

impl EntryResultView {
    fn of(id: String, result: Result<Received>, language: Language) -> Self {
        match result {
            Ok(received) => Self { id, result: received.as_str(), code: None, detail: None },
            Err(error) => Self {
                id,
                result: "refused",
                code: Some(error.code.name),
                detail: Some(error.code.sentence(language, &error.facts)),
            },
        }
    }
}

/// One result for each mark, in the order in which they came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchView {
    results: Vec<EntryResultView>,
}

/// Takes in marks that were made offline: late, twice, in any order, from several devices. Each has a result of its own;
/// what came before is not taken again and has the result it had.
#[utoipa::path(tag = "attendance", request_body = BatchBody, responses((status = 200, body = BatchView)))]
#[post("/attendance-batches")]
pub(crate) async fn receive(call: Call, body: Body<BatchBody>) -> Result<impl Responder, Problem> {
    let language = call.language;
    let BatchBody { device, marks } = body.value;
    let ids: Vec<String> = marks.iter().map(|mark| mark.id.clone()).collect();
    let entries = marks.iter().map(EntryBody::entry).collect();
    let results = call.write(move |tx, actor| offline::receive(tx, actor, &device, entries)).await?;
    let told = ids.into_iter().zip(results).map(|(id, result)| EntryResultView::of(id, result, language));
    Ok(private(&BatchView { results: told.collect() }))
}
