DROP TABLE notification_senders;
DROP TABLE notification_policies;
DROP INDEX notifications_held;
ALTER TABLE notifications DROP COLUMN filtered;
