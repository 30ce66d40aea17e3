//! Participants: the people. Identity numbers are masked, contacts are sealed; a disclosure opens them and is recorded.

use actix_web::{HttpResponse, Responder, get, post, put, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::access::Actor;
use vokasi_core::db::Tx;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::participant::{
    self, Address, Contact, Disclosure, Guardian, NewParticipant, Participant, ParticipantFilter, Person, Relation,
};
use vokasi_core::time::{Instant, is_minor_on};
use vokasi_core::values::{Email, FamilyCard, Label, Nik, Nisn, PersonName, Phone, RegencyCode, Sex};

use super::page_of;
use crate::body::{Body, Query, is_id, names_no_number, one_of, read, read_some, read_some_id, reads, short};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged, private};

/// Where a person lives.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "street": "Jl. Merdeka 12", "rt": "003", "rw": "001", "hamlet": "Dusun II", "village": "Way Harapan",
    "district": "Sukadana", "postal_code": "34194"
}))]
pub(crate) struct AddressBody {
    /// Street and number.
    #[validate(custom(function = "reads::<Label>"))]
    street: Option<String>,
    /// Rukun tetangga.
    #[validate(custom(function = "short::<Label, 10>"))]
    rt: Option<String>,
    /// Rukun warga.
    #[validate(custom(function = "short::<Label, 10>"))]
    rw: Option<String>,
    /// Dusun.
    #[validate(custom(function = "reads::<Label>"))]
    hamlet: Option<String>,
    /// Desa or kelurahan.
    #[validate(custom(function = "reads::<Label>"))]
    village: Option<String>,
    /// Kecamatan.
    #[validate(custom(function = "reads::<Label>"))]
    district: Option<String>,
    /// Five digits.
    #[validate(length(min = 5, max = 5), custom(function = "reads::<Label>"))]
    postal_code: Option<String>,
}

impl AddressBody {
    fn address(&self) -> Result<Address> {
        Ok(Address {
            street: plain(self.street.as_ref())?,
            rt: plain(self.rt.as_ref())?,
            rw: plain(self.rw.as_ref())?,
            hamlet: plain(self.hamlet.as_ref())?,
            village: plain(self.village.as_ref())?,
            district: plain(self.district.as_ref())?,
            postal_code: plain(self.postal_code.as_ref())?,
        })
    }
}

impl From<Address> for AddressBody {
    fn from(address: Address) -> Self {
        Self {
            street: address.street,
            rt: address.rt,
            rw: address.rw,
            hamlet: address.hamlet,
            village: address.village,
            district: address.district,
            postal_code: address.postal_code,
        }
    }
}

/// Who answers for a minor.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"name": "Sri Wahyuni", "relation": "mother", "phone": "+6281234567890"}))]
pub(crate) struct GuardianBody {
    /// The name.
    #[validate(custom(function = "reads::<PersonName>"))]
    #[schema(required = true)]
    name: String,
    /// `father`, `mother` or `guardian`.
    #[validate(custom(function = "one_of::<Relation>"))]
    #[schema(required = true)]
    relation: String,
    /// How they are reached.
    #[validate(custom(function = "reads::<Phone>"))]
    phone: Option<String>,
}

impl GuardianBody {
    fn guardian(&self) -> Result<Guardian> {
        Ok(Guardian {
            name: read(&self.name)?,
            relation: read(&self.relation)?,
            phone: read_some(self.phone.as_ref())?,
        })
    }
}

impl From<Guardian> for GuardianBody {
    fn from(guardian: Guardian) -> Self {
        Self {
            name: guardian.name.as_str().to_owned(),
            relation: guardian.relation.as_str().to_owned(),
            phone: guardian.phone.map(|phone| phone.as_str().to_owned()),
        }
    }
}

/// Texts that are kept as they are typed, but for doubled spaces.
fn plain(text: Option<&String>) -> Result<Option<String>> {
    Ok(read_some::<Label>(text)?.map(|label| label.as_str().to_owned()))
}

