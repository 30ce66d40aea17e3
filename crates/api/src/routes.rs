//! The whole URL table of the REST layer; each handler carries its own method and path.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::http::Method;
use actix_web::web::ServiceConfig;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::rest::{
    agreements, assessments, attendance, attendance_batches, attendance_clashes, audit, calendar_entries,
    calendar_links, certificate_templates, certificates, classes, cohorts, completions, consents, dossiers,
    eligibility, enrollments, exams, import_plans, import_rules, imports, incidents, jobs, layouts, logins, messages,
    openings, papers, participants, partners, person_requests, programs, reference, registers, reports, retention,
    seat_offers, seat_reservations, seating_plans, second_factor, service_tokens, sessions, signing_keys, staff,
    teaching_load, timelines, timetables, unreported_sessions, verifications, workbooks,
};
use crate::server::DOCUMENT;

/// Registers the handlers with the server and, apart from it, in the document: what describes them weighs megabytes, and
/// the program goes without it.
macro_rules! handlers {
    ($($feature:ident::$handler:ident,)*) => {
        /// Everything under `/api/v1`.
        pub(crate) fn rest(config: &mut ServiceConfig) {
            config$(.service($feature::$handler))*;
        }

        /// The same, described.
        pub(crate) fn described(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
            config$(.service($feature::$handler))*;
        }
    };
}

// Routes are looked through in this order, so what whole classes of phones ask for at once stands first.
handlers! {
    // Sessions and attendance.
    attendance::save,
    attendance::register,
    attendance::sheet,
    attendance::corrections,
    attendance::record,
    attendance::roster,
    papers::recap_workbook,
    papers::recap_paper,
    papers::session_register,
    papers::month_register,
    registers::fetch,
    attendance_batches::receive,
    attendance_clashes::list,
    attendance_clashes::get,
    attendance_clashes::resolve,
    sessions::create,
    sessions::list,
    sessions::get,
    sessions::cancel,
    sessions::restore,
    sessions::relocate,
    sessions::moves,
    timetables::generate,
    timetables::get,
    calendar_links::of_class,
    calendar_links::withdraw_of_class,
    // Logins and accounts.
    logins::sign_in,
    logins::refresh,
    logins::sign_out,
    logins::who,
    logins::confirm,
    logins::list,
    logins::end_others,
    logins::end,
    logins::set_password,
    logins::ask_for_password,
    second_factor::get,
    second_factor::offer,
    second_factor::activate,
    second_factor::renew_recovery_codes,
    second_factor::remove,
    service_tokens::list,
    service_tokens::create,
    service_tokens::end,
    staff::list,
    staff::create,
    staff::get,
    staff::change,
    staff::password_link,
    staff::reset_second_factor,
    teaching_load::get,
    calendar_links::of_instructor,
    calendar_links::withdraw_of_instructor,
    messages::list,
    messages::retry,
    audit::list,
    audit::of_person,
    audit::export,
    audit::verify,
    // Reference data.
    reference::regions,
    reference::holidays,
    reference::exam_schemes,
    reference::document_checklist,
    reference::consent_texts,
    // Partners and their agreements.
    partners::list,
    partners::create,
    partners::get,
    partners::names,
    partners::rename,
    certificate_templates::get,
    certificate_templates::put,
    certificate_templates::put_logo,
    certificate_templates::remove_logo,
    certificate_templates::preview,
    signing_keys::list,
    signing_keys::renew,
    agreements::list,
    agreements::create,
    agreements::get,
    agreements::change,
    agreements::sign,
    agreements::terminate,
    agreements::keep_file,
    agreements::file,
    calendar_entries::list,
    calendar_entries::create,
    calendar_entries::get,
    calendar_entries::change,
    calendar_entries::remove,
    // Programs, cohorts, classes.
    programs::list,
    programs::create,
    programs::get,
    programs::publish,
    programs::get_version,
    cohorts::list,
    cohorts::create,
    cohorts::get,
    cohorts::change,
    cohorts::move_to,
    openings::get,
    openings::partners,
    openings::propose,
    classes::list,
    classes::create,
    classes::get,
    classes::change,
    classes::move_to,
    // Participants and their consents.
    participants::list,
    participants::create,
    participants::search,
    participants::get,
    participants::change,
    participants::disclose,
    timelines::of,
    consents::list,
    consents::give,
    consents::due,
    consents::get,
    consents::withdraw,
    // Results of exams outside the programs.
    exams::list,
    exams::record,
    exams::expiring,
    exams::get,
    exams::correct,
    exams::withdraw,
    // What people ask about their own data, how long data are kept, what happens when they get into wrong hands.
    person_requests::list,
    person_requests::enter,
    person_requests::get,
    person_requests::decide,
    person_requests::holds,
    dossiers::open,
    retention::preview,
    incidents::list,
    incidents::report,
    incidents::get,
    incidents::change,
    incidents::notice,
    // Imports.
    imports::list,
    imports::create,
    workbooks::template,
    imports::get,
    import_plans::rows,
    import_plans::missing,
    import_plans::answer,
    import_rules::list,
    import_rules::set,
    imports::apply,
    imports::obstacles,
    imports::undo,
    jobs::list,
    jobs::get,
    jobs::events,
    jobs::cancel,
    workbooks::problems,
    layouts::list,
    layouts::guess,
    layouts::save,
    layouts::forget,
    // Enrollments.
    enrollments::list,
    enrollments::apply,
    enrollments::eligibility,
    eligibility::candidates,
    enrollments::get,
    enrollments::take_step,
    enrollments::transfer,
    // Who is to sit where.
    seating_plans::list,
    seating_plans::make,
    seating_plans::get,
    seating_plans::rows,
    seating_plans::classes,
    seating_plans::choose,
    seating_plans::unchoose,
    seating_plans::apply,
    seat_offers::list,
    seat_offers::get,
    seat_offers::answer,
    seat_reservations::reserve,
    seat_reservations::list,
    seat_reservations::get,
    seat_reservations::name,
    seat_reservations::give_back,
    // Scores, completion, certificates.
    assessments::record,
    assessments::correct,
    assessments::of_class,
    assessments::list,
    completions::list,
    completions::of_cohort,
    completions::decide,
    completions::get,
    completions::chain,
    completions::reopen,
    certificates::issue,
    certificates::list,
    certificates::get,
    certificates::pdf,
    certificates::zip,
    certificates::credential,
    certificates::revoke,
    certificates::replace,
    verifications::get,
    // Figures.
    reports::intake,
    unreported_sessions::list,
    unreported_sessions::totals,
}

