//! What the certificates of an issuer look like: how they are numbered, what stands at their head, who signs beside the
//! head of the institution, and what stands on their back.
//!
//! What is printed on a certificate is frozen with it: a change is for those issued from then on
//! ([why so](../../../../../docs/decisions/0030-what-an-issuer-prints.md)).

mod pattern;
mod store;

pub use pattern::NumberPattern;
pub(super) use pattern::Numbered;
pub use store::Template;

use super::Printing;
use super::document::{BackPage, Layout, Signatory};
use crate::access::{Actor, Operation, Scope};
use crate::audit::{Note, Subject};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::partner::{self, Head, Partner};
use crate::print::{PICTURE_BYTES, PICTURE_EDGE, Picture};
use crate::values::{Bilingual, Label};

/// A template as somebody writes it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// How certificates are numbered.
    pub number_pattern: NumberPattern,
    /// Above the issuer's name, such as the government or the foundation it belongs to.
    pub heading: Option<Label>,
    /// Where it stands.
    pub address: Option<Label>,
    /// How it is reached.
    pub contact: Option<Label>,
    /// By whom it is licensed or accredited.
    pub accreditation: Option<Bilingual>,
    /// Who signs beside the head of the institution.
    pub second_signatory: Option<Head>,
    /// What stands on the back.
    pub back_page: BackPage,
}

/// The template of a partner. One that has not chosen anything has the usual one, of version 0.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, partner: Id) -> Result<Template> {
    let partner = owned(tx, actor, partner)?;
    Ok(kept(tx, partner.id)?.unwrap_or_else(|| Template::usual(tx, actor, partner.id)))
}

/// Puts a template in the place of the one that was read. Its logo stays. One with which nothing could be printed is refused
/// here, and not on the day of issue.
///
/// # Errors
/// `resource.stale`, and what [`super::Specimen::check`] gives.
pub fn put(
    tx: &mut Tx<'_>,
    actor: &Actor,
    partner: Id,
    version: i32,
    draft: Draft,
    printing: &Printing,
) -> Result<Template> {
    let (partner, before) = current(tx, actor, partner, version)?;
    super::preview(tx, actor, partner.id, draft.clone(), &printing.public_url)?.check(&printing.fonts)?;
    let logo = before.logo_sha256;
    let after = Template { logo_sha256: logo, ..Template::of(tx, actor, partner.id, draft) };
    let detail = serde_json::json!({ "number_pattern": after.number_pattern.as_str() });
    save(tx, actor, &partner, after, version, ("certificate_template.changed", detail))
}

/// Keeps a logo, a PNG, in the place of what was kept: its pixels, brought down to the size of print, and nothing else of
/// the file.
///
/// # Errors
/// `resource.stale`, `certificate.logo_format`.
pub fn put_logo(tx: &mut Tx<'_>, actor: &Actor, partner: Id, version: i32, logo: &Picture) -> Result<Template> {
    let (partner, before) = current(tx, actor, partner, version)?;
    store::keep_logo(tx, logo)?;
    let after = Template { logo_sha256: Some(logo.sha256().to_owned()), ..before };
    let detail = serde_json::json!({ "sha256": logo.sha256() });
    save(tx, actor, &partner, after, version, ("certificate_template.logo_changed", detail))
}

/// Prints no logo from now on.
///
/// # Errors
/// `resource.stale`, `resource.not_found` when there is none.
pub fn remove_logo(tx: &mut Tx<'_>, actor: &Actor, partner: Id, version: i32) -> Result<Template> {
    let (partner, before) = current(tx, actor, partner, version)?;
    if before.logo_sha256.is_none() {
        return Err(Error::new(&codes::NOT_FOUND));
    }
    let detail = serde_json::json!({ "sha256": before.logo_sha256 });
    let after = Template { logo_sha256: None, ..before };
    save(tx, actor, &partner, after, version, ("certificate_template.logo_removed", detail))
}

/// Reads a logo from the bytes of a file.
///
/// # Errors
/// `certificate.logo_format`.
pub fn read_logo(file: &[u8]) -> Result<Picture> {
    Picture::read(file)
        .map_err(|_| Error::new(&codes::CERTIFICATE_LOGO).fact("limit", PICTURE_BYTES).fact("edge", PICTURE_EDGE))
}

