//! Who may do what, and where: staff accounts, roles, scopes, logins.
//!
//! A signed-in browser or program is a *login*; a session is a meeting of a class.

mod actor;
mod password;
mod permission;
mod store;

use chrono::Duration;

pub use actor::{Actor, Origin, Scope, Who};
pub use permission::{Operation, Role};
pub use store::{Account, Login};

use crate::audit::{self, Subject};
use crate::db::{Db, Tx};
use crate::error::{Error, Fact, FieldProblem, Result, codes};
use crate::id::Id;
use crate::keys::{one_time_secret, sha256_hex};
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Email, PersonName, ProvinceCode, RegencyCode};

/// How long a one-time password link works.
const LINK_LIFE: Duration = Duration::hours(72);
/// What kept answers are sealed for.
const ANSWER: &str = "answer";
/// How long a refresh token works unless it is used before.
const REFRESH_LIFE: Duration = Duration::days(30);

/// What a new account is made of. The scope's parts must fit the role.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Where its password link goes, and what it signs in with.
    pub email: Email,
    /// The person's name.
    pub name: PersonName,
    /// What the person is.
    pub role: Role,
    /// For every role but the platform's.
    pub province: Option<ProvinceCode>,
    /// For a regency officer.
    pub regency: Option<RegencyCode>,
    /// For a school coordinator, a partner manager and an instructor.
    pub partner: Option<Id>,
}

/// A change of an account; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    /// A new name.
    pub name: Option<PersonName>,
    /// Disabling ends every login of the account.
    pub disabled: Option<bool>,
}

/// A one-time secret for choosing a password, to be sent to the person once; only its hash is stored.
#[derive(Debug, Clone)]
pub struct PasswordLink {
    /// The secret part of the link.
    pub token: String,
    /// When it stops working.
    pub expires_at: Instant,
}

/// A login with the refresh token that continues it, shown once.
#[derive(Debug, Clone)]
pub struct OpenLogin {
    /// The login.
    pub login: Login,
    /// Whose it is.
    pub account: Account,
    /// The refresh token; using it gives the next one, using it twice ends the login.
    pub refresh_token: String,
}

/// What an access token says; the signature is checked before, the rest here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// The account.
    pub account: Id,
    /// The login.
    pub login: Id,
    /// The account's epoch when the token was signed; a changed password or a disabled account moves it.
    pub epoch: i32,
}

/// Makes an account without a password; a password link opens it.
///
/// # Errors
/// `access.denied`, `staff.scope_mismatch`, `staff.email_taken`, `reference.unknown` when the partner is not one of the
/// account's province, `partner.not_a_school` for a coordinator.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewAccount) -> Result<Account> {
    actor.may(Operation::StaffWrite)?;
    let account = account_of(tx, new)?;
    if !actor.appoints(&account) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    check_partner(tx, &account)?;
    store::insert(tx, &account)?;
    audit::record(
        tx,
        actor,
        "staff.created",
        Subject::staff(account.id),
        account.province_code.as_ref(),
        &serde_json::json!({ "role": account.role }),
    )?;
    Ok(account)
}

/// A scope holds together: the partner lies in the account's province, and a coordinator's is a school.
fn check_partner(tx: &mut Tx<'_>, account: &Account) -> Result<()> {
    let Some(partner) = account.partner_id else { return Ok(()) };
    match store::partner_place(tx, partner)? {
        Some((province, _)) if Some(&province) != account.province_code.as_ref() => {
            Err(Error::new(&codes::REFERENCE_UNKNOWN))
        }
        None => Err(Error::new(&codes::REFERENCE_UNKNOWN)),
        Some((_, false)) if account.role == Role::SchoolCoordinator => Err(Error::new(&codes::PARTNER_NOT_A_SCHOOL)),
        Some(_) => Ok(()),
    }
}

