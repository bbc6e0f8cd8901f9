//! Chores that a node does by itself: sending scheduled posts, ending polls, destroying what is due, and forgetting what has ended.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use corridor_app::{Ctx, chores, media, polls, scheduled};
use tokio::sync::watch;

/// How often the chores are done.
const EVERY: Duration = Duration::from_secs(60);
/// How often it is asked which posts are due, which polls are over and which counts are to be told.
const TICK: Duration = Duration::from_secs(1);

/// The running chores. Stop when told, or when dropped.
#[derive(Debug)]
pub struct Chores {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Chores {
    /// Lets a chore that is under way end, and stops.
    pub fn stop(mut self) {
        self.finish();
    }

    fn finish(&mut self) {
        // Nobody listens any more when the thread has ended by itself.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the chores ended with a panic");
        }
    }
}

impl Drop for Chores {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Starts the chores on a thread of their own.
///
/// # Errors
/// When the thread or its runtime can't be made.
pub fn start(ctx: Ctx) -> std::io::Result<Chores> {
    let (stop, mut stopping) = watch::channel(false);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let thread = std::thread::Builder::new().name("corridor-chores".into()).spawn(move || {
        runtime.block_on(async move {
            let mut next = Instant::now();
            while !*stopping.borrow() {
                if Instant::now() >= next {
                    if let Err(error) = chores::run(&ctx).await {
                        tracing::warn!("a chore failed and is tried again in a minute: {error}");
                    }
                    next = Instant::now() + EVERY;
                }
                if let Err(error) = scheduled::run(&ctx).await {
                    tracing::warn!("scheduled posts can't be sent now: {error}");
                }
                if let Err(error) = media::resume(&ctx).await {
                    tracing::warn!("uploads can't be made ready now: {error}");
                }
                if let Err(error) = polls::run(&ctx).await {
                    tracing::warn!("polls can't be looked after now: {error}");
                }
                tokio::select! {
                    () = tokio::time::sleep(TICK) => {}
                    _ = stopping.changed() => {}
                }
            }
        });
    })?;
    Ok(Chores { stop, thread: Some(thread) })
}
