//! Accounts that hold: second factors, whoever guesses, confirmations, one's own logins, machines.

use argon2::password_hash::{PasswordHasher, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::Duration;
use diesel::connection::SimpleConnection;
use vokasi_core::access::{self, Account, Actor, OpenLogin, Origin, Role, SecondFactorPolicy, SignIn, second_factor};
use vokasi_core::id::Id;

use crate::harness::path::text;
use crate::harness::{Answer, App, Phone, Staff, Value, at_once, given, json, log};

const PASSWORD: &str = "bunga melati di tepi jalan";

both! {
    fn whoever_decides_sets_up_a_second_factor_first(lenient: &App) {
        let app = &App::strict(lenient.backend);
        let account = with_password(app, Role::EducationOffice);
        let login = sign_in(app, &account, None).ok();
        assert_eq!(login.json()["second_factor_missing"], true);
        let office = app.sign_in(account.email.as_str(), PASSWORD);
        for path in ["/partners", "/staff", "/logins", "/service-tokens", "/audit-events"] {
            office.get(path).status(403).refused("access.second_factor_required");
        }
        office.post("/partners", given::school(1)).status(403).refused("access.second_factor_required");
        office.delete("/logins/others").status(403).refused("access.second_factor_required");
        office.get("/logins/current").ok();
        let standing = office.get("/second-factor").ok().json();
        assert_eq!(standing, json!({ "active": false, "required": true, "recovery_codes_left": 0 }));
        // Going on does not help.
        let office = app.continued(&office.refresh_token);
        office.get("/partners").status(403).refused("access.second_factor_required");

        let offer = office.post("/second-factor/secret", json!({})).ok();
        assert_eq!(offer.header("cache-control"), Some("no-store"));
        let secret = offer.field("secret");
        assert_eq!(secret.len(), 32);
        assert_eq!(
            offer.field("uri"),
            format!("otpauth://totp/Vokasi:{}?secret={secret}&issuer=Vokasi&algorithm=SHA1&digits=6&period=30", account.email.as_str())
        );
        assert!(offer.field("qr_svg").starts_with("<svg xmlns="), "{offer}");
        let phone = Phone::with(&secret);
        activate(&office, &wrong(&phone.code(app))).invalid(&[("/code", "access.code_wrong")]);
        office.get("/partners").status(403);
        let codes = activate(&office, &phone.code(app)).ok().json();
        assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
        office.get("/partners").ok();
        app.continued(&office.refresh_token).get("/partners").ok();
        let standing = office.get("/second-factor").ok().json();
        assert_eq!(standing, json!({ "active": true, "required": true, "recovery_codes_left": 10 }));
        assert_eq!(office.get("/logins/current").ok().json()["has_second_factor"], true);
        // The other login knew the password alone.
        app.call("GET", "/logins/current").token(&login.field("access_token")).send().status(401);
        office.delete("/second-factor").status(403).refused("access.second_factor_required");
    }

    fn the_others_are_asked_for_nothing_and_may_have_one(lenient: &App) {
        let app = &App::strict(lenient.backend);
        let account = with_password(app, Role::Observer);
        let observer = app.sign_in(account.email.as_str(), PASSWORD);
        observer.get("/partners").ok();
        let phone = Phone::with(&observer.post("/second-factor/secret", json!({})).ok().field("secret"));
        // An offer alone asks nobody for anything.
        sign_in(app, &account, None).ok();
        activate(&observer, &phone.code(app)).ok();
        sign_in(app, &account, None).status(401).refused("access.second_factor_needed");
        let other = app.signed_in_again(&observer);
        observer.delete("/second-factor").no_content();
        other.get("/partners").status(401);
        observer.post("/second-factor/recovery-codes", json!({})).not_there();
        sign_in(app, &account, None).ok();
    }

    fn a_code_is_asked_for_and_works_once(app: &App) {
        let (account, _, phone, _) = with_factor(app);
        app.wait(Duration::seconds(30));
        sign_in(app, &account, None).status(401).refused("access.second_factor_needed");
        let code = phone.code(app);
        sign_in(app, &account, Some(&wrong(&code))).status(401).refused("access.code_wrong");
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        sign_in(app, &account, Some(&spaced)).ok();
        sign_in(app, &account, Some(&code)).status(401).refused("access.code_wrong");
        // A wrong password is told nothing of codes.
        app.wait(Duration::seconds(30));
        let unknown = attempt(app, account.email.as_str(), "sungai mengalir jauh", Some(&phone.code(app)));
        unknown.status(401).refused("access.login_failed");
        let opened = "action = 'login.opened' AND detail = '{\"second_factor\":\"code\"}'";
        assert_eq!(app.count_where("audit_events", opened), 1);
    }

    fn of_two_at_once_with_one_code_one_signs_in(app: &App) {
        let (account, _, phone, _) = with_factor(app);
        app.wait(Duration::seconds(30));
        let code = phone.code(app);
        let answers = at_once(3, |_| sign_in(app, &account, Some(&code)));
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    }

    fn a_telephones_clock_may_be_off_by_half_a_minute(app: &App) {
        let (account, _, phone, _) = with_factor(app);
        app.wait(Duration::minutes(10));
        for (off, status) in [(-60, 401), (60, 401), (-30, 200), (30, 200), (0, 401)] {
            let answer = sign_in(app, &account, Some(&phone.code_off_by(app, off)));
            assert_eq!(answer.status, status, "{off}: {answer}");
        }
    }

    fn a_recovery_code_works_once(app: &App) {
        let (account, office, _, codes) = with_factor(app);
        // Seven times four letters of five bits.
        assert!(codes.iter().all(|code| code.len() == 34 && code.split('-').all(|four| four.len() == 4)), "{codes:?}");
        let shouted = codes[0].to_uppercase();
        sign_in(app, &account, Some(&shouted)).ok();
        sign_in(app, &account, Some(&codes[0])).status(401).refused("access.code_wrong");
        sign_in(app, &account, Some(&codes[1])).ok();
        assert_eq!(office.get("/second-factor").ok().json()["recovery_codes_left"], 8);
        let renewed = office.post("/second-factor/recovery-codes", json!({})).ok().json();
        sign_in(app, &account, Some(&codes[2])).status(401).refused("access.code_wrong");
        sign_in(app, &account, Some(text(&renewed["recovery_codes"][9]))).ok();
        // Nowhere in clear.
        for code in &codes {
            assert_eq!(app.count_where("recovery_codes", &format!("code_hash LIKE '%{code}%'")), 0);
        }
    }

    fn a_new_telephone_counts_once_it_has_shown_a_code(app: &App) {
        let (account, office, old, _) = with_factor(app);
        let other = app.signed_in_again(&office);
        let new = Phone::with(&office.post("/second-factor/secret", json!({})).ok().field("secret"));
        app.wait(Duration::seconds(60));
        sign_in(app, &account, Some(&new.code(app))).status(401).refused("access.code_wrong");
        sign_in(app, &account, Some(&old.code(app))).ok();
        activate(&office, &new.code(app)).ok();
        other.get("/partners").status(401).refused("access.token_invalid");
        app.wait(Duration::seconds(60));
        sign_in(app, &account, Some(&old.code(app))).status(401).refused("access.code_wrong");
        sign_in(app, &account, Some(&new.code(app))).ok();
        activate(&office, &new.code(app)).invalid(&[("/code", "access.code_wrong")]);
    }

    fn a_lost_telephone_is_taken_off_by_whoever_appoints(lenient: &App) {
        let app = &App::strict(lenient.backend);
        let (account, office, _, _) = with_factor(app);
        let path = format!("/staff/{}/second-factor", office.id);
        let admin = app.admin();
        admin.get(&path).status(405);
        // Administrators need one of their own.
        admin.delete(&path).status(403).refused("access.second_factor_required");
        admin.phone();
        let admin = app.signed_in_again(&admin);
        admin.delete(&path).no_content();
        office.get("/partners").status(401).refused("access.token_invalid");
        assert_eq!(sign_in(app, &account, None).ok().json()["second_factor_missing"], true);
        let removed = format!("action = 'staff.second_factor_removed' AND subject_id = {}", account.id.as_i64());
        assert_eq!(app.count_where("audit_events", &removed), 1);
    }

    fn whoever_guesses_waits_longer_and_longer(app: &App) {
        let account = with_password(app, Role::Observer);
        for (email, known) in [(account.email.as_str(), true), ("tidak-ada@example.org", false)] {
            for _ in 0..5 {
                attempt(app, email, "bukan kata sandinya", None).status(401).refused("access.login_failed");
            }
            // The right password waits as well: an answer would tell that it is right.
            for pause in ["15", "30", "60"] {
                let told = attempt(app, email, PASSWORD, None).status(429).refused("access.too_many_attempts");
                assert_eq!(told.header("retry-after"), Some(pause));
                assert_eq!(told.json()["facts"], json!({ "seconds": pause }));
                app.wait(Duration::seconds(pause.parse().unwrap()));
                attempt(app, email, "bukan kata sandinya", None).status(401).refused("access.login_failed");
            }
            app.wait(Duration::minutes(15));
            assert_eq!(attempt(app, email, PASSWORD, None).status, if known { 200 } else { 401 });
        }
        assert_eq!(app.count_where("audit_events", "action = 'login.guessed_at'"), 1);
        // Whoever has signed in from here starts anew, and what was typed is nowhere.
        attempt(app, account.email.as_str(), "bukan kata sandinya", None).status(401);
        sign_in(app, &account, None).ok();
        assert_eq!(app.count_where("attempts", "counter LIKE '%example.org%'"), 0);
    }

    fn many_at_once_are_no_way_around_the_count(app: &App) {
        let account = with_password(app, Role::Observer);
        let answers = at_once(12, |_| attempt(app, account.email.as_str(), "bukan kata sandinya", None));
        let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
        assert_eq!((looked_at, answers.len() - looked_at), (5, 7), "{answers:?}");
        assert!(answers.iter().all(|answer| matches!(answer.status, 401 | 429)), "{answers:?}");
    }

    fn the_owner_gets_in_while_the_world_guesses(app: &App) {
        let account = with_password(app, Role::Observer);
        let email = account.email.as_str();
        let home = "198.51.100.20";
        from(app, home, email, PASSWORD).unwrap();
        let guesses: Vec<_> =
            (1..=9).map(|network| from(app, &format!("203.0.{network}.7"), email, "bukan ini").unwrap_err()).collect();
        assert_eq!(guesses[..5], ["access.login_failed"; 5]);
        assert_eq!(guesses[5..], ["access.too_many_attempts"; 4]);
        assert_eq!(from(app, "203.0.99.7", email, PASSWORD).unwrap_err(), "access.too_many_attempts");
        // At home, with the address the provider gave today.
        from(app, "198.51.100.77", email, PASSWORD).unwrap();
        // And whoever guesses at home has a count as well.
        for _ in 0..5 {
            assert_eq!(from(app, home, email, "bukan ini").unwrap_err(), "access.login_failed");
        }
        assert_eq!(from(app, home, email, PASSWORD).unwrap_err(), "access.too_many_attempts");
        app.wait(Duration::seconds(15));
        from(app, home, email, PASSWORD).unwrap();
    }

    fn one_network_does_not_try_everybodys_door(app: &App) {
        let account = with_password(app, Role::Observer);
        let neighbour = with_password(app, Role::Observer);
        from(app, "203.0.113.1", neighbour.email.as_str(), PASSWORD).unwrap();
        for number in 0..50 {
            let email = format!("orang{number}@example.org");
            assert_eq!(from(app, &format!("203.0.113.{number}"), &email, "coba").unwrap_err(), "access.login_failed");
        }
        assert_eq!(from(app, "203.0.113.9", account.email.as_str(), PASSWORD).unwrap_err(), "access.too_many_attempts");
        // Those who work there go on, and elsewhere nobody noticed.
        from(app, "203.0.113.9", neighbour.email.as_str(), PASSWORD).unwrap();
        from(app, "203.0.114.9", account.email.as_str(), PASSWORD).unwrap();
    }

    fn a_right_password_without_a_code_is_neither_failure_nor_success(app: &App) {
        let (account, ..) = with_factor(app);
        for _ in 0..4 {
            sign_in(app, &account, Some("000000")).status(401).refused("access.code_wrong");
            sign_in(app, &account, None).status(401).refused("access.second_factor_needed");
        }
        sign_in(app, &account, None).status(401).refused("access.second_factor_needed");
        sign_in(app, &account, Some("000000")).status(401).refused("access.code_wrong");
        sign_in(app, &account, None).status(429).refused("access.too_many_attempts");
    }

    fn whoever_is_turned_away_is_in_the_log(app: &App) {
        let account = with_password(app, Role::Observer);
        let email = account.email.as_str();
        let observer = app.sign_in(email, PASSWORD);
        let who = format!(" account=\"{}\"", observer.id);
        let guess = || attempt(app, email, "bukan kata sandinya", None);
        logged(&guess().status(401), "INFO", "POST /api/v1/logins access.login_failed", "");
        let denied = observer.post("/partners", given::school(1)).denied();
        logged(&denied, "INFO", "POST /api/v1/partners access.denied", &who);
        let proof = confirm(&observer, json!({ "password": "bukan ini" })).status(422);
        logged(&proof, "INFO", "POST /api/v1/logins/current/confirmation access.password_wrong", &who);
        let code = confirm(&observer, json!({ "code": "000000" })).status(422);
        logged(&code, "INFO", "POST /api/v1/logins/current/confirmation access.code_wrong", &who);
        let forged = app.call("GET", &format!("/staff/{}", observer.id)).token("bukan.token.kami").send().status(401);
        logged(&forged, "INFO", "GET /api/v1/staff/{id} access.token_invalid", "");
        app.call("POST", "/logins/refresh").json(&json!({ "refresh_token": observer.refresh_token })).send().ok();
        let reused = app.call("POST", "/logins/refresh").json(&json!({ "refresh_token": observer.refresh_token }));
        logged(&reused.send().status(401), "INFO", "POST /api/v1/logins/refresh access.refresh_reused", "");
        let limit = (0..10).map(|_| guess()).find(|answer| answer.status == 429).unwrap();
        logged(&limit, "WARN", "POST /api/v1/logins access.too_many_attempts", "");
        // Nobody is in it but by the id of the account.
        let log = String::from_utf8(log::lines()).unwrap();
        let turned_away: Vec<&str> = log.lines().filter(|line| line.contains("turned away")).collect();
        for secret in [email, PASSWORD, "bukan kata sandinya", "bukan.token", "127.0.0.1", &observer.refresh_token] {
            assert!(turned_away.iter().all(|line| !line.contains(secret)), "{secret} is in the log");
        }
    }

    fn a_cheaper_hash_is_made_anew_at_the_next_sign_in(app: &App) {
        let account = with_password(app, Role::Observer);
        // The same password at 8 MiB and one pass.
        let cost = Params::new(8 * 1024, 1, 1, None).unwrap();
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost);
        let cheap: PasswordHash = cheap.hash_password_with_salt(PASSWORD.as_bytes(), &[1; 16]).unwrap();
        let sql = format!("UPDATE accounts SET password_hash = '{cheap}' WHERE id = {}", account.id.as_i64());
        app.connect().batch_execute(&sql).unwrap();
        sign_in(app, &account, None).ok();
        assert_eq!(app.count_where("accounts", "password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'"), 1);
        sign_in(app, &account, None).ok();
    }

    fn sensitive_acts_ask_again_after_ten_minutes(app: &App) {
        let (_, office, phone, _) = with_factor(app);
        let school = app.school("18.07");
        let student = office.post("/participants", given::student(1).with("school", school)).created();
        let reason = json!({ "reason": "Mencocokkan dengan kartu keluarga" });
        let disclosure = format!("{}/disclosures", student.location());
        office.post(&disclosure, reason.clone()).ok();
        let asked = format!("{}/person-requests", student.location());
        let request = office.post(&asked, given::person_request("access")).created();
        let (copy, page) = (format!("{}/dossier", request.location()), format!("/dossiers/{}", request.id()));
        app.wait(Duration::minutes(10));
        let staff = given::body(json!({ "email": "x@example.org", "name": "Wulan Sari", "role": "observer", "province": "18" }));
        let acts = || {
            vec![
                office.post(&disclosure, reason.clone()),
                office.post(&copy, json!({})),
                office.get(&page),
                office.post("/staff", staff.clone()),
                office.post(&format!("/staff/{}/password-link", office.id), json!({})),
                office.post("/second-factor/secret", json!({})),
                office.post("/second-factor/recovery-codes", json!({})),
                office.post("/second-factor/activation", json!({ "code": "000000" })),
                office.delete("/second-factor"),
                office.delete(&format!("/staff/{}/second-factor", app.observer("18").id)),
                office.post("/service-tokens", given::service_token(&["program.read"])),
            ]
        };
        for act in acts() {
            act.status(403).refused("access.confirmation_needed");
        }
        office.get("/partners").ok();
        confirm(&office, json!({})).invalid(&[("", "access.proof")]);
        confirm(&office, json!({ "password": PASSWORD, "code": "000000" })).invalid(&[("", "access.proof")]);
        confirm(&office, json!({ "password": "bukan ini" })).invalid(&[("/password", "access.password_wrong")]);
        confirm(&office, json!({ "code": "000000" })).invalid(&[("/code", "access.code_wrong")]);
        office.post(&disclosure, reason.clone()).status(403);
        let confirmed = confirm(&office, json!({ "password": PASSWORD })).ok();
        assert_eq!(confirmed.json(), json!({ "confirmed_until": app.now().plus(Duration::minutes(10)) }));
        office.post(&disclosure, reason.clone()).ok();
        // It is this login's alone.
        app.wait(Duration::minutes(10));
        let office = app.continued(&office.refresh_token);
        office.post(&disclosure, reason.clone()).status(403);
        let code = phone.code(app);
        confirm(&office, json!({ "code": code })).ok();
        confirm(&office, json!({ "code": code })).invalid(&[("/code", "access.code_wrong")]);
        office.post(&disclosure, reason).ok();
    }

    fn a_stolen_login_cannot_guess_the_password(app: &App) {
        let account = with_password(app, Role::Observer);
        let observer = app.sign_in(account.email.as_str(), PASSWORD);
        for _ in 0..5 {
            confirm(&observer, json!({ "password": "bukan ini" })).status(422);
        }
        let told = confirm(&observer, json!({ "password": PASSWORD })).status(429).refused("access.too_many_attempts");
        assert_eq!(told.header("retry-after"), Some("15"));
        app.wait(Duration::seconds(15));
        confirm(&observer, json!({ "password": PASSWORD })).ok();
        app.call("POST", "/logins/current/confirmation").json(&json!({ "password": PASSWORD })).send().status(401);
    }

    fn everyone_sees_and_ends_their_own_logins(app: &App) {
        let here = app.office("18");
        app.wait(Duration::minutes(5));
        let there = app.signed_in_again(&here);
        let elsewhere = app.signed_in_again(&here);
        let stranger = app.office("18");
        let logins = here.all("/logins");
        let expected = json!({
            "id": logins[0]["id"],
            "device": "acceptance",
            "created_at": "2025-07-21T01:00:00Z",
            "refreshed_at": "2025-07-21T01:00:00Z",
            "current": true,
        });
        assert_eq!(logins[0], expected);
        assert_eq!(logins.iter().map(|login| &login["current"]).collect::<Vec<_>>(), [true, false, false]);
        let path = format!("/logins/{}", text(&logins[1]["id"]));
        stranger.delete(&path).not_there();
        here.delete(&path).no_content();
        here.delete(&path).not_there();
        there.get("/partners").status(401).refused("access.token_invalid");
        elsewhere.get("/partners").ok();
        let last = app.signed_in_again(&here);
        here.delete("/logins/others").no_content();
        here.delete("/logins/others").no_content();
        elsewhere.get("/partners").status(401);
        last.get("/partners").status(401);
        stranger.get("/partners").ok();
        assert_eq!(here.all("/logins").len(), 1);
        assert_eq!(app.count_where("audit_events", "action = 'login.closed'"), 2);
        // Thirty days after its last use a login is over.
        app.wait(Duration::days(30));
        assert_eq!(app.signed_in_again(&here).all("/logins").len(), 1);
    }

    fn a_login_ends_after_ninety_days_whatever_is_refreshed(app: &App) {
        let observer = app.sign_in(with_password(app, Role::Observer).email.as_str(), PASSWORD);
        let mut latest = observer.refresh_token;
        for days in [29, 29, 29] {
            app.wait(Duration::days(days));
            latest = app.continued(&latest).refresh_token;
        }
        let go_on = |token: &str| app.call("POST", "/logins/refresh").json(&json!({ "refresh_token": token })).send();
        app.wait(Duration::days(3) - Duration::minutes(5));
        let last = app.continued(&latest);
        assert_eq!(last.all("/logins").len(), 1);
        app.wait(Duration::minutes(5));
        // Its last access token would be good for ten more minutes.
        last.get("/partners").status(401).refused("access.token_invalid");
        go_on(&last.refresh_token).status(401).refused("access.refresh_invalid");
        assert_eq!(app.sign_in(&observer.email, PASSWORD).all("/logins").len(), 1);
    }

    fn ending_other_logins_asks_who_it_is(app: &App) {
        let (_, office, phone, _) = with_factor(app);
        let there = app.signed_in_again(&office);
        app.wait(Duration::minutes(10));
        let logins = office.all("/logins");
        let path = |current: bool| {
            let login = logins.iter().find(|login| login["current"] == current).expect("one of each");
            format!("/logins/{}", text(&login["id"]))
        };
        office.delete(&path(false)).status(403).refused("access.confirmation_needed");
        office.delete("/logins/others").status(403).refused("access.confirmation_needed");
        app.office("53").delete(&path(false)).not_there();
        there.get("/partners").ok();
        confirm(&office, json!({ "code": phone.code(app) })).ok();
        office.delete(&path(false)).no_content();
        office.delete("/logins/others").no_content();
        there.get("/partners").status(401);
        // Whoever leaves need not say who they are.
        app.wait(Duration::minutes(10));
        let office = app.continued(&office.refresh_token);
        office.delete(&path(true)).no_content();
        office.get("/partners").status(401);
    }

    fn the_holder_hears_of_every_change_of_the_second_factor(app: &App) {
        let (account, office, phone, codes) = with_factor(app);
        let told = |kind: &str| app.count_where("outbox", &format!("kind = '{kind}'"));
        let all = || [told("second_factor_set"), told("recovery_code_used"), told("second_factor_removed")];
        assert_eq!(all(), [1, 0, 0]);
        app.wait(Duration::seconds(60));
        sign_in(app, &account, Some(&phone.code(app))).ok();
        sign_in(app, &account, Some("0123-4567-89ab-cdef-ghjk-mnpq-rstv")).status(401);
        assert_eq!(all(), [1, 0, 0]);
        sign_in(app, &account, Some(&codes[0])).ok();
        confirm(&office, json!({ "code": codes[1] })).ok();
        assert_eq!(all(), [1, 2, 0]);
        office.delete("/second-factor").no_content();
        assert_eq!(all(), [1, 2, 1]);
        let id = account.id;
        app.operator(move |tx, operator| second_factor::reset(tx, operator, id));
        assert_eq!(all(), [1, 2, 2]);
    }

    fn a_machine_does_what_its_token_says_and_no_more(app: &App) {
        let office = app.office("18");
        let made = office.post("/service-tokens", given::service_token(&["partner.read", "partner.write"])).ok();
        assert_eq!(made.header("cache-control"), Some("no-store"));
        let token = made.field("token");
        assert!(token.starts_with("vokasi_") && token.len() == 50, "{token}");
        let shown = made.json()["service_token"].clone();
        let expected = json!({
            "id": shown["id"],
            "name": "Papan angka",
            "account": office.id,
            "operations": ["partner.read", "partner.write"],
            "expires_on": "2026-06-30",
            "created_at": "2025-07-21T01:00:00Z",
            "used_at": null,
            "ended_at": null,
        });
        assert_eq!(shown, expected);
        let ask = |method, path: &str| app.call(method, path).token(&token);
        ask("GET", "/partners").send().ok();
        let school = ask("POST", "/partners").json(&given::school(1).into()).send().created();
        // Neither more than its operations nor what is a person's own.
        for path in ["/staff", "/participants", "/logins", "/logins/current", "/second-factor", "/service-tokens"] {
            ask("GET", path).send().denied();
        }
        ask("POST", "/second-factor/secret").send().status(403);
        ask("POST", "/logins/current/confirmation").json(&json!({ "password": PASSWORD })).send().denied();
        ask("DELETE", "/logins/others").send().denied();
        app.office("53").get(&school.location()).not_there();
        // Its acts are told under its name.
        let events = office.all(&format!("/audit-events?subject={}", school.id()));
        let told = json!({ "id": shown["id"], "name": "Papan angka" });
        assert_eq!((&events[0]["detail"]["service_token"], &events[0]["account"]), (&told, &json!(office.id)));
        assert_eq!(app.count_where("service_tokens", &format!("token_hash = '{token}'")), 0);
        app.call("GET", "/partners").token(&format!("{token}x")).send().status(401).refused("access.token_invalid");
    }

    fn a_tokens_use_is_noted_once_a_minute(app: &App) {
        let office = app.office("18");
        let made = office.post("/service-tokens", given::service_token(&["partner.read", "program.write"])).ok();
        let token = made.field("token");
        let used = || office.all("/service-tokens")[0]["used_at"].clone();
        assert_eq!(used(), Value::Null);
        let ask = || app.call("GET", "/partners").token(&token).send().ok();
        ask();
        assert_eq!(used(), "2025-07-21T01:00:00Z");
        app.wait(Duration::seconds(59));
        ask();
        assert_eq!(used(), "2025-07-21T01:00:00Z");
        app.wait(Duration::seconds(1));
        app.call("POST", "/programs").token(&token).json(&given::program("NEW").into()).send().created();
        assert_eq!(used(), "2025-07-21T01:01:00Z");
    }

    fn a_token_is_no_wider_than_its_maker(app: &App) {
        let (admin, office) = (app.admin(), app.office("18"));
        let wide = given::service_token(&["partner.read", "staff.write", "participant.reveal", "service_token", "partner.read"]);
        office.post("/service-tokens", wide).invalid(&[
            ("/operations/1", "service_token.too_wide"),
            ("/operations/2", "service_token.too_wide"),
            ("/operations/3", "service_token.too_wide"),
            ("/operations/4", "field.duplicate"),
        ]);
        let others = given::service_token(&["program.read", "participant.read"]);
        admin.post("/service-tokens", others).invalid(&[("/operations/1", "service_token.too_wide")]);
        office.post("/service-tokens", given::service_token(&["fly"])).invalid(&[("/operations/0", "field.unknown_value")]);
        office.post("/service-tokens", given::service_token(&[])).invalid(&[("/operations", "field.length")]);
        for day in ["2025-07-20", "2026-07-22"] {
            let body = given::service_token(&["program.read"]).with("expires_on", day);
            office.post("/service-tokens", body).invalid(&[("/expires_on", "service_token.expiry")]);
        }
        for day in ["2025-07-21", "2026-07-21"] {
            office.post("/service-tokens", given::service_token(&["program.read"]).with("expires_on", day)).ok();
        }
        app.observer("18").post("/service-tokens", given::service_token(&["program.read"])).denied();
        assert_eq!((office.all("/service-tokens").len(), admin.all("/service-tokens").len()), (2, 2));
        assert_eq!(app.office("53").all("/service-tokens").len(), 0);
    }

    fn a_token_ends_with_its_day_its_maker_or_by_hand(app: &App) {
        let (admin, office) = (app.admin(), app.office("18"));
        let make = |day: &str| {
            let made = office.post("/service-tokens", given::service_token(&["partner.read"]).with("expires_on", day)).ok();
            (made.field("token"), text(&made.json()["service_token"]["id"]).to_owned())
        };
        let status = |token: &str| app.call("GET", "/partners").token(token).send().status;
        let ((by_hand, id), (by_day, _), (by_maker, _)) = (make("2026-06-30"), make("2025-07-21"), make("2026-06-30"));
        let path = format!("/service-tokens/{id}");
        app.office("53").delete(&path).not_there();
        office.delete(&path).no_content();
        office.delete(&path).no_content();
        assert_eq!((status(&by_hand), status(&by_day), status(&by_maker)), (401, 200, 200));
        assert_eq!(app.count_where("audit_events", "action = 'service_token.ended'"), 1);
        // The day ends at midnight in Lampung.
        app.set_clock("2025-07-21T16:59:59Z");
        assert_eq!(status(&by_day), 200);
        app.set_clock("2025-07-21T17:00:00Z");
        assert_eq!((status(&by_day), status(&by_maker)), (401, 200));
        let admin = app.signed_in_again(&admin);
        let maker = format!("/staff/{}", office.id);
        let etag = admin.get(&maker).ok().etag();
        admin.patch(&maker, &etag, json!({ "disabled": true })).ok();
        assert_eq!(status(&by_maker), 401);
    }

    fn what_is_over_is_thrown_away(app: &App) {
        let account = with_password(app, Role::Observer);
        let observer = app.sign_in(account.email.as_str(), PASSWORD);
        attempt(app, "tidak-ada@example.org", "coba", None).status(401);
        let unused = link(app, account.id);
        app.office("18").get("/partners").ok();
        let counts = || ["password_links", "refresh_tokens", "attempts", "known_networks"].map(|table| app.count(table));
        // Refresh tokens: the one of the sign-in, and two of the office.
        assert_eq!(counts(), [1, 3, 2, 1]);
        let prune = || while app.db().write(app.now(), access::prune).unwrap() {};
        prune();
        assert_eq!(counts(), [1, 3, 2, 1], "nothing is over yet");
        app.wait(Duration::hours(73));
        prune();
        assert_eq!(counts(), [0, 3, 0, 1]);
        app.wait(Duration::days(60));
        prune();
        assert_eq!(counts(), [0, 0, 0, 1]);
        app.wait(Duration::days(180));
        prune();
        assert_eq!(counts(), [0, 0, 0, 0]);
        drop((observer, unused));
        // More than one batch.
        let day = app.now().plus(-Duration::days(31)).utc().naive_utc();
        let one = |row| format!("('h{row}', (SELECT min(id) FROM logins), '{day}')");
        let rows: Vec<String> = (0..2500).map(one).collect();
        let (columns, rows) = ("token_hash, login_id, expires_at", rows.join(", "));
        app.connect().batch_execute(&format!("INSERT INTO refresh_tokens ({columns}) VALUES {rows}")).unwrap();
        prune();
        assert_eq!(app.count("refresh_tokens"), 0);
    }

    fn the_operator_takes_a_lost_factor_away(app: &App) {
        let (account, ..) = with_factor(app);
        let id = account.id;
        app.operator(move |tx, operator| second_factor::reset(tx, operator, id));
        sign_in(app, &account, None).ok();
    }
}

