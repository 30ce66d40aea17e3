use std::collections::HashSet;

use diesel::backend::Backend;
use diesel::expression::{ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Nullable, Text};

use crate::error::{Error, Result};
use crate::id::Id;

/// The enrollments whose marks the register of a session takes: of everyone who was in its class on its day, from the
/// first day seated to the last before leaving.
pub(crate) type Members = HashSet<Id>;

/// These as one text of the statement that reads the session: a statement of their own is a way to the database and back,
/// before every register.
#[derive(Debug, Clone, Copy, QueryId)]
pub(super) struct MembersThatDay;

impl Expression for MembersThatDay {
    type SqlType = Nullable<Text>;
}

impl<Source> AppearsOnTable<Source> for MembersThatDay {}

impl<Source> SelectableExpression<Source> for MembersThatDay {}

impl ValidGrouping<()> for MembersThatDay {
    type IsAggregate = is_aggregate::No;
}

impl<DB: Backend> QueryFragment<DB> for MembersThatDay {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(
            "(SELECT string_agg(CAST(member AS TEXT), ' ') FROM (\
             SELECT id AS member FROM enrollments WHERE enrollments.class_id = sessions.class_id \
             AND seated_on <= sessions.held_on AND (left_on IS NULL OR left_on > sessions.held_on) UNION ALL \
             SELECT enrollment_id FROM class_stays WHERE class_stays.class_id = sessions.class_id \
             AND seated_on <= sessions.held_on AND left_on > sessions.held_on) AS members)",
        );
        Ok(())
    }
}

/// Reads that text; a class in which nobody was has none.
///
/// # Errors
/// `storage.failed` for anything that is not such a text.
pub(super) fn read(text: Option<&str>) -> Result<Members> {
    let id = |number: &str| number.parse().ok().and_then(Id::from_i64);
    let numbers = text.into_iter().flat_map(|text| text.split(' '));
    numbers.map(|number| id(number).ok_or_else(|| Error::storage("a member who cannot be read"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_or_refused() {
        let id = |number| Id::from_i64(number).unwrap();
        assert_eq!(read(Some("7 8 7")).unwrap(), Members::from([id(7), id(8)]));
        assert!(read(None).unwrap().is_empty());
        assert!(read(Some("7 a")).is_err());
    }
}