/// Pages and probes, which the OpenAPI document does not list.
const PAGES: &[(&str, &[Method])] = &[
    ("/healthz", &[Method::GET]),
    ("/readyz", &[Method::GET]),
    ("/openapi.json", &[Method::GET]),
    ("/docs/errors", &[Method::GET]),
    ("/password/{token}", &[Method::GET, Method::POST]),
    ("/dossiers/{id}", &[Method::GET]),
    ("/calendars/{token}", &[Method::GET]),
    ("/mark/worker.js", &[Method::GET]),
    ("/mark/{session}", &[Method::GET]),
    ("/assets/register.css", &[Method::GET]),
    ("/assets/register.js", &[Method::GET]),
    ("/verify", &[Method::GET]),
    ("/verify/{code}", &[Method::GET]),
    ("/verify/{code}/credential.jwt", &[Method::GET]),
    ("/verify/{code}/certificate.pdf.sha256", &[Method::GET]),
    ("/issuers/{id}", &[Method::GET]),
    ("/issuers/{id}/jwks.json", &[Method::GET]),
    ("/issuers/{id}/keys/{kid}", &[Method::GET]),
    ("/issuers/{id}/status-lists/{number}", &[Method::GET]),
    ("/.well-known/did.json", &[Method::GET]),
];

/// Which methods every path answers to, out of the published document; the framework itself only knows that it found no
/// match.
static METHODS: LazyLock<Vec<(String, Vec<Method>)>> = LazyLock::new(|| {
    #[derive(Default, Deserialize)]
    struct Document {
        paths: BTreeMap<String, Operations>,
    }
    #[derive(Deserialize)]
    struct Operations {
        get: Option<IgnoredAny>,
        post: Option<IgnoredAny>,
        put: Option<IgnoredAny>,
        patch: Option<IgnoredAny>,
        delete: Option<IgnoredAny>,
    }
    let document: Document = serde_json::from_str(DOCUMENT).unwrap_or_default();
    let described = document.paths.into_iter().map(|(path, Operations { get, post, put, patch, delete })| {
        let all = [
            (Method::GET, get),
            (Method::POST, post),
            (Method::PUT, put),
            (Method::PATCH, patch),
            (Method::DELETE, delete),
        ];
        (path, all.into_iter().filter(|(_, one)| one.is_some()).map(|(method, _)| method).collect())
    });
    described.chain(PAGES.iter().map(|(path, methods)| ((*path).to_owned(), methods.to_vec()))).collect()
});

/// The methods of the path, if there is anything at it.
pub(crate) fn methods_at(path: &str) -> Option<&'static [Method]> {
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
    let found = METHODS.iter().filter(|(pattern, _)| fits(pattern)).min_by_key(|(pattern, _)| pattern.contains('{'));
    found.map(|(_, methods)| methods.as_slice())
}
