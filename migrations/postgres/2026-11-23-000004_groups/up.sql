-- What makes an actor a group. Groups of peers have a row too, as far as their node tells.
CREATE TABLE group_actors (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    -- 0: business area, 1: profession, 2: specialism, 3: social.
    kind SMALLINT NOT NULL,
    -- 0: open, 1: by request, 2: invited, 3: hidden.
    door SMALLINT NOT NULL,
    -- No post in it is marked lower.
    marking SMALLINT NOT NULL,
    archived_at BIGINT
);

-- Who may come in although the door is shut.
CREATE TABLE group_invitations (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    invited_by BIGINT REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, actor_id)
);
CREATE INDEX group_invitations_by_actor ON group_invitations (actor_id);

-- Posts that stand at the top of a group's page.
CREATE TABLE group_pins (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    pinned_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, post_id)
);

-- What the first post of a talk in a group is besides: a post without a row is a plain one.
CREATE TABLE topics (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    announcement BOOLEAN NOT NULL,
    question BOOLEAN NOT NULL,
    -- The reply that answers the question.
    answer_id BIGINT REFERENCES posts (id)
);

-- What other nodes' people posted in groups of this node, as their nodes sent it: who joins later is shown it whole.
CREATE TABLE group_originals (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    body TEXT NOT NULL
);

-- Peers whose last member has left a private group: they were asked to destroy their copies, and may have said so.
CREATE TABLE group_purges (
    uri TEXT NOT NULL PRIMARY KEY,
    group_id BIGINT NOT NULL REFERENCES actors (id),
    peer_id BIGINT NOT NULL REFERENCES peers (id),
    asked_at BIGINT NOT NULL,
    confirmed_at BIGINT
);
CREATE INDEX group_purges_by_group ON group_purges (group_id, asked_at);

CREATE INDEX posts_by_group ON posts (group_id, id) WHERE group_id IS NOT NULL;
