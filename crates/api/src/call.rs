//! One request on its way to core: who calls, how it is told, and the one transaction it runs in.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use serde::Serialize;
use tokio::sync::oneshot;
use vokasi_core::access::{self, Actor, Credential, Origin, service_token};
use vokasi_core::db::{Db, Tx};
use vokasi_core::error::{Error, Language, Result, codes};
use vokasi_core::keys::sha256_hex;
use vokasi_core::time::Instant;

use crate::problem::{Problem, language};
use crate::reply::Made;
use crate::state::State;
use crate::telemetry::{Claimed, RequestId};

/// How core finds out who asks.
type Admit = fn(&mut Tx<'_>, &Credential, Origin) -> Result<Actor>;

/// A request, before anything of it is trusted.
pub(crate) struct Call {
    pub(crate) state: Arc<State>,
    pub(crate) language: Language,
    pub(crate) origin: Origin,
    pub(crate) now: Instant,
    /// Whether long work may be done after the answer: `Prefer: respond-async` (RFC 7240).
    pub(crate) prefers_async: bool,
    credential: Result<Credential>,
    admit: Admit,
    idempotency_key: Option<String>,
    if_match: Option<String>,
    line: String,
}

impl FromRequest for Call {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Whoever is not signed in hears of that before anything is read.
        ready(Self::of(request).and_then(|call| call.signed_in().map_err(Into::into)))
    }
}

/// What came as a bearer's token, of somebody who does not ask too often.
fn credential(state: &State, token: &str, now: Instant) -> Result<Credential> {
    if token.starts_with(service_token::PREFIX) {
        state.door.program(token)?;
        return Ok(Credential::Service(token.to_owned()));
    }
    let claims = state.tokens.check(&state.db.world().keys(), token, now)?;
    state.door.account(claims.account)?;
    Ok(Credential::Login(claims))
}

/// A request of anybody: signing in, checking a certificate.
pub(crate) struct Guest(pub(crate) Call);

impl FromRequest for Guest {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Call::of(request).map(Self))
    }
}

impl Call {
    fn of(request: &HttpRequest) -> Result<Self, actix_web::Error> {
        request
            .app_data::<web::Data<State>>()
            .map(|state| Self::new(request, Arc::clone(state)))
            .ok_or_else(|| actix_web::error::ErrorInternalServerError("no state"))
    }

