//! Reports by peers' moderators.

use corridor_domain::Page;

use super::*;
use crate::inbound::flagged;
use crate::operator::Operator;
use crate::reports;

#[tokio::test]
async fn a_report_from_a_peer_is_kept_for_the_moderators() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let post = stage.local_post("Something unkind").await;
        let id = stage.reader.id;
        let uri = stage.world.write(move |tx| Ok(corridor_store::actors::find(tx, id)?.uri)).await;
        let objects = vec![uri, post.uri.clone(), "https://there.example/posts/1".to_owned()];
        let flag = stage.by_author("Flag", "1");
        let comment = format!("Look\u{0}{}", "x".repeat(2000));
        assert_eq!(flagged(ctx, flag.clone(), objects.clone(), comment).await.unwrap(), Outcome::Applied);
        assert_eq!(flagged(ctx, flag, objects, String::new()).await.unwrap(), Outcome::Duplicate);
        let kept = reports::list(ctx, &Operator::System, false, Page::newest(9)).await.unwrap().remove(0);
        assert_eq!((kept.target, kept.posts), (stage.reader.id, vec![post.id()]));
        assert!(kept.comment.starts_with("Lookx") && kept.comment.chars().count() == reports::COMMENT_CHARACTERS);
        assert!(kept.reporter.ends_with("@there.example"), "{}", kept.reporter);
    }
}

#[tokio::test]
async fn a_report_about_nobody_here_is_noted_and_kept_nowhere() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let objects = vec![stage.author_uri.clone(), "nonsense".to_owned()];
        let outcome = flagged(ctx, stage.by_author("Flag", "2"), objects, String::new()).await.unwrap();
        assert_eq!(outcome, Outcome::Ignored);
        assert!(reports::list(ctx, &Operator::System, false, Page::newest(9)).await.unwrap().is_empty());
    }
}
