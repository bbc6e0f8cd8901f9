//! Groups on the command line.

use anyhow::ensure;
use corridor_tests::on_both;
use serde_json::json;

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

        admin.expect(0, "group join digital owen")?;
        admin.expect(0, "group promote digital owen")?;
        admin.expect(0, "group demote digital amira")?;
        let shown = admin.json("group show digital")?;
        ensure!(shown["roster"][0]["handle"] == "owen" && shown["roster"][0]["role"] == "facilitator", "{shown}");
        ensure!(shown["roster"][1]["handle"] == "amira" && shown["roster"][1]["role"] == "member", "{shown}");
        admin.expect(0, "group archive digital")?;
        admin.expect(4, "group invite digital owen")?;
        ensure!(admin.expect(0, "group list")?.contains("archived"));
        Ok(())
    }
}

on_both! {
    async fn people_are_let_join_and_leave(kind: Kind) {
        let admin = Admin::new(kind)?;
        admin.expect(0, "migrate")?;
        for name in ["amira", "owen", "cleo"] {
            admin.expect(0, &format!("user add {name}"))?;
        }
        admin.expect(0, "group make tea --title Tea --door by-request --facilitator amira")?;
        // By request they ask, and are declined or approved.
        ensure!(admin.json("group join tea owen")? == json!({ "group": "tea", "done": "asked" }));
        admin.expect(4, "group join tea owen")?;
        ensure!(admin.json("group show tea")?["asking"][0]["handle"] == "owen");
        ensure!(admin.json("group decline tea owen")? == json!({ "group": "tea", "done": "declined" }));
        ensure!(admin.json("group show tea")?["asking"] == json!([]));
        admin.expect(2, "group approve tea owen")?;
        admin.expect(0, "group join tea owen")?;
        admin.expect(0, "group approve tea owen")?;
        // An invitation is taken up by joining, or turned down by leaving.
        admin.expect(0, "group invite tea cleo")?;
        ensure!(admin.json("group leave tea cleo")? == json!({ "group": "tea", "done": "left" }));
        admin.expect(0, "group invite tea cleo")?;
        ensure!(admin.json("group join tea cleo")? == json!({ "group": "tea", "done": "joined" }));
        ensure!(admin.json("group show tea")?["members"] == 3);
        ensure!(admin.expect(0, "group leave tea owen")?.contains("no longer"));
        admin.expect(4, "group leave tea owen")?;
        admin.expect(4, "group leave tea amira")?;
        ensure!(admin.json("group show tea")?["members"] == 2);
        // Nobody and nothing, and people of other nodes.
        admin.expect(3, "group join tea nobody")?;
        admin.expect(3, "group join nothing owen")?;
        admin.expect(3, "group leave nothing owen")?;
        admin.expect(3, "group join tea owen@elsewhere.example")?;
        admin.expect(3, "group join tea@elsewhere.example owen")?;
        admin.expect(2, "group join tea tea")?;
        Ok(())
    }
}

on_both! {
    async fn a_group_is_changed_and_read(kind: Kind) {
        let admin = Admin::new(kind)?;
        admin.expect(0, "migrate")?;
        admin.expect(0, "user add amira")?;
        admin.expect(0, "group make tea --title Tea --door hidden --facilitator amira")?;
        admin.expect(2, "group change tea")?;
        admin.expect(2, "group change tea --kind nonsense")?;
        admin.expect(3, "group change nothing --title Nothing")?;
        let changed = admin.json("group change tea --title Coffee --kind specialism --about Beans")?;
        ensure!(changed["title"] == "Coffee" && changed["kind"] == "specialism" && changed["address"] == "tea", "{changed}");
        ensure!(admin.expect(0, "group change tea --title Both")?.contains("Both"));
        ensure!(admin.json("group show tea")?["title"] == "Both");

        ensure!(admin.expect(0, "group talks tea")?.contains("There are none."));
        ensure!(admin.json("group talks tea --unanswered")? == json!([]));
        admin.expect(3, "group talks nothing")?;
        admin.expect(2, "group talks tea --limit 0")?;
        admin.expect(0, "group archive tea")?;
        admin.expect(4, "group change tea --title Closed")?;
        admin.expect(0, "group talks tea")?;
        Ok(())
    }
}
