//! How our values are stored: one macro per SQL type, the same on both databases.
//!
//! Reading a row goes through the value's own `parse`, so a value that breaks its rule cannot come out of a table.

/// Stores a type as TEXT through `as_str()` and `parse()`.
macro_rules! text_column {
    ($value:ty) => {
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
                Self::parse(&text).map_err(|code| code.name.into())
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
        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Timestamp, DB> for $value
        where
            DB: diesel::backend::Backend,
            chrono::NaiveDateTime: diesel::deserialize::FromSql<diesel::sql_types::Timestamp, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                <chrono::NaiveDateTime as diesel::deserialize::FromSql<diesel::sql_types::Timestamp, DB>>::from_sql(raw)
                    .map(Self)
            }
        }
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
