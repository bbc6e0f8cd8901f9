//! Whether a text is one emoji, as Unicode Technical Standard 51 builds them.

/// Characters that make an emoji longer at most: families, flags of parts of countries.
const MOST_CHARS: usize = 16;
/// Asks for the coloured form; it says nothing else.
const SELECTOR: char = '\u{fe0f}';
const JOINER: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';

/// Whether `text` is exactly one emoji: a character, a flag, a keycap, one with a skin tone, or several joined.
#[must_use]
pub fn is_emoji(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    if chars.is_empty() || chars.len() > MOST_CHARS {
        return false;
    }
    is_flag(&chars) || is_keycap(&chars) || chars.split(|c| *c == JOINER).all(is_element)
}

/// What two ways to write the same emoji have in common.
#[must_use]
pub fn emoji_key(text: &str) -> String {
    text.chars().filter(|c| *c != SELECTOR).collect()
}

/// Two letters that stand for a country.
fn is_flag(chars: &[char]) -> bool {
    chars.len() == 2 && chars.iter().all(|c| is_regional(*c))
}

const fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

const fn is_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

fn is_keycap(chars: &[char]) -> bool {
    match chars {
        [key, KEYCAP] | [key, SELECTOR, KEYCAP] => matches!(key, '0'..='9' | '#' | '*'),
        _ => false,
    }
}

/// A character that stands for itself, with what may follow it.
fn is_element(chars: &[char]) -> bool {
    let Some((first, rest)) = chars.split_first() else { return false };
    if !is_base(*first) || is_regional(*first) {
        return false;
    }
    let rest = match rest {
        [tone, rest @ ..] if is_tone(*tone) => rest,
        [SELECTOR, rest @ ..] => rest,
        rest => rest,
    };
    rest.is_empty() || is_tags(rest)
}

/// The letters that make a black flag that of a part of a country, and their end.
fn is_tags(chars: &[char]) -> bool {
    match chars.split_last() {
        Some(('\u{e007f}', letters)) => {
            !letters.is_empty() && letters.iter().all(|c| matches!(c, '\u{e0020}'..='\u{e007e}'))
        }
        _ => false,
    }
}

fn is_base(c: char) -> bool {
    let c = u32::from(c);
    let place = EMOJI.partition_point(|(first, _)| *first <= c);
    place.checked_sub(1).and_then(|place| EMOJI.get(place)).is_some_and(|(_, last)| c <= *last)
}

