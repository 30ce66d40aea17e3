//! The second factor: a telephone that shows a code every thirty seconds, and ten codes on paper for when it is lost.

mod rules;
mod store;

use std::fmt;

use serde_json::json;

use super::{Account, Actor, Role, store as accounts};
use crate::audit::{self, Subject};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::keys::sha256_hex;
use crate::notify::{self, Notice};

/// What secrets are sealed for.
const SEALED_FOR: &str = "second_factor";
/// Recovery codes of an account.
const CODES: usize = 10;

/// Whether the roles that should have a second factor must have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactorPolicy {
    /// Without one, their logins can only set one up.
    #[default]
    Required,
    /// Everyone may have one: for the demo, where nothing is at stake.
    Offered,
}

impl SecondFactorPolicy {
    /// Whether a login of this account can do nothing yet but set up the factor.
    pub(super) fn asks(self, account: &Account) -> bool {
        self == Self::Required && account.role.needs_second_factor() && !account.has_second_factor()
    }
}

impl Role {
    /// Whoever decides for a province, a partner or the platform.
    pub fn needs_second_factor(self) -> bool {
        matches!(self, Self::PlatformAdmin | Self::EducationOffice | Self::PartnerManager)
    }
}

/// How an account stands with its second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether signing in asks for a code.
    pub active: bool,
    /// Whether the role must have one.
    pub required: bool,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: i64,
}

/// A secret to put into a telephone, shown once.
pub struct Offer {
    /// What an authenticator scans.
    pub uri: String,
    /// The secret for typing by hand.
    pub secret: String,
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offer(…)")
    }
}

/// How a code fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    /// The account asks for none.
    NotAsked,
    /// The telephone's.
    Code,
    /// One from paper.
    RecoveryCode,
    /// None was given.
    Missing,
    /// It is another, or was used before.
    Wrong,
}

/// How the actor's own account stands.
pub fn standing(tx: &mut Tx<'_>, actor: &Actor, policy: SecondFactorPolicy) -> Result<Standing> {
    let account = accounts::one(tx, actor.person()?)?;
    Ok(Standing {
        active: account.has_second_factor(),
        required: policy == SecondFactorPolicy::Required && account.role.needs_second_factor(),
        recovery_codes_left: store::codes_left(tx, account.id)?,
    })
}

/// Makes a secret for the actor's telephone; it counts once a code of it was given. Until then an earlier one does.
///
/// # Errors
/// `access.confirmation_needed`.
pub fn offer(tx: &mut Tx<'_>, actor: &Actor) -> Result<Offer> {
    actor.confirmed(tx.now())?;
    let mut account = accounts::locked(tx, actor.person()?)?;
    let secret: [u8; rules::SECRET_BYTES] = tx.entropy().bytes();
    account.factor_offered = Some(tx.keys().seal(SEALED_FOR, &secret, tx.entropy())?);
    accounts::update(tx, &account)?;
    Ok(Offer { uri: rules::uri(account.email.as_str(), &secret), secret: rules::base32(&secret) })
}

/// Makes the offered secret the account's own, and gives its recovery codes, shown once. Every other login ends: it was
/// opened without this factor.
///
/// # Errors
/// `access.confirmation_needed`, `access.code_wrong` at `/code`.
pub fn activate(tx: &mut Tx<'_>, actor: &Actor, code: &str) -> Result<Vec<String>> {
    actor.confirmed(tx.now())?;
    let mut account = accounts::locked(tx, actor.person()?)?;
    let wrong = || Error::field("/code", &codes::ACCESS_CODE_WRONG);
    let offered = account.factor_offered.take().ok_or_else(wrong)?;
    let step = step_of(tx, &offered, code, 0)?.ok_or_else(wrong)?;
    account.factor_secret = Some(offered);
    account.factor_step = step;
    change(tx, &mut account)?;
    accounts::factor_is_there(tx, actor.login())?;
    accounts::end_logins_but(tx, account.id, actor.login(), "second_factor_changed")?;
    notify::queue(tx, account.id, &Notice::SecondFactorSet { address: actor.origin().address.clone() })?;
    record(tx, actor, "staff.second_factor_set", &account)?;
    recovery_codes(tx, account.id)
}

