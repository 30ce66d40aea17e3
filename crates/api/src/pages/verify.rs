//! Checking a certificate by its code, without signing in. Works on a phone, without JavaScript, and prints.

use actix_web::http::StatusCode;
use std::fmt::Write;

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, route, web};
use chrono::NaiveDate;
use serde::Deserialize;
use vokasi_core::certificate::{self, CertificateState, credential};
use vokasi_core::error::Language;
use vokasi_core::error::Language::{English, Indonesian};
use vokasi_core::keys::sha256_hex;
use vokasi_core::time::{Instant, long_date};
use vokasi_core::values::{Bilingual, ProvinceCode};

use super::html::{Text, page};
use crate::call::Guest;
use crate::problem::{Problem, language_abroad, status};
use crate::reply::{CREDENTIAL, published};
use crate::telemetry::TurnedAway;
use crate::verification::{KEPT, VerificationView, find};

/// What the form sends, and the language that a reader has chosen.
#[derive(Default, Deserialize)]
pub(crate) struct Form {
    code: Option<String>,
    lang: Option<String>,
}

/// The language of a page, and what its links say of it so that it is kept.
#[derive(Clone, Copy)]
struct Reader {
    language: Language,
    chosen: &'static str,
}

impl Reader {
    /// The language that was chosen by a link, or else the one that the browser asks for.
    fn of(request: &HttpRequest, chosen: Option<&str>) -> Self {
        match chosen {
            Some("id") => Self { language: Indonesian, chosen: "?lang=id" },
            Some("en") => Self { language: English, chosen: "?lang=en" },
            _ => Self { language: language_abroad(request.headers()), chosen: "" },
        }
    }
}

/// The form for a code that is typed from the paper.
#[route("/verify", method = "GET", method = "HEAD")]
pub(crate) async fn ask(request: HttpRequest, form: web::Query<Form>) -> HttpResponse {
    let reader = Reader::of(&request, form.lang.as_deref());
    let typed: String =
        form.code.iter().flat_map(|code| code.chars()).filter(char::is_ascii_alphanumeric).take(100).collect();
    if !typed.is_empty() {
        let to = format!("/verify/{typed}{}", reader.chosen);
        return HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish();
    }
    let words = Words::of(reader.language);
    let content = format!(
        "<h1>{}</h1><p>{}</p>{}{}",
        words.title,
        words.intro,
        code_form(words, "", reader),
        languages(reader.language)
    );
    cached(&request, page(StatusCode::OK, reader.language, words.title, &content))
}

/// What the register says of a code: a page, or JSON for those who ask for it.
#[route("/verify/{code}", method = "GET", method = "HEAD")]
pub(crate) async fn show(
    Guest(call): Guest,
    request: HttpRequest,
    code: web::Path<String>,
    form: web::Query<Form>,
) -> Result<HttpResponse, Problem> {
    let reader = Reader::of(&request, form.lang.as_deref());
    let found = find(call, code.clone()).await;
    if wants_json(request.headers()) {
        return Ok(found?.json(&request));
    }
    Ok(match found {
        Ok(certificate) => cached(&request, answer(reader, &certificate)),
        Err(problem) => unknown(reader, &problem, &code),
    })
}

/// The certificate's credential as it was signed, for whoever holds the paper and checks it with a program.
#[route("/verify/{code}/credential.jwt", method = "GET", method = "HEAD")]
pub(crate) async fn show_credential(
    Guest(call): Guest,
    request: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let jwt = call.open(move |state, now, _| state.db.read(now, |tx| credential::behind(tx, &code))).await?;
    let answer = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, CREDENTIAL))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"credential.jwt\""))
        .body(jwt);
    Ok(published(&request, KEPT, answer))
}

/// SHA-256 of the certificate's PDF, as `sha256sum` and `openssl dgst -r` write it: a file with another hash is another
/// file.
#[route("/verify/{code}/certificate.pdf.sha256", method = "GET", method = "HEAD")]
pub(crate) async fn show_hash(
    Guest(call): Guest,
    request: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let hash = call
        .open(move |state, now, _| {
            let fonts = &state.printing.fonts;
            let printable = state.db.read(now, |tx| certificate::to_compare(tx, &code, fonts))?;
            Ok(sha256_hex(&printable.pdf()?))
        })
        .await?;
    let answer =
        HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(format!("{hash} *certificate.pdf\n"));
    Ok(published(&request, KEPT, answer))
}

