DROP INDEX audit_events_subject_idx;
CREATE INDEX audit_events_subject_idx ON audit_events (subject_kind, subject_id, id);
