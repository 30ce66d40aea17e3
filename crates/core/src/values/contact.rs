//! How a person is reached.

use std::fmt;

use super::text_value;
use crate::error::{Code, codes};

/// An Indonesian mobile number in E.164: `^\+628[1-35-9][0-9]{7,10}$` (libphonenumber's plan for ID).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

text_value!(Phone);

impl Phone {
    /// Reads `08…`, `628…`, `+628…` and a bare `8…` whose zero a spreadsheet ate.
    ///
    /// # Errors
    /// `phone.format`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        Self::parse_padding(text).map(|(phone, _)| phone)
    }

    /// The same, and whether the leading zero was missing.
    ///
    /// # Errors
    /// `phone.format`.
    pub fn parse_padding(text: &str) -> Result<(Self, bool), &'static Code> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}')).collect();
        let (national, padded) = if let Some(rest) = digits.strip_prefix("+62") {
            (rest.strip_prefix('0').unwrap_or(rest), false)
        } else if let Some(rest) = digits.strip_prefix("62") {
            (rest, false)
        } else if let Some(rest) = digits.strip_prefix('0') {
            (rest, false)
        } else {
            (digits.as_str(), true)
        };
        let bytes = national.as_bytes();
        let fits = (9..=12).contains(&bytes.len())
            && bytes.iter().all(u8::is_ascii_digit)
            && bytes[0] == b'8'
            && matches!(bytes[1], b'1'..=b'3' | b'5'..=b'9');
        if fits { Ok((Self(format!("+62{national}")), padded)) } else { Err(&codes::PHONE_FORMAT) }
    }

    /// In E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `+6281•••••234`: enough to recognise one's own.
    pub fn masked(&self) -> String {
        let (head, tail) = (&self.0[..5], &self.0[self.0.len() - 3..]);
        format!("{head}{}{tail}", "•".repeat(self.0.len() - 8))
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// An e-mail address, lower case. Its form is checked lightly; a message that arrives is the real check.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

text_value!(Email);
crate::db::columns::text_column!(Email);

impl Email {
    /// Reads `local@domain.tld`.
    ///
    /// # Errors
    /// `email.format`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let address = text.trim().to_lowercase();
        let sound = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.ends_with('.')
                && part.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c))
        };
        match address.rsplit_once('@') {
            Some((local, domain)) if address.len() <= 254 && sound(local) && sound(domain) && domain.contains('.') => {
                Ok(Self(address))
            }
            _ => Err(&codes::EMAIL_FORMAT),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `s•••@contoh.sch.id`: enough to recognise one's own, the same length whatever the name.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or_default();
        format!("{}•••@{domain}", local.chars().next().unwrap_or('•'))
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_way_to_write_a_mobile_number_is_one_number() {
        for text in ["0812-3456-789", "+62 812 3456 789", "62812.3456.789", "(0812) 3456789", "+6208123456789"] {
            assert_eq!(
                Phone::parse_padding(text).map(|(phone, padded)| (phone.0, padded)),
                Ok(("+628123456789".into(), false)),
                "{text}"
            );
        }
        assert_eq!(
            Phone::parse_padding("8123456789").map(|(phone, padded)| (phone.0, padded)),
            Ok(("+628123456789".into(), true))
        );
        for text in ["", "0721775577", "0842345678", "081", "08123456789012", "0812abc4567"] {
            assert_eq!(Phone::parse(text).map(drop), Err(&codes::PHONE_FORMAT), "{text}");
        }
        assert_eq!(Phone::parse("08123456789").unwrap().masked(), "+6281•••••789");
    }

    #[test]
    fn an_address_has_two_sound_halves() {
        let email = Email::parse(" Siti@Contoh.sch.id ").unwrap();
        assert_eq!((email.as_str(), email.masked().as_str()), ("siti@contoh.sch.id", "s•••@contoh.sch.id"));
        for text in ["", "siti", "@contoh.id", "siti@contoh", "si ti@contoh.id", "siti@contoh.id\r\nBcc: x@y.z"] {
            assert_eq!(Email::parse(text).map(drop), Err(&codes::EMAIL_FORMAT), "{text}");
        }
    }
}
