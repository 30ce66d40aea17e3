//! Servers inside this process: the program's own, and one that does nothing.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpResponse, HttpServer, web};
use vokasi_api::server::{self, Sizes};
use vokasi_api::state::{Clock, State};
use vokasi_core::access::{self, Account, Actor, NewAccount, Origin, Role, SecondFactorPolicy};
use vokasi_core::db::{Db, Tx};
use vokasi_core::error::{Error, Result};
use vokasi_core::time::Instant;
use vokasi_core::values::{Email, PersonName};

use crate::http::Client;
use crate::pace::Outcome;
use crate::stage;

pub(crate) const EMAIL: &str = "dinas@example.org";
pub(crate) const PASSWORD: &str = "bunga melati di tepi jalan";

/// A running server; it ends when it is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: Option<(ServerHandle, JoinHandle<()>)>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some((handle, thread)) = self.stop.take() {
            drop(handle.stop(false));
            let _ = thread.join();
        }
    }
}

/// Vokasi as it serves on a machine with two cores, with a clock that stands still, so that the token lasts.
pub(crate) fn vokasi(db: &Db, now: Instant) -> Outcome<Running> {
    let state = State::new(db.clone(), Clock::fixed(now), "http://localhost".to_owned())?;
    let state = web::Data::new(state.with_second_factor(SecondFactorPolicy::Offered));
    start(move |listener| server::start(state, listener, Sizes { workers: 2, connections: 8 }))
}

/// A handler that takes the body and answers nothing.
pub(crate) fn empty() -> Outcome<Running> {
    start(|listener| {
        let app = || App::new().default_service(web::to(|_: web::Bytes| async { HttpResponse::Ok().finish() }));
        Ok(HttpServer::new(app).workers(2).listen(listener)?.run())
    })
}

fn start(serve: impl FnOnce(TcpListener) -> std::io::Result<Server> + Send + 'static) -> Outcome<Running> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let (send, receive) = mpsc::channel();
    let thread = thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            if let Ok(server) = serve(listener) {
                let _ = send.send(server.handle());
                let _ = server.await;
            }
        });
    });
    Ok(Running { address, stop: Some((receive.recv()?, thread)) })
}

/// Makes an account of the province's office.
pub(crate) fn office(tx: &mut Tx<'_>) -> Result<Account> {
    let new = NewAccount {
        email: Email::parse(EMAIL).map_err(Error::new)?,
        name: PersonName::parse("Wulan Sari").map_err(Error::new)?,
        role: Role::EducationOffice,
        province: Some(stage::province()?),
        regency: None,
        partner: None,
    };
    access::create(tx, &Actor::operator(), new)
}

/// Makes an account of the province's office, signs in as it and returns the access token.
pub(crate) fn sign_in(db: &Db, server: &Running, now: Instant) -> Outcome<String> {
    let link = db.write(now, |tx| {
        let account = office(tx)?;
        access::password_link(tx, &Actor::operator(), account.id)
    })?;
    access::set_password(db, now, Origin::default(), &link.token, PASSWORD)?;
    let wish = serde_json::json!({ "email": EMAIL, "password": PASSWORD });
    let answer = Client::connect(server.address, "")?.send("POST", "/api/v1/logins", &wish.to_string())?;
    let login: serde_json::Value = serde_json::from_slice(&answer.body)?;
    Ok(login["access_token"].as_str().ok_or("signing in was refused")?.to_owned())
}
