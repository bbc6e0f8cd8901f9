//! Undo: a Follow, a Block, a Like or an Announce is taken back.

use corridor_app::inbound::{self, Outcome, Undone};
use serde_json::{Value, json};

use super::{Incoming, Rendered, inner};
use crate::error::Error;
use crate::objects::{self, read};

/// Takes back what someone of ours did, whole: some nodes have not kept its id.
pub(super) fn build(undone: &Rendered, fresh_uri: &str) -> Rendered {
    let mut what = inner(undone);
    if let Value::Object(fields) = &mut what
        && fields.get("id").is_some_and(|id| id == "")
    {
        fields.remove("id");
    }
    let mut body = json!({ "id": fresh_uri, "type": "Undo", "actor": what.get("actor") });
    if let Value::Object(fields) = &mut body {
        // Whoever was told of it is told of its end.
        for name in ["to", "cc"] {
            if let Some(people) = what.get(name) {
                fields.insert(name.to_owned(), people.clone());
            }
        }
        fields.insert("object".to_owned(), what);
    }
    Rendered { uri: fresh_uri.to_owned(), kind: "Undo", body: objects::with_context(body) }
}

/// Someone of a peer takes back what they did.
pub(super) async fn receive(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    let object = incoming.object()?;
    let by = read::id_of(object, "actor");
    if by.is_some_and(|by| by != incoming.received.actor_uri) {
        return incoming.refuse("not_theirs", "only who did something can take it back").await;
    }
    let undone = Undone {
        uri: read::id(object).map(str::to_owned),
        kind: read::text(object, "type").map(str::to_owned),
        object: read::id_of(object, "object").map(str::to_owned),
    };
    Ok(inbound::undone(&incoming.node.ctx, incoming.received, undone).await?)
}
