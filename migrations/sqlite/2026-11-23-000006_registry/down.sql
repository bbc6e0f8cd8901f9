DROP INDEX audit_entries_by_object;
DROP TABLE registry_documents;
DROP TABLE peer_grants;
