//! One extractor for everything a client sends: query, form, JSON and multipart, whichever it chose.
//!
//! Clients differ widely: Mastodon.py sends forms, toot and masto JSON, masto multipart for
//! profiles; arrays come as `id[]=1&id[]=2`, booleans as `true`, `1` or `"true"`. Unknown
//! parameters are ignored, as Mastodon does.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::ApiError;

/// Largest body of a request without media, in bytes.
const BODY_LIMIT: usize = 256 * 1024;
/// Deepest nesting of `a[b][c]`.
const DEPTH_LIMIT: usize = 4;

/// The parameters of a request, from wherever they came.
#[derive(Debug)]
pub(crate) struct Params<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Params<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let mut all = Map::new();
            add_pairs(&mut all, request.query_string().as_bytes());
            let body = read(&mut payload).await?;
            add_body(&mut all, &request, &body)?;
            serde_json::from_value(Value::Object(all))
                .map(Params)
                .map_err(|error| ApiError::Malformed(error.to_string()))
        })
    }
}

async fn read(payload: &mut Payload) -> Result<web::BytesMut, ApiError> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| ApiError::Malformed(format!("the body can't be read: {error}")))?;
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(ApiError::TooLarge(BODY_LIMIT));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn add_body(all: &mut Map<String, Value>, request: &HttpRequest, body: &[u8]) -> Result<(), ApiError> {
    if body.is_empty() {
        return Ok(());
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => {
            let value: Value = serde_json::from_slice(body)
                .map_err(|error| ApiError::Malformed(format!("the body is not JSON: {error}")))?;
            let Value::Object(fields) = value else {
                return Err(ApiError::Malformed("the body must be a JSON object".to_owned()));
            };
            all.extend(fields);
        }
        "multipart/form-data" => add_multipart(all, kind, body)?,
        // Some clients name no type for an empty or form body.
        "application/x-www-form-urlencoded" | "" => add_pairs(all, body),
        other => {
            return Err(ApiError::Malformed(format!(
                "“{}” is not understood here: send a form, JSON or multipart",
                other.chars().take(60).collect::<String>()
            )));
        }
    }
    Ok(())
}

fn add_pairs(all: &mut Map<String, Value>, encoded: &[u8]) {
    for (key, value) in url::form_urlencoded::parse(encoded) {
        add_pair(all, &key, value.into_owned());
    }
}

/// Adds `a=1`, `a[]=1` or `a[b][c]=1`.
pub(crate) fn add_pair(all: &mut Map<String, Value>, key: &str, value: String) {
    let mut parts = key.split('[').map(|part| part.trim_end_matches(']'));
    let Some(first) = parts.next() else { return };
    let rest: Vec<&str> = parts.collect();
    if rest.len() > DEPTH_LIMIT {
        return;
    }
    place(all.entry(first.to_owned()).or_insert(Value::Null), &rest, value);
}

fn place(slot: &mut Value, path: &[&str], value: String) {
    match path.split_first() {
        None => *slot = Value::String(value),
        Some((&"", rest)) => {
            if !slot.is_array() {
                *slot = Value::Array(Vec::new());
            }
            if let Value::Array(list) = slot {
                match list.last_mut().filter(|last| goes_into(last, rest)) {
                    Some(last) => place(last, rest, value),
                    None => {
                        let mut item = Value::Null;
                        place(&mut item, rest, value);
                        list.push(item);
                    }
                }
            }
        }
        Some((name, rest)) => {
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            if let Value::Object(map) = slot {
                place(map.entry((*name).to_owned()).or_insert(Value::Null), rest, value);
            }
        }
    }
}

/// Whether a field belongs to the item before it: `a[][x]=1&a[][y]=2&a[][x]=3` are two items, as Rails reads it.
fn goes_into(last: &Value, path: &[&str]) -> bool {
    let (Some(fields), Some((name, rest))) = (last.as_object(), path.split_first()) else { return false };
    match fields.get(*name) {
        None => !name.is_empty(),
        // A list in an item grows; a further level is looked into.
        Some(Value::Array(_)) => true,
        Some(inner) => !rest.is_empty() && goes_into(inner, rest),
    }
}

/// Reads the text fields of a multipart body (RFC 7578). Files have their own endpoints.
fn add_multipart(all: &mut Map<String, Value>, kind: &str, body: &[u8]) -> Result<(), ApiError> {
    let boundary = kind
        .split(';')
        .filter_map(|part| part.trim().strip_prefix("boundary="))
        .map(|boundary| boundary.trim_matches('"'))
        .next()
        .filter(|boundary| !boundary.is_empty() && boundary.len() <= 70)
        .ok_or_else(|| ApiError::Malformed("a multipart body needs a boundary".to_owned()))?;
    let text = String::from_utf8_lossy(body);
    for part in text.split(&format!("--{boundary}")).skip(1) {
        let Some((head, content)) = part.split_once("\r\n\r\n") else { continue };
        if head.to_ascii_lowercase().contains("filename=") {
            continue;
        }
        let name = head.split("name=\"").nth(1).and_then(|rest| rest.split('"').next());
        if let Some(name) = name {
            add_pair(all, name, content.strip_suffix("\r\n").unwrap_or(content).to_owned());
        }
    }
    Ok(())
}

