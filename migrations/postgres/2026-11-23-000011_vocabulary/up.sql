-- Where the whole thread of a post of a peer can be asked for.
CREATE TABLE post_contexts (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    uri TEXT NOT NULL
);
