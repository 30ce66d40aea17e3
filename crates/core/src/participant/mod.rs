//! Participants: the people the register is about.
//!
//! The NIK is sealed and found again by a keyed hash; contacts, address and guardian are sealed as one document.

mod store;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

pub use store::Participant;
pub(crate) use store::{Known, all_of, known_by_identity, namesakes_of, visible_of};

use crate::access::{Actor, Operation, Role, Scope};
use crate::audit::{self, Changes, Note, Subject, Told};
use crate::db::Tx;
use crate::error::{Error, FieldProblem, Result, codes, confirmed};
use crate::hold;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::partner;
use crate::values::{
    Email, FamilyCard, Label, Nik, NikDoubt, Nisn, PersonName, Phone, ProvinceCode, RegencyCode, Sex, search_name,
    words,
};

words! {
    /// What a guardian is to a participant.
    pub enum Relation {
        /// Ayah.
        Father = "father",
        /// Ibu.
        Mother = "mother",
        /// Wali.
        Guardian = "guardian",
    }
}

/// Who answers for a minor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guardian {
    /// The name.
    pub name: PersonName,
    /// What they are to the participant.
    pub relation: Relation,
    /// How they are reached.
    pub phone: Option<Phone>,
}

/// Where a person lives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street and number.
    pub street: Option<String>,
    /// Rukun tetangga.
    pub rt: Option<String>,
    /// Rukun warga.
    pub rw: Option<String>,
    /// Dusun.
    pub hamlet: Option<String>,
    /// Desa or kelurahan.
    pub village: Option<String>,
    /// Kecamatan.
    pub district: Option<String>,
    /// Five digits.
    pub postal_code: Option<String>,
}

/// What is sealed as one document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The family card's number.
    pub family_card: Option<FamilyCard>,
    /// The participant's own number.
    pub phone: Option<Phone>,
    /// The participant's own address.
    pub email: Option<Email>,
    /// Where they live.
    pub address: Address,
    /// Who answers for them.
    pub guardian: Option<Guardian>,
}

/// Everything that is entered about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name as on the birth certificate.
    pub name: PersonName,
    /// The sex.
    pub sex: Sex,
    /// Where they were born.
    pub birth_place: String,
    /// When.
    pub birth_date: NaiveDate,
    /// The national identity number.
    pub nik: Option<Nik>,
    /// The national student number.
    pub nisn: Option<Nisn>,
    /// The school's own number (NIPD).
    pub student_number: Option<String>,
    /// The homeroom group at school (rombel).
    pub homeroom: Option<String>,
    /// The year of graduation, for alumni.
    pub graduation_year: Option<i32>,
    /// What is sealed.
    pub contact: Contact,
}

/// A person to register.
#[derive(Debug, Clone)]
pub struct NewParticipant {
    /// The school they register through.
    pub school: Option<Id>,
    /// Where they live, for people without a school here.
    pub regency: Option<RegencyCode>,
    /// The person.
    pub person: Person,
    /// Warning codes that a person has looked at and confirmed.
    pub confirm: Vec<String>,
}

/// Which participants are asked for.
#[derive(Debug, Clone, Default)]
pub struct ParticipantFilter {
    /// Only of this school.
    pub school: Option<Id>,
    /// Only names that begin with this.
    pub name: Option<String>,
    /// Only the one with this NISN.
    pub nisn: Option<Nisn>,
}

/// Identity numbers and contacts in clear, for those who may and say why.
#[derive(Debug, Clone)]
pub struct Disclosure {
    /// The national identity number.
    pub nik: Option<Nik>,
    /// Contacts, address, guardian.
    pub contact: Contact,
}

/// Registers a person.
///
/// # Errors
/// `participant.nik_taken`, `participant.nisn_taken`, `identity.missing`, `birth_date.range`, and
/// `input.confirmation_required` while a doubt is not confirmed.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewParticipant) -> Result<Participant> {
    actor.may(Operation::ParticipantWrite)?;
    let (province, regency, school) = home(tx, actor, new.school, new.regency)?;
    let today = tx.today(&province);
    check(&new.person, today)?;
    check_new(tx, &new.person)?;
    let mut doubts = doubtful(&new.person);
    let name = search_name(new.person.name.as_str());
    if !tx.beyond(|tx| store::namesakes(tx, &name, new.person.birth_date))?.is_empty() {
        doubts.push(FieldProblem::new("/name", &codes::PARTICIPANT_NAMESAKE));
    }
    let looked_at = names(&doubts);
    confirmed(doubts, &new.confirm)?;
    let participant = participant_of(tx, province, regency, school, &new.person)?;
    store::insert(tx, &participant)?;
    Note::of("participant.registered", Subject::participant(participant.id))
        .within(&participant.province_code)
        .about(participant.id)
        .with(serde_json::json!({ "school": participant.school_id, "confirmed": looked_at }))
        .record(tx, actor)?;
    Ok(participant)
}

