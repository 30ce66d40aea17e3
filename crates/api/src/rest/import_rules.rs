//! How grave a province takes the rules of its imports.

use actix_web::{Responder, get, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::error::Language;
use vokasi_core::import::{self, RULES, Rule, Setting, Settings};
use vokasi_core::values::ProvinceCode;

use crate::body::{Body, Query, one_of, read, read_some, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::private;

/// Of which province.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProvinceQuery {
    /// The province; the caller's own when nothing is said.
    #[validate(custom(function = "reads::<ProvinceCode>"))]
    province: Option<String>,
}

/// How grave a rule is to be taken.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"severity": "off"}))]
pub(crate) struct SeverityBody {
    /// `error` (the row is not written), `warning` (to be confirmed) or `off`.
    #[validate(custom(function = "one_of::<Setting>"))]
    severity: String,
}

/// A rule that a province may take more or less gravely.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleView {
    /// The stable code of what it finds.
    #[schema(example = "nisn.padded")]
    code: &'static str,
    /// What it finds, in the language asked for.
    sentence: String,
    /// How grave the province takes it: `error`, `warning` or `off`.
    #[schema(value_type = String, example = "warning")]
    severity: Setting,
    /// How grave it is where a province says nothing.
    #[schema(value_type = String, example = "warning")]
    usual: Setting,
    /// Whether it may be turned off.
    may_be_off: bool,
}

impl RuleView {
    fn all(settings: &Settings, language: Language) -> Vec<Self> {
        let view = |rule: &Rule| Self {
            code: rule.code.name,
            sentence: rule.code.sentence(language, &[]),
            severity: settings.of(rule),
            usual: rule.usual,
            may_be_off: rule.may_be_off,
        };
        RULES.iter().map(view).collect()
    }
}

/// How grave a province takes each rule of its imports. Every other rule keeps out what cannot be stored.
#[utoipa::path(tag = "imports", params(ProvinceQuery), responses((status = 200, body = Vec<RuleView>)))]
#[get("/import-rules")]
pub(crate) async fn list(call: Call, query: Query<ProvinceQuery>) -> Result<impl Responder, Problem> {
    let language = call.language;
    let settings = call.read(move |tx, actor| import::settings(tx, actor, read_some(query.province.as_ref())?)).await?;
    Ok(private(&RuleView::all(&settings, language)))
}

/// Sets how grave a province takes a rule, for every plan that is made from now on.
#[utoipa::path(tag = "imports", params(("code" = String, Path), ProvinceQuery), request_body = SeverityBody,
    responses((status = 200, body = Vec<RuleView>)))]
#[put("/import-rules/{code}/severity")]
pub(crate) async fn set(
    call: Call,
    code: web::Path<String>,
    query: Query<ProvinceQuery>,
    body: Body<SeverityBody>,
) -> Result<impl Responder, Problem> {
    let language = call.language;
    let settings = call
        .write(move |tx, actor| {
            let setting = read(&body.value.severity)?;
            import::set(tx, actor, read_some(query.province.as_ref())?, &code, setting)
        })
        .await?;
    Ok(private(&RuleView::all(&settings, language)))
}
