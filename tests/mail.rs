//! Mail: what is sent to whom, and what becomes of it when the mail server is not as it should be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use chrono::Duration;
use vokasi_api::config::{MailSettings, SmtpSettings};
use vokasi_api::mail::Mailer;
use vokasi_core::access::{self, Account, Actor, Role};
use vokasi_core::notify;

use crate::harness::mail_server::{Certified, Encryption, MailServer, Received, USER, mailer, parts};
use crate::harness::path::text;
use crate::harness::{Answer, App, Phone, Staff, Value, at_once, json, soon};

const PASSWORD: &str = "bunga melati di tepi jalan";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

both! {
    fn an_invitation_reaches_its_mailbox(app: &App) {
        for encryption in [Encryption::Starttls, Encryption::Implicit] {
            let server = MailServer::start(encryption);
            let admin = app.admin();
            let made = invite(&admin, "Siti Nur'aini");
            let message = only_message(&admin, &made);
            assert_eq!(
                message,
                json!({
                    "id": message["id"],
                    "account": made.id(),
                    "to": format!("d•••@example.org"),
                    "kind": "invitation",
                    "state": "waiting",
                    "attempts": 0,
                    "error": null,
                    "created_at": "2025-07-21T01:00:00Z",
                    "next_attempt_at": "2025-07-21T01:00:00Z",
                    "sent_at": null,
                })
            );
            app.send_mail(&server.mailer());
            app.send_mail(&server.mailer());
            let received = server.only();
            let to = made.field("email");
            assert_eq!((received.from.as_str(), received.to.as_slice()), ("vokasi@dinas.example", &[to.clone()][..]));
            let names: Vec<String> = received.headers().into_iter().map(|(name, _)| name).collect();
            let expected =
                ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];
            assert_eq!(names, expected);
            assert_eq!(received.header("From"), "Vokasi <vokasi@dinas.example>");
            assert_eq!(received.header("To"), format!("=?utf-8?b?U2l0aSBOdXInYWluaQ==?= <{to}>"));
            assert_eq!(
                received.header("Subject"),
                "Undangan Vokasi: buat kata sandi / Vokasi invitation: choose a password"
            );
            assert_eq!(received.header("Date"), "Mon, 21 Jul 2025 01:00:00 +0000");
            assert_eq!(received.header("Message-ID"), format!("<{}@dinas.example>", message["id"].as_str().unwrap()));
            let (text, html) = received.parts();
            assert!(text.starts_with("Yth. Siti Nur'aini,\n\nAnda mempunyai akun"), "{text}");
            assert!(text.contains("Dear Siti Nur'aini,\n\nYou have an account"), "{text}");
            assert!(text.contains("sampai 24 Juli 2025 pukul 08.00 WIB"), "{text}");
            let token = token_in(app, &received);
            assert_eq!(html.matches(&format!("href=\"{}/password/{token}\"", app.url)).count(), 2, "{html}");
            // What was sent is not kept.
            let sent = only_message(&admin, &made);
            assert_eq!((&sent["state"], &sent["sent_at"]), (&json!("sent"), &json!("2025-07-21T01:00:00Z")));
            assert_eq!((&sent["attempts"], &sent["next_attempt_at"]), (&json!(1), &Value::Null));
            assert_eq!(app.count_where("outbox", "state = 'sent' AND content IS NOT NULL"), 0);
            choose(app, &token, PASSWORD).no_content();
        }
    }

    fn a_link_that_is_asked_for_is_sent_too(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let admin = app.admin();
        let made = invite(&admin, "Wulan Sari");
        let link = admin.call("POST", &format!("{}/password-link", made.location())).send().ok().field("url");
        app.send_mail(&server.mailer());
        let tokens: Vec<String> = server.inbox().iter().map(|received| token_in(app, received)).collect();
        assert_eq!((tokens.len(), link.ends_with(&tokens[1])), (2, true));
        choose(app, &tokens[0], PASSWORD).status(409).refused("access.link_invalid");
        choose(app, &tokens[1], PASSWORD).no_content();
        // To whoever has a password it is no invitation.
        admin.call("POST", &format!("{}/password-link", made.location())).send().ok();
        let kinds: Vec<Value> = messages(&admin, &made).iter().map(|message| message["kind"].clone()).collect();
        assert_eq!(kinds, ["invitation", "invitation", "password_reset"]);
        // The machine's own command line prints its links.
        let account = app.account(Role::Observer, Some("18"), None, None);
        app.operator(move |tx, operator| access::password_link(tx, operator, account.id));
        assert_eq!(app.count("outbox"), 3);
    }

    fn who_has_forgotten_a_password_is_sent_a_link(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let account = with_password(app);
        let known = ask(app, account.email.as_str());
        soon(|| app.count("outbox") == 1);
        app.send_mail(&server.mailer());
        let received = server.only();
        assert_eq!(received.header("Subject"), "Vokasi: buat kata sandi baru / choose a new password");
        assert!(received.parts().0.contains("21 Juli 2025 pukul 09.00 WIB"), "{}", received.parts().0);
        // Nothing tells whether somebody has this address.
        for nobody in ["tidak-ada@example.org", "bukan alamat", "x\r\nRCPT TO:<y@example.org>"] {
            let unknown = ask(app, nobody);
            assert_eq!((unknown.status, &unknown.bytes), (202, &known.bytes));
            let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(names(&unknown), names(&known));
        }
        ask(app, "").invalid(&[("/email", "field.length")]);
        assert_eq!(app.count("outbox"), 1);
        let token = token_in(app, &received);
        choose(app, &token, "sungai mengalir sampai jauh").no_content();
        assert_eq!(app.count_where("audit_events", "action = 'staff.password_asked'"), 1);
        app.sign_in(account.email.as_str(), "sungai mengalir sampai jauh");
    }

    fn a_link_that_somebody_was_given_works_whoever_asks_for_another(app: &App) {
        let account = app.account(Role::Observer, Some("18"), None, None);
        let id = account.id;
        let given = app.operator(move |tx, operator| access::password_link(tx, operator, id)).token;
        forgotten(app, account.email.as_str());
        choose(app, &given, PASSWORD).no_content();
        // With it every other link has ended, and whoever hands out a new one ends those before it.
        assert_eq!(app.count_where("password_links", "used_at IS NULL"), 0);
        let link = || app.operator(move |tx, operator| access::password_link(tx, operator, id)).token;
        let (first, second) = (link(), link());
        choose(app, &first, "sungai mengalir sampai jauh").status(409).refused("access.link_invalid");
        choose(app, &second, "sungai mengalir sampai jauh").no_content();
    }

    fn who_was_invited_and_asks_is_invited_again(app: &App) {
        let account = app.account(Role::Observer, Some("18"), None, None);
        forgotten(app, account.email.as_str());
        assert_eq!(app.count_where("outbox", "kind = 'invitation' AND expires_at = '2025-07-24 01:00:00'"), 1);
    }

    fn a_mailbox_is_not_flooded(app: &App) {
        let account = with_password(app);
        let ask = || forgotten(app, account.email.as_str());
        at_once(5, |_| { ask(); app.call("GET", "/healthz").send() });
        assert_eq!(app.count("outbox"), 3);
        app.wait(Duration::minutes(59));
        ask();
        assert_eq!(app.count("outbox"), 3);
        app.wait(Duration::minutes(1));
        ask();
        assert_eq!(app.count("outbox"), 4);
        let admin = app.admin();
        let path = format!("/staff/{}", account.id);
        app.wait(Duration::hours(2));
        let admin = app.signed_in_again(&admin);
        admin.patch(&path, &admin.get(&path).ok().etag(), json!({ "disabled": true })).ok();
        ask();
        assert_eq!(app.count("outbox"), 4);
    }

    fn a_new_device_is_told_of(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let account = with_password(app);
        let sign_in = |device: &str| {
            let body = json!({ "email": account.email.as_str(), "password": PASSWORD });
            app.call("POST", "/logins").header("user-agent", device).json(&body).send().ok();
            app.send_mail(&server.mailer());
            server.inbox().len()
        };
        assert_eq!(sign_in(FIREFOX), 1);
        assert_eq!(sign_in(FIREFOX), 1);
        // A browser that was updated is no new one.
        assert_eq!(sign_in(&FIREFOX.replace("140", "141")), 1);
        assert_eq!(sign_in("<b>Android</b> 14"), 2);
        let (text, html) = server.inbox()[1].parts();
        assert!(text.contains("Perangkat: <b>Android</b> 14\n\nAlamat jaringan: 127.0.0.1\n"), "{text}");
        assert!(text.contains("Waktu: 21 Juli 2025 pukul 08.00 WIB") && text.contains("Time: 21 July 2025, 08:00 WIB"));
        assert!(html.contains("&lt;b&gt;Android&lt;/b&gt; 14") && !html.contains("<b>Android"), "{html}");
    }

    fn a_changed_password_is_told_of(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let account = with_password(app);
        assert_eq!(app.count("outbox"), 0, "the first password changes nothing");
        let id = account.id;
        let token = app.operator(move |tx, operator| access::password_link(tx, operator, id)).token;
        choose(app, &token, "sungai mengalir sampai jauh").no_content();
        app.send_mail(&server.mailer());
        let received = server.only();
        assert_eq!(received.header("Subject"), "Vokasi: kata sandi Anda berubah / your password was changed");
        assert!(received.parts().0.contains("Alamat jaringan: 127.0.0.1"));
        assert!(!received.text.contains("sungai"));
    }

    fn a_recovery_code_that_was_used_is_told_of(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let account = with_password(app);
        let holder = app.sign_in(account.email.as_str(), PASSWORD);
        let phone = Phone::with(&holder.post("/second-factor/secret", json!({})).ok().field("secret"));
        let body = json!({ "code": phone.code(app) });
        let codes = holder.post("/second-factor/activation", body).ok().json()["recovery_codes"].clone();
        holder.post("/logins/current/confirmation", json!({ "code": codes[0] })).ok();
        holder.delete("/second-factor").no_content();
        app.send_mail(&server.mailer());
        let letters: Vec<(String, String)> =
            server.inbox().iter().map(|received| (received.header("Subject"), received.parts().0)).collect();
        let [_, set, used, removed] = &letters[..] else { panic!("four letters and not {letters:?}") };
        assert_eq!(set.0, "Vokasi: faktor kedua dipasang / a second factor was set");
        assert_eq!(used.0, "Vokasi: kode pemulihan dipakai / a recovery code was used");
        assert_eq!(removed.0, "Vokasi: faktor kedua dilepas / your second factor was removed");
        for (_, letter) in [set, used, removed] {
            assert!(letter.contains("Alamat jaringan: 127.0.0.1\n") && letter.contains("Network address: 127.0.0.1\n"));
        }
        assert!(used.1.contains("Sisa kode: 9\n") && used.1.contains("Codes left: 9\n"), "{}", used.1);
        let code = codes[0].as_str().unwrap();
        assert!(letters.iter().all(|(_, letter)| !letter.contains(code)), "a code is a secret");
    }

    fn nothing_is_said_to_a_server_with_a_wrong_certificate(app: &App) {
        let admin = app.admin();
        let made = invite(&admin, "Wulan Sari");
        let stranger = MailServer::start(Encryption::Starttls);
        let right = MailServer::start(Encryption::Implicit);
        let by_a_stranger = SmtpSettings { ca_file: stranger.settings().ca_file, ..right.settings() };
        let by_nobody_known = SmtpSettings { ca_file: None, ..right.settings() };
        let other = MailServer::certified(Certified::ForAnotherHost);
        let old = MailServer::certified(Certified::UntilYesterday);
        for settings in [by_a_stranger, by_nobody_known, other.settings(), old.settings()] {
            app.send_mail(&mailer(settings));
            let message = only_message(&admin, &made);
            assert_eq!((&message["state"], &message["error"]), (&json!("waiting"), &json!("mail.untrusted")));
            app.wait(Duration::hours(2));
        }
        for server in [&stranger, &right, &other, &old] {
            assert!(server.inbox().is_empty());
        }
        app.wait(Duration::hours(3));
        app.send_mail(&right.mailer());
        right.only();
    }

    fn a_server_that_cannot_be_used_is_told_apart(app: &App) {
        let plain = MailServer::start(Encryption::None);
        let locked = MailServer::that_asks_to_sign_in();
        let login = |user: &str, password: &str| SmtpSettings {
            login: Some((user.to_owned(), password.to_owned())),
            ..locked.settings()
        };
        let nowhere = {
            let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            SmtpSettings { port: Some(gone.local_addr().unwrap().port()), ..plain.settings() }
        };
        let admin = app.admin();
        for (settings, code) in [
            (plain.settings(), "mail.unsuitable"),
            (nowhere, "mail.unreachable"),
            (login(USER.0, "kata sandi lain"), "mail.sign_in"),
            (SmtpSettings { login: Some(("a".into(), "b".into())), ..plain.settings() }, "mail.unsuitable"),
        ] {
            // The first tells what the server is like; the second waits for the next run.
            let (first, second) = (invite(&admin, "Wulan Sari"), invite(&admin, "Rohmat Hidayat"));
            app.send_mail(&mailer(settings));
            let message = only_message(&admin, &first);
            assert_eq!((&message["state"], &message["error"]), (&json!("waiting"), &json!(code)));
            assert_eq!(message["next_attempt_at"], "2025-07-21T01:01:00Z");
            assert_eq!(only_message(&admin, &second)["attempts"], 0);
            app.run("UPDATE outbox SET state = 'sent', content = NULL, sent_at = created_at");
        }
        assert!(plain.inbox().is_empty() && locked.inbox().is_empty());
        invite(&admin, "Wulan Sari");
        app.send_mail(&mailer(login(USER.0, USER.1)));
        locked.only();
    }

    fn what_is_put_off_is_tried_again(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let admin = app.admin();
        let (made, other) = (invite(&admin, "Wulan Sari"), invite(&admin, "Rohmat Hidayat"));
        server.reply(&[451, 250, 421]);
        app.send_mail(&server.mailer());
        // One message that is put off holds up no other.
        assert_eq!(only_message(&admin, &other)["state"], "sent");
        let message = only_message(&admin, &made);
        assert_eq!((&message["state"], &message["error"]), (&json!("waiting"), &json!("mail.deferred")));
        app.wait(Duration::seconds(59));
        app.send_mail(&server.mailer());
        assert_eq!(only_message(&admin, &made)["attempts"], 1);
        app.wait(Duration::seconds(1));
        app.send_mail(&server.mailer());
        let message = only_message(&admin, &made);
        assert_eq!((&message["attempts"], &message["next_attempt_at"]), (&json!(2), &json!("2025-07-21T01:06:00Z")));
        app.wait(Duration::minutes(5));
        app.send_mail(&server.mailer());
        let message = only_message(&admin, &made);
        assert_eq!((&message["state"], &message["attempts"], &message["error"]), (&json!("sent"), &json!(3), &Value::Null));
        assert_eq!(server.inbox().len(), 2);
    }

    fn what_is_put_off_for_two_days_is_given_up(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        invite(&app.admin(), "Wulan Sari");
        server.reply(&[450; 9]);
        for minutes in [1, 5, 15, 60, 4 * 60, 8 * 60, 12 * 60, 22 * 60] {
            app.send_mail(&server.mailer());
            assert_eq!(app.count_where("outbox", "state = 'waiting'"), 1, "before {minutes} minutes");
            app.wait(Duration::minutes(minutes));
        }
        app.send_mail(&server.mailer());
        assert_eq!(app.count_where("outbox", "state = 'failed' AND attempts = 9 AND error = 'mail.deferred'"), 1);
        assert!(server.inbox().is_empty());
    }

    fn what_is_rejected_has_failed_until_somebody_sends_it_again(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let (admin, stranger) = (app.admin(), app.office("53"));
        let office = app.office("18");
        let made = office.post("/staff", account_body(app, "Wulan Sari", "observer")).created();
        server.reply(&[550]);
        app.send_mail(&server.mailer());
        let message = only_message(&office, &made);
        assert_eq!((&message["state"], &message["error"]), (&json!("failed"), &json!("mail.rejected")));
        app.wait(Duration::hours(1));
        app.send_mail(&server.mailer());
        assert!(server.inbox().is_empty());
        let office = app.signed_in_again(&office);
        let again = format!("/messages/{}/retry", message["id"].as_str().unwrap());
        app.signed_in_again(&stranger).call("POST", &again).send().not_there();
        app.signed_in_again(&admin).call("POST", &again).send().not_there();
        let waiting = office.call("POST", &again).send().ok();
        assert_eq!((&waiting.json()["state"], &waiting.json()["attempts"]), (&json!("waiting"), &json!(0)));
        office.call("POST", &again).send().status(409).refused("message.not_failed");
        app.send_mail(&server.mailer());
        server.only();
        office.call("POST", &again).send().status(409).refused("message.not_failed");
        assert_eq!(app.count_where("audit_events", "action = 'message.retried'"), 1);
        office.call("POST", "/messages/0000000000000/retry").send().not_there();
    }

    fn a_link_that_has_expired_is_not_sent(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let admin = app.admin();
        let made = invite(&admin, "Wulan Sari");
        let failed = invite(&admin, "Rohmat Hidayat");
        app.run("UPDATE outbox SET state = 'failed', error = 'mail.rejected' WHERE id = (SELECT max(id) FROM outbox)");
        app.wait(Duration::hours(72));
        let admin = app.signed_in_again(&admin);
        app.send_mail(&server.mailer());
        assert!(server.inbox().is_empty());
        let message = only_message(&admin, &made);
        assert_eq!((&message["state"], &message["error"]), (&json!("failed"), &json!("mail.expired")));
        assert_eq!(app.count_where("outbox", "content IS NULL"), 1, "what it told is gone");
        for made in [&made, &failed] {
            let id = only_message(&admin, made)["id"].clone();
            let again = format!("/messages/{}/retry", id.as_str().unwrap());
            admin.call("POST", &again).send().status(409).refused("mail.expired");
        }
    }

    fn a_sender_that_died_is_followed_by_another(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let admin = app.admin();
        let made = invite(&admin, "Wulan Sari");
        let claimed = app.db().write(app.now(), |tx| {
            let due = notify::due(tx)?;
            notify::claim(tx, due[0])
        });
        let lost = claimed.unwrap().expect("it is due");
        // As long as its sender may be alive, the message is its own.
        app.wait(Duration::seconds(599));
        app.send_mail(&server.mailer());
        assert!(server.inbox().is_empty());
        app.wait(Duration::seconds(1));
        app.send_mail(&server.mailer());
        server.only();
        // One that wakes up again changes nothing any more.
        let late = notify::Delivery::Later(&vokasi_core::error::codes::MAIL_DEFERRED);
        app.db().write(app.now(), move |tx| notify::settle(tx, lost.id, lost.attempt, late)).unwrap();
        let message = only_message(&admin, &made);
        assert_eq!((&message["state"], &message["attempts"]), (&json!("sent"), &json!(2)));
    }

    fn a_second_copy_after_a_crash_is_recognised(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        invite(&app.admin(), "Wulan Sari");
        // The server takes the message and we do not hear of it.
        server.lose_next_answer();
        app.send_mail(&server.mailer());
        assert_eq!(app.count_where("outbox", "state = 'waiting' AND error = 'mail.unreachable'"), 1);
        app.wait(Duration::minutes(1));
        app.send_mail(&server.mailer());
        let inbox = server.inbox();
        assert_eq!(inbox.len(), 2);
        for name in ["Message-ID", "Date", "To", "Subject"] {
            assert_eq!(inbox[0].header(name), inbox[1].header(name));
        }
        assert_eq!(inbox[0].parts(), inbox[1].parts());
    }

    fn several_senders_at_once_send_each_message_once(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let admin = app.admin();
        for _ in 0..8 {
            invite(&admin, "Wulan Sari");
        }
        at_once(4, |_| {
            app.send_mail(&server.mailer());
            app.call("GET", "/healthz").send()
        });
        // Whoever came late may have found all of a batch taken.
        app.send_mail(&server.mailer());
        let mut ids: Vec<String> = server.inbox().iter().map(|received| received.header("Message-ID")).collect();
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), server.inbox().len()), (8, 8));
        assert_eq!(app.count_where("outbox", "state = 'sent' AND attempts = 1"), 8);
    }

    fn a_name_cannot_write_a_header(app: &App) {
        let admin = app.admin();
        for name in [
            "Siti\r\nBcc: x@example.org",
            "Siti\nSubject: Hadiah",
            "Siti\" x@example.org, \"Wulan",
            "Siti,; (Wulan) [x] :@ \\",
            "Nyi Ratna Ayu Ketut Śrī — 愛",
            &"Wulan ".repeat(33),
        ] {
            let server = MailServer::start(Encryption::Starttls);
            let made = invite(&admin, name);
            app.send_mail(&server.mailer());
            let received = server.only();
            assert_eq!(received.to, [made.field("email")], "{name}");
            let names: Vec<String> = received.headers().into_iter().map(|(name, _)| name).collect();
            let expected =
                ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];
            assert_eq!(names, expected, "{}", received.text);
            assert!(received.text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])), "{name}");
            let to = received.header("To");
            assert!(to.ends_with(&format!("<{}>", made.field("email"))), "{to}");
            assert!(received.parts().0.contains(&format!("Yth. {},", made.field("name"))));
        }
    }

    fn an_address_that_no_mail_reaches_has_failed(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let admin = app.admin();
        let body = account_body(app, "Wulan Sari", "education_office");
        let odd = crate::harness::given::body(body).with("email", "wulan..sari@example.org");
        let made = admin.post("/staff", odd).created();
        app.send_mail(&server.mailer());
        let message = only_message(&admin, &made);
        assert_eq!((&message["state"], &message["error"]), (&json!("failed"), &json!("mail.address")));
    }

    fn an_address_below_localhost_is_not_tried(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let admin = app.admin();
        let invited = |email: &str| {
            let body = account_body(app, "Administrator", "education_office");
            admin.post("/staff", crate::harness::given::body(body).with("email", email)).created()
        };
        let (made, other) = (invited("dinas@vokasi.localhost"), invited("dinas@example.org"));
        app.send_mail(&server.mailer());
        let message = only_message(&admin, &made);
        assert_eq!((&message["state"], &message["error"]), (&json!("failed"), &json!("mail.address")));
        // It is in nobody's way, and lands where no server is set.
        assert_eq!(only_message(&admin, &other)["state"], "sent");
        assert_eq!(server.only().to, ["dinas@example.org"]);
        let message = text(&message["id"]);
        admin.post(&format!("/messages/{message}/retry"), json!({})).ok();
        let folder = Folder::new(app);
        app.send_mail(&folder.mailer());
        assert_eq!(only_message(&admin, &made)["state"], "sent");
    }

    fn what_cannot_be_opened_has_failed(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        let admin = app.admin();
        let (made, other) = (invite(&admin, "Wulan Sari"), invite(&admin, "Rohmat Hidayat"));
        app.run("UPDATE outbox SET content = 'AAAA' WHERE id = (SELECT min(id) FROM outbox)");
        app.send_mail(&server.mailer());
        let message = only_message(&admin, &made);
        assert_eq!((&message["state"], &message["error"]), (&json!("failed"), &json!("keys.wrong")));
        assert_eq!(only_message(&admin, &other)["state"], "sent");
    }

    fn without_a_server_messages_land_in_a_folder(app: &App) {
        let folder = Folder::new(app);
        let mailer = folder.mailer();
        assert_eq!(mailer.folder(), Some(folder.0.as_path()));
        let admin = app.admin();
        let made = invite(&admin, "Wulan Sari");
        app.send_mail(&mailer);
        let rights = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let file = folder.0.join(format!("{}.eml", only_message(&admin, &made)["id"].as_str().unwrap()));
        assert_eq!((rights(&folder.0), rights(&file)), (0o700, 0o600));
        let (text, _) = parts(&fs::read_to_string(&file).unwrap());
        assert!(text.contains(&format!("{}/password/", app.url)), "{text}");
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
        assert_eq!(only_message(&admin, &made)["state"], "sent");
    }

    fn a_folder_that_cannot_be_written_is_tried_again(app: &App) {
        let folder = Folder::new(app);
        fs::write(&folder.0, "a file stands in the way").unwrap();
        let admin = app.admin();
        let made = invite(&admin, "Wulan Sari");
        app.send_mail(&folder.mailer());
        let message = only_message(&admin, &made);
        assert_eq!((&message["state"], &message["error"]), (&json!("waiting"), &json!("mail.folder")));
        fs::remove_file(&folder.0).unwrap();
        app.wait(Duration::minutes(1));
        app.send_mail(&folder.mailer());
        assert_eq!(only_message(&admin, &made)["state"], "sent");
    }

    fn messages_are_listed_to_those_who_see_the_account(app: &App) {
        let (admin, office, stranger) = (app.admin(), app.office("18"), app.office("53"));
        let own = office.post("/staff", account_body(app, "Wulan Sari", "observer")).created();
        let colleague = invite(&admin, "Rohmat Hidayat");
        let sees = |staff: &Staff<'_>, made: &Answer| !messages(staff, made).is_empty();
        assert_eq!((sees(&office, &own), sees(&office, &colleague)), (true, true));
        assert_eq!((sees(&admin, &own), sees(&admin, &colleague)), (false, true));
        assert_eq!((sees(&stranger, &own), sees(&stranger, &colleague)), (false, false));
        app.run("UPDATE outbox SET state = 'failed', error = 'mail.rejected' WHERE id = (SELECT min(id) FROM outbox)");
        let listed = |query: &str| -> Vec<Value> {
            office.all(&format!("/messages?{query}")).iter().map(|row| row["account"].clone()).collect()
        };
        assert_eq!(listed("limit=1"), [json!(own.id()), json!(colleague.id())]);
        assert_eq!(listed("state=failed"), [json!(own.id())]);
        assert_eq!(listed("state=waiting&kind=invitation"), [json!(colleague.id())]);
        assert_eq!(listed("kind=new_login"), [] as [Value; 0]);
        office.get("/messages?state=lost&kind=spam").invalid(&[
            ("/state", "field.unknown_value"),
            ("/kind", "field.unknown_value"),
        ]);
        // A stolen table tells no link.
        let token = app.operator({
            let id = own.id().parse().unwrap();
            move |tx, operator| access::password_link(tx, operator, id)
        });
        assert_eq!(app.count_where("outbox", &format!("content LIKE '%{}%'", token.token)), 0);
        assert_eq!(app.count_where("outbox", "content LIKE '%token%'"), 0);
        app.observer("18").get("/messages").denied();
    }
}

