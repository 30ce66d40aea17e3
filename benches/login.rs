//! Signing in and going on, over HTTP: how many a second, and beside what cannot be saved.

use std::hint::black_box;

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use vokasi_core::db::DatabaseUrl;

use crate::http::Client;
use crate::pace::{Outcome, Pair, in_turns, median};
use crate::place::{Backend, Place, Workshop};
use crate::server::{self, EMAIL, PASSWORD};
use crate::table::Table;
use crate::{limits, name_of, stage};

const TURNS: usize = 30;
/// Refreshes of one turn.
const EACH: usize = 20;

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let place = workshop.empty(backend)?;
    let db = stage::open(&place, 8)?;
    let now = stage::afterwards();
    let vokasi = server::vokasi(&db, now)?;
    server::sign_in(&db, &vokasi, now)?;
    let mut client = Client::connect(vokasi.address, "")?;
    let name = name_of(backend);
    let hash = hashed()?;
    let mut refresh_token = String::new();
    let wish = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let signing_in = in_turns(
        TURNS,
        || {
            refresh_token = tokens(&mut client, "/api/v1/logins", &wish)?;
            Ok(())
        },
        || Ok(Argon2::default().verify_password(PASSWORD.as_bytes(), black_box(&PasswordHash::new(&hash)?))?),
    )?;
    table.pair("signing in over HTTP; limit: Argon2id alone", name, 1.0, &signing_in, None);
    table.fact("sign-ins a second, one after the other", name, rate(&signing_in, 1.0));
    let mut bare = Bare::open(&place)?;
    let going_on = in_turns(
        TURNS,
        || {
            (0..EACH).try_for_each(|_| {
                let wish = json!({ "refresh_token": refresh_token }).to_string();
                refresh_token = tokens(&mut client, "/api/v1/logins/refresh", &wish)?;
                Ok(())
            })
        },
        || (0..EACH).try_for_each(|_| bare.go_on()),
    )?;
    let per = f64::from(u32::try_from(EACH)?);
    table.pair("going on with a refresh token; limit: its rows alone", name, per, &going_on, None);
    table.fact("refreshes a second, one after the other", name, rate(&going_on, per));
    Ok(())
}

fn tokens(client: &mut Client, path: &str, wish: &str) -> Outcome<String> {
    let answer = client.send("POST", path, wish)?;
    let login: Value = serde_json::from_slice(&answer.body)?;
    let token = login["refresh_token"].as_str().ok_or_else(|| format!("{path} answered with {}", answer.status))?;
    Ok(token.to_owned())
}

fn rate(pair: &Pair, per: f64) -> String {
    format!("{:.0}", per / median(&pair.ours))
}

/// A hash at the cost that the program's have.
fn hashed() -> Outcome<String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19 * 1024, 2, 1, None)?);
    Ok(argon2.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16])?.to_string())
}

/// The rows of a refresh by hand, each time in a durable transaction of their own.
struct Bare {
    connection: Connection,
    turn: usize,
}

enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(diesel::PgConnection),
}

impl Bare {
    fn open(place: &Place<'_>) -> Outcome<Self> {
        let connection = match &place.url {
            DatabaseUrl::Sqlite(file) => Connection::Sqlite(limits::sqlite::connect(file)?),
            DatabaseUrl::Postgres(url) => Connection::Postgres(limits::postgres::connect(url)?),
        };
        let mut bare = Self { connection, turn: 0 };
        bare.run(
            "INSERT INTO refresh_tokens (token_hash, login_id, expires_at) \
             SELECT '0', min(id), '2026-02-12 03:00:00' FROM logins",
        )?;
        Ok(bare)
    }

    fn go_on(&mut self) -> Outcome {
        let (old, new) = (self.turn, self.turn + 1);
        self.turn = new;
        self.run(&format!(
            "BEGIN; UPDATE refresh_tokens SET used_at = '2026-01-12 03:00:00' WHERE token_hash = '{old}'; \
             UPDATE logins SET refreshed_at = '2026-01-12 03:00:00' WHERE id = (SELECT min(id) FROM logins); \
             INSERT INTO refresh_tokens (token_hash, login_id, expires_at) \
             SELECT '{new}', min(id), '2026-02-12 03:00:00' FROM logins; COMMIT"
        ))
    }

    fn run(&mut self, statements: &str) -> Outcome {
        match &mut self.connection {
            Connection::Sqlite(connection) => Ok(connection.execute_batch(statements)?),
            Connection::Postgres(connection) => Ok(connection.batch_execute(statements)?),
        }
    }
}
