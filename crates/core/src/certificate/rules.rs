use super::document::{Issuer, PrintedModule, Signatory};
use crate::entropy::Entropy;
use crate::partner::{DatedName, Partner, PartnerKind};
use crate::program::{Bilingual, Module};

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

pub(super) fn bilingual(id: &str, en: &str) -> Bilingual {
    Bilingual { id: id.to_owned(), en: en.to_owned() }
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

pub(super) fn printed_issuer(issuer: &DatedName, regency: String, agreement_number: &str) -> Issuer {
    Issuer {
        name: issuer.name.as_str().to_owned(),
        kind: kind_name(issuer.kind),
        regency,
        agreement_number: agreement_number.to_owned(),
    }
}

/// The place of issue: a regency without the word for what it is.
pub(super) fn place(regency: &str) -> String {
    regency.split_once(' ').map_or(regency, |(_, name)| name).to_owned()
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
    bilingual(id, en)
}

#[cfg(test)]
mod tests {
    use super::*;

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
