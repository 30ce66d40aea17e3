//! Certificates: frozen, numbered, checkable by anyone.
//!
//! Everything printed is a snapshot that is hashed when it is issued and never drawn from live data again.

pub mod archive;
pub mod credential;
pub mod document;
mod font;
mod rules;
mod status;
mod store;
pub mod template;

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

pub use document::{BackPage, Snapshot};
pub use store::Certificate;
pub use template::{Draft, NumberPattern, Template};

use crate::access::{Actor, Operation};
use crate::agreement::{self, AgreementKind};
use crate::attendance;
use crate::audit::{self, Note, Subject};
use crate::class::{self, Class};
use crate::cohort::{self, Cohort};
use crate::completion::{self, Completion, Outcome};
use crate::db::Tx;
use crate::enrollment::{self, Enrolled};
use crate::error::{Code, Error, Result, codes};
use crate::hold;
use crate::id::Id;
use crate::keys::sha256_hex;
use crate::page::{Page, PageRequest};
use crate::participant;
use crate::partner::{self, DatedName};
use crate::print::{Fonts, Lack, Picture, PrintError};
use crate::program::{Curriculum, Program};
use crate::session::{self, SessionState};
use crate::values::{Bilingual, Label, words};

use document::{Beside, Signatory, specimen};
use template::Numbered;

words! {
    /// What a certificate is worth today.
    pub enum CertificateState {
        /// It holds.
        Valid = "valid",
        /// It was taken back, with a reason.
        Revoked = "revoked",
        /// Another one stands in its place, with a reason.
        Replaced = "replaced",
    }
}

impl CertificateState {
    /// What may come of it: a certificate that ended stays so.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Valid => &[Self::Revoked, Self::Replaced],
            Self::Revoked | Self::Replaced => &[],
        }
    }
}

/// What issuing needs beside the register.
pub struct Printing {
    /// The fonts the document is set in.
    pub fonts: Fonts,
    /// Where people check certificates, without a slash at the end.
    pub public_url: String,
}

/// What became of one person.
#[derive(Debug, Clone)]
pub enum Issued {
    /// The certificate was issued now.
    New(Box<Certificate>),
    /// It was issued before.
    Before(Box<Certificate>),
    /// It cannot be issued, and why.
    Refused(&'static Code, Vec<crate::error::Fact>),
}

/// Which certificates are asked for.
#[derive(Debug, Clone, Default)]
pub struct CertificateFilter {
    /// Only of this class.
    pub class: Option<Id>,
    /// Only of this enrollment.
    pub enrollment: Option<Id>,
}

/// A certificate as anyone sees it who holds its paper.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The one behind the code.
    pub certificate: Certificate,
    /// Whether it has a credential.
    pub has_credential: bool,
    /// The one that stands in its place, if it was replaced.
    pub replaced_by: Option<Certificate>,
}

