-- Clashes about a person that wait for somebody, for a decision.
CREATE INDEX attendance_clashes_disputed_idx ON attendance_clashes (enrollment_id) WHERE outcome IS NULL;
