//! Which passwords are taken: length is what counts, and what a guesser tries first is refused.
//!
//! There are no rules about kinds of characters (NIST SP 800-63B-4, OWASP ASVS 5.0 6.2). A guesser starts with common
//! words, names, keyboard walks, runs and years; what is left of a password without those is what protects.

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::error::{Code, codes};

const SHORTEST: usize = 12;
const LONGEST: usize = 128;
/// Common words and short phrases, sorted; see the note beside the file's first use in [`common`].
const COMMON: &str = include_str!("common.txt");
/// What fingers walk along; each is walked both ways.
const WALKS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "qwertyuiopasdfghjklzxcvbnm",
];
/// The shortest stretch of a walk that counts as one.
const STRETCH: usize = 4;
/// Common words in one password from which on it is a phrase.
const PHRASE: usize = 4;
/// Characters beside common parts from which on a guesser has work to do.
const ENOUGH: usize = 4;
/// Different characters that a password has at least.
const DIFFERENT: usize = 5;

/// A password as it is compared: NFKC.
pub(super) fn normal(password: &str) -> String {
    ComposingNormalizerBorrowed::new_nfkc().normalize(password).into_owned()
}

/// The password as it is compared, if it may be chosen by somebody whom the texts of `own` are about.
pub(super) fn accepted(password: &str, own: &[&str]) -> Result<String, &'static Code> {
    // First as typed: one character of it may become eighteen.
    if password.chars().count() > LONGEST {
        return Err(&codes::PASSWORD_LONG);
    }
    let password = normal(password);
    match password.chars().count() {
        0..SHORTEST => Err(&codes::PASSWORD_SHORT),
        SHORTEST..=LONGEST if guessable(&password, own) => Err(&codes::PASSWORD_GUESSABLE),
        SHORTEST..=LONGEST => Ok(password),
        _ => Err(&codes::PASSWORD_LONG),
    }
}

fn guessable(password: &str, own: &[&str]) -> bool {
    let lower = password.to_lowercase();
    let letters: Vec<char> = lower.chars().collect();
    let mut different = letters.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT || repeats(&letters) {
        return true;
    }
    let own: Vec<String> = own
        .iter()
        .flat_map(|text| {
            text.to_lowercase().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>()
        })
        .filter(|part| part.chars().count() >= 3)
        .collect();
    let plain: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let disguised: String = lower.trim_matches(|c: char| !c.is_alphabetic()).chars().filter_map(undisguised).collect();
    [plain, disguised].iter().any(|text| !protects(text, &own))
}

/// Whether it is one block again and again, such as `abc123abc123`.
fn repeats(letters: &[char]) -> bool {
    (1..=letters.len() / 2).any(|period| letters.iter().zip(&letters[period..]).all(|(one, other)| one == other))
}

/// The letter that a sign is often written for, as in `p4$$w0rd`; other signs are nothing.
fn undisguised(sign: char) -> Option<char> {
    Some(match sign {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        letter if letter.is_alphanumeric() => letter,
        _ => return None,
    })
}

/// Whether enough of it is left beside common words, the owner's own, walks and digits.
fn protects(text: &str, own: &[String]) -> bool {
    let (mut rest, mut words, mut left) = (text, 0, 0);
    while let Some(first) = rest.chars().next() {
        let word =
            common(rest).max(own.iter().filter(|part| rest.starts_with(*part)).map(String::len).max().unwrap_or(0));
        let step = walk(rest);
        if word > 0 && word >= step {
            words += 1;
            rest = &rest[word..];
        } else if step > 0 {
            rest = &rest[step..];
        } else {
            left += usize::from(!first.is_ascii_digit());
            rest = &rest[first.len_utf8()..];
        }
    }
    left >= ENOUGH || words >= PHRASE
}

/// Bytes of the longest common word that the text begins with.
///
/// The list was put together by hand for this program: Indonesian and English words that everybody thinks of first
/// (greetings, love, faith, places, clubs, brands, offices) and the answers to "choose a password" itself.
fn common(text: &str) -> usize {
    // Words that begin the text stand, in order, before it; the longest is nearest to it.
    COMMON.lines().filter(|word| text.starts_with(word)).map(str::len).max().unwrap_or(0)
}

