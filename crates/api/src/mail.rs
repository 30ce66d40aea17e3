//! Sends what waits in the outbox: to a mail server, or into a folder where none is set.

use std::error::Error as StdError;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message, SmtpTransport, Transport};
use vokasi_core::error::{Result, codes};
use vokasi_core::notify::{self, Delivery, Outgoing};

use crate::config::{MailSettings, SetupError, SmtpSettings, SmtpTls};
use crate::state::State;

/// How long a mail server may take over one step.
const PATIENCE: Duration = Duration::from_secs(30);

/// Hands messages over.
pub struct Mailer {
    from: Mailbox,
    door: Door,
}

enum Door {
    Server(SmtpTransport),
    Folder(PathBuf),
}

impl Mailer {
    /// As the settings say. Nothing is connected to yet.
    ///
    /// # Errors
    /// A sender's address that is none, a file that cannot be read, a certificate that is none.
    pub fn open(settings: &MailSettings) -> Result<Self, SetupError> {
        let address: Address =
            settings.from.parse().map_err(|_| SetupError(format!("mail_from: {} is no address", settings.from)))?;
        let door = match &settings.smtp {
            Some(smtp) => Door::Server(server(smtp, address.domain())?),
            None => Door::Folder(settings.folder.clone()),
        };
        Ok(Self { from: Mailbox::new(Some("Vokasi".to_owned()), address), door })
    }

    /// The folder where messages land, if no server is set.
    pub fn folder(&self) -> Option<&Path> {
        match &self.door {
            Door::Server(_) => None,
            Door::Folder(folder) => Some(folder),
        }
    }

    fn deliver(&self, outgoing: &Outgoing, public_url: &str) -> Delivery {
        let Some(message) = self.compose(outgoing, public_url) else { return Delivery::Never(&codes::MAIL_ADDRESS) };
        match &self.door {
            Door::Server(_) if is_nowhere(outgoing.to.as_str()) => Delivery::Never(&codes::MAIL_ADDRESS),
            Door::Server(server) => match server.send(&message) {
                Ok(_) => Delivery::Done,
                Err(error) => judge(&error),
            },
            Door::Folder(folder) => match keep(folder, &format!("{}.eml", outgoing.id), &message.formatted()) {
                Ok(()) => Delivery::Done,
                Err(_) => Delivery::Later(&codes::MAIL_FOLDER),
            },
        }
    }

    /// The message as it travels; nothing when its address cannot be written into one.
    fn compose(&self, outgoing: &Outgoing, public_url: &str) -> Option<Message> {
        let to: Address = outgoing.to.as_str().parse().ok()?;
        let letter = outgoing.letter(public_url);
        // No machine answers a machine (RFC 3834).
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(outgoing.name.as_str().to_owned()), to))
            .subject(letter.subject)
            .date(SystemTime::from(outgoing.created_at.utc()))
            .message_id(Some(format!("<{}@{}>", outgoing.id, self.from.email.domain())))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))
            .ok()
    }
}

/// Whether no mailbox can have this address: `localhost` and what is below it never lead to another machine (RFC 6761),
/// and the account of the first start is given one.
fn is_nowhere(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or_default();
    domain.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("localhost"))
}

fn server(smtp: &SmtpSettings, own_domain: &str) -> Result<SmtpTransport, SetupError> {
    let wrong = |error: lettre::transport::smtp::Error| SetupError(format!("{}: {error}", smtp.host));
    let mut parameters = TlsParameters::builder(smtp.host.clone());
    if let Some(path) = &smtp.ca_file {
        let unusable = |error: &dyn std::fmt::Display| SetupError(format!("{}: {error}", path.display()));
        let pem = fs::read(path).map_err(|error| unusable(&error))?;
        let authority = Certificate::from_pem(&pem).map_err(|error| unusable(&error))?;
        // Whoever names an authority trusts that one and no other.
        parameters = parameters.certificate_store(CertificateStore::None).add_root_certificate(authority);
    }
    let parameters = parameters.build().map_err(wrong)?;
    let (tls, port) = match smtp.tls {
        SmtpTls::Starttls => (Tls::Required(parameters), 587),
        SmtpTls::Implicit => (Tls::Wrapper(parameters), 465),
    };
    let mut builder = SmtpTransport::builder_dangerous(&smtp.host)
        .port(smtp.port.unwrap_or(port))
        .tls(tls)
        .hello_name(ClientId::Domain(own_domain.to_owned()))
        .timeout(Some(PATIENCE));
    if let Some((user, password)) = &smtp.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.build())
}

/// What a failure means for the message. A server that does not take us says nothing about the message.
fn judge(error: &lettre::transport::smtp::Error) -> Delivery {
    match error.status().map(u16::from) {
        Some(454 | 530 | 534 | 535 | 538) => Delivery::Later(&codes::MAIL_SIGN_IN),
        Some(_) if error.is_permanent() => Delivery::Never(&codes::MAIL_REJECTED),
        Some(_) => Delivery::Later(&codes::MAIL_DEFERRED),
        None if error.is_tls() || broken_by_tls(error) => Delivery::Later(&codes::MAIL_UNTRUSTED),
        None if error.is_client() => Delivery::Later(&codes::MAIL_UNSUITABLE),
        None => Delivery::Later(&codes::MAIL_UNREACHABLE),
    }
}

/// The handshake runs with the first bytes, so a certificate that is refused comes as data that cannot be right.
fn broken_by_tls(error: &dyn StdError) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Writes a message for its owner's eyes only, whole or not at all; a repeat replaces it.
fn keep(folder: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    let mut maker = fs::DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker.create(folder)?;
    let unfinished = folder.join(format!("{name}.part"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(message)?;
    file.sync_all()?;
    fs::rename(unfinished, folder.join(name))
}

/// Sends what is due. A server that takes nobody is asked once in a run: the next message would fare no better.
pub fn send_due(state: &State, mailer: &Mailer) -> Result<()> {
    for id in state.db.read(state.clock.now(), notify::due)? {
        let Some(outgoing) = state.db.write(state.clock.now(), move |tx| notify::claim(tx, id))? else { continue };
        let delivery = mailer.deliver(&outgoing, &state.public_url);
        if let Delivery::Later(code) | Delivery::Never(code) = delivery {
            tracing::warn!(message = %id, code = code.name, "mail");
        }
        let attempt = outgoing.attempt;
        state.db.write(state.clock.now(), move |tx| notify::settle(tx, id, attempt, delivery))?;
        if matches!(delivery, Delivery::Later(code) if *code != codes::MAIL_DEFERRED) {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_localhost_is_nowhere() {
        for address in ["admin@vokasi.localhost", "admin@localhost", "admin@VOKASI.LOCALHOST"] {
            assert!(is_nowhere(address), "{address}");
        }
        for address in
            ["admin@example.org", "localhost@example.org", "admin@notlocalhost", "admin@localhost.example.org"]
        {
            assert!(!is_nowhere(address), "{address}");
        }
    }
}
