//! Credentials: certificates that a program checks by itself, what is published for that, and certificates that another
//! one replaces. Whether a credential holds is asked of programs that are not ours: `PyJWT`, openssl, qpdf and others.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vokasi_core::entropy::Entropy;
use vokasi_core::keys::{SigningKey, sha256_hex};

use crate::harness::path::{tally, text};
use crate::harness::{Answer, App, Stage, Value, at_once, given, json};
use crate::tidy::root;

/// The certificates of a further class in which people completed by the province's word.
fn certified(stage: &Stage<'_>, members: usize) -> Vec<Value> {
    let class = stage.class_of(40);
    let people: Vec<String> = (0..members).map(|_| stage.waiting(&stage.student())).collect();
    for enrollment in &people {
        stage.seat(enrollment, &class).ok();
    }
    stage.move_class(&class, "running").ok();
    let body = json!({ "enrollments": people, "override_reason": "Uji ulang di lapangan", "confirm": given::doubts() });
    stage.office_now().post(&format!("/classes/{class}/completions"), body).ok();
    let issued = stage.issue(&class).ok().json();
    issued.as_array().unwrap().iter().map(|row| row["certificate"].clone()).collect()
}

fn certificate(stage: &Stage<'_>) -> Value {
    certified(stage, 1).remove(0)
}

/// The certificate of somebody who came every day and was scored.
fn graduate(stage: &Stage<'_>) -> Value {
    stage.graduate(&[stage.seated(&stage.student())]);
    stage.issue(&stage.class).ok().json()[0]["certificate"].clone()
}

fn at(certificate: &Value) -> String {
    format!("/certificates/{}", text(&certificate["id"]))
}

/// The path of the page behind a certificate's QR code.
fn page(app: &App, certificate: &Value) -> String {
    text(&certificate["verification_url"]).strip_prefix(&app.url).expect("an address of ours").to_owned()
}

pub fn public(app: &App, path: &str) -> Answer {
    app.call("GET", path).send()
}

fn credential(app: &App, certificate: &Value) -> String {
    public(app, &format!("{}/credential.jwt", page(app, certificate))).ok().text()
}

fn issuer(certificate: &Value) -> String {
    format!("/issuers/{}", text(&certificate["issuer"]))
}

/// The published keys of whoever issued it.
fn keys(app: &App, certificate: &Value) -> String {
    public(app, &format!("{}/jwks.json", issuer(certificate))).ok().text()
}

fn status_list(app: &App, token: &str) -> String {
    let list = part(token, 1)["credentialStatus"]["statusListCredential"].clone();
    public(app, text(&list).strip_prefix(&app.url).unwrap()).ok().text()
}