/// A boolean as clients write it.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => Some(flag),
        Value::Number(number) => Some(number.as_i64() != Some(0)),
        Value::String(text) => match text.as_str() {
            "true" | "True" | "1" | "t" | "on" | "yes" => Some(true),
            "false" | "False" | "0" | "f" | "off" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    })
}

/// A whole number as clients write it; nonsense counts as not given.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// A text, also where a client sends a number.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    })
}

/// A list of texts: an array, an object with numbers as keys, or one alone.
pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let one = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(items) => items.into_iter().filter_map(one).collect(),
        Value::Object(items) => items.into_iter().filter_map(|(_, value)| one(value)).collect(),
        Value::Null => Vec::new(),
        other => one(other).into_iter().collect(),
    })
}

/// As [`list`], where a list that is not given says something else than an empty one.
pub(crate) fn some_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        value => list(value).map(Some).map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Sample {
        #[serde(default, deserialize_with = "list")]
        id: Vec<String>,
        #[serde(default, deserialize_with = "flag")]
        resolve: Option<bool>,
        #[serde(default, deserialize_with = "number")]
        limit: Option<i64>,
        #[serde(default, deserialize_with = "text")]
        status: Option<String>,
    }

    async fn extract(request: TestRequest) -> Result<Sample, ApiError> {
        let (request, mut payload) = request.to_http_parts();
        Params::<Sample>::from_request(&request, &mut payload).await.map(|params| params.0)
    }

    fn expected() -> Sample {
        Sample {
            id: vec!["1".into(), "2".into()], resolve: Some(true), limit: Some(5), status: Some("Hé & co".into())
        }
    }

    #[actix_web::test]
    async fn a_form_json_multipart_and_a_query_say_the_same() {
        let query = "id[]=1&id[]=2&resolve=1&limit=5&status=H%C3%A9+%26+co&state=None";
        let as_query = TestRequest::get().uri(&format!("/?{query}"));
        let form =
            TestRequest::post().insert_header(("content-type", "application/x-www-form-urlencoded")).set_payload(query);
        let json = TestRequest::post()
            .insert_header(("content-type", "application/json; charset=utf-8"))
            .set_payload(r#"{"id":["1",2],"resolve":true,"limit":"5","status":"Hé & co","more":{}}"#);
        let part = |name: &str, value: &str| {
            format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let multipart = [
            part("id[]", "1"),
            part("id[]", "2"),
            part("resolve", "true"),
            part("limit", "5"),
            part("status", "Hé & co"),
            "--xx--\r\n".into(),
        ];
        let multipart = TestRequest::post()
            .insert_header(("content-type", "multipart/form-data; boundary=xx"))
            .set_payload(multipart.concat());
        for request in [as_query, form, json, multipart] {
            assert_eq!(extract(request).await.unwrap(), expected());
        }
    }

    #[test]
    fn fields_of_items_gather_until_one_comes_again() {
        let mut all = Map::new();
        add_pairs(
            &mut all,
            b"a[][x]=1&a[][y]=2&a[][x]=3&a[][y][]=4&a[][y][]=5&a[][z][v]=6&a[][z][w]=7&a[][z][v]=8&b[0][x]=9",
        );
        let expected = serde_json::json!({
            "a": [
                { "x": "1", "y": "2" },
                { "x": "3", "y": ["4", "5"], "z": { "v": "6", "w": "7" } },
                { "z": { "v": "8" } },
            ],
            "b": { "0": { "x": "9" } },
        });
        assert_eq!(Value::Object(all), expected);
    }

    #[actix_web::test]
    async fn nonsense_is_refused_in_words() {
        let json = |body: &'static str| {
            TestRequest::post().insert_header(("content-type", "application/json")).set_payload(body)
        };
        for wrong in ["{", "[1]", "3"] {
            assert!(matches!(extract(json(wrong)).await, Err(ApiError::Malformed(_))), "{wrong}");
        }
        let xml = TestRequest::post().insert_header(("content-type", "text/xml")).set_payload("<a/>");
        assert!(matches!(extract(xml).await, Err(ApiError::Malformed(_))));
        let large = TestRequest::post().set_payload(vec![b'a'; BODY_LIMIT + 1]);
        assert!(matches!(extract(large).await, Err(ApiError::TooLarge(_))));
    }

    proptest! {
        #[test]
        fn any_pairs_are_read_without_a_panic(encoded in ".{0,200}") {
            let mut all = Map::new();
            add_pairs(&mut all, encoded.as_bytes());
        }
    }
}
