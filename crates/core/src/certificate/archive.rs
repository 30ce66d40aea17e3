//! The certificates of a class as one ZIP archive, made while it is sent: each document with the very bytes it has alone.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::vec;

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::{Certificate, Printable, Snapshot, credential, font, store, template};
use crate::access::{Actor, Operation};
use crate::audit::{self, Note, Subject};
use crate::class;
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::participant;
use crate::print::{Fonts, Picture};

/// An archive that is made piece by piece. Nothing is held but the piece that is made.
pub struct Archive {
    papers: vec::IntoIter<Printable>,
    /// Nothing once it has been ended.
    writer: Option<ZipWriter<StreamWriter<Heap>>>,
    written: Receiver<Vec<u8>>,
}

impl Archive {
    fn new(papers: Vec<Printable>) -> Self {
        let (heap, written) = channel();
        Self { papers: papers.into_iter(), writer: Some(ZipWriter::new_stream(Heap(heap))), written }
    }

    /// What is left of its documents are made of: what is printed, and the credential inside.
    ///
    /// # Errors
    /// `storage.failed` when a snapshot cannot be read.
    pub fn documents(&self) -> Result<Vec<(Snapshot, Option<String>)>> {
        let papers = self.papers.as_slice().iter();
        papers.map(|paper| Ok((paper.certificate.snapshot()?, paper.credential.clone()))).collect()
    }

    /// Tells whether every document can be printed, before the first of them is sent.
    ///
    /// # Errors
    /// `certificate.glyph_missing`, `certificate.layout`, with the number of the certificate.
    pub fn check(&self) -> Result<()> {
        for paper in self.papers.as_slice() {
            paper.check().map_err(|error| error.fact("number", &paper.certificate.number))?;
        }
        Ok(())
    }

    /// The next piece: a document, and in the end the list of all. Nothing when all of it was made.
    ///
    /// # Errors
    /// `certificate.glyph_missing`, `certificate.layout`.
    pub fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(mut writer) = self.writer.take() else { return Ok(None) };
        if let Some(paper) = self.papers.next() {
            let Certificate { year, sequence, .. } = paper.certificate;
            // The documents are packed already.
            let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            writer.start_file(format!("sertifikat-{year}-{sequence:04}.pdf"), plain).map_err(Error::storage)?;
            writer.write_all(&paper.pdf()?).map_err(Error::storage)?;
            self.writer = Some(writer);
        } else {
            writer.finish().map_err(Error::storage)?;
        }
        Ok(Some(self.written.try_iter().flatten().collect()))
    }
}

/// What was written and not taken yet.
struct Heap(Sender<Vec<u8>>);

impl Write for Heap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The certificates of a class that hold, in the order of their numbers, as one archive; of a school that does not host it, its
/// own students'. The papers show who they are of, so each that was printed is recorded.
///
/// # Errors
/// `access.denied` for an observer.
pub fn of_class(tx: &mut Tx<'_>, actor: &Actor, class: Id, fonts: &Fonts) -> Result<Archive> {
    actor.may(Operation::CertificateRead)?;
    class::visible(tx, actor, class)?;
    if !participant::knows_people(actor) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    let found = store::valid_of_class(tx, actor, class)?;
    let enrollments: Vec<Id> = found.iter().map(|certificate| certificate.enrollment_id).collect();
    // Also of whoever sits where the actor does not see by now: the paper is shown, so its holder is told of it.
    let holders = tx.beyond(|tx| store::holders(tx, &enrollments))?;
    let ids: Vec<Id> = found.iter().map(|certificate| certificate.id).collect();
    let mut credentials = credential::kept_many(tx, &ids)?;
    let mut logos: HashMap<String, Picture> = HashMap::new();
    let mut kept: HashMap<String, Fonts> = HashMap::new();
    let (mut papers, mut notes) = (Vec::new(), Vec::new());
    for certificate in found {
        let snapshot = certificate.snapshot()?;
        let logo = match snapshot.logo_sha256() {
            Some(sha256) if !logos.contains_key(sha256) => {
                let logo = template::logo(tx, Some(sha256))?;
                logos.extend(logo.clone().map(|logo| (sha256.to_owned(), logo)));
                logo
            }
            sha256 => sha256.and_then(|sha256| logos.get(sha256)).cloned(),
        };
        let fonts = match snapshot.font_sha256.as_deref() {
            Some(sha256) if !kept.contains_key(sha256) => {
                let fonts = font::of(tx, Some(sha256), fonts)?;
                kept.insert(sha256.to_owned(), fonts.clone());
                fonts
            }
            sha256 => sha256.and_then(|sha256| kept.get(sha256)).unwrap_or(fonts).clone(),
        };
        let holder = holders.get(&certificate.enrollment_id).ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
        let note = Note::of("certificate.printed", Subject::certificate(certificate.id));
        let told = serde_json::json!({ "number": certificate.number });
        notes.push(note.within(&certificate.province_code).about(*holder).with(told));
        papers.push(Printable { credential: credentials.remove(&certificate.id), certificate, logo, fonts });
    }
    audit::record_all(tx, actor, notes)?;
    Ok(Archive::new(papers))
}
