//! Every failure as a problem document (RFC 9457), the framework's own included.

use std::fmt;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{ErrorHandlerResponse, Next};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use vokasi_core::error::{Code, Error, Fact, FieldProblem, Kind, Language, codes};

use crate::routes;
use crate::telemetry::TurnedAway;

/// The media type of a problem document.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A failure and the language it is told in.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) error: Error,
    pub(crate) language: Language,
}

/// The body of a failure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "https://vokasi.example/errors#class.full",
    "title": "Semua kursi kelas ini sudah terisi. Peserta tetap di daftar tunggu.",
    "status": 409,
    "code": "class.full"
}))]
pub(crate) struct ProblemDocument {
    /// Identifies the kind of problem; its fragment is the code.
    #[serde(rename = "type")]
    kind: String,
    /// What is wrong and what to do, in the language asked for.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The stable code.
    code: &'static str,
    /// Values that explain it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    facts: Map<String, Value>,
    /// Every wrong field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldDocument>,
    /// Every doubt; the change is made when it is sent again with their codes in `confirm`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldDocument>,
}

/// One wrong or doubtful field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldDocument {
    /// JSON pointer to it.
    pointer: String,
    /// The stable code.
    code: &'static str,
    /// What is wrong and what to do.
    detail: String,
    /// Values that explain it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    facts: Map<String, Value>,
}

impl Problem {
    pub(crate) fn new(error: Error, language: Language) -> Self {
        Self { error, language }
    }

    /// Why somebody was turned away, if this does: who they say they are, what they may do, or how often they come.
    fn turned_away(&self) -> Option<&'static Code> {
        let refusals = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
        if refusals.contains(&status(self.error.code)) {
            return Some(self.error.code);
        }
        let wrong = |code: &&Code| [&codes::ACCESS_PASSWORD_WRONG, &codes::ACCESS_CODE_WRONG].contains(code);
        self.error.fields.iter().map(|field| field.code).find(wrong)
    }

    pub(crate) fn document(&self) -> ProblemDocument {
        let error = &self.error;
        let fields = error.fields.iter().map(|field| field_document(field, self.language)).collect();
        let (errors, warnings) =
            if error.is(&codes::CONFIRMATION_REQUIRED) { (Vec::new(), fields) } else { (fields, Vec::new()) };
        ProblemDocument {
            kind: format!("/docs/errors#{}", error.code.name),
            title: error.code.sentence(self.language, &error.facts),
            status: status(error.code).as_u16(),
            code: error.code.name,
            facts: facts(&error.facts),
            errors,
            warnings,
        }
    }
}

fn field_document(field: &FieldProblem, language: Language) -> FieldDocument {
    FieldDocument {
        pointer: field.pointer.clone(),
        code: field.code.name,
        detail: field.code.sentence(language, &field.facts),
        facts: facts(&field.facts),
    }
}

fn facts(facts: &[Fact]) -> Map<String, Value> {
    facts.iter().map(|fact| (fact.name.to_string(), Value::String(fact.value.clone()))).collect()
}

