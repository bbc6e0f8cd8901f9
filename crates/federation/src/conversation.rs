//! Threads of which only a late reply came: who began one tells what belongs to it (FEP-7888, FEP-f228).

use corridor_app::inbound;
use reqwest::Url;
use serde_json::Value;

use crate::client::ClientError;
use crate::fetch::{self, Budget, FetchError};
use crate::node::Node;
use crate::objects::read;
use crate::remote;

/// Pages of a thread that are read.
const PAGES: usize = 3;
/// Posts of a thread that are asked for.
const MOST: usize = 60;

/// Fetches what is told of a thread and is not here, each post from its own node, within the budget.
pub(crate) async fn complete(node: &Node, context: &str, budget: &mut Budget) -> Result<(), FetchError> {
    for uri in listed(node, context, budget).await? {
        if inbound::is_known_post(&node.ctx, uri.clone()).await? {
            continue;
        }
        match remote::post(node, &uri, budget).await {
            Ok(_) => {}
            Err(FetchError::Budget) => return Err(FetchError::Budget),
            // Not ours to see, gone, or on a node that is no peer.
            Err(error) => tracing::debug!("{uri} of a thread can't be had: {error}"),
        }
    }
    Ok(())
}

/// The posts that a thread's collection lists, on its own host.
async fn listed(node: &Node, context: &str, budget: &mut Budget) -> Result<Vec<String>, FetchError> {
    let url = parse(context)?;
    let host = node.client.authority_of(&url)?;
    let whole = fetch::document(node, &url, budget).await?.value;
    if !matches!(read::text(&whole, "type"), Some("Collection" | "OrderedCollection")) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut next = take(&whole, &mut found, "first");
    for _ in 0..PAGES {
        let page = match next {
            Some(Value::String(uri)) => {
                let url = parse(&uri)?;
                if node.client.authority_of(&url)? != host {
                    return Err(FetchError::unfit(&url, "a page of a collection lies on another host"));
                }
                fetch::document(node, &url, budget).await?.value
            }
            Some(page @ Value::Object(_)) => page,
            _ => break,
        };
        next = take(&page, &mut found, "next");
    }
    found.truncate(MOST);
    Ok(found)
}

/// Takes the items of a collection or page; what leads on from there.
fn take(page: &Value, found: &mut Vec<String>, on: &str) -> Option<Value> {
    for name in ["orderedItems", "items"] {
        found.extend(read::ids(page, name));
    }
    page.get(on).cloned()
}

fn parse(uri: &str) -> Result<Url, FetchError> {
    Url::parse(uri).map_err(|_| ClientError::BadUrl(uri.chars().take(200).collect()).into())
}
