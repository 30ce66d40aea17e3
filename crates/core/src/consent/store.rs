use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{ConsentMethod, Giver, Purpose, SealedGiver};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::dialect::{ForUpdate, native, one_of_ids};
use crate::db::schema::{consents, participants};
use crate::error::{Error, Result};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant::ERASED;
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
    /// When it ended: withdrawn, or replaced by another.
    pub withdrawn_on: Option<NaiveDate>,
    /// Grows with every change.
    pub version: i32,
    /// The person's own consent that took the place of a guardian's.
    pub replaced_by: Option<Id>,
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
    let query = consents::table
        .filter(one_of_ids(consents::participant_id, participants)?)
        .filter(consents::purpose.eq(purpose))
        .filter(consents::withdrawn_on.is_null())
        .select(consents::participant_id);
    let given: Vec<Id> = native!(tx.connection, c => query.load(c))?;
    Ok(given.into_iter().collect())
}

pub(super) fn live(tx: &mut Tx<'_>, participant: Id, purpose: Purpose) -> Result<Option<Consent>> {
    Ok(consents::table
        .filter(consents::participant_id.eq(participant))
        .filter(consents::purpose.eq(purpose))
        .filter(consents::withdrawn_on.is_null())
        .get_result(tx.connection)
        .optional()?)
}

/// The last day on which a consent for a purpose was withdrawn. One that another took the place of was not.
pub(super) fn last_withdrawal(tx: &mut Tx<'_>, participant: Id, purpose: Purpose) -> Result<Option<NaiveDate>> {
    let withdrawn = consents::table
        .filter(consents::participant_id.eq(participant))
        .filter(consents::purpose.eq(purpose))
        .filter(consents::replaced_by.is_null())
        .select(diesel::dsl::max(consents::withdrawn_on));
    Ok(withdrawn.get_result(tx.connection)?)
}

/// Ends a guardian's consent for the same purpose, if there is one, in favour of the person's own.
pub(super) fn replace_guardians(tx: &mut Tx<'_>, own: &Consent) -> Result<()> {
    let guardians = consents::table
        .filter(consents::participant_id.eq(own.participant_id))
        .filter(consents::purpose.eq(own.purpose))
        .filter(consents::withdrawn_on.is_null())
        .filter(consents::given_by.ne(Giver::Participant));
    diesel::update(guardians)
        .set((
            consents::withdrawn_on.eq(Some(own.given_on)),
            consents::replaced_by.eq(Some(own.id)),
            consents::version.eq(consents::version + 1),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// A guardian's consent, and the name and birth date of the person.
type OfAge = (Consent, PersonName, NaiveDate);

/// Guardians' consents that hold, of people of the scope who were born by that day.
pub(super) fn given_by_guardians(
    tx: &mut Tx<'_>,
    actor: &Actor,
    born_by: NaiveDate,
    page: PageRequest,
) -> Result<Page<OfAge>> {
    let mut query = consents::table
        .inner_join(participants::table)
        .filter(consents::id.gt(page.after()))
        .filter(consents::withdrawn_on.is_null())
        .filter(consents::given_by.ne(Giver::Participant))
        .filter(participants::birth_date.le(born_by))
        // Who was erased is asked nothing any more.
        .filter(participants::search_name.ne(ERASED))
        .select((consents::all_columns, participants::name, participants::birth_date))
        .into_boxed();
    if let Some(province) = actor.scope().province() {
        query = query.filter(participants::province_code.eq(province));
    }
    if let Scope::School(_, school) = actor.scope() {
        query = query.filter(participants::school_id.eq(school));
    }
    let rows = query.order(consents::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |(consent, ..): &OfAge| consent.id))
}

pub(super) fn given_by_guardian(tx: &mut Tx<'_>, people: &[Id], purpose: Purpose) -> Result<HashSet<Id>> {
    let query = consents::table
        .filter(one_of_ids(consents::participant_id, people)?)
        .filter(consents::purpose.eq(purpose))
        .filter(consents::withdrawn_on.is_null())
        .filter(consents::given_by.ne(Giver::Participant))
        .select(consents::participant_id);
    let found: Vec<Id> = native!(tx.connection, c => query.load(c))?;
    Ok(found.into_iter().collect())
}

pub(super) fn set_givers(tx: &mut Tx<'_>, participant: Id, sealed: &str) -> Result<()> {
    diesel::update(consents::table.filter(consents::participant_id.eq(participant)))
        .set(consents::giver_sealed.eq(sealed))
        .execute(tx.connection)?;
    Ok(())
}
