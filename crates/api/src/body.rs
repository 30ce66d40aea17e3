//! JSON bodies and queries: parsed, then checked field by field, so that one answer names every wrong field.

use std::borrow::Cow;
use std::future::{Ready, ready};
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};
use vokasi_core::error::{Code, Error, Fact, FieldProblem, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::keys::sha256_hex;
use vokasi_core::values::{Value, Words, holds_identity_number};

use crate::problem::told;

/// Bytes of a JSON body at most.
pub(crate) const LIMIT: usize = 1_048_576;

/// A JSON body whose every field holds.
#[derive(Debug)]
pub(crate) struct Body<T> {
    pub(crate) value: T,
    /// As they were sent.
    bytes: web::Bytes,
}

impl<T> Body<T> {
    /// The value, and the SHA-256 of the bytes it came in, to tell a repeat from another request.
    pub(crate) fn hashed(self) -> (T, String) {
        (self.value, sha256_hex(&self.bytes))
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let json =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|kind| {
                kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
            });
        if !json {
            let error = Error::new(&codes::INPUT_MEDIA_TYPE).fact("expected", "application/json");
            return Box::pin(async move { Err(told(&request, error)) });
        }
        let bytes = web::Bytes::from_request(&request, payload);
        Box::pin(async move {
            let bytes =
                bytes.await.map_err(|_| told(&request, Error::new(&codes::INPUT_TOO_LARGE).fact("limit", LIMIT)))?;
            parse(bytes).map_err(|error| told(&request, error))
        })
    }
}

/// A query whose every parameter holds.
#[derive(Debug)]
pub(crate) struct Query<T>(T);

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Query<T> {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = web::Query::<T>::from_request(request, payload).into_inner().and_then(|query| {
            let wrong = query.validate().map_err(|errors| Error::fields(problems(&errors)));
            wrong.map_err(|error| told(request, error))?;
            Ok(Self(query.into_inner()))
        });
        ready(read)
    }
}

fn parse<T: DeserializeOwned + Validate>(bytes: web::Bytes) -> Result<Body<T>> {
    if has_null(&bytes) {
        return Err(Error::new(&codes::INPUT_MALFORMED).fact("reason", "U+0000"));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(Error::new(&codes::INPUT_MALFORMED).fact("reason", "empty, an empty object is the least"));
    }
    // A struct can be read from a list as well, in the order of its fields; nobody means that.
    if bytes.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err(Error::new(&codes::INPUT_MALFORMED).fact("reason", "not an object"));
    }
    // Keeping track of where it stands is for a body that cannot be read: it costs as much as reading.
    let value: T = serde_json::from_slice(&bytes).or_else(|_| read_closely(&bytes))?;
    value.validate().map_err(|errors| Error::fields(problems(&errors)))?;
    Ok(Body { value, bytes })
}

/// The same again, so that an error says where.
fn read_closely<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| unreadable(&pointer(error.path()), error.inner()))?;
    json.end().map_err(|error| unreadable("", &error))?;
    Ok(value)
}

/// Whether some text holds a null character: PostgreSQL keeps none, and SQLite cuts the text there.
fn has_null(bytes: &[u8]) -> bool {
    let escape = br"\u0000";
    // Most bodies escape nothing.
    bytes.contains(&b'\\')
        && bytes.windows(escape.len()).enumerate().any(|(at, window)| {
            window == escape && bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
        })
}

/// Where in a body something stands, as a JSON pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    path.iter().filter_map(part).collect()
}

/// What serde says without the values it quotes: those may be personal.
fn unreadable(pointer: &str, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let named =
        |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.split_once('`')).map(|(name, _)| name.to_owned());
    if let Some(name) = named("missing field `") {
        return Error::field(format!("{pointer}/{name}"), &codes::FIELD_REQUIRED);
    }
    if let Some(name) = named("unknown field `") {
        return Error::new(&codes::INPUT_MALFORMED).fact("reason", format!("unknown field {name}"));
    }
    if error.is_data() {
        return Error::field(pointer, &codes::FIELD_TYPE);
    }
    Error::new(&codes::INPUT_MALFORMED)
        .fact("reason", format!("syntax, line {}, column {}", error.line(), error.column()))
}

fn problems(errors: &ValidationErrors) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    collect(errors, "", &mut found);
    found.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    found
}

fn collect(errors: &ValidationErrors, path: &str, found: &mut Vec<FieldProblem>) {
    for (name, kind) in errors.errors() {
        // The wire name is the field's, but for `kind` and the like, which Rust reserves nothing of.
        // What is wrong with several fields together stands at the thing that holds them.
        let pointer = if name == "__all__" { path.to_owned() } else { format!("{path}/{name}") };
        match kind {
            ValidationErrorsKind::Field(list) => found.extend(list.iter().map(|error| problem(&pointer, error))),
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, found),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{pointer}/{index}"), found);
                }
            }
        }
    }
}

