//! Moves on the command line: older accounts named and taken back, somebody moved and back, with their exit codes.

use anyhow::ensure;
use corridor_tests::on_both;
use serde_json::json;

use super::Admin;

on_both! {
    async fn older_accounts_are_named_and_taken_back(kind: Kind) {
        let admin = Admin::new(kind)?;
        admin.expect(0, "migrate")?;
        for name in ["amira", "amira.old"] {
            admin.expect(0, &format!("user add {name}"))?;
        }
        ensure!(admin.json("user alias amira")? == json!({ "username": "amira", "aliases": [], "moved_to": null }));
        // Nobody of that name, no handle, nobody behind it, oneself.
        admin.expect(3, "user alias nobody")?;
        ensure!(admin.expect(2, "user alias amira --add not/one")?.contains("is no handle"));
        admin.expect(3, "user alias amira --add nobody")?;
        ensure!(admin.expect(2, "user alias amira --add amira")?.contains("same account"));
        // A host that is no peer is not asked.
        ensure!(admin.expect(4, "user alias amira --add amira@elsewhere.example")?.contains("elsewhere.example"));
        admin.expect(2, "user alias amira --add amira.old --remove amira.old")?;
        ensure!(admin.json("user alias amira")?["aliases"] == json!([]));

        ensure!(admin.expect(0, "user alias amira --add amira.old")?.contains("older account of theirs"));
        ensure!(admin.expect(4, "user alias amira --add @amira.old")?.contains("named already"));
        let shown = admin.json("user alias amira")?;
        ensure!(shown["aliases"][0]["handle"] == "amira.old", "{shown}");
        ensure!(admin.expect(0, "user alias amira")?.contains("amira.old"));

        ensure!(admin.expect(3, "user alias amira --remove nobody")?.contains("not among the older accounts"));
        let removed = admin.json("user alias amira --remove @amira.old")?;
        ensure!(removed == json!({ "username": "amira", "done": "alias-removed" }), "{removed}");
        ensure!(admin.json("user alias amira")?["aliases"] == json!([]));
        admin.expect(3, "user alias amira --remove amira.old")?;
        Ok(())
    }
}

on_both! {
    async fn somebody_is_moved_and_back(kind: Kind) {
        let admin = Admin::new(kind)?;
        admin.expect(0, "migrate")?;
        for name in ["amira", "amira.new", "kim"] {
            admin.expect(0, &format!("user add {name}"))?;
        }
        admin.expect(2, "user move amira")?;
        admin.expect(2, "user move amira amira.new --back")?;
        admin.expect(3, "user move nobody amira.new")?;
        admin.expect(3, "user move amira nobody")?;
        admin.expect(2, "user move amira not/one")?;
        admin.expect(4, "user move amira amira@elsewhere.example")?;
        ensure!(admin.expect(4, "user move amira --back")?.contains("has not moved"));
        // Not to an account that does not say that it is theirs.
        ensure!(admin.expect(2, "user move amira amira.new")?.contains("does not name"));
        ensure!(admin.json("user alias amira")?["moved_to"].is_null());

        for name in ["amira.new", "kim"] {
            admin.expect(0, &format!("user alias {name} --add amira"))?;
        }
        ensure!(admin.expect(0, "user move amira amira.new")?.contains("has moved to amira.new"));
        ensure!(admin.json("user alias amira")?["moved_to"] == "amira.new");
        ensure!(admin.expect(0, "user alias amira")?.contains("amira has moved to amira.new"));
        ensure!(admin.expect(4, "user move amira kim")?.contains("30 days"));

        let back = admin.json("user move amira --back")?;
        ensure!(back == json!({ "username": "amira", "done": "moved-back" }), "{back}");
        ensure!(admin.json("user alias amira")?["moved_to"].is_null());
        admin.expect(4, "user move amira --back")?;
        // Taken back, the next one still has to wait.
        admin.expect(4, "user move amira amira.new")?;
        Ok(())
    }
}
