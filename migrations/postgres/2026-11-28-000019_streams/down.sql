DROP TABLE stream_events;
DROP FUNCTION tell_streams();
