use chrono::Duration;

use super::Incident;
use crate::time::{Instant, long_date};
use crate::values::{Label, ProvinceCode, region, words};

words! {
    /// A kind of personal data.
    pub enum DataKind {
        /// Names.
        Name = "name",
        /// NIK, NISN, family card.
        IdentityNumber = "identity_number",
        /// Place and date of birth.
        Birth = "birth",
        /// Phone, e-mail, address.
        Contact = "contact",
        /// Parents and guardians.
        Guardian = "guardian",
        /// Enrollments, attendance, scores.
        Schooling = "schooling",
        /// Certificates.
        Certificate = "certificate",
    }
}

words! {
    /// Where an incident stands.
    pub enum IncidentState {
        /// Work is under way.
        Open = "open",
        /// Everyone was told and it is over.
        Closed = "closed",
    }
}

impl DataKind {
    fn id(self) -> &'static str {
        match self {
            Self::Name => "nama",
            Self::IdentityNumber => "NIK, NISN, atau nomor kartu keluarga",
            Self::Birth => "tempat dan tanggal lahir",
            Self::Contact => "nomor telepon, surel, atau alamat",
            Self::Guardian => "nama dan kontak orang tua atau wali",
            Self::Schooling => "kepesertaan, kehadiran, dan nilai",
            Self::Certificate => "sertifikat pelatihan",
        }
    }

    fn en(self) -> &'static str {
        match self {
            Self::Name => "names",
            Self::IdentityNumber => "NIK, NISN or family card number",
            Self::Birth => "place and date of birth",
            Self::Contact => "phone number, e-mail or address",
            Self::Guardian => "name and contacts of the parent or guardian",
            Self::Schooling => "enrollment, attendance and scores",
            Self::Certificate => "training certificates",
        }
    }
}

/// A draft of the written notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// In Indonesian, as it is sent.
    pub id: String,
    /// In English.
    pub en: String,
}

/// What the audit says was read in clear of the people concerned: events, and accounts that did it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reads {
    pub(super) events: i64,
    pub(super) accounts: i64,
}

/// The notice that art. 46 asks for: which data, when and how they were exposed, and what is done about it.
pub(super) fn notice(incident: &Incident, due_at: Instant, reads: Option<Reads>) -> Notice {
    let province = &incident.province_code;
    let name = region(province.as_str()).map_or(province.as_str(), |region| region.name);
    let (found_id, found_en) = said(incident.found_at, province);
    let (due_id, due_en) = said(due_at, province);
    let (happened_id, happened_en) = incident.happened_at.map_or_else(
        || ("belum diketahui".to_owned(), "not known yet".to_owned()),
        |happened| said(happened, province),
    );
    let kinds = |word: fn(DataKind) -> &'static str| {
        incident.kinds.iter().map(|kind| word(*kind)).collect::<Vec<_>>().join("; ")
    };
    let remedy = incident.remedy.as_ref().map(Label::as_str);
    let (people, what) = (incident.people, incident.what.as_str());
    let (opened_id, opened_en) = reads.map_or_else(
        || {
            (
                "Berapa kali data mereka dibuka baru dapat dihitung setelah waktu kejadian diketahui".to_owned(),
                "How often their data were opened can be told once it is known when it happened".to_owned(),
            )
        },
        |Reads { events, accounts }| {
            (
                format!(
                    "Menurut catatan audit, sejak kejadian sampai diketahui data mereka dibuka {events} kali oleh \
                     {accounts} akun"
                ),
                format!(
                    "By the audit, between the incident and its discovery their data were opened {events} times by \
                     {accounts} accounts"
                ),
            )
        },
    );
    Notice {
        id: format!(
            "PEMBERITAHUAN KEGAGALAN PELINDUNGAN DATA PRIBADI\n\
             (UU 27/2022 pasal 46; dikirim paling lambat {due_id})\n\n\
             Dari: Dinas Pendidikan Provinsi {name}\n\
             Kepada: subjek data pribadi yang terdampak dan lembaga pelindungan data pribadi\n\n\
             1. Data pribadi yang terungkap: {}.\n\
             2. Waktu kejadian: {happened_id}. Diketahui: {found_id}.\n\
             3. Yang terjadi: {what}\n\
             4. Orang yang terdampak: {people}. {opened_id}.\n\
             5. Upaya penanganan dan pemulihan: {}\n\n\
             Anda dapat meminta salinan data, perbaikan, penundaan, dan penghapusan melalui sekolah atau dinas.\n",
            kinds(DataKind::id),
            remedy.unwrap_or("(isi upaya penanganan)"),
        ),
        en: format!(
            "NOTICE OF A FAILURE TO PROTECT PERSONAL DATA\n\
             (UU 27/2022 art. 46; sent by {due_en})\n\n\
             From: Education Office of the Province of {name}\n\
             To: the persons concerned and the data protection agency\n\n\
             1. Personal data exposed: {}.\n\
             2. When it happened: {happened_en}. Found: {found_en}.\n\
             3. What happened: {what}\n\
             4. Persons concerned: {people}. {opened_en}.\n\
             5. What is done about it: {}\n\n\
             You can ask for a copy, a correction, a suspension and the erasure of your data through the school or the \
             office.\n",
            kinds(DataKind::en),
            remedy.unwrap_or("(enter what is done)"),
        ),
    }
}

/// A moment on the province's clock, in both languages.
fn said(at: Instant, province: &ProvinceCode) -> (String, String) {
    let hours = province.utc_offset_hours();
    let zone = match hours {
        7 => "WIB",
        8 => "WITA",
        _ => "WIT",
    };
    let local = at.utc().naive_utc() + Duration::hours(i64::from(hours));
    (
        format!("{}, {} {zone}", long_date(local.date()), local.format("%H.%M")),
        format!("{} {zone}", local.format("%-d %B %Y, %H:%M")),
    )
}