fn problem(pointer: &str, error: &ValidationError) -> FieldProblem {
    let code = match error.code.as_ref() {
        "length" => &codes::FIELD_LENGTH,
        "range" => &codes::FIELD_RANGE,
        name => codes::named(name).unwrap_or(&codes::FIELD_TEXT),
    };
    let facts = ["min", "max", "allowed"]
        .into_iter()
        .filter(|name| code.en.contains(&format!("{{{name}}}")))
        .filter_map(|name| {
            let value = error.params.get(name)?;
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Some(Fact::new(name, value))
        })
        .collect();
    let pointer = error.params.get(INDEX).map_or_else(|| pointer.to_owned(), |index| format!("{pointer}/{index}"));
    FieldProblem { pointer, code, facts }
}

/// What is wrong with a field as a refusal of its own, with its facts.
pub(crate) fn refusal(error: &ValidationError) -> Error {
    let FieldProblem { code, facts, .. } = problem("", error);
    Error { facts, ..Error::new(code) }
}

/// Where in a list the wrong item stands.
const INDEX: &str = "index";

/// The error of a code, for a check of a wire type's own.
pub(crate) fn wrong(code: &'static Code) -> ValidationError {
    ValidationError::new(code.name)
}

/// For `#[validate(custom)]`: the text is a value of this type.
pub(crate) fn reads<T: Value>(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() {
        return Err(wrong(&codes::FIELD_REQUIRED));
    }
    T::read(text).map(drop).map_err(wrong)
}

/// For `#[validate(custom)]`: the text is a value of this type and at most so many characters long.
pub(crate) fn short<T: Value, const MAX: usize>(text: &str) -> Result<(), ValidationError> {
    reads::<T>(text)?;
    if text.chars().count() <= MAX {
        return Ok(());
    }
    let mut error = wrong(&codes::FIELD_LENGTH);
    error.add_param(Cow::Borrowed("min"), &1);
    error.add_param(Cow::Borrowed("max"), &MAX);
    Err(error)
}

/// For `#[validate(custom)]`: no identity number stands in a text that goes into the audit, a history or a notice, where
/// everyone reads it as it was written.
pub(crate) fn names_no_number(text: &str) -> Result<(), ValidationError> {
    if holds_identity_number(text) { Err(wrong(&codes::FIELD_IDENTITY_NUMBER)) } else { Ok(()) }
}

/// For `#[validate(custom)]`: the text is one of this type's words.
pub(crate) fn one_of<T: Words>(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() {
        return Err(wrong(&codes::FIELD_REQUIRED));
    }
    T::read(text).map(drop).map_err(|code| {
        let mut error = wrong(code);
        let allowed = T::ALL.iter().map(|word| word.word()).collect::<Vec<_>>().join(", ");
        error.add_param(Cow::Borrowed("allowed"), &allowed);
        error
    })
}

/// For `#[validate(custom)]`: the text is an id.
pub(crate) fn is_id(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() {
        return Err(wrong(&codes::FIELD_REQUIRED));
    }
    text.parse::<Id>().map(drop).map_err(|_| wrong(&codes::FIELD_ID))
}

/// For `#[validate(custom)]`: every text of the list passes this check; the first that does not is named.
fn each(list: &[String], check: impl Fn(&str) -> Result<(), ValidationError>) -> Result<(), ValidationError> {
    for (index, text) in list.iter().enumerate() {
        check(text).map_err(|mut error| {
            error.add_param(Cow::Borrowed(INDEX), &index);
            error
        })?;
    }
    Ok(())
}

/// For `#[validate(custom)]`: every text of the list is one of this type's words.
pub(crate) fn each_of<T: Words>(list: &[String]) -> Result<(), ValidationError> {
    each(list, one_of::<T>)
}

/// For `#[validate(custom)]`: every text of the list is a value of this type.
pub(crate) fn each_reads<T: Value>(list: &[String]) -> Result<(), ValidationError> {
    each(list, reads::<T>)
}

/// For `#[validate(custom)]`: every text of the list is an id.
pub(crate) fn each_id(list: &[String]) -> Result<(), ValidationError> {
    each(list, is_id)
}

/// Reads what validation has let through.
///
/// # Errors
/// The value's own code, for a field that was not validated.
pub(crate) fn read<T: Value>(text: &str) -> Result<T> {
    T::read(text).map_err(Error::new)
}

/// The same for a field that may be absent.
pub(crate) fn read_some<T: Value>(text: Option<&String>) -> Result<Option<T>> {
    text.map(|text| read(text)).transpose()
}

/// Reads every text of a list that validation has let through.
pub(crate) fn read_all<T: Value>(texts: &[String]) -> Result<Vec<T>> {
    texts.iter().map(|text| read(text)).collect()
}

/// Reads an id that validation has let through.
pub(crate) fn read_id(text: &str) -> Result<Id> {
    text.parse().map_err(|_| Error::new(&codes::FIELD_ID))
}

/// The same for a field that may be absent.
pub(crate) fn read_some_id(text: Option<&String>) -> Result<Option<Id>> {
    text.map(|text| read_id(text)).transpose()
}
