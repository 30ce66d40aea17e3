use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::CertificateFilter;
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::dialect::{ForUpdate, insert_many, native, one_of_ids};
use crate::db::schema::{certificate_counters, certificates, classes, enrollments, partners};
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, ProvinceCode};

/// A frozen, numbered document.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = certificates, treat_none_as_default_value = false)]
pub struct Certificate {
    /// Key.
    pub id: Id,
    /// Which decision it rests on.
    pub completion_id: Id,
    /// Whose.
    pub enrollment_id: Id,
    /// From which class.
    pub class_id: Id,
    /// Of which province.
    pub province_code: ProvinceCode,
    /// Who issued it.
    pub issuer_id: Id,
    /// The year of its number.
    pub year: i32,
    /// Its place in that year: 1, 2, … without a gap.
    pub sequence: i32,
    /// The number as printed.
    pub number: String,
    /// The secret half of its address: 130 random bits.
    pub code: String,
    /// Everything printed, as JSON.
    pub(super) snapshot: String,
    /// SHA-256 of the snapshot.
    pub snapshot_sha256: String,
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// The moment of issue.
    pub issued_at: Instant,
    /// By whose account.
    pub issued_by: Id,
    /// When it was taken back or replaced.
    pub revoked_on: Option<NaiveDate>,
    /// Why.
    pub revocation_reason: Option<Label>,
    /// Grows with every change.
    pub version: i32,
    /// The one that stands in its place.
    pub replaced_by: Option<Id>,
}

/// The last number of an issuer and year; its row is held until the transaction ends, so numbers have no gap.
pub(super) fn last_number(tx: &mut Tx<'_>, issuer: Id, year: i32) -> Result<i32> {
    let row = (
        certificate_counters::issuer_id.eq(issuer),
        certificate_counters::year.eq(year),
        certificate_counters::last_number.eq(0),
    );
    native!(tx.connection, c => diesel::insert_into(certificate_counters::table)
        .values(row)
        .on_conflict((certificate_counters::issuer_id, certificate_counters::year))
        .do_nothing()
        .execute(c))?;
    Ok(ForUpdate(certificate_counters::table.find((issuer, year)).select(certificate_counters::last_number))
        .get_result(tx.connection)?)
}

pub(super) fn set_last_number(tx: &mut Tx<'_>, issuer: Id, year: i32, from: i32, to: i32) -> Result<()> {
    let moved = diesel::update(
        certificate_counters::table.find((issuer, year)).filter(certificate_counters::last_number.eq(from)),
    )
    .set(certificate_counters::last_number.eq(to))
    .execute(tx.connection)?;
    if moved == 1 { Ok(()) } else { Err(Error::new(&codes::CERTIFICATE_NUMBER_TAKEN)) }
}

pub(super) fn insert_many(tx: &mut Tx<'_>, rows: &[Certificate]) -> Result<()> {
    insert_many!(tx.connection, certificates::table, rows);
    Ok(())
}

/// The certificate of each enrollment of a class, revoked or not; of those that were replaced, the last one.
pub(super) fn of_class(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<Id, Certificate>> {
    let rows: Vec<Certificate> = certificates::table
        .filter(certificates::class_id.eq(class))
        .filter(certificates::replaced_by.is_null())
        .order(certificates::id)
        .load(tx.connection)?;
    Ok(rows.into_iter().map(|row| (row.enrollment_id, row)).collect())
}

/// Those of a class that hold, as far as the actor sees them, in the order of their numbers.
pub(super) fn valid_of_class(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Vec<Certificate>> {
    Ok(seen_by(actor)
        .filter(certificates::class_id.eq(class))
        .filter(certificates::revoked_on.is_null())
        .order((certificates::year, certificates::sequence, certificates::id))
        .load(tx.connection)?)
}

/// Whose each of these enrollments is.
pub(super) fn holders(tx: &mut Tx<'_>, of: &[Id]) -> Result<HashMap<Id, Id>> {
    let rows: Vec<(Id, Id)> = enrollments::table
        .filter(one_of_ids(enrollments::id, of)?)
        .select((enrollments::id, enrollments::participant_id))
        .load(tx.connection)?;
    Ok(rows.into_iter().collect())
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Certificate> {
    Ok(ForUpdate(certificates::table.find(id)).get_result(tx.connection)?)
}

/// Whatever the scope.
pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Certificate> {
    Ok(certificates::table.find(id).get_result(tx.connection)?)
}

pub(super) fn by_code(tx: &mut Tx<'_>, code: &str) -> Result<Certificate> {
    Ok(certificates::table.filter(certificates::code.eq(code)).get_result(tx.connection)?)
}

pub(super) fn end(tx: &mut Tx<'_>, certificate: &Certificate) -> Result<()> {
    diesel::update(certificates::table.find(certificate.id))
        .set((
            certificates::revoked_on.eq(certificate.revoked_on),
            certificates::revocation_reason.eq(&certificate.revocation_reason),
            certificates::version.eq(certificate.version),
            certificates::replaced_by.eq(certificate.replaced_by),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// The issuer sees what it issued, a school what its own students got.
fn seen_by(actor: &Actor) -> certificates::BoxedQuery<'_, crate::db::any::MultiBackend> {
    let query = certificates::table.into_boxed();
    match actor.scope() {
        Scope::Everything => query,
        Scope::Province(province) => query.filter(certificates::province_code.eq(province)),
        Scope::Regency(_, regency) => query.filter(
            certificates::issuer_id
                .eq_any(partners::table.filter(partners::regency_code.eq(regency)).select(partners::id)),
        ),
        Scope::School(_, school) => query.filter(
            certificates::issuer_id.eq(school).or(certificates::enrollment_id
                .eq_any(enrollments::table.filter(enrollments::school_id.eq(school)).select(enrollments::id))),
        ),
        Scope::Partner(_, partner) => query.filter(certificates::issuer_id.eq(partner)),
        Scope::Instructor(_, account) => query.filter(
            certificates::class_id
                .eq_any(classes::table.filter(classes::instructor_id.eq(account)).select(classes::id)),
        ),
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Certificate> {
    Ok(seen_by(actor).filter(certificates::id.eq(id)).get_result(tx.connection)?)
}

pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &CertificateFilter,
    page: PageRequest,
) -> Result<Page<Certificate>> {
    let mut query = seen_by(actor).filter(certificates::id.gt(page.after()));
    if let Some(class) = filter.class {
        query = query.filter(certificates::class_id.eq(class));
    }
    if let Some(enrollment) = filter.enrollment {
        query = query.filter(certificates::enrollment_id.eq(enrollment));
    }
    let rows = query.order(certificates::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |certificate: &Certificate| certificate.id))
}