/// Issues certificates for everyone of a class who completed: one result per person, in the order of the numbers.
/// Doing it again issues only what is missing; who had a certificate revoked gets no other by this way, unless the decision
/// was opened again and made anew since.
///
/// # Errors
/// `certificate.signatory_missing`.
pub fn issue(tx: &mut Tx<'_>, actor: &Actor, class: Id, printing: &Printing) -> Result<Vec<(Enrolled, Issued)>> {
    actor.may(Operation::CertificateWrite)?;
    let class = class::writable(tx, actor, class)?;
    let press = Press::set_up(tx, actor, &class, printing)?;
    let decided = completion::of_class(tx, class.id)?;
    let lost = completion::that_lost_an_exam(tx, &decided)?;
    let mut held = store::of_class(tx, class.id)?;
    let members = enrollment::members(tx, class.id)?;
    let people: Vec<Id> = members.iter().map(|member| member.enrollment.participant_id).collect();
    let on_hold = hold::in_force(tx, &people, press.today)?;
    let mut sequence = press.last_number(tx)?;
    let first = sequence;
    let mut new = Vec::new();
    let mut notes = Vec::new();
    let mut results = Vec::new();
    for member in members {
        let id = member.enrollment.id;
        let Some(completion) = decided.iter().find(|one| one.enrollment_id == id) else { continue };
        if completion.outcome != Outcome::Completed {
            continue;
        }
        let standing = held.remove(&id).filter(|before| {
            // One that holds stands on this decision: none is opened again before it is revoked.
            before.state() == CertificateState::Valid || before.issued_at >= completion.decided_at
        });
        if let Some(before) = standing {
            let result = match before.state() {
                CertificateState::Valid => Issued::Before(Box::new(before)),
                CertificateState::Revoked => Issued::Refused(&codes::CERTIFICATE_REVOKED, Vec::new()),
                CertificateState::Replaced => Issued::Refused(&codes::CERTIFICATE_REPLACED, Vec::new()),
            };
            results.push((member, result));
            continue;
        }
        if lost.contains(&completion.id) {
            results.push((member, Issued::Refused(&codes::COMPLETION_EXAM_LOST, Vec::new())));
            continue;
        }
        if on_hold.contains(&member.enrollment.participant_id) {
            results.push((member, Issued::Refused(&codes::HOLD_IN_FORCE, Vec::new())));
            continue;
        }
        let mut snapshot = press.snapshot(tx, &member, completion, sequence + 1);
        if let Err(error) = press.choose_font(&mut snapshot, &printing.fonts) {
            let refusal = refusal(&error);
            results.push((member, Issued::Refused(refusal.code, refusal.facts)));
            continue;
        }
        sequence += 1;
        let certificate = certificate_of(tx, actor, &class, completion, sequence, &snapshot)?;
        notes.push(
            Note::of("certificate.issued", Subject::certificate(certificate.id))
                .within(&class.province_code)
                .about(member.enrollment.participant_id)
                .with(serde_json::json!({ "class": class.id, "number": certificate.number })),
        );
        results.push((member, Issued::New(Box::new(certificate.clone()))));
        new.push((certificate, snapshot));
    }
    if !new.is_empty() {
        press.publish(tx, actor, &new, first, &printing.fonts)?;
        audit::record_all(tx, actor, notes)?;
    }
    Ok(results)
}

/// Puts a corrected certificate in the place of one that holds: printed from the register as it is today, under a number
/// of its own. The earlier one's code answers for ever, with the reason and the way to the new one.
///
/// # Errors
/// `certificate.revoked`, `certificate.replaced`, `completion.exam_lost`, `hold.in_force`, `certificate.signatory_missing`,
/// `certificate.glyph_missing`, `certificate.layout`.
pub fn replace(tx: &mut Tx<'_>, actor: &Actor, id: Id, reason: Label, printing: &Printing) -> Result<Certificate> {
    actor.may(Operation::CertificateWrite)?;
    let seen = store::visible_one(tx, actor, id)?;
    let class = class::writable(tx, actor, seen.class_id)?;
    let mut before = store::locked(tx, id)?;
    before.must_hold()?;
    let press = Press::set_up(tx, actor, &class, printing)?;
    let member = enrollment::visible_row(tx, actor, before.enrollment_id)?;
    hold::refuse(tx, member.enrollment.participant_id, press.today)?;
    let decided = completion::of_enrollments(tx, &[before.enrollment_id])?;
    let completion = decided.first().ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    if !completion::that_lost_an_exam(tx, &decided)?.is_empty() {
        return Err(Error::new(&codes::COMPLETION_EXAM_LOST));
    }
    let last = press.last_number(tx)?;
    let mut snapshot = press.snapshot(tx, &member, completion, last + 1);
    press.choose_font(&mut snapshot, &printing.fonts).map_err(|error| refusal(&error))?;
    let after = certificate_of(tx, actor, &class, completion, last + 1, &snapshot)?;
    before.end(press.today, reason);
    before.replaced_by = Some(after.id);
    // Of two that stand for the same completion the table takes the second only when the first has ended.
    store::end(tx, &before)?;
    press.publish(tx, actor, &[(after.clone(), snapshot)], last, &printing.fonts)?;
    credential::revoke(tx, actor, &before, &printing.public_url)?;
    note(tx, "certificate.replaced", &before)?
        .because(before.revocation_reason.as_ref())
        .with(serde_json::json!({ "number": before.number, "by": after.number }))
        .record(tx, actor)?;
    Ok(after)
}

