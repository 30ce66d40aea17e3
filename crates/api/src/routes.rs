//! The whole URL table of the REST layer; each handler carries its own method and path.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::rest::{
    agreements, audit, classes, cohorts, consents, logins, participants, partners, programs, reference, staff,
};

/// Everything under `/api/v1`.
pub(crate) fn rest(config: &mut ServiceConfig<'_>) {
    config
        // Logins and accounts.
        .service(logins::sign_in)
        .service(logins::refresh)
        .service(logins::sign_out)
        .service(logins::who)
        .service(logins::set_password)
        .service(staff::list)
        .service(staff::create)
        .service(staff::get)
        .service(staff::change)
        .service(staff::password_link)
        .service(audit::list)
        // Reference data.
        .service(reference::regions)
        .service(reference::holidays)
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
        .service(participants::get)
        .service(participants::change)
        .service(participants::disclose)
        .service(consents::list)
        .service(consents::give)
        .service(consents::get)
        .service(consents::withdraw);
}
