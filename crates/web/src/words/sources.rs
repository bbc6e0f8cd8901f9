//! Reads the sources of this crate for the texts that they use, and the files of texts for what is in them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser::parse;

use super::{ENGLISH_FILES, Files, WELSH_FILES};

/// What a text holds.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// What is put in.
    pub(super) placeholders: BTreeSet<String>,
    /// The forms of each choice that is made by a plural.
    pub(super) plurals: Vec<BTreeSet<String>>,
}

/// The texts of a language by key. A key that is there twice, or a file that can't be read, is a mistake.
pub(super) fn texts(files: Files, mistakes: &mut Vec<String>) -> BTreeMap<String, Text> {
    let mut texts = BTreeMap::new();
    for (name, source) in files {
        let resource = parse(*source).unwrap_or_else(|(resource, errors)| {
            mistakes.push(format!("{name}: {errors:?}"));
            resource
        });
        for entry in &resource.body {
            match entry {
                Entry::Message(message) => {
                    let mut text = Text::default();
                    message.value.iter().for_each(|pattern| look(pattern, &mut text));
                    if texts.insert(message.id.name.to_owned(), text).is_some() {
                        mistakes.push(format!("{name}: {} is there twice", message.id.name));
                    }
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                other => mistakes.push(format!("{name}: {other:?} is no plain text")),
            }
        }
    }
    texts
}

fn look(pattern: &Pattern<&str>, text: &mut Text) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => variable(inline, text),
            Expression::Select { selector, variants } => {
                variable(selector, text);
                let names = variants.iter().filter_map(|variant| match &variant.key {
                    VariantKey::Identifier { name } => Some((*name).to_owned()),
                    VariantKey::NumberLiteral { .. } => None,
                });
                text.plurals.push(names.collect());
                variants.iter().for_each(|variant| look(&variant.value, text));
            }
        }
    }
}

fn variable(expression: &InlineExpression<&str>, text: &mut Text) {
    if let InlineExpression::VariableReference { id } = expression {
        text.placeholders.insert(id.name.to_owned());
    }
}

/// Names of the files of each language, as they are in the folder and as they are built in.
pub(super) fn file_names() -> Vec<(BTreeSet<String>, BTreeSet<String>)> {
    let pair = |(folder, files): (&str, Files)| {
        let there = std::fs::read_dir(root().join("locales").join(folder)).unwrap();
        let there = there.map(|file| file.unwrap().file_name().into_string().unwrap());
        (there.collect(), files.iter().map(|(name, _)| format!("{name}.ftl")).collect())
    };
    [("en", ENGLISH_FILES), ("cy", WELSH_FILES)].into_iter().map(pair).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file that may use texts.
pub(super) struct Source {
    /// Its path in this crate.
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    pub(super) fn is_template(&self) -> bool {
        self.path.ends_with(".html")
    }
}

/// Every template and every file of code, but for these tests.
pub(super) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for folder in ["templates", "src"] {
        gather(&root().join(folder), &mut found);
    }
    found.retain(|source| !["src/words/sources.rs", "src/words/tests.rs"].contains(&source.path.as_str()));
    found
}

fn gather(folder: &Path, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs" || end == "html") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push(Source { path: path.strip_prefix(root()).unwrap().display().to_string(), text });
        }
    }
}

/// A text that a source uses.
pub(super) struct Use {
    /// Its key; what stands there instead, when it is not written out.
    pub(super) key: Result<String, String>,
    /// What is put in right there.
    pub(super) puts: BTreeSet<String>,
}

/// Every `say("…")` and `key("…")` of a source.
pub(super) fn uses(source: &Source) -> Vec<Use> {
    let mut found = Vec::new();
    for call in ["say(", "key("] {
        for (at, _) in source.text.match_indices(call) {
            let before = source.text.get(..at).unwrap();
            let part_of_a_name = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let rest = source.text.get(at + call.len()..).unwrap();
            if part_of_a_name || before.ends_with("fn ") {
                continue;
            }
            found.push(used(rest));
        }
    }
    found
}

fn used(rest: &str) -> Use {
    let Some((key, mut rest)) = literal(rest) else {
        let there = rest.chars().take(40).collect();
        return Use { key: Err(there), puts: BTreeSet::new() };
    };
    let mut puts = BTreeSet::new();
    rest = rest.trim_start().strip_prefix(')').unwrap_or(rest);
    while let Some(call) =
        [".with(", ".count(", ".around("].iter().find_map(|name| rest.trim_start().strip_prefix(name))
    {
        let Some((name, after)) = literal(call) else { break };
        puts.insert(name.to_owned());
        rest = behind_the_call(after);
    }
    Use { key: Ok(key.to_owned()), puts }
}

fn literal(text: &str) -> Option<(&str, &str)> {
    text.trim_start().strip_prefix('"')?.split_once('"')
}

/// What comes after the parenthesis that ends a call.
fn behind_the_call(text: &str) -> &str {
    let (mut depth, mut quoted) = (1_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(at + 1..).unwrap();
        }
    }
    ""
}

/// The texts of a template that go to readers as they stand: between tags, and in the attributes that are read out.
pub(super) fn bare_texts(template: &str) -> Vec<String> {
    let mut plain = template.to_owned();
    for (open, close) in [("{#", "#}"), ("{{", "}}"), ("{%", "%}"), ("<!", ">")] {
        plain = without(&plain, open, close);
    }
    let mut texts = Vec::new();
    for attribute in [" aria-label=\"", " placeholder=\"", " alt=\"", " title=\""] {
        texts.extend(plain.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
    texts.extend(without(&plain, "<", ">").split('\u{0}').map(str::to_owned));
    texts.retain(|text| text.contains(char::is_alphabetic));
    texts.iter().map(|text| text.trim().to_owned()).collect()
}

/// Each stretch from `open` to `close` becomes a NUL, so that what stands before and after it stays apart.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        // A tag's attributes must stay whole while they are looked for.
        out.push(if open == "<" { '\u{0}' } else { ' ' });
        rest = after.split_once(close).map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}