/// What every certificate of a class shares.
struct Press<'a> {
    class: &'a Class,
    cohort: Cohort,
    program: Program,
    curriculum: Curriculum,
    issuer: DatedName,
    signatory: Signatory,
    /// What stands for the issuer in its numbers.
    institution: String,
    agreement: (Label, AgreementKind),
    /// The days on which sessions of the class were held.
    held: Vec<NaiveDate>,
    /// And those of whoever was in a class before.
    earlier: HashMap<Id, Vec<NaiveDate>>,
    regency: String,
    template: Option<Template>,
    logo: Option<Picture>,
    today: NaiveDate,
    public_url: &'a str,
}

impl<'a> Press<'a> {
    fn set_up(tx: &mut Tx<'_>, actor: &Actor, class: &'a Class, printing: &'a Printing) -> Result<Self> {
        let today = tx.today(&class.province_code);
        let cohort = cohort::one(tx, class.cohort_id)?;
        let (program, curriculum) = cohort::curriculum(tx, &cohort)?;
        let partner = partner::get(tx, actor, class.partner_id)?;
        let issuer = partner::name_on(tx, partner.id, today)?;
        let signatory = rules::head(&issuer).ok_or_else(|| Error::new(&codes::CERTIFICATE_SIGNATORY))?;
        let sessions = session::of_class(tx, class.id)?.into_iter();
        let held = sessions.filter(|one| one.state == SessionState::Held).map(|one| one.held_on).collect();
        let template = template::kept(tx, partner.id)?;
        let logo = template::logo(tx, template.as_ref().and_then(|template| template.logo_sha256.as_deref()))?;
        Ok(Self {
            class,
            cohort,
            program,
            curriculum,
            issuer,
            signatory,
            institution: rules::institution(&partner),
            agreement: agreement::printed(tx, class.agreement_id)?,
            held,
            earlier: attendance::earlier_days(tx, class.id)?,
            regency: partner.regency_code.full_name(),
            template,
            logo,
            today,
            public_url: &printing.public_url,
        })
    }

    /// The last number of this year, held until the transaction ends.
    fn last_number(&self, tx: &mut Tx<'_>) -> Result<i32> {
        store::last_number(tx, self.class.partner_id, self.today.year())
    }

    /// Names the font beside the embedded ones, if a letter needs it.
    ///
    /// # Errors
    /// A text that cannot be printed.
    fn choose_font(&self, snapshot: &mut Snapshot, fonts: &Fonts) -> Result<(), PrintError> {
        if document::needs_fallback(snapshot, self.logo.as_ref(), fonts)? {
            snapshot.font_sha256 = fonts.fallback().map(|(sha256, _)| sha256.to_owned());
        }
        Ok(())
    }

    /// Writes down what was issued after that number, and signs it.
    fn publish(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        issued: &[(Certificate, Snapshot)],
        after: i32,
        fonts: &Fonts,
    ) -> Result<()> {
        if issued.iter().any(|(_, snapshot)| snapshot.font_sha256.is_some()) {
            font::keep(tx, fonts)?;
        }
        let certificates: Vec<Certificate> = issued.iter().map(|(certificate, _)| certificate.clone()).collect();
        let last = certificates.last().map_or(after, |certificate| certificate.sequence);
        store::set_last_number(tx, self.class.partner_id, self.today.year(), after, last)?;
        store::insert_many(tx, &certificates)?;
        credential::sign(tx, actor, self.class.partner_id, self.public_url, issued)
    }

