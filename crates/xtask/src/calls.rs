//! Which method of the client API is called by which program: the table in docs/API.md, made from what the tests' nodes saw.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::Finding;

const DOCUMENT: &str = "docs/API.md";
const PAIRS: &str = "tests/clients/pairs.txt";
const START: &str = "<!-- The table is made by cargo xtask calls FILE --write. -->\n";
const END: &str = "<!-- The end of the table of calls. -->\n";
/// Each program, and how its name begins in `User-Agent`. What has none of these is a test that calls by itself.
const PROGRAMS: [(&str, &str); 3] = [("Mastodon.py", "mastodonpy"), ("toot", "toot"), ("masto", "node")];
/// Programs that try everything, which says nothing.
const TRY_ALL: &str = "schemathesis";
const TESTS: &str = "tests";
/// Answers that say that a call was let in nowhere.
const TURNED_AWAY: [&str; 4] = ["401", "403", "405", "429"];
/// Methods that are not served, and why. Where no method is named, none of the paths that begin so is.
const NOT_SERVED: [(&str, &str); 16] = [
    (" /api/v1/push/subscription", "no push"),
    (" /api/v1/trends/", "no trends"),
    ("DELETE /api/v1/admin/accounts/:id", "not served"),
    ("POST /api/v1/admin/accounts/:id/approve", "not served"),
    ("POST /api/v1/admin/accounts/:id/reject", "not served"),
    ("POST /api/v1/admin/accounts/:id/unsilence", "not served"),
    ("POST /api/v1/admin/accounts/:id/unsuspend", "not served"),
    ("POST /api/v1/admin/accounts/:id/unsensitive", "not served"),
    ("PUT /api/v1/admin/reports/:id", "not served"),
    ("POST /api/v1/admin/reports/:id/assign_to_self", "not served"),
    ("POST /api/v1/admin/reports/:id/unassign", "not served"),
    ("POST /api/v1/admin/domain_allows", "not served"),
    ("DELETE /api/v1/admin/domain_allows/:id", "not served"),
    ("POST /api/v1/admin/domain_blocks", "not served"),
    ("PUT /api/v1/admin/domain_blocks/:id", "not served"),
    ("DELETE /api/v1/admin/domain_blocks/:id", "not served"),
];

/// The programs that call a method, by method and path.
type Calls = BTreeMap<String, BTreeSet<&'static str>>;

/// What the table claims and nobody saw, and methods that nothing calls.
pub fn check(root: &Path, seen: &Path) -> Result<Vec<Finding>, String> {
    let calls = calls(&read(seen)?);
    let text = read(&root.join(DOCUMENT))?;
    let table = text.split_once(START).and_then(|(_, rest)| rest.split_once(END)).ok_or_else(missing)?.0;
    let mut found = Vec::new();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let pair = plain(cells.next().unwrap_or_default().trim_matches('`'));
        let by = calls.get(&pair).cloned().unwrap_or_default();
        for (cell, program) in cells.zip(columns()) {
            if cell == "yes" && !by.contains(program) {
                found.push(finding(&format!("{pair} was not called by {program}")));
            }
        }
    }
    if table.trim().is_empty() {
        found.push(finding("the table is empty"));
    }
    for pair in pairs(&read(&root.join(PAIRS))?) {
        if not_served(pair).is_none() && !calls.contains_key(&plain(pair)) {
            found.push(finding(&format!("nothing called {pair}")));
        }
    }
    Ok(found)
}

/// Makes the table anew.
pub fn write(root: &Path, seen: &Path) -> Result<(), String> {
    let calls = calls(&read(seen)?);
    let document = root.join(DOCUMENT);
    let text = read(&document)?;
    let (before, rest) = text.split_once(START).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    let table = table(&read(&root.join(PAIRS))?, &calls);
    let text = format!("{before}{START}\n{table}\n{END}{after}");
    fs::write(&document, text).map_err(|error| format!("cannot write {DOCUMENT}: {error}"))
}

fn columns() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().map(|(name, _)| *name).chain([TESTS])
}

fn missing() -> String {
    format!("{DOCUMENT} must hold the lines around the table: {START}{END}")
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Lines of method, route, status and `User-Agent`, apart by tabs.
fn calls(seen: &str) -> Calls {
    let mut calls = Calls::new();
    for line in seen.lines() {
        let mut fields = line.split('\t');
        let (method, route, status) = (fields.next(), fields.next(), fields.next());
        let agent = fields.next().unwrap_or_default().to_lowercase();
        let (Some(method), Some(route), Some(status)) = (method, route, status) else { continue };
        if TURNED_AWAY.contains(&status) || agent.starts_with(TRY_ALL) {
            continue;
        }
        let program = PROGRAMS.iter().find(|(_, begins)| agent.starts_with(begins)).map_or(TESTS, |(name, _)| name);
        calls.entry(plain(&format!("{method} {route}"))).or_default().insert(program);
    }
    calls
}

/// Parameters without their names.
fn plain(pair: &str) -> String {
    let parts = pair.split('/').map(|part| if part.starts_with([':', '{']) { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn pairs(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.starts_with(char::is_uppercase))
}

fn not_served(pair: &str) -> Option<&'static str> {
    NOT_SERVED
        .iter()
        .find(|(what, _)| if what.starts_with(' ') { pair.contains(what) } else { pair == *what })
        .map(|(_, why)| *why)
}

fn table(pairs: &str, calls: &Calls) -> String {
    let head: Vec<&str> = columns().collect();
    let mut table = format!("| method | {} |\n|---|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for line in pairs.lines() {
        if let Some((tier, area)) = line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
            table.push_str(&format!("| **{area}** ({tier}) |{}\n", " |".repeat(head.len())));
        } else if line.starts_with(char::is_uppercase) {
            let cells = match not_served(line) {
                Some(why) => vec![why; head.len()],
                None => {
                    let by = calls.get(&plain(line)).cloned().unwrap_or_default();
                    head.iter().map(|program| if by.contains(program) { "yes" } else { "" }).collect()
                }
            };
            table.push_str(&format!("| `{line}` | {} |\n", cells.join(" | ")));
        }
    }
    table
}

fn finding(message: &str) -> Finding {
    Finding { file: DOCUMENT.into(), line: 1, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_gathered_by_program() {
        let seen = "GET\t/api/v1/lists/{id}\t200\ttoot/0.52\nGET\t/api/v1/lists/{id}\t404\t\n\
                    GET\t/api/v1/lists\t403\ttoot/0.52\nPOST\t/api/v1/lists\t200\tschemathesis/4\n";
        let calls = calls(seen);
        assert_eq!(calls.len(), 1, "{calls:?}");
        let by = calls.get("GET /api/v1/lists/{}").cloned().unwrap_or_default();
        assert_eq!(by, BTreeSet::from(["toot", TESTS]));
    }

    #[test]
    fn a_table_has_a_line_for_each_pair() {
        let calls = calls("GET\t/api/v1/lists/{id}\t200\tnode\n");
        let table = table("[must] Lists\nGET /api/v1/lists/:id\nGET /api/v1/trends/tags\n", &calls);
        assert!(table.contains("| **Lists** (must) | | | | |\n"), "{table}");
        assert!(table.contains("| `GET /api/v1/lists/:id` |  |  | yes |  |\n"), "{table}");
        assert!(table.contains("| `GET /api/v1/trends/tags` | no trends |"), "{table}");
    }
}
