//! The parts of a request that an RFC 9421 signature can cover, and the text that is signed.

use sfv::{BareItem, InnerList, Item, ItemSerializer, ListSerializer};
use url::form_urlencoded;

use super::{Refusal, RequestView};

/// The text that is signed (the signature base): a line for each component, then the parameters.
pub(super) fn signature_base(
    list: &InnerList,
    value_of: &dyn Fn(&Item) -> Result<String, Refusal>,
) -> Result<Vec<u8>, Refusal> {
    let mut base = String::with_capacity(512);
    let mut seen: Vec<String> = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let identifier = ItemSerializer::new().bare_item(&item.bare_item).parameters(&item.params).finish();
        if seen.contains(&identifier) {
            return Err(Refusal::Malformed("it covers a part twice"));
        }
        base.push_str(&identifier);
        base.push_str(": ");
        base.push_str(&value_of(item)?);
        base.push('\n');
        seen.push(identifier);
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(&serialise(list));
    Ok(base.into_bytes())
}

/// An inner list as it stands in a header.
pub(super) fn serialise(list: &InnerList) -> String {
    let mut serializer = ListSerializer::new();
    let mut inner = serializer.inner_list();
    inner.items(&list.items);
    let _ = inner.finish().parameters(&list.params).finish();
    serializer.finish().unwrap_or_default()
}

/// What a component is in this request.
pub(super) fn value_in(request: &RequestView<'_>, item: &Item) -> Result<String, Refusal> {
    let name = name_of(item)?;
    if name == "@query-param" {
        return query_param(request, item);
    }
    if !item.params.is_empty() {
        return Err(unsupported(item));
    }
    match name {
        "@method" => method(request),
        "@target-uri" => {
            Ok(format!("{}://{}{}", request.scheme().to_ascii_lowercase(), authority(request)?, request.target()?))
        }
        "@authority" => authority(request),
        "@scheme" => Ok(request.scheme().to_ascii_lowercase()),
        "@request-target" => request.target().map(str::to_owned),
        "@path" => Ok(request.path_and_query()?.0.to_owned()),
        "@query" => Ok(request.path_and_query()?.1.unwrap_or("?").to_owned()),
        name if is_field_name(name) => request.field(name),
        _ => Err(unsupported(item)),
    }
}

/// A component's name, which must be a string.
pub(super) fn name_of(item: &Item) -> Result<&str, Refusal> {
    match &item.bare_item {
        BareItem::String(name) => Ok(name.as_str()),
        _ => Err(Refusal::Malformed("the covered parts must be strings")),
    }
}

fn method(request: &RequestView<'_>) -> Result<String, Refusal> {
    let method = request.method();
    let token = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_graphic());
    if token { Ok(method.to_owned()) } else { Err(Refusal::Malformed("the method is no word")) }
}

fn authority(request: &RequestView<'_>) -> Result<String, Refusal> {
    Ok(request.host()?.to_ascii_lowercase())
}

/// A header's name in lower case, as RFC 9421 wants it.
fn is_field_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(fits)
}

fn query_param(request: &RequestView<'_>, item: &Item) -> Result<String, Refusal> {
    let wanted = match item.params.first() {
        Some((key, BareItem::String(wanted))) if key.as_str() == "name" && item.params.len() == 1 => wanted.as_str(),
        _ => return Err(unsupported(item)),
    };
    let query = request.path_and_query()?.1.unwrap_or_default();
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| encode(name) == wanted);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Ok(encode(&value)),
        // Of two equal names it would be unclear which one the receiver reads.
        _ => Err(Refusal::Malformed("it covers a query parameter that is not there exactly once")),
    }
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn unsupported(item: &Item) -> Refusal {
    let identifier = ItemSerializer::new().bare_item(&item.bare_item).parameters(&item.params).finish();
    Refusal::UnsupportedComponent(identifier.chars().take(80).collect())
}
