//! Groups on the command line.

use anyhow::ensure;
use corridor_tests::on_both;

use super::Admin;

on_both! {
    async fn groups_are_made_listed_run_and_archived(kind: Kind) {
        let admin = Admin::new(kind)?;
        admin.expect(0, "migrate")?;
        for name in ["amira", "owen"] {
            admin.expect(0, &format!("user add {name}"))?;
        }
        let made = admin.json("group make digital --title Digital --kind profession --door invited --facilitator amira")?;
        ensure!(made["address"] == "digital" && made["members"] == 1 && made["door"] == "invited", "{made}");
        // One name space with people, and words that are known.
        admin.expect(4, "group make amira --title Amira")?;
        admin.expect(2, "group make tea --title Tea --door ajar")?;
        admin.expect(2, "group make tea --title Tea --marking SECRET")?;
        admin.expect(3, "group make tea --title Tea --facilitator nobody")?;
        ensure!(admin.json("group list")?.as_array().map(Vec::len) == Some(1));
        ensure!(admin.json("group list --kind social")?.as_array().is_some_and(Vec::is_empty));

        admin.expect(0, "group invite digital owen")?;
        admin.expect(3, "group invite digital nobody")?;
        admin.expect(3, "group invite nothing owen")?;
        admin.expect(2, "group promote digital owen")?;
        admin.expect(2, "group approve digital owen")?;
        let shown = admin.json("group show digital")?;
        ensure!(shown["roster"][0]["handle"] == "amira" && shown["roster"][0]["role"] == "facilitator", "{shown}");
        ensure!(admin.expect(0, "group show digital")?.contains("amira"));
        // Somebody must be left to run it.
        admin.expect(4, "group demote digital amira")?;

        admin.expect(0, "group archive digital")?;
        admin.expect(4, "group invite digital owen")?;
        ensure!(admin.expect(0, "group list")?.contains("archived"));
        Ok(())
    }
}
