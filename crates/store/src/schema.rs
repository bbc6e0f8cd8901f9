//! The tables as diesel sees them, the same for SQLite and PostgreSQL.

#![expect(missing_docs, reason = "column names say what they are; the migrations explain them")]

diesel::table! {
    node_settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    peers (id) {
        id -> BigInt,
        authority -> Text,
        account_domain -> Text,
        state -> SmallInt,
        ceiling -> SmallInt,
        default_marking -> SmallInt,
        department -> Text,
        note -> Text,
        contact -> Text,
        signature_form -> SmallInt,
        software -> Nullable<Text>,
        failures -> Integer,
        closed_until -> Nullable<BigInt>,
        last_success_at -> Nullable<BigInt>,
        last_failure_at -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        network_feed -> Bool,
    }
}

diesel::table! {
    actors (id) {
        id -> BigInt,
        kind -> SmallInt,
        peer_id -> Nullable<BigInt>,
        uri -> Text,
        username -> Text,
        host -> Text,
        username_key -> Text,
        display_name -> Text,
        summary -> Text,
        summary_source -> Text,
        url -> Text,
        inbox_uri -> Text,
        shared_inbox_uri -> Nullable<Text>,
        outbox_uri -> Nullable<Text>,
        followers_uri -> Nullable<Text>,
        following_uri -> Nullable<Text>,
        featured_uri -> Nullable<Text>,
        locked -> Bool,
        discoverable -> Bool,
        indexable -> Bool,
        fields -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        fetched_at -> Nullable<BigInt>,
        suspended_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        followers_count -> BigInt,
        following_count -> BigInt,
        posts_count -> BigInt,
        last_post_at -> Nullable<BigInt>,
        role_title -> Text,
        traits -> SmallInt,
    }
}

diesel::table! {
    former_names (host, username_key) {
        host -> Text,
        username_key -> Text,
        actor_id -> BigInt,
        changed_at -> BigInt,
    }
}

diesel::table! {
    actor_keys (id) {
        id -> BigInt,
        actor_id -> BigInt,
        key_uri -> Text,
        algorithm -> SmallInt,
        public_pem -> Text,
        private_pem -> Nullable<Text>,
        valid_from -> BigInt,
        valid_until -> Nullable<BigInt>,
        fetched_at -> BigInt,
        pinned -> Bool,
    }
}

diesel::table! {
    accounts (actor_id) {
        actor_id -> BigInt,
        role -> SmallInt,
        email -> Text,
        password_hash -> Text,
        must_change_password -> Bool,
        failed_sign_ins -> Integer,
        locked_until -> Nullable<BigInt>,
        disabled_at -> Nullable<BigInt>,
        default_audience -> SmallInt,
        default_marking -> SmallInt,
        language -> Text,
        created_at -> BigInt,
        last_sign_in_at -> Nullable<BigInt>,
        notifications_read_to -> BigInt,
        default_sensitive -> Bool,
        attribution_domains -> Text,
        fields_source -> Text,
        pages_language -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        token_hash -> Text,
        actor_id -> BigInt,
        created_at -> BigInt,
        seen_at -> BigInt,
        ends_at -> BigInt,
        user_agent -> Text,
    }
}

