//! People who sign in and ask: `office.post("/partners", given::school(1)).created()`.

use diesel::prelude::*;
use serde_json::{Value, json};
use ureq::http::Request;
use vokasi_core::access::{self, Account, NewAccount, Role};
use vokasi_core::db::schema::{logins, refresh_tokens};
use vokasi_core::id::Id;
use vokasi_core::keys::sha256_hex;
use vokasi_core::partner;
use vokasi_core::values::{Email, PersonName, ProvinceCode, RegencyCode};

use super::{Answer, App};

/// Everything the REST layer answers lies under this.
pub const BASE: &str = "/api/v1";

/// A signed-in member of staff.
pub struct Staff<'a> {
    pub app: &'a App,
    pub id: String,
    pub email: String,
    pub access_token: String,
    pub refresh_token: String,
}

/// One person of each role; the parts of a scope are given where the role needs them.
impl App {
    pub fn admin(&self) -> Staff<'_> {
        self.staff(Role::PlatformAdmin, None, None, None)
    }

    pub fn office(&self, province: &str) -> Staff<'_> {
        self.staff(Role::EducationOffice, Some(province), None, None)
    }

    pub fn observer(&self, province: &str) -> Staff<'_> {
        self.staff(Role::Observer, Some(province), None, None)
    }

    pub fn regency_officer(&self, regency: &str) -> Staff<'_> {
        self.staff(Role::RegencyOfficer, None, Some(regency), None)
    }

    pub fn coordinator(&self, school: &str) -> Staff<'_> {
        self.staff_of(Role::SchoolCoordinator, school)
    }

    pub fn manager(&self, partner: &str) -> Staff<'_> {
        self.staff_of(Role::PartnerManager, partner)
    }

    pub fn instructor(&self, partner: &str) -> Staff<'_> {
        self.staff_of(Role::Instructor, partner)
    }

    fn staff_of(&self, role: Role, partner: &str) -> Staff<'_> {
        let id: Id = partner.parse().expect("an id of a partner");
        let province = self.operator(move |tx, operator| partner::get(tx, operator, id)).province_code;
        self.staff(role, Some(province.as_str()), None, Some(id))
    }

    fn staff(&self, role: Role, province: Option<&str>, regency: Option<&str>, partner: Option<Id>) -> Staff<'_> {
        let account = self.account(role, province, regency, partner);
        self.signed_in(&account)
    }

    /// An account that was never signed in with.
    pub fn account(&self, role: Role, province: Option<&str>, regency: Option<&str>, partner: Option<Id>) -> Account {
        let new = NewAccount {
            email: Email::parse(&format!("{}{}@example.org", role.as_str(), self.number())).expect("an address"),
            name: PersonName::parse("Wulan Sari").expect("a name"),
            role,
            province: province.map(|code| ProvinceCode::parse(code).expect("a province")),
            regency: regency.map(|code| RegencyCode::parse(code).expect("a regency")),
            partner,
        };
        self.operator(move |tx, operator| access::create(tx, operator, new))
    }

    /// Opens a login of an account and continues it through HTTP. A password takes Argon2 as long as a whole story
    /// takes without it; the stories of `access` sign in with one.
    pub fn signed_in(&self, account: &Account) -> Staff<'_> {
        let number = self.number();
        let login = i64::try_from(number).expect("a small number");
        let token = format!("refresh-token-{number}");
        let now = self.now().utc().naive_utc();
        let mut connection = self.connect();
        diesel::insert_into(logins::table)
            .values((
                logins::id.eq(login),
                logins::account_id.eq(account.id.as_i64()),
                logins::device.eq("acceptance"),
                logins::created_at.eq(now),
                logins::refreshed_at.eq(now),
                logins::confirmed_at.eq(now),
            ))
            .execute(&mut connection)
            .expect("the login is written");
        diesel::insert_into(refresh_tokens::table)
            .values((
                refresh_tokens::token_hash.eq(sha256_hex(token.as_bytes())),
                refresh_tokens::login_id.eq(login),
                refresh_tokens::expires_at.eq(now + chrono::Duration::days(1)),
            ))
            .execute(&mut connection)
            .expect("the token is written");
        self.continued(&token)
    }

    /// A new login of the same person, when the old tokens have ended.
    pub fn signed_in_again(&self, staff: &Staff<'_>) -> Staff<'_> {
        let email = Email::parse(&staff.email).expect("an address");
        self.signed_in(&self.operator(move |tx, operator| access::by_email(tx, operator, &email)))
    }

    /// Goes on with a login by its refresh token.
    pub fn continued(&self, refresh_token: &str) -> Staff<'_> {
        self.holder(&self.call("POST", "/logins/refresh").json(&json!({ "refresh_token": refresh_token })).send().ok())
    }

    /// Signs in with a password.
    pub fn sign_in(&self, email: &str, password: &str) -> Staff<'_> {
        self.holder(&self.call("POST", "/logins").json(&json!({ "email": email, "password": password })).send().ok())
    }

    fn holder(&self, answer: &Answer) -> Staff<'_> {
        let body = answer.json();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Staff {
            app: self,
            id: text(&body["account"]["id"]),
            email: text(&body["account"]["email"]),
            access_token: text(&body["access_token"]),
            refresh_token: text(&body["refresh_token"]),
        }
    }
}