/// JSON comes before HTML in what the client accepts; a browser names HTML first.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = accepted
        .split(',')
        .map(|part| part.split(';').next().unwrap_or_default().trim())
        .find(|kind| ["application/json", "text/html", "application/xhtml+xml"].contains(kind));
    first == Some("application/json")
}

/// The page for somebody who reads it and asks too often; nothing for a program.
pub(crate) fn turned_away(request: &HttpRequest, problem: &Problem) -> Option<HttpResponse> {
    let code = request.match_info().as_str().strip_prefix("/verify")?.trim_start_matches('/');
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if wants_json(request.headers()) || !accepted.contains("text/html") {
        return None;
    }
    let form = web::Query::<Form>::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default();
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut response = unknown(Reader::of(request, form.lang.as_deref()), problem, &code);
    let wait = problem.error.facts.iter().find(|fact| fact.name == "seconds");
    if let Some(wait) = wait.and_then(|wait| HeaderValue::from_str(&wait.value).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response.extensions_mut().insert(TurnedAway(problem.error.code.name));
    Some(response)
}

fn cached(request: &HttpRequest, mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    published(request, KEPT, response)
}

fn answer(reader: Reader, certificate: &VerificationView) -> HttpResponse {
    let language = reader.language;
    let words = Words::of(language);
    let on = || certificate.revoked_on.map(|day| date(language, day)).unwrap_or_default();
    let (class, mark, head, line) = match certificate.state {
        CertificateState::Valid => ("good", "✓", words.valid, words.valid_line.to_owned()),
        CertificateState::Revoked => ("bad", "✕", words.revoked, words.revoked_line.replace("{day}", &on())),
        CertificateState::Replaced => ("bad", "✕", words.replaced, words.replaced_line.replace("{day}", &on())),
    };
    let reason = certificate.revocation_reason.as_ref().map_or_else(String::new, |reason| {
        format!("<p class=\"reason\"><span>{}</span> {}</p>", words.reason, Text(reason.as_str()))
    });
    let next = certificate.replaced_by.as_ref().map_or_else(String::new, |next| {
        let ended = match next.state {
            CertificateState::Valid => "",
            CertificateState::Revoked => words.next_revoked,
            CertificateState::Replaced => words.next_replaced,
        };
        let (code, number) = (Text(&next.code), Text(&next.number));
        let to = reader.chosen;
        format!("<p>{} <a href=\"/verify/{code}{to}\">{number}</a>{ended}</p>", words.replaced_by)
    });
    let issuer = &certificate.issuer;
    let home = format!("{}, {}", said(language, &issuer.kind), issuer.regency);
    let rows = [
        (words.number, certificate.number.clone(), ""),
        (words.issued_on, date(language, certificate.issued_on), ""),
        (words.issuer, issuer.name.clone(), home.as_str()),
        (words.period, period(language, certificate.starts_on, certificate.ends_on), ""),
        (words.hours, hours(language, certificate), ""),
        (words.result, result(language, certificate), ""),
        (words.code, grouped(&certificate.code), ""),
    ];
    let mut list = String::new();
    for (label, value, under) in rows {
        // Writing to a string cannot fail.
        let _ = write!(list, "<div><dt>{label}</dt><dd>{}<small>{}</small></dd></div>", Text(&value), Text(under));
    }
    let content = format!(
        "<section class=\"verdict {class}\"><span class=\"seal\" aria-hidden=\"true\">{mark}</span>\
         <div><h1>{head}</h1><p>{line}</p></div></section>{reason}{next}\
         <p class=\"holder\">{name}</p><p class=\"program\">{program}</p>\
         <dl class=\"facts\">{list}</dl>\
         <p class=\"soft\">{compare}</p>{files}<p class=\"soft\">{checked} {moment}.</p>\
         <p class=\"soft printed\">{url}</p>{languages}",
        files = files(words, certificate),
        url = Text(&certificate.url),
        languages = languages(language),
        name = Text(&certificate.name),
        program = Text(said(language, &certificate.program_name)),
        compare = words.compare,
        checked = words.checked,
        moment = moment(language, certificate.checked_at, &certificate.province),
    );
    page(StatusCode::OK, language, head, &content)
}

/// What a program checks, and what tells whether a PDF is the very file.
fn files(words: &Words, certificate: &VerificationView) -> String {
    let credential = certificate.credential_url.as_ref().map_or_else(String::new, |_| {
        format!("<a href=\"/verify/{}/credential.jwt\">{}</a> · ", Text(&certificate.code), words.credential)
    });
    format!(
        "<p class=\"soft unprinted\">{credential}<a href=\"/verify/{}/certificate.pdf.sha256\">{}</a></p>",
        Text(&certificate.code),
        words.hash,
    )
}

/// The final score and the word for it, as printed: a program without predicates has one word for all.
fn result(language: Language, certificate: &VerificationView) -> String {
    let completed = match language {
        Indonesian => "Selesai",
        English => "Completed",
    };
    let predicate = certificate.predicate.as_ref().map_or(completed, |predicate| said(language, predicate));
    let score = certificate.final_score.as_ref().map(|score| match language {
        Indonesian => score.replace('.', ","),
        English => score.clone(),
    });
    score.map_or_else(|| predicate.to_owned(), |score| format!("{predicate} ({score})"))
}

/// The way to the same page in the other language.
fn languages(language: Language) -> &'static str {
    match language {
        Indonesian => {
            "<p class=\"soft unprinted\"><a href=\"?lang=en\" hreflang=\"en\" lang=\"en\">English</a> / Indonesia</p>"
        }
        English => {
            "<p class=\"soft unprinted\">English / <a href=\"?lang=id\" hreflang=\"id\" lang=\"id\">Indonesia</a></p>"
        }
    }
}

