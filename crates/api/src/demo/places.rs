//! Partners of every kind, the program catalogue, agreements, instructors.

use std::collections::BTreeMap;

use vokasi_core::access::{self, Actor, NewAccount, Role};
use vokasi_core::agreement::{self, AgreementKind, Coverage, Terms};
use vokasi_core::db::{Db, Tx};
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::page::PageRequest;
use vokasi_core::partner::{self, Head, NewPartner, PartnerKind};
use vokasi_core::program;
use vokasi_core::values::{Email, Label, Npsn, PersonName, ProvinceCode, RegencyCode};
use vokasi_fixtures::workbook::demo_school;
use vokasi_fixtures::{LAMPUNG, People, School, schools};

use super::{day, instant};

/// Schools of the province, the one that brings its workbook among them.
const SCHOOLS: usize = 350;

/// A partner of the demo with its agreement.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) id: Id,
    pub(super) agreement: Id,
    pub(super) regency: RegencyCode,
    /// Its instructors; those of schools are hired with their classes.
    pub(super) teachers: Vec<Id>,
}

/// Everything that stands before the first registration.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) programs: Catalogue,
    pub(super) schools: Vec<Place>,
    /// The school that brings its workbook.
    pub(super) demo_school: Place,
    /// Training partners by kind.
    pub(super) trainers: Vec<(PartnerKind, Place)>,
    pub(super) instructor: Id,
}

impl Places {
    /// The training partners of a kind.
    pub(super) fn of_kind(&self, kind: PartnerKind) -> Vec<Place> {
        self.trainers.iter().filter(|(of, _)| *of == kind).map(|(_, place)| place.clone()).collect()
    }
}

/// Instructors of each training partner.
pub(super) const TEACHERS: usize = 4;

/// The programs that a kind of partner teaches, as its agreement says.
fn taught_at(kind: PartnerKind) -> &'static [&'static str] {
    match kind {
        PartnerKind::Lpk => &["JPN-N5", "JPN-N4"],
        PartnerKind::UniversityUnit => &["MAND", "JPN-N5", "ENGL"],
        PartnerKind::Blk => &["CANT", "HOSP"],
        PartnerKind::Lkp => &["ENGL"],
        PartnerKind::Polytechnic => &["HOSP", "ENGL"],
        PartnerKind::AgriculturalCenter => &["PLANT"],
        _ => &["JPN-N5", "HOSP", "PLANT"],
    }
}

const TRAINERS: [(PartnerKind, &str, &str, &str, &str); 9] = [
    (PartnerKind::Blk, "UPTD BLK Way Harapan", "18.71", "Sutrisno Halim", "Kepala UPTD BLK"),
    (PartnerKind::Blk, "BLK Komunitas Tunas Muda", "18.02", "Wartini Saleh", "Ketua BLK Komunitas"),
    (PartnerKind::Lpk, "LPK Sakura Nusa Bakti", "18.07", "Hendra Wiguna", "Direktur"),
    (PartnerKind::Lpk, "LPK Mitra Samudra", "18.01", "Ratna Puspita", "Direktur"),
    (PartnerKind::Lkp, "LKP Cakrawala Bahasa", "18.72", "Dewi Anjani", "Pimpinan"),
    (
        PartnerKind::UniversityUnit,
        "UPA Bahasa Universitas Way Sekampung",
        "18.71",
        "Yusuf Prabowo",
        "Kepala UPA Bahasa",
    ),
    (PartnerKind::AgriculturalCenter, "Balai Pelatihan Pertanian Way Agung", "18.05", "Suryadi Noto", "Kepala Balai"),
    (PartnerKind::Polytechnic, "Politeknik Tanjung Cendana", "18.71", "Lilis Maryani", "Direktur"),
    (
        PartnerKind::GovernmentOffice,
        "Balai Pelayanan Pekerja Migran Way Sekampung",
        "18.71",
        "Anwar Fadli",
        "Kepala Balai",
    ),
];

pub(super) fn make(db: &Db, actor: &Actor) -> Result<Places> {
    let actor = actor.clone();
    db.write(instant(2025, 7, 1), move |tx| {
        crate::catalogue::publish(tx, &actor)?;
        let programs = catalogue(tx, &actor)?;
        let province = super::province()?;
        let mut all = schools(18, &LAMPUNG, SCHOOLS - 1);
        all.push(demo_school());
        let mut places = Vec::with_capacity(all.len());
        for (index, school) in all.iter().enumerate() {
            places.push(make_school(tx, &actor, school, index, &programs)?);
        }
        let demo_school = places.pop().ok_or_else(|| Error::storage("no demo school"))?;
        let mut trainers = Vec::new();
        for (index, trainer) in TRAINERS.iter().enumerate() {
            let mut place = make_trainer(tx, &actor, trainer, index, &programs)?;
            for number in 1..=TEACHERS {
                place.teachers.push(hire(tx, &actor, &place, index * TEACHERS + number)?);
            }
            trainers.push((trainer.0, place));
        }
        let instructor = staff(tx, &actor, &province, demo_school.id)?;
        Ok(Places { programs, schools: places, demo_school, trainers, instructor })
    })
}

/// Programs by their codes.
type Catalogue = BTreeMap<String, Id>;

