//! Announcements on the command line.

use anyhow::{Context, ensure};
use corridor_tests::on_both;
use serde_json::json;

use super::Admin;

on_both! {
    async fn announcements_are_made_changed_and_ended(kind: Kind) {
        let admin = Admin::new(kind)?;
        admin.expect(0, "migrate")?;
        ensure!(admin.expect(0, "announcement list")?.contains("none"));
        let made = admin.json("announcement add **Hello** --starts 2099-12-01 --ends 2099-12-02T09:30Z")?;
        let id = made["id"].as_str().context("a number")?.to_owned();
        ensure!(made["text"] == "**Hello**" && made["shown"] == true && made["all_day"] == false, "{made}");
        ensure!(made["starts"] == "2099-12-01T00:00:00.000Z" && made["ends"] == "2099-12-02T09:30:00.000Z", "{made}");
        let changed = admin.json(&format!("announcement change {id} --text Bye --all-day true --starts never"))?;
        ensure!(changed["text"] == "Bye" && changed["starts"].is_null() && changed["ends"] == "2099-12-02T00:00:00.000Z", "{changed}");
        ensure!(changed["all_day"] == true && admin.json("announcement list")? == json!([changed]), "{changed}");
        ensure!(admin.expect(0, "announcement list")?.contains("Bye"));

        for (code, words) in [
            (2, "announcement add Late --ends 2020-01-01"),
            (2, "announcement add Round --starts 2099-01-02 --ends 2099-01-01"),
            (2, "announcement add When --starts tomorrow"),
            (2, "announcement add @nobody@stranger.example"),
            (2, "announcement change 1"),
            (3, "announcement change 1 --text Other"),
            (3, "announcement end 1"),
            (2, "announcement end x"),
        ] {
            admin.expect(code, words)?;
        }
        ensure!(admin.json("announcement list")?.as_array().map(Vec::len) == Some(1), "what is refused leaves nothing");
        admin.expect(0, &format!("announcement end {id}"))?;
        admin.expect(2, &format!("announcement end {id}"))?;
        admin.expect(2, &format!("announcement change {id} --text Again"))?;
        ensure!(admin.json("announcement list")?[0]["shown"] == false);
        Ok(())
    }
}
