//! What looking through somebody's scope costs, among a million people.

use std::hint::black_box;

use diesel::connection::SimpleConnection;
use vokasi_core::access::{self, Account, Actor, NewAccount, Origin, Role};
use vokasi_core::db::{DatabaseUrl, Db, Tx};
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::page::PageRequest;
use vokasi_core::participant::{self, ParticipantFilter};
use vokasi_core::partner::{self, NewPartner, PartnerKind};
use vokasi_core::values::{Email, Label, Nik, PersonName, RegencyCode};
use vokasi_fixtures::People;

use crate::pace::{Outcome, in_turns};
use crate::place::{Backend, Place, Workshop};
use crate::stage;
use crate::table::{Table, times};
use crate::{limits, name_of};

/// Students of the school that looks.
const OWN: usize = 1_000;
/// Everybody else.
const OTHERS: usize = 999_000;
const TURNS: usize = 15;
/// Reads of one turn.
const EACH: usize = 200;

pub(crate) fn measure(workshop: &Workshop, backend: Backend, table: &mut Table) -> Outcome {
    let place = workshop.empty(backend)?;
    let db = stage::open(&place, 2)?;
    let (coordinator, elsewhere) = db.write(stage::registering(), |tx| {
        let school = stage::ground(tx, &Actor::operator())?.school;
        Ok((coordinator(tx, school)?, another_school(tx)?))
    })?;
    let people = own_students(&db, &coordinator)?;
    fill(&place, elsewhere)?;
    let coordinator = Actor::of(&coordinator.holder(), None, Origin::default());
    let operator = Actor::operator();
    let callers = db.for_callers();
    let now = stage::afterwards();
    let within = |read: &dyn Fn(&mut Tx<'_>, Id) -> Result<()>| {
        people.iter().step_by(OWN / EACH).try_for_each(|(id, _)| {
            callers.read(now, |tx| {
                access::limit(tx, &coordinator)?;
                read(tx, *id)
            })
        })
    };
    let beyond = |read: &dyn Fn(&mut Tx<'_>, Id) -> Result<()>| {
        people.iter().step_by(OWN / EACH).try_for_each(|(id, _)| db.read(now, |tx| read(tx, *id)))
    };
    let page = |tx: &mut Tx<'_>, actor: &Actor, after| {
        let page =
            participant::list(tx, actor, &ParticipantFilter::default(), PageRequest { after: Some(after), size: 50 })?;
        black_box(page);
        Ok(())
    };
    let name = name_of(backend);
    let per = f64::from(u32::try_from(EACH)?);
    let list = in_turns(
        TURNS,
        || Ok(within(&|tx, id| page(tx, &coordinator, id))?),
        || Ok(beyond(&|tx, id| page(tx, &operator, id))?),
    )?;
    table.pair("page of 50 of a school among a million; limit: without a scope", name, per, &list, None);
    let profile = in_turns(
        TURNS,
        || Ok(within(&|tx, id| participant::get(tx, &coordinator, id).map(|one| drop(black_box(one))))?),
        || Ok(beyond(&|tx, id| participant::get(tx, &operator, id).map(|one| drop(black_box(one))))?),
    )?;
    table.pair("masked profile of a student; limit: without a scope", name, per, &profile, None);
    // Both find one person, open nothing for others and write the audit; many in one transaction, so that the disk does
    // not hide the difference.
    let reason = Label::parse("Mencocokkan dengan kartu keluarga").map_err(Error::new)?;
    let niks: Vec<(Id, Nik)> = people.iter().step_by(OWN / EACH).cloned().collect();
    let again = niks.clone();
    let search = in_turns(
        TURNS,
        || {
            let niks = niks.clone();
            Ok(db.write(now, move |tx| {
                let found =
                    |(_, nik): &(Id, Nik)| participant::search(tx, &Actor::operator(), nik).map(|one| one.is_some());
                let found = niks.iter().map(found).collect::<Result<Vec<bool>>>()?;
                if found.contains(&false) { Err(Error::storage("somebody was not found")) } else { Ok(()) }
            })?)
        },
        || {
            let (niks, reason) = (again.clone(), reason.clone());
            Ok(db.write(now, move |tx| {
                let open = |(id, _): &(Id, Nik)| participant::disclose(tx, &Actor::operator(), *id, &reason).map(drop);
                niks.iter().try_for_each(open)
            })?)
        },
    )?;
    table.pair("search by NIK among a million; limit: reading by id", name, per, &search, Some(times(1.1)));
    Ok(())
}

