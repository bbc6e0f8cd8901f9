-- What open streams are told of. Rows are forgotten after an hour.
CREATE TABLE stream_events (
    -- Not in the order of commits: readers go by written_in.
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The transaction that wrote it: a reader compares it with the snapshot of its last reading.
    written_in BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    -- 0: post published, 1: post edited, 2: post deleted, 3: notification, 4: filters changed, 5: access ended.
    kind SMALLINT NOT NULL,
    -- The post or the notification; 0 for none.
    subject_id BIGINT NOT NULL,
    -- Whom alone it concerns. Empty: whoever may know of it.
    owner_id BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX stream_events_by_transaction ON stream_events (written_in);

-- Wakes every process that listens, once the transaction is committed; several rows of one transaction wake once.
CREATE FUNCTION tell_streams() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('corridor_streams', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER stream_events_tell AFTER INSERT ON stream_events FOR EACH STATEMENT EXECUTE FUNCTION tell_streams();
