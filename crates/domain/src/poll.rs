//! Polls: what may be asked, and who may choose what, and how often.

use std::time::Duration;

use crate::text;

/// Fewest options of a poll.
pub const MIN_OPTIONS: usize = 2;
/// Most options of a poll.
pub const MAX_OPTIONS: usize = 10;
/// Most characters of an option.
pub const OPTION_CHARS: usize = 100;
/// Most options that are taken of a peer's poll: other software allows more than we do.
pub const MAX_OPTIONS_RECEIVED: usize = 25;
/// A poll lasts so long at least.
pub const SHORTEST: Duration = Duration::from_secs(5 * 60);
/// A poll lasts so long at most.
pub const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// Why a poll or a vote was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is nothing to choose.
    #[error("a poll needs at least {MIN_OPTIONS} options")]
    TooFewOptions,
    /// There is too much to choose.
    #[error("a poll can have at most {MAX_OPTIONS} options")]
    TooManyOptions,
    /// An option is too long.
    #[error("an option of a poll can have at most {OPTION_CHARS} characters")]
    LongOption,
    /// Two options are the same.
    #[error("each option of a poll must be different")]
    SameOptions,
    /// It would end before anyone could vote.
    #[error("a poll must last at least 5 minutes")]
    TooShort,
    /// It would never end.
    #[error("a poll can last at most 30 days")]
    TooLong,
    /// Nothing was chosen.
    #[error("choose an option of the poll")]
    NoChoice,
    /// What was chosen is no option.
    #[error("that is not an option of the poll")]
    UnknownChoice,
    /// Two options of a poll in which one may be chosen.
    #[error("only one option of this poll can be chosen")]
    OneChoice,
    /// They have voted before.
    #[error("you have already voted in this poll")]
    AlreadyVoted,
    /// The poll is their own.
    #[error("you can't vote in your own poll")]
    OwnPoll,
    /// It is over.
    #[error("the poll has ended")]
    Ended,
}

impl Refused {
    /// A stable reason code for logs, audit and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooFewOptions => "too-few-options",
            Self::TooManyOptions => "too-many-options",
            Self::LongOption => "long-option",
            Self::SameOptions => "same-options",
            Self::TooShort => "too-short",
            Self::TooLong => "too-long",
            Self::NoChoice => "no-choice",
            Self::UnknownChoice => "unknown-choice",
            Self::OneChoice => "one-choice",
            Self::AlreadyVoted => "already-voted",
            Self::OwnPoll => "own-poll",
            Self::Ended => "poll-ended",
        }
    }
}

/// The options of a new poll as they are kept: cleaned, without empty ones.
///
/// # Errors
/// When there are too few or too many, or one is too long or stands there twice; when the poll is too short or too long.
pub fn check(options: &[String], lasts: Duration) -> Result<Vec<String>, Refused> {
    let options: Vec<String> =
        options.iter().map(|option| text::clean_line(option)).filter(|option| !option.is_empty()).collect();
    if options.len() < MIN_OPTIONS {
        return Err(Refused::TooFewOptions);
    }
    if options.len() > MAX_OPTIONS {
        return Err(Refused::TooManyOptions);
    }
    if options.iter().any(|option| option.chars().count() > OPTION_CHARS) {
        return Err(Refused::LongOption);
    }
    if !all_differ(&options) {
        return Err(Refused::SameOptions);
    }
    if lasts < SHORTEST {
        return Err(Refused::TooShort);
    }
    if lasts > LONGEST {
        return Err(Refused::TooLong);
    }
    Ok(options)
}

/// Whether no option stands there twice: a vote from elsewhere names its option.
#[must_use]
pub fn all_differ(options: &[String]) -> bool {
    options.iter().enumerate().all(|(place, option)| !options.iter().skip(place + 1).any(|other| other == option))
}

/// How somebody stands to a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ballot<'a> {
    /// How many options there are.
    pub options: usize,
    /// Several may be chosen.
    pub multiple: bool,
    /// It is over.
    pub ended: bool,
    /// The poll is their own.
    pub is_author: bool,
    /// What they have chosen before.
    pub cast: &'a [usize],
}

/// May they choose these, all at once? Answers with each choice once.
///
/// # Errors
/// With the reason, when they may not.
pub fn may_vote(ballot: &Ballot<'_>, choices: &[usize]) -> Result<Vec<usize>, Refused> {
    let mut choices = choices.to_vec();
    choices.sort_unstable();
    choices.dedup();
    open_to(ballot, &choices)?;
    if !ballot.cast.is_empty() {
        return Err(Refused::AlreadyVoted);
    }
    if choices.len() > 1 && !ballot.multiple {
        return Err(Refused::OneChoice);
    }
    Ok(choices)
}

