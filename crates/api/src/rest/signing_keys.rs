//! Signing keys: with what a partner signs the certificates it issues.

use actix_web::{HttpResponse, Responder, get, post, web};
use serde::Serialize;
use utoipa::ToSchema;
use vokasi_core::id::Id;
use vokasi_core::issuer::{self, IssuerKey};
use vokasi_core::keys::sha256_hex;
use vokasi_core::time::Instant;

use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Made, private};

/// A key of a partner. Its private part is nobody's to see.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SigningKeyView {
    /// Its thumbprint (RFC 7638).
    #[schema(example = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")]
    thumbprint: String,
    /// Where it is published.
    #[schema(
        example = "https://vokasi.example.go.id/issuers/0CZ5V9K3M7Q2N/keys/NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    )]
    url: String,
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// When another took its place; what it signed before goes on being checked by it.
    #[schema(value_type = Option<String>, format = DateTime)]
    retired_at: Option<Instant>,
}

impl SigningKeyView {
    fn of(public_url: &str, key: IssuerKey) -> Self {
        Self { url: key.url(public_url), thumbprint: key.kid, made_at: key.made_at, retired_at: key.retired_at }
    }
}

/// Every key a partner has had, oldest first. The first one is made when it first issues a certificate.
#[utoipa::path(tag = "partners", params(("id" = String, Path)), responses((status = 200, body = Vec<SigningKeyView>)))]
#[get("/partners/{id}/signing-keys")]
pub(crate) async fn list(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let public_url = call.state.public_url.clone();
    let keys = call.read(move |tx, actor| issuer::keys(tx, actor, *id)).await?;
    Ok(private(&keys.into_iter().map(|key| SigningKeyView::of(&public_url, key)).collect::<Vec<_>>()))
}

/// Gives a partner a new key. The private part of the one before it is destroyed; its public part stays published.
#[utoipa::path(tag = "partners",
    params(("id" = String, Path),
        ("Idempotency-Key" = String, Header, description = "A key of your own; a repeat gets the first answer again.")),
    responses((status = 201, body = SigningKeyView)))]
#[post("/partners/{id}/signing-keys")]
pub(crate) async fn renew(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let public_url = call.state.public_url.clone();
    call.create(&sha256_hex(b""), move |tx, actor| {
        let made = SigningKeyView::of(&public_url, issuer::renew(tx, actor, *id, &public_url)?);
        Ok(Made::at(made.url.clone(), 1, made))
    })
    .await
}
