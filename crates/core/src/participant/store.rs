use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Date, Text};

use super::{Contact, ERASED, ParticipantFilter, Person};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::{Dialect, ForUpdate, Pairs, StoredDay, alone, hold, native, one_of, one_of_ids, starts_with};
use crate::db::schema::{classes, enrollments, participants};
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Nik, Nisn, PersonName, ProvinceCode, RegencyCode, Sex, search_name};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = participants, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Participant {
    /// Key.
    pub id: Id,
    /// The province that registered them.
    pub province_code: ProvinceCode,
    /// The regency of their school, or where they live.
    pub regency_code: RegencyCode,
    /// The school they register through.
    pub school_id: Option<Id>,
    /// The name as on the birth certificate.
    pub name: PersonName,
    /// The form it is searched by.
    pub search_name: String,
    /// The sex.
    pub sex: Sex,
    /// Where they were born.
    pub birth_place: String,
    /// When.
    #[diesel(deserialize_as = StoredDay)]
    pub birth_date: NaiveDate,
    /// Keyed hash of the NIK.
    pub(crate) nik_hash: Option<String>,
    /// The NIK, sealed.
    pub(crate) nik_sealed: Option<String>,
    /// The national student number.
    pub nisn: Option<Nisn>,
    /// The school's own number.
    pub student_number: Option<String>,
    /// The homeroom group.
    pub homeroom: Option<String>,
    /// The year of graduation.
    pub graduation_year: Option<i32>,
    /// Contacts, address and guardian, sealed.
    pub(crate) contact_sealed: String,
    /// Grows with every change.
    pub version: i32,
    /// When they were registered.
    pub created_at: Instant,
    /// When the row last changed.
    pub updated_at: Instant,
    /// The file that brought them, if one did.
    pub import_id: Option<Id>,
}

impl Participant {
    /// The NIK in clear.
    pub(super) fn nik(&self, tx: &Tx<'_>) -> Result<Option<Nik>> {
        let Some(sealed) = &self.nik_sealed else { return Ok(None) };
        let plain = String::from_utf8(tx.keys().open("nik", sealed)?).map_err(Error::storage)?;
        Nik::parse(&plain).map(Some).map_err(Error::new)
    }

    /// The NIK as it is shown to those who only need to tell people apart.
    pub fn masked_nik(&self, tx: &Tx<'_>) -> Result<Option<String>> {
        Ok(self.nik(tx)?.map(|nik| nik.masked()))
    }

    /// Contacts, address and guardian in clear.
    pub(crate) fn contact(&self, tx: &Tx<'_>) -> Result<Contact> {
        let plain = tx.keys().open("contact", &self.contact_sealed)?;
        serde_json::from_slice(&plain).map_err(Error::storage)
    }