fn unknown(reader: Reader, problem: &Problem, code: &str) -> HttpResponse {
    let language = reader.language;
    let words = Words::of(language);
    let status = status(problem.error.code);
    let (head, text) = if status == StatusCode::NOT_FOUND {
        (words.unknown, words.unknown_line.to_owned())
    } else {
        (words.failed, problem.error.code.sentence(language, &problem.error.facts))
    };
    let content = format!(
        "<section class=\"verdict bad\"><span class=\"seal\" aria-hidden=\"true\">?</span>\
         <div><h1>{head}</h1></div></section><p>{}</p>{}{}",
        Text(&text),
        code_form(words, code, reader),
        languages(language),
    );
    let mut response = page(status, language, head, &content);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn code_form(words: &Words, typed: &str, reader: Reader) -> String {
    let typed: String = typed.chars().take(60).collect();
    let chosen = reader
        .chosen
        .strip_prefix("?lang=")
        .map_or_else(String::new, |language| format!("<input type=\"hidden\" name=\"lang\" value=\"{language}\">"));
    format!(
        "<form action=\"/verify\"><label for=\"c\">{}</label>\
         <input id=\"c\" name=\"code\" value=\"{}\" required maxlength=\"60\" autocomplete=\"off\" \
         autocapitalize=\"characters\" spellcheck=\"false\" aria-describedby=\"h\">\
         <p id=\"h\" class=\"soft\">{}</p>{chosen}<button>{}</button></form>",
        words.code,
        Text(&typed),
        words.code_hint,
        words.check,
    )
}

/// Groups of four, as the paper prints it.
fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

fn said(language: Language, text: &Bilingual) -> &str {
    match language {
        Indonesian => &text.id,
        English => &text.en,
    }
}

pub(super) fn date(language: Language, day: NaiveDate) -> String {
    match language {
        Indonesian => long_date(day),
        English => day.format("%-d %B %Y").to_string(),
    }
}

fn period(language: Language, from: NaiveDate, to: NaiveDate) -> String {
    format!("{} – {}", date(language, from), date(language, to))
}

fn hours(language: Language, certificate: &VerificationView) -> String {
    let (count, minutes) = (certificate.lesson_hours, certificate.minutes_per_lesson_hour);
    match language {
        Indonesian => format!("{count} jam pelajaran (JP) @ {minutes} menit"),
        English => format!("{count} lesson hours of {minutes} minutes"),
    }
}

/// A moment on the clock of a province.
pub(super) fn moment(language: Language, at: Instant, province: &ProvinceCode) -> String {
    let offset = province.utc_offset_hours();
    let zone = match offset {
        7 => "WIB",
        8 => "WITA",
        _ => "WIT",
    };
    let local = at.utc().naive_utc() + chrono::Duration::hours(i64::from(offset));
    let time = match language {
        Indonesian => local.format("%H.%M"),
        English => local.format("%H:%M"),
    };
    format!("{}, {time} {zone}", date(language, local.date()))
}

struct Words {
    title: &'static str,
    intro: &'static str,
    valid: &'static str,
    valid_line: &'static str,
    revoked: &'static str,
    revoked_line: &'static str,
    replaced: &'static str,
    replaced_line: &'static str,
    replaced_by: &'static str,
    reason: &'static str,
    number: &'static str,
    issued_on: &'static str,
    issuer: &'static str,
    period: &'static str,
    hours: &'static str,
    result: &'static str,
    credential: &'static str,
    hash: &'static str,
    next_revoked: &'static str,
    next_replaced: &'static str,
    code: &'static str,
    code_hint: &'static str,
    compare: &'static str,
    checked: &'static str,
    unknown: &'static str,
    unknown_line: &'static str,
    failed: &'static str,
    check: &'static str,
}

impl Words {
    fn of(language: Language) -> &'static Self {
        match language {
            Indonesian => &INDONESIAN,
            English => &ENGLISH,
        }
    }
}

