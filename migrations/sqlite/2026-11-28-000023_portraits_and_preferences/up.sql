-- What somebody's own pictures and preferences need.
-- 0: for a post, 1: its owner's avatar, 2: its owner's header.
ALTER TABLE media ADD COLUMN purpose SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX media_portraits ON media (owner_id) WHERE purpose <> 0;
-- Bits. 1: run by a program, 2: does not show whom they follow and who follows them.
ALTER TABLE actors ADD COLUMN traits SMALLINT NOT NULL DEFAULT 0;
-- What a new post starts with.
ALTER TABLE accounts ADD COLUMN default_sensitive BOOLEAN NOT NULL DEFAULT FALSE;
-- JSON list of domains whose pages may name this person as their author.
ALTER TABLE accounts ADD COLUMN attribution_domains TEXT NOT NULL DEFAULT '[]';
-- JSON list of the profile's names and values as they were typed.
ALTER TABLE accounts ADD COLUMN fields_source TEXT NOT NULL DEFAULT '[]';