/// Corrects a person's data as it was read at `version`; the school stays.
///
/// # Errors
/// As for [`create`], and `resource.stale`, `hold.in_force`.
pub fn change(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    person: &Person,
    confirm: &[String],
) -> Result<Participant> {
    actor.may(Operation::ParticipantWrite)?;
    store::visible_one(tx, actor, id)?;
    store::wait_for_niks(tx)?;
    let before = store::locked(tx, id)?;
    if before.version != version {
        return Err(Error::new(&codes::STALE));
    }
    let today = tx.today(&before.province_code);
    hold::refuse(tx, id, today)?;
    check(person, today)?;
    let doubts = doubtful(person);
    let looked_at = names(&doubts);
    confirmed(doubts, confirm)?;
    let after = changed(tx, &before, person)?;
    store::update(tx, &after)?;
    corrected(tx, &before, person)?.with(serde_json::json!({ "confirmed": looked_at })).record(tx, actor)?;
    Ok(after)
}

/// One person in the actor's scope.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Participant> {
    actor.may(Operation::ParticipantRead)?;
    store::visible_one(tx, actor, id)
}

/// People in the actor's scope.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &ParticipantFilter,
    page: PageRequest,
) -> Result<Page<Participant>> {
    actor.may(Operation::ParticipantRead)?;
    store::visible(tx, actor, filter, page)
}

/// The person in the actor's scope who has this NIK, if there is one. Who looked is recorded, and not for what number.
pub fn search(tx: &mut Tx<'_>, actor: &Actor, nik: &Nik) -> Result<Option<Participant>> {
    actor.may(Operation::ParticipantSearch)?;
    let found = store::visible_by_nik(tx, actor, nik)?;
    audit::record(
        tx,
        actor,
        "participant.searched",
        Subject::participant(found.as_ref().map(|one| one.id).unwrap_or_default()),
        found.as_ref().map(|one| &one.province_code).or(actor.scope().province()),
        &serde_json::json!({ "found": found.is_some() }),
    )?;
    Ok(found)
}

/// Who has seen a person's identity numbers and contacts in clear, and who has changed their data; oldest first.
pub fn history(tx: &mut Tx<'_>, actor: &Actor, id: Id, page: PageRequest) -> Result<Page<Told>> {
    actor.may(Operation::AuditOfPerson)?;
    store::visible_one(tx, actor, id)?;
    audit::about(tx, id, page)
}

/// Reads identity numbers and contacts in clear. Who read them and why is recorded.
pub fn disclose(tx: &mut Tx<'_>, actor: &Actor, id: Id, reason: &Label) -> Result<Disclosure> {
    actor.may(Operation::ParticipantReveal)?;
    actor.confirmed(tx.now())?;
    let participant = store::visible_one(tx, actor, id)?;
    let disclosure = in_clear(tx, &participant)?;
    Note::of("participant.disclosed", Subject::participant(id))
        .within(&participant.province_code)
        .about(id)
        .because(reason)
        .record(tx, actor)?;
    Ok(disclosure)
}

/// Identity numbers and contacts in clear, for an operation that records by itself who reads them and why.
pub(crate) fn in_clear(tx: &Tx<'_>, participant: &Participant) -> Result<Disclosure> {
    Ok(Disclosure { nik: participant.nik(tx)?, contact: participant.contact(tx)? })
}

/// Whether the actor works with people and not with figures: observers see no more than masked lists.
pub fn knows_people(actor: &Actor) -> bool {
    actor.role() != Some(Role::Observer)
}

/// How a name is shown: in full to those who work with the person, as initials to observers.
pub fn shown_name(actor: &Actor, name: &PersonName) -> String {
    if knows_people(actor) {
        return name.as_str().to_owned();
    }
    name.as_str().split(' ').filter_map(|part| part.chars().next()).flat_map(|initial| [initial, '.']).collect()
}

/// Where a person belongs: with the school, or with the regency they live in.
fn home(
    tx: &mut Tx<'_>,
    actor: &Actor,
    school: Option<Id>,
    regency: Option<RegencyCode>,
) -> Result<(ProvinceCode, RegencyCode, Option<Id>)> {
    let school = match actor.scope() {
        Scope::School(_, own) if school.is_some_and(|school| school != *own) => {
            return Err(Error::field("/school", &codes::REFERENCE_UNKNOWN));
        }
        Scope::School(_, own) => Some(*own),
        _ => school,
    };
    if let Some(id) = school {
        let school = partner::get(tx, actor, id).map_err(|error| error.at("/school"))?;
        if !school.kind.is_school() {
            return Err(Error::new(&codes::PARTNER_NOT_A_SCHOOL));
        }
        return Ok((school.province_code, school.regency_code, Some(id)));
    }
    let regency = regency.ok_or_else(|| Error::field("/regency", &codes::FIELD_REQUIRED))?;
    let province = regency.province();
    if !actor.scope().reaches(&province) {
        return Err(Error::field("/regency", &codes::REGION_UNKNOWN));
    }
    Ok((province, regency, None))
}

