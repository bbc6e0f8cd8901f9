//! The catalogue of hostile input: every case has a test that is named by its number, and docs/SECURITY.md lists them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Finding;

const DOCUMENT: &str = "docs/SECURITY.md";
const START: &str = "<!-- The table is made by cargo xtask hostile --write. -->\n";
const END: &str = "<!-- The end of the table. -->\n";
const PREFIX: &str = "fn hostile_";

/// What is sent in each case. The cases of sign-on, 63 to 69, are listed as far as they have tests.
const CASES: [(u16, &str); 80] = [
    (1, "an actor of one node under the certificate of another"),
    (2, "a second `Digest` header over a captured signature"),
    (3, "a request that was signed for another node"),
    (4, "a signature that covers too little"),
    (5, "a signature without a time, too old, from the future or for too long"),
    (6, "a time beyond all numbers"),
    (7, "the same request twice"),
    (8, "the key of another, or a second place for the signature"),
    (9, "`id`, `actor` and author that are not one"),
    (10, "a key that its owner does not list"),
    (11, "a key that was replaced or is gone"),
    (12, "redirects off the list, to ourselves, in circles and chains"),
    (13, "an upload that looks like an actor or a post"),
    (14, "a failure with a good body"),
    (15, "a document whose `id` is another address"),
    (16, "names that resolve to our own machine or to places inside, always or the next time"),
    (17, "addresses that people type"),
    (18, "threads and collections without an end"),
    (19, "bodies and heads without an end"),
    (20, "compressed bodies"),
    (21, "one byte at a time, two hundred times"),
    (22, "names that are there twice in JSON"),
    (23, "a hundred thousand levels"),
    (24, "odd numbers, text, dates and types"),
    (25, "neighbouring names"),
    (26, "other spellings of a name"),
    (27, "credentials and numbers in addresses"),
    (28, "our own name as a peer's"),
    (29, "a peer that was removed, on its open connection"),
    (30, "what a stranger wrote, through an allowed peer"),
    (31, "strangers among those addressed and mentioned"),
    (32, "pictures and links on other hosts"),
    (33, "an actor whose inboxes or keys are elsewhere"),
    (34, "Update of what is another's"),
    (35, "Delete of what is another's"),
    (36, "Undo of what another did"),
    (37, "answers to a follow that was never sent, or by another"),
    (38, "Move without consent of the target, by another, off the list"),
    (39, "reports in another's name, and many of them"),
    (40, "votes: twice, late, by strangers; counts that are changed"),
    (41, "edits that widen an audience or come too late"),
    (42, "collections and ids of others"),
    (43, "closed posts by their address"),
    (44, "collections and their counts"),
    (45, "search, feeds and lists"),
    (46, "streams that outlive a right"),
    (47, "closed posts, passed on by a recipient"),
    (48, "histories, drafts and media of closed posts"),
    (49, "feeds, previews and error texts that tell of closed posts"),
    (50, "what belongs to others, by a changed id"),
    (51, "hidden recipients, and peers without a recipient left"),
    (52, "scripts in every text"),
    (53, "links that are no links"),
    (54, "styles, ids and depth in text"),
    (55, "text that takes long to read"),
    (56, "SVG, HTML and XML as a picture"),
    (57, "names and texts without an end"),
    (58, "pictures that are too large or too slow to decode"),
    (59, "files of two kinds"),
    (60, "file names that lead elsewhere"),
    (61, "what a camera writes into a picture"),
    (62, "too many ranges, too many uploads, too much from one peer"),
    (63, "redirects of an application"),
    (64, "authorisation codes"),
    (65, "tokens beyond their scopes"),
    (66, "forms from elsewhere"),
    (67, "sessions that should have ended"),
    (68, "asking which names exist"),
    (69, "guessing passwords"),
    (70, "the same activity a hundred times at once"),
    (71, "activities in the wrong order"),
    (72, "an activity that fails each time"),
    (73, "a flood"),
    (74, "a peer that never answers, whose answer is lost, or who breaks off"),
    (75, "wrong answers of every kind"),
    (76, "a peer whose name has no address"),
    (77, "a disk that is full or can't be written"),
    (78, "a database that is locked, or goes away"),
    (79, "certificates that have expired, are not valid yet, are replaced, or are another authority's"),
    (80, "kill -9, clocks that are wrong, backups that are restored"),
];

/// The cases that need no test, and why.
const EXEMPT: [(u16, &str); 0] = [];

/// The cases of sign-on have a piece of work of their own.
const LISTED_IF_THERE: std::ops::RangeInclusive<u16> = 63..=69;

/// A test by its case: its words, and the file it stands in.
type Tests = BTreeMap<u16, Vec<(String, PathBuf)>>;

/// Every case without a test, every test of an unknown case, and a table that is not made from the tests.
pub fn check(root: &Path) -> Result<Vec<Finding>, String> {
    let tests = tests(root)?;
    let mut found = gaps(&tests);
    let document = root.join(DOCUMENT);
    let text = fs::read_to_string(&document).map_err(|e| format!("cannot read {DOCUMENT}: {e}"))?;
    if with_table(&text, &table(&tests))? != text {
        found.push(finding(Path::new(DOCUMENT), "the table is out of date: run cargo xtask hostile --write"));
    }
    Ok(found)
}

