//! What each message says: Indonesian first, English below, as plain text and as HTML.

use std::fmt::Write;

use chrono::{FixedOffset, NaiveDate};

use super::Notice;
use crate::error::Language::{self, English, Indonesian};
use crate::time::{Instant, long_date};
use crate::values::{PersonName, ProvinceCode};

/// A message as a person reads it. No line of it comes from outside into a header.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line, without control characters.
    pub subject: &'static str,
    /// Lines end in `\n`.
    pub text: String,
    /// A whole document that needs nothing from the network.
    pub html: String,
}

/// A piece of a letter.
enum Part {
    Say(String),
    /// A fact with its name, on a line of its own.
    Fact(&'static str, String),
    /// A link that is shown as it is, under a word to press.
    Link(&'static str, String),
}

use Part::{Fact, Link, Say};

/// Writes the letter of a notice that was caused at this instant; times are told in the zone of the province.
pub(super) fn write(
    notice: &Notice,
    name: &PersonName,
    at: Instant,
    province: Option<&ProvinceCode>,
    public_url: &str,
) -> Letter {
    let parts =
        |language| parts(language, notice, name, &|instant| moment(language, instant, province), at, public_url);
    let (id, en) = (parts(Indonesian), parts(English));
    Letter {
        subject: subject(notice),
        text: format!("{}----------------------------------------\n\n{}", text(&id), text(&en)),
        html: format!(
            "<!doctype html><html lang=\"id\"><head><meta charset=\"utf-8\"><title>Vokasi</title></head>\
             <body style=\"margin:0;padding:24px;background:#f4f6f8;color:#16202b;font:16px/1.5 sans-serif\">\
             <div style=\"max-width:560px;margin:0 auto;padding:24px;background:#fff;border:1px solid #d8dee5;\
             border-radius:8px\"><div lang=\"id\">{}</div><hr style=\"border:0;border-top:1px solid #d8dee5;\
             margin:24px 0\"><div lang=\"en\">{}</div></div></body></html>\n",
            html(&id),
            html(&en)
        ),
    }
}

fn subject(notice: &Notice) -> &'static str {
    match notice {
        Notice::Invitation { .. } => "Undangan Vokasi: buat kata sandi / Vokasi invitation: choose a password",
        Notice::PasswordReset { .. } => "Vokasi: buat kata sandi baru / choose a new password",
        Notice::NewLogin { .. } => "Vokasi: masuk dari perangkat baru / sign-in from a new device",
        Notice::PasswordChanged { .. } => "Vokasi: kata sandi Anda berubah / your password was changed",
        Notice::SecondFactorSet { .. } => "Vokasi: faktor kedua dipasang / a second factor was set",
        Notice::SecondFactorRemoved { .. } => "Vokasi: faktor kedua dilepas / your second factor was removed",
        Notice::RecoveryCodeUsed { .. } => "Vokasi: kode pemulihan dipakai / a recovery code was used",
        Notice::AgreementEnds { .. } => "Vokasi: perjanjian akan berakhir / an agreement ends soon",
        Notice::SeatOffered { .. } => "Vokasi: kursi ditawarkan / a seat is offered",
        Notice::SeatLapsed { .. } => "Vokasi: tawaran kursi lewat waktu / an offer of a seat has lapsed",
    }
}

fn parts(
    language: Language,
    notice: &Notice,
    name: &PersonName,
    moment: &dyn Fn(Instant) -> String,
    at: Instant,
    public_url: &str,
) -> Vec<Part> {
    let say = |id: &str, en: &str| Say(choose(language, id, en).to_owned());
    let fact = |id, en, value: String| Fact(choose(language, id, en), value);
    let day = |day: NaiveDate| match language {
        Indonesian => long_date(day),
        English => day.format("%-d %B %Y").to_string(),
    };
    let greeting = match language {
        Indonesian => Say(format!("Yth. {},", name.as_str())),
        English => Say(format!("Dear {},", name.as_str())),
    };
    let link = |token: &str| Link(choose(language, "Buat kata sandi", "Choose a password"), link(public_url, token));
    let until = |end: Instant| match language {
        Indonesian => Say(format!(
            "Tautan ini berlaku sekali saja, sampai {}. Tautan dalam pesan yang lebih lama tidak berlaku lagi. \
             Jangan teruskan pesan ini kepada siapa pun.",
            moment(end)
        )),
        English => Say(format!(
            "The link works once, until {}. Links in older messages no longer work. \
             Do not forward this message to anyone.",
            moment(end)
        )),
    };
    let not_you = || {
        say(
            "Bila bukan Anda, segera minta kata sandi baru (semua yang sedang masuk akan dikeluarkan), lalu beri tahu \
             pengelola akun Anda.",
            "If this was not you, ask for a new password at once (which ends every login) and tell whoever manages \
             your account.",
        )
    };
    let mut parts = vec![greeting];
    parts.extend(match notice {
        Notice::Invitation { token, expires_at } => vec![
            say(
                "Anda mempunyai akun di Vokasi, register kelas pelatihan vokasi. Buat kata sandi Anda:",
                "You have an account at Vokasi, the register of vocational training classes. Choose your password:",
            ),
            link(token),
            until(*expires_at),
        ],
        Notice::PasswordReset { token, expires_at } => vec![
            say(
                "Ada permintaan kata sandi baru untuk akun Vokasi Anda. Bila itu dari Anda, buat kata sandi baru:",
                "A new password was asked for your Vokasi account. If that was you, choose one:",
            ),
            link(token),
            until(*expires_at),
            say(
                "Bila bukan Anda, abaikan pesan ini; kata sandi Anda tidak berubah.",
                "If it was not you, ignore this message; your password stays as it is.",
            ),
        ],
        Notice::NewLogin { device, address } => vec![
            say(
                "Akun Vokasi Anda dipakai masuk dari perangkat atau peramban yang belum pernah dipakai.",
                "Your Vokasi account was signed in with from a device or browser it was never used on.",
            ),
            fact("Waktu", "Time", moment(at)),
            fact("Perangkat", "Device", device.clone()),
            fact("Alamat jaringan", "Network address", address.clone()),
            not_you(),
        ],
        Notice::PasswordChanged { address } => vec![
            say(
                "Kata sandi akun Vokasi Anda baru saja berubah, dan semua yang sedang masuk dikeluarkan.",
                "The password of your Vokasi account was changed, and every login was ended.",
            ),
            fact("Waktu", "Time", moment(at)),
            fact("Alamat jaringan", "Network address", address.clone()),
            not_you(),
        ],
        Notice::SecondFactorSet { address } => vec![
            say(
                "Faktor kedua akun Vokasi Anda baru saja dipasang atau diganti. Mulai sekarang masuk memerlukan kode \
                 dari ponsel itu.",
                "A second factor of your Vokasi account was set or replaced. From now on signing in asks for a code of \
                 that telephone.",
            ),
            fact("Waktu", "Time", moment(at)),
            fact("Alamat jaringan", "Network address", address.clone()),
            not_you(),
        ],
        Notice::SecondFactorRemoved { address } => vec![
            say(
                "Faktor kedua akun Vokasi Anda baru saja dilepas. Masuk hanya memerlukan kata sandi sampai Anda memasang \
                 yang baru.",
                "The second factor of your Vokasi account was removed. Signing in asks for the password alone until \
                 you set a new one.",
            ),
            fact("Waktu", "Time", moment(at)),
            fact("Alamat jaringan", "Network address", address.clone()),
            not_you(),
        ],
        Notice::RecoveryCodeUsed { address, left } => vec![
            say(
                "Sebuah kode pemulihan akun Vokasi Anda baru saja dipakai sebagai ganti ponsel. Buat kode baru bila \
                 sisanya tinggal sedikit.",
                "A recovery code of your Vokasi account was used in place of the telephone. Make new ones when few \
                 are left.",
            ),
            fact("Waktu", "Time", moment(at)),
            fact("Alamat jaringan", "Network address", address.clone()),
            fact("Sisa kode", "Codes left", left.to_string()),
            not_you(),
        ],
        Notice::AgreementEnds { number, partner, last_day, days_left } => vec![
            say(
                "Sebuah perjanjian akan berakhir. Kelas baru tidak dapat dibuka melewati hari terakhirnya; siapkan \
                 perpanjangannya bila kerja sama diteruskan.",
                "An agreement ends soon. No new class can be planned beyond its last day; prepare the next one if the \
                 cooperation goes on.",
            ),
            fact("Lembaga", "Partner", partner.as_str().to_owned()),
            fact("Nomor", "Number", number.as_str().to_owned()),
            fact("Hari terakhir", "Last day", day(*last_day)),
            fact("Sisa hari", "Days left", days_left.to_string()),
        ],
        Notice::SeatOffered { enrollment, program, class, host, last_day } => vec![
            say(
                "Sebuah kursi kosong ditawarkan kepada seseorang yang Anda daftarkan dan sedang menunggu. Tanyakan \
                 kepada orang itu atau walinya, lalu jawab tawarannya di Vokasi. Tanpa jawaban sampai hari terakhir, \
                 kursinya diteruskan kepada yang berikutnya.",
                "A seat is free and is offered to somebody you registered, who waits. Ask the person or the guardian, \
                 then answer the offer at Vokasi. Without an answer by the last day the seat passes on to the next.",
            ),
            fact("Pendaftaran", "Registration", enrollment.to_string()),
            fact("Program", "Program", program.clone()),
            fact("Kelas", "Class", class.as_str().to_owned()),
            fact("Lembaga", "Partner", host.as_str().to_owned()),
            fact("Hari terakhir", "Last day", day(*last_day)),
        ],
        Notice::SeatLapsed { enrollment, program, class, host, last_day } => vec![
            say(
                "Tawaran kursi untuk seseorang yang Anda daftarkan tidak dijawab sampai hari terakhirnya. Kursinya sudah \
                 diteruskan kepada yang berikutnya. Orang itu tetap di daftar tunggu, di urutan yang sama, untuk kursi \
                 kelas lain.",
                "The offer of a seat to somebody you registered was not answered by its last day. The seat has passed on \
                 to the next. The person stays on the waiting list, at the same place, for seats of other classes.",
            ),
            fact("Pendaftaran", "Registration", enrollment.to_string()),
            fact("Program", "Program", program.clone()),
            fact("Kelas", "Class", class.as_str().to_owned()),
            fact("Lembaga", "Partner", host.as_str().to_owned()),
            fact("Hari terakhir", "Last day", day(*last_day)),
        ],
    });
    parts
}

fn choose<'a>(language: Language, id: &'a str, en: &'a str) -> &'a str {
    match language {
        Indonesian => id,
        English => en,
    }
}

fn link(public_url: &str, token: &str) -> String {
    format!("{public_url}/password/{token}")
}

/// `21 Juli 2025 pukul 08.00 WIB`; in UTC for those who belong to no province.
fn moment(language: Language, at: Instant, province: Option<&ProvinceCode>) -> String {
    let hours = province.map_or(0, ProvinceCode::utc_offset_hours);
    let zone = match hours {
        7 => "WIB",
        8 => "WITA",
        9 => "WIT",
        _ => "UTC",
    };
    let local = FixedOffset::east_opt(hours * 3600)
        .map_or(at.utc().naive_utc(), |offset| at.utc().with_timezone(&offset).naive_local());
    match language {
        Indonesian => format!("{} pukul {} {zone}", long_date(local.date()), local.format("%H.%M")),
        English => format!("{} {zone}", local.format("%-d %B %Y, %H:%M")),
    }
}

fn text(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        let _ = match part {
            Say(sentence) => writeln!(text, "{}\n", one_line(sentence)),
            Fact(name, value) => writeln!(text, "{name}: {}\n", one_line(value)),
            Link(_, address) => writeln!(text, "  {address}\n"),
        };
    }
    text
}

