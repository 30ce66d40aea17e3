//! The demo province: Lampung in its first year, with invented people.
//!
//! It is made through the same operations a province uses, at the days they would have happened on.

mod main_job;
mod people;
mod places;
mod plan;
mod waves;

use chrono::NaiveDate;
use vokasi_core::access::Actor;
use vokasi_core::db::Db;
use vokasi_core::error::{Error, Result};
use vokasi_core::print::Fonts;
use vokasi_core::report::{self, Intake};
use vokasi_core::time::Instant;
use vokasi_core::values::ProvinceCode;

pub use main_job::MainJob;
pub use waves::Waves;

/// What the demo came to.
pub struct Demo {
    /// The job done on one school's workbook.
    pub job: MainJob,
    /// What goes on on the day it was made.
    pub present: Waves,
    /// The figures of the province.
    pub intake: Intake,
}

/// Tells how far the making has come.
pub trait Progress {
    /// What is being done now.
    fn step(&self, what: &str);
    /// So much more of the whole is done.
    fn advance(&self, units: u64);
}

/// Units of work in the whole making.
pub const UNITS: u64 = plan::PEOPLE + waves::PEOPLE + 1_100;

/// Makes the province in an empty register, as it stands on a day; its years are 2025 to 2027.
pub fn make(db: &Db, fonts: &Fonts, public_url: &str, today: NaiveDate, progress: &dyn Progress) -> Result<Demo> {
    let actor = Actor::operator();
    progress.step("lembaga, perjanjian, program");
    let places = places::make(db, &actor)?;
    progress.advance(200);
    progress.step("angkatan dan kelas");
    let intake_plan = plan::make(db, &actor, &places)?;
    progress.advance(200);
    progress.step("peserta dan pendaftaran");
    let mut invented = people::make(db, &actor, &places, &intake_plan, progress)?;
    progress.step("berkas Dapodik, kursi, presensi, kelulusan, sertifikat");
    let job = main_job::run(db, &actor, &places, &intake_plan, fonts, public_url, progress)?;
    progress.step("gelombang yang berjalan dan yang berikutnya");
    let present = waves::make(db, &actor, &places, &mut invented, waves::within_agreements(today), progress)?;
    Ok(Demo { job, intake: figures(db, morning(present.as_of))?, present })
}

/// The figures of the demo province.
pub(crate) fn figures(db: &Db, now: Instant) -> Result<Intake> {
    let province = province()?;
    db.snapshot(now, move |tx| report::intake(tx, &Actor::operator(), &province))
}

pub(crate) fn province() -> Result<ProvinceCode> {
    ProvinceCode::parse("18").map_err(Error::new)
}

/// A day of the demo.
fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// Ten in the morning in Lampung on a day.
fn morning(day: NaiveDate) -> Instant {
    let time = day.and_hms_opt(3, 0, 0).unwrap_or_default();
    Instant::new(time.and_utc())
}

fn instant(year: i32, month: u32, of_month: u32) -> Instant {
    morning(day(year, month, of_month))
}
