DROP INDEX enrollments_class_idx;
CREATE INDEX enrollments_class_idx ON enrollments (class_id, id);
