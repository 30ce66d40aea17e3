//! Where the master secrets lie: in a file that only its owner can read, or in the environment.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use vokasi_core::entropy::Entropy;
use vokasi_core::error::{Error, Result};
use vokasi_core::keys::{KeySource, Ring};
use vokasi_core::time::Instant;

use crate::config::SetupError;

/// Where the secrets of an installation are.
#[derive(Clone)]
pub enum SecretPlace {
    /// In this file.
    File(PathBuf),
    /// In the environment, as they would stand in the file.
    Given(Vec<u8>),
}

impl std::fmt::Debug for SecretPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Given(_) => f.write_str("Given(…)"),
        }
    }
}

impl KeySource for SecretPlace {
    fn ring(&self) -> Result<Ring> {
        match self {
            Self::File(path) => Ring::parse(&fs::read(path).map_err(Error::storage)?),
            Self::Given(text) => Ring::parse(text),
        }
    }
}

impl SecretPlace {
    /// Makes the file with a first secret when there is none.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn make(&self, now: Instant, entropy: &Entropy) -> std::result::Result<(), SetupError> {
        let Self::File(path) = self else { return Ok(()) };
        if path.try_exists().map_err(|error| refused(path, &error))? {
            return Ok(());
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
        }
        write_new(path, &Ring::new(now, entropy).text())
    }

    /// Changes the ring in the file: all of it is there afterwards, or it is as it was.
    ///
    /// # Errors
    /// What the change refuses, a file that cannot be written, secrets that are in the environment.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Ring) -> Result<T>) -> std::result::Result<T, SetupError> {
        let Self::File(path) = self else {
            return Err(SetupError("the secrets come from VOKASI_SECRET; change them there, or use a file".to_owned()));
        };
        // Whoever changes it holds the new file, so two cannot change it at once.
        let new = beside(path);
        let file = create(&new).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => SetupError(format!(
                "{} is there: another change is under way, or one was interrupted; remove it then",
                new.display()
            )),
            _ => refused(&new, &error),
        })?;
        let changed = (|| {
            let mut ring = self.ring()?;
            let value = change(&mut ring)?;
            keep_owner(path, &file).and_then(|()| fill(file, &ring.text())).map_err(|error| refused(&new, &error))?;
            fs::rename(&new, path).map_err(|error| refused(path, &error))?;
            Ok(value)
        })();
        if changed.is_err() {
            let _ = fs::remove_file(&new);
        }
        sync_folder(path).map_err(|error| refused(path, &error))?;
        changed
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

fn write_new(path: &Path, text: &str) -> std::result::Result<(), SetupError> {
    create(path).and_then(|file| fill(file, text)).map_err(|error| refused(path, &error))
}

/// A new file that only its owner can read.
fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn fill(mut file: File, text: &str) -> std::io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Gives the new file to whoever had the old one: the server, also when the command was run by root.
fn keep_owner(old: &Path, new: &File) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (had, has) = (fs::metadata(old)?, new.metadata()?);
        if (had.uid(), had.gid()) != (has.uid(), has.gid()) {
            std::os::unix::fs::fchown(new, Some(had.uid()), Some(had.gid()))?;
        }
    }
    Ok(())
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn refused(path: &Path, error: &std::io::Error) -> SetupError {
    SetupError(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is gone when the test is.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("vokasi-secrets-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds * 1_000_000).unwrap()
    }

    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_secret_is_made_once_and_for_its_owner_alone() {
        let folder = Folder::new("made");
        let path = folder.0.join("new/vokasi.secret");
        let place = SecretPlace::File(path.clone());
        let entropy = Entropy::seeded(1);
        place.make(at(1), &entropy).unwrap();
        let first = place.ring().unwrap();
        place.make(at(2), &entropy).unwrap();
        assert_eq!((place.ring().unwrap(), mode(&path)), (first, 0o600));
    }

    #[test]
    fn a_single_secret_becomes_a_ring_and_is_the_same_secret_still() {
        let folder = Folder::new("single");
        let path = folder.0.join("vokasi.secret");
        fs::write(&path, "a single secret as it was kept before\n").unwrap();
        let place = SecretPlace::File(path.clone());
        let entropy = Entropy::seeded(1);
        let before = place.ring().unwrap();
        let sealed = before.keys(at(1)).unwrap().seal("nik", b"1807", &entropy).unwrap();
        assert_eq!(place.change(|ring| Ok(ring.add(at(60), &entropy))).unwrap(), "k2");
        let after = place.ring().unwrap();
        assert_eq!(after.secrets()[0], before.secrets()[0]);
        assert_eq!(after.keys(at(60)).unwrap().open("nik", &sealed).unwrap(), b"1807");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_change_that_fails_changes_nothing() {
        let folder = Folder::new("fails");
        let path = folder.0.join("vokasi.secret");
        let place = SecretPlace::File(path.clone());
        let entropy = Entropy::seeded(1);
        place.make(at(1), &entropy).unwrap();
        let before = fs::read(&path).unwrap();
        assert!(place.change(|ring| ring.retire("k1")).unwrap_err().0.contains("keys.newest"));
        assert_eq!(fs::read(&path).unwrap(), before);
        // While one changes it nobody else does.
        fs::write(beside(&path), "").unwrap();
        assert!(place.change(|ring| Ok(ring.add(at(60), &entropy))).unwrap_err().0.contains("under way"));
        assert_eq!(fs::read(&path).unwrap(), before);
        let given = SecretPlace::Given(before);
        assert!(given.ring().is_ok());
        assert!(given.change(|ring| ring.retire("k1")).unwrap_err().0.contains("VOKASI_SECRET"));
        assert_eq!(format!("{given:?}"), "Given(…)");
    }
}