fn catalogue(tx: &mut Tx<'_>, actor: &Actor) -> Result<Catalogue> {
    let published = program::list(tx, actor, PageRequest::default())?;
    Ok(published.rows.into_iter().map(|program| (program.code.as_str().to_owned(), program.id)).collect())
}

fn make_school(tx: &mut Tx<'_>, actor: &Actor, school: &School, index: usize, programs: &Catalogue) -> Result<Place> {
    let new = NewPartner {
        kind: PartnerKind::parse(school.kind).map_err(Error::new)?,
        name: label(&school.name)?,
        regency: RegencyCode::parse(&school.regency_code).map_err(Error::new)?,
        npsn: Some(Npsn::parse(&school.npsn).map_err(Error::new)?),
        vin: None,
        state_owned: true,
        head: Some(Head {
            name: PersonName::parse(&school.head_name).map_err(Error::new)?,
            title: label("Kepala Sekolah")?,
            nip: Some(school.head_nip.clone()),
        }),
        valid_from: day(2025, 1, 1),
    };
    place(tx, actor, new, AgreementKind::Assignment, &format!("800/{:03}/V.01/DP.2/2025", index + 1), programs)
}

fn make_trainer(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (kind, name, regency, head, title): &(PartnerKind, &str, &str, &str, &str),
    index: usize,
    programs: &Catalogue,
) -> Result<Place> {
    let new = NewPartner {
        kind: *kind,
        name: label(name)?,
        regency: RegencyCode::parse(regency).map_err(Error::new)?,
        npsn: None,
        vin: Some(label(&format!("1871{:06}", 100 + index))?),
        state_owned: !matches!(kind, PartnerKind::Lpk | PartnerKind::Lkp),
        head: Some(Head { name: PersonName::parse(head).map_err(Error::new)?, title: label(title)?, nip: None }),
        valid_from: day(2025, 1, 1),
    };
    place(tx, actor, new, AgreementKind::Pks, &format!("119/{:02}/PKS/2025", index + 1), programs)
}

fn place(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: NewPartner,
    kind: AgreementKind,
    number: &str,
    programs: &Catalogue,
) -> Result<Place> {
    let taught = taught_at(new.kind).iter().filter_map(|code| programs.get(*code).copied()).collect();
    let made = partner::create(tx, actor, new)?;
    let agreement = agreement::create(
        tx,
        actor,
        Terms {
            partner: made.id,
            kind,
            number: label(number)?,
            title: label("Penyelenggaraan kelas migran vokasi")?,
            signed_on: day(2025, 6, 30),
            starts_on: day(2025, 7, 1),
            ends_on: day(2027, 6, 30),
            seats: None,
            seats_per_year: None,
            parent: None,
            coverage: Coverage { programs: taught, regencies: Vec::new() },
            parties: Vec::new(),
        },
        false,
    )?;
    Ok(Place { id: made.id, agreement: agreement.agreement.id, regency: made.regency_code, teachers: Vec::new() })
}

/// An account for somebody who teaches at a partner; the number tells them from each other.
pub(super) fn hire(tx: &mut Tx<'_>, actor: &Actor, place: &Place, number: usize) -> Result<Id> {
    let invented = People::new(number as u64).alumni(place.regency.as_str(), 2010);
    let account = NewAccount {
        email: Email::parse(&format!("pengajar-{number}@contoh.example")).map_err(Error::new)?,
        name: PersonName::parse(&invented.name).map_err(Error::new)?,
        role: Role::Instructor,
        province: Some(place.regency.province()),
        regency: None,
        partner: Some(place.id),
    };
    Ok(access::create(tx, actor, account)?.id)
}

/// One account of each role, without passwords; returns the instructor.
fn staff(tx: &mut Tx<'_>, actor: &Actor, province: &ProvinceCode, school: Id) -> Result<Id> {
    let mut instructor = Id::default();
    for (role, email, name) in [
        (Role::PlatformAdmin, "admin", "Pengelola Sistem"),
        (Role::EducationOffice, "dinas", "Petugas Dinas Pendidikan"),
        (Role::RegencyOfficer, "lampung-timur", "Petugas Lampung Timur"),
        (Role::SchoolCoordinator, "koordinator", "Koordinator Way Harapan"),
        (Role::PartnerManager, "mitra", "Pengelola Kelas Way Harapan"),
        (Role::Instructor, "pengajar", "Pengajar Way Harapan"),
        (Role::Observer, "pengamat", "Pengamat Balai"),
    ] {
        let partner =
            matches!(role, Role::SchoolCoordinator | Role::PartnerManager | Role::Instructor).then_some(school);
        let regency = RegencyCode::parse("18.07").ok().filter(|_| role == Role::RegencyOfficer);
        let made = access::create(
            tx,
            actor,
            NewAccount {
                email: Email::parse(&format!("{email}@contoh.example")).map_err(Error::new)?,
                name: PersonName::parse(name).map_err(Error::new)?,
                role,
                province: Some(province.clone()).filter(|_| role != Role::PlatformAdmin),
                regency,
                partner,
            },
        )?;
        if role == Role::Instructor {
            instructor = made.id;
        }
    }
    Ok(instructor)
}

pub(super) fn label(text: &str) -> Result<Label> {
    Label::parse(text).map_err(Error::new)
}