/// What is wrong with a person's data, every field at once.
pub(crate) fn check(person: &Person, today: NaiveDate) -> Result<()> {
    let mut wrong = Vec::new();
    let mut note = |pointer: &str, code| {
        wrong.push(FieldProblem { pointer: pointer.to_owned(), code, facts: Vec::new() });
    };
    if person.nik.is_none() && person.nisn.is_none() {
        note("/nik", &codes::IDENTITY_MISSING);
    }
    if !(0..=100).contains(&crate::time::age_on(person.birth_date, today)) {
        note("/birth_date", &codes::BIRTH_DATE_RANGE);
    }
    if let (Some(nik), Some(card)) = (&person.nik, &person.contact.family_card)
        && nik.as_str() == card.as_str()
    {
        note("/nik", &codes::NIK_EQUALS_FAMILY_CARD);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}

/// What a person should look at before the data is accepted.
pub(crate) fn doubts(person: &Person) -> Vec<NikDoubt> {
    person.nik.as_ref().map(|nik| nik.doubts(person.birth_date, person.sex)).unwrap_or_default()
}

/// The same, each at its field.
fn doubtful(person: &Person) -> Vec<FieldProblem> {
    doubts(person).into_iter().map(|doubt| FieldProblem::new("/nik", doubt.code())).collect()
}

fn names(doubts: &[FieldProblem]) -> Vec<&'static str> {
    doubts.iter().map(|doubt| doubt.code.name).collect()
}

/// Says that this person is here already before anything is asked about a namesake; the tables have the last word.
fn check_new(tx: &mut Tx<'_>, person: &Person) -> Result<()> {
    let known = tx.beyond(|tx| store::known_by_identity(tx, person.nik.as_slice(), person.nisn.as_slice()))?;
    if !known.by_nik.is_empty() {
        return Err(Error::new(&codes::PARTICIPANT_NIK_TAKEN));
    }
    if !known.by_nisn.is_empty() {
        return Err(Error::new(&codes::PARTICIPANT_NISN_TAKEN));
    }
    Ok(())
}

/// The row of a new person, sealed.
pub(crate) fn participant_of(
    tx: &mut Tx<'_>,
    province: ProvinceCode,
    regency: RegencyCode,
    school: Option<Id>,
    person: &Person,
) -> Result<Participant> {
    let blank = Participant {
        id: tx.new_id(),
        province_code: province,
        regency_code: regency,
        school_id: school,
        name: person.name.clone(),
        search_name: String::new(),
        sex: person.sex,
        birth_place: String::new(),
        birth_date: person.birth_date,
        nik_hash: None,
        nik_sealed: None,
        nisn: None,
        student_number: None,
        homeroom: None,
        graduation_year: None,
        contact_sealed: String::new(),
        version: 0,
        created_at: tx.now(),
        updated_at: tx.now(),
        import_id: None,
    };
    changed(tx, &blank, person)
}

/// The row of a person after a correction, sealed.
pub(crate) fn changed(tx: &mut Tx<'_>, before: &Participant, person: &Person) -> Result<Participant> {
    let (nik_hash, nik_sealed) = match &person.nik {
        Some(nik) => (
            Some(tx.keys().search_hash("nik", nik.as_str())),
            Some(tx.keys().seal("nik", nik.as_str().as_bytes(), tx.entropy())?),
        ),
        None => (None, None),
    };
    let contact = serde_json::to_vec(&person.contact).map_err(Error::storage)?;
    Ok(Participant {
        name: person.name.clone(),
        search_name: search_name(person.name.as_str()),
        sex: person.sex,
        birth_place: person.birth_place.clone(),
        birth_date: person.birth_date,
        nik_hash,
        nik_sealed,
        nisn: person.nisn.clone(),
        student_number: person.student_number.clone(),
        homeroom: person.homeroom.clone(),
        graduation_year: person.graduation_year,
        contact_sealed: tx.keys().seal("contact", &contact, tx.entropy())?,
        version: before.version + 1,
        updated_at: tx.now(),
        ..before.clone()
    })
}

