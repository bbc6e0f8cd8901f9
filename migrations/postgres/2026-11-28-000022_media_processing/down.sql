DROP INDEX media_raw;
DROP INDEX media_to_process;
ALTER TABLE media DROP COLUMN failure;
ALTER TABLE media DROP COLUMN raw_hash;
