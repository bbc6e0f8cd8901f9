//! The settings as they were written: the defaults, then the file, then the environment, each value with its origin.
//!
//! `config/default.toml` is the list of what exists and of which kind it is; nothing else declares a setting.

use std::path::Path;

use serde::Serialize;
use toml::de::{DeTable, DeValue};

use super::problem::{Origin, Problem, closest};

/// The documented defaults, carried in the program.
pub(super) const DEFAULT: &str = include_str!("../../../../config/default.toml");
const PREFIX: &str = "CORRIDOR_";

/// A setting's value. There are no other kinds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// True or false.
    Switch(bool),
    /// A list of texts.
    Texts(Vec<String>),
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text in quotes",
            Self::Number(_) => "a whole number",
            Self::Switch(_) => "true or false",
            Self::Texts(_) => "a list of texts in square brackets",
        }
    }

    /// As TOML has it.
    #[must_use]
    pub fn to_toml(&self) -> String {
        match self {
            Self::Text(text) => toml::Value::from(text.as_str()).to_string(),
            Self::Number(number) => number.to_string(),
            Self::Switch(switch) => switch.to_string(),
            Self::Texts(texts) => toml::Value::from(texts.clone()).to_string(),
        }
    }
}

/// A setting, its value, and where that comes from.
#[derive(Debug, Clone, Serialize)]
pub struct Setting {
    /// `section.key`.
    pub key: String,
    /// What counts.
    pub value: Value,
    /// Where it comes from.
    pub from: Origin,
    #[serde(skip)]
    pub(super) default: Value,
}

impl Setting {
    /// The section and the key in it.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        self.key.split_once('.').unwrap_or(("", &self.key))
    }
}

/// All settings, in the order of the documented defaults.
#[derive(Debug, Clone)]
pub(super) struct Settings(pub Vec<Setting>);

impl Settings {
    pub fn defaults() -> Self {
        let document = DeTable::parse(DEFAULT).expect("the defaults in the program are sound TOML");
        let mut settings = Vec::new();
        for (section, body) in document.get_ref() {
            let body = body.get_ref().as_table().expect("the defaults consist of sections");
            for (key, value) in body {
                let value_read = read(value.get_ref(), None).expect("the defaults have known kinds");
                let setting = Setting {
                    key: format!("{}.{}", section.get_ref(), key.get_ref()),
                    value: value_read.clone(),
                    from: Origin::Default,
                    default: value_read,
                };
                settings.push((key.span().start, setting));
            }
        }
        settings.sort_by_key(|(at, _)| *at);
        Self(settings.into_iter().map(|(_, setting)| setting).collect())
    }

    pub fn find(&mut self, key: &str) -> Option<&mut Setting> {
        self.0.iter_mut().find(|setting| setting.key == key)
    }

    /// Takes over what a file says. A file that is no TOML changes nothing, and all its errors are told.
    pub fn apply_file(&mut self, path: &Path, text: &str) -> Result<Vec<Problem>, Vec<Problem>> {
        let (document, errors) = DeTable::parse_recoverable(text);
        let origin = |at: usize| Some(Origin::File { path: path.to_owned(), line: line_of(text, at) });
        if !errors.is_empty() {
            return Err(errors
                .iter()
                .map(|error| Problem {
                    origin: origin(error.span().map_or(0, |span| span.start)),
                    setting: None,
                    message: format!("is not TOML: {}", error.message()).replace('\n', ", "),
                })
                .collect());
        }
        let mut problems = Vec::new();
        for (section, body) in document.get_ref() {
            let name = section.get_ref();
            let DeValue::Table(body) = body.get_ref() else {
                problems.push(Problem {
                    origin: origin(section.span().start),
                    setting: Some(name.to_string()),
                    message: self.outside(name),
                });
                continue;
            };
            if !self.sections().any(|known| known == *name) {
                let message = match closest(name, self.sections()) {
                    Some(near) => format!("is not a section here; did you mean [{near}]?"),
                    None => format!("is not a section here; there are {}", self.section_list()),
                };
                problems.push(Problem {
                    origin: origin(section.span().start),
                    setting: Some(format!("[{name}]")),
                    message,
                });
                continue;
            }
            for (key, value) in body {
                let full = format!("{name}.{}", key.get_ref());
                let at = origin(key.span().start);
                match self.set(&full, at.clone(), |default| read(value.get_ref(), Some(default))) {
                    Ok(()) => {}
                    Err(message) => problems.push(Problem { origin: at, setting: Some(full), message }),
                }
            }
        }
        problems.sort_by_key(|problem| match &problem.origin {
            Some(Origin::File { line, .. }) => *line,
            _ => 0,
        });
        Ok(problems)
    }

