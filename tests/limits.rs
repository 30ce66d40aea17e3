//! Whoever asks too often waits, and nobody else does.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};

use vokasi_core::error::{Language, codes};

use crate::harness::{Answer, App, Backend, Call, given};

/// More requests than any burst has.
const MANY: usize = 3_000;

/// Asks with several hands until one of them is refused; the refusal, and how many requests were taken.
fn until_refused<'a>(ask: impl Fn() -> Call<'a> + Sync) -> (Answer, usize) {
    let taken = AtomicUsize::new(0);
    let refused = std::thread::scope(|scope| {
        let hand = || {
            while taken.load(Ordering::Relaxed) < MANY {
                let answer = ask().send();
                if answer.status == 429 {
                    return Some(answer);
                }
                taken.fetch_add(1, Ordering::Relaxed);
            }
            None
        };
        let hands: Vec<_> = (0..4).map(|_| scope.spawn(hand)).collect();
        hands.into_iter().filter_map(|hand| hand.join().expect("it answers")).last()
    });
    (refused.expect("there is an end to it"), taken.into_inner())
}

/// A refusal says when to come back, in the header and in the sentence of that language.
#[track_caller]
fn says_when(refused: Answer, language: Language) {
    let refused = refused.refused("request.too_many");
    let problem = refused.json();
    let seconds = problem["facts"]["seconds"].as_str().expect("a number of seconds").to_owned();
    assert!(seconds.parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)), "{refused}");
    assert_eq!(refused.header("retry-after"), Some(seconds.as_str()), "{refused}");
    let pattern = if language == Language::English { codes::TOO_MANY_REQUESTS.en } else { codes::TOO_MANY_REQUESTS.id };
    assert_eq!(problem["title"], pattern.replace("{seconds}", &seconds), "{refused}");
}

fn from<'a>(call: Call<'a>, address: &str) -> Call<'a> {
    call.header("x-forwarded-for", address)
}

/// What a reader gets at an address that is sent letter by letter as it stands here.
fn page_at(app: &App, path: &str, address: &str) -> String {
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).expect("the server listens");
    let headers = format!("host: vokasi\r\nx-forwarded-for: {address}\r\naccept: text/html\r\nconnection: close");
    stream.write_all(format!("GET {path} HTTP/1.1\r\n{headers}\r\n\r\n").as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn an_open_address_takes_a_burst_from_each_network() {
    let app = &App::guarded(Backend::Sqlite);
    let guess = |address: &str| from(app.call("GET", "/verifications/0123456789ABCDEFGHJKMNPQRS"), address);
    let (refused, taken) = until_refused(|| guess("2001:db8:1:2::5"));
    assert!(taken >= 60, "{taken} were taken");
    says_when(refused, Language::Indonesian);
    says_when(until_refused(|| guess("2001:db8:1:2::5").language("en")).0, Language::English);
    // Whoever reads gets a page, and no document for programs.
    let read = || from(app.call("GET", "/verify/0123?lang=en").header("accept", "text/html"), "2001:db8:1:2::5");
    let page = until_refused(read).0;
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{page}");
    assert!(page.text().contains("Cannot be checked now") && page.header("retry-after").is_some(), "{page}");
    // Another telephone of the household, and another open address.
    assert_eq!(until_refused(|| guess("2001:db8:1:2::6")).0.status, 429);
    assert_eq!(until_refused(|| from(app.call("GET", "/verify"), "2001:db8:1:2::6")).0.status, 429);
    // The neighbours, and what nobody can guess at.
    guess("2001:db8:1:3::5").send().not_there();
    from(app.call("GET", "/regions"), "2001:db8:1:2::5").send().ok();
    // What a client puts before the proxy's own word changes nothing.
    let refused = until_refused(|| guess("203.0.113.9, 2001:db8:1:2::5")).0;
    says_when(refused, Language::Indonesian);
}

#[test]
fn escapes_in_an_open_address_are_no_way_round() {
    let app = &App::guarded(Backend::Sqlite);
    // Far fewer than the thousand that a network has for everything; each from a network of its own.
    let few = |path: &str, address: &str| {
        let (refused, taken) = until_refused(|| from(app.call("GET", path), address));
        assert!((60..1_000).contains(&taken), "{taken} were taken at {path}");
        says_when(refused, Language::Indonesian);
    };
    few("/%76erifications/0123456789ABCDEFGHJKMNPQRS", "192.0.2.1");
    // It reads the keys of all issuers.
    few("/.well-known/did.json", "192.0.2.2");
    let mut pages = (0..1_000).map(|_| page_at(app, "/%76erify/0123?lang=en", "192.0.2.3"));
    let page = pages.find(|page| page.starts_with("HTTP/1.1 429 ")).expect("there is an end to it");
    assert!(page.contains("Cannot be checked now"), "{page}");
    assert!(page.to_lowercase().contains("\r\nretry-after: "), "{page}");
    // Escapes or not, it is the same address.
    let plain = || from(app.call("GET", "/verify/0123"), "192.0.2.3");
    let (_, taken) = until_refused(plain);
    assert!(taken < 60, "{taken} were taken");
}

#[test]
fn an_account_has_a_burst_wherever_it_asks_from() {
    let app = &App::guarded(Backend::Sqlite);
    let (office, other) = (app.office("18"), app.office("18"));
    let turn = AtomicUsize::new(0);
    let elsewhere = || format!("192.0.2.{}", turn.fetch_add(1, Ordering::Relaxed) % 250);
    let (refused, taken) = until_refused(|| from(office.call("GET", "/partners?no=1"), &elsewhere()));
    assert!(taken >= 300, "{taken} were taken");
    says_when(refused, Language::Indonesian);
    let english = || from(office.call("GET", "/partners?no=1"), &elsewhere()).language("en");
    says_when(until_refused(english).0, Language::English);
    other.get("/partners").ok();
}

#[test]
fn a_service_token_has_a_burst_of_its_own() {
    let app = &App::guarded(Backend::Sqlite);
    let office = app.office("18");
    let issue = || office.post("/service-tokens", given::service_token(&["partner.read"])).ok().field("token");
    let (program, other) = (issue(), issue());
    let ask = |token: &str, address: &str| from(app.call("GET", "/partners?no=1").token(token), address);
    let (refused, taken) = until_refused(|| ask(&program, "192.0.2.1"));
    assert!(taken >= 300, "{taken} were taken");
    says_when(refused, Language::Indonesian);
    assert_eq!(ask(&other, "192.0.2.1").send().status, 400, "another program is not slowed");
    office.get("/partners").ok();
}

#[test]
fn a_network_has_a_burst_whoever_asks_from_it() {
    let app = &App::guarded(Backend::Sqlite);
    let (refused, taken) = until_refused(|| from(app.call("GET", "/healthz"), "192.0.2.1"));
    assert!(taken >= 1_000, "{taken} were taken");
    says_when(refused, Language::Indonesian);
    from(app.call("GET", "/healthz"), "192.0.2.2").send().ok();
}
