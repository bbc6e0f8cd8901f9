//! Groups: who may see one, come in, read, post and run it.
//!
//! A refusal never tells a stranger of a hidden group that it exists: to them every question has the answer of a
//! group that isn't there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Marking;

/// What a group gathers people around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupKind {
    /// A piece of the department's work.
    BusinessArea,
    /// A profession, across departments.
    Profession,
    /// A subject that its members know well.
    Specialism,
    /// What people share besides work.
    Social,
}

/// How people come into a group, and with that who may read in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// Everybody may read and join.
    Open,
    /// Everybody may see that it exists and ask to join.
    ByRequest,
    /// Everybody may see that it exists; only who is invited may join.
    Invited,
    /// Only members, and who is invited, may know that it exists.
    Hidden,
}

/// What a member may do in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupRole {
    /// Reads and posts.
    Member,
    /// Runs the group as well.
    Facilitator,
}

/// A text that names no kind, door or role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a {what}: use {words}")]
pub struct UnknownWord {
    text: String,
    what: &'static str,
    words: &'static str,
}

/// The words and numbers of one of the enumerations above.
macro_rules! words {
    ($name:ident, $what:literal, $words:literal, $($variant:ident = $code:literal $word:literal),+) => {
        impl $name {
            /// All of them, in the order in which a form offers them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number that stands for it in the database.
            #[must_use]
            pub const fn code(self) -> i16 {
                match self { $(Self::$variant => $code),+ }
            }

            /// What a stored number stands for, if anything.
            #[must_use]
            pub fn from_code(code: i16) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }

            /// The word used on the command line and in the client API.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let unknown =
                    || UnknownWord { text: text.chars().take(40).collect(), what: $what, words: $words };
                Self::ALL.iter().copied().find(|one| one.word() == text).ok_or_else(unknown)
            }
        }
    };
}

words!(GroupKind, "kind of group", "business-area, profession, specialism or social",
    BusinessArea = 0 "business-area", Profession = 1 "profession", Specialism = 2 "specialism", Social = 3 "social");
words!(Door, "door of a group", "open, by-request, invited or hidden",
    Open = 0 "open", ByRequest = 1 "by-request", Invited = 2 "invited", Hidden = 3 "hidden");
words!(GroupRole, "role in a group", "member or facilitator",
    Member = 0 "member", Facilitator = 1 "facilitator");

/// What the rules need to know of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupFacts {
    /// How people come in.
    pub door: Door,
    /// No post in it is marked lower.
    pub marking: Marking,
    /// It is closed for good: it can be read and left, and nothing else.
    pub archived: bool,
}

/// How somebody stands to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Nothing joins them to it.
    Stranger,
    /// They have asked to join and wait for the answer.
    Asked,
    /// They hold an invitation that they haven't taken up.
    Invited,
    /// They are in it.
    In(GroupRole),
}

impl Standing {
    /// A member of any role.
    #[must_use]
    pub const fn is_member(self) -> bool {
        matches!(self, Self::In(_))
    }

    /// A member who runs the group.
    #[must_use]
    pub const fn is_facilitator(self) -> bool {
        matches!(self, Self::In(GroupRole::Facilitator))
    }
}

/// What follows when somebody comes to the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entry {
    /// They are a member from now on.
    Joins,
    /// A facilitator has to answer first.
    Asks,
}

/// Why somebody may not do something in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum GroupRefused {
    /// There is no such group, or none that they may know of.
    #[error("there is no such group")]
    NoSuchGroup,
    /// The group is closed for good.
    #[error("the group is archived: it can be read and left, nothing more")]
    Archived,
    /// They are in it already.
    #[error("they are a member already")]
    AlreadyMember,
    /// They have asked already.
    #[error("they have asked to join already: a facilitator will answer")]
    AlreadyAsked,
    /// Nobody asks to join this group.
    #[error("only people who are invited can join this group: ask one of its facilitators")]
    InvitationOnly,
    /// Only members may.
    #[error("only members of the group can do this")]
    NotMember,
    /// Only facilitators may.
    #[error("only a facilitator of the group can do this")]
    NotFacilitator,
    /// There is no request or no member to decide about.
    #[error("they have not asked to join")]
    NotAsked,
    /// The other is not in the group.
    #[error("they are not a member of the group")]
    OtherNotMember,
    /// One doesn't remove oneself.
    #[error("you can't remove yourself: leave the group instead")]
    RemovesThemselves,
    /// Nobody would be left to run the group.
    #[error("the group needs a facilitator: make another member a facilitator first")]
    LastFacilitator,
    /// The marking of a post is below the group's.
    #[error("a post can't be marked lower than its group")]
    BelowGroup,
}

impl GroupRefused {
    /// A stable reason code for logs, audit and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSuchGroup => "no-such-group",
            Self::Archived => "group-archived",
            Self::AlreadyMember => "already-member",
            Self::AlreadyAsked => "already-asked",
            Self::InvitationOnly => "invitation-only",
            Self::NotMember => "not-member",
            Self::NotFacilitator => "not-facilitator",
            Self::NotAsked => "not-asked",
            Self::OtherNotMember => "other-not-member",
            Self::RemovesThemselves => "removes-themselves",
            Self::LastFacilitator => "last-facilitator",
            Self::BelowGroup => "below-group",
        }
    }
}