    /// Takes over `CORRIDOR_SECTION__KEY` variables. Other variables are none of ours, unless one is plainly a slip.
    pub fn apply_env(&mut self, env: impl Iterator<Item = (String, String)>) -> Vec<Problem> {
        let mut ours: Vec<(String, String)> = env.filter(|(name, _)| name.starts_with(PREFIX)).collect();
        ours.sort();
        let mut problems = Vec::new();
        for (name, text) in ours {
            let path = name.trim_start_matches(PREFIX).to_ascii_lowercase();
            let origin = Some(Origin::Env(name.clone()));
            let Some((section, key)) = path.split_once("__") else {
                // Orchestrators set variables like CORRIDOR_PORT by themselves, so only a near miss is told.
                if let Some(meant) = self.0.iter().find(|setting| setting.key.replace('.', "_") == path) {
                    let right = meant.key.replace('.', "__").to_ascii_uppercase();
                    let message = format!("sets nothing; did you mean {PREFIX}{right}, with two underscores?");
                    problems.push(Problem { origin, setting: None, message });
                }
                continue;
            };
            let full = format!("{section}.{key}");
            if let Err(message) = self.set(&full, origin.clone(), |default| read_env(&text, default)) {
                problems.push(Problem { origin, setting: Some(full), message });
            }
        }
        problems
    }

    fn set(
        &mut self,
        key: &str,
        from: Option<Origin>,
        read: impl FnOnce(&Value) -> Result<Value, String>,
    ) -> Result<(), String> {
        let Some(setting) = self.find(key) else { return Err(self.unknown(key)) };
        setting.value = read(&setting.default)?;
        setting.from = from.unwrap_or(Origin::Default);
        Ok(())
    }

    fn unknown(&self, key: &str) -> String {
        let name = key.rsplit('.').next().unwrap_or(key);
        // The same name in another section is likelier meant than a similar name in this one.
        let elsewhere =
            self.0.iter().map(|setting| setting.key.as_str()).find(|known| known.rsplit('.').next() == Some(name));
        match elsewhere.or_else(|| closest(key, self.0.iter().map(|setting| setting.key.as_str()))) {
            Some(near) => format!("is not a setting; did you mean {near}?"),
            None => "is not a setting; config/default.toml lists them all".to_owned(),
        }
    }

    /// What to say about a key that stands in no section.
    fn outside(&self, name: &str) -> String {
        if self.sections().any(|known| known == name) {
            return format!("is a section: write [{name}], and its settings below it");
        }
        match self.0.iter().find(|setting| setting.parts().1 == name) {
            Some(setting) => format!("must stand in a section: write [{}] above it", setting.parts().0),
            None => "is not a setting; settings stand in sections, as config/default.toml lists them".to_owned(),
        }
    }

    fn sections(&self) -> impl Iterator<Item = &str> {
        let mut last = "";
        self.0.iter().map(|setting| setting.parts().0).filter(move |section| {
            let new = *section != last;
            last = section;
            new
        })
    }

    fn section_list(&self) -> String {
        self.sections().map(|section| format!("[{section}]")).collect::<Vec<_>>().join(", ")
    }
}

/// Reads a TOML value, of the default's kind when there is one.
fn read(value: &DeValue<'_>, default: Option<&Value>) -> Result<Value, String> {
    let read = match value {
        DeValue::String(text) => Some(Value::Text(text.to_string())),
        DeValue::Integer(number) => {
            let digits = number.as_str();
            let parsed = i64::from_str_radix(digits, number.radix()).map_err(|_| format!("is too large: {digits}"))?;
            Some(Value::Number(parsed))
        }
        DeValue::Boolean(switch) => Some(Value::Switch(*switch)),
        DeValue::Array(items) => {
            let texts: Option<Vec<String>> =
                items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect();
            texts.map(Value::Texts)
        }
        _ => None,
    };
    let Some(default) = default else { return read.ok_or_else(|| "has an unknown kind".to_owned()) };
    match read {
        Some(read) if std::mem::discriminant(&read) == std::mem::discriminant(default) => Ok(read),
        Some(read) => Err(format!("must be {}, but is {}", default.kind(), read.kind())),
        None => Err(format!("must be {}, but is {}", default.kind(), kind_of(value))),
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::Float(_) => "a number with a point",
        DeValue::Datetime(_) => "a date",
        DeValue::Table(_) => "a table",
        DeValue::Array(_) => "a list of something else",
        _ => "something else",
    }
}

/// Reads an environment variable, of the default's kind.
fn read_env(text: &str, default: &Value) -> Result<Value, String> {
    let wrong = || {
        let shown: String = text.chars().take(40).collect();
        format!("must be {}, but is “{shown}”", default.kind().trim_end_matches(" in quotes"))
    };
    match default {
        Value::Text(_) => Ok(Value::Text(text.to_owned())),
        Value::Number(_) => text.trim().parse().map(Value::Number).map_err(|_| wrong()),
        Value::Switch(_) => text.trim().parse().map(Value::Switch).map_err(|_| wrong()),
        Value::Texts(_) if text.trim_start().starts_with('[') => {
            let document = format!("list = {text}");
            let table = DeTable::parse(&document).map_err(|_| wrong())?;
            let (_, value) = table.get_ref().iter().next().ok_or_else(wrong)?;
            read(value.get_ref(), Some(default))
        }
        Value::Texts(_) => Ok(Value::Texts(
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect(),
        )),
    }
}

/// The line of a byte, from 1.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
