-- What open streams are told of. Rows are forgotten after an hour.
CREATE TABLE stream_events (
    -- One after the other in the order of commits, since SQLite has one writer at a time; no number comes twice.
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- PostgreSQL's number of the transaction that wrote it; means nothing here.
    written_in BIGINT NOT NULL DEFAULT 0,
    -- 0: post published, 1: post edited, 2: post deleted, 3: notification, 4: filters changed, 5: access ended.
    kind SMALLINT NOT NULL,
    -- The post or the notification; 0 for none.
    subject_id BIGINT NOT NULL,
    -- Whom alone it concerns. Empty: whoever may know of it.
    owner_id BIGINT,
    created_at BIGINT NOT NULL
);