/// Makes the table anew.
pub fn write(root: &Path) -> Result<(), String> {
    let document = root.join(DOCUMENT);
    let text = fs::read_to_string(&document).map_err(|e| format!("cannot read {DOCUMENT}: {e}"))?;
    let text = with_table(&text, &table(&tests(root)?))?;
    fs::write(&document, text).map_err(|e| format!("cannot write {DOCUMENT}: {e}"))
}

fn gaps(tests: &Tests) -> Vec<Finding> {
    let mut found = Vec::new();
    for (number, words) in CASES {
        let excused = LISTED_IF_THERE.contains(&number) || exemption(number).is_some();
        if !excused && !tests.contains_key(&number) {
            let message = format!("case {number:03} has no test: {words}");
            found.push(finding(Path::new("tests/hostile"), &message));
        }
    }
    for (number, places) in tests {
        if let Some((_, file)) = places.first().filter(|_| !CASES.iter().any(|(known, _)| known == number)) {
            found.push(finding(file, &format!("there is no case {number:03}")));
        }
    }
    found
}

fn exemption(number: u16) -> Option<&'static str> {
    EXEMPT.iter().find(|(exempt, _)| *exempt == number).map(|(_, why)| *why)
}

fn tests(root: &Path) -> Result<Tests, String> {
    let mut tests = Tests::new();
    for folder in ["tests", "crates"] {
        walk(root, Path::new(folder), &mut tests)?;
    }
    for places in tests.values_mut() {
        places.sort();
    }
    Ok(tests)
}

fn walk(root: &Path, folder: &Path, tests: &mut Tests) -> Result<(), String> {
    let problem = |e: std::io::Error| format!("cannot read {}: {e}", folder.display());
    for entry in fs::read_dir(root.join(folder)).map_err(problem)? {
        let entry = entry.map_err(problem)?;
        let path = folder.join(entry.file_name());
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().map_err(problem)?.is_dir() {
            // This chore's own samples are no tests of a node.
            if name != "xtask" && name != "node_modules" && !name.starts_with('.') {
                walk(root, &path, tests)?;
            }
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(root.join(&path)).map_err(problem)?;
            for (numbers, words) in named(&text) {
                for number in numbers {
                    tests.entry(number).or_default().push((words.clone(), path.clone()));
                }
            }
        }
    }
    Ok(())
}

/// The numbers and words of each hostile test in a file. A test of several cases carries several numbers.
fn named(text: &str) -> Vec<(Vec<u16>, String)> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        let Some((_, name)) = line.split_once(PREFIX) else { continue };
        let name: String = name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let (mut numbers, mut words) = (Vec::new(), Vec::new());
        for part in name.split('_') {
            match part.parse() {
                Ok(number) if words.is_empty() && part.len() == 3 => numbers.push(number),
                _ => words.push(part),
            }
        }
        if !numbers.is_empty() {
            found.push((numbers, words.join(" ")));
        }
    }
    found
}

fn table(tests: &Tests) -> String {
    let mut table = String::from("| case | what is sent or done | tests |\n|---|---|---|\n");
    for (number, what) in CASES {
        let shown = match (tests.get(&number), exemption(number)) {
            (Some(places), _) => {
                let link = |(words, file): &(String, PathBuf)| format!("[{words}](../{})", file.display());
                places.iter().map(link).collect::<Vec<_>>().join("; ")
            }
            (None, Some(why)) => why.to_owned(),
            (None, None) => String::new(),
        };
        if !shown.is_empty() {
            table.push_str(&format!("| {number:03} | {what} | {shown} |\n"));
        }
    }
    table
}

fn with_table(text: &str, table: &str) -> Result<String, String> {
    let missing = || format!("{DOCUMENT} must hold the lines around the table: {}{}", START, END);
    let (before, rest) = text.split_once(START).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{START}\n{table}\n{END}{after}"))
}

fn finding(file: &Path, message: &str) -> Finding {
    Finding { file: file.to_path_buf(), line: 1, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn of(numbers: impl IntoIterator<Item = u16>) -> Tests {
        numbers.into_iter().map(|number| (number, vec![("it is so".to_owned(), PathBuf::from("tests/a.rs"))])).collect()
    }

    #[test]
    fn tests_are_found_by_their_names() {
        let text = "async fn hostile_007_twice_is_once(kind: Kind) {\n    fn hostile_016_076_no_address() {\n\
                    // fn hostile_009_spoken_of\nfn hostile_words()\nfn other_010_x()";
        let wanted = vec![(vec![7], "twice is once".to_owned()), (vec![16, 76], "no address".to_owned())];
        assert_eq!(named(text), wanted);
    }

    #[test]
    fn a_case_without_a_test_and_a_test_without_a_case_are_found() {
        let all = of(1..=80);
        assert_eq!(gaps(&all), []);
        let mut some = all.clone();
        some.remove(&5);
        some.remove(&65);
        some.insert(81, all[&1].clone());
        let found: Vec<String> = gaps(&some).into_iter().map(|finding| finding.message).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("005") && found[1].contains("081"), "{found:?}");
    }

    #[test]
    fn only_the_table_is_replaced() {
        let text = format!("Before\n{START}old\n{END}After\n");
        let made = with_table(&text, "new\n");
        assert_eq!(made, Ok(format!("Before\n{START}\nnew\n\n{END}After\n")));
        assert_eq!(made.clone().and_then(|made| with_table(&made, "new\n")), made);
        assert!(with_table("no marks", "new").is_err());
        assert!(
            table(&of([3]))
                .contains("| 003 | a request that was signed for another node | [it is so](../tests/a.rs) |")
        );
        assert!(!table(&of([3])).contains("| 065 "));
    }
}