    /// Everything that was entered, in clear, for comparing with a file.
    pub(crate) fn person(&self, tx: &Tx<'_>) -> Result<Person> {
        Ok(Person {
            name: self.name.clone(),
            sex: self.sex,
            birth_place: self.birth_place.clone(),
            birth_date: self.birth_date,
            nik: self.nik(tx)?,
            nisn: self.nisn.clone(),
            student_number: self.student_number.clone(),
            homeroom: self.homeroom.clone(),
            graduation_year: self.graduation_year,
            contact: self.contact(tx)?,
        })
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, participant: &Participant) -> Result<()> {
    one_person_per_nik(tx, std::slice::from_ref(participant))?;
    diesel::insert_into(participants::table).values(participant).execute(tx.connection)?;
    Ok(())
}

pub(super) fn insert_many(tx: &mut Tx<'_>, people: &[Participant]) -> Result<()> {
    one_person_per_nik(tx, people)?;
    crate::db::dialect::insert_many!(tx.connection, participants::table, people);
    Ok(())
}

/// Writes a row over the version it was made from.
///
/// # Errors
/// `resource.stale`.
pub(super) fn update(tx: &mut Tx<'_>, participant: &Participant) -> Result<()> {
    one_person_per_nik(tx, std::slice::from_ref(participant))?;
    let written = diesel::update(
        participants::table.find(participant.id).filter(participants::version.eq(participant.version - 1)),
    )
    .set(participant)
    .execute(tx.connection)?;
    if written == 1 { Ok(()) } else { Err(Error::new(&codes::STALE)) }
}

/// Stands in line with everyone who writes a NIK while hashes under several keys are about: the unique index does not
/// know then that two of them are of one number. Whoever takes hold of people's rows stands in line before.
pub(super) fn wait_for_niks(tx: &mut Tx<'_>) -> Result<()> {
    if tx.keys().are_several() {
        alone(tx.connection, "participants' nik")?;
    }
    Ok(())
}

/// While a rotation is under way: refuses a NIK that somebody else has under another key.
///
/// # Errors
/// `participant.nik_taken`.
fn one_person_per_nik(tx: &mut Tx<'_>, people: &[Participant]) -> Result<()> {
    if !tx.keys().are_several() {
        return Ok(());
    }
    wait_for_niks(tx)?;
    let mut owners = HashMap::new();
    for one in people {
        if let Some(nik) = one.nik(tx)? {
            owners.extend(tx.keys().search_hashes("nik", nik.as_str()).into_iter().map(|hash| (hash, one.id)));
        }
    }
    let taken = participants::table
        .filter(one_of(participants::nik_hash, owners.keys())?)
        .select((participants::nik_hash, participants::id));
    let found: Vec<(Option<String>, Id)> = tx.beyond(|tx| Ok(native!(tx.connection, c => taken.load(c))?))?;
    if found.iter().any(|(hash, id)| hash.as_ref().and_then(|hash| owners.get(hash)) != Some(id)) {
        return Err(Error::new(&codes::PARTICIPANT_NIK_TAKEN));
    }
    Ok(())
}

/// Holds these people until the transaction ends.
pub(super) fn lock_many(tx: &mut Tx<'_>, people: &[Id]) -> Result<()> {
    let held = participants::table.filter(one_of_ids(participants::id, people)?).order(participants::id);
    hold!(tx.connection, held.select(participants::id));
    Ok(())
}

/// Removes people of whom nothing else is kept; says how many.
pub(super) fn remove_many(tx: &mut Tx<'_>, people: &[Id]) -> Result<usize> {
    Ok(diesel::delete(participants::table.filter(one_of_ids(participants::id, people)?)).execute(tx.connection)?)
}

pub(super) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Participant> {
    Ok(ForUpdate(participants::table.find(id)).get_result(tx.connection)?)
}

/// People of the scope: a school's own, and those who sit in a partner's or an instructor's classes.
fn seen_by(actor: &Actor) -> participants::BoxedQuery<'_, MultiBackend> {
    let query = participants::table.into_boxed();
    match actor.scope() {
        Scope::Everything => query,
        Scope::Province(province) => query.filter(participants::province_code.eq(province)),
        Scope::Regency(province, regency) => {
            query.filter(participants::province_code.eq(province)).filter(participants::regency_code.eq(regency))
        }
        Scope::School(_, school) => query.filter(participants::school_id.eq(school)),
        Scope::Partner(_, partner) => query.filter(
            participants::id.eq_any(
                enrollments::table
                    .inner_join(classes::table)
                    .filter(classes::partner_id.eq(partner))
                    .select(enrollments::participant_id),
            ),
        ),
        Scope::Instructor(_, account) => query.filter(
            participants::id.eq_any(
                enrollments::table
                    .inner_join(classes::table)
                    .filter(classes::instructor_id.eq(account))
                    .select(enrollments::participant_id),
            ),
        ),
    }
}

pub(super) fn visible_one(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Participant> {
    Ok(seen_by(actor).filter(participants::id.eq(id)).get_result(tx.connection)?)
}

/// The person of the scope with this NIK, whichever key it was hashed with.
pub(super) fn visible_by_nik(tx: &mut Tx<'_>, actor: &Actor, nik: &Nik) -> Result<Option<Participant>> {
    let hashes = tx.keys().search_hashes("nik", nik.as_str());
    let seen = seen_by(actor);
    let found = match hashes.as_slice() {
        // As it nearly always is: a statement that a connection keeps prepared, which a list of values is not.
        [hash] => seen.filter(participants::nik_hash.eq(hash)),
        several => seen.filter(participants::nik_hash.eq_any(several)),
    };
    Ok(found.get_result(tx.connection).optional()?)
}

pub(super) fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &ParticipantFilter,
    page: PageRequest,
) -> Result<Page<Participant>> {
    // Who was erased is no longer one of the people of the list.
    let mut query =
        seen_by(actor).filter(participants::id.gt(page.after())).filter(participants::search_name.ne(ERASED));
    if let Some(school) = filter.school {
        query = query.filter(participants::school_id.eq(school));
    }
    if let Some(nisn) = &filter.nisn {
        query = query.filter(participants::nisn.eq(nisn));
    }
    if let Some(name) = &filter.name {
        query = query.filter(participants::search_name.like(starts_with(&search_name(name))).escape('\\'));
    }
    let rows = query.order(participants::id).limit(page.fetch()).load(tx.connection)?;
    Ok(page.page(rows, |participant: &Participant| participant.id))
}