/// Declares a body that holds a whole person beside fields of its own.
macro_rules! person_body {
    ($(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        #[derive(Debug, Default, Deserialize, Validate, ToSchema)]
        $(#[$meta])*
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct $name {
            $($own)*
            /// The name as on the birth certificate.
            #[validate(custom(function = "reads::<PersonName>"))]
            #[schema(required = true)]
            name: String,
            /// `female` or `male`.
            #[validate(custom(function = "one_of::<Sex>"))]
            #[schema(required = true)]
            sex: String,
            /// Where they were born.
            #[validate(custom(function = "reads::<Label>"))]
            #[schema(required = true)]
            birth_place: String,
            /// When.
            #[validate(custom(function = "reads::<NaiveDate>"))]
            #[schema(required = true, format = Date)]
            birth_date: String,
            /// The national identity number, 16 digits. This or the NISN is needed.
            #[validate(custom(function = "reads::<Nik>"))]
            nik: Option<String>,
            /// The national student number, 10 digits with their leading zeros.
            #[validate(custom(function = "reads::<Nisn>"))]
            nisn: Option<String>,
            /// The school's own number (NIPD).
            #[validate(custom(function = "short::<Label, 50>"))]
            student_number: Option<String>,
            /// The homeroom group at school (rombel).
            #[validate(custom(function = "short::<Label, 50>"))]
            homeroom: Option<String>,
            /// The year of graduation, for alumni.
            #[validate(range(min = 1950, max = 2100))]
            graduation_year: Option<i32>,
            /// The family card's number, 16 digits.
            #[validate(custom(function = "reads::<FamilyCard>"))]
            family_card: Option<String>,
            /// The participant's own mobile number.
            #[validate(custom(function = "reads::<Phone>"))]
            phone: Option<String>,
            /// The participant's own e-mail address.
            #[validate(custom(function = "reads::<Email>"))]
            email: Option<String>,
            /// Where they live.
            #[validate(nested)]
            address: Option<AddressBody>,
            /// Who answers for them.
            #[validate(nested)]
            guardian: Option<GuardianBody>,
            /// Warning codes that a person has looked at and confirmed.
            confirm: Vec<String>,
        }

        impl $name {
            fn person(&self) -> Result<Person> {
                Ok(Person {
                    name: read(&self.name)?,
                    sex: read(&self.sex)?,
                    birth_place: read::<Label>(&self.birth_place)?.as_str().to_owned(),
                    birth_date: read(&self.birth_date)?,
                    nik: read_some(self.nik.as_ref())?,
                    nisn: read_some(self.nisn.as_ref())?,
                    student_number: plain(self.student_number.as_ref())?,
                    homeroom: plain(self.homeroom.as_ref())?,
                    graduation_year: self.graduation_year,
                    contact: Contact {
                        family_card: read_some(self.family_card.as_ref())?,
                        phone: read_some(self.phone.as_ref())?,
                        email: read_some(self.email.as_ref())?,
                        address: self.address.as_ref().map(AddressBody::address).transpose()?.unwrap_or_default(),
                        guardian: self.guardian.as_ref().map(GuardianBody::guardian).transpose()?,
                    },
                })
            }
        }
    };
}

person_body! {
    /// A person to register.
    #[schema(example = json!({
        "school": "0CZ5V9K3M7Q2A", "name": "Siti Nur'aini", "sex": "female", "birth_place": "Sukadana",
        "birth_date": "2007-08-17", "nik": "1807055708070001", "nisn": "0079321234", "homeroom": "XII TKJ 1",
        "phone": "081234567891", "guardian": {"name": "Sri Wahyuni", "relation": "mother", "phone": "081234567890"}
    }))]
    RegistrationBody {
        /// The school they register through; a coordinator's own when nothing is said.
        #[validate(custom(function = "is_id"))]
        school: Option<String>,
        /// Kemendagri code of the regency they live in, for people without a school here.
        #[validate(custom(function = "reads::<RegencyCode>"))]
        regency: Option<String>,
    }
}

person_body! {
    /// The whole person, corrected: what is absent is removed. The school stays.
    #[schema(example = json!({
        "name": "Siti Nuraini", "sex": "female", "birth_place": "Sukadana", "birth_date": "2007-08-17",
        "nik": "1807055708070001", "nisn": "0079321234", "homeroom": "XII TKJ 1", "phone": "081234567891",
        "guardian": {"name": "Sri Wahyuni", "relation": "mother", "phone": "081234567890"}
    }))]
    CorrectionBody {}
}