/// Bytes of the longest stretch of a walk, either way, that the text begins with.
fn walk(text: &str) -> usize {
    let longest = |walk: &str| {
        (0..walk.len())
            .map(|at| text.bytes().zip(walk[at..].bytes()).take_while(|(a, b)| a == b).count())
            .max()
            .unwrap_or(0)
    };
    let back = |walk: &str| walk.chars().rev().collect::<String>();
    let found = WALKS.iter().map(|walk| longest(walk).max(longest(&back(walk)))).max().unwrap_or(0);
    if found >= STRETCH { found } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_plain() {
        let words: Vec<&str> = COMMON.lines().collect();
        assert!(words.len() > 300);
        assert!(words.is_sorted_by(|a, b| a < b), "{:?}", words.windows(2).find(|pair| pair[0] >= pair[1]));
        assert!(words.iter().all(|word| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_lowercase())));
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        assert_eq!(accepted("bnga mlati s", &[]), Ok("bnga mlati s".to_owned()));
        assert_eq!(accepted("bnga mlati", &[]), Err(&codes::PASSWORD_SHORT));
        assert_eq!(accepted("密码是春天的雨和风和山水", &[]).map(|text| text.chars().count()), Ok(12));
        let varied: String = (0..128u32).filter_map(|at| char::from_u32(33 + (at * 7 + at / 13) % 90)).collect();
        assert!(accepted(&varied, &[]).is_ok());
        assert_eq!(accepted(&format!("{varied}x"), &[]), Err(&codes::PASSWORD_LONG));
        // One sign that stands for eighteen letters.
        assert_eq!(accepted(&"\u{fdfa}".repeat(12), &[]), Err(&codes::PASSWORD_LONG));
    }

    #[test]
    fn what_everybody_chooses_is_refused() {
        for password in [
            "aaaaaaaaaaaa",
            "121212121212",
            "123456789012",
            "1234567890123456",
            "210987654321",
            "abcdefghijkl",
            "qwertyuiop12",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "zaq12wsxcde3",
            "abc123abc123",
            "passwordpassword",
            "Password2025!",
            "P@ssw0rd2025!!",
            "katasandi123",
            "KataSandi-2026",
            "rahasia123456",
            "r4h4s1a2025..",
            "indonesiaraya",
            "Indonesia1945!",
            "merdeka17081945",
            "bismillah2024",
            "bismillahirrahmanirrahim",
            "akucintakamu",
            "sayangkamu123",
            "administrator",
            "admin@12345678",
            "vokasi2025!!",
            "Vokasi Vokasi 1",
            "lampung2026xx",
            "iloveyou1234",
            "dinaspendidikan",
            "smkn1lampung",
            "selamatdatang",
            "081234567890",
            "bunga melati 2025",
        ] {
            assert_eq!(accepted(password, &[]), Err(&codes::PASSWORD_GUESSABLE), "{password}");
        }
    }

    #[test]
    fn ones_own_name_is_not_a_password() {
        let own = ["Wulan Sari", "wulan.sari@contoh.sch.id"];
        for password in ["WulanSari2025", "wulan.sari.123", "sariwulan!!!!", "contoh.wulan.1", "W u l a n S a r i 1"] {
            assert_eq!(accepted(password, &own), Err(&codes::PASSWORD_GUESSABLE), "{password}");
        }
        // Only as its main part.
        assert!(accepted("wulan menanam jagung", &own).is_ok());
        assert!(accepted("WulanSari2025", &[]).is_ok());
    }

    #[test]
    fn a_short_sentence_is_taken() {
        for password in [
            "bunga melati di tepi jalan",
            "melati di tepi sawah",
            "sungai mengalir sampai jauh",
            "sebuah kata sandi",
            "anggrek bandung bakso merdeka",
            "kR7#vq!2mZ9x",
            "jahe kapur galon",
            "correct horse battery staple",
        ] {
            assert!(accepted(password, &["Petugas Dinas", "dinas@contoh.example"]).is_ok(), "{password}");
        }
    }
}
