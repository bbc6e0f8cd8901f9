//! Checks that both migration folders hold the same migrations, each complete. A test of `store` then compares the tables they make.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::Finding;

const BACKENDS: [&str; 2] = ["sqlite", "postgres"];
const PARTS: [&str; 2] = ["up.sql", "down.sql"];

/// Every migration that one backend lacks, and every one without something to run forwards and backwards.
pub fn check(root: &Path) -> Result<Vec<Finding>, String> {
    let mut found = Vec::new();
    let mut all = BTreeSet::new();
    for backend in BACKENDS {
        all.extend(migrations(&root.join("migrations").join(backend))?);
    }
    for name in &all {
        for backend in BACKENDS {
            let folder = Path::new("migrations").join(backend).join(name);
            if !root.join(&folder).is_dir() {
                found.push(finding(&folder, "this migration exists for the other database only"));
                continue;
            }
            for part in PARTS {
                let file = folder.join(part);
                match fs::read_to_string(root.join(&file)) {
                    Ok(text) if says_something(&text) => {}
                    Ok(_) => found.push(finding(&file, "this migration does nothing")),
                    Err(e) => found.push(finding(&file, &format!("cannot be read: {e}"))),
                }
            }
        }
    }
    if all.is_empty() {
        found.push(finding(Path::new("migrations"), "there are no migrations"));
    }
    Ok(found)
}

fn migrations(folder: &Path) -> Result<BTreeSet<String>, String> {
    let problem = |e: std::io::Error| format!("cannot list {}: {e}", folder.display());
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(problem)? {
        let entry = entry.map_err(problem)?;
        if entry.path().is_dir() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

fn says_something(sql: &str) -> bool {
    sql.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with("--"))
}

fn finding(file: &Path, message: &str) -> Finding {
    Finding { file: file.to_path_buf(), line: 1, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plant(files: &[(&str, &str)], name: &str) -> Vec<String> {
        let root = std::env::temp_dir().join(format!("corridor-schema-{name}-{}", std::process::id()));
        for backend in BACKENDS {
            fs::create_dir_all(root.join("migrations").join(backend)).expect("a folder can be made");
        }
        for (path, text) in files {
            let path = root.join("migrations").join(path);
            fs::create_dir_all(path.parent().expect("every file is in a folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
        let found = check(&root).expect("the planted folder can be read");
        fs::remove_dir_all(&root).expect("the planted folder can be removed");
        found.iter().map(|f| f.file.display().to_string()).collect()
    }

    #[test]
    fn equal_folders_are_in_order() {
        let files = [
            ("sqlite/1_a/up.sql", "CREATE TABLE a (x);"),
            ("sqlite/1_a/down.sql", "DROP TABLE a;"),
            ("postgres/1_a/up.sql", "CREATE TABLE a (x int);"),
            ("postgres/1_a/down.sql", "DROP TABLE a;"),
        ];
        assert!(plant(&files, "equal").is_empty());
    }

    #[test]
    fn a_missing_migration_and_an_empty_part_are_found() {
        let files = [
            ("sqlite/1_a/up.sql", "CREATE TABLE a (x);"),
            ("sqlite/1_a/down.sql", "-- later\n"),
            ("postgres/2_b/up.sql", "CREATE TABLE b (x int);"),
        ];
        assert_eq!(
            plant(&files, "unequal"),
            [
                "migrations/sqlite/1_a/down.sql",
                "migrations/postgres/1_a",
                "migrations/sqlite/2_b",
                "migrations/postgres/2_b/down.sql",
            ]
        );
    }

    #[test]
    fn no_migrations_at_all_is_a_finding() {
        assert_eq!(plant(&[], "none"), ["migrations"]);
    }
}
