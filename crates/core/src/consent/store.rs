use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{ConsentMethod, Giver, Purpose, SealedGiver};
use crate::db::Tx;
use crate::db::dialect::{CHUNK, ForUpdate};
use crate::db::schema::consents;
use crate::error::{Error, Result};
use crate::id::Id;
use crate::time::Instant;
use crate::values::{Label, PersonName};

/// A permission that was given.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = consents, treat_none_as_default_value = false)]
pub struct Consent {
    /// Key.
    pub id: Id,
    /// Whose data.
    pub participant_id: Id,
    /// For what.
    pub purpose: Purpose,
    /// Which text was agreed to.
    pub text_version: Label,
    /// Who gave it.
    pub given_by: Giver,
    /// The giver's name, sealed.
    pub(super) giver_sealed: String,
    /// How.
    pub method: ConsentMethod,
    /// When.
    pub given_on: NaiveDate,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: Id,
    /// When it was withdrawn.
    pub withdrawn_on: Option<NaiveDate>,
    /// Grows with every change.
    pub version: i32,
}

impl Consent {
    /// The giver's name.
    pub fn giver_name(&self, tx: &Tx<'_>) -> Result<PersonName> {
        let plain = tx.keys().open("giver", &self.giver_sealed)?;
        let giver: SealedGiver = serde_json::from_slice(&plain).map_err(Error::storage)?;
        Ok(giver.name)
    }
}

pub(super) fn insert_many(tx: &mut Tx<'_>, rows: &[Consent]) -> Result<()> {
    crate::db::dialect::insert_many!(tx.connection, consents::table, rows);
    Ok(())
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<Consent> {
    Ok(consents::table.find(id).get_result(tx.connection)?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Consent> {
    Ok(ForUpdate(consents::table.find(id)).get_result(tx.connection)?)
}

pub(super) fn withdraw(tx: &mut Tx<'_>, consent: &Consent) -> Result<()> {
    diesel::update(consents::table.find(consent.id))
        .set((consents::withdrawn_on.eq(consent.withdrawn_on), consents::version.eq(consent.version)))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn of(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<Consent>> {
    Ok(consents::table.filter(consents::participant_id.eq(participant)).order(consents::id).load(tx.connection)?)
}

pub(super) fn given(tx: &mut Tx<'_>, participants: &[Id], purpose: Purpose) -> Result<HashSet<Id>> {
    let mut given = HashSet::new();
    for chunk in participants.chunks(CHUNK) {
        let rows: Vec<Id> = consents::table
            .filter(consents::participant_id.eq_any(chunk))
            .filter(consents::purpose.eq(purpose))
            .filter(consents::withdrawn_on.is_null())
            .select(consents::participant_id)
            .load(tx.connection)?;
        given.extend(rows);
    }
    Ok(given)
}
