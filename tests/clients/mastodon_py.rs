//! Mastodon.py: two people at two departments talk, with the library as its users call it.

use corridor_app::accounts;
use corridor_app::announcements::{self, Announcement};
use corridor_app::operator::Operator;
use corridor_domain::Role;
use corridor_tests::{PASSWORD, TestNode, befriend, on_both};

use super::{python, run};

on_both! {
    async fn talks_across_two_nodes(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        here.add("asha").await?;
        accounts::set_role(&here.ctx, &Operator::System, "asha", Role::Administrator).await?;
        there.add("bryn").await?;
        let announcement = Announcement { text: "There is a new kettle".to_owned(), ..Announcement::default() };
        announcements::add(&here.ctx, &Operator::System, announcement).await?;
        let mut command = python("mastodon_py.py")?;
        command.args([here.at(""), here.handle("asha"), there.at(""), there.handle("bryn"), PASSWORD.to_owned()]);
        let said = run(command).await?;
        anyhow::ensure!(said.contains("the token ends"), "it stopped early: {said}");
        Ok(())
    }
}