fn account_of(tx: &Tx<'_>, new: NewAccount) -> Result<Account> {
    let (province, regency, partner) = match (new.role, new.province, new.regency, new.partner) {
        (Role::PlatformAdmin, None, None, None) => (None, None, None),
        (Role::EducationOffice | Role::Observer, Some(province), None, None) => (Some(province), None, None),
        (Role::RegencyOfficer, _, Some(regency), None) => (Some(regency.province()), Some(regency), None),
        (Role::SchoolCoordinator | Role::PartnerManager | Role::Instructor, Some(province), None, Some(partner)) => {
            (Some(province), None, Some(partner))
        }
        (role, ..) => {
            let expected = Fact { name: "expected", value: role.scope_parts().to_owned() };
            let code = &codes::STAFF_SCOPE_MISMATCH;
            return Err(Error::fields(vec![FieldProblem { pointer: "/role".to_owned(), code, facts: vec![expected] }]));
        }
    };
    Ok(Account {
        id: tx.new_id(),
        email: new.email,
        name: new.name,
        role: new.role,
        province_code: province,
        regency_code: regency,
        partner_id: partner,
        password_hash: None,
        disabled: false,
        epoch: 0,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    })
}

/// One account in the actor's scope.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Account> {
    actor.may(Operation::StaffRead)?;
    store::visible_one(tx, actor, id)
}

/// Accounts in the actor's scope.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, role: Option<Role>, page: PageRequest) -> Result<Page<Account>> {
    actor.may(Operation::StaffRead)?;
    store::visible(tx, actor, role, page)
}

/// Changes an account as it was read at `version`.
///
/// # Errors
/// `resource.stale`, `staff.self`.
pub fn change(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, change: AccountChange) -> Result<Account> {
    actor.may(Operation::StaffWrite)?;
    let mut account = store::visible_one_locked(tx, actor, id)?;
    if !actor.appoints(&account) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    if account.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if let Some(name) = change.name {
        account.name = name;
    }
    if let Some(disabled) = change.disabled {
        if disabled && actor.account() == Some(id) {
            return Err(Error::new(&codes::STAFF_SELF));
        }
        if disabled && !account.disabled {
            account.epoch += 1;
            store::end_logins(tx, id, "disabled")?;
        }
        account.disabled = disabled;
    }
    account.version += 1;
    account.updated_at = tx.now();
    store::update(tx, &account)?;
    audit::record(
        tx,
        actor,
        "staff.changed",
        Subject::staff(id),
        account.province_code.as_ref(),
        &serde_json::json!({ "disabled": account.disabled }),
    )?;
    Ok(account)
}