/// The header (0) or the claims (1) of a token.
fn part(token: &str, number: usize) -> Value {
    let text = token.split('.').nth(number).expect("a token has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

fn replace(stage: &Stage<'_>, certificate: &Value) -> Answer {
    stage.office_now().post(&format!("{}/replacement", at(certificate)), json!({ "reason": "Nama keliru" }))
}

fn revoke(stage: &Stage<'_>, certificate: &Value) -> Answer {
    let office = stage.office_now();
    let etag = office.get(&at(certificate)).ok().etag();
    office.post_change(&format!("{}/revocation", at(certificate)), &etag, json!({ "reason": "Nilai keliru" }))
}

/// A folder of a story's own, gone with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(app: &App) -> Self {
        let name = format!("vokasi-credentials-{}-{}", std::process::id(), app.url.rsplit(':').next().unwrap());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), content).unwrap();
    }

    /// What a program says in this folder, and how it ends.
    pub fn run(&self, program: &str, arguments: &[&str]) -> (String, i32) {
        let output = Command::new(program).args(arguments).current_dir(&self.0).output();
        let output = output.unwrap_or_else(|error| panic!("{program} is missing ({error}); scripts/test brings it"));
        let told = [output.stdout, output.stderr].concat();
        (String::from_utf8_lossy(&told).trim().to_owned(), output.status.code().unwrap_or(-1))
    }

    /// What `PyJWT` says of a token, and what the script of the documentation says with openssl alone.
    fn judged(&self, token: &str, keys: &str, list: Option<&str>) -> (String, String) {
        self.put("credential.jwt", token);
        self.put("jwks.json", keys);
        self.put("status-list.jwt", list.unwrap_or_default());
        let files = &["credential.jwt", "jwks.json", "status-list.jwt"][..if list.is_some() { 3 } else { 2 }];
        let judge = root().join("tests/judges/credential.py");
        let with = |first: &str| [&[first][..], files].concat().into_iter().map(str::to_owned).collect::<Vec<_>>();
        let judge = with(&judge.to_string_lossy());
        let (python, code) = self.run(python(), &judge.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(code, 0, "{python}");
        let script = root().join("scripts/check-credential");
        let (openssl, code) = self.run(&script.to_string_lossy(), files);
        assert_eq!(code == 0, openssl.starts_with("valid"), "{openssl}");
        (python, openssl)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The one of the system, which has the system's packages.
fn python() -> &'static str {
    if fs::exists("/usr/bin/python3").unwrap_or_default() { "/usr/bin/python3" } else { "python3" }
}

both! {
    fn a_credential_says_what_is_printed(app: &App) {
        let stage = app.stage();
        let certificate = graduate(&stage);
        let token = credential(app, &certificate);
        let (address, url) = (format!("{}{}", app.url, issuer(&certificate)), &certificate["verification_url"]);
        let claims = part(&token, 1);
        let subject = claims["sub"].clone();
        let index = claims["credentialStatus"]["statusListIndex"].clone();
        let program = text(&certificate["program"]);
        let achievement = format!("{address}#{program}");
        let result = |name: &str, value: &str| {
            json!({ "type": ["Result"], "resultDescription": format!("{achievement}.{name}"), "value": value })
        };
        assert_eq!(
            claims,
            json!({
                "@context": [
                    "https://www.w3.org/ns/credentials/v2",
                    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                ],
                "id": url,
                "type": ["VerifiableCredential", "OpenBadgeCredential"],
                "name": "Perhotelan / Hospitality",
                "issuer": { "id": address, "type": ["Profile"], "name": claims["issuer"]["name"] },
                "validFrom": "2025-08-11T03:00:00Z",
                "credentialSubject": {
                    "id": subject,
                    "type": ["AchievementSubject"],
                    "identifier": [{
                        "type": "IdentityObject", "identityType": "name", "hashed": false,
                        "identityHash": "Siti Nur'aini",
                    }],
                    "licenseNumber": certificate["number"],
                    "activityStartDate": "2025-07-21T00:00:00Z",
                    "activityEndDate": "2025-08-11T00:00:00Z",
                    "achievement": {
                        "id": achievement,
                        "type": ["Achievement"],
                        "achievementType": "CertificateOfCompletion",
                        "humanCode": program,
                        "name": "Perhotelan / Hospitality",
                        "description": "Perhotelan. Pelatihan 16 jam pelajaran (JP) @ 45 menit. / \
                                        Hospitality. Training of 16 lesson hours of 45 minutes.",
                        "criteria": claims["credentialSubject"]["achievement"]["criteria"],
                        "resultDescription": claims["credentialSubject"]["achievement"]["resultDescription"],
                    },
                    "result": [
                        result("lesson-hours", "16"),
                        result("final-score", "82.5"),
                        result("predicate", "Memuaskan / Very good"),
                    ],
                },
                "credentialStatus": {
                    "id": format!("{address}/status-lists/1#{}", text(&index)),
                    "type": "BitstringStatusListEntry",
                    "statusPurpose": "revocation",
                    "statusListIndex": index,
                    "statusListCredential": format!("{address}/status-lists/1"),
                },
                "credentialSchema": [{
                    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
                    "type": "1EdTechJsonSchemaValidator2019",
                }],
                "iss": address,
                "jti": url,
                "sub": subject,
                "nbf": 1_754_881_200,
            })
        );
        assert!(text(&subject).starts_with("urn:uuid:"), "{subject}");
        let kid = part(&token, 0)["kid"].clone();
        assert_eq!(part(&token, 0), json!({ "alg": "ES256", "kid": kid, "typ": "JWT" }));
        assert!(text(&kid).starts_with(&format!("{address}/keys/")), "{kid}");
        // The office takes the very same, and that is recorded.
        let recorded = stage.office_now().get(&format!("{}/credential", at(&certificate))).ok();
        assert_eq!((recorded.text(), recorded.header("cache-control")), (token, Some("no-store")));
        assert_eq!(app.count_where("audit_events", "action = 'certificate.credential_taken'"), 1);
        app.observer("18").get(&format!("{}/credential", at(&certificate))).denied();
    }

    fn an_issuer_is_found_by_what_it_signed(app: &App) {
        let stage = app.stage();
        let nobody = format!("/issuers/{}", stage.host);
        for path in [nobody.clone(), format!("{nobody}/jwks.json"), format!("{nobody}/status-lists/1")] {
            public(app, &path).not_there();
        }
        let certificate = certificate(&stage);
        let (profile, token) = (public(app, &issuer(&certificate)).ok(), credential(app, &certificate));
        let claims = part(&token, 1);
        assert_eq!(
            profile.json(),
            json!({
                "@context": claims["@context"], "id": claims["iss"], "type": ["Profile"],
                "name": claims["issuer"]["name"],
            })
        );
        let kid = part(&token, 0)["kid"].clone();
        let jwk = public(app, text(&kid).strip_prefix(&app.url).unwrap()).ok().json();
        assert_eq!(
            jwk,
            json!({
                "kty": "EC", "crv": "P-256", "x": jwk["x"], "y": jwk["y"], "kid": kid, "alg": "ES256", "use": "sig",
            })
        );
        let set: Value = serde_json::from_str(&keys(app, &certificate)).unwrap();
        assert_eq!(set, json!({ "keys": [jwk] }));
        let thumbprint = text(&kid).rsplit('/').next().unwrap();
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        let hash: Vec<u8> = (0..64)
            .step_by(2)
            .map(|at| u8::from_str_radix(&sha256_hex(members.as_bytes())[at..at + 2], 16).unwrap())
            .collect();
        assert_eq!(thumbprint, URL_SAFE_NO_PAD.encode(hash));
        let document = public(app, "/.well-known/did.json").ok().json();
        let did = format!("did:web:{}", app.url.strip_prefix("http://").unwrap().replace(':', "%3A"));
        let mut named = jwk.clone();
        named["kid"] = json!(thumbprint);
        assert_eq!(
            document,
            json!({
                "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
                "id": did,
                "verificationMethod": [{
                    "id": format!("{did}#{thumbprint}"), "type": "JsonWebKey", "controller": did,
                    "publicKeyJwk": named,
                }],
                "assertionMethod": [format!("{did}#{thumbprint}")],
            })
        );
        for path in [issuer(&certificate), "/.well-known/did.json".to_owned()] {
            let first = public(app, &path).ok();
            assert_eq!(first.header("access-control-allow-origin"), Some("*"));
            let again = app.call("GET", &path).header("if-none-match", &first.etag()).send().status(304);
            assert!(again.bytes.is_empty());
        }
        let lists = format!("{}/status-lists", issuer(&certificate));
        for path in [format!("{lists}/2"), format!("{lists}/x"), format!("{}/keys/x", issuer(&certificate))] {
            public(app, &path).not_there();
        }
    }

    fn programs_of_others_come_to_the_same(app: &App) {
        let (stage, folder) = (app.stage(), Folder::new(app));
        let certificates = certified(&stage, 2);
        let (one, other) = (&certificates[0], &certificates[1]);
        let (token, keys) = (credential(app, one), keys(app, one));
        let list = status_list(app, &token);
        let valid = format!("valid: {}, Siti Nur'aini", text(&one["number"]));
        assert_eq!(folder.judged(&token, &keys, None), ("valid".to_owned(), valid.clone()));
        assert_eq!(folder.judged(&token, &keys, Some(&list)), ("valid".to_owned(), valid.clone()));

        let judged = |token: &str, keys: &str| folder.judged(token, keys, None);
        let told = |python: &str, openssl: &str| (python.to_owned(), openssl.to_owned());
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        let mut forged = part(&token, 1);
        forged["credentialSubject"]["identifier"][0]["identityHash"] = json!("Orang Lain");
        let forged = URL_SAFE_NO_PAD.encode(forged.to_string());
        let wrong = told("InvalidSignatureError", "the signature is wrong");
        assert_eq!(judged(&format!("{header}.{forged}.{signature}"), &keys), wrong);
        let turned = credential(app, other).rsplit('.').next().unwrap().to_owned();
        assert_eq!(judged(&format!("{header}.{claims}.{turned}"), &keys), wrong);
        let kid = part(&token, 0)["kid"].clone();
        let none = URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "kid": kid, "typ": "JWT" }).to_string());
        for unsigned in ["", signature] {
            let (python, openssl) = judged(&format!("{none}.{claims}.{unsigned}"), &keys);
            assert_ne!(python, "valid");
            assert_eq!(openssl, "not signed the way we sign");
        }
        // A key that is published under another name, and a token that only says whose it is.
        let (stranger, _) = SigningKey::generate(&Entropy::seeded(7)).unwrap();
        let mut jwk: Value = serde_json::from_str(stranger.public().jwk()).unwrap();
        jwk["kid"] = kid.clone();
        let false_keys = json!({ "keys": [jwk] }).to_string();
        assert_eq!(judged(&token, &false_keys), wrong);
        assert_eq!(judged(&stranger.jwt(text(&kid), &part(&token, 1)).unwrap(), &keys), wrong);
        let unknown = stranger.jwt("https://example.org/keys/1", &part(&token, 1)).unwrap();
        assert_eq!(judged(&unknown, &keys), told("InvalidKeyError", "signed by a key that is not the issuer's"));
        let mut ended = part(&token, 1);
        ended["exp"] = json!(1_754_881_260);
        let ended = stranger.jwt(text(&kid), &ended).unwrap();
        assert_eq!(judged(&ended, &false_keys), told("ExpiredSignatureError", "it has expired"));

        revoke(&stage, one).ok();
        let revoked = status_list(app, &token);
        assert_eq!(folder.judged(&token, &keys, Some(&revoked)), told("revoked", "revoked"));
        let (python, openssl) = folder.judged(&credential(app, other), &keys, Some(&revoked));
        assert!(python == "valid" && openssl.starts_with("valid: "), "{openssl}");
        assert_eq!(credential(app, one), token, "what was signed stays as it is");
    }

    fn the_document_carries_its_credential(app: &App) {
        let (stage, folder) = (app.stage(), Folder::new(app));
        let certificate = graduate(&stage);
        let pdf = stage.office_now().get(&format!("{}/pdf", at(&certificate))).ok().bytes;
        folder.put("certificate.pdf", &pdf);
        let (checked, code) = folder.run("qpdf", &["--check", "certificate.pdf"]);
        assert_eq!(code, 0, "{checked}");
        let (words, _) = folder.run("pdftotext", &["-layout", "certificate.pdf", "-"]);
        for word in ["Siti Nur", text(&certificate["number"]), "Perhotelan", "Hospitality"] {
            assert!(words.contains(word), "{word} is missing in\n{words}");
        }
        folder.run("pdftoppm", &["-r", "150", "-png", "-f", "1", "-l", "1", "certificate.pdf", "page"]);
        let drawn = fs::read_dir(&folder.0).unwrap().flatten().map(|file| file.file_name().into_string().unwrap());
        let drawn = drawn.filter(|name| name.starts_with("page")).collect::<Vec<_>>().remove(0);
        let (code, _) = folder.run("zbarimg", &["--quiet", "--raw", &drawn]);
        assert!(code.lines().any(|line| line == text(&certificate["verification_url"])), "{code}");
        let (attached, _) = folder.run("pdfdetach", &["-list", "certificate.pdf"]);
        assert!(attached.contains("1 embedded files") && attached.contains("credential.jwt"), "{attached}");
        folder.run("pdfdetach", &["-save", "1", "-o", "credential.jwt", "certificate.pdf"]);
        assert_eq!(fs::read_to_string(folder.0.join("credential.jwt")).unwrap(), credential(app, &certificate));
        // The hash of the file is the published one.
        let hash = public(app, &format!("{}/certificate.pdf.sha256", page(app, &certificate))).ok().text();
        let (told, _) = folder.run("openssl", &["dgst", "-sha256", "-r", "certificate.pdf"]);
        assert_eq!(hash.trim(), told);
        folder.put("certificate.pdf.sha256", &hash);
        let (checked, code) = folder.run("sha256sum", &["--check", "certificate.pdf.sha256"]);
        assert_eq!((checked.as_str(), code), ("certificate.pdf: OK", 0));
        let part = String::from_utf8_lossy(&pdf).into_owned();
        assert!(part.contains("<pdfaid:part>3</pdfaid:part>"), "PDF/A-3");
    }

    fn certificates_from_before_stay_as_they_are(app: &App) {
        let (stage, folder) = (app.stage(), Folder::new(app));
        let certificates = certified(&stage, 2);
        app.run("DELETE FROM credentials");
        let before = &certificates[0];
        let office = stage.office_now();
        office.get(&format!("{}/credential", at(before))).not_there();
        public(app, &format!("{}/credential.jwt", page(app, before))).not_there();
        let pdf = office.get(&format!("{}/pdf", at(before))).ok().bytes;
        folder.put("certificate.pdf", &pdf);
        let (attached, _) = folder.run("pdfdetach", &["-list", "certificate.pdf"]);
        assert!(attached.contains("0 embedded files"), "{attached}");
        assert!(String::from_utf8_lossy(&pdf).contains("<pdfaid:part>2</pdfaid:part>"), "PDF/A-2");
        revoke(&stage, before).ok();
        let next = replace(&stage, &certificates[1]).created().json();
        assert!(!credential(app, &next).is_empty());
    }

    fn a_key_turns_and_what_it_signed_holds(app: &App) {
        let (stage, folder) = (app.stage(), Folder::new(app));
        let path = format!("/partners/{}/signing-keys", stage.host);
        assert_eq!(stage.office.get(&path).ok().json(), json!([]));
        let before = certificate(&stage);
        let manager = app.manager(&stage.host);
        let made = manager.call("POST", &path).send().created();
        let listed = manager.get(&path).ok().json();
        assert_eq!(
            listed,
            json!([
                {
                    "thumbprint": listed[0]["thumbprint"], "url": part(&credential(app, &before), 0)["kid"],
                    "made_at": listed[0]["made_at"], "retired_at": listed[1]["made_at"],
                },
                made.json(),
            ])
        );
        assert_eq!(made.location(), text(&listed[1]["url"]));
        assert_eq!(app.count_where("issuer_keys", "private_sealed IS NULL"), 1, "the old private part is gone");
        assert_eq!(app.count_where("audit_events", "action IN ('signing_key.made', 'signing_key.renewed')"), 2);
        let after = certificate(&stage);
        let kids = [&before, &after].map(|one| part(&credential(app, one), 0)["kid"].clone());
        assert_eq!(kids, [0, 1].map(|at| listed[at]["url"].clone()));
        // The list of the first is signed anew with the second key, and both are published.
        revoke(&stage, &before).ok();
        let keys = keys(app, &before);
        for (one, told) in [(&before, "revoked"), (&after, "valid")] {
            let token = credential(app, one);
            let list = status_list(app, &token);
            assert_eq!(part(&list, 0)["kid"], listed[1]["url"]);
            assert_eq!(folder.judged(&token, &keys, None).0, "valid");
            assert_eq!(folder.judged(&token, &keys, Some(&list)).0, told);
        }
        // Of two who turn it at once each gets a key of its own, and one is in force.
        let answers = at_once(4, |_| manager.call("POST", &path).send());
        assert!(answers.iter().all(|answer| [201, 412].contains(&answer.status)), "{answers:?}");
        assert_eq!(app.count_where("issuer_keys", "retired_at IS NULL"), 1);
        app.manager(&app.lpk("18.07")).get(&path).not_there();
        app.coordinator(&stage.school).get(&path).denied();
    }

    fn what_was_signed_at_another_address_is_checked_there(app: &App) {
        let (stage, folder) = (app.stage(), Folder::new(app));
        let (before, class, further) = (certified(&stage, 2), stage.completed_class(1), stage.completed_class(1));
        let moved = app.restarted(Some("https://baru.example"), |state| state);
        let office = moved.office("18");
        let after = office.post(&format!("/classes/{class}/certificates"), json!({})).ok().json()[0]["certificate"].clone();
        let keys = keys(&moved, &after);
        let [first, second, third] = [&before[0], &before[1], &after].map(|one| {
            let code = text(&one["verification_url"]).rsplit('/').next().unwrap();
            public(&moved, &format!("/verify/{code}/credential.jwt")).ok().text()
        });
        let list = |token: &str| {
            let list = part(token, 1)["credentialStatus"]["statusListCredential"].clone();
            public(&moved, &text(&list)[text(&list).find("/issuers/").unwrap()..]).ok().text()
        };
        let judged = |token: &str| folder.judged(token, &keys, Some(&list(token))).0;
        assert_eq!([&first, &second, &third].map(|token| judged(token)), ["valid"; 3]);
        office.acts(&at(&before[0]), "revocation", json!({ "reason": "Nama keliru" }));
        assert_eq!([&first, &second, &third].map(|token| judged(token)), ["revoked", "valid", "valid"]);
        let homes = [&first, &second, &third].map(|token| {
            let (issuer, kid) = (part(token, 1)["iss"].clone(), part(token, 0)["kid"].clone());
            assert_eq!(part(&list(token), 1)["iss"], issuer);
            let key = public(&moved, &text(&kid)[text(&kid).find("/issuers/").unwrap()..]).ok().json();
            assert_eq!(key["kid"], kid);
            text(&issuer).split("/issuers/").next().unwrap().to_owned()
        });
        assert_eq!(homes, [&app.url, &app.url, "https://baru.example"]);
        assert_eq!(public(&moved, "/.well-known/did.json").ok().json()["id"], "did:web:baru.example");
        let old = app.url.strip_prefix("http://").unwrap();
        let asked = |path: &str| moved.call("GET", path).header("host", old).send().ok().json()["id"].clone();
        assert_eq!(asked("/.well-known/did.json"), format!("did:web:{}", old.replace(':', "%3A")));
        assert_eq!(asked(&issuer(&after)), part(&first, 1)["iss"]);
        // Whoever moves back goes on with the key and the list of then.
        stage.issue(&further).ok();
        assert_eq!((app.count("issuer_keys"), app.count("status_lists")), (2, 2));
        assert_eq!(app.count_where("status_lists", "number = 1 AND taken = 3"), 1);
    }

    fn keys_and_lists_from_before_are_told_their_address(app: &App) {
        let stage = app.stage();
        let certificate = certificate(&stage);
        app.run("UPDATE issuer_keys SET public_url = NULL");
        app.run("UPDATE status_lists SET public_url = NULL");
        let moved = app.restarted(Some("https://baru.example"), |state| state);
        moved.operator(|tx, _| vokasi_core::certificate::credential::settle(tx, "https://baru.example"));
        let homes = format!("public_url = '{}'", app.url);
        assert_eq!((app.count_where("issuer_keys", &homes), app.count_where("status_lists", &homes)), (1, 1));
        let set: Value = serde_json::from_str(&keys(&moved, &certificate)).unwrap();
        assert_eq!(set["keys"][0]["kid"], part(&credential(app, &certificate), 0)["kid"]);
    }

    fn who_issues_first_at_the_same_moment_shares_one_key(app: &App) {
        let stage = app.stage();
        let classes: Vec<String> = (0..4)
            .map(|_| {
                let class = stage.class_of(3);
                let person = stage.waiting(&stage.student());
                stage.seat(&person, &class).ok();
                stage.move_class(&class, "running").ok();
                let body = json!({ "enrollments": [person], "override_reason": "Uji ulang di lapangan", "confirm": given::doubts() });
                stage.office_now().post(&format!("/classes/{class}/completions"), body).ok();
                class
            })
            .collect();
        for answer in at_once(4, |turn| stage.issue(&classes[turn])) {
            assert_eq!(tally(answer.ok().json().as_array().unwrap(), "result"), [("issued".to_owned(), 1)].into());
        }
        assert_eq!((app.count("issuer_keys"), app.count("status_lists"), app.count("credentials")), (1, 1, 4));
        assert_eq!(app.count_where("status_lists", "taken = 4"), 1);
    }

    fn a_full_list_is_followed_by_another(app: &App) {
        let stage = app.stage();
        let first = certificate(&stage);
        app.run("UPDATE status_lists SET taken = 65535");
        let (last, next) = (certificate(&stage), certificate(&stage));
        let lists = [&first, &last, &next].map(|one| {
            part(&credential(app, one), 1)["credentialStatus"]["statusListCredential"].as_str().unwrap().to_owned()
        });
        assert!(lists[0].ends_with("/status-lists/1") && lists[0] == lists[1], "{lists:?}");
        assert!(lists[2].ends_with("/status-lists/2"), "{lists:?}");
    }

    fn a_status_list_is_read_cheaply_and_changes_with_a_revocation(app: &App) {
        let stage = app.stage();
        let certificates = certified(&stage, 6);
        let token = credential(app, &certificates[0]);
        let path = format!("{}/status-lists/1", issuer(&certificates[0]));
        let before = public(app, &path).ok();
        assert_eq!(before.header("content-type"), Some("application/vc+jwt"));
        assert_eq!(before.header("cache-control"), Some("public, max-age=60"));
        app.call("GET", &path).header("if-none-match", &before.etag()).send().status(304);
        // Those who are revoked at the same moment all stand in it.
        let answers = at_once(4, |turn| revoke(&stage, &certificates[turn]));
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        let after = app.call("GET", &path).header("if-none-match", &before.etag()).send().ok();
        let (folder, keys) = (Folder::new(app), keys(app, &certificates[0]));
        let told: Vec<String> = certificates
            .iter()
            .map(|one| folder.judged(&credential(app, one), &keys, Some(&after.text())).0)
            .collect();
        assert_eq!(told, ["revoked", "revoked", "revoked", "revoked", "valid", "valid"]);
        assert_eq!(part(&after.text(), 1)["credentialSubject"]["type"], "BitstringStatusList");
        assert_eq!(part(&token, 1)["credentialStatus"]["statusListCredential"], part(&after.text(), 1)["id"]);
    }

    fn a_certificate_is_replaced(app: &App) {
        let stage = app.stage();
        let before = graduate(&stage);
        let token = credential(app, &before);
        let row = stage.office_now().get(&format!("/enrollments/{}", text(&before["enrollment"]))).ok().json();
        let person = format!("/participants/{}", text(&row["participant"]));
        let etag = stage.office_now().get(&person).ok().etag();
        let corrected = given::student(9500).with("name", "Siti Aminah").without("confirm");
        stage.office_now().put(&person, &etag, corrected).ok();
        let made = replace(&stage, &before).created();
        let after = made.json();
        assert_eq!(made.location(), format!("/api/v1{}", at(&after)));
        let mut expected = before.clone();
        for member in ["id", "snapshot_sha256", "verification_url"] {
            assert_ne!(after[member], before[member], "{member}");
            expected[member] = after[member].clone();
        }
        expected["name"] = json!("Siti Aminah");
        expected["number"] = json!(text(&before["number"]).replacen("0001/", "0002/", 1));
        assert_eq!(after, expected);
        // The old one says so for ever, to the office and to whoever holds the paper.
        let old = stage.office_now().get(&at(&before)).ok().json();
        assert_eq!(
            [&old["state"], &old["revoked_on"], &old["revocation_reason"], &old["replaced_by"], &old["name"]],
            [&json!("replaced"), &json!("2025-08-11"), &json!("Nama keliru"), &after["id"], &json!("Siti Nur'aini")]
        );
        let code = |certificate: &Value| page(app, certificate).rsplit('/').next().unwrap().to_owned();
        let told = public(app, &format!("/verifications/{}", code(&before))).ok().json();
        assert_eq!(
            [&told["state"], &told["revoked_on"], &told["revocation_reason"], &told["replaced_by"]],
            [
                &json!("replaced"), &json!("2025-08-11"), &json!("Nama keliru"),
                &json!({ "number": after["number"], "code": code(&after), "state": "valid" }),
            ]
        );
        let shown = public(app, &page(app, &before)).ok().text();
        for words in ["Sertifikat diganti", "11 Agustus 2025", "Nama keliru", &format!("/verify/{}", code(&after))] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(public(app, &page(app, &after)).ok().text().contains("Sertifikat berlaku"));
        assert_eq!(credential(app, &before), token);
        let (folder, keys) = (Folder::new(app), keys(app, &before));
        let list = status_list(app, &token);
        assert_eq!(folder.judged(&token, &keys, Some(&list)).0, "revoked");
        assert_eq!(folder.judged(&credential(app, &after), &keys, Some(&list)).0, "valid");
        // A chain goes on at its end.
        for refused in [replace(&stage, &before), revoke(&stage, &before)] {
            refused.status(409).refused("certificate.replaced");
        }
        let again = stage.issue(&stage.class).ok().json();
        assert_eq!((&again[0]["result"], &again[0]["certificate"]), (&json!("issued_before"), &after));
        let third = replace(&stage, &after).created().json();
        // The page of the first does not send anybody to one that has ended without saying so.
        app.wait(chrono::Duration::minutes(1));
        let shown = public(app, &page(app, &before)).ok().text();
        assert!(shown.contains("yang kini juga sudah diganti"), "{shown}");
        revoke(&stage, &third).ok();
        replace(&stage, &third).status(409).refused("certificate.revoked");
        assert_eq!((app.count("certificates"), app.count_where("credentials", "revoked")), (3, 3));
        assert_eq!(app.count_where("audit_events", "action = 'certificate.replaced'"), 2);
    }

    fn a_certificate_is_replaced_once_and_for_a_reason(app: &App) {
        let stage = app.stage();
        let before = certificate(&stage);
        let path = format!("{}/replacement", at(&before));
        let office = stage.office_now();
        office.post(&path, json!({})).invalid(&[("/reason", "field.required")]);
        let answers = at_once(4, |_| office.post(&path, json!({ "reason": "Nama keliru" })));
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
        assert_eq!((app.count("certificates"), app.count_where("certificate_counters", "last_number = 2")), (2, 1));
        // Who is on hold gets none, and the old one stays in force.
        let held = certificate(&stage);
        let row = office.get(&format!("/enrollments/{}", text(&held["enrollment"]))).ok().json();
        let asked = format!("/participants/{}/person-requests", text(&row["participant"]));
        let request = office.post(&asked, given::person_request("suspension")).created();
        let done = json!({ "verdict": "done", "answer": "Pemrosesan dihentikan sementara." });
        office.post_change(&format!("{}/decision", request.location()), &request.etag(), done).ok();
        replace(&stage, &held).status(409).refused("hold.in_force");
        assert_eq!(office.get(&at(&held)).ok().json()["state"], "valid");
        app.manager(&app.lpk("18.07")).post(&path, json!({ "reason": "Nama keliru" })).not_there();
    }

    fn what_anyone_reads_may_be_kept_for_a_minute(app: &App) {
        let stage = app.stage();
        let certificate = certificate(&stage);
        let page = page(app, &certificate);
        let code = page.rsplit('/').next().unwrap();
        app.set_clock("2025-08-11T03:00:10Z");
        for path in [
            page.clone(),
            format!("/verifications/{code}"),
            format!("{page}/credential.jwt"),
            format!("{page}/certificate.pdf.sha256"),
        ] {
            let first = public(app, &path).ok();
            assert_eq!(first.header("cache-control"), Some("public, max-age=60"), "{path}");
            app.call("GET", &path).header("if-none-match", &first.etag()).send().status(304);
            revoked_shows(app, &stage, &certificate, &path, &first);
        }
        for unknown in ["0".repeat(26), "short".to_owned()] {
            for end in ["", "/credential.jwt", "/certificate.pdf.sha256"] {
                let answer = app.call("GET", &format!("/verify/{unknown}{end}")).header("accept", "application/json");
                assert_eq!(answer.send().not_there().header("cache-control"), Some("no-store"));
            }
        }
    }
}

