//! What the tests share: databases of their own, whole nodes on loopback, and clients that use the front doors.

mod calls;
mod database;
mod fault_proxy;
mod node;
mod process;
mod template;

pub use corridor_server::demo::front_door::{Browser, FrontDoor, text};
pub use database::{Database, Kind};
pub use fault_proxy::{Fault, FaultProxy};
pub use node::{PASSWORD, TestNode, befriend, eventually, free_address};
pub use process::NodeProcess;

/// Runs an async test body once on SQLite and once on PostgreSQL, as two tests.
///
/// PostgreSQL is at `TEST_POSTGRES_URL`, which `tests/run` sets; without it that half fails.
#[macro_export]
macro_rules! on_both {
    ($(#[$doc:meta])* async fn $name:ident($kind:ident: Kind) $body:block) => {
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn body($kind: $crate::Kind) -> anyhow::Result<()> $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() -> anyhow::Result<()> {
                body($crate::Kind::Sqlite).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() -> anyhow::Result<()> {
                body($crate::Kind::Postgres).await
            }
        }
    };
}
