//! The columns that are taken from a file, and the words by which a header names them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Day, ImportKind};

/// A column that is read. Every other column of a file is left where it is.
///
/// The stored names are short because each stored row repeats them; they are never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Field {
    /// Nama.
    #[serde(rename = "nama")]
    Name,
    /// NIPD or NIS: the number a school gives, unique only inside that school.
    #[serde(rename = "nipd")]
    StudentNumber,
    /// JK: L or P.
    #[serde(rename = "jk")]
    Sex,
    /// NISN.
    #[serde(rename = "nisn")]
    Nisn,
    /// Tempat Lahir.
    #[serde(rename = "tmp")]
    BirthPlace,
    /// Tanggal Lahir.
    #[serde(rename = "tgl")]
    BirthDate,
    /// NIK.
    #[serde(rename = "nik")]
    Nik,
    /// Alamat.
    #[serde(rename = "alm")]
    Street,
    /// RT.
    #[serde(rename = "rt")]
    NeighbourhoodRt,
    /// RW.
    #[serde(rename = "rw")]
    Rw,
    /// Dusun.
    #[serde(rename = "dsn")]
    Hamlet,
    /// Kelurahan or desa.
    #[serde(rename = "kel")]
    Village,
    /// Kecamatan.
    #[serde(rename = "kec")]
    District,
    /// Kode Pos.
    #[serde(rename = "pos")]
    PostalCode,
    /// Telepon.
    #[serde(rename = "telp")]
    Phone,
    /// HP.
    #[serde(rename = "hp")]
    Mobile,
    /// E-Mail.
    #[serde(rename = "mail")]
    Email,
    /// Data Ayah, Nama.
    #[serde(rename = "ayah")]
    FatherName,
    /// Data Ayah, Tahun Lahir.
    #[serde(rename = "thn_ayah")]
    FatherBirthYear,
    /// Data Ibu, Nama.
    #[serde(rename = "ibu")]
    MotherName,
    /// Data Ibu, Tahun Lahir.
    #[serde(rename = "thn_ibu")]
    MotherBirthYear,
    /// Data Wali, Nama.
    #[serde(rename = "wali")]
    GuardianName,
    /// Data Wali, Tahun Lahir.
    #[serde(rename = "thn_wali")]
    GuardianBirthYear,
    /// Rombel Saat Ini: the class at the school.
    #[serde(rename = "rombel")]
    Homeroom,
    /// No KK: the number of the family card.
    #[serde(rename = "kk")]
    FamilyCard,
    /// NPSN of an institution.
    #[serde(rename = "npsn")]
    Npsn,
    /// Nama Satuan Pendidikan, or of any other institution.
    #[serde(rename = "lbg")]
    Institution,
    /// Bentuk Pendidikan, or Jenis Lembaga.
    #[serde(rename = "jns")]
    InstitutionKind,
    /// Kabupaten/Kota.
    #[serde(rename = "kab")]
    Regency,
    /// Status: negeri or swasta.
    #[serde(rename = "sts")]
    Ownership,
    /// VIN of an LPK or BLK.
    #[serde(rename = "vin")]
    Vin,
    /// Nama Kepala: who signs for an institution.
    #[serde(rename = "kpl")]
    HeadName,
    /// Jabatan: under which title.
    #[serde(rename = "jbt")]
    HeadTitle,
    /// NIP: with which civil servant's number.
    #[serde(rename = "nip")]
    HeadNip,
    /// A day: the marks of one session on a paper list.
    #[serde(rename = "hari")]
    Day(Day),
    /// Ujian: which exam outside the programs.
    #[serde(rename = "ujian")]
    Exam,
    /// Tingkat: the level, or what was tested.
    #[serde(rename = "tkt")]
    ExamLevel,
    /// Tanggal Tes.
    #[serde(rename = "tes")]
    TestDate,
    /// The score of a section, by the section's code in the schemes.
    #[serde(rename = "n_pb")]
    ScoreKnowledge,
    /// Pengetahuan Bahasa dan Membaca, of the lower levels of JLPT.
    #[serde(rename = "n_pbm")]
    ScoreKnowledgeReading,
    /// Membaca.
    #[serde(rename = "n_bc")]
    ScoreReading,
    /// Menyimak.
    #[serde(rename = "n_sm")]
    ScoreListening,
    /// Menulis.
    #[serde(rename = "n_tl")]
    ScoreWriting,
    /// Aksara dan Kosakata, of JFT-Basic.
    #[serde(rename = "n_ak")]
    ScoreScript,
    /// Percakapan dan Ungkapan, of JFT-Basic.
    #[serde(rename = "n_pu")]
    ScoreConversation,
    /// Nilai Total.
    #[serde(rename = "n_tot")]
    ExamTotal,
    /// Hasil: passed or not, K or BK.
    #[serde(rename = "hasil")]
    ExamResult,
    /// Nomor Sertifikat.
    #[serde(rename = "n_srt")]
    CertificateNumber,
    /// Berlaku Sampai.
    #[serde(rename = "sampai")]
    ValidUntil,
}

