-- What each peer is allowed for and when, and how it stands to the registry. No row: everything, without an end.
CREATE TABLE peer_grants (
    peer_id INTEGER PRIMARY KEY NOT NULL REFERENCES peers (id),
    -- Bits: 1 posts, 2 directory, 4 groups, 8 moves.
    services SMALLINT NOT NULL,
    valid_from BIGINT,
    valid_until BIGINT,
    -- The registry's word when it was last applied; null when it never was.
    registry_ceiling SMALLINT,
    registry_services SMALLINT,
    -- Where an administrator of this node decided to be stricter.
    own_ceiling SMALLINT,
    own_services SMALLINT,
    -- It was the registry that took the peer off the list.
    removed_by_registry BOOLEAN NOT NULL
);

-- Registries that were verified and taken in, each number once. The highest number of a registry is the one that counts.
CREATE TABLE registry_documents (
    registry TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    -- SHA-256 over the canonical form, in hexadecimal.
    hash TEXT NOT NULL,
    -- The document with its signatures, as it came.
    body TEXT NOT NULL,
    signers TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    imported_by TEXT NOT NULL,
    PRIMARY KEY (registry, sequence)
) WITHOUT ROWID;

-- The history of one peer.
CREATE INDEX audit_entries_by_object ON audit_entries (object, number);
