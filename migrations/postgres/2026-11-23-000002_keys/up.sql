-- Which peers were asked to say that a deleted post is gone there, and which have.
CREATE TABLE recalls (
    post_id BIGINT NOT NULL REFERENCES posts (id),
    peer_id BIGINT NOT NULL REFERENCES peers (id),
    asked_at BIGINT NOT NULL,
    -- When its receipt came.
    gone_at BIGINT,
    PRIMARY KEY (post_id, peer_id)
);

-- Rows are guarded one by one; emptying the table is another act.
CREATE TRIGGER audit_entries_stay BEFORE TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