/// Makes a one-time link for choosing a password; earlier unused links of the account stop working.
pub fn password_link(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<PasswordLink> {
    actor.may(Operation::StaffWrite)?;
    let account = store::visible_one(tx, actor, id)?;
    if !actor.appoints(&account) && actor.account() != Some(id) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    let (token, hash) = one_time_secret(tx.entropy());
    let expires_at = tx.now().plus(LINK_LIFE);
    store::replace_links(tx, id, &hash, expires_at)?;
    audit::record(
        tx,
        actor,
        "staff.password_link_made",
        Subject::staff(id),
        account.province_code.as_ref(),
        &serde_json::Value::Null,
    )?;
    Ok(PasswordLink { token, expires_at })
}

/// Whether a password link still works, without using it.
pub fn link_works(tx: &mut Tx<'_>, token: &str) -> Result<bool> {
    let now = tx.now();
    Ok(store::link(tx, &sha256_hex(token.as_bytes()))?.is_some_and(|link| link.works(now)))
}

/// Uses a password link: sets the password, ends every login and every token of the account.
///
/// The hash is computed before the transaction, so that the writer never waits for it.
///
/// # Errors
/// `password.short`, `password.long`, `access.link_invalid`.
pub fn set_password(db: &Db, now: Instant, origin: Origin, token: &str, password: &str) -> Result<()> {
    let hash = password::hash(password, &db.world().entropy)?;
    let token_hash = sha256_hex(token.as_bytes());
    db.write(now, move |tx| {
        let link = store::link(tx, &token_hash)?
            .filter(|link| link.works(tx.now()))
            .ok_or_else(|| Error::new(&codes::ACCESS_LINK_INVALID))?;
        let mut account = store::locked(tx, link.account_id)?;
        if account.disabled || !store::use_link(tx, &token_hash)? {
            return Err(Error::new(&codes::ACCESS_LINK_INVALID));
        }
        account.password_hash = Some(hash);
        account.epoch += 1;
        account.version += 1;
        account.updated_at = tx.now();
        store::update(tx, &account)?;
        store::end_logins(tx, account.id, "password_changed")?;
        let actor = Actor::of(&account, None, origin);
        audit::record(
            tx,
            &actor,
            "staff.password_set",
            Subject::staff(account.id),
            account.province_code.as_ref(),
            &serde_json::Value::Null,
        )
    })
}

/// Signs in. An unknown address takes as long as a wrong password and gets the same answer.
///
/// # Errors
/// `access.login_failed`.
pub fn sign_in(db: &Db, now: Instant, origin: Origin, email: &str, password: &str) -> Result<OpenLogin> {
    let found = match Email::parse(email) {
        Ok(email) => db.read(now, |tx| store::by_email(tx, &email))?,
        Err(_) => None,
    };
    let stored = found.as_ref().filter(|account| !account.disabled).and_then(|account| account.password_hash.clone());
    let matches = password::matches(password, stored.as_deref());
    let (true, Some(account)) = (matches, found) else {
        return Err(Error::new(&codes::ACCESS_LOGIN_FAILED));
    };
    db.write(now, move |tx| {
        let current = store::locked(tx, account.id)?;
        if current.disabled || current.epoch != account.epoch {
            return Err(Error::new(&codes::ACCESS_LOGIN_FAILED));
        }
        let login = Login {
            id: tx.new_id(),
            account_id: account.id,
            device: origin.device.chars().take(200).collect(),
            created_at: tx.now(),
            refreshed_at: tx.now(),
            ended_at: None,
            end_reason: None,
        };
        store::insert_login(tx, &login)?;
        let refresh_token = store::issue_refresh(tx, login.id, REFRESH_LIFE)?;
        let actor = Actor::of(&account, Some(login.id), origin);
        audit::record(
            tx,
            &actor,
            "login.opened",
            Subject::staff(account.id),
            account.province_code.as_ref(),
            &serde_json::Value::Null,
        )?;
        Ok(OpenLogin { login, account, refresh_token })
    })
}

/// What came of a refresh token.
#[derive(Debug)]
pub enum Refreshed {
    /// The login goes on with a new token.
    Continued(Box<OpenLogin>),
    /// The token was used before: somebody has a copy, so the login was ended.
    Reused,
}

/// Exchanges a refresh token for the next one.
///
/// # Errors
/// `access.refresh_invalid`. A reused token is an answer and not an error, because the end of the login must be kept.
pub fn refresh(tx: &mut Tx<'_>, origin: Origin, token: &str) -> Result<Refreshed> {
    let invalid = || Error::new(&codes::ACCESS_REFRESH_INVALID);
    let hash = sha256_hex(token.as_bytes());
    let (stored, mut login) = store::refresh_token(tx, &hash)?.ok_or_else(invalid)?;
    if login.ended_at.is_some() || stored.expires_at <= tx.now() {
        return Err(invalid());
    }
    let account = store::locked(tx, login.account_id)?;
    if account.disabled {
        return Err(invalid());
    }
    if stored.used_at.is_some() || !store::use_refresh(tx, &hash)? {
        store::end_login(tx, login.id, "refresh_reused")?;
        let actor = Actor::of(&account, Some(login.id), origin);
        audit::record(
            tx,
            &actor,
            "login.refresh_reused",
            Subject::staff(account.id),
            account.province_code.as_ref(),
            &serde_json::Value::Null,
        )?;
        return Ok(Refreshed::Reused);
    }
    login.refreshed_at = tx.now();
    store::touch_login(tx, login.id)?;
    let refresh_token = store::issue_refresh(tx, login.id, REFRESH_LIFE)?;
    Ok(Refreshed::Continued(Box::new(OpenLogin { login, account, refresh_token })))
}

/// Ends the actor's own login.
pub fn sign_out(tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    let (Some(login), Some(account)) = (actor.login(), actor.account()) else { return Ok(()) };
    store::end_login(tx, login, "signed_out")?;
    audit::record(
        tx,
        actor,
        "login.closed",
        Subject::staff(account),
        actor.scope().province(),
        &serde_json::Value::Null,
    )
}

/// The actor behind an access token whose signature holds.
///
/// # Errors
/// `access.token_invalid` when the login ended, the account is disabled or its password changed since.
pub fn actor(tx: &mut Tx<'_>, claims: Claims, origin: Origin) -> Result<Actor> {
    store::actor(tx, claims)?
        .map(|account| Actor::of(&account, Some(claims.login), origin))
        .ok_or_else(|| Error::new(&codes::ACCESS_TOKEN_INVALID))
}

/// Whether there is any account yet; a new installation prints a set-up link.
pub fn any_account(tx: &mut Tx<'_>) -> Result<bool> {
    store::any(tx)
}

/// The account with this address, for the command line.
pub fn by_email(tx: &mut Tx<'_>, actor: &Actor, email: &Email) -> Result<Account> {
    actor.may(Operation::StaffRead)?;
    let found = store::by_email(tx, email)?.ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    store::visible_one(tx, actor, found.id)
}

/// An answer kept for a repeated request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// SHA-256 of the request it answered.
    pub request_hash: String,
    /// HTTP status.
    pub status: i32,
    /// Location of what was made.
    pub location: Option<String>,
    /// Its entity tag.
    pub etag: Option<String>,
    /// The body as sent.
    pub body: String,
}

