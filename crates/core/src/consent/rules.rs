use std::sync::LazyLock;

use chrono::{Days, Months, NaiveDate};
use serde::Deserialize;

use super::Purpose;

/// Days after the 18th birthday in which a guardian's consent still stands, so that the person can be asked.
const GRACE: Days = Days::new(30);

/// A text that people agree to: one purpose, one version, from one day on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ConsentText {
    /// What it is called.
    pub id: String,
    /// For what.
    pub purpose: Purpose,
    /// Its version.
    pub version: String,
    /// The first day on which it is given to people.
    pub valid_from: NaiveDate,
    /// The Indonesian text, which is the one that binds.
    pub text_id: String,
    /// The English one.
    pub text_en: String,
}

/// The texts as they are published.
pub const CONSENT_TEXTS: &str = include_str!("../../../../fixtures/reference/consent_texts.json");

static TEXTS: LazyLock<Vec<ConsentText>> = LazyLock::new(|| serde_json::from_str(CONSENT_TEXTS).unwrap_or_default());

/// Whether there is such a text for the purpose, given to people on that day.
pub(super) fn is_known(purpose: Purpose, version: &str, given_on: NaiveDate) -> bool {
    TEXTS.iter().any(|text| text.purpose == purpose && text.version == version && text.valid_from <= given_on)
}

/// The 18th birthday; who was born on 29 February comes of age on 1 March.
pub(super) fn comes_of_age(birth: NaiveDate) -> NaiveDate {
    use chrono::Datelike;
    let year = birth.year() + 18;
    birth.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1)).unwrap_or(birth)
}

/// The last day on which a guardian's consent stands for a person.
pub(super) fn own_needed_by(birth: NaiveDate) -> NaiveDate {
    comes_of_age(birth).checked_add_days(GRACE).unwrap_or(birth)
}

/// Who was born by this day is of age.
pub(super) fn of_age_when_born_by(today: NaiveDate) -> NaiveDate {
    today.checked_sub_months(Months::new(18 * 12)).unwrap_or(today)
}

/// Who was born by this day needs a consent of their own now.
pub(super) fn overdue_when_born_by(today: NaiveDate) -> NaiveDate {
    let grace_over = today.checked_sub_days(GRACE).and_then(|day| day.pred_opt());
    of_age_when_born_by(grace_over.unwrap_or(today))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_purpose_has_a_text_in_both_languages() {
        for purpose in <Purpose as crate::values::Words>::ALL {
            assert!(TEXTS.iter().any(|text| text.purpose == *purpose), "{purpose}");
        }
        for text in TEXTS.iter() {
            assert!(text.text_id.len() > 100 && text.text_en.len() > 100, "{}", text.id);
        }
        assert!(is_known(Purpose::Training, "2025-07", day("2025-07-01")));
        assert!(!is_known(Purpose::Training, "2025-07", day("2025-06-30")));
        assert!(!is_known(Purpose::Training, "2024-01", day("2025-07-01")));
    }

    #[test]
    fn a_guardians_consent_stands_for_thirty_days_more() {
        for (birth, of_age, last) in
            [("2007-08-17", "2025-08-17", "2025-09-16"), ("2008-02-29", "2026-03-01", "2026-03-31")]
        {
            let birth = day(birth);
            assert_eq!((comes_of_age(birth), own_needed_by(birth)), (day(of_age), day(last)));
            assert!(birth <= of_age_when_born_by(day(of_age)));
            assert!(birth > of_age_when_born_by(day(of_age).pred_opt().unwrap()));
            assert!(birth > overdue_when_born_by(day(last)));
            assert!(birth <= overdue_when_born_by(day(last).succ_opt().unwrap()));
        }
    }
}
