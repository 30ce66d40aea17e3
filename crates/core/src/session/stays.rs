use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::expression::{ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Nullable, Text};

use crate::db::columns::day;
use crate::error::{Error, Result};
use crate::id::Id;

/// The first day as a member of a class, and the day of leaving it.
pub(crate) type Stay = (Option<NaiveDate>, Option<NaiveDate>);

/// From when until when everyone who is or was in a class belonged to it.
pub(crate) type Stays = HashMap<Id, Stay>;

/// The stays in the class of a session as one text of the statement that reads the session: a statement of their own is a
/// way to the database and back, before every register.
#[derive(Debug, Clone, Copy, QueryId)]
pub(super) struct StaysInClass;

impl Expression for StaysInClass {
    type SqlType = Nullable<Text>;
}

impl<Source> AppearsOnTable<Source> for StaysInClass {}

impl<Source> SelectableExpression<Source> for StaysInClass {}

impl ValidGrouping<()> for StaysInClass {
    type IsAggregate = is_aggregate::No;
}

impl<DB: Backend> QueryFragment<DB> for StaysInClass {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(
            "(SELECT string_agg(person || ' ' || COALESCE(CAST(since AS TEXT), '') || ' ' \
             || COALESCE(CAST(until AS TEXT), ''), ';') FROM (\
             SELECT enrollment_id AS person, seated_on AS since, left_on AS until FROM class_stays \
             WHERE class_stays.class_id = sessions.class_id UNION ALL \
             SELECT id, seated_on, left_on FROM enrollments WHERE enrollments.class_id = sessions.class_id) AS stay)",
        );
        Ok(())
    }
}

/// Reads that text; a class in which nobody was has none.
///
/// # Errors
/// `storage.failed` for anything that is not such a text.
pub(super) fn read(text: Option<&str>) -> Result<Stays> {
    let mut stays = Stays::new();
    for one in text.into_iter().flat_map(|text| text.split(';')) {
        let (person, stay) = stay(one).ok_or_else(|| Error::storage("a stay that cannot be read"))?;
        // Whoever came back counts from the later day.
        let last = stays.entry(person).or_insert(stay);
        *last = stay.max(*last);
    }
    Ok(stays)
}

fn stay(text: &str) -> Option<(Id, Stay)> {
    let mut parts = text.split(' ');
    let person = Id::from_i64(parts.next()?.parse().ok()?)?;
    let mut date = || match parts.next()? {
        "" => Some(None),
        text => day(text).map(Some),
    };
    Some((person, (date()?, date()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_stays_counts() {
        let on = |day| NaiveDate::from_ymd_opt(2026, 1, day);
        let id = |number| Id::from_i64(number).unwrap();
        let stays = read(Some("7 2026-01-03 2026-01-09;8  ;7 2026-01-12 ")).unwrap();
        assert_eq!(stays, Stays::from([(id(7), (on(12), None)), (id(8), (None, None))]));
        assert!(read(None).unwrap().is_empty());
        assert!(read(Some("7 2026-01-32 ")).is_err());
        assert!(read(Some("7 2026-01-03")).is_err());
    }
}
