-- Two people who are connected, or of whom one has asked the other. A pair has one row, whoever asked.
CREATE TABLE connections (
    id INTEGER PRIMARY KEY NOT NULL,
    -- The two, the smaller number first.
    low_id BIGINT NOT NULL REFERENCES actors (id),
    high_id BIGINT NOT NULL REFERENCES actors (id),
    -- Which of them asked.
    asker_id BIGINT NOT NULL REFERENCES actors (id),
    -- The Offer's URI.
    uri TEXT NOT NULL UNIQUE,
    -- What the asker wrote beside it; plain text, empty for nothing.
    note TEXT NOT NULL,
    -- 0 asked, 1 connected, 2 turned down: kept so that nobody is asked again at once.
    state SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Since when it is connected or turned down.
    answered_at BIGINT,
    UNIQUE (low_id, high_id)
);
CREATE INDEX connections_by_high ON connections (high_id, id);
