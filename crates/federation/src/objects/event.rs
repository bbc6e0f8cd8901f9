//! When and where an Event is, as its reader is told.

use corridor_domain::Timestamp;
use serde_json::Value;

use super::read::{escaped, moment, page, text};

/// A paragraph that says when and where, to stand before what the event says of itself; empty where that is not told.
pub(super) fn facts(document: &Value) -> String {
    let starts = moment(document, "startTime").and_then(written);
    let ends = moment(document, "endTime").and_then(written);
    let when = match (starts, ends) {
        (Some((day, from)), Some((same, until))) if day == same => Some(format!("{day}, {from} – {until} UTC")),
        (Some((day, from)), Some((other, until))) => Some(format!("{day}, {from} – {other}, {until} UTC")),
        (Some((day, from)), None) => Some(format!("{day}, {from} UTC")),
        (None, _) => None,
    };
    let lines: Vec<String> = when.into_iter().chain(place(document)).map(|line| escaped(&line)).collect();
    if lines.is_empty() { String::new() } else { format!("<p>{}</p>", lines.join("<br>")) }
}

/// The day, and the time of that day.
fn written(moment: Timestamp) -> Option<(String, String)> {
    let text = moment.to_rfc3339();
    let (day, rest) = text.split_once('T')?;
    Some((day.to_owned(), rest.get(..5)?.to_owned()))
}

/// The name of the place with its street and town, or the address of one that is on the web.
fn place(document: &Value) -> Option<String> {
    let location = match document.get("location")? {
        Value::Array(places) => places.first()?,
        one => one,
    };
    let address = location.get("address");
    let of_address = |name: &str| address.and_then(|address| text(address, name));
    let parts = [
        text(location, "name"),
        address.and_then(Value::as_str),
        of_address("streetAddress"),
        of_address("postalCode"),
        of_address("addressLocality"),
    ];
    let mut told: Vec<&str> = Vec::new();
    for part in parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()) {
        if !told.contains(&part) {
            told.push(part);
        }
    }
    if told.is_empty() {
        location.as_str().map(str::to_owned).or_else(|| page(location))
    } else {
        Some(told.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_tells_when_and_where() {
        let at = |rest: Value| {
            let mut event = json!({ "startTime": "2026-12-01T10:00:00+01:00", "endTime": "2026-12-01T11:30:00Z" });
            if let (Value::Object(event), Value::Object(rest)) = (&mut event, rest) {
                event.extend(rest);
            }
            facts(&event)
        };
        assert_eq!(at(json!({})), "<p>2026-12-01, 09:00 – 11:30 UTC</p>");
        assert_eq!(
            at(json!({ "endTime": "2026-12-02T08:00:00Z" })),
            "<p>2026-12-01, 09:00 – 2026-12-02, 08:00 UTC</p>"
        );
        let hall = json!({
            "type": "Place", "name": "Town <hall>",
            "address": { "type": "PostalAddress", "streetAddress": "1 High Street", "addressLocality": "Leeds" },
        });
        assert_eq!(
            at(json!({ "endTime": null, "location": hall })),
            "<p>2026-12-01, 09:00 UTC<br>Town &lt;hall&gt;, 1 High Street, Leeds</p>"
        );
        let web = json!([{ "type": "VirtualLocation", "url": "https://meet.gov/a?b=1&c=2" }]);
        assert_eq!(at(json!({ "startTime": "soon", "location": web })), "<p>https://meet.gov/a?b=1&amp;c=2</p>");
        assert_eq!(facts(&json!({ "startTime": 7, "location": 7 })), "");
    }
}
