//! The whole URL table of the REST layer; each handler carries its own method and path.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::rest::{audit, logins, partners, reference, staff};

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
        // Partners.
        .service(partners::list)
        .service(partners::create)
        .service(partners::get)
        .service(partners::names)
        .service(partners::rename);
}
