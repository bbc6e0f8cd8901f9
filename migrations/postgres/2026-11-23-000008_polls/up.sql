-- Polls. A poll belongs to a post of the kind question, and goes with it.
CREATE TABLE polls (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    -- Several options may be chosen.
    multiple BOOLEAN NOT NULL,
    -- Nobody sees how many chose what before the end.
    hide_totals BOOLEAN NOT NULL,
    -- Empty: a poll of a peer without an end.
    ends_at BIGINT,
    -- When its end was noted here and told to people.
    closed_at BIGINT,
    -- How many people voted; empty where a peer does not say.
    voters_count BIGINT,
    -- When its counts were last told to peers, and when they are to be told next.
    told_at BIGINT,
    tell_at BIGINT,
    -- When its options were last changed, which made every vote before that void.
    reset_at BIGINT
);
CREATE INDEX polls_to_close ON polls (ends_at) WHERE closed_at IS NULL;
CREATE INDEX polls_to_tell ON polls (tell_at) WHERE tell_at IS NOT NULL;

CREATE TABLE poll_options (
    post_id BIGINT NOT NULL REFERENCES polls (post_id),
    -- From 0.
    position SMALLINT NOT NULL,
    title TEXT NOT NULL,
    votes_count BIGINT NOT NULL,
    PRIMARY KEY (post_id, position)
);

-- Who chose what: of everyone for polls of this node, of its own people for those of peers.
CREATE TABLE poll_votes (
    id BIGINT PRIMARY KEY NOT NULL,
    post_id BIGINT NOT NULL REFERENCES polls (post_id),
    voter_id BIGINT NOT NULL REFERENCES actors (id),
    choice SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (post_id, voter_id, choice)
);
