DROP TRIGGER audit_entries_stay ON audit_entries;
DROP TABLE recalls;
