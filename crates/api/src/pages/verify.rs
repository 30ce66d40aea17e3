//! Checking a certificate by its code, without signing in. Works on a phone, without JavaScript, and prints.

use actix_web::http::StatusCode;
use std::fmt::Write;

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Deserialize;
use vokasi_core::certificate::{self, CertificateState, credential};
use vokasi_core::error::Language;
use vokasi_core::error::Language::{English, Indonesian};
use vokasi_core::keys::sha256_hex;
use vokasi_core::program::Bilingual;
use vokasi_core::time::{Instant, long_date};
use vokasi_core::values::ProvinceCode;

use super::html::{Text, page};
use crate::call::Guest;
use crate::problem::{Problem, status};
use crate::reply::{CREDENTIAL, published};
use crate::verification::{KEPT, VerificationView, find};

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Form {
    code: Option<String>,
}

/// The form for a code that is typed from the paper.
#[get("/verify")]
pub(crate) async fn ask(Guest(call): Guest, request: HttpRequest, form: web::Query<Form>) -> HttpResponse {
    let typed: String =
        form.code.iter().flat_map(|code| code.chars()).filter(char::is_ascii_alphanumeric).take(100).collect();
    if !typed.is_empty() {
        return HttpResponse::SeeOther().insert_header((header::LOCATION, format!("/verify/{typed}"))).finish();
    }
    let words = Words::of(call.language);
    let content = format!("<h1>{}</h1><p>{}</p>{}", words.title, words.intro, code_form(words, ""));
    cached(&request, page(StatusCode::OK, call.language, words.title, &content))
}

/// What the register says of a code: a page, or JSON for those who ask for it.
#[get("/verify/{code}")]
pub(crate) async fn show(
    Guest(call): Guest,
    request: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let found = find(call, code.clone()).await;
    if wants_json(request.headers()) {
        return Ok(found?.json(&request));
    }
    Ok(match found {
        Ok(certificate) => cached(&request, answer(language, &certificate)),
        Err(problem) => unknown(language, &problem, &code),
    })
}

/// The certificate's credential as it was signed, for whoever holds the paper and checks it with a program.
#[get("/verify/{code}/credential.jwt")]
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
#[get("/verify/{code}/certificate.pdf.sha256")]
pub(crate) async fn show_hash(
    Guest(call): Guest,
    request: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let hash = call
        .open(move |state, now, _| {
            let printable = state.db.read(now, |tx| certificate::to_compare(tx, &code))?;
            Ok(sha256_hex(&printable.pdf(&state.printing.fonts)?))
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

fn cached(request: &HttpRequest, mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    published(request, KEPT, response)
}

fn answer(language: Language, certificate: &VerificationView) -> HttpResponse {
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
        format!("<p>{} <a href=\"/verify/{}\">{}</a></p>", words.replaced_by, Text(&next.code), Text(&next.number))
    });
    let issuer = &certificate.issuer;
    let home = format!("{}, {}", said(language, &issuer.kind), issuer.regency);
    let rows = [
        (words.number, certificate.number.clone(), ""),
        (words.issued_on, date(language, certificate.issued_on), ""),
        (words.issuer, issuer.name.clone(), home.as_str()),
        (words.period, period(language, certificate.starts_on, certificate.ends_on), ""),
        (words.hours, hours(language, certificate), ""),
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
         <p class=\"soft\">{compare}</p><p class=\"soft\">{checked} {moment}.</p>",
        name = Text(&certificate.name),
        program = Text(said(language, &certificate.program_name)),
        compare = words.compare,
        checked = words.checked,
        moment = moment(language, certificate.checked_at, &certificate.province),
    );
    page(StatusCode::OK, language, head, &content)
}

fn unknown(language: Language, problem: &Problem, code: &str) -> HttpResponse {
    let words = Words::of(language);
    let status = status(problem.error.code);
    let (head, text) = if status == StatusCode::NOT_FOUND {
        (words.unknown, words.unknown_line.to_owned())
    } else {
        (words.failed, problem.error.code.sentence(language, &problem.error.facts))
    };
    let content = format!(
        "<section class=\"verdict bad\"><span class=\"seal\" aria-hidden=\"true\">?</span>\
         <div><h1>{head}</h1></div></section><p>{}</p>{}",
        Text(&text),
        code_form(words, code),
    );
    let mut response = page(status, language, head, &content);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn code_form(words: &Words, typed: &str) -> String {
    let typed: String = typed.chars().take(60).collect();
    format!(
        "<form action=\"/verify\"><label for=\"c\">{}</label>\
         <input id=\"c\" name=\"code\" value=\"{}\" required maxlength=\"60\" autocomplete=\"off\" \
         autocapitalize=\"characters\" spellcheck=\"false\" aria-describedby=\"h\">\
         <p id=\"h\" class=\"soft\">{}</p><button>{}</button></form>",
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
    code: "Kode verifikasi",
    code_hint: "26 huruf dan angka. Spasi dan huruf kecil boleh.",
    compare: "Cocokkan nama, nomor, dan program dengan yang tertulis di kertas. Bila berbeda, jangan diterima.",
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
    code: "Verification code",
    code_hint: "26 letters and digits. Spaces and small letters are fine.",
    compare: "Compare the name, number and program with those on the paper. If they differ, do not accept it.",
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