    fn new(request: &HttpRequest, state: Arc<State>) -> Self {
        let text = |name: header::HeaderName| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let now = state.clock.now();
        let authorization = text(header::AUTHORIZATION).unwrap_or_default();
        let credential = match authorization.split_once(' ').map(|(scheme, token)| (scheme, token.trim())) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => credential(&state, token, now),
            _ => Err(Error::new(&codes::ACCESS_TOKEN_MISSING)),
        };
        if let Ok(Credential::Login(claims)) = &credential {
            request.extensions_mut().insert(Claimed(claims.account));
        }
        let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        Self {
            language: language(request.headers()),
            origin: Origin {
                request_id,
                address: state.door.address(request).map(|address| address.to_string()).unwrap_or_default(),
                device: text(header::USER_AGENT).unwrap_or_default(),
            },
            now,
            prefers_async: prefers_async(request),
            credential,
            admit: access::actor,
            idempotency_key: text(header::HeaderName::from_static("idempotency-key")),
            if_match: text(header::IF_MATCH),
            line: format!("{} {}", request.method(), request.uri()),
            state,
        }
    }

    fn signed_in(self) -> Result<Self, Problem> {
        match self.credential {
            Ok(credential) => Ok(Self { credential: Ok(credential), ..self }),
            Err(error) => Err(Problem::new(error, self.language)),
        }
    }

    /// The same caller, who asks once more at this moment.
    pub(crate) fn again(&self) -> Self {
        Self {
            state: Arc::clone(&self.state),
            origin: self.origin.clone(),
            now: self.state.clock.now(),
            credential: self.credential.as_ref().map_err(|error| Error::new(error.code)).cloned(),
            idempotency_key: self.idempotency_key.clone(),
            if_match: self.if_match.clone(),
            line: self.line.clone(),
            ..*self
        }
    }

    /// An error told in the caller's language.
    pub(crate) fn problem(&self, error: Error) -> Problem {
        Problem::new(error, self.language)
    }

    /// Lets in a login that can only set up its second factor, too.
    pub(crate) fn admit_without_second_factor(self) -> Self {
        Self { admit: access::any_actor, ..self }
    }

    /// Reads one thing or one page as the caller.
    pub(crate) async fn read<T: Send + 'static>(
        self,
        read: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let language = self.language;
        told(self.reading(Box::new(move |tx, actor| read(tx, actor).map(any)), Db::read).await, language)
    }

    /// Reads several things that must agree with each other, as the caller.
    pub(crate) async fn snapshot<T: Send + 'static>(
        self,
        read: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let language = self.language;
        told(self.reading(Box::new(move |tx, actor| read(tx, actor).map(any)), Db::snapshot).await, language)
    }

    /// Reads something on the way to what was asked, as the caller.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let before = Self {
            state: Arc::clone(&self.state),
            language: self.language,
            origin: self.origin.clone(),
            now: self.now,
            credential: self.credential.as_ref().cloned().map_err(|error| Error::new(error.code)),
            admit: self.admit,
            idempotency_key: None,
            prefers_async: false,
            if_match: None,
            line: String::new(),
        };
        before.read(read).await
    }

    async fn reading(self, read: AsActor, run: fn(&Db, Instant, Work) -> Result<Any>) -> Result<Any> {
        let Self { state, origin, now, credential, admit, .. } = self;
        let (sender, used) = std::sync::mpsc::channel();
        let work = move || {
            let credential = credential?;
            let reaches = Arc::clone(&state.reaches);
            let answer = run(
                &state.db.for_caller(reaches.last(&credential)),
                now,
                Box::new(move |tx| {
                    let actor = admit(tx, &credential, origin)?;
                    reaches.note(&credential, &actor);
                    let _ = access::use_to_note(&actor).map(|token| sender.send(token));
                    read(tx, &actor)
                }),
            )?;
            // A read cannot write; a program's use of its token is noted beside it.
            if let Ok(token) = used.try_recv() {
                state.db.write(now, move |tx| access::note_use(tx, token))?;
            }
            Ok(answer)
        };
        waiting(Box::new(work)).await
    }

    /// Changes something as the caller, in one transaction.
    pub(crate) async fn write<T: Send + 'static>(
        self,
        change: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let language = self.language;
        told(self.changing(Box::new(move |tx, actor| change(tx, actor).map(any))).await, language)
    }

    async fn changing(self, change: AsActor) -> Result<Any> {
        let Self { state, origin, now, credential, admit, .. } = self;
        let credential = credential?;
        let reaches = Arc::clone(&state.reaches);
        let db = state.db.for_caller(reaches.last(&credential));
        let work = move |tx: &mut Tx<'_>| {
            let actor = admit(tx, &credential, origin)?;
            reaches.note(&credential, &actor);
            if let Some(token) = access::use_to_note(&actor) {
                access::note_use(tx, token)?;
            }
            change(tx, &actor)
        };
        submit(&db, now, Box::new(work)).await
    }

    /// Changes an existing thing as the caller read it: the version comes from If-Match.
    ///
    /// # Errors
    /// `request.if_match_required`, and what the change itself refuses.
    pub(crate) async fn change<T: Send + 'static>(
        self,
        change: impl FnOnce(&mut Tx<'_>, &Actor, i32) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let version = version(self.if_match.as_deref()).map_err(|error| self.problem(error))?;
        self.write(move |tx, actor| change(tx, actor, version)).await
    }

    /// Makes something as the caller, once: a repeat with the same key and body gets the first answer again.
    pub(crate) async fn create<V: Serialize + Send + 'static>(
        self,
        body_sha256: &str,
        make: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<Made<V>> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let key = idempotency_key(self.idempotency_key.as_deref()).map_err(|error| self.problem(error))?;
        let request_hash = sha256_hex(format!("{}\n{body_sha256}", self.line).as_bytes());
        let kept = self
            .write(move |tx, actor| {
                if let Some(kept) = access::kept_answer(tx, actor, &key, &request_hash)? {
                    return Ok(kept);
                }
                let answer = make(tx, actor)?.answer(request_hash)?;
                access::keep_answer(tx, actor, &key, &answer)?;
                Ok(answer)
            })
            .await?;
        Ok(crate::reply::replay(kept))
    }

    /// Does something in transactions of its own, as the caller.
    pub(crate) async fn work<T: Send + 'static>(
        self,
        work: impl FnOnce(&State, Instant, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { state, language, origin, now, credential, admit, .. } = self;
        let work = move || {
            let credential = credential?;
            let actor = state.db.read(now, |tx| admit(tx, &credential, origin))?;
            if let Some(token) = access::use_to_note(&actor) {
                state.db.write(now, move |tx| access::note_use(tx, token))?;
            }
            work(&state, now, &actor)
        };
        block(work).await.map_err(|error| Problem::new(error, language))
    }

    /// Runs something that is nobody's: signing in, checking a certificate.
    pub(crate) async fn open<T: Send + 'static>(
        self,
        work: impl FnOnce(&State, Instant, Origin) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { state, language, origin, now, .. } = self;
        block(move || work(&state, now, origin)).await.map_err(|error| Problem::new(error, language))
    }

    /// Changes something after the answer, for nobody in particular: how long it takes tells nobody what it found.
    pub(crate) fn afterwards(self, change: impl FnOnce(&mut Tx<'_>, Origin) -> Result<()> + Send + 'static) {
        let Self { state, origin, now, .. } = self;
        actix_web::rt::spawn(async move {
            if let Err(error) = submit(&state.db, now, Box::new(move |tx| change(tx, origin).map(any))).await {
                tracing::error!(code = error.code.name, cause = error.cause.as_ref().map(tracing::field::display));
            }
        });
    }
}