/// The characters beyond ASCII with the property Emoji, first and last of each run (Unicode 17).
#[rustfmt::skip]
const EMOJI: [(u32, u32); 148] = [
    (0xa9, 0xa9), (0xae, 0xae), (0x203c, 0x203c), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139),
    (0x2194, 0x2199), (0x21a9, 0x21aa), (0x231a, 0x231b), (0x2328, 0x2328), (0x23cf, 0x23cf), (0x23e9, 0x23f3),
    (0x23f8, 0x23fa), (0x24c2, 0x24c2), (0x25aa, 0x25ab), (0x25b6, 0x25b6), (0x25c0, 0x25c0), (0x25fb, 0x25fe),
    (0x2600, 0x2604), (0x260e, 0x260e), (0x2611, 0x2611), (0x2614, 0x2615), (0x2618, 0x2618), (0x261d, 0x261d),
    (0x2620, 0x2620), (0x2622, 0x2623), (0x2626, 0x2626), (0x262a, 0x262a), (0x262e, 0x262f), (0x2638, 0x263a),
    (0x2640, 0x2640), (0x2642, 0x2642), (0x2648, 0x2653), (0x265f, 0x2660), (0x2663, 0x2663), (0x2665, 0x2666),
    (0x2668, 0x2668), (0x267b, 0x267b), (0x267e, 0x267f), (0x2692, 0x2697), (0x2699, 0x2699), (0x269b, 0x269c),
    (0x26a0, 0x26a1), (0x26a7, 0x26a7), (0x26aa, 0x26ab), (0x26b0, 0x26b1), (0x26bd, 0x26be), (0x26c4, 0x26c5),
    (0x26c8, 0x26c8), (0x26ce, 0x26cf), (0x26d1, 0x26d1), (0x26d3, 0x26d4), (0x26e9, 0x26ea), (0x26f0, 0x26f5),
    (0x26f7, 0x26fa), (0x26fd, 0x26fd), (0x2702, 0x2702), (0x2705, 0x2705), (0x2708, 0x270d), (0x270f, 0x270f),
    (0x2712, 0x2712), (0x2714, 0x2714), (0x2716, 0x2716), (0x271d, 0x271d), (0x2721, 0x2721), (0x2728, 0x2728),
    (0x2733, 0x2734), (0x2744, 0x2744), (0x2747, 0x2747), (0x274c, 0x274c), (0x274e, 0x274e), (0x2753, 0x2755),
    (0x2757, 0x2757), (0x2763, 0x2764), (0x2795, 0x2797), (0x27a1, 0x27a1), (0x27b0, 0x27b0), (0x27bf, 0x27bf),
    (0x2934, 0x2935), (0x2b05, 0x2b07), (0x2b1b, 0x2b1c), (0x2b50, 0x2b50), (0x2b55, 0x2b55), (0x3030, 0x3030),
    (0x303d, 0x303d), (0x3297, 0x3297), (0x3299, 0x3299), (0x1_f004, 0x1_f004), (0x1_f0cf, 0x1_f0cf),
    (0x1_f170, 0x1_f171), (0x1_f17e, 0x1_f17f), (0x1_f18e, 0x1_f18e), (0x1_f191, 0x1_f19a), (0x1_f1e6, 0x1_f1ff),
    (0x1_f201, 0x1_f202), (0x1_f21a, 0x1_f21a), (0x1_f22f, 0x1_f22f), (0x1_f232, 0x1_f23a), (0x1_f250, 0x1_f251),
    (0x1_f300, 0x1_f321), (0x1_f324, 0x1_f393), (0x1_f396, 0x1_f397), (0x1_f399, 0x1_f39b), (0x1_f39e, 0x1_f3f0),
    (0x1_f3f3, 0x1_f3f5), (0x1_f3f7, 0x1_f4fd), (0x1_f4ff, 0x1_f53d), (0x1_f549, 0x1_f54e), (0x1_f550, 0x1_f567),
    (0x1_f56f, 0x1_f570), (0x1_f573, 0x1_f57a), (0x1_f587, 0x1_f587), (0x1_f58a, 0x1_f58d), (0x1_f590, 0x1_f590),
    (0x1_f595, 0x1_f596), (0x1_f5a4, 0x1_f5a5), (0x1_f5a8, 0x1_f5a8), (0x1_f5b1, 0x1_f5b2), (0x1_f5bc, 0x1_f5bc),
    (0x1_f5c2, 0x1_f5c4), (0x1_f5d1, 0x1_f5d3), (0x1_f5dc, 0x1_f5de), (0x1_f5e1, 0x1_f5e1), (0x1_f5e3, 0x1_f5e3),
    (0x1_f5e8, 0x1_f5e8), (0x1_f5ef, 0x1_f5ef), (0x1_f5f3, 0x1_f5f3), (0x1_f5fa, 0x1_f64f), (0x1_f680, 0x1_f6c5),
    (0x1_f6cb, 0x1_f6d2), (0x1_f6d5, 0x1_f6d8), (0x1_f6dc, 0x1_f6e5), (0x1_f6e9, 0x1_f6e9), (0x1_f6eb, 0x1_f6ec),
    (0x1_f6f0, 0x1_f6f0), (0x1_f6f3, 0x1_f6fc), (0x1_f7e0, 0x1_f7eb), (0x1_f7f0, 0x1_f7f0), (0x1_f90c, 0x1_f93a),
    (0x1_f93c, 0x1_f945), (0x1_f947, 0x1_f9ff), (0x1_fa70, 0x1_fa7c), (0x1_fa80, 0x1_fa8a), (0x1_fa8e, 0x1_fac6),
    (0x1_fac8, 0x1_fac8), (0x1_facd, 0x1_fadc), (0x1_fadf, 0x1_faea), (0x1_faef, 0x1_faf8),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_emoji_is_one() {
        for emoji in ["🤔", "❤", "❤️", "👍🏽", "👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇬🇧", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "3️⃣", "*⃣", "©", "☕"]
        {
            assert!(is_emoji(emoji), "{emoji}");
        }
        assert_eq!(emoji_key("❤️"), emoji_key("❤"));
        assert_ne!(emoji_key("👍🏽"), emoji_key("👍"));
    }

    #[test]
    fn what_is_none_or_several_is_refused() {
        for other in [
            "",
            "a",
            "7",
            "#",
            ":tada:",
            "🤔🤔",
            "🤔 ",
            "👍a",
            "🇬",
            "🇬🇧🇬🇧",
            "\u{200d}",
            "👩\u{200d}",
            "\u{fe0f}",
            "<b>",
            "é",
            "漢",
            "🏴\u{e0067}",
            "❤\u{fe0f}\u{fe0f}",
        ] {
            assert!(!is_emoji(other), "{other:?}");
        }
        assert!(!is_emoji(&["👩"; 20].join("\u{200d}")));
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in ".{0,40}") {
            let judged = is_emoji(&text);
            prop_assert!(!judged || !text.is_ascii());
        }
    }
}
