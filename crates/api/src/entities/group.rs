//! The Group entity: ours alone, an account and what makes it a group.

use corridor_app::groups::{GroupView, MemberView};
use corridor_app::media::Links;
use corridor_domain::group::Standing;
use schemars::JsonSchema;
use serde::Serialize;

use super::Account;

/// A group as its reader sees it; described in `docs/API.md`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Group {
    id: String,
    account: Account,
    kind: &'static str,
    door: &'static str,
    marking: String,
    archived: bool,
    members_count: i64,
    /// `none`, `asked`, `invited`, `member` or `facilitator`.
    standing: &'static str,
}

impl Group {
    /// The entity of a group.
    #[must_use]
    pub fn of(group: &GroupView, links: &Links) -> Self {
        Self {
            id: group.actor.id.to_string(),
            account: Account::of(&group.actor, links),
            kind: group.kind.word(),
            door: group.door.word(),
            marking: group.marking_name.clone(),
            archived: group.archived,
            members_count: group.members,
            standing: match group.standing {
                Standing::Stranger => "none",
                Standing::Asked => "asked",
                Standing::Invited => "invited",
                Standing::In(role) => role.word(),
            },
        }
    }
}

/// Somebody in a group.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct GroupMember {
    account: Account,
    role: &'static str,
    joined_at: String,
}

impl GroupMember {
    /// A member and what they may do.
    #[must_use]
    pub fn of(member: &MemberView, links: &Links) -> Self {
        Self {
            account: Account::of(&member.person, links),
            role: member.role.word(),
            joined_at: member.joined_at.to_rfc3339(),
        }
    }
}
