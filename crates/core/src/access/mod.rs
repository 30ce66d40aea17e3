//! Who may do what, and where: staff accounts, roles, scopes, logins.
//!
//! A signed-in browser or program is a *login*; a session is a meeting of a class.

mod actor;
mod attempts;
mod password;
mod permission;
pub mod second_factor;
pub mod service_token;
mod store;

use std::collections::HashMap;

use chrono::Duration;

pub use actor::{Actor, Machine, Origin, Scope, Who};
pub use permission::{Operation, Role};
pub use second_factor::SecondFactorPolicy;
pub use store::{Account, Login};

use self::attempts::Attempt;
use self::second_factor::Checked;
use crate::audit::{self, Changes, Note, Subject};
use crate::db::{Db, Tx};
use crate::error::{Error, Fact, FieldProblem, Result, codes};
use crate::id::Id;
use crate::keys::{one_time_secret, sha256_hex};
use crate::notify::{self, Notice};
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Email, PersonName, ProvinceCode, RegencyCode};

/// How long a one-time password link works.
const LINK_LIFE: Duration = Duration::hours(72);
/// How long a link works that somebody asked for without signing in.
const RESET_LIFE: Duration = Duration::hours(1);
/// Links an account is sent at most in the life of a reset link. Whoever is held back has one that still works.
const RESETS: i64 = 3;
/// Among how many of an account's last logins a device is looked for before it counts as new.
const LOGINS_REMEMBERED: i64 = 200;
/// What kept answers are sealed for.
const ANSWER: &str = "answer";
/// How long a refresh token works unless it is used before.
const REFRESH_LIFE: Duration = Duration::days(30);
/// How long a login goes on at most, whatever is refreshed: a stolen one that goes unnoticed has an end as well.
const LOGIN_LIFE: Duration = Duration::days(90);
/// How long an expired refresh token is still known for one, so that its reuse is noticed.
const REFRESH_MEMORY: Duration = Duration::days(30);

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

/// What a request brings to say who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// An access token whose signature holds.
    Login(Claims),
    /// A service token as it was sent.
    Service(String),
}

/// What a person signs in with.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The account's address, as typed.
    pub email: String,
    /// The password.
    pub password: String,
    /// A code of the second factor, or a recovery code.
    pub code: Option<String>,
}

/// How a person shows that it is still they.
#[derive(Debug, Clone)]
pub enum Proof {
    /// By the password.
    Password(String),
    /// By a code of the second factor.
    Code(String),
}

/// Makes an account without a password and invites its holder to choose one. The operator at the machine invites nobody:
/// there a link is made and handed over by hand.
///
/// # Errors
/// `access.denied`, `access.confirmation_needed`, `staff.scope_mismatch`, `staff.email_taken`, `reference.unknown` when the partner is not one of the
/// account's province, `partner.not_a_school` for a coordinator.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewAccount) -> Result<Account> {
    actor.may(Operation::StaffWrite)?;
    let account = account_of(tx, new)?;
    if !actor.appoints(&account) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    actor.confirmed(tx.now())?;
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
    if actor.account().is_some() {
        new_link(tx, &account, LINK_LIFE)?.send(tx, &account)?;
    }
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
            let expected = Fact::new("expected", role.scope_parts());
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
        factor_secret: None,
        factor_offered: None,
        factor_step: 0,
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
    let before = account.clone();
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
    let changes = Changes::default().masked("name", &before.name, &account.name).shown(
        "disabled",
        &before.disabled,
        &account.disabled,
    );
    Note::of("staff.changed", Subject::staff(id))
        .within(account.province_code.as_ref())
        .changing(changes)
        .record(tx, actor)?;
    Ok(account)
}

impl PasswordLink {
    /// Sends it to the person: as an invitation as long as no password was chosen.
    fn send(&self, tx: &mut Tx<'_>, account: &Account) -> Result<()> {
        let (token, expires_at) = (self.token.clone(), self.expires_at);
        let notice = if account.has_password() {
            Notice::PasswordReset { token, expires_at }
        } else {
            Notice::Invitation { token, expires_at }
        };
        notify::queue(tx, account.id, &notice)
    }
}

fn new_link(tx: &mut Tx<'_>, account: &Account, life: Duration) -> Result<PasswordLink> {
    let (token, hash) = one_time_secret(tx.entropy());
    let expires_at = tx.now().plus(life);
    store::add_link(tx, account.id, &hash, expires_at)?;
    Ok(PasswordLink { token, expires_at })
}

