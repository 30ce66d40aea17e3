use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;

use super::NumberPattern;
use crate::certificate::document::BackPage;
use crate::db::Tx;
use crate::db::dialect::{ForUpdate, native};
use crate::db::schema::{certificate_logos, certificate_templates};
use crate::error::{Error, Result};
use crate::id::Id;
use crate::print::{Picture, Unreadable};
use crate::time::Instant;
use crate::values::{Label, PersonName};

/// What the certificates of an issuer look like.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = certificate_templates, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Template {
    /// The issuer.
    pub partner_id: Id,
    /// How certificates are numbered.
    pub number_pattern: NumberPattern,
    /// Above the issuer's name.
    pub heading: Option<Label>,
    /// Where it stands.
    pub address: Option<Label>,
    /// How it is reached.
    pub contact: Option<Label>,
    /// By whom it is licensed or accredited, in Indonesian.
    pub accreditation_id: Option<String>,
    /// The same in English.
    pub accreditation_en: Option<String>,
    /// Who signs beside the head of the institution.
    pub second_name: Option<PersonName>,
    /// Under which title.
    pub second_title: Option<Label>,
    /// With which civil servant's number.
    pub second_nip: Option<String>,
    /// What stands on the back.
    pub back_page: BackPage,
    /// The name of the logo.
    pub logo_sha256: Option<String>,
    /// Grows with every change; 0 for one that was never written.
    pub version: i32,
    /// When it last changed.
    pub updated_at: Instant,
    /// By whose account.
    pub updated_by: Id,
}

pub(super) fn one(tx: &mut Tx<'_>, partner: Id) -> Result<Option<Template>> {
    Ok(certificate_templates::table.find(partner).get_result(tx.connection).optional()?)
}

pub(super) fn locked(tx: &mut Tx<'_>, partner: Id) -> Result<Option<Template>> {
    Ok(ForUpdate(certificate_templates::table.find(partner)).get_result(tx.connection).optional()?)
}

/// The first one is written, and any other put in the place of the one before. Of two first ones the table takes one.
pub(super) fn save(tx: &mut Tx<'_>, template: &Template) -> Result<()> {
    if template.version == 1 {
        diesel::insert_into(certificate_templates::table).values(template).execute(tx.connection)?;
    } else {
        diesel::update(certificate_templates::table.find(template.partner_id)).set(template).execute(tx.connection)?;
    }
    Ok(())
}

/// Keeps a picture once, whoever brings it.
pub(super) fn keep_logo(tx: &mut Tx<'_>, logo: &Picture) -> Result<()> {
    let (width, height) = logo.size();
    let row = (
        certificate_logos::sha256.eq(logo.sha256()),
        certificate_logos::width.eq(i32::try_from(width).unwrap_or_default()),
        certificate_logos::height.eq(i32::try_from(height).unwrap_or_default()),
        certificate_logos::pixels.eq(STANDARD.encode(logo.packed().map_err(unreadable)?)),
    );
    native!(tx.connection, c => diesel::insert_into(certificate_logos::table)
        .values(row)
        .on_conflict(certificate_logos::sha256)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

pub(super) fn logo(tx: &mut Tx<'_>, sha256: &str) -> Result<Picture> {
    let (width, height, pixels): (i32, i32, String) = certificate_logos::table
        .find(sha256)
        .select((certificate_logos::width, certificate_logos::height, certificate_logos::pixels))
        .get_result(tx.connection)?;
    let size = (u32::try_from(width).unwrap_or_default(), u32::try_from(height).unwrap_or_default());
    Picture::unpack(size, &STANDARD.decode(pixels).map_err(Error::storage)?).map_err(unreadable)
}

fn unreadable(_: Unreadable) -> Error {
    Error::storage("a logo that cannot be read")
}