impl RegistrationBody {
    fn command(self) -> Result<NewParticipant> {
        Ok(NewParticipant {
            school: read_some_id(self.school.as_ref())?,
            regency: read_some(self.regency.as_ref())?,
            person: self.person()?,
            confirm: self.confirm,
        })
    }
}

/// Why someone reads what is masked and sealed.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"reason": "Mencocokkan NIK dengan kartu keluarga yang dibawa orang tua"}))]
pub(crate) struct DisclosureBody {
    /// The reason; it stands in the audit.
    #[validate(custom(function = "reads::<Label>"), custom(function = "names_no_number"))]
    #[schema(required = true)]
    reason: String,
}

/// Whom to look for; in a body, because an address is written down in many places.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"nik": "1807055708070001"}))]
pub(crate) struct SearchBody {
    /// The national identity number, 16 digits.
    #[validate(custom(function = "reads::<Nik>"))]
    #[schema(required = true)]
    nik: String,
}

/// A participant, as those who work with them see them. For an observer the name is initials, and what would tell
/// who it is (`birth_place`, `birth_date`, `nik`, `nisn`, `student_number`) is absent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParticipantView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2D")]
    id: Id,
    #[schema(example = "Siti Nur'aini")]
    name: String,
    #[schema(value_type = String, example = "female")]
    sex: Sex,
    birth_place: Option<String>,
    birth_date: Option<NaiveDate>,
    /// Whether a parent or guardian answers for them today.
    minor: bool,
    /// Masked but for the last four digits.
    #[schema(example = "************0001")]
    nik: Option<String>,
    #[schema(value_type = Option<String>, example = "0079321234")]
    nisn: Option<Nisn>,
    /// The school they registered through.
    #[schema(value_type = Option<String>)]
    school: Option<Id>,
    /// Kemendagri code of the school's regency, or of where they live.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    regency_name: String,
    student_number: Option<String>,
    #[schema(example = "XII TKJ 1")]
    homeroom: Option<String>,
    graduation_year: Option<i32>,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
}

impl ParticipantView {
    pub(super) fn of(tx: &Tx<'_>, actor: &Actor, participant: Participant) -> Result<Self> {
        let known = participant::knows_people(actor);
        Ok(Self {
            id: participant.id,
            name: participant::shown_name(actor, &participant.name),
            sex: participant.sex,
            minor: is_minor_on(participant.birth_date, tx.today(&participant.province_code)),
            nik: if known { participant.masked_nik(tx)? } else { None },
            birth_place: known.then_some(participant.birth_place),
            birth_date: known.then_some(participant.birth_date),
            nisn: participant.nisn.filter(|_| known),
            school: participant.school_id,
            regency_name: participant.regency_code.full_name(),
            regency: participant.regency_code,
            student_number: participant.student_number.filter(|_| known),
            homeroom: participant.homeroom,
            graduation_year: participant.graduation_year,
            updated_at: participant.updated_at,
        })
    }
}

