-- Lists that people of this node keep: some of those whom they follow, read by themselves.
CREATE TABLE lists (
    id BIGINT PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    title TEXT NOT NULL,
    -- Which answers to others it shows. 0: to its members, 1: to anybody followed, 2: none.
    replies_policy SMALLINT NOT NULL,
    -- What its members write stays out of the home feed.
    exclusive BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX lists_by_owner ON lists (owner_id, id);

CREATE TABLE list_members (
    list_id BIGINT NOT NULL REFERENCES lists (id),
    member_id BIGINT NOT NULL REFERENCES actors (id),
    PRIMARY KEY (list_id, member_id)
);
CREATE INDEX list_members_by_member ON list_members (member_id, list_id);
