use std::collections::BTreeMap;

use diesel::dsl::{count_star, sum};
use diesel::prelude::*;

use super::rules::{People, Seats};
use crate::class::ClassState;
use crate::cohort::CohortState;
use crate::db::Tx;
use crate::db::dialect::one_of_ids;
use crate::db::schema::{certificates, class_counts, classes, cohorts, enrollment_counts, enrollments};
use crate::enrollment::EnrollmentState;
use crate::error::Result;
use crate::id::Id;
use crate::time::Instant;
use crate::values::{ProvinceCode, RegencyCode, Segment};

pub(super) fn people(tx: &mut Tx<'_>, province: &ProvinceCode, only: Option<&RegencyCode>) -> Result<Vec<People>> {
    let mut query = enrollment_counts::table
        .inner_join(cohorts::table)
        .filter(cohorts::province_code.eq(province))
        .filter(cohorts::state.ne(CohortState::Cancelled))
        .select((
            cohorts::id,
            cohorts::segment,
            cohorts::class_size,
            enrollment_counts::regency_code,
            enrollment_counts::state,
            enrollment_counts::people,
        ))
        .into_boxed();
    if let Some(regency) = only {
        query = query.filter(enrollment_counts::regency_code.eq(regency));
    }
    let rows: Vec<(Id, Segment, i32, RegencyCode, EnrollmentState, i32)> = query.load(tx.connection)?;
    Ok(rows
        .into_iter()
        .map(|(cohort, segment, class_size, regency, state, people)| People {
            cohort,
            segment,
            class_size,
            regency,
            state,
            number: people,
        })
        .collect())
}

pub(super) fn seats(tx: &mut Tx<'_>, province: &ProvinceCode, only: Option<&RegencyCode>) -> Result<Vec<Seats>> {
    let mut query = class_counts::table
        .inner_join(cohorts::table)
        .filter(cohorts::province_code.eq(province))
        .filter(cohorts::state.ne(CohortState::Cancelled))
        .select((
            cohorts::id,
            cohorts::segment,
            cohorts::class_size,
            class_counts::regency_code,
            class_counts::classes,
            class_counts::seats,
        ))
        .into_boxed();
    if let Some(regency) = only {
        query = query.filter(class_counts::regency_code.eq(regency));
    }
    let rows: Vec<(Id, Segment, i32, RegencyCode, i32, i32)> = query.load(tx.connection)?;
    Ok(rows
        .into_iter()
        .map(|(cohort, segment, class_size, regency, classes, seats)| Seats {
            cohort,
            segment,
            class_size,
            regency,
            classes,
            number: seats,
        })
        .collect())
}

/// Counts everything again from the rows and names what differs. Slow by nature; for `doctor` and tests.
pub(super) fn differences(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let kept: Vec<(Id, RegencyCode, EnrollmentState, i32)> = enrollment_counts::table.load(tx.connection)?;
    let counted: Vec<(Id, RegencyCode, EnrollmentState, i64)> = enrollments::table
        .group_by((enrollments::cohort_id, enrollments::regency_code, enrollments::state))
        .select((enrollments::cohort_id, enrollments::regency_code, enrollments::state, count_star()))
        .load(tx.connection)?;
    let mut both: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (cohort, regency, state, people) in kept {
        both.entry(format!("enrollments {cohort} {regency} {state}")).or_default().0 = i64::from(people);
    }
    for (cohort, regency, state, people) in counted {
        both.entry(format!("enrollments {cohort} {regency} {state}")).or_default().1 = people;
    }
    let kept: Vec<(Id, RegencyCode, i32, i32)> = class_counts::table.load(tx.connection)?;
    let counted: Vec<(Id, RegencyCode, i64, Option<i64>)> = classes::table
        .filter(classes::state.ne(ClassState::Cancelled))
        .group_by((classes::cohort_id, classes::regency_code))
        .select((classes::cohort_id, classes::regency_code, count_star(), sum(classes::seats)))
        .load(tx.connection)?;
    for (cohort, regency, number, seats) in kept {
        both.entry(format!("classes {cohort} {regency}")).or_default().0 = i64::from(number);
        both.entry(format!("seats {cohort} {regency}")).or_default().0 = i64::from(seats);
    }
    for (cohort, regency, number, seats) in counted {
        both.entry(format!("classes {cohort} {regency}")).or_default().1 = number;
        both.entry(format!("seats {cohort} {regency}")).or_default().1 = seats.unwrap_or(0);
    }
    let seated: Vec<(Id, i32)> = classes::table.select((classes::id, classes::seated)).load(tx.connection)?;
    let sitting: Vec<(Option<Id>, i64)> = enrollments::table
        .filter(enrollments::state.eq_any([
            EnrollmentState::Active,
            EnrollmentState::OnLeave,
            EnrollmentState::Completed,
            EnrollmentState::NotCompleted,
        ]))
        .group_by(enrollments::class_id)
        .select((enrollments::class_id, count_star()))
        .load(tx.connection)?;
    for (class, people) in seated {
        both.entry(format!("seated {class}")).or_default().0 = i64::from(people);
    }
    for (class, people) in sitting {
        let class = class.map(|id| id.to_string()).unwrap_or_default();
        both.entry(format!("seated {class}")).or_default().1 = people;
    }
    Ok(both
        .into_iter()
        .filter(|(_, (kept, counted))| kept != counted)
        .map(|(what, (kept, counted))| format!("{what}: {kept}, {counted}"))
        .collect())
}

/// A certificate on a person's way.
#[derive(Debug, Queryable)]
pub(super) struct Issued {
    pub(super) enrollment: Id,
    pub(super) cohort: Id,
    pub(super) class: Id,
    pub(super) number: String,
    pub(super) at: Instant,
}

/// Certificates of enrollments.
pub(super) fn certificates_of(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<Vec<Issued>> {
    Ok(certificates::table
        .inner_join(enrollments::table)
        .filter(one_of_ids(certificates::enrollment_id, enrollments)?)
        .order(certificates::id)
        .select((
            certificates::enrollment_id,
            enrollments::cohort_id,
            certificates::class_id,
            certificates::number,
            certificates::issued_at,
        ))
        .load(tx.connection)?)
}
