//! Registries as files: drafts are read, keys kept to their owner, and nothing half written is ever left.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use corridor_app::Error;
use corridor_domain::registry::{Draft, MAX_BYTES, Signed, parse};

/// What a file holds; more than a registry may be is not read.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .with_context(|| format!("{} can't be read", path.display()))?;
    Ok(bytes)
}

/// A draft in TOML, or in JSON when the file's name says so.
pub(super) fn read_draft(path: &Path) -> Result<Draft> {
    let text = String::from_utf8(read(path)?).map_err(Error::invalid)?;
    let wrong = |error: String| Error::invalid(format!("{}: {error}", path.display()));
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let draft = if is_json {
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?
    } else {
        toml::from_str(&text).map_err(|error| wrong(error.to_string()))?
    };
    Ok(draft)
}

/// A registry with its signatures, whoever they are of.
pub(super) fn read_signed(path: &Path) -> Result<Signed> {
    Ok(parse(&read(path)?).map_err(|error| Error::invalid(format!("{}: {error}", path.display())))?)
}

/// A registry as people read it.
pub(super) fn pretty(signed: &Signed) -> Result<String> {
    Ok(serde_json::to_string_pretty(signed)? + "\n")
}

/// Writes a file in one step, in place of what was there.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let failed = || format!("{} can't be written", path.display());
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}

/// Writes a secret that nobody but its owner may read, and that replaces nothing.
pub(super) fn write_secret(path: &Path, text: &str) -> Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} can't be made", path.display()))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(|| format!("{}", path.display()))
}
