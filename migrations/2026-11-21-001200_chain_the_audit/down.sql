DROP TABLE audit_chain;
DROP INDEX audit_events_person_idx;
ALTER TABLE audit_events DROP COLUMN mac;
ALTER TABLE audit_events DROP COLUMN changes;
ALTER TABLE audit_events DROP COLUMN reason;
ALTER TABLE audit_events DROP COLUMN person_id;
ALTER TABLE audit_events DROP COLUMN device;
ALTER TABLE audit_events DROP COLUMN scope;
