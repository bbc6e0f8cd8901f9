-- The language in which somebody reads the pages: a BCP 47 tag, empty when they have chosen none.
ALTER TABLE accounts ADD COLUMN pages_language TEXT NOT NULL DEFAULT '';
