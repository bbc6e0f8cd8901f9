//! Forms: choices, hidden fields and what was wrong with an answer.

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The id of the field, to which the summary links.
    pub field: String,
    /// What to do about it, such as “Enter your username”.
    pub message: String,
}

/// What is wrong with a form; empty when nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors(pub Vec<FieldError>);

impl Errors {
    /// One error.
    #[must_use]
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// Adds an error, in the order of the fields on the page.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first error of a field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.message.as_str())
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
