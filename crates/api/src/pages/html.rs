//! The frame of every page. Text is escaped by construction: [`Html`] can only be made from markup written here.

use std::fmt::{self, Write};
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use vokasi_core::error::Language;
use vokasi_core::keys::sha256_base64;

use crate::problem::tag;

/// Text made safe for HTML.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#16202b;--soft:#5b6773;--line:#d8dee5;--paper:#fff;--ground:#f4f6f8;--good:#0b6b3a;\
--bad:#a11d1d;--accent:#0b4f8a}\
@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#9fabb8;--line:#33404d;--paper:#1b242d;--ground:#12181e;\
--good:#5fd39a;--bad:#ff8d85;--accent:#8cc4ff}}\
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);\
font:1.0625rem/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}\
main{max-width:36rem;margin:0 auto;padding:1.25rem}\
.card{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem 1.25rem 1.5rem}\
h1{font-size:1.375rem;line-height:1.25;margin:.25rem 0 1rem}p{margin:.5rem 0}\
dl{margin:1rem 0 0;display:grid;gap:.75rem}dt{font-size:.875rem;color:var(--soft)}dd{margin:0;font-weight:600;overflow-wrap:anywhere}\
.state{display:flex;gap:.6rem;align-items:center;font-weight:700;font-size:1.125rem;margin:0 0 1rem}\
.good{color:var(--good)}.bad{color:var(--bad)}.soft{color:var(--soft);font-size:.9375rem}\
label{display:block;font-weight:600;margin:1rem 0 .25rem}\
input{width:100%;font:inherit;padding:.7rem .8rem;border:1px solid var(--soft);border-radius:.5rem;background:var(--paper);color:inherit}\
button{margin-top:1.25rem;width:100%;font:inherit;font-weight:700;padding:.8rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--paper)}\
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}\
header{padding:.9rem 1.25rem;border-bottom:1px solid var(--line);background:var(--paper);font-weight:700}\
.verdict{display:flex;gap:.9rem;align-items:center;margin:-1.25rem -1.25rem 1.25rem;padding:1.1rem 1.25rem;\
border-radius:.7rem .7rem 0 0;border-bottom:1px solid var(--line);background:color-mix(in srgb,currentcolor 9%,var(--paper))}\
.verdict h1{margin:0}.verdict p{margin:.2rem 0 0;color:var(--ink)}\
.seal{flex:none;display:grid;place-items:center;width:3rem;height:3rem;border-radius:50%;border:3px solid;font-size:1.5rem;font-weight:800;line-height:1}\
.reason{border-left:4px solid var(--bad);padding:.1rem 0 .1rem .8rem;margin:0 0 1.25rem;overflow-wrap:anywhere}.reason span{font-weight:600}\
.holder{font-size:1.75rem;font-weight:700;line-height:1.2;margin:0;overflow-wrap:anywhere}\
.program{font-size:1.1875rem;margin:.25rem 0 0;color:var(--accent);font-weight:600}\
.facts{gap:0;margin:1.25rem 0 1rem;border-top:1px solid var(--line)}\
.facts div{padding:.65rem 0;border-bottom:1px solid var(--line)}\
.facts small{display:block;font-weight:400;font-size:.9375rem;color:var(--soft)}\
@media(min-width:34rem){.facts div{display:grid;grid-template-columns:11rem 1fr;gap:1rem}}\
@media print{:root{--ink:#000;--soft:#333;--line:#bbb;--paper:#fff;--ground:#fff;--good:#0b6b3a;--bad:#a11d1d;--accent:#000}\
body{background:#fff;font-size:11pt;line-height:1.35}.card{border:0;padding:0}header{border:0;padding:.2rem 0}main{padding:0;max-width:none}\
.verdict{margin:0 0 .8rem;padding:.6rem .8rem}.facts{margin:.6rem 0}.facts div{break-inside:avoid;padding:.3rem 0}.unprinted{display:none}}\
@media screen{.printed{display:none}}";

/// A page loads nothing, runs nothing, and looks as is written here.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = sha256_base64(STYLE.as_bytes());
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src 'self' data:; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
});

/// A whole page.
pub(crate) fn page(status: StatusCode, language: Language, title: &str, content: &str) -> HttpResponse {
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title} · Vokasi</title><style>{STYLE}</style></head>\
         <body><header>Vokasi</header><main><div class=\"card\">{content}</div></main></body></html>",
        tag(language),
        title = Text(title),
    );
    HttpResponse::build(status)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, tag(language)))
        .insert_header((header::VARY, "Accept-Language"))
        .body(html)
}
