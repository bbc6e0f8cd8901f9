//! Usernames and handles: how people are written, `@name` and `@name@host`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::limits;
use crate::authority::{Authority, InvalidAuthority, Policy};

/// A username without host. Compared without regard to case; keeps the case in which it was written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

/// Why a text is not a username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUsername {
    /// Nothing there.
    #[error("a username can't be empty")]
    Empty,
    /// Too long.
    #[error("a username can have at most {0} characters")]
    TooLong(usize),
    /// A character that usernames don't have.
    #[error("a username can have letters from a to z, digits, full stops, hyphens and underscores, but not {0:?}")]
    Character(char),
    /// `.name`.
    #[error("a username must start with a letter or a digit")]
    Start,
    /// `name.`.
    #[error("a username must end with a letter, a digit or an underscore")]
    End,
}

impl Username {
    /// A name that someone may have on this node: letters a to z, digits, `_`, `.` and `-`; starts with a letter
    /// or digit, does not end with `.` or `-`, so that it can stand in a sentence.
    ///
    /// # Errors
    /// With the first rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidUsername> {
        check(text, limits::USERNAME_CHARS, "_.-")?;
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(InvalidUsername::Start);
        }
        if text.ends_with(['.', '-']) {
            return Err(InvalidUsername::End);
        }
        Ok(Self(text.to_owned()))
    }

    /// A name that someone may have on a peer, whose rules are its own. Still ASCII only, so that names can't be
    /// told apart by bytes alone.
    ///
    /// # Errors
    /// With the first rule that it breaks.
    pub fn parse_remote(text: &str) -> Result<Self, InvalidUsername> {
        check(text, limits::REMOTE_USERNAME_CHARS, "_.-~+=")?;
        Ok(Self(text.to_owned()))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In the one form in which names are compared and found: lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

fn check(text: &str, limit: usize, signs: &str) -> Result<(), InvalidUsername> {
    if text.is_empty() {
        return Err(InvalidUsername::Empty);
    }
    if text.chars().nth(limit).is_some() {
        return Err(InvalidUsername::TooLong(limit));
    }
    let wrong = text.chars().find(|c| !c.is_ascii_alphanumeric() && !signs.contains(*c));
    wrong.map_or(Ok(()), |c| Err(InvalidUsername::Character(c)))
}

/// A person as written by people: a username, and the account domain where it is not this node's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Handle {
    /// The name.
    pub username: Username,
    /// The account domain, if one was written.
    pub host: Option<Authority>,
}

/// Why a text is not a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHandle {
    /// More than a name and a host.
    #[error("a handle is @name or @name@host")]
    Shape,
    /// The name is wrong.
    #[error(transparent)]
    Username(#[from] InvalidUsername),
    /// The host is wrong.
    #[error(transparent)]
    Host(#[from] InvalidAuthority),
}

impl Handle {
    /// Reads `@name@host`, `name@host`, `acct:name@host`, `@name` or `name`. Whether the host is a peer is not
    /// asked here; loopback addresses are taken as hosts because the allow-list decides about them.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidHandle> {
        let text = text.trim();
        let text = match text.split_at_checked(5) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("acct:") => rest,
            _ => text,
        };
        let text = text.strip_prefix('@').unwrap_or(text);
        match text.split_once('@') {
            None => Ok(Self { username: Username::parse(text)?, host: None }),
            Some((_, host)) if host.contains('@') => Err(InvalidHandle::Shape),
            Some((name, host)) => Self::remote(name, host),
        }
    }

    pub(super) fn remote(name: &str, host: &str) -> Result<Self, InvalidHandle> {
        let username = Username::parse_remote(name)?;
        Ok(Self { username, host: Some(Authority::parse_with(host, Policy::loopback())?) })
    }

    /// The handle without a host when the host is `own`, so that both ways to write a local person are equal.
    #[must_use]
    pub fn localised(self, own: &Authority) -> Self {
        Self { host: self.host.filter(|host| host != own), username: self.username }
    }

    /// `name` or `name@host`, as the client API writes it.
    #[must_use]
    pub fn acct(&self) -> String {
        self.host.as_ref().map_or_else(|| self.username.to_string(), |host| format!("{}@{host}", self.username))
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.acct())
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Username({})", self.0)
    }
}

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Username {}