/// May they choose this too? Votes from elsewhere come one by one.
///
/// # Errors
/// With the reason, when they may not.
pub fn may_add(ballot: &Ballot<'_>, choice: usize) -> Result<(), Refused> {
    open_to(ballot, &[choice])?;
    if ballot.cast.contains(&choice) {
        return Err(Refused::AlreadyVoted);
    }
    if !ballot.cast.is_empty() && !ballot.multiple {
        return Err(Refused::OneChoice);
    }
    Ok(())
}

fn open_to(ballot: &Ballot<'_>, choices: &[usize]) -> Result<(), Refused> {
    if ballot.is_author {
        return Err(Refused::OwnPoll);
    }
    if ballot.ended {
        return Err(Refused::Ended);
    }
    if choices.is_empty() {
        return Err(Refused::NoChoice);
    }
    if choices.iter().any(|choice| *choice >= ballot.options) {
        return Err(Refused::UnknownChoice);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn options(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_poll_has_two_to_ten_different_options_and_an_end() {
        assert_eq!(check(&options(&[" Tea ", "", "Coffee\n"]), DAY).unwrap(), options(&["Tea", "Coffee"]));
        assert_eq!(check(&options(&["Tea", "  "]), DAY), Err(Refused::TooFewOptions));
        let many: Vec<String> = (0..=MAX_OPTIONS).map(|number| number.to_string()).collect();
        assert_eq!(check(&many, DAY), Err(Refused::TooManyOptions));
        assert_eq!(check(&many[1..], DAY).unwrap().len(), MAX_OPTIONS);
        assert_eq!(check(&["ä".repeat(OPTION_CHARS), "Tea".to_owned()], DAY).unwrap().len(), 2);
        assert_eq!(check(&["ä".repeat(OPTION_CHARS + 1), "Tea".to_owned()], DAY), Err(Refused::LongOption));
        assert_eq!(check(&options(&["Tea", "Tea "]), DAY), Err(Refused::SameOptions));
        let two = options(&["Tea", "Coffee"]);
        for (lasts, verdict) in [
            (SHORTEST, None),
            (LONGEST, None),
            (SHORTEST.checked_sub(Duration::from_secs(1)).unwrap(), Some(Refused::TooShort)),
            (LONGEST + Duration::from_secs(1), Some(Refused::TooLong)),
        ] {
            assert_eq!(check(&two, lasts).err(), verdict, "{lasts:?}");
        }
    }

    #[test]
    fn a_vote_counts_once_before_the_end_and_for_others() {
        let open = Ballot { options: 3, multiple: false, ended: false, is_author: false, cast: &[] };
        assert_eq!(may_vote(&open, &[1, 1]), Ok(vec![1]));
        assert_eq!(may_vote(&open, &[]), Err(Refused::NoChoice));
        assert_eq!(may_vote(&open, &[3]), Err(Refused::UnknownChoice));
        assert_eq!(may_vote(&open, &[0, 1]), Err(Refused::OneChoice));
        assert_eq!(may_vote(&Ballot { ended: true, ..open }, &[1]), Err(Refused::Ended));
        assert_eq!(may_vote(&Ballot { is_author: true, ..open }, &[1]), Err(Refused::OwnPoll));
        assert_eq!(may_vote(&Ballot { cast: &[0], ..open }, &[1]), Err(Refused::AlreadyVoted));
        let several = Ballot { multiple: true, ..open };
        assert_eq!(may_vote(&several, &[2, 0]), Ok(vec![0, 2]));
        assert_eq!(may_vote(&Ballot { cast: &[0], ..several }, &[1]), Err(Refused::AlreadyVoted));
    }

    proptest! {
        #[test]
        fn votes_that_come_one_by_one_never_make_more_than_is_allowed(
            options in 2_usize..6, multiple: bool, ended: bool, is_author: bool,
            choices in prop::collection::vec(0_usize..8, 0..12),
        ) {
            let mut cast = Vec::new();
            for choice in choices {
                let ballot = Ballot { options, multiple, ended, is_author, cast: &cast };
                if may_add(&ballot, choice).is_ok() {
                    cast.push(choice);
                }
            }
            let most = if multiple { options } else { 1 };
            prop_assert!(cast.len() <= most);
            prop_assert!(cast.is_empty() || !(ended || is_author));
            prop_assert!(cast.iter().all(|choice| *choice < options));
            let mut unique = cast.clone();
            unique.sort_unstable();
            unique.dedup();
            prop_assert_eq!(unique.len(), cast.len());
        }
    }
}