fn html(parts: &[Part]) -> String {
    let mut html = String::new();
    for part in parts {
        let _ = match part {
            Say(sentence) => write!(html, "<p>{}</p>", escaped(&one_line(sentence))),
            Fact(name, value) => write!(html, "<p>{name}: <b>{}</b></p>", escaped(&one_line(value))),
            Link(label, address) => {
                let address = escaped(address);
                write!(
                    html,
                    "<p><a href=\"{address}\" style=\"display:inline-block;padding:10px 20px;background:#0b4f8a;\
                     color:#fff;border-radius:6px;text-decoration:none\">{label}</a></p>\
                     <p style=\"font-size:14px;color:#5b6773;overflow-wrap:anywhere\">{address}</p>"
                )
            }
        };
    }
    html
}

/// What comes from outside stays on its line: a device can call itself anything.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Label;

    fn at(text: &str) -> Instant {
        Instant::new(text.parse().unwrap())
    }

    fn letter(notice: &Notice, province: Option<&str>) -> Letter {
        let name = PersonName::parse("Siti Nur'aini").unwrap();
        let province = province.map(|code| ProvinceCode::parse(code).unwrap());
        write(notice, &name, at("2025-07-21T01:00:00Z"), province.as_ref(), "https://vokasi.example")
    }

    #[test]
    fn an_invitation_says_the_same_in_both_languages_and_both_forms() {
        let notice = Notice::Invitation { token: "geheim".to_owned(), expires_at: at("2025-07-24T01:00:00Z") };
        let letter = letter(&notice, Some("18"));
        assert_eq!(
            letter.text,
            "Yth. Siti Nur'aini,\n\n\
             Anda mempunyai akun di Vokasi, register kelas pelatihan vokasi. Buat kata sandi Anda:\n\n  \
             https://vokasi.example/password/geheim\n\n\
             Tautan ini berlaku sekali saja, sampai 24 Juli 2025 pukul 08.00 WIB. \
             Tautan dalam pesan yang lebih lama tidak berlaku lagi. Jangan teruskan pesan ini kepada siapa pun.\n\n\
             ----------------------------------------\n\n\
             Dear Siti Nur'aini,\n\n\
             You have an account at Vokasi, the register of vocational training classes. Choose your password:\n\n  \
             https://vokasi.example/password/geheim\n\n\
             The link works once, until 24 July 2025, 08:00 WIB. Links in older messages no longer work. \
             Do not forward this message to anyone.\n\n"
        );
        assert!(letter.html.contains("Yth. Siti Nur&#39;aini,") && letter.html.contains("<div lang=\"en\">"));
        assert!(letter.html.contains("<a href=\"https://vokasi.example/password/geheim\""));
    }

    #[test]
    fn times_are_those_of_the_province() {
        let notice = Notice::PasswordChanged { address: "192.0.2.7".to_owned() };
        for (province, id, en) in [
            (Some("18"), "21 Juli 2025 pukul 08.00 WIB", "21 July 2025, 08:00 WIB"),
            (Some("53"), "21 Juli 2025 pukul 09.00 WITA", "21 July 2025, 09:00 WITA"),
            (Some("81"), "21 Juli 2025 pukul 10.00 WIT", "21 July 2025, 10:00 WIT"),
            (None, "21 Juli 2025 pukul 01.00 UTC", "21 July 2025, 01:00 UTC"),
        ] {
            let text = letter(&notice, province).text;
            assert!(text.contains(id) && text.contains(en), "{text}");
        }
    }

    #[test]
    fn what_a_device_calls_itself_is_text_on_one_line() {
        let device = "<script>\r\nSubject: x\u{0}</script>".to_owned();
        let letter = letter(&Notice::NewLogin { device, address: "\"><img src=x>".to_owned() }, Some("18"));
        assert!(letter.text.contains("Perangkat: <script>  Subject: x </script>\n"), "{}", letter.text);
        assert!(letter.html.contains("&lt;script&gt;  Subject: x &lt;/script&gt;"), "{}", letter.html);
        assert!(!letter.html.contains("<img") && !letter.html.contains("<script"), "{}", letter.html);
    }

    #[test]
    fn every_subject_is_one_plain_line() {
        for notice in [
            Notice::Invitation { token: String::new(), expires_at: at("2025-07-24T01:00:00Z") },
            Notice::PasswordReset { token: String::new(), expires_at: at("2025-07-24T01:00:00Z") },
            Notice::NewLogin { device: String::new(), address: String::new() },
            Notice::PasswordChanged { address: String::new() },
            Notice::SecondFactorSet { address: String::new() },
            Notice::SecondFactorRemoved { address: String::new() },
            Notice::RecoveryCodeUsed { address: String::new(), left: 0 },
            Notice::AgreementEnds {
                number: Label::parse("1/PKS/2025").unwrap(),
                partner: Label::parse("LPK Way Harapan").unwrap(),
                last_day: chrono::NaiveDate::MIN,
                days_left: 7,
            },
            Notice::SeatOffered {
                enrollment: crate::id::Id::default(),
                program: "Perhotelan".to_owned(),
                class: Label::parse("Perhotelan A").unwrap(),
                host: Label::parse("LPK Way Harapan").unwrap(),
                last_day: chrono::NaiveDate::MIN,
            },
            Notice::SeatLapsed {
                enrollment: crate::id::Id::default(),
                program: "Perhotelan".to_owned(),
                class: Label::parse("Perhotelan A").unwrap(),
                host: Label::parse("LPK Way Harapan").unwrap(),
                last_day: chrono::NaiveDate::MIN,
            },
        ] {
            let subject = letter(&notice, None).subject;
            assert!(subject.is_ascii() && subject.len() <= 78 && !subject.contains(char::is_control), "{subject}");
        }
    }
}
