-- What those who run the node tell everyone on it.
CREATE TABLE announcements (
    id BIGINT PRIMARY KEY NOT NULL,
    -- As it was typed, in Markdown.
    source TEXT NOT NULL,
    content TEXT NOT NULL,
    -- JSON: the numbers of those named.
    mentions TEXT NOT NULL,
    -- JSON: hashtags in the form in which they are compared.
    tags TEXT NOT NULL,
    -- When what it is about begins and ends.
    starts_at BIGINT,
    ends_at BIGINT,
    all_day BOOLEAN NOT NULL,
    -- From when it is shown no longer; with days, that is a day after the last one began.
    shown_until BIGINT,
    published_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    withdrawn_at BIGINT
);

-- Who has read them.
CREATE TABLE announcement_reads (
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    announcement_id BIGINT NOT NULL REFERENCES announcements (id),
    PRIMARY KEY (owner_id, announcement_id)
);

-- The emojis that people gave them. One that nobody gives any more stays for streams to tell.
CREATE TABLE announcement_emojis (
    id BIGINT PRIMARY KEY NOT NULL,
    announcement_id BIGINT NOT NULL REFERENCES announcements (id),
    name TEXT NOT NULL,
    UNIQUE (announcement_id, name)
);

-- Who gives which.
CREATE TABLE announcement_reactions (
    emoji_id BIGINT NOT NULL REFERENCES announcement_emojis (id),
    actor_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    PRIMARY KEY (emoji_id, actor_id)
);
