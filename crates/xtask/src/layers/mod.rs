//! Enforces the layer table: reads every manifest and every source file under `crates/`, and tells who names whom wrongly.

mod manifest;
mod rules;

use std::fs;
use std::path::{Path, PathBuf};

use crate::Finding;
use crate::source::{self, Name};
use manifest::dependencies;
use rules::{
    CHORES, CLOCKS, FEDERATION_MAY_USE_OF_STORE, HOMES, IMPURE_PATHS, NOT_IN_DOMAIN, PURE_AFTER_ALL, ROOMS, Room,
};

/// Every broken layer rule in the repository at `root`.
pub fn check(root: &Path) -> Result<Vec<Finding>, String> {
    let mut findings = strangers(root)?;
    for room in ROOMS {
        let folder = root.join("crates").join(room.name);
        let path = folder.join("Cargo.toml");
        let text = read(&path)?;
        findings.extend(check_manifest(room, &path, &text));
        for path in rust_files(&folder)? {
            findings.extend(check_source(room, &path, &read(&path)?));
        }
    }
    for finding in &mut findings {
        if let Ok(short) = finding.file.strip_prefix(root) {
            finding.file = short.to_path_buf();
        }
    }
    Ok(findings)
}

/// Crates that the table does not list: a crate without a charter has no place in the house.
fn strangers(root: &Path) -> Result<Vec<Finding>, String> {
    let mut found = Vec::new();
    for path in entries(&root.join("crates"))? {
        let known = path.file_name().is_some_and(|name| ROOMS.iter().any(|room| name == room.name));
        let manifest = path.join("Cargo.toml");
        if !known && manifest.exists() {
            found.push(Finding {
                file: manifest,
                line: 1,
                message: "this crate is not in the layer table of crates/xtask/src/layers/rules.rs".to_owned(),
            });
        }
    }
    Ok(found)
}

fn check_manifest(room: &Room, path: &Path, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for dependency in dependencies(text) {
        let package = dependency.package.as_str();
        let message = if room.name == CHORES {
            Some(format!("{CHORES} depends on nothing, but this names {package}"))
        } else if room.name == "domain" && NOT_IN_DOMAIN.contains(&package) {
            Some(format!("domain is pure, but this names {package}"))
        } else if let Some(other) = ours(package) {
            neighbour(room, other)
        } else {
            homeless(room, package)
        };
        found.extend(message.map(|message| Finding { file: path.to_path_buf(), line: dependency.line, message }));
    }
    found
}

fn check_source(room: &Room, path: &Path, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in source::names(text) {
        // A test looks at what was stored, whichever table that is in.
        let beyond = if is_test(path) { None } else { beyond_the_queue(room, &name) };
        let message = crossing(room, &name).or(beyond).or_else(|| impurity(room, &name));
        found.extend(message.map(|message| Finding { file: path.to_path_buf(), line: name.line, message }));
    }
    found
}

/// A file that is compiled for tests alone, by its name.
fn is_test(path: &Path) -> bool {
    let in_folder = path.components().any(|part| part.as_os_str() == "tests");
    in_folder || path.file_name().is_some_and(|name| name == "tests.rs" || name == "testing.rs")
}

/// A path into another crate that this one may not know.
fn crossing(room: &Room, name: &Name) -> Option<String> {
    for other in ROOMS {
        if other.name != room.name && name.names_crate(&format!("corridor_{}", other.name)) {
            return neighbour(room, other.name);
        }
    }
    HOMES
        .iter()
        .find(|home| name.names_crate(&home.library.replace('-', "_")))
        .and_then(|home| homeless(room, home.library))
}

/// `federation` sees of the store only its queue and its keys, and says each time which.
fn beyond_the_queue(room: &Room, name: &Name) -> Option<String> {
    if room.name != "federation" || !name.names_crate("corridor_store") {
        return None;
    }
    let module = name.path.get(1).map_or("", String::as_str);
    if FEDERATION_MAY_USE_OF_STORE.contains(&module) {
        return None;
    }
    let allowed = FEDERATION_MAY_USE_OF_STORE.join(", ");
    Some(format!("federation may use of store only {allowed}, but this names {}", name.text()))
}

/// `domain` does no input or output, waits for nothing and asks no clock.
fn impurity(room: &Room, name: &Name) -> Option<String> {
    if room.name != "domain" {
        return None;
    }
    let begins = |list: &[&[&str]]| list.iter().any(|path| name.starts_with(path));
    let clock = CLOCKS.iter().any(|path| name.contains(path));
    let waits = name.path.len() == 1 && name.starts_with(&["async"]);
    let library = NOT_IN_DOMAIN.iter().any(|library| name.names_crate(&library.replace('-', "_")));
    if clock {
        Some(format!("time is an argument in domain, but this asks a clock: {}", name.text()))
    } else if waits {
        Some("domain is synchronous, but this is async".to_owned())
    } else if library || (begins(IMPURE_PATHS) && !begins(PURE_AFTER_ALL)) {
        Some(format!("domain is pure, but this names {}", name.text()))
    } else {
        None
    }
}

fn neighbour(room: &Room, other: &str) -> Option<String> {
    if room.name == other || room.may_know.contains(&other) {
        return None;
    }
    let known = if room.may_know.is_empty() {
        "none of our crates".to_owned()
    } else {
        format!("only {}", room.may_know.join(", "))
    };
    Some(format!("{} may know {known}, but this names {other}", room.name))
}

fn homeless(room: &Room, library: &str) -> Option<String> {
    let home = HOMES.iter().find(|home| home.library == library)?;
    if home.rooms.contains(&room.name) {
        return None;
    }
    Some(format!("{}, but {} names {library}", home.because, room.name))
}

/// The room of one of our packages.
fn ours(package: &str) -> Option<&str> {
    match package.strip_prefix("corridor-") {
        Some(name) => Some(name),
        None => (package == CHORES).then_some(CHORES),
    }
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            found.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let listing = fs::read_dir(folder).map_err(|e| format!("cannot list {}: {e}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in listing {
        let entry = entry.map_err(|e| format!("cannot list {}: {e}", folder.display()))?;
        paths.push(entry.path());
    }
    // The order of a folder is the file system's; findings come in the same order everywhere.
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

#[cfg(test)]
mod tests;
