//! The registry of codes: one row per code, with its kind and its sentence in both languages.
//!
//! A code is `feature.reason`, is registered once and never reused; `docs/errors.md` is written from this table.
//! A sentence says what is wrong and what to do; `{fact}` stands for a typed fact, never for personal data.

use super::{Code, Kind};

macro_rules! codes {
    ($($(#[$group:meta])* $constant:ident = $kind:ident $name:literal, $id:literal, $en:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`:\n```text\n", $en, "\n```")]
            pub const $constant: Code = Code { name: $name, kind: Kind::$kind, id: $id, en: $en };
        )*
        /// Every code, in the order of this file.
        pub const ALL: &[&Code] = &[$(&$constant),*];

        /// The code of this name.
        pub fn named(name: &str) -> Option<&'static Code> {
            match name {
                $($name => Some(&$constant),)*
                _ => None,
            }
        }
    };
}

codes! {
    // The request as a whole.
    INPUT_INVALID = Invalid "input.invalid", "Ada isian yang perlu diperbaiki; lihat daftar isian.", "Some fields need correcting; see the list of fields.";
    INPUT_MALFORMED = Invalid "input.malformed", "Isi permintaan bukan JSON yang dapat dibaca: {reason}. Perbaiki lalu kirim lagi.", "The body is not readable JSON: {reason}. Correct it and send it again.";
    INPUT_TOO_LARGE = Invalid "input.too_large", "Isi permintaan melebihi {limit} bita. Kirim dalam bagian yang lebih kecil.", "The body is larger than {limit} bytes. Send it in smaller parts.";
    INPUT_MEDIA_TYPE = Invalid "input.media_type", "Jenis isi tidak dikenal. Kirim {expected}.", "The content type is not understood. Send {expected}.";
    QUERY_INVALID = Invalid "query.invalid", "Parameter kueri tidak dikenal atau tidak terbaca: {reason}.", "A query parameter is unknown or unreadable: {reason}.";
    CURSOR_INVALID = Invalid "query.cursor", "Penanda halaman ini tidak berlaku. Mulai lagi dari halaman pertama.", "This page cursor is not valid. Start again from the first page.";
    NOT_FOUND = NotFound "resource.not_found", "Tidak ditemukan. Periksa alamat atau id-nya.", "Not found. Check the address or the id.";
    METHOD_NOT_ALLOWED = Invalid "request.method", "Cara ini tidak berlaku untuk alamat ini. Cara yang berlaku: {allowed}.", "This method does not apply here. These do: {allowed}.";
    STALE = Stale "resource.stale", "Data ini sudah berubah sejak Anda membacanya. Muat ulang, lalu ulangi perubahan Anda.", "This has changed since you read it. Load it again and repeat your change.";
    PRECONDITION_REQUIRED = Stale "request.if_match_required", "Kirim tajuk If-Match dengan ETag dari bacaan terakhir.", "Send an If-Match header with the ETag of your last read.";
    TOO_MANY_REQUESTS = Refused "request.too_many", "Terlalu banyak permintaan. Coba lagi setelah {seconds} detik.", "Too many requests. Try again after {seconds} seconds.";
    REFERENCE_UNKNOWN = Refused "reference.unknown", "Permintaan ini menunjuk sesuatu yang tidak ada. Periksa id yang dikirim.", "The request refers to something that does not exist. Check the ids you sent.";
    IDEMPOTENCY_KEY_REQUIRED = Invalid "idempotency.key_required", "Kirim tajuk Idempotency-Key (1 sampai 64 huruf, angka, '-' atau '_') agar pengulangan tidak menggandakan data.", "Send an Idempotency-Key header (1 to 64 letters, digits, '-' or '_') so that a repeat does not double the data.";
    IDEMPOTENCY_KEY_REUSED = Refused "idempotency.key_reused", "Idempotency-Key ini sudah dipakai untuk permintaan lain. Pakai kunci baru.", "This Idempotency-Key was used for a different request. Use a new key.";
    CONFIRMATION_REQUIRED = Refused "input.confirmation_required", "Perlu konfirmasi: {warnings}. Kirim lagi dengan kode itu di dalam confirm bila memang benar.", "This needs confirming: {warnings}. Send it again with those codes in confirm if it is right.";
    STORAGE_FAILED = Storage "storage.failed", "Terjadi gangguan pada penyimpanan. Tidak ada yang tersimpan; coba lagi, dan hubungi pengelola bila berulang.", "The storage failed. Nothing was saved; try again, and tell the operator if it happens again.";
    STORAGE_BUSY = Storage "storage.busy", "Penyimpanan sedang sibuk. Tidak ada yang tersimpan; coba lagi sebentar.", "The storage is busy. Nothing was saved; try again shortly.";
    STORAGE_NEWER = Storage "storage.newer", "Basis data ini berasal dari program yang lebih baru ({version}). Jalankan program yang terbaru.", "This database comes from a newer program ({version}). Run the newest program.";
    STORAGE_UNKNOWN_SCHEME = Invalid "storage.unknown_scheme", "Alamat basis data harus dimulai dengan sqlite:// atau postgres://.", "A database address starts with sqlite:// or postgres://.";
    KEYS_TOO_SHORT = Invalid "keys.too_short", "Rahasia induk sedikitnya 32 bita.", "The master secret has at least 32 bytes.";
    KEYS_WRONG = Storage "keys.wrong", "Data terenkripsi tidak dapat dibuka dengan rahasia induk ini. Pasang rahasia induk yang dipakai saat data ditulis.", "Encrypted data cannot be opened with this master secret. Use the master secret the data was written with.";
    KEYS_RING_UNREADABLE = Invalid "keys.ring_unreadable", "Baris {line} berkas rahasia tidak terbaca. Tulis seperti: k2 2026-11-21T01:00:00Z rahasia, satu rahasia per baris, yang terlama dahulu.", "Line {line} of the secret file is not readable. Write it like: k2 2026-11-21T01:00:00Z secret, one secret a line, the oldest first.";
    KEYS_UNKNOWN = Invalid "keys.unknown", "Tidak ada rahasia induk bernama {key}. Lihat daftarnya dengan vokasi keys list.", "There is no master secret called {key}. See the list with vokasi keys list.";
    KEYS_NEWEST = Refused "keys.newest", "{key} adalah rahasia induk terbaru. Tambahkan yang baru dengan vokasi keys add sebelum mencabutnya.", "{key} is the newest master secret. Add a new one with vokasi keys add before retiring it.";
    KEYS_IN_USE = Refused "keys.in_use", "Masih ada {values} nilai yang tersegel dengan {key}. Jalankan vokasi keys rotate dahulu.", "{values} values are still sealed with {key}. Run vokasi keys rotate first.";

    // Single values.
    FIELD_REQUIRED = Invalid "field.required", "Wajib diisi.", "This is required.";
    FIELD_TYPE = Invalid "field.type", "Jenis nilainya tidak sesuai: teks, angka, daftar, atau objek. Lihat dokumentasi REST.", "The value is of another kind: text, number, list or object. See the REST documentation.";
    FIELD_UNKNOWN_VALUE = Invalid "field.unknown_value", "Nilai ini tidak dikenal. Pilih salah satu dari: {allowed}.", "This value is not known. Choose one of: {allowed}.";
    FIELD_LENGTH = Invalid "field.length", "Panjang isian tidak sesuai (paling sedikit {min}, paling banyak {max}).", "The length is not right (at least {min}, at most {max}).";
    FIELD_RANGE = Invalid "field.range", "Nilai di luar batas (paling kecil {min}, paling besar {max}).", "The value is out of range (at least {min}, at most {max}).";
    FIELD_ID = Invalid "field.id", "Id terdiri dari 13 huruf dan angka.", "An id is 13 letters and digits.";
    FIELD_DATE = Invalid "field.date", "Tanggal ditulis tahun-bulan-hari dan ada di kalender, misalnya 2026-07-20.", "A date is written year-month-day and is in the calendar, e.g. 2026-07-20.";
    FIELD_TIME = Invalid "field.time", "Jam ditulis jam:menit, misalnya 07:30.", "A time is written hours:minutes, e.g. 07:30.";
    FIELD_INSTANT = Invalid "field.instant", "Waktu ditulis dengan tanggal, jam, dan zonanya, misalnya 2026-07-20T01:00:00Z.", "A moment is written with its day, time and zone, e.g. 2026-07-20T01:00:00Z.";
    FIELD_MONTH = Invalid "field.month", "Bulan ditulis tahun-bulan, misalnya 2026-11.", "A month is written year-month, e.g. 2026-11.";
    FIELD_DATE_ORDER = Invalid "field.date_order", "Tanggal akhir mendahului tanggal awal.", "The end date is before the start date.";
    FIELD_ORDER = Invalid "field.order", "Batas atas lebih kecil daripada batas bawah.", "The upper limit is below the lower one.";
    FIELD_TEXT = Invalid "field.text", "Teks tidak boleh kosong, terlalu panjang, atau memuat karakter kendali.", "Text may not be empty, too long, or contain control characters.";
    FIELD_IDENTITY_NUMBER = Invalid "field.identity_number", "Teks ini memuat deret 16 angka seperti NIK atau nomor KK, padahal ia disimpan dan dibaca tanpa disamarkan. Hapus nomornya; sebut orangnya dengan nama atau nomor pendaftaran. Bila itu dua tanggal, tulis kata di antaranya.", "This text has 16 digits in a row like a NIK or a family card's number, and it is kept and read unmasked. Take the number out; name the person or the registration instead. If these are two dates, put a word between them.";
    FIELD_DUPLICATE = Invalid "field.duplicate", "Nilai ini muncul dua kali.", "This value appears twice.";
    NIK_MISSING = Invalid "nik.missing", "NIK kosong. Isi NIK dari KK, atau NISN bila NIK belum ada.", "The NIK is empty. Fill it in from the family card, or the NISN if there is none yet.";
    NIK_LENGTH = Invalid "nik.length", "NIK harus 16 angka.", "A NIK has 16 digits.";
    NIK_NUMBER_CELL = Invalid "nik.number_cell", "NIK tersimpan sebagai angka di lembar kerja sehingga angka terakhirnya hilang. Ubah sel menjadi Teks lalu ketik ulang NIK dari KK.", "The NIK is a number in the workbook and has lost its last digit. Make the cell Text and type the NIK again from the family card.";
    NIK_DATE = Invalid "nik.date", "Tanggal di dalam NIK (angka 7-12) tidak mungkin. Periksa NIK pada KK.", "The date inside the NIK (digits 7-12) is impossible. Check the NIK on the family card.";
    NIK_SERIAL = Invalid "nik.serial", "Nomor urut NIK (4 angka terakhir) tidak boleh 0000. Periksa NIK pada KK.", "The serial of a NIK (its last 4 digits) is never 0000. Check the NIK on the family card.";
    NIK_EQUALS_FAMILY_CARD = Invalid "nik.equals_family_card", "NIK sama dengan Nomor KK. Isi NIK orangnya, bukan nomor kartu keluarga.", "The NIK equals the family card number. Enter the person's NIK, not the card's number.";
    NIK_PROVINCE_UNKNOWN = Invalid "nik.province_unknown", "Dua angka pertama NIK bukan kode provinsi. Periksa lagi, atau konfirmasi bila memang tertulis demikian.", "The first two digits of the NIK are no province. Check again, or confirm if it is written so.";
    NIK_BIRTH_DATE_DIFFERS = Invalid "nik.birth_date_differs", "Tanggal lahir di dalam NIK berbeda dari yang diisi. Ini dapat sah (NIK tidak pernah berubah); periksa lalu konfirmasi.", "The birth date inside the NIK differs from the one entered. That can be lawful (a NIK never changes); check and confirm.";
    NIK_SEX_DIFFERS = Invalid "nik.sex_differs", "Jenis kelamin di dalam NIK berbeda dari yang diisi. Periksa lalu konfirmasi.", "The sex inside the NIK differs from the one entered. Check and confirm.";
    FAMILY_CARD_LENGTH = Invalid "family_card.length", "Nomor KK harus 16 angka.", "A family card number has 16 digits.";
    NISN_FORMAT = Invalid "nisn.format", "NISN harus 10 angka, termasuk nol di depan.", "An NISN has 10 digits, leading zeros included.";
    NISN_PADDED = Invalid "nisn.padded", "NISN kehilangan nol di depan dan dilengkapi menjadi 10 angka. Periksa sekali lagi.", "The NISN had lost its leading zeros and was padded to 10 digits. Check it once more.";
    NPSN_FORMAT = Invalid "npsn.format", "NPSN: 8 angka untuk sekolah, K atau P dan 7 angka untuk LKP dan PKBM, 6 angka untuk perguruan tinggi.", "An NPSN is 8 digits for a school, K or P and 7 digits for LKP and PKBM, 6 digits for a university.";
    PHONE_FORMAT = Invalid "phone.format", "Nomor telepon genggam dimulai dengan 08 atau +628, 10 sampai 13 angka.", "A mobile number starts with 08 or +628 and has 10 to 13 digits.";
    PHONE_PADDED = Invalid "phone.padded", "Nomor telepon kehilangan nol di depan dan dilengkapi.", "The phone number had lost its leading zero and was completed.";
    EMAIL_FORMAT = Invalid "email.format", "Alamat surel tidak lengkap. Contoh: nama@contoh.sch.id.", "The e-mail address is incomplete. Example: name@example.org.";
    REGION_FORMAT = Invalid "region.format", "Kode wilayah Kemendagri berbentuk 18 (provinsi) atau 18.07 (kabupaten/kota).", "A Kemendagri region code looks like 18 (province) or 18.07 (regency).";
    REGION_UNKNOWN = Invalid "region.unknown", "Kode wilayah ini tidak ada dalam daftar Kemendagri.", "This region code is not in the Kemendagri list.";
    NAME_MISSING = Invalid "name.missing", "Nama kosong. Isi nama seperti pada akta kelahiran.", "The name is empty. Enter it as on the birth certificate.";
    NAME_FORMAT = Invalid "name.format", "Nama paling banyak 200 huruf dan tanpa angka atau karakter kendali.", "A name has at most 200 letters and no digits or control characters.";
    NAME_INVISIBLE = Invalid "name.invisible", "Nama memuat tanda yang tidak terlihat, biasanya terbawa saat disalin dari berkas lain. Ketik ulang namanya.", "The name has a character that nobody sees, usually copied along from elsewhere. Type the name anew.";
    SEX_UNKNOWN = Invalid "sex.unknown", "Jenis kelamin ditulis L atau P.", "Sex is written L (male) or P (female).";
    BIRTH_DATE_INVALID = Invalid "birth_date.invalid", "Tanggal lahir tidak terbaca atau tidak ada di kalender. Tulis seperti 17 November 2007.", "The birth date is unreadable or not in the calendar. Write it like 17 November 2007.";
    BIRTH_DATE_RANGE = Invalid "birth_date.range", "Tanggal lahir di masa depan atau lebih dari 100 tahun lalu.", "The birth date is in the future or more than 100 years ago.";
    SCORE_RANGE = Invalid "score.range", "Nilai antara 0 dan 100 dengan paling banyak dua angka desimal.", "A score is between 0 and 100 with at most two decimals.";
    POINTS_RANGE = Invalid "points.range", "Nilai ujian antara 0 dan 9999 dengan paling banyak dua angka desimal.", "Points of an exam are between 0 and 9999 with at most two decimals.";
    PERCENT_RANGE = Invalid "percent.range", "Persentase antara 0 dan 100 dengan paling banyak dua angka desimal.", "A percentage is between 0 and 100 with at most two decimals.";
    PASSWORD_SHORT = Invalid "password.short", "Kata sandi sedikitnya 12 karakter.", "A password has at least 12 characters.";
    PASSWORD_LONG = Invalid "password.long", "Kata sandi paling banyak 128 karakter.", "A password has at most 128 characters.";
    PASSWORD_GUESSABLE = Invalid "password.guessable", "Kata sandi ini mudah ditebak: terlalu umum, berpola, atau terutama memuat nama, surel, atau nama program ini. Pakai kalimat pendek yang hanya Anda yang tahu.", "This password is easy to guess: too common, a pattern, or mainly your name, your e-mail or this program's name. Use a short sentence that only you know.";
    IDENTITY_MISSING = Invalid "identity.missing", "Isi NIK atau NISN agar orang ini dapat dikenali.", "Enter a NIK or an NISN so that this person can be told apart.";

    // Access.
    ACCESS_TOKEN_MISSING = Denied "access.token_missing", "Masuk dahulu, lalu kirim tajuk Authorization: Bearer.", "Sign in first, then send an Authorization: Bearer header.";
    ACCESS_TOKEN_INVALID = Denied "access.token_invalid", "Tanda masuk tidak berlaku atau sudah kedaluwarsa. Perbarui atau masuk lagi.", "The access token is not valid or has expired. Refresh it or sign in again.";
    ACCESS_LOGIN_FAILED = Denied "access.login_failed", "Surel atau kata sandi tidak cocok.", "The e-mail and password do not match.";
    ACCESS_TOO_MANY_ATTEMPTS = Denied "access.too_many_attempts", "Terlalu banyak percobaan yang gagal. Coba lagi dalam {seconds} detik, atau dari perangkat yang pernah dipakai masuk.", "Too many attempts have failed. Try again in {seconds} seconds, or where you have signed in before.";
    ACCESS_SECOND_FACTOR_NEEDED = Denied "access.second_factor_needed", "Kata sandi cocok. Kirim lagi beserta code dari aplikasi autentikator, atau satu kode pemulihan.", "The password matches. Send it again with the code of your authenticator, or a recovery code, in code.";
    ACCESS_SECOND_FACTOR_REQUIRED = Denied "access.second_factor_required", "Peran Anda memerlukan faktor kedua. Pasang dahulu lewat /second-factor; sesudah terpasang dapat diganti, tetapi tidak dilepas.", "Your role needs a second factor. Set it up at /second-factor first; once there it can be replaced but not removed.";
    ACCESS_CODE_WRONG = Denied "access.code_wrong", "Kode tidak cocok atau sudah dipakai. Periksa jam perangkat, lalu pakai kode berikutnya.", "The code does not match or was used before. Check your device's clock and use the next code.";
    ACCESS_PASSWORD_WRONG = Invalid "access.password_wrong", "Kata sandi tidak cocok. Ketik lagi.", "The password does not match. Type it again.";
    ACCESS_PROOF = Invalid "access.proof", "Kirim password atau code, salah satu.", "Send password or code, one of them.";
    ACCESS_CONFIRMATION_NEEDED = Denied "access.confirmation_needed", "Tindakan ini memerlukan kepastian bahwa ini Anda. Kirim kata sandi atau kode ke /logins/current/confirmation, lalu ulangi dalam 10 menit.", "This needs to be sure that it is you. Send your password or a code to /logins/current/confirmation and repeat it within 10 minutes.";
    ACCESS_REFRESH_INVALID = Denied "access.refresh_invalid", "Tanda pembaruan tidak berlaku. Masuk lagi.", "The refresh token is not valid. Sign in again.";
    ACCESS_REFRESH_REUSED = Denied "access.refresh_reused", "Tanda pembaruan ini sudah pernah dipakai, jadi masuk ini diakhiri demi keamanan. Masuk lagi.", "This refresh token was used before, so this login was ended for safety. Sign in again.";
    ACCESS_DENIED = Denied "access.denied", "Peran Anda tidak mengizinkan tindakan ini. Hubungi dinas pendidikan provinsi bila perlu.", "Your role does not allow this. Ask the provincial education office if you need it.";
    ACCESS_LINK_INVALID = Refused "access.link_invalid", "Tautan ini sudah dipakai atau kedaluwarsa. Minta tautan baru.", "This link was used or has expired. Ask for a new one.";
    STAFF_EMAIL_TAKEN = Refused "staff.email_taken", "Alamat surel ini sudah terdaftar. Pakai alamat lain.", "This e-mail address is registered already. Use another.";
    STAFF_SCOPE_MISMATCH = Invalid "staff.scope_mismatch", "Lingkup tidak sesuai dengan peran ini: {expected}.", "The scope does not fit this role: {expected}.";
    STAFF_SELF = Refused "staff.self", "Anda tidak dapat menonaktifkan akun sendiri.", "You cannot disable your own account.";

    // Mail. The first six may pass, so the message is tried again; the rest are final.
    MAIL_UNREACHABLE = Storage "mail.unreachable", "Server surel tidak menjawab. Periksa smtp_host dan smtp_port; pesan dicoba lagi.", "The mail server does not answer. Check smtp_host and smtp_port; the message is tried again.";
    MAIL_UNTRUSTED = Storage "mail.untrusted", "Sertifikat server surel tidak dapat dipercaya. Periksa smtp_host, atau beri sertifikat lembaga Anda lewat smtp_ca_file; pesan dicoba lagi.", "The mail server's certificate cannot be trusted. Check smtp_host, or give your own authority's certificate in smtp_ca_file; the message is tried again.";
    MAIL_UNSUITABLE = Storage "mail.unsuitable", "Server surel tidak menyediakan yang diperlukan (STARTTLS atau cara masuk). Periksa smtp_tls dan smtp_port; pesan dicoba lagi.", "The mail server lacks what is needed (STARTTLS or a way to sign in). Check smtp_tls and smtp_port; the message is tried again.";
    MAIL_SIGN_IN = Storage "mail.sign_in", "Server surel menolak nama pengguna atau kata sandi. Periksa smtp_user dan smtp_password_file; pesan dicoba lagi.", "The mail server refuses the user or the password. Check smtp_user and smtp_password_file; the message is tried again.";
    MAIL_DEFERRED = Storage "mail.deferred", "Server surel menunda pesan ini; pesan dicoba lagi.", "The mail server put this message off; it is tried again.";
    MAIL_FOLDER = Storage "mail.folder", "Folder surel tidak dapat ditulisi. Periksa ruang dan hak aksesnya; pesan dicoba lagi.", "The mail folder cannot be written. Check its space and permissions; the message is tried again.";
    MAIL_REJECTED = Refused "mail.rejected", "Server surel menolak pesan ini. Periksa alamat penerima, lalu kirim lagi.", "The mail server rejects this message. Check the recipient's address, then send it again.";
    MAIL_ADDRESS = Refused "mail.address", "Surel tidak dapat dialamatkan ke alamat ini. Buat akun dengan alamat yang benar.", "No mail can be addressed to this address. Make the account with a correct one.";
    MAIL_EXPIRED = Refused "mail.expired", "Tautan di dalam pesan ini sudah kedaluwarsa. Buat tautan kata sandi yang baru.", "The link in this message has expired. Make a new password link.";
    MESSAGE_NOT_FAILED = Refused "message.not_failed", "Hanya pesan yang gagal dapat dikirim lagi; pesan ini berstatus {state}.", "Only a failed message can be sent again; this one is {state}.";
    SERVICE_TOKEN_TOO_WIDE = Invalid "service_token.too_wide", "Token layanan tidak boleh melakukan ini: peran Anda sendiri tidak boleh, atau tindakan ini harus oleh orang. Hapus dari daftar.", "A service token may not do this: your own role may not, or a person has to. Leave it out.";
    SERVICE_TOKEN_EXPIRY = Invalid "service_token.expiry", "Hari terakhir token layanan antara hari ini dan satu tahun lagi.", "The last day of a service token is between today and a year from now.";

    // Partners and agreements.
    PARTNER_NPSN_TAKEN = Refused "partner.npsn_taken", "NPSN ini sudah dipakai lembaga lain. Cari lembaga itu sebelum menambah yang baru.", "Another partner has this NPSN. Look for that partner before adding a new one.";
    PARTNER_VIN_TAKEN = Refused "partner.vin_taken", "VIN ini sudah dipakai lembaga lain.", "Another partner has this VIN.";
    PARTNER_NAME_FUTURE = Invalid "partner.name_future", "Nama, jenis, dan kepala lembaga dicatat paling cepat pada hari mulai berlaku.", "A name, kind or head is entered on the day from which it is valid, not before.";
    PARTNER_NAME_OLDER = Refused "partner.name_older", "Nama baru harus berlaku setelah {valid_from}.", "A new name must be valid after {valid_from}.";
    PARTNER_NOT_A_SCHOOL = Refused "partner.not_a_school", "Lembaga ini bukan sekolah.", "This partner is not a school.";
    AGREEMENT_NUMBER_TAKEN = Refused "agreement.number_taken", "Nomor perjanjian ini sudah ada pada lembaga yang sama.", "This partner has an agreement with that number already.";
    AGREEMENT_SEATS_USED = Refused "agreement.seats_used", "Kursi pada perjanjian ini sudah habis dipakai kelas lain.", "The seats of this agreement are used up by other classes.";
    AGREEMENT_NOT_IN_FORCE = Refused "agreement.not_in_force", "Perjanjian tidak berlaku sepanjang masa kelas ({starts_on} sampai {ends_on}).", "The agreement is not in force for the whole class period ({starts_on} to {ends_on}).";
    AGREEMENT_PROGRAM = Refused "agreement.program_not_covered", "Perjanjian ini tidak mencakup program tersebut.", "This agreement does not cover that program.";
    AGREEMENT_OTHER_PARTNER = Refused "agreement.other_partner", "Perjanjian ini milik lembaga lain.", "This agreement belongs to another partner.";
    AGREEMENT_YEAR_SEATS_USED = Refused "agreement.year_seats_used", "Kursi perjanjian ini untuk tahun itu sudah habis dipakai kelas lain.", "The seats of this agreement for that year are used up by other classes.";
    AGREEMENT_REGENCY = Refused "agreement.regency_not_covered", "Perjanjian ini tidak mencakup kabupaten/kota tempat kelas.", "This agreement does not cover the regency the class is held in.";
    AGREEMENT_DRAFT = Refused "agreement.draft", "Perjanjian ini masih rancangan. Catat dulu penandatanganannya.", "This agreement is a draft. Record its signing first.";
    AGREEMENT_SIGNED = Refused "agreement.signed", "Perjanjian ini sudah ditandatangani. Buat perjanjian baru di bawahnya bila isinya berubah.", "This agreement is signed. Enter a new one under it when its terms change.";
    AGREEMENT_PARENT = Invalid "agreement.parent", "Perjanjian induk harus sudah ditandatangani, dari provinsi yang sama, dan bukan perjanjian ini sendiri.", "The parent agreement must be signed, of the same province, and another one than this.";
    AGREEMENT_FILE_FORMAT = Invalid "agreement.file_format", "Berkas perjanjian harus PDF, paling besar {limit} byte.", "The file of an agreement must be a PDF of {limit} bytes at most.";
    AGREEMENT_TERMINATED = Refused "agreement.terminated", "Perjanjian ini sudah diakhiri.", "This agreement has been terminated.";

    // The audit.
    AUDIT_EDITED = Refused "audit.edited", "Kejadian {event} (mata rantai {sequence}) tidak lagi seperti saat ditulis. Bandingkan dengan cadangan dan catat sebagai insiden.", "Event {event} (entry {sequence}) is not as it was written. Compare it with a backup and record an incident.";
    AUDIT_DELETED = Refused "audit.deleted", "Kejadian {event} (mata rantai {sequence}) sudah tidak ada. Bandingkan dengan cadangan dan catat sebagai insiden.", "Event {event} (entry {sequence}) is gone. Compare with a backup and record an incident.";
    AUDIT_INSERTED = Refused "audit.inserted", "Kejadian {event} tidak ditulis oleh program ini. Cari siapa yang menulis langsung ke basis data dan catat sebagai insiden.", "Event {event} was not written by this program. Find out who writes to the database directly and record an incident.";
    AUDIT_RELINKED = Refused "audit.relinked", "Mata rantai {sequence} diubah atau dipindahkan. Bandingkan dengan cadangan dan catat sebagai insiden.", "Entry {sequence} of the chain was changed or moved. Compare it with a backup and record an incident.";
    AUDIT_CUT = Refused "audit.cut", "Rantai terputus pada mata rantai {sequence}: ada yang dihapus atau diganti. Bandingkan dengan cadangan dan catat sebagai insiden.", "The chain is cut at entry {sequence}: entries were removed or replaced. Compare with a backup and record an incident.";
    AUDIT_HEAD = Invalid "audit.head", "Ujung rantai ditulis NOMOR:HASH, seperti yang diberikan pemeriksaan sebelumnya.", "The head of the chain is written SEQUENCE:HASH, as an earlier check gave it.";

    // Programs, cohorts, classes.
    PROGRAM_CODE_TAKEN = Refused "program.code_taken", "Kode program ini sudah dipakai.", "This program code is taken.";
    PROGRAM_WEIGHTS = Invalid "program.weights", "Bobot komponen harus berjumlah 100 (sekarang {sum}).", "The weights of the components must add up to 100 (now {sum}).";
    PROGRAM_MODULES = Invalid "program.modules", "Sebuah kurikulum punya sedikitnya satu modul, dan jam pelajarannya lebih dari nol.", "A curriculum has at least one module, with lesson hours above zero.";
    PROGRAM_PREDICATES_ALONE = Invalid "program.predicates_alone", "Predikat dihitung dari komponen nilai, dan program ini tidak punya komponen. Tambah komponennya, atau hapus predikatnya.", "A predicate is worked out from scored components, and this program has none. Add components, or leave the predicates out.";
    PROGRAM_PREDICATES = Invalid "program.predicates", "Predikat diurutkan dari batas tertinggi ke terendah.", "Predicates are ordered from the highest minimum to the lowest.";
    PROGRAM_NEED = Invalid "program.need", "Sebuah syarat menyebut program saja, atau ujian beserta tingkatnya.", "A prerequisite names a program alone, or an exam with its level.";
    PROGRAM_SEGMENT = Refused "program.segment_not_served", "Program ini tidak melayani segmen tersebut.", "This program does not serve that segment.";
    PROGRAM_NOT_YET = Refused "program.not_valid_yet", "Program ini belum punya versi yang berlaku pada {day}.", "This program has no version that is valid on {day}.";
    COHORT_NAME_TAKEN = Refused "cohort.name_taken", "Sudah ada angkatan program ini dengan nama yang sama.", "There is a cohort of this program with that name already.";
    COHORT_LENGTH_UNUSUAL = Invalid "cohort.length_unusual", "Lama angkatan ({months} bulan) berbeda dari yang biasa ({usual} bulan). Konfirmasi dan tulis alasannya.", "The cohort's length ({months} months) differs from the usual {usual} months. Confirm it and give the reason.";
    COHORT_CHECK_FIXED = Invalid "cohort.check_fixed", "Pemeriksaan ini tidak dapat diatur demikian: masa pendaftaran selalu mengikat, dan persetujuan wali tidak dapat ditiadakan.", "This check cannot be set so: the registration window always binds, and a guardian's consent is never left out.";
    COHORT_STATE = Refused "cohort.state", "Angkatan berstatus {state}; tindakan ini tidak berlaku.", "The cohort is {state}; this does not apply.";
    COHORT_OVER = Refused "cohort.over", "Angkatan ini berakhir pada {ends_on}; tidak ada lagi kelas yang dapat dibuka di dalamnya. Buat angkatan berikutnya.", "This cohort ended on {ends_on}; no class can be opened in it any more. Make the next one.";
    COHORT_NOT_OPEN = Refused "cohort.not_open", "Pendaftaran angkatan ini tidak terbuka pada hari ini ({opens_on} sampai {closes_on}).", "Registration for this cohort is not open today ({opens_on} to {closes_on}).";
    COHORT_OTHER_PROVINCE = Refused "cohort.other_province", "Angkatan dan lembaga berada di provinsi yang berbeda.", "The cohort and the partner are in different provinces.";
    CLASS_NAME_TAKEN = Refused "class.name_taken", "Nama kelas ini sudah ada di lembaga yang sama.", "This partner has a class of that name already.";
    CLASS_FULL = Refused "class.full", "Semua kursi kelas ini sudah terisi. Peserta tetap di daftar tunggu.", "Every seat of this class is taken. The participant stays on the waiting list.";
    CLASS_STATE = Refused "class.state", "Kelas berstatus {state}; tindakan ini tidak berlaku.", "The class is {state}; this does not apply.";
    CLASS_PERIOD = Refused "class.period", "Masa kelas harus berada di dalam masa angkatan ({starts_on} sampai {ends_on}).", "The class period must lie inside the cohort's ({starts_on} to {ends_on}).";
    CLASS_OTHER_COHORT = Refused "class.other_cohort", "Kelas ini milik angkatan lain.", "This class belongs to another cohort.";
    CLASS_SLOTS_OVERLAP = Invalid "class.slots_overlap", "Jadwal mingguan saling bertumpuk.", "The weekly slots overlap.";
    CLASS_BELOW_MINIMUM = Invalid "class.below_minimum", "Peserta ({seated}) kurang dari jumlah minimum ({minimum}). Konfirmasi bila kelas tetap dimulai.", "There are fewer participants ({seated}) than the minimum ({minimum}). Confirm to start all the same.";
    CLASS_INSTRUCTOR = Refused "class.instructor", "Pengajar harus akun instruktur yang aktif di provinsi ini.", "The instructor must be an active instructor account of this province.";
    CLASS_UNDECIDED = Refused "class.undecided", "Kelulusan {people} peserta belum diputuskan. Putuskan dahulu, lalu selesaikan kelas.", "The completion of {people} participants is not decided yet. Decide it, then complete the class.";
    CLASS_SEATS_BELOW_SEATED = Refused "class.seats_below_seated", "Kursi tidak dapat kurang dari peserta yang sudah duduk ({seated}).", "Seats cannot be fewer than those already seated ({seated}).";

    // Participants and consent.
    PARTICIPANT_NIK_TAKEN = Refused "participant.nik_taken", "NIK ini sudah terdaftar. Cari orang itu, jangan daftarkan dua kali.", "This NIK is registered already. Look for that person instead of registering twice.";
    PARTICIPANT_NISN_TAKEN = Refused "participant.nisn_taken", "NISN ini sudah terdaftar. Cari orang itu, jangan daftarkan dua kali.", "This NISN is registered already. Look for that person instead of registering twice.";
    PARTICIPANT_NAMESAKE = Invalid "participant.namesake", "Sudah ada orang dengan nama dan tanggal lahir yang sama. Periksa, lalu konfirmasi bila memang orang lain.", "Someone has the same name and birth date. Check, and confirm if this is another person.";
    PARTICIPANT_SCHOOL_REQUIRED = Refused "participant.school_required", "Segmen ini mendaftar lewat sekolah; isi sekolahnya.", "This segment registers through a school; give the school.";
    CONSENT_ALREADY_GIVEN = Refused "consent.already_given", "Persetujuan untuk tujuan ini sudah tercatat.", "Consent for this purpose is recorded already.";
    CONSENT_BY_GUARDIAN = Refused "consent.by_guardian", "Peserta belum 18 tahun; persetujuan diberikan orang tua atau wali.", "The participant is under 18; a parent or guardian gives consent.";
    CONSENT_BY_SELF = Refused "consent.by_self", "Peserta sudah 18 tahun; persetujuan diberikan oleh peserta sendiri.", "The participant is 18; consent is the participant's own.";
    CONSENT_MISSING = Refused "consent.missing", "Belum ada persetujuan orang tua atau wali untuk peserta di bawah 18 tahun. Catat persetujuan dahulu.", "There is no consent of a parent or guardian for this participant under 18. Record it first.";
    CONSENT_WITHDRAWN = Refused "consent.withdrawn", "Persetujuan ini sudah ditarik.", "This consent was withdrawn already.";
    CONSENT_BEFORE_WITHDRAWAL = Invalid "consent.before_withdrawal", "Persetujuan untuk hal ini ditarik pada {withdrawn_on}. Catat persetujuan baru yang diberikan sejak hari itu.", "Consent to this was withdrawn on {withdrawn_on}. Record a new one that was given on that day or later.";
    CONSENT_FUTURE = Invalid "consent.future", "Tanggal persetujuan tidak boleh di masa depan.", "Consent cannot be given in the future.";

    CONSENT_TEXT_UNKNOWN = Invalid "consent.text_unknown", "Tidak ada naskah persetujuan dengan versi ini untuk tujuan dan tanggal tersebut. Lihat daftar naskah persetujuan.", "There is no consent text of this version for that purpose and day. See the list of consent texts.";
    CONSENT_OWN_DUE = Refused "consent.own_due", "Peserta sudah 18 tahun lebih dari 30 hari dan yang tercatat masih persetujuan walinya. Catat persetujuan peserta sendiri dahulu.", "The participant has been 18 for more than 30 days and the consent on record is still the guardian's. Record the participant's own first.";
    HOLD_IN_FORCE = Refused "hold.in_force", "Data orang ini tidak boleh diproses: pemrosesan dihentikan sementara, persetujuannya ditarik, atau datanya sudah dihapus. Lihat penghentian pada datanya.", "This person's data may not be processed: processing is suspended, the consent was withdrawn, or the data were erased. See the holds on the person.";
    HOLD_ALREADY_PLACED = Refused "hold.already_placed", "Pemrosesan data orang ini sudah dihentikan karena alasan yang sama.", "This person's data are on hold for the same reason already.";

    // Rights of the person, retention, incidents.
    REQUEST_ASKER = Invalid "person_request.asker", "Peserta sudah 18 tahun; permintaan diajukan oleh peserta sendiri.", "The participant is 18; the request is the participant's own.";
    REQUEST_FUTURE = Invalid "person_request.future", "Waktu diterima tidak boleh di masa depan.", "It cannot have been received in the future.";
    REQUEST_PURPOSE = Invalid "person_request.purpose", "Tujuan diisi hanya untuk penarikan persetujuan, dan di sana wajib.", "A purpose is given for a withdrawal of consent alone, and is needed there.";
    REQUEST_UNTIL = Invalid "person_request.until", "Tanggal akhir hanya untuk penundaan pemrosesan dan harus di masa depan.", "An end is given for a suspension alone and lies in the future.";
    REQUEST_DECIDED = Refused "person_request.decided", "Permintaan ini sudah diputuskan. Catat permintaan baru bila perlu.", "This request is decided already. Enter a new one if needed.";
    REQUEST_GROUND = Invalid "person_request.ground", "Alasan hukum ini tidak berlaku untuk permintaan semacam ini. Yang berlaku: {allowed}.", "This legal ground does not apply to such a request. These do: {allowed}.";
    REQUEST_GROUND_UNWANTED = Invalid "person_request.ground_unwanted", "Alasan hukum diisi hanya bila permintaan ditolak.", "A legal ground is given for a refusal alone.";
    REQUEST_NOT_HELD = Refused "person_request.not_held", "Tidak ada penundaan yang dapat diakhiri pada data orang ini.", "There is no suspension on this person's data that could be ended.";
    REQUEST_NOT_ACCESS = Refused "person_request.not_access", "Salinan data diberikan atas permintaan akses yang tidak ditolak. Catat permintaan akses dahulu.", "A copy of the data is given on a request for access that was not refused. Enter one first.";
    ERASURE_ENROLLED = Refused "erasure.enrolled", "Peserta masih punya kursi di kelas. Keluarkan dari kelas atau tunggu sampai selesai, lalu hapus datanya.", "The participant still has a seat in a class. Withdraw the person or wait until it is over, then erase.";
    ERASURE_DONE = Refused "erasure.done", "Data orang ini sudah dihapus.", "This person's data are erased already.";
    INCIDENT_TIME = Invalid "incident.time", "Waktu tidak boleh di masa depan, dan yang kemudian tidak mendahului yang terdahulu.", "A time is not in the future, and what comes later is not before what came first.";
    INCIDENT_PEOPLE = Invalid "incident.people", "Sebutkan siapa yang terdampak dengan satu cara: daftar peserta, sekolah, kelas, atau angkatan.", "Name who is concerned in one way: a list of participants, a school, a class, or a cohort.";
    INCIDENT_NOTICE_MISSING = Refused "incident.notice_missing", "Insiden ditutup setelah lembaga pengawas dan orang-orangnya diberi tahu. Isi kedua tanggalnya dahulu.", "An incident is closed once the agency and the people have been told. Enter both days first.";

    // Enrollments.
    ENROLLMENT_EXISTS = Refused "enrollment.exists", "Peserta ini sudah terdaftar di angkatan tersebut.", "This participant is enrolled in that cohort already.";
    ENROLLMENT_TRANSITION = Refused "enrollment.transition", "Dari {from} tidak dapat menjadi {to}.", "{from} cannot become {to}.";
    ENROLLMENT_REASON = Invalid "enrollment.reason_required", "Tulis alasannya.", "Give the reason.";
    ENROLLMENT_OVERLAP = Refused "enrollment.overlap", "Peserta masih aktif di kelas lain pada masa yang sama.", "The participant is active in another class in the same period.";
    ENROLLMENT_PREREQUISITE = Refused "enrollment.prerequisite", "Prasyarat program ini belum tercatat. Dinas memeriksanya, lalu memindahkan ke daftar tunggu.", "The program's prerequisite is not on record yet. The office checks it and moves the person to the waiting list.";
    ENROLLMENT_SEGMENT = Refused "enrollment.segment", "Peserta tidak termasuk segmen angkatan ini.", "The participant is not of this cohort's segment.";
    ENROLLMENT_GRADUATION = Refused "enrollment.graduation", "Angkatan ini untuk lulusan tahun {from} sampai {to}; yang tercatat: {year}. Periksa tahun lulus pada data peserta.", "This cohort is for people who graduated from {from} to {to}; on record: {year}. Check the year of graduation in the participant's data.";
    ENROLLMENT_AGE = Refused "enrollment.age", "Angkatan ini untuk umur {from} sampai {to} tahun pada {on}; peserta berumur {age} tahun. Periksa tanggal lahirnya.", "This cohort is for ages {from} to {to} on {on}; the participant is {age}. Check the date of birth.";
    ENROLLMENT_REGION = Refused "enrollment.region", "Angkatan ini tidak untuk kabupaten/kota peserta. Pilih angkatan lain, atau minta dinas memperluasnya.", "This cohort is not for the participant's regency. Choose another cohort, or ask the office to widen it.";
    ENROLLMENT_CLASS_REQUIRED = Invalid "enrollment.class_required", "Sebutkan kelasnya.", "Name the class.";
    ENROLLMENT_JUMP_REASON = Invalid "enrollment.jump_reason", "Ada yang lebih dahulu berhak atas kursi ini. Isi alasannya; alasan itu terbaca oleh semua yang dilewati.", "Others come first for this seat. Give the reason; everyone who is passed over reads it.";
    ENROLLMENT_SAME_CLASS = Invalid "enrollment.same_class", "Orang ini sudah duduk di kelas itu. Pilih kelas lain.", "The person sits in that class already. Choose another one.";
    SEAT_OFFER_OPEN = Refused "seat_offer.open", "Sebuah kursi sedang ditawarkan kepada orang ini. Tunggu jawabannya, atau jawab dahulu tawaran itu.", "A seat is offered to this person. Wait for the answer, or answer the offer first.";
    SEAT_OFFER_ANSWERED = Refused "seat_offer.answered", "Tawaran ini sudah dijawab atau ditarik. Muat ulang untuk melihat hasilnya.", "This offer has been answered or withdrawn. Load it again to see what came of it.";
    SEAT_OFFER_EXPIRED = Refused "seat_offer.expired", "Batas waktu tawaran ini sudah lewat dan kursinya diteruskan kepada yang berikutnya. Orang ini tetap menunggu kursi kelas lain.", "The time of this offer is over and its seat passes on to the next. The person goes on waiting for other classes.";
    SEAT_RESERVATION_OVER = Refused "seat_reservation.over", "Tidak ada lagi kursi yang dapat dinamai di sini: semua sudah terisi atau sudah dikembalikan. Minta kursi baru kepada dinas, atau tunggu giliran.", "No seat can be named here any more: all are taken or have gone back. Ask the office for further seats, or wait for the turn.";
    ENROLLMENT_OTHER_SCHOOL = Refused "enrollment.other_school", "Kursi ini untuk peserta sekolah lain. Pilih peserta dari sekolah yang mendapat kursi.", "This seat is for people of another school. Choose somebody of the school that has the seat.";
    SEATING_NOT_DELEGATED = Denied "seating.not_delegated", "Provinsi tidak melimpahkan penempatan kursi angkatan ini kepada kabupaten/kota. Minta sekolah atau dinas pendidikan provinsi yang menjawab.", "The province has not delegated the seating of this cohort to its regencies. Let the school or the provincial education office answer.";
    SEATING_PLAN_STATE = Refused "seating_plan.state", "Rencana ini tidak terbuka lagi (status {state}). Buat rencana baru untuk angkatan ini.", "This plan is no longer open (state {state}). Make a new plan for the cohort.";
    SEATING_PLAN_MOVED = Refused "seating_plan.moved", "Sejak rencana ini dilihat, daftar tunggu atau kursi berubah sehingga kursi {people} orang tidak lagi sama. Rencana baru sudah disimpan; lihat orang-orang itu, lalu terapkan lagi.", "Since this plan was looked at the waiting list or the seats have changed, and the seats of {people} people are no longer the same. The new plan is kept; look at those people, then apply it again.";
    ENROLLMENT_NOT_ACTIVE = Refused "enrollment.not_active", "Peserta yang sedang cuti belum dapat diputuskan. Aktifkan lagi kepesertaannya, atau akhiri, lalu putuskan.", "Somebody on leave cannot be decided on. Let the enrollment go on or end it, then decide.";

    // Sessions, attendance, assessment.
    CALENDAR_WEEKDAYS = Invalid "calendar.weekdays", "Hari harus angka 1 (Senin) sampai 7 (Minggu), masing-masing sekali.", "Weekdays are numbers from 1 (Monday) to 7 (Sunday), each once.";
    SESSION_CLASS_BUSY = Refused "session.class_busy", "Kelas ini sudah punya pertemuan pada {held_on} pukul {time}. Pilih waktu lain.", "This class has a session on {held_on} at {time} already. Choose another time.";
    SESSION_INSTRUCTOR_BUSY = Refused "session.instructor_busy", "Pengajar sudah mengajar {class} pada {held_on} pukul {time}. Pilih waktu atau pengajar lain.", "The instructor teaches {class} on {held_on} at {time}. Choose another time or instructor.";
    SESSION_ROOM_BUSY = Refused "session.room_busy", "Ruang itu dipakai {class} pada {held_on} pukul {time}. Pilih waktu atau ruang lain.", "That room is used by {class} on {held_on} at {time}. Choose another time or room.";
    SESSION_TAKEN = Refused "session.taken", "Kelas, pengajar, atau ruang itu baru saja terpakai pada waktu tersebut. Muat ulang jadwal, lalu pilih waktu lain.", "That class, instructor or room was just taken at that time. Load the timetable again and choose another time.";
    SESSION_PAST_MIDNIGHT = Refused "session.past_midnight", "Pertemuan ini berakhir lewat tengah malam. Mulai lebih awal, atau kurangi jam pelajarannya.", "This session would end after midnight. Begin earlier, or take fewer lesson hours.";
    SESSION_OUTSIDE_CLASS = Refused "session.outside_class", "Pertemuan harus berada di dalam masa kelas ({starts_on} sampai {ends_on}).", "A session must lie inside the class period ({starts_on} to {ends_on}).";
    SESSION_DAY_OFF = Invalid "session.day_off", "Hari itu libur: {name}. Konfirmasi bila kelas tetap bertemu.", "Nobody meets on that day: {name}. Confirm if the class meets all the same.";
    SESSION_UNCOVERED = Invalid "session.uncovered", "{lesson_hours} jam pelajaran belum terjadwal. Buat pertemuan pengganti, atau tambah jadwal mingguan.", "{lesson_hours} lesson hours are not in the timetable. Make replacement sessions, or add to the weekly pattern.";
    SESSION_NOT_MOVED = Refused "session.not_moved", "Pertemuan ini sudah di hari, waktu, pengajar, dan ruang itu. Ubah salah satunya.", "The session is on that day, at that time, with that instructor and in that room already. Change one of them.";
    SESSION_NOT_CANCELLED = Refused "session.not_cancelled", "Pertemuan ini tidak dibatalkan, jadi tidak ada yang dapat ditarik kembali.", "This session was not cancelled, so there is nothing to take back.";
    SESSION_NOT_REPLACEABLE = Refused "session.not_replaceable", "Hanya pertemuan yang dibatalkan dapat diganti. Batalkan dahulu, atau pindahkan pertemuannya.", "Only a cancelled session can be replaced. Cancel it first, or move it.";
    SESSION_REPLACED = Refused "session.replaced", "Pertemuan ini sudah punya pengganti. Batalkan penggantinya dahulu.", "This session has a replacement already. Cancel the replacement first.";
    SESSION_NO_SLOTS = Refused "session.no_slots", "Kelas belum punya jadwal mingguan. Isi dahulu di data kelas.", "The class has no weekly pattern. Enter one in the class first.";
    SESSION_CANCELLED = Refused "session.cancelled", "Pertemuan ini dibatalkan.", "This session was cancelled.";
    SESSION_HELD = Refused "session.held", "Presensi pertemuan ini sudah tercatat, jadi tidak dapat dibatalkan.", "This session has a register, so it cannot be cancelled.";
    SESSION_FUTURE = Refused "session.future", "Pertemuan ini belum berlangsung ({held_on}).", "This session has not taken place yet ({held_on}).";
    ATTENDANCE_NOT_A_MEMBER = Invalid "attendance.not_a_member", "Kepesertaan ini bukan anggota kelas pada hari itu.", "This enrollment was not a member of the class on that day.";
    ATTENDANCE_NOT_LATE = Invalid "attendance.not_late", "Menit terlambat hanya untuk tanda T.", "Only the mark T has minutes late.";
    ATTENDANCE_ENTRY_ID = Invalid "attendance.entry_id", "Identitas tanda harus berupa UUID yang dibuat di perangkat.", "The identity of a mark must be a UUID made on the device.";
    ATTENDANCE_ENTRY_REUSED = Refused "attendance.entry_reused", "Identitas ini sudah dipakai untuk tanda lain. Beri tanda yang baru identitas baru.", "This identity was used for another mark already. Give a new mark a new identity.";
    ATTENDANCE_SEEN = Refused "attendance.seen", "Presensi yang disebut telah dilihat itu belum ada. Ambil ulang data kelas, lalu tandai lagi.", "The register that is said to have been seen is not there yet. Fetch the class again, then mark again.";
    ATTENDANCE_CORRECTION_LATE = Refused "attendance.correction_late", "Pengajar dapat memperbaiki presensi ini sampai {until}. Minta pengelola lembaga atau dinas provinsi.", "The instructor could correct this register until {until}. Ask the manager of the institution or the province.";
    ATTENDANCE_CLASH_CLOSED = Refused "attendance.clash_closed", "Perbedaan ini sudah diputuskan.", "This disagreement has been settled already.";
    ATTENDANCE_DECIDED = Refused "attendance.decided", "Kelulusan peserta ini sudah diputuskan. Presensinya diubah oleh dinas pendidikan provinsi.", "The completion of this participant is decided. The provincial education office changes the attendance.";
    ATTENDANCE_CLASS_COMPLETED = Refused "attendance.class_completed", "Kelas sudah selesai; perubahan presensi hanya oleh dinas provinsi.", "The class is completed; only the province may change its attendance.";
    ASSESSMENT_COMPONENT = Invalid "assessment.component_unknown", "Komponen ini tidak ada dalam kurikulum. Pilih salah satu dari: {allowed}.", "The curriculum has no such component. Choose one of: {allowed}.";
    ASSESSMENT_NOT_A_MEMBER = Invalid "assessment.not_a_member", "Kepesertaan ini bukan anggota kelas tersebut.", "This enrollment is not a member of that class.";
    ASSESSMENT_DECIDED = Refused "assessment.decided", "Kelulusan orang ini sudah diputuskan, jadi nilainya tetap. Minta dinas pendidikan provinsi membuka lagi keputusan itu dahulu.", "The completion of this person is decided, so the scores stay as they are. Ask the provincial education office to open the decision again first.";
    ASSESSMENT_FUTURE = Invalid "assessment.future", "Tanggal penilaian belum tiba. Isi hari nilai itu diberikan.", "The day of the assessment has not come yet. Enter the day on which it was assessed.";
    ASSESSMENT_BEFORE_CLASS = Invalid "assessment.before_class", "Tanggal penilaian sebelum kelas dimulai ({starts_on}). Periksa tanggalnya.", "The day of the assessment is before the class began ({starts_on}). Check the day.";
    ASSESSMENT_SCORE_OR_WITHDRAWN = Invalid "assessment.score_or_withdrawn", "Isi nilai yang benar, atau withdrawn bila nilai ini tidak pernah ada; salah satu saja.", "Enter the right score, or withdrawn if there never was one; one of them only.";
    ASSESSMENT_ALREADY_CORRECTED = Refused "assessment.already_corrected", "Nilai ini sudah dikoreksi. Koreksi nilai yang menggantikannya.", "This score was corrected already. Correct the one in its place.";
    ASSESSMENT_ATTEMPT_TAKEN = Refused "assessment.attempt_taken", "Percobaan itu sudah dinilai. Catat sebagai percobaan berikutnya.", "That attempt is scored already. Record the next attempt.";

    // Exams outside the programs.
    EXAM_FUTURE = Invalid "exam.future", "Tanggal tes belum tiba. Isi hari tes itu diikuti.", "The test day has not come yet. Enter the day the test was taken.";
    EXAM_NOT_IN_FORCE = Invalid "exam.not_in_force", "{scheme} belum atau tidak lagi berlaku pada tanggal tes itu. Periksa tanggal dan nama ujiannya.", "{scheme} was not in force on that test day. Check the day and the exam.";
    EXAM_TOO_YOUNG = Invalid "exam.too_young", "Ujian ini diikuti mulai umur {minimum} tahun pada hari tes. Periksa tanggal tes dan tanggal lahir.", "This exam is taken from the age of {minimum} on the test day. Check the test day and the birth date.";
    EXAM_LEVEL = Invalid "exam.level_unknown", "Pada tanggal tes itu ujian ini tidak punya tingkat tersebut. Pilih salah satu dari: {allowed}.", "The exam had no such level on that test day. Choose one of: {allowed}.";
    EXAM_SECTION = Invalid "exam.section_unknown", "Tingkat ini tidak punya bagian tersebut. Pilih salah satu dari: {allowed}.", "The level has no such section. Choose one of: {allowed}.";
    EXAM_SECTION_MISSING = Invalid "exam.section_missing", "Nilai bagian ini belum diisi: {missing}. Isi semua, atau hasil yang tertulis di kertas saja.", "These sections have no score: {missing}. Enter all of them, or only the result as the paper says it.";
    EXAM_SCORE_RANGE = Invalid "exam.score_range", "Nilai paling tinggi {max}. Periksa lagi pada kertas hasil.", "The highest score is {max}. Check the paper again.";
    EXAM_SCORE_LOWEST = Invalid "exam.score_lowest", "Nilai paling rendah {min}. Periksa lagi pada kertas hasil.", "The lowest score is {min}. Check the paper again.";
    EXAM_SCORE_WHOLE = Invalid "exam.score_whole", "Ujian ini memberi nilai bulat tanpa pecahan. Periksa lagi pada kertas hasil.", "This exam gives whole points without fractions. Check the paper again.";
    EXAM_TEST_DAY = Invalid "exam.test_day", "Ujian ini diadakan pada hari Minggu pertama bulan {months}. Periksa tanggal tesnya; konfirmasi bila kertas memang demikian.", "This exam is held on the first Sunday of month {months}. Check the test day; confirm if the paper says so.";
    EXAM_VALID_LONG = Invalid "exam.valid_long", "Sertifikat ini biasanya berlaku {months} bulan. Periksa tanggal akhirnya; konfirmasi bila kertas memang demikian.", "This certificate usually counts for {months} months. Check its last day; confirm if the paper says so.";
    EXAM_NUMBER_TAKEN = Invalid "exam.number_taken", "Nomor kertas ini sudah tercatat pada orang lain. Periksa nomor dan orangnya; konfirmasi bila memang sama.", "The number of this paper is on record for somebody else. Check the number and the person; confirm if both are right.";
    EXAM_OTHER_EXAM = Invalid "exam.other_exam", "Koreksi tetap untuk ujian yang sama ({scheme}). Bila ujiannya keliru, tarik hasil ini lalu catat yang benar.", "A correction is of the same exam ({scheme}). If the exam is wrong, withdraw this result and record the right one.";
    EXAM_WITHDRAWN = Refused "exam.withdrawn", "Hasil ini sudah ditarik. Catat hasil yang baru bila perlu.", "This result was withdrawn. Record a new one if needed.";
    EXAM_TOTAL = Invalid "exam.total_differs", "Nilai total bukan jumlah nilai bagiannya ({sum}). Periksa semuanya.", "The total is not the sum of the sections ({sum}). Check all of them.";
    EXAM_RESULT_REQUIRED = Invalid "exam.result_required", "Dari nilai saja belum diketahui lulus atau tidak. Isi hasil yang tertulis di kertas.", "The scores alone do not tell whether it was passed. Enter the result as the paper says it.";
    EXAM_RESULT_DIFFERS = Invalid "exam.result_differs", "Kertas menyatakan hasil yang lain daripada yang dihitung dari nilainya ({computed}). Periksa nilainya; bila kertas memang demikian, konfirmasi dan tulis alasannya.", "The paper says another result than its scores come to ({computed}). Check the scores; if the paper is right, confirm and say why.";
    EXAM_ALREADY_RECORDED = Refused "exam.already_recorded", "Hasil ujian ini untuk hari tes itu sudah tercatat. Koreksi hasil itu bila perlu.", "The result of this exam on that test day is on record. Correct it if needed.";
    EXAM_ALREADY_CORRECTED = Refused "exam.already_corrected", "Hasil ini sudah diganti oleh sebuah koreksi. Koreksi hasil yang masih berlaku.", "This result was replaced by a correction. Correct the one that is in force.";

    // Completion and certificates.
    COMPLETION_ALREADY_RECORDED = Refused "completion.already_recorded", "Kelulusan kepesertaan ini sudah diputuskan.", "The completion of this enrollment is decided already.";
    COMPLETION_UNREPORTED = Invalid "completion.sessions_unreported", "{sessions} pertemuan sudah lewat tanpa presensi. Isi presensinya dahulu, atau konfirmasi bila keputusan tetap diambil.", "{sessions} sessions are over and have no register. Fill them in first, or confirm to decide all the same.";
    COMPLETION_HOURS_TO_COME = Invalid "completion.hours_to_come", "{lesson_hours} jam pelajaran masih akan berlangsung. Konfirmasi bila keputusan tetap diambil sekarang.", "{lesson_hours} lesson hours are still to come. Confirm to decide now all the same.";
    COMPLETION_UNMARKED = Invalid "completion.unmarked", "{people} peserta belum ditandai pada pertemuan yang sudah berlangsung, dan jam itu dihitung tidak hadir. Lengkapi presensinya, atau konfirmasi.", "{people} participants have no mark in sessions that were held, and those hours count as missed. Complete the register, or confirm.";
    COMPLETION_DISPUTED = Invalid "completion.disputed", "Presensi {people} peserta masih berselisih antara dua perangkat. Putuskan perselisihannya dahulu, atau konfirmasi.", "The attendance of {people} participants is disputed between two devices. Resolve the clashes first, or confirm.";
    COMPLETION_NO_RESULT = Invalid "completion.no_result", "{people} peserta akan dinyatakan tidak lulus karena ada nilai atau hasil ujian yang belum dicatat. Catat dahulu, atau konfirmasi.", "{people} participants will not complete because a score or an exam result is not recorded yet. Record it first, or confirm.";
    COMPLETION_EXAM_LOST = Refused "completion.exam_lost", "Hasil ujian yang mendasari kelulusan ini sudah dikoreksi atau ditarik. Minta dinas pendidikan provinsi membuka lagi keputusannya, lalu putuskan ulang.", "The exam result that this completion rests on was corrected or withdrawn. Ask the provincial education office to open the decision again, then decide anew.";
    COMPLETION_OVERRIDE_NAMES = Invalid "completion.override_names", "Kelulusan dengan alasan hanya untuk orang yang disebut satu per satu. Isi enrollments.", "An override is for people who are named one by one. Fill in enrollments.";
    COMPLETION_CERTIFIED = Refused "completion.certified", "Sertifikat yang masih berlaku berdiri di atas kelulusan ini. Cabut sertifikat itu dahulu.", "A certificate that holds stands on this completion. Revoke the certificate first.";
    CERTIFICATE_ALREADY_ISSUED = Refused "certificate.already_issued", "Sertifikat untuk kelulusan ini sudah terbit.", "The certificate for this completion is issued already.";
    CERTIFICATE_NUMBER_TAKEN = Refused "certificate.number_taken", "Nomor sertifikat ini sudah terpakai.", "This certificate number is taken.";
    CERTIFICATE_PATTERN_TEXT = Invalid "certificate.pattern_text", "Pola nomor terdiri atas 1 sampai 80 huruf, angka, spasi, atau tanda . / - _ : , & ( ), dengan penanda di dalam kurung siku.", "A number pattern has 1 to 80 letters, digits, spaces or . / - _ : , & ( ), with its places in square brackets.";
    CERTIFICATE_PATTERN_PLACE = Invalid "certificate.pattern_place", "Penanda pada pola nomor tidak dikenal. Yang dikenal: [number], [number:4], [program], [issuer], [month], [month:2], [year].", "A place in the number pattern is not known. These are: [number], [number:4], [program], [issuer], [month], [month:2], [year].";
    CERTIFICATE_PATTERN_NUMBER = Invalid "certificate.pattern_number", "Pola nomor harus memuat nomor urut tepat satu kali: [number] atau [number:4].", "A number pattern holds the running number exactly once: [number] or [number:4].";
    CERTIFICATE_PATTERN_YEAR = Invalid "certificate.pattern_year", "Pola nomor harus memuat [year] tepat satu kali, karena nomor urut mulai lagi dari 1 setiap tahun.", "A number pattern holds [year] exactly once, because the count begins with 1 again each year.";
    CERTIFICATE_PATTERN_TOUCHING = Invalid "certificate.pattern_touching", "Penanda pada pola nomor tidak boleh saling menempel, dan nomor urut tidak boleh menempel pada angka. Pisahkan dengan tanda seperti / atau -.", "Places of a number pattern must not touch one another, nor the running number a digit. Part them with a sign like / or -.";
    CERTIFICATE_PATTERN_WORD = Invalid "certificate.pattern_word", "Kata Nomor sudah tercetak di depan nomor. Mulailah pola dengan bagian sesudahnya.", "The word Nomor is printed before the number already. Begin the pattern with what follows it.";
    CERTIFICATE_LOGO = Invalid "certificate.logo_format", "Logo harus gambar PNG, paling besar {limit} byte dan {edge} piksel pada tiap sisi.", "A logo must be a PNG image of at most {limit} bytes and {edge} pixels on each side.";
    CERTIFICATE_REVOKED = Refused "certificate.revoked", "Sertifikat ini sudah dicabut. Bila pencabutannya keliru: dinas provinsi membuka lagi keputusan kelulusannya, memutuskan lagi, lalu menerbitkan sertifikat baru.", "This certificate was revoked already. If that was a mistake, the province reopens the completion, decides again, and issues a new certificate.";
    CERTIFICATE_REPLACED = Refused "certificate.replaced", "Sertifikat ini sudah diganti dengan yang lain.", "Another certificate has taken the place of this one already.";
    CERTIFICATE_GLYPH = Refused "certificate.glyph_missing", "Huruf {character} pada {part} tidak ada dalam fon sertifikat. Tambahkan fon yang memuatnya lewat pengaturan certificate_font.", "None of the certificate's fonts has the character {character} in {part}. Add a font that has it with the setting certificate_font.";
    CERTIFICATE_SCRIPT = Refused "certificate.script_unprintable", "Huruf {character} pada {part} berasal dari aksara yang belum dapat dicetak di sertifikat, dengan fon mana pun. Tulis dengan huruf Latin, seperti pada akta atau paspor.", "The character {character} in {part} is of a script that certificates cannot be printed in yet, whatever the font. Write it in Latin letters, as on the birth certificate or passport.";
    CERTIFICATE_INVISIBLE = Refused "certificate.character_invisible", "Pada {part} ada tanda yang tidak terlihat ({character}). Ketik ulang tanpa tanda itu.", "There is a character that nobody sees ({character}) in {part}. Type it anew without it.";
    CERTIFICATE_LAYOUT = Refused "certificate.layout", "Tidak muat di sertifikat: {part} terlalu panjang. Persingkat dahulu.", "This does not fit on the certificate: {part}. Make it shorter first.";
    CERTIFICATE_SIGNATORY = Refused "certificate.signatory_missing", "Pimpinan lembaga penerbit belum diisi. Isi nama dan jabatannya dahulu.", "The issuing partner has no head on record. Enter the name and title first.";

    // Imports.
    IMPORT_EMPTY = Invalid "import.empty", "Berkas kosong.", "The file is empty.";
    IMPORT_TOO_LARGE = Invalid "import.too_large", "Berkas melebihi {limit} bita. Bagi menjadi beberapa berkas.", "The file is larger than {limit} bytes. Split it into several files.";
    IMPORT_ZIP_BOMB = Invalid "import.zip_bomb", "Isi berkas mengembang melebihi batas {limit} bita dan ditolak.", "The file's content expands beyond the limit of {limit} bytes and is refused.";
    IMPORT_ENCRYPTED = Invalid "import.encrypted", "Berkas dilindungi kata sandi. Simpan salinan tanpa kata sandi lalu unggah lagi.", "The file is protected by a password. Save a copy without one and upload it again.";
    IMPORT_UNSUPPORTED_FORMAT = Invalid "import.unsupported_format", "Format {found} belum dapat dibaca. Simpan sebagai .xlsx atau .csv.", "The format {found} cannot be read yet. Save it as .xlsx or .csv.";
    IMPORT_NOT_A_WORKBOOK = Invalid "import.not_a_workbook", "Ini bukan buku kerja (.xlsx, .xls, .ods) atau teks CSV. Unggah berkas unduhan dari Dapodik.", "This is neither a workbook (.xlsx, .xls, .ods) nor CSV text. Upload the file as downloaded from Dapodik.";
    IMPORT_DAMAGED = Invalid "import.damaged", "Berkas rusak. Unduh lagi dari Dapodik, atau buka dan simpan ulang di Excel.", "The file is damaged. Download it again from Dapodik, or open and save it anew in Excel.";
    IMPORT_UNKNOWN_HEADER = Invalid "import.unknown_header", "Baris judul tidak dikenal; yang belum ada: {missing}. Pakai unduhan Daftar Peserta Didik dari Dapodik atau templat kami, atau tunjukkan sekali kolom mana berisi apa.", "The header is not known; missing: {missing}. Use the Daftar Peserta Didik download from Dapodik or our template, or say once which column is which.";
    IMPORT_HEADER_MISSING = Invalid "import.header_missing", "Baris judul tidak dikenal; yang belum ada: {missing}. Beri kolom itu judul, atau pakai templat kami untuk jenis berkas ini.", "The header is not known; missing: {missing}. Give that column a title, or use our template for this kind of file.";
    IMPORT_TOO_MANY_ROWS = Invalid "import.too_many_rows", "Berkas melebihi {limit} baris. Bagi menjadi beberapa berkas.", "The file has more than {limit} rows. Split it into several files.";
    IMPORT_TOO_MANY_COLUMNS = Invalid "import.too_many_columns", "Berkas melebihi {limit} kolom. Hapus kolom yang tidak diperlukan.", "The file has more than {limit} columns. Remove those that are not needed.";
    IMPORT_OLD_FORMAT = Invalid "import.old_format", "Ini format Excel 4 atau yang lebih lama. Buka di Excel lalu simpan sebagai .xlsx.", "This is the format of Excel 4 or older. Open it in Excel and save it as .xlsx.";
    IMPORT_APPLIED = Refused "import.applied", "Impor ini sudah diterapkan.", "This import has been applied already.";
    IMPORT_ROWS_GONE = Refused "import.rows_gone", "Isi berkas ini sudah dihapus karena masa simpannya habis. Unggah berkasnya lagi.", "The rows of this file were removed when their time was over. Upload the file again.";
    IMPORT_NO_PROBLEMS = Refused "import.no_problems", "Tidak ada baris yang perlu diperbaiki. Lanjutkan dengan menerapkan impor ini.", "No row needs correcting. Go on and apply this import.";
    IMPORT_NOT_APPLIED = Refused "import.not_applied", "Impor ini belum diterapkan, jadi tidak ada yang perlu dibatalkan.", "This import has not been applied, so there is nothing to undo.";
    IMPORT_UNDONE = Refused "import.undone", "Impor ini sudah dibatalkan.", "This import has been undone already.";
    IMPORT_UNDO_BLOCKED = Refused "import.undo_blocked", "Impor ini tidak dapat dibatalkan: ada yang sudah dibangun di atas baris {rows}. Lihat baris itu, lalu perbaiki satu per satu.", "This import cannot be undone: something was built on rows {rows}. Look at those rows and correct them one by one.";
    LAYOUT_KNOWN = Refused "layout.known", "Baris judul berkas ini sudah dikenal. Impor saja berkasnya.", "The header of this file is known already. Just import the file.";
    LAYOUT_NO_HEADER = Invalid "layout.no_header", "Tidak ada baris yang mirip baris judul. Beri setiap kolom judul seperti Nama, JK, Tanggal Lahir, dan NIK di satu baris di atas datanya.", "No row looks like a header. Give each column a title such as Nama, JK, Tanggal Lahir and NIK in one row above the data.";
    LAYOUT_OTHER_HEADERS = Invalid "layout.other_headers", "Sidik ini bukan milik judul kolom yang dikirim. Kirim semua judul kolom persis seperti dalam tebakan.", "The fingerprint does not belong to these headers. Send every header just as the guess named them.";
    LAYOUT_FIELD_MISSING = Invalid "layout.field_missing", "Belum ada kolom untuk {missing}. Tunjuk kolomnya; dari nik dan nisn cukup satu.", "No column is named for {missing}. Name it; of nik and nisn one is enough.";
    UNDO_CHANGED = Refused "undo.changed", "Data orang ini diubah setelah impor.", "This person's data were changed after the import.";
    UNDO_USED = Refused "undo.used", "Orang ini sudah punya persetujuan, hasil ujian, penundaan, permintaan, atau catatan insiden.", "This person has a consent, a result of an exam, a hold, a request or an incident by now.";
    UNDO_ENROLLED = Refused "undo.enrolled", "Orang ini sudah didaftarkan ke angkatan lain.", "This person is registered for another cohort by now.";
    UNDO_RESULT_CORRECTED = Refused "undo.result_corrected", "Hasil ujian orang ini dikoreksi setelah impor.", "This person's result was corrected after the import.";
    UNDO_RESULT_DECIDED = Refused "undo.result_decided", "Keputusan kelulusan orang ini bertumpu pada hasil ujian ini. Keputusannya harus dibuka kembali dahulu.", "The decision on this person's completion rests on this result. The decision has to be opened again first.";
    UNDO_MOVED = Refused "undo.moved", "Pendaftaran orang ini sudah berubah status.", "This person's enrollment has moved on.";
    UNDO_PARTNER_CHANGED = Refused "undo.partner_changed", "Lembaga ini diubah setelah impor.", "This partner was changed after the import.";
    UNDO_PARTNER_USED = Refused "undo.partner_used", "Lembaga ini sudah dipakai: ada akun, peserta, perjanjian, kelas, berkas, atau sertifikatnya.", "This partner is in use by now: it has an account, participants, an agreement, a class, a file or a certificate.";
    UNDO_MARK_CHANGED = Refused "undo.mark_changed", "Presensi orang ini diubah setelah impor. Betulkan di daftar hadir pertemuannya.", "This person's marks were changed after the import. Correct them in the register of the session.";
    IMPORT_MOVED = Refused "import.moved", "Sejak rencana ini dibuat, isi register berubah sehingga baris {rows} tidak lagi sama. Rencana baru sudah disimpan; lihat baris itu, lalu terapkan lagi.", "Since this plan was made the register has changed, and rows {rows} are no longer the same. The new plan is kept; look at those rows, then apply it again.";
    IMPORT_ROW_NOT_WRITABLE = Invalid "import.row_not_writable", "Baris {row} tidak ada di rencana, dilewati, atau masih bermasalah. Hapus dari pilihan, atau perbaiki berkasnya.", "Row {row} is not in the plan, is skipped, or still has a problem. Leave it out, or correct the file.";
    IMPORT_NOT_A_NAMESAKE = Invalid "import.not_a_namesake", "Orang ini bukan salah satu dari yang bernama dan bertanggal lahir sama dengan baris {row}.", "This person is not one of those with the name and birth date of row {row}.";
    IMPORT_WARNINGS = Refused "import.warnings", "Ada peringatan yang perlu dikonfirmasi: {warnings}. Kirim kodenya di dalam confirm.", "There are warnings to confirm: {warnings}. Send their codes in confirm.";
    JOB_OPEN = Refused "job.open", "Untuk impor ini masih ada pekerjaan lain yang berjalan atau mengantre. Tunggu sampai selesai, atau batalkan dahulu.", "Another job of this import is waiting or running. Wait until it has ended, or cancel it first.";
    JOB_ENDED = Refused "job.ended", "Pekerjaan ini sudah berakhir, jadi tidak dapat dibatalkan lagi. Impor yang sudah diterapkan dapat ditarik kembali lewat undo.", "This job has ended, so it can no longer be cancelled. An import that was applied can be undone.";
    JOB_CANCELLED = Refused "job.cancelled", "Pekerjaan ini dibatalkan. Minta lagi bila masih diperlukan.", "This job was cancelled. Ask again if it is still needed.";
    JOB_ASKER_GONE = Refused "job.asker_gone", "Akun atau tanda layanan yang meminta pekerjaan ini tidak berlaku lagi. Minta lagi dengan akun yang aktif.", "The account or service token that asked for this job no longer works. Ask again with an active account.";
    JOB_GAVE_UP = Refused "job.gave_up", "Pekerjaan ini terhenti {attempts} kali sebelum selesai; tidak ada yang ditulis. Minta lagi, atau bagi berkasnya.", "This job broke off {attempts} times before its end; nothing was written. Ask again, or split the file.";
    ROW_DUPLICATE = Invalid "row.duplicate", "Orang ini sudah ada di baris {row} berkas yang sama. Hapus salah satu.", "This person is on row {row} of the same file already. Remove one of them.";
    ROW_WAITS_CONSENT = Invalid "row.waits_for_consent", "Belum dewasa dan belum ada persetujuan wali: masuk daftar tunggu sampai persetujuan dicatat.", "A minor without a guardian's consent: waits on the list until it is recorded.";
    ROW_WAITS_SEAT = Invalid "row.waits_for_seat", "Kursi kelas ini sudah habis: masuk daftar tunggu.", "The seats of this class are taken: waits on the list.";
    ROW_NAMESAKE = Invalid "row.namesake", "Baris {row} berisi orang dengan nama dan tanggal lahir yang sama tetapi nomor lain. Periksa, lalu konfirmasi bila memang dua orang.", "Row {row} has someone of the same name and birth date with other numbers. Check, and confirm if they are two people.";
    ROW_NOT_GRADE_XII = Invalid "row.not_grade_xii", "Rombel baris ini bukan kelas XII; barisnya dilewati.", "This row's homeroom is not grade XII; the row is skipped.";
    ROW_OTHER_SCHOOL = Invalid "row.other_school", "Orang ini terdaftar di sekolah lain. Minta dinas provinsi memindahkannya.", "This person is registered at another school. Ask the province to move them.";
    ROW_IDENTITY_CONFLICT = Invalid "row.identity_conflict", "NIK milik satu orang dan NISN milik orang lain yang sudah terdaftar. Periksa keduanya.", "The NIK belongs to one registered person and the NISN to another. Check both.";
    ROW_OTHER_FORM = Invalid "row.other_form", "Bentuk pendidikan ini tidak mengirim peserta; barisnya dilewati.", "This form of education sends no participants; the row is skipped.";
    ROW_PARTNER_TWICE = Invalid "row.partner_twice", "Lembaga ini sudah ada di baris {row} berkas yang sama. Hapus salah satu.", "This partner is on row {row} of the same file already. Remove one of them.";
    ROW_REGENCY_UNKNOWN = Invalid "row.regency_unknown", "Kabupaten/kota ini tidak ada di provinsi ini. Tulis seperti Kab. Lampung Timur, Kota Metro, atau kodenya 18.07.", "This regency or city is not in this province. Write it like Kab. Lampung Timur, Kota Metro, or as its code 18.07.";
    ROW_REGENCY_DIFFERS = Invalid "row.regency_differs", "Register mencatat kabupaten/kota lain untuk lembaga ini, dan itu tidak diubah. Periksa NPSN-nya.", "The register has another regency or city for this partner, and leaves it so. Check the NPSN.";
    PARTNER_KIND_UNKNOWN = Invalid "partner.kind_unknown", "Jenis lembaga tidak dikenal. Tulis SMA, SMK, MA, BLK, LPK, LKP, Universitas, Politeknik, Balai Pelatihan Pertanian, atau Instansi Pemerintah.", "The kind of institution is not known. Write SMA, SMK, MA, BLK, LPK, LKP, University, Polytechnic, Agricultural center or Government office.";
    PARTNER_SAME_NAME = Invalid "partner.same_name", "Sudah ada lembaga bernama sama di kabupaten/kota ini dengan NPSN lain atau tanpa NPSN. Periksa, lalu konfirmasi bila memang dua lembaga.", "A partner of the same name is in this regency or city with another NPSN or without one. Check, and confirm if they are two.";
    PARTNER_UNCLEAR = Invalid "partner.unclear", "Beberapa lembaga bernama sama di kabupaten/kota ini. Isi NPSN-nya.", "Several partners of this name are in this regency or city. Fill in the NPSN.";
    NPSN_MISSING = Invalid "npsn.missing", "NPSN sekolah kosong. Isi 8 angka dari daftar satuan pendidikan.", "The school's NPSN is empty. Fill in the 8 digits from the ministry's list of schools.";
    NIP_NUMBER_CELL = Invalid "nip.number_cell", "NIP tersimpan sebagai angka sehingga angka terakhirnya hilang. Ubah selnya menjadi teks lalu ketik lagi.", "The NIP is a number in the workbook and has lost its last digits. Make the cell Text and type it again.";
    MARK_UNKNOWN = Invalid "mark.unknown", "Tanda ini tidak dikenal. Tulis H, T, S, I, atau A; kosongkan bila belum ada presensi.", "This mark is not known. Write H, T, S, I or A; leave the cell empty where nothing was marked.";
    MARK_NO_SESSION = Invalid "mark.no_session", "Kelas ini tidak punya pertemuan pada hari di judul kolom ini. Cocokkan dengan jadwal kelas.", "The class has no session on the day that heads this column. Compare it with the timetable of the class.";
    MARK_WHICH_SESSION = Invalid "mark.which_session", "Kelas bertemu lebih dari sekali pada hari ini. Tambahkan jam mulai atau ke-1, ke-2 di judul kolomnya.", "The class meets more than once on this day. Add the time of day, or ke-1 and ke-2, to the header.";
    MARK_SESSION_TWICE = Invalid "mark.session_twice", "Pertemuan ini sudah ada di kolom sebelumnya. Hapus salah satu kolom.", "This session is in an earlier column already. Remove one of the columns.";
    MARK_NOT_IN_CLASS = Invalid "mark.not_in_class", "Tidak ada peserta kelas ini dengan NISN, NIPD, atau nama ini. Cocokkan dengan daftar peserta kelas.", "Nobody in this class has this NISN, student number or name. Compare it with the roster of the class.";
    MARK_TWO_OF_A_NAME = Invalid "mark.two_of_a_name", "Ada beberapa peserta bernama ini di kelas. Tambahkan NISN-nya.", "Several people in the class have this name. Add the NISN.";
    ROW_PERSON_UNKNOWN = Invalid "row.person_unknown", "Tidak ada peserta dengan NIK, NISN, atau nama dan tanggal lahir ini di antara peserta Anda. Periksa nomornya, atau daftarkan orangnya dahulu.", "None of your participants has this NIK, NISN, or name and birth date. Check the number, or register the person first.";
    ROW_WHO = Invalid "row.who", "Baris ini hanya punya nama dan tanggal lahir. Jawab siapa orangnya, atau isi NIK atau NISN.", "This row has only a name and a birth date. Answer who it is, or fill in the NIK or the NISN.";
    CELL_DATE = Invalid "cell.date", "Tanggal ini tidak terbaca atau tidak ada di kalender. Tulis seperti 17/11/2007.", "This date is unreadable or not in the calendar. Write it like 17/11/2007.";
    CELL_FAULT = Invalid "cell.fault", "Sel ini berisi galat rumus. Ketik nilainya.", "This cell holds a formula error. Type the value.";
}
