//! What is wanted in each column, in people's words.

use super::source::Field;
use crate::error::{Code, Language, codes};
use crate::values::{Value, Words};

/// A column in people's words.
struct Wanted {
    /// What the interface calls it.
    word: &'static str,
    title: [&'static str; 2],
    hint: [&'static str; 2],
}

const fn wanted(word: &'static str, title: [&'static str; 2], hint: [&'static str; 2]) -> Wanted {
    Wanted { word, title, hint }
}

/// In Indonesian and in English.
fn of(field: Field) -> Wanted {
    match field {
        Field::Name => wanted(
            "name",
            ["Nama", "Full name"],
            ["Nama lengkap seperti di akta kelahiran.", "The full name as on the birth certificate."],
        ),
        Field::StudentNumber => wanted(
            "student_number",
            ["NIPD", "Student number"],
            ["Nomor induk dari sekolah (NIPD atau NIS).", "The school's own number (NIPD or NIS)."],
        ),
        Field::Sex => wanted(
            "sex",
            ["JK", "Sex"],
            ["L untuk laki-laki, P untuk perempuan.", "L for male (laki-laki), P for female (perempuan)."],
        ),
        Field::Nisn => wanted(
            "nisn",
            ["NISN", "NISN"],
            [
                "Nomor induk siswa nasional: 10 angka, nol di depan ikut ditulis.",
                "The national student number: 10 digits, the zeros in front included.",
            ],
        ),
        Field::BirthPlace => wanted(
            "birth_place",
            ["Tempat Lahir", "Birth place"],
            ["Kota atau kabupaten tempat lahir.", "The town or regency of birth."],
        ),
        Field::BirthDate => wanted(
            "birth_date",
            ["Tanggal Lahir", "Birth date"],
            [
                "Tanggal, bulan, lalu tahun: 17/11/2007 atau 17 November 2007.",
                "Day, month, then year: 17/11/2007 or 17 November 2007.",
            ],
        ),
        Field::Nik => wanted(
            "nik",
            ["NIK", "NIK"],
            [
                "16 angka dari kartu keluarga. Selnya berformat teks; jangan diubah menjadi angka.",
                "16 digits from the family card. The cell is a text cell; do not make it a number.",
            ],
        ),
        Field::Street => wanted(
            "street",
            ["Alamat", "Address"],
            ["Jalan dan nomor rumah.", "The street and the number of the house."],
        ),
        Field::NeighbourhoodRt => {
            wanted("rt", ["RT", "RT"], ["Nomor RT, misalnya 003.", "The number of the RT, e.g. 003."])
        }
        Field::Rw => wanted("rw", ["RW", "RW"], ["Nomor RW, misalnya 007.", "The number of the RW, e.g. 007."]),
        Field::Hamlet => wanted("hamlet", ["Dusun", "Hamlet"], ["Dusun atau lingkungan.", "The hamlet."]),
        Field::Village => {
            wanted("village", ["Kelurahan", "Village"], ["Desa atau kelurahan.", "The village (desa or kelurahan)."])
        }
        Field::District => wanted("district", ["Kecamatan", "District"], ["Kecamatan.", "The district (kecamatan)."]),
        Field::PostalCode => wanted("postal_code", ["Kode Pos", "Postal code"], ["5 angka.", "5 digits."]),
        Field::Phone => wanted(
            "phone",
            ["Telepon", "Phone"],
            [
                "Nomor telepon; dipakai bila tidak ada nomor HP.",
                "A telephone number; used where there is no mobile number.",
            ],
        ),
        Field::Mobile => wanted(
            "mobile",
            ["HP", "Mobile"],
            ["Nomor HP peserta, diawali 08 atau +62.", "The participant's mobile number, which begins with 08 or +62."],
        ),
        Field::Email => wanted("email", ["E-Mail", "Email"], ["Alamat e-mail peserta.", "The participant's address."]),
        Field::FatherName => {
            wanted("father_name", ["Nama Ayah", "Father's name"], ["Nama lengkap ayah.", "The father's full name."])
        }
        Field::FatherBirthYear => wanted(
            "father_birth_year",
            ["Tahun Lahir Ayah", "Father's birth year"],
            ["Tahun lahir ayah.", "The year the father was born in."],
        ),
        Field::MotherName => {
            wanted("mother_name", ["Nama Ibu", "Mother's name"], ["Nama lengkap ibu.", "The mother's full name."])
        }
        Field::MotherBirthYear => wanted(
            "mother_birth_year",
            ["Tahun Lahir Ibu", "Mother's birth year"],
            ["Tahun lahir ibu.", "The year the mother was born in."],
        ),
        Field::GuardianName => wanted(
            "guardian_name",
            ["Nama Wali", "Guardian's name"],
            [
                "Diisi bila yang bertanggung jawab bukan ayah atau ibu.",
                "Where somebody else than the father or the mother answers for the participant.",
            ],
        ),
        Field::GuardianBirthYear => wanted(
            "guardian_birth_year",
            ["Tahun Lahir Wali", "Guardian's birth year"],
            ["Tahun lahir wali.", "The year the guardian was born in."],
        ),
        Field::Homeroom => wanted(
            "homeroom",
            ["Rombel", "Homeroom"],
            ["Rombel di sekolah, misalnya XII TKJ 1.", "The class at the school, e.g. XII TKJ 1."],
        ),
        Field::FamilyCard => wanted(
            "family_card",
            ["No KK", "Family card number"],
            ["16 angka di bagian atas kartu keluarga.", "16 digits at the top of the family card."],
        ),
        Field::Npsn => wanted(
            "npsn",
            ["NPSN", "NPSN"],
            [
                "Nomor pokok sekolah nasional: 8 angka. Wajib untuk SMA, SMK, dan MA.",
                "The national number of the school: 8 digits. An SMA, SMK or MA cannot do without.",
            ],
        ),
        Field::Institution => wanted(
            "institution",
            ["Nama Lembaga", "Institution"],
            ["Nama resmi sekolah atau lembaga.", "The official name of the school or institution."],
        ),
        Field::InstitutionKind => wanted(
            "institution_kind",
            ["Jenis Lembaga", "Kind of institution"],
            [
                "SMA, SMK, MA, BLK, LPK, LKP, Universitas, Politeknik, Balai Pelatihan Pertanian, atau Instansi Pemerintah.",
                "SMA, SMK, MA, BLK, LPK, LKP, University, Polytechnic, Agricultural center or Government office.",
            ],
        ),
        Field::Regency => wanted(
            "regency",
            ["Kabupaten/Kota", "Regency or city"],
            [
                "Seperti Kab. Lampung Timur atau Kota Metro, atau kodenya 18.07.",
                "Like Kab. Lampung Timur or Kota Metro, or its code 18.07.",
            ],
        ),
        Field::Ownership => wanted(
            "ownership",
            ["Status", "Ownership"],
            ["Negeri atau Swasta.", "Negeri (of the state) or Swasta (private)."],
        ),
        Field::Vin => wanted(
            "vin",
            ["VIN", "VIN"],
            ["Nomor induk LPK atau BLK, bila ada.", "The vocational number of an LPK or BLK, if there is one."],
        ),
        Field::HeadName => wanted(
            "head_name",
            ["Nama Kepala", "Head name"],
            ["Yang menandatangani untuk lembaga ini.", "Who signs for the institution."],
        ),
        Field::HeadTitle => wanted(
            "head_title",
            ["Jabatan Kepala", "Head title"],
            ["Jabatan di bawah tanda tangan, misalnya Kepala Sekolah.", "The title under the signature."],
        ),
        Field::HeadNip => wanted(
            "head_nip",
            ["NIP Kepala", "Head NIP"],
            [
                "18 angka, bila pegawai negeri. Selnya berformat teks.",
                "18 digits, of a civil servant. The cell is a text cell.",
            ],
        ),
        Field::Day(_) => wanted(
            "day",
            ["Tanggal pertemuan", "Day of a session"],
            [
                "Satu kolom satu pertemuan, misalnya 12/01/2027; tambahkan ke-2 bila bertemu dua kali sehari.",
                "One column a session, such as 12/01/2027; add ke-2 where the class meets twice that day.",
            ],
        ),
        Field::Exam => wanted(
            "exam",
            ["Ujian", "Exam"],
            ["JLPT, JFT-Basic, HSK, TOCFL, CEFR-EN, atau BNSP.", "JLPT, JFT-Basic, HSK, TOCFL, CEFR-EN or BNSP."],
        ),
        Field::ExamLevel => wanted(
            "level",
            ["Tingkat", "Level"],
            [
                "Tingkat yang diikuti, misalnya N5; untuk BNSP nama kompetensinya.",
                "The level sat for, e.g. N5; of BNSP the name of the competency.",
            ],
        ),
        Field::TestDate => wanted(
            "taken_on",
            ["Tanggal Tes", "Test date"],
            ["Hari tes: 06/07/2025 atau 6 Juli 2025.", "The test day: 06/07/2025 or 6 July 2025."],
        ),
        Field::ScoreKnowledge => wanted(
            "knowledge",
            ["Pengetahuan Bahasa", "Language knowledge"],
            ["Nilai kosakata dan tata bahasa (JLPT N3 ke atas).", "Vocabulary and grammar (JLPT N3 and above)."],
        ),
        Field::ScoreKnowledgeReading => wanted(
            "knowledge_reading",
            ["Pengetahuan Bahasa dan Membaca", "Language knowledge and reading"],
            ["Nilai bagian itu (JLPT N5 dan N4).", "The score of that section (JLPT N5 and N4)."],
        ),
        Field::ScoreReading => wanted("reading", ["Membaca", "Reading"], ["Nilai membaca.", "The score of reading."]),
        Field::ScoreListening => {
            wanted("listening", ["Menyimak", "Listening"], ["Nilai menyimak.", "The score of listening."])
        }
        Field::ScoreWriting => wanted("writing", ["Menulis", "Writing"], ["Nilai menulis.", "The score of writing."]),
        Field::ScoreScript => wanted(
            "script_vocabulary",
            ["Aksara dan Kosakata", "Script and vocabulary"],
            ["Nilai bagian itu (JFT-Basic).", "The score of that section (JFT-Basic)."],
        ),
        Field::ScoreConversation => wanted(
            "conversation_expression",
            ["Percakapan dan Ungkapan", "Conversation and expression"],
            ["Nilai bagian itu (JFT-Basic).", "The score of that section (JFT-Basic)."],
        ),
        Field::ExamTotal => wanted(
            "total",
            ["Nilai Total", "Total score"],
            ["Nilai seluruhnya; boleh kosong bila jumlah bagiannya.", "Empty where it is the sum of the sections."],
        ),
        Field::ExamResult => wanted(
            "result",
            ["Hasil", "Result"],
            ["Lulus atau tidak lulus; untuk BNSP K atau BK.", "Passed or failed; of BNSP K or BK."],
        ),
        Field::CertificateNumber => wanted(
            "certificate_number",
            ["Nomor Sertifikat", "Certificate number"],
            ["Nomor pada kertas hasil.", "The number on the paper."],
        ),
        Field::ValidUntil => wanted(
            "valid_until",
            ["Berlaku Sampai", "Valid until"],
            ["Hari terakhir berlakunya, bila tertulis.", "The last day on which it counts, where it is written."],
        ),
    }
}

fn in_language([indonesian, english]: [&'static str; 2], language: Language) -> &'static str {
    match language {
        Language::Indonesian => indonesian,
        Language::English => english,
    }
}

impl Field {
    /// What a column of it is called in our own template; a header that is known again.
    pub fn title(self, language: Language) -> &'static str {
        in_language(of(self).title, language)
    }

    /// What is wanted in the column.
    pub fn hint(self, language: Language) -> &'static str {
        in_language(of(self).hint, language)
    }

    /// Whether no row can do without it.
    pub fn is_required(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Sex
                | Self::BirthDate
                | Self::Nik
                | Self::Institution
                | Self::InstitutionKind
                | Self::Regency
        )
    }
}

impl Value for Field {
    fn read(text: &str) -> Result<Self, &'static Code> {
        Self::OF_PEOPLE.into_iter().find(|field| field.word() == text).ok_or(&codes::FIELD_UNKNOWN_VALUE)
    }
}

impl Words for Field {
    const ALL: &'static [Self] = &Self::OF_PEOPLE;

    fn word(self) -> &'static str {
        of(self).word
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::ImportKind;
    use super::*;

    #[test]
    fn a_column_is_known_again_by_its_title() {
        for kind in ImportKind::ALL {
            for field in kind.fields() {
                for language in [Language::Indonesian, Language::English] {
                    let title = field.title(language);
                    assert_eq!(Field::of_header(*kind, title), Some(*field), "{title}");
                }
            }
        }
        for field in Field::OF_PEOPLE {
            assert_eq!(Field::read(field.word()), Ok(field));
        }
    }

    #[test]
    fn a_hint_fits_into_the_message_of_a_cell() {
        for field in ImportKind::ALL.iter().flat_map(|kind| kind.fields()) {
            for language in [Language::Indonesian, Language::English] {
                assert!(field.title(language).len() <= 32 && field.hint(language).chars().count() <= 255);
            }
        }
    }
}