/// Makes a one-time link for choosing a password and sends it to the person, unless it is made by the operator at the
/// machine; earlier unused links of the account stop working.
///
/// # Errors
/// `access.denied`, `access.confirmation_needed`.
pub fn password_link(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<PasswordLink> {
    actor.may(Operation::StaffWrite)?;
    let account = store::visible_one(tx, actor, id)?;
    if !actor.appoints(&account) && actor.account() != Some(id) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    actor.confirmed(tx.now())?;
    let link = new_link(tx, &account, LINK_LIFE)?;
    store::end_links(tx, account.id, &sha256_hex(link.token.as_bytes()))?;
    if actor.account().is_some() {
        link.send(tx, &account)?;
    }
    audit::record(
        tx,
        actor,
        "staff.password_link_made",
        Subject::staff(id),
        account.province_code.as_ref(),
        &serde_json::Value::Null,
    )?;
    Ok(link)
}

/// Sends a link for choosing another password to whoever has this address, if anyone has. Nothing comes back that would
/// tell; more than a few at a time are not sent.
pub fn ask_for_password(tx: &mut Tx<'_>, origin: Origin, email: &str) -> Result<()> {
    let Ok(email) = Email::parse(email) else { return Ok(()) };
    let Some(found) = store::by_email(tx, &email)? else { return Ok(()) };
    // Two at once count each other.
    let account = store::locked(tx, found.id)?;
    let recently = tx.now().plus(-RESET_LIFE);
    if account.disabled || notify::links_since(tx, account.id, recently)? >= RESETS {
        return Ok(());
    }
    // An invitation stays as long as it was, whoever asks.
    let life = if account.has_password() { RESET_LIFE } else { LINK_LIFE };
    // Whoever asks need not be who has the account: a link that somebody was given goes on working.
    new_link(tx, &account, life)?.send(tx, &account)?;
    let actor = Actor::of(&account.holder(), None, origin);
    audit::record(
        tx,
        &actor,
        "staff.password_asked",
        Subject::staff(account.id),
        account.province_code.as_ref(),
        &serde_json::Value::Null,
    )
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
/// `password.short`, `password.long`, `password.guessable`, `access.link_invalid`.
pub fn set_password(db: &Db, now: Instant, origin: Origin, token: &str, password: &str) -> Result<()> {
    let token_hash = sha256_hex(token.as_bytes());
    let owner = db.read(now, |tx| {
        let link = store::link(tx, &token_hash)?
            .filter(|link| link.works(tx.now()))
            .ok_or_else(|| Error::new(&codes::ACCESS_LINK_INVALID))?;
        store::one(tx, link.account_id)
    })?;
    let own = [owner.name.as_str(), owner.email.as_str()];
    let hash = password::hash(password, &own, &db.world().entropy)?;
    db.write(now, move |tx| {
        let link = store::link(tx, &token_hash)?
            .filter(|link| link.works(tx.now()))
            .ok_or_else(|| Error::new(&codes::ACCESS_LINK_INVALID))?;
        let mut account = store::locked(tx, link.account_id)?;
        if account.disabled || !store::use_link(tx, &token_hash)? {
            return Err(Error::new(&codes::ACCESS_LINK_INVALID));
        }
        store::end_links(tx, account.id, &token_hash)?;
        let had_password = account.has_password();
        account.password_hash = Some(hash);
        account.epoch += 1;
        account.version += 1;
        account.updated_at = tx.now();
        store::update(tx, &account)?;
        store::end_logins(tx, account.id, "password_changed")?;
        if had_password {
            notify::queue(tx, account.id, &Notice::PasswordChanged { address: origin.address.clone() })?;
        }
        let actor = Actor::of(&account.holder(), None, origin);
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
/// `access.too_many_attempts`, `access.login_failed`; when the password is right, `access.second_factor_needed` without
/// a code and `access.code_wrong` with another.
pub fn sign_in(db: &Db, now: Instant, origin: Origin, with: SignIn, policy: SecondFactorPolicy) -> Result<OpenLogin> {
    let SignIn { email, password, code } = with;
    let failed = || Error::new(&codes::ACCESS_LOGIN_FAILED);
    let (found, attempt) = {
        let origin = origin.clone();
        db.write(now, move |tx| begin_sign_in(tx, &email, origin))?
    };
    let stored = found.as_ref().filter(|account| !account.disabled).and_then(|account| account.password_hash.clone());
    let matches = password::matches(&password, stored.as_deref());
    let (true, Some(account), Some(stored)) = (matches, found, stored) else { return Err(failed()) };
    let rehashed = password::rehashed(&password, &stored, &db.world().entropy)?;
    let opened = db.write(now, move |tx| {
        let mut current = store::locked(tx, account.id)?;
        if current.disabled || current.epoch != account.epoch {
            return Err(failed());
        }
        let checked = second_factor::check(tx, &mut current, code.as_deref())?;
        match checked {
            Checked::Wrong => return Err(Error::new(&codes::ACCESS_CODE_WRONG)),
            Checked::Missing => return attempt.undo(tx).map(|()| None),
            Checked::NotAsked | Checked::Code | Checked::RecoveryCode => attempt.succeed(tx)?,
        }
        attempts::know(tx, current.id, &origin.address)?;
        if rehashed.is_some() {
            current.password_hash = rehashed;
            store::update(tx, &current)?;
        }
        open_login(tx, origin, current, policy, checked).map(Some)
    })?;
    opened.ok_or_else(|| Error::new(&codes::ACCESS_SECOND_FACTOR_NEEDED))
}

/// The account of an address, if somebody has it, and the attempt, counted.
fn begin_sign_in(tx: &mut Tx<'_>, email: &str, origin: Origin) -> Result<(Option<Account>, Attempt)> {
    let (account, email) = match Email::parse(email) {
        Ok(email) => (store::by_email(tx, &email)?, email.as_str().to_owned()),
        Err(_) => (None, email.trim().to_lowercase()),
    };
    let attempt = attempts::sign_in(tx, &email, account.as_ref(), &origin.address)?;
    if let Some(account) = account.as_ref().filter(|_| attempt.looks_like_guessing()) {
        let actor = Actor::of(&account.holder(), None, origin);
        let subject = Subject::staff(account.id);
        let province = account.province_code.as_ref();
        audit::record(tx, &actor, "login.guessed_at", subject, province, &serde_json::Value::Null)?;
    }
    Ok((account, attempt))
}

fn open_login(
    tx: &mut Tx<'_>,
    origin: Origin,
    account: Account,
    policy: SecondFactorPolicy,
    checked: Checked,
) -> Result<OpenLogin> {
    let login = Login {
        id: tx.new_id(),
        account_id: account.id,
        device: origin.device.chars().take(200).collect(),
        created_at: tx.now(),
        refreshed_at: tx.now(),
        ended_at: None,
        end_reason: None,
        factor_missing: policy.asks(&account),
        confirmed_at: Some(tx.now()),
    };
    let devices = store::devices(tx, account.id, LOGINS_REMEMBERED)?;
    if !devices.iter().any(|known| unnumbered(known) == unnumbered(&login.device)) {
        let notice = Notice::NewLogin { device: login.device.clone(), address: origin.address.clone() };
        notify::queue(tx, account.id, &notice)?;
    }
    store::insert_login(tx, &login)?;
    if checked == Checked::RecoveryCode {
        second_factor::tell_of_recovery(tx, account.id, &origin.address)?;
    }
    let refresh_token = issue_refresh(tx, &login)?;
    let actor = Actor::of(&account.holder(), Some(login.id), origin);
    let detail = match checked {
        Checked::Code => serde_json::json!({ "second_factor": "code" }),
        Checked::RecoveryCode => serde_json::json!({ "second_factor": "recovery_code" }),
        Checked::NotAsked | Checked::Missing | Checked::Wrong => serde_json::Value::Null,
    };
    let subject = Subject::staff(account.id);
    audit::record(tx, &actor, "login.opened", subject, account.province_code.as_ref(), &detail)?;
    Ok(OpenLogin { login, account, refresh_token })
}

/// Shows that a login is still its owner's: for ten minutes from now it may do sensitive acts. Says until when.
///
/// # Errors
/// `access.too_many_attempts`; `access.password_wrong` at `/password`, `access.code_wrong` at `/code`.
pub fn confirm(db: &Db, now: Instant, actor: &Actor, proof: Proof) -> Result<Instant> {
    let person = actor.person()?;
    let login = actor.login().ok_or_else(|| Error::new(&codes::ACCESS_DENIED))?;
    let address = actor.origin().address.clone();
    let (account, attempt) =
        db.write(now, move |tx| Ok((store::one(tx, person)?, attempts::confirmation(tx, login)?)))?;
    if let Proof::Password(password) = &proof
        && !password::matches(password, account.password_hash.as_deref())
    {
        return Err(Error::field("/password", &codes::ACCESS_PASSWORD_WRONG));
    }
    db.write(now, move |tx| {
        let mut current = store::locked(tx, account.id)?;
        if let Proof::Code(code) = proof {
            match second_factor::check(tx, &mut current, Some(&code))? {
                Checked::Code => {}
                Checked::RecoveryCode => second_factor::tell_of_recovery(tx, person, &address)?,
                Checked::NotAsked | Checked::Missing | Checked::Wrong => {
                    return Err(Error::field("/code", &codes::ACCESS_CODE_WRONG));
                }
            }
        }
        attempt.succeed(tx)?;
        store::confirm_login(tx, login)?;
        Ok(tx.now().plus(actor::CONFIRMED_FOR))
    })
}

/// What a device calls itself without its versions: a browser that was updated is no new one.
fn unnumbered(device: &str) -> String {
    device.chars().filter(|letter| !letter.is_ascii_digit() && *letter != '.').collect()
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
pub fn refresh(tx: &mut Tx<'_>, origin: Origin, token: &str, policy: SecondFactorPolicy) -> Result<Refreshed> {
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
        let actor = Actor::of(&account.holder(), Some(login.id), origin);
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
    login.factor_missing = policy.asks(&account);
    store::continue_login(tx, &login)?;
    let refresh_token = issue_refresh(tx, &login)?;
    Ok(Refreshed::Continued(Box::new(OpenLogin { login, account, refresh_token })))
}

/// The next refresh token of a login, which works no longer than the login goes on.
fn issue_refresh(tx: &mut Tx<'_>, login: &Login) -> Result<String> {
    let expires_at = tx.now().plus(REFRESH_LIFE).min(login.created_at.plus(LOGIN_LIFE));
    store::issue_refresh(tx, login.id, expires_at)
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

/// The actor's own logins that may still go on.
pub fn logins(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<Login>> {
    let account = actor.person()?;
    let (refreshed, opened) = (tx.now().plus(-REFRESH_LIFE), tx.now().plus(-LOGIN_LIFE));
    store::open_logins(tx, account, refreshed, opened, page)
}

/// Ends one of the actor's own logins: this one at once, another one after a confirmation.
///
/// # Errors
/// `access.confirmation_needed`.
pub fn end_login(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<()> {
    let account = actor.person()?;
    let login = store::open_login(tx, account, id)?;
    if actor.login() != Some(id) {
        actor.confirmed(tx.now())?;
    }
    store::end_login(tx, login.id, "signed_out")?;
    record_closed(tx, actor, account, 1)
}

/// Ends every login of the actor's account but this one.
///
/// # Errors
/// `access.confirmation_needed`.
pub fn end_other_logins(tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    let account = actor.person()?;
    actor.confirmed(tx.now())?;
    let ended = store::end_logins_but(tx, account, actor.login(), "signed_out")?;
    if ended == 0 { Ok(()) } else { record_closed(tx, actor, account, ended) }
}

fn record_closed(tx: &mut Tx<'_>, actor: &Actor, account: Id, logins: usize) -> Result<()> {
    let detail = serde_json::json!({ "elsewhere": logins });
    audit::record(tx, actor, "login.closed", Subject::staff(account), actor.scope().province(), &detail)
}

/// The actor behind what a request brought.
///
/// # Errors
/// `access.token_invalid` when the login or the token ended, the account is disabled or its password changed since;
/// `access.second_factor_required` when the login can only set one up.
pub fn actor(tx: &mut Tx<'_>, by: &Credential, origin: Origin) -> Result<Actor> {
    identify(tx, by, origin, |factor_missing| {
        if factor_missing { Err(Error::new(&codes::ACCESS_SECOND_FACTOR_REQUIRED)) } else { Ok(()) }
    })
}

/// The same for what a login may do before its second factor is there: setting it up, and signing out.
///
/// # Errors
/// `access.token_invalid`.
pub fn any_actor(tx: &mut Tx<'_>, by: &Credential, origin: Origin) -> Result<Actor> {
    identify(tx, by, origin, |_| Ok(()))
}

fn identify(tx: &mut Tx<'_>, by: &Credential, origin: Origin, admit: impl FnOnce(bool) -> Result<()>) -> Result<Actor> {
    let claims = match by {
        Credential::Login(claims) => *claims,
        Credential::Service(token) => {
            let actor = service_token::actor(tx, token, origin)?;
            limit(tx, &actor)?;
            return Ok(actor);
        }
    };
    let opened = tx.now().plus(-LOGIN_LIFE);
    let found = store::actor(tx, claims, opened)?;
    let (holder, factor_missing, confirmed_at) = found.ok_or_else(|| Error::new(&codes::ACCESS_TOKEN_INVALID))?;
    admit(factor_missing)?;
    let actor = Actor::of(&holder, Some(claims.login), origin).confirmed_at(confirmed_at);
    limit(tx, &actor)?;
    Ok(actor)
}

/// Whoever asked for something that is done later, with the rights of this moment: the account, by a service token if
/// one was used. Nobody when the account is disabled by now or the token has ended.
pub(crate) fn still_actor(tx: &mut Tx<'_>, account: Id, token: Option<Id>, origin: Origin) -> Result<Option<Actor>> {
    if account == Id::default() {
        return Ok(Some(Actor::operator()));
    }
    if let Some(token) = token {
        return service_token::still_actor(tx, token, origin);
    }
    let account = store::one(tx, account)?;
    Ok((!account.disabled).then(|| Actor::of(&account.holder(), None, origin)))
}

/// Lets the database show this transaction no more than what the actor reaches.
pub fn limit(tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    tx.limit(actor.reach())
}

/// Whom something that concerns a province's office and a partner is told.
pub(crate) fn who_follow(tx: &mut Tx<'_>, province: &ProvinceCode, partner: Id) -> Result<Vec<Id>> {
    store::who_follow(tx, province, partner)
}

/// Whom something that concerns a school's students is told.
pub(crate) fn coordinators(tx: &mut Tx<'_>, school: Id) -> Result<Vec<Id>> {
    store::coordinators(tx, school)
}

/// A province's instructors in use, in order.
pub(crate) fn instructors(tx: &mut Tx<'_>, province: &ProvinceCode) -> Result<Vec<Account>> {
    store::instructors(tx, province)
}

/// The service token whose use by this actor is to be noted, if it is due.
pub fn use_to_note(actor: &Actor) -> Option<Id> {
    actor.service_token().filter(|machine| machine.use_is_due).map(|machine| machine.token)
}

/// Notes that a service token is in use.
pub fn note_use(tx: &mut Tx<'_>, token: Id) -> Result<()> {
    service_token::note_use(tx, token)
}

/// Throws away links, tokens and counts that nothing is decided by any more, a batch at a time. Says
/// whether there may be more.
pub fn prune(tx: &mut Tx<'_>) -> Result<bool> {
    attempts::prune(tx)?;
    let refresh_before = tx.now().plus(-REFRESH_MEMORY);
    store::prune(tx, refresh_before)
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
    let Some(stored) = store::kept_answer(tx, account, key)? else { return Ok(None) };
    let plain = String::from_utf8(tx.keys().open(ANSWER, &stored.answer_sealed)?).map_err(Error::storage)?;
    match plain.split_once('\n') {
        Some((hash, body)) if hash == request_hash => Ok(Some(KeptAnswer {
            request_hash: hash.to_owned(),
            status: stored.status,
            location: stored.location,
            etag: stored.etag,
            body: body.to_owned(),
        })),
        _ => Err(Error::new(&codes::IDEMPOTENCY_KEY_REUSED)),
    }
}

/// Keeps an answer in the transaction of the change it reports; sealed, since it may show what its own table seals.
/// So is the hash of the request: a person's number could be guessed until it fits.
pub fn keep_answer(tx: &mut Tx<'_>, actor: &Actor, key: &str, answer: &KeptAnswer) -> Result<()> {
    let Some(account) = actor.account() else { return Ok(()) };
    let plain = format!("{}\n{}", answer.request_hash, answer.body);
    let stored = store::StoredAnswer {
        status: answer.status,
        location: answer.location.clone(),
        etag: answer.etag.clone(),
        answer_sealed: tx.keys().seal(ANSWER, plain.as_bytes(), tx.entropy())?,
    };
    store::keep_answer(tx, account, key, &stored)
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
    let id = actor.person()?;
    store::one(tx, id)
}

/// What the holders of these accounts are called, whatever the scope, for whoever reads what they have done. The operator
/// at the machine has no account.
pub(crate) fn names(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashMap<Id, PersonName>> {
    Ok(store::names(tx, ids)?.into_iter().collect())
}

/// An account whatever the scope, for features that check what it may be used for.
pub(crate) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Account> {
    store::one(tx, id)
}
