//! The whole URL table of the REST layer; each handler carries its own method and path.

use actix_web::http::Method;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::rest::{
    agreements, assessments, attendance, audit, certificates, classes, cohorts, completions, consents, dossiers,
    enrollments, imports, incidents, logins, messages, participants, partners, person_requests, programs, reference,
    reports, retention, second_factor, service_tokens, sessions, staff, verifications,
};

/// Everything under `/api/v1`.
pub(crate) fn rest(config: &mut ServiceConfig<'_>) {
    config
        // Logins and accounts.
        .service(logins::sign_in)
        .service(logins::refresh)
        .service(logins::sign_out)
        .service(logins::who)
        .service(logins::confirm)
        .service(logins::list)
        .service(logins::end_others)
        .service(logins::end)
        .service(logins::set_password)
        .service(logins::ask_for_password)
        .service(second_factor::get)
        .service(second_factor::offer)
        .service(second_factor::activate)
        .service(second_factor::renew_recovery_codes)
        .service(second_factor::remove)
        .service(service_tokens::list)
        .service(service_tokens::create)
        .service(service_tokens::end)
        .service(staff::list)
        .service(staff::create)
        .service(staff::get)
        .service(staff::change)
        .service(staff::password_link)
        .service(staff::reset_second_factor)
        .service(messages::list)
        .service(messages::retry)
        .service(audit::list)
        .service(audit::of_person)
        .service(audit::export)
        .service(audit::verify)
        // Reference data.
        .service(reference::regions)
        .service(reference::holidays)
        .service(reference::exam_schemes)
        .service(reference::document_checklist)
        .service(reference::consent_texts)
        // Partners and their agreements.
        .service(partners::list)
        .service(partners::create)
        .service(partners::get)
        .service(partners::names)
        .service(partners::rename)
        .service(agreements::list)
        .service(agreements::create)
        .service(agreements::get)
        .service(agreements::terminate)
        // Programs, cohorts, classes.
        .service(programs::list)
        .service(programs::create)
        .service(programs::get)
        .service(programs::publish)
        .service(programs::get_version)
        .service(cohorts::list)
        .service(cohorts::create)
        .service(cohorts::get)
        .service(cohorts::change)
        .service(cohorts::move_to)
        .service(classes::list)
        .service(classes::create)
        .service(classes::get)
        .service(classes::change)
        .service(classes::move_to)
        // Participants and their consents.
        .service(participants::list)
        .service(participants::create)
        .service(participants::search)
        .service(participants::get)
        .service(participants::change)
        .service(participants::disclose)
        .service(consents::list)
        .service(consents::give)
        .service(consents::due)
        .service(consents::get)
        .service(consents::withdraw);
    rights_of_the_person(config);
    path_of_a_class(config);
}

/// What people ask about their own data, how long data are kept, and what happens when they get into wrong hands.
fn rights_of_the_person(config: &mut ServiceConfig<'_>) {
    config
        .service(person_requests::list)
        .service(person_requests::enter)
        .service(person_requests::get)
        .service(person_requests::decide)
        .service(person_requests::holds)
        .service(dossiers::open)
        .service(retention::preview)
        .service(incidents::list)
        .service(incidents::report)
        .service(incidents::get)
        .service(incidents::change)
        .service(incidents::notice);
}

/// From a file of people to a certificate.
fn path_of_a_class(config: &mut ServiceConfig<'_>) {
    config
        // Imports.
        .service(imports::list)
        .service(imports::create)
        .service(imports::get)
        .service(imports::rows)
        .service(imports::apply)
        .service(imports::obstacles)
        .service(imports::undo)
        // Enrollments.
        .service(enrollments::list)
        .service(enrollments::apply)
        .service(enrollments::eligibility)
        .service(enrollments::get)
        .service(enrollments::take_step)
        .service(enrollments::seat)
        // Sessions and attendance.
        .service(sessions::generate)
        .service(sessions::list)
        .service(sessions::get)
        .service(sessions::cancel)
        .service(attendance::save)
        .service(attendance::register)
        .service(attendance::corrections)
        .service(attendance::roster)
        // Scores, completion, certificates.
        .service(assessments::record)
        .service(assessments::list)
        .service(completions::list)
        .service(completions::decide)
        .service(completions::get)
        .service(certificates::issue)
        .service(certificates::list)
        .service(certificates::get)
        .service(certificates::pdf)
        .service(certificates::revoke)
        .service(verifications::get)
        // Figures.
        .service(reports::intake);
}

/// Pages and probes, which the OpenAPI document does not list.
const PAGES: &[(&str, &[Method])] = &[
    ("/healthz", &[Method::GET]),
    ("/readyz", &[Method::GET]),
    ("/openapi.json", &[Method::GET]),
    ("/docs/errors", &[Method::GET]),
    ("/password/{token}", &[Method::GET, Method::POST]),
    ("/dossiers/{id}", &[Method::GET]),
    ("/verify", &[Method::GET]),
    ("/verify/{code}", &[Method::GET]),
];

/// Which methods every path answers to; the framework itself only knows that it found no match.
pub(crate) struct Methods(Vec<(String, Vec<Method>)>);

impl Methods {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let described = document.paths.paths.iter().map(|(path, item)| {
            let methods = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            (path.clone(), methods.into_iter().filter(|(_, one)| one.is_some()).map(|(method, _)| method).collect())
        });
        let pages = PAGES.iter().map(|(path, methods)| ((*path).to_owned(), methods.to_vec()));
        Self(described.chain(pages).collect())
    }

    /// The methods of the path, if there is anything at it.
    pub(crate) fn at(&self, path: &str) -> Option<&[Method]> {
        let fits = |pattern: &str| {
            let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
            loop {
                match (wanted.next(), given.next()) {
                    (None, None) => return true,
                    (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') && !given.is_empty() => {}
                    _ => return false,
                }
            }
        };
        // A path written out comes before one with a place for an id.
        let found = self.0.iter().filter(|(pattern, _)| fits(pattern)).min_by_key(|(pattern, _)| pattern.contains('{'));
        found.map(|(_, methods)| methods.as_slice())
    }
}
