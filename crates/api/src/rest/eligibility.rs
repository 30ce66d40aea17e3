//! Eligibility: what a cohort asks of people, and who may register.

use std::collections::BTreeMap;

use actix_web::{Responder, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::Actor;
use vokasi_core::cohort::{AgeRule, CheckName, Eligibility, EligibilityRules, GraduationRule};
use vokasi_core::enrollment::{self, Candidate};
use vokasi_core::error::{Language, Result};
use vokasi_core::id::Id;
use vokasi_core::participant;
use vokasi_core::values::{RegencyCode, Setting, Words};

use super::enrollments::CheckView;
use super::page_of;
use crate::body::{Query, each_reads, is_id, one_of, read, read_all, read_some, read_some_id, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::Listed;

/// The ages a cohort is for, in whole years.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AgeBody {
    /// Not younger than this.
    #[validate(range(min = 0, max = 120))]
    #[schema(example = 18)]
    from: Option<i32>,
    /// Not older than this.
    #[validate(range(min = 0, max = 120))]
    #[schema(example = 30)]
    to: Option<i32>,
    /// On this day; the cohort's first one when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    on: Option<String>,
}

/// The years of graduation a cohort is for.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GraduationBody {
    /// Not before this year.
    #[validate(range(min = 1950, max = 2100))]
    #[schema(example = 2022)]
    from: Option<i32>,
    /// Not after this year.
    #[validate(range(min = 1950, max = 2100))]
    #[schema(example = 2026)]
    to: Option<i32>,
}

/// How grave a check is to be taken.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CheckSeverityBody {
    /// `segment`, `graduation`, `age`, `region`, `prerequisite`, `consent` or `overlap`.
    #[validate(custom(function = "one_of::<CheckName>"))]
    #[schema(required = true)]
    check: String,
    /// `error` (refused), `warning` (somebody looks at it) or `off`.
    #[validate(custom(function = "one_of::<Setting>"))]
    #[schema(required = true)]
    severity: String,
}

/// What a cohort asks of people, beside its segment and its program's prerequisites.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "age": {"from": 18, "to": 30, "on": "2026-07-20"}, "graduated": {"from": 2022, "to": 2026},
    "regencies": ["18.07"], "severities": [{"check": "region", "severity": "warning"}]
}))]
pub(crate) struct EligibilityBody {
    #[validate(nested)]
    age: Option<AgeBody>,
    #[validate(nested)]
    graduated: Option<GraduationBody>,
    /// The regencies it is for, by their Kemendagri codes; all of the province when nothing is said.
    #[validate(length(max = 200), custom(function = "each_reads::<RegencyCode>"))]
    regencies: Vec<String>,
    /// How grave its checks are; the others are as usual.
    #[validate(length(max = 20), nested)]
    severities: Vec<CheckSeverityBody>,
}

impl EligibilityBody {
    pub(super) fn rules(&self) -> Result<EligibilityRules> {
        let severity = |one: &CheckSeverityBody| -> Result<_> { Ok((read(&one.check)?, read(&one.severity)?)) };
        let on = |age: &AgeBody| -> Result<_> { read_some(age.on.as_ref()) };
        let age = |age: &AgeBody| -> Result<_> { Ok(AgeRule { from: age.from, to: age.to, on: on(age)? }) };
        Ok(EligibilityRules {
            age: self.age.as_ref().map(age).transpose()?,
            graduated: self.graduated.as_ref().map(|years| GraduationRule { from: years.from, to: years.to }),
            regencies: read_all(&self.regencies)?,
            severities: self.severities.iter().map(severity).collect::<Result<BTreeMap<_, _>>>()?,
        })
    }
}

/// How grave a check is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckSeverityView {
    #[schema(value_type = String, example = "region")]
    check: CheckName,
    /// `error`, `warning` or `off`.
    #[schema(value_type = String, example = "warning")]
    severity: Setting,
    /// How grave it is where the province says nothing.
    #[schema(value_type = String, example = "error")]
    usual: Setting,
}

/// Ages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgeView {
    from: Option<i32>,
    to: Option<i32>,
    on: Option<NaiveDate>,
}

/// Years of graduation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GraduationView {
    from: Option<i32>,
    to: Option<i32>,
}

/// What a cohort asks of people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EligibilityView {
    age: Option<AgeView>,
    graduated: Option<GraduationView>,
    /// None stands for the whole province.
    #[schema(value_type = Vec<String>)]
    regencies: Vec<RegencyCode>,
    severities: Vec<CheckSeverityView>,
}

impl From<&Eligibility> for EligibilityView {
    fn from(rules: &Eligibility) -> Self {
        let severity = |check: &CheckName| CheckSeverityView {
            check: *check,
            severity: rules.severity(*check),
            usual: check.usual(),
        };
        Self {
            age: rules.age.as_ref().map(|age| AgeView { from: age.from, to: age.to, on: age.on }),
            graduated: rules.graduated.as_ref().map(|years| GraduationView { from: years.from, to: years.to }),
            regencies: rules.regencies.clone(),
            severities: CheckName::ALL.iter().map(severity).collect(),
        }
    }
}

/// Somebody who may register, and what stands in the way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CandidateView {
    #[schema(value_type = String)]
    participant: Id,
    #[schema(example = "Siti Nur'aini")]
    name: String,
    #[schema(example = "XII TKJ 1")]
    homeroom: Option<String>,
    /// Whether the person has a place in the cohort already.
    enrolled: bool,
    checks: Vec<CheckView>,
}

impl CandidateView {
    fn of(actor: &Actor, one: Candidate, language: Language) -> Self {
        Self {
            participant: one.participant.id,
            name: participant::shown_name(actor, &one.participant.name),
            homeroom: one.participant.homeroom,
            enrolled: one.is_enrolled,
            checks: one.checks.iter().map(|check| CheckView::of(check, language)).collect(),
        }
    }
}

/// A page of candidates.
#[derive(Serialize, ToSchema)]
pub(crate) struct CandidatePage {
    items: Vec<CandidateView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which people.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CandidateQuery {
    /// Only of this school.
    #[validate(custom(function = "is_id"))]
    school: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// The people whom the caller may register, each with every check of this cohort, before anybody is registered.
#[utoipa::path(tag = "enrollments", params(("id" = String, Path), CandidateQuery),
    responses((status = 200, body = CandidatePage)))]
#[get("/cohorts/{id}/candidates")]
pub(crate) async fn candidates(
    call: Call,
    id: web::Path<Id>,
    query: Query<CandidateQuery>,
) -> Result<impl Responder, Problem> {
    let language = call.language;
    let page = call
        .snapshot(move |tx, actor| {
            let school = read_some_id(query.school.as_ref())?;
            let page = enrollment::candidates(tx, actor, *id, school, page_of!(query)?)?;
            Ok(page.map(|one| CandidateView::of(actor, one, language)))
        })
        .await?;
    Ok(Listed::from(page))
}
