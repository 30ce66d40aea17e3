//! Settings: flags over environment over file over defaults. The environment is read here and nowhere else.

use std::fs;
use std::net::SocketAddr;
use std::num::{NonZero, NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use serde::Deserialize;
use vokasi_core::access::SecondFactorPolicy;
use vokasi_core::db::DatabaseUrl;

use crate::secrets::SecretPlace;

/// What went wrong before anything was served.
#[derive(Debug)]
pub struct SetupError(pub String);

impl std::fmt::Display for SetupError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SetupError {}

impl From<vokasi_core::error::Error> for SetupError {
    fn from(error: vokasi_core::error::Error) -> Self {
        let cause = error.cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
        Self(format!("{error}{cause}"))
    }
}

impl From<vokasi_core::print::PrintError> for SetupError {
    fn from(error: vokasi_core::print::PrintError) -> Self {
        Self(error.to_string())
    }
}

/// Whom messages come from that only land in a folder.
const NO_REPLY: &str = "vokasi@localhost.localdomain";

/// Settings as flags or environment variables.
#[derive(Debug, Clone, Default, Args)]
pub struct Flags {
    /// Settings file (TOML); `vokasi.toml` in the working folder when it is there.
    #[arg(long, global = true, env = "VOKASI_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// `sqlite://FILE` or `postgres://…`.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// A file that holds the database's address.
    #[arg(long, global = true, env = "DATABASE_URL_FILE", value_name = "FILE")]
    database_url_file: Option<PathBuf>,
    /// A file that holds the master secrets; made at first start when it is not there. Or they are in `VOKASI_SECRET`.
    #[arg(long, global = true, env = "VOKASI_SECRET_FILE", value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, global = true, env = "VOKASI_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// What people type to reach this server.
    #[arg(long, global = true, env = "VOKASI_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Threads that serve.
    #[arg(long, global = true, env = "VOKASI_WORKERS", value_name = "N")]
    workers: Option<NonZeroUsize>,
    /// Connections to the database.
    #[arg(long, global = true, env = "VOKASI_CONNECTIONS", value_name = "N")]
    connections: Option<NonZeroU32>,
    /// An extra font file for names the built-in one has no letters for.
    #[arg(long, global = true, env = "VOKASI_CERTIFICATE_FONT", value_name = "FILE")]
    certificate_font: Option<PathBuf>,
    /// Addresses of reverse proxies whose X-Forwarded-For is believed, e.g. `10.0.0.0/8`; may be given several times.
    #[arg(long, global = true, env = "VOKASI_TRUSTED_PROXIES", value_name = "NETWORK", value_delimiter = ',')]
    trusted_proxies: Vec<IpNet>,
    /// Takes as many requests as come; for measuring.
    #[arg(long, global = true, env = "VOKASI_NO_RATE_LIMITS")]
    no_rate_limits: bool,
    /// The mail server; without one, messages land as files in the folder `mail` beside the data.
    #[arg(long, global = true, env = "VOKASI_SMTP_HOST", value_name = "HOST")]
    smtp_host: Option<String>,
    /// Its port: 587 with STARTTLS and 465 with implicit TLS when nothing is said.
    #[arg(long, global = true, env = "VOKASI_SMTP_PORT", value_name = "PORT")]
    smtp_port: Option<u16>,
    /// How the connection is encrypted.
    #[arg(long, global = true, env = "VOKASI_SMTP_TLS", value_name = "MODE")]
    smtp_tls: Option<SmtpTls>,
    /// Who signs in at the mail server.
    #[arg(long, global = true, env = "VOKASI_SMTP_USER", value_name = "NAME")]
    smtp_user: Option<String>,
    /// A file that holds the password of that user.
    #[arg(long, global = true, env = "VOKASI_SMTP_PASSWORD_FILE", value_name = "FILE")]
    smtp_password_file: Option<PathBuf>,
    /// The certificate (PEM) of the one authority to trust at the mail server, in place of the usual ones.
    #[arg(long, global = true, env = "VOKASI_SMTP_CA_FILE", value_name = "FILE")]
    smtp_ca_file: Option<PathBuf>,
    /// Whom messages come from.
    #[arg(long, global = true, env = "VOKASI_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Whether offices, partner managers and administrators must have a second factor: `required` or `offered`.
    #[arg(long, global = true, env = "VOKASI_SECOND_FACTOR", value_name = "POLICY", value_parser = policy)]
    second_factor: Option<SecondFactorPolicy>,
    /// What to log, e.g. `info` or `vokasi_api=debug`.
    #[arg(long, global = true, env = "VOKASI_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// Log as JSON lines.
    #[arg(long, global = true, env = "VOKASI_LOG_JSON")]
    log_json: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SettingsFile {
    database_url: Option<String>,
    database_url_file: Option<PathBuf>,
    secret_file: Option<PathBuf>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    workers: Option<NonZeroUsize>,
    connections: Option<NonZeroU32>,
    certificate_font: Option<PathBuf>,
    trusted_proxies: Vec<IpNet>,
    no_rate_limits: Option<bool>,
    smtp_host: Option<String>,
    smtp_port: Option<u16>,
    smtp_tls: Option<SmtpTls>,
    smtp_user: Option<String>,
    smtp_password_file: Option<PathBuf>,
    smtp_ca_file: Option<PathBuf>,
    mail_from: Option<String>,
    second_factor: Option<String>,
    log: Option<String>,
    log_json: Option<bool>,
}

/// How the connection to a mail server is encrypted; unencrypted it is never used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// It begins in clear and is encrypted before anything is said; a server that cannot is not used.
    #[default]
    Starttls,
    /// It is encrypted from the first byte.
    Implicit,
}

/// A mail server.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Its name, as its certificate says it.
    pub host: String,
    /// Its port, unless it is the usual one.
    pub port: Option<u16>,
    /// How the connection is encrypted.
    pub tls: SmtpTls,
    /// User and password.
    pub login: Option<(String, String)>,
    /// The certificate of the one authority to trust, in place of the usual ones.
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for SmtpSettings {
    /// Never shows the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SmtpSettings({}, {:?}, {:?})", self.host, self.port, self.tls)
    }
}

