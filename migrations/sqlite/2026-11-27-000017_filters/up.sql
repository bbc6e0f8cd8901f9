-- What people of this node do not want to meet.
CREATE TABLE filters (
    id INTEGER PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    title TEXT NOT NULL,
    -- Where it counts, one bit each: 1 home, 2 notifications, 4 public, 8 thread, 16 account.
    contexts SMALLINT NOT NULL,
    -- 0: warn, 1: hide, 2: blur.
    action SMALLINT NOT NULL,
    -- Empty: until it is removed.
    ends_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX filters_by_owner ON filters (owner_id, id);

CREATE TABLE filter_keywords (
    id INTEGER PRIMARY KEY NOT NULL,
    filter_id BIGINT NOT NULL REFERENCES filters (id),
    keyword TEXT NOT NULL,
    whole_word BOOLEAN NOT NULL
);
CREATE INDEX filter_keywords_by_filter ON filter_keywords (filter_id, id);

-- Single posts that a filter holds.
CREATE TABLE filter_posts (
    id INTEGER PRIMARY KEY NOT NULL,
    filter_id BIGINT NOT NULL REFERENCES filters (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    UNIQUE (filter_id, post_id)
);
CREATE INDEX filter_posts_by_post ON filter_posts (post_id);
