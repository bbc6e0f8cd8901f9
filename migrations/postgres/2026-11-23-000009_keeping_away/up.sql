-- Who has blocked whom: neither follows the other, and the blocked one does not see what the other writes.
CREATE TABLE blocks (
    id BIGINT PRIMARY KEY NOT NULL,
    blocker_id BIGINT NOT NULL REFERENCES actors (id),
    blocked_id BIGINT NOT NULL REFERENCES actors (id),
    uri TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    UNIQUE (blocker_id, blocked_id)
);
CREATE INDEX blocks_by_blocked ON blocks (blocked_id, id);

-- Whom a person of this node does not want to meet in feeds; nobody else is told.
CREATE TABLE mutes (
    id BIGINT PRIMARY KEY NOT NULL,
    muter_id BIGINT NOT NULL REFERENCES actors (id),
    muted_id BIGINT NOT NULL REFERENCES actors (id),
    -- Notifications too.
    notifications BOOLEAN NOT NULL,
    -- Empty: until it is taken back.
    ends_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (muter_id, muted_id)
);
CREATE INDEX mutes_by_muted ON mutes (muted_id);
