//! Announce: a post is boosted.

use corridor_app::inbound::{self, Boost, Outcome};
use corridor_app::outgoing::OutgoingPost;
use serde_json::json;

use super::{Incoming, Rendered, relay, rendered};
use crate::error::Error;
use crate::fetch::FetchError;
use crate::objects::{PUBLIC, read};
use crate::remote;

/// A boost of ours: told to the booster's followers and the author of the post.
pub(super) fn build(boost: &OutgoingPost) -> Rendered {
    let boosted = boost.boost_of.as_ref();
    let mut cc = vec![boost.author.followers_uri.as_str()];
    cc.extend(boosted.map(|boosted| boosted.author_uri.as_str()));
    let rest = json!({
        "to": [PUBLIC],
        "cc": cc,
        "published": boost.published_at.to_rfc3339(),
        "object": boosted.map(|boosted| boosted.uri.as_str()),
    });
    rendered(&boost.uri, "Announce", &boost.author, rest)
}

/// A boost of a peer's person. What it boosts is fetched where it is not known, but only for someone's sake here.
pub(super) async fn receive(mut incoming: Incoming<'_>) -> Result<Outcome, Error> {
    if let Some(group) = inbound::group_of(&incoming.node.ctx, incoming.received.actor).await? {
        if relay::is_activity(incoming.object()?) {
            return relay::receive(incoming, group).await;
        }
        // What the group has handed on whole is shared once more for those who understand no more than that.
        if inbound::is_in_group(&incoming.node.ctx, group, incoming.object_id()?).await? {
            return incoming.ignore().await;
        }
    }
    let post_uri = incoming.object_id()?;
    if inbound::is_followed_here(&incoming.node.ctx, incoming.received.actor).await? {
        match remote::post(incoming.node, &post_uri, &mut incoming.budget).await {
            Ok((_, Some(parent))) => remote::fetch_thread(incoming.node, parent, None),
            Ok((_, None)) => {}
            Err(FetchError::App(error @ (corridor_app::Error::Unavailable(_) | corridor_app::Error::Internal(_)))) => {
                return Err(error.into());
            }
            // Not ours to see, or gone: a boost of nothing.
            Err(error) => tracing::info!("{post_uri} was boosted, but can't be had: {error}"),
        }
    }
    let activity = incoming.activity;
    let boost = Boost {
        post_uri,
        addressed: [read::ids(activity, "to"), read::ids(activity, "cc")].concat(),
        published: read::moment(activity, "published"),
    };
    Ok(inbound::boosted(&incoming.node.ctx, incoming.received, boost).await?)
}
