//! Changes: of bytes, and of JSON as a tree.

use serde_json::{Map, Value, json};

use crate::chance::Chance;

/// Inputs don't grow beyond this, so that many are tried.
const LONGEST: usize = 4 * 1024;
/// Nor documents beyond this.
const LONGEST_DOCUMENT: usize = 32 * 1024;

/// A changed copy of one of the pool: one to eight changes.
pub fn bytes(chance: &mut Chance, pool: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut input = chance.pick(pool).clone();
    for _ in 0..=chance.below(8) {
        change(chance, &mut input, pool, words);
        input.truncate(LONGEST);
    }
    input
}

/// One change of bytes.
fn change(chance: &mut Chance, input: &mut Vec<u8>, pool: &[Vec<u8>], words: &[&str]) {
    let (from, to) = span(chance, input.len());
    match chance.below(9) {
        0 => drop(input.drain(from..to)),
        1 => {
            let piece = input.get(from..to).unwrap_or_default().repeat(1 + chance.below(40));
            input.splice(to..to, piece);
        }
        2..=4 => drop(input.splice(from..from, chance.pick(words).bytes())),
        5 => drop(input.splice(from..to, chance.pick(words).bytes())),
        6 => {
            let other = chance.pick(pool);
            let (start, end) = span(chance, other.len());
            input.splice(from..to, other.get(start..end).unwrap_or_default().iter().copied());
        }
        7 => {
            if let Some(byte) = input.get_mut(from) {
                *byte = if byte.is_ascii_alphabetic() && chance.once_in(2) {
                    *byte ^ 0x20
                } else {
                    u8::try_from(chance.below(256)).unwrap_or(0)
                };
            }
        }
        _ => {
            let letter = char::from_u32(u32::try_from(chance.below(0x3000)).unwrap_or(0)).unwrap_or('\u{fffd}');
            input.splice(from..from, letter.to_string().bytes());
        }
    }
}

/// A short stretch, anywhere.
fn span(chance: &mut Chance, length: usize) -> (usize, usize) {
    let from = chance.below(length.saturating_add(1));
    let most = if chance.once_in(4) { length } else { 12 };
    (from, from.saturating_add(chance.below(most.saturating_add(1))).min(length))
}

/// A changed copy of a document of the pool, mostly still JSON.
pub fn document(chance: &mut Chance, pool: &[Vec<u8>], names: &[&str], words: &[&str]) -> Vec<u8> {
    let read = |bytes: &Vec<u8>| serde_json::from_slice::<Value>(bytes).ok();
    let Some(mut value) = read(chance.pick(pool)) else { return bytes(chance, pool, words) };
    for _ in 0..=chance.below(6) {
        let other = read(chance.pick(pool)).unwrap_or(Value::Null);
        tree(chance, &mut value, other, names, words);
    }
    let mut text = value.to_string().into_bytes();
    if chance.once_in(5) {
        change(chance, &mut text, pool, words);
    }
    text.truncate(LONGEST_DOCUMENT);
    text
}

/// One change of a tree.
fn tree(chance: &mut Chance, value: &mut Value, mut other: Value, names: &[&str], words: &[&str]) {
    let spot = descend(chance, value);
    match chance.below(9) {
        0 => *spot = odd(chance, words),
        1 => *spot = json!([spot.take()]),
        2 => *spot = json!({ *chance.pick(names): spot.take() }),
        3 => *spot = descend(chance, &mut other).take(),
        4 => {
            // Copies of copies would soon be the whole memory.
            let most = LONGEST_DOCUMENT / (1 + spot.to_string().len());
            *spot = Value::Array(vec![spot.clone(); 1 + chance.below(most.min(300))]);
        }
        5 => {
            for _ in 0..chance.below(80) {
                *spot = if chance.once_in(2) { json!([spot.take()]) } else { json!({ "object": spot.take() }) };
            }
        }
        6 => {
            if let Value::String(text) = spot {
                let mut changed = text.clone().into_bytes();
                change(chance, &mut changed, &[text.clone().into_bytes()], words);
                *text = String::from_utf8_lossy(&changed).into_owned();
            }
        }
        _ => member(chance, spot, &mut other, names, words),
    }
}

/// Adds, removes or renames a member of an object.
fn member(chance: &mut Chance, spot: &mut Value, other: &mut Value, names: &[&str], words: &[&str]) {
    let Value::Object(map) = spot else { return };
    let key = nth_key(map, chance);
    match (chance.below(3), key) {
        (0, Some(key)) => drop(map.remove(&key)),
        (1, Some(key)) => {
            let moved = map.remove(&key).unwrap_or(Value::Null);
            map.insert((*chance.pick(names)).to_owned(), moved);
        }
        _ => {
            let added = if chance.once_in(2) { odd(chance, words) } else { descend(chance, other).take() };
            map.insert((*chance.pick(names)).to_owned(), added);
        }
    }
}

fn nth_key(map: &Map<String, Value>, chance: &mut Chance) -> Option<String> {
    map.keys().nth(chance.below(map.len())).cloned()
}

/// A value of the wrong kind, or at the edge of the right one.
fn odd(chance: &mut Chance, words: &[&str]) -> Value {
    match chance.below(12) {
        0 => Value::Null,
        1 => json!(chance.once_in(2)),
        2 => json!(chance.next()),
        3 => json!(-1),
        4 => json!(1e300),
        5 => json!(""),
        6 => json!([]),
        7 => json!({}),
        8 => json!("a".repeat(chance.below(5000))),
        9 => json!([chance.pick(words), chance.pick(words)]),
        _ => json!(chance.pick(words)),
    }
}

/// Somewhere in the tree, nearer to the top than to the leaves.
fn descend<'a>(chance: &mut Chance, value: &'a mut Value) -> &'a mut Value {
    let below = match &*value {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    };
    if below == 0 || chance.once_in(5) {
        return value;
    }
    let at = chance.below(below);
    match value {
        Value::Array(items) => descend(chance, items.get_mut(at).expect("it is below the length")),
        Value::Object(map) => descend(chance, map.values_mut().nth(at).expect("it is below the length")),
        leaf => leaf,
    }
}
