-- Events are asked for by what they are about, with or without its kind; an id is hardly ever of two kinds.
DROP INDEX audit_events_subject_idx;
CREATE INDEX audit_events_subject_idx ON audit_events (subject_id, id);
