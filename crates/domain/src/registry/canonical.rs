//! The canonical form of JSON (RFC 8785) as far as a registry needs it: objects, arrays, texts and whole numbers.

use serde::Serialize;
use serde_json::Value;

/// Whole numbers beyond this are written in different ways by different programs (RFC 8785, section 3.2.2.3).
const MAX_WHOLE: u64 = (1 << 53) - 1;

/// A value that has no canonical form here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} has no place in a signed document")]
pub struct NotCanonical(&'static str);

/// The bytes that are signed.
///
/// # Errors
/// For fractions and numbers beyond 2^53.
pub fn canonical(value: &impl Serialize) -> Result<Vec<u8>, NotCanonical> {
    let value = serde_json::to_value(value).map_err(|_| NotCanonical("what can't be written as JSON"))?;
    let mut out = String::new();
    write(&value, false, &mut out)?;
    Ok(out.into_bytes())
}

/// As [`canonical`], for documents that may hold fractions, such as the focal point of a picture.
///
/// # Errors
/// For numbers that are written with an exponent, and whole ones beyond 2^53.
pub fn canonical_with_fractions(value: &Value) -> Result<Vec<u8>, NotCanonical> {
    let mut out = String::new();
    write(value, true, &mut out)?;
    Ok(out.into_bytes())
}

/// Between a millionth and 10^21, the standard and Rust write a fraction with the same digits.
fn fraction(number: f64) -> Result<String, NotCanonical> {
    if number == 0.0 {
        return Ok("0".to_owned());
    }
    if (1e-6..1e21).contains(&number.abs()) { Ok(number.to_string()) } else { Err(NotCanonical("such a number")) }
}

fn write(value: &Value, fractions: bool, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Number(number) if fractions && number.is_f64() => {
            out.push_str(&fraction(number.as_f64().unwrap_or_default())?);
        }
        Value::Number(number) => {
            let whole = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            if whole.is_none_or(|whole| whole > MAX_WHOLE) {
                return Err(NotCanonical("a fraction or a number beyond 2^53"));
            }
            out.push_str(&number.to_string());
        }
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write(item, fractions, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            // By UTF-16 code units, as the standard says; not by bytes.
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (index, (name, member)) in members.into_iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write_text(name, out);
                out.push(':');
                write(member, fractions, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => out.push(plain),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn text(value: &Value) -> String {
        String::from_utf8(canonical(value).unwrap()).unwrap()
    }

    #[test]
    fn the_examples_of_the_standard_hold() {
        // RFC 8785, sections 3.2.2 and 3.2.3, without their fractions.
        let strings = json!({ "string": "\u{20ac}$\u{f}\nA'\u{42}\"\\\\\"/" });
        assert_eq!(text(&strings), "{\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
        let sorted = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O"
        });
        let written = text(&sorted);
        let order =
            ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"].map(|w| written.find(w).unwrap());
        assert!(order.is_sorted(), "{written}");
        assert_eq!(
            text(&json!([null, true, false, 0, -7, 9_007_199_254_740_991_u64])),
            "[null,true,false,0,-7,9007199254740991]"
        );
        for wild in [json!(1.5), json!(1e30), json!(9_007_199_254_740_992_u64), json!(i64::MIN)] {
            assert!(canonical(&wild).is_err(), "{wild}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(|number| json!(number)),
            any::<String>().prop_map(|text| json!(text)),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn reversed(value: &Value) -> Value {
        match value {
            Value::Array(items) => Value::Array(items.iter().map(reversed).collect()),
            Value::Object(members) => {
                Value::Object(members.iter().rev().map(|(name, member)| (name.clone(), reversed(member))).collect())
            }
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn the_form_says_the_same_whatever_the_order(value in value()) {
            let written = text(&value);
            prop_assert_eq!(&serde_json::from_str::<Value>(&written).unwrap(), &value);
            prop_assert_eq!(text(&reversed(&value)), written);
        }
    }
}
