//! What stands at the door of every request: where it comes from, how many there may be, and the headers of every answer.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, ResponseError, web};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use vokasi_core::error::{Error, Result, codes};
use vokasi_core::id::Id;
use vokasi_core::keys::sha256_hex;

use crate::pages::verify;
use crate::problem::{Problem, language};
use crate::state::State;

/// How requests are told apart and how many of them are taken.
pub struct Door {
    limits: Option<Limits>,
    proxies: Vec<IpNet>,
}

impl Door {
    /// Everyone comes in as often as they like.
    pub fn unlimited(proxies: Vec<IpNet>) -> Self {
        Self { limits: None, proxies }
    }

    /// With limits, behind these reverse proxies, whose word for an address is taken.
    pub fn guarded(proxies: Vec<IpNet>) -> Self {
        Self { limits: Some(Limits::new()), proxies }
    }

    /// Where a request comes from: the last address that no trusted proxy vouches for.
    pub(crate) fn address(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip().to_canonical();
        let trusted = |address: &IpAddr| self.proxies.iter().any(|net| net.contains(address));
        if !trusted(&peer) {
            return Some(peer);
        }
        let forwarded = request.headers().get_all(HeaderName::from_static("x-forwarded-for"));
        let hops: Vec<&str> =
            forwarded.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).collect();
        let mut nearest = peer;
        for hop in hops.iter().rev() {
            // What stands left of a hop that cannot be read is nobody's word.
            let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
            nearest = address.to_canonical();
            if !trusted(&nearest) {
                break;
            }
        }
        Some(nearest)
    }

    /// # Errors
    /// `request.too_many` for an account that asks too often.
    pub(crate) fn account(&self, account: Id) -> Result<()> {
        self.limits.as_ref().map_or(Ok(()), |limits| within(&limits.accounts, &account))
    }

    /// # Errors
    /// `request.too_many` for a program whose service token comes too often.
    pub(crate) fn program(&self, token: &str) -> Result<()> {
        self.limits.as_ref().map_or(Ok(()), |limits| within(&limits.programs, &sha256_hex(token.as_bytes())))
    }

    /// Forgets who has not come for a while.
    pub(crate) fn forget(&self) {
        if let Some(limits) = &self.limits {
            limits.addresses.retain_recent();
            limits.guests.retain_recent();
            limits.accounts.retain_recent();
            limits.programs.retain_recent();
        }
    }

    fn passes(&self, request: &HttpRequest) -> Result<()> {
        let (Some(limits), Some(address)) = (&self.limits, self.address(request)) else { return Ok(()) };
        let network = network(address);
        // As routes are found: an address may be written with escapes.
        let path = request.match_info().as_str();
        if GUESTS.iter().any(|prefix| path.starts_with(prefix)) {
            within(&limits.guests, &network)?;
        }
        within(&limits.addresses, &network)
    }
}

/// What is open to everyone and may be guessed at, passwords, tokens, codes, or costs much: the keys of all issuers.
const GUESTS: &[&str] = &[
    "/.well-known/did.json",
    "/api/v1/logins",
    "/api/v1/passwords",
    "/api/v1/password-resets",
    "/api/v1/verifications",
    "/password/",
    "/verify",
];

/// A burst, and how fast it comes back. A school behind one address is some tens of people.
struct Limits {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    guests: DefaultKeyedRateLimiter<IpAddr>,
    accounts: DefaultKeyedRateLimiter<Id>,
    programs: DefaultKeyedRateLimiter<String>,
}

impl Limits {
    fn new() -> Self {
        Self {
            addresses: RateLimiter::keyed(quota(100, 1_000)),
            guests: RateLimiter::keyed(quota(2, 60)),
            accounts: RateLimiter::keyed(quota(30, 300)),
            programs: RateLimiter::keyed(quota(30, 300)),
        }
    }
}

fn quota(per_second: u32, burst: u32) -> Quota {
    let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst))
}

fn within<K: std::hash::Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<()> {
    limiter.check_key(key).map_err(|early| {
        let wait = early.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        Error::new(&codes::TOO_MANY_REQUESTS).fact("seconds", wait)
    })
}

/// Whom an address stands for: a household has a whole network of IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX))),
    }
}

/// Turns away whoever asks too often, and puts on every answer the headers that it does not say itself.
pub(crate) async fn keep<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let state = request.app_data::<web::Data<State>>().cloned();
    let passes = state.as_ref().map_or(Ok(()), |state| state.door.passes(request.request()));
    let mut response = match passes {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(error) => {
            let problem = Problem::new(error, language(request.headers()));
            let page = verify::turned_away(request.request(), &problem);
            let refusal = page.unwrap_or_else(|| problem.error_response());
            request.into_response(refusal).map_into_right_body()
        }
    };
    let path = response.request().path().to_owned();
    let secure = state.is_some_and(|state| state.public_url.starts_with("https://"));
    protect(response.headers_mut(), &path, secure);
    Ok(response)
}

fn protect(headers: &mut HeaderMap, path: &str, secure: bool) {
    let mut say = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    // Most answers are somebody's.
    say(header::CACHE_CONTROL, "no-store");
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(header::X_FRAME_OPTIONS, "DENY");
    say(header::REFERRER_POLICY, "no-referrer");
    say(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    say(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    say(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    let policy = if path.starts_with("/docs/") { BROWSER_OF_THE_DOCUMENT } else { NOTHING };
    say(header::CONTENT_SECURITY_POLICY, policy);
    if secure {
        say(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
}

/// An answer that is no page loads nothing. Pages name their own style (`pages::html`).
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The browsable document styles its elements by itself.
const BROWSER_OF_THE_DOCUMENT: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn address(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let door = Door::guarded(proxies.iter().map(|net| net.parse().unwrap()).collect());
        let mut request = TestRequest::default().peer_addr(format!("{peer}:4711").parse().unwrap());
        for value in forwarded {
            request = request.append_header(("x-forwarded-for", *value));
        }
        door.address(&request.to_http_request()).unwrap().to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(address(&[], "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(address(&["10.0.0.0/8"], "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(address(&["10.0.0.0/8"], "10.0.0.2", &["198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn what_a_client_wrote_itself_is_not_believed() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(address(&proxies, "10.0.0.2", &["203.0.113.9, 198.51.100.7, 10.0.0.3"]), "198.51.100.7");
        assert_eq!(address(&proxies, "10.0.0.2", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(address(&proxies, "10.0.0.2", &["198.51.100.7, rubbish"]), "10.0.0.2");
        assert_eq!(address(&proxies, "10.0.0.2", &[]), "10.0.0.2");
    }

    #[test]
    fn a_burst_is_taken_and_more_is_told_when_to_come_back() {
        let limits = Limits::new();
        let from = IpAddr::from([192, 0, 2, 1]);
        assert!((0..60).all(|_| within(&limits.guests, &from).is_ok()));
        let refused = within(&limits.guests, &from).unwrap_err();
        assert_eq!((refused.code.name, refused.facts[0].value.as_str()), ("request.too_many", "1"));
        assert!(within(&limits.guests, &IpAddr::from([192, 0, 2, 2])).is_ok(), "somebody else is not slowed");
    }

    #[test]
    fn a_household_is_one_network() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }
}
