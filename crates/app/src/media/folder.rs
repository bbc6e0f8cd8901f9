//! Files on disk: named by a hash, in two levels of folders; whole or not there at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use corridor_domain::MediaId;
use openssl::sha::Sha256;

use crate::{Error, Result};

/// The name of a file: a hash of its content and of the one row that it belongs to. Two rows never share a file, so
/// removing one takes nothing from the other, and nobody learns from a name that somebody else has the same file.
pub(super) fn name(id: MediaId, content: &[u8]) -> String {
    named(b"corridor media\0", id, content)
}

/// The name of an upload as it came. It is never the name of what is made of it, also where that is the same.
pub(super) fn raw_name(id: MediaId, content: &[u8]) -> String {
    named(b"corridor upload\0", id, content)
}

fn named(what: &[u8], id: MediaId, content: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(what);
    hash.update(&id.raw().to_be_bytes());
    hash.update(content);
    hash.finish().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where a file lies. The name is one of ours, never something that was sent.
pub(super) fn path(folder: &Path, name: &str) -> PathBuf {
    let level = |from: usize| name.get(from..from + 2).unwrap_or("00");
    folder.join(level(0)).join(level(2)).join(name)
}

/// Writes files: to disk under another name first, so that a name stands for a whole file.
pub(super) async fn write(folder: &Path, files: Vec<(String, Vec<u8>)>) -> Result<()> {
    let folder = folder.to_owned();
    blocking(move || files.iter().try_for_each(|(name, content)| write_one(&path(&folder, name), content))).await
}

fn write_one(path: &Path, content: &[u8]) -> io::Result<()> {
    let parent = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    let unfinished = unfinished(path);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    drop(file);
    let named = written.and_then(|()| fs::rename(&unfinished, path));
    if let Err(error) = named {
        // A full disk must not stay full of halves.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    File::open(parent)?.sync_all()
}

fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("part")
}

/// Reads a whole file; `None` where there is none.
pub(super) async fn read(folder: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    match tokio::fs::read(path(folder, name)).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unavailable(&error)),
    }
}

/// Removes files; those that are gone already are no trouble.
pub(super) async fn remove(folder: &Path, names: Vec<String>) -> Result<()> {
    let folder = folder.to_owned();
    blocking(move || {
        for name in names {
            let path = path(&folder, &name);
            for file in [unfinished(&path), path] {
                match fs::remove_file(file) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    })
    .await
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<()> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(Box::new(error)))?;
    done.map_err(|error| unavailable(&error))
}

/// A folder that can't be read or written now.
pub(super) fn unavailable(error: &io::Error) -> Error {
    Error::Unavailable(corridor_store::Error::Unavailable(format!("the media folder: {error}")))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[tokio::test]
    async fn files_are_whole_private_and_removed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("corridor-folder-{}", std::process::id()));
        let name = name(MediaId::new(1), b"content");
        assert_ne!(name, super::name(MediaId::new(2), b"content"), "rows share no files");
        write(&folder, vec![(name.clone(), b"content".to_vec())]).await.unwrap();
        let path = path(&folder, &name);
        assert_eq!(fs::read(&path).unwrap(), b"content");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
        remove(&folder, vec![name.clone(), name]).await.unwrap();
        assert!(!path.exists());
        fs::remove_dir_all(folder).unwrap();
    }
}
