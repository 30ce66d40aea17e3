//! How our values are stored: one macro per SQL type, the same on both databases.
//!
//! Reading a row goes through the value's own `parse`, so a value that breaks its rule cannot come out of a table.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// A day as it is stored where there is no type for days: `2026-07-05`.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// A moment as it is stored there: `2026-07-05 03:00:00`, with a fraction of the second or without.
pub(crate) fn moment(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_at_checked(10)?;
    let [b' ', h1, h2, b':', m1, m2, b':', s1, s2, ref fraction @ ..] = *time.as_bytes() else { return None };
    let nanos = match fraction {
        [] => 0,
        [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => {
            number(digits)? * 10_u32.pow(9 - u32::try_from(digits.len()).ok()?)
        }
        _ => return None,
    };
    let time = NaiveTime::from_hms_nano_opt(number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?, nanos)?;
    Some(day(date)?.and_time(time))
}

/// A few digits as a number.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |sum, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// Stores a type as TEXT through `as_str()` and `parse()`.
macro_rules! text_column {
    ($value:ty) => {
        $crate::db::columns::text_column!($value, parse);
    };
    // What was stored is read by a function of its own.
    ($value:ty, $stored:ident) => {
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $value
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
            }
        }
        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $value
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(raw)?;
                Self::$stored(&text).map_err(|code| code.name.into())
            }
        }
        $crate::db::columns::expressions!($value, diesel::sql_types::Text);
    };
}

/// Stores a type as BIGINT through its first field.
macro_rules! integer_column {
    ($value:ty) => {
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::BigInt, DB> for $value
        where
            DB: diesel::backend::Backend,
            i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                <i64 as diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>>::to_sql(&self.0, out)
            }
        }
        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB> for $value
        where
            DB: diesel::backend::Backend,
            i64: diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let number = <i64 as diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>>::from_sql(raw)?;
                Self::from_i64(number).ok_or_else(|| concat!(stringify!($value), " out of range").into())
            }
        }
        $crate::db::columns::expressions!($value, diesel::sql_types::BigInt);
    };
}

/// Stores an instant as TIMESTAMP in UTC.
macro_rules! timestamp_column {
    ($value:ty) => {
        $crate::db::dialect::timestamps!($value);
        $crate::db::columns::expressions!($value, diesel::sql_types::Timestamp);
    };
}

/// What Diesel's derives would write for a stored value.
macro_rules! expressions {
    ($value:ty, $sql:ty) => {
        impl diesel::expression::AsExpression<$sql> for $value {
            type Expression = diesel::internal::derives::as_expression::Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
        impl<'expr> diesel::expression::AsExpression<$sql> for &'expr $value {
            type Expression = diesel::internal::derives::as_expression::Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
        impl diesel::expression::AsExpression<diesel::sql_types::Nullable<$sql>> for $value {
            type Expression = diesel::internal::derives::as_expression::Bound<diesel::sql_types::Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
        impl<'expr> diesel::expression::AsExpression<diesel::sql_types::Nullable<$sql>> for &'expr $value {
            type Expression = diesel::internal::derives::as_expression::Bound<diesel::sql_types::Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Nullable<$sql>, DB> for $value
        where
            DB: diesel::backend::Backend,
            Self: diesel::serialize::ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<$sql, DB>::to_sql(self, out)
            }
        }
        impl<DB, ST> diesel::deserialize::Queryable<ST, DB> for $value
        where
            DB: diesel::backend::Backend,
            ST: diesel::sql_types::SingleValue,
            Self: diesel::deserialize::FromSql<ST, DB>,
        {
            type Row = Self;
            fn build(row: Self::Row) -> diesel::deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}

pub(crate) use {expressions, integer_column, text_column, timestamp_column};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_day_or_moment_is_not_read() {
        for text in ["", "2026-7-05", "2026-13-01", "2026-02-30", "2026-07-05 ", "+026-07-05", "2026-07-0x"] {
            assert_eq!(day(text), None, "{text}");
        }
        for text in ["2026-07-05", "2026-07-05T03:00:00", "2026-07-05 24:00:00", "2026-07-05 03:00:00.", "é"] {
            assert_eq!(moment(text), None, "{text}");
        }
        assert_eq!(moment("2026-07-05 03:00:00.0000000001"), None);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000) {
            let written = chrono::DateTime::from_timestamp_micros(micros).unwrap().naive_utc();
            prop_assert_eq!(moment(&written.to_string()), Some(written));
            prop_assert_eq!(day(&written.date().to_string()), Some(written.date()));
        }
    }
}
