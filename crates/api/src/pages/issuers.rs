//! What an issuer publishes for programs that check its credentials: who it is, its keys, and what no longer holds.

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde_json::{Value, json};
use vokasi_core::certificate::credential;
use vokasi_core::db::Tx;
use vokasi_core::error::Result as CoreResult;
use vokasi_core::id::Id;
use vokasi_core::issuer::{self, IssuerKey};

use crate::call::{Call, Guest};
use crate::problem::Problem;
use crate::reply::{CREDENTIAL, published};

/// How long keys may be kept, in seconds. A new one signs at once, and whoever does not know it yet asks again.
const KEPT: u32 = 300;

/// How long a status list may be kept, in seconds: a revocation is seen within a minute.
const STATUS_KEPT: u32 = 60;

/// Who issues, as an Open Badges 3.0 profile.
#[get("/issuers/{id}")]
pub(crate) async fn show_profile(
    Guest(call): Guest,
    request: HttpRequest,
    id: web::Path<Id>,
) -> Result<HttpResponse, Problem> {
    let (today, id) = (call.state.public_url.clone(), *id);
    let profile = read(call, move |tx| issuer::profile(tx, id)).await?;
    let address = issuer::address(asked_at(&request, &profile.keys, &today), id);
    let body = json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": address,
        "type": ["Profile"],
        "name": profile.name,
    });
    Ok(answer(&request, KEPT, "application/json", body.to_string()))
}

/// Every key of an issuer as a JSON Web Key Set (RFC 7517), those that no longer sign included.
#[get("/issuers/{id}/jwks.json")]
pub(crate) async fn show_keys(
    Guest(call): Guest,
    request: HttpRequest,
    id: web::Path<Id>,
) -> Result<HttpResponse, Problem> {
    let public_url = call.state.public_url.clone();
    let keys = read(call, move |tx| issuer::profile(tx, *id)).await?.keys;
    let body = json!({ "keys": keys.iter().map(|key| jwk(key, &key.url(&public_url))).collect::<Vec<_>>() });
    Ok(answer(&request, KEPT, "application/jwk-set+json", body.to_string()))
}

/// One key as a JSON Web Key, at the address that the header of a credential names.
#[get("/issuers/{id}/keys/{kid}")]
pub(crate) async fn show_key(
    Guest(call): Guest,
    request: HttpRequest,
    path: web::Path<(Id, String)>,
) -> Result<HttpResponse, Problem> {
    let public_url = call.state.public_url.clone();
    let key = read(call, move |tx| issuer::key(tx, path.0, &path.1)).await?;
    Ok(answer(&request, KEPT, "application/jwk+json", jwk(&key, &key.url(&public_url)).to_string()))
}

/// A status list as it was signed.
#[get("/issuers/{id}/status-lists/{number}")]
pub(crate) async fn show_status_list(
    Guest(call): Guest,
    request: HttpRequest,
    path: web::Path<(Id, i32)>,
) -> Result<HttpResponse, Problem> {
    let jwt = read(call, move |tx| credential::status_list(tx, path.0, path.1)).await?;
    Ok(answer(&request, STATUS_KEPT, CREDENTIAL, jwt))
}

/// Every key of every issuer of this server as the document of its `did:web`.
#[get("/.well-known/did.json")]
pub(crate) async fn show_did(Guest(call): Guest, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let today = call.state.public_url.clone();
    let keys = read(call, issuer::all_keys).await?;
    let did = did_of(asked_at(&request, &keys, &today));
    let dids: Vec<String> = keys.iter().map(|key| did_of(key.home(&today))).collect();
    let names: Vec<String> = keys.iter().zip(&dids).map(|(key, did)| format!("{did}#{}", key.kid)).collect();
    let method = |((key, name), did): ((&IssuerKey, &String), &String)| json!({ "id": name, "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk(key, &key.kid) });
    let methods: Vec<Value> = keys.iter().zip(&names).zip(&dids).map(method).collect();
    let body = json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": names,
    });
    Ok(answer(&request, KEPT, "application/did+json", body.to_string()))
}

async fn read<T: Send + 'static>(
    call: Call,
    read: impl FnOnce(&mut Tx<'_>) -> CoreResult<T> + Send + 'static,
) -> Result<T, Problem> {
    call.open(move |state, now, _| state.db.read(now, read)).await
}

/// Programs in browsers check credentials too, on pages of any origin.
fn answer(request: &HttpRequest, kept: u32, kind: &str, body: String) -> HttpResponse {
    let answer = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"))
        .body(body);
    published(request, kept, answer)
}

/// Under which of its addresses the server was asked: one at which a key was made, or that of today.
fn asked_at<'a>(request: &HttpRequest, keys: &'a [IssuerKey], today: &'a str) -> &'a str {
    let asked = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_asked = |home: &&str| home.split_once("://").is_some_and(|(_, host)| host.eq_ignore_ascii_case(asked));
    keys.iter().map(|key| key.home(today)).find(is_asked).unwrap_or(today)
}

/// The public part with the name it goes by.
fn jwk(key: &IssuerKey, kid: &str) -> Value {
    let mut jwk: Value = serde_json::from_str(&key.public_jwk).unwrap_or_default();
    jwk["kid"] = json!(kid);
    jwk["alg"] = json!("ES256");
    jwk["use"] = json!("sig");
    jwk
}

/// The server as a `did:web`: the host, with its port if it has one of its own.
fn did_of(public_url: &str) -> String {
    let host = public_url.split_once("://").map_or(public_url, |(_, host)| host);
    format!("did:web:{}", host.replace(':', "%3A").replace('/', ":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_did_by_its_host() {
        assert_eq!(did_of("https://vokasi.example.go.id"), "did:web:vokasi.example.go.id");
        assert_eq!(did_of("http://127.0.0.1:8080"), "did:web:127.0.0.1%3A8080");
    }
}
