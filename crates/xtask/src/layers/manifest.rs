//! Reads the dependencies out of a Cargo.toml, as far as the layer check needs them.

/// A dependency that a manifest declares, in any of its dependency tables.
#[derive(Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The package, even where the manifest gives it another name.
    pub package: String,
    /// The line, counted from one.
    pub line: usize,
}

/// Every dependency of the manifest: normal, development, build and for one platform only.
pub fn dependencies(text: &str) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    let mut table = Table::Other;
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        let line = without_comment(line).trim();
        if let Some(header) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            table = Table::of(header.trim());
            if let Table::Dependency(package) = &table {
                found.push(Dependency { package: package.clone(), line: line_number });
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let key = key.trim();
        match table {
            Table::Dependencies => {
                let name = key.split('.').next().unwrap_or(key).trim();
                let package = renamed_from(value).unwrap_or_else(|| name.trim_matches('"').to_owned());
                found.push(Dependency { package, line: line_number });
            }
            Table::Dependency(_) if key == "package" => {
                if let Some(last) = found.last_mut() {
                    last.package = quoted(value);
                }
            }
            Table::Dependency(_) | Table::Other => {}
        }
    }
    found
}

enum Table {
    /// `[dependencies]` and its kin: each key is a dependency.
    Dependencies,
    /// `[dependencies.name]`: the table is one dependency.
    Dependency(String),
    Other,
}

impl Table {
    fn of(header: &str) -> Self {
        const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
        for kind in KINDS {
            // `build-dependencies` also ends in `dependencies`, hence the dot.
            if header == kind || header.ends_with(&format!(".{kind}")) {
                return Self::Dependencies;
            }
            let inner = header
                .strip_prefix(&format!("{kind}."))
                .or_else(|| header.split_once(&format!(".{kind}.")).map(|(_, name)| name));
            if let Some(name) = inner {
                return Self::Dependency(name.trim_matches('"').to_owned());
            }
        }
        Self::Other
    }
}

/// The package named in `{ package = "…" }`, so that a rename hides nothing.
fn renamed_from(value: &str) -> Option<String> {
    let (_, after) = value.split_once("package")?;
    let after = after.trim_start().strip_prefix('=')?;
    Some(quoted(after))
}

fn quoted(value: &str) -> String {
    value.split('"').nth(1).unwrap_or_default().to_owned()
}

fn without_comment(line: &str) -> &str {
    let mut inside = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => inside = !inside,
            '#' if !inside => return line.get(..at).unwrap_or(line),
            _ => {}
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packages(text: &str) -> Vec<String> {
        dependencies(text).into_iter().map(|d| d.package).collect()
    }

    #[test]
    fn every_form_of_declaring_a_dependency_is_read() {
        let text = r#"
            [package]
            name = "x"
            [dependencies]
            one.workspace = true
            two = "1" # three = "1"
            sql = { version = "2", package = "diesel" }
            [dev-dependencies]
            "four" = { path = "../four" }
            [build-dependencies.five]
            version = "1"
            [target.'cfg(unix)'.dependencies]
            six = "1"
            [dependencies.seven]
            package = "reqwest"
            [features]
            eight = []
        "#;
        assert_eq!(packages(text), ["one", "two", "diesel", "four", "five", "six", "reqwest"]);
    }

    #[test]
    fn the_line_is_told() {
        let found = dependencies("[dependencies]\n\ndiesel.workspace = true\n");
        assert_eq!(found, [Dependency { package: "diesel".to_owned(), line: 3 }]);
    }
}
