//! Whom somebody wants to be notified by: what is told, held back until they accept its sender, or dropped.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How long an account counts as new.
pub const NEW_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

/// What becomes of a notification; the stricter one is the greater one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub enum Verdict {
    /// It is told.
    #[default]
    Accept,
    /// It is held back until its sender is accepted.
    Filter,
    /// It is not made.
    Drop,
}

/// A word that is no verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not accept, filter or drop")]
pub struct UnknownVerdict(String);

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Filter, Self::Drop];

    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Accept => 0,
            Self::Filter => 1,
            Self::Drop => 2,
        }
    }

    /// The verdict of a stored number; an unknown one holds back.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        match code {
            0 => Self::Accept,
            2 => Self::Drop,
            _ => Self::Filter,
        }
    }

    /// The word of the Mastodon API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Filter => "filter",
            Self::Drop => "drop",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Verdict {
    type Err = UnknownVerdict;

    fn from_str(text: &str) -> Result<Self, UnknownVerdict> {
        let found = Self::ALL.into_iter().find(|verdict| verdict.word() == text);
        found.ok_or_else(|| UnknownVerdict(text.chars().take(40).collect()))
    }
}

/// What somebody has decided (<https://docs.joinmastodon.org/entities/NotificationPolicy/>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoticePolicy {
    /// For those whom they don't follow.
    pub not_following: Verdict,
    /// For those who don't follow them.
    pub not_followers: Verdict,
    /// For accounts that are new.
    pub new_accounts: Verdict,
    /// For mentions in posts to named people.
    pub private_mentions: Verdict,
    /// For accounts that moderators have limited.
    pub limited_accounts: Verdict,
}

/// What a notification's sender is to the one who would be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Sender {
    /// Was accepted once.
    pub is_accepted: bool,
    /// Is followed.
    pub is_followed: bool,
    /// Follows.
    pub is_follower: bool,
    /// Has an account since less than [`NEW_FOR`].
    pub is_new: bool,
    /// Names them in a post to named people that does not answer one of theirs.
    pub names_privately: bool,
}

impl NoticePolicy {
    /// The strictest of what was decided for such a sender. Whoever was accepted is told of, and nobody here is limited.
    #[must_use]
    pub fn judge(&self, sender: Sender) -> Verdict {
        if sender.is_accepted {
            return Verdict::Accept;
        }
        let rules = [
            (!sender.is_followed, self.not_following),
            (!sender.is_follower, self.not_followers),
            (sender.is_new && !sender.is_followed, self.new_accounts),
            (sender.names_privately && !sender.is_followed, self.private_mentions),
        ];
        rules.into_iter().filter(|(applies, _)| *applies).map(|(_, verdict)| verdict).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const STRANGER: Sender =
        Sender { is_accepted: false, is_followed: false, is_follower: false, is_new: false, names_privately: false };

    #[test]
    fn words_and_numbers_are_read_as_they_are_written() {
        for verdict in Verdict::ALL {
            assert_eq!(verdict.word().parse::<Verdict>().unwrap(), verdict);
            assert_eq!(Verdict::from_code(verdict.code()), verdict);
        }
        assert!("Accept".parse::<Verdict>().is_err() && "".parse::<Verdict>().is_err());
        assert_eq!(Verdict::from_code(9), Verdict::Filter);
    }

    #[test]
    fn the_strictest_rule_that_applies_decides() {
        let policy = NoticePolicy {
            not_following: Verdict::Filter,
            not_followers: Verdict::Accept,
            new_accounts: Verdict::Drop,
            private_mentions: Verdict::Drop,
            limited_accounts: Verdict::Drop,
        };
        assert_eq!(NoticePolicy::default().judge(STRANGER), Verdict::Accept);
        assert_eq!(policy.judge(STRANGER), Verdict::Filter);
        assert_eq!(policy.judge(Sender { is_new: true, ..STRANGER }), Verdict::Drop);
        assert_eq!(policy.judge(Sender { names_privately: true, ..STRANGER }), Verdict::Drop);
        let followed = Sender { is_followed: true, is_new: true, names_privately: true, ..STRANGER };
        assert_eq!(policy.judge(followed), Verdict::Accept);
        assert_eq!(policy.judge(Sender { is_accepted: true, is_new: true, ..STRANGER }), Verdict::Accept);
        let shy = NoticePolicy { not_followers: Verdict::Drop, ..NoticePolicy::default() };
        assert_eq!(shy.judge(followed), Verdict::Drop);
        assert_eq!(shy.judge(Sender { is_follower: true, ..STRANGER }), Verdict::Accept);
    }
}
