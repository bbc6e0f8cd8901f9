//! Recall: where a deleted post is gone, as its author is told.

use corridor_domain::{Authority, PostId, Timestamp};
use corridor_store::{peers, posts, recalls};

use crate::{Ctx, Error, Result, Viewer};

/// Where a deleted post is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecallView {
    /// The peers that were asked to delete it and to say so.
    pub peers: Vec<RecallAt>,
}

/// How it stands at one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecallAt {
    /// The peer.
    pub host: Authority,
    /// The department that runs it.
    pub department: String,
    /// Since when it is asked.
    pub asked_at: Timestamp,
    /// When it said that the post is gone; `None` while it has not.
    pub gone_at: Option<Timestamp>,
}

impl RecallView {
    /// At how many peers it is gone.
    #[must_use]
    pub fn gone(&self) -> usize {
        self.peers.iter().filter(|peer| peer.gone_at.is_some()).count()
    }
}

/// Where a post of one's own is gone, during its life (a peer that may have it no longer) and after.
///
/// # Errors
/// [`Error::NotFound`] for what is not there and for what somebody else wrote: the two look the same.
pub async fn recall(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<RecallView> {
    let author = viewer.id;
    ctx.store
        .read(move |tx| {
            let post = posts::find(tx, id).map_err(|error| match error {
                corridor_store::Error::NotFound => Error::NotFound("that post"),
                other => other.into(),
            })?;
            if post.author() != author {
                return Err(Error::NotFound("that post"));
            }
            let mut view = RecallView::default();
            for asked in recalls::of_post(tx, id)? {
                let peer = peers::find(tx, asked.peer)?;
                view.peers.push(RecallAt {
                    host: peer.authority,
                    department: peer.department,
                    asked_at: asked.asked_at,
                    gone_at: asked.gone_at,
                });
            }
            Ok(view)
        })
        .await
}
