use std::sync::LazyLock;

use chrono::{Days, Months};
use serde::Deserialize;

use crate::time::Instant;
use crate::values::words;

words! {
    /// A kind of data with a time of its own.
    pub enum RetentionKind {
        /// Who a person is.
        PersonalFiles = "personal_files",
        /// Marks by session.
        Attendance = "attendance",
        /// What is printed on certificates.
        Certificates = "certificates",
        /// Rows of imported files.
        ImportFiles = "import_files",
        /// Answers for repeated requests.
        KeptAnswers = "kept_answers",
        /// Messages to staff that were sent or given up.
        Messages = "messages",
        /// Jobs that have ended.
        Jobs = "jobs",
        /// Requests of persons that were refused.
        RefusedRequests = "refused_requests",
        /// Requests of persons that were done.
        DoneRequests = "done_requests",
        /// The audit.
        Audit = "audit",
    }
}

/// How long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keep {
    /// Years.
    pub years: u32,
    /// Days beside them.
    pub days: u64,
}

/// How long one kind of data is kept, and why.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    /// Of what.
    pub kind: RetentionKind,
    /// How long; for good when nothing is said.
    pub keep: Option<Keep>,
    /// What it is, in Indonesian.
    pub what_id: String,
    /// What it is, in English.
    pub what_en: String,
    /// From when its time runs, in Indonesian.
    pub from_id: String,
    /// From when its time runs, in English.
    pub from_en: String,
    /// What becomes of it, in Indonesian.
    pub then_id: String,
    /// What becomes of it, in English.
    pub then_en: String,
    /// Where the time comes from.
    pub source: String,
}

static RULES: LazyLock<Vec<RetentionRule>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../fixtures/reference/retention.json")).unwrap_or_default()
});

/// Every rule, in the order of the list.
pub fn rules() -> &'static [RetentionRule] {
    &RULES
}

impl RetentionRule {
    /// What ended before this moment is past its time.
    pub fn before(&self, now: Instant) -> Option<Instant> {
        let keep = self.keep?;
        let months = Months::new(keep.years.saturating_mul(12));
        let then = now.utc().checked_sub_months(months)?.checked_sub_days(Days::new(keep.days))?;
        Some(Instant::new(then))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Words;

    #[test]
    fn every_kind_has_one_rule_in_both_languages() {
        let kinds: Vec<RetentionKind> = rules().iter().map(|rule| rule.kind).collect();
        assert_eq!(kinds, RetentionKind::ALL);
        for rule in rules() {
            assert!(!rule.what_id.is_empty() && !rule.what_en.is_empty() && !rule.source.is_empty());
            assert_eq!(rule.keep.is_none(), rule.from_id.is_empty() && rule.from_en.is_empty());
        }
    }

    #[test]
    fn years_are_of_the_calendar() {
        let now = Instant::new("2028-02-29T01:00:00Z".parse().unwrap());
        let before = |years, days| {
            let rule = RetentionRule { keep: Some(Keep { years, days }), ..rules()[0].clone() };
            rule.before(now).unwrap().to_string()
        };
        assert_eq!(before(5, 0), "2023-02-28T01:00:00Z");
        assert_eq!(before(0, 90), "2027-12-01T01:00:00Z");
        let for_good = rules().iter().find(|rule| rule.kind == RetentionKind::Certificates).unwrap();
        assert_eq!(for_good.before(now), None);
    }
}