pub(super) fn namesakes(tx: &mut Tx<'_>, search_name: &str, birth_date: NaiveDate) -> Result<Vec<Id>> {
    Ok(participants::table
        .filter(participants::search_name.eq(search_name))
        .filter(participants::birth_date.eq(birth_date))
        .select(participants::id)
        .limit(10)
        .load(tx.connection)?)
}

/// People already in the register, by the two numbers that tell a person apart.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// By NIK.
    pub(crate) by_nik: HashMap<Nik, Participant>,
    /// By NISN.
    pub(crate) by_nisn: HashMap<String, Participant>,
}

/// Finds everyone of a file in two queries, whatever the scope: a duplicate is a duplicate anywhere.
pub(crate) fn known_by_identity(tx: &mut Tx<'_>, niks: &[Nik], nisns: &[Nisn]) -> Result<Known> {
    let of_hash: HashMap<String, &Nik> = niks
        .iter()
        .flat_map(|nik| tx.keys().search_hashes("nik", nik.as_str()).into_iter().map(move |hash| (hash, nik)))
        .collect();
    let by_nik = participants::table.filter(one_of(participants::nik_hash, of_hash.keys())?);
    let by_nik: Vec<Participant> = native!(tx.connection, c => by_nik.load(c))?;
    let by_nisn = participants::table.filter(one_of(participants::nisn, nisns.iter().map(Nisn::as_str))?);
    let by_nisn: Vec<Participant> = native!(tx.connection, c => by_nisn.load(c))?;
    let by_nik = by_nik.into_iter().filter_map(|one| Some(((*of_hash.get(one.nik_hash.as_ref()?)?).clone(), one)));
    let by_nisn = by_nisn.into_iter().filter_map(|one| Some((one.nisn.clone()?.as_str().to_owned(), one)));
    Ok(Known { by_nik: by_nik.collect(), by_nisn: by_nisn.collect() })
}

/// These people, wherever they are.
pub(crate) fn all_of(tx: &mut Tx<'_>, people: &[Id]) -> Result<Vec<Participant>> {
    let query = participants::table.filter(one_of_ids(participants::id, people)?);
    Ok(native!(tx.connection, c => query.load(c))?)
}

/// Those of these people whom the actor sees.
pub(crate) fn visible_of(tx: &mut Tx<'_>, actor: &Actor, people: &[Id]) -> Result<HashMap<Id, Participant>> {
    let seen: Vec<Participant> = seen_by(actor).filter(one_of_ids(participants::id, people)?).load(tx.connection)?;
    Ok(seen.into_iter().map(|one| (one.id, one)).collect())
}

/// People asked for by name and birth date.
#[derive(QueryId)]
struct Namesakes(Pairs);

impl Query for Namesakes {
    type SqlType = (Text, Date, BigInt);
}

impl<C> RunQueryDsl<C> for Namesakes {}

impl<DB: Dialect> QueryFragment<DB> for Namesakes
where
    Pairs: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // CROSS JOIN, because SQLite then looks up each of those asked for and nobody else.
        pass.push_sql("SELECT search_name, birth_date, participants.id FROM ");
        self.0.walk_ast(pass.reborrow())?;
        pass.push_sql(" AS asked CROSS JOIN participants WHERE search_name = asked.key AND birth_date = ");
        pass.push_sql(if pass.backend().is_postgres() { "CAST(asked.value AS date)" } else { "asked.value" });
        Ok(())
    }
}

/// Everybody who has the name and the birth date of one of these.
pub(crate) fn namesakes_of<'n>(
    tx: &mut Tx<'_>,
    asked: impl IntoIterator<Item = (&'n str, NaiveDate)>,
) -> Result<Vec<(String, NaiveDate, Id)>> {
    let query = Namesakes(Pairs::of(asked));
    Ok(native!(tx.connection, c => query.load(c))?)
}
