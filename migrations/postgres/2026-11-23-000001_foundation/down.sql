DROP TABLE audit_entries, tombstones, received_activities, deliveries, activities, outbox_events, idempotency_keys,
    notifications, home_entries, bookmarks, favourites, memberships, follows, holds, revisions, post_tags,
    post_recipients, posts, oauth_tokens, oauth_codes, oauth_apps, sessions, accounts, actor_keys, former_names,
    actors, peers, node_settings CASCADE;
DROP FUNCTION refuse_audit_change();
