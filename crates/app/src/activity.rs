//! How much the node is used, week by week, as its people may know it.

use std::time::Duration;

use corridor_domain::Timestamp;
use corridor_store::activity;
pub use corridor_store::activity::Activity;

use crate::{Ctx, Error, Result};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
/// The first Monday after the epoch, in milliseconds.
const MONDAY: i64 = 4 * 24 * 3600 * 1000;

/// The last weeks, this one first, each with the moment at which it began: Monday, in UTC.
///
/// # Errors
/// When the store fails.
pub async fn weeks(ctx: &Ctx, count: usize) -> Result<Vec<(Timestamp, Activity)>> {
    ctx.store
        .read(move |tx| {
            let mut start = monday(tx.now());
            let mut weeks = Vec::with_capacity(count);
            for _ in 0..count {
                weeks.push((start, activity::between(tx, start, start + WEEK)?));
                start = start - WEEK;
            }
            Ok::<_, Error>(weeks)
        })
        .await
}

fn monday(now: Timestamp) -> Timestamp {
    let week = i64::try_from(WEEK.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(now.millis() - (now.millis() - MONDAY).rem_euclid(week))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        for day in ["2026-11-23T00:00:00Z", "2026-11-28T13:00:00Z", "2026-11-29T23:59:59Z"] {
            assert_eq!(monday(at(day)), at("2026-11-23T00:00:00Z"), "{day}");
        }
        assert_eq!(monday(at("2026-11-30T00:00:00Z")), at("2026-11-30T00:00:00Z"));
    }
}