impl Field {
    /// Those of a list of people, in the order of the Dapodik layout.
    pub const OF_PEOPLE: [Self; 25] = [
        Self::Name,
        Self::StudentNumber,
        Self::Sex,
        Self::Nisn,
        Self::BirthPlace,
        Self::BirthDate,
        Self::Nik,
        Self::Street,
        Self::NeighbourhoodRt,
        Self::Rw,
        Self::Hamlet,
        Self::Village,
        Self::District,
        Self::PostalCode,
        Self::Phone,
        Self::Mobile,
        Self::Email,
        Self::FatherName,
        Self::FatherBirthYear,
        Self::MotherName,
        Self::MotherBirthYear,
        Self::GuardianName,
        Self::GuardianBirthYear,
        Self::Homeroom,
        Self::FamilyCard,
    ];

    /// Those of a list of institutions, in the order of the ministry's list of schools.
    pub const OF_PARTNERS: [Self; 9] = [
        Self::Npsn,
        Self::Institution,
        Self::InstitutionKind,
        Self::Ownership,
        Self::Regency,
        Self::Vin,
        Self::HeadName,
        Self::HeadTitle,
        Self::HeadNip,
    ];

    /// Those of a paper list of a class, beside its days.
    pub const OF_MEMBERS: [Self; 3] = [Self::Name, Self::Nisn, Self::StudentNumber];

    /// The day that the column is of, if it is one.
    pub fn day(self) -> Option<Day> {
        if let Self::Day(day) = self { Some(day) } else { None }
    }

