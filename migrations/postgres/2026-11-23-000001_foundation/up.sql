-- The foundation: everything a node remembers. Moments are milliseconds since 1970 (UTC).
-- Ids are made by the program, grow with time, and are never reused.

-- Small facts about the node itself, such as the number of its instance actor.
CREATE TABLE node_settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- The allow-list. A removed peer keeps its row: history, and what is hidden because of it.
CREATE TABLE peers (
    id BIGINT PRIMARY KEY NOT NULL,
    authority TEXT NOT NULL UNIQUE,
    account_domain TEXT NOT NULL UNIQUE,
    state SMALLINT NOT NULL,
    ceiling SMALLINT NOT NULL,
    default_marking SMALLINT NOT NULL,
    department TEXT NOT NULL,
    note TEXT NOT NULL,
    contact TEXT NOT NULL,
    -- 0: draft-cavage, 1: RFC 9421, 2: RFC 9421 with Ed25519. What it is known to understand.
    signature_form SMALLINT NOT NULL DEFAULT 0,
    software TEXT,
    -- The breaker: how often in a row it failed, and until when it is left alone.
    failures INTEGER NOT NULL DEFAULT 0,
    closed_until BIGINT,
    last_success_at BIGINT,
    last_failure_at BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- People, groups and services, of this node (peer_id is null) and of peers.
CREATE TABLE actors (
    id BIGINT PRIMARY KEY NOT NULL,
    kind SMALLINT NOT NULL,
    peer_id BIGINT REFERENCES peers (id),
    uri TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL,
    -- The account domain of the handle; empty for this node, whose own name is configuration.
    host TEXT NOT NULL,
    -- Lower-case username: handles are compared without regard to case.
    username_key TEXT NOT NULL,
    display_name TEXT NOT NULL,
    summary TEXT NOT NULL,
    summary_source TEXT NOT NULL,
    url TEXT NOT NULL,
    inbox_uri TEXT NOT NULL,
    shared_inbox_uri TEXT,
    outbox_uri TEXT,
    followers_uri TEXT,
    following_uri TEXT,
    featured_uri TEXT,
    locked BOOLEAN NOT NULL,
    discoverable BOOLEAN NOT NULL,
    indexable BOOLEAN NOT NULL,
    -- Profile fields as a JSON list of {name, value}.
    fields TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    fetched_at BIGINT,
    suspended_at BIGINT,
    deleted_at BIGINT,
    followers_count BIGINT NOT NULL DEFAULT 0,
    following_count BIGINT NOT NULL DEFAULT 0,
    posts_count BIGINT NOT NULL DEFAULT 0,
    last_post_at BIGINT,
    role_title TEXT NOT NULL DEFAULT '',
    UNIQUE (host, username_key)
);
CREATE INDEX actors_by_peer ON actors (peer_id);
CREATE INDEX actors_by_key ON actors (username_key);

-- Names that an actor had before: old handles still resolve.
CREATE TABLE former_names (
    host TEXT NOT NULL,
    username_key TEXT NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (host, username_key)
);

-- Signing keys. Ours have a private part; a key is valid from, and perhaps until, a moment.
CREATE TABLE actor_keys (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    key_uri TEXT NOT NULL UNIQUE,
    -- 0: rsa-v1_5-sha256, 1: ed25519.
    algorithm SMALLINT NOT NULL,
    public_pem TEXT NOT NULL,
    private_pem TEXT,
    valid_from BIGINT NOT NULL,
    valid_until BIGINT,
    fetched_at BIGINT NOT NULL,
    -- Pinned when the peer was allowed: never replaced by what is fetched.
    pinned BOOLEAN NOT NULL
);
CREATE INDEX actor_keys_by_actor ON actor_keys (actor_id);

-- Local people who can sign in; the id is the actor's.
CREATE TABLE accounts (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    role SMALLINT NOT NULL,
    email TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    failed_sign_ins INTEGER NOT NULL,
    locked_until BIGINT,
    disabled_at BIGINT,
    default_audience SMALLINT NOT NULL,
    default_marking SMALLINT NOT NULL,
    language TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_sign_in_at BIGINT,
    notifications_read_to BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE sessions (
    id BIGINT PRIMARY KEY NOT NULL,
    -- SHA-256 of the cookie's 256 random bits, in hexadecimal.
    token_hash TEXT NOT NULL UNIQUE,
    actor_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX sessions_by_actor ON sessions (actor_id);

CREATE TABLE oauth_apps (
    id BIGINT PRIMARY KEY NOT NULL,
    client_id TEXT NOT NULL UNIQUE,
    secret_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    website TEXT,
    -- One redirect URI a line; compared letter by letter.
    redirect_uris TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE oauth_codes (
    code_hash TEXT NOT NULL PRIMARY KEY,
    app_id BIGINT NOT NULL REFERENCES oauth_apps (id),
    actor_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    -- PKCE challenge, method S256; null when the client has none.
    challenge TEXT,
    ends_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE oauth_tokens (
    id BIGINT PRIMARY KEY NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    app_id BIGINT NOT NULL REFERENCES oauth_apps (id),
    -- Null for a token of the application itself (client credentials).
    actor_id BIGINT REFERENCES accounts (actor_id),
    scopes TEXT NOT NULL,
    -- The code it was given for, so that a second use of the code ends it.
    code_hash TEXT,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX oauth_tokens_by_actor ON oauth_tokens (actor_id);
CREATE INDEX oauth_tokens_by_code ON oauth_tokens (code_hash);

-- Posts and boosts. A boost is a row with boost_of_id and no text.
CREATE TABLE posts (
    id BIGINT PRIMARY KEY NOT NULL,
    uri TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    author_id BIGINT NOT NULL REFERENCES actors (id),
    peer_id BIGINT REFERENCES peers (id),
    -- 0: note, 1: article, 2: question, 3: boost.
    kind SMALLINT NOT NULL,
    audience SMALLINT NOT NULL,
    marking SMALLINT NOT NULL,
    handling TEXT NOT NULL,
    group_id BIGINT REFERENCES actors (id),
    in_reply_to_id BIGINT REFERENCES posts (id),
    -- Kept when the parent is not here yet.
    in_reply_to_uri TEXT,
    -- The first post of the thread, its own id when it starts one.
    thread_id BIGINT NOT NULL,
    boost_of_id BIGINT REFERENCES posts (id),
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    source TEXT NOT NULL,
    summary TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    language TEXT NOT NULL,
    app_id BIGINT REFERENCES oauth_apps (id),
    published_at BIGINT NOT NULL,
    edited_at BIGINT,
    -- Hidden at once; the content is destroyed at destroy_after unless a hold forbids it.
    deleted_at BIGINT,
    destroy_after BIGINT,
    destroyed_at BIGINT,
    replies_count BIGINT NOT NULL DEFAULT 0,
    boosts_count BIGINT NOT NULL DEFAULT 0,
    favourites_count BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX posts_by_author ON posts (author_id, id);
CREATE INDEX posts_by_thread ON posts (thread_id, id);
CREATE INDEX posts_by_parent ON posts (in_reply_to_id);
CREATE INDEX posts_waiting_for_parent ON posts (in_reply_to_uri) WHERE in_reply_to_id IS NULL AND in_reply_to_uri IS NOT NULL;
CREATE INDEX posts_by_boosted ON posts (boost_of_id, author_id) WHERE boost_of_id IS NOT NULL;
CREATE INDEX posts_by_audience ON posts (audience, id);
CREATE INDEX posts_to_destroy ON posts (destroy_after) WHERE destroy_after IS NOT NULL AND destroyed_at IS NULL;

-- The people a post is addressed to or names. Kept for deleted posts too: their peers must be told.
CREATE TABLE post_recipients (
    post_id BIGINT NOT NULL REFERENCES posts (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    -- Named in the text, not only addressed.
    mentioned BOOLEAN NOT NULL,
    PRIMARY KEY (post_id, actor_id)
);
CREATE INDEX post_recipients_by_actor ON post_recipients (actor_id, post_id);

CREATE TABLE post_tags (
    tag TEXT NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    PRIMARY KEY (tag, post_id)
);
CREATE INDEX post_tags_by_post ON post_tags (post_id);

-- What a post said before each edit.
CREATE TABLE revisions (
    post_id BIGINT NOT NULL REFERENCES posts (id),
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    source TEXT NOT NULL,
    summary TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    marking SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (post_id, number)
);

-- What may not be destroyed, and who said so.
CREATE TABLE holds (
    id BIGINT PRIMARY KEY NOT NULL,
    post_id BIGINT REFERENCES posts (id),
    actor_id BIGINT REFERENCES actors (id),
    reason TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    lifted_at BIGINT
);
CREATE INDEX holds_by_post ON holds (post_id);
CREATE INDEX holds_by_actor ON holds (actor_id);

CREATE TABLE follows (
    id BIGINT PRIMARY KEY NOT NULL,
    follower_id BIGINT NOT NULL REFERENCES actors (id),
    followed_id BIGINT NOT NULL REFERENCES actors (id),
    uri TEXT NOT NULL UNIQUE,
    accepted BOOLEAN NOT NULL,
    show_boosts BOOLEAN NOT NULL,
    notify BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (follower_id, followed_id)
);
CREATE INDEX follows_by_followed ON follows (followed_id, id);

-- Members of a group, wherever they are.
CREATE TABLE memberships (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    facilitator BOOLEAN NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, actor_id)
);
CREATE INDEX memberships_by_actor ON memberships (actor_id);

CREATE TABLE favourites (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    uri TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    UNIQUE (post_id, actor_id)
);
CREATE INDEX favourites_by_actor ON favourites (actor_id, id);

CREATE TABLE bookmarks (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    created_at BIGINT NOT NULL,
    UNIQUE (post_id, actor_id)
);
CREATE INDEX bookmarks_by_actor ON bookmarks (actor_id, id);

-- Home feeds, written when a post arrives. The reader's visibility is asked again when it is read.
CREATE TABLE home_entries (
    owner_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    PRIMARY KEY (owner_id, post_id)
);
CREATE INDEX home_entries_by_post ON home_entries (post_id);

CREATE TABLE notifications (
    id BIGINT PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES actors (id),
    -- 0: mention, 1: follow, 2: follow_request, 3: favourite, 4: reblog, 5: update, 6: status.
    kind SMALLINT NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT REFERENCES posts (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX notifications_by_owner ON notifications (owner_id, id);
CREATE UNIQUE INDEX notifications_once ON notifications (owner_id, kind, actor_id, post_id);

-- An Idempotency-Key and the post it made; kept for a day.
CREATE TABLE idempotency_keys (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    name TEXT NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, name)
);

-- What happened here and must be told, written with the change itself.
CREATE TABLE outbox_events (
    id BIGINT PRIMARY KEY NOT NULL,
    -- A domain event as JSON.
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Why it could not be told; set aside until an administrator retries it.
    failure TEXT
);

-- Activities that were rendered, with their exact bytes.
CREATE TABLE activities (
    id BIGINT PRIMARY KEY NOT NULL,
    uri TEXT NOT NULL UNIQUE,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    kind TEXT NOT NULL,
    -- What it speaks of, for asking policy again when it is sent; null when it is not about a post.
    post_id BIGINT REFERENCES posts (id),
    audience SMALLINT NOT NULL,
    marking SMALLINT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX activities_by_actor ON activities (actor_id, id);
CREATE INDEX activities_by_post ON activities (post_id);

-- One activity on its way to one inbox. Order is kept among the rows of one order_key.
CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY NOT NULL,
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    peer_id BIGINT NOT NULL REFERENCES peers (id),
    inbox_uri TEXT NOT NULL,
    -- The author, so that one author's activities reach a peer in order.
    order_key BIGINT NOT NULL,
    -- 0: pending, 1: delivered, 2: rejected (set aside), 3: cancelled.
    state SMALLINT NOT NULL,
    attempts INTEGER NOT NULL,
    next_try_at BIGINT NOT NULL,
    last_status INTEGER,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    UNIQUE (activity_id, inbox_uri)
);
CREATE INDEX deliveries_pending ON deliveries (peer_id, id) WHERE state = 0;
CREATE INDEX deliveries_by_state ON deliveries (state, peer_id, id);

-- Activities taken in: a URI stands here exactly when its effect is done.
CREATE TABLE received_activities (
    uri TEXT NOT NULL PRIMARY KEY,
    peer_id BIGINT NOT NULL REFERENCES peers (id),
    actor_uri TEXT NOT NULL,
    kind TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX received_activities_by_time ON received_activities (received_at);

-- What was deleted or undone, for ever: a late Create or Like of it has no effect.
CREATE TABLE tombstones (
    uri TEXT NOT NULL,
    -- Only the owner's word counts: a tombstone set by another actor does not hide the owner's object.
    actor_uri TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (uri, actor_uri)
);

-- Who did what: append-only, each row chained to the one before.
CREATE TABLE audit_entries (
    number BIGINT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are append-only';
END $$;
CREATE TRIGGER audit_entries_keep BEFORE UPDATE OR DELETE ON audit_entries
FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
