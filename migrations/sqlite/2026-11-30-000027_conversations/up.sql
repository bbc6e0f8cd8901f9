-- Threads of posts to named people, each as one person of this node has it.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    thread_id BIGINT NOT NULL REFERENCES posts (id),
    -- The newest post in it that was for its owner or by them; 0 when all are gone.
    last_id BIGINT NOT NULL,
    -- Up to which post its owner has read it.
    read_to BIGINT NOT NULL,
    -- Up to which post its owner wants to see nothing of it.
    hidden_to BIGINT NOT NULL,
    UNIQUE (owner_id, thread_id)
);
CREATE INDEX conversations_by_last ON conversations (owner_id, last_id);
CREATE INDEX conversations_by_thread ON conversations (thread_id);

-- What was said before is there, and counts as read. Numbers of later rows are far larger. 4: for named people.
INSERT INTO conversations (id, owner_id, thread_id, last_id, read_to, hidden_to)
SELECT ROW_NUMBER() OVER (ORDER BY found.last_id, found.owner_id), found.owner_id, found.thread_id, found.last_id, found.last_id, 0
FROM (
    SELECT people.owner_id, posts.thread_id, MAX(posts.id) AS last_id
    FROM posts
    JOIN (
        SELECT post_id, actor_id AS owner_id FROM post_recipients
        UNION
        SELECT id AS post_id, author_id AS owner_id FROM posts
    ) AS people ON people.post_id = posts.id
    JOIN accounts ON accounts.actor_id = people.owner_id
    WHERE posts.audience = 4 AND posts.deleted_at IS NULL
    GROUP BY people.owner_id, posts.thread_id
) AS found;
