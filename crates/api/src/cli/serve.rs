//! `vokasi serve`.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use actix_web::web;
use vokasi_core::access::{self, Actor, NewAccount, Role};
use vokasi_core::certificate::credential;
use vokasi_core::db::Db;
use vokasi_core::error::Error;
use vokasi_core::values::{Email, PersonName};

use super::{open, say};
use crate::config::{Settings, SetupError};
use crate::door::Door;
use crate::jobs::{self, Jobs};
use crate::mail::Mailer;
use crate::server::{self, Sizes};
use crate::state::{Clock, State};
use crate::telemetry;
use crate::work::Workers;

pub(super) fn run(settings: &Settings) -> Result<(), SetupError> {
    telemetry::start(settings.log_json, &settings.log);
    let db = open(settings)?;
    let listener =
        TcpListener::bind(settings.listen).map_err(|error| SetupError(format!("{}: {error}", settings.listen)))?;
    let state = state(db, settings)?;
    let public_url = state.public_url.clone();
    state.db.write(state.clock.now(), move |tx| credential::settle(tx, &public_url))?;
    if let Some(link) = set_up_link(&state)? {
        say("No account yet. Choose the administrator's password here (once, within 72 hours):");
        say(&format!("  {link}"));
    }
    if let Some(folder) = mail_folder(&state) {
        say(&format!("No mail server is set; messages land in {}", folder.display()));
    }
    say(&format!("Vokasi is at {}", state.public_url));
    serve(state, listener, settings)
}

/// Where messages land when no mail server is set.
pub(crate) fn mail_folder(state: &State) -> Option<&Path> {
    state.mailer.as_ref().and_then(Mailer::folder)
}

/// What requests share, with the way out for mail and the extra font of the settings.
pub(crate) fn state(db: Db, settings: &Settings) -> Result<State, SetupError> {
    let proxies = settings.trusted_proxies.clone();
    let door = if settings.rate_limits { Door::guarded(proxies) } else { Door::unlimited(proxies) };
    let mailer = Mailer::open(&settings.mail)?;
    let state = State::new(db, Clock::System, public_url(settings))?
        .behind(door)
        .with_mailer(mailer)
        .with_key_source(Box::new(settings.secret.clone()))
        .with_second_factor(settings.second_factor.unwrap_or_default());
    let Some(path) = &settings.certificate_font else { return Ok(state) };
    let refused = |error: &dyn std::fmt::Display| SetupError(format!("{}: {error}", path.display()));
    let font = fs::read(path).map_err(|error| refused(&error))?;
    state.with_certificate_font(font).map_err(|error| refused(&error))
}

/// Serves until the process is told to stop; requests under way are finished.
pub(crate) fn serve(state: State, listener: TcpListener, settings: &Settings) -> Result<(), SetupError> {
    let sizes = Sizes {
        workers: settings.workers,
        connections: usize::try_from(settings.connections).unwrap_or(settings.workers),
    };
    let state = web::Data::new(state);
    let _jobs = Jobs::start(&state, jobs::ALL).map_err(|error| SetupError(error.to_string()))?;
    let _workers = Workers::start(&state).map_err(|error| SetupError(error.to_string()))?;
    actix_web::rt::System::new()
        .block_on(async move { server::start(state, listener, sizes)?.await })
        .map_err(|error| SetupError(error.to_string()))
}

pub(crate) fn public_url(settings: &Settings) -> String {
    settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen))
}

/// At the very first start: an administrator without a password, and the link to choose one.
fn set_up_link(state: &State) -> Result<Option<String>, Error> {
    let now = state.clock.now();
    let token = state.db.write(now, |tx| {
        if access::any_account(tx)? {
            return Ok(None);
        }
        let operator = Actor::operator();
        let administrator = access::create(
            tx,
            &operator,
            NewAccount {
                email: Email::parse("admin@vokasi.localhost").map_err(Error::new)?,
                name: PersonName::parse("Administrator").map_err(Error::new)?,
                role: Role::PlatformAdmin,
                province: None,
                regency: None,
                partner: None,
            },
        )?;
        access::password_link(tx, &operator, administrator.id).map(|link| Some(link.token))
    })?;
    Ok(token.map(|token| format!("{}/password/{token}", state.public_url)))
}

/// Asks `/readyz` of the server these settings describe.
pub(super) fn healthcheck(settings: &Settings) -> ExitCode {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&settings.listen, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    if ask().unwrap_or(false) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
