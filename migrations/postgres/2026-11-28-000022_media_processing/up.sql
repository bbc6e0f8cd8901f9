-- Uploads are taken in first and made ready after that. States of media more than before: 4: waits to be made ready,
-- 5: could not be made ready.
-- What was uploaded, as it came, until it is ready: its name in the media folder.
ALTER TABLE media ADD COLUMN raw_hash TEXT;
-- Why it could not be made ready.
ALTER TABLE media ADD COLUMN failure TEXT;
CREATE INDEX media_to_process ON media (next_try_at) WHERE state = 4;
CREATE INDEX media_raw ON media (id) WHERE raw_hash IS NOT NULL;
