-- Posts that people of this node have written and that go out later.
CREATE TABLE scheduled_posts (
    id INTEGER PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    -- When it goes out, and when that is tried next.
    due_at BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    -- The post as its author handed it in, as JSON.
    draft TEXT NOT NULL,
    idempotency_key TEXT,
    -- Why it could not go out then, and when that was. It waits for its author.
    failed_at BIGINT,
    failure TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (owner_id, idempotency_key)
);
CREATE INDEX scheduled_posts_by_owner ON scheduled_posts (owner_id, id);
CREATE INDEX scheduled_posts_due ON scheduled_posts (next_try_at) WHERE failed_at IS NULL;

-- The scheduled post that an upload is kept for.
ALTER TABLE media ADD COLUMN scheduled_id BIGINT;
CREATE INDEX media_by_scheduled ON media (scheduled_id) WHERE scheduled_id IS NOT NULL;
