DROP INDEX media_by_scheduled;
ALTER TABLE media DROP COLUMN scheduled_id;
DROP TABLE scheduled_posts;
