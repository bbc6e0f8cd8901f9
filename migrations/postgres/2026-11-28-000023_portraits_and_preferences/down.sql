ALTER TABLE accounts DROP COLUMN fields_source;
ALTER TABLE accounts DROP COLUMN attribution_domains;
ALTER TABLE accounts DROP COLUMN default_sensitive;
ALTER TABLE actors DROP COLUMN traits;
DROP INDEX media_portraits;
ALTER TABLE media DROP COLUMN purpose;
