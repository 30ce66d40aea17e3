//! Service tokens: how a machine asks, in the name of whoever made the token and for less than they may.

mod store;

use chrono::{Duration, Months, NaiveDate};
use serde_json::json;

pub use store::ServiceToken;

use super::{Account, Actor, Machine, Operation, Origin};
use crate::audit::{self, Subject};
use crate::db::Tx;
use crate::error::{Error, FieldProblem, Result, codes};
use crate::id::Id;
use crate::keys::{one_time_secret, sha256_hex};
use crate::page::{Page, PageRequest};
use crate::values::Label;

/// What every service token begins with, so that people and scanners of source text know it for one.
pub const PREFIX: &str = "vokasi_";
/// The longest life.
const LONGEST: Months = Months::new(12);
/// The last use is noted no more often than this.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// What a new service token is made of.
#[derive(Debug, Clone)]
pub struct NewServiceToken {
    /// What it is for.
    pub name: Label,
    /// What it may do.
    pub operations: Vec<Operation>,
    /// The last day it works.
    pub expires_on: NaiveDate,
}

impl ServiceToken {
    /// What it may do. An operation that this program no longer has is left out.
    pub fn operations(&self) -> Vec<Operation> {
        self.operations.split(' ').filter_map(|name| Operation::named(name).ok()).collect()
    }
}

/// Makes a service token; its text is shown once.
///
/// # Errors
/// `access.denied`, `access.confirmation_needed`; `service_token.too_wide` and `field.duplicate` at `/operations/…`,
/// `service_token.expiry` at `/expires_on`.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewServiceToken) -> Result<(ServiceToken, String)> {
    actor.may(Operation::ServiceToken)?;
    let maker = actor.person()?;
    actor.confirmed(tx.now())?;
    check(tx, actor, &new)?;
    let (secret, _) = one_time_secret(tx.entropy());
    let text = format!("{PREFIX}{secret}");
    let token = ServiceToken {
        id: tx.new_id(),
        account_id: maker,
        name: new.name,
        token_hash: sha256_hex(text.as_bytes()),
        operations: new.operations.iter().map(|operation| operation.name()).collect::<Vec<_>>().join(" "),
        expires_on: new.expires_on,
        created_at: tx.now(),
        used_at: None,
        ended_at: None,
    };
    store::insert(tx, &token)?;
    let detail = json!({ "name": token.name, "operations": token.operations, "expires_on": token.expires_on });
    audit::record(
        tx,
        actor,
        "service_token.made",
        Subject::service_token(token.id),
        actor.scope().province(),
        &detail,
    )?;
    Ok((token, text))
}

/// A machine may do what its maker may, but for what asks for a person.
fn check(tx: &Tx<'_>, actor: &Actor, new: &NewServiceToken) -> Result<()> {
    let mut wrong = Vec::new();
    for (index, operation) in new.operations.iter().enumerate() {
        let pointer = format!("/operations/{index}");
        if operation.asks_for_a_person() || actor.may(*operation).is_err() {
            wrong.push(FieldProblem::new(pointer, &codes::SERVICE_TOKEN_TOO_WIDE));
        } else if new.operations[..index].contains(operation) {
            wrong.push(FieldProblem::new(pointer, &codes::FIELD_DUPLICATE));
        }
    }
    let today = today(tx, actor);
    let longest = today.checked_add_months(LONGEST).unwrap_or(today);
    if new.expires_on < today || new.expires_on > longest {
        wrong.push(FieldProblem::new("/expires_on", &codes::SERVICE_TOKEN_EXPIRY));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}

/// Service tokens of the actor's province; of all for the platform.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<ServiceToken>> {
    actor.may(Operation::ServiceToken)?;
    store::visible(tx, actor, page)
}

/// Ends a service token; one that has ended stays so.
pub fn end(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<()> {
    actor.may(Operation::ServiceToken)?;
    let token = store::visible_one(tx, actor, id)?;
    if token.ended_at.is_some() {
        return Ok(());
    }
    store::end(tx, id)?;
    let subject = Subject::service_token(id);
    audit::record(tx, actor, "service_token.ended", subject, actor.scope().province(), &json!({ "name": token.name }))
}

/// The actor behind a service token.
pub(super) fn actor(tx: &mut Tx<'_>, token: &str, origin: Origin) -> Result<Actor> {
    let found = store::holder(tx, &sha256_hex(token.as_bytes()))?;
    acting(tx, found, origin).ok_or_else(|| Error::new(&codes::ACCESS_TOKEN_INVALID))
}

/// The actor behind a token that asked for something before, if it still works.
pub(super) fn still_actor(tx: &mut Tx<'_>, id: Id, origin: Origin) -> Result<Option<Actor>> {
    let found = store::lasting(tx, id)?;
    Ok(acting(tx, found, origin))
}

fn acting(tx: &Tx<'_>, found: Option<(ServiceToken, Account)>, origin: Origin) -> Option<Actor> {
    let (token, account) = found?;
    let due = token.used_at.is_none_or(|used| used.plus(NOTED_EVERY) <= tx.now());
    let machine =
        Machine { token: token.id, name: token.name.clone(), operations: token.operations(), use_is_due: due };
    let actor = Actor::machine(&account, machine, origin);
    (today(tx, &actor) <= token.expires_on).then_some(actor)
}

/// Notes that a token is in use, at most once a minute.
pub(super) fn note_use(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    store::note_use(tx, id)
}

/// The day it is where the actor works.
fn today(tx: &Tx<'_>, actor: &Actor) -> NaiveDate {
    actor.scope().province().map_or_else(|| tx.now().utc().date_naive(), |province| tx.today(province))
}
