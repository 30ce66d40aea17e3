use diesel::prelude::*;

use super::{Actor, Claims, Role, Scope};
use crate::db::Tx;
use crate::db::dialect::{self, ForUpdate, native};
use crate::db::schema::{accounts, idempotency_keys, logins, partners, password_links, refresh_tokens};
use crate::error::Result;
use crate::id::Id;
use crate::keys::one_time_secret;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Email, PersonName, ProvinceCode, RegencyCode};

/// Rows thrown away in one transaction, so that nobody waits long for it.
const BATCH: i64 = 1000;

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = accounts, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Account {
    /// Key.
    pub id: Id,
    /// What the person signs in with.
    pub email: Email,
    /// The person's name.
    pub name: PersonName,
    /// What the person is.
    pub role: Role,
    /// The province, for every role but the platform's.
    pub province_code: Option<ProvinceCode>,
    /// The regency of a regency officer.
    pub regency_code: Option<RegencyCode>,
    /// The partner of a coordinator, manager or instructor.
    pub partner_id: Option<Id>,
    /// Argon2id, once a password was chosen.
    pub(super) password_hash: Option<String>,
    /// Whether it may not sign in.
    pub disabled: bool,
    /// Moves when every token must end.
    pub epoch: i32,
    /// Grows with every change.
    pub version: i32,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// The sealed secret of the second factor, once it is active.
    pub(super) factor_secret: Option<String>,
    /// The sealed secret of one that was offered and not yet made active.
    pub(super) factor_offered: Option<String>,
    /// The 30 seconds since 1970 whose code was used last.
    pub(super) factor_step: i64,
}

/// What of an account stands before every request: who it is and where its place is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Holder {
    /// The account.
    pub id: Id,
    /// What the person is.
    pub role: Role,
    province_code: Option<ProvinceCode>,
    regency_code: Option<RegencyCode>,
    pub(super) partner_id: Option<Id>,
}

impl Holder {
    /// How far the account reaches. The table's own check keeps the parts and the role together.
    pub fn scope(&self) -> Scope {
        match (self.role, &self.province_code, &self.regency_code, self.partner_id) {
            (Role::RegencyOfficer, Some(province), Some(regency), _) => {
                Scope::Regency(province.clone(), regency.clone())
            }
            (Role::SchoolCoordinator, Some(province), _, Some(partner)) => Scope::School(province.clone(), partner),
            (Role::PartnerManager, Some(province), _, Some(partner)) => Scope::Partner(province.clone(), partner),
            (Role::Instructor, Some(province), ..) => Scope::Instructor(province.clone(), self.id),
            (_, Some(province), ..) => Scope::Province(province.clone()),
            (_, None, ..) => Scope::Everything,
        }
    }
}

impl Account {
    /// Who it is and where its place is.
    pub fn holder(&self) -> Holder {
        Holder {
            id: self.id,
            role: self.role,
            province_code: self.province_code.clone(),
            regency_code: self.regency_code.clone(),
            partner_id: self.partner_id,
        }
    }

    /// Whether a password was chosen.
    pub fn has_password(&self) -> bool {
        self.password_hash.is_some()
    }

    /// Whether signing in asks for a code.
    pub fn has_second_factor(&self) -> bool {
        self.factor_secret.is_some()
    }
}

/// A signed-in browser or program.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = logins, treat_none_as_default_value = false)]
pub struct Login {
    /// Key.
    pub id: Id,
    /// Whose.
    pub account_id: Id,
    /// What the client called itself.
    pub device: String,
    /// When it began.
    pub created_at: Instant,
    /// When it was last continued.
    pub refreshed_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// Whether it can do nothing yet but set up the second factor that the role must have.
    pub factor_missing: bool,
    /// When the person last showed that it is they.
    pub confirmed_at: Option<Instant>,
}

#[derive(Queryable)]
pub(super) struct StoredLink {
    pub(super) account_id: Id,
    expires_at: Instant,
    used_at: Option<Instant>,
}

