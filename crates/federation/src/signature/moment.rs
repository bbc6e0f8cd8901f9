//! Moments in signatures: HTTP dates, and whether a moment is near enough to now.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime};

use super::Refusal;

const FORMAT: &str = "%a, %d %b %Y %H:%M:%S GMT";
/// Eleven digits reach the year 5138; more is no time but an attack on arithmetic.
const LATEST_SECOND: i64 = 99_999_999_999;

/// An HTTP date, such as `Tue, 20 Apr 2021 02:07:55 GMT`; nothing for a moment outside the calendar.
#[must_use]
pub fn http_date(now_ms: i64) -> Option<String> {
    (0..=LATEST_SECOND * 1000).contains(&now_ms).then_some(())?;
    DateTime::from_timestamp_millis(now_ms).map(|moment| moment.format(FORMAT).to_string())
}

/// Milliseconds since the epoch of an HTTP date.
#[must_use]
pub fn parse_http_date(text: &str) -> Option<i64> {
    NaiveDateTime::parse_from_str(text, FORMAT).ok().map(|moment| moment.and_utc().timestamp_millis())
}

/// Seconds since the epoch, from one to eleven digits and nothing else.
pub(super) fn parse_seconds(text: &str, what: &'static str) -> Result<i64, Refusal> {
    if text.len() > 11 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::BadTime(what));
    }
    text.parse().map_err(|_| Refusal::BadTime(what))
}

/// The same for a number that was already parsed.
pub(super) fn checked_seconds(seconds: i64, what: &'static str) -> Result<i64, Refusal> {
    if (0..=LATEST_SECOND).contains(&seconds) { Ok(seconds) } else { Err(Refusal::BadTime(what)) }
}

/// Refuses a moment that is further from now than the skew.
pub(super) fn near(moment_ms: i64, now_ms: i64, skew: Duration) -> Result<(), Refusal> {
    let age = i128::from(now_ms) - i128::from(moment_ms);
    if age.unsigned_abs() <= skew.as_millis() {
        return Ok(());
    }
    let seconds = u64::try_from(age.unsigned_abs() / 1000).unwrap_or(u64::MAX);
    Err(if age > 0 { Refusal::TooOld(seconds) } else { Refusal::FromFuture(seconds) })
}

/// Refuses what has expired, and what lives longer than it may.
pub(super) fn alive(made_ms: i64, expires_s: i64, now_ms: i64, longest: Duration) -> Result<(), Refusal> {
    let expires_ms = i128::from(expires_s) * 1000;
    if expires_ms <= i128::from(now_ms) {
        return Err(Refusal::Expired);
    }
    let life = expires_ms - i128::from(made_ms);
    if life > i128::try_from(longest.as_millis()).unwrap_or(i128::MAX) { Err(Refusal::LifeTooLong) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        assert_eq!(http_date(1_618_884_475_000).as_deref(), Some("Tue, 20 Apr 2021 02:07:55 GMT"));
        assert_eq!(http_date(1_618_884_475_999).as_deref(), Some("Tue, 20 Apr 2021 02:07:55 GMT"));
        assert_eq!(parse_http_date("Tue, 20 Apr 2021 02:07:55 GMT"), Some(1_618_884_475_000));
        for wrong in ["", "yesterday", "Mon, 20 Apr 2021 02:07:55 GMT", "Tue, 20 Apr 2021 02:07:55 +0100"] {
            assert_eq!(parse_http_date(wrong), None, "{wrong}");
        }
        assert_eq!(http_date(i64::MAX), None);
        assert_eq!(http_date(i64::MIN), None);
    }

    #[test]
    fn seconds_have_eleven_digits_at_most() {
        assert_eq!(parse_seconds("1618884475", "created"), Ok(1_618_884_475));
        assert_eq!(parse_seconds("99999999999", "created"), Ok(LATEST_SECOND));
        for wrong in ["", "-1", "+1", "1.5", " 1", "100000000000", "18446744073709551615", "٣"] {
            assert_eq!(parse_seconds(wrong, "created"), Err(Refusal::BadTime("created")), "{wrong}");
        }
        assert!(checked_seconds(-1, "created").is_err());
        assert!(checked_seconds(LATEST_SECOND + 1, "created").is_err());
    }

    #[test]
    fn no_moment_overflows() {
        let skew = Duration::from_secs(300);
        assert!(matches!(near(i64::MIN, i64::MAX, skew), Err(Refusal::TooOld(_))));
        assert!(matches!(near(i64::MAX, i64::MIN, skew), Err(Refusal::FromFuture(_))));
        assert_eq!(near(0, 300_000, skew), Ok(()));
        assert_eq!(near(0, 300_001, skew), Err(Refusal::TooOld(300)));
        assert_eq!(near(300_001, 0, skew), Err(Refusal::FromFuture(300)));
        assert_eq!(alive(0, LATEST_SECOND, i64::MAX, Duration::MAX), Err(Refusal::Expired));
        assert_eq!(alive(i64::MIN, LATEST_SECOND, 0, skew), Err(Refusal::LifeTooLong));
    }
}
