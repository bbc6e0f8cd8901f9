//! Times as people in the United Kingdom read them.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, SecondsFormat, Timelike, Utc};

use crate::words::{Key, Language, key};

/// A time in words and for machines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moment {
    /// `2026-11-23T10:30:00Z`, for the `datetime` attribute.
    pub machine: String,
    /// `23 November 2026 at 10:30am`, UK time.
    pub words: String,
}

impl Moment {
    /// In words and for machines.
    #[must_use]
    pub fn new(at: DateTime<Utc>, language: Language) -> Self {
        let local = at.naive_utc() + if is_summer(at.naive_utc()) { Duration::hours(1) } else { Duration::zero() };
        let (afternoon, hour) = local.hour12();
        let half = if afternoon { "pm" } else { "am" };
        let words = language
            .say("moment")
            .with("day", day(local.date(), language))
            .with("hour", hour)
            .with("minute", format!("{:02}", local.minute()))
            .with("half", half);
        Self { machine: at.to_rfc3339_opts(SecondsFormat::Secs, true), words: words.into() }
    }
}

/// `23 November 2026`.
#[must_use]
pub fn day(date: NaiveDate, language: Language) -> String {
    let month = language.say_key(month(date.month()));
    language.say("day").with("day", date.day()).with("month", month).with("year", date.year()).into()
}

const fn month(number: u32) -> Key {
    match number {
        1 => key("month-1"),
        2 => key("month-2"),
        3 => key("month-3"),
        4 => key("month-4"),
        5 => key("month-5"),
        6 => key("month-6"),
        7 => key("month-7"),
        8 => key("month-8"),
        9 => key("month-9"),
        10 => key("month-10"),
        11 => key("month-11"),
        _ => key("month-12"),
    }
}

/// British Summer Time: from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October, the
/// rule since 1996. Small enough to do without a time zone database.
fn is_summer(at: NaiveDateTime) -> bool {
    match (change(at.year(), 3), change(at.year(), 10)) {
        (Some(starts), Some(ends)) => starts <= at && at < ends,
        _ => false,
    }
}

fn change(year: i32, month: u32) -> Option<NaiveDateTime> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    let sunday = last - Duration::days(i64::from(last.weekday().num_days_from_sunday()));
    sunday.and_hms_opt(1, 0, 0)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn words(utc: &str) -> String {
        Moment::new(utc.parse().unwrap(), Language::English).words
    }

    #[test]
    fn winter_and_summer_time() {
        assert_eq!(words("2026-11-23T10:30:59Z"), "23 November 2026 at 10:30am");
        assert_eq!(words("2026-07-01T23:05:00Z"), "2 July 2026 at 12:05am");
        assert_eq!(words("2026-01-01T12:00:00Z"), "1 January 2026 at 12:00pm");
    }

    #[test]
    fn clocks_change_at_one_utc_on_the_last_sunday() {
        assert_eq!(words("2026-03-29T00:59:59Z"), "29 March 2026 at 12:59am");
        assert_eq!(words("2026-03-29T01:00:00Z"), "29 March 2026 at 2:00am");
        assert_eq!(words("2026-10-25T00:59:00Z"), "25 October 2026 at 1:59am");
        assert_eq!(words("2026-10-25T01:00:00Z"), "25 October 2026 at 1:00am");
    }

    #[test]
    fn months_have_their_welsh_names() {
        let welsh = |utc: &str| Moment::new(utc.parse().unwrap(), Language::Welsh).words;
        assert_eq!(welsh("2026-11-23T10:30:59Z"), "23 Tachwedd 2026 am 10:30am");
        assert_eq!(welsh("2027-05-01T12:05:00Z"), "1 Mai 2027 am 1:05pm");
    }

    #[test]
    fn machines_get_utc() {
        assert_eq!(
            Moment::new("2026-07-01T23:05:00.250Z".parse().unwrap(), Language::Welsh).machine,
            "2026-07-01T23:05:00Z"
        );
    }

    #[test]
    fn the_ends_of_the_calendar_do_not_panic() {
        assert!(!Moment::new(DateTime::UNIX_EPOCH, Language::English).words.is_empty());
        assert_eq!(words("9999-12-31T23:59:59Z"), "31 December 9999 at 11:59pm");
    }
}
