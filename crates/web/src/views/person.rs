//! People as pages show them.

use super::{Connected, SafeHtml};

/// A person, group or service in one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Their number here.
    pub id: String,
    /// Their name.
    pub name: String,
    /// `@name@department.example`.
    pub handle: String,
    /// Job title; empty when unknown.
    pub role: String,
    /// Their department.
    pub department: String,
    /// Their profile's path here.
    pub url: String,
    /// The path of their picture; `None` when they have none.
    pub picture: Option<String>,
}

impl Person {
    /// Two letters for the picture that nobody has uploaded.
    #[must_use]
    pub fn initials(&self) -> String {
        let mut letters = self.name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
        let first = letters.next();
        let last = letters.next_back();
        first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
    }

    /// One of six colours, always the same for one person. It carries no meaning.
    #[must_use]
    pub fn colour(&self) -> u32 {
        self.handle.chars().fold(0_u32, |sum, c| sum.wrapping_mul(31).wrapping_add(u32::from(c))) % 6
    }

    /// Role and department, as far as known: `Policy adviser, Department for Example`.
    #[must_use]
    pub fn post_held(&self) -> String {
        match (self.role.is_empty(), self.department.is_empty()) {
            (true, _) => self.department.clone(),
            (false, true) => self.role.clone(),
            (false, false) => format!("{}, {}", self.role, self.department),
        }
    }
}

/// How the reader stands to a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Follow {
    /// It is the reader.
    Own,
    /// Followed.
    Following,
    /// Asked, and waiting for an answer.
    Requested,
    /// Not followed.
    #[default]
    No,
    /// Can't be followed: suspended, or their department isn't connected any more.
    Impossible,
}

/// One fact of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileFact {
    /// Such as “Building”.
    pub name: String,
    /// Sanitised.
    pub value: SafeHtml,
}

/// A person's own page, without the posts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Who.
    pub person: Person,
    /// What they say of themselves.
    pub bio: SafeHtml,
    /// More facts.
    pub facts: Vec<ProfileFact>,
    /// Posts known here.
    pub posts: u64,
    /// Followers known here.
    pub followers: u64,
    /// People they follow, as known here.
    pub following: u64,
    /// How the reader stands to them.
    pub follow: Follow,
    /// They follow the reader.
    pub follows_you: bool,
    /// They asked to follow the reader, who hasn't answered.
    pub asks_to_follow: bool,
    /// Whether the two are connected, or one has asked.
    pub connected: Connected,
    /// They approve their followers.
    pub approves_followers: bool,
    /// The path of the list of their followers; `None` when it isn't shown.
    pub followers_url: Option<String>,
    /// The path of the list of those they follow; `None` when it isn't shown.
    pub following_url: Option<String>,
    /// The path of the wide picture, and what it shows.
    pub header: Option<(String, String)>,
    /// What their own picture shows.
    pub picture_words: String,
    /// Where they have moved.
    pub moved_to: Option<Person>,
}

impl Profile {
    /// Whether there is somebody to ask.
    #[must_use]
    pub const fn may_be_asked(&self) -> bool {
        !matches!(self.follow, Follow::Own | Follow::Impossible)
    }
}