/// The status of a code: its kind's, but for the few that HTTP has a word of its own for.
pub(crate) fn status(code: &Code) -> StatusCode {
    let forbidden = [
        &codes::ACCESS_DENIED,
        &codes::ACCESS_SECOND_FACTOR_REQUIRED,
        &codes::ACCESS_CONFIRMATION_NEEDED,
        &codes::SEATING_NOT_DELEGATED,
    ];
    if forbidden.contains(&code) {
        return StatusCode::FORBIDDEN;
    }
    if code == &codes::ACCESS_TOO_MANY_ATTEMPTS {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    if [&codes::INPUT_MALFORMED, &codes::QUERY_INVALID, &codes::CURSOR_INVALID, &codes::IDEMPOTENCY_KEY_REQUIRED]
        .contains(&code)
    {
        return StatusCode::BAD_REQUEST;
    }
    if code == &codes::INPUT_TOO_LARGE || code == &codes::IMPORT_TOO_LARGE {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    if code == &codes::INPUT_MEDIA_TYPE {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE;
    }
    if code == &codes::TOO_MANY_REQUESTS {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    if code == &codes::METHOD_NOT_ALLOWED {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    if code == &codes::PRECONDITION_REQUIRED {
        return StatusCode::PRECONDITION_REQUIRED;
    }
    match code.kind {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Denied => StatusCode::UNAUTHORIZED,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Refused => StatusCode::CONFLICT,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::Storage if code == &codes::STORAGE_BUSY => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Storage => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(self.error.code)
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        if status.is_server_error() {
            // The cause is for the log alone; it is written once, here.
            tracing::error!(
                code = self.error.code.name,
                cause = self.error.cause.as_ref().map(tracing::field::display)
            );
        }
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
        if let Some(wait) = self.error.facts.iter().find(|fact| fact.name == "seconds") {
            response.insert_header((header::RETRY_AFTER, wait.value.as_str()));
        }
        response.insert_header((header::CONTENT_LANGUAGE, tag(self.language)));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        if let Some(pause) = self.error.facts.iter().find(|fact| fact.name == "seconds")
            && status == StatusCode::TOO_MANY_REQUESTS
        {
            response.insert_header((header::RETRY_AFTER, pause.value.clone()));
        }
        if let Some(code) = self.turned_away() {
            response.extensions_mut().insert(TurnedAway(code.name));
        }
        response.json(self.document())
    }
}

/// The language a request likes best of Indonesian and English (Accept-Language, RFC 9110); Indonesian otherwise.
pub(crate) fn language(headers: &HeaderMap) -> Language {
    best(&wanted(headers)).unwrap_or_default()
}

/// The same for a page that people abroad read: English for whoever asks for other languages only.
pub(crate) fn language_abroad(headers: &HeaderMap) -> Language {
    let wanted = wanted(headers);
    let abroad = || wanted.iter().any(|(range, weight)| range != "*" && *weight > 0).then_some(Language::English);
    best(&wanted).or_else(abroad).unwrap_or_default()
}

/// The languages that are asked for, without their regions, each with its weight.
fn wanted(headers: &HeaderMap) -> Vec<(String, u32)> {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let part = |part: &str| {
        let (range, weight) = part.split_once(';').unwrap_or((part, "q=1"));
        let range = range.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        (range, thousandths(weight))
    };
    wanted.split(',').map(part).filter(|(range, _)| !range.is_empty()).collect()
}

/// Malay is nearer to Indonesian than to English.
fn best(wanted: &[(String, u32)]) -> Option<Language> {
    let mut best = (0, None);
    for (range, weight) in wanted {
        let language = match range.as_str() {
            "id" | "in" | "ms" => Language::Indonesian,
            "en" => Language::English,
            _ => continue,
        };
        if *weight > best.0 {
            best = (*weight, Some(language));
        }
    }
    best.1
}

/// `q=0.8` as 800; nothing for what is no weight.
fn thousandths(weight: &str) -> u32 {
    let digits = weight.trim().strip_prefix("q=").unwrap_or_default();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    format!("{whole}{fraction:0<3.3}").parse().unwrap_or(0)
}

/// The language's tag.
pub(crate) fn tag(language: Language) -> &'static str {
    match language {
        Language::Indonesian => "id",
        Language::English => "en",
    }
}

/// An error told in the request's language.
pub(crate) fn told(request: &HttpRequest, error: Error) -> actix_web::Error {
    Problem::new(error, language(request.headers())).into()
}

/// What no route answers: nothing is there, or not by this method.
pub(crate) async fn not_found(request: HttpRequest) -> HttpResponse {
    let told = |error| Problem::new(error, language(request.headers())).error_response();
    let Some(methods) = routes::methods_at(request.path()) else {
        return told(Error::new(&codes::NOT_FOUND));
    };
    let allowed = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    let mut answer = told(Error::new(&codes::METHOD_NOT_ALLOWED).fact("allowed", &allowed));
    if let Ok(value) = HeaderValue::from_str(&allowed) {
        answer.headers_mut().insert(header::ALLOW, value);
    }
    answer
}

/// Refuses an address with a null character in it, which no text of ours has and PostgreSQL cannot compare.
pub(crate) async fn refuse_null<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let wrong = if request.path().contains("%00") {
        Some(Error::new(&codes::NOT_FOUND))
    } else if request.query_string().contains("%00") {
        Some(Error::new(&codes::QUERY_INVALID).fact("reason", "U+0000"))
    } else {
        None
    };
    if let Some(error) = wrong {
        let problem = Problem::new(error, language(request.headers()));
        return Ok(request.into_response(problem.error_response()).map_into_right_body());
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

/// Turns the framework's own plain errors into problem documents.
#[expect(clippy::unnecessary_wraps, reason = "the framework asks for a Result")]
pub(crate) fn of_framework<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
) -> actix_web::Result<ErrorHandlerResponse<B>> {
    let ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with(MEDIA_TYPE) || kind.starts_with("text/html"));
    if ours {
        return Ok(ErrorHandlerResponse::Response(response.map_into_left_body()));
    }
    let status = response.status();
    let allow = response.headers().get(header::ALLOW).cloned();
    let error = match status {
        StatusCode::NOT_FOUND => Error::new(&codes::NOT_FOUND),
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = allow.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            Error::new(&codes::METHOD_NOT_ALLOWED).fact("allowed", allowed)
        }
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(&codes::INPUT_TOO_LARGE).fact("limit", crate::body::LIMIT),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::new(&codes::INPUT_MEDIA_TYPE).fact("expected", "application/json"),
        StatusCode::SERVICE_UNAVAILABLE => Error::new(&codes::STORAGE_BUSY),
        status if status.is_client_error() => Error::new(&codes::INPUT_MALFORMED).fact("reason", status.as_str()),
        status => Error::storage(format!("unexpected answer {status}")),
    };
    let problem = Problem::new(error, language(response.request().headers()));
    let mut answer = problem.error_response();
    if let Some(allow) = allow {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    let request = response.request().clone();
    Ok(ErrorHandlerResponse::Response(ServiceResponse::new(request, answer).map_into_right_body()))
}
