//! Certificates: frozen, numbered, checkable by anyone.
//!
//! Everything printed is a snapshot that is hashed when it is issued and never drawn from live data again.

pub mod document;
mod rules;
mod store;

use chrono::Datelike;

pub use document::{DocumentError, Fonts, Snapshot};
pub use store::Certificate;

use crate::access::{Actor, Operation};
use crate::agreement;
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
use crate::program::{Curriculum, Program};
use crate::values::{Label, words};

words! {
    /// What a certificate is worth today.
    pub enum CertificateState {
        /// It holds.
        Valid = "valid",
        /// It was taken back, with a reason.
        Revoked = "revoked",
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

/// Issues certificates for everyone of a class who completed: one result per person, in the order of the numbers.
/// Doing it again issues only what is missing; who had a certificate revoked gets no other by this way.
///
/// # Errors
/// `certificate.signatory_missing`.
pub fn issue(tx: &mut Tx<'_>, actor: &Actor, class: Id, printing: &Printing) -> Result<Vec<(Enrolled, Issued)>> {
    actor.may(Operation::CertificateWrite)?;
    let class = class::writable(tx, actor, class)?;
    let today = tx.today(&class.province_code);
    let cohort = cohort::one(tx, class.cohort_id)?;
    let (program, curriculum) = cohort::curriculum(tx, &cohort)?;
    let issuer = partner::get(tx, actor, class.partner_id)?;
    let named = partner::name_on(tx, issuer.id, today)?;
    if named.head_name.is_none() || named.head_title.is_none() {
        return Err(Error::new(&codes::CERTIFICATE_SIGNATORY));
    }
    let agreement_number = agreement::number(tx, class.agreement_id)?;
    let institution = rules::institution(&issuer);
    let regency = issuer.regency_code.full_name();
    let frame = Frame {
        class: &class,
        cohort: &cohort,
        program: &program,
        curriculum: &curriculum,
        issuer: &named,
        agreement_number,
        regency,
    };
    let decided = completion::of_class(tx, class.id)?;
    let mut held = store::of_class(tx, class.id)?;
    let members = enrollment::members(tx, class.id)?;
    let people: Vec<Id> = members.iter().map(|member| member.enrollment.participant_id).collect();
    let on_hold = hold::in_force(tx, &people, today)?;
    let year = today.year();
    let mut sequence = store::last_number(tx, issuer.id, year)?;
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
        if let Some(before) = held.remove(&id) {
            let result = match before.state() {
                CertificateState::Valid => Issued::Before(Box::new(before)),
                CertificateState::Revoked => Issued::Refused(&codes::CERTIFICATE_REVOKED, Vec::new()),
            };
            results.push((member, result));
            continue;
        }
        if on_hold.contains(&member.enrollment.participant_id) {
            results.push((member, Issued::Refused(&codes::HOLD_IN_FORCE, Vec::new())));
            continue;
        }
        let number = rules::number(sequence + 1, program.code.as_str(), &institution, today);
        let code = rules::verification_code(tx.entropy());
        let snapshot = frame.snapshot(&member, completion, number, code, today, printing);
        if let Err(error) = document::printable(&snapshot, &printing.fonts) {
            let refusal = refusal(&error);
            results.push((member, Issued::Refused(refusal.code, refusal.facts)));
            continue;
        }
        sequence += 1;
        let certificate = certificate_of(tx, actor, &class, completion, year, sequence, &snapshot)?;
        notes.push(
            Note::of("certificate.issued", Subject::certificate(certificate.id))
                .within(&class.province_code)
                .about(member.enrollment.participant_id)
                .with(serde_json::json!({ "class": class.id, "number": certificate.number })),
        );
        new.push(certificate.clone());
        results.push((member, Issued::New(Box::new(certificate))));
    }
    if !new.is_empty() {
        store::set_last_number(tx, issuer.id, year, first, sequence)?;
        store::insert_many(tx, &new)?;
        audit::record_all(tx, actor, notes)?;
    }
    Ok(results)
}

/// What every certificate of a class shares.
struct Frame<'a> {
    class: &'a Class,
    cohort: &'a Cohort,
    program: &'a Program,
    curriculum: &'a Curriculum,
    issuer: &'a DatedName,
    agreement_number: Label,
    regency: String,
}

