//! Settings: flags over environment over file over defaults. The environment is read here and nowhere else.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;
use vokasi_core::access::SecondFactorPolicy;
use vokasi_core::db::DatabaseUrl;
use vokasi_core::entropy::Entropy;

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

impl From<vokasi_core::certificate::DocumentError> for SetupError {
    fn from(error: vokasi_core::certificate::DocumentError) -> Self {
        Self(error.to_string())
    }
}

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
    /// A file that holds the master secret of at least 32 bytes; made at first start when it is not there.
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
    workers: Option<usize>,
    /// Connections to the database.
    #[arg(long, global = true, env = "VOKASI_CONNECTIONS", value_name = "N")]
    connections: Option<u32>,
    /// An extra font file for names the built-in one has no letters for.
    #[arg(long, global = true, env = "VOKASI_CERTIFICATE_FONT", value_name = "FILE")]
    certificate_font: Option<PathBuf>,
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
    workers: Option<usize>,
    connections: Option<u32>,
    certificate_font: Option<PathBuf>,
    second_factor: Option<String>,
    log: Option<String>,
    log_json: Option<bool>,
}

/// Settings as they hold.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the data is.
    pub database: DatabaseUrl,
    /// Where the master secret is.
    pub secret_file: PathBuf,
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
        let file = read_file(flags.config.as_deref())?;
        let url =
            match (&flags.database_url, flags.database_url_file.as_ref(), file.database_url, file.database_url_file) {
                (Some(url), ..) => url.clone(),
                (None, Some(path), ..) => read_secret_text(path)?,
                (None, None, Some(url), _) => url,
                (None, None, None, Some(path)) => read_secret_text(&path)?,
                (None, None, None, None) => default_database.to_owned(),
            };
        let database = DatabaseUrl::parse(&url)?;
        let folder = database.file().and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let workers = flags.workers.or(file.workers).unwrap_or(cores.clamp(1, 16));
        Ok(Self {
            secret_file: flags.secret_file.clone().or(file.secret_file).unwrap_or_else(|| folder.join("vokasi.secret")),
            database,
            listen: flags.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: flags.public_url.clone().or(file.public_url).map(|url| url.trim_end_matches('/').to_owned()),
            workers,
            connections: flags
                .connections
                .or(file.connections)
                .unwrap_or_else(|| u32::try_from(workers * 2).unwrap_or(4)),
            certificate_font: flags.certificate_font.clone().or(file.certificate_font),
            second_factor: flags.second_factor.map_or_else(
                || file.second_factor.as_deref().map(policy).transpose().map_err(SetupError),
                |policy| Ok(Some(policy)),
            )?,
            log: flags.log.clone().or(file.log).unwrap_or_else(|| "info".to_owned()),
            log_json: flags.log_json || file.log_json.unwrap_or_default(),
        })
    }

    /// Reads the master secret, or makes one that only its owner can read.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn secret(&self, entropy: &Entropy) -> Result<Vec<u8>, SetupError> {
        match fs::read(&self.secret_file) {
            Ok(secret) => Ok(secret.trim_ascii_end().to_vec()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let (secret, _) = vokasi_core::keys::one_time_secret(entropy);
                write_private(&self.secret_file, &secret)?;
                Ok(secret.into_bytes())
            }
            Err(error) => Err(unreadable(&self.secret_file, &error)),
        }
    }
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

fn write_private(path: &Path, text: &str) -> Result<(), SetupError> {
    use std::io::Write;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| unreadable(folder, &error))?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| unreadable(path, &error))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> SetupError {
    SetupError(format!("{}: {error}", path.display()))
}