diesel::table! {
    oauth_apps (id) {
        id -> BigInt,
        client_id -> Text,
        secret_hash -> Text,
        name -> Text,
        website -> Nullable<Text>,
        redirect_uris -> Text,
        scopes -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    oauth_codes (code_hash) {
        code_hash -> Text,
        app_id -> BigInt,
        actor_id -> BigInt,
        redirect_uri -> Text,
        scopes -> Text,
        challenge -> Nullable<Text>,
        ends_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    oauth_tokens (id) {
        id -> BigInt,
        token_hash -> Text,
        app_id -> BigInt,
        actor_id -> Nullable<BigInt>,
        scopes -> Text,
        code_hash -> Nullable<Text>,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    posts (id) {
        id -> BigInt,
        uri -> Text,
        url -> Text,
        author_id -> BigInt,
        peer_id -> Nullable<BigInt>,
        kind -> SmallInt,
        audience -> SmallInt,
        marking -> SmallInt,
        handling -> Text,
        group_id -> Nullable<BigInt>,
        in_reply_to_id -> Nullable<BigInt>,
        in_reply_to_uri -> Nullable<Text>,
        thread_id -> BigInt,
        boost_of_id -> Nullable<BigInt>,
        title -> Text,
        content -> Text,
        source -> Text,
        summary -> Text,
        sensitive -> Bool,
        language -> Text,
        app_id -> Nullable<BigInt>,
        published_at -> BigInt,
        edited_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        destroy_after -> Nullable<BigInt>,
        destroyed_at -> Nullable<BigInt>,
        replies_count -> BigInt,
        boosts_count -> BigInt,
        favourites_count -> BigInt,
    }
}

diesel::table! {
    post_recipients (post_id, actor_id) {
        post_id -> BigInt,
        actor_id -> BigInt,
        mentioned -> Bool,
    }
}

diesel::table! {
    post_tags (tag, post_id) {
        tag -> Text,
        post_id -> BigInt,
    }
}

diesel::table! {
    revisions (post_id, number) {
        post_id -> BigInt,
        number -> Integer,
        title -> Text,
        content -> Text,
        source -> Text,
        summary -> Text,
        sensitive -> Bool,
        marking -> SmallInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    holds (id) {
        id -> BigInt,
        post_id -> Nullable<BigInt>,
        actor_id -> Nullable<BigInt>,
        reason -> Text,
        placed_by -> Text,
        placed_at -> BigInt,
        lifted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    follows (id) {
        id -> BigInt,
        follower_id -> BigInt,
        followed_id -> BigInt,
        uri -> Text,
        accepted -> Bool,
        show_boosts -> Bool,
        notify -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    blocks (id) {
        id -> BigInt,
        blocker_id -> BigInt,
        blocked_id -> BigInt,
        uri -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    connections (id) {
        id -> BigInt,
        low_id -> BigInt,
        high_id -> BigInt,
        asker_id -> BigInt,
        uri -> Text,
        note -> Text,
        state -> SmallInt,
        created_at -> BigInt,
        answered_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    mutes (id) {
        id -> BigInt,
        muter_id -> BigInt,
        muted_id -> BigInt,
        notifications -> Bool,
        ends_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    reports (id) {
        id -> BigInt,
        uri -> Text,
        peer_id -> Nullable<BigInt>,
        reporter_id -> BigInt,
        target_id -> BigInt,
        category -> Text,
        comment -> Text,
        post_ids -> Text,
        forwarded -> Bool,
        created_at -> BigInt,
        resolved_at -> Nullable<BigInt>,
        resolved_by -> Text,
        resolution -> Text,
    }
}

diesel::table! {
    memberships (group_id, actor_id) {
        group_id -> BigInt,
        actor_id -> BigInt,
        facilitator -> Bool,
        joined_at -> BigInt,
    }
}

diesel::table! {
    favourites (id) {
        id -> BigInt,
        actor_id -> BigInt,
        post_id -> BigInt,
        uri -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    bookmarks (id) {
        id -> BigInt,
        actor_id -> BigInt,
        post_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    home_entries (owner_id, post_id) {
        owner_id -> BigInt,
        post_id -> BigInt,
    }
}

diesel::table! {
    notifications (id) {
        id -> BigInt,
        owner_id -> BigInt,
        kind -> SmallInt,
        actor_id -> BigInt,
        post_id -> Nullable<BigInt>,
        created_at -> BigInt,
        filtered -> Bool,
    }
}

diesel::table! {
    idempotency_keys (actor_id, name) {
        actor_id -> BigInt,
        name -> Text,
        post_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    outbox_events (id) {
        id -> BigInt,
        body -> Text,
        created_at -> BigInt,
        failure -> Nullable<Text>,
    }
}

diesel::table! {
    activities (id) {
        id -> BigInt,
        uri -> Text,
        actor_id -> BigInt,
        kind -> Text,
        post_id -> Nullable<BigInt>,
        audience -> SmallInt,
        marking -> SmallInt,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    deliveries (id) {
        id -> BigInt,
        activity_id -> BigInt,
        peer_id -> BigInt,
        inbox_uri -> Text,
        order_key -> BigInt,
        state -> SmallInt,
        attempts -> Integer,
        next_try_at -> BigInt,
        last_status -> Nullable<Integer>,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    received_activities (uri) {
        uri -> Text,
        peer_id -> BigInt,
        actor_uri -> Text,
        kind -> Text,
        received_at -> BigInt,
    }
}

diesel::table! {
    tombstones (uri, actor_uri) {
        uri -> Text,
        actor_uri -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    recalls (post_id, peer_id) {
        post_id -> BigInt,
        peer_id -> BigInt,
        asked_at -> BigInt,
        gone_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit_entries (number) {
        number -> BigInt,
        at -> BigInt,
        who -> Text,
        action -> Text,
        object -> Text,
        detail -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    media (id) {
        id -> BigInt,
        owner_id -> BigInt,
        post_id -> Nullable<BigInt>,
        position -> SmallInt,
        state -> SmallInt,
        kind -> SmallInt,
        mime -> Text,
        name -> Text,
        bytes -> BigInt,
        width -> Integer,
        height -> Integer,
        description -> Text,
        focal_x -> SmallInt,
        focal_y -> SmallInt,
        blurhash -> Text,
        file_hash -> Nullable<Text>,
        small_hash -> Nullable<Text>,
        remote_url -> Nullable<Text>,
        peer_id -> Nullable<BigInt>,
        tries -> SmallInt,
        next_try_at -> BigInt,
        created_at -> BigInt,
        removed_at -> Nullable<BigInt>,
        scheduled_id -> Nullable<BigInt>,
        raw_hash -> Nullable<Text>,
        failure -> Nullable<Text>,
        purpose -> SmallInt,
    }
}

diesel::table! {
    scheduled_posts (id) {
        id -> BigInt,
        owner_id -> BigInt,
        due_at -> BigInt,
        next_try_at -> BigInt,
        draft -> Text,
        idempotency_key -> Nullable<Text>,
        failed_at -> Nullable<BigInt>,
        failure -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    peer_grants (peer_id) {
        peer_id -> BigInt,
        services -> SmallInt,
        valid_from -> Nullable<BigInt>,
        valid_until -> Nullable<BigInt>,
        registry_ceiling -> Nullable<SmallInt>,
        registry_services -> Nullable<SmallInt>,
        own_ceiling -> Nullable<SmallInt>,
        own_services -> Nullable<SmallInt>,
        removed_by_registry -> Bool,
    }
}

diesel::table! {
    registry_documents (registry, sequence) {
        registry -> Text,
        sequence -> BigInt,
        hash -> Text,
        body -> Text,
        signers -> Text,
        imported_at -> BigInt,
        imported_by -> Text,
    }
}

diesel::table! {
    group_actors (actor_id) {
        actor_id -> BigInt,
        kind -> SmallInt,
        door -> SmallInt,
        marking -> SmallInt,
        archived_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    group_invitations (group_id, actor_id) {
        group_id -> BigInt,
        actor_id -> BigInt,
        invited_by -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    group_pins (group_id, post_id) {
        group_id -> BigInt,
        post_id -> BigInt,
        pinned_at -> BigInt,
    }
}

diesel::table! {
    topics (post_id) {
        post_id -> BigInt,
        announcement -> Bool,
        question -> Bool,
        answer_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    aliases (actor_id, uri) {
        actor_id -> BigInt,
        uri -> Text,
    }
}

diesel::table! {
    moves (actor_id) {
        actor_id -> BigInt,
        target_id -> BigInt,
        moved_at -> BigInt,
        undone_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    tag_follows (id) {
        id -> BigInt,
        actor_id -> BigInt,
        tag -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    group_originals (post_id) {
        post_id -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    group_purges (uri) {
        uri -> Text,
        group_id -> BigInt,
        peer_id -> BigInt,
        asked_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    post_contexts (post_id) {
        post_id -> BigInt,
        uri -> Text,
    }
}

diesel::table! {
    polls (post_id) {
        post_id -> BigInt,
        multiple -> Bool,
        hide_totals -> Bool,
        ends_at -> Nullable<BigInt>,
        closed_at -> Nullable<BigInt>,
        voters_count -> Nullable<BigInt>,
        told_at -> Nullable<BigInt>,
        tell_at -> Nullable<BigInt>,
        reset_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    poll_options (post_id, position) {
        post_id -> BigInt,
        position -> SmallInt,
        title -> Text,
        votes_count -> BigInt,
    }
}

diesel::table! {
    poll_votes (id) {
        id -> BigInt,
        post_id -> BigInt,
        voter_id -> BigInt,
        choice -> SmallInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    filters (id) {
        id -> BigInt,
        owner_id -> BigInt,
        title -> Text,
        contexts -> SmallInt,
        action -> SmallInt,
        ends_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    filter_keywords (id) {
        id -> BigInt,
        filter_id -> BigInt,
        keyword -> Text,
        whole_word -> Bool,
    }
}

diesel::table! {
    filter_posts (id) {
        id -> BigInt,
        filter_id -> BigInt,
        post_id -> BigInt,
    }
}

diesel::table! {
    lists (id) {
        id -> BigInt,
        owner_id -> BigInt,
        title -> Text,
        replies_policy -> SmallInt,
        exclusive -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    list_members (list_id, member_id) {
        list_id -> BigInt,
        member_id -> BigInt,
    }
}

diesel::table! {
    domain_blocks (id) {
        id -> BigInt,
        owner_id -> BigInt,
        domain -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    thread_mutes (owner_id, thread_id) {
        owner_id -> BigInt,
        thread_id -> BigInt,
    }
}

diesel::table! {
    account_notes (owner_id, about_id) {
        owner_id -> BigInt,
        about_id -> BigInt,
        note -> Text,
    }
}

diesel::table! {
    markers (owner_id, timeline) {
        owner_id -> BigInt,
        timeline -> SmallInt,
        last_read_id -> BigInt,
        version -> Integer,
        updated_at -> BigInt,
    }
}

diesel::table! {
    announcements (id) {
        id -> BigInt,
        source -> Text,
        content -> Text,
        mentions -> Text,
        tags -> Text,
        starts_at -> Nullable<BigInt>,
        ends_at -> Nullable<BigInt>,
        all_day -> Bool,
        shown_until -> Nullable<BigInt>,
        published_at -> BigInt,
        updated_at -> BigInt,
        withdrawn_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    announcement_reads (owner_id, announcement_id) {
        owner_id -> BigInt,
        announcement_id -> BigInt,
    }
}

diesel::table! {
    announcement_emojis (id) {
        id -> BigInt,
        announcement_id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    announcement_reactions (emoji_id, actor_id) {
        emoji_id -> BigInt,
        actor_id -> BigInt,
    }
}

diesel::table! {
    notification_policies (owner_id) {
        owner_id -> BigInt,
        not_following -> SmallInt,
        not_followers -> SmallInt,
        new_accounts -> SmallInt,
        private_mentions -> SmallInt,
        limited_accounts -> SmallInt,
    }
}

diesel::table! {
    notification_senders (owner_id, sender_id) {
        owner_id -> BigInt,
        sender_id -> BigInt,
    }
}

diesel::table! {
    conversations (id) {
        id -> BigInt,
        owner_id -> BigInt,
        thread_id -> BigInt,
        last_id -> BigInt,
        read_to -> BigInt,
        hidden_to -> BigInt,
    }
}

diesel::table! {
    endorsements (id) {
        id -> BigInt,
        owner_id -> BigInt,
        endorsed_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    featured_tags (id) {
        id -> BigInt,
        owner_id -> BigInt,
        tag -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    dismissed_suggestions (owner_id, dismissed_id) {
        owner_id -> BigInt,
        dismissed_id -> BigInt,
    }
}

diesel::table! {
    stream_events (id) {
        id -> BigInt,
        written_in -> BigInt,
        kind -> SmallInt,
        subject_id -> BigInt,
        owner_id -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::joinable!(peer_grants -> peers (peer_id));

diesel::allow_tables_to_appear_in_same_query!(
    domain_blocks,
    thread_mutes,
    account_notes,
    markers,
    conversations,
    notification_policies,
    notification_senders,
    announcements,
    announcement_reads,
    announcement_emojis,
    announcement_reactions,
    endorsements,
    featured_tags,
    dismissed_suggestions,
    filters,
    filter_keywords,
    filter_posts,
    lists,
    list_members,
    stream_events,
    group_actors,
    group_invitations,
    group_pins,
    topics,
    tag_follows,
    aliases,
    moves,
    group_originals,
    group_purges,
    post_contexts,
    polls,
    poll_options,
    poll_votes,
    peer_grants,
    registry_documents,
    node_settings,
    peers,
    actors,
    former_names,
    actor_keys,
    accounts,
    sessions,
    oauth_apps,
    oauth_codes,
    oauth_tokens,
    posts,
    post_recipients,
    post_tags,
    revisions,
    holds,
    follows,
    blocks,
    connections,
    mutes,
    reports,
    memberships,
    favourites,
    bookmarks,
    home_entries,
    notifications,
    idempotency_keys,
    outbox_events,
    activities,
    deliveries,
    received_activities,
    tombstones,
    recalls,
    audit_entries,
    media,
    scheduled_posts,
);