    fn snapshot(&self, tx: &Tx<'_>, member: &Enrolled, completion: &Completion, sequence: i32) -> Snapshot {
        let code = rules::verification_code(tx.entropy());
        let (program, issuer) = (self.program.code.as_str(), self.institution.as_str());
        let pattern = self.template.as_ref().map_or_else(NumberPattern::usual, |one| one.number_pattern.clone());
        let evidence = &completion.evidence;
        let here = self.held.iter().filter(|day| attendance::was_member(&member.enrollment, **day));
        let there = self.earlier.get(&member.enrollment.id).into_iter().flatten().chain(here);
        let (starts_on, ends_on) =
            rules::period(there.copied(), (self.class.starts_on, self.class.ends_on), self.today);
        Snapshot {
            number: pattern.number(Numbered { sequence, program, issuer, day: self.today }),
            holder_name: member.name.as_str().to_owned(),
            birth_place: member.birth_place.clone(),
            birth_date: member.birth_date,
            program_code: program.to_owned(),
            program_name: Bilingual::new(&self.program.name_id, &self.program.name_en),
            cohort_name: self.cohort.name.as_str().to_owned(),
            class_name: self.class.name.as_str().to_owned(),
            starts_on,
            ends_on,
            lesson_hours: u32::try_from(self.curriculum.lesson_hours()).unwrap_or_default(),
            minutes_per_lesson_hour: self.curriculum.minutes_per_lesson_hour,
            modules: self.curriculum.modules.iter().map(rules::printed_module).collect(),
            scores: evidence
                .scores
                .iter()
                .map(|one| document::PrintedScore { name: one.name.clone(), score: one.score.points() })
                .collect(),
            final_score: evidence.final_score.map(crate::values::Score::points),
            predicate: evidence.predicate.clone(),
            attendance_percent: evidence.attendance.percent().unwrap_or_default(),
            issuer: rules::printed_issuer(
                &self.issuer,
                self.regency.clone(),
                (self.agreement.0.as_str(), self.agreement.1),
            ),
            issued_on: self.today,
            issued_at_place: rules::place(&self.regency),
            signatory: self.signatory.clone(),
            verification_url: format!("{}/verify/{code}", self.public_url),
            verification_code: code,
            layout: self.template.as_ref().map(Template::layout),
            font_sha256: None,
        }
    }
}

fn certificate_of(
    tx: &Tx<'_>,
    actor: &Actor,
    class: &Class,
    completion: &Completion,
    sequence: i32,
    snapshot: &Snapshot,
) -> Result<Certificate> {
    let frozen = serde_json::to_string(snapshot).map_err(Error::storage)?;
    Ok(Certificate {
        id: tx.new_id(),
        completion_id: completion.id,
        enrollment_id: completion.enrollment_id,
        class_id: class.id,
        province_code: class.province_code.clone(),
        issuer_id: class.partner_id,
        year: snapshot.issued_on.year(),
        sequence,
        number: snapshot.number.clone(),
        code: snapshot.verification_code.clone(),
        snapshot_sha256: sha256_hex(frozen.as_bytes()),
        snapshot: frozen,
        issued_on: snapshot.issued_on,
        // Servers have clocks of their own; what rests on a decision is not before it.
        issued_at: tx.now().max(completion.decided_at),
        issued_by: actor.account_or_operator(),
        revoked_on: None,
        revocation_reason: None,
        version: 1,
        replaced_by: None,
    })
}

impl Certificate {
    /// What is printed, as it was frozen.
    pub fn snapshot(&self) -> Result<Snapshot> {
        serde_json::from_str(&self.snapshot).map_err(Error::storage)
    }

    /// What it is worth today.
    pub fn state(&self) -> CertificateState {
        match (self.revoked_on, self.replaced_by) {
            (None, _) => CertificateState::Valid,
            (Some(_), None) => CertificateState::Revoked,
            (Some(_), Some(_)) => CertificateState::Replaced,
        }
    }

    /// # Errors
    /// `certificate.revoked`, `certificate.replaced`.
    fn must_hold(&self) -> Result<()> {
        match self.state() {
            CertificateState::Valid => Ok(()),
            CertificateState::Revoked => Err(Error::new(&codes::CERTIFICATE_REVOKED)),
            CertificateState::Replaced => Err(Error::new(&codes::CERTIFICATE_REPLACED)),
        }
    }

    fn end(&mut self, on: NaiveDate, reason: Label) {
        self.revoked_on = Some(on);
        self.revocation_reason = Some(reason);
        self.version += 1;
    }
}

/// What a document is made of: all of it was frozen when the certificate was issued.
#[derive(Debug, Clone)]
pub struct Printable {
    /// The certificate.
    pub certificate: Certificate,
    /// Its credential, if it has one.
    pub credential: Option<String>,
    /// The logo it names, if it names one and is to be printed.
    pub logo: Option<Picture>,
    /// The fonts it is printed in: with the one it names, whatever is set today.
    pub fonts: Fonts,
}

impl Printable {
    fn of(tx: &mut Tx<'_>, certificate: Certificate, fonts: &Fonts) -> Result<Self> {
        let credential = credential::kept(tx, certificate.id)?;
        let snapshot = certificate.snapshot()?;
        let logo = template::logo(tx, snapshot.logo_sha256())?;
        let fonts = font::of(tx, snapshot.font_sha256.as_deref(), fonts)?;
        Ok(Self { certificate, credential, logo, fonts })
    }