impl StoredLink {
    pub(super) fn works(&self, now: Instant) -> bool {
        self.used_at.is_none() && self.expires_at > now
    }
}

#[derive(Queryable)]
pub(super) struct StoredRefresh {
    pub(super) expires_at: Instant,
    pub(super) used_at: Option<Instant>,
}

pub(super) fn insert(tx: &mut Tx<'_>, account: &Account) -> Result<()> {
    diesel::insert_into(accounts::table).values(account).execute(tx.connection)?;
    Ok(())
}

/// The province of a partner, and whether it is a school.
pub(super) fn partner_place(tx: &mut Tx<'_>, partner: Id) -> Result<Option<(ProvinceCode, bool)>> {
    let found: Option<(ProvinceCode, String)> = partners::table
        .find(partner)
        .select((partners::province_code, partners::kind))
        .get_result(tx.connection)
        .optional()?;
    Ok(found.map(|(province, kind)| (province, kind.starts_with("school_"))))
}

pub(super) fn update(tx: &mut Tx<'_>, account: &Account) -> Result<()> {
    diesel::update(accounts::table.find(account.id)).set(account).execute(tx.connection)?;
    Ok(())
}

pub(super) fn any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(accounts::table.select(accounts::id).first::<Id>(tx.connection).optional()?.is_some())
}

