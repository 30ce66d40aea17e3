//! Every failure the API can answer with: as a page, where the `type` of a problem document leads, and as Markdown.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get};
use vokasi_core::error::Language::{English, Indonesian};
use vokasi_core::error::codes;

use super::html::{Text, page};
use crate::problem::{language, status};

/// The page.
#[get("/docs/errors")]
pub(crate) async fn show(request: HttpRequest) -> HttpResponse {
    let language = language(request.headers());
    let title = match language {
        Indonesian => "Kode kesalahan",
        English => "Error codes",
    };
    let mut content = format!("<h1>{title}</h1><dl>");
    for code in codes::ALL {
        let sentence = match language {
            Indonesian => code.id,
            English => code.en,
        };
        let (name, status, sentence) = (Text(code.name), status(code).as_u16(), Text(sentence));
        // Writing to a string cannot fail.
        let _ = write!(content, "<div id=\"{name}\"><dt>{name} · {status}</dt><dd>{sentence}</dd></div>");
    }
    content.push_str("</dl>");
    page(StatusCode::OK, language, title, &content)
}

/// The same list for the documentation.
pub fn error_list() -> String {
    let mut list = String::from(
        "# Errors\n\nEvery failure is a problem document (RFC 9457) with one of these codes.\n\
         A code never changes its meaning.\nThis file is made from `crates/core/src/error/codes.rs` by \
         `UPDATE=1 cargo test -p acceptance documents`.\n\n\
         | code | status | Bahasa Indonesia | English |\n|---|---|---|---|\n",
    );
    for code in codes::ALL {
        let _ = writeln!(list, "| `{}` | {} | {} | {} |", code.name, status(code).as_u16(), code.id, code.en);
    }
    list
}