/// Ten new recovery codes for the actor, shown once; the earlier ones end.
///
/// # Errors
/// `access.confirmation_needed`, `resource.not_found` without a second factor.
pub fn renew_recovery_codes(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<String>> {
    actor.confirmed(tx.now())?;
    let account = accounts::locked(tx, actor.person()?)?;
    if !account.has_second_factor() {
        return Err(Error::new(&codes::NOT_FOUND));
    }
    record(tx, actor, "staff.recovery_codes_made", &account)?;
    recovery_codes(tx, account.id)
}

/// Goes without a second factor from now on; the other logins end.
///
/// # Errors
/// `access.confirmation_needed`, `access.second_factor_required`.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, policy: SecondFactorPolicy) -> Result<()> {
    actor.confirmed(tx.now())?;
    let mut account = accounts::locked(tx, actor.person()?)?;
    if policy == SecondFactorPolicy::Required && account.role.needs_second_factor() {
        return Err(Error::new(&codes::ACCESS_SECOND_FACTOR_REQUIRED));
    }
    clear(tx, &mut account)?;
    accounts::end_logins_but(tx, account.id, actor.login(), "second_factor_changed")?;
    removed(tx, actor, &account)
}

/// Takes the second factor of somebody who lost both telephone and paper away, and ends all their logins. They set up
/// a new one at the next.
///
/// # Errors
/// `access.denied`, `access.confirmation_needed`.
pub fn reset(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<()> {
    actor.may(super::Operation::StaffWrite)?;
    let mut account = accounts::visible_one_locked(tx, actor, id)?;
    if !actor.appoints(&account) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    actor.confirmed(tx.now())?;
    account.epoch += 1;
    clear(tx, &mut account)?;
    accounts::end_logins(tx, id, "second_factor_changed")?;
    removed(tx, actor, &account)
}

/// Checks a code of the telephone or from paper, and uses it up.
pub(super) fn check(tx: &mut Tx<'_>, account: &mut Account, code: Option<&str>) -> Result<Checked> {
    let Some(secret) = account.factor_secret.clone() else { return Ok(Checked::NotAsked) };
    let Some(typed) = code.map(rules::plain) else { return Ok(Checked::Missing) };
    if !rules::is_six_digits(&typed) {
        let used = store::use_code(tx, account.id, &sha256_hex(typed.as_bytes()))?;
        return Ok(if used { Checked::RecoveryCode } else { Checked::Wrong });
    }
    let Some(step) = step_of(tx, &secret, &typed, account.factor_step)? else { return Ok(Checked::Wrong) };
    account.factor_step = step;
    accounts::update(tx, account)?;
    Ok(Checked::Code)
}

/// Tells the holder of an account that a recovery code was used.
pub(super) fn tell_of_recovery(tx: &mut Tx<'_>, account: Id, address: &str) -> Result<()> {
    let left = store::codes_left(tx, account)?;
    notify::queue(tx, account, &Notice::RecoveryCodeUsed { address: address.to_owned(), left })
}

fn removed(tx: &mut Tx<'_>, actor: &Actor, account: &Account) -> Result<()> {
    notify::queue(tx, account.id, &Notice::SecondFactorRemoved { address: actor.origin().address.clone() })?;
    record(tx, actor, "staff.second_factor_removed", account)
}

fn step_of(tx: &Tx<'_>, sealed: &str, code: &str, last_used: i64) -> Result<Option<i64>> {
    let secret = tx.keys().open(SEALED_FOR, sealed)?;
    let present = rules::step_at(tx.now().utc().timestamp());
    let typed = rules::plain(code);
    Ok(rules::step_of(&secret, &typed, present, last_used).filter(|_| rules::is_six_digits(&typed)))
}

fn recovery_codes(tx: &mut Tx<'_>, account: Id) -> Result<Vec<String>> {
    let shown: Vec<String> = (0..CODES).map(|_| rules::recovery_code(tx.entropy().bytes())).collect();
    let hashes = shown.iter().map(|code| sha256_hex(rules::plain(code).as_bytes())).collect();
    store::replace_codes(tx, account, hashes)?;
    Ok(shown)
}

fn clear(tx: &mut Tx<'_>, account: &mut Account) -> Result<()> {
    account.factor_secret = None;
    account.factor_offered = None;
    account.factor_step = 0;
    store::replace_codes(tx, account.id, Vec::new())?;
    change(tx, account)
}

fn change(tx: &mut Tx<'_>, account: &mut Account) -> Result<()> {
    account.version += 1;
    account.updated_at = tx.now();
    accounts::update(tx, account)
}

fn record(tx: &mut Tx<'_>, actor: &Actor, action: &'static str, account: &Account) -> Result<()> {
    audit::record(tx, actor, action, Subject::staff(account.id), account.province_code.as_ref(), &json!({}))
}