/// How messages leave.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Whom they come from.
    pub from: String,
    /// The server they go to.
    pub smtp: Option<SmtpSettings>,
    /// Where they land without a server.
    pub folder: PathBuf,
}

/// Settings as they hold.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the data is.
    pub database: DatabaseUrl,
    /// Where the master secrets are.
    pub secret: SecretPlace,
    /// Where to listen.
    pub listen: SocketAddr,
    /// What people type to reach this server, if it differs from where it listens.
    pub public_url: Option<String>,
    /// Threads that serve.
    pub workers: usize,
    /// Connections to the database.
    pub connections: u32,
    /// An extra font for certificates.
    pub certificate_font: Option<PathBuf>,
    /// Reverse proxies whose word for an address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether requests are counted.
    pub rate_limits: bool,
    /// How messages leave.
    pub mail: MailSettings,
    /// Whether the roles that decide must have a second factor, if anything says so.
    pub second_factor: Option<SecondFactorPolicy>,
    /// What to log.
    pub log: String,
    /// Log as JSON lines.
    pub log_json: bool,
}

impl Settings {
    /// Reads the settings; `default_database` is used when nothing names another.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key, an unknown database scheme.
    pub fn read(flags: &Flags, default_database: &str) -> Result<Self, SetupError> {
        let mut file = read_file(flags.config.as_deref())?;
        let url = match (
            &flags.database_url,
            flags.database_url_file.as_ref(),
            file.database_url.take(),
            file.database_url_file.take(),
        ) {
            (Some(url), ..) => url.clone(),
            (None, Some(path), ..) => read_secret_text(path)?,
            (None, None, Some(url), _) => url,
            (None, None, None, Some(path)) => read_secret_text(&path)?,
            (None, None, None, None) => default_database.to_owned(),
        };
        let database = DatabaseUrl::parse(&url)?;
        let folder = database.file().and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
        let workers = flags.workers.or(file.workers).map_or(cores.clamp(1, 16), NonZero::get);
        Ok(Self {
            mail: mail(flags, &mut file, folder.join("mail"))?,
            secret: secret_place(flags.secret_file.clone().or(file.secret_file), &folder)?,
            database,
            listen: flags.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: flags.public_url.clone().or(file.public_url).map(|url| url.trim_end_matches('/').to_owned()),
            workers,
            connections: flags
                .connections
                .or(file.connections)
                .map_or_else(|| u32::try_from(workers * 2).unwrap_or(4), NonZero::get),
            certificate_font: flags.certificate_font.clone().or(file.certificate_font),
            trusted_proxies: if flags.trusted_proxies.is_empty() {
                file.trusted_proxies
            } else {
                flags.trusted_proxies.clone()
            },
            rate_limits: !(flags.no_rate_limits || file.no_rate_limits.unwrap_or_default()),
            second_factor: flags.second_factor.map_or_else(
                || file.second_factor.as_deref().map(policy).transpose().map_err(SetupError),
                |policy| Ok(Some(policy)),
            )?,
            log: flags.log.clone().or(file.log).unwrap_or_else(|| "info".to_owned()),
            log_json: flags.log_json || file.log_json.unwrap_or_default(),
        })
    }
}

