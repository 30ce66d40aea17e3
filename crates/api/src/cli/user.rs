//! `vokasi user`: accounts from the machine itself.

use vokasi_core::access::{self, Actor, NewAccount, Role, second_factor};
use vokasi_core::error::{Error, Language};
use vokasi_core::id::Id;
use vokasi_core::partner;
use vokasi_core::values::{Email, Npsn, PersonName, ProvinceCode, RegencyCode};

use super::{open, say, serve::public_url};
use crate::config::{Settings, SetupError};
use crate::state::Clock;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What the person signs in with; an account that exists gets a new password link.
    email: String,
    /// The person's name.
    #[arg(long)]
    name: Option<String>,
    /// The role.
    #[arg(long, default_value = "education_office")]
    role: String,
    /// The province, for every role but the platform's.
    #[arg(long)]
    province: Option<String>,
    /// The regency of a regency officer.
    #[arg(long)]
    regency: Option<String>,
    /// NPSN of the partner of a coordinator, manager or instructor.
    #[arg(long)]
    npsn: Option<String>,
    /// Takes away the second factor of somebody who lost both telephone and recovery codes.
    #[arg(long)]
    reset_second_factor: bool,
}

pub(super) fn run(settings: &Settings, args: Args) -> Result<(), SetupError> {
    let db = open(settings)?;
    let wrong = |code: &'static vokasi_core::error::Code| SetupError(code.sentence(Language::English, &[]));
    let email = Email::parse(&args.email).map_err(wrong)?;
    let role = Role::parse(&args.role).map_err(wrong)?;
    let province = args.province.as_deref().map(ProvinceCode::parse).transpose().map_err(wrong)?;
    let regency = args.regency.as_deref().map(RegencyCode::parse).transpose().map_err(wrong)?;
    let npsn = args.npsn.as_deref().map(Npsn::parse).transpose().map_err(wrong)?;
    let name = args.name.as_deref().map(PersonName::parse).transpose().map_err(wrong)?;
    let link = db.write(Clock::System.now(), move |tx| {
        let operator = Actor::operator();
        let known = match access::by_email(tx, &operator, &email) {
            Ok(account) => Some(account.id),
            Err(error) if error.is(&vokasi_core::error::codes::NOT_FOUND) => None,
            Err(error) => return Err(error),
        };
        let account: Id = if let Some(account) = known {
            account
        } else {
            let partner = npsn.map(|npsn| partner::by_npsn(tx, &operator, &npsn)).transpose()?.map(|found| found.id);
            let name = name.map_or_else(|| PersonName::parse("Pengguna").map_err(Error::new), Ok)?;
            access::create(tx, &operator, NewAccount { email, name, role, province, regency, partner })?.id
        };
        if args.reset_second_factor {
            second_factor::reset(tx, &operator, account)?;
        }
        access::password_link(tx, &operator, account)
    })?;
    say(&format!("{}/password/{}", public_url(settings), link.token));
    Ok(())
}
