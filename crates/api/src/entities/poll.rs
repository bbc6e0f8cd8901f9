//! The Poll entity.

use corridor_app::PostView;
use corridor_app::polls::PollOptionView;
use schemars::JsonSchema;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/Poll/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Poll {
    /// The number of the post that asks.
    id: String,
    expires_at: Option<String>,
    expired: bool,
    multiple: bool,
    votes_count: i64,
    voters_count: Option<i64>,
    options: Vec<PollOption>,
    emojis: [(); 0],
    voted: bool,
    own_votes: Vec<usize>,
    /// Ours: when its options were last changed, which made every vote before that void.
    reset_at: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct PollOption {
    title: String,
    votes_count: Option<i64>,
}

impl Poll {
    /// The poll of a post as its reader sees it.
    #[must_use]
    pub fn of(post: &PostView) -> Option<Self> {
        let poll = post.poll.as_ref()?;
        let option = |option: &PollOptionView| PollOption { title: option.title.clone(), votes_count: option.votes };
        Some(Self {
            id: post.id.to_string(),
            expires_at: poll.ends_at.map(|at| at.to_rfc3339()),
            expired: poll.ended,
            multiple: poll.multiple,
            votes_count: poll.votes,
            voters_count: poll.voters,
            options: poll.options.iter().map(option).collect(),
            emojis: [],
            voted: poll.voted,
            own_votes: poll.own.clone(),
            reset_at: poll.reset_at.map(|at| at.to_rfc3339()),
        })
    }
}