    /// The document of a certificate: the same bytes for ever.
    ///
    /// # Errors
    /// `certificate.glyph_missing`, `certificate.layout`.
    pub fn pdf(&self) -> Result<Vec<u8>> {
        let snapshot = self.certificate.snapshot()?;
        let beside = Beside { credential: self.credential.as_deref(), logo: self.logo.as_ref() };
        document::render(&snapshot, beside, &self.fonts).map_err(|error| refusal(&error))
    }

    /// Tells whether it can be printed, without printing it.
    fn check(&self) -> Result<()> {
        // What was printable when it was issued is so for ever, but for letters of a font that is not the one of then.
        if self.certificate.snapshot.is_ascii() {
            return Ok(());
        }
        let snapshot = self.certificate.snapshot()?;
        document::printable(&snapshot, self.logo.as_ref(), &self.fonts).map_err(|error| refusal(&error))
    }
}

/// A certificate of nobody, as the certificates of a partner would look.
#[derive(Debug, Clone)]
pub struct Specimen {
    snapshot: Snapshot,
    logo: Option<Picture>,
}

impl Specimen {
    /// The document, marked as a sample on every page.
    ///
    /// # Errors
    /// `certificate.glyph_missing`, `certificate.layout`.
    pub fn pdf(&self, fonts: &Fonts) -> Result<Vec<u8>> {
        let beside = Beside { credential: None, logo: self.logo.as_ref() };
        specimen::render(&self.snapshot, beside, fonts).map_err(|error| refusal(&error))
    }

    /// Tells whether it can be printed, without printing it.
    ///
    /// # Errors
    /// `certificate.glyph_missing`, `certificate.script_unprintable`, `certificate.character_invisible`,
    /// `certificate.layout`.
    pub fn check(&self, fonts: &Fonts) -> Result<()> {
        document::printable(&self.snapshot, self.logo.as_ref(), fonts).map_err(|error| refusal(&error))
    }
}

/// What certificates would look like with this template, and with the logo that is kept. Nothing is kept of it, it takes
/// no number, and the page behind its QR code knows no such certificate.
pub fn preview(tx: &mut Tx<'_>, actor: &Actor, partner: Id, draft: Draft, public_url: &str) -> Result<Specimen> {
    let partner = template::owned(tx, actor, partner)?;
    let day = tx.today(&partner.province_code);
    let name = partner::name_on(tx, partner.id, day)?;
    let logo_sha256 = template::kept(tx, partner.id)?.and_then(|kept| kept.logo_sha256);
    let logo = template::logo(tx, logo_sha256.as_deref())?;
    let pattern = draft.number_pattern.clone();
    let institution = rules::institution(&partner);
    let regency = partner.regency_code.full_name();
    let snapshot = specimen::snapshot(specimen::Given {
        number: pattern.number(Numbered { sequence: 0, program: "CONTOH", issuer: &institution, day }),
        place: rules::place(&regency),
        issuer: rules::printed_issuer(&name, regency, ("CONTOH/PKS", AgreementKind::Pks)),
        signatory: rules::head(&name),
        layout: document::Layout { logo_sha256, ..Template::of(tx, actor, partner.id, draft).layout() },
        day,
        public_url,
    });
    Ok(Specimen { snapshot, logo })
}

fn refusal(error: &PrintError) -> Error {
    match error {
        PrintError::MissingGlyph { character, field } => {
            let code = match Lack::of(*character) {
                Lack::Font => &codes::CERTIFICATE_GLYPH,
                Lack::Script => &codes::CERTIFICATE_SCRIPT,
                Lack::Sight => &codes::CERTIFICATE_INVISIBLE,
            };
            at(Error::new(code).fact("character", rules::shown(*character)), field)
        }
        PrintError::TooLong { field } => at(Error::new(&codes::CERTIFICATE_LAYOUT), field),
        other => Error::storage(other.clone()),
    }
}

/// A refusal of a part of a certificate, under its name in the snapshot and in words of both languages.
fn at(error: Error, field: &'static str) -> Error {
    let (id, en) = rules::part_name(field);
    error.fact("field", field).fact("part_id", id).fact("part_en", en)
}