/// That one line of the log tells of this refusal: method, pattern of the route and code, and the account if it is known.
#[track_caller]
fn logged(answer: &Answer, level: &str, told: &str, account: &str) {
    let [method, route, code] = told.split(' ').collect::<Vec<_>>()[..] else { panic!("{told} is not three words") };
    let request = answer.header("x-request-id").expect("every answer has an id");
    let line =
        format!("turned away request=\"{request}\" method={method} route=\"{route}\" code=\"{code}\"{account}\n");
    let log = String::from_utf8(log::lines()).unwrap();
    assert!(log.contains(&line), "{line}{answer}");
    let told = log.lines().find(|found| found.ends_with(line.trim_end())).expect("it was just found");
    assert!(told.contains(level), "{told} is not {level}");
}

fn attempt(app: &App, email: &str, password: &str, code: Option<&str>) -> Answer {
    let mut body = json!({ "email": email, "password": password });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    app.call("POST", "/logins").json(&body).send()
}

fn sign_in(app: &App, account: &Account, code: Option<&str>) -> Answer {
    attempt(app, account.email.as_str(), PASSWORD, code)
}

/// Signs in from an address of the wide world; the code of the refusal.
fn from(app: &App, address: &str, email: &str, password: &str) -> Result<OpenLogin, &'static str> {
    let origin = Origin { address: address.to_owned(), ..Origin::default() };
    let with = SignIn { email: email.to_owned(), password: password.to_owned(), code: None };
    access::sign_in(app.db(), app.now(), origin, with, SecondFactorPolicy::Offered).map_err(|error| error.code.name)
}

