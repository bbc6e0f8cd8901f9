-- Hashtags whose posts a person of this node wants at home.
CREATE TABLE tag_follows (
    id INTEGER PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    -- In the form in which tags are compared.
    tag TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (actor_id, tag)
);
CREATE INDEX tag_follows_by_tag ON tag_follows (tag);
