use chrono::NaiveDate;

use super::document::{Issuer, PrintedModule, Signatory};
use crate::agreement::AgreementKind;
use crate::entropy::Entropy;
use crate::partner::{DatedName, Partner, PartnerKind};
use crate::program::Module;
use crate::values::{Bilingual, is_invisible};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 26 letters of 5 bits each.
const CODE_LENGTH: usize = 26;

/// What stands for the issuer in its numbers: its NPSN, its VIN, or the tail of its id.
pub(super) fn institution(issuer: &Partner) -> String {
    let own = issuer.npsn.as_ref().map(|npsn| npsn.as_str().to_owned());
    let own = own.or_else(|| issuer.vin.as_ref().map(|vin| vin.as_str().to_owned()));
    own.unwrap_or_else(|| issuer.id.to_string().split_off(7))
}

/// 130 random bits in 26 letters that survive being read aloud.
pub(super) fn verification_code(entropy: &Entropy) -> String {
    entropy.bytes::<CODE_LENGTH>().iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// A code as people type it: spaces and hyphens between groups, small letters, O for 0 and I or L for 1.
/// Nothing for a text that cannot be one.
pub(super) fn typed_code(text: &str) -> Option<String> {
    let code: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .take(CODE_LENGTH + 1)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    (code.len() == CODE_LENGTH && code.bytes().all(|letter| ALPHABET.contains(&letter))).then_some(code)
}

/// From when to when somebody was trained: from the first to the last session that was held while the person was there.
/// Where no session was recorded, what was planned, as far as it lies before the day of issue.
pub(super) fn period(
    held: impl Iterator<Item = NaiveDate>,
    (starts_on, ends_on): (NaiveDate, NaiveDate),
    today: NaiveDate,
) -> (NaiveDate, NaiveDate) {
    let ends = held.fold(None, |ends: Option<(NaiveDate, NaiveDate)>, day| {
        Some(ends.map_or((day, day), |(first, last)| (first.min(day), last.max(day))))
    });
    ends.unwrap_or_else(|| (starts_on.min(today), ends_on.min(today)))
}

pub(super) fn printed_module(module: &Module) -> PrintedModule {
    PrintedModule {
        code: module.code.clone(),
        title: module.title.clone(),
        lesson_hours: u32::try_from(module.lesson_hours).unwrap_or_default(),
    }
}

/// Who signs for the issuer, if that is known.
pub(super) fn head(issuer: &DatedName) -> Option<Signatory> {
    let (name, title) = (issuer.head_name.as_ref()?, issuer.head_title.as_ref()?);
    let (name, title) = (name.as_str().to_owned(), title.as_str().to_owned());
    Some(Signatory { name, title, nip: issuer.head_nip.clone() })
}

pub(super) fn printed_issuer(
    issuer: &DatedName,
    regency: String,
    (agreement_number, agreement_kind): (&str, AgreementKind),
) -> Issuer {
    Issuer {
        name: issuer.name.as_str().to_owned(),
        kind: kind_name(issuer.kind),
        regency,
        agreement_number: agreement_number.to_owned(),
        agreement_kind: Some(agreement_name(agreement_kind)),
    }
}

/// The place of issue: a regency without the word for what it is.
pub(super) fn place(regency: &str) -> String {
    regency.split_once(' ').map_or(regency, |(_, name)| name).to_owned()
}

/// What a paper of this kind is called.
fn agreement_name(kind: AgreementKind) -> Bilingual {
    let (id, en) = match kind {
        AgreementKind::Mou => ("Nota kesepahaman", "Memorandum of understanding"),
        AgreementKind::Pks => ("Perjanjian kerja sama", "Cooperation agreement"),
        AgreementKind::NotaKesepakatan => ("Nota kesepakatan", "Memorandum of agreement"),
        AgreementKind::KesepakatanBersama => ("Kesepakatan bersama", "Joint agreement"),
        AgreementKind::Assignment => ("Surat penugasan", "Letter of assignment"),
    };
    Bilingual::new(id, en)
}

/// What a part of a certificate is called, in both languages.
pub(super) fn part_name(field: &str) -> (&'static str, &'static str) {
    match field {
        "holder_name" => ("nama pemegang", "the holder's name"),
        "birth_place" => ("tempat lahir pemegang", "the holder's place of birth"),
        "number" => ("nomor sertifikat", "the certificate's number"),
        "program_name" => ("nama program", "the name of the program"),
        "cohort_name" => {
            ("kode program, nama angkatan, atau nama kelas", "the program's code, the cohort or the class")
        }
        "issuer.name" => ("nama lembaga penerbit", "the name of the issuing partner"),
        "issuer.kind" => ("jenis atau wilayah lembaga penerbit", "the kind or place of the issuing partner"),
        "issuer.agreement_number" => ("nomor perjanjian", "the number of the agreement"),
        "heading" => ("baris di atas nama lembaga", "the line above the partner's name"),
        "address" => ("alamat atau kontak lembaga", "the partner's address or contact"),
        "accreditation" => ("akreditasi atau izin lembaga", "the partner's accreditation"),
        "issued_at_place" => ("tempat terbit", "the place of issue"),
        "signatory.name" => ("nama pimpinan lembaga", "the name of the head of the partner"),
        "signatory.title" => ("jabatan pimpinan lembaga", "the title of the head of the partner"),
        "signatory.nip" => ("NIP pimpinan lembaga", "the NIP of the head of the partner"),
        "second_signatory.name" => ("nama penanda tangan kedua", "the name of the second signatory"),
        "second_signatory.title" => ("jabatan penanda tangan kedua", "the title of the second signatory"),
        "second_signatory.nip" => ("NIP penanda tangan kedua", "the NIP of the second signatory"),
        "modules" | "modules.code" | "modules.title" | "modules.lesson_hours" => ("daftar materi", "the modules"),
        "scores" | "scores.name" | "scores.score" | "final_score" => ("daftar nilai", "the scores"),
        "predicate" => ("predikat", "the predicate"),
        "verification_url" | "verification_code" => ("alamat verifikasi", "the address of verification"),
        _ => ("isi sertifikat", "the content of the certificate"),
    }
}

/// A character as a sentence shows it: itself where it is seen, and its code point in any case.
pub(super) fn shown(character: char) -> String {
    let point = format!("U+{:04X}", u32::from(character));
    if is_invisible(character) { point } else { format!("{character} ({point})") }
}

fn kind_name(kind: PartnerKind) -> Bilingual {
    let (id, en) = match kind {
        PartnerKind::SchoolSma => ("Sekolah Menengah Atas", "Senior High School"),
        PartnerKind::SchoolSmk => ("Sekolah Menengah Kejuruan", "Vocational High School"),
        PartnerKind::SchoolMa => ("Madrasah Aliyah", "Islamic Senior High School"),
        PartnerKind::Blk => ("Balai Latihan Kerja", "Vocational Training Centre"),
        PartnerKind::Lpk => ("Lembaga Pelatihan Kerja", "Job Training Institution"),
        PartnerKind::Lkp => ("Lembaga Kursus dan Pelatihan", "Course and Training Institution"),
        PartnerKind::UniversityUnit => ("Unit Perguruan Tinggi", "University Unit"),
        PartnerKind::AgriculturalCenter => ("Balai Pelatihan Pertanian", "Agricultural Training Centre"),
        PartnerKind::Polytechnic => ("Politeknik", "Polytechnic"),
        PartnerKind::GovernmentOffice => ("Instansi Pemerintah", "Government Office"),
    };
    Bilingual::new(id, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_that_of_the_sessions_that_were_held() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (planned, today) = ((day("2025-07-21"), day("2026-07-20")), day("2026-07-18"));
        let held = [day("2025-09-01"), day("2025-08-04"), day("2026-06-29")];
        assert_eq!(period(held.into_iter(), planned, today), (day("2025-08-04"), day("2026-06-29")));
        assert_eq!(period([].into_iter(), planned, today), (day("2025-07-21"), today));
        assert_eq!(period([].into_iter(), planned, day("2025-07-01")), (day("2025-07-01"), day("2025-07-01")));
    }

    #[test]
    fn a_code_survives_being_typed() {
        let code = verification_code(&Entropy::seeded(1));
        assert_eq!(code.len(), 26);
        let spoken: String = code.to_lowercase().replace('0', "o").replace('1', "l");
        assert_eq!(typed_code(&spoken).as_ref(), Some(&code));
        let (front, back) = spoken.split_at(13);
        assert_eq!(typed_code(&format!("{front}-{back} ")), Some(code));
        for text in ["", "AB12", "\0\0\0\0", &"U".repeat(26), &"0".repeat(27), &"é".repeat(13)] {
            assert_eq!(typed_code(text), None, "{text:?}");
        }
    }
}