/// The environment where it holds the secrets themselves, as containers are given them; otherwise a file.
fn secret_place(file: Option<PathBuf>, folder: &Path) -> Result<SecretPlace, SetupError> {
    #[expect(clippy::disallowed_methods, reason = "a flag would show the secrets in the list of processes")]
    let given = std::env::var("VOKASI_SECRET").ok().filter(|text| !text.is_empty());
    match (given, file) {
        (Some(_), Some(_)) => Err(SetupError("set VOKASI_SECRET or a secret file, not both".to_owned())),
        (Some(text), None) => Ok(SecretPlace::Given(text.into_bytes())),
        (None, Some(file)) => Ok(SecretPlace::File(file)),
        (None, None) => Ok(SecretPlace::File(folder.join("vokasi.secret"))),
    }
}

fn mail(flags: &Flags, file: &mut SettingsFile, folder: PathBuf) -> Result<MailSettings, SetupError> {
    let from = flags.mail_from.clone().or(file.mail_from.take());
    let user = flags.smtp_user.clone().or(file.smtp_user.take());
    let password_file = flags.smtp_password_file.clone().or(file.smtp_password_file.take());
    let login = match (user, password_file) {
        (Some(user), Some(path)) => Some((user, read_secret_text(&path)?)),
        (None, None) => None,
        _ => return Err(SetupError("smtp_user and smtp_password_file belong together".to_owned())),
    };
    let Some(host) = flags.smtp_host.clone().or(file.smtp_host.take()) else {
        return Ok(MailSettings { from: from.unwrap_or_else(|| NO_REPLY.to_owned()), smtp: None, folder });
    };
    let Some(from) = from else {
        return Err(SetupError("smtp_host needs mail_from: whom do messages come from?".to_owned()));
    };
    let smtp = SmtpSettings {
        host,
        port: flags.smtp_port.or(file.smtp_port),
        tls: flags.smtp_tls.or(file.smtp_tls).unwrap_or_default(),
        login,
        ca_file: flags.smtp_ca_file.clone().or(file.smtp_ca_file.take()),
    };
    Ok(MailSettings { from, smtp: Some(smtp), folder })
}

fn policy(text: &str) -> Result<SecondFactorPolicy, String> {
    match text {
        "required" => Ok(SecondFactorPolicy::Required),
        "offered" => Ok(SecondFactorPolicy::Offered),
        other => Err(format!("second_factor is `required` or `offered`, not {other}")),
    }
}

