//! Keywords are found exactly where a plain reading finds them.

use proptest::prelude::*;

use super::*;

fn found(keywords: &[(&str, bool)], text: &str) -> Vec<usize> {
    let keywords: Vec<Keyword> = keywords
        .iter()
        .map(|(text, whole_word)| Keyword { text: (*text).to_owned(), whole_word: *whole_word })
        .collect();
    Matcher::new(&keywords).found_in(text)
}

/// The plainest way to say it: at some place stands the keyword, and where it must be whole no word goes on.
fn is_there(keyword: &Keyword, text: &str) -> bool {
    let (text, keyword_text): (Vec<char>, Vec<char>) =
        (fold(text).chars().collect(), fold(&keyword.text).trim().chars().collect());
    let (Some(first), Some(last)) = (keyword_text.first(), keyword_text.last()) else { return false };
    text.windows(keyword_text.len()).enumerate().any(|(start, window)| {
        let before = start.checked_sub(1).and_then(|at| text.get(at));
        let after = text.get(start + keyword_text.len());
        let goes_on = |end: &char, next: Option<&char>| is_of_word(*end) && next.copied().is_some_and(is_of_word);
        window == keyword_text && !(keyword.whole_word && (goes_on(first, before) || goes_on(last, after)))
    })
}

proptest! {
    #[test]
    fn what_is_found_is_what_is_there(
        text in "[abAßé_\\- ,\u{301}\n]{0,40}",
        keywords in prop::collection::vec(("[abAß\\- é]{0,4}", any::<bool>()), 0..12),
    ) {
        let keywords: Vec<Keyword> =
            keywords.into_iter().map(|(text, whole_word)| Keyword { text, whole_word }).collect();
        let expected: Vec<usize> = keywords
            .iter()
            .enumerate()
            .filter_map(|(place, keyword)| is_there(keyword, &text).then_some(place))
            .collect();
        prop_assert_eq!(Matcher::new(&keywords).found_in(&text), expected);
    }

    #[test]
    fn any_text_is_looked_through_without_a_panic(text in "\\PC{0,200}", keyword in "\\PC{0,20}", whole_word: bool) {
        let keywords = [Keyword { text: keyword.clone(), whole_word }];
        let _ = Matcher::new(&keywords).found_in(&text);
        let around = format!("{text} {keyword} {text}");
        let is_blank = fold(&keyword).trim().is_empty();
        prop_assert_eq!(Matcher::new(&keywords).found_in(&around).is_empty(), is_blank);
    }

    #[test]
    fn what_is_found_whole_is_found_anyway(text in "\\PC{0,80}", keyword in "\\PC{1,4}") {
        let whole = found(&[(&keyword, true)], &text);
        let any = found(&[(&keyword, false)], &text);
        prop_assert!(whole.is_empty() || !any.is_empty());
    }
}

#[test]
fn case_spaces_and_what_nobody_sees_make_no_difference() {
    for (keyword, text) in [
        ("budget", "The BUDGET."),
        ("STRASSE", "Auf der Straße"),
        ("ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
        ("two words", "two \n words"),
        ("secret", "se\u{ad}cr\u{200b}et"),
        ("#tea", "I like #Tea!"),
        ("日本", "在日本語"),
    ] {
        assert_eq!(found(&[(keyword, false)], text), [0], "{keyword} in {text}");
    }
}

#[test]
fn a_whole_word_goes_on_nowhere() {
    for (keyword, text, is_found) in [
        ("art", "art", true),
        ("art", "state-of-the-art!", true),
        ("art", "party", false),
        ("art", "art_", false),
        ("cafe", "cafe\u{301}", false),
        ("@example.com", "name@example.com", true),
        ("a-a", "xa-a-a", true),
        ("a-a", "xa-ax", false),
        ("ab", "abab ab", true),
    ] {
        assert_eq!(!found(&[(keyword, true)], text).is_empty(), is_found, "{keyword} in {text}");
    }
}

#[test]
fn a_long_text_of_one_letter_does_not_hold_up_many_keywords() {
    let text = "a".repeat(50_000);
    let keywords: Vec<Keyword> =
        (1..500).map(|length| Keyword { text: "a".repeat(length), whole_word: false }).collect();
    assert_eq!(Matcher::new(&keywords).found_in(&text).len(), keywords.len());
    let whole: Vec<Keyword> = keywords.into_iter().map(|keyword| Keyword { whole_word: true, ..keyword }).collect();
    assert!(Matcher::new(&whole).found_in(&text).is_empty());
}

#[test]
fn words_and_numbers_come_back() {
    for context in Context::ALL {
        assert_eq!(context.word().parse(), Ok(context));
        let alone: Contexts = [context].into_iter().collect();
        assert_eq!(Contexts::from_code(alone.code()), alone);
        assert_eq!(alone.words().collect::<Vec<_>>(), [context.word()]);
        assert!(alone.holds(context) && !alone.is_empty());
    }
    for action in Action::ALL {
        assert_eq!((action.word().parse(), Action::from_code(action.code())), (Ok(action), action));
    }
    assert!(Contexts::default().is_empty());
    assert!("everywhere".parse::<Context>().is_err() && "burn".parse::<Action>().is_err());
}