pub(super) fn by_email(tx: &mut Tx<'_>, email: &Email) -> Result<Option<Account>> {
    Ok(accounts::table.filter(accounts::email.eq(email)).get_result(tx.connection).optional()?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Account> {
    Ok(ForUpdate(accounts::table.find(id)).get_result(tx.connection)?)
}

type Boxed<'a> = accounts::BoxedQuery<'a, crate::db::any::MultiBackend>;

/// The one place that says which accounts an actor sees.
fn seen_by(actor: &Actor) -> Boxed<'_> {
    let query = accounts::table.into_boxed();
    match actor.scope() {
        // The platform keeps provinces' offices; everyone below is the province's own business.
        Scope::Everything if actor.role().is_some() => {
            query.filter(accounts::role.eq_any([Role::PlatformAdmin, Role::EducationOffice]))
        }
        Scope::Everything => query,
        Scope::Province(province) | Scope::Regency(province, _) => query.filter(accounts::province_code.eq(province)),
        Scope::School(_, partner) | Scope::Partner(_, partner) => query.filter(accounts::partner_id.eq(partner)),
        Scope::Instructor(_, account) => query.filter(accounts::id.eq(account)),
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Account> {
    Ok(seen_by(actor).filter(accounts::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible_one_locked(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Account> {
    visible_one(tx, actor, id)?;
    locked(tx, id)
}

pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, role: Option<Role>, page: PageRequest) -> Result<Page<Account>> {
    let mut query = seen_by(actor).filter(accounts::id.gt(page.after()));
    if let Some(role) = role {
        query = query.filter(accounts::role.eq(role));
    }
    let rows = query.order(accounts::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |account: &Account| account.id))
}

/// Accounts in use of a province's office and of a partner's managers and coordinators.
pub(super) fn who_follow(tx: &mut Tx<'_>, province: &ProvinceCode, partner: Id) -> Result<Vec<Id>> {
    let office = accounts::role.eq(Role::EducationOffice).and(accounts::province_code.eq(province).assume_not_null());
    let own = accounts::partner_id.eq(partner).assume_not_null();
    let own = accounts::role.eq_any([Role::PartnerManager, Role::SchoolCoordinator]).and(own);
    Ok(accounts::table
        .filter(accounts::disabled.eq(false))
        .filter(office.or(own))
        .order(accounts::id)
        .select(accounts::id)
        .load(tx.connection)?)
}

/// Accounts in use of a school's coordinators.
pub(super) fn coordinators(tx: &mut Tx<'_>, school: Id) -> Result<Vec<Id>> {
    Ok(accounts::table
        .filter(accounts::disabled.eq(false))
        .filter(accounts::role.eq(Role::SchoolCoordinator))
        .filter(accounts::partner_id.eq(school))
        .order(accounts::id)
        .select(accounts::id)
        .load(tx.connection)?)
}

/// Accounts in use of a province's instructors.
pub(super) fn instructors(tx: &mut Tx<'_>, province: &ProvinceCode) -> Result<Vec<Account>> {
    Ok(accounts::table
        .filter(accounts::province_code.eq(province))
        .filter(accounts::role.eq(Role::Instructor))
        .filter(accounts::disabled.eq(false))
        .order(accounts::id)
        .load(tx.connection)?)
}

/// Ends every link of an account, but for one.
pub(super) fn end_links(tx: &mut Tx<'_>, account: Id, but: &str) -> Result<()> {
    let others =
        password_links::table.filter(password_links::account_id.eq(account)).filter(password_links::token_hash.ne(but));
    diesel::delete(others).execute(tx.connection)?;
    Ok(())
}

/// Adds a link beside those of the account that still work.
pub(super) fn add_link(tx: &mut Tx<'_>, account: Id, hash: &str, expires_at: Instant) -> Result<()> {
    let over = password_links::table
        .filter(password_links::account_id.eq(account))
        .filter(password_links::expires_at.le(tx.now()));
    diesel::delete(over).execute(tx.connection)?;
    diesel::insert_into(password_links::table)
        .values((
            password_links::token_hash.eq(hash),
            password_links::account_id.eq(account),
            password_links::expires_at.eq(expires_at),
        ))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn link(tx: &mut Tx<'_>, hash: &str) -> Result<Option<StoredLink>> {
    Ok(password_links::table
        .find(hash)
        .select((password_links::account_id, password_links::expires_at, password_links::used_at))
        .get_result(tx.connection)
        .optional()?)
}

/// Says whether this call was the one that used it.
pub(super) fn use_link(tx: &mut Tx<'_>, hash: &str) -> Result<bool> {
    let now = tx.now();
    let used = diesel::update(password_links::table.find(hash).filter(password_links::used_at.is_null()))
        .set(password_links::used_at.eq(Some(now)))
        .execute(tx.connection)?;
    Ok(used == 1)
}

/// What the devices of the account's last logins call themselves.
pub(super) fn devices(tx: &mut Tx<'_>, account: Id, limit: i64) -> Result<Vec<String>> {
    Ok(logins::table
        .filter(logins::account_id.eq(account))
        .order(logins::id.desc())
        .limit(limit)
        .select(logins::device)
        .load(tx.connection)?)
}

pub(super) fn insert_login(tx: &mut Tx<'_>, login: &Login) -> Result<()> {
    diesel::insert_into(logins::table).values(login).execute(tx.connection)?;
    Ok(())
}

pub(super) fn continue_login(tx: &mut Tx<'_>, login: &Login) -> Result<()> {
    let now = (logins::refreshed_at.eq(login.refreshed_at), logins::factor_missing.eq(login.factor_missing));
    diesel::update(logins::table.find(login.id)).set(now).execute(tx.connection)?;
    Ok(())
}

pub(super) fn confirm_login(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(logins::table.find(id)).set(logins::confirmed_at.eq(Some(now))).execute(tx.connection)?;
    Ok(())
}

/// The login can do everything from now on.
pub(super) fn factor_is_there(tx: &mut Tx<'_>, id: Option<Id>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    diesel::update(logins::table.find(id)).set(logins::factor_missing.eq(false)).execute(tx.connection)?;
    Ok(())
}

/// Logins of an account that were refreshed and opened after those instants and have not ended.
pub(super) fn open_logins(
    tx: &mut Tx<'_>,
    account: Id,
    refreshed: Instant,
    opened: Instant,
    page: PageRequest,
) -> Result<Page<Login>> {
    let rows = logins::table
        .filter(logins::account_id.eq(account))
        .filter(logins::id.gt(page.after()))
        .filter(logins::ended_at.is_null())
        .filter(logins::refreshed_at.gt(refreshed))
        .filter(logins::created_at.gt(opened))
        .order(logins::id)
        .limit(page.fetch())
        .load(tx.connection)?;
    Ok(page.page(rows, |login: &Login| login.id))
}

/// A login of an account that has not ended.
pub(super) fn open_login(tx: &mut Tx<'_>, account: Id, id: Id) -> Result<Login> {
    let own = logins::table.find(id).filter(logins::account_id.eq(account)).filter(logins::ended_at.is_null());
    Ok(own.get_result(tx.connection)?)
}

pub(super) fn end_login(tx: &mut Tx<'_>, id: Id, reason: &str) -> Result<()> {
    let now = tx.now();
    diesel::update(logins::table.find(id).filter(logins::ended_at.is_null()))
        .set((logins::ended_at.eq(Some(now)), logins::end_reason.eq(Some(reason))))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn end_logins(tx: &mut Tx<'_>, account: Id, reason: &str) -> Result<()> {
    let now = tx.now();
    diesel::update(logins::table.filter(logins::account_id.eq(account)).filter(logins::ended_at.is_null()))
        .set((logins::ended_at.eq(Some(now)), logins::end_reason.eq(Some(reason))))
        .execute(tx.connection)?;
    Ok(())
}

/// Ends every login of an account but one; how many those were.
pub(super) fn end_logins_but(tx: &mut Tx<'_>, account: Id, kept: Option<Id>, reason: &str) -> Result<usize> {
    let now = tx.now();
    let others = logins::table
        .filter(logins::account_id.eq(account))
        .filter(logins::id.ne(kept.unwrap_or_default()))
        .filter(logins::ended_at.is_null());
    let ended = (logins::ended_at.eq(Some(now)), logins::end_reason.eq(Some(reason)));
    Ok(diesel::update(others).set(ended).execute(tx.connection)?)
}

pub(super) fn issue_refresh(tx: &mut Tx<'_>, login: Id, expires_at: Instant) -> Result<String> {
    let (token, hash) = one_time_secret(tx.entropy());
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(hash),
            refresh_tokens::login_id.eq(login),
            refresh_tokens::expires_at.eq(expires_at),
        ))
        .execute(tx.connection)?;
    Ok(token)
}

pub(super) fn refresh_token(tx: &mut Tx<'_>, hash: &str) -> Result<Option<(StoredRefresh, Login)>> {
    Ok(refresh_tokens::table
        .inner_join(logins::table)
        .filter(refresh_tokens::token_hash.eq(hash))
        .select(((refresh_tokens::expires_at, refresh_tokens::used_at), logins::all_columns))
        .get_result(tx.connection)
        .optional()?)
}

/// Says whether this call was the one that used it.
pub(super) fn use_refresh(tx: &mut Tx<'_>, hash: &str) -> Result<bool> {
    let now = tx.now();
    let used = diesel::update(refresh_tokens::table.find(hash).filter(refresh_tokens::used_at.is_null()))
        .set(refresh_tokens::used_at.eq(Some(now)))
        .execute(tx.connection)?;
    Ok(used == 1)
}

/// What stands before every request of a signed-in person: the account, whether its login lacks a second factor, and when
/// the login was confirmed; nothing when it was opened before that instant.
pub(super) fn actor(
    tx: &mut Tx<'_>,
    claims: Claims,
    opened: Instant,
) -> Result<Option<(Holder, bool, Option<Instant>)>> {
    let holder = (accounts::id, accounts::role, accounts::province_code, accounts::regency_code, accounts::partner_id);
    let query = logins::table
        .inner_join(accounts::table)
        .filter(logins::id.eq(claims.login))
        .filter(logins::account_id.eq(claims.account))
        .filter(logins::ended_at.is_null())
        .filter(logins::created_at.gt(opened))
        .filter(accounts::disabled.eq(false))
        .filter(accounts::epoch.eq(claims.epoch))
        .select((holder, logins::factor_missing, logins::confirmed_at));
    Ok(native!(tx.connection, c => query.get_result(c)).optional()?)
}

pub(super) fn wait_for_key(tx: &mut Tx<'_>, account: Id, key: &str) -> Result<()> {
    Ok(dialect::alone(tx.connection, &format!("{account} {key}"))?)
}

/// An answer as it lies in the table.
#[derive(Queryable)]
pub(super) struct StoredAnswer {
    pub(super) status: i32,
    pub(super) location: Option<String>,
    pub(super) etag: Option<String>,
    pub(super) answer_sealed: String,
}

pub(super) fn kept_answer(tx: &mut Tx<'_>, account: Id, key: &str) -> Result<Option<StoredAnswer>> {
    Ok(idempotency_keys::table
        .find((account, key))
        .select((
            idempotency_keys::status,
            idempotency_keys::location,
            idempotency_keys::etag,
            idempotency_keys::answer_sealed,
        ))
        .get_result(tx.connection)
        .optional()?)
}

pub(super) fn keep_answer(tx: &mut Tx<'_>, account: Id, key: &str, answer: &StoredAnswer) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::account_id.eq(account),
            idempotency_keys::idempotency_key.eq(key),
            idempotency_keys::status.eq(answer.status),
            idempotency_keys::location.eq(&answer.location),
            idempotency_keys::etag.eq(&answer.etag),
            idempotency_keys::answer_sealed.eq(&answer.answer_sealed),
            idempotency_keys::created_at.eq(now),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Whose an answer is, and the key it is kept under.
pub(super) type AnswerKey = (Id, String);

/// The next kept answers of a province's accounts, sealed.
pub(super) fn answers_after(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    after: Option<&AnswerKey>,
) -> Result<Vec<(AnswerKey, String)>> {
    let mut query = idempotency_keys::table
        .inner_join(accounts::table)
        .filter(accounts::province_code.eq(province))
        .select(((idempotency_keys::account_id, idempotency_keys::idempotency_key), idempotency_keys::answer_sealed))
        .into_boxed();
    if let Some((account, key)) = after {
        query = query.filter(
            idempotency_keys::account_id
                .gt(account)
                .or(idempotency_keys::account_id.eq(account).and(idempotency_keys::idempotency_key.gt(key))),
        );
    }
    let order = (idempotency_keys::account_id, idempotency_keys::idempotency_key);
    Ok(query.order(order).limit(500).load(tx.connection)?)
}

pub(super) fn drop_answer(tx: &mut Tx<'_>, (account, key): &AnswerKey) -> Result<()> {
    diesel::delete(idempotency_keys::table.find((account, key))).execute(tx.connection)?;
    Ok(())
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Account> {
    Ok(accounts::table.find(id).get_result(tx.connection)?)
}

/// What the holders of these accounts are called.
pub(super) fn names(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<(Id, PersonName)>> {
    let named = accounts::table.filter(dialect::one_of_ids(accounts::id, ids)?);
    Ok(named.select((accounts::id, accounts::name)).load(tx.connection)?)
}

/// Throws away links that work no more, and a batch of refresh tokens that expired before an instant. Says whether
/// there may be more.
pub(super) fn prune(tx: &mut Tx<'_>, refresh_before: Instant) -> Result<bool> {
    let now = tx.now();
    let over =
        password_links::table.filter(password_links::used_at.is_not_null().or(password_links::expires_at.le(now)));
    diesel::delete(over).execute(tx.connection)?;
    let until: Option<Instant> = refresh_tokens::table
        .filter(refresh_tokens::expires_at.lt(refresh_before))
        .order(refresh_tokens::expires_at)
        .select(refresh_tokens::expires_at)
        .offset(BATCH - 1)
        .first(tx.connection)
        .optional()?;
    let expired = refresh_tokens::table.filter(refresh_tokens::expires_at.lt(refresh_before));
    let expired = expired.filter(refresh_tokens::expires_at.le(until.unwrap_or(refresh_before)));
    diesel::delete(expired).execute(tx.connection)?;
    Ok(until.is_some())
}