    /// By what people know this very column where its header is not kept.
    pub fn called(self) -> Cow<'static, str> {
        self.day().map_or(Cow::Borrowed(self.header()), |day| Cow::Owned(day.to_string()))
    }

    /// The header text of the ministry's layouts, by which people know the column.
    /// Those of a list of exam results.
    pub const OF_EXAMS: [Self; 18] = [
        Self::Name,
        Self::Nisn,
        Self::Nik,
        Self::BirthDate,
        Self::Exam,
        Self::ExamLevel,
        Self::TestDate,
        Self::ScoreKnowledge,
        Self::ScoreKnowledgeReading,
        Self::ScoreReading,
        Self::ScoreListening,
        Self::ScoreWriting,
        Self::ScoreScript,
        Self::ScoreConversation,
        Self::ExamTotal,
        Self::ExamResult,
        Self::CertificateNumber,
        Self::ValidUntil,
    ];

    /// The code of the section whose score the column holds, if it is one.
    pub fn section(self) -> Option<&'static str> {
        match self {
            Self::ScoreKnowledge => Some("knowledge"),
            Self::ScoreKnowledgeReading => Some("knowledge_reading"),
            Self::ScoreReading => Some("reading"),
            Self::ScoreListening => Some("listening"),
            Self::ScoreWriting => Some("writing"),
            Self::ScoreScript => Some("script_vocabulary"),
            Self::ScoreConversation => Some("conversation_expression"),
            _ => None,
        }
    }

    /// The header text of the Dapodik layout, by which people know the column.
    pub fn header(self) -> &'static str {
        match self {
            Self::Name => "Nama",
            Self::StudentNumber => "NIPD",
            Self::Sex => "JK",
            Self::Nisn => "NISN",
            Self::BirthPlace => "Tempat Lahir",
            Self::BirthDate => "Tanggal Lahir",
            Self::Nik => "NIK",
            Self::Street => "Alamat",
            Self::NeighbourhoodRt => "RT",
            Self::Rw => "RW",
            Self::Hamlet => "Dusun",
            Self::Village => "Kelurahan",
            Self::District => "Kecamatan",
            Self::PostalCode => "Kode Pos",
            Self::Phone => "Telepon",
            Self::Mobile => "HP",
            Self::Email => "E-Mail",
            Self::FatherName => "Nama Ayah",
            Self::FatherBirthYear => "Tahun Lahir Ayah",
            Self::MotherName => "Nama Ibu",
            Self::MotherBirthYear => "Tahun Lahir Ibu",
            Self::GuardianName => "Nama Wali",
            Self::GuardianBirthYear => "Tahun Lahir Wali",
            Self::Homeroom => "Rombel Saat Ini",
            Self::FamilyCard => "No KK",
            Self::Npsn => "NPSN",
            Self::Institution => "Nama Satuan Pendidikan",
            Self::InstitutionKind => "Bentuk Pendidikan",
            Self::Regency => "Kabupaten/Kota",
            Self::Ownership => "Status",
            Self::Vin => "VIN",
            Self::HeadName => "Nama Kepala",
            Self::HeadTitle => "Jabatan Kepala",
            Self::HeadNip => "NIP Kepala",
            Self::Day(_) => "Tanggal pertemuan",
            Self::Exam => "Ujian",
            Self::ExamLevel => "Tingkat",
            Self::TestDate => "Tanggal Tes",
            Self::ScoreKnowledge => "Pengetahuan Bahasa",
            Self::ScoreKnowledgeReading => "Pengetahuan Bahasa dan Membaca",
            Self::ScoreReading => "Membaca",
            Self::ScoreListening => "Menyimak",
            Self::ScoreWriting => "Menulis",
            Self::ScoreScript => "Aksara dan Kosakata",
            Self::ScoreConversation => "Percakapan dan Ungkapan",
            Self::ExamTotal => "Nilai Total",
            Self::ExamResult => "Hasil",
            Self::CertificateNumber => "Nomor Sertifikat",
            Self::ValidUntil => "Berlaku Sampai",
        }
    }

    /// The words for this column in normalised form (see [`normalised`]), the most exact first.
    ///
    /// Where two columns of one file carry a name of the same field, the more exact name is taken,
    /// and of two equal ones the left column.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Name => &[
                "nama",
                "nama lengkap",
                "nama peserta didik",
                "nama siswa",
                "nama lengkap peserta didik",
                "nama lengkap siswa",
                "nama peserta",
                "nama lengkap peserta",
                "nama calon peserta",
                "nama murid",
                "nama pendaftar",
                "nama sesuai ktp",
                "full name",
                "name",
                "student name",
                "participant name",
            ],
            Self::StudentNumber => &[
                "nipd",
                "nis",
                "nipd nis",
                "nis nipd",
                "no induk",
                "nomor induk",
                "no induk siswa",
                "nomor induk siswa",
                "nomor induk peserta didik",
                "student number",
                "student no",
                "student id",
            ],
            Self::Sex => &["jk", "jenis kelamin", "l p", "lp", "jns kelamin", "kelamin", "gender", "sex"],
            Self::Nisn => &["nisn", "no nisn", "nomor nisn", "nisn siswa", "nomor induk siswa nasional"],
            Self::BirthPlace => &[
                "tempat lahir",
                "tmp lahir",
                "tpt lahir",
                "tempat kelahiran",
                "kota lahir",
                "kota kelahiran",
                "birth place",
                "birthplace",
                "place of birth",
            ],
            Self::BirthDate => &[
                "tanggal lahir",
                "tgl lahir",
                "tanggal kelahiran",
                "tgl kelahiran",
                "birth date",
                "birthdate",
                "date of birth",
                "dob",
            ],
            Self::Nik => &[
                "nik",
                "no nik",
                "nomor nik",
                "nik siswa",
                "nik peserta didik",
                "nik peserta",
                "nik ktp",
                "no ktp",
                "nomor ktp",
                "no induk kependudukan",
                "nomor induk kependudukan",
                "national id",
                "national id number",
                "national identity number",
            ],
            Self::Street => &[
                "alamat",
                "alamat jalan",
                "alamat lengkap",
                "alamat rumah",
                "alamat tinggal",
                "alamat tempat tinggal",
                "alamat domisili",
                "alamat siswa",
                "jalan",
                "address",
                "home address",
                "street",
                "street address",
            ],
            Self::NeighbourhoodRt => &["rt"],
            Self::Rw => &["rw"],
            Self::Hamlet => &["dusun", "nama dusun", "lingkungan", "hamlet"],
            Self::Village => &[
                "kelurahan",
                "desa kelurahan",
                "kelurahan desa",
                "desa",
                "kel desa",
                "desa kel",
                "nama desa",
                "village",
            ],
            Self::District => &["kecamatan", "kec", "district", "subdistrict", "sub district"],
            Self::PostalCode => &["kode pos", "kodepos", "postal code", "postcode", "post code", "zip code", "zip"],
            Self::Phone => &[
                "telepon",
                "no telepon",
                "nomor telepon",
                "telepon rumah",
                "telp",
                "no telp",
                "nomor telp",
                "tlp",
                "no tlp",
                "phone",
                "phone number",
                "telephone",
            ],
            Self::Mobile => &[
                "hp",
                "no hp",
                "nomor hp",
                "nohp",
                "hp siswa",
                "no hp siswa",
                "no hp peserta",
                "handphone",
                "no handphone",
                "nomor handphone",
                "ponsel",
                "no ponsel",
                "nomor ponsel",
                "seluler",
                "no hp wa",
                "no wa hp",
                "no wa",
                "nomor wa",
                "wa",
                "whatsapp",
                "no whatsapp",
                "nomor whatsapp",
                "mobile",
                "mobile phone",
                "mobile number",
                "cell phone",
            ],
            Self::Email => &["e mail", "email", "alamat email", "alamat e mail", "surel", "email address"],
            Self::FatherName => &[
                "nama ayah",
                "nama ayah kandung",
                "nama bapak",
                "ayah",
                "bapak",
                "father name",
                "fathers name",
                "father s name",
            ],
            Self::FatherBirthYear => {
                &["tahun lahir ayah", "thn lahir ayah", "father birth year", "father s birth year"]
            }
            Self::MotherName => {
                &["nama ibu", "nama ibu kandung", "ibu kandung", "ibu", "mother name", "mothers name", "mother s name"]
            }
            Self::MotherBirthYear => &["tahun lahir ibu", "thn lahir ibu", "mother birth year", "mother s birth year"],
            Self::GuardianName => &[
                "nama wali",
                "wali",
                "nama wali murid",
                "nama wali siswa",
                "nama orang tua wali",
                "nama orangtua wali",
                "nama orang tua",
                "nama orangtua",
                "nama ortu",
                "orang tua wali",
                "guardian name",
                "guardian s name",
                "guardian",
                "parent name",
            ],
            Self::GuardianBirthYear => {
                &["tahun lahir wali", "thn lahir wali", "guardian birth year", "guardian s birth year"]
            }
            Self::Homeroom => &[
                "rombel saat ini",
                "rombel",
                "rombongan belajar",
                "kelas rombel",
                "rombel kelas",
                "kelas",
                "kelas saat ini",
                "homeroom",
                "class",
                "class group",
            ],
            Self::FamilyCard => &[
                "no kk",
                "nomor kk",
                "no kartu keluarga",
                "nomor kartu keluarga",
                "kartu keluarga",
                "kk",
                "family card number",
                "family card",
            ],
            Self::Npsn => &["npsn", "no npsn", "nomor npsn", "nomor pokok sekolah nasional", "school number"],
            Self::Institution => &[
                "nama satuan pendidikan",
                "nama sekolah",
                "nama lembaga",
                "nama lembaga mitra",
                "nama mitra",
                "nama instansi",
                "satuan pendidikan",
                "sekolah",
                "lembaga",
                "nama",
                "institution",
                "institution name",
                "school name",
                "partner name",
                "name",
            ],
            Self::InstitutionKind => &[
                "bentuk pendidikan",
                "jenis lembaga",
                "bentuk",
                "jenis",
                "kind",
                "institution kind",
                "kind of institution",
                "type",
            ],
            Self::Regency => &[
                "kabupaten kota",
                "kab kota",
                "kota kabupaten",
                "kabupaten",
                "kab",
                "regency city",
                "regency or city",
                "regency",
            ],
            Self::Ownership => &["status", "status sekolah", "status lembaga", "ownership"],
            Self::Vin => &["vin", "nomor vin", "no vin"],
            Self::HeadName => &[
                "nama kepala",
                "nama kepala sekolah",
                "kepala sekolah",
                "nama pimpinan",
                "pimpinan",
                "kepala",
                "head name",
                "head s name",
                "head",
            ],
            Self::HeadTitle => {
                &["jabatan kepala", "jabatan", "jabatan pimpinan", "head title", "head s title", "title"]
            }
            Self::HeadNip => &["nip kepala", "nip", "nip kepala sekolah", "nip pimpinan", "head nip", "head s nip"],
            // A day is known by what it is and not by a name.
            Self::Day(_) => &[],
            Self::Exam => &["ujian", "nama ujian", "jenis ujian", "tes", "nama tes", "exam", "test", "exam name"],
            Self::ExamLevel => &[
                "tingkat",
                "level",
                "tingkat ujian",
                "level ujian",
                "skema",
                "skema sertifikasi",
                "skema kompetensi",
                "unit kompetensi",
                "exam level",
                "test level",
            ],
            Self::TestDate => &[
                "tanggal tes",
                "tgl tes",
                "tanggal ujian",
                "tgl ujian",
                "tanggal uji kompetensi",
                "tanggal uji",
                "test date",
                "exam date",
                "date of test",
                "date of exam",
            ],
            Self::ScoreKnowledge => &[
                "pengetahuan bahasa",
                "kosakata dan tata bahasa",
                "language knowledge",
                "vocabulary grammar",
                "vocabulary and grammar",
            ],
            Self::ScoreKnowledgeReading => &[
                "pengetahuan bahasa dan membaca",
                "pengetahuan bahasa membaca",
                "language knowledge and reading",
                "language knowledge reading",
                "language knowledge vocabulary grammar reading",
            ],
            Self::ScoreReading => &["membaca", "nilai membaca", "reading", "reading comprehension"],
            Self::ScoreListening => {
                &["menyimak", "mendengar", "mendengarkan", "nilai menyimak", "listening", "listening comprehension"]
            }
            Self::ScoreWriting => &["menulis", "nilai menulis", "writing"],
            Self::ScoreScript => &["aksara dan kosakata", "aksara kosakata", "script and vocabulary"],
            Self::ScoreConversation => {
                &["percakapan dan ungkapan", "percakapan ungkapan", "conversation and expression"]
            }
            Self::ExamTotal => &["nilai total", "total", "total nilai", "skor total", "nilai", "total score", "score"],
            Self::ExamResult => &["hasil", "hasil ujian", "hasil tes", "keterangan hasil", "result", "pass fail"],
            Self::CertificateNumber => &[
                "nomor sertifikat",
                "no sertifikat",
                "nomor registrasi",
                "no registrasi",
                "certificate number",
                "certificate no",
                "registration number",
                "registration no",
            ],
            Self::ValidUntil => {
                &["berlaku sampai", "masa berlaku", "berlaku hingga", "valid until", "expires on", "expiry date"]
            }
        }
    }

    /// The field that a header of a list of this kind names.
    pub fn of_header(kind: ImportKind, header: &str) -> Option<Self> {
        kind.named(&normalised(header)).map(|(field, _)| field)
    }
}

