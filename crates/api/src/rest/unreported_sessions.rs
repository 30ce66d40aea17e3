//! Sessions that are over and have no register, or one that leaves members out.

use actix_web::{Responder, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::id::Id;
use vokasi_core::session::{self, Unreported, UnreportedFilter, Waiting, WaitingAt};
use vokasi_core::values::{Label, PersonName, RegencyCode};

use super::page_of;
use super::sessions::SessionView;
use crate::body::{Query, is_id, one_of, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, private};

/// A session that is over and waits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnreportedView {
    /// `unreported` without a register, `incomplete` with one that leaves members out.
    #[schema(value_type = String, example = "unreported")]
    state: Waiting,
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
    /// The account of whoever teaches it.
    #[schema(value_type = Option<String>)]
    instructor: Option<Id>,
    /// What its holder is called, for those who work with people.
    #[schema(value_type = Option<String>)]
    instructor_name: Option<PersonName>,
    /// Members who are marked, where there is a register.
    marked: Option<i64>,
    /// Members of that day, where there is a register.
    members: Option<i64>,
}

impl UnreportedView {
    fn of(state: Waiting, one: Unreported) -> Self {
        let (marked, members) = one.marked.unzip();
        Self {
            state,
            instructor: one.instructor,
            instructor_name: one.instructor_name,
            marked,
            members,
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
    /// `unreported` when nothing is said, or `incomplete`: with a register of the last 60 days that leaves members out.
    #[validate(custom(function = "one_of::<Waiting>"))]
    state: Option<String>,
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
            let state = read_some(query.state.as_ref())?.unwrap_or(Waiting::Unreported);
            let filter = UnreportedFilter { state, partner, regency: read_some(query.regency.as_ref())?, class };
            let page = session::unreported(tx, actor, &filter, page_of!(query)?)?;
            Ok(page.map(|one| UnreportedView::of(state, one)))
        })
        .await?;
    Ok(Listed::from(page))
}

/// How many sessions of a partner wait.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingPartnerView {
    #[schema(value_type = String)]
    partner: Id,
    #[schema(example = "LPK Bina Karya")]
    partner_name: String,
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    /// Sessions without a register.
    unreported: i64,
    /// Sessions whose register leaves members out.
    incomplete: i64,
}

/// How many sessions of a regency wait.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingRegencyView {
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    unreported: i64,
    incomplete: i64,
}

/// How many sessions wait.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingTotalsView {
    unreported: i64,
    incomplete: i64,
    /// Regencies in which any does.
    regencies: Vec<WaitingRegencyView>,
    /// Partners at which any does.
    partners: Vec<WaitingPartnerView>,
}

impl From<Vec<WaitingAt>> for WaitingTotalsView {
    fn from(places: Vec<WaitingAt>) -> Self {
        let mut view = Self { unreported: 0, incomplete: 0, regencies: Vec::new(), partners: Vec::new() };
        for one in places {
            let WaitingAt { regency, partner, partner_name, unreported, incomplete } = one;
            view.unreported += unreported;
            view.incomplete += incomplete;
            match view.regencies.last_mut().filter(|last| last.regency == regency) {
                Some(last) => {
                    last.unreported += unreported;
                    last.incomplete += incomplete;
                }
                None => {
                    view.regencies.push(WaitingRegencyView { regency: regency.clone(), unreported, incomplete });
                }
            }
            view.partners.push(WaitingPartnerView { partner, partner_name, regency, unreported, incomplete });
        }
        view
    }
}

/// How many sessions of running classes are over and have no register, or one of the last 60 days that leaves members
/// out, by regency and partner as it is at this moment.
#[utoipa::path(tag = "reports", responses((status = 200, body = WaitingTotalsView)))]
#[get("/reports/unreported-sessions/totals")]
pub(crate) async fn totals(call: Call) -> Result<impl Responder, Problem> {
    let places = call.read(session::waiting_totals).await?;
    Ok(private(&WaitingTotalsView::from(places)))
}
