//! Every text is there in both languages, complete, and used; and no template holds one of its own.

use std::collections::BTreeSet;

use super::sources::{Source, bare_texts, file_names, sources, texts, uses};
use super::*;

/// The words of templates that are the same in every language.
const NAMES: [&str; 1] = ["Corridor"];
/// CLDR's plural categories of each language.
const PLURALS: [(Language, &[&str]); 2] =
    [(Language::English, &["one", "other"]), (Language::Welsh, &["zero", "one", "two", "few", "many", "other"])];

fn files(language: Language) -> Files {
    match language {
        Language::English => ENGLISH_FILES,
        Language::Welsh => WELSH_FILES,
    }
}

#[test]
fn every_text_that_is_used_is_there_and_every_text_that_is_there_is_used() {
    let mut mistakes = Vec::new();
    let mut used = BTreeSet::new();
    for source in sources() {
        for one in uses(&source) {
            match one.key {
                Ok(key) => _ = used.insert(key),
                Err(instead) => mistakes.push(format!("{}: the key is not written out: {instead}", source.path)),
            }
        }
    }
    for language in Language::ALL {
        let there: BTreeSet<String> = texts(files(language), &mut mistakes).into_keys().collect();
        mistakes.extend(used.difference(&there).map(|key| format!("{key} is missing in {}", language.name())));
        mistakes.extend(there.difference(&used).map(|key| format!("{key} is in {} and not used", language.name())));
    }
    assert!(used.len() > 500, "only {} texts were found", used.len());
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn texts_are_only_made_where_their_keys_are_looked_for() {
    let makers: Vec<String> =
        sources().into_iter().filter(|source| source.text.contains("Said::new(")).map(|source| source.path).collect();
    let makers: BTreeSet<&str> = makers.iter().map(String::as_str).collect();
    assert_eq!(makers, BTreeSet::from(["src/session.rs", "src/views/frame.rs", "src/words.rs"]));
}

#[test]
fn both_languages_put_the_same_things_into_a_text() {
    let mut mistakes = Vec::new();
    let (english, welsh) = (texts(ENGLISH_FILES, &mut mistakes), texts(WELSH_FILES, &mut mistakes));
    for (key, text) in &english {
        let other = welsh.get(key).map(|text| &text.placeholders);
        if other != Some(&text.placeholders) {
            mistakes.push(format!("{key}: {:?} in English, {other:?} in Welsh", text.placeholders));
        }
    }
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn what_a_text_needs_is_put_in_where_it_is_used() {
    let mut mistakes = Vec::new();
    let known = texts(ENGLISH_FILES, &mut mistakes);
    for source in sources() {
        for one in uses(&source) {
            let Some((key, text)) = one.key.ok().and_then(|key| known.get_key_value(&key)) else { continue };
            // Code may put more in later; a template says all at once.
            let complete =
                one.puts == text.placeholders || (!source.is_template() && one.puts.is_subset(&text.placeholders));
            if !complete {
                mistakes.push(format!("{}: {key} needs {:?} and gets {:?}", source.path, text.placeholders, one.puts));
            }
        }
    }
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn every_plural_has_all_the_forms_of_its_language() {
    let mut mistakes = Vec::new();
    for (language, forms) in PLURALS {
        let forms: BTreeSet<String> = forms.iter().map(|form| (*form).to_owned()).collect();
        for (key, text) in texts(files(language), &mut mistakes) {
            for plural in text.plurals.into_iter().filter(|plural| *plural != forms) {
                mistakes.push(format!("{key} has only {plural:?} in {}", language.name()));
            }
        }
    }
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn every_file_of_texts_is_built_in() {
    for (there, built_in) in file_names() {
        assert_eq!(there, built_in);
    }
}

#[test]
fn no_template_holds_a_text_of_its_own() {
    let bare: Vec<(String, String)> = sources()
        .into_iter()
        .filter(Source::is_template)
        .flat_map(|source| bare_texts(&source.text).into_iter().map(move |text| (source.path.clone(), text)))
        .filter(|(_, text)| {
            text.split(|c: char| !c.is_alphabetic()).any(|word| !word.is_empty() && !NAMES.contains(&word))
        })
        .collect();
    assert!(bare.is_empty(), "{bare:#?}");
    // The reader of templates finds what there is to find.
    let example = "<p class=\"a\">{{ x }} Bare <b title=\"Read out\">{% if y %}words{% endif %}</b></p>";
    assert_eq!(bare_texts(example), ["Read out", "Bare", "words"]);
}

#[test]
fn counts_take_the_plural_form_of_the_language() {
    let posts = |language: Language, n: u64| language.say("count-posts").count("n", n).to_string();
    let english = [(0, "0 posts"), (1, "1 post"), (2, "2 posts"), (12_345_678, "12,345,678 posts")];
    for (n, words) in english {
        assert_eq!(posts(Language::English, n), words);
    }
    let welsh = [
        (0, "0 postiad"),
        (1, "1 postiad"),
        (2, "2 bostiad"),
        (3, "3 phostiad"),
        (4, "4 postiad"),
        (6, "6 phostiad"),
        (1_000, "1,000 postiad"),
    ];
    for (n, words) in welsh {
        assert_eq!(posts(Language::Welsh, n), words);
    }
}

#[test]
fn nothing_stands_around_what_is_put_in() {
    let text = Language::Welsh.say("followers-of").with("name", "Siân").to_string();
    assert_eq!(text, "Dilynwyr Siân");
    let (before, after) = Language::Welsh.say("told-follow").around("who");
    assert_eq!((before.as_str(), after.as_str()), ("Mae ", " yn eich dilyn"));
}

#[test]
fn a_text_that_is_missing_is_its_key() {
    assert_eq!(Said::new(Language::Welsh, "no-such-text").to_string(), "no-such-text");
}

#[test]
fn browsers_get_the_language_that_they_like_best() {
    let accepted = |header: &str| Language::accepted(header);
    assert_eq!(accepted("cy"), Some(Language::Welsh));
    assert_eq!(accepted("cy-GB,cy;q=0.9,en;q=0.8"), Some(Language::Welsh));
    assert_eq!(accepted("fr, en-GB;q=0.7, cy;q=0.8"), Some(Language::Welsh));
    assert_eq!(accepted("en-GB,en;q=0.9,cy;q=0.5"), Some(Language::English));
    assert_eq!(accepted("cy;q=0, en;q=0.1"), Some(Language::English));
    assert_eq!(accepted("de, *;q=0.5"), None);
    for nonsense in ["", ";;;", "cy;q=much", "cy;q=7", "cyprus", ",,,", "cy;q=NaN", "\u{0}"] {
        assert_eq!(accepted(nonsense), None, "{nonsense}");
    }
}

#[test]
fn tags_name_languages_whatever_their_case_and_country() {
    for (tag, language) in [
        ("cy", Some(Language::Welsh)),
        ("CY-gb", Some(Language::Welsh)),
        ("en_US", Some(Language::English)),
        ("ga", None),
        ("", None),
    ] {
        assert_eq!(Language::of_tag(tag), language, "{tag}");
    }
    for language in Language::ALL {
        assert_eq!(Language::of_tag(language.tag()), Some(language));
    }
}

#[test]
fn lists_read_well() {
    let items = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(Language::English.list(&items(&["a", "b", "c"])), "a, b and c");
    assert_eq!(Language::English.list(&items(&["a"])), "a");
    assert_eq!(Language::Welsh.list(&items(&["a", "b"])), "a, b");
    assert_eq!(Language::Welsh.list(&[]), "");
}

#[test]
fn the_reader_of_texts_finds_what_is_in_them() {
    let mut mistakes = Vec::new();
    let files: Files = &[("example", "a = { $n ->\n    [one] { $n } of { $all }\n   *[other] many\n}\nb = B\n")];
    let found = texts(files, &mut mistakes);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let plurals: Vec<Vec<&str>> =
        found.values().flat_map(|text| &text.plurals).map(|forms| forms.iter().map(String::as_str).collect()).collect();
    assert_eq!(plurals, [["one", "other"]]);
    let placeholders: Vec<&str> = found.values().flat_map(|text| &text.placeholders).map(String::as_str).collect();
    assert_eq!(placeholders, ["all", "n"]);
    texts(&[("broken", "a = { $n\n"), ("first", "c = C\n"), ("second", "c = C\n")], &mut mistakes);
    assert!(mistakes.iter().any(|mistake| mistake.starts_with("broken")), "{mistakes:?}");
    assert!(mistakes.iter().any(|mistake| mistake == "second: c is there twice"), "{mistakes:?}");
}