fn read_file(named: Option<&Path>) -> Result<SettingsFile, SetupError> {
    let path = named.unwrap_or(Path::new("vokasi.toml"));
    match fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|error| SetupError(format!("{}: {error}", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => Ok(SettingsFile::default()),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn read_secret_text(path: &Path) -> Result<String, SetupError> {
    fs::read_to_string(path).map(|text| text.trim().to_owned()).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> SetupError {
    SetupError(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: Flags,
    }

    /// The settings of a file and a command line, over a database in the folder of the file.
    fn read(name: &str, file: &str, line: &[&str]) -> Result<Settings, String> {
        let folder = std::env::temp_dir().join(format!("vokasi-config-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("password"), "melati\n").unwrap();
        let config = folder.join("vokasi.toml");
        fs::write(&config, file.replace("{folder}", &folder.to_string_lossy())).unwrap();
        let database = format!("sqlite://{}/vokasi.db", folder.display());
        let own = ["vokasi", "--config", config.to_str().unwrap(), "--database-url", &database];
        let parsed = Line::try_parse_from(own.iter().chain(line)).map_err(|error| error.to_string());
        let read = parsed.and_then(|line| Settings::read(&line.flags, "unused").map_err(|error| error.0));
        fs::remove_dir_all(&folder).unwrap();
        read
    }

    #[test]
    fn a_server_without_threads_is_refused() {
        for line in [["--workers", "0"], ["--connections", "0"]] {
            assert!(read("none", "", &line).is_err_and(|error| error.contains(line[0])), "{line:?}");
        }
        assert!(read("none", "workers = 0", &[]).is_err_and(|error| error.contains("workers")));
        assert_eq!(read("none", "workers = 3", &[]).map(|settings| settings.connections), Ok(6));
    }

    #[test]
    fn without_a_server_mail_lands_beside_the_data() {
        let settings = read("folder", "", &[]).unwrap();
        assert!(settings.mail.smtp.is_none());
        assert_eq!(Some(settings.mail.folder.parent().unwrap()), settings.database.file().unwrap().parent());
        assert!(settings.mail.folder.ends_with("mail"));
    }

    #[test]
    fn a_mail_server_is_set_in_the_file_and_by_flags() {
        let file = "smtp_host = \"surel.example\"\nsmtp_tls = \"implicit\"\nsmtp_user = \"vokasi\"\n\
                    smtp_password_file = \"{folder}/password\"\nmail_from = \"vokasi@dinas.example\"\n";
        let settings = read("server", file, &["--smtp-port", "2465"]).unwrap();
        let smtp = settings.mail.smtp.unwrap();
        assert_eq!((smtp.host.as_str(), smtp.port, smtp.tls), ("surel.example", Some(2465), SmtpTls::Implicit));
        assert_eq!(smtp.login, Some(("vokasi".to_owned(), "melati".to_owned())));
        assert_eq!(settings.mail.from, "vokasi@dinas.example");
        assert!(!format!("{smtp:?}").contains("melati"));
        let flag = read("flag", file, &["--smtp-host", "lain.example", "--smtp-tls", "starttls"]).unwrap();
        let smtp = flag.mail.smtp.unwrap();
        assert_eq!((smtp.host.as_str(), smtp.port, smtp.tls), ("lain.example", None, SmtpTls::Starttls));
    }

    #[test]
    fn half_a_mail_server_is_an_error() {
        for (name, file, line, said) in [
            ("from", "smtp_host = \"surel.example\"", &[][..], "mail_from"),
            ("user", "smtp_user = \"vokasi\"", &[], "smtp_password_file"),
            ("password", "", &["--smtp-password-file", "password"], "smtp_user"),
            ("mode", "", &["--smtp-tls", "none"], "none"),
            ("key", "smtp_server = \"surel.example\"", &[], "smtp_server"),
        ] {
            let error = read(name, file, line).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
