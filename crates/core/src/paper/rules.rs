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

/// When somebody was one of a class, in these words for from, until and since; nothing of whoever has been in it without
/// a break.
pub(super) fn days(stays: &[(NaiveDate, Option<NaiveDate>)], [from, until, since]: [&str; 3]) -> String {
    if let [(_, None)] = stays {
        return String::new();
    }
    let day = |day: NaiveDate| day.format("%d/%m/%Y").to_string();
    let stays = stays.iter().filter(|(begin, left)| left.is_none_or(|left| *begin < left));
    let said = stays.map(|(begin, left)| match left {
        Some(left) => format!("{from} {} {until} {}", day(*begin), day(left.pred_opt().unwrap_or(*left))),
        None => format!("{since} {}", day(*begin)),
    });
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_say_the_last_one_there() {
        let day = |day| NaiveDate::from_ymd_opt(2025, 7, day).unwrap();
        let said = |stays: &[_]| days(stays, ["dari", "sampai", "sejak"]);
        assert_eq!(said(&[(day(1), None)]), "");
        assert_eq!(said(&[(day(1), Some(day(8)))]), "dari 01/07/2025 sampai 07/07/2025");
        assert_eq!(
            said(&[(day(1), Some(day(8))), (day(8), Some(day(8))), (day(15), None)]),
            "dari 01/07/2025 sampai 07/07/2025, sejak 15/07/2025"
        );
    }

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