/// Registers many people of one school, or of a regency without a school, at once: all of them or none.
///
/// Nobody is asked to confirm doubts here; it is for data that was checked before, such as another register's.
///
/// # Errors
/// `participant.nik_taken`, `participant.nisn_taken`, and what is wrong with the first person that is wrong.
pub fn create_many(
    tx: &mut Tx<'_>,
    actor: &Actor,
    school: Option<Id>,
    regency: Option<&RegencyCode>,
    people: &[Person],
) -> Result<Vec<Participant>> {
    actor.may(Operation::ParticipantWrite)?;
    let (province, regency, school) = home(tx, actor, school, regency.cloned())?;
    let today = tx.today(&province);
    let mut rows = Vec::with_capacity(people.len());
    for person in people {
        check(person, today)?;
        rows.push(participant_of(tx, province.clone(), regency.clone(), school, person)?);
    }
    store::insert_many(tx, &rows)?;
    audit::record(
        tx,
        actor,
        "participant.registered_many",
        Subject::partner(school.unwrap_or_default()),
        Some(&province),
        &serde_json::json!({ "people": rows.len() }),
    )?;
    Ok(rows)
}

/// Stands in line before people's rows are taken hold of, while the keys are being rotated.
pub(crate) fn wait_for_niks(tx: &mut Tx<'_>) -> Result<()> {
    store::wait_for_niks(tx)
}

/// What is recorded of a correction: of whatever tells who the person is, only that it changed.
pub(crate) fn corrected(tx: &Tx<'_>, before: &Participant, after: &Person) -> Result<Note> {
    let (id, province) = (before.id, &before.province_code);
    let before = before.person(tx)?;
    let changes = Changes::default()
        .masked("name", &before.name, &after.name)
        .shown("sex", &before.sex, &after.sex)
        .masked("birth_place", &before.birth_place, &after.birth_place)
        .masked("birth_date", &before.birth_date, &after.birth_date)
        .masked("nik", &before.nik, &after.nik)
        .masked("nisn", &before.nisn, &after.nisn)
        .masked("student_number", &before.student_number, &after.student_number)
        .shown("homeroom", &before.homeroom, &after.homeroom)
        .shown("graduation_year", &before.graduation_year, &after.graduation_year)
        .masked("family_card", &before.contact.family_card, &after.contact.family_card)
        .masked("phone", &before.contact.phone, &after.contact.phone)
        .masked("email", &before.contact.email, &after.contact.email)
        .masked("address", &before.contact.address, &after.contact.address)
        .masked("guardian", &before.contact.guardian, &after.contact.guardian);
    Ok(Note::of("participant.corrected", Subject::participant(id)).within(province).about(id).changing(changes))
}

/// Writes many new people at once, for imports.
pub(crate) fn insert_many(tx: &mut Tx<'_>, people: &[Participant]) -> Result<()> {
    store::insert_many(tx, people)
}

/// Holds many people until the transaction ends, in the order in which everyone takes hold of them.
pub(crate) fn lock_many(tx: &mut Tx<'_>, people: &[Id]) -> Result<()> {
    let mut people = people.to_vec();
    people.sort_unstable();
    store::lock_many(tx, &people)
}

/// Removes people whom an import registered by mistake; says how many.
pub(crate) fn remove_many(tx: &mut Tx<'_>, people: &[Id]) -> Result<usize> {
    store::remove_many(tx, people)
}

/// Writes a corrected row, for imports.
pub(crate) fn update(tx: &mut Tx<'_>, participant: &Participant) -> Result<()> {
    store::update(tx, participant)
}

/// One person whatever the scope, locked until the transaction ends; for features that have checked it already.
pub(crate) fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Participant> {
    store::locked(tx, id)
}

/// What stands where the search form of a name was: no name has it, since they lose their dots.
pub(crate) const ERASED: &str = ".";

/// What stands where a name was.
pub(crate) fn erased_name() -> Result<PersonName> {
    PersonName::parse("(dihapus)").map_err(Error::new)
}

/// Takes away everything that says who a person is; what figures count them by stays: province, regency, school, sex
/// and the year of birth. The NIK and the NISN are free again.
pub(crate) fn erase(tx: &mut Tx<'_>, before: &Participant) -> Result<Participant> {
    let contact = serde_json::to_vec(&Contact::default()).map_err(Error::storage)?;
    let erased = Participant {
        name: erased_name()?,
        search_name: ERASED.to_owned(),
        birth_place: String::new(),
        birth_date: before.birth_date.with_ordinal(1).unwrap_or(before.birth_date),
        // The table asks for a number of everyone; this is nobody's.
        nik_hash: Some(format!("erased {}", before.id)),
        nik_sealed: None,
        nisn: None,
        student_number: None,
        homeroom: None,
        graduation_year: None,
        contact_sealed: tx.keys().seal("contact", &contact, tx.entropy())?,
        version: before.version + 1,
        updated_at: tx.now(),
        ..before.clone()
    };
    store::update(tx, &erased)?;
    Ok(erased)
}

/// Whether nothing is left that says who the person was.
pub(crate) fn is_erased(participant: &Participant) -> bool {
    participant.search_name == ERASED
}
