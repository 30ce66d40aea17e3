//! Choosing a password through a one-time link. Works without JavaScript.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use vokasi_core::access;
use vokasi_core::error::Language::{English, Indonesian};
use vokasi_core::error::{Error, Language, codes};

use super::html::{Text, page};
use crate::call::Guest;
use crate::problem::{Problem, status};

#[derive(Deserialize)]
pub(crate) struct Form {
    password: String,
}

/// The form.
#[get("/password/{token}")]
pub(crate) async fn show_form(Guest(call): Guest, token: web::Path<String>) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let works = call.open(move |state, now, _| state.db.read(now, |tx| access::link_works(tx, &token))).await?;
    if works {
        Ok(show(StatusCode::OK, language, None))
    } else {
        Ok(refused(language, &Error::new(&codes::ACCESS_LINK_INVALID)))
    }
}

/// Sets the password.
#[post("/password/{token}")]
pub(crate) async fn set_password(Guest(call): Guest, token: web::Path<String>, form: web::Form<Form>) -> HttpResponse {
    let language = call.language;
    let done =
        call.open(move |state, now, origin| access::set_password(&state.db, now, origin, &token, &form.password)).await;
    match done {
        Ok(()) => page(StatusCode::OK, language, title(language), &thanks(language)),
        Err(problem) if !problem.error.fields.is_empty() => {
            show(StatusCode::UNPROCESSABLE_ENTITY, language, problem.error.fields.first().map(|field| field.code))
        }
        Err(problem) => refused(language, &problem.error),
    }
}

fn title(language: Language) -> &'static str {
    match language {
        Indonesian => "Buat kata sandi",
        English => "Choose a password",
    }
}

fn thanks(language: Language) -> String {
    let (head, text) = match language {
        Indonesian => ("Kata sandi tersimpan", "Anda sudah dapat masuk dengan alamat surel dan kata sandi ini."),
        English => ("Password saved", "You can sign in with your e-mail address and this password now."),
    };
    format!("<p class=\"state good\">✓ {head}</p><p>{text}</p>")
}

fn show(status: StatusCode, language: Language, wrong: Option<&vokasi_core::error::Code>) -> HttpResponse {
    let (label, hint, button) = match language {
        Indonesian => {
            ("Kata sandi baru", "Sedikitnya 12 karakter. Kalimat pendek mudah diingat dan sulit ditebak.", "Simpan")
        }
        English => {
            ("New password", "At least 12 characters. A short sentence is easy to remember and hard to guess.", "Save")
        }
    };
    let error = wrong.map_or_else(String::new, |code| {
        format!("<p class=\"bad\" role=\"alert\">{}</p>", Text(&code.sentence(language, &[])))
    });
    let content = format!(
        "<h1>{}</h1><form method=\"post\"><label for=\"p\">{label}</label>\
         <input id=\"p\" name=\"password\" type=\"password\" autocomplete=\"new-password\" required minlength=\"12\" \
         maxlength=\"128\" aria-describedby=\"h\"><p id=\"h\" class=\"soft\">{hint}</p>{error}\
         <button>{button}</button></form>",
        title(language)
    );
    page(status, language, title(language), &content)
}

fn refused(language: Language, error: &Error) -> HttpResponse {
    let sentence = error.code.sentence(language, &error.facts);
    page(
        status(error.code),
        language,
        title(language),
        &format!("<p class=\"state bad\">✕</p><p>{}</p>", Text(&sentence)),
    )
}
