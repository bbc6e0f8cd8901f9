DROP TABLE dismissed_suggestions;
DROP TABLE featured_tags;
DROP TABLE endorsements;
DROP TABLE markers;
DROP TABLE account_notes;
DROP TABLE thread_mutes;
DROP TABLE domain_blocks;