impl Hash for Username {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl Ord for Username {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Username {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By the rules of this node, as [`Username::parse`].
impl FromStr for Username {
    type Err = InvalidUsername;
    fn from_str(text: &str) -> Result<Self, InvalidUsername> {
        Self::parse(text)
    }
}

/// Reads what was stored, which may be a peer's.
impl TryFrom<String> for Username {
    type Error = InvalidUsername;
    fn try_from(text: String) -> Result<Self, InvalidUsername> {
        Self::parse_remote(&text)
    }
}

impl From<Username> for String {
    fn from(username: Username) -> Self {
        username.0
    }
}

impl FromStr for Handle {
    type Err = InvalidHandle;
    fn from_str(text: &str) -> Result<Self, InvalidHandle> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Handle {
    type Error = InvalidHandle;
    fn try_from(text: String) -> Result<Self, InvalidHandle> {
        Self::parse(&text)
    }
}

impl From<Handle> for String {
    fn from(handle: Handle) -> Self {
        handle.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usernames_follow_the_rules() {
        for name in ["jo", "j", "jo.smith", "jo-smith_2", "J0", "a_"] {
            assert!(Username::parse(name).is_ok(), "{name}");
        }
        for (name, why) in [
            ("", InvalidUsername::Empty),
            (".jo", InvalidUsername::Start),
            ("_jo", InvalidUsername::Start),
            ("jo.", InvalidUsername::End),
            ("jo smith", InvalidUsername::Character(' ')),
            ("j\u{f6}", InvalidUsername::Character('\u{f6}')),
            ("j\u{430}", InvalidUsername::Character('\u{430}')),
            ("jo/../x", InvalidUsername::Character('/')),
        ] {
            assert_eq!(Username::parse(name), Err(why), "{name}");
        }
        assert_eq!(Username::parse(&"a".repeat(65)), Err(InvalidUsername::TooLong(64)));
    }

    #[test]
    fn peers_have_their_own_rules() {
        for name in ["_jo", "jo.", "jo+x", "~jo", &"a".repeat(100)] {
            assert!(Username::parse_remote(name).is_ok(), "{name}");
        }
        for name in ["", "a b", "a@b", "a\u{202e}b", "a/b", "<b>", &"a".repeat(129)] {
            assert!(Username::parse_remote(name).is_err(), "{name}");
        }
    }

    #[test]
    fn case_does_not_tell_people_apart() {
        let (upper, lower) = (Username::parse("Jo").unwrap(), Username::parse("jo").unwrap());
        assert_eq!(upper, lower);
        assert_eq!(upper.cmp(&lower), Ordering::Equal);
        assert_eq!(std::collections::HashSet::from([upper.clone(), lower]).len(), 1);
        assert_eq!(upper.as_str(), "Jo");
    }

    #[test]
    fn every_form_of_a_handle_reads_the_same() {
        for text in ["@jo@a.gov", "jo@a.gov", "acct:jo@a.gov", "ACCT:Jo@A.GOV:443", " @jo@a.gov "] {
            let handle = Handle::parse(text).unwrap();
            assert_eq!(handle, Handle::parse("@jo@a.gov").unwrap(), "{text}");
        }
        assert_eq!(Handle::parse("@jo").unwrap().acct(), "jo");
        assert_eq!(Handle::parse("@jo@a.localhost:4100").unwrap().to_string(), "@jo@a.localhost:4100");
        let own = Authority::parse("a.gov").unwrap();
        assert_eq!(Handle::parse("jo@a.gov").unwrap().localised(&own), Handle::parse("jo").unwrap());
    }

    #[test]
    fn what_is_no_handle_says_why() {
        assert_eq!(Handle::parse("jo@a.gov@evil"), Err(InvalidHandle::Shape));
        assert_eq!(Handle::parse("@@"), Err(InvalidHandle::Username(InvalidUsername::Empty)));
        assert_eq!(Handle::parse("jo@"), Err(InvalidHandle::Host(InvalidAuthority::Empty)));
        assert_eq!(Handle::parse("jo@a.gov/x"), Err(InvalidHandle::Host(InvalidAuthority::NotAlone)));
        assert_eq!(Handle::parse("jo@10.0.0.1"), Err(InvalidHandle::Host(InvalidAuthority::IpLiteral)));
        assert_eq!(Handle::parse(""), Err(InvalidHandle::Username(InvalidUsername::Empty)));
    }

    proptest! {
        #[test]
        fn shown_handles_read_back(text in prop_oneof![any::<String>(), "@?[a-zA-Z0-9_.-]{1,10}(@[a-z]{1,8}\\.gov(:[0-9]{2,4})?)?"]) {
            if let Ok(handle) = Handle::parse(&text) {
                prop_assert_eq!(Handle::parse(&handle.to_string()), Ok(handle));
            }
        }
    }
}
