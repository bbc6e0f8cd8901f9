-- Whole domains from which people of this node keep away.
CREATE TABLE domain_blocks (
    id INTEGER PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    -- The account domain, as handles have it.
    domain TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (owner_id, domain)
);

-- Threads of which somebody wants to be told nothing more.
CREATE TABLE thread_mutes (
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    thread_id BIGINT NOT NULL REFERENCES posts (id),
    PRIMARY KEY (owner_id, thread_id)
) WITHOUT ROWID;
CREATE INDEX thread_mutes_by_thread ON thread_mutes (thread_id);

-- What people write down about others, for themselves alone.
CREATE TABLE account_notes (
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    about_id BIGINT NOT NULL REFERENCES actors (id),
    note TEXT NOT NULL,
    PRIMARY KEY (owner_id, about_id)
) WITHOUT ROWID;
CREATE INDEX account_notes_by_about ON account_notes (about_id);

-- How far somebody has read, for all their clients.
CREATE TABLE markers (
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    -- 0: home, 1: notifications.
    timeline SMALLINT NOT NULL,
    last_read_id BIGINT NOT NULL,
    -- Counts the changes, so that one made on an older state is noticed.
    version INTEGER NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (owner_id, timeline)
) WITHOUT ROWID;

-- People whom somebody shows on their profile.
CREATE TABLE endorsements (
    id INTEGER PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    endorsed_id BIGINT NOT NULL REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    UNIQUE (owner_id, endorsed_id)
);
CREATE INDEX endorsements_by_endorsed ON endorsements (endorsed_id);

-- Hashtags that somebody shows on their profile.
CREATE TABLE featured_tags (
    id INTEGER PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    -- In the form in which tags are compared.
    tag TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (owner_id, tag)
);

-- People whom somebody does not want to have suggested again.
CREATE TABLE dismissed_suggestions (
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    dismissed_id BIGINT NOT NULL REFERENCES actors (id),
    PRIMARY KEY (owner_id, dismissed_id)
) WITHOUT ROWID;
CREATE INDEX dismissed_suggestions_by_dismissed ON dismissed_suggestions (dismissed_id);