const INDONESIAN: Words = Words {
    title: "Periksa sertifikat",
    intro: "Ketik kode verifikasi yang tercetak di samping kode QR, atau pindai kode QR-nya.",
    valid: "Sertifikat berlaku",
    valid_line: "Data di bawah ini tercatat di register resmi.",
    revoked: "Sertifikat dicabut",
    revoked_line: "Dicabut pada {day} dan tidak berlaku lagi.",
    replaced: "Sertifikat diganti",
    replaced_line: "Diganti pada {day} dan tidak berlaku lagi.",
    replaced_by: "Penggantinya:",
    reason: "Alasan:",
    number: "Nomor",
    issued_on: "Diterbitkan",
    issuer: "Penerbit",
    period: "Masa pelatihan",
    hours: "Lama pelatihan",
    result: "Hasil",
    credential: "Kredensial digital",
    hash: "SHA-256 berkas PDF",
    next_revoked: ", yang kini juga sudah dicabut",
    next_replaced: ", yang kini juga sudah diganti",
    code: "Kode verifikasi",
    code_hint: "26 huruf dan angka. Spasi dan huruf kecil boleh.",
    compare: "Cocokkan nama, nomor, program, dan hasil dengan yang tertulis di kertas. Bila berbeda, jangan diterima.",
    checked: "Diperiksa",
    unknown: "Kode tidak dikenal",
    unknown_line: "Tidak ada sertifikat dengan kode ini. Periksa lagi setiap huruf di kertas, atau pindai kode QR-nya. \
                   Bila tetap tidak ditemukan, jangan terima sertifikat itu dan tanyakan kepada lembaga penerbitnya.",
    failed: "Belum dapat diperiksa",
    check: "Periksa",
};

const ENGLISH: Words = Words {
    title: "Check a certificate",
    intro: "Type the verification code printed beside the QR code, or scan the QR code.",
    valid: "Certificate is valid",
    valid_line: "The official register holds what stands below.",
    revoked: "Certificate was revoked",
    revoked_line: "Revoked on {day}; it no longer holds.",
    replaced: "Certificate was replaced",
    replaced_line: "Replaced on {day}; it no longer holds.",
    replaced_by: "In its place:",
    reason: "Reason:",
    number: "Number",
    issued_on: "Issued on",
    issuer: "Issued by",
    period: "Training period",
    hours: "Length",
    result: "Result",
    credential: "Digital credential",
    hash: "SHA-256 of the PDF",
    next_revoked: ", which was revoked as well",
    next_replaced: ", which was replaced as well",
    code: "Verification code",
    code_hint: "26 letters and digits. Spaces and small letters are fine.",
    compare: "Compare the name, number, program and result with those on the paper. If they differ, do not accept it.",
    checked: "Checked on",
    unknown: "Unknown code",
    unknown_line: "There is no certificate with this code. Check every letter on the paper, or scan the QR code. If it \
                   is still not found, do not accept the certificate and ask the institution named on it.",
    failed: "Cannot be checked now",
    check: "Check",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_a_page_and_a_program_gets_json() {
        let wants = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            wants_json(&headers)
        };
        assert!(wants("application/json"));
        assert!(wants("application/json, text/plain;q=0.5, */*"));
        assert!(!wants("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(!wants("*/*"));
        assert!(!wants_json(&HeaderMap::new()));
    }

    #[test]
    fn the_moment_is_on_the_provinces_clock() {
        let at = Instant::from_micros(1_784_574_000_000_000).unwrap();
        let said = |language, code| moment(language, at, &ProvinceCode::parse(code).unwrap());
        assert_eq!(said(Indonesian, "18"), "21 Juli 2026, 02.00 WIB");
        assert_eq!(said(English, "53"), "21 July 2026, 03:00 WITA");
    }

    #[test]
    fn a_code_is_shown_as_the_paper_prints_it() {
        assert_eq!(grouped("7QK2M4ZC9XW1B8T5RNJ3VHDF60"), "7QK2 M4ZC 9XW1 B8T5 RNJ3 VHDF 60");
    }
}
