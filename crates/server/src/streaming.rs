//! The thread on which a node reads what happened, for the streams that are open.

use std::thread::JoinHandle;

use corridor_app::{Ctx, streaming};
use tokio::sync::watch;

/// The running pump. Ends all streams and stops when told, or when dropped.
#[derive(Debug)]
pub struct Pump {
    ctx: Ctx,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Pump {
    /// Ends all streams, so that the listeners need not wait for them, and opens no more.
    pub fn close(&self) {
        streaming::close(&self.ctx);
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.close();
        // Nobody listens any more when the thread has ended by itself.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("streaming ended with a panic");
        }
    }
}

/// Starts reading on a thread of its own, because looking whether PostgreSQL has told of something may have to connect.
///
/// # Errors
/// When the thread or its runtime can't be made.
pub fn start(ctx: Ctx) -> std::io::Result<Pump> {
    let (stop, stopping) = watch::channel(false);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let reading = ctx.clone();
    let thread = std::thread::Builder::new()
        .name("corridor-streams".into())
        .spawn(move || runtime.block_on(streaming::run(reading, stopping)))?;
    Ok(Pump { ctx, stop, thread: Some(thread) })
}