/// One of the three persons for whom the Dapodik header has a group of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) enum Relative {
    Father,
    Mother,
    Guardian,
}

impl Relative {
    /// The person whose group a normalised header of the upper row opens.
    pub(super) fn named(label: &str) -> Option<Self> {
        match label {
            "data ayah" | "data ayah kandung" | "data bapak" | "ayah" | "ayah kandung" | "father" | "father data" => {
                Some(Self::Father)
            }
            "data ibu" | "data ibu kandung" | "ibu" | "ibu kandung" | "mother" | "mother data" => Some(Self::Mother),
            "data wali" | "wali" | "guardian" | "guardian data" => Some(Self::Guardian),
            _ => None,
        }
    }

    /// Whose column a field is, and what it is called inside the group.
    pub(in crate::import) fn of(field: Field) -> Option<(Self, &'static str)> {
        match field {
            Field::FatherName => Some((Self::Father, "Nama")),
            Field::FatherBirthYear => Some((Self::Father, "Tahun Lahir")),
            Field::MotherName => Some((Self::Mother, "Nama")),
            Field::MotherBirthYear => Some((Self::Mother, "Tahun Lahir")),
            Field::GuardianName => Some((Self::Guardian, "Nama")),
            Field::GuardianBirthYear => Some((Self::Guardian, "Tahun Lahir")),
            _ => None,
        }
    }