fn activate(staff: &Staff<'_>, code: &str) -> Answer {
    staff.post("/second-factor/activation", json!({ "code": code }))
}

fn confirm(staff: &Staff<'_>, proof: Value) -> Answer {
    staff.post("/logins/current/confirmation", proof)
}

/// Another code than this one.
fn wrong(code: &str) -> String {
    let last = if code.ends_with('7') { '3' } else { '7' };
    format!("{}{last}", &code[..5])
}

fn link(app: &App, account: Id) -> String {
    app.operator(move |tx, operator| access::password_link(tx, operator, account)).token
}

/// An account that has chosen [`PASSWORD`].
fn with_password(app: &App, role: Role) -> Account {
    let account = app.account(role, Some("18"), None, None);
    let origin = Actor::operator().origin().clone();
    access::set_password(app.db(), app.now(), origin, &link(app, account.id), PASSWORD).expect("the link works");
    account
}

/// An office with a second factor: the account, a login of it, the telephone and the recovery codes.
fn with_factor(app: &App) -> (Account, Staff<'_>, Phone, Vec<String>) {
    let account = with_password(app, Role::EducationOffice);
    let office = app.sign_in(account.email.as_str(), PASSWORD);
    let phone = Phone::with(&office.post("/second-factor/secret", json!({})).ok().field("secret"));
    let codes = activate(&office, &phone.code(app)).ok().json();
    let codes = codes["recovery_codes"].as_array().expect("codes").iter().map(|code| text(code).to_owned()).collect();
    (account, office, phone, codes)
}