/// What a piece of work gives, whatever that is. What hands work over is made once and not for each of hundreds of
/// handlers: it was a tenth of the program.
type Any = Box<dyn std::any::Any + Send>;
type AsActor = Box<dyn FnOnce(&mut Tx<'_>, &Actor) -> Result<Any> + Send>;
type Work = Box<dyn FnOnce(&mut Tx<'_>) -> Result<Any> + Send>;

fn any<T: Send + 'static>(value: T) -> Any {
    Box::new(value)
}

fn one<T: 'static>(value: Any) -> Result<T> {
    value.downcast().map(|value| *value).map_err(|_| Error::new(&codes::STORAGE_FAILED))
}

fn told<T: 'static>(result: Result<Any>, language: Language) -> Result<T, Problem> {
    result.and_then(one).map_err(|error| Problem::new(error, language))
}

/// Runs work that waits, away from the threads that serve.
pub(crate) async fn block<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    waiting(Box::new(move || work().map(any))).await.and_then(one)
}

async fn waiting(work: Box<dyn FnOnce() -> Result<Any> + Send>) -> Result<Any> {
    web::block(work).await.map_err(|_| Error::new(&codes::STORAGE_BUSY))?
}

/// Hands a change to the writer thread where there is one, so that no other thread waits for the disk.
async fn submit(db: &Db, now: Instant, change: Work) -> Result<Any> {
    if !db.has_writer() {
        let db = db.clone();
        return waiting(Box::new(move || db.write(now, change))).await;
    }
    let (answer, answered) = oneshot::channel();
    // A caller that hung up does not undo what was decided.
    db.submit(now, change, move |result| drop(answer.send(result)))?;
    answered.await.map_err(|_| Error::new(&codes::STORAGE_FAILED))?
}

fn prefers_async(request: &HttpRequest) -> bool {
    let wishes = request.headers().get_all(header::HeaderName::from_static("prefer"));
    let mut wishes = wishes.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
    wishes.any(|wish| wish.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("respond-async"))
}

fn version(if_match: Option<&str>) -> Result<i32> {
    let tag = if_match.ok_or_else(|| Error::new(&codes::PRECONDITION_REQUIRED))?;
    tag.trim()
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .and_then(|version| version.parse().ok())
        .ok_or_else(|| Error::new(&codes::STALE))
}

fn idempotency_key(key: Option<&str>) -> Result<String> {
    key.filter(|key| {
        (1..=64).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
    .map(str::to_owned)
    .ok_or_else(|| Error::new(&codes::IDEMPOTENCY_KEY_REQUIRED))
}
