-- What people, here and at peers, ask moderators to look at.
CREATE TABLE reports (
    id INTEGER PRIMARY KEY NOT NULL,
    -- The Flag's URI.
    uri TEXT NOT NULL UNIQUE,
    -- The peer it came from; empty for one made here.
    peer_id BIGINT REFERENCES peers (id),
    -- Who made it. A peer's node speaks for its people, so there it is the node's own actor.
    reporter_id BIGINT NOT NULL REFERENCES actors (id),
    target_id BIGINT NOT NULL REFERENCES actors (id),
    -- spam, legal, violation or other.
    category TEXT NOT NULL,
    comment TEXT NOT NULL,
    -- The reported posts' numbers, a JSON list.
    post_ids TEXT NOT NULL,
    -- Sent on to the target's node.
    forwarded BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    resolved_at BIGINT,
    resolved_by TEXT NOT NULL,
    resolution TEXT NOT NULL
);
CREATE INDEX reports_open ON reports (resolved_at, id);
CREATE INDEX reports_by_target ON reports (target_id, id);
