//! JSON read once and strictly: no name twice in an object, no deep nesting, nothing after the end.
//!
//! Two readers that resolve a doubled `actor` differently disagree about who speaks; so it is refused.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a body is no JSON that is read here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the JSON can't be read: {0}")]
pub struct NotStrict(String);

/// Reads a JSON value of at most `depth` levels.
///
/// # Errors
/// When it is no JSON, an object has a name twice, or it is nested too deeply.
pub fn parse(bytes: &[u8], depth: usize) -> Result<Value, NotStrict> {
    let tell = |error: serde_json::Error| NotStrict(error.to_string().chars().take(200).collect());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Level(depth).deserialize(&mut reader).map_err(tell)?;
    reader.end().map_err(tell)?;
    Ok(value)
}

/// How many levels are left.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("it is nested too deeply"))
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(below)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut map = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let value = fields.next_value_seed(below)?;
            let shown: String = name.chars().take(40).collect();
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom(format!("“{shown}” stands twice in one object")));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_twice_is_refused_however_it_is_written() {
        for twice in
            [r#"{"actor":"a","actor":"b"}"#, r#"{"actor":"a","\u0061ctor":"b"}"#, r#"{"x":[{"id":1,"y":2,"id":1}]}"#]
        {
            assert!(parse(twice.as_bytes(), 8).unwrap_err().to_string().contains("twice"), "{twice}");
        }
        assert!(parse(br#"{"actor":"a","ACTOR":"b"}"#, 8).is_ok());
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(8).as_bytes(), 8).is_ok());
        assert!(parse(nested(9).as_bytes(), 8).is_err());
        assert!(parse(nested(100_000).as_bytes(), 64).is_err());
        assert!(parse(r#"{"a":"#.repeat(100_000).as_bytes(), 64).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in ["", "{", "{}{}", "{} x", "nul", "1e400", "\"\\ud800\"", "{\"a\":}", "\u{feff}{}"] {
            assert!(parse(wrong.as_bytes(), 8).is_err(), "{wrong:?}");
        }
        assert!(parse(b"\"\xff\"", 8).is_err());
    }

    proptest! {
        #[test]
        fn bytes_never_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes, 16);
        }

        #[test]
        fn what_is_read_is_what_serde_reads(text in r#"[\[\]{}:,"a-c0-9 ]{0,40}"#) {
            if let Ok(value) = parse(text.as_bytes(), 64) {
                prop_assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());
            }
        }
    }
}
