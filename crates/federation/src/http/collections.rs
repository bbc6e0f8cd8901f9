//! Collections of an actor: outbox, followers, following, featured. Filtered for the asking peer before they are counted.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::outgoing::{self, Collection, OutgoingPost, Subject};
use corridor_domain::policy::Door;
use corridor_domain::{ActorId, Page, Peer};
use serde::Deserialize;
use serde_json::{Value, json};

use super::authorise::authorise;
use super::negotiate;
use crate::error::Error;
use crate::objects::read;
use crate::{Node, activities};

/// Items of a page.
const PER_PAGE: i64 = 40;

#[derive(Debug, Deserialize)]
pub(super) struct Part {
    page: Option<String>,
    max_id: Option<i64>,
}

impl Part {
    fn is_whole(&self) -> bool {
        self.page.is_none() && self.max_id.is_none()
    }

    fn page(&self) -> Page {
        Page { max_id: self.max_id, since_id: None, min_id: None, limit: PER_PAGE }
    }
}

/// A collection of an actor: `GET /actors/{id}/{name}`, and of the node itself, which has none of them filled.
pub(super) async fn collection(
    request: HttpRequest,
    node: web::Data<Node>,
    path: web::Path<(String, String)>,
    part: web::Query<Part>,
) -> Result<HttpResponse, Error> {
    let (id, name) = path.into_inner();
    let id: ActorId = id.parse().map_err(|_| corridor_app::Error::NotFound("that"))?;
    if let Some(answer) = negotiate::not_for_peers(&request, &node.ctx.settings.addresses.staff_url("/")) {
        return Ok(answer);
    }
    let peer = authorise(&request, &node, Door::SignedGet).await?;
    let uri = node.ctx.settings.addresses.federation_url(&format!("/actors/{id}/{name}"));
    if name == "followers_synchronization" {
        let (_, items) =
            outgoing::followers_at(&node.ctx, peer.id, id).await?.ok_or(corridor_app::Error::NotFound("that"))?;
        let whole = json!({ "id": uri, "type": "OrderedCollection", "totalItems": items.len(), "orderedItems": items });
        return Ok(negotiate::document(whole));
    }
    let (total, items, next) = match name.as_str() {
        "outbox" => outbox(&node, &peer, id, part.page()).await?,
        "followers" => links(outgoing::followers_page(&node.ctx, &peer, id, part.page()).await?),
        "following" => links(outgoing::following_page(&node.ctx, &peer, id, part.page()).await?),
        "featured" => whole(outgoing::featured_of(&node.ctx, &peer, id).await?),
        "moderators" => whole(outgoing::moderators_of(&node.ctx, &peer, id).await?),
        _ => return Err(corridor_app::Error::NotFound("that").into()),
    };
    Ok(negotiate::document(written(&uri, &part, total, items, next)))
}

/// A collection of the node's own actor: it posts nothing and follows nobody.
pub(super) async fn of_instance(
    request: HttpRequest,
    node: web::Data<Node>,
    name: web::Path<String>,
) -> Result<HttpResponse, Error> {
    if !matches!(name.as_str(), "outbox" | "followers" | "following") {
        return Err(corridor_app::Error::NotFound("that").into());
    }
    if let Some(answer) = negotiate::not_for_peers(&request, &node.ctx.settings.addresses.staff_url("/about")) {
        return Ok(answer);
    }
    authorise(&request, &node, Door::SignedGet).await?;
    let uri = node.ctx.settings.addresses.federation_url(&format!("/actor/{name}"));
    Ok(negotiate::document(json!({ "id": uri, "type": "OrderedCollection", "totalItems": 0, "orderedItems": [] })))
}

type Items = (i64, Vec<Value>, Option<i64>);

async fn outbox(node: &Node, peer: &Peer, id: ActorId, page: Page) -> Result<Items, Error> {
    if let Some(part) = outgoing::group_outbox_page(&node.ctx, peer, id, page).await? {
        let items = part.items.iter().map(|subject| handed_on(node, subject)).collect();
        return Ok((part.total, items, part.next));
    }
    let part = outgoing::outbox_page(&node.ctx, peer, id, page).await?;
    let items = part.items.into_iter().map(|post| told(node, post)).collect();
    Ok((part.total, items, part.next))
}

/// A collection that is never long: all of it stands on its first page.
fn whole(items: Vec<String>) -> Items {
    let total = i64::try_from(items.len()).unwrap_or(i64::MAX);
    (total, items.into_iter().map(Value::String).collect(), None)
}

/// What a group hands on, under an id that stays the same however often it is asked for.
fn handed_on(node: &Node, subject: &Subject) -> Value {
    let whole = activities::render(subject, &node.ctx.settings, "").body;
    let inside = whole.get("object").and_then(|activity| activity.get("object"));
    let post = inside.and_then(read::id).unwrap_or_default().to_owned();
    let mark: String = url::form_urlencoded::byte_serialize(post.as_bytes()).collect();
    let uri = node.ctx.settings.addresses.federation_url(&format!("/activities/of?post={mark}"));
    bare(activities::render(subject, &node.ctx.settings, &uri).body)
}

/// The activity that told of a post when it was published.
fn told(node: &Node, post: OutgoingPost) -> Value {
    let uri = format!("{}#create", post.uri);
    let subject = if post.boost_of.is_some() { Subject::Boosted(post) } else { Subject::Published(post) };
    bare(activities::render(&subject, &node.ctx.settings, &uri).body)
}

fn bare(mut activity: Value) -> Value {
    if let Value::Object(fields) = &mut activity {
        // The collection has the context already.
        fields.remove("@context");
    }
    activity
}

fn links(part: Collection<String>) -> Items {
    (part.total, part.items.into_iter().map(Value::String).collect(), part.next)
}

fn written(uri: &str, part: &Part, total: i64, items: Vec<Value>, next: Option<i64>) -> Value {
    if part.is_whole() {
        return json!({ "id": uri, "type": "OrderedCollection", "totalItems": total, "first": format!("{uri}?page=true") });
    }
    let here = part.max_id.map_or_else(|| format!("{uri}?page=true"), |id| format!("{uri}?page=true&max_id={id}"));
    let mut page = json!({
        "id": here, "type": "OrderedCollectionPage", "partOf": uri, "totalItems": total, "orderedItems": items,
    });
    if let (Some(next), Value::Object(fields)) = (next, &mut page) {
        fields.insert("next".to_owned(), json!(format!("{uri}?page=true&max_id={next}")));
    }
    page
}