fn coordinator(tx: &mut Tx<'_>, school: Id) -> Result<Account> {
    let new = NewAccount {
        email: Email::parse("koordinator@example.org").map_err(Error::new)?,
        name: PersonName::parse("Wulan Sari").map_err(Error::new)?,
        role: Role::SchoolCoordinator,
        province: None,
        regency: None,
        partner: Some(school),
    };
    access::create(tx, &Actor::operator(), NewAccount { province: Some(stage::province()?), ..new })
}

fn another_school(tx: &mut Tx<'_>) -> Result<Id> {
    let new = NewPartner {
        kind: PartnerKind::parse("school_smk").map_err(Error::new)?,
        name: Label::parse("SMK Ukur").map_err(Error::new)?,
        regency: RegencyCode::parse("18.07").map_err(Error::new)?,
        npsn: None,
        vin: None,
        state_owned: true,
        head: None,
        valid_from: stage::day(2025, 1, 1),
    };
    Ok(partner::create(tx, &Actor::operator(), new)?.id)
}

/// Students with real numbers, and those.
fn own_students(db: &Db, coordinator: &Account) -> Outcome<Vec<(Id, Nik)>> {
    let school = coordinator.partner_id;
    let mut generator = People::new(5);
    let mut entries = Vec::with_capacity(OWN);
    for _ in 0..OWN {
        entries.push(stage::entry(&generator.alumni("18.07", 2024))?);
    }
    Ok(db.write(stage::registering(), move |tx| {
        let made = participant::create_many(tx, &Actor::operator(), school, None, &entries)?;
        let niks = entries.into_iter().filter_map(|entry| entry.nik);
        Ok(made.iter().map(|one| one.id).zip(niks).collect())
    })?)
}

/// Students of another school, half of them before the school's own and half behind, with hashes of nobody's number.
fn fill(place: &Place<'_>, school: Id) -> Outcome {
    let columns = "id, province_code, regency_code, school_id, name, search_name, sex, birth_place, birth_date, \
                   nik_hash, nik_sealed, contact_sealed, version, created_at, updated_at";
    let school = school.as_i64();
    let rest = "'v1.k1.00', 'v1.k1.00', 1, '2025-06-16 03:00:00', '2025-06-16 03:00:00'";
    let row = |id: &str, hash: &str| {
        format!(
            "{id}, '18', '18.07', {school}, 'Siswa Ukur', 'siswa ukur ' || i, 'female', 'Metro', '2007-08-17', {hash}, {rest}"
        )
    };
    let id = "CASE WHEN i % 2 = 0 THEN i ELSE 9000000000000000000 + i END";
    match &place.url {
        DatabaseUrl::Sqlite(file) => limits::sqlite::connect(file)?.execute_batch(&format!(
            "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {OTHERS}) \
             INSERT INTO participants ({columns}) SELECT {} FROM n; COMMIT; ANALYZE",
            row(id, "lower(hex(randomblob(32)))")
        ))?,
        DatabaseUrl::Postgres(url) => limits::postgres::connect(url)?.batch_execute(&format!(
            "INSERT INTO participants ({columns}) SELECT {} FROM generate_series(1, {OTHERS}) AS n(i); \
             ANALYZE participants",
            row(id, "encode(sha256(i::text::bytea), 'hex')")
                .replace("'2007-08-17'", "'2007-08-17'::date")
                .replace("'2025-06-16 03:00:00'", "'2025-06-16 03:00:00'::timestamp")
        ))?,
    }
    Ok(())
}