    /// The header text of the Dapodik layout over this person's group.
    pub(in crate::import) fn header(self) -> &'static str {
        match self {
            Self::Father => "Data Ayah",
            Self::Mother => "Data Ibu",
            Self::Guardian => "Data Wali",
        }
    }

    /// The field of a lower header inside this person's group.
    pub(super) fn field(self, label: &str) -> Option<Field> {
        let (name, birth_year) = match self {
            Self::Father => (Field::FatherName, Field::FatherBirthYear),
            Self::Mother => (Field::MotherName, Field::MotherBirthYear),
            Self::Guardian => (Field::GuardianName, Field::GuardianBirthYear),
        };
        match label {
            "nama" | "nama lengkap" | "name" => Some(name),
            "tahun lahir" | "thn lahir" | "birth year" | "year of birth" => Some(birth_year),
            _ => None,
        }
    }

    /// Whether a lower header belongs to such a group, taken or not.
    pub(super) fn owns(label: &str) -> bool {
        Self::Guardian.field(label).is_some()
            || matches!(
                label,
                "nik"
                    | "tempat lahir"
                    | "tanggal lahir"
                    | "tgl lahir"
                    | "jenjang pendidikan"
                    | "pendidikan"
                    | "pendidikan terakhir"
                    | "pekerjaan"
                    | "penghasilan"
                    | "penghasilan bulanan"
                    | "kebutuhan khusus"
                    | "agama"
                    | "hp"
                    | "no hp"
                    | "telepon"
                    | "no telepon"
                    | "alamat"
                    | "hubungan"
                    | "education"
                    | "occupation"
                    | "income"
            )
    }
}

/// A header as it is compared: lower case, remarks in parentheses and punctuation dropped, spaces
/// and line breaks collapsed. `"Tanggal\nLahir (dd/mm/yyyy) *"` becomes `tanggal lahir`.
pub(in crate::import) fn normalised(header: &str) -> String {
    let mut outside = String::with_capacity(header.len());
    let mut depth = 0_usize;
    for c in header.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
        if matches!(c, '(' | ')' | '[' | ']') {
            outside.push(' ');
        }
    }
    let words = words(&outside);
    // A header that is nothing but a remark, such as "(L/P)", is its own name.
    if words.is_empty() { self::words(header) } else { words }
}

fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
    out
}