/// May they know that the group exists?
#[must_use]
pub fn may_see(door: Door, standing: Standing) -> bool {
    door != Door::Hidden || standing.is_member() || standing == Standing::Invited
}

/// May they read what is posted in the group? An invitation shows the group, not yet its posts.
#[must_use]
pub fn may_read(door: Door, standing: Standing) -> bool {
    door == Door::Open || standing.is_member()
}

/// What follows when they want to join; taking up an invitation is the same act.
///
/// # Errors
/// With the reason, when they may not.
pub fn may_join(group: &GroupFacts, standing: Standing) -> Result<Entry, GroupRefused> {
    alive(group, standing)?;
    match (group.door, standing) {
        (_, Standing::In(_)) => Err(GroupRefused::AlreadyMember),
        (Door::Open, _) | (_, Standing::Invited) => Ok(Entry::Joins),
        (Door::ByRequest, Standing::Asked) => Err(GroupRefused::AlreadyAsked),
        (Door::ByRequest, Standing::Stranger) => Ok(Entry::Asks),
        (Door::Invited | Door::Hidden, _) => Err(GroupRefused::InvitationOnly),
    }
}

/// May they post under this marking? An announcement is for facilitators alone.
///
/// # Errors
/// With the reason, when they may not.
pub fn may_post(
    group: &GroupFacts,
    standing: Standing,
    marking: Marking,
    announcement: bool,
) -> Result<(), GroupRefused> {
    alive(group, standing)?;
    if !standing.is_member() {
        return Err(GroupRefused::NotMember);
    }
    if announcement && !standing.is_facilitator() {
        return Err(GroupRefused::NotFacilitator);
    }
    if marking < group.marking {
        return Err(GroupRefused::BelowGroup);
    }
    Ok(())
}

/// May they invite `other`? Members of an open group or one by request; elsewhere who comes in is the facilitators'
/// to say.
///
/// # Errors
/// With the reason, when they may not.
pub fn may_invite(group: &GroupFacts, standing: Standing, other: Standing) -> Result<(), GroupRefused> {
    alive(group, standing)?;
    if !standing.is_member() {
        return Err(GroupRefused::NotMember);
    }
    if matches!(group.door, Door::Invited | Door::Hidden) && !standing.is_facilitator() {
        return Err(GroupRefused::NotFacilitator);
    }
    if other.is_member() { Err(GroupRefused::AlreadyMember) } else { Ok(()) }
}

/// May they answer the request of `other`, with yes or with no?
///
/// # Errors
/// With the reason, when they may not.
pub fn may_decide(group: &GroupFacts, standing: Standing, other: Standing) -> Result<(), GroupRefused> {
    may_run(group, standing)?;
    if other == Standing::Asked { Ok(()) } else { Err(GroupRefused::NotAsked) }
}

/// May they remove `other` from the group? `oneself`: both are the same person.
///
/// # Errors
/// With the reason, when they may not.
pub fn may_remove(group: &GroupFacts, standing: Standing, other: Standing, oneself: bool) -> Result<(), GroupRefused> {
    may_run(group, standing)?;
    if oneself {
        return Err(GroupRefused::RemovesThemselves);
    }
    if other.is_member() { Ok(()) } else { Err(GroupRefused::OtherNotMember) }
}

/// May they give `other` this role? `facilitators` is how many the group has now, `other` counted.
///
/// # Errors
/// With the reason, when they may not.
pub fn may_give_role(
    group: &GroupFacts,
    standing: Standing,
    other: Standing,
    role: GroupRole,
    facilitators: u64,
) -> Result<(), GroupRefused> {
    may_run(group, standing)?;
    if !other.is_member() {
        return Err(GroupRefused::OtherNotMember);
    }
    if role == GroupRole::Member {
        return keeps_a_facilitator(other, facilitators);
    }
    Ok(())
}

/// May they leave? Always, from an archived group too, unless nobody would be left to run a living one. To turn an
/// invitation down is the same act.
///
/// # Errors
/// With the reason, when they may not.
pub fn may_leave(group: &GroupFacts, standing: Standing, facilitators: u64) -> Result<(), GroupRefused> {
    if !may_see(group.door, standing) {
        return Err(GroupRefused::NoSuchGroup);
    }
    if standing == Standing::Invited {
        return Ok(());
    }
    if !standing.is_member() {
        return Err(GroupRefused::NotMember);
    }
    if group.archived { Ok(()) } else { keeps_a_facilitator(standing, facilitators) }
}

/// May they change the group's description, pin in it, or archive it?
///
/// # Errors
/// With the reason, when they may not.
pub fn may_run(group: &GroupFacts, standing: Standing) -> Result<(), GroupRefused> {
    alive(group, standing)?;
    if standing.is_facilitator() { Ok(()) } else { Err(GroupRefused::NotFacilitator) }
}

fn alive(group: &GroupFacts, standing: Standing) -> Result<(), GroupRefused> {
    if !may_see(group.door, standing) {
        return Err(GroupRefused::NoSuchGroup);
    }
    if group.archived { Err(GroupRefused::Archived) } else { Ok(()) }
}

fn keeps_a_facilitator(who: Standing, facilitators: u64) -> Result<(), GroupRefused> {
    if who.is_facilitator() && facilitators <= 1 { Err(GroupRefused::LastFacilitator) } else { Ok(()) }
}

#[cfg(test)]
#[path = "group/tests.rs"]
mod tests;
