//! Signing in, going on, signing out; and what ends a login.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use vokasi_core::access::{self, Account, Actor, Origin, Role};
use vokasi_core::keys::Keys;

use crate::harness::{App, Value, at_once, json};

const PASSWORD: &str = "bunga melati di tepi jalan";

both! {
    fn a_person_chooses_a_password_and_signs_in(app: &App) {
        let admin = app.admin();
        let new = json!({ "email": "Dinas@Example.org", "name": "Wulan Sari", "role": "education_office", "province": "18" });
        let made = admin.post("/staff", new).created();
        let expected = json!({
            "id": made.id(),
            "email": "dinas@example.org",
            "name": "Wulan Sari",
            "role": "education_office",
            "province": "18",
            "regency": null,
            "partner": null,
            "disabled": false,
            "has_password": false,
            "has_second_factor": false,
            "updated_at": "2025-07-21T01:00:00Z",
        });
        assert_eq!(made.json(), expected);
        let link = admin.call("POST", &format!("{}/password-link", made.location())).send().ok();
        assert_eq!(link.json()["expires_at"], "2025-07-24T01:00:00Z");
        assert_eq!(link.header("cache-control"), Some("no-store"));
        let token = link.field("url").strip_prefix(&format!("{}/password/", app.url)).unwrap().to_owned();
        assert_eq!(token.len(), 43);
        app.call("POST", "/passwords").json(&json!({ "token": token, "password": PASSWORD })).send().no_content();

        let login = sign_in(app, "dinas@example.org", PASSWORD).ok();
        let mut account = expected;
        account["has_password"] = json!(true);
        assert_eq!(
            login.json(),
            json!({
                "login": login.json()["login"],
                "access_token": login.json()["access_token"],
                "token_type": "Bearer",
                "expires_in": 900,
                "refresh_token": login.json()["refresh_token"],
                "second_factor_missing": false,
                "account": account,
            })
        );
        assert_eq!(login.header("cache-control"), Some("no-store"));
        let who = app.call("GET", "/logins/current").token(&login.field("access_token")).send().ok();
        assert_eq!(who.json(), account);
    }

    fn a_wrong_password_and_an_unknown_address_get_one_answer(app: &App) {
        let account = with_password(app);
        let wrong = sign_in(app, account.email.as_str(), "bunga melati di tepi kali").status(401);
        let unknown = sign_in(app, "tidak-ada@example.org", PASSWORD).status(401);
        let unreadable = sign_in(app, "bukan alamat", PASSWORD).status(401);
        let without_password = {
            let account = app.account(Role::EducationOffice, Some("18"), None, None);
            sign_in(app, account.email.as_str(), PASSWORD).status(401)
        };
        for answer in [&unknown, &unreadable, &without_password] {
            assert_eq!(answer.json(), wrong.json());
        }
        wrong.refused("access.login_failed");
        sign_in(app, "", "").invalid(&[("/email", "field.length"), ("/password", "field.length")]);
    }

    fn a_login_goes_on_with_the_next_refresh_token(app: &App) {
        let office = app.office("18");
        app.wait(chrono::Duration::days(20));
        let next = app.continued(&office.refresh_token);
        assert_ne!(next.refresh_token, office.refresh_token);
        next.get("/logins/current").ok();
        // Thirty days after its last use it is too late.
        app.wait(chrono::Duration::days(30));
        refresh(app, &next.refresh_token).status(401).refused("access.refresh_invalid");
        refresh(app, "never-was").status(401).refused("access.refresh_invalid");
        refresh(app, "").invalid(&[("/refresh_token", "field.length")]);
    }

    fn a_refresh_token_used_twice_ends_the_login(app: &App) {
        let office = app.office("18");
        let next = app.continued(&office.refresh_token);
        next.get("/partners").ok();
        refresh(app, &office.refresh_token).status(401).refused("access.refresh_reused");
        next.get("/partners").status(401).refused("access.token_invalid");
        refresh(app, &next.refresh_token).status(401).refused("access.refresh_invalid");
        assert_eq!(app.count_where("audit_events", "action = 'login.refresh_reused'"), 1);
    }

    fn of_two_at_once_with_one_refresh_token_the_login_ends(app: &App) {
        let office = app.office("18");
        let answers = at_once(4, |_| refresh(app, &office.refresh_token));
        let continued = answers.iter().filter(|answer| answer.status == 200).count();
        assert!(continued <= 1, "{answers:?}");
        for answer in &answers {
            if answer.status == 200 {
                app.call("GET", "/partners").token(&answer.field("access_token")).send().status(401);
            }
        }
        assert_eq!(app.count_where("logins", "end_reason = 'refresh_reused'"), 1);
    }

    fn signing_out_ends_this_login_only(app: &App) {
        let here = app.office("18");
        let there = app.signed_in_again(&here);
        here.delete("/logins/current").no_content();
        here.get("/partners").status(401).refused("access.token_invalid");
        refresh(app, &here.refresh_token).status(401).refused("access.refresh_invalid");
        there.get("/partners").ok();
        let ended = format!("action = 'login.closed' AND account_id = {}", number(&here.id));
        assert_eq!(app.count_where("audit_events", &ended), 1);
    }

    fn a_disabled_account_is_out_at_once(app: &App) {
        let admin = app.admin();
        let account = with_password(app);
        let office = app.sign_in(account.email.as_str(), PASSWORD);
        let path = format!("/staff/{}", office.id);
        let read = admin.get(&path).ok();
        let disabled = admin.patch(&path, &read.etag(), json!({ "disabled": true })).ok();
        assert_eq!(disabled.json()["disabled"], true);
        office.get("/partners").status(401).refused("access.token_invalid");
        refresh(app, &office.refresh_token).status(401).refused("access.refresh_invalid");
        sign_in(app, account.email.as_str(), PASSWORD).status(401).refused("access.login_failed");
        // Enabled again, the old tokens stay ended.
        admin.patch(&path, &disabled.etag(), json!({ "disabled": false })).ok();
        office.get("/partners").status(401).refused("access.token_invalid");
        app.sign_in(account.email.as_str(), PASSWORD).get("/partners").ok();
    }

    fn a_changed_password_ends_every_token(app: &App) {
        let account = with_password(app);
        let office = app.sign_in(account.email.as_str(), PASSWORD);
        // Also one's own: whoever is signed in may ask for a link.
        let link = office.call("POST", &format!("/staff/{}/password-link", office.id)).send().ok();
        let token = link.field("url").rsplit_once('/').unwrap().1.to_owned();
        office.get("/partners").ok();
        set_password(app, &token, "sungai mengalir sampai jauh").no_content();
        office.get("/partners").status(401).refused("access.token_invalid");
        refresh(app, &office.refresh_token).status(401).refused("access.refresh_invalid");
        sign_in(app, account.email.as_str(), PASSWORD).status(401).refused("access.login_failed");
        app.sign_in(account.email.as_str(), "sungai mengalir sampai jauh").get("/partners").ok();
    }

    fn a_link_works_once_and_for_three_days(app: &App) {
        let account = app.account(Role::EducationOffice, Some("18"), None, None);
        let link = || app.operator({ let id = account.id; move |tx, operator| access::password_link(tx, operator, id) }).token;
        let first = link();
        let second = link();
        set_password(app, &first, PASSWORD).status(409).refused("access.link_invalid");
        set_password(app, &second, "sebelas--sj").invalid(&[("/password", "password.short")]);
        set_password(app, &second, &"x".repeat(129)).invalid(&[("/password", "password.long")]);
        set_password(app, &second, "WulanSari-2025").invalid(&[("/password", "password.guessable")]);
        set_password(app, &second, PASSWORD).no_content();
        set_password(app, &second, PASSWORD).status(409).refused("access.link_invalid");
        let third = link();
        app.wait(chrono::Duration::hours(72));
        set_password(app, &third, PASSWORD).status(409).refused("access.link_invalid");
        set_password(app, "", "").invalid(&[("/token", "field.length")]);
        sign_in(app, account.email.as_str(), PASSWORD).ok();
    }

    fn a_link_works_on_the_page_without_a_script(app: &App) {
        let account = app.account(Role::EducationOffice, Some("18"), None, None);
        let id = account.id;
        let token = app.operator(move |tx, operator| access::password_link(tx, operator, id)).token;
        let path = format!("/password/{token}");
        let page = app.call("GET", &path).send().ok();
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.text().contains("<html lang=\"id\">") && page.text().contains("Buat kata sandi"), "{page}");
        assert!(app.call("GET", &path).language("en").send().ok().text().contains("Choose a password"));
        let send = |text: &str| {
            let form = app.call("POST", &path).header("content-type", "application/x-www-form-urlencoded");
            form.bytes(text.as_bytes().to_vec()).send()
        };
        assert!(send("password=pendek").status(422).text().contains("sedikitnya 12 karakter"));
        send("kata=sandi").status(400);
        send("password=bunga+melati+di+tepi+jalan").ok();
        assert!(send("password=bunga+melati+di+tepi+jalan").status(409).text().contains("Minta tautan baru"));
        app.call("GET", &path).send().status(409);
        app.sign_in(account.email.as_str(), PASSWORD).get("/partners").ok();
    }

    fn an_access_token_lasts_a_quarter_of_an_hour(app: &App) {
        let office = app.office("18");
        app.wait(chrono::Duration::seconds(899));
        office.get("/partners").ok();
        app.wait(chrono::Duration::seconds(1));
        let ended = office.get("/partners").status(401).refused("access.token_invalid");
        assert_eq!(ended.header("www-authenticate"), Some("Bearer"));
        office.post("/partners", crate::harness::given::school(1)).status(401).refused("access.token_invalid");
    }

    fn only_our_own_tokens_are_taken(app: &App) {
        let office = app.office("18");
        let stranger = app.office("53");
        let claims = claims_of(&office.access_token);
        let ask = |token: &str| app.call("GET", "/logins/current").token(token).send();
        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            claims
        };
        ask(&token(&claims, "at+jwt", Algorithm::HS256, 7)).ok();
        let now = app.now().utc().timestamp();
        for wrong in [
            token(&claims, "at+jwt", Algorithm::HS256, 8),
            token(&claims, "at+jwt", Algorithm::HS512, 7),
            token(&claims, "JWT", Algorithm::HS256, 7),
            token(&with("aud", json!("another-api")), "at+jwt", Algorithm::HS256, 7),
            token(&with("iss", json!("another")), "at+jwt", Algorithm::HS256, 7),
            token(&with("exp", json!(now)), "at+jwt", Algorithm::HS256, 7),
            token(&with("iat", json!(now + 61)), "at+jwt", Algorithm::HS256, 7),
            token(&with("epo", json!(1)), "at+jwt", Algorithm::HS256, 7),
            token(&with("sub", json!(stranger.id)), "at+jwt", Algorithm::HS256, 7),
            token(&with("sid", claims_of(&stranger.access_token)["sid"].clone()), "at+jwt", Algorithm::HS256, 7),
            token(&with("nbf", json!(now + 1)), "at+jwt", Algorithm::HS256, 7),
            token(&with("exp", json!(now - 1)), "at+jwt", Algorithm::HS256, 7),
            named_token(&claims, "at+jwt", Algorithm::HS256, 7, None),
            named_token(&claims, "at+jwt", Algorithm::HS256, 7, Some("k2")),
            named_token(&claims, "at+jwt", Algorithm::HS256, 7, Some("")),
            named_token(&claims, "at+jwt", Algorithm::HS256, 7, Some("../vokasi.secret")),
            unsigned(&claims, "none"),
            unsigned(&claims, "None"),
            unsigned(&claims, ""),
            office.access_token.rsplit_once('.').unwrap().0.to_owned(),
            format!("{}x", office.access_token),
            "a.b.c".to_owned(),
        ] {
            ask(&wrong).status(401).refused("access.token_invalid");
        }
        ask(&under_header(&json!({ "alg": "HS256", "typ": "at+jwt", "kid": "k1" }), &claims)).ok();
        for algorithm in ["RS256", "PS256", "ES256", "EdDSA", "HS384", "hs256", "none"] {
            let confused = under_header(&json!({ "alg": algorithm, "typ": "at+jwt", "kid": "k1" }), &claims);
            ask(&confused).status(401).refused("access.token_invalid");
        }
        // A key that comes with the token is nobody's.
        let brought = json!({ "kty": "oct", "k": "AAAA", "alg": "HS256" });
        let header = json!({ "alg": "HS256", "typ": "at+jwt", "kid": "k9", "jwk": brought, "jku": "http://127.0.0.1/k" });
        ask(&under_header(&header, &claims)).status(401).refused("access.token_invalid");
        let (body, signature) = office.access_token.rsplit_once('.').unwrap();
        for cut in 0..signature.len() {
            ask(&format!("{body}.{}", &signature[..cut])).status(401).refused("access.token_invalid");
        }
        for more in ["A", "AAAA", "==", ".A"] {
            ask(&format!("{}{more}", office.access_token)).status(401).refused("access.token_invalid");
        }
        let current = || app.call("GET", "/logins/current");
        current().header("authorization", &office.access_token).send().status(401).refused("access.token_missing");
        current().header("authorization", "Basic dTpw").send().status(401).refused("access.token_missing");
        current().header("authorization", &format!("bearer {}", office.access_token)).send().ok();
    }
}