/// A place for messages beside a test's other files.
struct Folder(PathBuf);

impl Folder {
    fn new(app: &App) -> Self {
        let name = app.url.rsplit_once(':').unwrap().1;
        Self(std::env::temp_dir().join(format!("vokasi-mail-{}-{name}", std::process::id())))
    }

    fn mailer(&self) -> Mailer {
        let from = "vokasi@dinas.example".to_owned();
        Mailer::open(&MailSettings { from, smtp: None, folder: self.0.clone() }).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn account_body(app: &App, name: &str, role: &str) -> Value {
    json!({ "email": format!("d{}@example.org", app.number()), "name": name, "role": role, "province": "18" })
}

/// An office's account, made by the platform.
#[track_caller]
fn invite(admin: &Staff<'_>, name: &str) -> Answer {
    admin.post("/staff", account_body(admin.app, name, "education_office")).created()
}

/// The messages to an account that was made, read with a login of this moment.
#[track_caller]
fn messages(staff: &Staff<'_>, made: &Answer) -> Vec<Value> {
    let reader = staff.app.signed_in_again(staff);
    reader.all("/messages").into_iter().filter(|message| message["account"] == made.id().as_str()).collect()
}

#[track_caller]
fn only_message(staff: &Staff<'_>, made: &Answer) -> Value {
    let mut found = messages(staff, made);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

/// The secret of the link in a message; both languages tell the same one.
#[track_caller]
fn token_in(app: &App, received: &Received) -> String {
    let (text, _) = received.parts();
    let address = format!("  {}/password/", app.url);
    let tokens: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(&address)).collect();
    assert_eq!((tokens.len(), tokens[0], tokens[0].len()), (2, tokens[1], 43), "{text}");
    tokens[0].to_owned()
}

fn choose(app: &App, token: &str, password: &str) -> Answer {
    app.call("POST", "/passwords").json(&json!({ "token": token, "password": password })).send()
}

fn ask(app: &App, email: &str) -> Answer {
    app.call("POST", "/password-resets").json(&json!({ "email": email })).send()
}

/// The same without the way over HTTP, where the answer does not wait for what it starts.
fn forgotten(app: &App, email: &str) {
    let (origin, email) = (Actor::operator().origin().clone(), email.to_owned());
    app.db().write(app.now(), move |tx| access::ask_for_password(tx, origin, &email)).unwrap();
}

/// An education office's account that has chosen [`PASSWORD`].
fn with_password(app: &App) -> Account {
    let account = app.account(Role::EducationOffice, Some("18"), None, None);
    let id = account.id;
    let link = app.operator(move |tx, operator| access::password_link(tx, operator, id));
    choose(app, &link.token, PASSWORD).no_content();
    account
}
