-- Older accounts that a person of this node says are theirs (`alsoKnownAs`).
CREATE TABLE aliases (
    actor_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    -- The older account's URI.
    uri TEXT NOT NULL,
    PRIMARY KEY (actor_id, uri)
);
-- Where somebody, of this node or a peer, has moved: the latest move of each.
CREATE TABLE moves (
    actor_id INTEGER PRIMARY KEY NOT NULL REFERENCES actors (id),
    target_id BIGINT NOT NULL REFERENCES actors (id),
    moved_at BIGINT NOT NULL,
    -- It was taken back then; the next one still has to wait.
    undone_at BIGINT
);
