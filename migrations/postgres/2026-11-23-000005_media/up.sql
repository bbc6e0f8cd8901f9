-- Pictures and files. Every file on disk belongs to exactly one row, which is written before it and removed after it.
CREATE TABLE media (
    id BIGINT PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES actors (id),
    -- Null until it is attached.
    post_id BIGINT REFERENCES posts (id),
    position SMALLINT NOT NULL,
    -- 0: expected (being written, or still at its peer), 1: here, 2: can't be had, 3: to be destroyed.
    state SMALLINT NOT NULL,
    -- 0: picture, 1: file.
    kind SMALLINT NOT NULL,
    mime TEXT NOT NULL,
    -- Under which a file is offered; empty for pictures.
    name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    description TEXT NOT NULL,
    -- The point that matters, in thousandths from -1000 to 1000; (0, 0) is the middle.
    focal_x SMALLINT NOT NULL,
    focal_y SMALLINT NOT NULL,
    blurhash TEXT NOT NULL,
    -- What the files are called in the media folder; null where there is none.
    file_hash TEXT,
    small_hash TEXT,
    -- Where a peer has it, and which peer.
    remote_url TEXT,
    peer_id BIGINT REFERENCES peers (id),
    tries SMALLINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Taken out of its post by an edit: shown to nobody, destroyed like a deleted post.
    removed_at BIGINT
);
CREATE INDEX media_by_post ON media (post_id, position);
CREATE INDEX media_by_owner ON media (owner_id, created_at);
CREATE INDEX media_by_peer ON media (peer_id, created_at) WHERE peer_id IS NOT NULL;
CREATE INDEX media_unattached ON media (created_at) WHERE post_id IS NULL;
CREATE INDEX media_removed ON media (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX media_to_destroy ON media (id) WHERE state = 3;