/// What a partner has chosen, if it has.
pub(super) fn kept(tx: &mut Tx<'_>, partner: Id) -> Result<Option<Template>> {
    store::one(tx, partner)
}

/// The logo of this name, which a template or a certificate speaks of.
pub(super) fn logo(tx: &mut Tx<'_>, sha256: Option<&str>) -> Result<Option<Picture>> {
    let Some(sha256) = sha256 else { return Ok(None) };
    let logo = store::logo(tx, sha256)?;
    if logo.sha256() == sha256 { Ok(Some(logo)) } else { Err(Error::storage("a logo that has changed")) }
}

/// A template that is the actor's business: for the manager of a partner, the own one.
pub(super) fn owned(tx: &mut Tx<'_>, actor: &Actor, partner: Id) -> Result<Partner> {
    actor.may(Operation::CertificateTemplate)?;
    match actor.scope() {
        Scope::Partner(_, own) if *own != partner => Err(Error::new(&codes::NOT_FOUND)),
        _ => partner::get(tx, actor, partner),
    }
}

/// The template as it was read.
fn current(tx: &mut Tx<'_>, actor: &Actor, partner: Id, version: i32) -> Result<(Partner, Template)> {
    let partner = owned(tx, actor, partner)?;
    let template = store::locked(tx, partner.id)?.unwrap_or_else(|| Template::usual(tx, actor, partner.id));
    if template.version == version { Ok((partner, template)) } else { Err(Error::new(&codes::STALE)) }
}

fn save(
    tx: &mut Tx<'_>,
    actor: &Actor,
    partner: &Partner,
    mut template: Template,
    version: i32,
    (action, detail): (&'static str, serde_json::Value),
) -> Result<Template> {
    template.version = version + 1;
    template.updated_at = tx.now();
    template.updated_by = actor.account_or_operator();
    store::save(tx, &template)?;
    Note::of(action, Subject::partner(partner.id)).within(&partner.province_code).with(detail).record(tx, actor)?;
    Ok(template)
}

impl Template {
    fn usual(tx: &Tx<'_>, actor: &Actor, partner: Id) -> Self {
        let draft = Draft {
            number_pattern: NumberPattern::usual(),
            heading: None,
            address: None,
            contact: None,
            accreditation: None,
            second_signatory: None,
            back_page: BackPage::ModulesAndScores,
        };
        Self::of(tx, actor, partner, draft)
    }

    /// A draft as it would be kept, without a logo.
    pub(super) fn of(tx: &Tx<'_>, actor: &Actor, partner: Id, draft: Draft) -> Self {
        let (accreditation_id, accreditation_en) = draft.accreditation.map(|text| (text.id, text.en)).unzip();
        let (second_name, second_title, second_nip) = match draft.second_signatory {
            Some(Head { name, title, nip }) => (Some(name), Some(title), nip),
            None => (None, None, None),
        };
        Self {
            partner_id: partner,
            number_pattern: draft.number_pattern,
            heading: draft.heading,
            address: draft.address,
            contact: draft.contact,
            accreditation_id,
            accreditation_en,
            second_name,
            second_title,
            second_nip,
            back_page: draft.back_page,
            logo_sha256: None,
            version: 0,
            updated_at: tx.now(),
            updated_by: actor.account_or_operator(),
        }
    }

    /// By whom the issuer is licensed or accredited.
    pub fn accreditation(&self) -> Option<Bilingual> {
        let (id, en) = self.accreditation_id.clone().zip(self.accreditation_en.clone())?;
        Some(Bilingual { id, en })
    }

    /// Who signs beside the head of the institution.
    pub fn second_signatory(&self) -> Option<Head> {
        let (name, title) = self.second_name.clone().zip(self.second_title.clone())?;
        Some(Head { name, title, nip: self.second_nip.clone() })
    }

    /// What of it is printed.
    pub(super) fn layout(&self) -> Layout {
        let text = |label: &Option<Label>| label.as_ref().map(|label| label.as_str().to_owned());
        Layout {
            heading: text(&self.heading),
            address: text(&self.address),
            contact: text(&self.contact),
            accreditation: self.accreditation(),
            logo_sha256: self.logo_sha256.clone(),
            second_signatory: self.second_signatory().map(|Head { name, title, nip }| {
                let (name, title) = (name.as_str().to_owned(), title.as_str().to_owned());
                Signatory { name, title, nip }
            }),
            names_alike: true,
            back_page: self.back_page,
        }
    }
}
