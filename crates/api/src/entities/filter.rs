//! The Filter entity, its companions, and what a filter found in a status.

use corridor_app::filters::{FilterMatch, FilterPostView, FilterView, KeywordView, PhraseView};
use corridor_domain::filter::Action;
use schemars::JsonSchema;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/Filter/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Filter {
    id: String,
    title: String,
    context: Vec<&'static str>,
    expires_at: Option<String>,
    filter_action: &'static str,
    /// Left out where a filter is named for what it found.
    #[serde(skip_serializing_if = "Option::is_none")]
    keywords: Option<Vec<FilterKeyword>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statuses: Option<Vec<FilterStatus>>,
}

impl Filter {
    /// One of the caller's filters.
    #[must_use]
    pub fn of(filter: &FilterView) -> Self {
        Self {
            keywords: Some(filter.keywords.iter().map(FilterKeyword::of).collect()),
            statuses: Some(filter.posts.iter().map(FilterStatus::of).collect()),
            ..Self::bare(filter)
        }
    }

    fn bare(filter: &FilterView) -> Self {
        Self {
            id: filter.id.to_string(),
            title: filter.title.clone(),
            context: filter.contexts.words().collect(),
            expires_at: filter.ends_at.map(|at| at.to_rfc3339()),
            filter_action: filter.action.word(),
            keywords: None,
            statuses: None,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/FilterKeyword/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FilterKeyword {
    id: String,
    keyword: String,
    whole_word: bool,
}

impl FilterKeyword {
    /// A keyword of one of the caller's filters.
    #[must_use]
    pub fn of(keyword: &KeywordView) -> Self {
        Self { id: keyword.id.to_string(), keyword: keyword.text.clone(), whole_word: keyword.whole_word }
    }
}

/// <https://docs.joinmastodon.org/entities/FilterStatus/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FilterStatus {
    id: String,
    status_id: String,
}

impl FilterStatus {
    /// A status in one of the caller's filters.
    #[must_use]
    pub fn of(held: &FilterPostView) -> Self {
        Self { id: held.id.to_string(), status_id: held.post.to_string() }
    }
}

/// <https://docs.joinmastodon.org/entities/FilterResult/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FilterResult {
    filter: Filter,
    keyword_matches: Option<Vec<String>>,
    status_matches: Option<Vec<String>>,
}

impl FilterResult {
    /// What one filter found in a status.
    #[must_use]
    pub fn of(found: &FilterMatch) -> Self {
        let statuses: Vec<String> = found.posts.iter().map(ToString::to_string).collect();
        Self {
            filter: Filter::bare(&found.filter),
            keyword_matches: Some(found.keywords.clone()).filter(|found| !found.is_empty()),
            status_matches: Some(statuses).filter(|found| !found.is_empty()),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/V1_Filter/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FilterV1 {
    id: String,
    phrase: String,
    context: Vec<&'static str>,
    whole_word: bool,
    expires_at: Option<String>,
    irreversible: bool,
}

impl FilterV1 {
    /// A keyword as clients of before Mastodon 4 know it.
    #[must_use]
    pub fn of(phrase: &PhraseView) -> Self {
        Self {
            id: phrase.keyword.id.to_string(),
            phrase: phrase.keyword.text.clone(),
            context: phrase.filter.contexts.words().collect(),
            whole_word: phrase.keyword.whole_word,
            expires_at: phrase.filter.ends_at.map(|at| at.to_rfc3339()),
            irreversible: phrase.filter.action == Action::Hide,
        }
    }
}
