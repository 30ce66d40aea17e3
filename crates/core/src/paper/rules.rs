use std::ops::Range;

use chrono::{Datelike, NaiveDate};

/// Days in order, month by month; a month of more than `most` of them comes in pieces.
pub(super) fn months(days: &[NaiveDate], most: usize) -> Vec<Range<usize>> {
    let month = |at: usize| days.get(at).map(|day| (day.year(), day.month()));
    let mut found = Vec::new();
    let mut from = 0;
    for at in 1..=days.len() {
        if month(at) != month(from) || at - from == most {
            found.push(from..at);
            from = at;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_has_days_of_one_month() {
        let days = |list: &[(i32, u32, u32)]| -> Vec<NaiveDate> {
            list.iter().map(|(year, month, day)| NaiveDate::from_ymd_opt(*year, *month, *day).unwrap()).collect()
        };
        assert!(months(&[], 3).is_empty());
        let year = days(&[(2025, 7, 21), (2025, 7, 28), (2025, 8, 4), (2026, 8, 3)]);
        assert_eq!(months(&year, 3), [0..2, 2..3, 3..4]);
        let crowd = days(&[(2025, 7, 1), (2025, 7, 2), (2025, 7, 3), (2025, 7, 4), (2025, 8, 1)]);
        assert_eq!(months(&crowd, 2), [0..2, 2..4, 4..5]);
        assert_eq!(months(&crowd, 4), [0..4, 4..5], "nobody prints an empty sheet");
    }
}
