//! Whom one might know: Suggestion and FamiliarFollowers.

use corridor_app::PersonView;
use corridor_app::discovery::SuggestionView;
use corridor_app::media::Links;
use corridor_domain::ActorId;
use schemars::JsonSchema;
use serde::Serialize;

use super::Account;

/// <https://docs.joinmastodon.org/entities/Suggestion/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Suggestion {
    /// The older word, which has none that fits better.
    source: &'static str,
    sources: Vec<&'static str>,
    account: Account,
}

impl Suggestion {
    /// Somebody and why they are suggested.
    #[must_use]
    pub fn of(suggestion: &SuggestionView, links: &Links) -> Self {
        let mut sources = Vec::new();
        if suggestion.ties.through > 0 {
            sources.push("friends_of_friends");
        }
        if suggestion.ties.groups > 0 {
            // Ours: Mastodon knows no groups.
            sources.push("same_groups");
        }
        Self { source: "global", sources, account: Account::of(&suggestion.person, links) }
    }
}

/// <https://docs.joinmastodon.org/entities/FamiliarFollowers/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FamiliarFollowers {
    id: String,
    accounts: Vec<Account>,
}

impl FamiliarFollowers {
    /// Those who follow somebody, of whom the caller follows.
    #[must_use]
    pub fn of(id: ActorId, people: &[PersonView], links: &Links) -> Self {
        Self { id: id.to_string(), accounts: people.iter().map(|person| Account::of(person, links)).collect() }
    }
}
