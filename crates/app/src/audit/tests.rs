//! The chain tells where somebody changed it, on both databases.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_store::testing::TestDatabase;
use serde_json::json;

use super::*;
use crate::Error;
use crate::fixtures::worlds;

#[tokio::test]
async fn a_changed_removed_or_swapped_entry_is_named() {
    let settings = (*worlds().remove(0).ctx.settings).clone();
    let tampered = [
        ("UPDATE audit_entries SET who = 'someone else' WHERE number = 3", 3),
        ("UPDATE audit_entries SET detail = '{}' WHERE number = 1", 1),
        ("UPDATE audit_entries SET at = at + 1 WHERE number = 6", 6),
        ("DELETE FROM audit_entries WHERE number = 3", 4),
        ("DELETE FROM audit_entries WHERE number = 1", 2),
        (
            "UPDATE audit_entries SET number = 99 WHERE number = 3; UPDATE audit_entries SET number = 3 \
             WHERE number = 4; UPDATE audit_entries SET number = 4 WHERE number = 99",
            3,
        ),
    ];
    for (statement, broken) in tampered {
        for database in TestDatabase::each() {
            let ctx = Ctx::new(database.store.clone(), settings.clone());
            for number in 0..6 {
                let detail = json!({ "number": number });
                let written = ctx.store.write(move |tx| append(tx, "test", "test.act", "nothing", &detail)).await;
                written.unwrap();
            }
            assert_eq!(verify(&ctx).await.unwrap(), AuditReport { intact: 6, broken_at: None });
            assert!(database.execute(statement).is_err(), "entries can be changed by the way");
            // SQLite knows no such statement, which is as good.
            assert!(database.execute("TRUNCATE audit_entries").is_err(), "all entries can be thrown away at once");
            database.drop_audit_guards();
            database.execute(statement).unwrap();
            let report = verify(&ctx).await.unwrap();
            assert_eq!(report.broken_at, Some(broken), "{statement}");
        }
    }
}

#[tokio::test]
async fn an_entry_is_there_only_when_the_act_is() {
    for world in worlds() {
        let failed = world.ctx.store.write(|tx| {
            append(tx, "test", "test.act", "nothing", &json!({}))?;
            Err::<(), _>(Error::NotFound("that"))
        });
        assert!(failed.await.is_err());
        assert_eq!(verify(&world.ctx).await.unwrap(), AuditReport { intact: 0, broken_at: None });
    }
}
