//! The inputs that are kept: one file each under `tests/corpus`, and what the federation tests send.

use std::fs;
use std::path::{Path, PathBuf};

fn tests() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// All files of one folder of the corpus, in the order of their names.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    files(&tests().join("corpus").join(target))
}

/// The documents of other servers, as the federation tests send them.
pub fn fixtures() -> Vec<Vec<u8>> {
    let mut folders = entries(&tests().join("federation/fixtures"));
    folders.retain(|path| path.is_dir());
    folders.iter().flat_map(|folder| files(folder)).collect()
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    entries(folder).iter().filter(|path| path.is_file()).filter_map(|path| fs::read(path).ok()).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    found.sort();
    found
}
