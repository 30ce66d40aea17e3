-- What was issued to somebody, for a timeline, a list and a dossier.
CREATE INDEX certificates_enrollment_idx ON certificates (enrollment_id, id);