/// A page and its JSON change in their tag when the certificate does; what was signed stays.
fn revoked_shows(app: &App, stage: &Stage<'_>, certificate: &Value, path: &str, before: &Answer) {
    let other = app.call("GET", path).language("en").send().ok();
    let translated = path.starts_with("/verify/") && !path.contains('.');
    assert_eq!(other.etag() != before.etag(), translated, "{path}");
    if path.contains("certificate.pdf.sha256") {
        revoke(stage, certificate).ok();
        let page = page(app, certificate);
        assert!(public(app, &page).ok().text().contains("Nilai keliru"));
        assert_eq!(public(app, path).ok().etag(), before.etag());
    }
}

#[test]
fn a_guess_at_a_credential_is_counted_like_one_at_a_page() {
    let app = App::guarded(crate::harness::Backend::Sqlite);
    let from = |address: &str, path: &str| app.call("GET", path).header("x-forwarded-for", address).send();
    let path = format!("/verify/{}/credential.jwt", "0".repeat(26));
    let refused = (0..80).filter(|_| from("203.0.113.9", &path).status == 429).count();
    assert!(refused > 0, "eighty guesses in a moment");
    from("203.0.113.9", &format!("/verify/{}/certificate.pdf.sha256", "0".repeat(26))).status(429);
    from("203.0.113.10", &path).not_there();
}
