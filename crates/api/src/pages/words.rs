//! What the register's stored words are called by people.

use vokasi_core::error::Language;

/// A stored word in the reader's language; one that stands in no list is shown as it is.
pub(crate) fn called(language: Language, word: &str) -> &str {
    let found = WORDS.iter().find(|(stored, ..)| *stored == word);
    found.map_or(word, |(_, id, en)| if language == Language::Indonesian { id } else { en })
}

/// The word, in Indonesian, in English.
const WORDS: &[(&str, &str, &str)] = &[
    // Relations.
    ("participant", "peserta", "participant"),
    ("father", "ayah", "father"),
    ("mother", "ibu", "mother"),
    ("guardian", "wali", "guardian"),
    // Purposes of a consent.
    ("training", "pelatihan", "training"),
    ("placement", "penempatan", "placement"),
    ("publication", "publikasi", "publication"),
    // Holds and requests.
    ("access", "salinan data", "a copy of the data"),
    ("correction", "perbaikan", "correction"),
    ("erasure", "penghapusan", "erasure"),
    ("suspension", "penundaan", "suspension"),
    ("resumption", "pembukaan kembali", "resumption"),
    ("withdrawal", "penarikan persetujuan", "withdrawal of a consent"),
    ("open", "menunggu", "open"),
    ("done", "dilaksanakan", "done"),
    ("refused", "ditolak", "refused"),
    // States of an enrollment and outcomes.
    ("applied", "mendaftar", "applied"),
    ("waitlisted", "daftar tunggu", "on the waiting list"),
    ("active", "aktif di kelas", "active in a class"),
    ("on_leave", "cuti", "on leave"),
    ("completed", "lulus", "completed"),
    ("not_completed", "tidak lulus", "not completed"),
    ("withdrawn", "mengundurkan diri", "withdrawn"),
    ("dropped_out", "berhenti", "dropped out"),
    // Requirements of completion.
    ("attendance", "kehadiran", "attendance"),
    ("component", "komponen", "component"),
    ("final_score", "nilai akhir", "final score"),
    ("external_exam", "ujian luar", "external exam"),
    // States of an offer that no other list has.
    ("accepted", "diterima", "accepted"),
    ("lapsed", "lewat waktu", "lapsed"),
    // Outcomes of an exam.
    ("passed", "lulus", "passed"),
    ("failed", "tidak lulus", "not passed"),
    // States of a certificate.
    ("valid", "berlaku", "valid"),
    ("revoked", "dicabut", "revoked"),
    ("replaced", "diganti", "replaced"),
    // Roles.
    ("platform_admin", "pengelola sistem", "platform administrator"),
    ("education_office", "dinas pendidikan", "education office"),
    ("regency_officer", "petugas kabupaten/kota", "regency officer"),
    ("school_coordinator", "koordinator sekolah", "school coordinator"),
    ("partner_manager", "pengelola lembaga mitra", "partner manager"),
    ("instructor", "instruktur", "instructor"),
    ("observer", "pengamat", "observer"),
    // What was done, in the audit.
    ("participant.registered", "mendaftarkan data", "registered the data"),
    ("participant.corrected", "memperbaiki data", "corrected the data"),
    ("participant.disclosed", "melihat NIK dan kontak", "saw the NIK and the contacts"),
    ("participant.erased", "menghapus data", "erased the data"),
    ("consent.given", "mencatat persetujuan", "recorded a consent"),
    ("consent.read", "melihat persetujuan", "saw the consents"),
    ("consent.withdrawn", "mencatat penarikan persetujuan", "recorded the withdrawal of a consent"),
    ("exam.recorded", "mencatat hasil ujian", "recorded the result of an exam"),
    ("exam.taken_back", "menarik kembali hasil ujian dari berkas", "took back the result of an exam from a file"),
    ("exam.corrected", "mengoreksi hasil ujian", "corrected the result of an exam"),
    ("enrollment.applied", "mendaftarkan ke angkatan", "registered for a cohort"),
    ("enrollment.moved", "mengubah status kepesertaan", "changed the enrollment's state"),
    ("enrollment.transferred", "memindahkan ke kelas lain", "moved to another class"),
    ("enrollment.named", "menamai peserta untuk kursi sekolah", "named for a seat of the school"),
    ("seating_plan.chosen", "memilih kursi dalam rencana dengan tangan", "chose of a seat in a plan by hand"),
    ("seating_plan.unchosen", "menarik pilihan kursi dengan tangan", "took back what was chosen of a seat by hand"),
    ("seat_offer.made", "menawarkan kursi", "offered a seat"),
    ("seat_offer.answered", "menjawab tawaran kursi", "answered the offer of a seat"),
    ("completion.recorded", "mencatat kelulusan", "recorded the completion"),
    ("certificate.issued", "menerbitkan sertifikat", "issued a certificate"),
    ("certificate.revoked", "mencabut sertifikat", "revoked a certificate"),
    ("certificate.replaced", "mengganti sertifikat", "replaced a certificate"),
    ("certificate.credential_taken", "mengambil kredensial digital", "took the digital credential"),
    ("person_request.entered", "mencatat permintaan", "entered a request"),
    ("person_request.decided", "memutuskan permintaan", "decided on a request"),
];

#[cfg(test)]
mod tests {
    use vokasi_core::access::Role;
    use vokasi_core::certificate::CertificateState;
    use vokasi_core::completion::Outcome;
    use vokasi_core::consent::{Giver, Purpose};
    use vokasi_core::enrollment::EnrollmentState;
    use vokasi_core::enrollment::offer::OfferState;
    use vokasi_core::hold::WhyHeld;
    use vokasi_core::participant::Relation;
    use vokasi_core::privacy::{RequestKind, RequestState};
    use vokasi_core::values::Words;

    use super::*;

    fn words<T: Words>() -> Vec<&'static str> {
        T::ALL.iter().map(|word| word.word()).collect()
    }

    #[test]
    fn every_stored_word_of_a_page_has_a_name() {
        let all = [
            words::<Role>(),
            words::<CertificateState>(),
            words::<Outcome>(),
            words::<Giver>(),
            words::<Purpose>(),
            words::<EnrollmentState>(),
            words::<OfferState>(),
            words::<WhyHeld>(),
            words::<Relation>(),
            words::<RequestKind>(),
            words::<RequestState>(),
        ];
        for word in all.concat() {
            assert!(WORDS.iter().any(|(stored, ..)| *stored == word), "{word}");
        }
    }

    #[test]
    fn a_word_has_one_name() {
        let mut stored: Vec<&str> = WORDS.iter().map(|(stored, ..)| *stored).collect();
        stored.sort_unstable();
        assert!(stored.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(called(Language::Indonesian, "mother"), "ibu");
        assert_eq!(called(Language::English, "what.nobody.knows"), "what.nobody.knows");
    }
}