/// One certificate in the actor's scope.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Certificate> {
    actor.may(Operation::CertificateRead)?;
    store::visible_one(tx, actor, id)
}

/// One certificate in the actor's scope, to print. The paper shows who it is of, so who printed it is recorded.
///
/// # Errors
/// `access.denied` for an observer.
pub fn to_print(tx: &mut Tx<'_>, actor: &Actor, id: Id, fonts: &Fonts) -> Result<Printable> {
    let found = get(tx, actor, id)?;
    if !participant::knows_people(actor) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    note(tx, "certificate.printed", &found)?.record(tx, actor)?;
    Printable::of(tx, found, fonts)
}

/// What the document behind a code is made of, for anyone who holds it and wants to know whether it is the same.
///
/// # Errors
/// `resource.not_found`.
pub fn to_compare(tx: &mut Tx<'_>, code: &str, fonts: &Fonts) -> Result<Printable> {
    let found = by_code(tx, code)?;
    Printable::of(tx, found, fonts)
}

/// An act on a certificate, about whom it is of.
fn note(tx: &mut Tx<'_>, action: &'static str, certificate: &Certificate) -> Result<Note> {
    let holder = enrollment::participant_of(tx, certificate.enrollment_id)?;
    Ok(Note::of(action, Subject::certificate(certificate.id))
        .within(&certificate.province_code)
        .about(holder)
        .with(serde_json::json!({ "number": certificate.number })))
}

/// Certificates in the actor's scope.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &CertificateFilter,
    page: PageRequest,
) -> Result<Page<Certificate>> {
    actor.may(Operation::CertificateRead)?;
    store::visible(tx, actor, filter, page)
}

/// Takes a certificate back. Its code answers for ever, with the reason.
///
/// # Errors
/// `resource.stale`, `certificate.revoked`, `certificate.replaced`.
pub fn revoke(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: Id,
    version: i32,
    reason: Label,
    printing: &Printing,
) -> Result<Certificate> {
    actor.may(Operation::CertificateWrite)?;
    store::visible_one(tx, actor, id)?;
    let mut certificate = store::locked(tx, id)?;
    if certificate.version != version {
        return Err(Error::new(&codes::STALE));
    }
    certificate.must_hold()?;
    certificate.end(tx.today(&certificate.province_code), reason);
    store::end(tx, &certificate)?;
    credential::revoke(tx, actor, &certificate, &printing.public_url)?;
    note(tx, "certificate.revoked", &certificate)?.because(certificate.revocation_reason.as_ref()).record(tx, actor)?;
    Ok(certificate)
}

/// The certificate behind a code, for anyone who holds the paper.
///
/// # Errors
/// `resource.not_found`.
pub fn verify(tx: &mut Tx<'_>, code: &str) -> Result<Verified> {
    let certificate = by_code(tx, code)?;
    let replaced_by = certificate.replaced_by.map(|id| store::one(tx, id)).transpose()?;
    let has_credential = credential::kept(tx, certificate.id)?.is_some();
    Ok(Verified { certificate, has_credential, replaced_by })
}

/// A text that cannot be a code is looked for all the same: an answer takes as long whatever was typed.
fn by_code(tx: &mut Tx<'_>, code: &str) -> Result<Certificate> {
    store::by_code(tx, &rules::typed_code(code).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Language;

    #[test]
    fn what_cannot_be_printed_says_where() {
        let said = |character| {
            let refused = refusal(&PrintError::MissingGlyph { character, field: "holder_name" });
            (refused.code.name, refused.code.sentence(Language::English, &refused.facts))
        };
        let (code, sentence) = said('鬱');
        assert!(
            code == "certificate.glyph_missing" && sentence.contains("鬱 (U+9B31) in the holder's name"),
            "{sentence}"
        );
        let (code, sentence) = said('س');
        assert!(code == "certificate.script_unprintable" && !sentence.contains("certificate_font"), "{sentence}");
        let (code, sentence) = said('\u{202E}');
        assert!(code == "certificate.character_invisible" && !sentence.contains('\u{202E}'), "{sentence}");
        let long = refusal(&PrintError::TooLong { field: "modules.title" });
        let sentence = long.code.sentence(Language::Indonesian, &long.facts);
        assert!(long.code.name == "certificate.layout" && sentence.contains("daftar materi"), "{sentence}");
    }
}
