//! Forms: choices, hidden fields and what was wrong with an answer.

use crate::words::Said;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The id of the field, to which the summary links.
    pub field: String,
    /// What to do about it, such as “Enter your username”.
    pub message: String,
    /// It is in English whatever the language of the page.
    pub in_english: bool,
}

/// What is said about a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// As it is read.
    pub text: String,
    /// It is in English whatever the language of the page.
    pub in_english: bool,
}

impl Message {
    /// What a use case said, which knows English alone.
    #[must_use]
    pub fn english(text: impl Into<String>) -> Self {
        Self { text: text.into(), in_english: true }
    }

    /// As it is said beside a field: without the full stop.
    #[must_use]
    pub fn without_stop(self) -> Self {
        Self { text: self.text.trim_end_matches('.').to_owned(), ..self }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self { text, in_english: false }
    }
}

impl From<Said> for Message {
    fn from(said: Said) -> Self {
        Self::from(said.to_string())
    }
}

/// What is wrong with a form; empty when nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors(pub Vec<FieldError>);

impl Errors {
    /// One error.
    #[must_use]
    pub fn one(field: &str, message: impl Into<Message>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// Adds an error, in the order of the fields on the page.
    pub fn add(&mut self, field: &str, message: impl Into<Message>) {
        let Message { text, in_english } = message.into();
        self.0.push(FieldError { field: field.to_owned(), message: text, in_english });
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first error of a field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&FieldError> {
        self.0.iter().find(|error| error.field == field)
    }

    /// Whether any field whose name begins like this has an error.
    #[must_use]
    pub fn has_any_of(&self, start: &str) -> bool {
        self.0.iter().any(|error| error.field.starts_with(start))
    }

    /// Whether a field has an error.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.of(field).is_some()
    }
}

/// One radio button.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// What it means; empty for nothing.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// A hidden field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Its name.
    pub name: String,
    /// What is sent.
    pub value: String,
}