fn sign_in(app: &App, email: &str, password: &str) -> crate::harness::Answer {
    app.call("POST", "/logins").json(&json!({ "email": email, "password": password })).send()
}

fn refresh(app: &App, token: &str) -> crate::harness::Answer {
    app.call("POST", "/logins/refresh").json(&json!({ "refresh_token": token })).send()
}

fn set_password(app: &App, token: &str, password: &str) -> crate::harness::Answer {
    app.call("POST", "/passwords").json(&json!({ "token": token, "password": password })).send()
}

/// An education office's account that has chosen [`PASSWORD`].
fn with_password(app: &App) -> Account {
    let account = app.account(Role::EducationOffice, Some("18"), None, None);
    let id = account.id;
    let link = app.operator(move |tx, operator| access::password_link(tx, operator, id));
    let origin: Origin = Actor::operator().origin().clone();
    access::set_password(app.db(), app.now(), origin, &link.token, PASSWORD).expect("the link works");
    account
}

fn number(id: &str) -> i64 {
    id.parse::<vokasi_core::id::Id>().expect("an id").as_i64()
}

fn claims_of(token: &str) -> Value {
    let body = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).expect("base64url")).expect("claims")
}

fn token(claims: &Value, kind: &str, algorithm: Algorithm, secret: u8) -> String {
    named_token(claims, kind, algorithm, secret, Some("k1"))
}

fn named_token(claims: &Value, kind: &str, algorithm: Algorithm, secret: u8, key: Option<&str>) -> String {
    let keys = Keys::derive(&[secret; 32]).expect("32 bytes are enough");
    let header = Header { typ: Some(kind.to_owned()), kid: key.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, claims, &EncodingKey::from_secret(keys.token_key())).expect("a token")
}

/// The attack that gave `alg: none` its name.
fn unsigned(claims: &Value, none: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": none, "typ": "at+jwt", "kid": "k1" })), part(claims))
}

/// Signed with our own key, as HMAC, under a header that says anything.
fn under_header(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let body = format!("{}.{}", part(header), part(claims));
    let keys = Keys::derive(&[7; 32]).expect("32 bytes are enough");
    let key = EncodingKey::from_secret(keys.token_key());
    let signature = jsonwebtoken::crypto::sign(body.as_bytes(), &key, Algorithm::HS256).expect("a signature");
    format!("{body}.{signature}")
}