impl Frame<'_> {
    fn snapshot(
        &self,
        member: &Enrolled,
        completion: &Completion,
        number: String,
        code: String,
        today: chrono::NaiveDate,
        printing: &Printing,
    ) -> Snapshot {
        let evidence = &completion.evidence;
        Snapshot {
            number,
            holder_name: member.name.as_str().to_owned(),
            birth_place: member.birth_place.clone(),
            birth_date: member.birth_date,
            program_code: self.program.code.as_str().to_owned(),
            program_name: rules::bilingual(&self.program.name_id, &self.program.name_en),
            cohort_name: self.cohort.name.as_str().to_owned(),
            class_name: self.class.name.as_str().to_owned(),
            starts_on: self.class.starts_on,
            ends_on: self.class.ends_on,
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
            issuer: document::Issuer {
                name: self.issuer.name.as_str().to_owned(),
                kind: rules::kind_name(self.issuer.kind),
                regency: self.regency.clone(),
                agreement_number: self.agreement_number.as_str().to_owned(),
            },
            issued_on: today,
            issued_at_place: self.regency.split_once(' ').map_or(self.regency.clone(), |(_, name)| name.to_owned()),
            signatory: document::Signatory {
                name: self.issuer.head_name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
                title: self.issuer.head_title.as_ref().map(|title| title.as_str().to_owned()).unwrap_or_default(),
                nip: self.issuer.head_nip.clone(),
            },
            verification_url: format!("{}/verify/{code}", printing.public_url),
            verification_code: code,
        }
    }
}

fn certificate_of(
    tx: &Tx<'_>,
    actor: &Actor,
    class: &Class,
    completion: &Completion,
    year: i32,
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
        year,
        sequence,
        number: snapshot.number.clone(),
        code: snapshot.verification_code.clone(),
        snapshot_sha256: sha256_hex(frozen.as_bytes()),
        snapshot: frozen,
        issued_on: snapshot.issued_on,
        issued_at: tx.now(),
        issued_by: actor.account_or_operator(),
        revoked_on: None,
        revocation_reason: None,
        version: 1,
    })
}

impl Certificate {
    /// What is printed, as it was frozen.
    pub fn snapshot(&self) -> Result<Snapshot> {
        serde_json::from_str(&self.snapshot).map_err(Error::storage)
    }

    /// What it is worth today.
    pub fn state(&self) -> CertificateState {
        if self.revoked_on.is_some() { CertificateState::Revoked } else { CertificateState::Valid }
    }
}

/// The document of a certificate: the same bytes for ever.
///
/// # Errors
/// `certificate.glyph_missing`, `certificate.layout`.
pub fn pdf(certificate: &Certificate, fonts: &Fonts) -> Result<Vec<u8>> {
    document::render(&certificate.snapshot()?, fonts).map_err(|error| refusal(&error))
}

fn refusal(error: &DocumentError) -> Error {
    match error {
        DocumentError::MissingGlyph { field, .. } => Error::new(&codes::CERTIFICATE_GLYPH).fact("field", field),
        other => Error::new(&codes::CERTIFICATE_LAYOUT).fact("reason", other),
    }
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
pub fn to_print(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Certificate> {
    let found = get(tx, actor, id)?;
    if !participant::knows_people(actor) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    note(tx, "certificate.printed", &found)?.record(tx, actor)?;
    Ok(found)
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
/// `resource.stale`, `certificate.revoked`.
pub fn revoke(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, reason: Label) -> Result<Certificate> {
    actor.may(Operation::CertificateWrite)?;
    store::visible_one(tx, actor, id)?;
    let mut certificate = store::locked(tx, id)?;
    if certificate.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if certificate.revoked_on.is_some() {
        return Err(Error::new(&codes::CERTIFICATE_REVOKED));
    }
    certificate.revoked_on = Some(tx.today(&certificate.province_code));
    certificate.revocation_reason = Some(reason);
    certificate.version += 1;
    store::revoke(tx, &certificate)?;
    note(tx, "certificate.revoked", &certificate)?.because(certificate.revocation_reason.as_ref()).record(tx, actor)?;
    Ok(certificate)
}

/// The certificate behind a code, for anyone who holds the paper.
///
/// # Errors
/// `resource.not_found`.
pub fn verify(tx: &mut Tx<'_>, code: &str) -> Result<Certificate> {
    let code = rules::typed_code(code).ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    store::by_code(tx, &code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_printed_says_where() {
        let glyph = refusal(&DocumentError::MissingGlyph { character: '鬱', field: "holder_name" });
        assert_eq!((glyph.code.name, glyph.facts[0].value.as_str()), ("certificate.glyph_missing", "holder_name"));
        let long = refusal(&DocumentError::TooLong { field: "modules.title" });
        assert_eq!(long.code.name, "certificate.layout");
        assert_eq!(long.facts[0].value, "modules.title is too long to print");
    }
}
