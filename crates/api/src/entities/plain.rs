//! The plainest answers: that it is done, that it failed, and how many there are.

use schemars::JsonSchema;
use serde::Serialize;

/// It is done, and there is nothing to show.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct Empty {}

/// <https://docs.joinmastodon.org/entities/Error/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub struct Failure {
    error: String,
    /// What is wrong, where `error` is a code of OAuth (RFC 6749, 5.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<String>,
}

impl Failure {
    /// What went wrong, in words.
    #[must_use]
    pub fn of(error: impl Into<String>) -> Self {
        Self { error: error.into(), error_description: None }
    }

    /// A code of OAuth and what it means.
    #[must_use]
    pub fn of_oauth(code: &str, description: String) -> Self {
        Self { error: code.to_owned(), error_description: Some(description) }
    }
}

/// How many there are.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct Count {
    /// The number, capped where its method says so.
    pub count: i64,
}