/// A page of participants.
#[derive(Serialize, ToSchema)]
pub(crate) struct ParticipantPage {
    items: Vec<ParticipantView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Who was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchView {
    /// Nobody, or nobody whom the caller may see.
    participant: Option<ParticipantView>,
}

/// Identity numbers and contacts in clear.
#[derive(Serialize, ToSchema)]
pub(crate) struct DisclosureView {
    #[schema(value_type = Option<String>, example = "1807055708070001")]
    nik: Option<Nik>,
    #[schema(value_type = Option<String>, example = "1807051504090007")]
    family_card: Option<FamilyCard>,
    #[schema(value_type = Option<String>, example = "+6281234567891")]
    phone: Option<Phone>,
    #[schema(value_type = Option<String>)]
    email: Option<Email>,
    address: AddressBody,
    guardian: Option<GuardianBody>,
}

impl From<Disclosure> for DisclosureView {
    fn from(disclosure: Disclosure) -> Self {
        let contact = disclosure.contact;
        Self {
            nik: disclosure.nik,
            family_card: contact.family_card,
            phone: contact.phone,
            email: contact.email,
            address: contact.address.into(),
            guardian: contact.guardian.map(GuardianBody::from),
        }
    }
}

/// Which participants.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ParticipantQuery {
    /// Only of this school.
    #[validate(custom(function = "is_id"))]
    school: Option<String>,
    /// Only names that begin with this.
    #[validate(custom(function = "reads::<Label>"))]
    name: Option<String>,
    /// Only the one with this number.
    #[validate(custom(function = "reads::<Nisn>"))]
    nisn: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl ParticipantQuery {
    fn filter(&self) -> Result<ParticipantFilter> {
        Ok(ParticipantFilter {
            school: read_some_id(self.school.as_ref())?,
            name: plain(self.name.as_ref())?,
            nisn: read_some(self.nisn.as_ref())?,
        })
    }
}

/// Participants in the caller's scope.
#[utoipa::path(tag = "participants", params(ParticipantQuery), responses((status = 200, body = ParticipantPage)))]
#[get("/participants")]
pub(crate) async fn list(call: Call, query: Query<ParticipantQuery>) -> Result<impl Responder, Problem> {
    let page = call
        .read(move |tx, actor| {
            let page = participant::list(tx, actor, &query.filter()?, page_of!(query)?)?;
            page.try_map(|one| ParticipantView::of(tx, actor, one))
        })
        .await?;
    Ok(Listed::from(page))
}

/// Registers a person; doubts about them are confirmed by their codes.
#[utoipa::path(tag = "participants", request_body = RegistrationBody,
    responses((status = 201, body = ParticipantView)))]
#[post("/participants")]
pub(crate) async fn create(call: Call, body: Body<RegistrationBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = participant::create(tx, actor, value.command()?)?;
        let (address, version) = (format!("/api/v1/participants/{}", made.id), made.version);
        Ok(Made::at(address, version, ParticipantView::of(tx, actor, made)?))
    })
    .await
}

/// One participant.
#[utoipa::path(tag = "participants", params(("id" = String, Path)), responses((status = 200, body = ParticipantView)))]
#[get("/participants/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    call.read(move |tx, actor| {
        let found = participant::get(tx, actor, *id)?;
        Ok(Tagged::new(found.version, ParticipantView::of(tx, actor, found)?))
    })
    .await
}

/// Finds the person in the caller's scope with this NIK. Who looked stands in the audit; for what number does not.
#[utoipa::path(tag = "participants", request_body = SearchBody, responses((status = 200, body = SearchView)))]
#[post("/participants/searches")]
pub(crate) async fn search(call: Call, body: Body<SearchBody>) -> Result<impl Responder, Problem> {
    let view = call
        .write(move |tx, actor| {
            let nik: Nik = read(&body.value.nik)?;
            let found = participant::search(tx, actor, &nik)?;
            let participant = found.map(|one| ParticipantView::of(tx, actor, one)).transpose()?;
            Ok(SearchView { participant })
        })
        .await?;
    Ok(private(&view))
}

/// Corrects a person's data as a whole: what is absent is removed. A disclosure shows what is on record.
#[utoipa::path(tag = "participants", params(("id" = String, Path)), request_body = CorrectionBody,
    responses((status = 200, body = ParticipantView)))]
#[put("/participants/{id}")]
pub(crate) async fn change(
    call: Call,
    id: web::Path<Id>,
    body: Body<CorrectionBody>,
) -> Result<impl Responder, Problem> {
    call.change(move |tx, actor, version| {
        let person = body.value.person()?;
        let changed = participant::change(tx, actor, *id, version, &person, &body.value.confirm)?;
        Ok(Tagged::new(changed.version, ParticipantView::of(tx, actor, changed)?))
    })
    .await
}

/// Reads identity numbers and contacts in clear; who read them and why stands in the audit.
#[utoipa::path(tag = "participants", params(("id" = String, Path)), request_body = DisclosureBody,
    responses((status = 200, body = DisclosureView)))]
#[post("/participants/{id}/disclosures")]
pub(crate) async fn disclose(
    call: Call,
    id: web::Path<Id>,
    body: Body<DisclosureBody>,
) -> Result<impl Responder, Problem> {
    let disclosure = call
        .write(move |tx, actor| {
            let reason: Label = read(&body.value.reason)?;
            participant::disclose(tx, actor, *id, &reason)
        })
        .await?;
    Ok(private(&DisclosureView::from(disclosure)))
}
