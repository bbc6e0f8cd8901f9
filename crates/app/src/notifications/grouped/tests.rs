//! Keys of groups are read as they are written, and nothing else is.

#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn keys_are_read_as_they_are_written(number in 1..i64::MAX, day in 0_i64..200_000, kind in 0_usize..4) {
        let key = match kind {
            0 => GroupKey::One(NotificationId::new(number)),
            1 => GroupKey::Day(NotificationKind::Follow, None, day),
            2 => GroupKey::Day(NotificationKind::Favourite, Some(PostId::new(number)), day),
            _ => GroupKey::Day(NotificationKind::Boost, Some(PostId::new(number)), day),
        };
        prop_assert_eq!(key.to_string().parse::<GroupKey>().unwrap(), key);
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in ".{0,60}") {
        let _ = text.parse::<GroupKey>().map(|key| key.alike());
    }
}

#[test]
fn what_is_no_key_is_refused() {
    for wrong in [
        "",
        "-",
        "ungrouped",
        "ungrouped-",
        "ungrouped-x",
        "ungrouped--1",
        "ungrouped-1-2",
        "follow",
        "follow-x",
        "follow-1-2",
        "favourite-1",
        "favourite-x-1",
        "favourite-0-1",
        "favourite-1--1",
        "mention-1-1",
        "poll-1",
        "favourite-1-99999999999",
    ] {
        assert!(wrong.parse::<GroupKey>().is_err(), "{wrong}");
    }
}
