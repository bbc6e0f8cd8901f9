//! What is kept for as long as the database holds what it held when they were made.
//!
//! Many readers ask for the same thing again before anything has changed: a client that polls a feed, peers that look
//! up a name. What was read is given again if the database says that nothing was committed since, by whichever
//! process; so it is exactly what reading again would give, and no use case has to tell this cache what it changed.
//! Where writes come faster than the same reading, it gains nothing and costs one short question.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use corridor_domain::Timestamp;
use corridor_store::Stamp;
use moka::sync::Cache;

use crate::Ctx;

/// Nothing is given from here for longer, whatever the database says: some things depend on the time too.
const LONGEST: Duration = Duration::from_secs(1);
/// Bytes that are kept at most.
const BYTES: u64 = 16 * 1024 * 1024;
/// What an entry takes beside its key and its body.
const OVERHEAD: usize = 256;

/// An answer that can be given again: its body, and the header fields that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The exact bytes.
    pub body: bytes::Bytes,
    /// Names and values.
    pub headers: Vec<(String, String)>,
}

#[derive(Clone)]
struct Kept {
    stamp: Stamp,
    at: Timestamp,
    bytes: usize,
    value: Arc<dyn Any + Send + Sync>,
}

/// What is kept.
pub(crate) struct Unchanged(Cache<String, Kept>);

impl std::fmt::Debug for Unchanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither keys, which hold tokens, nor what was answered.
        f.debug_struct("Unchanged").field("entries", &self.0.entry_count()).finish()
    }
}

impl Default for Unchanged {
    fn default() -> Self {
        let weigh = |key: &String, kept: &Kept| u32::try_from(OVERHEAD + key.len() + kept.bytes).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(BYTES).weigher(weigh).time_to_live(2 * LONGEST).build())
    }
}

/// What can be kept: it says how many bytes it takes.
pub trait Weigh: Send + Sync + 'static {
    /// About so many bytes.
    fn bytes(&self) -> usize;
}

impl Weigh for Answer {
    fn bytes(&self) -> usize {
        self.body.len() + self.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
    }
}

/// What `make` gives for `key`: given again as long as nothing has changed since it was made.
///
/// The key must hold everything that the value depends on beside the database: who asks (by something that proves it),
/// and what for. A key stands for values of one type.
///
/// # Errors
/// Those of `make`; they are not kept.
pub async fn value<T, F, E>(ctx: &Ctx, key: String, make: impl FnOnce() -> F) -> Result<Arc<T>, E>
where
    T: Weigh,
    F: Future<Output = Result<T, E>>,
{
    let (stamp, at) = (ctx.store.stamp().await, ctx.now());
    if let (Some(stamp), Some(kept)) = (stamp, ctx.unchanged.0.get(&key))
        && kept.stamp == stamp
        && (kept.at..kept.at + LONGEST).contains(&at)
        && let Ok(value) = kept.value.downcast()
    {
        return Ok(value);
    }
    let value = Arc::new(make().await?);
    // The stamp is from before the reading: if something changed meanwhile, the next stamp is another.
    if let Some(stamp) = stamp {
        ctx.unchanged.0.insert(key, Kept { stamp, at, bytes: value.bytes(), value: value.clone() });
    }
    Ok(value)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use corridor_store::{Backend, Store};

    use super::*;
    use crate::fixtures::{note, worlds};
    use crate::operator::Operator;
    use crate::posts::publish;
    use crate::{Error, accounts};

    async fn ask(ctx: &Ctx, key: &str, made: &AtomicUsize) -> String {
        let make = || async {
            let number = made.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Error>(Answer { body: number.to_string().into(), headers: Vec::new() })
        };
        String::from_utf8(value(ctx, key.to_owned(), make).await.unwrap().body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn an_answer_is_made_once_until_something_changes() {
        for world in worlds() {
            let (ctx, made) = (&world.ctx, AtomicUsize::new(0));
            let anna = world.person("anna").await;
            // On PostgreSQL other tests write to the same server; then more is made than needed, never less.
            let exact = ctx.store.backend() == Backend::Sqlite;
            let first = ask(ctx, "feed", &made).await;
            assert!(!exact || ask(ctx, "feed", &made).await == first);
            assert_ne!(ask(ctx, "another feed", &made).await, first, "another question");
            publish(ctx, &anna, note("Something new")).await.unwrap();
            let second = ask(ctx, "feed", &made).await;
            assert_ne!(second, first, "something was published");
            let other = Ctx::new(Store::open(world.options()).unwrap(), (*ctx.settings).clone());
            accounts::disable_user(&other, &Operator::System, "anna").await.unwrap();
            assert_ne!(ask(ctx, "feed", &made).await, second, "another process wrote");
        }
    }

    #[tokio::test]
    async fn nothing_is_given_again_for_long() {
        for world in worlds() {
            let (ctx, made) = (&world.ctx, AtomicUsize::new(0));
            let first = ask(ctx, "feed", &made).await;
            ctx.store.clock().advance(LONGEST);
            assert_ne!(ask(ctx, "feed", &made).await, first);
        }
    }

    #[tokio::test]
    async fn what_changed_while_it_was_read_is_read_again() {
        for world in worlds() {
            let (ctx, made) = (&world.ctx, AtomicUsize::new(0));
            let anna = world.person("anna").await;
            let during = || async {
                let body = made.fetch_add(1, Ordering::Relaxed).to_string().into();
                publish(ctx, &anna, note("Meanwhile")).await.unwrap();
                Ok::<_, Error>(Answer { body, headers: Vec::new() })
            };
            let first = value(ctx, "feed".to_owned(), during).await.unwrap();
            assert_ne!(ask(ctx, "feed", &made).await.as_bytes(), &first.body[..]);
        }
    }

    #[tokio::test]
    async fn a_refusal_is_not_kept() {
        for world in worlds() {
            let (ctx, made) = (&world.ctx, AtomicUsize::new(0));
            let refuse = || async { Err::<Answer, _>(Error::NotFound("that")) };
            assert!(value(ctx, "feed".to_owned(), refuse).await.is_err());
            assert_eq!(ask(ctx, "feed", &made).await, "0");
        }
    }
}
