//! Sessions that are over and have no register.

use actix_web::{Responder, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::id::Id;
use vokasi_core::session::{self, Unreported, UnreportedFilter};
use vokasi_core::values::{Label, RegencyCode};

use super::page_of;
use super::sessions::SessionView;
use crate::body::{Query, is_id, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::Listed;

/// A session that is over and has no register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnreportedView {
    session: SessionView,
    /// The name of the class.
    #[schema(value_type = String, example = "Perhotelan A")]
    class_name: Label,
    /// The host.
    #[schema(value_type = String)]
    partner: Id,
    #[schema(example = "LPK Bina Karya")]
    partner_name: String,
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
}

impl From<Unreported> for UnreportedView {
    fn from(one: Unreported) -> Self {
        Self {
            session: one.session.into(),
            class_name: one.class,
            partner: one.partner,
            partner_name: one.partner_name,
            regency: one.regency,
        }
    }
}

/// A page of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnreportedPage {
    items: Vec<UnreportedView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which of them.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UnreportedQuery {
    /// Only of classes at this partner.
    #[validate(custom(function = "is_id"))]
    partner: Option<String>,
    /// Only of classes in this regency.
    #[validate(custom(function = "reads::<RegencyCode>"))]
    regency: Option<String>,
    /// Only of this class.
    #[validate(custom(function = "is_id"))]
    class: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Sessions of running classes that are over by the clock of the province and have no register, the oldest first.
#[utoipa::path(tag = "reports", params(UnreportedQuery), responses((status = 200, body = UnreportedPage)))]
#[get("/reports/unreported-sessions")]
pub(crate) async fn list(call: Call, query: Query<UnreportedQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let (partner, class) = (read_some_id(query.partner.as_ref())?, read_some_id(query.class.as_ref())?);
            let filter = UnreportedFilter { partner, regency: read_some(query.regency.as_ref())?, class };
            session::unreported(tx, actor, &filter, page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(UnreportedView::from)))
}
