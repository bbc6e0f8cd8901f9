-- Held back until whoever it is from is accepted.
ALTER TABLE notifications ADD COLUMN filtered BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX notifications_held ON notifications (owner_id, id) WHERE filtered;

-- Whom people want to be notified by. 0: accept, 1: filter, 2: drop. Who has none accepts everything.
CREATE TABLE notification_policies (
    owner_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (actor_id),
    not_following SMALLINT NOT NULL DEFAULT 0,
    not_followers SMALLINT NOT NULL DEFAULT 0,
    new_accounts SMALLINT NOT NULL DEFAULT 0,
    private_mentions SMALLINT NOT NULL DEFAULT 0,
    limited_accounts SMALLINT NOT NULL DEFAULT 0
);

-- Of whom nothing is held back.
CREATE TABLE notification_senders (
    owner_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    sender_id BIGINT NOT NULL REFERENCES actors (id),
    PRIMARY KEY (owner_id, sender_id)
);
CREATE INDEX notification_senders_by_sender ON notification_senders (sender_id);