/// The answer kept under this key, if the request was made before. A repeat that arrives while the first is still
/// under way waits for it.
///
/// # Errors
/// `idempotency.key_reused` when the key came with another request.
pub fn kept_answer(tx: &mut Tx<'_>, actor: &Actor, key: &str, request_hash: &str) -> Result<Option<KeptAnswer>> {
    let Some(account) = actor.account() else { return Ok(None) };
    store::wait_for_key(tx, account, key)?;
    match store::kept_answer(tx, account, key)? {
        Some(kept) if kept.request_hash != request_hash => Err(Error::new(&codes::IDEMPOTENCY_KEY_REUSED)),
        Some(mut kept) => {
            kept.body = String::from_utf8(tx.keys().open(ANSWER, &kept.body)?).map_err(Error::storage)?;
            Ok(Some(kept))
        }
        None => Ok(None),
    }
}

/// Keeps an answer in the transaction of the change it reports; sealed, since it may show what its own table seals.
pub fn keep_answer(tx: &mut Tx<'_>, actor: &Actor, key: &str, answer: &KeptAnswer) -> Result<()> {
    let Some(account) = actor.account() else { return Ok(()) };
    let body = tx.keys().seal(ANSWER, answer.body.as_bytes(), tx.entropy())?;
    store::keep_answer(tx, account, key, &KeptAnswer { body, ..answer.clone() })
}

/// Drops the answers kept for the province's people that show this person.
pub(crate) fn forget_answers(tx: &mut Tx<'_>, province: &ProvinceCode, id: &str, name: &str) -> Result<()> {
    // As JSON writes it, so that a short name is not found inside a longer one.
    let name = serde_json::to_string(name).map_err(Error::storage)?;
    let mut after = None;
    loop {
        let answers = store::answers_after(tx, province, after.as_ref())?;
        let Some(last) = answers.last() else { return Ok(()) };
        after = Some(last.0.clone());
        for (key, sealed) in &answers {
            let body = String::from_utf8(tx.keys().open(ANSWER, sealed)?).map_err(Error::storage)?;
            if body.contains(id) || body.contains(&name) {
                store::drop_answer(tx, key)?;
            }
        }
    }
}

/// The actor's own account.
pub fn own_account(tx: &mut Tx<'_>, actor: &Actor) -> Result<Account> {
    let id = actor.account().ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    store::one(tx, id)
}

/// An account whatever the scope, for features that check what it may be used for.
pub(crate) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Account> {
    store::one(tx, id)
}
