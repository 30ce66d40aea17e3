//! How long data are kept, and what is past its time.

use actix_web::{Responder, get};
use serde::Serialize;
use utoipa::ToSchema;
use vokasi_core::privacy::retention::{self, Due, RetentionKind};
use vokasi_core::time::Instant;
use vokasi_core::values::Bilingual;

use super::programs::BilingualBody;
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::private;

/// A kind of data, its time, and how much is past it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetentionView {
    #[schema(value_type = String, example = "import_files")]
    kind: RetentionKind,
    #[schema(value_type = BilingualBody)]
    what: Bilingual,
    /// Full years it is kept, beside the days; both absent where it is kept for good.
    #[schema(example = 0)]
    years: Option<u32>,
    #[schema(example = 90)]
    days: Option<u64>,
    /// From when that time runs.
    #[schema(value_type = BilingualBody)]
    from: Bilingual,
    /// What becomes of it.
    #[schema(value_type = BilingualBody)]
    then: Bilingual,
    /// Where the time comes from.
    source: String,
    /// What ended before this moment goes.
    #[schema(value_type = Option<String>, format = DateTime)]
    before: Option<Instant>,
    /// How many would go now in the caller's scope: people, sessions, files, answers, requests.
    count: i64,
}

impl From<Due> for RetentionView {
    fn from(due: Due) -> Self {
        let rule = due.rule;
        Self {
            kind: rule.kind,
            what: Bilingual::new(&rule.what_id, &rule.what_en),
            years: rule.keep.map(|keep| keep.years),
            days: rule.keep.map(|keep| keep.days),
            from: Bilingual::new(&rule.from_id, &rule.from_en),
            then: Bilingual::new(&rule.then_id, &rule.then_en),
            source: rule.source.clone(),
            before: due.before,
            count: due.count,
        }
    }
}

/// What would go if the daily job ran now. Nothing is changed.
#[utoipa::path(tag = "retention", responses((status = 200, body = Vec<RetentionView>)))]
#[get("/retention")]
pub(crate) async fn preview(call: Call) -> Result<impl Responder, Problem> {
    let all = call.snapshot(retention::preview).await?;
    Ok(private(&all.into_iter().map(RetentionView::from).collect::<Vec<_>>()))
}
