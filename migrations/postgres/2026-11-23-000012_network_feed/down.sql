ALTER TABLE peers DROP COLUMN network_feed;