impl Staff<'_> {
    /// A request of this person.
    pub fn call<'b>(&'b self, method: &'b str, path: &str) -> Call<'b> {
        self.app.call(method, path).token(&self.access_token)
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path).send()
    }

    /// Posts with an Idempotency-Key of its own.
    #[track_caller]
    pub fn post(&self, path: &str, body: impl Into<Value>) -> Answer {
        self.call("POST", path).json(&body.into()).send()
    }

    /// Posts a change of the thing as it was read.
    #[track_caller]
    pub fn post_change(&self, path: &str, etag: &str, body: impl Into<Value>) -> Answer {
        self.call("POST", path).if_match(etag).json(&body.into()).send()
    }

    #[track_caller]
    pub fn patch(&self, path: &str, etag: &str, body: impl Into<Value>) -> Answer {
        self.call("PATCH", path).if_match(etag).json(&body.into()).send()
    }

    #[track_caller]
    pub fn put(&self, path: &str, etag: &str, body: impl Into<Value>) -> Answer {
        self.call("PUT", path).if_match(etag).json(&body.into()).send()
    }

    #[track_caller]
    pub fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path).send()
    }

    /// Sends a file as it is.
    #[track_caller]
    pub fn upload(&self, path: &str, media_type: &str, bytes: &[u8]) -> Answer {
        self.call("POST", path).header("content-type", media_type).bytes(bytes.to_vec()).send()
    }

    /// Every row of a list, page by page along the Link headers.
    #[track_caller]
    pub fn all(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(address) = next {
            let page = self.get(&address).ok();
            rows.extend(page.items());
            next = page.next_page();
        }
        rows
    }
}

/// A request that is being put together.
pub struct Call<'a> {
    app: &'a App,
    method: &'a str,
    path: String,
    headers: Vec<(String, String)>,
    key: Option<String>,
    body: Option<Vec<u8>>,
}

impl<'a> Call<'a> {
    /// A path that begins with a noun is one of the REST layer's.
    pub(super) fn new(app: &'a App, method: &'a str, path: &str) -> Self {
        let outside = [
            "/api/",
            "/healthz",
            "/readyz",
            "/openapi.json",
            "/docs",
            "/dossiers/",
            "/calendars/",
            "/issuers/",
            "/.well-known/",
            "/password/",
            "/verify",
            "/mark/",
            "/assets/",
        ];
        let rest = !outside.iter().any(|prefix| path.starts_with(prefix));
        let path = if rest { format!("{BASE}{path}") } else { path.to_owned() };
        let key = (method == "POST" && path.starts_with(BASE)).then(|| format!("key-{}", app.number()));
        Self { app, method, path, headers: Vec::new(), key, body: None }
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    pub fn language(self, language: &str) -> Self {
        self.header("accept-language", language)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this Idempotency-Key.
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Without an Idempotency-Key.
    pub fn without_key(mut self) -> Self {
        self.key = None;
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").bytes(body.to_string().into_bytes())
    }

    pub fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }

    #[track_caller]
    pub fn send(self) -> Answer {
        let asked = format!("{} {}", self.method, self.path);
        let mut request = Request::builder().method(self.method).uri(format!("{}{}", self.app.url, self.path));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        let agent = self.app.agent();
        let answer = match self.body {
            Some(body) => agent.run(request.body(body).expect("a request")),
            None => agent.run(request.body(()).expect("a request")),
        };
        let (parts, mut body) = answer.unwrap_or_else(|error| panic!("{asked}: {error}")).into_parts();
        let bytes = body.with_config().limit(64 << 20).read_to_vec().expect("the answer is whole");
        let answer = Answer::new(asked, parts.status, parts.headers, bytes);
        assert!(answer.status != 500 || self.app.is_broken(), "no input gives a 500: {answer}");
        answer
    }
}
